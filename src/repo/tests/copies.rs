//! What a copy of a commit holds.

use std::collections::BTreeMap;

use crate::repo::fixture::{Grown, listing};
use crate::repo::{Notice, Repository};

fn entries(expected: &[(&str, &str)]) -> BTreeMap<String, String> {
    expected.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
}

#[test]
fn modes_and_links_are_those_of_the_commit() {
    let grown = Grown::from("odd");
    let out = grown.beside("out");
    let exported = grown.open().export(&grown.id("HEAD"), &out).unwrap();
    let expected = entries(&[
        (".gitattributes", r"*.bin filter=lfs\n*.enc filter=crypt\nmarked ident\nversion export-subst\n"),
        ("caf\\xe9", "latin\\n"),
        ("data/file", "inner\\n"),
        ("data/key.enc", "sealed\\n"),
        ("data/marked", "$Id$\\n"),
        (
            "data/model.bin",
            r"version https://git-lfs.github.com/spec/v1\noid sha256:0000000000000000000000000000000000000000000000000000000000000000\nsize 12345\n",
        ),
        ("data/small.bin", "real content\\n"),
        ("data/version", "$Format:%H$\\n"),
        ("folder", "-> data"),
        ("lib/sub", "empty folder"),
        ("links/above", "-> ../../.."),
        ("links/dangling", "-> nowhere"),
        ("links/inside", "-> ../plain"),
        ("links/outside", "-> /etc/hostname"),
        ("plain", "content\\n"),
        ("tool", "* #!/bin/sh\\n"),
    ]);
    assert_eq!(listing(&out), expected);
    assert_eq!(exported.files, expected.len() - 1);
    let not_applied =
        |attribute: &str, path: &str| Notice::NotApplied { attribute: attribute.into(), path: path.into() };
    assert_eq!(
        exported.notices,
        [
            Notice::LfsPointer { path: "data/model.bin".into() },
            Notice::Submodule { path: "lib/sub".into() },
            not_applied("export-subst", "data/version"),
            not_applied("filter=crypt", "data/key.enc"),
            not_applied("ident", "data/marked"),
        ]
    );
}

/// gitattributes(5): the attributes of the commit, deeper files and later lines first, with macros and quoted names.
#[test]
fn attributes_of_the_commit_shape_the_files() {
    let grown = Grown::from("attributes");
    let out = grown.beside("out");
    let exported = grown.open().export(&grown.id("HEAD"), &out).unwrap();
    let mut found = listing(&out);
    found.retain(|name, _| !name.ends_with(".gitattributes"));
    assert_eq!(
        found,
        entries(&[
            ("binary.auto", "one\\x00two\\n"),
            ("data.bin", "one\\ntwo\\n"),
            ("guessed.auto", "one\\r\\ntwo\\r\\n"),
            ("keep.secret", "text\\n"),
            ("mixed.auto", "one\\r\\ntwo\\n"),
            ("plain.txt", "one\\ntwo\\n"),
            ("src/deep/nested.txt", "one\\r\\ntwo\\r\\n"),
            ("src/deep/own.txt", "one\\ntwo\\n"),
            ("src/plain.sh", "one\\ntwo\\n"),
            ("start.bat", "one\\r\\ntwo\\r\\n"),
            ("tests", "empty folder"),
            ("with space.txt", "one\\r\\ntwo\\r\\n"),
        ])
    );
    let ignored = [".mailmap", "docs", "some.secret", "tests/only.secret"];
    assert_eq!(exported.notices, ignored.map(|path| Notice::ExportIgnored { path: path.into() }));
}

/// The same as git itself, for what the two have in common.
#[test]
fn a_copy_equals_what_git_archive_writes() {
    for script in ["history", "attributes"] {
        let grown = Grown::from(script);
        let (archive, theirs) = (grown.beside("archive.tar"), grown.beside("theirs"));
        std::fs::create_dir(&theirs).unwrap();
        grown.git(&["-c", "tar.umask=0022", "archive", "--output", archive.to_str().unwrap(), "HEAD"]);
        let unpacked =
            crate::repo::fixture::command("tar").arg("-xf").arg(&archive).arg("-C").arg(&theirs).status();
        assert!(unpacked.unwrap().success());
        assert_eq!(grown.exported("HEAD"), listing(&theirs), "{script}");
    }
}

#[test]
fn each_commit_is_read_with_its_own_attributes() {
    let grown = Grown::from("attributes");
    grown.git(&["rm", "--quiet", "--cached", ".gitattributes"]);
    grown.git(&["commit", "--quiet", "--message", "No attributes at the top"]);
    assert_eq!(grown.exported("HEAD")["start.bat"], "one\\ntwo\\n");
    assert_eq!(grown.exported("HEAD~1")["start.bat"], "one\\r\\ntwo\\r\\n");
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let grown = Grown::from("history");
    let out = grown.beside("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("mine"), "mine").unwrap();
    let error = grown.open().export(&grown.id("HEAD"), &out).unwrap_err();
    assert!(error.to_string().contains("cannot export into"), "{error}");
    assert_eq!(listing(&out), entries(&[("mine", "mine")]));
}

#[test]
fn a_shallow_clone_can_be_copied() {
    let grown = Grown::from("history");
    let shallow = grown.beside("shallow");
    let url = format!("file://{}", grown.path().display());
    grown.git(&["clone", "--quiet", "--depth=1", &url, shallow.to_str().unwrap()]);
    let repository = crate::repo::discover(&shallow).unwrap();
    let head = repository.head().unwrap();
    assert_eq!(head.id, grown.id("main"));
    let out = grown.beside("out");
    repository.export(&head.id, &out).unwrap();
    assert_eq!(listing(&out), grown.exported("main"));
    assert_eq!(repository.list(&head.id).unwrap().len(), 4);
}
