//! The client: one request in, one exchange out, within a deadline and a cap.
//!
//! Chooses the transport, keeps the rate, and sends twice only what creates nothing. Follows no redirect and decodes no
//! body. Whatever the target does ends as an [`Exchange`]: sending never fails otherwise and never panics.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::check::RequestError;
use super::exchange::{Answer, Exchange};
use super::irregularity::Irregularity;
use super::options::{ClientError, ClientOptions};
use super::rate::Leave;
use super::request::{ConnectionUse, Request, is_safe};
use super::tls::Tls;
use super::{library, wire};

/// Sends requests. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    options: Arc<ClientOptions>,
    wire: wire::Transport,
    library: library::Transport,
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("options", self.options()).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client. No connection is opened, no trusted certificates are loaded before they are needed.
    ///
    /// # Errors
    /// The proxy, a certificate or a limit among the options is not usable.
    pub fn new(options: ClientOptions) -> Result<Self, ClientError> {
        if options.deadline.is_zero() {
            return Err(ClientError::Zero("deadline"));
        }
        if options.connect_timeout.is_zero() {
            return Err(ClientError::Zero("connect timeout"));
        }
        let tls = Arc::new(Tls::read(&options)?);
        let library = library::Transport::new(&options, Arc::clone(&tls))?;
        let wire = wire::Transport::new(&options, tls);
        Ok(Self { inner: Arc::new(Inner { options: Arc::new(options), wire, library }) })
    }

    /// A client with the same options that keeps at most one connection of its own: sequential requests (to one host; of
    /// one header case, through a proxy) travel on it for as long as the target keeps it.
    #[must_use]
    pub fn own(&self) -> Self {
        let Inner { options, wire, library } = &*self.inner;
        let (wire, library) = (wire.apart(1), library.own());
        Self { inner: Arc::new(Inner { options: Arc::clone(options), wire, library }) }
    }

    /// A client with the same options and connections of its own, as many as this one keeps: for another runtime, since
    /// connections end with that on which they were opened.
    #[must_use]
    pub fn apart(&self) -> Self {
        let Inner { options, wire, library } = &*self.inner;
        let (wire, library) = (wire.apart(options.idle_connections), library.apart());
        Self { inner: Arc::new(Inner { options: Arc::clone(options), wire, library }) }
    }

    /// A client with the same options and connections of its own that sends no headers but a request's: for another server
    /// than the target, which the others are meant for.
    #[must_use]
    pub fn bare(&self) -> Self {
        let Inner { options, wire, library } = &*self.inner;
        let (wire, library) = (wire.apart(1), library.own());
        let options = Arc::new(ClientOptions { headers: Vec::new(), ..ClientOptions::clone(options) });
        Self { inner: Arc::new(Inner { options, wire, library }) }
    }

    /// A client with the same options that waits an eighth of the time for an answer, but at least one second and at most
    /// five where this one waits as long: for a target that didn't answer in time of late.
    #[must_use]
    pub fn impatient(&self) -> Self {
        let Inner { options, wire, library } = &*self.inner;
        let deadline =
            (options.deadline / 8).clamp(Duration::from_secs(1), Duration::from_secs(5)).min(options.deadline);
        let (wire, library) = (wire.apart(options.idle_connections), library.apart());
        let options = Arc::new(ClientOptions { deadline, ..ClientOptions::clone(options) });
        Self { inner: Arc::new(Inner { options, wire, library }) }
    }

    /// The options it was made with.
    pub fn options(&self) -> &ClientOptions {
        &self.inner.options
    }

    /// Sends one request and waits for the whole answer. A request that can't be sent as it is written isn't sent; its
    /// exchange names the reason as unreachable.
    pub async fn send(&self, request: Arc<Request>) -> Exchange {
        let leave = self.leave().await;
        let request = self.dressed(request);
        self.exchange(request, None, leave).await
    }

    /// Sends these bytes in the stead of a request, exactly as they are, and waits for one answer: over HTTP/1.1, and not
    /// through a proxy. The request says where they go, on which connection, whether it is HEAD that is answered, and
    /// whether they may be sent twice.
    pub async fn send_bytes(&self, request: Arc<Request>, bytes: Bytes) -> Exchange {
        let leave = self.leave().await;
        self.exchange(request, Some(bytes), leave).await
    }

    async fn exchange(&self, request: Arc<Request>, bytes: Option<Bytes>, leave: Option<Leave>) -> Exchange {
        let started = Instant::now();
        let (mut answer, mut irregularities) = self.attempt(&request, bytes.clone(), request.connection, started).await;
        let elapsed = started.elapsed();
        let mut exchange = Exchange { request, answer, irregularities, started, elapsed, resent: false };
        if exchange.is_unanswered() && is_safe(&exchange.request.method) {
            drop(leave);
            let _leave = self.leave().await;
            let fresh = ConnectionUse::Fresh;
            (answer, irregularities) = self.attempt(&exchange.request, bytes, fresh, started).await;
            exchange.irregularities.append(&mut irregularities);
            (exchange.answer, exchange.elapsed, exchange.resent) = (answer, started.elapsed(), true);
        }
        exchange
    }

    async fn attempt(
        &self,
        request: &Request,
        bytes: Option<Bytes>,
        connection: ConnectionUse,
        started: Instant,
    ) -> (Answer, Vec<Irregularity>) {
        let Inner { options, wire, library } = &*self.inner;
        let limit = options.deadline;
        let deadline = (started + limit, limit);
        if !library.has_proxy()
            && let Ok((answer, irregularities)) = wire.send(request, bytes.clone(), connection, deadline).await
        {
            return (answer.with_json_limits(options.json), irregularities);
        }
        let answer = match bytes {
            Some(_) => Answer::Unreachable { cause: RequestError::Bytes.to_string() },
            None => library.send(request, connection, deadline).await,
        };
        (answer.with_json_limits(options.json), Vec::new())
    }

    /// Waits until a request may leave.
    async fn leave(&self) -> Option<Leave> {
        match &self.options().rate {
            Some(rate) => Some(rate.leave().await),
            None => None,
        }
    }

    /// The request as it is sent: with the headers of every request that it doesn't name itself.
    pub fn dressed(&self, mut request: Arc<Request>) -> Arc<Request> {
        for (name, value) in &self.options().headers {
            if request.header_values(name).next().is_none() {
                Arc::make_mut(&mut request).headers.push((name.clone(), value.clone()));
            }
        }
        request
    }
}
