//! Whether a request goes to an operation of the contract: a path that is misspelt would be refused by any target, and look like a
//! refusal of something else.

use regex::Regex;

use super::super::operation::SuiteOperation;
use super::super::render::is_token;
use super::super::request::{Override, PathChange};
use super::super::template::Text;
use super::reader::Reader;
use crate::contract::{Operation, PathPiece};
use crate::source::Node;

/// Reports a method and a path, as far as they are known before a run, that no operation has together.
pub(super) fn check(reader: &mut Reader<'_>, node: &Node, called: &SuiteOperation, overrides: &Override) {
    let method = match &overrides.method {
        Some(method) if method.is_literal() => Some(method.source()),
        Some(_) => None,
        None => Some(called.documented.method.as_str()),
    };
    let written = match &overrides.path {
        Some(PathChange::Written(path)) => Some(path),
        Some(PathChange::Parameters(_)) | None => None,
    };
    // What can't be a method or a path at all was told of.
    let is_sound =
        method.is_none_or(is_token) && written.is_none_or(|path| !path.is_literal() || path.source().starts_with('/'));
    if !is_sound || (overrides.method.is_none() && written.is_none()) {
        return;
    }
    let fits = |operation: &Operation| match written {
        Some(path) => may_be_at(path, operation),
        None => operation.path == called.documented.path,
    };
    if reader.may_have(method, &fits) {
        return;
    }
    let entry = ["path", "method"].into_iter().find_map(|key| node.entry(key));
    let what = match (method, written) {
        (Some(method), Some(path)) => format!("{method} {path}"),
        (Some(method), None) => format!("{method} {}", called.documented.path),
        (None, path) => path.map_or_else(|| called.documented.path.clone(), ToString::to_string),
    };
    let span = entry.map_or(node.span, |entry| entry.value.span);
    reader
        .report(span, format!("the contract has no operation {what}"))
        .hint("add `undocumented: true` where that is meant");
}

/// Whether a path may be that of an operation, whatever its expressions come to.
fn may_be_at(path: &Text, operation: &Operation) -> bool {
    let (mut text, mut pattern) = (String::new(), String::new());
    for part in path.outline() {
        match part {
            Some(literal) => {
                let query = literal.find('?');
                let literal = literal.get(..query.unwrap_or(literal.len())).unwrap_or_default();
                text.push_str(literal);
                pattern.push_str(&regex::escape(literal));
                if query.is_some() {
                    break;
                }
            }
            None => {
                text.push(ANY);
                pattern.push_str(".*");
            }
        }
    }
    // An expression is a part of the path, or part of one; or several, where the documented path has one for each parameter.
    let any = |piece: PathPiece<'_>| match piece {
        PathPiece::Text(text) => text.to_owned(),
        PathPiece::Parameter(_) => ANY.to_string(),
    };
    let with_values: String = operation.path_pieces().map(any).collect();
    operation.is_at(&text) || Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(&with_values))
}

/// Stands for what is known only in a run.
const ANY: char = '\u{fffd}';
