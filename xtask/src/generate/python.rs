//! Renders the generated half of the Python package: the constants as enumerations, and the records and functions
//! as ctypes sees them, with the layouts that are checked when the package is imported.

use std::fmt::Write;

use super::Source;
use super::table::Holds;
use crate::api::{Record, Type, camel};

/// `constants.py`: what the package shows to its users.
pub fn constants(source: &Source) -> String {
    let mut text = String::from(CONSTANTS_HEAD);
    for status in &source.table.status {
        let _ = writeln!(
            text,
            "    {} = {}\n    \"\"\"{}\"\"\"",
            status.name,
            status.code,
            status.comment()
        );
    }
    text.push_str("\n\nFINAL: frozenset[Status] = frozenset(\n    {\n");
    for status in source.table.status.iter().filter(|status| status.is_final) {
        let _ = writeln!(text, "        Status.{},", status.name);
    }
    text.push_str(
        "    }\n)\n\"\"\"The refusals that are remembered under a command's key.\"\"\"\n",
    );
    for group in &source.table.group {
        if group.name.is_empty() {
            text.push_str("\n\n");
            for constant in &group.values {
                let _ = writeln!(
                    text,
                    "{} = {}\n\"\"\"{}\"\"\"",
                    constant.name,
                    group.literal(constant),
                    constant.doc
                );
            }
            continue;
        }
        let base = if group.holds == Holds::Flags {
            "IntFlag"
        } else {
            "IntEnum"
        };
        let _ = write!(
            text,
            "\n\nclass {}({base}):\n    \"\"\"{}\"\"\"\n\n",
            group.type_name(),
            group.doc
        );
        for constant in &group.values {
            let _ = writeln!(
                text,
                "    {} = {}\n    \"\"\"{}\"\"\"",
                constant.name,
                group.literal(constant),
                constant.doc
            );
        }
    }
    text
}

/// `_abi.py`: the records and the functions.
pub fn abi(source: &Source) -> String {
    let mut text = String::from(ABI_HEAD);
    let mut written: Vec<&Record> = Vec::new();
    for callback in &source.api.callbacks {
        let returns = callback.returns.as_ref().map_or("None".into(), ctype);
        // Texts are not terminated: as c_char_p ctypes would read beyond them.
        let arguments: Vec<String> = callback
            .arguments
            .iter()
            .map(|argument| ctype(&argument.kind).replace("c_char_p", "c_void_p"))
            .collect();
        let _ = writeln!(
            text,
            "\n{} = C.CFUNCTYPE({returns}, {})",
            class(&callback.name),
            arguments.join(", ")
        );
    }
    for record in &source.api.records {
        written.push(record);
        let _ = write!(text, "\n\nclass {}(C.Structure):\n", class(&record.name));
        let _ = writeln!(text, "    \"\"\"{}\"\"\"\n\n    _fields_ = [", record.name);
        for field in &record.fields {
            let _ = writeln!(
                text,
                "        (\"{}\", {}),",
                field.name,
                ctype(&field.kind)
            );
        }
        text.push_str("    ]\n");
    }
    text.push_str(
        "\n\nLAYOUT: dict[type[C.Structure], tuple[int, dict[str, tuple[int, int]]]] = {\n",
    );
    for record in written {
        let _ = writeln!(
            text,
            "    {}: (\n        {},\n        {{",
            class(&record.name),
            record.size
        );
        for field in &record.fields {
            let _ = writeln!(
                text,
                "            \"{}\": ({}, {}),",
                field.name, field.offset, field.size
            );
        }
        text.push_str("        },\n    ),\n");
    }
    text.push_str("}\n\"\"\"Of each record its size, and of each field the offset and the size, on a machine of 64 bits.\"\"\"\n");
    text.push_str("\nFUNCTIONS: dict[str, tuple[Any, list[Any]]] = {\n");
    for function in &source.api.functions {
        let returns = function.returns.as_ref().map_or("None".into(), ctype);
        let arguments: Vec<String> = function
            .arguments
            .iter()
            .map(|argument| ctype(&argument.kind))
            .collect();
        let _ = writeln!(
            text,
            "    \"{}\": ({returns}, [{}]),",
            function.name,
            arguments.join(", ")
        );
    }
    text.push_str("}\n\"\"\"Of each function what it returns and what it takes.\"\"\"\n");
    text
}

fn class(name: &str) -> String {
    format!("Raw{}", camel(crate::api::short(name)))
}

fn ctype(kind: &Type) -> String {
    match kind {
        Type::Unsigned(bytes) => format!("C.c_uint{}", bytes * 8),
        Type::Signed(bytes) => format!("C.c_int{}", bytes * 8),
        Type::Size => "C.c_size_t".into(),
        Type::Char => "C.c_char".into(),
        Type::Void => "None".into(),
        Type::Status | Type::Date => "C.c_int32".into(),
        Type::Time => "C.c_int64".into(),
        Type::Named(name) | Type::Callback(name) => class(name),
        // Kept as bytes: ctypes would cut arrays of char at the first NUL.
        Type::Array(of, count) => format!("{} * {count}", ctype(of)),
        // Pointers are passed as addresses: of arrays, of parts of them, or none at all.
        Type::Const(of) | Type::Mut(of) => match &**of {
            Type::Char => "C.c_char_p".into(),
            _ => "C.c_void_p".into(),
        },
    }
}

const CONSTANTS_HEAD: &str = "\
\"\"\"Statuses, flags, kinds and limits. Generated by `cargo xtask gen` from xtask/api.toml: do not edit.\"\"\"

from enum import IntEnum, IntFlag


class Status(IntEnum):
    \"\"\"What became of a call or of one item. 0: applied and durable; positive: the item was refused; negative: nothing
    of the call was applied, OUTCOME_UNKNOWN alone excepted.\"\"\"

";

const ABI_HEAD: &str = "\
\"\"\"The records and functions of the C interface. Generated by `cargo xtask gen` from src/abi: do not edit.\"\"\"

import ctypes as C
from typing import Any
";
