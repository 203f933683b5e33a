//! Documented parameters of requests, and how their values are written: `style` and `explode`, or the media type of `content`.

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
    pub(super) fn named(name: &str) -> Option<Self> {
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

    pub(super) fn usual_style(self) -> Style {
        match self {
            Self::Path | Self::Header => Style::Simple,
            Self::Query | Self::Cookie => Style::Form,
        }
    }

    pub(super) fn has(self, style: Style) -> bool {
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
    pub(super) fn named(name: &str) -> Option<Self> {
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
