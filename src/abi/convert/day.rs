//! Calendars, scheduled transfers, ends of days and years, owners, reactivation: records into commands.

use super::set_up::entity_number;
use super::{CommandRecord, Converted, account_ref, date, item, text};
use crate::abi::arena::Arena;
use crate::abi::record::*;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::engine::command::{Command, Item};
use crate::ledger::command as ledger;

/// Days from an array of numbers YYYYMMDD that may lie unaligned.
fn days(bytes: &[u8]) -> Result<Vec<Date>, Status> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(Status::CALENDAR_INVALID);
    }
    let mut days = Vec::with_capacity(numbers.len());
    for number in numbers {
        days.push(date(i32::from_ne_bytes(*number))?.ok_or(Status::DATE_INVALID)?);
    }
    Ok(days)
}

impl CommandRecord for qenex_calendar {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let holidays = arena.bytes(self.holidays).ok_or(Status::CALENDAR_INVALID)?;
        let command = ledger::CalendarSet {
            key: self.key.into(),
            code: text(self.code, arena)?,
            weekend: u8::try_from(self.weekend).map_err(|_| Status::CALENDAR_INVALID)?,
            holidays: days(holidays)?.into(),
        };
        let command = Command::Ledger(ledger::Command::CalendarSet(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_entity_rules {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::EntityRules {
            key: self.key.into(),
            entity: entity_number(self.entity),
            calendar: text(self.calendar, arena)?,
            dormant_after: self.dormant_after_days,
        };
        let command = Command::Ledger(ledger::Command::EntityRules(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_schedule {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let Item {
            command,
            linked,
            on_behalf_of,
        } = self.transfer.item(arena)?;
        let Command::Ledger(ledger::Command::Transfer(transfer)) = command else {
            return Err(Status::KIND_UNKNOWN);
        };
        Ok(Item {
            command: Command::Ledger(ledger::Command::TransferSchedule(
                ledger::TransferSchedule {
                    key: self.key.into(),
                    transfer,
                },
            )),
            linked,
            on_behalf_of,
        })
    }
}

impl CommandRecord for qenex_schedule_cancel {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::ScheduleCancel {
            key: self.key.into(),
            schedule: self.schedule.into(),
        };
        let command = Command::Ledger(ledger::Command::ScheduleCancel(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_day_end {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::EndOfDay {
            key: self.key.into(),
            entity: entity_number(self.entity),
            day: date(self.day)?.ok_or(Status::DATE_INVALID)?,
            portion: self.portion,
        };
        let command = Command::Ledger(ledger::Command::EndOfDay(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_year_end {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::YearEnd {
            key: self.key.into(),
            entity: entity_number(self.entity),
            through: date(self.through)?.ok_or(Status::DATE_INVALID)?,
            retained: account_ref(self.retained_id, self.retained_number, arena)?,
            code: self.code,
            portion: self.portion,
        };
        let command = Command::Ledger(ledger::Command::YearEnd(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account_owner {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountOwner {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            owner: text(self.owner, arena)?,
            role: text(self.role, arena)?,
            ends: self.ends.into(),
        };
        let command = Command::Ledger(ledger::Command::AccountOwner(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_reactivation {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountReactivate {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            reason: text(self.reason, arena)?,
            authority: text(self.authority, arena)?,
        };
        let command = Command::Ledger(ledger::Command::AccountReactivate(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}
