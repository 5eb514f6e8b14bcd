//! Reads a file as an auditor would, with SQL and sums, and compares it with itself and with the model: every change
//! is there once, every balance is the plain sum of its events, whatever is kept beside the truth rows agrees with them.

use std::collections::BTreeMap;

use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::readers::ReaderGuard;
use qenex::store::vfs::SimulatedDisk;
use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use crate::model::{Change, HoldState, Model, Posting, Turnovers};
use crate::registers_audit;

/// What differs.
pub type Difference = String;

/// Account number and asset.
pub type Place = (u64, u32);

/// One event of a balance, as the truth rows have it.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    sequence: i64,
    previous: i64,
    /// Changes of debits posted, credits posted, debits pending, credits pending.
    change: [i128; 4],
}

/// All events of all balances, in order.
pub type Events = BTreeMap<Place, Vec<Event>>;

/// A reader of its own beside the engine.
pub fn reader(disk: &SimulatedDisk) -> ReaderGuard {
    reader_of(&Location::Memory(disk.clone()))
}

/// As [`reader`], of a file wherever it is.
pub fn reader_of(location: &Location) -> ReaderGuard {
    let settings = OpenSettings {
        read_only: true,
        ..OpenSettings::default()
    };
    let database = Database::open(location.clone(), settings).unwrap();
    database.readers().get().unwrap()
}

/// The time of the last commit.
pub fn last_time(disk: &SimulatedDisk) -> i64 {
    one(&reader(disk), "SELECT time FROM commit_state")
}

/// Compares everything on the disk with itself and with the model.
pub fn audit(disk: &SimulatedDisk, model: &Model) -> Result<(), Difference> {
    let connection = reader(disk);
    let file = &connection;
    let events = consistent(file)?;
    changes(file, model)?;
    postings(file, model)?;
    balances(file, model, &events)?;
    accounts(file, model)?;
    days(file, model)?;
    holds(file, model)?;
    entities(file, model)?;
    records(file, model)?;
    books(file, model)?;
    registers_audit::audit(file, model)
}

/// Checks that a file agrees with itself. Returns the events of its balances.
pub fn consistent(file: &Connection) -> Result<Events, Difference> {
    sequences(file)?;
    let events = events(file);
    chains(file, &events)?;
    marks(file, &events)?;
    pages(file, &events)?;
    views(file, &events)?;
    pending(file, &events)?;
    zero_sums(file, &events)?;
    Ok(events)
}

fn one(file: &Connection, sql: &str) -> i64 {
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The rows of a query, each read by `read`.
pub fn rows<T>(file: &Connection, sql: &str, read: impl Fn(&Row<'_>) -> T) -> Vec<T> {
    let mut select = file.prepare(sql).unwrap();
    let rows = select.query_map([], |row| Ok(read(row))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(
    what: impl std::fmt::Display,
    file: T,
    expected: T,
) -> Result<(), Difference> {
    match file == expected {
        true => Ok(()),
        false => Err(format!(
            "{what}: the file has {file:?}, expected {expected:?}"
        )),
    }
}

pub fn same_rows<T: PartialEq + std::fmt::Debug>(
    what: &str,
    file: &[T],
    expected: &[T],
) -> Result<(), Difference> {
    for (index, row) in file.iter().enumerate() {
        same(
            format_args!("{what}, row {index}"),
            Some(row),
            expected.get(index),
        )?;
    }
    same(format_args!("rows of {what}"), file.len(), expected.len())
}

/// An unsigned number that is stored as INTEGER, as 16 bytes, or as decimal text.
pub fn unsigned(row: &Row<'_>, column: usize) -> u128 {
    match row.get::<_, Value>(column).unwrap() {
        Value::Null => 0,
        Value::Integer(number) => u128::try_from(number).unwrap(),
        Value::Blob(bytes) => u128::from_be_bytes(bytes.try_into().unwrap()),
        Value::Text(text) => text.parse().unwrap(),
        Value::Real(number) => panic!("a float near money: {number}"),
    }
}

fn signed(row: &Row<'_>, column: usize) -> i128 {
    match row.get::<_, Value>(column).unwrap() {
        Value::Integer(number) => i128::from(number),
        Value::Blob(bytes) => {
            let bits = u128::from_be_bytes(bytes.try_into().unwrap());
            (bits ^ 1 << 127) as i128
        }
        other => panic!("{other:?} is no number"),
    }
}

fn id(row: &Row<'_>, column: usize) -> u128 {
    let bytes = row.get::<_, Option<[u8; 16]>>(column).unwrap();
    bytes.map_or(0, u128::from_be_bytes)
}

/// Sequence numbers have no gaps, and time never decreases along them.
fn sequences(file: &Connection) -> Result<(), Difference> {
    let found: Vec<(i64, i64)> = rows(
        file,
        "SELECT seq, time FROM change UNION ALL SELECT seq, time FROM transfer ORDER BY seq",
        |row| (row.get(0).unwrap(), row.get(1).unwrap()),
    );
    for (index, (sequence, _)) in found.iter().enumerate() {
        same("sequence numbers", *sequence, index as i64 + 1)?;
    }
    if let Some(pair) = found.windows(2).find(|pair| pair[0].1 > pair[1].1) {
        return Err(format!(
            "time decreases after sequence number {}",
            pair[0].0
        ));
    }
    let last = one(file, "SELECT seq FROM commit_state");
    same("the last sequence number", last, found.len() as i64)?;
    let strays = "SELECT count(*) FROM hold_event WHERE seq NOT IN (SELECT seq FROM change)";
    same("hold events without a change", one(file, strays), 0)
}

/// The events of all balances.
pub fn events(file: &Connection) -> Events {
    let mut events = Events::new();
    let transfers = rows(
        file,
        "SELECT seq, debit, credit, asset, amount, debit_previous, credit_previous, unheld, flags FROM transfer",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            let (amount, unheld) = (unsigned(row, 4) as i128, unsigned(row, 7) as i128);
            let both = if get(8) & 1 << 13 != 0 { unheld } else { 0 };
            let places = [
                (get(1) as u64, get(3) as u32),
                (get(2) as u64, get(3) as u32),
            ];
            let event = |previous, change| Event {
                sequence: get(0),
                previous,
                change,
            };
            [
                (places[0], event(get(5), [amount, 0, -unheld, 0])),
                (places[1], event(get(6), [0, amount, 0, -both])),
            ]
        },
    );
    let holds = rows(
        file,
        "SELECT seq, debit, credit, asset, change, debit_previous, credit_previous FROM hold_event",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            let change = signed(row, 4);
            let event = |previous, change| Event {
                sequence: get(0),
                previous,
                change,
            };
            [
                (
                    (get(1) as u64, get(3) as u32),
                    event(get(5), [0, 0, change, 0]),
                ),
                (
                    (get(2) as u64, get(3) as u32),
                    event(get(6), [0, 0, 0, change]),
                ),
            ]
        },
    );
    for (place, event) in transfers.into_iter().chain(holds).flatten() {
        if place.0 != 0 {
            events.entry(place).or_default().push(event);
        }
    }
    for list in events.values_mut() {
        list.sort_by_key(|event| event.sequence);
    }
    events
}

/// The sum of the events up to a sequence number.
pub fn sum(events: &[Event], up_to: i64) -> Turnovers {
    let mut turnovers = [0u128; 4];
    for event in events.iter().filter(|event| event.sequence <= up_to) {
        for (turnover, change) in turnovers.iter_mut().zip(event.change) {
            *turnover = turnover.checked_add_signed(change).unwrap();
        }
    }
    turnovers
}

/// Each event points to the one before it on its balance.
fn chains(_file: &Connection, events: &Events) -> Result<(), Difference> {
    for (place, list) in events {
        let mut previous = 0;
        for event in list {
            let what = format_args!("the event before {} of {place:?}", event.sequence).to_string();
            same(what, event.previous, previous)?;
            previous = event.sequence;
        }
    }
    Ok(())
}

/// A mark stands after each 256th event and has the sums up to there.
fn marks(file: &Connection, events: &Events) -> Result<(), Difference> {
    let found = rows(
        file,
        "SELECT account, asset, seq, events, debits_posted, credits_posted, debits_pending, credits_pending \
         FROM posting_mark ORDER BY account, asset, seq",
        |row| {
            let place = (row.get::<_, i64>(0).unwrap() as u64, row.get(1).unwrap());
            let turnovers = [4, 5, 6, 7].map(|column| unsigned(row, column));
            (
                place,
                row.get::<_, i64>(2).unwrap(),
                row.get::<_, i64>(3).unwrap(),
                turnovers,
            )
        },
    );
    let mut expected = Vec::new();
    for (place, list) in events {
        for (index, event) in list.iter().enumerate().skip(255).step_by(256) {
            let sums = sum(list, event.sequence);
            expected.push((*place, event.sequence, index as i64 + 1, sums));
        }
    }
    same_rows("posting marks", &found, &expected)
}

/// Pages hold what the events say up to their sequence number, and opening replays everything after it.
fn pages(file: &Connection, events: &Events) -> Result<(), Difference> {
    let replay_from = one(file, "SELECT replay_from FROM commit_state");
    let places: BTreeMap<i64, Place> = rows(
        file,
        "SELECT number, account, asset FROM account_balance",
        |row| {
            let place = (row.get::<_, i64>(1).unwrap() as u64, row.get(2).unwrap());
            (row.get(0).unwrap(), place)
        },
    )
    .into_iter()
    .collect();
    let count = one(file, "SELECT balances FROM commit_state");
    let wrong = one(
        file,
        "SELECT count(*) FROM account a LEFT JOIN account_balance b ON b.number = \
         (SELECT min(number) FROM account_balance WHERE account = a.number) \
         WHERE a.first_balance IS NOT b.number OR a.first_asset IS NOT b.asset",
    );
    same("accounts whose first balance is not theirs", wrong, 0)?;
    same("the number of balances", places.len() as i64, count)?;
    let in_pages = rows(
        file,
        "SELECT p.page * 4 + e.key, p.seq, e.value ->> 0, e.value ->> 1, e.value ->> 2, e.value ->> 3, \
         e.value ->> 4, e.value ->> 5, e.value ->> 6, e.value ->> 7, e.value ->> 8 \
         FROM balance_page p, json_each(p.balances) e",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            let place = (get(2) as u64, get(3) as u32);
            let head = [get(4), get(5), get(6)];
            (
                get(0),
                get(1),
                place,
                head,
                [7, 8, 9, 10].map(|column| unsigned(row, column)),
            )
        },
    );
    let mut held: BTreeMap<Place, i64> = BTreeMap::new();
    for (number, up_to, place, [head, so_far, since_mark], turnovers) in in_pages {
        let what = |part| format!("{part} of balance {number} of {place:?} in its page at {up_to}");
        same(what("the owner"), Some(&place), places.get(&number))?;
        let empty = Vec::new();
        let list = events.get(&place).unwrap_or(&empty);
        let before: Vec<&Event> = list
            .iter()
            .filter(|event| event.sequence <= up_to)
            .collect();
        same(what("turnovers"), turnovers, sum(list, up_to))?;
        same(
            what("the head"),
            head,
            before.last().map_or(0, |event| event.sequence),
        )?;
        same(what("events"), so_far, before.len() as i64)?;
        same(
            what("events since a mark"),
            since_mark,
            before.len() as i64 % 256,
        )?;
        held.insert(place, up_to);
    }
    for (place, list) in events {
        let up_to = held.get(place).copied().unwrap_or(0);
        let next = list.iter().find(|event| event.sequence > up_to);
        if let Some(next) = next.filter(|next| next.sequence < replay_from) {
            return Err(format!(
                "event {} of {place:?} is neither in its page (up to {up_to}) nor replayed (from {replay_from})",
                next.sequence
            ));
        }
    }
    Ok(())
}

/// The published balances are the sums, those of balances without events zero.
fn views(file: &Connection, events: &Events) -> Result<(), Difference> {
    let found = rows(
        file,
        "SELECT account, asset, debits_posted, credits_posted, debits_pending, credits_pending FROM v1_balances \
         ORDER BY account, asset",
        |row| {
            let place = (row.get::<_, i64>(0).unwrap() as u64, row.get(1).unwrap());
            (place, [2, 3, 4, 5].map(|column| unsigned(row, column)))
        },
    );
    for (place, turnovers) in &found {
        let list = events.get(place).map_or(&[][..], Vec::as_slice);
        same(
            format_args!("v1_balances of {place:?}"),
            *turnovers,
            sum(list, i64::MAX),
        )?;
    }
    let listed = found
        .iter()
        .filter(|(place, _)| events.contains_key(place))
        .count();
    same("balances in v1_balances", listed, events.len())?;
    let unbalanced = "SELECT count(*) FROM v1_trial_balance WHERE difference != 0";
    same(
        "unbalanced rows of v1_trial_balance",
        one(file, unbalanced),
        0,
    )
}

/// What is pending is what active holds have left.
fn pending(file: &Connection, events: &Events) -> Result<(), Difference> {
    let mut expected: BTreeMap<Place, [u128; 2]> = BTreeMap::new();
    let active = rows(
        file,
        "SELECT debit, credit, asset, remaining FROM hold WHERE state = 1",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            (
                get(0) as u64,
                get(1) as u64,
                get(2) as u32,
                unsigned(row, 3),
            )
        },
    );
    for (debit, credit, asset, remaining) in active {
        expected.entry((debit, asset)).or_default()[0] += remaining;
        if credit != 0 {
            expected.entry((credit, asset)).or_default()[1] += remaining;
        }
    }
    for (place, list) in events {
        let [_, _, debits, credits] = sum(list, i64::MAX);
        let held = expected.remove(place).unwrap_or_default();
        same(
            format_args!("pending on {place:?}"),
            [debits, credits],
            held,
        )?;
    }
    same("holds on balances without events", expected.len(), 0)
}

/// Every asset sums to zero in every entity.
fn zero_sums(file: &Connection, events: &Events) -> Result<(), Difference> {
    let entities: BTreeMap<u64, u32> = rows(file, "SELECT number, entity FROM account", |row| {
        (row.get::<_, i64>(0).unwrap() as u64, row.get(1).unwrap())
    })
    .into_iter()
    .collect();
    let mut sums: BTreeMap<(u32, u32), i128> = BTreeMap::new();
    for ((account, asset), list) in events {
        let [debits, credits, _, _] = sum(list, i64::MAX);
        let total = sums.entry((entities[account], *asset)).or_default();
        *total = total.wrapping_add(debits.wrapping_sub(credits) as i128);
    }
    for (place, total) in sums {
        same(
            format_args!("the sum of entity and asset {place:?}"),
            total,
            0,
        )?;
    }
    Ok(())
}

fn changes(file: &Connection, model: &Model) -> Result<(), Difference> {
    let found: Vec<Change> = rows(
        file,
        "SELECT seq, time, actor, coalesce(on_behalf_of, 0), kind, key FROM change ORDER BY seq",
        |row| Change {
            sequence: row.get(0).unwrap(),
            time: row.get(1).unwrap(),
            actor: row.get(2).unwrap(),
            behalf: row.get(3).unwrap(),
            kind: row.get(4).unwrap(),
            key: id(row, 5),
        },
    );
    same_rows("change", &found, &model.changes)
}

fn postings(file: &Connection, model: &Model) -> Result<(), Difference> {
    let ids: BTreeMap<u64, u128> = rows(file, "SELECT number, id FROM account", |row| {
        (row.get::<_, i64>(0).unwrap() as u64, id(row, 1))
    })
    .into_iter()
    .collect();
    let found: Vec<Posting> = rows(
        file,
        "SELECT seq, id, time, actor, coalesce(on_behalf_of, 0), debit, credit, asset, amount, booking_date, \
         coalesce(value_date, booking_date), flags, transaction_id, coalesce(hold, 0), unheld, coalesce(reverses, 0), \
         coalesce(reference, ''), recovery FROM transfer ORDER BY seq",
        |row| Posting {
            sequence: row.get(0).unwrap(),
            id: id(row, 1),
            time: row.get(2).unwrap(),
            actor: row.get(3).unwrap(),
            behalf: row.get(4).unwrap(),
            debit: ids[&(row.get::<_, i64>(5).unwrap() as u64)],
            credit: ids[&(row.get::<_, i64>(6).unwrap() as u64)],
            asset: row.get(7).unwrap(),
            amount: unsigned(row, 8),
            booking: row.get(9).unwrap(),
            value: row.get(10).unwrap(),
            flags: row.get(11).unwrap(),
            transaction: id(row, 12),
            hold: row.get(13).unwrap(),
            unheld: unsigned(row, 14),
            reverses: row.get(15).unwrap(),
            recovery: match row.get::<_, Option<i64>>(17).unwrap() {
                Some(number) => ids[&(number as u64)],
                None => 0,
            },
            reference: row.get(16).unwrap(),
        },
    );
    same_rows("transfer", &found, &model.postings)
}

fn balances(file: &Connection, model: &Model, events: &Events) -> Result<(), Difference> {
    let _ = file;
    let number = |account: &u128| model.state.accounts[account].number;
    let expected: BTreeMap<Place, Turnovers> = model
        .state
        .balances
        .iter()
        .map(|((account, asset), turnovers)| ((number(account), *asset), *turnovers))
        .collect();
    for (place, list) in events {
        let sums = Some(sum(list, i64::MAX));
        same(
            format_args!("the balance of {place:?}"),
            sums,
            expected.get(place).copied(),
        )?;
    }
    same("balances with events", events.len(), expected.len())
}

fn accounts(file: &Connection, model: &Model) -> Result<(), Difference> {
    let on = |condition: bool, bit: u32| if condition { 1 << bit } else { 0 };
    let mut expected: Vec<_> = model
        .state
        .accounts
        .iter()
        .map(|(id, account)| {
            let flags = account.flags
                | on(account.normal_debit, 8)
                | on(account.debit_blocked, 9)
                | on(account.credit_blocked, 10)
                | on(account.closed, 11)
                | on(!account.limits.is_empty(), 12)
                | on(account.position, 20)
                | on(model.is_held(*id), 21)
                | on(model.is_dormant(*id), 13);
            (account.number, *id, account.entity, account.asset, flags)
        })
        .collect();
    expected.sort_unstable();
    let found = rows(
        file,
        "SELECT number, id, entity, asset, flags FROM account ORDER BY number",
        |row| {
            let get = |column| row.get::<_, u32>(column).unwrap();
            (
                row.get::<_, i64>(0).unwrap() as u64,
                id(row, 1),
                get(2),
                get(3),
                get(4),
            )
        },
    );
    same_rows("account", &found, &expected)?;
    let number = |account: &u128| model.state.accounts[account].number;
    let mut expected = Vec::new();
    for (id, account) in &model.state.accounts {
        for ((asset, kind), (amount, end)) in &account.limits {
            expected.push((number(id), *asset, *kind, amount.to_string(), *end));
        }
    }
    expected.sort();
    let found = rows(
        file,
        "SELECT account, asset, kind, amount, expires_at FROM account_limit ORDER BY account, asset, kind",
        |row| {
            let account = row.get::<_, i64>(0).unwrap() as u64;
            let [asset, kind] = [1, 2].map(|column| row.get::<_, u32>(column).unwrap());
            (
                account,
                asset,
                kind as u8,
                row.get(3).unwrap(),
                row.get(4).unwrap(),
            )
        },
    );
    same_rows("account_limit", &found, &expected)?;
    let expected: Vec<_> = model
        .state
        .numbers
        .iter()
        .map(|((number_type, value), account)| {
            (number_type.clone(), value.clone(), number(account))
        })
        .collect();
    let found = rows(
        file,
        "SELECT type, number, account FROM account_number WHERE valid_to IS NULL ORDER BY type, number",
        |row| {
            let account = row.get::<_, i64>(2).unwrap() as u64;
            (row.get(0).unwrap(), row.get(1).unwrap(), account)
        },
    );
    same_rows("account_number", &found, &expected)
}

fn books(file: &Connection, model: &Model) -> Result<(), Difference> {
    let number = |account: &u128| model.state.accounts[account].number as i64;
    let mut expected = Vec::new();
    let mut days = Vec::new();
    for ((entity, asset), position) in &model.state.positions {
        let rounding = position.rounding.as_ref().map_or(0, number);
        let (amount, carried) = position.total(i32::MAX);
        let account = number(&position.account);
        expected.push((
            *entity,
            *asset,
            account,
            rounding,
            amount.to_string(),
            carried.to_string(),
        ));
        for (day, (amount, carried)) in &position.days {
            days.push((
                *entity,
                *asset,
                *day,
                amount.to_string(),
                carried.to_string(),
            ));
        }
    }
    let found = rows(
        file,
        "SELECT entity, asset, account, coalesce(rounding, 0), amount, carried FROM position ORDER BY 1, 2",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            let text = |column| row.get::<_, String>(column).unwrap();
            (
                get(0) as u32,
                get(1) as u32,
                get(2),
                get(3),
                text(4),
                text(5),
            )
        },
    );
    // A position is what its account has.
    for (entity, asset, account, _, amount, _) in &found {
        let sums = events(file)
            .get(&(*account as u64, *asset))
            .map(|list| sum(list, i64::MAX));
        let [debits, credits, ..] = sums.unwrap_or_default();
        let balance = credits as i128 - debits as i128;
        same(
            format_args!("position {asset} of entity {entity}"),
            amount.clone(),
            balance.to_string(),
        )?;
    }
    same_rows("position", &found, &expected)?;
    let found = rows(
        file,
        "SELECT entity, asset, day, amount, carried FROM position_day ORDER BY 1, 2, 3",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            let text = |column| row.get::<_, String>(column).unwrap();
            (
                get(0) as u32,
                get(1) as u32,
                get(2) as i32,
                text(3),
                text(4),
            )
        },
    );
    same_rows("position_day", &found, &days)?;
    // What all positions of an entity are carried at is what the functional one paid: nothing is gained unseen.
    let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
    for ((entity, _), position) in &model.state.positions {
        *sums.entry(*entity).or_default() += position.total(i32::MAX).1;
    }
    if let Some((entity, sum)) = sums.iter().find(|(_, sum)| **sum != 0) {
        return Err(format!(
            "the positions of entity {entity} are carried at {sum} in all"
        ));
    }
    let mut expected: Vec<_> = model
        .state
        .accruals
        .iter()
        .map(|((account, name), (asset, value, posted))| {
            (
                number(account),
                name.clone(),
                *asset,
                value.to_string(),
                posted.to_string(),
            )
        })
        .collect();
    expected.sort();
    let found = rows(
        file,
        "SELECT account, name, asset, value, posted FROM accrual ORDER BY account, name",
        |row| {
            (
                row.get::<_, i64>(0).unwrap(),
                row.get::<_, String>(1).unwrap(),
                row.get::<_, u32>(2).unwrap(),
                row.get::<_, String>(3).unwrap(),
                row.get::<_, String>(4).unwrap(),
            )
        },
    );
    same_rows("accrual", &found, &expected)?;
    let mut expected = Vec::new();
    for ((account, asset), statements) in &model.state.statements {
        for (index, statement) in statements.iter().enumerate() {
            let opening = match index {
                0 => (0, 0),
                _ => statements[index - 1].closing,
            };
            expected.push((
                (number(account), *asset, index as i64 + 1),
                (statement.sequence, statement.to, statement.by_value),
                [
                    opening.0,
                    opening.1,
                    statement.closing.0,
                    statement.closing.1,
                ]
                .map(|sum| sum.to_string()),
            ));
        }
    }
    expected.sort();
    let found = rows(
        file,
        "SELECT account, asset, number, seq, last_day, by_value, opening_debits, opening_credits, closing_debits, \
         closing_credits FROM statement ORDER BY 1, 2, 3",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            (
                (get(0), get(1) as u32, get(2)),
                (get(3), get(4) as i32, row.get::<_, bool>(5).unwrap()),
                [6, 7, 8, 9].map(|column| row.get::<_, String>(column).unwrap()),
            )
        },
    );
    same_rows("statement", &found, &expected)
}

fn holds(file: &Connection, model: &Model) -> Result<(), Difference> {
    let number = |account: &u128| model.state.accounts[account].number;
    let mut expected: Vec<_> = model
        .state
        .holds
        .iter()
        .map(|(id, hold)| {
            let parties = (number(&hold.debit), hold.credit.as_ref().map_or(0, number));
            let amounts = [hold.amount, hold.remaining, hold.captured];
            let state = match hold.state {
                HoldState::Active => 1,
                HoldState::Captured => 2,
                HoldState::Released => 3,
                HoldState::Expired => 4,
            };
            (
                hold.sequence,
                *id,
                parties,
                hold.asset,
                amounts,
                state,
                hold.expires,
            )
        })
        .collect();
    expected.sort();
    let found = rows(
        file,
        "SELECT seq, id, debit, credit, asset, amount, remaining, captured, state, expires_at FROM hold ORDER BY seq",
        |row| {
            let party = |column| row.get::<_, i64>(column).unwrap() as u64;
            let amounts = [5, 6, 7].map(|column| unsigned(row, column));
            (
                row.get(0).unwrap(),
                id(row, 1),
                (party(2), party(3)),
                row.get(4).unwrap(),
                amounts,
                row.get::<_, i64>(8).unwrap(),
                row.get(9).unwrap(),
            )
        },
    );
    same_rows("hold", &found, &expected)?;
    let expected: Vec<_> = model
        .state
        .reversed
        .iter()
        .map(|(sequence, amount)| (*sequence, amount.to_string()))
        .collect();
    let found = rows(
        file,
        "SELECT transfer, amount FROM reversed ORDER BY transfer",
        |row| (row.get(0).unwrap(), row.get(1).unwrap()),
    );
    same_rows("reversed", &found, &expected)
}

fn entities(file: &Connection, model: &Model) -> Result<(), Difference> {
    let expected: Vec<_> = model
        .state
        .entities
        .iter()
        .map(|entity| {
            (
                entity.id,
                entity.business_date,
                entity.follows_clock,
                entity.closed_through,
            )
        })
        .collect();
    let found = rows(
        file,
        "SELECT id, business_date, follows_clock, closed_through FROM entity ORDER BY number",
        |row| {
            (
                id(row, 0),
                row.get(1).unwrap(),
                row.get(2).unwrap(),
                row.get(3).unwrap(),
            )
        },
    );
    same_rows("entity", &found, &expected)?;
    let expected: Vec<_> = model
        .state
        .assets
        .iter()
        .map(|(number, asset)| (*number, asset.code.clone(), asset.scale, asset.wide))
        .collect();
    let found = rows(
        file,
        "SELECT number, code, scale, wide FROM asset ORDER BY number",
        |row| {
            let number = row.get(0).unwrap();
            (
                number,
                row.get(1).unwrap(),
                row.get(2).unwrap(),
                row.get(3).unwrap(),
            )
        },
    );
    same_rows("asset", &found, &expected)?;
    let found: Vec<String> = rows(file, "SELECT name FROM principal ORDER BY number", |row| {
        row.get(0).unwrap()
    });
    same_rows("principal", &found, &model.state.principals)
}

/// Calendars, scheduled transfers, corrections, owners, dormancy are the model's; every sealed balance is the sum of
/// what was booked up to its day and known when it was sealed.
fn days(file: &Connection, model: &Model) -> Result<(), Difference> {
    let expected: Vec<_> = model
        .state
        .entities
        .iter()
        .map(|entity| {
            (
                entity.calendar as i64,
                entity.dormant_after,
                entity.sealed,
                entity.sealing.as_ref().map(|run| run.day),
                entity.year_end.as_ref().map_or(0, |run| run.begun),
            )
        })
        .collect();
    let found = rows(
        file,
        "SELECT calendar, dormant_after, sealed_through, sealing, year_end FROM entity ORDER BY number",
        |row| {
            (
                row.get(0).unwrap(),
                row.get(1).unwrap(),
                row.get(2).unwrap(),
                row.get(3).unwrap(),
                row.get(4).unwrap(),
            )
        },
    );
    same_rows("days of entity", &found, &expected)?;
    let found = rows(
        file,
        "SELECT code, weekend, (SELECT count(*) FROM calendar_holiday WHERE calendar = number) FROM calendar ORDER BY number",
        |row| {
            (
                row.get(0).unwrap(),
                row.get(1).unwrap(),
                row.get(2).unwrap(),
            )
        },
    );
    let expected: Vec<(String, u8, i64)> = model
        .state
        .calendars
        .iter()
        .map(|calendar| {
            let holidays = calendar.holidays.len() as i64;
            (calendar.code.clone(), calendar.weekend, holidays)
        })
        .collect();
    same_rows("calendar", &found, &expected)?;
    let number = |account: &u128| model.state.accounts[account].number as i64;
    let mut expected: Vec<_> = model
        .state
        .schedules
        .iter()
        .map(|(key, row)| {
            let what = (row.transfer.id, number(&row.debit), number(&row.credit));
            let state = (row.day, row.state, row.status.code());
            (row.sequence, *key, what, state)
        })
        .collect();
    expected.sort();
    let found = rows(
        file,
        "SELECT seq, key, transfer_id, debit, credit, booking_date, state, status FROM scheduled_transfer ORDER BY seq",
        |row| {
            let what = (id(row, 2), row.get(3).unwrap(), row.get(4).unwrap());
            let state = (
                row.get(5).unwrap(),
                row.get(6).unwrap(),
                row.get(7).unwrap(),
            );
            (row.get(0).unwrap(), id(row, 1), what, state)
        },
    );
    same_rows("scheduled_transfer", &found, &expected)?;
    let found = rows(
        file,
        "SELECT seq, transfer, first_day, last_day FROM correction ORDER BY seq",
        |row| {
            let get = |column| row.get::<_, i64>(column).unwrap();
            (get(0), get(1), get(2) as i32, get(3) as i32)
        },
    );
    same_rows("correction", &found, &model.state.corrections)?;
    let mut expected: Vec<_> = model
        .state
        .owners
        .iter()
        .map(|(key, link)| {
            let who = (link.owner.clone(), link.role.clone());
            (link.sequence, *key, number(&link.account), who, link.ended)
        })
        .collect();
    expected.sort();
    let found = rows(
        file,
        "SELECT seq, key, account, owner, role, valid_to IS NOT NULL FROM account_owner ORDER BY seq",
        |row| {
            let who = (row.get(3).unwrap(), row.get(4).unwrap());
            (
                row.get(0).unwrap(),
                id(row, 1),
                row.get(2).unwrap(),
                who,
                row.get(5).unwrap(),
            )
        },
    );
    same_rows("account_owner", &found, &expected)?;
    daily(file, model)
}

fn daily(file: &Connection, model: &Model) -> Result<(), Difference> {
    type Daily = BTreeMap<Place, Vec<(i32, i64, [u128; 2])>>;
    let mut found = Daily::new();
    let in_file = rows(
        file,
        "SELECT account, asset, day, seq, debits, credits FROM daily_balance ORDER BY account, asset, day",
        |row| {
            let place = (row.get::<_, i64>(0).unwrap() as u64, row.get(1).unwrap());
            let turnovers = [4, 5].map(|column| unsigned(row, column));
            (place, (row.get(2).unwrap(), row.get(3).unwrap(), turnovers))
        },
    );
    for (place, row) in in_file {
        found.entry(place).or_default().push(row);
    }
    let mut booked: BTreeMap<Place, Vec<(i64, i32, [u128; 2])>> = BTreeMap::new();
    for posting in &model.postings {
        for (account, turned) in [
            (posting.debit, [posting.amount, 0]),
            (posting.credit, [0, posting.amount]),
        ] {
            let place = (model.state.accounts[&account].number, posting.asset);
            let event = (posting.sequence, posting.booking, turned);
            booked.entry(place).or_default().push(event);
        }
    }
    let known = |place: &Place, day: i32, sequence: i64| {
        let mut sum = [0u128; 2];
        for (at, booking, turned) in booked.get(place).into_iter().flatten() {
            if *at < sequence && *booking <= day {
                sum = [sum[0] + turned[0], sum[1] + turned[1]];
            }
        }
        sum
    };
    for (place, list) in &found {
        for (day, sequence, turnovers) in list {
            let what = format_args!("the balance of {place:?} sealed for {day} at {sequence}");
            same(what, *turnovers, known(place, *day, *sequence))?;
        }
    }
    let entities: BTreeMap<u64, u32> = model
        .state
        .accounts
        .values()
        .map(|account| (account.number, account.entity))
        .collect();
    for sealed in &model.state.sealed {
        for place in booked.keys() {
            let (account, _) = place;
            if !sealed.accounts.contains(account) || entities[account] != sealed.entity {
                continue;
            }
            let list = found.get(place).map_or(&[][..], Vec::as_slice);
            let row = list.iter().rev().find(|(day, _, _)| *day <= sealed.day);
            let what = format_args!("what is sealed of {place:?} for {}", sealed.day);
            same(
                what,
                row.map_or([0, 0], |(_, _, turnovers)| *turnovers),
                known(place, sealed.day, sealed.sequence),
            )?;
        }
    }
    Ok(())
}

fn records(file: &Connection, model: &Model) -> Result<(), Difference> {
    let expected: Vec<_> = model
        .state
        .records
        .iter()
        .map(|((namespace, record), (version, value))| {
            (
                namespace.clone(),
                record.clone(),
                *version as i64,
                value.clone(),
            )
        })
        .collect();
    let found = rows(
        file,
        "SELECT namespace, record, version, value FROM host_record ORDER BY namespace, record",
        |row| {
            let namespace = row.get(0).unwrap();
            (
                namespace,
                row.get(1).unwrap(),
                row.get(2).unwrap(),
                row.get(3).unwrap(),
            )
        },
    );
    same_rows("host_record", &found, &expected)
}

/// Every row of every table that does not depend on when caches were written or on chance, as text.
pub fn dump(disk: &SimulatedDisk) -> Vec<String> {
    dump_of(&reader(disk))
}

/// As [`dump`], through a connection.
pub fn dump_of(file: &Connection) -> Vec<String> {
    let mut dump = Vec::new();
    for (table, columns) in [
        ("transfer", "*"),
        ("change", "*"),
        ("hold_event", "*"),
        ("hold", "*"),
        ("posting_mark", "account << 40 | seq, *"),
        ("account", "*"),
        ("account_balance", "*"),
        ("account_limit", "account << 40 | asset << 8 | kind, *"),
        ("account_number", "*"),
        ("account_block", "account << 8 | side, *"),
        ("host_record_write", "*"),
        ("entity", "*"),
        ("asset", "*"),
        ("reversed", "*"),
        ("principal", "*"),
        ("host_record", "*"),
        ("position", "entity << 32 | asset, *"),
        ("position_day", "entity << 48 | asset << 32 | day, *"),
        ("accrual", "*"),
        ("statement", "account << 40 | asset << 20 | number, *"),
        ("gl_code", "*"),
        ("gl_assignment", "*"),
        ("imported", "*"),
        ("import_balance", "*"),
        ("import_state", "*"),
        ("retention", "*"),
        ("command_result", "*"),
        ("balance_page", "page, balances"),
        ("v1_balances", "*"),
    ] {
        let sql = format!("SELECT {columns} FROM {table} ORDER BY 1, 2");
        let chance = ["salt", "commitment"];
        let select = file.prepare(&sql).unwrap();
        let names = select.column_names().enumerate();
        let shown: Vec<usize> = names
            .filter(|(_, name)| !chance.contains(name))
            .map(|(column, _)| column)
            .collect();
        dump.extend(rows(file, &sql, |row| {
            let values = shown.iter().map(|column| row.get(*column).unwrap());
            format!("{table}: {:?}", values.collect::<Vec<Value>>())
        }));
    }
    dump
}
