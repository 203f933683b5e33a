//! One thing found out about a clause: by which check, where, what was expected and what was observed.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::contract::ClauseId;

/// What a finding says of its clause, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A must clause is broken.
    Violation,
    /// A should clause is broken, or an undocumented but tolerated way was taken.
    Deviation,
    /// An ambiguous clause: which reading was observed.
    Observation,
}

/// The name of the check that found something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CheckId(Cow<'static, str>);

impl AsRef<str> for CheckId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl CheckId {
    /// Every request gets one complete, well-formed answer in time.
    pub const ANSWER: Self = Self::new("answer");
    /// A case's expectation of a status or an error code.
    pub const EXPECT: Self = Self::new("expect");
    /// A statement on a single value.
    pub const STATEMENT: Self = Self::new("statement");
    /// How often each status comes among repeats.
    pub const COUNTS: Self = Self::new("counts");
    /// Values that have to differ among repeats.
    pub const DISTINCT: Self = Self::new("distinct");
    /// The valid request is accepted whenever it is sent.
    pub const CONTROL: Self = Self::new("control");
    /// Equal requests were answered unequally.
    pub const STEADY: Self = Self::new("steady");
    /// A request was answered otherwise each time than in isolation.
    pub const ISOLATED: Self = Self::new("isolated");
    /// No request is answered with a 5xx.
    pub const SERVER_ERROR: Self = Self::new("server-error");
    /// The status can be right for the request.
    pub const FITS_REQUEST: Self = Self::new("fits-request");
    /// A success carries no error body.
    pub const ERROR_ON_SUCCESS: Self = Self::new("error-on-success");
    /// The target keeps to one reading of an ambiguous clause.
    pub const CONSISTENCY: Self = Self::new("consistency");

    /// The id with this name.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Where in an answer something was found: `/answer`, `/status`, `/headers/<name>`, or `/body` and a JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^/(answer$|status$|headers/|body(/|$))"))]
pub enum Place {
    /// The answer as a whole: whether it came, and in time.
    Answer,
    /// A JSON pointer into the body, empty for all of it.
    Body(String),
    /// The header with this name.
    Header(String),
    /// The status.
    Status,
}

impl Place {
    /// The body as a whole.
    pub const BODY: Self = Self::Body(String::new());
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer => formatter.write_str("/answer"),
            Self::Body(pointer) => write!(formatter, "/body{pointer}"),
            Self::Header(name) => write!(formatter, "/headers/{name}"),
            Self::Status => formatter.write_str("/status"),
        }
    }
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let header = || text.strip_prefix("/headers/").map(|name| Self::Header(name.to_owned()));
        let body = || {
            let pointer = text.strip_prefix("/body")?;
            (pointer.is_empty() || pointer.starts_with('/')).then(|| Self::Body(pointer.to_owned()))
        };
        match text {
            "/answer" => Ok(Self::Answer),
            "/status" => Ok(Self::Status),
            _ => header()
                .or_else(body)
                .ok_or_else(|| "a place is /answer, /status, /headers/<name>, or /body and a JSON pointer".to_owned()),
        }
    }
}

impl TryFrom<String> for Place {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

/// One thing found out about a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The clause that it is about.
    pub clause: ClauseId,
    /// Violation, deviation or observation.
    pub kind: FindingKind,
    /// The check that noticed.
    pub check: CheckId,
    /// Where.
    pub place: Place,
    /// What would have been right; several where several are.
    pub expected: Vec<String>,
    /// What was there.
    pub observed: String,
    /// Index of the exchange in the case's list.
    pub exchange: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_as_it_is_written() {
        for text in ["/answer", "/status", "/headers/x-request-id", "/body", "/body/a~1b/0", "/headers/"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        assert_eq!("/body".parse(), Ok(Place::BODY));
    }

    #[test]
    fn what_is_no_place_of_an_answer_is_refused() {
        for text in ["", "/", "status", "/bodyx", "/header/x", "/status/x"] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
