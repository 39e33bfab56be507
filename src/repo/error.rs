//! What can go wrong with a repository, in terms a user can act on.
//!
//! Owns: the error type and the translation of libgit2's refusals to open a repository. Leaves to `cli`: exit codes.

use std::io;
use std::path::{Path, PathBuf};

/// Why a question about a repository has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no repository at or above this folder.
    #[error("{} is not inside a git repository", from.display())]
    NotARepository {
        /// Where the search began.
        from: PathBuf,
    },
    /// The repository, or the branch that is checked out in it, has no commit yet.
    #[error("the repository at {} has no commits yet", path.display())]
    NoCommits {
        /// The repository.
        path: PathBuf,
    },
    /// No branch, tag or commit has this name.
    #[error("no branch, tag or commit is called `{rev}`")]
    UnknownRevision {
        /// What was asked for.
        rev: String,
        /// Names of refs that look alike, the likeliest first.
        did_you_mean: Vec<String>,
    },
    /// An abbreviation that fits several objects.
    #[error("`{rev}` is short for more than one commit")]
    AmbiguousRevision {
        /// What was asked for.
        rev: String,
    },
    /// The name leads to a tree or a blob.
    #[error("`{rev}` is a {kind}, not a commit")]
    NotACommit {
        /// What was asked for.
        rev: String,
        /// What it is.
        kind: String,
    },
    /// A repository in a format that libgit2 cannot read.
    #[error("the repository at {} uses {what}, which is not supported", path.display())]
    Unsupported {
        /// The repository.
        path: PathBuf,
        /// The format.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// git's protection against repositories that belong to somebody else.
    #[error("the repository at {} belongs to another user", path.display())]
    NotTrusted {
        /// The repository.
        path: PathBuf,
    },
    /// A bare repository, where a working tree is needed.
    #[error("the repository at {} has no working tree", path.display())]
    NoWorkTree {
        /// The repository.
        path: PathBuf,
    },
    /// A commit whose files cannot be written out, such as one with a file called `..`.
    #[error("the commit cannot be written out: {reason}: {}", path.display())]
    InvalidTree {
        /// What is wrong.
        reason: &'static str,
        /// The path in the commit.
        path: PathBuf,
    },
    /// git objects or refs could not be read.
    #[error("cannot {attempted}: {source}")]
    Git {
        /// What was attempted, as a verb phrase.
        attempted: String,
        /// libgit2's reason.
        #[source]
        source: git2::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {attempted}: {source}")]
    Io {
        /// What was attempted, as a verb phrase.
        attempted: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// What the user can do about it, where there is something particular to do.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownRevision { did_you_mean, .. } if !did_you_mean.is_empty() => {
                let names: Vec<_> = did_you_mean.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("did you mean {}?", names.join(" or ")))
            }
            Self::UnknownRevision { .. } => {
                Some("`git branch --all` and `git tag` list the names there are".into())
            }
            Self::AmbiguousRevision { .. } => Some("write more characters of the commit id".into()),
            Self::NoCommits { .. } => {
                Some("make a first commit: a rehearsal takes a commit as its source".into())
            }
            Self::Unsupported { hint, .. } => Some(hint.clone()),
            Self::NotTrusted { path } => Some(format!(
                "`git config --global --add safe.directory {}` says that you trust it",
                path.display()
            )),
            Self::NotARepository { .. }
            | Self::NotACommit { .. }
            | Self::NoWorkTree { .. }
            | Self::InvalidTree { .. }
            | Self::Git { .. }
            | Self::Io { .. } => None,
        }
    }

    /// An error of libgit2 while doing `attempted`, for use with `map_err`.
    pub(super) fn git(attempted: impl Into<String>) -> impl FnOnce(git2::Error) -> Self {
        let attempted = attempted.into();
        move |source| Self::Git { attempted, source }
    }

    /// An error of the system while doing `verb` to `path`, for use with `map_err`.
    pub(super) fn io<'a>(verb: &'a str, path: &'a Path) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::Io { attempted: format!("{verb} {}", path.display()), source }
    }

    /// An error of comparing or listing the working tree of `repository`.
    pub(super) fn work_tree(repository: &git2::Repository, attempted: &str, source: git2::Error) -> Self {
        match unsupported_index(source.message()) {
            Some((what, hint)) => {
                let path = repository.path().to_path_buf();
                Self::Unsupported { path, what: what.to_owned(), hint: hint.to_owned() }
            }
            None => Self::Git { attempted: attempted.to_owned(), source },
        }
    }

    /// An error of opening the repository at or above `path`.
    pub(super) fn opening(path: &Path, source: git2::Error) -> Self {
        let path = path.to_path_buf();
        match source.code() {
            git2::ErrorCode::NotFound => Self::NotARepository { from: path },
            git2::ErrorCode::Owner => Self::NotTrusted { path },
            _ => match unsupported(source.message()) {
                Some((what, hint)) => Self::Unsupported { path, what, hint },
                None => Self::Git { attempted: format!("open the repository at {}", path.display()), source },
            },
        }
    }
}

/// Recognises libgit2's refusal of an index (index.c, `read_extension`).
fn unsupported_index(message: &str) -> Option<(&'static str, &'static str)> {
    if !message.contains("unsupported mandatory extension") {
        return None;
    }
    Some(if message.contains("'sdir'") {
        ("a sparse index", "`git sparse-checkout reapply --no-sparse-index` writes the index out in full")
    } else if message.contains("'link'") {
        ("a split index", "`git update-index --no-split-index` joins the index again")
    } else {
        (
            "a newer format for its index",
            "`git update-index --force-write-index`, with git's default settings, writes the index anew",
        )
    })
}

/// Recognises libgit2's refusal of a format it does not know (repository.c, `check_valid_extension` and its siblings).
fn unsupported(message: &str) -> Option<(String, String)> {
    if message.contains("extensions.refstorage") {
        return Some((
            "the reftable format for its refs".into(),
            "`git refs migrate --ref-format=files` converts it in place, or work in a clone made with `git clone \
             --ref-format=files`"
                .into(),
        ));
    }
    if message.contains("unknown object format") {
        return Some((
            "an object format other than SHA-1".into(),
            "`git fast-export --all --signed-tags=strip | git -C NEW fast-import`, with NEW made by `git init \
             --object-format=sha1`, copies the history into a repository that works"
                .into(),
        ));
    }
    if let Some((_, extension)) = message.split_once("unsupported extension name extensions.") {
        return Some((
            format!("git's `{extension}` extension"),
            "a full clone without that option (`git clone`, without `--filter`) works".into(),
        ));
    }
    message.contains("unsupported repository version").then(|| {
        ("a newer repository format".into(), "work in a clone made with git's default settings".into())
    })
}

#[cfg(test)]
mod tests {
    use git2::{ErrorClass, ErrorCode};

    use super::*;

    #[test]
    fn the_repository_of_another_user_is_a_question_of_trust() {
        let owner = git2::Error::new(ErrorCode::Owner, ErrorClass::Config, "not owned by current user");
        let error = Error::opening(Path::new("/srv/project"), owner);
        assert_eq!(error.to_string(), "the repository at /srv/project belongs to another user");
        assert!(error.hint().is_some_and(|hint| hint.contains("safe.directory /srv/project")));
    }
}
