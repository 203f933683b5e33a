//! The case language as tables: every key of `suite.yaml` and of case files, what it holds and what it means. The
//! validator and `cases/case.schema.json` are made from these.

use serde_json::Value;

use crate::source::json_schema;
use crate::source::shape::{Field, Kind, Object};

/// The most repeats of a step.
pub(super) const MAX_REPEAT: i64 = 10_000;

/// The JSON Schema for editors: one that fits case files and `suite.yaml`.
pub fn case_schema() -> Value {
    json_schema("Suites and cases of conformant", &[&CASE_FILE, &SUITE])
}

const STATUS: Kind = Kind::Integer(100, 599);
const STATUSES: Kind = Kind::Either(&[STATUS, Kind::List(&STATUS, 1)]);
const TEXTS: Kind = Kind::Either(&[Kind::Text, Kind::List(&Kind::Text, 1)]);
const VALUES: Kind = Kind::Either(&[Kind::Scalar, Kind::List(&Kind::Scalar, 1)]);
const NAMED: Kind = Kind::Map(&VALUES);
/// The value of a parameter, which may be a list or an object where the contract says how that is sent.
const PARAMETER: Kind = Kind::Either(&[Kind::Scalar, Kind::List(&Kind::Any, 0), Kind::Map(&Kind::Any)]);
const PARAMETERS: Kind = Kind::Map(&PARAMETER);
const POLARITY: Kind = Kind::Word(&["accept", "refuse", "hold", "observe"]);
const COVERS: Kind = Kind::Map(&POLARITY);
const STATEMENTS: Kind = Kind::List(&Kind::Object(&STATEMENT), 0);
const EXPECT: Kind = Kind::Either(&[STATUS, Kind::List(&STATUS, 1), Kind::Object(&EXPECTATION)]);
const PATH_CHANGE: Kind = Kind::Either(&[Kind::Text, PARAMETERS]);
const CALLED: &str = "the operation that is called; where a suite has only one, it needn't be named";
const NEEDS: Kind = Kind::List(&Kind::Text, 0);

/// `suite.yaml`.
pub(super) static SUITE: Object = Object {
    name: "suite",
    doc: "What all cases of a suite share.",
    fields: &[
        Field::required("title", Kind::Text, "for people: which API the suite is about"),
        Field::required("contract", Kind::Text, "the contract's file name, beside this file"),
        Field::required(
            "operations",
            Kind::Map(&Kind::Object(&OPERATION)),
            "what the cases call, by the operationId that the contract has for it",
        ),
        Field::new(
            "resources",
            Kind::Map(&Kind::Object(&RESOURCE)),
            "what is made for a case whose templates name it: `pet.id` asks for a pet",
        ),
        Field::new(
            "before",
            Kind::List(&Kind::Text, 1),
            "resources that are made once, before the cases, with what they need; all cases share them, and they are removed after all of them",
        ),
        Field::new(
            "variables",
            Kind::Map(&VARIABLE_OR_DEFAULT),
            "values that a run is given; each a default, or a map",
        ),
        Field::new(
            "secrets",
            Kind::Map(&Kind::Object(&SECRET)),
            "values that a run is given, or obtains, and that are masked everywhere",
        ),
        Field::new("reference", Kind::Object(&REFERENCE), "what is given when the reference server is the target"),
        Field::new("control", Kind::Object(&CONTROL), CONTROL_SAYS),
        Field::new(
            "probes",
            Kind::Map(&Kind::Object(&PROBE)),
            "requests sent before the cases: `needs` asks whether one is accepted, templates see `probes.<name>`",
        ),
        Field::new(
            "consistent",
            Kind::Map(&Kind::Text),
            "ambiguous clauses of which a target keeps to one reading, each with the clause that it breaks otherwise",
        ),
        Field::new("snapshots", Kind::Object(&SNAPSHOTS), "what snapshots show, and what of it varies"),
    ],
    others: None,
};

const BODY: Kind = Kind::Either(&[Kind::Map(&Kind::Any), Kind::List(&Kind::Any, 0), Kind::Text]);
const QUERY_SAYS: &str = "replaces or adds query parameters; lists and maps are sent as the contract has them, else a list sends the name several times";
const HEADERS_SAY: &str = "replaces or adds header fields; lists and maps are sent as the contract has them, else a list sends the header several times";

/// Keys of a departure from a valid request, between those of what departs.
macro_rules! departure {
    ([$($before:expr),* $(,)?], [$($after:expr),* $(,)?]) => {
        &[
            $($before,)*
            Field::new("query", PARAMETERS, QUERY_SAYS),
            Field::new("headers", PARAMETERS, HEADERS_SAY),
            Field::new("cookies", PARAMETERS, "replaces or adds cookies"),
            Field::new("body", BODY, "merged into the valid body, deeply; a list or a text replaces it"),
            Field::new("without", TEXTS, "pointers to what is taken away: /body/…, /headers/…, /query/…, /cookies/…, /body"),
            $($after,)*
        ]
    };
}

const VARIABLE_KIND: Kind = Kind::Object(&VARIABLE);
const VARIABLE_OR_DEFAULT: Kind = Kind::Either(&[Kind::Scalar, VARIABLE_KIND]);

static VARIABLE: Object = Object {
    name: "variable",
    doc: "A value that a run is given.",
    fields: &[
        Field::new("default", Kind::Scalar, "its value where none is given; may be a template"),
        Field::new("optional", Kind::Bool, "whether a run can do without it; cases that need it are then skipped"),
        Field::new("about", Kind::Text, "for people: what it is"),
    ],
    others: None,
};

static SECRET: Object = Object {
    name: "secret",
    doc: "A value that a run is given, or obtains, and that is masked everywhere.",
    fields: &[
        Field::new("default", Kind::Scalar, "its value where none is given; may be a template"),
        Field::new("optional", Kind::Bool, "whether a run can do without it; cases that need it are then skipped"),
        Field::new("about", Kind::Text, "for people: what it is"),
        Field::new("obtain", Kind::Object(&OBTAIN), "how it is asked for where none is given: once, for all cases"),
    ],
    others: None,
};

static OBTAIN: Object = Object {
    name: "obtain",
    doc: "How a secret is obtained for which nobody gives a value.",
    fields: &[
        Field::required("request", Kind::Object(&OBTAIN_REQUEST), "what is sent, before anything else"),
        Field::required("take", Kind::Text, "where the secret is in the answer: /headers/<name> or /body/…"),
        Field::new(
            "renew",
            STATUSES,
            "the statuses by which the target says that it is good no more; else 401. It is obtained anew then, and the case made anew",
        ),
    ],
    others: None,
};

static OBTAIN_REQUEST: Object = Object {
    name: "request for a secret",
    doc: "A request for a secret, with variables and secrets that are declared before it.",
    fields: &[
        Field::required("method", Kind::Text, "the method"),
        Field::new("path", Kind::Text, "the path at the target"),
        Field::new(
            "url",
            Kind::Text,
            "where else it is sent: a variable for which the suite has no value, and a path: `{{ identity }}/tokens`",
        ),
        Field::new("headers", NAMED, "name and value; a list sends the header several times"),
        Field::new("query", NAMED, "name and value; percent-encoded when sent"),
        Field::new("body", Kind::Any, "the body: JSON, unless a header says otherwise"),
    ],
    others: None,
};

static REFERENCE: Object = Object {
    name: "reference",
    doc: "Values for the run against the embedded reference server.",
    fields: &[
        Field::new("variables", Kind::Map(&Kind::Scalar), "name and value"),
        Field::new("secrets", Kind::Map(&Kind::Scalar), "name and value; only the reference server's own"),
    ],
    others: None,
};

static OPERATION: Object = Object {
    name: "operation",
    doc: "An operation of the contract, with the valid request that its cases depart from.",
    fields: &[
        Field::new(
            "request",
            Kind::Object(&REQUEST),
            "the valid request, where the contract's method and path aren't all",
        ),
        Field::required(
            "accepted",
            ACCEPTED_ANSWER,
            "how an accepted request is answered: a status, several, or a map",
        ),
        Field::new("statements", Kind::Object(&SUITE_STATEMENTS), "what must be true of every answer"),
        Field::new("cleanup", Kind::Object(&CLEANUP), "how what a request created is removed"),
    ],
    others: None,
};

static REQUEST: Object = Object {
    name: "request",
    doc: "A valid request; its method and path are the contract's.",
    fields: &[
        Field::new(
            "path",
            PATH_CHANGE,
            "the parameters of the path, percent-encoded when sent; or a link that an answer gave",
        ),
        Field::new(
            "headers",
            PARAMETERS,
            "name and value; lists and maps are sent as the contract has them, else a list sends the header several times",
        ),
        Field::new(
            "query",
            PARAMETERS,
            "name and value, percent-encoded when sent; lists and maps as the contract has them",
        ),
        Field::new("cookies", PARAMETERS, "name and value; all are sent in one header `Cookie`"),
        Field::new(
            "body",
            Kind::Any,
            "the body, written as its media type has it: the contract's, unless a header says another",
        ),
        Field::new("raw", Kind::Object(&RAW), "the body as these bytes"),
    ],
    others: None,
};

const ACCEPTING: Kind = Kind::Integer(200, 399);
const ALL_ACCEPTING: Kind = Kind::Either(&[ACCEPTING, Kind::List(&ACCEPTING, 1)]);
const ACCEPTED_ANSWER: Kind = Kind::Either(&[ACCEPTING, Kind::List(&ACCEPTING, 1), Kind::Object(&ACCEPTED)]);

/// What `control` is for. Where the contract derives a clause, it needn't be named.
pub(super) const CONTROL_SAYS: &str = "what an unsteady answer to the valid request breaks";

static ACCEPTED: Object = Object {
    name: "accepted answer",
    doc: "How an accepted request is answered.",
    fields: &[
        Field::required(
            "status",
            ALL_ACCEPTING,
            "the documented 2xx, one or several; or the 3xx of an operation that redirects",
        ),
        Field::new("clause", Kind::Text, "the clause that another 2xx breaks; else case.as-stated"),
    ],
    others: None,
};

static CONTROL: Object = Object {
    name: "control",
    doc: "The valid request, unmodified.",
    fields: &[Field::required("clause", Kind::Text, "broken where it is once accepted and once refused")],
    others: None,
};

static PROBE: Object = Object {
    name: "probe",
    doc: "A departure from the valid request that a target may accept or refuse; sent once before the cases.",
    fields: departure![
        [
            Field::required("title", Kind::Text, "for people: what it tries"),
            Field::required("otherwise", Kind::Text, "why a case that needs it isn't tested where it is refused"),
            Field::new("operation", Kind::Text, CALLED),
            Field::new("method", Kind::Text, "replaces the method"),
            Field::new("path", PATH_CHANGE, "replaces the path, or parameters of it by name"),
        ],
        []
    ],
    others: None,
};

/// What `secret` beside a captured answer says.
const SECRET_PLACES: &str = "where the answer has secrets: /headers/<name> or /body/…. Every answer of this operation has them masked, wherever they stand";

static RESOURCE: Object = Object {
    name: "resource",
    doc: "Something that cases need to be there. It is made for each, and removed after it.",
    fields: &[
        Field::required("make", Kind::Text, "the operation that makes it"),
        Field::required("id", Kind::Text, "its id; sees `made`, the exchange that made it"),
        Field::new("remove", Kind::Text, "the operation that removes it; else that which makes it says how"),
        Field::new("with", Kind::Object(&RESOURCE_REQUEST), "how it is asked for, besides the valid request"),
        Field::new("secret", Kind::List(&Kind::Text, 1), SECRET_PLACES),
    ],
    others: None,
};

static RESOURCE_REQUEST: Object = Object {
    name: "resource request",
    doc: "A departure from the valid request of the operation that makes a resource.",
    fields: departure![
        [Field::new("path", PARAMETERS, "replaces parameters of the path by name")],
        [
            Field::new("json", Kind::Any, "replaces the whole body by this JSON value"),
            Field::new("raw", Kind::Object(&RAW), "replaces the whole body by these bytes"),
        ]
    ],
    others: None,
};

static SUITE_STATEMENTS: Object = Object {
    name: "general statements",
    doc: "What must be true of every answer to the operation, in every case.",
    fields: &[
        Field::new("accepted", STATEMENTS, "of answers that accept the request"),
        Field::new("refused", STATEMENTS, "of answers with a 4xx"),
    ],
    others: None,
};

static CLEANUP: Object = Object {
    name: "cleanup",
    doc: "How what a request that got a 2xx created is removed; its templates see `request` and `response` of that exchange.",
    fields: &[
        Field::required("method", Kind::Text, "the HTTP method"),
        Field::required("path", Kind::Text, "the path of the created thing"),
        Field::new("headers", NAMED, "name and value"),
        Field::new("query", NAMED, "name and value"),
        Field::new("body", Kind::Any, "the JSON body"),
        Field::required("done", STATUSES, "statuses that mean: gone"),
        Field::new("absent", STATUSES, "statuses that mean: the target has no such operation"),
        Field::new("find", Kind::Object(&FIND), "how it is found again where the answer is not known"),
    ],
    others: None,
};

static FIND: Object = Object {
    name: "find",
    doc: "How what a request created is looked up by what was sent; each thing found stands for the answer that told of it.",
    fields: &[
        Field::required(
            "keep",
            Kind::Map(&TEXTS),
            "what is kept of a `request` before it is sent; of several, the first that gives a text",
        ),
        Field::required("method", Kind::Word(&["GET", "HEAD", "OPTIONS"]), "a method that creates nothing"),
        Field::required("path", Kind::Text, "the path; templates see `request` (method and path) and `kept`"),
        Field::new("headers", NAMED, "name and value"),
        Field::new("query", NAMED, "name and value"),
        Field::required("items", Kind::Text, "a pointer into the answer's body: to a list of things, or to one"),
        Field::required(
            "ours",
            Kind::Text,
            "whether a thing, as `response.body`, is what was created; else it is let alone",
        ),
        Field::new(
            "made",
            Kind::Text,
            "a pointer into a thing: when it was made; what is older than the run is let alone",
        ),
    ],
    others: None,
};

static SNAPSHOTS: Object = Object {
    name: "snapshot plan",
    doc: "What snapshots show of an answer, and what of it varies from run to run.",
    fields: &[
        Field::new("headers", Kind::List(&Kind::Text, 0), "the headers that are shown; else content-type alone"),
        Field::new("redact", REDACTIONS, "what is replaced by a placeholder"),
        Field::new(
            "optional",
            Kind::List(&Kind::Text, 0),
            "places that an implementation may leave out or add: shapes don't show them",
        ),
        Field::new(
            "forms",
            Kind::Map(&Kind::Text),
            "forms of a text that shapes tell apart, besides uuid and utc time: each a name and a regular expression",
        ),
    ],
    others: None,
};

const REDACTIONS: Kind = Kind::List(&Kind::Object(&REDACTION), 0);

static REDACTION: Object = Object {
    name: "redaction",
    doc: "A value that varies from run to run; the same value twice is the same placeholder.",
    fields: &[
        Field::new("at", Kind::Text, "/headers/<name>, or /body and a JSON pointer in which `*` is any item or member"),
        Field::new("clause", Kind::Text, "a clause: the places that its statements and schema keywords are about"),
        Field::new("as", Kind::Text, "what the placeholder is called; else the last part of the place"),
        Field::new(
            "numbered",
            Kind::Bool,
            "false: one placeholder for all values, as for times, which may be the same by chance",
        ),
        Field::new("optional", Kind::Bool, "whether a run says nothing where no answer has such a value"),
    ],
    others: None,
};

/// What a case says of its snapshot.
const SNAPSHOT: Kind = Kind::Either(&[Kind::Bool, Kind::Object(&CASE_SNAPSHOT)]);

static CASE_SNAPSHOT: Object = Object {
    name: "case snapshot",
    doc: "A snapshot of the case's exchanges is recorded.",
    fields: &[Field::new("redact", REDACTIONS, "what varies besides what the suite says")],
    others: None,
};

/// Any other file.
pub(super) static CASE_FILE: Object = Object {
    name: "case file",
    doc: "Cases that belong together.",
    fields: &[
        Field::required("title", Kind::Text, "for people: what the cases are about"),
        Field::new("about", Kind::Text, "why they are there"),
        Field::new("operation", Kind::Text, CALLED),
        Field::required("cases", Kind::List(&Kind::Object(&CASE), 1), "the cases"),
    ],
    others: None,
};

/// Keys of a departure, which cases and steps share.
macro_rules! request_and_answer {
    ($($own:expr),* $(,)?) => {
        departure![
            [
            $($own,)*
            Field::new("covers", COVERS, "clauses, each with what is shown of it: accept, refuse, hold or observe"),
            Field::new("operation", Kind::Text, CALLED),
            Field::new("method", Kind::Text, "replaces the method"),
            Field::new("path", PATH_CHANGE, "replaces the path, or parameters of it by name"),
            Field::new(
                "undocumented",
                Kind::Bool,
                "whether a method and a path that no operation of the contract has are meant"
            ),
            ],
            [
            Field::new("json", Kind::Any, "replaces the whole body by this JSON value"),
            Field::new("raw", Kind::Object(&RAW), "replaces the whole body by these bytes"),
            Field::new("header_case", Kind::Map(&Kind::Word(&["title", "lower"])), "how header names are spelt on an HTTP/1.1 wire"),
            Field::new("connection", Kind::Word(&["shared", "own", "fresh"]), "which connection is used"),
            Field::new("expect", EXPECT, "what must come back: a status, several, or a map"),
            Field::new("repeat", Kind::Integer(1, MAX_REPEAT), "how often it is sent, with fresh values each time"),
            Field::new("concurrently", Kind::Bool, "whether the repeats are sent at once"),
            Field::new("until", Kind::Word(&["accepted"]), "repeat until one is accepted; only the last is judged"),
            Field::new("counts", Kind::Object(&COUNTS), "how many of the repeats get which status, instead of `expect`"),
            Field::new("distinct", Kind::List(&Kind::Object(&DISTINCT), 1), "where all accepted answers differ"),
            Field::new("statements", STATEMENTS, "what must be true of the answer, besides the suite's statements"),
            ]
        ]
    };
}

static CASE: Object = Object {
    name: "case",
    doc: "One departure from the valid request, or several steps, and what must come back.",
    fields: request_and_answer![
        Field::required("id", Kind::Text, "lower-case letters, digits, `.`, `_`, `-`; unique in the file"),
        Field::new("title", Kind::Text, "for people; may use the row's columns"),
        Field::new("about", Kind::Text, "why the case is there"),
        Field::new(
            "needs",
            NEEDS,
            "variables and secrets without which it is skipped, and probes that have to be accepted"
        ),
        Field::new(
            "given",
            Kind::Map(&Kind::Text),
            "resources that are made for it under names of its own: `{ a: pet, b: pet }`",
        ),
        Field::new("snapshot", SNAPSHOT, "whether its exchanges are recorded; false: not even where all are"),
        Field::new(
            "each",
            Kind::Either(&[Kind::List(&Kind::Object(&ROW), 1), Kind::Object(&GRID)]),
            "a table: the case is run once a row"
        ),
        Field::new("steps", Kind::List(&Kind::Object(&STEP), 1), "several requests, one after the other"),
    ],
    others: None,
};

static STEP: Object = Object {
    name: "step",
    doc: "One request of a case.",
    fields: request_and_answer![
        Field::new("id", Kind::Text, "for messages"),
        Field::new("save", Kind::Text, "the name under which later templates see the exchange"),
        Field::new("secret", Kind::List(&Kind::Text, 1), SECRET_PLACES),
        Field::new("when", Kind::Text, "a template; where it is false, the step is left out"),
    ],
    others: None,
};

static ROW: Object = Object {
    name: "row",
    doc: "One row of a table; other keys are columns.",
    fields: &[
        Field::new(
            "id",
            Kind::Scalar,
            "stands in brackets in the row's id; made from the columns where it is left out",
        ),
        Field::new("title", Kind::Text, "instead of the case's"),
        Field::new("expect", EXPECT, "instead of the case's, or of its last step's"),
        Field::new("covers", COVERS, "instead of the case's, or of its last step's"),
        Field::new("needs", NEEDS, "instead of the case's"),
    ],
    others: Some(Kind::Any),
};

static GRID: Object = Object {
    name: "table",
    doc: "Rows made from columns: `product`, `column` with `of`, or one column over a range.",
    fields: &[
        Field::new("product", Kind::Map(&AXIS), "columns, each a list or a range: all combinations"),
        Field::new("column", Kind::Text, "the one column's name"),
        Field::new("of", Kind::List(&Kind::Any, 1), "the one column's values"),
    ],
    others: Some(Kind::Object(&RANGE)),
};

const AXIS: Kind = Kind::Either(&[Kind::List(&Kind::Any, 1), Kind::Object(&RANGE)]);

static RANGE: Object = Object {
    name: "range",
    doc: "Integers, both ends included.",
    fields: &[Field::required("range", Kind::List(&Kind::Integer(i64::MIN, i64::MAX), 2), "the first and the last")],
    others: None,
};

static RAW: Object = Object {
    name: "raw body",
    doc: "Bytes, in one of four spellings.",
    fields: &[
        Field::new("text", Kind::Text, "text; may be a template"),
        Field::new(
            "encoding",
            Kind::Text,
            "how `text` is sent: utf-8, which it is where nothing is said, latin-1 (a character a byte, for any bytes), \
             utf-16le, utf-16be, utf-32le or utf-32be; may be a template",
        ),
        Field::new("hex", Kind::Text, "pairs of hexadecimal digits"),
        Field::new("base64", Kind::Text, "base64 of the standard alphabet, padded"),
        Field::new("file", Kind::Text, "a file of the suite's folder, up to 3 MiB"),
    ],
    others: None,
};

static EXPECTATION: Object = Object {
    name: "expectation",
    doc: "What must come back.",
    fields: &[
        Field::new("status", STATUSES, "one of these"),
        Field::new("deviates", Kind::Map(&Kind::Text), "status and clause: a deviation, recorded under that clause"),
        Field::new("readings", Kind::Map(&STATUSES), "for `observe`: the reading by status"),
        Field::new("code", VALUES, "the error code is one of these"),
        Field::new("code_clause", Kind::Text, "the clause that another code breaks; else the covered one"),
        Field::new("shape", Kind::Word(&["must", "should", "free"]), "how hard the general checks bind the answer"),
    ],
    others: None,
};

static COUNTS: Object = Object {
    name: "counts",
    doc: "Status and number: exactly so many of the repeats.",
    fields: &[Field::new("rest", STATUSES, "all others get one of these")],
    others: Some(Kind::Integer(0, MAX_REPEAT)),
};

static DISTINCT: Object = Object {
    name: "distinct place",
    doc: "A place where all accepted answers differ.",
    fields: &[
        Field::required("clause", Kind::Text, "the clause that equal values break"),
        Field::required("at", Kind::Text, "/headers/<name>, or /body and a JSON pointer; `*` is every item or member"),
        Field::new("optional", Kind::Bool, "whether there may be nothing at that place"),
    ],
    others: None,
};

static LENGTH: Object = Object {
    name: "length",
    doc: "A range of lengths, both ends included.",
    fields: &[
        Field::new("min", Kind::Integer(0, i64::MAX), "the least"),
        Field::new("max", Kind::Integer(0, i64::MAX), "the greatest"),
    ],
    others: None,
};

static STATEMENT: Object = Object {
    name: "statement",
    doc: "Something that must be true of one place in an answer. Where nothing is there, it is broken.",
    fields: &[
        Field::required("clause", Kind::Text, "the clause that is broken otherwise"),
        Field::required(
            "at",
            Kind::Text,
            "/status, /headers/<name>, or /body and a JSON pointer; `*` is every item or member, and at least one",
        ),
        Field::new("when", Kind::Text, "a template; where it is false, the statement says nothing"),
        Field::new("optional", Kind::Bool, "whether there may be nothing at that place"),
        Field::new("present", Kind::Bool, "whether there is something at all"),
        Field::new("equals", Kind::Any, "the value is this one"),
        Field::new("not_equals", Kind::Any, "the value isn't this one"),
        Field::new("one_of", Kind::Either(&[Kind::List(&Kind::Any, 1), Kind::Text]), "the value is one of these"),
        Field::new("matches", Kind::Text, "a regular expression, searched; anchor it"),
        Field::new("type", Kind::Word(&TYPES), "the value's JSON type"),
        Field::new(
            "length",
            Kind::Either(&[Kind::Integer(0, i64::MAX), Kind::Object(&LENGTH)]),
            "of the body in bytes, of a text in characters, of an array or object in items",
        ),
        Field::new("sha256", Kind::Text, "the digest of the body, or of a text, in hexadecimal digits"),
        Field::new("time", Kind::Word(&["any", "utc"]), "a date and time, or one in UTC"),
        Field::new("near_now", Kind::Integer(0, 31_536_000), "a time at most so many seconds from the answer"),
        Field::new("not_before", Kind::Text, "a time that isn't before the one at that place"),
        Field::new(
            "readings",
            Kind::Map(&Kind::Any),
            "for ambiguous clauses: the reading by value, or by a pattern, `{ matches: … }`",
        ),
    ],
    others: None,
};

const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "object", "array", "null"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_for_editors_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/cases/case.schema.json");
        let current = serde_json::to_string_pretty(&case_schema()).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &current).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap();
        assert!(kept == current, "run the tests with UPDATE_SCHEMA=1 to write {path} anew");
    }
}
