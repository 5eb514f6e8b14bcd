//! A panic while the engine's state is being changed: the engine is poisoned, nobody waits for ever, and the file
//! holds exactly what was acknowledged.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use qenex::base::{Date, Id, Status};
use qenex::engine::{
    Command, CommandList, Engine, EngineOptions, ExecuteOptions, HostRecordPut, Item, Session,
};
use qenex::ledger::command::{AssetCreate, EntityCreate};
use qenex::store::file::Location;
use qenex::store::vfs::SimulatedDisk;

fn open(disk: &SimulatedDisk) -> Engine {
    Engine::open(EngineOptions::new(Location::Memory(disk.clone()))).unwrap()
}

/// Host records, and at one index a panic in the middle of the batch.
struct Records {
    first: u64,
    count: usize,
    panic_at: Option<usize>,
    keys: Vec<[u8; 8]>,
}

impl Records {
    fn new(first: u64, count: usize, panic_at: Option<usize>) -> Records {
        let keys = (first..).take(count).map(u64::to_be_bytes).collect();
        Records {
            first,
            count,
            panic_at,
            keys,
        }
    }
}

impl CommandList for Records {
    fn len(&self) -> usize {
        self.count
    }

    fn item(&self, index: usize) -> Result<Item<'_>, Status> {
        assert_ne!(Some(index), self.panic_at, "a defect");
        Ok(Item {
            command: Command::HostRecord(HostRecordPut {
                key: Id::NONE,
                namespace: "test",
                record: &self.keys[index],
                expected_version: Some(0),
                value: Some(b"value"),
            }),
            linked: false,
            on_behalf_of: "",
        })
    }

    fn key(&self, _: usize) -> Id {
        Id::NONE
    }
}

fn put(session: &Session, records: &Records) -> qenex::base::Result<()> {
    let mut outcomes = Vec::new();
    session.execute(records, &ExecuteOptions::default(), &mut outcomes)?;
    assert!(outcomes.iter().all(|outcome| outcome.status.is_ok()));
    assert_eq!(outcomes.len(), records.count);
    Ok(())
}

/// Every record of `acknowledged` is there after opening again, and none of the batch that panicked.
fn verify(disk: &SimulatedDisk, acknowledged: &[Records], lost: &Records) {
    let engine = open(disk);
    let session = engine.session("tester", "").unwrap();
    for key in acknowledged.iter().flat_map(|records| &records.keys) {
        assert!(session.host_record("test", key).is_ok());
    }
    for key in &lost.keys {
        assert_eq!(
            session.host_record("test", key).unwrap_err().status(),
            Status::NOT_FOUND
        );
    }
    assert_eq!(engine.integrity_check().unwrap(), Vec::<String>::new());
    put(&session, &Records::new(lost.first, 3, None)).unwrap();
    engine.close().unwrap();
}

#[test]
fn a_panic_in_a_blocking_call_poisons_the_engine() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("tester", "").unwrap();
    let kept = Records::new(0, 10, None);
    put(&session, &kept).unwrap();
    let lost = Records::new(100, 10, Some(5));
    assert!(catch_unwind(AssertUnwindSafe(|| put(&session, &lost))).is_err());

    let refused = put(&session, &Records::new(200, 1, None)).unwrap_err();
    assert_eq!(refused.status(), Status::POISONED);
    assert_eq!(session.sequence().unwrap_err().status(), Status::POISONED);
    assert_eq!(engine.close().unwrap_err().status(), Status::POISONED);
    drop((session, engine));
    verify(&disk, &[kept], &lost);
}

#[test]
fn a_panic_in_the_queue_is_a_completion_and_poisons_the_engine() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("tester", "").unwrap();
    let kept = Records::new(0, 10, None);
    put(&session, &kept).unwrap();
    let options = ExecuteOptions::default();
    let lost = Records::new(100, 10, Some(0));
    session
        .submit(Box::new(Records::new(100, 10, Some(0))), options, 7)
        .unwrap();
    let done = engine.collect(Duration::from_secs(60), 1).unwrap();
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].tag, 7);
    assert_eq!(
        done[0].result.as_ref().unwrap_err().status(),
        Status::INTERNAL
    );
    assert!(done[0].outcomes.is_empty());
    let refused = session.submit(Box::new(Records::new(200, 1, None)), options, 8);
    assert_eq!(refused.unwrap_err().status(), Status::POISONED);
    assert_eq!(engine.close().unwrap_err().status(), Status::POISONED);
    drop((session, engine));
    verify(&disk, &[kept], &lost);
}

#[test]
fn threads_that_wait_are_told() {
    let disk = SimulatedDisk::new();
    let engine = open(&disk);
    let session = engine.session("tester", "").unwrap();
    let setup = [
        qenex::ledger::command::Command::AssetCreate(AssetCreate {
            code: "USD",
            scale: 2,
            kind: qenex::ledger::asset::AssetKind::Currency,
            wide: false,
        }),
        qenex::ledger::command::Command::EntityCreate(EntityCreate {
            id: Id::from_u128(1),
            name: "bank",
            functional_currency: 840,
            time_zone: "",
            business_date: Date::from_days(0),
            follows_clock: true,
        }),
    ]
    .map(Item::from);
    session
        .execute(
            &qenex::engine::Items(&setup),
            &ExecuteOptions::default(),
            &mut Vec::new(),
        )
        .unwrap();
    let session = Arc::new(session);
    let workers: Vec<_> = (1..=8u64)
        .map(|worker| {
            let session = Arc::clone(&session);
            std::thread::spawn(move || {
                let mut acknowledged = Vec::new();
                for round in 0..200 {
                    let records = Records::new(worker * 1_000_000 + round * 10, 3, None);
                    match put(&session, &records) {
                        Ok(()) => acknowledged.push(records),
                        Err(error) => {
                            assert_eq!(error.status(), Status::POISONED);
                            return acknowledged;
                        }
                    }
                }
                acknowledged
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(20));
    let lost = Records::new(100, 10, Some(9));
    assert!(catch_unwind(AssertUnwindSafe(|| put(&session, &lost))).is_err());
    let mut acknowledged = Vec::new();
    for worker in workers {
        acknowledged.extend(worker.join().unwrap());
    }
    assert_eq!(engine.close().unwrap_err().status(), Status::POISONED);
    drop((session, engine));
    verify(&disk, &acknowledged, &lost);
}
