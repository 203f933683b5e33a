//! Logging in: a run obtains the secrets that nobody gave, once and before anything else, and again when the target says that
//! one is good no more.
//!
//! All workers share one value. Whoever meets a refusal of it first renews it while the others wait.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::Mutex;

use super::backoff::{TRANSIENT, wait};
use super::stop::Stop;
use crate::http::{Answer, Client, Exchange, Request, Response};
use crate::suite::{Bindings, NamedValue, Obtain, RenderError, RequestPlan, Scope, Suite, TakenFrom, Text};

/// How often secrets are renewed in a run at most: where that isn't enough, nothing that follows would tell anything.
const MOST_RENEWALS: usize = 250;
/// How often a refusal that a case expects renews one: nearly always it is about something else.
const MOST_CHECKS: usize = 20;

/// Obtains the secrets of a suite that are to be obtained.
pub(super) struct Login {
    suite: Arc<Suite>,
    bindings: Bindings,
    seed: u64,
    base_url: String,
    /// How often a request that was answered "not now" is sent again.
    retries: usize,
    stop: Stop,
    /// Held by the one who is asking for a secret; why one could not be obtained, for those who come later.
    flight: Mutex<Option<LoginError>>,
    renewals: AtomicUsize,
    checks: AtomicUsize,
}

/// Why a secret could not be obtained: a lower-case fragment without any secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret {secret} could not be obtained: {why}")]
pub struct LoginError {
    /// Its name.
    pub secret: String,
    /// What it is asked for with.
    pub needs: Vec<String>,
    /// What came of it.
    why: String,
}

/// A value that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusedSecret {
    name: String,
    value: Arc<str>,
    /// Whether it is the one that counts.
    is_current: bool,
    /// Whether a case expects the refusal.
    pub(super) is_expected: bool,
}

impl RefusedSecret {
    /// Whether nobody has renewed it since.
    pub(super) fn is_current(&self) -> bool {
        self.is_current
    }

    /// Whether it was sent where and as a valid request has it. Where it wasn't, a refusal may be meant.
    pub(super) fn is_sent_as_in(&self, valid: &RequestPlan, request: &Request) -> bool {
        let names_it = |text: &Text| text.names().contains(&self.name);
        let has_it = |field: &&NamedValue| field.value.texts().into_iter().any(names_it);
        let mut headers = valid.headers.iter().filter(has_it).peekable();
        let mut cookies = valid.cookies.iter().filter(has_it).peekable();
        (headers.peek().is_some() || cookies.peek().is_some())
            && headers.all(|field| {
                let sent = request.header_values(&field.name).map(|value| value.trim_matches([' ', '\t']));
                sent.eq(field.value.texts().iter().map(|value| self.within(value.source())))
            })
            && cookies.all(|cookie| {
                let sent = request.header_values("cookie").flat_map(|value| value.split("; "));
                let sent = sent.filter_map(|pair| pair.split_once('=')).filter(|(name, _)| *name == cookie.name);
                sent.map(|(_, value)| value).eq(cookie.value.texts().iter().map(|value| self.within(value.source())))
            })
    }

    /// A template that is the secret with other text around it, with its value.
    fn within(&self, template: &str) -> String {
        let parts = template.split_once("{{").and_then(|(before, rest)| Some((before, rest.split_once("}}")?)));
        match parts {
            Some((before, (name, after))) if name.trim() == self.name => format!("{before}{}{after}", self.value),
            _ => template.to_owned(),
        }
    }
}

impl Login {
    /// For a suite at a target, with what is given of its secrets.
    pub(super) fn new(suite: Arc<Suite>, bindings: Bindings, seed: u64, base_url: &str) -> Self {
        let (bindings, base_url) = (bindings.at(base_url), base_url.to_owned());
        let (flight, renewals, checks) = (Mutex::default(), AtomicUsize::default(), AtomicUsize::default());
        Self { suite, bindings, seed, base_url, retries: 0, stop: Stop::default(), flight, renewals, checks }
    }

    /// The same, where a request that was answered "not now" is sent again, so often or until a stop is asked for.
    pub(super) fn with_retries(self, retries: usize, stop: Stop) -> Self {
        Self { retries, stop, ..self }
    }

    fn to_obtain(&self) -> impl Iterator<Item = (&str, &Obtain)> {
        let all =
            self.suite.secrets.iter().filter_map(|secret| Some((secret.name.as_str(), secret.obtain.as_deref()?)));
        all.filter(|(name, _)| self.bindings.obtained().has(name))
    }

    fn named(&self, name: &str) -> Option<(&str, &Obtain)> {
        self.to_obtain().find(|(other, _)| *other == name)
    }

    /// Those among them with which another one is asked for.
    fn obtained_for(&self, obtain: &Obtain) -> Vec<(&str, &Obtain)> {
        self.to_obtain().filter(|(name, _)| obtain.needs.iter().any(|needed| needed == name)).collect()
    }

    /// Obtains all of them, in the order of `suite.yaml`.
    ///
    /// # Errors
    /// The first that can't be obtained.
    pub(super) async fn log_in(&self, client: &Client) -> Result<(), LoginError> {
        let _flight = self.flight.lock().await;
        for (name, obtain) in self.to_obtain() {
            if self.bindings.obtained().value(name).is_none() {
                self.obtain(name, obtain, client).await?;
            }
        }
        Ok(())
    }

    /// The secret that an answer says is good no more; none where its request carried none, or another answer came.
    pub(super) fn refused(&self, exchange: &Exchange) -> Option<RefusedSecret> {
        if self.bindings.obtained().is_empty() {
            return None;
        }
        let status = exchange.answer.response()?.status;
        self.to_obtain().filter(|(_, obtain)| obtain.renew.contains(&status)).find_map(|(name, _)| {
            let values = self.bindings.obtained().values(name);
            let last = values.len().checked_sub(1)?;
            let carried = |(_, value): &(usize, &Arc<str>)| carries(&exchange.request, value);
            let (number, value) = values.iter().enumerate().rfind(carried)?;
            let (value, is_current) = (Arc::clone(value), number == last);
            Some(RefusedSecret { name: name.to_owned(), value, is_current, is_expected: false })
        })
    }

    /// Whether a refusal that a case expects still has a secret renewed that counts.
    pub(super) fn may_check(&self) -> bool {
        self.checks.load(Ordering::Relaxed) < MOST_CHECKS
    }

    /// Obtains a secret anew, unless somebody has done so since that value was sent. Once one can't be obtained, nobody asks
    /// again.
    ///
    /// # Errors
    /// It can't be obtained any more.
    pub(super) async fn renew(&self, refused: &RefusedSecret, client: &Client) -> Result<(), LoginError> {
        let mut failure = self.flight.lock().await;
        let is_current = self.bindings.obtained().value(&refused.name).as_deref() == Some(&*refused.value);
        let Some((name, obtain)) = self.named(&refused.name).filter(|_| is_current) else { return Ok(()) };
        if let Some(error) = &*failure {
            return Err(error.clone());
        }
        self.checks.fetch_add(usize::from(refused.is_expected), Ordering::Relaxed);
        let renewed = match self.renewals.fetch_add(1, Ordering::Relaxed) {
            MOST_RENEWALS.. => {
                let why = format!("it was renewed {MOST_RENEWALS} times in this run, and is refused again");
                Err(LoginError { secret: name.to_owned(), needs: obtain.needs.clone(), why })
            }
            _ => self.obtain_with(name, obtain, client).await,
        };
        *failure = renewed.as_ref().err().cloned();
        renewed
    }

    /// Obtains a secret, and anew those that it is asked for with where these are good no more.
    async fn obtain_with(&self, name: &str, obtain: &Obtain, client: &Client) -> Result<(), LoginError> {
        let obtained = self.obtain(name, obtain, client).await;
        let used = self.obtained_for(obtain);
        if obtained.is_ok() || used.is_empty() {
            return obtained;
        }
        for (other, how) in used {
            self.obtain(other, how, client).await?;
        }
        self.obtain(name, obtain, client).await
    }

    /// The same request with the values that count in the place of those that did.
    pub(super) fn refreshed<'r>(&self, request: &'r Request) -> Cow<'r, Request> {
        let mut refreshed = Cow::Borrowed(request);
        for (name, _) in self.to_obtain() {
            let mut values = self.bindings.obtained().values(name);
            let Some(current) = values.pop() else { continue };
            for old in values.iter().filter(|old| carries(request, old)) {
                replace(refreshed.to_mut(), old, &current);
            }
        }
        refreshed
    }

    async fn obtain(&self, name: &str, obtain: &Obtain, client: &Client) -> Result<(), LoginError> {
        let fails = |why: String| {
            let why = self.bindings.secrets().mask(&why).into_owned();
            LoginError { secret: name.to_owned(), needs: obtain.needs.clone(), why }
        };
        let scope = Scope::new(&self.bindings, self.seed, &format!("obtain {name}"));
        let unmade = |error: RenderError| fails(format!("its request can't be made: {error}"));
        let request = Arc::new(obtain.request(&scope, &self.base_url).map_err(unmade)?);
        let asked = format!("{} {}", request.method, crate::secret::without_credentials(&request.url));
        // The headers of every request are the target's alone.
        let client = if obtain.origin.is_some() { client.bare() } else { client.own() };
        let exchange = self.send(name, request, &client).await;
        let response = match &exchange.answer {
            Answer::Complete(response) if response.accepted() => response,
            Answer::Complete(response) => return Err(fails(format!("{asked} was answered {}", response.status))),
            Answer::Unusable { defect, .. } => return Err(fails(format!("{asked}: {}", defect.says()))),
            Answer::Unreachable { cause } => return Err(fails(format!("{asked} could not be sent: {cause}"))),
        };
        let Some(value) = obtain.take.text(response) else {
            let place = match &obtain.take {
                TakenFrom::Header(header) => format!("no header {header}, or several"),
                TakenFrom::Body(pointer) => format!("no text at /body{pointer}"),
            };
            return Err(fails(format!("the answer to {asked}, {}, has {place}", response.status)));
        };
        // Known as a secret before anything can send or show it.
        self.bindings.secrets().obtain(name, value.into()).map_err(|error| fails(error.to_string()))?;
        self.bindings.obtained().add(name, value);
        Ok(())
    }

    /// Sends the request for a secret; again, where retries are asked for and the answer may pass by itself.
    async fn send(&self, name: &str, request: Arc<Request>, client: &Client) -> Exchange {
        let mut made = 0;
        loop {
            let exchange = client.send(Arc::clone(&request)).await;
            let is_transient = |response: &&Response| TRANSIENT.contains(&response.status) && made < self.retries;
            let Some(response) = exchange.answer.response().filter(is_transient) else { return exchange };
            match wait(response, (self.seed, name), made) {
                Some(wait) if self.stop.sleep(wait).await => made += 1,
                _ => return exchange,
            }
        }
    }
}

/// Whether a request has this value, unchanged.
fn carries(request: &Request, value: &str) -> bool {
    let is_in = |text: &[u8]| words(text, value).next().is_some();
    request.headers.iter().any(|(_, field)| is_in(field.as_bytes()))
        || is_in(request.url.as_bytes())
        || request.body.as_ref().is_some_and(|body| is_in(body))
}

/// Where a value stands in a text by itself: what has more letters, digits or the like around it is another value.
fn words<'a>(text: &'a [u8], value: &'a str) -> impl Iterator<Item = usize> + use<'a> {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-._~+".contains(byte));
    memchr::memmem::find_iter(text, value.as_bytes()).filter(move |at| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        !is_part(before) && !is_part(text.get(at + value.len()))
    })
}

fn replace(request: &mut Request, old: &str, new: &str) {
    let replaced = |text: &[u8]| {
        let mut done = 0;
        let mut made = Vec::with_capacity(text.len());
        for at in words(text, old) {
            made.extend_from_slice(text.get(done..at).unwrap_or_default());
            made.extend_from_slice(new.as_bytes());
            done = at + old.len();
        }
        made.extend_from_slice(text.get(done..).unwrap_or_default());
        made
    };
    let text = |text: &str| String::from_utf8_lossy(&replaced(text.as_bytes())).into_owned();
    request.headers.iter_mut().for_each(|(_, value)| *value = text(value));
    request.url = text(&request.url);
    request.body = request.body.take().map(|body| Bytes::from(replaced(&body)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(header: &str) -> Request {
        Request {
            method: "POST".into(),
            url: "http://h/?key=old-token".into(),
            headers: vec![("X-Token".into(), header.into())],
            body: Some(Bytes::from_static(b"{\"token\":\"old-token\",\"other\":\"old-tokens\"}")),
            header_case: Default::default(),
            connection: Default::default(),
        }
    }

    #[test]
    fn a_request_carries_a_value_only_where_it_is_unchanged() {
        let only = |header: &str| Request { url: "http://h/".into(), body: None, ..request(header) };
        for header in ["tok en", "Bearer tok en", "tok en, other", "\"tok en\""] {
            assert!(carries(&only(header), "tok en"), "{header}");
        }
        for header in ["tok enx", "xtok en", "TOK EN", "tok e", "tok en-2", "tok en.", ""] {
            assert!(!carries(&only(header), "tok en"), "{header}");
        }
        assert!(carries(&request(""), "old-token"));
    }

    #[test]
    fn a_value_is_sent_as_in_the_valid_request_or_elsewhere() {
        let field = |name: &str, value: &str| NamedValue::of(name, Text::parse(value).unwrap());
        let valid = |headers| RequestPlan {
            method: Text::literal("GET"),
            path: crate::suite::PathPlan::Written(Text::literal("/")),
            query: Vec::new(),
            headers,
            cookies: Vec::new(),
            body: None,
            raw: None,
            encoding: Default::default(),
        };
        let secret =
            RefusedSecret { name: "token".into(), value: "tok en".into(), is_current: true, is_expected: false };
        let is_sent = |value: &str, header: &str| {
            secret.is_sent_as_in(&valid(vec![field("A", "a"), field("x-token", value)]), &request(header))
        };
        assert!(is_sent("{{ token }}", "tok en") && is_sent("Bearer {{token}}", "Bearer tok en"));
        assert!(!is_sent("{{ token }}", "Bearer tok en") && !is_sent("{{ token }}", "tok en, other"));
        assert!(!secret.is_sent_as_in(&valid(Vec::new()), &request("tok en")));
    }

    #[test]
    fn a_value_is_sent_as_a_cookie_of_the_valid_request_or_elsewhere() {
        let cookie = NamedValue::of("sid", Text::parse("{{ session }}").unwrap());
        let valid = RequestPlan {
            method: Text::literal("GET"),
            path: crate::suite::PathPlan::Written(Text::literal("/")),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: vec![cookie],
            body: None,
            raw: None,
            encoding: Default::default(),
        };
        let secret =
            RefusedSecret { name: "session".into(), value: "a+/b==".into(), is_current: true, is_expected: false };
        let is_sent = |cookies: &str| {
            let headers = vec![("Cookie".to_owned(), cookies.to_owned())];
            secret.is_sent_as_in(&valid, &Request { headers, ..request("") })
        };
        assert!(is_sent("sid=a+/b==") && is_sent("a=1; sid=a+/b==; b=2"));
        assert!(!is_sent("sid=a+/b") && !is_sent("sid=a+/b==; sid=other") && !is_sent("id=a+/b=="));
    }

    #[test]
    fn a_value_is_replaced_wherever_it_stands_unchanged_and_nowhere_else() {
        let mut request = request("Bearer old-token");
        replace(&mut request, "old-token", "new");
        assert_eq!(request.headers, [("X-Token".to_owned(), "Bearer new".to_owned())]);
        assert_eq!(request.url, "http://h/?key=new");
        assert_eq!(request.body.unwrap(), "{\"token\":\"new\",\"other\":\"old-tokens\"}");
    }
}
