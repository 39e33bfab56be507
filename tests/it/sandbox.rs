//! Builds in the isolated sandbox: what they can see, use and change of the machine around them, which is nothing.

use std::path::{Path, PathBuf};

use crate::env::{Env, buildspec};

/// The word in everything that no build may see.
pub(crate) const PLANTED: &str = "PLANTED";

/// A build in the isolated sandbox; what its commands printed.
pub(crate) fn isolated(env: &mut Env, commands: &[&str]) -> String {
    env.set("REHEARSAL_SANDBOX", "isolated");
    env.file("buildspec.yml", &buildspec(commands));
    let said = env.stdout(["build"], 0);
    assert!(env.workspaces().is_empty(), "{:?}", env.workspaces());
    said
}

#[test]
fn without_a_network_not_even_registries_are_reached() {
    let mut env = Env::repository();
    let ask = "python3 -c 'import urllib.request; urllib.request.urlopen(\"https://registry.npmjs.org/\", timeout=20)' 2>&1 | tail -n 1";
    env.set("REHEARSAL_SANDBOX", "isolated");
    env.file("buildspec.yml", &buildspec(&[ask]));
    let said = env.stdout(["build", "--no-network"], 0);
    assert!(said.contains("Tunnel connection failed: 403"), "{said}");
    let effects = env.stdout(["show", "--effects"], 0);
    assert!(effects.contains("registry.npmjs.org:443"), "{effects}");
    // On the host nothing holds it back, which is no case for a promise.
    let refused = env.output(["build", "--no-network", "--sandbox", "host"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
}

#[test]
fn what_package_managers_cached_is_there_for_the_next_build() {
    let mut env = Env::repository();
    let build = [
        "test ! -e \"$npm_config_cache/kept\" || echo warm",
        "mkdir -p \"$npm_config_cache\" && touch \"$npm_config_cache/kept\"",
    ];
    let first = isolated(&mut env, &build);
    assert!(!first.lines().any(|line| line == "warm"), "{first}");
    let second = isolated(&mut env, &build);
    assert!(second.lines().any(|line| line == "warm"), "{second}");
}

#[test]
fn nothing_is_written_but_to_the_folders_of_the_build() {
    let mut env = Env::repository();
    let toolchain = env.root().join("home/.rustup");
    std::fs::create_dir_all(&toolchain).unwrap();
    let places = [
        "/usr",
        "/usr/bin",
        "/usr/lib",
        "/bin",
        "/rehearsal/system/usr/local/bin",
        "/proc/sys",
        "/rehearsal/shims",
    ];
    let places: Vec<PathBuf> = places.iter().map(PathBuf::from).chain([toolchain]).collect();
    let attempts: Vec<String> = places
        .iter()
        .filter(|place| place.exists() || place.starts_with("/rehearsal"))
        .map(|place| format!("touch {0}/x 2>/dev/null && echo wrote {0}; ls -d {0}", place.display()))
        .collect();
    let mut commands: Vec<&str> = attempts.iter().map(String::as_str).collect();
    commands.extend([
        "touch here ~/there /tmp/temporary /run/x /var/tmp/x /x \"$npm_config_cache/kept\" && echo allowed",
        "echo $HOME $TMPDIR $CODEBUILD_SRC_DIR $PWD $GIT_CEILING_DIRECTORIES $npm_config_cache; id -u; command -v sh",
    ]);
    let said = isolated(&mut env, &commands);
    assert!(!said.contains("wrote"), "{said}");
    let printed: Vec<&str> = said.lines().filter(|line| !line.starts_with('[')).collect();
    let (expected, rest) = printed.split_at(attempts.len());
    for (place, printed) in places.iter().zip(expected) {
        assert_eq!(Path::new(printed), place);
    }
    assert_eq!(
        rest,
        [
            "allowed",
            "/root /tmp /codebuild/output/src1/src /codebuild/output/src1/src /codebuild /var/cache/rehearsal/npm",
            "0",
            "/usr/bin/sh",
        ]
    );
    for outside in ["/x", "/run/x", "/var/tmp/x", "/tmp/temporary"] {
        assert!(!Path::new(outside).exists(), "{outside}");
    }
}

/// What is in a folder of this machine, by name; nothing when it is not there.
fn listed(folder: &str) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    names.sort();
    names
}

#[test]
fn builds_install_programs_where_they_do_on_aws_and_nothing_of_it_lands_on_the_machine() {
    let mut env = Env::repository();
    let folders = ["/usr/local", "/usr/local/bin", "/usr/local/share", "/opt", "/etc", "/etc/apt"];
    let before = folders.map(listed);
    // The idioms of real buildspecs, with programs whose names nothing else has.
    let said = isolated(
        &mut env,
        &[
            "for name in one two three four; do printf '#!/bin/sh\\necho %s\\n' $name >$name && chmod +x $name; done",
            "mv one /usr/local/bin/rh-one && install -m 755 two /usr/local/bin/rh-two && ln -s $PWD/three /usr/local/bin/rh-three",
            "mkdir -p /usr/local/rh-cli/v2/current/bin /opt/rh/bin && cp four /usr/local/rh-cli/v2/current/bin/rh-four",
            "ln -sf /usr/local/rh-cli/v2/current/bin/rh-four /usr/local/bin/rh-four && cp four /opt/rh/bin",
            "echo 'deb x y z' | tee -a /etc/apt/sources.list.d/rh.list >/etc/rh.conf && cat /etc/rh.conf",
            "rh-one && rh-two && rh-three && rh-four && /opt/rh/bin/four && command -v rh-one",
            "echo $PATH | tr : '\\n' | grep -c -e '^/usr/local/bin$' -e /rehearsal/system",
            // Its own goes first by its full name, and behind the shims by its short one.
            "ln -sf $PWD/three /usr/local/bin/kubectl && /usr/local/bin/kubectl && command -v kubectl",
        ],
    );
    let printed: Vec<&str> = said.lines().filter(|line| !line.starts_with('[')).collect();
    let programs = ["one", "two", "three", "four", "four", "/usr/local/bin/rh-one"];
    let rest = ["1", "three", "/rehearsal/shims/kubectl"];
    assert_eq!(printed, [&["deb x y z"][..], &programs, &rest].concat(), "{said}");
    assert_eq!(folders.map(listed), before);
}

#[test]
fn programs_of_the_machine_are_found_in_the_builds_own_folders_and_cannot_be_changed() {
    let mut env = Env::repository();
    let programs = listed("/usr/local/bin");
    let is_program = |file: &&PathBuf| {
        std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o111 != 0
    };
    let Some(program) = programs.iter().find(is_program) else {
        println!("this machine has no program in /usr/local/bin: skipped");
        return;
    };
    let (program, name) = (program.display(), program.file_name().unwrap().display());
    let attempts = [
        format!(
            "[ -x {program} ] && cmp {program} $(readlink -f {program}) && command -v {name} >/dev/null && echo there"
        ),
        format!("{{ echo x >{program}; }} 2>/dev/null || echo kept"),
        format!("cp /bin/true mine && mv mine {program} && {program} && echo replaced"),
        "cp /bin/true /usr/bin/rh-never".to_owned(),
    ];
    env.set("REHEARSAL_SANDBOX", "isolated");
    let commands: Vec<&str> = attempts.iter().map(String::as_str).collect();
    env.file("buildspec.yml", &buildspec(&commands));
    let told = env.run(["build"]);
    for printed in ["\nthere\n", "\nkept\n", "\nreplaced\n"] {
        assert!(told.contains(printed), "{printed}: {told}");
    }
    assert!(told.starts_with("exit: 1"), "{told}");
    assert!(told.contains("\nnote: the isolated sandbox shows /usr, toolchains"), "{told}");
    assert_eq!(listed("/usr/local/bin"), programs);
}

#[test]
fn the_users_programs_are_there_and_what_lies_beside_them_is_not() {
    let mut env = Env::repository();
    let home = env.root().join("home");
    let program = |path: &str, word: &str| {
        let file = home.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("#!/bin/sh\n{word}\n")).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    };
    program(".cargo/bin/of-cargo", "echo of cargo");
    program(".pyenv/shims/of-pyenv", "cat \"$PYENV_ROOT/version\"");
    program("node/bin/of-node", "cat \"$(dirname \"$0\")/../lib/word\"");
    program(".local/bin/of-local", "echo of local");
    for (file, text) in [
        (".cargo/credentials.toml", PLANTED),
        (".pyenv/version", "of pyenv\n"),
        (".pyenv/versions/3.12/pip.conf", PLANTED),
        ("node/lib/word", "of node\n"),
        ("node/etc/npmrc", PLANTED),
        (".local/share/keyrings/login.keyring", PLANTED),
        // A toolchain that is where secrets are.
        (".m2/settings.xml", PLANTED),
    ] {
        let file = home.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let folders =
        [".cargo/bin", ".pyenv/shims", "node/bin", ".local/bin", "", ".m2"].map(|name| home.join(name));
    let path =
        std::env::join_paths(folders.into_iter().chain(std::env::split_paths("/usr/bin:/bin"))).unwrap();
    env.set("PATH", path);
    env.set("M2_HOME", home.join(".m2"));
    let search = format!("grep -rs {PLANTED} {0} /root /rehearsal/path; ls -a {0}", home.display());
    let said =
        isolated(&mut env, &["of-cargo; of-pyenv; of-node; of-local", "env | grep M2_HOME || true", &search]);
    let printed: Vec<&str> = said.lines().filter(|line| !line.starts_with('[')).collect();
    let seen = [".", "..", ".cargo", ".local", ".pyenv", "node"];
    assert_eq!(printed, [&["of cargo", "of pyenv", "of node", "of local"][..], &seen].concat(), "{said}");
}

#[test]
fn artifacts_and_reports_come_from_what_commands_saw() {
    let mut env = Env::repository();
    env.set("REHEARSAL_SANDBOX", "isolated");
    std::fs::write(env.root().join("home/.netrc"), PLANTED).unwrap();
    std::fs::write(env.root().join("outside"), PLANTED).unwrap();
    let outside = env.root().join("outside").display().to_string();
    let text = format!(
        "version: 0.2
phases:
  build:
    commands:
      - mkdir dist && echo kept >dist/file && echo home >~/at-home
      - ln -s /codebuild/output/src1/src/dist/file dist/absolute && ln -s /root/at-home dist/at-home
      - ln -s {outside} dist/stolen && ln -s ../../../../../outside dist/climbing && ln -s / dist/everything
      - ln -s /etc/passwd dist/passwd && echo memory >/run/file
      - cd /run && echo $PWD
      - rm -r /codebuild/output/src1/src/nowhere; mkdir /tmp/gone && cd /tmp/gone && rmdir /tmp/gone
      - pwd
artifacts:
  base-directory: $CODEBUILD_SRC_DIR/dist
  files: ['**/*', 'everything{outside}', '{outside}', 'everything/**/outside', '/run/file', /root/at-home]
"
    )
    .replace("rm -r /codebuild/output/src1/src/nowhere; ", "");
    env.file("buildspec.yml", &text);
    let said = env.stdout(["build", "--artifacts", "made"], 0);
    let made = env.work().join("made");
    let mut names: Vec<String> =
        walk(&made).iter().map(|path| path.strip_prefix(&made).unwrap().display().to_string()).collect();
    names.sort();
    assert_eq!(names, ["absolute", "at-home", "file", "passwd", "root/at-home"], "{said}");
    for (name, text) in [("absolute", "kept\n"), ("at-home", "home\n"), ("root/at-home", "home\n")] {
        assert_eq!(std::fs::read_to_string(made.join(name)).unwrap(), text, "{name}");
    }
    // The sandbox's own list of users, and not this machine's.
    assert_eq!(std::fs::read_to_string(made.join("passwd")).unwrap().lines().count(), 2);
    let printed: Vec<&str> = said.lines().filter(|line| !line.starts_with('[')).collect();
    assert_eq!(printed, ["/run", "/codebuild/output/src1/src"], "{said}");
}

/// Every file below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    entries
        .flat_map(|entry| if entry.path().is_dir() { walk(&entry.path()) } else { vec![entry.path()] })
        .collect()
}

#[test]
fn a_pipeline_runs_isolated_where_that_works_and_nobody_asked_otherwise() {
    let mut env =
        Env::with(&[("pipeline.yml", &crate::env::pipeline("web", &[("Build", "pwd; id -u; ls ..")]))]);
    env.set("REHEARSAL_SANDBOX", "isolated");
    env.stdout(["run"], 0);
    let explicit = env.stdout(["logs"], 0);
    assert!(explicit.contains("\n/codebuild/output/src1/src/s3/00\n0\n"), "{explicit}");
    env.unset("REHEARSAL_SANDBOX");
    env.stdout(["run"], 0);
    assert!(env.stdout(["logs"], 0).contains("\n/codebuild/output/src1/src/s3/00\n"));
    // The flag beats the file, and the file what works.
    env.file("rehearsal.yml", "sandbox: host\n");
    let told = env.run(["run"]);
    let note =
        "note: commands run on this machine itself: they see your files, your processes and your network;";
    assert!(told.starts_with("exit: 0\n") && told.contains(note), "{told}");
    assert!(!env.stdout(["logs"], 0).contains("\n/codebuild/"));
    env.stdout(["run", "--sandbox", "isolated"], 0);
    assert!(env.stdout(["logs"], 0).contains("\n/codebuild/"));
}

#[test]
fn without_bubblewrap_builds_fall_back_to_the_host_unless_isolation_was_asked_for() {
    let mut env = Env::with(&[("buildspec.yml", &buildspec(&["pwd"]))]);
    // Everything but bwrap, which is then a program that does not work.
    let folder = env.root().join("programs");
    std::fs::create_dir(&folder).unwrap();
    let script = "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n";
    std::fs::write(folder.join("bwrap"), script).unwrap();
    std::fs::set_permissions(folder.join("bwrap"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let path = format!("{}:{}", folder.display(), crate::testing::callers_path().display());
    env.set("PATH", path);
    env.unset("REHEARSAL_SANDBOX");
    let fallen = env.run(["build"]);
    assert!(fallen.contains("note: bwrap does not work here: setting up uid map: Permission denied, so commands run on this machine itself"), "{fallen}");
    assert!(fallen.contains("note: to isolate them, ") && fallen.starts_with("exit: 0"), "{fallen}");
    let asked = env.run(["build", "--sandbox", "isolated"]);
    assert!(
        asked.starts_with(
            "exit: 2\n--- stderr\nerror: no isolated sandbox: bwrap does not work here: setting up"
        ),
        "{asked}"
    );
    assert!(asked.contains("hint: or use --sandbox host"), "{asked}");
}

#[test]
fn within_a_sandbox_builds_are_isolated_too_but_for_the_processes_around_them() {
    let env = Env::with(&[(
        "buildspec.yml",
        &buildspec(&[
            "sleep 1000 & id -u; pwd; cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep OUTER_SECRET || echo none",
        ]),
    )]);
    let mut command = env.prepare("bwrap");
    // As a sandbox or container does, which covers switches of the kernel.
    command.args([
        "--dev-bind",
        "/",
        "/",
        "--unshare-user",
        "--unshare-pid",
        "--cap-add",
        "ALL",
        "--proc",
        "/proc",
    ]);
    command.args(["--ro-bind", "/proc/sys", "/proc/sys", "--", "sh", "-c"]);
    command.arg("\"$0\" build --sandbox isolated; echo left $(ps -e -o args= | grep -c '[s]leep 1000')");
    command.arg(env!("CARGO_BIN_EXE_rehearsal")).env("OUTER_SECRET", PLANTED);
    for name in ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("note: this is itself in a sandbox, where nobody may mount /proc"), "{said}{told}");
    assert!(
        said.contains("0\n/codebuild/output/src1/src\nnone\n") && said.ends_with("left 0\n"),
        "{said}{told}"
    );
}
