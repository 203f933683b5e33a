//! Clauses that nobody has written: one for everything that a published document says and no clause of ours stands for.
//!
//! Their ids come from names in the document and never from positions, so waivers and reports outlive a new edition of it.
//! What has one id and says the same is one clause, wherever it is written; what has one id and says something else has a
//! digest behind its id. For a large document only ids and sentences are made; which of them an operation is judged by,
//! and from which sides, is found out for the one that a suite asks.

mod asked;
mod checks;
mod clauses;
mod origin;
mod place;
mod rows;
mod words;

pub(super) use asked::Asked;
pub(super) use checks::body_check;
pub(super) use clauses::Derived;
pub(super) use origin::Source;

#[cfg(test)]
mod tests;
