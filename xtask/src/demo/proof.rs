//! What the C program wrote about its bank must equal a plain sum of the input: every account, every position, what was
//! done and refused, and the journal of the general ledger. Then `hledger`, where it is installed, checks the journal.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::plain_sum::{PlainSum, Sums, TASKS, decimals, plain_sum};
use super::rows::Rows;

/// Prints a line for every check; fails on the first that does not hold.
pub fn run(input: &Path, results: &Path) -> Result<(), String> {
    let sum = plain_sum(input)?;
    check_accounts(&sum, results)?;
    check_positions(&sum, results)?;
    check_counts(&sum, results)?;
    check_journal(&sum, results)?;
    check_with_hledger(&results.join("journal.hledger"))
}

fn passed(count: u64, what: &str) {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    println!("{text:>10}  {what}");
}

fn check_accounts(sum: &PlainSum, results: &Path) -> Result<(), String> {
    let rows = Rows::all(results, "accounts.csv")?;
    if rows.len() != sum.accounts.len() {
        return Err(format!(
            "{} accounts in the results, {} in the input",
            rows.len(),
            sum.accounts.len()
        ));
    }
    let mut different = 0;
    for (row, account) in rows.iter().zip(&sum.accounts) {
        let scale = decimals(&account.currency);
        let kept = Sums {
            debits: row.minor(2, scale)?,
            credits: row.minor(3, scale)?,
            debits_held: row.minor(4, scale)?,
            credits_held: row.minor(5, scale)?,
        };
        let same = (row.text(0), row.text(1)) == (&account.number, &account.currency);
        if !same || kept != account.sums {
            different += 1;
            if different <= 10 {
                let (number, sums) = (&account.number, account.sums);
                eprintln!("{number}: the files say {sums:?}, the database {kept:?}");
            }
        }
    }
    if different > 0 {
        return Err(format!(
            "{different} accounts differ from a plain sum of the input"
        ));
    }
    let count = sum.accounts.len() as u64;
    passed(
        count,
        "accounts equal a plain sum of the input: debits, credits and holds",
    );
    Ok(())
}

fn check_positions(sum: &PlainSum, results: &Path) -> Result<(), String> {
    let rows = Rows::all(results, "positions.csv")?;
    if rows.len() != sum.positions.len() {
        return Err("the results have other positions than the input".to_owned());
    }
    for row in &rows {
        let currency = row.text(0);
        let kept = (
            row.minor(1, decimals(currency))?,
            row.minor(2, decimals(&sum.own_currency))?,
        );
        let found = sum.positions.iter().find(|of| of.currency == currency);
        let plain = found.map(|of| (of.amount, of.book_value));
        if plain != Some(kept) {
            return Err(format!(
                "the position in {currency}: the files say {plain:?}, the database {kept:?}"
            ));
        }
    }
    if !rows.is_empty() {
        passed(
            rows.len() as u64,
            "positions and their book values equal a plain sum of the exchanges and revaluations",
        );
    }
    Ok(())
}

fn check_counts(sum: &PlainSum, results: &Path) -> Result<(), String> {
    let rows = Rows::all(results, "counts.csv")?;
    if rows.is_empty() {
        // The program went on with days of an earlier run, and counted only its own.
        return Ok(());
    }
    let mut all = 0;
    for (row, (task, counts)) in rows.iter().zip(TASKS.iter().zip(sum.counts)) {
        let kept = [row.number(1)?, row.number(2)?, row.number(3)?];
        if row.text(0) != *task || kept != counts {
            return Err(format!(
                "{}: {kept:?} done, unpayable, refused; the files say {counts:?} {task}",
                row.text(0)
            ));
        }
        all += counts.iter().sum::<u64>();
    }
    if rows.len() != TASKS.len() {
        return Err(format!("counts.csv has {} rows", rows.len()));
    }
    passed(all, "commands were done or refused as the files say");
    Ok(())
}

/// Debits less credits of the journal, account by account: the balances before it, and every transfer.
fn check_journal(sum: &PlainSum, results: &Path) -> Result<(), String> {
    const KIND: usize = 1;
    const ACCOUNT: usize = 7;
    const ASSET: usize = 11;
    const DEBIT: usize = 12;
    const CREDIT: usize = 13;
    let places: HashMap<&str, usize> = sum
        .accounts
        .iter()
        .enumerate()
        .map(|(place, account)| (account.number.as_str(), place))
        .collect();
    let mut nets = vec![0; sum.accounts.len()];
    let mut lines = 0;
    let mut rows = Rows::open(results, "journal.csv")?;
    while let Some(row) = rows.next_row()? {
        if row.text(KIND) == "opening" && row.text(ACCOUNT).is_empty() {
            // The counterpart of what the balances were before.
            continue;
        }
        let place = places.get(row.text(ACCOUNT)).copied();
        let place = place.ok_or_else(|| row.wrong("an account", row.text(ACCOUNT)))?;
        if sum.accounts[place].currency != row.text(ASSET) {
            return Err(row.wrong("the account's currency", row.text(ASSET)));
        }
        let scale = decimals(row.text(ASSET));
        nets[place] += match row.text(CREDIT) {
            "" => row.minor(DEBIT, scale)?,
            _ => -row.minor(CREDIT, scale)?,
        };
        lines += 1;
    }
    for (account, net) in sum.accounts.iter().zip(nets) {
        let plain = account.sums.debits - account.sums.credits;
        if plain != net {
            let number = &account.number;
            return Err(format!(
                "the journal brings {number} to {net}, the files to {plain}"
            ));
        }
    }
    passed(
        lines,
        "lines of the last month's journal, opening balances included, bring every account to the same balance",
    );
    Ok(())
}

fn check_with_hledger(journal: &Path) -> Result<(), String> {
    let output = Command::new("hledger")
        .env("LC_ALL", "C.UTF-8")
        .arg("--file")
        .arg(journal)
        .arg("check")
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!(
                "{:>10}  hledger is not installed: the journal of the last month is not checked by it",
                "-"
            );
            return Ok(());
        }
        Err(error) => return Err(format!("hledger does not start: {error}")),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("hledger refuses {}: {said}", journal.display()));
    }
    let text = fs::read_to_string(journal)
        .map_err(|error| format!("cannot read {}: {error}", journal.display()))?;
    let begins = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
    let entries = text.lines().filter(begins).count() as u64;
    passed(
        entries,
        "entries of it, with every closing balance asserted, passed `hledger check`",
    );
    Ok(())
}
