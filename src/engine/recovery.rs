//! Opening after a kill: the index of keys lost what was only in memory, and gets it again from the truth rows that
//! came after its newest run. Rebuilding it takes the same way from the first row on.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::ledger::query::column;
use crate::ledger::query::find::first_account_after;
use crate::tx::{KeySpace, Keys};

/// Inserts the keys of every row after the sequence number `after`, up to `up_to`.
pub fn restore_keys(reader: &Connection, keys: &mut Keys, after: i64, up_to: i64) -> Result<()> {
    let mut select = reader.prepare(
        "SELECT seq, id, transaction_id, end_to_end_reference, reference FROM transfer \
         WHERE seq > ? AND seq <= ? ORDER BY seq",
    )?;
    let mut rows = select.query([after, up_to])?;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        let mut add = |space, key: &[u8]| keys.restore(space, key, sequence as u64, sequence);
        add(KeySpace::Command, &column::id(row, 1)?.0);
        let transaction = column::id(row, 2)?;
        if !transaction.is_none() {
            add(KeySpace::Transaction, &transaction.0);
        }
        for column in [3, 4] {
            let reference = column::text(row, column)?;
            if !reference.is_empty() {
                add(KeySpace::Reference, reference.as_bytes());
            }
        }
    }
    let mut select = reader.prepare(
        "SELECT seq, key FROM change WHERE seq > ? AND seq <= ? AND key IS NOT NULL ORDER BY seq",
    )?;
    let mut rows = select.query([after, up_to])?;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        keys.restore(
            KeySpace::Command,
            &column::id(row, 1)?.0,
            sequence as u64,
            sequence,
        );
    }
    let first_account = first_account_after(reader, after)?;
    let mut select =
        reader.prepare("SELECT seq, number, id FROM account WHERE number >= ? ORDER BY number")?;
    let mut rows = select.query([first_account])?;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        if sequence > up_to {
            break;
        }
        let number: i64 = row.get(1)?;
        keys.restore(
            KeySpace::Account,
            &column::id(row, 2)?.0,
            number as u64,
            sequence,
        );
    }
    let mut select = reader.prepare(
        "SELECT seq, number FROM account_number WHERE seq > ? AND seq <= ? ORDER BY seq",
    )?;
    let mut rows = select.query([after, up_to])?;
    while let Some(row) = rows.next()? {
        let sequence: i64 = row.get(0)?;
        keys.restore(
            KeySpace::AccountNumber,
            column::text(row, 1)?.as_bytes(),
            sequence as u64,
            sequence,
        );
    }
    Ok(())
}
