//! Fresh values for templates, deterministic from the run's seed, the row's id and a count of calls.
//!
//! Nothing here is fit for keys or passwords.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use minijinja::value::{Object, ObjectRepr};

/// The letters of `unique`.
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
/// 26^13 is the largest power of 26 that fits 64 bits: so many letters are permuted, more are drawn besides.
const PERMUTED: usize = 13;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// One row's source of fresh values; all clones of a row's scope share it.
#[derive(Debug)]
pub struct Randomness {
    base: u64,
    /// Calls of `unique`, by how many letters are permuted.
    unique: [AtomicU64; PERMUTED],
    other: AtomicU64,
    /// What was drawn so far, where somebody wants to know.
    drawn: Option<Mutex<Vec<GeneratedText>>>,
}

/// A text that was drawn for a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedText {
    /// How it was drawn: `unique(16)`, `uuid` or `pick`.
    pub how: String,
    /// The text.
    pub text: String,
}

impl Randomness {
    /// The source of one row. The same seed and row give the same values in the same order of calls.
    pub fn new(seed: u64, row_id: &str) -> Self {
        let hash = row_id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self {
            base: mix(seed ^ mix(hash)),
            unique: std::array::from_fn(|_| AtomicU64::new(0)),
            other: AtomicU64::new(0),
            drawn: None,
        }
    }

    /// The same source, which keeps what is drawn.
    #[must_use]
    pub(super) fn noting(self) -> Self {
        Self { drawn: Some(Mutex::default()), ..self }
    }

    /// What was drawn so far, in order; nothing unless it is noted.
    pub(super) fn drawn(&self) -> Vec<GeneratedText> {
        self.drawn
            .as_ref()
            .map(|drawn| drawn.lock().unwrap_or_else(PoisonError::into_inner).clone())
            .unwrap_or_default()
    }

    /// Notes a text that was drawn, where somebody wants to know.
    pub(super) fn note(&self, how: impl FnOnce() -> String, text: &str) {
        if let Some(drawn) = &self.drawn {
            let text = text.to_owned();
            drawn.lock().unwrap_or_else(PoisonError::into_inner).push(GeneratedText { how: how(), text });
        }
    }

    /// Exactly `n` lower-case ASCII letters, another text at every call of the row as long as `n` letters allow
    /// (26 calls for one letter), and most likely another than any other row's.
    pub fn unique(&self, n: usize) -> String {
        let Some(counter) = n.checked_sub(1).map(|at| at.min(PERMUTED - 1)).and_then(|at| self.unique.get(at)) else {
            return String::new();
        };
        let permuted = n.min(PERMUTED);
        let call = counter.fetch_add(1, Ordering::Relaxed);
        let mut text = vec![b'a'; n];
        let (head, tail) = text.split_at_mut(n - permuted);
        let mut stream = Stream(mix(self.base ^ call.wrapping_mul(GOLDEN)));
        for letter in head {
            *letter = letter_of(stream.next() % 26);
        }
        let mut rest = self.permuted(permuted, call);
        for letter in tail.iter_mut().rev() {
            *letter = letter_of(rest % 26);
            rest /= 26;
        }
        text.into_iter().map(char::from).collect()
    }

    /// The `call`-th number of a permutation of all numbers below 26^`letters`.
    fn permuted(&self, letters: usize, call: u64) -> u64 {
        let size = u128::from(26_u64).pow(letters as u32);
        let offset = u128::from(mix(self.base ^ letters as u64)) % size;
        let mut step = (u128::from(mix(self.base.rotate_left(17) ^ letters as u64)) % size) | 1;
        if step.is_multiple_of(13) {
            step += 2;
        }
        ((offset + u128::from(call) * step) % size) as u64
    }

    /// A UUID of version 4.
    pub fn uuid(&self) -> String {
        let (high, low) = (self.number(), self.number());
        let bytes = ((u128::from(high) << 64) | u128::from(low)).to_be_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// A number below `bound`; 0 where the bound is 0.
    pub fn below(&self, bound: usize) -> usize {
        self.number().checked_rem(bound as u64).unwrap_or(0) as usize
    }

    fn number(&self) -> u64 {
        let call = self.other.fetch_add(1, Ordering::Relaxed);
        mix(self.base.wrapping_add(call.wrapping_add(1).wrapping_mul(GOLDEN)))
    }
}

impl Object for Randomness {
    fn repr(self: &std::sync::Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

struct Stream(u64);

impl Stream {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }
}

fn letter_of(number: u64) -> u8 {
    LETTERS.get(number as usize).copied().unwrap_or(b'a')
}

/// The finaliser of splitmix64: a permutation of all 64-bit numbers.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_letter_takes_every_letter_once_in_26_calls() {
        let random = Randomness::new(7, "suite/file/case[at]");
        let letters: HashSet<String> = (0..26).map(|_| random.unique(1)).collect();
        assert_eq!(letters.len(), 26);
    }

    #[test]
    fn the_same_seed_and_row_give_the_same_values() {
        let (one, two) = (Randomness::new(1, "a"), Randomness::new(1, "a"));
        assert_eq!((one.unique(16), one.uuid()), (two.unique(16), two.uuid()));
        assert_ne!(Randomness::new(2, "a").unique(16), Randomness::new(1, "a").unique(16));
        assert_ne!(Randomness::new(1, "b").unique(16), Randomness::new(1, "a").unique(16));
    }

    #[test]
    fn a_uuid_says_that_it_is_of_version_4() {
        let text = Randomness::new(0, "").uuid();
        assert_eq!(uuid::Uuid::parse_str(&text).unwrap().get_version_num(), 4);
    }

    #[test]
    fn a_hundred_thousand_rows_never_share_a_text_of_sixteen_letters() {
        let texts: HashSet<String> = (0..100_000).map(|row| Randomness::new(3, &row.to_string()).unique(16)).collect();
        assert_eq!(texts.len(), 100_000);
    }

    proptest! {
        #[test]
        fn unique_has_exactly_n_letters_and_is_new_at_every_call(seed: u64, row in ".{0,12}", n in 2_usize..300) {
            let random = Randomness::new(seed, &row);
            let texts: HashSet<String> = (0..200).map(|_| random.unique(n)).collect();
            prop_assert_eq!(texts.len(), 200);
            let fits = |text: &String| text.len() == n && text.bytes().all(|byte| byte.is_ascii_lowercase());
            prop_assert!(texts.iter().all(fits));
        }
    }
}
