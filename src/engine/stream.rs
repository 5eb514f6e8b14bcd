//! Large batches: what is evaluated of one already is written into its transaction by a second thread while the rest is
//! evaluated, so that one caller keeps two processors busy. The thread lives only as long as the call. Nothing else
//! changes: one commit, at the end; a failure on either side takes back everything in flight.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, Scope, ScopedJoinHandle};
use std::time::Instant;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::outcome::Outcome;
use crate::store::file::Database;
use crate::tx::BatchNumber;

use super::command::CommandList;
use super::commit::{Alarm, Committer, Transaction};
use super::evaluate::Portions;
use super::lifecycle::Shared;
use super::options::ExecuteOptions;
use super::world::BatchWrites;

/// What the writing thread is told.
enum Order {
    Write(Box<BatchWrites>),
    /// Everything was written: commit. Without it, everything is rolled back.
    Commit,
}

/// How the writing thread ended: with the last batch that is durable, `None` if nothing was to be written.
type Written = std::result::Result<Option<BatchNumber>, (Error, bool)>;

impl Shared {
    /// Evaluates a batch and makes it durable. `None`: that must be done the ordinary way, because somebody else is
    /// committing.
    pub(super) fn execute_streamed(
        &self,
        actor: &str,
        on_behalf_of: &str,
        list: &dyn CommandList,
        options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
    ) -> Option<Result<Timestamp>> {
        let committer = &self.writing.as_ref()?.committer;
        let lead = committer.try_lead()?;
        let started = Instant::now();
        let (orders, received) = channel();
        std::thread::scope(|scope| {
            let writer = start(scope, committer, received)?;
            let (evaluated, streaming) = {
                let mut portions =
                    Portions::new(self.options.portion, |world| send(&orders, world.seal()?));
                let evaluated = self.evaluate_in(
                    actor,
                    on_behalf_of,
                    list,
                    options,
                    outcomes,
                    Some(&mut portions),
                );
                (evaluated, portions.begun())
            };
            let done = match evaluated {
                Ok((_, time)) => self.send_rest(&orders).map(|()| time),
                Err(error) if !streaming => {
                    // Nothing was handed over: the batch alone was taken back.
                    drop(orders);
                    let _ = writer.join();
                    return Some(Err(error));
                }
                Err(error) => Err(error),
            };
            drop(orders);
            let written = writer.join().unwrap_or_else(|_| {
                let message = "a defect in libqenex was caught while it wrote this batch";
                Err((Error::new(Status::POISONED, message), true))
            });
            let turns = self.turns();
            Some(match (done, written) {
                (Ok(time), Ok(durable)) => {
                    if let Some(batch) = durable {
                        turns.world.lock().durable(batch);
                    }
                    lead.end(durable);
                    committer.commits.add(started.elapsed());
                    Ok(time)
                }
                (_, Err((error, poison))) => Err(lead.fail(committer.lose(&turns, error, poison))),
                (Err(error), Ok(_)) => Err(lead.fail(committer.lose(&turns, error, false))),
            })
        })
    }

    /// Hands over what is evaluated and not sealed, be it of this batch or of others, and asks for the commit.
    fn send_rest(&self, orders: &Sender<Order>) -> Result<()> {
        let _turn = self.turn.lock();
        let mut world = self.world.lock();
        if world.has_changes() {
            send(orders, world.seal()?)?;
        }
        drop(world);
        orders.send(Order::Commit).map_err(|_| stopped())
    }
}

fn send(orders: &Sender<Order>, writes: BatchWrites) -> Result<()> {
    orders
        .send(Order::Write(Box::new(writes)))
        .map_err(|_| stopped())
}

/// The writing thread failed: its own error says why.
fn stopped() -> Error {
    Error::new(Status::INTERNAL, "the batch's writes failed")
}

/// Starts the writing thread; `None`: the system has none to give.
fn start<'scope>(
    scope: &'scope Scope<'scope, '_>,
    committer: &'scope Committer,
    orders: Receiver<Order>,
) -> Option<ScopedJoinHandle<'scope, Written>> {
    let run = move || {
        super::signals::block_all();
        let _alarm = Alarm::new(committer);
        committer.with_database(|database| {
            // What the last batches left in the log, while there is nothing to write yet.
            committer.checkpoint(database);
            committer.judge(database, write(database, orders))
        })
    };
    let name = "qenex-write".to_owned();
    Builder::new().name(name).spawn_scoped(scope, run).ok()
}

/// Writes what is handed over into one transaction, until it is to be committed.
fn write(database: &Database, orders: Receiver<Order>) -> Written {
    let mut transaction: Option<Transaction<'_>> = None;
    let mut last = None;
    for order in orders {
        match order {
            Order::Write(writes) => {
                let open = match &mut transaction {
                    Some(open) => open,
                    None => transaction.insert(Transaction::begin(database)?),
                };
                open.write(&writes)?;
                last = Some(writes.batch);
            }
            Order::Commit => {
                if let Some(open) = transaction.take() {
                    open.commit()?;
                }
                return Ok(last);
            }
        }
    }
    // Evaluation failed; dropping the transaction rolls back what was written.
    Ok(None)
}
