//! Transfers: the rules by which an amount moves from a credit account to a debit account, checked before anything
//! changes, so that a refused transfer leaves no trace and an applied one is whole.

use crate::base::card_number;
use crate::base::error::Result;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::accounts::{Account, AccountSlot};
use crate::ledger::asset::Asset;
use crate::ledger::balance::Turnovers;
use crate::ledger::command::{AccountRef, Details, Transfer};
use crate::ledger::entity::Entity;
use crate::ledger::funds::{Side, room};
use crate::ledger::outcome::Outcome;
use crate::ledger::posting::Posting;
use crate::ledger::state::{Ledger, Services};
use crate::tx::Context;

/// Flags of a transfer.
pub mod flags {
    /// Move at most the amount, and no more than keeps the debit account's debits within its credits.
    pub const BALANCING_DEBIT: u32 = 1 << 1;
    /// Move at most the amount, and no more than keeps the credit account's credits within its debits.
    pub const BALANCING_CREDIT: u32 = 1 << 2;
    /// Go beyond available funds and limits; recorded and reported.
    pub const FORCE: u32 = 1 << 3;
    /// A correction that keeps turnover net: shown as negative turnover on the same sides.
    pub const STORNO: u32 = 1 << 4;
    /// A posting of the bank's own, interest or a fee: no movement of the customer's.
    pub const BANK: u32 = 1 << 5;
    /// What a caller may set on a transfer.
    pub const CALLER: u32 = BALANCING_DEBIT | BALANCING_CREDIT | FORCE | STORNO | BANK;

    /// Set by the engine: the transfer captured a hold.
    pub const CAPTURE: u32 = 1 << 8;
    /// Set by the engine: the capture released what was left.
    pub const CAPTURE_LAST: u32 = 1 << 9;
    /// Set by the engine: the transfer reverses another one.
    pub const REVERSAL: u32 = 1 << 10;
    /// Set by the engine: a limit was exceeded by `FORCE`, or a capture took more than its hold.
    pub const FORCED: u32 = 1 << 11;
    /// Set by the engine: the recovery account paid.
    pub const RECOVERED: u32 = 1 << 12;
    /// Set by the engine: the captured hold was pending on the credit account too.
    pub const CAPTURE_CREDIT: u32 = 1 << 13;
    /// Set by the engine: the caller named the booking date.
    pub const BOOKING_DATE_GIVEN: u32 = 1 << 14;
    /// Set by the engine: the caller named the value date.
    pub const VALUE_DATE_GIVEN: u32 = 1 << 15;
    /// Set by the engine: a leg of an exchange.
    pub const EXCHANGE: u32 = 1 << 20;
    /// Set by the engine: the transfer was imported before the file went live.
    pub const IMPORTED: u32 = 1 << 21;
    /// Set by the engine: the imported transfer brought an opening balance.
    pub const OPENING: u32 = 1 << 22;
    /// Set by the engine: the gain or loss of a revaluation.
    pub const REVALUATION: u32 = 1 << 23;
    /// What tells the rows of other commands from those of plain transfers.
    pub const OTHER_COMMANDS: u32 = CAPTURE | REVERSAL | EXCHANGE | IMPORTED | REVALUATION;
}

/// Longest texts of a transfer, in bytes of UTF-8.
pub mod length {
    pub const REFERENCE: usize = 128;
    pub const NARRATIVE: usize = 1024;
    pub const METADATA: usize = 4096;
    pub const SOURCE: usize = 64;
}

/// Two located accounts and what they are to move.
pub(super) struct Parties {
    pub debit: AccountSlot,
    pub credit: AccountSlot,
    pub debit_account: Account,
    pub credit_account: Account,
    pub asset: u32,
    pub scale_wide: bool,
    pub maximum: u128,
}

/// The dates of a posting.
#[derive(Clone, Copy)]
pub(super) struct Dates {
    pub booking: Date,
    pub value: Date,
}

/// Returns the refusal of the enclosing function when a check fails.
macro_rules! refuse_unless {
    ($check:expr) => {
        match $check {
            Ok(value) => value,
            Err(status) => return Ok(Err(status)),
        }
    };
}
pub(super) use refuse_unless;

/// A refusal, or what was asked for.
pub(super) type Checked<T> = std::result::Result<T, Status>;

impl Ledger {
    /// Applies a transfer whose id is known to be new.
    pub(super) fn transfer(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        transfer: &Transfer<'_>,
    ) -> Result<Checked<Outcome>> {
        let balancing = transfer.flags & (flags::BALANCING_DEBIT | flags::BALANCING_CREDIT) != 0;
        let asked = refuse_unless!(positive(transfer.amount.minor(), balancing));
        refuse_unless!(check_details(&transfer.details));
        let parties = refuse_unless!(self.parties(
            services,
            &transfer.debit,
            &transfer.credit,
            transfer.asset
        )?);
        if asked > parties.maximum {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        }
        let dates =
            refuse_unless!(self.dates(&parties, transfer.booking_date, transfer.value_date));
        let mut amount = asked;
        let mut requested = None;
        if balancing {
            amount = self.balanced_amount(services, &parties, transfer)?;
            if amount == 0 {
                return Ok(Err(Status::BALANCING_ZERO));
            }
            requested = (amount != asked).then_some(asked);
        }
        let posting = Posting {
            id: transfer.id,
            transaction: transfer.transaction,
            code: transfer.code,
            flags: transfer.flags | given(transfer.booking_date, transfer.value_date),
            user_data: transfer.user_data,
            details: &transfer.details,
            salted: false,
            requested,
            hold: 0,
            unheld: 0,
            yielding: 0,
            reverses: 0,
            recovery: 0,
        };
        let posted = self.post(services, context, &parties, amount, dates, posting)?;
        if let Ok(outcome) = &posted
            && (transfer.booking_date.is_some() || transfer.value_date.is_some())
        {
            self.note_correction(services, context, &parties, dates, outcome.sequence);
        }
        Ok(posted)
    }

    /// Finds both accounts and the asset and checks that they may stand in one transfer.
    pub(super) fn parties(
        &mut self,
        services: &mut Services<'_>,
        debit: &AccountRef<'_>,
        credit: &AccountRef<'_>,
        asset: u32,
    ) -> Result<Checked<Parties>> {
        let Some(&Asset { wide, .. }) = self.asset(asset) else {
            return Ok(Err(Status::ASSET_UNKNOWN));
        };
        let Some(debit) = self.locate(services, debit)? else {
            return Ok(Err(Status::DEBIT_ACCOUNT_UNKNOWN));
        };
        let Some(credit) = self.locate(services, credit)? else {
            return Ok(Err(Status::CREDIT_ACCOUNT_UNKNOWN));
        };
        if debit == credit {
            return Ok(Err(Status::ACCOUNTS_EQUAL));
        }
        let debit_account = *self.account(debit)?;
        let credit_account = *self.account(credit)?;
        if debit_account.entity != credit_account.entity {
            return Ok(Err(Status::ENTITIES_DIFFER));
        }
        let allowed = |account: &Account| account.asset == 0 || account.asset == asset;
        if !allowed(&debit_account) || !allowed(&credit_account) {
            return Ok(Err(Status::ASSET_NOT_ALLOWED));
        }
        let maximum = if wide {
            i128::MAX as u128
        } else {
            i64::MAX as u128
        };
        Ok(Ok(Parties {
            debit,
            credit,
            debit_account,
            credit_account,
            asset,
            scale_wide: wide,
            maximum,
        }))
    }

    /// The booking and value dates: given ones checked, missing ones the entity's business date.
    pub(super) fn dates(
        &self,
        parties: &Parties,
        booking: Option<Date>,
        value: Option<Date>,
    ) -> Checked<Dates> {
        let Some(entity) = self.entity(parties.debit_account.entity) else {
            return Err(Status::ENTITY_UNKNOWN);
        };
        dates(entity, booking, value)
    }

    fn balanced_amount(
        &mut self,
        services: &mut Services<'_>,
        parties: &Parties,
        transfer: &Transfer<'_>,
    ) -> Result<u128> {
        let mut amount = match transfer.amount.minor() as u128 {
            0 => parties.maximum,
            asked => asked,
        };
        for (flag, side, slot) in [
            (flags::BALANCING_DEBIT, Side::Debit, parties.debit),
            (flags::BALANCING_CREDIT, Side::Credit, parties.credit),
        ] {
            if transfer.flags & flag != 0 {
                let turnovers = match self.balance_number(services.reader, slot, parties.asset)? {
                    Some(number) => self.turnovers(number),
                    None => Turnovers::default(),
                };
                amount = amount.min(room(&turnovers, side));
            }
        }
        Ok(amount)
    }
}

/// The texts of a transfer that its commitment covers, in order.
pub fn personal<'a>(details: &Details<'a>) -> [&'a [u8]; 4] {
    [
        details.end_to_end_reference,
        details.reference,
        details.narrative,
        details.metadata,
    ]
    .map(str::as_bytes)
}

/// Flags that say which dates the caller named.
pub(super) fn given(booking: Option<Date>, value: Option<Date>) -> u32 {
    let flag = |given: bool, flag| if given { flag } else { 0 };
    flag(booking.is_some(), flags::BOOKING_DATE_GIVEN)
        | flag(value.is_some(), flags::VALUE_DATE_GIVEN)
}

/// Booking and value date for a posting in `entity`.
pub(super) fn dates(entity: &Entity, booking: Option<Date>, value: Option<Date>) -> Checked<Dates> {
    let booking = booking.unwrap_or(entity.business_date);
    if !booking.is_valid() || !entity.may_book(booking) {
        return Err(Status::BOOKING_DATE_CLOSED);
    }
    let value = value.unwrap_or(booking);
    if !value.is_valid() {
        return Err(Status::VALUE_DATE_OUT_OF_RANGE);
    }
    Ok(Dates { booking, value })
}

/// The amount as asked: above zero, or zero where `zero_allowed`.
pub(super) fn positive(minor: i128, zero_allowed: bool) -> Checked<u128> {
    match minor {
        i128::MIN..0 => Err(Status::AMOUNT_NEGATIVE),
        0 if !zero_allowed => Err(Status::AMOUNT_ZERO),
        _ => Ok(minor as u128),
    }
}

/// Whether the texts are within their lengths and free of control characters.
pub(super) fn check_details(details: &Details<'_>) -> Checked<()> {
    for (text, longest) in [
        (details.end_to_end_reference, length::REFERENCE),
        (details.reference, length::REFERENCE),
        (details.narrative, length::NARRATIVE),
        (details.metadata, length::METADATA),
        (details.source_system, length::SOURCE),
        (details.rate_source, length::SOURCE),
    ] {
        check_text(text, longest)?;
    }
    for (text, status) in [
        (
            details.end_to_end_reference,
            Status::CARD_NUMBER_IN_END_TO_END_REFERENCE,
        ),
        (details.reference, Status::CARD_NUMBER_IN_REFERENCE),
        (details.narrative, Status::CARD_NUMBER_IN_NARRATIVE),
        (details.metadata, Status::CARD_NUMBER_IN_METADATA),
    ] {
        if card_number::is_in(text) {
            return Err(status);
        }
    }
    Ok(())
}

/// Whether a text is within its length and, line breaks and tabs aside, free of control characters.
#[inline]
pub(super) fn check_text(text: &str, longest: usize) -> Checked<()> {
    if text.is_empty() {
        return Ok(());
    }
    if text.len() > longest {
        return Err(Status::TEXT_TOO_LONG);
    }
    // All bytes and no early end, so that sixteen are looked at together.
    let invalid = text.bytes().fold(false, |invalid, byte| {
        invalid | (byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t') || byte == 0x7f)
    });
    if invalid {
        return Err(Status::TEXT_INVALID);
    }
    Ok(())
}
