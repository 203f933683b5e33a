//! How much is kept of one run.

use super::error::ComparisonError;

/// What is left of the room for one run.
#[derive(Debug)]
pub(super) struct Room(usize);

impl Room {
    /// All of it, in MiB: a suite of two million rows with long ids has room.
    pub(super) const MEBIBYTES: usize = 256;

    /// Takes so many bytes of it.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), ComparisonError> {
        self.0 = self.0.checked_sub(bytes).ok_or(ComparisonError::Room { mebibytes: Self::MEBIBYTES })?;
        Ok(())
    }
}

impl Default for Room {
    fn default() -> Self {
        Self(Self::MEBIBYTES * 1024 * 1024)
    }
}
