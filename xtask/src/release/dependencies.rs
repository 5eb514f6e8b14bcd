//! What is linked into the library: the crates that cargo builds it from for one target, with their licences, sources and
//! checksums, and SQLite inside one of them. The compilers' own standard library is the toolchain's matter.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::build::printed;
use crate::install::cannot;

/// A crate that is linked in.
pub struct Crate {
    pub name: String,
    pub version: String,
    /// An SPDX expression.
    pub licence: String,
    /// SHA-256 of the package, from Cargo.lock.
    pub checksum: String,
    /// Where its sources are.
    pub folder: PathBuf,
}

pub struct Dependencies {
    /// By name, then version.
    pub crates: Vec<Crate>,
    /// Of the SQLite that is linked in.
    pub sqlite: String,
}

impl Dependencies {
    pub fn of(root: &Path, triple: &str) -> Result<Dependencies, String> {
        let cargo = || {
            let mut command =
                Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            command.current_dir(root);
            command
        };
        let tree = printed(cargo().args([
            "tree",
            "--locked",
            "--package",
            "qenex",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--target",
            triple,
        ]))?;
        let linked: BTreeSet<(String, String)> = tree
            .lines()
            .filter(|line| !line.contains("(proc-macro)"))
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                let name = words.next()?;
                let version = words.next()?.strip_prefix('v')?;
                (name != "qenex").then(|| (name.to_owned(), version.to_owned()))
            })
            .collect();
        let metadata = printed(cargo().args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            triple,
        ]))?;
        let metadata: Value =
            serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
        let checksums = checksums(root)?;
        let crates = linked
            .iter()
            .map(|key| found(key, &metadata, &checksums))
            .collect::<Result<Vec<Crate>, String>>()?;
        let sqlite = crates
            .iter()
            .find(|one| one.name == "libsqlite3-sys")
            .ok_or("cargo tree lists no libsqlite3-sys")?;
        let sqlite = sqlite_version(&sqlite.folder.join("sqlite3/sqlite3.h"))?;
        Ok(Dependencies { crates, sqlite })
    }
}

type Checksums = BTreeMap<(String, String), String>;

fn found(
    (name, version): &(String, String),
    metadata: &Value,
    checksums: &Checksums,
) -> Result<Crate, String> {
    let text = |package: &Value, key: &str| package[key].as_str().map(str::to_owned);
    let packages = metadata["packages"].as_array();
    let package = packages
        .into_iter()
        .flatten()
        .find(|package| package["name"] == name.as_str() && package["version"] == version.as_str())
        .ok_or_else(|| format!("cargo metadata has no {name} {version}"))?;
    let manifest = text(package, "manifest_path").map(PathBuf::from);
    Ok(Crate {
        licence: text(package, "license")
            .ok_or_else(|| format!("{name} {version} names no licence"))?
            .replace('/', " OR ")
            .replace("  ", " "),
        checksum: checksums
            .get(&(name.clone(), version.clone()))
            .cloned()
            .ok_or_else(|| format!("Cargo.lock has no checksum of {name} {version}"))?,
        folder: manifest
            .as_deref()
            .and_then(Path::parent)
            .map(Path::to_path_buf)
            .ok_or_else(|| format!("cargo metadata says no folder of {name} {version}"))?,
        name: name.clone(),
        version: version.clone(),
    })
}

fn checksums(root: &Path) -> Result<Checksums, String> {
    let path = root.join("Cargo.lock");
    let text = fs::read_to_string(&path).map_err(|error| cannot("read", &path, &error))?;
    let lock: toml::Table = text
        .parse()
        .map_err(|error| format!("{}: {error}", path.display()))?;
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let text = |package: &toml::Value, key: &str| {
        package
            .get(key)
            .and_then(toml::Value::as_str)
            .map(str::to_owned)
    };
    Ok(packages
        .into_iter()
        .flatten()
        .filter_map(|package| {
            Some((
                (text(package, "name")?, text(package, "version")?),
                text(package, "checksum")?,
            ))
        })
        .collect())
}

fn sqlite_version(header: &Path) -> Result<String, String> {
    let text = fs::read_to_string(header).map_err(|error| cannot("read", header, &error))?;
    text.lines()
        .find_map(|line| {
            let version = line.strip_prefix("#define SQLITE_VERSION ")?;
            Some(version.trim().trim_matches('"').to_owned())
        })
        .ok_or_else(|| format!("{}: there is no SQLITE_VERSION", header.display()))
}
