//! Renders `records.go`: every record that a program fills or reads as a Go struct of Go's own types, with
//! straight-line code to and from the C layout of `layout.go`.

use std::fmt::Write;

use super::Source;
use super::go::{HEAD, gofmt};
use super::go_names::{go_doc, go_name, is_shown, type_name};
use super::table::Holds;
use crate::api::{Field, Record, Type, buffer_record, camel, is_bytes, short};

/// Records that the hand-written half has types for, and those that only carry others.
const LEFT_OUT: &[&str] = &[
    "qenex_id",
    "qenex_amount",
    "qenex_text",
    "qenex_options",
    "qenex_command",
    "qenex_completion",
];

/// Records that others hold in the arena, which are filled and not read.
const PARTS: &[&str] = &["qenex_split_part"];

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
        let name = record.name.as_str();
        if LEFT_OUT.contains(&name) {
            continue;
        }
        public(&mut text, source, record);
        let is_command = commands.contains(&record.short().to_uppercase().as_str());
        let is_filled = is_command || is_input(source, record) || PARTS.contains(&name);
        if is_command {
            command(&mut text, record);
        }
        if is_filled {
            encode(&mut text, record);
        }
        if !is_filled || is_answer(source, record) {
            decode(&mut text, source, record);
        }
    }
    gofmt(&text)
}

/// Whether a function takes the record.
fn is_input(source: &Source, record: &Record) -> bool {
    let wanted = Type::Const(Box::new(Type::Named(record.name.clone())));
    source
        .api
        .functions
        .iter()
        .flat_map(|function| &function.arguments)
        .any(|argument| argument.kind == wanted)
}

/// Whether a function gives the record in a buffer.
fn is_answer(source: &Source, record: &Record) -> bool {
    source
        .api
        .functions
        .iter()
        .any(|function| buffer_record(&source.api, function).is_ok_and(|name| name == record.name))
}

fn public(text: &mut String, source: &Source, record: &Record) {
    let name = go_name(record.short());
    let _ = writeln!(text, "\n// {name} is {} in C.", record.name);
    for line in without_size(&record.doc) {
        let _ = writeln!(text, "// {}", go_doc(source, &line));
    }
    let _ = writeln!(text, "type {name} struct {{");
    for field in shown(record) {
        for line in &field.doc {
            let _ = writeln!(text, "\t// {}", go_doc(source, line));
        }
        let _ = writeln!(
            text,
            "\t{} {}",
            go_name(&field.name),
            go_type(source, record, field)
        );
    }
    text.push_str("}\n");
}

/// The documentation of a record without its last words, such as '272 bytes.', which are C's concern.
fn without_size(doc: &[String]) -> Vec<String> {
    let mut words: Vec<String> = doc.join("\n").split(' ').map(str::to_owned).collect();
    if words.last().is_some_and(|word| word == "bytes.") {
        words.truncate(words.len().saturating_sub(2));
    }
    let lines = words.join(" ");
    lines.lines().map(str::to_owned).collect()
}

fn command(text: &mut String, record: &Record) {
    let name = go_name(record.short());
    // What a record wraps is linked by its own flags.
    let wraps = record
        .fields
        .iter()
        .any(|field| field.kind == Type::Named("qenex_transfer".into()));
    let flags = if wraps { "Transfer.Flags" } else { "Flags" };
    let raw = camel(record.short());
    let _ = write!(
        text,
        "
func (r {name}) command() CommandKind {{
\treturn Command{name}
}}

func (r {name}) record() encoder {{
\treturn &r
}}

func (r *{name}) size() int {{
\treturn {}
}}

func (r *{name}) encodeInto(memory unsafe.Pointer, texts *arena) uint32 {{
\tr.encode((*raw{raw})(memory), texts)
\treturn uint32(r.{flags})
}}
",
        record.size
    );
}

fn encode(text: &mut String, record: &Record) {
    let name = go_name(record.short());
    let raw = camel(record.short());
    let holds_pointers = record
        .fields
        .iter()
        .any(|field| matches!(field.kind, Type::Const(_)));
    let memory = if holds_pointers {
        "memory *foreign"
    } else {
        "texts *arena"
    };
    let _ = write!(
        text,
        "\nfunc (r *{name}) encode(raw *raw{raw}, {memory}) {{\n"
    );
    if record.has_struct_size() {
        text.push_str("\traw.StructSize = uint32(unsafe.Sizeof(*raw))\n");
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
            Type::Named(of) if of == "qenex_text" => match holding(record, field) {
                Holding::Text => format!("texts.put({value})"),
                Holding::Bytes => format!("texts.putBytes({value})"),
                Holding::Texts => format!("texts.putTexts({value})"),
                Holding::Days => format!("texts.putDates({value})"),
                Holding::Parts => format!("putRecords(texts, {value}, (*SplitPart).encode)"),
            },
            Type::Named(_) => {
                let _ = writeln!(text, "\t{value}.encode(&raw.{raw}, texts)");
                continue;
            }
            Type::Const(of) => {
                let copied = if **of == Type::Char {
                    format!("[]byte({value})")
                } else {
                    value
                };
                let _ = writeln!(text, "\traw.{raw}, raw.{raw}Len = memory.copy({copied})");
                continue;
            }
            _ => value,
        };
        let _ = writeln!(text, "\traw.{raw} = {expression}");
    }
    if record.fields.iter().any(|field| field.name == "text_count") {
        text.push_str("\traw.TextCount = uint32(len(r.Texts))\n");
    }
    text.push_str("}\n");
}

fn decode(text: &mut String, source: &Source, record: &Record) {
    let name = go_name(record.short());
    let raw = camel(record.short());
    let _ = write!(
        text,
        "\nfunc (raw *raw{raw}) decode(texts []byte, r *{name}) {{\n"
    );
    for field in shown(record) {
        let value = format!("raw.{}", camel(&field.name));
        let kind = go_type(source, record, field);
        let expression = match &field.kind {
            Type::Status | Type::Date | Type::Unsigned(_) => format!("{kind}({value})"),
            Type::Time => format!("timeAt({value})"),
            Type::Named(of) if of == "qenex_id" => format!("ID({value}.Bytes)"),
            Type::Named(of) if of == "qenex_amount" => {
                format!("Amount{{{value}.Lo, {value}.Hi}}")
            }
            Type::Named(of) if of == "qenex_text" => match holding(record, field) {
                Holding::Text => format!("textAt(texts, {value})"),
                Holding::Bytes | Holding::Parts => format!("bytesAt(texts, {value})"),
                Holding::Texts => format!("textsAt(texts, {value}, raw.TextCount)"),
                Holding::Days => format!("datesAt(texts, {value})"),
            },
            Type::Named(_) => {
                let _ = writeln!(text, "\t{value}.decode(texts, &r.{})", go_name(&field.name));
                continue;
            }
            Type::Array(of, _) if **of == Type::Char => format!("untilNUL({value}[:])"),
            _ => value,
        };
        let _ = writeln!(text, "\tr.{} = {expression}", go_name(&field.name));
    }
    text.push_str("}\n");
}

fn shown(record: &Record) -> impl Iterator<Item = &Field> {
    record.fields.iter().filter(|field| is_shown(field))
}

/// What lies in the arena where a field of the type qenex_text points to.
enum Holding {
    Text,
    Bytes,
    /// An array of qenex_text.
    Texts,
    /// An array of qenex_date.
    Days,
    /// An array of qenex_split_part.
    Parts,
}

fn holding(record: &Record, field: &Field) -> Holding {
    match field.name.as_str() {
        "texts" => Holding::Texts,
        "holidays" => Holding::Days,
        "parts" => Holding::Parts,
        _ if is_bytes(&record.name, &field.name) => Holding::Bytes,
        _ => Holding::Text,
    }
}

/// The type of constants that the documentation of a field names.
fn constants(source: &Source, field: &Field) -> Option<String> {
    let doc = field.doc.join(" ");
    let wanted = if matches!(field.name.as_str(), "flags" | "weekend") {
        Holds::Flags
    } else {
        Holds::Kinds
    };
    // The longest name: QENEX_ACCOUNT_KIND_ rather than QENEX_ACCOUNT_.
    source
        .table
        .group
        .iter()
        .filter(|group| !group.name.is_empty() && group.holds == wanted)
        .filter(|group| doc.contains(&format!("QENEX_{}_", group.name)))
        .max_by_key(|group| group.name.len())
        .map(type_name)
}

fn go_type(source: &Source, record: &Record, field: &Field) -> String {
    match &field.kind {
        Type::Status => "Status".into(),
        Type::Date => "Date".into(),
        Type::Time => "time.Time".into(),
        Type::Named(of) if of == "qenex_id" => "ID".into(),
        Type::Named(of) if of == "qenex_amount" => "Amount".into(),
        Type::Named(of) if of == "qenex_text" => match holding(record, field) {
            Holding::Text => "string".into(),
            Holding::Bytes => "[]byte".into(),
            Holding::Texts => "[]string".into(),
            Holding::Days => "[]Date".into(),
            Holding::Parts => "[]SplitPart".into(),
        },
        Type::Named(of) => go_name(short(of)),
        Type::Array(of, _) if **of == Type::Char => "string".into(),
        Type::Array(of, count) if **of == Type::Unsigned(8) => format!("[{count}]uint64"),
        Type::Array(_, count) => format!("[{count}]byte"),
        Type::Const(of) if **of == Type::Char => "string".into(),
        Type::Const(_) => "[]byte".into(),
        Type::Unsigned(4) => constants(source, field).unwrap_or_else(|| "uint32".into()),
        Type::Unsigned(bytes) => format!("uint{}", bytes * 8),
        Type::Signed(bytes) => format!("int{}", bytes * 8),
        _ => "uintptr".into(),
    }
}
