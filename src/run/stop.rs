//! Stopping a run early: start nothing new, finish what is in flight, clean up, report.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::SetOnce;

use crate::verdict::StopReason;

/// How long what is under way may still take that doesn't end by itself once a stop is asked for.
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// A wish to stop, shared by all who may have it and all who heed it.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<SetOnce<StopReason>>);

impl Stop {
    /// Nobody wishes to stop yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a stop, for this reason; the first reason given stays.
    pub fn ask(&self, reason: StopReason) {
        let _ = self.0.set(reason);
    }

    /// One that comes with this one, and may come without it. Must be called within a tokio runtime.
    pub fn child(&self) -> Self {
        let child = Self::new();
        if let Some(reason) = self.reason() {
            child.ask(reason);
        }
        let (parent, heard) = (self.clone(), child.clone());
        tokio::spawn(async move { heard.ask(parent.0.wait().await.clone()) });
        child
    }

    /// Asks for a stop once this time has passed. Must be called within a tokio runtime.
    pub fn after(&self, limit: Duration) {
        let stop = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            stop.ask(StopReason::TimeLimit(limit));
        });
    }

    /// Waits until a stop is asked for.
    pub async fn asked(&self) {
        self.0.wait().await;
    }

    /// Waits until a stop was asked for so long ago that nobody waits for anything any more.
    pub(super) async fn overdue(&self) {
        self.asked().await;
        tokio::time::sleep(GRACE).await;
    }

    /// Waits until a stop is asked for that no request outlasts; gives back why.
    pub(super) async fn cut(&self) -> String {
        let reason = self.0.wait().await;
        if !ends_requests(reason) {
            return std::future::pending().await;
        }
        reason.to_string()
    }

    /// Whether such a stop was asked for.
    pub(super) fn is_cut(&self) -> bool {
        self.0.get().is_some_and(ends_requests)
    }

    /// Lets this much time pass; says whether nobody asked for a stop meanwhile.
    pub(super) async fn sleep(&self, wait: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.asked() => {}
        }
        !self.is_set()
    }

    /// Whether a stop was asked for.
    pub fn is_set(&self) -> bool {
        self.0.get().is_some()
    }

    /// Why, if it was.
    pub fn reason(&self) -> Option<StopReason> {
        self.0.get().cloned()
    }
}

/// Whether requests that are under way end with the run: where its time is over, or nobody answers.
fn ends_requests(reason: &StopReason) -> bool {
    matches!(reason, StopReason::TimeLimit(_) | StopReason::Other(_))
}
