//! Values that a schema takes: its examples, `const`, the first of `enum`, `default`, or one made by rule. Whatever is made is
//! held against the schema before it is used.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::document::Document;
use super::made::{Made, literal};
use super::scalars;
use crate::pointer;

/// The most schemas within one another that a value is made for.
const DEEPEST: usize = 10;
/// The most schemas that are looked at for one value.
const MOST_STEPS: usize = 2_000;
/// The most values that are tried for one.
const MOST_TRIED: usize = 60;
/// The most alternatives of a `oneOf` or an `anyOf` that are tried.
const MOST_BRANCHES: usize = 8;
/// The most items of a list.
const MOST_ITEMS: usize = 20;
/// Members that are likely to be unique.
const UNIQUE: [&str; 6] = ["name", "email", "username", "slug", "code", "reference"];

/// Makes values.
pub(super) struct Values<'a> {
    document: Document<'a>,
    steps: Cell<usize>,
    tried: Cell<usize>,
}

impl<'a> Values<'a> {
    pub(super) fn new(document: Document<'a>) -> Self {
        Self { document, steps: Cell::new(0), tried: Cell::new(0) }
    }

    /// A value for the schema at a pointer: the first of these examples that fits, or one that is made.
    ///
    /// # Errors
    /// What is missing.
    pub(super) fn of(&self, pointer: &str, examples: &[Value]) -> Result<Made, String> {
        let example = examples.iter().find(|example| self.fits(pointer, example)).cloned().map(Made::fixed);
        let made = example.map_or_else(|| self.schema(pointer, 0), Ok)?;
        let made = self.with_unique_members(pointer, made);
        match self.fits(pointer, &made.sample) {
            true => Ok(made),
            false => Err(format!("an example at {pointer}")),
        }
    }

    fn fits(&self, pointer: &str, value: &Value) -> bool {
        self.tried.set(self.tried.get() + 1);
        self.tried.get() <= MOST_TRIED && self.document.0.takes(pointer, value)
    }

    /// Texts that are likely to be unique are drawn for each request, where the schema takes any.
    fn with_unique_members(&self, pointer: &str, made: Made) -> Made {
        let views = self.document.views(pointer);
        let mut made = made;
        for name in UNIQUE {
            let Some(at) = self.document.property(&views, name) else { continue };
            let views = self.document.views(&at);
            let is_fixed = ["const", "enum"].iter().any(|key| self.document.keyword(&views, key).next().is_some());
            let text = |value: &'_ Value| value.get(name).and_then(Value::as_str).map(str::to_owned);
            let is_same = text(&made.sample).is_some_and(|sample| text(&made.written) == Some(literal(&sample)));
            if is_fixed || !is_same {
                continue;
            }
            if let Ok(member) = scalars::text(self.document, &at, &views) {
                let fresh = made.clone().with(name, member);
                if self.fits(pointer, &fresh.sample) {
                    made = fresh;
                }
            }
        }
        made
    }

    fn schema(&self, pointer: &str, depth: usize) -> Result<Made, String> {
        self.of_views(pointer, &self.document.views(pointer), &[], depth)
    }

    fn of_views(&self, pointer: &str, views: &[String], chosen: &[String], depth: usize) -> Result<Made, String> {
        self.steps.set(self.steps.get() + 1);
        if depth > DEEPEST || self.steps.get() > MOST_STEPS {
            return Err(format!("an example at {pointer}, whose schemas lead too far"));
        }
        if let Some(given) = self.given(views).into_iter().find(|given| self.fits(pointer, given)) {
            return Ok(Made::fixed(given));
        }
        let alternatives = views.iter().flat_map(|view| ["oneOf", "anyOf"].map(|key| pointer::join(view, key)));
        let is_open = |at: &String| !chosen.contains(at) && !self.document.items(at).is_empty();
        match alternatives.into_iter().find(is_open) {
            Some(at) => self.branch(pointer, views, &[chosen, std::slice::from_ref(&at)].concat(), &at, depth),
            None => self.by_rule(pointer, views, depth),
        }
    }

    /// The first alternative by which the whole is what it has to be.
    fn branch(
        &self,
        pointer: &str,
        views: &[String],
        chosen: &[String],
        at: &str,
        depth: usize,
    ) -> Result<Made, String> {
        let mut missing = None;
        for branch in self.document.items(at).into_iter().take(MOST_BRANCHES) {
            let views = [views, &self.document.views(&branch)].concat();
            match self.of_views(pointer, &views, chosen, depth + 1) {
                Ok(made) if self.fits(pointer, &made.sample) => return Ok(made),
                Ok(_) => {}
                Err(why) => _ = missing.get_or_insert(why),
            }
        }
        Err(missing.unwrap_or_else(|| format!("an example at {pointer}")))
    }

    /// The values that views name themselves.
    fn given(&self, views: &[String]) -> Vec<Value> {
        let keyword = |name| self.document.keyword(views, name);
        let first = |listed: &'a Value| listed.as_array().and_then(|items| items.iter().find(|item| !item.is_null()));
        let examples = keyword("examples").filter_map(first).chain(keyword("example"));
        let all = examples.chain(keyword("const")).chain(keyword("enum").filter_map(first)).chain(keyword("default"));
        all.cloned().collect()
    }

    fn by_rule(&self, pointer: &str, views: &[String], depth: usize) -> Result<Made, String> {
        let has = |names: &[&str]| names.iter().any(|name| self.document.keyword(views, name).next().is_some());
        let kind = self.document.kind(views);
        match kind {
            Some("object") => self.object(views, depth),
            Some("array") => self.array(pointer, views, depth),
            Some("integer" | "number") => scalars::number(self.document, pointer, views),
            Some("boolean") => Ok(Made::fixed(Value::Bool(true))),
            Some(_) => scalars::text(self.document, pointer, views),
            None if has(&["properties", "required", "additionalProperties"]) => self.object(views, depth),
            None if has(&["items"]) => self.array(pointer, views, depth),
            None if has(&["minimum", "maximum", "multipleOf"]) => scalars::number(self.document, pointer, views),
            None => scalars::text(self.document, pointer, views),
        }
    }

    /// An object with the members that are required, and as many others as there have to be.
    fn object(&self, views: &[String], depth: usize) -> Result<Made, String> {
        let required = self.document.keyword(views, "required").filter_map(Value::as_array).flatten();
        let mut names: Vec<&str> = Vec::new();
        for name in required.filter_map(Value::as_str) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let least = scalars::greatest(self.document, views, "minProperties").unwrap_or_default();
        let others = self.document.keyword(views, "properties").filter_map(Value::as_object).flat_map(Map::keys);
        for name in others {
            if (names.len() as f64) < least && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let mut members = Vec::new();
        for name in names {
            let Some(at) = self.document.property(views, name) else {
                members.push((name.to_owned(), scalars::unique(12)));
                continue;
            };
            if !self.document.is_true(&self.document.views(&at), "readOnly") {
                members.push((name.to_owned(), self.schema(&at, depth + 1)?));
            }
        }
        Ok(Made::object(members))
    }

    /// A list with as many items as there have to be, and one at least where it may have one.
    fn array(&self, pointer: &str, views: &[String], depth: usize) -> Result<Made, String> {
        let least = scalars::greatest(self.document, views, "minItems").unwrap_or_default();
        let most = scalars::least(self.document, views, "maxItems").unwrap_or(f64::MAX);
        let count = least.max(1.0).min(most);
        if count > MOST_ITEMS as f64 {
            return Err(format!("an example at {pointer}, a list of {count} items"));
        }
        let items = views.iter().map(|view| pointer::join(view, "items"));
        let items = items.into_iter().find(|at| self.document.0.document().pointer(at).is_some());
        let mut made = Vec::new();
        while (made.len() as f64) < count {
            let item = match &items {
                Some(at) => self.schema(at, depth + 1),
                None => Ok(scalars::unique(12)),
            };
            match item {
                Ok(item) => made.push(item),
                Err(_) if least == 0.0 => break,
                Err(missing) => return Err(missing),
            }
        }
        Ok(Made::list(made))
    }
}

/// Whether a value of a type can stand for a parameter.
pub(super) fn kind_fits(kind: Option<&str>, is_number: bool) -> bool {
    match kind {
        Some("integer" | "number") | None => true,
        Some("string") => !is_number,
        Some(_) => false,
    }
}
