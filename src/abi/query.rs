//! Questions about what is: accounts, entities, assets, host records. Everything answers from the durable
//! state.

use std::ffi::{c_char, c_void};
use std::ptr::null_mut;

use super::arena::Arena;
use super::batch::{check_count, check_record};
use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::convert::{account_ref, date_number, refusal_of};
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_session;
use super::memory::{self, Out};
use super::record::*;
use crate::base::constants::{ARENA_MAX, asset, entity};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::engine::Session;
use crate::ledger::account::AccountRecord;
use crate::ledger::asset::Asset;
use crate::ledger::command::AccountRef;
use crate::ledger::entity::Entity;

/// Gives count accounts as qenex_account_record records in *out_buffer, one per key in the same order.
/// QENEX_SOME_REFUSED: some account is unknown, see the statuses. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accounts_get(
    session: *mut qenex_session,
    keys: *const qenex_account_key,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let keys = Keys::new(keys, count, record_size, arena, arena_len)?;
        let mut buffer = BufferBuilder::new(count)?;
        let mut status = Status::OK;
        for index in 0..count {
            let answer = match keys.key(index).account {
                0 => keys.with_account(&session.session, index, |account| {
                    session.session.account(account)
                }),
                number => session.session.account_by_number(number),
            };
            let record = match found(answer, index)? {
                Some(account) => account_record(&account, &mut buffer)?,
                None => {
                    status = Status::SOME_REFUSED;
                    qenex_account_record {
                        status: Status::ACCOUNT_UNKNOWN.code(),
                        ..Default::default()
                    }
                }
            };
            buffer.record(record)?;
        }
        give(buffer, &out)?;
        Ok(status)
    })
}

/// Gives accounts in the order of opening, as qenex_account_record records in *out_buffer: those right below the
/// account with the id *parent, or with NULL all. after: the number (account) of the last one of the page before, 0
/// for the first page. limit: 1 to 10000; 0: 100. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_accounts_list(
    session: *mut qenex_session,
    parent: *const qenex_id,
    after: u64,
    limit: u32,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let parent = match parent.is_null() {
            true => None,
            false => Some(AccountRef::Id(
                super::text::value_at(parent, "parent")?.into(),
            )),
        };
        let accounts = session
            .session
            .accounts(parent.as_ref(), after, page_limit(limit)?)?;
        let mut buffer = BufferBuilder::new(accounts.len())?;
        for account in &accounts {
            let record = account_record(account, &mut buffer)?;
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives all legal entities as qenex_entity_record records in *out_buffer. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_entities_list(
    session: *mut qenex_session,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let entities = session.session.entities()?;
        let mut buffer = BufferBuilder::new(entities.len())?;
        for entity in &entities {
            let record = entity_record(entity, &mut buffer)?;
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives all assets of the file as qenex_asset_record records in *out_buffer. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_assets_list(
    session: *mut qenex_session,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let assets = session.session.assets()?;
        let mut buffer = BufferBuilder::new(assets.len())?;
        for asset in &assets {
            let record = asset_record(asset, &mut buffer)?;
            buffer.record(record)?;
        }
        give(buffer, &out)
    })
}

/// Gives a record of the host's own as one qenex_host_value in *out_buffer; its bytes lie in the buffer's arena.
/// Errors: QENEX_NOT_FOUND, also when it was deleted. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_host_record_get(
    session: *mut qenex_session,
    name_space: *const c_char,
    name_space_len: usize,
    record: *const c_void,
    record_len: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let session = handle::get(session, "session")?;
        let name_space = memory::text(name_space, name_space_len, "name_space")?;
        let record = memory::bytes(record.cast(), record_len, 256, "record")?;
        let kept = session.session.host_record(name_space, record)?;
        let mut buffer = BufferBuilder::new(1)?;
        let value = buffer.bytes(kept.value.as_deref().unwrap_or_default())?;
        let sequence = kept.sequence.unsigned_abs();
        buffer.record(qenex_host_value {
            version: kept.version,
            sequence,
            value,
            reserved: [0; 4],
        })?;
        give(buffer, &out)
    })
}

/// The host's array of account keys, checked.
pub(super) struct Keys<'a> {
    records: &'a [u8],
    record_size: usize,
    arena: Arena<'a>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(
        keys: *const qenex_account_key,
        count: usize,
        record_size: usize,
        arena: *const u8,
        arena_len: usize,
    ) -> Result<Keys<'a>> {
        check_count(count)?;
        memory::check_size(
            qenex_account_key::NAME,
            "record_size",
            record_size,
            size_of::<qenex_account_key>(),
        )?;
        let arena = Arena::new(memory::bytes(
            arena,
            arena_len,
            ARENA_MAX as usize,
            "arena",
        )?);
        // Both factors were checked: the product is at most BATCH_MAX * RECORD_SIZE_MAX.
        let size = count * record_size;
        let records = memory::bytes(keys.cast(), size, size, "keys")?;
        for (index, record) in records.chunks_exact(record_size).enumerate() {
            check_record::<qenex_account_key>(record, &arena).map_err(|error| {
                error
                    .within(&format!("item {index}"))
                    .with_item(index as u32)
            })?;
        }
        Ok(Keys {
            records,
            record_size,
            arena,
        })
    }

    /// The key at `index`.
    pub(super) fn key(&self, index: usize) -> qenex_account_key {
        let start = index.saturating_mul(self.record_size);
        memory::read(self.records.get(start..).unwrap_or_default())
    }

    /// Asks about the account that the key at `index` names.
    pub(super) fn with_account<T>(
        &self,
        session: &Session,
        index: usize,
        ask: impl FnOnce(&AccountRef<'_>) -> Result<T>,
    ) -> Result<T> {
        let key = self.key(index);
        let twice = key.account != 0 && (key.number.length != 0 || key.id != qenex_id::default());
        let named = match key.account {
            _ if twice => Err(Status::NAMED_TWICE),
            0 => account_ref(key.id, key.number, &self.arena),
            number => Ok(AccountRef::Id(session.account_by_number(number)?.id)),
        };
        ask(&named.map_err(|status| refusal_of(status, index))?)
    }
}

/// `None` for what does not exist; other errors name the item.
pub(super) fn found<T>(answer: Result<T>, index: usize) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.status() == Status::NOT_FOUND => Ok(None),
        Err(error) => Err(error.with_item(index as u32)),
    }
}

/// A sequence number as the engine counts.
pub(super) fn sequence_number(given: u64, name: &str) -> Result<i64> {
    i64::try_from(given).map_err(|_| {
        Error::new(
            Status::INVALID_ARGUMENT,
            format!("{name} is {given}, which is no sequence number"),
        )
    })
}

/// Records of one page.
pub(super) fn page_limit(limit: u32) -> Result<usize> {
    match limit {
        0 => Ok(100),
        1..=10_000 => Ok(limit as usize),
        _ => Err(Error::new(
            Status::INVALID_ARGUMENT,
            format!("limit is {limit}; it must be 0 to 10000"),
        )),
    }
}

/// An unsigned sum as it crosses the boundary.
pub(super) fn minor(sum: u128) -> Result<qenex_amount> {
    match i128::try_from(sum) {
        Ok(sum) => Ok(sum.into()),
        Err(_) => Err(Error::new(
            Status::OVERFLOW,
            format!("the sum {sum} does not fit 127 bits"),
        )),
    }
}

fn account_record(
    account: &AccountRecord,
    buffer: &mut BufferBuilder<qenex_account_record>,
) -> Result<qenex_account_record> {
    Ok(qenex_account_record {
        id: account.id.into(),
        parent: account.parent.into(),
        user_data_128: account.user_data.wide.to_be_bytes(),
        account: account.number,
        parent_account: account.parent_number,
        sequence: account.sequence.unsigned_abs(),
        opened_at: account.opened_at.micros(),
        user_data_64: account.user_data.long,
        name: buffer.text(&account.name)?,
        gl_code: buffer.text(&account.gl_code)?,
        branch: buffer.text(&account.branch)?,
        cost_centre: buffer.text(&account.cost_centre)?,
        product: buffer.text(&account.product)?,
        owner: buffer.text(&account.owner)?,
        user_data_32: account.user_data.short,
        entity: account.entity,
        asset: account.asset,
        kind: u32::from(account.kind.number()),
        flags: account.flags,
        status: Status::OK.code(),
        reserved: [0; 4],
    })
}

fn entity_record(
    entity: &Entity,
    buffer: &mut BufferBuilder<qenex_entity_record>,
) -> Result<qenex_entity_record> {
    Ok(qenex_entity_record {
        id: entity.id.into(),
        name: buffer.text(&entity.name)?,
        time_zone: buffer.text(&entity.time_zone)?,
        number: entity.number,
        functional_currency: entity.functional_currency,
        business_date: date_number(entity.business_date),
        closed_through: entity.closed_through.map_or(0, date_number),
        flags: if entity.follows_clock {
            entity::FOLLOWS_CLOCK
        } else {
            0
        },
        calendar: entity.calendar,
        dormant_after_days: entity.dormant_after,
        sealed_through: entity.sealed_through.map_or(0, date_number),
        sealing: entity.sealing.map_or(0, date_number),
        padding: 0,
        reserved: [0; 4],
    })
}

fn asset_record(
    asset: &Asset,
    buffer: &mut BufferBuilder<qenex_asset_record>,
) -> Result<qenex_asset_record> {
    Ok(qenex_asset_record {
        code: buffer.text(&asset.code)?,
        number: asset.number,
        scale: u32::from(asset.scale),
        kind: u32::from(asset.kind.number()),
        flags: if asset.wide { asset::WIDE } else { 0 },
        reserved: [0; 4],
    })
}
