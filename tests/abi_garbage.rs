//! The C functions fed with whatever bytes: records, sizes, kinds and arenas at random, some nearly right. Each call
//! must answer with a status and an error object that fit each other, never with QENEX_INTERNAL, and afterwards the
//! books balance and the engine works.

use std::ffi::c_void;
use std::mem::offset_of;
use std::ptr::{null, null_mut};

use proptest::prelude::*;
use qenex::abi::balance::qenex_balances_get;
use qenex::abi::buffer::{qenex_buffer, qenex_buffer_count, qenex_buffer_free};
use qenex::abi::commands::{qenex_execute, qenex_transfers_create};
use qenex::abi::completion::{qenex_collect, qenex_submit};
use qenex::abi::constants::*;
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
        calls in prop::collection::vec((0..30u32, bytes(0..1200), 1..5usize, texts(), any::<bool>()), 1..40)
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
        calls in prop::collection::vec((prop::collection::vec((0..50u32, 0..400u32, 0..400u32), 1..5), bytes(0..400)), 1..40)
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

    #[test]
    fn any_bytes_as_questions(
        calls in prop::collection::vec((bytes(72..300), texts(), bytes(200), any::<u64>(), any::<u32>()), 1..40)
    ) {
        let bank = Bank::new();
        for (key, arena, options, after, limit) in calls {
            let key: *const qenex_account_key = key.as_ptr().cast();
            let size = size_of::<qenex_account_key>();
            let mut balance = qenex_balance::default();
            let mut error = null_mut();
            let arena = (arena.as_ptr(), arena.len());
            let status = qenex_balances_get(
                bank.session, key, 1, size, arena.0, arena.1, options.as_ptr().cast(), &mut balance, &mut error,
            );
            fits(status, error);
            let mut buffer = null_mut();
            let mut error = null_mut();
            let status = qenex_statement_get(
                bank.session, key, size, arena.0, arena.1, null(), &mut buffer, &mut error,
            );
            fits(status, error);
            qenex_buffer_free(buffer);
            // The pointer in a statement's options would be followed: random options go to the filter, without its pointers.
            let mut error = null_mut();
            let mut filter = options.clone();
            filter[..4].copy_from_slice(&(size_of::<qenex_transfer_filter>() as u32).to_ne_bytes());
            let pointers = offset_of!(qenex_transfer_filter, reference)..offset_of!(qenex_transfer_filter, reserved);
            filter[pointers].fill(0);
            fits(qenex_transfers_find(bank.session, filter.as_ptr().cast(), &mut buffer, &mut error), error);
            qenex_buffer_free(buffer);
            let mut error = null_mut();
            fits(qenex_feed_read(bank.session, after >> (limit % 64), limit % 20_000, &mut buffer, &mut error), error);
            qenex_buffer_free(buffer);
        }
        bank.verify();
    }
}

/// The size of a kind's record; any for no kind.
fn sizes(kind: u32) -> usize {
    match kind {
        QENEX_COMMAND_MIXED => size_of::<qenex_command>(),
        QENEX_COMMAND_ENTITY => size_of::<qenex_entity>(),
        QENEX_COMMAND_ASSET => size_of::<qenex_asset>(),
        QENEX_COMMAND_ACCOUNT => size_of::<qenex_account>(),
        QENEX_COMMAND_ACCOUNT_NUMBER => size_of::<qenex_account_number>(),
        QENEX_COMMAND_ACCOUNT_BLOCK => size_of::<qenex_account_block>(),
        QENEX_COMMAND_ACCOUNT_LIMIT => size_of::<qenex_account_limit>(),
        QENEX_COMMAND_ACCOUNT_CLOSE => size_of::<qenex_account_close>(),
        QENEX_COMMAND_TRANSFER => size_of::<qenex_transfer>(),
        QENEX_COMMAND_HOLD => size_of::<qenex_hold>(),
        QENEX_COMMAND_HOLD_INCREASE => size_of::<qenex_hold_increase>(),
        QENEX_COMMAND_HOLD_CAPTURE => size_of::<qenex_hold_capture>(),
        QENEX_COMMAND_HOLD_RELEASE => size_of::<qenex_hold_release>(),
        QENEX_COMMAND_REVERSAL => size_of::<qenex_reversal>(),
        QENEX_COMMAND_BUSINESS_DATE => size_of::<qenex_business_date>(),
        QENEX_COMMAND_PERIOD_CLOSE => size_of::<qenex_period_close>(),
        QENEX_COMMAND_HOST_RECORD => size_of::<qenex_host_record>(),
        QENEX_COMMAND_TIME_ADVANCE => size_of::<qenex_time_advance>(),
        QENEX_COMMAND_CALENDAR => size_of::<qenex_calendar>(),
        QENEX_COMMAND_ENTITY_RULES => size_of::<qenex_entity_rules>(),
        QENEX_COMMAND_SCHEDULE => size_of::<qenex_schedule>(),
        QENEX_COMMAND_SCHEDULE_CANCEL => size_of::<qenex_schedule_cancel>(),
        QENEX_COMMAND_DAY_END => size_of::<qenex_day_end>(),
        QENEX_COMMAND_YEAR_END => size_of::<qenex_year_end>(),
        QENEX_COMMAND_ACCOUNT_OWNER => size_of::<qenex_account_owner>(),
        QENEX_COMMAND_REACTIVATION => size_of::<qenex_reactivation>(),
        _ => 64,
    }
}
