//! What is inside, for machines: a CycloneDX 1.5 document with every crate that is linked in, its checksum in Cargo.lock
//! and its licence, SQLite, and Rust's standard library. Scanners of vulnerabilities match the package URLs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::build::{Toolchain, printed};
use super::dependencies::Dependencies;
use crate::install::cannot;

/// Writes the document. It has no serial number: the same commit gives the same document.
pub fn write(
    dependencies: &Dependencies,
    toolchain: &Toolchain,
    version: &str,
    epoch: u64,
    path: &Path,
) -> Result<(), String> {
    let mut components: Vec<Value> = dependencies
        .crates
        .iter()
        .map(|one| {
            let url = format!("pkg:cargo/{}@{}", one.name, one.version);
            json!({
                "type": "library",
                "bom-ref": url,
                "name": one.name,
                "version": one.version,
                "hashes": [{"alg": "SHA-256", "content": one.checksum}],
                "licenses": [{"expression": one.licence}],
                "purl": url,
            })
        })
        .collect();
    components.push(json!({
        "type": "library",
        "bom-ref": "sqlite",
        "name": "sqlite",
        "version": dependencies.sqlite,
        "description": "Bundled by libsqlite3-sys; in the public domain",
        "cpe": format!("cpe:2.3:a:sqlite:sqlite:{}:*:*:*:*:*:*:*", dependencies.sqlite),
        "purl": format!("pkg:generic/sqlite@{}", dependencies.sqlite),
    }));
    components.push(json!({
        "type": "library",
        "bom-ref": "rust-std",
        "name": "rust-std",
        "version": toolchain.rust,
        "description": format!("Rust's standard library for {}", toolchain.triple),
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
        "cpe": format!("cpe:2.3:a:rust-lang:rust:{}:*:*:*:*:*:*:*", toolchain.rust),
    }));
    let all: Vec<&Value> = components
        .iter()
        .map(|component| &component["bom-ref"])
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": timestamp(epoch)?,
            "component": {
                "type": "library",
                "bom-ref": "libqenex",
                "name": "libqenex",
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            },
        },
        "components": components,
        "dependencies": [{"ref": "libqenex", "dependsOn": all}],
    });
    let text = serde_json::to_string_pretty(&document).map_err(|error| error.to_string())? + "\n";
    fs::write(path, text).map_err(|error| cannot("write", path, &error))
}

fn timestamp(epoch: u64) -> Result<String, String> {
    printed(
        std::process::Command::new("date")
            .args(["-u", "+%Y-%m-%dT%H:%M:%SZ", "-d"])
            .arg(format!("@{epoch}")),
    )
}
