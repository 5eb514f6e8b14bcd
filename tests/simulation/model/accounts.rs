//! The model's entities, assets and accounts.

use std::collections::{BTreeMap, BTreeSet};

use qenex::base::Status;
use qenex::ledger::account::{AccountKind, BlockSide, LimitKind};

use super::derived::opening_id;
use super::postings::positive;
use super::{Answer, CUSTOMER, Checked, Model, Run, Scene, applied, kind};
use crate::command::{Limit, Named, Open, Transfer};

#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    pub code: String,
    pub scale: u8,
    pub wide: bool,
}

impl Asset {
    pub fn maximum(&self) -> u128 {
        match self.wide {
            true => i128::MAX as u128,
            false => i64::MAX as u128,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    pub id: u128,
    pub business_date: i32,
    pub follows_clock: bool,
    pub closed_through: Option<i32>,
    /// 1 and up; 0: none.
    pub calendar: usize,
    pub dormant_after: u32,
    pub sealed: Option<i32>,
    pub sealing: Option<Run>,
    pub year_end: Option<Run>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub number: u64,
    pub kind: AccountKind,
    pub entity: u32,
    pub asset: u32,
    /// As asked for at opening.
    pub flags: u32,
    pub normal_debit: bool,
    pub debit_blocked: bool,
    pub credit_blocked: bool,
    pub closed: bool,
    /// It is a position account.
    pub position: bool,
    /// By asset and number of the kind (1 overdraft, 2 minimum, 3 maximum): amount and end.
    pub limits: BTreeMap<(u32, u8), (i128, Option<i64>)>,
}

const FIRST_DAY: i32 = -719_162;
const LAST_DAY: i32 = 2_932_896;
const DAY: i64 = 86_400_000_000;

pub fn is_day(day: i32) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day)
}

impl Model {
    /// The account that is meant.
    pub fn named(&self, named: &Named) -> Option<u128> {
        let text = match named {
            Named::Id(id) => return self.state.accounts.contains_key(id).then_some(*id),
            Named::Number(text) => text,
        };
        let typed = text.split_once(':');
        let found: BTreeSet<u128> = self
            .state
            .numbers
            .iter()
            .filter(|((number_type, number), _)| {
                number == text || typed == Some((number_type.as_str(), number.as_str()))
            })
            .map(|(_, account)| *account)
            .collect();
        assert!(found.len() < 2, "'{text}' is ambiguous");
        found.first().copied()
    }

    pub(super) fn create_asset(
        &mut self,
        scene: &Scene,
        code: &str,
        scale: u8,
        wide: bool,
    ) -> Checked<Answer> {
        if scale > 18 {
            return Err(Status::SCALE_OUT_OF_RANGE);
        }
        let known = |byte: char| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == '.' || byte == '-'
        };
        if code.is_empty() || code.len() > 16 || !code.chars().all(known) {
            return Err(Status::TEXT_INVALID);
        }
        let asset = Asset {
            code: code.to_owned(),
            scale,
            wide,
        };
        let existing = self.state.assets.iter().find(|(_, old)| old.code == code);
        if let Some((number, existing)) = existing {
            if *existing != asset {
                return Err(Status::ASSET_EXISTS);
            }
            let mut answer = applied(0, scene.time, 0);
            answer.repeated = true;
            answer.number = u64::from(*number);
            return Ok(answer);
        }
        let iso = match code {
            "USD" => 840,
            "EUR" => 978,
            _ => 0,
        };
        let last = self.state.assets.keys().last().copied().unwrap_or(0);
        let number = if iso != 0 && !self.state.assets.contains_key(&iso) {
            iso
        } else {
            (last + 1).max(1000)
        };
        self.state.assets.insert(number, asset);
        let sequence = self.change(scene, kind::ASSET, 0);
        let mut answer = applied(sequence, scene.time, 0);
        answer.number = u64::from(number);
        Ok(answer)
    }

    pub(super) fn create_entity(
        &mut self,
        scene: &Scene,
        id: u128,
        currency: u32,
        business_date: i32,
        follows_clock: bool,
    ) -> Checked<Answer> {
        if !self.state.assets.contains_key(&currency) {
            return Err(Status::ASSET_UNKNOWN);
        }
        self.state.entities.push(Entity {
            id,
            business_date,
            follows_clock,
            closed_through: None,
            calendar: 0,
            dormant_after: 0,
            sealed: None,
            sealing: None,
            year_end: None,
        });
        let sequence = self.change(scene, kind::ENTITY, id);
        let mut answer = applied(sequence, scene.time, id);
        answer.number = self.state.entities.len() as u64;
        Ok(answer)
    }

    /// An entity by number: 1 and up.
    pub(super) fn entity(&mut self, number: u32) -> Checked<&mut Entity> {
        (number as usize)
            .checked_sub(1)
            .and_then(|index| self.state.entities.get_mut(index))
            .ok_or(Status::ENTITY_UNKNOWN)
    }

    pub(super) fn roll(
        &mut self,
        scene: &Scene,
        key: u128,
        number: u32,
        to: Option<i32>,
        any_day: bool,
    ) -> Checked<Answer> {
        let (today, calendar) = {
            let entity = self.entity(number)?;
            (entity.business_date, entity.calendar)
        };
        let mut next = today.saturating_add(1);
        while !self.is_business_day(calendar, next) {
            next += 1;
        }
        let to = to.unwrap_or(next);
        if to <= today || !is_day(to) {
            return Err(Status::BUSINESS_DATE_NOT_LATER);
        }
        if !any_day && !self.is_business_day(calendar, to) {
            return Err(Status::NOT_A_BUSINESS_DAY);
        }
        self.entity(number)?.business_date = to;
        let sequence = self.change(scene, kind::BUSINESS_DATE, key);
        self.book_scheduled(scene, number, to);
        Ok(applied(sequence, scene.time, key))
    }

    pub(super) fn close_period(
        &mut self,
        scene: &Scene,
        key: u128,
        entity: u32,
        through: i32,
    ) -> Checked<Answer> {
        let entity = self.entity(entity)?;
        let again = entity.closed_through.is_some_and(|day| through <= day);
        if again || through >= entity.business_date {
            return Err(Status::PERIOD_INVALID);
        }
        entity.closed_through = Some(through);
        let sequence = self.change(scene, kind::PERIOD_CLOSED, key);
        Ok(applied(sequence, scene.time, key))
    }

    pub(super) fn follow_clock(&mut self, scene: &Scene) {
        let today = scene.time.div_euclid(DAY) as i32;
        for index in 0..self.state.entities.len() {
            let entity = self.state.entities[index].clone();
            if !entity.follows_clock || entity.business_date >= today {
                continue;
            }
            let mut to = today;
            while !self.is_business_day(entity.calendar, to) {
                to -= 1;
            }
            if to > entity.business_date {
                self.state.entities[index].business_date = to;
                self.change(scene, kind::BUSINESS_DATE, 0);
                self.book_scheduled(scene, index as u32 + 1, to);
            }
        }
    }

    pub(super) fn open(&mut self, scene: &Scene, open: &Open) -> Checked<Answer> {
        if open.flags & !0b111 != 0 {
            return Err(Status::INVALID_FLAGS);
        }
        self.entity(open.entity)?;
        if open.asset != 0 && !self.state.assets.contains_key(&open.asset) {
            return Err(Status::ASSET_UNKNOWN);
        }
        check_text(&open.name, 256)?;
        if !(open.number_type.is_empty() && open.number.is_empty()) {
            check_number(&open.number_type, &open.number)?;
        }
        if let Some((_, asset, amount)) = &open.opening {
            if !self.state.assets.contains_key(asset) {
                return Err(Status::ASSET_UNKNOWN);
            }
            if open.asset != 0 && open.asset != *asset {
                return Err(Status::ASSET_NOT_ALLOWED);
            }
            positive(*amount, false)?;
        }
        if open.parent != 0 {
            let parent = self.state.accounts.get(&open.parent);
            if parent.is_none_or(|parent| parent.entity != open.entity) {
                return Err(Status::PARENT_INVALID);
            }
        }
        let number = (open.number_type.clone(), open.number.clone());
        if !open.number.is_empty() && self.state.numbers.contains_key(&number) {
            return Err(Status::NUMBER_TAKEN);
        }
        let sequence = self.change(scene, kind::ACCOUNT_OPENED, open.id);
        let grows_by_debits = matches!(
            open.kind,
            AccountKind::Asset | AccountKind::Expense | AccountKind::Memorandum
        );
        let account = Account {
            number: self.state.accounts.len() as u64 + 1,
            kind: open.kind,
            entity: open.entity,
            asset: open.asset,
            flags: open.flags,
            normal_debit: grows_by_debits != (open.flags & 2 != 0),
            debit_blocked: false,
            credit_blocked: false,
            closed: false,
            position: false,
            limits: BTreeMap::new(),
        };
        let mut answer = applied(sequence, scene.time, open.id);
        answer.number = account.number;
        self.state.accounts.insert(open.id, account);
        if !open.number.is_empty() {
            self.give(number, open.id, sequence);
        }
        if open.flags & CUSTOMER != 0 {
            self.start_term(open.id, sequence);
        }
        if let Some((contra, asset, amount)) = &open.opening {
            let own = Named::Id(open.id);
            let (debit, credit) = match self.state.accounts[&open.id].normal_debit {
                true => (own, contra.clone()),
                false => (contra.clone(), own),
            };
            let moved = self.transfer(
                scene,
                &Transfer {
                    id: opening_id(open.id),
                    debit,
                    credit,
                    asset: *asset,
                    amount: *amount,
                    transaction: 0,
                    code: 0,
                    flags: 0,
                    booking: None,
                    value: None,
                    user: (0, 0, 0),
                    reference: String::new(),
                    narrative: String::new(),
                },
            )?;
            answer.amount = moved.amount;
            answer.debit = moved.debit;
            answer.credit = moved.credit;
        }
        Ok(answer)
    }

    pub(super) fn number(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
        (number_type, number): (&str, &str),
        (end, take, expires): (bool, bool, Option<i64>),
    ) -> Checked<Answer> {
        check_number(number_type, number)?;
        if end && (take || expires.is_some()) {
            return Err(Status::INVALID_FLAGS);
        }
        if expires.is_some_and(|end| end <= scene.time) {
            return Err(Status::EXPIRY_IN_THE_PAST);
        }
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        let typed = (number_type.to_owned(), number.to_owned());
        let holder = self.state.numbers.get(&typed).copied();
        if end {
            if holder != Some(account) {
                return Err(Status::NUMBER_UNKNOWN);
            }
        } else {
            match holder {
                Some(holder) if !take || holder == account => return Err(Status::NUMBER_TAKEN),
                None if take => return Err(Status::NUMBER_UNKNOWN),
                _ => {}
            }
        }
        self.take(&typed, scene.time);
        let sequence = self.change(scene, kind::ACCOUNT_NUMBER, key);
        if !end {
            self.give(typed.clone(), account, sequence);
        }
        if let Some(end) = expires {
            self.state.number_ends.insert(typed, (end, sequence));
        }
        Ok(applied(sequence, scene.time, key))
    }

    /// Numbers whose time has come, the earliest first.
    pub(super) fn expire_numbers(&mut self, scene: &Scene) {
        let ends = self.state.number_ends.iter();
        let mut due: Vec<((i64, i64), (String, String))> = ends
            .filter(|(_, (end, _))| *end <= scene.time)
            .map(|(typed, when)| (*when, typed.clone()))
            .collect();
        due.sort();
        for ((end, _), typed) in due {
            self.change(scene, kind::NUMBER_EXPIRED, 0);
            self.take(&typed, end);
        }
    }

    fn give(&mut self, typed: (String, String), account: u128, sequence: i64) {
        let given = (typed.clone(), account, sequence, None);
        self.state.given.push(given);
        self.state.numbers.insert(typed, account);
    }

    /// Takes a number from whoever has it.
    fn take(&mut self, typed: &(String, String), time: i64) {
        let mut held = self.state.given.iter_mut();
        if let Some(held) = held.rfind(|(given, _, _, end)| given == typed && end.is_none()) {
            held.3 = Some(time);
        }
        self.state.numbers.remove(typed);
        self.state.number_ends.remove(typed);
    }

    /// Whether a name stands for an account now, or stood for it when a change was made.
    pub(super) fn means(&self, named: &Named, account: u128, sequence: i64, time: i64) -> bool {
        if self.named(named) == Some(account) {
            return true;
        }
        let Named::Number(text) = named else {
            return false;
        };
        let typed = text.split_once(':');
        self.state
            .given
            .iter()
            .any(|((kind, number), holder, given, end)| {
                (number == text || typed == Some((kind.as_str(), number.as_str())))
                    && (*holder == account && *given < sequence)
                    && end.is_none_or(|end| end >= time)
            })
    }

    pub(super) fn block(
        &mut self,
        scene: &Scene,
        key: u128,
        account: &Named,
        side: BlockSide,
        set: bool,
    ) -> Checked<Answer> {
        let account = self.named(account).ok_or(Status::ACCOUNT_UNKNOWN)?;
        if let Some(account) = self.state.accounts.get_mut(&account) {
            let blocked = match side {
                BlockSide::Debit => &mut account.debit_blocked,
                BlockSide::Credit => &mut account.credit_blocked,
            };
            if *blocked == set {
                return Err(Status::BLOCK_UNCHANGED);
            }
            *blocked = set;
        }
        let sequence = self.change(scene, kind::ACCOUNT_BLOCK, key);
        Ok(applied(sequence, scene.time, key))
    }

    pub(super) fn limit(&mut self, scene: &Scene, limit: &Limit) -> Checked<Answer> {
        let account = self.state.accounts.get(&limit.account);
        let mut limits = account.ok_or(Status::ACCOUNT_UNKNOWN)?.limits.clone();
        if !self.state.assets.contains_key(&limit.asset) {
            return Err(Status::ASSET_UNKNOWN);
        }
        if limit.expires.is_some_and(|end| end <= scene.time) {
            return Err(Status::EXPIRY_IN_THE_PAST);
        }
        limits.remove(&(limit.asset, limit.kind.number()));
        if let Some(amount) = limit.amount {
            let negative = limit.kind == LimitKind::Overdraft && amount < 0;
            if amount == i128::MIN || negative {
                return Err(Status::LIMIT_INVALID);
            }
            limits.insert((limit.asset, limit.kind.number()), (amount, limit.expires));
            let minimum = limits.get(&(limit.asset, LimitKind::Minimum.number()));
            let maximum = limits.get(&(limit.asset, LimitKind::Maximum.number()));
            if let (Some((minimum, _)), Some((maximum, _))) = (minimum, maximum)
                && minimum > maximum
            {
                return Err(Status::LIMIT_INVALID);
            }
        }
        if let Some(account) = self.state.accounts.get_mut(&limit.account) {
            account.limits = limits;
        }
        let sequence = self.change(scene, kind::ACCOUNT_LIMIT, limit.key);
        Ok(applied(sequence, scene.time, limit.key))
    }

    pub(super) fn close(&mut self, scene: &Scene, key: u128, id: u128) -> Checked<Answer> {
        let account = self.state.accounts.get_mut(&id);
        let account = account.ok_or(Status::ACCOUNT_UNKNOWN)?;
        if account.closed {
            return Err(Status::ACCOUNT_CLOSED);
        }
        let mut balances = self.state.balances.range((id, 0)..=(id, u32::MAX));
        if balances.any(|(_, [d, c, held, held_in])| d != c || *held != 0 || *held_in != 0) {
            return Err(Status::ACCOUNT_NOT_EMPTY);
        }
        account.closed = true;
        let sequence = self.change(scene, kind::ACCOUNT_CLOSED, key);
        Ok(applied(sequence, scene.time, key))
    }
}

pub fn check_text(text: &str, longest: usize) -> Checked<()> {
    if text.len() > longest {
        return Err(Status::TEXT_TOO_LONG);
    }
    if text
        .chars()
        .any(|c| c.is_ascii_control() && !"\n\r\t".contains(c))
    {
        return Err(Status::TEXT_INVALID);
    }
    Ok(())
}

fn check_number(number_type: &str, number: &str) -> Checked<()> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let printable = |c: char| c.is_ascii_graphic();
    if number_type.is_empty()
        || number.is_empty()
        || !number_type.chars().all(plain)
        || !number.chars().all(printable)
    {
        return Err(Status::TEXT_INVALID);
    }
    if number_type.len() > 16 || number.len() > 64 {
        return Err(Status::TEXT_TOO_LONG);
    }
    Ok(())
}
