//! The causes of violations and deviations with their evidence, as the page shows them, within the room that there is.

use std::collections::BTreeMap;

use serde::Serialize;

use super::view::line;
use crate::report::diff::{DiffLine, diff};
use crate::report::evidence::expected;
use crate::report::summary::Summary;
use crate::report::{Cause, Group, Groups, without_commands};
use crate::text::shorten;
use crate::verdict::{BodyRecord, ExchangeRecord};

/// How many characters of a curl line, and of a body.
const CURL: usize = 8_000;
const BODY: usize = 16_000;
/// How many header fields of an answer.
const HEADERS: usize = 60;
/// How many ids a cause names.
const NAMED: usize = 60;

/// Causes of one kind.
#[derive(Debug, Serialize)]
pub(super) struct Causes {
    /// How many causes there are.
    pub(super) count: usize,
    list: Vec<CauseView>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct CauseView {
    clauses: Vec<ClauseLine>,
    more_clauses: usize,
    count: usize,
    case: String,
    title: String,
    file: String,
    line: usize,
    place: String,
    expected: String,
    several: bool,
    observed: String,
    diff: Vec<DiffLine>,
    exchanges: Vec<ExchangeView>,
    left_out: bool,
    /// The ids of the other cases, where all is about one clause.
    others: Vec<String>,
    more: usize,
}

#[derive(Debug, Serialize)]
struct ClauseLine {
    id: String,
    says: String,
    /// How many cases fail so.
    count: usize,
    /// The first of them.
    case: String,
}

#[derive(Debug, Serialize)]
struct ExchangeView {
    step: String,
    judged: bool,
    curl: String,
    trouble: Option<String>,
    status: Option<String>,
    headers: Vec<(String, String)>,
    more_headers: usize,
    body: String,
    note: Option<String>,
    elapsed_ms: String,
}

impl Causes {
    /// The causes for which there is room, and the count of the findings of the others. Takes from `room`, in bytes,
    /// what they need.
    pub(super) fn new(ledger: &Summary, groups: &Groups, room: &mut usize) -> Self {
        let causes = groups.causes();
        let count = causes.len();
        let mut list = Vec::new();
        let mut more = groups.uncounted();
        for cause in &causes {
            let mut view = CauseView::new(ledger, cause);
            let exchanges: usize = view.exchanges.iter().map(ExchangeView::cost).sum();
            let cost = view.cost();
            if cost > *room {
                more += cause.count();
                continue;
            }
            *room -= cost;
            // The causes themselves come before their exchanges: half of the room is kept for those that follow.
            if exchanges > *room / 2 {
                view.exchanges.clear();
                view.left_out = true;
            } else {
                *room -= exchanges;
            }
            list.push(view);
        }
        Self { count, list, more }
    }

    /// For every clause the number, from 1, of the first cause that is about it.
    pub(super) fn first(&self) -> BTreeMap<&str, usize> {
        let mut first = BTreeMap::new();
        for (index, cause) in self.list.iter().enumerate() {
            for clause in &cause.clauses {
                first.entry(clause.id.as_str()).or_insert(index + 1);
            }
        }
        first
    }
}

impl CauseView {
    fn new(ledger: &Summary, cause: &Cause<'_>) -> Self {
        let group = cause.group;
        let first = &group.first;
        let clause = |group: &&Group| ClauseLine {
            id: group.clause.to_string(),
            says: line(ledger.says(&group.clause)),
            count: group.count,
            case: line(&group.first.id),
        };
        let others = if cause.alike.len() == 1 { group.others.as_slice() } else { &[] };
        let more = if cause.alike.len() == 1 { group.count - 1 } else { 0 };
        let judged = group.finding.exchange;
        let exchanges = first.exchanges.iter().enumerate();
        let exchanges = exchanges.map(|(index, exchange)| ExchangeView::new(exchange, index == judged)).collect();
        Self {
            clauses: cause.alike.iter().take(NAMED).map(clause).collect(),
            more_clauses: cause.alike.len().saturating_sub(NAMED),
            count: cause.count(),
            case: line(&first.id),
            title: line(&first.title),
            file: line(&first.file),
            line: first.line,
            place: line(&group.finding.place),
            expected: line(&expected(&group.finding)),
            several: group.finding.expected.len() > 1,
            observed: line(&group.finding.observed),
            diff: diff(&group.finding.expected, &group.finding.observed),
            exchanges,
            left_out: false,
            others: others.iter().take(NAMED).map(|id| line(id)).collect(),
            more: more.saturating_sub(others.len().min(NAMED)),
        }
    }

    /// About how many bytes it takes on the page, exchanges apart.
    fn cost(&self) -> usize {
        let clauses: usize = self.clauses.iter().map(ClauseLine::cost).sum();
        let pieces = self.diff.iter().flat_map(|line| &line.pieces).map(|piece| cost(&piece.text) + 80).sum::<usize>();
        let texts = [&self.case, &self.title, &self.file, &self.place, &self.expected, &self.observed];
        let others: usize = self.others.iter().map(|id| cost(id) + 40).sum();
        clauses + pieces + texts.into_iter().map(|text| cost(text)).sum::<usize>() + others + 2_000
    }
}

impl ClauseLine {
    fn cost(&self) -> usize {
        cost(&self.id) + cost(&self.says) + cost(&self.case) + 200
    }
}

impl ExchangeView {
    fn new(exchange: &ExchangeRecord, judged: bool) -> Self {
        let response = exchange.response.as_ref();
        let (body, note) = response.map(|response| body(&response.body)).unwrap_or_default();
        let headers = response.map(|response| response.headers.as_slice()).unwrap_or_default();
        Self {
            step: line(&exchange.step),
            judged,
            curl: without_commands(&shorten(&exchange.request.curl, CURL)),
            trouble: exchange.trouble.as_deref().map(line),
            status: response.map(|response| format!("{} {}", without_commands(&response.version), response.status)),
            headers: headers.iter().take(HEADERS).map(|(name, value)| (line(name), line(value))).collect(),
            more_headers: headers.len().saturating_sub(HEADERS),
            body,
            note,
            elapsed_ms: format!("{:.1}", exchange.elapsed_ms),
        }
    }

    fn cost(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| cost(name) + cost(value) + 60).sum();
        cost(&self.curl) + self.trouble.as_deref().map_or(0, cost) + headers + cost(&self.body) + 1_000
    }
}

/// A body, laid out where it is JSON, and what is to be said of it.
fn body(body: &BodyRecord) -> (String, Option<String>) {
    let (text, bytes) = match body {
        BodyRecord::Text(text) => (text, text.len()),
        BodyRecord::Cut { text, bytes } => (text, *bytes),
        BodyRecord::Base64(text) => {
            let shown = shorten(text, BODY);
            return (shown.into_owned(), Some("not UTF-8: shown in base64".to_owned()));
        }
    };
    if text.is_empty() {
        return (String::new(), Some("an empty body".to_owned()));
    }
    let shown = shorten(text, BODY);
    let value = serde_json::from_str::<serde_json::Value>(&shown).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    // Laying out shows one of two equal keys only, and numbers as they were read: then the text itself is shown.
    let faithful = |pretty: &String| solid(pretty) == solid(&shown);
    let laid_out = pretty.filter(faithful).unwrap_or_else(|| shown.clone().into_owned());
    let lines: Vec<_> = laid_out.split('\n').map(without_commands).collect();
    let note = (bytes > shown.len()).then(|| format!("the beginning of {bytes} bytes"));
    (lines.join("\n"), note)
}

/// The text without white space.
fn solid(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_whitespace()).collect()
}

/// How many bytes a text takes, escaped.
fn cost(text: &str) -> usize {
    text.bytes().map(|byte| if matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'' | b'/') { 6 } else { 1 }).sum()
}
