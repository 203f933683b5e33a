//! The text of a contract as a tree, and the way from a JSON pointer back to its place in the text.

use std::sync::Arc;

use serde_json::Value;

use super::mistake::Mistake;
use crate::pointer::Pointer;
use crate::source::shape::{Kind, Object, check_extensible};
use crate::source::{Diagnostics, Node, NodeValue, SourceFile, Span, parse};

/// The most mistakes that are told of one document: looking up the place of each takes time.
const MOST_TOLD: usize = 200;

/// A parsed document.
#[derive(Debug)]
pub(super) struct SourceDocument {
    file: SourceFile,
    node: Node,
    value: Arc<Value>,
}

impl SourceDocument {
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

    /// What in the document isn't as a table says, and the extensions that no table knows.
    pub(super) fn checked(&self, table: &'static Object) -> (Diagnostics, Diagnostics) {
        let (mut diagnostics, mut extensions) = (Diagnostics::default(), Diagnostics::default());
        check_extensible(&self.node, &Kind::Object(table), &self.file, &mut diagnostics, &mut extensions);
        (diagnostics, extensions)
    }

    /// Mistakes as messages at their places; of very many only some, and how many more there are.
    pub(super) fn diagnostics(&self, mut mistakes: Vec<Mistake>) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        diagnostics.leave_out(mistakes.len().saturating_sub(MOST_TOLD));
        mistakes.truncate(MOST_TOLD);
        for mistake in mistakes {
            let diagnostic = diagnostics.report(&self.file, self.span(&mistake), mistake.message);
            if let Some(hint) = mistake.hint {
                diagnostic.hint(hint);
            }
        }
        diagnostics
    }

    /// Where a mistake is: at the key, or at the value if that is one that fits a line, which a list or a map seldom is.
    /// Of a pointer that leads to nothing, the last part that is there.
    fn span(&self, mistake: &Mistake) -> Span {
        let mut node = &self.node;
        let mut span = node.span;
        for token in Pointer::parse(&mistake.pointer).unwrap_or_default().tokens() {
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
                Some(key_span) if mistake.at_key || !is_text => key_span,
                _ => next.span,
            };
            node = next;
        }
        span
    }
}
