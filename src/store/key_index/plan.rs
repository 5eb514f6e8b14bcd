//! The state machine of an index: what a plan does, and what durability and rollback do to plans. The states are
//! described in the module above; here each transition is one function.

use std::sync::Arc;

use rusqlite::Connection;

use super::build::{Build, Output};
use super::failure::sqlite;
use super::memtable::Memtable;
use super::run::{Run, filter_bits, fit_filters};
use super::tables::{IndexWrites, Ticket};
use super::{KeyIndex, LiveRun, filter};
use crate::base::Result;

/// Entries flushed per entry inserted: a frozen memtable is in a run after a quarter of the next has come in.
const FLUSH_RATE: i64 = 4;
/// Entries flushed and merged per entry inserted. Flushing needs one and the merges of each level one; what flushing
/// leaves goes to the lowest level first, and all keep up below 65,536 * 8^5 entries. Bursts end sooner when this is
/// higher, and then there are fewer runs to probe; the longest plan is shorter when it is lower.
const WORK_RATE: i64 = 6;
/// A merge takes at most this many times the fan-out of runs, when there are more because merging was held up.
const MOST_FAN_OUTS: usize = 2;

/// A complete run whose directory row is in a plan that is not known to be durable.
pub(super) struct Publication {
    pub(super) ticket: Ticket,
    pub(super) run: Run,
    /// The runs that it replaces; empty: it is the flush of the oldest frozen memtable without publication.
    pub(super) replaces: Vec<i64>,
}

impl KeyIndex {
    /// Ends a batch in which `inserted` entries were added: does a share of the flushing and merging and returns
    /// what the writer applies in this batch's transaction. When that is durable, its ticket is reported to `durable`
    /// (a later ticket includes it); when it fails, `rollback` takes it back. On an error nothing is planned, and the
    /// call may be repeated.
    pub fn plan(&mut self, reader: &Connection, inserted: usize) -> Result<IndexWrites> {
        let ticket = Ticket(self.next_ticket);
        let mut writes = self.tables.writes(ticket, self.settings.page_bytes);
        if self.flush_requested || self.active.len() >= self.settings.memtable_entries {
            self.freeze();
        }
        let work = self.work(reader, inserted, &mut writes);
        if let Err(error) = work {
            self.rollback(ticket);
            return Err(error);
        }
        self.flush_requested = false;
        self.next_ticket += 1;
        Ok(writes)
    }

    /// Flushes and merges, all at one snapshot: a transaction for each page read would cost more than the reading.
    fn work(
        &mut self,
        reader: &Connection,
        inserted: usize,
        writes: &mut IndexWrites,
    ) -> Result<()> {
        let snapshot = if reader.is_autocommit() {
            let begun = reader.unchecked_transaction();
            Some(begun.map_err(|e| sqlite("beginning to read", e))?)
        } else {
            None
        };
        let inserted = as_credit(inserted);
        let flushed = self.flush_some(reader, inserted, writes)?;
        let left = inserted.saturating_mul(WORK_RATE).saturating_sub(flushed);
        self.merge_some(reader, left, writes)?;
        match snapshot {
            Some(snapshot) => snapshot.commit().map_err(|e| sqlite("ending to read", e)),
            None => Ok(()),
        }
    }

    /// The commits of all plans up to `upto` are durable.
    pub fn durable(&mut self, upto: Ticket) {
        while self
            .publications
            .front()
            .is_some_and(|publication| publication.ticket <= upto)
        {
            let Some(publication) = self.publications.pop_front() else {
                break;
            };
            if publication.replaces.is_empty() {
                self.published = self.published.saturating_sub(1);
                if let Some(mut table) = self.frozen.pop_front() {
                    table.clear();
                    self.spare = Some(table);
                }
            }
            let slots = &mut self.slots;
            self.live.retain(|live| {
                let stays = !publication.replaces.contains(&live.run.row.number);
                if !stays {
                    live.run.owned_pages().for_each(|page| slots.release(page));
                }
                stays
            });
            self.flushed_sequence = self
                .flushed_sequence
                .max(Some(publication.run.row.highest_sequence));
            self.live.push(LiveRun {
                run: Arc::new(publication.run),
                merging: false,
            });
        }
    }

    /// Takes back plan `first` and all later ones: the commit of `first` failed and none after it happened. What was
    /// taken back is planned again. (A commit that did happen must not be taken back.)
    pub fn rollback(&mut self, first: Ticket) {
        while self
            .publications
            .back()
            .is_some_and(|publication| publication.ticket >= first)
        {
            let Some(publication) = self.publications.pop_back() else {
                break;
            };
            publication
                .run
                .owned_pages()
                .for_each(|page| self.slots.release(page));
            self.stop_merging(&publication.replaces);
            if publication.replaces.is_empty() {
                self.published = self.published.saturating_sub(1);
            }
        }
        // A flush that began after a publication that was taken back is as new, so it goes too: memtables stay in order.
        if let Some(build) = self.flush.take_if(|build| build.newest >= first) {
            self.drop_build(&build);
        }
        for build in self
            .merges
            .extract_if(.., |build| build.newest >= first)
            .collect::<Vec<_>>()
        {
            self.drop_build(&build);
        }
    }

    fn drop_build(&mut self, build: &Build) {
        build
            .owned_pages()
            .for_each(|page| self.slots.release(page));
        self.stop_merging(&build.replaces);
    }

    fn stop_merging(&mut self, runs: &[i64]) {
        for live in self
            .live
            .iter_mut()
            .filter(|live| runs.contains(&live.run.row.number))
        {
            live.merging = false;
        }
    }

    fn freeze(&mut self) {
        if !self.active.is_empty() {
            let entries = self.settings.memtable_entries;
            let empty = self
                .spare
                .take()
                .unwrap_or_else(|| Memtable::with_room(entries));
            self.frozen
                .push_back(std::mem::replace(&mut self.active, empty));
        }
    }

    /// Flushes for a plan that inserted `inserted` entries; the answer is the number of entries moved.
    fn flush_some(
        &mut self,
        reader: &Connection,
        inserted: i64,
        writes: &mut IndexWrites,
    ) -> Result<i64> {
        let all = self.flush_requested;
        self.flush_credit = self
            .flush_credit
            .saturating_add(inserted.saturating_mul(FLUSH_RATE));
        let mut pages = self.tables.pages(reader)?;
        let mut moved_in_all = 0;
        while all || self.flush_credit > 0 {
            let Some(mut build) = self
                .flush
                .take()
                .or_else(|| self.start_flush(writes.ticket))
            else {
                self.flush_credit = self.flush_credit.min(0);
                break;
            };
            build.newest = writes.ticket;
            let mut output = Output {
                writes,
                slots: &mut self.slots,
            };
            let budget = if all {
                usize::MAX
            } else {
                as_budget(self.flush_credit)
            };
            let step =
                build
                    .advance(&mut pages, &mut output, budget)
                    .and_then(|moved| match moved {
                        0 => build.finish(&mut output).map(|()| 0),
                        moved => Ok(moved),
                    });
            match step {
                Ok(0) => {
                    self.publish(build, writes);
                    self.published += 1;
                }
                Ok(moved) => {
                    let moved = as_credit(moved);
                    self.flush_credit = self.flush_credit.saturating_sub(moved);
                    moved_in_all += moved;
                    self.flush = Some(build);
                }
                Err(error) => {
                    self.drop_build(&build);
                    return Err(error);
                }
            }
        }
        if all {
            self.flush_credit = 0;
        }
        Ok(moved_in_all)
    }

    /// A build for the oldest frozen memtable that has none. (One that was emptied by undoing needs none.)
    fn start_flush(&mut self, ticket: Ticket) -> Option<Build> {
        while self.frozen.get(self.published)?.is_empty() {
            self.frozen.remove(self.published);
        }
        let number = self.take_run_number();
        let folds = self.folds_for(0, self.frozen.get(self.published)?.len() as u64, &[]);
        let table = self.frozen.get(self.published)?;
        Some(Build::flush(
            number,
            table,
            self.settings.page_bytes,
            folds,
            ticket,
        ))
    }

    /// Merges `work` entries, more or less: what is too much or too little is made up by the next plans.
    fn merge_some(
        &mut self,
        reader: &Connection,
        work: i64,
        writes: &mut IndexWrites,
    ) -> Result<()> {
        self.start_merges(writes.ticket);
        self.merge_credit = self.merge_credit.saturating_add(work);
        let mut pages = self.tables.pages(reader)?;
        while self.merge_credit > 0 {
            let Some(build) = self.merges.first_mut() else {
                self.merge_credit = 0;
                break;
            };
            build.newest = writes.ticket;
            let mut output = Output {
                writes,
                slots: &mut self.slots,
            };
            let moved = build.advance(&mut pages, &mut output, as_budget(self.merge_credit))?;
            self.merge_credit = self.merge_credit.saturating_sub(as_credit(moved));
            if moved == 0 {
                build.finish(&mut output)?;
                let build = self.merges.remove(0);
                self.publish(build, writes);
            }
        }
        Ok(())
    }

    /// Begins a merge at every level that has enough runs and no merge.
    fn start_merges(&mut self, ticket: Ticket) {
        let idle = |live: &&LiveRun| !live.merging;
        let Some(highest) = self
            .live
            .iter()
            .filter(idle)
            .map(|live| live.run.row.level)
            .max()
        else {
            return;
        };
        for level in 0..=highest.min(u8::MAX - 1) {
            let runs: Vec<Arc<Run>> = self
                .live
                .iter()
                .filter(idle)
                .filter(|live| live.run.row.level == level)
                .take(self.settings.fan_out * MOST_FAN_OUTS)
                .map(|live| Arc::clone(&live.run))
                .collect();
            if runs.len() < self.settings.fan_out
                || self.merges.iter().any(|build| build.level() == level + 1)
            {
                continue;
            }
            let replaces: Vec<i64> = runs.iter().map(|run| run.row.number).collect();
            for live in self
                .live
                .iter_mut()
                .filter(|live| replaces.contains(&live.run.row.number))
            {
                live.merging = true;
            }
            let entries = runs
                .iter()
                .map(|run| run.row.entries)
                .fold(0, u64::saturating_add);
            let number = self.take_run_number();
            let folds = self.folds_for(level + 1, entries, &replaces);
            self.merges.push(Build::merge(
                number,
                level + 1,
                &runs,
                self.settings.page_bytes,
                folds,
                ticket,
            ));
            self.merges.sort_by_key(Build::level);
        }
    }

    /// Hands the finished build to the plan.
    fn publish(&mut self, build: Build, writes: &mut IndexWrites) {
        let replaces = build.replaces.clone();
        let run = build.into_run();
        writes.added.push(run.row.clone());
        writes.removed.extend(&replaces);
        self.publications.push_back(Publication {
            ticket: writes.ticket,
            run,
            replaces,
        });
    }

    fn take_run_number(&mut self) -> i64 {
        let number = self.next_run;
        self.next_run += 1;
        number
    }

    /// How often the filter of a new run must be folded beside the filters that stay when it replaces `replaces`.
    fn folds_for(&self, level: u8, entries: u64, replaces: &[i64]) -> Option<u32> {
        let stay = self
            .live
            .iter()
            .filter(|live| !replaces.contains(&live.run.row.number));
        let live: usize = stay.map(|live| live.run.filter_bytes()).sum();
        let published: usize = self
            .publications
            .iter()
            .map(|publication| publication.run.filter_bytes())
            .sum();
        let built: usize = self
            .flush
            .iter()
            .chain(&self.merges)
            .map(Build::filter_bytes)
            .sum();
        let left = self
            .settings
            .filter_bytes
            .saturating_sub(live + published + built);
        let blocks = filter::blocks_for(entries, filter_bits(level));
        fit_filters(&[blocks], left).first().copied().flatten()
    }
}

fn as_credit(entries: usize) -> i64 {
    i64::try_from(entries).unwrap_or(i64::MAX)
}

fn as_budget(credit: i64) -> usize {
    usize::try_from(credit).unwrap_or(0)
}
