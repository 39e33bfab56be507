//! The private clone.

use std::num::NonZeroU32;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::repo::fixture::{Grown, listing};
use crate::repo::{Notice, PrivateClone, Repository, discover};

/// A clone with all history on this branch.
fn on(branch: Option<&str>) -> PrivateClone<'_> {
    PrivateClone { branch, ..PrivateClone::default() }
}

fn cloned(grown: &Grown, rev: &str, branch: Option<&str>) -> (PathBuf, Vec<Notice>) {
    let into = grown.beside("clone");
    let exported = grown.open().export_with_history(&grown.id(rev), &on(branch), &into).unwrap();
    (into, exported.notices)
}

#[test]
fn it_is_a_sound_repository_at_the_commit() {
    let grown = Grown::from("history");
    grown.git(&["tag", "group/inner", "v0.1"]);
    let (clone, notices) = cloned(&grown, "main", Some("release/2.x"));
    let git = |arguments: &[&str]| grown.git_in(&clone, arguments);
    assert_eq!(notices, []);
    assert_eq!(git(&["fsck", "--full", "--strict", "--no-dangling"]), "");
    assert_eq!(git(&["rev-parse", "HEAD"]), grown.id("main").as_str());
    assert_eq!(git(&["branch", "--all"]), "* release/2.x");
    assert_eq!(git(&["status", "--porcelain"]), "");
    assert_eq!(git(&["log", "--format=%H"]), grown.git(&["log", "--format=%H", "main"]));
    assert_eq!(git(&["describe", "HEAD"]), grown.git(&["describe", "main"]));
    assert_eq!(git(&["tag", "--list"]), "group/inner\nv0.1\nv1.0\nv1.0-again");
    assert_eq!(git(&["cat-file", "-p", "v1.0"]), grown.git(&["cat-file", "-p", "v1.0"]));
    assert_eq!(git(&["remote"]), "");
    assert_eq!(git(&["reflog"]), "");
    assert_eq!(git(&["config", "--local", "--name-only", "--list"]).lines().count(), 4);
    assert!(!clone.join(".git/hooks").exists());
    assert!(!clone.join(".git/objects/info/alternates").exists());
    assert_eq!(listing(&clone), grown.exported("main"));
}

#[test]
fn its_refs_name_the_past_of_the_commit_and_nothing_else() {
    let grown = Grown::from("history");
    let (clone, _) = cloned(&grown, "feature/login", None);
    let git = |arguments: &[&str]| grown.git_in(&clone, arguments);
    assert_eq!(git(&["rev-parse", "--abbrev-ref", "HEAD"]), "HEAD");
    assert_eq!(git(&["for-each-ref", "--format=%(refname)"]), "refs/tags/v0.1");
    assert_eq!(git(&["rev-list", "--all", "HEAD", "--count"]), "2");
}

#[test]
fn its_files_are_those_of_a_checkout() {
    let grown = Grown::from("attributes");
    let (clone, notices) = cloned(&grown, "main", Some("main"));
    assert_eq!(notices, []);
    let files = listing(&clone);
    assert_eq!(files["docs/index.md"], "text\\n");
    assert_eq!(files["start.bat"], "one\\r\\ntwo\\r\\n");
    assert_eq!(grown.git_in(&clone, &["status", "--porcelain"]), "");
    let theirs = grown.beside("theirs");
    grown.git(&["clone", "--quiet", ".", theirs.to_str().unwrap()]);
    assert_eq!(listing(&clone), listing(&theirs));
}

fn objects(git_dir: &Path) -> Vec<(PathBuf, u64, u64)> {
    let mut found = Vec::new();
    let mut pending = vec![git_dir.join("objects")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                pending.push(entry.path());
            } else {
                found.push((entry.path(), metadata.ino(), metadata.nlink()));
            }
        }
    }
    found
}

#[test]
fn no_object_is_shared_with_the_users_repository() {
    let grown = Grown::from("history");
    grown.git(&["repack", "-adq"]);
    let (clone, _) = cloned(&grown, "main", Some("main"));
    let (ours, theirs) = (objects(&clone.join(".git")), objects(&grown.path().join(".git")));
    assert!(!ours.is_empty() && !theirs.is_empty());
    assert!(ours.iter().any(|(path, ..)| path.extension().is_some_and(|extension| extension == "pack")));
    for (path, inode, links) in ours {
        assert_eq!(links, 1, "{}", path.display());
        assert!(theirs.iter().all(|(_, other, _)| *other != inode), "{}", path.display());
    }
}

#[test]
fn objects_borrowed_from_another_store_are_copied_too() {
    let grown = Grown::from("history");
    let borrower = grown.beside("borrower");
    grown.git(&["clone", "--quiet", "--shared", ".", borrower.to_str().unwrap()]);
    let into = grown.beside("clone");
    let repository = discover(&borrower).unwrap();
    repository.export_with_history(&grown.id("main"), &on(Some("main")), &into).unwrap();
    assert_eq!(grown.git_in(&into, &["fsck", "--full", "--no-dangling"]), "");
}

#[test]
fn a_shallow_clone_stays_shallow_and_says_so() {
    let grown = Grown::from("history");
    let shallow = grown.beside("shallow");
    let url = format!("file://{}", grown.path().display());
    grown.git(&["clone", "--quiet", "--depth=2", &url, shallow.to_str().unwrap()]);
    let linked = grown.beside("linked");
    grown.git_in(&shallow, &["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap()]);
    for (number, folder) in [shallow, linked].iter().enumerate() {
        let into = grown.beside(&format!("clone-{number}"));
        let exported =
            discover(folder).unwrap().export_with_history(&grown.id("main"), &on(None), &into).unwrap();
        assert_eq!(exported.notices, [Notice::Shallow]);
        assert_eq!(grown.git_in(&into, &["fsck", "--full", "--no-dangling"]), "");
        assert_eq!(grown.git_in(&into, &["rev-list", "--count", "HEAD"]), "2");
    }
}

#[test]
fn its_depth_and_origin_are_those_that_were_asked_for() {
    let grown = Grown::from("history");
    let all: u32 = grown.git(&["rev-list", "--count", "main"]).parse().unwrap();
    for depth in [1, 2, all, all + 1] {
        let into = grown.beside(&format!("clone-{depth}"));
        let clone = PrivateClone {
            depth: NonZeroU32::new(depth),
            origin: Some("https://user:secret@example.com/o/r.git"),
            ..PrivateClone::default()
        };
        let exported = grown.open().export_with_history(&grown.id("main"), &clone, &into).unwrap();
        assert_eq!(exported.notices, []);
        let git = |arguments: &[&str]| grown.git_in(&into, arguments);
        // As git itself cuts it.
        let theirs = grown.beside(&format!("theirs-{depth}"));
        let (url, number) = (format!("file://{}", grown.path().display()), format!("--depth={depth}"));
        grown.git(&["clone", "--quiet", &number, "--branch=main", &url, theirs.to_str().unwrap()]);
        assert_eq!(
            git(&["log", "--format=%H"]),
            grown.git_in(&theirs, &["log", "--format=%H"]),
            "depth {depth}"
        );
        assert_eq!(git(&["fsck", "--full", "--no-dangling"]), "");
        assert_eq!(git(&["status", "--porcelain"]), "");
        assert_eq!(git(&["config", "remote.origin.url"]), "https://example.com/o/r.git");
        assert_eq!(git(&["remote", "get-url", "--push", "origin"]), "https://nowhere.invalid/");
    }
}

#[test]
fn an_impossible_branch_name_is_refused() {
    let grown = Grown::from("history");
    let error =
        grown.open().export_with_history(&grown.id("main"), &on(Some("a..b")), &grown.beside("clone"));
    assert!(error.is_err());
}
