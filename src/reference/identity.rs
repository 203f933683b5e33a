//! The identity service beside the connections: it gives a token for a user's name, password and domain, in the header
//! `X-Subject-Token`. A token is good for a day, or for so many requests.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::reply::Reply;
use super::request::Request;
use super::stamp;

/// The only path of the service.
const PATH: &str = "/v3/auth/tokens";
/// The one who may log in.
const USER: &str = "reference-user";
/// The password of the user.
const PASSWORD: &str = "reference-password";
/// The domain of the user.
const DOMAIN: &str = "reference-domain";
/// How many seconds a token is good.
const SECONDS: i64 = 24 * 60 * 60;

/// The tokens that were given out.
#[derive(Debug)]
pub(super) struct Identity {
    /// For how many requests a token is good; 0 for any number.
    uses: usize,
    tokens: Mutex<HashMap<Vec<u8>, Lease>>,
    logins: AtomicUsize,
}

#[derive(Debug)]
struct Lease {
    until: Timestamp,
    used: usize,
}

impl Identity {
    /// A service whose tokens are good for so many requests; 0 for any number.
    pub fn new(uses: usize) -> Self {
        Self { uses, tokens: Mutex::default(), logins: AtomicUsize::new(0) }
    }

    /// How many tokens were asked for.
    pub fn logins(&self) -> usize {
        self.logins.load(Ordering::SeqCst)
    }

    /// Answers a request for a token; none where it is for another service.
    pub fn answer(&self, request: &Request) -> Option<Reply> {
        if request.path != PATH {
            return None;
        }
        let now = stamp::now();
        let reply = |status, json| Reply::new(status, json, &stamp::request_id(now));
        if request.method != Method::POST {
            let mut refused = reply(405, error(405, "The method is not allowed"));
            refused.set("Allow", "POST");
            return Some(refused);
        }
        self.logins.fetch_add(1, Ordering::SeqCst);
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body.pointer(&format!("/auth/identity/password/user/{name}")).and_then(Value::as_str);
        let (Some(user), Some(password), Some(domain)) = (text("name"), text("password"), text("domain/name")) else {
            return Some(reply(400, error(400, "The request body is invalid")));
        };
        let is_by_password = body.pointer("/auth/identity/methods") == Some(&json!(["password"]));
        if !is_by_password || (user, password, domain) != (USER, PASSWORD, DOMAIN) {
            return Some(reply(401, error(401, "The username or password is wrong")));
        }
        let until = stamp::later(now, SECONDS);
        let token = format!("{}{}", stamp::uuid(), stamp::uuid()).replace('-', "");
        let mut given = reply(201, json!({ "token": { "expires_at": until.to_string(), "methods": ["password"] } }));
        given.set("X-Subject-Token", &token);
        self.leases().insert(token.into_bytes(), Lease { until, used: 0 });
        Some(given)
    }

    /// Whether a token was given out here and is still good. Counts a use of it.
    pub fn admits(&self, token: &[u8]) -> bool {
        let mut tokens = self.leases();
        let Some(lease) = tokens.get_mut(token) else { return false };
        lease.used += 1;
        let is_good = lease.until > stamp::now() && (self.uses == 0 || lease.used <= self.uses);
        if !is_good {
            tokens.remove(token);
        }
        is_good
    }

    fn leases(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<u8>, Lease>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn error(code: u16, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}
