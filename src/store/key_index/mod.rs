//! An index from a 64-bit key hash to 64-bit values, several per hash if need be, whose cost stays flat for keys in
//! any order and whose maintenance never stalls a commit. It relies on hashes that are mixed already and on truth
//! rows elsewhere: the caller verifies hits, and the index can always be cleared and rebuilt.
//!
//! # Structure
//! Inserts go to a memtable. A full memtable is *frozen* and *flushed* as a run of level 0: sorted chunks, each a
//! page of the file, with a Bloom filter and the first hash of each chunk in memory. Eight runs of a level are
//! *merged* into one of the next. All of it lives in two tables of the one SQLite file (see `tables`), in pages
//! that are overwritten in place when free, and every piece of work is done by [`KeyIndex::plan`], in proportion
//! to what was inserted, as a part of the batch's own transaction.
//!
//! # States
//! Evaluation runs ahead of durability, so each change is first *planned* and counts only once its plan is durable.
//!
//! * **Entries** are *active* (the memtable that takes inserts), *frozen* (a queue, oldest first) or in a *live* run.
//!   Searches see all three. An entry leaves the frozen queue in the same call in which its run becomes live.
//! * **A build** (one flush at a time, one merge a level) writes pages that nobody reads. `newest` is the last plan
//!   with pages of it. When complete, its plan also carries the directory row (and removes the rows of the merged
//!   runs), and the build becomes a **publication** with that plan's ticket.
//! * [`KeyIndex::durable`]: publications up to the ticket take effect: the run is live; its frozen memtable is
//!   dropped, or the merged runs are, and only then are their pages free. A plan therefore never overwrites a page
//!   that the durable state, or a state not yet durable, still reads.
//! * [`KeyIndex::rollback`] of a ticket and all after it: publications from it on are forgotten, builds whose
//!   `newest` is from it on are dropped and begin anew at a later plan; their pages are free. Frozen memtables stay
//!   frozen: nothing of a rolled-back publication was dropped, so nothing is missing. The engine undoes the inserts
//!   of the failed batches, before or after, newest first; they may be in a memtable that their own plan froze, whose
//!   flush is then taken back with that plan. The highest sequence of a flush is computed when it starts, from what
//!   is in the memtable then, so that it never claims a sequence that was undone and given to another.
//! * **Kill**: the directory of the last durable commit names complete runs only; what any other page holds is
//!   free. Since memtables are flushed in the order of their freezing and are frozen only between batches, all
//!   entries up to [`KeyIndex::flushed_sequence`] are in runs and the engine inserts the later ones again.
//!   An entry that is inserted again although a run has it is harmless: equal entries count once.
//!
//! A reader's snapshot must be at or after the durable point that the index was told. Pages carry the number of
//! their run, so a search with an older snapshot fails with `SNAPSHOT_TOO_OLD` instead of missing an entry.

mod build;
mod chunk;
mod failure;
mod filter;
mod memtable;
mod plan;
mod run;
mod slots;
mod source;
mod tables;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use rusqlite::Connection;

pub use tables::{IndexWrites, Ticket};
pub use verify::{Report, verify};

use crate::base::Result;
use build::Build;
use memtable::Memtable;
use plan::Publication;
use run::{Run, fit_filters};
use slots::Slots;
use tables::Tables;

/// Payload of a page row. A table leaf of 4,096 bytes with 40 reserved holds a row of up to 4,021 bytes, its header
/// of 4 included, without an overflow page.
const PAGE_BYTES: usize = 4_000;

/// How an index is kept. Changing any of it between two opens is safe.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Names the tables `key_run_<name>` and `key_run_<name>_page`: 1 to 32 of a-z, 0-9 and underscore.
    pub name: String,
    /// Entries at which the memtable is frozen and flushed. After a kill, up to about 1.3 times as many are
    /// inserted again. 1,024 or more; 65,536 by default.
    pub memtable_entries: usize,
    /// Bytes for the filters of all runs; 256 MiB by default, enough for about 150 million entries. Above it, the
    /// filters of the largest runs are folded to a half, then to a quarter (false positives rise from about 0.1 %
    /// to 3 %, then to 30 %), and then left out, so that each search reads a page of such a run (about 3 µs, plus the
    /// disk if it is not cached). While runs are merged, the filter of the new run comes on top.
    pub filter_bytes: usize,
    page_bytes: usize,
    fan_out: usize,
}

impl Settings {
    /// The defaults, for the index `name`.
    pub fn new(name: &str) -> Settings {
        Settings {
            name: name.to_owned(),
            memtable_entries: 65_536,
            filter_bytes: 256 << 20,
            page_bytes: PAGE_BYTES,
            fan_out: 8,
        }
    }
}

/// The index. One owner at a time changes it; it holds no connection.
pub struct KeyIndex {
    settings: Settings,
    tables: Arc<Tables>,
    active: Memtable,
    frozen: VecDeque<Memtable>,
    /// How many of the frozen memtables, from the oldest, have a publication.
    published: usize,
    spare: Option<Memtable>,
    live: Vec<LiveRun>,
    flush: Option<Build>,
    /// At most one a level, lowest level first.
    merges: Vec<Build>,
    publications: VecDeque<Publication>,
    slots: Slots,
    next_run: i64,
    next_ticket: u64,
    /// Entries that may be moved by the next plans; negative when the last moved more than their share.
    flush_credit: i64,
    merge_credit: i64,
    flush_requested: bool,
    flushed_sequence: Option<i64>,
}

/// A run that searches use; `merging` while a build or a publication is to replace it.
struct LiveRun {
    run: Arc<Run>,
    merging: bool,
}

/// An entry as it sorts: by hash, then by value.
fn entry(hash: u64, value: u64) -> u128 {
    u128::from(hash) << 64 | u128::from(value)
}

impl fmt::Debug for KeyIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyIndex")
            .field("name", &self.settings.name)
            .field("active", &self.active.len())
            .field("frozen", &self.frozen.len())
            .field("runs", &self.live.len())
            .field("publications", &self.publications.len())
            .field("next_ticket", &self.next_ticket)
            .finish_non_exhaustive()
    }
}

/// Creates the tables of the index `name` if they do not exist.
pub fn create_tables(conn: &Connection, name: &str) -> Result<()> {
    Tables::new(name)?.create(conn)
}

/// Empties the tables of the index `name`, in the caller's transaction; then open it and insert everything again.
pub fn clear(conn: &Connection, name: &str) -> Result<()> {
    Tables::new(name)?.clear(conn)
}

impl KeyIndex {
    /// Opens the index as of the connection's snapshot, which must be the newest commit. Reads the directory, the
    /// fences and the filters; writes nothing.
    pub fn open(conn: &Connection, settings: Settings) -> Result<KeyIndex> {
        if settings.memtable_entries < 1_024 && settings.page_bytes == PAGE_BYTES {
            return Err(failure::invalid(format!(
                "memtable_entries is {}, below 1,024: choose 1,024 or more",
                settings.memtable_entries
            )));
        }
        let tables = Arc::new(Tables::new(&settings.name)?);
        let mut slots = Slots::all_free(tables.highest_page(conn)?);
        let rows = tables.runs(conn)?;
        let blocks: Vec<u64> = rows.iter().map(|row| row.filter_blocks).collect();
        let mut live = Vec::with_capacity(rows.len());
        for (row, folds) in rows
            .into_iter()
            .zip(fit_filters(&blocks, settings.filter_bytes))
        {
            let run = Run::load(conn, &tables, row, folds)?;
            if let Some(page) = run.owned_pages().find(|&page| !slots.claim(page)) {
                return Err(failure::corrupt(format!(
                    "page {page} of run {} does not exist or belongs to another run: clear and rebuild the index",
                    run.row.number
                )));
            }
            live.push(LiveRun {
                run: Arc::new(run),
                merging: false,
            });
        }
        Ok(KeyIndex {
            active: Memtable::with_room(settings.memtable_entries),
            frozen: VecDeque::new(),
            published: 0,
            spare: None,
            next_run: live
                .iter()
                .map(|live| live.run.row.number)
                .max()
                .unwrap_or(0)
                + 1,
            flushed_sequence: live.iter().map(|live| live.run.row.highest_sequence).max(),
            live,
            flush: None,
            merges: Vec::new(),
            publications: VecDeque::new(),
            slots,
            next_ticket: 1,
            flush_credit: 0,
            merge_credit: 0,
            flush_requested: false,
            tables,
            settings,
        })
    }

    /// Adds (hash, value). `sequence` is that of the command that caused it: all inserts of one sequence come before
    /// the same `plan`, and later plans have later sequences. Takes about 20 ns.
    pub fn insert(&mut self, hash: u64, value: u64, sequence: i64) {
        self.active.insert(hash, value, sequence);
    }

    /// Takes back an insert whose batch is not durable, the newest first; false if it is not in memory. Between a
    /// failed commit and the next plan, `rollback` must be called as well; before or after is the same.
    pub fn undo_insert(&mut self, hash: u64, value: u64) -> bool {
        if self.active.undo(hash, value) {
            return true;
        }
        self.frozen
            .iter_mut()
            .rev()
            .any(|table| table.undo(hash, value))
    }

    /// Whether the hash is among the entries in memory: all that were inserted and are in no live run yet.
    pub fn contains_recent(&self, hash: u64) -> bool {
        self.active.contains(hash) || self.frozen.iter().any(|table| table.contains(hash))
    }

    /// Brings what `contains_recent` and `insert` will read of the entries in memory into the processor's cache, all
    /// at once instead of one by one: for the next few hashes, not more than stay there until they are used.
    pub fn fetch(&self, hashes: &[u64]) {
        self.active.fetch(hashes);
        self.frozen.iter().for_each(|table| table.fetch(hashes));
    }

    /// Sets `maybe[i]` to whether `hashes[i]` may be in the runs on disk: never false if it is. The entries in
    /// memory are not looked at. `maybe` is resized.
    pub fn probe(&self, hashes: &[u64], maybe: &mut Vec<bool>) {
        if self.live.iter().any(|live| live.run.filter.is_none()) {
            maybe.clear();
            maybe.resize(hashes.len(), true);
        } else {
            let filters = self.live.iter().filter_map(|live| live.run.filter.as_ref());
            filter::probe(filters, hashes, maybe);
        }
    }

    /// Appends all values of `hash` to `out`, in memory and on disk, in ascending order, each once. Many in a row are
    /// twice as fast inside one read transaction of the caller's.
    ///
    /// # Errors
    /// `SNAPSHOT_TOO_OLD` if the reader's snapshot is before the durable point; `CORRUPT`, `IO`.
    pub fn find(&self, reader: &Connection, hash: u64, out: &mut Vec<u64>) -> Result<()> {
        let mut values = Vec::new();
        self.active.find(hash, &mut values);
        for table in &self.frozen {
            table.find(hash, &mut values);
        }
        let mut pages = None;
        for live in self.live.iter().filter(|live| live.run.may_hold(hash)) {
            let pages = match &mut pages {
                Some(pages) => pages,
                None => pages.insert(self.tables.pages(reader)?),
            };
            live.run.find(pages, hash, &mut values)?;
        }
        values.sort_unstable();
        values.dedup();
        out.append(&mut values);
        Ok(())
    }

    /// Whether the runs on disk are those in memory: another process may have written since.
    pub fn has_same_runs(&self, reader: &Connection) -> Result<bool> {
        let there = self.tables.runs(reader)?;
        let here = self.live.iter().map(|live| live.run.row.number);
        Ok(there.iter().map(|row| row.number).eq(here))
    }

    /// The sequence up to which all entries are in live runs; `None`: there is no run. After opening, the engine
    /// inserts the entries of every later sequence again.
    pub fn flushed_sequence(&self) -> Option<i64> {
        self.flushed_sequence
    }

    /// Lets the next plan flush the whole memtable, however few its entries: before closing, or when the tail that
    /// would have to be inserted again has become long.
    pub fn request_flush(&mut self) {
        self.flush_requested = true;
    }

    /// Entries in live runs, an entry in two runs counted twice.
    pub fn run_entries(&self) -> u64 {
        self.live
            .iter()
            .map(|live| live.run.row.entries)
            .fold(0, u64::saturating_add)
    }

    /// Live runs.
    pub fn run_count(&self) -> usize {
        self.live.len()
    }

    /// Bytes of memory in use: memtables, fences, filters and unfinished builds.
    pub fn memory_bytes(&self) -> usize {
        let tables = self
            .frozen
            .iter()
            .chain(&self.spare)
            .map(Memtable::memory_bytes)
            .sum::<usize>();
        let live = self
            .live
            .iter()
            .map(|live| live.run.memory_bytes())
            .sum::<usize>();
        let builds = self
            .flush
            .iter()
            .chain(&self.merges)
            .map(Build::memory_bytes)
            .sum::<usize>();
        let publications = self
            .publications
            .iter()
            .map(|p| p.run.memory_bytes())
            .sum::<usize>();
        self.active.memory_bytes()
            + tables
            + live
            + builds
            + publications
            + self.slots.memory_bytes()
            + self.tables.memory_bytes()
    }
}
