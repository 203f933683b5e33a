//! Where a section of lines ends: at its first empty line. A head and a trailer section are such.

use memchr::memchr;

/// Looks for the end of a section without looking at a byte twice, however the bytes come in.
#[derive(Debug, Default)]
pub(super) struct SectionScan {
    /// How much has been looked at.
    scanned: usize,
    /// Where the line begins that is being looked at.
    line: usize,
    /// Whether a line has ended without CR.
    bare: bool,
}

/// The end of a section.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SectionEnd {
    /// The length of the section, its empty line included.
    pub(super) length: usize,
    /// Whether a line ended with LF alone.
    pub(super) bare: bool,
}

impl SectionScan {
    /// The end of the section that `input` begins with, once it is there. Every call has to bring the bytes of the call
    /// before.
    pub(super) fn end(&mut self, input: &[u8]) -> Option<SectionEnd> {
        while let Some(at) = memchr(b'\n', input.get(self.scanned..)?) {
            let end = self.scanned + at;
            let line = input.get(self.line..end)?;
            self.bare |= line.last() != Some(&b'\r');
            (self.scanned, self.line) = (end + 1, end + 1);
            if matches!(line, b"" | b"\r") {
                return Some(SectionEnd { length: end + 1, bare: self.bare });
            }
        }
        self.scanned = input.len();
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(length: usize, bare: bool) -> Option<SectionEnd> {
        Some(SectionEnd { length, bare })
    }

    #[test]
    fn a_section_ends_with_its_first_empty_line() {
        let of = |text: &str| SectionScan::default().end(text.as_bytes());
        assert_eq!(of("a\r\nb\r\n\r\nc"), end(8, false));
        assert_eq!(of("\r\nc"), end(2, false));
        assert_eq!(of("a\nb\r\n\r\n"), end(7, true));
        assert_eq!(of("a\r\n\n"), end(4, true));
        assert_eq!(of("\n"), end(1, true));
        for open in ["", "a", "a\r\n", "a\r\n\r", "\r", "a\r\r\n"] {
            assert_eq!(of(open), None, "{open:?}");
        }
    }

    #[test]
    fn it_is_found_wherever_the_bytes_are_cut() {
        let text = b"HTTP/1.1 200 OK\r\nA: b\n\r\nrest";
        for first in 0..text.len() {
            let mut scan = SectionScan::default();
            let found = scan.end(&text[..first]).or_else(|| scan.end(text));
            assert_eq!(found, end(24, true), "{first}");
        }
    }
}
