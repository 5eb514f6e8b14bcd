//! Builds and runs the C program: the library by cargo, the program by the system's C compiler with every warning an
//! error, linked to the shared library as any host would. $CC names another compiler.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: &str = "examples/c/bank_year";
const LIBRARY: &str = if cfg!(target_os = "macos") {
    "libqenex.dylib"
} else {
    "libqenex.so"
};
/// The names under which a program looks for the library: when it is linked, and by its SONAME when it runs.
const NAMES: [&str; 2] = ["libqenex.so", "libqenex.so.0"];

/// Builds the shared library and gives its path.
pub fn build_library(root: &Path, target: &Path, profile: &str) -> Result<PathBuf, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut build = Command::new(cargo);
    build
        .current_dir(root)
        .args([
            "build",
            "--quiet",
            "--package",
            "qenex",
            "--lib",
            "--profile",
            profile,
        ])
        .arg("--target-dir")
        .arg(target);
    run(&mut build)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target.join(folder).join(LIBRARY))
}

/// Compiles the program into `folder` and gives its path.
pub fn compile(root: &Path, folder: &Path, library: &Path) -> Result<PathBuf, String> {
    let links = folder.join("lib");
    fs::create_dir_all(&links)
        .map_err(|error| format!("cannot make {}: {error}", links.display()))?;
    for name in NAMES {
        link(library, &links.join(name))?;
    }
    if cfg!(target_os = "macos") {
        link(library, &links.join(LIBRARY))?;
    }
    let program = folder.join("bank_year");
    let compiler = std::env::var_os("CC").filter(|name| !name.is_empty());
    let mut compile = Command::new(compiler.unwrap_or_else(|| OsString::from("cc")));
    compile
        .args([
            "-std=c99",
            "-O2",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
        ])
        .arg("-I")
        .arg(root.join("include"))
        .args(sources(&root.join(SOURCES))?)
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&links)
        .arg("-lqenex")
        .arg(format!("-Wl,-rpath,{}", links.display()));
    run(&mut compile)?;
    Ok(program)
}

/// Runs a command to its end; its output goes where ours goes.
pub fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| {
        format!("{name} does not start: {error}. The demo needs cargo and a C compiler (apt-get install gcc)")
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name}: {status}"))
    }
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "c") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn link(library: &Path, link: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot make {}: {error}", link.display());
    match fs::remove_file(link) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    #[cfg(unix)]
    return std::os::unix::fs::symlink(library, link).map_err(failed);
    #[cfg(not(unix))]
    return fs::copy(library, link).map(|_| ()).map_err(failed);
}
