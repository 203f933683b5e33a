//! The documented error codes: which status each belongs to, and which codes come from a gateway in front of the API.
//! Owns no judgement: a check asks it and decides.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::clause::ClauseId;

/// One documented error code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorCode {
    /// The HTTP status that it is given with.
    pub status: u16,
    /// The code as it stands in a body.
    pub code: String,
    /// What it means, in our own words.
    pub meaning: String,
    /// The clauses whose breach alone may be answered with it; empty for a general code.
    pub only_for: Vec<ClauseId>,
    /// Whether it says nothing of the request, but that the target can take no more for now (a quota, a limit).
    pub exhausted: bool,
}

/// All documented error codes, each listed once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue {
    pub(super) pointer: String,
    pub(super) codes: Vec<ErrorCode>,
    pub(super) gateway_prefixes: Vec<String>,
    pub(super) gateway_statuses: Vec<u16>,
}

impl Catalogue {
    /// The documented codes, in the contract's order.
    #[must_use]
    pub fn codes(&self) -> &[ErrorCode] {
        &self.codes
    }

    /// The JSON pointer at which an error body carries its code.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The code in an error body, where there is one; of a number its text.
    #[must_use]
    pub fn code_in<'a>(&self, body: &'a Value) -> Option<Cow<'a, str>> {
        match body.pointer(&self.pointer).filter(|_| !self.pointer.is_empty())? {
            Value::String(code) => Some(Cow::Borrowed(code)),
            Value::Number(code) => Some(Cow::Owned(code.to_string())),
            _ => None,
        }
    }

    /// The codes documented for a status, in the contract's order.
    pub fn codes_of(&self, status: u16) -> impl Iterator<Item = &str> {
        self.codes.iter().filter(move |entry| entry.status == status).map(|entry| entry.code.as_str())
    }

    /// What is documented of a code; nothing where it stands in no list.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&ErrorCode> {
        self.codes.iter().find(|entry| entry.code == code)
    }

    /// The status that a code is documented for; nothing where it stands in no list.
    #[must_use]
    pub fn status_of(&self, code: &str) -> Option<u16> {
        self.get(code).map(|entry| entry.status)
    }

    /// Whether a code is one of the gateway's, and legitimate with this status.
    #[must_use]
    pub fn is_gateway(&self, code: &str, status: u16) -> bool {
        self.gateway_statuses.contains(&status) && self.gateway_prefixes.iter().any(|prefix| code.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue {
            pointer: "/code".into(),
            codes: vec![ErrorCode {
                status: 400,
                code: "E.1".into(),
                meaning: "bad".into(),
                only_for: Vec::new(),
                exhausted: false,
            }],
            gateway_prefixes: vec!["GW.".into()],
            gateway_statuses: vec![401],
        }
    }

    #[test]
    fn a_listed_code_has_the_status_of_its_row_and_another_none() {
        assert_eq!(catalogue().status_of("E.1"), Some(400));
        assert_eq!(catalogue().status_of("E.10"), None);
    }

    #[test]
    fn a_gateway_code_counts_only_with_a_gateway_status() {
        assert!(catalogue().is_gateway("GW.0301", 401));
        assert!(!catalogue().is_gateway("GW.0301", 400));
        assert!(!catalogue().is_gateway("GWX", 401));
    }
}
