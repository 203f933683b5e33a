//! A document as a tree of nodes that know where they stand.

use std::ops::Range;

use serde_json::{Map, Number, Value as Json};

use super::span::Span;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it starts; for a list or a map, its first mark only. Behind an alias, where it is defined.
    pub span: Span,
    /// What it is.
    pub value: NodeValue,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(Number),
    /// Any other scalar.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file; keys are unique.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key as text: `200` is "200".
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value of a key; `None` where this is no map or has no such key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The entries of a map; of anything else, none.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            NodeValue::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; of anything else, none.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            NodeValue::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the single value itself.
    pub fn one_or_many(&self) -> &[Node] {
        match &self.value {
            NodeValue::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.entry_mut(key).map(|entry| &mut entry.value)
    }

    /// The entry of a key, to be changed.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Entry> {
        match &mut self.value {
            NodeValue::Map(entries) => entries.iter_mut().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// What stands at a JSON pointer.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        tokens(pointer).try_fold(self, |node, token| match &node.value {
            NodeValue::Map(_) => node.get(&token),
            NodeValue::List(items) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// What stands at a JSON pointer, to be changed.
    pub fn at_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        tokens(pointer).try_fold(self, |node, token| match &mut node.value {
            NodeValue::Map(entries) => {
                entries.iter_mut().find(|entry| entry.key == *token).map(|entry| &mut entry.value)
            }
            NodeValue::List(items) => items.get_mut(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Puts a value at a key of a map, in the place of what is there.
    pub fn insert(&mut self, key: &str, value: Self) {
        let key_span = value.span;
        match self.get_mut(key) {
            Some(known) => *known = value,
            None => {
                if let NodeValue::Map(entries) = &mut self.value {
                    entries.push(Entry { key: key.to_owned(), key_span, value });
                }
            }
        }
    }

    /// Puts an entry into a map, in the place of what is there.
    pub fn add(&mut self, entry: Entry) {
        if let NodeValue::Map(entries) = &mut self.value {
            entries.retain(|known| known.key != entry.key);
            entries.push(entry);
        }
    }

    /// Takes some keys out of a map.
    pub fn take_keys(&mut self, is_taken: impl Fn(&str) -> bool) {
        if let NodeValue::Map(entries) = &mut self.value {
            entries.retain(|entry| !is_taken(&entry.key));
        }
    }

    /// Takes all keys but one out of a map.
    pub fn keep_only(&mut self, key: &str) {
        if let NodeValue::Map(entries) = &mut self.value {
            entries.retain(|entry| entry.key == key);
        }
    }

    /// A text that stands for what is written at a place.
    pub fn text(span: Span, text: &str) -> Self {
        Self { span, value: NodeValue::String(text.to_owned()) }
    }

    /// A map that stands for what is written at a place.
    pub fn map(span: Span, entries: impl IntoIterator<Item = (String, Self)>) -> Self {
        let entry = |(key, value): (String, Self)| Entry { key, key_span: value.span, value };
        Self { span, value: NodeValue::Map(entries.into_iter().map(entry).collect()) }
    }

    /// The items of the list at a key; none where there is no such list.
    pub fn items_at(&self, key: &str) -> &[Node] {
        self.get(key).map(Self::items).unwrap_or_default()
    }

    /// The entries of the map at a key; none where there is no such map.
    pub fn entries_at(&self, key: &str) -> &[Entry] {
        self.get(key).map(Self::entries).unwrap_or_default()
    }

    /// The text at a key.
    pub fn str_at(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// The truth value at a key; `None` where there is none.
    pub fn bool_at(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The bytes of every value in it that is neither a list nor a map, and of its lists as far as they know their end.
    pub fn values(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut nodes = vec![self];
        while let Some(node) = nodes.pop() {
            if !matches!(node.value, NodeValue::Map(_)) {
                ranges.push(node.span.start..node.span.end);
            }
            nodes.extend(node.items());
            nodes.extend(node.entries().iter().map(|entry| &entry.value));
        }
        ranges
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// A truth value.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            NodeValue::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// An integer that is at least 0.
    pub fn as_u64(&self) -> Option<u64> {
        match &self.value {
            NodeValue::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// An integer.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.value {
            NodeValue::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.value == NodeValue::Null
    }

    /// The text of a string, a number or a truth value.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            NodeValue::String(text) => Some(text.clone()),
            NodeValue::Number(number) => Some(number.to_string()),
            NodeValue::Bool(value) => Some(value.to_string()),
            NodeValue::Null | NodeValue::List(_) | NodeValue::Map(_) => None,
        }
    }

    /// The same as JSON, keys in the order of the file.
    pub fn to_json(&self) -> Json {
        match &self.value {
            NodeValue::Null => Json::Null,
            NodeValue::Bool(value) => Json::Bool(*value),
            NodeValue::Number(number) => Json::Number(number.clone()),
            NodeValue::String(text) => Json::String(text.clone()),
            NodeValue::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            NodeValue::Map(entries) => Json::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json())).collect::<Map<_, _>>(),
            ),
        }
    }

    /// For messages: `a list`, `a map`, …
    pub fn kind(&self) -> &'static str {
        match &self.value {
            NodeValue::Null => "null",
            NodeValue::Bool(_) => "true or false",
            NodeValue::Number(_) => "a number",
            NodeValue::String(_) => "a text",
            NodeValue::List(_) => "a list",
            NodeValue::Map(_) => "a map",
        }
    }
}

/// The parts of a JSON pointer, unescaped.
fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}
