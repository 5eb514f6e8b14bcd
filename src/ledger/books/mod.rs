//! The state behind the books: positions in currencies, accruals, statements, codes of the general ledger, the
//! import, retention. Each kind of row is a [`CachedRows`] with undo; one mark, one rollback and one batch of writes
//! cover them all. A row here is rebuilt by replaying the feed, like every other state.

pub mod rows;
mod tables;

use crate::ledger::cache::CachedRows;
use crate::tx::{BatchNumber, Mark};

use rows::*;

pub use tables::{STATE, Stored, TABLES, load, load_list};

macro_rules! books {
    ($($(#[$doc:meta])* $field:ident: $key:ty => $row:ty;)*) => {
        /// Every kind of row of the books.
        pub struct Books {
            $($(#[$doc])* pub(super) $field: CachedRows<$key, $row>,)*
        }

        /// A position in all of them.
        #[derive(Clone, Copy, Debug)]
        pub struct BooksMark {
            $($field: Mark,)*
        }

        /// The rows that a batch writes.
        #[derive(Debug, Default)]
        pub struct BooksWrites {
            $(pub $field: Vec<($key, $row)>,)*
        }

        impl Books {
            /// Nothing in memory; about `capacity` unchanged rows of each kind are kept.
            pub fn new(capacity: usize) -> Books {
                Books { $($field: CachedRows::new(capacity),)* }
            }

            /// A position to roll back to.
            pub fn mark(&self) -> BooksMark {
                BooksMark { $($field: self.$field.mark(),)* }
            }

            /// Takes back everything after `mark`.
            pub fn roll_back(&mut self, mark: &BooksMark) {
                $(self.$field.roll_back(mark.$field);)*
            }

            /// Seals the open batch: what it writes.
            pub fn seal(&mut self, batch: BatchNumber) -> BooksWrites {
                BooksWrites { $($field: changed(self.$field.seal(batch)),)* }
            }

            /// Batches up to `batch` are durable.
            pub fn durable(&mut self, batch: BatchNumber) {
                $(self.$field.durable(batch);)*
            }

            /// Takes back everything that is not durable.
            pub fn discard_undurable(&mut self) {
                $(self.$field.discard_undurable();)*
            }
        }
    };
}

books! {
    /// By entity and asset.
    positions: (u32, u32) => Position;
    /// What moved a position on a booking day: by entity, asset and day.
    position_days: (u32, u32, i32) => PositionDay;
    /// By account and name.
    accruals: (u64, String) => Accrual;
    /// The newest statement of an account in an asset.
    newest_statements: (u64, u32) => StatementRow;
    /// By account, asset and number.
    statements: (u64, u32, u32) => StatementRow;
    /// By entity and code.
    gl_codes: (u32, String) => GlCodeRow;
    /// By account and first day.
    gl_assignments: (u64, i32) => GlAssignmentRow;
    /// The original time of an imported transfer, by sequence number.
    imported: i64 => i64;
    /// By account and asset.
    import_balances: (u64, u32) => ImportBalance;
    /// One row, under 1.
    import_state: u8 => ImportState;
    /// By account.
    retentions: u64 => Retention;
    /// By the sequence number of the command.
    results: i64 => KeptResult;
}

/// The rows that were changed; none of the books' is ever deleted.
fn changed<K, V>(rows: Vec<(K, Option<V>)>) -> Vec<(K, V)> {
    rows.into_iter()
        .filter_map(|(key, row)| Some((key, row?)))
        .collect()
}
