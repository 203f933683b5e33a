//! A reader of one event stream: a line at a time, held to the format's order, with the line that is wrong.

use std::io::{self, BufRead, Read as _};

use crate::verdict::{Event, Header, SCHEMA_VERSION};

/// The longest line that is read, in bytes: more than a run's caps let any case come to, and what a report may take.
pub(super) const LINE: u64 = 16 * 1024 * 1024;

/// Why an event stream can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file failed.
    #[error("line {line} can't be read: {cause}")]
    Io {
        /// 1-based.
        line: usize,
        /// What the system says.
        cause: io::Error,
    },
    /// A line is no event.
    #[error("line {line} is no event of a run: {cause}")]
    Line {
        /// 1-based.
        line: usize,
        /// What is wrong with it, and in which column.
        cause: String,
    },
    /// Written by another major version.
    #[error("line 1 says format version {found}; this program reads {SCHEMA_VERSION}")]
    Version {
        /// The version found.
        found: String,
    },
    /// More suites than a run may have.
    #[error("line 1 tells of {found} suites; a run has at most {}", Header::MOST_SUITES)]
    Suites {
        /// How many it tells of.
        found: usize,
    },
    /// An event stands where it can't.
    #[error("line {line} {what}")]
    Order {
        /// 1-based.
        line: usize,
        /// What is wrong with its place.
        what: String,
    },
    /// The stream ends before its footer: the run was killed, or is still under way.
    #[error("it ends after {rows} of {of} cases")]
    Unfinished {
        /// Case rows read.
        rows: usize,
        /// Case rows that the header tells of.
        of: usize,
    },
}

/// Reads one event stream.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    line: usize,
    /// How many suites of the run come before this one.
    before: usize,
    header: Header,
    rows: usize,
    /// The place of the last row in the suite.
    last: Option<u64>,
}

/// What comes behind the footer of a suite.
#[derive(Debug)]
pub enum Behind<R> {
    /// Nothing, as it was the last.
    End,
    /// The next suite of the run.
    Suite(Box<Reader<R>>),
    /// Nothing, though there is more to come: the run was killed, or is still under way. The header of the suite.
    Nothing(Box<Header>),
}

/// What a line turned out to be.
enum Line {
    Event(Box<Event>),
    /// Nothing more, or the beginning of a line whose end was never written.
    End,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// See [`ReadError`]; a stream without a complete header is never [`ReadError::Unfinished`], for nothing can be
    /// made of it.
    pub fn open(mut source: R) -> Result<Self, ReadError> {
        match line(&mut source, 1)? {
            Line::Event(event) => match *event {
                Event::Started(header) => Self::begin(source, 1, 0, *header),
                Event::Case(_) | Event::Finished(_) => Err(order(1, "is not the header that a run begins with")),
            },
            Line::End => Err(order(1, "is not there, or not whole: there is no header to begin with")),
        }
    }

    /// Begins with the header in this line.
    fn begin(source: R, line: usize, before: usize, header: Header) -> Result<Self, ReadError> {
        let major = |version: &str| version.split('.').next().map(str::to_owned);
        if major(&header.schema) != major(SCHEMA_VERSION) {
            return Err(ReadError::Version { found: header.schema });
        }
        let found = header.suites.len();
        if found > Header::MOST_SUITES {
            return Err(ReadError::Suites { found });
        }
        let is_repeated =
            |(index, name): (usize, &String)| header.suites.iter().skip(index + 1).any(|other| other == name);
        let place = header.suites.iter().position(|suite| *suite == header.suite);
        if header.is_of_several() && (place != Some(before) || header.suites.iter().enumerate().any(is_repeated)) {
            return Err(order(line, "is the header of another suite than is due"));
        }
        Ok(Self { source, line, before, header, rows: 0, last: None })
    }

    /// Once the footer was read: what comes behind it.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn next_suite(mut self) -> Result<Behind<R>, ReadError> {
        if self.header.is_last() {
            return self.end().map(|()| Behind::End);
        }
        self.line += 1;
        let Line::Event(event) = line(&mut self.source, self.line)? else {
            return Ok(Behind::Nothing(Box::new(self.header)));
        };
        let Event::Started(header) = *event else { return Err(order(self.line, "comes after the footer")) };
        let (ours, theirs) = (&self.header, &header);
        if (ours.suites.len(), &ours.run, &ours.version) != (theirs.suites.len(), &theirs.run, &theirs.version) {
            return Err(order(self.line, "is the header of another run"));
        }
        Self::begin(self.source, self.line, self.before + 1, *header).map(|next| Behind::Suite(Box::new(next)))
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next event: a case's, or the footer. To be called until that came.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn read(&mut self) -> Result<Event, ReadError> {
        self.line += 1;
        match line(&mut self.source, self.line)? {
            Line::Event(event) => {
                self.check_order(&event)?;
                Ok(*event)
            }
            Line::End => Err(ReadError::Unfinished { rows: self.rows, of: self.header.cases }),
        }
    }

    /// The stream is damaged in the line that was read last.
    pub(super) fn damaged(&self, what: &str) -> ReadError {
        order(self.line, &format!("is damaged: the footer {what}"))
    }

    /// Holds that nothing comes after the footer.
    pub(super) fn end(&mut self) -> Result<(), ReadError> {
        let rest = self.source.fill_buf().map_err(|cause| ReadError::Io { line: self.line + 1, cause })?;
        if rest.is_empty() { Ok(()) } else { Err(order(self.line + 1, "comes after the footer")) }
    }

    /// Holds an event to its place: rows in the suite's order, the footer after as many as the header says.
    fn check_order(&mut self, event: &Event) -> Result<(), ReadError> {
        match event {
            Event::Started(_) => Err(order(self.line, "is a second header")),
            Event::Case(result) => {
                let Some(at) = result.at else { return Ok(()) };
                if self.last.is_some_and(|last| at <= last) {
                    return Err(order(self.line, "has a case that comes twice, or not in the suite's order"));
                }
                self.last = Some(at);
                self.rows += 1;
                Ok(())
            }
            Event::Finished(_) if self.rows != self.header.cases => {
                let (rows, of) = (self.rows, self.header.cases);
                Err(order(self.line, &format!("is a footer after {rows} cases, but the header tells of {of}")))
            }
            Event::Finished(_) => Ok(()),
        }
    }
}

fn order(line: usize, what: &str) -> ReadError {
    ReadError::Order { line, what: what.to_owned() }
}

fn line(source: &mut impl BufRead, number: usize) -> Result<Line, ReadError> {
    let io = |cause| ReadError::Io { line: number, cause };
    let mut bytes = Vec::new();
    source.by_ref().take(LINE).read_until(b'\n', &mut bytes).map_err(io)?;
    let whole = bytes.ends_with(b"\n");
    if bytes.len() as u64 == LINE && !whole {
        return Err(order(number, &format!("is longer than {LINE} bytes")));
    }
    // A line is written with its end: what has none was cut off, or nothing is left.
    if !whole {
        return Ok(Line::End);
    }
    let text = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let event =
        serde_json::from_slice(text).map_err(|cause| ReadError::Line { line: number, cause: describe(&cause) })?;
    Ok(Line::Event(Box::new(event)))
}

/// What is wrong, with its column; the line that the parser counts is always the first of what it was given.
fn describe(cause: &serde_json::Error) -> String {
    let (text, column) = (cause.to_string(), cause.column());
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    format!("{what} (column {column})")
}
