//! Questions about what was: transfers, statements, holds, the change feed.

use std::ffi::c_char;
use std::ptr::null_mut;

use super::batch::check_count;
use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::convert::date_number;
use super::cursor;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, Out, Plain};
use super::query::{Keys, minor, page_limit, sequence_number};
use super::record::*;
use super::text::{checked_date, value_at};
use crate::base::constants::statement;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::engine::feed::FeedEntry;
use crate::ledger::command::AccountRef;
use crate::ledger::hold::Hold;
use crate::ledger::query::find::{TransferFilter, TransferPage};
use crate::ledger::query::marks::Days;
use crate::ledger::query::statement::{Order, StatementLine, StatementRange};
use crate::ledger::query::transfer::StoredTransfer;

/// Gives count transfers (1 to QENEX_BATCH_MAX) by their ids, as qenex_transfer_record records in *out_buffer, one
/// per id in the same order. QENEX_SOME_REFUSED: some id is unknown, see the statuses. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_get(
    session: *mut qenex_session,
    ids: *const qenex_id,
    count: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let mut buffer = BufferBuilder::new(0)?;
        let mut status = Status::OK;
        for id in id_array(ids, count)? {
            let record = match session.session.transfer(&id) {
                Ok(transfer) => transfer_record(&transfer, &mut buffer)?,
                Err(error) if error.status() == Status::NOT_FOUND => {
                    status = Status::SOME_REFUSED;
                    qenex_transfer_record {
                        status: Status::ITEM_NOT_FOUND.code(),
                        ..Default::default()
                    }
                }
                Err(error) => return Err(error),
            };
            buffer.record(record)?;
        }
        give(buffer, &out)?;
        Ok(status)
    })
}

/// Gives the legs of a transaction in the order of posting, as qenex_transfer_record records in *out_buffer; a
/// transfer that is a transaction of its own is its only leg. Error: QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transaction_get(
    session: *mut qenex_session,
    id: *const qenex_id,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let id = Id::from(value_at(id, "id")?);
        give_transfers(&session.session.transaction(&id)?, &out)
    })
}

/// Gives the transfers with a reference, end-to-end or other, oldest first, as qenex_transfer_record records in
/// *out_buffer; none is no error. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_by_reference(
    session: *mut qenex_session,
    reference: *const c_char,
    reference_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let reference = memory::text(reference, reference_len, "reference")?;
        give_transfers(&session.session.transfers_by_reference(reference)?, &out)
    })
}

/// Gives the transfers that a filter lets through, oldest first, as qenex_transfer_record records in *out_buffer.
/// qenex_buffer_cursor goes on with the next page, asked for with the same filter but cursor and limit, and is bound
/// to the state that the first page saw; without a cursor this was the last page.
///
/// A reference is found by an index, an account along its own postings, whatever else the filter has. With neither,
/// the transfers are looked at one by one in the order of posting: narrow that with after and up_to (see
/// qenex_sequence_at). A call looks at a bounded number of transfers, so that a page may have fewer than the limit,
/// or none, and a cursor all the same. Errors: QENEX_NOT_FOUND, the account is unknown; QENEX_INVALID_CURSOR. Any
/// thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_transfers_find(
    session: *mut qenex_session,
    filter: *const qenex_transfer_filter,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let given = memory::options(filter)?.ok_or_else(|| memory::null("filter"))?;
        let account = match Id::from(given.account) {
            Id::NONE => 0,
            id => session.session.account(&AccountRef::Id(id))?.number,
        };
        let bytes = memory::bytes(given.cursor, given.cursor_len, cursor::MAXIMUM, "cursor")?;
        let (mut after, mut up_to) = (
            sequence_number(given.after, "after")?,
            sequence_number(given.up_to, "up_to")?,
        );
        if !bytes.is_empty() {
            (after, up_to) = cursor::read_place(bytes)?;
        } else if up_to == 0 {
            up_to = session.session.sequence()?;
        }
        let filter = TransferFilter {
            account,
            reference: memory::text(given.reference, given.reference_len, "reference")?.to_owned(),
            asset: given.asset,
            code: given.code,
            booked_from: day(given.booked_from)?,
            booked_to: day(given.booked_to)?,
            value_from: day(given.value_from)?,
            value_to: day(given.value_to)?,
            amount_from: (given.amount_from != 0).then_some(given.amount_from),
            amount_to: (given.amount_to != 0).then_some(given.amount_to),
            user_data_long: given.user_data_64,
            user_data_short: given.user_data_32,
            after,
            up_to,
            limit: page_limit(given.limit)?,
        };
        // In an empty file there is nothing up to 0, which would mean now.
        let page = match up_to {
            0 => TransferPage::default(),
            _ => session.session.transfers(&filter)?,
        };
        let mut buffer = transfer_records(&page.transfers)?;
        if let Some(next) = page.next {
            buffer.cursor(cursor::write_place(next, up_to));
        }
        give(buffer, &out)
    })
}

/// Gives a page of the statement of an account in an asset as qenex_statement_line records in *out_buffer, in the
/// order in which they were posted: the newest first or, with QENEX_STATEMENT_OLDEST_FIRST, the oldest. Bounds of
/// booking and value dates leave lines out; the balance of a line counts all postings up to it nevertheless.
///
/// qenex_buffer_cursor goes on with the next page, asked for with the same options but cursor and limit; without a
/// cursor this was the last one. It is bound to the state that the first page saw, so later postings do not shift
/// it. A call looks at a bounded number of postings: where few have the dates asked for, a page may have fewer lines
/// than the limit, or none, and a cursor all the same. The first page may begin anywhere (after, up_to) in a long
/// history at no more cost.
///
/// The key's text lies in the arena; options may be NULL. Errors: QENEX_NOT_FOUND, QENEX_INVALID_DATE,
/// QENEX_INVALID_CURSOR: not one of this account, asset and options. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_statement_get(
    session: *mut qenex_session,
    key: *const qenex_account_key,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_statement_options,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(key, 1, record_size, arena, arena_len)?;
        let asset = keys.key(0).asset;
        let (mut range, mut from) = (
            StatementRange {
                limit: page_limit(0)?,
                ..Default::default()
            },
            None,
        );
        if let Some(given) = memory::options(options)? {
            if given.flags & !statement::ALL != 0 {
                let message = format!("flags are {:#x}: unknown bits are set", given.flags);
                return Err(Error::new(Status::INVALID_ARGUMENT, message));
            }
            let oldest_first = given.flags & statement::OLDEST_FIRST != 0;
            range = StatementRange {
                order: match oldest_first {
                    true => Order::OldestFirst,
                    false => Order::NewestFirst,
                },
                after: sequence_number(given.after, "after")?,
                up_to: sequence_number(given.up_to, "up_to")?,
                days: Days::new(
                    (day(given.booked_from)?, day(given.booked_to)?),
                    (day(given.value_from)?, day(given.value_to)?),
                ),
                limit: page_limit(given.limit)?,
            };
            let bytes = memory::bytes(given.cursor, given.cursor_len, cursor::MAXIMUM, "cursor")?;
            from = (!bytes.is_empty())
                .then(|| cursor::read(bytes))
                .transpose()?;
        }
        let (normal_debit, found) = keys.with_account(&session.session, 0, |account| {
            let normal_debit = session.session.balance(account, asset)?.normal_debit;
            Ok((
                normal_debit,
                session.session.statement(account, asset, &range, from)?,
            ))
        })?;
        let mut buffer = BufferBuilder::new(found.lines.len())?;
        for line in &found.lines {
            let record = statement_line(line, normal_debit, &mut buffer)?;
            buffer.record(record)?;
        }
        if let Some(next) = &found.next {
            buffer.cursor(cursor::write(next));
        }
        give(buffer, &out)
    })
}

/// Gives count holds (1 to QENEX_BATCH_MAX) by their ids, as qenex_hold_record records in *out_buffer, one per id in
/// the same order. QENEX_SOME_REFUSED: some id is unknown, see the statuses. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_holds_get(
    session: *mut qenex_session,
    ids: *const qenex_id,
    count: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let mut buffer = BufferBuilder::new(0)?;
        let mut status = Status::OK;
        for id in id_array(ids, count)? {
            let record = match session.session.hold(&id) {
                Ok(hold) => hold_record(&hold, &mut buffer)?,
                Err(error) if error.status() == Status::NOT_FOUND => {
                    status = Status::SOME_REFUSED;
                    qenex_hold_record {
                        status: Status::HOLD_UNKNOWN.code(),
                        ..Default::default()
                    }
                }
                Err(error) => return Err(error),
            };
            buffer.record(record)?;
        }
        give(buffer, &out)?;
        Ok(status)
    })
}

/// Gives the active holds against an account, oldest first, as qenex_hold_record records in *out_buffer. after: the
/// sequence of the last one of the page before, 0 for the first page. limit: 1 to 10000; 0: 100. Error:
/// QENEX_NOT_FOUND. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_holds_list(
    session: *mut qenex_session,
    account: *const qenex_id,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let account = AccountRef::Id(value_at(account, "account")?.into());
        let holds = session.session.holds(
            &account,
            sequence_number(after, "after")?,
            page_limit(limit)?,
        )?;
        let mut buffer = BufferBuilder::new(holds.len())?;
        for hold in &holds {
            let record = hold_record(hold, &mut buffer)?;
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives the durable changes after the sequence number after (0: from the first one on), at most limit (1 to 10000;
/// 0: 100), in order and without gaps, as qenex_feed_entry records in *out_buffer. No records: there are no newer
/// changes yet. To resume, ask with the last sequence number that was dealt with. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_feed_read(
    session: *mut qenex_session,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let entries = session
            .session
            .feed(sequence_number(after, "after")?, page_limit(limit)?)?;
        let mut buffer = BufferBuilder::new(entries.len())?;
        for entry in &entries {
            let record = feed_entry(entry, &mut buffer)?;
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// *out_sequence = the sequence number of the newest durable change; 0 in a new file. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_sequence_get(
    session: *mut qenex_session,
    out_sequence: *mut u64,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_sequence, 0, "out_sequence")?;
        out.set(
            handle::get(session, "session")?
                .session
                .sequence()?
                .unsigned_abs(),
        );
        Ok(Status::OK)
    })
}

/// A date that may be absent.
fn day(number: qenex_date) -> Result<Option<Date>> {
    (number != 0).then(|| checked_date(number)).transpose()
}

/// *out_sequence = the sequence number of the last durable change up to a system time, inclusive; 0: there was none.
/// What was known at that time is what is known as of this number, wherever one is asked for. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_sequence_at(
    session: *mut qenex_session,
    time: qenex_time,
    out_sequence: *mut u64,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_sequence, 0, "out_sequence")?;
        let session = handle::get(session, "session")?;
        let sequence = session.session.sequence_at(Timestamp::checked(time)?)?;
        out.set(sequence.unsigned_abs());
        Ok(Status::OK)
    })
}

/// The host's array of ids.
fn id_array(ids: *const qenex_id, count: usize) -> Result<impl Iterator<Item = Id>> {
    check_count(count)?;
    let size = count * size_of::<qenex_id>();
    let bytes = memory::bytes(ids.cast(), size, size, "ids")?;
    Ok(bytes
        .chunks_exact(size_of::<qenex_id>())
        .map(|id| memory::read::<qenex_id>(id).into()))
}

fn give_transfers(transfers: &[StoredTransfer], out: &Out<*mut qenex_buffer>) -> Result<Status> {
    give(transfer_records(transfers)?, out)
}

fn transfer_records(transfers: &[StoredTransfer]) -> Result<BufferBuilder<qenex_transfer_record>> {
    let mut buffer = BufferBuilder::new(transfers.len())?;
    for transfer in transfers {
        let record = transfer_record(transfer, &mut buffer)?;
        buffer.record(record)?;
    }
    Ok(buffer)
}

pub(super) fn transfer_record<R: Plain + Send + Sync + 'static>(
    transfer: &StoredTransfer,
    buffer: &mut BufferBuilder<R>,
) -> Result<qenex_transfer_record> {
    let row = &transfer.row;
    let (rate, rate_scale) = transfer.rate.unwrap_or_default();
    Ok(qenex_transfer_record {
        id: row.id.into(),
        transaction: row.transaction.into(),
        amount: minor(row.amount)?,
        requested_amount: minor(row.requested.unwrap_or(0))?,
        unheld_amount: minor(row.unheld)?,
        functional_amount: transfer.functional_amount.unwrap_or(0).into(),
        rate: rate.into(),
        user_data_128: row.user_data.wide.to_be_bytes(),
        sequence: row.sequence.unsigned_abs(),
        time: row.time.micros(),
        debit_account: row.debit,
        credit_account: row.credit,
        hold: row.hold.unsigned_abs(),
        reverses: row.reverses.unsigned_abs(),
        user_data_64: row.user_data.long,
        end_to_end_reference: buffer.text(&transfer.end_to_end_reference)?,
        reference: buffer.text(&transfer.reference)?,
        narrative: buffer.text(&transfer.narrative)?,
        metadata: buffer.text(&transfer.metadata)?,
        source_system: buffer.text(&transfer.source_system)?,
        rate_source: buffer.text(&transfer.rate_source)?,
        actor: row.actor,
        on_behalf_of: row.on_behalf_of,
        user_data_32: row.user_data.short,
        asset: row.asset,
        code: row.code,
        flags: row.flags,
        booking_date: date_number(row.booking_date),
        value_date: date_number(row.value_date),
        rate_scale: u32::from(rate_scale),
        status: Status::OK.code(),
        reserved: [0; 4],
    })
}

fn statement_line(
    line: &StatementLine,
    normal_debit: bool,
    buffer: &mut BufferBuilder<qenex_statement_line>,
) -> Result<qenex_statement_line> {
    let transfer = transfer_record(&line.transfer, buffer)?;
    let amount = transfer.amount.minor();
    let posted = line.after.posted();
    Ok(qenex_statement_line {
        transfer,
        change: if line.debit_side == normal_debit {
            amount
        } else {
            amount.saturating_neg()
        }
        .into(),
        balance: if normal_debit {
            posted
        } else {
            posted.saturating_neg()
        }
        .into(),
        turnovers: (&line.after).into(),
        debit_side: u32::from(line.debit_side),
        padding: 0,
        reserved: [0; 4],
    })
}

fn hold_record(
    hold: &Hold,
    buffer: &mut BufferBuilder<qenex_hold_record>,
) -> Result<qenex_hold_record> {
    Ok(qenex_hold_record {
        id: hold.id.into(),
        amount: minor(hold.amount)?,
        remaining: minor(hold.remaining)?,
        captured: minor(hold.captured)?,
        user_data_128: hold.user_data.wide.to_be_bytes(),
        sequence: hold.sequence.unsigned_abs(),
        debit_account: hold.debit,
        credit_account: hold.credit,
        expires_at: hold.expires_at.map_or(0, Timestamp::micros),
        user_data_64: hold.user_data.long,
        reason: buffer.text(&hold.reason)?,
        user_data_32: hold.user_data.short,
        asset: hold.asset,
        kind: u32::from(hold.kind.number()),
        priority: u32::from(hold.priority),
        state: u32::from(hold.state.number()),
        status: Status::OK.code(),
        reserved: [0; 4],
    })
}

fn feed_entry(
    entry: &FeedEntry,
    buffer: &mut BufferBuilder<qenex_feed_entry>,
) -> Result<qenex_feed_entry> {
    let texts = entry.texts.as_ref();
    let mut ranges = Vec::new();
    for text in texts
        .map(|texts| texts.texts.as_slice())
        .unwrap_or_default()
    {
        ranges.push(buffer.text(text)?);
    }
    Ok(qenex_feed_entry {
        key: entry.key.into(),
        salt: texts.map_or([0; 16], |texts| texts.salt),
        sequence: entry.sequence.unsigned_abs(),
        time: entry.time.micros(),
        actor: buffer.text(&entry.actor)?,
        on_behalf_of: buffer.text(&entry.on_behalf_of)?,
        content: buffer.bytes(&entry.content)?,
        texts: buffer.bytes(memory::as_bytes(&ranges))?,
        kind: u32::from(entry.kind.0),
        text_count: ranges.len() as u32,
        reserved: [0; 4],
    })
}
