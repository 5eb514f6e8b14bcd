//! Tests of the encoding of the engine's records: refusals first, round trips, damage, pinned bytes.

use proptest::prelude::*;

use super::*;
use crate::base::id::Id;
use crate::base::time::Timestamp;
use crate::ledger::command::{AccountClose, HoldRelease};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

/// Reads bytes as each of the records of this file; whatever is accepted must encode to the same bytes. Returns
/// how many of the readers accepted it.
fn readers_that_accept(bytes: &[u8]) -> usize {
    let again = [
        decode(bytes)
            .map(|(command, commitment)| written(|out| encode(&command, commitment.as_ref(), out))),
        decode_refusal(bytes)
            .map(|(status, command)| written(|out| encode_refusal(status, command, out))),
        decode_principal(bytes)
            .map(|(number, name)| written(|out| encode_principal(number, name, out))),
    ];
    let mut accepted = 0;
    for again in again {
        match again {
            Ok(again) => {
                assert_eq!(again, bytes);
                accepted += 1;
            }
            Err(error) => assert_eq!(error.status(), Status::INVALID_ENCODING),
        }
    }
    accepted
}

/// What must hold of the bytes of any one record: one reader takes them, none takes a part or more, and a damaged
/// copy is refused or canonical.
fn check_damage(bytes: &[u8]) {
    assert_eq!(readers_that_accept(bytes), 1);
    for length in 0..bytes.len() {
        assert_eq!(readers_that_accept(&bytes[..length]), 0);
    }
    let mut damaged = bytes.to_vec();
    damaged.push(0);
    assert_eq!(readers_that_accept(&damaged), 0);
    damaged.pop();
    for bit in 0..bytes.len() * 8 {
        damaged[bit / 8] ^= 1 << (bit % 8);
        readers_that_accept(&damaged);
        damaged[bit / 8] ^= 1 << (bit % 8);
    }
}

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.expect_err("must be refused");
    assert_eq!(error.status(), Status::INVALID_ENCODING);
    error.message().to_owned()
}

#[test]
fn another_kind_or_version_is_refused() {
    let principal = written(|out| encode_principal(1, "ada", out));
    assert!(message(decode_host_record(&principal)).contains("kind 4 is not 5 (host_record)"));
    assert!(message(decode_refusal(&principal)).contains("kind 4 is not 2 (refusal)"));
    assert!(message(decode_time_advance(&principal)).contains("kind 4"));
    assert!(message(decode(&principal)).contains("kind 4 is no command"));
    let newer = written(|out| {
        Encoder::new(out).header(4, 2).u32(1).text("ada");
    });
    assert!(message(decode_principal(&newer)).contains("version 2 of kind 4 is unknown"));
    assert!(message(decode_principal(b"")).contains("byte 0"));
}

#[test]
fn a_refusal_has_the_status_of_an_item() {
    for code in [
        0,
        -1,
        -15,
        77_777,
        i64::from(i32::MAX) + 1,
        i64::MIN,
        i64::MAX,
    ] {
        let bytes = written(|out| {
            Encoder::new(out).header(2, 1).i64(code).bytes(b"x");
        });
        let message = message(decode_refusal(&bytes));
        assert!(message.contains(&format!("{code} is the code of no refusal")));
    }
    for status in Status::ALL.iter().filter(|status| status.code() > 0) {
        let bytes = written(|out| encode_refusal(*status, b"command", out));
        assert_eq!(decode_refusal(&bytes), Ok((*status, &b"command"[..])));
    }
}

#[test]
fn a_refused_command_can_be_read_again() {
    let command = Command::Ledger(ledger::command::Command::HoldRelease(HoldRelease {
        key: Id::from_u128(1),
        hold: Id::from_u128(2),
    }));
    let content = written(|out| encode(&command, None, out));
    let bytes = written(|out| encode_refusal(Status::HOLD_RELEASED, &content, out));
    let (status, content) = decode_refusal(&bytes).expect("it was just encoded");
    assert_eq!(status, Status::HOLD_RELEASED);
    assert_eq!(decode(content), Ok((command, None)));
}

#[test]
fn a_time_outside_the_years_1_to_9999_is_refused() {
    for micros in [
        i64::MIN,
        Timestamp::MIN.micros() - 1,
        Timestamp::MAX.micros() + 1,
    ] {
        let to = Timestamp::from_micros(micros);
        let bytes = written(|out| encode_time_advance(&TimeAdvance { to }, out));
        assert!(message(decode_time_advance(&bytes)).contains("outside the years 1 to 9999"));
    }
}

/// Bytes for ever: a failure means that the file format was changed.
#[test]
fn bytes_are_pinned() {
    let record = HostRecordPut {
        key: Id::from_u128(0x0123_4567_89ab_cdef_fedc_ba98_7654_3210),
        namespace: "orders",
        record: &[0xff, 0x00],
        expected_version: Some(300),
        value: Some(b"v"),
    };
    let bytes = written(|out| encode_host_record(&record, out));
    assert_eq!(
        hex(&bytes),
        "0105010123456789abcdeffedcba9876543210066f726465727302ff0001ac02010176"
    );
    assert_eq!(decode_host_record(&bytes), Ok(record));
    check_damage(&bytes);

    let deletion = HostRecordPut {
        key: Id::NONE,
        namespace: "n",
        record: b"r",
        expected_version: None,
        value: None,
    };
    let bytes = written(|out| encode_host_record(&deletion, out));
    assert_eq!(
        hex(&bytes),
        "01050100000000000000000000000000000000016e01720000"
    );
    assert_eq!(decode_host_record(&bytes), Ok(deletion));

    let advance = TimeAdvance {
        to: Timestamp::from_micros(1_000_000),
    };
    let bytes = written(|out| encode_time_advance(&advance, out));
    assert_eq!(hex(&bytes), "01030180897a");
    assert_eq!(decode_time_advance(&bytes), Ok(advance));
    check_damage(&bytes);

    let bytes = written(|out| encode_refusal(Status::INSUFFICIENT_FUNDS, &[1, 2, 3], out));
    assert_eq!(hex(&bytes), "010201e40103010203");
    check_damage(&bytes);

    let bytes = written(|out| encode_principal(200, "Ada", out));
    assert_eq!(hex(&bytes), "010401c80103416461");
    assert_eq!(decode_principal(&bytes), Ok((200, "Ada")));
    check_damage(&bytes);

    let close = Command::Ledger(ledger::command::Command::AccountClose(AccountClose {
        key: Id::from_u128(1),
        account: Id::from_u128(2),
    }));
    check_damage(&written(|out| encode(&close, None, out)));
}

proptest! {
    #[test]
    fn host_records_come_back(
        key in any::<[u8; 16]>(),
        namespace in any::<String>(),
        record in prop::collection::vec(any::<u8>(), 0..20),
        expected_version in any::<Option<u64>>(),
        value in any::<Option<Vec<u8>>>(),
    ) {
        let command = HostRecordPut {
            key: Id(key),
            namespace: &namespace,
            record: &record,
            expected_version,
            value: value.as_deref(),
        };
        let bytes = written(|out| encode_host_record(&command, out));
        prop_assert_eq!(decode_host_record(&bytes), Ok(command.clone()));
        prop_assert_eq!(decode(&bytes), Ok((Command::HostRecord(command.clone()), None)));
        prop_assert_eq!(written(|out| encode(&Command::HostRecord(command), None, out)), bytes);
    }

    #[test]
    fn advances_of_time_come_back(micros in Timestamp::MIN.micros()..=Timestamp::MAX.micros()) {
        let command = TimeAdvance { to: Timestamp::from_micros(micros) };
        let bytes = written(|out| encode_time_advance(&command, out));
        prop_assert_eq!(decode_time_advance(&bytes), Ok(command.clone()));
        prop_assert_eq!(decode(&bytes), Ok((Command::TimeAdvance(command), None)));
    }

    #[test]
    fn principals_come_back(number in any::<u32>(), name in any::<String>()) {
        let bytes = written(|out| encode_principal(number, &name, out));
        prop_assert_eq!(decode_principal(&bytes), Ok((number, name.as_str())));
    }

    #[test]
    fn random_bytes_are_refused_or_canonical(
        kind in 0u16..8,
        fields in prop::collection::vec(prop_oneof![3 => 0u8..3, 1 => any::<u8>()], 0..100),
    ) {
        readers_that_accept(&fields);
        readers_that_accept(&written(|out| {
            Encoder::new(out).header(kind, VERSION).fixed(&fields);
        }));
    }
}
