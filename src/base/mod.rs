//! Values, errors and encodings that every other layer is made of; no I/O, no state, nothing domain-specific.

pub mod status;

pub use status::Status;
