//! The C boundary from the outside: the header compiles as every language level that it promises, the committed one
//! is what the source says, the library exports its functions and nothing else, every function has a case in
//! `tests/c`, and those cases pass, under valgrind too where it is installed.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The folder for what this test makes.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("c_abi")
        .join(name);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// A C or C++ compiler: $CC or $CXX, or the system's.
fn compiler(variable: &str, names: &[&str]) -> OsString {
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

fn c_compiler() -> OsString {
    compiler("CC", &["cc", "gcc", "clang"])
}

fn run(command: &mut Command) -> Output {
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

/// The shared library that cargo built together with this test, which lies beside it.
fn library() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows where it is");
    let name = if cfg!(target_os = "macos") {
        "libqenex.dylib"
    } else {
        "libqenex.so"
    };
    let folders = test
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name));
    let found = folders.into_iter().find(|path| path.is_file());
    found.unwrap_or_else(|| {
        panic!(
            "no {name} beside {}: build it with `cargo build`",
            test.display()
        )
    })
}

/// The C program with all cases, linked to the shared library by its SONAME.
fn program() -> (PathBuf, PathBuf) {
    static BUILT: std::sync::OnceLock<(PathBuf, PathBuf)> = std::sync::OnceLock::new();
    let build = || {
        let folder = scratch("program");
        let library = library();
        for name in ["libqenex.so", "libqenex.so.0"] {
            let link = folder.join(name);
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink(&library, &link).expect("the target folder takes links");
        }
        let program = folder.join("cases");
        let mut sources: Vec<PathBuf> = files("tests/c", "c").into_iter().collect();
        sources.sort();
        run(Command::new(c_compiler())
            .args(["-std=c99", "-g", "-O1", "-pthread"])
            .args(WARNINGS)
            .arg("-I")
            .arg(root().join("include"))
            .args(sources)
            .arg("-o")
            .arg(&program)
            .arg("-L")
            .arg(&folder)
            .arg("-lqenex")
            .arg(format!("-Wl,-rpath,{}", folder.display())));
        (program, folder)
    };
    BUILT.get_or_init(build).clone()
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).expect("the folder is part of the repository");
    entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect()
}

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(root().join("include/qenex.h"))
        .expect("the header is part of the repository");
    let code: String = header
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join(" ");
    let mut names = BTreeSet::new();
    for declaration in code.split("QENEX_API ").skip(1) {
        let declaration = declaration.split(';').next().unwrap_or_default();
        let Some((before, _)) = declaration.split_once('(') else {
            continue;
        };
        let name = before.rsplit([' ', '*']).next().unwrap_or_default();
        if name.starts_with("qenex_") {
            names.insert(name.to_owned());
        }
    }
    assert!(
        names.len() > 40,
        "only {} functions found in the header",
        names.len()
    );
    names
}

#[test]
fn the_header_is_what_the_source_says() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for task in ["gen", "header"] {
        run(Command::new(&cargo).current_dir(root()).args([
            "run",
            "--quiet",
            "--package",
            "xtask",
            "--",
            task,
            "--check",
        ]));
    }
}

#[test]
fn the_header_compiles_as_c_and_cpp_without_warnings() {
    let folder = scratch("header");
    let source =
        "#include \"qenex.h\"\n#include \"qenex.h\"\nint main(void) { return QENEX_OK; }\n";
    let cpp = compiler("CXX", &["c++", "g++", "clang++"]);
    let levels: [(&OsString, &str, &str); 4] = [
        (&c_compiler(), "c99", "c"),
        (&c_compiler(), "c17", "c"),
        (&cpp, "c++11", "cpp"),
        (&cpp, "c++20", "cpp"),
    ];
    for (compiler, level, extension) in levels {
        let file = folder.join(format!("{}.{extension}", level.replace('+', "p")));
        fs::write(&file, source).expect("the target folder can be written");
        run(Command::new(compiler)
            .arg(format!("-std={level}"))
            .args(WARNINGS)
            .arg("-I")
            .arg(root().join("include"))
            .arg("-fsyntax-only")
            .arg(&file));
    }
}

#[test]
fn every_function_has_a_case() {
    let cases: String = files("tests/c", "c")
        .iter()
        .map(|path| fs::read_to_string(path).expect("the case is part of the repository"))
        .collect();
    let without: Vec<String> = declared()
        .into_iter()
        .filter(|name| !cases.contains(&format!("{name}(")))
        .collect();
    assert!(
        without.is_empty(),
        "no case in tests/c calls {}",
        without.join(", ")
    );
}

/// What `readelf` or `nm` print, or `None` with a line that says so where binutils are not installed.
#[cfg(target_os = "linux")]
fn inspect(tool: &str, arguments: &[&str], file: &Path) -> Option<String> {
    match Command::new(tool).args(arguments).arg(file).output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            println!("skipped: {tool} is not installed (apt-get install binutils)");
            None
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_library_has_its_soname_and_exports_its_functions_alone() {
    if let Some(dynamic) = inspect("readelf", &["--dynamic"], &library()) {
        assert!(
            dynamic.contains("Library soname: [libqenex.so.0]"),
            "{dynamic}"
        );
    }
    if let Some(symbols) = inspect("nm", &["--dynamic", "--defined-only"], &library()) {
        let exported: BTreeSet<String> = symbols
            .lines()
            .filter_map(|line| line.split_whitespace().last())
            .map(str::to_owned)
            .collect();
        assert_eq!(exported, declared());
    }
}

#[test]
fn the_cases_pass() {
    let (program, folder) = program();
    let output = run(Command::new(program).env("QENEX_TEST_FOLDER", folder));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(" 0 failures"), "{text}");
    // A good guest prints nothing: every line is the program's own.
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_cases_pass_under_valgrind() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: valgrind is not installed (apt-get install valgrind)");
        return;
    }
    let (program, folder) = program();
    run(Command::new("valgrind")
        .args([
            "--quiet",
            "--error-exitcode=99",
            "--leak-check=full",
            "--show-leak-kinds=definite",
            "--errors-for-leak-kinds=definite",
        ])
        .arg(program)
        .env("RUST_BACKTRACE", "0")
        .env("QENEX_TEST_FOLDER", folder.join("..")));
}
