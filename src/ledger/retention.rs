//! Retention: how long an account's data is kept, and legal holds, under which nothing may be erased. Erasure itself
//! reads these rows; it changes no posting.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::{flags, length};
use crate::ledger::books::rows::Retention;
use crate::ledger::command::{AccountRef, Command};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, refuse_unless};
use crate::tx::{ChangeKind, Context};

/// Says how long an account's data is kept; replaces what was said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRetention<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    /// The host's own class, at most 64 bytes.
    pub class: &'a str,
    /// Kept at least until this day.
    pub until: Option<Date>,
    /// Nothing may be erased, whatever the day.
    pub legal_hold: bool,
    pub reason: &'a str,
    pub authority: &'a str,
}

impl Ledger {
    pub(super) fn set_retention(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        set: &AccountRetention<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_text(set.class, length::CODE));
        refuse_unless!(check_reason(set.reason));
        refuse_unless!(check_text(set.authority, length::REASON));
        let Some(slot) = self.locate(services, &set.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        if set.legal_hold && set.authority.is_empty() {
            return Ok(Err(Status::AUTHORITY_NEEDED));
        }
        let sequence = self.record(services, context, ChangeKind::RETENTION, command, None);
        let row = Retention {
            class: set.class.to_owned(),
            until: set.until,
            legal_hold: set.legal_hold,
            reason: set.reason.to_owned(),
            authority: set.authority.to_owned(),
            sequence,
        };
        self.books.retentions.put(account.number, Some(row));
        let held = if set.legal_hold {
            account.flags | flags::LEGAL_HOLD
        } else {
            account.flags & !flags::LEGAL_HOLD
        };
        if held != account.flags {
            self.change_flags(slot, held)?;
        }
        Ok(Ok(Outcome::applied(sequence, context.time, set.key)))
    }
}

/// A reason is free text: a card number does not belong there.
pub(super) fn check_reason(reason: &str) -> Checked<()> {
    check_text(reason, length::REASON)?;
    if crate::base::card_number::is_in(reason) {
        return Err(Status::CARD_NUMBER_IN_REASON);
    }
    Ok(())
}
