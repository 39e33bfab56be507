//! What a build cannot reach: the user's repository, git configuration and credentials, all planted for the test.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::env::Env;

const BUILDSPEC: &str = r#"
version: 0.2
phases:
  build:
    commands:
      - git tag planted-by-the-build || echo "no tag"
      - git commit --allow-empty -m "planted by the build" || echo "no commit"
      - git config --global user.name "Planted By The Build"
      - git config --global --get user.name
      - test -z "$(cat ~/.aws/credentials ~/.aws/config)" && echo "no credentials"
      - cat ~/.ssh/id_ed25519 ~/.netrc ~/.npmrc ~/.cargo/credentials.toml ~/.docker/config.json || echo "no secrets"
      - env | sort
      - python3 sdk_settings.py
      - echo written > "$HOME/written-by-the-build"
"#;

/// Every file below a folder with its content.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// An environment full of things that no build may see; each holds the word PLANTED.
fn planted(files: &[(&str, &str)]) -> Env {
    let mut env = Env::repository();
    let home = env.root().join("home");
    for (path, text) in [
        (".aws/credentials", "[default]\naws_access_key_id = AKIAPLANTED\naws_secret_access_key = PLANTED\n"),
        (".aws/config", "[default]\nregion = planted-1\nrole_arn = arn:aws:iam::123456789012:role/PLANTED\n"),
        (
            ".gitconfig",
            "[user]\n\tname = PLANTED\n\temail = planted@example.com\n[alias]\n\ttag = !echo PLANTED\n",
        ),
        (".ssh/id_ed25519", "PLANTED KEY\n"),
        (".netrc", "machine example.com login me password PLANTED\n"),
        (".npmrc", "//registry.example.com/:_authToken=PLANTED\n"),
        (".cargo/credentials.toml", "[registry]\ntoken = \"PLANTED\"\n"),
        (".docker/config.json", "{\"auths\":{\"example.com\":{\"auth\":\"PLANTED\"}}}\n"),
    ] {
        let path = home.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    for (path, text) in files {
        env.file(path, text);
    }
    env.file("sdk_settings.py", include_str!("../../fixtures/isolation/sdk_settings.py"));
    env.commit("first commit");
    for name in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_PROFILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "GITHUB_TOKEN",
        "NPM_TOKEN",
        "CARGO_REGISTRY_TOKEN",
        "SSH_AUTH_SOCK",
        "GPG_AGENT_INFO",
        "GIT_AUTHOR_NAME",
        "DOCKER_HOST",
        "KUBECONFIG",
    ] {
        env.set(name, "PLANTED");
    }
    env.set("AWS_SHARED_CREDENTIALS_FILE", home.join(".aws/credentials"));
    env.set("AWS_CONFIG_FILE", home.join(".aws/config"));
    env
}

/// Runs the arguments and checks that nothing of the user's was seen or changed; gives the build's log.
fn run_and_compare<'a>(env: &Env, arguments: impl IntoIterator<Item = &'a str>) -> String {
    let home = contents(&env.root().join("home"));
    let work = contents(&env.work())
        .into_iter()
        .filter(|(path, _)| !path.starts_with(env.work().join(".git")))
        .collect();
    let work: BTreeMap<_, _> = work;
    let refs = env.git(["for-each-ref"]);
    let config = std::fs::read(env.work().join(".git/config")).unwrap();
    let index = std::fs::read(env.work().join(".git/index")).unwrap();

    let output = env.output(arguments);
    let shown =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{shown}");
    let log = env.stdout(["logs"], 0);

    assert!(
        !log.contains("PLANTED") && !log.contains("planted-1"),
        "the build saw what it may not see:\n{log}"
    );
    assert!(!shown.contains("PLANTED"), "{shown}");
    assert_eq!(contents(&env.root().join("home")), home, "the build changed the user's home");
    assert_eq!(env.git(["for-each-ref"]), refs, "the build changed the user's refs");
    assert_eq!(std::fs::read(env.work().join(".git/config")).unwrap(), config);
    assert_eq!(std::fs::read(env.work().join(".git/index")).unwrap(), index);
    let after: BTreeMap<_, _> = contents(&env.work())
        .into_iter()
        .filter(|(path, _)| !path.starts_with(env.work().join(".git")))
        .collect();
    assert_eq!(after, work, "the build changed the working tree");
    log
}

/// What the stand-in for an SDK printed.
fn sdk(log: &str) -> serde_json::Value {
    let line = log.lines().find_map(|line| line.strip_prefix("SDK ")).unwrap_or_else(|| panic!("{log}"));
    serde_json::from_str(line).unwrap()
}

#[test]
fn a_run_reaches_neither_repository_nor_config_nor_credentials() {
    let env = planted(&[("buildspec.yml", BUILDSPEC)]);
    let log = run_and_compare(&env, ["run"]);
    for line in ["no tag", "no commit", "Planted By The Build", "no credentials", "no secrets"] {
        assert!(log.lines().any(|seen| seen == line), "{line} is missing:\n{log}");
    }
    let sdk = sdk(&log);
    assert_eq!(sdk["AWS_SHARED_CREDENTIALS_FILE"], serde_json::json!({}));
    assert_eq!(sdk["AWS_CONFIG_FILE"], serde_json::json!({}));
    assert_eq!(sdk["AWS_EC2_METADATA_DISABLED"], "true");
    assert_eq!(sdk["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], serde_json::Value::Null);
    assert!(sdk["AWS_ENDPOINT_URL"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{sdk}");
    assert!(!sdk["AWS_ACCESS_KEY_ID"].as_str().unwrap().is_empty());
}

#[test]
fn a_build_of_the_working_tree_reaches_no_more_than_a_run() {
    let env = planted(&[("buildspec.yml", BUILDSPEC)]);
    let log = run_and_compare(&env, ["build"]);
    // The tag is made, in a repository of the build's own: the user's is what it was.
    assert!(log.contains("Running command git tag") && !log.lines().any(|line| line == "no tag"), "{log}");
    assert_eq!(sdk(&log)["AWS_CONFIG_FILE"], serde_json::json!({}));
}

#[test]
fn in_a_full_clone_the_builds_tags_and_commits_stay_in_the_clone() {
    let pipeline = r#"
name: clone
roleArn: arn:aws:iam::111122223333:role/pipeline
artifactStore: { type: S3, location: artifacts }
stages:
  - name: Source
    actions:
      - name: Checkout
        actionTypeId: { category: Source, owner: AWS, provider: CodeStarSourceConnection, version: "1" }
        configuration:
          ConnectionArn: "arn:aws:codeconnections:eu-central-1:111122223333:connection/00000000-0000-4000-8000-000000000000"
          FullRepositoryId: example/clone
          BranchName: main
          OutputArtifactFormat: CODEBUILD_CLONE_REF
        outputArtifacts: [{ name: Sources }]
  - name: Build
    actions:
      - name: Build
        actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: "1" }
        configuration: { ProjectName: clone }
        inputArtifacts: [{ name: Sources }]
"#;
    let project = "projects:\n  - name: clone\n    source: { type: CODEPIPELINE }\n";
    let buildspec = r#"
version: 0.2
phases:
  build:
    commands:
      - git log -1 --format=%s
      - git config user.email build@example.com && git config user.name "The Build"
      - git tag made-by-the-build && git commit --quiet --allow-empty -m "made by the build"
      - git log -1 --format=%s
      - git remote -v
      - python3 sdk_settings.py
"#;
    let env =
        planted(&[("buildspec.yml", buildspec), ("pipeline.yml", pipeline), ("rehearsal.yml", project)]);
    let log = run_and_compare(&env, ["run"]);
    for line in ["first commit", "made by the build"] {
        assert!(log.lines().any(|seen| seen == line), "{line} is missing:\n{log}");
    }
}
