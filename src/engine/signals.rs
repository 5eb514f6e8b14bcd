//! Keeps the host's signals away from our threads: a handler that the host installed must run on its own threads.

/// Blocks every signal in the calling thread.
#[cfg(unix)]
pub fn block_all() {
    // Failing would leave the mask as it was, which is what a host without signal handlers has anyway.
    let _ = nix::sys::signal::SigSet::all().thread_block();
}

/// There are no signals to block.
#[cfg(not(unix))]
pub fn block_all() {}
