//! The C interface as values: records with the offset and size of each field, and functions with their parameters.
//! It is read from `src/abi`, the one place where both are written, so that what is generated for a language cannot
//! differ from the library; the C compiler checks the computed layouts against the header (`tests/c/layout.c`).

mod parameters;
mod read;

pub use parameters::{Parameter, buffer_record, parameters};
pub use read::read;

/// Everything that crosses the boundary, in the order of the header.
#[derive(Debug, Default)]
pub struct Api {
    pub records: Vec<Record>,
    pub functions: Vec<Function>,
    /// Types of functions that the host passes in, such as `qenex_log_function`.
    pub callbacks: Vec<Function>,
}

/// A struct of the header with its layout on a machine of 64 bits.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its name in C.
    pub name: String,
    /// Its documentation, line by line.
    pub doc: Vec<String>,
    pub fields: Vec<Field>,
    pub size: usize,
    pub align: usize,
}

#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub doc: Vec<String>,
    pub kind: Type,
    pub offset: usize,
    pub size: usize,
}

/// A function, or the type of a callback.
#[derive(Debug, Clone)]
pub struct Function {
    pub name: String,
    pub doc: Vec<String>,
    pub arguments: Vec<Argument>,
    /// `None`: nothing is returned.
    pub returns: Option<Type>,
}

#[derive(Debug, Clone)]
pub struct Argument {
    pub name: String,
    pub kind: Type,
}

/// A type of the boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Unsigned(usize),
    Signed(usize),
    /// `size_t`.
    Size,
    Char,
    Void,
    Status,
    Date,
    Time,
    /// A struct of the header, opaque or not.
    Named(String),
    /// A callback that may be NULL.
    Callback(String),
    Array(Box<Type>, usize),
    Const(Box<Type>),
    Mut(Box<Type>),
}

impl Api {
    pub fn record(&self, name: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.name == name)
    }

    /// Bytes and alignment of a type; `None` for what has none, such as an opaque struct.
    fn layout(&self, kind: &Type) -> Option<(usize, usize)> {
        Some(match kind {
            Type::Unsigned(bytes) | Type::Signed(bytes) => (*bytes, *bytes),
            Type::Char => (1, 1),
            Type::Status | Type::Date => (4, 4),
            Type::Time | Type::Size | Type::Callback(_) | Type::Const(_) | Type::Mut(_) => (8, 8),
            Type::Named(name) => {
                let record = self.record(name)?;
                (record.size, record.align)
            }
            Type::Array(of, count) => {
                let (size, align) = self.layout(of)?;
                (size * count, align)
            }
            Type::Void => return None,
        })
    }
}

impl Record {
    /// The name without `qenex_`.
    pub fn short(&self) -> &str {
        short(&self.name)
    }

    /// Whether the record begins with its own size.
    pub fn has_struct_size(&self) -> bool {
        self.fields
            .first()
            .is_some_and(|field| field.name == "struct_size")
    }
}

/// Fields of the type qenex_text that hold bytes of any content rather than text.
const BYTES: &[(&str, &str)] = &[
    ("qenex_host_record", "record"),
    ("qenex_host_record", "value"),
    ("qenex_host_value", "value"),
    ("qenex_feed_entry", "content"),
    ("qenex_calendar", "holidays"),
    ("qenex_calendar_record", "holidays"),
];

/// Whether a field of the type qenex_text holds bytes of any content.
pub fn is_bytes(record: &str, field: &str) -> bool {
    BYTES.contains(&(record, field))
}

/// The record that a field of the type qenex_text holds an array of.
pub fn array_of(record: &str, field: &str) -> Option<&'static str> {
    match (record, field) {
        ("qenex_split", "parts") => Some("qenex_split_part"),
        _ => None,
    }
}

/// A name of the header without `qenex_`.
pub fn short(name: &str) -> &str {
    name.strip_prefix("qenex_").unwrap_or(name)
}

/// `account_record` as `AccountRecord`.
pub fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project() -> Api {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("the repository");
        read(root).expect("src/abi is read")
    }

    #[test]
    fn layouts_are_those_of_the_documentation() {
        let api = project();
        assert!(api.records.len() > 30 && api.functions.len() > 70 && api.callbacks.len() == 5);
        for record in &api.records {
            let doc = record.doc.join(" ");
            let Some((before, _)) = doc.split_once(" bytes.") else {
                continue;
            };
            let said = before.rsplit(' ').next().and_then(|word| word.parse().ok());
            assert_eq!(Some(record.size), said, "{}", record.name);
        }
    }

    #[test]
    fn names_change_case() {
        assert_eq!(camel("account_record"), "AccountRecord");
        assert_eq!(camel("HOLD_KIND"), "HoldKind");
        assert_eq!(short("qenex_id"), "id");
    }
}
