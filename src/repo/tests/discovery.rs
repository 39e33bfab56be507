//! Finding repositories, and those that cannot be used.

use crate::repo::fixture::Grown;
use crate::repo::{Error, Repository, discover};

#[test]
fn a_repository_is_found_from_any_folder_in_it() {
    let grown = Grown::from("history");
    let repository = discover(&grown.path().join("src")).unwrap();
    assert_eq!(repository.work_dir(), Some(&*grown.path()));
    assert_eq!(repository.common_dir(), grown.path().join(".git"));
    assert_eq!(repository.branch().unwrap().as_deref(), Some("main"));
    assert_eq!(discover(&grown.path().join(".git")).unwrap(), repository);
}

#[test]
fn a_linked_worktree_has_its_own_head_and_the_common_refs() {
    let grown = Grown::from("history");
    let linked = grown.beside("linked");
    grown.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "feature/login"]);
    let repository = discover(&linked.join("src")).unwrap();
    assert_eq!(repository.work_dir(), Some(&*linked));
    assert_eq!(repository.common_dir(), grown.path().join(".git"));
    assert_eq!(repository.branch().unwrap().as_deref(), Some("feature/login"));
    assert_eq!(repository.head().unwrap().id, grown.id("feature/login"));
    assert_eq!(repository.resolve("main").unwrap().id, grown.id("main"));
    assert_eq!(repository.refs().unwrap(), grown.open().refs().unwrap());
}

#[test]
fn a_bare_repository_works_but_for_its_working_tree() {
    let grown = Grown::from("history");
    let bare = grown.beside("bare");
    grown.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let repository = discover(&bare).unwrap();
    let head = repository.head().unwrap();
    assert_eq!(head.id, grown.id("main"));
    assert_eq!(repository.work_dir(), None);
    assert!(repository.uncommitted(&["README.md"]).unwrap().is_empty());
    assert_eq!(repository.export(&head.id, &grown.beside("out")).unwrap().files, 4);
    let refused = repository.export_work_tree(&grown.beside("copy")).unwrap_err();
    assert!(matches!(refused, Error::NoWorkTree { .. }), "{refused}");
}

#[test]
fn a_folder_outside_any_repository_is_said_to_be_one() {
    let outside = tempfile::tempdir().unwrap();
    let error = discover(outside.path()).unwrap_err();
    assert!(matches!(error, Error::NotARepository { .. }), "{error}");
    assert!(discover(&outside.path().join("missing")).is_err());
}

#[test]
fn a_repository_without_commits_says_so() {
    let grown = Grown::empty(&[]);
    let repository = grown.open();
    for rev in ["HEAD", "main", "@"] {
        let error = repository.resolve(rev).unwrap_err();
        assert!(matches!(error, Error::NoCommits { .. }), "{rev}: {error}");
        assert!(error.to_string().ends_with("has no commits yet"), "{error}");
    }
    assert_eq!(repository.branch().unwrap().as_deref(), Some("main"));
    assert_eq!(repository.refs().unwrap(), []);
}

#[test]
fn an_unborn_branch_beside_others_is_no_empty_repository() {
    let grown = Grown::from("history");
    grown.git(&["checkout", "--quiet", "--orphan", "fresh"]);
    let repository = grown.open();
    assert!(matches!(repository.head(), Err(Error::NoCommits { .. })));
    assert!(matches!(repository.resolve("fresh"), Err(Error::UnknownRevision { .. })));
    assert_eq!(repository.resolve("main").unwrap().branch.as_deref(), Some("main"));
}

#[test]
fn formats_that_libgit2_cannot_read_are_named_with_a_way_out() {
    let cases = [
        (&["--ref-format=reftable"], "reftable", "git refs migrate --ref-format=files"),
        (&["--object-format=sha256"], "other than SHA-1", "fast-export"),
    ];
    for (options, what, hint) in cases {
        let grown = Grown::empty(options);
        let error = discover(&grown.path()).unwrap_err();
        assert!(matches!(error, Error::Unsupported { .. }), "{options:?}: {error}");
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{error}");
    }
    let grown = Grown::empty(&[]);
    grown.git(&["config", "core.repositoryFormatVersion", "1"]);
    grown.git(&["config", "extensions.partialClone", "origin"]);
    let error = discover(&grown.path()).unwrap_err();
    assert!(error.to_string().contains("partialclone"), "{error}");
    grown.git(&["config", "--unset", "extensions.partialClone"]);
    grown.git(&["config", "core.repositoryFormatVersion", "2"]);
    assert!(matches!(discover(&grown.path()), Err(Error::Unsupported { .. })));
}
