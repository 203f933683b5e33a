//! A case's place among those in flight. It is given up while the case waits to be sent again, so that a target's wish to
//! be left alone holds up no case but the one that met it; and for good where the target has no room for so many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::stop::Stop;

/// The places of a run: so many cases are in flight at once.
pub(super) struct Permits {
    semaphore: Arc<Semaphore>,
    count: AtomicUsize,
}

impl Permits {
    /// So many places.
    pub(super) fn new(count: usize) -> Self {
        Self { semaphore: Arc::new(Semaphore::new(count)), count: AtomicUsize::new(count) }
    }

    /// Whether there is more than one.
    fn are_several(&self) -> bool {
        self.count.load(Ordering::Relaxed) > 1
    }

    /// Lets everybody go on who waits for a place, now and later: some of them never come back.
    pub(super) fn close(&self) {
        self.semaphore.close();
    }

    /// Takes one of several places away; the last one stays.
    fn shrink(&self) -> bool {
        let fewer = |count: usize| (count > 1).then(|| count - 1);
        self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok()
    }
}

/// A place among those in flight.
pub(super) struct Permit {
    permits: Option<Arc<Permits>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Permit {
    /// Waits for a place.
    pub(super) async fn take(permits: Arc<Permits>) -> Self {
        let mut permit = Self { permits: Some(permits), permit: None };
        permit.come_back().await;
        permit
    }

    /// The permit of what is in flight alone: a control.
    pub(super) fn unlimited() -> Self {
        Self { permits: None, permit: None }
    }

    /// Lets this much time pass without the place; says whether nobody asked for a stop meanwhile.
    pub(super) async fn pause(&mut self, wait: Duration, stop: &Stop) -> bool {
        self.permit = None;
        let in_time = stop.sleep(wait).await;
        self.come_back().await;
        in_time
    }

    /// Whether others may be in flight.
    pub(super) fn is_one_of_several(&self) -> bool {
        self.permits.as_ref().is_some_and(|permits| permits.are_several())
    }

    /// Gives up the place for good and waits for another one's: from then on one case fewer is in flight. False where this
    /// is the only place.
    pub(super) async fn give_up(&mut self) -> bool {
        if !self.permits.as_ref().is_some_and(|permits| permits.shrink()) {
            return false;
        }
        if let Some(permit) = self.permit.take() {
            permit.forget();
        }
        self.come_back().await;
        true
    }

    async fn come_back(&mut self) {
        if let Some(permits) = &self.permits {
            // Where they are closed, the run is stopped and nothing is begun any more.
            self.permit = Arc::clone(&permits.semaphore).acquire_owned().await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::StopReason;

    #[tokio::test]
    async fn a_place_is_free_while_its_case_waits_and_taken_again_afterwards() {
        let permits = Arc::new(Permits::new(1));
        let mut permit = Permit::take(Arc::clone(&permits)).await;
        assert_eq!(permits.semaphore.available_permits(), 0);
        let (stop, other) = (Stop::new(), Arc::clone(&permits));
        let next = tokio::spawn(async move { Permit::take(other).await });
        let ask = async {
            // The one who waits has the place by then: it is what ends the wait.
            drop(next.await);
            stop.ask(StopReason::Interrupt);
        };
        let (in_time, ()) = tokio::join!(permit.pause(Duration::from_secs(3_600), &stop), ask);
        assert!(!in_time);
        assert_eq!(permits.semaphore.available_permits(), 0);
        drop(permit);
        assert_eq!(permits.semaphore.available_permits(), 1);
    }

    #[tokio::test]
    async fn what_is_in_flight_alone_needs_no_place() {
        assert!(Permit::unlimited().pause(Duration::from_millis(1), &Stop::new()).await);
    }

    #[tokio::test]
    async fn a_place_that_is_given_up_is_gone_but_the_last_one_stays() {
        let permits = Arc::new(Permits::new(2));
        let mut permit = Permit::take(Arc::clone(&permits)).await;
        let other = Permit::take(Arc::clone(&permits)).await;
        let leave = async { drop(other) };
        let (given_up, ()) = tokio::join!(permit.give_up(), leave);
        assert!(given_up);
        assert_eq!(permits.semaphore.available_permits(), 0);
        assert!(!permit.give_up().await);
        drop(permit);
        assert_eq!(permits.semaphore.available_permits(), 1);
    }
}
