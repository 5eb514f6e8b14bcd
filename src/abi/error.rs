//! Errors and statuses as the host reads them.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char};
use std::ptr::null;

use once_cell::sync::Lazy;

use super::guard;
use super::handle;
use super::memory::set_if_wanted;
use super::record::qenex_status;
use crate::base::error::Error;
use crate::base::status::Status;

/// What went wrong in a call that returned a negative status. Owned by the caller: read it, then free it.
pub struct qenex_error {
    error: Error,
    message: CString,
}

impl qenex_error {
    pub(super) fn new(error: Error) -> qenex_error {
        let message = terminated(error.message());
        qenex_error { error, message }
    }

    #[cfg(test)]
    pub(super) fn status(&self) -> i32 {
        self.error.status().code()
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        self.error.message()
    }
}

/// The text with a NUL after it; a NUL within would cut it, so it is shown as a space.
pub(super) fn terminated(text: &str) -> CString {
    CString::new(text.replace('\0', " ")).unwrap_or_default()
}

struct StatusTexts {
    name: CString,
    explanation: CString,
}

static STATUSES: Lazy<BTreeMap<i32, StatusTexts>> = Lazy::new(|| {
    let texts = |status: &Status| StatusTexts {
        name: terminated(status.name()),
        explanation: terminated(status.explanation()),
    };
    Status::ALL
        .iter()
        .map(|status| (status.code(), texts(status)))
        .collect()
});

/// The name of a status, such as "QENEX_NULL_POINTER"; "QENEX_UNKNOWN_STATUS" for a number that is none. Ends with
/// NUL, lives as long as the library. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_status_name(status: qenex_status) -> *const c_char {
    guard::value(c"QENEX_UNKNOWN_STATUS".as_ptr(), || {
        Ok(STATUSES
            .get(&status)
            .map_or(c"QENEX_UNKNOWN_STATUS".as_ptr(), |texts| {
                texts.name.as_ptr()
            }))
    })
}

/// What a status means and what to do about it, as this header says it. Ends with NUL, lives as long as the
/// library. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_status_explanation(status: qenex_status) -> *const c_char {
    const UNKNOWN: &std::ffi::CStr = c"The number is not in this version's table.";
    guard::value(UNKNOWN.as_ptr(), || {
        Ok(STATUSES
            .get(&status)
            .map_or(UNKNOWN.as_ptr(), |texts| texts.explanation.as_ptr()))
    })
}

/// The status of an error; QENEX_OK for NULL, QENEX_INVALID_HANDLE for one that was freed. Any thread, callbacks
/// too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_error_status(error: *const qenex_error) -> qenex_status {
    if error.is_null() {
        return Status::OK.code();
    }
    guard::value(Status::INVALID_HANDLE.code(), || {
        Ok(handle::get(error, "error")?.error.status().code())
    })
}

/// The message of an error: what happened, to what, and what to do. UTF-8, ends with NUL, lives until
/// qenex_error_free; NULL for NULL and for an error that was freed. out_len may be NULL; it receives the bytes
/// without the NUL. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_error_message(
    error: *const qenex_error,
    out_len: *mut usize,
) -> *const c_char {
    set_if_wanted(out_len, 0);
    guard::value(null(), || {
        let error = handle::get(error, "error")?;
        set_if_wanted(out_len, error.message.as_bytes().len());
        Ok(error.message.as_ptr())
    })
}

/// Index of the item that the error belongs to, counted from 0; -1: to none. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_error_item(error: *const qenex_error) -> i64 {
    guard::value(-1, || {
        Ok(handle::get(error, "error")?
            .error
            .item()
            .map_or(-1, i64::from))
    })
}

/// SQLite's extended result code; 0: SQLite had no part in the error. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_error_sqlite_code(error: *const qenex_error) -> i32 {
    guard::value(0, || Ok(handle::get(error, "error")?.error.sqlite_code()))
}

/// Frees an error; NULL and freeing twice do nothing. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_error_free(error: *mut qenex_error) {
    guard::value((), || {
        handle::take(error);
        Ok(())
    });
}
