//! Renders the generated half of the .NET package: constants as enums, records as blittable structs with a check of
//! their layout, and the functions, through `DllImport` or, where the framework has it, `LibraryImport`.

use std::fmt::Write;

use super::Source;
use super::table::Holds;
use crate::api::{Type, camel, short};

/// `Constants.cs`.
pub fn constants(source: &Source) -> String {
    let mut text = format!(
        "{}\nusing System;\n\nnamespace Qenex\n{{\n{STATUS_DOC}    public enum Status\n    {{\n",
        head("xtask/api.toml")
    );
    for status in &source.table.status {
        let _ = writeln!(
            text,
            "        /// <summary>{}</summary>\n        {} = {},",
            escaped(&status.comment()),
            camel(&status.name),
            status.code
        );
    }
    text.push_str("    }\n\n    internal static class StatusTable\n    {\n        internal static bool IsFinal(Status status)\n        {\n            switch (status)\n            {\n");
    for status in source.table.status.iter().filter(|status| status.is_final) {
        let _ = writeln!(text, "                case Status.{}:", camel(&status.name));
    }
    text.push_str("                    return true;\n                default:\n                    return false;\n            }\n        }\n\n        internal static string Explanation(Status status)\n        {\n            switch (status)\n            {\n");
    for status in &source.table.status {
        let _ = writeln!(
            text,
            "                case Status.{}: return \"{}\";",
            camel(&status.name),
            status.doc
        );
    }
    text.push_str("                default: return \"The code is not in this version's table.\";\n            }\n        }\n    }\n");
    for group in &source.table.group {
        let _ = write!(
            text,
            "\n    /// <summary>{}</summary>\n",
            escaped(&group.doc)
        );
        match group.holds {
            Holds::Limits => {
                let _ = write!(
                    text,
                    "    public static class {}\n    {{\n",
                    group.type_name()
                );
                for constant in &group.values {
                    let _ = writeln!(
                        text,
                        "        /// <summary>{}</summary>\n        public const uint {} = {};",
                        escaped(&constant.doc),
                        camel(&constant.name),
                        group.literal(constant)
                    );
                }
            }
            holds => {
                let flags = if holds == Holds::Flags {
                    "    [Flags]\n"
                } else {
                    ""
                };
                let _ = write!(
                    text,
                    "{flags}    public enum {} : uint\n    {{\n",
                    group.type_name()
                );
                let none =
                    "        /// <summary>None, or the default.</summary>\n        None = 0,\n";
                text.push_str(none);
                for constant in &group.values {
                    let _ = writeln!(
                        text,
                        "        /// <summary>{}</summary>\n        {} = {},",
                        escaped(&constant.doc),
                        camel(&constant.name),
                        group.literal(constant)
                    );
                }
            }
        }
        text.push_str("    }\n");
    }
    text.push_str("}\n");
    text
}

/// `Records.cs`.
pub fn records(source: &Source) -> String {
    let mut text = format!(
        "{}\nusing System;\nusing System.Runtime.InteropServices;\n\nnamespace Qenex.Raw\n{{\n",
        head("src/abi")
    );
    for record in &source.api.records {
        let _ = write!(
            text,
            "    /// <summary>{}</summary>\n    [StructLayout(LayoutKind.Sequential)]\n    internal unsafe struct {}\n    {{\n",
            record.name,
            class(&record.name)
        );
        for field in &record.fields {
            let _ = writeln!(
                text,
                "        internal {};",
                declared(&field.kind, &field.name)
            );
        }
        text.push_str("    }\n\n");
    }
    text.push_str(LAYOUT_HEAD);
    for record in &source.api.records {
        let name = class(&record.name);
        let _ = write!(
            text,
            "            {{\n                {name} record = default({name});\n                byte* start = (byte*)&record;\n                Expect(\"{0}\", sizeof({name}), {1});\n",
            record.name, record.size
        );
        for field in &record.fields {
            let of = match &field.kind {
                Type::Array(..) => format!("(byte*)record.{}", identifier(&field.name)),
                _ => format!("(byte*)&record.{}", identifier(&field.name)),
            };
            let _ = writeln!(
                text,
                "                Expect(\"{}.{}\", {of} - start, {});",
                record.name, field.name, field.offset
            );
        }
        text.push_str("            }\n");
    }
    text.push_str(LAYOUT_TAIL);
    text
}

/// `Native.cs`.
pub fn functions(source: &Source) -> String {
    let mut text = format!(
        "{}\nusing System;\nusing System.Runtime.InteropServices;\n\nnamespace Qenex.Raw\n{{\n",
        head("src/abi")
    );
    for callback in &source.api.callbacks {
        let arguments: Vec<String> = callback
            .arguments
            .iter()
            .map(|argument| declared(&argument.kind, &argument.name))
            .collect();
        let returns = callback.returns.as_ref().map_or("void".into(), cs_type);
        let _ = writeln!(
            text,
            "    /// <summary>{}</summary>\n    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]\n    internal unsafe delegate {returns} {}({});\n",
            callback.name,
            class(&callback.name),
            arguments.join(", ")
        );
    }
    text.push_str("    /// <summary>The functions of the C interface.</summary>\n    internal static unsafe partial class Native\n    {\n        internal const string Library = \"qenex\";\n");
    for function in &source.api.functions {
        let arguments: Vec<String> = function
            .arguments
            .iter()
            .map(|argument| declared(&argument.kind, &argument.name))
            .collect();
        let returns = function.returns.as_ref().map_or("void".into(), cs_type);
        let _ = write!(
            text,
            "\n#if NET7_0_OR_GREATER\n        [LibraryImport(Library)]\n        [UnmanagedCallConv(CallConvs = new[] {{ typeof(System.Runtime.CompilerServices.CallConvCdecl) }})]\n        internal static partial {returns} {0}({1});\n#else\n        [DllImport(Library, CallingConvention = CallingConvention.Cdecl)]\n        internal static extern {returns} {0}({1});\n#endif\n",
            function.name,
            arguments.join(", ")
        );
    }
    text.push_str("    }\n}\n");
    text
}

fn head(from: &str) -> String {
    format!(
        "// <auto-generated>Generated by `cargo xtask gen` from {from}: do not edit.</auto-generated>"
    )
}

pub(super) fn class(name: &str) -> String {
    format!("Raw{}", camel(short(name)))
}

/// A type and a name, as a field or parameter is declared.
fn declared(kind: &Type, name: &str) -> String {
    match kind {
        Type::Array(of, count) => format!("fixed {} {}[{count}]", cs_type(of), identifier(name)),
        _ => format!("{} {}", cs_type(kind), identifier(name)),
    }
}

pub(super) fn identifier(name: &str) -> String {
    match name {
        "record" | "params" | "checked" | "fixed" | "event" | "lock" | "base" | "ref" | "in"
        | "out" | "long" | "this" => {
            format!("@{name}")
        }
        _ => name.to_owned(),
    }
}

fn cs_type(kind: &Type) -> String {
    match kind {
        Type::Unsigned(1) | Type::Char => "byte".into(),
        Type::Unsigned(4) => "uint".into(),
        Type::Unsigned(_) => "ulong".into(),
        Type::Signed(4) | Type::Status | Type::Date => "int".into(),
        Type::Signed(_) | Type::Time => "long".into(),
        Type::Size => "UIntPtr".into(),
        Type::Named(name) => class(name),
        Type::Callback(_) => "IntPtr".into(),
        Type::Void => "void".into(),
        Type::Array(of, _) => cs_type(of),
        Type::Const(of) | Type::Mut(of) => match &**of {
            // A handle or another pointer behind a pointer, or an opaque struct.
            Type::Const(_) | Type::Mut(_) => "IntPtr*".into(),
            Type::Void => "void*".into(),
            Type::Named(name) if is_opaque(name) => "IntPtr".into(),
            other => format!("{}*", cs_type(other)),
        },
    }
}

fn is_opaque(name: &str) -> bool {
    matches!(
        name,
        "qenex_engine" | "qenex_session" | "qenex_buffer" | "qenex_error"
    )
}

pub(super) fn escaped(doc: &str) -> String {
    doc.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

const STATUS_DOC: &str = "    /// <summary>What became of a call or of one item. 0: applied and durable; positive: the item was refused;
    /// negative: nothing of the call was applied, OutcomeUnknown alone excepted.</summary>
";

const LAYOUT_HEAD: &str = "    /// <summary>Compares the records as this runtime lays them out with what the library expects.</summary>
    internal static unsafe class Layout
    {
        private static void Expect(string what, long actual, long expected)
        {
            if (actual != expected)
            {
                throw new TypeLoadException(\"libqenex: \" + what + \" is at or of \" + actual + \" bytes here, not \"
                    + expected + \": this runtime lays records out differently\");
            }
        }

        /// <summary>Throws unless every record has the expected layout (on machines of 64 bits).</summary>
        internal static void Check()
        {
            if (IntPtr.Size != 8)
            {
                return;
            }
";

const LAYOUT_TAIL: &str = "        }\n    }\n}\n";
