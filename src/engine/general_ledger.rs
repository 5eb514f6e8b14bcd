//! The general ledger as the sub-ledger sees it: the trial balance by code, the reconciliation of codes with the
//! journal, and the journal itself as text. A code's balance at a day is the sum of its accounts' balances by booking
//! date; the journal of a period leads from the trial balance before it to the one at its end, to the cent, with
//! entries for balances that changed their code.

use std::collections::BTreeMap;
use std::rc::Rc;

use rusqlite::Connection;

use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::base::time::Date;
use crate::ledger::account::{AccountKind, flags as account_flags};
use crate::ledger::balance::Turnovers;
use crate::ledger::books::load_list;
use crate::ledger::books::rows::{GlAssignmentRow, GlCodeRow};
use crate::ledger::export::Place;
use crate::ledger::query::as_of::{self, DateKind};
use crate::ledger::query::chain::Point;
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

/// The codes of the accounts of an entity.
pub(super) struct Codes {
    pub chart: BTreeMap<String, GlCodeRow>,
    pub assignments: BTreeMap<u64, Vec<(i32, GlAssignmentRow)>>,
    pub accounts: BTreeMap<u64, Rc<Known>>,
}

/// What is needed of an account.
pub(super) struct Known {
    pub kind: AccountKind,
    pub normal_debit: bool,
    pub entity: u32,
    pub opening_code: String,
    pub number: String,
    pub branch: String,
    pub cost_centre: String,
    pub product: String,
}

impl Codes {
    pub fn open(reader: &Connection, entity: u32) -> Result<Codes> {
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

    pub fn account(&mut self, reader: &Connection, number: u64) -> Result<Rc<Known>> {
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
    pub fn name(&self, number: u64, known: &Known, day: Date, net: i128) -> String {
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

    pub fn place(&self, number: u64, known: &Known, code: &str) -> Place {
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
    pub fn changes(&self, number: u64, from: Date, to: Date) -> Vec<Date> {
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
        let mut codes = Codes::open(&*self.shared().reader()?, entity)?;
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
        let mut codes = Codes::open(&*self.shared().reader()?, entity)?;
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
        let reader = self.shared().reader()?;
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
}

/// Debits less credits at the end of a booking day.
pub(super) fn net_at(reader: &Connection, point: Point, day: Date) -> Result<i128> {
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
