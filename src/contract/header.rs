//! Documented headers of answers, and how their text is read before a schema judges it: `style: simple`, or the media type
//! of `content`.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::body_schema::{BodySchema, SchemaViolation};
use super::clause::ClauseId;
use crate::secret::Secrets;

/// The fields that RFC 9110, 6265 and 8288 allow more than once, as a list.
const REPEATABLE: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-patch",
    "accept-ranges",
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-language",
    "content-security-policy",
    "link",
    "preference-applied",
    "proxy-authenticate",
    "server-timing",
    "set-cookie",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "via",
    "warning",
    "www-authenticate",
];

/// What a text is as JSON: nothing where it can't be read for a limit of ours.
pub type JsonOf<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// What a header of an answer is like.
#[derive(Debug, Clone)]
pub struct HeaderSpec {
    /// Its name in lower case.
    pub name: String,
    /// Whether it has to be there.
    pub required: bool,
    /// The clause that is broken where it has to be there and isn't.
    pub clause: ClauseId,
    /// The schema of its value, where one is documented.
    pub schema: Option<BodySchema>,
    pub(super) form: HeaderForm,
}

/// What a header's text is, as far as its schema says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeaderForm {
    /// One value of these types.
    One(Types),
    /// Values of these types, with this between them.
    List(Types, char),
    /// Members between commas, each with the types of its value, and those of all others; `name=value` where the names and values
    /// aren't a list themselves.
    Members { types: Vec<(String, Types)>, others: Types, explode: bool },
    /// A JSON text.
    Json,
}

/// The JSON types that a text may stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Types {
    /// Whether it may stand for itself.
    pub(super) text: bool,
    /// Whether it may be a number, `true`, `false` or `null`.
    pub(super) literal: bool,
}

impl HeaderSpec {
    /// Whether several fields of this name are one value.
    #[must_use]
    pub fn may_repeat(&self) -> bool {
        matches!(self.form, HeaderForm::List(..)) || REPEATABLE.contains(&self.name.as_str())
    }

    /// Every way in which the values of this header, one a field, are not what its schema says. A text that should be of
    /// another type and isn't is judged as the text that it is; what is shown of it is masked.
    #[must_use]
    pub fn violations(&self, fields: &[&str], json: JsonOf<'_>, secrets: &Secrets) -> Vec<SchemaViolation> {
        let Some(schema) = &self.schema else { return Vec::new() };
        self.values(fields, json).iter().flat_map(|value| schema.violations(value, secrets)).collect()
    }

    /// The clauses that stand for what had something of the values of this header to judge.
    #[must_use]
    pub fn applied_clauses(&self, fields: &[&str], json: JsonOf<'_>) -> BTreeSet<ClauseId> {
        let Some(schema) = &self.schema else { return BTreeSet::new() };
        self.values(fields, json).iter().flat_map(|value| schema.applied_clauses(value)).collect()
    }

    /// The values that the schema judges: all fields together where they are a list, else one a field.
    fn values(&self, fields: &[&str], json: JsonOf<'_>) -> Vec<Value> {
        match &self.form {
            HeaderForm::List(types, separator) => {
                // A cookie may hold commas, and no two of them are one field.
                let is_cookie = self.name == "set-cookie";
                let items =
                    fields.iter().flat_map(|field| if is_cookie { vec![*field] } else { between(field, *separator) });
                vec![Value::Array(items.map(|item| types.read(item)).collect())]
            }
            HeaderForm::One(types) => fields.iter().map(|field| self.one(*types, field)).collect(),
            HeaderForm::Members { types, others, explode } => {
                fields.iter().map(|field| members(field, (types, *others), *explode)).collect()
            }
            HeaderForm::Json => fields.iter().filter_map(|field| json(field)).collect(),
        }
    }

    /// A value that may be a text or something else is what the schema takes.
    fn one(&self, types: Types, field: &str) -> Value {
        let text = Value::from(field);
        let takes = |value: &Value| self.schema.as_ref().is_some_and(|schema| schema.is_valid(value));
        if types.text && types.literal && takes(&text) { text } else { types.read(field) }
    }
}

impl Types {
    pub(super) fn read(self, text: &str) -> Value {
        let literal = if self.literal { serde_json::from_str::<Value>(text).ok() } else { None };
        let literal = literal.filter(|value| !value.is_string() && !value.is_array() && !value.is_object());
        literal.unwrap_or_else(|| Value::from(text))
    }
}

/// `R,100,G,200`, or `R=100,G=200` where it is exploded, as an object.
fn members(field: &str, (types, others): (&[(String, Types)], Types), explode: bool) -> Value {
    let parts = between(field, ',');
    let pairs: Vec<(&str, &str)> = match explode {
        true => parts.iter().map(|part| part.split_once('=').unwrap_or((part, ""))).collect(),
        false => parts
            .chunks(2)
            .map(|pair| (pair.first().copied().unwrap_or(""), pair.get(1).copied().unwrap_or("")))
            .collect(),
    };
    let read = |(name, value): (&str, &str)| {
        let known = types.iter().find(|(known, _)| known == name).map(|(_, types)| *types);
        (name.to_owned(), known.unwrap_or(others).read(value))
    };
    Value::Object(pairs.into_iter().map(read).collect::<Map<_, _>>())
}

/// The parts of a field value between commas, or what stands for them, but for those in quotes and in angle brackets; none of
/// them is empty.
fn between(field: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut bracketed, mut escaped) = (Vec::new(), 0, false, false, false);
    for (at, c) in field.char_indices() {
        match c {
            c if c == separator && !quoted && !bracketed => {
                parts.push(field.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            '"' if !escaped => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            _ => {}
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    parts.push(field.get(start..).unwrap_or_default());
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn commas_in_quotes_and_brackets_part_nothing() {
        assert_eq!(between("a, b,,c", ','), ["a", "b", "c"]);
        assert_eq!(between("<a,b>; rel=\"x, y\", <c>", ','), ["<a,b>; rel=\"x, y\"", "<c>"]);
        assert_eq!(between("\"a\\\",b\", c", ','), ["\"a\\\",b\"", "c"]);
        assert!(between(" ", ',').is_empty());
        assert_eq!(between("a|b,c| d", '|'), ["a", "b,c", "d"]);
    }

    #[test]
    fn an_object_is_read_by_its_style() {
        let types = [("R".to_owned(), Types { text: false, literal: true }), ("N".to_owned(), Types::default())];
        let object = json!({ "R": 100, "N": "100" });
        assert_eq!(members("R=100,N=100", (&types, Types::default()), true), object);
        assert_eq!(members("R,100,N,100", (&types, Types::default()), false), object);
    }
}
