//! What a variant is, and the constructors that its row is made with.

use std::fmt;

use super::super::behaviour::Behaviour;

/// One named way to differ within the documentation.
#[derive(Clone, Copy)]
pub struct Variant {
    /// Its name, unique among all variants.
    pub id: &'static str,
    /// What the server then does, in a few words.
    pub says: &'static str,
    /// Whether it limits its clients, so that only one that keeps to its limits finds it conformant.
    pub limits: bool,
    /// Variants that it consists of, or builds on.
    pub(super) parts: &'static [&'static str],
    pub(super) set: fn(&mut Behaviour),
}

impl Variant {
    pub(super) const fn new(id: &'static str, says: &'static str, set: fn(&mut Behaviour)) -> Self {
        Self { id, says, limits: false, parts: &[], set }
    }

    /// Several variants at once.
    pub(super) const fn of(id: &'static str, says: &'static str, parts: &'static [&'static str]) -> Self {
        Self { id, says, limits: false, parts, set: |_| {} }
    }

    /// The same variant, known to limit its clients.
    pub(super) const fn limiting(self) -> Self {
        Self { limits: true, ..self }
    }

    /// The same on top of other variants.
    pub(super) const fn over(self, parts: &'static [&'static str]) -> Self {
        Self { parts, ..self }
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variant").field("id", &self.id).finish_non_exhaustive()
    }
}
