//! Parts of ids, which stand in file names and on command lines.

/// 1 to 64 of a-z, 0-9, `.`, `_`, `-`, a letter or digit first.
pub fn is_slug(text: &str) -> bool {
    let byte_fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 64
        && text.bytes().next().is_some_and(byte_fits)
        && text.bytes().all(|byte| byte_fits(byte) || b"._-".contains(&byte))
}
