//! Commits made to do harm, as no git command makes them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use git2::{ObjectType, Oid};

use crate::repo::fixture::{Grown, listing};
use crate::repo::{CommitId, Error, Repository};

/// A repository whose objects are written byte by byte.
struct Forge {
    grown: Grown,
    objects: git2::Repository,
}

impl Forge {
    fn new() -> Self {
        let grown = Grown::empty(&[]);
        let objects = git2::Repository::open(grown.path()).unwrap();
        Self { grown, objects }
    }

    fn put(&self, kind: ObjectType, content: &[u8]) -> Oid {
        self.objects.odb().unwrap().write(kind, content).unwrap()
    }

    fn blob(&self, content: &str) -> Oid {
        self.put(ObjectType::Blob, content.as_bytes())
    }

    fn tree(&self, entries: &[(&str, &str, Oid)]) -> Oid {
        let mut content = Vec::new();
        for (mode, name, id) in entries {
            content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            content.extend_from_slice(id.as_bytes());
        }
        self.put(ObjectType::Tree, &content)
    }

    fn commit(&self, tree: Oid) -> CommitId {
        let text = format!("tree {tree}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nmessage\n");
        CommitId::parse(&self.put(ObjectType::Commit, text.as_bytes()).to_string()).unwrap()
    }

    fn export(&self, tree: Oid) -> Result<PathBuf, Error> {
        let out = self.grown.beside("out");
        let _ = std::fs::remove_dir_all(&out);
        self.grown.open().export(&self.commit(tree), &out).map(|_| out)
    }

    fn refused(&self, tree: Oid) -> String {
        match self.export(tree) {
            Err(Error::InvalidTree { reason, .. }) => reason.to_owned(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nothing_is_written_through_a_link_of_the_commit() {
    let forge = Forge::new();
    let outside = forge.grown.beside("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("victim"), "untouched").unwrap();
    let link = forge.blob(outside.to_str().unwrap());
    let to_file = forge.blob(outside.join("victim").to_str().unwrap());
    let evil = forge.blob("evil");
    let folder = forge.tree(&[("100644", "evil", evil), ("100644", "victim", evil)]);
    let trees = [
        forge.tree(&[("120000", "a", link), ("40000", "a", folder)]),
        forge.tree(&[("40000", "a", folder), ("120000", "a", link)]),
        forge.tree(&[("120000", "a", to_file), ("100644", "a", evil)]),
        forge.tree(&[("100644", "a", evil), ("100755", "a", evil)]),
        forge.tree(&[("120000", "a", link), ("160000", "a", evil)]),
    ];
    for tree in trees {
        assert_eq!(forge.refused(tree), "two entries have one name");
        assert_eq!(
            listing(&outside).into_iter().collect::<Vec<_>>(),
            [("victim".into(), "untouched".into())]
        );
    }
}

#[test]
fn names_that_git_would_not_check_out_are_refused() {
    let forge = Forge::new();
    let evil = forge.blob("evil");
    for name in ["..", ".", ".git", ".GIT", "../evil", "a/../../evil", "/evil"] {
        assert_eq!(
            forge.refused(forge.tree(&[("100644", name, evil)])),
            "a file cannot have this name",
            "{name}"
        );
        let folder = forge.tree(&[("100644", "evil", evil)]);
        assert_eq!(
            forge.refused(forge.tree(&[("40000", name, folder)])),
            "a file cannot have this name",
            "{name}"
        );
    }
    assert!(!forge.grown.beside("evil").exists());
}

#[test]
fn links_that_no_system_can_make_are_refused() {
    let forge = Forge::new();
    for target in ["", "a\0b"] {
        let tree = forge.tree(&[("120000", "link", forge.blob(target))]);
        assert_eq!(forge.refused(tree), "a link leads nowhere", "{target:?}");
    }
}

#[test]
fn old_modes_are_understood() {
    let forge = Forge::new();
    let blob = forge.blob("x");
    let out = forge.export(forge.tree(&[("100664", "group", blob), ("100777", "tool", blob)])).unwrap();
    let expected = [("group".to_owned(), "x".to_owned()), ("tool".to_owned(), "* x".to_owned())];
    assert_eq!(listing(&out).into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_commit_that_unfolds_to_billions_of_files_is_refused_before_anything_is_written() {
    let forge = Forge::new();
    let mut folder = forge.tree(&[("100644", "file", forge.blob("x"))]);
    for _ in 0..10 {
        let names: Vec<_> = (0..10).map(|number| number.to_string()).collect();
        let entries: Vec<_> = names.iter().map(|name| ("40000", name.as_str(), folder)).collect();
        folder = forge.tree(&entries);
    }
    assert_eq!(forge.refused(folder), "it unfolds to too many files");
    assert!(listing(&forge.grown.beside("out")).is_empty());
    assert!(matches!(forge.grown.open().list(&forge.commit(folder)), Err(Error::InvalidTree { .. })));
}

#[test]
fn a_commit_of_endless_depth_is_refused() {
    let forge = Forge::new();
    let mut folder = forge.tree(&[("100644", "file", forge.blob("x"))]);
    for _ in 0..20_000 {
        folder = forge.tree(&[("40000", "d", folder)]);
    }
    assert_eq!(forge.refused(folder), "its paths are too long");
    assert_eq!(forge.grown.open().read(&forge.commit(folder), Path::new("d/d/file")).unwrap(), None);
}

#[test]
fn links_in_a_circle_lead_to_nothing() {
    let forge = Forge::new();
    let tree = forge.tree(&[("120000", "a", forge.blob("b")), ("120000", "b", forge.blob("./a"))]);
    assert_eq!(forge.grown.open().read(&forge.commit(tree), Path::new("a")).unwrap(), None);
}

#[test]
fn attributes_that_define_each_other_come_to_an_end() {
    let forge = Forge::new();
    let mut text = "[attr]a b\n[attr]b a eol=crlf\n*.txt a\n".to_owned();
    for number in 0..20_000 {
        writeln!(text, "[attr]m{number} m{}", number + 1).unwrap();
    }
    text.push_str("*.md m0\n");
    let (attributes, file) = (forge.blob(&text), forge.blob("x\n"));
    let tree = forge.tree(&[
        ("100644", ".gitattributes", attributes),
        ("100644", "a.md", file),
        ("100644", "a.txt", file),
        ("120000", "linked", file),
    ]);
    let out = forge.export(tree).unwrap();
    assert_eq!((&*listing(&out)["a.txt"], &*listing(&out)["a.md"]), ("x\\r\\n", "x\\n"));
    // git reads no attributes through a link.
    let linked =
        forge.tree(&[("120000", ".gitattributes", forge.blob("attributes")), ("100644", "a.txt", file)]);
    assert_eq!(listing(&forge.export(linked).unwrap())["a.txt"], "x\\n");
}
