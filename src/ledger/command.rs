//! Everything that can be asked of the ledger, as values. A command holds what the caller said and nothing
//! else: time, actor and randomness come with the [`crate::tx::Context`]. Texts are borrowed from the caller.

use crate::base::amount::Amount;
use crate::base::id::Id;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{AccountKind, BlockSide, LimitKind};
use crate::ledger::asset::AssetKind;
use crate::ledger::hold::HoldKind;

pub use crate::ledger::accrual::{AccrualPost, Accrue};
pub use crate::ledger::day_command::{
    AccountOwner, AccountReactivate, CalendarSet, EndOfDay, EntityRules, OpeningBalance,
    ScheduleCancel, TransferSchedule, YearEnd,
};
pub use crate::ledger::exchange::{Exchange, PositionRegister};
pub use crate::ledger::general_ledger::{GlAssignment, GlCode};
pub use crate::ledger::import::{GoLive, ImportBegin, ImportProof, ImportTransfer};
pub use crate::ledger::retention::AccountRetention;
pub use crate::ledger::revaluation::Revalue;
pub use crate::ledger::split::{Split, SplitPart};
pub use crate::ledger::statement_issue::StatementCut;

/// One command for the ledger.
#[derive(Clone, Debug, PartialEq)]
pub enum Command<'a> {
    EntityCreate(EntityCreate<'a>),
    AssetCreate(AssetCreate<'a>),
    AccountOpen(AccountOpen<'a>),
    AccountNumber(AccountNumber<'a>),
    AccountBlock(AccountBlock<'a>),
    AccountLimit(AccountLimit),
    AccountClose(AccountClose),
    Transfer(Transfer<'a>),
    HoldPlace(HoldPlace<'a>),
    HoldIncrease(HoldIncrease),
    HoldCapture(HoldCapture<'a>),
    HoldRelease(HoldRelease),
    Reverse(Reverse<'a>),
    BusinessDateRoll(BusinessDateRoll),
    PeriodClose(PeriodClose),
    PositionRegister(PositionRegister<'a>),
    Exchange(Exchange<'a>),
    Revalue(Revalue<'a>),
    Split(Split<'a>),
    Accrue(Accrue<'a>),
    AccrualPost(AccrualPost<'a>),
    StatementCut(StatementCut<'a>),
    GlCode(GlCode<'a>),
    GlAssignment(GlAssignment<'a>),
    ImportBegin(ImportBegin),
    ImportTransfer(ImportTransfer<'a>),
    ImportProof(ImportProof<'a>),
    GoLive(GoLive),
    AccountRetention(AccountRetention<'a>),
    CalendarSet(CalendarSet<'a>),
    EntityRules(EntityRules<'a>),
    TransferSchedule(TransferSchedule<'a>),
    ScheduleCancel(ScheduleCancel),
    EndOfDay(EndOfDay),
    YearEnd(YearEnd<'a>),
    AccountOwner(AccountOwner<'a>),
    AccountReactivate(AccountReactivate<'a>),
}

/// How an account is named: by its id, or by an external number such as 'ACC001' or an IBAN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountRef<'a> {
    Id(Id),
    /// `value`, or `type:value` where the value alone is ambiguous.
    Number(&'a str),
}

/// Creates a legal entity. The result's `number` is the entity's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityCreate<'a> {
    pub id: Id,
    pub name: &'a str,
    /// Asset number of the functional currency.
    pub functional_currency: u32,
    /// IANA name, such as "Europe/Prague"; kept for the host, UTC when empty.
    pub time_zone: &'a str,
    pub business_date: Date,
    /// The business date follows the command's time (its UTC day) by itself.
    pub follows_clock: bool,
}

/// Creates an asset. ISO 4217 currencies have their ISO number; other assets get one from 1000 up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetCreate<'a> {
    /// ISO 4217 code or token symbol, 1 to 16 characters of A-Z, 0-9, '.', '-'.
    pub code: &'a str,
    /// Decimals, 0 to 18.
    pub scale: u8,
    pub kind: AssetKind,
    /// Amounts and balances of 128 bits rather than 64.
    pub wide: bool,
}

/// Opens an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOpen<'a> {
    pub id: Id,
    pub entity: u32,
    pub kind: AccountKind,
    /// The one asset that the account holds; 0: any asset of the file.
    pub asset: u32,
    /// Id of the parent account; [`Id::NONE`] for none.
    pub parent: Id,
    /// Flags: see [`crate::ledger::account::flags`].
    pub flags: u32,
    /// External number and its type ("account", "iban", ...); both empty for none.
    pub number_type: &'a str,
    pub number: &'a str,
    pub name: &'a str,
    pub gl_code: &'a str,
    pub branch: &'a str,
    pub cost_centre: &'a str,
    pub product: &'a str,
    /// The owner in the host's own customer records.
    pub owner: &'a str,
    pub user_data: UserData,
    /// The first amount and where it comes from; `None`: the account opens empty.
    pub opening: Option<OpeningBalance<'a>>,
}

/// Numbers of the host's own that the engine stores and returns without reading them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserData {
    pub wide: u128,
    pub long: u64,
    pub short: u32,
}

/// Gives an account an external number, moves one to it, or ends one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountNumber<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    pub number_type: &'a str,
    pub number: &'a str,
    /// Ends the number rather than giving it.
    pub end: bool,
    /// Takes the number from the account that has it now, in one step.
    pub take: bool,
    /// The number ends at this time by itself; `None`: it stays.
    pub expires_at: Option<Timestamp>,
}

/// Sets or lifts a debit or credit block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountBlock<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    pub side: BlockSide,
    pub set: bool,
    pub reason: &'a str,
    pub authority: &'a str,
}

/// Sets a limit of an account in an asset, or lifts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLimit {
    pub key: Id,
    pub account: Id,
    pub asset: u32,
    pub kind: LimitKind,
    /// `None` lifts the limit.
    pub amount: Option<Amount>,
    /// The limit ends at this time; `None`: it stays.
    pub expires_at: Option<Timestamp>,
}

/// Closes an empty account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountClose {
    pub key: Id,
    pub account: Id,
}

/// Texts and rates that travel beside a transfer's fixed fields. The texts are kept apart from the immutable
/// content, which holds only a salted commitment to them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Details<'a> {
    pub end_to_end_reference: &'a str,
    pub reference: &'a str,
    pub narrative: &'a str,
    pub metadata: &'a str,
    pub source_system: &'a str,
    /// Rate of the leg against the functional currency, or of an exchange; coefficient and scale; `None`: no rate.
    pub rate: Option<(i128, u8)>,
    pub rate_source: &'a str,
    /// Equivalent of the amount in the entity's functional currency.
    pub functional_amount: Option<Amount>,
}

impl Details<'_> {
    /// Whether there is any text of a person's or a host's.
    pub fn has_text(&self) -> bool {
        !(self.end_to_end_reference.is_empty()
            && self.reference.is_empty()
            && self.narrative.is_empty()
            && self.metadata.is_empty())
    }
}

/// Moves an amount from the credit account to the debit account.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer<'a> {
    pub id: Id,
    pub debit: AccountRef<'a>,
    pub credit: AccountRef<'a>,
    pub asset: u32,
    /// With a balancing flag: at most this much.
    pub amount: Amount,
    /// Groups the legs of one transaction; [`Id::NONE`]: the transfer is a transaction of its own.
    pub transaction: Id,
    pub code: u32,
    /// Flags: see [`crate::ledger::transfer::flags`].
    pub flags: u32,
    /// `None`: the entity's business date.
    pub booking_date: Option<Date>,
    /// `None`: the booking date.
    pub value_date: Option<Date>,
    pub user_data: UserData,
    pub details: Details<'a>,
}

/// Sets an amount aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPlace<'a> {
    pub id: Id,
    /// The account that a capture will debit.
    pub debit: AccountRef<'a>,
    /// The account that a capture will credit; `None`: the capture names it.
    pub credit: Option<AccountRef<'a>>,
    pub asset: u32,
    pub amount: Amount,
    pub kind: HoldKind,
    pub priority: u8,
    /// Beyond the available funds, explicitly.
    pub force: bool,
    pub expires_at: Option<Timestamp>,
    pub reason: &'a str,
    pub user_data: UserData,
}

/// Adds to a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldIncrease {
    pub key: Id,
    pub hold: Id,
    pub amount: Amount,
    pub force: bool,
}

/// Turns a hold, or a part of it, into a transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct HoldCapture<'a> {
    /// Id of the transfer.
    pub id: Id,
    pub hold: Id,
    /// `None`: the hold's counterparty.
    pub credit: Option<AccountRef<'a>>,
    /// `None`: all that is left.
    pub amount: Option<Amount>,
    /// Release what is left after this capture.
    pub last: bool,
    /// More than is left of the hold, explicitly.
    pub force: bool,
    pub code: u32,
    pub booking_date: Option<Date>,
    pub value_date: Option<Date>,
    pub user_data: UserData,
    pub details: Details<'a>,
}

/// Gives back what is left of a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRelease {
    pub key: Id,
    pub hold: Id,
}

/// Reverses a transfer, in whole or in part.
#[derive(Clone, Debug, PartialEq)]
pub struct Reverse<'a> {
    /// Id of the reversing transfer.
    pub id: Id,
    /// Id of the transfer to reverse.
    pub original: Id,
    /// `None`: all that was not reversed before.
    pub amount: Option<Amount>,
    /// Flags: see [`crate::ledger::transfer::flags`] (`FORCE`, `STORNO`).
    pub flags: u32,
    /// Pays when the beneficiary's funds are gone; `None`: refuse (or force, by flag).
    pub recovery: Option<AccountRef<'a>>,
    pub code: u32,
    pub details: Details<'a>,
}

/// Moves the business date of an entity forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessDateRoll {
    pub key: Id,
    pub entity: u32,
    /// `None`: the next business day of the entity's calendar.
    pub to: Option<Date>,
    /// To that day though the calendar says that it is no business day.
    pub any_day: bool,
}

/// Forbids booking dates up to and including a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodClose {
    pub key: Id,
    pub entity: u32,
    pub through: Date,
}

impl Command<'_> {
    /// The command's idempotency key; [`Id::NONE`]: it has none.
    pub fn key(&self) -> Id {
        match self {
            Command::EntityCreate(command) => command.id,
            // An asset is known by its code: creating it again is compared with what is there.
            Command::AssetCreate(_) => Id::NONE,
            Command::AccountOpen(command) => command.id,
            Command::AccountNumber(command) => command.key,
            Command::AccountBlock(command) => command.key,
            Command::AccountLimit(command) => command.key,
            Command::AccountClose(command) => command.key,
            Command::Transfer(command) => command.id,
            Command::HoldPlace(command) => command.id,
            Command::HoldIncrease(command) => command.key,
            Command::HoldCapture(command) => command.id,
            Command::HoldRelease(command) => command.key,
            Command::Reverse(command) => command.id,
            Command::BusinessDateRoll(command) => command.key,
            Command::PeriodClose(command) => command.key,
            Command::PositionRegister(command) => command.key,
            Command::Exchange(command) => command.id,
            Command::Revalue(command) => command.key,
            Command::Split(command) => command.id,
            Command::Accrue(command) => command.key,
            Command::AccrualPost(command) => command.id,
            Command::StatementCut(command) => command.key,
            Command::GlCode(command) => command.key,
            Command::GlAssignment(command) => command.key,
            Command::ImportBegin(command) => command.key,
            Command::ImportTransfer(command) => command.transfer.id,
            Command::ImportProof(command) => command.key,
            Command::GoLive(command) => command.key,
            Command::AccountRetention(command) => command.key,
            Command::CalendarSet(command) => command.key,
            Command::EntityRules(command) => command.key,
            Command::TransferSchedule(command) => command.key,
            Command::ScheduleCancel(command) => command.key,
            Command::EndOfDay(command) => command.key,
            Command::YearEnd(command) => command.key,
            Command::AccountOwner(command) => command.key,
            Command::AccountReactivate(command) => command.key,
        }
    }
}
