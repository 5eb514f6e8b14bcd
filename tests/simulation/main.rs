//! The whole engine against a plain model: random clients, restarts, faults, power cuts, kills. A failing run names
//! its seed; QENEX_SEED runs that seed alone, QENEX_SIMULATION_SECONDS lets each test go on with further seeds.

mod audit;
mod bank;
mod books;
mod cases;
mod command;
mod dice;
mod generator;
mod grouping;
mod model;
mod questions;
mod random;
mod registers;
mod registers_audit;
