//! Reads one answer from the bytes of a connection, in whatever pieces they come: total, bounded and lenient.
//!
//! Reads no socket and keeps no time. What departs from HTTP/1.1 is noted and read all the same where that is possible.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use memchr::memchr;

use super::super::exchange::{Answer, Defect, Response, Sections};
use super::super::irregularity::{Irregularity, Notes, WireRule, quoted};
use super::chunks::Chunks;
use super::framing::{Framing, framing, persists};
use super::head::{Head, Unreadable, first_line};
use super::limits::Limits;
use super::section::SectionScan;
use super::trouble::{Trouble, unusable};

/// The longest text without a line end that is waited for where no status line is.
const LONGEST_LINE: usize = 20_000;
/// How many bytes more than it holds an answer may keep for each of its parts.
const SPARE: usize = 16 * 1024;
/// What every status line begins with.
const BEGINNING: &[u8] = b"HTTP/";

/// An answer being read.
#[derive(Debug)]
pub(super) struct Reader {
    limits: Limits,
    /// Whether HEAD was asked.
    to_head: bool,
    state: State,
    /// How many bytes have been read.
    read: usize,
    /// How many bytes of empty lines came instead of an answer.
    empty: usize,
    /// What stands around the body, as it came.
    sections: BytesMut,
    /// Where in it the last head begins that was read.
    last: usize,
    /// Where in it that head ends.
    behind_head: usize,
    head: Option<Head>,
    body: BytesMut,
    notes: Notes,
    /// Why the answer is of no use.
    trouble: Option<Trouble>,
}

#[derive(Debug)]
enum State {
    Head(SectionScan),
    /// What came begins as no answer does: its first line is waited for.
    NoHead,
    Length {
        left: u64,
        whole: u64,
    },
    Chunks(Chunks),
    UntilClosed,
    Done,
}

/// Whether reading goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// With what is there.
    On,
    /// With what is yet to come.
    More,
    Done,
}

impl Reader {
    /// One for the answer to a request; `to_head` says whether that is HEAD.
    pub(super) fn new(limits: Limits, to_head: bool) -> Self {
        Self {
            limits,
            to_head,
            state: State::Head(SectionScan::default()),
            read: 0,
            empty: 0,
            sections: BytesMut::new(),
            last: 0,
            behind_head: 0,
            head: None,
            body: BytesMut::new(),
            notes: Notes::default(),
            trouble: None,
        }
    }

    /// Takes what belongs to the answer off `input`; whether that was its end.
    pub(super) fn read(&mut self, input: &mut BytesMut) -> bool {
        loop {
            let before = input.len();
            let step = self.step(input);
            self.read = self.read.saturating_add(before.saturating_sub(input.len()));
            match step {
                Ok(Step::On) => {}
                Ok(Step::More) => return false,
                Ok(Step::Done) => {
                    self.state = State::Done;
                    return true;
                }
                Err(trouble) => {
                    self.trouble.get_or_insert(trouble);
                    self.state = State::Done;
                    return true;
                }
            }
        }
    }

    fn step(&mut self, input: &mut BytesMut) -> Result<Step, Trouble> {
        match &mut self.state {
            State::Head(_) => self.read_head(input),
            State::NoHead => match input.len() <= LONGEST_LINE && memchr(b'\n', input).is_none() {
                true => Ok(Step::More),
                false => Err(self.no_head(input)),
            },
            State::Length { left, .. } => {
                let there = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                self.body.extend_from_slice(input.get(..there).unwrap_or_default());
                input.advance(there);
                *left = left.saturating_sub(there as u64);
                Ok(if *left == 0 { Step::Done } else { Step::More })
            }
            State::Chunks(chunks) => {
                let into = (&mut self.body, &mut self.sections);
                let done = chunks.read(input, into, self.limits, &mut self.notes)?;
                Ok(if done { Step::Done } else { Step::More })
            }
            State::UntilClosed => {
                let cap = self.limits.body;
                let room = cap.saturating_sub(self.body.len());
                self.body.extend_from_slice(input.get(..room).unwrap_or(input));
                if input.len() > room {
                    return Err((
                        Defect::TooLarge,
                        format!("the body goes on after {cap} bytes, the limit of --max-body"),
                    ));
                }
                input.clear();
                Ok(Step::More)
            }
            State::Done => Ok(Step::Done),
        }
    }

    fn read_head(&mut self, input: &mut BytesMut) -> Result<Step, Trouble> {
        self.pass_empty_lines(input)?;
        let beginning = input.len().min(BEGINNING.len());
        if input.get(..beginning) != BEGINNING.get(..beginning) {
            // A lone CR may yet become an empty line.
            if input.as_ref() != b"\r" {
                self.state = State::NoHead;
                return Ok(Step::On);
            }
            return Ok(Step::More);
        }
        let State::Head(scan) = &mut self.state else { return Ok(Step::On) };
        let end = scan.end(input);
        let longest = self.limits.head;
        if end.as_ref().map_or(input.len(), |end| end.length) > longest {
            return Err((Defect::TooLarge, format!("the head goes on after {longest} bytes, the limit of --max-head")));
        }
        let Some(end) = end else { return Ok(Step::More) };
        let section = input.get(..end.length).unwrap_or_default();
        if end.bare {
            self.notes.add(WireRule::LineEnd, || "a line of the head with a bare line feed".to_owned());
        }
        let head = Head::read(section, self.limits.fields, &mut self.notes);
        self.last = self.sections.len();
        self.sections.extend_from_slice(section);
        self.behind_head = self.sections.len();
        input.advance(end.length);
        let head = head.map_err(|why| self.unreadable(why))?;
        self.take_head(head)
    }

    /// Takes empty lines away that stand where an answer should begin.
    fn pass_empty_lines(&mut self, input: &mut BytesMut) -> Result<(), Trouble> {
        while let [b'\n', ..] | [b'\r', b'\n', ..] = input.as_ref() {
            let length = if input.first() == Some(&b'\n') { 1 } else { 2 };
            input.advance(length);
            self.empty += length;
            self.notes.add(WireRule::EmptyLine, || "an empty line before the status line".to_owned());
            if self.empty > LONGEST_LINE {
                return Err((Defect::Malformed, format!("more than {LONGEST_LINE} bytes of empty lines")));
            }
        }
        Ok(())
    }

    fn take_head(&mut self, head: Head) -> Result<Step, Trouble> {
        let (framing, useless) = match framing(&head, self.to_head, &mut self.notes) {
            Ok(told) => told,
            Err(trouble) => {
                self.head = Some(head);
                return Err(trouble);
            }
        };
        if (100..200).contains(&head.status) && head.status != 101 {
            self.state = State::Head(SectionScan::default());
            let most = self.limits.head;
            if self.sections.len() > most {
                let cause = format!("interim answers go on after {most} bytes, the limit of --max-head");
                return Err((Defect::TooLarge, cause));
            }
            return Ok(Step::On);
        }
        let switched = head.status == 101;
        (self.head, self.trouble) = (Some(head), useless);
        if switched {
            let observed = "101 Switching Protocols, though nobody asked for it".to_owned();
            return Err(unusable(&mut self.notes, WireRule::SwitchedProtocol, observed));
        }
        self.state = match framing {
            Framing::None | Framing::Length(0) => return Ok(Step::Done),
            Framing::Length(whole) => {
                let cap = self.limits.body;
                let room = usize::try_from(whole).ok().filter(|whole| *whole <= cap);
                let says = || format!("the body is announced with {whole} bytes, over {cap}, the limit of --max-body");
                let announced = || (Defect::TooLarge, says());
                self.body.reserve(room.ok_or_else(announced)?);
                State::Length { left: whole, whole }
            }
            Framing::Chunks => State::Chunks(Chunks::default()),
            Framing::UntilClosed => State::UntilClosed,
        };
        Ok(Step::On)
    }

    fn unreadable(&mut self, why: Unreadable) -> Trouble {
        match why {
            Unreadable::TooManyFields => {
                let most = self.limits.fields;
                (Defect::TooLarge, format!("the head has more than {most} fields, the limit of --max-headers"))
            }
            Unreadable::StatusLine(observed) => unusable(&mut self.notes, WireRule::StatusLine, observed),
        }
    }

    fn no_head(&mut self, input: &[u8]) -> Trouble {
        let observed = quoted("no status line, but", first_line(input));
        unusable(&mut self.notes, WireRule::StatusLine, observed)
    }

    /// The connection was closed; `input` is what is left of what it brought.
    pub(super) fn end(&mut self, input: &[u8]) {
        self.break_off("closed", input);
    }

    /// The connection was lost.
    pub(super) fn lost(&mut self, error: &io::Error, input: &[u8]) {
        match error.kind() {
            // So TLS says that the connection was closed without its closure alert.
            io::ErrorKind::UnexpectedEof => match self.state {
                State::UntilClosed => self.break_off("closed without the closure alert of TLS", input),
                _ => self.end(input),
            },
            io::ErrorKind::InvalidData if !matches!(self.state, State::Done) => {
                self.trouble.get_or_insert((Defect::Malformed, error.to_string()));
                self.state = State::Done;
            }
            _ => self.break_off("reset", input),
        }
    }

    fn break_off(&mut self, how: &str, input: &[u8]) {
        let body = self.body.len();
        let trouble = match &self.state {
            State::Done => return,
            State::UntilClosed if how == "closed" => None,
            State::NoHead => Some(self.no_head(input)),
            State::Head(_) => {
                let read = self.read.saturating_add(input.len());
                Some((
                    Defect::ClosedEarly,
                    format!("{how} after {read} bytes, before the head of an answer was complete"),
                ))
            }
            State::Length { whole, .. } => {
                Some((Defect::Truncated, format!("{how} after {body} of {whole} bytes of the body")))
            }
            State::Chunks(chunks) => {
                Some((Defect::Truncated, format!("{how} after {body} bytes of the body, {}", chunks.missing())))
            }
            State::UntilClosed => Some((Defect::Truncated, format!("{how} after {body} bytes of the body"))),
        };
        if self.trouble.is_none() {
            self.trouble = trouble;
        }
        self.state = State::Done;
    }

    /// What is told at the deadline, which came before the end of the answer.
    pub(super) fn so_far(&mut self, limit: &str, input: &[u8]) {
        let trouble = match &self.state {
            State::Done => return,
            State::NoHead => self.no_head(input),
            State::Head(_) => (Defect::Deadline, format!("no complete head of an answer arrived within {limit}")),
            State::Length { .. } | State::Chunks(_) | State::UntilClosed => {
                let body = self.body.len();
                (Defect::Deadline, format!("the head and {body} bytes of the body arrived within {limit}"))
            }
        };
        self.trouble.get_or_insert(trouble);
        self.state = State::Done;
    }

    /// Notes what has come behind the answer.
    pub(super) fn behind(&mut self, input: &[u8]) {
        if input.is_empty() || self.trouble.is_some() {
            return;
        }
        if is_empty_lines(input) {
            return self.empty_line_behind();
        }
        self.notes.add(WireRule::BytesBehind, || {
            let what = if self.body.is_empty() { "head" } else { "body" };
            let second = if input.starts_with(BEGINNING) { ", which begin another answer" } else { "" };
            format!("{} bytes behind the {what}{second}", input.len())
        });
    }

    /// Notes that an empty line has come behind the answer, or on an idle connection.
    pub(super) fn empty_line_behind(&mut self) {
        self.notes.add(WireRule::EmptyLine, || "an empty line behind the answer".to_owned());
    }

    /// Notes what came on an idle connection, which nothing was asked on.
    pub(super) fn unsolicited(&mut self, bytes: usize) {
        self.notes.add(WireRule::Unsolicited, || format!("{bytes} bytes that nobody asked for on an idle connection"));
    }

    /// Whether the connection was closed, or lost, without a byte of an answer.
    pub(super) fn is_closed_untouched(&self, input: &[u8]) -> bool {
        let closed = matches!(self.trouble, Some((Defect::ClosedEarly, _)));
        closed && self.read == 0 && input.is_empty()
    }

    /// Notes that the request had left when the connection that had served before was closed without a byte of an answer.
    pub(super) fn unanswered(&mut self, sent: usize) {
        self.trouble = Some((Defect::Unanswered, format!("closed after {sent} bytes of the request had left")));
    }

    /// Begins anew, on another connection.
    pub(super) fn restart(&mut self) {
        *self = Self { notes: std::mem::take(&mut self.notes), ..Self::new(self.limits, self.to_head) };
    }

    /// Whether the connection may serve again, as far as the answer tells.
    pub(super) fn leaves_connection(&self) -> bool {
        let framed = matches!(self.state, State::Done) && self.trouble.is_none() && !self.notes.is_about_bounds();
        framed && self.head.as_ref().is_some_and(persists)
    }

    /// What was read.
    pub(super) fn finish(self) -> (Answer, Vec<Irregularity>) {
        let body = exact(self.body);
        let sections = Sections::new(exact(self.sections), self.last, self.behind_head);
        let response = self.head.map(|head| {
            let version = format!("HTTP/1.{}", head.minor);
            Response::new(head.status, version, head.fields, body).with_sections(sections)
        });
        let answer = match (response, self.trouble) {
            (Some(response), None) => Answer::Complete(response),
            (partial, Some((defect, cause))) => Answer::Unusable { defect, cause, partial: partial.map(Box::new) },
            (None, None) => {
                let cause = "no answer was read".to_owned();
                Answer::Unusable { defect: Defect::ClosedEarly, cause, partial: None }
            }
        };
        (answer, self.notes.into_list())
    }
}

/// Whether these bytes are nothing but line ends.
pub(super) fn is_empty_lines(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
}

/// What comes of bytes that arrive in pieces of this size and end with the connection, in words.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read_answer(bytes: &[u8], piece: usize) -> String {
    let mut reader = Reader::new(Limits { body: 4096, head: 64 * 1024, fields: 100 }, false);
    let (mut input, mut is_done) = (BytesMut::new(), false);
    for piece in bytes.chunks(piece) {
        input.extend_from_slice(piece);
        is_done = is_done || reader.read(&mut input);
    }
    match is_done {
        true => reader.behind(&input),
        false => reader.end(&input),
    }
    let is_reusable = is_done && reader.leaves_connection();
    format!("{:?} {is_reusable}", reader.finish())
}

/// What was gathered, without the room that was left for more where that is a good deal.
fn exact(gathered: BytesMut) -> Bytes {
    match gathered.capacity() - gathered.len() {
        ..=SPARE => gathered.freeze(),
        _ => Bytes::copy_from_slice(&gathered),
    }
}

#[cfg(test)]
mod tests;
