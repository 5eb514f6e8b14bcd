//! Tests of the encoding of commands: what must be refused, round trips of every command with every field drawn at
//! random, damaged and random bytes against the rule that whatever decodes encodes to the same bytes again, and
//! pinned bytes.

mod material;
mod pinned;

use proptest::prelude::*;

use self::material::{KINDS, Material, material};
use super::*;
use crate::base::amount::Amount;
use crate::base::canonical::Encoder;
use crate::base::hash::commitment;
use crate::base::id::Id;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};
use crate::ledger::account::{AccountKind, BlockSide, LimitKind};
use crate::ledger::asset::AssetKind;
use crate::ledger::command::*;
use crate::ledger::hold::HoldKind;

fn encoded(command: &Command<'_>, commitment: Option<&[u8; 32]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(command, commitment, &mut bytes);
    bytes
}

/// The commitment that a caller gives with the command.
fn commitment_of(command: &Command<'_>) -> Option<[u8; 32]> {
    personal_texts(command).map(|texts| commitment(b"0123456789abcdef", texts.as_slice()))
}

fn texts<'a>(command: &Command<'a>) -> Vec<&'a [u8]> {
    personal_texts(command).map_or(Vec::new(), |texts| texts.as_slice().to_vec())
}

fn strings<'a>(command: &Command<'a>) -> Vec<&'a str> {
    let texts = texts(command).into_iter();
    texts
        .map(|text| std::str::from_utf8(text).expect("it was text"))
        .collect()
}

/// Decodes, and if that works, demands the same bytes from encoding the answer.
fn refused_or_canonical(bytes: &[u8]) -> bool {
    match decode(bytes) {
        Ok((command, commitment)) => {
            assert_eq!(encoded(&command, commitment.as_ref()), bytes);
            true
        }
        Err(error) => {
            assert_eq!(error.status(), Status::INVALID_ENCODING);
            assert!(error.message().starts_with("not a canonical encoding"));
            false
        }
    }
}

fn refusal(bytes: &[u8]) -> String {
    let error = decode(bytes).expect_err("must be refused");
    assert_eq!(error.status(), Status::INVALID_ENCODING);
    error.message().to_owned()
}

#[test]
fn what_is_no_command_of_this_version_is_refused() {
    assert!(refusal(b"").contains("byte 0"));
    assert!(refusal(&[2, 1, 1]).contains("format 2"));
    for kind in [0, 2, 3, 4, 5, 19, 30, 33, 100, 103, u16::MAX] {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes).header(kind, 1);
        assert!(refusal(&bytes).contains(&format!("kind {kind} is no command of the ledger")));
    }
    for version in [0, 2, u16::MAX] {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes).header(kind::HOLD_RELEASE, version);
        bytes.extend([0; 32]);
        assert!(refusal(&bytes).contains(&format!("version {version} of kind 29 is unknown")));
    }
}

#[test]
fn bytes_that_follow_a_command_are_refused() {
    let close = Command::AccountClose(AccountClose {
        key: Id::from_u128(1),
        account: Id::from_u128(2),
    });
    let mut bytes = encoded(&close, None);
    assert_eq!(decode(&bytes), Ok((close, None)));
    bytes.push(0);
    assert!(refusal(&bytes).contains("1 bytes follow"));
}

/// Replaces the one byte after a prefix of fields by every value, and returns those that are accepted.
fn accepted(command: &Command<'_>, position: usize) -> Vec<u8> {
    let mut bytes = encoded(command, None);
    (0..=u8::MAX)
        .filter(|value| {
            bytes[position] = *value;
            refused_or_canonical(&bytes)
        })
        .collect()
}

#[test]
fn enumerated_fields_take_their_numbers_alone() {
    let id = Id::from_u128(1);
    let account = AccountRef::Id(id);
    let asset = Command::AssetCreate(AssetCreate {
        code: "X",
        scale: 2,
        kind: AssetKind::Token,
        wide: false,
    });
    // The header is three bytes, an id sixteen, an account by its id seventeen.
    assert_eq!(accepted(&asset, 3 + 2 + 1), [1, 2, 3, 4, 5]);
    assert_eq!(accepted(&asset, 3 + 2 + 2), [0, 1]);
    let open = Command::AccountOpen(AccountOpen {
        id,
        entity: 1,
        kind: AccountKind::Asset,
        asset: 0,
        parent: Id::NONE,
        flags: 0,
        number_type: "",
        number: "",
        name: "",
        gl_code: "",
        branch: "",
        cost_centre: "",
        product: "",
        owner: "",
        user_data: UserData::default(),
        opening: None,
    });
    assert_eq!(accepted(&open, 3 + 16 + 1), [1, 2, 3, 4, 5, 6]);
    let block = Command::AccountBlock(AccountBlock {
        key: id,
        account,
        side: BlockSide::Debit,
        set: true,
        reason: "",
        authority: "",
    });
    assert_eq!(accepted(&block, 3 + 16 + 17), [1, 2]);
    let limit = Command::AccountLimit(AccountLimit {
        key: id,
        account: id,
        asset: 1,
        kind: LimitKind::Minimum,
        amount: None,
        expires_at: None,
    });
    assert_eq!(accepted(&limit, 3 + 32 + 1), [1, 2, 3]);
    let hold = Command::HoldPlace(HoldPlace {
        id,
        debit: account,
        credit: None,
        asset: 1,
        amount: Amount::from_minor(1),
        kind: HoldKind::Lien,
        priority: 0,
        force: false,
        expires_at: None,
        reason: "",
        user_data: UserData::default(),
    });
    assert_eq!(accepted(&hold, 3 + 16 + 17 + 1 + 2), [1, 2, 3, 4]);
}

#[test]
fn dates_and_times_outside_the_years_1_to_9999_are_refused() {
    let roll = |days| {
        let to = Date::from_days(days);
        let key = Id::from_u128(1);
        encoded(
            &Command::BusinessDateRoll(BusinessDateRoll {
                key,
                entity: 1,
                to: Some(to),
                any_day: false,
            }),
            None,
        )
    };
    assert!(refused_or_canonical(&roll(Date::MIN.days())));
    assert!(refused_or_canonical(&roll(Date::MAX.days())));
    for days in [
        i32::MIN,
        Date::MIN.days() - 1,
        Date::MAX.days() + 1,
        i32::MAX,
    ] {
        assert!(refusal(&roll(days)).contains("outside the years 1 to 9999"));
    }
    let limit = |micros| {
        encoded(
            &Command::AccountLimit(AccountLimit {
                key: Id::from_u128(1),
                account: Id::from_u128(2),
                asset: 1,
                kind: LimitKind::Overdraft,
                amount: None,
                expires_at: Some(Timestamp::from_micros(micros)),
            }),
            None,
        )
    };
    assert!(refused_or_canonical(&limit(Timestamp::MAX.micros())));
    refusal(&limit(Timestamp::MAX.micros() + 1));
    refusal(&limit(i64::MIN));
}

#[test]
fn personal_texts_are_those_that_may_be_erased() {
    let material = Material {
        ids: [[1; 16]; 4],
        texts: ["a", "b", "c", "d", "e", "f", "g", "h"]
            .map(String::from)
            .to_vec(),
        numbers: [1; 4],
        small: [0; 2],
        amounts: [1; 3],
        dates: [0; 2],
        micros: 0,
        user_data: (0, 0, 0),
        switches: [true; 8],
    };
    for number in 0..KINDS {
        let command = material.command(number);
        let expected: &[&[u8]] = match command {
            Command::AccountOpen(_) => &[b"c", b"h"],
            Command::AccountOwner(_) => &[b"c"],
            Command::Transfer(_)
            | Command::TransferSchedule(_)
            | Command::HoldCapture(_)
            | Command::Reverse(_)
            | Command::Exchange(_)
            | Command::Split(_)
            | Command::AccrualPost(_)
            | Command::ImportTransfer(_) => &[b"c", b"d", b"e", b"f"],
            _ => &[],
        };
        assert_eq!(texts(&command), expected);
        let erased = with_texts(command.clone(), &[]);
        assert_eq!(personal_texts(&erased), None);
        assert_eq!(erased == command, expected.is_empty());
        // Only the texts given come back; those that the command has no field for do not matter.
        let last = with_texts(erased.clone(), &["", "x"]);
        let found = personal_texts(&last);
        assert_eq!(found.is_none(), expected.len() < 2);
        if let Some(found) = found {
            assert_eq!(found.as_slice().len(), expected.len());
            assert_eq!(found.as_slice()[..2], [&b""[..], b"x"]);
        }
        let more = with_texts(
            erased,
            &[
                "c",
                if expected.len() == 2 { "h" } else { "d" },
                "e",
                "f",
                "y",
            ],
        );
        assert_eq!(more, command);
    }
}

#[test]
fn encoding_appends() {
    let material = Command::HoldRelease(HoldRelease {
        key: Id::from_u128(1),
        hold: Id::from_u128(2),
    });
    let mut bytes = vec![7, 7];
    encode(&material, None, &mut bytes);
    assert_eq!(bytes.split_off(2), encoded(&material, None));
    assert_eq!(bytes, [7, 7]);
}

proptest! {
    #[test]
    fn every_command_comes_back(material in material(), number in 0..KINDS) {
        let command = material.command(number);
        let commitment = commitment_of(&command);
        let bytes = encoded(&command, commitment.as_ref());
        let (decoded, found) = decode(&bytes).map_err(|error| TestCaseError::fail(error.message().to_owned()))?;
        prop_assert_eq!(found, commitment);
        prop_assert_eq!(decoded.key(), command.key());
        prop_assert_eq!(personal_texts(&decoded), None);
        prop_assert_eq!(&encoded(&decoded, found.as_ref()), &bytes);
        prop_assert_eq!(with_texts(decoded, &strings(&command)), command);
    }

    /// No personal text is in the content, whatever it is.
    #[test]
    fn the_content_does_not_depend_on_personal_texts(material in material(), number in 0..KINDS) {
        let command = material.command(number);
        let erased = with_texts(command.clone(), &[]);
        for commitment in [None, Some([0xab; 32])] {
            prop_assert_eq!(encoded(&command, commitment.as_ref()), encoded(&erased, commitment.as_ref()));
        }
    }

    #[test]
    fn no_part_of_a_command_is_a_command(material in material(), number in 0..KINDS) {
        let command = material.command(number);
        let bytes = encoded(&command, commitment_of(&command).as_ref());
        for length in 0..bytes.len() {
            prop_assert!(!refused_or_canonical(&bytes[..length]));
        }
    }

    #[test]
    fn a_flipped_bit_is_refused_or_another_command(material in material(), number in 0..KINDS) {
        let command = material.command(number);
        let mut bytes = encoded(&command, commitment_of(&command).as_ref());
        let original = bytes.clone();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok((other, commitment)) = decode(&bytes) {
                prop_assert_eq!(&encoded(&other, commitment.as_ref()), &bytes);
                prop_assert!(decode(&original) != Ok((other, commitment)));
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn random_bytes_are_refused_or_canonical(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        refused_or_canonical(&bytes);
    }

    /// Random fields behind a good header; small bytes pass as flags, lengths and numbers.
    #[test]
    fn random_fields_are_refused_or_canonical(
        kind in prop_oneof![Just(1u16), 20u16..33, 40u16..48, 101u16..103],
        fields in prop::collection::vec(prop_oneof![4 => 0u8..3, 1 => any::<u8>()], 0..200),
    ) {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes)
            .header(kind, VERSION)
            .fixed(&fields);
        refused_or_canonical(&bytes);
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes).header(kind, EXTENDED).fixed(&fields);
        refused_or_canonical(&bytes);
    }
}
