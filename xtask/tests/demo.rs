//! `cargo demo` from one end to the other, small: the program dies and goes on, lives through, goes on with a finished
//! file, and does not prove what is not so.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of one test's own.
fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("demo")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

fn demo(folder: &Path, options: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["demo", "--profile", "dev", "--output"])
        .arg(folder)
        .args(options)
        .output()
        .expect("xtask starts")
}

/// The program that the demo compiled, on the input and the database of the demo.
fn bank_year(folder: &Path, options: &[&str]) -> Output {
    Command::new(folder.join("bank_year"))
        .arg("--input")
        .arg(folder.join("input"))
        .arg("--database")
        .arg(folder.join("bank.db"))
        .args(options)
        .output()
        .expect("the demo compiled the program")
}

fn shown(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{}\n{out}{err}", output.status)
}

fn has(output: &Output, lines: &[&str]) {
    let text = String::from_utf8_lossy(&output.stdout);
    for line in lines {
        assert!(
            text.contains(line),
            "'{line}' is missing: {}",
            shown(output)
        );
    }
}

const SMALL: [&str; 4] = ["--accounts", "60", "--months", "1"];

#[test]
fn the_program_dies_goes_on_and_proves_every_account() {
    let folder = scratch("dies");
    // Small batches: a day has several, so the kill falls between and within them.
    let output = demo(&folder, &[&SMALL[..], &["--batch", "3"]].concat());
    assert!(output.status.success(), "{}", shown(&output));
    has(
        &output,
        &[
            "2025-01-18: the program submits a batch of 3 commands and kills itself",
            "Reopened in",
            "64  accounts equal a plain sum of the input",
            "commands were done or refused as the files say",
            "sent again, changed nothing",
            "passed the integrity check",
        ],
    );
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains('\r'), "no carriage returns when piped");
}

#[test]
fn a_finished_file_is_gone_on_with_and_a_changed_input_is_found_out() {
    let folder = scratch("lives");
    let output = demo(&folder, &[&SMALL[..], &["--no-kill"]].concat());
    assert!(output.status.success(), "{}", shown(&output));
    has(
        &output,
        &["0 of them there already", "64  accounts equal a plain sum"],
    );

    let again = bank_year(&folder, &["--no-kill"]);
    assert!(again.status.success(), "{}", shown(&again));
    has(&again, &["64  accounts equal a plain sum"]);

    // One cent more in a payment of the first day, after it was paid: the proof must fail.
    let file = folder.join("input/card_payments.csv");
    let text = fs::read_to_string(&file).expect("the demo wrote it");
    let line = text
        .lines()
        .find(|line| line.ends_with(",paid"))
        .expect("most are paid");
    let mut fields: Vec<&str> = line.split(',').collect();
    fields[3] = "0.01";
    fs::write(&file, text.replacen(line, &fields.join(","), 1)).expect("it can be written");
    let changed = bank_year(&folder, &["--no-kill"]);
    assert_eq!(changed.status.code(), Some(1), "{}", shown(&changed));
    let errors = String::from_utf8_lossy(&changed.stderr);
    assert!(
        errors.contains("accounts differ from a plain sum"),
        "{}",
        shown(&changed)
    );
}

#[test]
fn input_that_is_not_as_described_is_refused_by_file_and_line() {
    let folder = scratch("refused");
    let output = demo(&folder, &[&SMALL[..], &["--no-kill"]].concat());
    assert!(output.status.success(), "{}", shown(&output));
    let input = folder.join("input");
    for (name, header, row, complaint) in [
        (
            "bank.csv",
            "name,currency,time_zone,first_day,last_day",
            "B,EUR,UTC,2025-01-31,2025-01-01",
            "before the first",
        ),
        (
            "bank.csv",
            "name,currency,time_zone,first_day,last_day",
            "B,EUX,UTC,2025-01-01,2025-01-31",
            "EUX",
        ),
        (
            "accounts.csv",
            "number,kind,overdraft,name",
            "A1,liability,maybe,Ann",
            "yes or no: 'maybe'",
        ),
        (
            "accounts.csv",
            "number,kind,overdraft,name",
            "A1,customer,no,Ann",
            "no such kind of account",
        ),
        (
            "accounts.csv",
            "number,kind,overdraft",
            "A1,liability,no",
            "the first line must be",
        ),
        (
            "opening_balances.csv",
            "debit,credit,amount",
            "NOSTRO,C000001,1.234",
            "opening_balances.csv, line 2",
        ),
        (
            "opening_balances.csv",
            "debit,credit,amount",
            "NOSTRO,C000001,-1",
            "negative",
        ),
        (
            "standing_orders.csv",
            "order,day,debit,credit,amount,purpose",
            "O1,32,C000001,FEES,1,fee",
            "'32'",
        ),
        (
            "standing_orders.csv",
            "order,day,debit,credit,amount,purpose",
            "O1,3,C000001,FEES,1",
            "there must be 6 fields",
        ),
        (
            "card_payments.csv",
            "time,account,merchant,amount,course",
            "2025-01-01T10:00:00,C000001,M9,1,paid",
            "'M9'",
        ),
        (
            "card_payments.csv",
            "time,account,merchant,amount,course",
            "2025-02-01T10:00:00,C000001,FEES,1,paid",
            "line 2",
        ),
        (
            "card_payments.csv",
            "time,account,merchant,amount,course",
            "2025-01-01T10:00:00,C000001,FEES,1,lost",
            "'lost'",
        ),
    ] {
        let file = input.join(name);
        let good = fs::read(&file).expect("the demo wrote it");
        fs::write(&file, format!("{header}\n{row}\n")).expect("it can be written");
        let refused = bank_year(&folder, &["--no-kill"]);
        fs::write(&file, good).expect("it can be written");
        assert_eq!(refused.status.code(), Some(1), "{row}: {}", shown(&refused));
        let errors = String::from_utf8_lossy(&refused.stderr);
        assert!(errors.contains(complaint), "{row}: {}", shown(&refused));
    }
}
