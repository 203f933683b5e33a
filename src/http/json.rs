//! Reading a body as JSON without leniency: what another parser might read otherwise is a defect with a place.
//!
//! One pass over the text builds the value, counts what it is made of, and notices duplicate keys on the way: a body that
//! is small on the wire may be large when it is read. Half a surrogate pair is JSON by its grammar, so it is read: see
//! `surrogate`.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::surrogate::{self, Kept};

/// What a text may have and be read as JSON: what is made of it takes far more memory than the text, and nesting takes stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JsonLimits {
    /// The most values. A member of an object counts twice, for its name and its value.
    pub values: u32,
    /// The most arrays and objects within one another.
    pub depth: u32,
}

impl JsonLimits {
    /// The most nesting that can be asked for: what judges a body calls itself for each level, so the stacks hold this much.
    pub const DEEPEST: usize = 1_000;
}

impl Default for JsonLimits {
    fn default() -> Self {
        Self { values: 50_000, depth: 127 }
    }
}

/// Why a body is not one well-formed JSON text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{says} at {place}")]
pub struct JsonDefect {
    /// `line 1 column 7`, counted from 1, columns in bytes; for a duplicate key the JSON pointer of its object, or
    /// `the top level`.
    pub place: String,
    /// A lower-case fragment; a key in it is escaped, and as long as it is.
    pub says: String,
    /// Whether it is a limit of ours that keeps the text from being read, not a fault in it.
    pub is_limit: bool,
}

impl JsonDefect {
    fn new(place: String, says: impl Into<String>) -> Self {
        Self { place, says: says.into(), is_limit: false }
    }
}

/// Reads one JSON text strictly. Numbers keep their digits, however many and however large. Half a surrogate pair becomes a
/// character that stands for it; [`written`] spells it out again.
///
/// # Errors
/// An empty text, invalid UTF-8, a byte order mark, a NUL, anything after the value, a duplicate key, more nesting than
/// is read, or any other breach of RFC 8259: the first one found.
pub fn parse_strictly(bytes: &[u8]) -> Result<Value, JsonDefect> {
    parse_within(bytes, JsonLimits { values: u32::MAX, ..JsonLimits::default() })
}

/// The same for a text within these limits.
///
/// # Errors
/// Those of [`parse_strictly`]; and that a limit is exceeded, where reading comes so far.
pub fn parse_within(bytes: &[u8], limits: JsonLimits) -> Result<Value, JsonDefect> {
    read(bytes, limits, limits.values).map(|(value, _)| value)
}

/// The same for JSON texts, one a line, that are within these limits together. Empty lines are none.
///
/// # Errors
/// The first line that is none, counted from 1, with those of [`parse_within`].
pub fn parse_lines(bytes: &[u8], limits: JsonLimits) -> Result<Vec<Value>, (usize, JsonDefect)> {
    let (mut values, mut room) = (Vec::new(), limits.values);
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if !line.trim_ascii().is_empty() {
            let (value, left) = read(line, limits, room).map_err(|defect| (index + 1, defect))?;
            room = left;
            values.push(value);
        }
    }
    Ok(values)
}

/// Reads a text for which there is room for so many values; gives also for how many there is room yet.
fn read(bytes: &[u8], limits: JsonLimits, room: u32) -> Result<(Value, u32), JsonDefect> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let says = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            "utf-16 instead of utf-8"
        } else {
            "a byte that is not utf-8"
        };
        JsonDefect::new(place(bytes, error.valid_up_to()), says)
    })?;
    if text.starts_with('\u{feff}') {
        return Err(JsonDefect::new(place(bytes, 0), "a byte order mark before the json"));
    }
    if text.trim_ascii().is_empty() {
        return Err(JsonDefect::new(place(bytes, 0), "an empty body instead of json"));
    }
    let duplicate = RefCell::new(None);
    let kept = surrogate::keep(text);
    let mut reader = serde_json::Deserializer::from_str(&kept.text);
    // Its own limit is a constant; `Strict` counts instead.
    reader.disable_recursion_limit();
    let (room, exceeded) = (Cell::new(room), Cell::new(None));
    let strict =
        Strict { text: &kept.text, duplicate: &duplicate, room: &room, levels: limits.depth, exceeded: &exceeded };
    let read = strict.deserialize(&mut reader).and_then(|value| {
        reader.end()?;
        Ok((value, room.get()))
    });
    read.map_err(|error| match duplicate.into_inner() {
        Some(duplicate) => duplicate.into_defect(),
        None => {
            let defect = syntax_defect(bytes, &kept, &error);
            match exceeded.get() {
                None => defect,
                Some(limit) => JsonDefect { says: limit.says(limits), is_limit: true, ..defect },
            }
        }
    })
}

/// What a text may have too much of.
#[derive(Clone, Copy)]
enum Exceeded {
    Values,
    Depth,
}

impl Exceeded {
    fn says(self, limits: JsonLimits) -> String {
        match self {
            Self::Values => format!("more than {} JSON values, the limit of --max-json-values", limits.values),
            Self::Depth => format!("more than {} levels of nesting, the limit of --max-json-depth", limits.depth),
        }
    }
}

/// A value as JSON, for people: spelt as it was read. Of a long one the beginning, of which no more than so many bytes is ever
/// made, and true.
pub fn written(value: &Value, most: usize) -> (String, bool) {
    let mut room = Room { text: Vec::new(), left: most };
    // The writer's only error is that it is full.
    let is_cut = serde_json::to_writer(&mut room, value).is_err();
    let text = String::from_utf8_lossy(&room.text);
    let text = text.strip_suffix('\u{fffd}').filter(|_| is_cut).unwrap_or(&text);
    (surrogate::spelt(text).into_owned(), is_cut)
}

/// A writer that is full after so many bytes.
struct Room {
    text: Vec<u8>,
    left: usize,
}

impl io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let kept = bytes.get(..self.left).unwrap_or(bytes);
        self.text.extend_from_slice(kept);
        self.left -= kept.len();
        if kept.is_empty() && !bytes.is_empty() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(kept.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn syntax_defect(bytes: &[u8], kept: &Kept<'_>, error: &serde_json::Error) -> JsonDefect {
    let (line, column) = kept.place(error.line(), error.column());
    let place = format!("line {line} column {column}");
    let says = if byte_at(bytes, line, column) == Some(0) {
        "a nul byte".to_owned()
    } else {
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        match text {
            "trailing characters" => "more text after the json".to_owned(),
            _ if error.classify() == Category::Eof => format!("the json breaks off ({text})"),
            _ => text.to_owned(),
        }
    };
    JsonDefect::new(place, says)
}

/// The place of a byte as serde_json would count it.
fn place(bytes: &[u8], offset: usize) -> String {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    format!("line {line} column {column}")
}

fn byte_at(bytes: &[u8], line: usize, column: usize) -> Option<u8> {
    bytes.split(|byte| *byte == b'\n').nth(line.checked_sub(1)?)?.get(column.checked_sub(1)?).copied()
}

/// A key that came twice, and the way to its object, innermost step first.
struct Duplicate {
    key: String,
    steps: Vec<String>,
}

impl Duplicate {
    fn into_defect(self) -> JsonDefect {
        let mut place = String::new();
        for step in self.steps.iter().rev() {
            place.push('/');
            place.push_str(&step.replace('~', "~0").replace('/', "~1"));
        }
        if place.is_empty() {
            place.push_str("the top level");
        }
        JsonDefect::new(place, format!("the key {:?} comes twice", self.key))
    }
}

/// Builds a [`Value`]; the first duplicate key ends it and is left where the caller looks, and so is a limit that is exceeded.
#[derive(Clone, Copy)]
struct Strict<'a> {
    /// What is read.
    text: &'a str,
    duplicate: &'a RefCell<Option<Duplicate>>,
    /// How many more values there may be.
    room: &'a Cell<u32>,
    /// How many more levels of nesting there may be.
    levels: u32,
    exceeded: &'a Cell<Option<Exceeded>>,
}

impl Strict<'_> {
    /// Counts one value more, if there may be one more.
    fn count<E: serde::de::Error>(self) -> Result<(), E> {
        let room = self.room.get().checked_sub(1).ok_or_else(|| self.exceed(Exceeded::Values))?;
        self.room.set(room);
        Ok(())
    }

    /// The same, one level further in.
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| self.exceed(Exceeded::Depth))?;
        Ok(Self { levels, ..self })
    }

    fn exceed<E: serde::de::Error>(self, limit: Exceeded) -> E {
        self.exceeded.set(Some(limit));
        E::custom("a limit is exceeded")
    }

    /// Notes one step of the way from a duplicate key outwards, if that is why the reading ended.
    fn trace(self, step: impl FnOnce() -> String) {
        if let Some(duplicate) = self.duplicate.borrow_mut().as_mut() {
            duplicate.steps.push(step());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a json value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let (mut array, inner) = (Vec::new(), self.deeper()?);
        loop {
            match elements.next_element_seed(inner) {
                Ok(Some(element)) => array.push(element),
                Ok(None) => return Ok(Value::Array(array)),
                Err(error) => {
                    self.trace(|| array.len().to_string());
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key_seed(InText(self.text))? {
            let KeyOrNumber::Key(name) = key else {
                let spelt = members.next_value::<String>()?;
                return Ok(Value::Number(Number::from_string_unchecked(spelt)));
            };
            // A number isn't a level.
            let inner = self.deeper()?;
            self.count()?;
            let place = match object.entry(name) {
                Entry::Vacant(place) => place,
                Entry::Occupied(place) => {
                    *self.duplicate.borrow_mut() = Some(Duplicate { key: place.key().clone(), steps: Vec::new() });
                    return Err(A::Error::custom("duplicate key"));
                }
            };
            match members.next_value_seed(inner) {
                Ok(value) => place.insert(value),
                Err(error) => {
                    self.trace(|| place.key().clone());
                    return Err(error);
                }
            };
        }
        if object.is_empty() {
            self.deeper()?;
        }
        Ok(Value::Object(object))
    }
}

/// What `serde_json` gives in the place of a key.
enum KeyOrNumber {
    /// The key of a member.
    Key(String),
    /// No key: the value is a number of which it keeps the text, shown as an object with a key of its own. A body may have
    /// an object with that very key, but then the key stands in the body.
    Number,
}

/// Reads a key of this text.
struct InText<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for InText<'_> {
    type Value = KeyOrNumber;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<KeyOrNumber, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for InText<'_> {
    type Value = KeyOrNumber;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<KeyOrNumber, E> {
        let is_in_text = self.0.as_bytes().as_ptr_range().contains(&key.as_ptr()) || key.is_empty();
        Ok(if is_in_text { KeyOrNumber::Key(key.to_owned()) } else { KeyOrNumber::Number })
    }

    fn visit_str<E>(self, key: &str) -> Result<KeyOrNumber, E> {
        Ok(KeyOrNumber::Key(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn defect(text: impl AsRef<[u8]>) -> (String, String) {
        let JsonDefect { place, says, .. } = parse_strictly(text.as_ref()).expect_err("the text has a defect");
        (place, says)
    }

    #[test]
    fn a_text_with_more_values_than_are_wanted_is_not_read_and_that_is_no_fault_of_it() {
        for (text, values) in [("1", 1), ("[]", 1), ("[1, [2, 3]]", 5), (r#"{"a": [], "b": {"c": 1}}"#, 7)] {
            let within = |values: u32| JsonLimits { values, ..JsonLimits::default() };
            assert!(parse_within(text.as_bytes(), within(values)).is_ok(), "{text}");
            let defect = parse_within(text.as_bytes(), within(values - 1)).expect_err("there are more");
            assert!(defect.is_limit, "{text}");
            let says = format!("more than {} JSON values, the limit of --max-json-values", values - 1);
            assert_eq!(defect.says, says, "{text}");
        }
        let within = |values: u32| JsonLimits { values, ..JsonLimits::default() };
        assert!(!parse_within(b"[1, 2", within(3)).unwrap_err().is_limit);
        assert!(!parse_within(br#"{"a": 1, "a": 2, "b": 3}"#, within(4)).unwrap_err().is_limit);
    }

    fn pair(place: &str, says: &str) -> (String, String) {
        (place.to_owned(), says.to_owned())
    }

    #[test]
    fn well_formed_json_becomes_the_value_it_says() {
        for value in [json!(null), json!(true), json!(-1), json!(u64::MAX), json!(0.5), json!("ä\n"), json!([[], {}])]
        {
            assert_eq!(parse_strictly(value.to_string().as_bytes()), Ok(value));
        }
        assert_eq!(parse_strictly(b" {\"a\": [1, {\"a\": 2}], \"b\": {\"a\": 3}}\r\n").unwrap()["a"][1]["a"], json!(2));
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["99999999999999999.99", "340282366920938463463374607431768211455", "-0", "1.50", "1e-400", "0.0"] {
            assert_eq!(parse_strictly(text.as_bytes()).unwrap().to_string(), text);
        }
        assert_eq!(parse_strictly(b"1e400").unwrap().to_string(), "1e+400");
        assert!(parse_strictly(b"1e999999999").unwrap().is_number());
    }

    #[test]
    fn an_object_that_looks_like_how_numbers_are_kept_is_an_object() {
        for text in [
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"{"\u0024serde_json::private::Number":"1"}"#,
            r#"{"$serde_json::private::Number":1.5,"a":2}"#,
            r#"[{"":1}]"#,
        ] {
            let value = parse_strictly(text.as_bytes()).unwrap();
            assert_eq!(value.to_string(), text.replace("\\u0024", "$"));
        }
        assert!(parse_strictly(br#"{"$serde_json::private::Number":"1"}"#).unwrap().is_object());
    }

    #[test]
    fn members_keep_their_order() {
        let value = parse_strictly(br#"{"z":1,"a":2,"m":3}"#).unwrap();
        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["z", "a", "m"]);
    }

    #[test]
    fn a_duplicate_key_is_placed_at_its_object() {
        assert_eq!(defect(r#"{"id":1,"id":2}"#), pair("the top level", "the key \"id\" comes twice"));
        assert_eq!(defect(r#"{"a":[0,{"b/c":{"x":1,"x":1}}]}"#), pair("/a/1/b~1c", "the key \"x\" comes twice"));
        assert_eq!(defect(r#"{"a":1,"\u0061":1}"#), pair("the top level", "the key \"a\" comes twice"));
    }

    #[test]
    fn a_hostile_key_is_escaped() {
        let key = format!("\u{202e}\u{7f}{}", "x".repeat(1000));
        let (_, says) =
            defect(format!("{{{key:?}:1}}").replace(&format!("{key:?}:1"), &format!("\"{key}\":1,\"{key}\":1")));
        assert!(says.starts_with("the key \"\\u{202e}\\u{7f}xxx"), "{says}");
    }

    #[test]
    fn what_is_not_text_is_named_with_its_place() {
        assert_eq!(defect(b"{\n\"a\": \"\xff\"}"), pair("line 2 column 7", "a byte that is not utf-8"));
        assert_eq!(defect(b"\xff\xfe{\0}\0"), pair("line 1 column 1", "utf-16 instead of utf-8"));
        assert_eq!(defect("\u{feff}{}"), pair("line 1 column 1", "a byte order mark before the json"));
        assert_eq!(defect("{\0}"), pair("line 1 column 2", "a nul byte"));
        assert_eq!(defect("{}\0"), pair("line 1 column 3", "a nul byte"));
        assert_eq!(defect("\"a\0\"").1, "a nul byte");
        assert_eq!(defect(""), pair("line 1 column 1", "an empty body instead of json"));
        assert_eq!(defect(" \n").1, "an empty body instead of json");
    }

    #[test]
    fn what_breaks_off_or_goes_on_is_named() {
        assert_eq!(defect("{} x"), pair("line 1 column 4", "more text after the json"));
        assert_eq!(defect("{}{}").1, "more text after the json");
        assert!(defect("{\"a\":").1.starts_with("the json breaks off"));
        for text in ["{'a':1}", "[1,]", "{\"a\":1,}", "NaN", "Infinity", "01", "+1", ".5", "1.", "// x\n1"] {
            assert!(parse_strictly(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_read_compared_and_spelt_out_again() {
        let read = |text: &str| parse_strictly(text.as_bytes()).unwrap();
        let half = read(r#"{"a\ud83d":["\ud83d","\ude00\ud83d"]}"#);
        assert_eq!(half, read(r#"{ "a\uD83D" : ["\uD83D", "\uDE00\uD83D"] }"#));
        assert_eq!(written(&half, 100).0, r#"{"a\ud83d":["\ud83d","\ude00\ud83d"]}"#);
        for other in
            [r#""\ud83e""#, r#""\ud83d\ude00""#, "\"\u{fffd}\"", "\"\u{dd83d}\"", r#""\udb36\udc3d""#, r#""\\ud83d""#]
        {
            assert_ne!(read(other), read(r#""\ud83d""#), "{other}");
            assert_eq!(read(&written(&read(other), 100).0), read(other));
        }
        assert_eq!(read(r#""\ud83d""#).as_str().unwrap().chars().count(), 1);
        assert_eq!(defect(r#"{"a\ud83d":1,"a\ud83d":1}"#).0, "the top level");
        assert_eq!(defect(r#"["\ud83d", x]"#).0, "line 1 column 12");
        assert_eq!(defect("[\"\\ud83d\",\n\"\\ud83d\0\"]"), pair("line 2 column 8", "a nul byte"));
    }

    #[test]
    fn deep_nesting_is_beyond_a_limit_and_no_overflow() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let nested = |levels: usize| format!("{}1.5{}", open.repeat(levels), close.repeat(levels));
            let limits = |depth: u32| JsonLimits { depth, ..JsonLimits::default() };
            for (depth, levels, is_read) in [(127, 127, true), (127, 128, false), (3, 3, true), (3, 4, false)] {
                assert_eq!(parse_within(nested(levels).as_bytes(), limits(depth)).is_ok(), is_read, "{depth} {levels}");
            }
            for text in [nested(128), nested(200_000), open.repeat(200_000)] {
                let defect = parse_strictly(text.as_bytes()).unwrap_err();
                assert!(defect.is_limit);
                assert_eq!(defect.says, "more than 127 levels of nesting, the limit of --max-json-depth");
            }
        }
        let limits = JsonLimits { depth: 1, ..JsonLimits::default() };
        assert!(["[]", "{}", "[1]", "{\"a\": 1e5}"].iter().all(|text| parse_within(text.as_bytes(), limits).is_ok()));
        assert!(["[[]]", "[{}]"].iter().all(|text| parse_within(text.as_bytes(), limits).unwrap_err().is_limit));
    }

    #[test]
    fn a_number_of_a_million_digits_is_a_number() {
        let long = format!("[-{}, 0.{}]", "9".repeat(1_000_000), "3".repeat(1_000_000));
        assert_eq!(parse_strictly(long.as_bytes()).unwrap().to_string(), long.replace(' ', ""));
        assert!(parse_strictly(b"1e").is_err() && parse_strictly(b"01").is_err() && parse_strictly(b"1.").is_err());
    }

    proptest! {
        #[test]
        fn bytes_never_make_it_panic_and_what_it_takes_serde_json_takes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = parse_strictly(&bytes) {
                prop_assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), value);
            }
        }

        #[test]
        fn json_like_text_is_taken_as_serde_json_takes_it(text in r#"([\[\]{},:"a-c0-2 .e\\n-]|null|true|"a"|"b":){0,24}"#) {
            match (parse_strictly(text.as_bytes()), serde_json::from_str::<Value>(&text)) {
                (Ok(strict), Ok(lenient)) => prop_assert_eq!(strict, lenient),
                (Err(defect), Ok(_)) => prop_assert!(defect.says.ends_with("comes twice"), "{}", defect),
                (Ok(value), Err(error)) => prop_assert!(false, "{} / {}", value, error),
                (Err(_), Err(_)) => {}
            }
        }
    }
}
