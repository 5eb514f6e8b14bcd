//! A transfer split over several credit accounts in proportion to weights, by the largest remainder
//! ([`crate::base::rounding::allocate`]): the parts sum to the whole, and equal remainders go to the part that is
//! named first.

use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::rounding::allocate;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::command::{AccountRef, Command, Details, UserData};
use crate::ledger::legs::{Leg, LegFields};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{
    Checked, check_details, dates, flags, given, positive, refuse_unless,
};
use crate::tx::{ChangeKind, Context};

/// Most parts of a split.
pub const PARTS: usize = 1000;

/// Moves an amount from one account's debit to the credit of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Split<'a> {
    /// Key, and the transaction of the legs.
    pub id: Id,
    pub debit: AccountRef<'a>,
    pub asset: u32,
    pub amount: Amount,
    /// 1 to [`PARTS`] of them.
    pub parts: Vec<SplitPart<'a>>,
    pub code: u32,
    /// `FORCE` alone.
    pub flags: u32,
    pub booking_date: Option<Date>,
    pub value_date: Option<Date>,
    pub user_data: UserData,
    pub details: Details<'a>,
}

/// One part of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitPart<'a> {
    pub credit: AccountRef<'a>,
    /// The part's share is its weight's share of the sum of all weights.
    pub weight: u64,
}

impl Ledger {
    pub(super) fn split(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        split: &Split<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_details(&split.details));
        if split.flags & !flags::FORCE != 0 {
            return Ok(Err(Status::INVALID_FLAGS));
        }
        refuse_unless!(positive(split.amount.minor(), false));
        if split.parts.is_empty() || split.parts.len() > PARTS {
            return Ok(Err(Status::SPLIT_PARTS_INVALID));
        }
        let weights: Vec<u64> = split.parts.iter().map(|part| part.weight).collect();
        let Ok(shares) = allocate(split.amount, &weights) else {
            return Ok(Err(Status::SPLIT_PARTS_INVALID));
        };
        let Some(slot) = self.locate(services, &split.debit)? else {
            return Ok(Err(Status::DEBIT_ACCOUNT_UNKNOWN));
        };
        let entity = self.account(slot)?.entity;
        let Some(entity) = self.entity(entity) else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let booked = refuse_unless!(dates(entity, split.booking_date, split.value_date));
        let fields = LegFields {
            code: split.code,
            flags: split.flags | given(split.booking_date, split.value_date),
            user_data: split.user_data,
            dates: booked,
            any: true,
        };
        let mut legs = self.begin_legs(
            services,
            context,
            ChangeKind::SPLIT,
            command,
            fields,
            split.details,
        );
        let mut outcome = Outcome::applied(legs.sequence, context.time, split.id);
        outcome.amount = split.amount.minor();
        for (part, share) in split.parts.iter().zip(&shares) {
            let leg = Leg {
                debit: split.debit,
                credit: part.credit,
                asset: split.asset,
                amount: share.minor().unsigned_abs(),
                functional: None,
            };
            if leg.amount == 0 {
                continue;
            }
            let posted = refuse_unless!(self.post_leg(services, &mut legs, &leg)?);
            outcome.debit = posted.debit;
            outcome.credit = posted.credit;
        }
        self.end_legs(services, &legs);
        Ok(Ok(outcome))
    }
}
