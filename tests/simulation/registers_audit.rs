//! What the file has of the general ledger, the import and the retention, compared with the model, and the first results
//! that it keeps.

use rusqlite::{Connection, Row};

use crate::audit::{Difference, rows, same_rows};
use crate::model::Model;

fn text(row: &Row<'_>, column: usize) -> String {
    row.get(column).unwrap()
}

fn number(row: &Row<'_>, column: usize) -> i64 {
    row.get(column).unwrap()
}

/// Compares every table of the registers.
pub fn audit(file: &Connection, model: &Model) -> Result<(), Difference> {
    let registers = &model.state.registers;
    let of_account = |account: &u128| model.state.accounts[account].number as i64;
    let expected: Vec<_> = registers
        .codes
        .iter()
        .map(|((entity, code), (name, kind, control))| {
            let place = (i64::from(*entity), code.clone());
            (place, name.clone(), i64::from(kind.number()), *control)
        })
        .collect();
    let sql = "SELECT entity, code, name, kind, control FROM gl_code ORDER BY 1, 2";
    let found = rows(file, sql, |row| {
        let place = (number(row, 0), text(row, 1));
        (place, text(row, 2), number(row, 3), row.get(4).unwrap())
    });
    same_rows("gl_code", &found, &expected)?;

    let mut expected: Vec<_> = registers
        .assignments
        .iter()
        .map(|((account, day), (code, contrary))| {
            let place = (of_account(account), i64::from(*day));
            (place, code.clone(), contrary.clone())
        })
        .collect();
    expected.sort();
    let sql = "SELECT account, first_day, code, contrary_code FROM gl_assignment ORDER BY 1, 2";
    let found = rows(file, sql, |row| {
        ((number(row, 0), number(row, 1)), text(row, 2), text(row, 3))
    });
    same_rows("gl_assignment", &found, &expected)?;

    let originals = registers.originals.iter();
    let expected: Vec<_> = originals.map(|(at, time)| (*at, *time)).collect();
    let sql = "SELECT seq, original_time FROM imported ORDER BY 1";
    let found = rows(file, sql, |row| (number(row, 0), number(row, 1)));
    same_rows("imported", &found, &expected)?;

    let mut expected: Vec<_> = registers
        .imported
        .iter()
        .map(|((account, asset), row)| {
            let place = (of_account(account), i64::from(*asset));
            let opening = [row.debits.to_string(), row.credits.to_string()];
            (place, opening, row.proved)
        })
        .collect();
    expected.sort();
    let sql = "SELECT account, asset, opening_debits, opening_credits, proved FROM import_balance ORDER BY 1, 2";
    let found = rows(file, sql, |row| {
        let place = (number(row, 0), number(row, 1));
        (place, [text(row, 2), text(row, 3)], row.get(4).unwrap())
    });
    same_rows("import_balance", &found, &expected)?;

    let import = registers.import.iter();
    let expected: Vec<_> = import
        .map(|import| {
            let unproved = registers.unproved() as i64;
            (import.live, import.transfers as i64, unproved)
        })
        .collect();
    let sql = "SELECT live, transfers, unproved FROM import_state";
    let found = rows(file, sql, |row| {
        (row.get(0).unwrap(), number(row, 1), number(row, 2))
    });
    same_rows("import_state", &found, &expected)?;

    let mut expected: Vec<_> = registers
        .retentions
        .iter()
        .map(|(account, row)| {
            let until = row.until.map(i64::from);
            let texts = [row.class.clone(), row.authority.clone()];
            (of_account(account), texts, until, row.hold, row.sequence)
        })
        .collect();
    expected.sort();
    let sql = "SELECT account, class, authority, until, legal_hold, seq, reason FROM retention ORDER BY 1";
    let found = rows(file, sql, |row| {
        assert_eq!(text(row, 6), "");
        (
            number(row, 0),
            [text(row, 1), text(row, 2)],
            row.get::<_, Option<i64>>(3).unwrap(),
            row.get(4).unwrap(),
            number(row, 5),
        )
    });
    same_rows("retention", &found, &expected)?;

    let results = registers.results.iter();
    let expected: Vec<_> = results
        .map(|(at, (number, amount))| (*at, *number as i64, amount.to_string()))
        .collect();
    let sql = "SELECT seq, number, amount FROM command_result ORDER BY 1";
    let found = rows(file, sql, |row| {
        (number(row, 0), number(row, 1), text(row, 2))
    });
    same_rows("command_result", &found, &expected)
}
