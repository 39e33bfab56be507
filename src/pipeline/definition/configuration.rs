//! rehearsal.yml as it counts for one run: what pipelines and projects there are comes from the commit, what the
//! user's machine contributes comes from the user's own working tree only.

use std::path::Path;
use std::sync::Arc;

use super::{Error, Files, answers};
use crate::diagnostic::{self, Finding};
use crate::repo::Found;
use crate::spec::config::{self, Config, Project, WorkingTree};
use crate::syntax::{self, SourceFile};

/// The name of the file.
pub const CONFIGURATION: &str = "rehearsal.yml";

/// What counts, from both sides.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// Both parts put together.
    pub config: Config,
    /// The file the committed part came from.
    pub source: Option<Arc<SourceFile>>,
    /// Warnings about either file.
    pub findings: Vec<Finding>,
    /// What stands for the file, when its committed part was assumed.
    assumed: Option<String>,
}

/// The content of rehearsal.yml. A link out of the source is not followed: a fetched commit may have brought it.
fn text_of(files: &dyn Files) -> Result<Option<Vec<u8>>, Error> {
    match files.look(Path::new(CONFIGURATION))? {
        Found::File(bytes) => Ok(Some(bytes)),
        Found::Nothing => Ok(None),
        Found::Other(what) => Err(Error::NotAFile { place: files.place(), path: CONFIGURATION, what }),
    }
}

impl Configuration {
    /// Reads the committed part from `committed`, the rest from `own`, the user's working tree. A file that cannot be
    /// used is an error on either side: what does not count is validated, then ignored.
    pub fn read(committed: &dyn Files, own: Option<&dyn Files>) -> Result<Self, Error> {
        let theirs = text_of(committed)?;
        let ours = own.map(text_of).transpose()?.flatten();
        let same = theirs == ours;
        let mut whole = Self::default();
        if let Some(bytes) = &theirs {
            let (config, source) = whole.take(bytes)?;
            whole.config.committed = config.committed;
            whole.source = Some(source.clone());
            if same {
                whole.own(config.working_tree, &source, own)?;
            }
        }
        if let Some(bytes) = ours.filter(|_| !same) {
            let (config, source) = whole.take(&bytes)?;
            whole.own(config.working_tree, &source, own)?;
        }
        Ok(whole)
    }

    /// The committed part from a text that an execution was started with, the rest from `own`.
    pub fn recorded(text: &str, own: Option<&dyn Files>) -> Result<Self, Error> {
        let mut whole = Self::default();
        let (config, source) = whole.take(text.as_bytes())?;
        whole.config.committed = config.committed;
        whole.source = Some(source);
        if let Some(bytes) = own.map(text_of).transpose()?.flatten() {
            let (config, source) = whole.take(&bytes)?;
            whole.own(config.working_tree, &source, own)?;
        }
        Ok(whole)
    }

    /// The text that tells a later process of the committed part; see [`Configuration::recorded`].
    pub fn text(&self) -> Option<String> {
        match (&self.assumed, &self.source) {
            (Some(text), _) => Some(text.clone()),
            (None, Some(source)) => Some(source.text().to_owned()),
            (None, None) => None,
        }
    }

    /// Adds a project that nobody wrote down, with CodeBuild's default settings. There must be no others.
    pub(super) fn assume_project(&mut self, name: &str) {
        self.config.committed.projects = vec![Project { name: name.to_owned(), ..Project::default() }];
        self.assumed = Some(serde_json::json!({"projects": [{"name": name}]}).to_string());
    }

    /// Takes the user's own part, whose answers have to be usable.
    fn own(
        &mut self,
        working_tree: WorkingTree,
        source: &Arc<SourceFile>,
        files: Option<&dyn Files>,
    ) -> Result<(), Error> {
        let found = answers(source, &working_tree, files, &|path| path.display().to_string());
        if diagnostic::any_error(&found) {
            return Err(Error::Unusable(found));
        }
        self.findings.extend(found);
        self.config.working_tree = working_tree;
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(Config, Arc<SourceFile>), Error> {
        let read = config::load(CONFIGURATION, bytes);
        match (read.value, syntax::decode(CONFIGURATION, bytes)) {
            (Some(config), Ok(source)) if !diagnostic::any_error(&read.findings) => {
                self.findings.extend(read.findings);
                Ok((config, source))
            }
            _ => Err(Error::Unusable(read.findings)),
        }
    }
}
