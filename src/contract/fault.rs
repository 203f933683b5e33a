//! Something wrong at a place of a contract, before the place is looked up in the text.

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    /// JSON pointer into the document.
    pub(super) pointer: String,
    /// Whether it is about the key and not the value at the pointer.
    pub(super) at_key: bool,
    /// A lower-case fragment that names the thing.
    pub(super) message: String,
    /// The next step, if one is known.
    pub(super) hint: Option<String>,
}

impl Fault {
    /// A fault of the key at a pointer, or of the whole that stands under it.
    pub(super) fn at_key(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), at_key: true, message: message.into(), hint: None }
    }

    /// A fault of the value at a pointer.
    pub(super) fn at_value(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), at_key: false, message: message.into(), hint: None }
    }

    /// The same with the next step.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

/// Names as a message lists them: each in backquotes, commas between.
pub(super) fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
