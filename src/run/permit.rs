//! A case's place among those in flight. It is given up while the case waits to be sent again, so that a target's wish to
//! be left alone holds up no case but the one that met it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::stop::Stop;

/// A place among those in flight.
pub(super) struct Permit {
    permits: Option<Arc<Semaphore>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Permit {
    /// Waits for a place.
    pub(super) async fn take(permits: Arc<Semaphore>) -> Self {
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
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.asked() => {}
        }
        self.come_back().await;
        !stop.is_set()
    }

    async fn come_back(&mut self) {
        if let Some(permits) = &self.permits {
            // Nobody closes the semaphore.
            self.permit = Arc::clone(permits).acquire_owned().await.ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_place_is_free_while_its_case_waits_and_taken_again_afterwards() {
        let permits = Arc::new(Semaphore::new(1));
        let mut permit = Permit::take(Arc::clone(&permits)).await;
        assert_eq!(permits.available_permits(), 0);
        let (stop, other) = (Stop::new(), Arc::clone(&permits));
        let next = tokio::spawn(async move { Permit::take(other).await });
        let ask = async {
            // The one who waits has the place by then: it is what ends the wait.
            drop(next.await);
            stop.ask("enough");
        };
        let (in_time, ()) = tokio::join!(permit.pause(Duration::from_secs(3_600), &stop), ask);
        assert!(!in_time);
        assert_eq!(permits.available_permits(), 0);
        drop(permit);
        assert_eq!(permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn what_is_in_flight_alone_needs_no_place() {
        assert!(Permit::unlimited().pause(Duration::from_millis(1), &Stop::new()).await);
    }
}
