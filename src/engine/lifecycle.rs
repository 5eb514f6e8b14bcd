//! An open database: opening, closing, and the one order in which commands are evaluated. Any thread may use it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use crate::base::error::{Error, Result};
use crate::base::id::{Id, Uuid7Generator, os_seed};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::accounts::ACCOUNT_BYTES;
use crate::ledger::balance::PAGE_BYTES;
use crate::ledger::outcome::Outcome;
use crate::ledger::{CacheSizes, FlushLimits};
use crate::store::file::{Database, OpenSettings};
use crate::store::lock::ForkGuard;
use crate::store::readers::{ReaderGuard, Readers};
use crate::tx::Context;

use super::command::CommandList;
use super::commit::{Alarm, Committer, Turns};
use super::evaluate::{Batch, Between, Portions, evaluate};
use super::log::Level;
use super::options::{EngineOptions, ExecuteOptions};
use super::queue::Queue;
use super::schema;
use super::session::{Receipt, Session};
use super::stats::Stats;
use super::world::{World, index_settings};

/// An open engine; a handle that may be cloned.
#[derive(Clone)]
pub struct Engine {
    pub(super) shared: Arc<Shared>,
}

/// What all handles and sessions of an engine share.
pub(super) struct Shared {
    pub options: EngineOptions,
    pub readers: Readers,
    pub fork: ForkGuard,
    /// `None` when the engine was opened read-only.
    pub writing: Option<Writing>,
    /// The file of an engine that was opened read-only, until it is closed.
    reading: Mutex<Option<Database>>,
    pub queue: Queue,
    closing: AtomicBool,
    /// Held shared by every call in progress, exclusively by closing.
    calls: RwLock<()>,
    ids: Mutex<Uuid7Generator>,
    seeds: Mutex<Uuid7Generator>,
    /// What reads look at: the state of a writing engine, or one loaded for reading.
    pub world: Mutex<World>,
    pub turn: Mutex<()>,
}

/// What only an engine that writes has.
pub(super) struct Writing {
    pub committer: Committer,
}

impl Engine {
    /// Opens or creates a database. Opening never migrates: a file of an older format is refused with
    /// `UPGRADE_NEEDED`.
    pub fn open(options: EngineOptions) -> Result<Engine> {
        let database = open_database(&options)?;
        let seed = os_seed()?;
        match database.format_version()? {
            0 if options.read_only => {
                return Err(Error::new(
                    Status::NOT_QENEX,
                    "the file is empty: open it once for writing to create it",
                ));
            }
            0 => {
                let mut ids = Uuid7Generator::new(seed);
                let now = options.clock.now();
                schema::create(database.writer()?, os_seed()?, ids.next(now).0, now)?;
                database.written_by_other()?;
            }
            version => check_format(version)?,
        }
        let readers = database.readers().clone();
        let mut reader = readers.get()?;
        if options.read_only {
            // Another process may commit meanwhile: all of it as of one commit.
            reader.begin_snapshot()?;
        }
        let mut world = open_world(reader, &options)?;
        world.end_snapshot();
        let (writing, reading) = if options.read_only {
            (None, Some(database))
        } else {
            let committer = Committer::new(database, &options);
            (Some(Writing { committer }), None)
        };
        let shared = Shared {
            readers,
            fork: ForkGuard::new(),
            writing,
            reading: Mutex::new(reading),
            queue: Queue::new(options.queue_capacity),
            closing: AtomicBool::new(false),
            calls: RwLock::new(()),
            ids: Mutex::new(Uuid7Generator::new(seed)),
            seeds: Mutex::new(Uuid7Generator::new(os_seed()?)),
            world: Mutex::new(world),
            turn: Mutex::new(()),
            options,
        };
        let engine = Engine {
            shared: Arc::new(shared),
        };
        let shared = &engine.shared;
        shared.options.log.tell(Level::Info, "engine", || {
            let sequence = shared.world.lock().durable.sequence;
            format!("opened at change {sequence}")
        });
        Ok(engine)
    }

    /// A session in which `principal` acts, on behalf of another one unless that is empty.
    pub fn session(&self, principal: &str, on_behalf_of: &str) -> Result<Session> {
        Session::new(self.clone(), principal, on_behalf_of)
    }

    /// A new id, UUIDv7, later ones greater.
    pub fn new_id(&self) -> Id {
        self.shared.ids.lock().next(self.shared.options.clock.now())
    }

    /// The engine's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.options.clock.now()
    }

    /// Finishes what is queued, waits for the calls in progress, writes the caches and closes the file. Later calls,
    /// from any handle, fail with `CLOSED`; closing again does nothing.
    pub fn close(&self) -> Result<()> {
        self.shared.fork.check()?;
        if self.shared.closing.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.shared.queue.finish();
        let _calls = self.shared.calls.write();
        let finished = match &self.shared.writing {
            Some(writing) => writing.committer.finish(&self.shared.turns()),
            None => Ok(()),
        };
        *self.shared.reading.lock() = None;
        if let Some(writing) = &self.shared.writing {
            self.shared.world.lock().release_reader()?;
            writing.committer.release();
        }
        finished
    }

    /// The engine's figures.
    pub fn stats(&self) -> Result<Stats> {
        let _call = self.shared.enter()?;
        let (sequence, counts, index, cache) = {
            let world = self.shared.world.lock();
            let index = world.keys.index();
            let index = (
                index.run_entries(),
                index.run_count() as u64,
                index.memory_bytes() as u64,
            );
            (
                world.durable.sequence,
                world.ledger.counts(),
                index,
                world.ledger.memory_bytes() as u64,
            )
        };
        let io = self.shared.readers.counters().counts();
        let commits = self
            .shared
            .writing
            .as_ref()
            .map(|writing| writing.committer.commits.counts());
        Ok(Stats {
            sequence,
            accounts: counts.0,
            balances: counts.1,
            index_entries: index.0,
            index_runs: index.1,
            cache_bytes: cache,
            index_bytes: index.2,
            wal_bytes: io.log_end,
            queue_depth: self.shared.queue.depth() as u64,
            oldest_snapshot_micros: self
                .shared
                .readers
                .oldest_snapshot()
                .map_or(0, |age| age.as_micros() as u64),
            disk_reads: io.reads,
            disk_writes: io.writes,
            disk_syncs: io.syncs,
            disk_bytes_read: io.bytes_read,
            disk_bytes_written: io.bytes_written,
            commits: commits.unwrap_or_default(),
            syncs: io.sync_nanos,
        })
    }
}

impl Shared {
    pub fn turns(&self) -> Turns<'_> {
        Turns {
            turn: &self.turn,
            world: &self.world,
        }
    }

    /// Begins a call: refuses closed, poisoned and forked engines, and keeps closing away until the guard is dropped.
    pub fn enter(&self) -> Result<parking_lot::RwLockReadGuard<'_, ()>> {
        self.fork.check()?;
        let guard = self.calls.read();
        if self.closing.load(Ordering::Acquire) {
            return Err(Error::new(
                Status::CLOSED,
                "the engine is closed: open it again",
            ));
        }
        if let Some(writing) = &self.writing {
            writing.committer.check_whole()?;
        }
        self.refresh()?;
        Ok(guard)
    }

    /// A reader for one query, whose reads are all of one commit. What the world says of balances is asked for before the
    /// first of them, so that the commit has it.
    pub fn reader(&self) -> Result<ReaderGuard> {
        self.readers.get_watched()
    }

    /// Brings the state of an engine that only reads up to the newest commit of the process that writes. The index of
    /// keys is followed from where it stood as long as the same runs are on disk; the rest is loaded anew, which costs
    /// no more than the changes that the balances on disk lag behind.
    fn refresh(&self) -> Result<()> {
        if self.writing.is_some() {
            return Ok(());
        }
        let age = Duration::from_millis(self.options.reader_age_limit_ms.into());
        self.readers.expire_older_than(age);
        let mut reader = self.readers.get()?;
        let newest = schema::commit_state(&reader)?.sequence;
        let mut world = self.world.lock();
        if world.durable.sequence == newest {
            return Ok(());
        }
        // All of it as of one commit of the other process.
        reader.begin_snapshot()?;
        if !world.follow(&reader, cache_sizes(&self.options))? {
            *world = open_world(reader, &self.options)?;
        }
        world.end_snapshot();
        Ok(())
    }

    pub fn writing(&self) -> Result<&Writing> {
        self.writing.as_ref().ok_or_else(|| {
            Error::new(
                Status::READ_ONLY,
                "the engine was opened read-only: open it for writing",
            )
        })
    }

    /// Evaluates a batch and returns the number of the batch that must be durable before anyone hears of it.
    pub fn evaluate(
        &self,
        actor: &str,
        on_behalf_of: &str,
        list: &dyn CommandList,
        options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(Option<u64>, Timestamp)> {
        self.evaluate_in(actor, on_behalf_of, list, options, outcomes, None)
    }

    /// As [`Shared::evaluate`], handing over what is evaluated in portions if there are any.
    pub fn evaluate_in(
        &self,
        actor: &str,
        on_behalf_of: &str,
        list: &dyn CommandList,
        options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
        portions: Option<&mut Portions<'_>>,
    ) -> Result<(Option<u64>, Timestamp)> {
        let writing = self.writing()?;
        writing.committer.check()?;
        let seed = self.seeds.lock().next(Timestamp::from_micros(0)).0;
        let _alarm = Alarm::new(&writing.committer);
        let _turn = self.turn.lock();
        let mut world = self.world.lock();
        let time = match options.time {
            Some(time) if time < world.time => {
                return Err(Error::new(
                    Status::CLOCK_WENT_BACK,
                    format!(
                        "the time given is {}, the last command's was {}",
                        time.format(),
                        world.time.format()
                    ),
                ));
            }
            Some(time) => time.check()?,
            None => self.options.clock.now().max(world.time),
        };
        let context = Context {
            time,
            actor: 0,
            on_behalf_of: 0,
            seed,
            dry_run: options.dry_run,
            salt: None,
        };
        let mut pause =
            |world: &mut parking_lot::MutexGuard<'_, World>| parking_lot::MutexGuard::bump(world);
        let between = Between {
            pause: &mut pause,
            portions,
        };
        let batch = Batch {
            context,
            actor,
            on_behalf_of,
            list,
        };
        evaluate(&mut world, between, &batch, outcomes)?;
        let batch = if world.has_changes() {
            Some(world.batch)
        } else {
            world.last_sealed()
        };
        Ok((batch, time))
    }

    /// Waits until a batch is durable.
    pub fn wait(&self, batch: Option<u64>) -> Result<()> {
        match batch {
            Some(batch) => self.writing()?.committer.wait(&self.turns(), batch),
            None => Ok(()),
        }
    }

    /// Waits until everything that was evaluated is durable.
    pub fn settle(&self) -> Result<()> {
        let batch = {
            let world = self.world.lock();
            if world.has_changes() {
                Some(world.batch)
            } else {
                world.last_sealed()
            }
        };
        self.wait(batch)
    }

    /// Evaluates and waits.
    pub fn execute(
        &self,
        actor: &str,
        on_behalf_of: &str,
        list: &dyn CommandList,
        options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt> {
        let start = outcomes.len();
        let done = self
            .complete(actor, on_behalf_of, list, options, outcomes)
            .map(|time| {
                let refused = outcomes.iter().any(|outcome| !outcome.status.is_ok());
                Receipt { time, refused }
            });
        self.report(options, &done, outcomes.get(start..).unwrap_or_default());
        done
    }

    /// Evaluates a batch and makes it durable. Returns its time.
    fn complete(
        &self,
        actor: &str,
        on_behalf_of: &str,
        list: &dyn CommandList,
        options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Timestamp> {
        // Starting a thread must be worth it.
        if list.len() / 2 >= self.options.portion
            && !options.dry_run
            && let Some(done) = self.execute_streamed(actor, on_behalf_of, list, options, outcomes)
        {
            return done;
        }
        let (batch, time) = self.evaluate(actor, on_behalf_of, list, options, outcomes)?;
        self.wait(batch)?;
        Ok(time)
    }

    /// Tells the log what became of a batch that the host marked with a trace.
    pub fn report(&self, options: &ExecuteOptions, done: &Result<Receipt>, outcomes: &[Outcome]) {
        if options.trace == 0 {
            return;
        }
        let level = match done {
            Ok(_) => Level::Info,
            Err(_) => Level::Warning,
        };
        self.options.log.tell(level, "batch", || {
            let trace = options.trace;
            let refused = outcomes.iter().filter(|outcome| !outcome.status.is_ok());
            let newest = outcomes.iter().map(|outcome| outcome.sequence).max();
            match done {
                Ok(_) => format!(
                    "trace {trace:032x}: {} items, {} refused, up to change {}",
                    outcomes.len(),
                    refused.count(),
                    newest.unwrap_or(0)
                ),
                Err(error) => format!("trace {trace:032x}: {error}"),
            }
        });
    }

    /// How long a queue's worker sleeps before it looks again; a wake-up comes much earlier.
    pub const IDLE: Duration = Duration::from_millis(500);
}

impl Drop for Shared {
    fn drop(&mut self) {
        // A handle that is dropped without closing leaves what a kill would leave, which opening repairs.
        self.queue.abandon();
    }
}

/// The store that the options describe.
pub(super) fn open_database(options: &EngineOptions) -> Result<Database> {
    let settings = OpenSettings {
        durability: options.durability,
        page_cache_kib: options.page_cache_kib,
        reader_cache_kib: 2 << 10,
        max_readers: options.max_readers.max(2) + 1,
        busy_timeout_ms: options.busy_timeout_ms,
        wal_limit_bytes: options.checkpoint_bytes.saturating_mul(2),
        read_only: options.read_only,
        create: options.create,
        supported_format: schema::FORMAT,
    };
    Database::open_with_faults(options.location.clone(), settings, options.faults.clone())
}

/// Fails for a file of an older format.
pub(super) fn check_format(version: u32) -> Result<()> {
    if version < schema::FORMAT {
        return Err(Error::new(
            Status::UPGRADE_NEEDED,
            format!(
                "the file has format {version}, this version writes {}: back it up, then upgrade",
                schema::FORMAT
            ),
        ));
    }
    Ok(())
}

/// How the memory for caches is shared out.
pub(super) fn cache_sizes(options: &EngineOptions) -> CacheSizes {
    CacheSizes {
        accounts: options.cache_bytes / 10 * 5 / ACCOUNT_BYTES,
        balance_pages: options.cache_bytes / 10 * 5 / PAGE_BYTES,
        rows: (options.cache_bytes / (4 << 10)).max(1024),
        expiries: (options.cache_bytes / (32 << 10)).clamp(4, 4096),
    }
}

fn open_world(reader: ReaderGuard, options: &EngineOptions) -> Result<World> {
    let sizes = cache_sizes(options);
    let limits = FlushLimits {
        lag: i64::from(options.replay_limit),
        pages: 512,
    };
    let mut world = World::open(reader, sizes, limits, index_settings(options.filter_bytes))?;
    if options.read_only {
        let sequence = world.durable.sequence;
        world.ledger.stand_as_of(sequence);
    }
    Ok(world)
}
