//! A small run made by hand, with everything in it that a hostile target or case file could say: what the tests of the
//! renderers are fed.

use std::collections::BTreeMap;

use super::{Renderer, Summary, TerminalOptions, format, terminal};
use crate::contract::{ClauseId, Level, Polarity};
use crate::secret::Secrets;
use crate::verdict::{
    BodyRecord, CaseResult, CheckId, ClauseStatement, Event, ExchangeRecord, Finding, FindingKind, Footer, Header,
    HeaderRecord, LeftBehind, MaskedEvent, Outcome, Place, RequestRecord, ResponseRecord, Tally, Waiver, WaiverState,
    WaiverTerms,
};

/// Text with markup, commands, escapes, noncharacters and marks of direction.
pub(super) const HOSTILE: &str = "<script>alert('x')</script> ]]> & \"q\"\n::error::pwned\r\n  ::add-mask::x\n##[error]y ##vso[task.complete]z\n\u{1b}[31mred\u{7}\u{0} \u{fffe}\u{ffff} \u{202e}txt.exe | `a` ``b`` | [l](http://evil.example) @all #1 {{ 7*7 }} {% raw %} %0A:,\u{85}\u{2028}::warning::w";

pub(super) fn clause(id: &str) -> ClauseId {
    ClauseId::new(id).unwrap()
}

fn statement(id: &str, level: Level, says: &str, polarities: &[Polarity]) -> ClauseStatement {
    ClauseStatement {
        id: clause(id),
        level,
        says: says.to_owned(),
        source: "request parameters".to_owned(),
        polarities: polarities.to_vec(),
        untestable: BTreeMap::new(),
        mutants: Vec::new(),
        derived: false,
    }
}

pub(super) fn statements() -> Vec<ClauseStatement> {
    use Polarity::{Accept, Hold, Observe, Refuse};
    let mut clauses = vec![
        statement("name.max-length", Level::Must, "a name has at most 128 characters", &[Accept, Refuse]),
        statement("name.mandatory", Level::Must, HOSTILE, &[Accept, Refuse]),
        statement("token.min-length", Level::Must, "an empty token is refused", &[Accept, Refuse]),
        statement("token.permission", Level::Must, "a token without permission is refused", &[Refuse]),
        statement("response.name-echo", Level::Must, "the name comes back as it was sent", &[Hold]),
        statement("response.fields-present", Level::Should, "every documented field is there", &[Hold]),
        statement("ambiguity.empty-id", Level::Ambiguous, "may an id be empty?", &[Observe]),
    ];
    clauses[2].untestable.insert(Accept, "a valid token of one character can't be had".to_owned());
    clauses[0].mutants = vec!["name-129-accepted".to_owned(), "name-128-refused".to_owned()];
    clauses[1].mutants = vec!["name-missing-accepted".to_owned()];
    clauses[4].mutants = (1..=7).map(|number| format!("name-echo-{number}")).collect();
    clauses
}

pub(super) fn header() -> Header {
    Header {
        schema: "1.0".to_owned(),
        version: "0.1.0".to_owned(),
        suite: "connections".to_owned(),
        title: "Creating a connection".to_owned(),
        digest: "5f2c9d1e".repeat(8),
        target: "http://127.0.0.1:8080".to_owned(),
        seed: "2a".to_owned(),
        started: "2026-11-22T10:00:00Z".parse().unwrap(),
        cases: 9,
        run: "run-1".to_owned(),
        clauses: statements(),
        ..Header::default()
    }
}

pub(super) fn exchange(status: u16, body: &str) -> ExchangeRecord {
    ExchangeRecord {
        step: "1".to_owned(),
        request: RequestRecord {
            method: "POST".to_owned(),
            url: "http://127.0.0.1:8080/v1/project-a/connections".to_owned(),
            headers: vec![("X-Auth-Token".to_owned(), "***".to_owned()).into()],
            body: Some(BodyRecord::Text("{}".to_owned())),
            curl: "curl -X POST -H \"X-Auth-Token: $CONFORMANT_SECRET_token\" -d '{\"name\":\"a\"}' 'http://127.0.0.1:8080/v1/project-a/connections'".to_owned(),
        },
        response: Some(ResponseRecord {
            status,
            version: "HTTP/1.1".to_owned(),
            headers: [("content-type", "application/json"), ("x-hostile", HOSTILE)]
                .map(|(name, value)| HeaderRecord { name: name.to_owned(), value: value.to_owned() })
                .into(),
            body: BodyRecord::Text(body.to_owned()),
        }),
        trouble: None,
        elapsed_ms: 1.25,
        resent: false,
    }
}

pub(super) fn case(id: &str, outcome: Outcome, covers: &[(&str, Polarity)]) -> CaseResult {
    let (id, file) = (format!("connections/{id}"), format!("{}.yaml", id.split('/').next().unwrap()));
    CaseResult {
        covers: covers.iter().map(|(id, polarity)| (clause(id), *polarity)).collect(),
        outcome,
        requests: 1,
        elapsed_ms: 2.5,
        ..CaseResult::unearned(id, "a name that is sent".to_owned(), &file, 12)
    }
}

pub(super) fn finding(id: &str, kind: FindingKind, place: &str, expected: &[&str], observed: &str) -> Finding {
    Finding {
        clause: clause(id),
        kind,
        check: CheckId::EXPECT,
        place: place.parse().unwrap_or_else(|_| Place::Header(place.to_owned())),
        expected: expected.iter().map(|&text| text.to_owned()).collect(),
        observed: observed.to_owned(),
        exchange: 0,
    }
}

/// The cases of the run: one of every outcome, and hostile text in every place that takes any.
pub(super) fn cases() -> Vec<CaseResult> {
    use FindingKind::{Deviation, Observation, Violation};
    use Polarity::{Accept, Hold, Observe, Refuse};
    let mut over = case("name/max-length[over]", Outcome::Violates, &[("name.max-length", Refuse)]);
    over.findings.push(finding("name.max-length", Violation, "/status", &["400"], "200"));
    over.exchanges.push(exchange(200, r#"{"id":"1","name":"a"}"#));
    let mut hostile = case("name/missing", Outcome::Violates, &[("name.mandatory", Refuse)]);
    hostile.title = HOSTILE.to_owned();
    hostile.findings.push(finding("name.mandatory", Violation, HOSTILE, &["400", HOSTILE], HOSTILE));
    hostile.exchanges.push(exchange(500, HOSTILE));
    hostile.exchanges[0].request.curl = HOSTILE.to_owned();
    let mut echo = case("response/echo", Outcome::Violates, &[("response.name-echo", Hold)]);
    let (sent, came) = (r#"{"name":"abc","size":{"x":1}}"#, r#"{"name":"abd","size":{"x":1}}"#);
    echo.findings.push(finding("response.name-echo", Violation, "/body", &[sent], came));
    echo.exchanges.push(ExchangeRecord {
        response: None,
        trouble: Some("the answer broke off: 12 of 40 bytes".to_owned()),
        ..exchange(200, "")
    });
    let mut fields = case("response/fields", Outcome::Deviates, &[("response.fields-present", Hold)]);
    fields.findings.push(finding("response.fields-present", Deviation, "/body/agency", &["present"], "absent"));
    fields.exchanges.push(exchange(200, "{}"));
    let mut empty = case("vpc_id/empty", Outcome::Observed, &[("ambiguity.empty-id", Observe)]);
    empty.findings.push(finding("ambiguity.empty-id", Observation, "/status", &[], "refused"));
    let mut blocked = case("token/empty", Outcome::Inconclusive, &[("token.min-length", Refuse)]);
    blocked.reason = Some(format!("the control was refused: {HOSTILE}"));
    let mut skipped = case("token/permission", Outcome::Skipped, &[("token.permission", Refuse)]);
    skipped.reason = Some("needs limited_token, which is not given".to_owned());
    let mut error = case("token/wrong", Outcome::Error, &[("token.min-length", Refuse)]);
    error.reason = Some("the harness failed".to_owned());
    let good =
        case("name/max-length[at]", Outcome::Conforms, &[("name.max-length", Accept), ("name.mandatory", Accept)]);
    vec![good, over, hostile, echo, fields, error, blocked, skipped, empty]
}

/// The events of a run of these cases.
pub(super) fn events(header: Header, cases: Vec<CaseResult>) -> Vec<Event> {
    let mut tally = Tally::of(&header);
    for case in &cases {
        tally.record(case);
    }
    let footer = Footer {
        left_behind: vec![LeftBehind {
            case: "connections/name/missing".to_owned(),
            resource: HOSTILE.to_owned(),
            why: "DELETE was answered 500".to_owned(),
        }],
        left_more: 2,
        ..tally.finish(1.5, None)
    };
    let cases = cases.into_iter().map(|case| Event::Case(Box::new(case)));
    std::iter::once(Event::Started(Box::new(header))).chain(cases).chain([Event::Finished(Box::new(footer))]).collect()
}

/// The hostile run.
pub(super) fn hostile() -> Vec<Event> {
    events(header(), cases())
}

/// A run of two suites: one in which all holds, then one that breaks a clause.
pub(super) fn two_suites() -> Vec<Event> {
    let suites = vec!["notes".to_owned(), "connections".to_owned()];
    let good = [("at", Polarity::Accept), ("over", Polarity::Refuse)].map(|(row, side)| {
        let case = case(&format!("name/max-length[{row}]"), Outcome::Conforms, &[("name.max-length", side)]);
        CaseResult { id: case.id.replacen("connections", "notes", 1), ..case }
    });
    let clauses = statements().into_iter().take(1).collect();
    let notes = Header { suite: "notes".to_owned(), suites: suites.clone(), cases: 2, clauses, ..header() };
    let mut all = events(notes, good.into());
    if let Some(Event::Finished(footer)) = all.last_mut() {
        (footer.left_behind, footer.left_more) = (Vec::new(), 0);
    }
    let rows = (0..2).zip(cases()).map(|(at, case)| CaseResult { at: Some(at), ..case });
    all.extend(events(Header { suites, cases: 2, ..header() }, rows.collect()));
    all
}

/// A run of a case that passed at the third try, with this text in the answers before, and of one that passed at once.
pub(super) fn flaky(text: &str, allow_flaky: bool) -> Vec<Event> {
    let mut flaky = case("name/max-length[at]", Outcome::Conforms, &[("name.max-length", Polarity::Accept)]);
    flaky.retried = vec![503, 429];
    flaky.exchanges = vec![exchange(200, "{}"), exchange(503, text), exchange(429, text)];
    let good = case("name/max-length[over]", Outcome::Conforms, &[("name.max-length", Polarity::Refuse)]);
    events(Header { allow_flaky, cases: 2, ..header() }, vec![flaky, good])
}

/// A run of one case in which every text is this one.
pub(super) fn all_of(text: &str) -> Vec<Event> {
    let mut result = case("name/missing", Outcome::Violates, &[("name.mandatory", Polarity::Refuse)]);
    text.clone_into(&mut result.title);
    text.clone_into(&mut result.file);
    result.id = format!("{text}/{text}[{text}]");
    let kinds = [FindingKind::Violation, FindingKind::Deviation, FindingKind::Observation];
    result.findings = kinds.map(|kind| finding("name.mandatory", kind, text, &[text, text], text)).into();
    result.exchanges.push(exchange(400, text));
    text.clone_into(&mut result.exchanges[0].request.curl);
    result.exchanges[0].response.as_mut().unwrap().headers.push((text.to_owned(), text.to_owned()).into());
    let blocked = [Outcome::Error, Outcome::Inconclusive, Outcome::Skipped].map(|outcome| CaseResult {
        outcome,
        reason: Some(text.to_owned()),
        findings: Vec::new(),
        ..result.clone()
    });
    let mut header = header();
    for place in [&mut header.suite, &mut header.title, &mut header.target, &mut header.seed, &mut header.version] {
        text.clone_into(place);
    }
    for clause in &mut header.clauses {
        text.clone_into(&mut clause.says);
        text.clone_into(&mut clause.source);
    }
    let terms =
        WaiverTerms { reason: text.to_owned(), issue: Some(text.to_owned()), expires: jiff::civil::date(2026, 12, 31) };
    let excused = CaseResult { waived: [(clause("name.mandatory"), terms.clone())].into(), ..result.clone() };
    let mut events = events(header, [result, excused].into_iter().chain(blocked).collect());
    if let Some(Event::Finished(footer)) = events.last_mut() {
        footer.waivers = [WaiverState::Waived, WaiverState::Expired, WaiverState::Stale]
            .map(|state| Waiver {
                case: text.to_owned(),
                clause: clause("name.mandatory"),
                terms: terms.clone(),
                place: format!("{text}:3"),
                state,
            })
            .into();
    }
    events
}

/// These events hold no secrets.
fn masked(event: &Event) -> MaskedEvent {
    MaskedEvent::of(event.clone(), &Secrets::new())
}

/// The summary of these events.
pub(super) fn summary(events: &[Event]) -> Summary {
    let mut summary = Summary::default();
    events.iter().for_each(|event| summary.take(&masked(event)));
    summary
}

/// What a renderer makes of these events.
pub(super) fn rendered_by(mut renderer: Box<dyn Renderer>, events: &[Event]) -> String {
    let (mut summary, mut out) = (Summary::default(), Vec::new());
    for event in events.iter().map(masked) {
        summary.take(&event);
        renderer.event(&event, &summary, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

/// What stands on a terminal of 100 columns without colours.
pub(super) fn on_terminal(events: &[Event], quiet: bool) -> String {
    on_terminal_with(events, TerminalOptions { quiet, ..terminal_options() })
}

/// The options of a terminal that is asked for nothing special.
pub(super) fn terminal_options() -> TerminalOptions {
    TerminalOptions { width: 100, ..TerminalOptions::default() }
}

/// What stands on a terminal with these options.
pub(super) fn on_terminal_with(events: &[Event], options: TerminalOptions) -> String {
    anstream::adapter::strip_str(&rendered_by(terminal(options), events)).to_string()
}

/// What the format of this name makes of these events.
pub(super) fn rendered(name: &str, events: &[Event]) -> String {
    rendered_by((format(name).unwrap().renderer)(), events)
}

/// The lines that a runner takes for commands: `::` at the start after white space, `##[` anywhere.
pub(super) fn commands(text: &str) -> Vec<&str> {
    let ends = |c| matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}');
    text.split(ends)
        .filter(|line| line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso["))
        .collect()
}
