//! Where a suite's clean-up can remove anything: what a ledger says is held against it, for others may have written it.

use std::collections::BTreeSet;

use regex::{Regex, RegexSet};

use super::model::Suite;
use super::operation::Cleanup;
use super::request::{PathPart, PathPlan};
use super::saved::{Saved, Trace};
use super::scope::Scope;
use super::template::Text;
use crate::contract::{Operation, PathPiece};

/// A part of a path that a value stands for.
const SEGMENT: &str = "[^/?#]*";
/// The same of a removal, which has to name something.
const NAMED_SEGMENT: &str = "[^/?#]+";
/// A path that a value stands for from its beginning on, such as that of a `Location`, which may have a query: an upload has
/// its state there.
const WHOLE: &str = r"/[^?#]*(\?[^#]*)?";

/// The places at which a suite creates and removes.
#[derive(Debug)]
pub struct RemovalPlaces {
    /// Those to which its requests go.
    sent: RegexSet,
}

impl RemovalPlaces {
    /// Those of a suite; `scope` has the run's variables.
    pub fn new(suite: &Suite, scope: &Scope) -> Self {
        let texts: Vec<&Text> = suite.written_paths().collect();
        let rendered = texts.iter().filter_map(|text| text.text(scope).ok()).map(|path| regex::escape(bare(&path)));
        let spelt = texts.iter().filter_map(|text| pattern(text, None, scope, SEGMENT));
        let documented = suite.operations.iter().map(|operation| called_pattern(&operation.documented));
        let patterns = rendered.chain(spelt).chain(documented).map(|pattern| format!("^{pattern}$"));
        let patterns: BTreeSet<String> = patterns.collect();
        // More than can be searched for is none: then each thing is looked up.
        Self { sent: RegexSet::new(patterns).unwrap_or_default() }
    }

    /// Whether the suite's clean-up can make this path of the traced request, and the suite sends that one.
    pub fn have(&self, cleanup: &Cleanup, path: &str, trace: &Trace, scope: &Scope) -> bool {
        let scope = scope.judging(&Saved::traced(trace, None));
        let made = || {
            let pattern = match &cleanup.request.path {
                PathPlan::Written(path) => pattern(path, Some("response"), &scope, NAMED_SEGMENT)?,
                PathPlan::Documented(parts) => documented_pattern(parts),
            };
            Regex::new(&format!("^{pattern}$")).ok()
        };
        let is_safe = path.split('/').all(|part| !matches!(part, "." | ".."));
        is_safe && self.sent.is_match(bare(&trace.path)) && made().is_some_and(|made| made.is_match(path))
    }
}

/// A path without its query and a `/` at its end.
fn bare(path: &str) -> &str {
    path.split('?').next().unwrap_or_default().trim_end_matches('/')
}

/// What the path of an operation looks like, whatever its parameters are.
fn called_pattern(documented: &Operation) -> String {
    let piece = |piece: PathPiece<'_>| match piece {
        PathPiece::Text(text) => regex::escape(text),
        PathPiece::Parameter(_) => SEGMENT.to_owned(),
    };
    let path: String = documented.path_pieces().map(piece).collect();
    path.trim_end_matches('/').to_owned()
}

/// What a documented path looks like, whatever its parameters are.
fn documented_pattern(parts: &[PathPart]) -> String {
    let part = |part: &PathPart| match part {
        PathPart::Literal(text) => regex::escape(text),
        PathPart::Parameter(_) => NAMED_SEGMENT.to_owned(),
    };
    parts.iter().map(part).collect()
}

/// What a path looks like in which expressions with this name, or all of them, may have any value; up to a query, where all
/// have. Nothing where the others can't be evaluated.
fn pattern(path: &Text, name: Option<&str>, scope: &Scope, segment: &str) -> Option<String> {
    let mut pattern = String::new();
    for part in path.parts_apart_from(name, scope) {
        match part.ok()? {
            None if pattern.is_empty() => pattern.push_str(WHOLE),
            None => pattern.push_str(segment),
            Some(literal) if name.is_none() && literal.contains('?') => {
                pattern.push_str(&regex::escape(bare(&literal)));
                break;
            }
            Some(literal) => pattern.push_str(&regex::escape(&literal)),
        }
    }
    Some(if name.is_none() { pattern.trim_end_matches('/').to_owned() } else { pattern })
}

#[cfg(test)]
mod tests {
    use super::super::body::BodyEncoding;
    use super::super::request::RequestPlan;
    use super::super::scope::Bindings;
    use super::*;

    fn plan(path: &str) -> RequestPlan {
        let (method, path) = (Text::literal("DELETE"), PathPlan::Written(Text::parse(path).unwrap()));
        RequestPlan {
            method,
            path,
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
            body: None,
            raw: None,
            encoding: BodyEncoding::Json,
        }
    }

    fn can_remove(path: &str, cleanup: &str, sent: &str) -> bool {
        let scope = Scope::new(&Bindings::default(), 1, "cleanup");
        let texts =
            ["/v1/{{ project }}/things", "/v2/{{ project }}/things{{ query }}", "/{{ place | default('v1/p/odd') }}"];
        let texts = texts.map(|text| Text::parse(text).unwrap());
        let spelt = texts.iter().filter_map(|text| pattern(text, None, &scope, SEGMENT));
        let rendered = texts.iter().filter_map(|text| text.text(&scope).ok()).map(|path| regex::escape(bare(&path)));
        let places =
            RemovalPlaces { sent: RegexSet::new(spelt.chain(rendered).map(|pattern| format!("^{pattern}$"))).unwrap() };
        let cleanup = Cleanup { request: plan(cleanup), done: vec![204], absent: Vec::new(), find: None, thing: None };
        let trace = Trace { method: "POST".to_owned(), path: sent.to_owned(), ..Trace::default() };
        places.have(&cleanup, path, &trace, &scope)
    }

    #[test]
    fn a_removal_goes_where_the_cleanup_makes_its_path_of_a_request_that_the_suite_sends() {
        let cleanup = "/{{ request.path | split('?') | first | trim('/') }}/{{ response.body.id | urlencode }}";
        let good = [
            ("/v1/p/things/7", "/v1/p/things"),
            ("/v1/p/things/a%20b", "/v1/p/things/"),
            ("/v2/p/things/7", "/v2/p/things?x=1"),
            ("/v1/p/odd/7", "/v1/p/odd"),
        ];
        for (path, sent) in good {
            assert!(can_remove(path, cleanup, sent), "{path} of {sent}");
        }
        let bad = [
            ("/v1/p/other/7", "/v1/p/things"),
            ("/v1/p/things", "/v1/p/things"),
            ("/v1/p/things/", "/v1/p/things"),
            ("/v1/p/things/7/8", "/v1/p/things"),
            ("/v1/p/things/..", "/v1/p/things"),
            ("/v1/p/things/7?all=1", "/v1/p/things"),
            ("/v1/projects/7", "/v1/projects"),
            ("/v1/p/q/things/7", "/v1/p/q/things"),
            ("/v1/p/things/7", ""),
        ];
        for (path, sent) in bad {
            assert!(!can_remove(path, cleanup, sent), "{path} of {sent}");
        }
    }

    #[test]
    fn a_cleanup_that_takes_the_whole_path_from_an_answer_goes_anywhere() {
        let cleanup = "{{ response.headers.location }}";
        assert!(can_remove("/elsewhere/7", cleanup, "/v1/p/things"));
        assert!(can_remove("/elsewhere/7?state=a/b", cleanup, "/v1/p/things"));
        assert!(!can_remove("/elsewhere/7#state", cleanup, "/v1/p/things"));
        assert!(!can_remove("/elsewhere/../7", cleanup, "/v1/p/things"));
        let behind = "{{ response.headers.location }}/parts";
        assert!(!can_remove("/elsewhere/7?all=1", behind, "/v1/p/things"));
    }
}
