//! Care of files: figures, backup, restore, upgrade, integrity check, state hash, support bundle.

use std::ffi::{c_char, c_void};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;

use super::buffer::{BufferBuilder, qenex_buffer};
use super::completion::give;
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::lifecycle::qenex_engine;
use super::memory::{self, Out, OutStruct};
use super::record::{qenex_progress_function, qenex_stats, qenex_status, qenex_text};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::engine::{EngineOptions, maintenance};
use crate::store::file::Location;

/// Writes the engine's figures to *stats, whose struct_size the caller has set. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_stats_get(
    engine: *mut qenex_engine,
    stats: *mut qenex_stats,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = OutStruct::new(stats, "stats")?;
        let figures = handle::get(engine, "engine")?.engine.stats()?;
        out.set(&qenex_stats {
            struct_size: out.size(),
            padding: 0,
            sequence: figures.sequence.unsigned_abs(),
            accounts: figures.accounts,
            balances: figures.balances,
            index_entries: figures.index_entries,
            index_runs: figures.index_runs,
            cache_bytes: figures.cache_bytes,
            index_bytes: figures.index_bytes,
            wal_bytes: figures.wal_bytes,
            queue_depth: figures.queue_depth,
            oldest_snapshot_us: figures.oldest_snapshot_micros,
            disk_reads: figures.disk_reads,
            disk_writes: figures.disk_writes,
            disk_syncs: figures.disk_syncs,
            disk_bytes_read: figures.disk_bytes_read,
            disk_bytes_written: figures.disk_bytes_written,
            commits: figures.commits,
            syncs: figures.syncs,
            reserved: [0; 16],
        });
        Ok(Status::OK)
    })
}

/// Copies the file to path, which must not exist, while writing goes on. The copy is verified and durable when this
/// returns; it is opened like any database, or brought to another place with qenex_restore. progress may be NULL.
/// It is told of every step but cannot stop the last one.
/// Errors: QENEX_BACKUP_FAILED, QENEX_DISK_FULL, QENEX_IO. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_backup(
    engine: *mut qenex_engine,
    path: *const c_char,
    path_len: usize,
    progress: qenex_progress_function,
    user_data: *mut c_void,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let engine = handle::get(engine, "engine")?;
        let path = path_text(path, path_len, "path")?;
        let mut tell = |done: u64, total: u64| match progress {
            // SAFETY: the host's function with the host's pointer, during the host's call.
            Some(progress) => guard::callback(|| unsafe { progress(user_data, done, total) }) == 0,
            None => true,
        };
        engine.engine.backup(Path::new(path), &mut tell)?;
        Ok(Status::OK)
    })
}

/// Makes a database at target, which must not exist, out of a backup, which is verified first and stays as it is.
/// No engine may have target open. Errors: QENEX_BACKUP_FAILED, QENEX_CORRUPT, QENEX_NOT_A_DATABASE,
/// QENEX_NOT_QENEX. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_restore(
    backup: *const c_char,
    backup_len: usize,
    target: *const c_char,
    target_len: usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let backup = path_text(backup, backup_len, "backup")?;
        let target = path_text(target, target_len, "target")?;
        maintenance::restore(Path::new(backup), Path::new(target))?;
        Ok(Status::OK)
    })
}

/// Brings a closed file to the format of this version; opening never does. dry_run not 0: changes nothing and only
/// answers. *out_from and *out_to, which may be NULL, receive the formats before and after. Take a backup first. Any
/// thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_upgrade(
    path: *const c_char,
    path_len: usize,
    dry_run: i32,
    out_from: *mut u32,
    out_to: *mut u32,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        memory::set_if_wanted(out_from, 0);
        memory::set_if_wanted(out_to, 0);
        let path = path_text(path, path_len, "path")?;
        let upgrade = maintenance::upgrade(Path::new(path), dry_run != 0)?;
        memory::set_if_wanted(out_from, upgrade.from);
        memory::set_if_wanted(out_to, upgrade.to);
        Ok(Status::OK)
    })
}

/// Makes everything anew that a closed file keeps beside its truth rows: balances, posting marks, the index of keys.
/// For a file of which one of these is damaged (QENEX_CORRUPT, or qenex_integrity_check says so) while the transfers and
/// changes are whole. All or nothing: on an error the file is as before. Reads all transfers and changes, and needs space
/// beside the file for all that it writes. No engine may have the file open for writing: QENEX_LOCKED,
/// QENEX_ALREADY_OPEN. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_rebuild_caches(
    path: *const c_char,
    path_len: usize,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let path = path_text(path, path_len, "path")?;
        let location = Location::Path(PathBuf::from(path));
        maintenance::rebuild_caches(&EngineOptions::new(location))?;
        Ok(Status::OK)
    })
}

/// Checks the whole file: its pages, the balances against plain sums of the transfers, the sums of every asset in
/// every entity, the sequence numbers. Gives what is wrong, in words, as qenex_text records in *out_buffer; no
/// records: nothing is. Reads everything, and commits wait for a part of it. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_integrity_check(
    engine: *mut qenex_engine,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let problems = handle::get(engine, "engine")?.engine.integrity_check()?;
        let mut buffer = BufferBuilder::<qenex_text>::new(problems.len())?;
        for problem in &problems {
            let text = buffer.text(problem)?;
            buffer.record(text)?;
        }
        give(buffer, &out)
    })
}

/// Writes the 32 bytes of the SHA3-256 of the whole durable state to out_hash: equal for files with the same
/// history, however it was committed. Reads everything, and commits wait. Any thread. Experimental.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_state_hash(
    engine: *mut qenex_engine,
    out_hash: *mut u8,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_hash.cast::<[u8; 32]>(), [0; 32], "out_hash")?;
        out.set(handle::get(engine, "engine")?.engine.state_hash()?);
        Ok(Status::OK)
    })
}

/// Gives what a person who helps needs to know, as text in the arena of *out_buffer: versions, figures, sizes; no
/// names, numbers, ids or amounts. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_support_bundle(
    engine: *mut qenex_engine,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let text = handle::get(engine, "engine")?.engine.support_bundle()?;
        let mut buffer = BufferBuilder::<qenex_text>::new(1)?;
        let text = buffer.text(&text)?;
        buffer.record(text)?;
        give(buffer, &out)
    })
}

/// A path of the host's: not empty, without NUL.
pub(super) fn path_text<'a>(path: *const c_char, path_len: usize, name: &str) -> Result<&'a str> {
    let invalid = |what: &str| {
        Err(Error::new(
            Status::INVALID_ARGUMENT,
            format!("{name} {what}"),
        ))
    };
    match memory::text(path, path_len, name)? {
        "" => invalid("is empty"),
        path if path.contains('\0') => invalid("contains a NUL byte"),
        path => Ok(path),
    }
}
