//! The HTML page in a browser.

use std::fs;

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::Test;
use crate::browser::{Browser, DESKTOP, VIEWS};
use crate::runs::{broken_run, conformant_run, hostile_run, runs};
use crate::tools::Tool::{self, Axe, ChromeDriver, Chromium};

const BROWSER: &[Tool] = &[Chromium, ChromeDriver];

pub const TESTS: &[Test] = &[
    ("the_page_opens_without_a_complaint_and_asks_for_nothing_from_elsewhere", BROWSER, opens),
    ("the_content_security_policy_holds_whatever_is_put_into_the_page", BROWSER, policy),
    ("the_filters_by_level_and_outcome_work_by_mouse", BROWSER, mouse),
    ("the_filters_the_map_and_the_causes_work_by_keyboard", BROWSER, keyboard),
    ("a_violation_shows_its_request_its_answer_and_a_diff", BROWSER, evidence),
    ("every_kind_of_waiver_is_shown_and_those_that_fail_the_gate_come_first", BROWSER, waivers),
    ("hostile_text_stays_text", BROWSER, hostile),
    ("the_page_is_light_or_dark_as_is_preferred", BROWSER, scheme),
    ("nothing_scrolls_sideways_however_narrow_the_window", BROWSER, sideways),
    ("axe_finds_no_serious_problem", &[Chromium, ChromeDriver, Axe], accessible),
];

/// The ids of the clauses that the map shows.
fn shown(browser: &Browser) -> Vec<String> {
    let ids = browser.script(
        "return [...document.querySelectorAll('.map .clause')].filter(clause => clause.offsetParent)
            .map(clause => clause.querySelector('a').hash.replace('#clause-', ''))",
    );
    ids.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// What the element that has the focus is called: its id, or its text.
fn focused(browser: &Browser) -> String {
    browser.text("return document.activeElement.id || document.activeElement.innerText")
}

/// Opens everything that can be folded.
fn unfold(browser: &Browser) {
    browser.script("document.querySelectorAll('details').forEach(details => details.open = true)");
}

fn opens() {
    let browser = Browser::open(&conformant_run().html, DESKTOP);
    for run in runs() {
        browser.requests();
        browser.goto(&run.html);
        unfold(&browser);
        assert_eq!(browser.complaints(), Vec::<String>::new(), "{}", run.name);
        assert_eq!(browser.requests(), [format!("file://{}", run.html.display())], "{}", run.name);
    }
}

fn policy() {
    let browser = Browser::open(&conformant_run().html, DESKTOP);
    browser.requests();
    let blocked = browser.script(
        "const blocked = new Set();
         document.addEventListener('securitypolicyviolation', event => blocked.add(event.effectiveDirective));
         const put = (name, members) => document.body.append(Object.assign(document.createElement(name), members));
         put('script', { textContent: 'document.title = \"owned\"' });
         put('script', { src: 'http://127.0.0.1:9/a.js' });
         put('style', { textContent: 'body { display: none }' });
         put('img', { src: 'http://127.0.0.1:9/a.png' });
         put('iframe', { src: 'http://127.0.0.1:9/' });
         put('object', { data: 'http://127.0.0.1:9/' });
         put('video', { src: 'http://127.0.0.1:9/' });
         put('base', { href: 'http://127.0.0.1:9/' });
         document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\" onclick=\"document.title = 1\">x</p>');
         document.body.lastElementChild.click();
         fetch('http://127.0.0.1:9/').catch(() => {});
         return new Promise(done => {
             const look = () => blocked.size < 10 && performance.now() < 20000 ? setTimeout(look, 10) : done([...blocked].sort());
             look();
         });",
    );
    let directives = [
        "base-uri",
        "connect-src",
        "frame-src",
        "img-src",
        "media-src",
        "object-src",
        "script-src-attr",
        "script-src-elem",
        "style-src-attr",
        "style-src-elem",
    ];
    assert_eq!(blocked, Value::from(directives.to_vec()));
    assert_eq!(browser.text("return document.title"), "connections: conformant");
    let sent: Vec<String> = browser.requests().into_iter().filter(|address| !address.starts_with("data:")).collect();
    assert_eq!(sent, Vec::<String>::new());
}

fn mouse() {
    let browser = Browser::open(&broken_run().html, DESKTOP);
    let all = shown(&browser);
    assert_eq!(browser.script("return document.querySelectorAll('.map .clause').length"), all.len());
    assert!(all.len() > 100, "{all:?}");
    browser.click("label[for=level-ambiguous]");
    let ambiguous = shown(&browser);
    assert!(ambiguous.len() > 10 && ambiguous.iter().all(|id| id.starts_with("ambiguity.")), "{ambiguous:?}");
    browser.click("label[for=outcome-violated]");
    assert_eq!(shown(&browser), Vec::<String>::new());
    let none = "return document.querySelector('.none-match').offsetParent !== null";
    assert_eq!(browser.script(none), true);
    browser.click("#level-must");
    assert!(shown(&browser).contains(&"name.max-length".to_owned()));
    assert!(shown(&browser).len() < 5);
    assert_eq!(browser.script(none), false);
    browser.click("label[for=level-all]");
    browser.click("#outcome-all");
    assert_eq!(shown(&browser), all);
}

fn keyboard() {
    let browser = Browser::open(&broken_run().html, DESKTOP);
    browser.press(&[Key::Tab]);
    assert_eq!(focused(&browser), "Skip to the report");
    let seen = "return document.activeElement.getBoundingClientRect().left >= 0";
    assert_eq!(browser.script(seen), true);
    browser.press(&[Key::Enter, Key::Tab]);
    assert_eq!(focused(&browser), "level-all");
    browser.press(&[Key::Right, Key::Right, Key::Right]);
    assert_eq!(focused(&browser), "level-ambiguous");
    assert!(shown(&browser).iter().all(|id| id.starts_with("ambiguity.")));
    browser.press(&[Key::Left, Key::Left, Key::Tab]);
    assert_eq!(focused(&browser), "outcome-all");
    browser.press(&[Key::Right]);
    assert_eq!(focused(&browser), "outcome-violated");
    let violated = shown(&browser);
    assert!(violated.contains(&"name.max-length".to_owned()) && violated.len() < 5, "{violated:?}");
    // From one clause of the map to the next; Enter shows it, the focus goes with it.
    let place = violated.iter().position(|id| id == "name.max-length").unwrap();
    browser.press(&vec![Key::Tab; place + 1]);
    browser.press(&[Key::Enter]);
    assert_eq!(focused(&browser), "clause-name.max-length");
    let panels =
        "return [...document.querySelectorAll('.panel')].filter(panel => panel.offsetParent).map(panel => panel.id)";
    assert_eq!(browser.script(panels), Value::from(vec!["clause-name.max-length"]));
    // On to how it was violated, which is folded up and down again.
    browser.press(&[Key::Tab, Key::Enter, Key::Tab]);
    assert_eq!(browser.text("return document.activeElement.closest('.cause').id"), "violation-1");
    let open = "return document.querySelector('#violation-1 details').open";
    assert_eq!(browser.script(open), true);
    browser.press(&[Key::Enter]);
    assert_eq!(browser.script(open), false);
    browser.press(&[Key::Enter]);
    assert_eq!(browser.script(open), true);
}

fn evidence() {
    let browser = Browser::open(&broken_run().html, DESKTOP);
    let text =
        |selector: &str| browser.text(&format!("return document.querySelector('#violation-1 {selector}').innerText"));
    assert_eq!(text("h3 code"), "name.max-length");
    assert!(text(".curl").starts_with("curl --path-as-is -X 'POST' "), "{}", text(".curl"));
    assert!(text(".curl").contains("\"${CONFORMANT_SECRET_token}\""), "{}", text(".curl"));
    assert!(text(".head").starts_with("HTTP/1.1 200\n"), "{}", text(".head"));
    assert!(text(".body").contains("\"name\": \""), "{}", text(".body"));
    assert_eq!((text(".diff .minus"), text(".diff .plus")), ("− 400".to_owned(), "+ 200".to_owned()));
    for run in [broken_run(), hostile_run()] {
        browser.goto(&run.html);
        let causes = browser.script(
            "return [...document.querySelectorAll('.cause')].map(cause =>
                ['.curl', '.head', '.diff'].filter(part => !cause.querySelector(part)))",
        );
        let causes = causes.as_array().unwrap();
        assert!(causes.len() > 1 && causes.iter().all(|missing| *missing == json!([])), "{}: {causes:?}", run.name);
    }
}

fn waivers() {
    let browser = Browser::open(&broken_run().html, DESKTOP);
    let words =
        browser.script("return [...document.querySelectorAll('#waivers .mark')].map(mark => mark.innerText.slice(2))");
    assert_eq!(words, Value::from(vec!["expired", "stale", "waived"]));
}

fn hostile() {
    let browser = Browser::open(&hostile_run().html, DESKTOP);
    unfold(&browser);
    let added =
        "return document.querySelectorAll('script, img, b, i, [onerror], [href^=\"javascript:\"], body style').length";
    assert_eq!(browser.script(added), 0);
    assert!(!browser.text("return document.title").contains("owned"));
    let text = browser.text("return document.body.innerText");
    assert!(text.contains("<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"));
    assert!(text.contains("&lt;i&gt; {{ 7*7 }} ]]>"));
    assert!(!text.contains(['\u{202e}', '\u{1b}']));
    assert!(text.contains("Flaky 2 cases"), "{text}");
}

fn scheme() {
    let browser = Browser::open(&broken_run().html, DESKTOP);
    for view in VIEWS {
        browser.look(view);
        let lightness = |what: &str| {
            let parts =
                browser.script(&format!("return getComputedStyle(document.body).{what}.match(/\\d+/g).map(Number)"));
            parts.as_array().unwrap().iter().take(3).map(|part| part.as_u64().unwrap()).sum::<u64>()
        };
        assert_eq!(lightness("backgroundColor") < lightness("color"), view.dark, "{}", view.name);
    }
}

fn sideways() {
    let browser = Browser::open(&conformant_run().html, DESKTOP);
    for run in runs() {
        for view in VIEWS {
            browser.look(view);
            browser.goto(&run.html);
            browser.click("a[href='#clause-name.max-length']");
            browser.script("scrollTo(0, 0)");
            browser.picture(&format!("{}-{}", run.name, view.name));
            unfold(&browser);
            let wider =
                browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
            assert_eq!(wider, 0, "{} {}", run.name, view.name);
        }
    }
}

fn accessible() {
    let axe = fs::read_to_string(Axe.path()).unwrap();
    let browser = Browser::open(&conformant_run().html, DESKTOP);
    for run in runs() {
        for view in VIEWS {
            browser.look(view);
            browser.goto(&run.html);
            browser.click("a[href='#clause-name.max-length']");
            unfold(&browser);
            browser.script(&axe);
            let found = browser.script(
                "return axe.run(document, { resultTypes: ['violations'] }).then(results => results.violations.map(
                    rule => [rule.impact, rule.id, rule.nodes.slice(0, 5).map(node => node.html.slice(0, 200))]))",
            );
            let serious = |problem: &&Value| problem[0] == "serious" || problem[0] == "critical";
            let problems: Vec<&Value> = found.as_array().unwrap().iter().filter(serious).collect();
            assert!(problems.is_empty(), "{} {}: {problems:#?}", run.name, view.name);
        }
    }
}
