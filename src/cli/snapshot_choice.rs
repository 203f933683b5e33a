//! What `--snapshots` says: what to do with answers that differ from recorded ones, and with which.

use super::options::value::{Mistake, Value};
use crate::snapshot::Mode;
use crate::verdict::SnapshotKind;

/// What `--snapshots` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SnapshotChoice {
    /// Nothing is compared.
    pub(super) is_off: bool,
    /// What to do with an answer that differs.
    pub(super) mode: Option<Mode>,
    /// Every case has a snapshot.
    pub(super) all: bool,
    /// The kinds that are meant; all where none is named.
    pub(super) kinds: Vec<SnapshotKind>,
}

impl Value for SnapshotChoice {
    fn parse(text: &str) -> Result<Self, Mistake> {
        let mut choice = Self::default();
        for word in text.split(',').map(str::trim) {
            let is_decided = choice.is_off || choice.mode.is_some();
            match word {
                "check" | "new" | "update" | "off" if is_decided => {
                    return Err(Mistake::of(text, "give one of check, new, update and off"));
                }
                "check" => choice.mode = Some(Mode::Check),
                "new" => choice.mode = Some(Mode::New),
                "update" => choice.mode = Some(Mode::Update),
                "off" => choice.is_off = true,
                "all" => choice.all = true,
                "values" => choice.kinds.push(SnapshotKind::Value),
                "shapes" => choice.kinds.push(SnapshotKind::Shape),
                _ => {
                    let next = "the words are check, new, update, off, all, values and shapes, separated by commas";
                    return Err(Mistake::of(text, next));
                }
            }
        }
        Ok(choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_known_and_none_contradicts_another() {
        assert_eq!(SnapshotChoice::parse("check, all,shapes").unwrap().kinds, [SnapshotKind::Shape]);
        assert!(SnapshotChoice::parse("all").unwrap().all);
        for (text, why) in [("", "the words are"), ("chek", "the words are"), ("new,update", "give one of")] {
            assert!(SnapshotChoice::parse(text).unwrap_err().next.contains(why), "{text:?}");
        }
    }
}
