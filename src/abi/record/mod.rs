//! The records that cross the boundary: fixed width, no pointers inside, no padding the compiler chose, and at
//! least 32 reserved bytes that must be zero. Each size is asserted here, in the C tests and in every binding.
//! Zero means "default" or "none" in every field, so a zeroed record is always a good start.

mod account;
mod answer;
mod books;
mod books_answer;
mod day;
mod history;
mod hold;
mod options;
mod other;
mod result;
mod transfer;

pub use account::*;
pub use answer::*;
pub use books::*;
pub use books_answer::*;
pub use day::*;
pub use history::*;
pub use hold::*;
pub use options::*;
pub use other::*;
pub use result::*;
pub use transfer::*;

use crate::abi::memory::Plain;
use crate::base::amount::Amount;
use crate::base::id::Id;

/// What became of a call: QENEX_OK (0); positive: it ran and is durable, some item was refused; negative: nothing
/// was applied (QENEX_OUTCOME_UNKNOWN alone excepted). qenex_status_name gives the name.
pub type qenex_status = i32;

/// A day of the calendar as the number YYYYMMDD: 20240131 is 31 January 2024. 0: none, or the default.
pub type qenex_date = i32;

/// A time in microseconds since 1970-01-01T00:00:00 UTC. 0: none, or the default.
pub type qenex_time = i64;

/// A 128-bit id in network order, chosen by the host or made by qenex_id_new. All zero means none; all ones is
/// reserved. Ids of entities, accounts, transfers and holds and the keys of all other commands are one space: what
/// one of them has used is QENEX_EXISTS_WITH_DIFFERENT_CONTENT for any other.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct qenex_id {
    pub bytes: [u8; 16],
}

/// A signed number of 128 bits in two's complement: minor units of an asset (cents of a dollar), or the
/// coefficient of a rate. An amount that fits 64 bits is { lo = amount, hi = amount < 0 ? -1 : 0 }.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct qenex_amount {
    pub lo: u64,
    pub hi: i64,
}

/// A text (UTF-8) or bytes inside the arena that accompanies an array of records. { 0, 0 } is empty.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct qenex_text {
    /// First byte, counted from the start of the arena.
    pub offset: u32,
    /// Number of bytes.
    pub length: u32,
}

// SAFETY: integers only, no padding (asserted below).
unsafe impl Plain for qenex_id {}
// SAFETY: integers only, no padding (asserted below).
unsafe impl Plain for qenex_amount {}
// SAFETY: integers only, no padding (asserted below).
unsafe impl Plain for qenex_text {}

impl From<qenex_id> for Id {
    #[inline]
    fn from(id: qenex_id) -> Id {
        Id(id.bytes)
    }
}

impl From<Id> for qenex_id {
    #[inline]
    fn from(id: Id) -> qenex_id {
        qenex_id { bytes: id.0 }
    }
}

impl From<qenex_amount> for Amount {
    #[inline]
    fn from(amount: qenex_amount) -> Amount {
        Amount::from_minor(amount.minor())
    }
}

impl From<i128> for qenex_amount {
    #[inline]
    fn from(minor: i128) -> qenex_amount {
        qenex_amount {
            lo: minor as u64,
            hi: (minor >> 64) as i64,
        }
    }
}

impl qenex_amount {
    /// The number.
    #[inline]
    pub fn minor(self) -> i128 {
        i128::from(self.hi) << 64 | i128::from(self.lo)
    }

    /// `None` for zero.
    #[inline]
    pub fn unless_zero(self) -> Option<Amount> {
        (self != qenex_amount::default()).then(|| self.into())
    }
}

/// Implements `Plain` and `Record` for the records of one file and asserts their sizes.
macro_rules! records {
    ($($record:ident: $size:literal, reserved $($reserved:ident)|+, texts [$($text:ident),*], bytes [$($bytes:ident),*];)*) => {$(
        const _: () = assert!(size_of::<$record>() == $size && align_of::<$record>() <= 8);

        // SAFETY: integers and arrays of them only; the fields add up to the size, so there is no padding.
        unsafe impl $crate::abi::memory::Plain for $record {}

        impl $crate::abi::record::Record for $record {
            const NAME: &'static str = stringify!($record);

            #[inline]
            fn reserved_is_zero(&self) -> bool {
                let mut bits = 0u64;
                $(bits |= $crate::abi::record::Reserved::bits(&self.$reserved);)+
                bits == 0
            }

            #[inline]
            fn check_arena(&self, arena: &$crate::abi::arena::Arena<'_>) -> $crate::base::error::Result<()> {
                $(arena.check_text(self.$text, stringify!($text))?;)*
                $(arena.check_bytes(self.$bytes, stringify!($bytes))?;)*
                let _ = arena;
                Ok(())
            }
        }
    )*};
}
use records;

/// A record that the host passes in.
pub(super) trait Record: Plain {
    /// Its name in C, for messages.
    const NAME: &'static str;

    /// Whether padding and reserved bytes are zero, as they must be.
    fn reserved_is_zero(&self) -> bool;

    /// Whether every text and range of bytes lies in the arena, texts being UTF-8.
    fn check_arena(&self, arena: &super::arena::Arena<'_>) -> crate::base::error::Result<()>;
}

/// A reserved field: any bit set makes the record one of a version that this library does not know.
pub(super) trait Reserved {
    fn bits(&self) -> u64;
}

impl Reserved for u32 {
    #[inline]
    fn bits(&self) -> u64 {
        u64::from(*self)
    }
}

impl Reserved for [u32; 2] {
    #[inline]
    fn bits(&self) -> u64 {
        u64::from(self[0] | self[1])
    }
}

impl Reserved for [u64; 4] {
    #[inline]
    fn bits(&self) -> u64 {
        self.iter().fold(0, |bits, part| bits | part)
    }
}

const _: () = assert!(size_of::<qenex_id>() == 16 && align_of::<qenex_id>() == 1);
const _: () = assert!(size_of::<qenex_amount>() == 16 && align_of::<qenex_amount>() == 8);
const _: () = assert!(size_of::<qenex_text>() == 8 && align_of::<qenex_text>() == 4);
