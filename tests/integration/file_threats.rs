//! The table of threats about files and the machine: how the program ends with each, how long it takes, how much memory and
//! disk it costs. Left out of the usual tests:
//!
//! ```text
//! cargo test --release --test integration threats -- --ignored --nocapture
//! ```
//!
//! `THREAT` and `THREAT_PROGRAM` mean what they mean in the table of targets.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::other::{Other, TOKEN};
use crate::support::reply::{Message, Reply};
use crate::support::server::Server;
use crate::threats::{peak, program};

/// What no row may exceed: seconds, bytes of memory, bytes written.
const MOST: (f64, u64, u64) = (15.0, 128 << 20, 16 << 20);

/// Makes the files of a row in a folder, and says what the program is asked there.
type Prepare = fn(&Path) -> Vec<String>;

/// A row: what stands there, the exit codes that are right for it, and a word of what is said.
struct Threat(&'static str, &'static [i32], &'static str, Prepare);

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A copy of the example in the folder `notes`.
fn notes(folder: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/notes");
    fs::create_dir(folder.join("notes")).unwrap();
    for file in ["contract.yaml", "suite.yaml", "text.yaml"] {
        fs::copy(from.join(file), folder.join("notes").join(file)).unwrap();
    }
}

/// The example with another file of cases, to be checked.
fn with_cases(folder: &Path, cases: &str) -> Vec<String> {
    notes(folder);
    fs::write(folder.join("notes/more.yaml"), cases).unwrap();
    words("check notes")
}

/// The example with one more case.
fn with_case(folder: &Path, case: &str) -> Vec<String> {
    with_cases(folder, &format!("title: x\ncases:\n  - {{ id: x, title: x, expect: 201, {case} }}\n"))
}

/// The example with its contract's schema of a text in other words, and schemas besides.
fn with_schema(folder: &Path, text: &str, schemas: &str) -> Vec<String> {
    notes(folder);
    let path = folder.join("notes/contract.yaml");
    let contract = fs::read_to_string(&path).unwrap();
    let changed = contract.replace(
        "                text: { type: string, minLength: 1, maxLength: 280 }",
        &format!("                text: {text}"),
    );
    assert_ne!(changed, contract);
    fs::write(path, format!("{changed}\ncomponents:\n  schemas:\n{schemas}")).unwrap();
    words("check notes")
}

fn pipe(folder: &Path, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.join(name)).status().unwrap().success());
}

/// The command with a pipe that nobody writes to, at the place of a file.
fn with_pipe(folder: &Path, line: &str) -> Vec<String> {
    notes(folder);
    pipe(folder, "pipe");
    words(line)
}

fn sparse(folder: &Path, name: &str, bytes: u64) {
    File::create(folder.join(name)).unwrap().set_len(bytes).unwrap();
}

const THREATS: &[Threat] = &[
    Threat("no threat: the example is checked", &[0], "", |folder| {
        notes(folder);
        words("check notes")
    }),
    Threat("an alias bomb", &[2], "more.yaml", |folder| {
        let levels: String =
            (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))).collect();
        with_cases(folder, &format!("title: x\na0: &a0 [x]\n{levels}cases: *a29\n"))
    }),
    Threat("a case file of 100 MB", &[2], "larger than", |folder| {
        notes(folder);
        sparse(folder, "notes/more.yaml", 100 << 20);
        words("check notes")
    }),
    Threat("a contract of 100 MB", &[2], "larger than", |folder| {
        notes(folder);
        sparse(folder, "notes/contract.yaml", 100 << 20);
        words("check notes")
    }),
    Threat("ten thousand levels", &[2], "more.yaml", |folder| {
        with_cases(folder, &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)))
    }),
    Threat("a link as a case file", &[2], "link", |folder| {
        notes(folder);
        symlink("/etc/hostname", folder.join("notes/more.yaml")).unwrap();
        words("check notes")
    }),
    Threat("a path out of the suite in a contract", &[2], "", |folder| {
        with_schema(folder, "{ $ref: '../../../../etc/hostname' }", "    x: {}\n")
    }),
    Threat("a case named ../../x", &[2], "more.yaml", |folder| with_case(folder, "id: ../../x")),
    Threat("a profile of snapshots named ../../x", &[2], "", |folder| {
        notes(folder);
        words("run --suite notes --target http://127.0.0.1:9 --snapshot-profile ../../x --snapshots check")
    }),
    Threat("200 tables of a million rows", &[2], "rows", |folder| {
        let case = |n| format!("  - {{ id: c{n}, title: x, expect: 201, each: {{ n: {{ range: [1, 1000000] }} }} }}\n");
        with_cases(folder, &format!("title: x\ncases:\n{}", (0..200).map(case).collect::<String>()))
    }),
    Threat("a million rows, checked", &[0], "", |folder| {
        with_case(folder, "covers: { status.created: hold }, each: { n: { range: [1, 1000000] } }")
    }),
    Threat("a million rows, listed", &[0], "", |folder| {
        with_case(folder, "covers: { status.created: hold }, each: { n: { range: [1, 1000000] } }");
        words("list --suite notes more/x[999999]")
    }),
    Threat("a template of 27 KB of minus signs", &[2], "bytes", |folder| {
        with_case(folder, &format!("body: {{ text: '{{{{ {}1 }}}}' }}", "-".repeat(27_000)))
    }),
    Threat("a template of 2,000 operators", &[2], "operators", |folder| {
        with_case(folder, &format!("body: {{ text: '{{{{ 1{} }}}}' }}", "+1".repeat(1_500)))
    }),
    Threat("a template that multiplies a list", &[2], "no numbers", |folder| {
        with_case(folder, "body: { text: '{{ [1] * 100000000 }}' }")
    }),
    Threat("a template that repeats without end, run", &[0, 1, 3], "", |folder| {
        let text = "{{ repeat(''x'', 4000000) | list | map(''upper'') | join | list | length }}";
        with_case(
            folder,
            &format!(
                "covers: {{ status.created: hold }}, each: {{ n: {{ range: [1, 200] }} }}, body: {{ text: '{text}' }}"
            ),
        );
        words("run --suite notes --target TARGET more/x")
    }),
    Threat("5,000 large patterns", &[0, 2], "", |folder| {
        let pattern = |n| {
            format!("    p{n}: {{ type: string, pattern: '^([a-z]{{1,200}}[0-9]{{1,200}}){{1,{}}}$' }}\n", n % 50 + 2)
        };
        let properties: String =
            (0..5_000).map(|n| format!(" p{n}: {{ $ref: '#/components/schemas/p{n}' }},")).collect();
        with_schema(
            folder,
            &format!("{{ type: object, properties: {{{properties} }} }}"),
            &(0..5_000).map(pattern).collect::<String>(),
        )
    }),
    Threat("schemas that double", &[0, 2], "", |folder| {
        let level = |n| {
            let next = n + 1;
            format!(
                "    s{n}: {{ allOf: [{{ $ref: '#/components/schemas/s{next}' }}, {{ $ref: '#/components/schemas/s{next}' }}] }}\n"
            )
        };
        let levels: String = (0..60).map(level).collect();
        with_schema(folder, "{ $ref: '#/components/schemas/s0' }", &format!("{levels}    s60: {{ type: string }}\n"))
    }),
    Threat("a pattern that tries one way after another, run", &[0, 1, 3], "", |folder| {
        let path = folder.join("notes/suite.yaml");
        notes(folder);
        let suite = fs::read_to_string(&path).unwrap();
        let statement = "        - { clause: answer.text, at: /body/text, matches: '^(?=(a+)+$)(a|aa)+b$' }\n";
        fs::write(&path, suite.replace("      accepted:\n", &format!("      accepted:\n{statement}"))).unwrap();
        words("run --suite notes --target TARGET text/created")
    }),
    Threat("a pipe as a suite", &[2], "", |folder| with_pipe(folder, "check pipe")),
    Threat("a pipe as a case file", &[2], "regular file", |folder| {
        notes(folder);
        pipe(folder, "notes/more.yaml");
        words("check notes")
    }),
    Threat("a pipe as a contract", &[2], "regular file", |folder| {
        notes(folder);
        fs::remove_file(folder.join("notes/contract.yaml")).unwrap();
        pipe(folder, "notes/contract.yaml");
        words("check notes")
    }),
    Threat("a pipe as a secret", &[2], "regular file", |folder| {
        with_pipe(folder, "run --target http://127.0.0.1:9 --secret-file token=pipe")
    }),
    Threat("a pipe as waivers", &[2], "regular file", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --waivers pipe")
    }),
    Threat("a pipe as profiles", &[2], "regular file", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --config pipe -P a")
    }),
    Threat("a pipe as an authority", &[2], "regular file", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --ca-certificate pipe")
    }),
    Threat("a pipe as a client's certificate", &[2], "regular file", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --client-certificate pipe")
    }),
    Threat("a pipe as a client's key", &[2], "", |folder| {
        fs::write(folder.join("certificate"), "").unwrap();
        with_pipe(
            folder,
            "run --suite notes --target http://127.0.0.1:9 --client-certificate certificate --client-key pipe",
        )
    }),
    Threat("a pipe as a ledger", &[2], "regular file", |folder| {
        with_pipe(folder, "cleanup --suite notes --target http://127.0.0.1:9 --ledger pipe")
    }),
    Threat("a pipe as an event stream", &[2], "regular file", |folder| with_pipe(folder, "report --from pipe")),
    Threat("a pipe as a shard's event stream", &[2], "regular file", |folder| {
        with_pipe(folder, "report --merge pipe pipe")
    }),
    Threat("a pipe as a list of faults", &[2], "", |folder| {
        with_pipe(folder, "mutants --suite notes --command x --faults pipe")
    }),
    Threat("a pipe as a report", &[4], "", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --report-json pipe")
    }),
    Threat("a pipe as a recorded answer", &[0, 1, 3, 4], "", |folder| {
        fs::create_dir_all(folder.join("snapshots/a/notes/text")).unwrap();
        pipe(folder, "snapshots/a/notes/text/created.snap");
        notes(folder);
        words("run --suite notes --target TARGET --snapshots check,all --snapshot-profile a text/created")
    }),
    Threat("a device as a secret", &[2], "regular file", |folder| {
        with_pipe(folder, "run --target http://127.0.0.1:9 --secret-file token=/dev/zero")
    }),
    Threat("a device as waivers", &[2], "", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --waivers /dev/zero")
    }),
    Threat("a device as profiles", &[2], "", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --config /dev/zero -P a")
    }),
    Threat("a device as an authority", &[2], "regular file", |folder| {
        with_pipe(folder, "run --suite notes --target http://127.0.0.1:9 --ca-certificate /dev/zero")
    }),
    Threat("a device as an event stream", &[2], "", |folder| with_pipe(folder, "report --from /dev/zero")),
    Threat("a device as a list of faults", &[2], "", |folder| {
        with_pipe(folder, "mutants --suite notes --command x --faults /dev/zero")
    }),
    Threat("an event stream of one line of 400 MB", &[2], "", |folder| {
        sparse(folder, "stream", 400 << 20);
        words("report --from stream")
    }),
    Threat("a ledger of one line of 400 MB", &[2], "more than", |folder| {
        notes(folder);
        sparse(folder, "ledger.ndjson", 400 << 20);
        words("cleanup --suite notes --target http://127.0.0.1:9 --ledger ledger.ndjson")
    }),
    Threat("waivers of 100 MB", &[2], "", |folder| {
        notes(folder);
        sparse(folder, "waivers.toml", 100 << 20);
        words("run --suite notes --target http://127.0.0.1:9 --waivers waivers.toml")
    }),
    Threat("a full disk under all reports", &[4], "could not be written", |folder| {
        notes(folder);
        words("run --suite notes --target TARGET --report-json /dev/full --report-junit junit --report-html html")
    }),
];

/// A server of notes that answers whatever it is told.
fn server() -> Server {
    Server::start(|request| {
        let sent: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
        match (request.method.as_str(), sent["text"].as_str()) {
            ("POST", Some(text)) if (1..=280).contains(&text.chars().count()) => {
                Message::json(201, &json!({ "id": "1", "text": format!("{}{}", "a".repeat(50_000), text) }))
            }
            ("POST", _) => Message::json(400, &json!({ "error": "no" })),
            _ => Message::new(204),
        }
    })
}

/// How many bytes the regular files of a folder take on disk.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let of = |entry: fs::DirEntry| match entry.file_type().unwrap() {
        kind if kind.is_dir() => size(&entry.path()),
        kind if kind.is_file() => entry.metadata().unwrap().len(),
        _ => 0,
    };
    entries.map(of).sum()
}

/// Waits for a process; gives back how it ended and its peak of memory.
fn watch(child: &mut Child, mut each: impl FnMut()) -> (Option<i32>, u64) {
    let mut memory = 0;
    loop {
        memory = memory.max(peak(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), memory);
        }
        each();
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs a row in a folder of its own; gives back its line, and what is beyond the limits or otherwise than it should be.
fn measure(
    name: &str,
    exits: &[i32],
    word: &str,
    folder: &Path,
    arguments: &[String],
    each: impl FnMut(),
) -> (String, Vec<String>) {
    let output = |name: &str| File::create(folder.join(name)).unwrap();
    let (out, err) = (output("out"), output("err"));
    let before = size(folder);
    let mut command = program();
    command.current_dir(folder).args(arguments).env("CI", "true").env("CONFORMANT_LEDGER", folder.join("ledgers"));
    let started = Instant::now();
    let mut child = command.stdout(out).stderr(err).spawn().unwrap();
    let (exit, memory) = watch(&mut child, each);
    let (seconds, written) = (started.elapsed().as_secs_f64(), size(folder).saturating_sub(before));
    let row = format!("{name:48} {:>4} {seconds:8.1} {:>10} {written:>10}", exit.unwrap_or(-1), memory / 1024);
    let said = [fs::read(folder.join("out")), fs::read(folder.join("err"))];
    let said: Vec<u8> = said.into_iter().flatten().flatten().collect();
    let said = String::from_utf8_lossy(&said);
    let mut wrong = Vec::new();
    if seconds > MOST.0 || memory > MOST.1 || written > MOST.2 {
        wrong.push(format!("{name}: {seconds:.1} s, {memory} bytes of memory, {written} bytes written"));
    }
    let short: String = said.chars().take(400).collect();
    if !exit.is_some_and(|exit| exits.contains(&exit)) || !said.contains(word) || said.contains("panicked") {
        wrong.push(format!("{name}: exit {exit:?}: {short}"));
    }
    (row, wrong)
}

#[test]
#[ignore = "each row is a run of the program"]
fn threats_of_files() {
    let wanted = std::env::var("THREAT").unwrap_or_default();
    println!("{:48} {:>4} {:>8} {:>10} {:>10}", "the file", "exit", "seconds", "peak KiB", "written");
    let server = server();
    let mut wrong = Vec::new();
    for Threat(name, exits, word, prepare) in
        THREATS.iter().filter(|threat| wanted.split('|').any(|part| threat.0.contains(part)))
    {
        let folder = tempfile::tempdir().unwrap();
        let arguments = prepare(folder.path());
        let arguments: Vec<String> =
            arguments.into_iter().map(|word| if word == "TARGET" { server.url() } else { word }).collect();
        let (row, beyond) = measure(name, exits, word, folder.path(), &arguments, || {});
        println!("{row}");
        wrong.extend(beyond);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "each row is a run of the whole suite"]
fn threats_of_signals_and_of_runs_beside_each_other() {
    println!("{:48} {:>4} {:>8} {:>10} {:>10}", "the machine", "exit", "seconds", "peak KiB", "written");
    let mut wrong = Vec::new();
    let reports = "--report-json json --report-junit junit --report-html html --report-markdown md --report-ctrf ctrf";
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 143), ("QUIT", 143), ("XFSZ", 0)] {
        let other = Other::default();
        let (asked, told) = std::sync::mpsc::channel();
        let server = Server::start(move |request| {
            let _ = asked.send(());
            other.answer(request)
        });
        let folder = tempfile::tempdir().unwrap();
        let line = format!("run --target {} --secret token={TOKEN} {reports}", server.url());
        let mut requests = 0;
        let mut is_sent = false;
        let pattern = folder.path().display().to_string();
        let each = || {
            requests += told.try_iter().count();
            if requests > 200 && !is_sent {
                // The process that works in the folder.
                let is_it = |entry: &fs::DirEntry| {
                    fs::read_link(entry.path().join("cwd")).is_ok_and(|folder| folder.display().to_string() == pattern)
                };
                let process = fs::read_dir("/proc").unwrap().flatten().find(is_it).unwrap();
                let id = process.file_name().into_string().unwrap();
                is_sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success();
            }
        };
        let name = format!("SIG{signal} midway");
        let (row, beyond) = measure(&name, &[code], "", folder.path(), &words(&line), each);
        println!("{row}");
        wrong.extend(beyond);
        let parts = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name());
        let parts: Vec<_> = parts.filter(|name| name.to_string_lossy().ends_with(".part")).collect();
        if !parts.is_empty() {
            wrong.push(format!("{name}: {parts:?} stay"));
        }
    }
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start(|_| Reply::Silence));
    let line = format!("run --target {} --secret token={TOKEN} --deadline 5 {reports}", server.url());
    let mut first = program();
    first.current_dir(folder.path()).args(words(&line)).env("CONFORMANT_LEDGER", folder.path().join("ledgers"));
    let mut first = first.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    while !folder.path().join("json").exists() && fs::read_dir(folder.path()).unwrap().count() < 2 {
        assert_eq!(first.try_wait().unwrap(), None, "the first run ended before the second began");
        thread::yield_now();
    }
    let said = "another run is writing it";
    let (row, beyond) = measure("two runs that write one file", &[4], said, folder.path(), &words(&line), || {});
    println!("{row}");
    wrong.extend(beyond);
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
