//! Names, refs, files and differences.

use std::path::{Path, PathBuf};

use crate::repo::fixture::Grown;
use crate::repo::{Error, RefKind, Repository};

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

/// The precedence and the forms of gitrevisions(7).
#[test]
fn names_of_all_kinds_lead_to_the_commit_git_takes_them_for() {
    let grown = Grown::from("history");
    let repository = grown.open();
    let full = grown.id("feature/login").to_string();
    let cases: &[(&str, Option<&str>, Option<&str>)] = &[
        ("HEAD", Some("main"), None),
        ("@", Some("main"), None),
        ("main", Some("main"), None),
        ("heads/main", Some("main"), None),
        ("refs/heads/feature/login", Some("feature/login"), None),
        ("origin/topic/far", Some("topic/far"), None),
        ("v0.1", None, Some("v0.1")),
        ("v1.0", None, Some("v1.0")),
        ("refs/tags/v1.0-again", None, Some("v1.0-again")),
        ("main~2", None, None),
        ("v1.0^{commit}", None, None),
        ("main~1^2", None, None),
        ("main^{/Improve}", None, None),
        (&full, None, None),
        (&full[..7], None, None),
        (&full[..4], None, None),
    ];
    for (rev, branch, tag) in cases {
        let commit = repository.resolve(rev).unwrap_or_else(|error| panic!("{rev}: {error}"));
        assert_eq!(commit.id, grown.id(rev), "{rev}");
        assert_eq!((commit.branch.as_deref(), commit.tag.as_deref()), (*branch, *tag), "{rev}");
    }
    grown.git(&["checkout", "--quiet", "--detach", "v0.1"]);
    assert_eq!(repository.head().unwrap().id, grown.id("v0.1"));
    assert_eq!(repository.head().unwrap().branch, None);
    assert_eq!(repository.branch().unwrap(), None);
}

#[test]
fn a_tag_beats_a_branch_of_the_same_name() {
    let grown = Grown::from("history");
    grown.git(&["tag", "feature/login", "v0.1"]);
    let commit = grown.open().resolve("feature/login").unwrap();
    assert_eq!((commit.id, commit.tag.as_deref()), (grown.id("v0.1"), Some("feature/login")));
}

#[test]
fn a_commit_tells_who_when_and_why() {
    let grown = Grown::from("history");
    let commit = grown.open().resolve("feature/login").unwrap();
    assert_eq!(commit.title(), "Add the login");
    assert_eq!(commit.message, "Add the login\n\nIt has a body\nof two lines.\n");
    assert_eq!(
        (commit.author.name.as_str(), commit.author.email.as_str()),
        ("Ada Author", "ada@example.com")
    );
    assert_eq!(commit.author.at.to_string(), "2024-01-02T12:00:00Z");
    assert_eq!(commit.committer.name, "Carl Committer");
    assert_eq!(commit.committer.at.to_string(), "2024-01-02T13:00:00Z");
    assert_eq!(commit.tree, grown.git(&["rev-parse", "feature/login^{tree}"]));
}

#[test]
fn an_unknown_name_is_answered_with_those_it_may_have_been() {
    let grown = Grown::from("history");
    let cases: &[(&str, &[&str])] = &[
        ("mian", &["main"]),
        ("Main", &["main"]),
        ("feature/logn", &["feature/login"]),
        ("login", &["feature/login"]),
        ("v1.1", &["v0.1", "v1.0"]),
        ("entirely-different", &[]),
        ("0000000000000000000000000000000000000000", &[]),
        ("", &[]),
        ("a..b", &[]),
        ("nul\0byte", &[]),
    ];
    for (rev, expected) in cases {
        match grown.open().resolve(rev) {
            Err(Error::UnknownRevision { did_you_mean, .. }) => assert_eq!(did_you_mean, *expected, "{rev}"),
            other => panic!("{rev}: {other:?}"),
        }
    }
    let error = grown.open().resolve("mian").unwrap_err();
    assert_eq!(error.to_string(), "no branch, tag or commit is called `mian`");
    assert_eq!(error.hint().as_deref(), Some("did you mean `main`?"));
}

#[test]
fn a_name_of_something_else_than_a_commit_is_refused() {
    let grown = Grown::from("history");
    for (rev, kind) in [("only-files", "tree"), ("main:README.md", "blob")] {
        match grown.open().resolve(rev) {
            Err(Error::NotACommit { kind: found, .. }) => assert_eq!(found, kind),
            other => panic!("{rev}: {other:?}"),
        }
    }
}

#[test]
fn a_damaged_repository_is_not_taken_for_a_wrong_name() {
    let grown = Grown::from("history");
    let id = grown.id("release/1.x").to_string();
    std::fs::remove_file(grown.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let error = grown.open().resolve("release/1.x").unwrap_err();
    assert!(error.to_string().starts_with("cannot read the commit of `release/1.x`: "), "{error}");
}

#[test]
fn an_abbreviation_means_the_only_commit_among_other_objects() {
    let grown = Grown::from("history");
    let commit = grown.id("main").to_string();
    // Blobs are made until one begins like the commit.
    let blob = (0..10_000_000).map(|number| format!("{number}")).find(|content| {
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, content.as_bytes()).unwrap();
        id.to_string().starts_with(&commit[..4])
    });
    grown.write("like", &blob.unwrap());
    grown.git(&["hash-object", "-w", "like"]);
    assert_eq!(grown.open().resolve(&commit[..4]).unwrap().id.as_str(), commit);
    let packed = grown.git(&["repack", "-adq"]);
    assert_eq!((packed.as_str(), grown.open().resolve(&commit[..4]).unwrap().id.as_str()), ("", &*commit));
}

#[test]
fn refs_are_branches_and_tags_that_lead_to_commits() {
    let grown = Grown::from("history");
    grown.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/topic/far"]);
    grown.git(&["update-ref", "refs/notes/commits", "main"]);
    let listed = |repository: &dyn Repository| -> Vec<_> {
        let refs = repository.refs().unwrap();
        refs.into_iter().map(|found| (found.kind, found.short_name().to_owned(), found.commit)).collect()
    };
    let found = listed(&grown.open());
    let expected = [
        (RefKind::Branch, "feature/login"),
        (RefKind::Branch, "main"),
        (RefKind::Branch, "release/1.x"),
        (RefKind::RemoteBranch, "origin/topic/far"),
        (RefKind::Tag, "v0.1"),
        (RefKind::Tag, "v1.0"),
        (RefKind::Tag, "v1.0-again"),
    ];
    assert_eq!(found, expected.map(|(kind, name)| (kind, name.to_owned(), grown.id(name))));
    grown.git(&["pack-refs", "--all"]);
    assert_eq!(listed(&grown.open()), found);
    // What a power cut leaves behind is not the end of the world.
    grown.write(".git/refs/heads/broken", "");
    assert_eq!(listed(&grown.open()), found);
}

#[test]
fn files_are_read_through_links_that_stay_inside() {
    let grown = Grown::from("odd");
    let repository = grown.open();
    let head = repository.head().unwrap().id;
    let read = |path: &str| {
        let content = repository.read(&head, Path::new(path)).unwrap();
        content.map(|content| String::from_utf8(content).unwrap())
    };
    for path in ["plain", "./plain", "links/inside", "data/../plain", "links//inside"] {
        assert_eq!(read(path).as_deref(), Some("content\n"), "{path}");
    }
    assert_eq!(read("folder/file").as_deref(), Some("inner\n"));
    let nothing = [
        "links/outside",
        "links/above",
        "links/dangling",
        "data",
        "missing",
        "plain/x",
        "../plain",
        "/plain",
        "lib/sub",
        "",
    ];
    for path in nothing {
        assert_eq!(read(path), None, "{path}");
    }
}

#[test]
fn all_files_of_a_commit_are_listed() {
    let grown = Grown::from("history");
    let repository = grown.open();
    let list = |rev: &str| repository.list(&grown.id(rev)).unwrap();
    assert_eq!(list("main"), paths(&["README.md", "run.sh", "src/login.txt", "src/second.txt"]));
    assert_eq!(list("v0.1"), paths(&["README.md", "run.sh", "src/one.txt", "src/two.txt"]));
    let missing = crate::repo::CommitId::parse(&"0".repeat(40)).unwrap();
    assert!(matches!(repository.list(&missing), Err(Error::Git { .. })));
}

#[test]
fn changed_paths_hold_both_names_of_what_was_renamed() {
    let grown = Grown::from("history");
    let repository = grown.open();
    let changed = |from: Option<&str>, to: &str| {
        repository.changed_paths(from.map(|from| grown.id(from)).as_ref(), &grown.id(to)).unwrap()
    };
    assert_eq!(changed(Some("main~1"), "main"), paths(&["src/one.txt", "src/second.txt", "src/two.txt"]));
    assert_eq!(changed(Some("v0.1"), "feature/login"), paths(&["src/login.txt"]));
    assert_eq!(changed(None, "v0.1"), paths(&["README.md", "run.sh", "src/one.txt", "src/two.txt"]));
    assert_eq!(changed(Some("main"), "main"), paths(&[]));
    // A setting that would hide changes from git itself.
    grown.git(&["config", "diff.ignoreSubmodules", "all"]);
    grown.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        "160000,1111111111111111111111111111111111111111,lib",
    ]);
    grown.git(&["update-index", "--chmod=+x", "README.md"]);
    grown.git(&["commit", "--quiet", "--message", "A submodule, a mode"]);
    assert_eq!(changed(Some("main~1"), "main"), paths(&["README.md", "lib"]));
}

/// What the project takes for its default branch is the remote's word first, a usual name next.
#[test]
fn the_default_branch_is_what_the_remote_says_or_a_usual_name() {
    let grown = Grown::empty(&[]);
    let default = || grown.open().default_branch().unwrap();
    grown.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    assert_eq!(default().as_deref(), Some("trunk"), "not born yet");
    grown.git(&["commit", "--quiet", "--allow-empty", "--message", "first"]);
    grown.git(&["branch", "master"]);
    assert_eq!(default().as_deref(), Some("master"), "beside what is checked out");
    grown.git(&["branch", "main"]);
    assert_eq!(default().as_deref(), Some("main"));
    grown.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/next"]);
    assert_eq!(default().as_deref(), Some("release/next"));
    grown.git(&["symbolic-ref", "--delete", "refs/remotes/origin/HEAD"]);
    grown.git(&["checkout", "--quiet", "--detach"]);
    grown.git(&["branch", "--quiet", "-D", "main", "master"]);
    assert_eq!(default(), None);
}

#[test]
fn an_ignored_file_is_one_that_git_add_passes_over() {
    let grown = Grown::empty(&[]);
    std::fs::write(grown.path().join(".gitignore"), "*.lock\nout/\n").unwrap();
    std::fs::write(grown.path().join("kept.lock"), "").unwrap();
    grown.git(&["add", "--force", "kept.lock"]);
    let ignores = |path: &str| grown.open().ignores(Path::new(path)).unwrap();
    for (path, expected) in [
        ("new.lock", true),
        ("out/file", true),
        ("kept.lock", false),
        ("pipeline.yml", false),
        ("a/b.yml", false),
    ] {
        assert_eq!(ignores(path), expected, "{path}");
    }
}
