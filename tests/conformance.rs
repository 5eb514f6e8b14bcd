//! The conformance suite in C: `cargo xtask conformance` checks the cases of `tests/conformance` against the
//! interface (a function without a case fails) and writes them as a C program, which is compiled with the layouts that
//! all bindings assume, and run against the shared library. C++ and Python run the same cases through what they offer,
//! and so does Go (`conformance_go.rs`).
#![cfg(unix)]

mod languages;

use std::fs;
use std::process::Command;

use languages::{compiler, have, library_folder, root, run, scratch, xtask};

#[test]
fn every_case_passes_in_c() {
    let folder = scratch("conformance_c");
    let source = folder.join("cases.c");
    run(xtask().arg("conformance").arg(&source));
    let library = library_folder(&folder);
    let program = folder.join("cases");
    run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
        .args([
            "-std=c11",
            "-pthread",
            "-D_POSIX_C_SOURCE=200809L",
            "-g",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
        ])
        // Octal escapes of texts are longer than what C99 promises; a step need not read all that it receives.
        .args(["-Wno-overlength-strings", "-Wno-unused-variable"])
        .arg("-I")
        .arg(root().join("include"))
        .arg("-I")
        .arg(root().join("tests/conformance/c"))
        .arg(&source)
        .arg(root().join("tests/conformance/c/runner.c"))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&library)
        .arg("-lqenex")
        .arg(format!("-Wl,-rpath,{}", library.display())));
    let files = folder.join("files");
    fs::create_dir_all(&files).expect("the target folder can be written");
    let output = run(Command::new(program).arg(&files));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(", 0 failed"), "{text}");
}

#[test]
fn every_case_passes_in_cpp() {
    let cpp = compiler("CXX", &["c++", "g++", "clang++"]);
    let include = std::path::Path::new("/usr/include/nlohmann/json.hpp");
    if !include.is_file() && std::env::var_os("QENEX_NO_SKIP").is_none() {
        println!(
            "skipped: nlohmann's JSON library is not installed (apt-get install nlohmann-json3-dev)"
        );
        return;
    }
    let folder = scratch("conformance_cpp");
    let library = library_folder(&folder);
    let program = folder.join("cases");
    run(Command::new(cpp)
        .args([
            "-std=c++17",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-I",
        ])
        .arg(root().join("include"))
        .arg("-I")
        .arg(root().join("tests/conformance/c"))
        .arg(root().join("tests/conformance/cpp/runner.cpp"))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&library)
        .arg("-lqenex")
        .arg(format!("-Wl,-rpath,{}", library.display())));
    let output = run(Command::new(program)
        .arg(root().join("tests/conformance"))
        .arg(folder.join("files")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(" 0 failed"), "{text}");
}

/// The Python package: its own tests, its types, the cases and the examples.
#[test]
fn every_case_passes_in_python() {
    if !have("python3", &["--version"], "apt-get install python3") {
        return;
    }
    let folder = scratch("conformance_python");
    let package = root().join("bindings/python");
    let python = |arguments: &[&str]| {
        let mut command = Command::new("python3");
        command
            .args(arguments)
            .current_dir(&package)
            .env("QENEX_LIBRARY", languages::library())
            .env("PYTHONPATH", package.join("src"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TMPDIR", &folder);
        run(&mut command)
    };
    let output = python(&["tests/conformance.py"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains(" 0 failed"), "{text}");
    python(&[
        "-W",
        "error",
        "-m",
        "unittest",
        "discover",
        "--start-directory",
        "tests",
    ]);
    let example = python(&["examples/bank.py"]);
    assert!(String::from_utf8_lossy(&example.stdout).contains("ACC001: 97.00 USD"));
    let books = python(&["examples/books.py"]);
    let text = String::from_utf8_lossy(&books.stdout).into_owned();
    assert!(
        text.contains("paid 0.01 kept 0.851600000000000000 cents"),
        "{text}"
    );
    assert!(
        text.contains("trial balance 1000.00 = 1000.00 USD"),
        "{text}"
    );
    if have(
        "python3",
        &["-m", "mypy", "--version"],
        "pip install mypy==1.18.2",
    ) {
        python(&[
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            "/dev/null",
            "src/qenex",
            "tests",
            "examples",
        ]);
    }
}

#[test]
fn every_layout_holds_in_cpp() {
    let folder = scratch("layout_cpp");
    let source = folder.join("layout.cpp");
    fs::write(&source, "#include \"layout.h\"\n").expect("the target folder can be written");
    run(Command::new(compiler("CXX", &["c++", "g++", "clang++"]))
        .args([
            "-std=c++11",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fsyntax-only",
            "-I",
        ])
        .arg(root().join("include"))
        .arg("-I")
        .arg(root().join("tests/conformance/c"))
        .arg(source));
}

/// A binding: what it is called, where its own sources lie (not the generated ones), and by which name of the file
/// they are known.
struct Binding {
    language: &'static str,
    folder: &'static str,
    extensions: &'static [&'static str],
    generated: &'static [&'static str],
}

const BINDINGS: &[Binding] = &[
    Binding {
        language: "C++",
        folder: "include",
        extensions: &["hpp"],
        generated: &[],
    },
    Binding {
        language: "Python",
        folder: "bindings/python/src",
        extensions: &["py"],
        generated: &["_abi.py", "constants.py"],
    },
    Binding {
        language: "Go",
        folder: "bindings/go",
        extensions: &["go"],
        generated: &["constants.go", "layout.go", "records.go"],
    },
    Binding {
        language: "Java",
        folder: "bindings/java/src/main",
        extensions: &["c"],
        generated: &[],
    },
    Binding {
        language: ".NET",
        folder: "bindings/dotnet/src",
        extensions: &["cs"],
        generated: &["Native.cs", "Records.cs", "Constants.cs", "Types.cs"],
    },
];

/// Every binding that has sources of its own calls every function: what is generated alone does not make it a binding.
#[test]
fn every_binding_calls_every_function() {
    let api = fs::read_to_string(root().join("tests/conformance/api.json"))
        .expect("the interface is part of the repository");
    let functions: Vec<&str> = api
        .lines()
        .filter(|line| line.contains("\"arguments\""))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert!(functions.len() > 80, "only {} functions", functions.len());
    let mut wrong = String::new();
    for binding in BINDINGS {
        let mut text = String::new();
        read_sources(&root().join(binding.folder), binding, &mut text);
        if text.is_empty() {
            println!("skipped: there is no binding for {} yet", binding.language);
            continue;
        }
        for function in &functions {
            let called = text.match_indices(function).any(|(at, _)| {
                let next = text[at + function.len()..].chars().next();
                !next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '_')
            });
            if !called {
                wrong += &format!("{} does not call {function}\n", binding.language);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn read_sources(folder: &std::path::Path, binding: &Binding, text: &mut String) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let known = path.extension().is_some_and(|found| {
            binding
                .extensions
                .iter()
                .any(|extension| found == *extension)
        });
        if path.is_dir() {
            read_sources(&path, binding, text);
        } else if known && !binding.generated.contains(&&*name) && !name.contains("test") {
            *text += &fs::read_to_string(&path).expect("a source is text");
        }
    }
}
