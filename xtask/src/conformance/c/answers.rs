//! What a step expects, as checks in C: what a function returns, its `out_` parameters, buffers, completions.

use serde_json::Value;

use super::Writer;
use super::values::*;
use crate::api::{Parameter, Record, Type, buffer_record};
use crate::conformance::cases::{Step, answer, function};

impl Writer<'_> {
    /// What an infallible function returns.
    pub(super) fn returned(
        &mut self,
        step: &Step,
        returns: Option<&Type>,
        call: &str,
    ) -> Result<(), String> {
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

    pub(super) fn answer(&mut self, step: &Step, parameter: &Parameter) -> Result<(), String> {
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
            Parameter::Callback { name, of, .. } if of == "qenex_completion_function" => {
                self.line("completion_wait(&completion);");
                if let Some(expected) = step.expect.get(name) {
                    self.told(expected)?;
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

    pub(super) fn buffer(&mut self, step: &Step) -> Result<(), String> {
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

    /// Collects until as many batches as expected are done, and compares each with the one that has its tag.
    pub(super) fn completions(&mut self, step: &Step, call: &str) -> Result<(), String> {
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
        self.line("int known = 0;");
        for (index, entry) in entries.iter().enumerate() {
            let tag = entry.get("tag").ok_or("a completion has a 'tag'")?;
            self.line(&format!("if (completion->tag == UINT64_C({tag})) {{"));
            self.line("known = 1;");
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
        self.line("is_signed(\"tag of a submitted batch\", known, 1);");
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

    /// What a callback was told of a batch.
    pub(super) fn told(&mut self, expected: &Value) -> Result<(), String> {
        let status = name(expected.get("status").unwrap_or(&Value::from("QENEX_OK")))?;
        self.line(&format!(
            "is_signed(\"completion.status\", completion.status, {status});"
        ));
        let none = Vec::new();
        let results = expected
            .get("results")
            .and_then(Value::as_array)
            .unwrap_or(&none);
        self.line(&format!(
            "is_unsigned(\"completion.results\", completion.count, {});",
            results.len()
        ));
        for (index, result) in results.iter().enumerate() {
            let place = format!("completion.results[{index}]");
            self.compare(&place, &place, "qenex_result", result)?;
        }
        if let Some(message) = expected.get("message") {
            let (bytes, part) = text_of(message)?;
            self.line(&format!(
                "is_string(\"completion.message\", completion.message, {}, {part});",
                literal(&bytes)
            ));
        }
        Ok(())
    }

    /// Compares the fields that are named.
    pub(super) fn compare(
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
                    if let (Value::Array(parts), "texts") = (value, key.as_str()) {
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
