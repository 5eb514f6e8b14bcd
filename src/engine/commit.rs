//! Group commit without a thread of its own: whoever needs durability and finds nobody committing becomes the leader,
//! seals what everybody evaluated so far, and commits it in one transaction, while others evaluate the next batch.
//! No answer leaves before the batch that it depends on is durable.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::store::file::Database;
use crate::store::sqlite_error::leaves_outcome_unknown;
use crate::tx::BatchNumber;

use super::log::{Level, Log};
use super::options::EngineOptions;
use super::stats::Histogram;
use super::world::{BatchWrites, World};

/// Where the commits stand.
#[derive(Default)]
struct Progress {
    durable: BatchNumber,
    leading: bool,
    /// Batches that were lost, oldest first: later ones may be durable.
    lost: Vec<Lost>,
    poisoned: Option<Error>,
}

impl Progress {
    fn settle(&mut self, led: std::result::Result<BatchNumber, Failure>) {
        match led {
            Ok(durable) => self.durable = self.durable.max(durable),
            Err(Failure {
                lost,
                error,
                poison,
            }) => {
                if poison {
                    self.poisoned = Some(error.clone());
                }
                let first = self.durable + 1;
                match self.lost.last_mut() {
                    // Nothing became durable in between: one range.
                    Some(before) if before.first == first => {
                        before.last = lost;
                        before.error = error;
                    }
                    _ => self.lost.push(Lost {
                        first,
                        last: lost,
                        error,
                    }),
                }
                // Nobody waits for a batch that was lost thousands of failures ago.
                if self.lost.len() > 4096 {
                    self.lost.remove(0);
                }
            }
        }
    }
}

/// A range of batches that one failure took back, its ends included.
struct Lost {
    first: BatchNumber,
    last: BatchNumber,
    error: Error,
}

/// The writing half of an engine.
pub struct Committer {
    /// `None` once the engine is closed.
    database: Mutex<Option<Database>>,
    progress: Mutex<Progress>,
    /// Waiters of even and of odd batches, so that a commit wakes those it served and one to lead next.
    waiting: [Condvar; 2],
    /// A panic struck while state was being changed: what is in memory may be half done.
    broken: AtomicBool,
    /// A call of the writing connection failed since the last commit. SQLite may have dropped what it knew of the file,
    /// which looks like another program's write.
    unsure: AtomicBool,
    checkpoint_bytes: u64,
    wal_limit_bytes: u64,
    reader_age_limit: Duration,
    log: Log,
    pub commits: Histogram,
}

/// Poisons the engine when it is dropped by a panic. Whoever changes the writer's state holds one meanwhile.
pub struct Alarm<'a> {
    committer: &'a Committer,
    panicking_before: bool,
}

impl<'a> Alarm<'a> {
    pub fn new(committer: &'a Committer) -> Alarm<'a> {
        let panicking_before = std::thread::panicking();
        Alarm {
            committer,
            panicking_before,
        }
    }
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() && !self.panicking_before {
            self.committer.give_up();
        }
    }
}

/// The two locks under which batches are evaluated and sealed.
pub struct Turns<'a> {
    pub turn: &'a Mutex<()>,
    pub world: &'a Mutex<World>,
}

impl Committer {
    pub fn new(database: Database, options: &EngineOptions) -> Committer {
        Committer {
            database: Mutex::new(Some(database)),
            progress: Mutex::new(Progress::default()),
            waiting: [Condvar::new(), Condvar::new()],
            broken: AtomicBool::new(false),
            unsure: AtomicBool::new(false),
            checkpoint_bytes: options.checkpoint_bytes,
            wal_limit_bytes: options.wal_limit_bytes,
            reader_age_limit: Duration::from_millis(options.reader_age_limit_ms.into()),
            log: options.log.clone(),
            commits: Histogram::default(),
        }
    }

    /// Closes the file and gives the writer lock back.
    pub fn release(&self) {
        *self.database.lock() = None;
    }

    /// Fails once an earlier commit left the engine unable to write.
    pub fn check(&self) -> Result<()> {
        match &self.progress.lock().poisoned {
            Some(error) => Err(poisoned(error)),
            None => Ok(()),
        }
    }

    /// Waits until `batch` is durable, committing if nobody else does.
    pub fn wait(&self, turns: &Turns<'_>, batch: BatchNumber) -> Result<()> {
        let mut progress = self.progress.lock();
        loop {
            // First, as who waits may come late: a batch after a lost one may be durable by now.
            let is_in = |lost: &&Lost| (lost.first..=lost.last).contains(&batch);
            if let Some(lost) = progress.lost.iter().find(is_in) {
                return Err(lost.error.clone());
            }
            if progress.durable >= batch {
                return Ok(());
            }
            if let Some(error) = &progress.poisoned {
                return Err(poisoned(error));
            }
            if progress.leading {
                self.waiting[(batch % 2) as usize].wait(&mut progress);
                continue;
            }
            progress.leading = true;
            drop(progress);
            let alarm = Alarm::new(self);
            let led = self.lead(turns);
            drop(alarm);
            progress = self.settle(led);
        }
    }

    /// Becomes the leader, unless somebody is or the engine cannot write any more. The caller must settle.
    pub fn try_lead(&self) -> Option<Lead<'_>> {
        let mut progress = self.progress.lock();
        if progress.leading || progress.poisoned.is_some() {
            return None;
        }
        progress.leading = true;
        drop(progress);
        Some(Lead {
            committer: self,
            settled: false,
        })
    }

    /// Runs `write` with the database; `CLOSED` when it is closed, `WAL_LIMIT` when the log is too long.
    pub fn with_database<T>(
        &self,
        write: impl FnOnce(&Database) -> std::result::Result<T, (Error, bool)>,
    ) -> std::result::Result<T, (Error, bool)> {
        let guard = self.database.lock();
        let Some(database) = guard.as_ref() else {
            return Err((closed(), false));
        };
        let ended = database.readers().expire_older_than(self.reader_age_limit);
        if ended > 0 {
            self.log.tell(Level::Warning, "readers", || {
                format!("{ended} readers exceeded their maximum age and were ended")
            });
        }
        if database.counters().counts().log_end > self.wal_limit_bytes && !self.emptied(database) {
            let poison = database.sync_failed();
            return Err((wal_limit(self.wal_limit_bytes), poison));
        }
        write(database)
    }

    /// Leaves the engine unable to do anything more: a defect struck while its state was being changed.
    fn give_up(&self) {
        self.broken.store(true, Ordering::Release);
        let mut progress = self.progress.lock();
        let message = "a defect in libqenex struck while the engine's state was being changed";
        progress
            .poisoned
            .get_or_insert_with(|| Error::new(Status::POISONED, message));
        progress.leading = false;
        self.waiting[0].notify_all();
        self.waiting[1].notify_all();
    }

    /// Fails once the state in memory cannot be trusted any more.
    pub fn check_whole(&self) -> Result<()> {
        if self.broken.load(Ordering::Acquire) {
            return self.check();
        }
        Ok(())
    }

    /// Ends the leadership: tells the waiters what became durable or was lost.
    fn settle(
        &self,
        led: std::result::Result<BatchNumber, Failure>,
    ) -> parking_lot::MutexGuard<'_, Progress> {
        if let Err(failure) = &led {
            self.log
                .tell(Level::Error, "commit", || failure.error.to_string());
        }
        let mut progress = self.progress.lock();
        progress.leading = false;
        progress.settle(led);
        self.waiting[0].notify_all();
        self.waiting[1].notify_all();
        progress
    }

    /// Seals and commits the open batch. Returns the last durable batch.
    fn lead(&self, turns: &Turns<'_>) -> std::result::Result<BatchNumber, Failure> {
        let started = std::time::Instant::now();
        let committed = self.with_database(|database| {
            let writes = {
                let _turn = turns.turn.lock();
                turns.world.lock().seal().map_err(|error| (error, false))?
            };
            let batch = writes.batch;
            self.judge(database, write(database, &writes))?;
            // Its memory goes to a later batch.
            drop(writes);
            turns.world.lock().durable(batch);
            self.commits.add(started.elapsed());
            self.checkpoint(database);
            if database.sync_failed() {
                // This batch is durable; no later one can be.
                let message = "a sync failed while the log was moved into the file";
                let mut progress = self.progress.lock();
                progress
                    .poisoned
                    .get_or_insert_with(|| Error::new(Status::IO, message));
            }
            Ok(batch)
        });
        committed.map_err(|(error, poison)| self.lose(turns, error, poison))
    }

    /// Takes back everything in flight.
    pub fn lose(&self, turns: &Turns<'_>, error: Error, poison: bool) -> Failure {
        let _turn = turns.turn.lock();
        let lost = turns.world.lock().discard_undurable();
        Failure {
            lost,
            error,
            poison,
        }
    }

    /// Moves the log into the file once it is long enough.
    pub fn checkpoint(&self, database: &Database) {
        if database.counters().counts().log_end >= self.checkpoint_bytes {
            self.emptied(database);
        }
    }

    /// Moves what it can of the log into the file. Whether all of it is there now, so that the next commit starts the
    /// log anew. A checkpoint that fails leaves the log as it is; the next one tries again, and the limit guards.
    fn emptied(&self, database: &Database) -> bool {
        match database.checkpoint_passive() {
            Ok(checkpoint) => checkpoint.done_frames == checkpoint.log_frames,
            Err(error) => {
                self.unsure.store(true, Ordering::Release);
                self.log
                    .tell(Level::Warning, "checkpoint", || error.to_string());
                false
            }
        }
    }

    /// What the failure of a transaction means. Its flag says that the engine cannot go on.
    pub fn judge<T>(
        &self,
        database: &Database,
        written: std::result::Result<T, (Error, bool)>,
    ) -> std::result::Result<T, (Error, bool)> {
        let unsure = self.unsure.swap(written.is_err(), Ordering::AcqRel);
        written.map_err(|(error, poison)| match error.status() {
            Status::WRITTEN_BY_OTHER if unsure => (
                Error::new(
                    Status::POISONED,
                    "after a failed call of the disk it is not certain that nobody else wrote to the file: close and reopen",
                ),
                true,
            ),
            // No later write would succeed.
            _ => (error, poison || database.sync_failed()),
        })
    }

    /// Commits what is evaluated, writes every cache, and empties the log: the last act of an engine.
    pub fn finish(&self, turns: &Turns<'_>) -> Result<()> {
        self.check()?;
        let _alarm = Alarm::new(self);
        let guard = self.database.lock();
        let Some(database) = guard.as_ref() else {
            return Ok(());
        };
        let sealed = {
            let _turn = turns.turn.lock();
            turns.world.lock().seal_everything()?
        };
        self.judge(database, write(database, &sealed))
            .map_err(|(error, _)| error)?;
        turns.world.lock().durable(sealed.batch);
        database.checkpoint_truncate().map(|_| ())
    }
}

/// Everything in flight was lost.
pub struct Failure {
    lost: BatchNumber,
    error: Error,
    poison: bool,
}

/// The right to commit, which one thread has at a time. Dropped without an end only by a panic, which the alarm
/// reports.
pub struct Lead<'a> {
    committer: &'a Committer,
    settled: bool,
}

impl Lead<'_> {
    /// Everything up to a batch is durable; `None`: nothing was committed.
    pub fn end(mut self, durable: Option<BatchNumber>) {
        self.settled = true;
        drop(self.committer.settle(Ok(durable.unwrap_or(0))));
    }

    /// Everything in flight was lost. Returns why.
    pub fn fail(mut self, failure: Failure) -> Error {
        self.settled = true;
        let error = failure.error.clone();
        drop(self.committer.settle(Err(failure)));
        error
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        if !self.settled {
            drop(self.committer.settle(Ok(0)));
        }
    }
}

/// A transaction that batches are written into; dropped without a commit, it is rolled back. The flag of its failures
/// says whether the engine cannot go on.
pub struct Transaction<'a> {
    database: &'a Database,
    connection: &'a Connection,
    /// A sync had failed before it began.
    failed_before: bool,
    open: bool,
}

impl<'a> Transaction<'a> {
    pub fn begin(database: &'a Database) -> std::result::Result<Transaction<'a>, (Error, bool)> {
        let connection = database.writer().map_err(|error| (error, false))?;
        let failed_before = database.sync_failed();
        run(connection, "BEGIN IMMEDIATE").map_err(|error| (Error::from(error), false))?;
        let transaction = Transaction {
            database,
            connection,
            failed_before,
            open: true,
        };
        match database.written_by_other() {
            Ok(false) => Ok(transaction),
            Ok(true) => Err((
                Error::new(
                    Status::WRITTEN_BY_OTHER,
                    "another program wrote to the file while it was open: close, run the integrity check, reopen",
                ),
                true,
            )),
            Err(error) => Err((error, false)),
        }
    }

    /// Writes a batch. After a failure the transaction is over.
    pub fn write(&mut self, writes: &BatchWrites) -> std::result::Result<(), (Error, bool)> {
        writes
            .apply(self.connection)
            .map_err(|error| (error, !self.roll_back()))
    }

    pub fn commit(mut self) -> std::result::Result<(), (Error, bool)> {
        match run(self.connection, "COMMIT") {
            Ok(()) => {
                self.open = false;
                Ok(())
            }
            Err(error) => {
                let error = Error::from(error);
                let failed_now = !self.failed_before && self.database.sync_failed();
                if failed_now || leaves_outcome_unknown(error.sqlite_code()) {
                    let message = format!(
                        "the commit's sync failed, so that it may be durable or not: reopen and look up by key ({})",
                        error.message()
                    );
                    return Err((
                        Error::new(Status::OUTCOME_UNKNOWN, message)
                            .with_sqlite_code(error.sqlite_code()),
                        true,
                    ));
                }
                let rolled_back = self.roll_back();
                Err((error, !rolled_back))
            }
        }
    }

    fn roll_back(&mut self) -> bool {
        self.open = false;
        self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok()
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.open {
            self.roll_back();
        }
    }
}

fn run(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.raw_execute())
        .map(|_| ())
}

/// One batch in a transaction of its own.
fn write(database: &Database, writes: &BatchWrites) -> std::result::Result<(), (Error, bool)> {
    let mut transaction = Transaction::begin(database)?;
    transaction.write(writes)?;
    transaction.commit()
}

fn poisoned(cause: &Error) -> Error {
    Error::new(
        Status::POISONED,
        format!(
            "an earlier failure left this engine unable to write: close and reopen it ({})",
            cause.message()
        ),
    )
}

fn closed() -> Error {
    Error::new(Status::CLOSED, "the engine is closed: open it again")
}

fn wal_limit(limit: u64) -> Error {
    Error::new(
        Status::WAL_LIMIT,
        format!(
            "the write-ahead log reached its limit of {limit} bytes because a reader holds an old snapshot: end it"
        ),
    )
}
