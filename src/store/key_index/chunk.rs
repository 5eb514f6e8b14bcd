//! A chunk: consecutive sorted entries of a run in one page. Hashes are stored as distances from the first, values
//! as distances from the least, both in as few whole bytes as the chunk needs, so that any entry can be read
//! without reading the others. The run number is stamped on the page: a page of another run is never mistaken.

use super::failure::{corrupt, stale};
use crate::base::Result;

/// first hash 8, least value 8, stamp 4, count 2, hash width 1, value width 1.
const HEADER: usize = 24;
/// Reading a number always reads 8 bytes; this keeps the last one inside the page.
const SLACK: usize = 8;

/// Gathers entries until a page is full.
pub(super) struct ChunkBuilder {
    entries: Vec<u128>,
    least: u64,
    greatest: u64,
    capacity: usize,
    page_bytes: usize,
}

impl ChunkBuilder {
    pub(super) fn new(page_bytes: usize) -> ChunkBuilder {
        let capacity = page_bytes.saturating_sub(HEADER + SLACK);
        ChunkBuilder {
            entries: Vec::with_capacity(512),
            least: u64::MAX,
            greatest: 0,
            capacity,
            page_bytes,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an entry that sorts after all before it; false if the page is full without it.
    #[inline]
    pub(super) fn push(&mut self, entry: u128) -> bool {
        let value = entry as u64;
        let (least, greatest) = (self.least.min(value), self.greatest.max(value));
        let first = self.entries.first().copied().unwrap_or(entry);
        let width =
            width_of(hash_of(entry).wrapping_sub(hash_of(first))) + width_of(greatest - least);
        let count = self.entries.len() + 1;
        if count > 1 && (count * width > self.capacity || count > usize::from(u16::MAX)) {
            return false;
        }
        (self.least, self.greatest) = (least, greatest);
        self.entries.push(entry);
        true
    }

    /// Appends the page to `out` and starts over; the answer is the chunk's first hash.
    pub(super) fn finish(&mut self, stamp: u32, out: &mut Vec<u8>) -> u64 {
        let first = self.entries.first().map_or(0, |&entry| hash_of(entry));
        let last = self.entries.last().map_or(0, |&entry| hash_of(entry));
        let least = if self.entries.is_empty() {
            0
        } else {
            self.least
        };
        let hash_width = width_of(last - first);
        let value_width = width_of(self.greatest.saturating_sub(least));
        let start = out.len();
        out.extend_from_slice(&first.to_le_bytes());
        out.extend_from_slice(&least.to_le_bytes());
        out.extend_from_slice(&stamp.to_le_bytes());
        out.extend_from_slice(&(self.entries.len() as u16).to_le_bytes());
        out.extend_from_slice(&[hash_width as u8, value_width as u8]);
        out.resize(start + self.page_bytes, 0);
        let mut at = start + HEADER;
        for &entry in &self.entries {
            put(out, at, hash_of(entry) - first);
            at += hash_width;
        }
        for &entry in &self.entries {
            put(out, at, (entry as u64) - least);
            at += value_width;
        }
        // The last numbers wrote up to 7 zero bytes past themselves: the slack has room for them.
        self.entries.clear();
        (self.least, self.greatest) = (u64::MAX, 0);
        first
    }
}

/// A chunk as read from its page.
pub(super) struct Chunk<'a> {
    first: u64,
    least: u64,
    pub(super) count: usize,
    hash_width: usize,
    value_width: usize,
    /// Starts at the first hash distance; at least `SLACK` bytes follow the last value.
    body: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Reads the header of `page`, which must be stamped `stamp`. A page that is not a chunk is an error; a chunk
    /// of another run means that the reader's snapshot does not belong to the state of the index.
    pub(super) fn read(page: &'a [u8], stamp: u32, number: u32) -> Result<Chunk<'a>> {
        let damaged = || {
            corrupt(format!(
                "page {number} is not a chunk: clear and rebuild the index"
            ))
        };
        let (header, body) = page.split_first_chunk::<HEADER>().ok_or_else(damaged)?;
        let [first, least, rest] = header.as_chunks::<8>().0 else {
            return Err(damaged());
        };
        let [s0, s1, s2, s3, c0, c1, hash_width, value_width] = *rest;
        if u32::from_le_bytes([s0, s1, s2, s3]) != stamp {
            return Err(stale(format!(
                "page {number} holds another run than expected: the reader's snapshot is not at or after the \
                 durable point; take a new snapshot (if it recurs, clear and rebuild the index)"
            )));
        }
        let chunk = Chunk {
            first: u64::from_le_bytes(*first),
            least: u64::from_le_bytes(*least),
            count: usize::from(u16::from_le_bytes([c0, c1])),
            hash_width: usize::from(hash_width),
            value_width: usize::from(value_width),
            body,
        };
        let bytes = chunk.count * (chunk.hash_width + chunk.value_width);
        if chunk.count == 0
            || chunk.hash_width > 8
            || chunk.value_width > 8
            || bytes + SLACK > body.len()
        {
            return Err(damaged());
        }
        Ok(chunk)
    }

    /// The hash at `index`, below `count`.
    #[inline]
    fn hash(&self, index: usize) -> u64 {
        self.first
            .wrapping_add(get(self.body, index * self.hash_width, self.hash_width))
    }

    #[inline]
    fn value(&self, index: usize) -> u64 {
        let at = self.count * self.hash_width + index * self.value_width;
        self.least
            .wrapping_add(get(self.body, at, self.value_width))
    }

    /// Appends the values of `hash`; true if the chunk ends with it, so that the next may begin with it.
    pub(super) fn find(&self, hash: u64, out: &mut Vec<u64>) -> bool {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if self.hash(middle) < hash {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        while low < self.count && self.hash(low) == hash {
            out.push(self.value(low));
            low += 1;
        }
        low == self.count
    }

    /// Appends every entry.
    pub(super) fn decode(&self, out: &mut Vec<u128>) {
        out.extend((0..self.count).map(|index| super::entry(self.hash(index), self.value(index))));
    }
}

#[inline]
fn hash_of(entry: u128) -> u64 {
    (entry >> 64) as u64
}

/// The bytes that `number` needs, 0 to 8.
#[inline]
fn width_of(number: u64) -> usize {
    (64 - number.leading_zeros() as usize).div_ceil(8)
}

#[inline]
fn put(out: &mut [u8], at: usize, number: u64) {
    if let Some(bytes) = out.get_mut(at..at + 8) {
        bytes.copy_from_slice(&number.to_le_bytes());
    }
}

#[inline]
fn get(body: &[u8], at: usize, width: usize) -> u64 {
    match body
        .get(at..at + 8)
        .and_then(|bytes| bytes.first_chunk::<8>())
    {
        Some(bytes) if width > 0 => u64::from_le_bytes(*bytes) & (u64::MAX >> (64 - 8 * width)),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::entry;
    use super::*;

    fn page_of(entries: &[u128], page_bytes: usize) -> (Vec<u8>, usize) {
        let mut builder = ChunkBuilder::new(page_bytes);
        let taken = entries
            .iter()
            .take_while(|&&entry| builder.push(entry))
            .count();
        let mut page = Vec::new();
        builder.finish(9, &mut page);
        (page, taken)
    }

    #[test]
    fn entries_come_back_at_every_width() {
        for shift in 0..64 {
            let entries: Vec<u128> = (0..2_000u64)
                .map(|i| {
                    entry(
                        (1 << 63) + ((i << shift) >> 12),
                        u64::MAX - ((i * 7) << shift >> 9),
                    )
                })
                .collect();
            let mut entries = entries;
            entries.sort_unstable();
            let (page, taken) = page_of(&entries, 4_000);
            assert_eq!(page.len(), 4_000);
            assert!(taken >= 240);
            let mut back = Vec::new();
            Chunk::read(&page, 9, 1).unwrap().decode(&mut back);
            assert_eq!(back, entries[..taken]);
        }
    }

    #[test]
    fn the_extremes_fit() {
        let entries = [entry(0, u64::MAX), entry(0, u64::MAX), entry(u64::MAX, 0)];
        let (page, taken) = page_of(&entries, 128);
        assert_eq!(taken, 3);
        let mut values = Vec::new();
        assert!(
            Chunk::read(&page, 9, 1)
                .unwrap()
                .find(u64::MAX, &mut values)
        );
        assert_eq!(values, [0]);
        assert!(!Chunk::read(&page, 9, 1).unwrap().find(0, &mut values));
        assert_eq!(values, [0, u64::MAX, u64::MAX]);
    }

    #[test]
    fn damage_and_foreign_pages_are_refused() {
        let (page, _) = page_of(&[entry(1, 1), entry(2, 2)], 128);
        assert!(Chunk::read(&page, 8, 1).is_err());
        assert!(Chunk::read(&page[..20], 9, 1).is_err());
        assert!(Chunk::read(&[], 9, 1).is_err());
        for (at, byte) in [(20, 255), (21, 255), (22, 9), (23, 9), (20, 0)] {
            let mut bad = page.clone();
            bad[at] = byte;
            assert!(Chunk::read(&bad, 9, 1).is_err(), "byte {at} = {byte}");
        }
    }
}
