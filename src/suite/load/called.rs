//! What a suite calls: its operations, and the resources that they make for each other.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::operation::{
    Accepted, Cleanup, Find, Operations, Resource, Statements, SuiteOperation, Thing, needed,
};
use super::super::request::{Override, RequestPlan};
use super::super::taken::TakenFrom;
use super::super::template::Text;
use super::reader::{Names, Reader};
use super::{obtain, request, statement};
use crate::contract::{AS_STATED, Operation};
use crate::source::{Entry, Node, Span};

/// Statuses that say, of a removal, that there is nothing any more.
const GONE: [u16; 2] = [404, 410];

/// Operations and resources; what needs another resource comes after it.
pub(super) struct Called {
    /// None where nothing can be made of any.
    pub(super) operations: Option<Operations>,
    pub(super) resources: Vec<Arc<Resource>>,
}

/// An operation as it is written, before it is known how what it needs is made.
struct OperationDraft {
    documented: Operation,
    request: RequestPlan,
    accepted: Accepted,
    statements: Statements,
    cleanup: Option<Cleanup>,
    /// The resources that its statements name.
    named: BTreeSet<String>,
}

/// A resource as it is written.
struct ResourceDraft {
    name: String,
    span: Span,
    make: String,
    with: Override,
    id: Text,
    remove: Option<String>,
    secrets: Vec<TakenFrom>,
    /// The resources that `with` names.
    named: BTreeSet<String>,
}

/// What `suite.yaml` says of both.
pub(super) fn load(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Called {
    let entries = |key: &str| node.get(key).map(Node::entries).unwrap_or_default();
    if let Some(entry) = node.entry("operations").filter(|entry| entry.value.entries().is_empty()) {
        reader.report(entry.value.span, "a suite calls one operation at least").hint("name it by its operationId");
    }
    let mut operations: Vec<OperationDraft> = Vec::new();
    for entry in entries("operations") {
        operations.extend(operation(reader, entry, names));
    }
    let mut resources = Vec::new();
    for entry in entries("resources") {
        resources.extend(resource(reader, entry, names, &mut operations));
    }
    link(reader, operations, resources)
}

fn operation(reader: &mut Reader<'_>, entry: &Entry, names: &Names) -> Option<OperationDraft> {
    let documented = reader.documented(entry)?;
    let request = request::valid(reader, entry, &documented, names);
    let accepted = entry.value.get("accepted").and_then(|node| accepted(reader, node, &documented.id));
    let general = entry.value.get("statements");
    let (statements, named) = reader.with_resources(names, |reader| Statements {
        accepted: statement::statements(reader, general.and_then(|node| node.get("accepted")), names),
        refused: statement::statements(reader, general.and_then(|node| node.get("refused")), names),
    });
    let cleanup = entry.value.get("cleanup");
    let cleanup = cleanup.and_then(|node| self::cleanup(reader, node, &names.without_resources()));
    Some(OperationDraft { documented, request: request?, accepted: accepted?, statements, cleanup, named })
}

/// A resource; the operation that makes it learns how that is removed.
fn resource(
    reader: &mut Reader<'_>,
    entry: &Entry,
    names: &Names,
    operations: &mut [OperationDraft],
) -> Option<ResourceDraft> {
    let Entry { key: name, key_span: span, value, .. } = entry;
    let make = value.get("make").and_then(|node| reader.called(node, names));
    let remove = value.get("remove").map(|node| (node.span, reader.called(node, names)));
    let id = reader.text_at(value, "id", &names.of_made());
    if let (Some(id), Some(node)) = (id.as_ref().filter(|id| id.is_literal()), value.get("id")) {
        let message = format!("`{id}` is the same for every {name}");
        reader.report(node.span, message).hint("take it from the answer: `{{ made.response.body.id }}`, say");
    }
    let made_by = operations.iter().find(|draft| Some(&draft.documented.id) == make.as_ref());
    let documented = made_by.map(|draft| (draft.documented.clone(), draft.request.clone()));
    let valid = documented.as_ref().map(|(documented, plan)| (documented, plan));
    let (with, named) = reader.with_resources(names, |reader| {
        value.get("with").map(|node| request::overrides(reader, node, names, valid)).unwrap_or_default()
    });
    let secrets = obtain::secret_places(reader, value);
    let (make, id, (documented, _)) = (make?, id?, documented?);
    let removed_by = remove.as_ref().and_then(|(_, remove)| remove.clone());
    if let Some((span, remove)) = remove {
        let removal = removal(&remove?, name, &id, documented, operations)?;
        let draft = operations.iter_mut().find(|draft| draft.documented.id == make)?;
        if let Some(Cleanup { thing: None, .. }) = &draft.cleanup {
            let message = format!("`cleanup` of {make} says already how that is removed: leave one of them out");
            reader.report(span, message);
        }
        draft.cleanup.get_or_insert(removal);
    }
    let remove = removed_by;
    Some(ResourceDraft { name: name.clone(), span: *span, make, with, id, remove, secrets, named })
}

/// How a resource is removed by an operation.
fn removal(remove: &str, name: &str, id: &Text, make: Operation, operations: &[OperationDraft]) -> Option<Cleanup> {
    let draft = operations.iter().find(|draft| draft.documented.id == remove)?;
    let done = draft.accepted.status.iter().copied().chain(GONE).collect();
    let thing = Some(Thing { name: name.to_owned(), id: id.clone(), make });
    Some(Cleanup { request: draft.request.clone(), done, absent: Vec::new(), find: None, thing })
}

/// Makes operations and resources of what is written, each after what it needs.
fn link(reader: &mut Reader<'_>, operations: Vec<OperationDraft>, resources: Vec<ResourceDraft>) -> Called {
    let names: BTreeSet<String> = resources.iter().map(|draft| draft.name.clone()).collect();
    let order: Vec<String> = operations.iter().map(|draft| draft.documented.id.clone()).collect();
    let mut linked = BTreeMap::<String, Arc<SuiteOperation>>::new();
    let mut made = Vec::<Arc<Resource>>::new();
    let (mut operations, mut resources) = (operations, resources);
    loop {
        let before = (operations.len(), resources.len());
        let are_made = |needs: &BTreeSet<String>| needs.iter().all(|name| made.iter().any(|one| one.name == *name));
        let (ready, later): (Vec<_>, Vec<_>) = operations.into_iter().partition(|draft| are_made(&draft.needs(&names)));
        operations = later;
        for draft in ready {
            let given = Resource::all_of(&made, draft.needs(&names));
            let OperationDraft { documented, request, accepted, statements, cleanup, named } = draft;
            let id = documented.id.clone();
            let operation = SuiteOperation { documented, request, accepted, statements, cleanup, named, given };
            linked.insert(id, Arc::new(operation));
        }
        let needs = |draft: &ResourceDraft| linked.get(&draft.make).map(|make| draft.needs(make, &names));
        let (ready, later) =
            resources.into_iter().partition(|draft| needs(draft).is_some_and(|needs| are_made(&needs)));
        resources = later;
        for draft in ready {
            let Some(make) = linked.get(&draft.make).cloned() else { continue };
            let needs = draft.needs(&make, &names);
            let ResourceDraft { name, with, id, remove, secrets, .. } = draft;
            made.push(Arc::new(Resource { name, make, with, id, secrets, remove, needs }));
        }
        if (operations.len(), resources.len()) == before {
            break;
        }
    }
    for draft in &resources {
        let message = format!("`{}` can't be made: what makes it needs one that is there already", draft.name);
        reader.report(draft.span, message).hint("begin with a resource that needs no other");
    }
    let operations = Operations::new(order.iter().filter_map(|id| linked.get(id).cloned()));
    Called { operations, resources: made }
}

impl OperationDraft {
    /// The resources that its valid request and its statements need.
    fn needs(&self, names: &BTreeSet<String>) -> BTreeSet<String> {
        needed(&self.request, &Override::default(), names).chain(self.named.iter().cloned()).collect()
    }
}

impl ResourceDraft {
    /// The resources that have to be there before it can be made.
    fn needs(&self, make: &SuiteOperation, names: &BTreeSet<String>) -> BTreeSet<String> {
        needed(&make.request, &self.with, names).chain(make.named.iter().chain(&self.named).cloned()).collect()
    }
}

/// How an operation's accepted request is answered.
fn accepted(reader: &mut Reader<'_>, node: &Node, operation: &str) -> Option<Accepted> {
    let status = reader.statuses(if node.entries().is_empty() { node } else { node.get("status")? });
    let clause = match node.get("clause") {
        Some(clause) => reader.clause(clause)?,
        None => reader.usual_clause(operation, &status).unwrap_or_else(|| AS_STATED.to_owned()),
    };
    (!status.is_empty()).then_some(Accepted { status, clause })
}

fn cleanup(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Cleanup> {
    let request = request::plan(reader, node, &names.judging())?;
    let done = node.get("done").map(|done| reader.statuses(done)).unwrap_or_default();
    let absent = node.get("absent").map(|absent| reader.statuses(absent)).unwrap_or_default();
    let find = node.get("find").and_then(|node| find(reader, node, &names.judging()));
    Some(Cleanup { request, done, absent, find, thing: None })
}

fn find(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Find> {
    let mut keep = Vec::new();
    for entry in node.get("keep").map(Node::entries).unwrap_or_default() {
        let mut texts = Vec::new();
        for node in entry.value.one_or_many() {
            let Some(text) = reader.text(node, names) else { continue };
            if let Some(secret) = text.names().iter().find(|name| names.secrets.contains(*name)) {
                let message = format!("`{secret}` is a secret, and what is kept stands in a file");
                reader.report(node.span, message).hint("keep what was sent and is no secret: a name, say");
            }
            texts.push(text);
        }
        keep.push((entry.key.clone(), texts));
    }
    let names = names.finding();
    let request = request::plan(reader, node, &names);
    let mut pointer = |key: &str| {
        let node = node.get(key)?;
        reader.pointer(node.as_str()?, node.span)
    };
    let (items, made) = (pointer("items"), pointer("made"));
    let ours = node.get("ours").and_then(|ours| reader.text(ours, &names));
    if let (Some(text), Some(node)) = (&ours, node.get("ours").filter(|_| ours.as_ref().is_some_and(Text::is_literal)))
    {
        let message = format!("`{text}` looks at nothing, so everything that is found would be removed");
        reader.report(node.span, message).hint("compare the thing, which is `response.body`, with what was `kept`");
    }
    Some(Find { keep, request: request?, items: items?, ours: ours?, made })
}
