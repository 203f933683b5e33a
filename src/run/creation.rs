//! Whether a run would create anything: told from the methods of its requests, before the first is sent.

use super::plan::{Filters, called, test_cases};
use crate::http::is_safe;
use crate::suite::{Bindings, Scope, Suite, Text};

/// Whether a request with this method may create something.
pub(super) fn creates(method: &str) -> bool {
    !is_safe(method)
}

/// What would create something in a run of the selected cases: a lower-case fragment that names the first request whose
/// method isn't safe, or isn't known beforehand. None where every request is a GET, HEAD or OPTIONS.
pub fn creation(suite: &Suite, filters: &Filters, bindings: &Bindings, seed: u64) -> Option<String> {
    let scope = Scope::new(bindings, seed, &suite.name);
    // The valid requests of what is called are the controls.
    for operation in called(suite, filters) {
        if let Some(method) = unsafe_method(&operation.request.method, Some(&scope)) {
            return Some(match suite.operations.only() {
                Some(_) => format!("its valid request is {method}"),
                None => format!("the valid request of {} is {method}", operation.id()),
            });
        }
    }
    test_cases(suite, filters).find_map(|test_case| {
        let methods = test_case.case.steps.iter().filter_map(|step| step.overrides.method.as_ref());
        let mut scope = None;
        let found = methods.into_iter().find_map(|method| {
            if !method.is_literal() && scope.is_none() {
                scope = Scope::for_row(bindings, seed, &test_case.id, &test_case.row).ok();
            }
            unsafe_method(method, scope.as_ref())
        });
        found.map(|method| format!("a request of {} is {method}", test_case.id))
    })
}

/// The method with its article, where it may create something.
fn unsafe_method(method: &Text, scope: Option<&Scope>) -> Option<String> {
    let rendered = match scope {
        _ if method.is_literal() => Some(method.source().to_owned()),
        Some(scope) => method.text(scope).ok(),
        None => None,
    };
    match rendered {
        Some(method) => creates(&method).then(|| format!("a {method}")),
        None => Some("one whose method is known only while it runs".to_owned()),
    }
}
