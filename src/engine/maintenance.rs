//! Care of a file: backup while it is written, integrity check against the truth rows, a hash of the whole state, and
//! a support bundle without personal data.

use std::fmt::Write;
use std::path::Path;

use hashbrown::HashMap;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use crate::base::error::Result;
use crate::base::hash::Sha3;
use crate::ledger::balance::Turnovers;
use crate::ledger::books;
use crate::ledger::query::chain::Link;
use crate::ledger::query::transfer::{COLUMNS, read, read_hold_event};
use crate::store::backup;
use crate::store::file::{Database, Location, OpenSettings};

use super::day_check;
use super::lifecycle::Engine;
use super::schema::FORMAT;

pub use super::rebuild::{Rebuilt, rebuild_caches};
pub use crate::store::backup::{Copied, restore};

/// Pages that a backup copies at a time.
const PAGES_PER_STEP: u32 = 256;

/// Tables whose rows are state, in the order in which the state hash reads them.
const STATE: &[&str] = &[
    "SELECT * FROM principal ORDER BY number",
    "SELECT * FROM entity ORDER BY number",
    "SELECT * FROM asset ORDER BY number",
    "SELECT * FROM account ORDER BY number",
    "SELECT * FROM account_number ORDER BY seq",
    "SELECT * FROM account_limit ORDER BY account, asset, kind",
    "SELECT * FROM account_balance ORDER BY number",
    "SELECT * FROM hold ORDER BY seq",
    "SELECT * FROM reversed ORDER BY transfer",
    "SELECT * FROM host_record ORDER BY namespace, record",
    "SELECT * FROM calendar ORDER BY number",
    "SELECT * FROM calendar_holiday ORDER BY calendar, day",
    "SELECT * FROM business_day ORDER BY entity, day",
    "SELECT * FROM period ORDER BY seq",
    "SELECT * FROM day_end ORDER BY entity, day",
    "SELECT * FROM daily_balance ORDER BY account, asset, day",
    "SELECT * FROM correction ORDER BY seq",
    "SELECT * FROM year_end ORDER BY entity, begun",
    "SELECT * FROM scheduled_transfer ORDER BY seq",
    "SELECT * FROM account_activity ORDER BY account",
    "SELECT * FROM account_owner ORDER BY seq",
    "SELECT * FROM account_block ORDER BY seq",
    "SELECT * FROM host_record_write ORDER BY seq",
];

impl Engine {
    /// Copies the file to `target`, which must not exist, while writing goes on; the copy is verified and durable
    /// when this returns. `progress` gets pages done and in all, and ends the backup by returning `false`.
    pub fn backup(
        &self,
        target: &Path,
        progress: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<Copied> {
        let _call = self.shared.enter()?;
        backup::backup(&self.shared.readers, target, PAGES_PER_STEP, progress)
    }

    /// Everything that is wrong with the file, in words; empty: nothing is. Reads all of it.
    pub fn integrity_check(&self) -> Result<Vec<String>> {
        let _call = self.shared.enter()?;
        let mut reader = self.shared.readers.get()?;
        let mut problems = backup::integrity_check(&reader)?;
        // One state for everything: commits wait, and what is in memory is compared with what is on disk.
        let (_turn, mut world) = loop {
            self.shared.settle()?;
            let turn = self.shared.turn.lock();
            let world = self.shared.world.lock();
            if !world.has_changes() && world.last_sealed().is_none() {
                break (turn, world);
            }
        };
        reader.begin_snapshot()?;
        let sums = sums(&reader, &mut problems)?;
        let mut entities: HashMap<(u32, u32), i128> = HashMap::new();
        for number in 0..world.durable_balances() {
            world.ledger.trim();
            let Some((entity, balance)) = world.balance_by_number(number)? else {
                continue;
            };
            let expected = sums
                .get(&(balance.account, balance.asset))
                .copied()
                .unwrap_or_default();
            if balance.turnovers() != expected {
                problems.push(format!(
                    "account number {} in asset {}: the balance is {:?}, the transfers sum to {expected:?}",
                    balance.account,
                    balance.asset,
                    balance.turnovers()
                ));
            }
            day_check::check(&reader, &balance, &mut problems)?;
            // Modulo 2^128, as sums of huge balances on one side may not fit: zero stays zero.
            let sum = entities.entry((entity, balance.asset)).or_default();
            *sum = sum.wrapping_add(balance.turnovers().posted());
        }
        let mut unequal: Vec<_> = entities.into_iter().filter(|(_, sum)| *sum != 0).collect();
        unequal.sort_unstable();
        for ((entity, asset), sum) in unequal {
            problems.push(format!(
                "entity {entity}: asset {asset} sums to {sum} instead of zero"
            ));
        }
        Ok(problems)
    }

    /// SHA3-256 of the whole durable state: equal for files with the same history, however it was committed.
    pub fn state_hash(&self) -> Result<[u8; 32]> {
        let _call = self.shared.enter()?;
        self.shared.settle()?;
        let _turn = self.shared.turn.lock();
        let mut world = self.shared.world.lock();
        let mut hash = Sha3::new();
        let sequence = world.durable.sequence;
        // Not the time of the commit: commands that changed nothing may have been a part of it.
        let time: Option<i64> = world.reader.query_row(
            "SELECT max(time) FROM (SELECT time FROM transfer WHERE seq = ?1 UNION ALL SELECT time FROM change WHERE seq = ?1)",
            [sequence],
            |row| row.get(0),
        )?;
        hash.update(&sequence.to_be_bytes())
            .update(&time.unwrap_or(i64::MIN).to_be_bytes());
        for sql in STATE.iter().chain(books::STATE) {
            hash_rows(&mut hash, &world.reader, sql)?;
        }
        for number in 0..world.durable_balances() {
            world.ledger.trim();
            let Some((_, balance)) = world.balance_by_number(number)? else {
                continue;
            };
            let turnovers = balance.turnovers();
            hash.update(&balance.account.to_be_bytes())
                .update(&balance.asset.to_be_bytes());
            hash.update(&balance.head.to_be_bytes())
                .update(&balance.events.to_be_bytes());
            for amount in [
                turnovers.debits_posted,
                turnovers.credits_posted,
                turnovers.debits_pending,
                turnovers.credits_pending,
            ] {
                hash.update(&amount.to_be_bytes());
            }
        }
        Ok(hash.finish())
    }

    /// What a person who helps needs to know, in text: version, figures, sizes; no names, numbers, ids or amounts.
    pub fn support_bundle(&self) -> Result<String> {
        let stats = self.stats()?;
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<24}{value}");
        };
        line("libqenex", env!("CARGO_PKG_VERSION").to_owned());
        line("sqlite", rusqlite::version().to_owned());
        line(
            "target",
            format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        );
        line("format", FORMAT.to_string());
        line(
            "durability",
            format!("{:?}", self.shared.options.durability),
        );
        line("sequence", stats.sequence.to_string());
        line("accounts", stats.accounts.to_string());
        line("balances", stats.balances.to_string());
        line("index entries", stats.index_entries.to_string());
        line("index runs", stats.index_runs.to_string());
        line("cache bytes", stats.cache_bytes.to_string());
        line("index bytes", stats.index_bytes.to_string());
        line("log bytes", stats.wal_bytes.to_string());
        line("queue depth", stats.queue_depth.to_string());
        line(
            "oldest snapshot",
            format!("{} us", stats.oldest_snapshot_micros),
        );
        line("disk reads", stats.disk_reads.to_string());
        line("disk writes", stats.disk_writes.to_string());
        line("disk syncs", stats.disk_syncs.to_string());
        for (bucket, count) in stats
            .commits
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            line("commits", format!("{count} from {} us", 1u64 << bucket));
        }
        for (bucket, count) in stats
            .syncs
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            line("syncs", format!("{count} from {} ns", 1u64 << bucket));
        }
        Ok(text)
    }
}

/// What an upgrade does, or would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// Format of the file before.
    pub from: u32,
    /// Format of the file after.
    pub to: u32,
}

/// Brings a closed file to the format of this version; opening never does. With `dry_run` it only tells. Take a backup
/// first. Format 1 is the first one, so that there is nothing to change yet: the call verifies and reports.
pub fn upgrade(path: &Path, dry_run: bool) -> Result<Upgrade> {
    let settings = OpenSettings {
        read_only: dry_run,
        create: false,
        supported_format: FORMAT,
        ..OpenSettings::default()
    };
    let database = Database::open(Location::Path(path.to_owned()), settings)?;
    let from = database.format_version()?;
    Ok(Upgrade { from, to: FORMAT })
}

/// The plain sums over the truth rows, and gaps in their numbers.
fn sums(reader: &Connection, problems: &mut Vec<String>) -> Result<HashMap<(u64, u32), Turnovers>> {
    let mut sums: HashMap<(u64, u32), Turnovers> = HashMap::new();
    let mut select = reader.prepare(&format!("SELECT {COLUMNS} FROM transfer ORDER BY seq"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let row = read(row)?.row;
        for account in [row.debit, row.credit] {
            Link::of_transfer(&row, account).enter(sums.entry((account, row.asset)).or_default());
        }
    }
    // What was pending must be there before a capture takes it: holds first, captures are negative to them.
    let mut select = reader.prepare(
        "SELECT seq, hold, debit, credit, asset, change, debit_previous, credit_previous FROM hold_event ORDER BY seq",
    )?;
    let mut pending: HashMap<(u64, u32), (i128, i128)> = HashMap::new();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let row = read_hold_event(row)?;
        pending.entry((row.debit, row.asset)).or_default().0 += row.change;
        if row.credit != 0 {
            pending.entry((row.credit, row.asset)).or_default().1 += row.change;
        }
    }
    let mut select = reader.prepare(&format!(
        "SELECT {COLUMNS} FROM transfer WHERE hold IS NOT NULL ORDER BY seq"
    ))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let row = read(row)?.row;
        pending.entry((row.debit, row.asset)).or_default().0 +=
            Link::of_transfer(&row, row.debit).pending;
        pending.entry((row.credit, row.asset)).or_default().1 +=
            Link::of_transfer(&row, row.credit).pending;
    }
    for ((account, asset), (debit, credit)) in pending {
        let sum = sums.entry((account, asset)).or_default();
        if debit < 0 || credit < 0 {
            problems.push(format!(
                "account number {account} in asset {asset}: more was captured than held"
            ));
        }
        sum.debits_pending = debit.max(0) as u128;
        sum.credits_pending = credit.max(0) as u128;
    }
    let (count, last): (i64, i64) = reader.query_row(
        "SELECT (SELECT count(*) FROM transfer) + (SELECT count(*) FROM change), (SELECT seq FROM commit_state)",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if count != last {
        problems.push(format!(
            "the last change has the number {last}, but there are {count} changes"
        ));
    }
    Ok(sums)
}

/// Hashes rows as typed values, so that no two tables give the same bytes by chance.
fn hash_rows(hash: &mut Sha3, reader: &Connection, sql: &str) -> Result<()> {
    hash.update(sql.as_bytes());
    let mut select = reader.prepare(sql)?;
    let columns = select.column_count();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => hash.update(&[0]),
                ValueRef::Integer(value) => hash.update(&[1]).update(&value.to_be_bytes()),
                ValueRef::Real(value) => hash.update(&[2]).update(&value.to_bits().to_be_bytes()),
                ValueRef::Text(text) => hash
                    .update(&[3])
                    .update(&(text.len() as u64).to_be_bytes())
                    .update(text),
                ValueRef::Blob(bytes) => hash
                    .update(&[4])
                    .update(&(bytes.len() as u64).to_be_bytes())
                    .update(bytes),
            };
        }
    }
    Ok(())
}
