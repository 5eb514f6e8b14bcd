//! The licences of everything that is linked in, as their authors wrote them: a folder for each crate with the texts out
//! of its sources, those of Rust's standard library out of the toolchain, and a list.

use std::fs;
use std::path::Path;

use super::build::Toolchain;
use super::dependencies::{Crate, Dependencies};
use crate::install::{cannot, copy};

/// How the files begin, in any case, that hold a licence or must accompany it.
const NAMES: [&str; 6] = [
    "licence",
    "license",
    "copying",
    "copyright",
    "notice",
    "unlicense",
];

/// Writes the folder; fails when something that is linked in comes without its text.
pub fn write(
    dependencies: &Dependencies,
    toolchain: &Toolchain,
    folder: &Path,
) -> Result<(), String> {
    let mut list = String::from(
        "What is linked into libqenex, beside its own code (LICENSE), and under which licences.\n\
         Where there is a choice (OR), libqenex uses the first one.\n\n",
    );
    for one in &dependencies.crates {
        let name = format!("{}-{}", one.name, one.version);
        let count = copy_texts(one, &folder.join(&name))?;
        if count == 0 {
            return Err(format!(
                "{} has no text of its licence ({})",
                one.folder.display(),
                one.licence
            ));
        }
        list += &format!("{name}: {}\n", one.licence);
    }
    list += &format!(
        "SQLite {}, within libsqlite3-sys: in the public domain, https://sqlite.org/copyright.html\n",
        dependencies.sqlite
    );
    list += &format!(
        "Rust's standard library {}: MIT OR Apache-2.0 and those in rust-std/COPYRIGHT-library.html\n",
        toolchain.rust
    );
    let standard = toolchain
        .sysroot
        .join("share/doc/rust/COPYRIGHT-library.html");
    let to = folder.join("rust-std");
    fs::create_dir_all(&to).map_err(|error| cannot("create", &to, &error))?;
    copy(&standard, &to.join("COPYRIGHT-library.html"))?;
    let path = folder.join("LIST.txt");
    fs::write(&path, list).map_err(|error| cannot("write", &path, &error))
}

fn copy_texts(one: &Crate, to: &Path) -> Result<usize, String> {
    fs::create_dir_all(to).map_err(|error| cannot("create", to, &error))?;
    let mut count = 0;
    let entries = fs::read_dir(&one.folder).map_err(|error| cannot("read", &one.folder, &error))?;
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", &one.folder, &error))?;
        let name = entry.file_name();
        let lower = name.to_string_lossy().to_lowercase();
        if NAMES.iter().any(|start| lower.starts_with(start)) && entry.path().is_file() {
            copy(&entry.path(), &to.join(&name))?;
            count += 1;
        }
    }
    Ok(count)
}
