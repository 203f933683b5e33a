//! How long to wait after an answer that may pass by itself, until the same is sent again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, SystemTime};

use crate::http::{Response, retry_after};

/// The answers that may pass by themselves. 504 is among them since a gateway gives it for the same reason as 502: the
/// service behind it isn't there, or isn't there in time.
pub(super) const TRANSIENT: [u16; 4] = [429, 502, 503, 504];
/// The longest time that an answer may ask for: one that asks for more is judged as it is, so that no target can hold a
/// run up.
const LONGEST: Duration = Duration::from_secs(60);
/// How long the first retry waits where the answer doesn't say; each further one twice as long.
pub(super) const FIRST: Duration = Duration::from_millis(250);
/// How long such a retry waits at most.
const LONGEST_UNASKED: Duration = Duration::from_secs(8);
/// How much is added at most to a time that was asked for, so that not all who were told the same come back at once.
const SPREAD: Duration = Duration::from_millis(250);

/// How long to wait after an answer before the next retry, after so many made; none where it asks for longer than anybody waits.
/// The same in every run with the same seed, and not the same for another case.
pub(super) fn wait(response: &Response, (seed, id): (u64, &str), made: usize) -> Option<Duration> {
    let asked = retry_after(response, SystemTime::now());
    asked.is_none_or(|asked| asked <= LONGEST).then(|| spread(asked, made, jitter(seed, id, made)))
}

/// A number below 1000 that is the same in every run with the same seed, and another one for another case or retry.
fn jitter(seed: u64, id: &str, made: usize) -> u32 {
    let mut hasher = DefaultHasher::new();
    (seed, id, made).hash(&mut hasher);
    fastrand::Rng::with_seed(hasher.finish()).u32(..1_000)
}

/// The same with a jitter below 1000.
fn spread(asked: Option<Duration>, made: usize, jitter: u32) -> Duration {
    match asked {
        Some(asked) => asked + SPREAD * jitter / 1_000,
        None => {
            let doubled = FIRST.saturating_mul(1 << made.min(16)).min(LONGEST_UNASKED);
            doubled / 2 + doubled / 2 * jitter / 1_000
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_was_asked_for_is_never_cut_short_and_little_is_added_to_it() {
        for asked in [Duration::ZERO, Duration::from_secs(3), LONGEST] {
            for jitter in [0, 500, 999] {
                let wait = spread(Some(asked), 0, jitter);
                assert!(wait >= asked && wait < asked + SPREAD, "{wait:?}");
            }
        }
    }

    #[test]
    fn the_same_seed_case_and_retry_have_the_same_jitter_and_others_spread() {
        assert_eq!(jitter(1, "a/b/c", 0), jitter(1, "a/b/c", 0));
        let cases: Vec<u32> = (0..100).map(|number| jitter(1, &format!("a/b/c[{number}]"), 0)).collect();
        assert!(cases.iter().any(|jitter| *jitter < 250) && cases.iter().any(|jitter| (750..1_000).contains(jitter)));
        assert!((0..10).map(|made| jitter(1, "a/b/c", made)).any(|other| other != jitter(1, "a/b/c", 0)));
    }

    #[test]
    fn unasked_waits_double_up_to_a_limit_and_are_spread_over_their_second_half() {
        let range = |made| (spread(None, made, 0).as_millis(), spread(None, made, 999).as_millis());
        assert_eq!([range(0), range(1), range(2)], [(125, 249), (250, 499), (500, 999)]);
        assert_eq!([range(5), range(9), range(usize::MAX)], [(4_000, 7_996); 3]);
    }
}
