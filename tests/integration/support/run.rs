//! The binary, run as a user runs it, and its report, read as a pipeline reads it.

use std::path::Path;
use std::process::{Child, Command};

use serde_json::Value;

use super::binary::conformant;
use super::other::{LIMITED_TOKEN, TOKEN};

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub exit: i32,
    /// What stood on standard output.
    pub terminal: String,
    /// What stood on standard error.
    pub trouble: String,
    /// The events of the report, one a line.
    pub events: Vec<Value>,
}

/// Judges the server at a URL that knows the tokens of [`super::other`].
pub fn judge(url: &str) -> Run {
    judge_with(url, &[])
}

/// Judges with more arguments.
pub fn judge_with(url: &str, more: &[&str]) -> Run {
    let (token, limited) = (format!("token={TOKEN}"), format!("limited_token={LIMITED_TOKEN}"));
    let given = ["--secret", &token, "--secret", &limited, "--variable", "other_project_id=project-b"];
    run(&[&["--target", url], given.as_slice(), more].concat())
}

/// Runs with exactly these arguments and a report besides.
pub fn run(arguments: &[&str]) -> Run {
    run_by(conformant(), arguments)
}

/// The same with a command that has its environment.
pub fn run_by(mut command: Command, arguments: &[&str]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.ndjson");
    command.arg("run").args(arguments).arg("--report-json").arg(&report);
    let output = command.output().expect("the program starts");
    Run {
        exit: output.status.code().expect("no signal"),
        terminal: String::from_utf8(output.stdout).expect("UTF-8"),
        trouble: String::from_utf8(output.stderr).expect("UTF-8"),
        events: events(&report),
    }
}

fn events(report: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(report).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
}

impl Run {
    /// The last event.
    #[track_caller]
    pub fn footer(&self) -> &Value {
        let footer = self.events.last().filter(|event| event["event"] == "finished");
        footer.unwrap_or_else(|| panic!("the report has no end\n{}\n{}", self.terminal, self.trouble))
    }

    /// The verdict's word in the report.
    #[track_caller]
    pub fn verdict(&self) -> &str {
        self.footer()["verdict"].as_str().expect("a word")
    }

    /// The events of cases with this outcome.
    pub fn cases<'a>(&'a self, outcome: &'a str) -> impl Iterator<Item = &'a Value> {
        self.events.iter().filter(move |event| event["event"] == "case" && event["outcome"] == outcome)
    }

    /// The clause of the most telling violation in the first case that has one.
    pub fn first_violated(&self) -> Option<&str> {
        self.cases("violates").next()?["findings"][0]["clause"].as_str()
    }

    /// The violated clauses and in how many cases each, the most frequent first.
    #[track_caller]
    pub fn violated(&self) -> Vec<(&str, u64)> {
        let clauses = self.footer()["clauses"].as_array().expect("a list").iter();
        let count = |clause: &'_ Value| clause["violations"].as_u64().unwrap_or_default();
        let mut violated: Vec<(&str, u64)> = clauses
            .filter(|clause| count(clause) > 0)
            .map(|clause| (clause["id"].as_str().expect("an id"), count(clause)))
            .collect();
        violated.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        violated
    }

    /// What a failed assertion shows: the verdict, the violated clauses, and the first finding of the first cases.
    pub fn gist(&self) -> String {
        let end = self.events.last().map(|event| format!("{} {}", event["verdict"], event["reason"]));
        let mut lines = vec![format!("exit {}, {}", self.exit, end.unwrap_or_default())];
        lines.push(format!("violated {:?}", self.violated()));
        for case in self.cases("violates").take(12) {
            let finding = &case["findings"][0];
            let [clause, place, expected, observed] =
                ["clause", "place", "expected", "observed"].map(|key| &finding[key]);
            lines.push(format!("{} {clause} at {place}: expected {expected}, observed {observed}", case["id"]));
        }
        lines.push(self.trouble.clone());
        lines.join("\n")
    }

    /// How many causes the terminal shows, each a block of its own.
    pub fn blocks(&self) -> usize {
        let begins =
            |line: &&str| ["violates ", "deviates ", "inconclusive "].iter().any(|word| line.starts_with(word));
        self.terminal.lines().filter(begins).count()
    }
}

/// A process that is ended with the test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
