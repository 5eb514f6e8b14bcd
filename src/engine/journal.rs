//! The journal of the general ledger as text, page by page: the balances before the period, its transfers, what changed
//! its code, and the balances that must come out.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::AccountKind;
use crate::ledger::export::{Entry, EntryKind, JournalFormat, Place, Unit};
use crate::ledger::query::chain::Point;
use crate::ledger::query::transfer::{COLUMNS, read};

use super::books::overflow;
use super::general_ledger::{Codes, Known, net_at};
use super::session::Session;

/// Where a page of the journal goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalCursor {
    /// The state that the first page saw.
    pub as_of: i64,
    /// Sequence number of the last transfer that was written; `None`: all are.
    pub after: Option<i64>,
}

/// What a journal covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalRange {
    pub entity: u32,
    /// Booking dates.
    pub from: Date,
    pub to: Date,
    pub format: JournalFormat,
    /// Transfers of a page.
    pub limit: usize,
}

impl Session {
    /// A page of the journal of a period as text; `cursor` is the one that the page before gave. The first page opens
    /// with the balances before the period, the last one ends with what changed its code and with the balances that must
    /// come out.
    pub fn journal(
        &self,
        range: &JournalRange,
        cursor: Option<JournalCursor>,
    ) -> Result<(String, Option<JournalCursor>)> {
        let entity = self.entity(range.entity)?;
        let newest = self.sequence()?;
        let before = range.from.add_days(-1).map_err(|_| bad_range())?;
        if range.to < range.from {
            return Err(bad_range());
        }
        if cursor.is_some_and(|cursor| cursor.as_of > newest) {
            return Err(Error::new(
                Status::INVALID_CURSOR,
                "the cursor is of another file",
            ));
        }
        let as_of = cursor.map_or(newest, |cursor| cursor.as_of);
        let mut journal = Journal {
            session: self,
            range,
            as_of,
            before,
            codes: Codes::open(&*self.shared().reader()?, range.entity)?,
            units: self
                .assets()?
                .into_iter()
                .map(|asset| {
                    let unit = Unit {
                        code: asset.code,
                        scale: asset.scale,
                    };
                    (asset.number, unit)
                })
                .collect(),
            text: String::new(),
        };
        let after = match cursor {
            None => {
                let name = match entity.name.as_str() {
                    "" => format!("entity {}", entity.number),
                    name => name.to_owned(),
                };
                journal.begin(&format!(
                    "{name}, {} to {}",
                    range.from.format(),
                    range.to.format()
                ))?;
                0
            }
            Some(cursor) => match cursor.after {
                Some(after) => after,
                None => return Ok((String::new(), None)),
            },
        };
        let next = journal.transfers(after)?;
        if next.is_none() {
            journal.end()?;
        }
        let next = next.map(|after| JournalCursor {
            as_of,
            after: Some(after),
        });
        Ok((journal.text, next))
    }
}

/// A journal that is being written.
struct Journal<'a> {
    session: &'a Session,
    range: &'a JournalRange,
    as_of: i64,
    /// The day before the period.
    before: Date,
    codes: Codes,
    units: BTreeMap<u32, Unit>,
    text: String,
}

impl Journal<'_> {
    fn unit(&self, asset: u32) -> Result<Unit> {
        self.units.get(&asset).cloned().ok_or_else(|| {
            Error::new(
                Status::CORRUPT,
                format!("asset number {asset} is missing: run the integrity check"),
            )
        })
    }

    /// The header, the accounts, and what they had before the period.
    fn begin(&mut self, title: &str) -> Result<()> {
        let format = self.range.format;
        format.begin(title, &mut self.text);
        let counterpart = Place {
            code: "Opening-Balances".into(),
            kind: AccountKind::Equity,
            account: 0,
            number: String::new(),
            branch: String::new(),
            cost_centre: String::new(),
            product: String::new(),
        };
        format.declare(&counterpart, self.before, &mut self.text);
        let mut declared = std::collections::BTreeSet::new();
        let mut openings = String::new();
        let (entity, session) = (self.range.entity, self.session);
        session.each_balance(entity, self.as_of, &mut |reader, point| {
            let opening = net_at(reader, point, self.before)?;
            let closing = net_at(reader, point, self.range.to)?;
            let known = self.codes.account(reader, point.account)?;
            for code in self.all_codes(&point, &known, opening, closing) {
                let place = self.codes.place(point.account, &known, &code);
                if declared.insert((point.account, place.code.clone())) {
                    format.declare(&place, self.before, &mut self.text);
                }
            }
            if opening != 0 {
                let code = self.codes.name(point.account, &known, self.before, opening);
                let place = self.codes.place(point.account, &known, &code);
                let (debit, credit) = if opening > 0 {
                    (&place, &counterpart)
                } else {
                    (&counterpart, &place)
                };
                let unit = self.unit(point.asset)?;
                format.entry(
                    &Entry {
                        kind: EntryKind::Opening,
                        sequence: 0,
                        transaction: Id::NONE,
                        booking_date: self.before,
                        value_date: self.before,
                        debit,
                        credit,
                        unit: &unit,
                        amount: opening.unsigned_abs(),
                        reference: "",
                        narrative: "",
                    },
                    &mut openings,
                );
            }
            Ok(())
        })?;
        self.text.push_str(&openings);
        Ok(())
    }

    /// The codes that an account has in the period, each once.
    fn all_codes(&self, point: &Point, known: &Known, opening: i128, closing: i128) -> Vec<String> {
        let (from, to) = (self.range.from, self.range.to);
        let mut codes = vec![
            self.codes.name(point.account, known, self.before, opening),
            self.codes.name(point.account, known, from, opening),
            self.codes.name(point.account, known, to, closing),
        ];
        for day in self.codes.changes(point.account, from, to) {
            codes.push(self.codes.name(point.account, known, day, opening));
        }
        codes.sort();
        codes.dedup();
        codes
    }

    /// A page of transfers after a sequence number; where it goes on.
    fn transfers(&mut self, after: i64) -> Result<Option<i64>> {
        // Not of one commit: the balances asked for on the way may be newer than the first row.
        let reader = self.session.shared().readers.get()?;
        let mut select = reader.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM transfer WHERE seq > ? AND seq <= ? AND booking_date BETWEEN ? AND ? ORDER BY seq"
        ))?;
        let (from, to) = (self.range.from.days(), self.range.to.days());
        let mut rows = select.query((after, self.as_of, from, to))?;
        let mut openings: BTreeMap<(u64, u32), i128> = BTreeMap::new();
        let mut written = 0;
        let mut last = after;
        while let Some(row) = rows.next()? {
            if written == self.range.limit {
                return Ok(Some(last));
            }
            let stored = read(row)?;
            let transfer = &stored.row;
            let debited = self.codes.account(&reader, transfer.debit)?;
            if debited.entity != self.range.entity {
                continue;
            }
            let credited = self.codes.account(&reader, transfer.credit)?;
            let mut places = Vec::with_capacity(2);
            for (number, known) in [(transfer.debit, &debited), (transfer.credit, &credited)] {
                let key = (number, transfer.asset);
                let opening = match openings.get(&key) {
                    Some(opening) => *opening,
                    None => {
                        let opening = self.opening(&reader, number, transfer.asset)?;
                        openings.insert(key, opening);
                        opening
                    }
                };
                let code = self
                    .codes
                    .name(number, known, transfer.booking_date, opening);
                places.push(self.codes.place(number, known, &code));
            }
            let [debit, credit] = &places[..] else {
                continue;
            };
            let unit = self.unit(transfer.asset)?;
            self.range.format.entry(
                &Entry {
                    kind: EntryKind::Transfer,
                    sequence: transfer.sequence,
                    transaction: transfer.transaction,
                    booking_date: transfer.booking_date,
                    value_date: transfer.value_date,
                    debit,
                    credit,
                    unit: &unit,
                    amount: transfer.amount,
                    reference: &stored.reference,
                    narrative: &stored.narrative,
                },
                &mut self.text,
            );
            written += 1;
            last = transfer.sequence;
        }
        Ok(None)
    }

    /// What an account had before the period.
    fn opening(&self, reader: &Connection, number: u64, asset: u32) -> Result<i128> {
        let id = Session::record_of(reader, number)?.id;
        let mut point = {
            let mut world = self.session.shared().world.lock();
            let account = crate::ledger::command::AccountRef::Id(id);
            super::query::durable_balance(&mut world, &account, asset)?.1
        };
        crate::ledger::query::postings::rewind(reader, &mut point, self.as_of)?;
        net_at(reader, point, self.before)
    }

    /// What changed its code in the period, and the balances that must come out.
    fn end(&mut self) -> Result<()> {
        let (entity, session, range) = (self.range.entity, self.session, self.range);
        let mut assertions = String::new();
        session.each_balance(entity, self.as_of, &mut |reader, point| {
            let known = self.codes.account(reader, point.account)?;
            let opening = net_at(reader, point, self.before)?;
            let closing = net_at(reader, point, range.to)?;
            // What the entries gave each code, from the balances at the days on which the code changed.
            let mut given: BTreeMap<String, i128> = BTreeMap::new();
            let mut add = |code: String, amount: i128| -> Result<()> {
                let sum = given.entry(code).or_default();
                *sum = sum
                    .checked_add(amount)
                    .ok_or_else(|| overflow("the journal"))?;
                Ok(())
            };
            add(
                self.codes.name(point.account, &known, self.before, opening),
                opening,
            )?;
            let mut start = range.from;
            let mut balance = opening;
            let mut ends = self.codes.changes(point.account, range.from, range.to);
            ends.push(range.to.add_days(1).unwrap_or(range.to));
            for end in ends {
                let last = end.add_days(-1).unwrap_or(range.to);
                let at = net_at(reader, point, last)?;
                let code = self.codes.name(point.account, &known, start, opening);
                add(code, at - balance)?;
                balance = at;
                start = end;
            }
            let target = self.codes.name(point.account, &known, range.to, closing);
            let unit = self.unit(point.asset)?;
            let to = self.codes.place(point.account, &known, &target);
            for (code, amount) in given {
                if code == target || amount == 0 {
                    continue;
                }
                let from = self.codes.place(point.account, &known, &code);
                let (debit, credit) = if amount > 0 {
                    (&to, &from)
                } else {
                    (&from, &to)
                };
                range.format.entry(
                    &Entry {
                        kind: EntryKind::Reclassification,
                        sequence: 0,
                        transaction: Id::NONE,
                        booking_date: range.to,
                        value_date: range.to,
                        debit,
                        credit,
                        unit: &unit,
                        amount: amount.unsigned_abs(),
                        reference: "",
                        narrative: "",
                    },
                    &mut self.text,
                );
                range
                    .format
                    .assertion(&from, &unit, 0, range.to, &mut assertions);
            }
            range
                .format
                .assertion(&to, &unit, closing, range.to, &mut assertions);
            Ok(())
        })?;
        self.text.push('\n');
        if range.format == JournalFormat::Csv {
            self.text.pop();
        }
        self.text.push_str(&assertions);
        Ok(())
    }
}

fn bad_range() -> Error {
    Error::new(
        Status::INVALID_ARGUMENT,
        "the period ends before it begins, or begins on the first day of the calendar",
    )
}
