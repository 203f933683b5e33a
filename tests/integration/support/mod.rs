//! What the tests of verdicts share: a raw HTTP server, a second correct implementation of the API with places to
//! make it wrong, quite different wrong servers, and the binary as a user runs it.
//!
//! Takes nothing from the library: what is judged here is judged from outside.

pub mod binary;
pub mod imports;
pub mod other;
pub mod reply;
pub mod request;
pub mod run;
pub mod server;
pub mod things;
pub mod wrong;
