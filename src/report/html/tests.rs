use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::{LIMIT, STYLE};
use crate::contract::Polarity;
use crate::report::sample::{all_of, case, events, exchange, finding, header, hostile, rendered};
use crate::verdict::{Event, FindingKind, Header, Outcome};

/// The page without its style sheet and the hash of it, which no golden needs.
fn page(events: &[Event]) -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    rendered("html", events).replace(STYLE, "…").replace(&hash, "…")
}

/// All tags of a page: names and attributes, without text.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

#[test]
fn a_hostile_run_is_shown_as_text() {
    let page = page(&hostile());
    assert!(!page.contains("<script"));
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    insta::assert_snapshot!(page);
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere_and_runs_nothing() {
    let page = page(&hostile());
    for tag in tags(&page) {
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or_default();
        assert!(
            !["script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"].contains(&name),
            "{tag}"
        );
        for wrong in [" src=", " style=", " onload=", " onclick=", " srcset="] {
            assert!(!tag.contains(wrong), "{tag}");
        }
        assert!(!tag.contains(" href=") || tag.contains(" href=\"#"), "{tag}");
    }
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains("</"));
    assert!(page.contains("default-src 'none'; style-src 'sha256-…'"));
}

#[test]
fn every_link_leads_to_a_place_of_the_page_and_no_place_is_there_twice() {
    let page = page(&hostile());
    let values = |name: &str| -> Vec<String> {
        let parts = page.split(name).skip(1);
        parts.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let mut ids = values(" id=\"");
    for link in values(" href=\"#") {
        assert!(ids.contains(&link), "{link}");
    }
    for label in values(" for=\"").into_iter().chain(values(" aria-labelledby=\"")) {
        assert!(ids.contains(&label), "{label}");
    }
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn hostile_text_in_every_place_adds_no_tag() {
    let plain = page(&all_of("x"));
    let hostile = page(&all_of("<b>x</b>\"'><img src=x onerror=y>"));
    let names = |page: &str| -> Vec<String> {
        tags(page).into_iter().map(|tag| tag.split([' ', '>']).next().unwrap().to_owned()).collect()
    };
    let added = |page: &str| names(page).into_iter().filter(|name| ["b", "img", "/b"].contains(&name.as_str())).count();
    assert_eq!((added(&plain), added(&hostile)), (0, 0));
}

#[test]
fn many_cases_that_fail_alike_are_folded_and_a_few_are_not() {
    let failing = |count: usize| {
        let cases = (0..count).map(|index| {
            let mut result =
                case(&format!("name/case[{index}]"), Outcome::Violates, &[("name.mandatory", Polarity::Refuse)]);
            result.findings = vec![finding("name.mandatory", FindingKind::Violation, "/status", &["400"], "200")];
            result
        });
        page(&events(header(), cases.collect()))
    };
    let folded = "<summary>60 other cases fail in the same way</summary>";
    assert!(failing(61).contains(folded));
    assert!(failing(4).contains("<h4>3 other cases fail in the same way</h4>"));
}

#[test]
fn clauses_that_are_broken_alike_are_folded_each_with_its_first_case() {
    let cases = [
        "name.max-length",
        "name.mandatory",
        "token.min-length",
        "token.permission",
        "response.name-echo",
        "response.fields-present",
    ];
    let cases = cases.iter().enumerate().map(|(index, clause)| {
        let mut result = case(&format!("name/case[{index}]"), Outcome::Violates, &[(clause, Polarity::Refuse)]);
        result.findings = vec![finding(clause, FindingKind::Violation, "/status", &["400"], "200")];
        result
    });
    let page = page(&events(header(), cases.collect()));
    assert!(page.contains("<summary>6 clauses broken in the same way</summary>"));
    assert!(page.contains("In 1 case, the first is <code>connections&#x2f;name&#x2f;case[3]</code>."));
}

#[test]
fn a_run_of_a_part_of_the_suite_says_so_at_its_head() {
    let part = Header { filters: vec!["name.max".to_owned(), "<token>".to_owned()], ..header() };
    let said = "A part of the suite: only cases of <code>name.max, &lt;token&gt;</code>.";
    assert!(page(&events(part, Vec::new())).contains(said));
    assert!(!page(&events(header(), Vec::new())).contains("A part of the suite"));
}

#[test]
fn a_page_stays_within_its_limit_however_much_there_is_to_say() {
    let cases = (0..1_500).map(|index| {
        let mut result =
            case(&format!("name/case[{index}]"), Outcome::Violates, &[("name.mandatory", Polarity::Refuse)]);
        let place = format!("/body/{index}");
        result.findings = vec![finding("name.mandatory", FindingKind::Violation, &place, &["a"], &"<".repeat(900))];
        result.exchanges = vec![exchange(200, &"<&>".repeat(5_000))];
        result
    });
    let page = page(&events(header(), cases.collect()));
    assert!(page.len() < LIMIT + 2_000_000, "{}", page.len());
    assert!(page.len() > LIMIT / 3, "{}", page.len());
    assert!(page.contains("left out for length"));
}
