//! Values of the cases as expressions of C: ids, amounts, constants, texts, and checks of them.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::api::{Parameter, Type};
use crate::conformance::cases::Step;

/// A check of one value.
pub(super) fn check(
    what: &str,
    place: &str,
    kind: &Type,
    expected: &Value,
) -> Result<String, String> {
    if let Some(above) = expected.get("above") {
        return Ok(format!(
            "is_above(\"{what}\", (int64_t)({place}), {above});"
        ));
    }
    Ok(match kind {
        Type::Named(name) if name == "qenex_id" => {
            if expected.get("any").is_some() {
                format!("is_some_id(\"{what}\", {place});")
            } else {
                format!("is_id(\"{what}\", {place}, {});", scalar(kind, expected)?)
            }
        }
        Type::Named(_) => format!(
            "is_amount(\"{what}\", {place}, {});",
            scalar(kind, expected)?
        ),
        Type::Unsigned(_) | Type::Size => format!(
            "is_unsigned(\"{what}\", {place}, {});",
            scalar(kind, expected)?
        ),
        _ => format!(
            "is_signed(\"{what}\", {place}, {});",
            scalar(kind, expected)?
        ),
    })
}

/// A value as an expression of C.
pub(super) fn scalar(kind: &Type, value: &Value) -> Result<String, String> {
    match (kind, value) {
        (Type::Named(name), Value::String(text)) if name == "qenex_id" => {
            if let Some(saved) = text.strip_prefix('$') {
                return Ok(format!("saved_{saved}"));
            }
            Ok(format!("id_of({})", literal(&id(text)?)))
        }
        (Type::Named(name), Value::String(text)) if name == "qenex_amount" => {
            Ok(format!("amount_of({})", literal(text.as_bytes())))
        }
        (Type::Date, Value::String(text)) => Ok(format!("date_of({})", literal(text.as_bytes()))),
        (Type::Time, Value::String(text)) => Ok(format!("time_of({})", literal(text.as_bytes()))),
        (Type::Named(_), _) => Err(format!("ids and amounts are texts, not {value}")),
        (_, Value::Array(names)) => {
            let names: Vec<String> = names.iter().map(name).collect::<Result<_, _>>()?;
            Ok(if names.is_empty() {
                "0".into()
            } else {
                names.join(" | ")
            })
        }
        (_, Value::String(_)) => name(value),
        (Type::Unsigned(8) | Type::Size, Value::Number(number)) => {
            Ok(format!("UINT64_C({number})"))
        }
        (Type::Signed(8) | Type::Time, Value::Number(number)) => Ok(format!("INT64_C({number})")),
        (_, Value::Number(number)) => Ok(number.to_string()),
        (_, Value::Bool(truth)) => Ok(u8::from(*truth).to_string()),
        _ => Err(format!("{value} is no value of {kind:?}")),
    }
}

/// The bytes of an id: 'none', 'reserved', a UUID, or '@' and a name of at most 15 characters, which are the bytes.
pub(super) fn id(text: &str) -> Result<Vec<u8>, String> {
    match text {
        "none" => Ok(vec![0; 16]),
        "reserved" => Ok(vec![255; 16]),
        name if name.starts_with('@') && name.len() <= 16 => {
            let mut bytes = name.as_bytes().to_vec();
            bytes.resize(16, 0);
            Ok(bytes)
        }
        uuid => {
            let bytes = hex(&uuid.replace('-', ""))?;
            if bytes.len() == 16 {
                Ok(bytes)
            } else {
                Err(format!("'{text}' is no id"))
            }
        }
    }
}

pub(super) fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.as_bytes();
    if !text.is_ascii() || !digits.len().is_multiple_of(2) {
        return Err(format!("'{text}' is not pairs of hexadecimal digits"));
    }
    (0..digits.len() / 2)
        .map(|at| {
            u8::from_str_radix(&text[2 * at..2 * at + 2], 16)
                .map_err(|error| format!("'{text}': {error}"))
        })
        .collect()
}

/// A text, or bytes as `{"hex": "..."}`.
pub(super) fn bytes_of(value: &Value) -> Result<Vec<u8>, String> {
    match value {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        // Days, as a calendar's holidays are written.
        Value::Array(days) => Ok(days
            .iter()
            .map(day)
            .collect::<Result<Vec<_>, _>>()?
            .concat()),
        Value::Object(map) => match map.get("hex") {
            Some(Value::String(digits)) => hex(digits),
            _ => Err(format!("{value} is no text")),
        },
        _ => Err(format!("{value} is no text")),
    }
}

/// The day "2024-05-01" as the four bytes of its number.
pub(super) fn day(value: &Value) -> Result<[u8; 4], String> {
    let digits: String = value.as_str().unwrap_or_default().split('-').collect();
    let number: Result<i32, _> = digits.parse();
    number
        .map(i32::to_ne_bytes)
        .map_err(|_| format!("{value} is no day"))
}

/// An expected text, and 1 when it is only a part of it.
pub(super) fn text_of(value: &Value) -> Result<(Vec<u8>, u8), String> {
    match value.get("contains") {
        Some(Value::String(part)) => Ok((part.as_bytes().to_vec(), 1)),
        _ => Ok((bytes_of(value)?, 0)),
    }
}

pub(super) fn name(value: &Value) -> Result<String, String> {
    match value.as_str() {
        Some(name) if name.starts_with("QENEX_") => Ok(name.to_owned()),
        _ => Err(format!("{value} is no constant of the header")),
    }
}

pub(super) fn is_variable(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with('$'))
}

pub(super) fn variable(value: &Value) -> Result<&str, String> {
    let name = value.as_str().and_then(|text| text.strip_prefix('$'));
    name.ok_or_else(|| format!("{value} is no variable: '$' and a name"))
}

pub(super) fn error_of(step: &Step) -> Result<(i64, String, i64), String> {
    let empty = Map::new();
    let error = match step.expect.get("error") {
        None => &empty,
        Some(Value::Object(map)) => map,
        Some(other) => return Err(format!("'error' is an object, not {other}")),
    };
    if let Some(key) = error
        .keys()
        .find(|key| !matches!(key.as_str(), "item" | "message" | "sqlite"))
    {
        return Err(format!("an error has no '{key}'"));
    }
    let item = error
        .get("item")
        .map_or(Some(-2), Value::as_i64)
        .ok_or("'item' is a number")?;
    let sqlite = error
        .get("sqlite")
        .map_or(Some(-1), Value::as_i64)
        .ok_or("'sqlite' is a number")?;
    let message = match error.get("message") {
        None => "NULL".to_owned(),
        Some(message) => literal(message.as_str().ok_or("'message' is a text")?.as_bytes()),
    };
    Ok((item, message, sqlite))
}

/// How many items the step hands over.
pub(super) fn items(step: &Step, parameters: &[Parameter]) -> usize {
    let array = parameters.iter().find_map(|parameter| match parameter {
        Parameter::Records { name, .. }
        | Parameter::Numbers { name }
        | Parameter::AnyRecords { name } => step.with.get(name),
        _ => None,
    });
    array.and_then(Value::as_array).map_or(0, Vec::len)
}

pub(super) fn record_size(step: &Step, of: &str) -> String {
    step.with
        .get("record_size")
        .map_or_else(|| format!("sizeof({of})"), ToString::to_string)
}

/// `QENEX_COMMAND_HOLD_CAPTURE` is for `qenex_hold_capture`.
pub(super) fn record_of_kind(kind: &str) -> Result<String, String> {
    let name = kind
        .strip_prefix("QENEX_COMMAND_")
        .ok_or_else(|| format!("'{kind}' is no kind of commands"))?;
    Ok(match name {
        "MIXED" => "qenex_command".into(),
        name => format!("qenex_{}", name.to_lowercase()),
    })
}

pub(super) fn handle(name: &str) -> String {
    format!("opened_{name}")
}

pub(super) fn c_type(kind: &Type) -> Result<String, String> {
    Ok(match kind {
        Type::Unsigned(bytes) => format!("uint{}_t", bytes * 8),
        Type::Signed(bytes) => format!("int{}_t", bytes * 8),
        Type::Date => "qenex_date".into(),
        Type::Time => "qenex_time".into(),
        other => return Err(format!("{other:?} is no value")),
    })
}

/// A string literal: everything but letters, digits and plain punctuation as three octal digits.
pub(super) fn literal(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b" -_.,:;/@()'".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "\\{byte:03o}");
        }
    }
    text.push('"');
    text
}
