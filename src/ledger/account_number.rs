//! External numbers of accounts: given, moved, ended, expired. A typed number names one account at a time; what it named
//! before stays known.

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::account::length;
use crate::ledger::command::{AccountNumber, AccountRef, Command};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, refuse_unless};
use crate::ledger::write::NumberRow;
use crate::tx::{ChangeKind, Context, KeySpace};

impl Ledger {
    pub(super) fn account_number(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        change: &AccountNumber<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_number(change.number_type, change.number));
        if change.end && (change.take || change.expires_at.is_some()) {
            return Ok(Err(Status::INVALID_FLAGS));
        }
        if change.expires_at.is_some_and(|end| end <= context.time) {
            return Ok(Err(Status::EXPIRY_IN_THE_PAST));
        }
        let Some(slot) = self.locate(services, &change.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        let in_force = self.number_in_force(services, change.number_type, change.number)?;
        let sequence = if change.end {
            let Some(mut row) = in_force.filter(|row| row.account == account.number) else {
                return Ok(Err(Status::NUMBER_UNKNOWN));
            };
            let sequence =
                self.record(services, context, ChangeKind::ACCOUNT_NUMBER, command, None);
            row.valid_to = Some(context.time);
            self.put_number(row);
            sequence
        } else {
            match &in_force {
                Some(row) if !change.take || row.account == account.number => {
                    return Ok(Err(Status::NUMBER_TAKEN));
                }
                None if change.take => return Ok(Err(Status::NUMBER_UNKNOWN)),
                _ => {}
            }
            let sequence =
                self.record(services, context, ChangeKind::ACCOUNT_NUMBER, command, None);
            if let Some(mut row) = in_force {
                row.valid_to = Some(context.time);
                self.put_number(row);
            }
            self.give_number(
                services,
                context,
                sequence,
                account.number,
                change.number_type,
                change.number,
                change.expires_at,
            );
            sequence
        };
        Ok(Ok(Outcome::applied(sequence, context.time, change.key)))
    }

    /// Ends every external number that expires at or before the command's time, oldest first; each is a change of its
    /// own.
    pub fn expire_numbers(&mut self, services: &mut Services<'_>, context: &Context) -> Result<()> {
        while let Some(&(expires_at, given)) = self.number_expiries.first() {
            if expires_at > context.time {
                break;
            }
            let Some(mut row) = self.number_by_sequence(services.reader, given)? else {
                self.number_expiries.remove(&(expires_at, given));
                continue;
            };
            let Some(slot) = self.locate_number(services.reader, row.account)? else {
                self.number_expiries.remove(&(expires_at, given));
                continue;
            };
            let account = self.account(slot)?.id;
            let end = Command::AccountNumber(AccountNumber {
                key: Id::NONE,
                account: AccountRef::Id(account),
                number_type: &row.number_type,
                number: &row.number,
                end: true,
                take: false,
                expires_at: None,
            });
            self.record(services, context, ChangeKind::NUMBER_EXPIRED, &end, None);
            row.valid_to = Some(expires_at);
            self.put_number(row);
        }
        Ok(())
    }

    pub(super) fn number_taken(
        &mut self,
        services: &mut Services<'_>,
        number_type: &str,
        number: &str,
    ) -> Result<bool> {
        Ok(self
            .number_in_force(services, number_type, number)?
            .is_some())
    }

    /// The row of a typed number that is in force.
    pub(super) fn number_in_force(
        &mut self,
        services: &mut Services<'_>,
        number_type: &str,
        number: &str,
    ) -> Result<Option<NumberRow>> {
        let hash = services
            .keys
            .hash(KeySpace::AccountNumber, number.as_bytes());
        for sequence in services.keys.find(services.reader, hash)?.to_vec() {
            if let Some(row) = self.number_by_sequence(services.reader, sequence as i64)?
                && row.valid_to.is_none()
                && row.number == number
                && row.number_type == number_type
            {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn give_number(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        sequence: i64,
        account: u64,
        number_type: &str,
        number: &str,
        expires_at: Option<Timestamp>,
    ) {
        let hash = services
            .keys
            .hash(KeySpace::AccountNumber, number.as_bytes());
        services.keys.insert(hash, sequence as u64, sequence);
        let row = NumberRow {
            sequence,
            account,
            number_type: number_type.to_owned(),
            number: number.to_owned(),
            valid_from: context.time,
            valid_to: None,
            expires_at,
        };
        self.put_number(row);
    }
}

/// Whether a typed external number is well formed: the type of small letters, digits and '_', the number of
/// printable ASCII without spaces.
pub(super) fn check_number(number_type: &str, number: &str) -> Checked<()> {
    let type_ok = number_type
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if number_type.is_empty()
        || number.is_empty()
        || !type_ok
        || !number.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Err(Status::TEXT_INVALID);
    }
    if number_type.len() > length::NUMBER_TYPE || number.len() > length::NUMBER {
        return Err(Status::TEXT_TOO_LONG);
    }
    Ok(())
}
