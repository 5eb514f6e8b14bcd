//! Everything that can be asked of the engine, of whatever domain, and how a batch of it is handed over: as a
//! list that is read item by item, so that a caller's records are used where they lie.

use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger;

/// A command of any domain. It is made and used on the stack: a box would cost an allocation for each transfer.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq)]
pub enum Command<'a> {
    Ledger(ledger::command::Command<'a>),
    HostRecord(HostRecordPut<'a>),
    TimeAdvance(TimeAdvance),
}

/// Writes or deletes a record of the host's own, in the same commit as everything else in the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRecordPut<'a> {
    /// Idempotency key; [`Id::NONE`]: none.
    pub key: Id,
    /// 1 to 64 bytes of text.
    pub namespace: &'a str,
    /// 1 to 256 bytes.
    pub record: &'a [u8],
    /// The version that the record must have now: 0, it must not exist; `None`, whatever it is.
    pub expected_version: Option<u64>,
    /// At most 1 MiB; `None` deletes the record.
    pub value: Option<&'a [u8]>,
}

/// Advances time without any other effect: what is due (expiring holds, following business dates) happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeAdvance {
    pub to: Timestamp,
}

/// One item of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Item<'a> {
    pub command: Command<'a>,
    /// Succeeds or fails together with the next item.
    pub linked: bool,
    /// Principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: &'a str,
}

/// A batch of commands, read in order, possibly more than once.
pub trait CommandList {
    /// How many items there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at `index`; a status refuses the item alone (an unknown kind, say).
    fn item(&self, index: usize) -> Result<Item<'_>, Status>;

    /// The id by which a duplicate of the item at `index` would be found, read without decoding the rest.
    fn key(&self, index: usize) -> Id;
}

impl Command<'_> {
    /// The command's idempotency key; [`Id::NONE`]: it has none.
    pub fn key(&self) -> Id {
        match self {
            Command::Ledger(command) => command.key(),
            Command::HostRecord(command) => command.key,
            Command::TimeAdvance(_) => Id::NONE,
        }
    }
}

impl<'a> From<ledger::command::Command<'a>> for Item<'a> {
    fn from(command: ledger::command::Command<'a>) -> Item<'a> {
        Item {
            command: Command::Ledger(command),
            linked: false,
            on_behalf_of: "",
        }
    }
}

impl CommandList for [Item<'_>] {
    fn len(&self) -> usize {
        <[Item<'_>]>::len(self)
    }

    fn item(&self, index: usize) -> Result<Item<'_>, Status> {
        self.get(index).cloned().ok_or(Status::INVALID_ARGUMENT)
    }

    fn key(&self, index: usize) -> Id {
        self.get(index).map_or(Id::NONE, |item| item.command.key())
    }
}
