//! The model's movements: what a transfer needs, what it changes, and how it is taken back.

use qenex::base::Status;

use super::accounts::check_text;
use super::derived::leg_id;
use super::{Account, Answer, Checked, Model, Scene, Turnovers, applied};
use crate::command::{Capture, Named, Reverse, Transfer};

/// Flags of transfers, as in the file.
pub mod flag {
    pub const BALANCING_DEBIT: u32 = 1 << 1;
    pub const BALANCING_CREDIT: u32 = 1 << 2;
    pub const FORCE: u32 = 1 << 3;
    pub const STORNO: u32 = 1 << 4;
    pub const BANK: u32 = 1 << 5;
    pub const CALLER: u32 = BALANCING_DEBIT | BALANCING_CREDIT | FORCE | STORNO | BANK;
    pub const REVERSAL: u32 = 1 << 10;
    pub const FORCED: u32 = 1 << 11;
    pub const RECOVERED: u32 = 1 << 12;
    pub const BOOKING_GIVEN: u32 = 1 << 14;
    pub const VALUE_GIVEN: u32 = 1 << 15;
    pub const EXCHANGE: u32 = 1 << 20;
    pub const IMPORTED: u32 = 1 << 21;
    pub const OPENING: u32 = 1 << 22;
    pub const REVALUATION: u32 = 1 << 23;
}

/// A row of the table `transfer`.
#[derive(Clone, Debug, PartialEq)]
pub struct Posting {
    pub sequence: i64,
    pub id: u128,
    pub time: i64,
    pub actor: u32,
    pub behalf: u32,
    pub debit: u128,
    pub credit: u128,
    pub asset: u32,
    pub amount: u128,
    pub booking: i32,
    pub value: i32,
    pub flags: u32,
    pub transaction: u128,
    /// Sequence number of the captured hold, and how much of it ended.
    pub hold: i64,
    pub unheld: u128,
    pub reverses: i64,
    /// The account that a reversal named to pay; 0: none.
    pub recovery: u128,
    pub reference: String,
}

/// Two accounts that may stand in one transfer, and the largest amount of the asset.
pub(super) struct Parties {
    pub debit: u128,
    pub credit: u128,
    pub asset: u32,
    pub maximum: u128,
}

impl Model {
    pub(super) fn transfer(&mut self, scene: &Scene, transfer: &Transfer) -> Checked<Answer> {
        let balancing = transfer.flags & (flag::BALANCING_DEBIT | flag::BALANCING_CREDIT) != 0;
        let asked = positive(transfer.amount, balancing)?;
        check_text(&transfer.reference, 128)?;
        check_text(&transfer.narrative, 1024)?;
        let parties = self.parties(&transfer.debit, &transfer.credit, transfer.asset)?;
        if asked > parties.maximum {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        let (booking, value) = self.dates(&parties, transfer.booking, transfer.value)?;
        let mut amount = asked;
        if balancing {
            if amount == 0 {
                amount = parties.maximum;
            }
            let [posted, other, held, _] = self.balance(parties.debit, parties.asset);
            if transfer.flags & flag::BALANCING_DEBIT != 0 {
                amount = amount.min(other.saturating_sub(posted + held));
            }
            let [other, posted, _, held] = self.balance(parties.credit, parties.asset);
            if transfer.flags & flag::BALANCING_CREDIT != 0 {
                amount = amount.min(other.saturating_sub(posted + held));
            }
            if amount == 0 {
                return Err(Status::BALANCING_ZERO);
            }
        }
        let given = |day: Option<i32>, flag| if day.is_some() { flag } else { 0 };
        let posting = Posting {
            sequence: 0,
            id: transfer.id,
            time: scene.time,
            actor: scene.actor,
            behalf: scene.behalf,
            debit: parties.debit,
            credit: parties.credit,
            asset: parties.asset,
            amount,
            booking,
            value,
            flags: transfer.flags
                | given(transfer.booking, flag::BOOKING_GIVEN)
                | given(transfer.value, flag::VALUE_GIVEN),
            transaction: transfer.transaction,
            hold: 0,
            unheld: 0,
            reverses: 0,
            recovery: 0,
            reference: transfer.reference.clone(),
        };
        self.post(posting, false)
    }

    pub fn balance(&self, account: u128, asset: u32) -> Turnovers {
        let balances = &self.state.balances;
        balances.get(&(account, asset)).copied().unwrap_or_default()
    }

    pub(super) fn parties(&self, debit: &Named, credit: &Named, asset: u32) -> Checked<Parties> {
        let found = self.state.assets.get(&asset);
        let maximum = found.ok_or(Status::ASSET_UNKNOWN)?.maximum();
        let debit = self.named(debit).ok_or(Status::DEBIT_ACCOUNT_UNKNOWN)?;
        let credit = self.named(credit).ok_or(Status::CREDIT_ACCOUNT_UNKNOWN)?;
        if debit == credit {
            return Err(Status::ACCOUNTS_EQUAL);
        }
        let sides = [&self.state.accounts[&debit], &self.state.accounts[&credit]];
        if sides[0].entity != sides[1].entity {
            return Err(Status::ENTITIES_DIFFER);
        }
        if sides
            .iter()
            .any(|side| side.asset != 0 && side.asset != asset)
        {
            return Err(Status::ASSET_NOT_ALLOWED);
        }
        Ok(Parties {
            debit,
            credit,
            asset,
            maximum,
        })
    }

    pub(super) fn dates(
        &self,
        parties: &Parties,
        booking: Option<i32>,
        value: Option<i32>,
    ) -> Checked<(i32, i32)> {
        let entity = self.state.accounts[&parties.debit].entity;
        let entity = &self.state.entities[entity as usize - 1];
        let booking = booking.unwrap_or(entity.business_date);
        let closed = entity.closed_through.is_some_and(|day| booking <= day);
        if booking > entity.business_date || closed {
            return Err(Status::BOOKING_DATE_CLOSED);
        }
        let value = value.unwrap_or(booking);
        Ok((booking, value))
    }

    /// The last checks, then both balances and the row. `unhold_credit`: the captured hold was pending on both sides.
    pub(super) fn post(&mut self, posting: Posting, unhold_credit: bool) -> Checked<Answer> {
        self.post_over(posting, unhold_credit, 0)
    }

    /// As [`Model::post`], over so much that is held on the debit account.
    pub(super) fn post_over(
        &mut self,
        mut posting: Posting,
        unhold_credit: bool,
        yielding: u128,
    ) -> Checked<Answer> {
        let asset = posting.asset;
        let maximum = self.state.assets[&asset].maximum();
        let debit_account = &self.state.accounts[&posting.debit];
        let credit_account = &self.state.accounts[&posting.credit];
        // Position accounts move with exchanges, revaluations, and what takes an exchange back.
        let of_books = flag::EXCHANGE | flag::REVALUATION;
        let taken_back = self
            .postings
            .iter()
            .any(|other| other.sequence == posting.reverses && other.flags & of_books != 0);
        let closed_to = (debit_account.position || credit_account.position)
            && posting.flags & of_books == 0
            && !taken_back;
        for (stop, status) in [
            (debit_account.closed, Status::DEBIT_ACCOUNT_CLOSED),
            (credit_account.closed, Status::CREDIT_ACCOUNT_CLOSED),
            (debit_account.debit_blocked, Status::DEBIT_BLOCKED),
            (credit_account.credit_blocked, Status::CREDIT_BLOCKED),
            (self.is_dormant(posting.debit), Status::DEBIT_DORMANT),
            (closed_to, Status::POSITION_ACCOUNT),
        ] {
            if stop {
                return Err(status);
            }
        }
        let mut debit = self.balance(posting.debit, asset);
        let mut credit = self.balance(posting.credit, asset);
        debit[2] -= posting.unheld;
        if unhold_credit {
            credit[3] -= posting.unheld;
        }
        let full = |posted: u128, held: u128| posted + held > maximum - posting.amount;
        if full(debit[0], debit[2]) || full(credit[1], credit[3]) {
            return Err(Status::BALANCE_OVERFLOW);
        }
        let (now, amount) = (posting.time, posting.amount);
        let mut counted = debit;
        counted[2] -= yielding;
        let lacking = exceeds(debit_account, asset, now, &counted, true, amount)
            .or_else(|| exceeds(credit_account, asset, now, &credit, false, amount));
        if let Some(status) = lacking {
            if posting.flags & flag::FORCE == 0 {
                return Err(status);
            }
            posting.flags |= flag::FORCED;
        }
        debit[0] += amount;
        credit[1] += amount;
        self.state.balances.insert((posting.debit, asset), debit);
        self.state.balances.insert((posting.credit, asset), credit);
        posting.sequence = self.next_sequence();
        let mut answer = applied(posting.sequence, posting.time, posting.id);
        answer.amount = amount as i128;
        answer.debit = debit;
        answer.credit = credit;
        self.posting_by_id.insert(posting.id, self.postings.len());
        self.postings.push(posting.clone());
        let scene = Scene {
            time: posting.time,
            actor: posting.actor,
            behalf: posting.behalf,
        };
        if !self.in_legs {
            self.correct(&scene, &posting);
        }
        Ok(answer)
    }

    pub(super) fn reverse(&mut self, scene: &Scene, reverse: &Reverse) -> Checked<Answer> {
        check_text(&reverse.narrative, 1024)?;
        if reverse.flags & !(flag::FORCE | flag::STORNO) != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        if let Some(recovery) = &reverse.recovery {
            self.named(recovery).ok_or(Status::DEBIT_ACCOUNT_UNKNOWN)?;
        }
        if let Some(index) = self.posting_by_id.get(&reverse.original) {
            let original = self.postings[*index].clone();
            return self.reverse_one(scene, reverse, &original, reverse.id, 0);
        }
        let of_transaction = |leg: &&Posting| leg.transaction == reverse.original;
        let legs: Vec<Posting> = self
            .postings
            .iter()
            .filter(of_transaction)
            .cloned()
            .collect();
        if legs.is_empty() || reverse.original == 0 {
            return Err(Status::ORIGINAL_UNKNOWN);
        }
        if reverse.amount.is_some() {
            return Err(Status::REVERSAL_ABOVE_ORIGINAL);
        }
        let reversed = self.state.reversed.clone();
        let left = |leg: &&Posting| reversed.get(&leg.sequence) != Some(&leg.amount);
        let legs: Vec<&Posting> = legs.iter().filter(left).collect();
        if legs.is_empty() {
            return Err(Status::REVERSAL_ABOVE_ORIGINAL);
        }
        // The last leg first, as one unwinds.
        let mut first = None;
        for (index, leg) in legs.iter().rev().enumerate() {
            let id = match index {
                0 => reverse.id,
                _ => leg_id(reverse.id, index as u64),
            };
            let answer = self.reverse_one(scene, reverse, leg, id, reverse.id)?;
            first.get_or_insert(answer);
        }
        first.ok_or(Status::ORIGINAL_UNKNOWN)
    }

    fn reverse_one(
        &mut self,
        scene: &Scene,
        reverse: &Reverse,
        original: &Posting,
        id: u128,
        transaction: u128,
    ) -> Checked<Answer> {
        if original.flags & flag::REVERSAL != 0 {
            return Err(Status::ORIGINAL_IS_REVERSAL);
        }
        if original.flags & flag::REVALUATION != 0 {
            return Err(Status::REVALUATION_NOT_REVERSED);
        }
        let exchange = original.flags & flag::EXCHANGE != 0;
        if exchange && transaction == 0 {
            return Err(Status::EXCHANGE_LEG);
        }
        let reversed = self.state.reversed.get(&original.sequence).copied();
        let left = original.amount - reversed.unwrap_or(0);
        let amount = match reverse.amount {
            Some(amount) => positive(amount, false)?,
            None => left,
        };
        if amount > left || amount == 0 {
            return Err(Status::REVERSAL_ABOVE_ORIGINAL);
        }
        let receiver = Some((Named::Id(original.credit), 0));
        // A position takes its own back.
        let position = self.state.accounts[&original.credit].position;
        let recovery = reverse.recovery.clone().filter(|_| !position);
        let recovery = recovery.map(|account| (account, flag::RECOVERED));
        let mut refused = Status::OK;
        for (debit, flag) in receiver.into_iter().chain(recovery) {
            let parties = self.parties(&debit, &Named::Id(original.debit), original.asset)?;
            let (booking, value) = self.dates(&parties, None, Some(original.value))?;
            let posting = Posting {
                sequence: 0,
                id,
                time: scene.time,
                actor: scene.actor,
                behalf: scene.behalf,
                debit: parties.debit,
                credit: parties.credit,
                asset: parties.asset,
                amount,
                booking,
                value,
                flags: flag::REVERSAL | reverse.flags | flag,
                transaction,
                hold: 0,
                unheld: 0,
                reverses: original.sequence,
                recovery: reverse
                    .recovery
                    .as_ref()
                    .and_then(|named| self.named(named))
                    .unwrap_or(0),
                reference: original.reference.clone(),
            };
            match self.post(posting, false) {
                Ok(answer) => {
                    let total = original.amount - left + amount;
                    self.state.reversed.insert(original.sequence, total);
                    if exchange {
                        self.take_back(original, booking);
                    }
                    return Ok(answer);
                }
                Err(Status::INSUFFICIENT_FUNDS) => refused = Status::REVERSAL_FUNDS_GONE,
                Err(status) => refused = status,
            }
        }
        Err(refused)
    }

    pub(super) fn same_transfer(&self, now: &Transfer, then: &Transfer) -> bool {
        let posting = &self.postings[self.posting_by_id[&then.id]];
        let rest = Transfer {
            debit: then.debit.clone(),
            credit: then.credit.clone(),
            ..now.clone()
        };
        self.means(&now.debit, posting.debit, posting.sequence, posting.time)
            && self.means(&now.credit, posting.credit, posting.sequence, posting.time)
            && rest == *then
    }

    pub(super) fn same_capture(&self, now: &Capture, then: &Capture) -> bool {
        let posting = &self.postings[self.posting_by_id[&then.id]];
        let same = match &now.credit {
            Some(credit) => self.means(credit, posting.credit, posting.sequence, posting.time),
            None => {
                let hold = self.state.holds.get(&now.hold);
                hold.and_then(|hold| hold.credit) == Some(posting.credit)
            }
        };
        let rest = Capture {
            credit: then.credit.clone(),
            ..now.clone()
        };
        same && rest == *then
    }

    pub(super) fn same_reversal(&self, now: &Reverse, then: &Reverse) -> bool {
        let posting = &self.postings[self.posting_by_id[&then.id]];
        let rest = Reverse {
            recovery: then.recovery.clone(),
            ..now.clone()
        };
        let same = match &now.recovery {
            None => posting.recovery == 0,
            Some(named) => self.means(named, posting.recovery, posting.sequence, posting.time),
        };
        same && rest == *then
    }
}

pub(super) fn positive(amount: i128, zero_allowed: bool) -> Checked<u128> {
    match amount {
        ..0 => Err(Status::AMOUNT_NEGATIVE),
        0 if !zero_allowed => Err(Status::AMOUNT_ZERO),
        _ => Ok(amount as u128),
    }
}

/// What stands against posting `amount` on a side: the account's floor or its ceiling.
pub(super) fn exceeds(
    account: &Account,
    asset: u32,
    now: i64,
    turnovers: &Turnovers,
    debit_side: bool,
    amount: u128,
) -> Option<Status> {
    let limit = |kind: u8| {
        let limit = account.limits.get(&(asset, kind));
        limit
            .filter(|(_, end)| end.is_none_or(|end| end > now))
            .map(|(amount, _)| *amount)
    };
    let [debits, credits, debits_held, credits_held] = turnovers.map(|turnover| turnover as i128);
    if debit_side == account.normal_debit {
        let (increase, decrease) = match debit_side {
            true => (debits + debits_held, credits),
            false => (credits + credits_held, debits),
        };
        let after = (increase - decrease).saturating_add_unsigned(amount);
        return limit(3)
            .filter(|maximum| after > *maximum)
            .map(|_| Status::ABOVE_MAXIMUM);
    }
    let available = match account.normal_debit {
        true => debits - (credits + credits_held),
        false => credits - (debits + debits_held),
    };
    let mut floor = (account.flags & 1 != 0).then_some(0);
    if let Some(overdraft) = limit(1) {
        floor = Some(-overdraft);
    }
    if let Some(minimum) = limit(2) {
        floor = Some(floor.map_or(minimum, |floor| floor.max(minimum)));
    }
    let after = available.saturating_sub_unsigned(amount);
    floor
        .filter(|floor| after < *floor)
        .map(|_| Status::INSUFFICIENT_FUNDS)
}
