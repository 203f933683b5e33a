//! What must be true of one place in an answer.

use std::fmt;

use serde_json::Value;

use super::template::Text;
use super::tree::Tree;
use crate::number;
use crate::pattern::Pattern;
use crate::pointer::Pointer;

/// Something that must be true of one place in an answer.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The clause that is broken otherwise.
    pub clause: String,
    /// Where to look.
    pub at: Place,
    /// At least one; all must hold.
    pub predicates: Vec<Predicate>,
    /// Where it renders to something false, the statement says nothing.
    pub when: Option<Text>,
    /// Whether there may be nothing at that place.
    pub optional: bool,
    /// The file it is written in, within the suite.
    pub file: String,
    /// Where it is written, 1-based.
    pub line: u32,
}

/// A place in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The status code.
    Status,
    /// A header field, by its lower-case name.
    Header(String),
    /// One of several header fields of a lower-case name, by its number from 0; with `*`, each of them.
    Field(String, String),
    /// A value in the JSON body.
    Body(Pointer),
}

/// What stands in a place for every item, member or field.
pub const EVERY: &str = "*";

impl Place {
    /// Whether it may stand for several places.
    pub fn is_of_many(&self) -> bool {
        match self {
            Self::Status | Self::Header(_) => false,
            Self::Field(_, number) => number == EVERY,
            Self::Body(pointer) => pointer.tokens().iter().any(|token| token == EVERY),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("/status"),
            Self::Header(name) => write!(f, "/headers/{name}"),
            Self::Field(name, number) => write!(f, "/headers/{name}/{number}"),
            Self::Body(pointer) => write!(f, "/body{pointer}"),
        }
    }
}

/// What a statement says.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// Whether there is something at all.
    Present(bool),
    /// The value is this one.
    Equals(Tree),
    /// The value isn't this one.
    NotEquals(Tree),
    /// The value is in this list (renders to a JSON array).
    OneOf(Tree),
    /// The text matches somewhere.
    Matches(Pattern),
    /// The value has this type.
    Type(JsonType),
    /// The body has so many bytes; another text so many characters, an array so many items, an object so many members.
    Length(Length),
    /// The body's bytes, or those of another text, have this digest, in hexadecimal digits.
    Sha256(Text),
    /// A date and time: RFC 3339, or `YYYY-MM-DD HH:MM:SS`, fractions allowed.
    Time {
        /// Whether it has to be in UTC: with `Z`, `+00:00` or no zone.
        utc: bool,
    },
    /// A time no further than so many seconds from the moment of the answer.
    NearNow {
        /// The tolerance, in seconds.
        seconds: u64,
    },
    /// A time that isn't before the time at that place.
    NotBefore(Place),
    /// The reading that fits; none where several do.
    Readings(Vec<ValueReading>),
}

/// A length, or a range of them with both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// The least.
    pub min: u64,
    /// The greatest, if there is one.
    pub max: Option<u64>,
}

impl Length {
    /// Whether something is so long.
    pub fn admits(self, length: usize) -> bool {
        let length = length as u64;
        self.min <= length && self.max.is_none_or(|max| length <= max)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, Some(max)) if min == max => write!(f, "{min}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
            (min, None) => write!(f, "at least {min}"),
        }
    }
}

/// A reading of an ambiguous clause and what shows it.
#[derive(Debug, Clone)]
pub struct ValueReading {
    /// Its name.
    pub name: String,
    /// What shows it.
    pub shown: ReadingShown,
}

/// What shows a reading.
#[derive(Debug, Clone)]
pub enum ReadingShown {
    /// This value.
    By(Tree),
    /// A text that matches somewhere.
    Matching(Pattern),
}

/// The types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonType {
    /// Any text.
    String,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
    /// `null`.
    Null,
}

impl JsonType {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Object, Self::Array, Self::Null];

    /// As JSON Schema and case files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
            Self::Null => "null",
        }
    }

    /// Whether a value has this type; `1.0` is an integer, as in JSON Schema.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => matches!(value, Value::Number(number) if number::is_integer(number)),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::Null => value.is_null(),
        }
    }
}
