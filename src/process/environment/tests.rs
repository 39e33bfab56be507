//! The environment of commands, variable by variable.

use super::*;

/// A user's environment with everything in it that must not get through.
const HOST: [(&str, &str); 36] = [
    ("HOME", "/home/ada"),
    ("USER", "ada"),
    ("PATH", "/home/ada/.cargo/bin:bin::/usr/bin:/gone:/usr/bin:/opt/node/bin"),
    ("TMPDIR", "/home/ada/tmp"),
    ("LANG", "de_DE.UTF-8"),
    ("LC_ALL", "de_DE.UTF-8"),
    ("TERM", "xterm-256color"),
    ("TZ", "Europe/Berlin"),
    ("EDITOR", "vi"),
    ("AWS_PROFILE", "production"),
    ("AWS_ACCESS_KEY_ID", "AKIAREAL"),
    ("AWS_SECRET_ACCESS_KEY", "real"),
    ("AWS_SESSION_TOKEN", "real"),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
    ("AWS_ENDPOINT_URL_S3", "https://s3.example"),
    ("AWS_CA_BUNDLE", "/etc/ca.pem"),
    ("GIT_DIR", "/home/ada/project/.git"),
    ("GIT_WORK_TREE", "/home/ada/project"),
    ("GIT_INDEX_FILE", ".git/index"),
    ("GIT_CONFIG_COUNT", "1"),
    ("GIT_ASKPASS", "/usr/bin/ask"),
    ("SSH_AUTH_SOCK", "/run/agent"),
    ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus"),
    ("XDG_RUNTIME_DIR", "/run/user/1000"),
    ("DOCKER_HOST", "unix:///run/docker.sock"),
    ("KUBECONFIG", "/home/ada/.kube/config"),
    ("HISTFILE", "/home/ada/.history"),
    ("BASH_ENV", "/home/ada/.env"),
    ("CARGO_HOME", "/home/ada/.cargo"),
    ("CARGO_REGISTRY_TOKEN", "real"),
    ("NPM_TOKEN", "real"),
    ("PIP_INDEX_URL", "https://mirror.example/simple"),
    ("JAVA_TOOL_OPTIONS", "-Xmx1g"),
    ("JAVA_HOME", "/opt/jdk"),
    ("CODEBUILD_BUILD_ID", "forged:1"),
];

/// The names of files that commands on the host know.
static HOST_VIEW: std::sync::LazyLock<View> = std::sync::LazyLock::new(View::host);

fn host() -> BTreeMap<OsString, OsString> {
    HOST.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn exists(folder: &Path) -> bool {
    [
        "/home/ada/.cargo/bin",
        "/usr/bin",
        "/opt/node/bin",
        "/bin",
        "/home/ada/.rustup",
        "/home/ada/.pyenv",
        "/opt/jdk",
    ]
    .iter()
    .any(|known| folder == Path::new(known))
}

fn basis(host: &BTreeMap<OsString, OsString>) -> Basis<'_> {
    Basis {
        host,
        view: &HOST_VIEW,
        home: Path::new("/w/home"),
        temp: Path::new("/w/tmp"),
        ceiling: Path::new("/w"),
        shims: None,
        caches: None,
        region: "eu-west-1",
        inherit: &[],
    }
}

fn text(environment: &Environment) -> Vec<String> {
    let line = |(name, value): (&OsString, &OsString)| format!("{}={}", name.display(), value.display());
    environment.variables.iter().map(line).collect()
}

#[test]
fn nothing_comes_from_the_user_but_paths_of_toolchains() {
    insta::assert_snapshot!(text(&base(&basis(&host()), &exists)).join("\n"), @"
    AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
    AWS_CONFIG_FILE=/w/home/.aws/config
    AWS_DEFAULT_REGION=eu-west-1
    AWS_EC2_METADATA_DISABLED=true
    AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1
    AWS_ENDPOINT_URL=http://127.0.0.1:1
    AWS_REGION=eu-west-1
    AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
    AWS_SHARED_CREDENTIALS_FILE=/w/home/.aws/credentials
    CARGO_HOME=/w/home/.cargo
    CDK_DISABLE_CLI_TELEMETRY=true
    CHECKPOINT_DISABLE=1
    DOTNET_CLI_TELEMETRY_OPTOUT=1
    GEM_HOME=/w/home/.gem
    GIT_CEILING_DIRECTORIES=/w
    GIT_CONFIG_GLOBAL=/w/home/.gitconfig
    GIT_CONFIG_NOSYSTEM=1
    GRADLE_USER_HOME=/w/home/.gradle
    HOME=/w/home
    JAVA_HOME=/opt/jdk
    JAVA_TOOL_OPTIONS=-Duser.home=/w/home
    LANG=C.UTF-8
    LC_CTYPE=C.UTF-8
    MAVEN_OPTS=-Duser.home=/w/home
    PATH=/w/home/.rehearsal/bin:/w/home/.local/bin:/w/home/.cargo/bin:/w/home/.npm-global/bin:/w/home/go/bin:/w/home/.gem/bin:/w/home/.rehearsal/python/bin:/w/home/.rehearsal/python/env/bin:/home/ada/.cargo/bin:/usr/bin:/opt/node/bin:/bin
    PYENV_ROOT=/home/ada/.pyenv
    RUSTUP_HOME=/home/ada/.rustup
    SAM_CLI_TELEMETRY=0
    SLS_TELEMETRY_DISABLED=1
    TERM=dumb
    TMPDIR=/w/tmp
    TZ=UTC
    npm_config_prefix=/w/home/.npm-global
    ");
}

#[test]
fn caches_of_the_repository_are_named_when_there_are_any() {
    let without = base(&basis(&host()), &exists);
    let with = base(&Basis { caches: Some(Path::new("/c")), ..basis(&host()) }, &exists);
    let more: Vec<String> = text(&with).into_iter().filter(|line| !text(&without).contains(line)).collect();
    assert_eq!(more, ["GOMODCACHE=/c/go/mod", "PIP_CACHE_DIR=/c/pip", "npm_config_cache=/c/npm"]);
}

#[test]
fn shims_come_first_and_system_folders_last_and_none_twice() {
    let environment = base(&Basis { shims: Some(Path::new("/w/shims")), ..basis(&host()) }, &|folder| {
        exists(folder) || SYSTEM.iter().any(|system| folder == Path::new(system))
    });
    assert_eq!(
        environment.variables[OsStr::new("PATH")],
        "/w/shims:/w/home/.rehearsal/bin:/w/home/.local/bin:/w/home/.cargo/bin:/w/home/.npm-global/bin:/w/home/go/bin:/w/home/.gem/bin:/w/home/.rehearsal/python/bin:/w/home/.rehearsal/python/env/bin:\
         /home/ada/.cargo/bin:/usr/bin:/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin"
    );
    let bare = base(&Basis { home: Path::new("/odd:name"), ..basis(&host()) }, &exists);
    assert_eq!(bare.variables[OsStr::new("PATH")], "/home/ada/.cargo/bin:/usr/bin:/opt/node/bin:/bin");
}

#[test]
fn inherit_takes_what_is_named_but_not_what_would_lead_out() {
    for (name, taken) in [
        ("PIP_INDEX_URL", Some("https://mirror.example/simple")),
        ("NPM_TOKEN", Some("real")),
        ("DOCKER_HOST", Some("unix:///run/docker.sock")),
        ("AWS_CA_BUNDLE", Some("/etc/ca.pem")),
        ("TZ", Some("Europe/Berlin")),
        ("NOT_SET", None),
        ("JAVA_TOOL_OPTIONS", Some("-Duser.home=/w/home -Xmx1g")),
    ] {
        let names = [name.to_owned()];
        let environment = base(&Basis { inherit: &names, ..basis(&host()) }, &exists);
        let got = environment.variables.get(OsStr::new(name));
        assert_eq!(got.map(OsString::as_os_str), taken.map(OsStr::new), "{name}");
        assert_eq!(environment.refused, [""; 0], "{name}");
    }
    let plain = base(&basis(&host()), &exists);
    for name in [
        "HOME",
        "PATH",
        "TMPDIR",
        "AWS_PROFILE",
        "AWS_ACCESS_KEY_ID",
        "AWS_ENDPOINT_URL_S3",
        "GIT_DIR",
        "GIT_CONFIG_COUNT",
        "SSH_AUTH_SOCK",
        "XDG_RUNTIME_DIR",
        "KUBECONFIG",
        "CARGO_HOME",
        "BASH_ENV",
        "CODEBUILD_BUILD_ID",
    ] {
        let names = [name.to_owned()];
        let environment = base(&Basis { inherit: &names, ..basis(&host()) }, &exists);
        assert_eq!(environment.refused, [name]);
        assert_eq!(environment.variables, plain.variables, "{name}");
    }
}

#[test]
fn toolchains_are_found_where_the_user_says_or_where_they_usually_are() {
    for (set, there, root) in [
        (None, "/home/ada/.rustup", Some("/home/ada/.rustup")),
        (Some("/opt/rustup"), "/opt/rustup", Some("/opt/rustup")),
        // What the user says counts, also when it is wrong; a relative folder means nothing elsewhere.
        (Some("/opt/rustup"), "/home/ada/.rustup", None),
        (Some("rustup"), "rustup", None),
        (None, "/nowhere", None),
    ] {
        let mut host = host();
        host.extend(set.map(|set| (OsString::from("RUSTUP_HOME"), OsString::from(set))));
        let environment = base(&basis(&host), &|folder| folder == Path::new(there));
        let got = environment.variables.get(OsStr::new("RUSTUP_HOME"));
        assert_eq!(got.map(OsString::as_os_str), root.map(OsStr::new), "{set:?} {there}");
    }
}

#[test]
fn npm_installs_global_packages_into_the_private_home_unless_nvm_forbids_it() {
    for (nvm, prefix) in [(false, Some("/w/home/.npm-global")), (true, None)] {
        let environment = base(&basis(&host()), &|folder| nvm && folder == Path::new("/home/ada/.nvm"));
        let got = environment.variables.get(OsStr::new("npm_config_prefix"));
        assert_eq!(got.map(OsString::as_os_str), prefix.map(OsStr::new));
    }
}

#[test]
fn java_keeps_the_private_home_whatever_a_buildspec_sets() {
    let mut variables = base(&Basis { home: Path::new("/w/my home"), ..basis(&host()) }, &exists).variables;
    assign(&mut variables, OsStr::new("JAVA_TOOL_OPTIONS"), OsStr::new("-Xmx512m"));
    assign(&mut variables, OsStr::new("MAVEN_OPTS"), OsStr::new("-Xss4m"));
    assign(&mut variables, OsStr::new("PLAIN"), OsStr::new("a b"));
    assert_eq!(variables[OsStr::new("JAVA_TOOL_OPTIONS")], "'-Duser.home=/w/my home' -Xmx512m");
    assert_eq!(variables[OsStr::new("MAVEN_OPTS")], "'-Duser.home=/w/my home' -Xss4m");
    assert_eq!(variables[OsStr::new("PLAIN")], "a b");
}

#[test]
fn a_prepared_home_has_what_the_variables_speak_of() {
    let dir = tempfile::tempdir().unwrap();
    let host = host();
    let (home, temp, caches) =
        (dir.path().join("it's home"), dir.path().join("tmp"), dir.path().join("caches"));
    let basis = Basis {
        host: &host,
        view: &HOST_VIEW,
        home: &home,
        temp: &temp,
        ceiling: dir.path(),
        shims: None,
        caches: Some(&caches),
        region: "eu-west-1",
        inherit: &[],
    };
    // Two builds at once share the caches, and preparing again is no error.
    prepare(&basis).unwrap();
    prepare(&basis).unwrap();
    let variables = base(&basis, &Path::is_dir).variables;
    for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "GIT_CONFIG_GLOBAL"] {
        assert_eq!(std::fs::read(&variables[OsStr::new(name)]).unwrap(), b"", "{name}");
    }
    for name in ["TMPDIR", "CARGO_HOME", "GRADLE_USER_HOME", "GOMODCACHE"] {
        assert!(Path::new(&variables[OsStr::new(name)]).is_dir(), "{name}");
    }
    std::fs::write(home.join(".cargo/registry/kept"), "").unwrap();
    std::fs::write(home.join(".cargo/config.toml"), "").unwrap();
    std::fs::write(home.join(".cargo/.package-cache"), "lock").unwrap();
    assert!(caches.join("cargo/registry/kept").is_file());
    assert!(!caches.join("cargo/config.toml").exists());
    assert_eq!(std::fs::read(caches.join("cargo/.package-cache")).unwrap(), b"lock");
}

#[test]
fn programs_are_found_only_where_they_can_be_executed() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("plain"), "").unwrap();
    std::fs::create_dir(dir.path().join("sh")).unwrap();
    let path = format!("relative::{}:/usr/bin:/bin", dir.path().display());
    assert!(find_program("sh", path.as_ref()).unwrap().ends_with("bin/sh"));
    assert_eq!(find_program("plain", path.as_ref()), None);
    assert_eq!(find_program("sh", "".as_ref()), None);
}
