//! What a departure from HTTP/1.1 means for a target: one row a rule.
//!
//! It breaks `transport.answer` where RFC 9110 or 9112 forbids it and a recipient can't be sure what was meant; it is a
//! deviation where they tell a recipient how to read it all the same. Not here, since correct servers do it: no reason
//! phrase and no space for it, names in small letters, `Content-Length: 0` with a 204, chunk extensions, trailers, interim
//! answers that nobody asked for, a body that ends with the connection.

use crate::http::WireRule;
use crate::verdict::FindingKind::{self, Deviation, Violation};

/// What a rule asks for, and what it means that it is broken.
pub(super) struct Judgement {
    pub(super) kind: FindingKind,
    /// What would have been right.
    pub(super) says: &'static str,
    /// Where that stands.
    pub(super) section: &'static str,
}

/// The judgement on an answer that breaks a rule.
pub(super) fn judgement(rule: WireRule) -> Judgement {
    use WireRule as Rule;
    let (kind, says, section) = match rule {
        Rule::StatusLine => (Violation, "a status line", "RFC 9112, 4"),
        // "recipients MAY instead parse on whitespace-delimited word boundaries"
        Rule::StatusSpace => (Deviation, "one space between the parts of the status line", "RFC 9112, 4"),
        Rule::StatusCode => (Violation, "a status code from 100 to 599", "RFC 9110, 15"),
        Rule::ReasonPhrase => (Violation, "a reason phrase without control characters", "RFC 9112, 4"),
        // "SHOULD process the message as if it was in the highest minor version"
        Rule::Version => (Deviation, "HTTP/1.1 or HTTP/1.0", "RFC 9110, 2.5"),
        Rule::SwitchedProtocol => (Violation, "the protocol that was asked for", "RFC 9110, 7.8"),
        // "which can be discarded"
        Rule::EmptyLine => (Deviation, "nothing between two answers", "RFC 9112, 9.2"),
        // "MAY recognize a single LF as a line terminator"
        Rule::LineEnd => (Deviation, "lines that end with CR and LF", "RFC 9112, 2.2"),
        Rule::BareReturn => (Violation, "no CR but before LF", "RFC 9112, 2.2"),
        Rule::FieldColon => (Violation, "a colon in every field line", "RFC 9112, 5"),
        Rule::FieldName => (Violation, "a token for a field name", "RFC 9110, 5.1"),
        Rule::SpaceBeforeColon => (Violation, "no white space before the colon", "RFC 9112, 5.1"),
        Rule::SpaceBeforeField => (Violation, "no white space before the first field", "RFC 9112, 2.2"),
        // "MUST replace each received obs-fold with one or more SP"
        Rule::FoldedField => (Deviation, "fields on one line each", "RFC 9112, 5.2"),
        Rule::FieldNul => (Violation, "no NUL in a field value", "RFC 9110, 5.5"),
        // "MAY retain such characters for the sake of robustness"
        Rule::FieldControl => (Deviation, "no control character in a field value", "RFC 9110, 5.5"),
        Rule::SecondContentType => (Violation, "one Content-Type", "RFC 9110, 8.3"),
        Rule::ContentLength => (Violation, "a number for a Content-Length", "RFC 9112, 6.3"),
        // "or replace the duplicated field values with a single valid Content-Length"
        Rule::EqualContentLengths => (Deviation, "one Content-Length", "RFC 9110, 8.6"),
        Rule::UnequalContentLengths => (Violation, "one Content-Length", "RFC 9112, 6.3"),
        Rule::LengthWithoutContent => (Violation, "no Content-Length where no content can be", "RFC 9110, 8.6"),
        Rule::LengthWithCoding => (Violation, "no Content-Length beside a Transfer-Encoding", "RFC 9112, 6.2"),
        Rule::TransferCoding => (Violation, "no transfer coding but chunked, once", "RFC 9112, 6.1"),
        Rule::CodingInOldVersion => (Violation, "no Transfer-Encoding in HTTP/1.0", "RFC 9112, 6.1"),
        Rule::CodingWithoutContent => (Violation, "no Transfer-Encoding where no content can be", "RFC 9112, 6.1"),
        Rule::ChunkSize => (Violation, "a chunk that begins with its size", "RFC 9112, 7.1"),
        Rule::ChunkEnd => (Violation, "a chunk of the size that it states", "RFC 9112, 7.1"),
        Rule::ChunkLineEnd => (Violation, "chunks whose lines end with CR and LF", "RFC 9112, 7.1"),
        // "MUST parse for such bad whitespace and remove it", though where an extension follows
        Rule::ChunkSpace => (Deviation, "no white space behind a chunk's size", "RFC 9112, 7.1"),
        Rule::BytesBehind => (Violation, "nothing behind the answer", "RFC 9112, 9.2"),
        Rule::Unsolicited => (Violation, "nothing that wasn't asked for", "RFC 9112, 9.2"),
    };
    Judgement { kind, says, section }
}
