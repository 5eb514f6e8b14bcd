//! A fast keyed hash of short keys (ids, numbers, codes) into 64 bits, for tables in memory, filters and indexes.
//! It is no cryptography; the key keeps a host's clients from choosing ids that collide. Its values may be stored in
//! files together with the key, so they never change.

/// Hashes keys of several spaces (account ids, transfer ids, external numbers) under one 128-bit key.
///
/// Each step multiplies two 64-bit words to 128 bits and folds the halves together, so every bit of the input
/// reaches every bit of the result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyHasher {
    k0: u64,
    k1: u64,
}

// Odd 64-bit words with balanced bits: the fractions of the square roots of 2, 3, 5 and 7.
const SPACE: u64 = 0x6a09_e667_f3bc_c909;
const LENGTH: u64 = 0xbb67_ae85_84ca_a73b;
const FIRST: u64 = 0x3c6e_f372_fe94_f82b;
const LAST: u64 = 0xa54f_f53a_5f1d_36f1;

impl KeyHasher {
    pub const fn new(k0: u64, k1: u64) -> KeyHasher {
        KeyHasher { k0, k1 }
    }

    /// A hasher whose key is these sixteen bytes (for example of [`crate::base::id::os_seed`]).
    pub fn from_seed(seed: [u8; 16]) -> KeyHasher {
        let seed = u128::from_be_bytes(seed);
        KeyHasher {
            k0: (seed >> 64) as u64,
            k1: seed as u64,
        }
    }

    /// The hash of `bytes` in `space`: equal bytes in two spaces have unrelated hashes.
    #[inline]
    pub fn hash(&self, space: u8, bytes: &[u8]) -> u64 {
        let (chunks, tail) = bytes.as_chunks::<16>();
        let mut state = self.start(space, bytes.len());
        for chunk in chunks {
            state = self.absorb(state, u128::from_le_bytes(*chunk));
        }
        if !tail.is_empty() {
            // The length is part of the state, so zeros that fill the chunk are not mistaken for data.
            let mut chunk = [0; 16];
            for (to, from) in chunk.iter_mut().zip(tail) {
                *to = *from;
            }
            state = self.absorb(state, u128::from_le_bytes(chunk));
        }
        self.end(state)
    }

    /// The hash of sixteen bytes, the same as [`KeyHasher::hash`] gives: ids are looked up millions of times.
    #[inline]
    pub fn hash_16(&self, space: u8, bytes: &[u8; 16]) -> u64 {
        let state = self.absorb(self.start(space, 16), u128::from_le_bytes(*bytes));
        self.end(state)
    }

    #[inline]
    fn start(&self, space: u8, length: usize) -> u64 {
        let space = u64::from(space).wrapping_add(1).wrapping_mul(SPACE);
        self.k0 ^ space ^ (length as u64).wrapping_mul(LENGTH)
    }

    #[inline]
    fn absorb(&self, state: u64, chunk: u128) -> u64 {
        fold(chunk as u64 ^ state ^ FIRST, (chunk >> 64) as u64 ^ self.k1) ^ state.rotate_left(29)
    }

    #[inline]
    fn end(&self, state: u64) -> u64 {
        fold(state ^ LAST, self.k1 ^ SPACE)
    }
}

/// The two halves of the product, one over the other.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

impl std::fmt::Debug for KeyHasher {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of logs.
        formatter.write_str("KeyHasher")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::base::id::Uuid7Generator;
    use crate::base::time::Timestamp;

    const HASHER: KeyHasher = KeyHasher::new(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210);
    const MANY: u128 = 200_000;

    /// Keys as hosts make them: counters at either end, time-ordered ids, ids that differ in few bits.
    fn families() -> Vec<(&'static str, Vec<[u8; 16]>)> {
        let mut generator = Uuid7Generator::new([9; 16]);
        let spread = |n: u128| n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        vec![
            ("counters", (0..MANY).map(u128::to_be_bytes).collect()),
            (
                "counters in the high half",
                (0..MANY).map(|n| (n << 64).to_be_bytes()).collect(),
            ),
            (
                "counters, low byte first",
                (0..MANY).map(u128::to_le_bytes).collect(),
            ),
            (
                "both halves alike",
                (0..MANY).map(|n| (n << 64 | n).to_be_bytes()).collect(),
            ),
            (
                "spread",
                (0..MANY).map(|n| spread(n).to_be_bytes()).collect(),
            ),
            (
                "time-ordered",
                (0..MANY)
                    .map(|_| generator.next(Timestamp::from_micros(0)).0)
                    .collect(),
            ),
            (
                "two bits set",
                (0..128u32)
                    .flat_map(|a| (0..a).map(move |b| (1u128 << a | 1 << b).to_be_bytes()))
                    .collect(),
            ),
        ]
    }

    #[test]
    fn no_two_keys_collide() {
        for (name, keys) in families() {
            let hashes: HashSet<u64> = keys.iter().map(|key| HASHER.hash_16(1, key)).collect();
            assert_eq!(hashes.len(), keys.len(), "{name}");
        }
    }

    /// 4,096 buckets by the lowest, middle and highest bits: the squared deviation is that of random numbers.
    #[test]
    fn every_part_of_the_hash_is_evenly_spread() {
        const BUCKETS: usize = 4096;
        for (name, keys) in families() {
            for shift in [0, 26, 52] {
                let mut counts = vec![0f64; BUCKETS];
                for key in &keys {
                    counts[(HASHER.hash_16(1, key) >> shift) as usize % BUCKETS] += 1.0;
                }
                let mean = keys.len() as f64 / BUCKETS as f64;
                let chi_squared: f64 = counts
                    .iter()
                    .map(|count| (count - mean).powi(2) / mean)
                    .sum();
                // Mean 4,095 and standard deviation 90 for random numbers: within six of them.
                assert!(
                    (3555.0..4635.0).contains(&chi_squared),
                    "{name}, bit {shift}: {chi_squared}"
                );
            }
        }
    }

    #[test]
    fn every_bit_of_the_input_flips_every_bit_of_the_hash_half_of_the_time() {
        const SAMPLES: u32 = 2000;
        let mut generator = Uuid7Generator::new([5; 16]);
        let keys: Vec<u128> = (0..SAMPLES)
            .map(|_| generator.next(Timestamp::from_micros(0)).to_u128())
            .collect();
        for input in 0..128 {
            let mut flips = [0u32; 64];
            for key in &keys {
                let before = HASHER.hash_16(0, &key.to_be_bytes());
                let after = HASHER.hash_16(0, &(key ^ (1 << input)).to_be_bytes());
                for (output, flips) in flips.iter_mut().enumerate() {
                    *flips += ((before ^ after) >> output) as u32 & 1;
                }
            }
            for (output, flips) in flips.iter().enumerate() {
                // Standard deviation 22 for random flips: within six of them.
                assert!(
                    (864..1136).contains(flips),
                    "input bit {input}, output bit {output}: {flips}"
                );
            }
        }
    }

    #[test]
    fn key_space_and_length_matter() {
        let key = [7; 16];
        let hashes: HashSet<u64> = (0..=255).map(|space| HASHER.hash(space, &key)).collect();
        assert_eq!(hashes.len(), 256);
        let lengths: HashSet<u64> = (0..100)
            .map(|length| HASHER.hash(0, &vec![0; length]))
            .collect();
        assert_eq!(lengths.len(), 100);
        assert_ne!(
            KeyHasher::new(1, 2).hash(0, &key),
            KeyHasher::new(1, 3).hash(0, &key)
        );
        assert_ne!(
            KeyHasher::new(1, 2).hash(0, &key),
            KeyHasher::new(2, 2).hash(0, &key)
        );
        let seed = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10";
        assert_eq!(KeyHasher::from_seed(seed), HASHER);
        assert_eq!(format!("{HASHER:?}"), "KeyHasher");
    }

    /// Filters in files depend on these values.
    #[test]
    fn values_are_pinned() {
        let bytes: Vec<u8> = (0..40).collect();
        let hashes: Vec<u64> = [0, 1, 15, 16, 17, 40]
            .iter()
            .map(|n| HASHER.hash(3, &bytes[..*n]))
            .collect();
        let expected: [u64; 6] = [
            0x27fb_53f7_7395_87b4,
            0x41ee_d330_f53d_7657,
            0x13e3_d93e_3d7e_6b4c,
            0x0736_9563_1499_462b,
            0x2025_bfeb_e896_3acc,
            0x637c_7497_a0d3_9eb3,
        ];
        assert_eq!(hashes, expected);
    }

    proptest! {
        #[test]
        fn sixteen_bytes_hash_alike_either_way(key: [u8; 16], space: u8, k0: u64, k1: u64) {
            let hasher = KeyHasher::new(k0, k1);
            prop_assert_eq!(hasher.hash(space, &key), hasher.hash_16(space, &key));
        }
    }
}
