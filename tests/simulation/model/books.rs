//! The model's books: positions, exchanges, revaluations, splits, accruals and statements, in plain 128-bit numbers.

use std::collections::BTreeMap;

use qenex::base::Status;

use super::accounts::check_text;
use super::derived::leg_id;
use super::postings::{flag, positive};
use super::{Answer, Checked, Model, Posting, Scene, applied, kind};
use crate::books::{Book, Exchange};
use crate::command::Named;
use crate::generator::USD;

/// A position: what moved it on each booking day, its amount and what it is carried at.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    pub account: u128,
    pub rounding: Option<u128>,
    pub days: BTreeMap<i32, (i128, i128)>,
}

impl Position {
    /// What it came to at the end of a day.
    pub fn total(&self, day: i32) -> (i128, i128) {
        self.days
            .range(..=day)
            .fold((0, 0), |sum, (_, moved)| (sum.0 + moved.0, sum.1 + moved.1))
    }
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sequence: i64,
    pub to: i32,
    pub by_value: bool,
    pub closing: (u128, u128),
}

const FIRST_DAY: i32 = -719_162;
const UNIT: i128 = 1_000_000_000_000_000_000;

/// What legs share.
struct Legs {
    id: u128,
    flags: u32,
    dates: (i32, i32),
    count: u64,
}

impl Model {
    pub(super) fn book(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        let start = self.postings.len();
        self.in_legs = true;
        let done = self.book_legs(scene, book);
        self.in_legs = false;
        let answer = done?;
        for index in start..self.postings.len() {
            let posting = self.postings[index].clone();
            self.correct(scene, &posting);
        }
        Ok(answer)
    }

    fn book_legs(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        match book {
            Book::Position {
                key,
                account,
                asset,
                rounding,
                carried,
            } => self.register(scene, *key, account, *asset, rounding.as_ref(), *carried),
            Book::Exchange(exchange) => self.exchange(scene, exchange),
            Book::Revalue { .. } => self.revalue(scene, book),
            Book::Split { .. } => self.split(scene, book),
            Book::Accrue { .. } => self.accrue(scene, book),
            Book::Post { .. } => self.post_accrual(scene, book),
            Book::Cut { .. } => self.cut(scene, book),
        }
    }

    fn register(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
        asset: u32,
        rounding: Option<&Named>,
        carried: i128,
    ) -> Checked<Answer> {
        assert_eq!(carried, 0, "the generator gives no book value");
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let found = self.state.accounts[&account].clone();
        let place = (found.entity, asset);
        if found.position || self.state.positions.contains_key(&place) {
            return Err(Status::POSITION_EXISTS);
        }
        let rounding = match rounding {
            Some(named) => Some(self.named(named).ok_or(Status::ACCOUNT_UNKNOWN)?),
            None => None,
        };
        assert_eq!(
            self.balance(account, asset),
            [0; 4],
            "the generator registers empty accounts"
        );
        let sequence = self.change(scene, kind::POSITION, key);
        let position = Position {
            account,
            rounding,
            days: BTreeMap::new(),
        };
        self.state.positions.insert(place, position);
        if let Some(account) = self.state.accounts.get_mut(&account) {
            account.position = true;
        }
        Ok(applied(sequence, scene.time, key))
    }

    fn exchange(&mut self, scene: &Scene, exchange: &Exchange) -> Checked<Answer> {
        if exchange.flags & !flag::FORCE != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        if exchange.sold == exchange.bought {
            return Err(Status::EXCHANGE_ASSETS_EQUAL);
        }
        let (coefficient, scale) = exchange.rate.ok_or(Status::RATE_INVALID)?;
        let debit = self
            .named(&exchange.debit)
            .ok_or(Status::DEBIT_ACCOUNT_UNKNOWN)?;
        let credit = self
            .named(&exchange.credit)
            .ok_or(Status::CREDIT_ACCOUNT_UNKNOWN)?;
        let sides = [&self.state.accounts[&debit], &self.state.accounts[&credit]];
        let entity = sides[0].entity;
        if entity != sides[1].entity {
            return Err(Status::ENTITIES_DIFFER);
        }
        if sides.iter().any(|side| side.position) {
            return Err(Status::POSITION_ACCOUNT);
        }
        let (sold_place, bought_place) = ((entity, exchange.sold), (entity, exchange.bought));
        let find = |place| {
            self.state
                .positions
                .get(place)
                .cloned()
                .ok_or(Status::POSITION_UNKNOWN)
        };
        let (from, to) = (find(&sold_place)?, find(&bought_place)?);
        // bought minor units = sold minor units * above / below
        let decimals = |asset: u32| u32::from(self.state.assets[&asset].scale);
        let above = coefficient * 10i128.pow(decimals(exchange.bought));
        let below = 10i128.pow(u32::from(scale) + decimals(exchange.sold));
        let given = |amount: Option<i128>| match amount {
            Some(amount) => positive(amount, false).map(|amount| Some(amount as i128)),
            None => Ok(None),
        };
        let (sold, bought) = (given(exchange.sold_amount)?, given(exchange.bought_amount)?);
        let (sold, bought, exact) = match (sold, bought) {
            (None, None) => return Err(Status::EXCHANGE_AMOUNT_NEEDED),
            (None, Some(bought)) => {
                let sold = rounded(bought * below, above, exchange.rounding)?;
                (positive(sold, false)? as i128, bought, bought)
            }
            (Some(sold), bought) => {
                let exact = rounded(sold * above, below, exchange.rounding)?;
                match bought {
                    None if exact == 0 => return Err(Status::AMOUNT_ZERO),
                    None => (sold, exact, exact),
                    Some(bought) if (bought * below - sold * above).abs() > below => {
                        return Err(Status::RATE_DIFFERS);
                    }
                    Some(bought) => (sold, bought, exact),
                }
            }
        };
        let difference = exact - bought;
        if difference != 0 && to.rounding.is_none() {
            return Err(Status::ROUNDING_ACCOUNT_NEEDED);
        }
        let equivalent = if exchange.sold == USD { sold } else { exact };
        if exchange.equivalent.is_some_and(|given| given != equivalent) {
            return Err(Status::FUNCTIONAL_AMOUNT_DIFFERS);
        }
        let dates = self.days(entity, exchange.booking, exchange.value)?;
        let sequence = self.change(scene, kind::EXCHANGE, exchange.id);
        let mut legs = Legs {
            id: exchange.id,
            flags: flag::EXCHANGE | exchange.flags | dates_given(exchange.booking, exchange.value),
            dates,
            count: 0,
        };
        let first = self.leg(scene, &mut legs, debit, from.account, exchange.sold, sold)?;
        let second = self.leg(
            scene,
            &mut legs,
            to.account,
            credit,
            exchange.bought,
            bought,
        )?;
        if let Some(rounding) = to.rounding
            && difference != 0
        {
            let (debit, credit) = match difference > 0 {
                true => (to.account, rounding),
                false => (rounding, to.account),
            };
            self.leg(
                scene,
                &mut legs,
                debit,
                credit,
                exchange.bought,
                difference.abs(),
            )?;
        }
        self.move_position(sold_place, dates.0, sold, equivalent);
        self.move_position(bought_place, dates.0, -exact, -equivalent);
        let mut answer = applied(sequence, scene.time, exchange.id);
        answer.amount = bought;
        answer.debit = first.debit;
        answer.credit = second.credit;
        Ok(answer)
    }

    fn move_position(&mut self, place: (u32, u32), day: i32, amount: i128, carried: i128) {
        if let Some(position) = self.state.positions.get_mut(&place) {
            let moved = position.days.entry(day).or_default();
            moved.0 += amount;
            moved.1 += carried;
        }
    }

    /// A leg of an exchange was reversed.
    pub(super) fn take_back(&mut self, original: &Posting, day: i32) {
        let entity = self.state.accounts[&original.debit].entity;
        let amount = original.amount as i128;
        let sign = if self.state.accounts[&original.credit].position {
            -1
        } else {
            1
        };
        // The legs in dollars are their own equivalent; those of an exchange in points are worth its dollars, and a
        // difference in points is worth nothing.
        let equivalent = if original.asset == USD {
            amount
        } else {
            let legs: Vec<&Posting> = self
                .postings
                .iter()
                .filter(|leg| {
                    leg.transaction == original.transaction && leg.flags & flag::EXCHANGE != 0
                })
                .collect();
            let rounding = original.id == leg_id(original.transaction, 3);
            let dollars: i128 = legs
                .iter()
                .filter(|leg| leg.asset == USD)
                .map(|leg| match self.position_side(leg, legs[0]) {
                    true => leg.amount as i128,
                    false => -(leg.amount as i128),
                })
                .sum();
            if rounding { 0 } else { dollars.abs() }
        };
        self.move_position(
            (entity, original.asset),
            day,
            sign * amount,
            sign * equivalent,
        );
    }

    /// Whether a leg moves the position's account to the same side as the first leg in its asset does.
    fn position_side(&self, leg: &Posting, first: &Posting) -> bool {
        let credits = |leg: &Posting| self.state.accounts[&leg.credit].position;
        match leg.asset == first.asset {
            true => credits(leg) == credits(first),
            false => !credits(leg),
        }
    }

    fn revalue(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        let Book::Revalue {
            key,
            entity,
            asset,
            date,
            rate: (coefficient, scale),
            rounding,
            account,
        } = book
        else {
            unreachable!("{book:?}")
        };
        if *asset == USD {
            return Err(Status::REVALUATION_OF_FUNCTIONAL);
        }
        let (place, dollars) = ((*entity, *asset), (*entity, USD));
        let find = |place| {
            self.state
                .positions
                .get(place)
                .cloned()
                .ok_or(Status::POSITION_UNKNOWN)
        };
        let (position, counter) = (find(&place)?, find(&dollars)?);
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let found = &self.state.accounts[&account];
        if found.entity != *entity {
            return Err(Status::ENTITIES_DIFFER);
        }
        if found.asset != 0 && found.asset != USD {
            return Err(Status::ASSET_NOT_ALLOWED);
        }
        if found.position {
            return Err(Status::POSITION_ACCOUNT);
        }
        let dates = self.days(*entity, Some(*date), None)?;
        let (amount, carried) = position.total(*date);
        let decimals = |asset: u32| u32::from(self.state.assets[&asset].scale);
        let above = amount * coefficient * 10i128.pow(decimals(USD));
        let below = 10i128.pow(u32::from(*scale) + decimals(*asset));
        let gain = rounded(above, below, Some(*rounding))? - carried;
        let sequence = self.change(scene, kind::REVALUATION, *key);
        let mut answer = applied(sequence, scene.time, *key);
        if gain != 0 {
            let mut legs = Legs {
                id: *key,
                flags: flag::REVALUATION | flag::BOOKING_GIVEN,
                dates,
                count: 0,
            };
            let (debit, credit) = match gain > 0 {
                true => (counter.account, account),
                false => (account, counter.account),
            };
            let posted = self.leg(scene, &mut legs, debit, credit, USD, gain.abs())?;
            answer.amount = gain;
            answer.debit = posted.debit;
            answer.credit = posted.credit;
            self.move_position(place, *date, 0, gain);
            self.move_position(dollars, *date, -gain, -gain);
        }
        Ok(answer)
    }

    fn split(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        let Book::Split {
            id,
            debit,
            asset,
            amount,
            parts,
            flags,
            value,
        } = book
        else {
            unreachable!("{book:?}")
        };
        if flags & !flag::FORCE != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        let whole = positive(*amount, false)?;
        let weights: u128 = parts.iter().map(|(_, weight)| u128::from(*weight)).sum();
        if weights == 0 {
            return Err(Status::SPLIT_PARTS_INVALID);
        }
        let debit = self.named(debit).ok_or(Status::DEBIT_ACCOUNT_UNKNOWN)?;
        let entity = self.state.accounts[&debit].entity;
        let dates = self.days(entity, None, *value)?;
        // Divided first, so that it fits.
        let mut shares: Vec<u128> = Vec::new();
        let mut rests: Vec<(u128, usize)> = Vec::new();
        for (index, (_, weight)) in parts.iter().enumerate() {
            let weight = u128::from(*weight);
            let rest = whole % weights * weight;
            shares.push(whole / weights * weight + rest / weights);
            rests.push((rest % weights, index));
        }
        let left = whole - shares.iter().sum::<u128>();
        rests.sort_by_key(|(rest, index)| (u128::MAX - rest, *index));
        for (_, index) in rests.iter().take(left as usize) {
            shares[*index] += 1;
        }
        let sequence = self.change(scene, kind::SPLIT, *id);
        let mut answer = applied(sequence, scene.time, *id);
        answer.amount = *amount;
        let mut legs = Legs {
            id: *id,
            flags: flags | dates_given(None, *value),
            dates,
            count: 0,
        };
        for ((credit, _), share) in parts.iter().zip(shares) {
            if share == 0 {
                continue;
            }
            let parties = self.parties(&Named::Id(debit), credit, *asset)?;
            let posted = self.leg(
                scene,
                &mut legs,
                debit,
                parties.credit,
                *asset,
                share as i128,
            )?;
            answer.debit = posted.debit;
            answer.credit = posted.credit;
        }
        Ok(answer)
    }

    fn accrue(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        let Book::Accrue {
            key,
            account,
            name,
            asset,
            coefficient,
            scale,
        } = book
        else {
            unreachable!("{book:?}")
        };
        check_name(name)?;
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let held = self.state.accounts[&account].asset;
        if held != 0 && held != *asset {
            return Err(Status::ASSET_NOT_ALLOWED);
        }
        let power = 18u32
            .checked_sub(u32::from(*scale))
            .ok_or(Status::ACCRUAL_OUT_OF_RANGE)?;
        let added = coefficient
            .checked_mul(10i128.pow(power))
            .ok_or(Status::ACCRUAL_OUT_OF_RANGE)?;
        let value = self.grow((account, name.clone()), *asset, added)?.1;
        let sequence = self.change(scene, kind::ACCRUAL, *key);
        let mut answer = applied(sequence, scene.time, *key);
        answer.amount = value / UNIT;
        Ok(answer)
    }

    fn grow(&mut self, key: (u128, String), asset: u32, added: i128) -> Checked<(u32, i128, i128)> {
        let mut row = self
            .state
            .accruals
            .get(&key)
            .copied()
            .unwrap_or((asset, 0, 0));
        if row.0 != asset {
            return Err(Status::ACCRUAL_ASSET_DIFFERS);
        }
        row.1 = row
            .1
            .checked_add(added)
            .ok_or(Status::ACCRUAL_OUT_OF_RANGE)?;
        self.state.accruals.insert(key, row);
        Ok(row)
    }

    fn post_accrual(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        let Book::Post {
            id,
            account,
            name,
            contra,
            residue,
        } = book
        else {
            unreachable!("{book:?}")
        };
        check_name(name)?;
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let key = (account, name.clone());
        let (asset, value, posted) = *self
            .state
            .accruals
            .get(&key)
            .ok_or(Status::ACCRUAL_UNKNOWN)?;
        let entity = self.state.accounts[&account].entity;
        let dates = self.days(entity, None, None)?;
        let (whole, rest) = (value / UNIT, value % UNIT);
        self.state
            .accruals
            .insert(key.clone(), (asset, rest, posted + whole));
        if let Some(named) = residue {
            let taker = self.named(named).ok_or(Status::ACCOUNT_UNKNOWN)?;
            let found = &self.state.accounts[&taker];
            if taker == account {
                return Err(Status::ACCOUNTS_EQUAL);
            }
            if found.entity != entity {
                return Err(Status::ENTITIES_DIFFER);
            }
            if found.asset != 0 && found.asset != asset {
                return Err(Status::ASSET_NOT_ALLOWED);
            }
            self.grow((taker, name.clone()), asset, rest)?;
            self.state.accruals.insert(key, (asset, 0, posted + whole));
        }
        let sequence = self.change(scene, kind::ACCRUAL_POSTED, *id);
        let mut answer = applied(sequence, scene.time, *id);
        if whole != 0 {
            let own = Named::Id(account);
            let (debit, credit) = match whole > 0 {
                true => (contra, &own),
                false => (&own, contra),
            };
            let parties = self.parties(debit, credit, asset)?;
            let mut legs = Legs {
                id: *id,
                flags: 0,
                dates,
                count: 0,
            };
            let done = self.leg(
                scene,
                &mut legs,
                parties.debit,
                parties.credit,
                asset,
                whole.abs(),
            )?;
            answer.amount = whole;
            answer.debit = done.debit;
            answer.credit = done.credit;
        }
        Ok(answer)
    }

    fn cut(&mut self, scene: &Scene, book: &Book) -> Checked<Answer> {
        let Book::Cut {
            key,
            account,
            asset,
            to,
            by_value,
        } = book
        else {
            unreachable!("{book:?}")
        };
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        if !self.state.assets.contains_key(asset) {
            return Err(Status::ASSET_UNKNOWN);
        }
        let found = &self.state.accounts[&account];
        if found.asset != 0 && found.asset != *asset {
            return Err(Status::ASSET_NOT_ALLOWED);
        }
        let today = self.state.entities[found.entity as usize - 1].business_date;
        let to = to.unwrap_or(today);
        let place = (account, *asset);
        let last = self
            .state
            .statements
            .get(&place)
            .and_then(|list| list.last());
        if to > today || last.is_some_and(|last| to < last.to) {
            return Err(Status::STATEMENT_PERIOD_INVALID);
        }
        if last.is_some_and(|last| last.by_value != *by_value) {
            return Err(Status::STATEMENT_DATES_DIFFER);
        }
        let mut closing = (0, 0);
        for posting in &self.postings {
            let day = if *by_value {
                posting.value
            } else {
                posting.booking
            };
            if posting.asset != *asset || day > to {
                continue;
            }
            if posting.debit == account {
                closing.0 += posting.amount;
            }
            if posting.credit == account {
                closing.1 += posting.amount;
            }
        }
        let sequence = self.change(scene, kind::STATEMENT, *key);
        let list = self.state.statements.entry(place).or_default();
        list.push(Statement {
            sequence,
            to,
            by_value: *by_value,
            closing,
        });
        let mut answer = applied(sequence, scene.time, *key);
        answer.number = list.len() as u64;
        Ok(answer)
    }

    fn days(&self, entity: u32, booking: Option<i32>, value: Option<i32>) -> Checked<(i32, i32)> {
        let entity = &self.state.entities[entity as usize - 1];
        let booking = booking.unwrap_or(entity.business_date);
        let closed = entity.closed_through.is_some_and(|day| booking <= day);
        if booking > entity.business_date || closed || booking < FIRST_DAY {
            return Err(Status::BOOKING_DATE_CLOSED);
        }
        Ok((booking, value.unwrap_or(booking)))
    }

    fn leg(
        &mut self,
        scene: &Scene,
        legs: &mut Legs,
        debit: u128,
        credit: u128,
        asset: u32,
        amount: i128,
    ) -> Checked<Answer> {
        let parties = self.parties(&Named::Id(debit), &Named::Id(credit), asset)?;
        if amount as u128 > parties.maximum {
            return Err(Status::AMOUNT_OVERFLOW);
        }
        legs.count += 1;
        let posting = Posting {
            sequence: 0,
            id: leg_id(legs.id, legs.count),
            time: scene.time,
            actor: scene.actor,
            behalf: scene.behalf,
            debit,
            credit,
            asset,
            amount: amount as u128,
            booking: legs.dates.0,
            value: legs.dates.1,
            flags: legs.flags,
            transaction: legs.id,
            hold: 0,
            unheld: 0,
            reverses: 0,
            recovery: 0,
            reference: String::new(),
        };
        self.post(posting, false)
    }
}

fn dates_given(booking: Option<i32>, value: Option<i32>) -> u32 {
    let given = |day: Option<i32>, flag| if day.is_some() { flag } else { 0 };
    given(booking, flag::BOOKING_GIVEN) | given(value, flag::VALUE_GIVEN)
}

fn check_name(name: &str) -> Checked<()> {
    if name.is_empty() {
        return Err(Status::TEXT_INVALID);
    }
    check_text(name, 64)
}

/// `above / below`, rounded as its number says; none: it must be exact.
fn rounded(above: i128, below: i128, mode: Option<u8>) -> Checked<i128> {
    let (floor, rest) = (above.div_euclid(below), above.rem_euclid(below));
    if rest == 0 {
        return Ok(floor);
    }
    let (half, up) = (2 * rest, floor + 1);
    let nearest = |tie: i128| match half.cmp(&below) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Equal => tie,
        std::cmp::Ordering::Greater => up,
    };
    let (outward, inward) = if above < 0 { (floor, up) } else { (up, floor) };
    Ok(match mode.ok_or(Status::ROUNDING_NEEDED)? {
        1 => nearest(if floor % 2 == 0 { floor } else { up }),
        2 => nearest(outward),
        3 => nearest(inward),
        4 => outward,
        5 => inward,
        6 => floor,
        _ => up,
    })
}
