//! The ledger's tables, and the text form of a balance page. Truth rows (`transfer`, `hold_event`) are plain and
//! append-only; everything else is state that can be rebuilt from them and from the table `change`.

use std::fmt::Write;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::ledger::balance::{Balance, PAGE_BALANCES, Turnovers, Window};
use crate::ledger::day_write;

/// Creates the tables in an empty file.
pub fn create(connection: &Connection) -> Result<()> {
    connection.execute_batch(TABLES)?;
    connection.execute_batch(crate::ledger::books::TABLES)?;
    Ok(connection.execute_batch(day_write::TABLES)?)
}

/// `transfer` has the one row that is written millions of times. What nearly every transfer has comes first, so that the
/// rest, being NULL, takes no room; and its columns declare neither type nor NOT NULL, which SQLite would check row by
/// row although only [`super::write_transfer`] writes them. Integers, but for: `id` and `transaction_id` (16 bytes),
/// `amount`, `requested` and `unheld` (integer or 16 bytes), `user_data_wide`, `salt`, `commitment` (bytes), and texts
/// (references, narrative, metadata, `rate_coefficient`, `rate_source`, `functional_amount`, `source_system`).
const TABLES: &str = "
CREATE TABLE transfer(
  id, time, actor, debit, credit, asset, amount, booking_date, code, flags, debit_previous, credit_previous, value_date,
  seq INTEGER PRIMARY KEY,
  end_to_end_reference, reference, narrative, metadata, salt, commitment,
  transaction_id, on_behalf_of, requested, hold, unheld, reverses, recovery, user_data_wide, user_data_long,
  user_data_short, rate_coefficient, rate_scale, rate_source, functional_amount, source_system
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
  time_zone TEXT NOT NULL, business_date INTEGER NOT NULL, follows_clock INTEGER NOT NULL, closed_through INTEGER,
  calendar INTEGER NOT NULL, dormant_after INTEGER NOT NULL, sealed_through INTEGER, sealing INTEGER,
  year_end INTEGER NOT NULL
);
CREATE TABLE asset(
  number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, scale INTEGER NOT NULL, kind INTEGER NOT NULL,
  wide INTEGER NOT NULL
);
CREATE TABLE account(
  number INTEGER PRIMARY KEY, id BLOB NOT NULL, entity INTEGER NOT NULL, kind INTEGER NOT NULL,
  flags INTEGER NOT NULL, asset INTEGER NOT NULL, first_asset INTEGER, first_balance INTEGER, parent INTEGER,
  name TEXT, gl_code TEXT, branch TEXT, cost_centre TEXT, product TEXT, owner TEXT, salt BLOB, user_data_wide BLOB,
  user_data_long INTEGER, user_data_short INTEGER, seq INTEGER NOT NULL, opened_at INTEGER NOT NULL
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
  valid_from INTEGER NOT NULL, valid_to INTEGER, expires_at INTEGER
);
CREATE INDEX account_number_expiry ON account_number(expires_at) WHERE valid_to IS NULL AND expires_at IS NOT NULL;
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

/// Reads the text of a page; `None`: it is not one. Accounts beyond what the cache holds cost a page each, so that it
/// goes through the bytes once.
pub fn read_page(text: &str) -> Option<Vec<Balance>> {
    let mut text = PageText(text.as_bytes());
    let mut balances = Vec::new();
    text.expect(b'[')?;
    if !text.skip(b']') {
        balances.reserve_exact(PAGE_BALANCES as usize);
        loop {
            text.expect(b'[')?;
            balances.push(read_balance(&mut text)?);
            text.expect(b']')?;
            if !text.skip(b',') {
                break;
            }
        }
        text.expect(b']')?;
    }
    text.0.is_empty().then_some(balances)
}

fn read_balance(text: &mut PageText<'_>) -> Option<Balance> {
    let account = text.number()?;
    let mut balance = Balance::new(account, text.next_number()?.try_into().ok()?);
    balance.head = text.next_number()?.try_into().ok()?;
    balance.events = text.next_number()?;
    balance.since_mark = text.next_number()?.try_into().ok()?;
    let turnovers = Turnovers {
        debits_posted: text.next_turnover()?,
        credits_posted: text.next_turnover()?,
        debits_pending: text.next_turnover()?,
        credits_pending: text.next_turnover()?,
    };
    balance.set_turnovers(&turnovers);
    if text.0.first() == Some(&b',') {
        balance.window = Window {
            booking_first: text.next_day()?,
            booking_last: text.next_day()?,
            value_first: text.next_day()?,
            value_last: text.next_day()?,
        };
    }
    Some(balance)
}

/// What is left of the text of a page.
struct PageText<'a>(&'a [u8]);

impl PageText<'_> {
    fn skip(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    fn number(&mut self) -> Option<u64> {
        let mut value: u64 = 0;
        let mut digits = 0;
        while let Some((digit @ b'0'..=b'9', rest)) = self.0.split_first() {
            value = value
                .checked_mul(10)?
                .checked_add(u64::from(digit - b'0'))?;
            self.0 = rest;
            digits += 1;
        }
        (digits > 0).then_some(value)
    }

    fn next_number(&mut self) -> Option<u64> {
        self.expect(b',')?;
        self.number()
    }

    fn next_turnover(&mut self) -> Option<u128> {
        self.expect(b',')?;
        if !self.skip(b'"') {
            return self.number().map(u128::from);
        }
        let end = self.0.iter().position(|byte| *byte == b'"')?;
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        self.expect(b'"')?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    fn next_day(&mut self) -> Option<i32> {
        self.expect(b',')?;
        let negative = self.skip(b'-');
        let days = i64::try_from(self.number()?).ok()?;
        i32::try_from(if negative { -days } else { days }).ok()
    }
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
