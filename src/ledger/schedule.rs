//! Transfers with a booking date that is still to come. They wait as rows of their own and hold nothing; the roll of
//! the business date to their day, or beyond it, books them as ordinary transfers on the new business date, in the
//! order of their days. One that is refused then is not tried again: the refusal is a change that the host reads.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::command::{AccountRef, Command, ScheduleCancel, Transfer, TransferSchedule};
use crate::ledger::day_state::{ScheduleState, Scheduled, load_scheduled};
use crate::ledger::encoding::{self, encode_schedule_refused, personal_texts, with_texts};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_details, flags, positive, refuse_unless};
use crate::tx::{ChangeKind, Context, KeySpace};

impl Ledger {
    pub(super) fn schedule_transfer(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        schedule: &TransferSchedule<'_>,
    ) -> Result<Checked<Outcome>> {
        let transfer = &schedule.transfer;
        let balancing = transfer.flags & (flags::BALANCING_DEBIT | flags::BALANCING_CREDIT) != 0;
        let amount = refuse_unless!(positive(transfer.amount.minor(), balancing));
        refuse_unless!(check_details(&transfer.details));
        let parties = refuse_unless!(self.parties(
            services,
            &transfer.debit,
            &transfer.credit,
            transfer.asset
        )?);
        if amount > parties.maximum {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        }
        let Some(entity) = self.entity(parties.debit_account.entity) else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let entity_number = entity.number;
        let Some(booking_date) = transfer
            .booking_date
            .filter(|day| *day > entity.business_date)
        else {
            return Ok(Err(Status::BOOKING_DATE_NOT_LATER));
        };
        let salt = context.salt(services.changes.last_sequence() + 1);
        let committed = personal_texts(command).map(|texts| commitment(&salt, texts.as_slice()));
        let sequence = self.record(
            services,
            context,
            ChangeKind::TRANSFER_SCHEDULED,
            command,
            committed.as_ref(),
        );
        let details = &transfer.details;
        self.days.schedules.put(
            sequence,
            Some(Scheduled {
                sequence,
                key: schedule.key,
                transfer: transfer.id,
                entity: entity_number,
                debit: parties.debit_account.number,
                credit: parties.credit_account.number,
                asset: transfer.asset,
                wide: parties.scale_wide,
                amount,
                booking_date,
                state: ScheduleState::Waiting,
                status: Status::OK,
                ended: 0,
                actor: context.actor,
                on_behalf_of: context.on_behalf_of,
                salt: committed.map(|_| salt),
                texts: [
                    details.end_to_end_reference.to_owned(),
                    details.reference.to_owned(),
                    details.narrative.to_owned(),
                    details.metadata.to_owned(),
                ],
            }),
        );
        let mut outcome = Outcome::applied(sequence, context.time, schedule.key);
        outcome.amount = amount as i128;
        Ok(Ok(outcome))
    }

    pub(super) fn cancel_schedule(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        cancel: &ScheduleCancel,
    ) -> Result<Checked<Outcome>> {
        let Some(mut scheduled) = self.scheduled(services, &cancel.schedule)? else {
            return Ok(Err(Status::SCHEDULE_UNKNOWN));
        };
        if scheduled.state != ScheduleState::Waiting {
            return Ok(Err(Status::SCHEDULE_ENDED));
        }
        let sequence = self.record(
            services,
            context,
            ChangeKind::SCHEDULE_CANCELLED,
            command,
            None,
        );
        scheduled.state = ScheduleState::Cancelled;
        scheduled.ended = sequence;
        self.days.schedules.put(scheduled.sequence, Some(scheduled));
        Ok(Ok(Outcome::applied(sequence, context.time, cancel.key)))
    }

    /// The scheduled transfer that a key stands for.
    fn scheduled(&mut self, services: &mut Services<'_>, key: &Id) -> Result<Option<Scheduled>> {
        let hash = services.keys.hash(KeySpace::Command, &key.0);
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            let found = self.scheduled_by_sequence(services.reader, sequence as i64)?;
            if let Some(found) = found.filter(|found| found.key == *key) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The transfer that a change scheduled, in flight or durable.
    pub fn scheduled_by_sequence(
        &mut self,
        reader: &Connection,
        sequence: i64,
    ) -> Result<Option<Scheduled>> {
        let found = self
            .days
            .schedules
            .get(&sequence, || load_scheduled(reader, sequence))?;
        Ok(found.cloned())
    }

    /// Books what waits in an entity for a day up to `day`, the oldest day first.
    pub(super) fn book_scheduled(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        entity: u32,
        day: Date,
    ) -> Result<()> {
        for scheduled in self.due(services.reader, entity, day)? {
            self.book_one(services, context, scheduled)?;
        }
        Ok(())
    }

    fn due(&mut self, reader: &Connection, entity: u32, day: Date) -> Result<Vec<Scheduled>> {
        let mut select = reader.prepare_cached(
            "SELECT seq FROM scheduled_transfer WHERE state = 1 AND entity = ? AND booking_date <= ?",
        )?;
        let rows = select.query_map((entity, day.days()), |row| row.get(0))?;
        let mut sequences = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
        sequences.extend(self.days.schedules.undurable());
        sequences.sort_unstable();
        sequences.dedup();
        let mut due = Vec::new();
        for sequence in sequences {
            due.extend(
                self.scheduled_by_sequence(reader, sequence)?
                    .filter(|row| row.entity == entity && row.state == ScheduleState::Waiting)
                    .filter(|row| row.booking_date <= day),
            );
        }
        due.sort_by_key(|row| (row.booking_date, row.sequence));
        Ok(due)
    }

    fn book_one(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        mut scheduled: Scheduled,
    ) -> Result<()> {
        let Some(change) = services.changes.find(services.reader, scheduled.sequence)? else {
            return Ok(());
        };
        let (command, _) = encoding::decode(&change.content)?;
        let texts = scheduled.texts.each_ref().map(String::as_str);
        let Command::TransferSchedule(schedule) = with_texts(command, &texts) else {
            return Ok(());
        };
        let (Some(debit), Some(credit)) = (
            self.id_by_number(services.reader, scheduled.debit)?,
            self.id_by_number(services.reader, scheduled.credit)?,
        ) else {
            return Ok(());
        };
        let transfer = Transfer {
            debit: AccountRef::Id(debit),
            credit: AccountRef::Id(credit),
            booking_date: None,
            ..schedule.transfer
        };
        // Who asked for it has made it, and its texts are committed to as they were then.
        let own = Context {
            actor: scheduled.actor,
            on_behalf_of: scheduled.on_behalf_of,
            salt: scheduled.salt,
            ..*context
        };
        let used = self.repeated(
            services,
            &own,
            &Command::Transfer(transfer.clone()),
            &transfer.id,
        )?;
        let outcome = match used {
            Some(_) => Err(Status::EXISTS_WITH_DIFFERENT_CONTENT),
            None => self.transfer(services, &own, &transfer)?,
        };
        match outcome {
            Ok(outcome) => {
                scheduled.state = ScheduleState::Booked;
                scheduled.ended = outcome.sequence;
            }
            Err(status) => {
                let mut content = Vec::with_capacity(32);
                encode_schedule_refused(scheduled.key, status.code(), &mut content);
                scheduled.state = ScheduleState::Refused;
                scheduled.status = status;
                scheduled.ended = services.changes.record(
                    context,
                    ChangeKind::SCHEDULE_REFUSED,
                    Id::NONE,
                    content,
                );
            }
        }
        self.days.schedules.put(scheduled.sequence, Some(scheduled));
        Ok(())
    }
}
