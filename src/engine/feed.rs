//! The change feed: every durable change in the order of its sequence number, without gaps, from any number on. The
//! content of an entry is immutable; personal texts travel beside it and may be erased one day.

use rusqlite::Connection;

use crate::base::amount::Amount;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::command::{
    AccountRef, Command, Details, HoldCapture, ImportTransfer, Reverse, Transfer,
};
use crate::ledger::encoding;
use crate::ledger::query::transfer::{COLUMNS, StoredTransfer, read};
use crate::ledger::transfer::flags;
use crate::tx::{ChangeKind, ChangeRow};

use super::feed_source::Source;
use super::session::Session;
use super::world::World;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    pub sequence: i64,
    pub time: Timestamp,
    pub kind: ChangeKind,
    /// Who acted; empty for what the engine did by itself.
    pub actor: String,
    pub on_behalf_of: String,
    /// The command's key; [`Id::NONE`]: it had none.
    pub key: Id,
    /// Canonical encoding of the command.
    pub content: Vec<u8>,
    /// The texts that the content only commits to, with the salt; `None`: there are none, or they were erased.
    pub texts: Option<Texts>,
}

/// Personal texts of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    pub salt: [u8; 16],
    pub texts: Vec<String>,
}

/// Most entries of one page.
pub const LIMIT: usize = 10_000;

impl Session {
    /// The changes after the sequence number `after`, at most `limit` (0 means 1,000). An empty page: there are no
    /// newer ones yet.
    pub fn feed(&self, after: i64, limit: usize) -> Result<Vec<FeedEntry>> {
        let _call = self.shared().enter()?;
        let durable = self.shared().world.lock().durable.sequence;
        let limit = if limit == 0 { 1_000 } else { limit.min(LIMIT) };
        let last = after.saturating_add(limit as i64).min(durable);
        page(&*self.shared().reader()?, after, last)
    }
}

/// The entries with sequence numbers above `after` up to `last`.
pub fn page(reader: &Connection, after: i64, last: i64) -> Result<Vec<FeedEntry>> {
    let mut entries = Vec::new();
    let mut select = reader.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM transfer WHERE seq > ? AND seq <= ? ORDER BY seq"
    ))?;
    let mut rows = select.query((after, last))?;
    while let Some(row) = rows.next()? {
        entries.push(of_transfer(&mut &*reader, read(row)?)?);
    }
    let mut select = reader.prepare_cached(
        "SELECT seq, time, actor, on_behalf_of, kind, key, content FROM change WHERE seq > ? AND seq <= ? ORDER BY seq",
    )?;
    let mut rows = select.query((after, last))?;
    while let Some(row) = rows.next()? {
        entries.push(of_change(&mut &*reader, ChangeRow::read(row)?)?);
    }
    entries.sort_by_key(|entry| entry.sequence);
    for (expected, entry) in (after + 1..).zip(&entries) {
        if entry.sequence != expected {
            return Err(Error::new(
                Status::CORRUPT,
                format!("change {expected} is missing: run the integrity check, restore a backup"),
            ));
        }
    }
    Ok(entries)
}

/// The entry of a change that is evaluated, durable or not; `None`: there is none.
pub fn evaluated(world: &mut World, sequence: i64) -> Result<Option<FeedEntry>> {
    if let Some(transfer) = world.transfer(sequence)? {
        return of_transfer(world, transfer).map(Some);
    }
    match world.changes.find(&world.reader, sequence)? {
        Some(row) => of_change(world, row).map(Some),
        None => Ok(None),
    }
}

fn of_change(source: &mut impl Source, row: ChangeRow) -> Result<FeedEntry> {
    let texts = match row.kind {
        ChangeKind::ACCOUNT_OPENED => source
            .opened_texts(row.sequence)?
            .and_then(|row| Some((row.salt?, vec![row.name, row.owner])))
            .map(|(salt, texts)| Texts { salt, texts }),
        ChangeKind::TRANSFER_SCHEDULED => source
            .scheduled(row.sequence)?
            .and_then(|row| Some((row.salt?, row.texts.to_vec())))
            .map(|(salt, texts)| Texts { salt, texts }),
        ChangeKind::ACCOUNT_OWNER => source
            .owner(row.sequence)?
            .and_then(|row| Some((row.salt?, vec![row.owner])))
            .map(|(salt, texts)| Texts { salt, texts }),
        kind if LEGGED.contains(&kind) => leg_texts(source, &row)?,
        _ => None,
    };
    Ok(FeedEntry {
        sequence: row.sequence,
        time: row.time,
        kind: row.kind,
        actor: principal(source, row.actor)?,
        on_behalf_of: principal(source, row.on_behalf_of)?,
        key: row.key,
        content: row.content,
        texts,
    })
}

/// Changes whose legs follow them as transfers.
const LEGGED: [ChangeKind; 4] = [
    ChangeKind::EXCHANGE,
    ChangeKind::REVALUATION,
    ChangeKind::SPLIT,
    ChangeKind::ACCRUAL_POSTED,
];

/// The texts of a command with legs: its first leg keeps them.
fn leg_texts(source: &mut impl Source, row: &ChangeRow) -> Result<Option<Texts>> {
    let leg = source.transfer(row.sequence + 1)?;
    Ok(leg
        .filter(|leg| leg.row.transaction == row.key)
        .and_then(|leg| texts_of(&leg)))
}

fn texts_of(stored: &StoredTransfer) -> Option<Texts> {
    stored.salt.map(|salt| Texts {
        salt,
        texts: vec![
            stored.end_to_end_reference.clone(),
            stored.reference.clone(),
            stored.narrative.clone(),
            stored.metadata.clone(),
        ],
    })
}

fn of_transfer(source: &mut impl Source, stored: StoredTransfer) -> Result<FeedEntry> {
    let mut content = Vec::with_capacity(128);
    encoding::encode(
        &command(source, &stored)?,
        stored.commitment.as_ref(),
        &mut content,
    );
    let texts = texts_of(&stored);
    Ok(FeedEntry {
        sequence: stored.row.sequence,
        time: stored.row.time,
        kind: ChangeKind::TRANSFER,
        actor: principal(source, stored.row.actor)?,
        on_behalf_of: principal(source, stored.row.on_behalf_of)?,
        key: stored.row.id,
        content,
        texts,
    })
}

/// The command that made a transfer, personal texts left out.
fn command<'a>(source: &mut impl Source, stored: &'a StoredTransfer) -> Result<Command<'a>> {
    let row = &stored.row;
    let details = Details {
        source_system: &stored.source_system,
        rate_source: &stored.rate_source,
        rate: stored.rate,
        functional_amount: stored.functional_amount.map(Amount::from_minor),
        ..Details::default()
    };
    let all = row.requested == Some(0);
    let part = (!all).then(|| Amount::from_minor(row.amount as i128));
    let booking_date = (row.flags & flags::BOOKING_DATE_GIVEN != 0).then_some(row.booking_date);
    let value_date = (row.flags & flags::VALUE_DATE_GIVEN != 0).then_some(row.value_date);
    if row.flags & flags::CAPTURE != 0 {
        let hold = source
            .hold(row.hold)?
            .ok_or_else(|| missing("hold", row.hold))?;
        let credit = if hold.credit == 0 {
            Some(AccountRef::Id(account_id(source, row.credit)?))
        } else {
            None
        };
        return Ok(Command::HoldCapture(HoldCapture {
            id: row.id,
            hold: hold.id,
            credit,
            amount: part,
            last: row.flags & flags::CAPTURE_LAST != 0,
            force: row.flags & flags::FORCE != 0,
            code: row.code,
            booking_date,
            value_date,
            user_data: row.user_data,
            details,
        }));
    }
    if row.flags & flags::REVERSAL != 0 {
        let original = source
            .transfer(row.reverses)?
            .ok_or_else(|| missing("transfer", row.reverses))?
            .row;
        let whole = row.id == row.transaction;
        let recovery = match row.recovery {
            0 => None,
            number => Some(AccountRef::Id(account_id(source, number)?)),
        };
        return Ok(Command::Reverse(Reverse {
            id: row.id,
            original: if whole {
                original.transaction
            } else {
                original.id
            },
            amount: part,
            flags: row.flags & (flags::FORCE | flags::STORNO),
            recovery,
            code: row.code,
            details,
        }));
    }
    let imported = row.flags & flags::IMPORTED != 0;
    let transfer = Transfer {
        id: row.id,
        debit: AccountRef::Id(account_id(source, row.debit)?),
        credit: AccountRef::Id(account_id(source, row.credit)?),
        asset: row.asset,
        amount: Amount::from_minor(row.requested.unwrap_or(row.amount) as i128),
        transaction: row.transaction,
        code: row.code,
        flags: match imported {
            true => row.flags & flags::STORNO,
            false => row.flags & flags::CALLER,
        },
        booking_date,
        value_date,
        user_data: row.user_data,
        details,
    };
    if !imported {
        return Ok(Command::Transfer(transfer));
    }
    let original_time = source
        .original_time(row.sequence)?
        .ok_or_else(|| missing("the original time of transfer", row.sequence))?;
    Ok(Command::ImportTransfer(ImportTransfer {
        transfer,
        original_time: Timestamp::from_micros(original_time),
        opening: row.flags & flags::OPENING != 0,
    }))
}

fn account_id(source: &mut impl Source, number: u64) -> Result<Id> {
    let id = source.account_id(number)?;
    id.ok_or_else(|| missing("account number", number as i64))
}

fn principal(source: &mut impl Source, number: u32) -> Result<String> {
    if number == 0 {
        return Ok(String::new());
    }
    let name = source.principal(number)?;
    name.ok_or_else(|| missing("principal", i64::from(number)))
}

fn missing(what: &str, number: i64) -> Error {
    Error::new(
        Status::CORRUPT,
        format!("{what} {number} is missing: run the integrity check, restore a backup"),
    )
}
