//! The causes of violations and deviations with their evidence, as articles of the page, within the room that there is.

use std::collections::BTreeMap;

use minijinja::value::Serde;
use minijinja::{Environment, Error, Value, context};
use serde::Serialize;

use super::escaped;
use crate::contract::ClauseId;
use crate::report::diff::diff;
use crate::report::escape::{line, short};
use crate::report::evidence::expected;
use crate::report::groups::{Cause, FindingGroup, FindingGroups};
use crate::report::summary::Summary;
use crate::text::shorten;
use crate::verdict::{BodyRecord, ExchangeRecord, HeaderRecord};

/// How many characters of a curl line, and of a body.
const CURL: usize = 8_000;
const BODY: usize = 16_000;
/// How many header fields of an answer.
const HEADERS: usize = 60;
/// How many clauses and cases a cause names.
const NAMED: usize = 60;

/// Causes of one kind.
#[derive(Serialize)]
pub(super) struct Causes<'a> {
    /// How many causes there are.
    count: usize,
    /// Those for which there is room.
    articles: Vec<Article<'a>>,
    /// How many findings the others have.
    more: usize,
}

#[derive(Serialize)]
struct Article<'a> {
    #[serde(skip)]
    clauses: Vec<&'a ClauseId>,
    body: Value,
    clause: &'a ClauseId,
    clauses_alike: usize,
    count: usize,
    observed: &'a str,
}

#[derive(Serialize)]
struct ClauseLine<'a> {
    id: &'a ClauseId,
    says: &'a str,
    /// How many cases fail so.
    count: usize,
    /// The first of them.
    case: &'a str,
}

#[derive(Serialize)]
struct Exchange<'a> {
    step: &'a str,
    judged: bool,
    curl: Value,
    trouble: Option<&'a str>,
    status: Option<String>,
    headers: &'a [HeaderRecord],
    more_headers: usize,
    body: Value,
    note: Option<String>,
    elapsed_ms: String,
}

impl<'a> Causes<'a> {
    /// The causes for which there is room, and the count of the findings of the others. Takes from `room`, in bytes,
    /// what they need.
    pub(super) fn new(
        run: &'a Summary,
        groups: &'a FindingGroups,
        environment: &Environment<'_>,
        room: &mut usize,
    ) -> Result<Self, Error> {
        let causes = groups.causes();
        let count = causes.len();
        let mut articles = Vec::new();
        let mut more = groups.uncounted;
        for cause in &causes {
            let Some(body) = body_within(run, cause, environment, *room)? else {
                more += cause.count;
                continue;
            };
            *room -= body.len();
            let finding = &cause.example.finding;
            articles.push(Article {
                clauses: cause.groups.iter().take(NAMED).map(|group| &group.finding.clause).collect(),
                body: Value::from_safe_string(body),
                clause: &finding.clause,
                clauses_alike: cause.groups.len(),
                count: cause.count,
                observed: &finding.observed,
            });
        }
        Ok(Self { count, articles, more })
    }

    /// For every clause the number, from 1, of the first cause that is about it.
    pub(super) fn first(&self) -> BTreeMap<&str, usize> {
        let mut first = BTreeMap::new();
        for (index, article) in self.articles.iter().enumerate() {
            for clause in &article.clauses {
                first.entry(clause.as_str()).or_insert(index + 1);
            }
        }
        first
    }
}

/// What a cause's article shows, if there is room for it. The causes themselves come before their exchanges: half of the
/// room is kept for those that follow.
fn body_within(
    run: &Summary,
    cause: &Cause<'_>,
    environment: &Environment<'_>,
    room: usize,
) -> Result<Option<String>, Error> {
    let judged = cause.example.finding.exchange;
    let exchanges = cause.example.exchanges.iter().enumerate();
    let exchanges: Vec<Exchange<'_>> = exchanges.map(|(index, exchange)| view(exchange, index == judged)).collect();
    let bare = body(run, cause, environment, &[])?;
    if bare.len() > room {
        return Ok(None);
    }
    let whole = body(run, cause, environment, &exchanges)?;
    Ok(Some(if whole.len() - bare.len() > (room - bare.len()) / 2 { bare } else { whole }))
}

fn body(
    run: &Summary,
    cause: &Cause<'_>,
    environment: &Environment<'_>,
    exchanges: &[Exchange<'_>],
) -> Result<String, Error> {
    let FindingGroup { finding, case, others, count, .. } = cause.example;
    let clauses = cause.groups.iter().take(NAMED).map(|group| ClauseLine {
        id: &group.finding.clause,
        says: run.says(&group.finding.clause),
        count: group.count,
        case: &group.case.id,
    });
    // Where clauses fail in the same way, each has its first case beside it.
    let others: &[String] = if cause.groups.len() == 1 { others } else { &[] };
    let named = others.len().min(NAMED);
    let more = if cause.groups.len() == 1 { count - 1 - named } else { 0 };
    let context = context! {
        clauses => Serde(clauses.collect::<Vec<_>>()),
        clauses_alike => cause.groups.len(),
        case => Serde(case),
        place => finding.place.to_string(),
        expected => expected(finding),
        several => finding.expected.len() > 1,
        observed => &finding.observed,
        diff => Serde(diff(&finding.expected, &finding.observed)),
        exchanges => Serde(exchanges),
        left_out => exchanges.is_empty() && !cause.example.exchanges.is_empty(),
        others => Serde(others.iter().take(NAMED).collect::<Vec<_>>()),
        more,
    };
    environment.get_template("cause.html")?.render(context).map(|text| text.trim_end().to_owned())
}

fn view(exchange: &ExchangeRecord, judged: bool) -> Exchange<'_> {
    let response = exchange.response.as_ref();
    let (body, note) = response.map(|response| body_text(&response.body)).unwrap_or_default();
    let headers = response.map(|response| response.headers.as_slice()).unwrap_or_default();
    Exchange {
        step: &exchange.step,
        judged,
        curl: escaped(&short(&exchange.request.curl, CURL)),
        trouble: exchange.trouble.as_deref(),
        status: response.map(|response| format!("{} {}", response.version, response.status)),
        headers: headers.get(..HEADERS).unwrap_or(headers),
        more_headers: headers.len().saturating_sub(HEADERS),
        body: escaped(&body),
        note,
        elapsed_ms: format!("{:.1}", exchange.elapsed_ms),
    }
}

/// A body, laid out where it is JSON, and what is to be said of it.
fn body_text(body: &BodyRecord) -> (String, Option<String>) {
    let (text, bytes) = match body {
        BodyRecord::Text(text) => (text, text.len()),
        BodyRecord::Cut { text, bytes } => (text, *bytes),
        BodyRecord::Base64(text) => return (short(text, BODY), Some("not UTF-8: shown in base64".to_owned())),
    };
    if text.is_empty() {
        return (String::new(), Some("an empty body".to_owned()));
    }
    let shown = shorten(text, BODY);
    let value = serde_json::from_str::<serde_json::Value>(&shown).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    // Laying out shows one of two equal keys only, and numbers as they were read: then the text itself is shown.
    let faithful = |pretty: &String| without_space(pretty) == without_space(&shown);
    let laid_out = pretty.filter(faithful).unwrap_or_else(|| shown.clone().into_owned());
    let lines: Vec<_> = laid_out.split('\n').map(line).collect();
    let note = (bytes > shown.len()).then(|| format!("the beginning of {bytes} bytes"));
    (lines.join("\n"), note)
}

fn without_space(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_whitespace()).collect()
}
