//! `rehearsal watch`: what starts, what does not, what is remembered, and how it ends.

use rehearsal::store::{Paths, Store, Surroundings};
use rustix::process::Signal;
use serde_json::Value;

use crate::env::{Env, Running, buildspec, pipeline, render, until, until_file};

/// A pipeline that a connection starts by these push filters.
fn triggered(name: &str, push: &str, command: &str) -> String {
    let source =
        "actionTypeId: { category: Source, owner: AWS, provider: CodeStarSourceConnection, version: \"1\" }
          configuration:
            ConnectionArn: arn:aws:codeconnections:eu-west-1:111122223333:connection/aaaa
            FullRepositoryId: owner/service
            BranchName: main";
    let plain = pipeline(name, &[("Build", command)]);
    let (before, rest) = plain.split_once("actionTypeId: { category: Source").unwrap();
    let (_, after) = rest.split_once("BranchName: main }").unwrap();
    format!(
        "{before}{source}{after}  triggers:\n    - providerType: CodeStarSourceConnection\n      gitConfiguration:\n        \
         sourceActionName: Checkout\n        push: {push}\n"
    )
}

/// The executions there are, newest first: pipeline, status and source.
fn executions(env: &Env) -> Vec<(String, String)> {
    let list: Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    let executions = list["executions"].as_array().unwrap().iter();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    executions.map(|entry| (text(entry, "pipeline"), text(entry, "status"))).collect()
}

fn statuses(env: &Env) -> Vec<String> {
    executions(env).into_iter().map(|(_, status)| status).collect()
}

/// A repository with one commit of these files that was looked at once.
fn looked_at(files: &[(&str, &str)]) -> Env {
    let env = Env::with(files);
    env.stdout(["watch", "--once"], 0);
    env
}

/// A repository whose pipeline says that it runs, and then waits for a file to appear in the test's folder.
fn waiting(stages: &[&str]) -> Env {
    let env = Env::repository();
    let gate = env.root().join("gate");
    let command = format!("echo $$ > {0}.running; while ! test -e {0}; do sleep 0.05; done", gate.display());
    let stages: Vec<_> = stages.iter().map(|stage| (*stage, command.as_str())).collect();
    env.file("pipeline.yml", &pipeline("service", &stages));
    env.commit("a pipeline that waits");
    env.stdout(["watch", "--once"], 0);
    env
}

/// Whether a watcher is done with a commit.
fn is_seen(env: &Env, commit: &str) -> bool {
    let git = env.work().join(".git");
    let surroundings = Surroundings {
        git_common_dir: Some(&git),
        project: &env.work(),
        home: None,
        xdg_state_home: None,
        xdg_cache_home: None,
        temp: &env.root().join("tmp"),
    };
    let store = Store::open(&Paths::existing(&surroundings).unwrap()).unwrap();
    store.events("watch", 0).unwrap().iter().any(|event| event.body.contains(commit))
}

fn open(env: &Env) {
    std::fs::write(env.root().join("gate"), "").unwrap();
}

fn interrupted(watch: Running) -> String {
    watch.signal(Signal::INT);
    render(&watch.finish())
}

/// The same when all that was started has ended. The record says so a moment before the watcher lets go of the last one.
fn interrupted_idle(watch: Running) -> String {
    interrupted(watch).replace("stopping 1 execution (once more to end at once)\n", "")
}

#[test]
fn the_first_look_starts_nothing_and_the_next_one_what_is_new() {
    let env = Env::with(&[("pipeline.yml", &pipeline("service", &[("Build", "true")]))]);
    env.git(["tag", "v1"]);
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 0
    --- stderr
    note: first look: 1 branch and 1 tag remembered as they are, nothing started
    ");
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"exit: 0");
    env.commit("two");
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 0
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    service [SHORT]: [SHORT] (main)
    ");
    assert_eq!(env.run(["watch", "--once"]), "exit: 0\n");
}

#[test]
fn commits_and_tags_start_what_their_triggers_say_while_it_watches() {
    let env = looked_at(&[
        ("on-main.yml", &triggered("on-main", "[{ branches: { includes: [main] } }]", "echo main")),
        ("on-tag.yml", &triggered("on-tag", "[{ tags: { includes: [\"v*\"] } }]", "echo tag")),
    ]);
    let watch = env.start(["watch"]);
    env.commit("two");
    until("the commit's execution", || {
        (executions(&env) == [("on-main".into(), "Succeeded".into())]).then_some(())
    });
    env.git(["tag", "v1"]);
    until("the tag's execution", || {
        (executions(&env).first() == Some(&("on-tag".into(), "Succeeded".into()))).then_some(())
    });
    insta::assert_snapshot!(interrupted_idle(watch), @"
    exit: 130
    --- stdout
    Succeeded on-main [SHORT] in [TIME]
    Succeeded on-tag [SHORT] in [TIME]
    --- stderr
    watching branches and tags of [WORK] (Ctrl-C ends)
    on-main [SHORT]: [SHORT] (main)
    on-tag [SHORT]: [SHORT] (v1)
    ");
}

#[test]
fn what_changed_while_nobody_watched_starts_once_for_each_ref() {
    let env = looked_at(&[("pipeline.yml", &pipeline("service", &[("Build", "true")]))]);
    env.commit("two");
    env.commit("three");
    let tip = env.commit("four");
    env.stdout(["watch", "--once"], 0);
    let list: Value = serde_json::from_str(&env.stdout(["list", "--json"], 0)).unwrap();
    let executions = list["executions"].as_array().unwrap();
    assert_eq!((executions.len(), executions[0]["commit"].as_str()), (1, Some(tip.as_str())));
    // A forced push is a push.
    env.git(["reset", "--quiet", "--hard", "HEAD~2"]);
    env.stdout(["watch", "--once"], 0);
    assert_eq!(statuses(&env), ["Succeeded", "Succeeded"]);
}

#[test]
fn deleting_and_packing_refs_starts_nothing() {
    let env = looked_at(&[("buildspec.yml", &buildspec(&["true"]))]);
    env.git(["branch", "topic"]);
    env.stdout(["watch", "--once"], 0);
    assert_eq!(statuses(&env), ["Succeeded"], "a new branch is a push");
    env.git(["pack-refs", "--all", "--prune"]);
    env.git(["gc", "--quiet"]);
    env.git(["branch", "-D", "topic"]);
    env.git(["checkout", "--quiet", "--detach"]);
    assert_eq!(env.run(["watch", "--once"]), "exit: 0\n");
    assert_eq!(statuses(&env).len(), 1);
}

#[test]
fn files_decide_where_the_trigger_says_so() {
    let push = "[{ branches: { includes: [\"**\"] }, filePaths: { includes: [\"src/**\"] } }]";
    let env = looked_at(&[("pipeline.yml", &triggered("service", push, "true"))]);
    env.file("README.md", "read me");
    env.commit("documentation");
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 0
    --- stderr
    main [SHORT] starts nothing: service: trigger of Checkout: `README.md`, the only changed file, is not let through by `filePaths`
    ");
    env.file("src/main.c", "int main;");
    env.commit("code");
    env.stdout(["watch", "--once"], 0);
    assert_eq!(statuses(&env), ["Succeeded"]);
    env.git(["branch", "new"]);
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 0
    --- stderr
    new [SHORT] starts nothing: service: trigger of Checkout: a new branch starts nothing by `filePaths`
    ");
}

#[test]
fn a_definition_that_cannot_be_used_is_said_and_watching_goes_on() {
    let good = pipeline("service", &[("Build", "true")]);
    let env = looked_at(&[("pipeline.yml", &good)]);
    let watch = env.start(["watch"]);
    env.file("pipeline.yml", &good.replace("    - name: Source", "    - nome: Source"));
    let broken = env.commit("broken");
    until("the broken commit to be seen", || is_seen(&env, &broken).then_some(()));
    env.file("pipeline.yml", &good);
    env.commit("fixed");
    until("the fixed commit's execution", || (statuses(&env) == ["Succeeded"]).then_some(()));
    insta::assert_snapshot!(interrupted_idle(watch), @"
    exit: 130
    --- stdout
    Succeeded service [SHORT] in [TIME]
    --- stderr
    watching branches and tags of [WORK] (Ctrl-C ends)
    main [SHORT] cannot be rehearsed:
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
    service [SHORT]: [SHORT] (main)
    ");
}

#[test]
fn once_ends_as_the_worst_of_what_it_started() {
    let env = looked_at(&[
        ("good.yml", &pipeline("good", &[("Build", "true")])),
        ("bad.yml", &pipeline("bad", &[("Build", "echo no; exit 3")])),
    ]);
    env.commit("two");
    let output = env.output(["watch", "--once"]);
    assert_eq!(output.status.code(), Some(1), "{}", render(&output));
    let mut found = executions(&env);
    found.sort();
    assert_eq!(found, [("bad".into(), "Failed".into()), ("good".into(), "Succeeded".into())]);
    env.file("bad.yml", &pipeline("bad", &[("Build", "true")]).replace("      actions:", "      acts:"));
    env.commit("unusable");
    let output = env.output(["watch", "--once"]);
    assert_eq!(output.status.code(), Some(2), "{}", render(&output));
    assert_eq!(executions(&env)[0], ("good".into(), "Succeeded".into()));
}

#[test]
fn a_newer_commit_supersedes_one_that_waits() {
    let env = waiting(&["Build"]);
    let watch = env.start(["watch"]);
    env.commit("first");
    until_file(&env.root().join("gate.running"));
    env.commit("second");
    until("the second to wait", || (statuses(&env).len() == 2).then_some(()));
    env.commit("third");
    until("the third to wait", || {
        (statuses(&env) == ["InProgress", "Superseded", "InProgress"]).then_some(())
    });
    open(&env);
    until("both to end", || (statuses(&env) == ["Succeeded", "Superseded", "Succeeded"]).then_some(()));
    let told = interrupted(watch);
    assert!(told.starts_with("exit: 130\n") && told.contains("Superseded service"), "{told}");
}

#[test]
fn ctrl_c_ends_what_runs() {
    let env = waiting(&["Build"]);
    let watch = env.start(["watch"]);
    env.commit("two");
    until_file(&env.root().join("gate.running"));
    insta::assert_snapshot!(interrupted(watch), @"
    exit: 130
    --- stdout
    Stopped service [SHORT] in [TIME]: stopped by Ctrl-C
    run it again from there: rehearsal retry [SHORT]
    --- stderr
    watching branches and tags of [WORK] (Ctrl-C ends)
    service [SHORT]: [SHORT] (main)
    stopping 1 execution (once more to end at once)
    ");
    assert_eq!(statuses(&env), ["Stopped"]);
    assert_eq!(env.workspaces(), Vec::<std::path::PathBuf>::new());
    // It was started, so it is not started again.
    assert_eq!(env.run(["watch", "--once"]), "exit: 0\n");
}

#[test]
fn one_watcher_is_enough() {
    let env = waiting(&["Build"]);
    let watch = env.start(["watch"]);
    env.commit("two");
    until_file(&env.root().join("gate.running"));
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 2
    --- stderr
    error: another `rehearsal watch` watches this repository already
    ");
    interrupted(watch);
}

#[test]
fn a_branching_model_counts_where_the_definition_says_nothing() {
    let env =
        looked_at(&[("buildspec.yml", &buildspec(&["true"])), ("rehearsal.yml", "branching: gitflow\n")]);
    env.commit("main");
    env.git(["checkout", "--quiet", "-b", "develop"]);
    env.commit("develop");
    env.git(["tag", "v1"]);
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 0
    --- stdout
    Succeeded work [SHORT] in [TIME]
    --- stderr
    work [SHORT]: [SHORT] (develop)
    main [SHORT] starts nothing: work: in gitflow, main mirrors what its release branch has brought to production
    tag v1 [SHORT] starts nothing: work: gitflow starts nothing for a tag
    ");
    env.git(["checkout", "--quiet", "main"]);
    env.commit("more");
    env.stdout(["watch", "--once", "--branching", "github-flow"], 0);
    assert_eq!(statuses(&env), ["Succeeded", "Succeeded"]);
    // Only the working tree's file counts, and a map names pipelines.
    env.file("rehearsal.yml", "branching:\n  other: work\n  refs/tags/v*: [work]\n");
    env.git(["tag", "v2"]);
    env.git(["branch", "another"]);
    insta::assert_snapshot!(env.run(["watch", "--once"]), @"
    exit: 0
    --- stdout
    Succeeded work [SHORT] in [TIME]
    --- stderr
    another [SHORT] starts nothing: work: `branching` does not start it for branch another
    work [SHORT]: [SHORT] (v2)
    ");
}

#[test]
fn json_tells_of_every_execution() {
    let env = looked_at(&[("pipeline.yml", &pipeline("service", &[("Build", "true")]))]);
    env.commit("two");
    let text = env.stdout(["watch", "--once", "--json"], 0);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["event"], &lines[0]["trigger"]),
        (&"started".into(), &"PollForSourceChanges".into())
    );
    let last = lines.last().unwrap();
    assert_eq!((&last["event"], &last["status"]), (&"finished".into(), &"Succeeded".into()));
}

#[test]
fn refs_of_all_worktrees_are_watched_from_any() {
    let env = looked_at(&[("pipeline.yml", &pipeline("service", &[("Build", "true")]))]);
    env.git(["checkout", "--quiet", "-b", "elsewhere"]);
    env.git(["worktree", "add", "--quiet", "../worktree", "main"]);
    let mut command = env.rehearsal(["watch", "--once"]);
    command.current_dir(env.root().join("worktree"));
    env.git(["-C", "../worktree", "commit", "--quiet", "--allow-empty", "--message", "two"]);
    let output = Running::of(command).finish();
    assert_eq!(output.status.code(), Some(0), "{}", render(&output));
    assert_eq!(statuses(&env), ["Succeeded"]);
}

#[test]
fn outside_of_a_repository_there_is_nothing_to_watch() {
    insta::assert_snapshot!(Env::new().run(["watch"]), @"
    exit: 2
    --- stderr
    error: [WORK] is not inside a git repository
    hint: `rehearsal watch` looks at the refs of one
    ");
    insta::assert_snapshot!(Env::repository().run(["watch", "--once"]), @"
    exit: 0
    --- stderr
    note: first look: 0 branches and 0 tags remembered as they are, nothing started
    ");
}
