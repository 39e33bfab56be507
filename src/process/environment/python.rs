//! Python packages that a build installs: they go into an environment of its own, and not into the user's Python.
//!
//! Owns: stand-ins for `python` and `pip` that make such an environment when something is first installed, which takes a
//! moment that most builds need not spend. A virtual environment that a build makes for itself comes before them on PATH
//! and is left alone. Packages that the user's Python already has stay visible, as before the first installation.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::find_program;

/// The stand-ins.
pub(super) const STAND_INS: &str = ".rehearsal/python/bin";
/// What packages install, once there is an environment.
pub(super) const INSTALLED: &str = ".rehearsal/python/env/bin";

/// The names of programs that have a stand-in, where there is such a program.
fn names() -> impl Iterator<Item = String> {
    let versioned = (6..=16).map(|minor| format!("3.{minor}"));
    let suffixes = ["", "3"].map(str::to_owned).into_iter().chain(versioned);
    suffixes.flat_map(|suffix| [format!("python{suffix}"), format!("pip{suffix}")])
}

/// A stand-in. It finds its place by its own path, since a sandbox may show the HOME elsewhere. Its variables have names
/// that no build uses: what a build has exported under their names would change for Python.
const SCRIPT: &str = r#"#!/bin/sh
# Written by rehearsal: what pip installs goes into an environment of this build, made when it is first needed.
rehearsal_here=${0%/*}
rehearsal_name=${0##*/}
case $rehearsal_name in
python[0-9].*) rehearsal_env=${rehearsal_here%/*}/env${rehearsal_name#python} ;;
pip[0-9].*) rehearsal_env=${rehearsal_here%/*}/env${rehearsal_name#pip} ;;
*) rehearsal_env=${rehearsal_here%/*}/env ;;
esac
rehearsal_find() {
    rehearsal_found=
    rehearsal_ifs=${IFS-unset}
    IFS=:
    for rehearsal_folder in $PATH; do
        if [ "$rehearsal_folder" != "$rehearsal_here" ] && [ "$rehearsal_folder" != "$rehearsal_env/bin" ] &&
            [ -f "$rehearsal_folder/$1" ] && [ -x "$rehearsal_folder/$1" ]; then
            rehearsal_found=$rehearsal_folder/$1
            break
        fi
    done
    if [ "$rehearsal_ifs" = unset ]; then unset IFS; else IFS=$rehearsal_ifs; fi
    [ -n "$rehearsal_found" ]
}
rehearsal_make() {
    [ ! -x "$rehearsal_env/bin/python" ] || return 0
    if ! "$1" -m venv --without-pip --system-site-packages "$rehearsal_env.$$" >&2; then
        echo "rehearsal: $1 cannot make an environment for what pip installs" >&2
        exit 1
    fi
    # Whoever comes second takes what the first has made.
    mv -T "$rehearsal_env.$$" "$rehearsal_env" 2>/dev/null || rm -rf "$rehearsal_env.$$"
}
case $rehearsal_name in
pip*)
    if ! rehearsal_find "$rehearsal_name"; then
        echo "$rehearsal_name: command not found" >&2
        exit 127
    fi
    case $rehearsal_name in
    pip | pip3) rehearsal_find python3 || rehearsal_find python || exit 127 ;;
    *) rehearsal_find "python${rehearsal_name#pip}" || exit 127 ;;
    esac
    rehearsal_make "$rehearsal_found"
    exec "$rehearsal_env/bin/python" -m pip "$@"
    ;;
esac
if [ ! -x "$rehearsal_env/bin/python" ]; then
    if ! rehearsal_find "$rehearsal_name"; then
        echo "$rehearsal_name: command not found" >&2
        exit 127
    fi
    case " $* " in
    *" -m pip "* | *" -mpip "* | *" -m ensurepip "* | *"setup.py install "* | *"setup.py develop "*)
        rehearsal_make "$rehearsal_found"
        ;;
    *) exec "$rehearsal_found" "$@" ;;
    esac
fi
exec "$rehearsal_env/bin/python" "$@"
"#;

/// Writes the stand-ins into the private HOME, for the programs that `path` has.
pub(super) fn write(home: &Path, path: &OsStr) -> io::Result<()> {
    let folder = home.join(STAND_INS);
    super::home::private_folder(&folder)?;
    for name in names().filter(|name| find_program(name, path).is_some()) {
        let file = folder.join(name);
        fs::write(&file, SCRIPT)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
