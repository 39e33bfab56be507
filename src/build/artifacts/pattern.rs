//! One entry of `files` or `exclude-paths`: a path, or a pattern (codebuild.md 1.9).
//!
//! Owns: what is a pattern, and AWS's rules for it: `*` stays inside one name, `**` is any number of folders.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use globset::{Glob, GlobBuilder, GlobMatcher, GlobSet, GlobSetBuilder};

use super::walk;

/// An entry of `files`.
#[derive(Debug)]
pub(super) enum Pattern {
    /// The name of one file.
    Literal(PathBuf),
    /// A pattern.
    Glob {
        /// The folders before the first part that is a pattern.
        start: PathBuf,
        /// How far below `start` a match can be; `None` when `**` lets it be anywhere.
        depth: Option<usize>,
        /// The whole pattern.
        matcher: GlobMatcher,
    },
}

impl Pattern {
    /// Reads an entry; a file in `folder` that is really called so counts as its name.
    pub(super) fn new(text: &OsStr, folder: &Path) -> Self {
        let path = relative(Path::new(text), folder);
        let glob = match text.to_str() {
            Some(_) if is_glob(path.as_os_str()) && !folder.join(&path).exists() => {
                compiled(path.as_os_str())
            }
            _ => None,
        };
        let Some(glob) = glob else { return Self::Literal(path) };
        let parts: Vec<Component<'_>> = path.components().collect();
        let fixed = parts.iter().take_while(|part| !is_glob(part.as_os_str())).count();
        let depth = if path.as_os_str().as_bytes().windows(2).any(|two| two == b"**") {
            None
        } else {
            Some(parts.len() - fixed)
        };
        Self::Glob { start: parts[..fixed].iter().collect(), depth, matcher: glob.compile_matcher() }
    }

    /// Whether it names one file.
    pub(super) fn is_literal(&self) -> bool {
        matches!(self, Self::Literal(_))
    }

    /// The files it stands for, relative to `folder`, in the order of their names. An error names the folder that
    /// cannot be listed. `reach` says where a folder is that may be, or lie behind, a link.
    pub(super) fn find(
        &self,
        folder: &Path,
        reach: &dyn Fn(&Path) -> Option<PathBuf>,
    ) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
        match self {
            Self::Literal(path) => {
                let full = folder.join(path);
                let there =
                    full.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) && !full.is_dir();
                Ok(Vec::from_iter(there.then(|| path.clone())))
            }
            Self::Glob { start, depth, matcher } => {
                let mut found = Vec::new();
                let Some(top) = reach(&folder.join(start)) else { return Ok(found) };
                walk::files(&top, start, *depth, &mut |path| {
                    if matcher.is_match(path) {
                        found.push(path.to_owned());
                    }
                })?;
                Ok(found)
            }
        }
    }
}

/// `path` without `.` and relative to `folder`, where it is below it.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let path = path.strip_prefix(folder).unwrap_or(path);
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}

/// Whether a name has characters that make it a pattern.
pub(super) fn is_glob(name: &OsStr) -> bool {
    name.as_bytes().iter().any(|byte| b"*?[{".contains(byte))
}

/// A matcher for any of these patterns; those that are none are taken literally.
pub(super) fn any_of(patterns: impl IntoIterator<Item = OsString>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let path = relative(Path::new(&pattern), Path::new(""));
        if let Some(glob) = compiled(path.as_os_str()) {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}

/// `text` as a glob.
fn compiled(text: &OsStr) -> Option<Glob> {
    let glob =
        |text: &str| GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build().ok();
    let text = text.to_str()?;
    glob(text).or_else(|| glob(&globset::escape(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_follow_the_documented_rules() {
        // codebuild.md 1.9: forms of `files`, rules and examples of `exclude-paths`.
        let table: [(&str, &[&str], &[&str]); 11] = [
            ("**/*", &["a", "a/b", ".hidden", "a/.b/c"], &[]),
            ("dir/*", &["dir/a", "dir/.a"], &["a", "dir/a/b", "x/dir/a"]),
            ("dir/**/*", &["dir/a", "dir/a/b"], &["dir", "a", "xdir/a"]),
            ("*.jar", &["a.jar", ".jar"], &["a/b.jar"]),
            ("**/*.jar", &["a.jar", "a/b/c.jar"], &["a.jar/x"]),
            ("*/my-file-3.txt", &["my-subdirectory/my-file-3.txt"], &["my-file-3.txt", "a/b/my-file-3.txt"]),
            ("**/file-name/**/*", &["file-name/a", "a/file-name/b/c"], &["file-name", "a/file-names/b"]),
            ("**/.*/**/*", &[".git/a", "a/.git/b/c"], &[".gitignore", "a/b"]),
            ("**/.*", &[".gitignore", "a/.b"], &["a", ".git/a"]),
            ("**/", &["a", "a/b"], &[]),
            ("dist/app-?.[tz]*", &["dist/app-1.tar", "dist/app-2.zip"], &["dist/app-10.tar"]),
        ];
        for (pattern, matches, others) in table {
            let set = any_of([OsString::from(pattern)]);
            for path in matches {
                assert!(set.is_match(path), "{pattern} matches {path}");
            }
            for path in others {
                assert!(!set.is_match(path), "{pattern} does not match {path}");
            }
        }
    }
}
