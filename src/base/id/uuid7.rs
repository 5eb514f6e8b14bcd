//! Ids that sort by time: UUID version 7 (RFC 9562). Time and seed come in from outside, so the same seed and the
//! same times give the same ids; ids of one generator strictly increase, whatever the clock does.

use blake2::{Blake2b512, Digest};

use super::Id;
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;

/// Makes UUIDv7 ids: 48 bits of milliseconds, 12 bits of the fraction of the millisecond, 62 random bits.
///
/// The fraction doubles as a sequence: an id that would not be greater than the last one takes the next fraction
/// instead, and after 4,096 of them the next millisecond, so a clock that stands still or goes back does no harm.
/// The random bits are BLAKE2b of seed and counter: two generators need two seeds.
#[derive(Clone)]
pub struct Uuid7Generator {
    seed: [u8; 16],
    /// Blocks of random bits drawn so far.
    counter: u64,
    block: [u64; WORDS],
    /// Words of the block not used yet.
    unused: usize,
    /// Milliseconds and fraction of the last id, as one number of 60 bits.
    last: u64,
}

const WORDS: usize = 8;
const DOMAIN: &[u8; 16] = b"qenex uuid7 bits";
const FRACTION_BITS: u32 = 12;
const RANDOM_MASK: u64 = (1 << 62) - 1;

impl Uuid7Generator {
    /// A generator whose ids depend on `seed` and on the times given to [`Uuid7Generator::next`], on nothing else.
    pub fn new(seed: [u8; 16]) -> Uuid7Generator {
        Uuid7Generator {
            seed,
            counter: 0,
            block: [0; WORDS],
            unused: 0,
            last: 0,
        }
    }

    /// The next id, greater than every id before it. A time before 1970 counts as 1970, one after the year 9999 as
    /// its end.
    pub fn next(&mut self, now: Timestamp) -> Id {
        let micros = now
            .micros()
            .clamp(0, Timestamp::MAX.micros())
            .unsigned_abs();
        let fraction = ((micros % 1000) << FRACTION_BITS) / 1000;
        let tick = ((micros / 1000) << FRACTION_BITS) | fraction;
        // The end of 9999 leaves 2.8 * 10^13 of the 48-bit milliseconds: the sum cannot be reached, let alone wrap.
        self.last = tick.max(self.last.saturating_add(1));

        let milliseconds = u128::from(self.last >> FRACTION_BITS);
        let fraction = u128::from(self.last & ((1 << FRACTION_BITS) - 1));
        let random = u128::from(self.random() & RANDOM_MASK);
        const VERSION: u128 = 0x7 << 76;
        const VARIANT: u128 = 0b10 << 62;
        Id::from_u128((milliseconds << 80) | VERSION | (fraction << 64) | VARIANT | random)
    }

    fn random(&mut self) -> u64 {
        if self.unused == 0 {
            let mut hasher = Blake2b512::new();
            hasher.update(DOMAIN);
            hasher.update(self.seed);
            hasher.update(self.counter.to_be_bytes());
            let digest = hasher.finalize();
            for (word, bytes) in self.block.iter_mut().zip(digest.as_chunks::<8>().0) {
                *word = u64::from_be_bytes(*bytes);
            }
            self.counter = self.counter.wrapping_add(1);
            self.unused = WORDS;
        }
        self.unused -= 1;
        self.block.get(self.unused).copied().unwrap_or_default()
    }
}

/// Sixteen bytes of the operating system's randomness: the seed of a generator, drawn at the edge and passed in.
/// Error: `IO` when the operating system gives none.
pub fn os_seed() -> Result<[u8; 16]> {
    let mut seed = [0; 16];
    getrandom::fill(&mut seed).map_err(|error| {
        let message = format!(
            "the operating system gave no random bytes: {error}; try again, or pass a seed"
        );
        Error::new(Status::IO, message)
    })?;
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn milliseconds(id: Id) -> u128 {
        id.to_u128() >> 80
    }

    #[test]
    fn ids_increase_while_the_clock_stands_and_goes_back() {
        let mut generator = Uuid7Generator::new([7; 16]);
        let start = 1_795_341_600_000_123;
        let mut last = Id::NONE;
        for step in 0..20_000i64 {
            let now = Timestamp::from_micros(start - step / 100);
            let id = generator.next(now);
            assert!(id > last, "{id} after {last}");
            last = id;
        }
        // 20,000 ids of one instant take five milliseconds of fractions.
        assert_eq!(milliseconds(last) - 1_795_341_600_000, 5);
    }

    #[test]
    fn the_edges_of_time_give_ids() {
        for micros in [i64::MIN, -1, 0, Timestamp::MAX.micros(), i64::MAX] {
            let mut generator = Uuid7Generator::new([0; 16]);
            let first = generator.next(Timestamp::from_micros(micros));
            let second = generator.next(Timestamp::from_micros(i64::MIN));
            assert!(first.is_usable() && second > first);
            let clamped = micros.clamp(0, Timestamp::MAX.micros()) / 1000;
            assert_eq!(milliseconds(first), clamped.unsigned_abs().into());
        }
    }

    #[test]
    fn the_same_seed_and_times_give_the_same_ids() {
        let ids = |seed| {
            let mut generator = Uuid7Generator::new([seed; 16]);
            (0..50)
                .map(|t| generator.next(Timestamp::from_micros(t * 77)))
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(1), ids(1));
        assert!(ids(1).iter().zip(&ids(2)).all(|(a, b)| a != b));
        // Pinned: replay of an old log must find the ids that it made.
        let mut generator = Uuid7Generator::new(*b"0123456789abcdef");
        let first = generator.next(Timestamp::from_micros(1_795_341_600_000_500));
        assert_eq!(first.format(), "01a202b2-c500-7800-bac7-ac8d80ae6d77");
    }

    #[test]
    fn random_bits_do_not_repeat() {
        let mut generator = Uuid7Generator::new([3; 16]);
        let mut bits: Vec<u64> = (0..10_000)
            .map(|_| generator.next(Timestamp::from_micros(0)).to_u128() as u64)
            .collect();
        let ones: u32 = bits
            .iter()
            .map(|word| (word & RANDOM_MASK).count_ones())
            .sum();
        assert!(
            (300_000..320_000).contains(&ones),
            "{ones} of 620,000 bits are set"
        );
        bits.sort_unstable();
        bits.dedup();
        assert_eq!(bits.len(), 10_000);
    }

    #[test]
    fn seeds_of_the_system_differ() {
        assert_ne!(os_seed().ok(), os_seed().ok());
        assert!(os_seed().is_ok());
    }

    proptest! {
        #[test]
        fn every_id_is_version_7_of_the_standard_and_increases(
            seed: [u8; 16], times in prop::collection::vec(any::<i64>(), 1..50),
        ) {
            let mut generator = Uuid7Generator::new(seed);
            let mut last = Id::NONE;
            for micros in times {
                let id = generator.next(Timestamp::from_micros(micros));
                prop_assert!(id > last);
                prop_assert_eq!((id.to_u128() >> 76) & 0xf, 7);
                prop_assert_eq!((id.to_u128() >> 62) & 0b11, 0b10);
                last = id;
            }
        }
    }
}
