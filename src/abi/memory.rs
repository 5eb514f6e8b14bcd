//! The host's memory, read and written under one set of rules: NULL with a length is refused, a length that no
//! object can have is refused before anything is read, records are copied out of whatever alignment they have, and
//! option structs may be shorter or longer than ours as long as nothing unknown is set. Everything here relies on
//! one promise of the host, that a pointer with a plausible length points to that many bytes for the whole call.

use std::ffi::c_char;

use crate::base::constants::{RECORD_SIZE_MAX, TEXT_MAX};
use crate::base::error::{Error, Result};
use crate::base::status::Status;

/// A record or struct of integers.
///
/// # Safety
/// Every pattern of bits is a value, and there is no padding.
pub(super) unsafe trait Plain: Copy + Default {}

/// A struct that begins with `struct_size: u32`.
///
/// # Safety
/// `repr(C)`, begins with `struct_size: u32`, and all zero is a value, as is whatever a host may write there.
pub(super) unsafe trait Options: Copy {
    const NAME: &'static str;
    /// Size of the first version: no host has a shorter one.
    const FIRST_SIZE: usize;

    fn reserved_is_zero(&self) -> bool;
}

/// The host's `len` bytes at `data`; (NULL, 0) is empty.
pub(super) fn bytes<'a>(
    data: *const u8,
    len: usize,
    maximum: usize,
    name: &str,
) -> Result<&'a [u8]> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(null(name).within(&format!("with a length of {len}")));
    }
    if len > maximum {
        let message = format!("{name} has {len} bytes; at most {maximum} are taken");
        return Err(Error::new(Status::INVALID_ARGUMENT, message));
    }
    // SAFETY: not NULL, and far shorter than isize::MAX (every maximum is); the host promises `len` readable bytes
    // that do not change during the call.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// The host's text of `len` bytes at `data`; (NULL, 0) is empty.
pub(super) fn text<'a>(data: *const c_char, len: usize, name: &str) -> Result<&'a str> {
    utf8(bytes(data.cast(), len, TEXT_MAX as usize, name)?, name)
}

/// Bytes that must be UTF-8.
pub(super) fn utf8<'a>(bytes: &'a [u8], name: &str) -> Result<&'a str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("{name} is not valid UTF-8 at byte {}", error.valid_up_to());
        Error::new(Status::INVALID_UTF8, message)
    })
}

/// An `out_` parameter that must not be NULL.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Takes the parameter and writes `initial` to it, so that it is never left undefined.
    pub(super) fn new(pointer: *mut T, initial: T, name: &str) -> Result<Out<T>> {
        if pointer.is_null() {
            return Err(null(name));
        }
        let out = Out(pointer);
        out.set(initial);
        Ok(out)
    }

    /// Writes the value.
    pub(super) fn set(&self, value: T) {
        // SAFETY: not NULL (checked in `new`); the host promises room for a `T`; alignment is not relied upon.
        unsafe { self.0.write_unaligned(value) }
    }
}

/// An `out_` struct that begins with its size, which the host has set: it gets as much as it has room for.
pub(super) struct OutStruct<O> {
    pointer: *mut O,
    size: usize,
}

impl<O: Options> OutStruct<O> {
    pub(super) fn new(pointer: *mut O, name: &str) -> Result<OutStruct<O>> {
        if pointer.is_null() {
            return Err(null(name));
        }
        // SAFETY: not NULL; the host promises a struct that begins with its size.
        let size = unsafe { pointer.cast::<u32>().read_unaligned() } as usize;
        check_size(O::NAME, "struct_size", size, O::FIRST_SIZE)?;
        Ok(OutStruct { pointer, size })
    }

    /// The size that the host has set.
    pub(super) fn size(&self) -> u32 {
        self.size as u32
    }

    pub(super) fn set(&self, value: &O) {
        let bytes = self.size.min(size_of::<O>());
        // SAFETY: `bytes` bytes lie in both; the host promises room for as many as it said.
        unsafe {
            std::ptr::copy_nonoverlapping(
                (&raw const *value).cast::<u8>(),
                self.pointer.cast::<u8>(),
                bytes,
            )
        }
    }
}

/// Writes to an `out_` parameter that may be NULL.
pub(super) fn set_if_wanted<T>(pointer: *mut T, value: T) {
    if !pointer.is_null() {
        // SAFETY: not NULL; the host promises room for a `T`; alignment is not relied upon.
        unsafe { pointer.write_unaligned(value) }
    }
}

/// Copies bytes to the host's buffer, which has room for them.
pub(super) fn copy_out(buffer: *mut u8, bytes: &[u8]) {
    if !buffer.is_null() {
        // SAFETY: not NULL; the caller compared the length with the size that the host gave; memory of ours and of
        // the host's does not overlap.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer, bytes.len()) }
    }
}

/// An array of `count` records that the library fills; may be NULL when `optional`.
pub(super) struct OutArray<T> {
    first: *mut T,
    count: usize,
}

impl<T: Plain> OutArray<T> {
    pub(super) fn new(
        first: *mut T,
        count: usize,
        optional: bool,
        name: &str,
    ) -> Result<OutArray<T>> {
        if first.is_null() && !optional {
            return Err(null(name));
        }
        Ok(OutArray { first, count })
    }

    /// Whether the host wants the array at all.
    pub(super) fn is_wanted(&self) -> bool {
        !self.first.is_null()
    }

    /// Writes the record at `index`; nothing when there is no such place.
    #[inline]
    pub(super) fn set(&self, index: usize, value: T) {
        if index < self.count && !self.first.is_null() {
            // SAFETY: not NULL and `index < count`; the host promises room for `count` records; alignment is not
            // relied upon.
            unsafe { self.first.add(index).write_unaligned(value) }
        }
    }

    /// Zeroes the whole array.
    pub(super) fn clear(&self) {
        for index in 0..self.count {
            self.set(index, T::default());
        }
    }
}

/// The record in the first bytes of `bytes`; a default one if they are too few, which callers rule out before.
#[inline]
pub(super) fn read<R: Plain>(bytes: &[u8]) -> R {
    if bytes.len() < size_of::<R>() {
        return R::default();
    }
    // SAFETY: there are enough bytes, `R` takes any pattern of bits, and the read does not rely on alignment.
    unsafe { bytes.as_ptr().cast::<R>().read_unaligned() }
}

/// The bytes of records.
pub(super) fn as_bytes<R: Plain>(records: &[R]) -> &[u8] {
    // SAFETY: records have no padding, so all their bytes are initialised; the length is theirs.
    unsafe { std::slice::from_raw_parts(records.as_ptr().cast(), size_of_val(records)) }
}

/// The host's option struct: copied, as long as nothing is set that this version does not know.
pub(super) fn options<O: Options>(pointer: *const O) -> Result<Option<O>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL; the host promises an option struct, which begins with its size.
    let size = unsafe { pointer.cast::<u32>().read_unaligned() } as usize;
    check_size(O::NAME, "struct_size", size, O::FIRST_SIZE)?;
    // SAFETY: the host promises `size` readable bytes; the size was checked to be plausible.
    let given = unsafe { std::slice::from_raw_parts(pointer.cast::<u8>(), size) };
    if given.iter().skip(size_of::<O>()).any(|byte| *byte != 0) {
        return Err(unknown_tail(O::NAME, "struct_size", size, size_of::<O>()));
    }
    let known = size.min(size_of::<O>());
    // SAFETY: all zero is a value of every option struct.
    let mut options = unsafe { std::mem::zeroed::<O>() };
    // SAFETY: `known` bytes lie in both; bytes of the host's are what the host answers for.
    unsafe {
        std::ptr::copy_nonoverlapping(given.as_ptr(), (&raw mut options).cast::<u8>(), known)
    };
    if !options.reserved_is_zero() {
        return Err(reserved(O::NAME));
    }
    Ok(Some(options))
}

/// Refuses a size that no version has.
pub(super) fn check_size(what: &str, parameter: &str, size: usize, first: usize) -> Result<()> {
    if size >= first && size <= RECORD_SIZE_MAX as usize {
        return Ok(());
    }
    let message = format!(
        "{what}: {parameter} is {size}; it must be sizeof({what}), which is {first} to {RECORD_SIZE_MAX} in all versions"
    );
    Err(Error::new(Status::INVALID_STRUCT_SIZE, message))
}

/// The error for set bytes beyond what this version knows.
#[cold]
pub(super) fn unknown_tail(what: &str, parameter: &str, size: usize, known: usize) -> Error {
    let message = format!(
        "{what}: {parameter} is {size}, this library knows {known} bytes, and the rest is not zero: the caller uses a \
         field of a newer version"
    );
    Error::new(Status::INVALID_STRUCT_SIZE, message)
}

/// The error for reserved bytes that are set.
#[cold]
pub(super) fn reserved(what: &str) -> Error {
    let message =
        format!("{what}: reserved bytes are not zero; zero the whole struct before filling it");
    Error::new(Status::RESERVED_NOT_ZERO, message)
}

/// The error for NULL.
#[cold]
pub(super) fn null(name: &str) -> Error {
    Error::new(Status::NULL_POINTER, format!("{name} is NULL"))
}
