//! The work that every contender is given: a seeded stream of transfers in which transfer number `i` depends on
//! the seed and on `i` alone. Any part of the stream can therefore be made again, for a duplicate, for the check
//! after a run or after a kill, without keeping it. Every 1,024 transfers hold one that no account can pay and
//! one that repeats an earlier transfer; all others must be accepted, in whatever order they arrive.

use std::time::Duration;

use crate::contender::{Outcome, Result};
use crate::measure::cpu_time;

/// How far each account may go below zero, in minor units. No stream of fewer than a hundred million ordinary
/// transfers can reach it, so a refusal never depends on the order in which transfers arrive.
pub const OVERDRAFT: i64 = 1_000_000_000_000;
/// The first business day of every run, in days since 1970-01-01 (2025-01-01).
pub const FIRST_DAY: i32 = 20_089;

const LARGEST_AMOUNT: u64 = 10_000;
const UNPAYABLE_AMOUNT: i64 = OVERDRAFT * 10;
const CYCLE: u64 = 1_024;
const UNPAYABLE_AT: u64 = 511;
const DUPLICATE_AT: u64 = 1_023;
const FARTHEST_DUPLICATE: u64 = 500_000;
const FIRST_MILLISECOND: u64 = 1_735_689_600_000;
const NARRATIVE_LENGTH: usize = 140;

/// The order in which the ids of transfers arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdOrder {
    /// As UUIDv7: a millisecond, a counter, random bits. Each id is above the one before it.
    Time,
    /// As UUIDv4: random throughout.
    Random,
}

/// What a transfer carries beside its fixed fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Nothing.
    Bare,
    /// 140 characters of narrative and two references.
    Realistic,
}

/// One movement of money as a host would hand it over. Amounts are minor units of the one asset.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    pub id: [u8; 16],
    /// Number of the debited account, from 1. [`account_id`] gives its 128-bit id.
    pub debit: u64,
    /// Number of the credited account, never the debited one.
    pub credit: u64,
    pub amount: i64,
    /// Transaction code.
    pub code: u16,
    /// Value date in days since 1970-01-01.
    pub value_day: i32,
    /// Empty in bare transfers.
    pub narrative: String,
    /// End-to-end reference and creditor reference; empty in bare transfers.
    pub references: [String; 2],
}

/// A reproducible stream of transfers among accounts 1 to `accounts`.
#[derive(Clone, Debug)]
pub struct Workload {
    pub seed: u64,
    pub ids: IdOrder,
    pub accounts: u64,
    /// Account 1 takes part in every transfer, debited and credited in turn.
    pub hot: bool,
    pub payload: Payload,
    /// How many transfers make a business day.
    pub per_day: u64,
}

impl Workload {
    /// Writes transfers `first` to `first + count` into `transfers`, reusing what it holds.
    pub fn fill(&self, first: u64, count: usize, transfers: &mut Vec<Transfer>) {
        transfers.resize_with(count, Transfer::default);
        for (index, transfer) in (first..).zip(transfers.iter_mut()) {
            self.write(index, transfer);
        }
    }

    /// Makes transfers `first` to `first + count` again and answers what that costs in CPU time, so that it can be
    /// taken off what a run cost. Nothing else may be running in the process.
    pub fn cost(&self, first: u64, count: u64, batch: usize) -> Result<Duration> {
        let before = cpu_time()?;
        let mut transfers = Vec::new();
        let mut next = first;
        while next < first + count {
            let count = usize::try_from(first + count - next)?.min(batch);
            self.fill(next, count, &mut transfers);
            next += std::hint::black_box(&transfers).len() as u64;
        }
        Ok(cpu_time()?.saturating_sub(before))
    }

    /// What must become of transfer `index`.
    pub fn expected(&self, index: u64) -> Outcome {
        match index % CYCLE {
            UNPAYABLE_AT => Outcome::InsufficientFunds,
            DUPLICATE_AT => Outcome::Duplicate,
            _ => Outcome::Accepted,
        }
    }

    /// How many of the first `count` transfers must be accepted.
    pub fn accepted(&self, count: u64) -> u64 {
        let rest = count % CYCLE;
        count / CYCLE * (CYCLE - 2) + rest - u64::from(rest > UNPAYABLE_AT)
    }

    /// The business day on which transfer `index` arrives, in days since 1970-01-01.
    pub fn day(&self, index: u64) -> i32 {
        let days = i32::try_from(index / self.per_day.max(1)).unwrap_or(i32::MAX);
        FIRST_DAY.saturating_add(days)
    }

    fn write(&self, index: u64, transfer: &mut Transfer) {
        let origin = if index % CYCLE == DUPLICATE_AT {
            self.earlier(index)
        } else {
            index
        };
        let mut random = Random::at(self.seed, origin);
        transfer.id = match self.ids {
            IdOrder::Time => time_ordered(FIRST_MILLISECOND, origin, random.next()),
            IdOrder::Random => random_id(random.next(), random.next()),
        };
        (transfer.debit, transfer.credit) = self.sides(origin, &mut random);
        transfer.amount = match origin % CYCLE {
            UNPAYABLE_AT => UNPAYABLE_AMOUNT,
            _ => 1 + random.below(LARGEST_AMOUNT).cast_signed(),
        };
        transfer.code = 100 + (origin % 8) as u16;
        transfer.value_day = self.day(origin);
        if self.payload == Payload::Realistic {
            write_texts(&mut random, transfer);
        }
    }

    fn sides(&self, index: u64, random: &mut Random) -> (u64, u64) {
        if self.hot {
            let other = 2 + random.below(self.accounts - 1);
            return if index.is_multiple_of(2) {
                (1, other)
            } else {
                (other, 1)
            };
        }
        let debit = random.below(self.accounts);
        let distance = 1 + random.below(self.accounts - 1);
        (debit + 1, (debit + distance) % self.accounts + 1)
    }

    /// The ordinary transfer that the duplicate at `index` repeats: now a near one, now one of long ago.
    fn earlier(&self, index: u64) -> u64 {
        let mut random = Random::at(self.seed ^ 0xD0B1E, index);
        let reach = if random.next() & 1 == 0 {
            CYCLE / 2
        } else {
            FARTHEST_DUPLICATE
        };
        let origin = index - 1 - random.below(reach.min(index - 1));
        match origin % CYCLE {
            UNPAYABLE_AT | DUPLICATE_AT => origin - 1,
            _ => origin,
        }
    }
}

/// The 128-bit id of account `number`: time-ordered, as if the accounts had been opened one after the other.
pub fn account_id(number: u64) -> [u8; 16] {
    time_ordered(FIRST_MILLISECOND / 2, number, mix(number))
}

fn time_ordered(epoch: u64, index: u64, random: u64) -> [u8; 16] {
    let millisecond = epoch + index / 256;
    let counter = (index % 256) << 4 | random >> 60;
    let high = millisecond << 16 | 7 << 12 | counter;
    let low = 0b10 << 62 | random & (u64::MAX >> 2);
    join(high, low)
}

fn random_id(first: u64, second: u64) -> [u8; 16] {
    let high = first & !0xF000 | 4 << 12;
    let low = 0b10 << 62 | second & (u64::MAX >> 2);
    join(high, low)
}

fn join(high: u64, low: u64) -> [u8; 16] {
    (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
}

const WORDS: [&str; 32] = [
    "Invoice",
    "payment",
    "rent",
    "salary",
    "November",
    "insurance",
    "premium",
    "policy",
    "contract",
    "customer",
    "number",
    "electricity",
    "instalment",
    "according",
    "to",
    "agreement",
    "dated",
    "thank",
    "you",
    "for",
    "your",
    "order",
    "membership",
    "fee",
    "quarter",
    "delivery",
    "note",
    "services",
    "rendered",
    "consulting",
    "refund",
    "deposit",
];

fn write_texts(random: &mut Random, transfer: &mut Transfer) {
    let narrative = &mut transfer.narrative;
    narrative.clear();
    while narrative.len() < NARRATIVE_LENGTH {
        let draw = random.next();
        // No two numbers in a row, here and in the references: sixteen digits can be the number of a card, which is
        // refused.
        if draw & 7 == 0 {
            push_digits(narrative, draw >> 32, 8);
            narrative.push(' ');
        }
        narrative.push_str(WORDS[(draw >> 8) as usize % WORDS.len()]);
        narrative.push(' ');
    }
    narrative.truncate(NARRATIVE_LENGTH);
    for (reference, begin) in transfer.references.iter_mut().zip(["E2E-", "RF18"]) {
        reference.clear();
        reference.push_str(begin);
        push_digits(reference, random.next(), 8);
        reference.push('N');
        push_digits(reference, random.next(), 8);
    }
}

fn push_digits(text: &mut String, mut number: u64, count: usize) {
    for _ in 0..count {
        text.push(char::from(b'0' + (number % 10) as u8));
        number /= 10;
    }
}

/// SplitMix64: small, fast, and its state can start anywhere.
pub struct Random {
    state: u64,
}

impl Random {
    /// The generator that belongs to place `index` of the stream with this seed.
    pub fn at(seed: u64, index: u64) -> Random {
        Random {
            state: mix(seed) ^ mix(index.wrapping_mul(0xA24B_AED4_963E_E407)),
        }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A number below `limit`; the bias is below one in a million for any number of accounts here.
    pub fn below(&mut self, limit: u64) -> u64 {
        (u128::from(self.next()).wrapping_mul(u128::from(limit.max(1))) >> 64) as u64
    }
}

fn mix(number: u64) -> u64 {
    let number = (number ^ number >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ number >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ number >> 31
}
