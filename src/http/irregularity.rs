//! How the bytes of an answer depart from HTTP/1.1. The reader notes it and reads on where it can; what that means for a
//! target is for whoever judges answers.

/// The longest text of a target's that is repeated, in bytes: longer than any credential, so that what is cut off a
/// text never leaves a part of one behind.
const LONGEST: usize = 20_000;

/// A rule of HTTP/1.1 that an answer can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WireRule {
    /// An answer begins with a status line.
    StatusLine,
    /// One space stands between the parts of a status line.
    StatusSpace,
    /// A status code is one of 100 to 599.
    StatusCode,
    /// A reason phrase has no control characters.
    ReasonPhrase,
    /// The version is one of those that there are.
    Version,
    /// Nobody switches to another protocol unasked.
    SwitchedProtocol,
    /// Nothing but an answer follows on an answer, not even an empty line.
    EmptyLine,
    /// A line ends with CR and LF.
    LineEnd,
    /// A CR stands only before a LF.
    BareReturn,
    /// A field line has a colon.
    FieldColon,
    /// A field name is a token.
    FieldName,
    /// No white space stands before the colon.
    SpaceBeforeColon,
    /// No white space stands before the first field.
    SpaceBeforeField,
    /// A field stands on one line.
    FoldedField,
    /// No NUL is in a field value.
    FieldNul,
    /// No other control character is in a field value.
    FieldControl,
    /// There is one `Content-Type`.
    SecondContentType,
    /// `Content-Length` is a number.
    ContentLength,
    /// There is one `Content-Length`.
    EqualContentLengths,
    /// Several of them are equal.
    UnequalContentLengths,
    /// What has no content has no length.
    LengthWithoutContent,
    /// A length and a transfer coding exclude each other.
    LengthWithCoding,
    /// The transfer coding is `chunked`, once, since no other was offered.
    TransferCoding,
    /// HTTP/1.0 knows no transfer coding.
    CodingInOldVersion,
    /// What has no content has no transfer coding.
    CodingWithoutContent,
    /// A chunk begins with its size.
    ChunkSize,
    /// A chunk has as many bytes as it says.
    ChunkEnd,
    /// A line between chunks ends with CR and LF.
    ChunkLineEnd,
    /// No white space stands behind the size of a chunk.
    ChunkSpace,
    /// Nothing follows on an answer.
    BytesBehind,
    /// Nothing comes unasked.
    Unsolicited,
}

impl WireRule {
    /// Whether it is no longer sure where the next answer on the connection begins.
    pub(super) fn is_about_bounds(self) -> bool {
        matches!(
            self,
            Self::EmptyLine
                | Self::LengthWithoutContent
                | Self::LengthWithCoding
                | Self::CodingInOldVersion
                | Self::CodingWithoutContent
                | Self::ChunkLineEnd
                | Self::BytesBehind
                | Self::SpaceBeforeColon
                | Self::SpaceBeforeField
                | Self::FieldColon
                | Self::FieldName
        )
    }
}

/// One departure from HTTP/1.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irregularity {
    /// The rule that was broken.
    pub rule: WireRule,
    /// What was there instead: a lower-case fragment, with the target's own text in it.
    pub observed: String,
}

/// The departures of one exchange: each rule once, with the first that broke it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Notes {
    list: Vec<Irregularity>,
}

impl Notes {
    pub(super) fn add(&mut self, rule: WireRule, observed: impl FnOnce() -> String) {
        if !self.list.iter().any(|known| known.rule == rule) {
            self.list.push(Irregularity { rule, observed: observed() });
        }
    }

    /// Whether it is no longer sure where the next answer on the connection begins.
    pub(super) fn is_about_bounds(&self) -> bool {
        self.list.iter().any(|known| known.rule.is_about_bounds())
    }

    pub(super) fn into_list(self) -> Vec<Irregularity> {
        self.list
    }
}

/// A text of the target's behind words of ours. One that is too long is told by its length alone.
pub(super) fn quoted(what: &str, text: &[u8]) -> String {
    match text.len() {
        ..=LONGEST => format!("{what} \"{}\"", String::from_utf8_lossy(text)),
        length => format!("{what} of {length} bytes"),
    }
}

/// A field of the target's, likewise.
pub(super) fn field(name: &str, value: &str) -> String {
    match value.len() {
        ..=LONGEST => format!("{name}: {value}"),
        length => format!("{name} of {length} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_noted_once() {
        let mut notes = Notes::default();
        for text in ["one", "two"] {
            notes.add(WireRule::LineEnd, || text.to_owned());
        }
        assert_eq!(notes.into_list(), [Irregularity { rule: WireRule::LineEnd, observed: "one".into() }]);
    }

    #[test]
    fn a_text_is_repeated_whole_or_not_at_all() {
        assert_eq!(quoted("a line", b"\xff"), "a line \"\u{fffd}\"");
        assert_eq!(quoted("a line", &[b'x'; LONGEST + 1]), "a line of 20001 bytes");
        assert_eq!(field("Age", "x"), "Age: x");
        assert_eq!(field("Age", &"x".repeat(LONGEST + 1)), "Age of 20001 bytes");
    }
}
