//! The transport for HTTP/1.1: it sends exactly what it is told, keeps what came as it came, and knows of every
//! connection whether a request has left on it.

mod chunks;
mod connection;
mod dial;
mod framing;
mod head;
mod limits;
mod lines;
mod message;
mod origin;
mod pool;
mod reader;
mod section;
mod trouble;

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::timeout_at;

use super::check::RequestError;
use super::exchange::Answer;
use super::irregularity::Irregularity;
use super::options::ClientOptions;
use super::request::{ConnectionUse, Request};
use super::tls::{Offer, Tls};
use connection::{Connection, Delivery, Idle};
use dial::{Dialled, dial};
use limits::Limits;
use message::{Message, UrlParts};
use origin::Origin;
use pool::Pool;
use reader::Reader;

pub use message::in_chunks;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use reader::read_answer;

/// How long something that the target does to a connection may take to show, as a multiple of the time that its answer took.
const GRACE: u32 = 4;
/// The least and the most of it before a connection serves again for the first time: a target that closes each connection
/// without saying so has closed it by then.
const GRACE_BOUNDS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(10));
/// The least and the most of it for the reset behind the end of a connection.
const UNREAD_BOUNDS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(200));

/// Sends requests over HTTP/1.1.
pub(super) struct Transport {
    tls: Arc<Tls>,
    /// What is known of where requests go; clients with the same options share it.
    origins: Arc<Mutex<Vec<Arc<Origin>>>>,
    limits: Limits,
    connect_timeout: Duration,
    idle_timeout: Duration,
    /// How many idle connections are kept for one origin.
    kept: usize,
    /// The first origin, which nearly always is the only one: no lock is needed to find it.
    first: OnceLock<Route>,
    others: Mutex<Vec<Route>>,
}

/// An origin and the connections to it.
#[derive(Clone)]
struct Route {
    origin: Arc<Origin>,
    pool: Arc<Pool>,
}

/// Nothing was sent: the target wants to speak HTTP/2.
pub(super) struct WantsHttp2;

impl Transport {
    pub(super) fn new(options: &ClientOptions, tls: Arc<Tls>) -> Self {
        Self {
            tls,
            origins: Arc::default(),
            limits: Limits { body: options.cap, head: options.max_head, fields: options.max_headers },
            // Below the deadline, so that a target that can't be connected to is told from one that doesn't answer.
            connect_timeout: options.connect_timeout.min(options.deadline * 3 / 4),
            idle_timeout: options.idle_timeout,
            kept: options.idle_connections,
            first: OnceLock::new(),
            others: Mutex::default(),
        }
    }

    /// One with the same options that keeps at most so many connections, and none of this one's.
    pub(super) fn apart(&self, kept: usize) -> Self {
        Self {
            tls: Arc::clone(&self.tls),
            origins: Arc::clone(&self.origins),
            kept,
            limits: self.limits,
            connect_timeout: self.connect_timeout,
            idle_timeout: self.idle_timeout,
            first: OnceLock::new(),
            others: Mutex::default(),
        }
    }

    /// Sends a request, or the bytes that are given in its stead, and reads the answer.
    ///
    /// # Errors
    /// The target wants to speak HTTP/2.
    pub(super) async fn send(
        &self,
        request: &Request,
        given: Option<Bytes>,
        connection: ConnectionUse,
        (deadline, limit): (Instant, Duration),
    ) -> Result<(Answer, Vec<Irregularity>), WantsHttp2> {
        let prepared = UrlParts::of(&request.url).and_then(|url| {
            let route = self.route(url.origin)?;
            let message = match &given {
                Some(bytes) => Message::as_given(bytes.clone()),
                None => Message::of(request, &url, &route.origin.authority)?,
            };
            Ok((route, message))
        });
        let (route, message) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return Ok((Answer::Unreachable { cause: error.to_string() }, Vec::new())),
        };
        let offer = if given.is_some() { Offer::Http1 } else { Offer::Both };
        if offer == Offer::Both && route.origin.habits.speaks_http2() {
            return Err(WantsHttp2);
        }
        let reader = Reader::new(self.limits, request.method == "HEAD");
        let shared = connection == ConnectionUse::Shared;
        let mut conversation =
            Conversation { transport: self, route: &route, message, shared, offer, reader, connection: None };
        match timeout_at(deadline.into(), conversation.run()).await {
            Ok(Ok(())) => {}
            Ok(Err(Failure::Http2)) => return Err(WantsHttp2),
            Ok(Err(Failure::Unreachable(cause))) => {
                return Ok((Answer::Unreachable { cause }, conversation.reader.finish().1));
            }
            Err(_) => conversation.time_is_up(limit),
        }
        Ok(conversation.reader.finish())
    }

    fn route(&self, text: &str) -> Result<Cow<'_, Route>, RequestError> {
        if let Some(route) = self.first.get().filter(|route| route.origin.text == text) {
            return Ok(Cow::Borrowed(route));
        }
        let mut others = lock(&self.others);
        if let Some(route) = others.iter().find(|route| route.origin.text == text) {
            return Ok(Cow::Owned(route.clone()));
        }
        let mut origins = lock(&self.origins);
        let known = origins.iter().find(|origin| origin.text == text).cloned();
        let origin = match known {
            Some(origin) => origin,
            None => {
                let origin = Arc::new(Origin::read(text)?);
                origins.push(Arc::clone(&origin));
                origin
            }
        };
        let route = Route { origin, pool: Pool::new(self.kept, self.idle_timeout) };
        if self.first.set(route.clone()).is_err() {
            others.push(route.clone());
        }
        Ok(Cow::Owned(route))
    }
}

/// How long a connection is waited for.
fn grace(connection: &Connection, (least, most): (Duration, Duration)) -> Duration {
    (connection.took * GRACE).clamp(least, most)
}

/// Nothing panics while it holds one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why there is neither an answer nor a part of one.
enum Failure {
    Http2,
    Unreachable(String),
}

/// A request on its way, and what has come back so far.
struct Conversation<'a> {
    transport: &'a Transport,
    route: &'a Route,
    message: Message,
    /// Whether the connection may have served before, and may serve again.
    shared: bool,
    offer: Offer,
    reader: Reader,
    /// Kept here for the deadline.
    connection: Option<Connection>,
}

impl Conversation<'_> {
    /// Sends and reads. A connection that the target has closed before a byte of the request left on it is replaced.
    async fn run(&mut self) -> Result<(), Failure> {
        while let Some(connection) = self.idle().await {
            if self.converse(connection).await? {
                return Ok(());
            }
        }
        let origin = &self.route.origin;
        let tls = origin.tls.then(|| self.transport.tls.config(self.offer)).transpose();
        let tls = tls.map_err(Failure::Unreachable)?;
        match dial(origin, tls, self.transport.connect_timeout).await.map_err(Failure::Unreachable)? {
            Dialled::Http1(connection) => self.converse(connection).await.map(drop),
            Dialled::Http2 => {
                origin.habits.note_http2();
                Err(Failure::Http2)
            }
        }
    }

    /// An idle connection that nothing came on.
    async fn idle(&mut self) -> Option<Connection> {
        let habits = &self.route.origin.habits;
        while self.shared {
            let (mut connection, is_old) = self.route.pool.take()?;
            let idle = match habits.is_unknown() && !is_old {
                true => connection.watch(grace(&connection, GRACE_BOUNDS)).await,
                false => connection.look().await,
            };
            match idle {
                Idle::Quiet if !is_old => return Some(connection),
                Idle::Closed if !is_old => habits.note_closed(),
                Idle::Quiet | Idle::Closed => {}
                Idle::EmptyLines => self.reader.empty_line_behind(),
                Idle::Unsolicited(bytes) => self.reader.unsolicited(bytes),
            }
        }
        None
    }

    /// Sends and reads on this connection; false where it was closed before the request left, or before it arrived.
    async fn converse(&mut self, connection: Connection) -> Result<bool, Failure> {
        let connection = self.connection.insert(connection);
        let Delivery { sent, whole, refused } = connection.converse(&self.message, &mut self.reader).await;
        if let Some(alert) = refused {
            return Err(Failure::Unreachable(alert));
        }
        let (habits, pool) = (&self.route.origin.habits, &self.route.pool);
        if connection.served > 0 && self.reader.is_closed_untouched(connection.input()) {
            habits.note_closed();
            // Whatever made the target close this one may have closed the others, too.
            pool.clear();
            if sent == 0 || connection.is_unread(grace(connection, UNREAD_BOUNDS)).await {
                self.reader.restart();
                return Ok(false);
            }
            self.reader.unanswered(sent);
            return Ok(true);
        }
        self.reader.behind(connection.input());
        connection.served = connection.served.saturating_add(1);
        if connection.served > 1 {
            habits.note_kept();
        }
        if self.shared
            && whole
            && self.reader.leaves_connection()
            && habits.keeps()
            && let Some(connection) = self.connection.take()
        {
            pool.put(connection);
        }
        Ok(true)
    }

    fn time_is_up(&mut self, limit: Duration) {
        let input = self.connection.as_ref().map(Connection::input).unwrap_or_default();
        self.reader.so_far(&format!("{limit:?}"), input);
    }
}
