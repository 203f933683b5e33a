//! One statement of the documentation, and the words in which it is classified.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The stable name of a clause, such as `name.max-length`: lower-case words joined by dots. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(description = "The stable name of a clause, such as `name.max-length`.", extend("pattern" = r"\."))]
pub struct ClauseId(Arc<str>);

impl ClauseId {
    /// The longest id, in bytes.
    pub const LONGEST: usize = 200;

    /// The id for a text that may be one: of letters and digits of ASCII and `._-~$@+/:*%`, with a dot in it, and at most
    /// [`ClauseId::LONGEST`] bytes. Nothing for any other text.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~$@+/:*%".contains(&byte);
        let is_id = text.len() <= Self::LONGEST && text.contains('.') && text.bytes().all(is_plain);
        is_id.then(|| Self(Arc::from(text)))
    }

    /// Whether a text is an id as people write one: at least two words of `a-z`, `0-9`, `-` and `_` with dots between, and at most 100 bytes.
    #[must_use]
    pub fn is_spelt_right(text: &str) -> bool {
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        };
        text.len() <= 100 && text.contains('.') && text.split('.').all(word)
    }

    /// The id's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::borrow::Borrow<str> for ClauseId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ClauseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no clause id")))
    }
}

impl Serialize for ClauseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// How much a clause binds a target.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Level {
    /// A target that breaks it is not conformant.
    Must,
    /// A target that breaks it deviates.
    Should,
    /// The documentation allows several readings: which one a target chose is recorded and never scored.
    Ambiguous,
}

impl Level {
    /// The spelling in a contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The side of a clause that a case shows.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Polarity {
    /// A value just inside is accepted.
    Accept,
    /// A value just outside is refused.
    Refuse,
    /// The statement holds of the answers.
    Hold,
    /// Which reading of an ambiguity a target chose.
    Observe,
}

impl Polarity {
    /// The spelling in a contract.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// One statement of the documentation that can be true or false of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its stable name.
    pub id: ClauseId,
    /// How much it binds.
    pub level: Level,
    /// What it states, in one sentence of our own.
    pub says: String,
    /// Where it stands in the documentation.
    pub source: String,
    /// The sides that a suite has to show, in the contract's order.
    pub polarities: Vec<Polarity>,
    /// The sides that no suite can show, each with the reason.
    pub untestable: BTreeMap<Polarity, String>,
    /// JSON pointers, into the contract, of the schema keywords that it stands for.
    pub schema: Vec<String>,
    /// Whether it is about a request among others, so that it is broken only where the same request alone is answered
    /// otherwise.
    pub relative: bool,
    /// Where a request has what no two things may share, as a pointer that begins with `/body/`: two rows that send the same
    /// there would depend on each other.
    pub unique: Option<String>,
    /// Whether nobody has written it: the document says it, and no clause of the contract's stands for it.
    pub derived: bool,
}

/// The clause of a case that names none: its own expectations hold.
pub const AS_STATED: &str = "case.as-stated";

impl Clause {
    pub(super) fn as_stated() -> Option<Self> {
        Some(Self {
            id: ClauseId::new(AS_STATED)?,
            level: Level::Must,
            says: "What a case expects comes, where the case names no clause.".to_owned(),
            source: "the suite's own cases".to_owned(),
            polarities: vec![Polarity::Hold],
            untestable: BTreeMap::new(),
            schema: Vec::new(),
            relative: false,
            unique: None,
            derived: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_lower_case_words_joined_by_dots() {
        for good in ["name.max-length", "response.created_time", "a.b.c2"] {
            assert!(ClauseId::is_spelt_right(good), "{good:?}");
        }
        for bad in ["", "name", "name.", ".name", "Name.max", "name..max", "name.max length", "name.1", "näme.x"] {
            assert!(!ClauseId::is_spelt_right(bad), "{bad:?}");
        }
        assert!(!ClauseId::is_spelt_right(&format!("a.{}", "b".repeat(99))));
    }

    #[test]
    fn an_id_that_nobody_wrote_has_the_names_of_the_document_in_it() {
        for good in
            ["Pet.name.max-length", "get-pets.200.*/*", "repos/list.201.header.location.required", "A.b%20c.type~0f"]
        {
            assert_eq!(ClauseId::new(good).unwrap().to_string(), good);
        }
        for bad in ["", "name", "a b.c", "a.\u{1b}", "näme.x", "a.b{c}"] {
            assert_eq!(ClauseId::new(bad), None, "{bad:?}");
        }
        assert_eq!(ClauseId::new(&format!("a.{}", "b".repeat(ClauseId::LONGEST))), None);
    }

    #[test]
    fn the_name_of_a_level_or_polarity_is_its_serialised_form() {
        for level in [Level::Must, Level::Should, Level::Ambiguous] {
            assert_eq!(serde_json::to_value(level).unwrap(), level.name());
            assert_eq!(level.name().parse(), Ok(level));
        }
        for polarity in [Polarity::Accept, Polarity::Refuse, Polarity::Hold, Polarity::Observe] {
            assert_eq!(serde_json::to_value(polarity).unwrap(), polarity.name());
            assert_eq!(polarity.name().parse(), Ok(polarity));
        }
    }
}
