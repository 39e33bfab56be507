//! What of a user's own a sandbox shows.

use super::*;

/// A home with these files, and the sandbox's plan and notes for a user with these variables (relative to the home).
fn shown(files: &[&str], variables: &[(&str, &[&str])]) -> (tempfile::TempDir, Plan, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().canonicalize().unwrap();
    for file in files {
        let file = home.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "").unwrap();
    }
    let join = |names: &[&str]| std::env::join_paths(names.iter().map(|name| home.join(name))).unwrap();
    let mut host: BTreeMap<OsString, OsString> =
        variables.iter().map(|(name, names)| (OsString::from(name), join(names))).collect();
    host.insert("HOME".into(), home.clone().into());
    let writable =
        [(home.join("w/home"), PathBuf::from("/root")), (home.join("w/tmp"), PathBuf::from("/tmp"))];
    let private = [home.join("src/project")];
    let files = home.join("w/files");
    let room = Room { host: &host, writable: &writable, readable: &[], private: &private, files: &files };
    let users = Users::of(&room);
    let mut plan = Plan::default();
    system::show(&mut plan, &files).unwrap();
    users.hide(&mut plan);
    for (outside, inside) in &writable {
        plan.bind(outside, inside, true);
    }
    let notes = users.show(&mut plan, &toolchains::roots(&host, &Path::is_dir));
    (dir, plan, notes)
}

#[test]
fn of_a_home_programs_are_shown_and_nothing_with_secrets() {
    let files = [
        ".rustup/settings.toml",
        ".cargo/bin/cargo",
        ".local/bin/tool",
        ".local/lib/x",
        "node/bin/node",
        "node/lib/x",
        "src/project/bin/run",
        "src/bin/run",
        "src/lib/x",
        ".docker/bin/docker",
        ".config/composer/vendor/bin/x",
        ".ssh/bin/x",
        "linked/aws/credentials",
        "linked/bin/x",
        "linked/lib/x",
        ".m2/settings.xml",
    ];
    let path = [
        "",
        ".cargo/bin",
        ".local/bin",
        "node/bin",
        "src/bin",
        ".docker",
        ".docker/bin",
        ".config",
        ".config/composer/vendor/bin",
        ".ssh/bin",
        "gone/bin",
    ];
    let (dir, plan, notes) = shown(&files, &[("PATH", &path), ("M2_HOME", &[".m2"])]);
    let home = dir.path().canonicalize().unwrap();
    for (path, seen) in [
        (".rustup/settings.toml", true),
        (".cargo/bin/cargo", true),
        (".cargo", false),
        (".local/bin/tool", true),
        // Beside it are keyrings.
        (".local/lib/x", false),
        ("node/lib/x", true),
        // Beside it is the working tree.
        ("src/bin/run", true),
        ("src/lib/x", false),
        ("src/project/bin/run", false),
        (".docker/bin/docker", true),
        (".docker", false),
        (".config/composer/vendor/bin/x", true),
        (".config", false),
        (".ssh/bin/x", false),
        (".m2/settings.xml", false),
        ("", false),
    ] {
        assert_eq!(plan.inside(&home.join(path)).is_some(), seen, "{path}");
    }
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    assert!(note.starts_with("M2_HOME is ") && note.ends_with("commands do not see it"), "{note}");
}

#[test]
fn a_folder_of_settings_that_a_link_leads_to_is_kept_back_too() {
    let (dir, _, _) = shown(&["dotfiles/aws/credentials", "dotfiles/bin/x", "dotfiles/lib/x"], &[]);
    let home = dir.path().canonicalize().unwrap();
    std::os::unix::fs::symlink("dotfiles/aws", home.join(".aws")).unwrap();
    let host = BTreeMap::from([
        (OsString::from("HOME"), home.clone().into_os_string()),
        (OsString::from("PATH"), home.join("dotfiles/bin").into_os_string()),
    ]);
    let room = Room { host: &host, writable: &[], readable: &[], private: &[], files: &home };
    let mut plan = Plan::default();
    Users::of(&room).show(&mut plan, &BTreeMap::new());
    assert!(plan.inside(&home.join("dotfiles/bin/x")).is_some());
    assert!(plan.inside(&home.join("dotfiles/aws/credentials")).is_none());
}

#[test]
fn tokens_of_package_managers_are_covered_wherever_toolchains_are_shown() {
    let files = [
        ".pyenv/versions/3.12/pip.conf",
        ".pyenv/versions/3.12/bin/python",
        ".nvm/versions/node/v20/etc/npmrc",
        ".sdkman/candidates/maven/3.9/conf/settings.xml",
        "credentials/aws",
        "tools/bin/x",
        "tools/lib/x",
        "tools/aws",
    ];
    let variables: [(&str, &[&str]); 3] = [
        ("PATH", &["tools/bin"]),
        ("AWS_SHARED_CREDENTIALS_FILE", &["tools/aws"]),
        ("PYENV_ROOT", &[".pyenv"]),
    ];
    let (dir, plan, _) = shown(&files, &variables);
    let home = dir.path().canonicalize().unwrap();
    for (path, seen) in [
        (".pyenv/versions/3.12/bin/python", true),
        (".pyenv/versions/3.12/pip.conf", false),
        (".nvm/versions/node/v20/etc/npmrc", false),
        (".sdkman/candidates/maven/3.9/conf/settings.xml", false),
        ("tools/bin/x", true),
        // A variable names it as a file with secrets.
        ("tools/aws", false),
    ] {
        assert_eq!(plan.inside(&home.join(path)).is_some(), seen, "{path}");
    }
}

#[test]
fn the_users_own_folder_gives_way_where_a_build_installs_programs_itself() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().canonicalize().unwrap();
    std::fs::create_dir_all(home.join(".cargo/bin")).unwrap();
    std::fs::create_dir_all(home.join("tools")).unwrap();
    let path = std::env::join_paths([home.join(".cargo/bin"), home.join("tools")]).unwrap();
    let host = BTreeMap::from([
        (OsString::from("HOME"), home.clone().into_os_string()),
        (OsString::from("PATH"), path),
    ]);
    // As where the user is root, and the private HOME has the name of the real one.
    let writable = [(home.join("w"), home.clone())];
    let room = Room { host: &host, writable: &writable, readable: &[], private: &[], files: &home };
    let mut plan = Plan::default();
    plan.bind(&writable[0].0, &writable[0].1, true);
    Users::of(&room).show(&mut plan, &BTreeMap::new());
    assert_eq!(plan.inside(&home.join(".cargo/bin")), Some(PathBuf::from("/rehearsal/path/1")));
    assert_eq!(plan.inside(&home.join("tools")), Some(home.join("tools")));
    assert_eq!(plan.view().outside(&home.join(".cargo/bin")), Some(home.join("w/.cargo/bin")));
}
