//! An exchange as text that is equal for equal behaviour: sorted, with a placeholder for what varies, masked, and printable.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::names::{Names, Numbers, Side};
use super::redact::{VaryingValue, text_of, varying};
use super::shape;
use crate::http::{self, Answer, Exchange, Request, Response};
use crate::pointer;
use crate::secret::{Masked, Secrets};
use crate::suite::{GeneratedText, Place, Redaction, SnapshotPlan};
use crate::verdict::UNREACHABLE;

/// The largest body that is shown, in bytes; of a larger one, its length and hash are.
const LARGEST: usize = 64 * 1024;
/// How many characters of a single text are shown.
const TEXT: usize = 300;
/// How many lines of a body that is no JSON are shown.
const LINES: usize = 200;

/// An exchange of a case, and the step that it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct StepExchange<'a> {
    /// The step's id or number.
    pub step: &'a str,
    /// Whether the step's requests are sent at once, so that their answers come in any order.
    pub at_once: bool,
    /// Whether it is the answer of another operation, of which nothing but the status is shown.
    pub foreign: bool,
    /// What was sent and what came back.
    pub exchange: &'a Exchange,
}

/// What a snapshot is made of.
pub struct Subject<'a> {
    /// What is shown, and what varies.
    pub plan: &'a SnapshotPlan,
    /// What varies in this case besides.
    pub own: &'a [Redaction],
    /// What was drawn for its requests.
    pub drawn: &'a [GeneratedText],
    /// Names and values of the run's variables.
    pub variables: &'a [(String, String)],
    /// What must not come out.
    pub secrets: &'a Secrets,
    /// The target's base URL.
    pub base_url: &'a str,
    /// The exchanges, in order.
    pub shots: &'a [StepExchange<'a>],
}

/// Exchanges made ready to be shown: what varies in them is known.
pub(super) struct Document<'a> {
    subject: &'a Subject<'a>,
    names: Names,
    /// Per shot: what varies in its answer.
    varying: Vec<Vec<VaryingValue<'a>>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(subject: &'a Subject<'a>) -> Self {
        let redactions: Vec<&Redaction> = subject.plan.redact.iter().chain(subject.own).collect();
        let varying: Vec<Vec<VaryingValue<'a>>> = subject
            .shots
            .iter()
            .map(|shot| response(shot.exchange).map(|response| varying(&redactions, response)).unwrap_or_default())
            .collect();
        let found: Vec<(String, String, bool)> = varying
            .iter()
            .flatten()
            .map(|varying| (varying.name.to_owned(), varying.text.clone(), varying.numbered))
            .collect();
        let sent: Vec<String> = if subject.drawn.is_empty() {
            Vec::new()
        } else {
            subject.shots.iter().map(|shot| all_text(&shot.exchange.request)).collect()
        };
        let variables: Vec<(String, String)> =
            subject.variables.iter().cloned().chain([("target".to_owned(), subject.base_url.to_owned())]).collect();
        let names = Names::new(subject.drawn, &variables, &found, &sent);
        Self { subject, names, varying }
    }

    /// The numbers of the redactions that found something, the plan's before the case's own.
    pub(super) fn used(&self) -> impl Iterator<Item = usize> {
        self.varying.iter().flatten().map(|varying| varying.redaction)
    }

    /// The exchanges with their values.
    pub(super) fn value(&self) -> Masked {
        self.written(Self::value_of)
    }

    /// What was asked, and the answers with every value replaced by type and form.
    pub(super) fn shape(&self) -> Masked {
        self.written(Self::shape_of)
    }

    /// Every shot, one after the other; answers to one step that are alike but for what varies are shown once.
    fn written(&self, write: fn(&Self, usize, &StepExchange<'_>, &mut Numbers) -> String) -> Masked {
        let shots = self.subject.shots;
        if let [only] = shots {
            return self.finished(&write(self, 0, only, &mut Numbers::default()));
        }
        let mut groups: Vec<(usize, usize, String)> = Vec::new();
        for (index, shot) in shots.iter().enumerate() {
            let text = write(self, index, shot, &mut Numbers::default());
            let known = groups.iter_mut().find(|(first, _, other)| {
                shots.get(*first).is_some_and(|first| first.step == shot.step) && *other == text
            });
            match known {
                Some((_, count, _)) => *count += 1,
                None => groups.push((index, 1, text)),
            }
        }
        let place = |index: usize, text: &str| {
            let shot = shots.get(index);
            let step = shots.iter().position(|other| Some(other.step) == shot.map(|shot| shot.step));
            let at_once = shot.is_some_and(|shot| shot.at_once);
            (step, at_once.then(|| text.to_owned()), index)
        };
        groups.sort_by_cached_key(|(index, _, text)| place(*index, text));
        let mut numbers = Numbers::default();
        let mut all = String::new();
        for (index, count, _) in groups {
            let Some(shot) = shots.get(index) else { continue };
            let gap = if all.is_empty() { "" } else { "\n\n" };
            let times = if count > 1 { format!(", {count} times") } else { String::new() };
            let _ = write!(all, "{gap}### step {}{times}\n\n", shot.step);
            all.push_str(&write(self, index, shot, &mut numbers));
        }
        self.finished(&all)
    }

    /// The text as it is compared and written: masked and printable.
    fn finished(&self, text: &str) -> Masked {
        self.subject.secrets.mask(text).printable_lines()
    }

    fn value_of(&self, index: usize, shot: &StepExchange<'_>, numbers: &mut Numbers) -> String {
        let request = &shot.exchange.request;
        let mut text = self.request_line(request, numbers);
        for (name, value) in &request.headers {
            let value = self.text(value, Side::Request, numbers);
            let _ = write!(text, "\n{}: {value}", self.text(name, Side::Request, numbers));
        }
        if let Some(body) = request.body.as_deref().filter(|body| !body.is_empty()) {
            let _ = write!(text, "\n\n{}", self.request_body(body, numbers));
        }
        let _ = write!(text, "\n\n{}", self.answer(index, shot, numbers));
        text
    }

    fn shape_of(&self, _index: usize, shot: &StepExchange<'_>, numbers: &mut Numbers) -> String {
        let mut text = self.request_line(&shot.exchange.request, numbers);
        let Some(response) = response(shot.exchange) else {
            let _ = write!(text, "\n\n{}", no_answer(shot.exchange));
            return text;
        };
        let _ = write!(text, "\n\n=> {}", response.status);
        if shot.foreign {
            return text;
        }
        let SnapshotPlan { optional, forms, .. } = self.subject.plan;
        let shown = |name: &str| !optional.iter().any(|place| matches!(place, Place::Header(header) if header == name));
        for (name, value) in self.headers(response).into_iter().filter(|(name, _)| shown(name)) {
            let form = match name {
                "content-type" => value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase(),
                _ => format!("<{}>", shape::form(value, forms)),
            };
            let _ = write!(text, "\n{name}: {form}");
        }
        match response.json() {
            Ok(body) => {
                let mut shape = sorted(&shape::of(body, forms));
                for place in optional {
                    if let Place::Body(pointer) = place {
                        pointer.remove(&mut shape);
                    }
                }
                let _ = write!(text, "\n\n{}", pretty(&shape));
            }
            Err(_) if response.body.is_empty() => {}
            Err(_) => text.push_str("\n\n<no json>"),
        }
        text
    }

    fn request_line(&self, request: &Request, numbers: &mut Numbers) -> String {
        let path = request.url.strip_prefix(self.subject.base_url).unwrap_or(&request.url);
        let segments: Vec<String> = path.split('/').map(|segment| self.text(segment, Side::Request, numbers)).collect();
        format!("{} {}", request.method, segments.join("/"))
    }

    fn request_body(&self, body: &[u8], numbers: &mut Numbers) -> String {
        let json = serde_json::from_slice::<Value>(body).ok().filter(|_| body.len() <= LARGEST);
        match json {
            Some(value) => pretty(&self.json(&value, None, "", numbers)),
            None => self.lines(body, Side::Request, numbers),
        }
    }

    fn answer(&self, index: usize, shot: &StepExchange<'_>, numbers: &mut Numbers) -> String {
        let Some(response) = response(shot.exchange) else { return no_answer(shot.exchange) };
        let varying = self.varying.get(index).map(Vec::as_slice).unwrap_or_default();
        let mut text = format!("=> {}", response.status);
        if shot.foreign {
            return text;
        }
        for (name, value) in self.headers(response) {
            let place = format!("/headers/{name}");
            let known = varying.iter().find(|varying| varying.place == place && varying.text == *value);
            let value = match known {
                Some(known) => numbers.varying(known.name, &known.text, known.numbered),
                None => self.text(value, Side::Answer, numbers),
            };
            let _ = write!(text, "\n{name}: {value}");
        }
        if response.body.is_empty() {
            return text;
        }
        let body = match response.json() {
            Ok(body) if response.body.len() <= LARGEST => pretty(&self.json(body, Some(varying), "/body", numbers)),
            _ => self.lines(&response.body, Side::Answer, numbers),
        };
        let _ = write!(text, "\n\n{body}");
        text
    }

    /// The headers that are shown, by name in the plan's order.
    fn headers<'r>(&self, response: &'r Response) -> Vec<(&'r str, &'r str)> {
        let named = |name: &String| {
            let name = name.clone();
            let fits = move |header: &&(String, String)| header.0 == name;
            response.headers.iter().filter(fits).map(|(name, value)| (name.as_str(), value.as_str()))
        };
        self.subject.plan.headers.iter().flat_map(named).collect()
    }

    /// A value with placeholders, members by name; `varying` is what varies in the answer that it belongs to, none in a request.
    fn json(&self, value: &Value, varying: Option<&[VaryingValue<'_>]>, place: &str, numbers: &mut Numbers) -> Value {
        let known = varying.unwrap_or_default().iter().find(|varying| varying.place == place);
        if let Some(known) = known {
            let placeholder = numbers.varying(known.name, &known.text, known.numbered);
            return Value::String(match kind(value) {
                "string" => placeholder,
                other => format!("{} {other}]", placeholder.trim_end_matches(']')),
            });
        }
        let side = if varying.is_some() { Side::Answer } else { Side::Request };
        match value {
            Value::Object(members) => {
                let member = |(name, member): (&String, &Value)| {
                    let shown = self.json(member, varying, &pointer::join(place, name), numbers);
                    let may_be_chance = self.names.may_be_chance(name);
                    (if may_be_chance { name.clone() } else { self.text(name, side, numbers) }, shown)
                };
                let mut members = by_name(members);
                // What was drawn has no order of its own.
                members.sort_by_cached_key(|(name, _)| match self.names.may_be_chance(name) {
                    true => Cow::Borrowed(name.as_str()),
                    false => self.names.replaced(name, side, &mut Numbers::default()),
                });
                Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
            }
            Value::Array(items) => {
                let item = |(index, item): (usize, &Value)| {
                    self.json(item, varying, &pointer::join(place, &index.to_string()), numbers)
                };
                Value::Array(items.iter().enumerate().map(item).collect())
            }
            Value::String(text) => Value::String(self.text(text, side, numbers)),
            Value::Number(number) if side == Side::Request && self.names.knows(&number.to_string()) => {
                Value::String(self.text(&text_of(value), side, numbers))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A body that is no JSON: each line behind a bar, so that none is taken for a part of the snapshot.
    fn lines(&self, body: &[u8], side: Side, numbers: &mut Numbers) -> String {
        // A secret may have several lines, and no hash shall be of one.
        let masked = self.subject.secrets.mask_bytes(body, false);
        let text = match (std::str::from_utf8(&masked), side) {
            (Ok(text), _) => Cow::Borrowed(text),
            // What was drawn for it is known again in a text only.
            (Err(_), Side::Request) => Cow::Owned(text_around(&masked)),
            (Err(_), Side::Answer) => return format!("| {} bytes, sha256 {}", body.len(), hash(&masked)),
        };
        let text = text.as_ref();
        if text.len() > LARGEST || text.lines().count() > LINES {
            let shown = self.names.replaced(text, side, &mut Numbers::default());
            return format!("| {} bytes, sha256 {} with its placeholders", body.len(), hash(shown.as_bytes()));
        }
        let line = |line: &str| {
            let (line, end) = with_end(line);
            format!("| {}{end}", self.text(line, side, numbers))
        };
        let lines: Vec<String> = text.split_terminator('\n').map(line).collect();
        // An editor would take away what else says that the last line has an end.
        let end = if text.ends_with('\n') { "\n|" } else { "" };
        lines.join("\n") + end
    }

    /// A single text with placeholders, and cut. An answer shows a text of the request as the request does. What is changed
    /// is masked before, lest a part of a secret is taken for something else; all is masked at the end.
    fn text(&self, text: &str, side: Side, numbers: &mut Numbers) -> String {
        if let (Side::Answer, Some(shown)) = (side, numbers.remembered(text)) {
            return shown.to_owned();
        }
        if text.len() <= TEXT && !self.names.touches(text) {
            return text.to_owned();
        }
        let masked = self.subject.secrets.mask(text);
        // Placeholders hold no secret.
        let replaced = self.names.replaced(&masked, side, numbers);
        let shown = match replaced.chars().count() {
            0..=TEXT => replaced.into_owned(),
            count => {
                let begin = self.subject.secrets.mask(&replaced).short(TEXT / 4).into_owned();
                format!("{begin} ({count} characters, sha256 {})", hash(replaced.as_bytes()))
            }
        };
        if side == Side::Request {
            numbers.remember(text, &shown);
        }
        shown
    }
}

fn response(exchange: &Exchange) -> Option<&Response> {
    exchange.answer.response()
}

/// What stands for an answer that there isn't. Its cause may vary, its kind doesn't.
fn no_answer(exchange: &Exchange) -> String {
    let why = match &exchange.answer {
        Answer::Unusable { defect, .. } => defect.says(),
        Answer::Unreachable { .. } | Answer::Complete(_) => UNREACHABLE,
    };
    format!("=> no usable answer: {why}")
}

fn all_text(request: &Request) -> String {
    let mut text = request.url.clone();
    request.headers.iter().for_each(|(_, value)| {
        text.push('\n');
        text.push_str(value);
    });
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(request.body.as_deref().unwrap_or_default()));
    text
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The value with the members of every object in the order of their names.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(by_name(members).into_iter().map(|(name, member)| (name.clone(), sorted(member))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

fn by_name(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<(&String, &Value)> = members.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    members
}

fn pretty(value: &Value) -> String {
    http::spelt(&serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())).into_owned()
}

/// Bytes as text, those that are no UTF-8 as escapes.
fn text_around(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

/// Twelve hexadecimal digits by which a long text is known.
fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
/// A line without what nobody sees at its end, and how that is written.
fn with_end(line: &str) -> (&str, &'static str) {
    match line.strip_suffix('\r') {
        Some(line) => (line, "\\r"),
        None => line.strip_suffix(' ').map_or((line, ""), |line| (line, "\\u{20}")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn shown(sent: &Value, received: &Value, drawn: &[(&str, &str)]) -> String {
        let request = Request {
            method: "POST".to_owned(),
            url: "http://h/".to_owned(),
            headers: Vec::new(),
            body: Some(sent.to_string().into()),
            connection: Default::default(),
            header_case: Default::default(),
        };
        let answer = Response::new(200, "HTTP/1.1".to_owned(), Vec::new(), received.to_string().into());
        let exchange = Exchange::new(Arc::new(request), Answer::Complete(answer), Duration::ZERO);
        let shots = [StepExchange { step: "1", at_once: false, foreign: false, exchange: &exchange }];
        let drawn: Vec<GeneratedText> =
            drawn.iter().map(|(how, text)| GeneratedText { how: (*how).into(), text: (*text).into() }).collect();
        let (plan, secrets) = (SnapshotPlan::default(), Secrets::new());
        let (own, variables, base_url) = (&[], &[], "http://h");
        let subject =
            Subject { plan: &plan, own, drawn: &drawn, variables, secrets: &secrets, base_url, shots: &shots };
        Document::new(&subject).value().to_string()
    }

    #[test]
    fn a_short_text_that_was_drawn_stands_for_a_value_and_for_no_name_of_a_member() {
        let draw = |two: &str, eight: &str| {
            let sent = json!({ "id": 1, "name": two, eight: true });
            let received = json!({ "id": 2, "name": two, eight: true });
            shown(&sent, &received, &[("unique(2)", two), ("unique(8)", eight)])
        };
        assert_eq!(draw("id", "abcdefgh"), draw("xy", "ijklmnop"));
    }
}
