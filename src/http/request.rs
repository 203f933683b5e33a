//! A request, complete and rendered: what every transport is told to send.

use bytes::Bytes;

/// How header names are spelt on an HTTP/1.1 wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HeaderCase {
    /// `X-Auth-Token`, as documentation writes them.
    #[default]
    Title,
    /// `x-auth-token`.
    Lower,
}

impl HeaderCase {
    /// A fragment for people: how names are spelt.
    pub fn says(self) -> &'static str {
        match self {
            Self::Title => "as documented",
            Self::Lower => "in small letters",
        }
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
    /// How the header names are spelt.
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

/// A header name as HTTP/1.1 documentation spells it: a capital at the start and after each `-`.
pub(super) fn title_case(name: &str) -> impl Iterator<Item = char> {
    let mut start = true;
    name.chars().map(move |character| {
        let spelt = if start { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() };
        start = character == '-';
        spelt
    })
}
