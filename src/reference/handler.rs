//! From a request to its answer: asks the hooks in order. Knows nothing of sockets.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::behaviour::{Behaviour, Concurrency};
use super::cause::Cause;
use super::field::Field;
use super::identity::Identity;
use super::reply::{AnswerContext, Framing, Reply, connection_json};
use super::request::{ConnectionHistory, Request, Session};
use super::route::Route;
use super::stamp;
use super::store::{Connection, Store};
use super::token::TokenHolder;

/// How long requests are held so that those of the same moment meet, where a fault wants them to.
const OVERLAP: Duration = Duration::from_millis(10);

/// What came of a request that was not refused.
enum Outcome {
    Created(Connection),
    Read(Connection),
    Listed(Vec<Connection>),
    Deleted,
}

/// One server's state.
pub(super) struct Handler {
    behaviour: Behaviour,
    identity: Identity,
    store: Store,
    requests: AtomicUsize,
    accepted: AtomicUsize,
    refused: AtomicUsize,
    in_flight: Mutex<Vec<String>>,
    latest_id: Mutex<String>,
    swap_offer: Mutex<Option<SwapOffer>>,
    /// When requests came in that still count.
    recent: Mutex<VecDeque<Instant>>,
    /// Held from counting the connections to adding one.
    counting: Mutex<()>,
}

/// An answer that waits for another one to change places with.
struct SwapOffer {
    number: usize,
    reply: Reply,
    give: oneshot::Sender<Reply>,
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("requests", &self.requests).finish_non_exhaustive()
    }
}

/// A creation as long as it is under way, also when it is given up.
struct InFlight<'a> {
    names: &'a Mutex<Vec<String>>,
    name: String,
    /// Whether others were under way when it began.
    overlaps: bool,
    /// Whether one of those had the same name.
    collides: bool,
}

impl<'a> InFlight<'a> {
    fn begin(names: &'a Mutex<Vec<String>>, name: &str) -> Self {
        let mut held = names.lock().unwrap_or_else(PoisonError::into_inner);
        let (overlaps, collides) = (!held.is_empty(), held.iter().any(|other| other == name));
        held.push(name.to_owned());
        Self { names, name: name.to_owned(), overlaps, collides }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut held = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = held.iter().position(|name| *name == self.name) {
            held.swap_remove(place);
        }
    }
}

impl Handler {
    /// A server whose identity service gives tokens that are good for so many requests.
    pub fn new(behaviour: Behaviour, token_uses: usize) -> Self {
        Self {
            behaviour,
            identity: Identity::new(token_uses),
            store: Store::default(),
            requests: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            in_flight: Mutex::default(),
            latest_id: Mutex::default(),
            swap_offer: Mutex::default(),
            recent: Mutex::default(),
            counting: Mutex::default(),
        }
    }

    /// How many connections exist.
    pub fn connections_left(&self) -> usize {
        self.store.count()
    }

    /// How many tokens were asked for.
    pub fn logins(&self) -> usize {
        self.identity.logins()
    }

    /// How many requests were answered or are being answered.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Answers one request of a client's connection.
    pub async fn answer(&self, request: &Request, session: &Session) -> Reply {
        if let Some(reply) = self.identity.answer(request) {
            return reply;
        }
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let past = session.past();
        let route = self.route(request);
        let creates = matches!(route, Route::Create { .. });
        let outcome = self.perform(route, request, &past).await;
        let cause = outcome.as_ref().err().copied();
        session.remember(cause, request);
        let refused = self.refused.fetch_add(usize::from(cause.is_some()), Ordering::SeqCst);
        let moment = AnswerContext {
            request,
            past: &past,
            created: if let Ok(Outcome::Created(connection)) = &outcome { Some(connection) } else { None },
            cause,
            number,
            accepted: self.accepted.load(Ordering::SeqCst),
            refused: refused + usize::from(cause.is_some()),
        };
        let reply = self.render(&outcome, &moment);
        if !self.behaviour.delay.is_zero() {
            tokio::time::sleep(self.behaviour.delay).await;
        }
        if reply.framing == Framing::Hang {
            std::future::pending::<()>().await;
        }
        if creates && self.behaviour.concurrency == Concurrency::SwapsAnswers {
            self.swap(number, reply).await
        } else {
            reply
        }
    }

    fn route(&self, request: &Request) -> Route {
        match (self.behaviour.route)(request) {
            Route::List { .. } if !self.behaviour.helpers => Route::OtherMethod { allow: "POST" },
            Route::Read { .. } | Route::Delete { .. } if !self.behaviour.helpers => Route::Unknown,
            route => route,
        }
    }

    /// Refuses a request that comes too soon after others.
    fn admit(&self) -> Result<(), Cause> {
        let Some(most) = self.behaviour.limits.requests else { return Ok(()) };
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.front().is_some_and(|came| came.elapsed() >= Duration::from_secs(1)) {
            recent.pop_front();
        }
        if recent.len() >= most {
            return Err(Cause::TooMany);
        }
        recent.push_back(Instant::now());
        Ok(())
    }

    async fn perform(&self, route: Route, request: &Request, past: &ConnectionHistory) -> Result<Outcome, Cause> {
        self.admit()?;
        match route {
            Route::Unknown => Err(Cause::UnknownPath),
            Route::OtherMethod { allow } => Err(Cause::OtherMethod { allow }),
            Route::Create { project } => self.create(&project, request, past).await.inspect_err(|&cause| {
                let rules = &self.behaviour.store;
                if let (true, Some(name)) = ((rules.refused_takes)(cause), request.text("name")) {
                    self.store.take_name(rules, &project, (rules.taken_part)(&name));
                }
            }),
            Route::List { project } => {
                self.authenticate(request)?;
                let name = query_value(&request.query, "name");
                Ok(Outcome::Listed(self.store.list(&self.behaviour.store, &project, name.as_deref())))
            }
            Route::Read { project, id } => {
                self.authenticate(request)?;
                let found = self.store.find(&self.behaviour.store, &project, &id);
                found.map(Outcome::Read).ok_or(Cause::NoConnection)
            }
            Route::Delete { project, id } => {
                self.permit(request)?;
                tokio::time::sleep(self.behaviour.limits.deletion).await;
                let gone = self.store.remove(&self.behaviour.store, &project, &id);
                if gone { Ok(Outcome::Deleted) } else { Err(Cause::NoConnection) }
            }
        }
    }

    async fn create(&self, project: &str, request: &Request, past: &ConnectionHistory) -> Result<Outcome, Cause> {
        (self.behaviour.gate)(request, past)?;
        let fresh = if self.behaviour.body_first {
            let fresh = self.read(request, past)?;
            self.permit(request)?;
            fresh
        } else {
            self.permit(request)?;
            self.read(request, past)?
        };
        let in_flight = InFlight::begin(&self.in_flight, &fresh.name);
        self.interfere(&in_flight).await?;
        if let Some(gap) = self.behaviour.store.race_window {
            let taken = self.store.is_taken(&self.behaviour.store, project, &fresh.name);
            tokio::time::sleep(gap).await;
            if taken {
                return Err(Cause::Taken);
            }
        }
        let number = self.accepted.load(Ordering::SeqCst) + 1;
        let connection = Connection { id: self.new_id(number, in_flight.overlaps), created: stamp::now(), ..fresh };
        {
            let _counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
            if self.behaviour.limits.connections.is_some_and(|most| self.store.count() >= most) {
                return Err(Cause::Quota);
            }
            if !self.store.add(&self.behaviour.store, project, &connection, number) {
                return Err(Cause::Taken);
            }
        }
        self.accepted.fetch_add(1, Ordering::SeqCst);
        Ok(Outcome::Created(connection))
    }

    fn authenticate(&self, request: &Request) -> Result<TokenHolder, Cause> {
        let admitted = |cause| match cause {
            Cause::WrongToken if self.identity.admits(request.token()) => Ok(TokenHolder::Full),
            cause => Err(cause),
        };
        (self.behaviour.token)(request)
            .or_else(admitted)
            .or_else(|cause| if (self.behaviour.excuses)(cause, request) { Ok(TokenHolder::Full) } else { Err(cause) })
    }

    fn permit(&self, request: &Request) -> Result<(), Cause> {
        let holder = self.authenticate(request)?;
        if (self.behaviour.permits)(holder) { Ok(()) } else { Err(Cause::NoPermission) }
    }

    /// What the body asks for; its id is still empty.
    fn read(&self, request: &Request, past: &ConnectionHistory) -> Result<Connection, Cause> {
        if request.too_large {
            return Err(Cause::LargeBody);
        }
        let mut members = (self.behaviour.body)(&request.body)?;
        for inspect in &self.behaviour.members {
            inspect(&mut members, request, past)?;
        }
        let take = |field: &Field| field.judge(&members).map_err(|wrong| Cause::Field(field.member, wrong));
        Ok(Connection {
            id: String::new(),
            name: take(&self.behaviour.name)?.unwrap_or_default(),
            description: take(&self.behaviour.description)?,
            vpc_id: take(&self.behaviour.vpc_id)?.unwrap_or_default(),
            subnet_id: take(&self.behaviour.subnet_id)?.unwrap_or_default(),
            created: stamp::now(),
        })
    }

    /// What befalls a creation that overlaps another one. Nothing, in the correct server.
    async fn interfere(&self, in_flight: &InFlight<'_>) -> Result<(), Cause> {
        match self.behaviour.concurrency {
            Concurrency::Isolated | Concurrency::SwapsAnswers => return Ok(()),
            Concurrency::Crashes if in_flight.collides => return Err(Cause::Crash),
            Concurrency::Refuses if in_flight.overlaps => return Err(Cause::Taken),
            Concurrency::Crashes | Concurrency::Refuses | Concurrency::SharesId => tokio::time::sleep(OVERLAP).await,
        }
        Ok(())
    }

    fn new_id(&self, number: usize, overlaps: bool) -> String {
        let mut latest = self.latest_id.lock().unwrap_or_else(PoisonError::into_inner);
        if !(overlaps && self.behaviour.concurrency == Concurrency::SharesId) || latest.is_empty() {
            *latest = (self.behaviour.id)(number);
        }
        latest.clone()
    }

    fn render(&self, outcome: &Result<Outcome, Cause>, moment: &AnswerContext<'_>) -> Reply {
        let request_id = stamp::request_id(stamp::now());
        let mut reply = match outcome {
            Ok(Outcome::Created(connection) | Outcome::Read(connection)) => {
                Reply::new(200, connection_json(connection), &request_id)
            }
            Ok(Outcome::Listed(found)) => Reply::new(200, list_json(found), &request_id),
            Ok(Outcome::Deleted) => Reply::new(204, Value::Null, &request_id),
            Err(cause) => Reply::refusal(*cause, &request_id),
        };
        let edits = match (outcome, moment.created) {
            (Err(_), _) => self.behaviour.refused.as_slice(),
            (Ok(_), Some(_)) => self.behaviour.created.as_slice(),
            (Ok(_), None) => &[],
        };
        for edit in edits.iter().chain(&self.behaviour.every) {
            edit(&mut reply, moment);
        }
        reply
    }

    /// Changes the answer with that of another request, should one come by in time.
    async fn swap(&self, number: usize, reply: Reply) -> Reply {
        let (give, mut take) = oneshot::channel();
        {
            let mut swap_offer = self.swap_offer.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(other) = swap_offer.take() {
                return match other.give.send(reply) {
                    Ok(()) => other.reply,
                    Err(own) => own,
                };
            }
            *swap_offer = Some(SwapOffer { number, reply: reply.clone(), give });
        }
        if let Ok(Ok(other)) = tokio::time::timeout(OVERLAP, &mut take).await {
            return other;
        }
        {
            let mut swap_offer = self.swap_offer.lock().unwrap_or_else(PoisonError::into_inner);
            if swap_offer.as_ref().is_some_and(|offer| offer.number == number) {
                *swap_offer = None;
            }
        }
        take.try_recv().unwrap_or(reply)
    }
}

/// Connections as the answer to reading many shows them.
fn list_json(found: &[Connection]) -> Value {
    let items: Vec<Value> = found.iter().map(connection_json).collect();
    json!({ "total": items.len(), "size": items.len(), "items": items })
}

/// The first value of a query parameter, decoded.
fn query_value(query: &str, name: &str) -> Option<String> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(held, _)| *held == name)?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        match (byte, hexadecimal(rest.clone())) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(decoded)) => {
                bytes.push(decoded);
                rest.nth(1);
            }
            _ => bytes.push(byte),
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The byte that the next two hexadecimal digits stand for.
fn hexadecimal(mut ahead: std::str::Bytes<'_>) -> Option<u8> {
    let mut digit = || char::from(ahead.next()?).to_digit(16);
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high * 16 + low).ok()
}
