//! Records of the host's own: bytes under a namespace and a key, with a version that rises with each write. They
//! commit together with whatever else is in the batch, which is the reason to keep them here.

use rusqlite::{Connection, OptionalExtension};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::cache::CachedRows;
use crate::ledger::outcome::{Field, Outcome};
use crate::tx::{BatchNumber, ChangeKind, Context, KeySpace, Mark};

use super::command::HostRecordPut;
use super::encoding::encode_host_record;
use crate::ledger::{Ledger, Services};

/// Longest namespace, key and value, in bytes.
pub mod length {
    pub const NAMESPACE: usize = 64;
    pub const RECORD: usize = 256;
    pub const VALUE: usize = 1 << 20;
}

/// A record as it is kept; a deleted one keeps its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRecord {
    pub version: u64,
    pub value: Option<Vec<u8>>,
    /// Sequence number of the change that wrote it.
    pub sequence: i64,
}

/// Namespace and key.
pub type RecordKey = (String, Vec<u8>);

/// The records in memory.
pub struct HostRecords {
    rows: CachedRows<RecordKey, HostRecord>,
    /// The version that each write with a key made, by its sequence number: what repeating the key gives again.
    versions: CachedRows<i64, u64>,
}

/// A position in the records.
#[derive(Clone, Copy, Debug)]
pub struct RecordsMark {
    rows: Mark,
    versions: Mark,
}

/// What a batch writes.
pub struct RecordWrites {
    rows: Vec<(RecordKey, HostRecord)>,
    versions: Vec<(i64, u64)>,
}

impl RecordWrites {
    /// Writes the records, within the caller's transaction.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        for ((namespace, record), row) in &self.rows {
            connection
                .prepare_cached(
                    "INSERT OR REPLACE INTO host_record(namespace, record, version, value, seq) VALUES(?,?,?,?,?)",
                )?
                .execute((namespace, record, row.version as i64, &row.value, row.sequence))?;
        }
        for (sequence, version) in &self.versions {
            connection
                .prepare_cached("INSERT INTO host_record_write(seq, version) VALUES(?, ?)")?
                .execute((sequence, *version as i64))?;
        }
        Ok(())
    }
}

impl HostRecords {
    pub fn new(capacity: usize) -> HostRecords {
        HostRecords {
            rows: CachedRows::new(capacity),
            versions: CachedRows::new(capacity),
        }
    }

    /// Writes or deletes a record. `ledger` tells which keys are those of transfers.
    pub fn apply(
        &mut self,
        ledger: &Ledger,
        services: &mut Services<'_>,
        context: &Context,
        put: &HostRecordPut<'_>,
        fresh: bool,
    ) -> Result<Outcome> {
        let key = put.key;
        if put.namespace.is_empty() || put.record.is_empty() {
            return Ok(Outcome::refused(Status::TEXT_INVALID, key));
        }
        if put.namespace.len() > length::NAMESPACE
            || put.record.len() > length::RECORD
            || put.value.is_some_and(|value| value.len() > length::VALUE)
        {
            return Ok(Outcome::refused(Status::TEXT_TOO_LONG, key));
        }
        if key == Id::RESERVED {
            return Ok(Outcome::refused(Status::ID_RESERVED, key));
        }
        let mut content = Vec::with_capacity(64 + put.value.map_or(0, <[u8]>::len));
        encode_host_record(put, &mut content);
        if !fresh
            && !key.is_none()
            && let Some(outcome) = self.repeated(ledger, services, &key, &content)?
        {
            return Ok(outcome);
        }
        let record_key = (put.namespace.to_owned(), put.record.to_vec());
        let reader = services.reader;
        let present = self
            .rows
            .get(&record_key, || load(reader, put.namespace, put.record))?;
        let version = present.map_or(0, |row| row.version);
        let visible = present
            .filter(|row| row.value.is_some())
            .map_or(0, |row| row.version);
        if put
            .expected_version
            .is_some_and(|expected| expected != visible)
        {
            return Ok(Outcome::refused(Status::VERSION_MISMATCH, key));
        }
        let sequence = services
            .changes
            .record(context, ChangeKind::HOST_RECORD, key, content);
        if !key.is_none() {
            let hash = services.keys.hash(KeySpace::Command, &key.0);
            services.keys.insert(hash, sequence as u64, sequence);
            self.versions.put(sequence, Some(version + 1));
        }
        let row = HostRecord {
            version: version + 1,
            value: put.value.map(<[u8]>::to_vec),
            sequence,
        };
        self.rows.put(record_key, Some(row));
        let mut outcome = Outcome::applied(sequence, context.time, key);
        outcome.number = version + 1;
        Ok(outcome)
    }

    pub fn mark(&self) -> RecordsMark {
        RecordsMark {
            rows: self.rows.mark(),
            versions: self.versions.mark(),
        }
    }

    pub fn roll_back(&mut self, mark: RecordsMark) {
        self.rows.roll_back(mark.rows);
        self.versions.roll_back(mark.versions);
    }

    pub fn seal(&mut self, batch: BatchNumber) -> RecordWrites {
        let rows = self.rows.seal(batch).into_iter();
        let versions = self.versions.seal(batch).into_iter();
        RecordWrites {
            rows: rows.filter_map(|(key, row)| Some((key, row?))).collect(),
            versions: versions
                .filter_map(|(sequence, version)| Some((sequence, version?)))
                .collect(),
        }
    }

    pub fn durable(&mut self, batch: BatchNumber) {
        self.rows.durable(batch);
        self.versions.durable(batch);
    }

    pub fn discard_undurable(&mut self) {
        self.rows.discard_undurable();
        self.versions.discard_undurable();
    }

    /// The first outcome again if the key was used before, or what differs.
    fn repeated(
        &mut self,
        ledger: &Ledger,
        services: &mut Services<'_>,
        key: &Id,
        content: &[u8],
    ) -> Result<Option<Outcome>> {
        let hash = services.keys.hash(KeySpace::Command, &key.0);
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            let Some(row) = services.changes.find(services.reader, sequence as i64)? else {
                // A transfer has this hash, in flight or durable; whether it has this key as well, it tells itself.
                let found = ledger.transfer_by_sequence(services.reader, sequence as i64)?;
                if found.is_some_and(|transfer| transfer.row.id == *key) {
                    return Ok(Some(Outcome::different(Field::Kind, *key)));
                }
                continue;
            };
            if row.key != *key {
                continue;
            }
            let refusal = row.kind == ChangeKind::REFUSAL;
            let (status, number, first) = if refusal {
                crate::tx::refusal::decode(&row.content)?
            } else {
                (Status::OK, 0, &row.content[..])
            };
            if first != content {
                return Ok(Some(Outcome::different(Field::Content, *key)));
            }
            let mut outcome = Outcome::applied(row.sequence, row.time, *key);
            outcome.status = status;
            outcome.number = number;
            outcome.repeated = true;
            if !refusal {
                let reader = services.reader;
                let version = self
                    .versions
                    .get(&row.sequence, || load_version(reader, row.sequence))?;
                outcome.number = version.copied().unwrap_or(0);
            }
            return Ok(Some(outcome));
        }
        Ok(None)
    }
}

/// The durable record under a namespace and key.
pub fn load(reader: &Connection, namespace: &str, record: &[u8]) -> Result<Option<HostRecord>> {
    let mut select = reader.prepare_cached(
        "SELECT version, value, seq FROM host_record WHERE namespace = ? AND record = ?",
    )?;
    let row = select
        .query_row((namespace, record), |row| {
            Ok(HostRecord {
                version: row.get::<_, i64>(0)? as u64,
                value: row.get(1)?,
                sequence: row.get(2)?,
            })
        })
        .optional()?;
    Ok(row)
}

fn load_version(reader: &Connection, sequence: i64) -> Result<Option<u64>> {
    let mut select =
        reader.prepare_cached("SELECT version FROM host_record_write WHERE seq = ?")?;
    let version = select
        .query_row([sequence], |row| row.get::<_, i64>(0))
        .optional()?;
    Ok(version.map(|version| version as u64))
}
