//! Stand-in for the engine that is being written: it answers OK to everything.
#![allow(dead_code, missing_docs)]

#[path = "engine/command.rs"]
pub mod command;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::base::time::{Clock, SystemClock};
use crate::ledger::outcome::Outcome;
use crate::store::file::{Durability, Location};
use command::CommandList;

pub type Log = Arc<dyn Fn(Level, &str, &str) + Send + Sync>;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
    Info,
    Debug,
}

pub struct EngineOptions {
    pub location: Location,
    pub durability: Durability,
    pub read_only: bool,
    pub create: bool,
    pub cache_bytes: u64,
    pub page_cache_kib: u32,
    pub wal_limit_bytes: u64,
    pub max_readers: u32,
    pub queue_capacity: u32,
    pub clock: Arc<dyn Clock>,
    pub log: Option<Log>,
}

impl EngineOptions {
    pub fn new(location: Location) -> EngineOptions {
        EngineOptions {
            location,
            durability: Durability::Full,
            read_only: false,
            create: true,
            cache_bytes: 64 << 20,
            page_cache_kib: 65536,
            wal_limit_bytes: 64 << 20,
            max_readers: 16,
            queue_capacity: 1024,
            clock: Arc::new(SystemClock),
            log: None,
        }
    }
}

#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    sequence: AtomicI64,
    queue: std::sync::Mutex<Vec<Completion>>,
    closed: std::sync::atomic::AtomicBool,
    log: Option<Log>,
}

#[derive(Clone)]
pub struct Session(Engine);

#[derive(Default, Clone)]
pub struct ExecuteOptions {
    pub time: Option<Timestamp>,
    pub dry_run: bool,
    pub trace: u128,
}

pub struct Receipt {
    pub first_sequence: i64,
}

pub struct Completion {
    pub tag: u64,
    pub result: Result<Receipt>,
    pub outcomes: Vec<Outcome>,
}

impl Engine {
    pub fn open(options: EngineOptions) -> Result<Engine> {
        if let Some(log) = &options.log {
            log(Level::Info, "engine", "opened");
        }
        Ok(Engine(Arc::new(Inner {
            sequence: AtomicI64::new(0),
            queue: Default::default(),
            closed: Default::default(),
            log: options.log,
        })))
    }

    pub fn session(&self, _principal: &str, _on_behalf_of: &str) -> Result<Session> {
        self.check()?;
        Ok(Session(self.clone()))
    }

    pub fn close(&self) -> Result<()> {
        self.0.closed.store(true, Ordering::SeqCst);
        Ok(())
    }

    pub fn collect(&self, _timeout: Duration, max: usize) -> Result<Vec<Completion>> {
        self.check()?;
        let mut queue = self.0.queue.lock().unwrap_or_else(|e| e.into_inner());
        let count = queue.len().min(max);
        Ok(queue.drain(..count).collect())
    }

    fn check(&self) -> Result<()> {
        if self.0.closed.load(Ordering::SeqCst) {
            return Err(Error::new(Status::CLOSED, "the engine is closed"));
        }
        Ok(())
    }
}

impl Session {
    pub fn execute(
        &self,
        list: &dyn CommandList,
        _options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt> {
        self.0.check()?;
        for index in 0..list.len() {
            outcomes.push(match list.item(index) {
                Ok(item) => {
                    let sequence = self.0.0.sequence.fetch_add(1, Ordering::SeqCst) + 1;
                    Outcome::applied(sequence, Timestamp::from_micros(1), item.command.key())
                }
                Err(status) => Outcome::refused(status, list.key(index)),
            });
        }
        Ok(Receipt { first_sequence: 1 })
    }

    pub fn submit(
        &self,
        list: Box<dyn CommandList + Send>,
        options: ExecuteOptions,
        tag: u64,
    ) -> Result<()> {
        let mut outcomes = Vec::new();
        let result = self.execute(list.as_ref(), &options, &mut outcomes);
        self.0
            .0
            .queue
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .push(Completion {
                tag,
                result,
                outcomes,
            });
        Ok(())
    }
}
