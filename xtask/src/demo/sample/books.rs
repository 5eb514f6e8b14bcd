//! What the sample bank does besides paying: merchants give money back, customers pay and are paid in other currencies
//! at rates that wander from day to day, and now and then something turns up after its month was closed.

use super::super::calendar::Day;
use super::super::input::{Cents, Correction, Exchange, Input, Kind, Refund};
use super::super::random::Random;
use super::{EUR, FEES, People, Size};

const RESULT: &str = "FXRESULT";
/// Exchanges for every 100 accounts in a month: 12,000 for 5,000 accounts in a year.
const EXCHANGES_PER_HUNDRED: u64 = 20;
/// Every so many customers have an account in dollars.
const DOLLAR_ACCOUNTS: u64 = 50;

/// What a currency is worth, in 10^-8 euros.
const UNIT: u64 = 100_000_000;

/// A currency besides the euro: how many decimals amounts and rates have, and what it was worth at the beginning.
struct Foreign {
    code: &'static str,
    decimals: usize,
    /// Of a rate that sells euros, and of one that buys them.
    rate_decimals: (usize, usize),
    worth: u64,
    /// The least and the most that comes in, in its minor units.
    incoming: (u64, u64),
}

const FOREIGN: [Foreign; 2] = [
    Foreign {
        code: "USD",
        decimals: 2,
        rate_decimals: (4, 4),
        worth: 92_100_000,
        incoming: (5_000, 90_000),
    },
    Foreign {
        code: "JPY",
        decimals: 0,
        rate_decimals: (2, 6),
        worth: 612_000,
        incoming: (5_000, 90_000),
    },
];

/// A card payment that was paid at once: which one, when, how much.
pub struct Paid {
    pub payment: u64,
    pub day: Day,
    pub amount: Cents,
}

/// The bank's and the customers' accounts in other currencies, and the positions.
pub fn open_accounts(input: &mut Input, people: &People) -> Result<(), String> {
    input.account(RESULT, Kind::BankIncome, "Unrealised gains on positions")?;
    input.account("POSITION-EUR", Kind::BankPosition, "Position in EUR")?;
    input.position("EUR", "POSITION-EUR", "")?;
    for Foreign { code, .. } in &FOREIGN {
        let (nostro, position) = (nostro(code), format!("POSITION-{code}"));
        let names = (
            format!("Accounts abroad in {code}"),
            format!("Position in {code}"),
        );
        input.account_in(code, &nostro, Kind::BankAsset, &names.0)?;
        input.account_in(code, &position, Kind::BankPosition, &names.1)?;
        input.position(code, &position, RESULT)?;
    }
    for number in (0..people.customers).step_by(DOLLAR_ACCOUNTS as usize) {
        let name = format!("Customer {} in dollars", number + 1);
        input.account_in("USD", &dollars(number), Kind::Customer, &name)?;
    }
    Ok(())
}

/// Gives parts of card payments back: a third, of every second one the rest as well. Now and then a refund is sent
/// twice, or asks for more than is left.
pub fn refunds(
    input: &mut Input,
    paid: &[Paid],
    end: Day,
    random: &mut Random,
) -> Result<(), String> {
    let mut all = Vec::new();
    for (index, paid) in paid.iter().enumerate() {
        let refund = |number: u64, days: u64, amount: u64| Refund {
            day: paid.day.plus(days.cast_signed()),
            refund: index as u64 * 3 + number,
            payment: paid.payment,
            amount: Cents(amount),
        };
        let third = paid.amount.0 / 3;
        let later = random.between(2, 9);
        all.push(refund(1, later, third));
        if index % 5 == 1 {
            all.push(refund(1, later + index as u64 % 2, third));
        }
        if index % 2 == 0 {
            all.push(refund(2, later + 5, paid.amount.0 - third));
        }
        if index % 20 == 3 {
            all.push(refund(3, later + 6, paid.amount.0));
        }
    }
    all.retain(|refund| refund.day < end);
    all.sort_by_key(|refund| refund.day);
    all.iter().try_for_each(|refund| input.refund(refund))
}

/// Pays abroad, is paid from abroad, and fills the customers' accounts in dollars; the rates of each month's last day
/// value what the bank is left with.
pub fn exchanges(
    input: &mut Input,
    people: &People,
    size: Size,
    (first_day, end): (Day, Day),
    random: &mut Random,
) -> Result<(), String> {
    let total = size.accounts * size.months * EXCHANGES_PER_HUNDRED / 100;
    let days = (end.0 - first_day.0).cast_unsigned();
    let mut worth = FOREIGN.map(|foreign| foreign.worth);
    for number in 0..days {
        let day = first_day.plus(number.cast_signed());
        for worth in &mut worth {
            // At most three thousandths up or down.
            *worth = *worth * (99_700 + random.between(0, 600)) / 100_000;
        }
        for _ in 0..total * (number + 1) / days - total * number / days {
            let at = random.below(10) as usize / 8;
            exchange(input, people, day, &FOREIGN[at], worth[at], random)?;
        }
        if day.plus(1).parts().2 == 1 {
            for (foreign, worth) in FOREIGN.iter().zip(worth) {
                let decimals = foreign.rate_decimals.1;
                input.rate(day, foreign.code, &bought(worth, decimals, 1000))?;
            }
        }
    }
    Ok(())
}

fn exchange(
    input: &mut Input,
    people: &People,
    day: Day,
    foreign: &Foreign,
    worth: u64,
    random: &mut Random,
) -> Result<(), String> {
    let customer = random.below(people.customers);
    let owner = customer / DOLLAR_ACCOUNTS * DOLLAR_ACCOUNTS;
    let (selling, buying) = foreign.rate_decimals;
    let way = random.below(100);
    let euros = decimal(random.between(20 * EUR, 400 * EUR), 2);
    let sold = sold(worth, selling);
    let (debit, credit, amount, rate, purpose) = match way {
        0..25 => {
            let (least, most) = foreign.incoming;
            let amount = decimal(random.between(least, most), foreign.decimals);
            let rate = bought(worth, buying, 995);
            let from = nostro(foreign.code);
            (
                from,
                People::customer(customer),
                amount,
                rate,
                "from abroad",
            )
        }
        25..40 if foreign.code == "USD" => {
            let own = People::customer(owner);
            (own, dollars(owner), euros, sold, "to own account")
        }
        _ => {
            let from = People::customer(customer);
            (from, nostro(foreign.code), euros, sold, "abroad")
        }
    };
    input.exchange(&Exchange {
        day,
        debit: &debit,
        credit: &credit,
        amount,
        rate,
        purpose,
    })
}

/// In every third month a fee of the month before, which is closed, is given back as of the day on which it was taken.
pub fn corrections(
    input: &mut Input,
    people: &People,
    size: Size,
    first_day: Day,
    random: &mut Random,
) -> Result<(), String> {
    let (year, _, _) = first_day.parts();
    for month in (1..size.months.cast_signed()).step_by(3) {
        input.correction(&Correction {
            day: Day::first_of_month(year, month + 1).plus(4),
            value_day: Day::first_of_month(year, month).plus(19),
            debit: FEES,
            credit: &People::customer(random.below(people.customers)),
            amount: Cents(random.between(5 * EUR, 90 * EUR)),
            narrative: "fee taken in error",
        })?;
    }
    Ok(())
}

fn nostro(currency: &str) -> String {
    format!("NOSTRO-{currency}")
}

fn dollars(customer: u64) -> String {
    format!("D{:06}", customer + 1)
}

/// Units of the currency for one euro, of which the bank keeps five thousandths.
fn sold(worth: u64, decimals: usize) -> String {
    decimal(
        UNIT * 10u64.pow(decimals as u32) / worth * 995 / 1000,
        decimals,
    )
}

/// Euros for one unit of the currency, so many thousandths of them.
fn bought(worth: u64, decimals: usize, thousandths: u64) -> String {
    decimal(
        worth * 10u64.pow(decimals as u32) / UNIT * thousandths / 1000,
        decimals,
    )
}

fn decimal(number: u64, decimals: usize) -> String {
    if decimals == 0 {
        return number.to_string();
    }
    let one = 10u64.pow(decimals as u32);
    format!("{}.{:0decimals$}", number / one, number % one)
}
