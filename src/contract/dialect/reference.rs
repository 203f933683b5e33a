//! What a document has names for: the anchors of its schemas.

use std::collections::BTreeMap;

use crate::pointer;
use crate::source::{Node, NodeValue};

/// The anchors in a tree, each with the pointer of the schema that it names.
pub(super) fn anchors(node: &Node, text: &str) -> BTreeMap<String, String> {
    let mut anchors = BTreeMap::new();
    // Few documents have any, and walking millions of values takes time.
    if text.contains("$anchor") || text.contains("$dynamicAnchor") {
        collect(node, &mut String::new(), &mut anchors);
    }
    anchors
}

fn collect(node: &Node, at: &mut String, anchors: &mut BTreeMap<String, String>) {
    let end = at.len();
    match &node.value {
        NodeValue::Map(entries) => {
            for key in ["$anchor", "$dynamicAnchor"] {
                anchors.extend(node.str_at(key).map(|name| (name.to_owned(), at.clone())));
            }
            for entry in entries {
                pointer::push(at, &entry.key);
                collect(&entry.value, at, anchors);
                at.truncate(end);
            }
        }
        NodeValue::List(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer::push(at, &index.to_string());
                collect(item, at, anchors);
                at.truncate(end);
            }
        }
        _ => {}
    }
}
