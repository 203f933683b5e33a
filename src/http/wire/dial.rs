//! Opening a connection: addresses, TCP and TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::sleep;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::super::exchange::OWN_LIMIT;
use super::super::trust;
use super::connection::{Connection, Stream};
use super::origin::Origin;

/// How long an address is tried before the next one is tried beside it (RFC 8305, 8).
const STAGGER: Duration = Duration::from_millis(250);

/// A connection that was opened.
pub(super) enum Dialled {
    /// HTTP/1.1 is spoken on it.
    Http1(Connection),
    /// The target chose HTTP/2.
    Http2,
}

/// Opens a connection within this time; `tls` is how TLS is spoken, where it is.
///
/// # Errors
/// Why there is none, in words.
pub(super) async fn dial(origin: &Origin, tls: Option<Arc<ClientConfig>>, limit: Duration) -> Result<Dialled, String> {
    let dialling = async {
        let stream = connect(&origin.host, origin.port).await?;
        let Some(config) = tls else { return Ok(Dialled::Http1(Connection::new(Stream::Plain(stream)))) };
        let name = ServerName::try_from(origin.host.clone()).map_err(|error| error.to_string())?;
        let connected = TlsConnector::from(config).connect(name, stream).await;
        let stream = connected.map_err(|error| trust::words_within(&error).unwrap_or_else(|| words(&error)))?;
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            return Ok(Dialled::Http2);
        }
        Ok(Dialled::Http1(Connection::new(Stream::Tls(Box::new(stream)))))
    };
    let in_time = tokio::time::timeout(limit, dialling).await;
    in_time.unwrap_or_else(|_| Err("no connection was made in time".to_owned()))
}

/// Tries one address after the other, and doesn't wait for long until it tries the next.
async fn connect(host: &str, port: u16) -> Result<TcpStream, String> {
    let addresses = addresses(host, port).await?;
    let mut attempts: FuturesUnordered<_> = (0..)
        .zip(addresses)
        .map(|(number, address)| async move {
            sleep(STAGGER * number).await;
            TcpStream::connect(address).await
        })
        .collect();
    let mut refused = format!("the name {host} has no address");
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(stream) => {
                // A request is written at once; waiting for more would only hold it up.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(error) => refused = own_limit(&error).unwrap_or_else(|| words(&error)),
        }
    }
    Err(refused)
}

/// What is said where this machine is to blame: it is out of descriptors, memory, buffers or ports, which the target has no
/// part in.
fn own_limit(error: &io::Error) -> Option<String> {
    #[cfg(target_os = "linux")]
    const LIMITS: [i32; 5] = [12, 23, 24, 99, 105];
    #[cfg(not(target_os = "linux"))]
    const LIMITS: [i32; 5] = [12, 23, 24, 49, 55];
    let is_limit = error.raw_os_error().is_some_and(|code| cfg!(unix) && LIMITS.contains(&code));
    is_limit.then(|| format!("{OWN_LIMIT}{error}"))
}

/// The addresses of a host, by turns of either family.
async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let found = lookup_host((host, port)).await.map_err(|error| {
        own_limit(&error).unwrap_or_else(|| format!("the name {host} can't be looked up: is it spelt right?"))
    })?;
    let found: Vec<SocketAddr> = found.collect();
    let first_is_ipv6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, other): (Vec<_>, Vec<_>) = found.into_iter().partition(|address| address.is_ipv6() == first_is_ipv6);
    let (mut first, mut other) = (first.into_iter(), other.into_iter());
    let mut turns = Vec::new();
    loop {
        let pair = [first.next(), other.next()];
        if pair == [None, None] {
            return Ok(turns);
        }
        turns.extend(pair.into_iter().flatten());
    }
}

/// An error of the system's without its number, which differs between systems.
pub(super) fn words(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(_) => error.kind().to_string(),
        None => error.to_string(),
    }
}
