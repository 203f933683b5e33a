//! Bytes as people write them, with white space: in hexadecimal digits, for which a crate would be longer to name, and in
//! base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

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
    STANDARD
        .decode(text)
        .map_err(|error| format!("bad base64: {}", error.to_string().to_lowercase().trim_end_matches('.')))
}
