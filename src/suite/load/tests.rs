use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn clauses() -> BTreeMap<String, Vec<Polarity>> {
    use Polarity::{Accept, Hold, Observe, Refuse};
    let known = [
        ("name.max-length", vec![Accept, Refuse]),
        ("name.mandatory", vec![Accept, Refuse]),
        ("status.success", vec![Hold]),
        ("answer.steady", vec![Hold]),
        ("response.id-distinct", vec![Hold]),
        ("ambiguity.empty-id", vec![Observe]),
    ];
    known.into_iter().map(|(id, polarities)| (id.to_owned(), polarities)).collect()
}

/// Clauses alone, beside which there are as many operations as anybody asks for, at a path with one parameter.
impl Clauses for BTreeMap<String, Vec<Polarity>> {
    fn operation(&self, id: &str) -> Option<Operation> {
        let (method, path) = ("POST".to_owned(), "/v1/{project_id}/connections".to_owned());
        Some(Operation {
            id: id.to_owned(),
            method,
            path,
            parameters: Vec::new(),
            consumes: Vec::new(),
            request: None,
            responses: BTreeMap::new(),
        })
    }

    fn operations(&self) -> Vec<&str> {
        Vec::new()
    }

    fn may_have(&self, method: Option<&str>, fits: &dyn Fn(&Operation) -> bool) -> bool {
        let posted = self.operation("any");
        posted.is_some_and(|operation| method.is_none_or(|method| method == operation.method) && fits(&operation))
    }

    fn usual(&self, _operation: Option<&str>, _statuses: &[u16]) -> Option<String> {
        None
    }

    fn polarities(&self, clause: &str) -> Option<Vec<Polarity>> {
        self.get(clause).cloned()
    }

    fn ids(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }

    fn schema(&self, _clause: &str) -> Vec<String> {
        Vec::new()
    }

    fn is_relative(&self, _clause: &str) -> bool {
        false
    }

    fn judges_answers(&self, _clause: &str) -> bool {
        true
    }

    fn have_code_place(&self) -> bool {
        true
    }
}

const SUITE_TEXT: &str = r#"
title: Connections
contract: contract.yaml
variables:
  project_id: project-a
  other_project_id: { optional: true, about: another tenant's }
secrets:
  token: { about: a valid token }
reference: { secrets: { token: valid } }
control: { clause: answer.steady }
operations:
  createConnection:
    request:
      path: { project_id: "{{ project_id }}" }
      headers: { Content-Type: application/json, X-Auth-Token: "{{ token }}" }
      body: { name: "{{ unique(16) }}", vpc_id: vpc }
    accepted: { status: 200, clause: status.success }
    statements:
      accepted:
        - { clause: status.success, at: /body/name, equals: "{{ request.body.name }}" }
    cleanup:
      method: DELETE
      path: /v1/{{ project_id }}/connections/{{ response.body.id }}
      done: [200, 204]
"#;

fn load(cases: &str) -> Result<Suite, Diagnostics> {
    load_with(SUITE_TEXT, cases)
}

fn load_with(suite: &str, cases: &str) -> Result<Suite, Diagnostics> {
    let texts = [("contract.yaml", "openapi: 3.1.0"), ("suite.yaml", suite), ("name.yaml", cases)];
    Suite::load(&SuiteFiles::embedded("connections", &texts), &clauses())
}

/// One case with the given keys.
fn case(keys: &str) -> Result<Suite, Diagnostics> {
    load(&format!("title: x\ncases:\n  - id: one\n    {}\n", keys.replace('\n', "\n    ")))
}

fn refusal(keys: &str) -> String {
    match case(keys) {
        Ok(_) => "loads".to_owned(),
        Err(refused) => refused.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join(" | "),
    }
}

#[test]
fn a_suite_loads_with_its_tables_steps_and_statements() {
    let suite = load(
        r#"
title: Names
cases:
  - id: max-length
    title: a name of {{ n }} characters is {{ what }}
    each:
      - { id: at, n: 128, what: accepted, expect: 200, covers: { name.max-length: accept } }
      - { id: over, n: 129, what: refused, expect: 400, covers: { name.max-length: refuse } }
    body: { name: "{{ unique(n) }}" }
  - id: missing
    covers: { name.mandatory: refuse }
    steps:
      - { save: first, expect: 200 }
      - { body: { name: "{{ first.request.body.name }}" }, expect: 400 }
  - id: many
    each: { n: { range: [1, 100000] } }
    expect: 200
  - id: signs
    each: { product: { where: [inside, front], char: ["!", "A", "1", 1, ""] } }
    expect: 400
"#,
    )
    .unwrap();
    let ids = |case: &Case| case.rows.iter().take(10).map(|row| suite.row_id(case, &row)).collect::<Vec<_>>();
    let all: Vec<Vec<String>> = suite.cases.iter().map(|case| ids(case)).collect();
    insta::assert_debug_snapshot!(all);
    let [length, missing, ..] = suite.cases.as_slice() else { panic!() };
    let over = length.rows.row(1).unwrap();
    assert_eq!(length.expect_of(&over, 0).unwrap().status, [400]);
    assert_eq!(length.covers_of(&over, 0)[0].polarity, Polarity::Refuse);
    assert_eq!(missing.steps[1].covers[0].clause, "name.mandatory");
    assert!(missing.steps[0].covers.is_empty());
    assert_eq!(suite.rows(), 2 + 1 + 100_000 + 10);
    assert_eq!(suite.digest.len(), 64);
}

use super::super::case::Case;
use crate::contract::{Operation, Polarity};

#[test]
fn five_different_mistakes_are_shown_at_once_each_at_its_place() {
    let refused = load(
        r#"title: Names
cases:
  - id: max-length
    covers: { name.max-lenght: accept }
    body: { name: "{{ uniqe(128) }}" }
    expcet: 200
  - id: Missing
    without: [body/name]
    expect: 400
  - id: shape
    expect: { status: 700 }
"#,
    );
    insta::assert_snapshot!(refused.unwrap_err().render(false));
}

#[test]
fn each_mistake_has_its_message() {
    let mistakes = [
        "expect: 200\nbanana: 1",
        "covers: { name.mandatory: hold }\nexpect: 200",
        "covers: { name.mandatory: acept }\nexpect: 200",
        "covers: { name.max-length: accept }",
        "expect: 200\nbody: { a: 1 }\njson: []",
        "expect: 200\njson: 1\nraw: { text: x }",
        "expect: 200\nraw: { hex: abc }",
        "expect: 200\nraw: { base64: '*' }",
        "expect: 200\nraw: { text: a, hex: ff }",
        "expect: 200\nraw: { text: a, encoding: utf-7 }",
        "expect: 200\nraw: { hex: ff, encoding: utf-8 }",
        "expect: 200\nrepeat: 0",
        "expect: 200\nrepeat: 10001",
        "expect: 99",
        "expect: []",
        "expect: { deviates: { 99: ambiguity.empty-id } }",
        "expect: { status: 200, deviates: { 200: ambiguity.empty-id } }",
        "expect: { readings: { a: 200, b: [200] } }",
        "expect: 200\nneeds: [limited_token]",
        "expect: 200\nheaders: { 'X Y': a }",
        "expect: 200\nheaders: { X-Y: a, x-y: b }",
        "expect: 200\nheaders: { X-Y: \"a\\r\\nb\" }",
        "expect: 200\nmethod: 'P T'",
        "expect: 200\npath: v1",
        "expect: 200\nwithout: [/cookies]",
        "counts: { 200: 1, rest: 400 }",
        "repeat: 2\ncounts: { 200: 3 }",
        "repeat: 2\nexpect: 200\ncounts: { 200: 2 }",
        "expect: 200\nconcurrently: true",
        "expect: 200\nrepeat: 2\nuntil: accepted\nconcurrently: true",
        "expect: 200\neach: []",
        "expect: 200\neach: [{}]",
        "expect: 200\neach: [{ id: a }, { id: a }]",
        "expect: 200\neach: [{ n: 1 }, { n: 1 }]",
        "expect: 200\neach: { column: n, of: [a, a] }",
        "expect: 200\neach: { n: { range: [2, 1] } }",
        "expect: 200\neach: { n: { range: [1, 2000000] } }",
        "expect: 200\neach: { product: { n: [1] }, m: { range: [1, 2] } }",
        "expect: 200\neach: [{ token: 1 }]",
        "expect: 200\neach: [{ row: 1 }]",
        "expect: 200\neach: [{ id: A B }]",
        "expect: 200\neach: [{ n: 1 }, { m: 2 }]\nbody: { name: '{{ n }}' }",
        "expect: 200\ntitle: with {{ token }}",
        "expect: 200\nbody: { name: '{{ other_project_id }}' }",
        "expect: 200\nbody: { name: '{{ request.body.name }}' }",
        "expect: 200\nbody: { name: '{{ unique(' }",
        "expect: 200\nbody: { name: '{{ unique(3)' }",
        "expect: 200\nbody: { name: '{{ project_id | uper }}' }",
        "expect: 200\nbody: { name: '{{ project_id is strange }}' }",
        "expect: 200\nstatements: [{ clause: status.success, at: /body/id }]",
        "expect: 200\nstatements: [{ clause: status.success, at: body/id, present: true }]",
        "expect: 200\nstatements: [{ clause: status.success, at: /body/~, present: true }]",
        "expect: 200\nstatements: [{ clause: status.sucess, at: /body/id, present: true }]",
        "expect: 200\nstatements: [{ clause: status.success, at: /body/id, matches: '(' }]",
        "expect: 200\nstatements: [{ clause: status.success, at: /body/id, matches: '(?>x)' }]",
        "expect: 200\nstatements: [{ clause: status.success, at: /body/id, type: text }]",
        "expect: 200\nstatements: [{ clause: status.success, at: /body/id, one_of: a }]",
        "expect: 200\ndistinct: [{ clause: response.id-distinct, at: /status }]",
        "steps: [{ save: first }]",
        "steps: [{ save: first, expect: 200 }, { save: first, expect: 200 }]",
        "steps: [{ body: { name: '{{ first.request.body.name }}' }, expect: 200 }, { save: first, expect: 200 }]",
        "expect: 200\nsteps: [{ expect: 200 }]",
        "body: { a: 1 }\nsteps: [{ expect: 200 }]",
        "steps: []",
    ];
    let refusals: Vec<String> = mistakes.iter().map(|keys| format!("{keys:?}\n    {}", refusal(keys))).collect();
    insta::assert_snapshot!(refusals.join("\n"));
    assert!(!refusals.iter().any(|refusal| refusal.ends_with("loads")));
}

#[test]
fn a_case_file_without_cases_or_with_two_of_one_id_is_refused() {
    assert!(load("title: x\ncases: []").unwrap_err().to_string().contains("at least 1 item"));
    let twice = load("title: x\ncases: [{ id: a, expect: 200 }, { id: a, expect: 200 }]").unwrap_err();
    assert!(twice.to_string().contains("the case id `a` is taken by line 2"), "{twice}");
}

#[test]
fn the_errors_of_all_files_are_shown_together() {
    let refused =
        load_with(&SUITE_TEXT.replace("DELETE", "DEL ETE"), "title: x\ncases: [{ id: a, expect: 20 }]").unwrap_err();
    let files: Vec<&str> = refused.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(files, ["connections/name.yaml", "connections/suite.yaml"]);
}

#[test]
fn a_suite_without_its_file_says_so_and_shows_other_errors_too() {
    let files =
        SuiteFiles::embedded("s", &[("a.yaml", "title: x\ncases: [{ id: a, expect: 20, body: { x: '{{ y }}' } }]")]);
    let refused = Suite::load(&files, &clauses()).unwrap_err();
    assert_eq!(refused.len(), 2, "{refused}");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_out_of_the_suite_and_a_folder_in_it_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("suite");
    std::fs::create_dir_all(suite.join("more")).unwrap();
    std::fs::write(suite.join("good.yaml"), "title: x").unwrap();
    std::fs::write(suite.join("more/case.yaml"), "title: x").unwrap();
    std::fs::write(suite.join("README.md"), [0xff]).unwrap();
    std::fs::write(suite.join("bad.yaml"), [b'a', 0xff]).unwrap();
    std::fs::write(suite.join("other.yml"), "").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", suite.join("link.yaml")).unwrap();
    let refused = SuiteFiles::read(&suite).unwrap_err();
    let messages: Vec<&str> = refused.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(messages.len(), 4, "{refused}");
}

#[test]
fn a_folder_gives_the_same_digest_as_the_files_compiled_in() {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("s");
    std::fs::create_dir(&suite).unwrap();
    std::fs::write(suite.join("a.yaml"), "x").unwrap();
    assert_eq!(SuiteFiles::read(&suite).unwrap().digest(), SuiteFiles::embedded("s", &[("a.yaml", "x")]).digest());
    assert_ne!(
        SuiteFiles::embedded("s", &[("a.yaml", "y")]).digest(),
        SuiteFiles::embedded("s", &[("a.yaml", "x")]).digest()
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in "[\\PC\\n \\[\\]{}:,&*!|>'\"-]{0,300}") {
        let _ = load(&text);
    }

    #[test]
    fn no_value_at_any_key_makes_the_loader_panic(
        key in proptest::sample::select(vec![
            "covers", "method", "path", "query", "headers", "body", "without", "json", "raw", "expect", "repeat",
            "until", "counts", "distinct", "statements", "each", "steps", "needs", "title", "id",
        ]),
        value in proptest::sample::select(vec![
            "null", "1", "-1", "1.5", "''", "x", "'{{ x'", "'{{ }}'", "[]", "[1]", "[[]]", "{}", "{ a: 1 }", "[{}]", "true",
            "{ range: [1] }", "{ product: 1 }", "{ column: 1, of: 2 }", "{ 200: x }", "{ status: {} }", "{ hex: 1 }",
        ]),
    ) {
        let _ = case(&format!("{key}: {value}"));
        let _ = case(&format!("steps: [{{ {key}: {value} }}]"));
    }
}

#[test]
fn ten_thousand_mistakes_in_one_line_are_counted_and_few_of_them_told() {
    let keys: Vec<String> = (0..9_900).map(|number| format!("key{number}: {}", "x".repeat(70))).collect();
    let refused = load(&format!("{{ title: A, cases: [], {} }}", keys.join(", "))).unwrap_err();
    assert_eq!((refused.len(), refused.iter().count()), (9_901, 200));
    let told = refused.to_string();
    assert!(told.ends_with("\n\nand 9701 more errors\n"));
    assert!(told.len() < 200 * 800, "{}", told.len());
    let names: Vec<String> = (0..10_000).map(|number| format!("{{{{ name_{number} }}}}")).collect();
    let refused =
        case(&format!("expect: 400\ncovers: {{ name.max-length: refuse }}\nbody: {{ name: '{}' }}", names.join(" ")));
    let refused = refused.unwrap_err();
    assert_eq!((refused.len(), refused.iter().count()), (10_000, 20));
}

#[test]
fn a_suite_has_two_million_rows_at_most_and_the_case_that_is_too_much_is_named() {
    let cases = |count: usize| {
        let case = |number| format!("  - {{ id: c{number}, expect: 200, each: {{ n: {{ range: [1, 1000000] }} }} }}\n");
        load(&format!("title: x\ncases:\n{}", (0..count).map(case).collect::<String>()))
    };
    assert_eq!(cases(2).unwrap().rows(), 2_000_000);
    insta::assert_snapshot!(cases(200).unwrap_err());
}

#[test]
fn an_expression_that_is_too_deep_is_shown_at_its_place_and_without_the_rest_of_its_line() {
    let name = format!("{{{{ {}1 }}}}", "-".repeat(27_000));
    insta::assert_snapshot!(case(&format!("expect: 200\nbody: {{ name: '{name}' }}")).unwrap_err());
}

#[test]
fn how_something_is_found_again_has_its_mistakes_told() {
    let find = "      find:
        keep: { name: '{{ request.body.name }}', who: '{{ token }}' }
        method: POST
        path: /v1/{{ kept.name }}
        items: items
        ours: 'yes'
        made: created
";
    let suite = format!("{SUITE_TEXT}{find}");
    let cases = "title: x\ncases:\n  - { id: one, body: { name: '{{ kept.name }}' }, expect: 200 }\n";
    let told: Vec<String> = match load_with(&suite, cases) {
        Ok(_) => Vec::new(),
        Err(refused) => refused.iter().map(|one| one.message.clone()).collect(),
    };
    insta::assert_debug_snapshot!(told);
}

#[test]
fn a_form_of_texts_has_a_plain_name_and_a_regular_expression() {
    let of = |forms: &str| {
        let suite = format!("{SUITE_TEXT}snapshots: {{ forms: {{ {forms} }} }}\n");
        match load_with(&suite, "title: x\ncases: [{ id: one, expect: 200 }]\n") {
            Ok(suite) => suite.snapshots.forms.iter().map(|form| form.name.clone()).collect::<Vec<_>>(),
            Err(refused) => refused.iter().map(|one| one.message.clone()).collect(),
        }
    };
    assert_eq!(of("order no: '^o-[0-9]+$', code: x"), ["order no", "code"]);
    let told = of("<b>: x, code: '['");
    assert_eq!(
        told,
        [
            "`<b>` is no name of a form: a-z, 0-9, spaces and `-`",
            "no regular expression of ECMA-262: a `[` that is never closed"
        ]
    );
}

#[test]
fn a_suite_has_probes_that_cases_need_and_templates_see_and_their_mistakes_are_told() {
    let probes = "probes:
  any_vpc: { title: any VPC, otherwise: it knows its VPCs, body: { vpc_id: '{{ uuid() }}' } }
";
    let of = |suite: &str, case: &str| match load_with(
        &format!("{SUITE_TEXT}{suite}"),
        &format!("title: x\ncases:\n{case}"),
    ) {
        Ok(suite) => suite.probes.iter().map(|probe| probe.name.clone()).collect::<Vec<_>>().join(" "),
        Err(refused) => refused.iter().map(|one| one.message.clone()).collect::<Vec<_>>().join("; "),
    };
    let needs = "  - { id: one, needs: [any_vpc], expect: 200 }\n";
    assert_eq!(of(probes, needs), "any_vpc");
    let sees =
        |name: &str| format!("  - {{ id: one, expect: 200, body: {{ a: '{{{{ probes.{name}.accepted }}}}' }} }}\n");
    assert_eq!(of(probes, &sees("any_vpc")), "any_vpc");
    assert_eq!(of(probes, &sees("any_vcp")), "the suite has no probe `any_vcp`");
    assert_eq!(of("", needs), "the suite has no variable, secret or probe `any_vpc`");
    assert_eq!(of("", &sees("any_vpc")), "nothing is called `probes` here");
    assert!(of(&probes.replace("any_vpc", "token"), needs).contains("hides the variable or secret"));
    assert!(of(&probes.replace("otherwise: it knows its VPCs, ", ""), needs).contains("otherwise"));
    let own = "probes:\n  a: { title: a, otherwise: b, body: { c: '{{ probes.a.accepted }}' } }\n";
    assert_eq!(of(own, "  - { id: one, expect: 200 }\n"), "nothing is called `probes` here");
}
