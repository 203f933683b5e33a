//! The reference server keeps the documentation, and its tables of faults and variants are in order.

// The helpers of tests fail the test where something is amiss, as the tests do.

use std::collections::{BTreeMap, HashSet};

use conformant::reference::{FAULTS, Options, ServerHandle, VARIANTS, fault, start, variant};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// A server and a client of it.
struct House {
    running: ServerHandle,
    client: Client,
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        conformant::http::parse_strictly(self.text.as_bytes())
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    #[track_caller]
    fn is_refused(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/json");
        assert!(self.headers.contains_key("x-request-id"));
        let body = self.json();
        assert_eq!(body["error_code"], code);
        let length = body["error_msg"].as_str().unwrap().chars().count();
        assert!((1..=512).contains(&length));
        // A refusal for lack of permission has what may be there besides.
        assert_eq!(body.as_object().unwrap().len(), if code == "EG.00014030" { 4 } else { 2 });
    }

    #[track_caller]
    fn is_created(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }
}

async fn house() -> House {
    house_with(Options::default()).await
}

async fn house_with(options: Options) -> House {
    let client = Client::builder()
        .http1_title_case_headers()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    House { running: start(options).await.unwrap(), client }
}

fn valid(name: &str) -> Value {
    json!({ "name": name, "description": "", "vpc_id": "a vpc", "subnet_id": "a subnet" })
}

/// The valid body with one member set.
fn with(member: &str, value: impl Into<Value>) -> Value {
    let mut body = valid("name");
    body[member] = value.into();
    body
}

fn without(member: &str) -> Value {
    let mut body = valid("name");
    body.as_object_mut().unwrap().remove(member);
    body
}

impl House {
    async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
        let url = format!("http://{}{path}", self.running.address());
        let mut request = self.client.request(method, url).body(body.into());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        Answer { status: answer.status().as_u16(), headers, text: answer.text().await.unwrap() }
    }

    async fn create(&self, body: &Value) -> Answer {
        self.create_raw(body.to_string()).await
    }

    async fn create_raw(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.send(Method::POST, "/v1/project-a/connections", &[("X-Auth-Token", "good-token")], body).await
    }

    async fn create_with_token(&self, token: &str) -> Answer {
        let body = valid("name").to_string();
        self.send(Method::POST, "/v1/project-a/connections", &[("X-Auth-Token", token)], body).await
    }

    async fn helper(&self, method: Method, path: &str) -> Answer {
        self.send(method, path, &[("X-Auth-Token", "good-token")], "").await
    }
}

const INVALID: &str = "EG.00014000";

#[tokio::test]
async fn a_valid_request_is_answered_with_the_documented_connection() {
    let house = house().await;
    let answer = house.create(&valid("Some.name_1-x")).await;
    let body = answer.is_created();
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(body["id"].as_str().unwrap().len(), 36);
    assert_eq!(body["name"], "Some.name_1-x");
    assert_eq!(body["description"], "");
    assert_eq!(body["status"], "CREATING");
    assert_eq!(body["vpc_id"], "a vpc");
    assert_eq!(body["subnet_id"], "a subnet");
    assert_eq!(body["agency"], "EG_TRUST");
    let flavor = json!({ "name": "default", "concurrency_type": "exclusive", "concurrency": 500, "bandwidth_type": "exclusive" });
    assert_eq!(body["flavor"], flavor);
    let created = body["created_time"].as_str().unwrap();
    let created = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", created).unwrap();
    let age =
        jiff::Timestamp::now().as_second() - created.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
    assert!((0..60).contains(&age), "{age}");
    assert_eq!(body["updated_time"], body["created_time"]);
    assert_eq!(house.running.connections_left(), 1);
}

#[tokio::test]
async fn request_ids_are_a_uuid_a_time_and_a_host_and_each_answer_has_its_own() {
    let house = house().await;
    let mut seen = HashSet::new();
    for answer in [
        house.create(&valid("name")).await,
        house.create(&valid("name")).await,
        house.create_with_token("wrong").await,
        house.helper(Method::GET, "/nowhere").await,
    ] {
        let id = answer.headers["x-request-id"].clone();
        let (uuid, rest) = id.split_at(36);
        assert!(uuid::Uuid::try_parse(uuid).is_ok());
        let (time, host) = rest.strip_prefix('-').unwrap().split_once('-').unwrap();
        assert!(time.parse::<u64>().is_ok() && !host.is_empty());
        assert!(seen.insert(id));
    }
}

#[tokio::test]
async fn unknown_paths_are_answered_404() {
    let house = house().await;
    for path in ["/", "/v1", "/v1/p", "/v1//connections", "/v2/p/connections", "/v1/p/connection", "/v1/p/connections/"]
    {
        let answer = house.send(Method::POST, path, &[("X-Auth-Token", "good-token")], valid("name").to_string()).await;
        answer.is_refused(404, "EG.00014040");
    }
    assert_eq!(house.running.connections_left(), 0);
}

#[tokio::test]
async fn other_methods_are_answered_405_with_what_is_allowed() {
    let house = house().await;
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = house.helper(method.clone(), "/v1/project-a/connections").await;
        answer.is_refused(405, "EG.00014050");
        assert_eq!(answer.headers["allow"], "GET, POST");
    }
    assert_eq!(house.helper(Method::PUT, "/v1/p/connections/x").await.headers["allow"], "GET, DELETE");
}

#[tokio::test]
async fn without_a_valid_token_the_answer_is_401() {
    let house = house().await;
    let long = "x".repeat(16_385);
    let longest = "x".repeat(16_384);
    let tokens = ["", "wrong", "Good-Token", "GOOD-TOKEN", "good-toke", "good-token2", &longest, &long];
    for token in tokens {
        house.create_with_token(token).await.is_refused(401, "EG.00014010");
    }
    let path = "/v1/project-a/connections";
    house.send(Method::POST, path, &[], valid("name").to_string()).await.is_refused(401, "EG.00014010");
    let twice = [("X-Auth-Token", "good-token"), ("X-Auth-Token", "good-token")];
    house.send(Method::POST, path, &twice, valid("name").to_string()).await.is_refused(401, "EG.00014010");
    house.send(Method::GET, path, &[], "").await.is_refused(401, "EG.00014010");
    house.create(&valid("name")).await.is_created();
}

#[tokio::test]
async fn the_token_header_is_known_however_it_is_spelt() {
    let house = house().await;
    for (name, spelt) in ["x-auth-token", "X-AUTH-TOKEN", "X-Auth-Token", "x-AUTH-tOKEN"].iter().enumerate() {
        let body = valid(&format!("name{name}")).to_string();
        let request = format!(
            "POST /v1/p/connections HTTP/1.1\r\nHost: x\r\n{spelt}: good-token\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        assert!(raw(&house, &request).await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

async fn raw(house: &House, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(house.running.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_token_without_permission_is_answered_403_for_creating_and_deleting() {
    let house = house().await;
    house.create_with_token("limited-token").await.is_refused(403, "EG.00014030");
    let made = house.create(&valid("name")).await.is_created();
    let path = format!("/v1/project-a/connections/{}", made["id"].as_str().unwrap());
    let limited = [("X-Auth-Token", "limited-token")];
    house.send(Method::DELETE, &path, &limited, "").await.is_refused(403, "EG.00014030");
    assert_eq!(house.send(Method::GET, &path, &limited, "").await.status, 200);
    assert_eq!(house.running.connections_left(), 1);
}

#[tokio::test]
async fn names_of_1_to_128_characters_are_accepted_and_0_and_129_refused() {
    let house = house().await;
    for length in [1, 2, 127, 128] {
        house.create(&with("name", "n".repeat(length))).await.is_created();
    }
    for length in [0, 129, 130, 1000] {
        house.create(&with("name", "n".repeat(length))).await.is_refused(400, INVALID);
    }
}

#[tokio::test]
async fn names_hold_ascii_letters_digits_and_three_signs_and_nothing_else() {
    let house = house().await;
    for (n, c) in ('\0'..='\u{ff}').chain(['ł', 'λ', '名', '٣', '😀', '\u{301}', '\u{feff}']).enumerate() {
        let fine = c.is_ascii_alphanumeric() || "._-".contains(c);
        for name in [format!("a{n}{c}b"), format!("a{n}{c}")] {
            let answer = house.create(&with("name", name)).await;
            if fine { drop(answer.is_created()) } else { answer.is_refused(400, INVALID) }
        }
    }
}

#[tokio::test]
async fn names_start_with_a_letter_or_digit() {
    let house = house().await;
    for name in [".a", "_a", "-a", ".", "_", "-", " a", "ña"] {
        house.create(&with("name", name)).await.is_refused(400, INVALID);
    }
    for name in ["a.", "Z_", "0-", "9"] {
        house.create(&with("name", name)).await.is_created();
    }
}

#[tokio::test]
async fn the_reserved_word_is_refused_and_its_neighbours_are_accepted() {
    let house = house().await;
    house.create(&with("name", "default")).await.is_refused(400, INVALID);
    for name in ["Default", "DEFAULT", "default1", "1default", "defaul", "default.", "default-default"] {
        let body = house.create(&with("name", name)).await.is_created();
        assert_eq!(body["name"], name);
    }
}

#[tokio::test]
async fn a_taken_name_is_refused_with_its_own_code_in_its_project_only() {
    let house = house().await;
    house.create(&valid("name")).await.is_created();
    house.create(&valid("name")).await.is_refused(400, "EG.00513001");
    house.create(&valid("Name")).await.is_created();
    let other = [("X-Auth-Token", "good-token")];
    let answer = house.send(Method::POST, "/v1/project-b/connections", &other, valid("name").to_string()).await;
    answer.is_created();
    assert_eq!(house.running.connections_left(), 3);
}

#[tokio::test]
async fn of_many_creations_of_one_name_at_once_one_is_accepted() {
    let house = house().await;
    let body = valid("name");
    let answers = futures_util::future::join_all((0..50).map(|_| house.create(&body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(
        answers.iter().filter(|answer| answer.status != 200).all(|answer| answer.json()["error_code"] == "EG.00513001")
    );
}

#[tokio::test]
async fn a_refused_creation_leaves_its_name_free() {
    let house = house().await;
    house.create(&without("vpc_id")).await.is_refused(400, INVALID);
    house.create_with_token("wrong").await.is_refused(401, "EG.00014010");
    house.create_with_token("limited-token").await.is_refused(403, "EG.00014030");
    assert_eq!(house.running.connections_left(), 0);
    house.create(&valid("name")).await.is_created();
}

#[tokio::test]
async fn values_of_another_type_are_refused() {
    let house = house().await;
    for member in ["name", "description", "vpc_id", "subnet_id"] {
        for value in [json!(1), json!(1.5), json!(true), json!(["a"]), json!({ "a": "b" }), json!([]), Value::Null] {
            house.create(&with(member, value)).await.is_refused(400, INVALID);
        }
    }
}

#[tokio::test]
async fn all_members_but_the_description_are_mandatory() {
    let house = house().await;
    for member in ["name", "vpc_id", "subnet_id"] {
        house.create(&without(member)).await.is_refused(400, INVALID);
    }
    let body = house.create(&without("description")).await.is_created();
    assert_eq!(body["description"], "");
}

#[tokio::test]
async fn descriptions_hold_255_characters_of_any_kind() {
    let house = house().await;
    let texts = ["d".repeat(255), "😀".repeat(255), "é\u{301}\0\u{7f}\r\n\t\"\\/ <b>&amp;'".to_owned(), " ".to_owned()];
    for (n, text) in texts.into_iter().enumerate() {
        let mut body = valid(&format!("name{n}"));
        body["description"] = text.clone().into();
        assert_eq!(house.create(&body).await.is_created()["description"], text);
    }
    for text in ["d".repeat(256), "é".repeat(256)] {
        house.create(&with("description", text)).await.is_refused(400, INVALID);
    }
}

#[tokio::test]
async fn ids_of_up_to_128_characters_are_accepted_and_come_back() {
    let house = house().await;
    for (n, member) in ["vpc_id", "subnet_id"].iter().enumerate() {
        house.create(&with(member, "i".repeat(129))).await.is_refused(400, INVALID);
        let mut body = valid(&format!("name{n}"));
        body[*member] = "I".repeat(128).into();
        assert_eq!(house.create(&body).await.is_created()[*member], "I".repeat(128));
    }
}

#[tokio::test]
async fn what_is_no_json_object_in_utf_8_is_refused() {
    let house = house().await;
    let whole = valid("name").to_string();
    let cut = &whole[..whole.len() - 1];
    let texts = ["", " ", "{", "null", "[]", "\"text\"", "1", "name=a&vpc_id=b", cut];
    for text in texts {
        house.create_raw(text).await.is_refused(400, INVALID);
    }
    for odd in
        [format!("{whole}x"), format!("{whole}{whole}"), whole.replace(",\"vpc", ",,\"vpc"), whole.replace('"', "'")]
    {
        house.create_raw(odd).await.is_refused(400, INVALID);
    }
    let mut bytes = whole.clone().into_bytes();
    let place = whole.find("a vpc").unwrap();
    bytes[place] = 0xff;
    house.create_raw(bytes).await.is_refused(400, INVALID);
    let wide: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    house.create_raw(wide).await.is_refused(400, INVALID);
    assert_eq!(house.running.connections_left(), 0);
}

#[tokio::test]
async fn the_same_json_spelt_otherwise_is_accepted() {
    let house = house().await;
    let text = "\r\n\t{ \"subnet_id\":\"s\\u00e9\" ,\n\"vpc_id\":\"v\\/\\ud83d\\ude00\",\"n\\u0061me\" : \"\\u006eame\", \"more\": [{}] }\n ";
    let body = house.create_raw(text).await.is_created();
    assert_eq!((&body["name"], &body["vpc_id"], &body["subnet_id"]), (&json!("name"), &json!("v/😀"), &json!("sé")));
}

#[tokio::test]
async fn the_body_may_have_any_media_type_or_none() {
    let house = house().await;
    for (n, kind) in ["application/json", "application/json; charset=utf-8", "text/plain", "rubbish"].iter().enumerate()
    {
        let headers = [("X-Auth-Token", "good-token"), ("Content-Type", *kind)];
        let body = valid(&format!("name{n}")).to_string();
        house.send(Method::POST, "/v1/p/connections", &headers, body).await.is_created();
    }
}

#[tokio::test]
async fn a_body_of_some_mib_is_read_and_a_greater_one_refused() {
    let house = house().await;
    house.create(&with("more", "x".repeat(1 << 20))).await.is_created();
    house.create(&with("more", "x".repeat(5 << 20))).await.is_refused(400, INVALID);
}

#[tokio::test]
async fn connections_can_be_read_listed_by_name_and_deleted() {
    let house = house().await;
    let one = house.create(&valid("name")).await.is_created();
    house.create(&valid("name2")).await.is_created();
    let path = format!("/v1/project-a/connections/{}", one["id"].as_str().unwrap());
    assert_eq!(house.helper(Method::GET, &path).await.json(), one);
    let found = house.helper(Method::GET, "/v1/project-a/connections?name=name").await.json();
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &one["id"]));
    assert_eq!(house.helper(Method::GET, "/v1/project-a/connections?name=n%61me2").await.json()["total"], 1);
    assert_eq!(house.helper(Method::GET, "/v1/project-a/connections").await.json()["total"], 2);
    assert_eq!(house.helper(Method::GET, "/v1/project-b/connections").await.json()["total"], 0);
    let gone = house.helper(Method::DELETE, &path).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    assert!(gone.headers.contains_key("x-request-id"));
    house.helper(Method::DELETE, &path).await.is_refused(404, "EG.00014040");
    house.helper(Method::GET, &path).await.is_refused(404, "EG.00014040");
    house.create(&valid("name")).await.is_created();
    assert_eq!(house.running.connections_left(), 2);
}

#[tokio::test]
async fn a_stopped_server_takes_no_more_connections() {
    let house = house().await;
    let address = house.running.address();
    house.create(&valid("name")).await.is_created();
    house.running.stop().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_an_error() {
    let house = house().await;
    let port = house.running.address().port();
    assert!(start(Options { port, ..Options::default() }).await.is_err());
}

/// The request that every fault accepts and every variant answers.
fn ordinary() -> Value {
    json!({
        "name": "abcdefghijklmnop",
        "description": "a plain description",
        "vpc_id": "5f5fd3b9-5a4c-4c9b-9d4e-0c6a4a3f9a11",
        "subnet_id": "0d5b5b0e-5c0a-4f0c-8a8e-3c2b1a0f9e8d",
    })
}

#[test]
fn the_ids_of_faults_and_variants_are_unique_slugs() {
    let mut seen = HashSet::new();
    for id in FAULTS.iter().map(|fault| fault.id.as_str()).chain(VARIANTS.iter().map(|variant| variant.id)) {
        assert!(seen.insert(id), "{id} twice");
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{id}");
    }
    assert!(FAULTS.len() >= 170, "{}", FAULTS.len());
    assert!(VARIANTS.len() >= 18, "{}", VARIANTS.len());
}

#[test]
fn every_fault_and_variant_is_found_by_its_id_and_says_what_it_does() {
    for row in FAULTS.iter() {
        assert_eq!(fault(&row.id).unwrap().id, row.id);
        assert!(!row.says.is_empty() && !row.clause.is_empty());
    }
    for row in VARIANTS.iter() {
        assert_eq!(variant(row.id).unwrap().id, row.id);
        assert!(!row.says.is_empty());
    }
    assert!(fault("no-such-fault").is_none() && variant("no-such-variant").is_none());
}

#[test]
fn every_fault_breaks_a_clause_of_the_contract_and_every_testable_clause_has_a_fault() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/connections/contract.yaml");
    // The contract stands on its own; without it there is nothing to compare with.
    let Ok(contract) = std::fs::read_to_string(path) else { return };
    let clauses: HashSet<&str> = contract.lines().filter_map(clause_of).collect();
    let broken: HashSet<&str> = FAULTS.iter().map(|fault| fault.clause.as_str()).collect();
    let unknown: Vec<_> = broken.difference(&clauses).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let unbroken: Vec<_> = clauses.difference(&broken).filter(|clause| !clause.starts_with("ambiguity.")).collect();
    assert!(unbroken.is_empty(), "{unbroken:?}");
}

/// The clause that a line of the contract begins: two blanks, a dotted id and a colon.
fn clause_of(line: &str) -> Option<&str> {
    let id = line.strip_prefix("  ")?.strip_suffix(':')?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (id.contains('.') && id.chars().all(fits)).then_some(id)
}

/// Variants that know no VPC but their own.
const LOOKING_UP: [&str; 4] = ["ids-looked-up-400", "ids-looked-up-404", "ids-must-be-uuid", "cloud"];

#[tokio::test]
async fn every_variant_accepts_the_ordinary_request() {
    for variant in VARIANTS.iter().filter(|variant| !LOOKING_UP.contains(&variant.id)) {
        let house = house_with(Options { variants: vec![variant], ..Options::default() }).await;
        let headers = [("X-Auth-Token", "good-token"), ("Content-Type", "application/json")];
        let answer = house.send(Method::POST, "/v1/p/connections", &headers, ordinary().to_string()).await;
        assert_eq!(answer.status, 200, "{}: {}", variant.id, answer.text);
        // One variant answers with half a surrogate pair, which is JSON but nothing that `serde_json` can hold.
        let body = conformant::http::parse_strictly(answer.text.as_bytes()).unwrap();
        for member in ["name", "vpc_id", "subnet_id"] {
            assert_eq!(body[member], ordinary()[member], "{}", variant.id);
        }
        assert!(answer.headers["content-type"].to_lowercase().starts_with("application/json"), "{}", variant.id);
        assert!(answer.headers.contains_key("x-request-id"), "{}", variant.id);
    }
}

#[tokio::test]
async fn a_fault_that_is_not_about_answers_accepts_the_ordinary_request() {
    let kept = ["route.", "token.", "name.", "description.", "vpc_id.", "subnet_id.", "body.", "error.", "refusal."];
    for fault in FAULTS.iter().filter(|fault| kept.iter().any(|kind| fault.clause.starts_with(kind))) {
        let house = house_with(Options { fault: Some(fault), ..Options::default() }).await;
        let headers = [("X-Auth-Token", "good-token"), ("Content-Type", "application/json")];
        let answer = house.send(Method::POST, "/v1/p/connections", &headers, ordinary().to_string()).await;
        assert_eq!(answer.status, 200, "{}: {}", fault.id, answer.text);
        let body = answer.json();
        for member in ["name", "description", "vpc_id", "subnet_id"] {
            assert_eq!(body[member], ordinary()[member], "{}", fault.id);
        }
        assert_eq!(body.as_object().unwrap().len(), 10, "{}", fault.id);
    }
}
/// Requests that, one after another on one connection, show every fault that is not about concurrency.
fn corpus() -> Vec<Probe> {
    let mut bodies: Vec<String> = Vec::new();
    let mut number = 0;
    let mut add = |member: &str, value: Value| {
        number += 1;
        let mut body = valid(&format!("probe{number}"));
        body["description"] = format!("text {number}").into();
        body[member] = value;
        bodies.push(body.to_string());
    };
    for length in [0, 1, 63, 64, 65, 127, 128, 129, 130, 256, 257, 1000] {
        add("name", "n".repeat(length).into());
    }
    for c in ".-_ /:@+*%\\'\"<,;~!$#&(=?[^`{|\0\t\n\r\u{1b}\u{7f}\u{a0}\u{200b}\u{2013}\u{1f600}zZ9A0".chars() {
        add("name", format!("Ab{c}de").into());
    }
    for c in ".-_ \0\n\r".chars() {
        for name in [format!("fg{c}"), format!("{c}hi"), c.to_string()] {
            add("name", name.into());
        }
    }
    for name in
        ["default", "adefault", "defaulta", "adefaulta", "123", "a..b", "ok\n??", "a\0/", "0a", "a-b", "a_b", "A-B"]
    {
        add("name", name.into());
    }
    for half in ["a", "b"] {
        add("name", ("l".repeat(80) + half).into());
    }
    for text in ["", " padded ", "<b>", "it's", "\"", "\\", "é", "😀", "CAPITALS", "a & b", "line\nline", "text: 100%"]
    {
        add("description", text.into());
    }
    for length in [36, 37, 100, 101, 127, 128, 129, 130, 254, 255, 256, 257, 1000] {
        for member in ["description", "vpc_id", "subnet_id"] {
            add(member, "i".repeat(length).into());
        }
    }
    for member in ["name", "description", "vpc_id", "subnet_id", "Name"] {
        for value in [json!(7), json!(true), json!(["text"]), json!([]), json!({ "a": 1 }), Value::Null] {
            add(member, value);
        }
    }
    add("vpc_id", "a-vpc-In-capitalS".into());
    add("subnet_id", "a-subnet-In-capitalS".into());
    for member in ["name", "description", "vpc_id", "subnet_id"] {
        bodies
            .push(without(member).to_string().replace("\"name\":\"name\"", &format!("\"name\":\"without-{member}\"")));
    }
    let mut probes: Vec<Probe> = bodies.into_iter().map(|body| Probe::body(body.into_bytes())).collect();
    probes.extend(odd_bodies().into_iter().map(Probe::body));
    probes.extend(other_requests());
    // After some, a plain request that must not be touched by it; after all, the name, which must be free if refused.
    let mut all = Vec::new();
    for (n, probe) in probes.into_iter().enumerate() {
        let again =
            serde_json::from_slice::<Value>(&probe.body).ok().and_then(|body| Some(body["name"].as_str()?.to_owned()));
        let again = again
            .filter(|name| name.len() < 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        let odd = probe.body.windows(8).any(|window| window == b"of odd16");
        all.push(probe);
        if odd {
            continue;
        }
        if n % 4 == 0 || again.is_none() || n < 12 {
            all.push(Probe::body(valid(&format!("plain{n}")).to_string().into_bytes()));
        }
        all.extend(again.map(|name| Probe::body(valid(&name).to_string().into_bytes())));
    }
    all
}

fn odd_bodies() -> Vec<Vec<u8>> {
    let whole = |n: usize| valid(&format!("odd{n}")).to_string();
    let mut texts: Vec<String> =
        ["", "null", "[]", "\"text\"", "7", "{", "name=a&vpc_id=b&subnet_id=c"].map(str::to_owned).into();
    texts.push(format!("[{}]", whole(1)));
    texts.push(format!("{}x", whole(2)));
    texts.push(whole(3).trim_end_matches('}').to_owned());
    texts.push(whole(4).replace('}', ",}"));
    texts.push(whole(5).replace('"', "'"));
    texts.push(whole(6).replace("\"name\"", "name"));
    texts.push(whole(7).replace('}', "/* comment */}"));
    texts.push(format!("{:#}", valid("odd8")));
    texts.push(format!(" {}", whole(9)));
    texts.push(whole(10).replace("odd", "\\u006fdd"));
    texts.push("{\"vpc_id\":\"v\",\"name\":\"odd11\",\"subnet_id\":\"s\"}".to_owned());
    texts.push(json!(whole(12)).to_string());
    texts.push(whole(15).replace("\"name\"", "\"Name\""));
    texts.push(valid("7").to_string());
    texts.push(whole(16).replace("\"description\":\"\"", "\"description\":\"that of odd16\""));
    texts.push(whole(17).replace("\"description\":\"\",", ""));
    let mut bodies: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    bodies.push(whole(13).encode_utf16().flat_map(u16::to_le_bytes).collect());
    bodies.push(whole(14).bytes().map(|byte| if byte == b' ' { 0xff } else { byte }).collect());
    bodies
}

fn other_requests() -> Vec<Probe> {
    let plain = |n: usize| Probe::body(valid(&format!("other{n}")).to_string().into_bytes());
    let long = "x".repeat(16_385);
    let tokens = ["", "wrong", "good-tokem", "GOOD-TOKEN", "good-toke", "good-token2", "limited-token", &long];
    let mut probes: Vec<Probe> =
        tokens.iter().enumerate().map(|(n, token)| Probe { token: Some((*token).to_owned()), ..plain(n) }).collect();
    probes.push(Probe { token: None, ..plain(20) });
    probes.push(Probe { lower: true, ..plain(21) });
    probes.push(Probe { kind: "application/json; charset=utf-8", ..plain(22) });
    let paths = [
        "/v2/p/connections",
        "/v1/p/connections/x",
        "/v1/p/connectionsx",
        "/v1/p/connection",
        "/p/connections",
        "/v1/p/q/connections",
        "/",
    ];
    probes.extend(paths.iter().enumerate().map(|(n, path)| Probe { path, ..plain(30 + n) }));
    probes.push(Probe { path: "/v1/other/connections", ..Probe::body(valid("plain1").to_string().into_bytes()) });
    for (n, method) in [Method::PUT, Method::PATCH, Method::DELETE].into_iter().enumerate() {
        probes.push(Probe { method, ..plain(50 + n) });
    }
    for name in ["plain1", "Plain1", "plain2", "plain1", "plain1x"] {
        probes.push(Probe::body(valid(name).to_string().into_bytes()));
    }
    probes
}

/// One request of the corpus.
#[derive(Clone)]
struct Probe {
    method: Method,
    path: &'static str,
    token: Option<String>,
    kind: &'static str,
    lower: bool,
    body: Vec<u8>,
}

impl Probe {
    fn body(body: Vec<u8>) -> Self {
        let token = Some("good-token".to_owned());
        Self { method: Method::POST, path: "/v1/p/connections", token, kind: "application/json", lower: false, body }
    }

    /// What came back, without what differs from answer to answer; what may not repeat is told where it does.
    async fn show(&self, house: &House, lower: &Client, seen: &mut HashSet<String>) -> String {
        let client = if self.lower { lower } else { &house.client };
        let url = format!("http://{}{}", house.running.address(), self.path);
        let mut request =
            client.request(self.method.clone(), url).body(self.body.clone()).header("Content-Type", self.kind);
        if let Some(token) = &self.token {
            request = request.header("X-Auth-Token", token);
        }
        let answer = match request.timeout(std::time::Duration::from_secs(2)).send().await {
            Ok(answer) => answer,
            Err(_) => return "no answer".to_owned(),
        };
        let status = answer.status();
        let mut headers: Vec<String> =
            answer.headers().iter().map(|(name, value)| shown(name.as_str(), value, seen)).collect();
        headers.sort();
        let Ok(bytes) = answer.bytes().await else { return "no body".to_owned() };
        let body = match serde_json::from_slice::<Value>(&bytes) {
            Ok(mut body) if body.to_string().as_bytes() == &bytes[..] => {
                normalise(&mut body, seen);
                body.to_string()
            }
            _ => format!("{bytes:?}"),
        };
        format!("{status} {headers:?} {body}")
    }
}

fn shown(name: &str, value: &reqwest::header::HeaderValue, seen: &mut HashSet<String>) -> String {
    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
    match name {
        "date" | "content-length" => name.to_owned(),
        "x-request-id" if value.len() == 60 && value.ends_with("-reference") && seen.insert(value.clone()) => {
            name.to_owned()
        }
        _ => format!("{name}: {value}"),
    }
}

fn normalise(body: &mut Value, seen: &mut HashSet<String>) {
    let now = jiff::Timestamp::now();
    let written = |second| (now + jiff::SignedDuration::from_secs(second)).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let times = ["created_time", "updated_time"]
        .map(|member| body.get(member).and_then(Value::as_str).unwrap_or_default().to_owned());
    if times[0] <= times[1] {
        for (member, time) in ["created_time", "updated_time"].into_iter().zip(&times) {
            if (-5..=1).any(|second| written(second) == *time) {
                body[member] = "fine".into();
            }
        }
    }
    if body.get("id").and_then(Value::as_str).is_some_and(|id| id.len() == 36 && seen.insert(id.to_owned())) {
        body["id"] = "fine".into();
    }
}

/// What comes of requests at the same time: eight of one name, eight of other names.
async fn crowd(house: &House) -> String {
    let mut seen = HashSet::new();
    let (mut alike, mut apart) = (Vec::new(), String::new());
    let same = valid("crowd");
    for answer in futures_util::future::join_all((0..8).map(|_| house.create(&same))).await {
        alike.push(answer.status);
    }
    alike.sort_unstable();
    let bodies: Vec<Value> = (0..8).map(|n| valid(&format!("crowd{n}"))).collect();
    for (n, answer) in
        futures_util::future::join_all(bodies.iter().map(|body| house.create(body))).await.iter().enumerate()
    {
        let body = answer.json();
        apart += &format!(
            "{} {} {}; ",
            answer.status,
            body["name"] == format!("crowd{n}"),
            seen.insert(body["id"].to_string())
        );
    }
    format!("{alike:?} {apart}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes a minute or two: run it with --ignored after a change of the faults"]
async fn every_fault_shows_in_some_answer() {
    let corpus = corpus();
    let lower = Client::builder().no_proxy().build().unwrap();
    let (right, mut seen) = (house().await, HashSet::new());
    let mut expected = Vec::new();
    for probe in &corpus {
        expected.push(probe.show(&right, &lower, &mut seen).await);
    }
    let calm = crowd(&right).await;
    let mut hidden = Vec::new();
    for fault in FAULTS.iter() {
        let (house, mut seen) =
            (house_with(Options { fault: Some(fault), ..Options::default() }).await, HashSet::new());
        let mut shows = false;
        for (probe, expected) in corpus.iter().zip(&expected) {
            if probe.show(&house, &lower, &mut seen).await != *expected {
                shows = true;
                break;
            }
        }
        if !shows && crowd(&house).await == calm {
            hidden.push(fault.id.as_str());
        }
    }
    assert!(hidden.is_empty(), "{hidden:?}");
}
