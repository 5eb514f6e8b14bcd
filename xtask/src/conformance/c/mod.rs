//! Translates the cases into a C program: the reference runner. Each case becomes a function, each step a call with
//! real structs, so that the compiler checks names and types, and what is expected becomes checks with the path of
//! the value in their messages. The helpers that the program uses are `tests/conformance/c/runner.h`.

mod answers;
mod values;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use super::cases::{Case, Step, function};
use crate::api::{Api, Parameter, Type, array_of, parameters};
use values::*;

/// The text of the program.
pub fn translate(api: &Api, cases: &[Case]) -> Result<String, String> {
    let mut text = String::from(
        "/* Made by `cargo xtask conformance` out of tests/conformance/cases. */\n#include \"runner.h\"\n",
    );
    for (index, case) in cases.iter().enumerate() {
        let body = case_body(api, case).map_err(|reason| format!("{}: {reason}", case.name))?;
        let _ = write!(text, "\nstatic void case_{index}(void)\n{{\n{body}}}\n");
    }
    text.push_str("\nconst conformance_case conformance_cases[] = {\n");
    for (index, case) in cases.iter().enumerate() {
        let _ = writeln!(
            text,
            "    {{{}, case_{index}}},",
            literal(case.name.as_bytes())
        );
    }
    text.push_str("    {NULL, NULL},\n};\n");
    Ok(text)
}

fn case_body(api: &Api, case: &Case) -> Result<String, String> {
    let mut writer = Writer {
        api,
        text: String::new(),
        engine: None,
        session: None,
    };
    let mut declared: BTreeSet<(String, String)> = BTreeSet::new();
    for step in &case.steps {
        for parameter in parameters(api, function(api, step)?)? {
            if let (Parameter::OutHandle { of, .. }, Some(name)) = (parameter, &step.handle) {
                declared.insert((of, name.clone()));
            }
        }
        for (name, from) in &step.save {
            let line = match from.as_str() {
                Some("cursor") => "cursor_value",
                Some("records") => "qenex_buffer *",
                _ => "qenex_id",
            };
            if declared.insert((line.to_owned(), name.clone())) {
                let _ = writeln!(writer.text, "    static {line} saved_{name};");
            }
        }
    }
    for (of, name) in &declared {
        if of.ends_with("engine") || of.ends_with("session") {
            let _ = writeln!(writer.text, "    {of} *{} = NULL;", handle(name));
        }
    }
    for (index, step) in case.steps.iter().enumerate() {
        writer
            .step(index, step)
            .map_err(|reason| format!("step {index}, {}: {reason}", step.call))?;
    }
    for (of, name) in declared.iter().rev() {
        if of.starts_with("qenex_buffer") {
            let _ = writeln!(writer.text, "    qenex_buffer_free(saved_{name});");
        }
        if of.ends_with("session") || of.ends_with("engine") {
            let end = if of.ends_with("session") {
                "end_session"
            } else {
                "end_engine"
            };
            let _ = writeln!(writer.text, "    {end}({});", handle(name));
        }
    }
    Ok(writer.text)
}

/// Whether the records of a step, and with them their arena, are those that an earlier step saved.
fn takes_saved_records(step: &Step, parameters: &[Parameter]) -> bool {
    parameters.iter().any(|parameter| {
        matches!(parameter, Parameter::Records { name, .. }
            if step.with.get(name).is_some_and(is_variable))
    })
}

struct Writer<'a> {
    api: &'a Api,
    text: String,
    /// The names of what was opened last.
    engine: Option<String>,
    session: Option<String>,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "        {line}");
    }

    fn step(&mut self, index: usize, step: &Step) -> Result<(), String> {
        let function = function(self.api, step)?;
        let parameters = parameters(self.api, function)?;
        let _ = writeln!(self.text, "    {{");
        self.line(&format!("begin_step({index}, \"{}\");", step.call));
        if parameters.contains(&Parameter::Arena) {
            self.line("texts_clear();");
        }
        let mut arguments = Vec::new();
        for parameter in &parameters {
            self.argument(step, &parameters, parameter, &mut arguments)?;
        }
        let call = format!("{}({})", step.call, arguments.join(", "));
        let fallible = parameters.contains(&Parameter::OutError);
        if step.expect.contains_key("completions") {
            self.completions(step, &call)?;
        } else if fallible {
            let default = Value::from("QENEX_OK");
            let status = name(step.expect.get("status").unwrap_or(&default))?;
            self.line("qenex_error *error = stale_error();");
            self.line(&format!("qenex_status status = {call};"));
            let (item, message, sqlite) = error_of(step)?;
            self.line(&format!(
                "is_status({status}, status, &error, {item}, {message}, {sqlite});"
            ));
        } else {
            self.returned(step, function.returns.as_ref(), &call)?;
        }
        for parameter in &parameters {
            self.answer(step, parameter)?;
        }
        let mut after = Vec::new();
        for parameter in &parameters {
            if let Parameter::OutHandle { of, .. } = parameter {
                let opened = step.handle.clone();
                match of.as_str() {
                    "qenex_engine" => self.engine = opened,
                    _ => self.session = opened,
                }
            }
            let kept = step.save.iter().find(|(_, from)| *from == "records");
            if let (Parameter::OutBuffer, Some((saved, _))) = (parameter, kept) {
                after.push(format!("saved_{saved} = buffer;"));
            } else if *parameter == Parameter::OutBuffer && !step.expect.contains_key("completions")
            {
                after.push("qenex_buffer_free(buffer);".to_owned());
            }
        }
        for line in after {
            self.line(&line);
        }
        let _ = writeln!(self.text, "    }}");
        Ok(())
    }

    /// Declares and fills what an argument needs, and adds the arguments themselves.
    fn argument(
        &mut self,
        step: &Step,
        all: &[Parameter],
        parameter: &Parameter,
        arguments: &mut Vec<String>,
    ) -> Result<(), String> {
        match parameter {
            Parameter::Handle { name, of } => {
                let latest = match of.as_str() {
                    "qenex_engine" => self.engine.as_ref(),
                    "qenex_session" => self.session.as_ref(),
                    _ => None,
                };
                arguments.push(match step.with.get(name) {
                    Some(Value::String(named)) => handle(named),
                    Some(Value::Null) => "NULL".into(),
                    None if latest.is_some() => {
                        latest.map_or_else(String::new, |latest| handle(latest))
                    }
                    other => {
                        return Err(format!(
                            "'{name}' names something opened before, not {other:?}"
                        ));
                    }
                });
            }
            Parameter::Value { name, kind } => {
                arguments.push(match step.with.get(name) {
                    Some(value) => scalar(kind, value)?,
                    None => "0".into(),
                });
            }
            Parameter::Text { name, bytes } => match step.with.get(name) {
                None | Some(Value::Null) => arguments.extend(["NULL".to_owned(), "0".into()]),
                Some(value) if name == "cursor" && is_variable(value) => {
                    let saved = variable(value)?;
                    arguments.extend([
                        format!("saved_{saved}.bytes"),
                        format!("saved_{saved}.length"),
                    ]);
                }
                Some(Value::String(path)) if path.starts_with("%/") => {
                    let path = literal(&path.as_bytes()[2..]);
                    self.line(&format!("const char *{name} = in_folder({path});"));
                    arguments.extend([name.clone(), format!("strlen({name})")]);
                }
                Some(value) => {
                    let content = bytes_of(value)?;
                    let cast = if *bytes { "(const void *)" } else { "" };
                    arguments.extend([
                        format!("{cast}{}", literal(&content)),
                        content.len().to_string(),
                    ]);
                }
            },
            Parameter::Records { name, .. }
                if step.with.get(name).is_some_and(Value::is_string) =>
            {
                let saved = variable(&step.with[name])?;
                self.line("size_t saved_arena_length = 0;");
                self.line(&format!("const uint8_t *saved_arena = qenex_buffer_arena(saved_{saved}, &saved_arena_length);"));
                for accessor in ["records", "count", "record_size"] {
                    arguments.push(format!("qenex_buffer_{accessor}(saved_{saved})"));
                }
            }
            Parameter::Arena if takes_saved_records(step, all) => {
                arguments.extend(["saved_arena".to_owned(), "saved_arena_length".into()]);
            }
            Parameter::Records { name, of, sized } => {
                let entries = match step.with.get(name) {
                    Some(Value::Array(entries)) => entries.as_slice(),
                    None | Some(Value::Null) => &[],
                    other => return Err(format!("'{name}' is an array, not {other:?}")),
                };
                self.records(name, of, entries)?;
                let pointer = if step.with.get(name).is_none_or(Value::is_null) {
                    "NULL"
                } else {
                    name
                };
                let count = step
                    .with
                    .get("count")
                    .map_or(entries.len().to_string(), ToString::to_string);
                arguments.extend([pointer.to_owned(), count]);
                if *sized {
                    arguments.push(record_size(step, of));
                }
            }
            Parameter::Numbers { name } => {
                let entries = match step.with.get(name) {
                    Some(Value::Array(entries)) => entries.as_slice(),
                    None | Some(Value::Null) => &[],
                    other => return Err(format!("'{name}' is an array, not {other:?}")),
                };
                let numbers: Vec<String> = entries
                    .iter()
                    .map(|entry| scalar(&Type::Unsigned(8), entry))
                    .collect::<Result<_, _>>()?;
                self.line(&format!(
                    "static const uint64_t {name}[] = {{{}}};",
                    if numbers.is_empty() {
                        "0".into()
                    } else {
                        numbers.join(", ")
                    }
                ));
                let count = step
                    .with
                    .get("count")
                    .map_or(entries.len().to_string(), ToString::to_string);
                arguments.extend([name.clone(), count]);
            }
            Parameter::AnyRecords { name } => {
                let Some(Value::String(kind)) = step.with.get("kind") else {
                    return Err("'kind' is the name of a kind of commands".into());
                };
                let of = record_of_kind(kind)?;
                let Some(Value::Array(entries)) = step.with.get(name) else {
                    return Err(format!("'{name}' is an array"));
                };
                self.records(name, &of, entries)?;
                arguments.extend([
                    name.clone(),
                    entries.len().to_string(),
                    record_size(step, &of),
                ]);
            }
            Parameter::Record { name, of, sized } => {
                match step.with.get(name) {
                    None | Some(Value::Null) => arguments.push("NULL".into()),
                    Some(value) => {
                        self.line(&format!("{of} {name};"));
                        self.line(&format!("memset(&{name}, 0, sizeof {name});"));
                        if of == "qenex_id" || of == "qenex_amount" {
                            let value = scalar(&Type::Named(of.clone()), value)?;
                            self.line(&format!("{name} = {value};"));
                        } else {
                            self.fill(name, of, value)?;
                            if step.with.contains_key("struct_size") {
                                self.line(&format!(
                                    "{name}.struct_size = {};",
                                    step.with["struct_size"]
                                ));
                            }
                        }
                        arguments.push(format!("&{name}"));
                    }
                }
                if *sized {
                    arguments.push(record_size(step, of));
                }
            }
            Parameter::Arena => {
                arguments.extend(["texts_bytes()".to_owned(), "texts_length()".into()])
            }
            Parameter::Callback { of, .. } if of == "qenex_completion_function" => {
                self.line("completion_value completion;");
                self.line("completion_begin(&completion);");
                arguments.extend(
                    ["take_completion", "&completion", "end_completion"].map(str::to_owned),
                );
            }
            Parameter::Callback { name, .. } => match step.with.get(name).and_then(Value::as_str) {
                None => arguments.extend(["NULL".to_owned(), "NULL".into()]),
                Some("continue") => {
                    arguments.extend(["progress_continue".to_owned(), "NULL".into()])
                }
                Some("stop") => arguments.extend(["progress_stop".to_owned(), "NULL".into()]),
                Some(other) => {
                    return Err(format!("'{name}' is 'continue' or 'stop', not '{other}'"));
                }
            },
            Parameter::Filled { name, of } => {
                self.line(&format!("{of} {name};"));
                self.line(&format!("memset(&{name}, 0, sizeof {name});"));
                self.line(&format!("{name}.struct_size = sizeof {name};"));
                arguments.push(format!("&{name}"));
            }
            Parameter::OutText => {
                self.line("char characters[256] = {0};");
                self.line("size_t characters_len = 0;");
                arguments.extend([
                    "characters".to_owned(),
                    "sizeof characters".into(),
                    "&characters_len".into(),
                ]);
            }
            Parameter::OutBuffer => {
                self.line("qenex_buffer *buffer = NULL;");
                arguments.push("&buffer".into());
            }
            Parameter::OutHandle { .. } => {
                let named = step
                    .handle
                    .as_ref()
                    .ok_or("what is opened needs a name under 'as'")?;
                arguments.push(format!("&{}", handle(named)));
            }
            Parameter::OutRecords { name, of } => {
                let count = items(step, all).max(1);
                self.line(&format!("static {of} {name}[{count}];"));
                arguments.push(name.clone());
            }
            Parameter::OutRecord { name, of } => {
                self.line(&format!("{of} {name};"));
                self.line(&format!("memset(&{name}, 0, sizeof {name});"));
                arguments.push(format!("&{name}"));
            }
            Parameter::OutValue { name, kind } => {
                self.line(&format!("{} {name} = 0;", c_type(kind)?));
                arguments.push(format!("&{name}"));
            }
            Parameter::OutHash { name } => {
                self.line(&format!("uint8_t {name}[32] = {{0}};"));
                arguments.push(name.clone());
            }
            Parameter::OutError => arguments.push("&error".into()),
        }
        Ok(())
    }

    fn records(&mut self, name: &str, of: &str, entries: &[Value]) -> Result<(), String> {
        self.line(&format!("static {of} {name}[{}];", entries.len().max(1)));
        self.line(&format!("memset({name}, 0, sizeof {name});"));
        for (index, entry) in entries.iter().enumerate() {
            let place = format!("{name}[{index}]");
            match of {
                "qenex_id" => {
                    let value = scalar(&Type::Named(of.into()), entry)?;
                    self.line(&format!("{place} = {value};"));
                }
                "qenex_command" => self.command(&place, entry)?,
                _ => self.fill(&place, of, entry)?,
            }
        }
        Ok(())
    }

    /// An item of a mixed batch: its record goes into the arena.
    fn command(&mut self, place: &str, entry: &Value) -> Result<(), String> {
        let kind = entry
            .get("kind")
            .and_then(Value::as_str)
            .ok_or("a command has a 'kind'")?;
        let of = record_of_kind(kind)?;
        let record = entry.get("record").ok_or("a command has a 'record'")?;
        self.line("{");
        self.line(&format!("{of} record;"));
        self.line("qenex_text at;");
        self.line("memset(&record, 0, sizeof record);");
        self.fill("record", &of, record)?;
        self.line("at = texts_put(&record, sizeof record);");
        self.line(&format!("{place}.kind = {kind};"));
        self.line(&format!("{place}.offset = at.offset;"));
        self.line(&format!("{place}.size = at.length;"));
        self.line("}");
        Ok(())
    }

    /// An array of records that lies in the arena; the texts of its records lie before it.
    fn parts(&mut self, target: &str, of: &str, value: &Value) -> Result<(), String> {
        let entries = value
            .as_array()
            .ok_or_else(|| format!("{value} is no array of {of}"))?;
        self.line("{");
        self.records("parts", of, entries)?;
        self.line(&format!(
            "{target} = texts_put(parts, {} * sizeof parts[0]);",
            entries.len()
        ));
        self.line("}");
        Ok(())
    }

    /// Sets the fields of a record.
    fn fill(&mut self, place: &str, of: &str, value: &Value) -> Result<(), String> {
        let record = self
            .api
            .record(of)
            .ok_or_else(|| format!("there is no record {of}"))?
            .clone();
        let Value::Object(map) = value else {
            return Err(format!("a {of} is an object, not {value}"));
        };
        if record.has_struct_size() {
            self.line(&format!("{place}.struct_size = sizeof {place};"));
        }
        for (key, value) in map {
            let field = record.fields.iter().find(|field| field.name == *key);
            let field = field.ok_or_else(|| format!("{of} has no field '{key}'"))?;
            let target = format!("{place}.{key}");
            match (&field.kind, key.as_str()) {
                (Type::Named(text), _)
                    if text == "qenex_text"
                        && array_of(of, key).is_some()
                        && !value.is_object() =>
                {
                    self.parts(&target, array_of(of, key).unwrap_or_default(), value)?;
                }
                (Type::Named(text), _) if text == "qenex_text" => {
                    let bytes = bytes_of(value)?;
                    self.line(&format!(
                        "{target} = texts_put({}, {});",
                        literal(&bytes),
                        bytes.len()
                    ));
                }
                (Type::Named(inner), _) if inner != "qenex_id" && inner != "qenex_amount" => {
                    self.fill(&target, inner, value)?;
                }
                (Type::Named(_), _) => {
                    let value = scalar(&field.kind, value)?;
                    self.line(&format!("{target} = {value};"));
                }
                (Type::Array(..), _) => {
                    let bytes = hex(value
                        .as_str()
                        .ok_or_else(|| format!("'{key}' is hexadecimal digits"))?)?;
                    self.line(&format!(
                        "memcpy({target}, {}, {});",
                        literal(&bytes),
                        bytes.len()
                    ));
                }
                (Type::Const(_), "path") => {
                    let path = value.as_str().ok_or("'path' is a text")?;
                    let path = match path.strip_prefix("%/") {
                        Some(below) => format!("in_folder({})", literal(below.as_bytes())),
                        None => literal(path.as_bytes()),
                    };
                    self.line(&format!("{target} = {path};"));
                    self.line(&format!("{target}_len = strlen({target});"));
                }
                (Type::Const(_), "cursor") => {
                    let saved = variable(value)?;
                    self.line(&format!("{target} = saved_{saved}.bytes;"));
                    self.line(&format!("{target}_len = saved_{saved}.length;"));
                }
                (Type::Const(_), _) => {
                    let bytes = bytes_of(value)?;
                    self.line(&format!("{target} = {};", literal(&bytes)));
                    self.line(&format!("{target}_len = {};", bytes.len()));
                }
                (Type::Callback(_), "clock") => {
                    let time = scalar(&Type::Time, value)?;
                    self.line(&format!("set_clock(&{place}, {time});"));
                }
                (Type::Callback(_), "log") => self.line(&format!("set_log(&{place});")),
                (kind, _) => {
                    let value = scalar(kind, value)?;
                    self.line(&format!("{target} = {value};"));
                }
            }
        }
        Ok(())
    }
}
