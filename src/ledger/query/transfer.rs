//! Finding transfers: by sequence number, id, transaction, reference. Also the links of a balance's chain, which
//! are transfers or hold events, in flight or on disk.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::{Date, Timestamp};
use crate::ledger::query::find::{OpenedTexts, opened_texts};
use crate::ledger::query::{chain, column};
use crate::ledger::state::{Ledger, Services};
use crate::ledger::write::{DetailsRow, HoldEventRow, LedgerWrites, TransferRow};
use crate::tx::KeySpace;

/// A transfer with its texts.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTransfer {
    pub row: TransferRow,
    pub end_to_end_reference: String,
    pub reference: String,
    pub narrative: String,
    pub metadata: String,
    pub source_system: String,
    pub rate_source: String,
    pub rate: Option<(i128, u8)>,
    pub functional_amount: Option<i128>,
    /// Commitment to the texts; stays when they are erased.
    pub commitment: Option<[u8; 32]>,
    pub salt: Option<[u8; 16]>,
}

/// The columns that [`read`] reads, in its order.
pub const COLUMNS: &str = "seq, id, time, actor, debit, credit, asset, amount, booking_date, code, flags, \
     debit_previous, credit_previous, value_date, on_behalf_of, requested, transaction_id, hold, unheld, reverses, \
     user_data_wide, user_data_long, user_data_short, rate_coefficient, rate_scale, rate_source, functional_amount, \
     source_system, commitment, salt, end_to_end_reference, reference, narrative, metadata, recovery";

/// Reads a row of [`COLUMNS`].
pub fn read(row: &Row<'_>) -> rusqlite::Result<StoredTransfer> {
    let booking_date = Date::from_days(row.get(8)?);
    let requested: Option<u128> = match row.get_ref(15)? {
        rusqlite::types::ValueRef::Null => None,
        _ => Some(column::amount(row, 15)?),
    };
    let rate = match (column::text_number(row, 23)?, row.get::<_, Option<u8>>(24)?) {
        (Some(coefficient), Some(scale)) => Some((coefficient, scale)),
        _ => None,
    };
    Ok(StoredTransfer {
        row: TransferRow {
            sequence: row.get(0)?,
            id: column::id(row, 1)?,
            time: Timestamp::from_micros(row.get(2)?),
            actor: row.get(3)?,
            on_behalf_of: row.get::<_, Option<u32>>(14)?.unwrap_or(0),
            debit: row.get::<_, i64>(4)? as u64,
            credit: row.get::<_, i64>(5)? as u64,
            asset: row.get(6)?,
            wide: column::is_wide(row, 7)?,
            amount: column::amount(row, 7)?,
            requested,
            booking_date,
            value_date: row
                .get::<_, Option<i32>>(13)?
                .map_or(booking_date, Date::from_days),
            code: row.get(9)?,
            flags: row.get(10)?,
            debit_previous: row.get(11)?,
            credit_previous: row.get(12)?,
            transaction: column::id(row, 16)?,
            hold: row.get::<_, Option<i64>>(17)?.unwrap_or(0),
            unheld: column::amount(row, 18)?,
            reverses: row.get::<_, Option<i64>>(19)?.unwrap_or(0),
            recovery: row.get::<_, Option<i64>>(34)?.unwrap_or(0) as u64,
            user_data: column::user_data(row, 20)?,
            details: None,
        },
        rate,
        rate_source: column::text(row, 25)?,
        functional_amount: column::text_number(row, 26)?,
        source_system: column::text(row, 27)?,
        commitment: row.get(28)?,
        salt: row.get(29)?,
        end_to_end_reference: column::text(row, 30)?,
        reference: column::text(row, 31)?,
        narrative: column::text(row, 32)?,
        metadata: column::text(row, 33)?,
    })
}

/// The durable transfer with a sequence number.
pub fn by_sequence(reader: &Connection, sequence: i64) -> Result<Option<StoredTransfer>> {
    let mut select =
        reader.prepare_cached(&format!("SELECT {COLUMNS} FROM transfer WHERE seq = ?"))?;
    Ok(select.query_row([sequence], read).optional()?)
}

/// The durable hold event with a sequence number.
pub fn hold_event(reader: &Connection, sequence: i64) -> Result<Option<HoldEventRow>> {
    let mut select = reader.prepare_cached(
        "SELECT seq, hold, debit, credit, asset, change, debit_previous, credit_previous FROM hold_event WHERE seq = ?",
    )?;
    Ok(select.query_row([sequence], read_hold_event).optional()?)
}

/// Reads a row of the table `hold_event`.
pub fn read_hold_event(row: &Row<'_>) -> rusqlite::Result<HoldEventRow> {
    Ok(HoldEventRow {
        sequence: row.get(0)?,
        hold: row.get(1)?,
        debit: row.get::<_, i64>(2)? as u64,
        credit: row.get::<_, i64>(3)? as u64,
        asset: row.get(4)?,
        wide: column::is_wide(row, 5)?,
        change: column::signed_amount(row, 5)?,
        debit_previous: row.get(6)?,
        credit_previous: row.get(7)?,
    })
}

fn in_batch(writes: &LedgerWrites, sequence: i64) -> Option<StoredTransfer> {
    let row = writes.transfer(sequence)?.clone();
    let none = DetailsRow::default();
    let details = row
        .details
        .and_then(|index| writes.details.get(index as usize))
        .unwrap_or(&none);
    let text = |range| writes.kept(range).to_owned();
    Some(StoredTransfer {
        end_to_end_reference: text(details.end_to_end_reference),
        reference: text(details.reference),
        narrative: text(details.narrative),
        metadata: text(details.metadata),
        source_system: text(details.source_system),
        rate_source: text(details.rate_source),
        rate: details.rate,
        functional_amount: details.functional_amount,
        commitment: details.commitment.map(|(_, commitment)| commitment),
        salt: details.commitment.map(|(salt, _)| salt),
        row,
    })
}

impl Ledger {
    /// The link with a sequence number in the chain of `account`, in flight or durable.
    pub fn link(&self, reader: &Connection, sequence: i64, account: u64) -> Result<chain::Link> {
        match self.in_flight(|writes| chain::in_batch(writes, sequence, account)) {
            Some(found) => Ok(found),
            None => chain::link(reader, sequence, account),
        }
    }

    /// The transfer with a sequence number, in flight or durable.
    pub fn transfer_by_sequence(
        &self,
        reader: &Connection,
        sequence: i64,
    ) -> Result<Option<StoredTransfer>> {
        match self.in_flight(|writes| in_batch(writes, sequence)) {
            Some(found) => Ok(Some(found)),
            None => by_sequence(reader, sequence),
        }
    }

    /// The hold event with a sequence number, in flight or durable.
    pub fn hold_event_by_sequence(
        &self,
        reader: &Connection,
        sequence: i64,
    ) -> Result<Option<HoldEventRow>> {
        match self.in_flight(|writes| writes.hold_event(sequence).cloned()) {
            Some(found) => Ok(Some(found)),
            None => hold_event(reader, sequence),
        }
    }

    /// The personal texts of the account that a change opened, in flight or durable.
    pub fn opened_texts(&self, reader: &Connection, sequence: i64) -> Result<Option<OpenedTexts>> {
        let recent = self.in_flight(|writes| {
            let row = writes
                .accounts
                .iter()
                .find(|row| row.sequence == sequence)?;
            Some(OpenedTexts {
                salt: row.salt,
                name: row.name.clone(),
                owner: row.owner.clone(),
            })
        });
        match recent {
            Some(found) => Ok(Some(found)),
            None => opened_texts(reader, sequence),
        }
    }

    /// The transfer with an id, in flight or durable.
    pub fn transfer_by_id(
        &self,
        services: &mut Services<'_>,
        id: &Id,
    ) -> Result<Option<StoredTransfer>> {
        let hash = services.keys.hash(KeySpace::Command, &id.0);
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            if let Some(found) = self.transfer_by_sequence(services.reader, sequence as i64)?
                && found.row.id == *id
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The legs of a transaction, in the order in which they were posted.
    pub fn transaction_legs(
        &self,
        services: &mut Services<'_>,
        transaction: &Id,
    ) -> Result<Vec<StoredTransfer>> {
        let hash = services.keys.hash(KeySpace::Transaction, &transaction.0);
        let mut sequences = services.keys.find(services.reader, hash)?.to_vec();
        sequences.sort_unstable();
        sequences.dedup();
        let mut legs = Vec::new();
        for sequence in sequences {
            if let Some(found) = self.transfer_by_sequence(services.reader, sequence as i64)?
                && found.row.transaction == *transaction
            {
                legs.push(found);
            }
        }
        Ok(legs)
    }
}
