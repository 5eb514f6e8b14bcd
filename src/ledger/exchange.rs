//! Exchanges between currencies. Each entity has a position account in every currency that it deals in: the customer
//! is debited in one currency against its position account, the other position account is debited for what the
//! customer gets, and both legs bear the rate, its source and the equivalent in the functional currency. The
//! equivalents of all positions of an entity sum to zero, always.

use std::cmp::Ordering;

use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::rate::Rate;
use crate::base::rounding::Rounding;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::flags as account_flags;
use crate::ledger::accounts::Account;
use crate::ledger::books::rows::{Position, PositionDay};
use crate::ledger::books::{load, load_list};
use crate::ledger::command::{AccountRef, Command, Details, UserData};
use crate::ledger::legs::{Leg, LegFields};
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{
    Checked, Parties, check_details, dates, flags, given, positive, refuse_unless,
};
use crate::tx::{ChangeKind, Context};

/// Makes an account the position account of its entity in an asset. From then on only exchanges and revaluations move
/// it. The functional currency has a position account too: what all the others were bought with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionRegister<'a> {
    pub key: Id,
    pub account: AccountRef<'a>,
    pub asset: u32,
    /// Takes differences of a minor unit where both amounts of an exchange are given.
    pub rounding: Option<AccountRef<'a>>,
    /// Book value in the functional currency of the balance that the account has already; zero without a balance.
    pub carried: Amount,
}

/// Sells an amount of one asset for an amount of another. One of the amounts may be left to be computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange<'a> {
    /// Key, and the transaction of the legs.
    pub id: Id,
    /// Debited in the asset that is sold.
    pub debit: AccountRef<'a>,
    /// Credited in the asset that is bought.
    pub credit: AccountRef<'a>,
    pub sold: u32,
    pub bought: u32,
    /// `None`: computed from the other one.
    pub sold_amount: Option<Amount>,
    /// `None`: computed from the other one.
    pub bought_amount: Option<Amount>,
    /// How a computed amount is rounded; `None`: it must come out exact.
    pub rounding: Option<Rounding>,
    pub code: u32,
    /// `FORCE` alone.
    pub flags: u32,
    pub booking_date: Option<Date>,
    pub value_date: Option<Date>,
    pub user_data: UserData,
    /// The rate (units of the bought asset for one of the sold one) and its source are needed; the functional amount
    /// where neither asset is the functional currency.
    pub details: Details<'a>,
}

/// The amounts of an exchange.
struct Amounts {
    sold: u128,
    /// What the customer gets.
    bought: u128,
    /// What the rate gives: what the position pays.
    exact: u128,
}

impl Ledger {
    pub(super) fn register_position(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        register: &PositionRegister<'_>,
    ) -> Result<Checked<Outcome>> {
        let Some(slot) = self.locate(services, &register.account)? else {
            return Ok(Err(Status::ACCOUNT_UNKNOWN));
        };
        let account = *self.account(slot)?;
        if self.asset(register.asset).is_none() {
            return Ok(Err(Status::ASSET_UNKNOWN));
        }
        if account.asset != 0 && account.asset != register.asset {
            return Ok(Err(Status::ASSET_NOT_ALLOWED));
        }
        let Some(functional) = self
            .entity(account.entity)
            .map(|entity| entity.functional_currency)
        else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let key = (account.entity, register.asset);
        if self.position(services, key)?.is_some() || account.flags & account_flags::POSITION != 0 {
            return Ok(Err(Status::POSITION_EXISTS));
        }
        let rounding = match &register.rounding {
            Some(named) => {
                let Some(slot) = self.locate(services, named)? else {
                    return Ok(Err(Status::ACCOUNT_UNKNOWN));
                };
                let rounding = *self.account(slot)?;
                refuse_unless!(side_account(&rounding, account.entity, register.asset));
                if rounding.number == account.number {
                    return Ok(Err(Status::ACCOUNTS_EQUAL));
                }
                rounding.number
            }
            None => 0,
        };
        let balance = match self.balance_number(services.reader, slot, register.asset)? {
            Some(number) => -self.turnovers(number).posted(),
            None => 0,
        };
        let carried = match register.carried.minor() {
            0 if register.asset == functional => balance,
            given => given,
        };
        // A book value has the side of its position, and that of the functional currency is its balance.
        let agrees = match register.asset == functional {
            true => carried == balance,
            false => carried.signum() * balance.signum() >= 0 && (balance != 0 || carried == 0),
        };
        if !agrees {
            return Ok(Err(Status::POSITION_CARRIED_INVALID));
        }
        let sequence = self.record(services, context, ChangeKind::POSITION, command, None);
        let row = Position {
            account: account.number,
            rounding,
            amount: balance,
            carried,
            rate: None,
            rate_source: String::new(),
            revalued: None,
        };
        self.books.positions.put(key, Some(row));
        if balance != 0 || carried != 0 {
            // It was there before any day that a revaluation can ask for.
            let moved = PositionDay {
                amount: balance,
                carried,
            };
            self.books
                .position_days
                .put((key.0, key.1, Date::MIN.days()), Some(moved));
        }
        self.change_flags(slot, account.flags | account_flags::POSITION)?;
        Ok(Ok(Outcome::applied(sequence, context.time, register.key)))
    }

    pub(super) fn exchange(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        exchange: &Exchange<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_details(&exchange.details));
        if exchange.flags & !flags::FORCE != 0 {
            return Ok(Err(Status::INVALID_FLAGS));
        }
        if exchange.sold == exchange.bought {
            return Ok(Err(Status::EXCHANGE_ASSETS_EQUAL));
        }
        let (Some(sold), Some(bought)) = (
            self.asset(exchange.sold).cloned(),
            self.asset(exchange.bought).cloned(),
        ) else {
            return Ok(Err(Status::ASSET_UNKNOWN));
        };
        let rate = refuse_unless!(rate_of(exchange.details.rate));
        let Some(debit) = self.locate(services, &exchange.debit)? else {
            return Ok(Err(Status::DEBIT_ACCOUNT_UNKNOWN));
        };
        let Some(credit) = self.locate(services, &exchange.credit)? else {
            return Ok(Err(Status::CREDIT_ACCOUNT_UNKNOWN));
        };
        let (debit, credit) = (*self.account(debit)?, *self.account(credit)?);
        if debit.entity != credit.entity {
            return Ok(Err(Status::ENTITIES_DIFFER));
        }
        if (debit.flags | credit.flags) & account_flags::POSITION != 0 {
            return Ok(Err(Status::POSITION_ACCOUNT));
        }
        let Some(entity) = self.entity(debit.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let (sold_key, bought_key) = ((entity.number, sold.number), (entity.number, bought.number));
        let (Some(sold_position), Some(bought_position)) = (
            self.position(services, sold_key)?,
            self.position(services, bought_key)?,
        ) else {
            return Ok(Err(Status::POSITION_UNKNOWN));
        };
        let amounts = refuse_unless!(amounts(exchange, rate, sold.scale, bought.scale));
        let difference = amounts.exact as i128 - amounts.bought as i128;
        if difference != 0 && bought_position.rounding == 0 {
            return Ok(Err(Status::ROUNDING_ACCOUNT_NEEDED));
        }
        let functional = entity.functional_currency;
        let equivalent = refuse_unless!(equivalent(exchange, functional, &amounts));
        let booked = refuse_unless!(dates(&entity, exchange.booking_date, exchange.value_date));
        let fields = LegFields {
            code: exchange.code,
            flags: flags::EXCHANGE
                | exchange.flags
                | given(exchange.booking_date, exchange.value_date),
            user_data: exchange.user_data,
            dates: booked,
            any: true,
        };
        let mut legs = self.begin_legs(
            services,
            context,
            ChangeKind::EXCHANGE,
            command,
            fields,
            exchange.details,
        );
        let sold_account = AccountRef::Id(self.account_id(services, sold_position.account)?);
        let bought_account = AccountRef::Id(self.account_id(services, bought_position.account)?);
        let first = Leg {
            debit: exchange.debit,
            credit: sold_account,
            asset: sold.number,
            amount: amounts.sold,
            functional: Some(equivalent),
        };
        let debited = refuse_unless!(self.post_leg(services, &mut legs, &first)?);
        let in_functional = bought.number == functional;
        let second = Leg {
            debit: bought_account,
            credit: exchange.credit,
            asset: bought.number,
            amount: amounts.bought,
            functional: Some(if in_functional {
                amounts.bought as i128
            } else {
                equivalent
            }),
        };
        let credited = refuse_unless!(self.post_leg(services, &mut legs, &second)?);
        if difference != 0 {
            let rounding = AccountRef::Id(self.account_id(services, bought_position.rounding)?);
            let (debit, credit) = match difference.cmp(&0) {
                Ordering::Greater => (bought_account, rounding),
                _ => (rounding, bought_account),
            };
            let third = Leg {
                debit,
                credit,
                asset: bought.number,
                amount: difference.unsigned_abs(),
                functional: in_functional.then_some(difference.saturating_abs()),
            };
            refuse_unless!(self.post_leg(services, &mut legs, &third)?);
        }
        let day = booked.booking;
        let into = PositionDay {
            amount: amounts.sold as i128,
            carried: equivalent,
        };
        let out = PositionDay {
            amount: -(amounts.exact as i128),
            carried: -equivalent,
        };
        refuse_unless!(self.move_position(services, sold_key, day, into)?);
        refuse_unless!(self.move_position(services, bought_key, day, out)?);
        self.end_legs(services, &legs);
        let mut outcome = Outcome::applied(legs.sequence, context.time, exchange.id);
        outcome.amount = amounts.bought as i128;
        outcome.debit = debited.debit;
        outcome.credit = credited.credit;
        Ok(Ok(outcome))
    }

    /// The position of an entity in an asset.
    pub(super) fn position(
        &mut self,
        services: &Services<'_>,
        key: (u32, u32),
    ) -> Result<Option<Position>> {
        let reader = services.reader;
        let row = self.books.positions.get(&key, || {
            let row = load::<((u32, u32), Position)>(
                reader,
                "SELECT * FROM position WHERE entity = ? AND asset = ?",
                key,
            )?;
            Ok(row.map(|(_, position)| position))
        })?;
        Ok(row.cloned())
    }

    /// Moves a position on a booking day.
    pub(super) fn move_position(
        &mut self,
        services: &Services<'_>,
        key: (u32, u32),
        day: Date,
        by: PositionDay,
    ) -> Result<Checked<()>> {
        let Some(mut position) = self.position(services, key)? else {
            return Ok(Err(Status::POSITION_UNKNOWN));
        };
        let moved = (
            position.amount.checked_add(by.amount),
            position.carried.checked_add(by.carried),
        );
        let (Some(amount), Some(carried)) = moved else {
            return Ok(Err(Status::BALANCE_OVERFLOW));
        };
        position.amount = amount;
        position.carried = carried;
        self.books.positions.put(key, Some(position));
        let reader = services.reader;
        let place = (key.0, key.1, day.days());
        let before = self.books.position_days.get(&place, || {
            let row = load::<(i32, PositionDay)>(
                reader,
                "SELECT * FROM position_day WHERE entity = ? AND asset = ? AND day = ?",
                place,
            )?;
            Ok(row.map(|(_, moved)| moved))
        })?;
        let before = before.copied().unwrap_or_default();
        let row = PositionDay {
            amount: before.amount.saturating_add(by.amount),
            carried: before.carried.saturating_add(by.carried),
        };
        self.books.position_days.put(place, Some(row));
        Ok(Ok(()))
    }

    /// A position as it was at the end of a booking day.
    pub(super) fn position_at(
        &mut self,
        services: &Services<'_>,
        key: (u32, u32),
        day: Date,
    ) -> Result<PositionDay> {
        let durable = load_list::<(i32, PositionDay)>(
            services.reader,
            "SELECT * FROM position_day WHERE entity = ? AND asset = ? AND day <= ?",
            (key.0, key.1, day.days()),
        )?;
        let recent = self.books.position_days.undurable();
        let mut sum = PositionDay::default();
        let mut add = |moved: &PositionDay| {
            sum.amount = sum.amount.saturating_add(moved.amount);
            sum.carried = sum.carried.saturating_add(moved.carried);
        };
        for (found, moved) in &durable {
            if recent.binary_search(&(key.0, key.1, *found)).is_err() {
                add(moved);
            }
        }
        for place in recent {
            if (place.0, place.1) == key
                && place.2 <= day.days()
                && let Some(moved) = self.books.position_days.peek(&place)
            {
                add(moved);
            }
        }
        Ok(sum)
    }

    /// Takes an exchange's leg out of the positions when it is reversed, from what its reversal moves.
    pub(super) fn position_reversed(
        &mut self,
        services: &Services<'_>,
        accounts: (&Account, &Account),
        asset: u32,
        day: Date,
        amount: u128,
        functional: i128,
    ) -> Result<Checked<()>> {
        let (debit, credit) = accounts;
        let sign = match (debit.flags | credit.flags) & account_flags::POSITION {
            0 => return Ok(Ok(())),
            _ if credit.flags & account_flags::POSITION != 0 => 1,
            _ => -1,
        };
        let by = PositionDay {
            amount: sign * amount as i128,
            carried: sign * functional,
        };
        self.move_position(services, (debit.entity, asset), day, by)
    }

    /// The id of an account by number.
    pub(super) fn account_id(&mut self, services: &Services<'_>, number: u64) -> Result<Id> {
        match self.locate_number(services.reader, number)? {
            Some(slot) => Ok(self.account(slot)?.id),
            None => Err(crate::base::error::Error::new(
                Status::CORRUPT,
                format!("account number {number} is missing: run the integrity check"),
            )),
        }
    }
}

/// Opens position accounts to a reversal; returns them as they were.
pub(super) fn open_positions(parties: &mut Parties) -> (Account, Account) {
    let before = (parties.debit_account, parties.credit_account);
    parties.debit_account.flags &= !account_flags::POSITION;
    parties.credit_account.flags &= !account_flags::POSITION;
    before
}

/// Whether an account can stand beside the positions of an entity in an asset.
pub(super) fn side_account(account: &Account, entity: u32, asset: u32) -> Checked<()> {
    if account.entity != entity {
        return Err(Status::ENTITIES_DIFFER);
    }
    if account.asset != 0 && account.asset != asset {
        return Err(Status::ASSET_NOT_ALLOWED);
    }
    if account.flags & account_flags::POSITION != 0 {
        return Err(Status::POSITION_ACCOUNT);
    }
    Ok(())
}

/// A rate that is above zero.
pub(super) fn rate_of(rate: Option<(i128, u8)>) -> Checked<Rate> {
    match rate {
        Some((coefficient, scale)) if coefficient > 0 => {
            Rate::new(coefficient, scale).map_err(|_| Status::RATE_INVALID)
        }
        _ => Err(Status::RATE_INVALID),
    }
}

/// Both amounts, the one that is not given computed, both checked against the rate.
fn amounts(exchange: &Exchange<'_>, rate: Rate, sold: u8, bought: u8) -> Checked<Amounts> {
    let given = |amount: Option<Amount>| match amount {
        Some(amount) => positive(amount.minor(), false).map(Some),
        None => Ok(None),
    };
    let rounding = exchange.rounding;
    // Without a named rounding nothing is rounded, whatever stands here.
    let mode = rounding.unwrap_or(Rounding::HalfEven);
    match (given(exchange.sold_amount)?, given(exchange.bought_amount)?) {
        (None, None) => Err(Status::EXCHANGE_AMOUNT_NEEDED),
        (Some(amount), other) => {
            let converted = rate
                .convert(Amount::from_minor(amount as i128), sold, bought, mode)
                .map_err(|_| Status::AMOUNT_OVERFLOW)?;
            if rounding.is_none() && !converted.remainder.is_zero() {
                return Err(Status::ROUNDING_NEEDED);
            }
            let exact = positive(converted.amount.minor(), true)?;
            let Some(bought) = other else {
                return match exact {
                    0 => Err(Status::AMOUNT_ZERO),
                    _ => Ok(Amounts {
                        sold: amount,
                        bought: exact,
                        exact,
                    }),
                };
            };
            // The exact value lies between the rounded one and its neighbour on the remainder's side.
            let (low, high) = match (
                converted.remainder.is_zero(),
                converted.remainder.is_negative(),
            ) {
                (true, _) => (1, 1),
                (false, false) => (0, 1),
                (false, true) => (1, 0),
            };
            if bought < exact.saturating_sub(low) || bought > exact.saturating_add(high) {
                return Err(Status::RATE_DIFFERS);
            }
            Ok(Amounts {
                sold: amount,
                bought,
                exact,
            })
        }
        (None, Some(amount)) => {
            let converted = rate
                .convert_back(Amount::from_minor(amount as i128), sold, bought, mode)
                .map_err(|_| Status::AMOUNT_OVERFLOW)?;
            if rounding.is_none() && !converted.1 {
                return Err(Status::ROUNDING_NEEDED);
            }
            Ok(Amounts {
                sold: positive(converted.0.minor(), false)?,
                bought: amount,
                exact: amount,
            })
        }
    }
}

/// What the exchange is worth in the functional currency.
fn equivalent(exchange: &Exchange<'_>, functional: u32, amounts: &Amounts) -> Checked<i128> {
    let given = exchange.details.functional_amount.map(Amount::minor);
    let known = if exchange.sold == functional {
        Some(amounts.sold as i128)
    } else if exchange.bought == functional {
        Some(amounts.exact as i128)
    } else {
        None
    };
    match (known, given) {
        (Some(known), Some(given)) if known != given => Err(Status::FUNCTIONAL_AMOUNT_DIFFERS),
        (Some(known), _) => Ok(known),
        (None, Some(given)) if given > 0 => Ok(given),
        (None, _) => Err(Status::FUNCTIONAL_AMOUNT_NEEDED),
    }
}
