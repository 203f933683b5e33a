//! Media types: what a body is, and which of the documented ones fits it best (RFC 9110, 8.3.1 and 12.5.1).

use std::fmt;

/// How a body of a media type is read before a schema judges it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// One JSON text.
    Json,
    /// JSON texts, one a line.
    JsonLines,
    /// Text, which stands for itself or for a number, `true`, `false` or `null`.
    Text,
    /// Text in a format of its own: a schema can only say what the text is like.
    Markup,
    /// Anything else.
    Bytes,
}

/// A media type, or a range of them, with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MediaType {
    /// In lower case; `*` in a range.
    essence: String,
    /// Names in lower case, sorted by name.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// The media type that a text names: what isn't spelt like one is one that fits nothing but itself.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if !text.contains(';') {
            return Self { essence: text.trim().to_ascii_lowercase(), parameters: Vec::new() };
        }
        let mut parts = split(text).into_iter();
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let parameter = |part: String| {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim().to_ascii_lowercase(), unquoted(value.trim()));
            let value = if name == "charset" { value.to_ascii_lowercase() } else { value };
            Some((name, value))
        };
        let mut parameters: Vec<_> = parts.filter_map(parameter).collect();
        parameters.sort();
        Self { essence, parameters }
    }

    /// Type and subtype, without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// Whether it stands for several media types.
    #[must_use]
    pub fn is_range(&self) -> bool {
        self.essence.contains('*')
    }

    /// How well this, as documented, fits what an answer says that it is; nothing where it doesn't. The greater, the better.
    #[must_use]
    pub fn fit(&self, observed: &Self) -> Option<usize> {
        let (kind, subtype) = self.essence.split_once('/').unwrap_or((&self.essence, ""));
        let (observed_kind, observed_subtype) = observed.essence.split_once('/').unwrap_or((&observed.essence, ""));
        let essence = if self.essence == observed.essence {
            4
        } else if kind == observed_kind && subtype.strip_prefix("*+").is_some_and(|it| suffix(observed_subtype) == it) {
            3
        } else if kind == observed_kind && subtype == "*" {
            2
        } else if self.essence == "*/*" || self.essence == "*" {
            1
        } else {
            return None;
        };
        let given = |parameter: &&(String, String)| observed.parameters.contains(parameter);
        let met = self.parameters.iter().filter(given).count();
        // A parameter that an answer leaves out is one that it needn't say; another value of one is another type.
        let contradicts = |(name, value): &(String, String)| {
            let other = observed.parameters.iter().find(|(known, _)| known == name);
            name != "charset" && other.is_some_and(|(_, observed)| observed != value)
        };
        let missing = self.parameters.len() - met;
        (!self.parameters.iter().any(contradicts))
            .then_some(essence * 100 + 2 * met.min(20) + usize::from(missing == 0))
    }

    /// How a body of this type is read.
    #[must_use]
    pub fn kind(&self) -> BodyKind {
        let (kind, subtype) = self.essence.split_once('/').unwrap_or((&self.essence, ""));
        match (kind, subtype) {
            (_, "jsonl" | "x-jsonl" | "jsonlines" | "x-jsonlines" | "ndjson" | "x-ndjson" | "json-lines") => {
                BodyKind::JsonLines
            }
            (_, "json") => BodyKind::Json,
            (_, subtype) if suffix(subtype) == "json" => BodyKind::Json,
            ("text", "plain") | ("application", "x-www-form-urlencoded") => BodyKind::Text,
            // What values are in these, and how they are written, a schema leaves to others.
            (_, "xml" | "yaml" | "x-yaml" | "vnd.yaml") => BodyKind::Bytes,
            (_, subtype) if matches!(suffix(subtype), "xml" | "yaml") => BodyKind::Bytes,
            ("text", _) | ("application", "csv" | "javascript") => BodyKind::Markup,
            _ => BodyKind::Bytes,
        }
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.essence)?;
        self.parameters.iter().try_for_each(|(name, value)| write!(f, "; {name}={value}"))
    }
}

fn suffix(subtype: &str) -> &str {
    subtype.rsplit_once('+').map_or("", |(_, suffix)| suffix)
}

/// The parts of a field value between semicolons that aren't quoted.
fn split(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted, mut escaped) = (Vec::new(), String::new(), false, false);
    for c in text.chars() {
        match c {
            ';' if !quoted => parts.push(std::mem::take(&mut part)),
            '"' if !escaped => {
                quoted = !quoted;
                part.push(c);
            }
            c => part.push(c),
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    parts.push(part);
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return value.to_owned() };
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best<'d>(documented: &[&'d str], observed: &str) -> Option<&'d str> {
        let observed = MediaType::parse(observed);
        let fits = documented.iter().filter_map(|text| Some((MediaType::parse(text).fit(&observed)?, *text)));
        fits.max_by_key(|(fit, _)| *fit).map(|(_, text)| text)
    }

    #[test]
    fn the_entry_that_fits_best_is_found() {
        let all = ["*/*", "application/*", "application/json", "application/json; version=1", "application/vnd.a+json"];
        for (observed, documented) in [
            ("application/json", "application/json"),
            ("Application/JSON; charset=utf-8", "application/json"),
            ("application/json;version=1;charset=utf-8", "application/json; version=1"),
            ("application/json; VERSION=\"1\"", "application/json; version=1"),
            ("application/json; version=2", "application/json"),
            ("application/vnd.a+json", "application/vnd.a+json"),
            ("application/vnd.b+json", "application/*"),
            ("text/csv", "*/*"),
        ] {
            assert_eq!(best(&all, observed), Some(documented), "{observed}");
        }
        assert_eq!(best(&["application/json; version=1"], "application/json"), Some("application/json; version=1"));
        assert_eq!(best(&["application/json; version=1"], "application/json; version=2"), None);
        assert_eq!(best(&["text/csv; charset=utf-8"], "text/csv; charset=UTF-8"), Some("text/csv; charset=utf-8"));
        assert_eq!(best(&["application/json"], "application/problem+json"), None);
    }

    #[test]
    fn a_type_says_how_its_body_is_read() {
        for (text, kind) in [
            ("application/json", BodyKind::Json),
            ("application/problem+json", BodyKind::Json),
            ("application/x-ndjson", BodyKind::JsonLines),
            ("text/plain", BodyKind::Text),
            ("text/csv", BodyKind::Markup),
            ("text/html", BodyKind::Markup),
            ("application/xml", BodyKind::Bytes),
            ("image/svg+xml", BodyKind::Bytes),
            ("text/yaml", BodyKind::Bytes),
            ("image/png", BodyKind::Bytes),
            ("application/octet-stream", BodyKind::Bytes),
        ] {
            assert_eq!(MediaType::parse(text).kind(), kind, "{text}");
        }
    }
}
