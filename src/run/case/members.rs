//! The members of requests' bodies, as far as these are JSON objects.

use serde_json::{Map, Value};

use crate::http::{Request, parse_strictly};
use crate::run::context::Context;
use crate::suite::{Override, Scope, SuiteOperation, Tree};

/// The object that a request's body is, if it is one.
pub(super) fn object(request: &Request) -> Option<Map<String, Value>> {
    match parse_strictly(request.body.as_deref()?) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// The members that both have, with different values.
pub(super) fn different_members(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let differs = |(name, value): &(&String, &Value)| other.get(*name).is_some_and(|other| other != *value);
    one.iter().filter(differs).map(|(name, _)| name.clone()).collect()
}

/// The members of the body of an operation's valid request that are fresh in every one, but for those that these overrides replace.
pub(in crate::run) fn fresh_members(
    context: &Context,
    operation: &SuiteOperation,
    overrides: &Override,
) -> Vec<String> {
    let valid = |id: &str| {
        let scope = Scope::new(&context.bindings, context.options.seed, id);
        object(&context.request(operation, &Override::default(), &scope).ok()?)
    };
    let (Some(one), Some(other)) = (valid("fresh-1"), valid("fresh-2")) else { return Vec::new() };
    let mut members = different_members(&one, &other);
    members.retain(|member| match &overrides.body {
        Some(Tree::Object(fields)) => fields.iter().all(|(name, _)| name != member),
        body => body.is_none(),
    });
    members
}
