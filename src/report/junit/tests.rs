use std::collections::HashSet;

use proptest::prelude::*;
use quick_xml::events::{BytesStart, Event as Xml};
use quick_xml::{Reader, XmlVersion};

use crate::contract::Polarity;
use crate::report::sample::{all_of, case, cases, events, header, hostile, rendered};
use crate::verdict::{CaseResult, Outcome};

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).unwrap()?;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned())
}

/// What the schema of JUnit's reports allows, with `file` and `line`, which the CI servers read besides: the names that an
/// element may stand in, the attributes that it must and that it may have.
fn rule(element: &str) -> (&'static [&'static str], &'static [&'static str], &'static [&'static str]) {
    match element {
        "testsuites" => (&[""], &["name", "tests", "failures", "errors", "skipped", "time"], &[]),
        "testsuite" => (&["testsuites"], &["name", "tests", "failures", "errors", "skipped", "time"], &["timestamp"]),
        "properties" => (&["testsuite"], &[], &[]),
        "property" => (&["properties"], &["name", "value"], &[]),
        "testcase" => (&["testsuite"], &["classname", "name", "time"], &["file", "line"]),
        "failure" | "error" => (&["testcase"], &["message", "type"], &[]),
        "skipped" => (&["testcase"], &["message"], &[]),
        "system-out" => (&["testcase"], &[], &[]),
        other => panic!("{other} is no element of a JUnit report"),
    }
}

/// Reads the whole report strictly; counts, names and places of elements are as they have to be. Gives the names.
fn read(xml: &str) -> Vec<(String, String)> {
    assert!(
        xml.chars().all(|c| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)),
        "{xml:?}"
    );
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    reader.config_mut().check_end_names = true;
    let mut open: Vec<String> = Vec::new();
    let mut names = Vec::new();
    let mut stated = [0; 4];
    let mut counted = [0; 4];
    let mut stated_by_root = [0; 4];
    let mut all = [0; 4];
    loop {
        let event = reader.read_event().unwrap();
        let (start, empty) = match &event {
            Xml::Start(start) => (start, false),
            Xml::Empty(start) => (start, true),
            Xml::End(end) => {
                assert_eq!(open.pop().unwrap().as_bytes(), end.name().as_ref());
                if end.name().as_ref() == b"testsuite" {
                    assert_eq!(stated, counted);
                    all = std::array::from_fn(|index| all[index] + counted[index]);
                }
                continue;
            }
            Xml::Text(text) => {
                let leaf = open.last().is_some_and(|name| matches!(name.as_str(), "failure" | "error" | "system-out"));
                assert!(leaf || text.decode().unwrap().trim().is_empty(), "text in {open:?}");
                continue;
            }
            Xml::GeneralRef(reference) => {
                let known = ["lt", "gt", "amp", "quot", "apos"];
                assert!(reference.is_char_ref() || known.contains(&reference.decode().unwrap().as_ref()));
                continue;
            }
            Xml::Decl(_) => continue,
            Xml::Eof => break,
            other => panic!("{other:?} has no place in a report"),
        };
        let name = String::from_utf8(start.name().as_ref().to_vec()).unwrap();
        let (parents, mandatory, optional) = rule(&name);
        assert!(parents.contains(&open.last().map_or("", String::as_str)), "{name} in {open:?}");
        let given: Vec<String> = start
            .attributes()
            .map(|attribute| String::from_utf8(attribute.unwrap().key.as_ref().to_vec()).unwrap())
            .collect();
        assert!(mandatory.iter().all(|name| given.iter().any(|given| given == name)), "{name} has {given:?}");
        assert!(given.iter().all(|given| mandatory.contains(&given.as_str()) || optional.contains(&given.as_str())));
        let counts =
            || ["tests", "failures", "errors", "skipped"].map(|name| attribute(start, name).unwrap().parse().unwrap());
        match name.as_str() {
            "testsuites" => stated_by_root = counts(),
            "testsuite" => {
                counted = [0; 4];
                stated = counts();
            }
            "testcase" => {
                counted[0] += 1;
                names.push((attribute(start, "classname").unwrap(), attribute(start, "name").unwrap()));
            }
            "failure" => counted[1] += 1,
            "error" => counted[2] += 1,
            "skipped" => counted[3] += 1,
            _ => {}
        }
        if !empty {
            open.push(name);
        }
    }
    assert_eq!(open, Vec::<String>::new());
    assert_eq!(stated_by_root, all);
    names
}

/// The names of the testsuites.
fn suites(xml: &str) -> Vec<&str> {
    xml.split("<testsuite name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn a_hostile_run_reads_as_one_testcase_a_case() {
    let xml = rendered("junit", &hostile());
    assert_eq!(read(&xml).len(), cases().len());
    insta::assert_snapshot!(xml);
}

#[test]
fn a_case_with_another_title_is_called_as_before_and_the_title_is_what_it_says_first() {
    let titled = |title: &str| {
        let all = cases().into_iter().map(|case| CaseResult { title: title.to_owned(), ..case });
        rendered("junit", &events(header(), all.collect()))
    };
    let (before, after) = (titled("a long name"), titled("a name that is too long"));
    assert_eq!(read(&before), read(&after));
    let says = |xml: &str, title: &str| xml.matches(&format!("<system-out>{title}")).count();
    assert_eq!((says(&before, "a long name"), says(&after, "a name that is too long")), (cases().len(), cases().len()));
}

#[test]
fn deviations_fail_in_a_strict_run_only() {
    let deviating: Vec<CaseResult> = cases().into_iter().filter(|case| case.outcome == Outcome::Deviates).collect();
    let strict = crate::verdict::Header { strict: true, ..header() };
    assert!(!rendered("junit", &events(header(), deviating.clone())).contains("<failure"));
    assert!(rendered("junit", &events(strict, deviating)).contains("<failure"));
}

#[test]
fn a_run_that_found_nothing_out_has_an_error() {
    let skipped: Vec<CaseResult> = cases().into_iter().filter(|case| case.outcome == Outcome::Skipped).collect();
    let xml = rendered("junit", &events(header(), skipped));
    read(&xml);
    assert!(xml.contains("<error message=\"undetermined: "), "{xml}");
}

#[test]
fn two_cases_of_one_name_are_kept_apart() {
    let one = case("name/same", Outcome::Conforms, &[("token.permission", Polarity::Refuse)]);
    let names = read(&rendered("junit", &events(header(), vec![one.clone(), one.clone(), one])));
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), 3);
}

#[test]
fn a_long_testsuite_goes_on_in_a_further_one() {
    let mut long = case("name/long", Outcome::Violates, &[]);
    long.findings = (0..20)
        .map(|index| {
            let place = format!("/body/{index}");
            crate::report::sample::finding(
                "name.mandatory",
                crate::verdict::FindingKind::Violation,
                &place,
                &[],
                &"x".repeat(5_000),
            )
        })
        .collect();
    let many = (0..150).map(|index| CaseResult { id: format!("connections/name/long[{index}]"), ..long.clone() });
    let xml = rendered("junit", &events(header(), many.collect()));
    assert_eq!(read(&xml).len(), 150);
    assert!(xml.contains("connections/name (part 2)"));
}

#[test]
fn cases_of_one_file_are_one_testsuite_in_whatever_order_they_come() {
    let ids = ["name/a", "token/a", "name/b", "token/b", "name/a"];
    let covers = [("token.permission", Polarity::Refuse)];
    let xml = rendered("junit", &events(header(), ids.map(|id| case(id, Outcome::Conforms, &covers)).into()));
    let names = read(&xml);
    assert_eq!(
        names.iter().map(|(class, _)| class.rsplit('/').next().unwrap()).collect::<Vec<_>>().join(" "),
        "name name name token token"
    );
    assert_eq!(names.iter().collect::<HashSet<_>>().len(), ids.len());
    assert_eq!(suites(&xml), ["connections/name", "connections/token", "clauses"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_said_the_report_is_well_formed(text in "(\\PC|[\u{0}-\u{9f}\u{fff0}-\u{ffff}\u{2028}<>&\"'\\]]){0,40}") {
        read(&rendered("junit", &all_of(&text)));
    }
}
