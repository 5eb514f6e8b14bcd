//! Gathers the writes of a commit to the write-ahead log. SQLite hands over a frame in two small writes; a commit of
//! hundreds of pages becomes a few large writes instead of twice as many small ones. What has been accepted stays here,
//! also when writing fails, until the disk has taken it or the transaction has ended; a commit ends with a sync, which
//! writes everything, so that what is left over after the end can only be of a transaction that was rolled back.

/// Bytes gathered at most. The platform's VFS takes a size modulo 128 KiB, because SQLite never writes as much.
pub(super) const CAPACITY: usize = 120 * 1024;

/// Consecutive bytes of a log that are not written yet.
#[derive(Default)]
pub(super) struct LogBuffer {
    start: u64,
    bytes: Vec<u8>,
    /// The write transaction that the bytes belong to, by its number.
    transaction: u64,
}

impl LogBuffer {
    /// Takes `bytes` for `offset`; false if they do not continue what is gathered, or do not fit: write that out first,
    /// or, if nothing is gathered, write these directly.
    pub fn gather(&mut self, bytes: &[u8], offset: u64, transaction: u64) -> bool {
        if self.transaction != transaction {
            self.transaction = transaction;
            self.bytes.clear();
        }
        if self.bytes.capacity() == 0 && self.bytes.try_reserve_exact(CAPACITY).is_err() {
            return false;
        }
        if bytes.len() > CAPACITY - self.bytes.len() {
            return false;
        }
        if self.bytes.is_empty() {
            self.start = offset;
        } else if self.start + self.bytes.len() as u64 != offset {
            return false;
        }
        self.bytes.extend_from_slice(bytes);
        true
    }

    /// What is gathered of this transaction, and where it belongs.
    pub fn gathered(&self, transaction: u64) -> Option<(&[u8], u64)> {
        let some = !self.bytes.is_empty() && self.transaction == transaction;
        some.then_some((self.bytes.as_slice(), self.start))
    }

    /// The disk has taken it all.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_continues_and_fits_is_gathered() {
        let mut buffer = LogBuffer::default();
        assert_eq!(buffer.gathered(1), None);
        assert!(buffer.gather(b"head", 100, 1));
        assert!(buffer.gather(b"page", 104, 1));
        assert!(!buffer.gather(b"gap", 109, 1));
        assert!(!buffer.gather(b"back", 100, 1));
        assert!(!buffer.gather(&[0; CAPACITY - 7], 108, 1), "too large");
        assert_eq!(buffer.gathered(1), Some((b"headpage".as_slice(), 100)));
        assert!(buffer.gather(&[0; CAPACITY - 8], 108, 1), "just fits");
        assert!(!buffer.gather(b"x", 100 + CAPACITY as u64, 1));
        buffer.clear();
        assert!(buffer.gather(b"new", 7, 1));
        assert_eq!(buffer.gathered(1), Some((b"new".as_slice(), 7)));
        buffer.clear();
        assert!(!buffer.gather(&[0; CAPACITY + 1], 0, 1));
    }

    #[test]
    fn what_an_ended_transaction_left_over_is_forgotten() {
        let mut buffer = LogBuffer::default();
        assert!(buffer.gather(b"rolled back", 100, 1));
        assert_eq!(buffer.gathered(2), None);
        assert!(buffer.gather(b"next", 100, 2));
        assert_eq!(buffer.gathered(2), Some((b"next".as_slice(), 100)));
    }
}
