//! A private `.git` with the history of one commit.
//!
//! Owns: what a full clone (`OutputArtifactFormat` `CODEBUILD_CLONE_REF`, codepipeline.md 2.2), or the clone that
//! CodeBuild makes of a source in git (codebuild.md 3.7), holds besides the files. Leaves to `objects`: the object store. Leaves to `export`: the files.
//!
//! Written by hand rather than with `git clone` or libgit2's `init`, which would consult templates, settings and the
//! user's name. Nothing in it is linked to or borrowed from the user's repository, so whatever a build does to it stays
//! in the build.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::num::NonZeroU32;
use std::path::Path;

use git2::{ObjectType, Oid, RepositoryOpenFlags};

use super::error::Error;
use super::notice::Notice;
use super::objects;
use super::revision::CommitId;

const CONFIG: &str =
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n";

/// Where pushes go that get past the shim of git: a name that by RFC 2606 never leads anywhere.
const NOWHERE: &str = "https://nowhere.invalid/";

/// What a private clone is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PrivateClone<'a> {
    /// The branch that is checked out; without it `HEAD` is detached.
    pub branch: Option<&'a str>,
    /// How many commits deep it is, the commit itself being the first; all of them unless given.
    pub depth: Option<NonZeroU32>,
    /// The URL of `origin`, as a text to be read: nothing is ever pushed there. Without it there is no remote.
    pub origin: Option<&'a str>,
}

/// Writes `into/.git`: the history of `commit` and the tags in it, from the git directory `from`, of which `refs` is a
/// handle.
pub(super) fn write(
    refs: &git2::Repository,
    from: &Path,
    commit: &CommitId,
    clone: &PrivateClone<'_>,
    into: &Path,
) -> Result<Vec<Notice>, Error> {
    let branch = clone.branch.map(|branch| format!("refs/heads/{branch}"));
    if let Some(name) = branch.as_deref().filter(|name| !git2::Reference::is_valid_name(name)) {
        return Err(Error::UnknownRevision { rev: name.to_owned(), did_you_mean: Vec::new() });
    }
    let git_dir = into.join(".git");
    for folder in ["objects/pack", "objects/info", "refs/heads", "refs/tags"] {
        let folder = git_dir.join(folder);
        fs::create_dir_all(&folder).map_err(Error::io("make the folder", &folder))?;
    }
    let put = |name: &str, content: &str| {
        let path = git_dir.join(name);
        fs::write(&path, content).map_err(Error::io("write", &path))
    };
    let git = || Error::git(format!("copy the history of {commit}"));
    let tip = commit.oid().map_err(git())?;
    let ends = ends_of_shallow_clone(from)?;
    put("config", &format!("{CONFIG}{}", clone.origin.and_then(remote).unwrap_or_default()))?;
    put("HEAD", &branch.as_ref().map_or_else(|| format!("{commit}\n"), |branch| format!("ref: {branch}\n")))?;
    let cut = clone.depth.map_or(Ok(String::new()), |depth| ends_at(refs, tip, depth)).map_err(git())?;
    if !ends.is_empty() || !cut.is_empty() {
        put("shallow", &format!("{ends}{cut}"))?;
    }
    objects::copy(&from.join("objects"), &git_dir.join("objects"))?;

    // From here on the copy is asked, so what it lacks shows now and not in the build.
    let copy = open(&git_dir).map_err(git())?;
    let past = past(&copy, tip).map_err(git())?;
    let tags = tags(refs, &copy, &past).map_err(git())?;
    put("packed-refs", &packed_refs(branch.as_deref(), tip, &tags))?;
    index(&copy, tip, &git_dir.join("index")).map_err(git())?;
    let is_cut = ends.lines().any(|line| Oid::from_str(line).is_ok_and(|oid| past.contains(&oid)));
    Ok(if is_cut { vec![Notice::Shallow] } else { Vec::new() })
}

fn open(git_dir: &Path) -> Result<git2::Repository, git2::Error> {
    const NO_CEILING: [&Path; 0] = [];
    let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::BARE;
    let copy = git2::Repository::open_ext(git_dir, flags, NO_CEILING)?;
    copy.set_config(&git2::Config::new()?)?;
    Ok(copy)
}

/// The commit and all it descends from.
fn past(copy: &git2::Repository, tip: Oid) -> Result<HashSet<Oid>, git2::Error> {
    let mut walk = copy.revwalk()?;
    walk.push(tip)?;
    walk.collect()
}

/// A tag ref, the objects it goes through, and the commit it leads to.
struct Tag {
    name: String,
    objects: Vec<Oid>,
    commit: Oid,
}

/// The tags whose commits are in the history, as `git clone` would bring them along: `git describe` needs them.
fn tags(
    refs: &git2::Repository,
    copy: &git2::Repository,
    past: &HashSet<Oid>,
) -> Result<Vec<Tag>, git2::Error> {
    let store = copy.odb()?;
    let mut tags = Vec::new();
    for reference in refs.references_glob("refs/tags/*")? {
        let reference = reference?;
        let (Ok(name), Some(mut target)) = (reference.name(), reference.target()) else { continue };
        let mut objects = Vec::new();
        // A tag whose object is missing ends here too, and is left out.
        while let Ok((_, ObjectType::Tag)) = store.read_header(target) {
            objects.push(target);
            target = copy.find_tag(target)?.target_id();
        }
        if past.contains(&target) {
            tags.push(Tag { name: name.to_owned(), objects, commit: target });
        }
    }
    tags.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(tags)
}

/// The refs in the form of git's `packed-refs`, in the order of their names.
fn packed_refs(branch: Option<&str>, tip: Oid, tags: &[Tag]) -> String {
    let mut text = String::from("# pack-refs with: peeled fully-peeled sorted \n");
    let branch = branch.map(|branch| format!("{tip} {branch}\n"));
    text.push_str(&branch.unwrap_or_default());
    for tag in tags {
        let object = tag.objects.first().unwrap_or(&tag.commit);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{object} {}", tag.name);
        if !tag.objects.is_empty() {
            let _ = writeln!(text, "^{}", tag.commit);
        }
    }
    text
}

/// Settings for a remote of this URL, without a login that it holds; `None` for a text that is no URL of one line.
fn remote(url: &str) -> Option<String> {
    if url.is_empty() || url.chars().any(char::is_control) {
        return None;
    }
    let url = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or(host))
        }
        None => url.to_owned(),
    };
    let url = url.replace('\\', "\\\\").replace('"', "\\\"");
    Some(format!(
        "[remote \"origin\"]\n\turl = \"{url}\"\n\tpushurl = {NOWHERE}\n\tfetch = \
         +refs/heads/*:refs/remotes/origin/*\n"
    ))
}

/// The content of the file `shallow` for a history that is `depth` commits deep.
fn ends_at(refs: &git2::Repository, tip: Oid, depth: NonZeroU32) -> Result<String, git2::Error> {
    let mut seen = HashSet::from([tip]);
    let mut level = vec![tip];
    for _ in 1..depth.get() {
        let mut next = Vec::new();
        for id in level {
            next.extend(refs.find_commit(id)?.parent_ids().filter(|parent| seen.insert(*parent)));
        }
        level = next;
        if level.is_empty() {
            break;
        }
    }
    let mut text = String::new();
    for id in level {
        if refs.find_commit(id)?.parent_count() > 0 {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{id}");
        }
    }
    Ok(text)
}

/// The content of the file `shallow`: the commits whose parents are missing.
fn ends_of_shallow_clone(from: &Path) -> Result<String, Error> {
    let path = from.join("shallow");
    match fs::read_to_string(&path) {
        Ok(ends) => Ok(ends),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::io("read", &path)(error)),
    }
}

/// An index of the commit. It knows no times, so the first command that looks at the files compares their content.
fn index(copy: &git2::Repository, tip: Oid, path: &Path) -> Result<(), git2::Error> {
    let mut index = git2::Index::open(path)?;
    index.read_tree(&copy.find_commit(tip)?.tree()?)?;
    index.write()
}
