//! Bytes as people write them, with white space: in hexadecimal digits, for which a crate would be longer to name, and in
//! base64.

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine};

/// Pairs of hexadecimal digits, white space between pairs allowed.
pub(super) fn bytes_of_hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err("hex has an odd number of digits".to_owned());
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? << 4) | digit(*low)?);
    pairs.iter().map(byte).collect::<Option<_>>().ok_or_else(|| "hex holds something that is no digit".to_owned())
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Base64 of the standard alphabet, padded, white space allowed.
pub(super) fn bytes_of_base64(text: &str) -> Result<Vec<u8>, String> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).map_err(|error| match error {
        DecodeError::InvalidByte(_, b'=') => "base64 has `=` at its end alone".to_owned(),
        DecodeError::InvalidByte(_, byte) => format!("base64 has no `{}`", byte.escape_ascii()),
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => {
            "base64 has four characters, or a multiple of it: fill it up with `=`".to_owned()
        }
        DecodeError::InvalidLastSymbol { .. } => {
            "the last character of this base64 stands for bits that are no byte".to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_base64_is_told_in_words_of_ours() {
        for (text, told) in [
            ("%%%%", "base64 has no `%`"),
            ("YQ", "base64 has four characters, or a multiple of it: fill it up with `=`"),
            ("YQ==YQ==", "base64 has `=` at its end alone"),
            ("YR==", "the last character of this base64 stands for bits that are no byte"),
        ] {
            assert_eq!(bytes_of_base64(text), Err(told.to_owned()), "{text}");
        }
        assert_eq!(bytes_of_base64("YQ =="), Ok(b"a".to_vec()));
    }
}
