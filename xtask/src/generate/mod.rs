//! `cargo xtask gen`: writes what every language must agree on from the one table, `xtask/api.toml`.
//! Each output is a path and a function from the checked table to text; `--check` renders in memory and
//! compares, so a file that was edited by hand, or a table that was edited without running this, fails the build.

mod c_constants;
mod rust_constants;
mod rust_status;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use table::Table;

/// What to do with the rendered texts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write the files that differ.
    Write,
    /// Change nothing; fail when a file differs.
    Check,
}

/// One generated file: where it lies in the repository and how it is rendered.
struct Output {
    path: &'static str,
    render: fn(&Table) -> String,
}

/// Every generated file. A new language or a new kind of constant adds a line here and a module beside this one.
const OUTPUTS: &[Output] = &[
    Output {
        path: "src/base/status.rs",
        render: rust_status::render,
    },
    Output {
        path: "src/base/constants.rs",
        render: rust_constants::render,
    },
    Output {
        path: "src/abi/constants.rs",
        render: c_constants::render,
    },
];

/// Reads the table, checks it, and writes or compares every output.
pub fn run(mode: Mode) -> Result<(), String> {
    let root = repository_root()?;
    let table = table::read(&root.join("xtask/api.toml"))?;
    let mut stale = Vec::new();
    for output in OUTPUTS {
        let text = (output.render)(&table);
        if is_current(&root.join(output.path), &text)? {
            continue;
        }
        match mode {
            Mode::Check => stale.push(output.path),
            Mode::Write => write(&root, output.path, &text)?,
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    Err(format!(
        "not what xtask/api.toml says: {}. Run `cargo xtask gen` and commit the result.",
        stale.join(", ")
    ))
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
    fs::write(&target, text)
        .map_err(|error| format!("cannot write {}: {error}", target.display()))?;
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
