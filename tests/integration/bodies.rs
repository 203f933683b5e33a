//! Bodies of every kind, and links that are followed.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::support::reply::Message;
use crate::support::request::Request;
use crate::support::run::{Run, run};
use crate::support::server::Server;
use crate::support::things;

const CONTRACT: &str = r"openapi: 3.1.0
info: { title: Bodies, version: '1' }
paths:
  /forms: { post: { operationId: postForm, requestBody: { content: { application/x-www-form-urlencoded: {} } }, responses: &fine { '200': { description: fine } } } }
  /files: { post: { operationId: postFiles, requestBody: { content: { multipart/form-data: {} } }, responses: *fine } }
  /lines: { post: { operationId: postLines, requestBody: { content: { application/x-ndjson: {} } }, responses: *fine } }
  /blobs: { put: { operationId: putBlob, requestBody: { content: { application/octet-stream: {} } }, responses: *fine } }
  /pages: { get: { operationId: getPages, responses: *fine } }
x-checks: { documented-status: answer.status, body: answer.status, error-body: answer.status }
x-clauses:
  answer.status: { level: must, says: a status is documented, source: here, polarities: [hold] }
  answer.steady: { level: must, says: equal requests get equal answers, source: here, polarities: [hold] }
";

const SUITE: &str = r#"title: Bodies
contract: contract.yaml
control: { clause: answer.steady }
operations:
  postForm: { request: { body: { a: 1, b: [x, "ä &"] } }, accepted: 200 }
  postFiles:
    request:
      body:
        note: "{{ 'hi' | upper }}"
        upload: { filename: a.bin, content_type: application/x-thing, file: data/a.bin }
    accepted: 200
  postLines: { request: { body: [{ a: 1 }, { a: 2 }] }, accepted: 200 }
  putBlob: { request: { raw: { file: data/a.bin } }, accepted: 200 }
  getPages: { accepted: 200 }
"#;

const PAGES: &str = r#"title: Bodies
cases:
  - id: form
    operation: postForm
    body: { a: 2 }
    expect: 200
    statements: [{ clause: answer.status, at: /headers/x-a, equals: "{{ request.body.a }}" }]
  - id: files
    operation: postFiles
    body: { upload: { filename: "b\".bin" }, note: [one, two] }
    expect: 200
  - id: lines
    operation: postLines
    expect: 200
  - id: other-lines
    operation: postLines
    body: [{ a: "{{ 1 + 2 }}" }, x, 4]
    expect: 200
  - id: blob
    operation: putBlob
    expect: 200
  - id: other-media-type
    operation: postForm
    headers: { Content-Type: text/plain }
    expect: 200
  - id: next
    operation: getPages
    steps:
      - { save: first, expect: 200 }
      - path: "{{ first.response.headers.link | link('next') | local_path }}"
        expect: 200
"#;

/// What was sent: method and path, media type, and body.
type Sent = Vec<(String, String, Vec<u8>)>;

fn judged(suite: &str, pages: &str, link: impl Fn(&str) -> String + Send + Sync + 'static) -> (Run, Sent) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&sent);
    let server = Server::start(move |request: &Request| {
        let media_type = request.value("content-type").unwrap_or_default().to_owned();
        let asked = format!("{} {}", request.method, request.target);
        kept.lock().unwrap().push((asked, media_type, request.body.clone()));
        let a = String::from_utf8_lossy(&request.body);
        let a = a.split('&').find_map(|field| field.strip_prefix("a=")).unwrap_or_default().to_owned();
        let host = request.value("host").unwrap_or_default();
        Message::new(200).with_header("X-A", a).with_header("Link", link(host)).with_body("")
    });
    let (_folder, folder) =
        things::suite_of(&[("contract.yaml", CONTRACT), ("suite.yaml", suite), ("pages.yaml", pages)]);
    fs::create_dir(Path::new(&folder).join("data")).unwrap();
    fs::write(Path::new(&folder).join("data/a.bin"), b"\xff\x00\r\n\xfe").unwrap();
    let run = run(&["--suite", &folder, "--target", &server.url(), "--jobs", "1"]);
    let sent = sent.lock().unwrap().clone();
    (run, sent)
}

fn next_page(host: &str) -> String {
    format!("<http://{host}/pages?page=0>; rel=prev, <http://{host}/pages?page=2>; rel=\"next\"")
}

#[test]
fn a_body_is_written_as_its_media_type_has_it_and_the_media_type_is_the_documents() {
    let (run, sent) = judged(SUITE, PAGES, next_page);
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    let of = |asked: &str, media_type: &str| {
        let fits = |(known, of, _): &&(String, String, Vec<u8>)| known == asked && of.starts_with(media_type);
        sent.iter().filter(fits).map(|(_, of, body)| (of.clone(), body.clone())).collect::<Vec<_>>()
    };
    let forms = of("POST /forms", "application/x-www-form-urlencoded");
    assert!(forms.iter().any(|(_, body)| body == b"a=1&b=x&b=%C3%A4+%26"), "{sent:?}");
    assert!(forms.iter().any(|(_, body)| body == b"a=2&b=x&b=%C3%A4+%26"), "{sent:?}");
    assert_eq!(of("POST /forms", "text/plain")[0].1, b"a=1&b=x&b=%C3%A4+%26");
    let lines = of("POST /lines", "application/x-ndjson");
    assert_eq!(lines[0].1, b"{\"a\":1}\n{\"a\":2}\n");
    assert!(lines.iter().any(|(_, body)| body == b"{\"a\":3}\n\"x\"\n4\n"), "{sent:?}");
    assert_eq!(of("PUT /blobs", "application/octet-stream")[0].1, b"\xff\x00\r\n\xfe");
    let (media_type, body) = of("POST /files", "multipart/form-data")
        .into_iter()
        .find(|(_, body)| String::from_utf8_lossy(body).contains("two"))
        .unwrap();
    let boundary = media_type.split_once("; boundary=").unwrap().1.to_owned();
    let parts: Vec<&[u8]> = vec![
        b"Content-Disposition: form-data; name=\"note\"\r\n\r\none",
        b"Content-Disposition: form-data; name=\"note\"\r\n\r\ntwo",
        b"Content-Disposition: form-data; name=\"upload\"; filename=\"b%22.bin\"\r\nContent-Type: application/x-thing\r\n\r\n\xff\x00\r\n\xfe",
    ];
    let expected = parts
        .iter()
        .map(|part| [b"--", boundary.as_bytes(), b"\r\n", part, b"\r\n"].concat())
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(
        body,
        [expected, format!("--{boundary}--\r\n").into_bytes()].concat(),
        "{}",
        String::from_utf8_lossy(&body)
    );
    assert!(sent.iter().any(|(asked, ..)| asked == "GET /pages?page=2"), "{sent:?}");
}

#[test]
fn a_relative_link_is_read_from_the_url_that_was_asked() {
    let pages = PAGES.replace("| local_path", "| local_path(first.request.url)");
    let (run, sent) = judged(SUITE, &pages, |_| "<?page=3>; rel=next".to_owned());
    assert_eq!(run.exit, 0, "{}{}", run.terminal, run.trouble);
    assert!(sent.iter().any(|(asked, ..)| asked == "GET /pages?page=3"), "{sent:?}");
}

#[test]
fn a_link_to_another_server_is_not_followed() {
    let (run, sent) = judged(SUITE, PAGES, |_| "<http://127.0.0.2:9/pages>; rel=next".to_owned());
    let next = run.events.iter().find(|event| event["id"] == "things/pages/next").unwrap();
    assert_eq!(next["outcome"], "error", "{}", run.terminal);
    assert!(next["reason"].as_str().unwrap().contains("leads away from the target"), "{next}");
    assert!(sent.iter().all(|(asked, ..)| !asked.contains("127.0.0.2")), "{sent:?}");
}

#[test]
fn a_file_that_can_not_be_sent_is_told_at_its_place() {
    let mut told = Vec::new();
    for file in ["data/b.bin", "../a.bin", "data"] {
        let (run, sent) =
            judged(&SUITE.replace("raw: { file: data/a.bin }", &format!("raw: {{ file: {file} }}")), PAGES, next_page);
        assert_eq!((run.exit, sent.len()), (2, 0), "{}", run.terminal);
        told.extend(run.trouble.lines().filter(|line| line.starts_with("error")).map(str::to_owned));
    }
    assert_eq!(
        told,
        [
            "error: the file `data/b.bin` isn't in the suite's folder",
            "error: the file `../a.bin` leads out of the suite's folder",
            "error: the file `data` can't be used: not a regular file"
        ]
    );
}
