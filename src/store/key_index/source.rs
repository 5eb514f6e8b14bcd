//! The sorted sources of a build: a frozen memtable or a run, read a few pages or parts at a time, so that a build
//! holds little of them and no plan sorts or reads them whole.

use std::sync::Arc;

use super::chunk::Chunk;
use super::memtable::Memtable;
use super::run::{Run, stamp_of};
use super::tables::Pages;
use crate::base::Result;

/// Pages of a source that are read at once.
const READ_AHEAD: usize = 4;
/// Entries of a frozen memtable that are sorted at once, at least.
const SORT_AHEAD: usize = 1024;
/// A frozen memtable is sorted in as many parts, by the highest bits of the hash.
const PARTS: usize = 1 << PART_BITS;
const PART_BITS: u32 = 11;

/// A sorted source and the entries of it that are in memory.
pub(super) struct Source {
    rest: Rest,
    /// The entries in memory; those before `taken` have been used.
    pub(super) ready: Vec<u128>,
    pub(super) taken: usize,
}

enum Rest {
    /// A memtable's entries in parts by the highest bits, each sorted when its turn comes.
    Table {
        entries: Vec<u128>,
        ends: Vec<usize>,
        next: usize,
    },
    Run {
        run: Arc<Run>,
        next: usize,
    },
}

impl Source {
    pub(super) fn of_table(table: &Memtable) -> Source {
        let part_of = |entry: u128| (entry >> (u128::BITS - PART_BITS)) as usize;
        let mut ends = vec![0; PARTS];
        for entry in table.entries() {
            ends[part_of(entry)] += 1;
        }
        let mut at = 0;
        for end in &mut ends {
            at += std::mem::replace(end, at);
        }
        // `ends` holds the parts' beginnings now, and their ends once every entry is in its place.
        let mut entries = vec![0; at];
        for entry in table.entries() {
            let end = &mut ends[part_of(entry)];
            entries[*end] = entry;
            *end += 1;
        }
        Source {
            rest: Rest::Table {
                entries,
                ends,
                next: 0,
            },
            ready: Vec::new(),
            taken: 0,
        }
    }

    pub(super) fn of_run(run: Arc<Run>) -> Source {
        Source {
            rest: Rest::Run { run, next: 0 },
            ready: Vec::new(),
            taken: 0,
        }
    }

    pub(super) fn has_more(&self) -> bool {
        match &self.rest {
            Rest::Table { ends, next, .. } => *next < ends.len(),
            Rest::Run { run, next } => *next < run.chunk_pages.len(),
        }
    }

    /// Replaces the entries in memory, all of which were taken, by the next.
    pub(super) fn refill(&mut self, pages: &mut Pages<'_>) -> Result<()> {
        self.ready.clear();
        self.taken = 0;
        match &mut self.rest {
            Rest::Table {
                entries,
                ends,
                next,
            } => {
                while self.ready.len() < SORT_AHEAD && *next < ends.len() {
                    let begin = if *next == 0 { 0 } else { ends[*next - 1] };
                    let part = &mut entries[begin..ends[*next]];
                    part.sort_unstable();
                    self.ready.extend_from_slice(part);
                    *next += 1;
                }
            }
            Rest::Run { run, next } => {
                let stamp = stamp_of(run.row.number);
                for &page in run.chunk_pages.iter().skip(*next).take(READ_AHEAD) {
                    let ready = &mut self.ready;
                    pages.with(page, |content| {
                        Chunk::read(content, stamp, page)?.decode(ready);
                        Ok(())
                    })?;
                    *next += 1;
                }
            }
        }
        Ok(())
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let table = match &self.rest {
            Rest::Table { entries, .. } => entries.capacity(),
            Rest::Run { .. } => 0,
        };
        (table + self.ready.capacity()) * size_of::<u128>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_comes_out_sorted() {
        let mut table = Memtable::with_room(0);
        for i in 0..5_000u64 {
            table.insert(i.wrapping_mul(0x9e37_79b9_7f4a_7c15), i, 0);
        }
        let mut source = Source::of_table(&table);
        let conn = rusqlite::Connection::open_in_memory().unwrap();
        let tables = super::super::tables::Tables::new("x").unwrap();
        tables.create(&conn).unwrap();
        let mut pages = tables.pages(&conn).unwrap();
        let mut all = Vec::new();
        while source.has_more() {
            source.refill(&mut pages).unwrap();
            all.append(&mut source.ready);
        }
        assert_eq!(all.len(), 5_000);
        assert!(all.is_sorted());
    }
}
