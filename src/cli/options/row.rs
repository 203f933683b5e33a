//! One row of the table of options, and clap's argument for it.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, value_parser};

use super::command::Command;
use super::value::{FromValues, Mistake, Privacy, Value as _};
use crate::source::shape::Kind;

/// Where an option's value may come from; each includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Flag,
    Environment,
    Profile,
}

/// An option.
#[derive(Debug)]
pub(in crate::cli) struct Row {
    /// The field of the options that it fills.
    pub(in crate::cli) key: String,
    /// Its name on the command line and in a profile; none where it is a positional argument.
    pub(in crate::cli) name: String,
    pub(in crate::cli) help: String,
    /// What `--help` calls its value.
    pub(super) value_name: &'static str,
    pub(super) source: Source,
    pub(super) default: Option<&'static str>,
    pub(super) commands: &'static [Command],
    /// What else clap has to know.
    adjust: fn(Arg) -> Arg,
    is_many: bool,
    /// How a profile writes it.
    pub(in crate::cli) shape: Kind,
    pub(in crate::cli) privacy: Privacy,
    pub(in crate::cli) is_path: bool,
    /// What is wrong with a value.
    pub(in crate::cli) check: fn(&OsStr) -> Result<(), Mistake>,
}

impl Row {
    /// The row of the option that fills a field of this type.
    pub(super) fn new<T: FromValues>(
        (key, help): (&str, &str),
        (value_name, source, default, commands): (&'static str, Source, &'static str, &'static [Command]),
    ) -> Self {
        let is_bool = matches!(T::IN_PROFILE, Kind::Bool);
        Self {
            key: key.to_owned(),
            name: key.replace('_', "-"),
            help: help.trim().to_owned(),
            value_name,
            source,
            default: if is_bool { Some("false") } else { Some(default).filter(|default| !default.is_empty()) },
            commands,
            adjust: |arg| arg,
            is_many: T::MANY,
            shape: T::IN_PROFILE,
            privacy: T::Item::PRIVACY,
            is_path: T::Item::IS_PATH,
            check: |text| T::Item::read(text).map(drop),
        }
    }

    /// With another name than that of its field.
    pub(super) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    pub(super) fn with(self, adjust: fn(Arg) -> Arg) -> Self {
        Self { adjust, ..self }
    }

    /// Whether a command has it.
    pub(super) fn is_of(&self, command: Command) -> bool {
        self.commands.contains(&command.in_table())
    }

    /// Whether a profile may give it.
    pub(in crate::cli) fn is_in_profiles(&self) -> bool {
        self.source == Source::Profile
    }

    /// The variable of the environment that may give it.
    pub(super) fn variable(&self) -> Option<String> {
        let name = || format!("CONFORMANT_{}", self.name.replace('-', "_").to_uppercase());
        (self.source >= Source::Environment).then(name)
    }

    /// Whether it is given without a value: there is nothing that it could take back.
    pub(super) fn is_switch(&self) -> bool {
        matches!(self.shape, Kind::Bool) && self.source == Source::Flag
    }

    /// The first sentence of its help.
    pub(super) fn summary(&self) -> &str {
        self.help.split(". ").next().unwrap_or_default().trim_end_matches('.')
    }

    pub(super) fn argument(&self) -> Arg {
        let mut sources = String::new();
        sources.extend(self.variable().map(|variable| format!(" [env: {variable}]")));
        sources.extend(self.is_in_profiles().then(|| format!(" [profile: {}]", self.name)));
        let default = self.default.filter(|_| !self.is_switch() && !matches!(self.shape, Kind::Bool));
        let default = default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
        let (short, long) = (format!("{}{default}", self.summary()), format!("{}{sources}{default}", self.help));
        let mut arg = Arg::new(self.key.clone()).help(short).long_help(long);
        if !self.name.is_empty() {
            arg = arg.long(self.name.clone());
        }
        if self.is_switch() {
            return (self.adjust)(arg.action(ArgAction::SetTrue));
        }
        arg = arg.value_name(self.value_name).value_parser(value_parser!(OsString));
        if self.is_many {
            arg = arg.action(ArgAction::Append);
        } else if matches!(self.shape, Kind::Bool) {
            arg = arg.num_args(0..=1).require_equals(true).default_missing_value("true");
        }
        (self.adjust)(arg)
    }
}
