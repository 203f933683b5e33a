//! A mistake in a contract, before its place is looked up in the text.

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mistake {
    /// JSON pointer into the document.
    pub(super) pointer: String,
    /// Whether it is about the key and not the value at the pointer.
    pub(super) at_key: bool,
    /// A lower-case fragment that names the thing.
    pub(super) message: String,
    /// The next step, if one is known.
    pub(super) hint: Option<String>,
}

impl Mistake {
    /// A mistake in the key at a pointer, or in the whole that stands under it.
    pub(super) fn at_key(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), at_key: true, message: message.into(), hint: None }
    }

    /// A mistake in the value at a pointer.
    pub(super) fn at_value(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), at_key: false, message: message.into(), hint: None }
    }

    /// The same with the next step.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}
