//! Records into commands, field by field. Nothing is decided here beyond what a record can say at all: flags that
//! the record knows, numbers that stand for a kind, dates that exist. Such a fault refuses the item alone.

mod books;
mod day;
mod payment;
mod set_up;

use super::arena::Arena;
use super::record::*;
use crate::base::constants::LINKED;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::engine::command::{Command, Item};
use crate::ledger::command::{AccountRef, UserData};

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

/// The numbers that cross the boundary are the numbers that are stored.
const _: () = {
    use crate::base::constants::{account, transfer};
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
        account_flags::CUSTOMER == account::CUSTOMER && account_flags::DORMANT == account::DORMANT
    );
    assert!(transfer_flags::BANK == transfer::BANK);
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
    use crate::ledger::account::{AccountKind, LimitKind};
    use crate::ledger::asset::AssetKind;
    use crate::ledger::hold::HoldKind;
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
        assert_eq!(u32::from(ChangeKind::CORRECTION.0), change::CORRECTION);
        assert_eq!(u32::from(ChangeKind::END_OF_DAY.0), change::END_OF_DAY);
        assert_eq!(
            u32::from(ChangeKind::NUMBER_EXPIRED.0),
            change::NUMBER_EXPIRED
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
