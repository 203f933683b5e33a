//! Kinds of values: how each is read, how a profile writes it, and how much of it may be shown.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use anstream::ColorChoice;
use clap_complete::Shell;
use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use reqwest::Url;

use crate::cli::headers::is_own_header;
use crate::cli::value_ref::TEXT_OR_PLACE;
use crate::http::Rate;
use crate::source::shape::Kind;

/// Why a value can't be used, and what to do.
#[derive(Debug)]
pub(in crate::cli) struct Mistake {
    pub(in crate::cli) what: String,
    pub(in crate::cli) next: String,
}

impl Mistake {
    pub(in crate::cli) fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { what: what.into(), next: next.into() }
    }

    /// Of a value that may be shown.
    pub(in crate::cli) fn of(text: &str, next: impl Into<String>) -> Self {
        Self::new(format!("`{text}` can't be used"), next)
    }
}

/// How much of a value may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Privacy {
    /// All of it.
    Public,
    /// It is a URL: all but user and password.
    Url,
    /// Nothing.
    Secret,
}

/// A kind of value.
pub(in crate::cli) trait Value: Sized {
    /// How a profile writes it.
    const SHAPE: Kind = Kind::Text;
    /// How much of it may be shown.
    const PRIVACY: Privacy = Privacy::Public;
    /// Whether it is a path: relative to the profile's file, and not always UTF-8.
    const IS_PATH: bool = false;

    /// Reads one.
    fn parse(text: &str) -> Result<Self, Mistake>;

    /// The same of an argument or a variable of the environment.
    fn read(text: &OsStr) -> Result<Self, Mistake> {
        let not_text = || Mistake::new("the value is not UTF-8", "write it as UTF-8; only paths may be other bytes");
        Self::parse(text.to_str().ok_or_else(not_text)?)
    }
}

/// What an option makes of its values.
pub(in crate::cli) trait FromValues: Sized {
    /// What each is.
    type Item: Value;
    /// Whether there may be several.
    const MANY: bool = false;
    /// How a profile writes them.
    const IN_PROFILE: Kind = Self::Item::SHAPE;

    /// `None` where one is needed and there is none.
    fn from_values(values: Vec<Self::Item>) -> Option<Self>;
}

impl<T: Value> FromValues for Option<T> {
    type Item = T;

    fn from_values(mut values: Vec<T>) -> Option<Self> {
        Some(values.pop())
    }
}

impl<T: Value> FromValues for Vec<T> {
    type Item = T;
    const MANY: bool = true;
    const IN_PROFILE: Kind = Kind::Either(&[T::SHAPE, Kind::List(&T::SHAPE, 1)]);

    fn from_values(values: Self) -> Option<Self> {
        Some(values)
    }
}

/// Kinds of which an option may have exactly one value.
macro_rules! needed {
    ($([$($generics:tt)*] $kind:ty),+) => { $(
        impl<$($generics)*> FromValues for $kind {
            type Item = Self;

            fn from_values(mut values: Vec<Self>) -> Option<Self> {
                values.pop()
            }
        }
    )+ };
}

needed!([] bool, [] PathBuf, [] Seconds, [] ColorChoice, [] SchemaOf, [const MIN: usize, const MAX: usize] Whole<MIN, MAX>);

impl Value for String {
    fn parse(text: &str) -> Result<Self, Mistake> {
        Ok(text.to_owned())
    }
}

impl Value for PathBuf {
    const IS_PATH: bool = true;

    fn parse(text: &str) -> Result<Self, Mistake> {
        Ok(text.into())
    }

    fn read(text: &OsStr) -> Result<Self, Mistake> {
        Ok(text.into())
    }
}

impl Value for bool {
    const SHAPE: Kind = Kind::Bool;

    fn parse(text: &str) -> Result<Self, Mistake> {
        text.parse().map_err(|_| Mistake::of(text, "give true or false"))
    }
}

/// A whole number, both ends included.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Whole<const MIN: usize, const MAX: usize>(pub(in crate::cli) usize);

impl<const MIN: usize, const MAX: usize> Value for Whole<MIN, MAX> {
    const SHAPE: Kind = Kind::Integer(MIN as i64, MAX as i64);

    fn parse(text: &str) -> Result<Self, Mistake> {
        let number = text.parse().ok().filter(|number| (MIN..=MAX).contains(number));
        number.map(Self).ok_or_else(|| Mistake::of(text, format!("give {}", Self::SHAPE.describe())))
    }
}

/// A time, in seconds.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Seconds(pub(in crate::cli) Duration);

impl Value for Seconds {
    const SHAPE: Kind = Kind::Number;

    fn parse(text: &str) -> Result<Self, Mistake> {
        let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && *seconds <= 86_400.0);
        let duration = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        duration.map(Self).ok_or_else(|| Mistake::of(text, "give a number of seconds above 0 and at most 86400"))
    }
}

/// A number in hexadecimal.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) struct Hex(pub(in crate::cli) u64);

impl Value for Hex {
    fn parse(text: &str) -> Result<Self, Mistake> {
        u64::from_str_radix(text, 16).map(Self).map_err(|_| Mistake::of(text, "give up to 16 hexadecimal digits"))
    }
}

impl Value for Date {
    fn parse(text: &str) -> Result<Self, Mistake> {
        date(text).ok_or_else(|| Mistake::of(text, "give a day, as 2026-12-31"))
    }
}

/// A day as it is written in files and options, and in no other way.
pub(in crate::cli) fn date(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|date| date.to_string() == text)
}

impl Value for Rate {
    fn parse(text: &str) -> Result<Self, Mistake> {
        text.parse().map_err(|error: <Self as std::str::FromStr>::Err| Mistake::of(text, error.to_string()))
    }
}

impl Value for ColorChoice {
    fn parse(text: &str) -> Result<Self, Mistake> {
        match text {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::AlwaysAnsi),
            "never" => Ok(Self::Never),
            _ => Err(Mistake::of(text, "give auto, always or never")),
        }
    }
}

impl Value for Shell {
    fn parse(text: &str) -> Result<Self, Mistake> {
        text.parse().map_err(|_| Mistake::of(text, "give bash, elvish, fish, powershell or zsh"))
    }
}

/// Files that have a schema.
#[derive(Debug, Clone, Copy, strum::EnumString)]
#[strum(serialize_all = "kebab-case")]
pub(in crate::cli) enum SchemaOf {
    /// Case files and `suite.yaml`.
    Cases,
    /// `conformant.toml`.
    Profiles,
    /// The file of `--waivers`.
    Waivers,
    /// The event stream of a run.
    Events,
}

impl Value for SchemaOf {
    fn parse(text: &str) -> Result<Self, Mistake> {
        text.parse().map_err(|_| Mistake::of(text, "give cases, profiles, waivers or events"))
    }
}

/// Why a text is no URL.
fn no_url(text: &str) -> &'static str {
    if text.contains("://") { "its host or its port is none" } else { "it lacks `http://` or `https://`" }
}

/// The target's base URL: http or https, no query, no fragment, no user, no `/` at its end. No mistake repeats it, for it
/// may hold a password.
#[derive(Debug, Clone)]
pub(in crate::cli) struct BaseUrl(pub(in crate::cli) String);

impl Value for BaseUrl {
    const PRIVACY: Privacy = Privacy::Url;

    fn parse(text: &str) -> Result<Self, Mistake> {
        let why = match Url::parse(text) {
            Err(_) => no_url(text).to_owned(),
            Ok(url) if !matches!(url.scheme(), "http" | "https") => "only http and https are supported".to_owned(),
            Ok(url) if url.host_str().is_none_or(str::is_empty) => "it has no host".to_owned(),
            Ok(url) if url.query().is_some() || url.fragment().is_some() => "it has a query or a fragment".to_owned(),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "it has a user or a password in it".to_owned()
            }
            Ok(url) => return Ok(Self(url.as_str().trim_end_matches('/').to_owned())),
        };
        Err(Mistake::new(format!("the target is no base URL: {why}"), "write it like http://127.0.0.1:8080"))
    }
}

/// The URL of an HTTP proxy. No mistake repeats it, either.
#[derive(Debug, Clone)]
pub(in crate::cli) struct ProxyUrl(pub(in crate::cli) String);

impl Value for ProxyUrl {
    const SHAPE: Kind = TEXT_OR_PLACE;
    const PRIVACY: Privacy = Privacy::Url;

    fn parse(text: &str) -> Result<Self, Mistake> {
        // Where the scheme is left out, the client assumes `http://`, too.
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let why = match Url::parse(&whole) {
            Err(_) => no_url(&whole).to_owned(),
            Ok(url) if !matches!(url.scheme(), "http" | "https") => format!("it is one for {}", url.scheme()),
            Ok(url) if url.host_str().is_none_or(str::is_empty) => "it has no host".to_owned(),
            Ok(_) => return Ok(Self(text.to_owned())),
        };
        let next = "write it like http://127.0.0.1:3128; only HTTP proxies can be used, over http or https";
        Err(Mistake::new(format!("the proxy can't be used: {why}"), next))
    }
}

/// The password in a URL, as it is sent.
pub(in crate::cli) fn password(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(percent_decode_str(url.password()?).decode_utf8_lossy().into_owned())
}

/// A name with a value, which may be a secret.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Pair(pub(in crate::cli) String, pub(in crate::cli) String);

impl Value for Pair {
    const PRIVACY: Privacy = Privacy::Secret;

    fn parse(text: &str) -> Result<Self, Mistake> {
        let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
        let (name, value) = pair.ok_or_else(|| Mistake::new("a value has no name", "write NAME, `=` and the value"))?;
        Ok(Self(name.to_owned(), value.to_owned()))
    }
}

/// A header.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Header(pub(in crate::cli) Pair);

impl Value for Header {
    const PRIVACY: Privacy = Privacy::Secret;

    fn parse(text: &str) -> Result<Self, Mistake> {
        let pair = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        match pair.filter(|(name, _)| http::HeaderName::from_bytes(name.as_bytes()).is_ok()) {
            None => Err(Mistake::new("a value has no name", "write --header 'NAME: VALUE'")),
            Some((name, _)) if is_own_header(name) => {
                Err(Mistake::new(format!("the client makes the header {name} for each request itself"), "leave it out"))
            }
            Some((name, value)) => Ok(Self(Pair(name.to_owned(), value.to_owned()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proxies_for_http_are_taken_and_no_message_repeats_the_url() {
        for good in ["http://127.0.0.1:3128", "HTTPS://user:pass@proxy", "127.0.0.1:3128", "proxy", "http://[::1]:1/"] {
            assert!(ProxyUrl::parse(good).is_ok(), "{good}");
        }
        for bad in ["socks5://u:hunter2@h:1", "socks5h://hunter2", "ftp://hunter2", "http://", "http://:hunter2@", ""] {
            let Mistake { what, next } = ProxyUrl::parse(bad).unwrap_err();
            assert!(!what.contains("hunter2") && !next.contains("hunter2"), "{what}");
        }
    }
}
