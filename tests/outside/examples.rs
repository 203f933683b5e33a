//! The suites under `examples/` against the servers that they are for: what each README says to do, word for word.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::Test;
use crate::binary::{deafen, stderr, stdout};
use crate::tools::Tool;

pub const TESTS: &[Test] = &[
    ("every_example_with_a_server_is_tested", &[], all_tested),
    ("what_the_page_about_kinto_says_works_and_the_suite_can_fail", &[Tool::Kinto], kinto),
    ("what_the_page_about_docker_registry_says_works_and_the_suite_can_fail", &[Tool::DockerRegistry], docker_registry),
    ("ten_cases_take_no_more_than_one_and_a_half_times_the_lines_of_hurl_files", &[], counted),
];

/// The examples that start a server.
const STARTED: &[&str] = &["docker-registry", "kinto"];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The server of an example; ends when dropped.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts what the tool is part of, as the page's first command does.
    fn start(example: &str, tool: Tool) -> Self {
        let path = tool.path();
        let installed = path.ancestors().skip(1).find(|folder| folder.ends_with(example)).unwrap();
        let mut command = Command::new(examples().join(example).join("start"));
        command.arg(installed).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("its URL").to_owned();
        Self { child, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// The commands of a page that come after the one that starts the server, for a server at this URL.
fn commands(example: &str, url: &str) -> String {
    let page = fs::read_to_string(examples().join(example).join("README.md")).unwrap();
    let shown = page.lines().find_map(|line| line.strip_prefix("listening on ")).expect("what `start` prints");
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    assert!(commands.first().is_some_and(|start| start.contains("/start /tmp/")), "{commands:?}");
    commands.get(1..).unwrap_or_default().join("\n").replace(shown, url)
}

/// Runs commands as a reader of a page does, who has the program on the path.
fn shell(commands: &str) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_conformant")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([program.to_owned()].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut bash = Command::new("bash");
    deafen(&mut bash);
    bash.args(["-euo", "pipefail", "-c", commands]).env("PATH", path).output().unwrap()
}

/// What the page says works: nothing is missing in the suite, and what it finds out is waived.
fn judge(example: &str, server: &Server) {
    let output = shell(&commands(example, &server.url));
    let told = format!("{}{}", stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(!told.contains("not covered"), "{told}");
}

/// Whether a case of the suite, with one thing changed in its file, is missed.
fn fails(example: &str, server: &Server, file: &str, (from, to): (&str, &str), case: &str) {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join(example);
    fs::create_dir(&suite).unwrap();
    for entry in fs::read_dir(examples().join(example)).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            fs::copy(entry.path(), suite.join(entry.file_name())).unwrap();
        }
    }
    let text = fs::read_to_string(suite.join(file)).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(suite.join(file), text.replacen(from, to, 1)).unwrap();
    let commands = commands(example, &server.url);
    let exports: String =
        commands.lines().filter(|line| line.starts_with("export ")).map(|line| format!("{line}\n")).collect();
    let run = format!("conformant run --suite {} --target {} {case}", suite.display(), server.url);
    let output = shell(&format!("{exports}{run}"));
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
}

fn kinto() {
    let server = Server::start("kinto", Tool::Kinto);
    judge("kinto", &server);
    let changed = ("how: refused, version: 1, expect: 412", "how: refused, version: 1, expect: 409");
    fails("kinto", &server, "conditional.yaml", changed, "conditional/put");
    fails(
        "kinto",
        &server,
        "lists.yaml",
        ("query: gt_size=20, left: [large]", "query: gt_size=20, left: [small]"),
        "lists/filter",
    );
}

fn docker_registry() {
    let server = Server::start("docker-registry", Tool::DockerRegistry);
    judge("docker-registry", &server);
    fails("docker-registry", &server, "uploads.yaml", ("equals: 0-39", "equals: 0-40"), "uploads/chunks");
    fails("docker-registry", &server, "blobs.yaml", ("equals: \"36\"", "equals: \"37\""), "blobs/head");
}

fn counted() {
    let count = Command::new(examples().join("kinto/hurl/count")).output().unwrap();
    assert!(count.status.success(), "{}{}", stdout(&count), stderr(&count));
}

/// Every example that starts a server is tested, and no other.
fn all_tested() {
    let folders = fs::read_dir(examples()).unwrap().map(|entry| entry.unwrap().path());
    let started: BTreeSet<String> = folders
        .filter(|folder| File::open(folder.join("start")).is_ok())
        .map(|folder| folder.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(started, STARTED.iter().map(|example| (*example).to_owned()).collect());
}
