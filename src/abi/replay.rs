//! Applying the change feed of one file to another: how a bank is replayed, and what a standby does.

use super::arena::Arena;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_engine;
use super::memory;
use super::record::*;
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::engine::feed::{FeedEntry, LIMIT, Texts};
use crate::tx::ChangeKind;

/// Most bytes of a page's arena: its offsets and lengths are 32 bits wide.
const ARENA: usize = u32::MAX as usize;

/// Applies count (1 to 10000) changes of another file's feed to this one, which is empty or was filled in this way
/// alone: the records and the arena of a buffer that qenex_feed_read gave, or copies of them. Each change runs as the
/// command that it was, at its time and in its actor's name, and must have the same outcome here. Changes that are
/// here already are passed over, so that a page may be applied again; the first new one must follow the newest one
/// here. Durable when it returns; after the same changes qenex_state_hash is the same.
///
/// An error means that nothing of the page was applied. QENEX_INVALID_ARGUMENT: a change is missing before the page,
/// or does not give here what it gave there: the files do not have the same history, and this one must be filled
/// anew. QENEX_INVALID_ENCODING: the content is not a command that this version reads. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_feed_apply(
    engine: *mut qenex_engine,
    entries: *const qenex_feed_entry,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let engine = handle::get(engine, "engine")?;
        if count == 0 {
            return Err(Error::new(
                Status::EMPTY_BATCH,
                "count is 0: there is nothing to apply",
            ));
        }
        if count > LIMIT {
            let message = format!("count is {count}, at most {LIMIT} changes are taken");
            return Err(Error::new(Status::BATCH_TOO_LARGE, message));
        }
        memory::check_size(
            "qenex_feed_entry",
            "record_size",
            record_size,
            size_of::<qenex_feed_entry>(),
        )?;
        let arena = Arena::new(memory::bytes(arena, arena_len, ARENA, "arena")?);
        // Both factors were checked.
        let size = count * record_size;
        let records = memory::bytes(entries.cast(), size, size, "entries")?;
        let mut taken = Vec::with_capacity(count);
        for (index, bytes) in records.chunks_exact(record_size).enumerate() {
            taken.push(entry(bytes, &arena).map_err(|error| {
                error
                    .within(&format!("item {index}"))
                    .with_item(index as u32)
            })?);
        }
        engine.engine.replay(&taken)?;
        Ok(Status::OK)
    })
}

fn entry(bytes: &[u8], arena: &Arena<'_>) -> Result<FeedEntry> {
    let record: qenex_feed_entry = memory::read(bytes);
    if record.reserved != [0; 4] {
        return Err(memory::reserved("qenex_feed_entry"));
    }
    let unknown_tail = bytes.iter().skip(size_of::<qenex_feed_entry>());
    if unknown_tail.clone().any(|byte| *byte != 0) {
        let known = size_of::<qenex_feed_entry>();
        return Err(memory::unknown_tail(
            "qenex_feed_entry",
            "record_size",
            bytes.len(),
            known,
        ));
    }
    let text = |at: qenex_text, name: &str| -> Result<String> {
        arena.check_text(at, name)?;
        Ok(arena.text(at).unwrap_or_default().to_owned())
    };
    arena.check_bytes(record.content, "content")?;
    arena.check_bytes(record.texts, "texts")?;
    let places = arena.bytes(record.texts).unwrap_or_default();
    let size = size_of::<qenex_text>();
    if places.len() / size != record.text_count as usize || !places.len().is_multiple_of(size) {
        let message = format!(
            "texts has {} bytes, which are not {} values of qenex_text",
            places.len(),
            record.text_count
        );
        return Err(Error::new(Status::INVALID_ARGUMENT, message));
    }
    let mut texts = Vec::new();
    for place in places.chunks_exact(size) {
        texts.push(text(memory::read(place), "texts")?);
    }
    let kind = u16::try_from(record.kind).map_err(|_| {
        let message = format!("{} is not the number of a kind of change", record.kind);
        Error::new(Status::INVALID_ARGUMENT, message)
    })?;
    Ok(FeedEntry {
        sequence: super::query::sequence_number(record.sequence, "sequence")?,
        time: Timestamp::checked(record.time)?,
        kind: ChangeKind(kind),
        actor: text(record.actor, "actor")?,
        on_behalf_of: text(record.on_behalf_of, "on_behalf_of")?,
        key: record.key.into(),
        content: arena.bytes(record.content).unwrap_or_default().to_vec(),
        texts: (!texts.is_empty()).then_some(Texts {
            salt: record.salt,
            texts,
        }),
    })
}
