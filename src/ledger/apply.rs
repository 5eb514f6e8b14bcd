//! The one way in: a command is checked for having run before, then applied by the rule that is its own. A refused
//! command has changed nothing.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::ledger::command::{Command, TransferSchedule};
use crate::ledger::encoding;
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::flags;
use crate::tx::{ChangeKind, Context, KeySpace};

impl Ledger {
    /// Applies a command. `fresh` says that its key is known not to have been used before. An error means that the
    /// file could not be read: whatever was applied in this batch must be rolled back.
    #[inline]
    pub fn apply(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        fresh: bool,
    ) -> Result<Outcome> {
        let key = command.key();
        if let Err(status) = check_key(command, &key).and_then(|()| check_dates(command)) {
            return Ok(Outcome::refused(status, key));
        }
        if !fresh
            && !key.is_none()
            && let Some(outcome) = self.repeated(services, context, command, &key)?
        {
            return Ok(outcome);
        }
        let applied = match command {
            Command::Transfer(transfer) => self.transfer(services, context, transfer),
            Command::HoldPlace(place) => self.place_hold(services, context, command, place),
            Command::HoldCapture(capture) => self.capture_hold(services, context, capture),
            Command::HoldIncrease(increase) => {
                self.increase_hold(services, context, command, increase)
            }
            Command::HoldRelease(release) => self.release_hold(services, context, command, release),
            Command::Reverse(reverse) => self.reverse(services, context, reverse),
            Command::AccountOpen(open) => self.open_account(services, context, command, open),
            Command::AccountNumber(change) => {
                self.account_number(services, context, command, change)
            }
            Command::AccountBlock(change) => self.account_block(services, context, command, change),
            Command::AccountLimit(change) => self.account_limit(services, context, command, change),
            Command::AccountClose(close) => self.close_account(services, context, command, close),
            Command::EntityCreate(create) => self.create_entity(services, context, command, create),
            Command::AssetCreate(create) => self.create_asset(services, context, command, create),
            Command::BusinessDateRoll(roll) => {
                self.roll_business_date(services, context, command, roll)
            }
            Command::PeriodClose(close) => self.close_period(services, context, command, close),
            Command::PositionRegister(given) => {
                self.register_position(services, context, command, given)
            }
            Command::Exchange(given) => self.exchange(services, context, command, given),
            Command::Revalue(given) => {
                let applied = self.revalue(services, context, command, given)?;
                Ok(self.kept(applied))
            }
            Command::Split(given) => self.split(services, context, command, given),
            Command::Accrue(given) => {
                let applied = self.accrue(services, context, command, given)?;
                Ok(self.kept(applied))
            }
            Command::AccrualPost(given) => {
                let applied = self.post_accrual(services, context, command, given)?;
                Ok(self.kept(applied))
            }
            Command::StatementCut(given) => {
                let applied = self.cut_statement(services, context, command, given)?;
                Ok(self.kept(applied))
            }
            Command::GlCode(given) => self.set_gl_code(services, context, command, given),
            Command::GlAssignment(given) => self.assign_gl_code(services, context, command, given),
            Command::ImportBegin(given) => self.begin_import(services, context, command, given),
            Command::ImportTransfer(import) => self.import_transfer(services, context, import),
            Command::ImportProof(given) => self.prove_import(services, context, command, given),
            Command::GoLive(given) => {
                let applied = self.go_live(services, context, command, given)?;
                Ok(self.kept(applied))
            }
            Command::AccountRetention(given) => {
                self.set_retention(services, context, command, given)
            }
            Command::CalendarSet(set) => self.set_calendar(services, context, command, set),
            Command::EntityRules(rules) => self.set_entity_rules(services, context, command, rules),
            Command::TransferSchedule(schedule) => {
                self.schedule_transfer(services, context, command, schedule)
            }
            Command::ScheduleCancel(cancel) => {
                self.cancel_schedule(services, context, command, cancel)
            }
            Command::EndOfDay(end) => {
                let applied = self.end_of_day(services, context, command, end)?;
                Ok(self.kept(applied))
            }
            Command::YearEnd(close) => {
                let applied = self.close_year(services, context, command, close)?;
                Ok(self.kept(applied))
            }
            Command::AccountOwner(change) => self.account_owner(services, context, command, change),
            Command::AccountReactivate(reactivate) => {
                self.reactivate_account(services, context, command, reactivate)
            }
        }?;
        Ok(applied.unwrap_or_else(|status| Outcome::refused(status, key)))
    }

    /// Whether a refused command may have changed something before it was refused, so that it must run under a mark.
    pub fn needs_mark(command: &Command<'_>) -> bool {
        match command {
            Command::Reverse(_)
            | Command::YearEnd(_)
            | Command::Exchange(_)
            | Command::Revalue(_)
            | Command::Split(_)
            | Command::AccrualPost(_) => true,
            Command::AccountOpen(open) => open.opening.is_some(),
            _ => false,
        }
    }

    /// Records a change other than a transfer with the command as its content, findable by its key.
    pub(super) fn record(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        kind: ChangeKind,
        command: &Command<'_>,
        committed: Option<&[u8; 32]>,
    ) -> i64 {
        let mut content = Vec::with_capacity(96);
        encoding::encode(command, committed, &mut content);
        let key = command.key();
        let sequence = services.changes.record(context, kind, key, content);
        if !key.is_none() {
            let hash = services.keys.hash(KeySpace::Command, &key.0);
            services.keys.insert(hash, sequence as u64, sequence);
        }
        sequence
    }
}

fn check_key(command: &Command<'_>, key: &Id) -> std::result::Result<(), Status> {
    let needed = matches!(
        command,
        Command::EntityCreate(_)
            | Command::AccountOpen(_)
            | Command::Transfer(_)
            | Command::HoldPlace(_)
            | Command::HoldCapture(_)
            | Command::Reverse(_)
            | Command::Exchange(_)
            | Command::Revalue(_)
            | Command::Split(_)
            | Command::AccrualPost(_)
            | Command::ImportTransfer(_)
            | Command::TransferSchedule(_)
    ) || matches!(command, Command::AccountOwner(link) if link.ends.is_none());
    if let Command::Transfer(transfer)
    | Command::TransferSchedule(TransferSchedule { transfer, .. }) = command
        && transfer.flags & !flags::CALLER != 0
    {
        return Err(Status::INVALID_FLAGS);
    }
    if *key == Id::RESERVED {
        return Err(Status::ID_RESERVED);
    }
    if let Command::TransferSchedule(schedule) = command {
        if schedule.transfer.id == Id::RESERVED {
            return Err(Status::ID_RESERVED);
        }
        if schedule.transfer.id.is_none() {
            return Err(Status::ID_NONE);
        }
    }
    if needed && key.is_none() {
        Err(Status::ID_NONE)
    } else {
        Ok(())
    }
}

/// Whether all dates and times are such as a change can hold: a refusal that is remembered holds the whole command.
fn check_dates(command: &Command<'_>) -> std::result::Result<(), Status> {
    let days = |days: [Option<Date>; 2]| {
        if days.iter().flatten().all(|day| day.is_valid()) {
            Ok(())
        } else {
            Err(Status::DATE_INVALID)
        }
    };
    let time = |time: Option<Timestamp>| match time.map(Timestamp::check) {
        Some(Err(_)) => Err(Status::TIME_INVALID),
        _ => Ok(()),
    };
    match command {
        Command::Transfer(transfer) => days([transfer.booking_date, transfer.value_date]),
        Command::HoldCapture(capture) => days([capture.booking_date, capture.value_date]),
        Command::EntityCreate(create) => days([Some(create.business_date), None]),
        Command::BusinessDateRoll(roll) => days([roll.to, None]),
        Command::PeriodClose(close) => days([Some(close.through), None]),
        Command::TransferSchedule(schedule) => {
            days([schedule.transfer.booking_date, schedule.transfer.value_date])
        }
        Command::EndOfDay(end) => days([Some(end.day), None]),
        Command::YearEnd(close) => days([Some(close.through), None]),
        Command::CalendarSet(set) if !set.holidays.iter().all(|day| day.is_valid()) => {
            Err(Status::DATE_INVALID)
        }
        Command::AccountNumber(change) => time(change.expires_at),
        Command::HoldPlace(place) => time(place.expires_at),
        Command::AccountLimit(limit) => time(limit.expires_at),
        Command::Exchange(exchange) => days([exchange.booking_date, exchange.value_date]),
        Command::Revalue(revalue) => days([Some(revalue.date), None]),
        Command::Split(split) => days([split.booking_date, split.value_date]),
        Command::AccrualPost(post) => days([post.booking_date, post.value_date]),
        Command::StatementCut(cut) => days([cut.to, None]),
        Command::GlAssignment(assign) => days([Some(assign.from), None]),
        Command::AccountRetention(set) => days([set.until, None]),
        Command::ImportTransfer(import) => {
            days([import.transfer.booking_date, import.transfer.value_date])?;
            time(Some(import.original_time))
        }
        _ => Ok(()),
    }
}
