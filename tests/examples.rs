//! The first program of a C developer, `examples/c/first_transfer.c`, compiles without a warning and does what the
//! README says: the second run finds its file again, and money that is not there is not paid. The programs in the
//! pages of `docs/guide` compile without a warning and print what the pages say.
//! The bank in C++, `examples/cpp/bank.cpp`, ends its day with the right balance, and `books.cpp` with books that agree.
#![cfg(unix)]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The shared library that cargo built together with this test, which lies beside it or one folder up.
fn library() -> PathBuf {
    let name = if cfg!(target_os = "macos") {
        "libqenex.dylib"
    } else {
        "libqenex.so"
    };
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

/// Compiles a program into `folder`, against the header and the shared library.
fn compile(source: &Path, folder: &Path) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["libqenex.so", "libqenex.so.0", "libqenex.dylib"] {
        symlink(library(), folder.join(name)).expect("the folder is new and takes links");
    }
    let program = folder.join("program");
    let named = std::env::var_os("CC").filter(|name| !name.is_empty());
    let output = Command::new(named.unwrap_or_else(|| OsString::from("cc")))
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-I",
        ])
        .arg(root.join("include"))
        .arg(source)
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(folder)
        .arg("-lqenex")
        .arg(format!("-Wl,-rpath,{}", folder.display()))
        .output()
        .expect("a C compiler is needed (apt-get install gcc), or set CC");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    program
}

#[test]
fn the_first_transfer_moves_money_as_long_as_there_is_some() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("first_transfer");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/c/first_transfer.c");
    let program = compile(&source, &folder);
    let run = || -> Output {
        Command::new(&program)
            .arg(folder.join("bank.db"))
            .output()
            .expect("the program starts")
    };
    for expected in [
        "ACC001: 150.00 USD\nACC002: 100.00 USD\n",
        "ACC001: 50.00 USD\nACC002: 200.00 USD\n",
    ] {
        let output = run();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }
    let refused = run();
    assert_eq!(
        refused.status.code(),
        Some(1),
        "50.00 do not pay 100.00: {refused:?}"
    );
    assert!(refused.stdout.is_empty(), "{refused:?}");
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("does not cover the amount"),
        "{refused:?}"
    );
}

/// The first block of a page in a language.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("\n```{language}\n"))
        .expect("the page has a block in the language");
    let (block, _) = rest.split_once("\n```\n").expect("the block ends");
    block
}

#[test]
fn the_programs_of_the_guide_print_what_it_says() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide");
    let mut ran = 0;
    for entry in fs::read_dir(&pages).expect("the guide is part of the repository") {
        let path = entry.expect("the folder can be read").path();
        let page = fs::read_to_string(&path).expect("a page is text");
        if !page.contains("\n```c\n") {
            continue;
        }
        let name = path.file_stem().expect("a page has a name");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("guide")
            .join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let source = folder.join("program.c");
        fs::write(&source, block(&page, "c").to_owned() + "\n").expect("the folder can be written");
        let program = compile(&source, &folder);
        let output = Command::new(&program).output().expect("the program starts");
        assert!(output.status.success(), "{}: {output:?}", path.display());
        let expected = block(&page, "text").to_owned() + "\n";
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            expected,
            "{}",
            path.display()
        );
        ran += 1;
    }
    assert!(ran >= 2, "{ran} programs");
}

/// Compiles a program of `examples/cpp` into a folder of its own.
fn compile_cpp(name: &str) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cpp_{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    for name in ["libqenex.so", "libqenex.so.0", "libqenex.dylib"] {
        symlink(library(), folder.join(name)).expect("the folder is new and takes links");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = std::env::var_os("CXX").filter(|name| !name.is_empty());
    let program = folder.join(name);
    let output = Command::new(named.unwrap_or_else(|| OsString::from("c++")))
        .args([
            "-std=c++17",
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-I",
        ])
        .arg(root.join("include"))
        .arg(root.join("examples/cpp").join(format!("{name}.cpp")))
        .arg("-o")
        .arg(&program)
        .arg("-L")
        .arg(&folder)
        .arg("-lqenex")
        .arg(format!("-Wl,-rpath,{}", folder.display()))
        .output()
        .expect("a C++ compiler is needed (apt-get install g++), or set CXX");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (folder, program)
}

#[test]
fn the_books_in_cpp_reconcile() {
    let (_, program) = compile_cpp("books");
    let output = Command::new(&program).output().expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "EVA-CZK 2350.00 CZK\n\
         gain 1.30 USD\n\
         ADAM 6.67 USD\n\
         paid 0.01, kept 0.851600000000000000 cents\n  \
           6.67 6.67\n  \
           0.01 6.68\n\
         statement 1 ends with 6.68\n\
         trial balance 1000.00 = 1000.00 USD\n"
    );
}

#[test]
fn the_bank_in_cpp_ends_its_day_with_the_right_balance() {
    let (folder, program) = compile_cpp("bank");
    let output = Command::new(&program)
        .arg(folder.join("bank.db"))
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(text.contains("refused: QENEX_INSUFFICIENT_FUNDS"), "{text}");
    assert!(text.ends_with("ACC001: 97.00 USD\n"), "{text}");
    // The accounts are there already: the second run says so and changes nothing.
    let again = Command::new(&program)
        .arg(folder.join("bank.db"))
        .output()
        .expect("the program starts");
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    assert!(
        String::from_utf8_lossy(&again.stderr).contains("QENEX_NUMBER_TAKEN"),
        "{again:?}"
    );
}
