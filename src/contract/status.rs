//! Which statuses a response is documented for.

use std::fmt;

/// The key of a documented response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentedStatus {
    /// One status.
    Exact(u16),
    /// All statuses that begin with a digit: `4XX`.
    Range(u16),
    /// All that nothing else is documented for.
    Default,
}

impl DocumentedStatus {
    /// The status that a key of `responses` names.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        if key == "default" {
            return Some(Self::Default);
        }
        let (digit, rest) = key.split_at_checked(1)?;
        let class = digit.parse().ok().filter(|class| (1..=5).contains(class))?;
        match rest {
            "XX" | "xx" => Some(Self::Range(class)),
            _ if key.len() == 3 && key.bytes().all(|byte| byte.is_ascii_digit()) => key.parse().ok().map(Self::Exact),
            _ => None,
        }
    }

    /// Whether all of its statuses are successes.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Exact(200..300) | Self::Range(2))
    }

    /// Whether what has it is read as a refusal: all that nothing is documented for is.
    #[must_use]
    pub fn is_refusal(self) -> bool {
        matches!(self, Self::Exact(400..) | Self::Range(4..) | Self::Default)
    }
}

impl fmt::Display for DocumentedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(status) => write!(f, "{status}"),
            Self::Range(class) => write!(f, "{class}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_a_status_a_range_or_all_others() {
        for (key, status) in [
            ("200", DocumentedStatus::Exact(200)),
            ("4XX", DocumentedStatus::Range(4)),
            ("default", DocumentedStatus::Default),
        ] {
            assert_eq!(DocumentedStatus::parse(key), Some(status));
            assert_eq!(status.to_string(), key);
        }
        for key in ["", "20", "2000", "600", "0XX", "4X", "+20", "Default", "é"] {
            assert_eq!(DocumentedStatus::parse(key), None, "{key}");
        }
    }
}
