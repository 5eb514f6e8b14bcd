//! Reads the C interface out of the Rust sources that declare it. A type that the boundary cannot carry, or padding
//! that the compiler would choose, is an error here rather than a surprise in a binding.

use std::fs;
use std::path::Path;

use syn::{Attribute, Expr, Fields, FnArg, Item, Lit, Meta, Pat, ReturnType};

use super::{Api, Argument, Field, Function, Record, Type};
use crate::header::SOURCES;

/// Reads `src/abi`.
pub fn read(root: &Path) -> Result<Api, String> {
    let mut items = Vec::new();
    for source in SOURCES {
        let path = root.join("src/abi").join(source);
        let failed = |reason: String| format!("{}: {reason}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
        let file = syn::parse_file(&text).map_err(|error| failed(error.to_string()))?;
        let is_record = source.starts_with("record/");
        items.extend(file.items.into_iter().map(|item| (is_record, item)));
    }
    let mut api = Api::default();
    let mut waiting = Vec::new();
    for (is_record, item) in &items {
        match item {
            Item::Struct(item) if *is_record => waiting.push(item),
            Item::Fn(item) if is_exported(&item.attrs) => api.functions.push(function(item)?),
            Item::Type(item) => api.callbacks.extend(callback(item)?),
            _ => {}
        }
    }
    // A record may hold one that is declared further down.
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut next = Vec::new();
        for item in waiting {
            match record(&api, item)? {
                Some(record) => api.records.push(record),
                None => next.push(item),
            }
        }
        if next.len() == before {
            return Err(format!("{}: holds a type of no known size", next[0].ident));
        }
        waiting = next;
    }
    let order = |name: &str| {
        items
            .iter()
            .position(|(_, item)| matches!(item, Item::Struct(item) if item.ident == name))
    };
    api.records.sort_by_key(|record| {
        let nested = matches!(
            record.name.as_str(),
            "qenex_id" | "qenex_amount" | "qenex_text" | "qenex_turnovers"
        );
        (
            !nested,
            record.name == "qenex_statement_line",
            order(&record.name),
        )
    });
    Ok(api)
}

fn is_exported(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        matches!(&attribute.meta, Meta::List(list)
            if list.path.is_ident("unsafe") && list.tokens.to_string() == "no_mangle")
    })
}

fn record(api: &Api, item: &syn::ItemStruct) -> Result<Option<Record>, String> {
    let name = item.ident.to_string();
    let Fields::Named(named) = &item.fields else {
        return Err(format!("{name}: fields have names"));
    };
    let mut fields = Vec::new();
    let (mut size, mut align) = (0usize, 1);
    for field in &named.named {
        let field_name = field
            .ident
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let kind = kind(&field.ty).map_err(|reason| format!("{name}.{field_name}: {reason}"))?;
        let Some((field_size, field_align)) = api.layout(&kind) else {
            return Ok(None);
        };
        if !size.is_multiple_of(field_align) {
            return Err(format!(
                "{name}.{field_name}: the compiler would pad before it"
            ));
        }
        fields.push(Field {
            name: field_name,
            doc: doc(&field.attrs),
            kind,
            offset: size,
            size: field_size,
        });
        size += field_size;
        align = align.max(field_align);
    }
    if !size.is_multiple_of(align) {
        return Err(format!("{name}: the compiler would pad its end"));
    }
    Ok(Some(Record {
        name,
        doc: doc(&item.attrs),
        fields,
        size,
        align,
    }))
}

fn function(item: &syn::ItemFn) -> Result<Function, String> {
    let name = item.sig.ident.to_string();
    let mut arguments = Vec::new();
    for input in &item.sig.inputs {
        let FnArg::Typed(input) = input else {
            return Err(format!("{name}: a function of C has no self"));
        };
        let Pat::Ident(pattern) = &*input.pat else {
            return Err(format!("{name}: a parameter has a name"));
        };
        let kind = kind(&input.ty).map_err(|reason| format!("{name}: {reason}"))?;
        arguments.push(Argument {
            name: pattern.ident.to_string(),
            kind,
        });
    }
    let returns = returned(&item.sig.output).map_err(|reason| format!("{name}: {reason}"))?;
    Ok(Function {
        name,
        doc: doc(&item.attrs),
        arguments,
        returns,
    })
}

fn returned(output: &ReturnType) -> Result<Option<Type>, String> {
    match output {
        ReturnType::Default => Ok(None),
        ReturnType::Type(_, kind_of) => kind(kind_of).map(Some),
    }
}

/// `Option<unsafe extern "C" fn(...) -> ...>` under a name.
fn callback(item: &syn::ItemType) -> Result<Option<Function>, String> {
    let name = item.ident.to_string();
    let Some(syn::Type::BareFn(bare)) = option_of(&item.ty) else {
        return Ok(None);
    };
    let mut arguments = Vec::new();
    for input in &bare.inputs {
        let argument = input.name.as_ref().map(|(ident, _)| ident.to_string());
        arguments.push(Argument {
            name: argument.ok_or_else(|| format!("{name}: a parameter has a name"))?,
            kind: kind(&input.ty).map_err(|reason| format!("{name}: {reason}"))?,
        });
    }
    let returns = returned(&bare.output).map_err(|reason| format!("{name}: {reason}"))?;
    Ok(Some(Function {
        name,
        doc: doc(&item.attrs),
        arguments,
        returns,
    }))
}

fn option_of(kind: &syn::Type) -> Option<&syn::Type> {
    let syn::Type::Path(path) = kind else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == "Option")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    match arguments.args.first()? {
        syn::GenericArgument::Type(inner) => Some(inner),
        _ => None,
    }
}

fn kind(kind_of: &syn::Type) -> Result<Type, String> {
    match kind_of {
        syn::Type::Ptr(pointer) => {
            let target = Box::new(kind(&pointer.elem)?);
            Ok(if pointer.mutability.is_some() {
                Type::Mut(target)
            } else {
                Type::Const(target)
            })
        }
        syn::Type::Array(array) => match &array.len {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Int(count) => Ok(Type::Array(
                    Box::new(kind(&array.elem)?),
                    count.base10_parse().map_err(|error| error.to_string())?,
                )),
                _ => Err("the length of an array is a number".into()),
            },
            _ => Err("the length of an array is written out".into()),
        },
        syn::Type::Path(path) => {
            let last = path
                .path
                .segments
                .last()
                .map(|last| last.ident.to_string())
                .unwrap_or_default();
            Ok(match last.as_str() {
                "u8" => Type::Unsigned(1),
                "u32" => Type::Unsigned(4),
                "u64" => Type::Unsigned(8),
                "i32" => Type::Signed(4),
                "i64" => Type::Signed(8),
                "usize" => Type::Size,
                "c_char" => Type::Char,
                "c_void" => Type::Void,
                "qenex_status" => Type::Status,
                "qenex_date" => Type::Date,
                "qenex_time" => Type::Time,
                name if name.starts_with("qenex_") && name.ends_with("_function") => {
                    Type::Callback(name.into())
                }
                name if name.starts_with("qenex_") => Type::Named(name.into()),
                other => {
                    return Err(format!(
                        "{other} is no type of the boundary; see xtask/src/api/read.rs"
                    ));
                }
            })
        }
        _ => Err("a type that does not cross the boundary".into()),
    }
}

fn doc(attributes: &[Attribute]) -> Vec<String> {
    let mut lines = Vec::new();
    for attribute in attributes {
        let Meta::NameValue(pair) = &attribute.meta else {
            continue;
        };
        if !pair.path.is_ident("doc") {
            continue;
        }
        if let Expr::Lit(literal) = &pair.value
            && let Lit::Str(text) = &literal.lit
        {
            let text = text.value();
            lines.push(text.strip_prefix(' ').unwrap_or(&text).to_owned());
        }
    }
    lines
}
