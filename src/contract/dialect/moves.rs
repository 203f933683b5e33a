//! What stands elsewhere in the one form than in the files as written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::keys::FILES;
use crate::pointer;

/// From places as written to places in the one form, and back.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    to: BTreeMap<String, String>,
    from: BTreeMap<String, String>,
}

impl Moves {
    /// Notes that what is written at a pointer stands at another one.
    pub(super) fn note(&mut self, written: String, moved: String) {
        self.from.entry(moved.clone()).or_insert_with(|| written.clone());
        self.to.insert(written, moved);
    }

    /// Where what is written at a place stands: a pointer, or a file's path, `#` and a pointer.
    pub(crate) fn pointer(&self, written: &str) -> String {
        let pointer = match written.split_once('#') {
            Some((file, pointer)) if !file.is_empty() => format!("{}{pointer}", mount(file)),
            _ => written.to_owned(),
        };
        around(&self.to, &pointer).into_owned()
    }

    /// The place, as written, of what stands at a pointer.
    pub(crate) fn written(&self, pointer: &str) -> String {
        let pointer = around(&self.from, pointer);
        match pointer.strip_prefix('/').and_then(|rest| rest.strip_prefix(FILES)?.strip_prefix('/')) {
            Some(rest) => {
                let (file, rest) = rest.split_once('/').unwrap_or((rest, ""));
                let slash = if rest.is_empty() { "" } else { "/" };
                format!("{}#{slash}{rest}", file.replace("~1", "/").replace("~0", "~"))
            }
            None => pointer.into_owned(),
        }
    }
}

/// The pointer below which a file hangs.
pub(super) fn mount(file: &str) -> String {
    pointer::join(&format!("/{FILES}"), file)
}

/// A pointer with the longest beginning replaced that is in a map.
fn around<'p>(map: &BTreeMap<String, String>, pointer: &'p str) -> Cow<'p, str> {
    if map.is_empty() {
        return Cow::Borrowed(pointer);
    }
    let replaced = |beginning: &str| {
        let rest = pointer.get(beginning.len()..).unwrap_or_default();
        map.get(beginning).map(|other| Cow::Owned(format!("{other}{rest}")))
    };
    pointer::outwards(pointer).find_map(replaced).unwrap_or(Cow::Borrowed(pointer))
}
