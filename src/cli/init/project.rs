//! What a repository holds, as far as its buildspecs depend on it.
//!
//! Owns: which languages there are, and the facts of a Rust project. Only files at the top count that a commit would
//! have: a lock file that git ignores is not there for a build. Leaves to [`super::node`] and [`super::python`] theirs.

use std::path::Path;

use super::{node, python};
use crate::cli::arguments::Language;
use crate::cli::ending::Failure;
use crate::repo::Repository;

/// The top of the working tree.
pub(super) struct Top<'a> {
    /// Its folder.
    pub(super) root: &'a Path,
    /// Its repository.
    pub(super) repository: &'a dyn Repository,
}

impl Top<'_> {
    /// Whether a commit of all there is would have this file.
    pub(super) fn has(&self, path: &str) -> Result<bool, Failure> {
        Ok(self.root.join(path).is_file() && !self.repository.ignores(Path::new(path))?)
    }

    /// The text of a file; none when a commit would not have it. What is not UTF-8 in it is replaced.
    pub(super) fn text(&self, path: &str) -> Result<Option<String>, Failure> {
        if !self.has(path)? {
            return Ok(None);
        }
        match std::fs::read(self.root.join(path)) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) => Err(Failure::unusable(format!("cannot read {path}: {error}"))),
        }
    }
}

/// What the templates are filled with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Recipe {
    /// Build and test as templates.
    pub(super) buildspecs: Buildspecs,
    /// What holds in them, and in the other files.
    pub(super) flags: Vec<&'static str>,
    /// Values of the buildspecs.
    pub(super) values: Vec<(&'static str, String)>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

/// The two buildspecs of a language.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Buildspecs {
    /// `buildspecs/build.yml`
    pub(super) build: &'static str,
    /// `buildspecs/test.yml`, written with the flag `test`.
    pub(super) test: &'static str,
}

/// The languages there are, each with the file that shows it.
pub(super) fn languages(top: &Top<'_>) -> Result<Vec<(Language, &'static str)>, Failure> {
    const SIGNS: [(Language, &[&str]); 3] = [
        (Language::Rust, &["Cargo.toml"]),
        (Language::Node, &["package.json"]),
        (Language::Python, &["pyproject.toml", "setup.py", "requirements.txt"]),
    ];
    let mut found = Vec::new();
    for (language, files) in SIGNS {
        for file in files {
            if top.has(file)? {
                found.push((language, *file));
                break;
            }
        }
    }
    Ok(found)
}

/// What to write for a project in this language.
pub(super) fn recipe(top: &Top<'_>, language: Language) -> Result<Recipe, Failure> {
    match language {
        Language::Rust => rust(top),
        Language::Node => node::recipe(top),
        Language::Python => python::recipe(top),
        Language::Other => Ok(Recipe {
            buildspecs: Buildspecs {
                build: include_str!("templates/build-other.yml.in"),
                test: include_str!("templates/test-other.yml.in"),
            },
            flags: vec!["test"],
            values: Vec::new(),
            notes: Vec::new(),
        }),
    }
}

fn rust(top: &Top<'_>) -> Result<Recipe, Failure> {
    let mut flags = vec!["test"];
    if top.has("Cargo.lock")? {
        flags.push("lock");
    }
    Ok(Recipe {
        buildspecs: Buildspecs {
            build: include_str!("templates/build-rust.yml.in"),
            test: include_str!("templates/test-rust.yml.in"),
        },
        flags,
        values: Vec::new(),
        notes: Vec::new(),
    })
}
