//! `permissions` of an appspec (codedeploy.md 3.2), as far as the user's rights go.
//!
//! Owns: which of the files and folders that a deployment makes an entry means, modes, owners. Access lists and SELinux
//! contexts are left alone, and that is said.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};

use super::install::{Instruction, Made, Plan, Problem, on_instance};
use super::layout::{below_root, inside};
use crate::action::Error;
use crate::spec::appspec::Permission;

/// Adds the instructions that `permissions` means.
pub(super) fn plan(
    permissions: &[Permission],
    root: &Path,
    made: &BTreeMap<PathBuf, Made>,
    plan: &mut Plan,
) -> Result<(), Problem> {
    let mut met = BTreeSet::new();
    for permission in permissions {
        let object = inside(root, &below_root(&permission.object))?;
        let targets = match made.get(&object) {
            Some(Made::File(_)) => alone(permission, object)?,
            Some(Made::Folder) | None => matching(permission, &object, made),
        };
        if targets.is_empty() {
            plan.notes.push(format!(
                "permissions of {} meet nothing that this deployment installs",
                permission.object
            ));
        }
        for path in targets {
            if !met.insert(path.clone()) {
                let path = on_instance(root, &path);
                return Err(Problem::Refused(format!("{path} is in two entries of permissions")));
            }
            apply(permission, path, plan);
        }
        leave(permission, plan);
    }
    Ok(())
}

/// An object that is itself a file of the deployment (codedeploy.md 2.1, 19 and 20).
fn alone(permission: &Permission, object: PathBuf) -> Result<Vec<PathBuf>, Problem> {
    if !permission.files {
        return Ok(Vec::new());
    }
    let name = &permission.object;
    if permission.pattern != "**" {
        let pattern = &permission.pattern;
        return Err(Problem::Refused(format!(
            "{name} is a file, and has the pattern {pattern} in permissions"
        )));
    }
    if !permission.except.is_empty() {
        return Err(Problem::Refused(format!("{name} is a file, and has `except` in permissions")));
    }
    Ok(vec![object])
}

/// What lies below the object and fits; never what was there before the deployment.
fn matching(permission: &Permission, object: &Path, made: &BTreeMap<PathBuf, Made>) -> Vec<PathBuf> {
    let fits = |(path, made): &(&PathBuf, &Made)| {
        let wanted = match made {
            Made::File(_) => permission.files,
            Made::Folder => permission.directories,
        };
        let Some(name) =
            path.strip_prefix(object).ok().and_then(Path::to_str).filter(|name| !name.is_empty())
        else {
            return false;
        };
        wanted
            && (permission.pattern == "**" || glob(&permission.pattern, name))
            && !permission.except.iter().any(|except| glob(except, name))
    };
    made.iter().filter(fits).map(|(path, _)| path.clone()).collect()
}

/// The agent's glob: only `*` is special, and a name with `/` never fits.
fn glob(pattern: &str, name: &str) -> bool {
    if name.contains('/') {
        return false;
    }
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let pieces: Vec<_> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

fn apply(permission: &Permission, path: PathBuf, plan: &mut Plan) {
    if let Some(mode) = permission.mode {
        plan.instructions.push(Instruction::Chmod { mode: mode & 0o1777, path: path.clone() });
    }
    if permission.owner.is_some() || permission.group.is_some() {
        let (owner, group) = (permission.owner.clone(), permission.group.clone());
        plan.instructions.push(Instruction::Chown { owner, group, path });
    }
}

/// What is not done on this machine.
fn leave(permission: &Permission, plan: &mut Plan) {
    let object = &permission.object;
    if permission.mode.is_some_and(|mode| mode & 0o6000 != 0) {
        plan.notes.push(format!("permissions of {object}: setuid and setgid are not set in a rehearsal"));
    }
    if !permission.acls.is_empty() {
        plan.notes.push(format!("permissions of {object}: `acls` are not set in a rehearsal"));
    }
    if permission.context {
        plan.notes.push(format!("permissions of {object}: the SELinux `context` is not set in a rehearsal"));
    }
}

/// Changes the mode of a file or folder; a link has none of its own.
pub(super) fn chmod(path: &Path, mode: u32) -> Result<(), Error> {
    let is_link = path.symlink_metadata().map_err(Error::at("examine", path))?.is_symlink();
    if is_link {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(Error::at("change", path))
}

/// Changes owner and group; says what could not be changed, once for all files.
pub(super) fn chown(path: &Path, owner: Option<&str>, group: Option<&str>) -> Option<String> {
    let number = |name: Option<&str>, database: &str| match name {
        None => Some(None),
        Some(name) => number_of(name, database).map(Some),
    };
    let who = [owner, group].into_iter().flatten().collect::<Vec<_>>().join(":");
    let (Some(user), Some(group)) = (number(owner, "/etc/passwd"), number(group, "/etc/group")) else {
        return Some(format!("owner {who} is not known on this machine: files stay with you"));
    };
    let data = path.symlink_metadata().ok()?;
    if user.is_none_or(|user| user == data.uid()) && group.is_none_or(|group| group == data.gid()) {
        return None;
    }
    match lchown(path, user, group) {
        Ok(()) => None,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Some(format!("files cannot be given to {who} without being root: they stay with you"))
        }
        Err(error) => Some(format!("files cannot be given to {who}: {error}")),
    }
}

/// The number of a user or group, which both files have in their third field.
fn number_of(name: &str, database: &str) -> Option<u32> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let text = fs::read_to_string(database).ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glob_is_the_agents() {
        // codedeploy.md 3.2: only `*` is special, one level
        for (pattern, name, expected) in [
            ("*.sh", "a.sh", true),
            ("*.sh", "bin/a.sh", false),
            ("*", "a", true),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abde", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("a?", "ab", false),
            ("[ab]", "a", false),
            ("a*a", "a", false),
            ("**", "a", true),
        ] {
            assert_eq!(glob(pattern, name), expected, "{pattern} {name}");
        }
    }
}
