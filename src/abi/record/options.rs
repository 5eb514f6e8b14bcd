//! Option structs: each begins with its own size, so that it can grow. Zero the whole struct, set `struct_size` to
//! its sizeof, then set what differs from the default.

use std::ffi::{c_char, c_void};

use super::{qenex_date, qenex_id, qenex_result, qenex_status, qenex_time};
use crate::abi::memory::Options;

/// Receives log messages. It may be called from any thread, also from inside any call on the engine, never from
/// two threads at once; the texts are not terminated and end with the call. It must not call the engine
/// (QENEX_REENTRANT) and must return soon: commits wait for it.
pub type qenex_log_function = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        level: u32,
        target: *const c_char,
        target_len: usize,
        text: *const c_char,
        text_len: usize,
    ),
>;

/// Tells the time in microseconds since 1970, in place of the system's clock. Any thread may call it, several at
/// once. It must not call the engine.
pub type qenex_clock_function = Option<unsafe extern "C" fn(user_data: *mut c_void) -> qenex_time>;

/// Called exactly once, when the library will not use user_data again: also when the call that it was given to
/// fails, unless that call found the option struct itself unreadable (QENEX_NULL_POINTER,
/// QENEX_INVALID_STRUCT_SIZE, QENEX_RESERVED_NOT_ZERO).
pub type qenex_destroy_function = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Told what became of one submitted batch: as the blocking call would have returned it. results has count records,
/// one per item, or none when status is negative; then message says what happened. Both end with the call. It is
/// called in a thread of the library's, one completion of an engine at a time, and never from within qenex_submit_notify.
/// It must not call the engine (QENEX_REENTRANT; qenex_close too) and must return soon: later batches wait for it.
pub type qenex_completion_function = Option<
    unsafe extern "C" fn(
        user_data: *mut c_void,
        status: qenex_status,
        results: *const qenex_result,
        count: usize,
        message: *const c_char,
        message_len: usize,
    ),
>;

/// Told how far a backup is, in pages; a non-zero answer stops it (QENEX_BACKUP_FAILED). It must not call the
/// engine.
pub type qenex_progress_function =
    Option<unsafe extern "C" fn(user_data: *mut c_void, done: u64, total: u64) -> i32>;

/// How to open an engine. Only the path has no default.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_options {
    /// sizeof(qenex_options).
    pub struct_size: u32,
    /// QENEX_OPEN_...
    pub flags: u32,
    /// Path of the file, UTF-8, not terminated; empty with QENEX_OPEN_MEMORY.
    pub path: *const c_char,
    /// Bytes of path.
    pub path_len: usize,
    /// QENEX_DURABILITY_...; 0: QENEX_DURABILITY_FULL.
    pub durability: u32,
    /// Readers at the same time; 0: 16.
    pub max_readers: u32,
    /// Memory for cached accounts and balances, in bytes; 0: 128 MiB.
    pub cache_bytes: u64,
    /// Memory for the filters of the index of keys, in bytes; 0: 64 MiB.
    pub filter_bytes: u64,
    /// SQLite's page cache of the writer in KiB; 0: 16384.
    pub page_cache_kib: u32,
    /// Batches that may be submitted and not collected; 0: 64.
    pub queue_capacity: u32,
    /// Bytes of the write-ahead log after which it is moved into the file; 0: 16 MiB.
    pub checkpoint_bytes: u64,
    /// Bytes of the write-ahead log after which commits are refused (QENEX_WAL_LIMIT) because a reader keeps it from
    /// being moved; 0: 1 GiB.
    pub wal_limit_bytes: u64,
    /// How long to wait for a lock or a free reader, in milliseconds; 0: 5000.
    pub busy_timeout_ms: u32,
    /// Changes that opening after a kill replays at most, roughly; 0: 262144.
    pub replay_limit: u32,
    /// Log messages up to this level: QENEX_LOG_...; 0: QENEX_LOG_INFO.
    pub log_level: u32,
    /// Queries, backups and checks that read for longer than this are ended by the next commit
    /// (QENEX_SNAPSHOT_TOO_OLD), because the write-ahead log cannot be reused meanwhile, in milliseconds; 0: 3600000,
    /// an hour.
    pub reader_age_limit_ms: u32,
    /// Receives log messages, or NULL.
    pub log: qenex_log_function,
    /// Handed to log.
    pub log_user_data: *mut c_void,
    /// Called exactly once with log_user_data, or NULL: when the engine is closed and the last of its sessions is freed,
    /// whichever comes later, within that call; when qenex_open fails, before it returns.
    pub log_destroy: qenex_destroy_function,
    /// Tells the time, or NULL for the system's clock.
    pub clock: qenex_clock_function,
    /// Handed to clock.
    pub clock_user_data: *mut c_void,
    /// Called exactly once with clock_user_data, or NULL; when log_destroy is.
    pub clock_destroy: qenex_destroy_function,
    /// Must be zero.
    pub reserved: [u64; 8],
}

/// How to execute a batch. NULL in place of it means all defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_execute_options {
    /// sizeof(qenex_execute_options).
    pub struct_size: u32,
    /// QENEX_EXECUTE_...
    pub flags: u32,
    /// Time of the commands, never before that of earlier ones; 0: the engine's clock.
    pub time: qenex_time,
    /// A number of the host's own, in network order: the log (level INFO, target "batch") tells under it what became
    /// of the batch; all zero: none.
    pub trace: [u8; 16],
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// As of when a balance is asked for. NULL in place of it, or all zero: now.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_as_of_options {
    /// sizeof(qenex_as_of_options).
    pub struct_size: u32,
    /// Must be zero.
    pub padding: u32,
    /// As known after the change with this sequence number; 0: as known now.
    pub sequence: u64,
    /// Postings booked up to this day, inclusive; 0: all.
    pub booking_date: qenex_date,
    /// Postings valued up to this day, inclusive; 0: all. Not together with booking_date.
    pub value_date: qenex_date,
    /// As known after the last change up to this system time, inclusive; 0: as known now. Not together with sequence.
    pub known_at: qenex_time,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// What a statement shows. NULL in place of it means all defaults.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_statement_options {
    /// sizeof(qenex_statement_options).
    pub struct_size: u32,
    /// At most this many lines, 1 to 10000; 0: 100.
    pub limit: u32,
    /// Postings with a sequence number above this.
    pub after: u64,
    /// Postings with a sequence number up to this; 0: up to now.
    pub up_to: u64,
    /// qenex_buffer_cursor of the page before; NULL: the first page.
    pub cursor: *const u8,
    /// Bytes of cursor.
    pub cursor_len: usize,
    /// QENEX_STATEMENT_...
    pub flags: u32,
    /// First booking date; 0: no bound.
    pub booked_from: qenex_date,
    /// Last booking date; 0: no bound.
    pub booked_to: qenex_date,
    /// First value date; 0: no bound.
    pub value_from: qenex_date,
    /// Last value date; 0: no bound.
    pub value_to: qenex_date,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// What transfers must be like; every part that is not zero must hold.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_transfer_filter {
    /// sizeof(qenex_transfer_filter).
    pub struct_size: u32,
    /// At most this many transfers, 1 to 10000; 0: 100.
    pub limit: u32,
    /// The account on either side, by id.
    pub account: qenex_id,
    /// Stored beside the transfer by the host.
    pub user_data_64: u64,
    /// Sequence numbers above this.
    pub after: u64,
    /// Sequence numbers up to this; 0: up to now.
    pub up_to: u64,
    /// The least amount in minor units; narrow assets alone.
    pub amount_from: i64,
    /// The greatest amount in minor units; narrow assets alone.
    pub amount_to: i64,
    /// Number of the asset.
    pub asset: u32,
    /// Transaction code.
    pub code: u32,
    /// Stored beside the transfer by the host.
    pub user_data_32: u32,
    /// First booking date.
    pub booked_from: qenex_date,
    /// Last booking date.
    pub booked_to: qenex_date,
    /// First value date.
    pub value_from: qenex_date,
    /// Last value date.
    pub value_to: qenex_date,
    /// Must be zero.
    pub padding: u32,
    /// Reference, end-to-end or other, UTF-8.
    pub reference: *const c_char,
    /// Bytes of reference.
    pub reference_len: usize,
    /// qenex_buffer_cursor of the page before; NULL: the first page.
    pub cursor: *const u8,
    /// Bytes of cursor.
    pub cursor_len: usize,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Which trial balance, and which page of it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_trial_options {
    /// sizeof(qenex_trial_options).
    pub struct_size: u32,
    /// QENEX_TRIAL_BY_VALUE.
    pub flags: u32,
    /// As known after the change with this sequence number (that of a period's close, say); 0: as known now.
    pub sequence: u64,
    /// Accounts after this one, by the engine's own number: that of the last line of the page before.
    pub after: u64,
    /// Number of the entity; 0: all.
    pub entity: u32,
    /// Postings up to this day, inclusive; 0: all.
    pub date: qenex_date,
    /// At most this many accounts, 1 to 10000; 0: 100.
    pub limit: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// The engine's figures. Set struct_size before the call; a shorter struct gets what fits.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct qenex_stats {
    /// sizeof(qenex_stats).
    pub struct_size: u32,
    /// Zero.
    pub padding: u32,
    /// Sequence number of the last durable change.
    pub sequence: u64,
    /// Accounts.
    pub accounts: u64,
    /// Balances: accounts times their assets.
    pub balances: u64,
    /// Keys in the index on disk.
    pub index_entries: u64,
    /// Runs that the index on disk consists of.
    pub index_runs: u64,
    /// Bytes of memory in caches.
    pub cache_bytes: u64,
    /// Bytes of memory for the index of keys.
    pub index_bytes: u64,
    /// Bytes of the write-ahead log in use.
    pub wal_bytes: u64,
    /// Batches submitted and not collected.
    pub queue_depth: u64,
    /// Age of the oldest query, backup or check that is reading, in microseconds; 0: none.
    pub oldest_snapshot_us: u64,
    /// Calls to the disk since opening.
    pub disk_reads: u64,
    /// Calls to the disk since opening.
    pub disk_writes: u64,
    /// Calls to the disk since opening.
    pub disk_syncs: u64,
    /// Bytes since opening.
    pub disk_bytes_read: u64,
    /// Bytes since opening.
    pub disk_bytes_written: u64,
    /// Commits by duration: commits[i] took 2^i microseconds or more, and less than twice that.
    pub commits: [u64; 32],
    /// Syncs by duration: syncs[i] took 2^i nanoseconds or more, and less than twice that.
    pub syncs: [u64; 40],
    /// Zero in this version.
    pub reserved: [u64; 16],
}

macro_rules! options {
    ($($options:ident: $size:literal, reserved [$($reserved:ident),*], zero [$($zero:expr),*];)*) => {$(
        #[cfg(target_pointer_width = "64")]
        const _: () = assert!(size_of::<$options>() == $size);

        // SAFETY: integers, pointers and nullable functions only: every pattern of bits that the host can have
        // written there is one it answers for, and zero is valid. It begins with struct_size.
        unsafe impl Options for $options {
            const NAME: &'static str = stringify!($options);
            const FIRST_SIZE: usize = size_of::<$options>();

            fn reserved_is_zero(&self) -> bool {
                true $(&& self.$reserved == $zero)*
            }
        }
    )*};
}

options! {
    qenex_options: 200, reserved [reserved], zero [[0; 8]];
    qenex_execute_options: 64, reserved [reserved], zero [[0; 4]];
    qenex_as_of_options: 64, reserved [padding, reserved], zero [0, [0; 4]];
    qenex_statement_options: 96, reserved [padding, reserved], zero [0, [0; 4]];
    qenex_trial_options: 72, reserved [padding, reserved], zero [0, [0; 4]];
    qenex_transfer_filter: 160, reserved [padding, reserved], zero [0, [0; 4]];
    qenex_stats: 832, reserved [], zero [];
}
