//! How a client behaves, and what of that it can't take.

use std::fmt;
use std::time::Duration;

use super::json::JsonLimits;
use super::rate::Rate;

/// How a client behaves. All limits are for one request.
#[derive(Clone)]
pub struct ClientOptions {
    /// From the start of sending to the last byte of the answer, connecting included. Default 10 s.
    pub deadline: Duration,
    /// For connecting, TLS included; never more than three quarters of the deadline. Default 5 s.
    pub connect_timeout: Duration,
    /// The largest body that is read, in bytes. Default 1 MiB.
    pub cap: usize,
    /// What a body may have and be read as JSON. Default 50,000 values and 127 levels of nesting.
    pub json: JsonLimits,
    /// The longest head of an answer, interim answers included, and the longest trailers, in bytes. Default 400 KiB.
    pub max_head: usize,
    /// The most headers an answer may have. Default 100.
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
    /// Whether any certificate of a target's is taken, whoever shows it. Default no.
    pub insecure: bool,
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
            json: JsonLimits::default(),
            max_head: 400 * 1024,
            max_headers: 100,
            idle_timeout: Duration::from_secs(1),
            idle_connections: 256,
            proxy: None,
            ca_certificates: Vec::new(),
            insecure: false,
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
            .field("json", &self.json)
            .field("max_head", &self.max_head)
            .field("max_headers", &self.max_headers)
            .field("idle_timeout", &self.idle_timeout)
            .field("idle_connections", &self.idle_connections)
            .field("proxy", &self.proxy.is_some())
            .field("ca_certificates", &self.ca_certificates.len())
            .field("insecure", &self.insecure)
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
