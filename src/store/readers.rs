//! Read-only connections to a store, a bounded number of them, lent out one at a time. Each sees committed data only;
//! a snapshot holds what it sees still, and is registered with its age, because as long as it lasts the write-ahead log
//! cannot be reused. A reader that comes back is reset, so that the next user never inherits a transaction.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use rusqlite::{InterruptHandle, OpenFlags};

use super::file::{OpenSettings, prepare_reader};
use super::lock::ForkGuard;
use super::vfs::{Connection, IoCounters, Vfs};
use crate::base::{Error, Result, Status};

/// The pool of a store; clones are the same pool. Any thread may use it.
#[derive(Clone)]
pub struct Readers {
    pool: Arc<Pool>,
}

/// A borrowed read-only connection; gives itself back when dropped.
pub struct ReaderGuard {
    connection: Option<Connection>,
    snapshot: Option<Snapshot>,
    pool: Arc<Pool>,
}

struct Pool {
    vfs: Arc<Vfs>,
    path: PathBuf,
    settings: OpenSettings,
    fork: ForkGuard,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    /// Connections that exist or are being made, idle ones included.
    open: usize,
    closed: bool,
    snapshots: BTreeMap<u64, Registered>,
    next_snapshot: u64,
}

struct Registered {
    since: Instant,
    expired: Arc<AtomicBool>,
    interrupt: InterruptHandle,
}

struct Snapshot {
    number: u64,
    since: Instant,
    expired: Arc<AtomicBool>,
}

impl Readers {
    pub(super) fn new(vfs: Arc<Vfs>, path: PathBuf, settings: OpenSettings) -> Readers {
        Readers {
            pool: Arc::new(Pool {
                vfs,
                path,
                settings,
                fork: ForkGuard::new(),
                state: Mutex::default(),
                returned: Condvar::new(),
            }),
        }
    }

    /// Borrows a connection, waiting up to the busy timeout for one to come back. Fails with `BUSY` when none did,
    /// `CLOSED` when the store is closed, `FORKED` in a fork.
    pub fn get(&self) -> Result<ReaderGuard> {
        self.pool.fork.check()?;
        let pool = &self.pool;
        let wait = Duration::from_millis(pool.settings.busy_timeout_ms.into());
        let deadline = Instant::now() + wait;
        let mut state = pool.state.lock();
        loop {
            if state.closed {
                return Err(closed());
            }
            if let Some(connection) = state.idle.pop() {
                return Ok(self.lend(connection));
            }
            if state.open < pool.settings.max_readers.max(1) as usize {
                break;
            }
            if pool.returned.wait_until(&mut state, deadline).timed_out() && state.idle.is_empty() {
                return Err(Error::new(
                    Status::BUSY,
                    format!(
                        "all {} readers are in use: end queries and snapshots, or allow more readers",
                        state.open
                    ),
                ));
            }
        }
        // Opening reads the disk: others need not wait for it.
        state.open += 1;
        drop(state);
        match self.connect() {
            Ok(connection) => Ok(self.lend(connection)),
            Err(error) => {
                pool.gone();
                Err(error)
            }
        }
    }

    /// As [`Readers::get`], for a query: all that it reads is of one commit, the newest at its first read, which also
    /// spares each of its statements a lock of the file. It is registered with its age like a snapshot, and interrupted
    /// like one when it exceeds the maximum age, because as long as it reads the log cannot be reused.
    pub fn get_watched(&self) -> Result<ReaderGuard> {
        let mut reader = self.get()?;
        reader.transact("BEGIN DEFERRED")?;
        reader.register();
        Ok(reader)
    }

    /// What the store asked of its disk, writer included.
    pub fn counters(&self) -> &IoCounters {
        self.pool.vfs.counters()
    }

    /// How long the oldest snapshot has lasted.
    pub fn oldest_snapshot(&self) -> Option<Duration> {
        let state = self.pool.state.lock();
        let oldest = state
            .snapshots
            .values()
            .map(|snapshot| snapshot.since)
            .min();
        oldest.map(|since| since.elapsed())
    }

    /// Marks every snapshot older than `age` as expired and interrupts what runs in it; its holder gets
    /// `SNAPSHOT_TOO_OLD` from [`ReaderGuard::check`]. Returns how many were newly marked. The log is free again only
    /// once the holders have let go.
    pub fn expire_older_than(&self, age: Duration) -> usize {
        let state = self.pool.state.lock();
        let mut marked = 0;
        for snapshot in state.snapshots.values() {
            if snapshot.since.elapsed() > age {
                marked += usize::from(!snapshot.expired.swap(true, Ordering::AcqRel));
                // Again each time: a query that began after the last interruption does not know of it.
                snapshot.interrupt.interrupt();
            }
        }
        marked
    }

    /// Connections that exist at the moment.
    pub fn open_connections(&self) -> usize {
        self.pool.state.lock().open
    }

    /// Closes idle connections and lends no more; borrowed ones close when they come back.
    pub fn close(&self) {
        let mut state = self.pool.state.lock();
        state.closed = true;
        let idle = std::mem::take(&mut state.idle);
        state.open -= idle.len();
        self.pool.returned.notify_all();
        drop(state);
        drop(idle);
    }

    pub(super) fn vfs(&self) -> &Arc<Vfs> {
        &self.pool.vfs
    }

    fn connect(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = self.pool.vfs.connect(&self.pool.path, flags)?;
        prepare_reader(&connection, &self.pool.settings)?;
        Ok(connection)
    }

    fn lend(&self, connection: Connection) -> ReaderGuard {
        ReaderGuard {
            connection: Some(connection),
            snapshot: None,
            pool: self.pool.clone(),
        }
    }
}

impl ReaderGuard {
    /// Holds still what this reader sees, from now until [`ReaderGuard::end_snapshot`] or until it is given back. A
    /// snapshot that is already held stays as it is.
    pub fn begin_snapshot(&mut self) -> Result<()> {
        if self.snapshot.is_some() {
            return Ok(());
        }
        // A deferred transaction takes its snapshot with the first read.
        self.transact("BEGIN DEFERRED")?;
        let read = self.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
            row.get::<_, i64>(0)
        });
        if let Err(error) = read {
            self.roll_back();
            return Err(error.into());
        }
        self.register();
        Ok(())
    }

    fn register(&mut self) {
        let since = Instant::now();
        let expired = Arc::new(AtomicBool::new(false));
        let interrupt = self.get_interrupt_handle();
        let mut state = self.pool.state.lock();
        let number = state.next_snapshot;
        state.next_snapshot += 1;
        state.snapshots.insert(
            number,
            Registered {
                since,
                expired: expired.clone(),
                interrupt,
            },
        );
        drop(state);
        self.snapshot = Some(Snapshot {
            number,
            since,
            expired,
        });
    }

    /// Whether the snapshot exceeded its maximum age.
    pub fn is_expired(&self) -> bool {
        let snapshot = self.snapshot.as_ref();
        snapshot.is_some_and(|snapshot| snapshot.expired.load(Ordering::Acquire))
    }

    /// Lets go of the snapshot: the next query sees the newest commit.
    pub fn end_snapshot(&mut self) {
        if let Some(snapshot) = self.snapshot.take() {
            self.pool.state.lock().snapshots.remove(&snapshot.number);
            self.roll_back();
        }
    }

    /// How long this reader's snapshot has lasted.
    pub fn snapshot_age(&self) -> Option<Duration> {
        self.snapshot
            .as_ref()
            .map(|snapshot| snapshot.since.elapsed())
    }

    /// Ends the snapshot and fails with `SNAPSHOT_TOO_OLD` if it was marked as expired. To be called before each query
    /// in a snapshot, and after one that was interrupted.
    pub fn check(&mut self) -> Result<()> {
        self.pool.fork.check()?;
        if !self.is_expired() {
            return Ok(());
        }
        self.end_snapshot();
        Err(too_old())
    }

    fn transact(&self, sql: &str) -> Result<()> {
        self.prepare_cached(sql)?.raw_execute()?;
        Ok(())
    }

    fn roll_back(&self) {
        if !self.is_autocommit() {
            // A failure leaves the transaction open, which the return to the pool notices.
            let _ = self.transact("ROLLBACK");
        }
    }
}

impl Deref for ReaderGuard {
    type Target = rusqlite::Connection;

    fn deref(&self) -> &rusqlite::Connection {
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("the connection leaves only when the guard is dropped"),
        }
    }
}

impl Drop for ReaderGuard {
    fn drop(&mut self) {
        // In a fork the pool's mutex may be held for ever by a thread that is not there.
        if self.pool.fork.check().is_err() {
            return;
        }
        self.end_snapshot();
        self.roll_back();
        let Some(connection) = self.connection.take() else {
            return;
        };
        let clean = connection.is_autocommit();
        let mut state = self.pool.state.lock();
        if clean && !state.closed {
            state.idle.push(connection);
            self.pool.returned.notify_one();
        } else {
            drop(state);
            drop(connection);
            self.pool.gone();
        }
    }
}

impl Pool {
    fn gone(&self) {
        let mut state = self.state.lock();
        state.open -= 1;
        self.returned.notify_one();
    }
}

/// The error of a snapshot that was ended.
pub(super) fn too_old() -> Error {
    Error::new(
        Status::SNAPSHOT_TOO_OLD,
        "the read snapshot exceeded its maximum age and was ended, because it kept the write-ahead log from being \
         reused: begin a new one",
    )
}

fn closed() -> Error {
    Error::new(Status::CLOSED, "the store is closed: open it again")
}
