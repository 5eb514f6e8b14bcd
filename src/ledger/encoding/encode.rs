//! Writing commands. Every command is taken apart field by field, so that a field added to a command does not
//! compile until it is decided here; nothing is allocated but the room in the caller's buffer.

use super::days;
use super::encode_books::encode_books;
use super::{EXTENDED, VERSION, block_side, kind};
use crate::base::canonical::Encoder;
use crate::ledger::account::BlockSide;
use crate::ledger::command::{
    AccountBlock, AccountClose, AccountLimit, AccountNumber, AccountOpen, AccountRef, AssetCreate,
    BusinessDateRoll, Command, Details, EntityCreate, HoldCapture, HoldIncrease, HoldPlace,
    HoldRelease, PeriodClose, Reverse, Transfer, UserData,
};

/// Enough for every command with short texts: one reservation instead of several.
const USUAL_LENGTH: usize = 192;

/// Appends the encoding of `command` to `out`. `commitment` is to the command's personal texts, to be given exactly
/// when [`super::personal_texts`] has any, or had before they were erased; commands that have no such texts ignore
/// it. Dates and times must lie in the years 1 to 9999: any other is written, and refused by the decoder.
pub fn encode(command: &Command<'_>, commitment: Option<&[u8; 32]>, out: &mut Vec<u8>) {
    out.reserve(USUAL_LENGTH);
    let mut encoder = Encoder::new(out);
    let encoder = &mut encoder;
    match command {
        Command::EntityCreate(command) => entity_create(encoder, command),
        Command::AssetCreate(command) => asset_create(encoder, command),
        Command::AccountOpen(command) => account_open(encoder, command, commitment),
        Command::AccountNumber(command) => account_number(encoder, command),
        Command::AccountBlock(command) => account_block(encoder, command),
        Command::AccountLimit(command) => account_limit(encoder, command),
        Command::AccountClose(command) => account_close(encoder, command),
        Command::Transfer(command) => transfer(encoder, command, commitment),
        Command::HoldPlace(command) => hold_place(encoder, command),
        Command::HoldIncrease(command) => hold_increase(encoder, command),
        Command::HoldCapture(command) => hold_capture(encoder, command, commitment),
        Command::HoldRelease(command) => hold_release(encoder, command),
        Command::Reverse(command) => reverse(encoder, command, commitment),
        Command::BusinessDateRoll(command) => business_date_roll(encoder, command),
        Command::PeriodClose(command) => period_close(encoder, command),
        Command::CalendarSet(command) => days::calendar_set(encoder, command),
        Command::EntityRules(command) => days::entity_rules(encoder, command),
        Command::TransferSchedule(command) => days::transfer_schedule(encoder, command, commitment),
        Command::ScheduleCancel(command) => days::schedule_cancel(encoder, command),
        Command::EndOfDay(command) => days::end_of_day(encoder, command),
        Command::YearEnd(command) => days::year_end(encoder, command),
        Command::AccountOwner(command) => days::account_owner(encoder, command, commitment),
        Command::AccountReactivate(command) => days::account_reactivate(encoder, command),
        books => encode_books(encoder, books, commitment),
    }
}

fn entity_create(encoder: &mut Encoder<'_>, command: &EntityCreate<'_>) {
    let EntityCreate {
        id,
        name,
        functional_currency,
        time_zone,
        business_date,
        follows_clock,
    } = command;
    encoder
        .header(kind::ENTITY_CREATE, VERSION)
        .id(*id)
        .text(name)
        .u32(*functional_currency)
        .text(time_zone)
        .date(*business_date)
        .bool(*follows_clock);
}

fn asset_create(encoder: &mut Encoder<'_>, command: &AssetCreate<'_>) {
    let AssetCreate {
        code,
        scale,
        kind,
        wide,
    } = command;
    encoder
        .header(kind::ASSET_CREATE, VERSION)
        .text(code)
        .u8(*scale)
        .u8(kind.number())
        .bool(*wide);
}

fn account_open(
    encoder: &mut Encoder<'_>,
    command: &AccountOpen<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let AccountOpen {
        id,
        entity,
        kind,
        asset,
        parent,
        flags,
        number_type,
        number,
        name: _,
        gl_code,
        branch,
        cost_centre,
        product,
        owner: _,
        user_data,
        opening,
    } = command;
    let version = if opening.is_some() { EXTENDED } else { VERSION };
    encoder
        .header(kind::ACCOUNT_OPEN, version)
        .id(*id)
        .u32(*entity)
        .u8(kind.number())
        .u32(*asset)
        .id(*parent)
        .u32(*flags)
        .text(number_type)
        .text(number);
    write_commitment(encoder, commitment);
    encoder
        .text(gl_code)
        .text(branch)
        .text(cost_centre)
        .text(product);
    write_user_data(encoder, user_data);
    if let Some(opening) = opening {
        days::write_opening(encoder, opening);
    }
}

fn account_number(encoder: &mut Encoder<'_>, command: &AccountNumber<'_>) {
    let AccountNumber {
        key,
        account,
        number_type,
        number,
        end,
        take,
        expires_at,
    } = command;
    let extended = *take || expires_at.is_some();
    let version = if extended { EXTENDED } else { VERSION };
    encoder.header(kind::ACCOUNT_NUMBER, version).id(*key);
    write_account(encoder, *account);
    encoder.text(number_type).text(number).bool(*end);
    if extended {
        encoder.bool(*take).option(*expires_at, |encoder, time| {
            encoder.timestamp(time);
        });
    }
}

fn account_block(encoder: &mut Encoder<'_>, command: &AccountBlock<'_>) {
    let AccountBlock {
        key,
        account,
        side,
        set,
        reason,
        authority,
    } = command;
    encoder.header(kind::ACCOUNT_BLOCK, VERSION).id(*key);
    write_account(encoder, *account);
    encoder
        .u8(match side {
            BlockSide::Debit => block_side::DEBIT,
            BlockSide::Credit => block_side::CREDIT,
        })
        .bool(*set)
        .text(reason)
        .text(authority);
}

fn account_limit(encoder: &mut Encoder<'_>, command: &AccountLimit) {
    let AccountLimit {
        key,
        account,
        asset,
        kind,
        amount,
        expires_at,
    } = command;
    encoder
        .header(kind::ACCOUNT_LIMIT, VERSION)
        .id(*key)
        .id(*account)
        .u32(*asset)
        .u8(kind.number())
        .option(*amount, |encoder, amount| {
            encoder.amount(amount);
        })
        .option(*expires_at, |encoder, time| {
            encoder.timestamp(time);
        });
}

fn account_close(encoder: &mut Encoder<'_>, command: &AccountClose) {
    let AccountClose { key, account } = command;
    encoder
        .header(kind::ACCOUNT_CLOSE, VERSION)
        .id(*key)
        .id(*account);
}

fn transfer(encoder: &mut Encoder<'_>, command: &Transfer<'_>, commitment: Option<&[u8; 32]>) {
    encoder.header(kind::TRANSFER, VERSION);
    write_transfer(encoder, command, commitment);
}

pub(super) fn write_transfer(
    encoder: &mut Encoder<'_>,
    command: &Transfer<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let Transfer {
        id,
        debit,
        credit,
        asset,
        amount,
        transaction,
        code,
        flags,
        booking_date,
        value_date,
        user_data,
        details,
    } = command;
    encoder.id(*id);
    write_account(encoder, *debit);
    write_account(encoder, *credit);
    encoder
        .u32(*asset)
        .amount(*amount)
        .id(*transaction)
        .u32(*code)
        .u32(*flags)
        .option(*booking_date, |encoder, date| {
            encoder.date(date);
        })
        .option(*value_date, |encoder, date| {
            encoder.date(date);
        });
    write_user_data(encoder, user_data);
    write_details(encoder, details, commitment);
}

fn hold_place(encoder: &mut Encoder<'_>, command: &HoldPlace<'_>) {
    let HoldPlace {
        id,
        debit,
        credit,
        asset,
        amount,
        kind,
        priority,
        force,
        expires_at,
        reason,
        user_data,
    } = command;
    encoder.header(kind::HOLD_PLACE, VERSION).id(*id);
    write_account(encoder, *debit);
    encoder
        .option(*credit, write_account)
        .u32(*asset)
        .amount(*amount)
        .u8(kind.number())
        .u8(*priority)
        .bool(*force)
        .option(*expires_at, |encoder, time| {
            encoder.timestamp(time);
        })
        .text(reason);
    write_user_data(encoder, user_data);
}

fn hold_increase(encoder: &mut Encoder<'_>, command: &HoldIncrease) {
    let HoldIncrease {
        key,
        hold,
        amount,
        force,
    } = command;
    encoder
        .header(kind::HOLD_INCREASE, VERSION)
        .id(*key)
        .id(*hold)
        .amount(*amount)
        .bool(*force);
}

fn hold_capture(
    encoder: &mut Encoder<'_>,
    command: &HoldCapture<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let HoldCapture {
        id,
        hold,
        credit,
        amount,
        last,
        force,
        code,
        booking_date,
        value_date,
        user_data,
        details,
    } = command;
    encoder
        .header(kind::HOLD_CAPTURE, VERSION)
        .id(*id)
        .id(*hold)
        .option(*credit, write_account)
        .option(*amount, |encoder, amount| {
            encoder.amount(amount);
        })
        .bool(*last)
        .bool(*force)
        .u32(*code)
        .option(*booking_date, |encoder, date| {
            encoder.date(date);
        })
        .option(*value_date, |encoder, date| {
            encoder.date(date);
        });
    write_user_data(encoder, user_data);
    write_details(encoder, details, commitment);
}

fn hold_release(encoder: &mut Encoder<'_>, command: &HoldRelease) {
    let HoldRelease { key, hold } = command;
    encoder
        .header(kind::HOLD_RELEASE, VERSION)
        .id(*key)
        .id(*hold);
}

fn reverse(encoder: &mut Encoder<'_>, command: &Reverse<'_>, commitment: Option<&[u8; 32]>) {
    let Reverse {
        id,
        original,
        amount,
        flags,
        recovery,
        code,
        details,
    } = command;
    encoder
        .header(kind::REVERSE, VERSION)
        .id(*id)
        .id(*original)
        .option(*amount, |encoder, amount| {
            encoder.amount(amount);
        })
        .u32(*flags)
        .option(*recovery, write_account)
        .u32(*code);
    write_details(encoder, details, commitment);
}

fn business_date_roll(encoder: &mut Encoder<'_>, command: &BusinessDateRoll) {
    let BusinessDateRoll {
        key,
        entity,
        to,
        any_day,
    } = command;
    match to {
        Some(to) if !any_day => {
            encoder
                .header(kind::BUSINESS_DATE_ROLL, VERSION)
                .id(*key)
                .u32(*entity)
                .date(*to);
        }
        _ => {
            encoder
                .header(kind::BUSINESS_DATE_ROLL, EXTENDED)
                .id(*key)
                .u32(*entity)
                .option(*to, |encoder, to| {
                    encoder.date(to);
                })
                .bool(*any_day);
        }
    }
}

fn period_close(encoder: &mut Encoder<'_>, command: &PeriodClose) {
    let PeriodClose {
        key,
        entity,
        through,
    } = command;
    encoder
        .header(kind::PERIOD_CLOSE, VERSION)
        .id(*key)
        .u32(*entity)
        .date(*through);
}

pub(super) fn write_account(encoder: &mut Encoder<'_>, account: AccountRef<'_>) {
    match account {
        AccountRef::Id(id) => encoder.u8(0).id(id),
        AccountRef::Number(number) => encoder.u8(1).text(number),
    };
}

pub(super) fn write_commitment(encoder: &mut Encoder<'_>, commitment: Option<&[u8; 32]>) {
    encoder.option(commitment, |encoder, commitment| {
        encoder.fixed(commitment);
    });
}

pub(super) fn write_user_data(encoder: &mut Encoder<'_>, user_data: &UserData) {
    let UserData { wide, long, short } = user_data;
    encoder.u128(*wide).u64(*long).u32(*short);
}

pub(super) fn write_details(
    encoder: &mut Encoder<'_>,
    details: &Details<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let Details {
        end_to_end_reference: _,
        reference: _,
        narrative: _,
        metadata: _,
        source_system,
        rate,
        rate_source,
        functional_amount,
    } = details;
    write_commitment(encoder, commitment);
    encoder
        .text(source_system)
        .option(*rate, |encoder, (coefficient, scale)| {
            encoder.i128(coefficient).u8(scale);
        })
        .text(rate_source)
        .option(*functional_amount, |encoder, amount| {
            encoder.amount(amount);
        });
}
