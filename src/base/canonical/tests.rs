//! Tests of the encoding: what is refused, pinned bytes, round trips, and random bytes against the rule that
//! whatever decodes encodes to the same bytes again.

use proptest::prelude::*;

use super::*;
use crate::base::amount::Amount;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::rate::Rate;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};

/// One value of every kind that the encoding has.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    U8(u8),
    Bool(bool),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    I64(i64),
    I128(i128),
    Bytes(Vec<u8>),
    Text(String),
    Fixed([u8; 5]),
    Option(Option<u32>),
    Id(Id),
    Amount(Amount),
    Rate(Rate),
    Date(Date),
    Timestamp(Timestamp),
    List(Vec<i64>),
}

impl Value {
    const KINDS: u8 = 18;

    fn write(&self, encoder: &mut Encoder<'_>) {
        match self {
            Value::U8(value) => encoder.u8(*value),
            Value::Bool(value) => encoder.bool(*value),
            Value::U16(value) => encoder.u16(*value),
            Value::U32(value) => encoder.u32(*value),
            Value::U64(value) => encoder.u64(*value),
            Value::U128(value) => encoder.u128(*value),
            Value::I64(value) => encoder.i64(*value),
            Value::I128(value) => encoder.i128(*value),
            Value::Bytes(value) => encoder.bytes(value),
            Value::Text(value) => encoder.text(value),
            Value::Fixed(value) => encoder.fixed(value),
            Value::Option(value) => encoder.option(*value, |encoder, value| {
                encoder.u32(value);
            }),
            Value::Id(value) => encoder.id(*value),
            Value::Amount(value) => encoder.amount(*value),
            Value::Rate(value) => encoder.rate(*value),
            Value::Date(value) => encoder.date(*value),
            Value::Timestamp(value) => encoder.timestamp(*value),
            Value::List(values) => {
                encoder.count(values.len());
                values
                    .iter()
                    .fold(encoder, |encoder, value| encoder.i64(*value))
            }
        };
    }

    /// Reads the kind numbered as in the declaration above.
    fn read(kind: u8, decoder: &mut Decoder<'_>) -> Result<Value> {
        Ok(match kind {
            0 => Value::U8(decoder.u8()?),
            1 => Value::Bool(decoder.bool()?),
            2 => Value::U16(decoder.u16()?),
            3 => Value::U32(decoder.u32()?),
            4 => Value::U64(decoder.u64()?),
            5 => Value::U128(decoder.u128()?),
            6 => Value::I64(decoder.i64()?),
            7 => Value::I128(decoder.i128()?),
            8 => Value::Bytes(decoder.bytes()?.to_vec()),
            9 => Value::Text(decoder.text()?.to_owned()),
            10 => Value::Fixed(decoder.fixed()?),
            11 => Value::Option(decoder.option(|decoder| decoder.u32())?),
            12 => Value::Id(decoder.id()?),
            13 => Value::Amount(decoder.amount()?),
            14 => Value::Rate(decoder.rate()?),
            15 => Value::Date(decoder.date()?),
            16 => Value::Timestamp(decoder.timestamp()?),
            _ => {
                let count = decoder.count()?;
                Value::List((0..count).map(|_| decoder.i64()).collect::<Result<_>>()?)
            }
        })
    }

    fn kind(&self) -> u8 {
        match self {
            Value::U8(_) => 0,
            Value::Bool(_) => 1,
            Value::U16(_) => 2,
            Value::U32(_) => 3,
            Value::U64(_) => 4,
            Value::U128(_) => 5,
            Value::I64(_) => 6,
            Value::I128(_) => 7,
            Value::Bytes(_) => 8,
            Value::Text(_) => 9,
            Value::Fixed(_) => 10,
            Value::Option(_) => 11,
            Value::Id(_) => 12,
            Value::Amount(_) => 13,
            Value::Rate(_) => 14,
            Value::Date(_) => 15,
            Value::Timestamp(_) => 16,
            Value::List(_) => 17,
        }
    }
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<u8>().prop_map(Value::U8),
        any::<bool>().prop_map(Value::Bool),
        any::<u16>().prop_map(Value::U16),
        any::<u32>().prop_map(Value::U32),
        (any::<u64>(), 0u32..64).prop_map(|(v, shift)| Value::U64(v >> shift)),
        (any::<u128>(), 0u32..128).prop_map(|(v, shift)| Value::U128(v >> shift)),
        (any::<i64>(), 0u32..64).prop_map(|(v, shift)| Value::I64(v >> shift)),
        (any::<i128>(), 0u32..128).prop_map(|(v, shift)| Value::I128(v >> shift)),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Value::Bytes),
        any::<String>().prop_map(Value::Text),
        any::<[u8; 5]>().prop_map(Value::Fixed),
        any::<Option<u32>>().prop_map(Value::Option),
        any::<u128>().prop_map(|v| Value::Id(Id::from_u128(v))),
        any::<i128>().prop_map(|v| Value::Amount(Amount::from_minor(v))),
        (any::<i128>(), 0..=Rate::MAX_SCALE)
            .prop_filter_map("scale", |(c, s)| Rate::new(c, s).ok().map(Value::Rate)),
        (Date::MIN.days()..=Date::MAX.days()).prop_map(|v| Value::Date(Date::from_days(v))),
        (Timestamp::MIN.micros()..=Timestamp::MAX.micros())
            .prop_map(|v| Value::Timestamp(Timestamp::from_micros(v))),
        prop::collection::vec(any::<i64>(), 0..20).prop_map(Value::List),
    ]
}

fn encode(values: &[Value]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out);
    encoder.header(300, 2);
    for value in values {
        value.write(&mut encoder);
    }
    out
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.expect_err("refused");
    assert_eq!(error.status(), Status::INVALID_ENCODING);
    error.message().to_owned()
}

#[test]
fn numbers_that_are_longer_than_needed_are_refused() {
    for bytes in [&[0x80, 0x00][..], &[0xff, 0x00], &[0x81, 0x80, 0x00]] {
        assert!(reason(Decoder::new(bytes).u64()).contains("longer than needed"));
        assert!(reason(Decoder::new(bytes).u16()).contains("longer than needed"));
        assert!(reason(Decoder::new(bytes).u128()).contains("longer than needed"));
        assert!(reason(Decoder::new(bytes).bytes()).contains("longer than needed"));
    }
}

#[test]
fn numbers_that_are_too_large_are_refused() {
    let encoded = |value: u128| {
        let mut out = Vec::new();
        Encoder::new(&mut out).u128(value);
        out
    };
    assert!(reason(Decoder::new(&encoded(1 << 16)).u16()).contains("65536 exceeds 16 bits"));
    assert!(reason(Decoder::new(&encoded(1 << 32)).u32()).contains("exceeds 32 bits"));
    assert!(reason(Decoder::new(&encoded(1 << 64)).u64()).contains("exceeds 64 bits"));
    assert_eq!(Decoder::new(&encoded(u128::MAX)).u128(), Ok(u128::MAX));
    assert_eq!(encoded(u128::MAX).len(), 19);
    let mut too_large = encoded(u128::MAX);
    if let Some(last) = too_large.last_mut() {
        *last = 0x04;
    }
    assert!(reason(Decoder::new(&too_large).u128()).contains("exceeds 128 bits"));
    assert!(reason(Decoder::new(&[0xff; 40]).u128()).contains("exceeds 128 bits"));
}

#[test]
fn other_malformed_fields_are_refused() {
    assert!(reason(Decoder::new(&[2]).bool()).contains("neither 0 nor 1"));
    assert!(
        reason(Decoder::new(&[2, 5]).option(|decoder| decoder.u8())).contains("neither 0 nor 1")
    );
    assert!(
        reason(Decoder::new(&[1]).option(|decoder| decoder.u8())).contains("ends in the middle")
    );
    assert!(reason(Decoder::new(&[]).u8()).contains("at byte 0"));
    assert!(reason(Decoder::new(&[0x80]).u64()).contains("ends in the middle"));
    assert!(reason(Decoder::new(&[0; 15]).id()).contains("ends in the middle"));
    assert!(reason(Decoder::new(&[3, 1, 2]).bytes()).contains("a length of 3, but only 2 bytes"));
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert!(reason(Decoder::new(&huge).count()).contains("a length of 18446744073709551615"));
    assert!(reason(Decoder::new(&[2, b'a', 0xff]).text()).contains("not UTF-8 from its byte 1"));
    assert!(reason(Decoder::new(&[0, 39]).rate()).contains("0 to 38"));
    let mut out = Vec::new();
    Encoder::new(&mut out)
        .date(Date::from_days(Date::MAX.days() + 1))
        .timestamp(Timestamp::from_micros(i64::MIN));
    let mut decoder = Decoder::new(&out);
    assert!(reason(decoder.date()).contains("years 1 to 9999"));
    assert!(reason(decoder.timestamp()).contains("years 1 to 9999"));
}

#[test]
fn records_begin_and_end_where_they_should() {
    let bytes = encode(&[]);
    assert_eq!(Decoder::new(&bytes).header(), Ok((300, 2)));
    assert!(reason(Decoder::new(&[9, 1, 1]).header()).contains("format 9 is unknown"));
    assert!(reason(Decoder::new(&[]).header()).contains("at byte 0"));
    let mut decoder = Decoder::new(&[1, 7, 7, 0]);
    assert_eq!(decoder.header(), Ok((7, 7)));
    assert_eq!((decoder.position(), decoder.remaining()), (3, 1));
    assert!(reason(decoder.finish()).contains("at byte 3: 1 bytes follow"));
}

/// These bytes are in files: they never change.
#[test]
fn the_encoding_is_pinned() {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out);
    encoder
        .header(300, 2)
        .u8(255)
        .bool(true)
        .u16(127)
        .u32(128)
        .u64(u64::MAX);
    encoder
        .i64(0)
        .i64(-1)
        .i64(1)
        .i64(-64)
        .i64(64)
        .i128(i128::MIN);
    encoder
        .text("é")
        .bytes(&[])
        .option(None::<u8>, |_, _| {})
        .amount(Amount::from_minor(-12_345));
    let expected: &[u8] = &[
        1, 0xac, 0x02, 2, 255, 1, 127, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x01, //
        0, 1, 2, 127, 0x80, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03, //
        2, 0xc3, 0xa9, 0, 0, 0xf1, 0xc0, 0x01,
    ];
    assert_eq!(out, expected);

    let mut out = Vec::new();
    let id = Id::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    let rate = Rate::parse("1.50").unwrap_or(Rate::ONE);
    let time = Timestamp::from_micros(1);
    Encoder::new(&mut out)
        .id(id)
        .rate(rate)
        .date(Date::from_days(20_779))
        .timestamp(time)
        .fixed(&[9, 8]);
    let expected: &[u8] = &[
        0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
        0xff, //
        0xac, 0x02, 2, 0xd6, 0xc4, 0x02, 2, 9, 8,
    ];
    assert_eq!(out, expected);
}

proptest! {
    #[test]
    fn reading_undoes_writing(values in prop::collection::vec(values(), 0..20)) {
        let bytes = encode(&values);
        let mut decoder = Decoder::new(&bytes);
        prop_assert_eq!(decoder.header(), Ok((300, 2)));
        for value in &values {
            prop_assert_eq!(Value::read(value.kind(), &mut decoder), Ok(value.clone()));
        }
        prop_assert_eq!(decoder.finish(), Ok(()));
    }

    #[test]
    fn a_record_that_is_cut_is_refused(values in prop::collection::vec(values(), 1..8), cut: prop::sample::Index) {
        let bytes = encode(&values);
        let mut decoder = Decoder::new(&bytes[..cut.index(bytes.len())]);
        let mut read = || -> Result<()> {
            decoder.header()?;
            for value in &values {
                Value::read(value.kind(), &mut decoder)?;
            }
            Ok(())
        };
        prop_assert_eq!(read().map_err(|error| error.status()), Err(Status::INVALID_ENCODING));
    }

    /// Random bytes read as random kinds: an error, or values that encode to exactly the bytes that were read.
    #[test]
    fn whatever_is_read_is_canonical(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0u8..4, Just(0x80), Just(0xff)], 0..80),
        kinds in prop::collection::vec(0..Value::KINDS, 1..12),
    ) {
        let mut decoder = Decoder::new(&bytes);
        for kind in kinds {
            let start = decoder.position();
            match Value::read(kind, &mut decoder) {
                Ok(value) => {
                    let mut again = Vec::new();
                    value.write(&mut Encoder::new(&mut again));
                    prop_assert_eq!(&again[..], &bytes[start..decoder.position()]);
                }
                Err(error) => {
                    prop_assert_eq!(error.status(), Status::INVALID_ENCODING);
                    break;
                }
            }
        }
    }
}
