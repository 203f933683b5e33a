//! An answer on its way out: what it says, and how its bytes go over the wire.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cause::{Cause, FieldError};
use super::request::{ConnectionHistory, Request};
use super::stamp;
use super::store::Connection;

/// How the bytes of an answer are laid on the wire. Only the raw transport can do the malformed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Content-Length and the whole body.
    Whole,
    /// Chunked transfer coding, in chunks of so many bytes.
    Chunked(usize),
    /// A Content-Length that is off by so many bytes; the connection is closed after the body.
    LengthOff(i64),
    /// Two lengths that contradict each other.
    TwoLengths,
    /// Head and this many bytes of the body, then the connection is closed.
    Cut(usize),
    /// Part of the head, then the connection is closed.
    CutHead,
    /// Chunks without the last one, then the connection is closed.
    OpenChunks,
    /// A chunk whose size is no number.
    BadChunk,
    /// The connection is closed without an answer.
    Silence,
    /// No answer, and the connection stays open.
    Hang,
    /// The body alone, without a status line or headers.
    BodyOnly,
    /// A line between the headers that has no colon.
    BadHeader,
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, spelt as they are to be on the wire; framing headers are the transport's.
    pub headers: Vec<(String, String)>,
    /// The body. Null: there is none.
    pub json: Value,
    /// Bytes to send in its stead.
    pub raw: Option<Vec<u8>>,
    /// How it goes over the wire.
    pub framing: Framing,
    /// Whether the connection is closed after it without a word about it.
    pub hangs_up: bool,
}

impl Reply {
    /// An answer with a JSON body.
    pub fn new(status: u16, json: Value, request_id: &str) -> Self {
        let mut headers = vec![("X-Request-Id".to_owned(), request_id.to_owned())];
        if !json.is_null() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        Self { status, headers, json, raw: None, framing: Framing::Whole, hangs_up: false }
    }

    /// The documented refusal.
    pub fn refusal(cause: Cause, request_id: &str) -> Self {
        let json = json!({ "error_code": cause.code(), "error_msg": cause.message() });
        let mut reply = Self::new(cause.status(), json, request_id);
        if let Cause::OtherMethod { allow } = cause {
            reply.set("Allow", allow);
        }
        // Both may be there or not, so that some refusal has them and others don't.
        if cause == Cause::NoPermission {
            reply.put("error_details", "the role of the token's owner has no right to create connections");
            reply.put("request_id", request_id);
        }
        reply
    }

    /// Sets a header; its name is compared without regard to case, and spelt as given.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Removes a header.
    pub fn unset(&mut self, name: &str) {
        self.headers.retain(|(held, _)| !held.eq_ignore_ascii_case(name));
    }

    /// The members of the body, for edits. A body of another kind becomes an object.
    pub fn members(&mut self) -> &mut Map<String, Value> {
        if !self.json.is_object() {
            self.json = Value::Object(Map::new());
        }
        match &mut self.json {
            Value::Object(members) => members,
            _ => unreachable!("an object was put there above"),
        }
    }

    /// Sets a member of the body, in its place where it is there, else at the end.
    pub fn put(&mut self, member: &str, value: impl Into<Value>) {
        self.members().insert(member.to_owned(), value.into());
    }

    /// Removes a member of the body; the others keep their order.
    pub fn drop_member(&mut self, member: &str) {
        self.members().shift_remove(member);
    }

    /// Sets a member of `flavor`.
    pub fn put_flavor(&mut self, member: &str, value: impl Into<Value>) {
        if let Some(flavor) = self.members().get_mut("flavor").and_then(Value::as_object_mut) {
            flavor.insert(member.to_owned(), value.into());
        }
    }

    /// Spells a member of the body anew, where it is a text; it becomes null where it is none.
    pub fn respell(&mut self, member: &str, spell: fn(&str) -> String) {
        let text = self.members().get(member).and_then(Value::as_str).map(spell);
        self.put(member, text);
    }

    /// Becomes the documented refusal with that status; where none is documented, the body stays as it is.
    pub fn refuse_as(&mut self, status: u16) {
        self.status = status;
        let cause = match status {
            400 => Cause::NotObject,
            401 => Cause::WrongToken,
            403 => Cause::NoPermission,
            404 => Cause::UnknownPath,
            500 => Cause::Crash,
            _ => return,
        };
        self.json = json!({ "error_code": cause.code(), "error_msg": cause.message() });
    }

    /// The bytes of the body.
    pub fn bytes(&self) -> Vec<u8> {
        match (&self.raw, &self.json) {
            (Some(raw), _) => raw.clone(),
            (None, Value::Null) => Vec::new(),
            (None, json) => json.to_string().into_bytes(),
        }
    }
}

/// A connection as an answer shows it.
pub(super) fn connection_json(connection: &Connection) -> Value {
    let time = stamp::time(connection.created);
    json!({
        "id": connection.id,
        "name": connection.name,
        "description": connection.description.as_deref().unwrap_or_default(),
        "status": "CREATING",
        "vpc_id": connection.vpc_id,
        "subnet_id": connection.subnet_id,
        "agency": "EG_TRUST",
        "flavor": {
            "name": "default",
            "concurrency_type": "exclusive",
            "concurrency": 500,
            "bandwidth_type": "exclusive",
        },
        "created_time": time,
        "updated_time": time,
    })
}

/// What is known at the moment of answering: for edits of answers.
pub(super) struct AnswerContext<'a> {
    /// The request.
    pub request: &'a Request,
    /// What the connection remembers from before this request.
    pub past: &'a ConnectionHistory,
    /// The connection that was created, if one was.
    pub created: Option<&'a Connection>,
    /// Why the request was refused, if it was.
    pub cause: Option<Cause>,
    /// Which request of the server this is, from 1.
    pub number: usize,
    /// How many creations the server has accepted, this one included.
    pub accepted: usize,
    /// How many requests the server has refused, this one included.
    pub refused: usize,
}

impl AnswerContext<'_> {
    /// Whether the request was refused for this.
    pub fn is(&self, cause: Cause) -> bool {
        self.cause == Some(cause)
    }

    /// Whether the request was refused for this member of the body.
    pub fn is_field(&self, member: &str, wrong: FieldError) -> bool {
        matches!(self.cause, Some(Cause::Field(held, found)) if held == member && found == wrong)
    }

    /// Whether the request was refused for something in the body other than a taken name.
    pub fn is_invalid(&self) -> bool {
        self.is_status(400) && self.cause != Some(Cause::Taken)
    }

    /// Whether the request was refused with this status.
    pub fn is_status(&self, status: u16) -> bool {
        self.cause.is_some_and(|cause| cause.status() == status)
    }

    /// When the connection was created; now, where none was.
    pub fn at(&self) -> Timestamp {
        self.created.map_or_else(stamp::now, |connection| connection.created)
    }
}
