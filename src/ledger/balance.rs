//! Balances in memory: pages of four, loaded on demand, changed in place, written back lazily.
//!
//! A balance belongs to one account in one asset and has a dense number. The truth rows (transfers and hold
//! events) are the ledger; a page on disk is a cache of them that says up to which sequence number it holds.
//! A page that was changed after that is *dirty*, and stays in memory until it was written and is durable.

use std::collections::VecDeque;

#[path = "balance_frames.rs"]
mod frames;

use frames::Frames;

use crate::tx::{BatchNumber, Journal, Mark};

/// Balances in one page; part of the file format.
pub const PAGE_BALANCES: u64 = 4;
/// Bytes that a page takes in memory.
pub const PAGE_BYTES: usize = size_of::<Balance>() * PAGE_BALANCES as usize + frames::FRAME_BYTES;
/// Pages that are written together: some four pages of the file.
const NEIGHBOURS: u64 = 32;
/// Events of a balance between two posting marks; part of the file format.
pub const MARK_EVENTS: u32 = 256;

/// The four turnovers of a balance, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnovers {
    pub debits_posted: u128,
    pub credits_posted: u128,
    pub debits_pending: u128,
    pub credits_pending: u128,
}

impl Turnovers {
    /// Debits less credits, posted. Turnovers stay below 2^127, so the difference always fits.
    #[inline]
    pub fn posted(&self) -> i128 {
        self.debits_posted as i128 - self.credits_posted as i128
    }
}

/// The dates seen since the last posting mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub booking_first: i32,
    pub booking_last: i32,
    pub value_first: i32,
    pub value_last: i32,
}

impl Window {
    /// No dates yet.
    pub const EMPTY: Window = Window {
        booking_first: i32::MAX,
        booking_last: i32::MIN,
        value_first: i32::MAX,
        value_last: i32::MIN,
    };

    #[inline]
    pub fn add(&mut self, booking: i32, value: i32) {
        self.booking_first = self.booking_first.min(booking);
        self.booking_last = self.booking_last.max(booking);
        self.value_first = self.value_first.min(value);
        self.value_last = self.value_last.max(value);
    }
}

/// One balance. The low halves of the turnovers are inline; only balances of wide assets that grew beyond
/// 64 bits carry high halves.
#[derive(Clone, Debug)]
pub struct Balance {
    pub account: u64,
    pub asset: u32,
    /// Events since the last posting mark.
    pub since_mark: u32,
    /// Events in all.
    pub events: u64,
    /// Sequence number of the newest event: the head of the chain; 0: none.
    pub head: i64,
    low: [u64; 4],
    high: Option<Box<[u64; 4]>>,
    pub window: Window,
    epoch: u64,
}

impl Balance {
    /// An untouched balance.
    pub fn new(account: u64, asset: u32) -> Balance {
        Balance {
            account,
            asset,
            since_mark: 0,
            events: 0,
            head: 0,
            low: [0; 4],
            high: None,
            window: Window::EMPTY,
            epoch: 0,
        }
    }

    /// The turnovers.
    #[inline]
    pub fn turnovers(&self) -> Turnovers {
        match &self.high {
            None => Turnovers {
                debits_posted: u128::from(self.low[0]),
                credits_posted: u128::from(self.low[1]),
                debits_pending: u128::from(self.low[2]),
                credits_pending: u128::from(self.low[3]),
            },
            Some(high) => {
                let join = |i: usize| u128::from(high[i]) << 64 | u128::from(self.low[i]);
                Turnovers {
                    debits_posted: join(0),
                    credits_posted: join(1),
                    debits_pending: join(2),
                    credits_pending: join(3),
                }
            }
        }
    }

    /// Replaces the turnovers.
    #[inline]
    pub fn set_turnovers(&mut self, turnovers: &Turnovers) {
        let Turnovers {
            debits_posted,
            credits_posted,
            debits_pending,
            credits_pending,
        } = *turnovers;
        let any = debits_posted | credits_posted | debits_pending | credits_pending;
        if any >> 64 == 0 && self.high.is_none() {
            self.low = [
                debits_posted as u64,
                credits_posted as u64,
                debits_pending as u64,
                credits_pending as u64,
            ];
        } else {
            self.set_wide_turnovers(turnovers);
        }
    }

    #[cold]
    fn set_wide_turnovers(&mut self, turnovers: &Turnovers) {
        let all = [
            turnovers.debits_posted,
            turnovers.credits_posted,
            turnovers.debits_pending,
            turnovers.credits_pending,
        ];
        let high = all.map(|value| (value >> 64) as u64);
        self.low = all.map(|value| value as u64);
        self.high = (high != [0; 4]).then(|| Box::new(high));
    }
}

/// A page as it is to be written: number, sequence number up to which it holds, balances.
#[derive(Debug)]
pub struct PageWrite {
    pub number: u64,
    pub sequence: i64,
    pub balances: Vec<Balance>,
}

#[derive(Debug)]
enum Undo {
    Changed { number: u64, before: Balance },
    Created { number: u64 },
}

/// The cache of balance pages.
#[derive(Debug)]
pub struct Balances {
    frames: Frames,
    hand: usize,
    capacity: usize,
    /// Dirty pages, the longest dirty first: (page, dirty_since). An entry whose page is clean or younger is stale.
    dirty: VecDeque<(u64, i64)>,
    journal: Journal<Undo>,
    /// Pages written by sealed batches, to be dirtied again if a commit fails: (batch, page, dirty_since).
    written: VecDeque<(BatchNumber, u64, i64)>,
    epoch: u64,
    /// First epoch of each batch that is not durable.
    epochs: VecDeque<(BatchNumber, u64)>,
    open_epoch: u64,
    count: u64,
    /// Pages that the open batch must write: those of wide balances that it changed.
    urgent: Vec<u64>,
    durable: BatchNumber,
}

impl Balances {
    /// An empty cache for a file that has `count` balances, holding `capacity` pages when clean.
    pub fn new(count: u64, capacity: usize) -> Balances {
        let pages = count.div_ceil(PAGE_BALANCES) as usize;
        Balances {
            frames: Frames::new(pages),
            hand: 0,
            capacity: capacity.max(64),
            dirty: VecDeque::new(),
            journal: Journal::default(),
            written: VecDeque::new(),
            epoch: 1,
            epochs: VecDeque::new(),
            open_epoch: 1,
            count,
            urgent: Vec::new(),
            durable: 0,
        }
    }

    /// How many balances there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Bytes of memory in use, roughly.
    pub fn memory_bytes(&self) -> usize {
        self.frames.memory_bytes()
    }

    /// Whether the balance is in memory.
    #[inline]
    pub fn is_resident(&self, number: u64) -> bool {
        self.frames.find(number / PAGE_BALANCES).is_some()
    }

    /// Puts a page that was read from disk into memory.
    pub fn install(&mut self, page: u64, balances: Vec<Balance>) {
        self.frames.insert(page, balances);
    }

    /// A balance that is in memory.
    #[inline]
    pub fn get(&mut self, number: u64) -> Option<&Balance> {
        let frame = self.frames.find(number / PAGE_BALANCES)?;
        let (frame, balance) = self.frames.balance(frame, number % PAGE_BALANCES)?;
        frame.referenced = true;
        Some(balance)
    }

    /// Reads a little of each balance that is in memory, so that all of it is on its way to the processor.
    pub fn fetch(&self, numbers: &[u64]) {
        let touched = numbers.iter().fold(0, |touched, number| {
            touched
                ^ self
                    .frames
                    .touch(number / PAGE_BALANCES, number % PAGE_BALANCES)
        });
        std::hint::black_box(touched);
    }

    /// Gives a new balance the next number. Its page must be in memory unless it begins a new one.
    pub fn create(&mut self, balance: Balance, sequence: i64) -> u64 {
        let number = self.count;
        let page = number / PAGE_BALANCES;
        self.count += 1;
        self.journal.push(Undo::Created { number });
        let balance = Balance {
            epoch: self.epoch,
            ..balance
        };
        if number.is_multiple_of(PAGE_BALANCES) {
            self.frames.insert(page, [balance]);
        } else {
            self.frames.push(page, balance);
        }
        self.mark_dirty(page, sequence);
        number
    }

    fn mark_dirty(&mut self, page: u64, sequence: i64) {
        if let Some(found) = self.frames.page(page)
            && found.dirty_since == 0
        {
            found.dirty_since = sequence;
            self.dirty.push_back((page, sequence));
        }
    }

    /// Has the open batch write the page of a balance, so that what is on disk is exact after each commit.
    pub fn write_soon(&mut self, number: u64) {
        self.urgent.push(number / PAGE_BALANCES);
    }

    /// Marks a page in memory as changed since `sequence`.
    pub fn touch(&mut self, page: u64, sequence: i64) {
        self.mark_dirty(page, sequence);
    }

    /// Changes a balance that is in memory, keeping its before-image once per epoch. `false`: it is not there.
    #[inline]
    pub fn change(
        &mut self,
        number: u64,
        sequence: i64,
        change: impl FnOnce(&mut Balance),
    ) -> bool {
        let page = number / PAGE_BALANCES;
        let Some((frame, balance)) = self
            .frames
            .find(page)
            .and_then(|frame| self.frames.balance(frame, number % PAGE_BALANCES))
        else {
            return false;
        };
        if frame.dirty_since == 0 {
            frame.dirty_since = sequence;
            self.dirty.push_back((page, sequence));
        }
        if balance.epoch != self.epoch {
            self.journal.push(Undo::Changed {
                number,
                before: balance.clone(),
            });
            balance.epoch = self.epoch;
        }
        change(balance);
        true
    }

    /// A position to roll back to. Later changes keep their own before-images.
    pub fn mark(&mut self) -> Mark {
        self.epoch += 1;
        self.journal.mark()
    }

    /// Takes back everything after `mark`; `next` is the sequence number that is given out next from now on.
    pub fn roll_back(&mut self, mark: Mark, next: i64) {
        while let Some(undo) = self.journal.pop_after(mark) {
            self.restore(undo);
        }
        self.epoch += 1;
        self.dirty_since_at_most(next);
    }

    /// Pages that became dirty under sequence numbers that were taken back are dirty since `next`: those numbers are
    /// given out again, and the first change under one of them may be of such a page.
    fn dirty_since_at_most(&mut self, next: i64) {
        let mut later = Vec::new();
        while let Some(&(number, since)) = self.dirty.back()
            && since > next
        {
            self.dirty.pop_back();
            if let Some(page) = self.frames.page(number)
                && page.dirty_since == since
            {
                page.dirty_since = next;
                later.push((number, next));
            }
        }
        self.dirty.extend(later.into_iter().rev());
    }

    fn restore(&mut self, undo: Undo) {
        match undo {
            Undo::Changed { number, before } => {
                let frame = self.frames.find(number / PAGE_BALANCES);
                if let Some((_, balance)) =
                    frame.and_then(|frame| self.frames.balance(frame, number % PAGE_BALANCES))
                {
                    *balance = before;
                }
            }
            Undo::Created { number } => {
                self.count = number;
                self.frames.pop(number / PAGE_BALANCES);
            }
        }
    }

    /// Seals the open batch and takes the pages that this batch writes, in the order of their numbers: those dirty since
    /// before `oldest_allowed`, more when memory is short, and with each the dirty ones beside it, which lie on the same
    /// pages of the file. About `limit` of them at most.
    pub fn seal(
        &mut self,
        batch: BatchNumber,
        sequence: i64,
        oldest_allowed: i64,
        limit: usize,
    ) -> Vec<PageWrite> {
        self.journal.seal(batch);
        self.epochs.push_back((batch, self.open_epoch));
        self.epoch += 1;
        self.open_epoch = self.epoch;
        let mut writes = Vec::new();
        let mut urgent = std::mem::take(&mut self.urgent);
        urgent.sort_unstable();
        urgent.dedup();
        for number in urgent {
            self.write_page(batch, number, sequence, &mut writes);
        }
        let mut crowded = self.frames.resident().saturating_sub(self.capacity);
        while writes.len() < limit {
            let Some(&(number, since)) = self.dirty.front() else {
                break;
            };
            let stale = self
                .frames
                .page(number)
                .is_none_or(|page| page.dirty_since != since);
            if !stale && since >= oldest_allowed && crowded == 0 {
                break;
            }
            self.dirty.pop_front();
            if stale {
                continue;
            }
            let before = writes.len();
            let first = number - number % NEIGHBOURS;
            for neighbour in first..first + NEIGHBOURS {
                self.write_page(batch, neighbour, sequence, &mut writes);
            }
            crowded = crowded.saturating_sub(writes.len() - before);
        }
        writes.sort_unstable_by_key(|page| page.number);
        writes
    }

    fn write_page(
        &mut self,
        batch: BatchNumber,
        number: u64,
        sequence: i64,
        writes: &mut Vec<PageWrite>,
    ) {
        let Some(slot) = self.frames.find(number) else {
            return;
        };
        let Some(frame) = self
            .frames
            .frame(slot)
            .filter(|frame| frame.dirty_since != 0)
        else {
            return;
        };
        let since = std::mem::take(&mut frame.dirty_since);
        frame.written_in = batch;
        writes.push(PageWrite {
            number,
            sequence,
            balances: self.frames.balances(slot).to_vec(),
        });
        self.written.push_back((batch, number, since));
    }

    /// The first sequence number that some page on disk does not hold once everything sealed is durable;
    /// `next` when all pages are clean.
    pub fn replay_from(&mut self, next: i64) -> i64 {
        while let Some(&(number, since)) = self.dirty.front() {
            if self
                .frames
                .page(number)
                .is_some_and(|page| page.dirty_since == since)
            {
                return since;
            }
            self.dirty.pop_front();
        }
        next
    }

    /// Batches up to `batch` are durable; frees memory beyond the capacity.
    pub fn durable(&mut self, batch: BatchNumber) {
        self.journal.durable(batch);
        while self
            .epochs
            .front()
            .is_some_and(|(number, _)| *number <= batch)
        {
            self.epochs.pop_front();
        }
        while self
            .written
            .front()
            .is_some_and(|(number, _, _)| *number <= batch)
        {
            self.written.pop_front();
        }
        self.durable = batch;
        self.trim();
    }

    /// Frees memory beyond the capacity. Not while a balance is in use.
    pub fn trim(&mut self) {
        if self.frames.resident() > self.capacity {
            self.evict(self.durable);
        }
    }

    fn evict(&mut self, durable: BatchNumber) {
        // Two turns of the clock at most: the first clears the marks, the second finds victims. And no more than some
        // steps for each: where most pages are dirty, few can go before they are written.
        let excess = self.frames.resident() - self.capacity;
        let mut steps = (2 * self.frames.len()).min(16 * excess + 1024);
        while self.frames.resident() > self.capacity && steps > 0 {
            steps -= 1;
            self.hand = (self.hand + 1) % self.frames.len().max(1);
            let Some(page) = self.frames.frame(self.hand as u32) else {
                continue;
            };
            let last = page.number == self.count / PAGE_BALANCES;
            if page.dirty_since != 0 || page.written_in > durable || last {
                continue;
            }
            if page.referenced {
                page.referenced = false;
                continue;
            }
            let number = page.number;
            self.frames.remove(number);
        }
    }

    /// Takes back everything that is not durable, the open batch included; `next` as for [`Balances::roll_back`].
    pub fn discard_undurable(&mut self, next: i64) {
        while let Some(undo) = self.journal.pop_any() {
            self.restore(undo);
        }
        let again: Vec<_> = self.written.drain(..).collect();
        for (_, number, since) in again {
            if let Some(page) = self.frames.page(number)
                && (page.dirty_since == 0 || page.dirty_since > since)
            {
                page.dirty_since = since;
                page.written_in = 0;
                self.dirty.push_back((number, since));
            }
        }
        self.urgent.clear();
        self.dirty
            .make_contiguous()
            .sort_by_key(|(_, since)| *since);
        self.dirty_since_at_most(next);
        self.epochs.clear();
        self.epoch += 1;
        self.open_epoch = self.epoch;
    }

    /// The balance as the last durable commit left it. `None`: not in memory, or created since.
    pub fn get_durable(&mut self, number: u64) -> Option<Balance> {
        let oldest = self
            .epochs
            .front()
            .map_or(self.open_epoch, |(_, epoch)| *epoch);
        let balance = self.get(number)?;
        if balance.epoch < oldest {
            return Some(balance.clone());
        }
        let now = balance.clone();
        for undo in self.journal.oldest_first() {
            match undo {
                Undo::Changed {
                    number: changed,
                    before,
                } if *changed == number => return Some(before.clone()),
                Undo::Created { number: created } if *created == number => return None,
                _ => {}
            }
        }
        Some(now)
    }
}

#[cfg(test)]
#[path = "balance_tests.rs"]
mod tests;
