//! A request as templates, and how one differs from the valid one.

use bytes::Bytes;

use super::body::BodyEncoding;
use super::template::Text;
use super::tree::Tree;
use crate::contract::ParameterForm;
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
    /// Cookies in the order of sending, all in one header field after the others.
    pub cookies: Vec<CookiePlan>,
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
                    PathPart::Parameter(parameter) if !is_changed(&parameter.name) => parameter.value.texts(),
                    PathPart::Parameter(_) | PathPart::Literal(_) => Vec::new(),
                };
                parts.iter().flat_map(valid).collect()
            }
        };
        let kept = |changes: &'a [NamedValue]| {
            move |field: &&NamedValue| !changes.iter().any(|change| change.name.eq_ignore_ascii_case(&field.name))
        };
        let query = self.query.iter().filter(kept(&overrides.query));
        let headers = self.headers.iter().filter(kept(&overrides.headers));
        let cookies = self.cookies.iter().filter(kept(&overrides.cookies));
        let is_replaced = overrides.payload.is_some();
        let body = self.body.iter().filter(move |_| !is_replaced).flat_map(Tree::texts);
        let body = body.chain(self.raw.iter().filter(move |_| !is_replaced).flat_map(Payload::texts));
        let fields = query.chain(headers).chain(cookies).flat_map(|field| field.value.texts());
        path.into_iter().chain(fields).chain(body).flat_map(Text::names).map(String::as_str)
    }
}

impl RequestPlan {
    /// The names that the templates of a departure from it use.
    pub fn names_with<'a>(&'a self, overrides: &'a Override) -> impl Iterator<Item = &'a str> {
        let texts = overrides.texts();
        let method = overrides.method.is_none().then_some(&self.method);
        let own = texts.into_iter().chain(method).flat_map(Text::names).map(String::as_str);
        self.names(overrides).chain(own)
    }

    /// Method and path of a departure from it as they are written: `GET /pets/{{ pet.id }}`.
    pub fn outline(&self, overrides: &Override) -> String {
        let method = overrides.method.as_ref().unwrap_or(&self.method).source();
        let value = |value: &FieldValue| value.texts().first().map_or("", |text| text.source()).to_owned();
        let changed = |name: &str| match &overrides.path {
            Some(PathChange::Parameters(changed)) => changed.iter().find(|(other, _)| other == name),
            Some(PathChange::Written(_)) | None => None,
        };
        let part = |part: &PathPart| match part {
            PathPart::Literal(text) => text.clone(),
            PathPart::Parameter(parameter) => match changed(&parameter.name) {
                Some((_, other)) => value(other),
                None => value(&parameter.value),
            },
        };
        let path = match (&overrides.path, &self.path) {
            (Some(PathChange::Written(path)), _) | (_, PathPlan::Written(path)) => path.source().to_owned(),
            (_, PathPlan::Documented(parts)) => parts.iter().map(part).collect(),
        };
        format!("{method} {path}")
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
    /// A parameter, whose value is percent-encoded.
    Parameter(NamedValue),
}

/// How a path differs from that of the valid request.
#[derive(Debug, Clone)]
pub enum PathChange {
    /// Replaces it as a whole, and is sent as it is.
    Written(Text),
    /// Replaces parameters by name.
    Parameters(Vec<(String, FieldValue)>),
}

/// One query parameter.
pub type QueryPlan = NamedValue;
/// One header field.
pub type HeaderPlan = NamedValue;
/// One cookie.
pub type CookiePlan = NamedValue;

/// A name with its value.
#[derive(Debug, Clone)]
pub struct NamedValue {
    /// As written in the file.
    pub name: String,
    /// Its value.
    pub value: FieldValue,
    /// How the value is written; where the document doesn't say, each item of a list is sent with the name.
    pub form: Option<ParameterForm>,
}

/// The value of a parameter.
#[derive(Debug, Clone)]
pub enum FieldValue {
    /// A text. A template may give a list or an object.
    One(Text),
    /// The texts of a list. A template that gives a list gives every item.
    List(Vec<Text>),
    /// The members of an object.
    Members(Vec<(String, Text)>),
    /// Anything, written as JSON.
    Json(Tree),
}

impl NamedValue {
    /// A name with a text, of which the document says nothing.
    pub fn of(name: impl Into<String>, text: Text) -> Self {
        Self { name: name.into(), value: FieldValue::One(text), form: None }
    }

    /// A name of which nothing is sent.
    pub fn nothing(name: impl Into<String>) -> Self {
        Self { name: name.into(), value: FieldValue::List(Vec::new()), form: None }
    }
}

impl FieldValue {
    /// All texts in it.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::One(text) => vec![text],
            Self::List(texts) => texts.iter().collect(),
            Self::Members(members) => members.iter().map(|(_, text)| text).collect(),
            Self::Json(tree) => tree.texts(),
        }
    }
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
    /// Replaces or adds cookies, by name.
    pub cookies: Vec<CookiePlan>,
    /// Merged into the valid body, deeply.
    pub body: Option<Tree>,
    /// Pointers (`/headers/…`, `/query/…`, `/cookies/…`, `/body…`) to what is taken away after merging.
    pub without: Vec<Text>,
    /// Replaces the whole body.
    pub payload: Option<Payload>,
    /// How header names are spelt on the wire; where it isn't said, as the run finds that the target reads them.
    pub header_case: HeaderCase,
}

impl Override {
    /// All texts in it.
    fn texts(&self) -> Vec<&Text> {
        let path = match &self.path {
            Some(PathChange::Written(path)) => vec![path],
            Some(PathChange::Parameters(changed)) => changed.iter().flat_map(|(_, value)| value.texts()).collect(),
            None => Vec::new(),
        };
        let fields = self.query.iter().chain(&self.headers).chain(&self.cookies);
        let body = self.body.iter().flat_map(Tree::texts).chain(self.payload.iter().flat_map(Payload::texts));
        let texts = self.method.iter().chain(path).chain(fields.flat_map(|field| field.value.texts()));
        texts.chain(body).chain(&self.without).collect()
    }
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
