//! The journal as other people's programs read it: `hledger` and `beancount` accept what is exported, find in it the
//! balances that the ledger has, and catch an export that is wrong. Where they are not installed the cases are skipped
//! and say so; with CI set they must be there (`.ci/run` installs both).

mod books_support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use books_support::*;
use qenex::base::Date;
use qenex::engine::journal::{JournalCursor, JournalRange};
use qenex::ledger::export::JournalFormat;

/// The journal of a period, page by page.
fn journal(bank: &Bank, format: JournalFormat, from: Date, limit: usize) -> String {
    let range = JournalRange {
        entity: 1,
        from,
        to: day(5),
        format,
        limit,
    };
    let mut text = String::new();
    let mut cursor: Option<JournalCursor> = None;
    loop {
        let (page, next) = bank.session().journal(&range, cursor).unwrap();
        text.push_str(&page);
        match next {
            Some(next) => cursor = Some(next),
            None => return text,
        }
    }
}

/// A program that checks files, or `None` where it is not installed.
fn program(name: &str) -> Option<&str> {
    if Command::new(name).arg("--version").output().is_ok() {
        return Some(name);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "{name} must be installed where CI is set: see .ci/run"
    );
    println!("skipped: {name} is not installed");
    None
}

fn written(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("plain_text_accounting");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

fn check(program: &str, name: &str, text: &str) -> Output {
    let path = written(name, text);
    let mut command = Command::new(program);
    if program == "hledger" {
        command
            .arg("-f")
            .arg(&path)
            .args(["check", "accounts", "assertions"]);
    } else {
        command.arg(&path);
    }
    command.output().unwrap()
}

fn accepted(program: &str, name: &str, text: &str) {
    let output = check(program, name, text);
    assert!(
        output.status.success(),
        "{program} refuses {name}: {}{}\n{text}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The line of a posting of `amount` with another amount.
fn wrong(text: &str, amount: &str, other: &str) -> String {
    let changed = text.replace(&format!(" {amount} CZK"), &format!(" {other} CZK"));
    assert_ne!(changed, text);
    changed
}

fn cases(program: &str, format: JournalFormat, extension: &str) {
    let bank = gl_bank();
    for (number, from) in [day(1), day(3), day(5)].into_iter().enumerate() {
        for limit in [1, 3, 1_000] {
            let text = journal(&bank, format, from, limit);
            assert_eq!(
                text,
                journal(&bank, format, from, 1_000),
                "pages are parts of the whole"
            );
            accepted(program, &format!("right-{number}.{extension}"), &text);
        }
    }
    let right = journal(&bank, format, day(1), 1_000);
    // One side alone: the transaction does not balance.
    let unbalanced = wrong(&right, "-50.00", "-50.01");
    // Both sides: it balances, and the closing balances do not come out.
    let invented = wrong(&wrong(&right, "70.00", "70.01"), "-70.00", "-70.01");
    // A transfer is missing.
    let end = right.find("30.00 CZK").unwrap();
    let start = right[..end].rfind("\n\n").unwrap();
    let next = start + 2 + right[start + 2..].find("\n\n").unwrap();
    let lost = format!("{}{}", &right[..start], &right[next..]);
    for (name, text) in [
        ("unbalanced", unbalanced),
        ("invented", invented),
        ("lost", lost),
    ] {
        let output = check(program, &format!("wrong-{name}.{extension}"), &text);
        assert!(
            !output.status.success(),
            "{program} accepts what is {name}:\n{text}"
        );
    }
}

#[test]
fn hledger_accepts_the_journal_and_catches_a_wrong_one() {
    if let Some(program) = program("hledger") {
        cases(program, JournalFormat::Hledger, "journal");
    }
}

#[test]
fn beancount_accepts_the_journal_and_catches_a_wrong_one() {
    if let Some(program) = program("bean-check") {
        cases(program, JournalFormat::Beancount, "beancount");
    }
}

/// The period's opening balances by code, plus its journal, are the closing balances by code, to the cent.
#[test]
fn the_csv_journal_leads_from_one_trial_balance_to_the_next() {
    use std::collections::BTreeMap;
    let bank = gl_bank();
    let trial = |day: Date| -> BTreeMap<(String, u32), i128> {
        let lines = bank.session().gl_trial_balance(1, day, 0).unwrap();
        lines
            .into_iter()
            .map(|line| {
                (
                    (line.code, line.asset),
                    line.debit as i128 - line.credit as i128,
                )
            })
            .filter(|(_, net)| *net != 0)
            .collect()
    };
    for from in 1..=5 {
        let text = journal(&bank, JournalFormat::Csv, day(from), 2);
        let mut sums: BTreeMap<(String, u32), i128> = BTreeMap::new();
        let mut opened = sums.clone();
        for fields in records(&text).into_iter().skip(1) {
            assert_eq!(fields.len(), 16, "{fields:?}");
            let cents = |text: &str| text.replace('.', "").parse::<i128>().unwrap_or(0);
            let asset = if fields[11] == "CZK" { CZK } else { EUR };
            let net = cents(&fields[12]) - cents(&fields[13]);
            let code = fields[5].clone();
            if code == "Opening-Balances" {
                continue;
            }
            if fields[1] == "opening" {
                *opened.entry((code.clone(), asset)).or_default() += net;
            }
            *sums.entry((code, asset)).or_default() += net;
        }
        sums.retain(|_, net| *net != 0);
        opened.retain(|_, net| *net != 0);
        assert_eq!(opened, trial(day(from - 1)), "opening on day {from}");
        assert_eq!(sums, trial(day(5)), "closing of a period from day {from}");
    }
}

/// Records of RFC 4180, read without what wrote them.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let record = records.last_mut().unwrap();
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                record.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'));
                records.push(vec![String::new()]);
            }
            letter => record.last_mut().unwrap().push(letter),
        }
    }
    assert_eq!(
        records.pop(),
        Some(vec![String::new()]),
        "a line break ends the last record"
    );
    records
}
