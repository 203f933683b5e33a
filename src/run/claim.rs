//! How many bytes of large answers a run works on at once, over all cases in flight.
//!
//! What is made of an answer while it is judged takes several times its size. So a case that gets a large one claims room
//! before it looks at it, and others wait. Once one was large, room is claimed before a request leaves. Nobody waits for room
//! while having some, nor for a place among those in flight, so somebody always goes on. What a case comes to doesn't depend
//! on it, and answers of usual size cost nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// From how many bytes on an answer is large.
const LARGE: usize = 64 * 1024;
/// How many KiB may be claimed in all.
const ROOM: u32 = 4 * 1024;
/// The most bytes that a case may have beside others.
const SHARED: usize = 1024 * 1024;

/// The room of a run.
#[derive(Debug)]
pub(super) struct Room {
    semaphore: Arc<Semaphore>,
    /// The size of the largest answer so far; 0 as long as none was large.
    largest: AtomicUsize,
}

impl Default for Room {
    fn default() -> Self {
        Self { semaphore: Arc::new(Semaphore::new(ROOM as usize)), largest: AtomicUsize::new(0) }
    }
}

impl Room {
    /// Lets everybody go on who waits for room, now and later: some of it never comes back.
    pub(super) fn close(&self) {
        self.semaphore.close();
    }
}

/// What one case claims of it.
#[derive(Debug)]
pub(super) struct Claim {
    room: Arc<Room>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// The bytes of all large answers.
    bytes: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl Claim {
    /// Nothing yet.
    pub(super) fn new(room: &Arc<Room>) -> Self {
        Self { room: Arc::clone(room), held: Mutex::default() }
    }

    /// Claims room for an answer of so many bytes, which has come.
    pub(super) async fn hold(&self, bytes: usize) {
        if bytes < LARGE {
            return;
        }
        self.room.largest.fetch_max(bytes, Ordering::Relaxed);
        let mut held = self.held.lock().await;
        held.bytes = held.bytes.saturating_add(bytes);
        let bytes = held.bytes;
        self.claim(&mut held, bytes).await;
    }

    /// Claims room for so many answers that are asked for at once, where answers are large.
    pub(super) async fn expect(&self, answers: usize) {
        let largest = self.room.largest.load(Ordering::Relaxed);
        if largest >= LARGE {
            let mut held = self.held.lock().await;
            let bytes = held.bytes.saturating_add(largest.saturating_mul(answers));
            self.claim(&mut held, bytes).await;
        }
    }

    /// Gives the room up for as long as the case waits for something else.
    pub(super) async fn release(&self) {
        self.held.lock().await.permit = None;
    }

    async fn claim(&self, held: &mut Held, bytes: usize) {
        // A case with more than its share is judged alone.
        let double = u32::try_from(bytes / 512).unwrap_or(ROOM);
        let wanted = if bytes > SHARED { ROOM } else { double.min(ROOM) };
        if held.permit.as_ref().is_none_or(|permit| permit.num_permits() < wanted as usize) {
            // Whoever held on to some while waiting for more could wait for ever.
            held.permit = None;
            // Where it is closed, the run is stopped, and what is in flight comes to its end without.
            held.permit = Arc::clone(&self.room.semaphore).acquire_many_owned(wanted).await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(room: &Room) -> usize {
        room.semaphore.available_permits()
    }

    #[tokio::test]
    async fn a_usual_answer_claims_nothing_and_a_large_one_twice_its_size() {
        let room = Arc::new(Room::default());
        let claim = Claim::new(&room);
        claim.hold(LARGE - 1).await;
        claim.expect(20).await;
        assert_eq!(left(&room), ROOM as usize);
        claim.hold(100 * 1024).await;
        assert_eq!(left(&room), ROOM as usize - 200);
        claim.hold(100 * 1024).await;
        assert_eq!(left(&room), ROOM as usize - 400);
        claim.release().await;
        assert_eq!(left(&room), ROOM as usize);
    }

    #[tokio::test]
    async fn a_case_with_a_great_deal_is_alone_and_waits_for_others_without_holding_on_to_anything() {
        let room = Arc::new(Room::default());
        let (one, other) = (Claim::new(&room), Claim::new(&room));
        one.hold(900 * 1024).await;
        other.hold(900 * 1024).await;
        // Each wants all of it now: one of them has to wait for the other, and neither for ever.
        let both = async |claim: Claim| {
            claim.hold(900 * 1024).await;
            assert_eq!(left(&room), 0);
        };
        tokio::join!(both(one), both(other));
        assert_eq!(left(&room), ROOM as usize);
    }

    #[tokio::test]
    async fn requests_at_once_claim_for_all_answers_before_they_leave() {
        let room = Arc::new(Room::default());
        let claim = Claim::new(&room);
        Claim::new(&room).hold(100 * 1024).await;
        claim.expect(2).await;
        assert_eq!(left(&room), ROOM as usize - 400);
        claim.hold(100 * 1024).await;
        assert_eq!(left(&room), ROOM as usize - 400);
        claim.expect(20).await;
        assert_eq!(left(&room), 0);
    }
}
