//! Idle connections to one origin, the last used first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::connection::Connection;

/// Idle connections to one origin.
#[derive(Debug)]
pub(super) struct Pool {
    /// How many are kept at most.
    most: usize,
    /// How long each is kept.
    idle_timeout: Duration,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The longest idle first.
    idle: Vec<Connection>,
    /// Whether somebody is there who closes what is idle too long.
    is_swept: bool,
}

impl Pool {
    pub(super) fn new(most: usize, idle_timeout: Duration) -> Arc<Self> {
        Arc::new(Self { most, idle_timeout, inner: Mutex::default() })
    }

    /// Takes the connection that was used last, and whether it has been idle too long.
    pub(super) fn take(&self) -> Option<(Connection, bool)> {
        let connection = self.inner().idle.pop()?;
        let is_old = connection.since.elapsed() >= self.idle_timeout;
        Some((connection, is_old))
    }

    /// Keeps a connection that is idle from now on.
    pub(super) fn put(self: &Arc<Self>, mut connection: Connection) {
        connection.since = Instant::now();
        let mut inner = self.inner();
        if inner.idle.len() >= self.most {
            return;
        }
        inner.idle.push(connection);
        if !inner.is_swept
            && let Ok(runtime) = Handle::try_current()
        {
            inner.is_swept = true;
            runtime.spawn(sweep(Arc::downgrade(self), self.idle_timeout));
        }
    }

    /// Closes all of them.
    pub(super) fn clear(&self) {
        // Closed outside of the lock.
        let idle = std::mem::take(&mut self.inner().idle);
        drop(idle);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while it holds the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes connections that are idle too long: a server may serve no other as long as one is open.
async fn sweep(pool: Weak<Pool>, every: Duration) {
    loop {
        sleep(every).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut inner = pool.inner();
        let old = inner.idle.iter().take_while(|connection| connection.since.elapsed() >= every).count();
        let old: Vec<Connection> = inner.idle.drain(..old).collect();
        inner.is_swept = !inner.idle.is_empty();
        let is_over = !inner.is_swept;
        drop(inner);
        drop(old);
        if is_over {
            return;
        }
    }
}
