//! What the library says about itself, ids, and the table of currencies. No engine is needed for any of it.

use std::ffi::c_char;

use once_cell::sync::Lazy;
use parking_lot::Mutex;

use super::error::qenex_error;
use super::guard;
use super::memory::{self, Out};
use super::record::{qenex_currency, qenex_id, qenex_status, qenex_time};
use super::text::{OutText, value_at};
use crate::base::constants::{ABI_VERSION, currency as flags};
use crate::base::currency::{self, Currency};
use crate::base::error::{Error, Result};
use crate::base::id::{Id, Uuid7Generator, os_seed};
use crate::base::status::Status;
use crate::base::time::{Clock, SystemClock, Timestamp};

/// What qenex_has_feature knows.
const FEATURES: &[&str] = &["ledger", "host_records", "completion_queue"];

/// Version of the library, such as "0.1.0". Ends with NUL, lives as long as the library. Any thread, callbacks
/// too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Version of the binary interface. A program that was built with another QENEX_ABI_VERSION must not go on: it
/// would misread records. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_abi_version() -> u32 {
    ABI_VERSION
}

/// 1 if this build has the feature, 0 if not or if the name is unknown. Names: "ledger", "host_records",
/// "completion_queue". Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_has_feature(name: *const c_char, name_len: usize) -> i32 {
    guard::value(0, || {
        Ok(i32::from(
            FEATURES.contains(&memory::text(name, name_len, "name")?),
        ))
    })
}

static IDS: Lazy<Mutex<Option<Uuid7Generator>>> = Lazy::new(|| Mutex::new(None));

/// Makes a new id: a UUID of version 7, greater than every one made before in this process. Ids in the order of
/// time keep the index of keys small; any other 128 bits are accepted as well. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_id_new(
    out_id: *mut qenex_id,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_id, qenex_id::default(), "out_id")?;
        out.set(new_id()?.into());
        Ok(Status::OK)
    })
}

/// A new id of this process.
pub(super) fn new_id() -> Result<Id> {
    static PROCESS: Mutex<u32> = Mutex::new(0);
    let mut ids = IDS.lock();
    let mut process = PROCESS.lock();
    // A fork must not go on with its parent's random numbers.
    if *process != std::process::id() {
        *ids = None;
        *process = std::process::id();
    }
    let generator = match &mut *ids {
        Some(generator) => generator,
        none => none.insert(Uuid7Generator::new(os_seed()?)),
    };
    Ok(generator.next(SystemClock.now()))
}

/// Reads an id: 32 hexadecimal digits, plain or as 8-4-4-4-12. Error: QENEX_INVALID_ARGUMENT. Any thread, callbacks
/// too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_id_parse(
    text: *const c_char,
    text_len: usize,
    out_id: *mut qenex_id,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_id, qenex_id::default(), "out_id")?;
        out.set(Id::parse(memory::text(text, text_len, "text")?)?.into());
        Ok(Status::OK)
    })
}

/// Writes an id as a UUID in lower case: 36 bytes and NUL. buffer_size and out_len as in qenex_amount_format. Any
/// thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_id_format(
    id: *const qenex_id,
    buffer: *mut c_char,
    buffer_size: usize,
    out_len: *mut usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = OutText::new(buffer, buffer_size, out_len)?;
        out.set(&Id::from(value_at(id, "id")?).format())
    })
}

/// The time of the system's clock, in microseconds since 1970. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_time_now() -> qenex_time {
    guard::value(0, || Ok(SystemClock.now().micros()))
}

/// Reads a time: "2024-01-31T12:00:00Z", with up to six decimals of the second. Error: QENEX_INVALID_DATE. Any
/// thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_time_parse(
    text: *const c_char,
    text_len: usize,
    out_time: *mut qenex_time,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_time, 0, "out_time")?;
        out.set(Timestamp::parse(memory::text(text, text_len, "text")?)?.micros());
        Ok(Status::OK)
    })
}

/// Writes a time as "2024-01-31T12:00:00.000000Z". Error: QENEX_INVALID_DATE when it lies outside the years 1 to
/// 9999. buffer_size and out_len as in qenex_amount_format. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_time_format(
    time: qenex_time,
    buffer: *mut c_char,
    buffer_size: usize,
    out_len: *mut usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = OutText::new(buffer, buffer_size, out_len)?;
        out.set(&Timestamp::checked(time)?.format())
    })
}

/// Finds a currency of ISO 4217, active or withdrawn, by its three capital letters. The engine knows an asset only
/// after it was created: see qenex_assets_create. Error: QENEX_UNKNOWN_CURRENCY. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_currency_by_code(
    code: *const c_char,
    code_len: usize,
    out_currency: *mut qenex_currency,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_currency, qenex_currency::default(), "out_currency")?;
        let code = memory::text(code, code_len, "code")?;
        out.set(currency_record(
            currency::find(code).ok_or_else(|| unknown(crate::base::error::quoted(code)))?,
        ));
        Ok(Status::OK)
    })
}

/// Finds a currency of ISO 4217 by its number: the active one, else the one withdrawn last. Error:
/// QENEX_UNKNOWN_CURRENCY. Any thread, callbacks too. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_currency_by_number(
    number: u32,
    out_currency: *mut qenex_currency,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::pure(out_error, || {
        let out = Out::new(out_currency, qenex_currency::default(), "out_currency")?;
        let found = u16::try_from(number).ok().and_then(currency::find_number);
        out.set(currency_record(
            found.ok_or_else(|| unknown(format!("number {number}")))?,
        ));
        Ok(Status::OK)
    })
}

fn unknown(what: String) -> Error {
    let message =
        format!("{what} is not in ISO 4217: codes are three capital letters, as in 'EUR'");
    Error::new(Status::UNKNOWN_CURRENCY, message)
}

fn currency_record(found: &Currency) -> qenex_currency {
    let mut record = qenex_currency {
        number: u32::from(found.number),
        scale: u32::from(found.scale),
        ..Default::default()
    };
    // The last byte of each stays NUL.
    for (to, from) in record.code.iter_mut().take(7).zip(found.code.bytes()) {
        *to = from as c_char;
    }
    for (to, from) in record.name.iter_mut().take(95).zip(found.name.bytes()) {
        *to = from as c_char;
    }
    if found.is_active() {
        record.flags |= flags::ACTIVE;
    }
    if found.fund {
        record.flags |= flags::FUND;
    }
    record
}
