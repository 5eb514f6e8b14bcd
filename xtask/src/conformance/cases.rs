//! Reads the cases of `tests/conformance/*.json` and checks them against the interface: no step may call, name or
//! expect what does not exist, and no function may be without a case that every language can run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use crate::api::{Api, Function, Parameter, parameters};

/// One case: what is given, and the steps in order.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    /// Only languages that call the C functions as they are can run it.
    pub raw: bool,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub call: String,
    pub with: Map<String, Value>,
    pub expect: Map<String, Value>,
    /// The name under which what was opened is known.
    pub handle: Option<String>,
    /// Variables and where they come from.
    pub save: Map<String, Value>,
}

/// Functions that no step calls by name, and the key of an expectation that needs them.
const IMPLIED: &[(&str, &[&str])] = &[
    (
        "error",
        &[
            "qenex_error_status",
            "qenex_error_message",
            "qenex_error_item",
            "qenex_error_sqlite_code",
            "qenex_error_free",
        ],
    ),
    (
        "records",
        &[
            "qenex_buffer_count",
            "qenex_buffer_records",
            "qenex_buffer_record_size",
            "qenex_buffer_arena",
            "qenex_buffer_free",
        ],
    ),
    ("cursor", &["qenex_buffer_cursor"]),
    ("completions", &["qenex_buffer_results"]),
];

/// Reads every file of cases in the order of their names.
pub fn read(root: &Path, api: &Api) -> Result<Vec<Case>, String> {
    let folder = root.join("tests/conformance/cases");
    let failed = |error: std::io::Error| format!("cannot read {}: {error}", folder.display());
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .map_err(failed)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    paths.sort();
    let mut given = BTreeMap::new();
    let mut cases = Vec::new();
    let mut names = BTreeSet::new();
    let setups = root.join("tests/conformance/given.json");
    for (name, steps) in object(parse(&setups)?, &setups.display().to_string())? {
        given.insert(name, steps_of(steps)?);
    }
    for path in paths {
        let place = path.display().to_string();
        let Value::Array(entries) = parse(&path)? else {
            return Err(format!("{place}: a file of cases is an array"));
        };
        for entry in entries {
            let case = case(object(entry, &place)?, &given)
                .map_err(|reason| format!("{place}: {reason}"))?;
            check(&case, api).map_err(|reason| format!("{place}: {}: {reason}", case.name))?;
            if !names.insert(case.name.clone()) {
                return Err(format!("{place}: two cases are called '{}'", case.name));
            }
            cases.push(case);
        }
    }
    Ok(cases)
}

/// The functions without a case that every language can run.
pub fn uncovered(api: &Api, cases: &[Case]) -> Vec<String> {
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    for step in cases
        .iter()
        .filter(|case| !case.raw)
        .flat_map(|case| &case.steps)
    {
        covered.insert(&step.call);
        for (key, functions) in IMPLIED {
            if step.expect.contains_key(*key) {
                covered.extend(functions.iter());
            }
        }
    }
    let functions = api.functions.iter().map(|function| &function.name);
    functions
        .filter(|name| !covered.contains(name.as_str()))
        .cloned()
        .collect()
}

fn parse(path: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn object(value: Value, place: &str) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(map) => Ok(map),
        other => Err(format!("{place}: an object is expected, not {other}")),
    }
}

fn text(map: &mut Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match map.remove(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(format!("'{key}' is a text, not {other}")),
    }
}

fn nothing_left(map: &Map<String, Value>) -> Result<(), String> {
    match map.keys().next() {
        None => Ok(()),
        Some(key) => Err(format!("the key '{key}' means nothing here")),
    }
}

fn case(mut map: Map<String, Value>, given: &BTreeMap<String, Vec<Step>>) -> Result<Case, String> {
    let name = text(&mut map, "case")?.ok_or("a case has a name under 'case'")?;
    let mut steps = Vec::new();
    if let Some(setup) = text(&mut map, "given")? {
        let setup = given
            .get(&setup)
            .ok_or_else(|| format!("{name}: given.json has no '{setup}'"))?;
        steps.extend(setup.iter().cloned());
    }
    let raw = match map.remove("raw") {
        None => false,
        Some(Value::Bool(raw)) => raw,
        Some(other) => return Err(format!("{name}: 'raw' is true or absent, not {other}")),
    };
    let own = map
        .remove("steps")
        .ok_or_else(|| format!("{name}: there are no steps"))?;
    steps.extend(steps_of(own).map_err(|reason| format!("{name}: {reason}"))?);
    nothing_left(&map).map_err(|reason| format!("{name}: {reason}"))?;
    Ok(Case { name, raw, steps })
}

fn steps_of(value: Value) -> Result<Vec<Step>, String> {
    let Value::Array(entries) = value else {
        return Err("steps are an array".into());
    };
    entries.into_iter().map(step).collect()
}

fn step(value: Value) -> Result<Step, String> {
    let mut map = object(value, "step")?;
    let call = text(&mut map, "call")?.ok_or("a step has the name of a function under 'call'")?;
    let mut part = |key: &str| match map.remove(key) {
        None => Ok(Map::new()),
        Some(value) => object(value, &format!("{call}, '{key}'")),
    };
    let (with, expect, save) = (part("with")?, part("expect")?, part("save")?);
    let handle = text(&mut map, "as")?;
    nothing_left(&map).map_err(|reason| format!("{call}: {reason}"))?;
    Ok(Step {
        call,
        with,
        expect,
        handle,
        save,
    })
}

/// The function that a step calls.
pub fn function<'a>(api: &'a Api, step: &Step) -> Result<&'a Function, String> {
    let found = api
        .functions
        .iter()
        .find(|function| function.name == step.call);
    found.ok_or_else(|| format!("there is no function {}", step.call))
}

fn check(case: &Case, api: &Api) -> Result<(), String> {
    for step in &case.steps {
        let parameters = parameters(api, function(api, step)?)?;
        let known: BTreeSet<String> = parameters.iter().flat_map(inputs).collect();
        for key in step.with.keys() {
            let raw = case.raw && matches!(key.as_str(), "count" | "record_size" | "struct_size");
            if !known.contains(key) && !raw {
                return Err(format!("{} takes no '{key}'", step.call));
            }
        }
        let mut answers: BTreeSet<String> = parameters.iter().flat_map(outputs).collect();
        answers.extend(["status", "error", "returns"].map(str::to_owned));
        if let Some(key) = step.expect.keys().find(|key| !answers.contains(*key)) {
            return Err(format!("{} gives no '{key}'", step.call));
        }
    }
    Ok(())
}

/// The names under which a step gives a parameter.
fn inputs(parameter: &Parameter) -> Vec<String> {
    match parameter {
        Parameter::Handle { name, .. }
        | Parameter::Value { name, .. }
        | Parameter::Text { name, .. }
        | Parameter::Records { name, .. }
        | Parameter::Numbers { name }
        | Parameter::AnyRecords { name }
        | Parameter::Record { name, .. }
        | Parameter::Callback { name, .. } => vec![name.clone()],
        _ => Vec::new(),
    }
}

/// The names under which a step expects what a parameter receives.
fn outputs(parameter: &Parameter) -> Vec<String> {
    match parameter {
        Parameter::OutRecords { name, .. }
        | Parameter::OutRecord { name, .. }
        | Parameter::OutValue { name, .. }
        | Parameter::OutHash { name } => vec![answer(name)],
        Parameter::Filled { name, .. } => vec![name.clone()],
        Parameter::Callback { name, of, .. } if of == "qenex_completion_function" => {
            vec![name.clone()]
        }
        Parameter::OutText => vec!["text".into()],
        Parameter::OutBuffer => ["records", "count", "cursor", "text", "completions"]
            .map(str::to_owned)
            .to_vec(),
        _ => Vec::new(),
    }
}

/// `out_results` as cases call it: `results`.
pub fn answer(name: &str) -> String {
    name.trim_start_matches("out_").to_owned()
}
