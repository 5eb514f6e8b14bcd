//! A file by itself: what must hold of it without knowing what was sent, whatever happened to it; and the two ways to
//! make it again, from its truth rows and from its feed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use qenex::base::Timestamp;
use qenex::base::time::Clock;
use qenex::engine::{Engine, EngineOptions};
use qenex::store::file::Location;
use qenex::store::vfs::SimulatedDisk;

use crate::audit;
use crate::bank::START;

/// What differs, in words.
pub type Checked<T> = Result<T, String>;

/// How long a round may last on the clock that its clients share.
const ROUND: i64 = 7 * 3_600_000_000;

/// What the clock shows when a round begins.
pub fn time_of(round: u64) -> Timestamp {
    let start = Timestamp::parse(START).unwrap();
    Timestamp::from_micros(start.micros() + round as i64 * ROUND)
}

/// A clock that goes on by some seconds whenever it is asked, so that holds expire and days pass without waiting.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.fetch_add(20_000_000, Ordering::Relaxed))
    }
}

/// Options with small caches and frequent checkpoints.
pub fn options(location: Location, round: u64) -> EngineOptions {
    let mut options = EngineOptions::new(location);
    options.clock = Arc::new(Ticking(AtomicI64::new(time_of(round).micros())));
    options.cache_bytes = 64 << 10;
    options.replay_limit = 200;
    options.checkpoint_bytes = 128 << 10;
    options.page_cache_kib = 512;
    options.filter_bytes = 1 << 20;
    options
}

fn failed(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Pages, sums, chains, marks, views, holds and numbers agree, for the engine and for one who reads with SQL.
pub fn sound(engine: &Engine, options: &EngineOptions) -> Checked<()> {
    let problems = engine.integrity_check().map_err(failed)?;
    if !problems.is_empty() {
        return Err(format!("integrity check: {problems:?}"));
    }
    audit::consistent(&audit::reader_of(&options.location))?;
    Ok(())
}

/// An engine in memory, to be fed.
pub fn standby() -> Engine {
    let location = Location::Memory(SimulatedDisk::volatile());
    Engine::open(options(location, 0)).unwrap()
}

/// Feeds what is new to a standby, which must come to the same state.
pub fn follows(engine: &Engine, standby: &Engine, page: usize) -> Checked<()> {
    let source = engine.session("auditor", "").map_err(failed)?;
    let copy = standby.session("auditor", "").map_err(failed)?;
    let mut after = copy.sequence().map_err(failed)?;
    loop {
        let entries = source.feed(after, page).map_err(failed)?;
        let Some(last) = entries.last() else { break };
        after = last.sequence;
        standby.replay(&entries).map_err(failed)?;
    }
    let hashes = (engine.state_hash(), standby.state_hash());
    match hashes {
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(()),
        other => Err(format!(
            "state hashes after replaying the feed up to {after}: {other:?}"
        )),
    }
}
