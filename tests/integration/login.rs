//! Secrets that a run obtains by itself. The binary, against real sockets: a target, and an identity service beside it.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::binary::{conformant, stderr, stdout};
use crate::support::reply::{Message, Reply};
use crate::support::request::Request;
use crate::support::run::{Run, run_by};
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = r"openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /things:
    get:
      operationId: listThings
      responses: { '200': { description: all }, '401': { description: who are you }, '403': { description: not you } }
    post:
      operationId: createThing
      responses: { '201': { description: made }, '401': { description: who are you } }
x-checks: { documented-status: answer.status, body: answer.body, error-body: answer.body }
x-clauses:
  answer.status: { level: must, says: a status is documented, source: here, polarities: [hold] }
  answer.body: { level: must, says: an answer has the documented body, source: here, polarities: [hold] }
  answer.steady: { level: must, says: equal requests get equal answers, source: here, polarities: [hold] }
  token.valid: { level: must, says: a token is needed, source: here, polarities: [accept, refuse] }
";

const SUITE: &str = r#"title: Things
contract: contract.yaml
control: { clause: answer.steady }
variables:
  identity: { optional: true, about: where tokens come from }
  user: { optional: true }
secrets:
  password: { optional: true }
  token:
    about: a token of a user
    obtain:
      request:
        method: POST
        url: "{{ identity }}/v3/auth/tokens"
        body: { auth: { user: "{{ user }}", password: "{{ password }}" } }
      take: /headers/x-subject-token
      renew: [401]
operations:
  listThings: { request: { headers: { X-Auth-Token: "{{ token }}" } }, accepted: { status: 200, clause: token.valid } }
  createThing:
    request: { headers: { X-Auth-Token: "{{ token }}" } }
    accepted: 201
    cleanup: { method: DELETE, path: "/things/{{ response.body.id }}", headers: { X-Auth-Token: "{{ token }}" }, done: [204] }
"#;

const PAGES: &str = r#"title: Things
operation: listThings
cases:
  - id: many
    each: { n: { range: [1, 2000] } }
    query: { n: "{{ n }}" }
    expect: 200
    covers: { token.valid: accept }
  - id: wrong
    each:
      - { id: behind, sent: "{{ token }}x" }
      - { id: before, sent: "x{{ token }}" }
      - { id: listed, sent: "{{ token }}, other" }
      - { id: bearer, sent: "Bearer {{ token }}" }
      - { id: none, sent: no-token-at-all }
    headers: { X-Auth-Token: "{{ sent }}" }
    expect: 401
    covers: { token.valid: refuse }
  - id: made
    operation: createThing
    each: { n: { range: [1, 20] } }
    query: { n: "{{ n }}" }
    expect: 201
"#;

/// A password that no text here has.
const PASSWORD: &str = "pa55-of-the-tests";

/// Target and identity service, as they see it.
#[derive(Default)]
struct State {
    /// Every token that was given out; the last one counts.
    tokens: Vec<String>,
    /// How often the last one was taken.
    uses: usize,
    /// What the identity service was sent, head and body.
    logins: Vec<String>,
    /// Requests to the target.
    asked: usize,
    made: usize,
}

impl State {
    /// A new token, of letters that no other text has.
    fn issue(&mut self) -> String {
        let number = self.tokens.len();
        let token = format!("gZq{number}Wk7vXj{}-{number}QzKw9", "hJq".repeat(5));
        self.uses = 0;
        self.tokens.push(token.clone());
        token
    }
}

/// A target whose tokens are good for so many requests.
fn target(state: &mut State, request: &Request, uses: usize) -> Message {
    state.asked += 1;
    let is_known = request.value("x-auth-token") == state.tokens.last().map(String::as_str);
    if !is_known || state.uses >= uses {
        return Message::new(401);
    }
    state.uses += 1;
    match request.method.as_str() {
        "POST" => {
            state.made += 1;
            Message::json(201, &json!({ "id": state.made }))
        }
        "DELETE" => {
            state.made -= 1;
            Message::new(204)
        }
        _ => Message::new(200),
    }
}

fn identity(state: &mut State, request: &Request) -> Message {
    let body = String::from_utf8_lossy(&request.body).into_owned();
    state.logins.push(format!("{} {} {:?} {body}", request.method, request.target, request.headers));
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    match body["auth"]["user"] == "ada" && body["auth"]["password"] == PASSWORD {
        true => Message::json(201, &json!({ "token": {} })).with_header("X-Subject-Token", state.issue()),
        false => Message::json(401, &json!({ "error": "no" })),
    }
}

/// Both services, and a folder with the suite.
struct Scene {
    state: Arc<Mutex<State>>,
    target: Server,
    identity: Server,
    folder: tempfile::TempDir,
    suite: String,
}

impl Scene {
    fn new(suite: &str, pages: &str, uses: usize) -> Self {
        Self::with(suite, pages, move |state, request| target(state, request, uses), identity)
    }

    fn with<R: Into<Reply>>(
        suite: &str,
        pages: &str,
        target: impl Fn(&mut State, &Request) -> Message + Send + Sync + 'static,
        identity: impl Fn(&mut State, &Request) -> R + Send + Sync + 'static,
    ) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let (one, other) = (Arc::clone(&state), Arc::clone(&state));
        let target = Server::start(move |request: &Request| target(&mut one.lock().unwrap(), request));
        let identity = Server::start(move |request: &Request| identity(&mut other.lock().unwrap(), request));
        let (folder, suite) =
            things::suite_of(&[("contract.yaml", CONTRACT), ("suite.yaml", suite), ("pages.yaml", pages)]);
        Self { state, target, identity, folder, suite }
    }

    fn given(&self) -> Vec<String> {
        let identity = format!("identity={}", self.identity.url());
        let password = format!("password={PASSWORD}");
        ["--variable", &identity, "--variable", "user=ada", "--secret", &password].map(str::to_owned).to_vec()
    }

    fn run(&self, more: &[&str]) -> Run {
        let mut command = conformant();
        command.env("CI", "false");
        run_by(command, &[&["--suite", &self.suite, "--target", &self.target.url()], more].concat())
    }

    /// A run that is given what the token is obtained with.
    fn run_with_user(&self, more: &[&str]) -> Run {
        let given = self.given();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        self.run(&[&given, more].concat())
    }

    fn state(&self) -> State {
        std::mem::take(&mut *self.state.lock().unwrap())
    }
}

/// Every file below a folder.
pub fn texts(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => texts.extend(self::texts(&path)),
            false => texts.push(String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()),
        }
    }
    texts
}

#[test]
fn a_token_that_expires_amid_two_thousand_cases_is_renewed_once_and_is_in_nothing_that_the_run_writes() {
    let scene = Scene::with(
        SUITE,
        PAGES,
        |state, request| match request.method.as_str() {
            // What can't be removed stays in the ledger.
            "DELETE" if request.target.ends_with("/3") => Message::new(403),
            _ => target(state, request, 1_200),
        },
        identity,
    );
    let written = scene.folder.path().join("written");
    fs::create_dir(&written).unwrap();
    let file = |name: &str| written.join(name).display().to_string();
    let [ledger, snapshots] = ["ledger", "snapshots"].map(file);
    let reports =
        ["html", "junit", "ctrf", "tap", "markdown"].map(|format| format!("--report-{format}={}", file(format)));
    let mut arguments = vec!["--header", "X-Gate: of-the-target", "--report-github", "--ledger", &ledger];
    arguments.extend(["--snapshot-profile", "words", "--snapshots", "update,all,values", "--snapshot-dir", &snapshots]);
    arguments.extend(reports.iter().map(String::as_str));
    let run = scene.run_with_user(&arguments);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
    let state = scene.state();
    assert_eq!(state.logins.len(), 2, "{:#?}", state.logins);
    assert_eq!(state.tokens.len(), 2);
    assert!(state.logins.iter().all(|login| login.starts_with("POST /v3/auth/tokens ")));
    assert!(!format!("{:?}", state.logins).contains("of-the-target"), "{:#?}", state.logins);
    assert_eq!(run.cases("conforms").filter(|case| case["retried"].is_array()).count(), 0);
    let mut all = texts(&written);
    assert!(all.len() > 2_000 && fs::read_dir(&ledger).unwrap().next().is_some());
    all.extend([run.terminal.clone(), run.trouble.clone(), format!("{:?}", run.events)]);
    for secret in state.tokens.iter().map(String::as_str).chain([PASSWORD]) {
        let beginning = &secret[..12];
        assert!(all.iter().all(|text| !text.contains(beginning)), "{beginning}");
    }
    assert!(all.iter().any(|text| text.contains("[masked:token]")));
}

#[test]
fn a_token_that_is_given_is_used_and_none_is_obtained() {
    let scene = Scene::new(SUITE, PAGES, usize::MAX);
    let token = scene.state.lock().unwrap().issue();
    let run = scene.run_with_user(&["--secret", &format!("token={token}"), "wrong"]);
    assert_eq!(run.exit, 0, "{}", run.gist());
    assert_eq!(scene.state().logins.len(), 0);
    // Nor is anything else needed then.
    let scene = Scene::new(SUITE, PAGES, usize::MAX);
    let token = scene.state.lock().unwrap().issue();
    let run = scene.run(&["--secret", &format!("token={token}"), "wrong"]);
    assert_eq!(run.exit, 0, "{}", run.gist());
}

#[test]
fn where_a_login_fails_nothing_else_is_sent_and_the_run_says_why() {
    let scene = Scene::new(SUITE, PAGES, usize::MAX);
    let url = scene.identity.url();
    let given = format!("identity={url}");
    let wrong = ["--variable", &given, "--variable", "user=ada", "--secret", "password=not-this-one"];
    let run = scene.run(&wrong);
    let expected = format!(
        "error: the secret token could not be obtained: POST {url}/v3/auth/tokens was answered 401\n  help: check \
         identity, password, user, or give the secret itself: CONFORMANT_SECRET_token in the environment, or \
         --secret-file token=PATH\n",
    );
    assert_eq!((run.exit, run.terminal.as_str(), run.trouble.as_str()), (3, "", expected.as_str()));
    let state = scene.state();
    assert_eq!((state.asked, state.logins.len()), (0, 1));

    let twice = Message::new(201).with_header("X-Subject-Token", "one-token").with_header("X-Subject-Token", "another");
    let answers: [(Reply, &str); 7] = [
        (Message::new(201).into(), "201, has no header x-subject-token, or several"),
        (twice.into(), "201, has no header x-subject-token, or several"),
        (Message::new(201).with_header("X-Subject-Token", "short").into(), "has fewer than 8 bytes"),
        (Message::new(302).with_header("Location", "/").into(), "was answered 302"),
        (Message::new(503).into(), "was answered 503"),
        (Reply::Bytes(b"no HTTP".to_vec()), "/v3/auth/tokens: "),
        (Reply::Silence, "/v3/auth/tokens: no complete answer within the deadline"),
    ];
    for (answer, why) in answers {
        let scene = Scene::with(SUITE, PAGES, |state, request| target(state, request, 9), move |_, _| answer.clone());
        let run = scene.run_with_user(&["--deadline", "0.2"]);
        assert_eq!(run.exit, 3, "{}", run.trouble);
        assert!(run.trouble.contains(why), "{}", run.trouble);
        assert_eq!(scene.state().asked, 0);
    }
}

#[test]
fn an_identity_service_that_is_not_there_is_no_fault_of_the_target() {
    let mut scene = Scene::new(SUITE, PAGES, usize::MAX);
    let gone = Server::start(|_: &Request| Message::new(500));
    scene.identity = Server::start(|_: &Request| Message::new(500));
    let url = gone.url();
    drop(gone);
    let (identity, password) = (format!("identity={url}"), format!("password={PASSWORD}"));
    let run = scene.run(&["--variable", &identity, "--variable", "user=ada", "--secret", &password]);
    assert_eq!((run.exit, run.events.len()), (3, 0), "{}", run.trouble);
    let why = format!("the secret token could not be obtained: POST {url}/v3/auth/tokens could not be sent: ");
    assert!(run.trouble.contains(&why), "{}", run.trouble);
    assert_eq!(scene.state().asked, 0);
}

#[test]
fn what_a_token_is_obtained_with_is_needed_only_where_none_is_given() {
    let scene = Scene::new(SUITE, PAGES, usize::MAX);
    let identity = format!("identity={}", scene.identity.url());
    let run = scene.run(&["--variable", &identity, "--variable", "user=ada"]);
    assert_eq!(run.exit, 2);
    let error = "error: the secret `token` is not given, and neither is `password`, with which it is obtained\n";
    assert!(run.trouble.starts_with(error), "{}", run.trouble);
    let state = scene.state();
    assert_eq!((state.asked, state.logins.len()), (0, 0));
}

#[test]
fn a_login_that_fails_amid_the_cases_ends_the_run_without_a_verdict() {
    let scene = Scene::with(
        SUITE,
        PAGES,
        |state, request| target(state, request, 300),
        |state, request| match state.tokens.is_empty() {
            true => identity(state, request),
            false => {
                state.logins.push(String::new());
                Message::new(503)
            }
        },
    );
    let run = scene.run_with_user(&[]);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.gist());
    assert_eq!(run.cases("violates").count(), 0, "{}", run.gist());
    let reason = "the secret token could not be obtained: ";
    assert!(run.terminal.contains(reason), "{}", run.terminal);
    // Nobody asks again where one could not be obtained.
    assert_eq!(scene.state().logins.len(), 2);
}

#[test]
fn a_renewal_that_gets_no_answer_ends_with_the_run() {
    let scene = Scene::with(
        SUITE,
        PAGES,
        |state, request| target(state, request, 300),
        |state, request| if state.tokens.is_empty() { identity(state, request).into() } else { Reply::Silence },
    );
    let run = scene.run_with_user(&["--deadline", "300", "--max-time", "3", "many"]);
    assert_eq!((run.exit, run.verdict()), (3, "undetermined"), "{}", run.gist());
    assert_eq!(run.cases("violates").count(), 0, "{}", run.gist());
}

#[test]
fn tokens_that_are_good_for_next_to_nothing_end_the_run_without_blaming_anybody() {
    let pages = "title: Things\noperation: listThings\ncases:\n  - { id: many, each: { n: { range: [1, 2000] } }, query: { n: '{{ n }}' }, expect: 200, covers: { token.valid: accept } }\n  - { id: none, headers: { X-Auth-Token: no-token-at-all }, expect: 401, covers: { token.valid: refuse } }\n";
    let run_with = |uses| {
        let scene = Scene::new(SUITE, pages, uses);
        (scene.run_with_user(&["--jobs", "1"]), scene.state().logins.len())
    };
    let (run, logins) = run_with(100);
    assert_eq!((run.exit, run.verdict(), logins), (0, "conformant", 21), "{}", run.gist());
    let (run, logins) = run_with(5);
    assert_eq!((run.exit, run.verdict(), logins), (3, "undetermined", 251), "{}", run.gist());
    assert_eq!(run.cases("violates").count(), 0, "{}", run.gist());
    assert!(run.terminal.contains("it was renewed 250 times in this run, and is refused again"), "{}", run.terminal);
}

#[test]
fn cases_that_expect_a_refusal_get_it_and_have_no_token_renewed_for_long() {
    let pages = "title: Things\noperation: listThings\ncases:
  - id: revoked
    each: { n: { range: [1, 200] } }
    query: { revoked: '{{ n }}' }
    expect: 401
    covers: { token.valid: refuse }
  - { id: right, expect: 200, covers: { token.valid: accept } }
";
    let scene = Scene::with(
        SUITE,
        pages,
        |state, request| match request.query() {
            Some(query) if query.starts_with("revoked") => Message::new(401),
            _ => target(state, request, usize::MAX),
        },
        identity,
    );
    let run = scene.run_with_user(&["--jobs", "1"]);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
    assert_eq!(scene.state().logins.len(), 21);
}

#[test]
fn what_a_token_is_asked_for_with_is_obtained_anew_where_it_is_good_no_more() {
    let suite = SUITE.replace(
        "  token:\n",
        "  session:\n    obtain:\n      request: { method: POST, url: \"{{ identity }}/sessions\", body: { password: \"{{ password }}\" } }\n      take: /body/session\n  token:\n",
    );
    let suite = suite.replace(
        "password: \"{{ password }}\" } }\n      take: /headers",
        "password: \"{{ session }}\" } }\n      take: /headers",
    );
    let scene = Scene::with(
        &suite,
        "title: Things\noperation: listThings\ncases:\n  - { id: many, each: { n: { range: [1, 60] } }, query: { n: '{{ n }}' }, expect: 200, covers: { token.valid: accept } }\n  - { id: none, headers: { X-Auth-Token: no-token-at-all }, expect: 401, covers: { token.valid: refuse } }\n",
        |state, request| target(state, request, 40),
        |state, request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            state.logins.push(request.path().to_owned());
            let sessions = state.logins.iter().filter(|path| *path == "/sessions").count();
            match request.path() {
                "/sessions" => Message::json(200, &json!({ "session": format!("session-number-{sessions}") })),
                // Each session is good for one token.
                _ if body["auth"]["password"] == format!("session-number-{}", state.tokens.len() + 1) => {
                    Message::new(201).with_header("X-Subject-Token", state.issue())
                }
                _ => Message::new(401),
            }
        },
    );
    let run = scene.run_with_user(&["--jobs", "2"]);
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
    let tokens = "/v3/auth/tokens";
    assert_eq!(scene.state().logins, ["/sessions", tokens, tokens, "/sessions", tokens]);
}

#[test]
fn a_fresh_token_that_is_refused_too_is_the_answer_of_the_target() {
    let scene = Scene::with(
        SUITE,
        "title: Things\noperation: listThings\ncases:\n  - { id: odd, query: { odd: '1' }, expect: 200, covers: { token.valid: accept } }\n",
        |state, request| match request.query() {
            Some("odd=1") => Message::new(401),
            _ => target(state, request, usize::MAX),
        },
        identity,
    );
    let run = scene.run_with_user(&[]);
    assert_eq!((run.exit, run.first_violated()), (1, Some("token.valid")), "{}", run.gist());
    assert_eq!(scene.state().logins.len(), 2);
}

/// Client credentials of OAuth 2, at the target itself.
const OAUTH: &str = r#"title: Things
contract: contract.yaml
control: { clause: answer.steady }
variables: { client: things }
secrets:
  password: { about: the client's }
  token:
    obtain:
      request:
        method: POST
        path: /oauth/token
        headers: { Content-Type: application/x-www-form-urlencoded, Authorization: "Basic {{ (client ~ ':' ~ password) | base64 }}" }
        body: { grant_type: client_credentials }
      take: /body/access_token
operations:
  listThings: { request: { headers: { Authorization: "Bearer {{ token }}" } }, accepted: { status: 200, clause: token.valid } }
  createThing: { request: { headers: { Authorization: "Bearer {{ token }}" } }, accepted: 201 }
"#;

#[test]
fn client_credentials_are_exchanged_for_a_token_at_the_target() {
    let service = |state: &mut State, request: &Request| {
        state.asked += 1;
        if request.path() == "/oauth/token" {
            state.logins.push(format!("{:?} {:?}", request.value("authorization"), request.body));
            return match request.body == b"grant_type=client_credentials" {
                true => Message::json(200, &json!({ "access_token": state.issue(), "token_type": "Bearer" })),
                false => Message::new(400),
            };
        }
        let token = request.value("authorization").and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
        let request = Request { headers: vec![("X-Auth-Token".into(), token.unwrap_or_default())], ..request.clone() };
        target(state, &request, 40)
    };
    let pages = "title: Things\noperation: listThings\ncases:\n  - { id: many, each: { n: { range: [1, 60] } }, query: { n: '{{ n }}' }, expect: 200, covers: { token.valid: accept } }\n  - { id: none, headers: { Authorization: Bearer no-token-at-all }, expect: 401, covers: { token.valid: refuse } }\n";
    let scene = Scene::with(OAUTH, pages, service, |_, _| Message::new(500));
    let run = scene.run(&["--secret", &format!("password={PASSWORD}"), "--jobs", "4"]);
    assert_eq!(run.exit, 0, "{}", run.gist());
    assert_eq!(scene.state().logins.len(), 2);
}

#[test]
fn cleaning_up_after_a_run_obtains_a_token_too() {
    let scene = Scene::with(
        SUITE,
        PAGES,
        |state, request| match (request.method.as_str(), state.logins.len()) {
            ("DELETE", 1) => Message::new(500),
            _ => target(state, request, usize::MAX),
        },
        identity,
    );
    let ledger = scene.folder.path().join("ledger").display().to_string();
    let run = scene.run_with_user(&["--ledger", &ledger, "made"]);
    assert_eq!(run.exit, 0, "{}", run.gist());
    let made = scene.state.lock().unwrap().made;
    assert!(made >= 20, "{made}");
    let mut command = conformant();
    command.args(["cleanup", "--suite", &scene.suite, "--target", &scene.target.url(), "--ledger", &ledger]);
    let output = command.args(scene.given()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let state = scene.state();
    assert_eq!((state.made, state.logins.len()), (0, 2));
}

#[test]
fn a_suite_cannot_say_itself_where_secrets_go() {
    let mistakes = [
        r#"url: "http://127.0.0.1:9/{{ user }}""#,
        r#"url: "{{ identity }}.example.com/tokens""#,
        r#"url: "{{ 'http://127.0.0.1:9' }}/tokens""#,
        r#"url: "{{ password }}/tokens""#,
        r#"url: "{{ with_default }}/tokens""#,
        r#"url: "{{ of_reference }}/tokens""#,
        r#"url: "{{ identity }}/{{ token }}""#,
        "path: tokens",
        r#"path: /tokens, url: "{{ identity }}/tokens""#,
        "query: { a: b }",
    ];
    let of_obtained = SUITE.replace("operations:\n", "  made: \"Bearer {{ token }}\"\noperations:\n");
    let mut told = String::new();
    let check = |suite: &str| {
        let (_folder, folder) =
            things::suite_of(&[("contract.yaml", CONTRACT), ("suite.yaml", suite), ("pages.yaml", PAGES)]);
        let output = conformant().args(["check", &folder]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{suite}: {}", stderr(&output));
        format!("{}\n", stderr(&output).replace(folder.trim_end_matches("things"), ""))
    };
    for mistake in mistakes {
        let suite = SUITE
            .replace("  user: {", "  with_default: http://127.0.0.1:9\n  of_reference: { optional: true }\n  user: {")
            .replace("operations:\n", "reference: { variables: { of_reference: 'http://127.0.0.1:9' } }\noperations:\n")
            .replace("        method: POST\n", "")
            .replace(
                "      request:\n        url: \"{{ identity }}/v3/auth/tokens\"\n",
                &format!("      request: {{ method: POST, {mistake} }}\n"),
            )
            .replace("        body: { auth: { user: \"{{ user }}\", password: \"{{ password }}\" } }\n", "");
        told.push_str(&check(&suite));
    }
    told.push_str(&check(&of_obtained));
    insta::assert_snapshot!(told);
}

#[test]
fn a_login_that_sets_the_header_host_needs_leave() {
    let suite = SUITE.replace("        method: POST\n", "        method: POST\n        headers: { Host: 127.0.0.1 }\n");
    let scene = Scene::new(&suite, PAGES, usize::MAX);
    let run = scene.run_with_user(&[]);
    assert_eq!(run.exit, 2, "{}", run.trouble);
    assert!(run.trouble.contains("sets the header Host"), "{}", run.trouble);
    assert_eq!(scene.state().logins.len(), 0);
}

#[test]
fn a_login_that_is_answered_not_now_is_tried_again_where_retries_are_asked_for() {
    for status in [429, 503] {
        let scene = || {
            Scene::with(
                SUITE,
                PAGES,
                |state, request| target(state, request, 10_000),
                move |state: &mut State, request| {
                    state.asked += 1;
                    match state.asked {
                        1 | 2 => Message::new(status).with_header("Retry-After", "0"),
                        _ => identity(state, request),
                    }
                },
            )
        };
        let patient = scene();
        let run = patient.run_with_user(&["--retries", "2", "wrong", "many[1]"]);
        assert_eq!((run.exit, patient.state().logins.len()), (0, 1), "{}{}", run.terminal, run.trouble);
        for retries in ["0", "1"] {
            let output = scene().run_with_user(&["--retries", retries, "wrong"]);
            let told = format!("{}{}", output.terminal, output.trouble);
            assert!(told.contains(&format!("/v3/auth/tokens was answered {status}")), "{told}");
        }
    }
}
