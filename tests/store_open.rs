//! Opening: what is refused and how, what a new file looks like, who may write.

use qenex::base::Status;
use qenex::store::file::{Database, Location, OpenSettings};
use qenex::store::vfs::SimulatedDisk;

#[test]
fn smoke() {
    let disk = SimulatedDisk::new();
    let db = Database::open(Location::Memory(disk.clone()), OpenSettings::default()).unwrap();
    db.writer()
        .unwrap()
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        .unwrap();
    let n: i64 = db
        .readers()
        .get()
        .unwrap()
        .query_row("SELECT count(*) FROM t", [], |r| r.get(0))
        .unwrap();
    assert_eq!(n, 1);
    println!("{:?} {:?}", disk, db.counters().counts());
    assert_eq!(
        Database::open(Location::Memory(disk.clone()), OpenSettings::default())
            .err()
            .unwrap()
            .status(),
        Status::ALREADY_OPEN
    );
    drop(db);
    println!("{:?}", disk);
    let dir = std::env::temp_dir().join("qenex-smoke.db");
    let _ = std::fs::remove_file(&dir);
    let db = Database::open(Location::Path(dir.clone()), OpenSettings::default()).unwrap();
    db.writer()
        .unwrap()
        .execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        .unwrap();
    let e = Database::open(Location::Path(dir.clone()), OpenSettings::default())
        .err()
        .unwrap();
    println!("{e} {:?}", db.counters().counts());
}
