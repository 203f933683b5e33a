//! The documented operations: what is asked, and what may be answered with which status.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::body_schema::BodySchema;
use super::clause::ClauseId;
use super::header::{HeaderForm, HeaderSpec};
use super::media_type::{BodyKind, MediaType};
use super::parameter::{Parameter, ParameterForm, ParameterPlace, Style, Styled};
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
    /// The parameters, as far as the document says how their values are written.
    pub parameters: Vec<Parameter>,
    /// The media types of a request's body, in the contract's order.
    pub consumes: Vec<MediaType>,
    /// The schema of a request's JSON body, where one is documented.
    pub request: Option<BodySchema>,
    /// What may be answered, by status.
    pub responses: BTreeMap<DocumentedStatus, ResponseSpec>,
}

/// A piece of a documented path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathPiece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// A parameter's name.
    Parameter(&'a str),
}

impl<'a> PathPiece<'a> {
    /// The parameter's name, where it is one.
    #[must_use]
    pub fn parameter(self) -> Option<&'a str> {
        match self {
            Self::Parameter(name) => Some(name),
            Self::Text(_) => None,
        }
    }
}

/// Whether a part of a documented path stands for a part of a path: with the same text around its parameters.
fn stands_for(documented: &str, asked: &str) -> bool {
    let Some((before, rest)) = documented.split_once('{') else { return documented == asked };
    let after = rest.rsplit_once('}').map_or("", |(_, after)| after);
    asked.len() > before.len() + after.len() && asked.starts_with(before) && asked.ends_with(after)
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
    /// Whether it is at a path, with or without a query, below the API's base: each parameter stands for a part without `/`.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let (mut documented, mut asked) = (self.path.split('/'), path.split('/'));
        loop {
            match (documented.next(), asked.next()) {
                (None, None) => return true,
                (Some(documented), Some(asked)) if stands_for(documented, asked) => {}
                _ => return false,
            }
        }
    }

    /// The parameters of a path that it is at, each with its value, decoded; none where it isn't, or where a value is no text.
    #[must_use]
    pub fn parameters_of<'o>(&'o self, path: &str) -> Vec<(&'o str, String)> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if !self.is_at(path) {
            return Vec::new();
        }
        let value = |(documented, asked): (&'o str, &str)| {
            let (before, rest) = documented.split_once('{')?;
            let (name, after) = rest.split_once('}')?;
            let value = asked.strip_prefix(before)?.strip_suffix(after)?;
            let value = match self.form(ParameterPlace::Path, name) {
                Some(ParameterForm::Styled(Styled { style: Style::Label, .. })) => value.strip_prefix('.')?,
                Some(ParameterForm::Styled(Styled { style: Style::Matrix, .. })) => value.split_once('=')?.1,
                _ => value,
            };
            Some((name, percent_decode_str(value).decode_utf8().ok()?.into_owned()))
        };
        self.path.split('/').zip(path.split('/')).filter_map(value).collect()
    }

    /// How the value of a parameter is written, as far as the document says.
    #[must_use]
    pub fn form(&self, place: ParameterPlace, name: &str) -> Option<ParameterForm> {
        let is_it = |known: &&Parameter| known.place == place && place.is_same(&known.name, name);
        self.parameters.iter().find(is_it).map(|parameter| parameter.form)
    }

    /// How many parameters its path has: of two paths that fit, the one with fewer is meant.
    #[must_use]
    pub fn path_parameters(&self) -> usize {
        self.path_pieces().filter_map(PathPiece::parameter).count()
    }

    /// Its path in pieces: texts as they are, and parameters by name.
    pub fn path_pieces(&self) -> impl Iterator<Item = PathPiece<'_>> {
        let mut rest = self.path.as_str();
        std::iter::from_fn(move || {
            let parameter = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
            if let Some((name, after)) = parameter {
                rest = after;
                return Some(PathPiece::Parameter(name));
            }
            let end = rest.char_indices().skip(1).find(|(_, c)| *c == '{').map_or(rest.len(), |(at, _)| at);
            let (text, after) = rest.split_at_checked(end)?;
            rest = after;
            (!text.is_empty()).then_some(PathPiece::Text(text))
        })
    }

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
    /// What the schema judges of a text of some kind: nothing where it is about something that such a text isn't.
    #[must_use]
    pub fn read(&self, text: &str, kind: BodyKind) -> Option<Value> {
        match self.form {
            HeaderForm::One(types) if kind == BodyKind::Text => Some(types.read(text)),
            HeaderForm::One(types) => types.text.then(|| Value::from(text)),
            _ => None,
        }
    }

    /// Whether the schema is about a list.
    #[must_use]
    pub fn is_list(&self) -> bool {
        matches!(self.form, HeaderForm::List(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Operation {
        let (id, method) = (String::new(), String::new());
        let path = path.to_owned();
        Operation {
            id,
            method,
            path,
            parameters: Vec::new(),
            consumes: Vec::new(),
            request: None,
            responses: BTreeMap::new(),
        }
    }

    #[test]
    fn a_parameter_of_a_path_stands_for_one_part_of_it_that_is_not_empty() {
        let pets = at("/v1/pets/{petId}/tags");
        for (path, fits) in [
            ("/v1/pets/7/tags", true),
            ("/v1/pets/7/tags?x=/y", true),
            ("/v1/pets//tags", false),
            ("/v1/pets/7/8/tags", false),
            ("/v1/pets/7/tags/", false),
            ("/v1/pets/7", false),
            ("/V1/pets/7/tags", false),
        ] {
            assert_eq!(pets.is_at(path), fits, "{path}");
        }
        let file = at("/files/{name}.json");
        assert!(file.is_at("/files/a.json") && !file.is_at("/files/.json") && !file.is_at("/files/a.yaml"));
    }

    #[test]
    fn the_parameters_of_a_path_have_their_values_decoded() {
        let pet = at("/owners/{owner}/pets/{pet}.json");
        let values = pet.parameters_of("/owners/a%20b/pets/7.json?x");
        assert_eq!(values, [("owner", "a b".to_owned()), ("pet", "7".to_owned())]);
        assert!(pet.parameters_of("/owners/a/pets").is_empty());
    }

    #[test]
    fn a_parameter_with_a_prefix_has_its_value_without_it() {
        let styled = |style| Styled { style, ..Styled::usual(ParameterPlace::Path) };
        for (style, path) in [(Style::Label, "/pets/.a%20b"), (Style::Matrix, "/pets/;pet=a%20b")] {
            let form = ParameterForm::Styled(styled(style));
            let parameters = vec![Parameter { place: ParameterPlace::Path, name: "pet".to_owned(), form }];
            let pet = Operation { parameters, ..at("/pets/{pet}") };
            assert_eq!(pet.parameters_of(path), [("pet", "a b".to_owned())]);
            assert!(pet.parameters_of("/pets/a").is_empty());
        }
    }

    #[test]
    fn a_path_comes_in_pieces() {
        let pieces =
            |path: &str| at(path).path_pieces().map(|piece| format!("{piece:?}")).collect::<Vec<_>>().join(" ");
        assert_eq!(pieces("/a/{b}.json/{c}"), r#"Text("/a/") Parameter("b") Text(".json/") Parameter("c")"#);
        assert_eq!(pieces("/"), r#"Text("/")"#);
        assert_eq!(pieces("/a/{b"), r#"Text("/a/") Text("{b")"#);
    }
}
