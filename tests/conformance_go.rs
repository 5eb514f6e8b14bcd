//! The Go binding against the shared library: the conformance suite and the module's own tests, with the race detector,
//! a garbage collection at every opportunity and cgo's pointer checks; the example, found by pkg-config; a library of
//! another binary interface.
#![cfg(unix)]

mod languages;

use std::fs;
use std::path::Path;
use std::process::Command;

use languages::{compiler, have, library_folder, root, run, scratch};

const INSTALL: &str = "apt-get install golang-go, Go 1.19 or newer";

/// `go` in a folder of the repository, with the library of this build.
fn go(folder: &str, library: &Path) -> Command {
    let mut command = Command::new("go");
    command
        .current_dir(root().join(folder))
        .env("CGO_ENABLED", "1")
        .env("GOFLAGS", "-mod=mod")
        .env("GOWORK", "off")
        .env("GOTOOLCHAIN", "local")
        .env(
            "CGO_CFLAGS",
            format!("-I{}", root().join("include").display()),
        )
        .env(
            "CGO_LDFLAGS",
            format!("-L{0} -Wl,-rpath,{0}", library.display()),
        );
    command
}

/// The tests and the program that measures, each file as gofmt writes it and without what vet finds.
#[test]
fn the_sources_are_formatted_and_vetted() {
    if !have("go", &["version"], INSTALL) {
        return;
    }
    let library = library_folder(&scratch("vet_go"));
    for folder in ["bindings/go", "examples/go"] {
        let output = run(Command::new("gofmt").arg("-l").arg(root().join(folder)));
        let unformatted = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            unformatted.is_empty(),
            "gofmt -w is needed for {unformatted}"
        );
        run(go(folder, &library).args(["vet", "-tags", "qenex_flags", "./..."]));
    }
}

#[test]
fn every_case_passes_in_go() {
    if !have("go", &["version"], INSTALL) {
        return;
    }
    let library = library_folder(&scratch("conformance_go"));
    let output = run(go("bindings/go", &library).args([
        "test",
        "-count=1",
        "-v",
        "-tags",
        "qenex_flags",
        ".",
    ]));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let summary = text.lines().find(|line| line.contains(" passed, "));
    println!("{}", summary.unwrap_or("no summary"));
    assert!(
        summary.is_some_and(|line| line.contains(", 0 failed") && !line.starts_with("0 ")),
        "{text}"
    );
}

#[test]
fn go_passes_with_the_race_detector_and_constant_collection() {
    if !have("go", &["version"], INSTALL) {
        return;
    }
    let library = library_folder(&scratch("race_go"));
    run(go("bindings/go", &library)
        .env("GOGC", "1")
        .env("GODEBUG", "cgocheck=1")
        .args(["test", "-count=1", "-race", "-tags", "qenex_flags", "."]));
}

#[test]
fn the_example_runs_with_pkg_config() {
    if !have("go", &["version"], INSTALL)
        || !have("pkg-config", &["--version"], "apt-get install pkg-config")
    {
        return;
    }
    let folder = scratch("example_go");
    let library = library_folder(&folder);
    fs::write(
        folder.join("qenex.pc"),
        format!(
            "Name: qenex\nDescription: libqenex\nVersion: {}\nCflags: -I{}\nLibs: -L{} -lqenex\n",
            env!("CARGO_PKG_VERSION"),
            root().join("include").display(),
            library.display()
        ),
    )
    .expect("the target folder can be written");
    let program = folder.join("example");
    run(go("examples/go", &library)
        .env_remove("CGO_CFLAGS")
        .env_remove("CGO_LDFLAGS")
        .env("PKG_CONFIG_PATH", &folder)
        .arg("build")
        .arg("-o")
        .arg(&program)
        .arg("."));
    for attempt in ["first", "again"] {
        let output = run(Command::new(&program)
            .env("LD_LIBRARY_PATH", &library)
            .arg(folder.join(format!("{attempt}.db"))));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("QENEX_INSUFFICIENT_FUNDS"), "{text}");
        assert!(text.contains("194.51"), "{text}");
    }
    refuses_another_interface(&folder, &program, &library);
    says_which_library_is_missing(&program, &folder);
}

/// With `-tags qenex_dlopen` a library that is missing, is none, or lacks functions is an error of the program's own.
#[test]
fn a_library_that_cannot_be_loaded_is_an_error() {
    if !have("go", &["version"], INSTALL) {
        return;
    }
    let folder = scratch("dlopen_go");
    let library = library_folder(&folder);
    let program = folder.join("example");
    run(go("examples/go", &library)
        .env_remove("CGO_LDFLAGS")
        .args(["build", "-tags", "qenex_dlopen", "-o"])
        .arg(&program)
        .arg("."));
    let source = folder.join("lacking.c");
    fs::write(
        &source,
        "#include <stdint.h>\nuint32_t qenex_abi_version(void) { return 1; }\n",
    )
    .expect("the target folder can be written");
    let lacking = folder.join("lacking.so");
    run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
        .args(["-shared", "-fPIC", "-o"])
        .arg(&lacking)
        .arg(&source));
    let wrong = [
        (folder.join("nowhere.so"), "nowhere.so"),
        (source, "lacking.c"),
        (lacking, "has no function qenex_"),
    ];
    for (library, part) in wrong {
        let output = Command::new(&program)
            .env("QENEX_LIBRARY", &library)
            .arg(folder.join("refused.db"))
            .output()
            .expect("the example starts");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.contains("QENEX_UNSUPPORTED: libqenex cannot be loaded") && text.contains(part),
            "{text}"
        );
        assert!(!folder.join("refused.db").exists());
    }
    let output = run(Command::new(&program)
        .env("QENEX_LIBRARY", library.join("libqenex.so"))
        .arg(folder.join("bank.db")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("194.51"), "{text}");
}

/// The program that compares with C runs, for a round each.
#[test]
fn crossing_is_measured() {
    if !have("go", &["version"], INSTALL) {
        return;
    }
    let folder = scratch("bench_go");
    let library = library_folder(&folder);
    let output = run(go("bindings/go", &library)
        .args([
            "run",
            "-tags",
            "qenex_flags",
            "./bench",
            "-rounds",
            "1",
            "-path",
        ])
        .arg(&folder));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("batch of 8,190 transfers"), "{text}");
}

/// Without the library the loader ends the program before it begins, and names what it looked for.
fn says_which_library_is_missing(program: &Path, folder: &Path) {
    let output = Command::new(program)
        .env_remove("LD_LIBRARY_PATH")
        .arg(folder.join("refused.db"))
        .output()
        .expect("the example starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code().is_some_and(|code| code != 0), "{text}");
    assert!(text.contains("libqenex."), "{text}");
    assert!(!folder.join("refused.db").exists());
}

/// A library that says that it is of interface 999 is refused before anything is opened.
fn refuses_another_interface(folder: &Path, program: &Path, library: &Path) {
    if !cfg!(target_os = "linux") {
        return;
    }
    let source = folder.join("other.c");
    fs::write(
        &source,
        "#include <stdint.h>\nuint32_t qenex_abi_version(void) { return 999; }\n\
         const char *qenex_version(void) { return \"9.9.9\"; }\n",
    )
    .expect("the target folder can be written");
    let other = folder.join("other.so");
    run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
        .args(["-shared", "-fPIC", "-o"])
        .arg(&other)
        .arg(&source));
    let output = Command::new(program)
        .env("LD_LIBRARY_PATH", library)
        .env("LD_PRELOAD", &other)
        .arg(folder.join("refused.db"))
        .output()
        .expect("the example starts");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{text}");
    for part in ["9.9.9", "999", "interface", "made for 1"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!folder.join("refused.db").exists());
}
