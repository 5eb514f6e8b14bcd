//! Development commands of the project: `cargo xtask help` lists them.
//! Each command is a module of its own; this file only picks one by name.

mod api;
mod chart;
mod conformance;
mod demo;
mod generate;
mod header;
mod install;
mod release;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  gen            write the generated files from xtask/api.toml
  gen --check    fail when a generated file differs from the table
  header         write include/qenex.h from src/abi
  header --check fail when include/qenex.h differs from src/abi
  conformance FILE  check the cases of tests/conformance and write them as a C program
  install        put headers, libraries, pkg-config and CMake files into --prefix FOLDER
                 (--profile debug: as built for tests; default release)
  release        make the archive of this machine's target in --to FOLDER (default target/dist):
                 reproducible, with licences, SBOM and checksums
                 (--check: build twice and compare; --profile debug: quick, for tests;
                 --dirty: also with changes that are not committed)
  chart          draw benches/throughput.svg from target/bench/throughput.jsonl
                 (--from FILE, --to FILE: other files)
  demo           run a bank for a year; `cargo demo --help` lists its options
  help           this text";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["gen"] => generate::run(generate::Mode::Write),
        ["gen", "--check"] => generate::run(generate::Mode::Check),
        ["header"] => header::run(generate::Mode::Write),
        ["header", "--check"] => header::run(generate::Mode::Check),
        ["conformance", rest @ ..] => conformance::run(rest),
        ["install", rest @ ..] => install::run(rest),
        ["release", rest @ ..] => release::run(rest),
        ["chart", rest @ ..] => chart::run(rest),
        ["demo", rest @ ..] => demo::run(rest),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("unknown command '{}'\n\n{HELP}", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
