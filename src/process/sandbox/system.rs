//! What the isolated sandbox shows of this machine's system, and what it makes in its place.
//!
//! Owns: the list of folders and files that every sandbox has read-only. It is a list of what is let in: of the machine's
//! settings only those by name that programs need and that hold no secrets. Leaves to `users`: what is the user's own.

use std::fs;
use std::io;
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

/// Files of a sandbox's own: name in the folder of such files, name in the sandbox, text.
const MADE: [(&str, Option<&str>, &str); 8] = [
    (
        "passwd",
        Some("/etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    ),
    ("group", Some("/etc/group"), "root:x:0:\nnogroup:x:65534:\n"),
    (
        "hosts",
        Some("/etc/hosts"),
        "127.0.0.1 localhost rehearsal\n::1 localhost ip6-localhost ip6-loopback\n",
    ),
    ("hostname", Some("/etc/hostname"), "rehearsal\n"),
    (
        "nsswitch.conf",
        Some("/etc/nsswitch.conf"),
        "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\n\
         services: files\nethers: files\nrpc: files\n",
    ),
    ("resolv.conf", Some("/etc/resolv.conf"), ""),
    (EMPTY, None, ""),
    (NO_SETTINGS, None, "<settings/>\n"),
];

/// The name of the file that lies over files with secrets.
pub(super) const EMPTY: &str = "empty";

/// The name of the one that lies over Maven's, which must not be empty.
pub(super) const NO_SETTINGS: &str = "settings.xml";

/// Writes the files of a sandbox's own into `folder`.
pub(super) fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    MADE.iter().try_for_each(|(name, _, text)| fs::write(folder.join(name), text))
}

/// Adds the system to the plan; `files` is where the files of the sandbox's own are.
pub(super) fn show(plan: &mut Plan, files: &Path) {
    for name in FOLDERS {
        let path = Path::new("/").join(name);
        match fs::read_link(&path) {
            Ok(target) => plan.push(Entry::Link { target, inside: path }),
            Err(_) if path.is_dir() => plan.read_only(&path, &path),
            Err(_) => {}
        }
    }
    let etc = Path::new("/etc");
    plan.push(Entry::Memory(etc.to_owned()));
    let mut settings: Vec<PathBuf> = SETTINGS.iter().map(PathBuf::from).collect();
    let others =
        fs::read_dir(etc).into_iter().flatten().flatten().map(|entry| PathBuf::from(entry.file_name()));
    settings.extend(others.filter(|name| {
        let name = name.to_string_lossy();
        SETTINGS_BY_PREFIX.iter().any(|prefix| name.starts_with(prefix))
    }));
    settings.sort();
    for name in settings {
        let path = etc.join(name);
        match fs::read_link(&path) {
            // A link to what is shown stays one; of another, what it leads to is shown.
            Ok(target) if path.canonicalize().is_ok_and(|real| real.starts_with("/usr")) => {
                plan.push(Entry::Link { target, inside: path });
            }
            _ if path.exists() => plan.read_only(&path, &path),
            _ => {}
        }
    }
    for (name, inside, _) in MADE {
        if let Some(inside) = inside {
            plan.read_only(&files.join(name), Path::new(inside));
        }
    }
    plan.push(Entry::Sealed(etc.to_owned()));
    for folder in ["/run", "/var/tmp", "/var/log", "/home"] {
        plan.push(Entry::Folder(folder.into()));
    }
}

/// Adds what lies over /proc.
pub(super) fn guard_proc(plan: &mut Plan, files: &Path) {
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
