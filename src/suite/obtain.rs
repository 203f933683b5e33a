//! How a suite asks for a secret that a run obtains by itself.

use super::error::RenderError;
use super::render::render_request;
use super::request::{Override, RequestPlan};
use super::scope::Scope;
use super::taken::TakenFrom;
use crate::http::Request;

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
