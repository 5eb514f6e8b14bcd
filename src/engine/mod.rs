//! Opens and composes everything.

pub mod command;
