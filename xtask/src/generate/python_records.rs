//! Renders `records.py`: every record that a program fills or reads as a dataclass, with straight-line code that packs
//! it into the bytes of the C record and back.

use std::fmt::Write;

use super::Source;
use super::table::{Holds, Table};
use crate::api::{Field, Record, Type, array_of, camel, is_bytes, short};

/// Records that are no classes of their own: values, and what functions take as arguments.
const LEFT_OUT: &[&str] = &[
    "qenex_id",
    "qenex_amount",
    "qenex_text",
    "qenex_options",
    "qenex_command",
    "qenex_execute_options",
    "qenex_as_of_options",
    "qenex_statement_options",
    "qenex_transfer_filter",
    "qenex_completion",
];

pub fn render(source: &Source) -> String {
    let mut text = String::from(HEAD);
    for record in &source.api.records {
        if !LEFT_OUT.contains(&record.name.as_str()) {
            class(&mut text, &source.table, record);
        }
    }
    text.push_str("\n\nCOMMANDS: dict[type[Any], C.CommandKind] = {\n");
    let commands = source
        .table
        .group
        .iter()
        .filter(|group| group.name == "COMMAND");
    for constant in commands.flat_map(|group| &group.values) {
        if constant.name != "MIXED" {
            let _ = writeln!(
                text,
                "    {}: C.CommandKind.{},",
                camel(&constant.name),
                constant.name
            );
        }
    }
    text.push_str("}\n\"\"\"The kind of each class of commands.\"\"\"\n");
    text
}

fn class(text: &mut String, table: &Table, record: &Record) {
    let name = camel(short(&record.name));
    let fields: Vec<&Field> = record
        .fields
        .iter()
        .filter(|field| !is_filler(field))
        .collect();
    let doc = record.doc.join("\n    ");
    let _ = write!(
        text,
        "\n\n@dataclass(frozen=True, kw_only=True)\nclass {name}:\n    \"\"\"{doc}\"\"\"\n\n"
    );
    for field in &fields {
        let (kind, default) = python_type(table, record, field);
        let name = python_name(field);
        let _ = writeln!(text, "    {name}: {kind} = {default}");
        let _ = writeln!(
            text,
            "    \"\"\"{}\"\"\"",
            field.doc.join("\n    ").replace('"', "'")
        );
    }
    let mut format = String::from("<");
    for field in &record.fields {
        format += &code(field);
    }
    let _ = writeln!(
        text,
        "\n    _struct: ClassVar[Struct] = Struct(\"{format}\")"
    );
    text.push_str(
        "\n    def _pack(self, arena: Arena) -> bytes:\n        return self._struct.pack(\n",
    );
    for field in record.fields.iter().filter(|field| !is_padding(field)) {
        let _ = writeln!(text, "            {},", packed(record, field));
    }
    text.push_str("        )\n\n    @classmethod\n");
    let _ = writeln!(
        text,
        "    def _unpack(cls, data: memoryview, at: int, arena: bytes) -> {name}:"
    );
    text.push_str("        v = cls._struct.unpack_from(data, at)\n        return cls(\n");
    let mut at = 0;
    for field in &record.fields {
        if is_padding(field) {
            continue;
        }
        let (expression, taken) = unpacked(table, record, field, at);
        if !is_filler(field) {
            let name = python_name(field);
            let _ = writeln!(text, "            {name}={expression},");
        }
        at += taken;
    }
    text.push_str("        )\n");
}

fn is_padding(field: &Field) -> bool {
    matches!(field.name.as_str(), "padding" | "reserved")
}

/// Fields that mean nothing to the host.
fn is_filler(field: &Field) -> bool {
    is_padding(field) || field.name == "struct_size"
}

/// The name of a field, which Python may have reserved for itself.
fn python_name(field: &Field) -> String {
    match field.name.as_str() {
        "from" => "from_".into(),
        name => name.into(),
    }
}

/// The enumeration that the documentation of a field names.
pub(super) fn enumeration(table: &Table, field: &Field) -> Option<String> {
    let doc = field.doc.join(" ");
    let fits = |prefix: &str| doc.contains(&format!("QENEX_{prefix}_"));
    // The longest name: QENEX_ACCOUNT_KIND_ rather than QENEX_ACCOUNT_.
    let groups = table
        .group
        .iter()
        .filter(|group| !group.name.is_empty() && fits(&group.name));
    let wanted = if field.name == "flags" {
        Holds::Flags
    } else {
        Holds::Kinds
    };
    groups
        .filter(|group| group.holds == wanted)
        .max_by_key(|group| group.name.len())
        .map(|group| format!("C.{}", group.type_name()))
}

fn python_type(table: &Table, record: &Record, field: &Field) -> (String, String) {
    let pair = |kind: &str, default: &str| (kind.to_owned(), default.to_owned());
    match &field.kind {
        Type::Status => pair("C.Status", "C.Status.OK"),
        Type::Date => pair("date | None", "None"),
        Type::Time => pair("datetime | None", "None"),
        Type::Named(name) if name == "qenex_id" => pair("UUID | None", "None"),
        Type::Named(name) if name == "qenex_amount" => pair("int", "0"),
        Type::Named(name) if name == "qenex_text" => {
            if field.name == "texts" {
                pair("tuple[str, ...]", "()")
            } else if field.name == "holidays" {
                pair("tuple[date, ...]", "()")
            } else if let Some(of) = array_of(&record.name, &field.name) {
                pair(&format!("tuple[{}, ...]", camel(short(of))), "()")
            } else if is_bytes(&record.name, &field.name) {
                pair("bytes", "b\"\"")
            } else {
                pair("str", "\"\"")
            }
        }
        Type::Named(name) => (camel(short(name)), format!("{}()", camel(short(name)))),
        Type::Array(of, _) if **of == Type::Char => pair("str", "\"\""),
        Type::Array(of, _) if **of == Type::Unsigned(1) => pair("bytes", "bytes(16)"),
        Type::Array(..) => pair("tuple[int, ...]", "()"),
        _ => match enumeration(table, field) {
            Some(name) if field.name == "flags" => (format!("{name} | int"), "0".into()),
            Some(name) => (format!("{name} | int"), "0".into()),
            None => pair("int", "0"),
        },
    }
}

fn code(field: &Field) -> String {
    if is_padding(field) {
        return format!("{}x", field.size);
    }
    match &field.kind {
        Type::Unsigned(4) => "I".into(),
        Type::Unsigned(_) => "Q".into(),
        Type::Signed(4) | Type::Status | Type::Date => "i".into(),
        Type::Signed(_) | Type::Time => "q".into(),
        Type::Named(name) if name == "qenex_amount" => "Qq".into(),
        Type::Named(name) if name == "qenex_text" => "II".into(),
        Type::Array(of, count) if **of == Type::Unsigned(8) => format!("{count}Q"),
        _ => format!("{}s", field.size),
    }
}

fn packed(record: &Record, field: &Field) -> String {
    let value = format!("self.{}", python_name(field));
    match &field.kind {
        _ if field.name == "struct_size" => record.size.to_string(),
        Type::Date => format!("from_date({value})"),
        Type::Time => format!("from_time({value})"),
        Type::Named(name) if name == "qenex_id" => format!("from_id({value})"),
        Type::Named(name) if name == "qenex_amount" => format!("{value} & MASK, {value} >> 64"),
        Type::Named(name) if name == "qenex_text" => {
            if field.name == "texts" {
                "*arena.put(b\"\".join(pair(*arena.put(text)) for text in self.texts))".into()
            } else if field.name == "holidays" {
                format!("*arena.put(from_dates({value}))")
            } else if array_of(&record.name, &field.name).is_some() {
                format!("*arena.put(b\"\".join(part._pack(arena) for part in {value}))")
            } else {
                format!("*arena.put({value})")
            }
        }
        Type::Named(_) => format!("{value}._pack(arena)"),
        Type::Array(of, _) if **of == Type::Char => format!("{value}.encode()"),
        Type::Array(of, _) if **of == Type::Unsigned(8) => format!("*{value}"),
        Type::Array(..) => format!("exactly(16, {value})"),
        _ => value,
    }
}

/// The expression for a field out of the unpacked values, and how many of them it takes.
fn unpacked(table: &Table, record: &Record, field: &Field, at: usize) -> (String, usize) {
    match &field.kind {
        Type::Status => (format!("C.Status(v[{at}])"), 1),
        Type::Date => (format!("to_date(v[{at}])"), 1),
        Type::Time => (format!("to_time(v[{at}])"), 1),
        Type::Named(name) if name == "qenex_id" => (format!("to_id(v[{at}])"), 1),
        Type::Named(name) if name == "qenex_amount" => {
            (format!("v[{}] << 64 | v[{at}]", at + 1), 2)
        }
        Type::Named(name) if name == "qenex_text" => {
            let bytes = format!("arena[v[{at}] : v[{at}] + v[{}]]", at + 1);
            if field.name == "texts" {
                (format!("to_texts({bytes}, arena)"), 2)
            } else if field.name == "holidays" {
                (format!("to_dates({bytes})"), 2)
            } else if let Some(of) = array_of(&record.name, &field.name) {
                let of = camel(short(of));
                (
                    format!(
                        "tuple({of}._unpack(memoryview({bytes}), at, arena) for at in range(0, v[{}], {of}._struct.size))",
                        at + 1
                    ),
                    2,
                )
            } else if is_bytes(&record.name, &field.name) {
                (bytes, 2)
            } else {
                (format!("{bytes}.decode()"), 2)
            }
        }
        Type::Named(name) => (
            format!(
                "{}._unpack(data, at + {}, arena)",
                camel(short(name)),
                field.offset
            ),
            1,
        ),
        Type::Array(of, _) if **of == Type::Char => {
            (format!("v[{at}].rstrip(b\"\\0\").decode()"), 1)
        }
        Type::Array(of, count) if **of == Type::Unsigned(8) => {
            (format!("v[{at}:{}]", at + count), *count)
        }
        Type::Array(..) => (format!("v[{at}]"), 1),
        _ => match enumeration(table, field) {
            Some(name) if field.name == "flags" => (format!("{name}(v[{at}])"), 1),
            Some(name) => (format!("{name}(v[{at}]) if v[{at}] else 0"), 1),
            None => (format!("v[{at}]"), 1),
        },
    }
}

const HEAD: &str = "\
\"\"\"The records of the ledger as dataclasses. Generated by `cargo xtask gen` from src/abi: do not edit.

Amounts are whole minor units of the asset (cents). What is left out is none, or the default.\"\"\"

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from struct import Struct
from typing import Any, ClassVar
from uuid import UUID

from . import constants as C
from ._values import (
    MASK,
    Arena,
    exactly,
    from_date,
    from_dates,
    from_id,
    from_time,
    pair,
    to_date,
    to_dates,
    to_id,
    to_texts,
    to_time,
)
";
