//! How a suite asks for a secret that a run obtains by itself.

use super::error::RenderError;
use super::render::render_request;
use super::request::{Override, RequestPlan};
use super::scope::Scope;
use crate::http::{Request, Response};
use crate::pointer::Pointer;

/// How a secret is obtained.
#[derive(Debug, Clone)]
pub struct Obtain {
    /// What is sent.
    pub request: RequestPlan,
    /// The variable that holds the origin to which it is sent, and perhaps a path; none where that is the target. A suite
    /// has no value for it.
    pub origin: Option<String>,
    /// Where in the answer the secret is.
    pub take: TakenFrom,
    /// The statuses by which the target says that it is good no more.
    pub renew: Vec<u16>,
    /// The variables and secrets without which it can't be asked for.
    pub needs: Vec<String>,
}

/// A place in an answer.
#[derive(Debug, Clone)]
pub enum TakenFrom {
    /// The value of the header of this name.
    Header(String),
    /// A text within the body.
    Body(Pointer),
}

impl Obtain {
    /// The request, to the target at this base URL or to where its variable says.
    ///
    /// # Errors
    /// As [`render_request`].
    pub fn request(&self, scope: &Scope, base_url: &str) -> Result<Request, RenderError> {
        let origin = self.origin.as_deref().and_then(|name| scope.named(name)).map(|value| value.to_string());
        let base_url = origin.as_deref().unwrap_or(base_url);
        render_request(&self.request, &Override::default(), scope, base_url)
    }
}

impl TakenFrom {
    /// The text that is there; none where there is none, or several.
    pub fn text<'r>(&self, response: &'r Response) -> Option<&'r str> {
        match self {
            Self::Header(name) => {
                let mut values = response.all(name);
                values.next().filter(|value| !value.is_empty() && values.next().is_none())
            }
            Self::Body(pointer) => pointer.get(response.json().ok()?)?.as_str(),
        }
    }
}
