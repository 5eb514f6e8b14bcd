//! A process that is killed with SIGKILL at random instants: while it opens, runs commands, checkpoints, checks, copies or
//! closes. It is this test's own program, started again; what its clients hear comes back through a pipe. Round after round
//! goes on with the same file, which a standby follows through the feed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use qenex::engine::{Engine, maintenance};
use qenex::store::file::Location;

use crate::clients::{self, Heard, Setup};
use crate::dice::Dice;
use crate::file;
use crate::rounds::{rounds, seeds};
use crate::stage::folder;

const FILE: &str = "QENEX_CRASH_FILE";
const SEED: &str = "QENEX_CRASH_SEED";
const ROUND: &str = "QENEX_CRASH_ROUND";

/// The moment of a kill.
#[derive(Clone, Copy, Debug)]
struct Moment {
    /// Lines of this beginning are counted.
    line: &'static str,
    nth: u64,
    then: Duration,
}

impl Moment {
    fn of(seed: u64, round: u64) -> Moment {
        let mut dice = Dice::new(seed << 20 ^ round);
        let (line, nth) = match dice.below(6) {
            0 => ("phase open", dice.between(1, 3)),
            1 => ("phase close", dice.between(1, 3)),
            2 => ("phase care", dice.between(1, 2)),
            _ => ("ack", dice.between(1, 60)),
        };
        Moment {
            line,
            nth,
            then: Duration::from_micros(dice.below(4_000)),
        }
    }

    /// While the end of a day, or the close of a period or a year, is on its way.
    fn of_days(seed: u64, round: u64) -> Moment {
        let mut dice = Dice::new(seed << 20 ^ round ^ 0xDA);
        Moment {
            line: "phase days",
            nth: dice.between(1, 8),
            then: Duration::from_micros(dice.below(2_500)),
        }
    }
}

fn print(line: String) {
    let mut out = std::io::stdout().lock();
    // The parent may be gone: then there is nobody to tell.
    let _ = out
        .write_all(format!("\n{line}\n").as_bytes())
        .and_then(|()| out.flush());
}

/// What the killed process does; without the variables it has nothing to do.
#[test]
#[ignore = "started by the other tests of this file, to be killed"]
fn child() {
    let variable = |name| std::env::var(name).ok();
    let (Some(path), Some(seed), Some(round)) = (variable(FILE), variable(SEED), variable(ROUND))
    else {
        return;
    };
    let (seed, round) = (seed.parse().unwrap(), round.parse().unwrap());
    let setup = Setup::new(seed);
    let mut streams = setup.streams(round);
    let mut dice = Dice::new(seed ^ round << 16);
    for life in 0..5 {
        print("phase open".into());
        let options = file::options(Location::Path(PathBuf::from(&path)), round);
        let engine = Engine::open(options).unwrap();
        std::thread::scope(|scope| {
            if dice.one_in(2) {
                let engine = &engine;
                let copy = format!("{path}-copy-{round}-{life}");
                scope.spawn(move || {
                    print("phase care".into());
                    let problems = engine.integrity_check().unwrap();
                    assert!(problems.is_empty(), "{problems:?}");
                    engine.backup(Path::new(&copy), &mut |_, _| true).unwrap();
                });
            }
            clients::run(&engine, &mut streams, dice.between(1, 12), &print);
        });
        print("phase close".into());
        engine.close().unwrap();
    }
}

/// Starts the child, listens, kills it. Says what was heard, and whether it was killed.
fn live(path: &Path, seed: u64, round: u64, moment: Moment) -> (Heard, bool) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--ignored", "--nocapture"])
        .env(FILE, path)
        .env(SEED, seed.to_string())
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut heard = Heard::new(round);
    let mut seen = 0;
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while out.read_line(&mut line).unwrap() > 0 {
        // A line that the kill cut off says nothing.
        if let Some(whole) = line.strip_suffix('\n') {
            heard.hear(whole);
            seen += u64::from(whole.starts_with(moment.line));
        }
        line.clear();
        if seen == moment.nth {
            seen += 1;
            let started = Instant::now();
            while started.elapsed() < moment.then {
                std::hint::spin_loop();
            }
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    let killed = std::os::unix::process::ExitStatusExt::signal(&status) == Some(9);
    assert!(
        killed || status.success(),
        "seed {seed}, round {round}: the child ended with {status}"
    );
    (heard, killed)
}

/// A copy of the file whose caches are rebuilt has the same state.
fn rebuilt(engine: &Engine, copy: &Path, round: u64) -> file::Checked<()> {
    let failed = |error: qenex::base::Error| error.to_string();
    let hash = engine.state_hash().map_err(failed)?;
    engine.backup(copy, &mut |_, _| true).map_err(failed)?;
    let options = file::options(Location::Path(copy.to_owned()), round);
    maintenance::rebuild_caches(&options).map_err(failed)?;
    let other = Engine::open(options.clone()).map_err(failed)?;
    file::sound(&other, &options)?;
    match other.state_hash().map_err(failed)? == hash {
        true => other.close().map_err(failed),
        false => Err("the state hash of rebuilt caches differs".into()),
    }
}

/// What was killed, and when.
#[derive(Debug, Default)]
struct Killed {
    rounds: u64,
    kills: u64,
    acknowledged: usize,
    /// Batches with the end of a day or the close of a period or year that were acknowledged, and those that a kill cut off.
    closes: (usize, usize),
}

/// Goes on with one file, killed at a moment in each round, until `enough`.
fn kill_again_and_again(
    name: &str,
    seed: u64,
    moment: fn(u64, u64) -> Moment,
    enough: impl Fn(&Killed) -> bool,
) -> Killed {
    let folder = folder(&format!("{name}-{seed}"));
    let path = folder.join("bank.db");
    let setup = Setup::new(seed);
    let standby = file::standby();
    let open = |round| {
        let options = file::options(Location::Path(path.clone()), round);
        (Engine::open(options.clone()), options)
    };
    let engine = open(0).0.unwrap();
    setup.apply(&engine);
    let mut start = engine.session("auditor", "").unwrap().sequence().unwrap();
    engine.close().unwrap();
    let (mut done, mut all) = (Killed::default(), Vec::new());
    let mut last = false;
    while !last {
        let round = done.rounds;
        let moment = moment(seed, round);
        let (heard, killed) = live(&path, seed, round, moment);
        let closes = heard.closes(&setup).unwrap();
        done.rounds += 1;
        done.kills += u64::from(killed);
        done.acknowledged += heard.acknowledged();
        done.closes.0 += closes.0;
        done.closes.1 += closes.1;
        last = enough(&done);
        let (engine, options) = open(round);
        let checked = engine
            .map_err(|error| error.to_string())
            .and_then(|engine| {
                file::sound(&engine, &options)?;
                heard.check(&engine, &options, &setup, start)?;
                file::follows(&engine, &standby, 500)?;
                if round % 5 == 4 || last {
                    rebuilt(&engine, &folder.join(format!("rebuilt-{round}.db")), round)?;
                }
                Ok(engine)
            });
        let engine = checked.unwrap_or_else(|difference| {
            panic!(
                "seed {seed}, round {round}, killed: {killed}, {moment:?}: {difference}\n\
                 run it again with QENEX_SEED={seed} cargo test --test engine_crash kill"
            )
        });
        start = engine.session("auditor", "").unwrap().sequence().unwrap();
        all.push(heard);
        if last {
            // Nothing of any round was lost later on, and the whole feed makes the file again.
            for heard in &all {
                heard.check_repeats(&engine, &setup).unwrap();
            }
            file::follows(&engine, &file::standby(), 777).unwrap();
        }
        // Left as it is, or closed.
        match round % 2 {
            0 => drop(engine),
            _ => engine.close().unwrap(),
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
    done
}

#[test]
fn killed_at_any_instant_the_file_holds_what_was_acknowledged() {
    for seed in seeds(1) {
        let last = rounds(12);
        let done = kill_again_and_again("kill", seed, Moment::of, |done| done.rounds == last);
        assert!(done.kills * 2 > last, "seed {seed}: {done:?}");
        assert!(done.acknowledged > 100, "seed {seed}: {done:?}");
        assert!(done.closes.0 > 10, "seed {seed}: {done:?}");
    }
}

#[test]
fn killed_during_the_end_of_a_day_or_a_close_it_goes_on_where_it_stood() {
    for seed in seeds(1) {
        let wanted = rounds(3) as usize;
        let done = kill_again_and_again("kill-days", seed, Moment::of_days, |done| {
            done.closes.1 >= wanted || done.rounds == 40
        });
        assert!(done.closes.1 >= wanted, "seed {seed}: {done:?}");
    }
}
