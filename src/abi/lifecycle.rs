//! Opening and closing engines and sessions.

use std::ffi::c_char;
use std::path::PathBuf;
use std::ptr::null_mut;
use std::sync::Arc;

use super::error::qenex_error;
use super::guard;
use super::handle;
use super::host::{Destroy, HostClock, HostLog, UserData};
use super::memory::{self, Out};
use super::record::{qenex_options, qenex_status};
use crate::base::constants::{durability, log, open};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::engine::log::{Level, Log};
use crate::engine::{Engine, EngineOptions, Session};
use crate::store::file::{Durability, Location};
use crate::store::vfs::SimulatedDisk;

/// An open database. Any thread may use it, many at once.
pub struct qenex_engine {
    pub(super) engine: Engine,
}

/// Who is acting: every operation takes one. Any thread may use it, many at once. It keeps its engine alive, not
/// open: after qenex_close its calls return QENEX_CLOSED.
pub struct qenex_session {
    pub(super) session: Session,
}

/// Opens a database file, creating it unless told otherwise, and gives the engine in *out_engine.
///
/// One engine per file: another one, in this or another process, gets QENEX_ALREADY_OPEN or QENEX_LOCKED, unless it
/// opens read-only. The process must not open the same file through another copy of SQLite while the engine is
/// open: on POSIX systems that drops the engine's locks; use qenex_backup and read the copy, or read from another
/// process. Files on network file systems are refused. After a crash, opening recovers everything acknowledged.
///
/// Errors: QENEX_CANNOT_OPEN, QENEX_NOT_A_DATABASE, QENEX_NOT_QENEX, QENEX_CORRUPT, QENEX_READ_ONLY, QENEX_LOCKED,
/// QENEX_ALREADY_OPEN, QENEX_NEWER_VERSION, QENEX_UPGRADE_NEEDED, QENEX_NETWORK_FILE_SYSTEM and those of bad
/// arguments. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_open(
    options: *const qenex_options,
    out_engine: *mut *mut qenex_engine,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        // Whatever happens next, what the host handed over to be destroyed is.
        let given = memory::options(options);
        let callbacks = given
            .as_ref()
            .ok()
            .and_then(|given| given.as_ref())
            .map(host_callbacks);
        let out = Out::new(out_engine, null_mut(), "out_engine")?;
        let given = given?.ok_or_else(|| memory::null("options"))?;
        let Some((host_log, host_clock)) = callbacks else {
            return Err(memory::null("options"));
        };
        let engine = Engine::open(engine_options(&given, host_log, host_clock)?)?;
        out.set(handle::give(qenex_engine { engine })?);
        Ok(Status::OK)
    })
}

/// Closes the engine: what is queued is finished or refused, the file and its lock are released, the library's
/// threads end. The handle is gone afterwards, whatever is returned; only QENEX_REENTRANT and QENEX_FORKED leave it
/// as it was. Sessions stay to be freed, and until then the log and the clock of the options are not destroyed. NULL does
/// nothing. Any thread, once. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_close(
    engine: *mut qenex_engine,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        if engine.is_null() {
            return Ok(Status::OK);
        }
        handle::get(engine, "engine")?;
        match handle::take(engine) {
            Some(engine) => engine.engine.close().map(|()| Status::OK),
            None => Err(Error::new(
                Status::INVALID_HANDLE,
                "engine was closed by another thread",
            )),
        }
    })
}

/// Opens a session: principal is who acts in every command of it (a user, a service; 1 to 128 bytes, no control
/// characters), on_behalf_of, which may be empty, for whom. Both are in the audit record of each change. The
/// caller frees the session with qenex_session_free. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_session_open(
    engine: *mut qenex_engine,
    principal: *const c_char,
    principal_len: usize,
    on_behalf_of: *const c_char,
    on_behalf_of_len: usize,
    out_session: *mut *mut qenex_session,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_session, null_mut(), "out_session")?;
        let engine = handle::get(engine, "engine")?;
        let principal = memory::text(principal, principal_len, "principal")?;
        let on_behalf_of = memory::text(on_behalf_of, on_behalf_of_len, "on_behalf_of")?;
        let session = engine.engine.session(principal, on_behalf_of)?;
        out.set(handle::give(qenex_session { session })?);
        Ok(Status::OK)
    })
}

/// Frees a session, before or after its engine is closed; calls under way finish. Freeing the last session of a closed
/// engine calls log_destroy and clock_destroy of its options. NULL and freeing twice do nothing. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_session_free(session: *mut qenex_session) {
    guard::value((), || {
        handle::take(session);
        Ok(())
    });
}

fn host_callbacks(given: &qenex_options) -> (HostLog, HostClock) {
    let data = |user_data, destroy| Destroy {
        user_data: UserData(user_data),
        destroy,
    };
    let host_log = HostLog {
        log: given.log,
        level: if given.log_level == 0 {
            log::INFO
        } else {
            given.log_level
        },
        data: data(given.log_user_data, given.log_destroy),
        one_at_a_time: parking_lot::Mutex::new(()),
    };
    let host_clock = HostClock {
        clock: given.clock,
        data: data(given.clock_user_data, given.clock_destroy),
    };
    (host_log, host_clock)
}

fn engine_options(
    given: &qenex_options,
    host_log: HostLog,
    host_clock: HostClock,
) -> Result<EngineOptions> {
    if given.flags & !open::ALL != 0 {
        return Err(out_of_range(
            "flags",
            u64::from(given.flags),
            "QENEX_OPEN_... flags",
        ));
    }
    let flag = |bit| given.flags & bit != 0;
    let path = memory::text(given.path, given.path_len, "path")?;
    let location = match (flag(open::MEMORY), path) {
        (true, "") => Location::Memory(SimulatedDisk::new()),
        (true, _) => {
            return Err(Error::new(
                Status::INVALID_ARGUMENT,
                "path must be empty with QENEX_OPEN_MEMORY",
            ));
        }
        (false, "") => return Err(Error::new(Status::INVALID_ARGUMENT, "path is empty")),
        (false, path) if path.contains('\0') => {
            return Err(Error::new(
                Status::INVALID_ARGUMENT,
                "path contains a NUL byte",
            ));
        }
        (false, path) => Location::Path(PathBuf::from(path)),
    };
    if given.log_level > log::INFO {
        return Err(out_of_range(
            "log_level",
            u64::from(given.log_level),
            "0 to QENEX_LOG_INFO",
        ));
    }
    let mut options = EngineOptions::new(location);
    options.durability = match given.durability {
        0 | durability::FULL => Durability::Full,
        durability::PROCESS => Durability::Normal,
        other => {
            return Err(out_of_range(
                "durability",
                u64::from(other),
                "QENEX_DURABILITY_... or 0",
            ));
        }
    };
    options.read_only = flag(open::READ_ONLY);
    options.create = !flag(open::READ_ONLY) && !flag(open::MUST_EXIST);
    let given_sizes = [
        ("cache_bytes", given.cache_bytes, &mut options.cache_bytes),
        (
            "filter_bytes",
            given.filter_bytes,
            &mut options.filter_bytes,
        ),
        (
            "queue_capacity",
            u64::from(given.queue_capacity),
            &mut options.queue_capacity,
        ),
    ];
    for (name, given, field) in given_sizes {
        let given = usize::try_from(bounded(name, given, 1 << 40)?)
            .map_err(|_| out_of_range(name, given, "what an address space holds"))?;
        set_unless_zero(field, given);
    }
    let log_sizes = [
        (
            "checkpoint_bytes",
            given.checkpoint_bytes,
            &mut options.checkpoint_bytes,
        ),
        (
            "wal_limit_bytes",
            given.wal_limit_bytes,
            &mut options.wal_limit_bytes,
        ),
    ];
    for (name, given, field) in log_sizes {
        set_unless_zero(field, bounded(name, given, 1 << 40)?);
    }
    let numbers = [
        (
            "max_readers",
            given.max_readers,
            1 << 10,
            &mut options.max_readers,
        ),
        (
            "page_cache_kib",
            given.page_cache_kib,
            1 << 30,
            &mut options.page_cache_kib,
        ),
        (
            "busy_timeout_ms",
            given.busy_timeout_ms,
            3_600_000,
            &mut options.busy_timeout_ms,
        ),
        (
            "reader_age_limit_ms",
            given.reader_age_limit_ms,
            u32::MAX,
            &mut options.reader_age_limit_ms,
        ),
        (
            "replay_limit",
            given.replay_limit,
            1 << 30,
            &mut options.replay_limit,
        ),
    ];
    for (name, given, maximum, field) in numbers {
        set_unless_zero(field, bounded(name, given, maximum)?);
    }
    options.clock = Arc::new(host_clock);
    options.log = Log::new(Arc::new(move |level, target, text| {
        let level = match level {
            Level::Error => log::ERROR,
            Level::Warning => log::WARNING,
            Level::Info => log::INFO,
        };
        host_log.write(level, target, text);
    }));
    Ok(options)
}

fn set_unless_zero<T: Default + PartialEq>(field: &mut T, given: T) {
    if given != T::default() {
        *field = given;
    }
}

fn bounded<T: Copy + PartialOrd + Into<u64>>(name: &str, given: T, maximum: T) -> Result<T> {
    if given > maximum {
        return Err(out_of_range(
            name,
            given.into(),
            &format!("at most {}", maximum.into()),
        ));
    }
    Ok(given)
}

fn out_of_range(name: &str, given: u64, range: &str) -> Error {
    Error::new(
        Status::INVALID_ARGUMENT,
        format!("{name} is {given}; it must be {range}"),
    )
}
