//! The runs whose reports are looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::binary::{Served, conformant, stderr, stdout};

/// The reports of one run.
#[derive(Debug)]
pub struct Reports {
    /// What the run is called in file names.
    pub name: &'static str,
    pub html: PathBuf,
    pub junit: PathBuf,
    pub tap: PathBuf,
    stream: PathBuf,
}

/// All runs: a conformant one, one with violations and every kind of waiver, and one in which every text is hostile.
pub fn runs() -> [&'static Reports; 3] {
    [conformant_run(), broken_run(), hostile_run()]
}

/// The embedded reference.
pub fn conformant_run() -> &'static Reports {
    static RUN: LazyLock<Reports> = LazyLock::new(|| Reports::of("conformant", &["run"], 0));
    &RUN
}

/// A server that accepts names of 129 characters, which is waived in one case, was in another, and isn't in a third; and a
/// waiver that is stale.
pub fn broken_run() -> &'static Reports {
    static RUN: LazyLock<Reports> = LazyLock::new(|| {
        let served = Served::start(&["--fault", "name-129-accepted"]);
        let waivers = folder().join("waivers.toml");
        let waiver = |case: &str, clause: &str, expires: &str| {
            format!(
                "[[waiver]]\ncase = \"connections/{case}\"\nclause = \"{clause}\"\nreason = \"the limit is raised in \
                 March\"\nissue = \"API-7\"\nexpires = {expires}\n"
            )
        };
        let text = [
            waiver("name/max-length[over]", "name.max-length", "2020-02-29"),
            waiver("name/max-length-of-another-class[capitals-over]", "name.max-length", "2999-12-31"),
            waiver("description/max-length[over]", "description.max-length", "2999-12-31"),
        ];
        fs::write(&waivers, text.join("\n")).unwrap();
        let waivers = waivers.display().to_string();
        let target = ["run", "--target", &served.url, "--secret", "token=good-token", "--waivers", &waivers];
        Reports::of("broken", &target, 1)
    });
    &RUN
}

/// Markup, commands and marks of direction, as a target or a case file could have them.
pub const HOSTILE: &str = "</pre></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\
    <a href=javascript:alert(1)>x</a>\"'><b>b</b>&lt;i&gt; {{ 7*7 }} ]]> \u{202e}txt.exe \u{1b}[31m\u{0}";

/// The broken run as if every text in it were [`HOSTILE`], and two cases had passed only when they were sent again.
pub fn hostile_run() -> &'static Reports {
    static RUN: LazyLock<Reports> = LazyLock::new(|| {
        let whole = fs::read_to_string(&broken_run().stream).unwrap();
        let mut flaky = 0;
        let lines = whole.lines().map(|line| {
            let mut event: Value = serde_json::from_str(line).unwrap();
            defile(&mut event, false);
            if event["outcome"] == "conforms" && flaky < 2 {
                flaky += 1;
                event["retried"] = json!([503, 429]);
            } else if event["event"] == "finished" {
                event["flaky"] = json!(flaky);
            }
            event.to_string() + "\n"
        });
        let stream = folder().join("hostile-stream.ndjson");
        fs::write(&stream, lines.collect::<String>()).unwrap();
        Reports::of("hostile", &["report", "--from", &stream.display().to_string()], 1)
    });
    &RUN
}

/// Puts hostile text before every text of an event that isn't an id or a word of the format.
fn defile(value: &mut Value, free: bool) {
    const FREE: [&str; 15] = [
        "title", "says", "source", "reason", "observed", "expected", "headers", "text", "curl", "target", "issue",
        "resource", "why", "untested", "vacuous",
    ];
    match value {
        Value::String(text) if free => text.insert_str(0, HOSTILE),
        Value::Array(items) => items.iter_mut().for_each(|item| defile(item, free)),
        Value::Object(members) => members.iter_mut().for_each(|(key, value)| match key.as_str() {
            // A place of an answer has a form of its own, and a header's name is the freest part of it.
            "place" => *value = format!("/headers/{HOSTILE}").into(),
            key => defile(value, free || FREE.contains(&key)),
        }),
        _ => {}
    }
}

impl Reports {
    /// Runs the binary with these arguments, which has to end with this code.
    fn of(name: &'static str, arguments: &[&str], code: i32) -> Self {
        let file = |extension: &str| folder().join(format!("{name}.{extension}"));
        let reports = Self { name, html: file("html"), junit: file("xml"), tap: file("tap"), stream: file("ndjson") };
        let mut command = conformant();
        command.args(arguments).arg("--report-html").arg(&reports.html).arg("--report-junit").arg(&reports.junit);
        command.arg("--report-tap").arg(&reports.tap);
        let output = command.arg("--report-json").arg(&reports.stream).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}{}", stdout(&output), stderr(&output));
        reports
    }
}

/// Where the reports lie: a folder of this process alone, for nextest gives each test one.
fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = place();
        fs::create_dir_all(&folder).unwrap();
        folder
    });
    &FOLDER
}

fn place() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("reports-{}", std::process::id()))
}

/// Removes all reports, at the very end.
pub fn clear() {
    let _ = fs::remove_dir_all(place());
}
