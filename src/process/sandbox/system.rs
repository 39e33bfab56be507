//! What the isolated sandbox shows of this machine's system, and what it makes in its place.
//!
//! Owns: the list of folders and files that every sandbox has read-only. It is a list of what is let in: of the machine's
//! settings only those by name that programs need and that hold no secrets. Leaves to `users`: what is the user's own.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::plan::{Entry, Plan};

/// The system's folders, or links to them where /usr holds everything.
const FOLDERS: [&str; 8] = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt"];

/// Files and folders of /etc that are shown. Not among them are, with reason: passwd, group, shadow, hosts, resolv.conf
/// (made anew or left out), ssl/private and pki/tls/private (keys), profile, profile.d and environment (exported
/// tokens), gitconfig, npmrc, pip.conf, maven/settings.xml, apt/auth.conf, R/Renviron (registry tokens), docker, kubernetes,
/// ssh, sudoers, krb5*, mysql and postgresql (logins).
const SETTINGS: [&str; 57] = [
    "ImageMagick-6",
    "ImageMagick-7",
    "OpenCL",
    "alternatives",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
    "debian_version",
    "dotnet",
    "fedora-release",
    "fonts",
    "gai.conf",
    "glvnd",
    "groff",
    "host.conf",
    "inputrc",
    "java",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "locale.alias",
    "locale.conf",
    "localtime",
    "login.defs",
    "lsb-release",
    "magic",
    "magic.mime",
    "maven/logging",
    "maven/m2.conf",
    "mime.types",
    "networks",
    "os-release",
    "papersize",
    "perl",
    "php",
    "php.d",
    "php.ini",
    "pki/ca-trust",
    "pki/java",
    "pki/tls/cert.pem",
    "pki/tls/certs",
    "pki/tls/openssl.cnf",
    "protocols",
    "python3",
    "redhat-release",
    "rpc",
    "services",
    "sgml",
    "shells",
    "ssl/cert.pem",
    "ssl/certs",
    "ssl/openssl.cnf",
    "system-release",
    "terminfo",
    "timezone",
    "vulkan",
    "xml",
];

/// Names in /etc that begin like this are shown too: Java and Python have one folder a version.
const SETTINGS_BY_PREFIX: [&str; 2] = ["java-", "python3."];

/// Folders of /proc with switches of the machine: read only.
const PROC_READ_ONLY: [&str; 5] = ["bus", "fs", "irq", "sys", "sysrq-trigger"];

/// What else of /proc is about the machine and not about processes: hidden.
const PROC_HIDDEN: [&str; 9] =
    ["acpi", "asound", "kcore", "keys", "kmsg", "latency_stats", "sched_debug", "scsi", "timer_list"];

/// Files of a sandbox's own: their names in the folder for them, and their texts. Those in `etc` stand in for the
/// machine's.
const OWN: [(&str, &str); 8] = [
    (
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    ),
    ("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    ("etc/hosts", "127.0.0.1 localhost rehearsal\n::1 localhost ip6-localhost ip6-loopback\n"),
    ("etc/hostname", "rehearsal\n"),
    (
        "etc/nsswitch.conf",
        "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\n\
         services: files\nethers: files\nrpc: files\n",
    ),
    ("etc/resolv.conf", ""),
    (EMPTY, ""),
    (NO_SETTINGS, "<settings/>\n"),
];

/// Folders of /etc that are the sandbox's own, and empty: builds add package sources, keys and settings there.
const OWN_FOLDERS: [&str; 7] = [
    "apt/apt.conf.d",
    "apt/keyrings",
    "apt/sources.list.d",
    "apt/trusted.gpg.d",
    "docker",
    "profile.d",
    "yum.repos.d",
];

/// The name of the file that lies over files with secrets.
pub(super) const EMPTY: &str = "empty";

/// The name of the one that lies over Maven's, which must not be empty.
pub(super) const NO_SETTINGS: &str = "settings.xml";

/// Folders of settings with more entries than this are shown as they are; of others there is a copy, which takes less
/// time than a mount.
const SMALL: usize = 48;

/// Writes the files of a sandbox's own into `files`, and adds the system to the plan.
pub(super) fn show(plan: &mut Plan, files: &Path) -> io::Result<()> {
    let etc = files.join("etc");
    fs::create_dir_all(&etc)?;
    for (name, text) in OWN {
        fs::write(files.join(name), text)?;
    }
    for name in FOLDERS {
        let path = Path::new("/").join(name);
        match fs::read_link(&path) {
            Ok(target) => plan.push(Entry::Link { target, inside: path }),
            Err(_) if path.is_dir() => plan.read_only(&path, &path),
            Err(_) => {}
        }
    }
    for name in OWN_FOLDERS {
        fs::create_dir_all(etc.join(name))?;
    }
    // All in it is the sandbox's own, so builds may change it; larger folders of the machine lie over it.
    plan.bind(&etc, Path::new("/etc"), true);
    for name in settings() {
        let (from, to) = (Path::new("/etc").join(&name), etc.join(&name));
        if let Some(above) = to.parent() {
            fs::create_dir_all(above)?;
        }
        // What an ordinary user may not read is left out.
        let copied = copy(&from, &to, &mut { SMALL });
        if copied.is_ok_and(|whole| !whole) {
            let _ = fs::remove_dir_all(&to);
            fs::create_dir_all(&to)?;
            plan.read_only(&from, &from);
        }
    }
    for folder in ["/run", "/var/tmp", "/var/log", "/var/lib", "/home", "/srv", "/mnt"] {
        plan.push(Entry::Folder(folder.into()));
    }
    Ok(())
}

/// The names in /etc that are shown.
fn settings() -> Vec<PathBuf> {
    let others = fs::read_dir("/etc").into_iter().flatten().flatten().map(|entry| entry.file_name());
    let others = others.filter(|name| {
        let name = name.to_string_lossy();
        SETTINGS_BY_PREFIX.iter().any(|prefix| name.starts_with(prefix))
    });
    SETTINGS.iter().map(PathBuf::from).chain(others.map(PathBuf::from)).collect()
}

/// Copies a file, a link that leads to /usr, or a folder; false when there is more in it than `room`.
fn copy(from: &Path, to: &Path, room: &mut usize) -> io::Result<bool> {
    let kind = match fs::symlink_metadata(from) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let Some(left) = room.checked_sub(1) else { return Ok(false) };
    *room = left;
    if kind.is_symlink() && from.canonicalize().is_ok_and(|real| real.starts_with("/usr")) {
        symlink(fs::read_link(from)?, to)?;
    } else if from.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            if !copy(&from.join(&name), &to.join(&name), room)? {
                return Ok(false);
            }
        }
    } else if from.is_file() {
        // A file that only some may read is none of the machine's public settings.
        if fs::metadata(from)?.permissions().mode() & 0o004 != 0 {
            fs::copy(from, to)?;
        }
    }
    Ok(true)
}

/// Adds what lies over /proc.
pub(super) fn guard_proc(plan: &mut Plan, files: &Path) {
    // What root owns there, root of the sandbox does too if it is the same.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let proc = Path::new("/proc");
    for path in PROC_READ_ONLY.map(|name| proc.join(name)) {
        if path.exists() {
            plan.read_only(&path, &path);
        }
    }
    for path in PROC_HIDDEN.map(|name| proc.join(name)) {
        plan.hide(&path, &path, &files.join(EMPTY));
    }
}
