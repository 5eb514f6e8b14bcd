//! What happens to entities and assets: creation, the business date moving forward, periods closing.

use crate::base::currency;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::account::length;
use crate::ledger::asset::{Asset, FIRST_OWN_NUMBER};
use crate::ledger::calendar::next_business_day;
use crate::ledger::command::{AssetCreate, BusinessDateRoll, Command, EntityCreate, PeriodClose};
use crate::ledger::day_state::PeriodRow;
use crate::ledger::entity::Entity;
use crate::ledger::outcome::Outcome;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, refuse_unless};
use crate::tx::{ChangeKind, Context};

impl Ledger {
    pub(super) fn create_entity(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        create: &EntityCreate<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_text(create.name, length::NAME));
        refuse_unless!(check_text(create.time_zone, length::CODE));
        if self.asset(create.functional_currency).is_none() {
            return Ok(Err(Status::ASSET_UNKNOWN));
        }
        if !create.business_date.is_valid() {
            return Ok(Err(Status::BOOKING_DATE_CLOSED));
        }
        let number = self.entities().last().map_or(0, |entity| entity.number) + 1;
        let sequence = self.record(services, context, ChangeKind::ENTITY, command, None);
        let entity = Entity {
            number,
            id: create.id,
            name: create.name.to_owned(),
            functional_currency: create.functional_currency,
            time_zone: if create.time_zone.is_empty() {
                "UTC"
            } else {
                create.time_zone
            }
            .to_owned(),
            business_date: create.business_date,
            follows_clock: create.follows_clock,
            closed_through: None,
            calendar: 0,
            dormant_after: 0,
            sealed_through: None,
            sealing: None,
            year_end: 0,
        };
        self.entities.put(number, Some(entity));
        self.days
            .business_days
            .put((number, create.business_date.days()), Some(sequence));
        let mut outcome = Outcome::applied(sequence, context.time, create.id);
        outcome.number = u64::from(number);
        Ok(Ok(outcome))
    }

    pub(super) fn create_asset(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        create: &AssetCreate<'_>,
    ) -> Result<Checked<Outcome>> {
        if create.scale > 18 {
            return Ok(Err(Status::SCALE_OUT_OF_RANGE));
        }
        let known = |byte: u8| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'-'
        };
        if create.code.is_empty() || create.code.len() > 16 || !create.code.bytes().all(known) {
            return Ok(Err(Status::TEXT_INVALID));
        }
        let asset = Asset {
            number: 0,
            code: create.code.to_owned(),
            scale: create.scale,
            kind: create.kind,
            wide: create.wide,
        };
        if let Some(existing) = self.asset_by_code(create.code) {
            let number = existing.number;
            let same = Asset { number, ..asset } == *existing;
            let mut outcome = Outcome::applied(0, context.time, Id::NONE);
            outcome.number = u64::from(number);
            outcome.repeated = true;
            return Ok(if same {
                Ok(outcome)
            } else {
                Err(Status::ASSET_EXISTS)
            });
        }
        let number = self.number_for(create.code);
        let sequence = self.record(services, context, ChangeKind::ASSET, command, None);
        self.assets.put(number, Some(Asset { number, ..asset }));
        let mut outcome = Outcome::applied(sequence, context.time, Id::NONE);
        outcome.number = u64::from(number);
        Ok(Ok(outcome))
    }

    /// The ISO 4217 number of a currency that has one to itself, otherwise the next of our own.
    fn number_for(&self, code: &str) -> u32 {
        let iso = currency::find(code).map_or(0, |currency| u32::from(currency.number));
        if iso != 0 && self.asset(iso).is_none() {
            return iso;
        }
        let last = self.assets().last().map_or(0, |asset| asset.number);
        (last + 1).max(FIRST_OWN_NUMBER)
    }

    pub(super) fn roll_business_date(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        roll: &BusinessDateRoll,
    ) -> Result<Checked<Outcome>> {
        let Some(mut entity) = self.entity(roll.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let calendar = self.calendar(entity.calendar);
        let to = match roll.to {
            Some(to) => Some(to),
            None => next_business_day(calendar, entity.business_date),
        };
        let Some(to) = to.filter(|to| to.is_valid() && *to > entity.business_date) else {
            return Ok(Err(Status::BUSINESS_DATE_NOT_LATER));
        };
        if !roll.any_day && calendar.is_some_and(|calendar| !calendar.is_business_day(to)) {
            return Ok(Err(Status::NOT_A_BUSINESS_DAY));
        }
        let sequence = self.record(services, context, ChangeKind::BUSINESS_DATE, command, None);
        entity.business_date = to;
        let number = entity.number;
        self.entities.put(number, Some(entity));
        self.days
            .business_days
            .put((number, to.days()), Some(sequence));
        self.book_scheduled(services, context, number, to)?;
        Ok(Ok(Outcome::applied(sequence, context.time, roll.key)))
    }

    pub(super) fn close_period(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        close: &PeriodClose,
    ) -> Result<Checked<Outcome>> {
        let Some(mut entity) = self.entity(close.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        let already = entity
            .closed_through
            .is_some_and(|closed| close.through <= closed);
        if !close.through.is_valid() || already || close.through >= entity.business_date {
            return Ok(Err(Status::PERIOD_INVALID));
        }
        let sequence = self.record(services, context, ChangeKind::PERIOD_CLOSED, command, None);
        entity.closed_through = Some(close.through);
        self.open.days.periods.push(PeriodRow {
            sequence,
            entity: entity.number,
            through: close.through,
            time: context.time,
        });
        self.entities.put(entity.number, Some(entity));
        Ok(Ok(Outcome::applied(sequence, context.time, close.key)))
    }
}
