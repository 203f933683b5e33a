//! JSON numbers by what they mean. `serde_json` keeps the text of a number; two texts may be one number, and the text of one
//! may name more digits than there is memory for. So nothing here ever writes an exponent out.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// Equality of JSON values: `1`, `1.0` and `10e-1` are the same number, members are in any order.
#[must_use]
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compare(one, other).is_eq(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

/// The order of two numbers, exact for every number that a body has room for.
#[must_use]
pub fn compare(one: &Number, other: &Number) -> Ordering {
    if let (Some(one), Some(other)) = (one.as_i64(), other.as_i64()) {
        return one.cmp(&other);
    }
    Decimal::of(one.as_str()).cmp(&Decimal::of(other.as_str()))
}

/// A text that two values share where they are [`same`], and only there.
#[must_use]
pub fn identity(value: &Value) -> String {
    let mut text = String::new();
    write_identity(value, &mut text);
    text
}

fn write_identity(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => text.push_str(&Decimal::of(number.as_str()).canonical()),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_identity(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, member) in members {
                text.push_str(&Value::from(name.as_str()).to_string());
                write_identity(member, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Null | Value::Bool(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

/// Whether a number has no fraction: `1.0` and `1e2` have none.
#[must_use]
pub fn is_integer(number: &Number) -> bool {
    number.as_i64().is_some() || Decimal::of(number.as_str()).is_integer()
}

/// The number that a text spells as JSON does, in that spelling.
#[must_use]
pub fn spelt(text: &str) -> Option<Number> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(a, b)| (a, Some(b)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(a, b)| (a, Some(b)));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let well_formed = digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits);
    // To parse it would put a plus before the exponent.
    well_formed.then(|| Number::from_string_unchecked(text.to_owned()))
}

/// A number as its significant digits and where the point stands: 0.`digits` times ten to the `magnitude`.
#[derive(Debug)]
struct Decimal<'t> {
    is_negative: bool,
    /// Before and behind the point, without zeros around; both empty for zero.
    digits: [&'t [u8]; 2],
    magnitude: i128,
}

impl<'t> Decimal<'t> {
    /// Reads a JSON number.
    fn of(text: &'t str) -> Self {
        let (is_negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let whole_digits = whole.trim_start_matches('0');
        let fraction_digits = fraction.trim_end_matches('0');
        let (digits, shift) = match (whole_digits, fraction_digits) {
            ("", fraction) => {
                let significant = fraction.trim_start_matches('0');
                (["", significant], -length(fraction) + length(significant))
            }
            (whole, "") => ([whole.trim_end_matches('0'), ""], length(whole)),
            (whole, fraction) => ([whole, fraction], length(whole)),
        };
        if digits == ["", ""] {
            return Self { is_negative: false, digits: [b"", b""], magnitude: 0 };
        }
        Self { is_negative, digits: digits.map(str::as_bytes), magnitude: power(exponent).saturating_add(shift) }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().flat_map(|digits| digits.iter().copied())
    }

    fn is_zero(&self) -> bool {
        self.digits == [b"", b""]
    }

    fn is_integer(&self) -> bool {
        self.digits.iter().map(|digits| digits.len() as i128).sum::<i128>() <= self.magnitude
    }

    /// One spelling of all that the number has.
    fn canonical(&self) -> String {
        let digits: String = self.digits().map(char::from).collect();
        format!("{}0.{digits}e{}", if self.is_negative { "-" } else { "" }, self.magnitude)
    }

    fn sign(&self) -> i8 {
        match (self.is_zero(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

fn length(digits: &str) -> i128 {
    digits.len() as i128
}

/// An exponent. One that 128 bits can't hold is as large as they can say.
fn power(text: &str) -> i128 {
    let text = text.strip_prefix('+').unwrap_or(text);
    let farthest = if text.starts_with('-') { i128::MIN } else { i128::MAX };
    text.parse().unwrap_or(farthest)
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal<'_> {}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = self.sign().cmp(&other.sign());
        if sign.is_ne() || self.is_zero() {
            return sign;
        }
        let size = self.magnitude.cmp(&other.magnitude).then_with(|| self.digits().cmp(other.digits()));
        if self.is_negative { size.reverse() } else { size }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        spelt(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn numbers_are_told_apart_by_what_they_mean() {
        let rising = [
            "-1e999999999999999999999999999999999999999999",
            "-1e400",
            "-100000000000000000",
            "-99999999999999999.99",
            "-1",
            "-1e-400",
            "0",
            "1e-999999999",
            "0.1",
            "0.10000000000000000001",
            "1",
            "1.0000000000000000000000000000000001",
            "340282366920938463463374607431768211455",
            "340282366920938463463374607431768211456",
            "1e400",
            "1.5e400",
            "1e999999999",
        ];
        for (at, one) in rising.iter().enumerate() {
            for (other_at, other) in rising.iter().enumerate() {
                assert_eq!(compare(&number(one), &number(other)), at.cmp(&other_at), "{one} {other}");
            }
        }
    }

    #[test]
    fn one_number_has_many_spellings() {
        for alike in [
            &["1", "1.0", "1e0", "10e-1", "0.1E+1", "100e-2", "0.001e3"][..],
            &["0", "-0", "0.0", "0e5", "-0.0e-7"],
            &["1e400", "10e399", "0.1e401", "1E+400"],
            &["120", "1.2e2", "12e1", "0.12e3", "120.0"],
        ] {
            for (one, other) in alike.iter().flat_map(|one| alike.iter().map(move |other| (one, other))) {
                assert!(compare(&number(one), &number(other)).is_eq(), "{one} {other}");
                assert_eq!(identity(&number(one).into()), identity(&number(other).into()), "{one} {other}");
            }
        }
    }

    #[test]
    fn values_that_are_the_same_share_their_identity_and_others_do_not() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let one = value(r#"{"a":[1.0,{"b":"x"}],"c":-0}"#);
        let other = value(r#"{"c":0,"a":[1,{"b":"x"}]}"#);
        assert!(same(&one, &other));
        assert_eq!(identity(&one), identity(&other));
        for differs in [r#"{"a":[1,{"b":"x"}]}"#, r#"{"c":0,"a":[1.1,{"b":"x"}]}"#, r#"{"c":0,"a":["1",{"b":"x"}]}"#] {
            assert!(!same(&one, &value(differs)), "{differs}");
            assert_ne!(identity(&one), identity(&value(differs)), "{differs}");
        }
    }

    #[test]
    fn what_has_no_fraction_is_an_integer() {
        for text in ["1.0", "1e400", "-0", "0.0", "12.50e1", "99999999999999999999999", "1e999999999"] {
            assert!(is_integer(&number(text)), "{text}");
        }
        for text in ["1.5", "99999999999999999.99", "1e-1", "1e-999999999", "12.50e0"] {
            assert!(!is_integer(&number(text)), "{text}");
        }
    }

    #[test]
    fn only_what_json_spells_is_a_number_and_its_spelling_is_kept() {
        for text in ["1e400", "1E+4", "-0", "1.50", "99999999999999999.99"] {
            assert_eq!(number(text).to_string(), text);
        }
        for text in ["", "-", "01", "+1", ".5", "1.", "1e", "1e+", "0x1", "1_0", "NaN", ".inf", "1 ", "--1", "1.2.3"] {
            assert_eq!(spelt(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn floats_that_are_written_in_full_compare_as_they_do(one in -1e15..1e15, other in -1e15..1e15) {
            let [a, b] = [one, other].map(|float: f64| number(&format!("{float}")));
            prop_assert_eq!(compare(&a, &b), one.partial_cmp(&other).unwrap());
        }

        #[test]
        fn a_point_that_moves_with_the_exponent_changes_nothing(digits in "[1-9][0-9]{0,30}", zeros in 0..40usize) {
            let moved = format!("{digits}{}e-{zeros}", "0".repeat(zeros));
            prop_assert!(compare(&number(&digits), &number(&moved)).is_eq());
        }
    }
}
