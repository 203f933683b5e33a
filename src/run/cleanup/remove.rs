//! One removal, and what a target has shown of whether it can remove anything at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::http::{Answer, Client, Request};
use crate::suite::Cleanup;
use crate::verdict::UNREACHABLE;

/// What the target has shown so far.
#[derive(Debug, Default)]
pub(in crate::run) struct Remover {
    /// Set once it has shown that it has no operation to clean up with.
    absent: AtomicBool,
    /// Set once something was removed: from then on, what is not there is gone.
    works: AtomicBool,
}

/// What came of a removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::run) enum Removal {
    /// It is gone.
    Done,
    /// It isn't there, or the target has no such operation: this status can mean either.
    Absent(u16),
    /// It could not be removed.
    Refused(String),
    /// Nobody answered, or not usably.
    Lost(String),
}

impl Remover {
    /// Whether the target has shown that it has no such operation.
    pub(in crate::run) fn is_absent(&self) -> bool {
        self.absent.load(Ordering::Relaxed) && !self.works.load(Ordering::Relaxed)
    }

    /// Sends a removal.
    pub(in crate::run) async fn remove(&self, cleanup: &Cleanup, client: &Client, request: Request) -> Removal {
        let request = Arc::new(request);
        let mut exchange = client.send(Arc::clone(&request)).await;
        if exchange.is_unanswered() {
            // What is removed twice is gone as what is removed once.
            exchange = client.send(request).await;
        }
        match exchange.answer {
            Answer::Complete(response) if self.says_gone(cleanup, response.status) => Removal::Done,
            Answer::Complete(response) if cleanup.absent.contains(&response.status) => {
                self.absent.store(true, Ordering::Relaxed);
                Removal::Absent(response.status)
            }
            Answer::Complete(response) => Removal::Refused(format!("answered {}", response.status)),
            Answer::Unusable { defect, .. } => Removal::Lost(defect.says().to_owned()),
            Answer::Unreachable { cause } => Removal::Lost(format!("{UNREACHABLE}: {cause}")),
        }
    }

    /// Whether this status says that it is gone. One that may say as well that there is no such operation (404) says so
    /// only of a target that has removed something before.
    fn says_gone(&self, cleanup: &Cleanup, status: u16) -> bool {
        let done = cleanup.done.contains(&status);
        if done && !cleanup.absent.contains(&status) {
            self.works.store(true, Ordering::Relaxed);
        }
        done && self.works.load(Ordering::Relaxed)
    }
}
