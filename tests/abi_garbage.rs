//! The C functions fed with whatever bytes: records, sizes, kinds and arenas at random, some nearly right. Each call
//! must answer with a status and an error object that fit each other, never with QENEX_INTERNAL, and afterwards the
//! books balance and the engine works.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::mem::offset_of;
use std::ops::Range;
use std::ptr::{null, null_mut};

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use qenex::abi::balance::qenex_balances_get;
use qenex::abi::buffer::{
    qenex_buffer, qenex_buffer_count, qenex_buffer_free, qenex_buffer_results,
};
use qenex::abi::commands::{qenex_execute, qenex_transfers_create};
use qenex::abi::completion::{qenex_collect, qenex_submit};
use qenex::abi::constants::*;
use qenex::abi::day_query::qenex_trial_accounts_list;
use qenex::abi::error::{qenex_error, qenex_error_free, qenex_error_message, qenex_error_status};
use qenex::abi::history::{qenex_feed_read, qenex_statement_get, qenex_transfers_find};
use qenex::abi::lifecycle::*;
use qenex::abi::maintenance::qenex_integrity_check;
use qenex::abi::record::*;
use qenex::abi::simple::{qenex_account_open_simple, qenex_transfer_simple};

/// An engine in memory with two accounts.
struct Bank {
    engine: *mut qenex_engine,
    session: *mut qenex_session,
}

impl Bank {
    fn new() -> Bank {
        let mut bank = Bank {
            engine: null_mut(),
            session: null_mut(),
        };
        // SAFETY: all zero is a value of every option struct of the C interface.
        let mut options: qenex_options = unsafe { std::mem::zeroed() };
        options.struct_size = size_of::<qenex_options>() as u32;
        options.flags = QENEX_OPEN_MEMORY;
        assert_eq!(qenex_open(&options, &mut bank.engine, null_mut()), QENEX_OK);
        let name = "tester";
        let opened = qenex_session_open(
            bank.engine,
            name.as_ptr().cast(),
            name.len(),
            null(),
            0,
            &mut bank.session,
            null_mut(),
        );
        assert_eq!(opened, QENEX_OK);
        for number in ["ACC001", "ACC002"] {
            let (number, usd, sum) = (number.as_bytes(), b"USD", b"1000.00");
            let opened = qenex_account_open_simple(
                bank.session,
                number.as_ptr().cast(),
                number.len(),
                usd.as_ptr().cast(),
                usd.len(),
                sum.as_ptr().cast(),
                sum.len(),
                null_mut(),
                null_mut(),
            );
            assert_eq!(opened, QENEX_OK);
        }
        bank
    }

    /// Nothing was lost or invented, and the engine still works.
    fn verify(&self) {
        let mut error = null_mut();
        let mut buffer = null_mut();
        fits(
            qenex_integrity_check(self.engine, &mut buffer, &mut error),
            error,
        );
        assert_eq!(qenex_buffer_count(buffer), 0);
        qenex_buffer_free(buffer);
        let texts: [&[u8]; 4] = [b"ACC001", b"ACC002", b"0.01", b"USD"];
        let [from, to, amount, currency] = texts;
        let paid = qenex_transfer_simple(
            self.session,
            null(),
            from.as_ptr().cast(),
            from.len(),
            to.as_ptr().cast(),
            to.len(),
            amount.as_ptr().cast(),
            amount.len(),
            currency.as_ptr().cast(),
            currency.len(),
            null_mut(),
            null_mut(),
        );
        assert_eq!(paid, QENEX_OK);
    }
}

impl Drop for Bank {
    fn drop(&mut self) {
        qenex_session_free(self.session);
        assert_eq!(qenex_close(self.engine, null_mut()), QENEX_OK);
    }
}

/// The status is one of the table's, not a defect, and negative if and only if there is an error object.
fn fits(status: i32, error: *mut qenex_error) {
    assert_ne!(status, QENEX_INTERNAL, "{}", message(error));
    assert!(qenex::base::Status::from_code(status).is_some(), "{status}");
    assert_eq!(status < 0, !error.is_null(), "{status}");
    if !error.is_null() {
        assert_eq!(qenex_error_status(error), status);
        assert!(message(error).len() > 5);
        qenex_error_free(error);
    }
}

fn message(error: *const qenex_error) -> String {
    let text = qenex_error_message(error, null_mut());
    if text.is_null() {
        return String::new();
    }
    // SAFETY: messages end with NUL and live until the error is freed.
    unsafe { std::ffi::CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// Small numbers, and now and then any: what makes records nearly right.
fn likely_byte() -> impl Strategy<Value = u8> {
    prop_oneof![12 => Just(0u8), 3 => 0..4u8, 1 => any::<u8>()]
}

fn bytes(length: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(likely_byte(), length)
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec!["ACC001ACC002", "ACC001", "iban:", "é", "USD", ""]);
    prop_oneof![
        3 => text.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
    ]
}

/// A transfer that is right except for a few bytes.
fn transfer() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((0..size_of::<qenex_transfer>(), any::<u8>()), 0..3);
    (any::<[u8; 16]>(), 1..500u64, changes).prop_map(|(id, amount, changes)| {
        let record = qenex_transfer {
            id: qenex_id { bytes: id },
            debit_number: qenex_text {
                offset: 0,
                length: 6,
            },
            credit_number: qenex_text {
                offset: 6,
                length: 6,
            },
            amount: qenex_amount { lo: amount, hi: 0 },
            asset: 840,
            ..Default::default()
        };
        // SAFETY: a record of integers without padding, as bytes.
        let record = unsafe {
            std::mem::transmute::<qenex_transfer, [u8; size_of::<qenex_transfer>()]>(record)
        };
        let mut record = record.to_vec();
        for (index, byte) in changes {
            record[index] = byte;
        }
        record
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_as_records_of_any_kind(
        calls in prop::collection::vec((any_kind(), bytes(0..1200), 1..5usize, texts(), any::<bool>()), 1..40)
    ) {
        let bank = Bank::new();
        for (kind, mut records, count, arena, exact) in calls {
            let size = if exact { sizes(kind) } else { records.len() / count };
            records.resize(size * count, 0);
            let mut error = null_mut();
            let status = qenex_submit(
                bank.session, kind, records.as_ptr().cast::<c_void>(), count, size, arena.as_ptr(), arena.len(), null(), 7,
                &mut error,
            );
            fits(status, error);
            if status == QENEX_OK {
                let mut buffer: *mut qenex_buffer = null_mut();
                let mut error = null_mut();
                fits(qenex_collect(bank.engine, 60_000, 1, &mut buffer, &mut error), error);
                assert_eq!(qenex_buffer_count(buffer), 1);
                qenex_buffer_free(buffer);
            }
        }
        bank.verify();
    }

    #[test]
    fn transfers_that_are_nearly_right(
        calls in prop::collection::vec((prop::collection::vec(transfer(), 1..6), texts()), 1..40)
    ) {
        let bank = Bank::new();
        for (records, arena) in calls {
            let mut error = null_mut();
            let mut results = vec![qenex_result::default(); records.len()];
            let count = records.len();
            let records = records.concat();
            let status = qenex_transfers_create(
                bank.session, records.as_ptr().cast(), count, size_of::<qenex_transfer>(), arena.as_ptr(), arena.len(),
                null(), results.as_mut_ptr(), &mut error,
            );
            fits(status, error);
            let refused = results.iter().any(|result| result.status != QENEX_OK);
            assert_eq!(refused, status == QENEX_SOME_REFUSED);
        }
        bank.verify();
    }

    #[test]
    fn mixed_batches_that_point_anywhere(
        calls in prop::collection::vec((prop::collection::vec((any_kind(), 0..400u32, 0..400u32), 1..5), bytes(0..400)), 1..40)
    ) {
        let bank = Bank::new();
        for (commands, arena) in calls {
            let mut error = null_mut();
            let commands: Vec<qenex_command> = commands
                .into_iter()
                .map(|(kind, offset, size)| {
                    let size = if size % 3 == 0 { size } else { sizes(kind) as u32 };
                    qenex_command { kind, offset, size, ..Default::default() }
                })
                .collect();
            let status = qenex_execute(
                bank.session, commands.as_ptr(), commands.len(), size_of::<qenex_command>(), arena.as_ptr(), arena.len(),
                null(), null_mut(), &mut error,
            );
            fits(status, error);
        }
        bank.verify();
    }
}

/// Where a record has bytes that must be zero: its padding and what is reserved.
struct Layout {
    kind: u32,
    size: usize,
    zeros: Vec<Range<usize>>,
}

fn range_of<T, F>(start: usize, _: impl Fn(&T) -> &F) -> Range<usize> {
    start..start + size_of::<F>()
}

macro_rules! layout {
    ($kind:expr, $record:ident $(, $field:ident $(. $inner:ident)?)*) => {
        Layout {
            kind: $kind,
            size: size_of::<$record>(),
            zeros: vec![
                range_of(offset_of!($record, reserved), |record: &$record| &record.reserved),
                $(range_of(offset_of!($record, $field $(. $inner)?), |record: &$record| &record.$field $(. $inner)?),)*
            ],
        }
    };
}

/// Every kind of command.
fn layouts() -> Vec<Layout> {
    vec![
        layout!(QENEX_COMMAND_MIXED, qenex_command, padding),
        layout!(QENEX_COMMAND_ENTITY, qenex_entity, padding),
        layout!(QENEX_COMMAND_ASSET, qenex_asset, padding),
        layout!(QENEX_COMMAND_ACCOUNT, qenex_account, padding),
        layout!(QENEX_COMMAND_ACCOUNT_NUMBER, qenex_account_number, padding),
        layout!(QENEX_COMMAND_ACCOUNT_BLOCK, qenex_account_block),
        layout!(QENEX_COMMAND_ACCOUNT_LIMIT, qenex_account_limit, padding),
        layout!(QENEX_COMMAND_ACCOUNT_CLOSE, qenex_account_close, padding),
        layout!(QENEX_COMMAND_TRANSFER, qenex_transfer, padding),
        layout!(QENEX_COMMAND_HOLD, qenex_hold, padding),
        layout!(QENEX_COMMAND_HOLD_INCREASE, qenex_hold_increase, padding),
        layout!(QENEX_COMMAND_HOLD_CAPTURE, qenex_hold_capture),
        layout!(QENEX_COMMAND_HOLD_RELEASE, qenex_hold_release, padding),
        layout!(QENEX_COMMAND_REVERSAL, qenex_reversal, padding),
        layout!(QENEX_COMMAND_BUSINESS_DATE, qenex_business_date, padding),
        layout!(QENEX_COMMAND_PERIOD_CLOSE, qenex_period_close, padding),
        layout!(QENEX_COMMAND_HOST_RECORD, qenex_host_record, padding),
        layout!(QENEX_COMMAND_TIME_ADVANCE, qenex_time_advance, padding),
        layout!(QENEX_COMMAND_CALENDAR, qenex_calendar, padding),
        layout!(QENEX_COMMAND_ENTITY_RULES, qenex_entity_rules, padding),
        layout!(
            QENEX_COMMAND_SCHEDULE,
            qenex_schedule,
            padding,
            transfer.padding,
            transfer.reserved
        ),
        layout!(
            QENEX_COMMAND_SCHEDULE_CANCEL,
            qenex_schedule_cancel,
            padding
        ),
        layout!(QENEX_COMMAND_DAY_END, qenex_day_end),
        layout!(QENEX_COMMAND_YEAR_END, qenex_year_end, padding),
        layout!(QENEX_COMMAND_ACCOUNT_OWNER, qenex_account_owner, padding),
        layout!(QENEX_COMMAND_REACTIVATION, qenex_reactivation, padding),
        layout!(QENEX_COMMAND_POSITION, qenex_position),
        layout!(QENEX_COMMAND_EXCHANGE, qenex_exchange, padding),
        layout!(QENEX_COMMAND_REVALUATION, qenex_revaluation, padding),
        layout!(QENEX_COMMAND_SPLIT, qenex_split),
        layout!(QENEX_COMMAND_ACCRUAL, qenex_accrual, padding),
        layout!(QENEX_COMMAND_ACCRUAL_POST, qenex_accrual_post, padding),
        layout!(QENEX_COMMAND_STATEMENT_CUT, qenex_statement_cut, padding),
        layout!(QENEX_COMMAND_GL_CODE, qenex_gl_code, padding),
        layout!(QENEX_COMMAND_GL_ASSIGNMENT, qenex_gl_assignment),
        layout!(QENEX_COMMAND_IMPORT_BEGIN, qenex_import_begin, padding),
        layout!(
            QENEX_COMMAND_IMPORT_TRANSFER,
            qenex_import_transfer,
            padding,
            transfer.padding,
            transfer.reserved
        ),
        layout!(QENEX_COMMAND_IMPORT_PROOF, qenex_import_proof),
        layout!(QENEX_COMMAND_GO_LIVE, qenex_go_live, padding),
        layout!(QENEX_COMMAND_RETENTION, qenex_retention),
    ]
}

/// The size of a kind's record; any for no kind.
fn sizes(kind: u32) -> usize {
    let found = layouts().into_iter().find(|layout| layout.kind == kind);
    found.map_or(64, |layout| layout.size)
}

/// A kind, mostly one that there is.
fn any_kind() -> impl Strategy<Value = u32> {
    let known: Vec<u32> = layouts().iter().map(|layout| layout.kind).collect();
    prop_oneof![9 => prop::sample::select(known), 1 => 0..100u32]
}

/// Zeroes what must be zero in each record of a kind.
fn zero_reserved(kind: u32, records: &mut [u8]) {
    let Some(layout) = layouts().into_iter().find(|layout| layout.kind == kind) else {
        return;
    };
    for record in records.chunks_exact_mut(layout.size) {
        for zeros in &layout.zeros {
            record[zeros.clone()].fill(0);
        }
    }
}

/// Makes every number of 32 bits in a record small, so that it may be an enumerated value or a place in an arena.
fn make_small(record: &mut [u8]) {
    for number in record.chunks_exact_mut(4) {
        number[2..].fill(0);
    }
}

/// The arena, and enough behind it that every small place is in it.
fn roomy(mut arena: Vec<u8>) -> Vec<u8> {
    arena.resize(1 << 17, b'A');
    arena
}

/// The bytes of an option struct: its size right, and what must be zero zero, mostly.
fn options_of(layout: &Layout, mut bytes: Vec<u8>, right: bool) -> Vec<u8> {
    bytes.resize(layout.size.max(300), 0);
    // The size decides how much is read: always what there is.
    bytes[..4].copy_from_slice(&(layout.size as u32).to_ne_bytes());
    if right {
        make_small(&mut bytes[4..layout.size]);
        for zeros in &layout.zeros {
            bytes[zeros.clone()].fill(0);
        }
    }
    bytes
}

/// Runs cases, and says which statuses the calls gave.
fn statuses<S: Strategy>(
    strategy: &S,
    run: impl Fn(S::Value, &mut dyn FnMut(i32)),
) -> BTreeMap<i32, u64> {
    let seen = RefCell::new(BTreeMap::new());
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 24,
        source_file: Some(file!()),
        ..ProptestConfig::default()
    });
    let done = runner.run(strategy, |value| {
        run(value, &mut |status| {
            *seen.borrow_mut().entry(status).or_default() += 1;
        });
        Ok(())
    });
    if let Err(failure) = done {
        panic!("{failure}\n{runner}");
    }
    seen.into_inner()
}

/// Records of every kind whose reserved bytes are right, so that the fields themselves are looked at.
#[test]
fn any_bytes_as_fields_of_any_kind() {
    let call = (
        any_kind(),
        bytes(0..1200),
        1..5usize,
        texts(),
        any::<bool>(),
    );
    let calls = prop::collection::vec(call, 1..40);
    let seen = statuses(&calls, |calls, see| {
        let bank = Bank::new();
        for (kind, mut records, count, arena, small) in calls {
            let size = sizes(kind);
            records.resize(size * count, 0);
            zero_reserved(kind, &mut records);
            let mut arena = arena;
            if small {
                make_small(&mut records);
                arena = roomy(arena);
                // Most begin with an id or a key.
                for (number, record) in records.chunks_exact_mut(size).enumerate() {
                    record[0] = number as u8 + 1;
                }
            }
            let mut error = null_mut();
            let options = submitted(&bank, kind, &records, (count, size), &arena, &mut error);
            fits(options, error);
            if options != QENEX_OK {
                see(options);
                continue;
            }
            let mut buffer: *mut qenex_buffer = null_mut();
            let mut error = null_mut();
            fits(
                qenex_collect(bank.engine, 60_000, 1, &mut buffer, &mut error),
                error,
            );
            let mut results = 0;
            let first = qenex_buffer_results(buffer, &mut results);
            for index in 0..results {
                // SAFETY: the buffer has so many results.
                see(unsafe { (*first.add(index)).status });
            }
            qenex_buffer_free(buffer);
        }
        bank.verify();
    });
    // The reserved bytes stop but a few, which a mixed batch points to in its arena: many rules are reached, and some
    // commands are applied.
    let of = |status| seen.get(&status).copied().unwrap_or(0);
    let all: u64 = seen.values().sum();
    assert!(of(QENEX_RESERVED_NOT_ZERO) * 20 < all, "{seen:?}");
    assert!(of(QENEX_OK) > 0, "{seen:?}");
    assert!(seen.len() > 20, "{seen:?}");
}

fn submitted(
    bank: &Bank,
    kind: u32,
    records: &[u8],
    (count, size): (usize, usize),
    arena: &[u8],
    error: &mut *mut qenex_error,
) -> i32 {
    qenex_submit(
        bank.session,
        kind,
        records.as_ptr().cast::<c_void>(),
        count,
        size,
        arena.as_ptr(),
        arena.len(),
        null(),
        7,
        error,
    )
}

#[test]
fn any_bytes_as_questions() {
    let call = (
        bytes(72..300),
        texts(),
        bytes(300),
        (any::<u64>(), any::<u32>()),
        (0..8u32, any::<bool>()),
    );
    let calls = prop::collection::vec(call, 1..40);
    let key_layout = layout!(0, qenex_account_key, padding);
    let as_of = layout!(0, qenex_as_of_options, padding);
    let filter_layout = layout!(0, qenex_transfer_filter, padding);
    let statement = layout!(0, qenex_statement_options, padding);
    let trial = layout!(0, qenex_trial_options, padding);
    let seen = statuses(&calls, |calls, see| {
        let bank = Bank::new();
        for (mut key, arena, options, (after, limit), (odd, known)) in calls {
            // One in eight has whatever bytes where zeros must be.
            let right = odd != 0;
            if right {
                make_small(&mut key);
                for zeros in &key_layout.zeros {
                    key[zeros.clone()].fill(0);
                }
            }
            let arena = if right { roomy(arena) } else { arena };
            if known {
                // The first six bytes of the arena, mostly of an account's number, and an asset that there is.
                key[..offset_of!(qenex_account_key, padding)].fill(0);
                key[offset_of!(qenex_account_key, number) + 4] = 6;
                let asset = offset_of!(qenex_account_key, asset);
                key[asset..asset + 4].copy_from_slice(&840u32.to_ne_bytes());
            }
            let mut ask = |status, error| {
                fits(status, error);
                see(status);
            };
            let key: *const qenex_account_key = key.as_ptr().cast();
            let size = size_of::<qenex_account_key>();
            let arena = (arena.as_ptr(), arena.len());
            let when = options_of(&as_of, options.clone(), right);
            for when in [null(), when.as_ptr().cast()] {
                let mut balance = qenex_balance::default();
                let mut error = null_mut();
                let status = qenex_balances_get(
                    bank.session,
                    key,
                    1,
                    size,
                    arena.0,
                    arena.1,
                    when,
                    &mut balance,
                    &mut error,
                );
                ask(status, error);
            }
            // Pointers would be followed: they are none.
            let mut how = options_of(&statement, options.clone(), right);
            let pointers = offset_of!(qenex_statement_options, cursor)
                ..offset_of!(qenex_statement_options, flags);
            how[pointers].fill(0);
            for how in [null(), how.as_ptr().cast()] {
                let mut buffer = null_mut();
                let mut error = null_mut();
                let status = qenex_statement_get(
                    bank.session,
                    key,
                    size,
                    arena.0,
                    arena.1,
                    how,
                    &mut buffer,
                    &mut error,
                );
                ask(status, error);
                qenex_buffer_free(buffer);
            }
            let mut filter = options_of(&filter_layout, options.clone(), right);
            let pointers = offset_of!(qenex_transfer_filter, reference)
                ..offset_of!(qenex_transfer_filter, reserved);
            filter[pointers].fill(0);
            let mut buffer = null_mut();
            let mut error = null_mut();
            let status = qenex_transfers_find(
                bank.session,
                filter.as_ptr().cast(),
                &mut buffer,
                &mut error,
            );
            ask(status, error);
            qenex_buffer_free(buffer);
            let lines = options_of(&trial, options, right);
            let mut buffer = null_mut();
            let mut error = null_mut();
            let status = qenex_trial_accounts_list(
                bank.session,
                lines.as_ptr().cast(),
                &mut buffer,
                &mut error,
            );
            ask(status, error);
            qenex_buffer_free(buffer);
            let mut buffer = null_mut();
            let mut error = null_mut();
            let after = after >> (limit % 64);
            let status =
                qenex_feed_read(bank.session, after, limit % 20_000, &mut buffer, &mut error);
            ask(status, error);
            qenex_buffer_free(buffer);
        }
        bank.verify();
    });
    let of = |status| seen.get(&status).copied().unwrap_or(0);
    let asked: u64 = seen.values().sum();
    // Zeros that are none stop a part; most questions get to their answer, or to a rule behind it.
    assert!(of(QENEX_RESERVED_NOT_ZERO) > 0, "{seen:?}");
    assert!(of(QENEX_RESERVED_NOT_ZERO) * 4 < asked, "{seen:?}");
    let answered = of(QENEX_OK) + of(QENEX_SOME_REFUSED) + of(QENEX_NOT_FOUND);
    assert!(answered * 4 > asked && of(QENEX_OK) > 0, "{seen:?}");
    assert!(seen.len() > 5, "{seen:?}");
}
