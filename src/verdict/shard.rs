//! A shard: which part of a suite's rows one of several runs fires.
//!
//! Rows are dealt by a hash of their id that is frozen: the same row falls in the same shard on every machine and in
//! every version, wherever it stands in its file. All steps of a row stay together.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One of several equal parts of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[1-9][0-9]*/[1-9][0-9]*$"))]
pub struct Shard {
    index: u16,
    count: u16,
}

impl Shard {
    /// The most shards that a run may have.
    pub const MOST: u16 = 256;

    /// The shard with this 1-based index of so many; none where the index isn't from 1 to the count, or the count isn't
    /// from 1 to [`Self::MOST`].
    pub fn new(index: u16, count: u16) -> Option<Self> {
        (1..=Self::MOST).contains(&count).then_some(())?;
        (1..=count).contains(&index).then_some(Self { index, count })
    }

    /// Which one it is, from 1 on.
    pub fn index(self) -> u16 {
        self.index
    }

    /// Of how many.
    pub fn count(self) -> u16 {
        self.count
    }

    /// Whether the row with this id is in it.
    pub fn holds(self, id: &str) -> bool {
        spread(id) % u64::from(self.count) == u64::from(self.index - 1)
    }
}

/// FNV-1a over the bytes, then the finish of splitmix64, so that ids which differ in a digit alone spread, too.
fn spread(id: &str) -> u64 {
    let folded = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let mixed = (folded ^ (folded >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
        let shard = parts.and_then(|(index, count)| Self::new(index, count));
        shard.ok_or_else(|| format!("a shard is INDEX/COUNT, the index from 1 on, the count at most {}", Self::MOST))
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_frozen() {
        let of = |id: &str| (1..=5).find(|index| Shard::new(*index, 5).unwrap().holds(id)).unwrap();
        let known = [
            ("connections/name/max-length[at]", 1),
            ("connections/name/max-length[over]", 1),
            ("connections/token/missing", 4),
            ("", 4),
        ];
        let found: Vec<_> = known.iter().map(|(id, _)| (*id, of(id))).collect();
        assert_eq!(found, known);
    }

    #[test]
    fn every_id_is_in_exactly_one_shard_and_shards_are_of_like_size() {
        let shards: Vec<Shard> = (1..=7).map(|index| Shard::new(index, 7).unwrap()).collect();
        let mut sizes = [0_usize; 7];
        for number in 0..7_000 {
            let id = format!("suite/file/case[n={number}]");
            let holders: Vec<usize> = (0..7).filter(|index| shards[*index].holds(&id)).collect();
            assert_eq!(holders.len(), 1, "{id}");
            sizes[holders[0]] += 1;
        }
        assert!(sizes.iter().all(|size| (850..1_150).contains(size)), "{sizes:?}");
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "1", "0/1", "2/1", "1/0", "1/257", "-1/2", "1/2/3", " 1/2", "a/b", "1/99999999"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
        assert_eq!("256/256".parse::<Shard>().unwrap().to_string(), "256/256");
    }
}
