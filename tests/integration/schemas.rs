//! The JSON Schemas that the program prints: those of what people write, and that of the event stream.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use conformant::source::{SourceFile, parse_toml};
use conformant::verdict::Event;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::suites;
use crate::support::binary::{Served, conformant, stderr, stdout};
use crate::support::run::{Run, run};

fn schema(arguments: &[&str]) -> Output {
    conformant().arg("schema").args(arguments).output().unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}

#[test]
fn the_schemas_in_the_repository_are_those_that_the_program_prints() {
    for (files, name) in [("cases", "case"), ("profiles", "profile"), ("waivers", "waiver"), ("events", "event")] {
        let kept = read(&format!("cases/{name}.schema.json"));
        let printed = stdout(&schema(&[files]));
        assert!(printed == kept, "run `conformant schema {files} > cases/{name}.schema.json`");
    }
    assert_eq!(stdout(&schema(&[])), stdout(&schema(&["cases"])));
    let output = schema(&["waiver"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("give cases, profiles, waivers or events"), "{}", stderr(&output));
}

#[test]
fn the_schemas_of_profiles_and_waivers_take_the_examples_of_their_pages_and_refuse_what_a_run_does() {
    let wrong = [("profiles", "jobs = 4", "job = 4"), ("waivers", "expires = ", "expire = ")];
    for (files, right, instead) in wrong {
        let schema = serde_json::from_str(&stdout(&schema(&[files]))).unwrap();
        let schema = jsonschema::validator_for(&schema).unwrap();
        let page = read(&format!("docs/{files}.md"));
        let (_, example) = page.split_once("```toml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        let fits = |text: &str| {
            let file = SourceFile::new("example.toml", text);
            schema.is_valid(&parse_toml(&file).unwrap().to_json())
        };
        assert!(example.contains(right) && fits(example), "{example}");
        assert!(!fits(&example.replacen(right, instead, 1)), "{instead}");
    }
}

/// The schema of the event stream as it is printed, and without room for members of later versions.
fn event_schemas() -> (Validator, Validator) {
    let open: Value = serde_json::from_str(&stdout(&schema(&["events"]))).unwrap();
    let mut closed = open.clone();
    close(&mut closed);
    // Each of these is closed where it stands beside the word for the event.
    for of_event in ["Header", "CaseResult", "Footer"] {
        closed["$defs"][of_event].as_object_mut().unwrap().remove("unevaluatedProperties").unwrap();
    }
    (jsonschema::validator_for(&open).unwrap(), jsonschema::validator_for(&closed).unwrap())
}

/// Forbids, wherever members are named, all others.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            if members.get("properties").is_some_and(|named| named.values_are_schemas()) {
                members.insert("unevaluatedProperties".to_owned(), json!(false));
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(close),
        _ => {}
    }
}

trait Schemas {
    /// Whether these are schemas by name, and not a schema of a member that is called `properties`.
    fn values_are_schemas(&self) -> bool;
}

impl Schemas for Value {
    fn values_are_schemas(&self) -> bool {
        self.as_object().is_some_and(|named| named.values().all(|value| value.is_object() || value.is_boolean()))
    }
}

/// Event streams of runs that come to all sorts of ends.
fn streams() -> Vec<(&'static str, Run)> {
    const SELECTED: [&str; 2] = ["=connections/name/max-length[over]", "=connections/name/max-length[at]"];
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let folder = tempfile::tempdir().unwrap();
    let waivers = folder.path().join("waivers.toml");
    let waiver = "[[waiver]]\ncase = \"connections/name/max-length[over]\"\nclause = \"name.max-length\"\n\
                  reason = \"the limit is raised\"\nissue = \"API-7\"\nexpires = 2999-12-31\n";
    fs::write(&waivers, waiver).unwrap();
    let at = ["--target", &served.url, "--secret", "token=good-token"];
    let waived = ["--waivers", waivers.to_str().unwrap()];
    let two = suites::suites(&[("alpha", "first", ""), ("beta", "second", "")]);
    let (server, _) = suites::server(&["second"]);
    let of_two = ["--suite", two.path().to_str().unwrap(), "--target", &server.url()];
    vec![
        ("conformant", run(&SELECTED)),
        ("readings", run(&["ambiguity"])),
        ("violations", run(&[&at[..], &SELECTED].concat())),
        ("waived", run(&[&at[..], &waived, &SELECTED].concat())),
        ("a shard", run(&["--shard", "1/2", "name.max-length"])),
        ("snapshots", run(&["--snapshots", "check", "token.valid"])),
        ("no token", run(&["--target", &served.url, "--secret", "token=wrong", "name/max-length"])),
        ("several suites", run(&of_two)),
    ]
}

#[test]
fn the_schema_of_events_takes_every_line_of_real_streams_and_knows_each_member() {
    let (open, closed) = event_schemas();
    for (name, run) in streams() {
        assert!(run.events.len() >= 3, "{name}: {}", run.trouble);
        for event in &run.events {
            let error = open.validate(event).err().or(closed.validate(event).err());
            assert!(error.is_none(), "{name}: {}\n{event}", error.map(|error| error.to_string()).unwrap_or_default());
        }
    }
}

#[test]
fn the_schema_of_events_refuses_lines_that_were_altered_anywhere() {
    let (open, closed) = event_schemas();
    // Elements of a list are alike, and so are most lines.
    let mut known = HashSet::new();
    let mut is_new = |event: &Value, place: &str| {
        let part = |part: &'_ str| if part.parse::<usize>().is_ok() { "*".to_owned() } else { part.to_owned() };
        known.insert((event["event"].to_string(), place.split('/').map(part).collect::<Vec<_>>()))
    };
    for (name, run) in streams() {
        // The header's clauses are all alike, as those of the footer are.
        let events = run.events.iter().take(4).chain(run.events.last());
        for mut event in events.cloned() {
            if let Some(clauses) = event.get_mut("clauses").and_then(Value::as_array_mut) {
                clauses.truncate(3);
            }
            for (place, altered) in alterations(&event, true).into_iter().filter(|(place, _)| is_new(&event, place)) {
                assert!(!closed.is_valid(&altered), "{name}: {place} of\n{event}");
                if serde_json::from_str::<Event>(&altered.to_string()).is_err() {
                    assert!(!open.is_valid(&altered), "{name}: {place} of\n{event}");
                }
            }
        }
    }
    let mut of_another_version = streams().remove(0).1.events.remove(0);
    of_another_version["schema"] = json!("2.0");
    assert!(!open.is_valid(&of_another_version));
}

/// The value with each of its parts in turn made a value of another type, and each member renamed, where its name is a word of
/// the format.
fn alterations(value: &Value, has_words: bool) -> Vec<(String, Value)> {
    let of_another_type = match value {
        Value::Object(_) => json!([]),
        Value::Array(_) => json!({}),
        Value::String(_) => json!(7),
        Value::Number(_) | Value::Bool(_) | Value::Null => json!("other"),
    };
    let mut all = vec![(String::new(), of_another_type)];
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let with = |key: &str, member: Value| {
                    let others = members.iter().filter(|(other, _)| *other != key).map(|(k, v)| (k.clone(), v.clone()));
                    Value::from(others.chain([(key.to_owned(), member)]).collect::<Map<_, _>>())
                };
                all.extend(
                    alterations(member, key != "readings")
                        .into_iter()
                        .map(|(place, to)| (format!("/{key}{place}"), with(key, to))),
                );
                // One clause's id may be renamed to another's.
                if has_words && !key.contains('.') {
                    let mut renamed = members.clone();
                    let member = renamed.shift_remove(key).unwrap();
                    renamed.insert(format!("{key}_"), member);
                    all.push((format!("/{key}_"), Value::from(renamed)));
                }
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                let with = |to: Value| {
                    let mut elements = elements.clone();
                    elements[index] = to;
                    Value::from(elements)
                };
                all.extend(
                    alterations(element, true).into_iter().map(|(place, to)| (format!("/{index}{place}"), with(to))),
                );
            }
        }
        _ => {}
    }
    all
}
