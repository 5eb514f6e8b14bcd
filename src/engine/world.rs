//! Everything that commands act on, of all domains together: one mark, one rollback, one batch of writes. It is the
//! evaluated state, which may be ahead of what is durable by the batches in flight.

use std::collections::VecDeque;
use std::sync::Arc;

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::hash::KeyHasher;
use crate::base::time::Timestamp;
use crate::ledger::balance::Balance;
use crate::ledger::{CacheSizes, FlushLimits, Ledger, LedgerMark, LedgerWrites, Services};
use crate::store::key_index::{IndexWrites, KeyIndex, Settings, Ticket};
use crate::store::readers::ReaderGuard;
use crate::tx::{BatchNumber, ChangeLog, ChangeWrites, Keys, Mark};

use super::host_record::{HostRecords, RecordWrites, RecordsMark};
use super::principal::Principals;
use super::schema::{self, CommitState, KEY_INDEX};

/// The evaluated state.
pub struct World {
    pub ledger: Ledger,
    pub records: HostRecords,
    pub principals: Principals,
    pub keys: Keys,
    pub changes: ChangeLog,
    pub reader: EvaluationReader,
    /// Time of the newest command.
    pub time: Timestamp,
    /// Number of the batch that is being evaluated into.
    pub batch: BatchNumber,
    /// What is durable.
    pub durable: Durable,
    /// Sequence number and time that each sealed batch will make durable.
    sealed: VecDeque<(BatchNumber, Durable, Ticket)>,
    limits: FlushLimits,
}

/// The connection that evaluation reads through; an empty one once the engine is closed.
pub enum EvaluationReader {
    Open(ReaderGuard),
    Closed(Connection),
}

impl std::ops::Deref for EvaluationReader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            EvaluationReader::Open(reader) => reader,
            EvaluationReader::Closed(connection) => connection,
        }
    }
}

/// Where the durable state stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durable {
    pub sequence: i64,
    pub time: Timestamp,
    pub accounts: u64,
}

/// A position in the whole world.
pub struct WorldMark {
    ledger: LedgerMark,
    records: RecordsMark,
    principals: Mark,
    keys: Mark,
    sequence: i64,
    time: Timestamp,
}

/// What one commit writes: everything was decided, the writer only inserts.
pub struct BatchWrites {
    pub batch: BatchNumber,
    state: CommitState,
    balances: u64,
    changes: Arc<ChangeWrites>,
    ledger: Arc<LedgerWrites>,
    index: IndexWrites,
    records: RecordWrites,
    principals: Vec<(String, u32)>,
}

impl World {
    /// The state of an open file, brought up to date from its truth rows.
    pub fn open(
        reader: ReaderGuard,
        sizes: CacheSizes,
        limits: FlushLimits,
        index: Settings,
    ) -> Result<World> {
        let meta = schema::meta(&reader)?;
        meta.check_writer()?;
        let state = schema::commit_state(&reader)?;
        let hasher = KeyHasher::from_seed(meta.secret);
        let index = KeyIndex::open(&reader, index)?;
        let mut keys = Keys::new(index, hasher);
        let after = keys.index().flushed_sequence().unwrap_or(0);
        super::recovery::restore_keys(&reader, &mut keys, after, i64::MAX)?;
        let mut ledger = Ledger::open(&reader, hasher, sizes)?;
        ledger.replay(&reader, state.replay_from)?;
        let accounts = ledger.counts().0;
        Ok(World {
            ledger,
            records: HostRecords::new(sizes.rows),
            principals: Principals::open(&reader)?,
            keys,
            changes: ChangeLog::new(state.sequence),
            reader: EvaluationReader::Open(reader),
            time: state.time,
            batch: 1,
            durable: Durable {
                sequence: state.sequence,
                time: state.time,
                accounts,
            },
            sealed: VecDeque::new(),
            limits,
        })
    }

    /// Brings a world that only reads up to what `reader` sees, keeping the index of keys. `false`: other runs are on
    /// disk than before, and it must be opened anew; nothing was changed.
    pub fn follow(&mut self, reader: &Connection, sizes: CacheSizes) -> Result<bool> {
        let state = schema::commit_state(reader)?;
        if state.sequence < self.durable.sequence || !self.keys.index().has_same_runs(reader)? {
            return Ok(false);
        }
        let hasher = KeyHasher::from_seed(schema::meta(reader)?.secret);
        let mut ledger = Ledger::open(reader, hasher, sizes)?;
        ledger.replay(reader, state.replay_from)?;
        ledger.stand_as_of(state.sequence);
        let principals = Principals::open(reader)?;
        super::recovery::restore_keys(reader, &mut self.keys, self.durable.sequence, i64::MAX)?;
        self.durable = Durable {
            sequence: state.sequence,
            time: state.time,
            accounts: ledger.counts().0,
        };
        self.ledger = ledger;
        self.principals = principals;
        self.records = HostRecords::new(sizes.rows);
        self.changes = ChangeLog::new(state.sequence);
        self.time = state.time;
        Ok(true)
    }

    /// Lets go of the snapshot that the world was opened in.
    pub fn end_snapshot(&mut self) {
        if let EvaluationReader::Open(reader) = &mut self.reader {
            reader.end_snapshot();
        }
    }

    /// The parts that a domain needs, with the ledger beside them.
    pub fn split(&mut self) -> (&mut Ledger, &mut HostRecords, &mut Principals, Services<'_>) {
        let services = Services {
            keys: &mut self.keys,
            changes: &mut self.changes,
            reader: &self.reader,
        };
        (
            &mut self.ledger,
            &mut self.records,
            &mut self.principals,
            services,
        )
    }

    /// A position to roll back to.
    pub fn mark(&mut self) -> WorldMark {
        WorldMark {
            ledger: self.ledger.mark(),
            records: self.records.mark(),
            principals: self.principals.mark(),
            keys: self.keys.mark(),
            sequence: self.changes.last_sequence(),
            time: self.time,
        }
    }

    /// Takes back everything after `mark`.
    pub fn roll_back(&mut self, mark: &WorldMark) {
        self.ledger.roll_back(&mark.ledger, mark.sequence + 1);
        self.records.roll_back(mark.records);
        self.principals.roll_back(mark.principals);
        self.keys.roll_back(mark.keys);
        self.changes.roll_back(mark.sequence);
        self.time = mark.time;
    }

    /// Has all reads see one snapshot until [`World::end_reading`]: many in a row cost half as much. It must end before
    /// anything can become durable, which nothing does while the world is locked.
    pub fn begin_reading(&self) -> Result<()> {
        self.transact("BEGIN")
    }

    /// Lets the next reads see what is durable by then.
    pub fn end_reading(&self) -> Result<()> {
        self.transact("COMMIT")
    }

    fn transact(&self, sql: &str) -> Result<()> {
        self.reader.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    /// Gives the connection back when the engine closes.
    pub fn release_reader(&mut self) -> Result<()> {
        self.reader = EvaluationReader::Closed(Connection::open_in_memory()?);
        Ok(())
    }

    /// How many balances there may be, those of batches in flight included.
    pub fn durable_balances(&self) -> u64 {
        self.ledger.counts().1
    }

    /// The durable balance with a number and its entity; `None`: it is not durable yet.
    pub fn balance_by_number(&mut self, number: u64) -> Result<Option<(u32, Balance)>> {
        let (ledger, _, _, services) = self.split();
        ledger.durable_by_number(services.reader, number)
    }

    /// Whether the open batch has changes.
    pub fn has_changes(&self) -> bool {
        let sealed = self
            .sealed
            .back()
            .map_or(self.durable.sequence, |(_, state, _)| state.sequence);
        self.changes.last_sequence() > sealed
    }

    /// The newest sealed batch that is not durable.
    pub fn last_sealed(&self) -> Option<BatchNumber> {
        self.sealed.back().map(|(batch, _, _)| *batch)
    }

    /// Seals the open batch. On an error nothing was sealed.
    pub fn seal(&mut self) -> Result<BatchWrites> {
        self.seal_with(self.limits)
    }

    /// As [`World::seal`], writing every dirty page and the whole index: for closing.
    pub fn seal_everything(&mut self) -> Result<BatchWrites> {
        self.keys.request_flush();
        self.seal_with(FlushLimits::EVERYTHING)
    }

    fn seal_with(&mut self, limits: FlushLimits) -> Result<BatchWrites> {
        let batch = self.batch;
        let index = self.keys.seal(batch, &self.reader)?;
        let sequence = self.changes.last_sequence();
        let ledger = self.ledger.seal(batch, sequence, &limits);
        let writes = BatchWrites {
            batch,
            state: CommitState {
                sequence,
                time: self.time,
                replay_from: self.ledger.replay_from(sequence + 1),
            },
            balances: self.ledger.counts().1,
            changes: self.changes.seal(batch),
            ledger,
            index,
            records: self.records.seal(batch),
            principals: self.principals.seal(batch),
        };
        let durable = Durable {
            sequence,
            time: self.time,
            accounts: self.ledger.counts().0,
        };
        self.sealed
            .push_back((batch, durable, writes.index.ticket()));
        self.batch += 1;
        Ok(writes)
    }

    /// Batches up to `batch` are durable.
    pub fn durable(&mut self, batch: BatchNumber) {
        while self
            .sealed
            .front()
            .is_some_and(|(sealed, _, _)| *sealed <= batch)
        {
            if let Some((sealed, durable, ticket)) = self.sealed.pop_front() {
                self.durable = durable;
                self.keys.durable(sealed, ticket);
            }
        }
        self.ledger.durable(batch);
        self.changes.durable(batch);
        self.records.durable(batch);
        self.principals.durable(batch);
    }

    /// Takes back everything that is not durable. Returns the last batch that is lost.
    pub fn discard_undurable(&mut self) -> BatchNumber {
        self.ledger.discard_undurable(self.durable.sequence + 1);
        self.records.discard_undurable();
        self.principals.discard_undurable();
        self.keys.discard_undurable();
        self.changes.discard_undurable(self.durable.sequence);
        self.time = self.durable.time;
        self.sealed.clear();
        let lost = self.batch;
        self.batch += 1;
        lost
    }
}

impl BatchWrites {
    /// Writes the batch, within the caller's transaction.
    pub fn apply(&self, connection: &Connection) -> Result<()> {
        self.ledger.apply(connection)?;
        self.changes.apply(connection)?;
        self.index.apply(connection)?;
        for (name, number) in &self.principals {
            connection
                .prepare_cached("INSERT INTO principal(number, name) VALUES(?, ?)")?
                .execute((number, name))?;
        }
        self.records.apply(connection)?;
        schema::set_commit_state(connection, &self.state, self.balances)
    }
}

/// The index of keys as the engine keeps it.
pub fn index_settings(filter_bytes: usize) -> Settings {
    let mut settings = Settings::new(KEY_INDEX);
    settings.filter_bytes = filter_bytes;
    settings
}
