//! What can go wrong in a key index, in the words of its caller. Every message names the table, page or run and
//! says what to do; a key index is a cache, so the answer to damage is always "clear it and rebuild it".

use crate::base::{Error, Status};

/// SQLite answered with an error while `doing`.
pub(super) fn sqlite(doing: &str, error: rusqlite::Error) -> Error {
    Error::from(error).within(&format!("key index: {doing}"))
}

/// What was read cannot have been written by this code.
pub(super) fn corrupt(message: String) -> Error {
    Error::new(Status::CORRUPT, format!("key index: {message}"))
}

/// A parameter is out of its range.
pub(super) fn invalid(message: String) -> Error {
    Error::new(Status::INVALID_ARGUMENT, format!("key index: {message}"))
}

/// The reader's snapshot is older than the index.
pub(super) fn stale(message: String) -> Error {
    Error::new(Status::SNAPSHOT_TOO_OLD, format!("key index: {message}"))
}
