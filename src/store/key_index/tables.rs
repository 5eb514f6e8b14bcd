//! The two SQLite tables of a key index and what one batch writes into them. `key_run_<name>` has a row for each
//! run that is complete; `key_run_<name>_page` has the pages of all runs, each row as wide as a page of the file,
//! each overwritten in place once its run is gone. A page that no directory row names means nothing.

use std::sync::Arc;

use parking_lot::Mutex;

use rusqlite::{Connection, OptionalExtension, params};

use super::failure::{corrupt, invalid, sqlite, stale};
use crate::base::Result;

/// Names the commit that a plan belongs to; later plans are greater.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Ticket(pub(super) u64);

/// Buffers of applied plans that are kept for the next ones: new memory of this size is expensive to touch.
const KEPT_BUFFERS: usize = 2;
/// A buffer that has grown beyond this is not kept.
const KEPT_BYTES: usize = 4 << 20;

/// The SQL of one index.
pub(super) struct Tables {
    name: String,
    buffers: Mutex<Vec<Vec<u8>>>,
    read_page: String,
    write_page: String,
    write_run: String,
    remove_run: String,
    read_runs: String,
    highest_page: String,
}

/// A row of the directory: a complete run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DirectoryRow {
    pub(super) number: i64,
    pub(super) level: u8,
    pub(super) entries: u64,
    pub(super) highest_sequence: i64,
    pub(super) filter_blocks: u64,
    pub(super) fence_pages: Vec<u32>,
    pub(super) filter_pages: Vec<u32>,
}

/// What one plan writes: owned, so that the writer applies it while the next batch is evaluated.
pub struct IndexWrites {
    pub(super) ticket: Ticket,
    pub(super) tables: Arc<Tables>,
    pub(super) page_bytes: usize,
    /// The numbers of the pages whose contents follow one another in `bytes`.
    pub(super) pages: Vec<u32>,
    pub(super) bytes: Vec<u8>,
    pub(super) added: Vec<DirectoryRow>,
    pub(super) removed: Vec<i64>,
}

impl IndexWrites {
    /// The ticket to pass to `durable` when the commit is.
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// Rows that `apply` writes.
    pub fn row_count(&self) -> usize {
        self.pages.len() + self.added.len() + self.removed.len()
    }

    /// Writes into the batch's open transaction. On an error the transaction must be rolled back.
    pub fn apply(&self, conn: &Connection) -> Result<()> {
        if !self.pages.is_empty() {
            let mut write = self.tables.prepare(conn, &self.tables.write_page)?;
            for (page, content) in self
                .pages
                .iter()
                .zip(self.bytes.chunks_exact(self.page_bytes))
            {
                write
                    .execute(params![page, content])
                    .map_err(|e| sqlite("writing a page", e))?;
            }
        }
        for number in &self.removed {
            let mut remove = self.tables.prepare(conn, &self.tables.remove_run)?;
            remove
                .execute([number])
                .map_err(|e| sqlite("removing a merged run", e))?;
        }
        for row in &self.added {
            let mut add = self.tables.prepare(conn, &self.tables.write_run)?;
            add.execute(params![
                row.number,
                row.level,
                i64::try_from(row.entries).unwrap_or(i64::MAX),
                row.highest_sequence,
                i64::try_from(row.filter_blocks).unwrap_or(i64::MAX),
                numbers_to_bytes(&row.fence_pages),
                numbers_to_bytes(&row.filter_pages),
            ])
            .map_err(|e| sqlite("adding a run", e))?;
        }
        Ok(())
    }
}

impl Tables {
    /// The tables of the index `name`: 1 to 32 of a-z, 0-9 and underscore.
    pub(super) fn new(name: &str) -> Result<Tables> {
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain || name.is_empty() || name.len() > 32 || name.ends_with("_page") {
            return Err(invalid(format!(
                "the name {name:?} is not 1 to 32 of a-z, 0-9 and underscore, or ends in _page"
            )));
        }
        let runs = format!("key_run_{name}");
        let pages = format!("key_run_{name}_page");
        Ok(Tables {
            name: name.to_owned(),
            buffers: Mutex::new(Vec::new()),
            read_page: format!("SELECT content FROM {pages} WHERE page = ?1"),
            write_page: format!("REPLACE INTO {pages} (page, content) VALUES (?1, ?2)"),
            write_run: format!(
                "INSERT INTO {runs} (run, level, entries, highest_sequence, filter_blocks, fence_pages, filter_pages) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            ),
            remove_run: format!("DELETE FROM {runs} WHERE run = ?1"),
            read_runs: format!(
                "SELECT run, level, entries, highest_sequence, filter_blocks, fence_pages, filter_pages \
                 FROM {runs} ORDER BY run"
            ),
            highest_page: format!("SELECT coalesce(max(page), 0) FROM {pages}"),
        })
    }

    /// Writes for one plan, empty.
    pub(super) fn writes(self: &Arc<Tables>, ticket: Ticket, page_bytes: usize) -> IndexWrites {
        IndexWrites {
            ticket,
            tables: Arc::clone(self),
            page_bytes,
            pages: Vec::new(),
            bytes: self.buffers.lock().pop().unwrap_or_default(),
            added: Vec::new(),
            removed: Vec::new(),
        }
    }

    fn keep_buffer(&self, mut buffer: Vec<u8>) {
        buffer.clear();
        let mut buffers = self.buffers.lock();
        if buffers.len() < KEPT_BUFFERS && (1..=KEPT_BYTES).contains(&buffer.capacity()) {
            buffers.push(buffer);
        }
    }

    /// Bytes of the buffers that are kept.
    pub(super) fn memory_bytes(&self) -> usize {
        self.buffers.lock().iter().map(Vec::capacity).sum()
    }

    pub(super) fn create(&self, conn: &Connection) -> Result<()> {
        let name = &self.name;
        conn.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS key_run_{name} (
                run INTEGER PRIMARY KEY, level INTEGER NOT NULL, entries INTEGER NOT NULL,
                highest_sequence INTEGER NOT NULL, filter_blocks INTEGER NOT NULL,
                fence_pages BLOB NOT NULL, filter_pages BLOB NOT NULL) STRICT;
             CREATE TABLE IF NOT EXISTS key_run_{name}_page (
                page INTEGER PRIMARY KEY, content BLOB NOT NULL) STRICT;"
        ))
        .map_err(|e| sqlite("creating the tables", e))
    }

    pub(super) fn clear(&self, conn: &Connection) -> Result<()> {
        let name = &self.name;
        conn.execute_batch(&format!(
            "DELETE FROM key_run_{name}; DELETE FROM key_run_{name}_page;"
        ))
        .map_err(|e| sqlite("clearing the tables", e))
    }

    /// Every complete run, oldest first.
    pub(super) fn runs(&self, conn: &Connection) -> Result<Vec<DirectoryRow>> {
        let failed = |e: rusqlite::Error| sqlite("reading the run directory", e);
        let mut read = self.prepare(conn, &self.read_runs)?;
        let mut rows = read.query([]).map_err(failed)?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let number = row.get(0).map_err(failed)?;
            let count = |column| -> Result<u64> {
                let count: i64 = row.get(column).map_err(failed)?;
                u64::try_from(count).map_err(|_| {
                    corrupt(format!(
                        "run {number} has a negative count: clear and rebuild the index"
                    ))
                })
            };
            let level: i64 = row.get(1).map_err(failed)?;
            let fences = row.get_ref(5).map_err(failed)?;
            let filter = row.get_ref(6).map_err(failed)?;
            runs.push(DirectoryRow {
                number,
                level: u8::try_from(level).unwrap_or(u8::MAX),
                entries: count(2)?,
                highest_sequence: row.get(3).map_err(failed)?,
                filter_blocks: count(4)?,
                fence_pages: bytes_to_numbers(fences.as_blob().map_err(|e| failed(e.into()))?),
                filter_pages: bytes_to_numbers(filter.as_blob().map_err(|e| failed(e.into()))?),
            });
        }
        Ok(runs)
    }

    /// The highest page number, 0 when there is none.
    pub(super) fn highest_page(&self, conn: &Connection) -> Result<u32> {
        let highest: i64 = self
            .prepare(conn, &self.highest_page)?
            .query_row([], |row| row.get(0))
            .map_err(|e| sqlite("reading the highest page number", e))?;
        u32::try_from(highest).map_err(|_| {
            corrupt(format!(
                "page number {highest} is out of range: clear and rebuild the index"
            ))
        })
    }

    /// A reader of pages at the connection's snapshot.
    pub(super) fn pages<'c>(&self, conn: &'c Connection) -> Result<Pages<'c>> {
        Ok(Pages {
            read: self.prepare(conn, &self.read_page)?,
        })
    }

    fn prepare<'c>(
        &self,
        conn: &'c Connection,
        sql: &str,
    ) -> Result<rusqlite::CachedStatement<'c>> {
        conn.prepare_cached(sql)
            .map_err(|e| sqlite(&format!("using the tables of {:?}", self.name), e))
    }
}

impl Drop for IndexWrites {
    fn drop(&mut self) {
        self.tables.keep_buffer(std::mem::take(&mut self.bytes));
    }
}

/// Reads pages one at a time.
pub(super) struct Pages<'c> {
    read: rusqlite::CachedStatement<'c>,
}

impl Pages<'_> {
    /// Calls `use_page` with the content of page `number`, without copying it.
    pub(super) fn with<T>(
        &mut self,
        number: u32,
        use_page: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let answer = self
            .read
            .query_row([number], |row| Ok(use_page(row.get_ref(0)?.as_blob()?)))
            .optional()
            .map_err(|e| sqlite(&format!("reading page {number}"), e))?;
        answer.unwrap_or_else(|| {
            Err(stale(format!(
                "page {number} does not exist at the reader's snapshot: take a new snapshot (if it recurs, clear and \
                 rebuild the index)"
            )))
        })
    }
}

fn numbers_to_bytes(numbers: &[u32]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

fn bytes_to_numbers(bytes: &[u8]) -> Vec<u32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|number| u32::from_le_bytes(*number))
        .collect()
}
