//! The causes of violations and deviations with their evidence, as articles of the page, within the room that there is.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Environment, Error, Value, context};
use serde::Serialize;

use crate::contract::ClauseId;
use crate::report::groups::{Cause, FindingGroups};

/// How many clauses a cause names.
const NAMED: usize = 60;

/// Causes of one kind.
#[derive(Default, Serialize)]
pub(super) struct Causes<'a> {
    /// How many causes there are.
    count: usize,
    /// Those for which there is room.
    articles: Vec<Article<'a>>,
    /// How many findings the others have.
    more: usize,
    /// For every clause the number, from 1, of the first cause that is about it.
    first: BTreeMap<&'a ClauseId, usize>,
}

#[derive(Serialize)]
struct Article<'a> {
    clause: &'a ClauseId,
    clauses: usize,
    count: usize,
    observed: &'a str,
    body: Value,
}

impl<'a> Causes<'a> {
    /// The causes for which there is room, and the count of the findings of the others. Takes from `room`, in bytes,
    /// what they need.
    pub(super) fn new(groups: &'a FindingGroups, page: &Environment<'_>, room: &mut usize) -> Result<Self, Error> {
        let causes = groups.causes();
        let mut shown = Self { count: causes.len(), more: groups.uncounted, ..Self::default() };
        for cause in &causes {
            let Some(body) = body_within(cause, page, *room)? else {
                shown.more += cause.count;
                continue;
            };
            *room -= body.len();
            let finding = &cause.example.finding;
            let (clause, observed, body) = (&finding.clause, &finding.observed, Value::from_safe_string(body));
            let (clauses, count) = (cause.groups.len(), cause.count);
            shown.articles.push(Article { clause, clauses, count, observed, body });
            for group in cause.groups.iter().take(NAMED) {
                shown.first.entry(&group.finding.clause).or_insert(shown.articles.len());
            }
        }
        Ok(shown)
    }
}

/// What a cause's article shows, if there is room for it. The causes themselves come before their exchanges: half of the
/// room is kept for those that follow.
fn body_within(cause: &Cause<'_>, page: &Environment<'_>, room: usize) -> Result<Option<String>, Error> {
    let template = page.get_template("cause.html")?;
    let body = |left_out: bool| {
        let context = context! {
            example => Serde(cause.example),
            groups => Serde(cause.groups.iter().take(NAMED).collect::<Vec<_>>()),
            alike => cause.groups.len(),
            left_out,
        };
        template.render(context).map(|text| text.trim_end().to_owned())
    };
    let (bare, whole) = (body(true)?, body(false)?);
    let exchanges = whole.len().saturating_sub(bare.len());
    Ok(match room.checked_sub(bare.len()) {
        None => None,
        Some(rest) if exchanges > rest / 2 => Some(bare),
        Some(_) => Some(whole),
    })
}
