//! Renders `records.go`: every record that a program fills or reads as a Go struct of Go's own types, with
//! straight-line code to and from the C layout of `layout.go`.

use std::fmt::Write;

use super::Source;
use super::go::{HEAD, gofmt};
use super::table::{Holds, Table};
use crate::api::{Api, Field, Record, Type, camel, short};

/// Records that the hand-written half has types for, and those that only carry others.
const LEFT_OUT: &[&str] = &[
    "qenex_id",
    "qenex_amount",
    "qenex_text",
    "qenex_options",
    "qenex_command",
    "qenex_statement_options",
    "qenex_completion",
];

/// Fields of the type qenex_text that hold bytes of any content.
const BYTES: &[(&str, &str)] = &[
    ("qenex_host_record", "record"),
    ("qenex_host_record", "value"),
    ("qenex_host_value", "value"),
    ("qenex_feed_entry", "content"),
];

/// Words that Go writes in capitals.
const CAPITALS: &[&str] = &["id", "gl", "wal"];

pub fn render(source: &Source) -> String {
    let commands: Vec<&str> = source
        .table
        .group
        .iter()
        .filter(|group| group.name == "COMMAND")
        .flat_map(|group| &group.values)
        .map(|constant| constant.name.as_str())
        .collect();
    let mut text = format!(
        "{HEAD}from src/abi: DO NOT EDIT.\n\npackage qenex\n\nimport (\n\t\"time\"\n\t\"unsafe\"\n)\n"
    );
    for record in &source.api.records {
        if LEFT_OUT.contains(&record.name.as_str()) {
            continue;
        }
        public(&mut text, &source.table, record);
        let is_command = commands.contains(&record.short().to_uppercase().as_str());
        if is_command {
            command(&mut text, record);
        }
        if is_command || is_input(&source.api, record) {
            encode(&mut text, record);
        } else {
            decode(&mut text, &source.table, record);
        }
    }
    gofmt(&text)
}

/// Whether a function takes the record.
fn is_input(api: &Api, record: &Record) -> bool {
    let wanted = Type::Const(Box::new(Type::Named(record.name.clone())));
    api.functions
        .iter()
        .flat_map(|function| &function.arguments)
        .any(|argument| argument.kind == wanted)
}

fn public(text: &mut String, table: &Table, record: &Record) {
    let name = camel(record.short());
    let _ = writeln!(text, "\n// {name} is {} in C.", record.name);
    for line in &record.doc {
        let _ = writeln!(text, "// {line}");
    }
    let _ = writeln!(text, "type {name} struct {{");
    for field in shown(record) {
        for line in &field.doc {
            let _ = writeln!(text, "\t// {line}");
        }
        let _ = writeln!(
            text,
            "\t{} {}",
            go_name(&field.name),
            go_type(table, record, field)
        );
    }
    text.push_str("}\n");
}

fn command(text: &mut String, record: &Record) {
    let name = camel(record.short());
    let _ = write!(
        text,
        "
func (r {name}) command() (CommandKind, uint32) {{
\treturn Command{name}, uint32(r.Flags)
}}

func (r {name}) appendTo(records []byte, texts *arena) []byte {{
\traw := r.encode(texts)
\treturn append(records, (*[unsafe.Sizeof(raw)]byte)(unsafe.Pointer(&raw))[:]...)
}}
"
    );
}

fn encode(text: &mut String, record: &Record) {
    let name = camel(record.short());
    let _ = write!(
        text,
        "\nfunc (r *{name}) encode(texts *arena) (raw raw{name}) {{\n"
    );
    if record.has_struct_size() {
        text.push_str("\traw.StructSize = uint32(unsafe.Sizeof(raw))\n");
    }
    for field in shown(record) {
        let raw = camel(&field.name);
        let value = format!("r.{}", go_name(&field.name));
        let expression = match &field.kind {
            Type::Status | Type::Date => format!("int32({value})"),
            Type::Time => format!("micros({value})"),
            Type::Unsigned(bytes) => format!("uint{}({value})", bytes * 8),
            Type::Named(of) if of == "qenex_id" => format!("rawId{{{value}}}"),
            Type::Named(of) if of == "qenex_amount" => {
                format!("rawAmount{{{value}.lo, {value}.hi}}")
            }
            Type::Named(of) if of == "qenex_text" => {
                if is_bytes(record, field) {
                    format!("texts.putBytes({value})")
                } else {
                    format!("texts.put({value})")
                }
            }
            Type::Named(_) => format!("{value}.encode(texts)"),
            _ => value,
        };
        let _ = writeln!(text, "\traw.{raw} = {expression}");
    }
    text.push_str("\treturn raw\n}\n");
}

fn decode(text: &mut String, table: &Table, record: &Record) {
    let name = camel(record.short());
    let _ = write!(
        text,
        "\nfunc (raw *raw{name}) decode(texts []byte) (r {name}) {{\n"
    );
    for field in shown(record) {
        let value = format!("raw.{}", camel(&field.name));
        let kind = go_type(table, record, field);
        let expression = match &field.kind {
            Type::Status | Type::Date | Type::Unsigned(_) => format!("{kind}({value})"),
            Type::Time => format!("timeAt({value})"),
            Type::Named(of) if of == "qenex_id" => format!("ID({value}.Bytes)"),
            Type::Named(of) if of == "qenex_amount" => {
                format!("Amount{{{value}.Lo, {value}.Hi}}")
            }
            Type::Named(of) if of == "qenex_text" => match kind.as_str() {
                "[]string" => format!("textsAt(texts, {value}, raw.TextCount)"),
                "[]byte" => format!("bytesAt(texts, {value})"),
                _ => format!("textAt(texts, {value})"),
            },
            Type::Named(_) => format!("{value}.decode(texts)"),
            Type::Array(of, _) if **of == Type::Char => format!("untilNUL({value}[:])"),
            _ => value,
        };
        let _ = writeln!(text, "\tr.{} = {expression}", go_name(&field.name));
    }
    text.push_str("\treturn r\n}\n");
}

/// The fields that mean something to a program.
fn shown(record: &Record) -> impl Iterator<Item = &Field> {
    record.fields.iter().filter(|field| {
        !matches!(
            field.name.as_str(),
            "padding" | "reserved" | "struct_size" | "text_count"
        )
    })
}

fn go_name(name: &str) -> String {
    name.split('_')
        .map(|word| {
            if CAPITALS.contains(&word) {
                word.to_uppercase()
            } else {
                camel(word)
            }
        })
        .collect()
}

fn is_bytes(record: &Record, field: &Field) -> bool {
    BYTES.contains(&(record.name.as_str(), field.name.as_str()))
}

/// The type of constants that the documentation of a field names.
fn constants(table: &Table, field: &Field) -> Option<String> {
    let doc = field.doc.join(" ");
    let wanted = if field.name == "flags" {
        Holds::Flags
    } else {
        Holds::Kinds
    };
    // The longest name: QENEX_ACCOUNT_KIND_ rather than QENEX_ACCOUNT_.
    table
        .group
        .iter()
        .filter(|group| !group.name.is_empty() && group.holds == wanted)
        .filter(|group| doc.contains(&format!("QENEX_{}_", group.name)))
        .max_by_key(|group| group.name.len())
        .map(|group| group.type_name())
}

fn go_type(table: &Table, record: &Record, field: &Field) -> String {
    match &field.kind {
        Type::Status => "Status".into(),
        Type::Date => "Date".into(),
        Type::Time => "time.Time".into(),
        Type::Named(of) if of == "qenex_id" => "ID".into(),
        Type::Named(of) if of == "qenex_amount" => "Amount".into(),
        Type::Named(of) if of == "qenex_text" => {
            if field.name == "texts" {
                "[]string".into()
            } else if is_bytes(record, field) {
                "[]byte".into()
            } else {
                "string".into()
            }
        }
        Type::Named(of) => camel(short(of)),
        Type::Array(of, _) if **of == Type::Char => "string".into(),
        Type::Array(of, count) if **of == Type::Unsigned(8) => format!("[{count}]uint64"),
        Type::Array(_, count) => format!("[{count}]byte"),
        Type::Unsigned(4) => constants(table, field).unwrap_or_else(|| "uint32".into()),
        Type::Unsigned(bytes) => format!("uint{}", bytes * 8),
        Type::Signed(bytes) => format!("int{}", bytes * 8),
        _ => "uintptr".into(),
    }
}
