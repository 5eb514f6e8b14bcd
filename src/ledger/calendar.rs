//! Business calendars: which days are business days, as the host says. A calendar is data, nothing of it is built in;
//! an entity without one has business every day.

use rusqlite::Connection;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::length;
use crate::ledger::command::{CalendarSet, Command, EntityRules};
use crate::ledger::day_command::HOLIDAYS_MAX;
use crate::ledger::outcome::Outcome;
use crate::ledger::query::column;
use crate::ledger::state::{Ledger, Services};
use crate::ledger::transfer::{Checked, check_text, refuse_unless};
use crate::tx::{ChangeKind, Context};

/// Every day of the week.
const WHOLE_WEEK: u8 = 0b111_1111;

/// A business calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// 1 and up, in the order of definition.
    pub number: u32,
    pub code: String,
    /// Bit 0 is Monday, bit 6 Sunday.
    pub weekend: u8,
    /// Ascending, none twice.
    pub holidays: Vec<Date>,
    /// Sequence number of the change that defined it last.
    pub sequence: i64,
}

impl Calendar {
    /// Whether business is done on a day.
    pub fn is_business_day(&self, day: Date) -> bool {
        // 1 January 1970 was a Thursday, the fourth day of its week.
        let weekday = (day.days() + 3).rem_euclid(7);
        self.weekend >> weekday & 1 == 0 && self.holidays.binary_search(&day).is_err()
    }
}

/// The first business day after `day`; `None`: there is none in the years that dates can have.
pub fn next_business_day(calendar: Option<&Calendar>, day: Date) -> Option<Date> {
    step(calendar, day, 1)
}

/// The last business day up to and including `day`; `None`: there is none.
pub fn last_business_day(calendar: Option<&Calendar>, day: Date) -> Option<Date> {
    match calendar {
        Some(calendar) if !calendar.is_business_day(day) => step(Some(calendar), day, -1),
        _ => Some(day),
    }
}

fn step(calendar: Option<&Calendar>, day: Date, by: i64) -> Option<Date> {
    let mut day = day.add_days(by).ok()?;
    // Not all days of a week are free and holidays are a bounded list, so that this ends.
    while calendar.is_some_and(|calendar| !calendar.is_business_day(day)) {
        day = day.add_days(by).ok()?;
    }
    Some(day)
}

/// All calendars.
pub fn load(reader: &Connection) -> Result<Vec<Calendar>> {
    let mut holidays =
        reader.prepare("SELECT day FROM calendar_holiday WHERE calendar = ? ORDER BY day")?;
    let mut select =
        reader.prepare("SELECT number, code, weekend, seq FROM calendar ORDER BY number")?;
    let rows = select.query_map([], |row| {
        Ok(Calendar {
            number: row.get(0)?,
            code: column::text(row, 1)?,
            weekend: row.get(2)?,
            holidays: Vec::new(),
            sequence: row.get(3)?,
        })
    })?;
    let mut calendars = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    for calendar in &mut calendars {
        let days = holidays.query_map([calendar.number], |row| row.get(0))?;
        for day in days {
            calendar.holidays.push(Date::from_days(day?));
        }
    }
    Ok(calendars)
}

/// Writes a calendar whole.
pub fn write(connection: &Connection, calendar: &Calendar) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO calendar(number, code, weekend, seq) VALUES(?,?,?,?)",
        )?
        .execute((
            calendar.number,
            &calendar.code,
            calendar.weekend,
            calendar.sequence,
        ))?;
    connection
        .prepare_cached("DELETE FROM calendar_holiday WHERE calendar = ?")?
        .execute([calendar.number])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO calendar_holiday(calendar, day) VALUES(?,?)")?;
    for day in &calendar.holidays {
        insert.execute((calendar.number, day.days()))?;
    }
    Ok(())
}

impl Ledger {
    /// A calendar by code.
    pub fn calendar_by_code(&self, code: &str) -> Option<&Calendar> {
        self.days
            .calendars
            .resident()
            .into_iter()
            .find(|calendar| calendar.code == code)
    }

    /// All calendars, in the order of their numbers.
    pub fn calendars(&self) -> Vec<&Calendar> {
        self.days.calendars.resident()
    }

    /// The calendar with a number; 0 is none.
    pub(super) fn calendar(&self, number: u32) -> Option<&Calendar> {
        self.days.calendars.peek(&number)
    }

    pub(super) fn set_calendar(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        set: &CalendarSet<'_>,
    ) -> Result<Checked<Outcome>> {
        refuse_unless!(check_text(set.code, length::CODE));
        if set.code.is_empty() {
            return Ok(Err(Status::TEXT_INVALID));
        }
        let ascending = set.holidays.windows(2).all(|pair| pair[0] < pair[1]);
        if set.weekend >= WHOLE_WEEK || !ascending || set.holidays.len() > HOLIDAYS_MAX {
            return Ok(Err(Status::CALENDAR_INVALID));
        }
        let number = match self.calendar_by_code(set.code) {
            Some(calendar) => calendar.number,
            None => self.calendars().last().map_or(0, |last| last.number) + 1,
        };
        let sequence = self.record(services, context, ChangeKind::CALENDAR, command, None);
        let calendar = Calendar {
            number,
            code: set.code.to_owned(),
            weekend: set.weekend,
            holidays: set.holidays.to_vec(),
            sequence,
        };
        self.days.calendars.put(number, Some(calendar));
        let mut outcome = Outcome::applied(sequence, context.time, set.key);
        outcome.number = u64::from(number);
        Ok(Ok(outcome))
    }

    pub(super) fn set_entity_rules(
        &mut self,
        services: &mut Services<'_>,
        context: &Context,
        command: &Command<'_>,
        rules: &EntityRules<'_>,
    ) -> Result<Checked<Outcome>> {
        let Some(mut entity) = self.entity(rules.entity).cloned() else {
            return Ok(Err(Status::ENTITY_UNKNOWN));
        };
        entity.calendar = match rules.calendar {
            "" => 0,
            code => match self.calendar_by_code(code) {
                Some(calendar) => calendar.number,
                None => return Ok(Err(Status::CALENDAR_UNKNOWN)),
            },
        };
        entity.dormant_after = rules.dormant_after;
        let sequence = self.record(services, context, ChangeKind::ENTITY_RULES, command, None);
        self.entities.put(entity.number, Some(entity));
        Ok(Ok(Outcome::applied(sequence, context.time, rules.key)))
    }

    /// Moves the business dates that follow the clock to the last business day up to the day of the command's time.
    pub fn follow_clock(&mut self, services: &mut Services<'_>, context: &Context) -> Result<()> {
        let today = context.time.date();
        let due: Vec<(u32, Date)> = self
            .entities()
            .into_iter()
            .filter(|entity| entity.follows_clock && entity.business_date < today)
            .filter_map(|entity| {
                let to = last_business_day(self.calendar(entity.calendar), today)?;
                (to > entity.business_date).then_some((entity.number, to))
            })
            .collect();
        for (entity, to) in due {
            let roll = crate::ledger::command::BusinessDateRoll {
                key: Id::NONE,
                entity,
                to: Some(to),
                any_day: false,
            };
            // A later business day is never refused.
            let _ = self.roll_business_date(
                services,
                context,
                &Command::BusinessDateRoll(roll.clone()),
                &roll,
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    fn calendar() -> Calendar {
        Calendar {
            number: 1,
            code: "TARGET".to_owned(),
            weekend: 0b110_0000,
            holidays: vec![day("2026-12-25"), day("2027-01-01")],
            sequence: 1,
        }
    }

    #[test]
    fn weekends_and_holidays_are_no_business_days() {
        let calendar = calendar();
        assert!(calendar.is_business_day(day("2026-12-24")), "a Thursday");
        assert!(!calendar.is_business_day(day("2026-12-25")), "a holiday");
        assert!(!calendar.is_business_day(day("2026-12-26")), "a Saturday");
        assert!(!calendar.is_business_day(day("2026-12-27")), "a Sunday");
        assert!(calendar.is_business_day(day("2026-12-28")), "a Monday");
        assert!(calendar.is_business_day(day("1969-12-31")), "a Wednesday");
        assert!(!calendar.is_business_day(day("1969-12-28")), "a Sunday");
    }

    #[test]
    fn steps_skip_what_is_no_business_day() {
        let calendar = calendar();
        let next = |from| next_business_day(Some(&calendar), day(from));
        assert_eq!(next("2026-12-23"), Some(day("2026-12-24")));
        assert_eq!(next("2026-12-24"), Some(day("2026-12-28")));
        assert_eq!(next("2026-12-31"), Some(day("2027-01-04")));
        assert_eq!(next("9999-12-31"), None);
        assert_eq!(
            next_business_day(None, day("2026-12-25")),
            Some(day("2026-12-26"))
        );
        let last = |to| last_business_day(Some(&calendar), day(to));
        assert_eq!(last("2026-12-27"), Some(day("2026-12-24")));
        assert_eq!(last("2026-12-28"), Some(day("2026-12-28")));
        assert_eq!(
            last_business_day(None, day("2026-12-27")),
            Some(day("2026-12-27"))
        );
    }
}
