//! What a profile may hold: the options of the table that say so, and three tables of names with values.

use std::sync::LazyLock;

use crate::cli::options::{Row, TABLE};
use crate::cli::value_ref::TEXT_OR_PLACE;
use crate::source::shape::{Field, Kind, Object};
use crate::source::{Node, Span};

/// The keys that hold names with values, and aren't an option's name.
static NAMED: [Field; 3] = [
    Field::new("variables", Kind::Map(&Kind::Scalar), "variables of the suite"),
    Field::new("secrets", Kind::Map(&Kind::Any), "secrets of the suite, each by where it is"),
    Field::new("headers", Kind::Map(&TEXT_OR_PLACE), "headers of every request"),
];

/// The whole file.
pub(super) static FILE: LazyLock<Object> = LazyLock::new(|| {
    let options = rows().map(|row| Field::new(&row.name, row.shape, &row.help));
    let named = NAMED.iter().map(|field| Field::new(field.name, field.kind, field.doc));
    // There is one such table for as long as the program runs.
    let profile = Object {
        name: "profile",
        doc: "What to use with a target.",
        fields: options.chain(named).collect::<Vec<_>>().leak(),
        others: None,
    };
    let profiles = Kind::Map(Box::leak(Box::new(Kind::Object(Box::leak(Box::new(profile))))));
    Object {
        name: "file",
        doc: "Profiles, each with what to use with one target.",
        fields: vec![Field::required("profile", profiles, "the profiles, as `[profile.NAME]`")].leak(),
        others: None,
    }
});

/// The keys that are options.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    TABLE.iter().filter(|row| row.is_in_profiles())
}

/// Whether a key holds names with values.
pub(super) fn is_named(key: &str) -> bool {
    NAMED.iter().any(|field| field.name == key)
}

/// The entries of one of the keys that hold names with values.
pub(super) fn named<'a>(profile: &'a Node, key: &str) -> impl Iterator<Item = (&'a str, &'a Node, Span)> {
    let entries = profile.get(key).map(Node::entries).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.as_str(), &entry.value, entry.key_span))
}
