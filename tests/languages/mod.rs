//! What tests need that build and run programs of other languages against the shared library: compilers, the library
//! under its names, folders, and commands whose failure shows what they printed.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A new, empty folder for what a test makes.
pub fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// Whether a program of that name starts; where it does not, a line says what is skipped. In CI a skip fails.
pub fn have(program: &str, arguments: &[&str], install: &str) -> bool {
    let works = Command::new(program)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        assert!(
            std::env::var_os("QENEX_NO_SKIP").is_none(),
            "{program} is needed here ({install})"
        );
        println!("skipped: {program} is not installed ({install})");
    }
    works
}

/// A C or C++ compiler: $CC or $CXX, or the system's.
pub fn compiler(variable: &str, names: &[&str]) -> OsString {
    if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
        return named;
    }
    let works = |name: &&&str| {
        Command::new(name)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    match names.iter().find(works) {
        Some(name) => OsString::from(name),
        None => {
            panic!("install a C and a C++ compiler (apt-get install gcc g++), or set {variable}")
        }
    }
}

/// Runs a command that must succeed.
pub fn run(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// `cargo xtask`.
pub fn xtask() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(root())
        .args(["run", "--quiet", "--package", "xtask", "--"]);
    command
}

/// The shared library that cargo built together with this test, which lies beside it or one folder up.
pub fn library() -> PathBuf {
    beside(if cfg!(target_os = "macos") {
        "libqenex.dylib"
    } else {
        "libqenex.so"
    })
}

/// A file that cargo built together with this test.
pub fn beside(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the test knows where it is");
    let mut folders = test
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name));
    let found = folders.find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "no {name} beside {}: build it with `cargo build`",
            test.display()
        )
    })
}

/// A folder below `folder` with the shared library under the names that linkers and loaders look for.
pub fn library_folder(folder: &Path) -> PathBuf {
    let links = folder.join("lib");
    fs::create_dir_all(&links).expect("the target folder can be written");
    for name in ["libqenex.so", "libqenex.so.0", "libqenex.dylib"] {
        #[cfg(unix)]
        std::os::unix::fs::symlink(library(), links.join(name))
            .expect("the folder is new and takes links");
    }
    links
}
