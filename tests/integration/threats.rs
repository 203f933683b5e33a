//! The table of threats, each against the whole shipped suite with every report: how the run ends, how long it takes, how
//! much memory and disk it costs. Left out of the usual tests, since each row is a run:
//!
//! ```text
//! cargo test --release --test integration threats -- --ignored --nocapture
//! ```
//!
//! `THREAT` chooses rows by parts of their names, with `|` between them, `THREAT_ARGUMENTS` adds arguments of the run, and
//! `THREAT_PROGRAM` names another build of the program.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::binary::conformant;
use crate::support::other::{LIMITED_TOKEN, Other, Rules, TOKEN};
use crate::support::reply::{Framing, Message, Reply};
use crate::support::request::Request;
use crate::support::server::Server;

/// What no run may exceed, whatever its target does.
const MOST: Cost = Cost { seconds: 15.0, memory: 128 << 20, written: 16 << 20 };

/// What a run took.
#[derive(Debug, Clone, Copy)]
struct Cost {
    seconds: f64,
    /// The peak of what is resident, in bytes.
    memory: u64,
    /// What reports, ledger and terminal came to, in bytes.
    written: u64,
}

/// What a hostile server makes of a right answer, each time with another number.
type Change = fn(&Request, Message, usize) -> Reply;

/// A row: what the target does, and the exit codes that are right for it.
struct Threat(&'static str, &'static [i32], Change);

/// Changes what a success says.
fn accepted(request: &Request, message: Message, change: impl FnOnce(&mut Value)) -> Reply {
    let is_made = request.method == "POST" && message.status == 200;
    if is_made { message.with_json(change).into() } else { message.into() }
}

/// Changes what a refusal says.
fn refused(message: Message, change: impl FnOnce(&mut Value)) -> Reply {
    if message.status >= 400 { message.with_json(change).into() } else { message.into() }
}

/// So many copies of a text with a number behind each.
fn numbered(text: &str, number: usize, times: usize) -> Value {
    format!("{text}{number}").repeat(times).into()
}

fn with_headers(message: Message, count: usize, value: impl Fn(usize) -> String) -> Message {
    (0..count).fold(message, |message, number| message.with_header(&format!("X-H{number}"), value(number)))
}

fn head(fields: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{fields}\r\n").into_bytes()
}

/// Everything that a target does here.
const THREATS: &[Threat] = &[
    Threat("answers as it should", &[0, 3], |_, message, _| message.into()),
    Threat("accepts and never answers", &[1, 3], |_, _, _| Reply::Silence),
    Threat("stops in the head", &[1, 3], |_, _, _| Reply::Beginning(b"HTTP/1.1 200 OK\r\nContent-Le".to_vec())),
    Threat("stops in the body", &[1, 3], |_, _, _| Reply::Beginning(head("Content-Length: 100\r\n"))),
    Threat("one byte each 50 ms", &[1, 3], |_, _, _| Reply::Endless {
        head: head("Content-Length: 100000\r\n"),
        piece: b"x".to_vec(),
        pause: Duration::from_millis(50),
    }),
    Threat("is silent from the first probe on", &[1, 3], |_, message, number| match number < 3 {
        true => message.into(),
        false => Reply::Silence,
    }),
    // Three requests for the control, and two for each of five probes.
    Threat("answers the control and the probes alone", &[1, 3], |_, message, number| match number < 13 {
        true => message.into(),
        false => Reply::Silence,
    }),
    Threat("an endless body", &[1, 3], |_, _, _| Reply::Endless {
        head: head("Connection: close\r\n"),
        piece: vec![b'x'; 16_384],
        pause: Duration::ZERO,
    }),
    Threat("an endless body after the control", &[1, 3], |_, message, number| match number < 12 {
        true => message.into(),
        false => {
            Reply::Endless { head: head("Connection: close\r\n"), piece: vec![b'x'; 16_384], pause: Duration::ZERO }
        }
    }),
    Threat("endless chunks", &[1, 3], |_, _, _| Reply::Endless {
        head: head("Transfer-Encoding: chunked\r\n"),
        piece: b"1\r\nx\r\n".repeat(1_000),
        pause: Duration::ZERO,
    }),
    Threat("a huge Content-Length", &[1, 3], |_, _, _| Reply::Bytes(head("Content-Length: 99999999999999\r\n"))),
    Threat("an endless head", &[1, 3], |_, _, _| Reply::Endless {
        head: b"HTTP/1.1 200 OK\r\n".to_vec(),
        piece: b"X-Long: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".to_vec(),
        pause: Duration::ZERO,
    }),
    Threat("a flood of interim answers", &[1, 3], |_, _, _| Reply::Endless {
        head: Vec::new(),
        piece: b"HTTP/1.1 102 Processing\r\n\r\n".repeat(10),
        pause: Duration::ZERO,
    }),
    Threat("garbage", &[1, 3], |_, _, number| Reply::Bytes(format!("\u{1b}[31m{number} no HTTP\n").into_bytes())),
    Threat("garbage after the control", &[1, 3], |_, message, number| match number < 12 {
        true => message.into(),
        false => Reply::Bytes(format!("\u{1b}[31m{number} no HTTP\n").into_bytes()),
    }),
    Threat("a body that breaks off", &[1, 3], |_, _, _| Reply::Bytes(head("Content-Length: 100\r\n"))),
    Threat("redirects to itself", &[1, 3], |request, _, _| {
        Message::new(307).with_header("Location", request.target.clone()).into()
    }),
    Threat("85 header fields of 3,900 bytes", &[0, 1, 3], |_, message, _| {
        with_headers(message, 85, |_| "h".repeat(3_900)).into()
    }),
    Threat("the same, each another, beside a wrong status", &[1, 3], |request, message, number| {
        let message = with_headers(message, 85, |field| format!("{}{number}-{field}", "h".repeat(3_900)));
        accepted(request, message, |body| body["status"] = numbered("W", number, 1))
    }),
    Threat("40 header fields with names of 8,000 characters", &[0, 1, 3], |_, message, _| {
        (0..40)
            .fold(message, |message, number| message.with_header(&format!("X{number}-{}", "n".repeat(8_000)), "v"))
            .into()
    }),
    Threat("90 cookies, each another", &[0, 1, 3], |_, message, number| {
        let cookie = |field| format!("c{field}={number}-{}; Path=/; HttpOnly", "c".repeat(3_000));
        (0..90).fold(message, |message, field| message.with_header("Set-Cookie", cookie(field))).into()
    }),
    Threat("a reason phrase of 300 KB", &[0, 1, 3], |request, message, _| {
        let bytes = Message { close: true, ..message }.bytes(&request.method);
        let line = bytes.iter().position(|byte| *byte == b'\r').unwrap_or_default();
        let (status, rest) = bytes.split_at(line);
        Reply::Bytes([status, "reason ".repeat(43_000).as_bytes(), rest].concat())
    }),
    Threat("a body in 200,000 chunks", &[0, 1, 3], |_, message, _| {
        let padded = message.with_json(|body| body["pad"] = "p".repeat(200_000).into());
        Message { framing: Framing::Chunks(1), ..padded }.into()
    }),
    Threat("an id of 900 KB, each another", &[0, 1, 3], |request, message, number| {
        accepted(request, message, |body| body["id"] = format!("{}{number}", "x".repeat(900_000)).into())
    }),
    Threat("an id of 900 KB, always the same", &[1, 3], |request, message, _| {
        accepted(request, message, |body| body["id"] = "x".repeat(900_000).into())
    }),
    Threat("an id of 349,000 lists", &[1, 3], |request, message, _| {
        accepted(request, message, |body| body["id"] = json!(vec![json!([]); 349_000]))
    }),
    Threat("60,000 other members", &[0, 1, 3], |request, message, _| {
        accepted(request, message, |body| {
            let members = (0..60_000).map(|number| (format!("k{number}"), Value::from(number)));
            body.as_object_mut().expect("an object").extend(members);
        })
    }),
    Threat("20,000 other members", &[0, 1, 3], |request, message, _| {
        accepted(request, message, |body| {
            let members = (0..20_000).map(|number| (format!("member-{number}"), Value::from(number)));
            body.as_object_mut().expect("an object").extend(members);
        })
    }),
    Threat("members with names of 100 KB, each another", &[0, 1, 3], |_, message, number| {
        let members = (0..9).map(|member| (format!("{member}-{number}-{}", "k".repeat(100_000)), Value::from(member)));
        message.with_json(|body| body.as_object_mut().into_iter().for_each(|body| body.extend(members.clone()))).into()
    }),
    Threat("a member twice, with a name of 400 KB", &[1, 3], |_, message, _| {
        let name = "k".repeat(400_000);
        message.with_body(format!("{{\"{name}\":1,\"{name}\":2}}")).into()
    }),
    Threat("objects 120 deep, 400 times", &[0, 1, 3], |_, message, _| {
        let deep = (0..120).fold(json!(1), |inner, _| json!({ "o": inner }));
        message.with_json(|body| body["deep"] = vec![deep.clone(); 400].into()).into()
    }),
    Threat("900 KB of escapes", &[0, 1, 3], |_, message, number| {
        message.with_json(|body| body["pad"] = format!("{number}{}", "%41&amp;\n\"".repeat(90_000)).into()).into()
    }),
    Threat("300,000 empty lines around the JSON", &[0, 1, 3], |_, message, _| {
        let lines = "\r\n".repeat(150_000).into_bytes();
        let body = [&lines, message.body.as_slice(), &lines].concat();
        message.with_body(body).into()
    }),
    Threat("900 KB of what deceives readers", &[0, 1, 3], |_, message, number| {
        message.with_json(|body| fill(body, &format!("{number}{}", "\u{202e}\u{200b}".repeat(30_000)))).into()
    }),
    Threat("5,000 flavors", &[1, 3], |request, message, _| {
        accepted(request, message, |body| body["flavor"] = vec![body["flavor"].clone(); 5_000].into())
    }),
    Threat("3,000 values of a member that has one", &[1, 3], |request, message, number| {
        accepted(request, message, |body| {
            body["status"] = (0..3_000).map(|item| format!("S{item}-{number}")).collect::<Vec<_>>().into();
        })
    }),
    Threat("long names, each another", &[1, 3], |request, message, number| {
        accepted(request, message, |body| {
            for member in ["name", "description", "vpc_id"] {
                body[member] = numbered(member, number, 20_000);
            }
        })
    }),
    Threat("long times, each another", &[1, 3], |request, message, number| {
        accepted(request, message, |body| {
            for member in ["created_time", "updated_time"] {
                body[member] = numbered("t", number, 30_000);
            }
        })
    }),
    Threat("1 MB of padding beside a wrong status", &[1, 3], |request, message, number| {
        accepted(request, message, |body| {
            (body["pad"], body["status"]) = ("p".repeat(1_000_000).into(), numbered("W", number, 1));
        })
    }),
    Threat("an error_msg of 900 KB", &[0, 1, 3], |_, message, _| {
        refused(message, |body| body["error_msg"] = "e".repeat(900_000).into())
    }),
    Threat("the same, each another", &[0, 1, 3], |_, message, number| {
        refused(message, |body| body["error_msg"] = format!("{}{number}", "e".repeat(900_000)).into())
    }),
    Threat("long error codes, each another", &[1, 3], |_, message, number| {
        refused(message, |body| body["error_code"] = numbered("C", number, 100_000))
    }),
    Threat("lists 200,000 deep", &[1, 3], |_, message, _| {
        message.with_body(format!("{}{}", "[".repeat(200_000), "]".repeat(200_000))).into()
    }),
    Threat("a number of 900,000 digits", &[1, 3], |_, message, _| message.with_body("9".repeat(900_000)).into()),
    Threat("NULs", &[1, 3], |_, message, _| message.with_body(vec![0; 900_000]).into()),
    Threat("900 KB of bytes that are no text", &[1, 3], |_, message, _| message.with_body(vec![0xff; 900_000]).into()),
    Threat("garbage but for the valid request", &[1, 3], |request, message, number| {
        let is_valid = request.method == "POST" && message.status == 200;
        if is_valid { message.into() } else { Reply::Bytes(format!("{number} no HTTP\n").into_bytes()) }
    }),
    Threat("an error page of 900 KB with status 500", &[1, 3], |_, _, number| {
        Message::new(500).with_body(format!("<p>{number}</p>").repeat(70_000)).into()
    }),
    Threat("markup and escapes in every text", &[1, 3], |_, message, number| {
        let hostile = format!("<script>]]>\u{1b}[2J\u{202e}\n::error::{number}|`'\"");
        message.with_json(|body| fill(body, &hostile)).into()
    }),
    Threat("the token in every text", &[1, 3], |_, message, _| message.with_json(|body| fill(body, TOKEN)).into()),
];

/// Puts a text in the stead of every text in a value.
fn fill(value: &mut Value, text: &str) {
    match value {
        Value::String(old) => text.clone_into(old),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, text)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, text)),
        _ => {}
    }
}

fn hostile(change: Change) -> Server {
    let (other, number) = (Arc::new(Other::new(Rules::default())), AtomicUsize::new(0));
    Server::start(move |request| change(request, other.answer(request), number.fetch_add(1, Ordering::Relaxed)))
}

pub fn program() -> Command {
    std::env::var_os("THREAT_PROGRAM").map_or_else(conformant, Command::new)
}

/// Runs the shipped suite with every report; the exit code and what it took.
fn run(url: &str) -> (Option<i32>, Cost) {
    let folder = tempfile::tempdir().unwrap();
    let (token, limited) = (format!("token={TOKEN}"), format!("limited_token={LIMITED_TOKEN}"));
    let mut command = program();
    command.args(["run", "--target", url, "--secret", &token, "--secret", &limited]);
    command.args(["--variable", "other_project_id=project-b"]);
    for (format, file) in [
        ("json", "run.ndjson"),
        ("junit", "run.xml"),
        ("html", "run.html"),
        ("markdown", "run.md"),
        ("ctrf", "run.ctrf"),
    ] {
        command.arg(format!("--report-{format}")).arg(folder.path().join(file));
    }
    command.args(std::env::var("THREAT_ARGUMENTS").unwrap_or_default().split_whitespace());
    command.env("CONFORMANT_LEDGER", folder.path().join("ledgers"));
    let output = |name: &str| File::create(folder.path().join(name)).unwrap();
    let started = Instant::now();
    let mut child = command.stdout(output("out")).stderr(output("err")).spawn().unwrap();
    let mut memory = 0;
    let exit = loop {
        memory = memory.max(peak(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        thread::sleep(Duration::from_millis(5));
    };
    let cost = Cost { seconds: started.elapsed().as_secs_f64(), memory, written: size(folder.path()) };
    (exit, cost)
}

/// The most memory that a process ever had.
pub fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or_default() * 1024
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }).sum()
}

#[test]
#[ignore = "each row is a run of the whole suite"]
fn threats() {
    let wanted = std::env::var("THREAT").unwrap_or_default();
    println!("{:48} {:>4} {:>8} {:>10} {:>10}", "the target", "exit", "seconds", "peak KiB", "written");
    let mut beyond = Vec::new();
    for Threat(name, exits, change) in
        THREATS.iter().filter(|threat| wanted.split("|").any(|part| threat.0.contains(part)))
    {
        let (exit, cost) = run(&hostile(*change).url());
        let Cost { seconds, memory, written } = cost;
        println!("{name:48} {:>4} {seconds:8.1} {:>10} {written:>10}", exit.unwrap_or(-1), memory / 1024);
        let is_within = seconds <= MOST.seconds && memory <= MOST.memory && written <= MOST.written;
        if !is_within || !exit.is_some_and(|exit| exits.contains(&exit)) {
            beyond.push(format!("{name}: exit {exit:?}, {cost:?}"));
        }
    }
    assert!(beyond.is_empty(), "beyond {MOST:?}:\n{}", beyond.join("\n"));
}
