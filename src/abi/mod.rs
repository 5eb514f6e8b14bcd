//! The C functions: check what the host passed, convert, call the engine, catch panics. No logic, and the only
//! `unsafe` besides the VFS. `include/qenex.h` is generated from the files here by `cargo xtask header`.
#![allow(unsafe_code, non_camel_case_types)]
// Every pointer that a host passes goes through `memory` and `handle`, which check what can be checked; C has no
// `unsafe` to mark the rest with.
#![allow(clippy::not_unsafe_ptr_arg_deref)]

pub mod account_list;
mod arena;
pub mod balance;
mod batch;
pub mod books;
pub mod books_query;
pub mod buffer;
pub mod commands;
pub mod completion;
pub mod constants;
mod convert;
mod cursor;
pub mod day_query;
pub mod days;
pub mod error;
mod guard;
mod handle;
pub mod history;
mod host;
pub mod library;
pub mod lifecycle;
pub mod maintenance;
mod memory;
pub mod query;
pub mod record;
pub mod replay;
pub mod set_up;
pub mod simple;
pub mod text;
pub mod trial;
