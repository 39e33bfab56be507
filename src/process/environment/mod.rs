//! The environment commands start with, built from nothing.
//!
//! Owns: which variables there are, what is taken over from the user's environment, what `local.inherit` may not take.
//! Leaves to `home` and `python`: the files and folders the variables speak of. Leaves to `build`: the CODEBUILD_* variables and
//! the buildspec's own.

pub(super) mod home;
mod python;
pub(super) mod toolchains;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::sandbox::View;

pub use home::prepare;

/// Where AWS clients are sent: a loopback port that refuses every connection at once. Port 1 (tcpmux) needs a privilege
/// to be listened on, and nothing has used it for decades.
pub const CLOSED_ENDPOINT: &str = "http://127.0.0.1:1";

/// Made-up keys (those of AWS's own documentation), so that no client looks for others.
const ACCESS_KEY: (&str, &str) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

/// What every Linux image has on its PATH.
const SYSTEM: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Variables whose options keep Java in the private HOME. Java takes the home of the user database, not `HOME`, and
/// would find the user's Maven settings with their passwords.
const JAVA_OPTIONS: [&str; 2] = ["JAVA_TOOL_OPTIONS", "MAVEN_OPTS"];

/// What the environment is built from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The user's environment.
    pub host: &'a BTreeMap<OsString, OsString>,
    /// How commands see files. All folders below go by the names that commands know them by.
    pub view: &'a View,
    /// The private HOME, new for each build; [`prepare`] fills it.
    pub home: &'a Path,
    /// The private directory for temporary files.
    pub temp: &'a Path,
    /// The directory above which git is not to look for a repository: the one that holds the sources.
    pub ceiling: &'a Path,
    /// Command shims, first on PATH.
    pub shims: Option<&'a Path>,
    /// Where the cache folders of the repository are kept; without it they are in the private HOME.
    pub caches: Option<&'a Path>,
    /// The region, for `AWS_REGION` and `AWS_DEFAULT_REGION`.
    pub region: &'a str,
    /// `local.inherit` of rehearsal.yml: more names to take over from the user's environment.
    pub inherit: &'a [String],
}

/// An environment for commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// All of it.
    pub variables: BTreeMap<OsString, OsString>,
    /// Names of `local.inherit` that were not taken over, because they would take the isolation away.
    pub refused: Vec<String>,
}

/// By these, tools leave out the statistics of their use that they would send to their makers. A rehearsal is no use.
const NO_STATISTICS: [(&str, &str); 5] = [
    ("CDK_DISABLE_CLI_TELEMETRY", "true"),
    ("CHECKPOINT_DISABLE", "1"),
    ("DOTNET_CLI_TELEMETRY_OPTOUT", "1"),
    ("SAM_CLI_TELEMETRY", "0"),
    ("SLS_TELEMETRY_DISABLED", "1"),
];

/// The environment of commands. Pure but for `is_dir`, which says which folders exist.
pub fn base(basis: &Basis<'_>, is_dir: &dyn Fn(&Path) -> bool) -> Environment {
    let mut variables = BTreeMap::new();
    let mut set = |name: &str, value: &OsStr| variables.insert(OsString::from(name), value.to_owned());
    let home = |inside: &str| basis.home.join(inside).into_os_string();

    set("HOME", basis.home.as_os_str());
    set("TMPDIR", basis.temp.as_os_str());
    // The curated images; containers have no terminal and know no time zone (codebuild.md 3.4).
    for (name, value) in [("LANG", "C.UTF-8"), ("LC_CTYPE", "C.UTF-8"), ("TERM", "dumb"), ("TZ", "UTC")] {
        set(name, value.as_ref());
    }

    for (name, value) in NO_STATISTICS {
        set(name, value.as_ref());
    }
    for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        set(name, basis.region.as_ref());
    }
    set("AWS_ACCESS_KEY_ID", ACCESS_KEY.0.as_ref());
    set("AWS_SECRET_ACCESS_KEY", ACCESS_KEY.1.as_ref());
    set("AWS_CONFIG_FILE", &home(home::AWS_CONFIG));
    set("AWS_SHARED_CREDENTIALS_FILE", &home(home::AWS_CREDENTIALS));
    set("AWS_ENDPOINT_URL", CLOSED_ENDPOINT.as_ref());
    // A developer's machine may itself be an EC2 instance with a role. Some clients know only the second.
    set("AWS_EC2_METADATA_DISABLED", "true".as_ref());
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", CLOSED_ENDPOINT.as_ref());

    set("GIT_CEILING_DIRECTORIES", basis.ceiling.as_os_str());
    set("GIT_CONFIG_NOSYSTEM", "1".as_ref());
    set("GIT_CONFIG_GLOBAL", &home(home::GIT_CONFIG));

    set("CARGO_HOME", &home(home::CARGO));
    set("GEM_HOME", &home(home::GEMS));
    set("GRADLE_USER_HOME", &home(home::GRADLE));
    for name in JAVA_OPTIONS {
        set(name, &java_home_option(basis.home));
    }
    if let Some(caches) = basis.caches {
        for (name, folder) in home::CACHES_BY_VARIABLE {
            set(name, caches.join(folder).as_os_str());
        }
    }
    let mut roots = toolchains::roots(basis.host, is_dir);
    // One that commands cannot see would only mislead them.
    roots.retain(|_, root| basis.view.inside(Path::new(root)).is_some());
    // Global npm packages would land in the user's node. nvm refuses to work with a prefix, so its users go without.
    if !roots.contains_key(OsStr::new("NVM_DIR")) {
        set("npm_config_prefix", &home(home::NPM_PREFIX));
    }
    set("PATH", &path(basis, is_dir));
    variables.extend(roots);

    let mut refused = Vec::new();
    for name in basis.inherit {
        let Some(value) = basis.host.get(OsStr::new(name)) else { continue };
        if is_protected(name) {
            refused.push(name.clone());
        } else {
            assign(&mut variables, name.as_ref(), value);
        }
    }
    Environment { variables, refused }
}

/// Sets a variable as a buildspec or project wants it. It replaces what was there, except that Java's options keep
/// the private HOME in front of whatever they become.
pub fn assign(variables: &mut BTreeMap<OsString, OsString>, name: &OsStr, value: &OsStr) {
    let mut value = value.to_owned();
    if JAVA_OPTIONS.iter().any(|java| *java == name)
        && let Some(home) = variables.get(OsStr::new("HOME"))
    {
        let mut joined = java_home_option(Path::new(home));
        joined.push(" ");
        joined.push(value);
        value = joined;
    }
    variables.insert(name.to_owned(), value);
}

/// The program `name` among the absolute folders of `path`.
pub fn find_program(name: &str, path: &OsStr) -> Option<PathBuf> {
    let candidates =
        std::env::split_paths(path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name));
    candidates.into_iter().find(|file| is_program(file))
}

/// Whether a file can be started.
pub fn is_program(file: &Path) -> bool {
    file.is_file() && rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

/// PATH: shims, Rehearsal's own tools, what the build itself installs, the user's entries (which is where resolved
/// runtimes are), and the system's.
fn path(basis: &Basis<'_>, is_dir: &dyn Fn(&Path) -> bool) -> OsString {
    let mut entries: Vec<PathBuf> = basis.shims.map(Path::to_path_buf).into_iter().collect();
    entries.extend(home::PROGRAMS.iter().map(|folder| basis.home.join(folder)));
    let given = basis.host.get(OsStr::new("PATH")).map(OsString::as_os_str).unwrap_or_default();
    // A relative entry would mean the user's folder here and another one there.
    let users = std::env::split_paths(given).filter(|entry| entry.is_absolute() && is_dir(entry));
    entries.extend(users.filter_map(|entry| basis.view.inside(&entry)));
    entries.extend(SYSTEM.iter().map(PathBuf::from).filter(|entry| is_dir(entry)));
    let mut path = OsString::new();
    let mut seen: Vec<PathBuf> = Vec::new();
    for entry in entries {
        // An entry cannot hold the separator; such a folder cannot be on any PATH.
        if seen.contains(&entry) || entry.as_os_str().as_encoded_bytes().contains(&b':') {
            continue;
        }
        if !path.is_empty() {
            path.push(":");
        }
        path.push(&entry);
        seen.push(entry);
    }
    path
}

fn java_home_option(home: &Path) -> OsString {
    let mut option = OsString::from("-Duser.home=");
    option.push(home);
    if !option.as_encoded_bytes().iter().any(u8::is_ascii_whitespace) {
        return option;
    }
    let mut quoted = OsString::from("'");
    quoted.push(option);
    quoted.push("'");
    quoted
}

/// What `local.inherit` may not take over: whatever leads back to the user's home, repository, AWS account, keys or
/// agents. Exceptions from isolation are typed for one run, never configured (design 1.2).
fn is_protected(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "HOME",
        "PATH",
        "TMPDIR",
        "SSH_AUTH_SOCK",
        "SSH_ASKPASS",
        "DBUS_SESSION_BUS_ADDRESS",
        "KUBECONFIG",
        "DOCKER_CONFIG",
        "GNUPGHOME",
        "CARGO_HOME",
        "GRADLE_USER_HOME",
        "BASH_ENV",
    ];
    const PREFIXES: [&str; 5] = ["AWS_", "GIT_", "XDG_", "CODEBUILD_", "REHEARSAL_"];
    const HARMLESS: [&str; 4] = ["AWS_CA_BUNDLE", "AWS_MAX_ATTEMPTS", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"];
    !HARMLESS.contains(&name)
        && (NAMES.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

#[cfg(test)]
mod tests;
