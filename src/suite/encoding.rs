//! The encodings in which a raw text can be sent: UTF-8 and those that a body should not have.

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// One byte a character, up to U+00FF: so any bytes can be written as text.
    Latin1,
    /// UTF-16, little end first.
    Utf16Le,
    /// UTF-16, big end first.
    Utf16Be,
    /// UTF-32, little end first.
    Utf32Le,
    /// UTF-32, big end first.
    Utf32Be,
}

impl Encoding {
    /// All of them, by the names that case files use.
    pub(super) const ALL: [(&str, Self); 6] = [
        ("utf-8", Self::Utf8),
        ("latin-1", Self::Latin1),
        ("utf-16le", Self::Utf16Le),
        ("utf-16be", Self::Utf16Be),
        ("utf-32le", Self::Utf32Le),
        ("utf-32be", Self::Utf32Be),
    ];

    /// The encoding of that name.
    ///
    /// # Errors
    /// A lower-case fragment that names those there are.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, encoding)| *encoding).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("`{}` is no encoding; there are {}", name.escape_debug(), names.join(", "))
        })
    }

    /// A text in this encoding.
    ///
    /// # Errors
    /// A character that the encoding doesn't have; a lower-case fragment.
    pub(super) fn bytes(self, text: String) -> Result<Vec<u8>, String> {
        Ok(match self {
            Self::Utf8 => text.into_bytes(),
            Self::Latin1 => {
                let byte = |c: char| u8::try_from(c).map_err(|_| format!("latin-1 has no {}", c.escape_unicode()));
                text.chars().map(byte).collect::<Result<_, _>>()?
            }
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Self::Utf32Le => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
            Self::Utf32Be => text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(name: &str, text: &str) -> Result<Vec<u8>, String> {
        Encoding::named(name)?.bytes(text.to_owned())
    }

    #[test]
    fn a_text_is_written_in_each_encoding() {
        assert_eq!(bytes("utf-8", "é"), Ok(vec![0xc3, 0xa9]));
        assert_eq!(bytes("latin-1", "aé\u{ff}"), Ok(vec![0x61, 0xe9, 0xff]));
        assert_eq!(bytes("utf-16le", "😀"), Ok(vec![0x3d, 0xd8, 0x00, 0xde]));
        assert_eq!(bytes("utf-16be", "a"), Ok(vec![0x00, 0x61]));
        assert_eq!(bytes("utf-32le", "a"), Ok(vec![0x61, 0, 0, 0]));
        assert_eq!(bytes("utf-32be", "a"), Ok(vec![0, 0, 0, 0x61]));
    }

    #[test]
    fn what_cannot_be_written_says_why() {
        assert_eq!(bytes("latin-1", "€"), Err("latin-1 has no \\u{20ac}".to_owned()));
        assert!(bytes("utf-7", "a").unwrap_err().starts_with("`utf-7` is no encoding; there are utf-8, latin-1, "));
    }
}
