//! Who makes what: `POST /pets` makes what `/pets/{petId}` names, where its answer has an id.

use super::document::Document;
use super::names::{Names, singular};
use super::values::kind_fits;
use crate::contract::{DocumentedStatus, Operation};
use crate::pointer;

/// What an id may be called besides the parameter's name, the likeliest first.
const IDS: [&str; 4] = ["id", "uuid", "slug", "name"];
/// Around what was made, besides its own name.
const ENVELOPES: [&str; 2] = ["data", "item"];

/// Something that an operation makes and a path names.
pub(super) struct Resource {
    pub(super) name: String,
    /// The path that names it, with `{}` for each parameter.
    pub(super) key: String,
    pub(super) make: String,
    /// Where its id is in the answer that made it, as a template.
    pub(super) id: String,
    pub(super) remove: Option<String>,
}

/// The path up to its n-th part, with `{}` for each parameter: what a parameter is called makes no difference.
pub(super) fn key(path: &str, parts: usize) -> String {
    let part = |part: &str| if is_parameter(part) { "{}".to_owned() } else { part.to_owned() };
    path.split('/').take(parts).map(part).collect::<Vec<_>>().join("/")
}

pub(super) fn is_parameter(part: &str) -> bool {
    part.starts_with('{') && part.ends_with('}') && part.matches('{').count() == 1
}

/// The name of what stands in a collection at a path.
pub(super) fn named_by(path: &str) -> String {
    let last = path.split('/').rfind(|part| !part.is_empty() && !part.contains('{'));
    singular(&last.unwrap_or("thing").to_ascii_lowercase())
}

/// The resources that these operations make for each other.
pub(super) fn resources(document: Document<'_>, operations: &[&Operation], names: &mut Names) -> Vec<Resource> {
    let mut resources: Vec<Resource> = Vec::new();
    for make in operations.iter().filter(|operation| operation.method == "POST") {
        let parts = make.path.split('/').count() + 1;
        let key = format!("{}/{{}}", self::key(&make.path, parts));
        let named = operations.iter().find(|operation| self::key(&operation.path, parts) == key);
        let part = named.and_then(|operation| operation.path.split('/').nth(parts - 1));
        let parameter = part.map(|part| part.trim_matches(['{', '}']));
        let Some(parameter) = parameter.filter(|_| resources.iter().all(|other| other.key != key)) else { continue };
        let singular = named_by(&make.path);
        let is_number = named.is_some_and(|operation| document.has_number(&operation.id, parameter));
        let Some(place) = id(document, make, parameter, &singular, is_number) else { continue };
        let removes =
            |operation: &&&Operation| operation.method == "DELETE" && self::key(&operation.path, usize::MAX) == key;
        let remove = operations.iter().find(removes).map(|operation| operation.id.clone());
        let id = place.iter().fold("made.response.body".to_owned(), |id, member| format!("{id}{}", attribute(member)));
        resources.push(Resource { name: names.free(&singular), key, make: make.id.clone(), id, remove });
    }
    resources
}

/// A member in an expression.
fn attribute(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { format!(".{name}") } else { format!("['{}']", name.replace(['\\', '\''], "")) }
}

/// Where in the answer that makes something its id is.
fn id(
    document: Document<'_>,
    make: &Operation,
    parameter: &str,
    singular: &str,
    is_number: bool,
) -> Option<Vec<String>> {
    let success = make.successes().find(|spec| matches!(spec.status, DocumentedStatus::Exact(_)));
    let schema = success.or_else(|| make.successes().next())?.json_schemas().next()?;
    let snake: String = parameter.chars().flat_map(snake).collect();
    let own = [parameter.to_owned(), snake, format!("{singular}Id"), format!("{singular}_id")];
    let names = || own.iter().map(String::as_str).chain(IDS);
    let find = |views: &[String]| {
        let fits = |name: &&str| {
            let at = document.property(views, name);
            at.is_some_and(|at| kind_fits(document.kind(&document.views(&at)), is_number))
        };
        names().find(fits).map(str::to_owned)
    };
    let views = document.views(schema.pointer());
    let around = ENVELOPES.iter().copied().chain([singular]);
    find(&views).map(|name| vec![name]).or_else(|| {
        around.into_iter().find_map(|around| {
            let at = document.property(&views, around)?;
            find(&document.views(&at)).map(|name| vec![around.to_owned(), name])
        })
    })
}

fn snake(c: char) -> Vec<char> {
    if c.is_ascii_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] }
}

impl Document<'_> {
    /// Whether a parameter of an operation's path is a number.
    fn has_number(self, operation: &str, parameter: &str) -> bool {
        let Some([at, item]) = self.0.places(operation) else { return false };
        let lists = [at, item].map(|at| self.items(&pointer::join(at, "parameters")));
        let named = |at: &String| self.text(&pointer::join(at, "name")) == Some(parameter);
        let places = lists.iter().flatten().filter_map(|at| self.place(at));
        let schema = places.into_iter().find(named).map(|at| pointer::join(&at, "schema"));
        schema.is_some_and(|at| matches!(self.kind(&self.views(&at)), Some("integer" | "number")))
    }
}
