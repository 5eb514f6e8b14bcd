//! Migration: while a file is in import mode, history comes in with its own ids, dates and references, flagged for
//! ever; each balance is proved (opening plus movements equals closing); going live ends the mode for ever. An import
//! that was interrupted is sent again: what is there already changes nothing.

use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Timestamp;
use crate::ledger::account::flags as account_flags;
use crate::ledger::books::load;
use crate::ledger::books::rows::{ImportBalance, ImportState};
use crate::ledger::command::{AccountRef, Command, Transfer};
use crate::ledger::outcome::Outcome;
use crate::ledger::posting::Posting;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{
    Checked, Dates, check_details, flags, given, positive, refuse_unless,
};
use crate::tx::{ChangeKind, Context};

/// Begins import mode; only in a file without transfers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportBegin {
    pub key: Id,
}

/// A transfer of the past.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportTransfer<'a> {
    /// Flags: `STORNO` alone. Limits and funds are not checked: it has happened.
    pub transfer: Transfer<'a>,
    /// When the old system recorded it.
    pub original_time: Timestamp,
    /// It brings an opening balance rather than a movement.
    pub opening: bool,
}

/// Proves a balance that was imported. Amounts are on the account's normal side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProof<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    pub asset: u32,
    pub opening: Amount,
    /// Sums of the movements that debited and credited the account.
    pub debits: Amount,
    pub credits: Amount,
    pub closing: Amount,
}

/// Ends import mode for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoLive {
    pub key: Id,
}

impl Ledger {
    pub(super) fn begin_import(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        begin: &ImportBegin,
    ) -> Result<Checked<Outcome>> {
        match self.import_state(services)? {
            Some(state) if state.live => return Ok(Err(Status::IMPORT_ENDED)),
            Some(_) => return Ok(Err(Status::IMPORT_BEGUN)),
            None => {}
        }
        let durable: bool =
            services
                .reader
                .query_row("SELECT EXISTS(SELECT 1 FROM transfer)", [], |row| {
                    row.get(0)
                })?;
        let recent = self.in_flight(|writes| (!writes.transfers.is_empty()).then_some(()));
        if durable || recent.is_some() {
            return Ok(Err(Status::IMPORT_TOO_LATE));
        }
        let sequence = self.record(services, context, ChangeKind::IMPORT_BEGUN, command, None);
        self.books.import_state.put(1, Some(ImportState::default()));
        Ok(Ok(Outcome::applied(sequence, context.time, begin.key)))
    }

    pub(super) fn import_transfer(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        import: &ImportTransfer<'_>,
    ) -> Result<Checked<Outcome>> {
        let mut state = refuse_unless!(self.importing(services)?);
        let transfer = &import.transfer;
        if transfer.flags & !flags::STORNO != 0 {
            return Ok(Err(Status::INVALID_FLAGS));
        }
        let amount = refuse_unless!(positive(transfer.amount.minor(), false));
        refuse_unless!(check_details(&transfer.details));
        let parties = refuse_unless!(self.parties(
            services,
            &transfer.debit,
            &transfer.credit,
            transfer.asset
        )?);
        if amount > parties.maximum {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        }
        let Some(today) = self
            .entity(parties.debit_account.entity)
            .map(|entity| entity.business_date)
        else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        // Closed periods are history too.
        let booking = transfer.booking_date.unwrap_or(today);
        if booking > today {
            return Ok(Err(Status::BOOKING_DATE_CLOSED));
        }
        let dates = Dates {
            booking,
            value: transfer.value_date.unwrap_or(booking),
        };
        let accounts = (parties.debit_account.number, parties.credit_account.number);
        let opening = if import.opening { flags::OPENING } else { 0 };
        let posting = Posting {
            id: transfer.id,
            transaction: transfer.transaction,
            code: transfer.code,
            flags: flags::IMPORTED
                | flags::FORCE
                | opening
                | transfer.flags
                | given(transfer.booking_date, transfer.value_date),
            user_data: transfer.user_data,
            details: &transfer.details,
            salted: false,
            requested: None,
            hold: 0,
            unheld: 0,
            yielding: 0,
            reverses: 0,
            recovery: 0,
        };
        let outcome = self.post(services, context, &parties, amount, dates, posting)?;
        let outcome = refuse_unless!(outcome);
        self.note_correction(services, context, &parties, dates, outcome.sequence);
        self.books
            .imported
            .put(outcome.sequence, Some(import.original_time.micros()));
        for (account, debited) in [(accounts.0, true), (accounts.1, false)] {
            let place = (account, transfer.asset);
            let before = self.import_balance(services, place)?;
            let mut row = before.unwrap_or_default();
            if before.is_none_or(|row| row.proved) {
                state.unproved += 1;
            } else if !import.opening {
                continue;
            }
            row.proved = false;
            if import.opening && debited {
                row.opening_debits = row.opening_debits.saturating_add(amount);
            } else if import.opening {
                row.opening_credits = row.opening_credits.saturating_add(amount);
            }
            self.books.import_balances.put(place, Some(row));
        }
        state.transfers += 1;
        self.books.import_state.put(1, Some(state));
        Ok(Ok(outcome))
    }

    pub(super) fn prove_import(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        proof: &ImportProof<'_>,
    ) -> Result<Checked<Outcome>> {
        let mut state = refuse_unless!(self.importing(services)?);
        let Some(slot) = self.locate(services, &proof.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        let place = (account.number, proof.asset);
        let Some(mut row) = self.import_balance(services, place)? else {
            return Ok(Err(Status::IMPORT_BALANCE_UNKNOWN));
        };
        let turnovers = match self.balance_number(services.reader, slot, proof.asset)? {
            Some(number) => self.turnovers(number),
            None => Default::default(),
        };
        let normal = |debits: u128, credits: u128| {
            let net = debits as i128 - credits as i128;
            match account.flags & account_flags::NORMAL_DEBIT {
                0 => -net,
                _ => net,
            }
        };
        let debits = turnovers.debits_posted.saturating_sub(row.opening_debits);
        let credits = turnovers.credits_posted.saturating_sub(row.opening_credits);
        let agrees = proof.opening.minor() == normal(row.opening_debits, row.opening_credits)
            && proof.debits.minor() == debits as i128
            && proof.credits.minor() == credits as i128
            && proof.closing.minor() == normal(turnovers.debits_posted, turnovers.credits_posted);
        if !agrees {
            return Ok(Err(Status::IMPORT_PROOF_DIFFERS));
        }
        let sequence = self.record(services, context, ChangeKind::IMPORT_PROVED, command, None);
        if !row.proved {
            row.proved = true;
            self.books.import_balances.put(place, Some(row));
            state.unproved = state.unproved.saturating_sub(1);
            self.books.import_state.put(1, Some(state));
        }
        Ok(Ok(Outcome::applied(sequence, context.time, proof.key)))
    }

    pub(super) fn go_live(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        live: &GoLive,
    ) -> Result<Checked<Outcome>> {
        let state = match self.import_state(services)? {
            Some(state) if state.live => return Ok(Err(Status::IMPORT_ENDED)),
            Some(state) => state,
            None => ImportState::default(),
        };
        if state.unproved != 0 {
            return Ok(Err(Status::IMPORT_NOT_PROVED));
        }
        let sequence = self.record(services, context, ChangeKind::LIVE, command, None);
        self.books.import_state.put(
            1,
            Some(ImportState {
                live: true,
                ..state
            }),
        );
        let mut outcome = Outcome::applied(sequence, context.time, live.key);
        outcome.number = state.transfers;
        Ok(Ok(outcome))
    }

    /// The original time of an imported transfer, in flight or durable.
    pub fn original_time(&mut self, services: &Services<'_>, sequence: i64) -> Result<Option<i64>> {
        let reader = services.reader;
        let time = self.books.imported.get(&sequence, || {
            load(
                reader,
                "SELECT original_time FROM imported WHERE seq = ?",
                [sequence],
            )
        })?;
        Ok(time.copied())
    }

    fn importing(&mut self, services: &Services<'_>) -> Result<Checked<ImportState>> {
        Ok(match self.import_state(services)? {
            Some(state) if state.live => Err(Status::IMPORT_ENDED),
            Some(state) => Ok(state),
            None => Err(Status::IMPORT_NOT_BEGUN),
        })
    }

    fn import_state(&mut self, services: &Services<'_>) -> Result<Option<ImportState>> {
        let reader = services.reader;
        let row = self.books.import_state.get(&1, || {
            load(reader, "SELECT * FROM import_state WHERE one = 1", [])
        })?;
        Ok(row.copied())
    }

    fn import_balance(
        &mut self,
        services: &Services<'_>,
        place: (u64, u32),
    ) -> Result<Option<ImportBalance>> {
        let reader = services.reader;
        let row = self.books.import_balances.get(&place, || {
            load(
                reader,
                "SELECT * FROM import_balance WHERE account = ? AND asset = ?",
                (place.0 as i64, place.1),
            )
        })?;
        Ok(row.copied())
    }
}
