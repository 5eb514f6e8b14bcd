//! What a ledger must offer to take part: the traits, and the table of those that do. The harness knows the
//! contenders through these traits alone, and asks all of them for the same duty: duplicates refused, funds
//! checked against the overdraft, statements listable by account, balances as of a day, a gap-free change log,
//! and every acknowledged batch on the disk.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use crate::naive::Naive;
use crate::qenex::{Qenex, Queue};
use crate::tuned::{Memory, Tuned};
use crate::workload::Transfer;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Failure>;

/// What became of one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// The id was accepted before; nothing was changed.
    Duplicate,
    InsufficientFunds,
}

/// The bank that a new file holds: accounts 1 to `accounts`, all at zero.
#[derive(Clone, Copy, Debug)]
pub struct Bank {
    pub accounts: u64,
    /// How far each account may go below zero, in minor units.
    pub overdraft: i64,
    /// First business day, in days since 1970-01-01.
    pub day: i32,
}

/// One line of a statement, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Credits are positive, debits negative.
    pub amount: i64,
    /// The account's balance after this line.
    pub balance: i64,
    pub value_day: i32,
}

/// What a file holds, counted from its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audit {
    pub transfers: u64,
    /// Entries in the change log that tell of transfers.
    pub changes: u64,
}

/// A ledger in use by one thread.
pub trait Contender {
    /// Moves the business day; a day only ever moves forward.
    fn roll_business_day(&mut self, day: i32) -> Result<()>;
    /// Applies a batch and puts one outcome per transfer into `outcomes`, which arrives empty. When it returns,
    /// the batch is durable.
    fn transfer_batch(&mut self, transfers: &[Transfer], outcomes: &mut Vec<Outcome>)
    -> Result<()>;
    /// The balance now; credits count up.
    fn balance(&mut self, account: u64) -> Result<i64>;
    /// The balance at the end of a business day.
    fn balance_as_of(&mut self, account: u64, day: i32) -> Result<i64>;
    /// The newest `limit` lines of an account's statement, appended to `lines`, which arrives empty.
    fn statement(&mut self, account: u64, limit: usize, lines: &mut Vec<Line>) -> Result<()>;
    /// Counts rows, verifies whatever the design can verify of itself (a gap in its change log is an error) and
    /// tells the stored balance of every account.
    fn audit(&mut self, balance_of: &mut dyn FnMut(u64, i64)) -> Result<Audit>;
    fn close(self: Box<Self>) -> Result<()>;
}

/// A ledger in use by many threads, each waiting for its own transfer to be durable.
pub trait Shared: Send + Sync {
    fn transfer_one(&self, transfer: &Transfer) -> Result<Outcome>;
    fn close(self: Box<Self>) -> Result<()>;
}

/// A ledger that takes batches without making the caller wait.
pub trait Submission {
    /// Hands a batch over under a tag of the caller's. False: the queue is full, collect first.
    fn submit(&mut self, tag: u64, transfers: &[Transfer]) -> Result<bool>;
    /// Waits up to `wait` for at least one batch that has become durable and appends what it finds to `done`.
    fn collect(&mut self, wait: Duration, done: &mut Vec<Completion>) -> Result<()>;
    fn close(self: Box<Self>) -> Result<()>;
}

/// A batch that has become durable.
pub struct Completion {
    pub tag: u64,
    pub outcomes: Vec<Outcome>,
}

/// A way of building a ledger, by name. All paths name a file in a directory of its own; a contender may put
/// further files beside it.
pub struct Design {
    pub name: &'static str,
    /// Does all of the duty. One that does less runs only when it is named, and is asked no statements.
    pub complete: bool,
    pub create: fn(&Path, &Bank) -> Result<Box<dyn Contender>>,
    pub open: fn(&Path) -> Result<Box<dyn Contender>>,
    pub open_shared: fn(&Path) -> Result<Box<dyn Shared>>,
    /// None: the design has no completion queue.
    pub open_submission: Option<OpenSubmission>,
}

type OpenSubmission = fn(&Path) -> Result<Box<dyn Submission>>;

/// The contenders that run unless others are named, in the order in which they run and are charted.
pub const DESIGNS: &[Design] = &[
    Design {
        name: "naive",
        complete: true,
        create: |path, bank| Ok(Box::new(Naive::create(path, bank, true)?)),
        open: |path| Ok(Box::new(Naive::open(path)?)),
        open_shared: |path| Ok(Box::new(OneAtATime::new(Naive::open(path)?))),
        open_submission: None,
    },
    Design {
        name: "tuned",
        complete: true,
        create: |path, bank| Ok(Box::new(Tuned::create(path, bank, Memory::Nothing)?)),
        open: |path| Ok(Box::new(Tuned::open(path, Memory::Nothing)?)),
        open_shared: |path| {
            let ledger = Tuned::open(path, Memory::Nothing)?;
            Ok(Box::new(OneAtATime::new(ledger)))
        },
        open_submission: None,
    },
    Design {
        name: "libqenex",
        complete: true,
        create: |path, bank| Ok(Box::new(Qenex::create(path, bank)?)),
        open: |path| Ok(Box::new(Qenex::open(path)?)),
        open_shared: |path| Ok(Box::new(Qenex::open(path)?)),
        open_submission: Some(|path| Ok(Box::new(Queue::open(path)?))),
    },
];

/// The design of that name, or an error that lists the names there are.
pub fn design(name: &str) -> Result<&'static Design> {
    let known = || DESIGNS.iter().chain(VARIANTS);
    known().find(|design| design.name == name).ok_or_else(|| {
        let names: Vec<&str> = known().map(|design| design.name).collect();
        format!(
            "no design is called '{name}'; there are {}",
            names.join(", ")
        )
        .into()
    })
}

/// Variants of contenders, each of which runs only when it is named.
const VARIANTS: &[Design] = &[
    Design {
        name: "naive-lean",
        complete: false,
        create: |path, bank| Ok(Box::new(Naive::create(path, bank, false)?)),
        open: |path| Ok(Box::new(Naive::open(path)?)),
        open_shared: |path| Ok(Box::new(OneAtATime::new(Naive::open(path)?))),
        open_submission: None,
    },
    Design {
        name: "tuned-cached",
        complete: true,
        create: |path, bank| Ok(Box::new(Tuned::create(path, bank, Memory::State)?)),
        open: |path| Ok(Box::new(Tuned::open(path, Memory::State)?)),
        open_shared: |path| {
            let ledger = Tuned::open(path, Memory::State)?;
            Ok(Box::new(OneAtATime::new(ledger)))
        },
        open_submission: None,
    },
];

/// How a ledger for one thread serves many: a mutex, and one transaction for each transfer.
struct OneAtATime<C> {
    ledger: Mutex<C>,
}

impl<C: Contender> OneAtATime<C> {
    fn new(ledger: C) -> OneAtATime<C> {
        OneAtATime {
            ledger: Mutex::new(ledger),
        }
    }
}

impl<C: Contender + Send> Shared for OneAtATime<C> {
    fn transfer_one(&self, transfer: &Transfer) -> Result<Outcome> {
        let mut outcomes = Vec::with_capacity(1);
        let mut ledger = self
            .ledger
            .lock()
            .map_err(|_| "a caller panicked while it held the ledger")?;
        ledger.transfer_batch(std::slice::from_ref(transfer), &mut outcomes)?;
        outcomes
            .first()
            .copied()
            .ok_or_else(|| "a transfer came back without an outcome".into())
    }

    fn close(self: Box<Self>) -> Result<()> {
        let ledger = self
            .ledger
            .into_inner()
            .map_err(|_| "a caller panicked while it held the ledger")?;
        Box::new(ledger).close()
    }
}
