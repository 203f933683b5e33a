//! What can be wrong with a profile beyond the kinds of its values.

use std::ffi::OsStr;
use std::ops::Range;

use super::keys;
use crate::cli::headers::{is_credential, is_own_header};
use crate::cli::options::Row;
use crate::cli::options::value::Privacy;
use crate::cli::value_ref::PLACE;
use crate::secret;
use crate::source::shape::{self, Kind};
use crate::source::{Diagnostics, Entry, Node, SourceFile, Span};

/// The bytes of everything that may be a secret, for no message to show: what hidden values are given as, headers, URLs
/// that may hold a password, and whatever stands under a key that isn't known.
pub(super) fn may_be_secret(root: &Node) -> Vec<Range<usize>> {
    let is_public = |row: &Row, key: &str| row.name == key && row.privacy == Privacy::Public;
    let shown = |key: &str| key == "variables" || keys::rows().any(|row| is_public(row, key));
    let mut values = Vec::new();
    for entry in root.entries() {
        let profiles = if entry.key == "profile" { entry.value.entries() } else { &[] };
        if profiles.is_empty() {
            values.extend(entry.value.values());
        }
        for profile in profiles {
            if profile.value.entries().is_empty() {
                values.extend(profile.value.values());
            }
            for entry in profile.value.entries().iter().filter(|entry| !shown(&entry.key)) {
                let named = keys::is_named(&entry.key) && !entry.value.entries().is_empty();
                let hidden = if named { entry.value.entries() } else { std::slice::from_ref(entry) };
                hidden.iter().for_each(|entry| hide(&entry.value, &mut values));
            }
        }
    }
    values
}

/// The bytes of a value that should say a place; the place itself is no secret.
fn hide(value: &Node, values: &mut Vec<Range<usize>>) {
    match value.entries() {
        [] => values.extend(value.values()),
        parts => {
            let is_place = |entry: &Entry| PLACE.fields.iter().any(|field| field.name == entry.key);
            let is_text = |entry: &Entry| entry.value.as_str().is_some();
            let others = parts.iter().filter(|entry| !(is_place(entry) && is_text(entry)));
            values.extend(others.flat_map(|entry| entry.value.values()));
        }
    }
}

/// The bytes of a file that can't be understood, but for the heads of its tables: any of them may be a secret.
pub(super) fn all_but_heads(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    let mut ranges = Vec::new();
    for line in text.split_inclusive('\n') {
        let is_head = line.trim_start().starts_with('[') && !line.contains(['=', '"', '\'']);
        if !is_head {
            ranges.push(start..start + line.trim_end().len());
        }
        start += line.len();
    }
    ranges
}

/// Secrets that stand in the file themselves.
pub(super) fn inline_secrets(root: &Node, file: &SourceFile) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    let mut report = |span: Span, what: String| {
        let hint = "say where it is: { env = \"NAME\" }, or { file = \"PATH\" }; and give it a new value";
        diagnostics.report(file, span, what).hint(hint);
    };
    for profile in root.get("profile").map(Node::entries).unwrap_or_default() {
        for (name, value, span) in keys::named(&profile.value, "secrets") {
            if value.one_or_many().iter().any(|value| value.scalar_text().is_some()) {
                report(span, format!("the secret `{name}` stands in the file itself"));
            }
        }
        for (name, value, span) in keys::named(&profile.value, "headers") {
            if is_credential(name) && value.one_or_many().iter().any(|value| value.scalar_text().is_some()) {
                report(span, format!("the header `{name}` is a secret and stands in the file itself"));
            }
        }
        if let Some(entry) = profile.value.entry("proxy").filter(|entry| has_credentials(&entry.value)) {
            report(entry.key_span, "the proxy's password stands in the file itself".to_owned());
        }
    }
    diagnostics
}

fn has_credentials(proxy: &Node) -> bool {
    proxy.as_str().is_some_and(|text| secret::without_credentials(text) != text)
}

/// Everything else that is wrong with one profile.
pub(super) fn find(profile: &Node, file: &SourceFile, diagnostics: &mut Diagnostics) {
    for (name, value, _) in keys::named(profile, "secrets") {
        let what = format!("the secret `{name}`");
        shape::check_part(value, &Kind::Object(&PLACE), &what, file, diagnostics);
        one_place(value, &what, file, diagnostics);
    }
    headers(profile, file, diagnostics);
    for row in keys::rows() {
        let Some(entry) = profile.entry(&row.name) else { continue };
        let mut misshapen = Diagnostics::default();
        shape::check(&entry.value, &row.shape, file, &mut misshapen);
        if !misshapen.is_empty() {
            // The walk over the whole file has reported it.
            continue;
        }
        if !entry.value.entries().is_empty() {
            one_place(&entry.value, &format!("the {}", row.name), file, diagnostics);
        }
        let texts = entry.value.one_or_many().iter().filter_map(Node::scalar_text);
        if let Some(mistake) = texts.filter_map(|text| (row.check)(OsStr::new(&text)).err()).next() {
            diagnostics.report(file, entry.value.span, mistake.what).hint(mistake.next);
        }
    }
}

fn headers(profile: &Node, file: &SourceFile, diagnostics: &mut Diagnostics) {
    let mut seen: Vec<String> = Vec::new();
    for (name, value, span) in keys::named(profile, "headers") {
        let lower = name.to_ascii_lowercase();
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            diagnostics.report(file, span, format!("`{name}` is no header name"));
        } else if is_own_header(name) {
            diagnostics.report(file, span, format!("the header `{name}` is made by the client for each request"));
        } else if seen.contains(&lower) {
            diagnostics.report(
                file,
                span,
                format!("the header `{name}` is given twice, for its case makes no difference"),
            );
        }
        match value.as_str() {
            Some(text) if http::HeaderValue::from_str(text).is_err() => {
                diagnostics.report(file, value.span, format!("the value of `{name}` holds what no header can carry"));
            }
            Some(_) => {}
            None => one_place(value, &format!("the header `{name}`"), file, diagnostics),
        }
        seen.push(lower);
    }
}

/// A hidden value has exactly one place.
fn one_place(node: &Node, what: &str, file: &SourceFile, diagnostics: &mut Diagnostics) {
    if node.entries().is_empty() || node.entries().iter().any(|entry| entry.value.as_str().is_none()) {
        // Something else was reported of it, but for an empty one.
        if node.entries().is_empty() && matches!(node.value, crate::source::NodeValue::Map(_)) {
            diagnostics.report(file, node.span, format!("{what} has no place")).hint(HINT);
        }
        return;
    }
    match (node.get("env"), node.get("file")) {
        (Some(_), Some(file_node)) => {
            diagnostics.report(file, file_node.span, format!("{what} has two places")).hint(HINT);
        }
        (Some(one), None) | (None, Some(one)) if one.as_str().is_some_and(str::is_empty) => {
            diagnostics.report(file, one.span, format!("{what} has an empty place")).hint(HINT);
        }
        _ => {}
    }
}

const HINT: &str = "write { env = \"NAME\" }, or { file = \"PATH\" }";
