//! The completion queue: batches that were handed over, and what became of them. Two workers take turns, so that one
//! evaluates the next batch while the other commits the last; they start with the first submission, block all signals,
//! and end before closing returns.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::outcome::Outcome;

use super::command::CommandList;
use super::lifecycle::{Engine, Shared};
use super::options::ExecuteOptions;
use super::session::Receipt;

/// A batch that ran, or failed whole.
#[derive(Debug)]
pub struct Completion {
    /// As given at submission.
    pub tag: u64,
    pub result: Result<Receipt>,
    pub outcomes: Vec<Outcome>,
}

struct Job {
    actor: Arc<str>,
    on_behalf_of: Arc<str>,
    list: Box<dyn CommandList + Send>,
    options: ExecuteOptions,
    tag: u64,
    /// Told of the completion, in place of the queue of those to collect.
    notify: Option<Notify>,
}

/// Is told what became of a batch, in a worker's thread, or is dropped untold when the engine ends without closing.
pub type Notify = Box<dyn FnOnce(Completion) + Send>;

#[derive(Default)]
struct Lanes {
    jobs: VecDeque<Job>,
    done: VecDeque<Completion>,
    /// Taken from `jobs`, not yet in `done`.
    running: usize,
    stopping: bool,
    workers: Vec<JoinHandle<()>>,
}

/// The queue of one engine.
pub(super) struct Queue {
    lanes: Mutex<Lanes>,
    /// Taking a job and evaluating it is one step, so that batches run in the order of their submission.
    order: Mutex<()>,
    /// Completions are told one at a time.
    telling: Mutex<()>,
    submitted: Condvar,
    completed: Condvar,
    capacity: usize,
}

impl Queue {
    pub fn new(capacity: usize) -> Queue {
        Queue {
            lanes: Mutex::new(Lanes::default()),
            order: Mutex::new(()),
            telling: Mutex::new(()),
            submitted: Condvar::new(),
            completed: Condvar::new(),
            capacity: capacity.max(1),
        }
    }

    /// Batches submitted and not collected.
    pub fn depth(&self) -> usize {
        let lanes = self.lanes.lock();
        lanes.jobs.len() + lanes.running + lanes.done.len()
    }

    /// Lets the workers finish what was submitted, and waits for them.
    pub fn finish(&self) {
        let workers = {
            let mut lanes = self.lanes.lock();
            lanes.stopping = true;
            std::mem::take(&mut lanes.workers)
        };
        self.submitted.notify_all();
        for worker in workers {
            // A worker that panicked has no jobs left to lose: its panic became the completion's error.
            let _ = worker.join();
        }
        self.completed.notify_all();
    }

    /// Tells the workers to stop without waiting: the last handle is being dropped, possibly by a worker.
    pub fn abandon(&self) {
        self.lanes.lock().stopping = true;
        self.submitted.notify_all();
    }

    /// Runs one job, if there is one; `false`: the worker is to end.
    fn work(&self, shared: &Shared) -> bool {
        let order = self.order.lock();
        let job = {
            let mut lanes = self.lanes.lock();
            loop {
                if let Some(job) = lanes.jobs.pop_front() {
                    lanes.running += 1;
                    break job;
                }
                if lanes.stopping {
                    return false;
                }
                self.submitted.wait_for(&mut lanes, Shared::IDLE);
                if lanes.jobs.is_empty() && !lanes.stopping {
                    return true;
                }
            }
        };
        let mut outcomes = Vec::with_capacity(job.list.len());
        // A panic has poisoned the engine by the time it comes here; the job's owner still gets an answer.
        let run = AssertUnwindSafe(|| {
            let (batch, time) = shared.evaluate(
                &job.actor,
                &job.on_behalf_of,
                &*job.list,
                &job.options,
                &mut outcomes,
            )?;
            drop(order);
            shared.wait(batch)?;
            let refused = outcomes.iter().any(|outcome| !outcome.status.is_ok());
            Ok(Receipt { time, refused })
        });
        let result = catch_unwind(run).unwrap_or_else(|payload| {
            std::mem::forget(payload);
            let message = "a defect in libqenex was caught while it ran this batch";
            Err(Error::new(Status::INTERNAL, message))
        });
        shared.report(&job.options, &result, &outcomes);
        if result.is_err() {
            outcomes.clear();
        }
        let completion = Completion {
            tag: job.tag,
            result,
            outcomes,
        };
        let untold = match job.notify {
            Some(notify) => {
                let _turn = self.telling.lock();
                notify(completion);
                None
            }
            None => Some(completion),
        };
        let mut lanes = self.lanes.lock();
        lanes.running -= 1;
        lanes.done.extend(untold);
        self.completed.notify_one();
        true
    }
}

impl Engine {
    pub(super) fn submit(
        &self,
        actor: Arc<str>,
        on_behalf_of: Arc<str>,
        list: Box<dyn CommandList + Send>,
        options: ExecuteOptions,
        tag: u64,
        notify: Option<Notify>,
    ) -> Result<()> {
        let queue = &self.shared.queue;
        let mut lanes = queue.lanes.lock();
        if lanes.stopping {
            return Err(Error::new(
                Status::CLOSED,
                "the engine is closing: nothing more can be submitted",
            ));
        }
        if lanes.jobs.len() + lanes.running + lanes.done.len() >= queue.capacity {
            let message = format!(
                "the completion queue holds {} batches: collect some first",
                queue.capacity
            );
            return Err(Error::new(Status::BUSY, message));
        }
        if lanes.workers.is_empty() {
            for number in 0..2 {
                lanes.workers.push(self.start_worker(number)?);
            }
        }
        lanes.jobs.push_back(Job {
            actor,
            on_behalf_of,
            list,
            options,
            tag,
            notify,
        });
        queue.submitted.notify_one();
        Ok(())
    }

    fn start_worker(&self, number: usize) -> Result<JoinHandle<()>> {
        let shared = Arc::downgrade(&self.shared);
        let run = move || {
            super::signals::block_all();
            while let Some(shared) = shared.upgrade() {
                if !shared.queue.work(&shared) {
                    break;
                }
            }
        };
        std::thread::Builder::new()
            .name(format!("qenex-queue-{number}"))
            .spawn(run)
            .map_err(|error| {
                Error::new(
                    Status::OUT_OF_MEMORY,
                    format!("a thread of the completion queue could not start: {error}"),
                )
            })
    }

    /// Takes up to `most` completions, waiting up to `timeout` for the first one; fewer, or none, when there are no
    /// more.
    pub fn collect(&self, timeout: Duration, most: usize) -> Result<Vec<Completion>> {
        self.shared.fork.check()?;
        let deadline = Instant::now().checked_add(timeout);
        let mut lanes = self.shared.queue.lanes.lock();
        while lanes.done.is_empty() {
            if lanes.stopping && lanes.jobs.is_empty() && lanes.running == 0 {
                break;
            }
            let timed_out = match deadline {
                Some(deadline) => self
                    .shared
                    .queue
                    .completed
                    .wait_until(&mut lanes, deadline)
                    .timed_out(),
                None => {
                    self.shared.queue.completed.wait(&mut lanes);
                    false
                }
            };
            if timed_out {
                break;
            }
        }
        let count = lanes.done.len().min(most);
        Ok(lanes.done.drain(..count).collect())
    }
}
