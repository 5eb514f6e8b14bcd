//! What the engine tells the host's log: rare events, in words, without personal data. It never prints by itself.

use std::sync::Arc;

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Error,
    Warning,
    Info,
}

/// Takes level, target (the part of the engine) and text. It is called from any thread that uses the engine, with no
/// lock held that the callee could need, and must not call the engine.
pub type LogSink = Arc<dyn Fn(Level, &str, &str) + Send + Sync>;

/// The host's log, if it gave one.
#[derive(Clone, Default)]
pub struct Log(Option<LogSink>);

impl Log {
    /// Logs into `sink`.
    pub fn new(sink: LogSink) -> Log {
        Log(Some(sink))
    }

    /// Tells the host. The text is made only when somebody listens.
    pub fn tell(&self, level: Level, target: &str, text: impl FnOnce() -> String) {
        if let Some(sink) = &self.0 {
            sink(level, target, &text());
        }
    }
}
