//! Questions to the books: positions, accruals, daily balances, statements, the general ledger, the import, retention
//! and personal data. Everything answers from the durable state.

use std::ptr::null_mut;

use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::convert::date_number;
use super::cursor;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::history::transfer_record;
use super::lifecycle::qenex_session;
use super::memory::{self, Out, set_if_wanted};
use super::query::{Keys, minor, page_limit, sequence_number};
use super::record::*;
use super::text::checked_date;
use crate::base::constants::{gl_code, journal, retention, statement_cut};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::engine::journal::{JournalCursor, JournalRange};
use crate::ledger::books::rows::StatementRow;
use crate::ledger::export::JournalFormat;
use crate::ledger::query::as_of::DateKind;

/// Gives the positions of an entity (0: entity 1) as qenex_position_record records in *out_buffer, by asset. Any thread.
/// Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_positions_list(
    session: *mut qenex_session,
    entity: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let positions = session.session.positions(entity.max(1))?;
        let mut buffer = BufferBuilder::new(positions.len())?;
        for ((entity, asset), row) in &positions {
            let (rate, rate_scale) = row.rate.unwrap_or_default();
            let record = qenex_position_record {
                amount: row.amount.into(),
                carried: row.carried.into(),
                rate: rate.into(),
                account: row.account,
                rounding_account: row.rounding,
                rate_source: buffer.text(&row.rate_source)?,
                rate_scale: u32::from(rate_scale),
                revalued: row.revalued.map_or(0, date_number),
                entity: *entity,
                asset: *asset,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives the trial balance of an entity (0: entity 1) in its functional currency as qenex_functional_line records in
/// *out_buffer, by asset: what all accounts but the position account net to, and its book value. The book values sum to
/// zero. Commands wait meanwhile. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_functional_trial_balance(
    session: *mut qenex_session,
    entity: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let lines = session.session.functional_trial_balance(entity.max(1))?;
        let mut buffer = BufferBuilder::new(lines.len())?;
        for line in &lines {
            buffer.record(qenex_functional_line {
                net: line.net.into(),
                functional: line.functional.into(),
                asset: line.asset,
                has_position: u32::from(line.position),
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}

/// Gives the accruals of an account as qenex_accrual_record records in *out_buffer, by name. The key's text lies in the
/// arena; its asset is not read. Error: QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accruals_list(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let rows = keys.with_account(&session.session, 0, |account| {
            session.session.accruals(account)
        })?;
        let mut buffer = BufferBuilder::new(rows.len())?;
        for (name, row) in &rows {
            let record = qenex_accrual_record {
                value: row.value.into(),
                posted: row.posted.into(),
                name: buffer.text(name)?,
                asset: row.asset,
                padding: 0,
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives the balance at the end of each day from from to to (at most 3,700 days) of count accounts (1 to
/// QENEX_BATCH_MAX), account by account, as qenex_day_balance records in *out_buffer: by value date, or by booking date
/// with by_booking_date 1. An answer has at most about limit records (0: 10000; whole accounts, at least one):
/// qenex_buffer_cursor goes on with the next account, as known at the first page, with the same keys. cursor, cursor_len:
/// (NULL, 0) at first. Errors: QENEX_NOT_FOUND, QENEX_INVALID_CURSOR. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_balances_daily(
    session: *mut qenex_session,
    keys: *const qenex_account_key,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    from: qenex_date,
    to: qenex_date,
    by_booking_date: u32,
    limit: u32,
    cursor: *const u8,
    cursor_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(keys, count, record_size, arena, arena_len)?;
        let range = (checked_date(from)?, checked_date(to)?);
        let kind = match by_booking_date {
            0 => DateKind::Value,
            1 => DateKind::Booking,
            other => {
                let message = format!("by_booking_date is {other}; it must be 0 or 1");
                return Err(Error::new(Status::INVALID_ARGUMENT, message));
            }
        };
        let limit = match limit {
            0 => 10_000,
            limit => limit as usize,
        };
        let given = place(cursor, cursor_len, DAILY)?;
        let (start, as_of) = match given {
            Some([index, as_of]) => (index as usize, sequence_number(as_of, "cursor")?),
            None => (0, session.session.sequence()?),
        };
        let mut buffer = BufferBuilder::new(0)?;
        let mut written = 0;
        for index in start..count {
            if written >= limit {
                buffer.cursor(cursor::write_pair(
                    DAILY,
                    [index as u64, as_of.unsigned_abs()],
                ));
                break;
            }
            let asset = keys.key(index).asset;
            let (account, normal_debit, days) =
                keys.with_account(&session.session, index, |account| {
                    session
                        .session
                        .balances_by_day(account, asset, kind, range, as_of)
                })?;
            for day in &days {
                buffer.record(qenex_day_balance {
                    balance: normal((day.debits, day.credits), normal_debit).into(),
                    debits: minor(day.debits)?,
                    credits: minor(day.credits)?,
                    account,
                    sequence: as_of.unsigned_abs(),
                    asset,
                    date: date_number(day.date),
                    reserved: [0; 4],
                })?;
            }
            written += days.len();
        }
        give(buffer, &out)
    })
}

/// Gives the statements that were cut of an account in an asset, in order, as qenex_statement_record records in
/// *out_buffer. after: the number of the last one of the page before, 0 at first. limit: 1 to 10000; 0: 100. Error:
/// QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_statements_list(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    after: u32,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let asset = keys.key(0).asset;
        let limit = page_limit(limit)?;
        let (normal_debit, rows) = keys.with_account(&session.session, 0, |account| {
            let normal_debit = session.session.balance(account, asset)?.normal_debit;
            let rows = session.session.statements(account, asset, after, limit)?;
            Ok((normal_debit, rows))
        })?;
        let mut buffer = BufferBuilder::new(rows.len())?;
        for row in &rows {
            buffer.record(statement_record(row, normal_debit)?)?;
        }
        give(buffer, &out)
    })
}

/// Gives the lines of a statement that was cut, the oldest date first, as qenex_issued_line records in *out_buffer: the
/// same whenever it is asked for. *out_statement, which may be NULL, receives the statement itself. skip: how many lines
/// the pages before had. limit: 1 to 10000; 0: 100. A page with fewer lines is the last. Error: QENEX_NOT_FOUND. Any
/// thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_statement_issue(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    number: u32,
    skip: u64,
    limit: u32,
    out_statement: *mut qenex_statement_record,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        set_if_wanted(out_statement, qenex_statement_record::default());
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let asset = keys.key(0).asset;
        let limit = page_limit(limit)?;
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let (issued, normal_debit) = keys.with_account(&session.session, 0, |account| {
            session
                .session
                .issued_statement(account, asset, number, skip, limit)
        })?;
        let mut buffer = BufferBuilder::new(issued.lines.len())?;
        for line in &issued.lines {
            let transfer = transfer_record(&line.transfer, &mut buffer)?;
            buffer.record(qenex_issued_line {
                transfer,
                change: normal((line.debits, line.credits), normal_debit).into(),
                balance: normal(line.after, normal_debit).into(),
                legs: line.legs,
                date: date_number(line.date),
                reserved: [0; 4],
            })?;
        }
        set_if_wanted(out_statement, statement_record(&issued.row, normal_debit)?);
        give(buffer, &out)
    })
}

/// Gives the trial balance of an entity (0: entity 1) by code of the general ledger at the end of a booking day, as
/// qenex_gl_line records in *out_buffer. group: QENEX_GL_GROUP_... flags of the dimensions that lines are apart by. Debits
/// and credits of an asset are equal over all lines. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_gl_trial_balance(
    session: *mut qenex_session,
    entity: u32,
    date: qenex_date,
    group: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let lines = session
            .session
            .gl_trial_balance(entity.max(1), checked_date(date)?, group)?;
        let mut buffer = BufferBuilder::new(lines.len())?;
        for line in &lines {
            let record = qenex_gl_line {
                debit: minor(line.debit)?,
                credit: minor(line.credit)?,
                accounts: line.accounts,
                code: buffer.text(&line.code)?,
                name: buffer.text(&line.name)?,
                branch: buffer.text(&line.branch)?,
                cost_centre: buffer.text(&line.cost_centre)?,
                product: buffer.text(&line.product)?,
                asset: line.asset,
                flags: if line.control { gl_code::CONTROL } else { 0 },
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Reconciles an entity's codes (0: entity 1) at the end of a booking day: gives each code's balance from its accounts and
/// from the transfers one by one, as qenex_gl_difference records in *out_buffer. QENEX_SOME_REFUSED: some difference is
/// not zero, so that the file is damaged. Reads every transfer. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_gl_reconcile(
    session: *mut qenex_session,
    entity: u32,
    date: qenex_date,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let lines = session
            .session
            .gl_reconcile(entity.max(1), checked_date(date)?)?;
        let mut buffer = BufferBuilder::new(lines.len())?;
        let mut status = Status::OK;
        for line in &lines {
            let difference = line.sub_ledger.saturating_sub(line.journal);
            if difference != 0 {
                status = Status::SOME_REFUSED;
            }
            let record = qenex_gl_difference {
                sub_ledger: line.sub_ledger.into(),
                journal: line.journal.into(),
                difference: difference.into(),
                code: buffer.text(&line.code)?,
                asset: line.asset,
                flags: if line.control { gl_code::CONTROL } else { 0 },
                reserved: [0; 4],
            };
            buffer.record(record)?;
        }
        give(buffer, &out)?;
        Ok(status)
    })
}

/// Gives the journal of an entity (0: entity 1) for booking dates from from to to as text in a QENEX_JOURNAL_... format,
/// in the arena of *out_buffer: what the balances were before, every transfer, what changed its code, and in plain-text
/// accounting the balances that must come out. limit: transfers of a page; 0: 10000. qenex_buffer_cursor gives the next
/// page of the same journal, which is to be written right behind; cursor, cursor_len: (NULL, 0) at first. Errors:
/// QENEX_NOT_FOUND, QENEX_INVALID_CURSOR. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_gl_journal(
    session: *mut qenex_session,
    entity: u32,
    from: qenex_date,
    to: qenex_date,
    format: u32,
    limit: u32,
    cursor: *const u8,
    cursor_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let format = match format {
            journal::CSV => JournalFormat::Csv,
            journal::HLEDGER => JournalFormat::Hledger,
            journal::BEANCOUNT => JournalFormat::Beancount,
            other => {
                let message = format!("format is {other}; it must be a QENEX_JOURNAL_... constant");
                return Err(Error::new(Status::INVALID_ARGUMENT, message));
            }
        };
        let range = JournalRange {
            entity: entity.max(1),
            from: checked_date(from)?,
            to: checked_date(to)?,
            format,
            limit: match limit {
                0 => 10_000,
                limit => limit as usize,
            },
        };
        let given = match place(cursor, cursor_len, JOURNAL)? {
            Some([as_of, after]) => Some(JournalCursor {
                as_of: sequence_number(as_of, "cursor")?,
                after: Some(sequence_number(after, "cursor")?),
            }),
            None => None,
        };
        let (text, next) = session.session.journal(&range, given)?;
        let mut buffer = BufferBuilder::<qenex_text>::new(0)?;
        buffer.text(&text)?;
        if let Some(JournalCursor {
            as_of,
            after: Some(after),
        }) = next
        {
            buffer.cursor(cursor::write_pair(
                JOURNAL,
                [as_of.unsigned_abs(), after.unsigned_abs()],
            ));
        }
        give(buffer, &out)
    })
}

/// *out_import = where the import stands. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_import_status_get(
    session: *mut qenex_session,
    out_import: *mut qenex_import_status,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_import, qenex_import_status::default(), "out_import")?;
        let state = handle::get(session, "session")?.session.import_state()?;
        if let Some(state) = state {
            out.set(qenex_import_status {
                transfers: state.transfers,
                unproved: state.unproved,
                begun: 1,
                live: u32::from(state.live),
                reserved: [0; 4],
            });
        }
        Ok(Status::OK)
    })
}

/// Gives how long an account's data is kept, as one qenex_retention_record in *out_buffer. Error: QENEX_NOT_FOUND. Any
/// thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_retention_get(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let row = keys.with_account(&session.session, 0, |account| {
            session.session.retention(account)
        })?;
        let mut buffer = BufferBuilder::new(1)?;
        let record = match row {
            None => qenex_retention_record::default(),
            Some(row) => qenex_retention_record {
                sequence: row.sequence.unsigned_abs(),
                class_name: buffer.text(&row.class)?,
                reason: buffer.text(&row.reason)?,
                authority: buffer.text(&row.authority)?,
                until: row.until.map_or(0, date_number),
                flags: if row.legal_hold {
                    retention::LEGAL_HOLD
                } else {
                    0
                },
                reserved: [0; 4],
            },
        };
        buffer.record(record)?;
        give(buffer, &out)
    })
}

/// Gives where personal texts of an account are (its own name and owner, the references, narratives and metadata of its
/// transfers), by sequence number, as qenex_personal_place records in *out_buffer. after: the sequence of the last one of
/// the page before, 0 at first. limit: about as many records, 1 to 10000; 0: 100. Error: QENEX_NOT_FOUND. Any thread.
/// Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_personal_data_list(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let (after, limit) = (sequence_number(after, "after")?, page_limit(limit)?);
        let places = keys.with_account(&session.session, 0, |account| {
            session.session.personal_data(account, after, limit)
        })?;
        let mut buffer = BufferBuilder::new(places.len())?;
        for place in &places {
            buffer.record(qenex_personal_place {
                sequence: place.sequence.unsigned_abs(),
                length: place.length as u64,
                kind: place.kind,
                padding: 0,
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}

/// What a cursor of two numbers belongs to.
const DAILY: u8 = 2;
const JOURNAL: u8 = 3;

/// The two numbers of the host's cursor; none: from the beginning.
fn place(data: *const u8, len: usize, tag: u8) -> Result<Option<[u64; 2]>> {
    let bytes = memory::bytes(data, len, cursor::MAXIMUM, "cursor")?;
    if bytes.is_empty() {
        return Ok(None);
    }
    cursor::read_pair(tag, bytes).map(Some)
}

/// A balance on the account's normal side, from debits and credits, which have 127 bits at most.
fn normal((debits, credits): (u128, u128), normal_debit: bool) -> i128 {
    let net = debits as i128 - credits as i128;
    if normal_debit { net } else { -net }
}

fn statement_record(row: &StatementRow, normal_debit: bool) -> Result<qenex_statement_record> {
    let flag = |set: bool, flag: u32| if set { flag } else { 0 };
    Ok(qenex_statement_record {
        key: row.key.into(),
        opening: normal(row.opening, normal_debit).into(),
        closing: normal(row.closing, normal_debit).into(),
        debits: minor(row.closing.0.saturating_sub(row.opening.0))?,
        credits: minor(row.closing.1.saturating_sub(row.opening.1))?,
        sequence: row.sequence.unsigned_abs(),
        time: row.time.micros(),
        number: row.number,
        to: date_number(row.to),
        flags: flag(row.by_value, statement_cut::BY_VALUE_DATE)
            | flag(row.collapsed, statement_cut::COLLAPSED),
        padding: 0,
        reserved: [0; 4],
    })
}
