//! A batch of records as the engine reads it. The form of every record is checked once, before anything runs, so
//! that a malformed record fails the call as a whole with its item named; after that the records are used where
//! they lie. A batch for the queue is a copy of its own.

use super::arena::Arena;
use super::convert::CommandRecord;
use super::memory::{self, read};
use super::record::*;
use crate::base::constants::{ARENA_MAX, BATCH_MAX, command};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::engine::command::{CommandList, Item};

/// The host's records of one kind, with their arena.
#[derive(Clone, Copy)]
pub(super) struct Batch<'a> {
    kind: u32,
    records: &'a [u8],
    count: usize,
    record_size: usize,
    arena: Arena<'a>,
}

/// Runs `$run!(record type)` for the record type of a kind of command.
macro_rules! by_kind {
    ($kind:expr, $run:ident, $other:expr) => {
        match $kind {
            command::TRANSFER => $run!(qenex_transfer),
            command::ENTITY => $run!(qenex_entity),
            command::ASSET => $run!(qenex_asset),
            command::ACCOUNT => $run!(qenex_account),
            command::ACCOUNT_NUMBER => $run!(qenex_account_number),
            command::ACCOUNT_BLOCK => $run!(qenex_account_block),
            command::ACCOUNT_LIMIT => $run!(qenex_account_limit),
            command::ACCOUNT_CLOSE => $run!(qenex_account_close),
            command::HOLD => $run!(qenex_hold),
            command::HOLD_INCREASE => $run!(qenex_hold_increase),
            command::HOLD_CAPTURE => $run!(qenex_hold_capture),
            command::HOLD_RELEASE => $run!(qenex_hold_release),
            command::REVERSAL => $run!(qenex_reversal),
            command::BUSINESS_DATE => $run!(qenex_business_date),
            command::PERIOD_CLOSE => $run!(qenex_period_close),
            command::HOST_RECORD => $run!(qenex_host_record),
            command::TIME_ADVANCE => $run!(qenex_time_advance),
            command::POSITION => $run!(qenex_position),
            command::EXCHANGE => $run!(qenex_exchange),
            command::REVALUATION => $run!(qenex_revaluation),
            command::SPLIT => $run!(qenex_split),
            command::ACCRUAL => $run!(qenex_accrual),
            command::ACCRUAL_POST => $run!(qenex_accrual_post),
            command::STATEMENT_CUT => $run!(qenex_statement_cut),
            command::GL_CODE => $run!(qenex_gl_code),
            command::GL_ASSIGNMENT => $run!(qenex_gl_assignment),
            command::IMPORT_BEGIN => $run!(qenex_import_begin),
            command::IMPORT_TRANSFER => $run!(qenex_import_transfer),
            command::IMPORT_PROOF => $run!(qenex_import_proof),
            command::GO_LIVE => $run!(qenex_go_live),
            command::RETENTION => $run!(qenex_retention),
            command::CALENDAR => $run!(qenex_calendar),
            command::ENTITY_RULES => $run!(qenex_entity_rules),
            command::SCHEDULE => $run!(qenex_schedule),
            command::SCHEDULE_CANCEL => $run!(qenex_schedule_cancel),
            command::DAY_END => $run!(qenex_day_end),
            command::YEAR_END => $run!(qenex_year_end),
            command::ACCOUNT_OWNER => $run!(qenex_account_owner),
            command::REACTIVATION => $run!(qenex_reactivation),
            _ => $other,
        }
    };
}

impl<'a> Batch<'a> {
    /// The host's array of `count` records of `kind`, checked.
    pub(super) fn new(
        kind: u32,
        records: *const u8,
        count: usize,
        record_size: usize,
        arena: *const u8,
        arena_len: usize,
    ) -> Result<Batch<'a>> {
        let (name, first_size) = if kind == command::MIXED {
            (qenex_command::NAME, size_of::<qenex_command>())
        } else {
            macro_rules! name_and_size {
                ($record:ty) => {
                    (<$record>::NAME, size_of::<$record>())
                };
            }
            by_kind!(kind, name_and_size, {
                let message = format!("{kind} is not the number of a kind of command");
                return Err(Error::new(Status::INVALID_ARGUMENT, message));
            })
        };
        check_count(count)?;
        memory::check_size(name, "record_size", record_size, first_size)?;
        if arena_len > ARENA_MAX as usize {
            let message = format!(
                "the arena has {arena_len} bytes, at most {ARENA_MAX} are taken: split the batch"
            );
            return Err(Error::new(Status::BATCH_TOO_LARGE, message));
        }
        let arena = Arena::new(memory::bytes(
            arena,
            arena_len,
            ARENA_MAX as usize,
            "arena",
        )?);
        // Both factors were checked: the product is at most BATCH_MAX * RECORD_SIZE_MAX.
        let size = count * record_size;
        let batch = Batch {
            kind,
            records: memory::bytes(records, size, size, "records")?,
            count,
            record_size,
            arena,
        };
        batch.check()?;
        Ok(batch)
    }

    /// Checks the form of every record.
    fn check(&self) -> Result<()> {
        for index in 0..self.count {
            let record = self.record(index);
            let checked = if self.kind == command::MIXED {
                self.check_mixed(record)
            } else {
                macro_rules! check {
                    ($record:ty) => {
                        check_record::<$record>(record, &self.arena)
                    };
                }
                by_kind!(self.kind, check, Ok(()))
            };
            checked.map_err(|error| {
                error
                    .within(&format!("item {index}"))
                    .with_item(index as u32)
            })?;
        }
        Ok(())
    }

    fn check_mixed(&self, record: &[u8]) -> Result<()> {
        check_record::<qenex_command>(record, &self.arena)?;
        let entry: qenex_command = read(record);
        let at = qenex_text {
            offset: entry.offset,
            length: entry.size,
        };
        self.arena.check_bytes(at, "record")?;
        let record = self.arena.bytes(at).unwrap_or_default();
        macro_rules! check {
            ($record:ty) => {{
                memory::check_size(<$record>::NAME, "size", record.len(), size_of::<$record>())?;
                check_record::<$record>(record, &self.arena)
            }};
        }
        // An unknown kind refuses the item alone, when it is read.
        by_kind!(entry.kind, check, Ok(()))
    }

    #[inline]
    fn record(&self, index: usize) -> &'a [u8] {
        let start = index.saturating_mul(self.record_size);
        self.records
            .get(start..start.saturating_add(self.record_size))
            .unwrap_or_default()
    }

    /// The kind and bytes of the command at `index`; for a mixed batch, of the record that the item points to.
    #[inline]
    fn command(&self, index: usize) -> (u32, &'a [u8]) {
        let record = self.record(index);
        if self.kind != command::MIXED {
            return (self.kind, record);
        }
        let entry: qenex_command = read(record);
        let at = qenex_text {
            offset: entry.offset,
            length: entry.size,
        };
        (entry.kind, self.arena.bytes(at).unwrap_or_default())
    }

    #[inline]
    fn item_at(&self, index: usize) -> std::result::Result<Item<'a>, Status> {
        let (kind, record) = self.command(index);
        macro_rules! item {
            ($record:ty) => {
                read::<$record>(record).item(&self.arena)
            };
        }
        by_kind!(kind, item, Err(Status::KIND_UNKNOWN))
    }
}

/// Refuses counts that no call takes.
pub(super) fn check_count(count: usize) -> Result<()> {
    if count == 0 {
        return Err(Error::new(
            Status::EMPTY_BATCH,
            "count is 0: a batch has at least one item",
        ));
    }
    if count > BATCH_MAX as usize {
        let message =
            format!("count is {count}, at most {BATCH_MAX} items are taken: split the batch");
        return Err(Error::new(Status::BATCH_TOO_LARGE, message));
    }
    Ok(())
}

/// Checks the form of one record: nothing set that this version does not know, every range within the arena.
#[inline]
pub(super) fn check_record<R: Record>(bytes: &[u8], arena: &Arena<'_>) -> Result<()> {
    let record: R = read(bytes);
    if !record.reserved_is_zero() {
        return Err(memory::reserved(R::NAME));
    }
    if bytes.len() > size_of::<R>() && bytes.iter().skip(size_of::<R>()).any(|byte| *byte != 0) {
        return Err(memory::unknown_tail(
            R::NAME,
            "record_size",
            bytes.len(),
            size_of::<R>(),
        ));
    }
    record.check_arena(arena)
}

impl CommandList for Batch<'_> {
    fn len(&self) -> usize {
        self.count
    }

    #[inline]
    fn item(&self, index: usize) -> std::result::Result<Item<'_>, Status> {
        self.item_at(index)
    }

    #[inline]
    fn key(&self, index: usize) -> Id {
        let (kind, record) = self.command(index);
        macro_rules! key {
            ($record:ty) => {
                read::<$record>(record).key()
            };
        }
        by_kind!(kind, key, Id::NONE)
    }
}

/// A batch that owns its records: for the queue.
pub(super) struct OwnedBatch {
    kind: u32,
    records: Vec<u8>,
    count: usize,
    record_size: usize,
    arena: OwnedArena,
}

enum OwnedArena {
    Text(String),
    Bytes(Vec<u8>),
}

impl OwnedBatch {
    /// A copy of a checked batch. Error: `OUT_OF_MEMORY`.
    pub(super) fn copy(batch: &Batch<'_>) -> Result<OwnedBatch> {
        let arena = match batch.arena.whole_text() {
            Some(text) => {
                let mut copy = String::new();
                copy.try_reserve_exact(text.len())
                    .map_err(|_| out_of_memory(text.len()))?;
                copy.push_str(text);
                OwnedArena::Text(copy)
            }
            None => OwnedArena::Bytes(copy_bytes(batch.arena.all())?),
        };
        Ok(OwnedBatch {
            kind: batch.kind,
            records: copy_bytes(batch.records)?,
            count: batch.count,
            record_size: batch.record_size,
            arena,
        })
    }

    #[inline]
    fn view(&self) -> Batch<'_> {
        Batch {
            kind: self.kind,
            records: &self.records,
            count: self.count,
            record_size: self.record_size,
            arena: match &self.arena {
                OwnedArena::Text(text) => Arena::of_text(text),
                OwnedArena::Bytes(bytes) => Arena::of_bytes(bytes),
            },
        }
    }
}

impl CommandList for OwnedBatch {
    fn len(&self) -> usize {
        self.count
    }

    fn item(&self, index: usize) -> std::result::Result<Item<'_>, Status> {
        self.view().item_at(index)
    }

    fn key(&self, index: usize) -> Id {
        self.view().key(index)
    }
}

fn copy_bytes(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len())
        .map_err(|_| out_of_memory(bytes.len()))?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// The error when `size` bytes cannot be reserved.
#[cold]
pub(super) fn out_of_memory(size: usize) -> Error {
    Error::new(
        Status::OUT_OF_MEMORY,
        format!("{size} bytes of memory could not be reserved"),
    )
}
