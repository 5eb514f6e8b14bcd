//! The variable parts of records: one block of bytes beside the array, into which records point by offset and
//! length. Every range is checked before it is used; texts are checked to be UTF-8, once for the whole arena where
//! it is text throughout, as it mostly is.

use super::memory;
use super::record::qenex_text;
use crate::base::error::{Error, Result};
use crate::base::status::Status;

/// An arena that the host passed in.
#[derive(Clone, Copy)]
pub(super) struct Arena<'a> {
    bytes: &'a [u8],
    /// The whole arena, if it is UTF-8 throughout.
    text: Option<&'a str>,
}

impl<'a> Arena<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Arena<'a> {
        Arena {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
        }
    }

    /// The arena whose kind is known from an earlier [`Arena::new`].
    pub(super) fn of_text(text: &'a str) -> Arena<'a> {
        Arena {
            bytes: text.as_bytes(),
            text: Some(text),
        }
    }

    /// The arena that was not text throughout.
    pub(super) fn of_bytes(bytes: &'a [u8]) -> Arena<'a> {
        Arena { bytes, text: None }
    }

    /// The whole arena, if it is UTF-8 throughout.
    pub(super) fn whole_text(&self) -> Option<&'a str> {
        self.text
    }

    /// All bytes.
    pub(super) fn all(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes of a range.
    #[inline]
    pub(super) fn bytes(&self, at: qenex_text) -> Option<&'a [u8]> {
        let start = at.offset as usize;
        self.bytes
            .get(start..start.checked_add(at.length as usize)?)
    }

    /// The text of a range.
    #[inline]
    pub(super) fn text(&self, at: qenex_text) -> Option<&'a str> {
        let start = at.offset as usize;
        let range = start..start.checked_add(at.length as usize)?;
        match self.text {
            Some(text) => text.get(range),
            None => std::str::from_utf8(self.bytes.get(range)?).ok(),
        }
    }

    /// Refuses a range outside the arena.
    #[inline]
    pub(super) fn check_bytes(&self, at: qenex_text, name: &str) -> Result<()> {
        match self.bytes(at) {
            Some(_) => Ok(()),
            None => Err(self.outside(at, name)),
        }
    }

    /// Refuses a range outside the arena, and one that is not UTF-8.
    #[inline]
    pub(super) fn check_text(&self, at: qenex_text, name: &str) -> Result<()> {
        if self.text(at).is_some() {
            return Ok(());
        }
        match self.bytes(at) {
            Some(bytes) => memory::utf8(bytes, name).map(drop),
            None => Err(self.outside(at, name)),
        }
    }

    #[cold]
    fn outside(&self, at: qenex_text, name: &str) -> Error {
        let message = format!(
            "{name}: offset {} and length {} reach outside the arena of {} bytes",
            at.offset,
            at.length,
            self.bytes.len()
        );
        Error::new(Status::ARENA_RANGE, message)
    }
}
