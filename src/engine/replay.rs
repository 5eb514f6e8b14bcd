//! Applying a change feed to another file: each entry becomes the same command in the same context, and must give the
//! same sequence number and the same content. That is how a bank is replayed, and what a standby does.

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::encoding as ledger_encoding;
use crate::ledger::outcome::Outcome;
use crate::tx::{ChangeKind, Context, refusal};

use super::command::{Command, Item};
use super::commit::Alarm;
use super::encoding;
use super::evaluate::{advance, apply, principal, remember};
use super::feed::{FeedEntry, evaluated};
use super::lifecycle::Engine;
use super::world::World;

impl Engine {
    /// Applies entries that follow the newest change here, and returns when they are durable. What they give is compared
    /// with them before anything is sealed: on an error nothing of them was applied.
    pub fn replay(&self, entries: &[FeedEntry]) -> Result<()> {
        let _call = self.shared.enter()?;
        let batch = {
            let writing = self.shared.writing()?;
            writing.committer.check()?;
            let _alarm = Alarm::new(&writing.committer);
            let _turn = self.shared.turn.lock();
            let mut world = self.shared.world.lock();
            let start = world.mark();
            let done = entries
                .iter()
                .try_for_each(|entry| replay_one(&mut world, entry))
                .and_then(|()| compare(&mut world, entries));
            if let Err(error) = done {
                world.roll_back(&start);
                return Err(error);
            }
            if world.has_changes() {
                Some(world.batch)
            } else {
                world.last_sealed()
            }
        };
        self.shared.wait(batch)
    }
}

/// Compares what is evaluated with what was to be replayed.
fn compare(world: &mut World, entries: &[FeedEntry]) -> Result<()> {
    for entry in entries {
        if evaluated(world, entry.sequence)?.as_ref() != Some(entry) {
            return Err(differs(entry));
        }
    }
    Ok(())
}

fn replay_one(world: &mut World, entry: &FeedEntry) -> Result<()> {
    let next = world.changes.last_sequence() + 1;
    if entry.sequence < next {
        // An earlier entry brought it about: an expiry, a date that follows the clock, a leg of a reversal.
        return Ok(());
    }
    if entry.sequence > next {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            format!(
                "the feed goes on with change {}, but change {next} is the next one here",
                entry.sequence
            ),
        ));
    }
    if entry.time < world.time {
        return Err(differs(entry));
    }
    let mut context = Context {
        time: entry.time,
        actor: 0,
        on_behalf_of: 0,
        seed: [0; 16],
        dry_run: false,
        salt: entry.texts.as_ref().map(|texts| texts.salt),
    };
    let before = world.changes.last_sequence();
    if entry.kind != ChangeKind::TIME_ADVANCED {
        advance(world, &context)?;
    }
    if world.changes.last_sequence() > before {
        return if world.changes.last_sequence() >= entry.sequence {
            Ok(())
        } else {
            Err(differs(entry))
        };
    }
    if entry.kind == ChangeKind::PRINCIPAL {
        let (_, name) = encoding::decode_principal(&entry.content)?;
        context.actor = world.principals.find(&entry.actor).unwrap_or(0);
        principal(world, &context, name);
    } else {
        context.actor = world
            .principals
            .find(&entry.actor)
            .ok_or_else(|| differs(entry))?;
        context.on_behalf_of = world
            .principals
            .find(&entry.on_behalf_of)
            .ok_or_else(|| differs(entry))?;
        replay_command(world, &mut context, entry)?;
    }
    if world.changes.last_sequence() < entry.sequence {
        return Err(differs(entry));
    }
    Ok(())
}

fn replay_command(world: &mut World, context: &mut Context, entry: &FeedEntry) -> Result<()> {
    let refusal = match entry.kind {
        ChangeKind::REFUSAL => Some(refusal::decode(&entry.content)?),
        _ => None,
    };
    let content = refusal.map_or(&entry.content[..], |(_, _, content)| content);
    let (command, _) = encoding::decode(content)?;
    let texts: Vec<&str> = entry
        .texts
        .iter()
        .flat_map(|texts| texts.texts.iter().map(String::as_str))
        .collect();
    let command = match command {
        Command::Ledger(command) => Command::Ledger(ledger_encoding::with_texts(command, &texts)),
        other => other,
    };
    let item = Item {
        command,
        linked: false,
        on_behalf_of: "",
    };
    if let Some((status, number, _)) = refusal {
        // It is not decided again: what led to it may have been taken back with the rest of its chain.
        let refused = Outcome {
            number,
            ..Outcome::refused(status, item.command.key())
        };
        remember(world, context, &item, &refused);
    } else if !apply(world, context, &item, false)?.status.is_ok() {
        return Err(differs(entry));
    }
    Ok(())
}

fn differs(entry: &FeedEntry) -> Error {
    Error::new(
        Status::INVALID_ARGUMENT,
        format!(
            "change {} does not give here what it gave there: the files do not have the same history",
            entry.sequence
        ),
    )
}
