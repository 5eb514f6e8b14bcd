//! What is left of simulated files after a power cut: the rules by which unsynced changes are kept, dropped, torn
//! and reordered. Everything follows from a seed, so that a failing case can be run again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::contents::{Contents, OutOfMemory};
use super::memory::{Change, Directory, FileData, Inode};

/// The unit that a disk writes whole or not at all.
const SECTOR: u64 = 512;

/// A small generator (SplitMix64): every seed, 0 included, gives a different and well-mixed sequence.
pub(super) struct Dice {
    state: u64,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice { state: seed }
    }

    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 if `limit` is 0.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % (limit as u64).max(1)) as usize
    }

    pub fn coin(&mut self) -> bool {
        self.next() & 1 == 1
    }
}

impl Directory {
    /// Each name stands for what it stood for at the last sync of the directory, or after any later change to it.
    pub fn after_power_cut(&self, dice: &mut Dice) -> BTreeMap<String, Arc<Inode>> {
        let mut left = self.durable.clone();
        let changed: BTreeSet<&String> = self.pending.iter().map(|(name, _)| name).collect();
        for name in changed {
            let mut outcomes = vec![self.durable.get(name)];
            outcomes.extend(
                self.pending
                    .iter()
                    .filter(|(other, _)| other == name)
                    .map(|(_, inode)| inode.as_ref()),
            );
            match outcomes[dice.below(outcomes.len())] {
                Some(inode) => left.insert(name.clone(), inode.clone()),
                None => left.remove(name),
            };
        }
        left
    }
}

/// How the unsynced changes of one file fare. Different disks fail in different styles; the dice pick one.
enum Fate {
    AllLost,
    AllKept,
    /// Everything up to some change, which is torn; nothing after it.
    Prefix(usize),
    /// Each change by itself kept, torn or lost, and the kept ones in any order.
    Scattered,
}

impl FileData {
    pub fn after_power_cut(&self, dice: &mut Dice) -> Result<Contents, OutOfMemory> {
        let mut left = self.durable.duplicate()?;
        let fate = match dice.below(5) {
            0 => Fate::AllLost,
            1 => Fate::AllKept,
            2 => Fate::Prefix(dice.below(self.pending.len())),
            _ => Fate::Scattered,
        };
        match fate {
            Fate::AllLost => {}
            Fate::AllKept => {
                for change in &self.pending {
                    change.keep(&mut left)?;
                }
            }
            Fate::Prefix(last) => {
                for change in self.pending.iter().take(last) {
                    change.keep(&mut left)?;
                }
                if let Some(torn) = self.pending.get(last) {
                    torn.tear(&mut left, dice)?;
                }
            }
            Fate::Scattered => {
                let mut order: Vec<&Change> = self.pending.iter().collect();
                for i in (1..order.len()).rev() {
                    order.swap(i, dice.below(i + 1));
                }
                for change in order {
                    match dice.below(3) {
                        0 => change.keep(&mut left)?,
                        1 => change.tear(&mut left, dice)?,
                        _ => {}
                    }
                }
            }
        }
        Ok(left)
    }
}

impl Change {
    fn keep(&self, to: &mut Contents) -> Result<(), OutOfMemory> {
        match self {
            Change::Write { offset, bytes } => to.write(*offset, bytes),
            Change::SetLen(len) => to.set_len(*len),
        }
    }

    /// Some sectors of a write arrive and others do not; where the file was to grow it may have grown all the same,
    /// with zeros. A change of length is one sector of the file system's: it happens or not.
    fn tear(&self, to: &mut Contents, dice: &mut Dice) -> Result<(), OutOfMemory> {
        match self {
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len() as u64;
                if dice.coin() && to.len() < end {
                    to.set_len(end)?;
                }
                let mut at = 0;
                while at < bytes.len() {
                    let start = offset + at as u64;
                    let to_boundary = (SECTOR - start % SECTOR) as usize;
                    let piece = &bytes[at..(at + to_boundary).min(bytes.len())];
                    if dice.coin() {
                        to.write(start, piece)?;
                    }
                    at += piece.len();
                }
                Ok(())
            }
            Change::SetLen(len) => {
                if dice.coin() {
                    to.set_len(*len)?;
                }
                Ok(())
            }
        }
    }
}
