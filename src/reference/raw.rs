//! The other transport: HTTP/1.1 on a bare TCP stream, for answers that no HTTP library would send.
//!
//! Reads well-formed requests only; it stands on loopback and its clients are ours. Writes whatever it is told.

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::body::LIMIT;
use super::handler::Handler;
use super::reply::{Framing, Reply};
use super::request::{Request, Session};

/// The longest head of a request, in bytes.
const HEAD: usize = 1 << 20;

/// Serves until `stopped` is ready, then drops every connection.
pub(super) async fn serve(
    listener: TcpListener,
    handler: Arc<Handler>,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    let mut clients = JoinSet::new();
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            Some(_) = clients.join_next() => {}
            accepted = listener.accept() => match accepted {
                // A client that goes away in the middle is no concern of the server's.
                Ok((stream, _)) => drop(clients.spawn(serve_client(stream, Arc::clone(&handler)))),
                Err(_) => tokio::task::yield_now().await,
            },
        }
    }
}

async fn serve_client(stream: TcpStream, handler: Arc<Handler>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let session = Session::default();
    let mut http = HttpStream { stream, buffer: Vec::new() };
    while let Some(mut request) = http.read().await? {
        request.after_accepted = session.after_accepted();
        let reply = handler.answer(&request, &session).await;
        let (bytes, closes) = serialize(&reply, request.method == Method::HEAD);
        http.stream.write_all(&bytes).await?;
        let asked = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
        if closes || asked {
            return http.stream.shutdown().await;
        }
    }
    Ok(())
}

/// A stream and what was read of it too early.
struct HttpStream {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl HttpStream {
    /// The next request, or nothing at the end of the connection.
    async fn read(&mut self) -> io::Result<Option<Request>> {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at;
            }
            if self.buffer.len() > HEAD || !self.more().await? {
                return Ok(None);
            }
        };
        let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let Some(mut request) = head_of(&head) else { return Ok(None) };
        if request.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = if request.header("transfer-encoding").is_some() {
            self.chunks().await?
        } else {
            let length =
                request.header("content-length").and_then(|length| std::str::from_utf8(length).ok()?.parse().ok());
            self.take(length.unwrap_or(0)).await?
        };
        request.too_large = body.len() > LIMIT;
        request.body = body;
        Ok(Some(request))
    }

    async fn more(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    async fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            if !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = find(&self.buffer, b"\r\n") {
                return Ok(self.buffer.drain(..at + 2).take(at).collect());
            }
            if self.buffer.len() > HEAD || !self.more().await? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = String::from_utf8_lossy(&self.line().await?).into_owned();
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.take(size).await?);
            self.line().await?;
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The head of a request; nothing where it is malformed.
fn head_of(head: &[u8]) -> Option<Request> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut first = lines.next()?.split(|byte| *byte == b' ');
    let method = Method::from_bytes(first.next()?).ok()?;
    let target = String::from_utf8(first.next()?.to_vec()).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let (mut headers, mut spelt) = (HeaderMap::new(), Vec::new());
    for line in lines.filter(|line| !line.is_empty()) {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        let value = HeaderValue::from_bytes(value.get(1..)?.trim_ascii()).ok()?;
        spelt.push(String::from_utf8_lossy(name).into_owned());
        headers.append(HeaderName::from_bytes(name).ok()?, value);
    }
    let (path, query) = (path.to_owned(), query.to_owned());
    Some(Request { method, path, query, headers, header_spellings: spelt, ..Request::default() })
}

/// The bytes of an answer, and whether the connection is closed after them.
fn serialize(reply: &Reply, without_body: bool) -> (Vec<u8>, bool) {
    let body = if without_body { Vec::new() } else { reply.bytes() };
    let length = i64::try_from(body.len()).unwrap_or(i64::MAX);
    let with = |framing: &str, body: &[u8]| [head(reply, framing).as_bytes(), body].concat();
    let announced =
        reply.headers.iter().any(|(name, value)| name.eq_ignore_ascii_case("connection") && value == "close");
    let closes = announced || reply.hangs_up;
    let sized = |length: i64| format!("Content-Length: {length}\r\n");
    match reply.framing {
        // No body is allowed where the status says that there is none.
        Framing::Whole if reply.status == 204 => (with("", b""), closes),
        Framing::Whole => (with(&sized(length), &body), closes),
        Framing::Chunked(size) => (with("Transfer-Encoding: chunked\r\n", &chunked(&body, size, b"0\r\n\r\n")), closes),
        Framing::OpenChunks => (with("Transfer-Encoding: chunked\r\n", &chunked(&body, body.len(), b"")), true),
        Framing::BadChunk => {
            (with("Transfer-Encoding: chunked\r\n", &[b"xyz\r\n".as_slice(), &body, b"\r\n0\r\n\r\n"].concat()), true)
        }
        Framing::LengthOff(by) => (with(&sized((length + by).max(0)), &body), true),
        Framing::TwoLengths => (with(&[sized(length), sized(length + 1)].concat(), &body), true),
        Framing::Cut(at) => (with(&sized(length), body.get(..at).unwrap_or(&body)), true),
        Framing::CutHead => (b"HTTP/1.1 200 OK\r\nContent-Type: appli".to_vec(), true),
        Framing::Silence | Framing::Hang => (Vec::new(), true),
        Framing::BodyOnly => (body, true),
        Framing::BadHeader => (with(&format!("this line has no colon\r\n{}", sized(length)), &body), true),
    }
}

fn head(reply: &Reply, framing: &str) -> String {
    let reason = axum::http::StatusCode::from_u16(reply.status).ok().and_then(|status| status.canonical_reason());
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, reason.unwrap_or("Unknown"));
    for (name, value) in &reply.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head + framing + "\r\n"
}

fn chunked(body: &[u8], size: usize, last: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in body.chunks(size.max(1)) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(last);
    bytes
}
