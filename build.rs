//! Gives the shared library its name for the dynamic linker: rustc sets none, and without it distributions could
//! not ship it. The number changes when the binary interface breaks.

const SONAME: &str = "libqenex.so.0";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target_os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let elf = [
        "linux",
        "freebsd",
        "netbsd",
        "openbsd",
        "dragonfly",
        "android",
        "illumos",
        "solaris",
    ];
    if elf.contains(&target_os.as_str()) {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{SONAME}");
    }
}
