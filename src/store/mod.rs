//! Everything on disk: SQLite behind our own VFS, the opening of files, the writer lock, readers, backup.
//! Relies on `base` alone. Whoever opens a store here holds a file that is ours, locked and consistent.

pub mod backup;
pub mod file;
mod file_system;
pub mod key_index;
pub mod lock;
pub mod place;
pub mod readers;
pub mod sqlite_error;
pub mod vfs;
