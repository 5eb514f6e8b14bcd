//! Accounts: what they are, what may be done to them, and the kinds of limits and blocks.

use crate::base::id::Id;
use crate::base::time::Timestamp;
use crate::ledger::command::UserData;

/// What an account is in the books; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountKind {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
    Memorandum,
}

impl AccountKind {
    pub const ALL: [AccountKind; 6] = [
        AccountKind::Asset,
        AccountKind::Liability,
        AccountKind::Equity,
        AccountKind::Income,
        AccountKind::Expense,
        AccountKind::Memorandum,
    ];

    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            AccountKind::Asset => 1,
            AccountKind::Liability => 2,
            AccountKind::Equity => 3,
            AccountKind::Income => 4,
            AccountKind::Expense => 5,
            AccountKind::Memorandum => 6,
        }
    }

    /// The kind with a stored number.
    pub fn from_number(number: u8) -> Option<AccountKind> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Assets, expenses and memorandum accounts grow by debits, the others by credits.
    pub fn normal_debit(self) -> bool {
        matches!(
            self,
            AccountKind::Asset | AccountKind::Expense | AccountKind::Memorandum
        )
    }
}

/// Flags of an account, set at opening or by later changes.
pub mod flags {
    /// The balance on the normal side, less holds, may not fall below zero (overdrafts aside).
    pub const NO_OVERDRAFT: u32 = 1 << 0;
    /// The normal side is the opposite of the kind's (a contra account).
    pub const CONTRA: u32 = 1 << 1;
    /// A customer's account: it becomes dormant when the customer does not move it for the entity's term.
    pub const CUSTOMER: u32 = 1 << 2;
    /// What a caller may set when opening.
    pub const OPENING: u32 = NO_OVERDRAFT | CONTRA | CUSTOMER;

    /// The account grows by debits: derived from kind and `CONTRA`.
    pub const NORMAL_DEBIT: u32 = 1 << 8;
    /// Debits are blocked.
    pub const DEBIT_BLOCKED: u32 = 1 << 9;
    /// Credits are blocked.
    pub const CREDIT_BLOCKED: u32 = 1 << 10;
    /// The account is closed.
    pub const CLOSED: u32 = 1 << 11;
    /// There are limits: look at them.
    pub const LIMITED: u32 = 1 << 12;
    /// The account is a position account: it moves with exchanges alone.
    pub const POSITION: u32 = 1 << 20;
    /// Nothing of the account's data may be erased.
    pub const LEGAL_HOLD: u32 = 1 << 21;
    /// The account is dormant: debits are refused.
    pub const DORMANT: u32 = 1 << 13;
}

/// Which side a block stops; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlockSide {
    Debit,
    Credit,
}

impl BlockSide {
    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            BlockSide::Debit => 1,
            BlockSide::Credit => 2,
        }
    }

    /// The side with a stored number.
    pub fn from_number(number: u8) -> Option<BlockSide> {
        [BlockSide::Debit, BlockSide::Credit]
            .into_iter()
            .find(|side| side.number() == number)
    }
}

/// Kinds of limits; stored, never renumbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// How far below zero the balance on the normal side may fall.
    Overdraft,
    /// The least balance on the normal side.
    Minimum,
    /// The greatest balance on the normal side.
    Maximum,
}

impl LimitKind {
    pub const ALL: [LimitKind; 3] = [LimitKind::Overdraft, LimitKind::Minimum, LimitKind::Maximum];

    /// The stored number.
    pub fn number(self) -> u8 {
        match self {
            LimitKind::Overdraft => 1,
            LimitKind::Minimum => 2,
            LimitKind::Maximum => 3,
        }
    }

    /// The kind with a stored number.
    pub fn from_number(number: u8) -> Option<LimitKind> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// A limit of an account in one asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub asset: u32,
    pub kind: LimitKind,
    pub amount: i128,
    pub expires_at: Option<Timestamp>,
}

/// The longest texts that an account takes, in bytes of UTF-8.
pub mod length {
    pub const NUMBER_TYPE: usize = 16;
    pub const NUMBER: usize = 64;
    pub const NAME: usize = 256;
    pub const CODE: usize = 64;
    pub const REASON: usize = 256;
}

/// An account's record, whole, as a query returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// The engine's own number, 1 and up in the order of opening.
    pub number: u64,
    pub id: Id,
    pub entity: u32,
    pub kind: AccountKind,
    pub flags: u32,
    pub asset: u32,
    pub parent: Id,
    /// The parent's number; 0: none.
    pub parent_number: u64,
    pub name: String,
    pub gl_code: String,
    pub branch: String,
    pub cost_centre: String,
    pub product: String,
    pub owner: String,
    /// Salt of the commitment to name and owner; `None`: they are empty, or were erased.
    pub salt: Option<[u8; 16]>,
    pub user_data: UserData,
    /// Sequence number and time of the opening.
    pub sequence: i64,
    pub opened_at: Timestamp,
}
