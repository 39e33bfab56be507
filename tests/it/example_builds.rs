//! The buildspecs of the examples, each run by itself on a working tree.

use std::path::Path;

use crate::env::{Env, render};

/// What running an example by hand leaves behind.
const MADE: [&str; 4] = ["__pycache__", "dist", "reports", "out"];

/// Copies an example into the working directory of a test.
pub(crate) fn copy_example(name: &str, env: &Env) {
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name), &env.work());
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        } else if !MADE.iter().any(|made| entry.file_name() == *made) {
            copy(&entry.path(), &target);
        }
    }
}

/// Runs a buildspec of the example and gives what its commands wrote.
fn build(env: &Env, buildspec: &str, more: &[&str]) -> String {
    let output = env.output(["build", "--buildspec", buildspec].into_iter().chain(more.iter().copied()));
    assert_eq!(output.status.code(), Some(0), "{buildspec}: {}", render(&output));
    env.stdout(["logs"], 0)
}

/// The example's buildspecs, without its pipeline and projects.
fn only_builds(name: &str) -> Env {
    let env = Env::repository();
    copy_example(name, &env);
    std::fs::remove_file(env.work().join("rehearsal.yml")).unwrap();
    env
}

#[test]
fn the_service_is_packed_and_tested() {
    let env = only_builds("service");
    let bundle = env.root().join("bundle");
    build(&env, "buildspecs/build.yml", &["--artifacts", bundle.to_str().unwrap()]);
    let version = std::fs::read_to_string(bundle.join("service/VERSION")).unwrap();
    assert!(version.starts_with("1.0.0+"), "{version}");
    for file in ["appspec.yml", "scripts/start.sh", "service/__main__.py"] {
        assert!(bundle.join(file).is_file(), "{file}");
    }
    assert!(build(&env, "buildspecs/unit.yml", &[]).contains("Ran 4 tests"));
    assert!(build(&env, "buildspecs/integration.yml", &[]).contains("Ran 4 tests"));
}

#[test]
fn a_broken_service_fails_its_tests_and_says_which() {
    let env = only_builds("service");
    let path = env.work().join("service/answers.py");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"ok\"", "\"unwell\"")).unwrap();
    for buildspec in ["buildspecs/unit.yml", "buildspecs/integration.yml"] {
        let text = env.run(["build", "--buildspec", buildspec]);
        assert!(text.starts_with("exit: 1\n") && text.contains("'unwell'"), "{buildspec}: {text}");
    }
}

/// Ends the service that a test started, also when the test fails.
struct Ending(std::path::PathBuf);

impl Drop for Ending {
    fn drop(&mut self) {
        let id = std::fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok());
        if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
    }
}

/// The scripts as a host would run them: one after the other, each with its output captured until nobody holds it.
#[test]
fn the_hooks_of_the_service_start_it_and_stop_it() {
    let env = only_builds("service");
    let root = env.root().join("host");
    let app = root.join("srv/service");
    copy(&env.work().join("service"), &app.join("service"));
    copy(&env.work().join("scripts"), &app.join("scripts"));
    std::fs::write(app.join("service/VERSION"), "1.2.3\n").unwrap();
    let hook = |name: &str| {
        let mut command = env.prepare(app.join("scripts").join(name));
        let output = command.env("REHEARSAL_DEPLOYMENT_ROOT", &root).current_dir("/").output().unwrap();
        let text = render(&output);
        assert_eq!(output.status.code(), Some(0), "{name}: {text}");
        text
    };
    assert!(hook("stop.sh").contains("the service does not run"));
    hook("prepare.sh");
    // The script that stops it removes this file.
    let _ending = Ending(root.join("run/service/service.pid"));
    hook("start.sh");
    assert!(hook("validate.sh").contains("'version': '1.2.3'"));
    let process = std::fs::read_to_string(root.join("run/service/service.pid")).unwrap();
    assert!(hook("stop.sh").contains("the service has ended"));
    let command = std::fs::read(format!("/proc/{}/cmdline", process.trim())).unwrap_or_default();
    assert!(command.is_empty(), "{process} still runs");
    assert!(!root.join("run/service/service.port").exists());
}

#[test]
fn the_model_is_trained_tested_and_measured() {
    let env = only_builds("ml-model");
    let bundle = env.root().join("bundle");
    build(&env, "buildspecs/train.yml", &["--artifacts", bundle.to_str().unwrap()]);
    for file in ["appspec.yml", "model.json", "model/predict.py", "scripts/validate.sh"] {
        assert!(bundle.join(file).is_file(), "{file}");
    }
    assert!(build(&env, "buildspecs/unit.yml", &[]).contains("Ran 8 tests"));
    assert!(build(&env, "buildspecs/integration.yml", &[]).contains("Ran 4 tests"));
    assert!((accuracy(&env, "good") - 0.97).abs() < 1e-9);
}

/// The change of its README: every test still passes, and only the figure tells.
#[test]
fn one_line_makes_the_model_worse_and_no_test_sees_it() {
    let env = only_builds("ml-model");
    let path = env.work().join("training.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"rounds\": 1000", "\"rounds\": 100")).unwrap();
    build(&env, "buildspecs/unit.yml", &[]);
    build(&env, "buildspecs/integration.yml", &[]);
    assert!((accuracy(&env, "poor") - 0.675).abs() < 1e-9);
}

/// The accuracy that the model's own build writes.
fn accuracy(env: &Env, folder: &str) -> f64 {
    let folder = env.root().join(folder);
    build(env, "buildspecs/model.yml", &["--artifacts", folder.to_str().unwrap()]);
    let text = std::fs::read_to_string(folder.join("evaluation.json")).unwrap();
    let figures: serde_json::Value = serde_json::from_str(&text).unwrap();
    let metrics = &figures["binary_classification_metrics"];
    assert!(metrics["accuracy"]["standard_deviation"].is_number(), "{text}");
    metrics["accuracy"]["value"].as_f64().unwrap()
}

/// The data set is what its program writes, on any machine.
#[test]
fn the_data_set_is_reproducible() {
    let env = only_builds("ml-model");
    let read = |name: &str| std::fs::read_to_string(env.work().join("data").join(name)).unwrap();
    let before = [read("train.csv"), read("test.csv")];
    std::fs::remove_file(env.work().join("data/train.csv")).unwrap();
    let output = env.prepare("python3").arg("data/generate.py").output().unwrap();
    assert!(output.status.success(), "{}", render(&output));
    assert!(before == [read("train.csv"), read("test.csv")]);
}

#[test]
fn the_definitions_of_the_examples_are_read_without_a_finding() {
    let mut read = 0;
    for example in ["service", "ml-model"] {
        let env = Env::new();
        copy_example(example, &env);
        let projects = std::fs::read_to_string(env.work().join("rehearsal.yml")).unwrap();
        for folder in ["", "pipelines", "buildspecs"] {
            let Ok(entries) = std::fs::read_dir(env.work().join(folder)) else { continue };
            for entry in entries.map(|entry| entry.unwrap()) {
                let name = entry.file_name().into_string().unwrap();
                let definition = entry.path().extension().is_some_and(|extension| extension == "yml");
                if !definition || ["rehearsal.yml", "appspec.yml"].contains(&&*name) {
                    continue;
                }
                let bytes = std::fs::read(entry.path()).unwrap();
                let findings = if folder == "buildspecs" {
                    assert!(
                        projects.contains(&format!("buildspec: buildspecs/{name} }}")),
                        "{example}: {name}"
                    );
                    rehearsal::spec::buildspec::load(&name, &bytes).findings
                } else {
                    let pipeline = rehearsal::spec::pipeline::load(&name, &bytes);
                    for (_, action) in
                        pipeline.value.iter().flat_map(rehearsal::spec::pipeline::Pipeline::actions)
                    {
                        if let Some(project) = action.configuration.get("ProjectName") {
                            assert!(projects.contains(&format!("  - name: {project}\n")), "{project}");
                        }
                    }
                    pipeline.findings
                };
                assert!(findings.is_empty(), "{example}/{folder}/{name}: {findings:#?}");
                read += 1;
            }
        }
    }
    assert_eq!(read, 10);
}
