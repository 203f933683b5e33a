//! A JSON value whose strings may be templates.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::engine::MAX_RENDERED;
use super::error::RenderError;
use super::scope::Scope;
use super::template::Text;

/// A JSON value whose strings may be templates; keys are never templates.
#[derive(Debug, Clone)]
pub enum Tree {
    /// Null, a truth value, a number or a literal string; after [`Tree::folded`] any value without templates.
    Scalar(Json),
    /// A template. One that is a single expression keeps the type of its value.
    Text(Text),
    /// A list.
    Array(Vec<Tree>),
    /// An object, in the order of the file.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Whether no part of it is a template.
    pub fn is_literal(&self) -> bool {
        match self {
            Self::Scalar(_) => true,
            Self::Text(_) => false,
            Self::Array(items) => items.iter().all(Self::is_literal),
            Self::Object(fields) => fields.iter().all(|(_, value)| value.is_literal()),
        }
    }

    /// The same; where no part of it is a template, as one value that needs no rendering. Nothing can be merged into
    /// an object that is folded.
    #[must_use]
    pub fn folded(self) -> Self {
        self.literal().map_or(self, Self::Scalar)
    }

    fn literal(&self) -> Option<Json> {
        match self {
            Self::Scalar(value) => Some(value.clone()),
            Self::Text(_) => None,
            Self::Array(items) => items.iter().map(Self::literal).collect::<Option<_>>().map(Json::Array),
            Self::Object(fields) => {
                let field = |(name, value): &(String, Self)| Some((name.clone(), value.literal()?));
                fields.iter().map(field).collect::<Option<_>>().map(Json::Object)
            }
        }
    }

    /// All templates in it.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Scalar(_) => Vec::new(),
            Self::Text(text) => vec![text],
            Self::Array(items) => items.iter().flat_map(Self::texts).collect(),
            Self::Object(fields) => fields.iter().flat_map(|(_, value)| value.texts()).collect(),
        }
    }

    /// The value, with every template rendered.
    ///
    /// # Errors
    /// A template that fails, or more than 4 MiB of text.
    pub fn render(&self, scope: &Scope) -> Result<Json, RenderError> {
        self.render_within(scope, &mut Budget(MAX_RENDERED))
    }

    /// The value, with every template rendered; borrowed where it is a single literal one, or a part of a body.
    ///
    /// # Errors
    /// As [`Tree::render`].
    pub fn rendered<'s>(&'s self, scope: &'s Scope) -> Result<Cow<'s, Json>, RenderError> {
        let borrowed = match self {
            Self::Scalar(value) => Some(value),
            Self::Text(text) => text.part(scope),
            Self::Array(_) | Self::Object(_) => None,
        };
        borrowed.map_or_else(|| self.render(scope).map(Cow::Owned), |value| Ok(Cow::Borrowed(value)))
    }

    /// This value with `over` merged into it: objects deeply, everything else replaced. Templates of what is
    /// replaced are not rendered.
    ///
    /// # Errors
    /// A template that fails, or more than 4 MiB of text.
    pub fn render_merged(&self, over: &Self, scope: &Scope) -> Result<Json, RenderError> {
        self.merged_within(over, scope, &mut Budget(MAX_RENDERED))
    }

    fn render_within(&self, scope: &Scope, budget: &mut Budget) -> Result<Json, RenderError> {
        match self {
            Self::Scalar(value) => {
                budget.spend(value.as_str().map_or(8, str::len))?;
                Ok(value.clone())
            }
            Self::Text(text) => {
                let value = text.json(scope)?;
                budget.spend(weight(&value))?;
                Ok(value)
            }
            Self::Array(items) => {
                items.iter().map(|item| item.render_within(scope, budget)).collect::<Result<_, _>>().map(Json::Array)
            }
            Self::Object(fields) => {
                let mut object = Map::with_capacity(fields.len());
                for (name, value) in fields {
                    object.insert(name.clone(), value.render_within(scope, budget)?);
                }
                Ok(Json::Object(object))
            }
        }
    }

    fn merged_within(&self, over: &Self, scope: &Scope, budget: &mut Budget) -> Result<Json, RenderError> {
        match (self, over) {
            (Self::Object(fields), Self::Object(changes)) => {
                let change = |name: &str| changes.iter().find(|(changed, _)| changed == name).map(|(_, value)| value);
                let mut object = Map::with_capacity(fields.len() + changes.len());
                for (name, value) in fields {
                    let value = match change(name) {
                        Some(change) => value.merged_within(change, scope, budget)?,
                        None => value.render_within(scope, budget)?,
                    };
                    object.insert(name.clone(), value);
                }
                for (name, value) in changes {
                    if !object.contains_key(name) {
                        object.insert(name.clone(), value.render_within(scope, budget)?);
                    }
                }
                Ok(Json::Object(object))
            }
            (Self::Object(fields), Self::Text(_)) => match over.render_within(scope, budget)? {
                Json::Object(changes) => merged_with(fields, changes, scope, budget),
                replaced => Ok(replaced),
            },
            _ => over.render_within(scope, budget),
        }
    }
}

/// A template gave the object that is merged in.
fn merged_with(
    fields: &[(String, Tree)],
    changes: Map<String, Json>,
    scope: &Scope,
    budget: &mut Budget,
) -> Result<Json, RenderError> {
    let mut object = Map::with_capacity(fields.len() + changes.len());
    for (name, value) in fields {
        let value = match (value, changes.get(name)) {
            (Tree::Object(inner), Some(Json::Object(change))) => merged_with(inner, change.clone(), scope, budget)?,
            (_, Some(change)) => change.clone(),
            (value, None) => value.render_within(scope, budget)?,
        };
        object.insert(name.clone(), value);
    }
    for (name, value) in changes {
        if !object.contains_key(&name) {
            object.insert(name, value);
        }
    }
    Ok(Json::Object(object))
}

struct Budget(usize);

impl Budget {
    fn spend(&mut self, bytes: usize) -> Result<(), RenderError> {
        self.0 = self.0.checked_sub(bytes).ok_or(RenderError::TooLarge)?;
        Ok(())
    }
}

/// About how many bytes a value takes when it is written.
fn weight(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(weight).sum(),
        Json::Object(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 8,
    }
}
