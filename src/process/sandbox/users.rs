//! What the isolated sandbox shows of the user's own: toolchains and the programs on PATH, and nothing that holds keys.
//!
//! Owns: which folders may be shown, and what lies over files with secrets in shown folders. Leaves to
//! `environment::toolchains`: which toolchains there are.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::plan::Plan;
use super::system::{EMPTY, NO_SETTINGS};
use super::{PATHS, Room};
use crate::process::environment::home::PROGRAMS;

/// Where nothing is shown from: other things of the machine, and what a sandbox has its own of.
const ELSEWHERE: [&str; 13] = [
    "/boot",
    "/codebuild",
    "/dev",
    "/etc",
    "/media",
    "/mnt",
    "/proc",
    "/rehearsal",
    "/run",
    "/snap",
    "/srv",
    "/sys",
    "/var",
];

/// Files and folders of a home with passwords, tokens, keys or traces of what the user does. A folder that holds one of
/// them, or lies in one of them, is never shown.
const SECRET: [&str; 60] = [
    ".Xauthority",
    ".aws",
    ".azure",
    ".bash_history",
    ".boto",
    ".cargo/config.toml",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".claude",
    ".composer/auth.json",
    ".config/autostart",
    ".config/composer/auth.json",
    ".config/configstore",
    ".config/containers",
    ".config/doctl",
    ".config/gcloud",
    ".config/gh",
    ".config/git",
    ".config/google-chrome",
    ".config/hub",
    ".config/op",
    ".config/pip",
    ".config/rclone",
    ".config/sops",
    ".databrickscfg",
    ".docker/config.json",
    ".docker/contexts",
    ".env",
    ".gem/credentials",
    ".git-credentials",
    ".gitconfig",
    ".gnupg",
    ".gradle/gradle.properties",
    ".gradle/init.d",
    ".heroku",
    ".ivy2/.credentials",
    ".kube",
    ".local/share/keyrings",
    ".local/share/mkcert",
    ".m2/settings-security.xml",
    ".m2/settings.xml",
    ".mozilla",
    ".my.cnf",
    ".netrc",
    ".npmrc",
    ".nuget/NuGet/NuGet.Config",
    ".password-store",
    ".pgpass",
    ".pki",
    ".pypirc",
    ".s3cfg",
    ".sbt/.credentials",
    ".ssh",
    ".subversion/auth",
    ".terraform.d",
    ".terraformrc",
    ".thunderbird",
    ".vault-token",
    ".yarnrc.yml",
    ".zsh_history",
];

/// Settings with tokens that package managers keep beside their programs, below the root of a toolchain; `*` is any
/// name.
const TOKENS: [&str; 16] = [
    "etc/npmrc",
    "*/etc/npmrc",
    "versions/*/etc/npmrc",
    "versions/node/*/etc/npmrc",
    "installs/*/*/etc/npmrc",
    "tools/image/node/*/etc/npmrc",
    "node-versions/*/installation/etc/npmrc",
    "pip.conf",
    "versions/*/pip.conf",
    "installs/*/*/pip.conf",
    "conf/settings.xml",
    "*/conf/settings.xml",
    "candidates/maven/*/conf/settings.xml",
    "installs/maven/*/conf/settings.xml",
    "cargo/credentials",
    "cargo/credentials.toml",
];

/// Variables of the user that name files or folders with secrets, wherever these are.
const NAMED: [&str; 25] = [
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AZURE_CONFIG_DIR",
    "BOTO_CONFIG",
    "CLOUDSDK_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "GH_CONFIG_DIR",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GNUPGHOME",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "HISTFILE",
    "KUBECONFIG",
    "NETRC",
    "NPM_CONFIG_GLOBALCONFIG",
    "NPM_CONFIG_USERCONFIG",
    "PASSWORD_STORE_DIR",
    "PGPASSFILE",
    "PIP_CONFIG_FILE",
    "SSH_AUTH_SOCK",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
    "npm_config_userconfig",
];

/// What must not be seen, and what of the user's own may be.
pub(super) struct Users<'a> {
    homes: Vec<PathBuf>,
    hidden: Vec<PathBuf>,
    room: &'a Room<'a>,
}

impl<'a> Users<'a> {
    /// What is known of the user: the home that `HOME` names and the one of the user database, and the files that
    /// variables name.
    pub(super) fn of(room: &'a Room<'a>) -> Self {
        let real = |path: PathBuf| path.canonicalize().unwrap_or(path);
        let absolute = |text: &OsStr| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
        let homes = room.host.get(OsStr::new("HOME")).and_then(|home| absolute(home));
        let homes: Vec<PathBuf> = homes.into_iter().chain(home_of_database()).map(real).collect();
        let named = NAMED.iter().filter_map(|name| room.host.get(OsStr::new(name)));
        let named = named.flat_map(std::env::split_paths).filter(|path| path.is_absolute());
        let cargo = room.host.get(OsStr::new("CARGO_HOME")).and_then(|home| absolute(home));
        let cargo = cargo
            .into_iter()
            .flat_map(|home| ["credentials", "credentials.toml", "config.toml"].map(|name| home.join(name)));
        // Where a link in the home leads to, such as a folder of settings under version control.
        let secret = homes.iter().flat_map(|home| SECRET.iter().map(|name| home.join(name)));
        let secret: Vec<PathBuf> = secret.filter_map(|path| path.canonicalize().ok()).collect();
        let hidden = named.chain(cargo).chain(room.private.iter().cloned()).map(real);
        Self { hidden: hidden.chain(secret).chain(homes.iter().cloned()).collect(), homes, room }
    }

    /// What must not be seen.
    pub(super) fn hidden(&self) -> &[PathBuf] {
        &self.hidden
    }

    /// Puts nothing over what must not be seen, in the folders shown so far.
    pub(super) fn hide(&self, plan: &mut Plan) {
        for path in &self.hidden {
            let Some(place) = plan.place(path) else { continue };
            // Only under its own name: what is bound on purpose, such as the workspace, has another.
            if plan.inside(path).as_ref() == Some(path) {
                plan.hide(path, &place, &self.room.files.join(EMPTY));
            }
        }
        for root in ["/usr", "/usr/local"] {
            self.hide_tokens(plan, Path::new(root));
        }
        for entry in fs::read_dir("/opt").into_iter().flatten().flatten() {
            self.hide_tokens(plan, &entry.path());
        }
        // Settings of the machine's own packages.
        let local = Path::new("/usr/local/etc");
        if fs::read_dir(local).is_ok_and(|mut entries| entries.next().is_some()) {
            let place = plan.place(local);
            plan.hide(local, place.as_deref().unwrap_or(local), &self.room.files.join(EMPTY));
        }
    }

    /// Shows the toolchains, at their own places, and the folders of PATH. Gives what cannot be shown.
    pub(super) fn show(&self, plan: &mut Plan, toolchains: &BTreeMap<OsString, OsString>) -> Vec<String> {
        let mut notes = Vec::new();
        for (variable, root) in toolchains {
            let root = Path::new(root);
            if plan.inside(root).is_some() {
                continue;
            }
            if self.may_show(root) {
                plan.read_only(root, root);
                self.hide_tokens(plan, root);
            } else {
                let (variable, root) = (variable.display(), root.display());
                notes.push(format!(
                    "{variable} is {root}, which may hold more than programs: commands do not see it"
                ));
            }
        }
        let path = self.room.host.get(OsStr::new("PATH")).map(OsString::as_os_str).unwrap_or_default();
        for folder in std::env::split_paths(path).filter(|folder| folder.is_absolute() && folder.is_dir()) {
            if plan.inside(&folder).is_some() {
                continue;
            }
            let Some(shown) = [prefix(&folder), Some(folder.as_path())]
                .into_iter()
                .flatten()
                .find(|one| self.may_show(one))
            else {
                continue;
            };
            // The private HOME has folders for programs of its own, which a build must be able to fill.
            let own = self.room.writable.iter().any(|(_, inside)| {
                let below = folder.strip_prefix(inside).ok();
                below.is_some_and(|below| PROGRAMS.iter().any(|own| below == Path::new(own)))
            });
            if own {
                let number = plan.relocated();
                plan.read_only(shown, &Path::new(PATHS).join(number.to_string()));
            } else {
                plan.read_only(shown, shown);
            }
            self.hide_tokens(plan, shown);
        }
        notes
    }

    /// Whether a folder of the user's may be shown.
    fn may_show(&self, folder: &Path) -> bool {
        let Ok(real) = folder.canonicalize() else { return false };
        let holds_home = |home: &PathBuf| home.starts_with(&real);
        let secret = |home: &PathBuf| {
            SECRET
                .iter()
                .map(|name| home.join(name))
                .any(|name| name.starts_with(&real) || real.starts_with(name))
        };
        // In memory there can be a home, too.
        let elsewhere = |path: &Path| {
            !path.starts_with("/dev/shm") && ELSEWHERE.iter().any(|place| path.starts_with(place))
        };
        real.parent().is_some()
            && !elsewhere(&real)
            && !elsewhere(folder)
            && !self.homes.iter().any(holds_home)
            && !self.homes.iter().any(secret)
            && !self.hidden.iter().any(|hidden| hidden.starts_with(&real))
    }

    /// Puts nothing over the settings in which package managers keep tokens.
    fn hide_tokens(&self, plan: &mut Plan, root: &Path) {
        for pattern in TOKENS {
            for file in expand(root, pattern) {
                let Some(place) = plan.place(&file) else { continue };
                let empty = if pattern.ends_with("settings.xml") { NO_SETTINGS } else { EMPTY };
                plan.hide(&file, &place, &self.room.files.join(empty));
            }
        }
    }
}

/// The root of the programs in `…/bin`, when they have a library beside them without which they do not work.
fn prefix(folder: &Path) -> Option<&Path> {
    let parent = folder.parent().filter(|_| folder.ends_with("bin"))?;
    ["lib", "libexec", "share", "Cellar"].iter().any(|beside| parent.join(beside).is_dir()).then_some(parent)
}

/// The files below `root` that a pattern with `*` for whole names stands for.
fn expand(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    for part in pattern.split('/') {
        found = if part == "*" {
            let entries = found.iter().filter_map(|folder| fs::read_dir(folder).ok());
            entries.flatten().flatten().map(|entry| entry.path()).collect()
        } else {
            found.into_iter().map(|folder| folder.join(part)).collect()
        };
    }
    found.retain(|file| file.is_file());
    found
}

/// The user's home as programs find it that do not ask `HOME`.
fn home_of_database() -> Option<PathBuf> {
    let user = rustix::process::getuid().as_raw().to_string();
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let of_user = users.lines().find(|line| line.split(':').nth(2) == Some(user.as_str()))?;
    of_user.split(':').nth(5).map(PathBuf::from).filter(|home| home.is_absolute() && home.parent().is_some())
}
