//! The documented operations: what is asked, and what may be answered with which status.

use std::collections::BTreeMap;

use serde_json::Value;

use super::body_schema::BodySchema;
use super::clause::ClauseId;
use super::header::{HeaderForm, HeaderSpec};
use super::media_type::{BodyKind, MediaType};
use super::status::DocumentedStatus;

/// One documented operation.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its `operationId`, or one made of its method and path.
    pub id: String,
    /// Its HTTP method in capitals.
    pub method: String,
    /// Its path, with the parameters in braces.
    pub path: String,
    /// The schema of a request's body, where one is documented.
    pub request: Option<BodySchema>,
    /// What may be answered, by status.
    pub responses: BTreeMap<DocumentedStatus, ResponseSpec>,
}

/// What an answer with one status is like.
#[derive(Debug, Clone)]
pub struct ResponseSpec {
    /// The status, or several.
    pub status: DocumentedStatus,
    /// The documented bodies; none where no body is documented.
    pub content: Vec<Content>,
    /// The documented headers, in the contract's order.
    pub headers: Vec<HeaderSpec>,
    /// The derived clause that it breaks as a whole.
    pub clause: Option<ClauseId>,
}

/// What a body of one media type is like.
#[derive(Debug, Clone)]
pub struct Content {
    /// The media type, or a range of them.
    pub media_type: MediaType,
    /// The schema, where one is documented.
    pub schema: Option<BodySchema>,
    /// The derived clause that is broken where it can't be read.
    pub clause: Option<ClauseId>,
    pub(super) form: HeaderForm,
}

impl Operation {
    /// What is documented for a status: for itself, before the range that it is in, before all others.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&ResponseSpec> {
        let keys = [DocumentedStatus::Exact(status), DocumentedStatus::Range(status / 100), DocumentedStatus::Default];
        keys.iter().find_map(|key| self.responses.get(key))
    }

    /// All schemas that anything is judged by.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &BodySchema> {
        let bodies =
            self.responses.values().flat_map(|spec| &spec.content).filter_map(|content| content.schema.as_ref());
        let headers =
            self.responses.values().flat_map(|spec| &spec.headers).filter_map(|header| header.schema.as_ref());
        self.request.iter().chain(bodies).chain(headers)
    }

    /// The documented statuses, in order.
    pub fn statuses(&self) -> impl Iterator<Item = DocumentedStatus> {
        self.responses.keys().copied()
    }

    /// What is documented for the statuses that accept.
    pub fn successes(&self) -> impl Iterator<Item = &ResponseSpec> {
        self.responses.values().filter(|spec| spec.is_success())
    }

    /// The statuses that refuse: of a range, and of all others, each one of the 4xx.
    pub fn refusing_statuses(&self) -> impl Iterator<Item = u16> {
        self.refusals().flat_map(|spec| match spec.status {
            DocumentedStatus::Exact(status) => status..status + 1,
            DocumentedStatus::Range(class) => class * 100..class * 100 + 100,
            DocumentedStatus::Default => 400..500,
        })
    }

    /// What is documented for the statuses that refuse. All others than those that are named are among them where a
    /// success is named.
    pub fn refusals(&self) -> impl Iterator<Item = &ResponseSpec> {
        let names_success = self.successes().next().is_some();
        let refuses = move |spec: &&ResponseSpec| {
            !spec.is_success() && (names_success || spec.status != DocumentedStatus::Default)
        };
        self.responses.values().filter(refuses)
    }
}

impl ResponseSpec {
    /// Whether the status is a 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The documented body that fits what an answer says that its body is best.
    #[must_use]
    pub fn content(&self, content_type: &str) -> Option<&Content> {
        self.fitting(&MediaType::parse(content_type))
    }

    fn fitting(&self, observed: &MediaType) -> Option<&Content> {
        let mut best: Option<(usize, &Content)> = None;
        for content in &self.content {
            if let Some(fit) = content.media_type.fit(observed)
                && best.is_none_or(|(least, _)| fit > least)
            {
                best = Some((fit, content));
            }
        }
        best.map(|(_, content)| content)
    }

    /// By what a body is judged that says that it is this: by what fits best, and where nothing does, by the first that is
    /// JSON.
    #[must_use]
    pub fn judge(&self, content_type: Option<&str>) -> Option<(&Content, BodyKind)> {
        let fitting = content_type.map(MediaType::parse).and_then(|observed| {
            let content = self.fitting(&observed)?;
            let read_as = if content.media_type.is_range() { &observed } else { &content.media_type };
            Some((content, read_as.kind()))
        });
        fitting.or_else(|| Some((self.json().next()?, BodyKind::Json)))
    }

    fn json(&self) -> impl Iterator<Item = &Content> {
        self.content.iter().filter(|content| content.media_type.kind() == BodyKind::Json)
    }

    /// The schemas of JSON bodies.
    pub fn json_schemas(&self) -> impl Iterator<Item = &BodySchema> {
        self.json().filter_map(|content| content.schema.as_ref())
    }
}

impl Content {
    /// What the schema judges of a text: nothing where it is about something that a text isn't.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<Value> {
        match self.form {
            HeaderForm::One(types) => Some(types.read(text)),
            _ => None,
        }
    }

    /// Whether the schema is about a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.form, HeaderForm::List(_))
    }
}
