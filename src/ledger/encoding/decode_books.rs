//! Reading the commands of the books, as [`super::decode`] reads the others.

use super::decode::{Commitment, account, details, known, transfer, user_data};
use super::kind;
use crate::base::canonical::Decoder;
use crate::base::error::Result;
use crate::base::rounding::Rounding;
use crate::ledger::account::AccountKind;
use crate::ledger::command::{
    AccountRetention, AccrualPost, Accrue, Command, Exchange, GlAssignment, GlCode, GoLive,
    ImportBegin, ImportProof, ImportTransfer, PositionRegister, Revalue, Split, SplitPart,
    StatementCut,
};

/// Reads the fields of a command of the books; `None`: the kind is no such command.
pub(super) fn decode_books<'a>(
    kind: u16,
    from: &mut Decoder<'a>,
    commitment: &mut Commitment,
) -> Result<Option<Command<'a>>> {
    Ok(Some(match kind {
        kind::POSITION_REGISTER => Command::PositionRegister(PositionRegister {
            key: from.id()?,
            account: account(from)?,
            asset: from.u32()?,
            rounding: from.option(account)?,
            carried: from.amount()?,
        }),
        kind::EXCHANGE => Command::Exchange(Exchange {
            id: from.id()?,
            debit: account(from)?,
            credit: account(from)?,
            sold: from.u32()?,
            bought: from.u32()?,
            sold_amount: from.option(Decoder::amount)?,
            bought_amount: from.option(Decoder::amount)?,
            rounding: from.option(rounding)?,
            code: from.u32()?,
            flags: from.u32()?,
            booking_date: from.option(Decoder::date)?,
            value_date: from.option(Decoder::date)?,
            user_data: user_data(from)?,
            details: details(from, commitment)?,
        }),
        kind::REVALUE => Command::Revalue(Revalue {
            key: from.id()?,
            entity: from.u32()?,
            asset: from.u32()?,
            date: from.date()?,
            rate: (from.i128()?, from.u8()?),
            rate_source: from.text()?,
            rounding: rounding(from)?,
            account: account(from)?,
            code: from.u32()?,
        }),
        kind::SPLIT => Command::Split(split(from, commitment)?),
        kind::ACCRUE => Command::Accrue(Accrue {
            key: from.id()?,
            account: account(from)?,
            name: from.text()?,
            asset: from.u32()?,
            coefficient: from.i128()?,
            scale: from.u8()?,
        }),
        kind::ACCRUAL_POST => Command::AccrualPost(AccrualPost {
            id: from.id()?,
            account: account(from)?,
            name: from.text()?,
            contra: account(from)?,
            residue: from.option(account)?,
            code: from.u32()?,
            booking_date: from.option(Decoder::date)?,
            value_date: from.option(Decoder::date)?,
            user_data: user_data(from)?,
            details: details(from, commitment)?,
        }),
        kind::STATEMENT_CUT => Command::StatementCut(StatementCut {
            key: from.id()?,
            account: account(from)?,
            asset: from.u32()?,
            to: from.option(Decoder::date)?,
            by_value: from.bool()?,
            collapsed: from.bool()?,
        }),
        kind::GL_CODE => Command::GlCode(GlCode {
            key: from.id()?,
            entity: from.u32()?,
            code: from.text()?,
            name: from.text()?,
            kind: known(from, "kind of account", AccountKind::from_number)?,
            control: from.bool()?,
        }),
        kind::GL_ASSIGNMENT => Command::GlAssignment(GlAssignment {
            key: from.id()?,
            account: account(from)?,
            from: from.date()?,
            code: from.text()?,
            contrary_code: from.text()?,
        }),
        kind::IMPORT_BEGIN => Command::ImportBegin(ImportBegin { key: from.id()? }),
        kind::IMPORT_TRANSFER => {
            let (original_time, opening) = (from.timestamp()?, from.bool()?);
            Command::ImportTransfer(ImportTransfer {
                transfer: transfer(from, commitment)?,
                original_time,
                opening,
            })
        }
        kind::IMPORT_PROOF => Command::ImportProof(ImportProof {
            key: from.id()?,
            account: account(from)?,
            asset: from.u32()?,
            opening: from.amount()?,
            debits: from.amount()?,
            credits: from.amount()?,
            closing: from.amount()?,
        }),
        kind::GO_LIVE => Command::GoLive(GoLive { key: from.id()? }),
        kind::ACCOUNT_RETENTION => Command::AccountRetention(AccountRetention {
            key: from.id()?,
            account: account(from)?,
            class: from.text()?,
            until: from.option(Decoder::date)?,
            legal_hold: from.bool()?,
            reason: from.text()?,
            authority: from.text()?,
        }),
        _ => return Ok(None),
    }))
}

fn split<'a>(from: &mut Decoder<'a>, commitment: &mut Commitment) -> Result<Split<'a>> {
    Ok(Split {
        id: from.id()?,
        debit: account(from)?,
        asset: from.u32()?,
        amount: from.amount()?,
        parts: {
            // The decoder has seen to it that there are as many bytes as parts.
            let count = from.count()?;
            let mut parts = Vec::new();
            for _ in 0..count {
                parts.push(SplitPart {
                    credit: account(from)?,
                    weight: from.u64()?,
                });
            }
            parts
        },
        code: from.u32()?,
        flags: from.u32()?,
        booking_date: from.option(Decoder::date)?,
        value_date: from.option(Decoder::date)?,
        user_data: user_data(from)?,
        details: details(from, commitment)?,
    })
}

fn rounding(from: &mut Decoder<'_>) -> Result<Rounding> {
    known(from, "rounding", Rounding::from_number)
}
