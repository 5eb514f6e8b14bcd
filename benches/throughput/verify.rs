//! The proof after each run that what was measured was a ledger: the file is opened again, and its balances, row
//! counts, statements and balances as of a day are compared with a plain sum over the same stream. A difference
//! ends the bench with an error.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;

use crate::contender::{Contender, Design, Line, Outcome, Result};
use crate::workload::{FIRST_DAY, Transfer, Workload};

const STATEMENT_LINES: usize = 100;

/// The first `count` transfers of a stream, as one caller handed them over.
pub struct Stream {
    pub workload: Workload,
    pub count: u64,
    /// Size of the batches, each of which was booked on the day of its first transfer.
    pub batch: usize,
}

/// Checks the outcomes of the batch that began at `first`.
pub fn check_outcomes(
    workload: &Workload,
    first: u64,
    count: usize,
    outcomes: &[Outcome],
) -> Result<()> {
    if outcomes.len() != count {
        return Err(format!(
            "a batch of {count} came back with {} outcomes",
            outcomes.len()
        )
        .into());
    }
    for (index, outcome) in (first..).zip(outcomes) {
        let expected = workload.expected(index);
        if *outcome != expected {
            return Err(format!(
                "transfer {index} of the stream: {outcome:?} instead of {expected:?}"
            )
            .into());
        }
    }
    Ok(())
}

/// Compares a closed file with the streams that went into it. `in_order` says that there was one caller, so that
/// the order of every statement is known too, and some are compared line by line.
pub fn check_file(
    design: &Design,
    path: &Path,
    accounts: u64,
    streams: &[Stream],
    in_order: bool,
) -> Result<()> {
    let samples = if in_order && design.complete {
        vec![1, accounts / 2, accounts]
    } else {
        Vec::new()
    };
    let model = Model::sum(accounts, streams, &samples)?;
    let mut ledger = (design.open)(path)?;
    let mut sum = 0i128;
    let mut told = 0;
    let mut wrong = None;
    let audit = ledger.audit(&mut |account, balance| {
        told += 1;
        sum += i128::from(balance);
        let expected = usize::try_from(account)
            .ok()
            .and_then(|account| model.balances.get(account));
        if expected != Some(&balance) && wrong.is_none() {
            wrong = Some(match expected {
                Some(sum) => {
                    format!("account {account} stands at {balance}, a plain sum says {sum}")
                }
                None => format!("there should be no account {account}"),
            });
        }
    });
    let audit = audit.map_err(|error| format!("{}: {error}", design.name))?;
    if let Some(wrong) = wrong {
        return Err(format!("{}: {wrong}", design.name).into());
    }
    if sum != 0 || told != accounts {
        return Err(format!(
            "{}: {told} accounts of {accounts} sum to {sum}, not to zero",
            design.name
        )
        .into());
    }
    if audit.transfers != model.accepted || audit.changes != model.accepted {
        return Err(format!(
            "{}: {audit:?} after {} accepted transfers",
            design.name, model.accepted
        )
        .into());
    }
    for (account, history) in &model.histories {
        history
            .check(ledger.as_mut(), *account)
            .map_err(|error| format!("{}: account {account}: {error}", design.name))?;
    }
    ledger.close()
}

struct Model {
    /// By account number; 0 is unused.
    balances: Vec<i64>,
    accepted: u64,
    histories: BTreeMap<u64, History>,
}

#[derive(Default)]
struct History {
    /// Newest first.
    lines: VecDeque<Line>,
    closings: BTreeMap<i32, i64>,
}

impl Model {
    fn sum(accounts: u64, streams: &[Stream], samples: &[u64]) -> Result<Model> {
        let mut model = Model {
            balances: vec![0; usize::try_from(accounts)? + 1],
            accepted: 0,
            histories: samples
                .iter()
                .map(|&account| (account, History::default()))
                .collect(),
        };
        let mut transfers = Vec::new();
        for stream in streams {
            let mut first = 0;
            while first < stream.count {
                let count = (stream.count - first).min(stream.batch as u64);
                stream
                    .workload
                    .fill(first, usize::try_from(count)?, &mut transfers);
                let day = stream.workload.day(first);
                for (index, transfer) in (first..).zip(&transfers) {
                    if stream.workload.expected(index) == Outcome::Accepted {
                        model.add(transfer, day);
                    }
                }
                first += count;
            }
        }
        Ok(model)
    }

    fn add(&mut self, transfer: &Transfer, day: i32) {
        self.accepted += 1;
        for (account, amount) in [
            (transfer.debit, -transfer.amount),
            (transfer.credit, transfer.amount),
        ] {
            let balance = &mut self.balances[account as usize];
            *balance += amount;
            if let Some(history) = self.histories.get_mut(&account) {
                history.lines.truncate(STATEMENT_LINES - 1);
                history.lines.push_front(Line {
                    amount,
                    balance: *balance,
                    value_day: transfer.value_day,
                });
                history.closings.insert(day, *balance);
            }
        }
    }
}

impl History {
    fn check(&self, ledger: &mut dyn Contender, account: u64) -> Result<()> {
        let mut lines = Vec::new();
        ledger.statement(account, STATEMENT_LINES, &mut lines)?;
        if !self.lines.iter().eq(&lines) {
            return Err("the statement differs from a plain list".into());
        }
        let newest = self
            .closings
            .last_key_value()
            .map_or(0, |(_, balance)| *balance);
        if ledger.balance(account)? != newest {
            return Err("the balance differs from the newest line".into());
        }
        let last_day = self
            .closings
            .last_key_value()
            .map_or(FIRST_DAY, |(day, _)| *day);
        for day in FIRST_DAY - 1..=last_day + 1 {
            let expected = self
                .closings
                .range(..=day)
                .next_back()
                .map_or(0, |(_, balance)| *balance);
            let answer = ledger.balance_as_of(account, day)?;
            if answer != expected {
                return Err(
                    format!("as of day {day}: {answer}, a plain sum says {expected}").into(),
                );
            }
        }
        Ok(())
    }
}
