//! Knowing which requests dialled, and keeping sequential requests on one connection.
//!
//! A connector around reqwest's own. What it notes decides whether a closed connection was the target's answer to the
//! request (a connection that the request dialled) or may be the race with the target's closing a kept-alive one.

use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection, HttpInfo};
use tower_layer::Layer;
use tower_service::Service;

/// How long a connection that ought to come back is waited for. It takes microseconds; the rest is for a busy machine.
/// A target that closes after its answer without saying so costs this much a request.
const GRACE: Duration = Duration::from_millis(20);

type BoxError = Box<dyn Error + Send + Sync>;

tokio::task_local! {
    /// The local port of the connection that the request of this scope dialled. It may yet travel on another that came
    /// free meanwhile; then the attempt goes on in a task of its own, outside any scope.
    static DIALLED: Cell<Option<u16>>;
}

/// Runs a request, and gives the local port of the connection that it dialled, if it did.
pub(super) async fn watched<T>(request: impl Future<Output = T>) -> (T, Option<u16>) {
    let watched = async {
        let outcome = request.await;
        (outcome, DIALLED.with(Cell::get))
    };
    DIALLED.scope(Cell::new(None), watched).await
}

/// The local port of a connection.
pub(super) fn local_port(connected: &Connected) -> Option<u16> {
    let mut extensions = http::Extensions::new();
    connected.get_extras(&mut extensions);
    extensions.get::<HttpInfo>().map(|info| info.local_addr().port())
}

/// The connector's layer.
#[derive(Debug, Clone, Default)]
pub(super) struct ConnectLayer {
    /// Only where one connection is kept to: whether it is expected back.
    ///
    /// A connection returns to the pool a moment after its answer is complete, from another task. A request that comes in
    /// between would open a second one, so the dialling waits for that moment.
    returning: Option<Arc<AtomicBool>>,
}

impl ConnectLayer {
    /// ConnectLayer only where no connection is about to come back.
    pub(super) fn one_connection() -> Self {
        Self { returning: Some(Arc::default()) }
    }

    /// Notes what becomes of the connection that has just served: whether it will come back.
    pub(super) fn expect(&self, back: bool) {
        if let Some(returning) = &self.returning {
            returning.store(back, Ordering::Release);
        }
    }
}

impl<S> Layer<S> for ConnectLayer {
    type Service = TrackedConnector<S>;

    fn layer(&self, inner: S) -> TrackedConnector<S> {
        TrackedConnector { inner, dials: self.clone() }
    }
}

/// A connector that notes that it was used.
#[derive(Debug, Clone)]
pub(super) struct TrackedConnector<S> {
    inner: S,
    dials: ConnectLayer,
}

impl<S, Target> Service<Target> for TrackedConnector<S>
where
    S: Service<Target, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
    S::Response: Connection + Send + 'static,
    Target: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, target: Target) -> Self::Future {
        let wait = self.dials.returning.as_ref().is_some_and(|returning| returning.swap(false, Ordering::AcqRel));
        // The service that was polled ready is the one to call; its clone takes its place.
        let clone = self.inner.clone();
        let mut ready = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            if wait {
                tokio::time::sleep(GRACE).await;
                if DIALLED.try_with(Cell::get).is_err() {
                    return Err("the connection came back meanwhile".into());
                }
            }
            let connection = ready.call(target).await?;
            // Outside a scope nobody asks.
            let _ = DIALLED.try_with(|dialled| dialled.set(local_port(&connection.connected())));
            Ok(connection)
        })
    }
}
