//! `conformant config`: what a run would use, and where each value comes from. Shows no secret.

use std::borrow::Cow;
use std::io::{self, Write};

use super::arguments::Arguments;
use super::connection::extra_headers;
use super::exit::Exit;
use super::failure::Failure;
use super::inputs::Defaults;
use super::options::Setting;
use super::origin::{Input, Origin};
use super::suites::{self, LoadedSuite};
use super::terminal::print;
use super::value_ref::ValueRef;
use crate::text::printable;

/// What is shown of a value that may not be shown.
const MASKED: &str = "[masked]";
/// What is shown of a secret that a run asks for by itself.
const OBTAINED: &str = "obtained by the run";
/// What is shown where there is no value.
const NOT_SET: &str = "not set";

/// One line: what, its value, where that comes from.
type Line = [String; 3];

/// Prints every effective value.
pub(super) fn config(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { settings, options, profile, inputs } = arguments;
    let all = suites::load_all(&options.suite)?;
    let has_target = settings.get("target").is_some_and(|setting| !setting.values.is_empty());
    let defaults = if has_target { Defaults::Suite } else { Defaults::Reference };
    let mut lines: Vec<Line> = settings.in_profiles().map(|setting| self::setting(setting, arguments)).collect();
    for LoadedSuite { suite, .. } in &all {
        // Suites may have a variable of one name each.
        let of = if all.len() > 1 { format!(" of {}", suite.name) } else { String::new() };
        let variables = inputs.variables(suite, &all, defaults)?;
        for variable in &suite.variables {
            let default = variable.default.as_ref().map(ToString::to_string);
            let what = format!("variable {}{of}", variable.name);
            lines.push(line(what, variables.get(&variable.name), default, true)?);
        }
        let secrets = inputs.secrets(suite, &all, defaults)?;
        for secret in &suite.secrets {
            let default = secret.obtain.as_ref().map(|_| OBTAINED.to_owned());
            lines.push(line(format!("secret {}{of}", secret.name), secrets.get(&secret.name), default, false)?);
        }
    }
    for header in extra_headers(&inputs.headers)? {
        // What is a secret on a command line isn't known; better none of them is shown.
        let is_shown = matches!((&header.value, &header.origin), (ValueRef::Inline(_), Origin::Profile(_)));
        lines.push([format!("header {}", header.name), value(header, is_shown)?, origin(header)]);
    }
    let known = arguments.known_secrets();
    for text in lines.iter_mut().flatten() {
        if let Cow::Owned(masked) = known.mask(text).into_inner() {
            *text = masked;
        }
    }
    let title = match profile {
        Some(profile) => format!("profile {} ({})", profile.name, profile.place),
        None => "no profile".to_owned(),
    };
    print(|out| table(&title, &lines, out))?;
    Ok(Exit::Success)
}

fn setting(setting: &Setting, arguments: &Arguments) -> Line {
    let name = setting.row.name.clone();
    if name == "read-only" && arguments.options.allow_destructive {
        return [name, false.to_string(), "--allow-destructive".to_owned()];
    }
    let values: Vec<String> = setting.shown().collect();
    let value = if values.is_empty() { NOT_SET.to_owned() } else { values.join(", ") };
    [name, value, setting.origin.to_string()]
}

fn line(what: String, given: Option<&Input>, default: Option<String>, is_shown: bool) -> Result<Line, Failure> {
    Ok(match given {
        Some(input) => [what, value(input, is_shown)?, origin(input)],
        None => [what, default.unwrap_or_else(|| NOT_SET.to_owned()), Origin::Default.to_string()],
    })
}

fn value(input: &Input, is_shown: bool) -> Result<String, Failure> {
    if is_shown { input.value.read_text(&input.name) } else { Ok(MASKED.to_owned()) }
}

/// Where an input comes from, and where it is, if that is another place.
fn origin(input: &Input) -> String {
    let elsewhere = input.value.place().filter(|_| !matches!(input.origin, Origin::Environment(_)));
    elsewhere.map_or_else(|| input.origin.to_string(), |place| format!("{}, {place}", input.origin))
}

fn table(title: &str, lines: &[Line], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", printable(title))?;
    let width = |column: fn(&Line) -> &String| {
        lines.iter().map(|line| printable(column(line)).chars().count()).max().unwrap_or(0)
    };
    let (what, value) = (width(|[what, ..]| what), width(|[_, value, _]| value));
    for line in lines {
        let [name, text, origin] = line.each_ref().map(|text| printable(text));
        writeln!(out, "{name:what$}  {text:value$}  {origin}")?;
    }
    Ok(())
}
