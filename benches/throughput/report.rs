//! What a run says: a row of figures, as a line of JSON for other programs and as a line of an aligned table for
//! people. Each row also names the machine, so that a file of rows can be read a year later.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::contender::Result;
use crate::measure::Spread;

/// One measurement. Times are microseconds; `tps` counts transfers (in look-ups: look-ups) per second.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub name: String,
    pub design: String,
    pub batch: u64,
    pub ids: String,
    pub accounts: u64,
    pub threads: u64,
    pub payload: String,
    pub tps: f64,
    /// CPU time of the whole process per transfer, without what making the transfers cost.
    pub cpu_us: f64,
    /// Growth of all files after close per accepted transfer.
    pub bytes_per_transfer: f64,
    pub spread: Spread,
    /// Peak resident memory in MB of a million bytes.
    pub rss_mb: f64,
    /// Transfers, or look-ups, that were measured.
    pub transfers: u64,
}

/// The computer on which a row was measured, and when.
#[derive(Clone, Debug)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub kernel: String,
    pub date: String,
}

impl Machine {
    /// Describes this computer; `date` replaces the system's.
    pub fn describe(date: Option<&str>) -> Machine {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cpu = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
            .map_or("unknown", |(_, model)| model.trim())
            .to_owned();
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Machine {
            cpu,
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: format!("Linux {}", release.trim()),
            date: date.map_or_else(today, str::to_owned),
        }
    }
}

impl Row {
    /// One line of JSON, without the line end.
    pub fn to_json(&self, machine: &Machine) -> String {
        let mut json = String::from("{");
        for (key, value) in self.fields() {
            match value {
                Value::Text(text) => push_text(&mut json, key, text),
                Value::Number(number) => push_raw(&mut json, key, &number),
            }
        }
        push_text(&mut json, "cpu", &machine.cpu);
        push_raw(&mut json, "cores", &machine.cores.to_string());
        push_text(&mut json, "kernel", &machine.kernel);
        push_text(&mut json, "date", &machine.date);
        json.push('}');
        json
    }

    /// The figures alone, as one process tells them to another.
    pub fn to_line(&self) -> String {
        let values = self.fields().map(|(_, value)| match value {
            Value::Text(text) => text.to_owned(),
            Value::Number(number) => number,
        });
        values.join("\t")
    }

    /// The inverse of [`Row::to_line`].
    pub fn from_line(line: &str) -> Result<Row> {
        let fields: Vec<&str> = line.split('\t').collect();
        let [
            name,
            design,
            batch,
            ids,
            accounts,
            threads,
            payload,
            tps,
            cpu_us,
            bytes_per_transfer,
            p50,
            p99,
            max,
            rss_mb,
            transfers,
        ] = fields[..]
        else {
            return Err(format!("'{line}' is not a row").into());
        };
        Ok(Row {
            name: name.to_owned(),
            design: design.to_owned(),
            batch: batch.parse()?,
            ids: ids.to_owned(),
            accounts: accounts.parse()?,
            threads: threads.parse()?,
            payload: payload.to_owned(),
            tps: tps.parse()?,
            cpu_us: cpu_us.parse()?,
            bytes_per_transfer: bytes_per_transfer.parse()?,
            spread: Spread {
                p50: p50.parse()?,
                p99: p99.parse()?,
                max: max.parse()?,
            },
            rss_mb: rss_mb.parse()?,
            transfers: transfers.parse()?,
        })
    }

    fn fields(&self) -> [(&'static str, Value<'_>); 15] {
        let whole = |number: u64| Value::Number(number.to_string());
        let fraction = |number: f64, digits: usize| Value::Number(format!("{number:.digits$}"));
        [
            ("name", Value::Text(&self.name)),
            ("design", Value::Text(&self.design)),
            ("batch", whole(self.batch)),
            ("ids", Value::Text(&self.ids)),
            ("accounts", whole(self.accounts)),
            ("threads", whole(self.threads)),
            ("payload", Value::Text(&self.payload)),
            ("tps", fraction(self.tps, 0)),
            ("cpu_us", fraction(self.cpu_us, 3)),
            ("bytes_per_transfer", fraction(self.bytes_per_transfer, 1)),
            ("p50_us", fraction(self.spread.p50, 3)),
            ("p99_us", fraction(self.spread.p99, 3)),
            ("max_us", fraction(self.spread.max, 3)),
            ("rss_mb", fraction(self.rss_mb, 1)),
            ("transfers", whole(self.transfers)),
        ]
    }
}

enum Value<'a> {
    Text(&'a str),
    Number(String),
}

fn push_text(json: &mut String, key: &str, text: &str) {
    let escaped: String = text
        .chars()
        .flat_map(|c| match c {
            '"' | '\\' => vec!['\\', c],
            c if c.is_control() => vec![' '],
            c => vec![c],
        })
        .collect();
    push_raw(json, key, &format!("\"{escaped}\""));
}

fn push_raw(json: &mut String, key: &str, value: &str) {
    if json.len() > 1 {
        json.push(',');
    }
    // Writing to a String cannot fail.
    let _ = write!(json, "\"{key}\":{value}");
}

/// Prints rows as a table while they come, and writes each into the file of its bench.
pub struct Report {
    machine: Machine,
    file: File,
    path: PathBuf,
    rows: usize,
}

impl Report {
    /// Begins `<directory>/<bench>.jsonl`, or continues it when `append` is set.
    pub fn begin(directory: &Path, bench: &str, append: bool, machine: Machine) -> Result<Report> {
        fs::create_dir_all(directory)?;
        let path = directory.join(format!("{bench}.jsonl"));
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .append(append)
            .truncate(!append)
            .open(&path)?;
        Ok(Report {
            machine,
            file,
            path,
            rows: 0,
        })
    }

    pub fn add(&mut self, row: &Row) -> Result<()> {
        writeln!(self.file, "{}", row.to_json(&self.machine))?;
        if self.rows == 0 {
            println!(
                "{:<20} {:<9} {:>6} {:>7} {:>9} {:>7} {:>10} {:>10} {:>8} {:>8} {:>10} {:>10} {:>10} {:>7}",
                "bench",
                "design",
                "batch",
                "ids",
                "accounts",
                "threads",
                "payload",
                "per second",
                "CPU us",
                "bytes",
                "p50 us",
                "p99 us",
                "max us",
                "MB"
            );
        }
        println!(
            "{:<20} {:<9} {:>6} {:>7} {:>9} {:>7} {:>10} {:>10.0} {:>8.2} {:>8.0} {:>10.2} {:>10.2} {:>10.1} {:>7.1}",
            row.name,
            row.design,
            row.batch,
            row.ids,
            row.accounts,
            row.threads,
            row.payload,
            row.tps,
            row.cpu_us,
            row.bytes_per_transfer,
            row.spread.p50,
            row.spread.p99,
            row.spread.max,
            row.rss_mb
        );
        self.rows += 1;
        Ok(())
    }

    pub fn end(self) -> Result<()> {
        self.file.sync_all()?;
        let Machine {
            cpu,
            cores,
            kernel,
            date,
        } = &self.machine;
        println!(
            "{cpu}, {cores} cores, {kernel}, {date}; {} rows in {}",
            self.rows,
            self.path.display()
        );
        Ok(())
    }
}

fn today() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs());
    let (year, month, day) = civil_date((seconds / 86_400).cast_signed());
    format!("{year:04}-{month:02}-{day:02}")
}

/// Year, month and day of a number of days since 1970-01-01, which must not be negative.
pub fn civil_date(days: i64) -> (i64, i64, i64) {
    // Years are counted from March, so that the leap day is the last day of its year.
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The inverse of [`civil_date`].
pub fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let month = if month > 2 { month - 3 } else { month + 9 };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}
