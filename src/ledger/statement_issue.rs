//! Statements that are issued: numbered without gaps for each account and asset, each beginning with the balance that
//! the one before it ended with. A cut fixes two things, its own sequence number and the last day; the lines are the
//! postings up to both that no earlier statement has. So a statement never changes, and what is back-dated later is
//! in the next one.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::accounts::AccountSlot;
use crate::ledger::balance::Turnovers;
use crate::ledger::books::load;
use crate::ledger::books::rows::StatementRow;
use crate::ledger::command::{AccountRef, Command};
use crate::ledger::outcome::Outcome;
use crate::ledger::query::as_of::{self, DateKind};
use crate::ledger::query::chain::{Point, in_batch};
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::Checked;
use crate::tx::{ChangeKind, Context};

/// Cuts the next statement of an account in an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementCut<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    pub asset: u32,
    /// The last day of the statement; `None`: the entity's business date.
    pub to: Option<Date>,
    /// Value dates decide what belongs to the period, rather than booking dates; the same in all statements of a row.
    pub by_value: bool,
    /// Legs of one transaction are shown as one line.
    pub collapsed: bool,
}

impl Ledger {
    pub(super) fn cut_statement(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        cut: &StatementCut<'_>,
    ) -> Result<Checked<Outcome>> {
        let Some(slot) = self.locate(services, &cut.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        if self.asset(cut.asset).is_none() {
            return Ok(Err(Status::ASSET_UNKNOWN));
        }
        if account.asset != 0 && account.asset != cut.asset {
            return Ok(Err(Status::ASSET_NOT_ALLOWED));
        }
        let Some(today) = self
            .entity(account.entity)
            .map(|entity| entity.business_date)
        else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let to = cut.to.unwrap_or(today);
        let place = (account.number, cut.asset);
        let reader = services.reader;
        let last = self.books.newest_statements.get(&place, || {
            load::<StatementRow>(
                reader,
                "SELECT * FROM statement WHERE account = ? AND asset = ? ORDER BY number DESC LIMIT 1",
                (place.0 as i64, place.1),
            )
        })?;
        let last = last.cloned();
        if to > today || last.as_ref().is_some_and(|last| to < last.to) {
            return Ok(Err(Status::STATEMENT_PERIOD_INVALID));
        }
        if last
            .as_ref()
            .is_some_and(|last| last.by_value != cut.by_value)
        {
            return Ok(Err(Status::STATEMENT_DATES_DIFFER));
        }
        let Some(number) = last.as_ref().map_or(0, |last| last.number).checked_add(1) else {
            return Ok(Err(Status::STATEMENT_PERIOD_INVALID));
        };
        let kind = if cut.by_value {
            DateKind::Value
        } else {
            DateKind::Booking
        };
        let closing = self.posted_by(services, slot, cut.asset, kind, to)?;
        let sequence = self.record(services, context, ChangeKind::STATEMENT, command, None);
        let row = StatementRow {
            number,
            key: cut.key,
            sequence,
            time: context.time,
            to,
            by_value: cut.by_value,
            collapsed: cut.collapsed,
            opening: last.map_or((0, 0), |last| last.closing),
            closing: (closing.debits_posted, closing.credits_posted),
        };
        self.books.newest_statements.put(place, Some(row.clone()));
        self.books
            .statements
            .put((place.0, place.1, number), Some(row));
        let mut outcome = Outcome::applied(sequence, context.time, cut.key);
        outcome.number = u64::from(number);
        Ok(Ok(outcome))
    }

    /// What was posted up to a day, in flight or durable.
    pub(super) fn posted_by(
        &mut self,
        services: &mut Services<'_>,
        slot: AccountSlot,
        asset: u32,
        kind: DateKind,
        day: Date,
    ) -> Result<Turnovers> {
        let Some(number) = self.balance_number(services.reader, slot, asset)? else {
            return Ok(Turnovers::default());
        };
        let account = self.account(slot)?.number;
        let Some(balance) = self.balances.get(number) else {
            return Ok(Turnovers::default());
        };
        let mut point = Point {
            account,
            asset,
            sequence: balance.head,
            turnovers: balance.turnovers(),
        };
        let mut total = Turnovers::default();
        while let Some(link) = self.in_flight(|writes| in_batch(writes, point.sequence, account)) {
            let counts = link.days.is_some_and(|(booking, value)| match kind {
                DateKind::Booking => booking <= day.days(),
                DateKind::Value => value <= day.days(),
            });
            if counts && link.debit_side {
                total.debits_posted += link.posted;
            } else if counts {
                total.credits_posted += link.posted;
            }
            point.step_back(&link);
        }
        let durable = as_of::date(services.reader, point, kind, day)?;
        total.debits_posted += durable.debits_posted;
        total.credits_posted += durable.credits_posted;
        Ok(total)
    }
}
