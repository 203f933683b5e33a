//! How much results may take that wait for the ones before them: where they are long, no further case is begun until the
//! first of those in flight is over. Which one that is doesn't change what any of them comes to.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many bytes of results may wait.
const WAITING: usize = 16 * 1024 * 1024;

/// The results that wait.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    bytes: AtomicUsize,
    /// How many batches were taken: the number of the one that all others wait for.
    taken: AtomicUsize,
    changed: Notify,
}

impl Backlog {
    /// Whether a batch with this number may begin.
    pub(super) fn has_room(&self, number: usize) -> bool {
        self.bytes.load(Ordering::SeqCst) < WAITING || number <= self.taken.load(Ordering::SeqCst)
    }

    /// Waits until it may.
    pub(super) async fn room(&self, number: usize) {
        while !self.has_room(number) {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if !self.has_room(number) {
                changed.await;
            }
        }
    }

    /// Notes that results of so many bytes wait.
    pub(super) fn add(&self, bytes: usize) {
        if bytes > 0 {
            self.bytes.fetch_add(bytes, Ordering::SeqCst);
        }
    }

    /// Notes that the next batch was taken, with so many bytes.
    pub(super) fn take(&self, bytes: usize) {
        let before = self.bytes.fetch_sub(bytes, Ordering::SeqCst);
        self.taken.fetch_add(1, Ordering::SeqCst);
        if before >= WAITING {
            self.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_results_are_long_only_the_batch_that_all_others_wait_for_begins() {
        let backlog = Backlog::default();
        backlog.room(7).await;
        backlog.add(WAITING);
        assert!(backlog.has_room(0) && !backlog.has_room(1));
        let take = async { backlog.take(0) };
        tokio::join!(backlog.room(1), take);
        let take = async { backlog.take(WAITING) };
        tokio::join!(backlog.room(9), take);
    }
}
