//! Writing the canonical encoding. It cannot fail: every value of these types has an encoding.

use super::FORMAT;
use crate::base::amount::Amount;
use crate::base::id::Id;
use crate::base::rate::Rate;
use crate::base::time::{Date, Timestamp};

/// Appends values to a buffer. The methods chain: `encoder.u64(1).text("x")`.
pub struct Encoder<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Encoder<'a> {
    /// Appends to what `out` has already.
    pub fn new(out: &'a mut Vec<u8>) -> Encoder<'a> {
        Encoder { out }
    }

    /// Begins a record: what it is, and the version of its list of fields.
    pub fn header(&mut self, kind: u16, version: u16) -> &mut Self {
        self.u8(FORMAT).u16(kind).u16(version)
    }

    /// One byte as it is.
    #[inline]
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.out.push(value);
        self
    }

    #[inline]
    pub fn bool(&mut self, value: bool) -> &mut Self {
        self.u8(u8::from(value))
    }

    #[inline]
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.u64(u64::from(value))
    }

    #[inline]
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.u64(u64::from(value))
    }

    #[inline]
    pub fn u64(&mut self, mut value: u64) -> &mut Self {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
        self
    }

    #[inline]
    pub fn u128(&mut self, mut value: u128) -> &mut Self {
        while value > u128::from(u64::MAX) {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.u64(value as u64)
    }

    #[inline]
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.u64(((value << 1) ^ (value >> 63)) as u64)
    }

    #[inline]
    pub fn i128(&mut self, value: i128) -> &mut Self {
        self.u128(((value << 1) ^ (value >> 127)) as u128)
    }

    /// The number of items that follow.
    #[inline]
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.u64(count as u64)
    }

    /// Bytes with their length in front.
    #[inline]
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len()).fixed(bytes)
    }

    /// Text as UTF-8 with its length in bytes in front.
    #[inline]
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    /// Bytes without a length, for fields of one fixed width.
    #[inline]
    pub fn fixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.out.extend_from_slice(bytes);
        self
    }

    /// Absent, or present and the value that `write` appends.
    #[inline]
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) -> &mut Self {
        self.bool(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
        self
    }

    #[inline]
    pub fn id(&mut self, id: Id) -> &mut Self {
        self.fixed(id.as_bytes())
    }

    #[inline]
    pub fn amount(&mut self, amount: Amount) -> &mut Self {
        self.i128(amount.minor())
    }

    /// Coefficient and scale as quoted: 1.50 is not 1.5.
    #[inline]
    pub fn rate(&mut self, rate: Rate) -> &mut Self {
        self.i128(rate.coefficient()).u8(rate.scale())
    }

    /// A date in years 1 to 9999; the decoder refuses any other.
    #[inline]
    pub fn date(&mut self, date: Date) -> &mut Self {
        self.i64(i64::from(date.days()))
    }

    /// A time in years 1 to 9999; the decoder refuses any other.
    #[inline]
    pub fn timestamp(&mut self, time: Timestamp) -> &mut Self {
        self.i64(time.micros())
    }
}
