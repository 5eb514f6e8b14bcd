//! The canonical binary encoding of commands, change records and audit entries: one value has exactly one encoding,
//! and every other byte string is refused. Hashes, signatures, idempotency and replay all rest on that.
//!
//! Whole numbers are variable-length: seven bits a byte, the lowest first, the top bit set on all but the last byte,
//! never longer than needed. Signed numbers are first folded to 0, -1, 1, -2, ... so that small ones stay short.
//! Bytes and text have their length in front; an id is its sixteen bytes; absent is 0, present is 1 and the value.
//! A record begins with [`Encoder::header`]; its fields follow in a fixed order, without names. Whoever encodes a
//! set or a map writes it in ascending order. What an old version wrote is read for ever: a changed record takes a
//! new version, never a new meaning.

mod decoder;
mod encoder;

pub use decoder::Decoder;
pub use encoder::Encoder;

/// The first byte of every record: this encoding. Another one would take another number.
const FORMAT: u8 = 1;

#[cfg(test)]
mod tests;
