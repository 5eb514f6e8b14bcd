//! The cursors of statements and searches as bytes that the host keeps between two pages: opaque, of fixed sizes, with a digest, so
//! that anything that is not one of ours is refused rather than followed.

use crate::base::error::{Error, Result};
use crate::base::hash::sha3_256;
use crate::base::status::Status;
use crate::ledger::balance::Turnovers;
use crate::ledger::query::chain::Point;
use crate::ledger::query::marks::Days;
use crate::ledger::query::statement::{Order, StatementCursor, StatementRange};

const VERSION: u8 = 1;
/// Version of the cursor of a search.
const PLACE: u8 = 2;
/// Version, account, asset, sequence, four turnovers, as-of, and what was asked for: order, bounds, days.
const CONTENT: usize = 1 + 8 + 4 + 8 + 4 * 16 + 8 + 1 + 2 * 8 + 4 * 4;
const DIGEST: usize = 8;
/// Bytes of a cursor.
pub(super) const MAXIMUM: usize = CONTENT + DIGEST;

/// The cursor as bytes.
pub(super) fn write(cursor: &StatementCursor) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(MAXIMUM);
    bytes.push(VERSION);
    bytes.extend_from_slice(&cursor.point.account.to_be_bytes());
    bytes.extend_from_slice(&cursor.point.asset.to_be_bytes());
    bytes.extend_from_slice(&cursor.point.sequence.to_be_bytes());
    let Turnovers {
        debits_posted,
        credits_posted,
        debits_pending,
        credits_pending,
    } = cursor.point.turnovers;
    for turnover in [
        debits_posted,
        credits_posted,
        debits_pending,
        credits_pending,
    ] {
        bytes.extend_from_slice(&turnover.to_be_bytes());
    }
    bytes.extend_from_slice(&cursor.as_of.to_be_bytes());
    let range = &cursor.range;
    bytes.push(u8::from(range.order == Order::OldestFirst));
    bytes.extend_from_slice(&range.after.to_be_bytes());
    bytes.extend_from_slice(&range.up_to.to_be_bytes());
    let Days { booking, value } = range.days;
    for day in [booking.0, booking.1, value.0, value.1] {
        bytes.extend_from_slice(&day.to_be_bytes());
    }
    let digest = digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// The cursor that [`write`] made. Error: `INVALID_CURSOR`.
pub(super) fn read(bytes: &[u8]) -> Result<StatementCursor> {
    let invalid = || {
        Error::new(
            Status::INVALID_CURSOR,
            "the bytes are no cursor of a statement, or not all of it",
        )
    };
    let (content, given) = bytes.split_at_checked(CONTENT).ok_or_else(invalid)?;
    if given != digest(content) {
        return Err(invalid());
    }
    let mut reader = Reader(content);
    let version = u8::from_be_bytes(reader.take().ok_or_else(invalid)?);
    let mut field = || reader.take::<8>().map(u64::from_be_bytes);
    let account = field().ok_or_else(invalid)?;
    let asset = u32::from_be_bytes(reader.take().ok_or_else(invalid)?);
    let sequence = i64::from_be_bytes(reader.take().ok_or_else(invalid)?);
    let mut turnover = || reader.take().map(u128::from_be_bytes).ok_or_else(invalid);
    let turnovers = Turnovers {
        debits_posted: turnover()?,
        credits_posted: turnover()?,
        debits_pending: turnover()?,
        credits_pending: turnover()?,
    };
    let as_of = i64::from_be_bytes(reader.take().ok_or_else(invalid)?);
    let [order] = reader.take().ok_or_else(invalid)?;
    let mut bound = || reader.take().map(i64::from_be_bytes).ok_or_else(invalid);
    let (after, up_to) = (bound()?, bound()?);
    let mut day = || reader.take().map(i32::from_be_bytes).ok_or_else(invalid);
    let days = Days {
        booking: (day()?, day()?),
        value: (day()?, day()?),
    };
    if version != VERSION {
        return Err(invalid());
    }
    Ok(StatementCursor {
        point: Point {
            account,
            asset,
            sequence,
            turnovers,
        },
        as_of,
        range: StatementRange {
            order: match order {
                0 => Order::NewestFirst,
                _ => Order::OldestFirst,
            },
            after,
            up_to,
            days,
            limit: 0,
        },
    })
}

/// The cursor of a search as bytes: it goes on after a sequence number, up to another.
pub(super) fn write_place(after: i64, up_to: i64) -> Vec<u8> {
    let mut bytes = vec![PLACE];
    bytes.extend_from_slice(&after.to_be_bytes());
    bytes.extend_from_slice(&up_to.to_be_bytes());
    let digest = digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// What [`write_place`] wrote. Error: `INVALID_CURSOR`.
pub(super) fn read_place(bytes: &[u8]) -> Result<(i64, i64)> {
    let read = || {
        let (content, given) = bytes.split_at_checked(1 + 2 * 8)?;
        let mut reader = Reader(content);
        let [version] = reader.take()?;
        let place = (
            i64::from_be_bytes(reader.take()?),
            i64::from_be_bytes(reader.take()?),
        );
        (version == PLACE && given == digest(content)).then_some(place)
    };
    read().ok_or_else(|| {
        Error::new(
            Status::INVALID_CURSOR,
            "the bytes are no cursor of a search, or not all of it",
        )
    })
}

/// A cursor of two numbers, for the query that `tag` stands for.
pub(super) fn write_pair(tag: u8, numbers: [u64; 2]) -> Vec<u8> {
    let mut bytes = vec![tag];
    for number in numbers {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    let digest = digest(&bytes);
    bytes.extend_from_slice(&digest);
    bytes
}

/// The numbers that [`write_pair`] wrote. Error: `INVALID_CURSOR`.
pub(super) fn read_pair(tag: u8, bytes: &[u8]) -> Result<[u64; 2]> {
    let invalid = || {
        Error::new(
            Status::INVALID_CURSOR,
            "the bytes are no cursor of this query, or not all of it",
        )
    };
    let (content, given) = bytes.split_at_checked(17).ok_or_else(invalid)?;
    let mut reader = Reader(content);
    let found = reader.take::<1>();
    if given != digest(content) || found != Some([tag]) {
        return Err(invalid());
    }
    let mut number = || reader.take().map(u64::from_be_bytes).ok_or_else(invalid);
    Ok([number()?, number()?])
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*field)
    }
}

fn digest(content: &[u8]) -> [u8; DIGEST] {
    let mut digest = [0; DIGEST];
    for (to, from) in digest
        .iter_mut()
        .zip(sha3_256(&[b"qenex statement cursor", content].concat()))
    {
        *to = from;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_belong_to_one_query() {
        let bytes = write_pair(3, [7, u64::MAX]);
        assert_eq!(read_pair(3, &bytes), Ok([7, u64::MAX]));
        assert!(read_pair(2, &bytes).is_err());
        for index in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[index] ^= 1;
            assert!(read_pair(3, &broken).is_err());
            assert!(read_pair(3, &bytes[..index]).is_err());
        }
    }

    #[test]
    fn reads_back_and_refuses_anything_else() {
        let turnovers = Turnovers {
            debits_posted: 1,
            credits_posted: u128::MAX >> 1,
            debits_pending: 3,
            credits_pending: 4,
        };
        let point = Point {
            account: 5,
            asset: 840,
            sequence: 7,
            turnovers,
        };
        let range = StatementRange {
            order: Order::OldestFirst,
            after: 3,
            up_to: 8,
            days: Days {
                booking: (i32::MIN, 20_000),
                value: (-5, i32::MAX),
            },
            limit: 0,
        };
        let cursor = StatementCursor {
            point,
            as_of: 9,
            range,
        };
        let bytes = write(&cursor);
        assert_eq!(bytes.len(), MAXIMUM);
        assert_eq!(read(&bytes), Ok(cursor));
        for length in 0..bytes.len() {
            assert!(read(&bytes[..length]).is_err());
        }
        for index in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[index] ^= 1;
            assert_eq!(
                read(&broken).map_err(|error| error.status()),
                Err(Status::INVALID_CURSOR)
            );
        }
        assert!(read(&[&bytes[..], &[0]].concat()).is_err());
        assert!(read_place(&bytes).is_err());
        let place = write_place(5, 77);
        assert_eq!(read_place(&place), Ok((5, 77)));
        for length in 0..place.len() {
            assert!(read_place(&place[..length]).is_err());
        }
        for index in 0..place.len() {
            let mut broken = place.clone();
            broken[index] ^= 1;
            assert!(read_place(&broken).is_err() && read(&broken).is_err());
        }
    }
}
