//! A table of card payments as input: the columns of the Fraud Detection Handbook's simulated payments, compressed
//! with gzip: seconds since 2018-04-01, customer, terminal, cents, fraud, scenario. It says nothing of income: each
//! customer earns on the first of each month what an average month of the customer's payments costs, and starts with a
//! quarter of that, so that some payments near a month's end find too little. A fraud is returned on the next day.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::GzDecoder;

use super::calendar::Day;
use super::input::{Bank, CardPayment, Cents, Course, Input, Kind, StandingOrder, Written};

const NOSTRO: &str = "NOSTRO";
const SECONDS_PER_DAY: u64 = 86_400;
const DAYS_PER_MONTH: u64 = 30;

/// One line of the table.
struct Payment {
    second: u64,
    customer: u32,
    terminal: u32,
    cents: u64,
    fraud: bool,
}

/// Writes the files.
pub fn write(folder: &Path, table: &Path) -> Result<Written, String> {
    let payments = read(table)?;
    let last = payments
        .last()
        .ok_or_else(|| format!("{} has no payments", table.display()))?;
    let days = last.second / SECONDS_PER_DAY + 1;
    let first_day = Day::first_of_month(2018, 4);
    let bank = Bank {
        name: "Card issuer",
        currency: "EUR",
        time_zone: "UTC",
        first_day,
        last_day: first_day.plus(days.cast_signed() - 1),
    };
    let mut customers = BTreeMap::new();
    let mut terminals = BTreeMap::new();
    for payment in &payments {
        *customers.entry(payment.customer).or_insert(0) += payment.cents;
        terminals.insert(payment.terminal, ());
    }
    let mut input = Input::create(folder, &bank)?;
    input.account(NOSTRO, Kind::BankAsset, "Accounts with other banks")?;
    for terminal in terminals.keys() {
        input.account(
            &format!("T{terminal:05}"),
            Kind::Customer,
            &format!("Terminal {terminal}"),
        )?;
    }
    for (customer, spent) in &customers {
        let (number, month) = (
            format!("C{customer:05}"),
            Cents(spent * DAYS_PER_MONTH / days),
        );
        input.account(&number, Kind::Customer, &format!("Customer {customer}"))?;
        input.opening(NOSTRO, &number, Cents(month.0 / 4))?;
        if month == Cents(0) {
            continue;
        }
        input.order(&StandingOrder {
            order: &format!("SAL{customer:05}"),
            day: 1,
            debit: NOSTRO,
            credit: &number,
            amount: month,
            purpose: "salary",
        })?;
    }
    for (line, payment) in payments.iter().enumerate() {
        input.payment(&CardPayment {
            day: first_day.plus((payment.second / SECONDS_PER_DAY).cast_signed()),
            second: payment.second % SECONDS_PER_DAY,
            account: &format!("C{:05}", payment.customer),
            merchant: &format!("T{:05}", payment.terminal),
            amount: Cents(payment.cents),
            course: course(line, payment.fraud),
        })?;
    }
    input.finish()
}

/// Every tenth payment is authorised first, and one of two hundred is then cancelled.
fn course(line: usize, fraud: bool) -> Course {
    match line {
        _ if fraud => Course::Returned,
        line if line % 200 == 7 => Course::Cancelled,
        line if line % 10 == 3 => Course::Authorised,
        _ => Course::Paid,
    }
}

fn read(path: &Path) -> Result<Vec<Payment>, String> {
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(failed)?;
    let mut payments: Vec<Payment> = Vec::new();
    for (index, line) in BufReader::new(GzDecoder::new(file))
        .lines()
        .enumerate()
        .skip(1)
    {
        let line = line.map_err(failed)?;
        let payment = parse(&line).ok_or_else(|| {
            let place = format!("{}, line {}", path.display(), index + 1);
            format!("{place}: '{line}' is not seconds,customer,terminal,cents,fraud,scenario")
        })?;
        if payments
            .last()
            .is_some_and(|before| before.second > payment.second)
        {
            return Err(format!(
                "{}, line {}: time goes back",
                path.display(),
                index + 1
            ));
        }
        payments.push(payment);
    }
    Ok(payments)
}

fn parse(line: &str) -> Option<Payment> {
    let mut fields = line.split(',');
    let payment = Payment {
        second: fields.next()?.parse().ok()?,
        customer: fields.next()?.parse().ok()?,
        terminal: fields.next()?.parse().ok()?,
        cents: fields.next()?.parse().ok()?,
        fraud: match fields.next()? {
            "0" => false,
            "1" => true,
            _ => return None,
        },
    };
    fields.next()?;
    fields.next().is_none().then_some(payment)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn converted(name: &str, text: &str) -> Result<(Written, String), String> {
        let folder =
            std::env::temp_dir().join(format!("qenex-fraud-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let table = folder.join("payments.csv.gz");
        let mut file = GzEncoder::new(
            File::create(&table).expect("was made here"),
            Compression::fast(),
        );
        file.write_all(text.as_bytes())
            .and_then(|()| file.try_finish())
            .expect("was made here");
        let outcome = write(&folder, &table);
        let payments = fs::read_to_string(folder.join("card_payments.csv"));
        fs::remove_dir_all(&folder).expect("was made here");
        outcome.map(|written| (written, payments.expect("was written")))
    }

    #[test]
    fn payments_are_converted_line_by_line() {
        let text =
            "t,customer,terminal,cents,fraud,scenario\n31,596,3156,5716,0,0\n86461,7,2,100,1,2\n";
        let (written, payments) = converted("good", text).expect("the table is as it should be");
        assert_eq!(
            (
                written.accounts,
                written.opening,
                written.orders,
                written.payments
            ),
            (5, 2, 2, 2)
        );
        let expected = "time,account,merchant,amount,course\n\
            2018-04-01T00:00:31,C00596,T03156,57.16,paid\n\
            2018-04-02T00:01:01,C00007,T00002,1.00,returned\n";
        assert_eq!(payments, expected);
    }

    #[test]
    fn other_tables_are_refused_by_line() {
        let header = "t,customer,terminal,cents,fraud,scenario\n";
        for (name, rows, complaint) in [
            ("empty", "", "has no payments"),
            ("short", "31,596,3156,5716,0\n", "line 2"),
            ("long", "31,596,3156,5716,0,0,0\n", "line 2"),
            ("negative", "1,1,1,1,0,0\n31,596,3156,-5,0,0\n", "line 3"),
            (
                "back",
                "5,1,1,1,0,0\n4,1,1,1,0,0\n",
                "line 3: time goes back",
            ),
        ] {
            let refused = converted(name, &format!("{header}{rows}")).expect_err(name);
            assert!(refused.contains(complaint), "{name}: {refused}");
        }
    }
}
