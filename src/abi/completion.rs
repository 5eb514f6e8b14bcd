//! The completion queue: submit now, collect when durable. One waiter can serve any number of futures.

use std::ptr::null_mut;
use std::time::Duration;

use super::batch::{Batch, OwnedBatch};
use super::buffer::{BufferBuilder, qenex_buffer};
use super::commands::{execute_options, summary};
use super::error::qenex_error;
use super::guard;
use super::handle;
use super::host::{Destroy, HostCompletion, UserData};
use super::lifecycle::{qenex_engine, qenex_session};
use super::memory::{self, Out};
use super::record::{
    qenex_completion, qenex_completion_function, qenex_destroy_function, qenex_execute_options,
    qenex_result, qenex_status,
};
use crate::base::constants::COLLECT_MAX;
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::engine::Completion;

/// Queues a batch and returns at once; the records and the arena are copied. kind names the type of the records
/// (QENEX_COMMAND_...; QENEX_COMMAND_MIXED: qenex_command). Batches run in the order of submission. What became of
/// the batch comes from qenex_collect under the same tag, after it is durable.
///
/// options may be NULL. QENEX_BUSY: the queue is full; collect, then submit again. Any thread. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_submit(
    session: *mut qenex_session,
    kind: u32,
    records: *const std::ffi::c_void,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    tag: u64,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let session = handle::get(session, "session")?;
        let options = execute_options(options)?;
        let batch = Batch::new(kind, records.cast(), count, record_size, arena, arena_len)?;
        let owned = OwnedBatch::copy(&batch)?;
        session.session.submit(Box::new(owned), options, tag)?;
        Ok(Status::OK)
    })
}

/// As qenex_submit, but completion is called with what became of the batch, after it is durable; qenex_collect does not
/// see it. destroy, which may be NULL, is called exactly once with user_data: after completion returned, or when the
/// batch was not queued, also when this call fails. A batch that is queued when qenex_close is called is finished and
/// completion called before qenex_close returns. Completions may come in another order than submissions. Any thread.
/// Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_submit_notify(
    session: *mut qenex_session,
    kind: u32,
    records: *const std::ffi::c_void,
    count: usize,
    record_size: usize,
    arena: *const u8,
    arena_len: usize,
    options: *const qenex_execute_options,
    completion: qenex_completion_function,
    user_data: *mut std::ffi::c_void,
    destroy: qenex_destroy_function,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    // Whatever happens next, what the host handed over to be destroyed is.
    let data = Destroy {
        user_data: UserData(user_data),
        destroy,
    };
    guard::call(out_error, || {
        let session = handle::get(session, "session")?;
        if completion.is_none() {
            return Err(memory::null("completion"));
        }
        let options = execute_options(options)?;
        let batch = Batch::new(kind, records.cast(), count, record_size, arena, arena_len)?;
        let owned = OwnedBatch::copy(&batch)?;
        let host = HostCompletion { completion, data };
        session.session.submit_notify(
            Box::new(owned),
            options,
            Box::new(move |completion| tell(&host, &completion)),
        )?;
        Ok(Status::OK)
    })
}

fn tell(host: &HostCompletion, completion: &Completion) {
    let results: Vec<qenex_result> = completion.outcomes.iter().map(qenex_result::from).collect();
    match &completion.result {
        Ok(_) => host.tell(summary(&completion.outcomes), &results, ""),
        Err(error) => host.tell(error.status(), &results, error.message()),
    }
}

/// Waits until at least one submitted batch is done, at most timeout_ms milliseconds (0: does not wait), and gives
/// up to max of them (1 to QENEX_COLLECT_MAX), each once, as qenex_completion records in *out_buffer; their
/// results are in qenex_buffer_results. They come in the order in which the batches were done, the longest done first;
/// that is not always the order of submission, although batches run in it, because those that become durable together
/// are done in any order: go by the tag. QENEX_TIMED_OUT, with *out_buffer NULL: none was done in time. Any thread,
/// several at once; each completion goes to one of them. Stable.
#[unsafe(no_mangle)]
pub extern "C" fn qenex_collect(
    engine: *mut qenex_engine,
    timeout_ms: u32,
    max: usize,
    out_buffer: *mut *mut qenex_buffer,
    out_error: *mut *mut qenex_error,
) -> qenex_status {
    guard::call(out_error, || {
        let out = Out::new(out_buffer, null_mut(), "out_buffer")?;
        let engine = handle::get(engine, "engine")?;
        if max == 0 || max > COLLECT_MAX as usize {
            let message = format!("max is {max}; it must be 1 to {COLLECT_MAX}");
            return Err(Error::new(Status::INVALID_ARGUMENT, message));
        }
        let completions = engine
            .engine
            .collect(Duration::from_millis(u64::from(timeout_ms)), max)?;
        if completions.is_empty() {
            return Err(Error::new(
                Status::TIMED_OUT,
                format!("nothing was done within {timeout_ms} ms"),
            ));
        }
        let mut buffer = BufferBuilder::new(completions.len())?;
        for completion in &completions {
            let first_result =
                buffer.results(completion.outcomes.iter().map(qenex_result::from))?;
            let (status, message) = match &completion.result {
                Ok(_) => (summary(&completion.outcomes), buffer.text("")?),
                Err(error) => (error.status(), buffer.text(error.message())?),
            };
            buffer.record(qenex_completion {
                tag: completion.tag,
                first_result,
                results: completion.outcomes.len() as u32,
                status: status.code(),
                message,
                reserved: [0; 4],
            })?;
        }
        give(buffer, &out)
    })
}

/// Gives a finished buffer to the host.
pub(super) fn give<R: super::memory::Plain + Send + Sync + 'static>(
    buffer: BufferBuilder<R>,
    out: &Out<*mut qenex_buffer>,
) -> Result<Status> {
    out.set(buffer.give()?);
    Ok(Status::OK)
}
