//! Renders the generated half of the Go module: constants with their types, and the records as Go structs whose
//! layout the Go compiler checks.

use std::fmt::Write;

use super::Source;
use super::go_names::{constant_name, go_doc, go_name, type_name};
use super::table::Holds;
use crate::api::{Type, camel, short};

/// `constants.go`.
pub fn constants(source: &Source) -> String {
    let mut text = format!(
        "{HEAD}from xtask/api.toml: DO NOT EDIT.\n\npackage qenex\n\nimport \"strconv\"\n\n{STATUS_HEAD}const (\n"
    );
    for status in &source.table.status {
        let _ = writeln!(
            text,
            "\t// {}\n\tStatus{} Status = {}",
            go_doc(source, &status.comment()),
            go_name(&status.name),
            status.code
        );
    }
    text.push_str(")\n\n// String gives the name in C, such as QENEX_INSUFFICIENT_FUNDS.\nfunc (s Status) String() string {\n\tswitch s {\n");
    for status in &source.table.status {
        let _ = writeln!(
            text,
            "\tcase Status{}:\n\t\treturn \"QENEX_{}\"",
            go_name(&status.name),
            status.name
        );
    }
    text.push_str("\tdefault:\n\t\treturn \"QENEX_UNKNOWN_STATUS(\" + strconv.Itoa(int(s)) + \")\"\n\t}\n}\n\n");
    text.push_str("// Explanation says what the status means and what to do about it.\nfunc (s Status) Explanation() string {\n\tswitch s {\n");
    for status in &source.table.status {
        let _ = writeln!(
            text,
            "\tcase Status{}:\n\t\treturn \"{}\"",
            go_name(&status.name),
            status.doc
        );
    }
    text.push_str(
        "\tdefault:\n\t\treturn \"The code is not in this version's table.\"\n\t}\n}\n\n",
    );
    text.push_str("// Final tells whether the refusal is remembered under the command's key for ever.\nfunc (s Status) Final() bool {\n\tswitch s {\n\tcase ");
    let finals: Vec<String> = source
        .table
        .status
        .iter()
        .filter(|status| status.is_final)
        .map(|status| format!("Status{}", go_name(&status.name)))
        .collect();
    text.push_str(&finals.join(",\n\t\t"));
    text.push_str(":\n\t\treturn true\n\tdefault:\n\t\treturn false\n\t}\n}\n");
    for group in &source.table.group {
        if group.holds == Holds::Limits {
            let _ = write!(text, "\n// {}\nconst (\n", go_doc(source, &group.doc));
            for constant in &group.values {
                let _ = writeln!(
                    text,
                    "\t// {}\n\t{} = {}",
                    go_doc(source, &constant.doc),
                    constant_name(group, constant),
                    group.literal(constant)
                );
            }
            text.push_str(")\n");
            continue;
        }
        let type_name = type_name(group);
        let _ = write!(
            text,
            "\n// {type_name}: {}\ntype {type_name} uint32\n\nconst (\n",
            go_doc(source, &group.doc)
        );
        for constant in &group.values {
            let _ = writeln!(
                text,
                "\t// {}\n\t{} {type_name} = {}",
                go_doc(source, &constant.doc),
                constant_name(group, constant),
                group.literal(constant)
            );
        }
        text.push_str(")\n");
    }
    gofmt(&text)
}

/// `layout.go`.
pub fn layout(source: &Source) -> String {
    let mut text =
        format!("{HEAD}from src/abi: DO NOT EDIT.\n\npackage qenex\n\nimport \"unsafe\"\n");
    for record in &source.api.records {
        let name = format!("raw{}", camel(record.short()));
        let _ = write!(
            text,
            "\n// {name} is {}.\ntype {name} struct {{\n",
            record.name
        );
        for field in &record.fields {
            let _ = writeln!(text, "\t{} {}", camel(&field.name), go_type(&field.kind));
        }
        let _ = write!(
            text,
            "}}\n\nvar (\n\t_ [{}]struct{{}} = [unsafe.Sizeof({name}{{}})]struct{{}}{{}}\n",
            record.size
        );
        for field in &record.fields {
            let _ = writeln!(
                text,
                "\t_ [{}]struct{{}} = [unsafe.Offsetof({name}{{}}.{})]struct{{}}{{}}",
                field.offset,
                camel(&field.name)
            );
        }
        text.push_str(")\n");
    }
    gofmt(&text)
}

fn go_type(kind: &Type) -> String {
    match kind {
        Type::Unsigned(1) => "byte".into(),
        Type::Char => "byte".into(),
        Type::Unsigned(bytes) => format!("uint{}", bytes * 8),
        Type::Signed(bytes) => format!("int{}", bytes * 8),
        Type::Size => "uintptr".into(),
        Type::Status | Type::Date => "int32".into(),
        Type::Time => "int64".into(),
        Type::Named(name) => format!("raw{}", camel(short(name))),
        Type::Array(of, count) => format!("[{count}]{}", go_type(of)),
        Type::Void | Type::Callback(_) | Type::Const(_) | Type::Mut(_) => "unsafe.Pointer".into(),
    }
}

/// Aligns the fields of structs and the values of constants as gofmt does: in blocks of lines without comments or
/// blank lines between them.
pub(super) fn gofmt(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut block: Vec<Vec<String>> = Vec::new();
    let mut in_struct = false;
    let mut in_group = false;
    for line in text.lines() {
        in_struct |= line.ends_with("struct {");
        in_group |= line == "const (" || line == "var (";
        let columns = line
            .strip_prefix('\t')
            .filter(|rest| {
                (in_struct || in_group) && !rest.starts_with("//") && !rest.starts_with('\t')
            })
            .map(|rest| columns(rest, in_struct));
        match columns {
            Some(columns) => block.push(columns),
            None => {
                flush(&mut block, &mut lines);
                lines.push(line.to_owned());
            }
        }
        if line == "}" || line == ")" {
            in_struct = false;
            in_group = false;
        }
    }
    flush(&mut block, &mut lines);
    lines.join("\n") + "\n"
}

fn columns(rest: &str, in_struct: bool) -> Vec<String> {
    if in_struct {
        let (name, kind) = rest.split_once(' ').unwrap_or((rest, ""));
        return vec![name.into(), kind.into()];
    }
    let (left, right) = rest.split_once(" = ").unwrap_or((rest, ""));
    let mut columns: Vec<String> = match left.split_once(' ') {
        Some((name, kind)) => vec![name.into(), kind.into()],
        None => vec![left.into()],
    };
    columns.push(format!("= {right}"));
    columns
}

fn flush(block: &mut Vec<Vec<String>>, lines: &mut Vec<String>) {
    let count = block.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            block
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in block.drain(..) {
        let last = row.len() - 1;
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(index, cell)| {
                if index == last {
                    cell.clone()
                } else {
                    format!("{cell:<width$}", width = widths[index])
                }
            })
            .collect();
        lines.push(format!("\t{}", cells.join(" ")));
    }
}

pub(super) const HEAD: &str = "// Code generated by `cargo xtask gen` ";

const STATUS_HEAD: &str = "\
// Status is what became of a call or of one item: 0 is success; positive: the item was refused; negative: nothing of
// the call was applied (StatusOutcomeUnknown alone excepted).
type Status int32

";
