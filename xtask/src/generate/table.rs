//! The table `xtask/api.toml` as checked values. Nothing is rendered from a table that breaks a rule: codes and
//! names are unique, 0 is OK and nothing else, a refusal can be final only if it is an item's (positive).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::api::camel;

/// Everything in the table. A new kind of row is a new field here, with its check below.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub status: Vec<Status>,
    #[serde(default)]
    pub group: Vec<Group>,
}

impl Status {
    /// What it means, for a comment.
    pub fn comment(&self) -> String {
        let remembered = if self.is_final {
            " Final: the key remembers it."
        } else {
            ""
        };
        format!("{}{remembered}", self.doc)
    }
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

/// Constants that belong together: `QENEX_<group>_<name>` in C, `<group>::<NAME>` in Rust.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Empty: the constants bear no group's name.
    pub name: String,
    /// Name of the group's type in the bindings, where it is not made of the group's name.
    #[serde(default, rename = "type")]
    pub type_name: Option<String>,
    pub holds: Holds,
    pub doc: String,
    pub values: Vec<Constant>,
}

/// What the values of a group are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holds {
    /// Single bits.
    Flags,
    /// Numbers of an enumerated field, from 1 up.
    Kinds,
    /// Anything that fits 32 bits.
    Limits,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    pub name: String,
    pub value: u32,
    pub doc: String,
}

impl Group {
    /// The name of the group's type in the bindings: `TransferFlags`, `AccountKind`, `Limits`.
    pub fn type_name(&self) -> String {
        match (&self.type_name, self.holds) {
            (Some(name), _) => name.clone(),
            (None, Holds::Flags) => camel(&self.name) + "Flags",
            (None, Holds::Kinds) => camel(&self.name),
            (None, Holds::Limits) => camel(&self.name) + "Limits",
        }
    }

    /// The value as a binding writes it: bits in hexadecimal digits.
    pub fn literal(&self, constant: &Constant) -> String {
        if self.holds == Holds::Flags || constant.value >= 1 << 31 {
            format!("{:#x}", constant.value)
        } else {
            constant.value.to_string()
        }
    }

    /// The constant's name in C.
    pub fn c_name(&self, constant: &Constant) -> String {
        match self.name.as_str() {
            "" => format!("QENEX_{}", constant.name),
            group => format!("QENEX_{group}_{}", constant.name),
        }
    }
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
    check_groups(&table)?;
    Ok(table)
}

fn check_groups(table: &Table) -> Result<(), String> {
    let statuses = table
        .status
        .iter()
        .map(|status| format!("QENEX_{}", status.name));
    let mut names: BTreeSet<String> = statuses.collect();
    for group in &table.group {
        if !(group.name.is_empty() || is_constant_name(&group.name)) {
            return Err(format!(
                "group '{}': not the name of a constant",
                group.name
            ));
        }
        check_doc(&group.doc).map_err(|reason| format!("group {}: {reason}", group.name))?;
        let mut seen = BTreeSet::new();
        for constant in &group.values {
            let name = group.c_name(constant);
            if !is_constant_name(&constant.name) || !names.insert(name.clone()) {
                return Err(format!(
                    "{name}: the name is used twice or is not a constant's"
                ));
            }
            check_doc(&constant.doc).map_err(|reason| format!("{name}: {reason}"))?;
            let value = constant.value;
            match group.holds {
                Holds::Limits => continue,
                Holds::Flags if !value.is_power_of_two() || value == 1 << 31 => {
                    return Err(format!(
                        "{name}: a flag is one bit below QENEX_LINKED, not {value}"
                    ));
                }
                Holds::Kinds if value == 0 => {
                    return Err(format!("{name}: 0 is left to the default"));
                }
                Holds::Flags | Holds::Kinds => {}
            }
            if !seen.insert(value) {
                return Err(format!("{name}: the group has the value {value} twice"));
            }
        }
    }
    Ok(())
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
    fn groups_of_constants_are_checked() {
        let group = |holds: &str, values: &str| {
            let text = format!(
                "{}\n[[group]]\nname = \"G\"\nholds = \"{holds}\"\ndoc = \"All.\"\nvalues = [{values}]",
                table("")
            );
            parse(&text)
        };
        assert!(group("flags", r#"{ name = "A", value = 4, doc = "A." }"#).is_ok());
        let broken = [
            (
                "flags",
                r#"{ name = "A", value = 3, doc = "A." }"#,
                "one bit",
            ),
            (
                "flags",
                r#"{ name = "A", value = 0, doc = "A." }"#,
                "one bit",
            ),
            (
                "flags",
                r#"{ name = "A", value = 0x8000_0000, doc = "A." }"#,
                "QENEX_LINKED",
            ),
            (
                "kinds",
                r#"{ name = "A", value = 0, doc = "A." }"#,
                "default",
            ),
            (
                "kinds",
                r#"{ name = "A", value = 1, doc = "A" }"#,
                "full stop",
            ),
            (
                "kinds",
                r#"{ name = "A", value = 1, doc = "A." }, { name = "B", value = 1, doc = "B." }"#,
                "twice",
            ),
            (
                "limits",
                r#"{ name = "A", value = 1, doc = "A." }, { name = "A", value = 2, doc = "B." }"#,
                "twice",
            ),
            ("bits", r#"{ name = "A", value = 1, doc = "A." }"#, "bits"),
        ];
        for (holds, values, expected) in broken {
            let reason = group(holds, values).expect_err("the group breaks a rule");
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn the_project_table_passes() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("api.toml");
        assert!(read(&path).is_ok_and(|table| table.status.len() > 100));
    }
}
