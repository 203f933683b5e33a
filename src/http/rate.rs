//! How often requests may leave: a waiting token bucket that all clones of a client share.
//!
//! Requests that leave evenly arrive less evenly. A target that enforces the same limit must not have to refuse one for
//! that, so there is a second rule: at most the rate's number of requests is under way or was answered within its time.
//! Whatever was answered has arrived by then, so no stretch of that time sees more arrive.
//!
//! Knows nothing of why a target wants to be asked slowly; an answer 429 is a matter for whoever judges answers.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most requests a second that can be asked for.
const MOST: u32 = 100_000;

/// At most so many requests in so much time, evenly spaced, so that a target that enforces the same limit never has to refuse
/// one. Clones share the bucket.
#[derive(Clone)]
pub struct Rate {
    text: String,
    per: Duration,
    bucket: Arc<DefaultDirectRateLimiter>,
    window: Arc<Semaphore>,
}

/// A request's leave to be under way. It counts against the rate until its time has passed after this is dropped, which
/// is when the answer is there.
pub(super) struct Leave {
    permit: Option<OwnedSemaphorePermit>,
    per: Duration,
}

impl Drop for Leave {
    fn drop(&mut self) {
        // Outside of a runtime nothing more is sent.
        if let (Some(permit), Ok(runtime)) = (self.permit.take(), Handle::try_current()) {
            let per = self.per;
            runtime.spawn(async move {
                tokio::time::sleep(per).await;
                drop(permit);
            });
        }
    }
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// It isn't written like one.
    #[error("write it like 20/s, 300/m, or 20 for 20 a second")]
    Form,
    /// Nothing could ever be sent, or more than is sensible.
    #[error("give from 1 to 100000 requests")]
    Size,
}

impl Rate {
    /// Waits until the next request may leave.
    pub(super) async fn leave(&self) -> Leave {
        // Nobody closes the semaphore; without a permit the bucket alone would rule.
        let permit = Arc::clone(&self.window).acquire_owned().await.ok();
        self.bucket.until_ready().await;
        Leave { permit, per: self.per }
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (number, per) = match text.split_once('/') {
            None => (text, Duration::from_secs(1)),
            Some((number, "s")) => (number, Duration::from_secs(1)),
            Some((number, "m")) => (number, Duration::from_secs(60)),
            Some(_) => return Err(RateError::Form),
        };
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(RateError::Form);
        }
        let number = number.parse::<u32>().map_err(|_| RateError::Size)?;
        let number = NonZeroU32::new(number).filter(|number| number.get() <= MOST).ok_or(RateError::Size)?;
        let quota = Quota::with_period(per / number.get()).ok_or(RateError::Size)?;
        let (bucket, window) = (RateLimiter::direct(quota), Semaphore::new(number.get() as usize));
        Ok(Self { text: text.to_owned(), per, bucket: Arc::new(bucket), window: Arc::new(window) })
    }
}

/// As it was written.
impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Rate({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_written_by_the_second_by_the_minute_or_as_a_number() {
        for text in ["20/s", "300/m", "20", "1", "100000/s"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_rate_says_how_one_is_written() {
        for text in ["", "/s", "fast", "20/h", "-1", "+5", "1.5/s", "20/s/s", " 20"] {
            assert_eq!(text.parse::<Rate>().unwrap_err(), RateError::Form, "{text}");
        }
        for text in ["0", "0/m", "100001", "99999999999/s"] {
            assert_eq!(text.parse::<Rate>().unwrap_err(), RateError::Size, "{text}");
        }
    }
}
