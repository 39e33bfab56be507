//! Folders of this machine that builds install programs in: each build has its own, and finds the machine's there.
//!
//! Owns: which folders these are, and filling them. On AWS a build is root in a container that is thrown away, and `mv
//! kubectl /usr/local/bin`, `./aws/install` and `tar -C /usr/local …` are commonplace. An overlay would be the natural
//! means, but bubblewrap has it from 0.11 on only. So the folder is the build's own, writable and empty at first, and
//! what the machine has there is a link in it: to the machine's own folder, which is shown read-only at another place.
//! A program that looks for its files beside itself follows the link and finds them there. Leaves to `view` what commands
//! call such files: by the name that they have on the machine.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::plan::Plan;

/// A folder of this machine, and to what depth folders in it are the build's own as well. Deeper ones are links, in which
/// nothing can be written.
const LAYERED: [(&str, u32); 3] = [("/usr/local", 2), ("/opt", 0), ("/usr/share/keyrings", 0)];

/// Folders with more entries than this are links, below the first level: a link is cheap, thousands are not.
const SMALL: usize = 48;

/// What lies below this may hold tokens (`npmrc`): nothing of it is shown.
const SETTINGS: &str = "/usr/local/etc";

/// Where the machine's own folders are, inside.
const BELOW: &str = "/rehearsal/system";

/// Adds the folders to the plan; `files` is the sandbox's own, and nothing in `hidden` gets a link.
pub(super) fn show(plan: &mut Plan, files: &Path, hidden: &[PathBuf]) -> io::Result<()> {
    let below = place(plan);
    for (at, depth) in LAYERED {
        let at = Path::new(at);
        // A link to somewhere is shown as it is; what holds a home is hidden as a whole.
        let is_folder = fs::symlink_metadata(at).is_ok_and(|data| data.is_dir());
        if !is_folder || hidden.iter().any(|path| at.starts_with(path)) {
            continue;
        }
        let rest = at.strip_prefix("/").unwrap_or(at);
        let (own, below) = (files.join("system").join(rest), below.join(rest));
        fs::create_dir_all(&own)?;
        fill(&Layer { at, below: &below, hidden }, at, &own, depth)?;
        plan.layer(at, &own, &below);
    }
    Ok(())
}

/// Where the machine's folders go: not where a sandbox around this one has put its own, to which links lead.
fn place(plan: &mut Plan) -> PathBuf {
    let mut place = PathBuf::from(BELOW);
    let mut nested = 1;
    while place.is_dir() {
        plan.read_only(&place, &place);
        nested += 1;
        place = PathBuf::from(format!("{BELOW}-{nested}"));
    }
    place
}

struct Layer<'a> {
    at: &'a Path,
    below: &'a Path,
    hidden: &'a [PathBuf],
}

/// Links to everything in `from` from the build's own `to`; with `depth`, folders are made anew.
fn fill(layer: &Layer<'_>, from: &Path, to: &Path, depth: u32) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, own) = (entry.path(), to.join(entry.file_name()));
        if layer.hidden.iter().any(|hidden| path.starts_with(hidden)) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            symlink(fs::read_link(&path)?, own)?;
        } else if kind.is_dir() && path == Path::new(SETTINGS) {
            fs::create_dir(own)?;
        } else if kind.is_dir() && depth > 0 && (from == layer.at || is_small(&path)) {
            fs::create_dir(&own)?;
            // One that only others may look into stays empty.
            match fill(layer, &path, &own, depth - 1) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
                filled => filled?,
            }
        } else if let Ok(rest) = path.strip_prefix(layer.at) {
            symlink(layer.below.join(rest), own)?;
        }
    }
    Ok(())
}

fn is_small(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| entries.take(SMALL + 1).count() <= SMALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_the_builds_own_to_their_depth_and_everything_else_is_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (from, to) = (root.join("local"), root.join("own"));
        for file in ["bin/tool", "lib/node/npm/x", "share/ca/one.crt", "secret/key", "file"] {
            let file = from.join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        fs::create_dir(from.join("share/many")).unwrap();
        for number in 0..=SMALL {
            fs::write(from.join(format!("share/many/{number}")), "").unwrap();
        }
        symlink("share/man", from.join("man")).unwrap();
        fs::create_dir(&to).unwrap();
        let hidden = [from.join("secret")];
        let layer = Layer { at: &from, below: Path::new("/below"), hidden: &hidden };
        fill(&layer, &from, &to, 2).unwrap();
        for (path, leads) in [
            ("bin", None),
            ("bin/tool", Some("/below/bin/tool")),
            ("lib/node", None),
            ("lib/node/npm", Some("/below/lib/node/npm")),
            ("share/ca", None),
            ("share/ca/one.crt", Some("/below/share/ca/one.crt")),
            ("share/many", Some("/below/share/many")),
            ("file", Some("/below/file")),
            ("man", Some("share/man")),
        ] {
            let leads = leads.map(PathBuf::from);
            assert_eq!(fs::read_link(to.join(path)).ok(), leads, "{path}");
            assert!(leads.is_some() || to.join(path).is_dir(), "{path}");
        }
        assert!(fs::symlink_metadata(to.join("secret")).is_err());
    }
}
