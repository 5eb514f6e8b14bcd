//! Translates the cases into a C program: the reference runner. Each case becomes a function, each step a call with
//! real structs, so that the compiler checks names and types, and what is expected becomes checks with the path of
//! the value in their messages. The helpers that the program uses are `tests/conformance/c/runner.h`.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::cases::{Case, Step, answer, function};
use crate::api::{Api, Parameter, Record, Type, buffer_record, parameters};

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
            let line = if from == "cursor" {
                "cursor_value"
            } else {
                "qenex_id"
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
            if *parameter == Parameter::OutBuffer && !step.expect.contains_key("completions") {
                after.push("qenex_buffer_free(buffer);");
            }
        }
        for line in after {
            self.line(line);
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
            Parameter::Text { name, .. } => match step.with.get(name) {
                None | Some(Value::Null) => arguments.extend(["NULL".to_owned(), "0".into()]),
                Some(Value::String(path)) if path.starts_with("%/") => {
                    let path = literal(&path.as_bytes()[2..]);
                    self.line(&format!("const char *{name} = in_folder({path});"));
                    arguments.extend([name.clone(), format!("strlen({name})")]);
                }
                Some(value) => {
                    let bytes = bytes_of(value)?;
                    arguments.extend([literal(&bytes), bytes.len().to_string()]);
                }
            },
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
                (Type::Named(text), _) if text == "qenex_text" => {
                    let bytes = bytes_of(value)?;
                    self.line(&format!(
                        "{target} = texts_put({}, {});",
                        literal(&bytes),
                        bytes.len()
                    ));
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

    /// What an infallible function returns.
    fn returned(&mut self, step: &Step, returns: Option<&Type>, call: &str) -> Result<(), String> {
        let expected = step.expect.get("returns");
        match (returns, expected) {
            (None, None) => self.line(&format!("{call};")),
            (Some(_), None) => self.line(&format!("(void){call};")),
            (Some(Type::Const(_)), Some(expected)) => {
                let (bytes, part) = text_of(expected)?;
                self.line(&format!(
                    "is_string(\"returns\", {call}, {}, {part});",
                    literal(&bytes)
                ));
            }
            (Some(kind), Some(expected)) => {
                let line = check("returns", call, kind, expected)?;
                self.line(&line);
            }
            (None, Some(_)) => return Err("the function returns nothing".into()),
        }
        Ok(())
    }

    fn answer(&mut self, step: &Step, parameter: &Parameter) -> Result<(), String> {
        match parameter {
            Parameter::OutRecords { name, of } => {
                let Some(expected) = step.expect.get(&answer(name)) else {
                    return Ok(());
                };
                let Value::Array(entries) = expected else {
                    return Err(format!("'{}' is an array", answer(name)));
                };
                for (index, entry) in entries.iter().enumerate() {
                    self.compare(
                        &format!("{}[{index}]", answer(name)),
                        &format!("{name}[{index}]"),
                        of,
                        entry,
                    )?;
                }
            }
            Parameter::OutRecord { name, of } => {
                if let Some(expected) = step.expect.get(&answer(name)) {
                    self.compare(&answer(name), name, of, expected)?;
                }
                if let Some((saved, _)) = step.save.iter().find(|(_, from)| **from == *answer(name))
                {
                    self.line(&format!("saved_{saved} = {name};"));
                }
            }
            Parameter::Filled { name, of } => {
                if let Some(expected) = step.expect.get(name) {
                    self.compare(name, name, of, expected)?;
                }
            }
            Parameter::OutValue { name, kind } => {
                if let Some(expected) = step.expect.get(&answer(name)) {
                    let line = check(&answer(name), name, kind, expected)?;
                    self.line(&line);
                }
            }
            Parameter::OutHash { name } => {
                if let Some(expected) = step.expect.get(&answer(name)) {
                    let bytes = hex(expected.as_str().ok_or("a hash is hexadecimal digits")?)?;
                    self.line(&format!(
                        "is_bytes(\"hash\", {name}, 32, {}, {});",
                        literal(&bytes),
                        bytes.len()
                    ));
                }
            }
            Parameter::OutText => {
                if let Some(expected) = step.expect.get("text") {
                    let (bytes, part) = text_of(expected)?;
                    self.line(&format!(
                        "is_string(\"text\", characters, {}, {part});",
                        literal(&bytes)
                    ));
                    self.line("is_unsigned(\"length\", characters_len, strlen(characters));");
                }
            }
            Parameter::OutBuffer => self.buffer(step)?,
            _ => {}
        }
        Ok(())
    }

    fn buffer(&mut self, step: &Step) -> Result<(), String> {
        if let Some(Value::Array(entries)) = step.expect.get("records") {
            let of = buffer_record(self.api, function(self.api, step)?)?;
            self.line(&format!(
                "if (has_records(buffer, {}, sizeof({of}))) {{",
                entries.len()
            ));
            for (index, entry) in entries.iter().enumerate() {
                let place = format!("((const {of} *)qenex_buffer_records(buffer))[{index}]");
                self.compare(&format!("records[{index}]"), &place, &of, entry)?;
            }
            self.line("}");
        }
        if let Some(count) = step.expect.get("count") {
            let line = check("count", "qenex_buffer_count(buffer)", &Type::Size, count)?;
            self.line(&line);
        }
        if let Some(cursor) = step.expect.get("cursor") {
            self.line(&format!(
                "has_cursor(buffer, {});",
                u8::from(cursor == &Value::Bool(true))
            ));
        }
        if let Some(text) = step.expect.get("text") {
            let (bytes, part) = text_of(text)?;
            self.line(&format!(
                "is_arena(buffer, {}, {}, {part});",
                literal(&bytes),
                bytes.len()
            ));
        }
        for (saved, from) in &step.save {
            if from == "cursor" {
                self.line(&format!("save_cursor(buffer, &saved_{saved});"));
            }
        }
        Ok(())
    }

    /// Collects until as many batches as expected are done, then compares each.
    fn completions(&mut self, step: &Step, call: &str) -> Result<(), String> {
        let Some(Value::Array(entries)) = step.expect.get("completions") else {
            return Err("'completions' is an array".into());
        };
        self.line("unsigned done = 0;");
        self.line(&format!("while (done < {}) {{", entries.len()));
        self.line("qenex_error *error = stale_error();");
        self.line(&format!("qenex_status status = {call};"));
        self.line("size_t row;");
        self.line("is_status(QENEX_OK, status, &error, -2, NULL, -1);");
        self.line("if (status != QENEX_OK) break;");
        self.line("for (row = 0; row < qenex_buffer_count(buffer); row++, done++) {");
        self.line("const qenex_completion *completion = (const qenex_completion *)qenex_buffer_records(buffer) + row;");
        self.line("const qenex_result *results = qenex_buffer_results(buffer, NULL);");
        for (index, entry) in entries.iter().enumerate() {
            self.line(&format!("if (done == {index}) {{"));
            let what = format!("completions[{index}]");
            let mut own = entry
                .as_object()
                .ok_or("a completion is an object")?
                .clone();
            let rows = own
                .remove("results")
                .unwrap_or_else(|| Value::Array(Vec::new()));
            let rows = rows.as_array().ok_or("'results' is an array")?.clone();
            self.compare(
                &what,
                "(*completion)",
                "qenex_completion",
                &Value::Object(own),
            )?;
            self.line(&format!(
                "is_unsigned(\"{what}.results\", completion->results, {});",
                rows.len()
            ));
            self.line(&format!("if (completion->results == {}) {{", rows.len()));
            for (row, expected) in rows.iter().enumerate() {
                let place = format!("results[completion->first_result + {row}]");
                self.compare(
                    &format!("{what}.results[{row}]"),
                    &place,
                    "qenex_result",
                    expected,
                )?;
            }
            self.line("}");
            self.line("}");
        }
        self.line("(void)results;");
        self.line("(void)completion;");
        self.line("}");
        self.line("qenex_buffer_free(buffer);");
        self.line("}");
        self.line(&format!(
            "is_unsigned(\"completions\", done, {});",
            entries.len()
        ));
        Ok(())
    }

    /// Compares the fields that are named.
    fn compare(
        &mut self,
        what: &str,
        place: &str,
        of: &str,
        expected: &Value,
    ) -> Result<(), String> {
        if of == "qenex_id" || of == "qenex_amount" {
            let line = check(what, place, &Type::Named(of.into()), expected)?;
            self.line(&line);
            return Ok(());
        }
        let record: Record = self
            .api
            .record(of)
            .ok_or_else(|| format!("there is no record {of}"))?
            .clone();
        let Value::Object(map) = expected else {
            return Err(format!("a {of} is an object, not {expected}"));
        };
        for (key, value) in map {
            let field = record.fields.iter().find(|field| field.name == *key);
            let field = field.ok_or_else(|| format!("{of} has no field '{key}'"))?;
            let (what, place) = (format!("{what}.{key}"), format!("{place}.{key}"));
            match &field.kind {
                Type::Named(text) if text == "qenex_text" => {
                    if let Value::Array(parts) = value {
                        for (index, part) in parts.iter().enumerate() {
                            let bytes = bytes_of(part)?;
                            self.line(&format!("is_text_of(\"{what}[{index}]\", buffer, {place}, {index}, {}, {});", literal(&bytes), bytes.len()));
                        }
                        continue;
                    }
                    let (bytes, part) = text_of(value)?;
                    self.line(&format!(
                        "is_text(\"{what}\", buffer, {place}, {}, {}, {part});",
                        literal(&bytes),
                        bytes.len()
                    ));
                }
                Type::Named(inner) if inner != "qenex_id" && inner != "qenex_amount" => {
                    self.compare(&what, &place, inner, value)?;
                }
                Type::Array(of, _) if **of == Type::Char => {
                    let (bytes, part) = text_of(value)?;
                    self.line(&format!(
                        "is_string(\"{what}\", {place}, {}, {part});",
                        literal(&bytes)
                    ));
                }
                Type::Array(..) => {
                    let bytes = hex(value
                        .as_str()
                        .ok_or_else(|| format!("'{key}' is hexadecimal digits"))?)?;
                    self.line(&format!(
                        "is_bytes(\"{what}\", {place}, sizeof {place}, {}, {});",
                        literal(&bytes),
                        bytes.len()
                    ));
                }
                kind => {
                    let line = check(&what, &place, kind, value)?;
                    self.line(&line);
                }
            }
        }
        Ok(())
    }
}

/// A check of one value.
fn check(what: &str, place: &str, kind: &Type, expected: &Value) -> Result<String, String> {
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
fn scalar(kind: &Type, value: &Value) -> Result<String, String> {
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
fn id(text: &str) -> Result<Vec<u8>, String> {
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

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits = text.as_bytes();
    if !text.is_ascii() || digits.len() % 2 != 0 {
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
fn bytes_of(value: &Value) -> Result<Vec<u8>, String> {
    match value {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        Value::Object(map) => match map.get("hex") {
            Some(Value::String(digits)) => hex(digits),
            _ => Err(format!("{value} is no text")),
        },
        _ => Err(format!("{value} is no text")),
    }
}

/// An expected text, and 1 when it is only a part of it.
fn text_of(value: &Value) -> Result<(Vec<u8>, u8), String> {
    match value.get("contains") {
        Some(Value::String(part)) => Ok((part.as_bytes().to_vec(), 1)),
        _ => Ok((bytes_of(value)?, 0)),
    }
}

fn name(value: &Value) -> Result<String, String> {
    match value.as_str() {
        Some(name) if name.starts_with("QENEX_") => Ok(name.to_owned()),
        _ => Err(format!("{value} is no constant of the header")),
    }
}

fn variable(value: &Value) -> Result<&str, String> {
    let name = value.as_str().and_then(|text| text.strip_prefix('$'));
    name.ok_or_else(|| format!("{value} is no variable: '$' and a name"))
}

fn error_of(step: &Step) -> Result<(i64, String, i64), String> {
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
fn items(step: &Step, parameters: &[Parameter]) -> usize {
    let array = parameters.iter().find_map(|parameter| match parameter {
        Parameter::Records { name, .. } | Parameter::AnyRecords { name } => step.with.get(name),
        _ => None,
    });
    array.and_then(Value::as_array).map_or(0, Vec::len)
}

fn record_size(step: &Step, of: &str) -> String {
    step.with
        .get("record_size")
        .map_or_else(|| format!("sizeof({of})"), ToString::to_string)
}

/// `QENEX_COMMAND_HOLD_CAPTURE` is for `qenex_hold_capture`.
fn record_of_kind(kind: &str) -> Result<String, String> {
    let name = kind
        .strip_prefix("QENEX_COMMAND_")
        .ok_or_else(|| format!("'{kind}' is no kind of commands"))?;
    Ok(match name {
        "MIXED" => "qenex_command".into(),
        name => format!("qenex_{}", name.to_lowercase()),
    })
}

fn handle(name: &str) -> String {
    format!("opened_{name}")
}

fn c_type(kind: &Type) -> Result<String, String> {
    Ok(match kind {
        Type::Unsigned(bytes) => format!("uint{}_t", bytes * 8),
        Type::Signed(bytes) => format!("int{}_t", bytes * 8),
        Type::Date => "qenex_date".into(),
        Type::Time => "qenex_time".into(),
        other => return Err(format!("{other:?} is no value")),
    })
}

/// A string literal: everything but letters, digits and plain punctuation as three octal digits.
fn literal(bytes: &[u8]) -> String {
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
