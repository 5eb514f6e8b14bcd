//! Real accounts and standing orders as input: the tables of a Czech bank that were published for the PKDD'99
//! Discovery Challenge, tab-separated and without header lines. They say who pays how much to which bank each month,
//! and not on which day or from what income: so an order is paid on a day that its number decides, and each account
//! earns, on the first of the month, the average salary of its district, or more where its orders need more.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::calendar::Day;
use super::input::{Bank, Cents, Input, Kind, StandingOrder, Written};

const YEAR: i64 = 2019;
const EMPLOYERS: &str = "EMPLOYERS";
/// Amounts of the tables were divided by ten when they were published again; the districts' salaries were not.
const SALARY_DIVISOR: u64 = 10;
/// A hundred crowns in minor units, to which a salary is rounded up.
const HUNDRED: u64 = 10_000;
const DISTRICT_AVERAGE_SALARY: usize = 10;

struct Account {
    number: String,
    average_salary: Cents,
    orders: u64,
}

/// Writes the files for twelve months from the folder with the tables.
pub fn write(folder: &Path, tables: &Path) -> Result<Written, String> {
    let orders = Table::read(tables, "fin_order.tsv", 6)?;
    let accounts = accounts(tables, &orders)?;
    let first_day = Day::first_of_month(YEAR, 1);
    let bank = Bank {
        name: "Berka",
        currency: "CZK",
        time_zone: "Europe/Prague",
        first_day,
        last_day: Day::first_of_month(YEAR + 1, 1).plus(-1),
    };
    let mut input = Input::create(folder, &bank)?;
    input.account(EMPLOYERS, Kind::BankAsset, "Clearing of incoming salaries")?;
    let banks: BTreeSet<&str> = orders.rows().map(|row| row[2]).collect();
    for bank in banks {
        input.account(
            &format!("BANK-{bank}"),
            Kind::BankAsset,
            &format!("Account with bank {bank}"),
        )?;
    }
    for account in accounts.values() {
        input.account(
            &account.number,
            Kind::Customer,
            &format!("Account {}", account.number),
        )?;
        input.opening(EMPLOYERS, &account.number, account.average_salary)?;
    }
    for account in accounts.values() {
        let least = Cents(account.orders.div_ceil(HUNDRED) * HUNDRED);
        input.order(&StandingOrder {
            order: &format!("SAL{}", account.number),
            day: 1,
            debit: EMPLOYERS,
            credit: &account.number,
            amount: account.average_salary.max(least),
            purpose: "salary",
        })?;
    }
    for row in orders.rows() {
        let number: u64 = orders.parsed(row[0], "order")?;
        input.order(&StandingOrder {
            order: row[0],
            day: 2 + number % 27,
            debit: row[1],
            credit: &format!("BANK-{}", row[2]),
            amount: orders.cents(row[4])?,
            purpose: purpose(row[5]),
        })?;
    }
    input.finish()
}

fn accounts(tables: &Path, orders: &Table) -> Result<BTreeMap<u64, Account>, String> {
    let districts = Table::read(tables, "fin_district.tsv", DISTRICT_AVERAGE_SALARY + 1)?;
    let mut salaries = BTreeMap::new();
    for row in districts.rows() {
        let Cents(salary) = districts.cents(row[DISTRICT_AVERAGE_SALARY])?;
        salaries.insert(row[0], Cents(salary / SALARY_DIVISOR));
    }
    let mut accounts = BTreeMap::new();
    let table = Table::read(tables, "fin_account.tsv", 2)?;
    for row in table.rows() {
        let average_salary = *salaries
            .get(row[1])
            .ok_or_else(|| format!("account {}: there is no district {}", row[0], row[1]))?;
        let account = Account {
            number: row[0].to_owned(),
            average_salary,
            orders: 0,
        };
        accounts.insert(table.parsed(row[0], "account")?, account);
    }
    for row in orders.rows() {
        let number = orders.parsed::<u64>(row[1], "account")?;
        let account = accounts
            .get_mut(&number)
            .ok_or_else(|| format!("order {}: there is no account {number}", row[0]))?;
        account.orders += orders.cents(row[4])?.0;
    }
    Ok(accounts)
}

fn purpose(code: &str) -> &'static str {
    match code {
        "HH" => "household",
        "LO" => "loan",
        "IN" => "insurance",
        "LE" => "leasing",
        _ => "other",
    }
}

/// A tab-separated table, every row of which has at least as many columns as are used.
struct Table {
    name: &'static str,
    text: String,
}

impl Table {
    fn read(folder: &Path, name: &'static str, columns: usize) -> Result<Table, String> {
        let path = folder.join(name);
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let table = Table { name, text };
        for (index, row) in table.rows().enumerate() {
            if row.len() < columns {
                let found = row.len();
                return Err(format!(
                    "{name}, line {}: {found} columns, not {columns}",
                    index + 1
                ));
            }
        }
        Ok(table)
    }

    fn rows(&self) -> impl Iterator<Item = Vec<&str>> {
        self.text
            .lines()
            .map(|line| line.split('\t').map(str::trim).collect())
    }

    fn parsed<T: std::str::FromStr>(&self, text: &str, what: &str) -> Result<T, String> {
        text.parse()
            .map_err(|_| format!("{}: '{text}' is no number of an {what}", self.name))
    }

    /// An amount with at most two decimals; the tables write less than a crown as ".80".
    fn cents(&self, text: &str) -> Result<Cents, String> {
        let (units, decimals) = text.split_once('.').unwrap_or((text, ""));
        let digits = format!("{units}{decimals:0<2}");
        let plain = text.contains(|found: char| found.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(cents) if plain && decimals.len() <= 2 => Ok(Cents(cents)),
            _ => Err(format!(
                "{}: '{text}' is not an amount of two decimals",
                self.name
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_to_the_cent_and_never_rounded() {
        let table = Table {
            name: "test",
            text: String::new(),
        };
        assert_eq!(table.cents("245.20"), Ok(Cents(24_520)));
        assert_eq!(table.cents("245.2"), Ok(Cents(24_520)));
        assert_eq!(table.cents("245"), Ok(Cents(24_500)));
        assert_eq!(table.cents(".80"), Ok(Cents(80)));
        for text in ["", ".", "1,5", "1.234", "-1", "+1", "1.2.3", "x"] {
            assert!(table.cents(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tables_that_do_not_fit_together_are_refused_by_name() {
        let folder = std::env::temp_dir().join(format!("qenex-berka-{}", std::process::id()));
        let tables = folder.join("tables");
        fs::create_dir_all(&tables).expect("the temporary folder can be written");
        let put =
            |name: &str, text: &str| fs::write(tables.join(name), text).expect("was made here");
        let district = "1\tPraha\tPrague\t1\t0\t0\t0\t1\t1\t100.0\t12541.00\n";
        put("fin_district.tsv", district);
        put("fin_account.tsv", "1\t1\t2015-03-24\tM\n");
        put("fin_order.tsv", "29401\t2\tYZ\t87144583\t245.20\tHH\n");
        let refused = write(&folder.join("input"), &tables).expect_err("account 2 does not exist");
        assert!(
            refused.contains("order 29401: there is no account 2"),
            "{refused}"
        );
        put("fin_order.tsv", "29401\t1\tYZ\n");
        let refused = write(&folder.join("input"), &tables).expect_err("a row is too short");
        assert!(
            refused.contains("fin_order.tsv, line 1: 3 columns"),
            "{refused}"
        );
        put("fin_order.tsv", "29401\t1\tYZ\t87144583\t1300.20\t  \n");
        let written = write(&folder.join("input"), &tables).expect("now they fit");
        assert_eq!((written.accounts, written.orders), (3, 2));
        let orders =
            fs::read_to_string(folder.join("input/standing_orders.csv")).expect("was written");
        // The order needs more than the district's 1,254.10: the salary is the next hundred.
        assert!(
            orders.contains("SAL1,1,EMPLOYERS,1,1400.00,salary\n"),
            "{orders}"
        );
        assert!(
            orders.contains("29401,27,1,BANK-YZ,1300.20,other\n"),
            "{orders}"
        );
        fs::remove_dir_all(&folder).expect("was made here");
    }
}
