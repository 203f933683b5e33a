//! Case files.

use std::collections::{BTreeMap, HashMap};

use super::super::case::{Case, Step};
use super::super::expect::Expect;
use super::super::rows::Rows;
use super::super::template::Text;
use super::evidence::Evidence;
use super::reader::{Names, Reader};
use super::{expect, request, snapshot, statement, table};
use crate::source::{Entry, Node, Span};

/// All cases of a file. `evidence` is there where nothing was found wrong so far, so that what is missing isn't just
/// misspelt.
pub(super) fn load(
    reader: &mut Reader<'_>,
    node: &Node,
    stem: &str,
    names: &Names,
    evidence: Option<&Evidence>,
) -> Vec<Case> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut cases = Vec::new();
    for item in node.get("cases").map(Node::items).unwrap_or_default() {
        let id = item.get("id").and_then(|id| reader.slug(id, "case id"));
        if let (Some(id), Some(node)) = (&id, item.get("id"))
            && let Some(line) = seen.insert(id.clone(), item.span.line)
        {
            reader.report(node.span, format!("the case id `{id}` is taken by line {line}"));
        }
        let case = case(reader, item, names, evidence);
        cases.extend(id.map(|id| Case { id: format!("{stem}/{id}"), ..case }));
    }
    cases
}

fn case(reader: &mut Reader<'_>, node: &Node, names: &Names, evidence: Option<&Evidence>) -> Case {
    reader.take_used();
    let mut local = names.clone();
    for (name, span) in node.get("each").map(table::columns).unwrap_or_default() {
        local.local.extend(reader.name(&name, span, "column", names));
    }
    let rows = node.get("each").map_or_else(Rows::single, |each| table::rows(reader, each, names, &local));
    let title = reader.text_at(node, "title", &local.without_secrets());
    let title = title.unwrap_or_else(|| {
        let id = node.get("id").and_then(Node::as_str).unwrap_or_default();
        Text::literal(id.replace(['-', '_'], " "))
    });
    let needs = node.get("needs").map(|needs| reader.needs(needs, names)).unwrap_or_default();
    let steps = steps(reader, node, &local);
    let case = Case {
        id: String::new(),
        file: reader.file.name().to_owned(),
        line: node.span.line,
        title,
        about: node.get("about").and_then(Node::as_str).map(str::to_owned),
        is_plain: steps.iter().all(|step| step.covers.is_empty()),
        steps,
        rows,
        needs,
        snapshot: node.get("snapshot").map(|node| snapshot::ask(reader, node)).unwrap_or_default(),
    };
    let used = reader.take_used();
    check_optional(reader, &case, names, &used);
    check_columns(reader, node, &used);
    if let Some(evidence) = evidence {
        check_expectations(reader, node, &case);
        evidence.check(reader, node, &case);
    }
    case
}

/// The steps; a case without is one itself. The case's own `covers` and `expect` are those of its last step.
fn steps(reader: &mut Reader<'_>, node: &Node, local: &Names) -> Vec<Step> {
    let Some(nodes) = node.get("steps") else {
        return vec![step(reader, node, local)];
    };
    for entry in node.entries() {
        if SHARED_KEYS.contains(&entry.key.as_str()) {
            reader.report(entry.key_span, format!("`{}` belongs to one of the steps", entry.key));
        }
    }
    let mut names = local.clone();
    let mut steps = Vec::new();
    for node in nodes.items() {
        let mut step = step(reader, node, &names);
        step.id = node.get("id").and_then(|id| reader.slug(id, "step id"));
        names.local.extend(step.save.clone());
        steps.push(step);
    }
    if let (Some(last), Some(last_node)) = (steps.last_mut(), nodes.items().last()) {
        if let Some(entry) = own(reader, node, last_node, "covers") {
            last.covers = reader.covers(&entry.value);
        }
        if let Some(entry) = own(reader, node, last_node, "expect") {
            last.expect = expect::expect(reader, &entry.value);
        }
    }
    steps
}

/// Keys of a case that a case with steps leaves to them.
const SHARED_KEYS: [&str; 16] = [
    "method",
    "path",
    "query",
    "headers",
    "body",
    "without",
    "json",
    "raw",
    "header_case",
    "connection",
    "repeat",
    "concurrently",
    "until",
    "counts",
    "distinct",
    "statements",
];

/// The case's entry of a key that its last step must not have too.
fn own<'n>(reader: &mut Reader<'_>, case: &'n Node, last: &Node, key: &str) -> Option<&'n Entry> {
    let entry = case.entry(key)?;
    if last.get(key).is_some() {
        let message = format!("`{key}` stands in the case and in its last step");
        reader.report(entry.key_span, message).hint("the case's own are those of its last step: remove one");
    }
    Some(entry)
}

fn step(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Step {
    let save = node.get("save").and_then(|save| {
        let name = save.as_str()?;
        let name = reader.name(name, save.span, "saved name", names)?;
        if names.local.contains(&name) {
            reader.report(save.span, format!("the saved name `{name}` hides a column or an earlier step"));
        }
        Some(name)
    });
    let repeat = node.get("repeat").and_then(Node::as_u64).and_then(|repeat| u32::try_from(repeat).ok()).unwrap_or(1);
    check_repeats(reader, node);
    Step {
        id: None,
        save,
        covers: node.get("covers").map(|covers| reader.covers(covers)).unwrap_or_default(),
        overrides: request::overrides(reader, node, names),
        expect: node.get("expect").map(|node| expect::expect(reader, node)).unwrap_or_default(),
        when: reader.text_at(node, "when", names),
        repeat: repeat.clamp(1, super::super::language::MAX_REPEAT as u32),
        concurrently: node.get("concurrently").and_then(Node::as_bool).unwrap_or(false),
        until_accepted: node.get("until").is_some(),
        counts: expect::counts(reader, node, repeat),
        distinct: expect::distinct(reader, node),
        statements: statement::statements(reader, node.get("statements"), names),
        connection: request::connection(node),
        line: node.span.line,
    }
}

/// What makes sense only with repeats, or not together.
fn check_repeats(reader: &mut Reader<'_>, node: &Node) {
    let concurrently = node.entry("concurrently").filter(|entry| entry.value.as_bool() == Some(true));
    for entry in [concurrently, node.entry("until")].into_iter().flatten() {
        if node.get("repeat").is_none() {
            reader.report(entry.key_span, format!("`{}` needs `repeat`", entry.key));
        }
    }
    if let (Some(_), Some(until)) = (concurrently, node.entry("until")) {
        reader.report(until.key_span, "`until` and `concurrently` exclude each other");
    }
    if let Some(counts) = node.entry("counts") {
        let expect = node.get("expect");
        let says_status = expect.is_some_and(|node| node.entries().is_empty() || node.get("status").is_some());
        if says_status {
            reader.report(counts.key_span, "`counts` stands instead of an expected status");
        }
        if node.get("until").is_some() {
            reader.report(counts.key_span, "`counts` and `until` exclude each other");
        }
    }
}

/// A case that uses something optional must need it.
fn check_optional(reader: &mut Reader<'_>, case: &Case, names: &Names, used: &BTreeMap<String, (Span, bool)>) {
    for (name, (span, copes)) in used {
        let rows_need = || !case.rows.is_single() && case.rows.iter().all(|row| case.needs_of(&row).contains(name));
        if names.optional.contains(name) && !copes && !case.needs.contains(name) && !rows_need() {
            let hint = format!("add `needs: [{name}]`, so that the case is skipped without it");
            reader.report(*span, format!("`{name}` is optional")).hint(hint);
        }
    }
}

/// Every row must have the columns that templates use.
fn check_columns(reader: &mut Reader<'_>, node: &Node, used: &BTreeMap<String, (Span, bool)>) {
    let rows = node.get("each").map(Node::items).unwrap_or_default();
    let columns = node.get("each").map(table::columns).unwrap_or_default();
    for row in rows {
        for (column, _) in columns.iter().filter(|(column, _)| row.get(column).is_none()) {
            if let Some((span, false)) = used.get(column) {
                let message = format!("the row lacks the column `{column}`");
                reader.report(row.span, message).hint(format!("a template in line {} uses it", span.line));
            }
        }
    }
}

/// A case that expects nothing proves nothing.
fn check_expectations(reader: &mut Reader<'_>, node: &Node, case: &Case) {
    let silent = |expect: &Expect| expect.says_nothing();
    let step_speaks = |step: &Step| {
        !silent(&step.expect) || step.counts.is_some() || !step.statements.is_empty() || !step.distinct.is_empty()
    };
    if case.steps.iter().any(step_speaks) {
        return;
    }
    let rows = node.get("each").map(Node::items).unwrap_or_default();
    let silent_rows: Vec<Span> = rows.iter().filter(|row| row.get("expect").is_none()).map(|row| row.span).collect();
    let message = "nothing is expected, so that nothing can be wrong";
    match (rows.is_empty(), silent_rows.len() == rows.len()) {
        (true, _) | (false, true) => {
            reader.report(node.span, message).hint("add `expect`, `counts` or `statements`");
        }
        (false, false) => {
            for span in silent_rows {
                reader.report(span, message).hint("add `expect` to the row");
            }
        }
    }
}
