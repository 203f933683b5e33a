//! Tables: rows as written, products, ranges and plain lists.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::super::number::template_value;
use super::super::rows::{Axis, AxisValues, Cell, Row, Rows};
use super::super::tree::Tree;
use super::expect;
use super::reader::{Names, Reader};
use crate::source::{Entry, Node, NodeValue, Span};

/// The most rows of a case.
const MAX_ROWS: u64 = 1_000_000;
/// Keys of a row that are no columns.
const RESERVED: [&str; 5] = ["id", "title", "expect", "covers", "needs"];
/// The most characters that a value gives to a row's id.
const MAX_SLUG: usize = 40;

/// The names of a table's columns, with a place each.
pub(super) fn columns(each: &Node) -> Vec<(String, Span)> {
    let mut columns: Vec<(String, Span)> = Vec::new();
    let mut add = |name: &str, span: Span| {
        if columns.iter().all(|(known, _)| known != name) {
            columns.push((name.to_owned(), span));
        }
    };
    for entry in each.items().iter().flat_map(Node::entries).filter(|entry| !RESERVED.contains(&&*entry.key)) {
        add(&entry.key, entry.key_span);
    }
    for entry in each.entries() {
        match entry.key.as_str() {
            "product" => entry.value.entries().iter().for_each(|axis| add(&axis.key, axis.key_span)),
            "column" => add(entry.value.as_str().unwrap_or_default(), entry.value.span),
            "of" => {}
            range => add(range, entry.key_span),
        }
    }
    columns
}

/// The rows of a table. `names` are the suite's; `local` are these and the columns.
pub(super) fn rows(reader: &mut Reader<'_>, each: &Node, names: &Names, local: &Names) -> Rows {
    let rows = match &each.value {
        NodeValue::List(items) => table(reader, items, names, local),
        _ => grid(reader, each, names),
    };
    if rows.len() > MAX_ROWS {
        let message = format!("the table has {} rows, more than {MAX_ROWS}", rows.len());
        reader.report(each.span, message).hint("split the case");
    }
    rows
}

fn table(reader: &mut Reader<'_>, items: &[Node], names: &Names, local: &Names) -> Rows {
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let row = row(reader, item, names, local);
        let line = item.span.line;
        if let Some(other) = row.id.clone().and_then(|id| seen.insert(id, line)) {
            let id = row.id.as_deref().unwrap_or_default();
            let span = item.get("id").map_or(item.span, |id| id.span);
            reader.report(span, format!("the row id `{id}` is taken by line {other}")).hint("give each row an `id`");
        }
        rows.push(row);
    }
    Rows::table(rows)
}

fn row(reader: &mut Reader<'_>, node: &Node, names: &Names, local: &Names) -> Row {
    let entries: Vec<&Entry> = node.entries().iter().filter(|entry| !RESERVED.contains(&&*entry.key)).collect();
    let columns: Vec<_> = entries.iter().map(|entry| cell_of(reader, &entry.key, &entry.value, names)).collect();
    let id = match node.get("id") {
        Some(id) => reader.slug(id, "row id"),
        None if entries.is_empty() => {
            reader.report(node.span, "the row has neither an `id` nor columns to make one from");
            None
        }
        None => Some(entries.iter().map(|entry| slug_of(&entry.value)).collect::<Vec<_>>().join(",")),
    };
    let mut row = Row::plain(id, 0, columns);
    row.line = Some(node.span.line);
    row.title = reader.text_at(node, "title", &local.without_secrets()).map(Arc::new);
    row.expect = node.get("expect").map(|node| Arc::new(expect::expect(reader, node)));
    row.covers = node.get("covers").map(|node| reader.covers(node).into());
    row.needs = node.get("needs").map(|node| reader.needs(node, names).into());
    row
}

fn cell_of(reader: &mut Reader<'_>, name: &str, node: &Node, names: &Names) -> (Arc<str>, Cell) {
    (name.into(), cell(reader, node, names))
}

fn cell(reader: &mut Reader<'_>, node: &Node, names: &Names) -> Cell {
    let tree: Tree = reader.tree(node, names);
    match &node.value {
        NodeValue::Number(number) => Cell::Number(number.clone()),
        _ if tree.is_literal() => Cell::Value(template_value(&node.to_json())),
        _ => Cell::Template(Arc::new(tree)),
    }
}

fn grid(reader: &mut Reader<'_>, each: &Node, names: &Names) -> Rows {
    let spellings = ["product", "column"].iter().filter(|key| each.get(key).is_some()).count();
    let others = each.entries().iter().filter(|entry| !matches!(entry.key.as_str(), "product" | "column" | "of"));
    if spellings + others.count() != 1 || each.get("of").is_some() != each.get("column").is_some() {
        reader
            .report(each.span, "a table is a list of rows, or one of `product`, `column` with `of`, or a range")
            .hint("each: { n: { range: [1, 9] } }, each: { column: c, of: [a, b] }, each: { product: { … } }");
    }
    let mut axes = Vec::new();
    for entry in each.entries() {
        match entry.key.as_str() {
            "product" => {
                axes.extend(entry.value.entries().iter().map(|axis| axis_of(reader, &axis.key, &axis.value, names)))
            }
            "column" => {
                let values = each.get("of");
                axes.extend(
                    entry.value.as_str().zip(values).map(|(name, values)| axis_of(reader, name, values, names)),
                );
            }
            "of" => {}
            name => axes.push(axis_of(reader, name, &entry.value, names)),
        }
    }
    Rows::grid(axes)
}

fn axis_of(reader: &mut Reader<'_>, name: &str, node: &Node, names: &Names) -> Axis {
    let values = match node.get("range") {
        Some(range) => range_of(reader, range),
        None => list_of(reader, node, names),
    };
    Axis { column: name.into(), values }
}

fn range_of(reader: &mut Reader<'_>, node: &Node) -> AxisValues {
    let ends: Vec<i64> = node.items().iter().filter_map(Node::as_i64).collect();
    match ends.as_slice() {
        [first, last] if first <= last => AxisValues::Range(*first, *last),
        [first, last] => {
            reader.report(node.span, format!("the range from {first} to {last} is empty"));
            AxisValues::Range(0, 0)
        }
        _ => {
            reader.report(node.span, "a range is its first and its last number: [1, 9]");
            AxisValues::Range(0, 0)
        }
    }
}

fn list_of(reader: &mut Reader<'_>, node: &Node, names: &Names) -> AxisValues {
    let mut values: Vec<(String, Cell)> = Vec::with_capacity(node.items().len());
    let mut seen: HashMap<String, u32> = HashMap::new();
    for item in node.items() {
        let slug = slug_of(item);
        if let Some(line) = seen.insert(slug.clone(), item.span.line) {
            reader.report(item.span, format!("the value of the row `{slug}` stands in line {line} already"));
        }
        values.push((slug, cell(reader, item, names)));
    }
    AxisValues::List(values)
}

/// A value's part of a row's id: slugged, with a short hash where the slug lost something.
fn slug_of(node: &Node) -> String {
    let json = node.to_json();
    let text = node.scalar_text().unwrap_or_else(|| json.to_string());
    let mut slug = String::new();
    for c in text.chars().take(MAX_SLUG) {
        match c {
            'a'..='z' | '0'..='9' | '.' | '_' | '-' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
    }
    let lookalike = json.is_string() && serde_json::from_str::<Json>(&text).is_ok();
    if slug == text && !lookalike && !slug.is_empty() {
        return slug;
    }
    let digest: String = Sha256::digest(json.to_string()).iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    match slug.trim_end_matches('-') {
        "" => digest,
        slug => format!("{slug}-{digest}"),
    }
}
