//! What reads hostile bytes, one function each, for fuzzers: `fuzz/` has a target for each of them, and the test here feeds
//! them mutated seeds on a stable compiler.
//!
//! A function returns on any bytes. It panics on what must not be: that is the finding.

use std::io::Cursor;

use serde_json::{Value, json};

use crate::contract::Contract;
use crate::http;
use crate::replay::{Reader, replay};
use crate::report::{FORMATS, Renderer, Summary, TerminalOptions, terminal};
use crate::secret::Secrets;
use crate::suite::{Bindings, Package, Scope, SuiteFiles, Text};
use crate::verdict::{Event, Header, MaskedEvent, Tally};

/// A function that takes any bytes, its name, and bytes that it has a use for.
#[derive(Debug)]
pub struct Target {
    /// That of its file in `fuzz/fuzz_targets`, too.
    pub name: &'static str,
    /// Reads the bytes.
    pub read: fn(&[u8]),
    /// What a corpus begins with.
    pub seeds: &'static [&'static str],
}

/// All of them.
pub static TARGETS: &[Target] = &[
    Target { name: "cases", read: cases, seeds: &[include_str!("../examples/notes/text.yaml")] },
    Target { name: "suite", read: suite, seeds: &[include_str!("../examples/notes/suite.yaml")] },
    Target { name: "contract", read: contract, seeds: &[include_str!("../examples/notes/contract.yaml")] },
    Target {
        name: "template",
        read: template,
        seeds: &[
            "a {{ unique(4) }} b {{ [1, 2.5, none] | map('string') | join('-') }}",
            "{{ {'a': uuid()}.a | replace('-', '') | upper | list | reverse | first if 1 < 2 else repeat('x', 3) }}",
            "{{ range(3) | batch(2) | list | tojson }}{{ 'a/b' | split('/') | last | urlencode }}",
        ],
    },
    Target {
        name: "json",
        read: json_text,
        seeds: &[
            r#"{"a":[1,-2.5e+3,true,null,"\u00e4\ud83d\ude00\n"],"b":{"a":{},"c":[[]]},"d":12345678901234567890}"#,
        ],
    },
    Target {
        name: "wire",
        read: wire,
        seeds: &[
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n",
        ],
    },
    Target {
        name: "masking",
        read: masking,
        seeds: &[
            "k7x2m9q4\nc2VjcmV0 k7x2m9q4 %6b7x2m9q4 \\u006b7x2m9q4 &#107;7x2m9q4 =6B7x2m9q4 6b 37 78 32 6d 39 71 34",
        ],
    },
    Target { name: "reports", read: reports, seeds: &["<b>&amp;\n::error::x\u{1b}[31m `a` | ]]> \"q\" \\u0041"] },
    Target { name: "stream", read: stream, seeds: &[STREAM] },
];

/// A stream of two cases.
const STREAM: &str = r#"{"event":"started","schema":"1.0","version":"0.1.0","suite":"s","title":"S","digest":"d","target":"http://t","seed":"1","started":"2026-11-22T10:00:00Z","cases":1,"run":"r","clauses":[{"id":"must.one","level":"must","says":"so","source":"there","polarities":["hold"]}]}
{"event":"case","id":"s/control[before]","title":"t","file":"suite.yaml","line":1,"covers":{},"outcome":"conforms","requests":1,"elapsed_ms":1.0}
{"event":"case","id":"s/f/c","at":0,"title":"t","file":"f.yaml","line":1,"covers":{"must.one":"hold"},"outcome":"conforms","requests":1,"elapsed_ms":1.0}
"#;

fn load(suite: &str, cases: &str) {
    let contract = include_str!("../examples/notes/contract.yaml");
    let texts = [("contract.yaml", contract), ("suite.yaml", suite), ("text.yaml", cases)];
    let loaded = Package::load(&SuiteFiles::embedded("notes", &texts), &crate::check::ids())
        .map_err(|refused| refused.to_string());
    if let Ok(package) = loaded {
        assert!(package.suite.rows() < 3_000_000, "more rows than a suite may have");
    }
}

fn cases(bytes: &[u8]) {
    load(include_str!("../examples/notes/suite.yaml"), &String::from_utf8_lossy(bytes));
}

fn suite(bytes: &[u8]) {
    load(&String::from_utf8_lossy(bytes), include_str!("../examples/notes/text.yaml"));
}

fn contract(bytes: &[u8]) {
    if let Ok(contract) = Contract::load("contract.yaml", &String::from_utf8_lossy(bytes)) {
        let _ = contract.lint(&[]).map_err(|refused| refused.to_string());
        let _ = contract.warnings().to_string();
    }
}

fn template(bytes: &[u8]) {
    let Ok(text) = Text::parse(&String::from_utf8_lossy(bytes)) else { return };
    let scope = Scope::new(&Bindings::default(), 7, "fuzz");
    let _ = text.text(&scope);
    let _ = text.json(&scope);
    let _ = text.texts(&scope);
}

fn json_text(bytes: &[u8]) {
    let Ok(value) = http::parse_strictly(bytes) else { return };
    let again = http::parse_strictly(http::written(&value, usize::MAX).0.as_bytes());
    assert!(again.is_ok_and(|again| again == value), "what is written is read back");
}

fn wire(bytes: &[u8]) {
    let whole = http::read_answer(bytes, usize::MAX);
    assert!(http::read_answer(bytes, 3) == whole, "the pieces in which bytes come make no difference");
}

fn masking(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (secret, text) = text.split_once('\n').unwrap_or((&text, ""));
    let mut secrets = Secrets::new();
    if secrets.register("token", secret.into()).is_err() {
        return;
    }
    let masked = secrets.mask(text).into_owned();
    assert!(!masked.contains(secret), "the secret is there");
    assert!(secrets.mask(&masked) == masked.as_str(), "masking twice is masking once");
    let cut = secrets.mask_cut(text).into_owned();
    assert!(!cut.contains(secret), "the secret is there");
    let _ = secrets.mask_bytes(bytes, true);
    let _ = secrets.add_made(text, secret);
    let _ = secrets.mask(text);
    let _ = secrets.pieces(text);
}

/// The events of a run in which every text is this one; none where a place can't hold it.
fn events(text: &str) -> Option<Vec<Event>> {
    let header = json!({
        "schema": text, "version": text, "suite": text, "title": text, "digest": text, "target": text, "seed": text,
        "started": "2026-11-22T10:00:00Z", "cases": 1, "run": text,
        "clauses": [{ "id": "must.one", "level": "must", "says": text, "source": text, "polarities": ["hold"] }],
    });
    let request =
        json!({ "method": text, "url": text, "headers": [[text, text]], "body": { "text": text }, "curl": text });
    let response = json!({ "status": 500, "version": text, "headers": [[text, text]], "body": { "text": text } });
    let finding = |kind: &str| {
        json!({ "clause": "must.one", "kind": kind, "check": "statement", "place": format!("/body/{text}"),
            "expected": [text], "observed": text, "exchange": 0 })
    };
    let case = |outcome: &str| {
        json!({ "event": "case", "id": text, "at": 0, "title": text, "file": text, "line": 1, "covers": { "must.one": "hold" },
            "outcome": outcome, "reason": text, "findings": [finding("violation"), finding("observation")],
            "exchanges": [{ "step": text, "request": request, "response": response, "trouble": text, "elapsed_ms": 1.0 }],
            "requests": 1, "elapsed_ms": 1.0 })
    };
    let header: Header = serde_json::from_value(header).ok()?;
    let mut tally = Tally::of(&header);
    let mut events = vec![Event::Started(Box::new(header))];
    for outcome in ["violates", "inconclusive", "error", "skipped"] {
        let event: Event = serde_json::from_value(case(outcome)).ok()?;
        if let Event::Case(case) = &event {
            tally.record(case);
        }
        events.push(event);
    }
    events.push(Event::Finished(Box::new(tally.finish(1.0, None))));
    Some(events)
}

fn render(mut renderer: Box<dyn Renderer>, events: &[Event]) -> String {
    let (secrets, mut summary, mut out) = (Secrets::new(), Summary::default(), Vec::new());
    for event in events {
        let event = MaskedEvent::of(event.clone(), &secrets);
        summary.take(&event);
        assert!(renderer.event(&event, &summary, &mut out).is_ok(), "memory can be written to");
    }
    assert!(std::str::from_utf8(&out).is_ok(), "a report is text");
    String::from_utf8_lossy(&out).into_owned()
}

fn reports(bytes: &[u8]) {
    let Some(events) = events(&String::from_utf8_lossy(bytes)) else { return };
    for format in FORMATS {
        let report = render((format.renderer)(), &events);
        let is_json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
        let is_read = match format.name {
            "json" => report.lines().all(is_json),
            "ctrf" | "canonical" => is_json(&report),
            "junit" => is_xml(&report),
            _ => true,
        };
        assert!(is_read, "{} can't be read", format.name);
    }
    render(terminal(TerminalOptions::default()), &events);
}

fn is_xml(text: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

fn stream(bytes: &[u8]) {
    if let Ok(reader) = Reader::open(Cursor::new(bytes)) {
        let _ = replay(reader, |_| Ok(())).map_err(|error| error.to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::{Duration, Instant};

    use super::*;

    /// How many inputs each target gets among the usual tests.
    const FEW: usize = 60;
    /// The largest input, in bytes.
    const LARGEST: usize = 16 * 1024;
    /// How many inputs are kept to be mutated on.
    const POOL: usize = 200;
    /// Pieces that the formats give a meaning.
    const WORDS: &[&str] = &[
        "{{",
        "}}",
        "{%",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        ":",
        ",",
        "\n",
        "\r\n",
        " ",
        "  - ",
        "&a",
        "*a",
        "<<",
        "!!",
        "|",
        ">",
        "#",
        "%",
        "\\u",
        "\\",
        "\0",
        "\u{feff}",
        "ü",
        "😀",
        "null",
        "true",
        "-1",
        "1e999",
        "0x",
        "99999999999999999999",
        "each",
        "range",
        "$ref",
        "allOf",
        "not",
        "pattern",
        "(a+)+$",
        "chunked",
        "Content-Length: ",
        "HTTP/1.1 ",
        "~1",
        "..",
        "/",
        "=",
        "==",
        "+",
        "%25",
        "&#x41;",
        "=\r\n",
        "::error::",
        "<!--",
        "]]>",
        "\u{202e}",
        "| list",
        "range(100000)",
        "repeat('x', 99999)",
    ];

    fn mutate(random: &mut fastrand::Rng, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = pool[random.usize(..pool.len())].clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..=bytes.len());
            let end = (at + random.usize(..40)).min(bytes.len());
            match random.u8(..7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
                1 if at < bytes.len() => bytes[at] = random.u8(..),
                2 => drop(bytes.drain(at..end)),
                3 => {
                    let piece = bytes[at..end].repeat(random.usize(1..20));
                    drop(bytes.splice(at..at, piece));
                }
                4 => {
                    let other = &pool[random.usize(..pool.len())];
                    let from = random.usize(..=other.len());
                    let until = (from + random.usize(..200)).min(other.len());
                    drop(bytes.splice(at..end, other[from..until].to_vec()));
                }
                _ => drop(bytes.splice(at..at, WORDS[random.usize(..WORDS.len())].bytes())),
            }
        }
        bytes.truncate(LARGEST);
        bytes
    }

    /// Feeds a target mutated seeds until it is told to stop; gives back how many these were and what the slowest took.
    fn feed(target: &Target, seed: u64, goes_on: impl Fn(usize) -> bool) -> (usize, Duration) {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut pool: Vec<Vec<u8>> = target.seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
        let (mut count, mut slowest) = (0, Duration::ZERO);
        while goes_on(count) {
            let input = mutate(&mut random, &pool);
            let started = Instant::now();
            let read = catch_unwind(AssertUnwindSafe(|| (target.read)(&input)));
            assert!(read.is_ok(), "{} fails on {:?}", target.name, String::from_utf8_lossy(&input));
            slowest = slowest.max(started.elapsed());
            match pool.len() < POOL {
                true => pool.push(input),
                // The seeds stay.
                false if random.u8(..8) == 0 => {
                    let place = random.usize(target.seeds.len()..POOL);
                    pool[place] = input;
                }
                false => {}
            }
            count += 1;
        }
        (count, slowest)
    }

    #[test]
    fn every_target_takes_its_seeds_and_what_is_made_of_them() {
        for target in TARGETS {
            target.seeds.iter().for_each(|seed| (target.read)(seed.as_bytes()));
            feed(target, 1, |count| count < FEW);
        }
    }

    #[test]
    fn every_target_has_a_file_in_fuzz_and_a_row_in_its_manifest() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for Target { name, .. } in TARGETS {
            let code = std::fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
            assert!(code.contains(&format!("fuzz({name:?}, data)")), "{name}");
            assert!(manifest.contains(&format!("name = {name:?}")), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.join("fuzz_targets")).unwrap().count(), TARGETS.len());
    }

    #[test]
    #[ignore = "takes as long as FUZZ_SECONDS says for each target: run fuzz/stable"]
    fn mutated_seeds_break_no_target() {
        let variable = |name: &str| std::env::var(name).ok();
        let seconds = variable("FUZZ_SECONDS").map_or(10, |seconds| seconds.parse().unwrap());
        let seed = variable("FUZZ_SEED").map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
        let wanted = variable("FUZZ_TARGET").unwrap_or_default();
        for target in TARGETS.iter().filter(|target| target.name.contains(&wanted)) {
            println!("{}: seed {seed}", target.name);
            let end = Instant::now() + Duration::from_secs(seconds);
            let (count, slowest) = feed(target, seed, |_| Instant::now() < end);
            println!("{}: {count} inputs, the slowest took {slowest:?}", target.name);
        }
    }
}
