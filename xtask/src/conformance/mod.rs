//! `cargo xtask conformance FILE`: checks the cases of `tests/conformance` against the interface and writes them as a
//! C program. A function of the header without a case that every language can run is an error, unless it stands on the
//! list of those that have none yet.

mod c;
mod cases;

use std::fs;
use std::path::Path;

use crate::api;
use crate::generate::repository_root;

/// The functions that have no case yet, or that a binding does not call yet: the list can only shrink.
const NOT_YET: &str = "tests/conformance/not_yet.txt";

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
    let list = fs::read_to_string(root.join(NOT_YET))
        .map_err(|error| format!("cannot read {NOT_YET}: {error}"))?;
    let expected: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_prefix("case "))
        .collect();
    if let Some(function) = missing
        .iter()
        .find(|function| !expected.contains(&function.as_str()))
    {
        return Err(format!(
            "no case in tests/conformance/cases that every language can run calls {function}"
        ));
    }
    if let Some(function) = expected
        .iter()
        .find(|function| !missing.iter().any(|missing| missing == *function))
    {
        return Err(format!("{function} has a case now: take it off {NOT_YET}"));
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
