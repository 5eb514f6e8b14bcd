//! Renders the native methods of the Java binding, which take numbers and addresses, and the C functions behind them,
//! which call the library and turn its errors into exceptions. Both sides of each function come from one place, so
//! that they cannot differ.

use std::fmt::Write;

use super::java_records::java_name;
use super::{File, Source};
use crate::api::{Api, Argument, Function, Type, short};

pub fn render(source: &Source) -> Vec<File> {
    vec![
        File {
            path: "bindings/java/src/main/java/org/qenex/Native.java".into(),
            text: native(&source.api),
        },
        File {
            path: "bindings/java/src/main/c/natives.c".into(),
            text: c_functions(&source.api),
        },
    ]
}

pub fn is_fallible(function: &Function) -> bool {
    function
        .arguments
        .last()
        .is_some_and(|argument| argument.name == "out_error")
}

/// The type of an argument in a native method, and its name in JNI.
pub fn native_type(kind: &Type) -> (&'static str, &'static str) {
    match kind {
        Type::Unsigned(1..=4) | Type::Signed(1..=4) | Type::Status | Type::Date => ("int", "jint"),
        _ => ("long", "jlong"),
    }
}

fn native(api: &Api) -> String {
    let mut text = format!(
        "{HEAD}\npackage org.qenex;\n\n/**\n * The functions of the library: pointers are addresses, and a negative status throws a {{@link QenexException}}.\n */\n\
         final class Native {{\n"
    );
    for function in &api.functions {
        let arguments: Vec<String> = native_arguments(function)
            .map(|argument| {
                format!(
                    "{} {}",
                    native_type(&argument.kind).0,
                    java_name(&argument.name)
                )
            })
            .collect();
        let returns = function
            .returns
            .as_ref()
            .map_or("void", |kind| native_type(kind).0);
        let declared = format!(
            "    static native {returns} {}({});",
            java_name(short(&function.name)),
            arguments.join(", ")
        );
        let _ = writeln!(text, "{}\n", wrapped(&declared));
    }
    text += "    private Native() {}\n}\n";
    text
}

fn wrapped(line: &str) -> String {
    if line.len() <= 120 {
        return line.to_owned();
    }
    let mut text = String::new();
    let mut width = 0;
    for part in line.split_inclusive(", ") {
        if width + part.trim_end().len() > 120 {
            text.truncate(text.trim_end().len());
            text += "\n            ";
            width = 12;
        }
        text += part;
        width += part.len();
    }
    text
}

fn native_arguments(function: &Function) -> impl Iterator<Item = &Argument> {
    function
        .arguments
        .iter()
        .filter(|argument| argument.name != "out_error")
}

/// The C functions behind the native methods, and the table by which they are registered.
fn c_functions(api: &Api) -> String {
    let mut text = format!("{HEAD}\n// clang-format off\n#include \"glue.h\"\n");
    let mut table = String::new();
    for function in &api.functions {
        let name = short(&function.name);
        let mut parameters = String::from("JNIEnv *env, jclass type");
        let mut signature = String::from("(");
        let mut given = Vec::new();
        for argument in native_arguments(function) {
            let (_, jni) = native_type(&argument.kind);
            let _ = write!(parameters, ", {jni} {}", argument.name);
            signature.push(if jni == "jint" { 'I' } else { 'J' });
            given.push(match &argument.kind {
                Type::Callback(of) => format!("({of})(intptr_t){}", argument.name),
                Type::Mut(_) | Type::Const(_) => format!("(void *)(intptr_t){}", argument.name),
                Type::Size => format!("(size_t){}", argument.name),
                Type::Unsigned(4) => format!("(uint32_t){}", argument.name),
                Type::Unsigned(8) => format!("(uint64_t){}", argument.name),
                _ => argument.name.clone(),
            });
        }
        let returns = function
            .returns
            .as_ref()
            .map_or("void", |kind| native_type(kind).1);
        signature.push(')');
        signature.push(match returns {
            "void" => 'V',
            "jint" => 'I',
            _ => 'J',
        });
        let _ = write!(
            text,
            "\nstatic {returns} {name}({parameters}) {{\n    (void)type;\n"
        );
        if is_fallible(function) {
            given.push("&error".into());
            let _ = write!(
                text,
                "    qenex_error *error = NULL;\n    qenex_status status = {}({});\n    if (status < 0) throw_error(env, status, error);\n    return status;\n}}\n",
                function.name,
                given.join(", ")
            );
        } else {
            let call = format!("{}({})", function.name, given.join(", "));
            let body = match &function.returns {
                None => format!("{call};"),
                Some(Type::Const(_) | Type::Mut(_)) => format!("return (jlong)(intptr_t){call};"),
                Some(_) => format!("return ({returns}){call};"),
            };
            let _ = write!(text, "    (void)env;\n    {body}\n}}\n");
        }
        let _ = writeln!(
            table,
            "    {{(char *)\"{}\", (char *)\"{signature}\", (void *)(intptr_t){name}}},",
            java_name(name)
        );
    }
    text += "\nconst native_layout native_layouts[] = {\n";
    for record in &api.records {
        let name = &record.name;
        let mut numbers = vec![format!("sizeof({name})")];
        numbers.extend(
            record
                .fields
                .iter()
                .map(|field| format!("offsetof({name}, {})", field.name)),
        );
        let _ = writeln!(
            text,
            "    {{\"{name}\", {}, (const size_t[]){{{}}}}},",
            numbers.len(),
            numbers.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "}};\nconst jint native_layouts_count = {};",
        api.records.len()
    );
    let _ = write!(
        text,
        "\nconst JNINativeMethod native_functions[] = {{\n{table}}};\nconst jint native_functions_count = {};\n",
        api.functions.len()
    );
    text
}

const HEAD: &str = "// Generated by `cargo xtask gen` from src/abi: do not edit.";
