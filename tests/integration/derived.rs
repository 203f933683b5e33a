//! Clauses that nobody has written: what a document says is judged without a clause of ours, and named by what it says.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

const SUITE: &str = "title: Pets
contract: contract.yaml
operations: { createPet: { request: { body: { name: Tom } }, accepted: { status: 201, clause: createPet.201 } } }
control: { clause: createPet.answer }
";

const CASES: &str = "title: Pets
cases:
  - { id: made, expect: 201 }
";

const OPENAPI31: &str = "openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    post:
      operationId: createPet
      parameters:
        - { name: dry, in: query, schema: { type: boolean } }
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
      responses:
        '201':
          description: made
          headers: { X-Left: { schema: { type: integer, exclusiveMinimum: 0 } } }
          content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
        '400': { $ref: '#/components/responses/Bad' }
components:
  responses:
    Bad:
      description: bad
      content: { application/json: { schema: { type: object, required: [code], properties: { code: { type: string } } } } }
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        id: { type: integer, readOnly: true }
        name: { type: string, maxLength: 30 }
        kind: { type: [string, 'null'], enum: [cat, dog, null] }
        secret: { type: string, writeOnly: true }
";

/// The same document in other words.
fn openapi30() -> String {
    let exclusive = OPENAPI31.replace("exclusiveMinimum: 0", "minimum: 0, exclusiveMinimum: true");
    let nullable = exclusive
        .replace("type: [string, 'null'], enum: [cat, dog, null]", "type: string, nullable: true, enum: [cat, dog]");
    nullable.replace("openapi: 3.1.0", "openapi: 3.0.3")
}

const SWAGGER: &str = "swagger: '2.0'
info: { title: Pets, version: '1' }
consumes: [application/json]
produces: [application/json]
paths:
  /pets:
    post:
      operationId: createPet
      parameters:
        - { name: dry, in: query, type: boolean }
        - { name: pet, in: body, required: true, schema: { $ref: '#/definitions/Pet' } }
      responses:
        '201':
          description: made
          headers: { X-Left: { type: integer, minimum: 0, exclusiveMinimum: true } }
          schema: { $ref: '#/definitions/Pet' }
        '400': { $ref: '#/responses/Bad' }
responses:
  Bad:
    description: bad
    schema: { type: object, required: [code], properties: { code: { type: string } } }
definitions:
  Pet:
    type: object
    required: [name]
    properties:
      id: { type: integer, readOnly: true }
      name: { type: string, maxLength: 30 }
      kind: { type: string, x-nullable: true, enum: [cat, dog] }
      secret: { type: string, x-writeOnly: true }
";

/// A suite about a document, with these files besides.
fn suite(document: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let plain = [
        ("contract.yaml", "document: openapi.yaml\n"),
        ("openapi.yaml", document),
        ("suite.yaml", SUITE),
        ("pages.yaml", CASES),
    ];
    let all: Vec<(&str, &str)> = plain.into_iter().chain(files.iter().copied()).collect();
    things::suite_of(&all)
}

/// What a command says of such a suite, without the folder that it is in.
#[track_caller]
fn told(document: &str, files: &[(&str, &str)], words: &[&str]) -> (i32, String) {
    let (folder, suite) = suite(document, files);
    let words = words.iter().map(|word| if *word == "SUITE" { suite.as_str() } else { word });
    let output = conformant().args(words).output().unwrap();
    let text = format!("{}{}", stdout(&output), stderr(&output));
    (output.status.code().unwrap(), text.replace(&format!("{}/", folder.path().display()), ""))
}

/// Runs it against a server that answers each request with a status and this body.
fn judged(files: &[(&str, &str)], words: &[&str], status: u16, body: &Value) -> Run {
    let body = body.to_string();
    let server = Server::start(move |_: &Request| {
        Message::new(status).with_header("Content-Type", "application/json").with_body(body.as_bytes())
    });
    let (_folder, suite) = suite(OPENAPI31, files);
    let url = server.url();
    run(&[&["--suite", &suite, "--target", &url], words].concat())
}

/// The ids of the derived clauses, as `check` lists them.
fn ids(document: &str) -> Vec<String> {
    let (exit, text) = told(document, &[], &["check", "--coverage", "SUITE"]);
    assert_eq!(exit, 0, "{text}");
    let derived = text.lines().filter(|line| line.contains(", derived) "));
    derived.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn a_document_says_by_itself_what_its_operations_are_held_to() {
    let (exit, text) = told(OPENAPI31, &[], &["check", "--coverage", "SUITE"]);
    assert_eq!(exit, 0, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_same_document_in_any_version_gives_the_same_ids() {
    let modern = ids(OPENAPI31);
    assert!(modern.len() > 20, "{modern:?}");
    assert_eq!(ids(&openapi30()), modern);
    // Swagger has no `writeOnly`.
    let modern: Vec<String> = modern.into_iter().filter(|id| !id.ends_with(".write-only")).collect();
    assert_eq!(ids(SWAGGER), modern);
}

#[test]
fn check_counts_what_is_covered_and_asks_for_nothing() {
    let (exit, text) = told(OPENAPI31, &[], &["check", "SUITE"]);
    assert_eq!(exit, 0, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_derived_clause_is_explained_with_its_place_in_the_document() {
    let (exit, text) = told(OPENAPI31, &[], &["explain", "--suite", "SUITE", "Pet.name.max-length"]);
    assert_eq!(exit, 0, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn an_answer_that_breaks_a_keyword_is_blamed_on_its_derived_clause() {
    let run = judged(&[], &[], 201, &json!({ "name": "Tom", "kind": "fox" }));
    assert_eq!(run.exit, 1, "{}{}", run.terminal, run.trouble);
    assert_eq!(run.first_violated(), Some("Pet.kind.enum"), "{}", run.terminal);
    // Where the suite is differs from run to run.
    let lines = run.terminal.lines().filter(|line| !line.contains("suite.yaml:1"));
    let block: Vec<&str> = lines.take(6).collect();
    insta::assert_snapshot!(block.join("\n"));
}

#[test]
fn a_multiple_of_a_decimal_is_told_by_its_digits_and_must_be_one_where_binary_numbers_hold_it() {
    let judged_as = |divisor: &str, price: &str| {
        let schemas = format!(
            "    Pet: {{ type: object, properties: {{ price: {{ type: number, multipleOf: {divisor} }} }} }}\n"
        );
        let body: Value = serde_json::from_str(&format!("{{\"price\":{price}}}")).unwrap();
        judged_by(&schemas, &body)
    };
    for (price, fits) in [
        ("0.07", true),
        ("4.35", true),
        ("19.990", true),
        ("1e2", true),
        ("123456789012345678.67", true),
        ("0.005", false),
        ("123456789012345678.675", false),
    ] {
        let run = judged_as("0.01", price);
        assert_eq!(run.exit, 0, "{price}: {}{}", run.terminal, run.trouble);
        let deviates = run.terminal.contains("deviates Pet.price.multiple-of");
        assert_eq!(deviates, !fits, "{price}: {}", run.terminal);
    }
    for (divisor, price, fits) in [("0.25", "7.75", true), ("0.25", "7.80", false), ("15", "20", false)] {
        let run = judged_as(divisor, price);
        assert_eq!(run.first_violated(), (!fits).then_some("Pet.price.multiple-of"), "{price} of {divisor}");
    }
}

#[test]
fn each_member_that_is_missing_is_told_at_its_own_place() {
    let schemas = "    Pet: { type: object, required: [name, born], properties: { id: { type: integer } } }\n";
    let run = judged_by(schemas, &json!({ "id": 1 }));
    assert_eq!(run.exit, 1, "{}{}", run.terminal, run.trouble);
    // What has nothing of the documented thing is another one.
    let other = judged_by(schemas, &json!({ "pet": { "id": 1 } }));
    assert_eq!(other.first_violated(), Some("createPet.201.application/json"), "{}", other.terminal);
    for member in ["name", "born"] {
        let told =
            run.terminal.lines().skip_while(|line| !line.starts_with(&format!("violates Pet.{member}.required: ")));
        let told: Vec<&str> = told.take(7).map(str::trim).collect();
        assert!(told.contains(&&*format!("at        /body/{member}")), "{}", run.terminal);
        assert!(told.contains(&&*format!("expected  a field \"{member}\"")), "{}", run.terminal);
    }
}

/// What a suite about such schemas says of an answer with this body.
fn judged_by(schemas: &str, body: &Value) -> Run {
    let (_, before) = OPENAPI31.split_at(OPENAPI31.find("    Pet:").unwrap());
    let document = format!("{}{schemas}", OPENAPI31.strip_suffix(before).unwrap());
    let body = body.to_string();
    let server = Server::start(move |_: &Request| {
        Message::new(201).with_header("Content-Type", "application/json").with_body(body.as_bytes())
    });
    let (_folder, suite) = suite(&document, &[]);
    run(&["--suite", &suite, "--target", &server.url(), "--coverage"])
}

#[test]
fn a_member_that_is_in_no_answer_is_blamed_on_the_place_that_says_so_and_its_absence_proves_it() {
    let schemas = "    Pet: { allOf: [{ $ref: '#/components/schemas/Owned' }, { required: [secret] }] }
    Owned: { type: object, properties: { secret: { allOf: [{ $ref: '#/components/schemas/Secret' }] } } }
    Secret: { type: string, writeOnly: true }
";
    let fine = judged_by(schemas, &json!({ "name": "Tom" }));
    assert_eq!(fine.exit, 0, "{}{}", fine.terminal, fine.trouble);
    let proven =
        |run: &Run| run.terminal.lines().any(|line| line.starts_with('✓') && line.contains("Secret.write-only"));
    assert!(proven(&fine), "{}", fine.terminal);
    let leaking = judged_by(schemas, &json!({ "name": "Tom", "secret": "s" }));
    assert_eq!(leaking.exit, 1, "{}{}", leaking.terminal, leaking.trouble);
    assert_eq!(leaking.first_violated(), Some("Secret.write-only"), "{}", leaking.terminal);
}

const ANIMALS: &str = "    Pet:
      oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
      discriminator: { propertyName: kind, mapping: { cat: '#/components/schemas/Cat', dog: Dog } }
    Cat: { type: object, required: [kind, lives], properties: { kind: { type: string }, lives: { type: integer } } }
    Dog: { type: object, required: [kind], properties: { kind: { type: string }, mother: { $ref: '#/components/schemas/Pet' } } }
";

#[test]
fn an_object_is_blamed_by_the_branch_that_its_discriminator_chooses() {
    let fine = judged_by(ANIMALS, &json!({ "kind": "cat", "lives": 9 }));
    assert_eq!(fine.exit, 0, "{}{}", fine.terminal, fine.trouble);
    let bodies = [
        json!({ "kind": "cat", "lives": "nine" }),
        json!({ "kind": "cat" }),
        json!({ "kind": "dog", "mother": { "kind": "cat", "lives": null } }),
        json!({ "kind": "fox", "lives": 9 }),
        json!({ "lives": 9 }),
    ];
    let told = bodies.map(|body| {
        let run = judged_by(ANIMALS, &body);
        assert_eq!(run.exit, 1, "{body}: {}{}", run.terminal, run.trouble);
        let lines = run.terminal.lines().skip_while(|line| !line.starts_with("violates")).take(6);
        let lines: Vec<&str> = lines.filter(|line| !line.contains("suite.yaml:1")).collect();
        format!("{body}\n{}\n", lines.join("\n"))
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_answers_show_is_counted_and_what_nothing_touched_is_not_listed() {
    let run = judged(&[], &[], 201, &json!({ "name": "Tom" }));
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    let derived = run.terminal.lines().find(|line| line.starts_with("derived")).unwrap();
    assert!(derived.contains(" proven; ") && derived.ends_with("; --coverage lists those"), "{}", run.terminal);
    assert!(!run.terminal.contains("Pet."), "{}", run.terminal);
}

#[test]
fn a_clause_about_requests_is_proven_by_cases_that_cover_every_side_and_by_nothing_else() {
    let cases = "title: Pets
cases:
  - { id: made, expect: 201 }
  - { id: at, expect: 201, covers: { Pet.name.max-length: accept } }
";
    let run = judged(&[("pages.yaml", cases)], &["--coverage"], 201, &json!({ "name": "Tom", "kind": "cat" }));
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    let line = |id: &str| run.terminal.lines().find(|line| line.contains(&format!(" {id} "))).map(str::to_owned);
    let one_sided = line("Pet.name.max-length").unwrap_or_default();
    assert!(one_sided.starts_with("○ untested") && one_sided.contains("accept 1, refuse 0, hold "), "{one_sided}");
    let answered = line("createPet.201").unwrap_or_default();
    assert!(answered.starts_with('✓'), "{answered}\n{}", run.terminal);
    assert_eq!(line("createPet.400"), None);
}

#[test]
fn answers_that_fit_the_document_make_no_run_conformant_by_themselves() {
    let cases = "title: Pets
cases:
  - { id: reading, expect: { readings: { made: 201, refused: 400 } }, covers: { open.kind: observe } }
";
    let contract = "document: openapi.yaml
x-clauses:
  open.kind: { level: ambiguous, says: who knows, source: the page, polarities: [observe] }
";
    let run = judged(&[("pages.yaml", cases), ("contract.yaml", contract)], &[], 201, &json!({ "name": "Tom" }));
    assert_eq!(run.exit, 3, "{}{}", run.terminal, run.trouble);
    assert!(run.terminal.contains("nothing that has to hold was shown to hold"), "{}", run.terminal);
}

#[test]
fn shards_together_show_what_the_whole_run_shows() {
    let server = Server::start(|_: &Request| Message::json(201, &json!({ "name": "Tom", "kind": "cat" })));
    let cases: Vec<String> = (1..9).map(|number| format!("  - {{ id: made-{number}, expect: 201 }}\n")).collect();
    let cases = format!("title: Pets\ncases:\n{}", cases.concat());
    let (folder, suite) = suite(OPENAPI31, &[("pages.yaml", &cases)]);
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (url, first, second, merged) = (server.url(), file("1.ndjson"), file("2.ndjson"), file("merged.ndjson"));
    let about = ["--suite", &suite, "--target", &url];
    for (shard, report) in [("1/2", &first), ("2/2", &second)] {
        let more = ["--shard", shard, "--run-id", "r", "--report-json", report];
        let output = conformant().arg("run").args(about).args(more).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let output =
        conformant().args(["report", "--merge", &first, "--merge", &second, "--report-json", &merged]).output();
    assert_eq!(output.unwrap().status.code(), Some(0));
    let outcomes = |footer: &Value| -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let clauses = footer["clauses"].as_array().unwrap().iter();
        clauses.map(|clause| (text(&clause["id"]), text(&clause["outcome"]))).collect()
    };
    let merged = std::fs::read_to_string(merged).unwrap();
    let merged: Value = serde_json::from_str(merged.lines().last().unwrap()).unwrap();
    assert_eq!(outcomes(&merged), outcomes(run(&about).footer()));
}

#[test]
fn statuses_media_types_and_bodies_have_clauses_of_their_own() {
    let broken = |status: u16, media_type: &'static str, body: &'static str| {
        let server = Server::start(move |_: &Request| {
            Message::new(status).with_header("Content-Type", media_type).with_body(body.as_bytes())
        });
        let cases = "title: Pets\ncases:\n  - { id: any, expect: [201, 200] }\n";
        let (_folder, suite) = suite(OPENAPI31, &[("pages.yaml", cases)]);
        let run = run(&["--suite", &suite, "--target", &server.url()]);
        assert_eq!(run.exit, 1, "{}{}", run.terminal, run.trouble);
        run.terminal
    };
    let names =
        |terminal: &str, clause: &str| assert!(terminal.contains(&format!("violates {clause}: ")), "{terminal}");
    names(&broken(201, "text/plain", "Tom"), "createPet.201");
    names(&broken(201, "application/json", "{"), "createPet.201.application/json");
    names(&broken(500, "application/json", "{}"), "createPet.no-server-error");
}

#[test]
fn an_undocumented_status_that_may_come_from_in_front_of_the_api_deviates() {
    let cases = "title: Pets
cases:
  - { id: any, statements: [{ clause: createPet.answer, at: /status, one_of: [405, 418] }] }
";
    for (status, exit, word) in [(405, 0, "deviates"), (418, 1, "violates")] {
        let requests = AtomicUsize::new(0);
        let server = Server::start(move |_: &Request| {
            let is_case = requests.fetch_add(1, Ordering::Relaxed) == 1;
            Message::json(if is_case { status } else { 201 }, &json!({ "name": "Tom" }))
        });
        let (_folder, suite) = suite(OPENAPI31, &[("pages.yaml", cases)]);
        let run = run(&["--suite", &suite, "--target", &server.url()]);
        let named = run.terminal.contains(&format!("{word} createPet.status: "));
        assert!(named && (run.exit == 1) == (exit == 1), "{}{}", run.terminal, run.trouble);
    }
}

#[test]
fn a_suite_about_a_document_names_no_clause_at_all() {
    let bare = SUITE.replace(", clause: createPet.201 }", " }").replace("control: { clause: createPet.answer }\n", "");
    let files = [("suite.yaml", &*bare)];
    assert_eq!(judged(&files, &[], 201, &json!({ "name": "Tom" })).exit, 0);
    let refused = judged(&files, &[], 401, &json!({}));
    assert_eq!(refused.exit, 1, "{}{}", refused.terminal, refused.trouble);
    let (exit, told) = told(OPENAPI31, &[("suite.yaml", &bare), ("contract.yaml", &ours())], &["check", "SUITE"]);
    assert_eq!(exit, 2, "{told}");
    assert!(told.contains("the suite lacks the key `control`: "), "{told}");
}

/// A contract that is all ours, of which nothing is derived.
fn ours() -> String {
    let ours = "x-checks: { body: a.b, error-body: a.b }\nx-clauses: { a.b: { level: must, says: it is so, source: the page, polarities: [hold] } }\n";
    format!("{OPENAPI31}{ours}")
}

#[test]
fn a_clause_of_ours_stands_in_for_the_derived_one() {
    let contract = "document: openapi.yaml
x-checks: { documented-status: answer.status }
x-clauses:
  name.short: { level: should, says: names are short, source: the page, polarities: [hold], schema: [/components/schemas/Pet/properties/name/maxLength] }
  answer.status: { level: must, says: only documented statuses come, source: the page, polarities: [hold] }
";
    let cases = "title: Pets
cases:
  - { id: made, expect: 201, covers: { name.short: hold, answer.status: hold } }
";
    let files = [("contract.yaml", contract), ("pages.yaml", cases)];
    let (exit, text) = told(OPENAPI31, &files, &["check", "--coverage", "SUITE"]);
    assert_eq!(exit, 0, "{text}");
    assert!(!text.contains("Pet.name.max-length") && !text.contains("createPet.status "), "{text}");
    let run = judged(&files, &[], 201, &json!({ "name": "a".repeat(31) }));
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    assert!(run.terminal.contains("deviates name.short: "), "{}", run.terminal);
}

#[test]
fn a_derived_clause_selects_cases_and_may_be_waived() {
    let cases = "title: Pets
cases:
  - { id: made, expect: 201 }
  - { id: refused, expect: 400 }
";
    let files = [("pages.yaml", cases)];
    for (word, listed) in [("createPet.201", "made"), ("createPet.400", "refused"), ("Bad.body.code.type", "refused")] {
        let (exit, text) = told(OPENAPI31, &files, &["list", "--suite", "SUITE", word]);
        assert_eq!((exit, text.lines().count()), (0, 1), "{word}: {text}");
        assert!(text.contains(&format!("/{listed}  ")), "{word}: {text}");
    }
    let waivers = tempfile::NamedTempFile::new().unwrap();
    let waiver = |case: &str| {
        format!(
            "[[waiver]]\ncase = \"{case}\"\nclause = \"Pet.kind.enum\"\nreason = \"foxes are on the way\"\nexpires = 2999-12-31\n"
        )
    };
    let waiver = ["things/pages/made", "things/control[before]", "things/control[after]"].map(waiver).concat();
    std::fs::write(waivers.path(), waiver).unwrap();
    let path = waivers.path().display().to_string();
    let run = judged(&[], &["--waivers", &path], 201, &json!({ "name": "Tom", "kind": "fox" }));
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
}

const TWO: &str = "openapi: 3.1.0
info: { title: Pets, version: '1' }
paths:
  /pets:
    post:
      operationId: createPet
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
      responses: { '201': { description: made, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } } }
  /pets/{petId}:
    get:
      operationId: getPet
      parameters: [{ name: petId, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: it, content: { application/json: { schema: { type: object, properties: { age: { type: integer } } } } } } }
components: { schemas: { Pet: { type: object, properties: { id: { type: string } } } } }
";

/// A run of a suite of both operations against a server that answers each GET, by its 0-based number, with a status and an age.
fn both_judged(get: impl Fn(usize) -> (u16, Value) + Send + Sync + 'static) -> Run {
    let suite = "title: Pets
contract: contract.yaml
operations:
  createPet: { request: { body: { id: a } }, accepted: 201 }
  getPet: { request: { path: { petId: \"{{ pet.id }}\" } }, accepted: 200 }
resources: { pet: { make: createPet, id: \"{{ made.response.body.id }}\" } }
";
    let gets = AtomicUsize::new(0);
    let server = Server::start(move |request: &Request| {
        if request.method == "POST" {
            return Message::json(201, &json!({ "id": "a" }));
        }
        let (status, age) = get(gets.fetch_add(1, Ordering::SeqCst));
        Message::json(status, &json!({ "age": age }))
    });
    let files = [
        ("contract.yaml", "document: openapi.yaml\n"),
        ("openapi.yaml", TWO),
        ("suite.yaml", suite),
        ("pages.yaml", "title: Pets\ncases:\n  - { id: got, operation: getPet, expect: 200 }\n"),
    ];
    let (_folder, suite) = things::suite_of(&files);
    run(&["--suite", &suite, "--target", &server.url()])
}

#[test]
fn each_operation_of_a_suite_is_held_to_what_is_derived_of_it() {
    let fine = both_judged(|_| (200, json!(7)));
    assert_eq!(fine.exit, 0, "{}{}", fine.terminal, fine.trouble);
    for (status, age, clause) in [(200, json!("old"), "getPet.200.body.age.type"), (418, json!(7), "getPet.status")] {
        let run = both_judged(move |_| (status, age.clone()));
        assert!(run.exit == 1 && run.terminal.contains(clause), "{clause}: {}{}", run.terminal, run.trouble);
        assert!(!run.terminal.contains("violates createPet"), "{}", run.terminal);
    }
}

#[test]
fn an_operation_whose_valid_request_is_refused_once_breaks_its_own_clause() {
    let run = both_judged(|number| (if number == 0 { 404 } else { 200 }, json!(7)));
    assert_eq!(run.exit, 1, "{}{}", run.terminal, run.trouble);
    assert!(run.terminal.contains("violates getPet.answer"), "{}", run.terminal);
    assert!(!run.terminal.contains("createPet.answer"), "{}", run.terminal);
}

#[test]
fn a_case_that_expects_what_the_document_does_not_list_is_told() {
    let cases = "title: Pets
cases:
  - { id: made, expect: 201 }
  - { id: gone, expect: 410 }
  - { id: either, expect: [400, 410] }
  - { id: elsewhere, method: PUT, undocumented: true, expect: 405 }
";
    let (exit, text) = told(OPENAPI31, &[("pages.yaml", cases)], &["check", "SUITE"]);
    assert_eq!(exit, 0, "{text}");
    let line = "undocumented 410 of createPet is expected by things/pages/gone: the document doesn't list it, so only what the case itself says is judged\n";
    assert!(text.contains(line) && text.matches("undocumented").count() == 1, "{text}");
}
