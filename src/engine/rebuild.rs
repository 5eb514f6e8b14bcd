//! Rebuilding the caches of a closed file from its truth rows: balance pages, posting marks, the index of keys. It is
//! what opening does after a kill, from the first change on and in portions of bounded memory. One transaction holds
//! all of it, so that a rebuild that is interrupted has not happened.

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::hash::KeyHasher;
use crate::base::status::Status;
use crate::ledger::{self, Ledger};
use crate::store::key_index::{self, KeyIndex};
use crate::tx::{BatchNumber, Keys};

use super::lifecycle::{cache_sizes, check_format, open_database};
use super::options::EngineOptions;
use super::recovery::restore_keys;
use super::schema::{self, CommitState, KEY_INDEX};
use super::world::index_settings;

/// Changes that are entered between two writes: this much is in memory at a time.
const PORTION: i64 = 65_536;
/// Pages without any event that are made between two writes.
const PAGES: u64 = 4_096;

/// What a rebuild went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// Changes that were read again.
    pub changes: u64,
    /// Balances whose pages were written.
    pub balances: u64,
}

/// Makes everything that is kept beside the truth rows anew. The file must exist and nobody may have it open for
/// writing: `LOCKED`, `ALREADY_OPEN` otherwise. Needs space in the file's log for all caches; on an error the file is
/// as before.
pub fn rebuild_caches(options: &EngineOptions) -> Result<Rebuilt> {
    let options = EngineOptions {
        read_only: false,
        create: false,
        ..options.clone()
    };
    let database = open_database(&options)?;
    match database.format_version()? {
        0 => {
            return Err(Error::new(
                Status::NOT_QENEX,
                "the file is empty: there is nothing to rebuild",
            ));
        }
        version => check_format(version)?,
    }
    let writer = database.writer()?;
    writer.execute_batch("BEGIN IMMEDIATE")?;
    let rebuilt = rebuild(writer, &options).and_then(|rebuilt| {
        writer.execute_batch("COMMIT")?;
        Ok(rebuilt)
    });
    if rebuilt.is_err() && !writer.is_autocommit() {
        // Where even this fails, opening again drops what was not committed.
        let _ = writer.execute_batch("ROLLBACK");
    }
    let rebuilt = rebuilt.map_err(|error| error.within("rebuilding the caches"))?;
    database.checkpoint_truncate()?;
    Ok(rebuilt)
}

fn rebuild(connection: &Connection, options: &EngineOptions) -> Result<Rebuilt> {
    let meta = schema::meta(connection)?;
    meta.check_writer()?;
    let state = schema::commit_state(connection)?;
    let hasher = KeyHasher::from_seed(meta.secret);
    ledger::schema::clear_derived(connection)?;
    key_index::clear(connection, KEY_INDEX)?;
    let index = KeyIndex::open(connection, index_settings(options.filter_bytes))?;
    let mut keys = Keys::new(index, hasher);
    let mut ledger = Ledger::open(connection, hasher, cache_sizes(options))?;
    let mut batch: BatchNumber = 0;
    let mut after = 0;
    while after < state.sequence {
        let up_to = after.saturating_add(PORTION).min(state.sequence);
        batch += 1;
        restore_keys(connection, &mut keys, after, up_to)?;
        keys.request_flush();
        let writes = keys.seal(batch, connection)?;
        writes.apply(connection)?;
        keys.durable(batch, writes.ticket());
        ledger
            .rebuild(connection, batch, after + 1, up_to)?
            .apply(connection)?;
        ledger.durable(batch);
        after = up_to;
    }
    let mut page = 0;
    while page < ledger.page_count() {
        let end = (page + PAGES).min(ledger.page_count());
        batch += 1;
        ledger
            .rebuild_untouched(connection, batch, page..end, state.sequence)?
            .apply(connection)?;
        ledger.durable(batch);
        page = end;
    }
    let rebuilt = CommitState {
        replay_from: state.sequence + 1,
        ..state
    };
    schema::set_commit_state(connection, &rebuilt, ledger.counts().1)?;
    Ok(Rebuilt {
        changes: state.sequence.unsigned_abs(),
        balances: ledger.counts().1,
    })
}
