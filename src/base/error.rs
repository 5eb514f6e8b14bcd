//! The error of every fallible call: a status, a message that says what happened and what to do, and where known
//! the item and SQLite's code. It is one pointer wide, so that a `Result` costs nothing while all is well.

use std::fmt;

use super::Status;

/// What every fallible function of the library returns.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong. Created where it happens; carried unchanged to the C boundary.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Detail>);

#[derive(Clone, PartialEq, Eq)]
struct Detail {
    status: Status,
    message: String,
    item: Option<u32>,
    sqlite_code: i32,
}

impl Error {
    /// An error with `status` and a message that says what happened, to what, and what to do about it.
    #[cold]
    pub fn new(status: Status, message: impl Into<String>) -> Error {
        Error(Box::new(Detail {
            status,
            message: message.into(),
            item: None,
            sqlite_code: 0,
        }))
    }

    /// Names the item of a batch, counted from 0.
    pub fn with_item(mut self, item: u32) -> Error {
        self.0.item = Some(item);
        self
    }

    /// Keeps SQLite's extended result code.
    pub fn with_sqlite_code(mut self, code: i32) -> Error {
        self.0.sqlite_code = code;
        self
    }

    /// Puts what was being done before the message, as in `"opening ledger.db: no such folder"`.
    pub fn within(mut self, what: &str) -> Error {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    pub fn status(&self) -> Status {
        self.0.status
    }

    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The item of the batch, counted from 0, when the error belongs to one.
    pub fn item(&self) -> Option<u32> {
        self.0.item
    }

    /// SQLite's extended result code, 0 when SQLite had no part in it.
    pub fn sqlite_code(&self) -> i32 {
        self.0.sqlite_code
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0.status, self.0.message)?;
        if let Some(item) = self.0.item {
            write!(formatter, " (item {item})")?;
        }
        if self.0.sqlite_code != 0 {
            write!(formatter, " (SQLite code {})", self.0.sqlite_code)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {}

/// A text from outside as it may stand in a message: in quotes, without control characters, cut after 40 characters.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .flat_map(char::escape_debug)
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    format!("'{shown}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_no_larger_than_a_pointer() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn the_text_names_status_message_item_and_sqlite_code() {
        let plain = Error::new(Status::OVERFLOW, "the sum is too large");
        assert_eq!(plain.to_string(), "QENEX_OVERFLOW: the sum is too large");
        assert_eq!((plain.item(), plain.sqlite_code()), (None, 0));

        let full = plain.within("adding").with_item(3).with_sqlite_code(13);
        assert_eq!(
            full.to_string(),
            "QENEX_OVERFLOW: adding: the sum is too large (item 3) (SQLite code 13)"
        );
        assert_eq!(
            (full.status(), full.item(), full.sqlite_code()),
            (Status::OVERFLOW, Some(3), 13)
        );
        assert_eq!(full.message(), "adding: the sum is too large");
    }

    #[test]
    fn a_quoted_text_is_short_and_printable() {
        assert_eq!(quoted("a\n\u{0}"), "'a\\n\\0'");
        assert_eq!(quoted(&"x".repeat(40)), format!("'{}'", "x".repeat(40)));
        assert_eq!(quoted(&"é".repeat(41)), format!("'{}...'", "é".repeat(40)));
    }
}
