//! The ways in which the server can be different and still right: one row a variant, one file a subject.

mod bodies;
mod cloud;
mod judgement;
mod layers;
mod requests;
mod success;
mod together;
mod variant;

use std::sync::LazyLock;

use super::behaviour::Behaviour;

pub use variant::Variant;

/// Every variant; those of several together are the last.
pub static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    [success::ROWS, judgement::ROWS, bodies::ROWS, layers::ROWS, requests::ROWS, cloud::ROWS, together::ROWS].concat()
});

/// The variant of that id.
#[must_use]
pub fn variant(id: &str) -> Option<&'static Variant> {
    VARIANTS.iter().find(|variant| variant.id == id)
}

/// Lets the server behave as a variant does.
pub(super) fn apply(chosen: &Variant, behaviour: &mut Behaviour) {
    for part in chosen.parts.iter().filter_map(|id| variant(id)) {
        apply(part, behaviour);
    }
    (chosen.set)(behaviour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_variant_is_one() {
        for part in VARIANTS.iter().flat_map(|chosen| chosen.parts) {
            assert!(variant(part).is_some(), "{part}");
        }
    }
}
