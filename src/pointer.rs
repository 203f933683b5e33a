//! JSON pointers (RFC 6901): parsed and checked, or built as text one token at a time, and as the fragment of a URI.
//!
//! Hand-written because `serde_json` only reads with them: it neither says what is wrong with one nor removes by one.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

/// What a pointer doesn't keep as it is in a fragment.
const FRAGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Up to how many members an object has few.
const FEW: usize = 16;

/// A parsed JSON pointer; the empty one is the whole value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Pointer {
    tokens: Vec<String>,
}

/// Why a text is no JSON pointer; a lower-case fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// It doesn't start with a slash.
    #[error("a JSON pointer is empty or starts with `/`")]
    NoSlash,
    /// A tilde that is neither `~0` nor `~1`.
    #[error("`~` in a JSON pointer is written `~0`, and `/` is written `~1`")]
    BadEscape,
}

impl Pointer {
    /// Parses a pointer.
    ///
    /// # Errors
    /// A text that doesn't start with `/`, or a stray `~`.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let rest = text.strip_prefix('/').ok_or(PointerError::NoSlash)?;
        let tokens = rest.split('/').map(unescape).collect::<Result<_, _>>()?;
        Ok(Self { tokens })
    }

    /// The parts, unescaped.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The pointer without its first part, and that part.
    pub fn split_first(&self) -> Option<(&str, Self)> {
        let (first, rest) = self.tokens.split_first()?;
        Some((first, Self { tokens: rest.to_vec() }))
    }

    /// What stands at that place.
    pub fn get<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.tokens.iter().try_fold(value, |value, token| child(value, token))
    }

    /// Takes away what stands at that place, keeping the order of the rest. `false` where there was nothing.
    pub fn remove(&self, value: &mut Value) -> bool {
        let Some((last, parents)) = self.tokens.split_last() else {
            return false;
        };
        let parent = parents.iter().try_fold(value, |value, token| match value {
            Value::Object(fields) => fields.get_mut(token),
            Value::Array(items) => items.get_mut(index(token)?),
            _ => None,
        });
        match parent {
            Some(Value::Object(fields)) => fields.shift_remove(last).is_some(),
            Some(Value::Array(items)) => match index(last) {
                Some(position) if position < items.len() => {
                    items.remove(position);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }
}

impl FromIterator<String> for Pointer {
    fn from_iter<T: IntoIterator<Item = String>>(tokens: T) -> Self {
        Self { tokens: tokens.into_iter().collect() }
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| write!(f, "/{}", escaped(token)))
    }
}

/// The member or the item that one token names.
pub fn child<'a>(value: &'a Value, token: &str) -> Option<&'a Value> {
    match value {
        // Few names are compared sooner than one is hashed.
        Value::Object(fields) if fields.len() <= FEW => {
            fields.iter().find(|(name, _)| *name == token).map(|(_, value)| value)
        }
        Value::Object(fields) => fields.get(token),
        Value::Array(items) => items.get(index(token)?),
        _ => None,
    }
}

/// Appends one token to a pointer.
pub fn push(pointer: &mut String, token: &str) {
    pointer.push('/');
    pointer.push_str(&escaped(token));
}

/// A pointer with one more token.
pub fn join(pointer: &str, token: &str) -> String {
    let mut joined = pointer.to_owned();
    push(&mut joined, token);
    joined
}

/// A pointer as the fragment of a URI, without the `#`.
pub fn to_fragment(pointer: &str) -> String {
    utf8_percent_encode(pointer, FRAGMENT).to_string()
}

/// The pointer in the fragment of a URI, without the `#`; `None` where it is none.
pub fn from_fragment(fragment: &str) -> Option<Pointer> {
    Pointer::parse(&percent_decode_str(fragment).decode_utf8().ok()?).ok()
}

fn escaped(token: &str) -> Cow<'_, str> {
    match token.contains(['~', '/']) {
        true => Cow::Owned(token.replace('~', "~0").replace('/', "~1")),
        false => Cow::Borrowed(token),
    }
}

/// What of a pointer is behind another one that it is at or within.
pub fn behind<'p>(pointer: &'p str, around: &str) -> Option<&'p str> {
    pointer.strip_prefix(around).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pointer and those around it, the nearest first.
pub fn outwards(pointer: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(pointer), |pointer| pointer.rsplit_once('/').map(|(shorter, _)| shorter))
}

fn index(token: &str) -> Option<usize> {
    if token.len() > 1 && token.starts_with('0') || !token.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    token.parse().ok()
}

fn unescape(token: &str) -> Result<String, PointerError> {
    let mut text = String::with_capacity(token.len());
    let mut chars = token.chars();
    while let Some(c) = chars.next() {
        if c != '~' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('0') => text.push('~'),
            Some('1') => text.push('/'),
            _ => return Err(PointerError::BadEscape),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pointer_finds_what_it_names() {
        let value = json!({"a": {"b/c": [1, {"~": 2}]}});
        let at = |text: &str| Pointer::parse(text).unwrap().get(&value).cloned();
        assert_eq!(at(""), Some(value.clone()));
        assert_eq!(at("/a/b~1c/1/~0"), Some(json!(2)));
        assert_eq!(at("/a/b~1c/01"), None);
        assert_eq!(at("/a/x"), None);
    }

    #[test]
    fn removing_keeps_the_order_of_the_rest() {
        let mut value = json!({"a": 1, "b": [1, 2, 3], "c": 3});
        assert!(Pointer::parse("/a").unwrap().remove(&mut value));
        assert!(Pointer::parse("/b/0").unwrap().remove(&mut value));
        assert!(!Pointer::parse("/b/7").unwrap().remove(&mut value));
        assert!(!Pointer::parse("").unwrap().remove(&mut value));
        assert_eq!(value.to_string(), r#"{"b":[2,3],"c":3}"#);
    }

    #[test]
    fn a_pointer_without_a_slash_or_with_a_stray_tilde_is_refused() {
        assert_eq!(Pointer::parse("a"), Err(PointerError::NoSlash));
        assert_eq!(Pointer::parse("/~2"), Err(PointerError::BadEscape));
        assert_eq!(Pointer::parse("/~"), Err(PointerError::BadEscape));
    }

    #[test]
    fn a_path_with_slashes_and_braces_survives_escaping() {
        let pointer = join("/paths", "/v1/{project_id}/a~b");
        assert_eq!(pointer, "/paths/~1v1~1{project_id}~1a~0b");
        assert_eq!(Pointer::parse(&pointer).unwrap().tokens(), ["paths", "/v1/{project_id}/a~b"]);
        assert_eq!(to_fragment(&pointer), "/paths/~1v1~1%7Bproject_id%7D~1a~0b");
    }

    proptest! {
        #[test]
        fn every_token_comes_back_from_a_fragment(token in ".*") {
            let pointer = join("", &token);
            prop_assert_eq!(Pointer::parse(&pointer).unwrap(), Pointer { tokens: vec![token] });
            prop_assert_eq!(from_fragment(&to_fragment(&pointer)).unwrap().to_string(), pointer);
        }

        #[test]
        fn no_fragment_panics(fragment in ".*") {
            let _ = from_fragment(&fragment);
        }

        #[test]
        fn what_a_pointer_shows_parses_to_the_same_pointer(tokens in proptest::collection::vec(".{0,8}", 0..5)) {
            let pointer = Pointer { tokens };
            prop_assert_eq!(Pointer::parse(&pointer.to_string()).unwrap(), pointer);
        }
    }
}
