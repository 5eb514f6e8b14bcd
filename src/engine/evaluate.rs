//! Evaluating a batch: item by item, linked chains whole or not at all, final refusals remembered. It decides
//! everything, duplicates included, against the newest state; durability follows later.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::command::AccountRef;
use crate::ledger::outcome::Outcome;
use crate::ledger::{self, FETCHED, Ledger};
use crate::tx::{ChangeKind, Context, KeySpace, refusal};

use super::command::{Command, CommandList, Item, TimeAdvance};
use super::encoding;
use super::principal::NAME_LENGTH;
use super::world::{World, WorldMark};

/// A linked chain that is being evaluated.
struct Chain {
    first: usize,
    mark: WorldMark,
    failed: bool,
}

/// Called between items, never inside a command: others may look at the durable state meanwhile.
pub type Pause<'a> = dyn FnMut(&mut parking_lot::MutexGuard<'_, World>) + 'a;

/// What takes a portion: it seals the open batch of the world and passes it on.
type HandOver<'a> = dyn FnMut(&mut World) -> Result<()> + 'a;

/// Seals what is evaluated of a batch and hands it over, whenever some more items are and no linked chain is open.
pub struct Portions<'a> {
    items: usize,
    hand_over: Box<HandOver<'a>>,
    /// Items evaluated before the present portion.
    handed_over: usize,
}

impl<'a> Portions<'a> {
    /// Portions of at least `items` items.
    pub fn new(items: usize, hand_over: impl FnMut(&mut World) -> Result<()> + 'a) -> Self {
        Portions {
            items,
            hand_over: Box::new(hand_over),
            handed_over: 0,
        }
    }

    /// Whether anything was handed over: then a batch that fails cannot be taken back alone.
    pub fn begun(&self) -> bool {
        self.handed_over > 0
    }

    fn advance(&mut self, world: &mut World, evaluated: usize) -> Result<()> {
        if evaluated - self.handed_over < self.items || !world.has_changes() {
            return Ok(());
        }
        self.handed_over = evaluated;
        (self.hand_over)(world)
    }
}

/// A batch as it is evaluated.
pub struct Batch<'a> {
    pub context: Context,
    /// Who acts, and on whose behalf unless an item says otherwise; empty: nobody's.
    pub actor: &'a str,
    pub on_behalf_of: &'a str,
    pub list: &'a dyn CommandList,
}

/// What happens between the items of a batch.
pub struct Between<'a, 'b> {
    pub pause: &'a mut Pause<'a>,
    pub portions: Option<&'a mut Portions<'b>>,
}

/// Evaluates a batch into the open one, an outcome an item. On an error nothing of it is left in the open batch.
pub fn evaluate(
    world: &mut parking_lot::MutexGuard<'_, World>,
    mut between: Between<'_, '_>,
    batch: &Batch<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<()> {
    let start = world.mark();
    let kept = outcomes.len();
    let many = batch.list.len() >= GROUP;
    let mut done = if many { world.begin_reading() } else { Ok(()) };
    if done.is_ok() {
        done = evaluate_all(world, &mut between, batch, outcomes);
        if many {
            // A transaction that only read has nothing to lose, and its end cannot fail the batch.
            let _ = world.end_reading();
        }
    }
    let begun = between.portions.is_some_and(|portions| portions.begun());
    if (done.is_err() && !begun) || batch.context.dry_run {
        world.roll_back(&start);
    }
    if done.is_err() {
        outcomes.truncate(kept);
    }
    done
}

fn evaluate_all(
    world: &mut parking_lot::MutexGuard<'_, World>,
    between: &mut Between<'_, '_>,
    batch: &Batch<'_>,
    outcomes: &mut Vec<Outcome>,
) -> Result<()> {
    let Batch {
        mut context,
        actor,
        on_behalf_of: behalf,
        list,
    } = *batch;
    let base = outcomes.len();
    let mut maybe = Vec::new();
    let hashes = hashes(world, list);
    world.keys.probe(&hashes, &mut maybe);
    let mut flushed = world.keys.index().flushed_sequence();
    advance(world, &context)?;
    context.actor = principal(world, &context, actor);
    let session_behalf = if behalf.is_empty() {
        0
    } else {
        principal(world, &context, behalf)
    };
    let mut chain: Option<Chain> = None;
    let mut group = Vec::with_capacity(GROUP);
    for index in 0..list.len() {
        if index % 256 == 255 {
            world.ledger.trim();
            world.end_reading()?;
            (between.pause)(world);
            world.begin_reading()?;
            // Keys that went to disk meanwhile are not recent any more, and were not on disk when it was asked.
            if world.keys.index().flushed_sequence() != flushed {
                world.keys.probe(&hashes, &mut maybe);
                flushed = world.keys.index().flushed_sequence();
            }
        }
        if let Some(portions) = &mut between.portions
            && chain.is_none()
        {
            portions.advance(world, index)?;
        }
        if index % GROUP == 0 {
            group.clear();
            group.extend((index..list.len().min(index + GROUP)).map(|index| list.item(index)));
            fetch(world, &group, hashes.get(index..).unwrap_or(&[]));
        }
        let item = group
            .get(index % GROUP)
            .unwrap_or(&Err(Status::INVALID_ARGUMENT));
        let linked = item.as_ref().is_ok_and(|item| item.linked);
        if linked && chain.is_none() {
            chain = Some(Chain {
                first: base + index,
                mark: world.mark(),
                failed: false,
            });
        }
        if chain.as_ref().is_some_and(|chain| chain.failed) {
            outcomes.push(Outcome::refused(Status::LINKED_FAILED, list.key(index)));
        } else {
            let open_end = linked && index + 1 == list.len();
            let fresh = !maybe.get(index).copied().unwrap_or(true)
                && hashes
                    .get(index)
                    .is_some_and(|hash| *hash == 0 || !world.keys.is_recent(*hash));
            let mut outcome = match item {
                Err(status) => Outcome::refused(*status, list.key(index)),
                Ok(_) if open_end => Outcome::refused(Status::LINK_OPEN, list.key(index)),
                Ok(item) => match check_behalf(item.on_behalf_of) {
                    Err(status) => Outcome::refused(status, list.key(index)),
                    Ok(()) => {
                        context.on_behalf_of = behalf_of(world, &context, item, session_behalf);
                        apply(world, &mut context, item, fresh)?
                    }
                },
            };
            if !outcome.status.is_ok()
                && let Some(chain) = &mut chain
            {
                chain.failed = true;
                world.roll_back(&chain.mark);
                // The chain may have advanced time, or named a principal for the first time.
                context.time = world.time;
                for earlier in outcomes.iter_mut().skip(chain.first) {
                    *earlier = Outcome::refused(Status::LINKED_FAILED, earlier.id);
                }
            }
            if !outcome.status.is_ok()
                && outcome.status.is_final()
                && !outcome.repeated
                && let Ok(item) = item
            {
                context.on_behalf_of = behalf_of(world, &context, item, session_behalf);
                if let Some(sequence) = remember(world, &context, item, &outcome) {
                    outcome.sequence = sequence;
                    outcome.time = context.time;
                }
            }
            outcomes.push(outcome);
        }
        if !linked {
            chain = None;
        }
    }
    Ok(())
}

/// Items that are read from the list at a time.
const GROUP: usize = FETCHED / 2;

/// Brings what the next transfers will read into the processor's cache.
fn fetch(world: &World, group: &[std::result::Result<Item<'_>, Status>], hashes: &[u64]) {
    world
        .keys
        .fetch(hashes.get(..group.len()).unwrap_or(hashes));
    let accounts = group.iter().flat_map(|item| match item {
        Ok(Item {
            command: Command::Ledger(ledger::command::Command::Transfer(transfer)),
            ..
        }) => [Some(&transfer.debit), Some(&transfer.credit)],
        _ => [None, None],
    });
    world
        .ledger
        .fetch(accounts.filter_map(|account| match account {
            Some(AccountRef::Id(id)) => Some(id),
            _ => None,
        }));
}

/// The hash of each item's key; 0 for items without one.
fn hashes(world: &World, list: &dyn CommandList) -> Vec<u64> {
    (0..list.len())
        .map(|index| match list.key(index) {
            Id::NONE => 0,
            key => world.keys.hash(KeySpace::Command, &key.0),
        })
        .collect()
}

/// Whether a text may be the name of a principal, or is empty.
fn check_behalf(name: &str) -> std::result::Result<(), Status> {
    if name.len() > NAME_LENGTH {
        Err(Status::TEXT_TOO_LONG)
    } else if name.chars().any(char::is_control) {
        Err(Status::TEXT_INVALID)
    } else {
        Ok(())
    }
}

/// The number of the principal on whose behalf an item acts. Recording a new one is on nobody's behalf, whatever came
/// before it in the batch.
fn behalf_of(world: &mut World, context: &Context, item: &Item<'_>, session_behalf: u32) -> u32 {
    match item.on_behalf_of {
        "" => session_behalf,
        name => {
            let context = Context {
                on_behalf_of: 0,
                ..*context
            };
            principal(world, &context, name)
        }
    }
}

pub(super) fn principal(world: &mut World, context: &Context, name: &str) -> u32 {
    if let Some(number) = world.principals.find(name) {
        return number;
    }
    let (_, _, principals, services) = world.split();
    principals.number(services.changes, context, name)
}

/// Moves time to the command's: what is due happens first, as changes of its own.
pub(super) fn advance(world: &mut World, context: &Context) -> Result<()> {
    if context.time <= world.time {
        return Ok(());
    }
    world.time = context.time;
    let (ledger, _, _, mut services) = world.split();
    ledger.expire_holds(&mut services, context)?;
    ledger.expire_numbers(&mut services, context)?;
    ledger.follow_clock(&mut services, context)
}

pub(super) fn apply(
    world: &mut World,
    context: &mut Context,
    item: &Item<'_>,
    fresh: bool,
) -> Result<Outcome> {
    match &item.command {
        Command::Ledger(command) => {
            if !Ledger::needs_mark(command) {
                let (ledger, _, _, mut services) = world.split();
                return ledger.apply(&mut services, context, command, fresh);
            }
            let mark = world.mark();
            let (ledger, _, _, mut services) = world.split();
            let outcome = ledger.apply(&mut services, context, command, fresh)?;
            if !outcome.status.is_ok() {
                world.roll_back(&mark);
            }
            Ok(outcome)
        }
        Command::HostRecord(put) => {
            let (ledger, records, _, mut services) = world.split();
            records.apply(ledger, &mut services, context, put, fresh)
        }
        Command::TimeAdvance(TimeAdvance { to }) => advance_to(world, context, *to),
    }
}

fn advance_to(world: &mut World, context: &mut Context, to: Timestamp) -> Result<Outcome> {
    if to.check().is_err() {
        return Ok(Outcome::refused(Status::TIME_INVALID, Id::NONE));
    }
    if to <= world.time {
        return Ok(Outcome::refused(Status::TIME_NOT_LATER, Id::NONE));
    }
    context.time = to;
    let mut content = Vec::new();
    encoding::encode_time_advance(&TimeAdvance { to }, &mut content);
    // Before what it brings about, so that a feed that is replayed has the cause first.
    let sequence = world
        .changes
        .record(context, ChangeKind::TIME_ADVANCED, Id::NONE, content);
    advance(world, context)?;
    Ok(Outcome::applied(sequence, to, Id::NONE))
}

/// Records a final refusal under the command's key, so that the key gives it again; returns its sequence number.
pub(super) fn remember(
    world: &mut World,
    context: &Context,
    item: &Item<'_>,
    refused: &Outcome,
) -> Option<i64> {
    let key = item.command.key();
    if key.is_none() {
        return None;
    }
    let mut command = Vec::new();
    encoding::encode(&item.command, None, &mut command);
    let mut content = Vec::new();
    refusal::encode(refused.status, refused.number, &command, &mut content);
    let sequence = world
        .changes
        .record(context, ChangeKind::REFUSAL, key, content);
    let hash = world.keys.hash(KeySpace::Command, &key.0);
    world.keys.insert(hash, sequence as u64, sequence);
    Some(sequence)
}
