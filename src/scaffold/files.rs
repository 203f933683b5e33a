//! The files of a suite that is begun, with comments for whoever goes on with them.

use std::fmt::Write as _;

use super::made::literal;
use super::names::slug;
use super::plan::{Asked, Plan, Variable};
use super::security::Given;
use super::yaml::{flow, key, value};
use crate::text::{printable, shorten};

/// The most characters of the document's own words in a comment.
const WORDS: usize = 240;
/// The most operations that are named and not asked.
const MOST_NAMED: usize = 300;
/// How often the request is sent by which an API shows that it is steady.
const REPEATS: usize = 5;

/// What stands in a contract besides the document.
const CLAUSES: &str = "\
# The clause that each general check of an answer is about.
x-checks:
  answer: answer.complete
  documented-status: answer.documented
  server-error: answer.documented
  media-type: answer.documented
  body: answer.documented
  error-body: answer.documented

# What the documentation promises, clause by clause. Add those of your own: a clause with `schema` names the keywords of
# the document that it stands for, and is then what a breach of them is blamed on.
x-clauses:
  answer.complete:
    level: must
    says: Every request gets one complete HTTP answer in time.
    source: the API as a whole
    polarities: [hold]
  answer.documented:
    level: must
    says: Every answer has a documented status, and a body and headers as they are documented for it.
    source: the API as a whole
    polarities: [hold]
  answer.steady:
    level: must
    says: The same valid request is always answered alike.
    source: the API as a whole
    polarities: [hold]
    relative: true
";

/// `contract.yaml`.
pub(super) fn contract(document: &str) -> String {
    let name = flow(&serde_json::Value::from(document));
    format!(
        "# The API's document, which stays as it is: OpenAPI 3.1 or 3.0, or Swagger 2.0.\ndocument: {name}\n\n{CLAUSES}"
    )
}

/// `suite.yaml`.
pub(super) fn suite(title: &str, plan: &Plan<'_>) -> String {
    let mut text = format!("title: {}\ncontract: contract.yaml\n", quoted(title));
    given(&mut text, plan);
    text.push_str("\n# What the cases call, by operationId. Of each: the valid request that cases depart from, and how it is accepted.\n");
    text.push_str("operations:\n");
    plan.asked.iter().for_each(|asked| operation(&mut text, asked, plan));
    left_out(&mut text, plan);
    if !plan.resources.is_empty() {
        text.push_str("\n# What is made for a case whose request names it, and removed after it.\nresources:\n");
    }
    for resource in &plan.resources {
        let id = flow(&format!("{{{{ {} }}}}", resource.id).into());
        let make = key(&resource.make);
        let remove = resource.remove.as_ref().map(|remove| format!(", remove: {}", key(remove))).unwrap_or_default();
        let _ = writeln!(text, "  {}: {{ make: {make}, id: {id}{remove} }}", resource.name);
    }
    text.push_str("\n# What is broken where the same valid request is once accepted and once refused.\ncontrol: { clause: answer.steady }\n");
    text
}

/// What a run is given.
fn given(text: &mut String, plan: &Plan<'_>) {
    if !plan.variables.is_empty() {
        text.push_str("\n# Given by --variable NAME=VALUE, CONFORMANT_VARIABLE_NAME or a profile.\nvariables:\n");
    }
    for (name, Variable { about, default, optional }) in &plan.variables {
        let default = default.as_ref().map(|default| format!("default: {}, ", flow(default))).unwrap_or_default();
        let optional = if *optional { "optional: true, " } else { "" };
        let _ = writeln!(text, "  {name}: {{ {default}{optional}about: {} }}", quoted(about));
    }
    if !plan.secrets.is_empty() {
        text.push_str("\n# Given by CONFORMANT_SECRET_NAME, --secret-file NAME=PATH or a profile, and masked everywhere.\nsecrets:\n");
    }
    for (name, Given { about, optional, obtain }) in &plan.secrets {
        let optional = if *optional { "optional: true, " } else { "" };
        let _ = match obtain {
            None => writeln!(text, "  {name}: {{ {optional}about: {} }}", quoted(about)),
            Some(obtain) => {
                writeln!(text, "  {name}:\n    about: {}\n    obtain:{}", quoted(about), value(obtain, 4))
            }
        };
    }
}

fn operation(text: &mut String, asked: &Asked<'_>, plan: &Plan<'_>) {
    let operation = asked.operation;
    let summary = asked.summary.map(|summary| format!(": {}", words(summary))).unwrap_or_default();
    let _ = writeln!(text, "\n  # {} {}{summary}", operation.method, words(&operation.path));
    let id = key(&operation.id);
    let request = match &asked.request {
        Ok(request) => request,
        Err(missing) => {
            let _ = writeln!(text, "  # Not asked yet. What is missing: {}.", words(missing));
            let _ = writeln!(
                text,
                "  # {}:\n  #   request: {{}}\n  #   accepted: {}",
                words(&id),
                statuses(&asked.accepted)
            );
            return;
        }
    };
    let makes = plan.resources.iter().find(|resource| resource.make == operation.id);
    if operation.method == "POST" && makes.is_none_or(|resource| resource.remove.is_none()) {
        text.push_str("  # What it makes, if anything, is left behind: say under `cleanup` how that is removed.\n");
    }
    let _ = writeln!(text, "  {id}:");
    if !request.is_empty() {
        text.push_str("    request:\n");
    }
    for (name, part) in request {
        let _ = writeln!(text, "      {name}:{}", value(part, 6));
    }
    let _ = writeln!(text, "    accepted: {}", statuses(&asked.accepted));
}

fn left_out(text: &mut String, plan: &Plan<'_>) {
    if plan.left_out.is_empty() {
        return;
    }
    text.push_str("\n  # The document has more operations:\n");
    for operation in plan.left_out.iter().take(MOST_NAMED) {
        let [id, path] = [&operation.id, &operation.path].map(|text| words(text));
        let _ = writeln!(text, "  #   {id}: {} {path}", operation.method);
    }
    if let Some(more) = plan.left_out.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "  #   and {more} more");
    }
}

/// The case file.
pub(super) fn cases(plan: &Plan<'_>) -> String {
    let mut text = "\
# One case for each operation: its valid request is accepted, and the answer is as it is documented. A case departs from the
# valid request with `path`, `query`, `headers`, `body` and `without`, and says what must come back.
title: Valid requests
cases:
"
    .to_owned();
    let mut ids: Vec<String> = vec!["steady".to_owned()];
    for asked in plan.sound() {
        let operation = asked.operation;
        let wanted = slug(&operation.id);
        let numbered = (2..).map(|number| format!("{wanted}-{number}"));
        let mut free = std::iter::once(wanted.clone()).chain(numbered).filter(|id| !ids.contains(id));
        let id = free.next().unwrap_or_default();
        let title = format!("{} {}", operation.method, operation.path);
        let _ = writeln!(
            text,
            "  - id: {}\n    title: {}\n    operation: {}",
            key(&id),
            quoted(&title),
            name(&operation.id)
        );
        let _ = writeln!(text, "    expect: {}\n", statuses(&asked.accepted));
        ids.push(id);
    }
    let reads = |asked: &&Asked<'_>| asked.operation.method == "GET";
    if let Some(asked) = plan.sound().find(reads).or_else(|| plan.sound().next()) {
        let _ = writeln!(
            text,
            "  - id: steady\n    title: equal requests get equal answers\n    operation: {}",
            name(&asked.operation.id)
        );
        text.push_str("    covers: { answer.complete: hold, answer.documented: hold, answer.steady: hold }\n");
        let _ = writeln!(text, "    repeat: {REPEATS}\n    expect: {}", statuses(&asked.accepted));
    }
    text
}

fn statuses(statuses: &[u16]) -> String {
    match statuses {
        [] => "200".to_owned(),
        [status] => status.to_string(),
        several => format!("[{}]", several.iter().map(u16::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// A text that is no template.
fn quoted(text: &str) -> String {
    flow(&literal(&words(text)).into())
}

/// An id as a value.
fn name(id: &str) -> String {
    flow(&id.into())
}

/// The document's words on one line.
fn words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&shorten(&line, WORDS)).into_owned()
}
