//! The words of a loaded suite. Everything here is checked: an unknown clause, a bad pointer or a template that
//! doesn't compile never gets this far.

use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use secrecy::SecretString;

use super::rows::{Row, Rows};
use super::template::Text;
use super::tree::Tree;
use crate::contract::Polarity;
use crate::http::HeaderCase;
use crate::pointer::Pointer;

/// A folder of case files with its valid request, ready to be planned and run.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The folder's name; the first part of every row's id.
    pub name: String,
    /// For people.
    pub title: String,
    /// The contract's file name, beside `suite.yaml`.
    pub contract: String,
    /// The `operationId` in the contract that the valid request calls.
    pub operation: String,
    /// In the order of `suite.yaml`; a default may use the variables before it.
    pub variables: Vec<Variable>,
    /// In the order of `suite.yaml`.
    pub secrets: Vec<Variable>,
    /// What is given when the embedded reference server is the target.
    pub reference: Inputs,
    /// The valid request that every case departs from; unmodified, it is the control.
    pub request: RequestPlan,
    /// How an accepted request is answered.
    pub accepted: Accepted,
    /// The clause that is broken when the same valid request is once accepted and once refused.
    pub control: String,
    /// Ambiguous clauses whose readings exclude each other, each with the clause that more than one of them breaks.
    pub consistent: Vec<(String, String)>,
    /// What must be true of every answer to the operation.
    pub statements: Statements,
    /// Requests by which a run finds out what a target is like, in the order of `suite.yaml`.
    pub probes: Vec<Probe>,
    /// How what a request created is removed.
    pub cleanup: Option<Cleanup>,
    /// What snapshots show and what of it varies.
    pub snapshots: SnapshotPlan,
    /// Those that judge requests first, the rest builds on them; each in the order of file names, then of each file.
    pub cases: Vec<Arc<Case>>,
    /// SHA-256, hex, over all names and contents of the suite's files, sorted by name.
    pub digest: String,
}

impl Suite {
    /// The number of rows of all cases: what a full run judges.
    pub fn rows(&self) -> u64 {
        self.cases.iter().map(|case| case.rows.len()).sum()
    }

    /// Whether a row of a case names no clause, and is judged as stated.
    pub fn has_plain_rows(&self) -> bool {
        let is_plain = |case: &Arc<Case>| {
            case.rows.iter().any(|row| {
                (0..case.steps.len())
                    .flat_map(|step| case.covers_of(&row, step))
                    .any(|cover| cover.clause == crate::contract::AS_STATED)
            })
        };
        self.cases.iter().filter(|case| case.is_plain).any(is_plain)
    }

    /// The id of one row of a case: `connections/name/max-length[at]`, without brackets where the case has no table.
    pub fn row_id(&self, case: &Case, row: &Row) -> String {
        match &row.id {
            Some(id) => format!("{}/{}[{id}]", self.name, case.id),
            None => format!("{}/{}", self.name, case.id),
        }
    }
}

/// A named value that a run is given.
#[derive(Debug, Clone)]
pub struct Variable {
    /// How templates and the command line call it.
    pub name: String,
    /// Its value where none is given.
    pub default: Option<Text>,
    /// Whether a run can do without it; cases that need it are then skipped.
    pub optional: bool,
    /// For people: what it is.
    pub about: Option<String>,
}

/// A request that a run sends before the cases, to find out whether the target accepts it. Both are right.
#[derive(Debug, Clone)]
pub struct Probe {
    /// How cases and templates call it.
    pub name: String,
    /// For people: what it tries.
    pub title: String,
    /// How it differs from the valid request.
    pub overrides: Override,
    /// Why a case that needs it isn't tested where it is refused.
    pub otherwise: String,
}

/// Values for variables and secrets.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// Name and value.
    pub variables: Vec<(String, String)>,
    /// Name and value; never shown by `Debug`.
    pub secrets: Vec<(String, SecretString)>,
}

/// How an accepted request is answered.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The one documented 2xx.
    pub status: u16,
    /// The clause that another 2xx breaks.
    pub clause: String,
}

/// What must be true of answers.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    /// Of answers with a 2xx.
    pub accepted: Vec<Statement>,
    /// Of answers with a 4xx.
    pub refused: Vec<Statement>,
}

/// A complete request, as templates.
#[derive(Debug, Clone)]
pub struct RequestPlan {
    /// The method.
    pub method: Text,
    /// The path, from the first `/`, appended to the target's base URL.
    pub path: Text,
    /// Query parameters in the order of sending.
    pub query: Vec<QueryPlan>,
    /// Header fields in the order of sending.
    pub headers: Vec<HeaderPlan>,
    /// The JSON body.
    pub body: Option<Tree>,
}

/// One query parameter.
pub type QueryPlan = NamedText;
/// One header field.
pub type HeaderPlan = NamedText;

/// A name with one or several values, each sent on its own. A template that gives a list sends every item.
#[derive(Debug, Clone)]
pub struct NamedText {
    /// As written in the file.
    pub name: String,
    /// At least one.
    pub values: Vec<Text>,
}

/// How a request differs from the suite's valid one.
#[derive(Debug, Clone, Default)]
pub struct Override {
    /// Replaces the method.
    pub method: Option<Text>,
    /// Replaces the path.
    pub path: Option<Text>,
    /// Replaces or adds parameters, by name.
    pub query: Vec<QueryPlan>,
    /// Replaces or adds header fields, by name, without regard to case.
    pub headers: Vec<HeaderPlan>,
    /// Merged into the valid body, deeply.
    pub body: Option<Tree>,
    /// Pointers (`/headers/…`, `/query/…`, `/body…`) to what is taken away after merging.
    pub without: Vec<Text>,
    /// Replaces the whole body.
    pub payload: Option<Payload>,
    /// How header names are spelt on the wire; where it isn't said, as the run finds that the target reads them.
    pub header_case: HeaderCase,
}

/// A whole body.
#[derive(Debug, Clone)]
pub enum Payload {
    /// A JSON value.
    Json(Tree),
    /// Text, sent as it is, and the name of the encoding in which it is.
    Text(Text, Text),
    /// Bytes in hexadecimal digits.
    Hex(Text),
    /// Bytes in base64, standard alphabet, padded.
    Base64(Text),
}

/// How a created thing is removed.
#[derive(Debug, Clone)]
pub struct Cleanup {
    /// The request; its templates see `request` and `response` of the exchange that created the thing.
    pub request: RequestPlan,
    /// Statuses that mean: gone.
    pub done: Vec<u16>,
    /// Statuses that mean: the target has no such operation.
    pub absent: Vec<u16>,
    /// How what was created is found again where the answer is not known.
    pub find: Option<Find>,
}

/// How what a request created is looked up by what was sent.
#[derive(Debug, Clone)]
pub struct Find {
    /// What is kept of a request before it is sent, by name: what the first of these gives that gives a text. They see
    /// `request`.
    pub keep: Vec<(String, Vec<Text>)>,
    /// The request that looks it up; its templates see `request` (method and path) and `kept`.
    pub request: RequestPlan,
    /// Where in the answer's body the found things are: a list, or one thing.
    pub items: Pointer,
    /// Whether one of them is what was created; sees `request`, `kept`, and the thing as `response.body`.
    pub ours: Text,
    /// Where a thing says when it was made; one that is older than the run isn't the run's.
    pub made: Option<Pointer>,
}

/// What snapshots show of an exchange, and what of it varies from run to run.
#[derive(Debug, Clone)]
pub struct SnapshotPlan {
    /// The lower-case names of the headers of an answer that are shown, in this order.
    pub headers: Vec<String>,
    /// What is replaced by a placeholder.
    pub redact: Vec<Redaction>,
    /// What an implementation may leave out or add: shapes don't show it.
    pub optional: Vec<Place>,
}

impl Default for SnapshotPlan {
    fn default() -> Self {
        Self { headers: vec!["content-type".to_owned()], redact: Vec::new(), optional: Vec::new() }
    }
}

/// A value of an answer that varies from run to run.
#[derive(Debug, Clone)]
pub struct Redaction {
    /// What it is called in the placeholder: `[id#1]`.
    pub name: String,
    /// Where it is; in a pointer, `*` stands for any item or member.
    pub at: Vec<Place>,
    /// Whether different values get different placeholders: not where it is chance whether two of them are the same.
    pub numbered: bool,
    /// Whether it may well match nothing in the answers of a target.
    pub optional: bool,
    /// As it is written, for messages: the place, or the clause.
    pub written: String,
    /// The file it is written in, within the suite.
    pub file: String,
    /// Where it is written, 1-based.
    pub line: u32,
}

/// Whether a case is recorded.
#[derive(Debug, Clone, Default)]
pub enum SnapshotAsk {
    /// Only where every case is.
    #[default]
    IfAll,
    /// Never.
    Never,
    /// Always; these are redacted besides what the suite says.
    Always(Vec<Redaction>),
}

/// One departure from the valid request, or several steps, and what must come back.
#[derive(Debug, Clone)]
pub struct Case {
    /// `file/id`; with the suite's name in front, the first part of its rows' ids.
    pub id: String,
    /// The file's name within the suite.
    pub file: String,
    /// Where the case begins, 1-based.
    pub line: u32,
    /// May use the row's columns, the variables and nothing else.
    pub title: Text,
    /// Why the case is there.
    pub about: Option<String>,
    /// At least one. A case written without steps has exactly one.
    pub steps: Vec<Step>,
    /// At least one.
    pub rows: Rows,
    /// Variables and secrets without which the case is skipped.
    pub needs: Vec<String>,
    /// Whether no step says which clauses it is about. A row that says none either is then judged as stated.
    pub is_plain: bool,
    /// Whether its exchanges are recorded.
    pub snapshot: SnapshotAsk,
}

impl Case {
    /// A case of one request that no file has: a control.
    pub fn single(id: &str, title: impl Into<String>, overrides: Override, expect: Expect, covers: Vec<Cover>) -> Self {
        let step = Step {
            id: Some(id.to_owned()),
            save: None,
            covers,
            overrides,
            expect,
            when: None,
            repeat: 1,
            concurrently: false,
            until_accepted: false,
            counts: None,
            distinct: Vec::new(),
            statements: Vec::new(),
            connection: Connection::Shared,
            line: 1,
        };
        Self {
            id: id.to_owned(),
            file: "suite.yaml".to_owned(),
            line: 1,
            title: Text::literal(title),
            about: None,
            steps: vec![step],
            rows: Rows::single(),
            needs: Vec::new(),
            is_plain: false,
            snapshot: SnapshotAsk::Never,
        }
    }

    /// The title of a row: its own, or the case's.
    pub fn title_of<'a>(&'a self, row: &'a Row) -> &'a Text {
        row.title.as_deref().unwrap_or(&self.title)
    }

    /// What varies in its answers besides what the suite says.
    pub fn own_redactions(&self) -> &[Redaction] {
        match &self.snapshot {
            SnapshotAsk::Always(redactions) => redactions,
            SnapshotAsk::IfAll | SnapshotAsk::Never => &[],
        }
    }

    /// Whether it shows of a clause that what keeps it is accepted and what doesn't is refused, in its first row at
    /// least. Other cases build on that.
    pub fn judges_requests(&self) -> bool {
        let Some(row) = self.rows.iter().next() else { return false };
        let covers = (0..self.steps.len()).flat_map(|step| self.covers_of(&row, step));
        covers.into_iter().any(|cover| matches!(cover.polarity, Polarity::Accept | Polarity::Refuse))
    }

    /// Whether a row wants to show of any clause that it holds.
    pub fn holds(&self, row: &Row) -> bool {
        let mut covers = (0..self.steps.len()).flat_map(|step| self.covers_of(row, step));
        covers.any(|cover| cover.polarity == Polarity::Hold)
    }

    /// What a row needs: its own list, or the case's.
    pub fn needs_of<'a>(&'a self, row: &'a Row) -> &'a [String] {
        row.needs.as_deref().unwrap_or(&self.needs)
    }

    /// What a step proves in a row. A row's own `covers` stand in for those of the last step; where neither the case nor the
    /// row has any, each step that expects something proves that it holds.
    pub fn covers_of<'a>(&'a self, row: &'a Row, step: usize) -> &'a [Cover] {
        if self.is_plain && row.covers.as_deref().is_none_or(<[Cover]>::is_empty) {
            let counts = self.steps.get(step).is_some_and(|step| step.counts.is_some());
            let expects = counts || self.expect_of(row, step).is_some_and(|expect| !expect.says_nothing());
            return if expects { &*AS_STATED } else { &[] };
        }
        match (&row.covers, self.steps.get(step)) {
            (Some(covers), _) if step + 1 == self.steps.len() => covers,
            (_, Some(step)) => &step.covers,
            (_, None) => &[],
        }
    }

    /// What a step expects in a row. A row's own `expect` stands in for that of the last step.
    pub fn expect_of<'a>(&'a self, row: &'a Row, step: usize) -> Option<&'a Expect> {
        match (&row.expect, self.steps.get(step)) {
            (Some(expect), _) if step + 1 == self.steps.len() => Some(expect),
            (_, found) => found.map(|step| &step.expect),
        }
    }
}

/// What a case shows that names no clause.
static AS_STATED: LazyLock<[Cover; 1]> =
    LazyLock::new(|| [Cover { clause: crate::contract::AS_STATED.to_owned(), polarity: Polarity::Hold }]);

/// A clause and what a case shows of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cover {
    /// The clause's id.
    pub clause: String,
    /// What is shown of it.
    pub polarity: Polarity,
}

/// One request of a case, or so many repeats of it, and what must come back.
#[derive(Debug, Clone)]
pub struct Step {
    /// For messages.
    pub id: Option<String>,
    /// The name under which later templates see the exchange.
    pub save: Option<String>,
    /// What its expectation proves. Empty: set-up; where it fails, the case is inconclusive.
    pub covers: Vec<Cover>,
    /// How its request differs from the valid one.
    pub overrides: Override,
    /// What must come back.
    pub expect: Expect,
    /// Where it renders to something false, the step is left out.
    pub when: Option<Text>,
    /// How often it is sent, 1 to 10,000.
    pub repeat: u32,
    /// Whether all repeats are sent at once.
    pub concurrently: bool,
    /// Whether repeating stops with the first 2xx; then only the last answer is judged.
    pub until_accepted: bool,
    /// How many of the repeats get which status, instead of `expect.status`.
    pub counts: Option<Counts>,
    /// Where all accepted answers of the repeats differ from each other.
    pub distinct: Vec<Distinct>,
    /// Statements on the answers, besides the suite's.
    pub statements: Vec<Statement>,
    /// Which connection the requests travel on.
    pub connection: Connection,
    /// Where the step begins, 1-based.
    pub line: u32,
}

/// Which connection a step's requests travel on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Connection {
    /// The run's pool.
    #[default]
    Shared,
    /// One connection for the steps of this case that say so.
    Own,
    /// A new one for each request.
    Fresh,
}

/// What must come back.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// One of these; empty where `readings`, `counts` or statements alone judge.
    pub status: Vec<u16>,
    /// Statuses that are a deviation, recorded under the clause named.
    pub deviates: Vec<(u16, String)>,
    /// Readings of an ambiguous clause by status; another status breaks `status.fits-request`.
    pub readings: Vec<Reading>,
    /// The error code is one of these; empty: not said.
    pub code: Vec<String>,
    /// The clause that another code breaks; `None`: the covered one.
    pub code_clause: Option<String>,
    /// How hard the general checks bind the answer.
    pub shape: Shape,
}

impl Expect {
    /// Whether nothing is said about the status, the readings or the code.
    pub fn says_nothing(&self) -> bool {
        self.status.is_empty() && self.readings.is_empty() && self.code.is_empty() && self.deviates.is_empty()
    }
}

/// How hard media type, body schema and general statements bind an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Shape {
    /// A breach is a violation.
    #[default]
    Must,
    /// It may come from a layer in front of the API: a breach is a deviation.
    Should,
    /// Not judged: the answer of another operation.
    Free,
}

/// A reading of an ambiguous clause and the statuses that show it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its name.
    pub name: String,
    /// Any of these shows it.
    pub status: Vec<u16>,
}

/// How many of a step's repeats get which status.
#[derive(Debug, Clone)]
pub struct Counts {
    /// Exactly so many with that status.
    pub exact: Vec<(u16, u32)>,
    /// All others get one of these. Empty: there are no others.
    pub rest: Vec<u16>,
}

/// A place where all accepted answers differ.
#[derive(Debug, Clone)]
pub struct Distinct {
    /// The clause that equal values break.
    pub clause: String,
    /// Where to look.
    pub at: Place,
    /// Whether there may be nothing.
    pub optional: bool,
    /// The file it is written in, within the suite.
    pub file: String,
    /// Where it is written, 1-based.
    pub line: u32,
}

/// Something that must be true of one place in an answer.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The clause that is broken otherwise.
    pub clause: String,
    /// Where to look.
    pub at: Place,
    /// At least one; all must hold.
    pub predicates: Vec<Predicate>,
    /// Where it renders to something false, the statement says nothing.
    pub when: Option<Text>,
    /// Whether there may be nothing at that place.
    pub optional: bool,
    /// The file it is written in, within the suite.
    pub file: String,
    /// Where it is written, 1-based.
    pub line: u32,
}

/// A place in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// The status code.
    Status,
    /// A header field, by its lower-case name.
    Header(String),
    /// A value in the JSON body.
    Body(Pointer),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status => f.write_str("/status"),
            Self::Header(name) => write!(f, "/headers/{name}"),
            Self::Body(pointer) => write!(f, "/body{pointer}"),
        }
    }
}

/// What a statement says.
#[derive(Debug, Clone)]
pub enum Predicate {
    /// Whether there is something at all.
    Present(bool),
    /// The value is this one.
    Equals(Tree),
    /// The value isn't this one.
    NotEquals(Tree),
    /// The value is in this list (renders to a JSON array).
    OneOf(Tree),
    /// The text matches somewhere.
    Matches(Regex),
    /// The value has this type.
    Type(JsonType),
    /// The body has so many bytes; another text so many characters, an array so many items, an object so many members.
    Length(Length),
    /// The body's bytes, or those of another text, have this digest, in hexadecimal digits.
    Sha256(Text),
    /// A date and time in UTC: RFC 3339 with `Z` or `+00:00`, or `YYYY-MM-DD HH:MM:SS`, fractions allowed.
    TimeUtc,
    /// A time no further than so many seconds from the moment of the answer.
    NearNow {
        /// The tolerance, in seconds.
        seconds: u64,
    },
    /// A time that isn't before the time at that place.
    NotBefore(Place),
    /// The reading that fits; none where several do.
    Readings(Vec<ValueReading>),
}

/// A length, or a range of them with both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    /// The least.
    pub min: u64,
    /// The greatest, if there is one.
    pub max: Option<u64>,
}

impl Length {
    /// Whether something is so long.
    pub fn admits(self, length: usize) -> bool {
        let length = length as u64;
        self.min <= length && self.max.is_none_or(|max| length <= max)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, Some(max)) if min == max => write!(f, "{min}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
            (min, None) => write!(f, "at least {min}"),
        }
    }
}

/// A reading of an ambiguous clause and what shows it.
#[derive(Debug, Clone)]
pub struct ValueReading {
    /// Its name.
    pub name: String,
    /// What shows it.
    pub shown: ReadingShown,
}

/// What shows a reading.
#[derive(Debug, Clone)]
pub enum ReadingShown {
    /// This value.
    By(Tree),
    /// A text that matches somewhere.
    Matching(Regex),
}

/// The types of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonType {
    /// Any text.
    String,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object.
    Object,
    /// An array.
    Array,
    /// `null`.
    Null,
}

impl JsonType {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Object, Self::Array, Self::Null];

    /// As JSON Schema and case files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
            Self::Null => "null",
        }
    }

    /// Whether a value has this type; `1.0` is an integer, as in JSON Schema.
    pub fn admits(self, value: &serde_json::Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::Null => value.is_null(),
        }
    }
}
