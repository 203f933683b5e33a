//! Documented parameters of requests, and how their values are written: `style` and `explode`, or the media type of `content`.

use super::media_type::{BodyKind, MediaType};
use super::mistake::Mistake;
use super::openapi::OpenApi;
use crate::pointer;

/// The header fields of which nothing is said as parameters (OpenAPI, Parameter Object).
const SAID_ELSEWHERE: [&str; 3] = ["accept", "authorization", "content-type"];

/// Where a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header field.
    Header,
    /// In the header field `Cookie`.
    Cookie,
}

/// One documented parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Where it is sent.
    pub place: ParameterPlace,
    /// What it is called.
    pub name: String,
    /// How its value is written.
    pub form: ParameterForm,
}

/// How the value of a parameter is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterForm {
    /// By its style.
    Styled(Styled),
    /// As JSON.
    Json,
}

/// How a value is written by its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Styled {
    /// The style.
    pub style: Style,
    /// Whether each item or member is written on its own.
    pub explode: bool,
    /// Whether what a URL reserves stays as it is in a query.
    pub allow_reserved: bool,
    /// Whether the schema allows a list or an object.
    pub is_many: bool,
}

/// A style (OpenAPI, Style Values).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `a,b`
    Simple,
    /// `.a,b`
    Label,
    /// `;name=a,b`
    Matrix,
    /// `name=a,b`
    Form,
    /// What stands for the comma is this.
    Delimited(char),
    /// `name[member]=a`
    DeepObject,
}

impl ParameterPlace {
    fn named(name: &str) -> Option<Self> {
        match name {
            "path" => Some(Self::Path),
            "query" => Some(Self::Query),
            "header" => Some(Self::Header),
            "cookie" => Some(Self::Cookie),
            _ => None,
        }
    }

    /// For messages: what a parameter there is called.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }

    /// Whether two names of parameters there are the same.
    #[must_use]
    pub fn is_same(self, name: &str, other: &str) -> bool {
        match self {
            Self::Header => name.eq_ignore_ascii_case(other),
            _ => name == other,
        }
    }

    fn usual_style(self) -> Style {
        match self {
            Self::Path | Self::Header => Style::Simple,
            Self::Query | Self::Cookie => Style::Form,
        }
    }

    fn has(self, style: Style) -> bool {
        match style {
            Style::Simple => matches!(self, Self::Path | Self::Header),
            Style::Label | Style::Matrix => self == Self::Path,
            Style::Form => matches!(self, Self::Query | Self::Cookie),
            // Swagger has them in paths and headers, too.
            Style::Delimited(_) => self != Self::Cookie,
            Style::DeepObject => self == Self::Query,
        }
    }
}

impl Style {
    fn named(name: &str) -> Option<Self> {
        match name {
            "simple" => Some(Self::Simple),
            "label" => Some(Self::Label),
            "matrix" => Some(Self::Matrix),
            "form" => Some(Self::Form),
            "spaceDelimited" => Some(Self::Delimited(' ')),
            "pipeDelimited" => Some(Self::Delimited('|')),
            // Only Swagger 2.0 has it, as the collectionFormat `tsv`.
            "tabDelimited" => Some(Self::Delimited('\t')),
            "deepObject" => Some(Self::DeepObject),
            _ => None,
        }
    }
}

impl Styled {
    /// How a value at this place is written of which the document says nothing more.
    #[must_use]
    pub fn usual(place: ParameterPlace) -> Self {
        let style = place.usual_style();
        Self { style, explode: style == Style::Form, allow_reserved: false, is_many: true }
    }
}

impl OpenApi<'_, '_> {
    /// The parameter at a pointer; nothing where the document doesn't say how its value is written.
    pub(super) fn parameter(&mut self, at: &str) -> Option<Parameter> {
        let text = |key: &str| self.parts.text(&pointer::join(at, key));
        let (place, name) = (ParameterPlace::named(text("in")?)?, text("name")?.to_owned());
        if place == ParameterPlace::Header && SAID_ELSEWHERE.contains(&name.to_ascii_lowercase().as_str()) {
            return None;
        }
        if let Some((media_type, _)) = self.parts.members(&pointer::join(at, "content")).first() {
            let is_json = MediaType::parse(media_type).kind() == BodyKind::Json;
            return is_json.then_some(Parameter { place, name, form: ParameterForm::Json });
        }
        let style = self.style(at, place);
        let is_true = |key: &str| self.parts.is_true(&pointer::join(at, key));
        let says_explode = self.parts.get(&pointer::join(at, "explode")).is_some();
        let explode = if says_explode { is_true("explode") } else { style == Style::Form };
        let allow_reserved = place == ParameterPlace::Query && is_true("allowReserved");
        let types = self.types(&pointer::join(at, "schema"));
        let is_many = types.is_empty() || types.contains("array") || types.contains("object");
        let form = ParameterForm::Styled(Styled { style, explode, allow_reserved, is_many });
        Some(Parameter { place, name, form })
    }

    fn style(&mut self, at: &str, place: ParameterPlace) -> Style {
        let here = pointer::join(at, "style");
        let Some(name) = self.parts.text(&here) else { return place.usual_style() };
        match Style::named(name).filter(|style| place.has(*style)) {
            Some(style) => style,
            None => {
                let message = format!("a {} parameter has no style `{name}`", place.as_str());
                let doubt =
                    Mistake::at_value(here, message).hint("without `style` it has the usual one, as it has now");
                if !self.parts.doubts.contains(&doubt) {
                    self.parts.doubts.push(doubt);
                }
                place.usual_style()
            }
        }
    }
}
