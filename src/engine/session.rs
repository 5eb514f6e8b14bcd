//! A session: who is acting. Every operation takes one, and here is the one place that asks whether the session may
//! do what it asks for.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::outcome::Outcome;

use super::command::{Command, CommandList};
use super::lifecycle::{Engine, Shared};
use super::options::ExecuteOptions;
use super::principal::NAME_LENGTH;
use super::queue::Notify;

/// Most items of a batch.
pub const BATCH_MAX: usize = 8192;

/// A principal's way to the engine; any thread.
#[derive(Clone)]
pub struct Session {
    engine: Engine,
    principal: Arc<str>,
    on_behalf_of: Arc<str>,
}

/// A batch ran and is durable (or was a dry run).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The time of the batch's commands.
    pub time: Timestamp,
    /// Some item was refused.
    pub refused: bool,
}

impl Session {
    pub(super) fn new(engine: Engine, principal: &str, on_behalf_of: &str) -> Result<Session> {
        let _call = engine.shared.enter()?;
        check_name("principal", principal, false)?;
        check_name("on_behalf_of", on_behalf_of, true)?;
        Ok(Session {
            principal: principal.into(),
            on_behalf_of: on_behalf_of.into(),
            engine: engine.clone(),
        })
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.engine.shared
    }

    /// Runs a batch of 1 to [`BATCH_MAX`] commands, and returns when it is durable: one outcome an item, appended to
    /// `outcomes`. On an error nothing was applied ([`Status::OUTCOME_UNKNOWN`] alone excepted).
    pub fn execute(
        &self,
        list: &dyn CommandList,
        options: &ExecuteOptions,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<Receipt> {
        let _call = self.shared().enter()?;
        check_count(list)?;
        let start = outcomes.len();
        let done =
            self.shared()
                .execute(&self.principal, &self.on_behalf_of, list, options, outcomes);
        if done.is_err() {
            outcomes.truncate(start);
        }
        done
    }

    /// Hands a batch over and returns; its completion, with `tag`, is collected from the engine. `BUSY`: the queue is
    /// full.
    pub fn submit(
        &self,
        list: Box<dyn CommandList + Send>,
        options: ExecuteOptions,
        tag: u64,
    ) -> Result<()> {
        self.hand_over(list, options, tag, None)
    }

    /// As [`Session::submit`], but tells `notify` of the completion rather than keeping it to be collected: in a thread
    /// of the engine's, one completion at a time, after the batch is durable.
    pub fn submit_notify(
        &self,
        list: Box<dyn CommandList + Send>,
        options: ExecuteOptions,
        notify: Notify,
    ) -> Result<()> {
        self.hand_over(list, options, 0, Some(notify))
    }

    fn hand_over(
        &self,
        list: Box<dyn CommandList + Send>,
        options: ExecuteOptions,
        tag: u64,
        notify: Option<Notify>,
    ) -> Result<()> {
        let _call = self.shared().enter()?;
        check_count(&*list)?;
        self.engine.submit(
            self.principal.clone(),
            self.on_behalf_of.clone(),
            list,
            options,
            tag,
            notify,
        )
    }

    /// Whether the session's principal may execute a command. Roles are not part of this version: everybody may
    /// everything, and every change names its actor.
    pub fn may(&self, _command: &Command<'_>) -> bool {
        true
    }
}

fn check_count(list: &dyn CommandList) -> Result<()> {
    match list.len() {
        0 => Err(Error::new(Status::EMPTY_BATCH, "the batch has no items")),
        1..=BATCH_MAX => Ok(()),
        count => Err(Error::new(
            Status::BATCH_TOO_LARGE,
            format!("the batch has {count} items, more than {BATCH_MAX}: split it"),
        )),
    }
}

pub(super) fn check_name(what: &str, name: &str, empty_allowed: bool) -> Result<()> {
    if name.is_empty() && !empty_allowed {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            format!("{what} is empty: name who is acting"),
        ));
    }
    if name.len() > NAME_LENGTH || name.chars().any(char::is_control) {
        let message = format!("{what} has more than {NAME_LENGTH} bytes or control characters");
        return Err(Error::new(Status::INVALID_ARGUMENT, message));
    }
    Ok(())
}
