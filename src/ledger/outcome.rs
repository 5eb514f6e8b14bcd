//! The answer to one command.

use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::balance::Turnovers;

/// What became of one command. For a refused one only `status`, `id` and `field` mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub status: Status,
    /// The command had run before with the same content: this is its first outcome again.
    pub repeated: bool,
    /// With [`Status::EXISTS_WITH_DIFFERENT_CONTENT`]: the first field that differs (see [`Field`]).
    pub field: u16,
    /// Sequence number of the change; 0 when there was none.
    pub sequence: i64,
    pub time: Timestamp,
    pub id: Id,
    /// Number given to a new entity, asset or account.
    pub number: u64,
    /// The amount moved, held or released, in minor units.
    pub amount: i128,
    /// Balances after a transfer or a hold, of the asset concerned.
    pub debit: Turnovers,
    pub credit: Turnovers,
}

impl Outcome {
    /// A refusal.
    pub fn refused(status: Status, id: Id) -> Outcome {
        Outcome {
            status,
            id,
            ..Outcome::applied(0, Timestamp::from_micros(0), id)
        }
    }

    /// An applied command.
    #[inline]
    pub fn applied(sequence: i64, time: Timestamp, id: Id) -> Outcome {
        Outcome {
            status: Status::OK,
            repeated: false,
            field: 0,
            sequence,
            time,
            id,
            number: 0,
            amount: 0,
            debit: Turnovers::default(),
            credit: Turnovers::default(),
        }
    }

    /// Refused because the key was used for something else; `field` is the first difference.
    pub fn different(field: Field, id: Id) -> Outcome {
        Outcome {
            field: field as u16,
            ..Outcome::refused(Status::EXISTS_WITH_DIFFERENT_CONTENT, id)
        }
    }
}

/// Fields that a repeated key can differ in. The numbers are part of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Field {
    /// The key belonged to another kind of command.
    Kind = 1,
    Debit = 2,
    Credit = 3,
    Asset = 4,
    Amount = 5,
    Transaction = 6,
    Code = 7,
    Flags = 8,
    BookingDate = 9,
    ValueDate = 10,
    UserData = 11,
    Details = 12,
    Texts = 13,
    Hold = 14,
    Original = 15,
    OnBehalfOf = 16,
    /// Some field of a command other than a transfer.
    Content = 17,
}
