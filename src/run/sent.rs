//! A line for each request of a case, for whoever wants to see them as they go.

use std::sync::Arc;

use super::context::Context;
use crate::http::{Answer, Exchange};
use crate::suite::below;
use crate::verdict::UNREACHABLE;

/// How many characters of method and path are shown.
const ASKED: usize = 160;

/// The lines, masked; none where nobody wants to see them.
pub(super) fn lines<'e>(
    context: &Context,
    case: &str,
    exchanges: impl Iterator<Item = &'e Arc<Exchange>>,
) -> Vec<String> {
    match context.options.trace {
        Some(_) => exchanges.map(|exchange| line(context, case, exchange)).collect(),
        None => Vec::new(),
    }
}

/// Method, path, status, time and case.
fn line(context: &Context, case: &str, exchange: &Exchange) -> String {
    let secrets = &context.options.secrets;
    let request = &exchange.request;
    let asked = format!("{} {}", request.method, below(&context.options.base_url, &request.url));
    let asked = secrets.mask(&asked).short(ASKED).into_owned();
    let answered = match &exchange.answer {
        Answer::Complete(response) => response.status.to_string(),
        Answer::Unusable { defect, .. } => defect.says().to_owned(),
        Answer::Unreachable { .. } => UNREACHABLE.to_owned(),
    };
    let twice = if exchange.resent { ", sent twice" } else { "" };
    let (case, milliseconds) = (secrets.mask(case).into_owned(), exchange.elapsed.as_millis());
    format!("{asked}  {answered}{twice}  {milliseconds} ms  {case}")
}
