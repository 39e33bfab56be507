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
