//! The ledger that a competent but unhurried team writes on SQLite: textual UUIDs for accounts and transfers, dates
//! as text, a SELECT and an UPDATE for each account of each transfer as the requirement reads, one transaction for
//! a batch. Nothing in it is slow on purpose: SQL is prepared once, a transfer points at its accounts by row
//! number, so that the two indexes for statements hold small integers, the running balances stand in the rows,
//! the change log names the transfer instead of repeating it, and checkpoints are seldom enough that a page of an
//! index is written to the file once for several batches. `naive-lean`, which runs only when it is named, has no
//! indexes for statements: the difference is their price.

use std::path::Path;

use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};

use crate::contender::{Audit, Bank, Contender, Line, Outcome, Result};
use crate::workload::{Transfer, account_id};

pub struct Naive {
    connection: Connection,
    booking_date: String,
}

const SCHEMA: &str = "
    CREATE TABLE accounts (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        balance INTEGER NOT NULL,
        overdraft INTEGER NOT NULL
    );
    CREATE TABLE transfers (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        debit_account INTEGER NOT NULL,    -- accounts.number
        credit_account INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        debit_balance INTEGER NOT NULL,
        credit_balance INTEGER NOT NULL,
        code INTEGER NOT NULL,
        booking_date TEXT NOT NULL,
        value_date TEXT NOT NULL,
        narrative TEXT,
        end_to_end_reference TEXT,
        creditor_reference TEXT
    );
    CREATE TABLE change_log (
        seq INTEGER PRIMARY KEY,
        event TEXT NOT NULL,
        transfer_id TEXT NOT NULL
    );
    CREATE TABLE business_days (
        booking_date TEXT PRIMARY KEY,
        first_seq INTEGER NOT NULL         -- the transfer with which the day began
    );
";

/// What lists an account's statement: every entry is an account and, as in any index of SQLite, the seq behind it.
const STATEMENT_INDEXES: &str = "
    CREATE INDEX transfers_by_debit ON transfers (debit_account);
    CREATE INDEX transfers_by_credit ON transfers (credit_account);
";

impl Naive {
    /// Makes a bank; without `statements` it keeps no index that lists an account's transfers.
    pub fn create(path: &Path, bank: &Bank, statements: bool) -> Result<Naive> {
        let mut connection = connect(path)?;
        connection.execute_batch(SCHEMA)?;
        if statements {
            connection.execute_batch(STATEMENT_INDEXES)?;
        }
        let booking_date = date_text(bank.day);
        let transaction = connection.transaction()?;
        transaction.execute(
            "INSERT INTO business_days VALUES (?1, 1)",
            params![booking_date],
        )?;
        {
            let mut insert = transaction.prepare("INSERT INTO accounts VALUES (?1, ?2, 0, ?3)")?;
            for number in 1..=bank.accounts {
                insert.execute(params![
                    number.cast_signed(),
                    uuid_text(&account_id(number)).as_str(),
                    bank.overdraft
                ])?;
            }
        }
        transaction.commit()?;
        Ok(Naive {
            connection,
            booking_date,
        })
    }

    pub fn open(path: &Path) -> Result<Naive> {
        let connection = connect(path)?;
        let booking_date =
            connection.query_row("SELECT max(booking_date) FROM business_days", [], |row| {
                row.get(0)
            })?;
        Ok(Naive {
            connection,
            booking_date,
        })
    }
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -65536;
         PRAGMA wal_autocheckpoint = 16000;",
    )?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

impl Contender for Naive {
    fn roll_business_day(&mut self, day: i32) -> Result<()> {
        self.booking_date = date_text(day);
        self.connection.execute(
            "INSERT OR IGNORE INTO business_days SELECT ?1, coalesce(max(seq), 0) + 1 FROM transfers",
            params![self.booking_date],
        )?;
        Ok(())
    }

    fn transfer_batch(
        &mut self,
        transfers: &[Transfer],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<()> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut statements = Statements::prepare(&transaction)?;
            for transfer in transfers {
                outcomes.push(statements.apply(transfer, &self.booking_date)?);
            }
        }
        transaction.commit()?;
        Ok(())
    }

    fn balance(&mut self, account: u64) -> Result<i64> {
        let id = uuid_text(&account_id(account));
        let mut select = self
            .connection
            .prepare_cached("SELECT balance FROM accounts WHERE id = ?1")?;
        Ok(select.query_row(params![id.as_str()], |row| row.get(0))?)
    }

    fn balance_as_of(&mut self, account: u64, day: i32) -> Result<i64> {
        let mut select = self.connection.prepare_cached(
            "WITH account AS (SELECT number FROM accounts WHERE id = ?1),
                  later AS (SELECT first_seq FROM business_days WHERE booking_date > ?2 ORDER BY booking_date LIMIT 1),
                  limits AS (SELECT number, coalesce((SELECT first_seq FROM later), 9223372036854775807) AS seq FROM account)
             SELECT balance FROM (
                 SELECT * FROM (
                     SELECT seq, debit_balance AS balance FROM transfers
                     WHERE debit_account = (SELECT number FROM limits) AND seq < (SELECT seq FROM limits)
                     ORDER BY seq DESC LIMIT 1)
                 UNION ALL
                 SELECT * FROM (
                     SELECT seq, credit_balance AS balance FROM transfers
                     WHERE credit_account = (SELECT number FROM limits) AND seq < (SELECT seq FROM limits)
                     ORDER BY seq DESC LIMIT 1)
             ) ORDER BY seq DESC LIMIT 1",
        )?;
        let id = uuid_text(&account_id(account));
        let balance = select
            .query_row(params![id.as_str(), date_text(day)], |row| row.get(0))
            .optional()?;
        Ok(balance.unwrap_or(0))
    }

    fn statement(&mut self, account: u64, limit: usize, lines: &mut Vec<Line>) -> Result<()> {
        let mut select = self.connection.prepare_cached(
            "WITH account AS (SELECT number FROM accounts WHERE id = ?1)
             SELECT amount, balance, value_date FROM (
                 SELECT * FROM (
                     SELECT seq, -amount AS amount, debit_balance AS balance, value_date FROM transfers
                     WHERE debit_account = (SELECT number FROM account) ORDER BY seq DESC LIMIT ?2)
                 UNION ALL
                 SELECT * FROM (
                     SELECT seq, amount, credit_balance AS balance, value_date FROM transfers
                     WHERE credit_account = (SELECT number FROM account) ORDER BY seq DESC LIMIT ?2)
             ) ORDER BY seq DESC LIMIT ?2",
        )?;
        let id = uuid_text(&account_id(account));
        let mut rows = select.query(params![id.as_str(), i64::try_from(limit)?])?;
        while let Some(row) = rows.next()? {
            let value_day = day_of(row.get_ref(2)?.as_str()?)?;
            lines.push(Line {
                amount: row.get(0)?,
                balance: row.get(1)?,
                value_day,
            });
        }
        Ok(())
    }

    fn audit(&mut self, balance_of: &mut dyn FnMut(u64, i64)) -> Result<Audit> {
        let mut select = self
            .connection
            .prepare("SELECT id, balance FROM accounts ORDER BY number")?;
        let mut rows = select.query([])?;
        let mut number = 0;
        while let Some(row) = rows.next()? {
            number += 1;
            if row.get_ref(0)?.as_str()? != uuid_text(&account_id(number)).as_str() {
                return Err(format!("account {number} is missing from the accounts").into());
            }
            balance_of(number, row.get(1)?);
        }
        let transfers: i64 =
            self.connection
                .query_row("SELECT count(*) FROM transfers", [], |row| row.get(0))?;
        let (changes, last): (i64, i64) = self.connection.query_row(
            "SELECT count(*), coalesce(max(seq), 0) FROM change_log",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if changes != last {
            return Err(
                format!("the change log holds {changes} entries but ends at {last}").into(),
            );
        }
        Ok(Audit {
            transfers: transfers.try_into()?,
            changes: changes.try_into()?,
        })
    }

    fn close(self: Box<Self>) -> Result<()> {
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// What each transfer runs.
struct Statements<'a> {
    known: CachedStatement<'a>,
    account: CachedStatement<'a>,
    update: CachedStatement<'a>,
    insert: CachedStatement<'a>,
    log: CachedStatement<'a>,
}

impl<'a> Statements<'a> {
    fn prepare(connection: &'a Connection) -> Result<Statements<'a>> {
        Ok(Statements {
            known: connection.prepare_cached("SELECT 1 FROM transfers WHERE id = ?1")?,
            account: connection.prepare_cached(
                "SELECT number, balance, overdraft FROM accounts WHERE id = ?1",
            )?,
            update: connection
                .prepare_cached("UPDATE accounts SET balance = ?2 WHERE number = ?1")?,
            insert: connection.prepare_cached(
                "INSERT INTO transfers (id, debit_account, credit_account, amount, debit_balance, credit_balance,
                     code, booking_date, value_date, narrative, end_to_end_reference, creditor_reference)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?,
            log: connection.prepare_cached(
                "INSERT INTO change_log (event, transfer_id) VALUES ('transfer', ?1)",
            )?,
        })
    }

    fn apply(&mut self, transfer: &Transfer, booking_date: &str) -> Result<Outcome> {
        let id = uuid_text(&transfer.id);
        let id = id.as_str();
        if self.known.exists(params![id])? {
            return Ok(Outcome::Duplicate);
        }
        let (debit, debit_balance, overdraft) = self.read(transfer.debit)?;
        let (credit, credit_balance, _) = self.read(transfer.credit)?;
        let debit_balance = debit_balance
            .checked_sub(transfer.amount)
            .ok_or("the debit balance overflows")?;
        let credit_balance = credit_balance
            .checked_add(transfer.amount)
            .ok_or("the credit balance overflows")?;
        if debit_balance < -overdraft {
            return Ok(Outcome::InsufficientFunds);
        }

        self.update.execute(params![debit, debit_balance])?;
        self.update.execute(params![credit, credit_balance])?;
        let [end_to_end, creditor] = &transfer.references;
        self.insert.execute(params![
            id,
            debit,
            credit,
            transfer.amount,
            debit_balance,
            credit_balance,
            transfer.code,
            booking_date,
            date_text(transfer.value_day),
            present(&transfer.narrative),
            present(end_to_end),
            present(creditor),
        ])?;
        self.log.execute(params![id])?;
        Ok(Outcome::Accepted)
    }

    /// An account's number, balance and overdraft.
    fn read(&mut self, account: u64) -> Result<(i64, i64, i64)> {
        let id = uuid_text(&account_id(account));
        Ok(self.account.query_row(params![id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?)
    }
}

fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A UUID in its textual form, without a heap allocation for each.
struct UuidText([u8; 36]);

impl UuidText {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn uuid_text(id: &[u8; 16]) -> UuidText {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (index, byte) in id.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 15)];
        at += 2;
    }
    UuidText(text)
}

/// Days since 1970-01-01 as YYYY-MM-DD.
fn date_text(day: i32) -> String {
    let (year, month, day) = crate::report::civil_date(i64::from(day));
    format!("{year:04}-{month:02}-{day:02}")
}

fn day_of(text: &str) -> Result<i32> {
    let mut parts = text.split('-').map(str::parse::<i64>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) => Ok(i32::try_from(
            crate::report::days_since_1970(year, month, day),
        )?),
        _ => Err(format!("'{text}' is not a date").into()),
    }
}
