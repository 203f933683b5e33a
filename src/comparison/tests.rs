use super::*;
use crate::contract::{ClauseId, Polarity};
use crate::secret::Secrets;
use crate::verdict::{CaseResult, Finding, Footer, Header, Outcome, Tally};

fn header(suite: &str) -> Header {
    let json = serde_json::json!({
        "schema": "1.0", "version": "0.1.0", "suite": suite, "title": "S", "digest": "d", "target": "http://t", "seed": "1",
        "started": "2026-11-22T10:00:00Z", "cases": 0, "run": "r",
        "clauses": [
            { "id": "must.one", "level": "must", "says": "one", "source": "there", "polarities": ["hold"] },
            { "id": "must.two", "level": "must", "says": "two", "source": "there", "polarities": ["hold"] },
        ],
    });
    serde_json::from_value(json).unwrap()
}

fn case(id: &str, clause: &str, outcome: Outcome) -> CaseResult {
    let clause = ClauseId::new(clause).unwrap();
    let finding = serde_json::json!({ "clause": clause.as_str(), "kind": "violation", "check": "expect",
        "place": "/status", "expected": ["400"], "observed": "200", "exchange": 0 });
    let finding: Finding = serde_json::from_value(finding).unwrap();
    CaseResult {
        outcome,
        findings: (outcome == Outcome::Violates).then_some(finding).into_iter().collect(),
        covers: [(clause, Polarity::Hold)].into(),
        ..CaseResult::unearned(id.to_owned(), String::new(), "f.yaml", 1)
    }
}

fn events(header: &Header, cases: Vec<CaseResult>) -> Vec<MaskedEvent> {
    let mut tally = Tally::of(header);
    cases.iter().for_each(|case| tally.record(case));
    let footer: Footer = tally.finish(1.0, None);
    let cases = cases.into_iter().map(|case| Event::Case(Box::new(case)));
    let all = std::iter::once(Event::Started(Box::new(header.clone())))
        .chain(cases)
        .chain([Event::Finished(Box::new(footer))]);
    all.map(|event| MaskedEvent::of(event, &Secrets::new())).collect()
}

fn compared(old: &[MaskedEvent], new: &[MaskedEvent]) -> Result<Vec<SuiteComparison>, ComparisonError> {
    let mut baseline = Baseline::default();
    old.iter().try_for_each(|event| baseline.event(event))?;
    let mut comparison = Comparison::with(baseline);
    new.iter().try_for_each(|event| comparison.event(event))?;
    comparison.end()
}

#[test]
fn a_run_is_no_worse_than_itself() {
    use Outcome::{Conforms, Violates};
    let run = events(&header("s"), vec![case("a", "must.one", Conforms), case("b", "must.two", Violates)]);
    let suites = compared(&run, &run).unwrap();
    assert!(!suites[0].is_worse());
    assert_eq!(suites[0].clauses.iter().map(|change| change.group).collect::<Vec<_>>(), [ClauseGroup::StillBroken]);
    let cases = &suites[0].cases;
    assert_eq!([&cases.worse, &cases.other, &cases.new, &cases.gone].map(|list| list.count), [0; 4]);
}

#[test]
fn every_pair_of_outcomes_of_a_case_is_in_the_right_list() {
    use Outcome::{Conforms, Deviates, Error, Inconclusive, Observed, Skipped, Violates};
    let best_first: [&[Outcome]; 5] =
        [&[Conforms, Observed], &[Deviates], &[Skipped], &[Inconclusive, Error], &[Violates]];
    let ranks: Vec<(usize, Outcome)> =
        best_first.iter().enumerate().flat_map(|(rank, all)| all.iter().map(move |outcome| (rank, *outcome))).collect();
    for (old_rank, old) in &ranks {
        for (new_rank, new) in &ranks {
            let run = |outcome| events(&header("s"), vec![case("a", "must.one", outcome)]);
            let suites = compared(&run(*old), &run(*new)).unwrap();
            let cases = &suites[0].cases;
            let expected = (usize::from(new_rank > old_rank), usize::from(old != new && new_rank <= old_rank));
            assert_eq!((cases.worse.count, cases.other.count), expected, "{old} → {new}");
            assert!(suites[0].is_worse() || new_rank <= old_rank, "{old} → {new}");
        }
    }
}

#[test]
fn cases_are_known_by_their_ids_in_whatever_order_they_come() {
    let run = |ids: &[&str]| {
        let cases = ids.iter().map(|id| case(id, "must.one", Outcome::Conforms)).collect();
        events(&header("s"), cases)
    };
    let suites = compared(&run(&["c", "a", "b"]), &run(&["d", "b", "c"])).unwrap();
    let ids = |list: &CaseList| list.first.iter().map(|change| change.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&suites[0].cases.new), ids(&suites[0].cases.gone)), (vec!["d".to_owned()], vec!["a".to_owned()]));
    assert!(!suites[0].is_worse(), "what is new or gone is no worse by itself");
}

#[test]
fn a_clause_without_its_case_is_no_longer_proven_and_the_run_is_worse() {
    let both = vec![case("a", "must.one", Outcome::Conforms), case("b", "must.two", Outcome::Conforms)];
    let one = vec![both[0].clone()];
    let suites = compared(&events(&header("s"), both), &events(&header("s"), one)).unwrap();
    assert!(suites[0].is_worse() && !suites[0].is_verdict_worse());
    assert_eq!(suites[0].count(ClauseGroup::NoLongerProven), 1);
}

#[test]
fn suites_are_met_by_name_and_a_run_without_one_of_them_is_refused() {
    let run = |names: &[&str]| {
        let suites: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let of = |name: &&str| {
            let outcome = if *name == "b" { Outcome::Violates } else { Outcome::Conforms };
            let header = Header { suites: suites.clone(), ..header(name) };
            events(&header, vec![case("c", "must.one", outcome)])
        };
        names.iter().flat_map(of).collect::<Vec<_>>()
    };
    let suites = compared(&run(&["a", "b"]), &run(&["b", "a"])).unwrap();
    assert!(suites.iter().all(|suite| !suite.is_worse() && suite.old.suite == suite.new.suite));
    for (old, new, told) in [
        (&["a", "b"][..], &["a"][..], "the old run has the suite b, and the new one doesn't"),
        (&["a"], &["a", "b"], "the new run has the suite b, and the old one doesn't"),
        (&["a"], &["b"], "the new run has the suite b, and the old one doesn't"),
    ] {
        assert_eq!(compared(&run(old), &run(new)).unwrap_err().to_string(), told);
    }
}

#[test]
fn two_shards_of_a_run_are_no_two_runs() {
    let shard = |shard: Option<&str>| {
        let shard = shard.map(|shard| shard.parse().unwrap());
        events(&Header { shard, ..header("s") }, vec![case("a", "must.one", Outcome::Conforms)])
    };
    assert!(compared(&shard(Some("1/2")), &shard(Some("1/2"))).is_ok());
    let told = compared(&shard(Some("1/2")), &shard(None)).unwrap_err().to_string();
    assert_eq!(told, "of the suite s, the old run is shard 1/2 and the new one a whole run");
}

#[test]
fn what_is_kept_of_a_run_has_a_limit() {
    let header = header("s");
    let mut baseline = Baseline::default();
    let id = "x".repeat(15 * 1024 * 1024);
    let started = MaskedEvent::of(Event::Started(Box::new(header)), &Secrets::new());
    baseline.event(&started).unwrap();
    let row = case(&id, "must.one", Outcome::Conforms);
    let row = MaskedEvent::of(Event::Case(Box::new(row)), &Secrets::new());
    let fits = (0..100).take_while(|_| baseline.event(&row).is_ok()).count();
    assert_eq!(fits, Room::MEBIBYTES / 15);
    assert!(matches!(baseline.event(&row), Err(ComparisonError::Room { .. })));
}
