//! The ways in which the server can be wrong: one row a fault, one file a stage.

mod assignment;
mod body;
mod description;
mod fault;
mod framing;
mod ids;
mod leniency;
mod name;
mod name_characters;
mod refusal;
mod route;
mod sequence;
mod setting;
mod success;
mod times;
mod token;
mod unique;
mod wire;

use std::sync::LazyLock;

pub use fault::Fault;

/// Every fault, in the order of the stages.
pub static FAULTS: LazyLock<Vec<Fault>> = LazyLock::new(|| {
    [
        route::rows(),
        token::rows(),
        body::rows(),
        framing::rows(),
        name::rows(),
        name_characters::rows(),
        description::rows(),
        ids::rows(),
        unique::rows(),
        assignment::rows(),
        setting::rows(),
        success::rows(),
        times::rows(),
        refusal::rows(),
        sequence::rows(),
        wire::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// The fault of that id.
#[must_use]
pub fn fault(id: &str) -> Option<&'static Fault> {
    FAULTS.iter().find(|fault| fault.id == id)
}
