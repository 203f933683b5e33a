//! The shipped suite obtains its token where the documentation says: from the identity service's API. The binary, against the
//! reference server with the service beside it.

use conformant::reference::{Options, ServerHandle, start};
use serde_json::{Value, json};

use crate::support::binary::conformant;
use crate::support::run::{Run, run};

const PASSWORD: &str = "reference-password";

async fn reference(token_uses: usize) -> ServerHandle {
    start(Options { token_uses, ..Options::default() }).await.unwrap()
}

/// A run of the shipped suite, which is given what its token is obtained with.
async fn run_with_user(running: &ServerHandle, password: &str, more: &[&str]) -> Run {
    let url = format!("http://{}", running.address());
    let (identity, password) = (format!("identity={url}"), format!("password={password}"));
    let given = ["--target", &url, "--variable", &identity, "--secret", &password];
    let user = ["--variable", "user=reference-user", "--variable", "domain=reference-domain"];
    let arguments: Vec<String> = [&given, user.as_slice(), more].concat().into_iter().map(str::to_owned).collect();
    let run = move || run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_suite_obtains_its_token_and_has_it_renewed_once_when_it_expires() {
    let running = reference(1_500).await;
    let run = run_with_user(&running, PASSWORD, &[]).await;
    assert_eq!((run.exit, run.verdict()), (0, "conformant"), "{}", run.gist());
    assert_eq!(running.logins(), 2);
    assert_eq!(running.connections_left(), 0);
    // Nothing but what needs the other token is left out, as where a token is given.
    let with_token = reference(0).await;
    let url = format!("http://{}", with_token.address());
    let given = tokio::task::spawn_blocking(move || {
        crate::support::run::run(&["--target", &url, "--secret", "token=good-token"])
    });
    let given = given.await.unwrap();
    assert_eq!(with_token.logins(), 0);
    let outcomes = |run: &Run| -> Vec<(String, String)> {
        let cases = run.events.iter().filter(|event| event["event"] == "case");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        // Tokens of the service begin with a digit and have no hyphen, so that these ways to change one change nothing.
        let unchanged = ["nearly-right[first-in-another-case]", "nearly-right[another-separator]"];
        let is_told = |id: &str| !unchanged.iter().any(|end| id.ends_with(end));
        let outcomes = cases.map(|case| (text(&case["id"]), text(&case["outcome"])));
        outcomes.filter(|(id, _)| is_told(id)).collect()
    };
    assert_eq!(outcomes(&run), outcomes(&given));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_wrong_ends_the_run_before_anything_else_is_sent() {
    let running = reference(0).await;
    let run = run_with_user(&running, "not-the-password", &[]).await;
    assert_eq!(run.exit, 3, "{}", run.trouble);
    assert!(run.trouble.contains("the secret token could not be obtained: POST "), "{}", run.trouble);
    assert!(run.trouble.contains("was answered 401"), "{}", run.trouble);
    assert!(!run.trouble.contains("not-the-password"), "{}", run.trouble);
    assert_eq!((running.logins(), running.requests()), (1, 0));
}

#[test]
fn without_a_token_the_message_says_what_else_can_be_given() {
    let output = conformant().args(["run", "--target", "http://127.0.0.1:9"]).output().unwrap();
    let expected = "error: the suite needs the secret token, which was not given\n  help: set CONFORMANT_SECRET_token in the \
                    environment, or use --secret-file token=PATH, or give domain, identity, password, user to obtain it\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(2), expected));
}

#[tokio::test]
async fn the_identity_service_of_the_reference_gives_tokens_that_expire() {
    let running = reference(2).await;
    let url = format!("http://{}/v3/auth/tokens", running.address());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = |password: Value| {
        let user = json!({ "name": "reference-user", "password": password, "domain": { "name": "reference-domain" } });
        let body = json!({ "auth": { "identity": { "methods": ["password"], "password": { "user": user } } } });
        client.post(&url).body(body.to_string()).send()
    };
    assert_eq!(client.get(&url).send().await.unwrap().status(), 405);
    assert_eq!(client.post(&url).body("{").send().await.unwrap().status(), 400);
    assert_eq!(asked(json!("wrong")).await.unwrap().status(), 401);
    assert_eq!(asked(json!(7)).await.unwrap().status(), 400);
    let given = asked(json!(PASSWORD)).await.unwrap();
    assert_eq!(given.status(), 201);
    let token = given.headers()["x-subject-token"].to_str().unwrap().to_owned();
    let body: Value = serde_json::from_str(&given.text().await.unwrap()).unwrap();
    assert!(body["token"]["expires_at"].is_string());
    let connections = format!("http://{}/v1/p/connections", running.address());
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = client.get(&connections).header("X-Auth-Token", &token).send().await.unwrap();
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [200, 200, 401, 401]);
    assert_eq!(running.logins(), 4);
}
