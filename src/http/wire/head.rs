//! The head of an answer: status line and fields, from the bytes of a whole section.
//!
//! `httparse` reads what is regular. What it refuses is read line by line here, as leniently as can be, and what is wrong
//! with it is noted; a test holds both to give the same where both can read.

use httparse::{EMPTY_HEADER, Header};

use super::super::irregularity::{Notes, WireRule, field, quoted};
use super::lines::{self, Fields};

/// A head without more fields than this is read without allocating for it.
const FEW: usize = 32;

/// A head that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The minor version: HTTP/1.`minor`.
    pub(super) minor: u8,
    /// The status code.
    pub(super) status: u16,
    /// The fields.
    pub(super) fields: Fields,
}

/// Why a head can't be read at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// There are more fields than the limit.
    TooManyFields,
    /// The first line is no status line of HTTP/1.
    StatusLine(String),
}

impl Head {
    /// Reads a head. `section` ends with its empty line.
    pub(super) fn read(section: &[u8], most: usize, notes: &mut Notes) -> Result<Self, Unreadable> {
        let regular = match Self::read_regular(section, &mut [EMPTY_HEADER; FEW]) {
            Err(httparse::Error::TooManyHeaders) if most > FEW => {
                Self::read_regular(section, &mut vec![EMPTY_HEADER; most])
            }
            read => read,
        };
        let head = match regular {
            Ok(head) => head,
            Err(httparse::Error::TooManyHeaders) => return Err(Unreadable::TooManyFields),
            Err(_) => {
                let line = first_line(section);
                let (minor, status) = lines::status_line(line, notes)
                    .ok_or_else(|| Unreadable::StatusLine(quoted("status line", line)))?;
                let rest = section.splitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default();
                Self { minor, status, fields: lines::fields(rest, notes) }
            }
        };
        if head.fields.len() > most {
            return Err(Unreadable::TooManyFields);
        }
        if !(100..600).contains(&head.status) {
            notes.add(WireRule::StatusCode, || quoted("status line", first_line(section)));
        }
        if let Some(second) = head.values("content-type").nth(1) {
            notes.add(WireRule::SecondContentType, || field("a second Content-Type", second));
        }
        Ok(head)
    }

    fn read_regular<'h>(section: &'h [u8], room: &mut [Header<'h>]) -> Result<Self, httparse::Error> {
        let mut response = httparse::Response::new(room);
        let complete = response.parse(section)?.is_complete();
        let (true, Some(minor), Some(status)) = (complete, response.version, response.code) else {
            return Err(httparse::Error::Status);
        };
        let text =
            |field: &Header<'_>| (field.name.to_ascii_lowercase(), String::from_utf8_lossy(field.value).into_owned());
        Ok(Self { minor, status, fields: response.headers.iter().map(text).collect() })
    }

    /// The values of a field, by its lower-case name.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The elements of a field that is a list; empty ones say nothing.
    pub(super) fn elements<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values(name).flat_map(|value| value.split(',')).map(str::trim).filter(|element| !element.is_empty())
    }
}

/// The first line of a section, without its end.
pub(super) fn first_line(section: &[u8]) -> &[u8] {
    let line = section.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests;
