//! Renders the Java classes of the records: what the host fills in writes straight into the memory that the library
//! reads, so that a batch costs one copy of each value; what the library answers is read once into plain fields.
//! They rely on `Item` and `Answer` of the binding.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::table::{Group, Holds};
use super::{File, Source};
use crate::api::{Field, Parameter, Record, Type, camel, is_bytes, parameters, short};

const FOLDER: &str = "bindings/java/src/main/java/org/qenex";

/// Records that are written by hand or are a class of Java's own.
const BY_HAND: &[&str] = &[
    "qenex_id",
    "qenex_amount",
    "qenex_text",
    "qenex_command",
    "qenex_options",
    "qenex_completion",
];

pub fn render(source: &Source) -> Vec<File> {
    let inputs = inputs(source);
    let records = source.api.records.iter();
    records
        .filter(|record| !BY_HAND.contains(&record.name.as_str()))
        .map(|record| {
            let name = camel(record.short());
            let text = if inputs.contains(&record.name) {
                item(source, record, &name)
            } else {
                answer(source, record, &name)
            };
            File {
                path: format!("{FOLDER}/{name}.java"),
                text,
            }
        })
        .collect()
}

/// The records that hosts fill in.
fn inputs(source: &Source) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = commands(source)
        .map(|name| format!("qenex_{name}"))
        .collect();
    for function in &source.api.functions {
        for parameter in parameters(&source.api, function).unwrap_or_default() {
            if let Parameter::Records { of, .. } | Parameter::Record { of, .. } = parameter {
                found.insert(of);
            }
        }
    }
    // The records that fields of these hold in turn.
    for record in &source.api.records {
        if found.contains(&record.name) {
            found.extend(
                record
                    .fields
                    .iter()
                    .filter_map(|field| records_in(&record.name, &field.name))
                    .map(String::from),
            );
        }
    }
    // What was answered is handed on as it is: Engine.applyFeed.
    found.remove("qenex_feed_entry");
    found
}

/// The kinds of commands, in lower case: the names of their records.
fn commands(source: &Source) -> impl Iterator<Item = String> + '_ {
    let group = source
        .table
        .group
        .iter()
        .filter(|group| group.name == "COMMAND");
    group.flat_map(|group| group.values.iter().map(|value| value.name.to_lowercase()))
}

/// A name of C as Java writes it.
pub fn java_name(name: &str) -> String {
    let camel = camel(name);
    let mut letters = camel.chars();
    let name: String = letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    });
    match name.as_str() {
        "default" | "class" | "return" | "new" | "package" => name + "_",
        _ => name,
    }
}

/// Documentation as the lines of a comment.
pub fn comment(indent: &str, lines: &[String], tail: &str) -> String {
    let text: Vec<String> = lines
        .iter()
        .map(|line| super::java::escaped(line))
        .collect();
    let mut text = text.join("\n").replace("*/", "* /");
    if !tail.is_empty() {
        text.push('\n');
        text.push_str(tail);
    }
    if text.contains('\n') {
        let lines = text
            .lines()
            .map(|line| format!("{indent} * {line}").trim_end().to_owned());
        let body: Vec<String> = lines.collect();
        format!("{indent}/**\n{}\n{indent} */\n", body.join("\n"))
    } else {
        format!("{indent}/** {text} */\n")
    }
}

/// The group whose values a field holds, when its documentation names one.
fn kinds_of<'a>(source: &'a Source, field: &Field) -> Option<&'a Group> {
    if !matches!(field.kind, Type::Unsigned(4)) {
        return None;
    }
    let doc = field.doc.join(" ");
    source.table.group.iter().find(|group| {
        group.holds == Holds::Kinds
            && !group.name.is_empty()
            && doc.contains(&format!("QENEX_{}_...", group.name))
    })
}

/// Fields of the type qenex_text that hold an array of records, and which.
fn records_in(record: &str, field: &str) -> Option<&'static str> {
    match (record, field) {
        ("qenex_split", "parts") => Some("qenex_split_part"),
        _ => None,
    }
}

/// Whether a field of the type qenex_text holds an array of days.
fn is_days(field: &Field) -> bool {
    field.name == "holidays"
}

fn is_silent(field: &Field) -> bool {
    matches!(field.name.as_str(), "struct_size" | "reserved") || field.name.starts_with("padding")
}

fn offset(name: &str, field: &Field) -> String {
    let upper = field.name.to_uppercase();
    let upper = if upper == "SIZE" {
        "SIZE_FIELD"
    } else {
        &upper
    };
    format!("Layout.{name}.{upper}")
}

fn item(source: &Source, record: &Record, name: &str) -> String {
    let is_command = commands(source).any(|command| command == record.short());
    let base = if is_command {
        format!("Command<{name}>")
    } else {
        format!("Item<{name}>")
    };
    let mut texts = Vec::new();
    let mut lists = Vec::new();
    for field in &record.fields {
        match &field.kind {
            Type::Named(of) if of == "qenex_text" => {
                texts.push(offset(name, field));
                if let Some(of) = records_in(&record.name, &field.name) {
                    let inner_name = camel(short(of));
                    let inner = source.api.record(of);
                    let inner = inner.iter().flat_map(|record| &record.fields);
                    let mut numbers =
                        vec![offset(name, field), format!("Layout.{inner_name}.SIZE")];
                    numbers.extend(
                        inner
                            .filter(|field| field.kind == Type::Named("qenex_text".into()))
                            .map(|field| offset(&inner_name, field)),
                    );
                    lists.push(format!("{{{}}}", numbers.join(", ")));
                }
            }
            Type::Named(of) => {
                let inner = source.api.record(of);
                let inner_name = camel(short(of));
                for inner in inner.iter().flat_map(|record| &record.fields) {
                    if inner.kind == Type::Named("qenex_text".into()) {
                        texts.push(format!(
                            "{} + {}",
                            offset(name, field),
                            offset(&inner_name, inner)
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    let mut text = format!(
        "{HEAD}\npackage org.qenex;\n\nimport java.math.BigDecimal;\nimport java.math.BigInteger;\n\
         import java.time.Instant;\nimport java.time.LocalDate;\nimport java.util.List;\nimport java.util.UUID;\n\n"
    );
    text += &comment("", &record.doc, "");
    let _ = writeln!(
        text,
        "public final class {name} extends {base} {{\n    private static final int[] TEXTS = {{{}}};\n",
        texts.join(", ")
    );
    if !lists.is_empty() {
        let _ = writeln!(
            text,
            "    private static final int[][] LISTS = {{{}}};\n",
            lists.join(", ")
        );
    }
    let size = if record.has_struct_size() {
        format!("\n        putInt(Layout.{name}.STRUCT_SIZE, Layout.{name}.SIZE);\n    ")
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "    /** All fields at their defaults. */\n    public {name}() {{\n        super(Layout.{name}.SIZE);{}}}\n",
        if size.is_empty() {
            "\n    ".to_owned()
        } else {
            size
        }
    );
    if !record.has_struct_size() {
        let _ = writeln!(
            text,
            "    private {name}(Bytes records, Bytes texts) {{\n        super(records, texts, Layout.{name}.SIZE);\n    }}\n\n    \
             /** An empty batch, in memory that the library reads as it is. */\n    \
             public static Batch<{name}> batch() {{\n        return new Batch<>({name}::new, Layout.{name}.SIZE);\n    }}\n"
        );
    }
    if is_command {
        let _ = writeln!(
            text,
            "    @Override\n    public CommandKind kindOfCommand() {{\n        return CommandKind.{};\n    }}\n",
            record.short().to_uppercase()
        );
        if record.fields.iter().any(|field| field.name == "flags") {
            let _ = writeln!(
                text,
                "    /** Succeeds or fails together with the next item of the batch. */\n    public {name} linked() {{\n        \
             putInt(Layout.{name}.FLAGS, getInt(Layout.{name}.FLAGS) | Limits.LINKED);\n        return this;\n    }}\n"
            );
        }
    }
    text += "    @Override\n    int[] textFields() {\n        return TEXTS;\n    }\n";
    if !lists.is_empty() {
        text += "\n    @Override\n    int[][] listFields() {\n        return LISTS;\n    }\n";
    }
    let skip_lengths: Vec<String> = record
        .fields
        .iter()
        .filter(|field| matches!(field.kind, Type::Const(_)))
        .map(|field| format!("{}_len", field.name))
        .collect();
    for field in &record.fields {
        if is_silent(field) || skip_lengths.contains(&field.name) {
            continue;
        }
        text += &setters(source, record, name, field);
    }
    text += "}\n";
    prune_imports(&text)
}

/// The methods that set a field.
fn setters(source: &Source, record: &Record, class: &str, field: &Field) -> String {
    let at = offset(class, field);
    let name = java_name(&field.name);
    let doc = |tail: &str| format!("\n{}", comment("    ", &field.doc, tail));
    let setter = |doc: String, parameters: &str, body: &str| {
        format!(
            "{doc}    public {class} {name}({parameters}) {{\n        {body}\n        return this;\n    }}\n"
        )
    };
    match &field.kind {
        Type::Unsigned(4) => {
            let mut text = setter(doc(""), "int value", &format!("putInt({at}, value);"));
            if let Some(group) = kinds_of(source, field) {
                text += &setter(
                    doc("<p>null: the default."),
                    &format!("{} value", group.type_name()),
                    &format!("putInt({at}, value == null ? 0 : value.code());"),
                );
            }
            text
        }
        Type::Unsigned(8) | Type::Signed(8) => {
            setter(doc(""), "long value", &format!("putLong({at}, value);"))
        }
        Type::Signed(4) => setter(doc(""), "int value", &format!("putInt({at}, value);")),
        Type::Date => setter(
            doc("<p>null: none, or the default."),
            "LocalDate value",
            &format!("putInt({at}, Values.date(value));"),
        ),
        Type::Time => setter(
            doc("<p>null: none, or the default. What is finer than a microsecond is cut off."),
            "Instant value",
            &format!("putLong({at}, Values.givenTime(value));"),
        ),
        Type::Named(of) if of == "qenex_id" => {
            setter(
                doc("<p>null: none."),
                "UUID value",
                &format!("putId({at}, value);"),
            ) + &setter(
                doc("<p>The two halves of a UUID."),
                "long mostSignificant, long leastSignificant",
                &format!("putId({at}, mostSignificant, leastSignificant);"),
            )
        }
        Type::Named(of) if of == "qenex_amount" => {
            setter(
                doc("<p>In minor units."),
                "long minorUnits",
                &format!("putAmount({at}, minorUnits);"),
            ) + &setter(
                doc("<p>In minor units; beyond 128 bits: {@link Status#OVERFLOW}."),
                "BigInteger minorUnits",
                &format!("putAmount({at}, minorUnits);"),
            ) + &setter(
                doc(
                    "<p>In units of an asset with {@code scale} decimals; more decimals are refused, never rounded:\n{@link Status#INVALID_AMOUNT_TEXT}.",
                ),
                "BigDecimal value, int scale",
                &format!("putAmount({at}, Amounts.toMinor(value, scale));"),
            )
        }
        Type::Named(of) if of == "qenex_text" && is_days(field) => setter(
            doc(""),
            "List<LocalDate> value",
            &format!("putText({at}, Values.dates(value));"),
        ),
        Type::Named(of)
            if of == "qenex_text" && records_in(&record.name, &field.name).is_some() =>
        {
            let part = records_in(&record.name, &field.name)
                .map_or_else(String::new, |of| camel(short(of)));
            setter(
                doc("<p>They are copied."),
                &format!("List<{part}> value"),
                &format!("putItems({at}, Layout.{part}.SIZE, value);"),
            )
        }
        Type::Named(of) if of == "qenex_text" => {
            let bytes = setter(
                doc(if is_bytes(&record.name, &field.name) {
                    ""
                } else {
                    "<p>As UTF-8."
                }),
                "byte[] value",
                &format!("putText({at}, value);"),
            );
            setter(
                doc(""),
                "String value",
                &format!("putText({at}, Values.utf8(\"{}\", value));", field.name),
            ) + &bytes
        }
        Type::Array(of, 16) if **of == Type::Unsigned(1) => {
            setter(
                doc("<p>16 bytes."),
                "byte[] value",
                &format!("putBytes({at}, \"{}\", value);", field.name),
            ) + &setter(doc(""), "UUID value", &format!("putId({at}, value);"))
        }
        Type::Const(of) => {
            let length = format!("Layout.{class}.{}_LEN", field.name.to_uppercase());
            let bytes = setter(
                doc("<p>null: none."),
                "byte[] value",
                &format!("putPointer({at}, {length}, value);"),
            );
            if **of == Type::Char {
                setter(
                    doc("<p>null: none."),
                    "String value",
                    &format!(
                        "putPointer({at}, {length}, Values.utf8(\"{}\", value));",
                        field.name
                    ),
                ) + &bytes
            } else {
                bytes
            }
        }
        Type::Named(of) => setter(
            doc("<p>It is copied."),
            &format!("{} value", camel(short(of))),
            &format!("putItem({at}, value);"),
        ),
        other => format!("\n    // {}: no Java type for {other:?}\n", field.name),
    }
}

fn answer(source: &Source, record: &Record, name: &str) -> String {
    let mut text = format!(
        "{HEAD}\npackage org.qenex;\n\nimport java.math.BigDecimal;\nimport java.math.BigInteger;\n\
         import java.nio.ByteBuffer;\nimport java.time.Instant;\nimport java.time.LocalDate;\nimport java.util.List;\nimport java.util.UUID;\n\n"
    );
    text += &comment("", &record.doc, "");
    let _ = writeln!(text, "public final class {name} extends Answer {{");
    let shown: Vec<&Field> = record
        .fields
        .iter()
        .filter(|field| !is_silent(field))
        .collect();
    let mut fields = String::new();
    let mut reads = String::new();
    let mut getters = String::new();
    let mut parts = Vec::new();
    for field in &shown {
        let java = java_name(&field.name);
        let at = offset(name, field);
        let (kind, read) = read_of(&record.name, field, &at);
        let _ = writeln!(fields, "    private final {kind} {java};");
        let _ = writeln!(reads, "        this.{java} = {read};");
        let doc = |tail: &str| format!("\n{}", comment("    ", &field.doc, tail));
        let getter = |doc: String, kind: &str, name: &str, parameters: &str, body: &str| {
            format!(
                "{doc}    public {kind} {name}({parameters}) {{\n        return {body};\n    }}\n"
            )
        };
        match &field.kind {
            Type::Named(of) if of == "qenex_amount" => {
                getters += &getter(doc("<p>In minor units."), "BigInteger", &java, "", &java);
                getters += &getter(
                    doc("<p>In units of the asset, which has {@code scale} decimals."),
                    "BigDecimal",
                    &java,
                    "int scale",
                    &format!("new BigDecimal({java}, scale)"),
                );
            }
            Type::Status => {
                getters += &getter(doc(""), "Status", &java, "", &format!("Status.of({java})"))
            }
            Type::Array(..) if kind != "String" => {
                getters += &getter(doc(""), &kind, &java, "", &format!("{java}.clone()"));
            }
            _ if kind == "byte[]" => {
                getters += &getter(doc(""), &kind, &java, "", &format!("{java}.clone()"));
            }
            _ => match kinds_of(source, field) {
                Some(group) => {
                    let class = group.type_name();
                    getters += &getter(
                        doc("<p>null: 0."),
                        &class,
                        &java,
                        "",
                        &format!("{java} == 0 ? null : {class}.of({java})"),
                    );
                    getters += &getter(
                        doc("<p>As a number, which a newer library may have more of."),
                        "int",
                        &format!("{java}Code"),
                        "",
                        &java,
                    );
                }
                None => {
                    let tail = match field.kind {
                        Type::Date | Type::Time => "<p>null: none.",
                        Type::Named(ref of) if of == "qenex_id" => "<p>null: none.",
                        _ => "",
                    };
                    getters += &getter(doc(tail), &kind, &java, "", &java);
                }
            },
        }
        if !matches!(kind.as_str(), "byte[]" | "long[]") {
            parts.push(
                format!(
                    "{}{}={}",
                    if parts.is_empty() { "" } else { ", " },
                    java,
                    "\" + "
                ) + &if field.kind == Type::Status {
                    format!("Status.of({java})")
                } else {
                    java.clone()
                } + " + \"",
            );
        }
    }
    let _ = write!(
        text,
        "{fields}\n    {name}(ByteBuffer bytes, int at, ByteBuffer arena) {{\n{reads}    }}\n{getters}"
    );
    let _ = write!(
        text,
        "\n    @Override\n    public String toString() {{\n        return \"{name}[{}]\";\n    }}\n}}\n",
        parts.join("\"\n                + \"")
    );
    prune_imports(&text)
}

/// The Java type of a field and how it is read.
fn read_of(record: &str, field: &Field, at: &str) -> (String, String) {
    let name = field.name.as_str();
    let (kind, read) = match &field.kind {
        Type::Unsigned(4) | Type::Signed(4) | Type::Status => {
            ("int".into(), format!("bytes.getInt(at + {at})"))
        }
        Type::Unsigned(_) | Type::Signed(_) | Type::Size => {
            ("long".into(), format!("bytes.getLong(at + {at})"))
        }
        Type::Date => (
            "LocalDate".into(),
            format!("Values.date(bytes.getInt(at + {at}))"),
        ),
        Type::Time => (
            "Instant".into(),
            format!("Values.time(bytes.getLong(at + {at}))"),
        ),
        Type::Named(of) if of == "qenex_id" => ("UUID".into(), format!("id(bytes, at + {at})")),
        Type::Named(of) if of == "qenex_amount" => {
            ("BigInteger".into(), format!("amount(bytes, at + {at})"))
        }
        Type::Named(of) if of == "qenex_text" && name == "texts" => (
            "List<String>".into(),
            format!("texts(bytes, at + {at}, arena)"),
        ),
        Type::Named(of) if of == "qenex_text" && is_days(field) => (
            "List<LocalDate>".into(),
            format!("dates(bytes, at + {at}, arena)"),
        ),
        Type::Named(of) if of == "qenex_text" && is_bytes(record, name) => {
            ("byte[]".into(), format!("bytes(bytes, at + {at}, arena)"))
        }
        Type::Named(of) if of == "qenex_text" => {
            ("String".into(), format!("text(bytes, at + {at}, arena)"))
        }
        Type::Named(of) => {
            let class = camel(short(of));
            (
                class.clone(),
                format!("new {class}(bytes, at + {at}, arena)"),
            )
        }
        Type::Array(of, count) => match **of {
            Type::Char => (
                "String".into(),
                format!("characters(bytes, at + {at}, {count})"),
            ),
            Type::Unsigned(1) => ("byte[]".into(), format!("plain(bytes, at + {at}, {count})")),
            _ => ("long[]".into(), format!("longs(bytes, at + {at}, {count})")),
        },
        _ => ("long".into(), format!("bytes.getLong(at + {at})")),
    };
    (kind, read)
}

/// Leaves out the imports that the text does not use.
pub fn prune_imports(text: &str) -> String {
    let used = |line: &&str| {
        let Some(path) = line.strip_prefix("import ") else {
            return true;
        };
        let class = path
            .trim_end_matches(';')
            .rsplit('.')
            .next()
            .unwrap_or(path);
        text.lines()
            .filter(|other| !other.starts_with("import ") && !other.trim_start().starts_with('*'))
            .any(|other| {
                other
                    .split(|letter: char| !letter.is_ascii_alphanumeric())
                    .any(|word| word == class)
            })
    };
    let mut lines: Vec<&str> = text.lines().filter(used).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n") + "\n"
}

const HEAD: &str = "// Generated by `cargo xtask gen` from src/abi: do not edit.";
