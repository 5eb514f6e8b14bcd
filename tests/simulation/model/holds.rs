//! The model's holds.

use qenex::base::Status;

use super::postings::{Posting, exceeds, flag, positive};
use super::{Answer, Checked, Model, Scene, applied, kind};
use crate::command::{Capture, Named, Place};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldState {
    Active = 1,
    Captured = 2,
    Released = 3,
    Expired = 4,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    pub sequence: i64,
    pub debit: u128,
    pub credit: Option<u128>,
    pub asset: u32,
    pub amount: u128,
    pub remaining: u128,
    pub captured: u128,
    pub priority: u8,
    pub state: HoldState,
    pub expires: Option<i64>,
}

mod capture_flag {
    pub const CAPTURE: u32 = 1 << 8;
    pub const LAST: u32 = 1 << 9;
    pub const CREDIT: u32 = 1 << 13;
}

impl Model {
    pub(super) fn place(&mut self, scene: &Scene, place: &Place) -> Checked<Answer> {
        let amount = positive(place.amount, false)?;
        if place.expires.is_some_and(|end| end <= scene.time) {
            return Err(Status::EXPIRY_IN_THE_PAST);
        }
        let asset = self.state.assets.get(&place.asset);
        let maximum = asset.ok_or(Status::ASSET_UNKNOWN)?.maximum();
        if amount > maximum {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        let debit = self
            .named(&place.debit)
            .ok_or(Status::DEBIT_ACCOUNT_UNKNOWN)?;
        let mut credit = None;
        if let Some(named) = &place.credit {
            let parties = self.parties(&place.debit, named, place.asset)?;
            if self.state.accounts[&parties.credit].closed {
                return Err(Status::CREDIT_ACCOUNT_CLOSED);
            }
            credit = Some(parties.credit);
        }
        let only = self.state.accounts[&debit].asset;
        if only != 0 && only != place.asset {
            return Err(Status::ASSET_NOT_ALLOWED);
        }
        self.may_hold(scene, (debit, credit), place.asset, amount, place.force)?;
        let sequence = self.change(scene, kind::HOLD_PLACED, place.id);
        let hold = Hold {
            sequence,
            debit,
            credit,
            asset: place.asset,
            amount,
            remaining: amount,
            captured: 0,
            priority: place.priority,
            state: HoldState::Active,
            expires: place.expires,
        };
        self.state.holds.insert(place.id, hold);
        Ok(self.pend(scene, sequence, place.id, place.id, amount, true))
    }

    pub(super) fn increase(
        &mut self,
        scene: &Scene,
        key: u128,
        id: u128,
        amount: i128,
        force: bool,
    ) -> Checked<Answer> {
        let amount = positive(amount, false)?;
        let hold = self.active(id)?;
        if amount > self.state.assets[&hold.asset].maximum() {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        self.may_hold(scene, (hold.debit, hold.credit), hold.asset, amount, force)?;
        if let Some(hold) = self.state.holds.get_mut(&id) {
            hold.amount += amount;
            hold.remaining += amount;
        }
        let sequence = self.change(scene, kind::HOLD_INCREASED, key);
        Ok(self.pend(scene, sequence, id, key, amount, true))
    }

    pub(super) fn release(&mut self, scene: &Scene, key: u128, id: u128) -> Checked<Answer> {
        self.active(id)?;
        let sequence = self.change(scene, kind::HOLD_RELEASED, key);
        let rest = self.end(id, HoldState::Released);
        Ok(self.pend(scene, sequence, id, key, rest, false))
    }

    /// Holds whose time has come, the earliest first.
    pub(super) fn expire(&mut self, scene: &Scene) {
        let holds = self.state.holds.iter();
        let mut due: Vec<(i64, i64, u128)> = holds
            .filter(|(_, hold)| hold.state == HoldState::Active)
            .filter_map(|(id, hold)| Some((hold.expires?, hold.sequence, *id)))
            .filter(|(end, _, _)| *end <= scene.time)
            .collect();
        due.sort_unstable();
        for (_, _, id) in due {
            let sequence = self.change(scene, kind::HOLD_EXPIRED, 0);
            let rest = self.end(id, HoldState::Expired);
            self.pend(scene, sequence, id, 0, rest, false);
        }
    }

    pub(super) fn capture(&mut self, scene: &Scene, capture: &Capture) -> Checked<Answer> {
        let hold = self.active(capture.hold)?;
        let amount = match capture.amount {
            Some(amount) => positive(amount, false)?,
            None => hold.remaining,
        };
        if amount > hold.remaining && !capture.force {
            return Err(Status::CAPTURE_ABOVE_HOLD);
        }
        let named = match &capture.credit {
            Some(named) => Some(self.named(named).ok_or(Status::CREDIT_ACCOUNT_UNKNOWN)?),
            None => None,
        };
        let credit = match (named, hold.credit) {
            (None, None) => return Err(Status::HOLD_COUNTERPARTY_NEEDED),
            (Some(named), Some(expected)) if named != expected => {
                return Err(Status::HOLD_COUNTERPARTY_DIFFERS);
            }
            (named, expected) => named.or(expected).unwrap_or(0),
        };
        let parties = self.parties(&Named::Id(hold.debit), &Named::Id(credit), hold.asset)?;
        if amount > parties.maximum {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        let (booking, value) = self.dates(&parties, None, capture.value)?;
        let unheld = match capture.last {
            true => hold.remaining,
            false => amount.min(hold.remaining),
        };
        let on = |condition: bool, flag: u32| if condition { flag } else { 0 };
        let posting = Posting {
            sequence: 0,
            id: capture.id,
            time: scene.time,
            actor: scene.actor,
            behalf: scene.behalf,
            debit: hold.debit,
            credit,
            asset: hold.asset,
            amount,
            booking,
            value,
            flags: capture_flag::CAPTURE
                | on(hold.credit.is_some(), capture_flag::CREDIT)
                | on(capture.last, capture_flag::LAST)
                | on(capture.force, flag::FORCE)
                | on(amount > hold.remaining, flag::FORCED)
                | on(capture.value.is_some(), flag::VALUE_GIVEN),
            transaction: 0,
            hold: hold.sequence,
            unheld,
            reverses: 0,
            recovery: 0,
            reference: String::new(),
        };
        let yielding: u128 = self
            .state
            .holds
            .values()
            .filter(|other| (other.debit, other.asset) == (hold.debit, hold.asset))
            .filter(|other| other.state == HoldState::Active && other.priority < hold.priority)
            .map(|other| other.remaining)
            .sum();
        let yielding = yielding + hold.remaining - unheld;
        let answer = self.post_over(posting, hold.credit.is_some(), yielding)?;
        if let Some(hold) = self.state.holds.get_mut(&capture.hold) {
            hold.remaining -= unheld;
            hold.captured += amount;
            if hold.remaining == 0 {
                hold.state = HoldState::Captured;
            }
        }
        Ok(answer)
    }

    fn active(&self, id: u128) -> Checked<Hold> {
        match self.state.holds.get(&id) {
            None => Err(Status::HOLD_UNKNOWN),
            Some(hold) => match hold.state {
                HoldState::Active => Ok(hold.clone()),
                HoldState::Captured => Err(Status::HOLD_CAPTURED),
                HoldState::Released => Err(Status::HOLD_RELEASED),
                HoldState::Expired => Err(Status::HOLD_EXPIRED),
            },
        }
    }

    fn may_hold(
        &self,
        scene: &Scene,
        (debit, credit): (u128, Option<u128>),
        asset: u32,
        amount: u128,
        force: bool,
    ) -> Checked<()> {
        let account = &self.state.accounts[&debit];
        if account.closed {
            return Err(Status::DEBIT_ACCOUNT_CLOSED);
        }
        if account.debit_blocked {
            return Err(Status::DEBIT_BLOCKED);
        }
        if self.is_dormant(debit) {
            return Err(Status::DEBIT_DORMANT);
        }
        let room = self.state.assets[&asset].maximum() - amount;
        let turnovers = self.balance(debit, asset);
        if turnovers[0] + turnovers[2] > room {
            return Err(Status::BALANCE_OVERFLOW);
        }
        let exceeded = exceeds(account, asset, scene.time, &turnovers, true, amount);
        if exceeded == Some(Status::INSUFFICIENT_FUNDS) && !force {
            return Err(Status::INSUFFICIENT_FUNDS);
        }
        if let Some(credit) = credit {
            let turnovers = self.balance(credit, asset);
            if turnovers[1] + turnovers[3] > room {
                return Err(Status::BALANCE_OVERFLOW);
            }
        }
        Ok(())
    }

    /// Ends a hold and returns what was left of it.
    fn end(&mut self, id: u128, state: HoldState) -> u128 {
        match self.state.holds.get_mut(&id) {
            Some(hold) => {
                hold.state = state;
                std::mem::take(&mut hold.remaining)
            }
            None => 0,
        }
    }

    /// Changes what is pending on the hold's balances.
    fn pend(
        &mut self,
        scene: &Scene,
        sequence: i64,
        id: u128,
        key: u128,
        amount: u128,
        more: bool,
    ) -> Answer {
        let hold = self.state.holds[&id].clone();
        let mut change = |account: u128, side: usize| {
            let turnovers = self
                .state
                .balances
                .entry((account, hold.asset))
                .or_default();
            match more {
                true => turnovers[side] += amount,
                false => turnovers[side] -= amount,
            }
            *turnovers
        };
        let mut answer = applied(sequence, scene.time, key);
        answer.amount = amount as i128;
        answer.debit = change(hold.debit, 2);
        if let Some(credit) = hold.credit {
            answer.credit = change(credit, 3);
        }
        answer
    }
}
