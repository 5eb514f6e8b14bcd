//! Inserting transfers: the rows written most, and thus in as few steps as SQLite allows. Rows of a batch that follow
//! each other and have nothing beside the fixed record, or nothing but texts, go in sixteen at a time, their common
//! columns bound once and their sequence numbers given by SQLite, which counts on from the last row and so need not
//! search for the place; every other row goes in by itself, with as many columns as it uses.

use once_cell::sync::Lazy;
use rusqlite::{CachedStatement, Connection, ToSql};

use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::status::Status;
use crate::ledger::command::UserData;
use crate::ledger::write::{DetailsRow, LedgerWrites, Stored, TransferRow};

/// The columns but `seq`, as the table has them. What a row does not use at the end is left out.
const COLUMNS: &str = "id, time, actor, debit, credit, asset, amount, booking_date, code, flags, debit_previous, \
     credit_previous, value_date, end_to_end_reference, reference, narrative, metadata, salt, commitment, \
     transaction_id, on_behalf_of, requested, hold, unheld, reverses, recovery, user_data_wide, user_data_long, \
     user_data_short, rate_coefficient, rate_scale, rate_source, functional_amount, source_system";

/// How many of [`COLUMNS`] there are in a row without anything beside the fixed record, in one with texts, in any.
const FIXED: usize = 13;
const WITH_TEXTS: usize = 19;
const ALL: usize = 34;

/// Rows that one statement inserts: a statement of its own for each would cost half as much again.
const GROUP: usize = 16;
/// Parameters that the rows of a group share.
const SHARED: usize = 4;
/// Parameters of each row of a group, without its texts, and what its texts take.
const EACH: usize = 8;
const TEXTS: usize = WITH_TEXTS - FIXED;

static INSERT_GROUP: Lazy<String> = Lazy::new(|| insert_group(FIXED));
static INSERT_GROUP_WITH_TEXTS: Lazy<String> = Lazy::new(|| insert_group(WITH_TEXTS));
static INSERT_FIXED: Lazy<String> = Lazy::new(|| insert_one(FIXED));
static INSERT_WITH_TEXTS: Lazy<String> = Lazy::new(|| insert_one(WITH_TEXTS));
static INSERT_ALL: Lazy<String> = Lazy::new(|| insert_one(ALL));

/// `?1` to `?4` are time, actor, asset and booking date of all rows; their value date is their booking date.
fn insert_group(extent: usize) -> String {
    let each = EACH + extent - FIXED;
    let rows: Vec<String> = (0..GROUP)
        .map(|row| {
            let own = |column: usize| format!("?{}", SHARED + 1 + row * each + column);
            let mut values = format!(
                "({}, ?1, ?2, {}, {}, ?3, {}, ?4, {}, {}, {}, {}",
                own(0),
                own(1),
                own(2),
                own(3),
                own(4),
                own(5),
                own(6),
                own(7)
            );
            if extent > FIXED {
                values.push_str(", NULL");
                for text in EACH..each {
                    values.push_str(&format!(", {}", own(text)));
                }
            }
            values + ")"
        })
        .collect();
    let columns = match extent {
        FIXED => leading(FIXED - 1),
        extent => leading(extent),
    };
    format!("INSERT INTO transfer({columns}) VALUES {}", rows.join(", "))
}

fn leading(count: usize) -> String {
    let columns: Vec<&str> = COLUMNS.split(", ").take(count).collect();
    columns.join(", ")
}

fn insert_one(count: usize) -> String {
    let columns = leading(count);
    format!(
        "INSERT INTO transfer(seq, {columns}) VALUES(?{})",
        ", ?".repeat(count)
    )
}

/// Inserts the transfers of a batch, within the caller's transaction.
pub(super) fn insert(writes: &LedgerWrites, connection: &Connection) -> Result<()> {
    let mut rest = &writes.transfers[..];
    if rest.len() >= GROUP {
        rest = insert_groups(writes, connection, rest)?;
    }
    insert_each(writes, connection, rest)
}

/// Inserts all but a last few rows, and returns those.
fn insert_groups<'a>(
    writes: &LedgerWrites,
    connection: &Connection,
    mut rest: &'a [TransferRow],
) -> Result<&'a [TransferRow]> {
    let mut last: i64 = connection
        .prepare_cached("SELECT coalesce(max(seq), 0) FROM transfer")?
        .query_row([], |row| row.get(0))?;
    let mut plain = None;
    let mut with_texts = None;
    while let Some((rows, after)) = rest.split_first_chunk::<GROUP>() {
        let [first, ..] = rows;
        let extent = extent(writes, first);
        match rows
            .iter()
            .position(|row| !continues(writes, row, rows, extent, last))
        {
            None => {
                let (group, sql) = match extent {
                    FIXED => (&mut plain, &INSERT_GROUP),
                    _ => (&mut with_texts, &INSERT_GROUP_WITH_TEXTS),
                };
                let group = match group {
                    Some(group) => group,
                    None => group.insert(Group {
                        statement: connection.prepare_cached(sql)?,
                        shared: None,
                    }),
                };
                group.bind(writes, rows, extent)?;
                group.statement.raw_execute()?;
                last += GROUP as i64;
                if connection.last_insert_rowid() != last {
                    return Err(Error::new(
                        Status::INTERNAL,
                        format!("the transfers up to {last} were not numbered as they must be"),
                    ));
                }
                rest = after;
            }
            // The rows up to the one that is no part of a group, and that one.
            Some(apart) => {
                let (single, after) = rest.split_at(apart + 1);
                insert_each(writes, connection, single)?;
                last = single.last().map_or(last, |row| row.sequence);
                rest = after;
            }
        }
    }
    Ok(rest)
}

/// Whether a row may stand in a group of rows of this extent that follows row `last`.
fn continues(
    writes: &LedgerWrites,
    row: &TransferRow,
    group: &[TransferRow; GROUP],
    of: usize,
    last: i64,
) -> bool {
    let [first, ..] = group;
    let place = row.sequence - first.sequence;
    of <= WITH_TEXTS
        && extent(writes, row) == of
        && row.value_date == row.booking_date
        && first.sequence == last + 1
        && (0..GROUP as i64).contains(&place)
        && group
            .get(place as usize)
            .is_some_and(|there| there.sequence == row.sequence)
        && (row.time, row.actor, row.asset, row.booking_date)
            == (first.time, first.actor, first.asset, first.booking_date)
}

/// How many of the columns a row uses.
fn extent(writes: &LedgerWrites, row: &TransferRow) -> usize {
    let plain = row.transaction.is_none()
        && row.on_behalf_of == 0
        && row.requested.is_none()
        && row.hold == 0
        && row.reverses == 0
        && row.recovery == 0
        && row.user_data == UserData::default();
    match details(writes, row) {
        None if plain => FIXED,
        Some(details) if plain && !details.has_more_than_texts() => WITH_TEXTS,
        _ => ALL,
    }
}

fn details<'a>(writes: &'a LedgerWrites, row: &TransferRow) -> Option<&'a DetailsRow> {
    writes.details.get(row.details? as usize)
}

/// The statement that inserts a group, with what is bound for all rows of one.
struct Group<'a> {
    statement: CachedStatement<'a>,
    shared: Option<(i64, u32, u32, i32)>,
}

impl Group<'_> {
    fn bind(
        &mut self,
        writes: &LedgerWrites,
        rows: &[TransferRow; GROUP],
        extent: usize,
    ) -> rusqlite::Result<()> {
        let [first, ..] = rows;
        let common = (
            first.time.micros(),
            first.actor,
            first.asset,
            first.booking_date.days(),
        );
        let statement = &mut self.statement;
        // Bound values stay from one execution to the next.
        if self.shared != Some(common) {
            statement.raw_bind_parameter(1, common.0)?;
            statement.raw_bind_parameter(2, common.1)?;
            statement.raw_bind_parameter(3, common.2)?;
            statement.raw_bind_parameter(4, common.3)?;
            self.shared = Some(common);
        }
        let each = EACH + extent - FIXED;
        for (at, row) in (SHARED + 1..).step_by(each).zip(rows) {
            statement.raw_bind_parameter(at, &row.id.0[..])?;
            statement.raw_bind_parameter(at + 1, row.debit as i64)?;
            statement.raw_bind_parameter(at + 2, row.credit as i64)?;
            statement.raw_bind_parameter(at + 3, Stored::new(row.wide, row.amount))?;
            statement.raw_bind_parameter(at + 4, row.code)?;
            statement.raw_bind_parameter(at + 5, row.flags)?;
            statement.raw_bind_parameter(at + 6, row.debit_previous)?;
            statement.raw_bind_parameter(at + 7, row.credit_previous)?;
            if extent > FIXED
                && let Some(details) = details(writes, row)
            {
                bind_texts(statement, at + EACH, writes, details)?;
            }
        }
        Ok(())
    }
}

/// Binds the [`TEXTS`] parameters from `at` on.
fn bind_texts(
    statement: &mut CachedStatement<'_>,
    at: usize,
    writes: &LedgerWrites,
    details: &DetailsRow,
) -> rusqlite::Result<()> {
    let text = |range: (u32, u32)| (range.1 != 0).then(|| writes.kept(range));
    statement.raw_bind_parameter(at, text(details.end_to_end_reference))?;
    statement.raw_bind_parameter(at + 1, text(details.reference))?;
    statement.raw_bind_parameter(at + 2, text(details.narrative))?;
    statement.raw_bind_parameter(at + 3, text(details.metadata))?;
    let commitment = details.commitment.as_ref();
    statement.raw_bind_parameter(at + 4, commitment.map(|(salt, _)| &salt[..]))?;
    statement.raw_bind_parameter(at + 5, commitment.map(|(_, commitment)| &commitment[..]))
}

fn insert_each(writes: &LedgerWrites, connection: &Connection, rows: &[TransferRow]) -> Result<()> {
    for row in rows {
        let extent = extent(writes, row);
        let sql = match extent {
            FIXED => &INSERT_FIXED,
            WITH_TEXTS => &INSERT_WITH_TEXTS,
            _ => &INSERT_ALL,
        };
        let mut binding = Binding {
            statement: connection.prepare_cached(sql)?,
            next: 1,
        };
        binding.fixed(row)?;
        if extent >= WITH_TEXTS {
            let details = details(writes, row).cloned().unwrap_or_default();
            bind_texts(&mut binding.statement, binding.next, writes, &details)?;
            binding.next += TEXTS;
            if extent == ALL {
                binding.others(writes, row, &details)?;
            }
        }
        binding.statement.raw_execute()?;
    }
    Ok(())
}

/// A statement whose parameters are bound one after the other.
struct Binding<'a> {
    statement: CachedStatement<'a>,
    next: usize,
}

impl Binding<'_> {
    fn bind(&mut self, value: impl ToSql) -> rusqlite::Result<()> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(())
    }

    fn fixed(&mut self, row: &TransferRow) -> rusqlite::Result<()> {
        self.bind(row.sequence)?;
        self.bind(&row.id.0[..])?;
        self.bind(row.time.micros())?;
        self.bind(row.actor)?;
        self.bind(row.debit as i64)?;
        self.bind(row.credit as i64)?;
        self.bind(row.asset)?;
        self.bind(Stored::new(row.wide, row.amount))?;
        self.bind(row.booking_date.days())?;
        self.bind(row.code)?;
        self.bind(row.flags)?;
        self.bind(row.debit_previous)?;
        self.bind(row.credit_previous)?;
        self.bind((row.value_date != row.booking_date).then_some(row.value_date.days()))
    }

    fn others(
        &mut self,
        writes: &LedgerWrites,
        row: &TransferRow,
        details: &DetailsRow,
    ) -> rusqlite::Result<()> {
        let id = |id: &Id| (!id.is_none()).then_some(id.0);
        let text = |range: (u32, u32)| (range.1 != 0).then(|| writes.kept(range));
        self.bind(id(&row.transaction))?;
        self.bind((row.on_behalf_of != 0).then_some(row.on_behalf_of))?;
        self.bind(row.requested.map(|amount| Stored::new(row.wide, amount)))?;
        self.bind((row.hold != 0).then_some(row.hold))?;
        self.bind((row.hold != 0).then(|| Stored::new(row.wide, row.unheld)))?;
        self.bind((row.reverses != 0).then_some(row.reverses))?;
        self.bind((row.recovery != 0).then_some(row.recovery as i64))?;
        let UserData { wide, long, short } = row.user_data;
        self.bind((wide != 0).then(|| wide.to_be_bytes()))?;
        self.bind((long != 0).then_some(long as i64))?;
        self.bind((short != 0).then_some(short))?;
        self.bind(details.rate.map(|(coefficient, _)| coefficient.to_string()))?;
        self.bind(details.rate.map(|(_, scale)| scale))?;
        self.bind(text(details.rate_source))?;
        self.bind(details.functional_amount.map(|amount| amount.to_string()))?;
        self.bind(text(details.source_system))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Date, Timestamp};
    use crate::ledger::query::transfer::{StoredTransfer, by_sequence};

    fn row(sequence: i64) -> TransferRow {
        TransferRow {
            sequence,
            id: Id([sequence as u8; 16]),
            time: Timestamp::from_micros(1_000),
            actor: 1,
            on_behalf_of: 0,
            debit: 2,
            credit: 3,
            asset: 840,
            wide: false,
            amount: 100 + sequence as u128,
            requested: None,
            booking_date: Date::from_days(20_000),
            value_date: Date::from_days(20_000),
            code: sequence as u32 % 3,
            flags: sequence as u32 % 2,
            debit_previous: sequence - 1,
            credit_previous: 0,
            transaction: Id::NONE,
            hold: 0,
            unheld: 0,
            reverses: 0,
            recovery: 0,
            user_data: UserData::default(),
            details: None,
        }
    }

    /// Rows of every kind between others: what is read is what was written, however it was grouped.
    #[test]
    fn rows_read_back_as_written() {
        let connection = Connection::open_in_memory().unwrap();
        crate::ledger::schema::create(&connection).unwrap();
        let mut writes = LedgerWrites::default();
        // A gap is a change that is no transfer.
        let sequences = (1..=100).filter(|sequence| ![40, 41, 77].contains(sequence));
        for sequence in sequences {
            let mut row = row(sequence);
            match sequence {
                20 => row.value_date = Date::from_days(19_990),
                23 => row.time = Timestamp::from_micros(2_000),
                59 => {
                    let narrative = writes.keep("rent");
                    writes.details.push(DetailsRow {
                        narrative,
                        commitment: Some(([7; 16], [8; 32])),
                        ..DetailsRow::default()
                    });
                    row.details = Some(writes.details.len() as u32 - 1);
                }
                // A group with texts, and some rows beside it.
                80..=99 => {
                    let narrative = writes.keep(&format!("rent of {sequence}"));
                    let reference = writes.keep(["", "one", "two"][sequence as usize % 3]);
                    writes.details.push(DetailsRow {
                        narrative,
                        reference,
                        commitment: Some(([sequence as u8; 16], [8; 32])),
                        ..DetailsRow::default()
                    });
                    row.details = Some(writes.details.len() as u32 - 1);
                }
                60 => {
                    let source_system = writes.keep("cards");
                    writes.details.push(DetailsRow {
                        source_system,
                        rate: Some((-12, 3)),
                        functional_amount: Some(77),
                        ..DetailsRow::default()
                    });
                    row.details = Some(writes.details.len() as u32 - 1);
                }
                61 => {
                    row.wide = true;
                    row.amount = 1 << 100;
                    row.hold = 4;
                    row.unheld = 1 << 90;
                }
                62 => {
                    row.transaction = Id([9; 16]);
                    row.on_behalf_of = 5;
                    row.requested = Some(1_000);
                    row.reverses = 8;
                    row.recovery = 12;
                    row.user_data = UserData {
                        wide: 1,
                        long: u64::MAX,
                        short: 3,
                    };
                }
                _ => {}
            }
            writes.transfers.push(row);
        }
        // In two batches, the second after a gap.
        let mut second = LedgerWrites::default();
        insert(&writes, &connection).unwrap();
        second.transfers = (102..=140).map(row).collect();
        insert(&second, &connection).unwrap();
        for expected in writes.transfers.iter().chain(&second.transfers) {
            let stored = by_sequence(&connection, expected.sequence)
                .unwrap()
                .unwrap();
            let StoredTransfer { row, .. } = &stored;
            let details = expected.details;
            assert_eq!(
                TransferRow {
                    details,
                    ..row.clone()
                },
                *expected
            );
            match expected.sequence {
                59 => {
                    assert_eq!(stored.narrative, "rent");
                    assert_eq!(
                        (stored.salt, stored.commitment),
                        (Some([7; 16]), Some([8; 32]))
                    );
                }
                60 => {
                    assert_eq!(stored.source_system, "cards");
                    assert_eq!(stored.rate, Some((-12, 3)));
                    assert_eq!(stored.functional_amount, Some(77));
                }
                sequence @ 80..=99 => {
                    assert_eq!(stored.narrative, format!("rent of {sequence}"));
                    assert_eq!(stored.reference, ["", "one", "two"][sequence as usize % 3]);
                    assert_eq!(stored.metadata, "");
                    assert_eq!(
                        (stored.salt, stored.commitment),
                        (Some([sequence as u8; 16]), Some([8; 32]))
                    );
                }
                _ => assert_eq!(stored.commitment, None),
            }
        }
        let count: i64 = connection
            .query_row("SELECT count(*) FROM transfer", [], |row| row.get(0))
            .unwrap();
        assert_eq!(count, 97 + 39);
    }

    #[test]
    fn an_equal_sequence_number_is_refused() {
        let connection = Connection::open_in_memory().unwrap();
        crate::ledger::schema::create(&connection).unwrap();
        let mut writes = LedgerWrites::default();
        writes.transfers.push(row(1));
        insert(&writes, &connection).unwrap();
        assert!(insert(&writes, &connection).is_err());
    }
}
