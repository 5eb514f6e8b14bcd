//! The directory in which a run keeps its database files, under target/bench/scratch. It goes when the run ends,
//! however it ends; what a killed run left behind goes when the next one begins.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::contender::Result;

pub struct Scratch {
    directory: PathBuf,
}

/// Where reports and scratch files go: `bench` in cargo's target directory.
pub fn bench_directory() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap_or(temporary).join("bench")
}

impl Scratch {
    pub fn begin() -> Result<Scratch> {
        let all = bench_directory().join("scratch");
        fs::create_dir_all(&all)?;
        for entry in fs::read_dir(&all)? {
            let entry = entry?;
            let owner = Path::new("/proc").join(entry.file_name());
            if !owner.exists() {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let directory = all.join(std::process::id().to_string());
        fs::create_dir_all(&directory)?;
        Ok(Scratch { directory })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now goes at the beginning of the next run.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Makes `to` a copy of the directory `from`, on the disk, so that writing it does not fall into a measurement.
pub fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    remove_directory(to)?;
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        fs::copy(entry.path(), &copy)?;
        File::options().write(true).open(&copy)?.sync_all()?;
    }
    Ok(File::open(to)?.sync_all()?)
}

pub fn remove_directory(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// The database file in a directory of its own.
pub fn database(directory: &Path) -> PathBuf {
    directory.join("bank.db")
}
