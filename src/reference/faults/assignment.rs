//! Faults in which the request says what the service is to make.

use serde_json::Value;

use super::fault::Fault;
use crate::reference::reply::{AnswerContext, Reply};
use crate::reference::request::Request;
use crate::reference::route::{self, Route};

/// What the service makes.
const MADE: [&str; 6] = ["id", "status", "agency", "flavor", "created_time", "updated_time"];

pub(super) fn rows() -> Vec<Fault> {
    MADE.into_iter().flat_map(of_a_member).chain(of_several()).collect()
}

fn of_a_member(member: &'static str) -> Vec<Fault> {
    let fault = |id: &str, says: &str| {
        let id = format!("assigned-{}{id}", member.replace('_', "-"));
        Fault::new(id, "response.made-by-service", format!("{member} is taken from {says}"))
    };
    let mut rows = vec![fault("", "the body").created(move |r, m| assign(r, m, member))];
    if !matches!(member, "flavor" | "updated_time") {
        rows.push(fault("-in-the-query", "the query").created(move |r, m| {
            if let Some(value) = m.request.query_text(member) {
                r.put(member, value);
            }
        }));
    }
    rows
}

fn of_several() -> Vec<Fault> {
    let fault = |id: &str, says: &str| Fault::new(id, "response.made-by-service", says);
    vec![
        fault("assigned-all", "the answer is laid over the body").created(|r, m| {
            MADE.iter().for_each(|member| assign(r, m, member));
        }),
        fault("assigned-listed-status", "a listed status is taken from the body").created(|r, m| {
            if let Some("CREATED" | "CREATE_FAILED") = m.request.text("status").as_deref() {
                assign(r, m, "status");
            }
        }),
        fault("assigned-flavor-name", "the name of the flavor is taken from the body").created(|r, m| {
            if let Some(name) = m.request.members().get("flavor").and_then(|flavor| flavor.get("name")) {
                r.put_flavor("name", name.clone());
            }
        }),
        fault("assigned-created-time-in-rfc-3339", "a creation time as RFC 3339 has it is taken from the body")
            .created(|r, m| {
                if let Some(time) = m.request.text("created_time").filter(|time| time.ends_with('Z')) {
                    r.put("created_time", time);
                }
            }),
        fault("assigned-created-time-in-camel-case", "createdTime is taken from the body").created(|r, m| {
            if let Some(time) = m.request.text("createdTime") {
                r.put("created_time", time);
            }
        }),
        fault("assigned-concurrency", "a flavor in the body is laid over the one that is made").created(|r, m| {
            if let Some(concurrency) = m.request.members().get("flavor").and_then(|flavor| flavor.get("concurrency")) {
                r.put_flavor("concurrency", concurrency.clone());
            }
        }),
        fault("assigned-id-in-any-case", "the id is taken from the body, however its key is spelt").created(|r, m| {
            let members = m.request.members();
            if let Some((_, id)) = members.iter().find(|(key, _)| key.eq_ignore_ascii_case("id")) {
                r.put("id", id.clone());
            }
        }),
        fault("assigned-concurrency-type", "the listed concurrency_type of a flavor is taken from the body")
            .created(|r, m| assign_to_flavor(r, m, "concurrency_type")),
        fault("assigned-bandwidth-type", "the listed bandwidth_type of a flavor is taken from the body")
            .created(|r, m| assign_to_flavor(r, m, "bandwidth_type")),
        Fault::new("assigned-project", "name.unique-per-tenant", "a project_id in the body chooses the tenant")
            .route(|request| in_project(request, request.text("project_id"))),
        Fault::new("assigned-tenant", "name.unique-per-tenant", "a tenant_id in the body chooses the tenant")
            .route(|request| in_project(request, request.text("tenant_id"))),
        Fault::new("assigned-project-in-the-head", "name.unique-per-tenant", "X-Project-Id chooses the tenant")
            .route(|request| in_project(request, text_of(request.header("x-project-id")))),
        Fault::new("assigned-project-in-the-query", "name.unique-per-tenant", "the query chooses the tenant")
            .route(|request| in_project(request, request.query_text("project_id"))),
    ]
}

/// Takes a member of the answer from the body, where it has one.
fn assign(reply: &mut Reply, context: &AnswerContext<'_>, member: &str) {
    if let Some(value) = context.request.members().get(member).filter(|value| **value != Value::Null) {
        reply.put(member, value.clone());
    }
}

/// Takes a member of the flavor from the body, where it has a listed one.
fn assign_to_flavor(reply: &mut Reply, context: &AnswerContext<'_>, member: &str) {
    let members = context.request.members();
    let listed = members.get("flavor").and_then(|flavor| flavor.get(member)).and_then(Value::as_str);
    if let Some(kind @ ("shared" | "exclusive")) = listed {
        reply.put_flavor(member, kind);
    }
}

fn text_of(value: Option<&[u8]>) -> Option<String> {
    value.and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::to_owned)
}

fn in_project(request: &Request, other: Option<String>) -> Route {
    match (route::find(request), other) {
        (Route::Create { .. }, Some(project)) => Route::Create { project },
        (route, _) => route,
    }
}
