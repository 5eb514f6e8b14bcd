//! Single behaviours of the index: bounds of its work, damage, old snapshots, many values of one hash.

use rusqlite::{Connection, FileControl};

use super::*;
use crate::base::Status;

#[test]
fn runs_merge_so_that_their_number_stays_small_and_pages_are_used_again() {
    let world = grown(small(), 400);
    assert!(
        world.index.run_count() <= 16,
        "{} runs",
        world.index.run_count()
    );
    assert!(world.index.live.iter().any(|live| live.run.row.level >= 3));
    let owned = verify(&world.reader, NAME).unwrap().pages;
    let highest = world.index.tables.highest_page(&world.reader).unwrap();
    assert!(
        u64::from(highest) < owned * 3,
        "{highest} pages for {owned}"
    );
    world.check(400 * 20);
}

#[test]
fn a_page_row_takes_one_page_of_the_file() {
    let file = File::new();
    let conn = Connection::open(&file.0).unwrap();
    conn.execute_batch("PRAGMA page_size = 4096").unwrap();
    let mut reserved = 40;
    conn.file_control(Some("main"), FileControl::ReserveBytes(&mut reserved))
        .unwrap();
    create_tables(&conn, NAME).unwrap();
    let mut index = KeyIndex::open(
        &conn,
        Settings {
            memtable_entries: 50_000,
            ..Settings::new(NAME)
        },
    )
    .unwrap();
    for key in 0..50_000 {
        index.insert(mixed(key), key, 1);
    }
    let writes = index.plan(&conn, 50_000).unwrap();
    let before: u32 = conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    writes.apply(&conn).unwrap();
    let after: u32 = conn
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    assert_eq!(std::fs::read(&file.0).unwrap()[20], 40);
    let rows = writes.row_count() as u32;
    assert!(rows > 100);
    assert!(
        after - before < rows + 8,
        "{} pages for {rows} rows",
        after - before
    );
}

#[test]
fn a_requested_flush_puts_everything_into_runs_at_once() {
    let mut world = World::new(Settings::new(NAME));
    world.evaluate(&[(1, 1, false), (2, 2, false)]);
    world.index.request_flush();
    world.evaluate(&[(3, 3, false)]);
    world.commit();
    world.commit();
    world.report_durable();
    assert_eq!(world.index.flushed_sequence(), Some(3));
    assert!(!world.index.contains_recent(mixed(1)));
    world.check(10);
    world.index.request_flush();
    world.evaluate(&[]);
    assert_eq!(world.flying[0].writes.row_count(), 0);
}

#[test]
fn work_is_bounded_by_what_was_inserted() {
    let mut world = World::new(Settings {
        memtable_entries: 2_000,
        ..Settings::new(NAME)
    });
    let mut most = 0;
    for batch in 0..2_000u16 {
        let keys: Vec<_> = (0..20)
            .map(|i| (batch.wrapping_mul(20) + i, 0, false))
            .collect();
        world.evaluate(&keys);
        most = most.max(world.flying[0].writes.row_count());
        world.commit();
        world.report_durable();
    }
    assert!(world.index.run_count() < 24);
    assert!(most < 100, "{most} rows in one plan");
}

#[test]
fn one_hash_with_thousands_of_values_spans_chunks() {
    let mut world = World::new(Settings {
        memtable_entries: 50,
        page_bytes: 160,
        ..Settings::new(NAME)
    });
    for value in 0..1_000u64 {
        world.index.insert(77, value, value as i64);
        world.index.insert(mixed(value), value, value as i64);
        let writes = world.index.plan(&world.reader, 2).unwrap();
        writes.apply(&world.writer).unwrap();
        world.index.durable(writes.ticket());
    }
    let mut found = vec![5];
    world.index.find(&world.reader, 77, &mut found).unwrap();
    assert_eq!(found[0], 5);
    assert!(found[1..].iter().copied().eq(0..1_000));
    world.check_file();
}

#[test]
fn a_reader_before_the_durable_point_is_told_so() {
    let mut world = World::new(small());
    let old = world.file.connect();
    old.execute_batch("BEGIN").unwrap();
    let _: i64 = old
        .query_row("SELECT count(*) FROM key_run_transfer", [], |row| {
            row.get(0)
        })
        .unwrap();
    for batch in 0..40u16 {
        let keys: Vec<_> = (0..20).map(|i| (batch * 20 + i, 0, false)).collect();
        world.evaluate(&keys);
        world.commit();
        world.report_durable();
    }
    let error = world
        .index
        .find(&old, mixed(0), &mut Vec::new())
        .unwrap_err();
    assert_eq!(error.status(), Status::SNAPSHOT_TOO_OLD);
}

#[test]
fn without_room_for_filters_everything_is_still_found() {
    let world = grown(
        Settings {
            filter_bytes: 0,
            ..small()
        },
        100,
    );
    let mut maybe = Vec::new();
    world.index.probe(&[1, 2, 3], &mut maybe);
    assert_eq!(maybe, [true, true, true]);
    world.check(2_000);
}

#[test]
fn bad_settings_are_refused() {
    let conn = Connection::open_in_memory().unwrap();
    for name in [
        "",
        "Upper",
        "a b",
        "x;drop",
        "transfer_page",
        &"n".repeat(33),
    ] {
        assert_eq!(
            create_tables(&conn, name).unwrap_err().status(),
            Status::INVALID_ARGUMENT
        );
    }
    create_tables(&conn, NAME).unwrap();
    let few = Settings {
        memtable_entries: 1_023,
        ..Settings::new(NAME)
    };
    assert_eq!(
        KeyIndex::open(&conn, few).err().map(|e| e.status()),
        Some(Status::INVALID_ARGUMENT)
    );
    assert!(KeyIndex::open(&conn, Settings::new("absent")).is_err());
}

#[test]
fn damage_is_refused_by_open_and_described_by_verify() {
    let world = grown(small(), 100);
    let conn = &world.writer;
    let tampers = [
        "UPDATE key_run_transfer_page SET content = zeroblob(160)",
        "UPDATE key_run_transfer_page SET content = x'00'",
        "DELETE FROM key_run_transfer_page WHERE page % 2 = 0",
        "UPDATE key_run_transfer SET fence_pages = x''",
        "UPDATE key_run_transfer SET filter_pages = fence_pages",
        "UPDATE key_run_transfer SET filter_blocks = 9223372036854775807",
        "UPDATE key_run_transfer SET filter_blocks = 0",
        "UPDATE key_run_transfer SET fence_pages = x'ffffffff'",
        "UPDATE key_run_transfer SET entries = -1",
        "UPDATE key_run_transfer SET run = run + 100",
        "INSERT INTO key_run_transfer SELECT run + 4294967296, level, entries, highest_sequence, filter_blocks, fence_pages, filter_pages FROM key_run_transfer",
    ];
    for tamper in tampers {
        conn.execute_batch("BEGIN").unwrap();
        conn.execute_batch(tamper).unwrap();
        let opened = KeyIndex::open(
            conn,
            Settings {
                filter_bytes: 1 << 20,
                ..small()
            },
        );
        assert!(opened.is_err(), "{tamper}");
        assert!(
            verify(conn, NAME).map_or(true, |report| !report.problems.is_empty()),
            "{tamper}"
        );
        conn.execute_batch("ROLLBACK").unwrap();
    }
    conn.execute_batch("UPDATE key_run_transfer SET entries = entries + 1")
        .unwrap();
    assert!(!verify(conn, NAME).unwrap().problems.is_empty());
    clear(conn, NAME).unwrap();
    assert_eq!(KeyIndex::open(conn, small()).unwrap().run_entries(), 0);
    assert_eq!(verify(conn, NAME).unwrap(), Report::default());
}

#[test]
fn a_plan_that_cannot_read_leaves_the_index_as_it_was() {
    let mut world = grown(small(), 60);
    let empty = Connection::open_in_memory().unwrap();
    create_tables(&empty, NAME).unwrap();
    for key in 0..40u16 {
        world
            .index
            .insert(mixed(key.into()), 9, world.next_sequence);
        world.durable.push(Entry {
            hash: mixed(key.into()),
            value: 9,
            sequence: world.next_sequence,
        });
        world.next_sequence += 1;
    }
    let mut failures = 0;
    for _ in 0..200 {
        match world.index.plan(&empty, 40) {
            Ok(writes) => {
                writes.apply(&world.writer).unwrap();
                world.index.durable(writes.ticket());
            }
            Err(_) => failures += 1,
        }
        for key in 100..120u16 {
            world
                .index
                .insert(mixed(key.into()), 9, world.next_sequence);
            world.durable.push(Entry {
                hash: mixed(key.into()),
                value: 9,
                sequence: world.next_sequence,
            });
            world.next_sequence += 1;
        }
        world.check(1_200);
    }
    assert!(failures > 0);
    world.evaluate(&[]);
    world.commit();
    world.report_durable();
    world.check(1_200);
    world.check_file();
}
