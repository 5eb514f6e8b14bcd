//! Writing the commands of the books, as [`super::encode`] writes the others.

use super::encode::{write_account, write_details, write_transfer, write_user_data};
use super::{VERSION, kind};
use crate::base::canonical::Encoder;
use crate::base::rounding::Rounding;
use crate::base::time::Date;
use crate::ledger::command::{
    AccountRetention, AccrualPost, Accrue, Command, Exchange, GlAssignment, GlCode, GoLive,
    ImportBegin, ImportProof, ImportTransfer, PositionRegister, Revalue, Split, SplitPart,
    StatementCut,
};

/// Writes a command of the books; nothing for any other.
pub(super) fn encode_books(
    encoder: &mut Encoder<'_>,
    command: &Command<'_>,
    commitment: Option<&[u8; 32]>,
) {
    match command {
        Command::PositionRegister(command) => position_register(encoder, command),
        Command::Exchange(command) => exchange(encoder, command, commitment),
        Command::Revalue(command) => revalue(encoder, command),
        Command::Split(command) => split(encoder, command, commitment),
        Command::Accrue(command) => accrue(encoder, command),
        Command::AccrualPost(command) => accrual_post(encoder, command, commitment),
        Command::StatementCut(command) => statement_cut(encoder, command),
        Command::GlCode(command) => gl_code(encoder, command),
        Command::GlAssignment(command) => gl_assignment(encoder, command),
        Command::ImportBegin(ImportBegin { key }) => {
            encoder.header(kind::IMPORT_BEGIN, VERSION).id(*key);
        }
        Command::ImportTransfer(command) => import_transfer(encoder, command, commitment),
        Command::ImportProof(command) => import_proof(encoder, command),
        Command::GoLive(GoLive { key }) => {
            encoder.header(kind::GO_LIVE, VERSION).id(*key);
        }
        Command::AccountRetention(command) => account_retention(encoder, command),
        _ => {}
    }
}

fn position_register(encoder: &mut Encoder<'_>, command: &PositionRegister<'_>) {
    let PositionRegister {
        key,
        account,
        asset,
        rounding,
        carried,
    } = command;
    encoder.header(kind::POSITION_REGISTER, VERSION).id(*key);
    write_account(encoder, *account);
    encoder
        .u32(*asset)
        .option(*rounding, write_account)
        .amount(*carried);
}

fn exchange(encoder: &mut Encoder<'_>, command: &Exchange<'_>, commitment: Option<&[u8; 32]>) {
    let Exchange {
        id,
        debit,
        credit,
        sold,
        bought,
        sold_amount,
        bought_amount,
        rounding,
        code,
        flags,
        booking_date,
        value_date,
        user_data,
        details,
    } = command;
    encoder.header(kind::EXCHANGE, VERSION).id(*id);
    write_account(encoder, *debit);
    write_account(encoder, *credit);
    encoder.u32(*sold).u32(*bought);
    for amount in [sold_amount, bought_amount] {
        encoder.option(*amount, |encoder, amount| {
            encoder.amount(amount);
        });
    }
    encoder
        .option(*rounding, write_rounding)
        .u32(*code)
        .u32(*flags);
    write_dates(encoder, [*booking_date, *value_date]);
    write_user_data(encoder, user_data);
    write_details(encoder, details, commitment);
}

fn revalue(encoder: &mut Encoder<'_>, command: &Revalue<'_>) {
    let Revalue {
        key,
        entity,
        asset,
        date,
        rate: (coefficient, scale),
        rate_source,
        rounding,
        account,
        code,
    } = command;
    encoder
        .header(kind::REVALUE, VERSION)
        .id(*key)
        .u32(*entity)
        .u32(*asset)
        .date(*date)
        .i128(*coefficient)
        .u8(*scale)
        .text(rate_source);
    write_rounding(encoder, *rounding);
    write_account(encoder, *account);
    encoder.u32(*code);
}

fn split(encoder: &mut Encoder<'_>, command: &Split<'_>, commitment: Option<&[u8; 32]>) {
    let Split {
        id,
        debit,
        asset,
        amount,
        parts,
        code,
        flags,
        booking_date,
        value_date,
        user_data,
        details,
    } = command;
    encoder.header(kind::SPLIT, VERSION).id(*id);
    write_account(encoder, *debit);
    encoder.u32(*asset).amount(*amount).count(parts.len());
    for SplitPart { credit, weight } in parts {
        write_account(encoder, *credit);
        encoder.u64(*weight);
    }
    encoder.u32(*code).u32(*flags);
    write_dates(encoder, [*booking_date, *value_date]);
    write_user_data(encoder, user_data);
    write_details(encoder, details, commitment);
}

fn accrue(encoder: &mut Encoder<'_>, command: &Accrue<'_>) {
    let Accrue {
        key,
        account,
        name,
        asset,
        coefficient,
        scale,
    } = command;
    encoder.header(kind::ACCRUE, VERSION).id(*key);
    write_account(encoder, *account);
    encoder.text(name).u32(*asset).i128(*coefficient).u8(*scale);
}

fn accrual_post(
    encoder: &mut Encoder<'_>,
    command: &AccrualPost<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let AccrualPost {
        id,
        account,
        name,
        contra,
        residue,
        code,
        booking_date,
        value_date,
        user_data,
        details,
    } = command;
    encoder.header(kind::ACCRUAL_POST, VERSION).id(*id);
    write_account(encoder, *account);
    encoder.text(name);
    write_account(encoder, *contra);
    encoder.option(*residue, write_account).u32(*code);
    write_dates(encoder, [*booking_date, *value_date]);
    write_user_data(encoder, user_data);
    write_details(encoder, details, commitment);
}

fn statement_cut(encoder: &mut Encoder<'_>, command: &StatementCut<'_>) {
    let StatementCut {
        key,
        account,
        asset,
        to,
        by_value,
        collapsed,
    } = command;
    encoder.header(kind::STATEMENT_CUT, VERSION).id(*key);
    write_account(encoder, *account);
    encoder.u32(*asset);
    write_dates(encoder, [*to]);
    encoder.bool(*by_value).bool(*collapsed);
}

fn gl_code(encoder: &mut Encoder<'_>, command: &GlCode<'_>) {
    let GlCode {
        key,
        entity,
        code,
        name,
        kind,
        control,
    } = command;
    encoder
        .header(super::kind::GL_CODE, VERSION)
        .id(*key)
        .u32(*entity)
        .text(code)
        .text(name)
        .u8(kind.number())
        .bool(*control);
}

fn gl_assignment(encoder: &mut Encoder<'_>, command: &GlAssignment<'_>) {
    let GlAssignment {
        key,
        account,
        from,
        code,
        contrary_code,
    } = command;
    encoder.header(kind::GL_ASSIGNMENT, VERSION).id(*key);
    write_account(encoder, *account);
    encoder.date(*from).text(code).text(contrary_code);
}

fn import_transfer(
    encoder: &mut Encoder<'_>,
    command: &ImportTransfer<'_>,
    commitment: Option<&[u8; 32]>,
) {
    let ImportTransfer {
        transfer,
        original_time,
        opening,
    } = command;
    encoder
        .header(kind::IMPORT_TRANSFER, VERSION)
        .timestamp(*original_time)
        .bool(*opening);
    write_transfer(encoder, transfer, commitment);
}

fn import_proof(encoder: &mut Encoder<'_>, command: &ImportProof<'_>) {
    let ImportProof {
        key,
        account,
        asset,
        opening,
        debits,
        credits,
        closing,
    } = command;
    encoder.header(kind::IMPORT_PROOF, VERSION).id(*key);
    write_account(encoder, *account);
    encoder
        .u32(*asset)
        .amount(*opening)
        .amount(*debits)
        .amount(*credits)
        .amount(*closing);
}

fn account_retention(encoder: &mut Encoder<'_>, command: &AccountRetention<'_>) {
    let AccountRetention {
        key,
        account,
        class,
        until,
        legal_hold,
        reason,
        authority,
    } = command;
    encoder.header(kind::ACCOUNT_RETENTION, VERSION).id(*key);
    write_account(encoder, *account);
    encoder.text(class);
    write_dates(encoder, [*until]);
    encoder.bool(*legal_hold).text(reason).text(authority);
}

fn write_dates<const COUNT: usize>(encoder: &mut Encoder<'_>, dates: [Option<Date>; COUNT]) {
    for date in dates {
        encoder.option(date, |encoder, date| {
            encoder.date(date);
        });
    }
}

fn write_rounding(encoder: &mut Encoder<'_>, rounding: Rounding) {
    encoder.u8(rounding.number());
}
