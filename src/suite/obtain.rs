//! Secrets that a run obtains by itself: how a suite asks for one, and the values that were given out for it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

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

/// The values of the secrets that a run obtains, by name: every one that there was, the one that counts last.
#[derive(Default)]
pub struct Obtained(RwLock<BTreeMap<String, Vec<Arc<str>>>>);

impl Obtained {
    /// Takes in a value for a secret. It has to be masked by then.
    pub fn add(&self, name: &str, value: &str) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let values = all.entry(name.to_owned()).or_default();
        values.retain(|other| **other != *value);
        values.push(value.into());
    }

    /// The value of a secret that counts.
    pub fn value(&self, name: &str) -> Option<Arc<str>> {
        self.values(name).pop()
    }

    /// Every value that a secret had, the one that counts last.
    pub fn values(&self, name: &str) -> Vec<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }

    /// Notes that a secret will have a value.
    pub(super) fn expect(&self, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default();
    }

    /// Whether it has a value, or will have one.
    pub fn has(&self, name: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }

    /// Whether nothing is obtained.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
