//! What can go wrong in a key index, in the words of its caller. Every message names the table, page or run and
//! says what to do; a key index is a cache, so the answer to damage is always "clear it and rebuild it".

use std::fmt;

use crate::base::Status;

/// A failure of the index: the status for the host and a message for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The status that the host sees.
    pub status: Status,
    /// What happened, to which page or run, and what to do.
    pub message: String,
}

/// The result of every fallible call of the index.
pub type Result<T> = std::result::Result<T, Error>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<Error> for crate::base::Error {
    fn from(error: Error) -> Self {
        crate::base::Error::new(error.status, error.message)
    }
}

/// SQLite answered with an error while `doing`.
pub(super) fn sqlite(doing: &str, error: &rusqlite::Error) -> Error {
    Error {
        status: Status::IO,
        message: format!("key index: {doing}: {error}"),
    }
}

/// What was read cannot have been written by this code, or not at the snapshot that it was read from.
pub(super) fn corrupt(message: String) -> Error {
    Error {
        status: Status::CORRUPT,
        message: format!("key index: {message}"),
    }
}

/// A parameter is out of its range.
pub(super) fn invalid(message: String) -> Error {
    Error {
        status: Status::INVALID_ARGUMENT,
        message: format!("key index: {message}"),
    }
}

/// The reader's snapshot is older than the index.
pub(super) fn stale(message: String) -> Error {
    Error {
        status: Status::SNAPSHOT_TOO_OLD,
        message: format!("key index: {message}"),
    }
}
