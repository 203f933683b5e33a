//! Why an answer is of no use.

use super::super::exchange::Defect;
use super::super::irregularity::{Notes, WireRule};

/// What kind of trouble it is, and its cause in words.
pub(super) type Trouble = (Defect, String);

/// Notes a departure from the rules that makes an answer useless.
pub(super) fn unusable(notes: &mut Notes, rule: WireRule, observed: String) -> Trouble {
    notes.add(rule, || observed.clone());
    (Defect::Malformed, observed)
}
