//! Renders `tests/conformance/api.json`: the whole interface for programs that read cases (`tests/conformance`):
//! the number of every constant, every record with its fields, every function with what it takes and gives.

use serde_json::{Map, Value, json};

use super::Source;
use crate::api::{Parameter, Type, parameters};

pub fn render(source: &Source) -> String {
    let mut constants = Map::new();
    for status in &source.table.status {
        constants.insert(format!("QENEX_{}", status.name), json!(status.code));
    }
    for group in &source.table.group {
        for constant in &group.values {
            constants.insert(group.c_name(constant), json!(constant.value));
        }
    }
    let mut records = Map::new();
    for record in &source.api.records {
        let fields: Vec<Value> = record
            .fields
            .iter()
            .map(|field| {
                json!({"name": field.name, "type": type_name(&field.kind), "offset": field.offset, "size": field.size})
            })
            .collect();
        records.insert(
            record.name.clone(),
            json!({"size": record.size, "fields": fields}),
        );
    }
    let mut functions = Map::new();
    for function in &source.api.functions {
        let arguments: Vec<Value> = function
            .arguments
            .iter()
            .map(|argument| json!({"name": argument.name, "type": type_name(&argument.kind)}))
            .collect();
        let takes = parameters(&source.api, function).unwrap_or_default();
        let fallible = takes.contains(&Parameter::OutError);
        functions.insert(
            function.name.clone(),
            json!({
                "arguments": arguments,
                "returns": function.returns.as_ref().map(type_name),
                "fallible": fallible,
            }),
        );
    }
    let api = json!({"constants": constants, "records": records, "functions": functions});
    // One line for each constant, record and function: readable in a diff.
    let mut text = String::from("{\n");
    let sections = api.as_object().into_iter().flatten();
    for (index, (name, section)) in sections.enumerate() {
        let entries: Vec<String> = section
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| format!("    \"{key}\": {value}"))
            .collect();
        let comma = if index == 0 { "" } else { ",\n" };
        text.push_str(&format!(
            "{comma}  \"{name}\": {{\n{}\n  }}",
            entries.join(",\n")
        ));
    }
    text.push_str("\n}\n");
    text
}

/// The type as C writes it.
pub(super) fn type_name(kind: &Type) -> String {
    match kind {
        Type::Unsigned(bytes) => format!("uint{}_t", bytes * 8),
        Type::Signed(bytes) => format!("int{}_t", bytes * 8),
        Type::Size => "size_t".into(),
        Type::Char => "char".into(),
        Type::Void => "void".into(),
        Type::Status => "qenex_status".into(),
        Type::Date => "qenex_date".into(),
        Type::Time => "qenex_time".into(),
        Type::Named(name) | Type::Callback(name) => name.clone(),
        Type::Array(of, count) => format!("{}[{count}]", type_name(of)),
        Type::Const(of) => format!("const {} *", type_name(of)),
        Type::Mut(of) => format!("{} *", type_name(of)),
    }
}
