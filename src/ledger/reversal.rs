//! Reversals: a transfer, or every leg of a transaction, moved back in whole or in part. The reversals of a transfer
//! add up to no more than the transfer, keep its references and value date, and book today. When the one who received
//! the original no longer has the funds, the caller has said what to do: refuse, force, or let another account pay.

use rusqlite::Connection;

use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::hash::blake2b_256;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::account::flags as account_flags;
use crate::ledger::command::{AccountRef, Details, Reverse};
use crate::ledger::exchange::open_positions;
use crate::ledger::load;
use crate::ledger::outcome::Outcome;
use crate::ledger::posting::Posting;
use crate::ledger::query::transfer::StoredTransfer;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_details, dates, flags, positive, refuse_unless};
use crate::tx::Context;

/// What the row of a reversal says besides what the command says.
#[derive(Clone, Copy)]
struct Place {
    id: Id,
    /// Id of a whole transaction's reversal.
    transaction: Id,
    /// Number of the account that the command names; 0: none.
    recovery: u64,
}

impl Ledger {
    pub(super) fn reverse(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        reverse: &Reverse<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_details(&reverse.details));
        if reverse.flags & !(flags::FORCE | flags::STORNO) != 0 {
            return Ok(Err(Status::INVALID_FLAGS));
        }
        let recovery = match &reverse.recovery {
            Some(account) => match self.locate(services, account)? {
                Some(slot) => self.account(slot)?.number,
                None => return Ok(Err(Status::DEBIT_ACCOUNT_UNKNOWN)),
            },
            None => 0,
        };
        if let Some(original) = self.transfer_by_id(services, &reverse.original)? {
            return self.reverse_transfer(
                services,
                context,
                reverse,
                &original,
                Place {
                    id: reverse.id,
                    transaction: Id::NONE,
                    recovery,
                },
            );
        }
        let mut legs = self.transaction_legs(services, &reverse.original)?;
        if legs.is_empty() {
            return Ok(Err(Status::ORIGINAL_UNKNOWN));
        }
        if reverse.amount.is_some() {
            return Ok(Err(Status::REVERSAL_ABOVE_ORIGINAL));
        }
        // A leg that was given back before has nothing left to give; the others have.
        let mut left = Vec::with_capacity(legs.len());
        for leg in &legs {
            left.push(self.reversed_of(services.reader, leg.row.sequence)? < leg.row.amount);
        }
        let mut left = left.into_iter();
        legs.retain(|_| left.next().unwrap_or(true));
        if legs.is_empty() {
            return Ok(Err(Status::REVERSAL_ABOVE_ORIGINAL));
        }
        // From the last leg back, as money that was passed on must come back before it can be given back.
        // One salt for all legs, and the first one keeps it: from its change alone the others come about again.
        let context = Context {
            salt: Some(context.salt(services.changes.last_sequence() + 1)),
            ..*context
        };
        // A reference that is the first original's own is not a new one for the others, which keep theirs.
        let own = |given, original: fn(&StoredTransfer) -> &String| match legs.last().map(original)
        {
            Some(original) if original == given => "",
            _ => given,
        };
        let details = Details {
            end_to_end_reference: own(reverse.details.end_to_end_reference, |leg| {
                &leg.end_to_end_reference
            }),
            reference: own(reverse.details.reference, |leg| &leg.reference),
            ..reverse.details
        };
        let reverse = &Reverse {
            details,
            ..reverse.clone()
        };
        let mut first = None;
        for (leg, original) in legs.iter().rev().enumerate() {
            let place = Place {
                id: if leg == 0 {
                    reverse.id
                } else {
                    leg_id(&reverse.id, leg)
                },
                transaction: reverse.id,
                recovery,
            };
            let outcome = self.reverse_transfer(services, &context, reverse, original, place)?;
            let outcome = refuse_unless!(outcome);
            first.get_or_insert(outcome);
        }
        Ok(first.ok_or(Status::ORIGINAL_UNKNOWN))
    }

    /// How much of a transfer was reversed.
    fn reversed_of(&mut self, reader: &Connection, sequence: i64) -> Result<u128> {
        let amount = self
            .reversed
            .get(&sequence, || load::reversed(reader, sequence))?;
        Ok(amount.copied().unwrap_or(0) as u128)
    }

    fn reverse_transfer(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        reverse: &Reverse<'_>,
        original: &StoredTransfer,
        place: Place,
    ) -> Result<Checked<Outcome>> {
        let row = &original.row;
        if row.flags & flags::REVERSAL != 0 {
            return Ok(Err(Status::ORIGINAL_IS_REVERSAL));
        }
        if row.flags & flags::REVALUATION != 0 {
            return Ok(Err(Status::REVALUATION_NOT_REVERSED));
        }
        let exchange = row.flags & flags::EXCHANGE != 0;
        if exchange && place.transaction.is_none() {
            return Ok(Err(Status::EXCHANGE_LEG));
        }
        let reader = services.reader;
        let before = self.reversed_of(reader, row.sequence)?;
        let left = row.amount.saturating_sub(before);
        let amount = match reverse.amount {
            Some(amount) => refuse_unless!(positive(amount.minor(), false)),
            None => left,
        };
        if amount > left || amount == 0 {
            return Ok(Err(Status::REVERSAL_ABOVE_ORIGINAL));
        }
        let Some(payer) = self.locate_number(reader, row.debit)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let payer = self.account(payer)?.id;
        let Some(receiver) = self.locate_number(reader, row.credit)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let receiver = *self.account(receiver)?;
        // A position takes its own back: another account's money would leave it where it is.
        let recovery = reverse
            .recovery
            .filter(|_| receiver.flags & account_flags::POSITION == 0);
        let receiver = receiver.id;
        let mut details = with_originals(&reverse.details, original);
        if exchange {
            details.functional_amount = original.functional_amount.map(Amount::from_minor);
        }
        let mut refused = Status::OK;
        for (debit, extra) in [(AccountRef::Id(receiver), 0)]
            .into_iter()
            .chain(recovery.map(|account| (account, flags::RECOVERED)))
        {
            let mut parties = refuse_unless!(self.parties(
                services,
                &debit,
                &AccountRef::Id(payer),
                row.asset
            )?);
            let accounts = if exchange {
                open_positions(&mut parties)
            } else {
                (parties.debit_account, parties.credit_account)
            };
            let Some(entity) = self.entity(parties.debit_account.entity) else {
                return Ok(Err(Status::ENTITY_UNKNOWN));
            };
            let dates = refuse_unless!(dates(entity, None, Some(row.value_date)));
            let posting = Posting {
                id: place.id,
                transaction: place.transaction,
                code: reverse.code,
                flags: flags::REVERSAL | reverse.flags | extra,
                user_data: row.user_data,
                details: &details,
                salted: place.id == place.transaction,
                requested: reverse.amount.is_none().then_some(0),
                hold: 0,
                unheld: 0,
                yielding: 0,
                reverses: row.sequence,
                recovery: place.recovery,
            };
            match self.post(services, context, &parties, amount, dates, posting)? {
                Ok(outcome) => {
                    self.note_correction(services, context, &parties, dates, outcome.sequence);
                    self.reversed
                        .put(row.sequence, Some((before + amount) as i128));
                    if exchange {
                        let functional = original.functional_amount.unwrap_or(0);
                        let accounts = (&accounts.0, &accounts.1);
                        let moved = self.position_reversed(
                            services,
                            accounts,
                            row.asset,
                            dates.booking,
                            amount,
                            functional,
                        )?;
                        refuse_unless!(moved);
                    }
                    return Ok(Ok(outcome));
                }
                Err(Status::INSUFFICIENT_FUNDS) => refused = Status::REVERSAL_FUNDS_GONE,
                Err(status) => refused = status,
            }
        }
        Ok(Err(refused))
    }
}

/// The details of a reversal: what it says itself, and the references of the original where it names none.
pub(super) fn with_originals<'a>(given: &Details<'a>, original: &'a StoredTransfer) -> Details<'a> {
    Details {
        end_to_end_reference: pick(given.end_to_end_reference, &original.end_to_end_reference),
        reference: pick(given.reference, &original.reference),
        ..*given
    }
}

fn pick<'a>(given: &'a str, original: &'a str) -> &'a str {
    if given.is_empty() { original } else { given }
}

/// The id of a further leg of a transaction's reversal: derived, so that repeating the command finds it again.
pub(super) fn leg_id(id: &Id, leg: usize) -> Id {
    let mut bytes = id.0.to_vec();
    bytes.extend_from_slice(&(leg as u64).to_be_bytes());
    derived_id(&bytes)
}

/// An id that follows from what it is for, so that it is the same on a replay.
pub(super) fn derived_id(bytes: &[u8]) -> Id {
    let digest = blake2b_256(bytes);
    let mut derived = [0u8; 16];
    derived.copy_from_slice(&digest[..16]);
    Id(derived)
}
