//! Paths as they are typed, and as they are shown to whom stands in a folder.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, as far as they can be resolved without looking.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// The way from one folder to a path.
pub(super) fn seen_from(from: &Path, to: &Path) -> PathBuf {
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    up.chain(to.components().skip(common)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_seen_from_where_the_user_stands() {
        for (from, to, expected) in [
            ("/repository", "/repository/buildspec.yml", "buildspec.yml"),
            ("/repository/src", "/repository/buildspec.yml", "../buildspec.yml"),
            ("/repository/src/a", "/repository/ci/b.yml", "../../ci/b.yml"),
        ] {
            assert_eq!(seen_from(Path::new(from), Path::new(to)), Path::new(expected));
        }
    }

    #[test]
    fn dots_in_paths_are_resolved() {
        for (path, expected) in [("/a/./b", "/a/b"), ("/a/b/../c", "/a/c"), ("/..", "/")] {
            assert_eq!(plain(Path::new(path)), Path::new(expected));
        }
    }
}
