//! How the libraries of an archive are built: into a target folder of their own, with the machine's paths replaced, and
//! through zig where it is installed, because its linker takes the version of glibc that the result may need.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::glibc::FLOOR;
use crate::install::{cannot, succeed};

/// The compilers that an archive is made with.
pub struct Toolchain {
    /// Such as `x86_64-unknown-linux-gnu`.
    pub triple: String,
    /// Such as `1.95.0`.
    pub rust: String,
    pub sysroot: PathBuf,
    /// The words that start `zig`.
    pub zig: Option<Vec<String>>,
}

impl Toolchain {
    /// The toolchain of the project's folder. zig is `$QENEX_ZIG`, `zig`, or PyPI's `ziglang`; `QENEX_ZIG=none` leaves it out.
    pub fn find(root: &Path) -> Result<Toolchain, String> {
        let rustc = || {
            let mut command =
                Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
            command.current_dir(root);
            command
        };
        let version = printed(rustc().arg("-vV"))?;
        let line = |name: &str| {
            version
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::to_owned)
                .ok_or_else(|| format!("rustc -vV says no '{name}'"))
        };
        let triple = line("host: ")?;
        let zig = if triple.ends_with("-linux-gnu") {
            zig()?
        } else {
            None
        };
        Ok(Toolchain {
            rust: line("release: ")?,
            sysroot: PathBuf::from(printed(rustc().args(["--print", "sysroot"]))?),
            triple,
            zig,
        })
    }
}

/// The words that start zig, if there is one.
fn zig() -> Result<Option<Vec<String>>, String> {
    let starts = |words: &[String]| match words {
        [program, rest @ ..] => Command::new(program)
            .args(rest)
            .arg("version")
            .output()
            .is_ok_and(|output| output.status.success()),
        [] => false,
    };
    let words =
        |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    if let Ok(named) = std::env::var("QENEX_ZIG") {
        let named = words(&named);
        if named == ["none"] {
            return Ok(None);
        }
        if !starts(&named) {
            return Err(format!("QENEX_ZIG: '{}' does not start", named.join(" ")));
        }
        return Ok(Some(named));
    }
    Ok(["zig", "python3 -m ziglang"]
        .into_iter()
        .map(words)
        .find(|words| starts(words)))
}

/// One build of the libraries.
pub struct Build<'a> {
    pub root: &'a Path,
    /// The target folder, of this build alone.
    pub target: &'a Path,
    pub profile: &'a str,
    pub toolchain: &'a Toolchain,
    pub epoch: u64,
}

impl Build<'_> {
    /// Builds; the answer is the folder with the libraries.
    pub fn run(&self) -> Result<PathBuf, String> {
        let triple = &self.toolchain.triple;
        let mut flags: Vec<String> = self
            .replaced()
            .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
            .collect();
        let mut c_flags: Vec<String> = self
            .replaced()
            .map(|(from, to)| format!("-ffile-prefix-map={}={to}", escaped(&from)))
            .collect();
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .current_dir(self.root)
            .args(["build", "--quiet", "--locked", "--lib", "--target", triple])
            .env("CARGO_TARGET_DIR", self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("SOURCE_DATE_EPOCH", self.epoch.to_string())
            .env_remove("CFLAGS")
            .env_remove("RUSTFLAGS");
        if self.profile == "release" {
            command.arg("--release");
        } else {
            // Only the tests look at this one: it is there to be quick.
            command
                .env("CARGO_PROFILE_DEV_OPT_LEVEL", "0")
                .env("CARGO_PROFILE_DEV_DEBUG", "0");
        }
        if let Some(zig) = &self.toolchain.zig {
            let compiler = self.wrap(zig)?;
            let variable = triple.replace('-', "_");
            command
                .env(format!("CC_{variable}"), &compiler)
                .env(
                    format!("CARGO_TARGET_{}_LINKER", variable.to_uppercase()),
                    &compiler,
                )
                .env("ZIG_GLOBAL_CACHE_DIR", self.target.join("zig"))
                .env("ZIG_LOCAL_CACHE_DIR", self.target.join("zig"));
            // zig brings its own linker and, without optimisation, checks that need a runtime of its own.
            flags.push("-Clinker-features=-lld".into());
            c_flags.push("-fno-sanitize=undefined".into());
        }
        command
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
            .env("CC_SHELL_ESCAPED_FLAGS", "1")
            .env(
                format!("CFLAGS_{}", triple.replace('-', "_")),
                c_flags.join(" "),
            );
        succeed(&mut command)?;
        Ok(self.target.join(triple).join(self.profile))
    }

    /// Folders of this machine and what is written in their place; a later one that matches wins.
    fn replaced(&self) -> impl Iterator<Item = (PathBuf, &'static str)> {
        [
            (Some(self.root.to_path_buf()), "libqenex"),
            (Some(self.target.to_path_buf()), "target"),
            (Some(self.toolchain.sysroot.clone()), "rust"),
            (cargo_home(), "cargo"),
        ]
        .into_iter()
        .filter_map(|(from, to)| Some((from?, to)))
    }

    /// A C compiler and linker: zig for this target and the oldest glibc, without the target that others name.
    fn wrap(&self, zig: &[String]) -> Result<PathBuf, String> {
        let machine = self.toolchain.triple.split('-').next().unwrap_or_default();
        let words: Vec<String> = zig.iter().map(|word| format!("'{word}'")).collect();
        let script = format!(
            "#!/bin/sh\nfor word; do\n  shift\n  case $word in --target=*) ;; *) set -- \"$@\" \"$word\" ;; esac\ndone\n\
             exec {} cc -target {machine}-linux-gnu.{}.{} \"$@\"\n",
            words.join(" "),
            FLOOR.0,
            FLOOR.1
        );
        fs::create_dir_all(self.target).map_err(|error| cannot("create", self.target, &error))?;
        let path = self.target.join("zig-cc");
        fs::write(&path, script).map_err(|error| cannot("write", &path, &error))?;
        succeed(Command::new("chmod").arg("755").arg(&path))?;
        Ok(path)
    }
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")),
    }
}

/// A path as one word for the `cc` crate, which splits flags as a shell does (`CC_SHELL_ESCAPED_FLAGS`).
fn escaped(path: &Path) -> String {
    let mut text = String::new();
    for letter in path.to_string_lossy().chars() {
        if !letter.is_ascii_alphanumeric() && !"/._-".contains(letter) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// Fails when a file has a folder of this machine in it.
pub fn refuse_paths(
    root: &Path,
    target: &Path,
    sysroot: &Path,
    files: &[&Path],
) -> Result<(), String> {
    let folders = [
        Some(root.to_path_buf()),
        Some(target.to_path_buf()),
        Some(sysroot.to_path_buf()),
        cargo_home(),
    ];
    for file in files {
        for folder in folders.iter().flatten() {
            let found = Command::new("grep")
                .args(["--quiet", "--text", "--fixed-strings", "--"])
                .arg(folder)
                .arg(file)
                .status()
                .map_err(|error| format!("grep does not start: {error}"))?;
            // 0: found, 1: not found, more: grep failed.
            match found.code() {
                Some(1) => {}
                Some(0) => {
                    return Err(format!(
                        "{} has a path of this machine in it: {}",
                        file.display(),
                        folder.display()
                    ));
                }
                _ => return Err(format!("grep cannot read {}: {found}", file.display())),
            }
        }
    }
    Ok(())
}

/// What a command printed, trimmed; a failure says why.
pub fn printed(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{:?} does not start: {error}", command.get_program()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(format!(
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    ))
}
