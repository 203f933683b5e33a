//! JSON pointers (RFC 6901) as texts: escaping, building, and their form in a URI fragment.

/// Appends one token to a pointer.
pub(super) fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    for c in token.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// A pointer with one more token.
pub(super) fn join(pointer: &str, token: &str) -> String {
    let mut joined = pointer.to_owned();
    push(&mut joined, token);
    joined
}

/// The tokens of a pointer, unescaped; nothing for a text that is no pointer.
pub(super) fn tokens(pointer: &str) -> Option<Vec<String>> {
    if pointer.is_empty() {
        return Some(Vec::new());
    }
    pointer.strip_prefix('/')?.split('/').map(unescape).collect()
}

fn unescape(token: &str) -> Option<String> {
    let mut text = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        match c {
            '~' => text.push(match chars.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            }),
            c => text.push(c),
        }
    }
    Some(text)
}

/// A pointer as the fragment of a URI, without the `#`.
pub(super) fn as_fragment(pointer: &str) -> String {
    let mut fragment = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            fragment.push(char::from(byte));
        } else {
            fragment.push_str(&format!("%{byte:02X}"));
        }
    }
    fragment
}

/// The pointer in the fragment of a URI (without the `#`), percent signs decoded; nothing if that isn't UTF-8 or isn't
/// percent-encoded as it has to be.
pub(super) fn from_fragment(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let value = digit(rest.next())? * 16 + digit(rest.next())?;
            bytes.push(u8::try_from(value).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_with_slashes_and_braces_survives_escaping() {
        let pointer = join("/paths", "/v1/{project_id}/a~b");
        assert_eq!(pointer, "/paths/~1v1~1{project_id}~1a~0b");
        assert_eq!(tokens(&pointer).unwrap(), ["paths", "/v1/{project_id}/a~b"]);
        assert_eq!(as_fragment(&pointer), "/paths/~1v1~1%7Bproject_id%7D~1a~0b");
    }

    #[test]
    fn what_is_no_pointer_has_no_tokens() {
        for text in ["a", "/a~2", "/a~"] {
            assert_eq!(tokens(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_token_comes_back(token in ".*") {
            let pointer = join("", &token);
            prop_assert_eq!(tokens(&pointer), Some(vec![token]));
            prop_assert_eq!(from_fragment(&as_fragment(&pointer)), Some(pointer));
        }

        #[test]
        fn no_fragment_panics(fragment in ".*") {
            let _ = from_fragment(&fragment);
        }
    }
}
