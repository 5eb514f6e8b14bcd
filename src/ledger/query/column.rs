//! Reading the ledger's columns: stored numbers back into values, every unexpected content an error of SQLite's
//! kind (the file is damaged or was written by something else).

use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{Error, Row};

use crate::base::id::Id;
use crate::ledger::command::UserData;

fn unexpected(column: usize, kind: Type, what: &str) -> Error {
    Error::FromSqlConversionFailure(column, kind, Box::new(FromSqlError::Other(what.into())))
}

/// Whether an amount column holds the bytes of a wide asset.
pub fn is_wide(row: &Row<'_>, column: usize) -> rusqlite::Result<bool> {
    Ok(matches!(row.get_ref(column)?, ValueRef::Blob(_)))
}

/// An unsigned amount; NULL is zero.
#[inline]
pub fn amount(row: &Row<'_>, column: usize) -> rusqlite::Result<u128> {
    match row.get_ref(column)? {
        ValueRef::Integer(value) if value >= 0 => Ok(value as u128),
        ValueRef::Blob(bytes) => match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => Ok(u128::from_be_bytes(bytes)),
            Err(_) => Err(unexpected(column, Type::Blob, "an amount has 16 bytes")),
        },
        ValueRef::Null => Ok(0),
        other => Err(unexpected(column, other.data_type(), "not an amount")),
    }
}

/// A signed amount.
pub fn signed_amount(row: &Row<'_>, column: usize) -> rusqlite::Result<i128> {
    match row.get_ref(column)? {
        ValueRef::Integer(value) => Ok(i128::from(value)),
        ValueRef::Blob(_) => Ok((amount(row, column)? ^ (1 << 127)) as i128),
        other => Err(unexpected(column, other.data_type(), "not an amount")),
    }
}

/// A signed number kept as decimal text.
pub fn text_number(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i128>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(value) => Ok(Some(i128::from(value))),
        ValueRef::Text(bytes) => std::str::from_utf8(bytes)
            .ok()
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| unexpected(column, Type::Text, "not a number")),
        other => Err(unexpected(column, other.data_type(), "not a number")),
    }
}

/// An id; NULL is none.
#[inline]
pub fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Id> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(Id::NONE),
        ValueRef::Blob(bytes) => match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => Ok(Id(bytes)),
            Err(_) => Err(unexpected(column, Type::Blob, "an id has 16 bytes")),
        },
        other => Err(unexpected(column, other.data_type(), "not an id")),
    }
}

/// A text; NULL is empty.
pub fn text(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(row.get::<_, Option<String>>(column)?.unwrap_or_default())
}

/// A stored number that stands for a kind.
pub fn known<T>(
    row: &Row<'_>,
    column: usize,
    kind: impl Fn(u8) -> Option<T>,
) -> rusqlite::Result<T> {
    kind(row.get(column)?).ok_or_else(|| {
        unexpected(
            column,
            Type::Integer,
            "a kind that this version does not know",
        )
    })
}

/// The three columns of user data from `column` on.
pub fn user_data(row: &Row<'_>, column: usize) -> rusqlite::Result<UserData> {
    Ok(UserData {
        wide: id(row, column)?.to_u128(),
        long: row.get::<_, Option<i64>>(column + 1)?.unwrap_or(0) as u64,
        short: row.get::<_, Option<u32>>(column + 2)?.unwrap_or(0),
    })
}
