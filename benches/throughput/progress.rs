//! Tells on standard error how far a long run is: one line that changes in a terminal, a plain line every ten
//! seconds when standard error goes to a file.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

pub struct Progress {
    what: String,
    total: u64,
    terminal: bool,
    last: Instant,
    shown: bool,
}

impl Progress {
    pub fn begin(what: String, total: u64) -> Progress {
        Progress {
            what,
            total,
            terminal: stderr().is_terminal(),
            last: Instant::now(),
            shown: false,
        }
    }

    pub fn reached(&mut self, done: u64) {
        let pause = if self.terminal {
            Duration::from_millis(300)
        } else {
            Duration::from_secs(10)
        };
        if self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        self.shown = true;
        let percent = done.saturating_mul(100) / self.total.max(1);
        // Progress that cannot be shown is no reason to stop measuring.
        let _ = match self.terminal {
            true => write!(stderr(), "\r\x1b[K{}: {percent} %", self.what),
            false => writeln!(stderr(), "{}: {percent} %", self.what),
        };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.terminal && self.shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
