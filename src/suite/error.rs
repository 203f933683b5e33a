//! Why something can't be rendered.

use crate::secret::{SecretError, TooManyMade};

/// Why a template or a request can't be rendered; lower-case fragments. Harness trouble, never the target's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A template failed.
    #[error("the template `{text}` fails: {cause}")]
    Template {
        /// As written.
        text: String,
        /// A lower-case fragment.
        cause: String,
    },
    /// More than a render may produce.
    #[error("a template gives more than 4 MiB")]
    TooLarge,
    /// A mandatory variable or secret that isn't given.
    #[error("the {kind} `{name}` is not given")]
    Missing {
        /// `variable` or `secret`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A secret that isn't given, nor what it is obtained with.
    #[error("the secret `{name}` is not given, and neither is `{needs}`, with which it is obtained")]
    NotObtainable {
        /// Its name.
        name: String,
        /// The first variable or secret that is missing.
        needs: String,
    },
    /// A variable or secret that the suite doesn't have.
    #[error("the suite has no {kind} `{name}`")]
    UnknownName {
        /// `variable` or `secret`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// An answer that a limit of ours keeps from being judged, for this reason.
    #[error("its answer isn't judged: {0}")]
    Unjudged(String),
    /// A request that can't be sent as it is written.
    #[error("{0}")]
    Unsendable(String),
    /// The run was stopped, for this reason, before there was an answer.
    #[error("the run was stopped: {0}")]
    Stopped(String),
    /// What an answer has that is a secret can't be masked.
    #[error("what an answer has can't be kept secret: {0}")]
    Unmasked(#[from] SecretError),
    /// An answer has no secret where the suite says that one is.
    #[error("the answer has nothing at {0}, which is declared secret")]
    NoSecret(String),
    /// More is made of secrets than can be masked.
    #[error(transparent)]
    TooManyMade(#[from] TooManyMade),
}

impl RenderError {
    pub(super) fn unsendable(message: impl Into<String>) -> Self {
        Self::Unsendable(message.into())
    }
}
