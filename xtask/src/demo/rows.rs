//! The comma-separated files of the demo as its proof reads them: line by line, without anything of libqenex, and
//! amounts as whole minor units.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::calendar::Day;

/// A file that is read once, row by row.
pub struct Rows {
    path: PathBuf,
    lines: std::io::Lines<BufReader<File>>,
    line: usize,
    columns: usize,
}

/// A row: its fields, and where it stands.
pub struct Row {
    place: String,
    fields: Vec<String>,
}

impl Rows {
    /// Opens a file whose first line names its columns.
    pub fn open(folder: &Path, name: &str) -> Result<Rows, String> {
        let path = folder.join(name);
        let file = File::open(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let mut rows = Rows {
            path,
            lines: BufReader::with_capacity(1 << 20, file).lines(),
            line: 0,
            columns: 0,
        };
        rows.columns = rows.next_row()?.map_or(0, |row| row.fields.len());
        Ok(rows)
    }

    /// The next row; none after the last one.
    pub fn next_row(&mut self) -> Result<Option<Row>, String> {
        let Some(line) = self.lines.next() else {
            return Ok(None);
        };
        self.line += 1;
        let place = format!("{}, line {}", self.path.display(), self.line);
        let line = line.map_err(|error| format!("{place}: {error}"))?;
        let fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        if self.columns > fields.len() {
            return Err(format!("{place}: there must be {} fields", self.columns));
        }
        Ok(Some(Row { place, fields }))
    }

    /// All rows.
    pub fn all(folder: &Path, name: &str) -> Result<Vec<Row>, String> {
        let mut rows = Rows::open(folder, name)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next_row()? {
            all.push(row);
        }
        Ok(all)
    }
}

impl Row {
    pub fn text(&self, field: usize) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }

    pub fn number(&self, field: usize) -> Result<u64, String> {
        let text = self.text(field);
        text.parse().map_err(|_| self.wrong("a number", text))
    }

    /// Whole minor units of a currency with so many decimals.
    pub fn minor(&self, field: usize, decimals: usize) -> Result<i128, String> {
        let text = self.text(field);
        let (minor, found) = decimal(text).ok_or_else(|| self.wrong("an amount", text))?;
        if found > decimals {
            return Err(self.wrong("an amount of this currency", text));
        }
        Ok(minor * 10i128.pow((decimals - found) as u32))
    }

    /// The number without its point, and how many decimals it has.
    pub fn rate(&self, field: usize) -> Result<(i128, usize), String> {
        let text = self.text(field);
        decimal(text).ok_or_else(|| self.wrong("a rate", text))
    }

    /// A field that begins with a day.
    pub fn day(&self, field: usize) -> Result<Day, String> {
        let text = self.text(field);
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
        match (part(0..4), part(5..7), part(8..10)) {
            (Some(year), Some(month), Some(day)) => {
                Ok(Day::first_of_month(year, month).plus(day - 1))
            }
            _ => Err(self.wrong("a day", text)),
        }
    }

    pub fn wrong(&self, expected: &str, text: &str) -> String {
        format!("{}: '{text}' is not {expected}", self.place)
    }
}

/// Digits with at most one point, and a minus sign before them; and the count of digits behind the point.
fn decimal(text: &str) -> Option<(i128, usize)> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, behind) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !(whole.bytes().chain(behind.bytes())).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let number: i128 = format!("{whole}{behind}").parse().ok()?;
    Some((sign * number, behind.len()))
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_decimal_is_read_to_its_last_digit() {
        assert_eq!(decimal("12.340"), Some((12_340, 3)));
        assert_eq!(decimal("-0.05"), Some((-5, 2)));
        assert_eq!(decimal("7"), Some((7, 0)));
        for wrong in ["", ".5", "1,5", "1.2.3", "1e3", "--1", "+1"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }
}
