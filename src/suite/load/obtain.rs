//! How a secret is obtained: `obtain` in `suite.yaml`.

use super::super::model::Variable;
use super::super::obtain::Obtain;
use super::super::request::{PathPlan, RequestPlan};
use super::super::taken::TakenFrom;
use super::super::template::Text;
use super::reader::{Names, Reader};
use super::request;
use crate::source::Node;

/// The statuses that renew a secret where a suite doesn't say.
const RENEW: [u16; 1] = [401];

/// Reads it; `names` are those declared before the secret.
pub(super) fn load(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<Obtain> {
    let (sent, used) = reader.with_used(|reader| node.get("request").and_then(|node| sent(reader, node, names)));
    let needs = used.into_iter().filter(|(name, (_, copes))| !copes && names.given(name)).map(|(name, _)| name);
    let take = node.get("take").and_then(|node| taken_from(reader, node));
    let renew = node.get("renew").map_or_else(|| RENEW.to_vec(), |node| reader.statuses(node));
    let (request, origin) = sent?;
    Some(Obtain { request, needs: needs.collect(), origin, take: take?, renew })
}

/// The request, and the variable that says where it is sent.
fn sent(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<(RequestPlan, Option<String>)> {
    let (path, origin) = match (node.entry("path"), node.entry("url")) {
        (Some(path), None) => (request::written_path(reader, &path.value, names)?, None),
        (None, Some(url)) => {
            let (origin, path) = origin(reader, &url.value, names)?;
            (path, Some(origin))
        }
        (path, _) => {
            let span = path.map_or(node.span, |entry| entry.key_span);
            let report = reader.report(span, "a request to obtain a secret has either `path` or `url`");
            report.hint("`path` is at the target, `url` begins with a variable: `\"{{ identity }}/tokens\"`");
            return None;
        }
    };
    Some((request::elsewhere(reader, node, names, PathPlan::Written(path))?, origin))
}

/// The variable with which a URL begins, and the path behind it. Suites come with changes that nobody has looked at yet: where
/// secrets go is for those to say who give them.
fn origin(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Option<(String, Text)> {
    let source = node.as_str()?;
    let split = source.strip_prefix("{{").and_then(|rest| rest.split_once("}}"));
    let (name, path) = match split.map(|(name, path)| (name.trim(), path)) {
        Some((name, path)) if names.variables.contains(name) && path.starts_with('/') => (name, path),
        _ => {
            let report =
                reader.report(node.span, "a `url` begins with a variable, declared above, and goes on with `/`");
            report.hint(
                "who runs the suite says where secrets go: `\"{{ identity }}/tokens\"`; at the target, use `path`",
            );
            return None;
        }
    };
    reader.text(node, names)?;
    Some((name.to_owned(), Text::parse(path).ok()?))
}

/// The places of an answer that hold secrets.
pub(super) fn secret_places(reader: &mut Reader<'_>, node: &Node) -> Vec<TakenFrom> {
    let nodes = node.get("secret").map(Node::items).unwrap_or_default();
    nodes.iter().filter_map(|node| taken_from(reader, node)).collect()
}

fn taken_from(reader: &mut Reader<'_>, node: &Node) -> Option<TakenFrom> {
    let text = node.as_str()?;
    let pointer = reader.pointer(text, node.span)?;
    match pointer.split_first() {
        Some(("headers", rest)) if rest.tokens().len() == 1 => rest.tokens().first().cloned().map(TakenFrom::Header),
        Some(("body", rest)) => Some(TakenFrom::Body(rest)),
        _ => {
            let report = reader.report(node.span, format!("`{text}` points to no text of an answer"));
            report.hint("write /headers/<name> or /body/…");
            None
        }
    }
}

/// Reports values that the suite has itself for where secrets are sent.
pub(super) fn refuse_own_origins(reader: &mut Reader<'_>, suite: &Node, secrets: &[Variable]) {
    for name in secrets.iter().filter_map(|secret| secret.obtain.as_ref()?.origin.as_deref()) {
        let declared = suite.get("variables").and_then(|variables| variables.entry(name));
        let own = declared.and_then(|entry| match entry.value.entries() {
            [] => Some(entry),
            _ => entry.value.entry("default"),
        });
        let of_reference = suite.get("reference").and_then(|node| node.get("variables"));
        let of_reference = of_reference.and_then(|variables| variables.entry(name));
        for entry in own.into_iter().chain(of_reference) {
            let message = format!("secrets are sent where `{name}` says, so a suite has no value for it");
            let report = reader.report(entry.key_span, message);
            report.hint("declare it with `optional: true`; it is given by a flag, the environment or a profile");
        }
    }
}
