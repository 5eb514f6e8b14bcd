//! `cargo xtask conformance FILE`: checks the cases of `tests/conformance` against the interface and writes them as a
//! C program. A function of the header without a case that every language can run is an error.

mod c;
mod cases;

use std::fs;
use std::path::Path;

use crate::api;
use crate::generate::repository_root;

/// Runs the command with what stands behind its name.
pub fn run(arguments: &[&str]) -> Result<(), String> {
    let [file] = arguments else {
        return Err("conformance needs the name of the file to write the C program to".into());
    };
    let root = repository_root()?;
    let api = api::read(&root)?;
    let cases = cases::read(&root, &api)?;
    let program = c::translate(&api, &cases)?;
    let missing = cases::uncovered(&api, &cases);
    if let Some(function) = missing.first() {
        return Err(format!(
            "no case in tests/conformance/cases that every language can run calls {function}"
        ));
    }
    fs::write(Path::new(file), program).map_err(|error| format!("cannot write {file}: {error}"))?;
    let raw = cases.iter().filter(|case| case.raw).count();
    println!(
        "{} cases, {raw} of them for C alone, {} functions",
        cases.len(),
        api.functions.len()
    );
    Ok(())
}
