//! Ways to write a secret, for tests of whatever must not show one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// As it is, in capitals, within base64, percent-encoded, escaped as in JSON, and as entities of HTML.
pub(crate) const SPELLINGS: [fn(&str) -> String; 6] = [
    |value| value.to_owned(),
    |value| value.to_uppercase(),
    |value| STANDARD.encode(format!("user:{value}")),
    |value| value.bytes().map(|byte| format!("%{byte:02X}")).collect(),
    |value| value.chars().map(|character| format!("\\u{:04x}", character as u32)).collect(),
    |value| value.chars().map(|character| format!("&#{};", character as u32)).collect(),
];

/// What a text, which is to be masked, shows of a secret: six characters in a row, or all of it in another spelling.
pub(crate) fn shown_of(value: &str, text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let parts = value.as_bytes().windows(6).map(|part| String::from_utf8_lossy(part).into_owned());
    let spelt = SPELLINGS.iter().map(|spelt| spelt(value).to_lowercase());
    parts.chain(spelt).find(|part| text.contains(part))
}
