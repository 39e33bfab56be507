//! `rehearsal hook`, called by git itself: what holds a push back, and what does not.

use rustix::process::Signal;
use serde_json::Value;

use crate::env::{Env, Running, buildspec, pipeline, render, until_file};

/// A repository with a remote and our hook, and these files in one commit.
fn hooked(files: &[(&str, &str)]) -> Env {
    let env = Env::with(files);
    env.git(["init", "--quiet", "--bare", "../remote.git"]);
    env.git(["remote", "add", "origin", "../remote.git"]);
    env.stdout(["hook", "install"], 0);
    env
}

fn prepared(env: &Env, arguments: &[&str]) -> std::process::Command {
    let mut command = env.prepare("git");
    command.arg("push").args(arguments);
    command
}

/// Pushes, and gives what git and the hook said.
fn push(env: &Env, arguments: &[&str]) -> String {
    render(&Running::of(prepared(env, arguments)).finish())
}

/// Pushes, which must work (or not), and gives what was said.
fn pushed(env: &Env, arguments: &[&str], works: bool) -> String {
    let said = push(env, arguments);
    assert_eq!(said.starts_with("exit: 0\n"), works, "{said}");
    said
}

/// Branches and tags that the remote has.
fn remote_refs(env: &Env) -> Vec<String> {
    let refs = env.git(["-C", "../remote.git", "for-each-ref", "--format=%(refname:short)"]);
    refs.lines().map(str::to_owned).collect()
}

fn streams(env: &Env) -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let family = |stream: String| stream.split('/').next().unwrap_or_default().to_owned();
    let executions = list["executions"].as_array().unwrap().iter();
    executions.map(|entry| (family(text(entry, "stream")), text(entry, "status"))).collect()
}

/// A buildspec that fails while there is a file `broken`.
fn fails_when_broken() -> String {
    buildspec(&["test ! -e broken || { echo it is broken; exit 3; }"])
}

#[test]
fn a_red_push_is_held_back_and_a_fixed_one_goes_through() {
    let env = hooked(&[("buildspec.yml", &fails_when_broken()), ("broken", "")]);
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 1
    --- stderr
    work [SHORT]: [SHORT] (main)

    Build/Build failed in phase BUILD
      command      test ! -e broken || { echo it is broken; exit 3; }
      exit status  3
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: test ! -e broken || { echo it is broken; exit 3; }. Reason: exit status 3
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command test ! -e broken || { echo it is broken; exit 3; }
      │ it is broken
      │ [Container] [WHEN] Command did not exit successfully test ! -e broken || { echo it is broken; exit 3; } exit status 3

    Failed work [SHORT] in [TIME]
    run it again from there: rehearsal retry [SHORT]
    error: nothing is pushed to origin: red for branch main
    hint: `git push --no-verify` pushes all the same
    error: failed to push some refs to '../remote.git'
    ");
    assert_eq!(remote_refs(&env), Vec::<String>::new());
    // Known by now: nothing runs again.
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 1
    --- stderr
    Build/Build failed in phase BUILD
      command      test ! -e broken || { echo it is broken; exit 3; }
      exit status  3
      reason       COMMAND_EXECUTION_ERROR: Error while executing command: test ! -e broken || { echo it is broken; exit 3; }. Reason: exit status 3
      log          [WORK]/.git/rehearsal/logs/[ID]/[ID].log

      │ [Container] [WHEN] Running command test ! -e broken || { echo it is broken; exit 3; }
      │ it is broken
      │ [Container] [WHEN] Command did not exit successfully test ! -e broken || { echo it is broken; exit 3; } exit status 3

    work: already red: [SHORT]
    run it again from there: rehearsal retry [SHORT]
    error: nothing is pushed to origin: red for branch main
    hint: `git push --no-verify` pushes all the same
    error: failed to push some refs to '../remote.git'
    ");
    assert_eq!(streams(&env).len(), 1);

    std::fs::remove_file(env.work().join("broken")).unwrap();
    env.commit("fixed");
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    work [SHORT]: [SHORT] (main)
    Succeeded work [SHORT] in [TIME]
    To ../remote.git
     * [new branch]      main -> main
    ");
    assert_eq!(remote_refs(&env), ["main"]);
    // The same files on another branch, and in another commit.
    env.commit("nothing changed");
    insta::assert_snapshot!(push(&env, &["origin", "main:other"]), @"
    exit: 0
    --- stderr
    work: already green: [SHORT]
    To ../remote.git
     * [new branch]      main -> other
    ");
    let hook = |status: &str| ("hook".to_owned(), status.to_owned());
    assert_eq!(streams(&env), [hook("Succeeded"), hook("Failed")]);
}

#[test]
fn a_red_one_can_be_pushed_all_the_same() {
    let mut env = hooked(&[("buildspec.yml", &buildspec(&["exit 1"]))]);
    pushed(&env, &["--no-verify", "origin", "main"], true);
    env.commit("two");
    pushed(&env, &["origin", "main"], false);
    env.set("REHEARSAL_SKIP", "0");
    pushed(&env, &["origin", "main"], false);
    env.set("REHEARSAL_SKIP", "1");
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    note: REHEARSAL_SKIP is set: this push is not rehearsed
    To ../remote.git
       3c85946..65d9aa8  main -> main
    ");
}

#[test]
fn a_retry_changes_what_is_known() {
    let env = Env::repository();
    let gate = env.root().join("gate").display().to_string();
    env.file("buildspec.yml", &buildspec(&[&format!("test -e {gate}")]));
    env.commit("needs the machine to be right");
    env.git(["init", "--quiet", "--bare", "../remote.git"]);
    env.git(["remote", "add", "origin", "../remote.git"]);
    env.stdout(["hook", "install"], 0);
    pushed(&env, &["origin", "main"], false);
    std::fs::write(&gate, "").unwrap();
    pushed(&env, &["origin", "main"], false);
    env.stdout(["retry"], 0);
    let said = pushed(&env, &["origin", "main"], true);
    assert!(said.contains("already green"), "{said}");
}

#[test]
fn what_is_judged_is_the_pushed_commit_under_its_name_at_the_remote() {
    let env = hooked(&[("pipeline.yml", &pipeline("service", &[("Build", "test ! -e broken")]))]);
    env.git(["checkout", "--quiet", "-b", "topic"]);
    env.file("broken", "");
    env.commit("broken");
    // The working tree does not count, and a branch that starts nothing is not held back.
    insta::assert_snapshot!(push(&env, &["origin", "topic"]), @"
    exit: 0
    --- stderr
    note: no pipeline starts for branch topic, so nothing was rehearsed: service: Checkout detects pushes to main only
    To ../remote.git
     * [new branch]      topic -> topic
    ");
    pushed(&env, &["origin", "main"], true);
    pushed(&env, &["--force", "origin", "topic:main"], false);
    pushed(&env, &["origin", "HEAD:refs/heads/main"], false);
}

#[test]
fn deletions_tags_and_other_refs() {
    let trigger = "  triggers:
    - providerType: CodeStarSourceConnection
      gitConfiguration: { sourceActionName: Checkout, push: [{ tags: { includes: [\"v*\"] } }] }
";
    let connection = pipeline("release", &[("Build", "exit 1")]).replace("provider: CodeCommit", "provider: CodeStarSourceConnection").replace(
        "RepositoryName: release, BranchName",
        "ConnectionArn: \"arn:aws:codeconnections:eu-west-1:111122223333:connection/aaaa\", FullRepositoryId: o/r, BranchName",
    );
    let env = hooked(&[("pipeline.yml", &format!("{connection}{trigger}"))]);
    env.git(["tag", "v1"]);
    env.git(["tag", "--annotate", "--message", "a tag of its own", "v2"]);
    env.git(["tag", "nightly"]);
    pushed(&env, &["origin", "v1"], false);
    pushed(&env, &["origin", "v2"], false);
    insta::assert_snapshot!(push(&env, &["origin", "main", "nightly"]), @"
    exit: 0
    --- stderr
    note: no pipeline starts for branch main, so nothing was rehearsed: release: trigger of Checkout: a filter of tags starts nothing for a branch
    note: no pipeline starts for tag nightly, so nothing was rehearsed: release: trigger of Checkout: tag nightly is not in `tags` (v*)
    To ../remote.git
     * [new branch]      main -> main
     * [new tag]         nightly -> nightly
    ");
    env.git(["notes", "add", "--message", "a note"]);
    insta::assert_snapshot!(push(&env, &["origin", "refs/notes/commits"]), @"
    exit: 0
    --- stderr
    note: refs/notes/commits is no branch or tag: it starts nothing
    To ../remote.git
     * [new reference]   refs/notes/commits -> refs/notes/commits
    ");
    insta::assert_snapshot!(push(&env, &["origin", ":nightly"]), @"
    exit: 0
    --- stderr
    To ../remote.git
     - [deleted]         nightly
    ");
    assert_eq!(remote_refs(&env), ["main", "notes/commits"]);
}

#[test]
fn nothing_behind_the_tests_is_run() {
    let approval = "    - name: Ask
      actions:
        - name: Ask
          actionTypeId: { category: Approval, owner: AWS, provider: Manual, version: \"1\" }
";
    let tested = pipeline("service", &[("Build", "true"), ("Test", "true")]);
    let env = hooked(&[("pipeline.yml", &format!("{tested}{approval}"))]);
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    service [SHORT]: [SHORT] (main)
    Stopped service [SHORT] in [TIME], as asked after stage Test
    To ../remote.git
     * [new branch]      main -> main
    ");
    assert_eq!(streams(&env), [("hook".to_owned(), "Stopped".to_owned())]);
    let untested = pipeline("service", &[]);
    env.file("pipeline.yml", &format!("{untested}{approval}"));
    env.commit("no tests");
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    note: service has no tests before its stage Ask: nothing to run
    To ../remote.git
       06a545e..9441d56  main -> main
    ");
}

#[test]
fn definitions_that_aws_would_refuse_are_red_and_what_is_not_there_is_not() {
    let good = pipeline("service", &[("Build", "true")]);
    let env = hooked(&[("pipeline.yml", &good.replace("    - name: Source", "    - nome: Source"))]);
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 1
    --- stderr
    unknown-key

      × CodePipeline does not know `stages[0].nome`
       ╭─[pipeline.yml:7:7]
     6 │   stages:
     7 │     - nome: Source
       ·       ──┬─
       ·         ╰── unknown
     8 │       actions:
       ╰────
      help: write `name`
    error: nothing is pushed to origin: red for branch main
    hint: `git push --no-verify` pushes all the same
    error: failed to push some refs to '../remote.git'
    ");
    // Ours, not theirs.
    env.file("pipeline.yml", &good);
    env.file("rehearsal.yml", "pipelnes: []\n");
    env.commit("a key that nobody knows");
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    unknown-key

      × there is no `pipelnes`
       ╭─[rehearsal.yml:1:1]
     1 │ pipelnes: []
       · ────┬───
       ·     ╰── unknown
       ╰────
      help: write `pipelines`
    note: branch main was not rehearsed, which does not hold the push back
    To ../remote.git
     * [new branch]      main -> main
    ");
    let env = hooked(&[("README.md", "no pipeline")]);
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    note: branch main was not rehearsed, which does not hold the push back: commit [SHORT] has neither a pipeline definition nor a buildspec.yml
    To ../remote.git
     * [new branch]      main -> main
    ");
    let queued = good.replace("  pipelineType: V2", "  pipelineType: V2\n  executionMode: PARALLEL");
    let env = hooked(&[("pipeline.yml", &queued)]);
    pushed(&env, &["origin", "main"], true);
}

#[test]
fn what_rehearsal_cannot_do_holds_nothing_back() {
    let mut env = hooked(&[("buildspec.yml", &buildspec(&["exit 1"]))]);
    env.set("REHEARSAL_SANDBOX", "container");
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    error: the sandbox `container` is not there yet: this version runs nothing in the project's image
    hint: use --sandbox isolated: held back as in a container, with the programs of this machine
    hint: or --sandbox host: on this machine itself
    the push goes on, not rehearsed
    To ../remote.git
     * [new branch]      main -> main
    ");
    env.set("REHEARSAL_SANDBOX", "host");
    // A store that cannot be read.
    env.commit("two");
    std::fs::create_dir_all(env.work().join(".git/rehearsal")).unwrap();
    std::fs::write(env.work().join(".git/rehearsal/events.sqlite3"), "this is no database, and long enough")
        .unwrap();
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    note: branch main was not rehearsed, which does not hold the push back: cannot open the store [WORK]/.git/rehearsal/events.sqlite3: file is not a database (the file is damaged: move the folder away to begin a new history)
    To ../remote.git
       3c85946..65d9aa8  main -> main
    ");
}

#[test]
fn ctrl_c_aborts_the_push() {
    let env = Env::repository();
    let gate = env.root().join("gate.running");
    env.file("buildspec.yml", &buildspec(&[&format!("echo $PPID > {}; sleep 300", gate.display())]));
    let head = env.commit("waits");
    let mut command = env.rehearsal(["hook", "pre-push", "origin", "../remote.git"]);
    let input = env.root().join("input");
    let none = "0".repeat(40);
    std::fs::write(&input, format!("refs/heads/main {head} refs/heads/main {none}\n")).unwrap();
    command.stdin(std::fs::File::open(input).unwrap());
    let hook = Running::of(command);
    until_file(&gate);
    hook.signal(Signal::INT);
    let output = hook.finish();
    assert_eq!(output.status.code(), Some(130), "{}", render(&output));
    assert_eq!(streams(&env), [("hook".to_owned(), "Stopped".to_owned())]);
}

#[test]
fn it_works_from_a_worktree_and_with_a_git_directory_elsewhere() {
    let env = hooked(&[("buildspec.yml", &fails_when_broken())]);
    env.git(["worktree", "add", "--quiet", "../worktree", "-b", "topic"]);
    std::fs::write(env.root().join("worktree/broken"), "").unwrap();
    env.git(["-C", "../worktree", "add", "--all"]);
    env.git(["-C", "../worktree", "commit", "--quiet", "--message", "broken"]);
    let from = |folder: &str, arguments: &[&str]| {
        let mut command = env.prepare("git");
        command.args(arguments).current_dir(env.root().join(folder));
        Running::of(command).finish()
    };
    for (folder, arguments) in [
        ("worktree", ["push", "../remote.git", "topic"].as_slice()),
        ("work", &["push", "../remote.git", "topic"]),
        ("home", &["-C", "../worktree", "push", "../remote.git", "topic"]),
        // The repository is the one that git means, and not what is around the working directory.
        ("home", &["--git-dir", "../work/.git", "--work-tree", ".", "push", "../remote.git", "topic"]),
        ("work", &["--git-dir", ".git", "push", "../remote.git", "topic"]),
    ] {
        let output = from(folder, arguments);
        let said = render(&output);
        assert_eq!(output.status.code(), Some(1), "{folder} {arguments:?}: {said}");
        assert!(said.contains("red for branch topic"), "{folder} {arguments:?}: {said}");
    }
    assert_eq!(streams(&env).len(), 1);
    // A bare repository pushes too.
    env.git(["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let mut install = env.rehearsal(["hook", "install"]);
    install.current_dir(env.root().join("bare.git"));
    assert!(Running::of(install).finish().status.success());
    let output = from("bare.git", &["push", "../remote.git", "topic"]);
    assert_eq!(output.status.code(), Some(1), "{}", render(&output));
    let output = from("bare.git", &["push", "../remote.git", "main"]);
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
}

#[test]
fn installing_is_idempotent_and_removing_removes_only_ours() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["true"]))]);
    insta::assert_snapshot!(env.run(["hook", "install"]), @"
    exit: 0
    --- stderr
    installed [WORK]/.git/hooks/pre-push
    a push is held back when what it would start is known to fail; `git push --no-verify` pushes all the same
    ");
    insta::assert_snapshot!(env.run(["hook", "install"]), @"
    exit: 0
    --- stderr
    [WORK]/.git/hooks/pre-push is installed already
    ");
    let hook = env.work().join(".git/hooks/pre-push");
    let text = std::fs::read_to_string(&hook).unwrap();
    insta::assert_snapshot!(text.replace(env!("CARGO_BIN_EXE_rehearsal"), "[PROGRAM]"), @r#"
    #!/bin/sh
    # Written by `rehearsal hook install`, removed by `rehearsal hook uninstall`. Changes are lost.
    for rehearsal in '[PROGRAM]' "$(command -v rehearsal)"; do
        if [ -x "$rehearsal" ]; then
            exec "$rehearsal" hook pre-push "$@" >&2
        fi
    done
    echo 'rehearsal is neither where it was nor in PATH: the push goes on, not rehearsed' >&2
    "#);
    insta::assert_snapshot!(env.run(["hook", "uninstall"]), @"
    exit: 0
    --- stderr
    removed [WORK]/.git/hooks/pre-push
    ");
    assert!(!hook.exists());
    insta::assert_snapshot!(env.run(["hook", "uninstall"]), @"
    exit: 0
    --- stderr
    there is no [WORK]/.git/hooks/pre-push
    ");

    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 0\n").unwrap();
    insta::assert_snapshot!(env.run(["hook", "install"]), @r#"
    exit: 2
    --- stderr
    error: [WORK]/.git/hooks/pre-push is there, and not ours: it was left as it is
    hint: add this line to it, before anything that reads standard input:
      ! command -v rehearsal >/dev/null || rehearsal hook pre-push "$@" >&2 || exit 1
    "#);
    insta::assert_snapshot!(env.run(["hook", "uninstall"]), @"
    exit: 2
    --- stderr
    error: [WORK]/.git/hooks/pre-push is not ours: it was left as it is
    hint: remove the line that calls rehearsal from it
    ");
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), "#!/bin/sh\nexit 0\n");
    std::fs::write(&hook, "#!/bin/sh\nrehearsal hook pre-push \"$@\" >&2 || exit 1\n").unwrap();
    insta::assert_snapshot!(env.run(["hook", "install"]), @"
    exit: 0
    --- stderr
    [WORK]/.git/hooks/pre-push calls rehearsal already
    ");
    insta::assert_snapshot!(Env::new().run(["hook", "install"]), @"
    exit: 2
    --- stderr
    error: [WORK] is not inside a git repository
    ");
}

#[test]
fn the_line_for_a_hook_of_somebody_else_works() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["exit 1"]))]);
    env.git(["init", "--quiet", "--bare", "../remote.git"]);
    let hook = env.file(".git/hooks/pre-push", "#!/bin/sh\ncat > /dev/null\n");
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let told = env.run(["hook", "install"]);
    let line = told.lines().find(|line| line.contains("hook pre-push \"$@\"")).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\n{line}\ncat > /dev/null\n")).unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_rehearsal")).parent().unwrap();
    let mut command = prepared(&env, &["../remote.git", "main"]);
    let path = format!("{}:{}", program.display(), crate::testing::callers_path().display());
    command.env("PATH", path);
    let output = Running::of(command).finish();
    assert_eq!(output.status.code(), Some(1), "{}", render(&output));
    // A program that is gone keeps nobody from pushing.
    pushed(&env, &["../remote.git", "main"], true);
}

#[test]
fn hooks_go_where_the_repository_has_them() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["exit 1"]))]);
    env.git(["init", "--quiet", "--bare", "../remote.git"]);
    env.git(["config", "core.hooksPath", ".hooks"]);
    insta::assert_snapshot!(env.run(["hook", "install"]), @"
    exit: 0
    --- stderr
    installed [WORK]/.hooks/pre-push
    note: core.hooksPath names that folder
    a push is held back when what it would start is known to fail; `git push --no-verify` pushes all the same
    ");
    pushed(&env, &["../remote.git", "main"], false);
    env.git(["config", "--unset", "core.hooksPath"]);
    // One for all repositories of the user is not ours to write to.
    std::fs::write(env.root().join("home/.gitconfig"), "[core]\n\thooksPath = ~/hooks\n").unwrap();
    insta::assert_snapshot!(env.run(["hook", "install"]), @r#"
    exit: 2
    --- stderr
    error: core.hooksPath is set outside of this repository: a hook in [HOME]/hooks would run in all of them
    hint: for this repository alone: git config core.hooksPath [WORK]/.git/hooks; for all: put this line into [HOME]/hooks/pre-push:
      ! command -v rehearsal >/dev/null || rehearsal hook pre-push "$@" >&2 || exit 1
    "#);
    assert!(!env.root().join("home/hooks").exists());
}

#[test]
fn a_program_that_is_gone_keeps_nobody_from_pushing() {
    let env = hooked(&[("buildspec.yml", &buildspec(&["exit 1"]))]);
    let hook = env.work().join(".git/hooks/pre-push");
    let text = std::fs::read_to_string(&hook).unwrap();
    std::fs::write(&hook, text.replace(env!("CARGO_BIN_EXE_rehearsal"), "/gone/rehearsal")).unwrap();
    insta::assert_snapshot!(push(&env, &["origin", "main"]), @"
    exit: 0
    --- stderr
    rehearsal is neither where it was nor in PATH: the push goes on, not rehearsed
    To ../remote.git
     * [new branch]      main -> main
    ");
    // In PATH it is found.
    env.commit("two");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_rehearsal")).parent().unwrap();
    let mut command = prepared(&env, &["origin", "main"]);
    command.env("PATH", format!("{}:{}", program.display(), crate::testing::callers_path().display()));
    assert_eq!(Running::of(command).finish().status.code(), Some(1));
}

#[test]
fn what_git_reads_from_its_own_output_stays_its_own() {
    let env = hooked(&[("buildspec.yml", &buildspec(&["true"]))]);
    let output = Running::of(prepared(&env, &["--porcelain", "origin", "main"])).finish();
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @"
    To ../remote.git
    *	refs/heads/main:refs/heads/main	[new branch]
    Done
    ");
}

#[test]
fn nonsense_from_git_holds_nothing_back() {
    let env = Env::with(&[("buildspec.yml", &buildspec(&["exit 1"]))]);
    let mut command = env.rehearsal(["hook", "pre-push", "origin", "url"]);
    let input = env.root().join("input");
    std::fs::write(&input, "nonsense\n").unwrap();
    command.stdin(std::fs::File::open(input).unwrap());
    insta::assert_snapshot!(render(&Running::of(command).finish()), @"
    exit: 0
    --- stderr
    error: `nonsense` is no line of git's pre-push protocol: LOCAL-REF LOCAL-OBJECT REMOTE-REF REMOTE-OBJECT
    the push goes on, not rehearsed
    ");
}

#[test]
fn a_push_does_not_wait_for_what_runs() {
    let env = Env::repository();
    let gate = env.root().join("gate");
    let wait = format!("echo $$ > {0}.running; while ! test -e {0}; do sleep 0.05; done", gate.display());
    env.file("pipeline.yml", &pipeline("service", &[("Build", &wait)]));
    env.commit("waits");
    let run = env.start(["run"]);
    until_file(&env.root().join("gate.running"));
    env.file("pipeline.yml", &pipeline("service", &[("Build", "true")]));
    env.commit("does not");
    env.git(["init", "--quiet", "--bare", "../remote.git"]);
    env.stdout(["hook", "install"], 0);
    pushed(&env, &["../remote.git", "main"], true);
    let stream = |name: &str, status: &str| (name.to_owned(), status.to_owned());
    assert_eq!(streams(&env), [stream("hook", "Succeeded"), stream("pipeline", "InProgress")]);
    std::fs::write(gate, "").unwrap();
    assert_eq!(run.finish().status.code(), Some(0));
}

#[test]
fn a_missing_stand_in_holds_no_push_back_and_is_not_remembered() {
    let definition = "version: 0.2
env: { parameter-store: { TOKEN: /token } }
phases: { build: { commands: ['test \"$TOKEN\" = secret'] } }
";
    let env = hooked(&[("buildspec.yml", definition)]);
    let said = pushed(&env, &["origin", "main"], true);
    assert!(said.contains("STAND_IN_MISSING: there is no stand-in for the parameter /token"), "{said}");
    assert!(said.contains("note: work came to no verdict, which does not hold the push back"), "{said}");
    // A wrong one is another matter.
    env.file("rehearsal.yml", "parameters: { /token: { command: 'echo other' } }\n");
    let said = pushed(&env, &["origin", "main:other"], false);
    assert!(said.contains("red for branch other"), "{said}");
}

#[test]
fn what_git_tells_its_hook_reaches_no_command() {
    let definition = "version: 0.2
env: { parameter-store: { SEEN: /seen } }
phases: { build: { commands: ['test \"$SEEN\" = none', 'test -z \"$GIT_DIR$GIT_PREFIX\"'] } }
";
    let stand_in = "parameters: { /seen: { command: 'echo ${GIT_DIR:-none}' } }\n";
    let env = hooked(&[("buildspec.yml", definition), ("rehearsal.yml", stand_in)]);
    env.git(["worktree", "add", "--quiet", "../worktree", "-b", "topic"]);
    let mut command = env.prepare("git");
    let git = env.work().join(".git/worktrees/worktree");
    command.args(["push", "../remote.git", "topic"]).current_dir(env.root().join("worktree"));
    command.env("GIT_DIR", git).env("GIT_WORK_TREE", env.root().join("worktree"));
    let output = Running::of(command).finish();
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    assert_eq!(streams(&env), [("hook".to_owned(), "Succeeded".to_owned())]);
}
