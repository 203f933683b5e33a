//! Faults in finding the operation.

use axum::http::Method;
use serde_json::{Value, json};

use super::fault::Fault;
use super::leniency::imagined;
use crate::reference::cause::Cause;
use crate::reference::reply::Framing;
use crate::reference::request::Request;
use crate::reference::route::{self, Route};

pub(super) fn rows() -> Vec<Fault> {
    vec![
        Fault::new("route-other-version", "route.path", "any version in the path creates").route(|request| {
            creating(request, |path| matches!(path, [version, _, "connections"] if version.starts_with('v')))
        }),
        Fault::new("route-below", "route.path", "paths below that of the operation create too")
            .route(|request| creating(request, |path| matches!(path, ["v1", _, "connections", _, ..]))),
        Fault::new("route-beginning", "route.path", "paths that merely begin like that of the operation create too")
            .route(|request| {
                creating(request, |path| matches!(path, ["v1", _, last] if last.starts_with("connections")))
            }),
        Fault::new("route-singular", "route.path", "the singular of the path creates too")
            .route(|request| creating(request, |path| matches!(path, ["v1", _, "connection"]))),
        Fault::new("route-without-version", "route.path", "the path without its version creates too")
            .route(|request| creating(request, |path| matches!(path, [_, "connections"]))),
        Fault::new("route-prefix", "route.path", "the path behind a prefix creates too")
            .route(|request| creating(request, |path| matches!(path, [_, "v1", _, "connections"]))),
        Fault::new("route-minor-version", "route.path", "a minor version in the path creates too")
            .route(|request| creating(request, |path| matches!(path, ["v1.0", _, "connections"]))),
        Fault::new("route-two-projects", "route.path", "two projects in the path are as good as one")
            .route(|request| creating(request, |path| matches!(path, ["v1", _, _, "connections"]))),
        Fault::new("route-end-only", "route.path", "any path that ends like that of the operation creates")
            .route(|request| creating(request, |path| path.last() == Some(&"connections"))),
        Fault::new("route-unknown-400", "route.path", "an unknown path is answered 400")
            .answers(Cause::UnknownPath, 400),
        Fault::new("route-unknown-401", "route.path", "an unknown path is answered 401 even with a valid token")
            .answers(Cause::UnknownPath, 401),
        Fault::new("route-unknown-200", "route.path", "an unknown path is answered 200 with an empty object")
            .refused_for(Cause::UnknownPath, |r, _| {
                r.status = 200;
                r.json = json!({});
            }),
        Fault::new("route-unknown-500", "status.no-server-error", "an unknown path is answered 500")
            .answers(Cause::UnknownPath, 500),
        Fault::new("route-unknown-403", "route.path", "an unknown path is answered 403 with a code of the service's")
            .answers(Cause::UnknownPath, 403),
        Fault::new("route-unknown-302", "route.path", "an unknown path is redirected to the known one").refused_for(
            Cause::UnknownPath,
            |r, _| {
                r.status = 302;
                r.json = Value::Null;
                r.set("Location", "/v1/project-a/connections");
            },
        ),
        Fault::new("method-put-creates", "route.post-only", "PUT creates")
            .route(|request| with_method(request, &Method::PUT)),
        Fault::new("method-patch-creates", "route.post-only", "PATCH creates")
            .route(|request| with_method(request, &Method::PATCH)),
        Fault::new("method-put-500", "status.no-server-error", "PUT is answered 500")
            .refused_if(|m| m.is_status(405) && m.request.method == Method::PUT, |r, _| r.refuse_as(500)),
        Fault::new("method-other-500", "status.no-server-error", "every other method is answered 500")
            .refused_with(405, |r, _| r.refuse_as(500)),
        Fault::new("method-patch-501", "status.no-server-error", "PATCH is answered 501")
            .refused_if(|m| m.is_status(405) && m.request.method == Method::PATCH, |r, _| r.refuse_as(501)),
        Fault::new("method-put-shows-a-connection", "route.post-only", "PUT is answered as if it had created")
            .refused_if(
                |m| m.is_status(405) && m.request.method == Method::PUT,
                |r, m| {
                    r.status = 200;
                    r.json = imagined(m);
                },
            ),
        Fault::new("method-options-500", "status.no-server-error", "OPTIONS is answered 500")
            .refused_if(|m| m.request.method == Method::OPTIONS, |r, _| r.refuse_as(500)),
        Fault::new("method-head-500", "status.no-server-error", "HEAD is answered 500")
            .refused_if(|m| m.request.method == Method::HEAD, |r, _| r.refuse_as(500)),
        Fault::new("method-options-creates", "route.post-only", "OPTIONS creates")
            .route(|request| with_method(request, &Method::OPTIONS)),
        Fault::new("method-copy-creates", "route.post-only", "COPY creates")
            .route(|request| as_post(request, request.method.as_str() == "COPY")),
        Fault::new("method-link-creates", "route.post-only", "LINK creates")
            .route(|request| as_post(request, request.method.as_str() == "LINK")),
        Fault::new("method-query-creates", "route.post-only", "QUERY creates")
            .route(|request| as_post(request, request.method.as_str() == "QUERY")),
        Fault::new("method-get-in-a-short-header", "route.post-only", "GET with X-HTTP-Method: POST creates")
            .route(|request| as_post(request, request.header("x-http-method").is_some_and(|value| value == b"POST"))),
        Fault::new("method-unknown-creates", "route.post-only", "every method that begins like POST creates")
            .route(|request| as_post(request, request.method.as_str().starts_with("POST"))),
        Fault::new("method-unknown-500", "status.no-server-error", "a method that nobody knows is answered 500")
            .refused_if(|m| m.is_status(405) && m.request.method.as_str() == "FROB", |r, _| r.refuse_as(500)),
        Fault::new("method-small-letters-500", "status.no-server-error", "the method `post` is answered 500")
            .refused_if(|m| m.request.method.as_str() == "post", |r, _| r.refuse_as(500)),
        Fault::new("method-overridden", "route.post-only", "X-HTTP-Method-Override makes any method a POST")
            .route(|request| as_post(request, request.header("x-http-method-override") == Some(b"POST"))),
        Fault::new("method-overridden-otherwise", "route.post-only", "X-Method-Override makes any method a POST")
            .route(|request| as_post(request, request.header("x-method-override") == Some(b"POST"))),
        Fault::new("method-overridden-in-the-query", "route.post-only", "_method in the query makes any method a POST")
            .route(|request| as_post(request, request.query_text("_method").as_deref() == Some("POST"))),
        Fault::new("method-delete-500", "status.no-server-error", "DELETE on the collection is answered 500")
            .refused_if(|m| m.is_status(405) && m.request.method == Method::DELETE, |r, _| r.refuse_as(500)),
        Fault::new("method-delete-all", "route.post-only", "DELETE on the collection is answered 200").refused_if(
            |m| m.is_status(405) && m.request.method == Method::DELETE,
            |r, _| {
                r.refuse_as(200);
                r.json = json!({});
            },
        ),
        Fault::new("project-encoded-500", "status.no-server-error", "a percent sign in a path is answered 500")
            .gate(|request, _| crash_if(request.path.contains('%'))),
        Fault::new(
            "project-wrongly-encoded-500",
            "status.no-server-error",
            "a path that can't be decoded is answered 500",
        )
        .gate(|request, _| crash_if(request.path.contains("%zz") || request.path.contains("%2/"))),
        Fault::new("project-no-utf-8-500", "status.no-server-error", "a path that is no UTF-8 is answered 500")
            .gate(|request, _| crash_if(request.path.contains("%FF"))),
        Fault::new("project-nul-500", "status.no-server-error", "a NUL in a path is answered 500")
            .gate(|request, _| crash_if(request.path.contains("%00"))),
        Fault::new("project-long-500", "status.no-server-error", "a path of more than 1000 characters is answered 500")
            .gate(|request, _| crash_if(request.path.len() > 1000)),
        Fault::new("project-long-silence", "transport.answer", "a path of more than 1900 characters is not answered")
            .raw()
            .created_if(|m| m.request.path.len() > 1900, |r, _| r.framing = Framing::Silence),
        Fault::new("route-word-below", "route.path", "a word that creates may stand below the path")
            .route(|request| creating(request, |path| matches!(path, ["v1", _, "connections", "create" | "new"]))),
        Fault::new("method-merge-creates", "route.post-only", "MERGE creates")
            .route(|request| as_post(request, request.method.as_str() == "MERGE")),
        Fault::new("method-report-creates", "route.post-only", "REPORT creates")
            .route(|request| as_post(request, request.method.as_str() == "REPORT")),
    ]
}

/// The correct route, or a creation where the path's segments fit as well.
fn creating(request: &Request, fits: fn(&[&str]) -> bool) -> Route {
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    match route::find(request) {
        Route::Unknown | Route::OtherMethod { .. } if request.method == Method::POST && fits(&segments) => {
            let project = segments.get(1).copied().unwrap_or_default();
            Route::Create { project: project.to_owned() }
        }
        route => route,
    }
}

/// The correct route, or a creation where this method was used.
fn with_method(request: &Request, method: &Method) -> Route {
    let posted = Request { method: Method::POST, path: request.path.clone(), ..Request::default() };
    if request.method == *method && matches!(route::find(&posted), Route::Create { .. }) {
        route::find(&posted)
    } else {
        route::find(request)
    }
}

/// The correct route, or a creation where another method counts as POST.
fn as_post(request: &Request, applies: bool) -> Route {
    if applies { with_method(request, &request.method) } else { route::find(request) }
}

fn crash_if(applies: bool) -> Result<(), Cause> {
    if applies { Err(Cause::Crash) } else { Ok(()) }
}
