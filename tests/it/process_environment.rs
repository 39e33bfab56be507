//! Commands cannot see the user's settings and keys, and their own toolchains work all the same.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use rehearsal::process::environment::{self, Basis, find_program};
use rehearsal::process::{Command, How};

use crate::process_yard::{Output, Yard, run, text};

/// A word that stands in everything planted in the user's home and environment, and must come out nowhere.
const PLANTED: &str = "PLANTED";

#[expect(clippy::disallowed_methods, reason = "where this machine's programs are")]
fn host_variable(name: &str) -> OsString {
    std::env::var_os(name).unwrap_or_default()
}

/// A user with a home full of settings and keys, an environment full of credentials, and this machine's programs.
fn user(yard: &Yard) -> BTreeMap<OsString, OsString> {
    let home = yard.path().join("user");
    for (file, content) in [
        (".aws/credentials", "[default]\naws_access_key_id = PLANTED\n"),
        (".aws/config", "[default]\nregion = PLANTED\n"),
        (".gitconfig", "[user]\n name = PLANTED\n email = PLANTED@example.com\n"),
        (".config/git/config", "[user]\n name = PLANTED\n"),
        (".ssh/config", "Host *\n User PLANTED\n"),
        (".ssh/id_rsa", "PLANTED"),
        (".npmrc", "//registry.example/:_authToken=PLANTED\n"),
        (".cargo/credentials.toml", "[registry]\ntoken = \"PLANTED\"\n"),
        (".m2/settings.xml", "<settings><!-- PLANTED --></settings>"),
        (".netrc", "machine example.com password PLANTED\n"),
        (".docker/config.json", "{\"auths\":{\"PLANTED\":{}}}"),
        (".bashrc", "echo PLANTED\n"),
        (".profile", "echo PLANTED\n"),
    ] {
        let file = home.join(file);
        std::fs::create_dir_all(file.parent().unwrap_or(&home))
            .and_then(|()| std::fs::write(file, content))
            .ok();
    }
    let mut user =
        BTreeMap::from([("HOME".into(), home.into_os_string()), ("PATH".into(), host_variable("PATH"))]);
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL_S3",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "GIT_DIR",
        "GIT_AUTHOR_NAME",
        "SSH_AUTH_SOCK",
        "KUBECONFIG",
        "NPM_TOKEN",
        "BASH_ENV",
        "ENV",
    ] {
        user.insert(name.into(), PLANTED.into());
    }
    user
}

/// Runs scripts in the environment of a build of this user's.
fn in_a_build(
    yard: &Yard,
    host: &BTreeMap<OsString, OsString>,
    scripts: &[(&str, &str)],
) -> Vec<(How, Output)> {
    let (workspace, caches) = (yard.path().join("workspace"), yard.path().join("caches"));
    let sources = workspace.join("src");
    std::fs::create_dir_all(&sources).expect("the workspace");
    let basis = Basis {
        host,
        view: &rehearsal::process::sandbox::View::host(),
        home: &workspace.join("home"),
        temp: &workspace.join("tmp"),
        ceiling: &workspace,
        shims: None,
        caches: Some(&caches),
        region: "eu-west-1",
        inherit: &[],
    };
    environment::prepare(&basis).expect("the private home");
    let environment = environment::base(&basis, &Path::is_dir);
    assert_eq!(environment.refused, [""; 0]);
    let mut guard = yard.guard();
    let one = |(shell, script): &(&str, &str)| {
        let argv = [shell, "-c", script].map(OsString::from).into();
        let env = environment.variables.clone();
        let command = Command { argv, cwd: sources.clone(), env, time_limit: None, merged: true };
        let (exit, output) = run(&mut guard, &command);
        (exit.how, output)
    };
    scripts.iter().map(one).collect()
}

#[test]
fn a_build_finds_nothing_of_what_the_user_has() {
    let yard = Yard::new();
    // A repository above the workspace, which a careless `git` would find.
    let user = user(&yard);
    std::fs::create_dir_all(yard.path().join(".git/objects")).unwrap();
    std::fs::create_dir_all(yard.path().join(".git/refs")).unwrap();
    std::fs::write(yard.path().join(".git/HEAD"), "ref: refs/heads/PLANTED\n").unwrap();
    let scripts = [
        ("bash", "env"),
        (
            "bash",
            "cat ~/.aws/* ~/.gitconfig ~/.ssh/* ~/.npmrc ~/.m2/* ~/.netrc ~/.cargo/*.toml ~/.docker/* 2>/dev/null",
        ),
        ("bash", "git config --get user.name; git config --list --show-origin"),
        ("bash", "git rev-parse --abbrev-ref HEAD"),
        ("sh", "echo $ENV; cat \"$AWS_CONFIG_FILE\" \"$AWS_SHARED_CREDENTIALS_FILE\""),
        ("bash", "bash -l -c true; bash -i -c true 2>/dev/null"),
        ("bash", "python3 -c 'import os; print(open(os.path.expanduser(\"~/.aws/credentials\")).read())'"),
        ("bash", "tr '\\0' '\\n' < /proc/$PPID/environ"),
    ];
    for ((_, script), (_, output)) in scripts.iter().zip(in_a_build(&yard, &user, &scripts)) {
        assert!(!text(&output).contains(PLANTED), "{script}: {}", text(&output));
    }
}

#[test]
fn what_a_build_sets_globally_stays_in_its_own_home() {
    let yard = Yard::new();
    let user = user(&yard);
    let script = "git config --global user.name Robot && git config --global --get user.name && echo x > ~/.npmrc \
                  && mktemp -p \"$TMPDIR\" >/dev/null && git init -q . && git rev-parse --show-toplevel";
    let ended = in_a_build(&yard, &user, &[("bash", script)]);
    let sources = yard.path().join("workspace/src").canonicalize().unwrap();
    assert_eq!(ended[0].0, How::Exited(0));
    assert_eq!(text(&ended[0].1), format!("Robot\n{}\n", sources.display()));
    let home = yard.path().join("user");
    assert!(std::fs::read_to_string(home.join(".gitconfig")).unwrap().contains(PLANTED));
    assert!(std::fs::read_to_string(home.join(".npmrc")).unwrap().contains(PLANTED));
}

#[test]
fn ssh_goes_by_the_private_home_though_the_user_database_names_another() {
    let yard = Yard::new();
    let mut user = user(&yard);
    // An ssh that tells how it was called, before the real one on PATH.
    let bin = yard.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for name in ["ssh", "scp", "sftp"] {
        std::fs::write(bin.join(name), format!("#!/bin/sh\necho {name} \"$@\"\n")).unwrap();
        std::fs::set_permissions(bin.join(name), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    let mut path = bin.into_os_string();
    path.push(":");
    path.push(&user[OsStr::new("PATH")]);
    let real = find_program("ssh", &user[OsStr::new("PATH")]);
    user.insert("PATH".into(), path);
    let ended = in_a_build(&yard, &user, &[("bash", "ssh -v host; scp a host:b; sftp host")]);
    let config = yard.path().join("workspace/home/.rehearsal/ssh_config");
    let shown = config.display();
    assert_eq!(
        text(&ended[0].1),
        format!("ssh -F {shown} -v host\nscp -F {shown} a host:b\nsftp -F {shown} host\n")
    );
    // What the real program makes of that configuration, where there is one.
    let Some(real) = real else { return };
    let script = format!(
        "mkdir -p ~/.ssh && echo 'Host h\n Port 2022' > ~/.ssh/config && {} -F {shown} -G h | grep -E '^(port|identity|userknown)'",
        real.display()
    );
    let ended = in_a_build(&yard, &user, &[("bash", &script)]);
    let output = text(&ended[0].1);
    let home = yard.path().join("workspace/home/.ssh");
    assert!(output.contains("port 2022\n") && output.contains("identityagent none\n"), "{output}");
    for line in
        output.lines().filter(|line| line.starts_with("identityfile") || line.starts_with("userknown"))
    {
        let file = line.split_once(' ').map_or(line, |(_, file)| file);
        assert!(Path::new(file).starts_with(&home), "{line}");
    }
}

#[test]
fn the_toolchains_that_work_for_the_user_work_in_a_build() {
    let yard = Yard::new();
    let mut host = user(&yard);
    // The user as the tests see him: version managers find their roots by his real home.
    host.insert("HOME".into(), host_variable("HOME"));
    for name in ["RUSTUP_HOME", "PYENV_ROOT"] {
        let value = host_variable(name);
        if !value.is_empty() {
            host.insert(name.into(), value);
        }
    }
    let scripts = [
        ("bash", "cargo --version"),
        ("bash", "rustc --version"),
        ("bash", "python3 --version"),
        ("sh", "git --version"),
    ];
    for ((_, script), (how, output)) in scripts.iter().zip(in_a_build(&yard, &host, &scripts)) {
        assert_eq!(how, How::Exited(0), "{script}: {}", text(&output));
    }
}

/// A wheel with a module and a program, made by hand: nothing has to be fetched to install it.
const WHEEL: &str = r#"
import zipfile
with zipfile.ZipFile("trial_pkg-1-py3-none-any.whl", "w") as wheel:
    info = "trial_pkg-1.dist-info/"
    wheel.writestr("trial_pkg.py", "def main():\n    print('trial program')\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: trial-pkg\nVersion: 1\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "entry_points.txt", "[console_scripts]\ntrial-program = trial_pkg:main\n")
    wheel.writestr(info + "RECORD", "")
"#;

#[test]
fn what_pip_installs_is_the_builds_own_and_not_the_users() {
    let yard = Yard::new();
    let host = user(&yard);
    let path = host[OsStr::new("PATH")].clone();
    if find_program("pip", &path).is_none() || find_program("python3", &path).is_none() {
        println!("no pip here: skipped");
        return;
    }
    let where_is = "python3 -c 'import trial_pkg; print(trial_pkg.__file__)'";
    let make = format!("python3 - <<'EOF'{WHEEL}EOF");
    let outcomes = in_a_build(
        &yard,
        &host,
        &[
            // Names that the stand-in must leave as the build has them.
            (
                "sh",
                "export env=prod name=web here=x; python3 -c 'import os; print(os.environ[\"env\"], os.environ[\"name\"], os.environ[\"here\"])'",
            ),
            ("sh", where_is),
            (
                "sh",
                &format!("{make}\npip install -q --no-index ./trial_pkg-1-py3-none-any.whl && trial-program"),
            ),
            ("sh", where_is),
            (
                "sh",
                "python3 -m pip install -q --no-index --force-reinstall ./trial_pkg-1-py3-none-any.whl && python -c 'import trial_pkg'",
            ),
            (
                "sh",
                "pip uninstall -q -y trial-pkg && pip install -q --no-index --user ./trial_pkg-1-py3-none-any.whl && ls \"$HOME/.local/bin\"",
            ),
            (
                "sh",
                "python3 -m venv --without-pip v && . v/bin/activate && python3 -c 'import sys; print(sys.prefix)'",
            ),
        ],
    );
    let said: Vec<String> = outcomes.iter().map(|(_, output)| text(output)).collect();
    let ended: Vec<&How> = outcomes.iter().map(|(how, _)| how).collect();
    assert_eq!(said[0].trim(), "prod web x", "{said:?}");
    assert_eq!(*ended[1], How::Exited(1), "{said:?}");
    assert!(ended[2..].iter().all(|how| **how == How::Exited(0)), "{ended:?}\n{said:?}");
    assert!(said[2].contains("trial program"), "{said:?}");
    let home = yard.path().join("workspace/home");
    assert!(said[3].contains(&format!("{}/.rehearsal/python/env/", home.display())), "{said:?}");
    assert!(said[5].contains("trial-program"), "{said:?}");
    assert!(said[6].trim().ends_with("/v"), "{said:?}");
}
