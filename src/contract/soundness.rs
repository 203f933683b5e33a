//! Whether the schemas of a document are sound: held against the metaschema of JSON Schema 2020-12, each pattern
//! compiled, each format known. Says where what is wrong; what is found here would else be one error without a place.

use std::collections::BTreeMap;

use jsonschema::{Draft, draft202012};
use serde_json::{Map, Value, json};

use super::body_schema::options;
use super::fault::Fault;
use super::fragment;
use super::survey::Survey;
use crate::pointer;

const UNUSABLE: &str = "this pattern can't be used";
const USABLE: &str = "write a regular expression without look-around and back-references, and not a huge one";

/// What is wrong with the schemas that were surveyed, at most one fault a place.
pub(super) fn faults(document: &Value, survey: &Survey, roots: &[String]) -> Vec<Fault> {
    let mut faults = BTreeMap::new();
    for root in roots {
        let Some(schema) = document.pointer(root) else { continue };
        for error in draft202012::meta::validator().iter_errors(schema) {
            let at = format!("{root}{}", error.instance_path().as_str());
            let (expected, observed) = (fragment::expected(error.kind()), fragment::observed(error.instance()));
            let message = format!("JSON Schema 2020-12 has {expected} here, not {observed}");
            faults.entry(at.clone()).or_insert_with(|| Fault::at_value(at, message));
        }
    }
    for at in survey.schemas.keys() {
        let Some(fields) = document.pointer(at).and_then(Value::as_object) else { continue };
        for fault in texts(at, fields) {
            faults.entry(fault.pointer.clone()).or_insert(fault);
        }
    }
    faults.into_values().collect()
}

/// What is wrong with the patterns and the format of one schema.
fn texts(at: &str, fields: &Map<String, Value>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Some(pattern) = fields.get("pattern").and_then(Value::as_str)
        && !can_be_used(pattern)
    {
        faults.push(Fault::at_value(pointer::join(at, "pattern"), UNUSABLE).hint(USABLE));
    }
    if let Some(patterns) = fields.get("patternProperties").and_then(Value::as_object) {
        let here = pointer::join(at, "patternProperties");
        for pattern in patterns.keys().filter(|pattern| !can_be_used(pattern)) {
            faults.push(Fault::at_key(pointer::join(&here, pattern), UNUSABLE).hint(USABLE));
        }
    }
    if let Some(format) = fields.get("format").and_then(Value::as_str)
        && !options().is_known_format(Draft::Draft202012, format)
    {
        let fault = Fault::at_value(pointer::join(at, "format"), format!("the format `{format}` is not known"));
        faults.push(fault.hint("say what it means with `pattern`"));
    }
    faults
}

fn can_be_used(pattern: &str) -> bool {
    options().build(&json!({ "pattern": pattern })).is_ok()
}
