//! What a key index costs at 10 million random hashes: `cargo bench --bench key_index [-- MILLIONS BATCH FILE]`.
//! One thread, one file in WAL mode with a sync at each commit; the time of the thread on the processor is counted
//! apart from the time on the wall, since commits wait for the disk.

use std::time::Instant;

use qenex::store::key_index::{KeyIndex, Settings, create_tables, verify};
use rusqlite::Connection;

const NAME: &str = "transfer";

/// Nanoseconds that this thread has spent on the processor. (The system brings its count up to date when it schedules.)
fn processor_ns() -> u64 {
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|ns| ns.parse().ok())
        .unwrap_or(0)
}

/// A stage of the work: its time on the wall and on the processor.
#[derive(Default, Clone, Copy)]
struct Spent {
    wall: u64,
    processor: u64,
}

impl Spent {
    fn add<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (start, processor) = (Instant::now(), processor_ns());
        let answer = work();
        self.processor += processor_ns() - processor;
        self.wall += start.elapsed().as_nanos() as u64;
        answer
    }

    fn show(&self, what: &str, keys: u64) {
        let per_key = |ns: u64| ns as f64 / keys.max(1) as f64;
        println!(
            "  {what:<18} {:>8.1} ns/key on the processor {:>8.1} ns/key on the wall",
            per_key(self.processor),
            per_key(self.wall)
        );
    }
}

fn mixed(mut z: u64) -> u64 {
    z = z.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn connect(path: &str) -> Connection {
    let conn = Connection::open(path).expect("opening the file");
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 2000;")
        .expect("setting the pragmas");
    conn
}

fn main() {
    let args: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with("--"))
        .collect();
    let number = |at: usize, default: u64| {
        args.get(at)
            .and_then(|arg| arg.parse().ok())
            .unwrap_or(default)
    };
    let keys = number(0, 10) * 1_000_000;
    let batch = number(1, 8_190);
    let path = args.get(2).cloned().unwrap_or_else(|| {
        std::env::temp_dir()
            .join(format!("qenex-bench-key-index-{}.db", std::process::id()))
            .display()
            .to_string()
    });
    run(keys, batch, &path);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{path}{suffix}"));
    }
}

fn run(keys: u64, batch: u64, path: &str) {
    let writer = connect(path);
    writer
        .execute_batch("PRAGMA page_size = 4096")
        .expect("page size");
    create_tables(&writer, NAME).expect("creating the tables");
    let reader = connect(path);
    let mut index = KeyIndex::open(&reader, Settings::new(NAME)).expect("opening the index");

    let [
        mut probe,
        mut false_finds,
        mut insert,
        mut plan,
        mut apply,
        mut commit,
    ] = [Spent::default(); 6];
    let (mut false_hits, mut worst_extra, mut worst_commit, mut most_memory, mut most_runs) =
        (0, 0, 0, 0, 0);
    let mut stage = (0, 0);
    let (mut hashes, mut maybe, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let mut next = 0;
    println!("{keys} keys in batches of {batch}");
    while next < keys {
        let count = batch.min(keys - next);
        hashes.clear();
        hashes.extend((next..next + count).map(mixed));
        probe.add(|| index.probe(&hashes, &mut maybe));
        false_finds.add(|| {
            reader.execute_batch("BEGIN").expect("begin");
            for (&hash, &maybe) in hashes.iter().zip(&maybe) {
                if maybe {
                    false_hits += 1;
                    found.clear();
                    index.find(&reader, hash, &mut found).expect("find");
                    assert!(found.is_empty());
                }
            }
            reader.execute_batch("COMMIT").expect("end");
        });
        insert.add(|| {
            for (value, &hash) in (next..).zip(&hashes) {
                if !index.contains_recent(hash) {
                    index.insert(hash, value, value as i64);
                }
            }
        });
        let extra = Instant::now();
        let writes = plan
            .add(|| index.plan(&reader, count as usize))
            .expect("plan");
        writer.execute_batch("BEGIN IMMEDIATE").expect("begin");
        apply.add(|| writes.apply(&writer)).expect("apply");
        worst_extra = worst_extra.max(extra.elapsed().as_micros());
        commit
            .add(|| writer.execute_batch("COMMIT"))
            .expect("commit");
        worst_commit = worst_commit.max(extra.elapsed().as_micros());
        index.durable(writes.ticket());
        next += count;
        most_memory = most_memory.max(index.memory_bytes());
        most_runs = most_runs.max(index.run_count());
        if next / 1_000_000 > (next - count) / 1_000_000 {
            let total: u64 = [probe, false_finds, insert, plan, apply, commit]
                .iter()
                .map(|spent| spent.processor)
                .sum();
            println!(
                "{:>4} M: {:>6.1} ns/key on the processor in the last {}, {} runs, {:.1} MiB",
                next / 1_000_000,
                (total - stage.1) as f64 / (next - stage.0) as f64,
                next - stage.0,
                index.run_count(),
                index.memory_bytes() as f64 / 1_048_576.0
            );
            stage = (next, total);
        }
    }
    probe.show("probe", keys);
    false_finds.show("find of false hits", keys);
    insert.show("contains, insert", keys);
    plan.show("plan", keys);
    apply.show("apply", keys);
    commit.show("commit", keys);
    println!(
        "  false hits {:.3} % of probes",
        false_hits as f64 * 100.0 / keys as f64
    );
    println!(
        "  worst plan + apply {:.1} ms, with commit {:.1} ms",
        worst_extra as f64 / 1e3,
        worst_commit as f64 / 1e3
    );
    println!(
        "  memory at most {:.1} MiB, {most_runs} runs at most, {} now",
        most_memory as f64 / 1_048_576.0,
        index.run_count()
    );
    afterwards(keys, path, index, &reader);
}

/// Probes alone, hits, opening, verifying, and the size.
fn afterwards(keys: u64, path: &str, mut index: KeyIndex, reader: &Connection) {
    let mut maybe = Vec::new();
    let others: Vec<u64> = (keys..keys + 8_190).map(mixed).collect();
    let mut probe = Spent::default();
    probe.add(|| (0..50).for_each(|_| index.probe(&others, &mut maybe)));
    probe.show("probe alone", 50 * 8_190);
    let mut found = Vec::new();
    for one_snapshot in [false, true] {
        let mut hit = Spent::default();
        reader
            .execute_batch(if one_snapshot { "BEGIN" } else { "" })
            .expect("begin");
        hit.add(|| {
            for i in 0..100_000 {
                let value = mixed(i) % keys;
                found.clear();
                index.find(reader, mixed(value), &mut found).expect("find");
                assert!(found.contains(&value));
            }
        });
        reader
            .execute_batch(if one_snapshot { "COMMIT" } else { "" })
            .expect("end");
        hit.show(
            if one_snapshot {
                "hits, one snapshot"
            } else {
                "hits"
            },
            100_000,
        );
    }
    let mut writer = connect(path);
    index.request_flush();
    let writes = index.plan(reader, 0).expect("plan");
    let transaction = writer.transaction().expect("begin");
    writes.apply(&transaction).expect("apply");
    transaction.commit().expect("commit");
    index.durable(writes.ticket());
    drop(index);
    let mut open = Spent::default();
    let index = open
        .add(|| KeyIndex::open(&connect(path), Settings::new(NAME)))
        .expect("open");
    println!(
        "  open {:.1} ms, {} runs, {} entries",
        open.wall as f64 / 1e6,
        index.run_count(),
        index.run_entries()
    );
    let report = verify(reader, NAME).expect("verify");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(report.entries, keys);
    let _ = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    let file = std::fs::metadata(path).map_or(0, |meta| meta.len());
    println!(
        "  {:.1} bytes/entry in runs, {:.1} in the file with free pages",
        report.pages as f64 * 4_096.0 / keys as f64,
        file as f64 / keys as f64
    );
}
