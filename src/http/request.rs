//! A request, complete and rendered: what every transport is told to send.

use bytes::Bytes;

/// The letters of one header name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterCase {
    /// `X-Auth-Token`, as documentation writes it.
    Title,
    /// `x-auth-token`.
    Lower,
}

/// How header names are spelt on an HTTP/1.1 wire: in title case, but for those that are named here. Of two entries with
/// one name, the later one counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderCase(Vec<(String, LetterCase)>);

impl HeaderCase {
    /// These names in these letters.
    pub fn new(names: impl IntoIterator<Item = (String, LetterCase)>) -> Self {
        Self(names.into_iter().collect())
    }

    /// These names in small letters.
    pub fn lower(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(names.into_iter().map(|name| (name.into(), LetterCase::Lower)))
    }

    /// The same, and where this one says nothing what the other one says.
    #[must_use]
    pub fn over(mut self, other: &Self) -> Self {
        self.0.splice(0..0, other.0.iter().cloned());
        self
    }

    /// The names that go in small letters.
    pub fn lower_names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).filter(|name| self.is_lower(name)).collect()
    }

    fn is_lower(&self, name: &str) -> bool {
        let mut known = self.0.iter().rev().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        known.next().is_some_and(|(_, case)| *case == LetterCase::Lower)
    }

    /// A name as it is spelt.
    pub fn spell<'a>(&self, name: &'a str) -> impl Iterator<Item = char> + use<'a> {
        let lower = self.is_lower(name);
        let mut start = !lower;
        name.chars().map(move |character| {
            let spelt = if start { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() };
            start = character == '-' && !lower;
            spelt
        })
    }
}

/// Which connection a request travels on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ConnectionUse {
    /// Any idle connection of the client's, or a new one.
    #[default]
    Shared,
    /// A connection of its own, closed afterwards.
    Fresh,
}

/// A request, complete and rendered: exactly what is put on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method token, e.g. `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Header names and values, in order. `Host` and `Content-Length` are added by the client, and `Accept: */*` where
    /// no `Accept` is named.
    pub headers: Vec<(String, String)>,
    /// The body; `None` sends neither body nor `Content-Length`.
    pub body: Option<Bytes>,
    /// How header names are spelt.
    pub header_case: HeaderCase,
    /// Which connection is used.
    pub connection: ConnectionUse,
}

impl Request {
    /// The values of one header, in order; the name is compared without regard to case.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Whether a request with this method creates nothing, by the method's definition, and so may be sent twice.
pub fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}
