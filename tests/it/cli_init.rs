//! `rehearsal init`: what it writes for each kind of project and flow, that this runs, and what it refuses.

use std::path::Path;

use crate::env::{Env, render};

/// A repository with these files, not committed; its folder is called `work`.
fn project(files: &[(&str, &str)]) -> Env {
    let env = Env::repository();
    for (path, text) in files {
        env.file(path, text);
    }
    env
}

/// Runs the program in a folder below the working directory.
fn run_in<'a>(env: &Env, folder: &str, arguments: impl IntoIterator<Item = &'a str>) -> String {
    render(&env.rehearsal(arguments).current_dir(env.work().join(folder)).output().unwrap())
}

/// Everything that a run of `init` wrote, with the names that its output gives.
fn written(env: &Env, output: &str) -> String {
    let mut all = String::new();
    for path in output.lines().filter_map(|line| line.strip_prefix("wrote ")) {
        let text = std::fs::read_to_string(env.work().join(path)).unwrap();
        all.push_str(&["=== ", path, "\n", &text, "\n"].concat());
    }
    all
}

const RUST: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = \"greeting\"\nversion = \"0.1.0\"\nedition = \"2021\"\n"),
    ("Cargo.lock", "version = 3\n\n[[package]]\nname = \"greeting\"\nversion = \"0.1.0\"\n"),
    (
        "src/lib.rs",
        "pub fn greeting() -> &'static str {\n    \"hello\"\n}\n\n#[test]\nfn it_greets() {\n    assert_eq!(greeting(), \"hello\");\n}\n",
    ),
];

const NODE: &[(&str, &str)] = &[
    ("package.json", r#"{"name": "greeting", "scripts": {"build": "node build.js", "test": "node --test"}}"#),
    ("package-lock.json", r#"{"name": "greeting", "lockfileVersion": 3, "packages": {}}"#),
];

const PYTHON: &[(&str, &str)] = &[
    ("pyproject.toml", "[project]\nname = \"greeting\"\nversion = \"0.1.0\"\n"),
    ("greeting.py", "def greeting():\n    return \"hello\"\n"),
    (
        "tests/test_greeting.py",
        "import unittest\n\nfrom greeting import greeting\n\n\nclass Greeting(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(greeting(), \"hello\")\n",
    ),
];

const PYTEST: &[(&str, &str)] = &[
    ("requirements.txt", "requests\n"),
    ("requirements-dev.txt", "# for tests\npytest>=8\n"),
    ("tests/test_greeting.py", "def test_it():\n    assert True\n"),
];

#[test]
fn each_language_gets_files_of_its_own_for_github_flow() {
    for (name, files) in [("rust", RUST), ("node", NODE), ("python", PYTHON), ("pytest", PYTEST)] {
        let env = project(files);
        let output = env.stdout(["init"], 0);
        insta::assert_snapshot!(format!("init-{name}-github-flow"), written(&env, &output));
    }
}

#[test]
fn each_language_gets_files_of_its_own_for_gitflow() {
    for (name, files) in [("rust", RUST), ("node", NODE), ("python", PYTHON)] {
        let env = project(files);
        let output = env.stdout(["init", "--branching", "gitflow"], 0);
        insta::assert_snapshot!(format!("init-{name}-gitflow"), written(&env, &output));
    }
}

#[test]
fn a_python_project_goes_from_init_to_a_green_run() {
    let env = project(PYTHON);
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Python project, GitHub Flow on branch main
    next:
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
    env.commit("first commit");
    insta::assert_snapshot!(env.run(["run"]), @"
    exit: 0
    --- stdout
    Succeeded work [SHORT] in [TIME]
    --- stderr
    work [SHORT]: [SHORT] (main)
      Source/Checkout started
      Source/Checkout succeeded in [TIME]
      Build/Build started
      Build/Build succeeded in [TIME]
      Test/Test started
      Test/Test succeeded in [TIME]
    ");
    let log = env.stdout(["logs", "--action", "Test/Test"], 0);
    assert!(log.contains("Ran 1 test in"), "{log}");

    env.file("greeting.py", "def greeting():\n    return \"bye\"\n");
    env.commit("second commit");
    env.stdout(["run"], 1);
}

#[test]
fn each_pipeline_of_gitflow_runs() {
    let env = project(PYTHON);
    insta::assert_snapshot!(env.run(["init", "--branching", "gitflow"]), @"
    exit: 0
    --- stdout
    wrote pipelines/develop.yml
    wrote pipelines/release.yml
    wrote pipelines/main.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Python project, Gitflow on branches develop, release/* and main
    note: there is no branch develop yet: `git branch develop` makes it
    next:
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run work-develop
    ");
    env.commit("first commit");
    for pipeline in ["work-develop", "work-release", "work-main"] {
        assert!(env.stdout(["check"], 0).ends_with("no problems\n"));
        let output = env.output(["run", pipeline]);
        assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    }
}

/// With the cargo that runs this test, and nothing to download.
#[test]
fn a_rust_project_goes_from_init_to_a_green_run() {
    let mut env = project(RUST);
    let cargo = Path::new(env!("CARGO")).parent().unwrap();
    let folders: Vec<_> = [cargo.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&crate::testing::callers_path()))
        .collect();
    env.set("PATH", std::env::join_paths(folders).unwrap());
    env.stdout(["init"], 0);
    env.commit("first commit");
    assert!(env.stdout(["check"], 0).ends_with("no problems\n"));
    let output = env.output(["run"]);
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    let log = env.stdout(["logs", "--action", "Test/Test"], 0);
    assert!(log.contains("test it_greets ... ok"), "{log}");
}

#[test]
fn a_file_that_is_there_is_never_overwritten_unless_asked() {
    let env = project(PYTHON);
    env.commit("first commit");
    env.file("rehearsal.yml", "pipelines: [mine.yml]\n");
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 2
    --- stderr
    error: rehearsal.yml is there already
    hint: nothing was written; --force overwrites it
    ");
    assert!(!env.work().join("pipeline.yml").exists());
    env.file("buildspecs/test.yml", "version: 0.2\n");
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 2
    --- stderr
    error: 2 files are there already
    hint: nothing was written; --force overwrites them:
      buildspecs/test.yml
      rehearsal.yml
    ");
    assert!(!env.work().join("buildspecs/build.yml").exists());
    insta::assert_snapshot!(env.run(["init", "--force"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    overwrote buildspecs/test.yml
    overwrote rehearsal.yml
    --- stderr
    note: written for a Python project, GitHub Flow on branch main
    next:
      git add pipeline.yml buildspecs rehearsal.yml && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
    let text = std::fs::read_to_string(env.work().join("rehearsal.yml")).unwrap();
    assert!(text.contains("pipelines: [pipeline.yml]"), "{text}");
}

#[test]
fn what_is_no_regular_file_stays_even_by_force() {
    let env = project(PYTHON);
    std::os::unix::fs::symlink("/dev/null", env.work().join("pipeline.yml")).unwrap();
    insta::assert_snapshot!(env.run(["init", "--force"]), @"
    exit: 2
    --- stderr
    error: pipeline.yml is there already and is no regular file
    hint: nothing was written; move it out of the way
    ");
    std::fs::remove_file(env.work().join("pipeline.yml")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", env.work().join("buildspecs")).unwrap();
    insta::assert_snapshot!(env.run(["init", "--force"]), @"
    exit: 2
    --- stderr
    error: buildspecs is there already and is no folder
    hint: nothing was written; move it out of the way
    ");
    assert!(!env.work().join("pipeline.yml").exists());
}

#[test]
fn outside_a_repository_and_without_a_project_nothing_is_written() {
    let env = Env::new();
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 2
    --- stderr
    error: [WORK] is not inside a git repository
    hint: `git init` makes it one
    ");
    let env = project(&[("README", "words\n"), ("below/Cargo.toml", "[package]\n")]);
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 2
    --- stderr
    error: this repository has no project that is known here at its top: no Cargo.toml, package.json, pyproject.toml, setup.py or requirements.txt
    hint: --language other writes buildspecs for you to fill in
    ");
    insta::assert_snapshot!(env.run(["init", "--language", "rust"]), @"
    exit: 2
    --- stderr
    error: this repository has no Rust project at its top: no Cargo.toml
    hint: --language other writes buildspecs for you to fill in
    ");
    insta::assert_snapshot!(env.run(["init", "--language", "cobol"]), @"
    exit: 2
    --- stderr
    error: invalid value 'cobol' for '--language <LANGUAGE>'
      [possible values: rust, node, python, other]

    For more information, try '--help'.
    ");
    env.git(["init", "--quiet", "--bare", "bare"]);
    insta::assert_snapshot!(run_in(&env, "bare", ["init"]), @"
    exit: 2
    --- stderr
    error: this repository is bare: there is no working tree to write to
    ");
}

#[test]
fn several_languages_are_listed_and_one_is_chosen() {
    let env = project(&[RUST, NODE].concat());
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 2
    --- stderr
    error: this repository has projects of 2 languages
    hint: choose one:
      --language rust  (Cargo.toml)
      --language node  (package.json)
    ");
    insta::assert_snapshot!(env.run(["init", "--language", "node"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Node project, GitHub Flow on branch main
    next:
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
}

#[test]
fn a_template_for_any_other_project_fails_until_it_is_filled_in() {
    let env = project(&[("Makefile", "all:\n")]);
    insta::assert_snapshot!(env.run(["init", "--language", "other"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a project of another kind, GitHub Flow on branch main
    next:
      write your commands into buildspecs/build.yml and buildspecs/test.yml
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
    env.commit("first commit");
    assert!(env.stdout(["check"], 0).ends_with("no problems\n"));
    let output = env.output(["run"]);
    let text = render(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("buildspecs/build.yml has no commands yet"), "{text}");
}

#[test]
fn a_project_without_tests_gets_no_test_stage_and_is_told() {
    let placeholder = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    let env = project(&[("package.json", placeholder), ("yarn.lock", "")]);
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Node project, GitHub Flow on branch main
    note: package.json has no `test` script: there is no Test stage; write one and run init --force
    note: yarn.lock is not used: the buildspecs say npm; write what yarn wants instead
    next:
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
    assert!(!env.work().join("buildspecs/test.yml").exists());

    let env = project(&[("setup.py", "from setuptools import setup\nsetup(name='greeting')\n")]);
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Python project, GitHub Flow on branch main
    note: there are no tests (test*.py): there is no Test stage; write some and run init --force
    next:
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
    env.commit("first commit");
    env.stdout(["run"], 0);

    let env = project(&[("package.json", "{\"scripts\": ")]);
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 2
    --- stderr
    error: package.json is no JSON: EOF while parsing a value at line 1 column 12
    ");
}

#[test]
fn a_lock_file_that_git_ignores_is_not_built_with() {
    let env = project(&[RUST, &[(".gitignore", "Cargo.lock\n")]].concat());
    env.stdout(["init"], 0);
    let text = std::fs::read_to_string(env.work().join("buildspecs/build.yml")).unwrap();
    assert!(text.contains("- cargo build\n"), "{text}");
    let env = project(&[RUST, &[(".gitignore", "*.yml\n")]].concat());
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Rust project, GitHub Flow on branch main
    warning: git ignores pipeline.yml
    warning: git ignores buildspecs/build.yml
    warning: git ignores buildspecs/test.yml
    warning: git ignores rehearsal.yml
    next:
      git add --force pipeline.yml buildspecs rehearsal.yml && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
}

#[test]
fn the_default_branch_and_the_folder_give_the_names() {
    let env = Env::new();
    env.git(["init", "--quiet", "--initial-branch=master", "2026: größe"]);
    env.file("2026: größe/Cargo.toml", "[package]\n");
    env.file("2026: größe/src/lib.rs", "");
    insta::assert_snapshot!(run_in(&env, "2026: größe/src", ["init"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Rust project, GitHub Flow on branch master
    next:
      cd '[WORK]/2026: größe'
      git add . && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
    let read = |name: &str| std::fs::read_to_string(env.work().join("2026: größe").join(name)).unwrap();
    let definition = read("pipeline.yml");
    assert!(definition.contains("\n  name: \"2026--gr--e\"\n"), "{definition}");
    assert!(
        definition.contains("includes: [master]") && definition.contains("BranchName: master"),
        "{definition}"
    );
    assert!(read("rehearsal.yml").contains("  - name: \"2026--gr--e-build\"\n"));
}

#[test]
fn gitflow_takes_the_branch_of_releases_beside_develop() {
    let env = project(RUST);
    env.git(["symbolic-ref", "HEAD", "refs/heads/develop"]);
    env.commit("first commit");
    env.git(["branch", "master"]);
    env.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
    insta::assert_snapshot!(env.run(["init", "--branching", "gitflow"]), @"
    exit: 0
    --- stdout
    wrote pipelines/develop.yml
    wrote pipelines/release.yml
    wrote pipelines/main.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Rust project, Gitflow on branches develop, release/* and master
    next:
      git add pipelines buildspecs rehearsal.yml && git commit -m 'Add a release pipeline'
      rehearsal run work-develop
    ");
    let main = std::fs::read_to_string(env.work().join("pipelines/main.yml")).unwrap();
    assert!(main.contains("includes: [master]"), "{main}");
    let env = project(RUST);
    env.commit("first commit");
    env.git(["branch", "develop"]);
    insta::assert_snapshot!(env.run(["init"]), @"
    exit: 0
    --- stdout
    wrote pipeline.yml
    wrote buildspecs/build.yml
    wrote buildspecs/test.yml
    wrote rehearsal.yml
    --- stderr
    note: written for a Rust project, GitHub Flow on branch main
    note: there is a branch develop: `rehearsal init --branching gitflow` writes pipelines for such a repository
    next:
      git add pipeline.yml buildspecs rehearsal.yml && git commit -m 'Add a release pipeline'
      rehearsal run
    ");
}

#[test]
fn what_downloads_need_of_the_shell_is_passed_on_where_it_is_set() {
    let mut env = project(PYTEST);
    env.set("SSL_CERT_FILE", "/certificates.pem");
    env.set("CARGO_HTTP_CAINFO", "/certificates.pem");
    env.set("PIP_INDEX_URL", "");
    env.stdout(["init"], 0);
    let text = std::fs::read_to_string(env.work().join("rehearsal.yml")).unwrap();
    assert!(text.ends_with("  inherit: [SSL_CERT_FILE]\n"), "{text}");
}
