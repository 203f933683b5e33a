//! A connection: bytes out, bytes in, and what it has come to.

use std::future::poll_fn;
use std::io::{self, IoSlice, Read as _};
use std::mem::MaybeUninit;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::super::trust::is_tls;
use super::message::Message;
use super::reader::{Reader, is_empty_lines};

/// How much is read at once.
const ROOM: usize = 16 * 1024;

/// How long the runtime may take to hear of what has come already.
const HEARD: Duration = Duration::from_millis(100);

/// What the bytes travel on.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A connection, and what came on it and belongs to no answer yet.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    input: BytesMut,
    /// How many answers it has brought.
    pub(super) served: u32,
    /// How long the last of them took.
    pub(super) took: Duration,
    /// Since when it is idle.
    pub(super) since: Instant,
}

/// What became of a request on a connection.
#[derive(Debug)]
pub(super) struct Delivery {
    /// How many bytes of it have left.
    pub(super) sent: usize,
    /// Whether all of it has.
    pub(super) whole: bool,
    /// Why there is no connection after all: TLS refuses it for want of a certificate, or speaks where none is spoken.
    pub(super) refused: Option<String>,
}

/// What an idle connection has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Idle {
    /// It may be used.
    Quiet,
    /// The other side has closed it.
    Closed,
    /// Empty lines have come, which say nothing (RFC 9112, 9.2).
    EmptyLines,
    /// So many bytes have come that nobody asked for.
    Unsolicited(usize),
}

impl Connection {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, input: BytesMut::with_capacity(ROOM), served: 0, took: Duration::ZERO, since: Instant::now() }
    }

    /// Sends a message and reads until the answer has ended. An answer that comes before the message has left ends the
    /// sending; a target that takes no more of the message may have answered all the same.
    pub(super) async fn converse(&mut self, message: &Message, reader: &mut Reader) -> Delivery {
        let began = Instant::now();
        let is_plain = self.served == 0 && matches!(self.stream, Stream::Plain(_));
        let (stream, input) = (&mut self.stream, &mut self.input);
        let mut outgoing = Buf::chain(message.head.as_ref(), message.body.as_ref());
        let whole = outgoing.remaining();
        let (mut deaf, mut flushed, mut refused) = (false, false, None);
        let mut most = 0;
        poll_fn(|context| {
            loop {
                let mut moved = false;
                while outgoing.has_remaining() && !deaf {
                    match pin!(stream.write_buf(&mut outgoing)).poll(context) {
                        Poll::Ready(Ok(written)) => (moved, deaf) = (written > 0, written == 0),
                        Poll::Ready(Err(_)) => deaf = true,
                        Poll::Pending => break,
                    }
                }
                if !outgoing.has_remaining() && !flushed && !deaf {
                    match Pin::new(&mut *stream).poll_flush(context) {
                        Poll::Ready(done) => (flushed, deaf) = (true, done.is_err()),
                        Poll::Pending => {}
                    }
                }
                most = most.max(input.len());
                input.reserve(ROOM / 2);
                match pin!(stream.read_buf(input)).poll(context) {
                    Poll::Ready(Ok(0)) => {
                        reader.end(input);
                        return Poll::Ready(());
                    }
                    Poll::Ready(Ok(_)) if is_plain && is_tls(input) => {
                        refused = Some("http to a port that speaks https".to_owned());
                        return Poll::Ready(());
                    }
                    Poll::Ready(Ok(_)) if reader.read(input) => return Poll::Ready(()),
                    Poll::Ready(Ok(_)) => moved = true,
                    Poll::Ready(Err(error)) => {
                        refused = refusal(&error);
                        reader.lost(&error, input);
                        return Poll::Ready(());
                    }
                    Poll::Pending => {}
                }
                if !moved {
                    return Poll::Pending;
                }
            }
        })
        .await;
        self.took = began.elapsed();
        if most > ROOM {
            // A long head came: the room that it took isn't kept for the life of the connection.
            self.input = BytesMut::from(self.input());
        }
        let left = outgoing.remaining();
        Delivery { sent: whole - left, whole: left == 0 && !deaf, refused }
    }

    /// What came behind the answer, or belongs to none.
    pub(super) fn input(&self) -> &[u8] {
        &self.input
    }

    /// Looks at what an idle connection has come to.
    pub(super) async fn look(&mut self) -> Idle {
        match &mut self.stream {
            Stream::Plain(stream) => look_at(stream),
            Stream::Tls(stream) => look_into(stream).await,
        }
    }

    /// The same, once the other side has had so much time to close it.
    pub(super) async fn watch(&mut self, grace: Duration) -> Idle {
        // Whatever came meanwhile is found below.
        let _ = timeout(grace, self.tcp().readable()).await;
        self.look().await
    }

    /// Whether the other side had closed the connection before what was sent last reached it: behind the end comes a reset,
    /// for which a system that keeps to RFC 9293 (3.6.1) leaves so much time at most.
    pub(super) async fn is_unread(&self, grace: Duration) -> bool {
        // Whether it has come is asked below.
        let _ = timeout(grace, self.tcp().ready(Interest::ERROR)).await;
        matches!(self.tcp().take_error(), Ok(Some(_)))
    }

    fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(stream) => stream,
            Stream::Tls(stream) => stream.get_ref().0,
        }
    }
}

/// Asks the system itself: the runtime hears of what has come only when it next looks.
fn look_at(stream: &TcpStream) -> Idle {
    let mut room = [0; 1024];
    match (&*SockRef::from(stream)).read(&mut room) {
        Ok(bytes) => came(room.get(..bytes).unwrap_or_default()),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Idle::Quiet,
        Err(_) => Idle::Closed,
    }
}

/// What has come may be TLS's own, a ticket, say.
async fn look_into(stream: &mut TlsStream<TcpStream>) -> Idle {
    loop {
        match SockRef::from(stream.get_ref().0).peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => return Idle::Closed,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Idle::Quiet,
            Err(_) => return Idle::Closed,
        }
        if timeout(HEARD, stream.get_ref().0.readable()).await.is_err() {
            return Idle::Closed;
        }
        let mut room = [0; 1024];
        let read = poll_fn(|context| {
            let mut room = ReadBuf::new(&mut room);
            let read = Pin::new(&mut *stream).poll_read(context, &mut room);
            Poll::Ready(read.map_ok(|()| room.filled().len()))
        });
        match read.await {
            Poll::Ready(Ok(bytes)) => return came(room.get(..bytes).unwrap_or_default()),
            Poll::Ready(Err(_)) => return Idle::Closed,
            Poll::Pending => {}
        }
    }
}

/// What it means that this came on an idle connection. A server that has waited long enough for another request may say so
/// when it closes (RFC 9110, 15.5.9).
fn came(bytes: &[u8]) -> Idle {
    let timed_out = bytes.starts_with(b"HTTP/1.") && bytes.get(8..12) == Some(b" 408");
    match bytes {
        bytes if bytes.is_empty() || timed_out => Idle::Closed,
        bytes if is_empty_lines(bytes) => Idle::EmptyLines,
        bytes => Idle::Unsolicited(bytes.len()),
    }
}

/// The alert by which the target ended TLS over a certificate. With TLS 1.3 it arrives after the connection seems to be
/// made, yet no request was taken.
fn refusal(error: &io::Error) -> Option<String> {
    let alert = Some(error.to_string()).filter(|text| text.contains("received fatal alert: "))?;
    let over_a_certificate = ["Certificate", "UnknownCA", "HandshakeFailure", "AccessDenied"];
    over_a_certificate.iter().any(|word| alert.contains(word)).then_some(alert)
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, room: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, room),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, room),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
