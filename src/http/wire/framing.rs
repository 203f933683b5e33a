//! Where the body of an answer ends (RFC 9112, 6.3): told from its head, and what is wrong with that noted.

use super::super::irregularity::{Notes, WireRule, field};
use super::head::Head;
use super::trouble::{Trouble, unusable};

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// There is none.
    None,
    /// After so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunks,
    /// Where the connection ends.
    UntilClosed,
}

/// Where the body behind a head ends; and why the answer is of no use though that can be told. `to_head` says whether
/// HEAD was asked.
pub(super) fn framing(head: &Head, to_head: bool, notes: &mut Notes) -> Result<(Framing, Option<Trouble>), Trouble> {
    let without_content = matches!(head.status, 100..200 | 204);
    let codings: Vec<&str> = head.elements("transfer-encoding").collect();
    let coded = head.values("transfer-encoding").next().is_some();
    if without_content {
        if coded {
            notes.add(WireRule::CodingWithoutContent, || format!("a Transfer-Encoding with a {}", head.status));
        }
        // A zero says nothing that isn't so.
        if let Some(length) = head.elements("content-length").find(|length| length.bytes().any(|digit| digit != b'0')) {
            notes.add(WireRule::LengthWithoutContent, || {
                format!("{} with a {}", field("Content-Length", length), head.status)
            });
        }
    }
    if to_head || without_content || head.status == 304 {
        return Ok((Framing::None, None));
    }
    if !coded {
        return Ok((content_length(head, notes)?.map_or(Framing::UntilClosed, Framing::Length), None));
    }
    if head.values("content-length").next().is_some() {
        notes.add(WireRule::LengthWithCoding, || "both Transfer-Encoding and Content-Length".to_owned());
    }
    if head.minor == 0 {
        notes.add(WireRule::CodingInOldVersion, || "a Transfer-Encoding with HTTP/1.0".to_owned());
    }
    let chunked = |coding: &str| coding.eq_ignore_ascii_case("chunked");
    let framing = if codings.last().is_some_and(|last| chunked(last)) { Framing::Chunks } else { Framing::UntilClosed };
    if matches!(codings.as_slice(), [one] if chunked(one)) {
        return Ok((framing, None));
    }
    let observed = field("Transfer-Encoding", &codings.join(", "));
    Ok((framing, Some(unusable(notes, WireRule::TransferCoding, observed))))
}

/// The one length that a head states, if it states any.
fn content_length(head: &Head, notes: &mut Notes) -> Result<Option<u64>, Trouble> {
    let mut known: Option<(u64, &str)> = None;
    // Not the elements of a list: an empty one is no number.
    for text in head.values("content-length").flat_map(|value| value.split(',')).map(str::trim) {
        let told = |rule, notes: &mut Notes, what| unusable(notes, rule, field(what, text));
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(told(WireRule::ContentLength, notes, "Content-Length"));
        }
        // A number that is too large for this is too large for any cap.
        let length = text.parse().unwrap_or(u64::MAX);
        match known {
            None => known = Some((length, text)),
            Some((first, _)) if first == length => {
                notes.add(WireRule::EqualContentLengths, || field("a second Content-Length", text));
            }
            Some(_) => return Err(told(WireRule::UnequalContentLengths, notes, "a second Content-Length")),
        }
    }
    Ok(known.map(|(length, _)| length))
}

/// Whether the connection may serve again, by what the head says of it (RFC 9112, 9.3).
pub(super) fn persists(head: &Head) -> bool {
    let says = |option: &str| head.elements("connection").any(|element| element.eq_ignore_ascii_case(option));
    if head.minor == 0 { says("keep-alive") && !says("close") } else { !says("close") }
}

#[cfg(test)]
mod tests {
    use super::super::super::exchange::Defect;
    use super::*;

    /// What is told of a head, and the rules that it breaks.
    type Told = (Result<(Framing, Option<Trouble>), Trouble>, Vec<WireRule>);

    fn of(head: &str) -> Told {
        of_answer_to(false, head)
    }

    fn of_answer_to(to_head: bool, head: &str) -> Told {
        let mut notes = Notes::default();
        let head = head_of(head);
        let framing = framing(&head, to_head, &mut notes);
        (framing, notes.into_list().into_iter().map(|noted| noted.rule).collect())
    }

    /// A head of its status line's end, and fields.
    fn head_of(text: &str) -> Head {
        let (status, fields) = text.split_once(' ').unwrap_or((text, ""));
        let (minor, status) = status.strip_prefix('!').map_or((1, status), |status| (0, status));
        let lines: String =
            fields.split("; ").filter(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect();
        let section = format!("HTTP/1.{minor} {status}\r\n{lines}\r\n");
        Head::read(section.as_bytes(), 100, &mut Notes::default()).unwrap()
    }

    #[test]
    fn the_end_of_a_body_is_told_by_its_head() {
        for (head, expected) in [
            ("200", Framing::UntilClosed),
            ("200 Content-Length: 0012", Framing::Length(12)),
            ("200 Content-Length: 99999999999999999999999", Framing::Length(u64::MAX)),
            ("200 Transfer-Encoding: Chunked", Framing::Chunks),
            ("200 Transfer-Encoding: , chunked,", Framing::Chunks),
            ("204", Framing::None),
            ("204 Content-Length: 0", Framing::None),
            ("304 Content-Length: 12", Framing::None),
            ("304 Transfer-Encoding: chunked", Framing::None),
        ] {
            assert_eq!(of(head), (Ok((expected, None)), vec![]), "{head}");
        }
        assert_eq!(of_answer_to(true, "200 Content-Length: 12"), (Ok((Framing::None, None)), vec![]));
    }

    #[test]
    fn what_can_be_read_all_the_same_is_noted() {
        for (head, framing, rules) in [
            ("200 Content-Length: 2; Content-Length: 2", Framing::Length(2), vec![WireRule::EqualContentLengths]),
            ("200 Content-Length: 2, 02", Framing::Length(2), vec![WireRule::EqualContentLengths]),
            ("200 Transfer-Encoding: chunked; Content-Length: 2", Framing::Chunks, vec![WireRule::LengthWithCoding]),
            ("!200 Transfer-Encoding: chunked", Framing::Chunks, vec![WireRule::CodingInOldVersion]),
            ("204 Content-Length: 2", Framing::None, vec![WireRule::LengthWithoutContent]),
            ("103 Transfer-Encoding: chunked", Framing::None, vec![WireRule::CodingWithoutContent]),
        ] {
            assert_eq!(of(head), (Ok((framing, None)), rules), "{head}");
        }
    }

    #[test]
    fn what_can_not_be_told_or_decoded_makes_an_answer_useless() {
        for (head, rule, observed) in [
            ("200 Content-Length: 2; Content-Length: 5", WireRule::UnequalContentLengths, "a second Content-Length: 5"),
            ("200 Content-Length: 2, 3", WireRule::UnequalContentLengths, "a second Content-Length: 3"),
            ("200 Content-Length: -2", WireRule::ContentLength, "Content-Length: -2"),
            ("200 Content-Length: 2x", WireRule::ContentLength, "Content-Length: 2x"),
            ("200 Content-Length: 2,", WireRule::ContentLength, "Content-Length: "),
        ] {
            assert_eq!(of(head), (Err((Defect::Malformed, observed.to_owned())), vec![rule]), "{head}");
        }
        for (codings, framing) in [
            ("gzip, chunked", Framing::Chunks),
            ("chunked, chunked", Framing::Chunks),
            ("chunked, gzip", Framing::UntilClosed),
            ("identity", Framing::UntilClosed),
            ("chunked;q=1", Framing::UntilClosed),
            ("", Framing::UntilClosed),
        ] {
            let trouble = (Defect::Malformed, format!("Transfer-Encoding: {codings}"));
            let told = (Ok((framing, Some(trouble))), vec![WireRule::TransferCoding]);
            assert_eq!(of(&format!("200 Transfer-Encoding: {codings}")), told, "{codings}");
        }
    }

    #[test]
    fn a_connection_persists_unless_the_answer_says_otherwise() {
        for (head, expected) in [
            ("200", true),
            ("200 Connection: close", false),
            ("200 Connection: x, Close", false),
            ("!200", false),
            ("!200 Connection: keep-alive", true),
            ("!200 Connection: keep-alive; Connection: close", false),
        ] {
            assert_eq!(persists(&head_of(head)), expected, "{head}");
        }
    }
}
