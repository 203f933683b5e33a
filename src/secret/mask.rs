//! Masking what has many texts.

use std::borrow::Cow;

use super::Secrets;
use super::masked::Masked;

/// What has texts that may hold secrets.
pub trait Mask {
    /// Masks every text of it.
    fn mask(&mut self, secrets: &Secrets);
}

impl<T: Mask> Masked<T> {
    /// The value, masked.
    pub fn of(mut value: T, secrets: &Secrets) -> Self {
        value.mask(secrets);
        Self::new(value)
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
