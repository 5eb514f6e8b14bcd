//! The table `xtask/api.toml` as checked values. Nothing is rendered from a table that breaks a rule: codes and
//! names are unique, 0 is OK and nothing else, a refusal can be final only if it is an item's (positive).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// Everything in the table. A new kind of row is a new field here, with its check below.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub status: Vec<Status>,
}

/// One status: `QENEX_<name>` in C, `Status::<name>` in Rust.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Status {
    pub name: String,
    pub code: i32,
    pub doc: String,
    /// The refusal is remembered under the command's key.
    #[serde(default, rename = "final")]
    pub is_final: bool,
}

/// Reads and checks the table.
pub fn read(path: &Path) -> Result<Table, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    parse(&text).map_err(|reason| format!("{}: {reason}", path.display()))
}

fn parse(text: &str) -> Result<Table, String> {
    let table: Table = toml::from_str(text).map_err(|error| error.to_string())?;
    check_statuses(&table.status)?;
    Ok(table)
}

fn check_statuses(statuses: &[Status]) -> Result<(), String> {
    let mut codes: BTreeMap<i32, &str> = BTreeMap::new();
    let mut names: BTreeMap<&str, i32> = BTreeMap::new();
    for status in statuses {
        let Status {
            name,
            code,
            doc,
            is_final,
        } = status;
        if !is_constant_name(name) {
            return Err(format!(
                "status '{name}': a name is A to Z, 0 to 9 and _, and begins with a letter"
            ));
        }
        if name == "UNKNOWN_STATUS" {
            return Err(
                "status UNKNOWN_STATUS: the name stands for codes that are not in the table".into(),
            );
        }
        if let Some(other) = codes.insert(*code, name) {
            return Err(format!(
                "status {name}: code {code} is taken by {other}; numbers are never reused"
            ));
        }
        if let Some(other) = names.insert(name, *code) {
            return Err(format!(
                "status {name}: the name is used twice, for {other} and {code}"
            ));
        }
        if (*code == 0) != (name == "OK") {
            return Err(format!(
                "status {name}: code 0 is OK and nothing else is (found {code})"
            ));
        }
        if *is_final && *code <= 0 {
            return Err(format!(
                "status {name}: only an item's refusal (positive code) can be final, not {code}"
            ));
        }
        check_doc(doc).map_err(|reason| format!("status {name}: {reason}"))?;
    }
    if !codes.contains_key(&0) {
        return Err("the status OK with code 0 is missing".into());
    }
    Ok(())
}

/// The text goes into comments and string literals of several languages: one line, no quoting to get wrong.
fn check_doc(doc: &str) -> Result<(), String> {
    if !doc.ends_with('.') {
        return Err("doc must be whole sentences, ending with a full stop".into());
    }
    let unsafe_text = doc
        .chars()
        .find(|c| c.is_control() || matches!(c, '"' | '\\'))
        .is_some()
        || doc.contains("*/");
    if unsafe_text {
        return Err("doc must be one line without quotation marks, backslashes or '*/'".into());
    }
    Ok(())
}

fn is_constant_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &str) -> String {
        format!("status = [\n{{ name = \"OK\", code = 0, doc = \"Done.\" }},\n{rows}\n]")
    }

    fn refusal(rows: &str) -> String {
        parse(&table(rows)).expect_err("the table breaks a rule")
    }

    #[test]
    fn a_duplicate_code_is_refused() {
        let reason = refusal(
            r#"{ name = "A", code = -1, doc = "One." }, { name = "B", code = -1, doc = "Two." }"#,
        );
        assert!(reason.contains("code -1 is taken by A"), "{reason}");
    }

    #[test]
    fn a_duplicate_name_is_refused() {
        let reason = refusal(
            r#"{ name = "A", code = -1, doc = "One." }, { name = "A", code = -2, doc = "Two." }"#,
        );
        assert!(reason.contains("used twice, for -1 and -2"), "{reason}");
    }

    #[test]
    fn a_final_failure_of_the_whole_call_is_refused() {
        let reason = refusal(r#"{ name = "A", code = -1, doc = "One.", final = true }"#);
        assert!(reason.contains("only an item's refusal"), "{reason}");
    }

    #[test]
    fn zero_is_ok_and_nothing_else() {
        assert!(parse(r#"status = [{ name = "FINE", code = 0, doc = "Done." }]"#).is_err());
        assert!(parse(r#"status = [{ name = "OK", code = 1, doc = "Done." }]"#).is_err());
        assert!(parse("status = []").is_err());
    }

    #[test]
    fn names_docs_and_keys_are_checked() {
        assert!(refusal(r#"{ name = "lower", code = -1, doc = "One." }"#).contains("a name is"));
        assert!(
            refusal(r#"{ name = "A", code = -1, doc = "no full stop" }"#).contains("full stop")
        );
        assert!(refusal(r#"{ name = "A", code = -1, doc = 'A "word".' }"#).contains("quotation"));
        assert!(
            refusal(r#"{ name = "A", code = -1, doc = "One.", fnal = true }"#).contains("fnal")
        );
        assert!(
            refusal(r#"{ name = "UNKNOWN_STATUS", code = -1, doc = "One." }"#)
                .contains("not in the table")
        );
    }

    #[test]
    fn the_project_table_passes() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("api.toml");
        assert!(read(&path).is_ok_and(|table| table.status.len() > 100));
    }
}
