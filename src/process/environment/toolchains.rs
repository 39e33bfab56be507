//! Where the user's toolchains are.
//!
//! Owns: the table of version managers and SDKs that would not work with a private HOME. They are to be read only, by
//! convention.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A variable that names a toolchain's folder, and where that is under the HOME when the variable is not set. Without a
/// default, programs do not need the variable unless the user has set it.
const ROOTS: [(&str, Option<&str>); 24] = [
    ("RUSTUP_HOME", Some(".rustup")),
    ("PYENV_ROOT", Some(".pyenv")),
    ("RBENV_ROOT", Some(".rbenv")),
    ("NODENV_ROOT", Some(".nodenv")),
    ("GOENV_ROOT", Some(".goenv")),
    ("JENV_ROOT", Some(".jenv")),
    ("PHPENV_ROOT", Some(".phpenv")),
    ("PLENV_ROOT", Some(".plenv")),
    ("NVM_DIR", Some(".nvm")),
    ("FNM_DIR", Some(".local/share/fnm")),
    ("VOLTA_HOME", Some(".volta")),
    ("SDKMAN_DIR", Some(".sdkman")),
    ("ASDF_DIR", Some(".asdf")),
    ("ASDF_DATA_DIR", Some(".asdf")),
    ("MISE_DATA_DIR", Some(".local/share/mise")),
    ("ELAN_HOME", Some(".elan")),
    ("JAVA_HOME", None),
    ("GOROOT", None),
    ("DOTNET_ROOT", None),
    ("MAVEN_HOME", None),
    ("M2_HOME", None),
    ("GRADLE_HOME", None),
    ("ANDROID_HOME", None),
    ("ANDROID_SDK_ROOT", None),
];

/// The roots that exist on this machine.
pub(in crate::process) fn roots(
    host: &BTreeMap<OsString, OsString>,
    is_dir: &dyn Fn(&Path) -> bool,
) -> BTreeMap<OsString, OsString> {
    let home = host.get(OsStr::new("HOME")).map(Path::new).filter(|home| home.is_absolute());
    let mut roots = BTreeMap::new();
    for (variable, default) in ROOTS {
        let named = host.get(OsStr::new(variable)).map(|value| Path::new(value).to_path_buf());
        let usual = home.zip(default).map(|(home, default)| home.join(default));
        if let Some(root) = named.or(usual).filter(|root| root.is_absolute() && is_dir(root)) {
            roots.insert(variable.into(), root.into_os_string());
        }
    }
    roots
}
