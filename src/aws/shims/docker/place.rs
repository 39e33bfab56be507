//! Where a file of a build is outside of it.
//!
//! Owns: finding the one place that a path stands for, once; that place is what an engine is handed, so that a link which is
//! put there later leads nowhere else. Leaves to `Tools` which folders are the build's.

use std::path::{Component, Path, PathBuf};

use crate::aws::shims::Tools;

/// Where a path is outside, with all links in it followed. What is not there yet is in the folder that is: `None` when that,
/// or what is there, is not in the folders of the build.
pub(super) fn outside(tools: &Tools, path: &Path) -> Option<PathBuf> {
    if let Some(place) = tools.outside(path) {
        return Some(place);
    }
    let mut missing = Vec::new();
    let mut known = path;
    loop {
        match known.components().next_back()? {
            Component::Normal(name) => missing.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
        known = known.parent()?;
        if let Some(folder) = tools.outside(known) {
            // A link to nowhere is something that is there.
            let first = folder.join(missing.last()?);
            let is_new = folder.is_dir() && first.symlink_metadata().is_err();
            return is_new.then(|| missing.iter().rev().fold(folder, |place, name| place.join(name)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_place_and_that_is_in_the_builds_folders() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let work = root.join("work");
        std::fs::create_dir_all(work.join("sub")).unwrap();
        std::fs::create_dir(root.join("other")).unwrap();
        std::fs::write(work.join("file"), "").unwrap();
        for (link, target) in
            [("in", "sub"), ("out", "../other"), ("etc", "/etc"), ("nowhere", "/nowhere/at/all")]
        {
            std::os::unix::fs::symlink(target, work.join(link)).unwrap();
        }
        let tools = Tools::new(None, vec![("/src".into(), work.clone())], "run-1");
        for (path, expected) in [
            ("/src", Some("")),
            ("/src/", Some("")),
            ("/src/./sub/..", Some("")),
            ("/src/file", Some("file")),
            ("/src/in", Some("sub")),
            ("/src/in/new", Some("sub/new")),
            ("/src/new/er/est", Some("new/er/est")),
            ("/src/out", None),
            ("/src/out/new", None),
            ("/src/etc/passwd", None),
            ("/src/nowhere", None),
            ("/src/nowhere/x", None),
            ("/src/file/x", None),
            ("/src/..", None),
            ("/src/new/../../other", None),
            ("/src/../other", None),
            ("/other", None),
            ("relative", None),
        ] {
            // Without the slash that an empty name behind it would leave.
            let expected = expected.map(|name| if name.is_empty() { work.clone() } else { work.join(name) });
            assert_eq!(outside(&tools, Path::new(path)), expected, "{path}");
        }
    }
}
