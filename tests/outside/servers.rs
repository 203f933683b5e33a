//! What the shipped suite makes of the documented API as it is written in other stacks, with the defaults of each.
//!
//! The servers are in `servers/`, a folder each, with what they violate, and why that is their own fault, in
//! `violations.toml`. They know the documentation and nothing of the suite.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use serde_json::Value;
use toml_edit::DocumentMut;

use crate::Test;
use crate::binary::{conformant, stderr, stdout};
use crate::tools::Tool::{
    self, Go, Gson, HaProxy, Jackson, Java, Jetty, Mojolicious, Nginx, Node, NodePackages, PhpFpm, Puma, PythonPackages,
};

/// A server by its folder, and what it runs on.
pub type Stack = (&'static str, &'static [Tool]);

pub const STACKS: &[Stack] = &[
    ("aiohttp", &[PythonPackages]),
    ("django", &[PythonPackages, Nginx]),
    ("express", &[Node, NodePackages]),
    ("fastapi", &[PythonPackages]),
    ("fastify", &[Node, NodePackages]),
    ("flask", &[PythonPackages]),
    ("go", &[Go]),
    ("gson", &[Java, Gson]),
    ("hapi", &[Node, NodePackages]),
    ("jackson", &[Java, Jackson, Jetty]),
    ("koa", &[Node, NodePackages]),
    ("mojolicious", &[Mojolicious, HaProxy]),
    ("nest", &[Node, NodePackages]),
    ("php", &[PhpFpm, Nginx]),
    ("sinatra", &[Puma]),
];

pub const TESTS: &[Test] = &[("every_server_in_another_stack_is_tested", &[], all_tested)];

const TOKEN: &str = "token-of-an-owner";
const LIMITED_TOKEN: &str = "token-of-a-reader";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/servers")
}

/// A server as a process of its own; ends when dropped.
struct Server {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Server {
    fn start(stack: &str, log: PathBuf) -> Self {
        let port = free_port().to_string();
        let file = File::create(&log).unwrap();
        let mut command = Command::new(folder().join("start"));
        command.args([stack, &port]).env("TOKEN", TOKEN).env("LIMITED_TOKEN", LIMITED_TOKEN);
        command.env("TOOLS", concat!(env!("CARGO_TARGET_TMPDIR"), "/tools"));
        command.stdin(Stdio::piped()).stdout(file.try_clone().unwrap()).stderr(file);
        Self { child: command.spawn().unwrap(), url: format!("http://127.0.0.1:{port}"), log }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A port that nothing listens on, below those that the system gives to clients.
fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 200).unwrap() * 100;
    let mut ports =
        std::iter::repeat_with(|| 10_000 + (first + TRIED.fetch_add(1, Ordering::Relaxed)) % 20_000).take(20_000);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a free port")
}

/// The clauses that a server violates by its own fault, each with the reason.
fn listed(stack: &str) -> BTreeMap<String, String> {
    let Ok(text) = fs::read_to_string(folder().join(stack).join("violations.toml")) else {
        return BTreeMap::new();
    };
    let document: DocumentMut = text.parse().unwrap();
    document.iter().map(|(clause, reason)| (clause.to_owned(), reason.as_str().unwrap().to_owned())).collect()
}

/// The clauses that a run found violated, each with the cases that show it.
fn violated(events: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut violated: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        for finding in event["findings"].as_array().into_iter().flatten() {
            if event["outcome"] == "violates" && finding["kind"] == "violation" {
                let clause = finding["clause"].as_str().unwrap().to_owned();
                violated.entry(clause).or_default().insert(event["id"].as_str().unwrap().to_owned());
            }
        }
    }
    violated
}

/// Runs the suite against a server, which has to violate what is listed beside it, and nothing else.
pub fn judge(stack: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (events, ledger) = (folder.path().join("events.ndjson"), folder.path().join("ledger"));
    let server = Server::start(stack, folder.path().join("server.log"));
    let mut run = conformant();
    run.args(["run", "--wait-for-target", "60", "--seed", "1", "--variable", "other_project_id=project-b"]);
    run.args(["--target", &server.url]).arg("--report-json").arg(&events).arg("--ledger").arg(&ledger);
    run.env("CONFORMANT_SECRET_token", TOKEN).env("CONFORMANT_SECRET_limited_token", LIMITED_TOKEN);
    let output = run.output().unwrap();
    let told = || format!("{}{}{}", fs::read_to_string(&server.log).unwrap(), stdout(&output), stderr(&output));

    let listed = listed(stack);
    let violated = violated(&fs::read_to_string(&events).unwrap_or_default());
    let unlisted: Vec<_> = violated.iter().filter(|(clause, _)| !listed.contains_key(*clause)).collect();
    assert!(unlisted.is_empty(), "not listed: {unlisted:#?}\n{}", told());
    let stale: Vec<_> = listed.keys().filter(|clause| !violated.contains_key(*clause)).collect();
    assert!(stale.is_empty(), "listed, but not violated: {stale:?}\n{}", told());
    assert_eq!(output.status.code(), Some(i32::from(!listed.is_empty())), "{}", told());
    let left = fs::read_dir(&ledger).map_or(0, Iterator::count);
    assert_eq!(left, 0, "{}", told());
}

/// Every folder is tested, and nothing else.
fn all_tested() {
    let folders = fs::read_dir(folder()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir());
    let folders: BTreeSet<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert_eq!(folders, STACKS.iter().map(|(stack, _)| (*stack).to_owned()).collect());
}
