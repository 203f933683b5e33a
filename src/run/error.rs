//! Why a run could not be made, or not be told of.

use std::path::PathBuf;

use super::login::LoginError;
use crate::snapshot::FileError;
use crate::suite::RenderError;

/// Why a run could not be made, or not be told of.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The suite's control clause isn't in its contract; loading should have said so.
    #[error("the contract has no clause `{0}`")]
    NoClause(String),
    /// A case's task panicked.
    #[error("a case's task failed: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The suite's valid request can't be made.
    #[error("suite.yaml: the valid request can't be made: {0}")]
    Unmade(#[from] RenderError),
    /// A secret can't be obtained; nothing was sent besides.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The folder of snapshots can't be read any more.
    #[error("{0}")]
    Snapshots(#[from] FileError),
    /// The ledger could not be written. Whatever could be told was told before.
    #[error("the ledger {} could not be written: {cause}", path.display())]
    Ledger {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The run was ended for want of something that this machine has too little of. Whatever could be told was told before.
    #[error("{0}; the target has no part in it: try fewer --jobs, or a higher limit (`ulimit -n`)")]
    Machine(String),
    /// The system gave no more threads or descriptors.
    #[error("no thread could be made that runs cases: {0}")]
    Worker(#[source] std::io::Error),
    /// Whoever takes the events failed.
    #[error("{0}")]
    Sink(#[from] std::io::Error),
}
