//! Waivers written for the violations of a run, into the file that holds others already.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use jiff::civil::Date;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value};

use super::failure::Failure;
use super::files;
use super::options::Options;
use super::waivers::NAME;
use crate::atomic;
use crate::contract::ClauseId;
use crate::source::MAX_FILE_BYTES;
use crate::verdict::{CaseResult, FindingKind};

/// What some editors begin a file with.
const MARK: char = '\u{feff}';
/// The most violations for which waivers are written.
const MOST: usize = 2_000;

/// Waivers to be written for what a run finds.
pub(super) struct NewWaivers {
    path: PathBuf,
    expires: Date,
    reason: String,
    strict: bool,
    found: BTreeSet<(String, ClauseId)>,
    are_too_many: bool,
}

impl NewWaivers {
    /// What the arguments ask for, if they do. Tells before the first request whether the file can be written.
    pub(super) fn new(options: &Options, today: Date) -> Result<Option<Self>, Failure> {
        if !options.waive_current {
            return Ok(None);
        }
        let (Some(expires), Some(reason)) = (options.expires, options.reason.clone()) else {
            return Err(Failure::usage(
                "--waive-current writes waivers, which have a last day and a reason",
                "give --expires DATE and --reason TEXT",
            ));
        };
        if reason.trim().is_empty() {
            return Err(Failure::usage("the reason of --reason is empty", "say why the violations are tolerated"));
        }
        if expires < today {
            return Err(Failure::usage(
                format!("--expires {expires} has passed: today is {today} in UTC"),
                "give a day to come",
            ));
        }
        let path = options.waivers.clone().unwrap_or_else(|| PathBuf::from(NAME));
        let new = Self { path, expires, reason, strict: options.strict, found: BTreeSet::new(), are_too_many: false };
        atomic::check(&new.target()).map_err(|error| new.unwritten(&error))?;
        Ok(Some(new))
    }

    /// Takes in what a case broke that isn't waived.
    pub(super) fn record(&mut self, result: &CaseResult) {
        let is_fatal = |kind| kind == FindingKind::Violation || (self.strict && kind == FindingKind::Deviation);
        for finding in result.broken().filter(|finding| is_fatal(finding.kind) && !result.waives(finding)) {
            if self.found.len() < MOST {
                self.found.insert((result.id.clone(), finding.clause.clone()));
            } else {
                self.are_too_many = true;
            }
        }
    }

    /// Writes the waivers, behind what the file holds; those that have expired get the new day and reason. Gives back what
    /// to tell.
    pub(super) fn write(&self) -> Result<String, Failure> {
        let shown = self.path.display();
        if self.are_too_many {
            return Err(Failure::usage(
                format!("more than {MOST} violations: {shown} is left as it is"),
                "waive what a filter selects, a part at a time",
            ));
        }
        if self.found.is_empty() {
            return Ok(format!("no waiver was written to {shown}: there is no violation that isn't waived\n"));
        }
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.unwritten(&error)),
        };
        let mut document: DocumentMut = text.parse().map_err(|error| {
            Failure::usage(format!("{shown} changed while the run went on: {error}"), "fix it and run again")
        })?;
        let held = match document.get_mut("waiver") {
            None => None,
            Some(Item::ArrayOfTables(waivers)) => Some(waivers),
            Some(_) => {
                return Err(Failure::usage(
                    format!("{shown} has its waivers in one list"),
                    "write each as a table of its own, headed `[[waiver]]`",
                ));
            }
        };
        let (renewed, new) = self.sorted(held);
        let held = if renewed > 0 { document.to_string() } else { text.clone() };
        let text = as_before(&text, behind(held, &new.to_string()));
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(Failure::usage(
                format!("with so many waivers {shown} would be larger than can be read again"),
                "waive what a filter selects, each part in a file of its own",
            ));
        }
        atomic::write_durably(&self.target(), &text).map_err(|error| self.unwritten(&error))?;
        let plural = if self.found.len() == 1 { "waiver" } else { "waivers" };
        let renewed = if renewed > 0 { format!(", {renewed} of them renewed") } else { String::new() };
        Ok(format!(
            "wrote {} {plural} until {} to {shown}{renewed}: they count from the next run on\n",
            self.found.len(),
            self.expires
        ))
    }

    /// Renews the waivers in the file for what is broken still, and counts them; the others make a document of their own.
    fn sorted(&self, held: Option<&mut ArrayOfTables>) -> (usize, DocumentMut) {
        let mut held: Vec<&mut Table> = held.into_iter().flat_map(ArrayOfTables::iter_mut).collect();
        let (mut renewed, mut new) = (0, ArrayOfTables::new());
        let renew = |table: &mut Table| {
            put(table, "reason", &self.reason);
            put(table, "expires", &self.expires.to_string());
        };
        for (case, clause) in &self.found {
            let is = |table: &Table, key, text| table.get(key).and_then(Item::as_str) == Some(text);
            let is_it = |table: &Table| is(table, "case", case) && is(table, "clause", clause.as_str());
            if let Some(table) = held.iter_mut().find(|table| is_it(table)) {
                renew(table);
                renewed += 1;
            } else {
                let mut table = Table::new();
                put(&mut table, "case", case);
                put(&mut table, "clause", clause.as_str());
                renew(&mut table);
                new.push(table);
            }
        }
        let mut document = DocumentMut::new();
        document.insert("waiver", Item::ArrayOfTables(new));
        (renewed, document)
    }

    /// The file itself; where it is a link within its folder, what it links to.
    fn target(&self) -> PathBuf {
        files::resolved(&self.path).unwrap_or_else(|_| self.path.clone())
    }

    fn unwritten(&self, error: &std::io::Error) -> Failure {
        Failure::unwritable(&format!("the waivers {}", self.path.display()), error)
    }
}

/// A text and, behind all of it, another, a blank line between them.
fn behind(held: String, new: &str) -> String {
    let is_parted = held.trim_start_matches(MARK).is_empty() || held.ends_with("\n\n") || held.ends_with("\n\r\n");
    let blank = match held.ends_with('\n') {
        _ if new.is_empty() || is_parted => "",
        true => "\n",
        false => "\n\n",
    };
    held + blank + new
}

/// The text with line ends as the first one was before, and the byte order mark that was there: what writes TOML keeps
/// neither.
fn as_before(before: &str, text: String) -> String {
    let windows = before.split_inclusive('\n').next().is_some_and(|line| line.ends_with("\r\n"));
    let text = if windows { text.replace("\r\n", "\n").replace('\n', "\r\n") } else { text };
    if before.starts_with(MARK) && !text.starts_with(MARK) { format!("{MARK}{text}") } else { text }
}

/// Sets a key of a waiver; the comment behind an older value stays.
fn put(table: &mut Table, key: &str, text: &str) {
    let mut value = Value::from(text);
    if let Some(older) = table.get(key).and_then(Item::as_value) {
        *value.decor_mut() = older.decor().clone();
    }
    table.insert(key, Item::Value(value));
}
