//! `conformant config`: what a run would use, and where each value came from. Shows no secret.

use std::borrow::Cow;
use std::io::{self, Write};

use super::args::RunArgs;
use super::connection::extra_headers;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::{self, Flags, Secret};
use super::known_secrets::SecretSources;
use super::output::print;
use super::settings::{HeaderText, Profile, Setting, WithOrigin};
use super::suites;
use crate::suite::Suite;
use crate::text::printable;

/// What is shown of a value that may not be shown.
const MASKED: &str = "[masked]";

/// One line: what, its value, where it came from.
struct Line {
    what: String,
    value: String,
    origin: String,
}

/// Prints every effective value.
pub(super) fn config(args: &RunArgs, profile: Option<&Profile>, settings: &[Setting]) -> Result<Exit, Failure> {
    let loaded = suites::load(args.suite.suite.as_deref())?;
    let mut lines: Vec<Line> = settings.iter().map(|setting| self::setting(setting, args)).collect();
    let flags = Flags {
        variables: &args.target.variables,
        secrets: &args.target.secrets,
        secret_files: &args.target.secret_files,
        profile,
        reference: args.target.url.is_none().then_some(&loaded.suite.reference),
    };
    lines.extend(variables(&loaded.suite, flags)?);
    lines.extend(secrets(&loaded.suite, flags)?);
    lines.extend(extra_headers(&args.connection, profile)?.into_iter().map(header));
    let known = SecretSources { profile, ..SecretSources::of_run(&args.target, &args.connection) }.known();
    for text in lines.iter_mut().flat_map(|line| [&mut line.what, &mut line.value, &mut line.origin]) {
        if let Cow::Owned(masked) = known.mask(text) {
            *text = masked;
        }
    }
    let title = match profile {
        Some(profile) => format!("profile {} ({})", profile.name, profile.place),
        None => "no profile".to_owned(),
    };
    print(|out| table(&title, &lines, out))?;
    Ok(Exit::Good)
}

fn setting(setting: &Setting, args: &RunArgs) -> Line {
    if setting.name == "read-only" && args.read_only.allow_destructive {
        let origin = "--allow-destructive".to_owned();
        return Line { what: setting.name.to_owned(), value: "false".to_owned(), origin };
    }
    let values: Vec<_> = setting.values.iter().map(|value| setting.shown(value)).collect();
    let value = if values.is_empty() { "not set".to_owned() } else { values.join(", ") };
    Line { what: setting.name.to_owned(), value, origin: setting.origin.clone() }
}

fn variables(suite: &Suite, flags: Flags<'_>) -> Result<Vec<Line>, Failure> {
    let given = inputs::variables(suite, flags)?;
    let line = |variable: &crate::suite::Variable| {
        let what = format!("variable {}", variable.name);
        match (given.get(&variable.name), &variable.default) {
            (Some(WithOrigin { value, place }), _) => Line { what, value: value.clone(), origin: place.clone() },
            (None, Some(default)) => Line { what, value: default.to_string(), origin: "default".to_owned() },
            (None, None) => Line { what, value: "not set".to_owned(), origin: "default".to_owned() },
        }
    };
    Ok(suite.variables.iter().map(line).collect())
}

fn secrets(suite: &Suite, flags: Flags<'_>) -> Result<Vec<Line>, Failure> {
    let given = inputs::secrets(suite, flags)?;
    let line = |secret: &crate::suite::Variable| {
        let what = format!("secret {}", secret.name);
        match given.get(&secret.name) {
            Some(WithOrigin { value: Secret::Value(_), place }) => {
                Line { what, value: MASKED.to_owned(), origin: place.clone() }
            }
            Some(WithOrigin { value: Secret::SecretRef(hidden), place }) => {
                Line { what, value: MASKED.to_owned(), origin: format!("{place}, {}", hidden.whence()) }
            }
            None => Line { what, value: "not set".to_owned(), origin: "default".to_owned() },
        }
    };
    Ok(suite.secrets.iter().map(line).collect())
}

fn header((name, WithOrigin { value, place }): (String, WithOrigin<HeaderText>)) -> Line {
    let what = format!("header {name}");
    match value {
        // What is a secret on a command line isn't known; better none of them is shown.
        HeaderText::Plain(_) if place.starts_with("--") => Line { what, value: MASKED.to_owned(), origin: place },
        HeaderText::Plain(text) => Line { what, value: text, origin: place },
        HeaderText::SecretRef(hidden) => {
            Line { what, value: MASKED.to_owned(), origin: format!("{place}, {}", hidden.whence()) }
        }
    }
}

fn table(title: &str, lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", printable(title))?;
    let width =
        |of: fn(&Line) -> &String| lines.iter().map(|line| printable(of(line)).chars().count()).max().unwrap_or(0);
    let (what, value) = (width(|line| &line.what), width(|line| &line.value));
    for line in lines {
        let columns = (printable(&line.what), printable(&line.value), printable(&line.origin));
        writeln!(out, "{:what$}  {:value$}  {}", columns.0, columns.1, columns.2)?;
    }
    Ok(())
}
