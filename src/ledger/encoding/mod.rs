//! The canonical encoding of ledger commands: what the change feed carries, the audit trail keeps, a repeated key is
//! compared with, and replay reads. It relies on [`crate::base::canonical`] for the bytes of each value. A command
//! has exactly one encoding, any other bytes are refused, and what was ever written can be read for ever: a changed
//! command takes a new version, or a new kind, never a new meaning.
//!
//! A record is the header (kind, version), then the command's fields in the order of their declaration. An
//! [`AccountRef`](crate::ledger::command::AccountRef) is 0 and the id, or 1 and the text; enumerated fields are
//! their stored numbers; user data are its three numbers; a rate is its coefficient and its scale. Personal texts
//! (those of [`personal_texts`]) are not in the content, so that they can be erased: in the place of the first of
//! them stands an optional salted commitment to all of them.

mod days;
mod decode;
mod decode_books;
mod encode;
mod encode_books;

use crate::ledger::command::{Command, Details};

pub use days::{
    Correction, decode_correction, encode_correction, encode_dormant, encode_schedule_refused,
};
pub use decode::decode;
pub use encode::encode;

/// Kinds of records, as in their headers: the number of the change that the command makes, but a kind of its own for
/// each command that becomes a transfer. Never changed, never reused. A change that no command asked for may carry
/// the command that would have made it: its row then says what it is, and the header what its content is.
pub mod kind {
    use crate::tx::ChangeKind;

    pub const TRANSFER: u16 = ChangeKind::TRANSFER.0;
    pub const ENTITY_CREATE: u16 = ChangeKind::ENTITY.0;
    pub const ASSET_CREATE: u16 = ChangeKind::ASSET.0;
    pub const ACCOUNT_OPEN: u16 = ChangeKind::ACCOUNT_OPENED.0;
    pub const ACCOUNT_NUMBER: u16 = ChangeKind::ACCOUNT_NUMBER.0;
    pub const ACCOUNT_BLOCK: u16 = ChangeKind::ACCOUNT_BLOCK.0;
    pub const ACCOUNT_LIMIT: u16 = ChangeKind::ACCOUNT_LIMIT.0;
    pub const ACCOUNT_CLOSE: u16 = ChangeKind::ACCOUNT_CLOSED.0;
    pub const HOLD_PLACE: u16 = ChangeKind::HOLD_PLACED.0;
    pub const HOLD_INCREASE: u16 = ChangeKind::HOLD_INCREASED.0;
    pub const HOLD_RELEASE: u16 = ChangeKind::HOLD_RELEASED.0;
    pub const BUSINESS_DATE_ROLL: u16 = ChangeKind::BUSINESS_DATE.0;
    pub const PERIOD_CLOSE: u16 = ChangeKind::PERIOD_CLOSED.0;
    pub const POSITION_REGISTER: u16 = ChangeKind::POSITION.0;
    pub const EXCHANGE: u16 = ChangeKind::EXCHANGE.0;
    pub const REVALUE: u16 = ChangeKind::REVALUATION.0;
    pub const SPLIT: u16 = ChangeKind::SPLIT.0;
    pub const ACCRUE: u16 = ChangeKind::ACCRUAL.0;
    pub const ACCRUAL_POST: u16 = ChangeKind::ACCRUAL_POSTED.0;
    pub const STATEMENT_CUT: u16 = ChangeKind::STATEMENT.0;
    pub const GL_CODE: u16 = ChangeKind::GL_CODE.0;
    pub const GL_ASSIGNMENT: u16 = ChangeKind::GL_ASSIGNMENT.0;
    pub const IMPORT_BEGIN: u16 = ChangeKind::IMPORT_BEGUN.0;
    pub const IMPORT_TRANSFER: u16 = 80;
    pub const IMPORT_PROOF: u16 = ChangeKind::IMPORT_PROVED.0;
    pub const GO_LIVE: u16 = ChangeKind::LIVE.0;
    pub const ACCOUNT_RETENTION: u16 = ChangeKind::RETENTION.0;
    pub const CALENDAR_SET: u16 = ChangeKind::CALENDAR.0;
    pub const ENTITY_RULES: u16 = ChangeKind::ENTITY_RULES.0;
    pub const TRANSFER_SCHEDULE: u16 = ChangeKind::TRANSFER_SCHEDULED.0;
    pub const SCHEDULE_CANCEL: u16 = ChangeKind::SCHEDULE_CANCELLED.0;
    pub const END_OF_DAY: u16 = ChangeKind::END_OF_DAY.0;
    pub const YEAR_END: u16 = ChangeKind::YEAR_END.0;
    pub const ACCOUNT_OWNER: u16 = ChangeKind::ACCOUNT_OWNER.0;
    pub const ACCOUNT_REACTIVATE: u16 = ChangeKind::ACCOUNT_REACTIVATED.0;
    /// Not commands: what one brought about.
    pub const ACCOUNT_DORMANT: u16 = ChangeKind::ACCOUNT_DORMANT.0;
    pub const CORRECTION: u16 = ChangeKind::CORRECTION.0;
    pub const SCHEDULE_REFUSED: u16 = ChangeKind::SCHEDULE_REFUSED.0;
    pub const HOLD_CAPTURE: u16 = 101;
    pub const REVERSE: u16 = 102;
}

/// The version of every kind's list of fields, but for what [`EXTENDED`] is for.
pub const VERSION: u16 = 1;
/// The version of a command with fields that came later. One that does not use them is written as before, so that
/// each command has one encoding still.
pub const EXTENDED: u16 = 2;

/// The stored numbers of the sides that a block can stop.
mod block_side {
    pub const DEBIT: u8 = 1;
    pub const CREDIT: u8 = 2;
}

/// The personal texts of a command, not all of them empty, as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonalTexts<'a> {
    texts: [&'a [u8]; 4],
    count: usize,
}

impl<'a> PersonalTexts<'a> {
    /// The list that [`crate::base::hash::commitment`] takes: the order and the number of texts are part of it.
    pub fn as_slice(&self) -> &[&'a [u8]] {
        &self.texts[..self.count]
    }
}

/// The personal texts of a command; `None` when all are empty or the command has none. Whatever
/// becomes transfers has four: end-to-end reference, reference, narrative, metadata; the opening
/// of an account has two, name and owner; the link of an owner has one.
pub fn personal_texts<'a>(command: &Command<'a>) -> Option<PersonalTexts<'a>> {
    let (texts, count) = match command {
        Command::AccountOpen(open) => ([open.name, open.owner, "", ""], 2),
        Command::Transfer(transfer) => (texts_of(&transfer.details), 4),
        Command::TransferSchedule(schedule) => (texts_of(&schedule.transfer.details), 4),
        Command::AccountOwner(link) => ([link.owner, "", "", ""], 1),
        Command::HoldCapture(capture) => (texts_of(&capture.details), 4),
        Command::Reverse(reverse) => (texts_of(&reverse.details), 4),
        Command::Exchange(exchange) => (texts_of(&exchange.details), 4),
        Command::Split(split) => (texts_of(&split.details), 4),
        Command::AccrualPost(post) => (texts_of(&post.details), 4),
        Command::ImportTransfer(import) => (texts_of(&import.transfer.details), 4),
        _ => return None,
    };
    texts
        .iter()
        .any(|text| !text.is_empty())
        .then(|| PersonalTexts {
            texts: texts.map(str::as_bytes),
            count,
        })
}

/// Puts the personal texts back into a command that [`decode`] returned: `texts` in the order of
/// [`personal_texts`]. A missing one is empty; one that the command has no field for is left out.
pub fn with_texts<'a>(mut command: Command<'a>, texts: &[&'a str]) -> Command<'a> {
    let text = |index: usize| texts.get(index).copied().unwrap_or_default();
    let details = match &mut command {
        Command::AccountOpen(open) => {
            open.name = text(0);
            open.owner = text(1);
            return command;
        }
        Command::AccountOwner(link) => {
            link.owner = text(0);
            return command;
        }
        Command::Transfer(transfer) => &mut transfer.details,
        Command::TransferSchedule(schedule) => &mut schedule.transfer.details,
        Command::HoldCapture(capture) => &mut capture.details,
        Command::Reverse(reverse) => &mut reverse.details,
        Command::Exchange(exchange) => &mut exchange.details,
        Command::Split(split) => &mut split.details,
        Command::AccrualPost(post) => &mut post.details,
        Command::ImportTransfer(import) => &mut import.transfer.details,
        _ => return command,
    };
    details.end_to_end_reference = text(0);
    details.reference = text(1);
    details.narrative = text(2);
    details.metadata = text(3);
    command
}

fn texts_of<'a>(details: &Details<'a>) -> [&'a str; 4] {
    [
        details.end_to_end_reference,
        details.reference,
        details.narrative,
        details.metadata,
    ]
}

#[cfg(test)]
mod tests;
