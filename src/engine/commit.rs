//! Group commit without a thread of its own: whoever needs durability and finds nobody committing becomes the leader,
//! seals what everybody evaluated so far, and commits it in one transaction, while others evaluate the next batch.
//! No answer leaves before the batch that it depends on is durable.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Condvar, Mutex};

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
            if let Err(failure) = &led {
                self.log
                    .tell(Level::Error, "commit", || failure.error.to_string());
            }
            progress = self.progress.lock();
            progress.leading = false;
            self.settle(&mut progress, led);
            self.waiting[0].notify_all();
            self.waiting[1].notify_all();
        }
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

    fn settle(&self, progress: &mut Progress, led: std::result::Result<BatchNumber, Failure>) {
        match led {
            Ok(durable) => progress.durable = progress.durable.max(durable),
            Err(Failure {
                lost,
                error,
                poison,
            }) => {
                if poison {
                    progress.poisoned = Some(error.clone());
                }
                let first = progress.durable + 1;
                match progress.lost.last_mut() {
                    // Nothing became durable in between: one range.
                    Some(before) if before.first == first => {
                        before.last = lost;
                        before.error = error;
                    }
                    _ => progress.lost.push(Lost {
                        first,
                        last: lost,
                        error,
                    }),
                }
                // Nobody waits for a batch that was lost thousands of failures ago.
                if progress.lost.len() > 4096 {
                    progress.lost.remove(0);
                }
            }
        }
    }

    /// Seals and commits the open batch. Returns the last durable batch.
    fn lead(&self, turns: &Turns<'_>) -> std::result::Result<BatchNumber, Failure> {
        let started = std::time::Instant::now();
        let guard = self.database.lock();
        let Some(database) = guard.as_ref() else {
            return Err(self.lose(turns, closed(), false));
        };
        if database.counters().counts().log_end > self.wal_limit_bytes && !self.emptied(database) {
            let poison = database.sync_failed();
            return Err(self.lose(turns, wal_limit(self.wal_limit_bytes), poison));
        }
        let sealed = {
            let _turn = turns.turn.lock();
            turns.world.lock().seal()
        };
        let writes = sealed.map_err(|error| self.lose(turns, error, false))?;
        let batch = writes.batch;
        if let Err((error, poison)) = self.write(database, &writes) {
            return Err(self.lose(turns, error, poison));
        }
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
    }

    /// Takes back everything in flight.
    fn lose(&self, turns: &Turns<'_>, error: Error, poison: bool) -> Failure {
        let _turn = turns.turn.lock();
        let lost = turns.world.lock().discard_undurable();
        Failure {
            lost,
            error,
            poison,
        }
    }

    fn checkpoint(&self, database: &Database) {
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

    /// One transaction. The flag of a failure says that the engine cannot go on.
    fn write(
        &self,
        database: &Database,
        writes: &BatchWrites,
    ) -> std::result::Result<(), (Error, bool)> {
        let written = write(database, writes);
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
        self.write(database, &sealed).map_err(|(error, _)| error)?;
        turns.world.lock().durable(sealed.batch);
        database.checkpoint_truncate().map(|_| ())
    }
}

struct Failure {
    lost: BatchNumber,
    error: Error,
    poison: bool,
}

/// As [`Committer::write`], as far as one transaction can tell.
fn write(database: &Database, writes: &BatchWrites) -> std::result::Result<(), (Error, bool)> {
    let connection = database.writer().map_err(|error| (error, false))?;
    let failed_before = database.sync_failed();
    let begin = |sql: &str| {
        connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute())
    };
    begin("BEGIN IMMEDIATE").map_err(|error| (Error::from(error), false))?;
    let other = database.written_by_other().and_then(|other| {
        if other {
            Err(Error::new(
                Status::WRITTEN_BY_OTHER,
                "another program wrote to the file while it was open: close, run the integrity check, reopen",
            ))
        } else {
            Ok(())
        }
    });
    if let Err(error) = other {
        let _ = connection.execute_batch("ROLLBACK");
        let poison = error.status() == Status::WRITTEN_BY_OTHER;
        return Err((error, poison));
    }
    if let Err(error) = writes.apply(connection) {
        let rolled_back =
            connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
        return Err((error, !rolled_back));
    }
    match begin("COMMIT") {
        Ok(_) => Ok(()),
        Err(error) => {
            let error = Error::from(error);
            let failed_now = !failed_before && database.sync_failed();
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
            let rolled_back =
                connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
            Err((error, !rolled_back))
        }
    }
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
