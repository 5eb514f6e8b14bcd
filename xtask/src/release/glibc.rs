//! The oldest glibc that a library runs with, read from its symbol table. Released archives need at most 2.28 (RHEL 8,
//! Debian 11, Ubuntu 20.04); one that was linked to the machine's own glibc carries what it needs in its name.

use std::path::Path;
use std::process::Command;

use super::build::{Toolchain, printed};

/// The newest glibc whose symbols a released library may need.
pub const FLOOR: (u32, u32) = (2, 28);

/// What is added to the archive's name: nothing when the library keeps to [`FLOOR`] or the target has no glibc.
pub fn suffix(library: &Path, toolchain: &Toolchain) -> Result<String, String> {
    if !toolchain.triple.ends_with("-linux-gnu") {
        return Ok(String::new());
    }
    let table = printed(Command::new("objdump").arg("-T").arg(library))?;
    let Some((needed, symbols)) = newest(&table) else {
        return Err(format!(
            "{} names no version of glibc: is it linked to one?",
            library.display()
        ));
    };
    let (major, minor) = needed;
    if needed <= FLOOR {
        println!("needs glibc {major}.{minor} or newer");
        return Ok(String::new());
    }
    if toolchain.zig.is_some() {
        return Err(format!(
            "{} needs glibc {major}.{minor}, which is newer than {}.{}: {}",
            library.display(),
            FLOOR.0,
            FLOOR.1,
            symbols.join(", ")
        ));
    }
    println!(
        "built against this machine's glibc: needs {major}.{minor} or newer ({}). \
         For {}.{}: pip install ziglang",
        symbols.join(", "),
        FLOOR.0,
        FLOOR.1
    );
    Ok(format!("-glibc{major}.{minor}"))
}

/// The newest version of glibc in a table of `objdump -T`, and the symbols that need it.
fn newest(table: &str) -> Option<((u32, u32), Vec<&str>)> {
    let needed = table.lines().filter_map(|line| {
        let (_, after) = line.split_once("GLIBC_")?;
        let (version, symbol) = after.split_once([')', ' '])?;
        let mut parts = version.split('.').map(|part| part.parse().ok());
        let version = (parts.next()??, parts.next()??);
        Some((version, symbol.trim()))
    });
    let needed: Vec<((u32, u32), &str)> = needed.collect();
    let newest = needed.iter().map(|(version, _)| *version).max()?;
    let symbols = needed
        .iter()
        .filter(|(version, _)| *version == newest)
        .map(|(_, symbol)| *symbol)
        .collect();
    Some((newest, symbols))
}

#[cfg(test)]
mod tests {
    use super::newest;

    #[test]
    fn the_newest_version_counts_as_numbers_and_not_as_text() {
        let table = "\
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.2.5) free
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) pthread_create
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.9)  pipe2
0000000000000000      DF *UND*\t0000000000000000 (GLIBC_2.34) dlsym
0000000000000000  w   D  *UND*\t0000000000000000  Base        __gmon_start__
0000000000000000  w   DF *UND*\t0000000000000000 (GCC_3.0)    _Unwind_Resume
0000000000301000 g    DF .text\t0000000000000010  Base        qenex_open
";
        assert_eq!(
            newest(table),
            Some(((2, 34), vec!["pthread_create", "dlsym"]))
        );
        assert_eq!(newest("(GCC_3.0) _Unwind_Resume"), None);
    }
}
