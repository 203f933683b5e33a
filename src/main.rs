//! `conformant`: arguments, then one command of [`conformant::cli`], then an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    conformant::cli::main(std::env::args_os()).into()
}
