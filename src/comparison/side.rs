//! What is kept of one suite in one of the runs.

use std::collections::BTreeMap;
use std::mem::size_of;

use jiff::Timestamp;

use super::clauses::SideClause;
use super::error::ComparisonError;
use super::room::Room;
use crate::verdict::{ClauseOutcome, Footer, Gate, Header, Shard, SnapshotState, Verdict};

/// One suite in one of the runs.
#[derive(Debug, Default)]
pub struct Side {
    /// The suite's name.
    pub suite: String,
    /// The target, as reports name it.
    pub target: String,
    /// When the run began.
    pub started: Timestamp,
    /// The seed of every generated value.
    pub seed: String,
    /// SHA-256 over the suite's files.
    pub digest: String,
    /// The version of `conformant`.
    pub version: String,
    /// The filters given; empty for all.
    pub filters: Vec<String>,
    /// Whether deviations count as violations.
    pub strict: bool,
    /// Which part of the run this is; none for a whole one.
    pub shard: Option<Shard>,
    /// The verdict.
    pub verdict: Verdict,
    /// What a pipeline is told.
    pub gate: Gate,
    /// Why it is undetermined, where it is.
    pub reason: Option<String>,
    /// How many cases there are.
    pub cases: usize,
    /// How many clauses are proven.
    pub proven: usize,
    /// How many clauses the contract has.
    pub stated: usize,
    /// How many snapshots are in which state; none where none were compared.
    pub snapshots: Option<BTreeMap<SnapshotState, usize>>,
    clauses: Vec<SideClause>,
}

impl Side {
    /// What the header says. The clauses have no outcome before the footer.
    pub(super) fn of(header: &Header, room: &mut Room) -> Result<Self, ComparisonError> {
        let texts = [&header.suite, &header.target, &header.seed, &header.digest, &header.version].into_iter();
        room.take(texts.chain(&header.filters).map(|text| text.len() + size_of::<String>()).sum())?;
        let mut clauses = Vec::new();
        for clause in &header.clauses {
            room.take(size_of::<SideClause>() + clause.id.as_str().len() + clause.says.len())?;
            clauses.push(SideClause {
                id: clause.id.clone(),
                says: clause.says.clone(),
                outcome: ClauseOutcome::Untested,
                readings: BTreeMap::new(),
            });
        }
        Ok(Self {
            suite: header.suite.clone(),
            target: header.named_target(),
            started: header.started,
            seed: header.seed.clone(),
            digest: header.digest.clone(),
            version: header.version.clone(),
            filters: header.filters.clone(),
            strict: header.strict,
            shard: header.shard,
            stated: clauses.len(),
            clauses,
            ..Self::default()
        })
    }

    /// What the footer says besides. Its clauses are those of the header, in the same order.
    pub(super) fn finish(&mut self, footer: &Footer, room: &mut Room) -> Result<(), ComparisonError> {
        room.take(footer.reason.as_deref().map_or(0, str::len))?;
        self.verdict = footer.verdict;
        self.gate = footer.gate;
        self.reason.clone_from(&footer.reason);
        self.cases = footer.counts.values().sum();
        self.snapshots = footer.snapshots.as_ref().map(|snapshots| snapshots.counts.clone());
        for (clause, result) in self.clauses.iter_mut().zip(&footer.clauses) {
            room.take(result.readings.keys().map(|reading| reading.len() + size_of::<(String, usize)>()).sum())?;
            clause.outcome = result.outcome;
            clause.readings.clone_from(&result.readings);
            self.proven += usize::from(result.outcome == ClauseOutcome::Proven);
        }
        Ok(())
    }

    /// How many snapshots fail the gate.
    pub(super) fn failing_snapshots(&self) -> usize {
        let counts = self.snapshots.iter().flatten();
        counts.filter(|(state, _)| state.fails()).map(|(_, count)| count).sum()
    }

    /// The clauses, which are of no use here once they are compared.
    pub(super) fn take_clauses(&mut self) -> Vec<SideClause> {
        std::mem::take(&mut self.clauses)
    }
}
