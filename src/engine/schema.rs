//! The engine's own tables: the record of changes, principals, host records, the state of the last commit, and what
//! identifies the file. Creates a whole new file, all domains included.

use rusqlite::{Connection, OptionalExtension};

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger;
use crate::store::file::set_format_version;
use crate::store::key_index;

/// The format that this version writes; readers and writers of older versions are named in the table `meta`.
pub const FORMAT: u32 = 1;

/// Name of the index of keys.
pub const KEY_INDEX: &str = "keys";

const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE commit_state(
  one INTEGER PRIMARY KEY CHECK(one = 1), seq INTEGER NOT NULL, time INTEGER NOT NULL,
  replay_from INTEGER NOT NULL, balances INTEGER NOT NULL
);
CREATE TABLE principal(number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE change(
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor INTEGER NOT NULL, on_behalf_of INTEGER,
  kind INTEGER NOT NULL, key BLOB, content BLOB NOT NULL
);
CREATE TABLE host_record(
  namespace TEXT NOT NULL, record BLOB NOT NULL, version INTEGER NOT NULL, value BLOB, seq INTEGER NOT NULL,
  PRIMARY KEY(namespace, record)
);
CREATE TABLE host_record_write(seq INTEGER PRIMARY KEY, version INTEGER NOT NULL);
";

/// Creates every table and view in an empty file, in one transaction.
pub fn create(
    connection: &Connection,
    secret: [u8; 16],
    file_id: [u8; 16],
    now: Timestamp,
) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let created = create_within(connection, secret, file_id, now);
    let end = if created.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    connection.execute_batch(end)?;
    created
}

fn create_within(
    connection: &Connection,
    secret: [u8; 16],
    file_id: [u8; 16],
    now: Timestamp,
) -> Result<()> {
    connection.execute_batch(TABLES)?;
    ledger::schema::create(connection)?;
    key_index::create_tables(connection, KEY_INDEX)?;
    connection.execute_batch(&super::views::all())?;
    let mut insert = connection.prepare("INSERT INTO meta(name, value) VALUES(?, ?)")?;
    insert.execute(("key_secret", &secret[..]))?;
    insert.execute(("file_id", &file_id[..]))?;
    insert.execute(("created_at", now.micros()))?;
    insert.execute(("created_by", env!("CARGO_PKG_VERSION")))?;
    insert.execute(("oldest_reader", FORMAT))?;
    insert.execute(("oldest_writer", FORMAT))?;
    connection.execute("INSERT INTO commit_state VALUES(1, 0, ?, 1, 0)", [i64::MIN])?;
    set_format_version(connection, FORMAT)
}

/// What the table `meta` says.
#[derive(Clone, Debug)]
pub struct Meta {
    pub secret: [u8; 16],
    pub file_id: [u8; 16],
    pub oldest_writer: u32,
}

impl Meta {
    /// Fails if only a newer version may write the file.
    pub fn check_writer(&self) -> Result<()> {
        if self.oldest_writer > FORMAT {
            return Err(Error::new(
                Status::NEWER_VERSION,
                format!(
                    "only format {} or newer may write this file: use a newer libqenex",
                    self.oldest_writer
                ),
            ));
        }
        Ok(())
    }
}

/// Reads what identifies the file.
pub fn meta(connection: &Connection) -> Result<Meta> {
    let read = |name: &str| -> Result<rusqlite::types::Value> {
        let found = connection
            .query_row("SELECT value FROM meta WHERE name = ?", [name], |row| {
                row.get(0)
            })
            .optional()?;
        found.ok_or_else(|| {
            Error::new(
                Status::CORRUPT,
                format!("the table meta has no '{name}': restore a backup"),
            )
        })
    };
    let bytes = |name: &str| -> Result<[u8; 16]> {
        match read(name)? {
            rusqlite::types::Value::Blob(bytes) => <[u8; 16]>::try_from(bytes.as_slice()).ok(),
            _ => None,
        }
        .ok_or_else(|| {
            Error::new(
                Status::CORRUPT,
                format!("'{name}' in the table meta is not 16 bytes"),
            )
        })
    };
    let oldest_writer = match read("oldest_writer")? {
        rusqlite::types::Value::Integer(version) => u32::try_from(version).unwrap_or(u32::MAX),
        _ => u32::MAX,
    };
    Ok(Meta {
        secret: bytes("key_secret")?,
        file_id: bytes("file_id")?,
        oldest_writer,
    })
}

/// Where the last durable commit left off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitState {
    pub sequence: i64,
    pub time: Timestamp,
    pub replay_from: i64,
}

/// Reads the state of the last commit.
pub fn commit_state(connection: &Connection) -> Result<CommitState> {
    Ok(connection.query_row(
        "SELECT seq, time, replay_from FROM commit_state",
        [],
        |row| {
            Ok(CommitState {
                sequence: row.get(0)?,
                time: Timestamp::from_micros(row.get(1)?),
                replay_from: row.get(2)?,
            })
        },
    )?)
}

/// Records where a commit leaves off, with the number of balances, within the caller's transaction.
pub fn set_commit_state(connection: &Connection, state: &CommitState, balances: u64) -> Result<()> {
    connection
        .prepare_cached("UPDATE commit_state SET seq = ?, time = ?, replay_from = ?, balances = ?")?
        .execute((
            state.sequence,
            state.time.micros(),
            state.replay_from,
            balances as i64,
        ))?;
    Ok(())
}
