//! `cargo demo` from one end to the other, small: a year in which the program dies twice and goes on, a life without a
//! death, going on with a finished file, and that nothing is proved that is not so.
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
        .arg("--results")
        .arg(folder.join("results"))
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

const SMALL: [&str; 4] = ["--accounts", "60", "--months", "2"];

/// What every proof says, in the order in which it says it.
const PROVED: [&str; 9] = [
    "commands of the last day, sent again, changed nothing",
    "statements are numbered without gaps",
    "balances of the general ledger equal their accounts and their transfers",
    "changes passed the integrity check",
    "accounts equal a plain sum of the input",
    "positions and their book values equal a plain sum",
    "commands were done or refused as the files say",
    "lines of the last month's journal, opening balances included, bring every account to the same",
    // What hledger says, or that it is not there.
    "hledger",
];

#[test]
fn a_year_in_which_the_program_dies_twice_is_proved_to_the_cent() {
    let folder = scratch("year");
    // Small batches: a day has several, so the kill falls between and within them.
    let output = demo(&folder, &["--accounts", "60", "--batch", "5"]);
    assert!(output.status.success(), "{}", shown(&output));
    has(
        &output,
        &[
            "2025-07-20: the program submits a batch of 5 commands and kills itself",
            "2025-09-13: the program has sealed 36 of 72 accounts at the end of the day, and kills itself",
            "The end of the day before goes on with account ",
            "A correction after the close: ",
            "booked on 2025-02-05 and valued on 2025-01-20",
            "2025-01-20 to 2025-02-04 to compute again",
            "Statement 12 of ",
            "refunds were sent twice by the input, and given once",
        ],
    );
    has(&output, &PROVED);
    if std::env::var_os("QENEX_NO_SKIP").is_some() {
        has(&output, &["passed `hledger check`"]);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains('\r'), "no carriage returns when piped");
    let widest = text.lines().map(str::len).max();
    assert!(widest <= Some(130), "{widest:?}: {text}");
    // Something of everything happened.
    let all = text.lines().find(|line| line.starts_with("in all"));
    let all = all.expect("the table ends with a sum");
    assert_eq!(
        all.split_whitespace()
            .filter(|&figure| figure == "0")
            .count(),
        0,
        "{text}"
    );
}

#[test]
fn a_finished_file_is_gone_on_with_and_a_changed_input_is_found_out() {
    let folder = scratch("lives");
    let output = demo(&folder, &[&SMALL[..], &["--no-kill"]].concat());
    assert!(output.status.success(), "{}", shown(&output));
    has(&output, &["0 commands for that had run before"]);
    has(&output, &PROVED);

    let input = folder.join("input");
    let input = input.to_str().expect("the target folder has a name");
    let again = ["--input", input, "--no-kill", "--keep"];
    let output = demo(&folder, &again);
    assert!(output.status.success(), "{}", shown(&output));
    has(&output, &["72  accounts equal a plain sum"]);

    // After everything was paid, one row of each file is changed: the proof must fail.
    for (name, field, value, complaint) in [
        ("card_payments.csv", 3, "0.01", "accounts differ"),
        ("refunds.csv", 3, "0.02", "accounts differ"),
        ("exchanges.csv", 4, "0.5", "accounts differ"),
        ("rates.csv", 2, "0.5", "accounts differ"),
        ("corrections.csv", 4, "0.03", "accounts differ"),
        // The set-up is sent again: libqenex itself finds that it is another one.
        (
            "opening_balances.csv",
            2,
            "0.04",
            "QENEX_EXISTS_WITH_DIFFERENT_CONTENT",
        ),
    ] {
        let file = Path::new(input).join(name);
        let text = fs::read_to_string(&file).expect("the demo wrote it");
        let line = text.lines().nth(1).expect("it has rows");
        let mut fields: Vec<&str> = line.split(',').collect();
        fields[field] = value;
        let changed = text.replacen(line, &fields.join(","), 1);
        fs::write(&file, changed).expect("it can be written");
        let output = demo(&folder, &again);
        fs::write(&file, text).expect("it can be written");
        assert_eq!(output.status.code(), Some(1), "{name}: {}", shown(&output));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.contains(complaint), "{name}: {}", shown(&output));
    }
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
            "number,currency,kind,overdraft,code,contrary_code,name",
            "A1,EUR,liability,maybe,2100,,Ann",
            "yes or no: 'maybe'",
        ),
        (
            "accounts.csv",
            "number,currency,kind,overdraft,code,contrary_code,name",
            "A1,EUR,customer,no,2100,,Ann",
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
            "2025-03-01T10:00:00,C000001,FEES,1,paid",
            "line 2",
        ),
        (
            "card_payments.csv",
            "time,account,merchant,amount,course",
            "2025-01-01T10:00:00,C000001,FEES,1,lost",
            "'lost'",
        ),
        (
            "refunds.csv",
            "day,refund,payment,amount",
            "2025-01-01,1,1000000,1",
            "'1000000'",
        ),
        (
            "exchanges.csv",
            "day,debit,credit,amount,rate,source,purpose",
            "2025-01-01,C000001,NOSTRO-USD,1,1;2,dealt,abroad",
            "exchanges.csv, line 2",
        ),
        (
            "rates.csv",
            "day,currency,rate,source",
            "2025-01-31,XXZ,1,fixing",
            "XXZ",
        ),
        (
            "corrections.csv",
            "day,value_day,debit,credit,amount,narrative",
            "2025-02-01,2025-01-32,FEES,C000001,1,late",
            "corrections.csv, line 2",
        ),
        (
            "positions.csv",
            "currency,account,result",
            "USD,POSITION-EUR,FXRESULT",
            "in another currency",
        ),
        (
            "chart.csv",
            "code,kind,control,name",
            "1000,asset,perhaps,Cash",
            "'perhaps'",
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
