//! Reading floats of an event. `serde_json` keeps the text of a number; an enum that tells its variants by a tag keeps what it
//! reads for later, and such a number with it, of which serde itself makes no float.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A float.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    number.as_f64().ok_or_else(|| D::Error::custom("a number out of range"))
}
