//! A TOML document as the same tree of nodes that a YAML document becomes.

use serde_json::Number;
use toml_edit::{Document, Item, TableLike, Value};

use super::diagnostic::Diagnostics;
use super::file::SourceFile;
use super::limits::SMALL_FILE;
use super::node::{Entry, Node, NodeValue};
use super::places::Places;
use super::span::Span;
use crate::number::spelt;

/// How many values a document may hold.
const MAX_NODES: usize = 50_000;

/// Parses a file as one TOML document. A date or a time becomes the text that it is written as.
///
/// # Errors
/// What keeps it from being one: too large, too deep, bad TOML, keys given twice; or all numbers that JSON doesn't know.
pub fn parse_toml(file: &SourceFile) -> Result<Node, Diagnostics> {
    file.within(&SMALL_FILE)?;
    let document = Document::parse(file.text()).map_err(|error| {
        let mut diagnostics = Diagnostics::default();
        let span = error.span().map_or(Span::START, |range| file.span(range));
        diagnostics.report(file, span, error.message().lines().next().unwrap_or("not TOML"));
        diagnostics
    })?;
    let mut walk = Walk { file, places: Places::new(file.text()), nodes: 0, diagnostics: Diagnostics::default() };
    let value = walk.table(document.as_table());
    if walk.nodes > MAX_NODES {
        return Err(SourceFile::refused(file.name(), &format!("more than {MAX_NODES} values: split the file")));
    }
    walk.diagnostics.into_result().map(|()| Node { span: Span::START, value })
}

struct Walk<'a> {
    file: &'a SourceFile,
    places: Places<'a>,
    nodes: usize,
    diagnostics: Diagnostics,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike) -> NodeValue {
        let mut entries = Vec::new();
        for (key, item) in table.iter() {
            if self.nodes > MAX_NODES {
                break;
            }
            let range = table.key(key).and_then(toml_edit::Key::span).unwrap_or_default();
            let key_span = self.places.span(range);
            let value = self.item(item, key_span);
            entries.push(Entry { key: key.to_owned(), key_span, value });
        }
        NodeValue::Map(entries)
    }

    /// `near` is the place of what can't tell its own: a table that only dotted keys make.
    fn item(&mut self, item: &Item, near: Span) -> Node {
        self.nodes += 1;
        let span = item.span().map_or(near, |range| self.places.span(range));
        let value = match item {
            Item::None => NodeValue::Null,
            Item::Value(value) => return self.value(value, near),
            Item::Table(table) => self.table(table),
            Item::ArrayOfTables(tables) => {
                let list = tables.iter().map(|table| {
                    self.nodes += 1;
                    let span = table.span().map_or(near, |range| self.places.span(range));
                    Node { span, value: self.table(table) }
                });
                NodeValue::List(list.collect())
            }
        };
        Node { span, value }
    }

    fn value(&mut self, value: &Value, near: Span) -> Node {
        self.nodes += 1;
        let span = value.span().map_or(near, |range| self.places.span(range));
        let value = match value {
            Value::String(text) => NodeValue::String(text.value().clone()),
            Value::Integer(number) => NodeValue::Number((*number.value()).into()),
            Value::Float(float) => {
                match spelt(float.display_repr().trim()).or_else(|| Number::from_f64(*float.value())) {
                    Some(number) => NodeValue::Number(number),
                    None => {
                        self.diagnostics.report(self.file, span, "a number must be finite");
                        NodeValue::Null
                    }
                }
            }
            Value::Boolean(value) => NodeValue::Bool(*value.value()),
            Value::Datetime(moment) => NodeValue::String(moment.value().to_string()),
            Value::Array(items) => {
                let items = items.iter().take(MAX_NODES);
                NodeValue::List(items.map(|item| self.value(item, span)).collect())
            }
            Value::InlineTable(table) => self.table(table),
        };
        Node { span, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Node, Diagnostics> {
        parse_toml(&SourceFile::new("a.toml", text))
    }

    #[test]
    fn every_value_and_key_knows_where_it_stands() {
        let text = "# é\na.b = 1\n[t] # x\n'ä' = { k = [2.5, 'é', true] }\n[[l]]\nd = 2026-12-31\n";
        let node = parsed(text).unwrap();
        let place = |span: Span| (span.line, span.column, text.get(span.start..span.end).unwrap().to_owned());
        let entry = |node: &Node, key: &str| node.entry(key).unwrap().clone();
        let dotted = entry(&entry(&node, "a").value, "b");
        assert_eq!(place(dotted.key_span), (2, 3, "b".into()));
        let table = node.get("t").unwrap();
        assert_eq!(place(table.span), (3, 1, "[t]".into()));
        let inline = table.entries().first().unwrap();
        assert_eq!((inline.key.as_str(), place(inline.key_span).0), ("ä", 4));
        let items = inline.value.get("k").unwrap().items();
        assert_eq!(
            items.iter().map(|item| place(item.span)).collect::<Vec<_>>(),
            [(4, 14, "2.5".into()), (4, 19, "'é'".into()), (4, 24, "true".into())]
        );
        let dated = node.get("l").unwrap().items().first().unwrap();
        assert_eq!(place(dated.span), (5, 1, "[[l]]".into()));
        assert_eq!(dated.get("d").unwrap().as_str(), Some("2026-12-31"));
    }

    #[test]
    fn what_is_no_toml_is_refused_at_its_place() {
        let refused = |text: &str| {
            let refused = parsed(text).unwrap_err();
            let first = refused.iter().next().unwrap();
            format!("{}:{}: {}", first.line, first.column, first.message)
        };
        assert_eq!(refused("a = 1\nb = \n"), "2:5: string values must be quoted, expected literal string");
        assert_eq!(refused("a = 1\na = 2\n"), "2:1: duplicate key");
        assert_eq!(refused("a = 1\nb = inf\n"), "2:5: a number must be finite");
    }

    #[test]
    fn hostile_documents_are_refused_without_harm() {
        let deep = [
            format!("a{} = 1", ".a".repeat(400_000)),
            format!("a = {}", "[".repeat(500_000)),
            format!("a = {}", "{a=".repeat(300_000)),
            format!("[a{}]", ".a".repeat(400_000)),
        ];
        for text in deep {
            assert!(parsed(&text).is_err());
        }
        assert!(parsed(&"#".repeat(2 << 20)).unwrap_err().to_string().contains("larger than 1024 KiB"));
        assert!(
            parsed(&format!("a = [{}]", "1,".repeat(200_000))).unwrap_err().to_string().contains("more than 50000")
        );
        let many: String = (0..60_000).map(|n| format!("k{n}=1\n")).collect();
        assert!(parsed(&many).unwrap_err().to_string().contains("more than 50000"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[\\PC\\n \\[\\]{}=.,#'\"0-9-]{0,200}") {
            let _ = parse_toml(&SourceFile::new("a.toml", text));
        }
    }
}
