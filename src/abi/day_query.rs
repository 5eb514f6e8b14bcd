//! Questions about days and the life of accounts: calendars, closed periods, sealed balances, corrections, the trial
//! balance by account, scheduled transfers, owners, blocks. Everything answers from the durable state.

use std::ptr::null_mut;

use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::convert::date_number;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, Out};
use super::query::{minor, page_limit, sequence_number};
use super::record::*;
use super::text::{checked_date, value_at};
use crate::base::constants::{block, trial};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::engine::query::AsOf;
use crate::ledger::command::AccountRef;

/// Gives all business calendars as qenex_calendar_record records in *out_buffer. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_calendars_list(
    session: *mut qenex_session,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let calendars = session.session.calendars()?;
        let mut buffer = BufferBuilder::new(calendars.len())?;
        for calendar in &calendars {
            let days: Vec<u8> = calendar
                .holidays
                .iter()
                .flat_map(|day| date_number(*day).to_ne_bytes())
                .collect();
            let record = qenex_calendar_record {
                sequence: calendar.sequence.unsigned_abs(),
                code: buffer.text(&calendar.code)?,
                holidays: buffer.bytes(&days)?,
                number: calendar.number,
                weekend: u32::from(calendar.weekend),
                holiday_count: calendar.holidays.len() as u32,
                padding: 0,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// *out_date = the first business day after a day in the calendar of an entity (0: entity 1). Errors: QENEX_NOT_FOUND,
/// QENEX_INVALID_DATE. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_business_day_after(
    session: *mut qenex_session,
    entity: u32,
    day: qenex_date,
    out_date: *mut qenex_date,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_date, 0, "out_date")?;
        let session = handle::get(session, "session")?;
        let next = session
            .session
            .business_day_after(entity.max(1), checked_date(day)?)?;
        out.set(date_number(next));
        Ok(Status::OK)
    })
}

/// Gives the closes of booking periods of an entity (0: all), oldest first, as qenex_period_record records in
/// *out_buffer. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_periods_list(
    session: *mut qenex_session,
    entity: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let periods = session.session.periods(entity)?;
        let mut buffer = BufferBuilder::new(periods.len())?;
        for period in &periods {
            buffer.record(qenex_period_record {
                sequence: period.sequence.unsigned_abs(),
                time: period.time.micros(),
                entity: period.entity,
                through: date_number(period.through),
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}

/// Gives the balances of the account with the id *account in an asset on each sealed day from first to last, oldest
/// first, at most 10000, as qenex_sealed_balance records in *out_buffer: as they were sealed, and as they are known
/// now. Error: QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_sealed_balances_list(
    session: *mut qenex_session,
    account: *const qenex_id,
    asset: u32,
    first: qenex_date,
    last: qenex_date,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let account = AccountRef::Id(Id::from(value_at(account, "account")?));
        let (first, last) = (checked_date(first)?, checked_date(last)?);
        let days = session
            .session
            .daily_balances(&account, asset, first, last, 10_000)?;
        let mut buffer = BufferBuilder::new(days.len())?;
        for day in &days {
            buffer.record(qenex_sealed_balance {
                debits_sealed: minor(day.sealed.debits_posted)?,
                credits_sealed: minor(day.sealed.credits_posted)?,
                debits_now: minor(day.now.debits_posted)?,
                credits_now: minor(day.now.credits_posted)?,
                sequence: day.sequence.unsigned_abs(),
                day: date_number(day.day),
                asset,
                padding: [0; 2],
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}

/// Gives the corrections of an entity (0: all), oldest first, as qenex_correction records in *out_buffer. after: the
/// sequence of the last one of the page before, 0 for the first page. limit: 1 to 10000; 0: 100. They are in the feed,
/// too (QENEX_CHANGE_CORRECTION). Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_corrections_list(
    session: *mut qenex_session,
    entity: u32,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let after = sequence_number(after, "after")?;
        let corrections = session
            .session
            .corrections(entity, after, page_limit(limit)?)?;
        let mut buffer = BufferBuilder::new(corrections.len())?;
        for correction in &corrections {
            buffer.record(qenex_correction {
                transfer: correction.id.into(),
                amount: minor(correction.amount)?,
                sequence: correction.sequence.unsigned_abs(),
                transfer_sequence: correction.transfer.unsigned_abs(),
                debit_account: correction.debit,
                credit_account: correction.credit,
                entity: correction.entity,
                asset: correction.asset,
                booking_date: date_number(correction.booking_date),
                value_date: date_number(correction.value_date),
                first_day: date_number(correction.from),
                last_day: date_number(correction.through),
                padding: [0; 4],
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}

/// Gives a page of a trial balance by account, in the order of opening, as qenex_trial_account records in
/// *out_buffer: the turnovers booked (or valued) up to a day, as known at a sequence number or now. Ask again with
/// `after` and `sequence` of the last line until no line comes; a page may be short where accounts have no balances
/// or are of another entity, never empty before the end. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_trial_accounts_list(
    session: *mut qenex_session,
    options: *const qenex_trial_options,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let given = memory::options(options)?.ok_or_else(|| memory::null("options"))?;
        let when = trial_time(&given)?;
        let limit = page_limit(given.limit)?;
        let mut after = given.after;
        let page = loop {
            let page =
                session
                    .session
                    .trial_balance_by_account(given.entity, when, after, limit)?;
            if !page.lines.is_empty() || page.next == 0 {
                break page;
            }
            after = page.next;
        };
        let mut buffer = BufferBuilder::new(page.lines.len())?;
        for line in &page.lines {
            let record = qenex_trial_account {
                id: line.id.into(),
                debits: minor(line.turnovers.debits_posted)?,
                credits: minor(line.turnovers.credits_posted)?,
                account: line.account,
                sequence: page.sequence.unsigned_abs(),
                gl_code: buffer.text(&line.gl_code)?,
                entity: line.entity,
                asset: line.asset,
                kind: u32::from(line.kind.number()),
                padding: 0,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

fn trial_time(given: &qenex_trial_options) -> Result<AsOf> {
    if given.flags & !trial::ALL != 0 {
        let message = format!(
            "options: flags are {:#x}; only QENEX_TRIAL_... flags are known",
            given.flags
        );
        return Err(Error::new(Status::INVALID_ARGUMENT, message));
    }
    let sequence = sequence_number(given.sequence, "sequence")?;
    Ok(match given.date {
        0 => AsOf::Sequence(sequence),
        date if given.flags & trial::BY_VALUE != 0 => AsOf::Value(checked_date(date)?, sequence),
        date => AsOf::Booking(checked_date(date)?, sequence),
    })
}

/// Gives the scheduled transfers of an entity (0: all), oldest first, as qenex_schedule_record records in *out_buffer.
/// waiting_only: other than 0, those alone that still wait. after: the sequence of the last one of the page before, 0
/// for the first page. limit: 1 to 10000; 0: 100. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_schedules_list(
    session: *mut qenex_session,
    entity: u32,
    waiting_only: u32,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let after = sequence_number(after, "after")?;
        let waiting = waiting_only != 0;
        let found = session
            .session
            .scheduled(entity, waiting, after, page_limit(limit)?)?;
        let mut buffer = BufferBuilder::new(found.len())?;
        for row in &found {
            let [_, reference, narrative, _] = &row.texts;
            let record = qenex_schedule_record {
                key: row.key.into(),
                transfer: row.transfer.into(),
                amount: minor(row.amount)?,
                sequence: row.sequence.unsigned_abs(),
                ended: row.ended.unsigned_abs(),
                debit_account: row.debit,
                credit_account: row.credit,
                reference: buffer.text(reference)?,
                narrative: buffer.text(narrative)?,
                entity: row.entity,
                asset: row.asset,
                booking_date: date_number(row.booking_date),
                state: u32::from(row.state.number()),
                status: row.status.code(),
                padding: 0,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives the owners of the account with the id *account, those whose link ended included, in the order in which they
/// were linked, as qenex_owner_record records in *out_buffer. Error: QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_owners_list(
    session: *mut qenex_session,
    account: *const qenex_id,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let account = AccountRef::Id(Id::from(value_at(account, "account")?));
        let links = session.session.owners(&account)?;
        let mut buffer = BufferBuilder::new(links.len())?;
        for link in &links {
            let record = qenex_owner_record {
                key: link.key.into(),
                sequence: link.sequence.unsigned_abs(),
                valid_from: link.valid_from.micros(),
                valid_to: link.valid_to.map_or(0, Timestamp::micros),
                owner: buffer.text(&link.owner)?,
                role: buffer.text(&link.role)?,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives the blocks that were set and lifted on the account with the id *account, oldest first, as qenex_block_record
/// records in *out_buffer. Error: QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_account_blocks_list(
    session: *mut qenex_session,
    account: *const qenex_id,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let account = AccountRef::Id(Id::from(value_at(account, "account")?));
        let blocks = session.session.blocks(&account)?;
        let mut buffer = BufferBuilder::new(blocks.len())?;
        for row in &blocks {
            let record = qenex_block_record {
                sequence: row.sequence.unsigned_abs(),
                time: row.time.micros(),
                reason: buffer.text(&row.reason)?,
                authority: buffer.text(&row.authority)?,
                side: u32::from(row.side),
                flags: if row.set { 0 } else { block::LIFT },
                actor: row.actor,
                padding: 0,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}
