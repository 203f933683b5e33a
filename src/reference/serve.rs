//! The ordinary transport: axum.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{self, ConnectInfo, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use axum::serve::IncomingStream;
use futures_util::StreamExt;
use tokio::net::TcpListener;

use super::body::LIMIT;
use super::handler::Handler;
use super::reply::{Framing, Reply};
use super::request::{Request, Session};

/// How much of a body that is too large is read and thrown away, so that its sender lives to see the answer.
const DISCARDED: usize = 64 << 20;

/// A client's connection, as axum hands it to each of its requests.
#[derive(Clone)]
struct Client(Arc<Session>);

impl Connected<IncomingStream<'_, TcpListener>> for Client {
    fn connect_info(_: IncomingStream<'_, TcpListener>) -> Self {
        Self(Arc::default())
    }
}

/// Serves until `stopped` is ready; then closes idle connections and finishes what is in flight.
pub(super) async fn serve(
    listener: TcpListener,
    handler: Arc<Handler>,
    stopped: impl Future<Output = ()> + Send + 'static,
) {
    // The handler finds the operation itself, for that is a hook too.
    let router = Router::new().fallback(handle).with_state(handler).into_make_service_with_connect_info::<Client>();
    // Accepting never fails for good, axum sees to that.
    let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
}

async fn handle(
    State(handler): State<Arc<Handler>>,
    ConnectInfo(client): ConnectInfo<Client>,
    request: extract::Request,
) -> Response {
    let (head, body) = request.into_parts();
    let (body, too_large) = collect(body).await;
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        header_spellings: head.headers.keys().map(|name| name.as_str().to_owned()).collect(),
        headers: head.headers,
        after_accepted: client.0.after_accepted(),
        body,
        too_large,
    };
    respond(&handler.answer(&request, &client.0).await)
}

/// The body's first [`LIMIT`] bytes, and whether there were more. A body that breaks off counts as it came.
async fn collect(body: Body) -> (Vec<u8>, bool) {
    let mut stream = body.into_data_stream();
    let (mut kept, mut seen) = (Vec::new(), 0);
    while let Some(Ok(chunk)) = stream.next().await {
        seen += chunk.len();
        let room = LIMIT.saturating_sub(kept.len()).min(chunk.len());
        kept.extend_from_slice(chunk.get(..room).unwrap_or_default());
        if seen > DISCARDED {
            break;
        }
    }
    (kept, seen > LIMIT)
}

fn respond(reply: &Reply) -> Response {
    let bytes = reply.bytes();
    let body = match reply.framing {
        Framing::Chunked(size) => {
            let chunks: Vec<_> = bytes.chunks(size.max(1)).map(Bytes::copy_from_slice).collect();
            Body::from_stream(futures_util::stream::iter(chunks.into_iter().map(Ok::<_, std::io::Error>)))
        }
        _ => Body::from(bytes),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &reply.headers {
        // What a fault wants to say and a header can't hold is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
