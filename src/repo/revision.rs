//! Commits and refs as the rest of Rehearsal sees them.
//!
//! Owns: the plain data that a repository hands out. Leaves to `git` and `resolve`: where it comes from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The full name of a commit: 40 hexadecimal digits in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitId(String);

impl CommitId {
    /// Takes a full name in either case; `None` for anything else, abbreviations too.
    pub fn parse(text: &str) -> Option<Self> {
        let hexadecimal = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hexadecimal.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The 40 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..8]
    }

    pub(super) fn from_oid(oid: git2::Oid) -> Self {
        Self(oid.to_string())
    }

    pub(super) fn oid(&self) -> Result<git2::Oid, git2::Error> {
        git2::Oid::from_str(&self.0)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<CommitId> for String {
    fn from(id: CommitId) -> Self {
        id.0
    }
}

impl TryFrom<String> for CommitId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is not the full id of a commit"))
    }
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: CommitId,
    /// The name of its tree.
    pub tree: String,
    /// Who wrote the change, and when.
    pub author: Person,
    /// Who made the commit, and when.
    pub committer: Person,
    /// The whole message; bytes that are not UTF-8 are replaced.
    pub message: String,
    /// The branch it was resolved from, without `refs/heads/`; that of a remote without the remote's name.
    pub branch: Option<String>,
    /// The tag it was resolved from, without `refs/tags/`.
    pub tag: Option<String>,
}

impl Commit {
    /// The first line of the message.
    pub fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// Somebody's name on a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// When. Its `to_string` is ISO 8601 in UTC, the form of `AuthorDate` (codepipeline.md 2.2).
    pub at: Timestamp,
}

/// A branch or a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    /// The full name, such as `refs/heads/main`; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// What it is.
    pub kind: RefKind,
    /// The commit it leads to, through the tag object if there is one.
    pub commit: CommitId,
}

impl Ref {
    /// The name without the folder of its kind: `main`, `v1.0`, `origin/main`.
    pub fn short_name(&self) -> &str {
        self.name.strip_prefix(self.kind.folder()).unwrap_or(&self.name)
    }
}

/// The kinds of refs that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefKind {
    /// `refs/heads/…`
    Branch,
    /// `refs/tags/…`
    Tag,
    /// `refs/remotes/…`
    RemoteBranch,
}

impl RefKind {
    pub(super) const ALL: [Self; 3] = [Self::Branch, Self::Tag, Self::RemoteBranch];

    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Branch => "refs/heads/",
            Self::Tag => "refs/tags/",
            Self::RemoteBranch => "refs/remotes/",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_id_is_forty_hexadecimal_digits() {
        let id = CommitId::parse("0123456789ABCDEF0123456789abcdef01234567").unwrap();
        assert_eq!(id.as_str(), "0123456789abcdef0123456789abcdef01234567");
        assert_eq!(id.short(), "01234567");
        for wrong in ["", "0123456", "main", "g123456789abcdef0123456789abcdef01234567"] {
            assert_eq!(CommitId::parse(wrong), None, "{wrong}");
        }
    }
}
