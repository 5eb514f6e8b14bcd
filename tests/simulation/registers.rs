//! The commands of the general ledger, the import and the retention as the generator makes them and the engine gets
//! them lent.

use qenex::base::{Amount, Date, Id, Timestamp};
use qenex::ledger::account::AccountKind;
use qenex::ledger::command as ledger;

use crate::command::{Named, Transfer};

/// A command of the general ledger, the import or the retention.
#[derive(Clone, Debug, PartialEq)]
pub enum Register {
    GlCode {
        key: u128,
        entity: u32,
        code: String,
        name: String,
        kind: AccountKind,
        control: bool,
    },
    Assign {
        key: u128,
        account: Named,
        from: i32,
        code: String,
        contrary: String,
    },
    Begin {
        key: u128,
    },
    Import {
        transfer: Transfer,
        original: i64,
        opening: bool,
    },
    /// Opening, debits, credits, closing.
    Prove {
        key: u128,
        account: Named,
        asset: u32,
        amounts: [i128; 4],
    },
    Live {
        key: u128,
    },
    Retain {
        key: u128,
        account: Named,
        class: String,
        until: Option<i32>,
        hold: bool,
        authority: String,
    },
}

impl Register {
    pub fn key(&self) -> u128 {
        match self {
            Register::Import { transfer, .. } => transfer.id,
            Register::GlCode { key, .. }
            | Register::Assign { key, .. }
            | Register::Begin { key }
            | Register::Prove { key, .. }
            | Register::Live { key }
            | Register::Retain { key, .. } => *key,
        }
    }

    /// The days that it names.
    pub fn days(&self) -> [Option<i32>; 2] {
        match self {
            Register::Import { transfer, .. } => [transfer.booking, transfer.value],
            Register::Assign { from, .. } => [Some(*from), None],
            Register::Retain { until, .. } => [*until, None],
            _ => [None, None],
        }
    }

    pub fn command(&self) -> ledger::Command<'_> {
        use ledger::Command;
        match self {
            Register::GlCode {
                key,
                entity,
                code,
                name,
                kind,
                control,
            } => Command::GlCode(ledger::GlCode {
                key: Id::from_u128(*key),
                entity: *entity,
                code,
                name,
                kind: *kind,
                control: *control,
            }),
            Register::Assign {
                key,
                account,
                from,
                code,
                contrary,
            } => Command::GlAssignment(ledger::GlAssignment {
                key: Id::from_u128(*key),
                account: account.lend(),
                from: Date::from_days(*from),
                code,
                contrary_code: contrary,
            }),
            Register::Begin { key } => Command::ImportBegin(ledger::ImportBegin {
                key: Id::from_u128(*key),
            }),
            Register::Import {
                transfer,
                original,
                opening,
            } => Command::ImportTransfer(ledger::ImportTransfer {
                transfer: transfer.lend(),
                original_time: Timestamp::from_micros(*original),
                opening: *opening,
            }),
            Register::Prove {
                key,
                account,
                asset,
                amounts,
            } => Command::ImportProof(ledger::ImportProof {
                key: Id::from_u128(*key),
                account: account.lend(),
                asset: *asset,
                opening: Amount::from_minor(amounts[0]),
                debits: Amount::from_minor(amounts[1]),
                credits: Amount::from_minor(amounts[2]),
                closing: Amount::from_minor(amounts[3]),
            }),
            Register::Live { key } => Command::GoLive(ledger::GoLive {
                key: Id::from_u128(*key),
            }),
            Register::Retain {
                key,
                account,
                class,
                until,
                hold,
                authority,
            } => Command::AccountRetention(ledger::AccountRetention {
                key: Id::from_u128(*key),
                account: account.lend(),
                class,
                until: until.map(Date::from_days),
                legal_hold: *hold,
                reason: "",
                authority,
            }),
        }
    }
}
