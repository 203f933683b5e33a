//! Values of a file as values of flags: judged by the flag's own parser, and put where its default was.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, ValueHint};

/// The argument of a subcommand that has this long name.
pub(super) fn argument<'a>(command: &'a Command, subcommand: &str, long: &str) -> Option<&'a Arg> {
    let subcommand = command.find_subcommand(subcommand)?;
    subcommand.get_arguments().find(|argument| argument.get_long() == Some(long))
}

/// The same values, paths taken from the folder of the file that they stand in.
pub(super) fn in_folder(
    command: &Command,
    subcommand: &str,
    long: &str,
    values: &[String],
    folder: &Path,
) -> Vec<String> {
    let is_path = argument(command, subcommand, long).map(Arg::get_value_hint) == Some(ValueHint::AnyPath);
    let placed = |value: &String| if is_path { folder.join(value).display().to_string() } else { value.clone() };
    values.iter().map(placed).collect()
}

/// Whether the flag would take these values.
pub(super) fn judge(command: &Command, subcommand: &str, long: &str, values: &[String]) -> Result<(), String> {
    if argument(command, subcommand, long).is_none() {
        return Ok(());
    }
    let start = [command.get_name().to_owned(), subcommand.to_owned()].into_iter();
    let arguments = start.chain(values.iter().map(|value| format!("--{long}={value}")));
    match command.clone().try_get_matches_from(arguments) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let words = || match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(words)) => format!("it takes {}", words.join(" or ")),
                _ => "the flag takes other values".to_owned(),
            };
            Err(cause.unwrap_or_else(words))
        }
        // What several flags together can't be is told when they come together.
        Err(_) => Ok(()),
    }
}

/// The command with these values as the default of the flag: whatever is said elsewhere wins over them.
pub(super) fn defaulting(command: Command, subcommand: &str, long: &str, values: Vec<String>) -> Command {
    let Some(id) = argument(&command, subcommand, long).map(|argument| argument.get_id().clone()) else {
        return command;
    };
    command.mut_subcommand(subcommand, |subcommand| subcommand.mut_arg(id, |argument| argument.default_values(values)))
}
