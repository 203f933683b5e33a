//! Which operation a request means.

use axum::http::Method;

use super::request::Request;

/// An operation, or what there is none of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// The operation that this server is about.
    Create { project: String },
    /// Connections of a project, by name where the query says one.
    List { project: String },
    /// One connection.
    Read { project: String, id: String },
    /// The end of one connection.
    Delete { project: String, id: String },
    /// The path is known and takes only these methods.
    OtherMethod { allow: &'static str },
    /// The path is not known.
    Unknown,
}

/// Finds the operation.
pub(super) fn find(request: &Request) -> Route {
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    match *segments.as_slice() {
        ["v1", project, "connections"] if !project.is_empty() => collection(&request.method, project.to_owned()),
        ["v1", project, "connections", id] if !project.is_empty() && !id.is_empty() => {
            single(&request.method, project.to_owned(), id.to_owned())
        }
        _ => Route::Unknown,
    }
}

fn collection(method: &Method, project: String) -> Route {
    match *method {
        Method::POST => Route::Create { project },
        Method::GET => Route::List { project },
        _ => Route::OtherMethod { allow: "GET, POST" },
    }
}

fn single(method: &Method, project: String, id: String) -> Route {
    match *method {
        Method::GET => Route::Read { project, id },
        Method::DELETE => Route::Delete { project, id },
        _ => Route::OtherMethod { allow: "GET, DELETE" },
    }
}
