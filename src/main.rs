//! `conformant`: arguments, then one command of [`conformant::cli`], then an exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Every checked request makes and frees small things on several threads, which this one is made for.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    conformant::cli::main(std::env::args_os()).into()
}
