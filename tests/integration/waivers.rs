//! Waivers: what a known violation does to the gate, what an expired or stale one does, and how they are written.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::binary::{self, Served, stderr, stdout};
use tempfile::TempDir;

/// The binary in a folder.
fn conformant(folder: &Path) -> Command {
    let mut command = binary::conformant();
    command.current_dir(folder).env_remove("CONFORMANT_LEDGER");
    command
}

impl Served {
    /// A server that accepts names of 129 characters.
    fn wrong() -> Self {
        Self::start(&["--fault", "name-129-accepted"])
    }

    fn run_suite(&self, folder: &Path, arguments: &[&str]) -> Output {
        let target = ["run", "--target", &self.url, "--secret", "token=good-token", "--seed", "ab"];
        conformant(folder).args([&target, arguments].concat()).output().unwrap()
    }
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    (output.status.code(), stdout(output), stderr(output))
}

/// The three cases that the wrong server fails.
const BROKEN: [&str; 3] = [
    "connections/name/max-length[over]",
    "connections/name/max-length-of-another-class[capitals-over]",
    "connections/name/max-length-of-another-class[separators-over]",
];

fn waiver(case: &str, expires: &str) -> String {
    format!(
        "[[waiver]]\ncase = \"{case}\"\nclause = \"name.max-length\"\nreason = \"the limit is raised in March\"\n\
         issue = \"API-7\"\nexpires = {expires}\n\n"
    )
}

/// A folder with these waivers.
fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("waivers.toml"), text).unwrap();
    folder
}

/// The cases among which are those.
const CASES: [&str; 5] = ["name/max-length", "!escapes", "!hyphens", "!underscores", "!digits"];

/// What a run of these cases with the waivers is asked for, besides.
fn only(arguments: &[&'static str]) -> Vec<&'static str> {
    [&["--waivers", "waivers.toml"], arguments, &CASES].concat()
}

#[test]
fn a_run_whose_violations_are_all_waived_passes_the_gate_and_is_still_non_conformant() {
    let served = Served::wrong();
    let folder = folder(&BROKEN.map(|case| waiver(case, "2999-12-31")).concat());
    let (code, stdout, stderr) = told(&served.run_suite(folder.path(), &only(&[])));
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    let ours = |line: &&str| ["violates", "waived", "verdict", "gate"].iter().any(|word| line.starts_with(word));
    insta::assert_snapshot!(stdout.lines().filter(ours).collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_expired_waiver_fails_the_gate_with_a_line_that_says_what_to_do() {
    let served = Served::wrong();
    let folder = folder(
        &(waiver(BROKEN[0], "2020-02-29") + &waiver(BROKEN[1], "2999-12-31") + &waiver(BROKEN[2], "'2999-12-31'")),
    );
    let (code, stdout, stderr) = told(&served.run_suite(folder.path(), &only(&["--quiet"])));
    assert_eq!((code, stderr.as_str()), (Some(1), ""), "{stdout}");
    let lines: Vec<&str> =
        stdout.lines().filter(|line| line.starts_with("expired") || line.starts_with("gate")).collect();
    assert_eq!(
        lines,
        [
            "expired connections/name/max-length[over] still breaks name.max-length, and its waiver expired on \
             2020-02-29: fix the target, or give waivers.toml:1 a later date",
            "gate     failed: a clause is broken, and a waiver is expired",
        ]
    );
    assert!(stdout.starts_with("violates name.max-length: "), "{stdout}");
}

#[test]
fn a_stale_waiver_fails_the_gate_with_a_line_that_says_what_to_do() {
    let served = Served::start(&[]);
    let folder = folder(&waiver(BROKEN[0], "2999-12-31"));
    let (code, stdout, stderr) = told(&served.run_suite(folder.path(), &only(&["--quiet"])));
    assert_eq!((code, stderr.as_str()), (Some(1), ""), "{stdout}");
    assert_eq!(
        stdout,
        "stale connections/name/max-length[over] doesn't break name.max-length any more: remove the waiver at \
         waivers.toml:1\n\nverdict  conformant\ngate     failed: a waiver is stale\n"
    );
}

#[test]
fn a_waiver_whose_case_was_not_run_is_neither_stale_nor_told_of() {
    let served = Served::start(&[]);
    let folder = folder(&(waiver(BROKEN[0], "2999-12-31") + &waiver(BROKEN[1], "2020-01-01")));
    let (code, stdout, _) =
        told(&served.run_suite(folder.path(), &["--waivers", "waivers.toml", "--quiet", "description.max-length"]));
    assert_eq!((code, stdout.as_str()), (Some(0), "verdict  conformant\n"));
}

#[test]
fn a_violation_that_is_not_waived_fails_the_gate_beside_those_that_are() {
    let served = Served::wrong();
    let folder = folder(&(waiver(BROKEN[0], "2999-12-31") + &waiver(BROKEN[1], "2999-12-31")));
    let (code, stdout, _) = told(&served.run_suite(folder.path(), &only(&["--quiet"])));
    assert_eq!(code, Some(1));
    assert!(stdout.contains(BROKEN[2]) && !stdout.contains(BROKEN[0]) && !stdout.contains("gate "), "{stdout}");
}

#[test]
fn everything_that_is_wrong_with_the_waivers_is_told_before_the_first_request() {
    let text = r#"[[waiver]]
case = "connections/name/max-length[ovr]"
clause = "name.max-lenght"
reason = "x"
expires = "31.12.2026"

[[waiver]]
case = "connections/name/max-length[over]"
clause = "name.max-length"
reason = ""
isue = "API-7"

[[waiver]]
case = "connections/name/max-length[over]"
clause = "name.max-length"
reason = "x"
expires = 2026-02-30

[[waiver]]
case = "connections/control[before]"
clause = "ambiguity.name-letters"
reason = "x"
expires = 2026-12-31T00:00:00Z
"#;
    let folder = folder(&text.replace("2026-02-30", "'2026-02-30'"));
    let mut command = conformant(folder.path());
    command.args([
        "run",
        "--target",
        "http://127.0.0.1:1",
        "--secret",
        "token=good-token",
        "--waivers",
        "waivers.toml",
    ]);
    let (code, stdout, stderr) = told(&command.output().unwrap());
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{stderr}");
    insta::assert_snapshot!(stderr);
}

#[test]
fn every_report_shows_what_is_waived_why_and_until_when() {
    let served = Served::wrong();
    let folder = folder(&BROKEN.map(|case| waiver(case, "2999-12-31")).concat());
    let files = ["json", "junit", "html", "markdown", "ctrf", "coverage"];
    let mut arguments: Vec<String> = files.iter().map(|name| format!("--report-{name}={name}")).collect();
    arguments.extend(only(&["--report-github"]).into_iter().map(str::to_owned));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (code, stdout, _) = told(&served.run_suite(folder.path(), &arguments));
    assert_eq!(code, Some(0));
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for (name, text) in files.map(|name| (name, text(name))).iter().chain([&("github", stdout)]) {
        let plain = text.replace("&#x2f;", "/").replace("\\-", "-").replace("&#45;", "-").replace('\\', "");
        for word in ["2999-12-31", "the limit is raised in March", "API-7", BROKEN[0]] {
            assert!(plain.contains(word), "{name} lacks {word}: {text}");
        }
    }
    assert!(text("junit").contains("failures=\"0\"") && !text("junit").contains("<failure"), "{}", text("junit"));
    let ctrf: serde_json::Value = serde_json::from_str(&text("ctrf")).unwrap();
    assert_eq!(ctrf["results"]["summary"]["failed"], 0);
    let footer: serde_json::Value = serde_json::from_str(text("json").lines().last().unwrap()).unwrap();
    assert_eq!((&footer["verdict"], &footer["gate"]), (&"non-conformant".into(), &"passed".into()));
    assert_eq!(footer["waivers"][0]["state"], "waived");
    let case = text("json").lines().find(|line| line.contains(BROKEN[0])).unwrap().to_owned();
    let case: serde_json::Value = serde_json::from_str(&case).unwrap();
    assert_eq!(case["waived"]["name.max-length"]["expires"], "2999-12-31");
}

#[test]
fn a_stale_waiver_is_a_failure_in_the_reports_of_a_run_that_fails_nothing_else() {
    let served = Served::start(&[]);
    let folder = folder(&waiver(BROKEN[0], "2999-12-31"));
    let arguments = ["--report-junit=junit", "--report-ctrf=ctrf", "--report-github"];
    let (code, stdout, _) = told(&served.run_suite(folder.path(), &[&arguments[..], &only(&["--quiet"])].concat()));
    assert_eq!(code, Some(1));
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(text("junit").contains("<failure message=\"stale waiver: "), "{}", text("junit"));
    let ctrf: serde_json::Value = serde_json::from_str(&text("ctrf")).unwrap();
    assert_eq!(ctrf["results"]["summary"]["failed"], 1);
    assert!(stdout.contains("::error file=waivers.toml,line=1,title=stale waiver::"), "{stdout}");
}

#[test]
fn the_same_waivers_tell_the_same_with_any_number_of_jobs() {
    let served = Served::wrong();
    let folder = folder(&(waiver(BROKEN[2], "2020-01-01") + &waiver(BROKEN[0], "2999-12-31")));
    let footers = ["1", "16"].map(|jobs| {
        let arguments = ["--report-json=-", "--jobs", jobs];
        let (_, stdout, _) = told(&served.run_suite(folder.path(), &[&arguments[..], &only(&["--quiet"])].concat()));
        let footer: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
        footer["waivers"].clone()
    });
    assert_eq!(footers[0], footers[1]);
    assert_eq!(footers[0].as_array().unwrap().len(), 2);
}

#[test]
fn waivers_for_what_is_broken_today_are_written_behind_what_the_file_holds() {
    let served = Served::wrong();
    let held = format!("# agreed on in May\n{}# the end\n", waiver(BROKEN[1], "2020-01-01 # was too short"));
    let folder = folder(&held);
    let path = folder.path().join("waivers.toml");
    let arguments = ["--waive-current", "--expires", "2999-06-30", "--reason", "until \"v2\""];
    let (code, stdout, stderr) = told(&served.run_suite(folder.path(), &[&arguments, &["-q"][..], &CASES].concat()));
    // The run itself is judged without them.
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert_eq!(
        stderr,
        "wrote 3 waivers until 2999-06-30 to waivers.toml, 1 of them renewed: they count from the next run on\n"
    );
    insta::assert_snapshot!(fs::read_to_string(&path).unwrap());
    let beside: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside.iter().filter(|name| *name != ".conformant").collect::<Vec<_>>(), ["waivers.toml"]);
    let (code, stdout, _) = told(&served.run_suite(folder.path(), &only(&["--quiet"])));
    assert_eq!(code, Some(0));
    assert!(stdout.ends_with("verdict  non-conformant\ngate     passed: every violation is waived\n"), "{stdout}");
    let before = fs::read_to_string(&path).unwrap();
    let (code, _, stderr) = told(&served.run_suite(folder.path(), &[&arguments[..], &only(&["--quiet"])].concat()));
    assert_eq!(code, Some(0));
    assert_eq!(stderr, "no waiver was written to waivers.toml: there is no violation that isn't waived\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn waivers_that_cannot_be_written_are_refused_before_the_first_request() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = conformant(folder.path());
        command.args(["run", "--target", "http://127.0.0.1:1", "--secret", "token=good-token", "--waive-current"]);
        told(&command.args(arguments).output().unwrap())
    };
    let missing = "error: --waive-current writes waivers, which have a last day and a reason\n  \
                   help: give --expires DATE and --reason TEXT\n";
    assert_eq!(run(&["--reason", "x"]), (Some(2), String::new(), missing.to_owned()));
    let (code, _, stderr) = run(&["--expires", "2020-01-01", "--reason", "x"]);
    assert_eq!(code, Some(2));
    assert!(stderr.starts_with("error: --expires 2020-01-01 has passed: today is "), "{stderr}");
    let (code, _, stderr) = run(&["--expires", "soon", "--reason", "x"]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("give a day, as 2026-12-31"), "{stderr}");
    let (code, stdout, stderr) = run(&["--expires", "2999-01-01", "--reason", "x", "--waivers", "gone/waivers.toml"]);
    assert_eq!((code, stdout.as_str()), (Some(4), ""));
    assert!(stderr.starts_with("error: the waivers gone/waivers.toml could not be written: "), "{stderr}");
}

#[test]
fn a_profile_names_the_waivers() {
    let served = Served::wrong();
    let folder = folder(&BROKEN.map(|case| waiver(case, "2999-12-31")).concat());
    fs::create_dir(folder.path().join("below")).unwrap();
    fs::write(folder.path().join("conformant.toml"), "[profile.a]\nwaivers = \"waivers.toml\"\n").unwrap();
    let (code, stdout, stderr) =
        told(&served.run_suite(&folder.path().join("below"), &[&["-P", "a", "-q"], &CASES[..]].concat()));
    assert_eq!(code, Some(0), "{stdout}{stderr}");
}

#[test]
fn what_a_waivers_file_holds_stays_ahead_of_what_is_written_into_it() {
    let served = Served::wrong();
    let arguments = ["--waive-current", "--expires", "2999-06-30", "--reason", "known", "-q", BROKEN[0]];
    let new = format!(
        "[[waiver]]\ncase = \"{}\"\nclause = \"name.max-length\"\nreason = \"known\"\nexpires = \"2999-06-30\"\n",
        BROKEN[0]
    );
    let other = waiver(BROKEN[1], "2999-12-31");
    let between = format!("# the head\n\n# the first\n{other}# the second\n{}", waiver(BROKEN[2], "2999-12-31"));
    let windows = |text: &str| text.replace('\n', "\r\n");
    for (held, expected) in [
        (String::new(), new.clone()),
        ("\n".to_owned(), format!("\n\n{new}")),
        ("# the head\n".to_owned(), format!("# the head\n\n{new}")),
        ("# the head\n\n# and more\n\n".to_owned(), format!("# the head\n\n# and more\n\n{new}")),
        ("# no end".to_owned(), format!("# no end\n\n{new}")),
        ("\u{feff}# with a mark".to_owned(), format!("\u{feff}# with a mark\n\n{new}")),
        ("# the head\r\n# and more\r\n".to_owned(), windows(&format!("# the head\n# and more\n\n{new}"))),
        ("# the head\r\n# no end".to_owned(), windows(&format!("# the head\n# no end\n\n{new}"))),
        (between.clone(), format!("{between}{new}")),
        (windows(&between), windows(&format!("{between}{new}"))),
        (format!("# the head\n\n{other}# the end"), format!("# the head\n\n{other}# the end\n\n{new}")),
        (
            windows(&format!("\u{feff}# the head\n{}# the end\n", waiver(BROKEN[0], "2020-01-01 # once"))),
            windows(&format!(
                "\u{feff}# the head\n{}# the end\n",
                waiver(BROKEN[0], "\"2999-06-30\" # once").replace("the limit is raised in March", "known")
            )),
        ),
    ] {
        let folder = folder(&held);
        let (code, stdout, stderr) = told(&served.run_suite(folder.path(), &arguments));
        assert_eq!(code, Some(1), "{held}{stdout}{stderr}");
        assert_eq!(fs::read_to_string(folder.path().join("waivers.toml")).unwrap(), expected, "{stderr}");
        let (code, stdout, stderr) =
            told(&served.run_suite(folder.path(), &["--waivers", "waivers.toml", "-q", BROKEN[0]]));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{stdout}");
    }
}

#[test]
fn a_waiver_for_readings_that_exclude_each_other_is_stale_once_a_whole_run_sees_one_reading() {
    let served = Served::start(&[]);
    let id = "connections/consistency[ambiguity.response-name-case]";
    let folder = folder(&waiver(id, "2999-12-31").replace("name.max-length", "response.name-echo"));
    let (code, stdout, stderr) = told(&served.run_suite(folder.path(), &only(&["--quiet"])));
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "a part of the suite can't tell: {stdout}");
    let whole = ["--waivers", "waivers.toml", "--quiet", "--variable", "other_project_id=project-b"];
    let (code, stdout, _) = told(&served.run_suite(folder.path(), &whole));
    assert_eq!(code, Some(1));
    let line = "stale connections/consistency[ambiguity.response-name-case] doesn't break response.name-echo any more: \
                remove the waiver at waivers.toml:1\n";
    assert!(stdout.contains(line), "{stdout}");
}
