//! Writing and reading the commands about days and the life of accounts, field by field in the order of their
//! declaration. The rules are those of [`super`].

use std::borrow::Cow;

use super::decode::{Commitment, account, known_version, transfer};
use super::encode::{write_account, write_commitment, write_transfer};
use super::{VERSION, kind};
use crate::base::canonical::{Decoder, Encoder};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Date;
use crate::ledger::command::{
    AccountOwner, AccountReactivate, CalendarSet, Command, EndOfDay, EntityRules, OpeningBalance,
    ScheduleCancel, TransferSchedule, YearEnd,
};

pub(super) fn calendar_set(encoder: &mut Encoder<'_>, command: &CalendarSet<'_>) {
    let CalendarSet {
        key,
        code,
        weekend,
        holidays,
    } = command;
    encoder
        .header(kind::CALENDAR_SET, VERSION)
        .id(*key)
        .text(code)
        .u8(*weekend)
        .count(holidays.len());
    for day in holidays.iter() {
        encoder.date(*day);
    }
}

pub(super) fn entity_rules(encoder: &mut Encoder<'_>, command: &EntityRules<'_>) {
    let EntityRules {
        key,
        entity,
        calendar,
        dormant_after,
    } = command;
    encoder
        .header(kind::ENTITY_RULES, VERSION)
        .id(*key)
        .u32(*entity)
        .text(calendar)
        .u32(*dormant_after);
}

pub(super) fn transfer_schedule(
    encoder: &mut Encoder<'_>,
    command: &TransferSchedule<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let TransferSchedule { key, transfer } = command;
    encoder.header(kind::TRANSFER_SCHEDULE, VERSION).id(*key);
    write_transfer(encoder, transfer, commitment);
}

pub(super) fn schedule_cancel(encoder: &mut Encoder<'_>, command: &ScheduleCancel) {
    let ScheduleCancel { key, schedule } = command;
    encoder
        .header(kind::SCHEDULE_CANCEL, VERSION)
        .id(*key)
        .id(*schedule);
}

pub(super) fn end_of_day(encoder: &mut Encoder<'_>, command: &EndOfDay) {
    let EndOfDay {
        key,
        entity,
        day,
        portion,
    } = command;
    encoder
        .header(kind::END_OF_DAY, VERSION)
        .id(*key)
        .u32(*entity)
        .date(*day)
        .u32(*portion);
}

pub(super) fn year_end(encoder: &mut Encoder<'_>, command: &YearEnd<'_>) {
    let YearEnd {
        key,
        entity,
        through,
        retained,
        code,
        portion,
    } = command;
    encoder
        .header(kind::YEAR_END, VERSION)
        .id(*key)
        .u32(*entity)
        .date(*through);
    write_account(encoder, *retained);
    encoder.u32(*code).u32(*portion);
}

pub(super) fn account_owner(
    encoder: &mut Encoder<'_>,
    command: &AccountOwner<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let AccountOwner {
        key,
        account,
        owner: _,
        role,
        ends,
    } = command;
    encoder.header(kind::ACCOUNT_OWNER, VERSION).id(*key);
    write_account(encoder, *account);
    write_commitment(encoder, commitment);
    encoder.text(role).id(*ends);
}

pub(super) fn account_reactivate(encoder: &mut Encoder<'_>, command: &AccountReactivate<'_>) {
    let AccountReactivate {
        key,
        account,
        reason,
        authority,
    } = command;
    encoder.header(kind::ACCOUNT_REACTIVATE, VERSION).id(*key);
    write_account(encoder, *account);
    encoder.text(reason).text(authority);
}

pub(super) fn write_opening(encoder: &mut Encoder<'_>, opening: &OpeningBalance<'_>) {
    let OpeningBalance {
        contra,
        asset,
        amount,
    } = opening;
    write_account(encoder, *contra);
    encoder.u32(*asset).amount(*amount);
}

pub(super) fn read_opening<'a>(from: &mut Decoder<'a>) -> Result<OpeningBalance<'a>> {
    Ok(OpeningBalance {
        contra: account(from)?,
        asset: from.u32()?,
        amount: from.amount()?,
    })
}

/// Reads a command of this file, its header read; `None`: the kind is not one of them.
pub(super) fn decode<'a>(
    from: &mut Decoder<'a>,
    kind: u16,
    version: u16,
    commitment: &mut Commitment,
) -> Result<Option<Command<'a>>> {
    let known = matches!(kind, kind::CALENDAR_SET..=kind::ACCOUNT_REACTIVATE);
    if !known {
        return Ok(None);
    }
    known_version(kind, version, VERSION)?;
    let command = match kind {
        kind::CALENDAR_SET => Command::CalendarSet(CalendarSet {
            key: from.id()?,
            code: from.text()?,
            weekend: from.u8()?,
            holidays: Cow::Owned(dates(from)?),
        }),
        kind::ENTITY_RULES => Command::EntityRules(EntityRules {
            key: from.id()?,
            entity: from.u32()?,
            calendar: from.text()?,
            dormant_after: from.u32()?,
        }),
        kind::TRANSFER_SCHEDULE => Command::TransferSchedule(TransferSchedule {
            key: from.id()?,
            transfer: transfer(from, commitment)?,
        }),
        kind::SCHEDULE_CANCEL => Command::ScheduleCancel(ScheduleCancel {
            key: from.id()?,
            schedule: from.id()?,
        }),
        kind::END_OF_DAY => Command::EndOfDay(EndOfDay {
            key: from.id()?,
            entity: from.u32()?,
            day: from.date()?,
            portion: from.u32()?,
        }),
        kind::YEAR_END => Command::YearEnd(YearEnd {
            key: from.id()?,
            entity: from.u32()?,
            through: from.date()?,
            retained: account(from)?,
            code: from.u32()?,
            portion: from.u32()?,
        }),
        kind::ACCOUNT_OWNER => Command::AccountOwner(account_owner_of(from, commitment)?),
        _ => Command::AccountReactivate(AccountReactivate {
            key: from.id()?,
            account: account(from)?,
            reason: from.text()?,
            authority: from.text()?,
        }),
    };
    Ok(Some(command))
}

fn account_owner_of<'a>(
    from: &mut Decoder<'a>,
    commitment: &mut Commitment,
) -> Result<AccountOwner<'a>> {
    Ok(AccountOwner {
        key: from.id()?,
        account: account(from)?,
        owner: {
            *commitment = from.option(Decoder::fixed)?;
            ""
        },
        role: from.text()?,
        ends: from.id()?,
    })
}

/// A list of days; memory is taken for no more than there can be.
fn dates(from: &mut Decoder<'_>) -> Result<Vec<Date>> {
    let count = from.count()?;
    let mut dates = Vec::with_capacity(count.min(from.remaining()));
    for _ in 0..count {
        dates.push(from.date()?);
    }
    Ok(dates)
}

/// Appends the content of the change that says that a posting reached into days that were sealed or closed.
pub fn encode_correction(correction: &Correction, out: &mut Vec<u8>) {
    let Correction {
        transfer,
        debit,
        credit,
        asset,
        booking_date,
        value_date,
        from,
        through,
    } = correction;
    Encoder::new(out)
        .header(kind::CORRECTION, VERSION)
        .i64(*transfer)
        .id(*debit)
        .id(*credit)
        .u32(*asset)
        .date(*booking_date)
        .date(*value_date)
        .date(*from)
        .date(*through);
}

/// Reads what [`encode_correction`] wrote.
pub fn decode_correction(bytes: &[u8]) -> Result<Correction> {
    let mut from = Decoder::new(bytes);
    let (found, version) = from.header()?;
    if found != kind::CORRECTION {
        return Err(super::decode::invalid(0, "the kind is not correction"));
    }
    known_version(found, version, VERSION)?;
    let correction = Correction {
        transfer: from.i64()?,
        debit: from.id()?,
        credit: from.id()?,
        asset: from.u32()?,
        booking_date: from.date()?,
        value_date: from.date()?,
        from: from.date()?,
        through: from.date()?,
    };
    from.finish()?;
    Ok(correction)
}

/// A posting that reached into days that were sealed or closed: both accounts are to be computed again for the days
/// from `from` to `through`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Sequence number of the transfer.
    pub transfer: i64,
    pub debit: Id,
    pub credit: Id,
    pub asset: u32,
    pub booking_date: Date,
    pub value_date: Date,
    pub from: Date,
    pub through: Date,
}

/// Appends the content of the change by which an account became dormant: its id and the last day of the term.
pub fn encode_dormant(account: Id, since: Date, out: &mut Vec<u8>) {
    Encoder::new(out)
        .header(kind::ACCOUNT_DORMANT, VERSION)
        .id(account)
        .date(since);
}

/// Appends the content of the change by which a scheduled transfer was not booked: its key and the status.
pub fn encode_schedule_refused(schedule: Id, status: i32, out: &mut Vec<u8>) {
    Encoder::new(out)
        .header(kind::SCHEDULE_REFUSED, VERSION)
        .id(schedule)
        .i64(i64::from(status));
}
