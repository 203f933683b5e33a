//! The one place where secrets are known and masked.
