//! Commands of the books: records into commands.

use super::set_up::entity_number;
use super::{
    CommandRecord, Converted, account_if_named, account_ref, date, item, kind, rate, text, time,
    user_data,
};
use crate::abi::arena::Arena;
use crate::abi::memory::read;
use crate::abi::record::*;
use crate::base::constants::{LINKED, gl_code, import, retention, statement_cut, transfer};
use crate::base::id::Id;
use crate::base::rounding::Rounding;
use crate::base::status::Status;
use crate::engine::command::Command;
use crate::ledger::account::AccountKind;
use crate::ledger::command as ledger;
use crate::ledger::command::{Details, SplitPart};

/// The texts that records with legs share; rates are the exchange's own.
macro_rules! texts {
    ($record:expr, $arena:expr) => {
        Details {
            end_to_end_reference: text($record.end_to_end_reference, $arena)?,
            reference: text($record.reference, $arena)?,
            narrative: text($record.narrative, $arena)?,
            metadata: text($record.metadata, $arena)?,
            source_system: text($record.source_system, $arena)?,
            ..Details::default()
        }
    };
}

fn rounding(number: u32) -> Result<Option<Rounding>, Status> {
    match number {
        0 => Ok(None),
        _ => kind(number, Rounding::from_number, Status::KIND_UNKNOWN).map(Some),
    }
}

impl CommandRecord for qenex_position {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::PositionRegister {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            asset: self.asset,
            rounding: account_if_named(self.rounding, self.rounding_number, arena)?,
            carried: self.carried.into(),
        };
        let command = Command::Ledger(ledger::Command::PositionRegister(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_exchange {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::Exchange {
            id: self.id.into(),
            debit: account_ref(self.debit, self.debit_number, arena)?,
            credit: account_ref(self.credit, self.credit_number, arena)?,
            sold: self.sold,
            bought: self.bought,
            sold_amount: self.sold_amount.unless_zero(),
            bought_amount: self.bought_amount.unless_zero(),
            rounding: rounding(self.rounding)?,
            code: self.code,
            flags: self.flags & !LINKED,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: Details {
                rate: rate(self.rate, self.rate_scale)?,
                rate_source: text(self.rate_source, arena)?,
                functional_amount: self.functional_amount.unless_zero(),
                ..texts!(self, arena)
            },
        };
        let command = Command::Ledger(ledger::Command::Exchange(command));
        item(
            command,
            self.flags,
            transfer::FORCE,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_revaluation {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::Revalue {
            key: self.key.into(),
            entity: entity_number(self.entity),
            asset: self.asset,
            date: date(self.date)?.ok_or(Status::DATE_INVALID)?,
            rate: rate(self.rate, self.rate_scale)?.ok_or(Status::RATE_INVALID)?,
            rate_source: text(self.rate_source, arena)?,
            rounding: rounding(self.rounding)?.ok_or(Status::ROUNDING_NEEDED)?,
            account: account_ref(self.account, self.account_number, arena)?,
            code: self.code,
        };
        let command = Command::Ledger(ledger::Command::Revalue(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_split {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let bytes = arena.bytes(self.parts).ok_or(Status::SPLIT_PARTS_INVALID)?;
        let size = size_of::<qenex_split_part>();
        if bytes.len() % size != 0 || bytes.len() / size > crate::ledger::split::PARTS {
            return Err(Status::SPLIT_PARTS_INVALID);
        }
        let mut parts = Vec::with_capacity(bytes.len() / size);
        for part in bytes.chunks_exact(size) {
            let part: qenex_split_part = read(part);
            if !part.reserved_is_zero() || part.check_arena(arena).is_err() {
                return Err(Status::SPLIT_PARTS_INVALID);
            }
            parts.push(SplitPart {
                credit: account_ref(part.credit, part.credit_number, arena)?,
                weight: part.weight,
            });
        }
        let command = ledger::Split {
            id: self.id.into(),
            debit: account_ref(self.debit, self.debit_number, arena)?,
            asset: self.asset,
            amount: self.amount.into(),
            parts,
            code: self.code,
            flags: self.flags & !LINKED,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: texts!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::Split(command));
        item(
            command,
            self.flags,
            transfer::FORCE,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_accrual {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::Accrue {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            name: text(self.name, arena)?,
            asset: self.asset,
            coefficient: self.amount.minor(),
            scale: u8::try_from(self.scale).map_err(|_| Status::ACCRUAL_OUT_OF_RANGE)?,
        };
        let command = Command::Ledger(ledger::Command::Accrue(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_accrual_post {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccrualPost {
            id: self.id.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            name: text(self.name, arena)?,
            contra: account_ref(self.contra, self.contra_number, arena)?,
            residue: account_if_named(self.residue, self.residue_number, arena)?,
            code: self.code,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: texts!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::AccrualPost(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_statement_cut {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::StatementCut {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            asset: self.asset,
            to: date(self.to)?,
            by_value: self.flags & statement_cut::BY_VALUE_DATE != 0,
            collapsed: self.flags & statement_cut::COLLAPSED != 0,
        };
        let command = Command::Ledger(ledger::Command::StatementCut(command));
        item(
            command,
            self.flags,
            statement_cut::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_gl_code {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::GlCode {
            key: self.key.into(),
            entity: entity_number(self.entity),
            code: text(self.code, arena)?,
            name: text(self.name, arena)?,
            kind: kind(
                self.kind,
                AccountKind::from_number,
                Status::ACCOUNT_KIND_UNKNOWN,
            )?,
            control: self.flags & gl_code::CONTROL != 0,
        };
        let command = Command::Ledger(ledger::Command::GlCode(command));
        item(command, self.flags, gl_code::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_gl_assignment {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::GlAssignment {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            from: date(self.from)?.ok_or(Status::DATE_INVALID)?,
            code: text(self.code, arena)?,
            contrary_code: text(self.contrary_code, arena)?,
        };
        let command = Command::Ledger(ledger::Command::GlAssignment(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_import_begin {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let key = self.key.into();
        let command = Command::Ledger(ledger::Command::ImportBegin(ledger::ImportBegin { key }));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_import_transfer {
    fn key(&self) -> Id {
        self.transfer.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        if self.flags & !import::ALL != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        let mut item = self.transfer.item(arena)?;
        let Command::Ledger(ledger::Command::Transfer(transfer)) = item.command else {
            return Err(Status::KIND_UNKNOWN);
        };
        let command = ledger::ImportTransfer {
            transfer,
            original_time: time(self.original_time)?.ok_or(Status::TIME_INVALID)?,
            opening: self.flags & import::OPENING != 0,
        };
        item.command = Command::Ledger(ledger::Command::ImportTransfer(command));
        Ok(item)
    }
}

impl CommandRecord for qenex_import_proof {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::ImportProof {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            asset: self.asset,
            opening: self.opening.into(),
            debits: self.debits.into(),
            credits: self.credits.into(),
            closing: self.closing.into(),
        };
        let command = Command::Ledger(ledger::Command::ImportProof(command));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_go_live {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let key = self.key.into();
        let command = Command::Ledger(ledger::Command::GoLive(ledger::GoLive { key }));
        item(command, self.flags, 0, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_retention {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountRetention {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            class: text(self.class_name, arena)?,
            until: date(self.until)?,
            legal_hold: self.flags & retention::LEGAL_HOLD != 0,
            reason: text(self.reason, arena)?,
            authority: text(self.authority, arena)?,
        };
        let command = Command::Ledger(ledger::Command::AccountRetention(command));
        item(
            command,
            self.flags,
            retention::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}
