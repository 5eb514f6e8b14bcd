//! Renders the public methods of the Java binding: those of sessions, engines and the class Qenex. They are named by one
//! rule, and what their parameters are follows from `parameters`. What follows no rule is listed in `BY_HAND`, and
//! written by hand.

use std::fmt::Write;

use super::java_native::{is_fallible, native_type};
use super::java_records::{comment, java_name, prune_imports};
use super::{File, Source};
use crate::api::{Api, Function, Parameter, Type, buffer_record, camel, parameters, short};

const FOLDER: &str = "bindings/java/src/main/java/org/qenex";

/// Functions whose public form is written by hand: what is opened and closed, what calls back, what has more than one
/// answer, and what only other methods use.
const BY_HAND: &[&str] = &[
    "qenex_error_status",
    "qenex_error_message",
    "qenex_error_item",
    "qenex_error_sqlite_code",
    "qenex_error_free",
    "qenex_buffer_count",
    "qenex_buffer_records",
    "qenex_buffer_record_size",
    "qenex_buffer_arena",
    "qenex_buffer_cursor",
    "qenex_buffer_results",
    "qenex_buffer_free",
    "qenex_open",
    "qenex_close",
    "qenex_session_open",
    "qenex_session_free",
    "qenex_execute",
    "qenex_submit",
    "qenex_collect",
    "qenex_backup",
    "qenex_upgrade",
    "qenex_submit_notify",
    "qenex_feed_apply",
    "qenex_allocate",
    "qenex_statement_issue",
    "qenex_gl_journal",
];

/// Names that do not follow the rule of `method_name`.
const NAMES: &[(&str, &str)] = &[
    ("time_now", "now"),
    ("time_advance_to", "advanceTime"),
    ("date_add_days", "addDays"),
    ("account_open_simple", "openAccountSimple"),
    ("transfer_simple", "transferSimple"),
    ("day_end_portions", "runDayEndPortions"),
    ("year_end_portions", "runYearEndPortions"),
    ("business_date_next", "nextBusinessDate"),
    ("balances_daily", "balancesByDay"),
];

/// Last words of names that say what is done: they go to the front.
const VERBS: &[&str] = &[
    "new",
    "parse",
    "format",
    "add",
    "subtract",
    "compare",
    "create",
    "reverse",
    "place",
    "increase",
    "capture",
    "release",
    "open",
    "reopen",
    "set",
    "close",
    "roll",
    "put",
    "get",
    "list",
    "find",
    "read",
    "check",
    "change",
    "end",
    "run",
    "post",
    "define",
    "delete",
    "update",
    "cancel",
    "start",
    "apply",
    "schedule",
    "reactivate",
    "register",
    "split",
    "cut",
    "import",
    "prove",
    "reconcile",
];

/// Functions whose documentation does not say in the usual words which records are in the buffer.
const BUFFERS: &[(&str, &str)] = &[("qenex_trial_balance_as_of", "qenex_trial_line")];

pub fn render(source: &Source) -> Vec<File> {
    let java = |name: &str, text: String| File {
        path: format!("{FOLDER}/{name}.java"),
        text,
    };
    vec![
        java("SessionCalls", calls(&source.api, Some("qenex_session"))),
        java("EngineCalls", calls(&source.api, Some("qenex_engine"))),
        java("Qenex", calls(&source.api, None)),
    ]
}

/// `qenex_transfers_create` as `createTransfers`.
fn method_name(function: &Function) -> String {
    let name = short(&function.name);
    if let Some((_, given)) = NAMES.iter().find(|(of, _)| *of == name) {
        return (*given).to_owned();
    }
    match name.rsplit_once('_') {
        Some((object, verb)) if VERBS.contains(&verb) => verb.to_owned() + &camel(object),
        _ => java_name(name),
    }
}

/// The public methods of the functions that take a session, an engine, or neither.
fn calls(api: &Api, handle: Option<&str>) -> String {
    let (class, doc) = match handle {
        Some("qenex_session") => (
            "public abstract class SessionCalls",
            "What a session can do: the functions of the library that act on somebody's behalf. See {@link Session}.",
        ),
        Some(_) => (
            "public abstract class EngineCalls",
            "What an engine can do by itself. See {@link Engine}.",
        ),
        None => (
            "public final class Qenex",
            "What needs no open file: ids, amounts, dates, times, currencies, versions.",
        ),
    };
    let name = class.rsplit(' ').next().unwrap_or(class);
    let mut text = format!(
        "{HEAD}\npackage org.qenex;\n\nimport java.lang.ref.Reference;\nimport java.math.BigInteger;\nimport java.nio.file.Path;\n\
         import java.time.Instant;\nimport java.time.LocalDate;\nimport java.util.List;\nimport java.util.UUID;\n\n/** {doc} */\n{class} {{\n"
    );
    let _ = writeln!(
        text,
        "    {}{name}() {{}}",
        if handle.is_none() { "private " } else { "" }
    );
    if handle.is_some() {
        text += "\n    abstract long handle();\n";
    }
    for function in &api.functions {
        if BY_HAND.contains(&function.name.as_str()) {
            continue;
        }
        let parameters = parameters(api, function)
            .unwrap_or_else(|reason| panic!("{reason}, or write it by hand (java_calls.rs)"));
        let takes = parameters.iter().find_map(|parameter| match parameter {
            Parameter::Handle { of, .. } => Some(of.as_str()),
            _ => None,
        });
        if takes == handle {
            text += &Method::new(api, function, &parameters).render();
        }
    }
    text += "}\n";
    prune_imports(&text)
}

/// Type and name of a parameter of Java's.
type Taken = (String, String);

/// A public method while it is being written.
struct Method<'a> {
    api: &'a Api,
    function: &'a Function,
    parameters: &'a [Parameter],
    /// Types and names of its parameters.
    takes: Vec<Taken>,
    /// What the native method gets.
    arguments: Vec<String>,
    before: Vec<String>,
    answer: Option<(String, String)>,
    batch: Option<String>,
    is_static: bool,
}

impl<'a> Method<'a> {
    fn new(api: &'a Api, function: &'a Function, parameters: &'a [Parameter]) -> Self {
        Method {
            api,
            function,
            parameters,
            takes: Vec::new(),
            arguments: Vec::new(),
            before: Vec::new(),
            answer: None,
            batch: None,
            is_static: true,
        }
    }

    fn render(mut self) -> String {
        for parameter in self.parameters {
            self.parameter(parameter);
        }
        let (returns, value) = match (&self.answer, &self.function.returns) {
            (Some((kind, value)), _) => (kind.clone(), value.clone()),
            (None, _) if is_fallible(self.function) => ("void".into(), String::new()),
            (None, Some(Type::Const(_))) => ("String".into(), "Values.terminated(returned)".into()),
            (None, Some(Type::Time)) => ("Instant".into(), "Values.instant(returned)".into()),
            (None, Some(kind)) => (native_type(kind).0.into(), "returned".into()),
            (None, None) => ("void".into(), String::new()),
        };
        let call = format!(
            "Native.{}({});",
            java_name(short(&self.function.name)),
            self.arguments.join(", ")
        );
        let kind = self
            .function
            .returns
            .as_ref()
            .map_or("void", |kind| native_type(kind).0);
        let call = if value.contains("returned") {
            format!("{kind} returned = {call}")
        } else if value.contains("status") {
            format!("int status = {call}")
        } else {
            call
        };
        let uses_call = self
            .before
            .iter()
            .chain(&self.arguments)
            .chain([&value])
            .any(|line| line.contains("call."));
        let mut body = String::new();
        if self.is_static {
            body += "        Library.ready();\n";
        }
        let _ = writeln!(
            body,
            "        try{} {{",
            if uses_call {
                " (Call call = Call.begin())"
            } else {
                ""
            }
        );
        for line in self.before.iter().chain([&call]) {
            let _ = writeln!(body, "            {line}");
        }
        if !value.is_empty() {
            let _ = writeln!(body, "            return {value};");
        }
        if !self.is_static {
            body +=
                "        } finally {\n            Reference.reachabilityFence(this);\n        }\n";
        } else if uses_call {
            body += "        }\n";
        } else {
            body = body
                .replace("        try {\n", "")
                .replace("            ", "        ");
        }
        let name = method_name(self.function);
        let modifier = if self.is_static {
            "public static"
        } else {
            "public"
        };
        let declared = |takes: &[Taken]| {
            let takes: Vec<String> = takes
                .iter()
                .map(|(kind, name)| format!("{kind} {name}"))
                .collect();
            format!("    {modifier} {returns} {name}({}) {{\n", takes.join(", "))
        };
        let mut text = format!(
            "\n{}    @Abi(\"{}\")\n{}{body}    }}\n",
            comment("    ", &self.function.doc, ""),
            self.function.name,
            declared(&self.takes)
        );
        text += &self.overloads(&name, &returns, &declared);
        text
    }

    /// The same with a list in place of a batch, and without options.
    fn overloads(
        &self,
        name: &str,
        returns: &str,
        declared: &dyn Fn(&[Taken]) -> String,
    ) -> String {
        let mut text = String::new();
        let give = if returns == "void" { "" } else { "return " };
        let has_options = self
            .takes
            .last()
            .is_some_and(|(kind, _)| kind.ends_with("Options"));
        let names = |cut: usize, of: &dyn Fn(&str) -> String| {
            let names: Vec<String> = self.takes[..self.takes.len() - cut]
                .iter()
                .map(|(_, name)| of(name))
                .collect();
            names.join(", ")
        };
        let same = |name: &str| name.to_owned();
        if has_options {
            let _ = write!(
                text,
                "\n    /** As the method with options, which are all at their defaults. */\n{}        {give}{name}({}null);\n    }}\n",
                declared(&self.takes[..self.takes.len() - 1]),
                if self.takes.len() == 1 {
                    String::new()
                } else {
                    names(1, &same) + ", "
                }
            );
        }
        let Some(batch) = &self.batch else {
            return text;
        };
        let listed: Vec<Taken> = self
            .takes
            .iter()
            .map(|(kind, name)| (kind.replace("Batch<", "List<"), name.clone()))
            .collect();
        let (class, _) = self
            .takes
            .iter()
            .find(|(_, name)| name == batch)
            .cloned()
            .unwrap_or_default();
        let class = class
            .trim_start_matches("Batch<")
            .trim_end_matches('>')
            .to_owned();
        let as_batch = |name: &str| {
            if name == batch {
                format!("{class}.batch().addAll({name})")
            } else {
                name.to_owned()
            }
        };
        let _ = write!(
            text,
            "\n    /** As the method that takes a batch, of which this makes one. */\n{}        {give}{name}({});\n    }}\n",
            declared(&listed),
            names(0, &as_batch)
        );
        if has_options {
            let _ = write!(
                text,
                "\n    /** As the method that takes a batch and options. */\n{}        {give}{name}({}, null);\n    }}\n",
                declared(&listed[..listed.len() - 1]),
                names(1, &as_batch)
            );
        }
        text
    }

    fn parameter(&mut self, parameter: &Parameter) {
        let arguments =
            |method: &mut Self, given: &[String]| method.arguments.extend_from_slice(given);
        match parameter {
            Parameter::Handle { .. } => {
                self.is_static = false;
                arguments(self, &["handle()".into()]);
            }
            Parameter::Value { name, kind } => {
                let java = java_name(name);
                let (java_kind, given) = match kind {
                    Type::Date => ("LocalDate", format!("Values.date({java})")),
                    Type::Time => ("Instant", format!("Values.time({java})")),
                    _ if name.starts_with("by_") => ("boolean", format!("{java} ? 1 : 0")),
                    other => (native_type(other).0, java.clone()),
                };
                self.takes.push((java_kind.into(), java));
                arguments(self, &[given]);
            }
            Parameter::Text { name, bytes } => {
                let java = java_name(name);
                let is_path = matches!(name.as_str(), "path" | "backup" | "target");
                let (kind, value) = match (is_path, bytes) {
                    (true, _) => (
                        "Path",
                        format!("Values.utf8(\"{name}\", {java}.toString())"),
                    ),
                    (_, true) => ("byte[]", java.clone()),
                    (_, false) => ("String", format!("Values.utf8(\"{name}\", {java})")),
                };
                let local = format!("{java}Bytes");
                self.before.push(format!("byte[] {local} = {value};"));
                self.takes.push((kind.into(), java));
                arguments(
                    self,
                    &[
                        format!("call.bytes({local})"),
                        format!("Values.length({local})"),
                    ],
                );
            }
            Parameter::Records { name, of, .. } if of == "qenex_id" => {
                let java = java_name(name);
                self.takes.push(("List<UUID>".into(), java.clone()));
                self.before.push(format!("call.pin({java});"));
                arguments(self, &["call.records()".into(), "call.count()".into()]);
            }
            Parameter::Records { name, of, sized } => {
                let java = java_name(name);
                let class = camel(short(of));
                self.takes.push((format!("Batch<{class}>"), java.clone()));
                self.before.push(format!("{java}.pin(call);"));
                arguments(self, &["call.records()".into(), "call.count()".into()]);
                if *sized {
                    arguments(self, &[format!("Layout.{class}.SIZE")]);
                }
                self.batch = Some(java);
            }
            Parameter::Record { name, of, sized } => {
                let java = java_name(name);
                let (kind, given) = match of.as_str() {
                    "qenex_id" => ("UUID".to_owned(), format!("call.id({java})")),
                    "qenex_amount" => ("BigInteger".to_owned(), format!("call.amount({java})")),
                    other => (camel(short(other)), format!("call.item({java})")),
                };
                self.takes.push((kind, java.clone()));
                arguments(self, &[given]);
                if *sized {
                    arguments(self, &[format!("Layout.{}.SIZE", camel(short(of)))]);
                }
            }
            Parameter::Arena => {
                let given = match (&self.batch, self.takes.last()) {
                    (Some(_), _) => ["call.arena()".into(), "call.arenaLength()".into()],
                    (None, Some((_, item))) => [
                        format!("call.texts({item})"),
                        format!("call.textsLength({item})"),
                    ],
                    (None, None) => ["0".into(), "0".into()],
                };
                arguments(self, &given);
            }
            Parameter::Filled { name, of } | Parameter::OutRecord { name, of } => {
                self.out_record(name, of, matches!(parameter, Parameter::Filled { .. }));
            }
            Parameter::OutText => {
                self.before.push("int textAt = call.reserve(256);".into());
                self.before.push("int lengthAt = call.reserve(8);".into());
                arguments(
                    self,
                    &[
                        "call.address(textAt)".into(),
                        "256".into(),
                        "call.address(lengthAt)".into(),
                    ],
                );
                self.answer = Some(("String".into(), "call.text(textAt, lengthAt)".into()));
            }
            Parameter::OutBuffer => {
                self.before.push("int bufferAt = call.reserve(8);".into());
                arguments(self, &["call.address(bufferAt)".into()]);
                let buffer = "call.getLong(bufferAt)";
                self.answer = Some(match of_buffer(self.api, self.function) {
                    Ok(of) if of == "qenex_text" => (
                        "Page<String>".into(),
                        format!("Page.texts({buffer}, status)"),
                    ),
                    Ok(of) => {
                        let class = camel(short(&of));
                        (
                            format!("Page<{class}>"),
                            format!(
                                "Page.read({buffer}, status, Layout.{class}.SIZE, {class}::new)"
                            ),
                        )
                    }
                    Err(_) => ("String".into(), format!("Page.text({buffer})")),
                });
            }
            Parameter::OutRecords { name, of } => {
                let class = camel(short(of));
                let at = java_name(name) + "At";
                let (kind, value) = if of == "qenex_result" {
                    (
                        "Results".to_owned(),
                        "new Results(call.answered(), status)".to_owned(),
                    )
                } else {
                    (
                        format!("Answers<{class}>"),
                        format!(
                            "new Answers<>(call.answered(), Layout.{class}.SIZE, {class}::new, status)"
                        ),
                    )
                };
                self.before.push(format!(
                    "long {at} = call.answers(call.count(), Layout.{class}.SIZE);"
                ));
                arguments(self, &[at]);
                self.answer = Some((kind, value));
            }
            Parameter::OutValue { name, kind } => {
                let at = java_name(name) + "At";
                self.before.push(format!("int {at} = call.reserve(8);"));
                arguments(self, &[format!("call.address({at})")]);
                let (java_kind, value) = match kind {
                    Type::Date => ("LocalDate", format!("Values.date(call.getInt({at}))")),
                    Type::Time => ("Instant", format!("Values.instant(call.getLong({at}))")),
                    other if native_type(other).0 == "int" => ("int", format!("call.getInt({at})")),
                    _ => ("long", format!("call.getLong({at})")),
                };
                self.answer = Some((java_kind.into(), value));
            }
            Parameter::OutHash { .. } => {
                self.before.push("int hashAt = call.reserve(32);".into());
                arguments(self, &["call.address(hashAt)".into()]);
                self.answer = Some(("byte[]".into(), "call.plain(hashAt, 32)".into()));
            }
            Parameter::OutError
            | Parameter::AnyRecords { .. }
            | Parameter::Numbers { .. }
            | Parameter::Callback { .. }
            | Parameter::OutHandle { .. } => {}
        }
    }

    fn out_record(&mut self, name: &str, of: &str, has_size: bool) {
        let at = java_name(name) + "At";
        let class = camel(short(of));
        let (kind, size, value) = match of {
            "qenex_id" => ("UUID".to_owned(), "16".to_owned(), format!("call.id({at})")),
            "qenex_amount" => (
                "BigInteger".to_owned(),
                "16".to_owned(),
                format!("call.amount({at})"),
            ),
            _ => (
                class.clone(),
                format!("Layout.{class}.SIZE"),
                format!("new {class}(call.memory(), {at}, null)"),
            ),
        };
        self.before
            .push(format!("int {at} = call.reserve({size});"));
        if has_size {
            self.before.push(format!(
                "call.putInt({at} + Layout.{class}.STRUCT_SIZE, {size});"
            ));
        }
        self.arguments.push(format!("call.address({at})"));
        self.answer = Some((kind, value));
    }
}

/// The records in the buffer of a function; an error: its text.
fn of_buffer(api: &Api, function: &Function) -> Result<String, String> {
    match BUFFERS.iter().find(|(name, _)| *name == function.name) {
        Some((_, record)) => Ok((*record).to_owned()),
        None => buffer_record(api, function),
    }
}

const HEAD: &str = "// Generated by `cargo xtask gen` from src/abi: do not edit.";
