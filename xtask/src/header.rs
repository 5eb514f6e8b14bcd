//! `cargo xtask header`: renders `include/qenex.h` from `src/abi` with cbindgen, and nothing else ever writes that
//! file. With `--check` a header that is not what the source says fails the build.

use std::fs;
use std::path::{Path, PathBuf};

use crate::generate::{Mode, is_current, repository_root, write};

const HEADER: &str = "include/qenex.h";

/// The files that the header is made of, in the order of the header.
pub const SOURCES: &[&str] = &[
    "constants.rs",
    "record/mod.rs",
    "record/other.rs",
    "record/account.rs",
    "record/transfer.rs",
    "record/hold.rs",
    "record/result.rs",
    "record/answer.rs",
    "record/history.rs",
    "record/options.rs",
    "library.rs",
    "text.rs",
    "error.rs",
    "buffer.rs",
    "lifecycle.rs",
    "commands.rs",
    "set_up.rs",
    "completion.rs",
    "balance.rs",
    "query.rs",
    "history.rs",
    "maintenance.rs",
    "simple.rs",
];

/// Writes or compares the header.
pub fn run(mode: Mode) -> Result<(), String> {
    let root = repository_root()?;
    let text = render(&root)?;
    if is_current(&root.join(HEADER), &text)? {
        return Ok(());
    }
    match mode {
        Mode::Write => write(&root, HEADER, &text),
        Mode::Check => Err(format!(
            "{HEADER} is not what src/abi says. Run `cargo xtask header` and commit the result."
        )),
    }
}

fn render(root: &Path) -> Result<String, String> {
    let folder = root.join("src/abi");
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml"))?;
    check_sources(&folder)?;
    config.export.include.extend(records(&folder)?);
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(folder.join(source));
    }
    let bindings = builder
        .generate()
        .map_err(|error| format!("cbindgen: {error}"))?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).map_err(|error| format!("cbindgen: {error}"))
}

/// Every record and option struct: cbindgen leaves out those that no function names, and what a buffer holds is
/// named by none.
fn records(folder: &Path) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for source in SOURCES
        .iter()
        .filter(|source| source.starts_with("record/"))
    {
        let path = folder.join(source);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let structs = text
            .lines()
            .filter_map(|line| line.strip_prefix("pub struct "));
        names.extend(structs.map(|rest| rest.trim_end_matches(" {").to_owned()));
    }
    Ok(names)
}

/// Fails when a file with C functions is not among the sources.
fn check_sources(folder: &Path) -> Result<(), String> {
    for path in rust_files(folder)? {
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let listed = SOURCES.iter().any(|source| folder.join(source) == path);
        if text.contains("no_mangle") && !listed {
            return Err(format!(
                "{} has C functions and is not listed in xtask/src/header.rs",
                path.display()
            ));
        }
    }
    Ok(())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}
