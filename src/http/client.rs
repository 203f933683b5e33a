//! The client: one request in, one exchange out, within a deadline and a cap.
//!
//! Follows no redirect, decodes no body, repeats nothing but what a closed kept-alive connection swallowed. Whatever the
//! target does ends as an [`Exchange`]: sending never fails otherwise and never panics.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use reqwest::{Certificate, Identity, Proxy, Url};

use super::check::{RequestError, translate, url};
use super::dial::watched;
use super::pool::{Kind, Pool};
use super::rate::{Leave, Rate};
use super::trouble::{NoResponse, port_of};
use super::{Answer, ConnectionUse, Defect, Exchange, Request, Response};

/// How a client behaves. All limits are for one request.
#[derive(Clone)]
pub struct ClientOptions {
    /// From the start of sending to the last byte of the answer, connecting included. Default 10 s.
    pub deadline: Duration,
    /// For connecting, TLS included; never more than three quarters of the deadline. Default 5 s.
    pub connect_timeout: Duration,
    /// The largest body that is read, in bytes. Default 1 MiB.
    pub cap: usize,
    /// The most headers an answer may have. Default 100. (The head as a whole is limited to some 400 KiB.)
    pub max_headers: usize,
    /// How long an idle connection is kept; short, so that a server's own idle close seldom races a request.
    /// Default 1 s.
    pub idle_timeout: Duration,
    /// The most idle connections that are kept for one host. Default 256.
    pub idle_connections: usize,
    /// A proxy's URL, credentials included if it wants them. Default none; the environment is never read.
    pub proxy: Option<String>,
    /// Certificates in PEM to trust besides the system's; each entry may hold several.
    pub ca_certificates: Vec<Vec<u8>>,
    /// A client certificate with its key, both in one PEM.
    pub identity: Option<Vec<u8>>,
    /// How often requests may leave; a request's deadline counts from its leaving. Default as often as they come.
    pub rate: Option<Rate>,
    /// Headers that every request gets that doesn't name them itself: name and value.
    pub headers: Vec<(String, String)>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            cap: 1 << 20,
            max_headers: 100,
            idle_timeout: Duration::from_secs(1),
            idle_connections: 256,
            proxy: None,
            ca_certificates: Vec::new(),
            identity: None,
            rate: None,
            headers: Vec::new(),
        }
    }
}

/// Shows the limits, and of proxy, certificates and key only whether they are there.
impl fmt::Debug for ClientOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientOptions")
            .field("deadline", &self.deadline)
            .field("connect_timeout", &self.connect_timeout)
            .field("cap", &self.cap)
            .field("max_headers", &self.max_headers)
            .field("idle_timeout", &self.idle_timeout)
            .field("idle_connections", &self.idle_connections)
            .field("proxy", &self.proxy.is_some())
            .field("ca_certificates", &self.ca_certificates.len())
            .field("identity", &self.identity.is_some())
            .field("rate", &self.rate)
            .field("headers", &self.headers.len())
            .finish()
    }
}

/// Why no client can be made from its options.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The proxy's URL is not one. It isn't repeated: it may hold a password.
    #[error("the proxy is not a usable url; write it as `http://host:port`")]
    Proxy,
    /// A certificate to trust is not PEM.
    #[error("the ca certificate number {0} holds no certificate in pem")]
    CaCertificate(usize),
    /// The client certificate is not PEM, or lacks its key.
    #[error("the client certificate is not usable; give certificate and private key together, in pem")]
    Identity,
    /// A limit is zero.
    #[error("the {0} must be more than zero")]
    Zero(&'static str),
}

/// The options, read and understood.
pub(super) struct Settings {
    pub(super) options: ClientOptions,
    pub(super) proxy: Option<Proxy>,
    pub(super) proxy_speaks_tls: bool,
    pub(super) roots: Vec<Certificate>,
    pub(super) identity: Option<Identity>,
    pub(super) one_connection: bool,
}

impl Settings {
    fn read(options: ClientOptions) -> Result<Self, ClientError> {
        if options.deadline.is_zero() {
            return Err(ClientError::Zero("deadline"));
        }
        if options.connect_timeout.is_zero() {
            return Err(ClientError::Zero("connect timeout"));
        }
        let proxy_text = options.proxy.as_deref();
        let proxy = proxy_text.map(Proxy::all).transpose().map_err(|_| ClientError::Proxy)?;
        let proxy_speaks_tls =
            proxy_text.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("https:"));
        let mut roots = Vec::new();
        for (index, pem) in options.ca_certificates.iter().enumerate() {
            match Certificate::from_pem_bundle(pem) {
                Ok(found) if !found.is_empty() => roots.extend(found),
                _ => return Err(ClientError::CaCertificate(index + 1)),
            }
        }
        let identity = options.identity.as_deref().map(Identity::from_pem).transpose();
        let identity = identity.map_err(|_| ClientError::Identity)?;
        Ok(Self { options, proxy, proxy_speaks_tls, roots, identity, one_connection: false })
    }
}

/// Sends requests. Clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    pools: [OnceLock<Result<Pool, String>>; Kind::COUNT],
    /// The last URL that was parsed, as it is written: nearly every request goes where the one before it went.
    last: Mutex<Option<(String, Url)>>,
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
        Settings::read(options).map(Self::with)
    }

    /// A client with the same options that keeps at most one connection of its own: sequential requests (of one header
    /// case, to one host) travel on it for as long as the target keeps it.
    ///
    /// # Errors
    /// None that [`Client::new`] would not have given for the same options.
    pub fn own(&self) -> Result<Self, ClientError> {
        let settings = Settings::read(self.options().clone())?;
        Ok(Self::with(Settings { one_connection: true, ..settings }))
    }

    fn with(settings: Settings) -> Self {
        let pools = std::array::from_fn(|_| OnceLock::new());
        Self { inner: Arc::new(Inner { settings, pools, last: Mutex::new(None) }) }
    }

    /// The options it was made with.
    pub fn options(&self) -> &ClientOptions {
        &self.inner.settings.options
    }

    /// Sends one request and waits for the whole answer. A request that [`check`](super::check) refuses isn't sent; its
    /// exchange names the reason as unreachable.
    pub async fn send(&self, request: Arc<Request>) -> Exchange {
        let _leave = self.leave().await;
        let request = self.dressed(request);
        let started = Instant::now();
        let mut arrived = Arrived::default();
        let mut resent = false;
        let deadline = self.options().deadline;
        let conversation = self.converse(&request, &mut arrived, &mut resent);
        let outcome = match tokio::time::timeout(deadline, conversation).await {
            Ok(outcome) => outcome,
            Err(_) => Err(NoResponse::unusable(Defect::Deadline, arrived.by_the_deadline(deadline))),
        };
        let elapsed = started.elapsed();
        let answer = match outcome {
            Ok(response) => Answer::Complete(response),
            Err(NoResponse::Unreachable { cause }) => Answer::Unreachable { cause },
            Err(NoResponse::Unusable { defect, cause }) => {
                Answer::Unusable { defect, cause, partial: arrived.into_response().map(Box::new) }
            }
        };
        Exchange { request, answer, elapsed, resent }
    }

    /// Waits until a request may leave.
    async fn leave(&self) -> Option<Leave> {
        match &self.options().rate {
            Some(rate) => Some(rate.leave().await),
            None => None,
        }
    }

    /// The request with the headers of every request that it doesn't name itself.
    fn dressed(&self, mut request: Arc<Request>) -> Arc<Request> {
        for (name, value) in &self.options().headers {
            if request.header_values(name).next().is_none() {
                Arc::make_mut(&mut request).headers.push((name.clone(), value.clone()));
            }
        }
        request
    }

    /// One attempt, and a second one on a fresh connection where the first met a kept-alive connection's end.
    async fn converse(
        &self,
        request: &Request,
        arrived: &mut Arrived,
        resent: &mut bool,
    ) -> Result<Response, NoResponse> {
        let Failure { trouble, kept_alive } = match self.attempt(request, request.connection, arrived).await {
            Ok(response) => return Ok(response),
            Err(failure) => failure,
        };
        if !kept_alive || !trouble.is_closed_early() {
            return Err(trouble);
        }
        *resent = true;
        let _leave = self.leave().await;
        self.attempt(request, ConnectionUse::Fresh, arrived).await.map_err(|failure| failure.trouble)
    }

    async fn attempt(
        &self,
        request: &Request,
        connection: ConnectionUse,
        arrived: &mut Arrived,
    ) -> Result<Response, Failure> {
        let translated = translate(request, |text| self.url(text));
        let translated = translated.map_err(|error| NoResponse::Unreachable { cause: error.to_string() })?;
        let kind = Kind { tls: translated.url().scheme() == "https", case: request.header_case, connection };
        let pool = self.pool(kind)?;
        let mut response = match watched(pool.client.execute(translated)).await {
            (Ok(response), _) => response,
            (Err(error), dialled) => {
                // Another connection than the one it dialled, or no dialling at all: it was a kept-alive one.
                let dialled_it = dialled.is_some() && port_of(&error).is_none_or(|port| dialled == Some(port));
                let kept_alive = connection == ConnectionUse::Shared && !dialled_it;
                return Err(Failure { trouble: NoResponse::before_head(&error), kept_alive });
            }
        };
        let comes_back = keeps_alive(&response);
        *arrived = Arrived::head(&response);
        if let Some(cause) = contradiction(response.headers()) {
            return Err(NoResponse::unusable(Defect::Malformed, cause).into());
        }
        arrived.read(&mut response, self.options().cap).await?;
        pool.dials.expect(comes_back);
        // The head is there: it was put there above.
        std::mem::take(arrived)
            .into_response()
            .ok_or_else(|| NoResponse::unusable(Defect::Truncated, "no head of an answer arrived").into())
    }

    fn url(&self, text: &str) -> Result<Url, RequestError> {
        // Whoever panicked while holding it has put either the old pair or the new one there.
        let mut last = self.inner.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, parsed)) = last.as_ref().filter(|(written, _)| written == text) {
            return Ok(parsed.clone());
        }
        let parsed = url(text)?;
        *last = Some((text.to_owned(), parsed.clone()));
        Ok(parsed)
    }

    fn pool(&self, kind: Kind) -> Result<&Pool, NoResponse> {
        let unusable = |cause: &String| NoResponse::Unreachable { cause: format!("tls cannot be set up: {cause}") };
        let Some(slot) = self.inner.pools.get(kind.index()) else {
            return Err(unusable(&"there is no such pool".to_owned()));
        };
        slot.get_or_init(|| Pool::build(&self.inner.settings, kind)).as_ref().map_err(unusable)
    }
}

/// NoResponse, and whether it came on a connection that had served before.
struct Failure {
    trouble: NoResponse,
    kept_alive: bool,
}

impl From<NoResponse> for Failure {
    fn from(trouble: NoResponse) -> Self {
        Self { trouble, kept_alive: false }
    }
}

/// What has arrived of an answer so far.
#[derive(Default)]
struct Arrived {
    head: Option<Head>,
    /// Copied out of the connection's buffer, which would else be kept alive, and could not be used again.
    body: BytesMut,
}

struct Head {
    status: u16,
    version: String,
    headers: Vec<(String, String)>,
}

impl Arrived {
    fn head(response: &reqwest::Response) -> Self {
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        let head = Head {
            status: response.status().as_u16(),
            version: format!("{:?}", response.version()),
            headers: headers.collect(),
        };
        Self { head: Some(head), ..Self::default() }
    }

    /// Reads the body to its end, or to the cap.
    async fn read(&mut self, response: &mut reqwest::Response, cap: usize) -> Result<(), NoResponse> {
        let cap_in_u64 = u64::try_from(cap).unwrap_or(u64::MAX);
        if let Some(length) = response.content_length().filter(|length| *length > cap_in_u64) {
            let cause = format!("the body is announced with {length} bytes, the cap is {cap}");
            return Err(NoResponse::unusable(Defect::TooLarge, cause));
        }
        self.body.reserve(response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0));
        while let Some(chunk) = response.chunk().await.map_err(|error| NoResponse::in_body(&error))? {
            let room = cap.saturating_sub(self.body.len());
            self.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                return Err(NoResponse::unusable(
                    Defect::TooLarge,
                    format!("the body goes on after {cap} bytes, the cap"),
                ));
            }
        }
        Ok(())
    }

    fn by_the_deadline(&self, deadline: Duration) -> String {
        match &self.head {
            None => format!("no complete head of an answer arrived within {deadline:?}"),
            Some(_) => format!("the head and {} bytes of the body arrived within {deadline:?}", self.body.len()),
        }
    }

    fn into_response(self) -> Option<Response> {
        let body = self.body.freeze();
        self.head.map(|head| Response::new(head.status, head.version, head.headers, body))
    }
}

/// How the head of an answer contradicts itself about the body, where hyper lets it pass.
fn contradiction(headers: &HeaderMap) -> Option<&'static str> {
    (headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH))
        .then_some("both transfer-encoding and content-length are there")
}

/// Whether the connection ought to be usable again after this answer.
fn keeps_alive(response: &reqwest::Response) -> bool {
    response.version() == http::Version::HTTP_11
        && !response.headers().get_all(CONNECTION).iter().any(|value| {
            value.to_str().is_ok_and(|text| text.split(',').any(|part| part.trim().eq_ignore_ascii_case("close")))
        })
}
