//! A complete, immutable run: sorted chunks on disk, and in memory the first hash of each chunk (its fence), the
//! chunks' page numbers and the Bloom filter. Fences and filter are stored in pages of their own, so that opening
//! reads only those: about 1 byte in 6 of the run.

use rusqlite::Connection;

use super::chunk::Chunk;
use super::failure::corrupt;
use super::filter::{BLOCK_BYTES, Block, FOLDS, Filter};
use super::tables::{DirectoryRow, Pages, Tables};
use crate::base::{Error, Result};

/// Fence and filter pages begin with the stamp and a count.
pub(super) const PAGE_HEADER: usize = 8;
/// Blocks of a filter in a page of 64 KiB, the largest of SQLite.
const MOST_BLOCKS: u64 = 1_024;
/// A fence: first hash and page number.
pub(super) const FENCE_BYTES: usize = 12;

pub(super) struct Run {
    pub(super) row: DirectoryRow,
    pub(super) fences: Vec<u64>,
    pub(super) chunk_pages: Vec<u32>,
    /// `None`: the run may hold anything, and every search reads a chunk.
    pub(super) filter: Option<Filter>,
}

/// The bits of the filter per entry. Runs of the lower levels are many and small: more bits there cost little
/// memory and keep the sum over all runs low.
pub(super) fn filter_bits(level: u8) -> u32 {
    match level {
        0 => 24,
        1 => 20,
        2 => 16,
        _ => 12,
    }
}

/// The stamp on the pages of run `number`.
pub(super) fn stamp_of(number: i64) -> u32 {
    number as u32
}

/// How often the filter of each run must be folded so that all fit into `cap` bytes, `None` for no filter.
/// The largest give way first.
pub(super) fn fit_filters(blocks: &[u64], cap: usize) -> Vec<Option<u32>> {
    let mut folds = vec![Some(0); blocks.len()];
    let bytes = |blocks: u64, folds: Option<u32>| {
        folds.map_or(0, |f| (blocks >> f).saturating_mul(BLOCK_BYTES as u64))
    };
    loop {
        let sizes = || {
            blocks
                .iter()
                .zip(&folds)
                .map(|(&blocks, &folds)| bytes(blocks, folds))
        };
        if sizes().fold(0, u64::saturating_add) <= cap as u64 {
            return folds;
        }
        let largest = sizes()
            .zip(blocks)
            .enumerate()
            .max_by_key(|&(_, order)| order)
            .map(|(at, _)| at);
        match largest.and_then(|at| folds.get_mut(at)) {
            Some(fold) => *fold = fold.map(|f| f + 1).filter(|&f| f <= FOLDS),
            None => return folds,
        }
    }
}

impl Run {
    /// Reads fences and filter of the run that `row` describes.
    pub(super) fn load(
        conn: &Connection,
        tables: &Tables,
        row: DirectoryRow,
        folds: Option<u32>,
    ) -> Result<Run> {
        if !filter_fits(&row) {
            return Err(filter_damaged(&row));
        }
        let mut pages = tables.pages(conn)?;
        let (mut fences, mut chunk_pages) = (Vec::new(), Vec::new());
        for &page in &row.fence_pages {
            pages.with(page, |content| {
                read_fences(content, &row, page, &mut fences, &mut chunk_pages)
            })?;
        }
        if !fences.is_sorted() || (fences.is_empty() && row.entries > 0) {
            return Err(corrupt(format!(
                "the fences of run {} are damaged: clear and rebuild the index",
                row.number
            )));
        }
        let filter = match folds {
            Some(folds) => Some(load_filter(&mut pages, &row, folds)?),
            None => None,
        };
        Ok(Run {
            row,
            fences,
            chunk_pages,
            filter,
        })
    }

    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.filter
            .as_ref()
            .is_none_or(|filter| filter.may_hold(hash))
    }

    /// Appends the values of `hash`.
    pub(super) fn find(&self, pages: &mut Pages<'_>, hash: u64, out: &mut Vec<u64>) -> Result<()> {
        let mut at = self
            .fences
            .partition_point(|&first| first < hash)
            .saturating_sub(1);
        while let (Some(&first), Some(&page)) = (self.fences.get(at), self.chunk_pages.get(at)) {
            let stamp = stamp_of(self.row.number);
            if first > hash
                || !pages.with(page, |content| {
                    Ok(Chunk::read(content, stamp, page)?.find(hash, out))
                })?
            {
                break;
            }
            at += 1;
        }
        Ok(())
    }

    /// Every page that the run owns.
    pub(super) fn owned_pages(&self) -> impl Iterator<Item = u32> + '_ {
        let row = &self.row;
        self.chunk_pages
            .iter()
            .chain(&row.fence_pages)
            .chain(&row.filter_pages)
            .copied()
    }

    pub(super) fn filter_bytes(&self) -> usize {
        self.filter.as_ref().map_or(0, Filter::memory_bytes)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let numbers = self.chunk_pages.capacity()
            + self.row.fence_pages.capacity()
            + self.row.filter_pages.capacity();
        self.filter_bytes() + self.fences.capacity() * size_of::<u64>() + numbers * size_of::<u32>()
    }
}

/// The whole filter, folded while reading.
pub(super) fn load_filter(pages: &mut Pages<'_>, row: &DirectoryRow, folds: u32) -> Result<Filter> {
    let damaged = || filter_damaged(row);
    if !filter_fits(row) {
        return Err(damaged());
    }
    let mut filter = Filter::new(row.filter_blocks, folds);
    let mut index = 0;
    for &page in &row.filter_pages {
        pages.with(page, |content| {
            let (count, body) = read_header(content, row).ok_or_else(damaged)?;
            let blocks = body.as_chunks().0.get(..count).ok_or_else(damaged)?;
            for bytes in blocks {
                filter.join(index, folds, &Block::read(bytes));
                index += 1;
            }
            Ok(())
        })?;
    }
    if index == row.filter_blocks {
        Ok(filter)
    } else {
        Err(damaged())
    }
}

/// Whether the pages can hold as many blocks as the row says: asked before anything is allocated by that number.
fn filter_fits(row: &DirectoryRow) -> bool {
    let most = (row.filter_pages.len() as u64).saturating_mul(MOST_BLOCKS);
    row.filter_blocks > 0
        && row.filter_blocks <= most
        && row.filter_blocks.is_multiple_of(1 << FOLDS)
}

fn filter_damaged(row: &DirectoryRow) -> Error {
    corrupt(format!(
        "the filter of run {} is damaged: clear and rebuild the index",
        row.number
    ))
}

fn read_fences(
    content: &[u8],
    row: &DirectoryRow,
    page: u32,
    fences: &mut Vec<u64>,
    chunk_pages: &mut Vec<u32>,
) -> Result<()> {
    let damaged = || {
        corrupt(format!(
            "page {page} is not a fence page of run {}: clear and rebuild the index",
            row.number
        ))
    };
    let (count, body) = read_header(content, row).ok_or_else(damaged)?;
    let (hashes, rest) = body.split_at_checked(count * 8).ok_or_else(damaged)?;
    let numbers = rest.get(..count * 4).ok_or_else(damaged)?;
    fences.extend(
        hashes
            .as_chunks()
            .0
            .iter()
            .map(|hash| u64::from_le_bytes(*hash)),
    );
    chunk_pages.extend(
        numbers
            .as_chunks()
            .0
            .iter()
            .map(|number| u32::from_le_bytes(*number)),
    );
    Ok(())
}

/// The count and the body of a fence or filter page, if it is stamped as the run's.
fn read_header<'a>(content: &'a [u8], row: &DirectoryRow) -> Option<(usize, &'a [u8])> {
    let (stamp, rest) = content.split_first_chunk()?;
    let (count, body) = rest.split_first_chunk()?;
    (u32::from_le_bytes(*stamp) == stamp_of(row.number))
        .then_some((u32::from_le_bytes(*count) as usize, body))
}

/// The header that `read_header` reads.
pub(super) fn write_header(out: &mut Vec<u8>, number: i64, count: usize) {
    out.extend_from_slice(&stamp_of(number).to_le_bytes());
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_filters_give_way_to_the_cap() {
        let blocks = [4, 64, 16];
        assert_eq!(
            fit_filters(&blocks, usize::MAX),
            [Some(0), Some(0), Some(0)]
        );
        assert_eq!(fit_filters(&blocks, 84 * 64), [Some(0), Some(0), Some(0)]);
        assert_eq!(fit_filters(&blocks, 83 * 64), [Some(0), Some(1), Some(0)]);
        assert_eq!(fit_filters(&blocks, 20 * 64), [Some(0), None, Some(0)]);
        assert_eq!(fit_filters(&blocks, 0), [None, None, None]);
        assert!(fit_filters(&[], 0).is_empty());
    }
}
