//! Fixed values that several rows send of what a clause calls unique. On a target that takes such a value from one of them
//! the others are refused, or not, as their timing has it; so each row needs values of its own.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::case::Case;
use super::model::{Inputs, Suite};
use super::render::render_request;
use super::rows::Row;
use super::scope::{Bindings, Scope};
use crate::contract::{Clause, ClauseId};
use crate::http::{Request, parse_strictly};
use crate::pointer::Pointer;

/// How many repeats of a step are looked at.
const REPEATS: u32 = 64;
/// Seeds: what is the same under all of them is not drawn. A draw from a few candidates may well be the same under two.
const SEEDS: [u64; 4] = [1, 2, 3, 4];
/// The methods of requests that make nothing.
const SAFE: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

/// A value that several rows send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedValue {
    /// The clause that calls it unique.
    pub clause: ClauseId,
    /// The value.
    pub value: String,
    /// The ids of the rows, in the suite's order; at least two.
    pub rows: Vec<String>,
}

impl SharedValue {
    /// Every one in a suite. What a step takes from the answer to an earlier one is the row's own.
    pub fn all(suite: &Suite, clauses: &[Clause]) -> Vec<Self> {
        let places: Vec<_> = clauses.iter().filter_map(Place::of).collect();
        let mut sent: BTreeMap<(usize, String), Vec<String>> = BTreeMap::new();
        let Some(bindings) = SEEDS.into_iter().map(|seed| bindings(suite, seed)).collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        for case in suite.cases.iter().filter(|_| !places.is_empty()) {
            for row in case.rows.iter() {
                let id = suite.row_id(case, &row);
                let drawn: Vec<_> = (bindings.iter().zip(SEEDS))
                    .map(|(bindings, seed)| requests(case, &row, (bindings, seed, &id)))
                    .collect();
                let Some((first, others)) = drawn.split_first() else { continue };
                for (at, request) in first.iter().enumerate() {
                    for (number, place) in places.iter().enumerate() {
                        let value_of = |request: &Option<Request>| place.value(request.as_ref()?);
                        let is_same = |value: &String| {
                            others.iter().all(|other| other.get(at).and_then(value_of).as_ref() == Some(value))
                        };
                        let Some(value) = value_of(request).filter(is_same) else { continue };
                        let rows = sent.entry((number, value)).or_default();
                        if rows.last() != Some(&id) {
                            rows.push(id.clone());
                        }
                    }
                }
            }
        }
        let shared = sent.into_iter().filter(|(_, rows)| rows.len() > 1);
        let told = |((number, value), rows): ((usize, String), _)| {
            Some(Self { clause: places.get(number)?.clause.clone(), value, rows })
        };
        shared.filter_map(told).collect()
    }
}

/// Values for a suite that nobody runs: the reference's, and else a name for itself.
fn bindings(suite: &Suite, seed: u64) -> Option<Bindings> {
    let mut inputs = suite.reference.clone();
    let Inputs { variables, secrets } = &mut inputs;
    for variable in suite.variables.iter().filter(|variable| variable.default.is_none()) {
        if variables.iter().all(|(name, _)| *name != variable.name) {
            variables.push((variable.name.clone(), variable.name.clone()));
        }
    }
    for secret in suite.secrets.iter().filter(|secret| secret.default.is_none()) {
        if secrets.iter().all(|(name, _)| *name != secret.name) {
            secrets.push((secret.name.clone(), secret.name.clone().into()));
        }
    }
    Bindings::new(suite, &inputs, seed).ok()
}

/// The requests of a row that can be made without any answer.
fn requests(case: &Case, row: &Row, at: (&Bindings, u64, &str)) -> Vec<Option<Request>> {
    let (bindings, seed, id) = at;
    let Ok(scope) = Scope::for_row(bindings, seed, id, row) else { return Vec::new() };
    let mut requests = Vec::new();
    for step in &case.steps {
        for number in 0..step.repeat.min(REPEATS) {
            let scope = if step.repeat > 1 { scope.attempt(number as usize) } else { scope.clone() };
            let request = render_request(&step.operation.request, &step.overrides, &scope, "http://127.0.0.1");
            requests.push(request.ok().filter(|request| !SAFE.contains(&request.method.as_str())));
        }
    }
    requests
}

/// Where a request has what a clause calls unique.
struct Place {
    clause: ClauseId,
    pointer: Pointer,
    /// Finds it in a body that is no JSON, and may be read by a target all the same.
    written: Regex,
}

impl Place {
    fn of(clause: &Clause) -> Option<Self> {
        let (_, pointer) = Pointer::parse(clause.unique.as_deref()?).ok()?.split_first()?;
        let key = regex::escape(pointer.tokens().last()?);
        let written = Regex::new(&format!(r#"\b{key}\b["'`]?\s*(?:[:>]|=>?)\s*["'`]?([^\s"'`,;&<>{{}}]+)"#)).ok()?;
        Some(Self { clause: clause.id.clone(), pointer: pointer.clone(), written })
    }

    fn value(&self, request: &Request) -> Option<String> {
        let body = request.body.as_deref()?;
        match parse_strictly(body) {
            Ok(json) => match self.pointer.get(&json)? {
                Value::String(text) => Some(text.clone()),
                scalar @ (Value::Number(_) | Value::Bool(_)) => Some(scalar.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            },
            // Wider encodings have NULs between the letters.
            Err(_) => {
                let text = String::from_utf8_lossy(body).replace('\0', "");
                let written = self.written.captures(&text)?.get(1)?.as_str();
                (written != "null").then(|| written.to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SuiteFiles;
    use super::*;
    use crate::contract::Contract;

    const CONTRACT: &str = include_str!("../../cases/connections/contract.yaml");
    const SUITE: &str = include_str!("../../cases/connections/suite.yaml");

    /// What cases with these keys share, each a value and the rows that send it.
    fn shared(cases: &[&str]) -> Vec<String> {
        let contract = Contract::load("contract.yaml", CONTRACT).unwrap();
        let case = |(number, keys): (usize, &&str)| format!("  - {{ id: c{number}, expect: 400, {keys} }}\n");
        let cases: String = cases.iter().enumerate().map(case).collect();
        let cases = format!("title: x\ncases:\n{cases}");
        let files = [("contract.yaml", CONTRACT), ("suite.yaml", SUITE), ("x.yaml", cases.as_str())];
        let suite = Suite::load(&SuiteFiles::embedded("s", &files), &contract).unwrap();
        let all = SharedValue::all(&suite, contract.clauses());
        assert!(all.iter().all(|shared| shared.clause.as_str() == "name.unique"));
        all.into_iter().map(|shared| format!("{}: {}", shared.value, shared.rows.join(" "))).collect()
    }

    #[test]
    fn a_fixed_value_that_two_rows_send_is_told_with_both() {
        let cases = ["body: { name: fixed }", "json: { name: fixed }", "body: { name: other }"];
        assert_eq!(shared(&cases), ["fixed: s/x/c0 s/x/c1"]);
        assert_eq!(shared(&["each: [{ id: a }, { id: b }], body: { name: 12 }"]), ["12: s/x/c0[a] s/x/c0[b]"]);
        assert_eq!(shared(&["repeat: 2, body: { name: 'n{{ index }}' }", "body: { name: n1 }"]), ["n1: s/x/c0 s/x/c1"]);
    }

    #[test]
    fn a_body_that_is_no_json_is_looked_through_too() {
        for raw in [
            r#"text: "{'name':'fixed'}""#,
            r#"text: '{name:"fixed",}'"#,
            r#"text: "name=fixed&x=y""#,
            r#"text: "<name>fixed</name>""#,
            r#"text: "name: fixed\n""#,
            r#"encoding: utf-16le, text: '{"name":"fixed"}'"#,
        ] {
            let cases = ["body: { name: fixed }".to_owned(), format!("raw: {{ {raw} }}")];
            assert_eq!(shared(&cases.each_ref().map(String::as_str)), ["fixed: s/x/c0 s/x/c1"], "{raw}");
        }
    }

    #[test]
    fn what_is_drawn_what_makes_nothing_and_what_one_row_sends_twice_is_shared_by_none() {
        let drawn = r#"body: { name: "{{ unique(8) }}" }"#;
        assert!(shared(&[drawn, drawn]).is_empty());
        assert!(
            shared(&["body: { name: fixed }", "method: GET, undocumented: true, body: { name: fixed }"]).is_empty()
        );
        assert!(
            shared(&["repeat: 3, body: { name: fixed }", "body: { name: null }", "json: { name: null }"]).is_empty()
        );
        let fixed = "each: { n: { range: [0, 38] } }, body: { name: 'n{{ n }}' }";
        let of_few = "each: { n: { range: [0, 38] } }, body: { name: 'n{{ pick(range(0, 39)) }}' }";
        assert_eq!(shared(&[fixed, of_few]), Vec::<String>::new());
        let of_the_first =
            "steps: [{ save: first, body: { name: a } }, { body: { name: '{{ first.request.body.name }}' } }]";
        assert!(shared(&[of_the_first.trim_start_matches("expect: 400, ")]).is_empty());
    }
}
