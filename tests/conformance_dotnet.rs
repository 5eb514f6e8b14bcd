//! The .NET package without an SDK: mono's compiler makes one assembly of the `DllImport` half, and mono and CoreCLR run it:
//! the package's own tests, the conformance cases, the example, libraries that are absent or do not fit. CoreCLR is the
//! `dotnet` of $QENEX_DOTNET or of the path (a runtime is enough). `dotnet test` runs the same tests with an SDK.
#![cfg(unix)]

mod languages;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use languages::{compiler, have, library, library_folder, root, run, scratch};

const MONO: &str = "apt-get install mono-mcs mono-runtime libmono-system-numerics4.0-cil";
const CORECLR: &str =
    "pip install dotnetcore2, or install .NET, and name its dotnet in QENEX_DOTNET";
/// What CoreCLR needs to run an assembly that no SDK made.
const RUNTIME_CONFIG: &str = r#"{"runtimeOptions":{"tfm":"netcoreapp3.1","rollForward":"Major","framework":{"name":"Microsoft.NETCore.App","version":"3.1.0"}}}"#;

#[test]
fn every_case_passes_in_dotnet() {
    if !have("mcs", &["--version"], MONO) || !have("mono", &["--version"], MONO) {
        return;
    }
    let built = Built::new("conformance_dotnet");
    let mut runtimes = vec![built.mono()];
    let coreclr = std::env::var("QENEX_DOTNET").unwrap_or_else(|_| "dotnet".into());
    if have(&coreclr, &["--list-runtimes"], CORECLR) {
        runtimes.push(built.coreclr(coreclr));
    }
    for runtime in &runtimes {
        println!("{}", runtime.name);
        built.run_tests(runtime);
        built.run_example(runtime);
        built.make_first_calls(runtime);
        built.run_bench(runtime);
        built.refuse_libraries(runtime);
    }
}

/// A runtime and what comes before an assembly on its command line.
struct Runtime {
    name: &'static str,
    program: OsString,
    arguments: Vec<OsString>,
}

/// The compiled assemblies.
struct Built {
    folder: PathBuf,
    libraries: PathBuf,
}

impl Built {
    fn new(name: &str) -> Built {
        let folder = scratch(name);
        let libraries = library_folder(&folder);
        let built = Built { folder, libraries };
        let package = root().join("bindings/dotnet/src/Qenex");
        fs::write(
            built.folder.join("visible.cs"),
            "[assembly: System.Runtime.CompilerServices.InternalsVisibleTo(\"Qenex.Tests\")]\n",
        )
        .expect("the target folder can be written");
        let mut sources = sources_in(&package);
        sources.extend(sources_in(&package.join("Generated")));
        sources.push(built.folder.join("visible.cs"));
        // 0649: fields of the C records that only the library writes. With -doc, a public member without documentation is
        // a warning, and so an error.
        built.compile(
            "Qenex.dll",
            &["-target:library", "-nowarn:0649", "-doc:Qenex.xml"],
            &sources,
        );
        let mut tests = sources_in(&root().join("bindings/dotnet/tests/Qenex.Tests"));
        tests.retain(|path| !path.ends_with("XunitTests.cs"));
        built.compile("Qenex.Tests.exe", &["-r:Qenex.dll"], &tests);
        let example = root().join("examples/dotnet/Bank.cs");
        built.compile("Bank.exe", &["-r:Qenex.dll"], &[example]);
        let bench = root().join("bindings/dotnet/bench/Crossing.cs");
        built.compile("Crossing.exe", &["-r:Qenex.dll"], &[bench]);
        let config = built.folder.join("runtimeconfig.json");
        fs::write(config, RUNTIME_CONFIG).expect("the target folder can be written");
        built
    }

    fn compile(&self, output: &str, options: &[&str], sources: &[PathBuf]) {
        run(Command::new("mcs")
            .current_dir(&self.folder)
            .args(["-langversion:7.2", "-unsafe", "-warnaserror", "-optimize"])
            .arg("-r:System.Numerics.dll")
            .args(options)
            .arg(format!("-out:{output}"))
            .args(sources));
    }

    fn mono(&self) -> Runtime {
        Runtime {
            name: "mono",
            program: "mono".into(),
            arguments: vec!["--debug".into()],
        }
    }

    fn coreclr(&self, program: String) -> Runtime {
        let config = self.folder.join("runtimeconfig.json");
        Runtime {
            name: "CoreCLR",
            program: program.into(),
            arguments: vec!["exec".into(), "--runtimeconfig".into(), config.into()],
        }
    }

    /// The command that runs an assembly with a library, or with none.
    fn start(&self, runtime: &Runtime, assembly: &str, library: Option<&Path>) -> Command {
        let mut command = Command::new(&runtime.program);
        command
            .current_dir(&self.folder)
            .args(&runtime.arguments)
            .arg(self.folder.join(assembly))
            .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
            .env("TMPDIR", &self.folder)
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("QENEX_LIBRARY");
        if let Some(library) = library {
            command.env("QENEX_LIBRARY", library);
        }
        command
    }

    fn run_tests(&self, runtime: &Runtime) {
        let cases = root().join("tests/conformance");
        let mut command = self.start(runtime, "Qenex.Tests.exe", Some(&library()));
        let text = printed(command.arg(cases));
        assert!(text.contains(" 0 failed"), "{text}");
        println!("{}", text.lines().last().unwrap_or_default());
    }

    /// The example finds the library where the system's loader looks.
    fn run_example(&self, runtime: &Runtime) {
        let mut command = self.start(runtime, "Bank.exe", None);
        let text = printed(command.env("LD_LIBRARY_PATH", &self.libraries));
        assert!(text.contains("refused: InsufficientFunds"), "{text}");
        assert!(text.contains("ACC001: 97.00 USD"), "{text}");
    }

    /// Each call that may be a program's first one, in a process of its own.
    fn make_first_calls(&self, runtime: &Runtime) {
        let mut made = 0;
        loop {
            let mut command = self.start(runtime, "Qenex.Tests.exe", Some(&library()));
            let text = printed(command.args(["--first", &made.to_string()]));
            if text.contains("no more") {
                break;
            }
            assert!(text.contains("done"), "call {made}: {text}");
            made += 1;
        }
        assert!(made > 25, "only {made} first calls");
    }

    /// One round of the bench of the crossing: that it runs and fails nothing, whatever the figures are here.
    fn run_bench(&self, runtime: &Runtime) {
        let shared = self.folder.join("libcrossing.so");
        if !shared.exists() {
            run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
                .args([
                    "-std=c99",
                    "-O2",
                    "-Wall",
                    "-Wextra",
                    "-Wpedantic",
                    "-Werror",
                ])
                .args(["-shared", "-fPIC", "-I"])
                .arg(root().join("include"))
                .arg(root().join("benches/crossing/crossing.c"))
                .arg("-o")
                .arg(&shared)
                .arg("-L")
                .arg(&self.libraries)
                .arg("-lqenex")
                .arg(format!("-Wl,-rpath,{}", self.libraries.display())));
        }
        let mut command = self.start(runtime, "Crossing.exe", Some(&library()));
        let text = printed(command.args(["1", "100"]));
        assert_eq!(text.lines().count(), 5, "{text}");
    }

    /// No library, one of another release, one that is another program's: each is an exception that says what to do.
    fn refuse_libraries(&self, runtime: &Runtime) {
        let other = self.folder.join(format!("other_{}", runtime.name));
        fs::create_dir_all(&other).expect("the target folder can be written");
        let newer = library_of(
            &other,
            "newer",
            "unsigned qenex_abi_version(void) { return 99; }\nconst char *qenex_version(void) { return \"9.9.9\"; }\n",
        );
        let stranger = library_of(
            &other,
            "stranger",
            "int something_else(void) { return 0; }\n",
        );
        let absent = other.join("absent.so");
        let expected: [(&Path, &[&str]); 3] = [
            (
                &newer,
                &[
                    "libqenex 9.9.9",
                    "binary interface 99",
                    "needs binary interface 1",
                ],
            ),
            (&stranger, &["is not libqenex"]),
            (&absent, &["was not found", "QENEX_LIBRARY"]),
        ];
        for (library, parts) in expected {
            let text = printed(
                self.start(runtime, "Qenex.Tests.exe", Some(library))
                    .arg("--library"),
            );
            assert_eq!(text.matches("LibraryException: ").count(), 2, "{text}");
            for part in parts {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
        // The layout of packages: runtimes/<rid>/native beside the program.
        let native = self.folder.join("runtimes").join(rid()).join("native");
        fs::create_dir_all(&native).expect("the target folder can be written");
        fs::copy(library(), native.join("libqenex.so")).expect("the library can be copied");
        let text = printed(
            self.start(runtime, "Qenex.Tests.exe", None)
                .arg("--library"),
        );
        assert_eq!(text.matches("libqenex 0.").count(), 2, "{text}");
        fs::remove_dir_all(self.folder.join("runtimes")).expect("the target folder can be written");
    }
}

/// The runtime identifier of this machine.
fn rid() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("macos", "aarch64") => "osx-arm64",
        ("macos", _) => "osx-x64",
        (_, "aarch64") => "linux-arm64",
        _ => "linux-x64",
    }
}

fn library_of(folder: &Path, name: &str, source: &str) -> PathBuf {
    let file = folder.join(format!("{name}.c"));
    fs::write(&file, source).expect("the target folder can be written");
    let made = folder.join(format!("{name}.so"));
    run(Command::new(compiler("CC", &["cc", "gcc", "clang"]))
        .args(["-shared", "-fPIC", "-o"])
        .arg(&made)
        .arg(file));
    made
}

fn printed(command: &mut Command) -> String {
    String::from_utf8_lossy(&run(command).stdout).into_owned()
}

/// The C# files of a folder, in the order of their names.
fn sources_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is part of the repository");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "cs"))
        .collect();
    found.sort();
    found
}
