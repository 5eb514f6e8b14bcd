//! Tells file systems apart on which locks and syncs can be trusted from those where they cannot: shares over the
//! network, and folders that a virtual machine shares with its host. On Linux it reads the kernel's table of mounts;
//! on Windows it knows UNC paths; elsewhere it finds nothing and the host has to take care.

use std::path::Path;

use crate::base::{Error, Result, Status};

/// Types of file systems, as the kernel names them, whose locks or syncs do not hold for other machines.
const SHARED: [&str; 32] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb",
    "smb2",
    "smb3",
    "smbfs",
    "ncpfs",
    "9p",
    "virtiofs",
    "ceph",
    "glusterfs",
    "lustre",
    "afs",
    "kafs",
    "coda",
    "orangefs",
    "pvfs2",
    "gpfs",
    "beegfs",
    "ocfs2",
    "gfs2",
    "gfs",
    "vboxsf",
    "vmhgfs",
    "prl_fs",
    "davfs",
    "afpfs",
    "panfs",
    "moosefs",
    "quobyte",
    "drvfs",
];

/// The same behind FUSE (`fuse.sshfs`), where the kernel gives the program's name after the point.
const SHARED_FUSE: [&str; 22] = [
    "sshfs",
    "s3fs",
    "gcsfuse",
    "goofys",
    "rclone",
    "glusterfs",
    "ceph",
    "ceph-fuse",
    "davfs2",
    "davfs",
    "curlftpfs",
    "smbnetfs",
    "juicefs",
    "seaweedfs",
    "weed",
    "mfs",
    "moosefs",
    "lizardfs",
    "vmhgfs-fuse",
    "blobfuse",
    "blobfuse2",
    "prl_fsd",
];

/// Refuses a file that lies where locks and syncs cannot be trusted. `path` must be absolute and free of links.
pub fn refuse_network(path: &Path) -> Result<()> {
    match network_type(path) {
        None => Ok(()),
        Some(kind) => Err(Error::new(
            Status::NETWORK_FILE_SYSTEM,
            format!(
                "{} lies on a shared file system ({kind}), where locks and syncs cannot be trusted: keep the database \
                 on a local disk and copy backups to the share",
                path.display()
            ),
        )),
    }
}

#[cfg(target_os = "linux")]
fn network_type(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = mount_type(&mounts, path)?;
    is_shared(&kind).then_some(kind)
}

#[cfg(windows)]
fn network_type(path: &Path) -> Option<String> {
    use std::path::{Component, Prefix};
    match path.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::UNC(..) | Prefix::VerbatimUNC(..) => Some("a network path".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(not(any(target_os = "linux", windows)))]
fn network_type(_: &Path) -> Option<String> {
    None
}

#[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code))]
fn is_shared(kind: &str) -> bool {
    match kind.strip_prefix("fuse.").or(kind.strip_prefix("fuseblk.")) {
        Some(program) => SHARED_FUSE.contains(&program),
        None => SHARED.contains(&kind),
    }
}

/// The type of the file system that `path` lies on, by the text of `/proc/self/mountinfo`: of the mounts whose point
/// is the path or above it, the deepest, and of several there the last, which covers the others.
#[cfg_attr(not(any(target_os = "linux", test)), expect(dead_code))]
fn mount_type(mountinfo: &str, path: &Path) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for line in mountinfo.lines() {
        // "36 35 98:0 /root /mount/point options optional... - type source super-options"
        let Some((mount, file_system)) = line.split_once(" - ") else {
            continue;
        };
        let (Some(point), Some(kind)) = (
            mount.split(' ').nth(4),
            file_system
                .split(' ')
                .next()
                .filter(|kind| !kind.is_empty()),
        ) else {
            continue;
        };
        let point = unescape(point);
        let Some(point) = point_path(&point) else {
            continue;
        };
        if !path.starts_with(&point) {
            continue;
        }
        let depth = point.components().count();
        if best.is_none_or(|(deepest, _)| depth >= deepest) {
            best = Some((depth, kind));
        }
    }
    best.map(|(_, kind)| kind.to_owned())
}

/// The kernel writes space, tab, newline and backslash as a backslash and three octal digits.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octal = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                Some((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'))
            }
            _ => None,
        };
        bytes.push(octal.unwrap_or(first));
        rest = if octal.is_some() { &after[3..] } else { after };
    }
    bytes
}

#[cfg(unix)]
fn point_path(bytes: &[u8]) -> Option<std::path::PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn point_path(bytes: &[u8]) -> Option<std::path::PathBuf> {
    std::str::from_utf8(bytes).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw - proc proc rw
garbage
24 22 0:40 / /mnt/bank rw,relatime shared:7 master:2 - nfs4 server:/export rw,vers=4.2
25 24 254:1 / /mnt/bank/local rw - xfs /dev/vdb rw
26 22 0:41 / /mnt/my\\040share rw - cifs //server/share rw
27 22 0:42 / /mnt/ssh rw - fuse.sshfs user@host: rw
28 22 0:43 / /mnt/ntfs rw - fuseblk /dev/sdb1 rw
29 22 254:2 / /over rw - ext4 /dev/vdc rw
30 22 0:44 / /over rw - 9p host rw
31 22 0:45 / /home rw - btrfs /dev/vdd rw -";

    fn kind(path: &str) -> Option<String> {
        mount_type(MOUNTS, Path::new(path))
    }

    #[test]
    fn the_deepest_and_latest_mount_decides() {
        for (path, expected) in [
            ("/data/bank.db", "ext4"),
            ("/mnt/bank/x.db", "nfs4"),
            ("/mnt/bankrupt/x.db", "ext4"),
            ("/mnt/bank/local/x.db", "xfs"),
            ("/mnt/my share/x.db", "cifs"),
            ("/mnt/ssh/a/b/c.db", "fuse.sshfs"),
            ("/over/x.db", "9p"),
            ("/home/x.db", "btrfs"),
        ] {
            assert_eq!(kind(path).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(mount_type("", Path::new("/x")), None);
        assert_eq!(mount_type("a b - c", Path::new("/x")), None);
    }

    #[test]
    fn only_shared_types_are_refused() {
        for local in [
            "ext4",
            "xfs",
            "btrfs",
            "tmpfs",
            "overlay",
            "zfs",
            "fuseblk",
            "fuse.ntfs-3g",
            "apfs",
            "",
        ] {
            assert!(!is_shared(local), "{local}");
        }
        for shared in [
            "nfs",
            "nfs4",
            "cifs",
            "smb3",
            "9p",
            "ceph",
            "lustre",
            "afs",
            "fuse.sshfs",
            "fuse.glusterfs",
        ] {
            assert!(is_shared(shared), "{shared}");
        }
    }

    #[test]
    fn escapes_are_undone_and_odd_ones_kept() {
        assert_eq!(unescape("a\\040b\\134c"), b"a b\\c");
        assert_eq!(unescape("\\"), b"\\");
        assert_eq!(unescape("\\04"), b"\\04");
        assert_eq!(unescape("\\999"), b"\\999");
    }

    #[test]
    fn the_folder_of_these_tests_is_local() {
        refuse_network(&std::env::temp_dir()).unwrap();
    }
}
