//! `conformant report --from`: reports made later are those that the run itself made, and a file that is no event stream,
//! or not a whole one, is said to be so.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::binary::{Served, conformant, stderr, stdout};

/// The reports that go to a file, as the help has them.
fn formats() -> Vec<String> {
    let help = stdout(&conformant().args(["run", "--help"]).output().unwrap());
    let flags = help.lines().filter_map(|line| line.trim().strip_prefix("--report-")?.strip_suffix(" <FILE>"));
    flags.map(str::to_owned).collect()
}

/// The arguments that write every report into this folder.
fn every(folder: &Path) -> Vec<String> {
    let path = |format: &str| folder.join(format).display().to_string();
    formats().iter().flat_map(|format| [format!("--report-{format}"), path(format)]).collect()
}

/// Makes all reports of a run and, from its stream, again; gives back both outputs.
fn run_and_report(arguments: &[&str]) -> (Output, Output) {
    let folder = tempfile::tempdir().unwrap();
    let (first, again) = (folder.path().join("first"), folder.path().join("again"));
    fs::create_dir(&first).unwrap();
    fs::create_dir(&again).unwrap();
    let github = |command: &mut std::process::Command, folder: &Path| {
        command.arg("--report-github").env("GITHUB_STEP_SUMMARY", folder.join("summary"));
    };
    let mut run = conformant();
    run.arg("run").args(arguments).args(every(&first));
    github(&mut run, &first);
    let run = run.output().unwrap();
    let mut report = conformant();
    report.args(["report", "--from"]).arg(first.join("json")).args(every(&again));
    github(&mut report, &again);
    let report = report.output().unwrap();
    let names = formats();
    assert!(names.len() > 6, "{names:?}");
    for name in names.iter().map(String::as_str).chain(["summary"]) {
        let (one, two) = (fs::read(first.join(name)).unwrap(), fs::read(again.join(name)).unwrap());
        assert!(!one.is_empty(), "{name}");
        assert!(one == two, "{name} differs\n{}{}", stderr(&run), stderr(&report));
    }
    // Each names the files that it wrote.
    let shown = |output: &Output| stdout(output).replace("/first/", "/again/").replace("/json, ", "/");
    assert_eq!(shown(&run), shown(&report));
    assert_eq!(run.status.code(), report.status.code());
    (run, report)
}

#[test]
fn every_report_of_a_conformant_run_is_the_same_byte_for_byte_when_made_later() {
    let (_, report) = run_and_report(&[]);
    assert_eq!(report.status.code(), Some(0), "{}", stderr(&report));
    assert!(stdout(&report).contains("verdict  conformant\n"), "{}", stdout(&report));
}

#[test]
fn every_report_of_a_broken_target_is_the_same_byte_for_byte_when_made_later() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let (_, report) = run_and_report(&["--target", &served.url, "--secret", "token=good-token", "name"]);
    assert_eq!(report.status.code(), Some(1), "{}", stderr(&report));
    let (_, refused) = run_and_report(&["--target", &served.url, "--secret", "token=wrong-token"]);
    assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
}

/// A run of some cases with its stream.
fn stream(folder: &Path) -> String {
    let path = folder.join("results.ndjson");
    let output = conformant().args(["run", "name/max-length", "--report-json"]).arg(&path).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    fs::read_to_string(path).unwrap()
}

fn report_from(path: &Path, more: &[&str]) -> Output {
    conformant().args(["report", "--from"]).arg(path).args(more).output().unwrap()
}

#[test]
fn the_stream_of_a_killed_run_gives_reports_marked_as_interrupted_and_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let whole = stream(folder.path());
    let path = folder.path().join("cut.ndjson");
    fs::write(&path, &whole[..whole.len() * 2 / 3]).unwrap();
    let page = folder.path().join("page.html");
    let output = report_from(&path, &["--report-html", &page.display().to_string()]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(3), "{text}{}", stderr(&output));
    assert!(text.contains("verdict  undetermined: the run was stopped before its end: its event stream ends after "));
    assert!(fs::read_to_string(page).unwrap().contains("Stopped before its end: its event stream ends after "));
}

#[test]
fn a_violation_that_a_killed_run_had_found_is_still_one() {
    let served = Served::start(&["--fault", "name-129-accepted"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.ndjson");
    let mut run = conformant();
    run.args(["run", "--target", &served.url, "--secret", "token=good-token", "name.max-length", "--report-json"]);
    assert_eq!(run.arg(&path).output().unwrap().status.code(), Some(1));
    let whole = fs::read_to_string(&path).unwrap();
    let footer = whole.trim_end().rfind('\n').unwrap();
    fs::write(&path, &whole[..=footer]).unwrap();
    let output = report_from(&path, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert!(stdout(&output).contains("violates name.max-length"), "{}", stdout(&output));
}

#[test]
fn what_is_no_event_stream_is_told_with_file_line_and_next_step_and_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let whole = stream(folder.path());
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    // Controls and probes, which have no place among the rows, come first.
    let row = lines.iter().position(|line| line.contains("\"at\":")).unwrap();
    let cases = [
        ("empty.ndjson", String::new(), "line 1 is not there, or not whole: there is no header to begin with"),
        ("text.ndjson", "hello\n".to_owned(), "line 1 is no event of a run: expected value (column 1)"),
        ("case.ndjson", lines[1..].concat(), "line 1 is not the header that a run begins with"),
        ("gap.ndjson", [&lines[..row], &lines[row + 1..]].concat().concat(), "cases, but the header tells of "),
        ("esc.ndjson", format!("{}{{\"event\":\"\u{1b}[31m\"}}\n", lines[0]), "line 2 is no event of a run: "),
    ];
    for (name, text, told) in cases {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let page = folder.path().join("page.html");
        let output = report_from(&path, &["--report-html", &page.display().to_string()]);
        let trouble = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{name}: {trouble}");
        assert!(trouble.starts_with(&format!("error: {}: line ", path.display())), "{name}: {trouble}");
        assert!(trouble.contains(told), "{name}: {trouble}");
        assert!(trouble.ends_with("  help: give a file that `conformant run --report-json FILE` wrote\n"), "{trouble}");
        assert!(!trouble.contains('\u{1b}'), "{trouble}");
        assert!(!page.exists(), "{name}");
    }
}

#[test]
fn a_stream_comes_from_standard_input_too_and_may_be_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let whole = stream(folder.path());
    let path = folder.path().join("results.ndjson");
    let piped =
        conformant().args(["report", "--from", "-", "--quiet"]).stdin(fs::File::open(&path).unwrap()).output().unwrap();
    assert_eq!(stdout(&piped), "verdict  conformant\n", "{}", stderr(&piped));
    let over = report_from(&path, &["--report-json", &path.display().to_string()]);
    assert_eq!(over.status.code(), Some(0), "{}", stderr(&over));
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_can_not_be_written_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    stream(folder.path());
    let output = report_from(&folder.path().join("results.ndjson"), &["--report-junit", "/dev/full"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
}

#[test]
fn a_report_without_a_stream_or_with_two_kinds_of_them_is_wrong_usage() {
    for arguments in [&["report"][..], &["report", "--from", "a", "--merge", "b"], &["report", "--merge"]] {
        let output = conformant().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
}
