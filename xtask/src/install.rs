//! `cargo xtask install --prefix P [--profile debug|release]`: puts headers, libraries with their links, the
//! pkg-config file and the CMake package into a prefix, which can be moved afterwards. The static library is made of one
//! object whose only global symbols are the interface's: a host that has its own SQLite keeps it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::api;
use crate::generate::repository_root;

/// Runs the command with what stands behind its name.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let mut prefix = None;
    let mut profile = "release";
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let value = arguments
            .next()
            .ok_or_else(|| format!("{argument} needs a value"))?;
        match *argument {
            "--prefix" => prefix = Some(PathBuf::from(value)),
            "--profile" if matches!(*value, "debug" | "release") => profile = value,
            _ => return Err(format!("install does not know '{argument} {value}'")),
        }
    }
    let prefix = prefix.ok_or("install needs --prefix FOLDER")?;
    let root = repository_root()?;
    build(&root, profile)?;
    place(&root, &target(&root).join(profile), &prefix)?;
    println!(
        "installed libqenex {} into {}",
        Version::of(&root)?.full,
        prefix.display()
    );
    Ok(())
}

/// Puts the libraries of the folder `built`, and all that belongs to them, into a prefix.
pub fn place(root: &Path, built: &Path, prefix: &Path) -> Result<(), String> {
    let version = Version::of(root)?;
    let library = prefix.join("lib");
    for folder in [
        "include/qenex",
        "lib/pkgconfig",
        "lib/cmake/qenex",
        "share/doc/qenex",
    ] {
        let folder = prefix.join(folder);
        fs::create_dir_all(&folder).map_err(|error| cannot("create", &folder, &error))?;
    }
    copy_headers(root, prefix)?;
    copy(
        &root.join("LICENSE"),
        &prefix.join("share/doc/qenex/LICENSE"),
    )?;
    let file = format!("libqenex.so.{}", version.full);
    copy(&built.join("libqenex.so"), &library.join(&file))?;
    link(&file, &library.join(version.soname()))?;
    link(&version.soname(), &library.join("libqenex.so"))?;
    localise(root, &built.join("libqenex.a"), &library.join("libqenex.a"))?;
    for (template, place) in [
        ("qenex.pc", "lib/pkgconfig/qenex.pc"),
        ("qenexConfig.cmake", "lib/cmake/qenex/qenexConfig.cmake"),
        (
            "qenexConfigVersion.cmake",
            "lib/cmake/qenex/qenexConfigVersion.cmake",
        ),
    ] {
        let from = root.join("cmake").join(template);
        let text = fs::read_to_string(&from).map_err(|error| cannot("read", &from, &error))?;
        let to = prefix.join(place);
        fs::write(&to, version.fill(&text)).map_err(|error| cannot("write", &to, &error))?;
    }
    Ok(())
}

fn build(root: &Path, profile: &str) -> Result<(), String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root)
        .args(["build", "--quiet", "--lib"]);
    if profile == "release" {
        command.arg("--release");
    }
    succeed(&mut command)
}

/// Where cargo builds.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// The library's version out of Cargo.toml; the number of its SONAME is that of build.rs.
pub struct Version {
    pub full: String,
    major: String,
    minor: String,
}

impl Version {
    pub fn of(root: &Path) -> Result<Version, String> {
        let path = root.join("Cargo.toml");
        let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
        let manifest: toml::Table = text
            .parse()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let full = manifest
            .get("package")
            .and_then(|package| package.get("version"))
            .and_then(toml::Value::as_str)
            .ok_or_else(|| format!("{}: there is no version", path.display()))?;
        let mut parts = full.split('.').map(str::to_owned);
        match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) => Ok(Version {
                full: full.to_owned(),
                major,
                minor,
            }),
            _ => Err(format!("'{full}' is no version of three numbers")),
        }
    }

    fn soname(&self) -> String {
        format!("libqenex.so.{}", self.major)
    }

    fn fill(&self, template: &str) -> String {
        template
            .replace("@VERSION@", &self.full)
            .replace("@MAJOR@", &self.major)
            .replace("@MINOR@", &self.minor)
            .replace("@SONAME@", &self.soname())
    }
}

/// The headers of C and C++, and the parts of the latter.
fn copy_headers(root: &Path, prefix: &Path) -> Result<(), String> {
    let (from, to) = (root.join("include"), prefix.join("include"));
    for header in ["qenex.h", "qenex.hpp"] {
        copy(&from.join(header), &to.join(header))?;
    }
    let parts = from.join("qenex");
    let entries = fs::read_dir(&parts).map_err(|error| cannot("read", &parts, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", &parts, &error))?;
        copy(&entry.path(), &to.join("qenex").join(entry.file_name()))?;
    }
    Ok(())
}

/// Joins all objects of an archive into one and makes everything but the interface local to it.
fn localise(root: &Path, from: &Path, to: &Path) -> Result<(), String> {
    let scratch = to.with_extension("objects");
    fs::create_dir_all(&scratch).map_err(|error| cannot("create", &scratch, &error))?;
    let (whole, local, exports) = (
        scratch.join("whole.o"),
        scratch.join("qenex.o"),
        scratch.join("exports.txt"),
    );
    let api = api::read(root)?;
    let names: Vec<&str> = api
        .functions
        .iter()
        .map(|function| function.name.as_str())
        .collect();
    fs::write(&exports, names.join("\n") + "\n")
        .map_err(|error| cannot("write", &exports, &error))?;
    succeed(
        Command::new("ld")
            .args(["-r", "--whole-archive"])
            .arg(from)
            .arg("-o")
            .arg(&whole),
    )?;
    succeed(
        Command::new("objcopy")
            .args(["-R", ".llvmbc", "-R", ".llvmcmd"])
            .arg(format!("--keep-global-symbols={}", exports.display()))
            .arg(&whole)
            .arg(&local),
    )?;
    let _ = fs::remove_file(to);
    succeed(Command::new("ar").arg("rcsD").arg(to).arg(&local))?;
    fs::remove_dir_all(&scratch).map_err(|error| cannot("remove", &scratch, &error))
}

/// Runs a command that must succeed.
pub fn succeed(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| {
        format!(
            "{:?} does not start: {error} (apt-get install binutils)",
            command.get_program()
        )
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {status}"))
    }
}

/// Copies a file over another one.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    // A library that is in use is replaced, not written into.
    let _ = fs::remove_file(to);
    fs::copy(from, to).map_err(|error| cannot("copy", from, &error))?;
    Ok(())
}

#[cfg(unix)]
fn link(target: &str, place: &Path) -> Result<(), String> {
    let _ = fs::remove_file(place);
    std::os::unix::fs::symlink(target, place).map_err(|error| cannot("link", place, &error))
}

#[cfg(not(unix))]
fn link(_: &str, place: &Path) -> Result<(), String> {
    Err(format!("{}: links need a Unix system", place.display()))
}

/// What went wrong with which file.
pub fn cannot(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}
