//! From arguments and environment to settings. clap knows the forms of arguments; what their values mean is read later.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgGroup, ArgMatches};

use super::command::{COMMANDS, Command};
use super::group;
use super::row::Row;
use super::settings::{Setting, Settings};
use super::table::{COLOR, TABLE};
use crate::cli::exit::Exit;
use crate::cli::origin::Origin;

/// The command line as clap knows it.
pub(in crate::cli) fn command_line() -> clap::Command {
    let of_several = |command: clap::Command| command.subcommand_required(true).arg_required_else_help(true);
    let codes: String = Exit::ALL.iter().map(|(exit, says)| format!("\n  {:>3}  {says}", *exit as u8)).collect();
    let mut root = of_several(clap::Command::new("conformant"))
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .max_term_width(120)
        .about("Contract tests and conformance verdicts for documented HTTP APIs, clause by clause")
        .after_help(format!("Exit codes:{codes}"))
        .args(TABLE.iter().filter(|row| row.key == COLOR).map(|row| row.argument().global(true).hide_short_help(true)));
    let mut snapshots = of_several(clap::Command::new("snapshots").about("Manage recorded answers"));
    for (command, words, help) in &COMMANDS {
        let (name, within) = words.rsplit_once(' ').map_or((*words, None), |(group, name)| (name, Some(group)));
        let first = help.split(". ").next().unwrap_or(help).trim_end_matches('.');
        let of_it = clap::Command::new(name)
            .about(first)
            .long_about(*help)
            .args(rows(*command).into_iter().map(|row| group::argument(row, *command)));
        match within {
            Some(_) => snapshots = snapshots.subcommand(of_it),
            None => root = root.subcommand(of_it),
        }
    }
    let streams = ArgGroup::new("streams").args(["from", "merge"]).required(true);
    root.subcommand(snapshots).mut_subcommand("report", |report| report.group(streams))
}

/// The options of a command, group by group.
fn rows(command: Command) -> Vec<&'static Row> {
    let mut rows: Vec<&Row> = TABLE.iter().filter(|row| row.is_of(command)).collect();
    rows.sort_by_key(|row| group::position(row));
    rows
}

impl Settings {
    /// What the arguments and the environment say.
    ///
    /// # Errors
    /// The arguments have another form than the command line, or ask for help.
    pub(in crate::cli) fn parse(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let all = command_line().try_get_matches_from(arguments)?;
        let (mut matches, mut words) = (&all, Vec::new());
        while let Some((name, inner)) = matches.subcommand() {
            words.push(name);
            matches = inner;
        }
        let words = words.join(" ");
        let command = COMMANDS.iter().find(|(_, known, _)| *known == words).map(|(command, ..)| *command);
        let unknown = || command_line().error(ErrorKind::InvalidSubcommand, format!("there is no command `{words}`"));
        let command = command.ok_or_else(unknown)?;
        Ok(Self { command, list: TABLE.iter().map(|row| setting(row, command, matches)).collect() })
    }
}

fn setting(row: &'static Row, command: Command, matches: &ArgMatches) -> Setting {
    let is_flag =
        matches.try_contains_id(&row.key).is_ok() && matches.value_source(&row.key) == Some(ValueSource::CommandLine);
    if is_flag {
        let origin =
            if row.name.is_empty() { Origin::Argument(row.value_name) } else { Origin::Flag(row.name.clone()) };
        let values = if row.is_switch() {
            vec!["true".into()]
        } else {
            matches.get_many::<OsString>(&row.key).into_iter().flatten().cloned().collect()
        };
        return Setting { row, values, origin };
    }
    // CI servers set empty variables for those that have no value.
    let environment = row.variable().filter(|_| row.is_of(command)).and_then(|name| {
        let value = std::env::var_os(&name).filter(|value| !value.is_empty())?;
        Some(Setting { row, values: vec![value], origin: Origin::Environment(name) })
    });
    let default = || row.default.map(OsString::from).into_iter().collect();
    environment.unwrap_or_else(|| Setting { row, values: default(), origin: Origin::Default })
}
