//! What the arguments of a function mean together: a pointer and its length are one text, an array has a count and
//! a record size, an `out_` pointer is an answer. The rules are those of the header's introduction; a function that
//! follows none of them is an error, so that no binding has to guess.

use super::{Api, Function, Type};

/// One input or output of a function as a host thinks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// `qenex_session *session` and the like.
    Handle {
        name: String,
        of: String,
    },
    /// A number, date, time or status by value.
    Value {
        name: String,
        kind: Type,
    },
    /// Pointer and length; bytes: of any content.
    Text {
        name: String,
        bytes: bool,
    },
    /// Pointer to records, with a count, and a record size where they may grow.
    Records {
        name: String,
        of: String,
        sized: bool,
    },
    /// Pointer to 64-bit numbers, with a count.
    Numbers {
        name: String,
    },
    /// Records whose type the argument `kind` says.
    AnyRecords {
        name: String,
    },
    /// Pointer to one record, with a record size where it may grow.
    Record {
        name: String,
        of: String,
        sized: bool,
    },
    /// The arena of the records before it, and its length.
    Arena,
    /// A callback and the pointer that is handed to it; destroyed: and what is called when that is not used again.
    Callback {
        name: String,
        of: String,
        destroyed: bool,
    },
    /// A record that the function fills and whose `struct_size` the caller sets.
    Filled {
        name: String,
        of: String,
    },
    /// The caller's characters, their size, and the length that was needed.
    OutText,
    /// `qenex_buffer **out_buffer`.
    OutBuffer,
    /// `qenex_session **out_session` and the like.
    OutHandle {
        name: String,
        of: String,
    },
    /// One result for each item of the records, or one amount for each of the numbers, before it.
    OutRecords {
        name: String,
        of: String,
    },
    OutRecord {
        name: String,
        of: String,
    },
    OutValue {
        name: String,
        kind: Type,
    },
    /// 32 bytes.
    OutHash {
        name: String,
    },
    OutError,
}

/// The parameters of a function in the order of its arguments.
pub fn parameters(api: &Api, function: &Function) -> Result<Vec<Parameter>, String> {
    let mut parameters = Vec::new();
    let arguments = &function.arguments;
    let named = |index: usize, name: &str| {
        arguments
            .get(index)
            .is_some_and(|argument| argument.name == name)
    };
    let has_count = arguments.iter().any(|argument| argument.name == "count");
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        let name = argument.name.clone();
        let is_record = |of: &String| api.record(of).is_some();
        let length = format!("{name}_len");
        let (parameter, taken) = match &argument.kind {
            Type::Mut(target) => match (&**target, name.as_str()) {
                (Type::Mut(_), "out_error") => (Parameter::OutError, 1),
                (Type::Mut(_), "out_buffer") => (Parameter::OutBuffer, 1),
                (Type::Mut(inner), _) if name.starts_with("out_") => match &**inner {
                    Type::Named(of) => (
                        Parameter::OutHandle {
                            name,
                            of: of.clone(),
                        },
                        1,
                    ),
                    _ => return Err(unknown(function, &argument.name)),
                },
                (Type::Char, "buffer")
                    if named(at + 1, "buffer_size") && named(at + 2, "out_len") =>
                {
                    (Parameter::OutText, 3)
                }
                (Type::Named(of), "out_results" | "out_balances" | "out_parts") => (
                    Parameter::OutRecords {
                        name,
                        of: of.clone(),
                    },
                    1,
                ),
                (Type::Named(of), _) if name.starts_with("out_") && is_record(of) => (
                    Parameter::OutRecord {
                        name,
                        of: of.clone(),
                    },
                    1,
                ),
                (Type::Unsigned(1), _) if name.starts_with("out_") => {
                    (Parameter::OutHash { name }, 1)
                }
                (kind, _) if name.starts_with("out_") => (
                    Parameter::OutValue {
                        name,
                        kind: kind.clone(),
                    },
                    1,
                ),
                (Type::Named(of), _) if is_record(of) => (
                    Parameter::Filled {
                        name,
                        of: of.clone(),
                    },
                    1,
                ),
                (Type::Named(of), _) => (
                    Parameter::Handle {
                        name,
                        of: of.clone(),
                    },
                    1,
                ),
                _ => return Err(unknown(function, &argument.name)),
            },
            Type::Const(target) => match &**target {
                Type::Unsigned(1) if name == "arena" && named(at + 1, "arena_len") => {
                    (Parameter::Arena, 2)
                }
                Type::Char if named(at + 1, &length) => (Parameter::Text { name, bytes: false }, 2),
                Type::Void | Type::Unsigned(1) if named(at + 1, &length) => {
                    (Parameter::Text { name, bytes: true }, 2)
                }
                Type::Unsigned(8) if named(at + 1, "count") => (Parameter::Numbers { name }, 2),
                Type::Void if named(at + 1, "count") && named(at + 2, "record_size") => {
                    (Parameter::AnyRecords { name }, 3)
                }
                Type::Named(of) if is_record(of) && named(at + 1, "count") => {
                    let sized = named(at + 2, "record_size");
                    (
                        Parameter::Records {
                            name,
                            of: of.clone(),
                            sized,
                        },
                        if sized { 3 } else { 2 },
                    )
                }
                Type::Named(of) if is_record(of) => {
                    let sized = !has_count && named(at + 1, "record_size");
                    (
                        Parameter::Record {
                            name,
                            of: of.clone(),
                            sized,
                        },
                        if sized { 2 } else { 1 },
                    )
                }
                Type::Named(of) => (
                    Parameter::Handle {
                        name,
                        of: of.clone(),
                    },
                    1,
                ),
                _ => return Err(unknown(function, &argument.name)),
            },
            Type::Callback(of) if named(at + 1, "user_data") => {
                let taken = if named(at + 2, "destroy") { 3 } else { 2 };
                (
                    Parameter::Callback {
                        name,
                        of: of.clone(),
                        destroyed: taken == 3,
                    },
                    taken,
                )
            }
            Type::Unsigned(_)
            | Type::Signed(_)
            | Type::Size
            | Type::Status
            | Type::Date
            | Type::Time => (
                Parameter::Value {
                    name,
                    kind: argument.kind.clone(),
                },
                1,
            ),
            _ => return Err(unknown(function, &argument.name)),
        };
        parameters.push(parameter);
        at += taken;
    }
    Ok(parameters)
}

/// The record that the buffer of a function holds: its documentation says 'as qenex_hold_record records' or 'as one
/// qenex_host_value'.
pub fn buffer_record(api: &Api, function: &Function) -> Result<String, String> {
    let doc = function.doc.join(" ");
    let words: Vec<&str> = doc.split(' ').collect();
    let found = words.windows(3).find_map(|three| match three {
        ["as", "one", name, ..] | ["as", name, "records", ..] => api.record(name),
        _ => None,
    });
    // 'As qenex_trial_balance, at another time': what that function gives.
    let other = doc
        .strip_prefix("As ")
        .and_then(|rest| rest.split([',', ' ']).next())
        .and_then(|name| api.functions.iter().find(|other| other.name == name));
    if let (None, Some(other)) = (found, other) {
        return buffer_record(api, other);
    }
    found.map(|record| record.name.clone()).ok_or_else(|| {
        format!(
            "{}: the documentation does not say which records are in *out_buffer ('as qenex_... records in')",
            function.name
        )
    })
}

fn unknown(function: &Function, argument: &str) -> String {
    format!(
        "{}: the parameter {argument} follows no rule of xtask/src/api/parameters.rs",
        function.name
    )
}
