//! The one door through which everything goes before any report: no text of an event keeps a secret.
//!
//! Only texts are masked, never the words of the format: ids of clauses and checks, outcomes, numbers. Each type is taken
//! apart whole, so that a new field has to be put on one side or the other.

use std::collections::BTreeMap;

use super::case::CaseResult;
use super::exchange::{BodyRecord, ExchangeRecord, HeaderRecord, RequestRecord, ResponseRecord};
use super::finding::{Finding, Place};
use super::snapshots::{SnapshotResult, SnapshotTally};
use super::stop::StopReason;
use super::stream::{ClauseResult, ClauseStatement, Event, Footer, Header, LeftBehind};
use super::waiver::{Waiver, WaiverTerms};
use crate::secret::{Mask, Masked, Secrets};

/// An event as it is reported.
pub type MaskedEvent = Masked<Event>;

impl Mask for Event {
    fn mask(&mut self, secrets: &Secrets) {
        match self {
            Self::Started(header) => header.mask(secrets),
            Self::Case(result) => result.mask(secrets),
            Self::Finished(footer) => footer.mask(secrets),
        }
    }
}

impl<K, T: Mask> Mask for BTreeMap<K, T> {
    fn mask(&mut self, secrets: &Secrets) {
        self.values_mut().for_each(|value| value.mask(secrets));
    }
}

/// Readings by name: two that hold the same secret become one.
impl Mask for BTreeMap<String, usize> {
    fn mask(&mut self, secrets: &Secrets) {
        if self.keys().any(|reading| secrets.is_in(reading)) {
            for (mut reading, count) in std::mem::take(self) {
                reading.mask(secrets);
                *self.entry(reading).or_default() += count;
            }
        }
    }
}

impl Mask for Place {
    fn mask(&mut self, secrets: &Secrets) {
        match self {
            Self::Answer | Self::Status => {}
            Self::Body(text) | Self::Header(text) => text.mask(secrets),
        }
    }
}

impl Mask for StopReason {
    fn mask(&mut self, secrets: &Secrets) {
        match self {
            Self::Interrupt | Self::Terminate | Self::TimeLimit(_) | Self::Ledger | Self::Output => {}
            Self::Violations(_) | Self::Truncated { rows: _, of: _ } => {}
            Self::Machine(text) | Self::Other(text) => text.mask(secrets),
        }
    }
}

impl Mask for BodyRecord {
    fn mask(&mut self, secrets: &Secrets) {
        match self {
            Self::Text(text) | Self::Base64(text) | Self::Cut { text, bytes: _ } => text.mask(secrets),
        }
    }
}

/// Masks a struct: the fields that have texts, and then the words of the format.
macro_rules! mask {
    ($type:ident { $($text:ident),* } { $($word:ident),* }) => {
        impl Mask for $type {
            fn mask(&mut self, secrets: &Secrets) {
                let Self { $($text,)* $($word: _),* } = self;
                $($text.mask(secrets);)*
            }
        }
    };
}

mask!(Header { suite, suites, title, file, target, run, filters, clauses }
    { schema, version, digest, insecure, seed, started, cases, whole, shard, exclusive, strict, allow_flaky });
mask!(ClauseStatement { says, source, untestable, mutants } { id, level, polarities, derived });
mask!(CaseResult { id, title, file, reason, findings, waived, snapshots, exchanges }
    { at, line, covers, vacuous, unread, examined, outcome, retried, requests, elapsed_ms });
mask!(Finding { place, expected, observed } { clause, kind, check, exchange });
mask!(WaiverTerms { reason, issue } { expires });
mask!(SnapshotResult { file, recorded, observed } { kind, state });
mask!(ExchangeRecord { step, request, response, trouble } { elapsed_ms, resent });
mask!(RequestRecord { method, url, headers, body, curl } {});
mask!(ResponseRecord { version, headers, body } { status });
mask!(HeaderRecord { name, value } {});
mask!(Footer { reason, clauses, waivers, snapshots, idle, left_behind, interrupted }
    { verdict, gate, counts, flaky, allow_flaky, requests, elapsed_s, left_more, evidence });
mask!(ClauseResult { readings, untested } { id, outcome, tried, shown, violations, deviations, waived });
mask!(Waiver { case, terms, place } { clause, state });
mask!(SnapshotTally { profile, orphans, idle } { counts });
mask!(LeftBehind { case, resource, why } {});
