//! Artifacts of real trees.

use std::os::unix::fs::symlink;

use super::*;

/// A tree with these files; a name with ` -> ` is a link.
fn tree(files: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for file in files {
        let (name, target) = file.split_once(" -> ").map_or((*file, None), |(name, to)| (name, Some(to)));
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match target {
            Some(target) => symlink(target, &path).unwrap(),
            None => fs::write(&path, name).unwrap(),
        }
    }
    root
}

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

/// The names in the archive, or the error.
fn names(root: &Path, definition: &Definition) -> Result<Vec<String>, String> {
    collect(
        definition,
        root,
        &variables(&[("VERSION", "1.2"), ("ROOT", root.to_str().unwrap())]),
        &mut |_| (),
    )
    .map(|collected| collected.files.iter().map(|(_, name)| name.display().to_string()).collect())
    .map_err(|error| error.to_string())
}

fn definition(files: &[&str]) -> Definition {
    Definition { files: files.iter().map(|file| (*file).to_owned()).collect(), ..Definition::default() }
}

#[test]
fn the_documented_base_directory_examples_hold() {
    // codebuild.md 1.9
    let root = tree(&[
        "my-build-1/my-file-1.txt",
        "my-build-2/my-file-2.txt",
        "my-build-2/my-subdirectory/my-file-3.txt",
    ]);
    let mut wanted = definition(&["*/my-file-3.txt"]);
    wanted.base_directory = Some("my-build-2".into());
    assert_eq!(names(root.path(), &wanted).unwrap(), ["my-subdirectory/my-file-3.txt"]);
    let mut wanted = definition(&["**/*"]);
    wanted.base_directory = Some("my-build*".into());
    wanted.discard_paths = true;
    assert_eq!(names(root.path(), &wanted).unwrap(), ["my-file-1.txt", "my-file-2.txt", "my-file-3.txt"]);
}

#[test]
fn entries_name_files_in_all_documented_forms() {
    let root = tree(&["a.txt", "out/b.txt", "out/deep/c.txt", ".hidden", "app-1.2.jar", "odd[1].txt"]);
    let table: [(&[&str], &[&str]); 10] = [
        (&["a.txt"], &["a.txt"]),
        (&["./a.txt", "out/b.txt"], &["a.txt", "out/b.txt"]),
        (&["out/*"], &["out/b.txt"]),
        (&["out/**/*"], &["out/b.txt", "out/deep/c.txt"]),
        (&["**/*.txt"], &["a.txt", "odd[1].txt", "out/b.txt", "out/deep/c.txt"]),
        (&["*"], &[".hidden", "a.txt", "app-1.2.jar", "odd[1].txt"]),
        (&["app-$VERSION.jar"], &["app-1.2.jar"]),
        (&["app-${VERSION}.*", "$UNSET"], &["app-1.2.jar"]),
        (&["odd[1].txt"], &["odd[1].txt"]),
        (&["missing.txt", "none/**/*", "a.txt", "a.txt"], &["a.txt"]),
    ];
    for (files, expected) in table {
        assert_eq!(names(root.path(), &definition(files)).unwrap(), expected, "{files:?}");
    }
}

#[test]
fn base_directories_may_be_absolute_nested_or_the_root() {
    let root = tree(&["out/a", "out/x/b"]);
    for (base, expected) in [("$ROOT/out/x", "b"), ("out/x/", "b"), ("./o*/x", "b"), ("*/x", "b")] {
        let mut wanted = definition(&["*"]);
        wanted.base_directory = Some(base.into());
        assert_eq!(names(root.path(), &wanted).unwrap(), [expected], "{base}");
    }
    let mut wanted = definition(&["**/*"]);
    for base in ["", ".", "$ROOT"] {
        wanted.base_directory = Some(base.into());
        assert_eq!(names(root.path(), &wanted).unwrap(), ["out/a", "out/x/b"], "{base}");
    }
}

#[test]
fn the_messages_are_those_of_aws() {
    // codebuild.md 8.2
    let root = tree(&["a"]);
    assert_eq!(names(root.path(), &definition(&["b"])).unwrap_err(), "no matching artifact paths found");
    let mut wanted = definition(&["a"]);
    for base in ["dist", "dist*", "a"] {
        wanted.base_directory = Some(base.into());
        let message = format!("no matching base directory path found for {base}");
        assert_eq!(names(root.path(), &wanted).unwrap_err(), message);
    }
}

#[test]
fn the_log_lines_are_those_of_aws() {
    // codebuild.md 3.5 and 3.7
    let root = tree(&["a", "dir/b"]);
    let mut lines = Vec::new();
    let collected =
        collect(&definition(&["**/*", "gone", "dir"]), root.path(), &Variables::new(), &mut |line| {
            lines.push(line.to_owned());
        })
        .unwrap();
    let expected = [
        "Expanding base directory path: .",
        "Assembling file list",
        "Expanding .",
        "Expanding file paths for base directory .",
        "Assembling file list",
        "Expanding **/*",
        "Expanding gone",
        "Skipping invalid file path gone",
        "Expanding dir",
        "Skipping invalid file path dir",
        "Found 2 file(s)",
    ];
    assert_eq!(lines, expected);
    assert_eq!(collected.notes.len(), 1);
    assert!(collected.notes[0].contains("`dir/**/*`"), "{:?}", collected.notes);
}

#[test]
fn excluded_paths_are_left_out() {
    let root = tree(&["src/a", "src/node_modules/x/y", ".git/config", "sub/.git/HEAD", ".gitignore"]);
    let mut wanted = definition(&["**/*"]);
    wanted.exclude_paths = vec!["**/node_modules/**/*".into(), "./**/.git/**/*".into()];
    assert_eq!(names(root.path(), &wanted).unwrap(), [".gitignore", "src/a"]);
    wanted.exclude_paths = vec!["**/*".into()];
    assert_eq!(names(root.path(), &wanted).unwrap_err(), "no matching artifact paths found");
}

#[test]
fn links_are_followed_or_kept() {
    let root = tree(&[
        "real",
        "dir/b",
        "to-file -> real",
        "to-dir -> dir",
        "dangling -> nowhere",
        "up -> ..",
        "outside -> /etc/hostname",
    ]);
    let sources = |enable_symlinks| {
        let mut wanted = definition(&["**/*"]);
        wanted.enable_symlinks = enable_symlinks;
        let collected = collect(&wanted, root.path(), &Variables::new(), &mut |_| ()).unwrap();
        let is_link = |path: &Path| path.symlink_metadata().unwrap().is_symlink();
        let mut seen: Vec<String> = collected
            .files
            .iter()
            .map(|(source, name)| format!("{}{}", name.display(), if is_link(source) { "@" } else { "" }))
            .collect();
        seen.retain(|name| name != "outside");
        (seen, collected.notes.len())
    };
    assert_eq!(sources(false), (vec!["dir/b".into(), "real".into(), "to-file".into()], 1));
    let kept = ["dir/b", "real", "to-dir@", "to-file@"].map(String::from).to_vec();
    assert_eq!(sources(true), (kept, 1));
}

#[test]
fn a_clash_of_flattened_names_is_told() {
    let root = tree(&["a/x", "b/x"]);
    let mut wanted = definition(&["**/*"]);
    wanted.discard_paths = true;
    let collected = collect(&wanted, root.path(), &Variables::new(), &mut |_| ()).unwrap();
    assert_eq!(collected.files, [(root.path().join("b/x"), PathBuf::from("x"))]);
    assert!(collected.notes[0].contains("several files would be called x"), "{:?}", collected.notes);
}

#[test]
fn nothing_leads_out_of_the_archive() {
    let root = tree(&["base/a", "beside"]);
    let mut wanted = definition(&["../beside", "a"]);
    wanted.base_directory = Some("base".into());
    assert_eq!(names(root.path(), &wanted).unwrap(), ["a"]);
    wanted.discard_paths = true;
    assert_eq!(names(root.path(), &wanted).unwrap(), ["a", "beside"]);
    let absolute = root.path().join("beside");
    let wanted = definition(&[absolute.to_str().unwrap()]);
    let name = absolute.strip_prefix("/").unwrap().display().to_string();
    assert_eq!(names(&root.path().join("base"), &wanted).unwrap(), [name]);
}

#[test]
fn variables_are_expanded_as_in_a_path() {
    let set = variables(&[("A", "x"), ("A_B", "y")]);
    let table = [
        ("$A/$A_B", "x/y"),
        ("${A}_B", "x_B"),
        ("$", "$"),
        ("a$-b", "a$-b"),
        ("${UNSET}$NO", ""),
        ("${A", "${A"),
    ];
    for (text, expected) in table {
        assert_eq!(expand_variables(text, &set), OsString::from(expected), "{text}");
    }
}

#[test]
fn the_users_files_are_not_carried_away() {
    let root = tree(&[
        "home/.aws/credentials",
        "home/.cache/builds/src/a",
        "home/.cache/builds/src/keys -> ../../../.aws/credentials",
        "home/.cache/builds/src/b -> a",
    ]);
    let home = root.path().join("home");
    let source = home.join(".cache/builds/src");
    let secret = home.join(".aws/credentials");
    let mut wanted = definition(&["**/*", secret.to_str().unwrap()]);
    wanted.fence = Fence::new(Some(&home), &[&home.join(".cache/builds")], View::host());
    assert_eq!(names(&source, &wanted).unwrap(), ["a", "b"]);
    wanted.base_directory = Some(home.join(".aws").display().to_string());
    assert_eq!(names(&source, &wanted).unwrap_err(), "no matching artifact paths found");
    wanted.fence = Fence::new(Some(Path::new("/")), &[], View::host());
    assert_eq!(names(&source, &wanted).unwrap(), ["credentials"]);
}
