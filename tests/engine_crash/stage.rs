//! A file with a past and a host that goes on with it while the disk fails: it sends what was planned, tries again where
//! that is allowed, asks in between, and remembers what was acknowledged. Afterwards the file is opened on a disk that
//! works and compared with the model, which has run exactly the acknowledged commands.

use qenex::base::{Error, Id, Status};
use qenex::ledger::command::AccountRef;
use qenex::store::vfs::{Fault, IoKind, Repeat, SimulatedDisk};

use crate::audit;
use crate::bank::{Bank, Tuning};
use crate::command::{Batch, Entry};
use crate::generator::{Mix, USD};
use crate::model::{Client, Model, When};

const MIX: Mix = Mix {
    accounts: 24,
    batch: 10,
    texts: true,
};
/// Checkpoints every few commits, pages that are written and read all the time.
const TUNING: Tuning = Tuning {
    cache_bytes: 0,
    replay_limit: 20,
    checkpoint_bytes: 24 << 10,
    portion: 4,
};
const MINUTE: i64 = 60_000_000;

/// What an operation on a failing disk may answer.
pub const DOCUMENTED: &[Status] = &[
    Status::IO,
    Status::DISK_FULL,
    Status::CANNOT_OPEN,
    Status::OUTCOME_UNKNOWN,
    Status::POISONED,
];

/// A file, what happened in it so far, and what its clients send next.
pub struct Stage {
    bank: Bank,
    pub batches: Vec<Planned>,
}

/// A batch of a client's.
#[derive(Clone)]
pub struct Planned {
    client: Client,
    now: i64,
    entries: Vec<Entry>,
}

/// What the host does when a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// It frees space or replaces the cable, and tries again.
    TriesAgain,
    /// It ends.
    GivesUp,
}

/// Where a host stands when it has ended.
pub struct Played {
    pub bank: Bank,
    /// What the model is if the batch whose outcome is unknown has run.
    pub in_flight: Option<Model>,
    pub failures: Vec<Error>,
    /// Batches that were acknowledged.
    pub acknowledged: usize,
    /// A batch failed, and ran after the disk was repaired, in the same engine.
    pub went_on: bool,
}

impl Stage {
    /// A file that was in use until its process was killed: opening it has work to do.
    pub fn used(seed: u64) -> Stage {
        let mut bank = Bank::set_up(seed, TUNING, MIX);
        for _ in 0..12 {
            bank.step();
        }
        let image = bank.disk.clone_contents().unwrap();
        let mut bank = bank.again(String::new(), image);
        bank.model.state.time = audit::last_time(&bank.disk);
        let mut ahead = bank.model.clone();
        let mut batches = Vec::new();
        while batches.len() < 5 {
            let now = bank.clock_time() + MINUTE;
            bank.set_clock(now);
            let entries = bank.generator.batch(&ahead);
            let client = bank.client();
            ahead
                .run(&client, When::Clock(now), &entries, false)
                .unwrap();
            batches.push(Planned {
                client,
                now,
                entries,
            });
        }
        Stage { bank, batches }
    }

    /// No file yet, and a bank's first batches.
    pub fn new_file(seed: u64) -> Stage {
        let mut bank = Bank::new(seed, TUNING, MIX).again(String::new(), SimulatedDisk::new());
        let now = bank.clock_time();
        let client = bank.client();
        let mut ahead = Model::new();
        let mut batches = Vec::new();
        for number in 0..2 {
            let entries = match number {
                0 => bank
                    .generator
                    .setup(qenex::base::Timestamp::from_micros(now).date().days()),
                _ => bank.generator.funding(&ahead),
            };
            ahead
                .run(&client, When::Clock(now), &entries, false)
                .unwrap();
            batches.push(Planned {
                client: client.clone(),
                now,
                entries,
            });
        }
        Stage { bank, batches }
    }

    /// The bank on a disk of its own with the file's contents.
    pub fn bank(&self, case: String) -> Bank {
        let disk = self.bank.disk.clone_contents().unwrap();
        self.bank.again(case, disk)
    }

    /// A host from opening to closing; where it tries again, the disk's faults are over.
    pub fn play(&self, bank: Bank, host: Host) -> Played {
        self.play_with(bank, host, &|bank| bank.faults.clear())
    }

    /// A host that does not close, as when its process is killed.
    pub fn play_unclosed(&self, bank: Bank) -> Played {
        let mut played = Played::new(bank);
        self.go(&mut played, Host::GivesUp, &|_| ());
        // SQLite would tidy up otherwise.
        let lost = Fault::PowerLost;
        let faults = &played.bank.faults;
        faults.fail(&IoKind::ALL, 1, Repeat::FromThenOn, lost);
        drop(played.bank.take_engine());
        played
    }

    /// As [`Stage::play`], with a way to repair the disk.
    pub fn play_with(&self, bank: Bank, host: Host, repair: &dyn Fn(&Bank)) -> Played {
        let mut played = Played::new(bank);
        self.go(&mut played, host, repair);
        if let Some(engine) = played.bank.take_engine()
            && let Err(error) = engine.close()
        {
            played.failed(error);
        }
        played
    }

    fn go(&self, played: &mut Played, host: Host, repair: &dyn Fn(&Bank)) {
        if let Err(error) = played.bank.open() {
            played.failed(error);
            return;
        }
        for planned in &self.batches {
            let mut repaired = false;
            loop {
                match played.send(planned) {
                    Ok(()) => break,
                    Err(Status::OUTCOME_UNKNOWN | Status::POISONED) => return,
                    Err(_) if host == Host::GivesUp => return,
                    Err(status) if repaired => {
                        let what = format!("{status:?} again: {:?}", played.failures);
                        played.bank.fail(&what)
                    }
                    Err(_) => {
                        repair(&played.bank);
                        repaired = true;
                    }
                }
            }
            played.went_on |= repaired;
            played.acknowledged += 1;
            played.ask();
        }
        match played.bank.engine().integrity_check() {
            Ok(problems) if problems.is_empty() => {}
            Ok(problems) => played.bank.fail(&format!("{problems:?}")),
            Err(error) => played.failed(error),
        }
    }

    /// Opens the file again on a disk that works, with what `played` knows, and compares all of it with the model; then
    /// sends the last batch again and goes on with the next.
    pub fn reopened(&self, played: &Played, disk: SimulatedDisk) -> Result<(), String> {
        let mut bank = played.bank.again(played.bank.case.clone(), disk);
        bank.model = surviving(&mut bank, &played.bank.model, played.in_flight.as_ref())?;
        // By key: what had run is answered as the first time, what had not runs now.
        let last = played.acknowledged.saturating_sub(1);
        for planned in self.batches.iter().skip(last).take(3) {
            bank.set_clock(planned.now);
            let when = When::Clock(planned.now);
            bank.run(&planned.client, when, planned.entries.clone(), false);
        }
        if let Some(engine) = bank.take_engine() {
            engine.close().map_err(|error| error.to_string())?;
        }
        audit::audit(&bank.disk, &bank.model)
    }
}

/// An empty folder of this process's own, for a test to remove.
pub fn folder(name: &str) -> std::path::PathBuf {
    let name = format!("qenex-crash-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path.canonicalize().unwrap()
}

/// Opens the bank's disk and says which model is what it holds: all that was acknowledged, with or without the batch that
/// was in flight.
pub fn surviving(
    bank: &mut Bank,
    acknowledged: &Model,
    in_flight: Option<&Model>,
) -> Result<Model, String> {
    bank.open().map_err(|error| format!("opening: {error}"))?;
    let found = bank
        .engine()
        .session("auditor", "")
        .and_then(|session| session.sequence())
        .map_err(|error| error.to_string())?;
    let candidates = [Some(acknowledged), in_flight];
    let model = candidates
        .into_iter()
        .flatten()
        .find(|model| model.state.sequence == found);
    let Some(model) = model else {
        return Err(format!(
            "{} changes were acknowledged, {found} are there",
            acknowledged.state.sequence
        ));
    };
    let mut model = model.clone();
    model.state.time = audit::last_time(&bank.disk);
    match bank.engine().integrity_check() {
        Ok(problems) if problems.is_empty() => {}
        other => return Err(format!("integrity check: {other:?}")),
    }
    audit::audit(&bank.disk, &model)?;
    Ok(model)
}

impl Played {
    fn new(bank: Bank) -> Played {
        Played {
            bank,
            in_flight: None,
            failures: Vec::new(),
            acknowledged: 0,
            went_on: false,
        }
    }

    /// Notes a failure, which must be one that is documented.
    fn failed(&mut self, error: Error) {
        if !DOCUMENTED.contains(&error.status()) {
            self.bank.fail(&format!("{:?}: {error}", error.status()));
        }
        self.failures.push(error);
    }

    /// Sends a batch and compares the answers.
    fn send(&mut self, planned: &Planned) -> Result<(), Status> {
        self.bank.set_clock(planned.now);
        let when = When::Clock(planned.now);
        let mut ahead = self.bank.model.clone();
        let answers = ahead
            .run(&planned.client, when, &planned.entries, false)
            .unwrap();
        let batch = Batch(planned.entries.clone());
        let (result, outcomes) = self.bank.execute(&planned.client, when, &batch, false);
        match result {
            Ok(()) => {
                self.bank.compare(&planned.entries, &answers, &outcomes);
                self.bank.model = ahead;
                Ok(())
            }
            Err(error) => {
                let status = error.status();
                if status == Status::OUTCOME_UNKNOWN {
                    self.in_flight = Some(ahead);
                }
                self.failed(error);
                Err(status)
            }
        }
    }

    /// Asks for balances and a statement: the right answer or an error.
    fn ask(&mut self) {
        let accounts: Vec<u128> = self.bank.model.state.accounts.keys().copied().collect();
        let session = match self.bank.engine().session("auditor", "") {
            Ok(session) => session,
            Err(error) => return self.failed(error),
        };
        for id in accounts.into_iter().step_by(7) {
            let account = AccountRef::Id(Id::from_u128(id));
            match session.balance(&account, USD) {
                Ok(balance) => {
                    let found = [
                        balance.turnovers.debits_posted,
                        balance.turnovers.credits_posted,
                        balance.turnovers.debits_pending,
                        balance.turnovers.credits_pending,
                    ];
                    if found != self.bank.model.balance(id, USD) {
                        self.bank.fail(&format!("the balance of {id} is {found:?}"));
                    }
                }
                Err(error) => self.failed(error),
            }
        }
    }
}
