//! `cargo demo`: the main job of the library from one command. It builds the library and the C program of
//! `examples/c`, makes the input, runs the program on a fresh database file, and proves what the program wrote by a plain
//! sum of the input. This command fails when the program or the proof does.

mod berka;
mod calendar;
mod fraud;
mod input;
mod options;
mod plain_sum;
mod program;
mod proof;
mod random;
mod rows;
mod sample;

use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::generate::repository_root;
use options::{Options, Source};

/// Runs the command with what stands behind its name.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let Some(options) = Options::parse(arguments)? else {
        println!("{}", options::HELP);
        return Ok(());
    };
    let root = repository_root()?;
    let target = target_folder()?;
    let output = options
        .output
        .clone()
        .unwrap_or_else(|| target.join("demo"));
    let output = absolute(&output)?;
    fs::create_dir_all(&output)
        .map_err(|error| format!("cannot make {}: {error}", output.display()))?;

    say("building the library");
    let library = program::build_library(&root, &target, &options.profile)?;
    let bank_year = program::compile(&root, &output, &library)?;
    let input = prepare(&options.source, &output.join("input"))?;
    let database = output.join("bank.db");
    if !options.keep {
        remove_database(&database)?;
    }
    let results = output.join("results");
    fs::create_dir_all(&results)
        .map_err(|error| format!("cannot make {}: {error}", results.display()))?;

    let mut command = Command::new(bank_year);
    command
        .arg("--input")
        .arg(&input)
        .arg("--database")
        .arg(&database)
        .arg("--results")
        .arg(&results)
        .arg("--batch")
        .arg(options.batch.to_string());
    if !options.kill {
        command.arg("--no-kill");
    }
    program::run(&mut command)?;
    println!("\nA plain sum of the input, without libqenex");
    proof::run(&input, &results)
}

/// Makes the input and gives its folder.
fn prepare(source: &Source, folder: &Path) -> Result<PathBuf, String> {
    say("making the input");
    let written = match source {
        Source::Input(given) => return absolute(given),
        Source::Sample { size, seed } => sample::write(folder, *size, *seed),
        Source::Berka(tables) => berka::write(folder, tables),
        Source::Fraud(table) => fraud::write(folder, table),
    }?;
    say(&format!(
        "{} accounts, {} opening balances, {} standing orders, {} card payments, {} refunds, {} exchanges and {} \
         corrections",
        written.accounts,
        written.opening,
        written.orders,
        written.payments,
        written.refunds,
        written.exchanges,
        written.corrections
    ));
    Ok(folder.to_owned())
}

/// Removes the database of an earlier run with all that belongs to it.
fn remove_database(database: &Path) -> Result<(), String> {
    for suffix in ["", "-wal", "-shm", "-journal", "-lock"] {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!(
                    "cannot remove {}: {error}",
                    Path::new(&path).display()
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The folder that cargo built this program into, whatever set it: two above the program.
fn target_folder() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| format!("where is xtask? {error}"))?;
    let folder = program.ancestors().nth(2).map(Path::to_path_buf);
    folder.ok_or_else(|| format!("{} lies in no target folder", program.display()))
}

fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Tells a person at a terminal what takes so long.
fn say(what: &str) {
    if std::io::stderr().is_terminal() {
        eprintln!("demo: {what}");
    }
}
