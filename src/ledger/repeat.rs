//! What a key gives that was used before: the first outcome again, rebuilt from what the file has of it, or the first
//! field in which the command differs.

use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::ledger::command::{
    AccountRef, Command, Details, HoldCapture, ImportTransfer, Reverse, Transfer,
};
use crate::ledger::encoding::{self, personal_texts};
use crate::ledger::outcome::{Field, Outcome};
use crate::ledger::query::chain::Point;
use crate::ledger::query::transfer::StoredTransfer;
use crate::ledger::reversal::with_originals;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::flags;
use crate::ledger::write::TransferRow;
use crate::tx::{ChangeKind, ChangeRow, Context, KeySpace};

impl Ledger {
    /// The first outcome again if the key was used before, or what differs.
    pub(super) fn repeated(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        key: &Id,
    ) -> Result<Option<Outcome>> {
        let hash = services.keys.hash(KeySpace::Command, &key.0);
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            let sequence = sequence as i64;
            if let Some(stored) = self.transfer_by_sequence(services.reader, sequence)? {
                if stored.row.id == *key {
                    return self
                        .repeated_transfer(services, context, command, &stored)
                        .map(Some);
                }
            } else if let Some(row) = services.changes.find(services.reader, sequence)?
                && row.key == *key
            {
                return self.repeated_change(services, command, &row).map(Some);
            }
        }
        Ok(None)
    }

    fn repeated_transfer(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        stored: &StoredTransfer,
    ) -> Result<Outcome> {
        let row = &stored.row;
        let difference = if row.on_behalf_of != context.on_behalf_of {
            Some(Field::OnBehalfOf)
        } else {
            match command {
                Command::Transfer(transfer) => {
                    self.transfer_difference(services, transfer, stored)?
                }
                Command::HoldCapture(capture) => {
                    self.capture_difference(services, capture, stored)?
                }
                Command::Reverse(reverse) => self.reverse_difference(services, reverse, stored)?,
                Command::ImportTransfer(import) => {
                    self.import_difference(services, import, stored)?
                }
                _ => Some(Field::Kind),
            }
        };
        if let Some(field) = difference {
            return Ok(Outcome::different(field, row.id));
        }
        let mut outcome = Outcome::applied(row.sequence, row.time, row.id);
        outcome.repeated = true;
        outcome.amount = row.amount as i128;
        outcome.debit = self.turnovers_at(services, row.debit, row.asset, row.sequence)?;
        outcome.credit = self.turnovers_at(services, row.credit, row.asset, row.sequence)?;
        Ok(outcome)
    }

    fn transfer_difference(
        &mut self,
        services: &mut Services<'_>,
        transfer: &Transfer<'_>,
        stored: &StoredTransfer,
    ) -> Result<Option<Field>> {
        let row = &stored.row;
        let asked = row.requested.unwrap_or(row.amount) as i128;
        let booking = (row.flags & flags::BOOKING_DATE_GIVEN != 0).then_some(row.booking_date);
        let value = (row.flags & flags::VALUE_DATE_GIVEN != 0).then_some(row.value_date);
        Ok(if row.flags & flags::OTHER_COMMANDS != 0 {
            Some(Field::Kind)
        } else if !self.names(services, &transfer.debit, row.debit, row)? {
            Some(Field::Debit)
        } else if !self.names(services, &transfer.credit, row.credit, row)? {
            Some(Field::Credit)
        } else if transfer.asset != row.asset {
            Some(Field::Asset)
        } else if transfer.amount.minor() != asked {
            Some(Field::Amount)
        } else if transfer.transaction != row.transaction {
            Some(Field::Transaction)
        } else if transfer.code != row.code {
            Some(Field::Code)
        } else if transfer.flags != row.flags & flags::CALLER {
            Some(Field::Flags)
        } else if transfer.booking_date != booking {
            Some(Field::BookingDate)
        } else if transfer.value_date != value {
            Some(Field::ValueDate)
        } else if transfer.user_data != row.user_data {
            Some(Field::UserData)
        } else {
            details_difference(&transfer.details, stored)
        })
    }

    /// An import that ran before, compared as the transfer that it became.
    fn import_difference(
        &mut self,
        services: &mut Services<'_>,
        import: &ImportTransfer<'_>,
        stored: &StoredTransfer,
    ) -> Result<Option<Field>> {
        if stored.row.flags & flags::IMPORTED == 0 {
            return Ok(Some(Field::Kind));
        }
        let mut plain = stored.clone();
        plain.row.flags &= !(flags::IMPORTED | flags::OPENING);
        let transfer = Transfer {
            flags: import.transfer.flags | flags::FORCE,
            ..import.transfer.clone()
        };
        let opening = stored.row.flags & flags::OPENING != 0;
        let time = self.original_time(services, stored.row.sequence)?;
        Ok(if import.opening != opening {
            Some(Field::Flags)
        } else if time != Some(import.original_time.micros()) {
            Some(Field::Content)
        } else {
            self.transfer_difference(services, &transfer, &plain)?
        })
    }

    fn capture_difference(
        &mut self,
        services: &mut Services<'_>,
        capture: &HoldCapture<'_>,
        stored: &StoredTransfer,
    ) -> Result<Option<Field>> {
        let row = &stored.row;
        let hold = self.hold_by_sequence(services.reader, row.hold)?;
        let asked = if row.requested == Some(0) {
            None
        } else {
            Some(row.amount as i128)
        };
        let mut expected = 0;
        if capture.last {
            expected |= flags::CAPTURE_LAST;
        }
        if capture.force {
            expected |= flags::FORCE;
        }
        let booking = (row.flags & flags::BOOKING_DATE_GIVEN != 0).then_some(row.booking_date);
        let value = (row.flags & flags::VALUE_DATE_GIVEN != 0).then_some(row.value_date);
        let credit_named = match &capture.credit {
            Some(credit) => self.names(services, credit, row.credit, row)?,
            None => hold.as_ref().is_some_and(|hold| hold.credit == row.credit),
        };
        Ok(if row.flags & flags::CAPTURE == 0 {
            Some(Field::Kind)
        } else if hold.is_none_or(|hold| hold.id != capture.hold) {
            Some(Field::Hold)
        } else if !credit_named {
            Some(Field::Credit)
        } else if capture.amount.map(|amount| amount.minor()) != asked {
            Some(Field::Amount)
        } else if row.flags & (flags::CAPTURE_LAST | flags::FORCE) != expected {
            Some(Field::Flags)
        } else if capture.code != row.code {
            Some(Field::Code)
        } else if capture.booking_date != booking {
            Some(Field::BookingDate)
        } else if capture.value_date != value {
            Some(Field::ValueDate)
        } else if capture.user_data != row.user_data {
            Some(Field::UserData)
        } else {
            details_difference(&capture.details, stored)
        })
    }

    fn reverse_difference(
        &mut self,
        services: &mut Services<'_>,
        reverse: &Reverse<'_>,
        stored: &StoredTransfer,
    ) -> Result<Option<Field>> {
        let row = &stored.row;
        let original = self.transfer_by_sequence(services.reader, row.reverses)?;
        let Some(original) = original.filter(|_| row.flags & flags::REVERSAL != 0) else {
            return Ok(Some(Field::Kind));
        };
        // The first leg of a transaction's reversal bears the command's id as its transaction, too.
        let named = if row.transaction == row.id {
            original.row.transaction == reverse.original
        } else {
            original.row.id == reverse.original
        };
        let asked = if row.requested == Some(0) {
            None
        } else {
            Some(row.amount as i128)
        };
        let recovery_named = match &reverse.recovery {
            Some(recovery) => self.names(services, recovery, row.recovery, row)?,
            None => row.recovery == 0,
        };
        let details = with_originals(&reverse.details, &original);
        Ok(if !named {
            Some(Field::Original)
        } else if !recovery_named {
            Some(Field::Debit)
        } else if reverse.amount.map(|amount| amount.minor()) != asked {
            Some(Field::Amount)
        } else if reverse.code != row.code {
            Some(Field::Code)
        } else if reverse.flags != row.flags & (flags::FORCE | flags::STORNO) {
            Some(Field::Flags)
        } else {
            details_difference(&details, stored)
        })
    }

    /// Whether an account is named that has the number `number`: by its id, or by an external number that is its own now
    /// or was when the transfer was made. A payment that is sent again after a number moved is the same payment.
    fn names(
        &mut self,
        services: &mut Services<'_>,
        account: &AccountRef<'_>,
        number: u64,
        made: &TransferRow,
    ) -> Result<bool> {
        let now = match self.locate(services, account)? {
            Some(slot) => self.account(slot)?.number == number,
            None => false,
        };
        let AccountRef::Number(text) = account else {
            return Ok(now);
        };
        if now {
            return Ok(true);
        }
        let typed = text.split_once(':');
        for (number_type, value) in [(None, *text)]
            .into_iter()
            .chain(typed.map(|(kind, value)| (Some(kind), value)))
        {
            let hash = services
                .keys
                .hash(KeySpace::AccountNumber, value.as_bytes());
            for sequence in services.keys.find(services.reader, hash)?.to_vec() {
                let row = self.number_by_sequence(services.reader, sequence as i64)?;
                if row.is_some_and(|row| {
                    row.account == number
                        && row.number == value
                        && number_type.is_none_or(|kind| row.number_type == kind)
                        && row.sequence < made.sequence
                        && row.valid_to.is_none_or(|end| end >= made.time)
                }) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn repeated_change(
        &mut self,
        services: &mut Services<'_>,
        command: &Command<'_>,
        row: &ChangeRow,
    ) -> Result<Outcome> {
        let key = command.key();
        if row.kind == ChangeKind::REFUSAL {
            let (status, number, refused) = crate::tx::refusal::decode(&row.content)?;
            let mut content = Vec::new();
            encoding::encode(command, None, &mut content);
            if content != refused {
                return Ok(Outcome::different(Field::Content, key));
            }
            let mut outcome = Outcome::refused(status, key);
            outcome.repeated = true;
            outcome.sequence = row.sequence;
            outcome.time = row.time;
            outcome.number = number;
            return Ok(outcome);
        }
        let mut content = Vec::new();
        let legs = if Ledger::needs_mark(command) {
            self.legs_of(services, &key, row.sequence)?
        } else {
            Vec::new()
        };
        let salt = match command {
            Command::AccountOpen(_) => self.account_salt(services, &key)?,
            Command::TransferSchedule(_) => self
                .scheduled_by_sequence(services.reader, row.sequence)?
                .and_then(|scheduled| scheduled.salt),
            Command::AccountOwner(_) => self
                .owner_by_sequence(services.reader, row.sequence)?
                .and_then(|link| link.salt),
            _ => legs.first().and_then(|leg| leg.salt),
        };
        // Texts that were erased are compared no more, and those of a command without legs were not kept.
        let kept = match (legs.first(), salt) {
            (Some(leg), None) => leg.commitment,
            _ => personal_texts(command)
                .filter(|_| salt.is_some() || matches!(command, Command::AccountOpen(_)))
                .map(|texts| commitment(&salt.unwrap_or_default(), texts.as_slice())),
        };
        let committed = kept;
        encoding::encode(command, committed.as_ref(), &mut content);
        if content != row.content {
            let same_kind = content.get(..4) == row.content.get(..4);
            return Ok(Outcome::different(
                if same_kind {
                    Field::Content
                } else {
                    Field::Kind
                },
                key,
            ));
        }
        let mut outcome = Outcome::applied(row.sequence, row.time, key);
        outcome.repeated = true;
        match command {
            Command::AccountOpen(open) => {
                if let Some(slot) = self.locate(services, &AccountRef::Id(key))? {
                    outcome.number = self.account(slot)?.number;
                }
                if open.opening.is_some()
                    && let Some(moved) =
                        self.transfer_by_sequence(services.reader, row.sequence + 1)?
                {
                    let (moved, at) = (moved.row, row.sequence + 1);
                    outcome.amount = moved.amount as i128;
                    outcome.debit = self.turnovers_at(services, moved.debit, moved.asset, at)?;
                    outcome.credit = self.turnovers_at(services, moved.credit, moved.asset, at)?;
                }
            }
            Command::CalendarSet(set) => {
                let calendar = self.calendar_by_code(set.code);
                outcome.number = calendar.map_or(0, |calendar| u64::from(calendar.number));
            }
            Command::TransferSchedule(schedule) => {
                outcome.amount = schedule.transfer.amount.minor();
            }
            Command::Accrue(_)
            | Command::StatementCut(_)
            | Command::GoLive(_)
            | Command::EndOfDay(_)
            | Command::YearEnd(_) => {
                let first = self.kept_result(services.reader, row.sequence)?;
                outcome.number = first.number;
                outcome.amount = first.amount;
            }
            Command::Exchange(_)
            | Command::Revalue(_)
            | Command::Split(_)
            | Command::AccrualPost(_) => {
                self.repeat_legs(services, command, &legs, &mut outcome)?;
            }
            Command::EntityCreate(_) => {
                let entity = self.entities().into_iter().find(|entity| entity.id == key);
                outcome.number = entity.map_or(0, |entity| u64::from(entity.number));
            }
            Command::HoldPlace(_) | Command::HoldIncrease(_) | Command::HoldRelease(_) => {
                if let Some(event) = self.hold_event_by_sequence(services.reader, row.sequence)? {
                    outcome.amount = event.change.saturating_abs();
                    outcome.debit =
                        self.turnovers_at(services, event.debit, event.asset, event.sequence)?;
                    if event.credit != 0 {
                        outcome.credit =
                            self.turnovers_at(services, event.credit, event.asset, event.sequence)?;
                    }
                }
            }
            _ => {}
        }
        Ok(outcome)
    }

    fn account_salt(&mut self, services: &mut Services<'_>, id: &Id) -> Result<Option<[u8; 16]>> {
        let recent = self.in_flight(|writes| {
            writes
                .accounts
                .iter()
                .find(|row| row.id == *id)
                .map(|row| row.salt)
        });
        if let Some(salt) = recent {
            return Ok(salt);
        }
        let Some(slot) = self.locate(services, &AccountRef::Id(*id))? else {
            return Ok(None);
        };
        let number = self.account(slot)?.number;
        let mut select = services
            .reader
            .prepare_cached("SELECT salt FROM account WHERE number = ?")?;
        Ok(select.query_row([number as i64], |row| row.get(0))?)
    }

    /// The turnovers of an account in an asset after the event `sequence`, in flight or durable.
    pub fn turnovers_at(
        &mut self,
        services: &mut Services<'_>,
        account: u64,
        asset: u32,
        sequence: i64,
    ) -> Result<crate::ledger::balance::Turnovers> {
        let Some(slot) = self.locate_number(services.reader, account)? else {
            return Ok(Default::default());
        };
        let Some(number) = self.balance_number(services.reader, slot, asset)? else {
            return Ok(Default::default());
        };
        let Some(balance) = self.balances.get(number) else {
            return Ok(Default::default());
        };
        let mut point = Point {
            account,
            asset,
            sequence: balance.head,
            turnovers: balance.turnovers(),
        };
        point.jump_towards(services.reader, sequence)?;
        while point.sequence > sequence {
            let link = self.link(services.reader, point.sequence, account)?;
            point.step_back(&link);
        }
        Ok(point.turnovers)
    }
}

fn details_difference(details: &Details<'_>, stored: &StoredTransfer) -> Option<Field> {
    let same = details.source_system == stored.source_system
        && details.rate_source == stored.rate_source
        && details.rate == stored.rate
        && details.functional_amount.map(|amount| amount.minor()) == stored.functional_amount;
    if !same {
        return Some(Field::Details);
    }
    // Once the texts are erased only their commitment is left, and nobody can tell whether they were the same.
    let erased = stored.commitment.is_some() && stored.salt.is_none();
    let same_texts = details.end_to_end_reference == stored.end_to_end_reference
        && details.reference == stored.reference
        && details.narrative == stored.narrative
        && details.metadata == stored.metadata;
    if erased || same_texts {
        None
    } else {
        Some(Field::Texts)
    }
}
