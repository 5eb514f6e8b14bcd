//! The one guard around every entry: panics are caught and become QENEX_INTERNAL with their message, nothing is
//! printed, a call from within a callback is refused, and the error object is made. A panic in a thread of the
//! host's that is not inside the library goes where it always went.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::ptr::null_mut;
use std::sync::Once;

use super::error::qenex_error;
use super::handle;
use super::memory::set_if_wanted;
use super::record::qenex_status;
use crate::base::error::{Error, Result};
use crate::base::status::Status;

thread_local! {
    /// Calls of ours that this thread is inside of.
    static CALLS: Cell<u32> = const { Cell::new(0) };
    /// Callbacks of the host's that this thread is inside of.
    static CALLBACKS: Cell<u32> = const { Cell::new(0) };
    /// Message and place of the last panic caught by our hook.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Counts up for as long as it lives.
struct Inside(&'static std::thread::LocalKey<Cell<u32>>);

impl Inside {
    fn new(counter: &'static std::thread::LocalKey<Cell<u32>>) -> Inside {
        let _ = counter.try_with(|count| count.set(count.get().saturating_add(1)));
        Inside(counter)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = self
            .0
            .try_with(|count| count.set(count.get().saturating_sub(1)));
    }
}

/// Runs an entry that uses an engine.
pub(super) fn call(
    out_error: *mut *mut qenex_error,
    body: impl FnOnce() -> Result<Status>,
) -> qenex_status {
    pure(out_error, || {
        if CALLBACKS.try_with(Cell::get).unwrap_or(0) != 0 {
            let message =
                "called from a callback of this library: let the callback return, then call";
            return Err(Error::new(Status::REENTRANT, message));
        }
        body()
    })
}

/// Runs an entry that uses no engine and may be called from anywhere, callbacks included.
pub(super) fn pure(
    out_error: *mut *mut qenex_error,
    body: impl FnOnce() -> Result<Status>,
) -> qenex_status {
    set_if_wanted(out_error, null_mut());
    match caught(body) {
        Ok(status) => status.code(),
        Err(error) => {
            let status = error.status();
            if !out_error.is_null() {
                let made = caught(|| handle::give(qenex_error::new(error)));
                set_if_wanted(out_error, made.unwrap_or(null_mut()));
            }
            status.code()
        }
    }
}

/// Runs an entry that cannot fail, or says so with `otherwise`.
pub(super) fn value<T>(otherwise: T, body: impl FnOnce() -> Result<T>) -> T {
    caught(body).unwrap_or(otherwise)
}

/// Runs a callback of the host's: until it returns, calls of this thread are refused.
pub(super) fn callback<T>(body: impl FnOnce() -> T) -> T {
    let _inside = Inside::new(&CALLBACKS);
    body()
}

fn caught<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    HOOK.call_once(install_hook);
    let _inside = Inside::new(&CALLS);
    // Whatever a panic leaves half done lies behind the engine's own guards, which poison it.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(internal(payload)))
}

#[cold]
fn internal(payload: Box<dyn Any + Send>) -> Error {
    let recorded = PANIC
        .try_with(|panic| panic.borrow_mut().take())
        .ok()
        .flatten();
    let message = recorded.unwrap_or_else(|| message_of(payload.as_ref()).to_owned());
    // A payload whose destructor panics would panic here, outside any guard.
    std::mem::forget(payload);
    Error::new(
        Status::INTERNAL,
        format!("a defect in libqenex was caught, please report it: {message}"),
    )
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    match (
        payload.downcast_ref::<&str>(),
        payload.downcast_ref::<String>(),
    ) {
        (Some(text), _) => text,
        (None, Some(text)) => text,
        (None, None) => "a panic without a message",
    }
}

/// Keeps panics inside the library off the host's standard error; all others go on to the hook that was there.
fn install_hook() {
    if std::thread::panicking() {
        return;
    }
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let inside =
            CALLS.try_with(Cell::get).unwrap_or(0) != 0 || is_ours(&std::thread::current());
        if inside { record(info) } else { previous(info) }
    }));
}

/// Whether the engine started this thread.
fn is_ours(thread: &std::thread::Thread) -> bool {
    thread.name().is_some_and(|name| name.starts_with("qenex-"))
}

fn record(info: &PanicHookInfo<'_>) {
    let place = info
        .location()
        .map(|at| format!(" ({}:{})", at.file(), at.line()))
        .unwrap_or_default();
    let text = format!(
        "{}{place}",
        info.payload_as_str().unwrap_or("a panic without a message")
    );
    let _ = PANIC.try_with(|panic| panic.replace(Some(text)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let mut error = null_mut();
        let status = call(&raw mut error, || panic!("the impossible happened"));
        assert_eq!(status, Status::INTERNAL.code());
        let object = handle::get::<qenex_error>(error, "error").expect("an error was made");
        assert!(
            object.text().contains("the impossible happened"),
            "{}",
            object.text()
        );
        assert!(object.text().contains("guard.rs:"), "{}", object.text());
        assert!(handle::take(error).is_some());
    }

    #[test]
    fn calls_from_a_callback_are_refused_until_it_returns() {
        let entry = || call(null_mut(), || Ok(Status::OK));
        assert_eq!(entry(), Status::OK.code());
        assert_eq!(callback(entry), Status::REENTRANT.code());
        assert_eq!(
            callback(|| pure(null_mut(), || Ok(Status::OK))),
            Status::OK.code()
        );
        assert_eq!(entry(), Status::OK.code());
    }

    #[test]
    fn a_value_falls_back_when_it_panics() {
        assert_eq!(value(7, || panic!("no value")), 7);
        assert_eq!(value(7, || Ok(8)), 8);
    }
}
