//! Walks all runs of an index at one snapshot and compares everything with everything: order, counts, fences,
//! filters, ownership of pages. It relies on the file alone, not on an open index.

use std::collections::HashSet;

use rusqlite::Connection;

use super::chunk::Chunk;
use super::run::{Run, load_filter, stamp_of};
use super::tables::{DirectoryRow, Tables};
use crate::base::Result;

/// At most so many problems are described.
const MOST_PROBLEMS: usize = 100;

/// What a walk over all runs found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Complete runs.
    pub runs: u64,
    /// Entries in them.
    pub entries: u64,
    /// Pages that they own: chunks, fences, filters.
    pub pages: u64,
    /// What is wrong, at most 100 findings; empty: the index is sound.
    pub problems: Vec<String>,
}

/// Walks the index `name` at the reader's snapshot; about a second for 10 million entries.
///
/// # Errors
/// Only if the file cannot be read; damage is reported as problems.
pub fn verify(reader: &Connection, name: &str) -> Result<Report> {
    let tables = Tables::new(name)?;
    let mut report = Report::default();
    let mut owned = HashSet::new();
    for row in tables.runs(reader)? {
        report.runs += 1;
        report.entries = report.entries.saturating_add(row.entries);
        let number = row.number;
        match Run::load(reader, &tables, row, None) {
            Ok(run) => {
                for page in run.owned_pages() {
                    report.pages += 1;
                    if !owned.insert(page) {
                        report.add(format!("run {number}: page {page} belongs to two owners"));
                    }
                }
                walk(reader, &tables, &run, &mut report)?;
            }
            Err(error) => report.add(format!("run {number}: {error}")),
        }
    }
    Ok(report)
}

fn walk(reader: &Connection, tables: &Tables, run: &Run, report: &mut Report) -> Result<()> {
    let DirectoryRow {
        number, entries, ..
    } = run.row;
    let mut pages = tables.pages(reader)?;
    let filter = load_filter(&mut pages, &run.row, 0);
    if let Err(error) = &filter {
        report.add(format!("run {number}: {error}"));
    }
    let (mut last, mut count, mut decoded) = (None, 0, Vec::new());
    for (&fence, &page) in run.fences.iter().zip(&run.chunk_pages) {
        decoded.clear();
        if let Err(error) = pages.with(page, |content| {
            Chunk::read(content, stamp_of(number), page)?.decode(&mut decoded);
            Ok(())
        }) {
            report.add(format!("run {number}: {error}"));
            continue;
        }
        count += decoded.len() as u64;
        if decoded.first().map(|&entry| (entry >> 64) as u64) != Some(fence) {
            report.add(format!(
                "run {number}: the fence of page {page} is not its first hash"
            ));
        }
        for &entry in &decoded {
            if last.is_some_and(|last| last >= entry) {
                report.add(format!("run {number}: page {page} is not in order"));
            }
            last = Some(entry);
            if filter
                .as_ref()
                .is_ok_and(|filter| !filter.may_hold((entry >> 64) as u64))
            {
                report.add(format!(
                    "run {number}: the filter misses an entry of page {page}"
                ));
            }
        }
    }
    if count != entries {
        report.add(format!(
            "run {number}: {count} entries, but the directory says {entries}"
        ));
    }
    Ok(())
}

impl Report {
    fn add(&mut self, problem: String) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}
