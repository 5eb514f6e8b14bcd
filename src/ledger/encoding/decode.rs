//! Reading commands from bytes that may be anything: a file, a feed, a stranger. It accepts only what the encoder
//! writes, borrows every text from the input, and never panics. Whether a command makes sense is the ledger's to
//! decide when it is applied, not this file's.

use super::days;
use super::decode_books::decode_books;
use super::{EXTENDED, VERSION, block_side, kind};
use crate::base::canonical::Decoder;
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::ledger::account::{AccountKind, BlockSide, LimitKind};
use crate::ledger::asset::AssetKind;
use crate::ledger::command::{
    AccountBlock, AccountClose, AccountLimit, AccountNumber, AccountOpen, AccountRef, AssetCreate,
    BusinessDateRoll, Command, Details, EntityCreate, HoldCapture, HoldIncrease, HoldPlace,
    HoldRelease, PeriodClose, Reverse, Transfer, UserData,
};
use crate::ledger::hold::HoldKind;

/// What stands for the personal texts of a command; `None`: they were empty.
pub(super) type Commitment = Option<[u8; 32]>;

/// Reads one command, which must fill `bytes` exactly, and the commitment to its personal texts, which are empty in
/// the command: see [`super::with_texts`]. Encoding the answer again gives `bytes` again. Every error is
/// `INVALID_ENCODING` and says where and why.
pub fn decode(bytes: &[u8]) -> Result<(Command<'_>, Option<[u8; 32]>)> {
    let mut decoder = Decoder::new(bytes);
    let (kind, version) = decoder.header()?;
    let newest = match kind {
        kind::ACCOUNT_OPEN | kind::ACCOUNT_NUMBER | kind::BUSINESS_DATE_ROLL => EXTENDED,
        _ => VERSION,
    };
    known_version(kind, version, newest)?;
    let extended = version == EXTENDED;
    let from = &mut decoder;
    let mut commitment = None;
    let command = match kind {
        kind::ENTITY_CREATE => Command::EntityCreate(entity_create(from)?),
        kind::ASSET_CREATE => Command::AssetCreate(asset_create(from)?),
        kind::ACCOUNT_OPEN => Command::AccountOpen(account_open(from, extended, &mut commitment)?),
        kind::ACCOUNT_NUMBER => Command::AccountNumber(account_number(from, extended)?),
        kind::ACCOUNT_BLOCK => Command::AccountBlock(account_block(from)?),
        kind::ACCOUNT_LIMIT => Command::AccountLimit(account_limit(from)?),
        kind::ACCOUNT_CLOSE => Command::AccountClose(account_close(from)?),
        kind::TRANSFER => Command::Transfer(transfer(from, &mut commitment)?),
        kind::HOLD_PLACE => Command::HoldPlace(hold_place(from)?),
        kind::HOLD_INCREASE => Command::HoldIncrease(hold_increase(from)?),
        kind::HOLD_CAPTURE => Command::HoldCapture(hold_capture(from, &mut commitment)?),
        kind::HOLD_RELEASE => Command::HoldRelease(hold_release(from)?),
        kind::REVERSE => Command::Reverse(reverse(from, &mut commitment)?),
        kind::BUSINESS_DATE_ROLL => Command::BusinessDateRoll(business_date_roll(from, extended)?),
        kind::PERIOD_CLOSE => Command::PeriodClose(period_close(from)?),
        _ => match days::decode(from, kind, version, &mut commitment)? {
            Some(command) => command,
            None => decode_books(kind, from, &mut commitment)?
                .ok_or_else(|| invalid(0, &format!("kind {kind} is no command of the ledger")))?,
        },
    };
    decoder.finish()?;
    Ok((command, commitment))
}

// A struct's fields are read in the order in which they are written below, which is that of the encoding.

fn entity_create<'a>(from: &mut Decoder<'a>) -> Result<EntityCreate<'a>> {
    Ok(EntityCreate {
        id: from.id()?,
        name: from.text()?,
        functional_currency: from.u32()?,
        time_zone: from.text()?,
        business_date: from.date()?,
        follows_clock: from.bool()?,
    })
}

fn asset_create<'a>(from: &mut Decoder<'a>) -> Result<AssetCreate<'a>> {
    Ok(AssetCreate {
        code: from.text()?,
        scale: from.u8()?,
        kind: known(from, "kind of asset", AssetKind::from_number)?,
        wide: from.bool()?,
    })
}

fn account_open<'a>(
    from: &mut Decoder<'a>,
    extended: bool,
    commitment: &mut Commitment,
) -> Result<AccountOpen<'a>> {
    Ok(AccountOpen {
        id: from.id()?,
        entity: from.u32()?,
        kind: known(from, "kind of account", AccountKind::from_number)?,
        asset: from.u32()?,
        parent: from.id()?,
        flags: from.u32()?,
        number_type: from.text()?,
        number: from.text()?,
        name: {
            *commitment = from.option(Decoder::fixed)?;
            ""
        },
        gl_code: from.text()?,
        branch: from.text()?,
        cost_centre: from.text()?,
        product: from.text()?,
        owner: "",
        user_data: user_data(from)?,
        opening: if extended {
            Some(days::read_opening(from)?)
        } else {
            None
        },
    })
}

fn account_number<'a>(from: &mut Decoder<'a>, extended: bool) -> Result<AccountNumber<'a>> {
    let mut change = AccountNumber {
        key: from.id()?,
        account: account(from)?,
        number_type: from.text()?,
        number: from.text()?,
        end: from.bool()?,
        take: false,
        expires_at: None,
    };
    if extended {
        let position = from.position();
        change.take = from.bool()?;
        change.expires_at = from.option(Decoder::timestamp)?;
        if !change.take && change.expires_at.is_none() {
            return Err(shorter(position));
        }
    }
    Ok(change)
}

fn account_block<'a>(from: &mut Decoder<'a>) -> Result<AccountBlock<'a>> {
    Ok(AccountBlock {
        key: from.id()?,
        account: account(from)?,
        side: known(from, "side", |number| match number {
            block_side::DEBIT => Some(BlockSide::Debit),
            block_side::CREDIT => Some(BlockSide::Credit),
            _ => None,
        })?,
        set: from.bool()?,
        reason: from.text()?,
        authority: from.text()?,
    })
}

fn account_limit(from: &mut Decoder<'_>) -> Result<AccountLimit> {
    Ok(AccountLimit {
        key: from.id()?,
        account: from.id()?,
        asset: from.u32()?,
        kind: known(from, "kind of limit", LimitKind::from_number)?,
        amount: from.option(Decoder::amount)?,
        expires_at: from.option(Decoder::timestamp)?,
    })
}

fn account_close(from: &mut Decoder<'_>) -> Result<AccountClose> {
    Ok(AccountClose {
        key: from.id()?,
        account: from.id()?,
    })
}

pub(super) fn transfer<'a>(
    from: &mut Decoder<'a>,
    commitment: &mut Commitment,
) -> Result<Transfer<'a>> {
    Ok(Transfer {
        id: from.id()?,
        debit: account(from)?,
        credit: account(from)?,
        asset: from.u32()?,
        amount: from.amount()?,
        transaction: from.id()?,
        code: from.u32()?,
        flags: from.u32()?,
        booking_date: from.option(Decoder::date)?,
        value_date: from.option(Decoder::date)?,
        user_data: user_data(from)?,
        details: details(from, commitment)?,
    })
}

fn hold_place<'a>(from: &mut Decoder<'a>) -> Result<HoldPlace<'a>> {
    Ok(HoldPlace {
        id: from.id()?,
        debit: account(from)?,
        credit: from.option(account)?,
        asset: from.u32()?,
        amount: from.amount()?,
        kind: known(from, "kind of hold", HoldKind::from_number)?,
        priority: from.u8()?,
        force: from.bool()?,
        expires_at: from.option(Decoder::timestamp)?,
        reason: from.text()?,
        user_data: user_data(from)?,
    })
}

fn hold_increase(from: &mut Decoder<'_>) -> Result<HoldIncrease> {
    Ok(HoldIncrease {
        key: from.id()?,
        hold: from.id()?,
        amount: from.amount()?,
        force: from.bool()?,
    })
}

fn hold_capture<'a>(
    from: &mut Decoder<'a>,
    commitment: &mut Commitment,
) -> Result<HoldCapture<'a>> {
    Ok(HoldCapture {
        id: from.id()?,
        hold: from.id()?,
        credit: from.option(account)?,
        amount: from.option(Decoder::amount)?,
        last: from.bool()?,
        force: from.bool()?,
        code: from.u32()?,
        booking_date: from.option(Decoder::date)?,
        value_date: from.option(Decoder::date)?,
        user_data: user_data(from)?,
        details: details(from, commitment)?,
    })
}

fn hold_release(from: &mut Decoder<'_>) -> Result<HoldRelease> {
    Ok(HoldRelease {
        key: from.id()?,
        hold: from.id()?,
    })
}

fn reverse<'a>(from: &mut Decoder<'a>, commitment: &mut Commitment) -> Result<Reverse<'a>> {
    Ok(Reverse {
        id: from.id()?,
        original: from.id()?,
        amount: from.option(Decoder::amount)?,
        flags: from.u32()?,
        recovery: from.option(account)?,
        code: from.u32()?,
        details: details(from, commitment)?,
    })
}

fn business_date_roll(from: &mut Decoder<'_>, extended: bool) -> Result<BusinessDateRoll> {
    let mut roll = BusinessDateRoll {
        key: from.id()?,
        entity: from.u32()?,
        to: None,
        any_day: false,
    };
    if !extended {
        roll.to = Some(from.date()?);
        return Ok(roll);
    }
    let position = from.position();
    roll.to = from.option(Decoder::date)?;
    roll.any_day = from.bool()?;
    if roll.to.is_some() && !roll.any_day {
        return Err(shorter(position));
    }
    Ok(roll)
}

/// The error when later fields say nothing: the command has an encoding of the version before.
fn shorter(position: usize) -> Error {
    invalid(position, "version 2 without the fields it is for")
}

fn period_close(from: &mut Decoder<'_>) -> Result<PeriodClose> {
    Ok(PeriodClose {
        key: from.id()?,
        entity: from.u32()?,
        through: from.date()?,
    })
}

pub(super) fn account<'a>(from: &mut Decoder<'a>) -> Result<AccountRef<'a>> {
    if from.bool()? {
        from.text().map(AccountRef::Number)
    } else {
        from.id().map(AccountRef::Id)
    }
}

pub(super) fn user_data(from: &mut Decoder<'_>) -> Result<UserData> {
    Ok(UserData {
        wide: from.u128()?,
        long: from.u64()?,
        short: from.u32()?,
    })
}

pub(super) fn details<'a>(
    from: &mut Decoder<'a>,
    commitment: &mut Commitment,
) -> Result<Details<'a>> {
    *commitment = from.option(Decoder::fixed)?;
    Ok(Details {
        end_to_end_reference: "",
        reference: "",
        narrative: "",
        metadata: "",
        source_system: from.text()?,
        rate: from.option(|from| Ok((from.i128()?, from.u8()?)))?,
        rate_source: from.text()?,
        functional_amount: from.option(Decoder::amount)?,
    })
}

/// An enumerated field, by its stored number.
pub(super) fn known<T>(
    from: &mut Decoder<'_>,
    what: &str,
    from_number: impl FnOnce(u8) -> Option<T>,
) -> Result<T> {
    let position = from.position();
    let number = from.u8()?;
    from_number(number)
        .ok_or_else(|| invalid(position, &format!("{number} is the number of no {what}")))
}

/// Refuses versions that are not written.
pub(super) fn known_version(kind: u16, version: u16, newest: u16) -> Result<()> {
    if (VERSION..=newest).contains(&version) {
        return Ok(());
    }
    Err(invalid(
        0,
        &format!("version {version} of kind {kind} is unknown, this version reads {newest}"),
    ))
}

#[cold]
pub(super) fn invalid(position: usize, reason: &str) -> Error {
    Error::new(
        Status::INVALID_ENCODING,
        format!("not a canonical encoding of a command at byte {position}: {reason}"),
    )
}
