//! What a clause is derived from, one row each: the end of its id, how much it binds, what it says, and what shows it.

use serde_json::Value;

use super::super::clause::{Level, Polarity};

/// What shows a derived clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sides {
    /// Of a request, a value just inside that is accepted and one just outside that is refused; of an answer, what came.
    Values,
    /// What comes of a request that has it.
    Request,
    /// What came.
    Answer,
    /// These.
    Exactly(&'static [Polarity]),
}

/// One thing that a document says and a clause stands for.
#[derive(Debug)]
pub(super) struct Row {
    /// The keyword of a schema; what is none has a space in its name.
    pub(super) keyword: &'static str,
    /// The last word of the id; empty where what is around it says all.
    pub(super) suffix: &'static str,
    pub(super) level: fn(&Value) -> Level,
    pub(super) sides: Sides,
    /// With `{what}` for what it is about and `{value}` for what the document has there.
    pub(super) says: &'static str,
}

const HOLD: Sides = Sides::Exactly(&[Polarity::Hold]);
const ACCEPT: Sides = Sides::Exactly(&[Polarity::Accept]);
const REFUSE: Sides = Sides::Exactly(&[Polarity::Refuse]);
const BOTH: Sides = Sides::Exactly(&[Polarity::Accept, Polarity::Refuse]);

const fn row(
    keyword: &'static str,
    suffix: &'static str,
    level: fn(&Value) -> Level,
    sides: Sides,
    says: &'static str,
) -> Row {
    Row { keyword, suffix, level, sides, says }
}

fn must(_: &Value) -> Level {
    Level::Must
}

fn should(_: &Value) -> Level {
    Level::Should
}

/// A number with so many binary digits behind the point is held as it is, whoever computes with it.
const BINARY_DIGITS: i32 = 10;

/// Few fractions are held by binary numbers, so how a number is divided by another one is a matter of the implementation.
fn must_of_binary(value: &Value) -> Level {
    let is_held = value.as_f64().is_some_and(|number| (number * 2_f64.powi(BINARY_DIGITS)).fract() == 0.0);
    if is_held { Level::Must } else { Level::Should }
}

/// All rows.
static ROWS: &[Row] = &[
    row("type", "type", must, Sides::Values, "{what} is {value}"),
    row("enum", "enum", must, Sides::Values, "{what} is one of {value}"),
    row("const", "const", must, Sides::Values, "{what} is {value}"),
    row("minLength", "min-length", must, Sides::Values, "{what} has {value} characters or more"),
    row("maxLength", "max-length", must, Sides::Values, "{what} has {value} characters or fewer"),
    row("pattern", "pattern", must, Sides::Values, "{what} matches {value}"),
    // An annotation in 2020-12, a hint in 3.0.
    row("format", "format", should, Sides::Values, "{what} has the format {value}"),
    row("minimum", "minimum", must, Sides::Values, "{what} is {value} or more"),
    row("maximum", "maximum", must, Sides::Values, "{what} is {value} or less"),
    row("exclusiveMinimum", "exclusive-minimum", must, Sides::Values, "{what} is more than {value}"),
    row("exclusiveMaximum", "exclusive-maximum", must, Sides::Values, "{what} is less than {value}"),
    row("multipleOf", "multiple-of", must_of_binary, Sides::Values, "{what} is a multiple of {value}"),
    row("minItems", "min-items", must, Sides::Values, "{what} has {value} items or more"),
    row("maxItems", "max-items", must, Sides::Values, "{what} has {value} items or fewer"),
    row("uniqueItems", "unique-items", must, Sides::Values, "{what} has no item twice"),
    row("contains", "contains", must, Sides::Values, "{what} has an item as documented"),
    row("minContains", "min-contains", must, Sides::Values, "{what} has {value} items as documented or more"),
    row("maxContains", "max-contains", must, Sides::Values, "{what} has {value} items as documented or fewer"),
    row("minProperties", "min-properties", must, Sides::Values, "{what} has {value} members or more"),
    row("maxProperties", "max-properties", must, Sides::Values, "{what} has {value} members or fewer"),
    row("propertyNames", "property-names", must, Sides::Values, "the names of the members of {what} are as documented"),
    row("dependentRequired", "dependent-required", must, Sides::Values, "{what} has the members that others need"),
    row("required", "required", must, Sides::Values, "{what} is there"),
    row("not", "not", must, Sides::Values, "{what} is not what the document excludes"),
    row("anyOf", "any-of", must, Sides::Values, "{what} fits one of the documented schemas"),
    row("oneOf", "one-of", must, Sides::Values, "{what} fits exactly one of the documented schemas"),
    row("unevaluatedItems", "unevaluated-items", must, Sides::Values, "{what} has no other items than documented"),
    row(
        "unevaluatedProperties",
        "unevaluated-properties",
        must,
        Sides::Values,
        "{what} has no other members than documented",
    ),
    row(
        "additionalProperties",
        "additional-properties",
        must,
        Sides::Values,
        "{what} has no other members than documented",
    ),
    row("items", "items", must, Sides::Values, "{what} has no other items than documented"),
    row("no schema", "never", must, Sides::Values, "{what} is never there"),
    row("readOnly", "read-only", must, Sides::Request, "{what} is not taken from a request"),
    row("writeOnly", "write-only", must, Sides::Answer, "{what} is in no answer"),
    row("default", "default", should, Sides::Request, "{what} is {value} where a request leaves it out"),
    row("a documented status", "status", must, HOLD, "{what} is answered with a documented status: {value}"),
    row("an answer", "answer", must, HOLD, "every request of {what} gets one complete answer, as HTTP has it"),
    row("no 5xx", "no-server-error", must, HOLD, "no request makes {what} fail with a 5xx"),
    row("security", "security", must, BOTH, "{what} takes its documented credentials, and refuses a request without"),
    row("other methods", "methods", should, REFUSE, "{what} refuses other methods than {value}"),
    row("a response", "", must, HOLD, "{what} is {value}"),
    row("a response without a body", "", must, HOLD, "{what} is documented"),
    row("a body of an answer", "", must, HOLD, "{what} that is {value} has the documented body"),
    row("a body of a request", "", must, ACCEPT, "{what} may be {value}"),
    row("a parameter", "", must, ACCEPT, "{what} is taken"),
    row("a header", "", must, HOLD, "{what} is there once at most"),
];

/// Keywords that say something to readers and nothing to a validator, and that a clause is derived from all the same.
pub(super) const ANNOTATIONS: &[&str] = &["readOnly", "writeOnly", "default"];

/// The row of a keyword.
pub(super) fn row_of(keyword: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.keyword == keyword)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::super::keywords::{KEYWORDS, Keyword};
    use super::*;

    #[test]
    fn every_keyword_that_judges_values_has_a_row() {
        for (name, keyword) in KEYWORDS {
            if matches!(keyword, Keyword::Assertion | Keyword::Required | Keyword::Whole(_)) {
                assert!(row_of(name).is_some(), "{name}");
            }
        }
        assert_eq!(ROWS.iter().map(|row| row.keyword).collect::<BTreeSet<_>>().len(), ROWS.len());
    }
}
