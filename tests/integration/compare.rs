//! `conformant compare`: two runs side by side, by the event streams that they wrote.

use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use crate::support::binary::{Served, conformant, stderr, stdout};

/// Runs the cases about names against a server with this fault, or against a correct one; gives back the stream.
fn stream(folder: &Path, name: &str, fault: Option<&str>, filter: &str) -> PathBuf {
    let path = folder.join(name);
    let fault: Vec<&str> = fault.iter().flat_map(|fault| ["--fault", fault]).collect();
    let served = Served::start(&fault);
    let mut run = conformant();
    run.args(["run", "--target", &served.url, "--secret", "token=good-token", filter]);
    let output = run.arg("--report-json").arg(&path).output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
    path
}

fn compare(old: &Path, new: &Path, more: &[&str]) -> Output {
    conformant().arg("compare").arg(old).arg(new).args(more).env("COLUMNS", "100").output().unwrap()
}

#[test]
fn a_clause_that_broke_is_told_with_its_cases_and_ends_with_1_and_the_other_way_round_it_is_fixed() {
    let folder = tempfile::tempdir().unwrap();
    let good = stream(folder.path(), "good", None, "name.max-length");
    let bad = stream(folder.path(), "bad", Some("name-129-accepted"), "name.max-length");
    let worse = compare(&good, &bad, &[]);
    let text = stdout(&worse);
    assert_eq!((worse.status.code(), stderr(&worse)), (Some(1), String::new()), "{text}");
    let clause =
        "newly broken: 1 clause\n    name.max-length  proven → violated  The name has at most 128 characters.\n";
    assert!(text.contains(clause), "{text}");
    assert!(text.contains("    connections/name/max-length[over]"), "{text}");
    assert!(
        text.contains("verdict   conformant → non-conformant\ngate      passed → failed\nresult    worse\n"),
        "{text}"
    );
    assert!(text.contains("\n    1 clause newly broken\n"), "{text}");
    let better = compare(&bad, &good, &[]);
    let text = stdout(&better);
    assert_eq!(better.status.code(), Some(0), "{text}{}", stderr(&better));
    assert!(text.contains("fixed: 1 clause\n    name.max-length  violated → proven"), "{text}");
    assert!(text.ends_with("result    nothing got worse\n"), "{text}");
    let same = compare(&bad, &bad, &[]);
    assert_eq!(same.status.code(), Some(0), "what was broken before is no worse: {}", stdout(&same));
    assert!(stdout(&same).contains("still broken: 1 clause\n"), "{}", stdout(&same));
}

#[test]
fn the_comparison_is_written_as_markdown_too_to_a_file_or_instead_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let good = stream(folder.path(), "good", None, "name.max-length");
    let bad = stream(folder.path(), "bad", Some("name-129-accepted"), "name.max-length");
    let page = folder.path().join("comparison.md");
    let output = compare(&good, &bad, &["--report-markdown", page.to_str().unwrap()]);
    assert!(stdout(&output).ends_with(&format!("written   {}\n", page.display())), "{}", stdout(&output));
    let markdown = fs::read_to_string(&page).unwrap();
    assert!(markdown.starts_with("# ❌ connections: worse\n"), "{markdown}");
    assert!(markdown.contains("| `name.max-length` | proven | violated | The name has at most 128 characters"));
    let piped = compare(&good, &bad, &["--report-markdown", "-"]);
    assert_eq!((piped.status.code(), stdout(&piped)), (Some(1), markdown));
    assert!(stderr(&piped).contains("result    worse\n"), "{}", stderr(&piped));
    let lost = compare(&good, &bad, &["--report-markdown", "/no-such-folder/x.md"]);
    assert_eq!(lost.status.code(), Some(4), "{}", stderr(&lost));
}

#[test]
fn a_run_of_fewer_cases_has_cases_that_are_gone_and_says_that_its_filter_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let all = stream(folder.path(), "all", None, "name.max-length");
    let some = stream(folder.path(), "some", None, "name/length-between");
    let output = compare(&all, &some, &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("differs   only name.max-length → only name/length-between\n"), "{text}");
    assert!(text.contains("cases that are gone: ") && text.contains("no longer proven: 1 clause\n"), "{text}");
    let more = compare(&some, &all, &[]);
    assert_eq!(more.status.code(), Some(0), "{}", stdout(&more));
    assert!(stdout(&more).contains("newly proven: 1 clause\n"), "{}", stdout(&more));
}

#[test]
fn the_stream_of_a_killed_run_is_compared_as_far_as_it_goes_and_its_verdict_is_worse() {
    let folder = tempfile::tempdir().unwrap();
    let whole = stream(folder.path(), "whole", None, "name.max-length");
    let text = fs::read_to_string(&whole).unwrap();
    let cut = folder.path().join("cut");
    fs::write(&cut, &text[..text.len() * 2 / 3]).unwrap();
    let output = compare(&whole, &cut, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    let line = "verdict   conformant → undetermined: the run was stopped before its end: its event stream ends after ";
    assert!(stdout(&output).contains(line), "{}", stdout(&output));
}

#[test]
fn what_can_not_be_compared_ends_with_2_and_a_next_step() {
    let folder = tempfile::tempdir().unwrap();
    let good = stream(folder.path(), "good", None, "name.max-length");
    let text = fs::read_to_string(&good).unwrap();
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let other = write("other", text.replace("\"connections", "\"others"));
    let damaged = write("damaged", text.replace("\"verdict\":\"conformant\"", "\"verdict\":\"undetermined\""));
    let no_stream = write("text", "hello\n".to_owned());
    let missing = folder.path().join("missing");
    for (old, new, told) in [
        (
            &good,
            &other,
            "error: the new run has the suite others, and the old one doesn't\n  help: compare runs of the same suites\n",
        ),
        (
            &good,
            &damaged,
            "is damaged: the footer says that the verdict is undetermined, but its cases amount to conformant\n",
        ),
        (&damaged, &good, "is damaged: the footer "),
        (&no_stream, &good, "line 1 is no event of a run: "),
        (&good, &missing, "can't be read: "),
    ] {
        for more in [&[][..], &["--report-markdown", "-"]] {
            let output = compare(old, new, more);
            assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{}", stderr(&output));
            assert!(stderr(&output).contains(told), "{}", stderr(&output));
        }
    }
    for arguments in [&["compare"][..], &["compare", "a"], &["compare", "-", "-"]] {
        let output = conformant().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    }
}

#[test]
fn a_stream_may_come_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let good = stream(folder.path(), "good", None, "name.max-length");
    let mut piped = conformant();
    piped.args(["compare", "-"]).arg(&good).stdin(Stdio::from(fs::File::open(&good).unwrap()));
    let output = piped.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

/// A stream of so many cases as it would come of a long run, every tenth of which violates.
fn long_stream(path: &Path, cases: usize, skipped: usize) {
    let statement = serde_json::json!({ "id": "must.one", "level": "must", "says": "so", "source": "there",
        "polarities": ["hold"] });
    let header = serde_json::json!({ "event": "started", "schema": "1.0", "version": "0.1.0", "suite": "s", "title": "S",
        "digest": "d", "target": "http://t", "seed": "1", "started": "2026-11-22T10:00:00Z", "cases": cases,
        "clauses": [statement] });
    let mut out = BufWriter::new(fs::File::create(path).unwrap());
    writeln!(out, "{header}").unwrap();
    for at in 0..cases {
        // No order that a sorted list would be fast with.
        let id = (at + skipped).wrapping_mul(2_654_435_761) % 4_294_967_296;
        let id = format!("connections/generated/values[{id:010}-of-a-table]");
        writeln!(
            out,
            r#"{{"event":"case","id":"{id}","at":{at},"title":"t","file":"f.yaml","line":1,"covers":{{"must.one":"hold"}},"outcome":"conforms","requests":1,"elapsed_ms":1.0}}"#
        )
        .unwrap();
    }
    out.flush().unwrap();
}

/// Takes a minute without optimization, so it is run by hand: `cargo test --release --test integration -- --ignored a_million_cases`.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "long"]
fn a_million_cases_are_compared_within_128_mebibytes() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old", "new"].map(|name| folder.path().join(name));
    long_stream(&old, 1_000_000, 0);
    long_stream(&new, 1_000_000, 1_000);
    let memory = peak_of_comparison(&old, &new);
    println!("{} KiB", memory / 1024);
    assert!(memory < 128 * 1024 * 1024, "{memory}");
}

/// The most memory that a comparison has resident, in bytes.
#[cfg(target_os = "linux")]
fn peak_of_comparison(old: &Path, new: &Path) -> u64 {
    let mut command = conformant();
    command.arg("compare").arg(old).arg(new).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut memory = 0;
    while child.try_wait().unwrap().is_none() {
        memory = memory.max(crate::threats::peak(child.id()));
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    memory
}
