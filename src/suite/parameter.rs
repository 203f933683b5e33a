//! How the values of parameters are written: by name, as the document's `style` and `explode` say (OpenAPI, Style Values;
//! RFC 6570).

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value as Json;

use super::engine::PART;
use super::error::RenderError;
use super::request::{FieldValue, NamedValue};
use super::scope::Scope;
use super::template::Text;
use crate::contract::{ParameterForm, ParameterPlace, Style, Styled};

/// What is percent-encoded where a query may have what a URL reserves: not what would part it, or what a form reads as a space.
const RESERVED: &AsciiSet = &PART
    .remove(b':')
    .remove(b'/')
    .remove(b'?')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b'=');
/// What a cookie can't hold (RFC 6265, section 4.1.1).
const NOT_IN_COOKIE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b',').add(b';').add(b'\\');

/// The values of a parameter before they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    /// One text.
    One(String),
    /// The texts of a list.
    List(Vec<String>),
    /// The members of an object.
    Members(Vec<(String, String)>),
}

/// A parameter with its values.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    values: Values,
    /// Nothing where each value is sent with the name.
    styled: Option<Styled>,
}

/// Why a style has no spelling for a list or for an object; nothing where it has one.
pub(super) fn unspelt(styled: Styled, is_object: bool) -> Option<&'static str> {
    match (styled.style, is_object) {
        (Style::DeepObject, false) => Some("`style: deepObject` has no spelling for a list"),
        (Style::Delimited(_), true) if styled.explode => {
            Some("a delimited style with `explode: true` has no spelling for an object")
        }
        _ => None,
    }
}

impl Field {
    /// Renders a parameter.
    ///
    /// # Errors
    /// A template that fails, or a value that its style has no spelling for.
    pub(super) fn render(field: &NamedValue, place: ParameterPlace, scope: &Scope) -> Result<Self, RenderError> {
        let name = field.name.clone();
        let fault =
            |cause: &str| RenderError::unsendable(format!("the {} parameter `{name}`: {cause}", place.as_str()));
        let (values, styled) = match (&field.value, field.form) {
            (FieldValue::Json(tree), _) => (Values::One(tree.render(scope)?.to_string()), None),
            (FieldValue::One(text), Some(ParameterForm::Json)) => {
                let value = text.json(scope)?;
                (Values::One(value.as_str().map_or_else(|| value.to_string(), str::to_owned)), None)
            }
            (FieldValue::One(text), Some(ParameterForm::Styled(styled))) if styled.is_many && !text.is_literal() => {
                (of_json(text.json(scope)?).map_err(fault)?, Some(styled))
            }
            (FieldValue::One(text), form) if place == ParameterPlace::Path => {
                (Values::One(text.text(scope)?), form.and_then(styled_of))
            }
            (FieldValue::One(text), Some(ParameterForm::Styled(styled))) => {
                let mut texts = text.texts(scope)?;
                let values = match (texts.pop(), texts.is_empty()) {
                    (Some(only), true) => Values::One(only),
                    (last, _) => Values::List(texts.into_iter().chain(last).collect()),
                };
                (values, Some(styled))
            }
            (FieldValue::One(_) | FieldValue::List(_), form) => {
                let mut texts = Vec::new();
                for text in field.value.texts() {
                    texts.extend(text.texts(scope)?);
                }
                (Values::List(texts), form.and_then(styled_of))
            }
            (FieldValue::Members(members), form) => {
                let text = |(name, text): &(String, Text)| Ok((name.clone(), text.text(scope)?));
                let members = members.iter().map(text).collect::<Result<_, RenderError>>()?;
                let styled = form.and_then(styled_of).unwrap_or_else(|| Styled::usual(place));
                (Values::Members(members), Some(styled))
            }
        };
        // A list where the schema allows none is a name several times, as of a parameter that isn't documented.
        let is_repeated =
            |styled: &Styled| !styled.is_many && place != ParameterPlace::Path && matches!(values, Values::List(_));
        let styled = styled.filter(|styled| !is_repeated(styled));
        let is_object = matches!(values, Values::Members(_));
        if let (Some(styled), Values::List(_) | Values::Members(_)) = (styled, &values)
            && let Some(cause) = unspelt(styled, is_object)
        {
            return Err(fault(&format!("{cause}: write the names and texts as they are sent")));
        }
        Ok(Self { name, values, styled })
    }

    /// Whether nothing is sent of it.
    pub(super) fn is_nothing(&self) -> bool {
        match &self.values {
            Values::One(_) => false,
            Values::List(items) => items.is_empty(),
            Values::Members(members) => members.is_empty(),
        }
    }

    /// The value of a parameter of a path, percent-encoded.
    pub(super) fn in_path(&self) -> String {
        let written = Written { name: &self.name, values: &self.values, encode: &part };
        written.segment(self.styled.unwrap_or_else(|| Styled::usual(ParameterPlace::Path)))
    }

    /// The parts of a query that it makes, each a name and a value, percent-encoded.
    pub(super) fn in_query(&self) -> Vec<String> {
        let is_joined = self.styled.is_some_and(|styled| !styled.explode);
        let is_reserved = self.styled.is_some_and(|styled| styled.allow_reserved);
        let reserved = |text: &str| reserved(text, is_joined && !matches!(self.values, Values::One(_)));
        let encode: &dyn Fn(&str) -> String = if is_reserved { &reserved } else { &part };
        Written { name: &self.name, values: &self.values, encode }.pairs(self.styled, &part)
    }

    /// The pairs of the header `Cookie` that it makes.
    pub(super) fn in_cookie(&self) -> Vec<String> {
        let encode = |text: &str| utf8_percent_encode(text, NOT_IN_COOKIE).to_string();
        Written { name: &self.name, values: &self.values, encode: &encode }.pairs(self.styled, &encode)
    }

    /// The values of the header fields that it makes.
    pub(super) fn in_headers(self) -> Vec<(String, String)> {
        let values = match (self.styled, self.values) {
            (_, Values::One(text)) => vec![text],
            (None, Values::List(texts)) => texts,
            (None, Values::Members(_)) => Vec::new(),
            (Some(_), Values::List(texts)) if texts.is_empty() => Vec::new(),
            (Some(_), Values::Members(members)) if members.is_empty() => Vec::new(),
            (Some(styled), values) => {
                let plain = |text: &str| text.to_owned();
                vec![Written { name: &self.name, values: &values, encode: &plain }.segment(styled)]
            }
        };
        values.into_iter().map(|value| (self.name.clone(), value)).collect()
    }
}

fn styled_of(form: ParameterForm) -> Option<Styled> {
    match form {
        ParameterForm::Styled(styled) => Some(styled),
        ParameterForm::Json => None,
    }
}

/// The values of what a template gave.
fn of_json(value: Json) -> Result<Values, &'static str> {
    let text = |value: Json| match value {
        Json::String(text) => Ok(text),
        Json::Bool(truth) => Ok(truth.to_string()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Null => Err("null has no spelling there: leave it out, or write the text that is sent"),
        Json::Array(_) | Json::Object(_) => {
            Err("a list or an object within another one has no spelling: write the names and texts as they are sent")
        }
    };
    match value {
        Json::Array(items) => items.into_iter().map(text).collect::<Result<_, _>>().map(Values::List),
        Json::Object(members) => {
            let members = members.into_iter().map(|(name, value)| Ok((name, text(value)?)));
            members.collect::<Result<_, _>>().map(Values::Members)
        }
        scalar => text(scalar).map(Values::One),
    }
}

fn part(text: &str) -> String {
    utf8_percent_encode(text, PART).to_string()
}

/// A text in which what a URL reserves, and what is percent-encoded already, stays as it is. A comma doesn't where it would part
/// two items.
fn reserved(text: &str, is_item: bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut pieces = text.split('%');
    encoded.extend(pieces.next().map(|piece| utf8_percent_encode(piece, RESERVED).to_string()));
    for piece in pieces {
        let is_encoded = piece.len() >= 2 && piece.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
        encoded.push_str(if is_encoded { "%" } else { "%25" });
        encoded.extend(utf8_percent_encode(piece, RESERVED));
    }
    if is_item { encoded.replace(',', "%2C") } else { encoded }
}

/// Values and how each text of them is encoded.
struct Written<'a> {
    name: &'a str,
    values: &'a Values,
    encode: &'a dyn Fn(&str) -> String,
}

impl Written<'_> {
    /// What stands for them in a path or in a header.
    fn segment(&self, styled: Styled) -> String {
        let between = match (styled.style, styled.explode) {
            (Style::Label, true) => ".".to_owned(),
            (Style::Matrix, true) => ";".to_owned(),
            (Style::Delimited(separator), _) => (self.encode)(separator.encode_utf8(&mut [0; 4])),
            _ => ",".to_owned(),
        };
        let name = (self.encode)(self.name);
        // A matrix parameter without a value is its name alone.
        let named =
            |name: &str, value: &str| if value.is_empty() { name.to_owned() } else { format!("{name}={value}") };
        let is_matrix = styled.style == Style::Matrix;
        let parts: Vec<String> = match self.values {
            Values::One(text) => vec![(self.encode)(text)],
            Values::List(items) if is_matrix && styled.explode => {
                items.iter().map(|item| named(&name, &(self.encode)(item))).collect()
            }
            Values::List(items) => items.iter().map(|item| (self.encode)(item)).collect(),
            Values::Members(members) => self.members(members, |name, value| match (styled.explode, is_matrix) {
                (true, true) => vec![named(&name, &value)],
                (true, false) => vec![format!("{name}={value}")],
                (false, _) => vec![name, value],
            }),
        };
        if parts.is_empty() {
            return String::new();
        }
        let joined = parts.join(&between);
        match styled.style {
            Style::Label => format!(".{joined}"),
            Style::Matrix if styled.explode && !matches!(self.values, Values::One(_)) => format!(";{joined}"),
            Style::Matrix => format!(";{}", named(&name, &joined)),
            _ => joined,
        }
    }

    /// The names and values that stand for them in a query or in cookies.
    fn pairs(&self, styled: Option<Styled>, encode_name: &dyn Fn(&str) -> String) -> Vec<String> {
        let name = encode_name(self.name);
        let one = |value: &str| format!("{name}={value}");
        let each = |items: &[String]| items.iter().map(|item| one(&(self.encode)(item))).collect();
        let joined = |parts: Vec<String>, separator: char| match parts.as_slice() {
            [] => Vec::new(),
            _ if separator == ',' => vec![one(&parts.join(","))],
            _ => vec![one(&parts.join(&encode_name(separator.encode_utf8(&mut [0; 4]))))],
        };
        let separator = match styled.map(|styled| styled.style) {
            Some(Style::Delimited(separator)) => separator,
            _ => ',',
        };
        match (self.values, styled) {
            (Values::One(text), _) => vec![one(&(self.encode)(text))],
            (Values::List(items), Some(styled)) if !styled.explode && styled.style != Style::DeepObject => {
                joined(items.iter().map(|item| (self.encode)(item)).collect(), separator)
            }
            (Values::List(items), _) => each(items),
            (Values::Members(members), Some(Styled { style: Style::DeepObject, .. })) => {
                let bracketed = |member: &str| encode_name(&format!("{}[{member}]", self.name));
                members
                    .iter()
                    .map(|(member, value)| format!("{}={}", bracketed(member), (self.encode)(value)))
                    .collect()
            }
            (Values::Members(members), Some(Styled { explode: false, .. })) => {
                joined(self.members(members, |name, value| vec![name, value]), separator)
            }
            (Values::Members(members), _) => {
                let pair = |(name, value): &(String, String)| format!("{}={}", encode_name(name), (self.encode)(value));
                members.iter().map(pair).collect()
            }
        }
    }

    fn members(&self, members: &[(String, String)], written: impl Fn(String, String) -> Vec<String>) -> Vec<String> {
        members.iter().flat_map(|(name, value)| written((self.encode)(name), (self.encode)(value))).collect()
    }
}

#[cfg(test)]
mod tests;
