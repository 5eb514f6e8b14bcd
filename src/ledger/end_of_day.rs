//! The end of a day: the balances booked up to a day that is over are sealed, a bounded portion of the accounts in
//! each command, so that it can be ended at any point and taken up again. A sealed row is never changed: a posting
//! that is booked into sealed days later is a correction, named by a change of its own, and both what was known and
//! what is known are there to be asked for.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::accounts::{Account, AccountSlot};
use crate::ledger::asset::Asset;
use crate::ledger::balance::Turnovers;
use crate::ledger::command::{Command, EndOfDay};
use crate::ledger::day_command::{PORTION, PORTION_MAX};
use crate::ledger::day_state::{CorrectionRow, DailyRow, DayEnd, load_day_end};
use crate::ledger::encoding::{Correction, encode_correction};
use crate::ledger::entity::Entity;
use crate::ledger::outcome::Outcome;
use crate::ledger::query::chain::Point;
use crate::ledger::query::marks;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, Dates, Parties};
use crate::tx::{ChangeKind, Context};

/// Debits and credits of a day.
type Turned = (u128, u128);

/// What was booked on the days after a day, and whether anything was booked on that day or before it meanwhile.
#[derive(Default)]
pub(super) struct Booked {
    pub days: BTreeMap<i32, Turned>,
    pub corrected: bool,
}

impl Ledger {
    pub(super) fn end_of_day(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        end: &EndOfDay,
    ) -> Result<Checked<Outcome>> {
        let Some(mut entity) = self.entity(end.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        if end.day >= entity.business_date {
            return Ok(Err(Status::DAY_NOT_OVER));
        }
        if entity.sealed_through.is_some_and(|day| end.day <= day) {
            return Ok(Err(Status::DAY_SEALED));
        }
        if entity.sealing.is_some_and(|day| end.day != day) {
            return Ok(Err(Status::DAY_IN_PROGRESS));
        }
        let floor = self.first_day_after(services.reader, &entity)?;
        let sequence = self.record(services, context, ChangeKind::END_OF_DAY, command, None);
        let begun = match entity.sealing {
            Some(_) => self.day_end(services.reader, entity.number, end.day)?,
            None => None,
        };
        let mut run = begun.unwrap_or(DayEnd {
            entity: entity.number,
            day: end.day,
            next_account: 1,
            after: entity.sealed_through,
            floor,
            begun: sequence,
            sealed: 0,
        });
        let mut left = portion(end.portion);
        while left > 0 && run.next_account <= self.accounts.count() {
            left -= 1;
            let number = run.next_account;
            run.next_account += 1;
            let Some(slot) = self.locate_number(services.reader, number)? else {
                continue;
            };
            let account = *self.account(slot)?;
            if account.entity != entity.number {
                continue;
            }
            self.seal_balances(services, slot, &account, &run, sequence)?;
            self.detect_dormancy(services, context, slot, &account, &entity, end.day)?;
        }
        let mut outcome = Outcome::applied(sequence, context.time, end.key);
        if run.next_account > self.accounts.count() {
            run.sealed = sequence;
            entity.sealed_through = Some(end.day);
            entity.sealing = None;
        } else {
            entity.sealing = Some(end.day);
            outcome.number = run.next_account;
        }
        let key = (run.entity, run.day.days());
        self.days.day_ends.put(key, Some(run));
        self.entities.put(entity.number, Some(entity));
        Ok(Ok(outcome))
    }

    fn day_end(&mut self, reader: &Connection, entity: u32, day: Date) -> Result<Option<DayEnd>> {
        let key = (entity, day.days());
        let found = self
            .days
            .day_ends
            .get(&key, || load_day_end(reader, entity, day.days()))?;
        Ok(found.cloned())
    }

    /// The sequence number at which the first business date after the sealed days was opened: no posting before it
    /// is booked later. 0 when nothing is sealed.
    fn first_day_after(&mut self, reader: &Connection, entity: &Entity) -> Result<i64> {
        let Some(sealed) = entity.sealed_through else {
            return Ok(0);
        };
        let mut select = reader
            .prepare_cached("SELECT min(seq) FROM business_day WHERE entity = ? AND day > ?")?;
        let durable: Option<i64> =
            select.query_row((entity.number, sealed.days()), |row| row.get(0))?;
        let days = &self.days.business_days;
        let recent = days
            .undurable()
            .into_iter()
            .filter(|(number, day)| *number == entity.number && *day > sealed.days())
            .filter_map(|key| days.peek(&key).copied());
        Ok(recent.chain(durable).min().unwrap_or(0))
    }

    /// Seals the balances of one account: a row for each day since the last seal on which something was booked.
    fn seal_balances(
        &mut self,
        services: &mut Services<'_>,
        slot: AccountSlot,
        account: &Account,
        run: &DayEnd,
        sequence: i64,
    ) -> Result<()> {
        let assets = match account.asset {
            0 => self.assets_of(services, account)?,
            asset => vec![asset],
        };
        for asset in assets {
            let Some(number) = self.balance_number(services.reader, slot, asset)? else {
                continue;
            };
            let Some((head, turnovers)) = self
                .balances
                .get(number)
                .map(|balance| (balance.head, balance.turnovers()))
            else {
                continue;
            };
            if head == 0 || head < run.floor {
                continue;
            }
            let point = Point {
                account: account.number,
                asset,
                sequence: head,
                turnovers,
            };
            let after = run.after.unwrap_or(run.day).days();
            let booked = self.booked_after(services.reader, point, after, run.floor)?;
            let wide = self.asset(asset).is_some_and(|asset: &Asset| asset.wide);
            let row = |day, debits, credits| DailyRow {
                account: account.number,
                asset,
                wide,
                day,
                sequence,
                debits,
                credits,
            };
            let mut debits = turnovers.debits_posted;
            let mut credits = turnovers.credits_posted;
            let mut rows = Vec::new();
            let mut closing = None;
            for (day, (debited, credited)) in booked.days.into_iter().rev() {
                if day <= run.day.days() {
                    closing.get_or_insert((debits, credits));
                    rows.push(row(Date::from_days(day), debits, credits));
                }
                debits = debits.saturating_sub(debited);
                credits = credits.saturating_sub(credited);
            }
            // What was booked into days before is known by now: the row of the day says so.
            let unsaid = rows.first().is_none_or(|row| row.day != run.day);
            if booked.corrected && unsaid {
                let (debits, credits) = closing.unwrap_or((debits, credits));
                rows.insert(0, row(run.day, debits, credits));
            }
            self.open.days.daily.extend(rows.into_iter().rev());
        }
        Ok(())
    }

    /// What was booked on each day after `after`, found among the events up to `point` and from `floor` on. Whole
    /// windows of 256 events are taken or left without being read where their dates allow.
    pub(super) fn booked_after(
        &self,
        reader: &Connection,
        point: Point,
        after: i32,
        floor: i64,
    ) -> Result<Booked> {
        let mut booked = Booked::default();
        let mut mark = marks::newest(reader, &point, point.sequence)?;
        let stop = mark.as_ref().map_or(0, |mark| mark.sequence);
        self.add_booked(reader, point, stop.max(floor - 1), after, &mut booked)?;
        while let Some(window) = mark
            && window.sequence >= floor
        {
            let before = marks::newest(reader, &point, window.sequence - 1)?;
            let (first, last) = window.booking;
            let begun = before.as_ref().map_or(0, |mark| mark.sequence);
            if last > after && first == last {
                let start: Turnovers = before
                    .as_ref()
                    .map(|mark| mark.turnovers)
                    .unwrap_or_default();
                add(
                    &mut booked.days,
                    first,
                    window
                        .turnovers
                        .debits_posted
                        .saturating_sub(start.debits_posted),
                    window
                        .turnovers
                        .credits_posted
                        .saturating_sub(start.credits_posted),
                );
            } else if last > after || begun < floor - 1 {
                // Of a window that begins before the floor only what comes after it says anything.
                let cursor = Point {
                    sequence: window.sequence,
                    ..point
                };
                self.add_booked(reader, cursor, begun.max(floor - 1), after, &mut booked)?;
            } else if first <= last {
                booked.corrected = true;
            }
            mark = before;
        }
        Ok(booked)
    }

    /// Adds the events after `stop` that are booked after a day, one by one.
    fn add_booked(
        &self,
        reader: &Connection,
        point: Point,
        stop: i64,
        after: i32,
        booked: &mut Booked,
    ) -> Result<()> {
        let mut sequence = point.sequence;
        while sequence > stop {
            let event = self.link(reader, sequence, point.account)?;
            match event.days {
                Some((booking, _)) if booking > after && event.debit_side => {
                    add(&mut booked.days, booking, event.posted, 0);
                }
                Some((booking, _)) if booking > after => {
                    add(&mut booked.days, booking, 0, event.posted);
                }
                Some(_) => booked.corrected = true,
                None => {}
            }
            sequence = event.previous;
        }
        Ok(())
    }

    /// Records that the posting just made reaches into days that were sealed or closed, if it does: which accounts
    /// and which days are to be computed again.
    pub(super) fn note_correction(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        parties: &Parties,
        dates: Dates,
        transfer: i64,
    ) {
        let Some(entity) = self.entity(parties.debit_account.entity) else {
            return;
        };
        let from = dates.booking.min(dates.value);
        let Some(through) = entity.settled_through().filter(|day| from <= *day) else {
            return;
        };
        let entity = entity.number;
        let mut content = Vec::with_capacity(64);
        encode_correction(
            &Correction {
                transfer,
                debit: parties.debit_account.id,
                credit: parties.credit_account.id,
                asset: parties.asset,
                booking_date: dates.booking,
                value_date: dates.value,
                from,
                through,
            },
            &mut content,
        );
        let sequence = services.changes.record(
            context,
            ChangeKind::CORRECTION,
            crate::base::id::Id::NONE,
            content,
        );
        self.open.days.corrections.push(CorrectionRow {
            sequence,
            transfer,
            entity,
            from,
            through,
        });
    }
}

/// Accounts of a portion.
pub(super) fn portion(asked: u32) -> u32 {
    match asked {
        0 => PORTION,
        asked => asked.min(PORTION_MAX),
    }
}

fn add(days: &mut BTreeMap<i32, Turned>, day: i32, debits: u128, credits: u128) {
    let turned = days.entry(day).or_default();
    turned.0 = turned.0.saturating_add(debits);
    turned.1 = turned.1.saturating_add(credits);
}
