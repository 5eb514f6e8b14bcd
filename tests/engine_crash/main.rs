//! The whole engine with the ledger through everything that can end or break it: calls of the disk that fail, power that
//! goes, processes that are killed, forks. What was acknowledged is there afterwards, what was not is there whole or not
//! at all, everything agrees with plain sums and with the simulation's model, and hosts or disks that cheat are caught.
//! A failing run names its seed; QENEX_SEED runs that seed alone, QENEX_CRASH_ROUNDS multiplies the work.

#[path = "../simulation/audit.rs"]
#[allow(dead_code)]
mod audit;
#[path = "../simulation/bank.rs"]
#[allow(dead_code)]
mod bank;
#[path = "../simulation/books.rs"]
#[allow(dead_code)]
mod books;
#[path = "../simulation/command.rs"]
#[allow(dead_code)]
mod command;
#[path = "../simulation/dice.rs"]
#[allow(dead_code)]
mod dice;
#[path = "../simulation/generator.rs"]
#[allow(dead_code)]
mod generator;
#[path = "../simulation/model/mod.rs"]
#[allow(dead_code)]
mod model;
#[path = "../simulation/registers.rs"]
#[allow(dead_code)]
mod registers;
#[path = "../simulation/registers_audit.rs"]
#[allow(dead_code)]
mod registers_audit;

mod clients;
mod faults;
mod file;
#[cfg(unix)]
mod foreign;
mod keys;
#[cfg(unix)]
mod kill;
mod power;
mod rebuild;
mod rounds;
mod stage;
