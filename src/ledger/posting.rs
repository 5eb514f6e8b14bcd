//! Posting: the one way in which an amount moves. The accounts were found and the dates decided before; here come the
//! last checks, then both balances, the chain and the row.

use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::account::flags as account_flags;
use crate::ledger::balance::Turnovers;
use crate::ledger::command::{Details, UserData};
use crate::ledger::funds::{Side, check_increase, shortfall};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, Dates, Parties, flags, personal, refuse_unless};
use crate::ledger::write::{DetailsRow, TransferRow};
use crate::tx::{Context, KeySpace};

/// Everything of a row that the rules did not decide.
pub(super) struct Posting<'a> {
    pub id: Id,
    pub transaction: Id,
    pub code: u32,
    pub flags: u32,
    pub user_data: UserData,
    pub details: &'a Details<'a>,
    /// Commit to the texts even if they are empty, so that the row keeps a salt.
    pub salted: bool,
    pub requested: Option<u128>,
    pub hold: i64,
    pub unheld: u128,
    /// Holds against the debit account that yield to this posting: they do not count in its funds check.
    pub yielding: u128,
    pub reverses: i64,
    /// Account number; 0: none.
    pub recovery: u64,
}

impl Ledger {
    /// Posts an amount between two accounts: the last checks, then both balances, the chain and the row.
    pub(super) fn post(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        parties: &Parties,
        amount: u128,
        dates: Dates,
        mut posting: Posting<'_>,
    ) -> Result<Checked<Outcome>> {
        let (debit_account, credit_account) = (&parties.debit_account, &parties.credit_account);
        let either = debit_account.flags | credit_account.flags;
        const STOPS: u32 = account_flags::CLOSED
            | account_flags::DEBIT_BLOCKED
            | account_flags::CREDIT_BLOCKED
            | account_flags::POSITION
            | account_flags::DORMANT;
        if either & STOPS != 0 {
            refuse_unless!(stopped(debit_account.flags, credit_account.flags));
        }
        let sequence = services.changes.last_sequence() + 1;
        let debit = self.balance_number(services.reader, parties.debit, parties.asset)?;
        let credit = self.balance_number(services.reader, parties.credit, parties.asset)?;
        let mut debited = debit
            .map(|number| self.turnovers(number))
            .unwrap_or_default();
        let mut credited = credit
            .map(|number| self.turnovers(number))
            .unwrap_or_default();
        if posting.unheld > 0 {
            debited.debits_pending = debited.debits_pending.saturating_sub(posting.unheld);
            if posting.flags & flags::CAPTURE_CREDIT != 0 {
                credited.credits_pending = credited.credits_pending.saturating_sub(posting.unheld);
            }
        }
        if debited.debits_posted + debited.debits_pending + amount > parties.maximum
            || credited.credits_posted + credited.credits_pending + amount > parties.maximum
        {
            return Ok(Err(Status::BALANCE_OVERFLOW));
        }
        let guarded = account_flags::NO_OVERDRAFT | account_flags::LIMITED;
        if either & guarded != 0 {
            let mut counted = debited;
            counted.debits_pending = counted.debits_pending.saturating_sub(posting.yielding);
            let lacking = self.exceeded(services, context, parties, amount, &counted, &credited)?;
            if let Some(status) = lacking {
                if posting.flags & flags::FORCE == 0 {
                    return Ok(Err(status));
                }
                posting.flags |= flags::FORCED;
            }
        }
        debited.debits_posted += amount;
        credited.credits_posted += amount;
        // Nothing is refused from here on.
        services.changes.next_sequence();
        let debit = match debit {
            Some(number) => number,
            None => self.create_balance(services.reader, parties.debit, parties.asset, sequence)?,
        };
        let credit = match credit {
            Some(number) => number,
            None => {
                self.create_balance(services.reader, parties.credit, parties.asset, sequence)?
            }
        };
        // Creating one page must not have pushed the other out: loading again is cheap and certain.
        self.ensure_balance(services.reader, debit)?;
        self.ensure_balance(services.reader, credit)?;
        let days = Some((dates.booking.days(), dates.value.days()));
        let wide = parties.scale_wide;
        let debit_previous = self.enter(debit, sequence, &debited, days, wide);
        let credit_previous = self.enter(credit, sequence, &credited, days, wide);
        let details = self.keep_details(services, context, sequence, &posting);
        if !posting.transaction.is_none() {
            let hash = services
                .keys
                .hash(KeySpace::Transaction, &posting.transaction.0);
            services.keys.insert(hash, sequence as u64, sequence);
        }
        let hash = services.keys.hash(KeySpace::Command, &posting.id.0);
        services.keys.insert(hash, sequence as u64, sequence);
        self.open.transfers.push(TransferRow {
            sequence,
            id: posting.id,
            time: context.time,
            actor: context.actor,
            on_behalf_of: context.on_behalf_of,
            debit: debit_account.number,
            credit: credit_account.number,
            asset: parties.asset,
            wide,
            amount,
            requested: posting.requested,
            booking_date: dates.booking,
            value_date: dates.value,
            code: posting.code,
            flags: posting.flags,
            debit_previous,
            credit_previous,
            transaction: posting.transaction,
            hold: posting.hold,
            unheld: posting.unheld,
            reverses: posting.reverses,
            recovery: posting.recovery,
            user_data: posting.user_data,
            details,
        });
        let mut outcome = Outcome::applied(sequence, context.time, posting.id);
        outcome.amount = amount as i128;
        outcome.debit = debited;
        outcome.credit = credited;
        Ok(Ok(outcome))
    }

    /// Whether the posting would exceed funds or a limit, and which.
    fn exceeded(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        parties: &Parties,
        amount: u128,
        debited: &Turnovers,
        credited: &Turnovers,
    ) -> Result<Option<Status>> {
        for (account, turnovers, side) in [
            (&parties.debit_account, debited, Side::Debit),
            (&parties.credit_account, credited, Side::Credit),
        ] {
            let limits = self.limits_of(services.reader, account)?;
            if shortfall(
                account.flags,
                &limits,
                parties.asset,
                context.time,
                turnovers,
                side,
                amount,
            ) {
                return Ok(Some(Status::INSUFFICIENT_FUNDS));
            }
            if !check_increase(
                account.flags,
                &limits,
                parties.asset,
                context.time,
                turnovers,
                side,
                amount,
            ) {
                return Ok(Some(Status::ABOVE_MAXIMUM));
            }
        }
        Ok(None)
    }

    /// Keeps texts and rates, commits to the texts, and makes the references findable.
    fn keep_details(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        sequence: i64,
        posting: &Posting<'_>,
    ) -> Option<u32> {
        let details = posting.details;
        let text = details.has_text() || posting.salted;
        let plain = details.rate.is_none()
            && details.functional_amount.is_none()
            && details.rate_source.is_empty()
            && details.source_system.is_empty();
        if !text && plain {
            return None;
        }
        for reference in [details.end_to_end_reference, details.reference] {
            if !reference.is_empty() {
                let hash = services
                    .keys
                    .hash(KeySpace::Reference, reference.as_bytes());
                services.keys.insert(hash, sequence as u64, sequence);
            }
        }
        let commitment = text.then(|| {
            let salt = context.salt(sequence);
            (salt, commitment(&salt, &personal(details)))
        });
        let writes = &mut self.open;
        let row = DetailsRow {
            end_to_end_reference: writes.keep(details.end_to_end_reference),
            reference: writes.keep(details.reference),
            narrative: writes.keep(details.narrative),
            metadata: writes.keep(details.metadata),
            source_system: writes.keep(details.source_system),
            rate_source: writes.keep(details.rate_source),
            rate: details.rate,
            functional_amount: details.functional_amount.map(|amount| amount.minor()),
            commitment,
        };
        writes.details.push(row);
        Some((writes.details.len() - 1) as u32)
    }
}

fn stopped(debit: u32, credit: u32) -> Checked<()> {
    if debit & account_flags::CLOSED != 0 {
        return Err(Status::DEBIT_ACCOUNT_CLOSED);
    }
    if credit & account_flags::CLOSED != 0 {
        return Err(Status::CREDIT_ACCOUNT_CLOSED);
    }
    if debit & account_flags::DEBIT_BLOCKED != 0 {
        return Err(Status::DEBIT_BLOCKED);
    }
    if credit & account_flags::CREDIT_BLOCKED != 0 {
        return Err(Status::CREDIT_BLOCKED);
    }
    if debit & account_flags::DORMANT != 0 {
        return Err(Status::DEBIT_DORMANT);
    }
    if (debit | credit) & account_flags::POSITION != 0 {
        return Err(Status::POSITION_ACCOUNT);
    }
    Ok(())
}
