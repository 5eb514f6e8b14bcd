//! `cargo xtask gen`: writes what every language must agree on from two places, each the only one of its kind: the
//! table `xtask/api.toml` (statuses, flags, constants) and `src/abi` (records and functions). Each output is a path
//! and a function from both to text; `--check` renders in memory and compares, so a file that was edited by hand, or
//! a source that was edited without running this, fails the build.

mod api_json;
mod c_constants;
mod c_layout;
mod dotnet;
mod dotnet_types;
mod go;
mod go_dynamic;
mod go_names;
mod go_records;
mod java;
mod java_calls;
mod java_native;
mod java_records;
mod python;
mod python_records;
mod rust_constants;
mod rust_status;
pub mod table;

use std::fs;
use std::path::{Path, PathBuf};

use crate::api::{self, Api};
use table::Table;

/// What to do with the rendered texts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write the files that differ.
    Write,
    /// Change nothing; fail when a file differs.
    Check,
}

/// What everything generated is made from.
pub struct Source {
    pub table: Table,
    pub api: Api,
}

/// One generated file: where it lies in the repository and its text.
pub struct File {
    pub path: String,
    pub text: String,
}

/// Every generated file. A new language adds its lines here and a module beside this one.
fn render(source: &Source) -> Vec<File> {
    let file = |path: &str, text: String| File {
        path: path.to_owned(),
        text,
    };
    let mut files = vec![
        file("src/base/status.rs", rust_status::render(source)),
        file("src/base/constants.rs", rust_constants::render(source)),
        file("src/abi/constants.rs", c_constants::render(source)),
        file("tests/conformance/c/layout.h", c_layout::render(source)),
        file("tests/conformance/api.json", api_json::render(source)),
        file("bindings/python/src/qenex/_abi.py", python::abi(source)),
        file(
            "bindings/python/src/qenex/constants.py",
            python::constants(source),
        ),
        file(
            "bindings/python/src/qenex/records.py",
            python_records::render(source),
        ),
        file("bindings/go/constants.go", go::constants(source)),
        file("bindings/go/layout.go", go::layout(source)),
        file("bindings/go/records.go", go_records::render(source)),
        file("bindings/go/dynamic.c", go_dynamic::render(source)),
        file(
            "bindings/dotnet/src/Qenex/Generated/Constants.cs",
            dotnet::constants(source),
        ),
        file(
            "bindings/dotnet/src/Qenex/Generated/Records.cs",
            dotnet::records(source),
        ),
        file(
            "bindings/dotnet/src/Qenex/Generated/Native.cs",
            dotnet::functions(source),
        ),
        file(
            "bindings/dotnet/src/Qenex/Generated/Types.cs",
            dotnet_types::render(source),
        ),
    ];
    files.extend(java::render(source));
    files.extend(java_records::render(source));
    files.extend(java_native::render(source));
    files.extend(java_calls::render(source));
    files
}

/// Reads both sources, checks them, and writes or compares every output.
pub fn run(mode: Mode) -> Result<(), String> {
    let root = repository_root()?;
    let mut stale = Vec::new();
    for File { path, text } in render(&read(&root)?) {
        if is_current(&root.join(&path), &text)? {
            continue;
        }
        match mode {
            Mode::Check => stale.push(path),
            Mode::Write => write(&root, &path, &text)?,
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not what xtask/api.toml and src/abi say: {}. Run `cargo xtask gen` and commit the result.",
        stale.join(", ")
    ))
}

/// Reads the table and the interface.
pub fn read(root: &Path) -> Result<Source, String> {
    Ok(Source {
        table: table::read(&root.join("xtask/api.toml"))?,
        api: api::read(root)?,
    })
}

pub fn is_current(path: &Path, text: &str) -> Result<bool, String> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes == text.as_bytes()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(format!("cannot read {}: {error}", path.display())),
    }
}

pub fn write(root: &Path, path: &str, text: &str) -> Result<(), String> {
    let target = root.join(path);
    let failed = |error: std::io::Error| format!("cannot write {}: {error}", target.display());
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(&target, text).map_err(failed)?;
    println!("wrote {path}");
    Ok(())
}

pub fn repository_root() -> Result<PathBuf, String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    match manifest.parent() {
        Some(root) => Ok(root.to_path_buf()),
        None => Err(format!("{} has no parent folder", manifest.display())),
    }
}
