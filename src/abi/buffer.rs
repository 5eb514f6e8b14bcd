//! What the library gives back when the size is not known beforehand: an array of records, the arena that their
//! texts lie in, and where a page of a longer answer ends, the cursor to go on with.

use std::ffi::c_void;
use std::ptr::null;

use super::batch::out_of_memory;
use super::guard;
use super::handle;
use super::memory::{self, Plain, set_if_wanted};
use super::record::{qenex_result, qenex_text};
use crate::base::error::{Error, Result};
use crate::base::status::Status;

/// Bytes that the library made: records, their arena, a cursor. Owned by the caller; what its accessors return
/// lives until qenex_buffer_free. Any thread may read it, several at once.
pub struct qenex_buffer {
    records: Box<dyn Records>,
    results: Vec<qenex_result>,
    arena: Vec<u8>,
    cursor: Vec<u8>,
}

/// An array of records of one type.
trait Records: Send + Sync {
    fn bytes(&self) -> &[u8];
    fn count(&self) -> usize;
    fn record_size(&self) -> usize;
}

impl<R: Plain + Send + Sync> Records for Vec<R> {
    fn bytes(&self) -> &[u8] {
        memory::as_bytes(self)
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn record_size(&self) -> usize {
        size_of::<R>()
    }
}

/// Collects records and their texts.
pub(super) struct BufferBuilder<R> {
    records: Vec<R>,
    results: Vec<qenex_result>,
    arena: Vec<u8>,
    cursor: Vec<u8>,
}

impl<R: Plain + Send + Sync + 'static> BufferBuilder<R> {
    /// With room for `count` records. Error: `OUT_OF_MEMORY`.
    pub(super) fn new(count: usize) -> Result<BufferBuilder<R>> {
        let mut records = Vec::new();
        records
            .try_reserve_exact(count)
            .map_err(|_| out_of_memory(count.saturating_mul(size_of::<R>())))?;
        Ok(BufferBuilder {
            records,
            results: Vec::new(),
            arena: Vec::new(),
            cursor: Vec::new(),
        })
    }

    /// Adds a record. Error: `OUT_OF_MEMORY`.
    pub(super) fn record(&mut self, record: R) -> Result<()> {
        self.records
            .try_reserve(1)
            .map_err(|_| out_of_memory(size_of::<R>()))?;
        self.records.push(record);
        Ok(())
    }

    /// Adds a text to the arena. Errors: `OUT_OF_MEMORY`, `OVERFLOW`.
    pub(super) fn text(&mut self, text: &str) -> Result<qenex_text> {
        self.bytes(text.as_bytes())
    }

    /// Adds bytes to the arena. Errors: `OUT_OF_MEMORY`, `OVERFLOW`.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<qenex_text> {
        if bytes.is_empty() {
            return Ok(qenex_text::default());
        }
        let too_large = |_| {
            Error::new(
                Status::OVERFLOW,
                "the answer exceeds 4 GiB of text: ask for fewer records",
            )
        };
        let offset = u32::try_from(self.arena.len()).map_err(too_large)?;
        let length = u32::try_from(bytes.len()).map_err(too_large)?;
        offset.checked_add(length).ok_or(()).map_err(|()| {
            Error::new(
                Status::OVERFLOW,
                "the answer exceeds 4 GiB of text: ask for fewer records",
            )
        })?;
        self.arena
            .try_reserve(bytes.len())
            .map_err(|_| out_of_memory(bytes.len()))?;
        self.arena.extend_from_slice(bytes);
        Ok(qenex_text { offset, length })
    }

    /// Adds results and returns the index of the first.
    pub(super) fn results(
        &mut self,
        results: impl ExactSizeIterator<Item = qenex_result>,
    ) -> Result<u64> {
        let first = self.results.len() as u64;
        self.results
            .try_reserve(results.len())
            .map_err(|_| out_of_memory(results.len().saturating_mul(size_of::<qenex_result>())))?;
        self.results.extend(results);
        Ok(first)
    }

    /// Sets the cursor of the next page.
    pub(super) fn cursor(&mut self, cursor: Vec<u8>) {
        self.cursor = cursor;
    }

    pub(super) fn build(self) -> qenex_buffer {
        let BufferBuilder {
            records,
            results,
            arena,
            cursor,
        } = self;
        qenex_buffer {
            records: Box::new(records),
            results,
            arena,
            cursor,
        }
    }

    /// The finished buffer behind a handle.
    pub(super) fn give(self) -> Result<*mut qenex_buffer> {
        handle::give(self.build())
    }
}

/// Number of records; 0 for NULL. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_count(buffer: *const qenex_buffer) -> usize {
    guard::value(0, || Ok(handle::get(buffer, "buffer")?.records.count()))
}

/// The first record, of the type that the function which made the buffer names; NULL when there is none. Aligned;
/// read-only. Lives until qenex_buffer_free. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_records(buffer: *const qenex_buffer) -> *const c_void {
    guard::value(null(), || {
        let buffer = handle::get(buffer, "buffer")?;
        let bytes = buffer.records.bytes();
        Ok(if bytes.is_empty() {
            null()
        } else {
            bytes.as_ptr().cast()
        })
    })
}

/// Bytes from one record to the next: go by this, not by sizeof, where the library may be newer than the program.
/// 0 for NULL. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_record_size(buffer: *const qenex_buffer) -> usize {
    guard::value(0, || {
        Ok(handle::get(buffer, "buffer")?.records.record_size())
    })
}

/// The arena that the records' texts lie in, or the text itself where a function returns text; NULL when empty.
/// out_len may be NULL; it receives the bytes. Not terminated. Lives until qenex_buffer_free. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_arena(
    buffer: *const qenex_buffer,
    out_len: *mut usize,
) -> *const u8 {
    part(buffer, out_len, |buffer| &buffer.arena)
}

/// The cursor that continues after the last record; NULL when there is nothing more. out_len may be NULL; it
/// receives the bytes. Lives until qenex_buffer_free. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_cursor(
    buffer: *const qenex_buffer,
    out_len: *mut usize,
) -> *const u8 {
    part(buffer, out_len, |buffer| &buffer.cursor)
}

/// The results of all completions in a buffer of qenex_collect; NULL when there are none. out_count may be NULL.
/// Lives until qenex_buffer_free. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_results(
    buffer: *const qenex_buffer,
    out_count: *mut usize,
) -> *const qenex_result {
    set_if_wanted(out_count, 0);
    guard::value(null(), || {
        let buffer = handle::get(buffer, "buffer")?;
        set_if_wanted(out_count, buffer.results.len());
        Ok(if buffer.results.is_empty() {
            null()
        } else {
            buffer.results.as_ptr()
        })
    })
}

/// Frees a buffer with everything in it; NULL and freeing twice do nothing. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_buffer_free(buffer: *mut qenex_buffer) {
    guard::value((), || {
        handle::take(buffer);
        Ok(())
    });
}

fn part(
    buffer: *const qenex_buffer,
    out_len: *mut usize,
    part: impl FnOnce(&qenex_buffer) -> &[u8],
) -> *const u8 {
    set_if_wanted(out_len, 0);
    guard::value(null(), || {
        let buffer = handle::get(buffer, "buffer")?;
        let bytes = part(&buffer);
        set_if_wanted(out_len, bytes.len());
        Ok(if bytes.is_empty() {
            null()
        } else {
            bytes.as_ptr()
        })
    })
}
