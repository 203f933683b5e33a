//! One HTML file for people who would rather look than read.
//!
//! Written at the end from the templates beside this file. Nothing in it comes from elsewhere, nothing in it is a script:
//! the filters and the clause map work by CSS alone, and the content security policy allows that one style sheet, by its
//! hash, and nothing else. Whatever text a template shows is made printable, bounded and escaped.
//!
//! Bounded: about [`LIMIT`] bytes of causes with their evidence are on the page. What has no room is counted.

mod causes;

use std::collections::BTreeMap;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, HtmlEscape, Output as Page, State, UndefinedBehavior, Value, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use strum::VariantArray as _;

use super::clauses::{ClauseRow, Coverage};
use super::diff::diff;
use super::escape::{line, short};
use super::evidence::expected;
use super::format::{Format, Output, Renderer};
use super::summary::{SuiteEnd, Summary};
use super::{gate, snapshots};
use crate::text::shorten;
use crate::verdict::{BodyRecord, ClauseOutcome, Finding, SnapshotResult};
use causes::Causes;

pub(super) const FORMAT: Format = Format {
    name: "html",
    help: "Write one HTML page: the verdict, a map of the clauses, every cause with its evidence",
    output: Output::File("report.html"),
    wants_exchanges: false,
    renderer: || Box::<Html>::default(),
};

/// About how many bytes of causes the page holds.
const LIMIT: usize = 2 * 1024 * 1024;
/// How many characters of a text, of a curl line, and of a body.
const LINE: usize = 1_000;
const CURL: usize = 8_000;
const BODY: usize = 16_000;

/// The templates. The ends of their names are what switches escaping on.
const TEMPLATES: [(&str, &str); 4] = [
    ("macros.html", include_str!("html/macros.html")),
    ("cause.html", include_str!("html/cause.html")),
    ("suite.html", include_str!("html/suite.html")),
    ("report.html", include_str!("html/report.html")),
];
const STYLE: &str = include_str!("html/report.css");
/// What a page about several suites has besides.
const SUITES_STYLE: &str = include_str!("html/suites.css");

/// What marks a word: a class for its colour, and a sign for those who don't see that.
const MARKS: [(&str, &str, &str); 20] = [
    ("conformant", "good", "✓"),
    ("conformant with deviations", "fair", "≠"),
    ("non-conformant", "bad", "✗"),
    ("undetermined", "open", "?"),
    ("error", "bad", "!"),
    ("violates", "bad", "✗"),
    ("inconclusive", "open", "?"),
    ("skipped", "none", "○"),
    ("deviates", "fair", "≠"),
    ("observed", "read", "◇"),
    ("conforms", "good", "✓"),
    ("violated", "bad", "✗"),
    ("deviated", "fair", "≠"),
    ("untested", "none", "○"),
    ("proven", "good", "✓"),
    ("waived", "none", "○"),
    ("expired", "bad", "✗"),
    ("stale", "bad", "✗"),
    ("changed", "bad", "≠"),
    ("missing", "bad", "≠"),
];

/// Clauses whose ids begin with the same word.
#[derive(Serialize)]
struct ClauseGroup<'a> {
    word: &'a str,
    rows: Vec<&'a ClauseRow<'a>>,
}

/// The page while it isn't whole: the parts about the suites that are over. All suites share the room.
#[derive(Default)]
struct Html {
    parts: String,
    /// How many clauses have each outcome.
    outcomes: BTreeMap<ClauseOutcome, usize>,
}

impl Renderer for Html {
    fn finish(&mut self, run: &Summary, out: &mut dyn Write) -> io::Result<()> {
        self.parts.push_str(&part(run).map_err(io::Error::other)?);
        let coverage = run.coverage();
        for outcome in ClauseOutcome::VARIANTS {
            *self.outcomes.entry(*outcome).or_default() += coverage.with(*outcome).count();
        }
        if run.header.is_last() { self.page(run, out).map_err(io::Error::other) } else { Ok(()) }
    }
}

impl Html {
    fn page(&mut self, run: &Summary, out: &mut dyn Write) -> Result<(), Error> {
        let several = run.header.is_of_several();
        let style = if several { format!("{STYLE}{SUITES_STYLE}") } else { STYLE.to_owned() };
        let end = |SuiteEnd { suite, verdict, counts, why, .. }: &SuiteEnd| {
            context! { suite, verdict => verdict.to_string(), counts, why }
        };
        let context = context! {
            style_hash => STANDARD.encode(Sha256::digest(style.as_bytes())),
            style,
            header => Serde(&run.header),
            about => run.about(),
            verdict => if several { run.verdict_on_all().to_string() } else { run.footer.verdict.to_string() },
            several,
            suites => run.suites(),
            ends => run.ends.iter().map(end).collect::<Vec<_>>(),
            outcomes => Serde(self.outcomes.iter().collect::<Vec<_>>()),
            parts => Value::from_safe_string(std::mem::take(&mut self.parts)),
        };
        environment(run)?.get_template("report.html")?.render_captured_to(context, out).map(drop)
    }
}

/// What the page says of one suite.
fn part(run: &Summary) -> Result<String, Error> {
    let environment = environment(run)?;
    // Two thirds are for the violations; what they leave goes to the deviations.
    let limit = LIMIT / run.suites();
    let mut room = limit / 3 * 2;
    let violations = Causes::new(&run.violations, &environment, &mut room)?;
    room += limit / 3;
    let deviations = Causes::new(&run.deviations, &environment, &mut room)?;
    let (footer, coverage, told) = (&run.footer, run.coverage(), run.told());
    let (ambiguous, read) = coverage.readings();
    let outcomes = ClauseOutcome::VARIANTS.iter().map(|outcome| (outcome, coverage.with(*outcome).count()));
    let context = context! {
        several => run.header.is_of_several(),
        heading => if run.header.is_of_several() { "h2" } else { "h1" },
        header => Serde(&run.header),
        footer => Serde(footer),
        verdict => footer.verdict.to_string(),
        gate => gate::differs(footer),
        flaky_says => gate::flaky(footer).map(|notice| notice.says),
        evidence => gate::evidence(footer),
        total => run.total(),
        counts => Serde(footer.counts.iter().collect::<Vec<_>>()),
        funnel => Serde(coverage.funnel().stages()),
        outcomes => Serde(outcomes.collect::<Vec<_>>()),
        ambiguous,
        read,
        groups => Serde(groups(&told)),
        derived => run.derived().derived_line(),
        waivers => Serde(gate::waivers(footer)),
        violations => Serde(&violations),
        deviations => Serde(&deviations),
        snapshots => snapshots::sum(footer),
        failing => footer.snapshots.as_ref().map(|tally| tally.failing()),
        untidy => Serde(snapshots::untidy(footer)),
        changes => Serde(&run.changes),
        readings => Serde(run.readings()),
        errors => Serde(&run.errors),
        inconclusive => Serde(&run.inconclusive),
        flaky => Serde(&run.flaky),
        skipped => Serde(&run.skipped),
        left_behind => run.left_behind(),
    };
    environment.get_template("suite.html")?.render(context)
}

fn groups<'a>(coverage: &'a Coverage<'a>) -> Vec<ClauseGroup<'a>> {
    let mut groups: Vec<ClauseGroup<'_>> = Vec::new();
    for row in &coverage.0 {
        let word = row.statement.id.as_str().split('.').next().unwrap_or_default();
        match groups.iter_mut().find(|group| group.word == word) {
            Some(group) => group.rows.push(row),
            None => groups.push(ClauseGroup { word, rows: vec![row] }),
        }
    }
    groups
}

/// The templates with what they call.
fn environment(run: &Summary) -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(format);
    let mark = |word: &str| MARKS.iter().find(|(known, ..)| *known == word);
    environment.add_filter("class", move |word: &str| mark(word).map_or("none", |(_, class, _)| *class));
    environment.add_filter("sign", move |word: &str| mark(word).map_or("", |(.., sign)| *sign));
    environment.add_filter("printable", escaped);
    environment.add_filter("curl", |text: &str| escaped(&short(text, CURL)));
    environment.add_filter("body", |record: Serde<BodyRecord>| body(&record));
    environment.add_filter("expected", |finding: Serde<Finding>| expected(&finding));
    environment.add_filter("diff", |it: Serde<Finding>| Value::from(Serde(diff(&it.expected, &it.observed))));
    environment.add_filter("difference", |it: Serde<SnapshotResult>| Value::from(Serde(snapshots::difference(&it))));
    environment.add_filter("says", |snapshot: Serde<SnapshotResult>| snapshots::says(&snapshot));
    environment.add_function("percent", percent);
    let says: BTreeMap<_, _> = run.header.clauses.iter().map(|clause| (&clause.id, &clause.says)).collect();
    environment.add_global("says", Value::from(Serde(says)));
    // What the ids of the page begin with: of several suites, each has ids of its own.
    let prefix = if run.header.is_of_several() { format!("s{}-", run.ends.len()) } else { String::new() };
    environment.add_global("p", prefix);
    for (name, template) in TEMPLATES {
        environment.add_template(name, template)?;
    }
    Ok(environment)
}

/// `part` of `whole` in percent, with two digits after the point.
fn percent(part: usize, whole: usize) -> String {
    let hundredths = part.saturating_mul(10_000).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// A body as it is shown, laid out where it is JSON, and what is to be said of it.
fn body(body: &BodyRecord) -> Vec<Value> {
    let (text, bytes) = match body {
        BodyRecord::Text(text) => (text, text.len()),
        BodyRecord::Cut { text, bytes } => (text, *bytes),
        BodyRecord::Base64(text) => return vec![escaped(&short(text, BODY)), "not UTF-8: shown in base64".into()],
    };
    if text.is_empty() {
        return vec!["".into(), "an empty body".into()];
    }
    let shown = shorten(text, BODY);
    let value = serde_json::from_str::<serde_json::Value>(&shown).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    // Laying out shows one of two equal keys only, and numbers as they were read: then the text itself is shown.
    let bare = |text: &str| text.split_ascii_whitespace().collect::<String>();
    let laid_out = pretty.filter(|pretty| bare(pretty) == bare(&shown)).unwrap_or_else(|| shown.clone().into_owned());
    let lines: Vec<_> = laid_out.split('\n').map(line).collect();
    let note = if bytes > shown.len() { format!("the beginning of {bytes} bytes") } else { String::new() };
    vec![escaped(&lines.join("\n")), note.into()]
}

/// Writes a value. A text is cut and made printable before it is escaped, unless it is ready for the page.
fn format(out: &mut Page<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str().filter(|_| !value.is_safe()) {
        Some(text) => minijinja::escape_formatter(out, state, &Value::from(short(text, LINE))),
        None => minijinja::escape_formatter(out, state, value),
    }
}

/// A printable text, ready for the page.
fn escaped(text: &str) -> Value {
    Value::from_safe_string(HtmlEscape(text).to_string())
}

#[cfg(test)]
mod tests;
