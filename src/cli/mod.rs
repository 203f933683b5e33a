//! The command line: arguments in, text and an exit code out.
//!
//! The only place that reads the environment, prints, or decides how the process ends. One file a command.

mod arguments;
mod browser;
mod check;
mod ci;
mod cleanup;
mod compare;
mod completions;
mod config;
mod connection;
mod dry_run;
mod exit;
mod explain;
mod failure;
mod files;
mod headers;
mod init;
mod inputs;
mod last_run;
mod ledgers;
mod list;
mod mutants;
mod options;
mod origin;
mod outputs;
mod profile;
mod progress;
mod report;
mod reporters;
mod run;
mod schema;
mod selection;
mod serve;
mod setup;
mod shard;
mod signals;
mod snapshot_choice;
mod snapshot_store;
mod snapshots;
mod suites;
mod target;
mod terminal;
mod value_ref;
mod waivers;
mod waivers_file;

use std::ffi::OsString;

use arguments::Arguments;
pub use exit::Exit;
use failure::Failure;
use options::{Command, Settings};

use crate::stack::on_a_deep_stack;

/// Does what the arguments say and tells how the process should end.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let settings = match Settings::parse(&arguments) {
        Ok(settings) => settings,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success };
        }
    };
    let (arguments, wrong) = match Arguments::read(settings) {
        Ok(read) => read,
        Err(failure) => return failure.print(&Default::default()),
    };
    arguments.options.color.write_global();
    let done = wrong.map_or_else(|| whole(&arguments), Err);
    done.unwrap_or_else(|failure| failure.print(&arguments.known_secrets()))
}

/// Does it on a stack that holds what is deep, and tells of a panic as of any other failure of the harness: the runtime panics
/// where the system gives it no thread.
fn whole(arguments: &Arguments) -> Result<Exit, Failure> {
    let done = on_a_deep_stack(|| dispatch(arguments))
        .unwrap_or_else(|error| Ok(Err(Failure::internal(format!("no thread could be made: {error}")))));
    done.unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Err(Failure::internal(told.unwrap_or("the program failed")))
    })
}

fn dispatch(arguments: &Arguments) -> Result<Exit, Failure> {
    match arguments.settings.command {
        Command::Init => init::init(arguments),
        Command::Run => run::run(arguments),
        Command::Report => report::report(arguments),
        Command::Compare => compare::compare(arguments),
        Command::Check => check::check(arguments),
        Command::Cleanup => cleanup::cleanup(arguments),
        Command::Config => config::config(arguments),
        Command::List => list::list(arguments),
        Command::Serve => serve::serve(arguments),
        Command::Mutants => mutants::mutants(arguments),
        Command::Snapshots(action) => snapshots::snapshots(arguments, action),
        Command::Suggest => snapshots::suggest(arguments),
        Command::Explain => explain::explain(arguments),
        Command::Schema => schema::schema(arguments),
        Command::Completions => completions::completions(arguments),
        Command::Man => completions::man(arguments),
    }
}
