//! Long texts and values as findings and records show them: of what is left out, nothing is searched.

use serde_json::Value;

use super::Secrets;
use crate::http::written;
use crate::text::shorten;

/// How many bytes of a text are enough to show so many characters: four are the most that a character takes, and one
/// character more shows that there is more.
fn enough(max: usize) -> usize {
    max.saturating_add(1).saturating_mul(4)
}

impl Secrets {
    /// A value's JSON, masked, in at most `max` characters.
    pub fn shown(&self, value: &Value, max: usize) -> String {
        let (text, is_cut) = written(value, enough(max));
        if is_cut { self.beginning(&text, max) } else { self.mask(&text).short(max).into_owned() }
    }

    /// At most `max` characters of a text, masked.
    pub fn shortened(&self, text: &str, max: usize) -> String {
        if text.len() <= enough(max) {
            return self.mask(text).short(max).into_owned();
        }
        let beginning = (0..=enough(max)).rev().find_map(|end| text.get(..end));
        self.beginning(beginning.unwrap_or_default(), max)
    }

    /// The beginning of a text that goes on, where a secret may have begun.
    fn beginning(&self, text: &str, max: usize) -> String {
        let masked = self.mask_cut(text).into_owned() + "…";
        shorten(&masked, max).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn secrets() -> Secrets {
        let mut secrets = Secrets::new();
        secrets.register("token", "open-sesame-now".into()).unwrap();
        secrets
    }

    #[test]
    fn a_long_text_shows_its_beginning_and_no_part_of_a_secret() {
        for before in 0..60 {
            let text = format!("{}open-sesame-now{}", "é".repeat(before), "y".repeat(900_000));
            for shown in [secrets().shortened(&text, 20), secrets().shown(&json!(text), 20)] {
                assert!(shown.chars().count() == 20 && shown.ends_with('…'), "{shown}");
                assert!(!shown.contains("open-"), "{shown}");
            }
        }
    }

    #[test]
    fn what_is_short_is_shown_whole() {
        assert_eq!(secrets().shortened("a name", 6), "a name");
        assert_eq!(secrets().shortened("open-sesame-now!", 20), "[masked:token]!");
        assert_eq!(secrets().shown(&json!({"a": [1.50, "ü"]}), 20), r#"{"a":[1.5,"ü"]}"#);
        assert_eq!(secrets().shown(&json!("é".repeat(200)), 20), format!("\"{}…", "é".repeat(18)));
    }

    #[test]
    fn a_text_that_is_little_but_a_secret_still_says_that_it_goes_on() {
        let text = format!("{}{}", "open-sesame-now".repeat(6), "z".repeat(1_000));
        assert!(secrets().shortened(&text, 20).ends_with('…'));
    }
}
