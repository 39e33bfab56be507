//! From names to commits.
//!
//! Owns: what a revision names, the list of refs, and the names that may have been meant. Leaves to `tree`: what is in
//! a commit.

use git2::{ErrorClass, ErrorCode, ObjectType, Reference};

use super::error::Error;
use super::revision::{Commit, CommitId, Person, Ref, RefKind};
use crate::clock::Timestamp;

/// How many names are offered when one is unknown.
const OFFERED: usize = 3;

/// The commit that `rev` names.
pub(super) fn resolve(repository: &git2::Repository, rev: &str) -> Result<Commit, Error> {
    let (object, reference) = match repository.revparse_ext(rev) {
        Ok((object, reference)) => (object, reference),
        Err(error) if error.code() == ErrorCode::Ambiguous => (only_commit(repository, rev)?, None),
        Err(error) => return Err(unknown(repository, rev, error)),
    };
    let commit = object.peel_to_commit().map_err(|_| Error::NotACommit {
        rev: rev.to_owned(),
        kind: object.kind().map_or_else(|| "object".to_owned(), |kind| kind.to_string()),
    })?;
    let mut resolved = describe(&commit);
    if let Some(reference) = reference {
        (resolved.branch, resolved.tag) = origin(repository, &reference);
    }
    Ok(resolved)
}

fn describe(commit: &git2::Commit<'_>) -> Commit {
    Commit {
        id: CommitId::from_oid(commit.id()),
        tree: commit.tree_id().to_string(),
        author: person(&commit.author()),
        committer: person(&commit.committer()),
        message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
        branch: None,
        tag: None,
    }
}

fn person(signature: &git2::Signature<'_>) -> Person {
    Person {
        name: String::from_utf8_lossy(signature.name_bytes()).into_owned(),
        email: String::from_utf8_lossy(signature.email_bytes()).into_owned(),
        // A commit can claim any second; one beyond the calendar becomes the beginning of time.
        at: Timestamp::from_second(signature.when().seconds()).unwrap_or(Timestamp::UNIX_EPOCH),
    }
}

/// The branch or the tag that a ref is.
fn origin(repository: &git2::Repository, reference: &Reference<'_>) -> (Option<String>, Option<String>) {
    let full = String::from_utf8_lossy(reference.name_bytes());
    let Some(kind) = kind_of(&full) else { return (None, None) };
    let name = &full[kind.folder().len()..];
    match kind {
        RefKind::Branch => (Some(name.to_owned()), None),
        RefKind::Tag => (None, Some(name.to_owned())),
        RefKind::RemoteBranch => {
            // The remote's name may itself have slashes; without its settings the first folder is taken for it.
            let remote = repository.branch_remote_name(&full).ok();
            let remote = remote.as_deref().map(String::from_utf8_lossy);
            let known =
                remote.and_then(|remote| name.strip_prefix(&*remote)?.strip_prefix('/').map(str::to_owned));
            (known.or_else(|| name.split_once('/').map(|(_, name)| name.to_owned())), None)
        }
    }
}

fn kind_of(name: &str) -> Option<RefKind> {
    RefKind::ALL.into_iter().find(|kind| name.starts_with(kind.folder()))
}

/// Among the objects whose names begin with `rev`, the only commit, as git disambiguates.
fn only_commit<'r>(repository: &'r git2::Repository, rev: &str) -> Result<git2::Object<'r>, Error> {
    let look = || {
        let store = repository.odb()?;
        let mut commits = Vec::new();
        store.foreach(|oid| {
            let fits = oid.to_string().starts_with(&rev.to_ascii_lowercase());
            if fits && store.read_header(*oid).is_ok_and(|(_, kind)| kind == ObjectType::Commit) {
                commits.push(*oid);
            }
            true
        })?;
        commits.dedup();
        match commits[..] {
            [commit] => repository.find_object(commit, None).map(Some),
            _ => Ok(None),
        }
    };
    let found = look().map_err(Error::git(format!("look for `{rev}`")))?;
    found.ok_or_else(|| Error::AmbiguousRevision { rev: rev.to_owned() })
}

fn unknown(repository: &git2::Repository, rev: &str, error: git2::Error) -> Error {
    if error.class() == ErrorClass::Odb && repository.resolve_reference_from_short_name(rev).is_ok() {
        return Error::git(format!("read the commit of `{rev}`"))(error);
    }
    let refs = match refs(repository) {
        Ok(refs) => refs,
        Err(error) => return error,
    };
    let unborn = repository.head().is_err_and(|error| error.code() == ErrorCode::UnbornBranch);
    if unborn && (refs.is_empty() || matches!(rev, "HEAD" | "@")) {
        return Error::NoCommits { path: repository.path().to_path_buf() };
    }
    Error::UnknownRevision { rev: rev.to_owned(), did_you_mean: similar(rev, &refs) }
}

/// Short names that are a few typing errors away from `rev`, or end in it.
fn similar(rev: &str, refs: &[Ref]) -> Vec<String> {
    let wanted = rev.to_lowercase();
    let tolerance = (wanted.chars().count() / 3).clamp(1, 4);
    let mut found: Vec<(usize, &str)> = refs
        .iter()
        .filter_map(|candidate| {
            let name = candidate.short_name();
            let folded = name.to_lowercase();
            let last = folded.rsplit('/').next().unwrap_or_default();
            let distance = distance(&wanted, &folded).min(distance(&wanted, last) + 1);
            (distance <= tolerance).then_some((distance, name))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(OFFERED).map(|(_, name)| name.to_owned()).collect()
}

/// How many characters must be changed, added, dropped or swapped with their neighbour to make `from` into `to`.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=to.len()).collect()];
    for row in 1..=from.len() {
        let mut line = vec![row];
        for column in 1..=to.len() {
            let same = from[row - 1] == to[column - 1];
            let mut least = (rows[row - 1][column] + 1)
                .min(line[column - 1] + 1)
                .min(rows[row - 1][column - 1] + usize::from(!same));
            let swapped =
                row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1];
            if swapped {
                least = least.min(rows[row - 2][column - 2] + 1);
            }
            line.push(least);
        }
        rows.push(line);
    }
    rows[from.len()][to.len()]
}

/// The branch that is checked out.
pub(super) fn branch(repository: &git2::Repository) -> Result<Option<String>, Error> {
    let head = repository.find_reference("HEAD").map_err(Error::git("read HEAD"))?;
    let target = head.symbolic_target_bytes().map(String::from_utf8_lossy);
    Ok(target.and_then(|target| target.strip_prefix(RefKind::Branch.folder()).map(str::to_owned)))
}

/// The branch that the project takes for its default one.
pub(super) fn default_branch(repository: &git2::Repository) -> Result<Option<String>, Error> {
    const OF_ORIGIN: &str = "refs/remotes/origin/";
    if let Ok(head) = repository.find_reference(&format!("{OF_ORIGIN}HEAD"))
        && let Some(target) = head.symbolic_target_bytes().map(String::from_utf8_lossy)
        && let Some(name) = target.strip_prefix(OF_ORIGIN)
    {
        return Ok(Some(name.to_owned()));
    }
    let there =
        |name: &&str| repository.find_reference(&format!("{}{name}", RefKind::Branch.folder())).is_ok();
    match ["main", "master"].into_iter().find(there) {
        Some(name) => Ok(Some(name.to_owned())),
        None => branch(repository),
    }
}

/// All branches, tags and branches of remotes that lead to a commit.
pub(super) fn refs(repository: &git2::Repository) -> Result<Vec<Ref>, Error> {
    let mut refs = Vec::new();
    for reference in repository.references().map_err(Error::git("list the refs"))? {
        let reference = reference.map_err(Error::git("list the refs"))?;
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        let Some(kind) = kind_of(&name) else { continue };
        if let Some(commit) = commit_of(&reference, kind) {
            refs.push(Ref { name, kind, commit: CommitId::from_oid(commit) });
        }
    }
    refs.sort_unstable();
    Ok(refs)
}

/// A symbolic ref (`refs/remotes/origin/HEAD`) is another name of a ref that is in the list already.
fn commit_of(reference: &Reference<'_>, kind: RefKind) -> Option<git2::Oid> {
    let target = reference.target()?;
    match kind {
        RefKind::Branch | RefKind::RemoteBranch => Some(target),
        RefKind::Tag => reference.peel_to_commit().ok().map(|commit| commit.id()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_typing_errors() {
        for (from, to, expected) in
            [("main", "main", 0), ("mian", "main", 1), ("mai", "main", 1), ("", "ab", 2), ("v1.0", "v1.2", 1)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
