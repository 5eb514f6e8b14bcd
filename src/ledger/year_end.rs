//! The close of a year: what the income and expense accounts hold on its last day is moved into retained earnings by
//! ordinary transfers, a bounded portion of the accounts in each command. Running it again after back-dated postings
//! moves what came since.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::AccountKind;
use crate::ledger::accounts::AccountSlot;
use crate::ledger::command::{AccountRef, Command, Details, UserData, YearEnd};
use crate::ledger::day_state::{YearEndRun, load_year_end};
use crate::ledger::end_of_day::portion;
use crate::ledger::outcome::Outcome;
use crate::ledger::posting::Posting;
use crate::ledger::query::chain::Point;
use crate::ledger::reversal::derived_id;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, Dates, flags, refuse_unless};
use crate::tx::{ChangeKind, Context};

impl Ledger {
    pub(super) fn close_year(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        close: &YearEnd<'_>,
    ) -> Result<Checked<Outcome>> {
        let Some(mut entity) = self.entity(close.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        if close.through >= entity.business_date {
            return Ok(Err(Status::DAY_NOT_OVER));
        }
        if !entity.may_book(close.through) {
            return Ok(Err(Status::BOOKING_DATE_CLOSED));
        }
        let Some(slot) = self.locate(services, &close.retained)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let retained = *self.account(slot)?;
        let kind = self.kind_of(services.reader, retained.number)?;
        if retained.entity != entity.number || kind != Some(AccountKind::Equity) {
            return Ok(Err(Status::RETAINED_INVALID));
        }
        let begun = match entity.year_end {
            0 => None,
            begun => self.year_end(services.reader, entity.number, begun)?,
        };
        if begun
            .as_ref()
            .is_some_and(|run| (run.through, run.retained) != (close.through, retained.number))
        {
            return Ok(Err(Status::YEAR_END_IN_PROGRESS));
        }
        let sequence = self.record(services, context, ChangeKind::YEAR_END, command, None);
        let mut run = begun.unwrap_or(YearEndRun {
            entity: entity.number,
            through: close.through,
            retained: retained.number,
            next_account: 1,
            begun: sequence,
            done: false,
        });
        let wanted = portion(close.portion) as usize;
        let accounts =
            self.result_accounts(services.reader, entity.number, run.next_account, wanted + 1)?;
        for number in accounts.iter().take(wanted) {
            let Some(slot) = self.locate_number(services.reader, *number)? else {
                continue;
            };
            let moved = self.close_result(services, context, close, &run, slot, &retained.id)?;
            if let Err(status) = moved {
                // Whoever reads the refusal needs to know which account stands in the way.
                let mut outcome = Outcome::refused(status, close.key);
                outcome.number = *number;
                return Ok(Ok(outcome));
            }
        }
        let mut outcome = Outcome::applied(sequence, context.time, close.key);
        match accounts.get(wanted) {
            Some(next) => {
                run.next_account = *next;
                outcome.number = *next;
                entity.year_end = run.begun;
            }
            None => {
                run.next_account = self.accounts.count() + 1;
                run.done = true;
                entity.year_end = 0;
            }
        }
        let key = (run.entity, run.begun);
        self.days.year_ends.put(key, Some(run));
        self.entities.put(entity.number, Some(entity));
        Ok(Ok(outcome))
    }

    fn year_end(
        &mut self,
        reader: &Connection,
        entity: u32,
        begun: i64,
    ) -> Result<Option<YearEndRun>> {
        let found = self
            .days
            .year_ends
            .get(&(entity, begun), || load_year_end(reader, entity, begun))?;
        Ok(found.cloned())
    }

    /// Moves what one account holds on the last day of the year, asset by asset.
    fn close_result(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        close: &YearEnd<'_>,
        run: &YearEndRun,
        slot: AccountSlot,
        retained: &Id,
    ) -> Result<Checked<()>> {
        let account = *self.account(slot)?;
        for asset in self.assets_of(services, &account)? {
            let posted = self.posted_through(services, slot, asset, close.through)?;
            let (own, other) = (AccountRef::Id(account.id), AccountRef::Id(*retained));
            let (debit, credit) = match posted {
                0 => continue,
                1.. => (other, own),
                _ => (own, other),
            };
            let parties = refuse_unless!(self.parties(services, &debit, &credit, asset)?);
            let dates = Dates {
                booking: close.through,
                value: close.through,
            };
            let posting = Posting {
                id: derived(run, Some((&account.id, asset))),
                transaction: derived(run, None),
                code: close.code,
                flags: flags::FORCE | flags::BANK | flags::BOOKING_DATE_GIVEN,
                user_data: UserData::default(),
                details: &Details::default(),
                salted: false,
                requested: None,
                hold: 0,
                unheld: 0,
                yielding: 0,
                reverses: 0,
                recovery: 0,
            };
            let amount = posted.unsigned_abs();
            let outcome =
                refuse_unless!(self.post(services, context, &parties, amount, dates, posting)?);
            self.note_correction(services, context, &parties, dates, outcome.sequence);
        }
        Ok(Ok(()))
    }

    /// Debits less credits booked up to a day.
    fn posted_through(
        &mut self,
        services: &mut Services<'_>,
        slot: AccountSlot,
        asset: u32,
        day: Date,
    ) -> Result<i128> {
        let account = self.account(slot)?.number;
        let Some(number) = self.balance_number(services.reader, slot, asset)? else {
            return Ok(0);
        };
        let Some((sequence, turnovers)) = self
            .balances
            .get(number)
            .map(|balance| (balance.head, balance.turnovers()))
        else {
            return Ok(0);
        };
        let point = Point {
            account,
            asset,
            sequence,
            turnovers,
        };
        let later = self.booked_after(services.reader, point, day.days(), 0)?;
        let later = later
            .days
            .into_values()
            .fold(0i128, |sum, (debits, credits)| {
                sum.saturating_add_unsigned(debits)
                    .saturating_sub_unsigned(credits)
            });
        Ok(turnovers.posted().saturating_sub(later))
    }

    /// The next income and expense accounts of an entity, in flight or durable.
    fn result_accounts(
        &self,
        reader: &Connection,
        entity: u32,
        from: u64,
        limit: usize,
    ) -> Result<Vec<u64>> {
        let mut select = reader.prepare_cached(
            "SELECT number FROM account WHERE entity = ? AND number >= ? AND kind IN (4, 5) ORDER BY number LIMIT ?",
        )?;
        let rows = select.query_map((entity, from as i64, limit as i64), |row| {
            Ok(row.get::<_, i64>(0)? as u64)
        })?;
        let mut numbers = rows.collect::<rusqlite::Result<Vec<u64>>>()?;
        self.each_in_flight(|writes| {
            numbers.extend(
                writes
                    .accounts
                    .iter()
                    .filter(|row| row.entity == entity && row.number >= from)
                    .filter(|row| matches!(row.kind, AccountKind::Income | AccountKind::Expense))
                    .map(|row| row.number),
            );
        });
        numbers.sort_unstable();
        numbers.dedup();
        numbers.truncate(limit);
        Ok(numbers)
    }

    /// What an account is in the books.
    fn kind_of(&self, reader: &Connection, account: u64) -> Result<Option<AccountKind>> {
        let recent = self.in_flight(|writes| {
            writes
                .accounts
                .iter()
                .find(|row| row.number == account)
                .map(|row| row.kind)
        });
        if recent.is_some() {
            return Ok(recent);
        }
        let mut select = reader.prepare_cached("SELECT kind FROM account WHERE number = ?")?;
        let kind: u8 = select.query_row([account as i64], |row| row.get(0))?;
        Ok(AccountKind::from_number(kind))
    }
}

/// The id of a transfer of a close, or of all of them together: derived, so that it is the same on a replay.
fn derived(run: &YearEndRun, of: Option<(&Id, u32)>) -> Id {
    let mut bytes = b"year end".to_vec();
    bytes.extend_from_slice(&run.entity.to_be_bytes());
    bytes.extend_from_slice(&run.begun.to_be_bytes());
    if let Some((account, asset)) = of {
        bytes.extend_from_slice(&account.0);
        bytes.extend_from_slice(&asset.to_be_bytes());
    }
    derived_id(&bytes)
}
