//! The rules of one member of the request's body, and how a value is judged by them.

use serde_json::{Map, Value};

use super::cause::FieldError;

/// The rules of one member. Every part can be exchanged by a fault or a variant.
#[derive(Clone)]
pub(super) struct Field {
    /// The member's name.
    pub member: &'static str,
    /// Whether it must be there.
    pub mandatory: bool,
    /// Whether JSON null counts as absent.
    pub null_is_absent: bool,
    /// The text of a value, or nothing where the value has the wrong type.
    pub text: fn(&Value) -> Option<String>,
    /// What is made of the text before it is judged.
    pub tidy: fn(String) -> String,
    /// How long a text is.
    pub length: fn(&str) -> usize,
    /// The least length.
    pub shortest: usize,
    /// The greatest length.
    pub longest: usize,
    /// Texts that may not be used although every character of them may.
    pub reserved: fn(&str) -> bool,
    /// Characters that the text may start with.
    pub first: fn(char) -> bool,
    /// Characters that the text may consist of.
    pub inside: fn(char) -> bool,
    /// A character for which that isn't so, and whether the text may hold it.
    pub exception: Option<(char, bool)>,
    /// Texts that are taken whatever the rules say.
    pub excused: fn(&str) -> bool,
    /// Texts that are refused whatever the rules say.
    pub disliked: fn(&str) -> bool,
    /// Whether what the text names exists, or could.
    pub exists: fn(&str) -> bool,
}

impl Field {
    /// A text of up to so many characters without further rules.
    fn text(member: &'static str, mandatory: bool, longest: usize) -> Self {
        Self {
            member,
            mandatory,
            null_is_absent: false,
            text: strict_text,
            tidy: |text| text,
            length: characters,
            shortest: 0,
            longest,
            reserved: |_| false,
            first: |_| true,
            inside: |_| true,
            exception: None,
            excused: |_| false,
            disliked: |_| false,
            exists: |_| true,
        }
    }

    /// `name`: 1 to 128 letters, digits, periods, underscores and hyphens; a letter or digit first; not `default`.
    pub fn name() -> Self {
        Self {
            shortest: 1,
            reserved: |name| name == "default",
            first: |c| c.is_ascii_alphanumeric(),
            inside: name_character,
            ..Self::text("name", true, 128)
        }
    }

    /// `description`: optional, up to 255 characters of any kind.
    pub fn description() -> Self {
        Self::text("description", false, 255)
    }

    /// `vpc_id` or `subnet_id`: mandatory, up to 128 characters. No least length is documented.
    pub fn id(member: &'static str) -> Self {
        Self::text(member, true, 128)
    }

    /// The member's text, nothing where it may be and is absent, or what is wrong with it.
    pub fn judge(&self, members: &Map<String, Value>) -> Result<Option<String>, FieldError> {
        let value = match members.get(self.member) {
            None if self.mandatory => return Err(FieldError::Missing),
            None => return Ok(None),
            Some(Value::Null) if self.null_is_absent => return Ok(None),
            Some(value) => value,
        };
        let wrong = if value.is_null() { FieldError::Null } else { FieldError::Type };
        let text = (self.tidy)((self.text)(value).ok_or(wrong)?);
        if !(self.excused)(&text) {
            self.judge_text(&text)?;
        }
        Ok(Some(text))
    }

    fn judge_text(&self, text: &str) -> Result<(), FieldError> {
        let length = (self.length)(text);
        if length < self.shortest {
            return Err(FieldError::Short);
        }
        if length > self.longest {
            return Err(FieldError::Long);
        }
        if (self.reserved)(text) {
            return Err(FieldError::Reserved);
        }
        if text.chars().next().is_some_and(|c| !(self.first)(c)) {
            return Err(FieldError::First);
        }
        if (self.disliked)(text) || !text.chars().all(|c| self.allows(c)) {
            return Err(FieldError::Characters);
        }
        if !(self.exists)(text) {
            return Err(FieldError::Unknown);
        }
        Ok(())
    }

    fn allows(&self, c: char) -> bool {
        match self.exception {
            Some((other, allowed)) if other == c => allowed,
            _ => (self.inside)(c),
        }
    }
}

/// The text of a JSON string; nothing for any other value.
pub(super) fn strict_text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Whether a character may stand in a name.
pub(super) fn name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// The length of a text in characters (Unicode scalar values).
pub(super) fn characters(text: &str) -> usize {
    text.chars().count()
}
