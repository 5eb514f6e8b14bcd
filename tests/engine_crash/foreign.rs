//! Another program writes to the file while the engine has it open: the engine must not build on what it does not know.

use std::process::Command;

use qenex::base::Status;
use qenex::engine::Engine;
use qenex::store::file::Location;

use crate::clients::Setup;
use crate::file;
use crate::stage::folder;

#[test]
fn a_write_by_another_program_ends_the_engine_and_not_the_file() {
    let folder = folder("foreign");
    let path = folder.join("bank.db");
    let options = file::options(Location::Path(path.clone()), 0);
    let setup = Setup::new(1);
    let engine = Engine::open(options.clone()).unwrap();
    setup.apply(&engine);
    let write = Command::new("sqlite3")
        .arg(&path)
        .arg("UPDATE meta SET value = 'another' WHERE name = 'created_by'")
        .status();
    let Ok(written) = write else {
        println!("skipped: sqlite3 is not installed (apt-get install sqlite3)");
        return;
    };
    assert!(written.success());
    let session = engine.session("teller 0", "").unwrap();
    let mut refused = Vec::new();
    for _ in 0..2 {
        let batch = crate::command::Batch(vec![crate::command::Entry::from(
            crate::command::Op::Asset {
                code: "LATE".into(),
                scale: 0,
                wide: false,
            },
        )]);
        let sent = session.execute(&batch, &Default::default(), &mut Vec::new());
        refused.push(sent.unwrap_err().status());
    }
    assert_eq!(refused, [Status::WRITTEN_BY_OTHER, Status::POISONED]);
    assert_eq!(engine.close().unwrap_err().status(), Status::POISONED);
    drop((session, engine));
    let engine = Engine::open(options.clone()).unwrap();
    file::sound(&engine, &options).unwrap();
    setup.apply(&engine);
    engine.close().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
