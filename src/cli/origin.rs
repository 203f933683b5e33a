//! Where the value of an option, a variable, a secret or a header came from.

use std::fmt;

use super::value_ref::ValueRef;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// The command line: the option's name, without dashes.
    Flag(String),
    /// The command line, without a name: what `--help` calls it.
    Argument(&'static str),
    /// A variable of the environment.
    Environment(String),
    /// A profile: the file and the line.
    Profile(String),
    /// What the suite gives the embedded reference implementation.
    Suite,
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(formatter, "--{name}"),
            Self::Argument(name) => formatter.write_str(name),
            Self::Environment(name) => write!(formatter, "environment {name}"),
            Self::Profile(place) => formatter.write_str(place),
            Self::Suite => formatter.write_str("the suite, for the reference"),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// A variable, secret or header that is given, unread.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) value: ValueRef,
    pub(super) origin: Origin,
}
