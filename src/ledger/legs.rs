//! Commands that move value in several transfers at once: an exchange, a split, a revaluation, the posting of an
//! accrual. The command is a change of its own, recorded first, and its legs follow it as ordinary transfers of one
//! transaction that bears the command's id. What a leg refuses, the whole command refuses: the engine takes it back.

use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::ledger::account::flags as account_flags;
use crate::ledger::command::{AccountRef, Command, Details, UserData};
use crate::ledger::encoding::personal_texts;
use crate::ledger::outcome::Outcome;
use crate::ledger::posting::Posting;
use crate::ledger::query::transfer::StoredTransfer;
use crate::ledger::reversal::leg_id;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, Dates, Parties, flags};
use crate::tx::{ChangeKind, Context};

/// What all legs of a command share.
pub(super) struct Legs<'a> {
    context: Context,
    transaction: Id,
    pub sequence: i64,
    pub code: u32,
    pub flags: u32,
    pub user_data: UserData,
    pub dates: Dates,
    pub details: Details<'a>,
    count: usize,
    /// What was posted, with its sequence number.
    posted: Vec<(Parties, i64)>,
}

/// One leg.
pub(super) struct Leg<'a> {
    pub debit: AccountRef<'a>,
    pub credit: AccountRef<'a>,
    pub asset: u32,
    pub amount: u128,
    /// Equivalent in the functional currency.
    pub functional: Option<i128>,
}

/// What a command's legs share besides its texts.
pub(super) struct LegFields {
    pub code: u32,
    pub flags: u32,
    pub user_data: UserData,
    pub dates: Dates,
    /// Whether there will be a leg.
    pub any: bool,
}

impl Ledger {
    /// Records the command, whose legs follow. The first leg keeps the texts: without a leg they are not kept.
    pub(super) fn begin_legs<'a>(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        kind: ChangeKind,
        command: &Command<'_>,
        fields: LegFields,
        details: Details<'a>,
    ) -> Legs<'a> {
        // One salt for the command and all legs: the first leg keeps it.
        let context = Context {
            salt: Some(context.salt(services.changes.last_sequence() + 1)),
            ..*context
        };
        let salt = context.salt.unwrap_or_default();
        let texts = personal_texts(command).filter(|_| fields.any);
        let committed = texts.map(|texts| commitment(&salt, texts.as_slice()));
        let sequence = self.record(services, &context, kind, command, committed.as_ref());
        Legs {
            context,
            transaction: command.key(),
            sequence,
            code: fields.code,
            flags: fields.flags,
            user_data: fields.user_data,
            dates: fields.dates,
            details,
            count: 0,
            posted: Vec::new(),
        }
    }

    /// Posts the next leg. Position accounts are open to exchanges and revaluations alone.
    pub(super) fn post_leg(
        &mut self,
        services: &mut Services<'_>,
        legs: &mut Legs<'_>,
        leg: &Leg<'_>,
    ) -> Result<Checked<Outcome>> {
        let mut parties = match self.parties(services, &leg.debit, &leg.credit, leg.asset)? {
            Ok(parties) => parties,
            Err(status) => return Ok(Err(status)),
        };
        if legs.flags & (flags::EXCHANGE | flags::REVALUATION) != 0 {
            parties.debit_account.flags &= !account_flags::POSITION;
            parties.credit_account.flags &= !account_flags::POSITION;
        }
        if leg.amount > parties.maximum {
            return Ok(Err(crate::base::status::Status::AMOUNT_OVERFLOW));
        }
        legs.count += 1;
        let details = Details {
            functional_amount: leg.functional.map(Amount::from_minor),
            ..legs.details
        };
        let posting = Posting {
            id: leg_id(&legs.transaction, legs.count),
            transaction: legs.transaction,
            code: legs.code,
            flags: legs.flags,
            user_data: legs.user_data,
            details: &details,
            salted: false,
            requested: None,
            hold: 0,
            unheld: 0,
            yielding: 0,
            reverses: 0,
            recovery: 0,
        };
        let outcome = self.post(
            services,
            &legs.context,
            &parties,
            leg.amount,
            legs.dates,
            posting,
        )?;
        if let Ok(outcome) = &outcome {
            legs.posted.push((parties, outcome.sequence));
        }
        Ok(outcome)
    }

    /// Notes which legs reached into days that were sealed or closed: after the last one, so that legs follow each other.
    pub(super) fn end_legs(&mut self, services: &mut Services<'_>, legs: &Legs<'_>) {
        for (parties, sequence) in &legs.posted {
            self.note_correction(services, &legs.context, parties, legs.dates, *sequence);
        }
    }

    /// The legs that follow the change `sequence` of a command with this key, in flight or durable.
    pub(super) fn legs_of(
        &self,
        services: &Services<'_>,
        key: &Id,
        sequence: i64,
    ) -> Result<Vec<StoredTransfer>> {
        let mut legs = Vec::new();
        while let Some(leg) =
            self.transfer_by_sequence(services.reader, sequence + 1 + legs.len() as i64)?
            && leg.row.id == leg_id(key, legs.len() + 1)
        {
            legs.push(leg);
        }
        Ok(legs)
    }

    /// The outcome of a command with legs, again.
    pub(super) fn repeat_legs(
        &mut self,
        services: &mut Services<'_>,
        command: &Command<'_>,
        legs: &[StoredTransfer],
        outcome: &mut Outcome,
    ) -> Result<()> {
        let (Some(first), Some(last)) = (legs.first(), legs.last()) else {
            return Ok(());
        };
        let (debit, credit) = match command {
            // A leg for rounding may follow the two that count.
            Command::Exchange(_) => (first, legs.get(1).unwrap_or(last)),
            _ => (last, last),
        };
        let (debit, credit) = (&debit.row, &credit.row);
        outcome.amount = match command {
            Command::Exchange(_) => credit.amount as i128,
            Command::Split(split) => split.amount.minor(),
            // Its sign is not in the leg: the number that named the account may name another one by now.
            _ => self.kept_result(services.reader, outcome.sequence)?.amount,
        };
        outcome.debit = self.turnovers_at(services, debit.debit, debit.asset, debit.sequence)?;
        outcome.credit =
            self.turnovers_at(services, credit.credit, credit.asset, credit.sequence)?;
        Ok(())
    }
}

/// An amount with a sign.
pub(super) fn signed(amount: u128, positive: bool) -> i128 {
    let amount = amount as i128;
    if positive { amount } else { -amount }
}
