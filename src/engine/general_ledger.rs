//! The general ledger as the sub-ledger sees it: the trial balance by code, the reconciliation of codes with the
//! journal, and the journal itself as text. A code's balance at a day is the sum of its accounts' balances by booking
//! date; the journal of a period leads from the trial balance before it to the one at its end, to the cent, with
//! entries for balances that changed their code.

use std::collections::BTreeMap;
use std::rc::Rc;

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::{AccountKind, flags as account_flags};
use crate::ledger::balance::Turnovers;
use crate::ledger::books::load_list;
use crate::ledger::books::rows::{GlAssignmentRow, GlCodeRow};
use crate::ledger::export::{Entry, EntryKind, JournalFormat, Place, Unit};
use crate::ledger::query::as_of::{self, DateKind};
use crate::ledger::query::chain::Point;
use crate::ledger::query::transfer::{COLUMNS, read};
use crate::ledger::query::{column, postings};

use super::books::overflow;
use super::session::Session;

/// One line of a trial balance by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlLine {
    /// Empty: accounts without a code.
    pub code: String,
    pub name: String,
    pub control: bool,
    pub branch: String,
    pub cost_centre: String,
    pub product: String,
    pub asset: u32,
    /// Sums of the balances on the debit side and on the credit side.
    pub debit: u128,
    pub credit: u128,
    pub accounts: u64,
}

/// Sum of the debit balances, of the credit balances, and how many there are.
type Sides = (u128, u128, u64);

/// A code's balance from the accounts, and from the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlReconciliation {
    pub code: String,
    pub control: bool,
    pub asset: u32,
    /// Debits less credits of the accounts' balances.
    pub sub_ledger: i128,
    /// Debits less credits of every transfer.
    pub journal: i128,
}

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

/// The codes of the accounts of an entity.
struct Codes {
    chart: BTreeMap<String, GlCodeRow>,
    assignments: BTreeMap<u64, Vec<(i32, GlAssignmentRow)>>,
    accounts: BTreeMap<u64, Rc<Known>>,
}

/// What is needed of an account.
struct Known {
    kind: AccountKind,
    normal_debit: bool,
    entity: u32,
    opening_code: String,
    number: String,
    branch: String,
    cost_centre: String,
    product: String,
}

impl Codes {
    fn open(reader: &Connection, entity: u32) -> Result<Codes> {
        let chart: Vec<(String, GlCodeRow)> = load_list(
            reader,
            "SELECT * FROM gl_code WHERE entity = ? ORDER BY code",
            [entity],
        )?;
        let rows: Vec<((u64, i32), GlAssignmentRow)> = load_list(
            reader,
            "SELECT * FROM gl_assignment ORDER BY account, first_day",
            [],
        )?;
        let mut assignments: BTreeMap<u64, Vec<(i32, GlAssignmentRow)>> = BTreeMap::new();
        for ((account, day), row) in rows {
            assignments.entry(account).or_default().push((day, row));
        }
        Ok(Codes {
            chart: chart.into_iter().collect(),
            assignments,
            accounts: BTreeMap::new(),
        })
    }

    fn account(&mut self, reader: &Connection, number: u64) -> Result<Rc<Known>> {
        if let Some(known) = self.accounts.get(&number) {
            return Ok(Rc::clone(known));
        }
        let record = Session::record_of(reader, number)?;
        let mut select = reader.prepare_cached(
            "SELECT number FROM account_number WHERE account = ? ORDER BY valid_to IS NOT NULL, seq LIMIT 1",
        )?;
        let mut numbers = select.query([number as i64])?;
        let external = match numbers.next()? {
            Some(row) => column::text(row, 0)?,
            None => String::new(),
        };
        let known = Rc::new(Known {
            kind: record.kind,
            normal_debit: record.flags & account_flags::NORMAL_DEBIT != 0,
            entity: record.entity,
            opening_code: record.gl_code,
            number: external,
            branch: record.branch,
            cost_centre: record.cost_centre,
            product: record.product,
        });
        self.accounts.insert(number, Rc::clone(&known));
        Ok(known)
    }

    /// The code of an account on a day, by the side of a balance.
    fn name(&self, number: u64, known: &Known, day: Date, net: i128) -> String {
        let normal = match known.normal_debit {
            true => net >= 0,
            false => net <= 0,
        };
        let rows = self.assignments.get(&number).map_or(&[][..], Vec::as_slice);
        match rows.iter().rev().find(|(first, _)| *first <= day.days()) {
            Some((_, row)) if normal => row.code.clone(),
            Some((_, row)) => row.contrary_code.clone(),
            None => known.opening_code.clone(),
        }
    }

    fn place(&self, number: u64, known: &Known, code: &str) -> Place {
        Place {
            code: code.to_owned(),
            kind: self.chart.get(code).map_or(known.kind, |row| row.kind),
            account: number,
            number: known.number.clone(),
            branch: known.branch.clone(),
            cost_centre: known.cost_centre.clone(),
            product: known.product.clone(),
        }
    }

    /// The days of a period on which an account's assignment changes.
    fn changes(&self, number: u64, from: Date, to: Date) -> Vec<Date> {
        let rows = self.assignments.get(&number).map_or(&[][..], Vec::as_slice);
        rows.iter()
            .map(|(first, _)| Date::from_days(*first))
            .filter(|first| *first > from && *first <= to)
            .collect()
    }
}

impl Session {
    /// The trial balance of an entity by code at the end of a booking day. `group`: `gl_group` flags of the dimensions
    /// that lines are apart by. Debits and credits of an asset are equal over all lines.
    pub fn gl_trial_balance(&self, entity: u32, day: Date, group: u32) -> Result<Vec<GlLine>> {
        use crate::base::constants::gl_group;
        if group & !gl_group::ALL != 0 {
            return Err(Error::new(
                Status::INVALID_ARGUMENT,
                format!("group is {group:#x}; only QENEX_GL_GROUP_... flags are known"),
            ));
        }
        let sequence = self.sequence()?;
        self.entity(entity)?;
        let mut codes = Codes::open(&*self.shared().readers.get()?, entity)?;
        let mut lines: BTreeMap<[String; 4], BTreeMap<u32, Sides>> = BTreeMap::new();
        self.each_balance(entity, sequence, &mut |reader, point| {
            let net = net_at(reader, point, day)?;
            let known = codes.account(reader, point.account)?;
            let part = |flag: u32, text: &String| match group & flag {
                0 => String::new(),
                _ => text.clone(),
            };
            let key = [
                codes.name(point.account, &known, day, net),
                part(gl_group::BRANCH, &known.branch),
                part(gl_group::COST_CENTRE, &known.cost_centre),
                part(gl_group::PRODUCT, &known.product),
            ];
            let line = lines
                .entry(key)
                .or_default()
                .entry(point.asset)
                .or_default();
            let side = if net >= 0 { &mut line.0 } else { &mut line.1 };
            *side = side
                .checked_add(net.unsigned_abs())
                .ok_or_else(|| overflow("the trial balance"))?;
            line.2 += 1;
            Ok(())
        })?;
        let mut answer = Vec::new();
        for ([code, branch, cost_centre, product], assets) in lines {
            for (asset, (debit, credit, accounts)) in assets {
                let row = codes.chart.get(&code);
                answer.push(GlLine {
                    name: row.map_or(String::new(), |row| row.name.clone()),
                    control: row.is_some_and(|row| row.control),
                    code: code.clone(),
                    branch: branch.clone(),
                    cost_centre: cost_centre.clone(),
                    product: product.clone(),
                    asset,
                    debit,
                    credit,
                    accounts,
                });
            }
        }
        Ok(answer)
    }

    /// Each code's balance at the end of a booking day twice: from the accounts' balances, and from the transfers one by
    /// one. They differ only in a file that is damaged.
    pub fn gl_reconcile(&self, entity: u32, day: Date) -> Result<Vec<GlReconciliation>> {
        let sequence = self.sequence()?;
        self.entity(entity)?;
        let mut codes = Codes::open(&*self.shared().readers.get()?, entity)?;
        let mut lines: BTreeMap<(String, u32), (i128, i128)> = BTreeMap::new();
        let mut sides: BTreeMap<(u64, u32), i128> = BTreeMap::new();
        self.each_balance(entity, sequence, &mut |reader, point| {
            let net = net_back_to(reader, point, day)?;
            let known = codes.account(reader, point.account)?;
            let code = codes.name(point.account, &known, day, net);
            let line = lines.entry((code, point.asset)).or_default();
            line.0 = line
                .0
                .checked_add(net)
                .ok_or_else(|| overflow("the reconciliation"))?;
            sides.insert((point.account, point.asset), net);
            Ok(())
        })?;
        let reader = self.shared().readers.get()?;
        let mut select = reader.prepare_cached(
            "SELECT debit, credit, asset, amount FROM transfer WHERE seq <= ? AND booking_date <= ?",
        )?;
        let mut rows = select.query((sequence, day.days()))?;
        while let Some(row) = rows.next()? {
            let asset: u32 = row.get(2)?;
            let amount = column::amount(row, 3)? as i128;
            for (index, change) in [(0, amount), (1, -amount)] {
                let account = row.get::<_, i64>(index)? as u64;
                let known = codes.account(&reader, account)?;
                if known.entity != entity {
                    continue;
                }
                let net = sides.get(&(account, asset)).copied().unwrap_or(0);
                let code = codes.name(account, &known, day, net);
                let line = lines.entry((code, asset)).or_default();
                line.1 = line
                    .1
                    .checked_add(change)
                    .ok_or_else(|| overflow("the reconciliation"))?;
            }
        }
        Ok(lines
            .into_iter()
            .map(|((code, asset), (sub_ledger, journal))| GlReconciliation {
                control: codes.chart.get(&code).is_some_and(|row| row.control),
                code,
                asset,
                sub_ledger,
                journal,
            })
            .collect())
    }

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
            codes: Codes::open(&*self.shared().readers.get()?, range.entity)?,
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

/// Debits less credits at the end of a booking day.
fn net_at(reader: &Connection, point: Point, day: Date) -> Result<i128> {
    let turnovers: Turnovers = as_of::date(reader, point, DateKind::Booking, day)?;
    Ok(turnovers.posted())
}

/// The same from the balance itself, less what was booked after the day: without the postings up to it, which the other
/// side of a reconciliation adds up.
fn net_back_to(reader: &Connection, point: Point, day: Date) -> Result<i128> {
    let mut net = point.turnovers.posted();
    let later = (day.days().saturating_add(1), i32::MAX);
    postings::in_days(reader, point, DateKind::Booking, later, &mut |event| {
        let posted = event.posted as i128;
        net -= if event.debit_side { posted } else { -posted };
    })?;
    Ok(net)
}

fn bad_range() -> Error {
    Error::new(
        Status::INVALID_ARGUMENT,
        "the period ends before it begins, or begins on the first day of the calendar",
    )
}
