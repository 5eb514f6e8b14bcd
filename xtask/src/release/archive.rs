//! Checksums and the archive itself. Order, owners, modes and times are fixed, and the compression is our own, so that
//! the bytes depend on what is packed alone.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::{Compression, GzBuilder};

use super::build::printed;
use crate::install::{cannot, succeed};

/// SHA-256 of a file, in hexadecimal digits.
pub fn sha256(path: &Path) -> Result<String, String> {
    let line = printed(Command::new("sha256sum").arg("--").arg(path))?;
    let sum = line.trim_start_matches('\\').split_whitespace().next();
    sum.map(str::to_owned)
        .ok_or_else(|| format!("sha256sum says nothing of {}", path.display()))
}

/// Writes `SHA256SUMS` for all files of a folder; `sha256sum -c SHA256SUMS` checks them after unpacking.
pub fn write_sums(folder: &Path) -> Result<(), String> {
    let listed = printed(
        Command::new("find")
            .current_dir(folder)
            .args([".", "-type", "f", "-printf", "%P\\n"]),
    )?;
    let mut names: Vec<&str> = listed.lines().collect();
    names.sort_unstable();
    let mut sums = String::new();
    for name in names {
        sums += &format!("{}  {name}\n", sha256(&folder.join(name))?);
    }
    let path = folder.join("SHA256SUMS");
    fs::write(&path, sums).map_err(|error| cannot("write", &path, &error))
}

/// Packs the folder `name` of `staging` into `to`, with its checksum beside it.
pub fn pack(staging: &Path, name: &str, to: &Path, epoch: u64) -> Result<PathBuf, String> {
    fs::create_dir_all(to).map_err(|error| cannot("create", to, &error))?;
    let tar = staging.join(format!("{name}.tar"));
    succeed(
        Command::new("tar")
            .env("LC_ALL", "C")
            .args([
                "--create",
                "--format=ustar",
                "--sort=name",
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--mode=u=rwX,go=rX",
            ])
            .arg(format!("--mtime=@{epoch}"))
            .arg("--directory")
            .arg(staging)
            .arg("--file")
            .arg(&tar)
            .arg(name),
    )?;
    let bytes = fs::read(&tar).map_err(|error| cannot("read", &tar, &error))?;
    let file = format!("{name}.tar.gz");
    let archive = to.join(&file);
    let mut compressed = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::best());
    let compressed = compressed
        .write_all(&bytes)
        .and_then(|()| compressed.finish())
        .map_err(|error| cannot("compress", &tar, &error))?;
    fs::write(&archive, compressed).map_err(|error| cannot("write", &archive, &error))?;
    let sum = format!("{}  {file}\n", sha256(&archive)?);
    let beside = to.join(format!("{file}.sha256"));
    fs::write(&beside, sum).map_err(|error| cannot("write", &beside, &error))?;
    Ok(archive)
}
