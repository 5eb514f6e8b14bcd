//! The trial balance: the sums of all balances of every asset in every entity, now or at another time. Debits and
//! credits are equal, always; it is the sum over single balances that proves it.

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::Point;

use super::query::{AsOf, turnovers_as_of};
use super::session::Session;

/// One line of a trial balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialLine {
    pub entity: u32,
    pub asset: u32,
    pub debits: u128,
    pub credits: u128,
    pub accounts: u64,
}

/// Balances that are taken from memory at a time, while others wait.
const CHUNK: u64 = 1024;

impl Session {
    /// Debits and credits of every asset in every entity (0: all), as of one sequence number, while commits wait.
    pub fn trial_balance(&self, entity: u32) -> Result<Vec<TrialLine>> {
        let _call = self.shared().enter()?;
        let _turn = self.shared().turn.lock();
        let mut lines = Vec::new();
        let mut world = self.shared().world.lock();
        for number in 0..world.durable_balances() {
            world.ledger.trim();
            let Some((owner, balance)) = world.balance_by_number(number)? else {
                continue;
            };
            if entity == 0 || owner == entity {
                add(&mut lines, owner, balance.asset, &balance.turnovers())?;
            }
        }
        Ok(lines)
    }

    /// The trial balance at another time, of the balances that had been moved by then. Commits go on meanwhile: it
    /// stands as of one sequence number all the same, which comes with it.
    pub fn trial_balance_as_of(&self, entity: u32, when: AsOf) -> Result<(Vec<TrialLine>, i64)> {
        let _call = self.shared().enter()?;
        let (count, newest) = {
            let world = self.shared().world.lock();
            (world.durable_balances(), world.durable.sequence)
        };
        let when = when.known_up_to(newest);
        let known = when.known().unwrap_or(newest);
        let mut lines = Vec::new();
        for first in (0..count).step_by(CHUNK as usize) {
            let points = self.points(first..count.min(first + CHUNK), entity)?;
            let reader = self.shared().reader()?;
            for (owner, point) in points {
                let point = turnovers_as_of(&reader, point, when)?;
                if point.sequence != 0 {
                    add(&mut lines, owner, point.asset, &point.turnovers)?;
                }
            }
        }
        Ok((lines, known))
    }

    /// Where the chains of these balances begin, each with its entity.
    fn points(&self, numbers: std::ops::Range<u64>, entity: u32) -> Result<Vec<(u32, Point)>> {
        let mut world = self.shared().world.lock();
        let mut points = Vec::new();
        for number in numbers {
            world.ledger.trim();
            if let Some((owner, balance)) = world.balance_by_number(number)?
                && (entity == 0 || owner == entity)
            {
                let point = Point {
                    account: balance.account,
                    asset: balance.asset,
                    sequence: balance.head,
                    turnovers: balance.turnovers(),
                };
                points.push((owner, point));
            }
        }
        Ok(points)
    }
}

/// Adds a balance to the line of its entity and asset.
fn add(lines: &mut Vec<TrialLine>, entity: u32, asset: u32, turnovers: &Turnovers) -> Result<()> {
    let position = lines.binary_search_by_key(&(entity, asset), |line| (line.entity, line.asset));
    let index = position.unwrap_or_else(|index| {
        let line = TrialLine {
            entity,
            asset,
            debits: 0,
            credits: 0,
            accounts: 0,
        };
        lines.insert(index, line);
        index
    });
    if let Some(line) = lines.get_mut(index) {
        for (sum, more) in [
            (&mut line.debits, turnovers.debits_posted),
            (&mut line.credits, turnovers.credits_posted),
        ] {
            *sum = sum.checked_add(more).ok_or_else(|| too_large(asset))?;
        }
        line.accounts += 1;
    }
    Ok(())
}

/// The error when turnovers add up to more than there is room for.
pub(super) fn too_large(asset: u32) -> Error {
    Error::new(
        Status::OVERFLOW,
        format!(
            "the turnovers in asset {asset} add up to more than 128 bits: ask for single accounts"
        ),
    )
}
