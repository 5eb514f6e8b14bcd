//! The same year once more without libqenex: the input files are read again, line by line, and added up in plain
//! arrays, with a calendar, rounding and rules of its own. What the database says must equal this.

use std::collections::HashMap;
use std::path::Path;

use super::calendar::Day;
use super::rows::{Row, Rows};

/// What an account comes to, in minor units.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Sums {
    pub debits: i128,
    pub credits: i128,
    pub debits_held: i128,
    pub credits_held: i128,
}

/// How many commands of a kind were done, could not be paid, were refused for another reason.
pub type Counts = [u64; 3];

/// What happens, in the order in which it is told.
pub const TASKS: [&str; 9] = [
    "orders",
    "card",
    "held",
    "captured",
    "released",
    "reversed",
    "refunded",
    "exchanged",
    "corrected",
];

pub struct Account {
    pub number: String,
    pub currency: String,
    pub sums: Sums,
    grows_by_debits: bool,
    may_overdraw: bool,
}

/// What the bank holds of a currency, and its book value in the bank's own.
pub struct Position {
    pub currency: String,
    pub amount: i128,
    pub book_value: i128,
    account: usize,
    result: Option<usize>,
}

pub struct PlainSum {
    pub accounts: Vec<Account>,
    pub positions: Vec<Position>,
    pub counts: [Counts; TASKS.len()],
    pub own_currency: String,
    numbers: HashMap<String, usize>,
    /// Of card payments that were paid and may be given back: who, to whom, how much, how much came back.
    paid: HashMap<u64, Payment>,
    /// Refunds by the merchant's number: what was asked for, and what became of it.
    refunds: HashMap<u64, (u64, i128, Outcome)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Unpayable,
    Refused,
}

#[derive(Clone, Copy)]
struct Payment {
    account: usize,
    merchant: usize,
    amount: i128,
    back: i128,
}

/// A card payment that is not over on its day.
struct Open {
    line: u64,
    payment: Payment,
    course: String,
}

/// The decimals of the currencies that the demo knows.
pub fn decimals(currency: &str) -> usize {
    match currency {
        "JPY" | "KRW" | "CLP" | "ISK" | "VND" => 0,
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Adds the files of a folder up.
pub fn plain_sum(folder: &Path) -> Result<PlainSum, String> {
    let bank = Rows::all(folder, "bank.csv")?;
    let bank = bank.first().ok_or("bank.csv: there must be one bank")?;
    let (first_day, last_day) = (bank.day(3)?, bank.day(4)?);
    let mut sum = PlainSum {
        accounts: Vec::new(),
        positions: Vec::new(),
        counts: Default::default(),
        own_currency: bank.text(1).to_owned(),
        numbers: HashMap::new(),
        paid: HashMap::new(),
        refunds: HashMap::new(),
    };
    sum.open(folder)?;
    let mut days = Days::read(folder)?;
    let mut payments = CardPayments::open(folder)?;
    let mut open = Vec::new();
    let mut day = first_day;
    while day <= last_day {
        for payment in std::mem::take(&mut open) {
            sum.follow_up(&payment);
        }
        let (_, _, of_month) = day.parts();
        let ends_month = day.plus(1).parts().2 == 1;
        for order in &days.orders {
            let due = order.number(1)?.cast_signed();
            if due == of_month || (ends_month && due > of_month) {
                sum.transfer(0, order, (2, 3, 4))?;
            }
        }
        for row in days.corrections.of(day)? {
            sum.transfer(8, &row, (2, 3, 4))?;
        }
        for row in days.exchanges.of(day)? {
            sum.exchange(&row)?;
        }
        for row in days.refunds.of(day)? {
            sum.refund(&row)?;
        }
        while let Some((line, row)) = payments.of(day)? {
            sum.pay_by_card(line, &row, &mut open)?;
        }
        for row in days.rates.of(day)? {
            sum.revalue(&row)?;
        }
        day = day.plus(1);
    }
    Ok(sum)
}

impl PlainSum {
    fn open(&mut self, folder: &Path) -> Result<(), String> {
        for row in Rows::all(folder, "accounts.csv")? {
            let number = row.text(0).to_owned();
            self.numbers.insert(number.clone(), self.accounts.len());
            self.accounts.push(Account {
                number,
                currency: row.text(1).to_owned(),
                sums: Sums::default(),
                grows_by_debits: matches!(row.text(2), "asset" | "expense" | "memorandum"),
                may_overdraw: row.text(3) == "yes",
            });
        }
        for row in Rows::all(folder, "positions.csv")? {
            let result = match row.text(2) {
                "" => None,
                _ => Some(self.named(&row, 2)?),
            };
            let account = self.named(&row, 1)?;
            self.positions.push(Position {
                currency: row.text(0).to_owned(),
                amount: 0,
                book_value: 0,
                account,
                result,
            });
        }
        for row in Rows::all(folder, "opening_balances.csv")? {
            let (debit, credit) = (self.named(&row, 0)?, self.named(&row, 1)?);
            let amount = self.amount(&row, 2, debit)?;
            self.book(debit, credit, amount);
        }
        Ok(())
    }

    fn named(&self, row: &Row, field: usize) -> Result<usize, String> {
        let number = row.text(field);
        let found = self.numbers.get(number).copied();
        found.ok_or_else(|| row.wrong("an account", number))
    }

    /// An amount in the currency of an account.
    fn amount(&self, row: &Row, field: usize, account: usize) -> Result<i128, String> {
        row.minor(field, decimals(&self.accounts[account].currency))
    }

    fn book(&mut self, debit: usize, credit: usize, amount: i128) {
        self.accounts[debit].sums.debits += amount;
        self.accounts[credit].sums.credits += amount;
    }

    /// Whether an account can give the amount, or be credited with it when it grows by debits.
    fn can_move(&self, account: usize, debited: bool, amount: i128) -> bool {
        let of = &self.accounts[account];
        if of.may_overdraw || debited == of.grows_by_debits {
            return true;
        }
        let sums = of.sums;
        amount
            <= match of.grows_by_debits {
                true => sums.debits - sums.credits - sums.credits_held,
                false => sums.credits - sums.debits - sums.debits_held,
            }
    }

    fn judge(&self, debit: usize, credit: usize, amount: i128) -> Outcome {
        if amount == 0 || debit == credit {
            Outcome::Refused
        } else if self.can_move(debit, true, amount) && self.can_move(credit, false, amount) {
            Outcome::Done
        } else {
            Outcome::Unpayable
        }
    }

    fn count(&mut self, task: usize, outcome: Outcome) {
        self.counts[task][outcome as usize] += 1;
    }

    /// Moves an amount if it can be moved.
    fn pay(&mut self, task: usize, debit: usize, credit: usize, amount: i128) -> Outcome {
        let outcome = self.judge(debit, credit, amount);
        if outcome == Outcome::Done {
            self.book(debit, credit, amount);
        }
        self.count(task, outcome);
        outcome
    }

    /// A row with the fields of the account to debit, the one to credit, and the amount.
    fn transfer(
        &mut self,
        task: usize,
        row: &Row,
        (debit, credit, amount): (usize, usize, usize),
    ) -> Result<(), String> {
        let (debit, credit) = (self.named(row, debit)?, self.named(row, credit)?);
        let amount = self.amount(row, amount, debit)?;
        self.pay(task, debit, credit, amount);
        Ok(())
    }

    fn pay_by_card(&mut self, line: u64, row: &Row, open: &mut Vec<Open>) -> Result<(), String> {
        let (account, merchant) = (self.named(row, 1)?, self.named(row, 2)?);
        let payment = Payment {
            account,
            merchant,
            amount: self.amount(row, 3, account)?,
            back: 0,
        };
        let course = row.text(4).to_owned();
        let held = matches!(course.as_str(), "authorised" | "cancelled");
        let outcome = if held {
            let outcome = self.judge(account, merchant, payment.amount);
            if outcome == Outcome::Done {
                self.accounts[account].sums.debits_held += payment.amount;
                self.accounts[merchant].sums.credits_held += payment.amount;
            }
            self.count(2, outcome);
            outcome
        } else {
            self.pay(1, account, merchant, payment.amount)
        };
        if outcome != Outcome::Done {
            return Ok(());
        }
        if !held {
            self.paid.insert(line, payment);
        }
        if course != "paid" {
            open.push(Open {
                line,
                payment,
                course,
            });
        }
        Ok(())
    }

    /// What a card payment of yesterday leaves to do.
    fn follow_up(&mut self, open: &Open) {
        let Payment {
            account,
            merchant,
            amount,
            ..
        } = open.payment;
        if open.course == "returned" {
            let outcome = self.pay(5, merchant, account, amount);
            if let (Outcome::Done, Some(payment)) = (outcome, self.paid.get_mut(&open.line)) {
                payment.back = amount;
            }
            return;
        }
        self.accounts[account].sums.debits_held -= amount;
        self.accounts[merchant].sums.credits_held -= amount;
        if open.course == "authorised" {
            self.book(account, merchant, amount);
            self.count(3, Outcome::Done);
        } else {
            self.count(4, Outcome::Done);
        }
    }

    /// The same number is the same refund: it has the first one's result and moves nothing.
    fn refund(&mut self, row: &Row) -> Result<(), String> {
        let (number, line) = (row.number(1)?, row.number(2)?);
        let Some(payment) = self.paid.get(&line).copied() else {
            self.count(6, Outcome::Refused);
            return Ok(());
        };
        let asked = self.amount(row, 3, payment.account)?;
        if let Some((first_line, first_asked, outcome)) = self.refunds.get(&number).copied() {
            let same = (first_line, first_asked) == (line, asked);
            self.count(6, if same { outcome } else { Outcome::Refused });
            return Ok(());
        }
        let left = payment.amount - payment.back;
        let amount = if asked == 0 { left } else { asked };
        let outcome = if amount > left || amount == 0 {
            self.count(6, Outcome::Refused);
            Outcome::Refused
        } else {
            self.pay(6, payment.merchant, payment.account, amount)
        };
        if let (Outcome::Done, Some(payment)) = (outcome, self.paid.get_mut(&line)) {
            payment.back += amount;
        }
        self.refunds.insert(number, (line, asked, outcome));
        Ok(())
    }

    fn position(&self, currency: &str) -> Option<usize> {
        let of = |position: &Position| position.currency == currency;
        self.positions.iter().position(of)
    }

    fn exchange(&mut self, row: &Row) -> Result<(), String> {
        let (debit, credit) = (self.named(row, 1)?, self.named(row, 2)?);
        let sold = self.amount(row, 3, debit)?;
        let from = self.accounts[debit].currency.clone();
        let to = self.accounts[credit].currency.clone();
        let bought = converted(sold, decimals(&from), row.rate(4)?, decimals(&to));
        let worth = match (from == self.own_currency, to == self.own_currency) {
            (true, false) => Some(sold),
            (false, true) => Some(bought),
            _ => None,
        };
        let positions = (self.position(&from), self.position(&to));
        let (Some(worth), (Some(into), Some(out))) = (worth, positions) else {
            self.count(7, Outcome::Refused);
            return Ok(());
        };
        let (taking, giving) = (self.positions[into].account, self.positions[out].account);
        let outcome = match self.judge(debit, taking, sold) {
            Outcome::Done => self.judge(giving, credit, bought),
            other => other,
        };
        if outcome == Outcome::Done {
            self.book(debit, taking, sold);
            self.book(giving, credit, bought);
            self.positions[into].amount += sold;
            self.positions[into].book_value += worth;
            self.positions[out].amount -= bought;
            self.positions[out].book_value -= worth;
        }
        self.count(7, outcome);
        Ok(())
    }

    /// Posts what a position is worth at a rate, less its book value.
    fn revalue(&mut self, row: &Row) -> Result<(), String> {
        let currency = row.text(1);
        let own = self.position(&self.own_currency);
        let (Some(of), Some(own)) = (self.position(currency), own) else {
            return Err(row.wrong("a currency with a position", currency));
        };
        let result = self.positions[of].result;
        let result = result.ok_or_else(|| row.wrong("a position with a result", currency))?;
        let scales = (decimals(currency), decimals(&self.own_currency));
        let worth = converted(self.positions[of].amount, scales.0, row.rate(2)?, scales.1);
        let gain = worth - self.positions[of].book_value;
        let counter = self.positions[own].account;
        if gain > 0 {
            self.book(counter, result, gain);
        } else {
            self.book(result, counter, -gain);
        }
        self.positions[of].book_value += gain;
        self.positions[own].book_value -= gain;
        self.positions[own].amount -= gain;
        Ok(())
    }
}

/// An amount at a rate, in the other currency's minor units: half a unit goes to the even neighbour.
fn converted(amount: i128, decimals: usize, (rate, scale): (i128, usize), other: usize) -> i128 {
    let above = amount * rate * 10i128.pow(other as u32);
    let below = 10i128.pow((decimals + scale) as u32);
    let (whole, rest) = (above.div_euclid(below), above.rem_euclid(below));
    match (rest * 2).cmp(&below) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Equal => whole + whole.rem_euclid(2),
        std::cmp::Ordering::Greater => whole + 1,
    }
}

/// The files with a day in each row, and the standing orders.
struct Days {
    orders: Vec<Row>,
    corrections: Dated,
    exchanges: Dated,
    refunds: Dated,
    rates: Dated,
}

impl Days {
    fn read(folder: &Path) -> Result<Days, String> {
        Ok(Days {
            orders: Rows::all(folder, "standing_orders.csv")?,
            corrections: Dated::read(folder, "corrections.csv")?,
            exchanges: Dated::read(folder, "exchanges.csv")?,
            refunds: Dated::read(folder, "refunds.csv")?,
            rates: Dated::read(folder, "rates.csv")?,
        })
    }
}

/// Rows in the order of days.
struct Dated {
    rows: std::iter::Peekable<std::vec::IntoIter<Row>>,
}

impl Dated {
    fn read(folder: &Path, name: &str) -> Result<Dated, String> {
        let rows = Rows::all(folder, name)?.into_iter().peekable();
        Ok(Dated { rows })
    }

    /// The rows of a day.
    fn of(&mut self, day: Day) -> Result<Vec<Row>, String> {
        let mut found = Vec::new();
        while let Some(row) = self.rows.peek() {
            if row.day(0)? != day {
                break;
            }
            found.extend(self.rows.next());
        }
        Ok(found)
    }
}

/// The card payments, which are too many to keep.
struct CardPayments {
    rows: Rows,
    next: Option<Row>,
    line: u64,
}

impl CardPayments {
    fn open(folder: &Path) -> Result<CardPayments, String> {
        let mut rows = Rows::open(folder, "card_payments.csv")?;
        let next = rows.next_row()?;
        Ok(CardPayments {
            rows,
            next,
            line: 0,
        })
    }

    /// The next payment of a day, with its number from 1; none when the day has no more.
    fn of(&mut self, day: Day) -> Result<Option<(u64, Row)>, String> {
        match &self.next {
            Some(row) if row.day(0)? == day => {}
            _ => return Ok(None),
        }
        self.line += 1;
        let row = std::mem::replace(&mut self.next, self.rows.next_row()?);
        Ok(row.map(|row| (self.line, row)))
    }
}

#[cfg(test)]
mod tests {
    use super::converted;

    #[test]
    fn an_amount_is_converted_to_the_nearest_unit_and_halves_to_even() {
        assert_eq!(converted(10_000, 2, (10_870, 4), 2), 10_870);
        assert_eq!(converted(5, 2, (5, 1), 2), 2);
        assert_eq!(converted(7, 2, (5, 1), 2), 4);
        assert_eq!(converted(-5, 2, (5, 1), 2), -2);
        assert_eq!(converted(-7, 2, (5, 1), 2), -4);
        assert_eq!(converted(12_345, 2, (16_393, 2), 0), 20_237);
        assert_eq!(converted(20_237, 0, (6_100, 6), 2), 12_345);
    }
}
