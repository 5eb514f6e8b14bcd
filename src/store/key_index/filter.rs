//! Blocked Bloom filters: a hash touches one block of 64 bytes, chosen by its high bits. Because a run is sorted by
//! hash, its filter is filled from the first block to the last, so it can be built and written as the run streams
//! by. A filter folds: joining neighbouring blocks halves its memory and keeps every member.

/// Bits in a block.
const BLOCK_BITS: u64 = 512;
/// Bytes of a block as stored.
pub(super) const BLOCK_BYTES: usize = 64;
/// Bits set per entry: 9 bits of the mixed hash choose each.
const PROBES: u32 = 7;
/// The most often a filter may be folded; block counts are multiples of its power of two.
pub(super) const FOLDS: u32 = 2;

/// 512 bits, a cache line.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
#[repr(align(64))]
pub(super) struct Block([u64; 8]);

/// The filter of one run, in memory.
pub(super) struct Filter {
    blocks: Vec<Block>,
}

/// How many blocks a filter over `entries` entries has at `bits` bits an entry.
pub(super) fn blocks_for(entries: u64, bits: u32) -> u64 {
    let bits = entries.saturating_mul(u64::from(bits));
    bits.div_ceil(BLOCK_BITS)
        .max(1)
        .next_multiple_of(1 << FOLDS)
}

/// The block of `hash` among `blocks`.
pub(super) fn block_of(hash: u64, blocks: u64) -> u64 {
    ((u128::from(hash) * u128::from(blocks)) >> 64) as u64
}

/// The bits of an entry within its block, 9 bits each from the lowest.
#[inline]
fn mix(hash: u64) -> u64 {
    let product = u128::from(hash ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93_u128;
    (product as u64) ^ ((product >> 64) as u64)
}

impl Block {
    pub(super) fn insert(&mut self, hash: u64) {
        let mut bits = mix(hash);
        for _ in 0..PROBES {
            self.0[(bits >> 6) as usize & 7] |= 1 << (bits & 63);
            bits >>= 9;
        }
    }

    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.has_bits(mix(hash), PROBES)
    }

    #[inline]
    fn has_bits(&self, mut bits: u64, count: u32) -> bool {
        let mut all = 1;
        for _ in 0..count {
            all &= self.0[(bits >> 6) as usize & 7] >> (bits & 63);
            bits >>= 9;
        }
        all == 1
    }

    pub(super) fn write(&self, out: &mut [u8; BLOCK_BYTES]) {
        for (bytes, word) in out.as_chunks_mut().0.iter_mut().zip(self.0) {
            *bytes = word.to_le_bytes();
        }
    }

    pub(super) fn read(bytes: &[u8; BLOCK_BYTES]) -> Block {
        let mut block = Block::default();
        for (word, bytes) in block.0.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        block
    }
}

impl Filter {
    /// The beginning of a filter for a run of `blocks` blocks, folded `folds` times. Its memory is touched as it
    /// grows, not at once: that would take 10 ms for 30 million entries.
    pub(super) fn new(blocks: u64, folds: u32) -> Filter {
        Filter {
            blocks: Vec::with_capacity((blocks >> folds) as usize),
        }
    }

    /// Joins block `index` (of the unfolded filter) into this one. Blocks come in order and none is left out.
    pub(super) fn join(&mut self, index: u64, folds: u32, block: &Block) {
        if index >> folds == self.blocks.len() as u64 {
            self.blocks.push(*block);
        } else if let Some(own) = self.blocks.get_mut((index >> folds) as usize) {
            for (own, word) in own.0.iter_mut().zip(block.0) {
                *own |= word;
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.blocks.capacity() * BLOCK_BYTES
    }

    pub(super) fn may_hold(&self, hash: u64) -> bool {
        match self
            .blocks
            .get(block_of(hash, self.blocks.len() as u64) as usize)
        {
            Some(block) => block.may_hold(hash),
            None => true,
        }
    }

    /// Marks the probes that the run may hold. The blocks of a group are all touched before the first is examined,
    /// so that their cache misses overlap; then three bits settle 19 of 20 with a branch that is predicted well.
    fn mark(&self, probes: &[Probe], hits: &mut [bool]) {
        let blocks = self.blocks.as_slice();
        let count = blocks.len() as u64;
        for (probes, hits) in probes.chunks(GROUP).zip(hits.chunks_mut(GROUP)) {
            if blocks.len() > CACHED_BLOCKS {
                let mut touched = 0;
                for probe in probes {
                    if let Some(block) = blocks.get(block_of(probe.hash, count) as usize) {
                        touched ^= block.0[0];
                    }
                }
                std::hint::black_box(touched);
            }
            for (hit, probe) in hits.iter_mut().zip(probes) {
                if let Some(block) = blocks.get(block_of(probe.hash, count) as usize)
                    && block.has_bits(probe.bits, 3)
                    && block.has_bits(probe.bits >> 27, PROBES - 3)
                {
                    *hit = true;
                }
            }
        }
    }
}

/// Probes whose blocks are fetched together.
const GROUP: usize = 64;
/// A filter of at most so many blocks (256 KiB) is taken to be in the processor's cache.
const CACHED_BLOCKS: usize = 4_096;

/// A hash that is looked for, and its bits within a block.
struct Probe {
    hash: u64,
    bits: u64,
}

/// Sets `maybe[i]` to whether any of the filters may hold `hashes[i]`. Filter by filter, so that a small one stays in
/// the processor's cache for the whole batch.
pub(super) fn probe<'a>(
    filters: impl Iterator<Item = &'a Filter>,
    hashes: &[u64],
    maybe: &mut Vec<bool>,
) {
    maybe.clear();
    maybe.resize(hashes.len(), false);
    let probes: Vec<Probe> = hashes
        .iter()
        .map(|&hash| Probe {
            hash,
            bits: mix(hash),
        })
        .collect();
    filters.for_each(|filter| filter.mark(&probes, maybe));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(seed: u64, count: usize) -> Vec<u64> {
        let mut state = seed;
        (0..count)
            .map(|_| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                z ^ (z >> 31)
            })
            .collect()
    }

    fn build(members: &[u64], blocks: u64, folds: u32) -> Filter {
        let mut own = vec![Block::default(); blocks as usize];
        for &hash in members {
            own[block_of(hash, blocks) as usize].insert(hash);
        }
        let mut filter = Filter::new(blocks, folds);
        for (index, block) in own.iter().enumerate() {
            filter.join(index as u64, folds, block);
        }
        filter
    }

    #[test]
    fn members_are_found_folded_or_not_and_others_rarely() {
        let members = hashes(1, 20_000);
        let others = hashes(2, 200_000);
        for (bits, folds, most) in [
            (24, 0, 60),
            (16, 0, 400),
            (12, 0, 1_600),
            (16, 1, 8_000),
            (16, 2, 70_000),
        ] {
            let filter = build(&members, blocks_for(20_000, bits), folds);
            assert!(members.iter().all(|&hash| filter.may_hold(hash)));
            let mut maybe = Vec::new();
            probe([&filter].into_iter(), &others, &mut maybe);
            let one_by_one: Vec<bool> = others.iter().map(|&hash| filter.may_hold(hash)).collect();
            assert_eq!(maybe, one_by_one);
            let hits = maybe.iter().filter(|&&hit| hit).count();
            assert!(
                hits <= most,
                "{bits} bits folded {folds} times: {hits} of 200,000"
            );
        }
    }

    #[test]
    fn a_block_survives_its_stored_form() {
        let mut block = Block::default();
        for hash in hashes(3, 30) {
            block.insert(hash);
        }
        let mut bytes = [0; BLOCK_BYTES];
        block.write(&mut bytes);
        assert_eq!(Block::read(&bytes), block);
    }

    #[test]
    fn block_counts_fold_evenly() {
        for entries in [0, 1, 100, 12_345, u64::MAX] {
            assert_eq!(blocks_for(entries, 16) % (1 << FOLDS), 0);
            assert!(blocks_for(entries, 16) > 0);
        }
    }
}
