//! Copies of the working tree, and what in it is not committed.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use crate::repo::fixture::{Grown, listing};
use crate::repo::{Notice, PrivateClone, Repository, copy_folder};

#[test]
fn a_copy_of_the_working_tree_has_what_git_would_add() {
    let grown = Grown::from("history");
    let root = grown.path();
    grown.write(".gitignore", "*.log\n/target/\n/src/second.txt\n");
    grown.write("README.md", "changed\r\n");
    grown.write("new/deep/file", "new\n");
    grown.write("noise.log", "ignored");
    grown.write("target/out", "ignored");
    grown.write(".git/info/exclude", "excluded\n");
    grown.write("excluded", "ignored");
    // Tracked, although a rule would ignore it.
    grown.write("src/second.txt", "tracked\n");
    std::fs::remove_file(root.join("src/login.txt")).unwrap();
    std::fs::set_permissions(root.join("run.sh"), std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::write(root.join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "latin\n").unwrap();
    symlink("/etc/hostname", root.join("outside")).unwrap();
    grown.git(&["init", "--quiet", "nested"]);
    grown.write("nested/file", "of another repository");
    std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();

    let out = grown.beside("out");
    let exported = grown.open().export_work_tree(&out).unwrap();
    let found: Vec<_> = listing(&out).into_iter().collect();
    let expected = [
        (".gitignore", r"*.log\n/target/\n/src/second.txt\n"),
        ("README.md", "changed\\r\\n"),
        ("caf\\xe9", "latin\\n"),
        ("new/deep/file", "new\\n"),
        ("outside", "-> /etc/hostname"),
        ("run.sh", "* #!/bin/sh\\necho hello\\n"),
        ("src/second.txt", "tracked\\n"),
    ];
    assert_eq!(found, expected.map(|(name, content)| (name.to_owned(), content.to_owned())));
    assert_eq!(exported.files, expected.len());
    assert_eq!(exported.notices, [Notice::NestedRepository { path: "nested".into() }]);
}

#[test]
fn a_folder_that_became_a_link_is_not_followed() {
    let grown = Grown::from("history");
    let elsewhere = grown.beside("elsewhere");
    std::fs::rename(grown.path().join("src"), &elsewhere).unwrap();
    symlink(&elsewhere, grown.path().join("src")).unwrap();
    let out = grown.beside("out");
    grown.open().export_work_tree(&out).unwrap();
    assert_eq!(listing(&out)["src"], format!("-> {}", elsewhere.display()));
    assert_eq!(listing(&elsewhere).len(), 2);
}

#[test]
fn submodules_are_empty_folders() {
    let grown = Grown::from("odd");
    let out = grown.beside("out");
    let exported = grown.open().export_work_tree(&out).unwrap();
    assert_eq!(listing(&out)["lib/sub"], "empty folder");
    assert_eq!(exported.notices, [Notice::Submodule { path: "lib/sub".into() }]);
}

#[test]
fn neither_the_index_nor_anything_else_of_the_user_is_touched() {
    let grown = Grown::from("history");
    let index = grown.path().join(".git/index");
    // Every file looks changed to the index, as after a copy of the repository: git would refresh it now.
    for file in ["README.md", "run.sh", "src/login.txt", "src/second.txt"] {
        let file = std::fs::File::options().append(true).open(grown.path().join(file)).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }
    let state = || (std::fs::read(&index).unwrap(), std::fs::metadata(&index).unwrap().modified().unwrap());
    let (before, files) = (state(), listing(&grown.path().join(".git")));
    let repository = grown.open();
    let head = repository.head().unwrap();
    assert!(repository.uncommitted(&["README.md", "src"]).unwrap().is_empty());
    repository.export_work_tree(&grown.beside("copy")).unwrap();
    repository.export(&head.id, &grown.beside("out")).unwrap();
    repository.export_with_history(&head.id, &PrivateClone::default(), &grown.beside("clone")).unwrap();
    repository.changed_paths(None, &head.id).unwrap();
    assert_eq!(state(), before);
    assert_eq!(listing(&grown.path().join(".git")), files);
}

#[test]
fn what_is_not_committed_is_named() {
    let grown = Grown::from("history");
    let uncommitted = |paths: &[&str]| grown.open().uncommitted(paths).unwrap();
    let named = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let all = ["README.md", "run.sh", "src", "pipeline.yml", "buildspecs", "ignored.yml"];
    assert_eq!(uncommitted(&all), named(&[]));
    grown.write(".git/info/exclude", "ignored.yml\n");
    grown.write("ignored.yml", "x");
    grown.write("README.md", "changed");
    grown.write("pipeline.yml", "untracked");
    grown.write("buildspecs/build.yml", "staged");
    grown.git(&["add", "buildspecs"]);
    grown.git(&["rm", "--quiet", "src/login.txt"]);
    std::fs::set_permissions(grown.path().join("run.sh"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(
        uncommitted(&all),
        named(&["README.md", "buildspecs/build.yml", "pipeline.yml", "run.sh", "src/login.txt"])
    );
    assert_eq!(uncommitted(&["src/second.txt"]), named(&[]));
    assert_eq!(uncommitted(&["*"]), named(&[]));
    assert_eq!(uncommitted(&[]), named(&[]));
}

#[test]
fn an_index_that_libgit2_cannot_read_is_named_with_a_way_out() {
    let cases: [(&[&str], &str, &str); 2] = [
        (
            &["sparse-checkout", "set", "--cone", "--sparse-index", "src"],
            "a sparse index",
            "--no-sparse-index",
        ),
        (&["update-index", "--split-index"], "a split index", "--no-split-index"),
    ];
    for (command, what, hint) in cases {
        let grown = Grown::from("history");
        grown.write("deep/er/file", "x");
        grown.git(&["add", "deep"]);
        grown.git(&["commit", "--quiet", "--message", "A folder to leave out"]);
        grown.git(command);
        let repository = grown.open();
        for error in [
            repository.uncommitted(&["src"]).unwrap_err(),
            repository.export_work_tree(&grown.beside("out")).unwrap_err(),
        ] {
            assert!(error.to_string().contains(what), "{error}");
            assert!(error.hint().is_some_and(|found| found.contains(hint)), "{error}");
        }
        // Nothing else asks the index.
        let head = repository.head().unwrap();
        repository.export(&head.id, &grown.beside("commit")).unwrap();
    }
}

#[test]
fn a_folder_without_a_repository_is_copied_whole() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("project");
    std::fs::create_dir_all(root.join("empty")).unwrap();
    std::fs::create_dir_all(root.join("inner/.git")).unwrap();
    std::fs::write(root.join("inner/.git/config"), "not copied").unwrap();
    std::fs::write(root.join("inner/file"), "x").unwrap();
    std::fs::write(root.join(".gitignore"), "inner\n").unwrap();
    symlink("inner", root.join("link")).unwrap();
    std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    // Into a folder of its own, which is not copied into itself.
    let out = root.join("out");
    let exported = copy_folder(&root, &out).unwrap();
    let expected =
        [(".gitignore", "inner\\n"), ("empty", "empty folder"), ("inner/file", "x"), ("link", "-> inner")];
    let found: Vec<_> = listing(&out).into_iter().collect();
    assert_eq!(found, expected.map(|(name, content)| (name.to_owned(), content.to_owned())));
    assert_eq!(exported.files, 3);
    assert_eq!(exported.notices, [Notice::SpecialFile { path: "socket".into() }]);
}
