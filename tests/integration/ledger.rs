//! What a run leaves behind, whatever ends it: the ledger, `conformant cleanup`, and reports that are whole all the same.
//! The binary, against real sockets.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::support::binary::conformant;
use crate::support::other::{LIMITED_TOKEN, Other, Rules, TOKEN};
use crate::support::reply::{Message, Reply};
use crate::support::request::Request;
use crate::support::server::Server;
use serde_json::Value;

/// Every report that a run can write to a file.
const REPORTS: [&str; 7] = ["json", "junit", "html", "markdown", "ctrf", "coverage", "canonical"];
/// After how many creations something happens: a run is well under way then.
const MIDWAY: usize = 50;

/// How long a request is held at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a ledger and reports, and the program that works in it.
struct Handler {
    folder: tempfile::TempDir,
    target: String,
}

impl Handler {
    fn at(server: &Server) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), target: server.url() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, subcommand: &str) -> Command {
        let mut command = conformant();
        command.arg(subcommand).current_dir(self.folder.path()).env_remove("CONFORMANT_LEDGER");
        command.env("CONFORMANT_SECRET_token", TOKEN).env("CONFORMANT_SECRET_limited_token", LIMITED_TOKEN);
        command.env("CONFORMANT_TARGET", &self.target).env("NO_COLOR", "1");
        command
    }

    /// A run of everything, with every report.
    fn run(&self) -> Command {
        let mut command = self.command("run");
        command.args(["--variable", "other_project_id=project-b"]);
        for report in REPORTS {
            command.arg(format!("--report-{report}")).arg(self.path(report));
        }
        command
    }

    fn cleanup(&self, more: &[&str]) -> (Option<i32>, String) {
        told(&self.command("cleanup").args(more).output().unwrap())
    }

    /// The ledgers that are there.
    fn ledgers(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.path(".conformant/ledger")).into_iter().flatten();
        files.map(|entry| entry.unwrap().path()).collect()
    }

    #[track_caller]
    fn ledger(&self) -> String {
        let files = self.ledgers();
        assert_eq!(files.len(), 1, "{files:?}");
        fs::read_to_string(&files[0]).unwrap()
    }

    /// Puts a ledger there as a run that was killed would have left it.
    fn write_ledger(&self, target: &str, lines: &str) {
        fs::create_dir_all(self.path(".conformant/ledger")).unwrap();
        let head = format!(
            r#"{{"format":1,"target":"{target}","suite":"connections","started":"2026-01-02T03:04:05Z","seed":"ab","variables":{{}}}}"#
        );
        fs::write(self.path(".conformant/ledger/killed.ndjson"), format!("{head}\n{lines}")).unwrap();
    }
}

fn told(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

fn told_of(command: &mut Command) -> (Option<i32>, String) {
    told(&command.output().unwrap())
}

/// A server that carries out what is asked for, and from a certain creation on gives no more answers until it is told to.
#[derive(Default)]
struct Held {
    creations: AtomicUsize,
    open: Mutex<bool>,
    changed: Condvar,
}

impl Held {
    /// Whatever is asked for is done at once; from the [`MIDWAY`]th creation on, nothing is answered while it is shut.
    fn pass(&self, request: &Request, answer: &Message) {
        if created(request, answer) && self.creations.fetch_add(1, Ordering::SeqCst) + 1 >= MIDWAY {
            let open = self.open.lock().unwrap();
            self.changed.notify_all();
            // A test that fails while it is shut doesn't open it any more, and has to end all the same.
            drop(self.changed.wait_timeout_while(open, PATIENCE, |open| !*open));
        }
    }

    /// Waits until a run is midway.
    fn midway(&self) {
        let mut open = self.open.lock().unwrap();
        while self.creations.load(Ordering::SeqCst) < MIDWAY {
            let waited = self.changed.wait_timeout(open, PATIENCE).unwrap();
            assert!(!waited.1.timed_out(), "{:?} creations", self.creations);
            open = waited.0;
        }
    }

    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

/// Whether something was created.
fn created(request: &Request, answer: &Message) -> bool {
    request.method == "POST" && answer.status == 200
}

/// A second implementation behind a door that can be shut.
fn held() -> (Arc<Other>, Arc<Held>, Server) {
    let (other, held) = (Arc::new(Other::default()), Arc::new(Held::default()));
    let inside = (Arc::clone(&other), Arc::clone(&held));
    let server = Server::start(move |request| {
        let answer = inside.0.answer(request);
        inside.1.pass(request, &answer);
        answer
    });
    (other, held, server)
}

fn address(server: &Server) -> SocketAddr {
    server.url().strip_prefix("http://").unwrap().parse().unwrap()
}

/// The same implementation, started again where it was.
fn again(other: &Arc<Other>, address: SocketAddr) -> Server {
    let other = Arc::clone(other);
    Server::start_at(address, move |request| other.answer(request))
}

fn quiet(command: &mut Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

/// Every report is there and is what it claims to be; gives back the last event.
#[track_caller]
fn all_reports_are_whole(desk: &Handler) -> Value {
    let text = |report: &str| fs::read_to_string(desk.path(report)).unwrap_or_else(|error| panic!("{report}: {error}"));
    let events: Vec<Value> = text("json").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let footer = events.last().unwrap().clone();
    assert_eq!(footer["event"], "finished");
    let mut xml =
        quick_xml::Reader::from_reader(fs::File::open(desk.path("junit")).map(std::io::BufReader::new).unwrap());
    let (mut depth, mut buffer) = (0, Vec::new());
    loop {
        match xml.read_event_into(&mut buffer).unwrap() {
            quick_xml::events::Event::Start(_) => depth += 1,
            quick_xml::events::Event::End(_) => depth -= 1,
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "an element of the JUnit report is not closed");
    let schema = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/ctrf-schema-0.0.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
    let ctrf = serde_json::from_str(&text("ctrf")).unwrap();
    assert!(schema.is_valid(&ctrf), "{:?}", schema.iter_errors(&ctrf).next().map(|error| error.to_string()));
    assert!(text("html").trim_end().ends_with("</html>"));
    serde_json::from_str::<Value>(&text("canonical")).unwrap();
    let word = footer["verdict"].as_str().unwrap();
    assert!(text("markdown").contains(word), "{word}");
    assert!(text("coverage").contains(" stated → "), "{}", text("coverage"));
    footer
}

/// Nothing is at the server, and no ledger is kept.
#[track_caller]
fn nothing_is_left(desk: &Handler, other: &Other) {
    assert_eq!((other.left(), desk.ledgers()), (0, Vec::new()));
}

#[test]
fn a_run_that_cleaned_up_leaves_no_ledger_and_no_folder() {
    let (other, held, server) = held();
    held.open();
    let desk = Handler::at(&server);
    let (code, text) = told(&desk.run().output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    nothing_is_left(&desk, &other);
    assert!(!desk.path(".conformant").exists());
    assert_eq!(
        desk.cleanup(&[]),
        (Some(0), "nothing to clean up: there is no ledger in .conformant/ledger\n".to_owned())
    );
}

#[test]
fn a_server_that_dies_midway_leaves_whole_reports_and_a_ledger_that_cleans_up_when_it_is_back() {
    let (other, creations) = (Arc::new(Other::default()), AtomicUsize::new(0));
    let inside = Arc::clone(&other);
    let server = Server::start(move |request| {
        let answer = inside.answer(request);
        let dies = created(request, &answer) && creations.fetch_add(1, Ordering::SeqCst) + 1 == MIDWAY;
        if dies { Reply::Death } else { answer.into() }
    });
    let (desk, place) = (Handler::at(&server), address(&server));
    let (code, text) = told(&desk.run().output().unwrap());
    drop(server);
    let footer = all_reports_are_whole(&desk);
    // What was in flight got no answer, which violates; where that is nothing, the target is only not to be reached.
    let expected = if footer["verdict"] == "non-conformant" { 1 } else { 3 };
    assert_eq!(code, Some(expected), "{text}");
    assert!(other.left() > 0, "the server died with nothing in flight");
    assert!(footer["left_behind"].as_array().is_some_and(|left| !left.is_empty()), "{footer}");
    assert!(text.contains("may have left at the target is in the ledger .conformant/ledger/"), "{text}");
    assert!(!desk.ledger().contains(TOKEN) && !desk.ledger().contains(LIMITED_TOKEN));

    let (code, text) = desk.cleanup(&[]);
    assert_eq!(code, Some(3), "the server is still away: {text}");
    assert_eq!(desk.ledgers().len(), 1);

    let server = again(&other, place);
    let (code, text) = desk.cleanup(&[]);
    assert_eq!(code, Some(0), "{text}");
    nothing_is_left(&desk, &other);
    drop(server);
}

#[test]
fn a_killed_run_leaves_a_ledger_that_cleans_up() {
    let (other, held, server) = held();
    let (desk, place) = (Handler::at(&server), address(&server));
    let mut child = quiet(&mut desk.run());
    held.midway();
    child.kill().unwrap();
    child.wait().unwrap();
    held.open();
    // Whatever had arrived has been done once its threads are gone.
    drop(server);
    assert!(other.left() > 0, "the run was killed with nothing in flight");
    assert!(!desk.ledger().contains(TOKEN) && !desk.ledger().contains(LIMITED_TOKEN));

    let server = again(&other, place);
    let (code, listed) = desk.cleanup(&["--list"]);
    assert_eq!(code, Some(0), "{listed}");
    assert!(listed.contains(&format!("the suite connections at {}", server.url())), "{listed}");
    assert!(listed.contains("open     what POST /v1/project-a/connections made of name "), "{listed}");
    assert!(other.left() > 0, "listing removes nothing");
    let (code, text) = desk.cleanup(&[]);
    assert_eq!(code, Some(0), "{text}");
    nothing_is_left(&desk, &other);
}

/// A run that gets one signal midway, and then its answers.
fn stopped_by(name: &str, code: i32, word: &str) {
    let (other, held, server) = held();
    let desk = Handler::at(&server);
    let mut child = quiet(&mut desk.run());
    held.midway();
    signal(&child, name);
    held.open();
    assert_eq!(child.wait().unwrap().code(), Some(code));
    let footer = all_reports_are_whole(&desk);
    assert!(footer["interrupted"].as_str().unwrap_or_default().starts_with(word), "{}", footer["interrupted"]);
    nothing_is_left(&desk, &other);
}

#[test]
fn ctrl_c_ends_with_130_with_whole_reports_and_nothing_left_behind() {
    stopped_by("-INT", 130, "Ctrl-C");
}

#[test]
fn a_termination_signal_ends_with_143_with_whole_reports_and_nothing_left_behind() {
    stopped_by("-TERM", 143, "a termination signal");
}

/// A folder of two suites: the shipped one, under two names.
fn two_suites(desk: &Handler) -> PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/connections");
    for name in ["one", "two"] {
        let folder = desk.path("suites").join(name);
        fs::create_dir_all(&folder).unwrap();
        for entry in fs::read_dir(&shipped).unwrap().map(Result::unwrap) {
            fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    desk.path("suites")
}

#[test]
fn ctrl_c_in_the_first_of_two_suites_sends_nothing_for_the_second_and_every_report_has_both() {
    let (other, held, server) = held();
    let desk = Handler::at(&server);
    let mut child = quiet(desk.run().arg("--suite").arg(two_suites(&desk)));
    held.midway();
    signal(&child, "-INT");
    held.open();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let footer = all_reports_are_whole(&desk);
    assert_eq!((&footer["verdict"], &footer["requests"]), (&"undetermined".into(), &0.into()));
    let text = fs::read_to_string(desk.path("json")).unwrap();
    let of = |event: &str| text.lines().filter(|line| line.starts_with(&format!("{{\"event\":\"{event}\""))).count();
    assert_eq!((of("started"), of("finished")), (2, 2));
    nothing_is_left(&desk, &other);
}

#[test]
fn a_ledger_of_one_of_several_suites_is_cleaned_up_with_that_suite() {
    let (other, held, server) = held();
    let (desk, place) = (Handler::at(&server), address(&server));
    let suites = two_suites(&desk);
    let mut child = quiet(desk.run().arg("--suite").arg(&suites));
    held.midway();
    child.kill().unwrap();
    child.wait().unwrap();
    held.open();
    drop(server);
    assert!(other.left() > 0, "the run was killed with nothing in flight");
    let later = desk.command("report").arg("--from").arg(desk.path("json")).output().unwrap();
    let (code, text) = told(&later);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("the event stream ends before this suite"), "{text}");

    let server = again(&other, place);
    let second = suites.join("two").display().to_string();
    let (code, text) = desk.cleanup(&["--suite", &second]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("skipped: belongs to suite one at ") && other.left() > 0, "{text}");
    let (code, text) = desk.cleanup(&["--suite", suites.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{text}");
    nothing_is_left(&desk, &other);
    drop(server);
}

#[test]
fn a_second_signal_ends_a_run_at_once_and_its_ledger_cleans_up() {
    let (other, held, server) = held();
    let (desk, place) = (Handler::at(&server), address(&server));
    let mut child = quiet(&mut desk.run());
    held.midway();
    // Two that come before the first is heard are heard as one.
    let code = loop {
        signal(&child, "-INT");
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(130));
    assert_eq!(desk.ledgers().len(), 1);
    held.open();
    drop(server);
    let server = again(&other, place);
    let (code, text) = desk.cleanup(&[]);
    assert_eq!(code, Some(0), "{text}");
    nothing_is_left(&desk, &other);
    drop(server);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_on_a_full_disk_ends_with_4_and_leaves_nothing_behind() {
    let (other, held, server) = held();
    held.open();
    for report in REPORTS {
        let desk = Handler::at(&server);
        let output = desk.command("run").args(["name.", &format!("--report-{report}"), "/dev/full"]).output().unwrap();
        let (code, text) = told(&output);
        assert_eq!(code, Some(4), "{report}: {text}");
        assert!(text.contains("error: /dev/full could not be written: "), "{report}: {text}");
        nothing_is_left(&desk, &other);
    }
    let desk = Handler::at(&server);
    let mut command = desk.command("run");
    command.args(["name.", "--report-github"]).env("GITHUB_STEP_SUMMARY", "/dev/full");
    assert_eq!(command.output().unwrap().status.code(), Some(4), "the step summary");
    nothing_is_left(&desk, &other);
}

#[cfg(target_os = "linux")]
#[test]
fn a_ledger_that_can_not_be_begun_ends_with_4_before_anything_is_sent() {
    let (_, held, server) = held();
    let desk = Handler::at(&server);
    let (code, text) = told(&desk.command("run").args(["--ledger", "/dev/full"]).output().unwrap());
    assert_eq!(code, Some(4), "{text}");
    assert_eq!(
        text,
        "error: the ledger /dev/full could not be written: it is no folder\n  \
         help: nothing that may create something is sent without it; give it another place with --ledger DIR\n"
    );
    assert_eq!(held.creations.load(Ordering::SeqCst), 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_midway_ends_with_4_and_nothing_more_is_sent_or_left_behind() {
    let (other, held, server) = held();
    held.open();
    let desk = Handler::at(&server);
    let run = desk.command("run");
    // As for a full disk, a write past the limit is an error, for its signal ends no run.
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -f 40; exec \"$@\"", "sh"]).arg(run.get_program()).args(run.get_args());
    command.current_dir(desk.folder.path());
    for (name, value) in run.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let (code, text) = told(&command.output().unwrap());
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("could not be written: File too large"), "{text}");
    assert!(text.contains("the ledger could not be written"), "the reports say what stopped the run: {text}");
    let sent = held.creations.load(Ordering::SeqCst);
    assert!(sent > 1 && sent < MIDWAY, "{sent} creations");
    nothing_is_left(&desk, &other);
}

/// The files of a folder that are no use until they are complete.
fn unfinished(desk: &Handler) -> Vec<String> {
    let entries = fs::read_dir(desk.folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".part")).collect()
}

#[test]
fn a_report_that_another_run_is_writing_is_refused_before_anything_is_sent() {
    let (_, held, server) = held();
    let desk = Handler::at(&server);
    let mut first = quiet(desk.run().args(["--deadline", "60"]));
    held.midway();
    for report in REPORTS {
        let mut command = desk.command("run");
        let (code, text) = told(&command.arg(format!("--report-{report}")).arg(desk.path(report)).output().unwrap());
        assert_eq!(code, Some(4), "{report}: {text}");
        assert!(text.contains("could not be written: another run is writing it"), "{report}: {text}");
    }
    // Whoever sends something has a ledger.
    assert_eq!(desk.ledgers().len(), 1);
    held.open();
    assert_eq!(first.wait().unwrap().code(), Some(0));
    all_reports_are_whole(&desk);
}

/// Whether a process has a handler for SIGHUP by now; where the system doesn't tell, it is believed to.
fn hears_hangups(child: &Child) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    caught.is_none_or(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1)
}

#[test]
fn a_second_signal_leaves_no_unfinished_report_and_the_next_run_takes_over_what_a_killed_one_left() {
    let (_, held, server) = held();
    let desk = Handler::at(&server);
    let mut child = quiet(&mut desk.run());
    held.midway();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!unfinished(&desk).is_empty());
    let before = held.creations.load(Ordering::SeqCst);
    let mut child = quiet(&mut desk.run());
    // Once something is created, the run is under way. What the killed one sent may arrive late.
    while held.creations.load(Ordering::SeqCst) == before || !hears_hangups(&child) {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it sent anything");
        std::thread::yield_now();
    }
    while child.try_wait().unwrap().is_none() {
        signal(&child, "-HUP");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(unfinished(&desk), Vec::<String>::new());
    held.open();
}

#[test]
fn several_runs_at_once_keep_a_ledger_each() {
    let (other, held, server) = held();
    let desk = Handler::at(&server);
    let mut runs: Vec<Child> = (0..3).map(|_| quiet(desk.command("run").arg("name."))).collect();
    held.midway();
    // The first may be midway before the others have begun; none can end while it is held.
    while desk.ledgers().len() < 3 {
        assert!(runs.iter_mut().all(|run| run.try_wait().unwrap().is_none()), "a run ended before it was let go on");
        std::thread::yield_now();
    }
    let (code, text) = desk.cleanup(&[]);
    assert_eq!((code, text.matches("its run is still going").count()), (Some(0), 3), "{text}");
    let mut killed = runs.pop().unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    held.open();
    assert!(runs.into_iter().all(|mut run| run.wait().unwrap().success()));
    assert_eq!(desk.ledgers().len(), 1);
    let place = address(&server);
    drop(server);
    let server = again(&other, place);
    assert_eq!(desk.cleanup(&[]).0, Some(0));
    nothing_is_left(&desk, &other);
    drop(server);
}

/// A server that holds one connection, and what was asked of it.
fn with_one(name: &str, vpc: &str, created: &str) -> (Arc<Mutex<Vec<String>>>, Server) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (inside, thing) = (
        Arc::clone(&asked),
        serde_json::json!({ "id": "its-id", "name": name, "vpc_id": vpc, "created_time": created }),
    );
    let server = Server::start(move |request| {
        inside.lock().unwrap().push(format!("{} {}", request.method, request.target));
        match request.method.as_str() {
            "GET" => Message::json(200, &serde_json::json!({ "items": [thing] })),
            _ => Message::new(204),
        }
    });
    (asked, server)
}

const SENT: &str = r#"{"sent":{"key":"1","case":"connections/x","method":"POST","path":"/v1/p/connections","kept":{"name":"orders","vpc_id":"v1"}}}
"#;

#[test]
fn what_is_somebody_elses_is_let_alone_although_it_has_the_name_that_was_sent() {
    let now = "2026-01-02T03:04:06Z";
    let cases = [
        ("orders", "v1", now, true),
        ("Orders", "v1", now, true),
        ("orders-2", "v1", now, false),
        ("orders", "v2", now, false),
        ("orders", "v1", "2026-01-02 02:50:00", false),
    ];
    for (name, vpc, created, ours) in cases {
        let (asked, server) = with_one(name, vpc, created);
        let desk = Handler::at(&server);
        desk.write_ledger(&server.url(), SENT);
        let (code, text) = desk.cleanup(&[]);
        assert_eq!(code, Some(0), "{text}");
        let looked = "GET /v1/project-a/connections?name=orders".to_owned();
        let removed = ours.then(|| "DELETE /v1/project-a/connections/its-id".to_owned());
        assert_eq!(
            *asked.lock().unwrap(),
            [looked].into_iter().chain(removed).collect::<Vec<_>>(),
            "{name} {vpc} {created}"
        );
        assert!(desk.ledgers().is_empty());
    }
}

#[test]
fn nothing_is_removed_at_another_target_than_the_one_that_the_ledger_was_made_against() {
    let (asked, server) = with_one("orders", "v1", "2026-01-02T03:04:06Z");
    let desk = Handler::at(&server);
    desk.write_ledger("http://127.0.0.1:1", SENT);
    let (code, text) = desk.cleanup(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text, ".conformant/ledger/killed.ndjson: skipped: belongs to suite connections at http://127.0.0.1:1\n");
    assert!(asked.lock().unwrap().is_empty());
    assert_eq!(desk.ledgers().len(), 1);

    let (code, text) = told(&desk.command("cleanup").env_remove("CONFORMANT_TARGET").output().unwrap());
    assert_eq!(code, Some(2), "{text}");
    assert!(
        text.starts_with("error: there is no target, and things are only removed where they were made\n"),
        "{text}"
    );
}

#[test]
fn a_ledger_that_others_wrote_removes_nothing_where_the_suite_can_not() {
    let hostile = [
        ("/v1/p/connections", "/v1/p/users/7"),
        ("/v1/p/connections", "/v1/p/connections"),
        ("/v1/p/connections", "/v1/p/connections/7?recursive=true"),
        ("/admin/p/users", "/admin/p/users/7"),
    ];
    for (path, remove) in hostile {
        let (asked, server) = with_one("else", "v1", "2026-01-02T03:04:06Z");
        let desk = Handler::at(&server);
        let made = format!(r#"{{"made":{{"key":"1","remove":"{remove}"}}}}"#);
        desk.write_ledger(&server.url(), &format!("{}{made}\n", SENT.replace("/v1/p/connections", path)));
        let (code, text) = desk.cleanup(&[]);
        assert_eq!(code, Some(0), "{text}");
        // It is looked up as the suite says, and is not there.
        assert_eq!(*asked.lock().unwrap(), ["GET /v1/project-a/connections?name=orders"], "{path} {remove}");
    }
}

#[test]
fn where_nothing_can_be_looked_up_a_path_that_the_suite_can_not_remove_is_left() {
    let server = Server::start(|_| Message::new(204));
    let desk = Handler::at(&server);
    for (remove, code, line) in [
        ("/notes/7", 0, "removed  what POST /notes made (notes/text/created)"),
        ("/users/7", 1, "(notes/text/created): the suite's clean-up can't make the path /users/7 of it"),
    ] {
        let sent = r#"{"sent":{"key":"1","case":"notes/text/created","method":"POST","path":"/notes"}}"#;
        desk.write_ledger(&server.url(), &format!("{sent}\n{{\"made\":{{\"key\":\"1\",\"remove\":\"{remove}\"}}}}\n"));
        let ledger = desk.path(".conformant/ledger/killed.ndjson");
        let of_notes = fs::read_to_string(&ledger).unwrap().replace("\"connections\"", "\"notes\"");
        fs::write(ledger, of_notes).unwrap();
        let mut command = desk.command("cleanup");
        command.env_remove("CONFORMANT_SECRET_token").env_remove("CONFORMANT_SECRET_limited_token");
        let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/notes");
        let (ended, text) = told_of(command.arg("--suite").arg(suite));
        assert_eq!(ended, Some(code), "{text}");
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn what_can_not_be_removed_stays_in_the_ledger_and_ends_with_1() {
    let server = Server::start(|request| match request.method.as_str() {
        "DELETE" => Message::new(500),
        _ => Message::json(200, &serde_json::json!({ "items": [] })),
    });
    let desk = Handler::at(&server);
    let made = r#"{"made":{"key":"1","remove":"/v1/p/connections/7"}}"#;
    let never = SENT.replace(r#""key":"1""#, r#""key":"2""#);
    desk.write_ledger(&server.url(), &format!("{SENT}{made}\n{never}"));
    for _ in 0..2 {
        let (code, text) = desk.cleanup(&[]);
        assert_eq!(code, Some(1), "{text}");
        let left =
            "left     what POST /v1/p/connections made of name orders, vpc_id v1 (connections/x): answered 500\n";
        assert!(text.contains(left), "{text}");
        let kept = desk.ledger();
        assert_eq!((kept.matches("\"sent\"").count(), kept.matches("\"made\"").count()), (1, 1), "{kept}");
    }
}

#[test]
fn what_is_not_there_any_more_is_gone_only_where_looking_it_up_says_so() {
    let made = r#"{"made":{"key":"1","remove":"/v1/p/connections/7"}}"#;
    for (looked_up, code, word) in [(200, 0, "gone     what POST"), (404, 1, "looking it up was answered 404")] {
        let server = Server::start(move |request| match request.method.as_str() {
            "DELETE" => Message::new(404),
            _ => Message::json(looked_up, &serde_json::json!({ "items": [] })),
        });
        let desk = Handler::at(&server);
        desk.write_ledger(&server.url(), &format!("{SENT}{made}\n"));
        let (ended, text) = desk.cleanup(&[]);
        assert_eq!(ended, Some(code), "{text}");
        assert!(text.contains(word), "{text}");
        assert_eq!(desk.ledgers().len(), usize::from(code == 1));
    }
}

#[test]
fn what_was_created_although_the_answer_was_an_error_is_removed_at_the_end_of_the_run() {
    let (other, creations) = (Arc::new(Other::default()), AtomicUsize::new(0));
    let inside = Arc::clone(&other);
    let server = Server::start(move |request| {
        let answer = inside.answer(request);
        let fails = created(request, &answer) && creations.fetch_add(1, Ordering::SeqCst) == 5;
        if fails { Message::new(500) } else { answer }
    });
    let desk = Handler::at(&server);
    let (code, text) = told(&desk.command("run").arg("name.").output().unwrap());
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("violates status.no-server-error"), "{text}");
    nothing_is_left(&desk, &other);
}

#[test]
fn of_a_target_that_can_remove_nothing_no_ledger_is_kept() {
    let other = Arc::new(Other::new(Rules { helpers: false, ..Rules::default() }));
    let inside = Arc::clone(&other);
    let server = Server::start(move |request| inside.answer(request));
    let desk = Handler::at(&server);
    let (code, text) = told(&desk.command("run").arg("name.mandatory").output().unwrap());
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("the target has no such operation"), "{text}");
    assert!(other.left() > 0);
    assert!(!desk.path(".conformant").exists(), "{text}");
}

#[test]
fn a_line_that_breaks_off_is_not_counted_and_one_that_is_wrong_is_told_at_its_place() {
    let (asked, server) = with_one("orders", "v1", "2026-01-02T03:04:06Z");
    let desk = Handler::at(&server);
    desk.write_ledger(&server.url(), &format!("{SENT}{}", &SENT[..40]));
    let (code, text) = desk.cleanup(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.ends_with(
            "1 removed, 0 gone already or never made, 0 left; its last line is incomplete and isn't counted\n"
        ),
        "{text}"
    );

    asked.lock().unwrap().clear();
    let wrong = [
        ("{\"sent\":7}\n", "invalid type: integer `7`, expected a request that was sent at line 1 column 9"),
        ("\0\0\n", "expected value at line 1 column 1"),
        ("{\"gone\":{\"key\":\"9\"}}\n", "nothing that is open has the key \"9\""),
        (
            "{\"made\":{\"key\":\"1\",\"remove\":\"//evil\"}}\n{\"made\":{\"key\":\"1\",\"remove\":\"@evil\"}}\n",
            "its path doesn't start with `/`",
        ),
    ];
    for (lines, cause) in wrong {
        desk.write_ledger(&server.url(), &format!("{SENT}{lines}"));
        let (code, text) = desk.cleanup(&[]);
        let line = 2 + lines.lines().count();
        assert_eq!(code, Some(2), "{text}");
        assert_eq!(
            text,
            format!(
                "error: .conformant/ledger/killed.ndjson:{line}: this is no line of a ledger: {cause}\n  \
                 help: nothing in it was removed; delete the line if you know what it was, and try again\n"
            )
        );
        assert!(asked.lock().unwrap().is_empty());
    }
}

#[test]
fn a_run_that_may_create_something_is_refused_where_the_profile_says_read_only() {
    let (_, held, server) = held();
    held.open();
    let desk = Handler::at(&server);
    fs::write(desk.path("conformant.toml"), "[profile.production]\nread-only = true\n").unwrap();
    let page = desk.path("page.html");
    fs::write(&page, "of the run before").unwrap();
    let run = |more: &[&str]| {
        let mut command = desk.command("run");
        command.args(["-P", "production", "token.mandatory", "--report-html"]).arg(&page).args(more);
        told(&command.output().unwrap())
    };
    let (code, text) = run(&[]);
    assert_eq!(code, Some(2));
    assert_eq!(
        text,
        "error: the suite connections may create something, and this run is read-only: its valid request is a POST\n  \
         help: `conformant config` says where read-only comes from; --allow-destructive overrides it for this run\n"
    );
    assert_eq!(held.creations.load(Ordering::SeqCst), 0);
    assert_eq!(fs::read_to_string(&page).unwrap(), "of the run before");
    assert_eq!(run(&["--allow-destructive"]).0, Some(0));
    assert_eq!(run(&["--read-only=false"]).0, Some(0));
    assert_eq!(run(&["--allow-destructive", "--read-only"]).0, Some(2), "the last of the two counts");
    let by_environment =
        told(&desk.command("run").arg("token.mandatory").env("CONFORMANT_READ_ONLY", "true").output().unwrap());
    assert_eq!(by_environment.0, Some(2), "{}", by_environment.1);
    let (_, shown) = told(&desk.command("config").args(["-P", "production", "--allow-destructive"]).output().unwrap());
    let line = shown.lines().find(|line| line.starts_with("read-only")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["read-only", "false", "--allow-destructive"]);
}

/// A suite for an API of the last few lines of [`reading`], whose requests all have this method.
fn suite(desk: &Handler, method: &str) -> PathBuf {
    let folder = desk.path("reading");
    fs::create_dir_all(&folder).unwrap();
    let contract = "\
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /things:
    get:
      operationId: readThings
      responses:
        '200': { description: all, content: { application/json: { schema: { type: object } } } }
x-clauses:
  transport.answer: { level: must, says: Every request gets one answer., source: here, polarities: [hold] }
  status.success: { level: must, says: Things are read with a 200., source: here, polarities: [hold] }
  answer.steady: { level: must, says: Equal requests get equal answers., source: here, polarities: [hold] }
x-checks: { answer: transport.answer, body: status.success, error-body: status.success }
";
    let suite = "title: Things\ncontract: contract.yaml\ncontrol: { clause: answer.steady }\noperations:\n  readThings:\n    \
         accepted: { status: 200, clause: status.success }\n    \
         cleanup: { method: DELETE, path: \"/things/{{ response.body.id }}\", done: [204] }\n";
    let case = format!(
        "title: Reading\ncases:\n  - id: all\n    title: all are read\n    covers: {{ status.success: hold, transport.answer: hold }}\n    \
         each: [{{ id: first, verb: GET }}, {{ id: second, verb: {method} }}]\n    \
         method: \"{{{{ verb }}}}\"\n    expect: 200\n"
    );
    for (name, text) in [("contract.yaml", contract), ("suite.yaml", suite), ("reading.yaml", &case)] {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[test]
fn a_suite_that_only_reads_runs_read_only_and_keeps_no_ledger() {
    let ledgers: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let seen = Arc::clone(&ledgers);
    let server = Server::start(move |_| {
        assert!(seen.lock().unwrap().as_ref().is_none_or(|path| !path.exists()), "there is a ledger");
        Message::json(200, &serde_json::json!({}))
    });
    let desk = Handler::at(&server);
    *ledgers.lock().unwrap() = Some(desk.path(".conformant"));
    let run = |method: &str| {
        let mut command = desk.command("run");
        command.env_remove("CONFORMANT_SECRET_token").env_remove("CONFORMANT_SECRET_limited_token");
        command.arg("--suite").arg(suite(&desk, method)).arg("--read-only");
        told(&command.output().unwrap())
    };
    let (code, text) = run("OPTIONS");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("verdict  conformant"), "{text}");
    let (code, text) = run("PUT");
    assert_eq!(code, Some(2), "{text}");
    let error = "error: the suite reading may create something, and this run is read-only: \
                 a request of reading/reading/all[second] is a PUT\n";
    assert!(text.starts_with(error), "{text}");
}
