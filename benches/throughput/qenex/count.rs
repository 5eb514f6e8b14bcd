//! Counts what a closed file holds with plain SQLite: the truth rows are readable without libqenex. Every change has
//! a sequence number of its own, in one of two tables, so they are complete when they are as many as the last one says.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::contender::{Audit, Result};

use super::FUNDING;

/// Counts a file that no engine has open. Accounts are counted by what paid their overdrafts.
pub fn count(path: &Path) -> Result<(u64, Audit)> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |sql: &str| -> Result<u64> {
        let number: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(number.try_into()?)
    };
    let last = number("SELECT seq FROM commit_state")?;
    let (transfers, fundings, highest): (i64, i64, i64) = connection.query_row(
        "SELECT count(*), count(*) FILTER (WHERE code = ?), max(seq) FROM transfer",
        [FUNDING],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let (transfers, fundings) = (u64::try_from(transfers)?, u64::try_from(fundings)?);
    let others = number("SELECT count(*) FROM change")?;
    let twice = number("SELECT count(*) FROM change JOIN transfer USING (seq)")?;
    let highest = number("SELECT max(seq) FROM change")?.max(u64::try_from(highest)?);
    if transfers + others != last || twice != 0 || highest != last {
        return Err(format!(
            "the change log has gaps: {transfers} transfers and {others} other changes, {twice} numbers used twice, \
             numbered up to {highest}, the last commit says {last}"
        )
        .into());
    }
    let audit = Audit {
        transfers: transfers - fundings,
        changes: last - others - fundings,
    };
    Ok((fundings, audit))
}
