//! Where requests go: scheme, host and port, and what has been learnt of who answers there.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use reqwest::Url;

use super::super::check::RequestError;

/// One connection that the target closes for so many that it keeps is no habit.
const SELDOM: u32 = 8;

/// Scheme, host and port.
#[derive(Debug)]
pub(super) struct Origin {
    /// As requests write it.
    pub(super) text: String,
    pub(super) tls: bool,
    /// The host's name or address, an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// The value of `Host`.
    pub(super) authority: String,
    pub(super) habits: Habits,
}

/// What has been learnt of an origin.
#[derive(Debug, Default)]
pub(super) struct Habits {
    speaks_http2: AtomicBool,
    /// How often a kept connection served again.
    kept: AtomicU32,
    /// How often one was closed without a word.
    closed: AtomicU32,
}

impl Origin {
    /// Reads scheme and authority of a URL.
    ///
    /// # Errors
    /// They aren't those of an `http` or `https` URL.
    pub(super) fn read(text: &str) -> Result<Self, RequestError> {
        let url = Url::parse(text).map_err(|error| RequestError::Url(error.to_string()))?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(RequestError::Url("it has no host".to_owned()));
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(RequestError::Url("its scheme is neither http nor https".to_owned()));
        }
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Ok(Self {
            text: text.to_owned(),
            tls: url.scheme() == "https",
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port,
            authority,
            habits: Habits::default(),
        })
    }
}

impl Habits {
    pub(super) fn speaks_http2(&self) -> bool {
        self.speaks_http2.load(Ordering::Relaxed)
    }

    pub(super) fn note_http2(&self) {
        self.speaks_http2.store(true, Ordering::Relaxed);
    }

    pub(super) fn note_kept(&self) {
        // Enough is enough, and a counter that nobody writes to any more is shared for free.
        if self.kept.load(Ordering::Relaxed) < u32::from(u16::MAX) {
            self.kept.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn note_closed(&self) {
        self.closed.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether nothing shows yet that connections are kept.
    pub(super) fn is_unknown(&self) -> bool {
        self.kept.load(Ordering::Relaxed) == 0
    }

    /// Whether connections are worth keeping: a target that closes each of them without a word would else get one request
    /// after the other on its way to a closed one.
    pub(super) fn keeps(&self) -> bool {
        let closed = self.closed.load(Ordering::Relaxed);
        closed == 0 || closed.saturating_mul(SELDOM) <= self.kept.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_from_scheme_and_authority() {
        for (text, expected) in [
            ("http://h", (false, "h", 80, "h")),
            ("https://EXAMPLE.com:443", (true, "example.com", 443, "example.com")),
            ("http://127.0.0.1:8080", (false, "127.0.0.1", 8080, "127.0.0.1:8080")),
            ("https://[::1]:8", (true, "::1", 8, "[::1]:8")),
        ] {
            let origin = Origin::read(text).unwrap();
            assert_eq!((origin.tls, &*origin.host, origin.port, &*origin.authority), expected);
        }
        for text in ["http://", "ftp://h", "http://h:99999", "http://a b", "x"] {
            assert!(matches!(Origin::read(text), Err(RequestError::Url(_))), "{text}");
        }
    }

    #[test]
    fn connections_are_kept_unless_the_target_closes_them_by_habit() {
        let habits = Habits::default();
        assert!(habits.keeps() && habits.is_unknown());
        habits.note_closed();
        assert!(!habits.keeps());
        (0..8).for_each(|_| habits.note_kept());
        assert!(habits.keeps() && !habits.is_unknown());
        habits.note_closed();
        assert!(!habits.keeps());
    }
}
