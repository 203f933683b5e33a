use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::verdict::{CaseResult, Gate, Header, Outcome, SCHEMA_VERSION, Shard, Verdict, WaiverState};

fn header(shard: Option<&str>, cases: usize) -> Header {
    let json = serde_json::json!({
        "schema": SCHEMA_VERSION, "version": "0.1.0", "suite": "s", "title": "S", "digest": "d",
        "target": "http://t", "seed": "1", "started": "2026-11-22T10:00:00Z", "cases": cases, "run": "r",
        "exclusive": [{ "ambiguous": "open.case", "broken": "must.one" }],
        "clauses": [
            { "id": "must.one", "level": "must", "says": "so", "source": "there", "polarities": ["hold"] },
            { "id": "open.case", "level": "ambiguous", "says": "so?", "source": "there", "polarities": ["observe"] },
        ],
    });
    Header { shard: shard.map(|shard| shard.parse().unwrap()), ..serde_json::from_value(json).unwrap() }
}

fn row(at: u64, outcome: Outcome) -> CaseResult {
    let id = format!("s/f/c[{at}]");
    let must = crate::contract::ClauseId::new("must.one").unwrap();
    let covers = outcome.is_conclusive().then_some((must, crate::contract::Polarity::Hold)).into_iter().collect();
    CaseResult { at: Some(at), outcome, covers, requests: 1, ..CaseResult::unearned(id, "t".to_owned(), "f.yaml", 1) }
}

fn control(when: &str, outcome: Outcome) -> CaseResult {
    let id = format!("s/control[{when}]");
    CaseResult { outcome, requests: 1, ..CaseResult::unearned(id, "t".to_owned(), "suite.yaml", 1) }
}

fn reading(at: u64, reading: &str) -> CaseResult {
    let finding = serde_json::json!({ "clause": "open.case", "kind": "observation", "check": "statement",
        "place": "/body/name", "expected": [], "observed": reading, "exchange": 0 });
    CaseResult { findings: vec![serde_json::from_value(finding).unwrap()], ..row(at, Outcome::Observed) }
}

/// The stream of a run, a line an event.
fn stream(header: &Header, cases: &[CaseResult]) -> String {
    let mut tally = Tally::of(&Header { allow_flaky: false, strict: false, ..header.clone() });
    cases.iter().for_each(|case| tally.record(case));
    let cases = cases.iter().map(|case| Event::Case(Box::new(case.clone())));
    let events = std::iter::once(Event::Started(Box::new(header.clone())))
        .chain(cases)
        .chain([Event::Finished(Box::new(tally.finish(1.0, None)))]);
    events.map(|event| serde_json::to_string(&event).unwrap() + "\n").collect()
}

/// The streams of these rows, dealt to shards as a run deals them.
fn shards(count: u16, rows: &[CaseResult]) -> Vec<String> {
    (1..=count)
        .map(|index| {
            let shard = Shard::new(index, count).unwrap();
            let own: Vec<CaseResult> = rows.iter().filter(|row| shard.holds(&row.id)).cloned().collect();
            let header = header(Some(&shard.to_string()), own.len());
            let before = control("before", Outcome::Conforms);
            let cases: Vec<CaseResult> =
                std::iter::once(before).chain(own).chain([control("after", Outcome::Conforms)]).collect();
            stream(&header, &cases)
        })
        .collect()
}

fn merged(streams: &[String]) -> Result<Vec<Event>, String> {
    let mut open = Vec::new();
    for (index, text) in streams.iter().enumerate() {
        let name = format!("{index}.ndjson");
        open.push((name.clone(), Reader::open(Cursor::new(text)).map_err(|error| format!("{name}: {error}"))?));
    }
    let mut events = Vec::new();
    let done = merge(open, |event| {
        events.push(event.clone().into_inner());
        Ok(())
    });
    done.map(|_| events).map_err(|error| match error {
        MergeError::Mismatch { what, next } => format!("mismatch: {what}; {next}"),
        MergeError::Incomplete { what, next } => format!("incomplete: {what}; {next}"),
        other => format!("other: {other}"),
    })
}

fn replayed(text: &str) -> Result<(Vec<Event>, RunEnd), String> {
    let mut events = Vec::new();
    let reader = Reader::open(Cursor::new(text)).map_err(|error| error.to_string())?;
    let footer = replay(reader, |event| {
        events.push(event.clone().into_inner());
        Ok(())
    });
    footer.map(|footer| (events, footer)).map_err(|error| error.to_string())
}

fn ids(events: &[Event]) -> Vec<&str> {
    let cases = events.iter().filter_map(|event| match event {
        Event::Case(result) => Some(result.id.as_str()),
        Event::Started(_) | Event::Finished(_) => None,
    });
    cases.collect()
}

fn footer(events: &[Event]) -> &Footer {
    match events.last() {
        Some(Event::Finished(footer)) => footer,
        other => panic!("no footer but {other:?}"),
    }
}

#[test]
fn shards_come_out_in_the_suites_order_with_one_control_of_each_kind() {
    let rows: Vec<CaseResult> = (0..50).map(|at| row(at, Outcome::Conforms)).collect();
    for count in [1, 2, 5, 60] {
        let mut streams = shards(count, &rows);
        streams.reverse();
        let events = merged(&streams).unwrap();
        let mut expected = vec!["s/control[before]".to_owned()];
        expected.extend(rows.iter().map(|row| row.id.clone()));
        expected.push("s/control[after]".to_owned());
        assert_eq!(ids(&events), expected);
        let footer = footer(&events);
        assert_eq!((footer.requests, footer.verdict), (50 + 2 * usize::from(count), Verdict::Conformant));
        let Event::Started(header) = &events[0] else { panic!("no header") };
        assert_eq!((header.cases, header.shard), (50, None));
    }
}

#[test]
fn readings_that_exclude_each_other_across_shards_break_the_clause() {
    let rows: Vec<CaseResult> = (0..20)
        .map(|at| {
            let first = Shard::new(1, 2).unwrap().holds(&format!("s/f/c[{at}]"));
            reading(at, if first { "lower" } else { "upper" })
        })
        .collect();
    let streams = shards(2, &rows);
    for alone in &streams {
        assert_eq!(replayed(alone).unwrap().1.verdict, Verdict::Conformant);
    }
    let events = merged(&streams).unwrap();
    assert_eq!(ids(&events).last(), Some(&"s/consistency[open.case]"));
    assert_eq!(footer(&events).verdict, Verdict::NonConformant);
}

#[test]
fn a_control_that_failed_in_one_shard_is_the_control_of_the_run() {
    let mut streams = shards(2, &[row(0, Outcome::Conforms)]);
    let refused = control("before", Outcome::Inconclusive);
    streams[1] = stream(&header(Some("2/2"), 0), &[CaseResult { reason: Some("refused".to_owned()), ..refused }]);
    if !Shard::new(1, 2).unwrap().holds("s/f/c[0]") {
        streams[0] = stream(&header(Some("1/2"), 0), &[control("before", Outcome::Inconclusive)]);
        streams[1] =
            stream(&header(Some("2/2"), 1), &[control("before", Outcome::Conforms), row(0, Outcome::Conforms)]);
    }
    let events = merged(&streams).unwrap();
    let Event::Case(first) = &events[1] else { panic!("no control") };
    assert_eq!((first.outcome, first.requests), (Outcome::Inconclusive, 2));
    assert_eq!(footer(&events).counts.get(&Outcome::Inconclusive), Some(&1));
}

#[test]
fn what_does_not_make_one_run_is_refused_with_a_next_step() {
    let rows: Vec<CaseResult> = (0..9).map(|at| row(at, Outcome::Conforms)).collect();
    let good = shards(3, &rows);
    let changed = |from: &str, to: &str| {
        assert!(good[1].contains(from), "{from}");
        let mut streams = good.clone();
        streams[1] = streams[1].replacen(from, to, 1);
        streams
    };
    let cut = |index: usize| {
        let mut streams = good.clone();
        let end = streams[index].trim_end().rfind('\n').unwrap();
        streams[index].truncate(end + 1);
        streams
    };
    let stranger = {
        let mut streams = good.clone();
        let other = good[0].lines().find(|line| line.contains("s/f/c[")).unwrap();
        let own = good[1].lines().find(|line| line.contains("s/f/c[")).unwrap();
        streams[1] = streams[1].replacen(own, other, 1);
        streams
    };
    let told: Vec<String> = [
        good[..2].to_vec(),
        vec![good[1].clone()],
        vec![good[0].clone(), good[0].clone(), good[2].clone()],
        changed(r#""digest":"d""#, r#""digest":"e""#),
        changed(r#""version":"0.1.0""#, r#""version":"0.2.0""#),
        changed(r#""run":"r""#, r#""run":"q""#),
        changed(r#""suite":"s""#, r#""suite":"z""#),
        changed(r#""shard":"2/3""#, r#""shard":"2/4""#),
        changed(r#""shard":"2/3","#, ""),
        changed(r#""shard":"2/3""#, r#""filters":["name"],"shard":"2/3""#),
        changed(r#""shard":"2/3""#, r#""strict":true,"shard":"2/3""#),
        changed(r#""says":"so""#, r#""says":"not so""#),
        cut(2),
        stranger,
        vec![],
    ]
    .iter()
    .map(|streams| merged(streams).map(|events| events.len()).unwrap_err())
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_stream_is_told_again_event_for_event() {
    let cases = [control("before", Outcome::Conforms), row(3, Outcome::Violates), control("after", Outcome::Conforms)];
    let text = stream(&header(None, 1), &cases);
    let (events, footer) = replayed(&text).unwrap();
    let again: String = events.iter().map(|event| serde_json::to_string(event).unwrap() + "\n").collect();
    assert_eq!(again, text);
    assert_eq!(footer.verdict, Verdict::NonConformant);
}

#[test]
fn a_footer_that_contradicts_its_cases_is_told_of_as_damage() {
    let good =
        stream(&header(None, 2), &[control("before", Outcome::Conforms), row(3, Outcome::Violates), reading(4, "a")]);
    let bad = good.replacen(r#""outcome":"violates""#, r#""outcome":"conforms""#, 1);
    let told: Vec<String> = [
        good.replacen(r#""verdict":"non-conformant""#, r#""verdict":"conformant""#, 1),
        good.replacen(r#""gate":"failed""#, r#""gate":"passed""#, 1),
        bad,
        good.replacen(r#""requests":3"#, r#""requests":2"#, 1),
        good.replacen(r#"{"violates":1"#, r#"{"violates":2"#, 1),
        good.replacen(
            r#""clauses":[{"id":"must.one","outcome":"#,
            r#""flaky":1,"clauses":[{"id":"must.one","outcome":"#,
            1,
        ),
        good.replacen(r#""id":"open.case","outcome":"observed""#, r#""id":"open.case","outcome":"proven""#, 1),
    ]
    .iter()
    .map(|text| {
        assert_ne!(*text, good);
        replayed(text).unwrap_err()
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    line 5 is damaged: the footer says that the verdict is conformant, but its cases amount to non-conformant
    line 5 is damaged: the footer tells a pipeline something else than its cases and waivers amount to
    line 5 is damaged: the footer says that the verdict is non-conformant, but its cases amount to conformant
    line 5 is damaged: the footer says that the requests are 2, but its cases amount to 3
    line 5 is damaged: the footer counts other outcomes than its cases have
    line 5 is damaged: the footer says otherwise of flaky cases than its cases and the header
    line 5 is damaged: the footer says of the clause open.case what its cases don't show
    ");
}

#[test]
fn a_row_that_no_shard_was_dealt_is_missed_even_where_its_id_had_a_secret_in_it() {
    let rows: Vec<CaseResult> = (0..9).map(|at| row(at, Outcome::Conforms)).collect();
    let whole = |rows: &[CaseResult], whole: usize| -> Vec<String> {
        let with = |text: String| text.replacen(r#""run":"r""#, &format!(r#""whole":{whole},"run":"r""#), 1);
        let masked = |text: String| text.replace("s/f/c[8]", "s/f/c[[masked:token]]");
        shards(3, rows).into_iter().map(with).map(masked).collect()
    };
    assert_eq!(footer(&merged(&whole(&rows, 9)).unwrap()).counts.get(&Outcome::Conforms), Some(&11));
    assert_eq!(
        merged(&whole(&rows[..8], 9)).unwrap_err(),
        "mismatch: the shards have 8 cases together, and the run has 9; merge streams as `conformant run --shard` wrote them"
    );
    assert!(merged(&whole(&rows, 8)).unwrap_err().contains("have 9 cases together, and the run has 8"));
}

#[test]
fn a_waiver_for_readings_that_exclude_each_other_is_settled_over_all_shards() {
    let waived = |readings: [&str; 2], expires: &str| {
        let rows: Vec<CaseResult> = (0..20)
            .map(|at| reading(at, readings[usize::from(Shard::new(1, 2).unwrap().holds(&format!("s/f/c[{at}]")))]))
            .collect();
        let waiver = serde_json::json!([{ "case": "s/consistency[open.case]", "clause": "must.one", "reason": "known",
            "expires": expires, "place": "waivers.toml:1", "state": "unmet" }]);
        let with = |text: &String| {
            let footer = text.rfind(r#"{"event":"finished""#).unwrap();
            let (cases, footer) = text.split_at(footer);
            let mut footer: serde_json::Value = serde_json::from_str(footer).unwrap();
            footer["waivers"] = waiver.clone();
            format!("{cases}{footer}\n")
        };
        let streams: Vec<String> = shards(2, &rows).iter().map(with).collect();
        let footer = footer(&merged(&streams).unwrap()).clone();
        (footer.waivers[0].state, footer.gate)
    };
    assert_eq!(waived(["a", "b"], "2999-12-31"), (WaiverState::Waived, Gate::Passed));
    assert_eq!(waived(["a", "b"], "2026-11-21"), (WaiverState::Expired, Gate::Failed));
    assert_eq!(waived(["a", "a"], "2999-12-31"), (WaiverState::Stale, Gate::Failed));
}

#[test]
fn a_stream_that_breaks_off_anywhere_after_its_header_is_told_of_as_interrupted() {
    let cases = [control("before", Outcome::Conforms), row(3, Outcome::Conforms), reading(4, "a"), reading(5, "b")];
    let text = stream(&header(None, 3), &cases);
    let header_end = text.find('\n').unwrap() + 1;
    for end in header_end..text.len() {
        let (events, footer) = replayed(&text[..end]).unwrap();
        assert!(matches!(events.last(), Some(Event::Finished(_))), "{end}");
        let why = footer.interrupted.unwrap().to_string();
        assert!(why.starts_with("its event stream ends after ") && why.ends_with(" of 3 cases"), "{why}");
        assert!(matches!(footer.verdict, Verdict::Undetermined | Verdict::NonConformant), "{end}");
    }
    for end in 0..header_end {
        assert!(replayed(&text[..end]).unwrap_err().contains("line 1 "), "{end}");
    }
}

#[test]
fn what_is_no_event_stream_is_refused_with_its_line() {
    let cases = [row(3, Outcome::Conforms), row(4, Outcome::Conforms)];
    let good = stream(&header(None, 2), &cases);
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let deep = format!("{}{}\n", lines[0], "[".repeat(100_000));
    let told: Vec<String> = [
        String::new(),
        "\n".to_owned(),
        "\u{0}\u{1b}[31m\n".to_owned(),
        "[1,2]\n".to_owned(),
        good.replacen("\"schema\":\"1.0\"", "\"schema\":\"2.0\"", 1),
        lines[1..].concat(),
        [lines[0], lines[0], lines[1]].concat(),
        [lines[0], lines[2], lines[1], lines[3]].concat(),
        [lines[0], lines[1], lines[1], lines[3]].concat(),
        [lines[0], lines[1], lines[3]].concat(),
        [lines[0], lines[1], lines[2], lines[3], "{}\n"].concat(),
        [lines[0], "{\"event\":\"case\"}\n"].concat(),
        [lines[0], "\n", lines[1]].concat(),
        good.replacen("\"conforms\"", "\"passes\"", 1),
        deep,
    ]
    .iter()
    .map(|text| replayed(text).unwrap_err())
    .collect();
    insta::assert_debug_snapshot!(told);
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let mut bytes = stream(&header(None, 0), &[]).into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    bytes.splice(at + 1..at + 1, *b"{\"event\":\"\xff\xfe\"}\n");
    let reader = Reader::open(Cursor::new(bytes)).unwrap();
    let error = replay(reader, |_| Ok(())).unwrap_err().to_string();
    assert!(error.starts_with("line 2 is no event of a run: "), "{error}");
}

#[test]
fn a_line_that_is_longer_than_any_report_is_refused_before_it_fills_the_memory() {
    let endless = io::BufReader::new(io::repeat(b'{'));
    let told = Reader::open(endless).unwrap_err().to_string();
    assert_eq!(told, format!("line 1 is longer than {} bytes", reader::LINE));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_bytes_make_reading_a_stream_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let events = Reader::open(Cursor::new(bytes)).map(|reader| replay(reader, |_| Ok(())).is_ok());
        prop_assert!(!matches!(events, Ok(true)), "random bytes are no whole run");
    }

    #[test]
    fn no_damage_to_a_stream_makes_reading_it_panic(
        at in any::<prop::sample::Index>(),
        length in 0usize..40,
        text in "(\\PC|[\"{}\\[\\],:0-9\n]){0,20}",
    ) {
        let whole = stream(&header(None, 3), &[control("before", Outcome::Conforms), row(0, Outcome::Violates), reading(1, "a")]);
        let from = (0..=at.index(whole.len())).rev().find(|from| whole.is_char_boundary(*from)).unwrap();
        let end = (from + length).min(whole.len());
        let end = (end..=whole.len()).find(|end| whole.is_char_boundary(*end)).unwrap();
        let damaged = format!("{}{text}{}", &whole[..from], &whole[end..]);
        let _ = Reader::open(Cursor::new(damaged)).map(|reader| replay(reader, |_| Ok(())).is_ok());
    }
}

/// The stream of a run of the suites `s` and `z`.
fn two_suites(shard: Option<&str>, outcomes: [Outcome; 2]) -> String {
    let suites = vec!["s".to_owned(), "z".to_owned()];
    let of = |suite: &str, outcome| {
        let rows: Vec<CaseResult> = (0..3)
            .map(|at| row(at, outcome))
            .map(|row| CaseResult { id: row.id.replacen('s', suite, 1), ..row })
            .filter(|row| shard.is_none_or(|shard| shard.parse::<Shard>().unwrap().holds(&row.id)))
            .collect();
        stream(&Header { suite: suite.to_owned(), suites: suites.clone(), ..header(shard, rows.len()) }, &rows)
    };
    of("s", outcomes[0]) + &of("z", outcomes[1])
}

#[test]
fn a_run_of_two_suites_is_as_good_as_the_worse_one() {
    for (outcomes, gate) in [
        ([Outcome::Conforms, Outcome::Conforms], Gate::Passed),
        ([Outcome::Violates, Outcome::Conforms], Gate::Failed),
        ([Outcome::Conforms, Outcome::Inconclusive], Gate::Undetermined),
        ([Outcome::Inconclusive, Outcome::Violates], Gate::Failed),
    ] {
        let text = two_suites(None, outcomes);
        let (events, end) = replayed(&text).unwrap();
        assert_eq!(end.gate, gate, "{outcomes:?}");
        let lines: String = events.iter().map(|event| serde_json::to_string(event).unwrap() + "\n").collect();
        assert_eq!(lines, text, "what is read is what was written");
    }
}

#[test]
fn a_stream_without_its_last_suite_is_open_wherever_it_ends() {
    let text = two_suites(None, [Outcome::Conforms, Outcome::Conforms]);
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end + 1).collect();
    for end in &ends[..ends.len() - 1] {
        let (events, run) = replayed(&text[..*end]).unwrap();
        assert_eq!((run.gate, run.verdict), (Gate::Undetermined, Verdict::Undetermined), "{end}");
        assert!(run.interrupted.is_some());
        let footers = events.iter().filter(|event| matches!(event, Event::Finished(_))).count();
        assert_eq!(footers, 2, "each suite has an end");
    }
}

#[test]
fn what_is_no_run_of_its_suites_is_refused() {
    let text = two_suites(None, [Outcome::Conforms, Outcome::Conforms]);
    let second = text.rfind(r#"{"event":"started""#).unwrap();
    let (one, other) = text.split_at(second);
    let told: Vec<String> = [
        other.to_owned(),
        format!("{one}{one}"),
        format!("{text}{other}"),
        format!("{one}{}", other.replacen(r#""run":"r""#, r#""run":"x""#, 1)),
        text.replace(r#"["s","z"]"#, r#"["s","s"]"#),
        format!("{one}{}", other.split_once('\n').unwrap().1),
        text.replace(r#"["s","z"]"#, &serde_json::to_string(&vec!["s"; 101]).unwrap()),
    ]
    .iter()
    .map(|text| replayed(text).unwrap_err())
    .collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    line 1 is the header of another suite than is due
    line 6 is the header of another suite than is due
    line 11 comes after the footer
    line 6 is the header of another run
    line 1 is the header of another suite than is due
    line 6 comes after the footer
    line 1 tells of 101 suites; a run has at most 100
    ");
}

#[test]
fn shards_of_two_suites_make_the_run_again_and_one_that_lacks_a_suite_does_not() {
    let outcomes = [Outcome::Conforms, Outcome::Violates];
    let streams = ["1/2", "2/2"].map(|shard| two_suites(Some(shard), outcomes));
    let events = merged(&streams).unwrap();
    assert_eq!(ids(&events), ["s/f/c[0]", "s/f/c[1]", "s/f/c[2]", "z/f/c[0]", "z/f/c[1]", "z/f/c[2]"]);
    let verdicts: Vec<Verdict> = events
        .iter()
        .filter_map(|event| match event {
            Event::Finished(footer) => Some(footer.verdict),
            Event::Started(_) | Event::Case(_) => None,
        })
        .collect();
    assert_eq!(verdicts, [Verdict::Conformant, Verdict::NonConformant]);
    let end = streams[1].rfind(r#"{"event":"started""#).unwrap();
    let cut = [streams[0].clone(), streams[1][..end].to_owned()];
    assert!(merged(&cut).unwrap_err().starts_with("incomplete: 1.ndjson: shard 2/2 did not come to its end"));
    let alone = [streams[0].clone(), streams[1].replace(r#""suites":["s","z"],"#, "")];
    assert!(merged(&alone).unwrap_err().contains("another choice of suites"));
}
