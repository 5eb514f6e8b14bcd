//! Transfers, reversals and holds: records into commands.

use super::{
    CommandRecord, Converted, account_if_named, account_ref, date, item, kind, rate, text, time,
    user_data,
};
use crate::abi::arena::Arena;
use crate::abi::record::*;
use crate::base::constants::{LINKED, hold, transfer};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::engine::command::Command;
use crate::ledger::command as ledger;
use crate::ledger::command::Details;
use crate::ledger::hold::HoldKind;

/// The fields that transfers, captures and reversals share.
macro_rules! details {
    ($record:expr, $arena:expr) => {
        Details {
            end_to_end_reference: text($record.end_to_end_reference, $arena)?,
            reference: text($record.reference, $arena)?,
            narrative: text($record.narrative, $arena)?,
            metadata: text($record.metadata, $arena)?,
            source_system: text($record.source_system, $arena)?,
            rate: rate($record.rate, $record.rate_scale)?,
            rate_source: text($record.rate_source, $arena)?,
            functional_amount: $record.functional_amount.unless_zero(),
        }
    };
}

impl CommandRecord for qenex_transfer {
    #[inline]
    fn key(&self) -> Id {
        self.id.into()
    }

    #[inline]
    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        const ALLOWED: u32 = transfer::BALANCING_DEBIT
            | transfer::BALANCING_CREDIT
            | transfer::FORCE
            | transfer::STORNO
            | transfer::BANK;
        let command = ledger::Transfer {
            id: self.id.into(),
            debit: account_ref(self.debit_id, self.debit_number, arena)?,
            credit: account_ref(self.credit_id, self.credit_number, arena)?,
            asset: self.asset,
            amount: self.amount.into(),
            transaction: self.transaction.into(),
            code: self.code,
            flags: self.flags & !LINKED,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: details!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::Transfer(command));
        item(command, self.flags, ALLOWED, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_reversal {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::Reverse {
            id: self.id.into(),
            original: self.original.into(),
            amount: self.amount.unless_zero(),
            flags: self.flags & !LINKED,
            recovery: account_if_named(self.recovery_id, self.recovery_number, arena)?,
            code: self.code,
            details: details!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::Reverse(command));
        item(
            command,
            self.flags,
            transfer::FORCE | transfer::STORNO,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_hold {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldPlace {
            id: self.id.into(),
            debit: account_ref(self.debit_id, self.debit_number, arena)?,
            credit: account_if_named(self.credit_id, self.credit_number, arena)?,
            asset: self.asset,
            amount: self.amount.into(),
            kind: kind(
                self.kind.max(1),
                HoldKind::from_number,
                Status::KIND_UNKNOWN,
            )?,
            priority: u8::try_from(self.priority).map_err(|_| Status::KIND_UNKNOWN)?,
            force: self.flags & hold::FORCE != 0,
            expires_at: time(self.expires_at)?,
            reason: text(self.reason, arena)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
        };
        let command = Command::Ledger(ledger::Command::HoldPlace(command));
        item(command, self.flags, hold::FORCE, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_hold_increase {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldIncrease {
            key: self.key.into(),
            hold: self.hold.into(),
            amount: self.amount.into(),
            force: self.flags & hold::FORCE != 0,
        };
        let command = Command::Ledger(ledger::Command::HoldIncrease(command));
        item(command, self.flags, hold::FORCE, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_hold_capture {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldCapture {
            id: self.id.into(),
            hold: self.hold.into(),
            credit: account_if_named(self.credit_id, self.credit_number, arena)?,
            amount: self.amount.unless_zero(),
            last: self.flags & hold::LAST != 0,
            force: self.flags & hold::FORCE != 0,
            code: self.code,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: details!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::HoldCapture(command));
        item(command, self.flags, hold::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_hold_release {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldRelease {
            key: self.key.into(),
            hold: self.hold.into(),
        };
        item(
            Command::Ledger(ledger::Command::HoldRelease(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}
