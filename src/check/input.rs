//! The files to check, and getting at their content.
//!
//! Of ten thousand files the names are known at once, the contents one after another: a file is read when its turn comes,
//! and what is left of it afterwards is what has to be said about it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::pipeline::definition::{Files, FolderFiles};
use crate::repo::Found;
use crate::spec::FileKind;

/// A file to check.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name that findings show: a path as seen from where the user stands.
    pub name: String,
    /// The path relative to the top of the files; none for a file from elsewhere.
    pub path: Option<PathBuf>,
    /// What it is.
    pub kind: FileKind,
    /// What is in it.
    pub content: Content,
}

/// The content of a file, or where it is.
#[derive(Debug, Clone)]
pub enum Content {
    /// It was read.
    Bytes(Vec<u8>),
    /// In the files at the top, at the path of the file.
    AtPath,
    /// Below a folder that is elsewhere.
    Below {
        /// The folder.
        root: Arc<Path>,
        /// The path relative to it.
        path: PathBuf,
    },
}

impl Input {
    /// The content, of a file among `files` or from elsewhere. What goes wrong is said in words: the file may have changed
    /// since it was found.
    pub fn read(&self, files: &dyn Files) -> Result<Cow<'_, [u8]>, String> {
        let found = match (&self.content, &self.path) {
            (Content::Bytes(bytes), _) => return Ok(Cow::Borrowed(bytes)),
            (Content::Below { root, path }, _) => FolderFiles { root }.look(path),
            (Content::AtPath, Some(path)) => files.look(path),
            (Content::AtPath, None) => Ok(Found::Nothing),
        };
        match found {
            Ok(Found::File(bytes)) => Ok(Cow::Owned(bytes)),
            Ok(Found::Nothing) => Err("it is gone".to_owned()),
            Ok(Found::Other(what)) => Err(format!("it is {what}")),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Place, Settings, check, find, fix, walk};

    /// Files that vanish, or turn into something else, between being found and being read cost a word; the others are checked.
    #[test]
    fn files_that_vanish_meanwhile_are_told_and_the_others_checked() {
        let folder = tempfile::tempdir().unwrap();
        let wrong = "version: 0.2\nphases:\n  biuld:\n    commands: [make]\n";
        let names = ["buildspec-gone.yml", "buildspec-here.yml", "buildspec-turned.yml"];
        for name in names {
            std::fs::write(folder.path().join(name), wrong).unwrap();
        }
        let files = FolderFiles { root: folder.path() };
        let here = |path: &Path| path.display().to_string();
        let found = find(&files, &walk(folder.path()), None, &here);
        assert_eq!(found.inputs.len(), names.len());
        std::fs::remove_file(folder.path().join(names[0])).unwrap();
        std::fs::remove_file(folder.path().join(names[2])).unwrap();
        std::fs::create_dir(folder.path().join(names[2])).unwrap();
        let settings = Settings::default();
        let place = Place {
            files: &files,
            complete: true,
            name: &here,
            settings: &settings,
            shellcheck: None,
            remotes: &[],
        };
        let report = check(found.inputs.clone(), &place);
        let told: Vec<_> = report.findings.iter().map(|finding| finding.source.name()).collect();
        assert_eq!(told, [names[1]]);
        let unreadable: Vec<_> =
            report.unreadable.iter().map(|(name, why)| (name.as_str(), why.as_str())).collect();
        assert_eq!(unreadable, [(names[0], "it is gone"), (names[2], "it is a folder")]);
        let fixed = fix(&found.inputs, &place, &report, &|_| true);
        let repaired: Vec<_> = fixed.iter().map(|fixed| found.inputs[fixed.index].name.as_str()).collect();
        assert_eq!(repaired, [names[1]]);
    }
}
