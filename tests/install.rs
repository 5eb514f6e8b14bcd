//! What `cargo xtask install` makes is what a developer's build tools expect: the prefix is moved, then the projects in
//! `tests/consumer` are built through CMake and through pkg-config, in C and C++, shared and static, and run. A host that
//! has an SQLite of its own keeps it. The exported interface is the recorded one.
#![cfg(target_os = "linux")]

mod languages;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use languages::{compiler, have, root, run, scratch, xtask};

/// An installed library, in a folder that the installation did not know.
fn prefix() -> &'static Path {
    static PREFIX: OnceLock<PathBuf> = OnceLock::new();
    PREFIX.get_or_init(|| {
        let folder = scratch("install");
        let first = folder.join("first");
        run(xtask()
            .args(["install", "--profile", "debug", "--prefix"])
            .arg(&first));
        let moved = folder.join("moved to here");
        fs::rename(&first, &moved).expect("the target folder can be written");
        moved
    })
}

fn printed(command: &mut Command) -> String {
    String::from_utf8_lossy(&run(command).stdout)
        .trim()
        .to_owned()
}

/// The version of the system's SQLite, by a program that has nothing else.
fn system_sqlite() -> Option<String> {
    let folder = scratch("install_sqlite");
    let source = folder.join("id.c");
    fs::write(
        &source,
        "#include <sqlite3.h>\n#include <stdio.h>\nint main(void) { puts(sqlite3_sourceid()); return 0; }\n",
    )
    .expect("the target folder can be written");
    let program = folder.join("id");
    let built = Command::new(compiler("CC", &["cc", "gcc", "clang"]))
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .arg("-lsqlite3")
        .output()
        .is_ok_and(|output| output.status.success());
    if !built {
        assert!(
            std::env::var_os("QENEX_NO_SKIP").is_none(),
            "libsqlite3-dev is needed here"
        );
        println!("skipped: libsqlite3-dev is not installed");
        return None;
    }
    Some(printed(&mut Command::new(program)))
}

#[test]
fn cmake_finds_the_package_after_the_prefix_was_moved() {
    if !have("cmake", &["--version"], "apt-get install cmake") {
        return;
    }
    let build = scratch("install_cmake");
    run(Command::new("cmake")
        .arg("-S")
        .arg(root().join("tests/consumer"))
        .arg("-B")
        .arg(&build)
        .arg(format!("-DCMAKE_PREFIX_PATH={}", prefix().display()))
        .arg("-DCMAKE_BUILD_TYPE=Debug"));
    run(Command::new("cmake").arg("--build").arg(&build));
    for program in [
        "c_shared",
        "c_static",
        "c_default",
        "cpp_shared",
        "cpp_static",
    ] {
        assert_eq!(
            printed(&mut Command::new(build.join(program))),
            "250.00",
            "{program}"
        );
    }
    if let Some(own) = system_sqlite() {
        for program in [
            "after_shared",
            "before_shared",
            "after_static",
            "before_static",
        ] {
            let program = format!("sqlite_{program}");
            assert_eq!(
                printed(&mut Command::new(build.join(&program))),
                own,
                "{program}"
            );
        }
    }
}

#[test]
fn pkg_config_finds_the_package_after_the_prefix_was_moved() {
    if !have("pkg-config", &["--version"], "apt-get install pkg-config") {
        return;
    }
    let folder = scratch("install_pkg_config");
    // pkg-config escapes no spaces: the files are used where the name of the prefix has none.
    let link = folder.join("prefix");
    std::os::unix::fs::symlink(prefix(), &link).expect("the target folder takes links");
    let flags = |arguments: &[&str]| -> Vec<String> {
        printed(
            Command::new("pkg-config")
                .args(arguments)
                .arg("qenex")
                .env("PKG_CONFIG_PATH", link.join("lib/pkgconfig")),
        )
        .split_whitespace()
        .map(str::to_owned)
        .collect()
    };
    assert_eq!(flags(&["--modversion"]), [env!("CARGO_PKG_VERSION")]);
    let shared = flags(&["--cflags", "--libs"]);
    let mut archive = flags(&["--cflags", "--libs", "--static"]);
    for flag in &mut archive {
        if flag == "-lqenex" {
            *flag = "-l:libqenex.a".into();
        }
    }
    for (kind, flags) in [("shared", shared), ("static", archive)] {
        for (language, compiler) in [
            ("c", compiler("CC", &["cc", "gcc", "clang"])),
            ("cpp", compiler("CXX", &["c++", "g++", "clang++"])),
        ] {
            let program = folder.join(format!("{language}_{kind}"));
            let mut command = Command::new(compiler);
            if language == "cpp" {
                command.arg("-std=c++17");
            }
            run(command
                .arg(
                    root()
                        .join("tests/consumer")
                        .join(format!("consumer.{language}")),
                )
                .args(&flags)
                .arg(format!("-Wl,-rpath,{}", link.join("lib").display()))
                .arg("-o")
                .arg(&program));
            assert_eq!(
                printed(&mut Command::new(program)),
                "250.00",
                "{language}, {kind}"
            );
        }
    }
}

/// The static library shows its functions and nothing else: no SQLite that another one could be mistaken for.
#[test]
fn the_static_library_has_no_other_global_symbols() {
    let symbols = printed(
        Command::new("nm")
            .args(["--extern-only", "--defined-only", "--format=just-symbols"])
            .arg(prefix().join("lib/libqenex.a")),
    );
    let foreign: Vec<&str> = symbols
        .lines()
        .filter(|line| !line.is_empty() && !line.ends_with(':') && !line.starts_with("qenex_"))
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    assert!(
        symbols
            .lines()
            .filter(|line| line.starts_with("qenex_"))
            .count()
            > 80
    );
}

/// `tests/abi/exports.txt` is the recorded interface: what is in it may not go, what is new is added to it.
#[test]
fn the_exports_are_the_recorded_ones() {
    let library = prefix().join("lib/libqenex.so.0");
    let symbols = printed(
        Command::new("nm")
            .args(["--dynamic", "--defined-only", "--format=just-symbols"])
            .arg(&library),
    );
    let mut exported: Vec<&str> = symbols.lines().collect();
    exported.sort_unstable();
    let recorded =
        fs::read_to_string(root().join("tests/abi/exports.txt")).expect("part of the repository");
    let recorded: Vec<&str> = recorded.lines().collect();
    let gone: Vec<&&str> = recorded
        .iter()
        .filter(|name| !exported.contains(name))
        .collect();
    assert!(
        gone.is_empty(),
        "functions that programs use are gone: {gone:?}"
    );
    let new: Vec<&&str> = exported
        .iter()
        .filter(|name| !recorded.contains(name))
        .collect();
    assert!(new.is_empty(), "add to tests/abi/exports.txt: {new:?}");
    let dynamic = printed(Command::new("readelf").arg("--dynamic").arg(&library));
    assert!(
        dynamic.contains("Library soname: [libqenex.so.0]"),
        "{dynamic}"
    );
    let stripped = scratch("install_stripped").join("libqenex.so");
    run(Command::new("strip").arg("-o").arg(&stripped).arg(&library));
    let bytes = fs::metadata(&stripped).expect("strip wrote it").len();
    println!("libqenex.so of the test build, stripped: {bytes} bytes");
}

/// Sizes, offsets and signatures of the interface against the recorded ABI (`tests/abi/libqenex.abi`).
#[test]
fn the_abi_is_compatible_with_the_recorded_one() {
    if !have("abidw", &["--version"], "apt-get install abigail-tools") {
        return;
    }
    let folder = scratch("install_abi");
    let now = folder.join("now.abi");
    write_abi(&now);
    let output = Command::new("abidiff")
        .args(["--no-added-syms"])
        .arg(root().join("tests/abi/libqenex.abi"))
        .arg(&now)
        .output()
        .expect("abidiff comes with abidw");
    assert!(
        output.status.success(),
        "{}\nIf the change is wanted and QENEX_ABI_VERSION says so, record it: see tests/abi/README.md",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// The ABI as seen by a C program: the functions of the header called through the header's types.
fn write_abi(to: &Path) {
    let folder = scratch("install_abi_program");
    let functions =
        fs::read_to_string(root().join("tests/abi/exports.txt")).expect("part of the repository");
    // Tables of functions carry every type of the interface into the debug information of a small library.
    let mut source = String::from("#include \"qenex.h\"\n");
    for (index, function) in functions.lines().enumerate() {
        source += &format!(
            "extern __typeof__(&{function}) qenex_use_{index};\n__typeof__(&{function}) qenex_use_{index} = 0;\n"
        );
    }
    let records = fs::read_to_string(root().join("tests/conformance/api.json"))
        .expect("part of the repository");
    for line in records.lines().filter(|line| line.contains("\"fields\"")) {
        if let Some(record) = line.split('"').nth(1) {
            source +=
                &format!("extern {record} qenex_has_{record};\n{record} qenex_has_{record};\n");
        }
    }
    let file = folder.join("interface.c");
    fs::write(&file, source).expect("the target folder can be written");
    let library = folder.join("libinterface.so");
    run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
        .current_dir(&folder)
        .args(["-g", "-shared", "-fPIC", "-I"])
        .arg(root().join("include"))
        .args(["interface.c", "-o", "libinterface.so"]));
    run(Command::new("abidw")
        .args([
            "--no-corpus-path",
            "--no-comp-dir-path",
            "--no-show-locs",
            "--out-file",
        ])
        .arg(to)
        .arg(&library));
    if std::env::var_os("QENEX_RECORD_ABI").is_some() {
        fs::copy(to, root().join("tests/abi/libqenex.abi")).expect("the repository can be written");
    }
}
