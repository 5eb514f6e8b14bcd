//! The model's days and the life of its accounts: calendars, scheduled transfers, ends of days and years, dormancy,
//! owners. It looks at all postings each time.

use std::collections::BTreeSet;

use qenex::base::Status;
use qenex::ledger::account::AccountKind;

use super::accounts::check_text;
use super::derived::year_end_id;
use super::postings::{Posting, flag, positive};
use super::{Answer, Checked, Model, Scene, applied, kind};
use crate::command::{Named, Op, Transfer};

pub const CUSTOMER: u32 = 1 << 2;

#[derive(Clone, Debug, PartialEq)]
pub struct Calendar {
    pub code: String,
    pub weekend: u8,
    pub holidays: Vec<i32>,
}

impl Calendar {
    fn is_business_day(&self, day: i32) -> bool {
        // Day 4 was a Monday.
        let weekday = (day - 4).rem_euclid(7);
        self.weekend & 1 << weekday == 0 && !self.holidays.contains(&day)
    }
}

/// The end of a day, or the close of a year, that is not over.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub day: i32,
    pub next: u64,
    /// Of a year: the first portion, and the account for retained earnings.
    pub begun: i64,
    pub retained: u128,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled {
    pub sequence: i64,
    pub transfer: Transfer,
    pub entity: u32,
    pub debit: u128,
    pub credit: u128,
    pub day: i32,
    /// 1 waiting, 2 booked, 3 refused, 4 cancelled.
    pub state: u8,
    pub status: Status,
    pub actor: u32,
    pub behalf: u32,
}

/// Accounts whose balances were sealed for a day together.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    pub entity: u32,
    pub day: i32,
    pub accounts: std::ops::Range<u64>,
    pub sequence: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    pub sequence: i64,
    pub account: u128,
    pub owner: String,
    pub role: String,
    pub ended: bool,
}

/// When the term of a customer's account began, and whether it is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub day: i32,
    pub sequence: i64,
    pub dormant: bool,
}

fn portion(asked: u32) -> u64 {
    match asked {
        0 => 1000,
        asked => u64::from(asked.min(65_536)),
    }
}

impl Model {
    pub(super) fn set_calendar(
        &mut self,
        scene: &Scene,
        key: u128,
        calendar: &Calendar,
    ) -> Checked<Answer> {
        check_text(&calendar.code, 64)?;
        if calendar.code.is_empty() {
            return Err(Status::TEXT_INVALID);
        }
        let ascending: BTreeSet<i32> = calendar.holidays.iter().copied().collect();
        if calendar.weekend >= 127 || !ascending.iter().eq(calendar.holidays.iter()) {
            return Err(Status::CALENDAR_INVALID);
        }
        let calendars = &mut self.state.calendars;
        let known = calendars.iter().position(|old| old.code == calendar.code);
        let index = known.unwrap_or(calendars.len());
        match calendars.get_mut(index) {
            Some(old) => *old = calendar.clone(),
            None => calendars.push(calendar.clone()),
        }
        let sequence = self.change(scene, kind::CALENDAR, key);
        let mut answer = applied(sequence, scene.time, key);
        answer.number = index as u64 + 1;
        Ok(answer)
    }

    pub(super) fn rules(
        &mut self,
        scene: &Scene,
        key: u128,
        entity: u32,
        calendar: &str,
        dormant_after: u32,
    ) -> Checked<Answer> {
        self.entity(entity)?;
        let calendars = &self.state.calendars;
        let number = match calendar {
            "" => 0,
            code => {
                let found = calendars.iter().position(|calendar| calendar.code == code);
                found.ok_or(Status::CALENDAR_UNKNOWN)? + 1
            }
        };
        let entity = self.entity(entity)?;
        entity.calendar = number;
        entity.dormant_after = dormant_after;
        let sequence = self.change(scene, kind::ENTITY_RULES, key);
        Ok(applied(sequence, scene.time, key))
    }

    /// Whether an entity does business on a day.
    pub(super) fn is_business_day(&self, calendar: usize, day: i32) -> bool {
        match calendar {
            0 => true,
            number => self.state.calendars[number - 1].is_business_day(day),
        }
    }

    pub(super) fn schedule(
        &mut self,
        scene: &Scene,
        key: u128,
        transfer: &Transfer,
    ) -> Checked<Answer> {
        let balancing = transfer.flags & (flag::BALANCING_DEBIT | flag::BALANCING_CREDIT) != 0;
        let amount = positive(transfer.amount, balancing)?;
        check_text(&transfer.reference, 128)?;
        check_text(&transfer.narrative, 1024)?;
        let parties = self.parties(&transfer.debit, &transfer.credit, transfer.asset)?;
        if amount > parties.maximum {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        let entity = self.state.accounts[&parties.debit].entity;
        let today = self.entity(entity)?.business_date;
        let Some(day) = transfer.booking.filter(|day| *day > today) else {
            return Err(Status::BOOKING_DATE_NOT_LATER);
        };
        let sequence = self.change(scene, kind::TRANSFER_SCHEDULED, key);
        let scheduled = Scheduled {
            sequence,
            transfer: transfer.clone(),
            entity,
            debit: parties.debit,
            credit: parties.credit,
            day,
            state: 1,
            status: Status::OK,
            actor: scene.actor,
            behalf: scene.behalf,
        };
        self.state.schedules.insert(key, scheduled);
        let mut answer = applied(sequence, scene.time, key);
        answer.amount = amount as i128;
        Ok(answer)
    }

    pub(super) fn cancel(&mut self, scene: &Scene, key: u128, schedule: u128) -> Checked<Answer> {
        let found = self.state.schedules.get_mut(&schedule);
        let found = found.ok_or(Status::SCHEDULE_UNKNOWN)?;
        if found.state != 1 {
            return Err(Status::SCHEDULE_ENDED);
        }
        found.state = 4;
        let sequence = self.change(scene, kind::SCHEDULE_CANCELLED, key);
        Ok(applied(sequence, scene.time, key))
    }

    /// Books what waits for a day up to the business date.
    pub(super) fn book_scheduled(&mut self, scene: &Scene, entity: u32, today: i32) {
        let mut due: Vec<(i32, i64, u128)> = self
            .state
            .schedules
            .iter()
            .filter(|(_, row)| row.entity == entity && row.state == 1 && row.day <= today)
            .map(|(key, row)| (row.day, row.sequence, *key))
            .collect();
        due.sort_unstable();
        for (_, _, key) in due {
            let row = self.state.schedules[&key].clone();
            let transfer = Transfer {
                debit: Named::Id(row.debit),
                credit: Named::Id(row.credit),
                booking: None,
                ..row.transfer
            };
            let own = Scene {
                actor: row.actor,
                behalf: row.behalf,
                ..*scene
            };
            let booked = match self.keys.contains_key(&transfer.id) {
                true => Err(Status::EXISTS_WITH_DIFFERENT_CONTENT),
                false => self.transfer(&own, &transfer),
            };
            let (state, status) = match &booked {
                Ok(answer) => {
                    self.know(&Op::Transfer(transfer), row.behalf, answer.clone());
                    (2, Status::OK)
                }
                Err(status) => {
                    self.change(scene, kind::SCHEDULE_REFUSED, 0);
                    (3, *status)
                }
            };
            if let Some(row) = self.state.schedules.get_mut(&key) {
                row.state = state;
                row.status = status;
            }
        }
    }

    pub(super) fn end_of_day(
        &mut self,
        scene: &Scene,
        key: u128,
        number: u32,
        day: i32,
        asked: u32,
    ) -> Checked<Answer> {
        let count = self.state.accounts.len() as u64;
        let entity = self.entity(number)?;
        if day >= entity.business_date {
            return Err(Status::DAY_NOT_OVER);
        }
        if entity.sealed.is_some_and(|sealed| day <= sealed) {
            return Err(Status::DAY_SEALED);
        }
        let next = match &entity.sealing {
            Some(run) if run.day != day => return Err(Status::DAY_IN_PROGRESS),
            Some(run) => run.next,
            None => 1,
        };
        let term = entity.dormant_after;
        let end = next.saturating_add(portion(asked)).min(count + 1).max(next);
        let sequence = self.change(scene, kind::END_OF_DAY, key);
        for account in next..end {
            self.detect_dormancy(scene, account, number, day, term);
        }
        self.state.sealed.push(Sealed {
            entity: number,
            day,
            accounts: next..end,
            sequence,
        });
        let mut answer = applied(sequence, scene.time, key);
        let entity = self.entity(number)?;
        if end > count {
            entity.sealed = Some(day);
            entity.sealing = None;
        } else {
            answer.number = end;
            entity.sealing = Some(Run {
                day,
                next: end,
                begun: 0,
                retained: 0,
            });
        }
        Ok(answer)
    }

    fn detect_dormancy(&mut self, scene: &Scene, number: u64, entity: u32, day: i32, term: u32) {
        let accounts = self.state.accounts.iter();
        let found = accounts
            .filter(|(_, account)| account.number == number && account.entity == entity)
            .map(|(id, account)| (*id, account.closed))
            .next();
        let Some((id, closed)) = found else { return };
        let Some(known) = self.state.terms.get(&id).cloned() else {
            return;
        };
        if term == 0 || closed || known.dormant {
            return;
        }
        let own = flag::BANK | flag::REVERSAL;
        let newest = self
            .postings
            .iter()
            .filter(|posting| posting.debit == id || posting.credit == id)
            .filter(|posting| posting.sequence > known.sequence && posting.flags & own == 0)
            .map(|posting| posting.booking)
            .max();
        let active = newest.map_or(known.day, |newest| newest.max(known.day));
        if i64::from(day) - i64::from(active) >= i64::from(term) {
            self.change(scene, kind::ACCOUNT_DORMANT, 0);
            if let Some(known) = self.state.terms.get_mut(&id) {
                known.dormant = true;
            }
        }
    }

    pub(super) fn reactivate(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
    ) -> Checked<Answer> {
        let id = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        if !self.is_dormant(id) {
            return Err(Status::NOT_DORMANT);
        }
        let sequence = self.change(scene, kind::ACCOUNT_REACTIVATED, key);
        self.start_term(id, sequence);
        Ok(applied(sequence, scene.time, key))
    }

    pub(super) fn start_term(&mut self, account: u128, sequence: i64) {
        let entity = self.state.accounts[&account].entity;
        let day = self.state.entities[entity as usize - 1].business_date;
        let term = Term {
            day,
            sequence,
            dormant: false,
        };
        self.state.terms.insert(account, term);
    }

    pub fn is_dormant(&self, account: u128) -> bool {
        let term = self.state.terms.get(&account);
        term.is_some_and(|term| term.dormant)
    }

    pub(super) fn year_end(
        &mut self,
        scene: &Scene,
        key: u128,
        number: u32,
        through: i32,
        retained: &Named,
        asked: u32,
    ) -> Checked<Answer> {
        let entity = self.entity(number)?.clone();
        if through >= entity.business_date {
            return Err(Status::DAY_NOT_OVER);
        }
        if entity
            .closed_through
            .is_some_and(|closed| through <= closed)
        {
            return Err(Status::BOOKING_DATE_CLOSED);
        }
        let retained = self.named(retained).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let account = &self.state.accounts[&retained];
        if account.entity != number || account.kind != AccountKind::Equity {
            return Err(Status::RETAINED_INVALID);
        }
        if let Some(run) = &entity.year_end
            && (run.day, run.retained) != (through, retained)
        {
            return Err(Status::YEAR_END_IN_PROGRESS);
        }
        let sequence = self.change(scene, kind::YEAR_END, key);
        let mut run = entity.year_end.unwrap_or(Run {
            day: through,
            next: 1,
            begun: sequence,
            retained,
        });
        let mut results: Vec<(u64, u128)> = self
            .state
            .accounts
            .iter()
            .filter(|(_, account)| account.entity == number && account.number >= run.next)
            .filter(|(_, account)| {
                matches!(account.kind, AccountKind::Income | AccountKind::Expense)
            })
            .map(|(id, account)| (account.number, *id))
            .collect();
        results.sort_unstable();
        let taken = results.len().min(portion(asked) as usize);
        for (_, id) in &results[..taken] {
            self.close_result(scene, number, &run, *id)?;
        }
        let mut answer = applied(sequence, scene.time, key);
        let over = match results.get(taken) {
            Some((next, _)) => {
                run.next = *next;
                answer.number = *next;
                false
            }
            None => true,
        };
        self.entity(number)?.year_end = (!over).then_some(run);
        Ok(answer)
    }

    fn close_result(&mut self, scene: &Scene, entity: u32, run: &Run, id: u128) -> Checked<()> {
        let balances = self.state.balances.range((id, 0)..=(id, u32::MAX));
        let assets: Vec<u32> = balances.map(|((_, asset), _)| *asset).collect();
        for asset in assets {
            let own = self
                .postings
                .iter()
                .filter(|posting| posting.asset == asset && posting.booking <= run.day);
            let posted: i128 = own
                .map(
                    |posting| match (posting.debit == id, posting.credit == id) {
                        (true, _) => posting.amount as i128,
                        (_, true) => -(posting.amount as i128),
                        _ => 0,
                    },
                )
                .fold(0, i128::wrapping_add);
            let (debit, credit) = match posted {
                0 => continue,
                1.. => (run.retained, id),
                _ => (id, run.retained),
            };
            let parties = self.parties(&Named::Id(debit), &Named::Id(credit), asset)?;
            let posting = Posting {
                sequence: 0,
                id: year_end_id(entity, run.begun, Some((id, asset))),
                time: scene.time,
                actor: scene.actor,
                behalf: scene.behalf,
                debit: parties.debit,
                credit: parties.credit,
                asset,
                amount: posted.unsigned_abs(),
                booking: run.day,
                value: run.day,
                flags: flag::FORCE | flag::BANK | flag::BOOKING_GIVEN,
                transaction: year_end_id(entity, run.begun, None),
                hold: 0,
                unheld: 0,
                reverses: 0,
                recovery: 0,
                reference: String::new(),
            };
            self.post(posting, false)?;
        }
        Ok(())
    }

    pub(super) fn owner(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
        (owner, role): (&str, &str),
        ends: u128,
    ) -> Checked<Answer> {
        check_text(owner, 64)?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !role.chars().all(plain) {
            return Err(Status::TEXT_INVALID);
        }
        if role.len() > 16 {
            return Err(Status::TEXT_TOO_LONG);
        }
        let right = match ends {
            0 => !owner.is_empty() && !role.is_empty(),
            _ => owner.is_empty() && role.is_empty(),
        };
        if !right {
            return Err(Status::TEXT_INVALID);
        }
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        if ends == 0 {
            let sequence = self.change(scene, kind::ACCOUNT_OWNER, key);
            let link = Owner {
                sequence,
                account,
                owner: owner.to_owned(),
                role: role.to_owned(),
                ended: false,
            };
            self.state.owners.insert(key, link);
            return Ok(applied(sequence, scene.time, key));
        }
        let link = self.state.owners.get_mut(&ends);
        let link = link.filter(|link| link.account == account && !link.ended);
        link.ok_or(Status::OWNER_UNKNOWN)?.ended = true;
        let sequence = self.change(scene, kind::ACCOUNT_OWNER, key);
        Ok(applied(sequence, scene.time, key))
    }

    /// Notes that a posting reached into settled days, if it did.
    pub(super) fn correct(&mut self, scene: &Scene, posting: &Posting) {
        let entity = self.state.accounts[&posting.debit].entity;
        let entity = &self.state.entities[entity as usize - 1];
        let sealing = entity.sealing.as_ref().map(|run| run.day);
        let settled = sealing.max(entity.sealed).max(entity.closed_through);
        let from = posting.booking.min(posting.value);
        if let Some(through) = settled.filter(|day| from <= *day) {
            let sequence = self.change(scene, kind::CORRECTION, 0);
            let correction = (sequence, posting.sequence, from, through);
            self.state.corrections.push(correction);
        }
    }
}
