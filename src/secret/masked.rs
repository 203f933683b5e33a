//! What was masked: all that reports, snapshots, the ledger and the terminal take.
//!
//! Only masked text can be shortened. What is cut before it is masked may end with a part of a secret, which nobody finds.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use crate::text::{printable, shorten};

/// A value, text for the most part, in which no secret is left. Only what masks makes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Masked<T = String>(T);

impl<T> Masked<T> {
    /// For what has masked it.
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. What is made of it is masked no more.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: AsRef<str>> Masked<T> {
    /// At most `max` characters of the text; where something is left out, the last of them is `…`.
    pub fn short(&self, max: usize) -> Masked<Cow<'_, str>> {
        Masked(shorten(self.0.as_ref(), max))
    }

    /// The lines of the text as a terminal may show them.
    pub fn printable_lines(&self) -> Masked {
        Masked(self.0.as_ref().lines().map(printable).collect::<Vec<_>>().join("\n"))
    }
}

impl Masked<Cow<'_, str>> {
    /// The text as a `String`.
    pub fn into_owned(self) -> String {
        self.0.into_owned()
    }

    /// The same, without a borrow.
    pub fn into_text(self) -> Masked {
        Masked(self.0.into_owned())
    }
}

/// A literal holds no secret.
impl From<&'static str> for Masked {
    fn from(literal: &'static str) -> Self {
        Self(literal.to_owned())
    }
}

impl<T> Deref for Masked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: fmt::Display> fmt::Display for Masked<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<T: AsRef<str>> PartialEq<str> for Masked<T> {
    fn eq(&self, other: &str) -> bool {
        self.0.as_ref() == other
    }
}

impl<T: AsRef<str>> PartialEq<&str> for Masked<T> {
    fn eq(&self, other: &&str) -> bool {
        self.0.as_ref() == *other
    }
}
