//! What every pipeline waits for: exporting a commit, packing and unpacking an artifact, one command
//! through the guard. `docs/performance.md` says how to run these and what they showed.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to measure")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use divan::counter::{BytesCount, ItemsCount};
use rehearsal::action::Cancel;
use rehearsal::process::{Command, Guard, GuardOptions};
use rehearsal::repo::{self, Repository as _};
use rehearsal::store::archive::{self, Limits, Selection};
use tempfile::TempDir;

fn main() {
    divan::main();
}

const FILES: usize = 5_000;

/// A repository whose one commit holds [`FILES`] files of 8 kB in 50 folders.
fn repository() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let repository = git2::Repository::init(folder.path()).unwrap();
    let mut root = repository.treebuilder(None).unwrap();
    for outer in 0..50 {
        let mut inner = repository.treebuilder(None).unwrap();
        for number in 0..FILES / 50 {
            let line = format!("line of file {number} in folder {outer}\n");
            let blob = repository.blob(line.repeat(8_192 / line.len()).as_bytes()).unwrap();
            inner.insert(format!("file-{number}.txt"), blob, 0o100_644).unwrap();
        }
        root.insert(format!("folder-{outer}"), inner.write().unwrap(), 0o040_000).unwrap();
    }
    let tree = repository.find_tree(root.write().unwrap()).unwrap();
    let author = git2::Signature::new("A U Thor", "author@example.com", &git2::Time::new(0, 0)).unwrap();
    repository.commit(Some("HEAD"), &author, &author, "files", &tree, &[]).unwrap();
    let path = folder.path().to_owned();
    (folder, path)
}

fn export(path: &Path, into: &Path) {
    let repository = repo::discover(path).unwrap();
    let head = repository.resolve("HEAD").unwrap();
    let exported = repository.export(&head.id, into).unwrap();
    assert_eq!(exported.files, FILES);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn export_a_commit(bencher: divan::Bencher<'_, '_>) {
    let (_kept, path) = repository();
    bencher
        .counter(ItemsCount::new(FILES))
        .with_inputs(|| tempfile::tempdir().unwrap())
        .bench_refs(|into| export(&path, into.path()));
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn pack_and_unpack_an_artifact(bencher: divan::Bencher<'_, '_>) {
    let (_kept, path) = repository();
    let files = tempfile::tempdir().unwrap();
    export(&path, files.path());
    bencher.counter(ItemsCount::new(FILES)).with_inputs(|| tempfile::tempdir().unwrap()).bench_refs(|into| {
        let zip = into.path().join("artifact.zip");
        archive::pack(Selection::Folder(files.path()), &zip).unwrap();
        archive::unpack(&zip, &into.path().join("unpacked"), Limits::default()).unwrap()
    });
}

/// A guard, and a command that runs `script` in dash.
fn guarded(script: &str) -> (Guard, Command) {
    let env = BTreeMap::from([(OsString::from("PATH"), OsString::from("/usr/bin:/bin"))]);
    let options = GuardOptions::new("bench", env!("CARGO_BIN_EXE_rehearsal").into(), &env);
    let argv = ["dash", "-c", script].map(OsString::from).into();
    (Guard::start(&options).unwrap(), Command { argv, cwd: "/".into(), env, time_limit: None, merged: true })
}

#[divan::bench]
fn one_command_through_the_guard(bencher: divan::Bencher<'_, '_>) {
    let (mut guard, command) = guarded("true");
    let cancel = Cancel::new().unwrap();
    bencher.bench_local(|| guard.run(&command, &mut |_, _, _| {}, &cancel).unwrap());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn output_through_the_guard(bencher: divan::Bencher<'_, '_>) {
    const BYTES: u64 = 1_000_000_000;
    let (mut guard, command) = guarded("head -c 1000000000 /dev/zero");
    let cancel = Cancel::new().unwrap();
    bencher.counter(BytesCount::new(BYTES)).bench_local(|| {
        let mut seen = 0;
        guard.run(&command, &mut |_, _, bytes| seen += bytes.len() as u64, &cancel).unwrap();
        assert_eq!(seen, BYTES);
    });
}
