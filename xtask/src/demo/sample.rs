//! The sample input: an invented bank whose size is a number of accounts and of months, decided to the last byte by
//! its seed. It has what a real one has: salaries, rents, loans and fees on their days, card payments at any time,
//! some of them authorised first, cancelled or returned, and customers who run out of money.

mod books;

use std::path::Path;

use books::Paid;

use super::calendar::Day;
use super::input::{Bank, CardPayment, Cents, Course, Input, Kind, StandingOrder, Written};
use super::random::Random;

/// How large the bank is.
#[derive(Clone, Copy)]
pub struct Size {
    pub accounts: u64,
    pub months: u64,
}

const FIRST_YEAR: i64 = 2025;
/// Card payments per account and month: 300,000 for 5,000 accounts in a year.
const PAYMENTS_PER_MONTH: u64 = 5;
/// Standing orders for every 100 accounts, salaries apart: 7,000 for 5,000 accounts.
const ORDERS_PER_HUNDRED: u64 = 140;

/// Of so many card payments one is given back in part, if it was paid at once.
const REFUNDED: u64 = 50;

/// Minor units of one euro.
const EUR: u64 = 100;

/// The bank's own accounts.
const NOSTRO: &str = "NOSTRO";
const LOANS: &str = "LOANS";
const CAPITAL: &str = "CAPITAL";
const FEES: &str = "FEES";

/// Writes the files.
pub fn write(folder: &Path, size: Size, seed: u64) -> Result<Written, String> {
    let first_day = Day::first_of_month(FIRST_YEAR, 1);
    let end = Day::first_of_month(FIRST_YEAR, 1 + size.months.cast_signed());
    let bank = Bank {
        name: "Sample Bank",
        currency: "EUR",
        time_zone: "Europe/Prague",
        first_day,
        last_day: end.plus(-1),
    };
    let mut random = Random::new(seed);
    let mut input = Input::create(folder, &bank)?;
    let people = People::of(size.accounts);
    open_accounts(&mut input, &people)?;
    open_balances(&mut input, &people, &mut random)?;
    salaries(&mut input, &people, &mut random)?;
    standing_orders(&mut input, &people, size, &mut random)?;
    let days = (first_day, end);
    let paid = card_payments(&mut input, &people, size, days, &mut random)?;
    books::refunds(&mut input, &paid, end, &mut Random::apart(seed, 1))?;
    books::exchanges(&mut input, &people, size, days, &mut Random::apart(seed, 2))?;
    books::corrections(
        &mut input,
        &people,
        size,
        first_day,
        &mut Random::apart(seed, 3),
    )?;
    input.finish()
}

/// How many hold accounts of each sort.
struct People {
    customers: u64,
    employers: u64,
    companies: u64,
    merchants: u64,
}

impl People {
    fn of(accounts: u64) -> People {
        let employers = (accounts / 100).max(1);
        let companies = (accounts / 50).max(3);
        let merchants = (accounts / 20).max(2);
        let customers = accounts
            .saturating_sub(employers + companies + merchants)
            .max(1);
        People {
            customers,
            employers,
            companies,
            merchants,
        }
    }

    fn customer(number: u64) -> String {
        format!("C{:06}", number + 1)
    }

    fn employer(number: u64) -> String {
        format!("E{:06}", number + 1)
    }

    fn company(number: u64) -> String {
        format!("U{:06}", number + 1)
    }

    fn merchant(number: u64) -> String {
        format!("M{:06}", number + 1)
    }

    /// Nineteen of twenty customers earn a salary; the others live on what they have.
    fn earns(customer: u64) -> bool {
        customer % 20 != 19
    }
}

fn open_accounts(input: &mut Input, people: &People) -> Result<(), String> {
    input.account(NOSTRO, Kind::BankAsset, "Accounts with other banks")?;
    input.account(LOANS, Kind::BankAsset, "Loans to customers")?;
    input.account(CAPITAL, Kind::BankEquity, "Share capital")?;
    input.account(FEES, Kind::BankIncome, "Fees")?;
    books::open_accounts(input, people)?;
    for number in 0..people.employers {
        input.account(
            &People::employer(number),
            Kind::Customer,
            &format!("Employer {}", number + 1),
        )?;
    }
    for number in 0..people.companies {
        input.account(
            &People::company(number),
            Kind::Customer,
            &format!("Company {}", number + 1),
        )?;
    }
    for number in 0..people.merchants {
        input.account(
            &People::merchant(number),
            Kind::Customer,
            &format!("Merchant {}", number + 1),
        )?;
    }
    for number in 0..people.customers {
        input.account(
            &People::customer(number),
            Kind::Customer,
            &format!("Customer {}", number + 1),
        )?;
    }
    Ok(())
}

fn open_balances(input: &mut Input, people: &People, random: &mut Random) -> Result<(), String> {
    let capital = Cents(50_000_000 * EUR);
    input.opening(NOSTRO, CAPITAL, capital)?;
    input.opening(LOANS, NOSTRO, Cents(people.customers * 2_000 * EUR))?;
    for number in 0..people.employers {
        input.opening(
            NOSTRO,
            &People::employer(number),
            Cents(random.between(5_000_000 * EUR, 9_000_000 * EUR)),
        )?;
    }
    for number in 0..people.customers {
        input.opening(
            NOSTRO,
            &People::customer(number),
            Cents(random.below(3_000 * EUR)),
        )?;
    }
    Ok(())
}

fn salaries(input: &mut Input, people: &People, random: &mut Random) -> Result<(), String> {
    for number in (0..people.customers).filter(|number| People::earns(*number)) {
        let employer = People::employer(random.below(people.employers));
        input.order(&StandingOrder {
            order: &format!("SAL{:06}", number + 1),
            day: random.between(1, 5),
            debit: &employer,
            credit: &People::customer(number),
            amount: Cents(random.between(1_200 * EUR, 4_500 * EUR)),
            purpose: "salary",
        })?;
    }
    Ok(())
}

fn standing_orders(
    input: &mut Input,
    people: &People,
    size: Size,
    random: &mut Random,
) -> Result<(), String> {
    for number in 0..size.accounts * ORDERS_PER_HUNDRED / 100 {
        let customer = random.below(people.customers);
        let company = People::company(random.below(people.companies));
        // A different customer from the payer, where there is more than one.
        let other = (customer + 1 + random.below(people.customers - 1)) % people.customers;
        let (purpose, credit, amount) = match random.below(100) {
            0..25 => ("rent", company, random.between(350 * EUR, 1_100 * EUR)),
            25..55 => ("utilities", company, random.between(30 * EUR, 240 * EUR)),
            55..70 => (
                "insurance",
                NOSTRO.to_owned(),
                random.between(15 * EUR, 180 * EUR),
            ),
            70..80 => (
                "loan",
                LOANS.to_owned(),
                random.between(60 * EUR, 450 * EUR),
            ),
            80..90 => ("fee", FEES.to_owned(), random.between(2 * EUR, 9 * EUR)),
            _ if other != customer => (
                "family",
                People::customer(other),
                random.between(20 * EUR, 300 * EUR),
            ),
            _ => ("rent", company, random.between(350 * EUR, 1_100 * EUR)),
        };
        input.order(&StandingOrder {
            order: &format!("ORD{:06}", number + 1),
            day: random.between(1, 31),
            debit: &People::customer(customer),
            credit: &credit,
            amount: Cents(amount),
            purpose,
        })?;
    }
    Ok(())
}

fn card_payments(
    input: &mut Input,
    people: &People,
    size: Size,
    (first_day, end): (Day, Day),
    random: &mut Random,
) -> Result<Vec<Paid>, String> {
    let total = size.accounts * size.months * PAYMENTS_PER_MONTH;
    let days = (end.0 - first_day.0).cast_unsigned();
    let mut seconds = Vec::new();
    let mut paid = Vec::new();
    let mut payment = 0;
    for day in 0..days {
        // What is due by the end of the day less what was due before it: the days share the total evenly.
        let count = total * (day + 1) / days - total * day / days;
        seconds.clear();
        seconds.extend((0..count).map(|_| random.between(6 * 3600, 24 * 3600 - 1)));
        seconds.sort_unstable();
        for second in &seconds {
            // The lesser of two makes the first merchants the busiest.
            let merchant = random
                .below(people.merchants)
                .min(random.below(people.merchants));
            let day = first_day.plus(day.cast_signed());
            let account = People::customer(random.below(people.customers));
            let (amount, course) = (card_amount(random), course(random));
            payment += 1;
            input.payment(&CardPayment {
                day,
                second: *second,
                account: &account,
                merchant: &People::merchant(merchant),
                amount,
                course,
            })?;
            if course == Course::Paid && payment % REFUNDED == 0 {
                paid.push(Paid {
                    payment,
                    day,
                    amount,
                });
            }
        }
    }
    Ok(paid)
}

/// Many small amounts, some large ones.
fn card_amount(random: &mut Random) -> Cents {
    Cents(match random.below(10) {
        0..6 => random.between(150, 30 * EUR),
        6..9 => random.between(30 * EUR, 90 * EUR),
        _ => random.between(90 * EUR, 400 * EUR),
    })
}

fn course(random: &mut Random) -> Course {
    match random.below(1000) {
        0..100 => Course::Authorised,
        100..115 => Course::Cancelled,
        115..120 => Course::Returned,
        _ => Course::Paid,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::PathBuf;

    use super::*;

    const FILES: [&str; 9] = [
        "bank.csv",
        "accounts.csv",
        "opening_balances.csv",
        "standing_orders.csv",
        "card_payments.csv",
        "refunds.csv",
        "exchanges.csv",
        "rates.csv",
        "corrections.csv",
    ];
    const SMALL: Size = Size {
        accounts: 100,
        months: 2,
    };

    fn files(name: &str, size: Size, seed: u64) -> (Written, Vec<String>) {
        let folder =
            std::env::temp_dir().join(format!("qenex-sample-{}-{name}", std::process::id()));
        let written = write(&folder, size, seed).expect("the temporary folder can be written");
        let read = |file: &&str| {
            fs::read_to_string(PathBuf::from(&folder).join(file)).expect("was written")
        };
        let texts = FILES.iter().map(read).collect();
        fs::remove_dir_all(&folder).expect("was made here");
        (written, texts)
    }

    #[test]
    fn a_seed_gives_the_same_files_and_another_seed_others() {
        let (_, first) = files("first", SMALL, 7);
        let (_, again) = files("again", SMALL, 7);
        let (_, other) = files("other", SMALL, 8);
        assert!(first == again, "the same seed gave different files");
        assert_eq!(
            first[..2],
            other[..2],
            "bank and accounts do not depend on the seed"
        );
        for file in 2..FILES.len() {
            assert_ne!(
                first[file], other[file],
                "{} does not depend on the seed",
                FILES[file]
            );
        }
    }

    #[test]
    fn the_counts_are_those_of_the_files() {
        let (written, texts) = files("counts", SMALL, 1);
        // The customers' 100, the bank's 4, and in other currencies the bank's 6 and the customers' 2.
        assert_eq!(written.accounts, 112);
        assert_eq!(written.payments, 1000);
        let rows = |file: usize| texts[file].lines().count() as u64 - 1;
        assert_eq!((rows(1), rows(2)), (written.accounts, written.opening));
        assert_eq!((rows(3), rows(4)), (written.orders, written.payments));
        assert_eq!((rows(5), rows(6)), (written.refunds, written.exchanges));
        assert_eq!((rows(7), rows(8)), (4, written.corrections));
        let salaries = texts[3]
            .lines()
            .filter(|line| line.ends_with(",salary"))
            .count() as u64;
        assert_eq!(written.orders - salaries, 140);
    }

    #[test]
    fn every_row_names_accounts_of_the_bank_and_two_different_ones() {
        for (name, accounts) in [("one", 1), ("few", 9), ("some", 300)] {
            let (_, texts) = files(
                name,
                Size {
                    accounts,
                    months: 1,
                },
                3,
            );
            let numbers: BTreeSet<&str> = texts[1]
                .lines()
                .skip(1)
                .filter_map(|line| line.split(',').next())
                .collect();
            for (file, columns) in [
                (2, [0, 1]),
                (3, [2, 3]),
                (4, [1, 2]),
                (6, [1, 2]),
                (8, [2, 3]),
            ] {
                for line in texts[file].lines().skip(1) {
                    let fields: Vec<&str> = line.split(',').collect();
                    let [debit, credit] = columns.map(|column| fields[column]);
                    assert!(
                        numbers.contains(debit) && numbers.contains(credit),
                        "{line}"
                    );
                    assert_ne!(debit, credit, "{line}");
                }
            }
        }
    }

    #[test]
    fn card_payments_are_in_the_order_of_time_and_within_the_days() {
        let (_, texts) = files("time", SMALL, 5);
        let times: Vec<&str> = texts[4]
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').next())
            .collect();
        assert!(times.is_sorted());
        assert!(
            times[0].starts_with("2025-01-01T")
                && times[times.len() - 1].starts_with("2025-02-28T")
        );
    }
}
