//! Revaluation: a position at the end of a day is worth its amount at that day's rate; what that differs from its book
//! value is posted as an unrealised gain or loss in the functional currency. Posting it again for the same day moves
//! the difference to the last revaluation alone, so that a wrong rate is put right by the right one.

use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::rounding::Rounding;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::books::rows::PositionDay;
use crate::ledger::command::{AccountRef, Command, Details, UserData};
use crate::ledger::exchange::{rate_of, side_account};
use crate::ledger::legs::{Leg, LegFields, signed};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, dates, flags, length, refuse_unless};
use crate::tx::{ChangeKind, Context};

/// Values a position at the end of a booking day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revalue<'a> {
    /// Key, and the transaction of the leg.
    pub key: Id,
    pub entity: u32,
    /// The asset of the position; not the functional currency.
    pub asset: u32,
    /// The day, which is the booking date: it must be open.
    pub date: Date,
    /// Units of the functional currency for one of the asset.
    pub rate: (i128, u8),
    pub rate_source: &'a str,
    pub rounding: Rounding,
    /// Takes the gain on its credit side and the loss on its debit side.
    pub account: AccountRef<'a>,
    pub code: u32,
}

impl Ledger {
    pub(super) fn revalue(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        revalue: &Revalue<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_text(revalue.rate_source, length::SOURCE));
        let rate = refuse_unless!(rate_of(Some(revalue.rate)));
        let Some(entity) = self.entity(revalue.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let functional = entity.functional_currency;
        if revalue.asset == functional {
            return Ok(Err(Status::REVALUATION_OF_FUNCTIONAL));
        }
        let key = (entity.number, revalue.asset);
        let functional_key = (entity.number, functional);
        let (Some(_), Some(counter)) = (
            self.position(services, key)?,
            self.position(services, functional_key)?,
        ) else {
            return Ok(Err(Status::POSITION_UNKNOWN));
        };
        let (Some(asset), Some(currency)) = (
            self.asset(revalue.asset).map(|asset| asset.scale),
            self.asset(functional).map(|asset| asset.scale),
        ) else {
            return Ok(Err(Status::ASSET_UNKNOWN));
        };
        let Some(slot) = self.locate(services, &revalue.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        refuse_unless!(side_account(&account, entity.number, functional));
        let booked = refuse_unless!(dates(&entity, Some(revalue.date), None));
        let held = self.position_at(services, key, revalue.date)?;
        let value = rate.convert(
            Amount::from_minor(held.amount),
            asset,
            currency,
            revalue.rounding,
        );
        let Some(gain) = value
            .ok()
            .and_then(|value| value.amount.minor().checked_sub(held.carried))
        else {
            return Ok(Err(Status::AMOUNT_OVERFLOW));
        };
        let fields = LegFields {
            code: revalue.code,
            flags: flags::REVALUATION | flags::BOOKING_DATE_GIVEN,
            user_data: UserData::default(),
            dates: booked,
            any: true,
        };
        let details = Details {
            rate: Some(revalue.rate),
            rate_source: revalue.rate_source,
            ..Details::default()
        };
        let mut legs = self.begin_legs(
            services,
            context,
            ChangeKind::REVALUATION,
            command,
            fields,
            details,
        );
        let mut outcome = Outcome::applied(legs.sequence, context.time, revalue.key);
        if gain != 0 {
            let counter = AccountRef::Id(self.account_id(services, counter.account)?);
            let account = AccountRef::Id(account.id);
            let (debit, credit) = if gain > 0 {
                (counter, account)
            } else {
                (account, counter)
            };
            let leg = Leg {
                debit,
                credit,
                asset: functional,
                amount: gain.unsigned_abs(),
                functional: Some(gain.saturating_abs()),
            };
            let posted = refuse_unless!(self.post_leg(services, &mut legs, &leg)?);
            self.end_legs(services, &legs);
            outcome.amount = signed(leg.amount, gain > 0);
            outcome.debit = posted.debit;
            outcome.credit = posted.credit;
            let carried = PositionDay {
                amount: 0,
                carried: gain,
            };
            let paid = PositionDay {
                amount: -gain,
                carried: -gain,
            };
            refuse_unless!(self.move_position(services, key, revalue.date, carried)?);
            refuse_unless!(self.move_position(services, functional_key, revalue.date, paid)?);
        }
        if let Some(mut position) = self.position(services, key)?
            && position.revalued.is_none_or(|day| day <= revalue.date)
        {
            position.rate = Some(revalue.rate);
            position.rate_source = revalue.rate_source.to_owned();
            position.revalued = Some(revalue.date);
            self.books.positions.put(key, Some(position));
        }
        Ok(Ok(outcome))
    }
}
