//! Builds as actions of a pipeline: inputs, outputs, variables, the Commands action.

#![expect(clippy::unwrap_used, reason = "the lint knows #[test] functions, not what they call")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rehearsal::action::{Cancel, InputArtifact, Job, Outcome, OutputArtifact, Provider, Status};
use rehearsal::build::{CodeBuild, Commands, DEFAULT_ACCOUNT, DEFAULT_REGION, Queue, StandIns};
use rehearsal::spec::config::{Project, ProjectSource, ProjectVariable, ProjectVariableKind};
use rehearsal::store::archive::{Limits, Selection, pack, unpack};
use rehearsal::store::{Paths, Store};

use crate::build_ground::{Ground, Heard};

/// An action execution with these inputs (each the files of one artifact) and these outputs.
fn job(ground: &Ground, configuration: &[(&str, &str)], inputs: &[Input], outputs: &[&str]) -> Job {
    let inputs = inputs.iter().map(|(name, files)| {
        let folder = ground.path().join("inputs").join(name);
        for (file, content) in *files {
            fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
            fs::write(folder.join(file), content).unwrap();
        }
        let archive = ground.path().join(format!("{name}.zip"));
        pack(Selection::Folder(&folder), &archive).unwrap();
        InputArtifact { name: (*name).to_owned(), archive }
    });
    let pairs = configuration.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Job {
        pipeline: "release".into(),
        execution: "11111111-2222-4333-8444-555555555555".into(),
        stage: "Build".into(),
        action: "Compile".into(),
        action_execution: "66666666-2222-4333-8444-555555555555".into(),
        provider: "CodeBuild".into(),
        configuration: pairs.collect(),
        commands: Vec::new(),
        environment_variables: Vec::new(),
        output_variables: Vec::new(),
        inputs: inputs.collect(),
        outputs: outputs
            .iter()
            .map(|name| OutputArtifact { name: (*name).to_owned(), files: Vec::new() })
            .collect(),
        workspace: ground.workspace("work"),
        revision: Some("c0ffee".into()),
    }
}

/// An artifact's name and its files.
type Input<'a> = (&'a str, &'a [(&'a str, &'a str)]);

fn codebuild(ground: &Ground, buildspec: Option<&str>) -> CodeBuild {
    let count = AtomicU64::new(0);
    CodeBuild {
        host: ground.host(),
        projects: vec![Project {
            name: "web".into(),
            source: ProjectSource { buildspec: buildspec.map(str::to_owned), ..ProjectSource::default() },
            ..Project::default()
        }],
        stand_ins: StandIns::default(),
        numbers: Arc::new(move |_| Ok(count.fetch_add(1, Ordering::Relaxed) + 1)),
        queue: Queue { store: Store::open(&Paths::under(ground.path()).unwrap()).unwrap(), limit: 4 },
        time_limit: None,
        region: DEFAULT_REGION.into(),
        account: DEFAULT_ACCOUNT.into(),
    }
}

fn perform(provider: &dyn Provider, job: &Job) -> (Outcome, Heard<'static>) {
    let mut heard = Heard::default();
    let outcome = provider.perform(job, &mut heard, &Cancel::new().unwrap()).unwrap();
    (outcome, heard)
}

/// The files of an output, with their content.
fn files(ground: &Ground, outcome: &Outcome, name: &str) -> BTreeMap<String, String> {
    let (_, archive) = outcome.artifacts.iter().find(|(artifact, _)| artifact == name).unwrap();
    let folder = ground.path().join("unpacked").join(name);
    unpack(archive, &folder, Limits::default()).unwrap();
    let mut files = BTreeMap::new();
    collect(&folder, &folder, &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn inputs_are_sources_and_outputs_are_artifacts() {
    // codepipeline.md 2.4 and 6
    let ground = Ground::new();
    let spec = "version: 0.2
env:
  exported-variables: [VERSION]
phases:
  build:
    commands:
      - VERSION=$(cat version)-$(cat $CODEBUILD_SRC_DIR_Lib/lib.txt)
      - mkdir -p out/deep; echo $VERSION >out/deep/app; echo log >build.log
      - echo $CODEBUILD_INITIATOR $CODEBUILD_RESOLVED_SOURCE_VERSION $CODEBUILD_BUILD_NUMBER $MODE
      - echo $CODEBUILD_SOURCE_VERSION
artifacts:
  files: ['**/*']
  base-directory: out
  secondary-artifacts:
    Logs: {files: ['*.log']}
    Binary: {files: ['**/*'], base-directory: out, discard-paths: yes}
";
    let inputs: [Input; 2] =
        [("Lib", &[("lib.txt", "7")]), ("App", &[("version", "1.2"), ("buildspec.yml", spec)])];
    let environment = r#"[{"name":"MODE","value":"release \"x\""}]"#;
    let configuration =
        [("ProjectName", "web"), ("PrimarySource", "App"), ("EnvironmentVariables", environment)];

    let several = job(&ground, &configuration, &inputs, &["Binary", "Logs"]);
    let (outcome, heard) = perform(&codebuild(&ground, None), &several);
    assert_eq!(outcome.status, Status::Succeeded, "{}", heard.text);
    let bucket = format!("arn:aws:s3:::codepipeline-{DEFAULT_REGION}-{DEFAULT_ACCOUNT}/release/App/1111111");
    assert_eq!(heard.said(), format!("codepipeline/release c0ffee 1 release \"x\"\n{bucket}\n"));
    assert_eq!(outcome.variables, BTreeMap::from([("VERSION".to_owned(), "1.2-7".to_owned())]));
    assert!(outcome.external_execution_id.as_ref().unwrap().starts_with("web:"));
    let expected = |name: &str, text: &str| BTreeMap::from([(name.to_owned(), text.to_owned())]);
    assert_eq!(files(&ground, &outcome, "Binary"), expected("app", "1.2-7\n"));
    assert_eq!(files(&ground, &outcome, "Logs"), expected("build.log", "log\n"));

    fs::remove_dir_all(&several.workspace).unwrap();
    let one = job(&ground, &configuration, &inputs, &["Everything"]);
    let (outcome, _) = perform(&codebuild(&ground, None), &one);
    assert_eq!(files(&ground, &outcome, "Everything"), expected("deep/app", "1.2-7\n"));
}

#[test]
fn the_buildspec_is_where_the_action_or_the_project_says() {
    let ground = Ground::new();
    let inline = "version: 0.2\nphases:\n  build:\n    commands: [echo inline]\n";
    let other = "version: 0.2\nphases:\n  build:\n    commands: [echo other]\n";
    let inputs: [Input; 1] = [("App", &[("ci/other.yml", other)])];
    for (override_, project, said) in [
        (Some(inline), Some("ci/other.yml"), "inline\n"),
        (Some("ci/other.yml"), None, "other\n"),
        (None, Some("ci/other.yml"), "other\n"),
        (None, Some(inline), "inline\n"),
    ] {
        let mut configuration = vec![("ProjectName", "web")];
        configuration.extend(override_.map(|text| ("BuildspecOverride", text)));
        let job = job(&ground, &configuration, &inputs, &[]);
        let (_, heard) = perform(&codebuild(&ground, project), &job);
        assert_eq!(heard.said(), said, "{}", heard.text);
        fs::remove_dir_all(&job.workspace).unwrap();
    }
}

#[test]
fn an_action_that_fails_says_so_in_aws_words() {
    let ground = Ground::new();
    let spec = "version: 0.2\nphases:\n  build:\n    commands: [exit 3]\n";
    let job = job(&ground, &[("ProjectName", "web")], &[("App", &[("buildspec.yml", spec)])], &[]);
    let (outcome, _) = perform(&codebuild(&ground, None), &job);
    assert_eq!(outcome.status, Status::Failed);
    assert_eq!(outcome.summary.as_deref(), Some("Build terminated with state: FAILED"));
    let failure = outcome.failure.unwrap();
    assert_eq!((failure.phase.as_deref(), failure.exit_status), (Some("BUILD"), Some(3)));
}

#[test]
fn configurations_that_cannot_be_used_are_refused_before_anything_runs() {
    let ground = Ground::new();
    let inputs: [Input; 2] = [("App", &[("a", "")]), ("Lib", &[("a", "")])];
    for (configuration, inputs, words) in [
        (vec![], &inputs[..1], "no ProjectName"),
        (vec![("ProjectName", "other")], &inputs[..1], "no CodeBuild project other"),
        (vec![("ProjectName", "web")], &inputs[..], "PrimarySource is required"),
        (vec![("ProjectName", "web"), ("PrimarySource", "X")], &inputs[..], "X is no input artifact"),
        (vec![("ProjectName", "web")], &inputs[..0], "no input artifact"),
        (vec![("ProjectName", "web"), ("BatchEnabled", "true")], &inputs[..1], "not supported yet"),
        (
            vec![("ProjectName", "web"), ("EnvironmentVariables", "{}")],
            &inputs[..1],
            "not the JSON of a list",
        ),
        (
            // What `"value":"#{Source.CommitMessage}"` becomes with a commit that quotes something.
            vec![("ProjectName", "web"), ("EnvironmentVariables", r#"[{"name":"M","value":"Fix "x""}]"#)],
            &inputs[..1],
            "breaks it when its value has a quote",
        ),
    ] {
        let job = job(&ground, &configuration, inputs, &[]);
        let (outcome, heard) = perform(&codebuild(&ground, None), &job);
        let failure = outcome.failure.unwrap();
        assert!(failure.message.contains(words), "{failure:?}");
        assert_eq!((failure.code.as_str(), heard.text.as_str()), ("InvalidActionConfiguration", ""));
    }
}

#[test]
fn secrets_of_an_action_are_fetched_and_hidden() {
    let ground = Ground::new();
    let spec = "version: 0.2\nphases:\n  build:\n    commands: ['echo $TOKEN $DB']\n";
    let environment = r#"[{"name":"TOKEN","value":"/t","type":"PARAMETER_STORE"}]"#;
    let configuration = [("ProjectName", "web"), ("EnvironmentVariables", environment)];
    let mut provider = codebuild(&ground, Some(spec));
    provider.projects[0].environment.environment_variables.push(ProjectVariable {
        name: "DB".into(),
        value: "db:pw".into(),
        kind: ProjectVariableKind::SecretsManager,
    });
    provider.stand_ins.parameters.insert("/t".into(), Ok("t0ken".into()));
    provider.stand_ins.secrets.insert("db".into(), Ok(r#"{"pw":"s3cret"}"#.into()));
    let job = job(&ground, &configuration, &[("App", &[("a", "")])], &[]);
    let (_, heard) = perform(&provider, &job);
    assert_eq!(heard.said(), "*** ***\n");
}

#[test]
fn commands_of_an_action_run_in_one_shell_after_the_other() {
    // codepipeline.md 2.14
    let ground = Ground::new();
    let provider = Commands {
        host: ground.host(),
        time_limit: None,
        region: DEFAULT_REGION.into(),
        account: DEFAULT_ACCOUNT.into(),
    };
    let inputs: [Input; 2] = [("App", &[("a.txt", "a")]), ("Lib", &[("lib.txt", "b")])];
    let mut job = job(&ground, &[], &inputs, &["Out"]);
    job.outputs[0].files = vec!["out/**/*".into()];
    job.output_variables = vec!["SUM".into()];
    job.environment_variables = vec![("MODE".into(), "x y".into())];
    let commands =
        ["SUM=$(cat a.txt)$(cat $CODEBUILD_SRC_DIR_Lib/lib.txt)", "mkdir out; echo \"$SUM $MODE\" >out/r"];
    job.commands = commands.map(String::from).to_vec();
    let (outcome, heard) = perform(&provider, &job);
    assert_eq!(outcome.status, Status::Succeeded, "{}", heard.text);
    assert_eq!(outcome.variables["SUM"], "ab");
    assert_eq!(files(&ground, &outcome, "Out")["out/r"], "ab x y\n");

    fs::remove_dir_all(&job.workspace).unwrap();
    fs::create_dir(&job.workspace).unwrap();
    job.commands = vec!["false".into(), "echo never".into()];
    let (outcome, heard) = perform(&provider, &job);
    assert_eq!((outcome.status, heard.said().as_str()), (Status::Failed, ""));
    job.commands = vec!["echo one\necho two".into()];
    let (outcome, _) = perform(&provider, &job);
    assert!(outcome.failure.unwrap().message.contains("several lines"));
}
