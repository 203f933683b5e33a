//! A body in chunks (RFC 9112, 7.1): its data, and where it ends.

use bytes::{Buf, BytesMut};
use memchr::memchr;

use super::super::exchange::Defect;
use super::super::irregularity::{Notes, WireRule, quoted};
use super::limits::Limits;
use super::lines;
use super::section::SectionScan;
use super::trouble::{Trouble, unusable};

/// Where a body in chunks has been read to.
#[derive(Debug)]
pub(super) enum Chunks {
    /// A line with a size comes next; so much of it has been searched for its end.
    Size { searched: usize },
    /// So many bytes of a chunk are left, of so many.
    Data { left: u64, whole: u64 },
    /// The end of a chunk of so many bytes comes next.
    End { whole: u64 },
    /// What stands behind the last chunk.
    Trailers(SectionScan),
    /// All of it has been read.
    Done,
}

/// How many bytes the line of a chunk that is no long one has.
const SHORT: usize = 8;

impl Default for Chunks {
    fn default() -> Self {
        Self::Size { searched: 0 }
    }
}

impl Chunks {
    /// Reads on, as far as `input` goes; whether that was the end. No more than its limit gets into `body`, and what stands
    /// behind the last chunk gets into `sections`.
    pub(super) fn read(
        &mut self,
        input: &mut BytesMut,
        into: (&mut BytesMut, &mut BytesMut),
        limits: Limits,
        notes: &mut Notes,
    ) -> Result<bool, Trouble> {
        // What is read is taken off a slice: to take it off the buffer, chunk by chunk, costs more than to read it.
        let mut rest: &[u8] = input;
        let done = self.read_from(&mut rest, into, limits, notes);
        let left = rest.len();
        input.advance(input.len().saturating_sub(left));
        done
    }

    fn read_from(
        &mut self,
        input: &mut &[u8],
        (body, sections): (&mut BytesMut, &mut BytesMut),
        limits: Limits,
        notes: &mut Notes,
    ) -> Result<bool, Trouble> {
        loop {
            let next = match self {
                Self::Size { searched } => size(input, searched, limits.head, notes)?,
                Self::Data { left: 0, whole } => Some(Self::End { whole: *whole }),
                Self::Data { left, .. } => {
                    let there = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    let cap = limits.body;
                    let room = cap.saturating_sub(body.len());
                    body.extend_from_slice(input.get(..there.min(room)).unwrap_or_default());
                    if there > room {
                        return Err((
                            Defect::TooLarge,
                            format!("the body goes on after {cap} bytes, the limit of --max-body"),
                        ));
                    }
                    input.advance(there);
                    *left = left.saturating_sub(there as u64);
                    if *left > 0 {
                        return Ok(false);
                    }
                    continue;
                }
                Self::End { whole } => end(input, *whole, notes)?,
                Self::Trailers(scan) => trailers(input, scan, sections, limits, notes)?,
                Self::Done => return Ok(true),
            };
            match next {
                Some(next) => *self = next,
                None => return Ok(false),
            }
        }
    }

    /// What was still to come, as words behind "closed after 4 bytes of the body,".
    pub(super) fn missing(&self) -> String {
        match self {
            Self::Size { .. } => "before its last chunk".to_owned(),
            Self::Data { left, whole } => format!("{left} bytes before the end of a chunk of {whole}"),
            Self::End { whole } => format!("before the end of a chunk of {whole} bytes"),
            Self::Trailers(_) | Self::Done => "before the empty line behind its last chunk".to_owned(),
        }
    }
}

/// Takes the line with the size of the next chunk.
fn size(input: &mut &[u8], searched: &mut usize, longest: usize, notes: &mut Notes) -> Result<Option<Chunks>, Trouble> {
    let says = || format!("a chunk's first line goes on after {longest} bytes, the limit of --max-head");
    let too_long = || (Defect::TooLarge, says());
    let rest = input.get(*searched..).unwrap_or_default();
    // Such a line is mostly too short to be worth a search by vectors.
    let near = rest.iter().take(SHORT).position(|byte| *byte == b'\n');
    let found = near.or_else(|| memchr(b'\n', rest)).map(|at| *searched + at);
    let Some(end) = found else {
        *searched = input.len();
        return if *searched > longest { Err(too_long()) } else { Ok(None) };
    };
    if end > longest {
        return Err(too_long());
    }
    let (line, rest) = input.split_at_checked(end).unwrap_or_default();
    *input = rest.get(1..).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or_else(|| {
        notes.add(WireRule::ChunkLineEnd, || quoted("a chunk's first line with a bare line feed:", line));
        line
    });
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, rest) = line.split_at_checked(digits).unwrap_or_default();
    let extension = rest.trim_ascii_start();
    if size.is_empty() || !matches!(extension.first(), None | Some(b';')) {
        return Err(unusable(notes, WireRule::ChunkSize, quoted("a chunk that begins with", line)));
    }
    if extension.is_empty() && !rest.is_empty() {
        notes.add(WireRule::ChunkSpace, || quoted("a chunk's first line", line));
    }
    // A number that is too large for this is too large for any cap.
    let digit = |byte: &u8| u64::from(char::from(*byte).to_digit(16).unwrap_or_default());
    let whole = size.iter().fold(0_u64, |sum, byte| sum.saturating_mul(16).saturating_add(digit(byte)));
    Ok(Some(match whole {
        0 => Chunks::Trailers(SectionScan::default()),
        whole => Chunks::Data { left: whole, whole },
    }))
}

/// Takes the line end behind the data of a chunk.
fn end(input: &mut &[u8], whole: u64, notes: &mut Notes) -> Result<Option<Chunks>, Trouble> {
    let length = match *input {
        [] | [b'\r'] => return Ok(None),
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => {
            notes.add(WireRule::ChunkLineEnd, || format!("a bare line feed behind a chunk of {whole} bytes"));
            1
        }
        _ => return Err(unusable(notes, WireRule::ChunkEnd, format!("a chunk of {whole} bytes that goes on"))),
    };
    input.advance(length);
    Ok(Some(Chunks::default()))
}

/// Takes the lines behind the last chunk.
fn trailers(
    input: &mut &[u8],
    scan: &mut SectionScan,
    sections: &mut BytesMut,
    limits: Limits,
    notes: &mut Notes,
) -> Result<Option<Chunks>, Trouble> {
    let too_long = |most: usize, what: &str, flag: &str| {
        (Defect::TooLarge, format!("the trailers have more than {most} {what}, the limit of {flag}"))
    };
    let end = scan.end(input);
    if end.as_ref().map_or(input.len(), |end| end.length) > limits.head {
        return Err(too_long(limits.head, "bytes", "--max-head"));
    }
    let Some(end) = end else { return Ok(None) };
    let (section, rest) = input.split_at_checked(end.length).unwrap_or_default();
    *input = rest;
    sections.extend_from_slice(section);
    if end.bare {
        notes.add(WireRule::LineEnd, || "a line of the trailers with a bare line feed".to_owned());
    }
    if lines::fields(section, notes).len() > limits.fields {
        return Err(too_long(limits.fields, "fields", "--max-headers"));
    }
    Ok(Some(Chunks::Done))
}
