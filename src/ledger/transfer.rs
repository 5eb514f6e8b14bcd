//! Transfers: the rules by which an amount moves from a credit account to a debit account, checked before anything
//! changes, so that a refused transfer leaves no trace and an applied one is whole.

use crate::base::card_number;
use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::flags as account_flags;
use crate::ledger::accounts::{Account, AccountSlot};
use crate::ledger::asset::Asset;
use crate::ledger::balance::Turnovers;
use crate::ledger::command::{AccountRef, Details, Transfer, UserData};
use crate::ledger::entity::Entity;
use crate::ledger::funds::{Side, check_increase, room, shortfall};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::write::{DetailsRow, TransferRow};
use crate::tx::{Context, KeySpace};

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

/// Everything of a row that the rules did not decide.
pub(super) struct Posting<'a> {
    pub id: Id,
    pub transaction: Id,
    pub code: u32,
    pub flags: u32,
    pub user_data: UserData,
    pub details: &'a Details<'a>,
    /// Commit to the texts even if they are empty, so that the row keeps a salt.
    pub salted: bool,
    pub requested: Option<u128>,
    pub hold: i64,
    pub unheld: u128,
    /// Holds against the debit account that yield to this posting: they do not count in its funds check.
    pub yielding: u128,
    pub reverses: i64,
    /// Account number; 0: none.
    pub recovery: u64,
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

    /// Posts an amount between two accounts: the last checks, then both balances, the chain and the row.
    pub(super) fn post(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        parties: &Parties,
        amount: u128,
        dates: Dates,
        mut posting: Posting<'_>,
    ) -> Result<Checked<Outcome>> {
        let (debit_account, credit_account) = (&parties.debit_account, &parties.credit_account);
        let either = debit_account.flags | credit_account.flags;
        const STOPS: u32 = account_flags::CLOSED
            | account_flags::DEBIT_BLOCKED
            | account_flags::CREDIT_BLOCKED
            | account_flags::POSITION
            | account_flags::DORMANT;
        if either & STOPS != 0 {
            refuse_unless!(stopped(debit_account.flags, credit_account.flags));
        }
        let sequence = services.changes.last_sequence() + 1;
        let debit = self.balance_number(services.reader, parties.debit, parties.asset)?;
        let credit = self.balance_number(services.reader, parties.credit, parties.asset)?;
        let mut debited = debit
            .map(|number| self.turnovers(number))
            .unwrap_or_default();
        let mut credited = credit
            .map(|number| self.turnovers(number))
            .unwrap_or_default();
        if posting.unheld > 0 {
            debited.debits_pending = debited.debits_pending.saturating_sub(posting.unheld);
            if posting.flags & flags::CAPTURE_CREDIT != 0 {
                credited.credits_pending = credited.credits_pending.saturating_sub(posting.unheld);
            }
        }
        if debited.debits_posted + debited.debits_pending + amount > parties.maximum
            || credited.credits_posted + credited.credits_pending + amount > parties.maximum
        {
            return Ok(Err(Status::BALANCE_OVERFLOW));
        }
        let guarded = account_flags::NO_OVERDRAFT | account_flags::LIMITED;
        if either & guarded != 0 {
            let mut counted = debited;
            counted.debits_pending = counted.debits_pending.saturating_sub(posting.yielding);
            let lacking = self.exceeded(services, context, parties, amount, &counted, &credited)?;
            if let Some(status) = lacking {
                if posting.flags & flags::FORCE == 0 {
                    return Ok(Err(status));
                }
                posting.flags |= flags::FORCED;
            }
        }
        debited.debits_posted += amount;
        credited.credits_posted += amount;
        // Nothing is refused from here on.
        services.changes.next_sequence();
        let debit = match debit {
            Some(number) => number,
            None => self.create_balance(services.reader, parties.debit, parties.asset, sequence)?,
        };
        let credit = match credit {
            Some(number) => number,
            None => {
                self.create_balance(services.reader, parties.credit, parties.asset, sequence)?
            }
        };
        // Creating one page must not have pushed the other out: loading again is cheap and certain.
        self.ensure_balance(services.reader, debit)?;
        self.ensure_balance(services.reader, credit)?;
        let days = Some((dates.booking.days(), dates.value.days()));
        let wide = parties.scale_wide;
        let debit_previous = self.enter(debit, sequence, &debited, days, wide);
        let credit_previous = self.enter(credit, sequence, &credited, days, wide);
        let details = self.keep_details(services, context, sequence, &posting);
        if !posting.transaction.is_none() {
            let hash = services
                .keys
                .hash(KeySpace::Transaction, &posting.transaction.0);
            services.keys.insert(hash, sequence as u64, sequence);
        }
        let hash = services.keys.hash(KeySpace::Command, &posting.id.0);
        services.keys.insert(hash, sequence as u64, sequence);
        self.open.transfers.push(TransferRow {
            sequence,
            id: posting.id,
            time: context.time,
            actor: context.actor,
            on_behalf_of: context.on_behalf_of,
            debit: debit_account.number,
            credit: credit_account.number,
            asset: parties.asset,
            wide,
            amount,
            requested: posting.requested,
            booking_date: dates.booking,
            value_date: dates.value,
            code: posting.code,
            flags: posting.flags,
            debit_previous,
            credit_previous,
            transaction: posting.transaction,
            hold: posting.hold,
            unheld: posting.unheld,
            reverses: posting.reverses,
            recovery: posting.recovery,
            user_data: posting.user_data,
            details,
        });
        let mut outcome = Outcome::applied(sequence, context.time, posting.id);
        outcome.amount = amount as i128;
        outcome.debit = debited;
        outcome.credit = credited;
        Ok(Ok(outcome))
    }

    /// Whether the posting would exceed funds or a limit, and which.
    fn exceeded(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        parties: &Parties,
        amount: u128,
        debited: &Turnovers,
        credited: &Turnovers,
    ) -> Result<Option<Status>> {
        for (account, turnovers, side) in [
            (&parties.debit_account, debited, Side::Debit),
            (&parties.credit_account, credited, Side::Credit),
        ] {
            let limits = self.limits_of(services.reader, account)?;
            if shortfall(
                account.flags,
                &limits,
                parties.asset,
                context.time,
                turnovers,
                side,
                amount,
            ) {
                return Ok(Some(Status::INSUFFICIENT_FUNDS));
            }
            if !check_increase(
                account.flags,
                &limits,
                parties.asset,
                context.time,
                turnovers,
                side,
                amount,
            ) {
                return Ok(Some(Status::ABOVE_MAXIMUM));
            }
        }
        Ok(None)
    }

    /// Keeps texts and rates, commits to the texts, and makes the references findable.
    fn keep_details(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        sequence: i64,
        posting: &Posting<'_>,
    ) -> Option<u32> {
        let details = posting.details;
        let text = details.has_text() || posting.salted;
        let plain = details.rate.is_none()
            && details.functional_amount.is_none()
            && details.rate_source.is_empty()
            && details.source_system.is_empty();
        if !text && plain {
            return None;
        }
        for reference in [details.end_to_end_reference, details.reference] {
            if !reference.is_empty() {
                let hash = services
                    .keys
                    .hash(KeySpace::Reference, reference.as_bytes());
                services.keys.insert(hash, sequence as u64, sequence);
            }
        }
        let commitment = text.then(|| {
            let salt = context.salt(sequence);
            (salt, commitment(&salt, &personal(details)))
        });
        let writes = &mut self.open;
        let row = DetailsRow {
            end_to_end_reference: writes.keep(details.end_to_end_reference),
            reference: writes.keep(details.reference),
            narrative: writes.keep(details.narrative),
            metadata: writes.keep(details.metadata),
            source_system: writes.keep(details.source_system),
            rate_source: writes.keep(details.rate_source),
            rate: details.rate,
            functional_amount: details.functional_amount.map(|amount| amount.minor()),
            commitment,
        };
        writes.details.push(row);
        Some((writes.details.len() - 1) as u32)
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

fn stopped(debit: u32, credit: u32) -> Checked<()> {
    if debit & account_flags::CLOSED != 0 {
        return Err(Status::DEBIT_ACCOUNT_CLOSED);
    }
    if credit & account_flags::CLOSED != 0 {
        return Err(Status::CREDIT_ACCOUNT_CLOSED);
    }
    if debit & account_flags::DEBIT_BLOCKED != 0 {
        return Err(Status::DEBIT_BLOCKED);
    }
    if credit & account_flags::CREDIT_BLOCKED != 0 {
        return Err(Status::CREDIT_BLOCKED);
    }
    if debit & account_flags::DORMANT != 0 {
        return Err(Status::DEBIT_DORMANT);
    }
    if (debit | credit) & account_flags::POSITION != 0 {
        return Err(Status::POSITION_ACCOUNT);
    }
    Ok(())
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
