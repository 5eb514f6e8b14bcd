//! libqenex through its Rust API, with its defaults: one engine on one file, statements, feed and duplicates as every
//! bank has them. Each account is a liability that refuses to be overdrawn; the overdraft that the harness grants is
//! paid into it when it is opened, from a bank account of ours, on the day before the first, and taken off again in
//! every balance told to the harness. The harness's transfers are read where they lie.

mod batch;
mod count;

use std::path::{Path, PathBuf};
use std::time::Duration;

use qenex::base::Date;
use qenex::engine::query::AsOf;
use qenex::engine::{BATCH_MAX, CommandList, Engine, EngineOptions, ExecuteOptions, Item, Session};
use qenex::ledger::balance::Turnovers;
use qenex::ledger::command::{BusinessDateRoll, Command};
use qenex::ledger::outcome::Outcome as Answer;
use qenex::ledger::query::statement::StatementRange;
use qenex::store::file::Location;

use crate::contender::{
    Audit, Bank, Completion, Contender, Line, Outcome, Result, Shared, Submission,
};
use crate::workload::Transfer;

use batch::{Accounts, Commands, OVERDRAFT, Transfers, foundation, outcome};

/// The currency of every account, by its ISO number.
const USD: u32 = 840;
/// The one legal entity.
const ENTITY: u32 = 1;
/// The transaction code of what pays an overdraft in; the harness's codes are greater.
const FUNDING: u32 = 1;
/// Accounts whose overdrafts one bank account pays, so that its turnover stays within 64 bits.
const FUNDED_BY_ONE: u64 = 1_000_000;

/// An engine in use by one thread, or by many.
pub struct Qenex {
    engine: Engine,
    session: Session,
    path: PathBuf,
    overdraft: i64,
    answers: Vec<Answer>,
}

impl Qenex {
    pub fn create(path: &Path, bank: &Bank) -> Result<Qenex> {
        let mut qenex = Qenex::start(path, bank.overdraft)?;
        let overdraft = bank.overdraft.to_le_bytes();
        qenex.run(&Commands(&foundation(bank, &overdraft)))?;
        let mut first = 1;
        while first <= bank.accounts {
            let left = usize::try_from(bank.accounts + 1 - first)?;
            let accounts = Accounts {
                first,
                count: left.min(BATCH_MAX / 2),
                overdraft: bank.overdraft,
            };
            qenex.run(&accounts)?;
            first += accounts.count as u64;
        }
        qenex.roll_business_day(bank.day)?;
        Ok(qenex)
    }

    pub fn open(path: &Path) -> Result<Qenex> {
        let mut qenex = Qenex::start(path, 0)?;
        let record = qenex.session.host_record(OVERDRAFT.0, OVERDRAFT.1)?;
        let value = record.value.as_deref().unwrap_or_default();
        qenex.overdraft = i64::from_le_bytes(value.try_into()?);
        Ok(qenex)
    }

    fn start(path: &Path, overdraft: i64) -> Result<Qenex> {
        let engine = Engine::open(EngineOptions::new(Location::Path(path.to_owned())))?;
        Ok(Qenex {
            session: engine.session("bench", "")?,
            engine,
            path: path.to_owned(),
            overdraft,
            answers: Vec::new(),
        })
    }

    /// Runs a batch, which leaves its outcomes in `answers`.
    fn execute(&mut self, list: &dyn CommandList) -> Result<()> {
        self.answers.clear();
        self.session
            .execute(list, &ExecuteOptions::default(), &mut self.answers)?;
        Ok(())
    }

    /// Runs a batch that must be accepted whole.
    fn run(&mut self, list: &dyn CommandList) -> Result<()> {
        self.execute(list)?;
        match self.answers.iter().find(|answer| !answer.status.is_ok()) {
            Some(refused) => Err(format!("refused: {refused:?}").into()),
            None => Ok(()),
        }
    }

    /// The harness's balance of turnovers.
    fn net(&self, turnovers: &Turnovers) -> Result<i64> {
        Ok(i64::try_from(-turnovers.posted())? - self.overdraft)
    }
}

impl Contender for Qenex {
    fn roll_business_day(&mut self, day: i32) -> Result<()> {
        let to = Date::from_days(day);
        if self.session.entity(ENTITY)?.business_date == to {
            return Ok(());
        }
        let roll = Command::BusinessDateRoll(BusinessDateRoll {
            key: self.engine.new_id(),
            entity: ENTITY,
            to: Some(to),
            any_day: false,
        });
        self.run(&Commands(&[Item::from(roll)]))
    }

    fn transfer_batch(
        &mut self,
        transfers: &[Transfer],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<()> {
        self.execute(&Transfers(transfers))?;
        for answer in &self.answers {
            outcomes.push(outcome(answer)?);
        }
        Ok(())
    }

    fn balance(&mut self, account: u64) -> Result<i64> {
        let answer = self.session.balance(&batch::account(account), USD)?;
        self.net(&answer.turnovers)
    }

    fn balance_as_of(&mut self, account: u64, day: i32) -> Result<i64> {
        let when = AsOf::Booking(Date::from_days(day), 0);
        let answer = self
            .session
            .balance_as_of(&batch::account(account), USD, when)?;
        self.net(&answer.turnovers)
    }

    fn statement(&mut self, account: u64, limit: usize, lines: &mut Vec<Line>) -> Result<()> {
        let range = StatementRange {
            limit,
            ..StatementRange::default()
        };
        let page = self
            .session
            .statement(&batch::account(account), USD, &range, None)?;
        for line in page.lines {
            let row = &line.transfer.row;
            if row.code == FUNDING {
                continue;
            }
            let amount = i64::try_from(row.amount)?;
            lines.push(Line {
                amount: if line.debit_side { -amount } else { amount },
                balance: self.net(&line.after)?,
                value_day: row.value_date.days(),
            });
        }
        Ok(())
    }

    fn audit(&mut self, balance_of: &mut dyn FnMut(u64, i64)) -> Result<Audit> {
        // Whoever counts reads the file with plain SQLite, as an auditor would, so we let go of it meanwhile.
        self.engine.close()?;
        let (accounts, audit) = count::count(&self.path)?;
        *self = Qenex::open(&self.path)?;
        for account in 1..=accounts {
            balance_of(account, self.balance(account)?);
        }
        Ok(audit)
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(self.engine.close()?)
    }
}

impl Shared for Qenex {
    fn transfer_one(&self, transfer: &Transfer) -> Result<Outcome> {
        let mut answers = Vec::with_capacity(1);
        let one = Transfers(std::slice::from_ref(transfer));
        self.session
            .execute(&one, &ExecuteOptions::default(), &mut answers)?;
        match answers.first() {
            Some(answer) => outcome(answer),
            None => Err("a transfer came back without an outcome".into()),
        }
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(self.engine.close()?)
    }
}

/// The engine's completion queue. A batch is copied when it is handed over: the engine owns it until it is durable.
pub struct Queue {
    qenex: Qenex,
    capacity: usize,
    in_flight: usize,
}

impl Queue {
    pub fn open(path: &Path) -> Result<Queue> {
        Ok(Queue {
            qenex: Qenex::open(path)?,
            capacity: EngineOptions::new(Location::Path(path.to_owned())).queue_capacity,
            in_flight: 0,
        })
    }
}

impl Submission for Queue {
    fn submit(&mut self, tag: u64, transfers: &[Transfer]) -> Result<bool> {
        // The engine would answer BUSY: asking it would cost the copy.
        if self.in_flight == self.capacity {
            return Ok(false);
        }
        let list = Box::new(Transfers(transfers.to_vec()));
        self.qenex
            .session
            .submit(list, ExecuteOptions::default(), tag)?;
        self.in_flight += 1;
        Ok(true)
    }

    fn collect(&mut self, wait: Duration, done: &mut Vec<Completion>) -> Result<()> {
        for completion in self.qenex.engine.collect(wait, usize::MAX)? {
            completion.result?;
            self.in_flight -= 1;
            done.push(Completion {
                tag: completion.tag,
                outcomes: completion
                    .outcomes
                    .iter()
                    .map(outcome)
                    .collect::<Result<_>>()?,
            });
        }
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<()> {
        Ok(self.qenex.engine.close()?)
    }
}
