//! Source actions: a commit becomes an artifact.
//!
//! Owns: the providers `CodeStarSourceConnection`, `CodeCommit` and `GitHub` v1 (codepipeline.md 2.2, 2.3): their
//! artifact and their output variables. Leaves to `pipeline`: which commit that is. Nothing is fetched: the repository
//! stands for whatever the configuration names.
//!
//! `OutputArtifactFormat` decides what the ZIP holds. `CODE_ZIP`: the files of the commit, without `.git`.
//! `CODEBUILD_CLONE_REF`: the files with a `.git` of their own at the top, holding the commit's history. On AWS that
//! artifact is a JSON reference that CodeBuild clones from, and only CodeBuild actions can read it; here the clone is
//! made at once, so whoever unpacks the artifact has it, and refusing other consumers is up to the pipeline. The index
//! in it knows no file times: `git update-index -q --refresh` after unpacking spares plumbing commands the surprise.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::action::{self, Cancel, Failure, Job, Outcome, Progress, Sink, Status, StopReason};
use crate::store::archive;

use super::error::Error;
use super::notice::{Exported, summary};
use super::revision::Commit;
use super::{CommitId, PrivateClone, Repository};

/// `CommitMessage` is cut here (codepipeline.md 2.2 and 5: 100 KB).
const LONGEST_MESSAGE: usize = 100 * 1024;

/// The provider of source actions that take their files from a git repository.
pub struct GitSource {
    repository: Arc<dyn Repository>,
    files: Files,
    branch: Option<String>,
    tag: Option<String>,
}

/// Where the files of the artifact come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Files {
    Commit,
    WorkTree,
}

/// The services, which differ in configuration and output variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Connection,
    CodeCommit,
    GitHub,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    CodeZip,
    CloneRef,
}

impl GitSource {
    /// Takes the files of the commit that the job names.
    pub fn new(repository: Arc<dyn Repository>) -> Self {
        Self { repository, files: Files::Commit, branch: None, tag: None }
    }

    /// Takes the working tree as it is instead (`--worktree`); the variables are those of the commit below it.
    pub fn of_work_tree(repository: Arc<dyn Repository>) -> Self {
        Self { files: Files::WorkTree, ..Self::new(repository) }
    }

    /// The branch being rehearsed, for `BranchName` where the configuration has none.
    #[must_use]
    pub fn on_branch(self, branch: Option<String>) -> Self {
        Self { branch, ..self }
    }

    /// The tag that started the execution, for `TagName`.
    #[must_use]
    pub fn for_tag(self, tag: Option<String>) -> Self {
        Self { tag, ..self }
    }

    fn source(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, Stop> {
        let service = Service::of(&job.provider)?;
        let format = service.format(&job.configuration)?;
        let [output] = &job.outputs[..] else {
            return Err(misconfigured("a source action has exactly one output artifact"));
        };
        let branch = self.branch_name(service, &job.configuration)?;
        let commit = self.commit(job, branch.as_deref())?;
        let artifact = job.workspace.join(format!("{}.zip", output.name));
        go_on(cancel)?;
        let files = job.workspace.join("source");
        let exported = self.write(&commit.id, format, branch.as_deref(), &files)?;
        go_on(cancel)?;
        archive::pack(archive::Selection::Folder(&files), &artifact)
            .map_err(|error| Stop::Error(action::Error::from(error)))?;
        std::fs::remove_dir_all(&files).map_err(action::Error::at("remove", &files)).map_err(Stop::Error)?;
        for line in summary(&exported.notices) {
            sink.progress(Progress::Note(line));
        }
        Ok(Outcome {
            summary: Some(commit.title().to_owned()),
            external_execution_id: Some(commit.id.to_string()),
            artifacts: vec![(output.name.clone(), artifact)],
            variables: self.variables(service, &job.configuration, branch, &commit),
            revision: Some(commit.id.to_string()),
            ..Outcome::succeeded()
        })
    }

    fn branch_name(
        &self,
        service: Service,
        configuration: &BTreeMap<String, String>,
    ) -> Result<Option<String>, Error> {
        let configured = configuration.get(service.branch_key()).filter(|branch| !branch.is_empty());
        match configured.or(self.branch.as_ref()) {
            Some(branch) => Ok(Some(branch.clone())),
            None => self.repository.branch(),
        }
    }

    /// The job's commit. A job that names none is a manual start, which takes the head of the branch.
    fn commit(&self, job: &Job, branch: Option<&str>) -> Result<Commit, Error> {
        match (&job.revision, self.files, branch) {
            (Some(revision), _, _) => self.repository.resolve(revision),
            (None, Files::Commit, Some(branch)) => self.repository.resolve(branch),
            (None, Files::Commit, None) | (None, Files::WorkTree, _) => self.repository.head(),
        }
    }

    fn write(
        &self,
        commit: &CommitId,
        format: Format,
        branch: Option<&str>,
        into: &Path,
    ) -> Result<Exported, Error> {
        let clone = PrivateClone { branch, ..PrivateClone::default() };
        match (self.files, format) {
            (Files::Commit, Format::CodeZip) => self.repository.export(commit, into),
            (Files::Commit, Format::CloneRef) => self.repository.export_with_history(commit, &clone, into),
            (Files::WorkTree, Format::CodeZip) => self.repository.export_work_tree(into),
            (Files::WorkTree, Format::CloneRef) => {
                let mut exported = self.repository.export_work_tree(into)?;
                exported.notices.extend(self.repository.write_history(commit, &clone, into)?);
                Ok(exported)
            }
        }
    }

    /// The output variables of a push (codepipeline.md 2.2 and 2.3), and `TagName` for a tag.
    fn variables(
        &self,
        service: Service,
        configuration: &BTreeMap<String, String>,
        branch: Option<String>,
        commit: &Commit,
    ) -> BTreeMap<String, String> {
        let configured = |key: &str| configuration.get(key).cloned().unwrap_or_default();
        let mut variables = vec![
            ("AuthorDate", commit.author.at.to_string()),
            ("CommitId", commit.id.to_string()),
            ("CommitMessage", message(&commit.message).to_owned()),
        ];
        variables.extend(branch.map(|branch| ("BranchName", branch)));
        match service {
            Service::Connection => {
                variables.extend([
                    ("AuthorDisplayName", commit.author.name.clone()),
                    ("AuthorEmail", commit.author.email.clone()),
                    // The account's id at the provider is not in git; the address is as particular to the person.
                    ("AuthorId", commit.author.email.clone()),
                    ("ConnectionArn", configured("ConnectionArn")),
                    ("FullRepositoryName", configured("FullRepositoryId")),
                    ("ProviderType", "GitHub".to_owned()),
                ]);
                variables.extend(self.tag.clone().map(|tag| ("TagName", tag)));
            }
            Service::CodeCommit => variables.extend([
                ("CommitterDate", commit.committer.at.to_string()),
                ("RepositoryName", configured("RepositoryName")),
            ]),
            Service::GitHub => {
                let (owner, repository) = (configured("Owner"), configured("Repo"));
                let url = format!("https://github.com/{owner}/{repository}/commit/{}", commit.id);
                variables.extend([
                    ("CommitterDate", commit.committer.at.to_string()),
                    ("CommitUrl", url),
                    ("RepositoryName", repository),
                ]);
            }
        }
        variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl action::Provider for GitSource {
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, action::Error> {
        match self.source(job, sink, cancel) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Outcome(outcome)) => Ok(*outcome),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}

/// Why a source action does not come to its end.
enum Stop {
    /// The action fails, or was asked to end.
    Outcome(Box<Outcome>),
    /// Rehearsal itself cannot go on.
    Error(action::Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { attempted, source } => {
                Self::Error(action::Error { attempted: format!("cannot {attempted}"), source })
            }
            Error::Git { attempted, source } if source.class() == git2::ErrorClass::Os => {
                Self::Error(action::Error {
                    attempted: format!("cannot {attempted}"),
                    source: std::io::Error::other(source),
                })
            }
            other => {
                let message = match other.hint() {
                    Some(hint) => format!("{other}; {hint}"),
                    None => other.to_string(),
                };
                failed("RevisionUnavailable", message)
            }
        }
    }
}

/// A failure under one of CodePipeline's failure types (codepipeline.md 2.15).
fn failed(code: &str, message: impl Into<String>) -> Stop {
    let failure = Failure { code: code.to_owned(), message: message.into(), ..Failure::default() };
    Stop::Outcome(Box::new(Outcome::failed(failure)))
}

fn misconfigured(message: impl Into<String>) -> Stop {
    failed("ConfigurationError", message)
}

fn go_on(cancel: &Cancel) -> Result<(), Stop> {
    let (status, code) = match cancel.reason() {
        None => return Ok(()),
        Some(StopReason::TimedOut) => (Status::TimedOut, "TimedOut"),
        Some(StopReason::Stopped | StopReason::Signal(_)) => (Status::Stopped, "Stopped"),
    };
    let message = "the source action ended before its artifact was complete".to_owned();
    let failure = Failure { code: code.to_owned(), message, ..Failure::default() };
    Err(Stop::Outcome(Box::new(Outcome::with_status(status, Some(failure)))))
}

impl Service {
    fn of(provider: &str) -> Result<Self, Stop> {
        match provider {
            "CodeStarSourceConnection" => Ok(Self::Connection),
            "CodeCommit" => Ok(Self::CodeCommit),
            "GitHub" => Ok(Self::GitHub),
            other => Err(misconfigured(format!("`{other}` does not take its source from git"))),
        }
    }

    fn branch_key(self) -> &'static str {
        match self {
            Self::Connection | Self::CodeCommit => "BranchName",
            Self::GitHub => "Branch",
        }
    }

    fn format(self, configuration: &BTreeMap<String, String>) -> Result<Format, Stop> {
        match (configuration.get("OutputArtifactFormat").map(String::as_str), self) {
            (None | Some("CODE_ZIP"), _) => Ok(Format::CodeZip),
            (Some("CODEBUILD_CLONE_REF"), Self::Connection | Self::CodeCommit) => Ok(Format::CloneRef),
            (Some(other), _) => {
                Err(misconfigured(format!("`{other}` is not an OutputArtifactFormat of this provider")))
            }
        }
    }
}

/// The message without the line feed that git ends it with, and no longer than AWS passes on.
fn message(message: &str) -> &str {
    let message = message.trim_end_matches('\n');
    let end = (0..=LONGEST_MESSAGE.min(message.len())).rev().find(|end| message.is_char_boundary(*end));
    &message[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests;
