//! How names and documentation of the C interface read in Go: `debit_id` is `DebitID`, `QENEX_ACCOUNT_KIND_ASSET` is
//! `AccountKindAsset`, and a comment that speaks of them speaks of what the program sees.

use super::Source;
use super::table::{Constant, Group, Holds};
use crate::api::{Field, Type, camel};

/// Words that Go writes in capitals.
const CAPITALS: &[&str] = &["abi", "csv", "gl", "id", "io", "ok", "utf8", "wal"];

/// A name of several words, such as `debit_id` or `WAL_LIMIT`.
pub fn go_name(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let small = word.to_lowercase();
            if CAPITALS.contains(&small.as_str()) {
                word.to_uppercase()
            } else {
                camel(word)
            }
        })
        .collect()
}

pub fn constant_name(group: &Group, constant: &Constant) -> String {
    go_name(&group.name) + &go_name(&constant.name)
}

/// The name of a group's type.
pub fn type_name(group: &Group) -> String {
    match (&group.type_name, group.holds) {
        (Some(_), _) | (None, Holds::Limits) => group.type_name(),
        (None, Holds::Flags) => go_name(&group.name) + "Flags",
        (None, Holds::Kinds) => go_name(&group.name),
    }
}

/// What is said of C alone, and how Go says it.
const PHRASES: &[(&str, &str)] = &[
    (
        "qenex_buffer_cursor of the page before; NULL: the first page.",
        "Cursor of the page before; nil: the first page.",
    ),
    (
        " records in the arena, one after the other, at any alignment.",
        " records.",
    ),
    (", in the arena; empty", "; empty"),
    (", in the arena.", "."),
    (
        "Version of this header's binary interface; compare it with qenex_abi_version() when the library is loaded.",
        "Version of the binary interface that this package was made for; LibraryABIVersion is that of the library.",
    ),
    ("qenex_execute and qenex_submit", "Execute and Submit"),
    ("qenex_upgrade", "Upgrade"),
];

/// A line of documentation with the names of Go.
pub fn go_doc(source: &Source, line: &str) -> String {
    let mut line = line.to_owned();
    for (c, go) in PHRASES {
        line = line.replace(c, go);
    }
    let mut text = String::new();
    let mut rest = line.as_str();
    let mut group = "";
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphabetic() || c == '_') {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(from.len());
        let (token, after) = from.split_at(end);
        text += before;
        let whole_group = token
            .strip_prefix("QENEX_")
            .and_then(|name| name.strip_suffix('_'))
            .zip(after.strip_prefix("..."))
            .and_then(|(name, after)| {
                let mut groups = source.table.group.iter();
                groups.find(|group| group.name == name).zip(Some(after))
            });
        if let Some((group, after)) = whole_group {
            text += &type_name(group);
            rest = after;
            continue;
        }
        // '_FORCE' after 'QENEX_TRANSFER_BALANCING_DEBIT' is of the same group.
        let full = if token.starts_with('_') && !group.is_empty() {
            format!("QENEX_{group}{token}")
        } else {
            token.to_owned()
        };
        if let Some((found, constant)) = constant(source, &full) {
            group = &found.name;
            text += &constant_name(found, constant);
        } else {
            text += &known(source, token).unwrap_or_else(|| token.to_owned());
        }
        rest = after;
    }
    text + rest
}

/// The constant with a name of C.
fn constant<'a>(source: &'a Source, name: &str) -> Option<(&'a Group, &'a Constant)> {
    source
        .table
        .group
        .iter()
        .flat_map(|group| group.values.iter().map(move |constant| (group, constant)))
        .find(|(group, constant)| group.c_name(constant) == name)
}

/// What a word of the C interface is in Go.
fn known(source: &Source, token: &str) -> Option<String> {
    if let Some(name) = token.strip_prefix("QENEX_") {
        let status = source.table.status.iter().find(|row| row.name == name);
        return status.map(|_| format!("Status{}", go_name(name)));
    }
    if let Some(name) = token.strip_prefix("qenex_") {
        return source.api.record(token).map(|_| go_name(name));
    }
    let is_field = token.contains('_')
        && source
            .api
            .records
            .iter()
            .flat_map(|record| &record.fields)
            .any(|field| field.name == token && is_shown(field));
    is_field.then(|| go_name(token))
}

/// Whether a field means something to a program: it is neither filler nor a length that Go's own values have.
pub fn is_shown(field: &Field) -> bool {
    !matches!(
        field.name.as_str(),
        "padding" | "reserved" | "struct_size" | "text_count" | "holiday_count"
    ) && field.kind != Type::Size
}
