//! Reading the canonical encoding from bytes that may be anything. It never panics, never reserves more than the
//! bytes that are there could fill, and accepts nothing that the encoder would not have written.

use super::FORMAT;
use crate::base::amount::Amount;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::rate::Rate;
use crate::base::status::Status;
use crate::base::time::{Date, Timestamp};

/// Reads values in the order in which they were written. Every error is `INVALID_ENCODING` and names the byte.
#[derive(Clone)]
pub struct Decoder<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Decoder<'a> {
        Decoder {
            rest: bytes,
            length: bytes.len(),
        }
    }

    /// Reads the beginning of a record: its kind and the version of its list of fields.
    pub fn header(&mut self) -> Result<(u16, u16)> {
        let format = self.u8()?;
        if format != FORMAT {
            return Err(self.invalid_before(
                1,
                &format!("format {format} is unknown, this version reads {FORMAT}"),
            ));
        }
        Ok((self.u16()?, self.u16()?))
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.length - self.rest.len()
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// The end: refuses bytes that are left over.
    pub fn finish(self) -> Result<()> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(self.invalid(&format!("{left} bytes follow the end of the record"))),
        }
    }

    #[inline]
    pub fn u8(&mut self) -> Result<u8> {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                Ok(*byte)
            }
            None => Err(self.invalid("the record ends in the middle of a field")),
        }
    }

    /// Yes or no; a byte other than 0 and 1 is refused.
    #[inline]
    pub fn bool(&mut self) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.invalid_before(1, &format!("{other} is neither 0 nor 1"))),
        }
    }

    #[inline]
    pub fn u16(&mut self) -> Result<u16> {
        self.narrow("16 bits")
    }

    #[inline]
    pub fn u32(&mut self) -> Result<u32> {
        self.narrow("32 bits")
    }

    #[inline]
    pub fn u64(&mut self) -> Result<u64> {
        self.narrow("64 bits")
    }

    #[inline]
    pub fn u128(&mut self) -> Result<u128> {
        match self.short() {
            Some(value) => Ok(u128::from(value)),
            None => self.long(),
        }
    }

    /// The reader of numbers that take up to nine bytes, 63 bits. None, and nothing is read, for any other and for
    /// whatever is malformed: [`Decoder::long`] reads those, or says what is wrong.
    #[inline]
    fn short(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for (index, byte) in self.rest.iter().take(9).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                if *byte == 0 && index > 0 {
                    return None;
                }
                self.rest = self.rest.get(index + 1..)?;
                return Some(value);
            }
        }
        None
    }

    /// The reader of every number.
    fn long(&mut self) -> Result<u128> {
        let mut value = 0u128;
        for shift in (0..u128::BITS).step_by(7) {
            let byte = self.u8()?;
            let part = u128::from(byte & 0x7f);
            let shifted = part << shift;
            if shifted >> shift != part {
                return Err(self.invalid_before(1, "the number exceeds 128 bits"));
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(self.invalid_before(1, "the number is written longer than needed"));
                }
                return Ok(value);
            }
        }
        Err(self.invalid("the number exceeds 128 bits"))
    }

    #[inline]
    pub fn i64(&mut self) -> Result<i64> {
        let folded = self.u64()?;
        Ok((folded >> 1) as i64 ^ -((folded & 1) as i64))
    }

    #[inline]
    pub fn i128(&mut self) -> Result<i128> {
        let folded = self.u128()?;
        Ok((folded >> 1) as i128 ^ -((folded & 1) as i128))
    }

    /// A number of items, each of which takes at least one byte: more than there are bytes left is refused, so that
    /// the answer may be reserved.
    pub fn count(&mut self) -> Result<usize> {
        let start = self.position();
        let count = self.u64()?;
        match usize::try_from(count) {
            Ok(count) if count <= self.rest.len() => Ok(count),
            _ => {
                let left = self.rest.len();
                Err(Decoder::invalid_at(
                    start,
                    &format!("a length of {count}, but only {left} bytes are left"),
                ))
            }
        }
    }

    /// Bytes with their length in front, borrowed from the input.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    /// Text with its length in front, borrowed from the input; refused unless it is UTF-8.
    pub fn text(&mut self) -> Result<&'a str> {
        let start = self.position();
        std::str::from_utf8(self.bytes()?).map_err(|error| {
            let at = error.valid_up_to();
            Decoder::invalid_at(
                start,
                &format!("the text is not UTF-8 from its byte {at} on"),
            )
        })
    }

    /// Bytes of one fixed width.
    #[inline]
    pub fn fixed<const WIDTH: usize>(&mut self) -> Result<[u8; WIDTH]> {
        match self.rest.split_first_chunk() {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(*bytes)
            }
            None => Err(self.invalid("the record ends in the middle of a field")),
        }
    }

    /// None, or the value that `read` reads.
    #[inline]
    pub fn option<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<Option<T>> {
        if self.bool()? {
            read(self).map(Some)
        } else {
            Ok(None)
        }
    }

    #[inline]
    pub fn id(&mut self) -> Result<Id> {
        self.fixed().map(Id)
    }

    #[inline]
    pub fn amount(&mut self) -> Result<Amount> {
        self.i128().map(Amount::from_minor)
    }

    pub fn rate(&mut self) -> Result<Rate> {
        let (coefficient, scale) = (self.i128()?, self.u8()?);
        Rate::new(coefficient, scale).map_err(|error| self.invalid_before(1, error.message()))
    }

    pub fn date(&mut self) -> Result<Date> {
        let start = self.position();
        Date::checked(self.i64()?).map_err(|error| Decoder::invalid_at(start, error.message()))
    }

    pub fn timestamp(&mut self) -> Result<Timestamp> {
        let start = self.position();
        Timestamp::checked(self.i64()?).map_err(|error| Decoder::invalid_at(start, error.message()))
    }

    #[inline]
    fn narrow<T: TryFrom<u64> + TryFrom<u128>>(&mut self, width: &str) -> Result<T> {
        let before = self.rest;
        if let Some(value) = self.short().and_then(|value| T::try_from(value).ok()) {
            return Ok(value);
        }
        // Read again, for the long form or for the error.
        self.rest = before;
        let start = self.position();
        let value = self.long()?;
        T::try_from(value)
            .map_err(|_| Decoder::invalid_at(start, &format!("the number {value} exceeds {width}")))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        match self.rest.split_at_checked(length) {
            Some((bytes, rest)) => {
                self.rest = rest;
                Ok(bytes)
            }
            None => Err(self.invalid("the record ends in the middle of a field")),
        }
    }

    #[cold]
    fn invalid(&self, reason: &str) -> Error {
        Decoder::invalid_at(self.position(), reason)
    }

    /// For what began `back` bytes ago.
    #[cold]
    fn invalid_before(&self, back: usize, reason: &str) -> Error {
        Decoder::invalid_at(self.position().saturating_sub(back), reason)
    }

    #[cold]
    fn invalid_at(position: usize, reason: &str) -> Error {
        Error::new(
            Status::INVALID_ENCODING,
            format!("not a canonical encoding at byte {position}: {reason}"),
        )
    }
}
