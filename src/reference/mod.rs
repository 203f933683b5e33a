//! The reference implementation of `POST /v1/{project_id}/connections`: in memory, correct by the documentation,
//! and able to break each clause of it on demand.
//!
//! Owns its own reading of the documentation; it shares no validation code with the checks, since an oracle can't
//! share bugs with its subject. [`FAULTS`] are ways to break one clause; [`VARIANTS`] are other ways to be right.
//! Each is one row that exchanges a hook of `behaviour::Behaviour`; nothing else knows of faults.
//!
//! A request goes through `serve` (axum) or `raw` (bare TCP, where an answer must be malformed) to `handler`, which asks
//! the hooks in order: `route`, `token`, `body`, `field`, `store`; the answer is made in `reply`.
//!
//! The token `good-token` may do everything, `limited-token` may only read; so may, but for these, only tokens that `identity`
//! gives. Every project is a tenant of its own. Reading back and deleting are there for cleaning up.

mod behaviour;
mod body;
mod cause;
mod faults;
mod field;
mod handler;
mod identity;
mod lenient;
mod raw;
mod reply;
mod request;
mod route;
mod serve;
mod stamp;
mod store;
mod token;
mod variants;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use behaviour::{Behaviour, Transport};
use handler::Handler;

pub use faults::{FAULTS, Fault, fault};
pub use variants::{VARIANTS, Variant, variant};

/// How long [`ServerHandle::stop`] waits for answers that are under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);

/// What kind of server to start.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// The one way in which the server is wrong.
    pub fault: Option<&'static Fault>,
    /// The ways in which it is right, but different. Applied in this order, before the fault.
    pub variants: Vec<&'static Variant>,
    /// For how many requests a token of the identity service is good; 0 for any number.
    pub token_uses: usize,
}

/// A server at work. Dropping it stops it.
#[derive(Debug)]
pub struct ServerHandle {
    address: SocketAddr,
    handler: Arc<Handler>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Starts a server on loopback, as a task of the current tokio runtime. It accepts connections when this returns.
///
/// # Errors
/// Where the port can't be bound.
pub async fn start(options: Options) -> io::Result<ServerHandle> {
    if stamp::now() < jiff::Timestamp::UNIX_EPOCH {
        // What writes the `Date` of each answer panics.
        return Err(io::Error::other("the clock of this machine stands before 1970: set it"));
    }
    let mut behaviour = Behaviour::default();
    for variant in &options.variants {
        variants::apply(variant, &mut behaviour);
    }
    if let Some(fault) = options.fault {
        fault.apply(&mut behaviour);
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    let address = listener.local_addr()?;
    let transport = behaviour.transport;
    let handler = Arc::new(Handler::new(behaviour, options.token_uses));
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async move { drop(stopped.await) };
    let task = match transport {
        Transport::Axum => tokio::spawn(serve::serve(listener, Arc::clone(&handler), stopped)),
        Transport::Raw => tokio::spawn(raw::serve(listener, Arc::clone(&handler), stopped)),
    };
    Ok(ServerHandle { address, handler, stop: Some(stop), task })
}

impl ServerHandle {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were created and not deleted.
    #[must_use]
    pub fn connections_left(&self) -> usize {
        self.handler.connections_left()
    }

    /// How many tokens the identity service was asked for.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.handler.logins()
    }

    /// How many requests have come in.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.handler.requests()
    }

    /// Stops it, and waits until its port is free: answers that are under way are finished, for at most a second.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            // Whoever is gone already needs no telling.
            let _ = stop.send(());
        }
        if tokio::time::timeout(STOP_TIMEOUT, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}
