//! From a request to its answer: asks the hooks in order. Knows nothing of sockets.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::arrival::{Arrival, ConnectionHistory, Session};
use super::behaviour::{Behaviour, Together};
use super::cause::Cause;
use super::field::Field;
use super::reply::{Framing, Moment, Reply, shown};
use super::route::Route;
use super::stamp;
use super::store::{Connection, Store};

/// How long requests are held so that those of the same moment meet, where a fault wants them to.
const MEETING: Duration = Duration::from_millis(10);

/// What came of a request that was not refused.
enum Done {
    Created(Connection),
    Read(Connection),
    Listed(Vec<Connection>),
    Deleted,
}

/// One server's state.
pub(super) struct Handler {
    behaviour: Behaviour,
    store: Store,
    requests: AtomicUsize,
    accepted: AtomicUsize,
    refused: AtomicUsize,
    under_way: Mutex<Vec<String>>,
    latest_id: Mutex<String>,
    waiting: Mutex<Option<Waiting>>,
    /// When requests came in that still count.
    recent: Mutex<VecDeque<Instant>>,
    /// Held from counting the connections to adding one.
    counting: Mutex<()>,
}

/// An answer that waits for another one to change places with.
struct Waiting {
    request: usize,
    reply: Reply,
    give: oneshot::Sender<Reply>,
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("requests", &self.requests).finish_non_exhaustive()
    }
}

/// A creation as long as it is under way, also when it is given up.
struct UnderWay<'a> {
    names: &'a Mutex<Vec<String>>,
    name: String,
    /// Whether others were under way when it began.
    overlaps: bool,
    /// Whether one of those had the same name.
    collides: bool,
}

impl<'a> UnderWay<'a> {
    fn begin(names: &'a Mutex<Vec<String>>, name: &str) -> Self {
        let mut held = names.lock().unwrap_or_else(PoisonError::into_inner);
        let (overlaps, collides) = (!held.is_empty(), held.iter().any(|other| other == name));
        held.push(name.to_owned());
        Self { names, name: name.to_owned(), overlaps, collides }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut held = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = held.iter().position(|name| *name == self.name) {
            held.swap_remove(place);
        }
    }
}

impl Handler {
    pub fn new(behaviour: Behaviour) -> Self {
        Self {
            behaviour,
            store: Store::default(),
            requests: AtomicUsize::new(0),
            accepted: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            under_way: Mutex::default(),
            latest_id: Mutex::default(),
            waiting: Mutex::default(),
            recent: Mutex::default(),
            counting: Mutex::default(),
        }
    }

    /// How many connections exist.
    pub fn connections_left(&self) -> usize {
        self.store.count()
    }

    /// How many requests were answered or are being answered.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Answers one request of a client's connection.
    pub async fn answer(&self, arrival: &Arrival, session: &Session) -> Reply {
        let request = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let past = session.past();
        let route = self.route(arrival);
        let creates = matches!(route, Route::Create { .. });
        let done = self.perform(route, arrival, &past).await;
        let cause = done.as_ref().err().copied();
        session.remember(cause, arrival.members());
        let refused = self.refused.fetch_add(usize::from(cause.is_some()), Ordering::SeqCst);
        let moment = Moment {
            arrival,
            past: &past,
            created: if let Ok(Done::Created(connection)) = &done { Some(connection) } else { None },
            cause,
            request,
            accepted: self.accepted.load(Ordering::SeqCst),
            refused: refused + usize::from(cause.is_some()),
        };
        let reply = self.render(&done, &moment);
        if !self.behaviour.delay.is_zero() {
            tokio::time::sleep(self.behaviour.delay).await;
        }
        if reply.framing == Framing::Hang {
            std::future::pending::<()>().await;
        }
        if creates && self.behaviour.together == Together::Swapped { self.swap(request, reply).await } else { reply }
    }

    fn route(&self, arrival: &Arrival) -> Route {
        match (self.behaviour.route)(arrival) {
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

    async fn perform(&self, route: Route, arrival: &Arrival, past: &ConnectionHistory) -> Result<Done, Cause> {
        self.admit()?;
        match route {
            Route::Unknown => Err(Cause::UnknownPath),
            Route::OtherMethod { allow } => Err(Cause::OtherMethod { allow }),
            Route::Create { project } => self.create(&project, arrival, past).await.inspect_err(|&cause| {
                if let (true, Some(name)) = ((self.behaviour.store.refused_takes)(cause), arrival.text("name")) {
                    self.store.take_name(&self.behaviour.store, &project, name);
                }
            }),
            Route::List { project } => {
                (self.behaviour.token)(arrival)?;
                let name = query_value(&arrival.query, "name");
                Ok(Done::Listed(self.store.list(&self.behaviour.store, &project, name.as_deref())))
            }
            Route::Read { project, id } => {
                (self.behaviour.token)(arrival)?;
                let found = self.store.find(&self.behaviour.store, &project, &id);
                found.map(Done::Read).ok_or(Cause::NoConnection)
            }
            Route::Delete { project, id } => {
                self.permit(arrival)?;
                tokio::time::sleep(self.behaviour.limits.deletion).await;
                let gone = self.store.remove(&self.behaviour.store, &project, &id);
                if gone { Ok(Done::Deleted) } else { Err(Cause::NoConnection) }
            }
        }
    }

    async fn create(&self, project: &str, arrival: &Arrival, past: &ConnectionHistory) -> Result<Done, Cause> {
        (self.behaviour.gate)(arrival, past)?;
        let fresh = if self.behaviour.body_first {
            let fresh = self.read(arrival, past)?;
            self.permit(arrival)?;
            fresh
        } else {
            self.permit(arrival)?;
            self.read(arrival, past)?
        };
        let under_way = UnderWay::begin(&self.under_way, &fresh.name);
        self.meet(&under_way).await?;
        if let Some(gap) = self.behaviour.store.gap {
            let taken = self.store.is_taken(&self.behaviour.store, project, &fresh.name);
            tokio::time::sleep(gap).await;
            if taken {
                return Err(Cause::Taken);
            }
        }
        let number = self.accepted.load(Ordering::SeqCst) + 1;
        let connection = Connection { id: self.new_id(number, under_way.overlaps), created: stamp::now(), ..fresh };
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
        Ok(Done::Created(connection))
    }

    fn permit(&self, arrival: &Arrival) -> Result<(), Cause> {
        let holder = (self.behaviour.token)(arrival)?;
        if (self.behaviour.permits)(holder) { Ok(()) } else { Err(Cause::NoPermission) }
    }

    /// What the body asks for; its id is still empty.
    fn read(&self, arrival: &Arrival, past: &ConnectionHistory) -> Result<Connection, Cause> {
        if arrival.too_large {
            return Err(Cause::LargeBody);
        }
        let mut members = (self.behaviour.body)(&arrival.body)?;
        (self.behaviour.members)(&mut members, arrival, past)?;
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
    async fn meet(&self, under_way: &UnderWay<'_>) -> Result<(), Cause> {
        match self.behaviour.together {
            Together::Apart | Together::Swapped => return Ok(()),
            Together::Crash if under_way.collides => return Err(Cause::Crash),
            Together::Taken if under_way.overlaps => return Err(Cause::Taken),
            Together::Crash | Together::Taken | Together::SameId => tokio::time::sleep(MEETING).await,
        }
        Ok(())
    }

    fn new_id(&self, number: usize, overlaps: bool) -> String {
        let mut latest = self.latest_id.lock().unwrap_or_else(PoisonError::into_inner);
        if !(overlaps && self.behaviour.together == Together::SameId) || latest.is_empty() {
            *latest = (self.behaviour.id)(number);
        }
        latest.clone()
    }

    fn render(&self, done: &Result<Done, Cause>, moment: &Moment<'_>) -> Reply {
        let request_id = stamp::request_id(stamp::now());
        let mut reply = match done {
            Ok(Done::Created(connection) | Done::Read(connection)) => Reply::new(200, shown(connection), &request_id),
            Ok(Done::Listed(found)) => Reply::new(200, listed(found), &request_id),
            Ok(Done::Deleted) => Reply::new(204, Value::Null, &request_id),
            Err(cause) => Reply::refusal(*cause, &request_id),
        };
        let edits = match (done, moment.created) {
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
    async fn swap(&self, request: usize, reply: Reply) -> Reply {
        let (give, mut take) = oneshot::channel();
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(other) = waiting.take() {
                return match other.give.send(reply) {
                    Ok(()) => other.reply,
                    Err(own) => own,
                };
            }
            *waiting = Some(Waiting { request, reply: reply.clone(), give });
        }
        if let Ok(Ok(other)) = tokio::time::timeout(MEETING, &mut take).await {
            return other;
        }
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.as_ref().is_some_and(|waiting| waiting.request == request) {
                *waiting = None;
            }
        }
        take.try_recv().unwrap_or(reply)
    }
}

/// Connections as the answer to reading many shows them.
fn listed(found: &[Connection]) -> Value {
    let items: Vec<Value> = found.iter().map(shown).collect();
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
