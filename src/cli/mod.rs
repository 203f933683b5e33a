//! The command line: arguments in, text and an exit code out.
//!
//! The only place that reads the environment, prints, or decides how the process ends. One file a command.

mod args;
mod check;
mod cleanup;
mod config;
mod connection;
#[cfg(test)]
mod examples;
mod exit;
mod failure;
mod inputs;
mod known_secrets;
mod ledgers;
mod list;
mod mutants;
mod output;
mod outputs;
mod progress;
mod report;
mod reporters;
mod reports;
mod run;
mod schema;
mod serve;
mod settings;
mod shard;
mod signals;
mod snapshot_args;
mod snapshots;
mod suites;
mod target;
mod target_setup;
mod waivers;

use std::ffi::OsString;

use args::{Color, Command};
pub use exit::Exit;
use known_secrets::SecretSources;
use settings::{ResolveError, Resolved};

/// Does what the arguments say and tells how the process should end.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let Resolved { cli, profile, settings } = match settings::settle(&arguments) {
        Ok(settled) => settled,
        Err(ResolveError::Profile(failure)) => return failure.tell(&SecretSources::default().known()),
        Err(ResolveError::Arguments(error)) => {
            let asked_for = !error.use_stderr();
            let _ = error.print();
            return if asked_for { Exit::Good } else { Exit::Usage };
        }
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::AlwaysAnsi.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let done = match &cli.command {
        Command::Run(args) => run::run(args, profile.as_ref()),
        Command::Report(args) => report::report(args),
        Command::Check(args) => check::check(args),
        Command::Cleanup(args) => cleanup::cleanup(args, profile.as_ref()),
        Command::Config(args) => config::config(args, profile.as_ref(), &settings),
        Command::List(args) => list::list(args),
        Command::Serve(args) => serve::serve(args),
        Command::Mutants(args) => mutants::mutants(args),
        Command::Snapshots(args) => snapshots::snapshots(args, profile.as_ref()),
        Command::Schema => schema::schema(),
    };
    done.unwrap_or_else(|failure| {
        failure.tell(&SecretSources { profile: profile.as_ref(), ..sources(&cli.command) }.known())
    })
}

/// What of a command's arguments may hold secrets.
fn sources(command: &Command) -> SecretSources<'_> {
    match command {
        Command::Run(args) | Command::Config(args) => SecretSources::of_run(&args.target, &args.connection),
        Command::Snapshots(args) => SecretSources::of_run(&args.target, &args.connection),
        Command::Cleanup(args) => SecretSources::of_run(&args.target, &args.connection),
        Command::Mutants(args) => SecretSources { secrets: &args.secrets, ..SecretSources::default() },
        Command::Report(_) | Command::Check(_) | Command::List(_) | Command::Serve(_) | Command::Schema => {
            SecretSources::default()
        }
    }
}
