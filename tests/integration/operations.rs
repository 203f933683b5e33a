//! Suites with several operations, and the resources that these make for each other.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = r"openapi: 3.1.0
info: { title: Owners and pets, version: '1' }
paths:
  /owners:
    post:
      operationId: createOwner
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Named' } } } }
      responses: { '201': { $ref: '#/components/responses/Made' }, '400': { $ref: '#/components/responses/Refused' } }
  /owners/{ownerId}:
    delete:
      operationId: deleteOwner
      responses: { '204': { description: gone }, '404': { $ref: '#/components/responses/Refused' }, '409': { $ref: '#/components/responses/Refused' } }
  /owners/{ownerId}/pets:
    post:
      operationId: createPet
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Named' } } } }
      responses: { '201': { $ref: '#/components/responses/Made' }, '404': { $ref: '#/components/responses/Refused' } }
  /owners/{ownerId}/pets/{petId}:
    get:
      operationId: getPet
      responses:
        '200':
          description: it
          content: { application/json: { schema: { type: object, required: [id, name], properties: { name: { type: string } } } } }
        '404': { $ref: '#/components/responses/Refused' }
    delete:
      operationId: deletePet
      responses: { '204': { description: gone }, '404': { $ref: '#/components/responses/Refused' } }
components:
  schemas:
    Named: { type: object, required: [name], properties: { name: { type: string } } }
  responses:
    Made: { description: made, content: { application/json: { schema: { type: object, required: [id] } } } }
    Refused: { description: refused, content: { application/json: { schema: { type: object, required: [error] } } } }
x-checks: { documented-status: answer.status, server-error: answer.status, body: answer.schema, error-body: answer.schema }
x-clauses:
  answer.status: { level: must, says: a status is documented, source: here, polarities: [hold] }
  answer.schema: { level: must, says: answers are as documented, source: here, polarities: [hold] }
  answer.steady: { level: must, says: equal requests get equal answers, source: here, polarities: [hold] }
  pet.kept: { level: must, says: a pet is what it was made as, source: here, polarities: [hold] }
";

const SUITE: &str = r#"title: Owners and pets
contract: contract.yaml
control: { clause: answer.steady }
operations:
  createOwner: { request: { headers: &json { Content-Type: application/json }, body: { name: "{{ unique(8) }}" } }, accepted: 201 }
  deleteOwner: { request: { path: { ownerId: "{{ owner.id }}" } }, accepted: 204 }
  createPet:
    request: { path: { ownerId: "{{ owner.id }}" }, headers: *json, body: { name: "{{ unique(8) }}" } }
    accepted: 201
  getPet:
    request: { path: { ownerId: "{{ owner.id }}", petId: "{{ pet.id }}" } }
    accepted: 200
    statements:
      accepted: [{ clause: answer.schema, at: /body/id, present: true }]
  deletePet: { request: { path: { ownerId: "{{ owner.id }}", petId: "{{ pet.id }}" } }, accepted: 204 }
resources:
  pet: { make: createPet, id: "{{ made.response.body.id }}", remove: deletePet }
  owner: { make: createOwner, id: "{{ made.response.body.id }}", remove: deleteOwner }
"#;

const PAGES: &str = r#"title: Pets
operation: getPet
cases:
  - id: kept
    expect: 200
    statements: [{ clause: pet.kept, at: /body/name, equals: "{{ pet.made.request.body.name }}" }]
  - id: unknown
    path: { petId: none }
    expect: 404
  - id: gone
    steps:
      - { operation: deletePet, expect: 204 }
      - { expect: 404 }
  - id: by-method
    method: DELETE
    expect: 204
  - id: two
    given: { one: pet, other: pet }
    steps:
      - { path: { petId: "{{ one.id }}" }, expect: 200, save: first }
      - path: { petId: "{{ other.id }}" }
        expect: 200
        statements: [{ clause: pet.kept, at: /body/id, not_equals: "{{ first.response.body.id }}" }]
  - id: owner
    operation: createOwner
    expect: 201
"#;

/// What the service has: the names by the path of each thing.
#[derive(Default)]
struct State {
    made: usize,
    things: BTreeMap<String, String>,
    log: Vec<String>,
}

fn json(status: u16, body: &str) -> Message {
    Message::new(status).with_header("Content-Type", "application/json").with_body(body)
}

/// The service as it is documented.
fn answer(state: &mut State, request: &Request) -> Message {
    let path = request.target.trim_end_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let refused = |status| json(status, r#"{"error":"no"}"#);
    let is_there = |path: &str| state.things.contains_key(path);
    match (request.method.as_str(), parts.as_slice()) {
        ("POST", ["owners"] | ["owners", _, "pets"]) => {
            if parts.len() == 3 && !is_there(path.trim_end_matches("/pets")) {
                return refused(404);
            }
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let Some(name) = body["name"].as_str() else { return refused(400) };
            state.made += 1;
            // An id that needs percent-encoding in a path.
            let id = format!("n{} /é", state.made);
            state.things.insert(format!("{path}/n{}%20%2F%C3%A9", state.made), name.to_owned());
            json(201, &serde_json::json!({ "id": id, "name": name }).to_string())
        }
        ("GET", ["owners", _, "pets", id]) => match state.things.get(&path) {
            Some(name) => {
                let id = id.replace("%20%2F%C3%A9", " /é");
                json(200, &serde_json::json!({ "id": id, "name": name }).to_string())
            }
            None => refused(404),
        },
        ("DELETE", ["owners", _] | ["owners", _, "pets", _]) => {
            if !is_there(&path) {
                return refused(404);
            }
            let below = format!("{path}/");
            if state.things.keys().any(|other| other.starts_with(&below)) {
                return refused(409);
            }
            state.things.remove(&path);
            Message::new(204)
        }
        _ => refused(404),
    }
}

/// A run against the service, in which some requests are answered otherwise; what the service has at the end.
fn judged(
    pages: &str,
    arguments: &[&str],
    fault: impl Fn(&Request) -> Option<Message> + Send + Sync + 'static,
) -> (Run, State) {
    judged_by(SUITE, pages, arguments, fault)
}

fn judged_by(
    suite: &str,
    pages: &str,
    arguments: &[&str],
    fault: impl Fn(&Request) -> Option<Message> + Send + Sync + 'static,
) -> (Run, State) {
    judged_at("", suite, pages, arguments, fault)
}

/// A run against the service below a path.
fn judged_at(
    base: &'static str,
    suite: &str,
    pages: &str,
    arguments: &[&str],
    fault: impl Fn(&Request) -> Option<Message> + Send + Sync + 'static,
) -> (Run, State) {
    let state = Arc::new(Mutex::new(State::default()));
    let kept = Arc::clone(&state);
    let server = Server::start(move |request: &Request| {
        let mut state = kept.lock().unwrap();
        state.log.push(format!("{} {}", request.method, request.target));
        let Some(target) = request.target.strip_prefix(base) else { return json(404, "{}") };
        let request = Request { target: target.to_owned(), ..request.clone() };
        fault(&request).unwrap_or_else(|| answer(&mut state, &request))
    });
    let (_folder, folder) =
        things::suite_of(&[("contract.yaml", CONTRACT), ("suite.yaml", suite), ("pages.yaml", pages)]);
    let url = format!("{}{base}", server.url());
    let run = run(&[&["--suite", &folder, "--target", &url], arguments].concat());
    drop(server);
    let state = std::mem::take(&mut *state.lock().unwrap());
    (run, state)
}

fn outcome<'r>(run: &'r Run, case: &str) -> (&'r str, &'r str) {
    let result = run.events.iter().find(|event| event["id"] == format!("things/{case}"));
    let result = result.unwrap_or_else(|| panic!("no {case} in {:#?}", run.events));
    (result["outcome"].as_str().unwrap(), result["reason"].as_str().unwrap_or_default())
}

fn none(_: &Request) -> Option<Message> {
    None
}

#[test]
fn what_cases_name_is_made_for_each_of_them_and_removed_after_it_the_last_first() {
    let (run, state) = judged(PAGES, &[], none);
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    for case in ["kept", "unknown", "gone", "by-method", "two", "owner"] {
        assert_eq!(outcome(&run, &format!("pages/{case}")).0, "conforms", "{case}");
    }
    for control in ["before:createOwner", "before:getPet", "after:getPet", "after:deletePet"] {
        assert_eq!(outcome(&run, &format!("control[{control}]")).0, "conforms", "{control}");
    }
    assert_eq!(state.things, BTreeMap::new(), "{:#?}", state.log);
    assert_eq!(run.footer()["left_behind"].as_array().map(Vec::len).unwrap_or_default(), 0);
    // The case about an unknown pet needs an owner alone.
    let made = |log: &[String]| log.iter().filter(|line| line.ends_with("/pets")).count();
    let (_, state) = judged(PAGES, &["pages/unknown", "--jobs", "1"], none);
    assert_eq!(made(&state.log), 2, "for the controls of getPet: {:#?}", state.log);
}

#[test]
fn what_was_made_below_the_path_of_the_base_url_is_removed() {
    // One clean-up takes the path at which a thing was made from its resource, the other from the request.
    let remove = "id: \"{{ made.response.body.id }}\", remove: deletePet";
    let cleanup = "accepted: 201\n    cleanup: { method: DELETE, path: \"{{ request.path }}/{{ response.body.id | urlencode }}\", done: [204, 404] }\n  getPet:";
    let by_path =
        SUITE.replace(remove, "id: \"{{ made.response.body.id }}\"").replace("accepted: 201\n  getPet:", cleanup);
    assert_ne!(by_path, SUITE);
    for suite in [SUITE, &by_path] {
        let (run, state) = judged_at("/v1", suite, PAGES, &[], none);
        assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
        assert_eq!(state.things, BTreeMap::new(), "{:#?}", state.log);
        assert_eq!(run.footer()["left_behind"].as_array().map(Vec::len).unwrap_or_default(), 0, "{}", run.terminal);
    }
}

#[test]
fn what_can_not_be_made_any_more_is_blamed_on_no_operation_that_needs_it() {
    let made = AtomicUsize::new(0);
    let no_third = move |request: &Request| {
        let makes = request.method == "POST" && request.target.ends_with("/pets");
        (makes && made.fetch_add(1, Ordering::Relaxed) > 1).then(|| json(404, r#"{"error":"no"}"#))
    };
    let (run, _) = judged(PAGES, &["pages/kept", "--jobs", "1"], no_third);
    let (result, reason) = outcome(&run, "control[after:getPet]");
    assert_eq!((outcome(&run, "control[after:createPet]").0, result), ("violates", "inconclusive"), "{}", run.gist());
    assert_eq!(run.violated(), [("answer.steady", 1)], "{}", run.gist());
    assert!(reason.contains("its set-up failed: step pet was answered 404 where 201 was expected"), "{reason}");
}

#[test]
fn a_probe_that_meets_a_limit_of_the_target_tells_nothing() {
    let probes = "probes:\n  odd: { title: an odd name, operation: createOwner, body: { name: odd }, otherwise: it takes no odd names }\n";
    let pages = PAGES.to_owned() + "  - { id: odd, needs: [odd], operation: createOwner, expect: 201 }\n";
    let judged = |status| {
        let refused = move |request: &Request| {
            let is_odd = String::from_utf8_lossy(&request.body).contains("\"odd\"");
            is_odd.then(|| json(status, r#"{"error":"no"}"#))
        };
        judged_by(&(SUITE.to_owned() + probes), &pages, &[], refused).0
    };
    let refused = judged(400);
    assert_eq!((refused.exit, outcome(&refused, "pages/odd")), (0, ("skipped", "it takes no odd names")));
    let limited = judged(429);
    assert_eq!((limited.exit, outcome(&limited, "pages/odd").0), (3, "inconclusive"), "{}", limited.gist());
    assert!(outcome(&limited, "probe[odd]").1.contains("answered 429: it is asked too often"), "{}", limited.gist());
}

#[test]
fn every_answer_is_judged_by_the_operation_that_was_asked() {
    let nameless = |request: &Request| (request.method == "GET").then(|| json(200, r#"{"id":"n"}"#));
    let (run, _) = judged(PAGES, &["pages/kept"], nameless);
    assert_eq!(run.exit, 1, "{}", run.terminal);
    assert!(run.terminal.contains("answer.schema"), "{}", run.terminal);
    // To make a pet, no name need come back.
    let nameless = |request: &Request| {
        let path = request.target.ends_with("/owners");
        (request.method == "POST" && path).then(|| json(201, r#"{"id":"n"}"#))
    };
    let (run, _) = judged(PAGES, &["pages/owner"], nameless);
    assert_eq!(run.exit, 0, "{}", run.terminal);
}

#[test]
fn a_control_that_is_refused_blocks_what_needs_its_operation_and_nothing_else() {
    let pets = |request: &Request| {
        (request.method == "POST" && request.target.ends_with("/pets")).then(|| json(404, r#"{"error":"no"}"#))
    };
    let (run, _) = judged(PAGES, &[], pets);
    assert_eq!(run.exit, 3, "{}", run.terminal);
    assert_eq!(outcome(&run, "pages/owner").0, "conforms");
    assert_eq!(outcome(&run, "control[before:createOwner]").0, "conforms");
    let (blocked, why) = outcome(&run, "pages/kept");
    assert_eq!(blocked, "inconclusive");
    assert!(why.contains("step pet was answered 404 where 201 was expected"), "{why}");
    let verdict = "undetermined: things/control[before:createPet] was inconclusive: the control was refused: the unmodified valid request of createPet got 404";
    assert!(run.terminal.contains(verdict), "{}", run.terminal);
}

#[test]
fn what_cannot_be_named_by_its_answer_leaves_what_needs_it_inconclusive() {
    for (body, cause) in [(r#"{"id":""}"#, "its id is empty"), (r#"{"id":null}"#, "its id is null")] {
        let unnamed = move |request: &Request| {
            (request.method == "POST" && request.target.ends_with("/pets")).then(|| json(201, body))
        };
        let (run, state) = judged(PAGES, &["pages/kept"], unnamed);
        let (blocked, why) = outcome(&run, "pages/kept");
        assert_eq!((run.exit, blocked), (3, "inconclusive"), "{}", run.terminal);
        assert!(why.contains(&format!("no id of pet: {cause}")), "{why}");
        assert!(state.log.iter().all(|line| !line.ends_with("/null")), "{:#?}", state.log);
    }
}

#[test]
fn what_a_run_could_not_remove_is_removed_from_its_ledger_the_last_first() {
    let state = Arc::new(Mutex::new((State::default(), false)));
    let kept = Arc::clone(&state);
    let server = Server::start(move |request: &Request| {
        let (state, removes) = &mut *kept.lock().unwrap();
        match request.method.as_str() {
            "DELETE" if !*removes => json(500, r#"{"error":"later"}"#),
            _ => answer(state, request),
        }
    });
    let (folder, suite) =
        things::suite_of(&[("contract.yaml", CONTRACT), ("suite.yaml", SUITE), ("pages.yaml", PAGES)]);
    let url = server.url();
    let told = |arguments: &[&str]| {
        let mut command = conformant();
        command.current_dir(folder.path()).args(arguments).args(["--suite", &suite, "--target", &url]);
        let output = command.env("CONFORMANT_LEDGER", folder.path().join("ledger")).output().unwrap();
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    let (code, text) = told(&["run", "pages/kept", "--jobs", "1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("left behind") && state.lock().unwrap().0.things.len() > 3, "{text}");
    state.lock().unwrap().1 = true;
    let (code, text) = told(&["cleanup"]);
    assert_eq!((code, state.lock().unwrap().0.things.len()), (Some(0), 0), "{text}");
}

#[test]
fn a_case_that_is_judged_as_stated_and_came_to_no_conclusion_leaves_the_verdict_open() {
    let made = AtomicUsize::new(0);
    let given = move |request: &Request| {
        let is_pet = request.method == "POST" && request.target.ends_with("/pets");
        (is_pet && made.fetch_add(1, Ordering::SeqCst) == 1).then(|| json(404, r#"{"error":"no"}"#))
    };
    let pages = "title: Pets\ncases:\n  - { id: owner, operation: createOwner, expect: 201 }\n  - { id: pet, operation: createPet, expect: 201, given: { one: pet } }\n";
    let (run, _) = judged(pages, &["--jobs", "1"], given);
    assert_eq!(outcome(&run, "pages/owner").0, "conforms");
    assert_eq!((run.exit, outcome(&run, "pages/pet").0), (3, "inconclusive"), "{}", run.terminal);
}

#[test]
fn a_case_of_a_clause_that_another_case_shows_and_that_came_to_no_conclusion_leaves_the_verdict_open() {
    let given = |request: &Request| {
        let is_unlucky = request.value("X-Luck") == Some("bad");
        is_unlucky.then(|| json(429, r#"{"error":"slow down"}"#))
    };
    let pages = r#"title: Pets
operation: getPet
cases:
  - { id: one, expect: 200, statements: [{ clause: pet.kept, at: /body/name, equals: "{{ pet.made.request.body.name }}" }] }
  - { id: other, headers: { X-Luck: bad }, expect: 200, statements: [{ clause: pet.kept, at: /body/name, present: true }] }
"#;
    let (run, _) = judged(pages, &["--retries", "0"], given);
    assert_eq!(outcome(&run, "pages/one").0, "conforms");
    assert_eq!((run.exit, outcome(&run, "pages/other").0), (3, "inconclusive"), "{}", run.terminal);
    assert!(run.terminal.contains("things/pages/other was inconclusive"), "{}", run.terminal);
}

/// A line without the folder that the suite is in.
fn in_folder(line: &str) -> String {
    match (line.find("--> "), line.find("things/")) {
        (Some(at), Some(file)) => format!("{}--> {}", &line[..at], &line[file..]),
        _ => line.to_owned(),
    }
}

#[test]
fn mistakes_about_operations_and_resources_are_told_at_their_places() {
    let suites = [
        ("createOwner: {", "createOwners: {"),
        ("ownerId: \"{{ owner.id }}\", petId", "owner: \"{{ owner.id }}\", petId"),
        ("accepted: 204", "accepted: 404"),
        ("make: createPet", "make: createPets"),
        ("remove: deleteOwner", "remove: removeOwner"),
        ("id: \"{{ made.response.body.id }}\", remove: deletePet", "id: '7', remove: deletePet"),
        ("id: \"{{ made.response.body.id }}\", remove: deletePet", "id: \"{{ pet.id }}\", remove: deletePet"),
        ("body: { name: \"{{ unique(8) }}\" } }, accepted: 201", "body: { name: \"{{ pet.id }}\" } }, accepted: 201"),
    ];
    let pages = [
        ("operation: getPet\n", ""),
        ("operation: getPet\n", "operation: getpet\n"),
        ("one: pet", "one: pets"),
        ("one: pet", "pet: pet"),
        ("id: kept\n", "id: kept\n    title: \"{{ pet.id }}\"\n"),
        ("save: first", "save: pet"),
        ("path: { petId: none }", "path: { pet: none }"),
        ("path: { petId: none }", "path: \"/owner/{{ owner.id }}/pets/7\""),
        ("method: DELETE", "method: PUT"),
    ];
    let suites = suites.map(|(from, to)| (SUITE.replacen(from, to, 1), PAGES.to_owned()));
    let pages = pages.map(|(from, to)| (SUITE.to_owned(), PAGES.replacen(from, to, 1)));
    let mut told = Vec::new();
    for (suite, pages) in suites.into_iter().chain(pages) {
        assert_ne!((suite.as_str(), pages.as_str()), (SUITE, PAGES));
        let (run, state) = judged_by(&suite, &pages, &[], none);
        assert_eq!((run.exit, state.log.len()), (2, 0), "{}{}", run.terminal, run.trouble);
        told.push(run.trouble.lines().map(in_folder).collect::<Vec<_>>().join("\n"));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_valid_request_goes_where_an_answer_leads() {
    // Where an owner's pets are is what the answer says that made the owner.
    let linked = SUITE
        .replace("createPet:\n    request: { path: { ownerId: \"{{ owner.id }}\" },", "createPet:\n    request: { path: \"{{ owner.made.response.headers.location | local_path }}\",")
        .replace("accepted: 201\n  getPet:", "accepted: 201\n    statements: { accepted: [{ clause: answer.schema, at: /body/id, present: true }] }\n  getPet:");
    assert!(linked.contains("local_path"));
    let located = |request: &Request| {
        let body: serde_json::Value = serde_json::from_slice(&request.body).ok()?;
        let is_owner = request.method == "POST" && request.target == "/owners" && body["name"].is_string();
        is_owner.then(|| json(201, r#"{"id":"one"}"#).with_header("Location", "/v1/owners/one/pets?from=location"))
    };
    let page = "title: Pets\noperation: createPet\ncases: [{ id: made, expect: 201 }]\n";
    let fault = move |request: &Request| {
        let made = || json(201, r#"{"id":"two","name":"x"}"#);
        located(request).or_else(|| (request.target == "/owners/one/pets?from=location").then(made))
    };
    let (run, state) = judged_at("/v1", &linked, page, &["pages/made"], fault);
    assert_eq!(outcome(&run, "pages/made").0, "conforms", "{}{}{:#?}", run.terminal, run.trouble, state.log);

    let (run, _) = judged_at(
        "/v1",
        &linked.replace("\"{{ owner.made.response.headers.location | local_path }}\"", "/owners/1/pets"),
        page,
        &[],
        none,
    );
    assert_eq!(run.exit, 2, "{}", run.terminal);
    assert!(run.trouble.contains("the path is the contract's: /owners/{ownerId}/pets"), "{}", run.trouble);
    let named = page.replace("expect", "path: { ownerId: one }, expect");
    let (run, _) = judged_at("/v1", &linked, &named, &[], none);
    assert!(
        run.trouble.contains("goes where `{{ owner.made.response.headers.location | local_path }}` leads"),
        "{}",
        run.trouble
    );
}

const LINKS: &str = r"openapi: 3.1.0
info: { title: Short links, version: '1' }
paths:
  /links/{name}:
    get:
      operationId: follow
      responses:
        '302':
          description: there
          headers: { Location: { required: true, schema: { type: string } } }
        '404': { description: none }
x-checks: { documented-status: answer.status, headers: answer.location, body: answer.status, error-body: answer.status }
x-clauses:
  answer.status: { level: must, says: a status is documented, source: here, polarities: [hold] }
  answer.location: { level: must, says: a link leads somewhere, source: here, polarities: [hold] }
  link.known: { level: must, says: known links alone are followed, source: here, polarities: [accept, refuse] }
";

#[test]
fn an_operation_that_redirects_is_accepted_with_a_redirect() {
    let suite = "title: Links
contract: contract.yaml
control: { clause: answer.status }
operations:
  follow:
    request: { path: { name: known } }
    accepted: { status: 302, clause: answer.status }
    statements: { accepted: [{ clause: answer.location, at: /headers/location, matches: '^https://' }] }
";
    let pages = "title: Links
operation: follow
cases:
  - { id: known, expect: 302, covers: { link.known: accept } }
  - { id: unknown, path: { name: unknown }, expect: 404, covers: { link.known: refuse } }
  - { id: leads, expect: 302, covers: { answer.location: hold } }
";
    let run_with = |known: u16, unknown: u16, location: &'static str| {
        let server = Server::start(move |request: &Request| {
            let status = if request.target == "/links/known" { known } else { unknown };
            Message::new(status).with_header("Location", location)
        });
        let files = [("contract.yaml", LINKS), ("suite.yaml", suite), ("pages.yaml", pages)];
        let (_folder, folder) = things::suite_of(&files);
        let run = run(&["--suite", &folder, "--target", &server.url()]);
        let violated: Vec<String> = run.violated().into_iter().map(|(id, _)| id.to_owned()).collect();
        (run.exit, violated, format!("{}{}", run.terminal, run.trouble))
    };
    let (exit, violated, told) = run_with(302, 404, "https://example.org/");
    assert_eq!((exit, violated), (0, vec![]), "{told}");
    for (known, unknown, location, clause) in [
        (302, 302, "https://example.org/", "link.known"),
        (302, 404, "http://example.org/", "answer.location"),
        (200, 404, "https://example.org/", "answer.status"),
    ] {
        let (exit, violated, told) = run_with(known, unknown, location);
        assert!(exit == 1 && violated.iter().any(|violated| violated == clause), "{clause} {violated:?} {told}");
    }
    // What refuses everything shows nothing.
    assert_eq!(run_with(404, 404, "https://example.org/").0, 3);
}

/// The suite in which all cases share a pet, and its owner with it.
fn sharing() -> String {
    format!("{SUITE}before: [pet]\n")
}

#[test]
fn what_all_cases_share_is_made_once_and_removed_after_all_of_them() {
    for jobs in ["1", "4"] {
        let (run, state) = judged_by(&sharing(), PAGES, &["--jobs", jobs], none);
        assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
        for case in ["before[owner]", "before[pet]", "pages/kept", "pages/unknown", "pages/gone", "pages/by-method"] {
            assert_eq!(outcome(&run, case).0, "conforms", "{case}");
        }
        let (owner, pet) = ("/owners/n1%20%2F%C3%A9", "/owners/n1%20%2F%C3%A9/pets/n2%20%2F%C3%A9");
        assert_eq!(state.log[..2], ["POST /owners".to_owned(), format!("POST {owner}/pets")]);
        assert_eq!(state.log[state.log.len() - 2..], [format!("DELETE {pet}"), format!("DELETE {owner}")]);
        // What removes a pet, or asks for more of them, has pets of its own with the one owner; what may remove both, both.
        let made = state.log.iter().filter(|line| line.starts_with("POST ") && line.ends_with("/pets"));
        let elsewhere = made.filter(|line| **line != format!("POST {owner}/pets")).count();
        assert_eq!(elsewhere, 1, "by-method: {:#?}", state.log);
        assert!(state.log.iter().filter(|line| **line == format!("GET {pet}")).count() > 2, "{:#?}", state.log);
        assert_eq!(state.things, BTreeMap::new(), "{:#?}", state.log);
        assert_eq!(run.footer()["left_behind"].as_array().map(Vec::len).unwrap_or_default(), 0);
    }
    // A case that needs none of it has none of it made.
    let (_, state) = judged_by(&sharing(), PAGES, &["pages/owner"], none);
    assert!(!state.log.iter().any(|line| line.contains("/pets")), "{:#?}", state.log);
}

#[test]
fn what_needs_something_shared_that_was_not_made_comes_to_no_conclusion() {
    let refuses = |request: &Request| {
        let is_pets = request.method == "POST" && request.target.ends_with("/pets");
        is_pets.then(|| json(404, r#"{"error":"no"}"#))
    };
    let (run, state) = judged_by(&sharing(), PAGES, &[], refuses);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.terminal);
    assert_eq!(outcome(&run, "before[owner]").0, "conforms");
    for case in ["before[pet]", "control[before:getPet]", "pages/kept"] {
        let (outcome, reason) = outcome(&run, case);
        assert_eq!(outcome, "inconclusive", "{case}: {reason}");
        assert!(reason.contains("its set-up failed: step pet was answered 404"), "{case}: {reason}");
    }
    let (_, reason) = outcome(&run, "pages/kept");
    assert!(reason.contains("pet, which all cases share, was not made"), "{reason}");
    assert_eq!(outcome(&run, "pages/owner").0, "conforms");
    assert_eq!(state.things, BTreeMap::new(), "{:#?}", state.log);
}

#[test]
fn what_all_cases_share_is_removed_after_a_signal_and_from_the_ledger_of_a_killed_run() {
    for signal in ["-INT", "-KILL"] {
        let state = Arc::new(Mutex::new(State::default()));
        let child = Arc::new(Mutex::new(None::<u32>));
        let (kept, running) = (Arc::clone(&state), Arc::clone(&child));
        let server = Server::start(move |request: &Request| {
            // The first that reads the shared pet ends the run.
            if request.method == "GET"
                && let Some(child) = running.lock().unwrap().take()
            {
                assert!(Command::new("kill").args([signal, &child.to_string()]).status().unwrap().success());
            }
            answer(&mut kept.lock().unwrap(), request)
        });
        let suite = sharing();
        let (folder, suite) =
            things::suite_of(&[("contract.yaml", CONTRACT), ("suite.yaml", &suite), ("pages.yaml", PAGES)]);
        let arguments = ["--suite", &suite, "--target", &server.url(), "--ledger", "ledgers"];
        let mut run = conformant();
        run.arg("run").args(arguments).args(["--jobs", "1"]).current_dir(folder.path());
        let mut waiting = child.lock().unwrap();
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        *waiting = Some(run.id());
        drop(waiting);
        run.wait().unwrap();
        let is_left = !state.lock().unwrap().things.is_empty();
        assert_eq!(is_left, signal == "-KILL");
        if is_left {
            let output = conformant().arg("cleanup").args(arguments).current_dir(folder.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
        }
        let state = state.lock().unwrap();
        assert_eq!(state.things, BTreeMap::new(), "{:#?}", state.log);
    }
}

#[test]
fn what_is_shared_is_a_resource() {
    let (_folder, folder) = things::suite_of(&[
        ("contract.yaml", CONTRACT),
        ("suite.yaml", &format!("{SUITE}before: [pets]\n")),
        ("pages.yaml", PAGES),
    ]);
    let output = conformant().args(["check", &folder]).output().unwrap();
    let told = stderr(&output);
    assert!(told.contains("the suite has no resource `pets`") && told.contains("did you mean `pet`?"), "{told}");
}
