//! Records into commands, field by field. Nothing is decided here beyond what a record can say at all: flags that
//! the record knows, numbers that stand for a kind, dates that exist. Such a fault refuses the item alone.

use super::arena::Arena;
use super::record::*;
use crate::base::constants::{
    LINKED, account, account_number, block, entity, hold, host_record, limit, transfer,
};
use crate::base::currency;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::engine::command::{Command, HostRecordPut, Item, TimeAdvance};
use crate::ledger::account::{AccountKind, BlockSide, LimitKind};
use crate::ledger::asset::AssetKind;
use crate::ledger::command as ledger;
use crate::ledger::command::{AccountRef, Details, UserData};
use crate::ledger::hold::HoldKind;

type Converted<'a> = Result<Item<'a>, Status>;

/// A record that is a command.
pub(super) trait CommandRecord: Record {
    /// The idempotency key.
    fn key(&self) -> Id;

    /// The command; the texts stay in the arena.
    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a>;
}

/// A day from YYYYMMDD; 0 is none.
pub(super) fn date(number: qenex_date) -> Result<Option<Date>, Status> {
    if number == 0 {
        return Ok(None);
    }
    let (year, rest) = (number / 10_000, number % 10_000);
    match (u8::try_from(rest / 100), u8::try_from(rest % 100)) {
        (Ok(month), Ok(day)) => Date::from_ymd(year, month, day)
            .map(Some)
            .map_err(|_| Status::DATE_INVALID),
        _ => Err(Status::DATE_INVALID),
    }
}

/// A day as YYYYMMDD.
pub(super) fn date_number(date: Date) -> qenex_date {
    let (year, month, day) = date.ymd();
    year * 10_000 + i32::from(month) * 100 + i32::from(day)
}

/// A time; 0 is none.
pub(super) fn time(micros: qenex_time) -> Result<Option<Timestamp>, Status> {
    match micros {
        0 => Ok(None),
        _ => Timestamp::checked(micros)
            .map(Some)
            .map_err(|_| Status::TIME_INVALID),
    }
}

/// The error for a key of a query that cannot be read.
pub(super) fn refusal_of(status: Status, index: usize) -> Error {
    let message = format!("item {index}: {}", status.explanation());
    Error::new(Status::INVALID_ARGUMENT, message).with_item(index as u32)
}

/// An account from an id or a number.
pub(super) fn account_ref<'a>(
    id: qenex_id,
    number: qenex_text,
    arena: &Arena<'a>,
) -> Result<AccountRef<'a>, Status> {
    let id = Id::from(id);
    if number.length == 0 {
        return Ok(AccountRef::Id(id));
    }
    if !id.is_none() {
        return Err(Status::NAMED_TWICE);
    }
    Ok(AccountRef::Number(text(number, arena)?))
}

fn account_if_named<'a>(
    id: qenex_id,
    number: qenex_text,
    arena: &Arena<'a>,
) -> Result<Option<AccountRef<'a>>, Status> {
    let named = number.length != 0 || !Id::from(id).is_none();
    named.then(|| account_ref(id, number, arena)).transpose()
}

#[inline]
fn text<'a>(at: qenex_text, arena: &Arena<'a>) -> Result<&'a str, Status> {
    if at.length == 0 {
        Ok("")
    } else {
        arena.text(at).ok_or(Status::TEXT_INVALID)
    }
}

#[inline]
fn item<'a>(
    command: Command<'a>,
    flags: u32,
    allowed: u32,
    on_behalf_of: qenex_text,
    arena: &Arena<'a>,
) -> Converted<'a> {
    if flags & !(allowed | LINKED) != 0 {
        return Err(Status::INVALID_FLAGS);
    }
    Ok(Item {
        command,
        linked: flags & LINKED != 0,
        on_behalf_of: text(on_behalf_of, arena)?,
    })
}

#[inline]
fn user_data(wide: [u8; 16], long: u64, short: u32) -> UserData {
    UserData {
        wide: u128::from_be_bytes(wide),
        long,
        short,
    }
}

fn rate(coefficient: qenex_amount, scale: u32) -> Result<Option<(i128, u8)>, Status> {
    let coefficient = coefficient.minor();
    match u8::try_from(scale) {
        Ok(0) if coefficient == 0 => Ok(None),
        Ok(scale) if coefficient > 0 && scale <= crate::base::rate::Rate::MAX_SCALE => {
            Ok(Some((coefficient, scale)))
        }
        _ => Err(Status::RATE_INVALID),
    }
}

/// The fields that transfers, captures and reversals share.
macro_rules! details {
    ($record:expr, $arena:expr) => {
        Details {
            end_to_end_reference: text($record.end_to_end_reference, $arena)?,
            reference: text($record.reference, $arena)?,
            narrative: text($record.narrative, $arena)?,
            metadata: text($record.metadata, $arena)?,
            source_system: text($record.source_system, $arena)?,
            rate: rate($record.rate, $record.rate_scale)?,
            rate_source: text($record.rate_source, $arena)?,
            functional_amount: $record.functional_amount.unless_zero(),
        }
    };
}

fn kind<T>(
    number: u32,
    from_number: impl Fn(u8) -> Option<T>,
    unknown: Status,
) -> Result<T, Status> {
    u8::try_from(number)
        .ok()
        .and_then(from_number)
        .ok_or(unknown)
}

/// Entity 1 unless another is named.
fn entity_number(number: u32) -> u32 {
    number.max(1)
}

fn number_type<'a>(
    number_type: qenex_text,
    number: qenex_text,
    arena: &Arena<'a>,
) -> Result<&'a str, Status> {
    match text(number_type, arena)? {
        "" if number.length != 0 => Ok("account"),
        given => Ok(given),
    }
}

impl CommandRecord for qenex_transfer {
    #[inline]
    fn key(&self) -> Id {
        self.id.into()
    }

    #[inline]
    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        const ALLOWED: u32 = transfer::BALANCING_DEBIT
            | transfer::BALANCING_CREDIT
            | transfer::FORCE
            | transfer::STORNO;
        let command = ledger::Transfer {
            id: self.id.into(),
            debit: account_ref(self.debit_id, self.debit_number, arena)?,
            credit: account_ref(self.credit_id, self.credit_number, arena)?,
            asset: self.asset,
            amount: self.amount.into(),
            transaction: self.transaction.into(),
            code: self.code,
            flags: self.flags & !LINKED,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: details!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::Transfer(command));
        item(command, self.flags, ALLOWED, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_reversal {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::Reverse {
            id: self.id.into(),
            original: self.original.into(),
            amount: self.amount.unless_zero(),
            flags: self.flags & !LINKED,
            recovery: account_if_named(self.recovery_id, self.recovery_number, arena)?,
            code: self.code,
            details: details!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::Reverse(command));
        item(
            command,
            self.flags,
            transfer::FORCE | transfer::STORNO,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_entity {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let business_date = date(self.business_date)?;
        let command = ledger::EntityCreate {
            id: self.id.into(),
            name: text(self.name, arena)?,
            functional_currency: self.functional_currency,
            time_zone: text(self.time_zone, arena)?,
            // A business date that follows the clock starts anywhere in the past.
            business_date: business_date.unwrap_or(Date::from_days(0)),
            follows_clock: business_date.is_none() || self.flags & entity::FOLLOWS_CLOCK != 0,
        };
        let command = Command::Ledger(ledger::Command::EntityCreate(command));
        item(command, self.flags, entity::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_asset {
    fn key(&self) -> Id {
        Id::NONE
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        use crate::base::constants::asset;
        let code = text(self.code, arena)?;
        let (scale, asset_kind) = match self.kind {
            0 => match currency::find(code) {
                Some(found) if self.scale == 0 => (found.scale, AssetKind::Currency),
                Some(_) => return Err(Status::SCALE_OUT_OF_RANGE),
                None => return Err(Status::ASSET_UNKNOWN),
            },
            number => (
                u8::try_from(self.scale).map_err(|_| Status::SCALE_OUT_OF_RANGE)?,
                kind(number, AssetKind::from_number, Status::KIND_UNKNOWN)?,
            ),
        };
        let wide = self.flags & asset::WIDE != 0;
        let command = ledger::AssetCreate {
            code,
            scale,
            kind: asset_kind,
            wide,
        };
        let command = Command::Ledger(ledger::Command::AssetCreate(command));
        item(command, self.flags, asset::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountOpen {
            id: self.id.into(),
            entity: entity_number(self.entity),
            kind: kind(
                self.kind,
                AccountKind::from_number,
                Status::ACCOUNT_KIND_UNKNOWN,
            )?,
            asset: self.asset,
            parent: self.parent.into(),
            flags: self.flags & !LINKED,
            number_type: number_type(self.number_type, self.number, arena)?,
            number: text(self.number, arena)?,
            name: text(self.name, arena)?,
            gl_code: text(self.gl_code, arena)?,
            branch: text(self.branch, arena)?,
            cost_centre: text(self.cost_centre, arena)?,
            product: text(self.product, arena)?,
            owner: text(self.owner, arena)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
        };
        let command = Command::Ledger(ledger::Command::AccountOpen(command));
        item(
            command,
            self.flags,
            account::NO_OVERDRAFT | account::CONTRA,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_account_number {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountNumber {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            number_type: number_type(self.number_type, self.number, arena)?,
            number: text(self.number, arena)?,
            end: self.flags & account_number::END != 0,
        };
        let command = Command::Ledger(ledger::Command::AccountNumber(command));
        item(
            command,
            self.flags,
            account_number::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_account_block {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        use crate::base::constants::block_side;
        let command = ledger::AccountBlock {
            key: self.key.into(),
            account: account_ref(self.account, self.account_number, arena)?,
            side: match self.side {
                block_side::DEBIT => BlockSide::Debit,
                block_side::CREDIT => BlockSide::Credit,
                _ => return Err(Status::KIND_UNKNOWN),
            },
            set: self.flags & block::LIFT == 0,
            reason: text(self.reason, arena)?,
            authority: text(self.authority, arena)?,
        };
        let command = Command::Ledger(ledger::Command::AccountBlock(command));
        item(command, self.flags, block::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account_limit {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let lift = self.flags & limit::LIFT != 0;
        if lift && self.amount.minor() != 0 {
            return Err(Status::LIMIT_INVALID);
        }
        let command = ledger::AccountLimit {
            key: self.key.into(),
            account: self.account.into(),
            asset: self.asset,
            kind: kind(self.kind, LimitKind::from_number, Status::KIND_UNKNOWN)?,
            amount: (!lift).then(|| self.amount.into()),
            expires_at: time(self.expires_at)?,
        };
        let command = Command::Ledger(ledger::Command::AccountLimit(command));
        item(command, self.flags, limit::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_account_close {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::AccountClose {
            key: self.key.into(),
            account: self.account.into(),
        };
        item(
            Command::Ledger(ledger::Command::AccountClose(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_hold {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldPlace {
            id: self.id.into(),
            debit: account_ref(self.debit_id, self.debit_number, arena)?,
            credit: account_if_named(self.credit_id, self.credit_number, arena)?,
            asset: self.asset,
            amount: self.amount.into(),
            kind: kind(
                self.kind.max(1),
                HoldKind::from_number,
                Status::KIND_UNKNOWN,
            )?,
            priority: u8::try_from(self.priority).map_err(|_| Status::KIND_UNKNOWN)?,
            force: self.flags & hold::FORCE != 0,
            expires_at: time(self.expires_at)?,
            reason: text(self.reason, arena)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
        };
        let command = Command::Ledger(ledger::Command::HoldPlace(command));
        item(command, self.flags, hold::FORCE, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_hold_increase {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldIncrease {
            key: self.key.into(),
            hold: self.hold.into(),
            amount: self.amount.into(),
            force: self.flags & hold::FORCE != 0,
        };
        let command = Command::Ledger(ledger::Command::HoldIncrease(command));
        item(command, self.flags, hold::FORCE, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_hold_capture {
    fn key(&self) -> Id {
        self.id.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldCapture {
            id: self.id.into(),
            hold: self.hold.into(),
            credit: account_if_named(self.credit_id, self.credit_number, arena)?,
            amount: self.amount.unless_zero(),
            last: self.flags & hold::LAST != 0,
            force: self.flags & hold::FORCE != 0,
            code: self.code,
            booking_date: date(self.booking_date)?,
            value_date: date(self.value_date)?,
            user_data: user_data(self.user_data_128, self.user_data_64, self.user_data_32),
            details: details!(self, arena),
        };
        let command = Command::Ledger(ledger::Command::HoldCapture(command));
        item(command, self.flags, hold::ALL, self.on_behalf_of, arena)
    }
}

impl CommandRecord for qenex_hold_release {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::HoldRelease {
            key: self.key.into(),
            hold: self.hold.into(),
        };
        item(
            Command::Ledger(ledger::Command::HoldRelease(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_business_date {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::BusinessDateRoll {
            key: self.key.into(),
            entity: entity_number(self.entity),
            to: date(self.date)?.ok_or(Status::DATE_INVALID)?,
        };
        item(
            Command::Ledger(ledger::Command::BusinessDateRoll(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_period_close {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let command = ledger::PeriodClose {
            key: self.key.into(),
            entity: entity_number(self.entity),
            through: date(self.through)?.ok_or(Status::DATE_INVALID)?,
        };
        item(
            Command::Ledger(ledger::Command::PeriodClose(command)),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_host_record {
    fn key(&self) -> Id {
        self.key.into()
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let delete = self.flags & host_record::DELETE != 0;
        let any_version = self.flags & host_record::ANY_VERSION != 0;
        if (delete && self.value.length != 0) || (any_version && self.expected_version != 0) {
            return Err(Status::INVALID_FLAGS);
        }
        let bytes = |at| arena.bytes(at).ok_or(Status::TEXT_INVALID);
        let value = if delete {
            None
        } else {
            Some(bytes(self.value)?)
        };
        let command = HostRecordPut {
            key: self.key.into(),
            namespace: text(self.name_space, arena)?,
            record: bytes(self.record)?,
            expected_version: (!any_version).then_some(self.expected_version),
            value,
        };
        item(
            Command::HostRecord(command),
            self.flags,
            host_record::ALL,
            self.on_behalf_of,
            arena,
        )
    }
}

impl CommandRecord for qenex_time_advance {
    fn key(&self) -> Id {
        Id::NONE
    }

    fn item<'a>(&self, arena: &Arena<'a>) -> Converted<'a> {
        let to = time(self.to)?.ok_or(Status::TIME_INVALID)?;
        item(
            Command::TimeAdvance(TimeAdvance { to }),
            self.flags,
            0,
            self.on_behalf_of,
            arena,
        )
    }
}

/// The numbers that cross the boundary are the numbers that are stored.
const _: () = {
    use crate::ledger::account::flags as account_flags;
    use crate::ledger::transfer::flags as transfer_flags;
    assert!(
        account_flags::NO_OVERDRAFT == account::NO_OVERDRAFT
            && account_flags::CONTRA == account::CONTRA
    );
    assert!(
        account_flags::NORMAL_DEBIT == account::NORMAL_DEBIT
            && account_flags::CLOSED == account::IS_CLOSED
    );
    assert!(
        account_flags::DEBIT_BLOCKED == account::DEBIT_BLOCKED
            && account_flags::LIMITED == account::LIMITED
    );
    assert!(account_flags::CREDIT_BLOCKED == account::CREDIT_BLOCKED);
    assert!(
        transfer_flags::BALANCING_DEBIT == transfer::BALANCING_DEBIT
            && transfer_flags::FORCE == transfer::FORCE
    );
    assert!(
        transfer_flags::BALANCING_CREDIT == transfer::BALANCING_CREDIT
            && transfer_flags::STORNO == transfer::STORNO
    );
    assert!(
        transfer_flags::CAPTURE == transfer::CAPTURE
            && transfer_flags::CAPTURE_LAST == transfer::CAPTURE_LAST
    );
    assert!(
        transfer_flags::REVERSAL == transfer::REVERSAL
            && transfer_flags::FORCED == transfer::FORCED
    );
    assert!(
        transfer_flags::RECOVERED == transfer::RECOVERED
            && transfer_flags::CAPTURE_CREDIT == transfer::CAPTURE_CREDIT
    );
    assert!(transfer_flags::BOOKING_DATE_GIVEN == transfer::BOOKING_DATE_GIVEN);
    assert!(transfer_flags::VALUE_DATE_GIVEN == transfer::VALUE_DATE_GIVEN);
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::constants::{account_kind, asset_kind, change, field, hold_kind, limit_kind};
    use crate::ledger::outcome::Field;
    use crate::tx::ChangeKind;

    #[test]
    fn kinds_have_the_numbers_that_are_stored() {
        assert_eq!(
            AccountKind::Memorandum.number(),
            account_kind::MEMORANDUM as u8
        );
        assert_eq!(AccountKind::Asset.number(), account_kind::ASSET as u8);
        assert_eq!(
            AccountKind::Liability.number(),
            account_kind::LIABILITY as u8
        );
        assert_eq!(AssetKind::Currency.number(), asset_kind::CURRENCY as u8);
        assert_eq!(AssetKind::Unit.number(), asset_kind::UNIT as u8);
        assert_eq!(HoldKind::Pledge.number(), hold_kind::PLEDGE as u8);
        assert_eq!(LimitKind::Maximum.number(), limit_kind::MAXIMUM as u8);
        assert_eq!(Field::Content as u32, field::CONTENT);
        assert_eq!(Field::Texts as u32, field::TEXTS);
        assert_eq!(
            u32::from(ChangeKind::PERIOD_CLOSED.0),
            change::PERIOD_CLOSED
        );
        assert_eq!(u32::from(ChangeKind::HOST_RECORD.0), change::HOST_RECORD);
    }

    #[test]
    fn dates_are_calendar_days_or_refused() {
        assert_eq!(date(0), Ok(None));
        for number in [20_240_229, 10_101, 99_991_231, 19_700_101] {
            assert_eq!(
                date(number).map(|day| day.map(date_number)),
                Ok(Some(number))
            );
        }
        for number in [
            1,
            -20_240_101,
            20_230_229,
            20_241_301,
            20_240_100,
            20_240_199,
            100_000_101,
            i32::MIN,
            i32::MAX,
        ] {
            assert_eq!(date(number), Err(Status::DATE_INVALID), "{number}");
        }
    }

    #[test]
    fn amounts_keep_all_their_bits() {
        for minor in [
            0,
            1,
            -1,
            i128::from(u64::MAX),
            i128::from(i64::MIN),
            i128::MAX,
            i128::MIN,
        ] {
            assert_eq!(qenex_amount::from(minor).minor(), minor);
        }
    }
}
