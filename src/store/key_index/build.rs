//! Builds one run, a bounded piece at a time: from a frozen memtable (a flush) or from several runs (a merge).
//! Between two pieces it holds a few pages of each source and the page that it is filling; all that it wrote is
//! in pages that nobody reads until the run is published. Equal entries of several sources become one.

use std::sync::Arc;

use super::chunk::ChunkBuilder;
use super::failure::corrupt;
use super::filter::{BLOCK_BYTES, Block, Filter, block_of, blocks_for};
use super::memtable::Memtable;
use super::run::{FENCE_BYTES, PAGE_HEADER, Run, filter_bits, stamp_of, write_header};
use super::slots::Slots;
use super::source::Source;
use super::tables::{DirectoryRow, IndexWrites, Pages, Ticket};
use crate::base::Result;

/// Where a build puts its pages: into this plan's writes, at free page numbers.
pub(super) struct Output<'a> {
    pub(super) writes: &'a mut IndexWrites,
    pub(super) slots: &'a mut Slots,
}

/// A run under construction.
pub(super) struct Build {
    /// The newest plan that has pages of this build.
    pub(super) newest: Ticket,
    /// The numbers of the runs that it replaces; empty for a flush.
    pub(super) replaces: Vec<i64>,
    sources: Vec<Source>,
    row: DirectoryRow,
    chunk: ChunkBuilder,
    last: Option<u128>,
    /// The part of the filter that is being filled, and the index of its first block.
    blocks: Vec<Block>,
    first_block: u64,
    folds: u32,
    filter: Option<Filter>,
    fences: Vec<u64>,
    chunk_pages: Vec<u32>,
    merged: Vec<u128>,
    spare: Vec<u128>,
}

impl Build {
    /// A flush of `table`, as run `number` of level 0.
    pub(super) fn flush(
        number: i64,
        table: &Memtable,
        page_bytes: usize,
        folds: Option<u32>,
        newest: Ticket,
    ) -> Build {
        let sources = vec![Source::of_table(table)];
        let highest_sequence = table.highest_sequence().unwrap_or(i64::MIN);
        let row = new_row(number, 0, table.len() as u64, highest_sequence);
        Build::new(row, sources, Vec::new(), page_bytes, folds, newest)
    }

    /// A merge of `runs`, as run `number` of `level`.
    pub(super) fn merge(
        number: i64,
        level: u8,
        runs: &[Arc<Run>],
        page_bytes: usize,
        folds: Option<u32>,
        newest: Ticket,
    ) -> Build {
        let entries = runs
            .iter()
            .map(|run| run.row.entries)
            .fold(0, u64::saturating_add);
        let highest_sequence = runs
            .iter()
            .map(|run| run.row.highest_sequence)
            .max()
            .unwrap_or(i64::MIN);
        let row = new_row(number, level, entries, highest_sequence);
        let sources = runs
            .iter()
            .map(|run| Source::of_run(Arc::clone(run)))
            .collect();
        let replaces = runs.iter().map(|run| run.row.number).collect();
        Build::new(row, sources, replaces, page_bytes, folds, newest)
    }

    fn new(
        row: DirectoryRow,
        sources: Vec<Source>,
        replaces: Vec<i64>,
        page_bytes: usize,
        folds: Option<u32>,
        newest: Ticket,
    ) -> Build {
        Build {
            newest,
            replaces,
            sources,
            chunk: ChunkBuilder::new(page_bytes),
            last: None,
            blocks: vec![Block::default(); blocks_per_page(page_bytes)],
            first_block: 0,
            folds: folds.unwrap_or(0),
            filter: folds.map(|folds| Filter::new(row.filter_blocks, folds)),
            row,
            fences: Vec::new(),
            chunk_pages: Vec::new(),
            merged: Vec::new(),
            spare: Vec::new(),
        }
    }

    pub(super) fn level(&self) -> u8 {
        self.row.level
    }

    /// Moves on by about `budget` entries, at least one if any is left. The answer is the number moved; 0: all of
    /// the sources are used up, and `finish` comes next. After an error the build must be dropped.
    pub(super) fn advance(
        &mut self,
        pages: &mut Pages<'_>,
        output: &mut Output<'_>,
        budget: usize,
    ) -> Result<usize> {
        let mut moved = 0;
        while moved < budget {
            let round = self.gather(pages)?;
            if round == 0 {
                break;
            }
            let merged = std::mem::take(&mut self.merged);
            for &entry in &merged {
                self.push(entry, output)?;
            }
            self.merged = merged;
            moved += round;
        }
        Ok(moved)
    }

    /// Fills `merged` with the entries that sort before everything not yet read; the answer is how many.
    fn gather(&mut self, pages: &mut Pages<'_>) -> Result<usize> {
        let mut bound = u128::MAX;
        for source in &mut self.sources {
            if source.taken == source.ready.len() {
                source.refill(pages)?;
            }
            if let (true, Some(&last)) = (source.has_more(), source.ready.last()) {
                bound = bound.min(last);
            }
        }
        self.merged.clear();
        let mut ends = Vec::with_capacity(self.sources.len());
        for source in &mut self.sources {
            let ready = source.ready.get(source.taken..).unwrap_or_default();
            let count = ready.partition_point(|&entry| entry <= bound);
            if count > 0 {
                self.merged.extend(ready.iter().take(count));
                source.taken += count;
                ends.push(self.merged.len());
            }
        }
        merge_segments(&mut self.merged, &mut self.spare, ends);
        Ok(self.merged.len())
    }

    fn push(&mut self, entry: u128, output: &mut Output<'_>) -> Result<()> {
        if self.last == Some(entry) {
            return Ok(());
        }
        self.last = Some(entry);
        self.row.entries += 1;
        let hash = (entry >> 64) as u64;
        let block = block_of(hash, self.row.filter_blocks);
        while block - self.first_block >= self.blocks.len() as u64 {
            self.write_blocks(output)?;
        }
        if let Some(block) = self.blocks.get_mut((block - self.first_block) as usize) {
            block.insert(hash);
        }
        if !self.chunk.push(entry) {
            self.write_chunk(output)?;
            self.chunk.push(entry);
        }
        Ok(())
    }

    fn write_chunk(&mut self, output: &mut Output<'_>) -> Result<()> {
        let first = self
            .chunk
            .finish(stamp_of(self.row.number), &mut output.writes.bytes);
        self.fences.push(first);
        self.chunk_pages.push(output.number_page()?);
        let per_page = fences_per_page(output.writes.page_bytes);
        if self.fences.len().is_multiple_of(per_page) {
            self.write_fences(self.fences.len() - per_page, output)?;
        }
        Ok(())
    }

    /// Writes the current part of the filter and begins the next.
    fn write_blocks(&mut self, output: &mut Output<'_>) -> Result<()> {
        let left = self.row.filter_blocks.saturating_sub(self.first_block);
        let count = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(self.blocks.len());
        let bytes = &mut output.writes.bytes;
        let end = bytes.len() + output.writes.page_bytes;
        write_header(bytes, self.row.number, count);
        for (index, block) in (self.first_block..).zip(self.blocks.iter().take(count)) {
            let mut stored = [0; BLOCK_BYTES];
            block.write(&mut stored);
            bytes.extend_from_slice(&stored);
            if let Some(filter) = &mut self.filter {
                filter.join(index, self.folds, block);
            }
        }
        bytes.resize(end, 0);
        self.blocks.fill(Block::default());
        self.first_block += count as u64;
        self.row.filter_pages.push(output.number_page()?);
        Ok(())
    }

    /// Writes a page of fences for the chunks from number `from` on.
    fn write_fences(&mut self, from: usize, output: &mut Output<'_>) -> Result<()> {
        let fences = self.fences.get(from..).unwrap_or_default();
        let pages = self.chunk_pages.get(from..).unwrap_or_default();
        let bytes = &mut output.writes.bytes;
        let end = bytes.len() + output.writes.page_bytes;
        write_header(bytes, self.row.number, fences.len());
        bytes.extend(fences.iter().flat_map(|first| first.to_le_bytes()));
        bytes.extend(pages.iter().flat_map(|page| page.to_le_bytes()));
        bytes.resize(end, 0);
        self.row.fence_pages.push(output.number_page()?);
        Ok(())
    }

    /// Writes what is left, fences and filter included; then only the directory row is missing. After an error the
    /// build must be dropped.
    pub(super) fn finish(&mut self, output: &mut Output<'_>) -> Result<()> {
        if !self.chunk.is_empty() {
            self.write_chunk(output)?;
        }
        while self.first_block < self.row.filter_blocks {
            self.write_blocks(output)?;
        }
        let written = self.row.fence_pages.len() * fences_per_page(output.writes.page_bytes);
        if written < self.fences.len() {
            self.write_fences(written, output)?;
        }
        Ok(())
    }

    /// The finished run.
    pub(super) fn into_run(self) -> Run {
        Run {
            row: self.row,
            fences: self.fences,
            chunk_pages: self.chunk_pages,
            filter: self.filter,
        }
    }

    /// Every page that was written so far.
    pub(super) fn owned_pages(&self) -> impl Iterator<Item = u32> + '_ {
        self.chunk_pages
            .iter()
            .chain(&self.row.fence_pages)
            .chain(&self.row.filter_pages)
            .copied()
    }

    pub(super) fn filter_bytes(&self) -> usize {
        self.filter.as_ref().map_or(0, Filter::memory_bytes)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let sources: usize = self.sources.iter().map(Source::memory_bytes).sum();
        let entries = self.merged.capacity() + self.spare.capacity();
        self.filter_bytes()
            + sources
            + entries * size_of::<u128>()
            + self.blocks.capacity() * BLOCK_BYTES
            + self.fences.capacity() * size_of::<u64>()
            + self.chunk_pages.capacity() * size_of::<u32>()
    }
}

impl Output<'_> {
    /// Gives the page that was just appended to the bytes its number.
    fn number_page(&mut self) -> Result<u32> {
        let page = self
            .slots
            .take()
            .ok_or_else(|| corrupt("all 2^32 page numbers are in use".to_owned()))?;
        self.writes.pages.push(page);
        Ok(page)
    }
}

fn fences_per_page(page_bytes: usize) -> usize {
    (page_bytes.saturating_sub(PAGE_HEADER) / FENCE_BYTES).max(1)
}

fn blocks_per_page(page_bytes: usize) -> usize {
    (page_bytes.saturating_sub(PAGE_HEADER) / BLOCK_BYTES).max(1)
}

/// The row of a run that has no entries yet and expects at most `entries`.
fn new_row(number: i64, level: u8, entries: u64, highest_sequence: i64) -> DirectoryRow {
    let filter_blocks = blocks_for(entries, filter_bits(level));
    DirectoryRow {
        number,
        level,
        entries: 0,
        highest_sequence,
        filter_blocks,
        fence_pages: Vec::new(),
        filter_pages: Vec::new(),
    }
}

/// Merges the sorted segments of `merged` that end at `ends`, pair by pair.
fn merge_segments(merged: &mut Vec<u128>, spare: &mut Vec<u128>, mut ends: Vec<usize>) {
    while ends.len() > 1 {
        spare.resize(merged.len(), 0);
        let mut begin = 0;
        for pair in ends.chunks(2) {
            let middle = pair[0];
            let end = pair.last().copied().unwrap_or(middle);
            merge_two(
                &merged[begin..middle],
                &merged[middle..end],
                &mut spare[begin..end],
            );
            begin = end;
        }
        ends = ends
            .chunks(2)
            .filter_map(|pair| pair.last().copied())
            .collect();
        std::mem::swap(merged, spare);
    }
}

/// Merges two sorted slices. The entries are random, so a branch on them would be mispredicted every other time:
/// written so that there is none.
fn merge_two(a: &[u128], b: &[u128], out: &mut [u128]) {
    let (mut i, mut j) = (0, 0);
    for slot in out {
        let x = a.get(i).copied().unwrap_or(u128::MAX);
        let y = b.get(j).copied().unwrap_or(u128::MAX);
        let from_a = x <= y;
        *slot = if from_a { x } else { y };
        i += usize::from(from_a);
        j += usize::from(!from_a);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_merge_in_order() {
        let segments: [&[u128]; 5] = [&[1, 5, u128::MAX], &[2, 5], &[], &[u128::MAX], &[0, 3]];
        for count in 0..=segments.len() {
            let (mut merged, mut spare, mut ends) = (Vec::new(), Vec::new(), Vec::new());
            for segment in segments.iter().take(count) {
                merged.extend_from_slice(segment);
                ends.push(merged.len());
            }
            let mut expected = merged.clone();
            expected.sort_unstable();
            merge_segments(&mut merged, &mut spare, ends);
            assert_eq!(merged, expected);
        }
    }
}
