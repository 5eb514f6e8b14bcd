//! The one-line forms: what a person writes first, with numbers and amounts as text.

use std::ffi::c_char;

use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, Out, set_if_wanted};
use super::record::{qenex_id, qenex_result, qenex_status};
use super::text::{OutText, value_at};
use crate::base::status::Status;
use crate::ledger::outcome::Outcome;

/// Opens a customer's account (a liability of the bank that cannot be overdrawn) known by number, such as "ACC001",
/// in currency, such as "USD", with an opening balance, such as "250.00", unless that is empty. What it needs and
/// the file lacks is created with it: the currency, a legal entity, the account that opening balances come from.
/// *out_result may be NULL; its id is the account's. QENEX_SOME_REFUSED with QENEX_NUMBER_TAKEN in the result: there
/// is such an account already. Errors: QENEX_UNKNOWN_CURRENCY, QENEX_INVALID_AMOUNT_TEXT. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_open_simple(
    session: *mut qenex_session,
    number: *const c_char,
    number_len: usize,
    currency: *const c_char,
    currency_len: usize,
    opening_balance: *const c_char,
    opening_balance_len: usize,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        set_if_wanted(out_result, qenex_result::default());
        let session = handle::get(session, "session")?;
        let number = memory::text(number, number_len, "number")?;
        let currency = memory::text(currency, currency_len, "currency")?;
        let opening = memory::text(opening_balance, opening_balance_len, "opening_balance")?;
        let outcome = session.session.open_account(number, currency, opening)?;
        Ok(tell(&outcome, out_result))
    })
}

/// Pays amount, such as "100.00", in currency, such as "USD", from one account to another, both named by number:
/// the first is debited, the second credited. id is the payment's idempotency key: with the same id a payment
/// happens once however often the call is repeated. With NULL an id is made here, and repeating the call pays again.
/// *out_result may be NULL. QENEX_SOME_REFUSED: the result says why. Errors: QENEX_UNKNOWN_CURRENCY,
/// QENEX_INVALID_AMOUNT_TEXT. Durable when it returns. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfer_simple(
    session: *mut qenex_session,
    id: *const qenex_id,
    from: *const c_char,
    from_len: usize,
    to: *const c_char,
    to_len: usize,
    amount: *const c_char,
    amount_len: usize,
    currency: *const c_char,
    currency_len: usize,
    out_result: *mut qenex_result,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        set_if_wanted(out_result, qenex_result::default());
        let session = handle::get(session, "session")?;
        let from = memory::text(from, from_len, "from")?;
        let to = memory::text(to, to_len, "to")?;
        let amount = memory::text(amount, amount_len, "amount")?;
        let currency = memory::text(currency, currency_len, "currency")?;
        let outcome = if id.is_null() {
            session.session.pay(from, to, amount, currency)?
        } else {
            session
                .session
                .pay_once(value_at(id, "id")?.into(), from, to, amount, currency)?
        };
        Ok(tell(&outcome, out_result))
    })
}

/// Writes the balance of an account, named by number, in currency as text, such as "100.00" or "-0.05", on the
/// account's normal side: what the bank owes a customer is positive. buffer_size and out_len as in
/// qenex_amount_format. Errors: QENEX_NOT_FOUND, QENEX_UNKNOWN_CURRENCY. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_balance_text(
    session: *mut qenex_session,
    number: *const c_char,
    number_len: usize,
    currency: *const c_char,
    currency_len: usize,
    buffer: *mut c_char,
    buffer_size: usize,
    out_len: *mut usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = OutText::new(buffer, buffer_size, out_len)?;
        let session = handle::get(session, "session")?;
        let number = memory::text(number, number_len, "number")?;
        let currency = memory::text(currency, currency_len, "currency")?;
        out.set(&session.session.balance_text(number, currency)?)
    })
}

/// Looks a number of an asset up by its code, such as "USD", among the assets of the file. Error:
/// QENEX_UNKNOWN_CURRENCY. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_asset_number(
    session: *mut qenex_session,
    code: *const c_char,
    code_len: usize,
    out_number: *mut u32,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_number, 0, "out_number")?;
        let session = handle::get(session, "session")?;
        out.set(
            session
                .session
                .asset_by_code(memory::text(code, code_len, "code")?)?
                .number,
        );
        Ok(Status::OK)
    })
}

/// Gives the outcome of one command to the host.
pub(super) fn tell(outcome: &Outcome, out_result: *mut qenex_result) -> Status {
    set_if_wanted(out_result, outcome.into());
    if outcome.status.is_ok() {
        Status::OK
    } else {
        Status::SOME_REFUSED
    }
}
