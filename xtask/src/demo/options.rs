//! The options of `cargo demo`. Every path and number comes from here, and what contradicts itself is refused before
//! anything is built or written.

use std::path::PathBuf;

use super::sample::Size;

pub const HELP: &str = "\
cargo demo [options]

Builds libqenex and examples/c/bank_year, makes the files of a bank under target/demo/input, lets the
C program live through its year in a database file (payments, refunds, foreign exchange, ends of
days, closes of months), killed in the middle of a batch and of an end of day, and adds the input
up without libqenex: every account must be equal.

  --accounts N     accounts of the sample bank, 1 to 1000000 (5000)
  --months N       months that it lives through, 1 to 24 (12)
  --seed N         what decides the sample bank (1)
  --berka DIR      instead of the sample: the accounts and standing orders of a real bank, from
                   fin_account.tsv, fin_order.tsv and fin_district.tsv of the PKDD'99 tables
  --fraud FILE     instead of the sample: card payments, gzip of
                   seconds,customer,terminal,cents,fraud,scenario
  --input DIR      instead of the sample: files in the format of examples/c/README.md
  --batch N        most commands in a batch, 1 to 8190 (8190)
  --no-kill        let the program live through to the end
  --keep           go on with the database of an earlier run
  --output DIR     where everything is written (target/demo)
  --profile NAME   cargo profile of the library (demo: release without link-time optimisation)
  --help           this text";

/// Where the input comes from.
pub enum Source {
    Sample { size: Size, seed: u64 },
    Berka(PathBuf),
    Fraud(PathBuf),
    Input(PathBuf),
}

pub struct Options {
    pub source: Source,
    pub batch: u64,
    pub kill: bool,
    /// Goes on with the database that is there.
    pub keep: bool,
    /// None: the folder `demo` under the target folder.
    pub output: Option<PathBuf>,
    pub profile: String,
}

impl Options {
    /// None: help was asked for.
    pub fn parse(arguments: &[&str]) -> Result<Option<Options>, String> {
        let mut size = Size {
            accounts: 5000,
            months: 12,
        };
        let mut seed = 1;
        let mut sample_option = None;
        let mut others: Vec<(&str, Source)> = Vec::new();
        let mut options = Options {
            source: Source::Sample { size, seed },
            batch: 8190,
            kill: true,
            keep: false,
            output: None,
            profile: "demo".to_owned(),
        };
        let mut rest = arguments.iter().copied();
        while let Some(name) = rest.next() {
            let mut value = || {
                rest.next()
                    .ok_or_else(|| format!("{name} needs a value; see --help"))
            };
            match name {
                "--help" | "-h" => return Ok(None),
                "--accounts" => size.accounts = number(name, value()?, 1, 1_000_000)?,
                "--months" => size.months = number(name, value()?, 1, 24)?,
                "--seed" => seed = number(name, value()?, 0, u64::MAX)?,
                "--berka" => others.push((name, Source::Berka(value()?.into()))),
                "--fraud" => others.push((name, Source::Fraud(value()?.into()))),
                "--input" => others.push((name, Source::Input(value()?.into()))),
                "--batch" => options.batch = number(name, value()?, 1, 8190)?,
                "--no-kill" => options.kill = false,
                "--keep" => options.keep = true,
                "--output" => options.output = Some(value()?.into()),
                "--profile" => value()?.clone_into(&mut options.profile),
                other => return Err(format!("demo does not know '{other}'; see --help")),
            }
            if matches!(name, "--accounts" | "--months" | "--seed") {
                sample_option = Some(name);
            }
        }
        options.source = match (others.pop(), others.pop(), sample_option) {
            (None, _, _) => Source::Sample { size, seed },
            (Some((_, source)), None, None) => source,
            (Some((name, _)), Some((other, _)), _) | (Some((name, _)), None, Some(other)) => {
                return Err(format!("{other} and {name} exclude each other: give one"));
            }
        };
        Ok(Some(options))
    }
}

fn number(name: &str, text: &str, least: u64, most: u64) -> Result<u64, String> {
    match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!(
            "{name} takes a number from {least} to {most}, not '{text}'"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(arguments: &[&str]) -> String {
        match Options::parse(arguments) {
            Ok(_) => panic!("{arguments:?} was accepted"),
            Err(message) => message,
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_option_named() {
        assert!(refused(&["--accounts"]).contains("--accounts needs a value"));
        assert!(refused(&["--accounts", "0"]).contains("1 to 1000000, not '0'"));
        assert!(refused(&["--batch", "8191"]).contains("--batch takes"));
        assert!(refused(&["--seed", "-1"]).contains("--seed takes"));
        assert!(refused(&["--quick"]).contains("'--quick'"));
        assert!(refused(&["--berka", "a", "--fraud", "b"]).contains("--berka and --fraud"));
        assert!(refused(&["--seed", "1", "--input", "b"]).contains("--seed and --input"));
    }

    #[test]
    fn options_are_taken_in_any_order() {
        let Ok(Some(options)) = Options::parse(&["--no-kill", "--months", "3", "--accounts", "60"])
        else {
            panic!("these options are good");
        };
        assert!(!options.kill);
        assert!(matches!(
            options.source,
            Source::Sample {
                size: Size {
                    accounts: 60,
                    months: 3
                },
                seed: 1
            }
        ));
        assert!(matches!(
            Options::parse(&["--seed", "4", "--help"]),
            Ok(None)
        ));
    }
}
