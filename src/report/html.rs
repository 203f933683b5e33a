//! One HTML file for people who would rather look than read.
//!
//! Written at the end from the templates beside this file. Nothing in it comes from elsewhere, nothing in it is a script:
//! the filters and the clause map work by CSS alone, and the content security policy allows that one style sheet, by its
//! hash, and nothing else. Whatever text a template shows is made printable, bounded and escaped.
//!
//! Bounded: about [`LIMIT`] bytes of causes with their evidence are on the page. What has no room is counted.

mod causes;
mod view;

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, HtmlEscape, Output as Page, State, UndefinedBehavior, Value, context};
use sha2::{Digest as _, Sha256};

use super::escape::short;
use super::format::{Format, Output};
use super::gate;
use super::summary::Summary;
use causes::Causes;

pub(super) const FORMAT: Format = Format {
    name: "html",
    help: "Write one HTML page: the verdict, a map of the clauses, every cause with its evidence",
    output: Output::File("report.html"),
    wants_exchanges: false,
    renderer: || Box::new(|run: &Summary, out: &mut dyn Write| page(run, out).map_err(io::Error::other)),
};

/// About how many bytes of causes the page holds.
const LIMIT: usize = 16 * 1024 * 1024;
/// How many characters of a text.
const LINE: usize = 1_000;

/// The templates. The ends of their names are what switches escaping on.
const TEMPLATES: [(&str, &str); 3] = [
    ("macros.html", include_str!("html/macros.html")),
    ("cause.html", include_str!("html/cause.html")),
    ("report.html", include_str!("html/report.html")),
];
const STYLE: &str = include_str!("html/report.css");

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

fn page(run: &Summary, out: &mut dyn Write) -> Result<(), Error> {
    let environment = environment()?;
    // Two thirds are for the violations; what they leave goes to the deviations.
    let mut room = LIMIT / 3 * 2;
    let violations = Causes::new(run, &run.violations, &environment, &mut room)?;
    room += LIMIT / 3;
    let deviations = Causes::new(run, &run.deviations, &environment, &mut room)?;
    let (footer, coverage) = (&run.footer, run.coverage());
    let (ambiguous, read) = coverage.readings();
    let context = context! {
        style => STYLE,
        style_hash => STANDARD.encode(Sha256::digest(STYLE.as_bytes())),
        header => Serde(&run.header),
        footer => Serde(footer),
        verdict => footer.verdict.to_string(),
        gate => gate::differs(footer),
        flaky_says => gate::flaky(footer).map(|notice| notice.says),
        facts => Serde(view::facts(run)),
        total => run.total(),
        counts => Serde(view::counts(footer)),
        funnel => Serde(view::funnel(&coverage)),
        outcomes => Serde(view::outcomes(&coverage)),
        ambiguous,
        read,
        groups => Serde(view::groups(&coverage, &violations, &deviations)),
        waivers => Serde(view::waivers(footer)),
        violations => Serde(&violations),
        deviations => Serde(&deviations),
        snapshots => Serde(view::snapshots(run)),
        readings => Serde(view::readings(run)),
        errors => Serde(&run.errors),
        inconclusive => Serde(&run.inconclusive),
        flaky => Serde(&run.flaky),
        skipped => Serde(&run.skipped),
        left => Serde(view::left_behind(run)),
    };
    environment.get_template("report.html")?.render_captured_to(context, out).map(drop)
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_formatter(format);
    let mark = |word: &str| MARKS.iter().find(|(known, ..)| *known == word);
    environment.add_filter("class", move |word: &str| mark(word).map_or("none", |(_, class, _)| *class));
    environment.add_filter("sign", move |word: &str| mark(word).map_or("", |(.., sign)| *sign));
    environment.add_filter("printable", escaped);
    for (name, template) in TEMPLATES {
        environment.add_template(name, template)?;
    }
    Ok(environment)
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
