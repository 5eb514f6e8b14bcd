//! The Java package against the shared library of this build: its native code is compiled, its tests and the
//! conformance cases run under `-Xcheck:jni`, the example runs, and a library that is missing or of another binary
//! interface is refused. The natives are found by property, by library path and on the class path.
#![cfg(target_os = "linux")]

mod languages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use languages::{compiler, have, library_folder, root, run, scratch};

const INSTALL: &str = "apt-get install openjdk-17-jdk-headless maven";

fn package() -> PathBuf {
    root().join("bindings/java")
}

/// Compiles the native code into a folder.
fn build_native(library: &Path, folder: &Path) {
    run(Command::new(package().join("build-native.sh"))
        .arg(library)
        .arg(folder));
}

/// Compiles the example and the package, as strictly as javac can, and answers the class path.
fn classes(folder: &Path) -> PathBuf {
    let classes = folder.join("classes");
    let mut sources: Vec<PathBuf> = fs::read_dir(package().join("src/main/java/org/qenex"))
        .expect("the package is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    sources.push(root().join("examples/java/Bank.java"));
    run(Command::new("javac")
        .args(["--release", "11", "-Xlint:all", "-Werror", "-d"])
        .arg(&classes)
        .args(sources));
    classes
}

fn example(class_path: &str, options: &[String]) -> (bool, String) {
    let output = Command::new("java")
        .arg("-Xcheck:jni")
        .args(options)
        .args(["-cp", class_path, "Bank"])
        .output()
        .expect("java starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(!text.contains("in native method"), "-Xcheck:jni: {text}");
    (output.status.success(), text)
}

#[test]
fn every_case_passes_in_java() {
    if !have("javac", &["-version"], INSTALL) || !have("mvn", &["--version"], INSTALL) {
        return;
    }
    let folder = scratch("conformance_java");
    let natives = folder.join("natives");
    build_native(&library_folder(&folder), &natives);
    let output = run(Command::new("mvn")
        .args(["--batch-mode", "test"])
        .arg(format!("-Dqenex.library.path={}", natives.display()))
        .current_dir(package()));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(" passed, 0 failed"), "{text}");
    assert!(!text.contains("in native method"), "-Xcheck:jni: {text}");
    for line in text
        .lines()
        .filter(|line| line.contains(" passed, ") || line.contains("Tests run:"))
    {
        println!("{line}");
    }
}

#[test]
fn the_example_finds_its_library() {
    if !have("javac", &["-version"], INSTALL) {
        return;
    }
    let folder = scratch("example_java");
    let architecture = std::env::consts::ARCH;
    let jar = folder.join("jar");
    let natives = jar.join(format!("natives/linux-{architecture}"));
    build_native(&library_folder(&folder), &natives);
    let classes = classes(&folder);
    let class_path = classes.display().to_string();
    let with_natives = format!("{}:{}", classes.display(), jar.display());
    let ways = [
        (
            class_path.as_str(),
            vec![format!("-Dqenex.library.path={}", natives.display())],
        ),
        (
            class_path.as_str(),
            vec![format!("-Djava.library.path={}", natives.display())],
        ),
        (with_natives.as_str(), vec![]),
    ];
    for (class_path, options) in ways {
        let (works, text) = example(class_path, &options);
        assert!(
            works && text.ends_with("ACC001: 120.00 USD\n"),
            "{options:?}: {text}"
        );
    }
    let nowhere = format!("-Dqenex.library.path={}", folder.join("nowhere").display());
    for (options, part) in [
        (vec![nowhere], "nowhere, which the system property"),
        (vec![], "set the system property qenex.library.path"),
    ] {
        let (works, text) = example(&class_path, &options);
        assert!(
            !works && text.contains("org.qenex.LibraryException") && text.contains(part),
            "{text}"
        );
    }
}

/// A library with all functions of ours that says it has another binary interface, and one that lacks functions.
#[test]
fn another_library_is_refused() {
    if !have("javac", &["-version"], INSTALL) {
        return;
    }
    let folder = scratch("other_library_java");
    let natives = folder.join("natives");
    build_native(&library_folder(&folder), &natives);
    let classes = classes(&folder);
    let api = fs::read_to_string(root().join("tests/conformance/api.json"))
        .expect("the interface is part of the repository");
    let functions = api
        .lines()
        .filter(|line| line.contains("\"arguments\""))
        .filter_map(|line| line.split('"').nth(1));
    let mut other = String::from(
        "const char *qenex_version(void) { return \"9.9.9\"; }\nunsigned qenex_abi_version(void) { return 99; }\n",
    );
    let few = other.clone();
    for function in functions.filter(|name| !matches!(*name, "qenex_version" | "qenex_abi_version"))
    {
        other += &format!("long {function}(void) {{ return -1; }}\n");
    }
    for (source, part) in [
        (
            &other,
            "libqenex 9.9.9 has the binary interface 99 and libqenexjni was compiled for 1, but this package reads 1",
        ),
        (
            &few,
            "This package reads the binary interface 1: install libqenex",
        ),
    ] {
        let file = folder.join("other.c");
        fs::write(&file, source).expect("the target folder can be written");
        let library = natives.join("libqenex.so.0");
        fs::remove_file(&library).expect("the native code lies beside the library");
        run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
            .args(["-shared", "-fPIC", "-Wl,-soname,libqenex.so.0", "-o"])
            .arg(&library)
            .arg(&file));
        let (works, text) = example(
            &classes.display().to_string(),
            &[format!("-Dqenex.library.path={}", natives.display())],
        );
        assert!(
            !works && text.contains("org.qenex.LibraryException") && text.contains(part),
            "{text}"
        );
    }
}
