//! Whether generated values are to blame for a refusal: a target that refuses every name with a z in it refuses a request by
//! what happened to be drawn for it, whatever its case is about.
//!
//! A member's value is to blame where a request that is accepted otherwise is refused with the same characters in it. They
//! are put in another order, so that it is another text, which can't be taken already; the first and the last stay.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::members::{fresh_members, object};
use super::retry::Retries;
use crate::contract::{BodySchema, ClauseId};
use crate::http::{Exchange, Request};
use crate::run::context::Context;
use crate::suite::{Override, RenderError};

/// How many members of a body are looked at.
const MEMBERS: usize = 4;
/// How often a request with the characters in it has to be refused.
const REFUSALS: usize = 2;

/// How often a valid request with other values is sent at most until one is accepted.
pub(in crate::run) const DRAWS: usize = 12;

/// Whether a refusal with this status may be about a value of the body.
pub(in crate::run) fn may_be_of_values(status: u16) -> bool {
    matches!(status, 400 | 409 | 422)
}

/// A member of a body whose generated value is to blame.
pub(in crate::run) struct RefusedValue {
    /// The member's name.
    pub(in crate::run) member: String,
    /// The clause that says which characters it may have.
    pub(in crate::run) clause: ClauseId,
}

impl RefusedValue {
    /// What is observed besides the status.
    pub(in crate::run) fn says(&self) -> String {
        format!("as every request is whose {} has these characters", self.member)
    }
}

/// A request that was accepted, and one that was refused.
#[derive(Clone, Copy)]
pub(in crate::run) struct RequestPair<'a> {
    pub(in crate::run) accepted: &'a Request,
    pub(in crate::run) refused: &'a Request,
}

/// The same request with its fresh values reordered: one that the target has not seen, and with nothing in it that the other
/// didn't have. None where it has no such values.
pub(super) fn reordered_request(context: &Context, request: &Request) -> Option<Request> {
    let mut body = object(request)?;
    let mut is_another = false;
    for member in fresh_members(context, context.asked(request), &Override::default()) {
        let Some(text) = body.get(&member).and_then(Value::as_str) else { continue };
        let reordered = reordered(text);
        is_another |= reordered != text;
        body.insert(member, reordered.into());
    }
    let body = serde_json::to_vec(&body).ok().filter(|_| is_another)?;
    Some(Request { body: Some(body.into()), ..request.clone() })
}

/// Finds out which of these members of a refused request is to blame, beside a request that was accepted.
///
/// # Errors
/// The ledger can't be written.
pub(in crate::run) async fn refused_value(
    context: &Context,
    case: &str,
    pair: RequestPair<'_>,
    members: &[String],
    retries: &mut Retries<'_>,
    exchanges: &mut Vec<Arc<Exchange>>,
) -> Result<Option<RefusedValue>, RenderError> {
    let (Some(schema), Some(good), Some(bad)) =
        (&context.asked(pair.accepted).documented.request, object(pair.accepted), object(pair.refused))
    else {
        return Ok(None);
    };
    let mut another = good;
    for member in members {
        if let Some(text) = another.get(member).and_then(Value::as_str).map(reordered) {
            another.insert(member.clone(), text.into());
        }
    }
    for member in members.iter().take(MEMBERS) {
        let Some(text) = bad.get(member).and_then(Value::as_str) else { continue };
        let (sent, text) = (text, reordered(text));
        if text == sent {
            continue;
        }
        let mut body = another.clone();
        body.insert(member.clone(), text.clone().into());
        let Some(clause) = characters_clause(context, schema, &body, member) else { continue };
        if !schema.is_valid(&Value::Object(body.clone())) {
            continue;
        }
        let body = serde_json::to_vec(&body).map_err(|error| RenderError::Unsendable(error.to_string()))?;
        let request = Request { body: Some(body.into()), ..pair.accepted.clone() };
        let mut refusals = 0;
        while refusals < REFUSALS {
            let exchange = retries.send(case, &request).await?;
            let refused = exchange.answer.response().is_some_and(|response| (400..429).contains(&response.status));
            exchanges.push(exchange.judged());
            if !refused {
                break;
            }
            refusals += 1;
        }
        if refusals == REFUSALS {
            return Ok(Some(RefusedValue { member: member.clone(), clause }));
        }
    }
    Ok(None)
}

/// The same characters in another order, but for the first and the last.
fn reordered(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let [_, inner @ .., _] = characters.as_mut_slice() {
        inner.reverse();
    }
    characters.into_iter().collect()
}

/// The clause that a member breaks with a character that no text has.
fn characters_clause(
    context: &Context,
    schema: &BodySchema,
    body: &Map<String, Value>,
    member: &str,
) -> Option<ClauseId> {
    let mut text: String = body.get(member)?.as_str()?.to_owned();
    text.pop()?;
    text.push('\u{7f}');
    let mut broken = body.clone();
    broken.insert(member.to_owned(), text.into());
    let place = format!("/{}", member.replace('~', "~0").replace('/', "~1"));
    let violations = schema.violations(&Value::Object(broken), &context.options.secrets);
    violations.into_iter().find(|violation| violation.place == place).map(|violation| violation.clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_another_order_keeps_its_characters_and_its_ends() {
        assert_eq!(["abcde", "ab", "a", "", "äöüß"].map(reordered), ["adcbe", "ab", "a", "", "äüöß"]);
    }
}
