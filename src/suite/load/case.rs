//! Case files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::super::case::{Case, Step};
use super::super::expect::Expect;
use super::super::operation::{Operations, Resource, SuiteOperation};
use super::super::rows::Rows;
use super::super::template::Text;
use super::evidence::Evidence;
use super::reader::{Names, Reader, listed};
use super::{documented, expect, obtain, request, snapshot, statement, table};
use crate::source::{Entry, Node, Span, did_you_mean};

/// What the suite has for its cases.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// The names that templates may use.
    pub(super) names: &'a Names,
    /// What can be called; none where `suite.yaml` can't be read.
    pub(super) operations: Option<&'a Operations>,
    /// What can be made for them.
    pub(super) resources: &'a [Arc<Resource>],
    /// There where nothing was found wrong so far, so that what is missing isn't just misspelt.
    pub(super) evidence: Option<&'a Evidence>,
}

/// The operations that a step may call, and the one that it calls where it names none.
#[derive(Clone, Copy)]
struct Callable<'a> {
    given: Given<'a>,
    usual: Option<&'a str>,
}

impl<'a> Callable<'a> {
    /// These, where a node names no other one.
    fn within(self, named: Option<&'a str>) -> Self {
        Self { usual: named.or(self.usual), ..self }
    }

    /// The operation that a node names, if it names one.
    fn named(self, reader: &mut Reader<'_>, node: &Node) -> Option<String> {
        reader.called(node.get("operation")?, self.given.names)
    }

    /// The operation that a node calls; none where it can't be read.
    fn called(self, reader: &mut Reader<'_>, node: &Node) -> Option<Arc<SuiteOperation>> {
        let id = reader.operation(node, node.span, self.given.names, self.usual)?;
        self.given.operations?.get(&id).cloned()
    }
}

/// All cases of a file.
pub(super) fn load(reader: &mut Reader<'_>, node: &Node, stem: &str, given: Given<'_>) -> Vec<Case> {
    let callable = Callable { given, usual: None };
    let of_file = callable.named(reader, node);
    let callable = callable.within(of_file.as_deref());
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut cases = Vec::new();
    for item in node.get("cases").map(Node::items).unwrap_or_default() {
        let id = item.get("id").and_then(|id| reader.slug(id, "case id"));
        if let (Some(id), Some(node)) = (&id, item.get("id"))
            && let Some(line) = seen.insert(id.clone(), item.span.line)
        {
            reader.report(node.span, format!("the case id `{id}` is taken by line {line}"));
        }
        let case = case(reader, item, given, callable);
        cases.extend(id.zip(case).map(|(id, case)| Case { id: format!("{stem}/{id}"), ..case }));
    }
    cases
}

fn case(reader: &mut Reader<'_>, node: &Node, given: Given<'_>, callable: Callable<'_>) -> Option<Case> {
    let Given { names, resources, evidence, .. } = given;
    reader.take_used();
    let mut local = names.clone();
    for (name, span) in node.get("each").map(table::columns).unwrap_or_default() {
        local.local.extend(reader.name(&name, span, "column", names));
    }
    let columns = names.without_resources();
    let rows = node.get("each").map_or_else(Rows::single, |each| table::rows(reader, each, &columns, &local));
    let own = own_resources(reader, node, &mut local, resources);
    let title = reader.text_at(node, "title", &local.without_secrets());
    let title = title.unwrap_or_else(|| {
        let id = node.get("id").and_then(Node::as_str).unwrap_or_default();
        Text::literal(id.replace(['-', '_'], " "))
    });
    let needs = node.get("needs").map(|needs| reader.needs(needs, names)).unwrap_or_default();
    let steps = steps(reader, node, &local, callable);
    let used = reader.take_used();
    check_columns(reader, node, &used);
    let snapshot = node.get("snapshot").map(|node| snapshot::ask(reader, node)).unwrap_or_default();
    let steps = steps?;
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
        snapshot,
    };
    check_optional(reader, &case, names, &used);
    if let Some(evidence) = evidence {
        check_expectations(reader, node, &case);
        evidence.check(reader, node, &case);
    }
    Some(Case { steps: given_steps(&case, &used, own, resources), ..case })
}

/// The resources that are made for a case under names of its own.
fn own_resources(
    reader: &mut Reader<'_>,
    node: &Node,
    local: &mut Names,
    resources: &[Arc<Resource>],
) -> Vec<(String, Arc<Resource>)> {
    let mut own = Vec::new();
    for entry in node.get("given").map(Node::entries).unwrap_or_default() {
        let name = reader.name(&entry.key, entry.key_span, "name", local);
        let Some(wanted) = entry.value.as_str() else { continue };
        let resource = resources.iter().find(|resource| resource.name == wanted);
        if resource.is_none() && !local.resources.contains(wanted) {
            let known = || local.resources.iter().map(String::as_str);
            let hint = match did_you_mean(wanted, known()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("suite.yaml has {}", listed(known())),
            };
            reader.report(entry.value.span, format!("the suite has no resource `{wanted}`")).hint(hint);
        }
        local.local.extend(name.clone());
        own.extend(name.zip(resource.cloned()));
    }
    own
}

/// A case's steps, and before them those that make what they need.
fn given_steps(
    case: &Case,
    used: &BTreeMap<String, (Span, bool)>,
    own: Vec<(String, Arc<Resource>)>,
    resources: &[Arc<Resource>],
) -> Vec<Step> {
    let mut needed: BTreeSet<String> = used.keys().cloned().collect();
    for step in &case.steps {
        needed.extend(step.operation.needed(&step.overrides, resources));
    }
    for (_, resource) in &own {
        needed.extend(resource.needs.iter().cloned());
    }
    let mut steps: Vec<Step> = Step::making(&Resource::all_of(resources, needed)).collect();
    steps.extend(own.iter().map(|(name, resource)| Step::making_as(name, resource)));
    let is_given = !steps.is_empty();
    for (number, step) in case.steps.iter().enumerate() {
        let id = step.id.clone().or_else(|| is_given.then(|| (number + 1).to_string()));
        steps.push(Step { id, ..step.clone() });
    }
    steps
}

/// The steps; a case without is one itself. The case's own `covers` and `expect` are those of its last step. None where one
/// of them calls no operation that there is.
fn steps(reader: &mut Reader<'_>, node: &Node, local: &Names, callable: Callable<'_>) -> Option<Vec<Step>> {
    let Some(nodes) = node.get("steps") else {
        return step(reader, node, local, callable).map(|step| vec![step]);
    };
    let of_case = callable.named(reader, node);
    let callable = callable.within(of_case.as_deref());
    for entry in node.entries() {
        if SHARED_KEYS.contains(&entry.key.as_str()) {
            reader.report(entry.key_span, format!("`{}` belongs to one of the steps", entry.key));
        }
    }
    let mut names = local.clone();
    let mut steps = Vec::new();
    for node in nodes.items() {
        let step = step(reader, node, &names, callable);
        let id = node.get("id").and_then(|id| reader.slug(id, "step id"));
        names.local.extend(node.get("save").and_then(Node::as_str).map(str::to_owned));
        steps.push(step.map(|step| Step { id, ..step }));
    }
    let mut steps: Vec<Step> = steps.into_iter().collect::<Option<_>>()?;
    if let (Some(last), Some(last_node)) = (steps.last_mut(), nodes.items().last()) {
        if let Some(entry) = own(reader, node, last_node, "covers") {
            last.covers = reader.covers(&entry.value);
        }
        if let Some(entry) = own(reader, node, last_node, "expect") {
            last.expect = expect::expect(reader, &entry.value);
        }
    }
    Some(steps)
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

fn step(reader: &mut Reader<'_>, node: &Node, names: &Names, callable: Callable<'_>) -> Option<Step> {
    let operation = callable.called(reader, node);
    let save = node.get("save").and_then(|save| {
        let name = save.as_str()?;
        let name = reader.name(name, save.span, "saved name", names)?;
        if names.local.contains(&name) {
            reader.report(save.span, format!("the saved name `{name}` hides a column or an earlier step"));
        }
        Some(name)
    });
    let secrets = obtain::secret_places(reader, node);
    if let (Some(entry), None) = (node.entry("secret"), node.get("save")) {
        let report = reader.report(entry.key_span, "`secret` needs `save`");
        report.hint("what is saved gives the secret its name");
    }
    let repeat = node.get("repeat").and_then(Node::as_u64).and_then(|repeat| u32::try_from(repeat).ok()).unwrap_or(1);
    check_repeats(reader, node);
    let covers = node.get("covers").map(|covers| reader.covers(covers)).unwrap_or_default();
    let overrides = request::overrides(reader, node, names, operation.as_deref().map(SuiteOperation::valid));
    if let (Some(operation), None) = (&operation, node.get("undocumented")) {
        documented::check(reader, node, operation, &overrides);
    }
    let expect = node.get("expect").map(|node| expect::expect(reader, node)).unwrap_or_default();
    let when = reader.condition_at(node, "when", names);
    let counts = expect::counts(reader, node, repeat);
    let distinct = expect::distinct(reader, node);
    let statements = statement::statements(reader, node.get("statements"), names);
    Some(Step {
        id: None,
        save,
        secrets,
        operation: operation?,
        covers,
        makes: None,
        overrides,
        expect,
        when,
        repeat: repeat.clamp(1, super::super::language::MAX_REPEAT as u32),
        concurrently: node.get("concurrently").and_then(Node::as_bool).unwrap_or(false),
        until_accepted: node.get("until").is_some(),
        counts,
        distinct,
        statements,
        connection: request::connection(node),
        line: node.span.line,
    })
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
