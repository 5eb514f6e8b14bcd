//! Renders the generated half of the Java module: statuses and kinds as enums, flags as constants, and the offsets
//! by which records are written to and read from direct buffers.

use std::fmt::Write;

use super::table::{Group, Holds};
use super::{File, Source};
use crate::api::{Type, camel};

const FOLDER: &str = "bindings/java/src/main/java/org/qenex";

pub fn render(source: &Source) -> Vec<File> {
    let mut files = vec![
        file("Status", status(source)),
        file("Layout", layout(source)),
    ];
    for group in &source.table.group {
        let name = group.type_name();
        let text = match group.holds {
            Holds::Kinds => kinds(&name, group),
            Holds::Flags | Holds::Limits => constants(&name, group),
        };
        files.push(file(&name, text));
    }
    files
}

fn file(name: &str, text: String) -> File {
    File {
        path: format!("{FOLDER}/{name}.java"),
        text,
    }
}

fn status(source: &Source) -> String {
    let mut text = format!(
        "{HEAD}from xtask/api.toml: do not edit.\npackage org.qenex;\n\n{STATUS_DOC}public enum Status {{\n"
    );
    let last = source.table.status.len() - 1;
    for (index, status) in source.table.status.iter().enumerate() {
        let end = if index == last { ";" } else { "," };
        let _ = writeln!(
            text,
            "    /** {} */\n    {}({}, {}, \"{}\"){end}",
            escaped(&status.comment()),
            status.name,
            status.code,
            status.is_final,
            status.doc
        );
    }
    text.push_str(STATUS_BODY);
    text
}

fn kinds(name: &str, group: &Group) -> String {
    let mut text = format!(
        "{HEAD}from xtask/api.toml: do not edit.\npackage org.qenex;\n\n/** {} */\npublic enum {name} {{\n",
        escaped(&group.doc)
    );
    let last = group.values.len() - 1;
    for (index, constant) in group.values.iter().enumerate() {
        let end = if index == last { ";" } else { "," };
        let _ = writeln!(
            text,
            "    /** {} */\n    {}({}){end}",
            escaped(&constant.doc),
            constant.name,
            constant.value
        );
    }
    text.push_str(&KIND_BODY.replace("NAME", name));
    text
}

fn constants(name: &str, group: &Group) -> String {
    let mut text = format!(
        "{HEAD}from xtask/api.toml: do not edit.\npackage org.qenex;\n\n/** {} */\npublic final class {name} {{\n",
        escaped(&group.doc)
    );
    for constant in &group.values {
        let _ = writeln!(
            text,
            "    /** {} */\n    public static final int {} = {};\n",
            escaped(&constant.doc),
            constant.name,
            group.literal(constant)
        );
    }
    let _ = write!(text, "    private {name}() {{}}\n}}\n");
    text
}

/// Offsets and sizes of every record and field.
fn layout(source: &Source) -> String {
    let mut text = format!(
        "{HEAD}from src/abi: do not edit.\npackage org.qenex;\n\n{LAYOUT_DOC}final class Layout {{\n"
    );
    for record in &source.api.records {
        let _ = write!(
            text,
            "    /** {}. */\n    static final class {} {{\n        static final int SIZE = {};\n",
            record.name,
            camel(record.short()),
            record.size
        );
        for field in &record.fields {
            let name = field.name.to_uppercase();
            // A field called size would hide the record's own.
            let name = if name == "SIZE" {
                "SIZE_FIELD".into()
            } else {
                name
            };
            let comment = java_comment(&field.kind);
            let _ = writeln!(
                text,
                "        static final int {name} = {}; // {comment}",
                field.offset
            );
        }
        let _ = write!(
            text,
            "\n        private {}() {{}}\n    }}\n\n",
            camel(record.short())
        );
    }
    // The same numbers once more, in the order in which the native code tells those of its compiler.
    let mut numbers = String::new();
    for record in &source.api.records {
        let mut row = vec![record.size.to_string()];
        row.extend(record.fields.iter().map(|field| field.offset.to_string()));
        let _ = writeln!(numbers, "        \"{} {}\",", record.name, row.join(" "));
    }
    let _ = write!(
        text,
        "    /** Each record with its size and the offsets of its fields: {{@link Library}} compares them with those of the C compiler. */\n    \
         static final String[] ALL = {{\n{numbers}    }};\n\n"
    );
    text.push_str("    private Layout() {}\n}\n");
    text
}

fn java_comment(kind: &Type) -> String {
    match kind {
        Type::Unsigned(bytes) => format!("unsigned, {bytes} bytes"),
        Type::Signed(bytes) => format!("signed, {bytes} bytes"),
        Type::Size => "size_t".into(),
        Type::Char => "char".into(),
        Type::Status => "status".into(),
        Type::Date => "date".into(),
        Type::Time => "time".into(),
        Type::Named(name) => crate::api::short(name).into(),
        Type::Array(of, count) => format!("{count} of {}", java_comment(of)),
        Type::Void | Type::Callback(_) | Type::Const(_) | Type::Mut(_) => "pointer".into(),
    }
}

pub fn escaped(doc: &str) -> String {
    doc.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const HEAD: &str = "// Generated by `cargo xtask gen` ";

const LAYOUT_DOC: &str = "\
/**
 * Sizes of the records and offsets of their fields, in bytes, on machines of 64 bits. The C compiler checks the same
 * numbers against the header (tests/conformance/c/layout.h).
 */
";

const STATUS_DOC: &str = "\
/**
 * What became of a call or of one item. 0: applied and durable. Positive: the item was refused. Negative: nothing of
 * the call was applied, {@link #OUTCOME_UNKNOWN} alone excepted.
 */
";

const STATUS_BODY: &str = r#"
    private static final java.util.Map<Integer, Status> BY_CODE = new java.util.HashMap<>();

    static {
        for (Status status : values()) {
            BY_CODE.put(status.code, status);
        }
    }

    private final int code;
    private final boolean isFinal;
    private final String explanation;

    Status(int code, boolean isFinal, String explanation) {
        this.code = code;
        this.isFinal = isFinal;
        this.explanation = explanation;
    }

    /** The number that crosses the C boundary. */
    public int code() {
        return code;
    }

    /** Whether the refusal is remembered under the command's key for ever. */
    public boolean isFinal() {
        return isFinal;
    }

    /** What the status means and what to do about it. */
    public String explanation() {
        return explanation;
    }

    /** The status with this number; throws for a number that this version does not know. */
    public static Status of(int code) {
        Status status = BY_CODE.get(code);
        if (status == null) {
            throw new IllegalArgumentException("status " + code + " is of a newer libqenex: update this package");
        }
        return status;
    }
}
"#;

const KIND_BODY: &str = r#"
    private final int code;

    NAME(int code) {
        this.code = code;
    }

    /** The number that crosses the C boundary. */
    public int code() {
        return code;
    }

    /** The kind with this number; throws for a number that this version does not know. */
    public static NAME of(int code) {
        for (NAME kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("NAME " + code + " is of a newer libqenex: update this package");
    }
}
"#;
