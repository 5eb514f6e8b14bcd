//! The harness's transfers as commands of libqenex, and the commands that open its bank. A list is read item by item
//! where it lies: nothing is allocated or copied for a transfer.

use qenex::base::{Amount, Date, Id, Status};
use qenex::engine::{Command, CommandList, HostRecordPut, Item};
use qenex::ledger::account::{AccountKind, flags};
use qenex::ledger::asset::AssetKind;
use qenex::ledger::command::{
    self, AccountOpen, AccountRef, AssetCreate, Details, EntityCreate, UserData,
};
use qenex::ledger::outcome::Outcome as Answer;

use crate::contender::{Bank, Outcome, Result};
use crate::workload::{Transfer, account_id};

use super::{ENTITY, FUNDED_BY_ONE, FUNDING, USD};

/// Namespace and key of the host record that keeps what each account may be overdrawn by.
pub const OVERDRAFT: (&str, &[u8]) = ("bench", b"overdraft");

/// Ids of our own, which begin like none of the harness's.
const ENTITY_ID: u128 = 1;
const BANK_ACCOUNTS: u128 = 1 << 32;
const FUNDINGS: u128 = 1 << 64;

type ItemResult<'a> = std::result::Result<Item<'a>, Status>;

/// Commands that are there already.
pub struct Commands<'a>(pub &'a [Item<'a>]);

impl CommandList for Commands<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn item(&self, index: usize) -> ItemResult<'_> {
        self.0.item(index)
    }

    fn key(&self, index: usize) -> Id {
        self.0.key(index)
    }
}

/// Transfers: a slice of the caller's, or a vector that waits in the engine's queue.
pub struct Transfers<T>(pub T);

impl<T: AsRef<[Transfer]>> CommandList for Transfers<T> {
    fn len(&self) -> usize {
        self.0.as_ref().len()
    }

    fn item(&self, index: usize) -> ItemResult<'_> {
        let transfer = self.0.as_ref().get(index);
        transfer.map(item).ok_or(Status::INVALID_ARGUMENT)
    }

    fn key(&self, index: usize) -> Id {
        let transfer = self.0.as_ref().get(index);
        transfer.map_or(Id::NONE, |transfer| Id(transfer.id))
    }
}

fn item(transfer: &Transfer) -> Item<'_> {
    let [end_to_end, creditor] = &transfer.references;
    Item::from(command::Command::Transfer(command::Transfer {
        id: Id(transfer.id),
        debit: account(transfer.debit),
        credit: account(transfer.credit),
        asset: USD,
        amount: Amount::from(transfer.amount),
        transaction: Id::NONE,
        code: u32::from(transfer.code),
        flags: 0,
        booking_date: None,
        value_date: Some(Date::from_days(transfer.value_day)),
        user_data: UserData::default(),
        details: Details {
            end_to_end_reference: end_to_end,
            reference: creditor,
            narrative: &transfer.narrative,
            ..Details::default()
        },
    }))
}

/// The harness's account of that number.
pub fn account(number: u64) -> AccountRef<'static> {
    AccountRef::Id(Id(account_id(number)))
}

/// What became of a transfer, in the harness's words.
pub fn outcome(answer: &Answer) -> Result<Outcome> {
    match answer.status {
        Status::OK if answer.repeated => Ok(Outcome::Duplicate),
        Status::OK => Ok(Outcome::Accepted),
        Status::INSUFFICIENT_FUNDS => Ok(Outcome::InsufficientFunds),
        status => Err(format!("a transfer was refused: {status}").into()),
    }
}

/// What comes before the accounts of the bank: currency, legal entity, our accounts, and the overdraft, for whoever
/// opens the file later. The business date is the day before the bank's first.
pub fn foundation<'a>(bank: &Bank, overdraft: &'a [u8]) -> Vec<Item<'a>> {
    let mut items = vec![
        Item::from(command::Command::AssetCreate(AssetCreate {
            code: "USD",
            scale: 2,
            kind: AssetKind::Currency,
            wide: false,
        })),
        Item::from(command::Command::EntityCreate(EntityCreate {
            id: Id::from_u128(ENTITY_ID),
            name: "Bench",
            functional_currency: USD,
            time_zone: "",
            business_date: Date::from_days(bank.day - 1),
            follows_clock: false,
        })),
        Item {
            command: Command::HostRecord(HostRecordPut {
                key: Id::NONE,
                namespace: OVERDRAFT.0,
                record: OVERDRAFT.1,
                expected_version: None,
                value: Some(overdraft),
            }),
            linked: false,
            on_behalf_of: "",
        },
    ];
    items.extend((0..=bank.accounts / FUNDED_BY_ONE).map(|number| {
        let id = Id::from_u128(BANK_ACCOUNTS + u128::from(number));
        opening(id, AccountKind::Asset, 0)
    }));
    items
}

/// Accounts from `first` on, each followed by the payment of its overdraft.
pub struct Accounts {
    pub first: u64,
    pub count: usize,
    pub overdraft: i64,
}

impl CommandList for Accounts {
    fn len(&self) -> usize {
        self.count * 2
    }

    fn item(&self, index: usize) -> ItemResult<'_> {
        let number = self.first + index as u64 / 2;
        if index.is_multiple_of(2) {
            let id = Id(account_id(number));
            return Ok(opening(id, AccountKind::Liability, flags::NO_OVERDRAFT));
        }
        let payer = BANK_ACCOUNTS + u128::from(number / FUNDED_BY_ONE);
        Ok(Item::from(command::Command::Transfer(command::Transfer {
            id: self.key(index),
            debit: AccountRef::Id(Id::from_u128(payer)),
            credit: account(number),
            asset: USD,
            amount: Amount::from(self.overdraft),
            transaction: Id::NONE,
            code: FUNDING,
            flags: 0,
            booking_date: None,
            value_date: None,
            user_data: UserData::default(),
            details: Details::default(),
        })))
    }

    fn key(&self, index: usize) -> Id {
        let number = self.first + index as u64 / 2;
        if index.is_multiple_of(2) {
            Id(account_id(number))
        } else {
            Id::from_u128(FUNDINGS + u128::from(number))
        }
    }
}

fn opening(id: Id, kind: AccountKind, account_flags: u32) -> Item<'static> {
    Item::from(command::Command::AccountOpen(AccountOpen {
        id,
        entity: ENTITY,
        kind,
        asset: USD,
        parent: Id::NONE,
        flags: account_flags,
        number_type: "",
        number: "",
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: UserData::default(),
        opening: None,
    }))
}
