//! A request as templates, and how one differs from the valid one.

use bytes::Bytes;

use super::body::BodyEncoding;
use super::template::Text;
use super::tree::Tree;
use crate::http::HeaderCase;

/// A complete request, as templates.
#[derive(Debug, Clone)]
pub struct RequestPlan {
    /// The method.
    pub method: Text,
    /// The path, from the first `/`, appended to the target's base URL.
    pub path: PathPlan,
    /// Query parameters in the order of sending.
    pub query: Vec<QueryPlan>,
    /// Header fields in the order of sending.
    pub headers: Vec<HeaderPlan>,
    /// The body's value.
    pub body: Option<Tree>,
    /// The body as it is, where it isn't made of a value.
    pub raw: Option<Payload>,
    /// How the body's value is written.
    pub encoding: BodyEncoding,
}

impl RequestPlan {
    /// The names that its templates use in what a departure leaves of it.
    pub(super) fn names<'a>(&'a self, overrides: &'a Override) -> impl Iterator<Item = &'a str> {
        let is_changed = |name: &str| match &overrides.path {
            Some(PathChange::Parameters(changed)) => changed.iter().any(|(changed, _)| changed == name),
            Some(PathChange::Written(_)) => true,
            None => false,
        };
        let path = match &self.path {
            PathPlan::Written(text) => vec![text],
            PathPlan::Documented(parts) => {
                let valid = |part: &'a PathPart| match part {
                    PathPart::Parameter(name, text) if !is_changed(name) => Some(text),
                    PathPart::Parameter(..) | PathPart::Literal(_) => None,
                };
                parts.iter().filter_map(valid).collect()
            }
        };
        let kept = |changes: &'a [NamedText]| {
            move |field: &&NamedText| !changes.iter().any(|change| change.name.eq_ignore_ascii_case(&field.name))
        };
        let query = self.query.iter().filter(kept(&overrides.query));
        let headers = self.headers.iter().filter(kept(&overrides.headers));
        let is_replaced = overrides.payload.is_some();
        let body = self.body.iter().filter(move |_| !is_replaced).flat_map(Tree::texts);
        let body = body.chain(self.raw.iter().filter(move |_| !is_replaced).flat_map(Payload::texts));
        let fields = query.chain(headers).flat_map(|field| &field.values);
        path.into_iter().chain(fields).chain(body).flat_map(Text::names).map(String::as_str)
    }
}

/// A path.
#[derive(Debug, Clone)]
pub enum PathPlan {
    /// Sent as it is.
    Written(Text),
    /// A documented path, with a value for each parameter.
    Documented(Vec<PathPart>),
}

/// A part of a documented path.
#[derive(Debug, Clone)]
pub enum PathPart {
    /// Sent as it is.
    Literal(String),
    /// A parameter's name and its value, which is percent-encoded.
    Parameter(String, Text),
}

/// How a path differs from that of the valid request.
#[derive(Debug, Clone)]
pub enum PathChange {
    /// Replaces it as a whole, and is sent as it is.
    Written(Text),
    /// Replaces parameters by name.
    Parameters(Vec<(String, Text)>),
}

/// One query parameter.
pub type QueryPlan = NamedText;
/// One header field.
pub type HeaderPlan = NamedText;

/// A name with one or several values, each sent on its own. A template that gives a list sends every item.
#[derive(Debug, Clone)]
pub struct NamedText {
    /// As written in the file.
    pub name: String,
    /// At least one.
    pub values: Vec<Text>,
}

/// How a request differs from its operation's valid one.
#[derive(Debug, Clone, Default)]
pub struct Override {
    /// Replaces the method.
    pub method: Option<Text>,
    /// Changes the path.
    pub path: Option<PathChange>,
    /// Replaces or adds parameters, by name.
    pub query: Vec<QueryPlan>,
    /// Replaces or adds header fields, by name, without regard to case.
    pub headers: Vec<HeaderPlan>,
    /// Merged into the valid body, deeply.
    pub body: Option<Tree>,
    /// Pointers (`/headers/…`, `/query/…`, `/body…`) to what is taken away after merging.
    pub without: Vec<Text>,
    /// Replaces the whole body.
    pub payload: Option<Payload>,
    /// How header names are spelt on the wire; where it isn't said, as the run finds that the target reads them.
    pub header_case: HeaderCase,
}

impl Payload {
    fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Json(tree) => tree.texts(),
            Self::Text(text, encoding) => vec![text, encoding],
            Self::Hex(text) | Self::Base64(text) => vec![text],
            Self::File(_) => Vec::new(),
        }
    }
}

/// A whole body.
#[derive(Debug, Clone)]
pub enum Payload {
    /// A JSON value.
    Json(Tree),
    /// Text, sent as it is, and the name of the encoding in which it is.
    Text(Text, Text),
    /// Bytes in hexadecimal digits.
    Hex(Text),
    /// Bytes in base64, standard alphabet, padded.
    Base64(Text),
    /// The bytes of a file.
    File(Bytes),
}
