//! `rehearsal quotas`, the figures a user may set, and builds that wait for each other.

use serde_json::Value;

use crate::env::{Env, Running, render, until_file};

/// One project, whose builds do this.
fn project(settings: &str, commands: &str) -> Vec<(String, String)> {
    let configuration = format!("projects:\n  - name: web\n{settings}");
    let buildspec = format!("version: 0.2\nphases:\n  build:\n    commands:\n{commands}");
    vec![("rehearsal.yml".to_owned(), configuration), ("buildspec.yml".to_owned(), buildspec)]
}

fn repository(files: &[(String, String)]) -> Env {
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Env::with(&files)
}

/// A build that says in `started` that it runs, and waits until there is a file `go` in the working directory.
fn slow(env: &Env) -> String {
    let work = env.work().display().to_string();
    format!(
        "      - touch {work}/../started && while [ ! -e {work}/../go ]; do read -t 0.05 _ <> {work}/../pipe || true; done\n"
    )
}

/// A repository in which one build runs already, with one place for all.
fn busy(settings: &str) -> (Env, Running) {
    let mut env = repository(&project(settings, "      - 'true'\n"));
    env.set("LC_ALL", "C");
    let (started, pipe) = (env.root().join("started"), env.root().join("pipe"));
    let made = env.prepare("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    env.file(
        "slow.yml",
        &format!("version: 0.2\nenv: {{ shell: bash }}\nphases:\n  build:\n    commands:\n{}", slow(&env)),
    );
    let running = env.start(["build", "--buildspec", "slow.yml"]);
    crate::env::until("the first build", || started.exists().then_some(()));
    (env, running)
}

fn finish(env: &Env, running: Running) {
    env.file("../go", "now");
    assert!(running.finish().status.success());
}

#[test]
fn quotas_are_listed_by_service() {
    let env = repository(&project("quotas: { codebuild.concurrent-builds: 3 }\n", "      - 'true'\n"));
    insta::assert_snapshot!(env.run(["quotas", "--service", "codebuild"]));
    let all = env.stdout(["quotas"], 0);
    let headings: Vec<_> = all.lines().filter(|line| line.contains("what it limits")).collect();
    assert!(headings.len() > 5, "{all}");
    insta::assert_snapshot!(env.run(["quotas", "--service", "codebuidl"]), @r"
    exit: 2
    --- stderr
    error: no quota of a service `codebuidl` is known
    hint: did you mean `codebuild`?
    ");
}

#[test]
fn quotas_are_told_to_programs() {
    let env = repository(&project("quotas: { codebuild.concurrent-builds: 3 }\n", "      - 'true'\n"));
    let document: Value = serde_json::from_str(&env.stdout(["quotas", "--json"], 0)).unwrap();
    let quotas = document["quotas"].as_array().unwrap();
    assert!(quotas.len() > 150, "{}", quotas.len());
    let named = |name: &str| quotas.iter().find(|quota| quota["name"] == name).unwrap();
    insta::assert_json_snapshot!([
        named("codebuild.concurrent-builds"),
        named("codepipeline.stages-maximum"),
        named("codedeploy.applications"),
    ]);
}

#[test]
fn quotas_are_there_outside_a_repository_too() {
    let env = Env::new();
    let listed = env.stdout(["quotas", "--service", "codepipeline"], 0);
    assert!(listed.contains("stages-maximum"), "{listed}");
}

#[test]
fn a_figure_that_cannot_be_set_is_refused() {
    let env = repository(&project("quotas: { codepipeline.stages-maximum: 60 }\n", "      - 'true'\n"));
    insta::assert_snapshot!(env.run(["build"]));
}

#[test]
fn a_build_waits_for_the_one_that_runs() {
    let (env, running) = busy("quotas: { codebuild.concurrent-builds: 1 }\n");
    let second = env.root().join("second");
    let mut command = env.rehearsal(["build", "--json"]);
    command.stdout(std::fs::File::create(&second).unwrap()).stderr(std::process::Stdio::null());
    let waiting = command.spawn().unwrap();
    let told = crate::env::until("the second build to wait", || {
        let text = std::fs::read_to_string(&second).ok()?;
        text.contains("ahead of this one").then_some(text)
    });
    assert!(told.contains("\"phase\":\"QUEUED\"") && !told.contains("DOWNLOAD_SOURCE"), "{told}");
    finish(&env, running);
    let mut waiting = waiting;
    assert!(waiting.wait().unwrap().success());
    let text = std::fs::read_to_string(&second).unwrap();
    let phases: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|event| ["phase-started", "note"].iter().any(|kind| event["event"] == *kind))
        .take(3)
        .map(|event| event.get("phase").or(event.get("text")).unwrap().clone())
        .collect();
    insta::assert_json_snapshot!(phases);
}

#[test]
fn a_build_that_waits_ends_at_once_when_asked() {
    let (env, running) = busy("quotas: { codebuild.concurrent-builds: 1 }\n");
    let errors = env.root().join("errors");
    let mut command = env.rehearsal(["build"]);
    command.stderr(std::fs::File::create(&errors).unwrap()).stdout(std::process::Stdio::null());
    let mut waiting = command.spawn().unwrap();
    crate::env::until("the second build to wait", || {
        std::fs::read_to_string(&errors).ok().filter(|text| text.contains("ahead of this one"))
    });
    let id = rustix::process::Pid::from_raw(waiting.id().try_into().unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    assert_eq!(waiting.wait().unwrap().code(), Some(130));
    finish(&env, running);
}

#[test]
fn a_place_is_free_again_when_its_holder_is_killed() {
    let (env, running) = busy("quotas: { codebuild.concurrent-builds: 1 }\n");
    running.signal(rustix::process::Signal::KILL);
    running.finish();
    env.stdout(["build"], 0);
}

#[test]
fn a_limit_of_the_project_refuses() {
    let (env, running) = busy("    concurrentBuildLimit: 1\nquotas: { codebuild.concurrent-builds: 4 }\n");
    let output = env.output(["build"]);
    insta::assert_snapshot!(render(&output));
    finish(&env, running);
    until_file(&env.root().join("go"));
    env.stdout(["build"], 0);
}
