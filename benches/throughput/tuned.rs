//! The ledger that an expert tunes by hand on SQLite: integer keys, prepared statements, BLOB ids under one UNIQUE
//! index that is also the check for duplicates, no index for statements but a chain through each account's
//! transfers, closing balances kept per account and day, and the transfers themselves, numbered without gaps, as
//! the change log. Every touched account is read from SQLite once and written back once per batch.
//!
//! `tuned` keeps nothing from one batch to the next: the database is the truth, and another process may write it
//! between two batches. `tuned-cached`, which runs only when it is named, goes beyond SQL: accounts, sequence and
//! business day stay in the process, which must then be the file's only writer.

mod cache;

use std::path::Path;

use rusqlite::{CachedStatement, Connection, OptionalExtension, TransactionBehavior, params};

use crate::contender::{Audit, Bank, Contender, Line, Outcome, Result};
use crate::workload::Transfer;
use cache::{Account, AccountCache, AccountWriter, SELECT_ACCOUNT, UPDATE_ACCOUNT, fetch};

pub struct Tuned {
    connection: Connection,
    cache: AccountCache,
    /// Where the file stands, in a process that is its only writer; None: every batch asks the database.
    kept: Option<Position>,
}

/// What the process remembers when a batch has ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    Nothing,
    /// The accounts used last, the sequence and the business day.
    State,
}

#[derive(Clone, Copy)]
struct Position {
    /// Number of the next transfer; 1 is the first.
    next_seq: i64,
    day: i32,
}

/// Twice the accounts that the largest batch touches; 1.8 MB.
const SLOTS_FOR_A_BATCH: u32 = 1 << 15;
/// 15 MB.
const SLOTS_TO_KEEP: u32 = 1 << 18;

const PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = OFF;
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 8000;
";

const SCHEMA: &str = "
    CREATE TABLE account (
        number INTEGER PRIMARY KEY,
        overdraft INTEGER NOT NULL,
        balance INTEGER NOT NULL,
        head INTEGER NOT NULL,    -- its newest transfer, 0: none
        day INTEGER NOT NULL      -- business day of that transfer
    );
    CREATE TABLE closing (        -- balance at the end of every past day on which the account moved
        account INTEGER NOT NULL,
        day INTEGER NOT NULL,
        balance INTEGER NOT NULL,
        PRIMARY KEY (account, day)
    ) WITHOUT ROWID;
    CREATE TABLE transfer (
        seq INTEGER PRIMARY KEY,  -- gap-free: also the sequence of the change log
        id BLOB NOT NULL,
        debit INTEGER NOT NULL,
        credit INTEGER NOT NULL,
        amount INTEGER NOT NULL,
        code INTEGER NOT NULL,
        value_day INTEGER NOT NULL,
        before_debit INTEGER NOT NULL,   -- the transfer before this one on the debited account, 0: none
        before_credit INTEGER NOT NULL,
        narrative TEXT,
        end_to_end_reference TEXT,
        creditor_reference TEXT
    );
    CREATE UNIQUE INDEX transfer_id ON transfer (id);
    CREATE TABLE change (         -- which transfers a commit added, and on which business day
        first INTEGER PRIMARY KEY,
        last INTEGER NOT NULL,
        day INTEGER NOT NULL
    );
    CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
";

const INSERT_CLOSING: &str = "INSERT INTO closing VALUES (?1, ?2, ?3)";
const INSERT_BARE: &str =
    "INSERT OR IGNORE INTO transfer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, NULL, NULL)";
const INSERT_FULL: &str =
    "INSERT OR IGNORE INTO transfer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
const SELECT_POSITION: &str = "
    SELECT coalesce((SELECT max(seq) FROM transfer), 0) + 1, (SELECT value FROM setting WHERE name = 'day')
";
const SELECT_ID: &str = "SELECT 1 FROM transfer WHERE id = ?1";

impl Tuned {
    pub fn create(path: &Path, bank: &Bank, memory: Memory) -> Result<Tuned> {
        let mut connection = connect(path)?;
        connection.execute_batch(SCHEMA)?;
        let transaction = connection.transaction()?;
        transaction.execute("INSERT INTO setting VALUES ('day', ?1)", params![bank.day])?;
        {
            let mut insert =
                transaction.prepare("INSERT INTO account VALUES (?1, ?2, 0, 0, ?3)")?;
            for number in 1..=bank.accounts.cast_signed() {
                insert.execute(params![number, bank.overdraft, bank.day])?;
            }
        }
        transaction.commit()?;
        Tuned::over(connection, memory)
    }

    pub fn open(path: &Path, memory: Memory) -> Result<Tuned> {
        Tuned::over(connect(path)?, memory)
    }

    fn over(connection: Connection, memory: Memory) -> Result<Tuned> {
        let (slots, kept) = match memory {
            Memory::Nothing => (SLOTS_FOR_A_BATCH, None),
            Memory::State => (SLOTS_TO_KEEP, Some(position(&connection)?)),
        };
        Ok(Tuned {
            connection,
            cache: AccountCache::new(slots),
            kept,
        })
    }
}

fn position(connection: &Connection) -> Result<Position> {
    Ok(connection
        .prepare_cached(SELECT_POSITION)?
        .query_row([], |row| {
            Ok(Position {
                next_seq: row.get(0)?,
                day: row.get(1)?,
            })
        })?)
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.execute_batch(PRAGMAS)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

impl Contender for Tuned {
    fn roll_business_day(&mut self, day: i32) -> Result<()> {
        self.connection.execute(
            "UPDATE setting SET value = ?1 WHERE name = 'day'",
            params![day],
        )?;
        if let Some(kept) = &mut self.kept {
            kept.day = day;
        }
        Ok(())
    }

    fn transfer_batch(
        &mut self,
        transfers: &[Transfer],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<()> {
        let applied = self.apply(transfers, outcomes);
        match (&applied, &mut self.kept) {
            (Ok(next_seq), Some(kept)) => kept.next_seq = *next_seq,
            _ => self.cache.forget(),
        }
        applied.map(drop)
    }

    fn balance(&mut self, account: u64) -> Result<i64> {
        // Between batches the cache is empty unless this process is the only writer.
        if let Some(cached) = self.cache.get(account) {
            return Ok(cached.balance);
        }
        let account = fetch(
            &mut self.connection.prepare_cached(SELECT_ACCOUNT)?,
            account,
        )?;
        let balance = account.balance;
        if self.kept.is_some() {
            self.cache.put(account, false);
        }
        Ok(balance)
    }

    fn balance_as_of(&mut self, account: u64, day: i32) -> Result<i64> {
        let now = fetch(
            &mut self.connection.prepare_cached(SELECT_ACCOUNT)?,
            account,
        )?;
        if day >= now.day {
            return Ok(now.balance);
        }
        let mut select = self.connection.prepare_cached(
            "SELECT balance FROM closing WHERE account = ?1 AND day <= ?2 ORDER BY day DESC LIMIT 1",
        )?;
        Ok(select
            .query_row(params![account.cast_signed(), day], |row| row.get(0))
            .optional()?
            .unwrap_or(0))
    }

    fn statement(&mut self, account: u64, limit: usize, lines: &mut Vec<Line>) -> Result<()> {
        let Account {
            mut balance,
            head: mut next,
            ..
        } = fetch(
            &mut self.connection.prepare_cached(SELECT_ACCOUNT)?,
            account,
        )?;
        let mut select = self.connection.prepare_cached(
            "SELECT debit, amount, value_day, before_debit, before_credit FROM transfer WHERE seq = ?1",
        )?;
        let account = account.cast_signed();
        while next != 0 && lines.len() < limit {
            let (amount, value_day, before) = select.query_row(params![next], |row| {
                let amount: i64 = row.get(1)?;
                let debited = row.get::<_, i64>(0)? == account;
                let before: i64 = row.get(if debited { 3 } else { 4 })?;
                Ok((if debited { -amount } else { amount }, row.get(2)?, before))
            })?;
            lines.push(Line {
                amount,
                balance,
                value_day,
            });
            balance -= amount;
            next = before;
        }
        Ok(())
    }

    fn audit(&mut self, balance_of: &mut dyn FnMut(u64, i64)) -> Result<Audit> {
        let mut select = self
            .connection
            .prepare("SELECT number, balance FROM account")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            balance_of(row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?);
        }
        let (transfers, last): (i64, i64) = self.connection.query_row(
            "SELECT count(*), coalesce(max(seq), 0) FROM transfer",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if transfers != last {
            return Err(format!("{transfers} transfers are numbered up to {last}").into());
        }
        let (changes, gaps): (i64, i64) = self.connection.query_row(
            "SELECT coalesce(sum(last - first + 1), 0), count(*) FILTER (WHERE first <> before + 1)
             FROM (SELECT first, last, lag(last, 1, 0) OVER (ORDER BY first) AS before FROM change)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if gaps != 0 {
            return Err(format!("the change log has {gaps} gaps").into());
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

impl Tuned {
    /// One transaction; answers the number of the next transfer. On an error the cache must be forgotten.
    fn apply(&mut self, transfers: &[Transfer], outcomes: &mut Vec<Outcome>) -> Result<i64> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Position {
            next_seq: first_seq,
            day,
        } = match self.kept {
            Some(kept) => kept,
            None => position(&transaction)?,
        };
        let mut next_seq = first_seq;
        {
            let mut writer = AccountWriter {
                select: transaction.prepare_cached(SELECT_ACCOUNT)?,
                update: transaction.prepare_cached(UPDATE_ACCOUNT)?,
                cache: &mut self.cache,
            };
            let mut insert_bare = transaction.prepare_cached(INSERT_BARE)?;
            let mut insert_full = transaction.prepare_cached(INSERT_FULL)?;
            for transfer in transfers {
                let mut debit = writer.load(transfer.debit)?;
                let mut credit = writer.load(transfer.credit)?;
                let debit_balance = debit
                    .balance
                    .checked_sub(transfer.amount)
                    .ok_or("the debit balance overflows")?;
                let credit_balance = credit
                    .balance
                    .checked_add(transfer.amount)
                    .ok_or("the credit balance overflows")?;
                if debit_balance < -debit.overdraft {
                    let known = transaction
                        .prepare_cached(SELECT_ID)?
                        .exists(params![transfer.id])?;
                    outcomes.push(if known {
                        Outcome::Duplicate
                    } else {
                        Outcome::InsufficientFunds
                    });
                    continue;
                }
                let plain = transfer.narrative.is_empty()
                    && transfer.references.iter().all(String::is_empty);
                let insert = if plain {
                    &mut insert_bare
                } else {
                    &mut insert_full
                };
                if !insert_transfer(insert, next_seq, transfer, debit.head, credit.head, plain)? {
                    outcomes.push(Outcome::Duplicate);
                    continue;
                }
                for account in [&mut debit, &mut credit] {
                    if account.day != day {
                        if account.head != 0 {
                            transaction
                                .prepare_cached(INSERT_CLOSING)?
                                .execute(params![
                                    account.number.cast_signed(),
                                    account.day,
                                    account.balance
                                ])?;
                        }
                        account.day = day;
                    }
                    account.head = next_seq;
                }
                debit.balance = debit_balance;
                credit.balance = credit_balance;
                writer.store(debit)?;
                writer.store(credit)?;
                next_seq += 1;
                outcomes.push(Outcome::Accepted);
            }
            writer.write_back()?;
            if next_seq != first_seq {
                transaction
                    .prepare_cached("INSERT INTO change VALUES (?1, ?2, ?3)")?
                    .execute(params![first_seq, next_seq - 1, day])?;
            }
        }
        transaction.commit()?;
        Ok(next_seq)
    }
}

/// False: the id is there already.
fn insert_transfer(
    insert: &mut CachedStatement<'_>,
    seq: i64,
    transfer: &Transfer,
    before_debit: i64,
    before_credit: i64,
    plain: bool,
) -> Result<bool> {
    insert.raw_bind_parameter(1, seq)?;
    insert.raw_bind_parameter(2, &transfer.id[..])?;
    insert.raw_bind_parameter(3, transfer.debit.cast_signed())?;
    insert.raw_bind_parameter(4, transfer.credit.cast_signed())?;
    insert.raw_bind_parameter(5, transfer.amount)?;
    insert.raw_bind_parameter(6, transfer.code)?;
    insert.raw_bind_parameter(7, transfer.value_day)?;
    insert.raw_bind_parameter(8, before_debit)?;
    insert.raw_bind_parameter(9, before_credit)?;
    if !plain {
        insert.raw_bind_parameter(10, transfer.narrative.as_str())?;
        insert.raw_bind_parameter(11, transfer.references[0].as_str())?;
        insert.raw_bind_parameter(12, transfer.references[1].as_str())?;
    }
    Ok(insert.raw_execute()? == 1)
}
