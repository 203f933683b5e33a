//! The formats of OpenAPI and JSON Schema: which are held against values, and which only say something to readers.

use std::ops::RangeInclusive;

use jsonschema::paths::Location;
use jsonschema::{Draft, Keyword, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};

/// The ranges of integers.
const INTEGERS: &[(&str, RangeInclusive<i128>)] = &[
    ("int8", i8::MIN as i128..=i8::MAX as i128),
    ("int16", i16::MIN as i128..=i16::MAX as i128),
    ("int32", i32::MIN as i128..=i32::MAX as i128),
    ("int64", i64::MIN as i128..=i64::MAX as i128),
    ("uint8", 0..=u8::MAX as i128),
    ("uint16", 0..=u16::MAX as i128),
    ("uint32", 0..=u32::MAX as i128),
    ("uint64", 0..=u64::MAX as i128),
];

/// Formats of OpenAPI's registry that a value can't be told to break.
const SAID: &[&str] = &[
    "float",
    "double",
    "double-int",
    "decimal",
    "decimal128",
    "binary",
    "byte",
    "base64url",
    "password",
    "char",
    "commonmark",
    "html",
    "http-date",
    "media-range",
];

/// Whether a format is known.
pub(super) fn is_known(format: &str) -> bool {
    SAID.contains(&format) || range(format).is_some() || is_of_json_schema(format)
}

fn is_of_json_schema(format: &str) -> bool {
    jsonschema::options().is_known_format(Draft::Draft202012, format)
}

fn range(format: &str) -> Option<&'static RangeInclusive<i128>> {
    INTEGERS.iter().find(|(name, _)| *name == format).map(|(_, range)| range)
}

/// Options under which the formats of integers are held against numbers, besides those of JSON Schema.
pub(super) fn with_formats(options: ValidationOptions<'static>) -> ValidationOptions<'static> {
    options.with_keyword("format", |_, format: &Value, _: Location| {
        let name = format.as_str().unwrap_or_default();
        let format: Box<dyn for<'i> Keyword<'i>> = match (range(name), is_of_json_schema(name)) {
            (Some(range), _) => Box::new(Integer(name.to_owned(), range)),
            (None, true) => Box::new(Text::new(name)),
            (None, false) => Box::new(Said),
        };
        Ok(format)
    })
}

/// A format of integers.
struct Integer(String, &'static RangeInclusive<i128>);

impl<'i> Keyword<'i> for Integer {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.is_valid(instance) {
            true => Ok(()),
            false => Err(ValidationError::custom(format!("a number in the format {}", self.0))),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let Value::Number(number) = instance else { return true };
        let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        let integer = integer.or_else(|| number.to_string().parse().ok());
        match (integer, number.as_f64()) {
            (Some(integer), _) => self.1.contains(&integer),
            // A fraction is no integer of any size, which `type` says where it is meant.
            (None, Some(float)) => {
                float.fract() != 0.0 || (float >= *self.1.start() as f64 && float <= *self.1.end() as f64)
            }
            (None, None) => true,
        }
    }
}

/// A format of JSON Schema's.
struct Text {
    name: String,
    validator: Option<Validator>,
}

impl Text {
    fn new(name: &str) -> Self {
        let schema = json!({ "format": name });
        let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        Self { name: name.to_owned(), validator: options.offline().build(&schema).ok() }
    }
}

impl<'i> Keyword<'i> for Text {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.is_valid(instance) {
            true => Ok(()),
            false => Err(ValidationError::custom(format!("a string in the format {}", self.name))),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        self.validator.as_ref().is_none_or(|validator| validator.is_valid(instance))
    }
}

/// A format that no value breaks.
struct Said;

impl<'i> Keyword<'i> for Said {
    fn validate(&self, _: &'i Value) -> Result<(), ValidationError<'i>> {
        Ok(())
    }

    fn is_valid(&self, _: &'i Value) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_of_integers_is_a_range_of_them() {
        let fits = |format: &str, value: Value| {
            with_formats(jsonschema::options()).build(&json!({ "format": format })).unwrap().is_valid(&value)
        };
        assert!(fits("int32", json!(2_147_483_647)) && !fits("int32", json!(2_147_483_648_i64)));
        assert!(fits("int32", json!(-2_147_483_648_i64)) && !fits("int32", json!(3e10)));
        assert!(fits("int64", json!(i64::MAX)) && !fits("int64", json!(u64::MAX)) && !fits("int64", json!(1e300)));
        assert!(fits("int32", json!("text")) && fits("int32", json!(1.5)));
        assert!(fits("date", json!("2024-02-29")) && !fits("date", json!("2023-02-29")) && fits("date", json!(1)));
        assert!(fits("byte", json!("\u{1}")) && fits("colour", json!("?")));
    }

    #[test]
    fn every_format_of_openapi_and_json_schema_is_known() {
        let all = "int32 int64 float double byte binary password date date-time duration uuid uri uri-reference iri iri-reference \
                   uri-template hostname idn-hostname ipv4 ipv6 email idn-email regex json-pointer relative-json-pointer time";
        assert_eq!(all.split_whitespace().filter(|format| !is_known(format)).collect::<Vec<_>>(), [""; 0]);
        assert!(!is_known("colour"));
    }
}
