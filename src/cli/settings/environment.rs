//! Values of flags from the environment: an empty one is none, and one that can't be used is told of with the name of its
//! variable, which the flags' parser doesn't know.

use std::ffi::{OsStr, OsString};

use clap::error::ErrorKind;
use clap::{Arg, Command, ValueHint};

use super::ResolveError;
use super::values;
use crate::cli::failure::Failure;

/// The command with only those variables of the environment that hold something: CI servers set empty ones.
pub(super) fn without_empty(command: Command) -> Command {
    reading(command, |value| !value.is_empty())
}

fn reading(command: Command, takes: fn(&OsStr) -> bool) -> Command {
    let kept = |arg: Arg| match arg.get_env().and_then(std::env::var_os) {
        Some(value) if !takes(&value) => arg.env(None::<&'static str>),
        _ => arg,
    };
    command.mut_subcommands(|subcommand| subcommand.mut_args(kept))
}

/// Why the arguments were refused, told with the place of the value where the parser's own words lack it.
pub(super) fn blamed(command: &Command, arguments: &[OsString], error: clap::Error) -> ResolveError {
    match error.kind() {
        ErrorKind::ValueValidation | ErrorKind::InvalidValue | ErrorKind::InvalidUtf8 => {}
        _ => return ResolveError::Arguments(error),
    }
    let named = arguments.iter().skip(1).filter_map(|argument| argument.to_str());
    let subcommand = named.filter_map(|name| command.find_subcommand(name)).next();
    let bare = reading(command.clone(), |_| false);
    let variable = subcommand.and_then(|subcommand| {
        let unread = |arg: &&Arg| !is_given(arg, arguments);
        subcommand.get_arguments().filter(unread).find_map(|arg| mistake(&bare, subcommand.get_name(), arg))
    });
    match variable {
        Some(failure) => ResolveError::Profile(failure),
        None if error.kind() == ErrorKind::InvalidUtf8 => {
            not_text(arguments).map_or(error.into(), ResolveError::Profile)
        }
        None => error.into(),
    }
}

/// Whether the flag stands among the arguments, so that the environment isn't asked.
fn is_given(arg: &Arg, arguments: &[OsString]) -> bool {
    let Some(long) = arg.get_long().map(|long| format!("--{long}")) else { return false };
    let is_it = |text: &str| text.strip_prefix(&long).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    arguments.iter().any(|argument| is_it(&argument.to_string_lossy()))
}

/// What is wrong with the value that the environment has for a flag, if something is.
fn mistake(bare: &Command, subcommand: &str, arg: &Arg) -> Option<Failure> {
    let (variable, long) = (arg.get_env()?.to_str()?, arg.get_long()?);
    let value = std::env::var_os(variable).filter(|value| !value.is_empty())?;
    let why = match value.to_str() {
        Some(text) => values::judge(bare, subcommand, long, &[text.to_owned()]).err()?,
        None if arg.get_value_hint() == ValueHint::AnyPath => return None,
        None => "it is not UTF-8".to_owned(),
    };
    Some(Failure::usage(
        format!("environment {variable}: `{long}` can't be that: {why}"),
        format!("set {variable} to something else, or unset it"),
    ))
}

/// The first argument that is no text. Its value isn't shown: it may be a secret.
fn not_text(arguments: &[OsString]) -> Option<Failure> {
    let number = arguments.iter().position(|argument| argument.to_str().is_none())?;
    let before = arguments.get(number.checked_sub(1)?)?.to_str().filter(|before| before.starts_with("--"));
    let behind = before.map(|flag| format!(", behind {flag},")).unwrap_or_default();
    Some(Failure::usage(
        format!("argument {number}{behind} is not UTF-8"),
        "write it as UTF-8; only paths may be other bytes",
    ))
}
