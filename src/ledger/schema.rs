//! The ledger's tables, and the text form of a balance page. Truth rows (`transfer`, `hold_event`) are plain and
//! append-only; everything else is state that can be rebuilt from them and from the table `change`.

use std::fmt::Write;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::ledger::balance::{Balance, Turnovers, Window};

/// Creates the tables in an empty file.
pub fn create(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch(TABLES)?)
}

const TABLES: &str = "
CREATE TABLE transfer(
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL, time INTEGER NOT NULL, actor INTEGER NOT NULL,
  debit INTEGER NOT NULL, credit INTEGER NOT NULL, asset INTEGER NOT NULL, amount NOT NULL,
  booking_date INTEGER NOT NULL, code INTEGER NOT NULL, flags INTEGER NOT NULL,
  debit_previous INTEGER NOT NULL, credit_previous INTEGER NOT NULL,
  value_date INTEGER, on_behalf_of INTEGER, requested, transaction_id BLOB, hold INTEGER, unheld,
  reverses INTEGER, recovery INTEGER, user_data_wide BLOB, user_data_long INTEGER, user_data_short INTEGER,
  rate_coefficient, rate_scale INTEGER, rate_source TEXT, functional_amount, source_system TEXT,
  commitment BLOB, salt BLOB, end_to_end_reference TEXT, reference TEXT, narrative TEXT, metadata TEXT
);
CREATE TABLE hold_event(
  seq INTEGER PRIMARY KEY, hold INTEGER NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,
  asset INTEGER NOT NULL, change NOT NULL, debit_previous INTEGER NOT NULL, credit_previous INTEGER NOT NULL
);
CREATE TABLE posting_mark(
  account INTEGER NOT NULL, asset INTEGER NOT NULL, seq INTEGER NOT NULL, events INTEGER NOT NULL,
  debits_posted NOT NULL, credits_posted NOT NULL, debits_pending NOT NULL, credits_pending NOT NULL,
  booking_first INTEGER NOT NULL, booking_last INTEGER NOT NULL,
  value_first INTEGER NOT NULL, value_last INTEGER NOT NULL,
  PRIMARY KEY(account, asset, seq)
) WITHOUT ROWID;
CREATE TABLE entity(
  number INTEGER PRIMARY KEY, id BLOB NOT NULL, name TEXT NOT NULL, functional_currency INTEGER NOT NULL,
  time_zone TEXT NOT NULL, business_date INTEGER NOT NULL, follows_clock INTEGER NOT NULL, closed_through INTEGER
);
CREATE TABLE asset(
  number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, scale INTEGER NOT NULL, kind INTEGER NOT NULL,
  wide INTEGER NOT NULL
);
CREATE TABLE account(
  number INTEGER PRIMARY KEY, id BLOB NOT NULL, entity INTEGER NOT NULL, kind INTEGER NOT NULL,
  flags INTEGER NOT NULL, asset INTEGER NOT NULL, parent INTEGER, name TEXT, gl_code TEXT, branch TEXT,
  cost_centre TEXT, product TEXT, owner TEXT, salt BLOB, user_data_wide BLOB, user_data_long INTEGER,
  user_data_short INTEGER, seq INTEGER NOT NULL, opened_at INTEGER NOT NULL
);
CREATE INDEX account_parent ON account(parent) WHERE parent IS NOT NULL;
CREATE TABLE account_balance(number INTEGER PRIMARY KEY, account INTEGER NOT NULL, asset INTEGER NOT NULL);
CREATE UNIQUE INDEX account_balance_account ON account_balance(account, asset);
CREATE TABLE balance_page(page INTEGER PRIMARY KEY, seq INTEGER NOT NULL, balances TEXT NOT NULL);
CREATE TABLE account_limit(
  account INTEGER NOT NULL, asset INTEGER NOT NULL, kind INTEGER NOT NULL, amount TEXT NOT NULL,
  expires_at INTEGER, PRIMARY KEY(account, asset, kind)
) WITHOUT ROWID;
CREATE TABLE account_number(
  seq INTEGER PRIMARY KEY, account INTEGER NOT NULL, type TEXT NOT NULL, number TEXT NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER
);
CREATE INDEX account_number_account ON account_number(account);
CREATE TABLE hold(
  seq INTEGER PRIMARY KEY, id BLOB NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,
  asset INTEGER NOT NULL, amount NOT NULL, remaining NOT NULL, captured NOT NULL, kind INTEGER NOT NULL,
  priority INTEGER NOT NULL, state INTEGER NOT NULL, expires_at INTEGER, reason TEXT, user_data_wide BLOB,
  user_data_long INTEGER NOT NULL, user_data_short INTEGER NOT NULL
);
CREATE INDEX hold_active_debit ON hold(debit) WHERE state = 1;
CREATE INDEX hold_active_expiry ON hold(expires_at) WHERE state = 1 AND expires_at IS NOT NULL;
CREATE TABLE reversed(transfer INTEGER PRIMARY KEY, amount TEXT NOT NULL);
";

/// Empties the tables whose rows are derived from the truth rows, before they are rebuilt.
pub fn clear_derived(connection: &Connection) -> Result<()> {
    Ok(connection.execute_batch("DELETE FROM balance_page; DELETE FROM posting_mark")?)
}

/// Writes balances as the text of a page: a JSON array of arrays of numbers, turnovers beyond 63 bits as text.
pub fn write_page(balances: &[Balance], text: &mut String) {
    text.push('[');
    for (index, balance) in balances.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let turnovers = balance.turnovers();
        let window = balance.window;
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "[{},{},{},{},{}",
            balance.account, balance.asset, balance.head, balance.events, balance.since_mark
        );
        for turnover in [
            turnovers.debits_posted,
            turnovers.credits_posted,
            turnovers.debits_pending,
            turnovers.credits_pending,
        ] {
            let _ = if turnover <= i64::MAX as u128 {
                write!(text, ",{}", turnover as u64)
            } else {
                write!(text, ",\"{turnover}\"")
            };
        }
        if window != Window::EMPTY {
            let Window {
                booking_first,
                booking_last,
                value_first,
                value_last,
            } = window;
            let _ = write!(
                text,
                ",{booking_first},{booking_last},{value_first},{value_last}"
            );
        }
        text.push(']');
    }
    text.push(']');
}

/// Reads the text of a page; `None`: it is not one.
pub fn read_page(text: &str) -> Option<Vec<Balance>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.is_empty() {
        return Some(Vec::new());
    }
    let inner = inner.strip_prefix('[')?.strip_suffix(']')?;
    inner.split("],[").map(read_balance).collect()
}

fn read_balance(text: &str) -> Option<Balance> {
    let mut fields = text.split(',');
    let mut balance = Balance::new(fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    balance.head = fields.next()?.parse().ok()?;
    balance.events = fields.next()?.parse().ok()?;
    balance.since_mark = fields.next()?.parse().ok()?;
    let mut turnover = || -> Option<u128> { fields.next()?.trim_matches('"').parse().ok() };
    let turnovers = Turnovers {
        debits_posted: turnover()?,
        credits_posted: turnover()?,
        debits_pending: turnover()?,
        credits_pending: turnover()?,
    };
    balance.set_turnovers(&turnovers);
    if let Some(first) = fields.next() {
        balance.window = Window {
            booking_first: first.parse().ok()?,
            booking_last: fields.next()?.parse().ok()?,
            value_first: fields.next()?.parse().ok()?,
            value_last: fields.next()?.parse().ok()?,
        };
    }
    fields.next().is_none().then_some(balance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_back_as_written() {
        let mut wide = Balance::new(7, 1000);
        wide.set_turnovers(&Turnovers {
            debits_posted: u128::MAX / 3,
            credits_posted: 5,
            ..Turnovers::default()
        });
        wide.head = 12;
        wide.events = 300;
        wide.since_mark = 44;
        wide.window.add(20_000, 20_001);
        let page = [Balance::new(1, 840), wide];
        let mut text = String::new();
        write_page(&page, &mut text);
        let read = read_page(&text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{page:?}"));
        assert_eq!(read_page("[]").unwrap().len(), 0);
    }

    #[test]
    fn damaged_pages_are_refused() {
        for text in [
            "",
            "[",
            "[[1]]",
            "[[1,2,3,4,5,6,7,8,x]]",
            "[[1,2,3,4,5,6,7,8,9,1]]",
            "{}",
            "[[1,2,3,4,5,-6,7,8,9]]",
        ] {
            assert!(read_page(text).is_none(), "{text}");
        }
    }
}
