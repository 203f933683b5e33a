//! The testsuites of a JUnit report while their counts aren't known yet.
//!
//! Bounded: all of them together hold [`HELD`] bytes of text; then the longest is written and goes on in a further part.
//! Besides, eight bytes for each of the first [`NAMES`] cases keep names apart; the ids of a suite's cases, which they begin
//! with, are so by themselves.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use quick_xml::events::BytesStart;

use super::content::Status;
use super::xml::seconds;

/// How many bytes of testcases are held.
const HELD: usize = 2 * 1024 * 1024;
/// How many names are known again.
const NAMES: usize = 10_000;

/// What a testsuite states before its cases.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) tests: usize,
    pub(super) failures: usize,
    pub(super) errors: usize,
    pub(super) skipped: usize,
    pub(super) elapsed_ms: f64,
}

/// A testsuite, or a part of one, that can be written.
#[derive(Debug)]
pub(super) struct SuitePart {
    /// No other is named so.
    pub(super) name: String,
    pub(super) counts: Counts,
    /// Its testcases as XML.
    pub(super) cases: Vec<u8>,
}

/// The testsuites by their classes.
#[derive(Debug, Default)]
pub(super) struct Suites {
    suites: BTreeMap<String, Suite>,
    /// Digests of classes and names.
    names: HashSet<u64>,
    /// Bytes of all testcases that are held.
    held: usize,
}

#[derive(Debug, Default)]
struct Suite {
    /// How many parts of it were written.
    parts: usize,
    counts: Counts,
    cases: Vec<u8>,
}

impl Suites {
    /// The name for the next testcase of this class: the one that is wanted, with a number where it was there already.
    pub(super) fn unused(&mut self, classname: &str, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut copy = 1;
        loop {
            let digest = hash(&(classname, &name));
            let is_new =
                if self.names.len() < NAMES { self.names.insert(digest) } else { !self.names.contains(&digest) };
            if is_new {
                return name;
            }
            copy += 1;
            name = format!("{wanted} ({copy})");
        }
    }

    /// Takes in a testcase.
    pub(super) fn add(&mut self, classname: &str, status: &Status, ms: f64, text: &[u8]) {
        let suite = self.of(classname);
        suite.counts.add(status, ms);
        suite.cases.extend_from_slice(text);
        self.held += text.len();
    }

    /// The longest testsuite, where all are too long together.
    pub(super) fn overflow(&mut self) -> Option<SuitePart> {
        if self.held <= HELD {
            return None;
        }
        let (classname, longest) = self.suites.iter_mut().max_by_key(|(_, suite)| suite.cases.len())?;
        self.held -= longest.cases.len();
        longest.part(classname)
    }

    /// All that are still held.
    pub(super) fn rest(&mut self) -> Vec<SuitePart> {
        self.held = 0;
        self.suites.iter_mut().filter_map(|(classname, suite)| suite.part(classname)).collect()
    }

    /// A name for a further testsuite: this one, unless a class is called so.
    pub(super) fn further(&mut self, wanted: &str) -> String {
        self.of(wanted).next_name(wanted)
    }

    fn of(&mut self, classname: &str) -> &mut Suite {
        self.suites.entry(classname.to_owned()).or_default()
    }
}

impl Suite {
    /// What is held of it, if there is something.
    fn part(&mut self, classname: &str) -> Option<SuitePart> {
        if self.cases.is_empty() {
            return None;
        }
        let (counts, cases) = (std::mem::take(&mut self.counts), std::mem::take(&mut self.cases));
        Some(SuitePart { name: self.next_name(classname), counts, cases })
    }

    fn next_name(&mut self, classname: &str) -> String {
        self.parts += 1;
        if self.parts == 1 { classname.to_owned() } else { format!("{classname} (part {})", self.parts) }
    }
}

impl Counts {
    fn add(&mut self, status: &Status, ms: f64) {
        self.tests += 1;
        self.elapsed_ms += ms;
        match status {
            Status::Passed | Status::Flaky(_) => {}
            Status::Failure { .. } => self.failures += 1,
            Status::Error(_) => self.errors += 1,
            Status::Skipped(_) => self.skipped += 1,
        }
    }

    /// Adds those of a testsuite.
    pub(super) fn take(&mut self, suite: &Self) {
        self.tests += suite.tests;
        self.failures += suite.failures;
        self.errors += suite.errors;
        self.skipped += suite.skipped;
        self.elapsed_ms += suite.elapsed_ms;
    }

    /// States them.
    pub(super) fn attributes<'a>(&self, start: BytesStart<'a>) -> BytesStart<'a> {
        let counts = [self.tests, self.failures, self.errors, self.skipped].map(|count| count.to_string());
        let named = ["tests", "failures", "errors", "skipped"].into_iter().zip(counts.iter().map(String::as_str));
        start.with_attributes(named).with_attributes([("time", seconds(self.elapsed_ms).as_str())])
    }
}

fn hash(name: &(&str, &String)) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
