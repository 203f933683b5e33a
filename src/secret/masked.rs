//! What was masked: all that reports, snapshots, the ledger and the terminal take.
//!
//! Only masked text can be shortened. What is cut before it is masked may end with a part of a secret, which nobody finds.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::Secrets;
use crate::text::{printable, shorten};

/// What has texts that may hold secrets.
pub trait Mask {
    /// Masks every text of it.
    fn mask(&mut self, secrets: &Secrets);
}

/// A value, text for the most part, in which no secret is left. It is made by [`Secrets`] alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Masked<T = String>(T);

impl<T> Masked<T> {
    /// For [`Secrets`], which has masked it.
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. What is made of it is masked no more.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: Mask> Masked<T> {
    /// The value, masked.
    pub fn of(mut value: T, secrets: &Secrets) -> Self {
        value.mask(secrets);
        Self(value)
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

impl Mask for String {
    fn mask(&mut self, secrets: &Secrets) {
        if let Cow::Owned(masked) = secrets.mask(self).into_inner() {
            *self = masked;
        }
    }
}

impl<T: Mask> Mask for Option<T> {
    fn mask(&mut self, secrets: &Secrets) {
        self.iter_mut().for_each(|value| value.mask(secrets));
    }
}

impl<T: Mask> Mask for Vec<T> {
    fn mask(&mut self, secrets: &Secrets) {
        self.iter_mut().for_each(|value| value.mask(secrets));
    }
}
