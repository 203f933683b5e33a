//! The command line of `conformant`.

fn main() {}
