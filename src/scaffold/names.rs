//! Names that templates can have.

use std::collections::BTreeSet;

use crate::suite::is_template_name;

/// The names of a suite, each given once.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// A name like this one that nothing has yet.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let wanted = identifier(wanted);
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let is_free = |name: &String| is_template_name(name) && !self.0.contains(name);
        let name = std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or(wanted);
        self.0.insert(name.clone());
        name
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains(&identifier(name))
    }
}

/// Letters, digits and `_` of a text, no digit first.
fn identifier(text: &str) -> String {
    let mut name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
    if !name.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
        name.insert(0, '_');
    }
    name
}

/// The singular of an English plural, as far as paths have them.
pub(super) fn singular(word: &str) -> String {
    let without = |end: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1);
    if let Some(stem) = without("ies") {
        return format!("{stem}y");
    }
    for end in ["sses", "shes", "ches", "xes"] {
        if without(end).is_some() {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    let is_plural = !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    without("s").filter(|_| is_plural).unwrap_or(word).to_owned()
}

/// An id as the parts of file names have them: `getPet` is `get-pet`.
pub(super) fn slug(id: &str) -> String {
    let mut slug = String::new();
    let mut before = '-';
    for c in id.chars() {
        let starts_word = c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        if starts_word || (!c.is_ascii_alphanumeric() && before.is_ascii_alphanumeric()) {
            slug.push('-');
        }
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    let slug: String = slug.chars().take(56).collect();
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "operation".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_templates_can_have() {
        let mut names = Names::default();
        let given = ["pet", "pet", "api-key", "9", "unique", "request"].map(|wanted| names.free(wanted));
        assert_eq!(given, ["pet", "pet_2", "api_key", "_9", "unique_2", "request_2"]);
    }

    #[test]
    fn a_resource_is_called_by_the_singular_of_its_collection() {
        let words = ["pets", "categories", "boxes", "addresses", "status", "s", "branches"];
        let singulars = ["pet", "category", "box", "address", "status", "s", "branch"];
        assert_eq!(words.map(singular), singulars);
    }

    #[test]
    fn an_operation_id_is_the_id_of_a_case() {
        let ids = ["getPet", "pets/list_all", "get-pets-petId", "GETPets2Day", "é"];
        assert_eq!(ids.map(slug), ["get-pet", "pets-list-all", "get-pets-pet-id", "getpets2-day", "operation"]);
    }
}
