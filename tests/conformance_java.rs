//! The Java package against the shared library of this build: its native code is compiled, its tests and the
//! conformance cases run under `-Xcheck:jni`, the documentation is complete, the example runs, and a library that is
//! missing or of another binary interface is refused. The natives are found by property, by library path and in the jar.
#![cfg(target_os = "linux")]

mod languages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use languages::{compiler, have, library_folder, root, run, scratch};

const INSTALL: &str = "apt-get install default-jdk-headless libgoogle-gson-java junit5";

/// What the tests of the package use, as Debian installs it; `mvn test` fetches the same from Maven's repository.
const JARS: [&str; 2] = [
    "/usr/share/java/gson.jar",
    "/usr/share/java/junit-platform-console-standalone.jar",
];

const MAIN: &str = "bindings/java/src/main/java/org/qenex";

fn package() -> PathBuf {
    root().join("bindings/java")
}

fn have_java() -> bool {
    have("javac", &["-version"], INSTALL) && have("java", &["-version"], INSTALL)
}

fn have_jars() -> bool {
    match JARS.iter().find(|jar| !Path::new(jar).is_file()) {
        Some(jar) => {
            assert!(
                std::env::var_os("QENEX_NO_SKIP").is_none(),
                "{jar} is needed here ({INSTALL})"
            );
            println!("skipped: there is no {jar} ({INSTALL})");
            false
        }
        None => true,
    }
}

/// A file that names the sources in some folders, in the form `@file` that Java's tools read.
fn sources(scratch: &Path, folders: &[&str]) -> String {
    let mut list = String::new();
    for folder in folders {
        for entry in fs::read_dir(root().join(folder)).expect("the package is there") {
            let path = entry.expect("the folder can be read").path();
            if path
                .extension()
                .is_some_and(|extension| extension == "java")
            {
                list += &format!("\"{}\"\n", path.display());
            }
        }
    }
    let file = scratch.join("sources");
    fs::write(&file, list).expect("the target folder can be written");
    format!("@{}", file.display())
}

/// Compiles the native code into a folder.
fn build_native(library: &Path, folder: &Path) {
    run(Command::new(package().join("build-native.sh"))
        .arg(library)
        .arg(folder));
}

/// The package and the example, compiled once for the oldest Java and as strictly as javac can.
fn classes() -> &'static Path {
    static CLASSES: OnceLock<PathBuf> = OnceLock::new();
    CLASSES.get_or_init(|| {
        let folder = scratch("classes_java");
        let classes = folder.join("classes");
        run(Command::new("javac")
            .args(["-encoding", "UTF-8"])
            .args(["--release", "11", "-Xlint:all", "-Werror", "-d"])
            .arg(&classes)
            .arg(sources(&folder, &[MAIN, "examples/java"])));
        classes
    })
}

/// Fails for what `-Xcheck:jni` printed.
fn check_jni(text: &str) {
    for complaint in [
        "in native method",
        "JNI local refs",
        "JNI call made without",
    ] {
        assert!(!text.contains(complaint), "-Xcheck:jni: {text}");
    }
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
    check_jni(&text);
    (output.status.success(), text)
}

#[test]
fn every_case_passes_in_java() {
    if !have_java() || !have_jars() {
        return;
    }
    let folder = scratch("conformance_java");
    let natives = folder.join("natives");
    build_native(&library_folder(&folder), &natives);
    let classes = classes();
    let tests = folder.join("tests");
    fs::create_dir_all(&tests).expect("the target folder can be written");
    let class_path = format!(
        "{}:{}:{}",
        classes.display(),
        tests.display(),
        JARS.join(":")
    );
    run(Command::new("javac")
        .args(["-encoding", "UTF-8"])
        .args(["--release", "11", "-Xlint:all,-classfile", "-Werror", "-cp"])
        .arg(&class_path)
        .arg("-d")
        .arg(&tests)
        .arg(sources(&folder, &["bindings/java/src/test/java/org/qenex"])));
    let output = run(Command::new("java")
        .args(["-Xcheck:jni", "-ea"])
        .arg(format!("-Dqenex.library.path={}", natives.display()))
        .arg(format!(
            "-Dqenex.conformance={}",
            root().join("tests/conformance").display()
        ))
        .arg(format!("-Djava.io.tmpdir={}", folder.display()))
        .args(["-cp", &class_path])
        .arg("org.junit.platform.console.ConsoleLauncher")
        .args([
            "--disable-banner",
            "--disable-ansi-colors",
            "--details=tree",
        ])
        .arg("--scan-classpath")
        .arg(&tests));
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(text.contains(" passed, 0 failed"), "{text}");
    assert!(
        text.contains(" 0 tests failed") && text.contains(" 0 tests skipped"),
        "{text}"
    );
    check_jni(&text);
    for line in text
        .lines()
        .filter(|line| line.contains(" passed, ") || line.contains(" tests successful"))
    {
        println!("{line}");
    }
}

#[test]
fn the_example_finds_its_library() {
    if !have_java() {
        return;
    }
    let folder = scratch("example_java");
    let platform = folder.join(format!("jar/natives/linux-{}", std::env::consts::ARCH));
    build_native(&library_folder(&folder), &platform);
    let classes = classes();
    let jar = folder.join("qenex.jar");
    run(Command::new("jar")
        .arg("--create")
        .arg("--file")
        .arg(&jar)
        .arg("-C")
        .arg(classes)
        .arg(".")
        .arg("-C")
        .arg(folder.join("jar"))
        .arg("natives"));
    let class_path = classes.display().to_string();
    let jar = jar.display().to_string();
    let ways = [
        (
            &class_path,
            vec![format!("-Dqenex.library.path={}", platform.display())],
        ),
        (
            &class_path,
            vec![format!("-Djava.library.path={}", platform.display())],
        ),
        (&jar, vec![]),
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

/// A library with all functions of ours that says it has another binary interface, one that lacks functions, and a file
/// that is no library.
#[test]
fn another_library_is_refused() {
    if !have_java() {
        return;
    }
    let folder = scratch("other_library_java");
    let natives = folder.join("natives");
    build_native(&library_folder(&folder), &natives);
    let classes = classes();
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
    let library = natives.join("libqenex.so.0");
    let refused = |part: &str| {
        let (works, text) = example(
            &classes.display().to_string(),
            &[format!("-Dqenex.library.path={}", natives.display())],
        );
        assert!(
            !works && text.contains("org.qenex.LibraryException") && text.contains(part),
            "{text}"
        );
    };
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
        fs::remove_file(&library).expect("the native code lies beside the library");
        run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
            .args(["-shared", "-fPIC", "-Wl,-soname,libqenex.so.0", "-o"])
            .arg(&library)
            .arg(&file));
        refused(part);
    }
    fs::write(&library, "no library").expect("the target folder can be written");
    refused("libqenex was found but does not load");
}

/// Every comment of the API is well-formed, and every link in it leads somewhere.
#[test]
fn the_documentation_builds() {
    if !have_java() || !have("javadoc", &["--version"], INSTALL) {
        return;
    }
    let folder = scratch("javadoc");
    run(Command::new("javadoc")
        .args(["-encoding", "UTF-8"])
        .args([
            "-quiet",
            "-Xdoclint:all,-missing",
            "-Werror",
            "--release",
            "11",
            "-d",
        ])
        .arg(folder.join("api"))
        .arg(sources(&folder, &[MAIN])));
}
