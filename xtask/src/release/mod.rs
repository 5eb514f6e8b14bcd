//! `cargo xtask release`: one archive for this machine's target with headers, libraries, CMake and pkg-config files, the
//! licences of everything that is inside, an SBOM and checksums. The same commit always gives the same bytes: times come
//! from the commit, paths of the machine are taken out by the compilers, and `--check` builds a second time from a copy
//! of the sources elsewhere and compares.

mod archive;
mod build;
mod dependencies;
mod glibc;
mod licences;
mod sbom;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::generate::repository_root;
use crate::install::{Version, cannot, place, succeed, target};
use build::{Build, Toolchain};
use dependencies::Dependencies;

/// What the command was told.
struct Options {
    profile: String,
    to: PathBuf,
    /// The sources may differ from the commit.
    dirty: bool,
    /// Build twice and compare.
    check: bool,
}

/// Runs the command with what stands behind its name.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let root = repository_root()?;
    let options = read(arguments, &root)?;
    if !options.dirty {
        refuse_changes(&root)?;
    }
    let epoch = epoch(&root)?;
    let toolchain = Toolchain::find(&root)?;
    let work = target(&root).join("release-archive");
    let first = make(
        &root,
        &work.join("first"),
        &options.to,
        &options.profile,
        epoch,
        &toolchain,
    )?;
    if options.check {
        let copy = work.join("copy of the sources");
        copy_sources(&root, &copy)?;
        let to = work.join("second archive");
        let second = make(
            &copy,
            &work.join("second"),
            &to,
            &options.profile,
            epoch,
            &toolchain,
        )?;
        compare(&first, &second)?;
        println!(
            "the same bytes again from a copy in {}: {}",
            copy.display(),
            archive::sha256(&second)?
        );
    }
    Ok(())
}

fn read(arguments: &[&str], root: &Path) -> Result<Options, String> {
    let mut options = Options {
        profile: "release".into(),
        to: target(root).join("dist"),
        dirty: false,
        check: false,
    };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || {
            arguments
                .next()
                .copied()
                .ok_or_else(|| format!("{argument} needs a value"))
        };
        match *argument {
            "--dirty" => options.dirty = true,
            "--check" => options.check = true,
            "--to" => options.to = PathBuf::from(value()?),
            "--profile" => match value()? {
                profile @ ("debug" | "release") => options.profile = profile.into(),
                other => return Err(format!("--profile is debug or release, not '{other}'")),
            },
            other => return Err(format!("release does not know '{other}'")),
        }
    }
    Ok(options)
}

/// Builds and packs; the answer is the archive.
fn make(
    root: &Path,
    work: &Path,
    to: &Path,
    profile: &str,
    epoch: u64,
    toolchain: &Toolchain,
) -> Result<PathBuf, String> {
    let built = Build {
        root,
        target: work,
        profile,
        toolchain,
        epoch,
    }
    .run()?;
    let version = Version::of(root)?;
    let dependencies = Dependencies::of(root, &toolchain.triple)?;

    let staging = work.join("staging");
    let _ = fs::remove_dir_all(&staging);
    let prefix = staging.join("prefix");
    place(root, &built, &prefix)?;
    let library = prefix
        .join("lib")
        .join(format!("libqenex.so.{}", version.full));
    succeed(Command::new("strip").arg(&library))?;
    succeed(
        Command::new("objcopy")
            .args(["--strip-debug", "--enable-deterministic-archives"])
            .arg(prefix.join("lib/libqenex.a")),
    )?;
    build::refuse_paths(
        root,
        work,
        &toolchain.sysroot,
        &[&library, &prefix.join("lib/libqenex.a")],
    )?;
    let suffix = glibc::suffix(&library, toolchain)?;
    let name = format!("libqenex-{}-{}{suffix}", version.full, toolchain.triple);

    let documents = prefix.join("share/doc/qenex");
    licences::write(&dependencies, toolchain, &documents.join("licences"))?;
    sbom::write(
        &dependencies,
        toolchain,
        &version.full,
        epoch,
        &documents.join("sbom.cdx.json"),
    )?;
    let folder = staging.join(&name);
    fs::rename(&prefix, &folder).map_err(|error| cannot("rename", &prefix, &error))?;
    archive::write_sums(&folder)?;
    let archive = archive::pack(&staging, &name, to, epoch)?;
    println!(
        "{}\n  {} bytes, libqenex.so stripped {} bytes, sha256 {}",
        archive.display(),
        length(&archive)?,
        length(
            &folder
                .join("lib")
                .join(format!("libqenex.so.{}", version.full))
        )?,
        archive::sha256(&archive)?
    );
    Ok(archive)
}

fn length(path: &Path) -> Result<u64, String> {
    fs::metadata(path)
        .map(|metadata| metadata.len())
        .map_err(|error| cannot("read", path, &error))
}

/// The time that everything in the archive has: SOURCE_DATE_EPOCH, or that of the commit.
fn epoch(root: &Path) -> Result<u64, String> {
    let text = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text,
        Err(_) => git(root, &["log", "-1", "--format=%ct"])
            .map_err(|error| format!("{error}\nwithout git, set SOURCE_DATE_EPOCH"))?,
    };
    text.trim()
        .parse()
        .map_err(|error| format!("SOURCE_DATE_EPOCH '{}': {error}", text.trim()))
}

/// An archive is of a commit: what is not committed could not be built again.
fn refuse_changes(root: &Path) -> Result<(), String> {
    let changed = git(root, &["status", "--porcelain"])?;
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the sources differ from the commit; commit them, or say --dirty for an archive that is not released:\n{changed}"
    ))
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    build::printed(Command::new("git").current_dir(root).args(arguments))
}

/// Every file that git knows or would add, as it is now, in another folder.
fn copy_sources(root: &Path, to: &Path) -> Result<(), String> {
    let _ = fs::remove_dir_all(to);
    let listed = git(root, &["ls-files", "-z", "-co", "--exclude-standard"])?;
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (root.join(name), to.join(name));
        if !from.is_file() {
            continue;
        }
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(|error| cannot("create", folder, &error))?;
        }
        fs::copy(&from, &to).map_err(|error| cannot("copy", &from, &error))?;
    }
    Ok(())
}

fn compare(first: &Path, second: &Path) -> Result<(), String> {
    let read = |path: &Path| fs::read(path).map_err(|error| cannot("read", path, &error));
    if first.file_name() == second.file_name() && read(first)? == read(second)? {
        return Ok(());
    }
    Err(format!(
        "two builds of the same sources differ: unpack and compare {} and {}",
        first.display(),
        second.display()
    ))
}
