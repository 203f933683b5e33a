//! `suite.yaml`.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use secrecy::SecretString;

use super::super::files::{SUITE_FILE, SuiteFiles};
use super::super::language::CONTROL_SAYS;
use super::super::model::{Inputs, Probe, Suite, Variable};
use super::super::operation::{Operations, Resource};
use super::super::statement::Statement;
use super::super::template::Text;
use super::called::{self, Called};
use super::reader::{Names, Reader, listed};
use super::{obtain, request, snapshot};
use crate::contract::Polarity;
use crate::source::{Node, SourceFile, did_you_mean};

/// The suite without its cases, and the names that it gives to templates.
pub(super) fn load(reader: &mut Reader<'_>, node: &Node, files: &SuiteFiles) -> (Option<Suite>, Names) {
    let mut names = Names::default();
    let variables = declared(reader, node.get("variables"), "variable", &mut names);
    let secrets = declared(reader, node.get("secrets"), "secret", &mut names);
    obtain::refuse_own_origins(reader, node, &secrets);
    let reference = node.get("reference").map(|node| given(reader, node, &names)).unwrap_or_default();
    reader.take_used();

    for entry in node.get("resources").map(Node::entries).unwrap_or_default() {
        names.resources.extend(reader.name(&entry.key, entry.key_span, "resource", &names));
    }
    let operations = node.get("operations").map(Node::entries).unwrap_or_default();
    names.operations = operations.iter().map(|entry| entry.key.clone()).collect();
    let Called { operations, resources } = called::load(reader, node, &names);
    let control = match node.get("control") {
        Some(control) => control.get("clause").and_then(|clause| reader.clause(clause)),
        // Of which operations it would be, nobody knows.
        None if names.operations.is_empty() => None,
        None => reader.usual_control(node.span, &format!("the suite lacks the key `control`: {CONTROL_SAYS}")),
    };
    let consistent = consistent(reader, node.get("consistent"));
    let before = before(reader, node, &names, &resources);
    let probes = probes(reader, node.get("probes"), &names, operations.as_ref(), &resources);
    let statements: Vec<&Statement> =
        operations.iter().flat_map(Operations::iter).flat_map(|operation| operation.statements.all()).collect();
    let snapshots = node.get("snapshots").map(|node| snapshot::plan(reader, node, &statements)).unwrap_or_default();
    for (name, (span, copes)) in reader.take_used() {
        if names.optional.contains(&name) && !copes {
            reader.report(span, format!("`{name}` is optional, but every run would need it here"));
        }
    }
    contract(reader, node, files);
    names.probes = probes.iter().map(|probe| probe.name.clone()).collect();

    let text = |key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
    let suite = || {
        Some(Suite {
            name: files.name().to_owned(),
            title: text("title")?,
            contract: text("contract")?,
            variables,
            secrets,
            reference,
            operations: operations?,
            resources,
            before,
            control: control?,
            consistent,
            probes,
            snapshots,
            cases: Vec::new(),
            digest: files.digest(),
            file: files.get(SUITE_FILE).map_or(SUITE_FILE, SourceFile::name).to_owned(),
        })
    };
    (suite(), names)
}

/// The bytes of what the suite gives its secrets, the reference's among them: no message shows it, whatever is wrong with
/// it.
pub(super) fn secret_values(root: &Node) -> Vec<Range<usize>> {
    let mut values: Vec<Range<usize>> = Vec::new();
    for secret in root.get("secrets").map(Node::entries).unwrap_or_default() {
        match secret.value.entries() {
            [] => values.extend(secret.value.values()),
            parts => {
                let told = |key: &str| matches!(key, "optional" | "about" | "obtain");
                values.extend(parts.iter().filter(|part| !told(&part.key)).flat_map(|part| part.value.values()));
                let request = secret.value.get("obtain").and_then(|obtain| obtain.get("request"));
                let sent = ["body", "headers", "query"].into_iter().filter_map(|key| request?.get(key));
                values.extend(sent.flat_map(Node::values));
            }
        }
    }
    values.extend(root.get("reference").and_then(|node| node.get("secrets")).map(Node::values).unwrap_or_default());
    values
}

/// The resources that are made once, and those that they need.
fn before(reader: &mut Reader<'_>, node: &Node, names: &Names, resources: &[Arc<Resource>]) -> Vec<Arc<Resource>> {
    let mut before = BTreeSet::new();
    for node in node.get("before").map(Node::items).unwrap_or_default() {
        let Some(name) = node.as_str() else { continue };
        if !names.resources.contains(name) {
            let known = || names.resources.iter().map(String::as_str);
            let hint = match did_you_mean(name, known()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("`resources` has {}", listed(known())),
            };
            reader.report(node.span, format!("the suite has no resource `{name}`")).hint(hint);
        }
        before.insert(name.to_owned());
    }
    Resource::all_of(resources, before)
}

fn consistent(reader: &mut Reader<'_>, node: Option<&Node>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for entry in node.map(Node::entries).unwrap_or_default() {
        let ambiguous = reader.known_clause(&entry.key, entry.key_span);
        if ambiguous.is_some_and(|polarities| !polarities.contains(&Polarity::Observe)) {
            reader.report(entry.key_span, format!("`{}` is not ambiguous: it has no readings", entry.key));
        }
        pairs.extend(reader.clause(&entry.value).map(|broken| (entry.key.clone(), broken)));
    }
    pairs
}

fn probes(
    reader: &mut Reader<'_>,
    node: Option<&Node>,
    names: &Names,
    operations: Option<&Operations>,
    resources: &[Arc<Resource>],
) -> Vec<Probe> {
    let mut probes = Vec::new();
    for entry in node.map(Node::entries).unwrap_or_default() {
        let Some(name) = reader.name(&entry.key, entry.key_span, "probe", names) else { continue };
        let text = |key: &str| entry.value.get(key).and_then(Node::as_str).unwrap_or_default().to_owned();
        let called = reader.operation(&entry.value, entry.key_span, names, None);
        let Some(operation) = called.and_then(|id| operations?.get(&id).cloned()) else { continue };
        let overrides = |reader: &mut _| request::overrides(reader, &entry.value, names, Some(operation.valid()));
        let (overrides, mut needed) = reader.with_resources(names, overrides);
        needed.extend(operation.needed(&overrides, resources));
        let given = Resource::all_of(resources, needed);
        probes.push(Probe { name, title: text("title"), operation, given, overrides, otherwise: text("otherwise") });
    }
    probes
}

fn contract(reader: &mut Reader<'_>, node: &Node, files: &SuiteFiles) {
    if let Some(node) = node.get("contract")
        && let Some(name) = node.as_str()
        && files.get(name).is_none()
    {
        reader
            .report(node.span, format!("the suite has no file `{name}`"))
            .hint("the contract stands beside suite.yaml");
    }
}

fn declared(reader: &mut Reader<'_>, node: Option<&Node>, what: &'static str, names: &mut Names) -> Vec<Variable> {
    let mut variables = Vec::new();
    for entry in node.map(Node::entries).unwrap_or_default() {
        let Some(name) = reader.name(&entry.key, entry.key_span, what, names) else {
            continue;
        };
        let obtain = entry.value.get("obtain").and_then(|node| obtain::load(reader, node, names)).map(Arc::new);
        let (default, optional, about) = match entry.value.entries() {
            [] => (default(reader, &entry.value, names), false, None),
            _ => (
                entry.value.get("default").and_then(|node| default(reader, node, names)),
                entry.value.get("optional").and_then(Node::as_bool).unwrap_or(false),
                entry.value.get("about").and_then(Node::as_str).map(str::to_owned),
            ),
        };
        if let (Some(default), entry) =
            (&default, entry.value.entry("default").map_or(&entry.value, |entry| &entry.value))
        {
            let is_used = |secret: &&Variable| secret.obtain.is_some() && default.names().contains(&secret.name);
            if let Some(Variable { name: used, .. }) = variables.iter().find(is_used) {
                let report = reader.report(
                    entry.span,
                    format!("`{used}` is obtained in the run, so nothing can be made of it before"),
                );
                report.hint("write it where it is sent");
            }
        }
        if optional && default.is_none() {
            names.optional.insert(name.clone());
        }
        if what == "secret" { &mut names.secrets } else { &mut names.variables }.insert(name.clone());
        if let (Some(default), true) = (entry.value.entry("default"), obtain.is_some()) {
            let report = reader.report(default.key_span, format!("`{name}` has a default, so it is never obtained"));
            report.hint("leave out `default` or `obtain`");
        }
        variables.push(Variable { name, default, optional, about, obtain });
    }
    variables
}

fn default(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Text> {
    reader.text(node, names)
}

fn given(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Inputs {
    let mut given = Inputs::default();
    for entry in node.get("variables").map(Node::entries).unwrap_or_default() {
        if !names.variables.contains(&entry.key) {
            reader.report(entry.key_span, format!("the suite has no variable `{}`", entry.key));
        }
        given.variables.extend(entry.value.scalar_text().map(|value| (entry.key.clone(), value)));
    }
    for entry in node.get("secrets").map(Node::entries).unwrap_or_default() {
        if !names.secrets.contains(&entry.key) {
            reader.report(entry.key_span, format!("the suite has no secret `{}`", entry.key));
        }
        given.secrets.extend(entry.value.scalar_text().map(|value| (entry.key.clone(), SecretString::from(value))));
    }
    given
}
