//! Turns SQLite's errors into ours: the one place that decides which status a result code means and what the reader of
//! the message should do. The extended code is always kept, so that a support case can see exactly what SQLite saw.

use rusqlite::ffi;

use crate::base::{Error, Status};

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Error {
        let (code, detail) = match error {
            rusqlite::Error::SqliteFailure(failure, message) => {
                let detail =
                    message.unwrap_or_else(|| ffi::code_to_str(failure.extended_code).to_owned());
                (failure.extended_code, detail)
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => (error.extended_code, msg),
            other => return without_code(&other),
        };
        from_code(code, &detail)
    }
}

/// The error for an extended result code of SQLite's; `detail` is its own description.
pub fn from_code(code: i32, detail: &str) -> Error {
    let (status, advice) = meaning(code);
    Error::new(status, format!("{detail}: {advice}")).with_sqlite_code(code)
}

/// Whether a COMMIT that failed with this extended code may turn out durable all the same, after a crash: the log had
/// been written completely, and what failed was its sync, or telling the log's shared index about it.
pub fn leaves_outcome_unknown(code: i32) -> bool {
    matches!(
        code,
        ffi::SQLITE_IOERR_FSYNC
            | ffi::SQLITE_IOERR_DIR_FSYNC
            | ffi::SQLITE_IOERR_SHMMAP
            | ffi::SQLITE_IOERR_SHMSIZE
            | ffi::SQLITE_IOERR_SHMOPEN
            | ffi::SQLITE_IOERR_NOMEM
            | ffi::SQLITE_NOMEM
    )
}

/// Status and advice for an extended result code; the primary code is its lowest byte.
fn meaning(code: i32) -> (Status, &'static str) {
    match code {
        ffi::SQLITE_IOERR_NOMEM => {
            return (Status::OUT_OF_MEMORY, "free memory and try again");
        }
        ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA => {
            return (
                Status::CORRUPT,
                "the disk returned damaged data; check the disk and restore a backup",
            );
        }
        ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_DIR_FSYNC => {
            return (
                Status::IO,
                "the system could not make data durable; check the disk, then close and reopen",
            );
        }
        ffi::SQLITE_BUSY_SNAPSHOT => {
            return (
                Status::BUSY,
                "the data changed since the transaction began; begin again",
            );
        }
        ffi::SQLITE_READONLY_DBMOVED => {
            return (
                Status::WRITTEN_BY_OTHER,
                "the file was moved or replaced while it was open; close and find out who did it",
            );
        }
        _ => {}
    }
    match code & 0xff {
        ffi::SQLITE_FULL => (Status::DISK_FULL, "free space on the disk and try again"),
        ffi::SQLITE_IOERR => (
            Status::IO,
            "the system failed a disk operation; check the disk and the system's log",
        ),
        ffi::SQLITE_CORRUPT => (
            Status::CORRUPT,
            "the file is damaged; keep a copy of it and restore a backup",
        ),
        ffi::SQLITE_NOTADB => (
            Status::NOT_A_DATABASE,
            "the file is not a database or its header is damaged; check the path",
        ),
        ffi::SQLITE_READONLY | ffi::SQLITE_PERM => (
            Status::READ_ONLY,
            "the file or its folder may not be written; check the permissions or open read-only",
        ),
        ffi::SQLITE_CANTOPEN => (
            Status::CANNOT_OPEN,
            "check that the path exists and that this user may open it",
        ),
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => (
            Status::BUSY,
            "another connection holds the database; try again",
        ),
        ffi::SQLITE_NOMEM => (Status::OUT_OF_MEMORY, "free memory and try again"),
        ffi::SQLITE_TOOBIG => (
            Status::INVALID_ARGUMENT,
            "a value is larger than SQLite stores",
        ),
        ffi::SQLITE_INTERRUPT => (
            Status::SNAPSHOT_TOO_OLD,
            "the query exceeded the maximum age of readers; ask for less at a time, or allow more",
        ),
        _ => (Status::INTERNAL, "this is a defect; report the message"),
    }
}

fn without_code(error: &rusqlite::Error) -> Error {
    use rusqlite::Error as E;
    let (status, advice) = match error {
        E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::InvalidColumnType(..)
        | E::Utf8Error(..) => (
            Status::CORRUPT,
            "a stored value is not what belongs there; run the integrity check",
        ),
        E::NulError(_) => (Status::INVALID_ARGUMENT, "remove the zero byte"),
        E::InvalidPath(_) => (Status::CANNOT_OPEN, "use a path that SQLite can open"),
        _ => (Status::INTERNAL, "this is a defect; report the message"),
    };
    Error::new(status, format!("{error}: {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_failure_has_its_status() {
        for (code, status) in [
            (ffi::SQLITE_FULL, Status::DISK_FULL),
            (ffi::SQLITE_IOERR_WRITE, Status::IO),
            (ffi::SQLITE_IOERR_FSYNC, Status::IO),
            (ffi::SQLITE_IOERR_NOMEM, Status::OUT_OF_MEMORY),
            (ffi::SQLITE_CORRUPT, Status::CORRUPT),
            (ffi::SQLITE_CORRUPT_INDEX, Status::CORRUPT),
            (ffi::SQLITE_NOTADB, Status::NOT_A_DATABASE),
            (ffi::SQLITE_READONLY, Status::READ_ONLY),
            (ffi::SQLITE_READONLY_DIRECTORY, Status::READ_ONLY),
            (ffi::SQLITE_CANTOPEN, Status::CANNOT_OPEN),
            (ffi::SQLITE_CANTOPEN_ISDIR, Status::CANNOT_OPEN),
            (ffi::SQLITE_BUSY, Status::BUSY),
            (ffi::SQLITE_BUSY_SNAPSHOT, Status::BUSY),
            (ffi::SQLITE_LOCKED, Status::BUSY),
            (ffi::SQLITE_NOMEM, Status::OUT_OF_MEMORY),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, Status::INTERNAL),
            (-1, Status::INTERNAL),
        ] {
            let error = from_code(code, "detail");
            assert_eq!(error.status(), status, "code {code}");
            assert_eq!(error.sqlite_code(), code);
            assert!(error.message().starts_with("detail: "));
        }
        assert!(leaves_outcome_unknown(ffi::SQLITE_IOERR_FSYNC));
        assert!(!leaves_outcome_unknown(ffi::SQLITE_IOERR_WRITE));
    }

    #[test]
    fn a_wrong_stored_value_is_damage_and_a_bad_statement_a_defect() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        let text = db.query_row("SELECT 'x'", [], |row| row.get::<_, i64>(0));
        assert_eq!(Error::from(text.unwrap_err()).status(), Status::CORRUPT);
        let sql = db.execute_batch("SELEC 1");
        let error = Error::from(sql.unwrap_err());
        assert_eq!(error.status(), Status::INTERNAL);
        assert_eq!(error.sqlite_code(), ffi::SQLITE_ERROR);
    }
}
