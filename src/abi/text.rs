//! Amounts and dates as text, and sums of amounts for programs without 128-bit integers.

use std::ffi::c_char;

use super::convert;
use super::error::qenex_error;
use super::guard;
use super::memory::{self, Out, Plain, set_if_wanted};
use super::record::{qenex_amount, qenex_date, qenex_status};
use crate::base::amount::Amount;
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Date;

/// Reads an amount of an asset with scale decimals (0 to 18): an optional '-', digits, and optionally a point with
/// one to scale digits. "100.00" with scale 2 is 10000 minor units. More decimals than the scale are refused, never
/// rounded; so are commas, spaces, signs and exponents. Errors: QENEX_INVALID_AMOUNT_TEXT, QENEX_OVERFLOW. Any
/// thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_amount_parse(
    text: *const c_char,
    text_len: usize,
    scale: u32,
    out_amount: *mut qenex_amount,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_amount, qenex_amount::default(), "out_amount")?;
        let text = memory::text(text, text_len, "text")?;
        out.set(Amount::parse(text, checked_scale(scale)?)?.minor().into());
        Ok(Status::OK)
    })
}

/// Writes an amount with exactly scale decimals (0 to 18), ending with NUL: 42 bytes are enough for any. *out_len,
/// which may be NULL, receives the bytes without the NUL. QENEX_BUFFER_TOO_SMALL: buffer_size is not greater than
/// *out_len; nothing was written. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_amount_format(
    amount: *const qenex_amount,
    scale: u32,
    buffer: *mut c_char,
    buffer_size: usize,
    out_len: *mut usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = OutText::new(buffer, buffer_size, out_len)?;
        let amount = Amount::from(value_at(amount, "amount")?);
        out.set(&amount.format(checked_scale(scale)?))
    })
}

/// *out_sum = *a + *b; out_sum may be a or b. Error: QENEX_OVERFLOW, with *out_sum as it was. Any thread, callbacks
/// too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_amount_add(
    a: *const qenex_amount,
    b: *const qenex_amount,
    out_sum: *mut qenex_amount,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    arithmetic(a, b, out_sum, out_error, Amount::checked_add)
}

/// *out_difference = *a - *b; out_difference may be a or b. Error: QENEX_OVERFLOW, with *out_difference as it was.
/// Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_amount_subtract(
    a: *const qenex_amount,
    b: *const qenex_amount,
    out_difference: *mut qenex_amount,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    arithmetic(a, b, out_difference, out_error, Amount::checked_sub)
}

/// -1, 0 or 1: *a is less than, equal to, or greater than *b. NULL counts as zero. Any thread, callbacks too.
/// Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_amount_compare(a: *const qenex_amount, b: *const qenex_amount) -> i32 {
    guard::value(0, || {
        let minor = |at: *const qenex_amount| value_at(at, "amount").unwrap_or_default().minor();
        Ok(minor(a).cmp(&minor(b)) as i32)
    })
}

/// Reads a date written YYYY-MM-DD. Error: QENEX_INVALID_DATE. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_date_parse(
    text: *const c_char,
    text_len: usize,
    out_date: *mut qenex_date,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_date, 0, "out_date")?;
        out.set(convert::date_number(Date::parse(memory::text(
            text, text_len, "text",
        )?)?));
        Ok(Status::OK)
    })
}

/// Writes a date as YYYY-MM-DD: 10 bytes and NUL. Error: QENEX_INVALID_DATE. buffer_size and out_len as in
/// qenex_amount_format. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_date_format(
    date: qenex_date,
    buffer: *mut c_char,
    buffer_size: usize,
    out_len: *mut usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = OutText::new(buffer, buffer_size, out_len)?;
        out.set(&checked_date(date)?.format())
    })
}

/// *out_date = date plus days, which may be negative. Error: QENEX_INVALID_DATE, also when the result leaves the
/// years 1 to 9999. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_date_add_days(
    date: qenex_date,
    days: i32,
    out_date: *mut qenex_date,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_date, 0, "out_date")?;
        out.set(convert::date_number(
            checked_date(date)?.add_days(i64::from(days))?,
        ));
        Ok(Status::OK)
    })
}

/// The host's buffer for a text.
pub(super) struct OutText {
    buffer: *mut c_char,
    size: usize,
    length: *mut usize,
}

impl OutText {
    pub(super) fn new(buffer: *mut c_char, size: usize, length: *mut usize) -> Result<OutText> {
        set_if_wanted(length, 0);
        if buffer.is_null() && size != 0 {
            return Err(memory::null("buffer"));
        }
        let out = OutText {
            buffer,
            size,
            length,
        };
        out.write(&[0]);
        Ok(out)
    }

    /// Writes the text and its NUL, or says how long it is.
    pub(super) fn set(&self, text: &str) -> Result<Status> {
        set_if_wanted(self.length, text.len());
        if text.len() >= self.size {
            let message = format!(
                "buffer_size is {}; the text needs {} bytes and a NUL",
                self.size,
                text.len()
            );
            return Err(Error::new(Status::BUFFER_TOO_SMALL, message));
        }
        let mut terminated = Vec::with_capacity(text.len() + 1);
        terminated.extend_from_slice(text.as_bytes());
        terminated.push(0);
        self.write(&terminated);
        Ok(Status::OK)
    }

    fn write(&self, bytes: &[u8]) {
        if bytes.len() <= self.size {
            memory::copy_out(self.buffer.cast(), bytes);
        }
    }
}

/// The value that a pointer of the host's points to.
pub(super) fn value_at<T: Plain>(pointer: *const T, name: &str) -> Result<T> {
    let bytes = memory::bytes(pointer.cast(), size_of::<T>(), size_of::<T>(), name)?;
    Ok(memory::read(bytes))
}

pub(super) fn checked_scale(scale: u32) -> Result<u8> {
    match u8::try_from(scale) {
        Ok(scale) if scale <= 18 => Ok(scale),
        _ => Err(Error::new(
            Status::INVALID_ARGUMENT,
            format!("scale is {scale}; it must be 0 to 18"),
        )),
    }
}

/// The date of a number that must be one.
pub(super) fn checked_date(date: qenex_date) -> Result<Date> {
    match convert::date(date) {
        Ok(Some(date)) => Ok(date),
        _ => {
            let message = format!("{date} is not a date: write YYYYMMDD, as in 20261122");
            Err(Error::new(Status::INVALID_DATE, message))
        }
    }
}

fn arithmetic(
    a: *const qenex_amount,
    b: *const qenex_amount,
    out: *mut qenex_amount,
    out_error: *mut *mut qenex_error,
    operation: impl FnOnce(Amount, Amount) -> Result<Amount>,
) -> qenex_status {
    guard::pure(out_error, || {
        let (a, b) = (value_at(a, "a")?, value_at(b, "b")?);
        // The result may be a or b: it is not touched before it is known.
        let result = operation(a.into(), b.into())?;
        Out::new(out, result.minor().into(), "the result's pointer")?;
        Ok(Status::OK)
    })
}
