//! Looks at the place of a store before anything is opened or changed: whether the path is usable, what kind of file is
//! there, whether it is ours. It reads the file only through our VFS, so that no lock of this process is lost.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi;

use super::file::{APPLICATION_ID, Location, OpenSettings};
use super::vfs::{SimulatedDisk, Unreadable, Vfs, read_start};
use super::{file_system, sqlite_error};
use crate::base::{Error, Result, Status};

/// The name of the database file on a disk in memory.
pub const MEMORY_NAME: &str = "/qenex.db";

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The bytes of a database's header.
const HEADER: usize = 100;
/// Where in the header the application's id is.
const ID_OFFSET: usize = 68;

/// What is at the place of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing, or an empty file: to be created.
    Nothing,
    /// A database of ours, by its header.
    Ours,
    /// A transaction was interrupted before there was a log; SQLite has to undo it before the file can be judged.
    Interrupted,
}

/// The absolute path of the store, links followed.
pub(super) fn resolve(location: &Location, settings: &OpenSettings) -> Result<PathBuf> {
    match location {
        Location::Memory(_) => Ok(PathBuf::from(MEMORY_NAME)),
        Location::Path(path) => resolve_path(path, settings),
    }
}

/// Judges what is at `path`; an error if it cannot become, or is not, a store of ours.
pub(super) fn inspect(
    location: &Location,
    vfs: &Vfs,
    path: &Path,
    settings: &OpenSettings,
) -> Result<Found> {
    if !exists(location, path) {
        return Ok(Found::Nothing);
    }
    let mut header = [0; HEADER];
    let (read, size) =
        read_start(vfs, path, &mut header).map_err(|unreadable| why(path, unreadable))?;
    // SQLite takes a file of one byte for an empty one, and would overwrite it.
    let size = size.max(length_of(location, path));
    if length_of(location, &beside(path, "-journal")) > 0 {
        return Ok(Found::Interrupted);
    }
    if size == 0 && settings.create && !settings.read_only {
        return Ok(Found::Nothing);
    }
    judge(&header[..read], size)?;
    Ok(Found::Ours)
}

/// As [`inspect`], for a file on the system's disk that is there to be read.
pub(super) fn inspect_existing(vfs: &Vfs, path: &Path) -> Result<()> {
    let mut header = [0; HEADER];
    let (read, size) =
        read_start(vfs, path, &mut header).map_err(|unreadable| why(path, unreadable))?;
    judge(&header[..read], size)
}

/// Judges a file by its first bytes and its size.
fn judge(header: &[u8], size: u64) -> Result<()> {
    if size == 0 {
        return Err(Error::new(
            Status::NOT_A_DATABASE,
            "the file is empty: open it with the right to create, or restore a backup",
        ));
    }
    let known = header.len().min(MAGIC.len());
    if known == 0 || header[..known] != MAGIC[..known] {
        return Err(Error::new(
            Status::NOT_A_DATABASE,
            "the file is not a database, or the start of it is damaged: check the path, or restore a backup",
        ));
    }
    let Some(&[a, b, c, d]) = header
        .get(ID_OFFSET..ID_OFFSET + 4)
        .and_then(<[u8]>::first_chunk)
    else {
        return Err(Error::new(
            Status::CORRUPT,
            format!("the file ends after {size} bytes, within its header: restore a backup"),
        ));
    };
    match i32::from_be_bytes([a, b, c, d]) {
        APPLICATION_ID => Ok(()),
        id => Err(not_ours(id)),
    }
}

pub(super) fn not_ours(application_id: i32) -> Error {
    Error::new(
        Status::NOT_QENEX,
        format!(
            "the file is an SQLite database of another application (its application id is {application_id:#010x}, ours \
             {APPLICATION_ID:#010x}): check the path"
        ),
    )
}

/// The path with something added to the file's name, as SQLite does for the files that belong to a database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn resolve_path(path: &Path, settings: &OpenSettings) -> Result<PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            "the path is empty: give the path of a file",
        ));
    }
    if path.as_os_str().as_encoded_bytes().contains(&0) {
        return Err(Error::new(
            Status::INVALID_ARGUMENT,
            format!("the path {path:?} contains a zero byte: remove it"),
        ));
    }
    let resolved = match fs::metadata(path) {
        Ok(metadata) => {
            check_kind(path, &metadata, settings)?;
            fs::canonicalize(path).map_err(|error| cannot_open(path, &error))?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => resolve_new(path, settings)?,
        Err(error) => return Err(cannot_open(path, &error)),
    };
    file_system::refuse_network(&resolved)?;
    Ok(resolved)
}

/// The path of a file that does not exist yet, in a folder that does.
fn resolve_new(path: &Path, settings: &OpenSettings) -> Result<PathBuf> {
    if fs::symlink_metadata(path).is_ok() {
        return Err(Error::new(
            Status::CANNOT_OPEN,
            format!(
                "{} is a link to a file that does not exist: remove the link or restore the file",
                path.display()
            ),
        ));
    }
    if !settings.create || settings.read_only {
        return Err(Error::new(
            Status::CANNOT_OPEN,
            format!(
                "{} does not exist: check the path, or open with the right to create",
                path.display()
            ),
        ));
    }
    let Some(name) = path.file_name() else {
        return Err(Error::new(
            Status::CANNOT_OPEN,
            format!(
                "{} does not name a file: give the path of a file",
                path.display()
            ),
        ));
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = fs::canonicalize(folder).map_err(|error| {
        Error::new(
            Status::CANNOT_OPEN,
            format!(
                "the folder of {} cannot be used ({error}): create it first",
                path.display()
            ),
        )
    })?;
    Ok(folder.join(name))
}

fn check_kind(path: &Path, metadata: &Metadata, settings: &OpenSettings) -> Result<()> {
    if !metadata.is_file() {
        let kind = if metadata.is_dir() {
            "a folder"
        } else {
            "not a regular file"
        };
        return Err(Error::new(
            Status::NOT_A_DATABASE,
            format!(
                "{} is {kind}: give the path of a database file",
                path.display()
            ),
        ));
    }
    if !settings.read_only && links(metadata) > 1 {
        return Err(Error::new(
            Status::CANNOT_OPEN,
            format!(
                "{} has {} names (hard links), so that writers under different names would not see each other's log \
                 and lock: keep one name, and make copies with a backup",
                path.display(),
                links(metadata)
            ),
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn links(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink()
}

#[cfg(not(unix))]
fn links(_: &Metadata) -> u64 {
    1
}

fn exists(location: &Location, path: &Path) -> bool {
    match location {
        Location::Path(_) => path.exists(),
        Location::Memory(disk) => memory_length(disk, path).is_some(),
    }
}

/// Bytes of a file beside the database; 0 if there is none.
fn length_of(location: &Location, path: &Path) -> u64 {
    match location {
        Location::Path(_) => fs::metadata(path).map_or(0, |metadata| metadata.len()),
        Location::Memory(disk) => memory_length(disk, path).unwrap_or(0),
    }
}

fn memory_length(disk: &SimulatedDisk, path: &Path) -> Option<u64> {
    disk.file_len(path.to_str()?)
}

fn cannot_open(path: &Path, error: &io::Error) -> Error {
    Error::new(
        Status::CANNOT_OPEN,
        format!(
            "{} cannot be opened ({error}): check the path and its permissions",
            path.display()
        ),
    )
}

/// The error for a file that could not be read without SQLite.
pub(super) fn why(path: &Path, unreadable: Unreadable) -> Error {
    if unreadable.code & 0xff == ffi::SQLITE_CANTOPEN {
        return cannot_open(path, &unreadable.reason).with_sqlite_code(unreadable.code);
    }
    sqlite_error::from_code(
        unreadable.code,
        &format!("{} cannot be used", path.display()),
    )
}
