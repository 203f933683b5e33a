//! The binary as a user runs it: what it prints when something is wrong with the way it was asked, and how it ends.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::binary::{Served, conformant, stderr, stdout};
use crate::support::run::{Run, run as judged};
use tempfile::TempDir;

fn run(arguments: &[&str]) -> Output {
    conformant().args(arguments).output().unwrap()
}

fn run_against(served: &Served, arguments: &[&str]) -> Output {
    run(&[&["run", "--target", &served.url, "--secret", "token=good-token"], arguments].concat())
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The shipped suite in a folder of its own, to be broken.
fn copied_suite() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let suite = folder.path().join("connections");
    fs::create_dir(&suite).unwrap();
    for file in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/connections")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), suite.join(file.file_name())).unwrap();
    }
    let path = suite.display().to_string();
    (folder, path)
}

#[test]
fn the_shipped_suite_finds_the_reference_conformant_and_ends_with_0() {
    let output = run(&["run"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    assert!(text.contains("verdict  conformant\n"), "{text}");
    assert!(!text.contains("skipped"), "{text}");
}

#[test]
fn the_shipped_suite_has_at_least_200_rows_and_every_testable_clause_on_every_side() {
    let output = run(&["check"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    let listed = stdout(&run(&["list"]));
    assert!(listed.lines().count() >= 200, "{}", listed.lines().count());
}

#[test]
fn a_broken_clause_ends_with_1_and_names_clause_place_and_request() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let output = run_against(&served, &["name.max-length"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for expected in [
        "violates name.max-length: ",
        "connections/name/max-length[",
        "cases/connections/name.yaml:",
        "expected  400",
        "observed  200",
        "curl ",
        "${CONFORMANT_SECRET_token}",
        "docs      Request Parameters: name, Maximum",
        "    name.max-length  12 cases  400 → 200\n",
        "HTTP/1.1 200",
        "verdict  non-conformant",
    ] {
        assert!(text.contains(expected), "{expected} is missing in\n{text}");
    }
    assert!(!text.contains("good-token"), "{text}");
}

/// What the command that a report shows gets for an answer, pasted into a shell.
fn pasted(command: &str, folder: &Path) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{command} --silent --include")]).env("CONFORMANT_SECRET_token", "good-token");
    stdout(&shell.current_dir(folder).output().unwrap())
}

#[test]
fn the_command_of_a_violation_works_when_it_is_pasted() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let text = stdout(&run_against(&served, &["name.max-length"]));
    let command = text.lines().find(|line| line.trim_start().starts_with("curl ")).unwrap();
    let answer = pasted(command, Path::new("."));
    assert!(answer.starts_with("HTTP/1.1 200"), "{command}\n{answer}");
}

#[test]
fn a_command_that_is_too_long_for_a_terminal_stands_whole_in_a_file_that_is_named() {
    let served = Served::start(&["--fault", "token-long-accepted"]);
    let folder = tempfile::tempdir().unwrap();
    let mut command = conformant();
    command.args(["run", "--target", &served.url, "--secret", "token=good-token", "token.max-length"]);
    let output = command.env_remove("CONFORMANT_LEDGER").current_dir(folder.path()).output().unwrap();
    let text = stdout(&output);
    let shown = text.lines().find(|line| line.trim_start().starts_with("sh .conformant/commands/")).unwrap();
    let file = folder.path().join(shown.trim_start().strip_prefix("sh ").unwrap());
    let whole = fs::read_to_string(file).unwrap();
    assert!(whole.len() > 16_384 && !text.contains(&"a".repeat(300)), "{text}");
    let answer = pasted(whole.trim_end(), folder.path());
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn what_the_run_itself_finds_stands_at_the_suite_s_file_in_the_repository() {
    let served = Served::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("junit.xml").display().to_string();
    let mut command = conformant();
    command.args(["run", "--target", &served.url, "--secret", "token=bad-token", "name", "--report-junit", &report]);
    assert_eq!(command.output().unwrap().status.code(), Some(3));
    let junit = fs::read_to_string(&report).unwrap();
    assert!(junit.contains("file=\"cases/connections/suite.yaml\""), "{junit}");
}

#[test]
fn a_clause_is_explained_with_its_place_its_cases_and_its_mutants() {
    let text = stdout(&run(&["explain", "name.max-length"]));
    for line in [
        "name.max-length (must): The name has at most 128 characters.\n",
        "  docs    Request Parameters: name, Maximum\n",
        "    connections/name/max-length[over]\n",
        "    name-129-accepted\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let unknown = run(&["explain", "name.max-lenght"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("help: did you mean name.max-length?"), "{}", stderr(&unknown));
}

#[test]
fn shells_and_manuals_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = stdout(&run(&["completions", shell]));
        assert!(text.contains("explain") && text.contains("fail-fast"), "{shell}");
    }
    assert_eq!(run(&["completions", "cmd"]).status.code(), Some(2));
    let folder = tempfile::tempdir().unwrap();
    assert!(run(&["man", &folder.path().display().to_string()]).status.success());
    let page = fs::read_to_string(folder.path().join("conformant-run.1")).unwrap();
    assert!(page.contains("max\\-violations"), "{page}");
    assert!(folder.path().join("conformant-snapshots-review.1").exists());
}

#[test]
fn deviations_end_with_0_and_with_strict_with_1() {
    let served = Served::start(&["--variant", "taken-409"]);
    let lenient = run_against(&served, &["name.unique"]);
    assert_eq!(lenient.status.code(), Some(0), "{}", stdout(&lenient));
    assert!(stdout(&lenient).contains("verdict  conformant with deviations"), "{}", stdout(&lenient));
    let strict = run_against(&served, &["name.unique", "--strict"]);
    assert_eq!(strict.status.code(), Some(1), "{}", stdout(&strict));
}

#[test]
fn wrong_usage_ends_with_2_and_says_what_to_do() {
    let served = Served::start(&[]);
    let cases: &[(&[&str], &str)] = &[
        (&["run", "--nonsense"], "unexpected argument '--nonsense'"),
        (&["run", "no-such-case"], "no case of the suite connections matches no-such-case"),
        (&["run", "--target", &served.url], "the suite needs the secret token"),
        (
            &["run", "--target", &served.url, "--secret", "tokn=x"],
            "the suite has no secret tokn\n  help: did you mean token? it has password, token, limited_token\n",
        ),
        (&["run", "--target", &served.url, "--secret", "good-token"], "--secret: a value has no name"),
        (&["run", "--target", "ftp://x", "--secret", "token=good-token"], "only http and https"),
        (&["run", "--target", "127.0.0.1:1", "--secret", "token=good-token"], "the target is no base URL"),
        (&["run", "--variable", "nope=1"], "the suite has no variable nope"),
        (&["run", "--jobs", "0"], "give an integer from 1 to 1024"),
        (&["run", "--suite", "/nonexistent"], "/nonexistent"),
        (&["serve", "--fault", "no-such-fault"], "there is no fault no-such-fault"),
        (&["list", "no-such-case"], "no case of the suite connections matches"),
    ];
    for (arguments, expected) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("good-token"), "{arguments:?}: {}", stderr(&output));
    }
}

#[test]
fn a_case_file_with_five_mistakes_gives_five_located_messages_and_ends_with_2() {
    let (_folder, suite) = copied_suite();
    let broken = "\
title: Broken
cases:
  - id: one
    covers: { name.max-lenght: accept }
    expect: 200
    bodi: { name: x }
  - id: two
    covers: { name.mandatory: refuse }
    without: [body/name]
    expect: 400
  - id: three
    covers: { name.type: refuse }
    body: { name: \"{{ nobody }}\" }
    expect: 700
";
    fs::write(Path::new(&suite).join("broken.yaml"), broken).unwrap();
    for command in [vec!["run", "--suite", &suite], vec!["check", &suite]] {
        let output = run(&command);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        for place in ["broken.yaml:4:", "broken.yaml:6:", "broken.yaml:9:", "broken.yaml:13:", "broken.yaml:14:"] {
            assert!(text.contains(place), "{place} is missing in\n{text}");
        }
        assert_eq!(text.matches("error").count(), 5, "{text}");
    }
}

#[test]
fn a_clause_side_without_a_case_fails_the_check() {
    let (_folder, suite) = copied_suite();
    fs::remove_file(Path::new(&suite).join("token.yaml")).unwrap();
    let output = run(&["check", &suite]);
    assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
    assert!(stdout(&output).contains("not covered token.mandatory"), "{}", stdout(&output));
}

#[test]
fn a_value_that_is_to_be_unique_and_that_two_rows_send_fails_the_check() {
    let (_folder, suite) = copied_suite();
    let shared =
        "title: Shared\ncases:\n  - { id: one, each: [{ id: a }, { id: b }], body: { name: fixed }, expect: 400 }\n";
    fs::write(Path::new(&suite).join("shared.yaml"), shared).unwrap();
    let output = run(&["check", &suite]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    let told = "shared `fixed`, which name.unique calls unique, is sent by connections/shared/one[a], connections/shared/one[b]: ";
    assert!(text.contains(told), "{text}");
}

#[test]
fn an_unreachable_target_is_one_clear_message_and_ends_with_3() {
    let target = format!("http://127.0.0.1:{}", closed_port());
    let output = run(&["run", "--target", &target, "--secret", "token=good-token"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let [target_line, verdict, next] = lines.as_slice() else { panic!("{text}") };
    assert_eq!(*target_line, format!("target   {target}, suite connections"));
    assert_eq!(*verdict, "verdict  undetermined: the target can't be reached: connection refused");
    assert!(next.starts_with("next     start the target, or correct its URL"), "{next}");
}

#[test]
fn a_refused_control_ends_with_3_and_says_that_nothing_else_was_sent() {
    let served = Served::start(&[]);
    let output = run(&["run", "--target", &served.url, "--secret", "token=wrong-token"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("the control was refused"), "{text}");
    assert!(text.lines().count() < 30, "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_can_not_be_written_ends_with_4() {
    for path in ["/dev/full", "/nonexistent/report.ndjson"] {
        let output = run(&["run", "name.max-length", "--report-json", path]);
        assert_eq!(output.status.code(), Some(4), "{path}: {}", stderr(&output));
        assert!(stderr(&output).contains(path), "{}", stderr(&output));
    }
}

/// A server that takes connections and never answers, so that a run is in flight for as long as a test needs it.
#[cfg(unix)]
fn interrupted_by(signal: &str) -> (Option<i32>, String) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = format!("http://{}", silent.local_addr().unwrap());
    let mut child = conformant()
        .args(["run", "--target", &target, "--secret", "token=good-token"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Once the control has come in, the run is under way and its signals are heard.
    silent.set_nonblocking(true).unwrap();
    let connection = loop {
        match silent.accept() {
            Ok(connection) => break connection,
            Err(_) => assert_eq!(child.try_wait().unwrap(), None, "it ended before it sent anything"),
        }
        std::thread::yield_now();
    };
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    // It waits for what is in flight, which ends once the signal was heard.
    let mut heard = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(heard.any(|line| line.unwrap().starts_with("stopping after")), "{signal} wasn't heard");
    drop((connection, silent));
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    (child.wait().unwrap().code(), text)
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_130_and_still_reports() {
    let (code, text) = interrupted_by("-INT");
    assert_eq!(code, Some(130), "{text}");
    assert!(text.contains("verdict"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_termination_signal_ends_with_143_and_still_reports() {
    // A shell that starts the tests in the background has some ignored, and what is started with one ignored keeps to that.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    for (signal, number) in [("-TERM", 15), ("-HUP", 1), ("-QUIT", 3)] {
        if ignored >> (number - 1) & 1 == 1 {
            continue;
        }
        let (code, text) = interrupted_by(signal);
        assert_eq!(code, Some(143), "{signal}: {text}");
        assert!(text.contains("verdict"), "{signal}: {text}");
    }
}

#[test]
fn secrets_come_from_the_environment_and_from_files_too() {
    let served = Served::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "good-token\n").unwrap();
    let by_file = format!("token={}", file.display());
    let output = run(&["run", "--target", &served.url, "--secret-file", &by_file, "name.max-length"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let mut by_environment = conformant();
    by_environment.args(["run", "name.max-length"]);
    by_environment.env("CONFORMANT_TARGET", &served.url).env("CONFORMANT_SECRET_token", "good-token");
    assert_eq!(by_environment.status().unwrap().code(), Some(0));
}

#[test]
fn the_time_limit_stops_a_run_and_leaves_it_undetermined() {
    let served = Served::start(&[]);
    let output = run_against(&served, &["--max-time", "0.000001"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}");
    assert!(text.contains("the time limit of"), "{text}");
}

#[test]
fn a_mutant_of_the_reference_is_caught_for_its_clause_and_a_correct_variant_passes() {
    let output = run(&["mutants", "name-129-accepted", "taken-409"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    assert!(text.contains("1 of 1 caught (100.0 %), 1 attributed (100.0 %)"), "{text}");
    assert!(text.contains("1 correct ones, 0 false alarms"), "{text}");
}

#[test]
fn a_suite_without_a_file_of_cases_misses_a_mutant_and_ends_with_1() {
    let (_folder, suite) = copied_suite();
    fs::remove_file(Path::new(&suite).join("ids.yaml")).unwrap();
    let output = run(&["mutants", "--suite", &suite, "subnet_id.max-length"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}{}", stderr(&output));
    assert!(text.contains("missed "), "{text}");
}

#[test]
fn a_server_of_ones_own_is_broken_by_its_own_command() {
    let folder = tempfile::tempdir().unwrap();
    let faults = folder.path().join("faults.yaml");
    fs::write(
        &faults,
        "- { id: name-129-accepted, clause: name.max-length, says: a long name is accepted }\n\
         - { id: name-128-refused, clause: name.max-length, says: a name of full length is refused }\n",
    )
    .unwrap();
    // The reference server stands in for one's own; the baseline is started with the fault `none`.
    let wrapper = folder.path().join("my server");
    let program = env!("CARGO_BIN_EXE_conformant");
    let script = format!(
        "#!/bin/sh\nif [ \"$2\" = none ]; then exec {program} serve --port $1; fi\nexec {program} serve --port $1 --fault $2\n"
    );
    fs::write(&wrapper, script).unwrap();
    let command = format!("sh '{}' {{port}} {{fault}}", wrapper.display());
    let faults = faults.display().to_string();
    let output = run(&[
        "mutants",
        "--command",
        &command,
        "--faults",
        &faults,
        "--secret",
        "token=good-token",
        "--secret",
        "limited_token=limited-token",
    ]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    assert!(text.contains("2 of 2 caught (100.0 %), 2 attributed (100.0 %)"), "{text}");
}

#[test]
fn quiet_says_no_more_than_violations_and_the_verdict() {
    let output = run(&["run", "name.max-length", "--quiet"]);
    assert_eq!(stdout(&output), "verdict  conformant\n");
}

#[test]
fn a_report_of_a_run_that_could_not_be_made_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html").display().to_string();
    let output = run(&["run", "name.max-length", "--report-html", &page, "--report-json", "/dev/full"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_report_is_written_in_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let reports = ["json", "junit", "html", "markdown", "ctrf", "coverage"];
    let mut arguments = vec!["run".to_owned(), "name.max-length".to_owned()];
    for report in reports {
        arguments.extend([format!("--report-{report}"), path(report)]);
    }
    let output = conformant().args(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    for report in reports {
        let text = fs::read_to_string(path(report)).unwrap();
        assert!(text.contains("max-length"), "{report}: {text}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error_and_changes_no_exit_code() {
    let wrong = Served::start(&["--fault", "name-129-accepted"]);
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson").display().to_string();
    let gone = folder.path().join("ledger").display().to_string();
    let stopped = ["run", "--target", &wrong.url, "--secret", "token=good-token", "name.max-length"];
    assert_eq!(run(&[&stopped[..], &["--quiet", "--report-json", &events]].concat()).status.code(), Some(1));
    for (arguments, code) in [
        (&["list"][..], 0),
        (&["schema"], 0),
        (&["config"], 0),
        (&["check", "--coverage"], 0),
        (&["snapshots", "list"], 0),
        (&["mutants", "--list"], 0),
        (&["mutants", "name-129-accepted"], 0),
        (&["cleanup", "--list", "--ledger", &gone], 0),
        (&["run", "name.max-length"], 0),
        (&["run", "name.max-length", "--report-json", "-"], 0),
        (&["run", "name.max-length", "--report-github"], 0),
        (&stopped, 1),
        (&["report", "--from", &events], 1),
        (&["report", "--from", &events, "--report-html", "-"], 1),
        (&["--help"], 0),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = conformant().args(arguments).stdout(writer).output().unwrap();
        // Where a report has standard output, the terminal's report is on standard error.
        let told = if arguments.ends_with(&["-"]) { String::new() } else { stderr(&output) };
        // What is told as it is found has standard error to itself.
        let told = told.lines().find(|line| !line.starts_with("violates ")).unwrap_or_default();
        assert_eq!((output.status.code(), told), (Some(code), ""), "{arguments:?} {}", stderr(&output));
    }
}

#[test]
fn a_negative_control_that_cannot_be_made_is_an_error_and_nothing_else_is_sent() {
    let (_folder, suite) = copied_suite();
    let file = Path::new(&suite).join("suite.yaml");
    let text = fs::read_to_string(&file).unwrap();
    let path = r#"path: { project_id: "{{ project_id }}" }"#;
    assert!(text.contains(path));
    let other = path.replace("{{ project_id }}", "{{ project_id }}{{ [''][pick([0, 1])] }}");
    // A path that can be made for one request in two, as the values happen to be drawn.
    fs::write(&file, text.replacen(path, &other, 1)).unwrap();
    let runs = (0..64).map(|seed| judged(&["--suite", &suite, "--seed", &format!("{seed:x}"), "name.max-length"]));
    let bare = |run: &Run| run.events.iter().find(|event| event["id"] == "connections/control[bare]").cloned();
    let (bare, run) =
        runs.into_iter().find_map(|run| Some((bare(&run)?, run))).expect("a seed that makes only the other");
    assert_eq!((bare["outcome"].as_str(), run.exit), (Some("error"), 3), "{}", run.terminal);
    assert!(run.terminal.contains("the request without headers and body can't be made"), "{}", run.terminal);
    assert_eq!(run.footer()["requests"], 1);
}

/// What the program does with these arguments and this limit of the shell's.
#[cfg(target_os = "linux")]
fn limited(limit: &str, arguments: &[&str]) -> std::process::Output {
    let program = conformant();
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit {limit}; exec \"$@\""), "sh"]).arg(program.get_program()).args(arguments);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env("CI", "true").env("NO_COLOR", "1");
    command.env("CONFORMANT_LEDGER", concat!(env!("CARGO_TARGET_TMPDIR"), "/ledgers"));
    command.output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_memory_for_threads_is_named_in_one_error_and_nothing_panics() {
    let mut refused = 0;
    for kilobytes in (80_000..=440_000).step_by(40_000) {
        let output = limited(&format!("-v {kilobytes}"), &["run", "name/max-length"]);
        let (out, err) = (stdout(&output), stderr(&output));
        assert!(!err.contains("panicked") && !out.contains("violates "), "{kilobytes}: {err}");
        match output.status.code() {
            Some(0) => {}
            Some(4) => {
                refused += 1;
                assert_eq!(err.matches("error: ").count(), 1, "{kilobytes}: {err}");
                assert!(err.contains("Resource temporarily unavailable"), "{kilobytes}: {err}");
            }
            // Rust ends a program at once whose memory is over, and says so.
            None => assert!(err.contains("memory allocation of "), "{kilobytes}: {err}"),
            code => panic!("{kilobytes}: {code:?}: {err}"),
        }
    }
    assert!(refused > 0, "every limit was high enough");
}

/// A library that sets the clock back to 1963 for whoever loads it first.
#[cfg(target_os = "linux")]
const EARLY_CLOCK: &str = "#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = syscall(SYS_clock_gettime, clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec -= 2000000000;
    return failed;
}
";

#[cfg(target_os = "linux")]
#[test]
fn a_clock_before_1970_judges_a_target_as_any_other_and_is_named_where_it_can_not_serve() {
    let folder = tempfile::tempdir().unwrap();
    let (source, library) = (folder.path().join("clock.c"), folder.path().join("clock.so"));
    fs::write(&source, EARLY_CLOCK).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status();
    // Whoever links Rust has a C compiler nearly always.
    let Ok(true) = built.map(|status| status.success()) else { return };
    let served = Served::start(&[]);
    let early = |arguments: &[&str]| {
        let mut command = conformant();
        command.current_dir(folder.path()).args(arguments).env("LD_PRELOAD", &library);
        command.env("CONFORMANT_SECRET_token", "good-token").env("CI", "false");
        command.output().unwrap()
    };
    let mut arguments = vec!["run", "--target", &served.url, "name/max-length", "success", "--snapshots", "off"];
    arguments.extend(["--report-json=json", "--report-junit=junit", "--report-html=html", "--report-ctrf=ctrf"]);
    let output = early(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let started = fs::read_to_string(folder.path().join("json")).unwrap();
    assert!(started.contains(r#""started":"196"#), "{}", started.lines().next().unwrap());
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    for (arguments, code) in [(&["run", "name/max-length"][..], 4), (&["serve"], 2)] {
        let output = early(arguments);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        let told = stderr(&output);
        assert!(told.contains("stands before 1970") && !told.contains("panicked"), "{told}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_descriptors_to_spare_is_named_and_the_target_is_not_blamed() {
    let served = Served::start(&[]);
    let arguments = ["run", "--target", &served.url, "--secret", "token=good-token", "--jobs", "64", "name."];
    let output = limited("-n 24", &arguments);
    let (out, err) = (stdout(&output), stderr(&output));
    assert_eq!(output.status.code(), Some(4), "{out}{err}");
    assert!(err.contains("Too many open files") && err.contains("the target has no part in it"), "{err}");
    assert!(!out.contains("violates "), "{out}");
}
