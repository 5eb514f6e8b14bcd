//! The one-line forms: what a person writes first, with numbers and amounts as text. They are made of the same
//! commands and queries as everything else.

use std::ffi::c_char;

use super::error::qenex_error;
use super::guard;
use super::handle;
use super::library::new_id;
use super::lifecycle::qenex_session;
use super::memory::{self, Out, set_if_wanted};
use super::record::{qenex_id, qenex_result, qenex_status};
use super::text::{OutText, value_at};
use crate::base::amount::Amount;
use crate::base::currency;
use crate::base::error::{Error, Result, quoted};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::engine::command::{CommandList, Item};
use crate::engine::{ExecuteOptions, Session};
use crate::ledger::account::AccountKind;
use crate::ledger::asset::{Asset, AssetKind};
use crate::ledger::command::{
    AccountOpen, AccountRef, AssetCreate, Command, Details, EntityCreate, Transfer, UserData,
};
use crate::ledger::outcome::Outcome;

/// Opens a customer's account (a liability of the bank) that is known by number, such as "ACC001", and holds
/// currency, such as "USD". What it needs and the file lacks is created: the currency, and a legal entity 1 named
/// "default" whose business date follows the clock. An account that has this number already is left as it is. *out_id,
/// which may be NULL, receives the account's id. Otherwise as qenex_accounts_open. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_open_simple(
    session: *mut qenex_session,
    number: *const c_char,
    number_len: usize,
    currency: *const c_char,
    currency_len: usize,
    out_id: *mut qenex_id,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        set_if_wanted(out_id, qenex_id::default());
        let session = handle::get(session, "session")?;
        let number = memory::text(number, number_len, "number")?;
        let currency = memory::text(currency, currency_len, "currency")?;
        let id = open_account(&session.session, number, currency)?;
        set_if_wanted(out_id, id.into());
        Ok(Status::OK)
    })
}

/// Pays amount, such as "100.00", in currency, such as "USD", from one account to another, both named by number:
/// the first is debited, the second credited. id is the payment's idempotency key: with the same id a payment
/// happens once however often it is repeated. With NULL an id is made here, and repeating the call pays again.
/// *out_result may be NULL. QENEX_SOME_REFUSED: the result says why. Otherwise as qenex_transfers_create. Any
/// thread. Stable.
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
        let id = if id.is_null() {
            new_id()?
        } else {
            value_at(id, "id")?.into()
        };
        let from = memory::text(from, from_len, "from")?;
        let to = memory::text(to, to_len, "to")?;
        let amount = memory::text(amount, amount_len, "amount")?;
        let asset =
            session
                .session
                .asset_by_code(memory::text(currency, currency_len, "currency")?)?;
        let command = Command::Transfer(Transfer {
            id,
            debit: AccountRef::Number(from),
            credit: AccountRef::Number(to),
            asset: asset.number,
            amount: Amount::parse(amount, asset.scale)?,
            transaction: Id::NONE,
            code: 0,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details::default(),
        });
        let outcome = execute(&session.session, command)?;
        set_if_wanted(out_result, (&outcome).into());
        Ok(if outcome.status.is_ok() {
            Status::OK
        } else {
            Status::SOME_REFUSED
        })
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
        let asset =
            session
                .session
                .asset_by_code(memory::text(currency, currency_len, "currency")?)?;
        let answer = session
            .session
            .balance(&AccountRef::Number(number), asset.number)?;
        out.set(&Amount::from(super::query::balance_record(&answer).balance).format(asset.scale))
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

fn open_account(session: &Session, number: &str, code: &str) -> Result<Id> {
    if number.is_empty() {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            "number is empty: give the account's number",
        ));
    }
    let asset = asset(session, code)?;
    if session.entity(1).is_err() {
        let entity = EntityCreate {
            // The same in every file: two callers that create it at the same time create it once.
            id: Id::from_u128(1),
            name: "default",
            functional_currency: asset.number,
            time_zone: "",
            business_date: Date::from_days(0),
            follows_clock: true,
        };
        applied(
            execute(session, Command::EntityCreate(entity))?,
            "creating entity 1",
        )?;
    }
    if let Some(id) = existing(session, number)? {
        return Ok(id);
    }
    let id = new_id()?;
    let account = AccountOpen {
        id,
        entity: 1,
        kind: AccountKind::Liability,
        asset: asset.number,
        parent: Id::NONE,
        flags: 0,
        number_type: "account",
        number,
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: UserData::default(),
    };
    let outcome = execute(session, Command::AccountOpen(account))?;
    if outcome.status == Status::NUMBER_TAKEN
        && let Some(id) = existing(session, number)?
    {
        return Ok(id);
    }
    applied(outcome, &format!("opening account {}", quoted(number)))?;
    Ok(id)
}

fn existing(session: &Session, number: &str) -> Result<Option<Id>> {
    match session.account(&AccountRef::Number(number)) {
        Ok(account) => Ok(Some(account.id)),
        Err(error) if error.status() == Status::NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

/// The asset with a code, created if it is a currency of ISO 4217.
fn asset(session: &Session, code: &str) -> Result<Asset> {
    if let Ok(asset) = session.asset_by_code(code) {
        return Ok(asset);
    }
    let Some(found) = currency::find(code) else {
        let message = format!(
            "{} is neither an asset of this file nor in ISO 4217",
            quoted(code)
        );
        return Err(Error::new(Status::UNKNOWN_CURRENCY, message));
    };
    let command = AssetCreate {
        code: found.code,
        scale: found.scale,
        kind: AssetKind::Currency,
        wide: false,
    };
    applied(
        execute(session, Command::AssetCreate(command))?,
        &format!("creating {code}"),
    )?;
    session.asset_by_code(code)
}

fn execute(session: &Session, command: Command<'_>) -> Result<Outcome> {
    let mut outcomes = Vec::with_capacity(1);
    session.execute(
        &One(Item::from(command)),
        &ExecuteOptions::default(),
        &mut outcomes,
    )?;
    let missing = || {
        Error::new(
            Status::INTERNAL,
            "a command was executed and has no outcome",
        )
    };
    outcomes.pop().ok_or_else(missing)
}

/// A batch of one command.
struct One<'a>(Item<'a>);

impl CommandList for One<'_> {
    fn len(&self) -> usize {
        1
    }

    fn item(&self, _: usize) -> std::result::Result<Item<'_>, Status> {
        Ok(self.0.clone())
    }

    fn key(&self, _: usize) -> Id {
        self.0.command.key()
    }
}

/// Makes a refusal of what the call needs an error of the call.
fn applied(outcome: Outcome, what: &str) -> Result<()> {
    if outcome.status.is_ok() {
        return Ok(());
    }
    let message = format!(
        "{what}: {} ({})",
        outcome.status.explanation(),
        outcome.status.name()
    );
    Err(Error::new(Status::INVALID_ARGUMENT, message))
}
