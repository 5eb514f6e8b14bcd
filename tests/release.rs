//! What `cargo xtask release` makes is one archive that holds what a bank needs to link libqenex and to approve it, and
//! the same sources give the same bytes: they are built twice, the second time from a copy in another folder. The build
//! is the quick one without optimisation; docs/platforms.md has the result of the real one.
#![cfg(target_os = "linux")]

mod languages;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use languages::{have, root, run, scratch, xtask};

#[test]
fn two_builds_are_identical_and_the_archive_is_whole() {
    if !have("git", &["--version"], "apt-get install git") {
        return;
    }
    let folder = scratch("release");
    let output = run(xtask()
        .args([
            "release",
            "--profile",
            "debug",
            "--dirty",
            "--check",
            "--to",
        ])
        .arg(&folder)
        .env("SOURCE_DATE_EPOCH", "1700000000"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("the same bytes again"), "{said}");

    let entries = fs::read_dir(&folder).expect("the release wrote it");
    let names: Vec<String> = entries
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let archive = names
        .iter()
        .find(|name| name.ends_with(".tar.gz"))
        .expect("an archive is there");
    // Both lists of checksums hold, and the outer one is of this archive.
    run(Command::new("sha256sum")
        .current_dir(&folder)
        .args(["--check", "--strict"])
        .arg(format!("{archive}.sha256")));
    run(Command::new("tar")
        .arg("-xzf")
        .arg(folder.join(archive))
        .arg("-C")
        .arg(&folder));
    let unpacked = folder.join(archive.trim_end_matches(".tar.gz"));
    run(Command::new("sha256sum").current_dir(&unpacked).args([
        "--check",
        "--strict",
        "SHA256SUMS",
    ]));
    let version = env!("CARGO_PKG_VERSION");
    for file in [
        "include/qenex.h",
        "include/qenex.hpp",
        "lib/libqenex.a",
        "lib/libqenex.so",
        "lib/libqenex.so.0",
        &format!("lib/libqenex.so.{version}"),
        "lib/pkgconfig/qenex.pc",
        "lib/cmake/qenex/qenexConfig.cmake",
        "share/doc/qenex/LICENSE",
        "share/doc/qenex/licences/rust-std/COPYRIGHT-library.html",
    ] {
        assert!(unpacked.join(file).is_file(), "{file} is missing");
    }
    assert_eq!(
        fs::read_link(unpacked.join("lib/libqenex.so.0")).expect("it is a link"),
        std::path::Path::new(&format!("libqenex.so.{version}"))
    );
    every_component_has_its_licence(&unpacked.join("share/doc/qenex"));

    let consumer = folder.join("consumer");
    run(
        Command::new(languages::compiler("CC", &["cc", "gcc", "clang"]))
            .arg(root().join("tests/consumer/consumer.c"))
            .arg("-I")
            .arg(unpacked.join("include"))
            .arg("-L")
            .arg(unpacked.join("lib"))
            .arg("-lqenex")
            .arg(format!("-Wl,-rpath,{}", unpacked.join("lib").display()))
            .arg("-o")
            .arg(&consumer),
    );
    let balance = run(&mut Command::new(consumer)).stdout;
    assert_eq!(String::from_utf8_lossy(&balance).trim(), "250.00");
}

/// The SBOM, the folders of licences and their list name the same crates.
fn every_component_has_its_licence(documents: &std::path::Path) {
    let sbom = fs::read_to_string(documents.join("sbom.cdx.json")).expect("the SBOM is there");
    assert!(sbom.contains("2023-11-14T22:13:20Z"), "{sbom}");
    let listed: BTreeSet<String> = sbom
        .split("\"purl\": \"pkg:cargo/")
        .skip(1)
        .filter_map(|text| text.split('"').next())
        .map(|name| name.replace('@', "-"))
        .collect();
    assert!(listed.len() > 20, "{listed:?}");
    assert!(
        listed.iter().any(|name| name.starts_with("rusqlite-")),
        "{listed:?}"
    );
    assert!(
        !listed.iter().any(|name| name.starts_with("proptest-")),
        "{listed:?}"
    );
    let licences = documents.join("licences");
    let list = fs::read_to_string(licences.join("LIST.txt")).expect("the list is there");
    for name in listed {
        let texts = fs::read_dir(licences.join(&name)).map(Iterator::count);
        assert!(texts.is_ok_and(|count| count > 0), "no licence of {name}");
        assert!(
            list.contains(&format!("\n{name}: ")),
            "{name} is not listed"
        );
    }
}
