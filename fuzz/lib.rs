//! Finds the function that a fuzz target is about.

use conformant::fuzz::TARGETS;

/// Feeds bytes to the function of this name.
pub fn fuzz(name: &str, data: &[u8]) {
    TARGETS.iter().filter(|target| target.name == name).for_each(|target| (target.read)(data));
}
