//! 128-bit ids: of accounts, transfers, keys. Sixteen bytes in network order, so that bytes, numbers and text sort
//! alike; written as UUIDs. Any value is allowed except two: all zero means none, all ones is reserved.

mod uuid7;

use std::fmt;
use std::str::FromStr;

use super::error::{Error, Result, quoted};
use super::status::Status;

pub use uuid7::{Uuid7Generator, os_seed};

/// An id chosen by the host or made by a [`Uuid7Generator`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct Id(pub [u8; 16]);

impl Id {
    /// All zero: no id.
    pub const NONE: Id = Id([0; 16]);
    /// All ones: never an id.
    pub const RESERVED: Id = Id([0xff; 16]);

    /// The id whose bytes are `value`, the most significant first.
    #[inline]
    pub const fn from_u128(value: u128) -> Id {
        Id(value.to_be_bytes())
    }

    #[inline]
    pub const fn to_u128(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    #[inline]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    #[inline]
    pub const fn is_none(self) -> bool {
        self.to_u128() == 0
    }

    /// Whether something may be named by this id: neither none nor reserved.
    #[inline]
    pub const fn is_usable(self) -> bool {
        let value = self.to_u128();
        value != 0 && value != u128::MAX
    }

    /// [`Status::OK`], or why nothing may be named by this id: `ID_NONE`, `ID_RESERVED`.
    #[inline]
    pub const fn check(self) -> Status {
        match self.to_u128() {
            0 => Status::ID_NONE,
            u128::MAX => Status::ID_RESERVED,
            _ => Status::OK,
        }
    }

    /// Reads a UUID (8-4-4-4-12 hexadecimal digits) or 32 hexadecimal digits, in either case of letters.
    /// Error: `INVALID_ARGUMENT`.
    pub fn parse(text: &str) -> Result<Id> {
        read(text).map(Id::from_u128).ok_or_else(|| {
            let message = format!(
                "{} is not an id: write 32 hexadecimal digits, plain or as 8-4-4-4-12 with hyphens",
                quoted(text)
            );
            Error::new(Status::INVALID_ARGUMENT, message)
        })
    }

    /// The id as a UUID in lower case.
    pub fn format(self) -> String {
        self.to_string()
    }
}

fn read(text: &str) -> Option<u128> {
    let bytes = text.as_bytes();
    let hyphens: &[usize] = match bytes.len() {
        32 => &[],
        36 => &[8, 13, 18, 23],
        _ => return None,
    };
    let mut value = 0u128;
    for (index, byte) in bytes.iter().enumerate() {
        if hyphens.contains(&index) {
            if *byte != b'-' {
                return None;
            }
            continue;
        }
        value = (value << 4) | u128::from(char::from(*byte).to_digit(16)?);
    }
    Some(value)
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_u128();
        write!(
            formatter,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            value >> 96,
            (value >> 80) & 0xffff,
            (value >> 64) & 0xffff,
            (value >> 48) & 0xffff,
            value & 0xffff_ffff_ffff,
        )
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Id> {
        Id::parse(text)
    }
}

impl From<[u8; 16]> for Id {
    #[inline]
    fn from(bytes: [u8; 16]) -> Id {
        Id(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_id_is_refused() {
        let malformed = [
            "",
            "0",
            "00112233445566778899aabbccddeef",
            "00112233445566778899aabbccddeeff0",
            "0011223344556677-8899aabbccddeeff000",
            "00112233-4455-6677-8899-aabbccddeefg",
            "00112233-4455-6677-8899-aabbccddeef",
            "00112233-4455-66778-899-aabbccddeeff",
            "{0112233-4455-6677-8899-aabbccddeef}",
            " 0112233-4455-6677-8899-aabbccddeeff",
            "00112233_4455_6677_8899_aabbccddeeff",
            "+0112233445566778899aabbccddeeff",
            "é0112233445566778899aabbccddeef",
        ];
        for text in malformed {
            let error = Id::parse(text).expect_err(text);
            assert_eq!(error.status(), Status::INVALID_ARGUMENT);
            assert!(error.message().contains("8-4-4-4-12"), "{error}");
        }
    }

    #[test]
    fn the_two_values_that_name_nothing() {
        assert_eq!(
            (Id::NONE.check(), Id::RESERVED.check()),
            (Status::ID_NONE, Status::ID_RESERVED)
        );
        assert!(Id::NONE.is_none() && !Id::NONE.is_usable() && !Id::RESERVED.is_usable());
        assert!(Id::from_u128(1).is_usable() && Id::from_u128(u128::MAX - 1).check() == Status::OK);
        assert_eq!(Id::default(), Id::NONE);
    }

    #[test]
    fn bytes_are_in_network_order() {
        let id = Id::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        let bytes: Vec<u8> = (0..16).map(|nibble| nibble * 0x11).collect();
        assert_eq!(id.as_bytes().as_slice(), bytes);
        assert_eq!(id.format(), "00112233-4455-6677-8899-aabbccddeeff");
        for text in [
            "00112233445566778899aabbccddeeff",
            "00112233-4455-6677-8899-AABBCCDDEEFF",
        ] {
            assert_eq!(Id::parse(text), Ok(id));
        }
    }

    proptest! {
        #[test]
        fn reading_undoes_writing(value: u128) {
            let id = Id::from_u128(value);
            prop_assert_eq!(id.to_u128(), value);
            prop_assert_eq!(Id::parse(&id.format()), Ok(id));
            prop_assert_eq!(Id::parse(&format!("{value:032X}")), Ok(id));
        }

        #[test]
        fn ids_texts_and_numbers_sort_alike(a: u128, b: u128) {
            let (x, y) = (Id::from_u128(a), Id::from_u128(b));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.format().cmp(&y.format()), a.cmp(&b));
        }

        #[test]
        fn arbitrary_texts_never_panic(text: String) {
            let _ = Id::parse(&text);
        }
    }
}
