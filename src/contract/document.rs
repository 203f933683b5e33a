//! The text of a contract as a tree, and the way from a JSON pointer back to its place in the text.

use std::sync::Arc;

use serde_json::Value;

use super::fault::Fault;
use crate::pointer::Pointer;
use crate::source::{Diagnostics, Node, NodeValue, SourceFile, Span, parse};

/// The most faults that are told of one document: looking up the place of each takes time.
const MOST_TOLD: usize = 200;

/// A parsed document.
#[derive(Debug)]
pub(super) struct Document {
    file: SourceFile,
    node: Node,
    value: Arc<Value>,
}

impl Document {
    /// Parses a file.
    ///
    /// # Errors
    /// What keeps the file from being one YAML document with unique keys.
    pub(super) fn read(file: SourceFile) -> Result<Self, Diagnostics> {
        let node = parse(&file)?;
        let value = Arc::new(node.to_json());
        Ok(Self { file, node, value })
    }

    /// The document as JSON.
    pub(super) fn value(&self) -> &Arc<Value> {
        &self.value
    }

    /// Faults as messages at their places; of very many only some, and how many more there are.
    pub(super) fn diagnostics(&self, mut faults: Vec<Fault>) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.leave_out(faults.len().saturating_sub(MOST_TOLD));
        faults.truncate(MOST_TOLD);
        for fault in faults {
            let diagnostic = diagnostics.report(&self.file, self.span(&fault), fault.message);
            if let Some(hint) = fault.hint {
                diagnostic.hint(hint);
            }
        }
        diagnostics
    }

    /// Where a fault is: at the key, or at the value if that is one that fits a line, which a list or a map seldom is.
    /// Of a pointer that leads to nothing, the last part that is there.
    fn span(&self, fault: &Fault) -> Span {
        let mut node = &self.node;
        let mut span = node.span;
        for token in Pointer::parse(&fault.pointer).unwrap_or_default().tokens() {
            let (key_span, next) = match &node.value {
                NodeValue::Map(_) => match node.entry(token) {
                    Some(entry) => (Some(entry.key_span), &entry.value),
                    None => break,
                },
                NodeValue::List(items) => match token.parse().ok().and_then(|index: usize| items.get(index)) {
                    Some(item) => (None, item),
                    None => break,
                },
                _ => break,
            };
            let is_text = !matches!(next.value, NodeValue::List(_) | NodeValue::Map(_) | NodeValue::Null);
            span = match key_span {
                Some(key_span) if fault.at_key || !is_text => key_span,
                _ => next.span,
            };
            node = next;
        }
        span
    }
}
