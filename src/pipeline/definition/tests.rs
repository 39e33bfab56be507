//! Which files count, and what is in the way, on small folders.

use std::path::Path;

use tempfile::TempDir;

use super::{Configuration, Definition, Error, FolderFiles, Preflight, buildspecs, find, preflight};
use crate::spec::pipeline::Category;

const BUILDSPEC: &str = "version: 0.2\nphases: { build: { commands: [make] } }\n";

/// Files, the name asked for, and what comes of it.
type Choice<'a> = (&'a [(&'a str, &'a str)], Option<&'a str>, &'a str);

/// A definition, a rehearsal.yml, the last stage, providers that are there, and what the first finding says.
type Check<'a> = (&'a str, &'a str, Option<&'a str>, &'a [&'a str], &'a str);

/// A definition of two stages, in JSON as `get-pipeline` prints it.
fn definition(name: &str) -> String {
    let source = serde_json::json!({
        "name": "Checkout",
        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
        "configuration": {"RepositoryName": "r", "BranchName": "main"},
        "outputArtifacts": [{"name": "Sources"}],
    });
    let build = serde_json::json!({
        "name": "Compile",
        "actionTypeId": {"category": "Build", "owner": "AWS", "provider": "CodeBuild", "version": "1"},
        "configuration": {"ProjectName": "compile"},
        "inputArtifacts": [{"name": "Sources"}],
    });
    serde_json::json!({"pipeline": {
        "name": name,
        "roleArn": "arn:aws:iam::111122223333:role/r",
        "pipelineType": "V2",
        "artifactStore": {"type": "S3", "location": "artifacts"},
        "stages": [{"name": "Source", "actions": [source]}, {"name": "Build", "actions": [build]}],
    }})
    .to_string()
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn found(root: &Path, name: Option<&str>) -> Result<(Definition, Configuration), Error> {
    let files = FolderFiles { root };
    let mut configuration = Configuration::read(&files, Some(&files))?;
    let definition = find(&files, &mut configuration, name, "my project", "main")?;
    Ok((definition, configuration))
}

/// The path of what was found, or the error's sentence.
fn path(files: &[(&str, &str)], name: Option<&str>) -> String {
    let folder = folder(files);
    match found(folder.path(), name) {
        Ok((definition, _)) => definition.path.unwrap_or_else(|| "assumed".to_owned()),
        Err(Error::Unusable(findings)) => findings[0].code.to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn definitions_are_found_by_what_they_hold() {
    let service = definition("service");
    let inner = serde_json::from_str::<serde_json::Value>(&service).unwrap()["pipeline"].to_string();
    let website = definition("website");
    let none = "the working tree has neither a pipeline definition nor a buildspec.yml";
    let cases: &[Choice<'_>] = &[
        (&[("pipeline.json", &service)], None, "pipeline.json"),
        (&[("anything.yaml", &inner)], None, "anything.yaml"),
        (&[(".aws/deep/service.yml", &service)], None, ".aws/deep/service.yml"),
        (&[("a/b/c/pipeline.yml", &service)], None, none),
        (&[("tests/pipeline.yml", &service)], None, none),
        (&[("service.txt", &service)], None, none),
        (&[("a.json", &service), ("b.json", &website)], None, "the working tree has 2 pipelines"),
        (&[("a.json", &service), ("b.json", &website)], Some("website"), "b.json"),
        (&[("a.json", &service), ("b.json", &website)], Some("a.json"), "a.json"),
        (
            &[("a.json", &service), ("b.json", &service)],
            Some("service"),
            "the working tree has 2 pipelines called `service`",
        ),
        (&[("a.json", &service)], Some("other"), "the working tree has no pipeline called `other`"),
        // Other tools' pipelines are not ours.
        (&[("pipeline.yml", "stages: [build, test]\nbuild: { script: [make] }\n")], None, none),
        (&[("pipeline.yml", "jobs: [{ name: build }]\n"), ("p.json", &service)], None, "p.json"),
        // What is called so and cannot be read may be meant; a definition beside it settles that.
        (&[("pipeline.yml", "stages: [\n")], None, "yaml-syntax"),
        (&[("pipeline.yml", "stages: [\n"), ("p.json", &service)], None, "p.json"),
        (&[("pipeline.yml", "stages: [{ name: Source }]\n")], None, "missing-key"),
        // rehearsal.yml decides when it says something.
        (
            &[("rehearsal.yml", "pipelines: [b.json]"), ("a.json", &service), ("b.json", &website)],
            None,
            "b.json",
        ),
        (&[("rehearsal.yml", "pipelines: [tests/p.json]"), ("tests/p.json", &service)], None, "tests/p.json"),
        (&[("rehearsal.yml", "pipelines: [absent.json]"), ("a.json", &service)], None, "definition-missing"),
        (&[("rehearsal.yml", "pipeline: [a.json]"), ("a.json", &service)], None, "unknown-key"),
        // Zero configuration.
        (&[("buildspec.yml", BUILDSPEC)], None, "assumed"),
        (&[("buildspec.yml", BUILDSPEC)], Some("my-project"), "assumed"),
        (&[("buildspec.yml", BUILDSPEC)], Some("other"), "the working tree has no pipeline called `other`"),
        (&[("rehearsal.yml", "projects: [{ name: only }]")], None, "assumed"),
        (&[("rehearsal.yml", "projects: [{ name: one }, { name: two }]")], None, none),
    ];
    for (files, name, expected) in cases {
        let names: Vec<_> = files.iter().map(|(path, _)| path).collect();
        assert_eq!(path(files, *name), *expected, "{names:?}, {name:?}");
    }
}

#[test]
fn what_is_assumed_is_a_pipeline_like_any_other() {
    let folder = folder(&[("buildspec.yml", BUILDSPEC)]);
    let (definition, configuration) = found(folder.path(), None).unwrap();
    assert_eq!(definition.pipeline.name, "my-project");
    let build = &definition.pipeline.stages[1].actions[0];
    assert_eq!((build.category, build.output_artifacts.len()), (Category::Build, 0));
    // Whoever carries the execution on knows the assumed project by the recorded text.
    let again = Configuration::recorded(&configuration.text().unwrap(), None).unwrap();
    assert!(again.config.project("my-project").is_some());
    insta::assert_snapshot!(definition.assumed.join("\n"), @"
    the working tree has no pipeline definition: assumed pipeline `my-project`, Source (branch main) and Build
    assumed project `my-project`: buildspec.yml, CodeBuild's default settings
    ");

    let with_artifacts = format!("{BUILDSPEC}artifacts: {{ files: [out] }}\n");
    std::fs::write(folder.path().join("buildspec.yml"), with_artifacts).unwrap();
    let (definition, _) = found(folder.path(), None).unwrap();
    assert_eq!(definition.pipeline.stages[1].actions[0].output_artifacts[0].name, "BuildArtifact");
}

#[test]
fn each_part_of_rehearsal_yml_counts_from_its_side_only() {
    let theirs = folder(&[("rehearsal.yml", "projects: [{ name: theirs }]\nlocal: { inherit: [THEIRS] }\n")]);
    let ours = folder(&[("rehearsal.yml", "projects: [{ name: ours }]\nlocal: { inherit: [OURS] }\n")]);
    let (theirs, ours) = (FolderFiles { root: theirs.path() }, FolderFiles { root: ours.path() });
    let both = Configuration::read(&theirs, Some(&ours)).unwrap().config;
    assert_eq!((both.project("theirs").is_some(), both.project("ours").is_some()), (true, false));
    assert_eq!(both.working_tree.inherit, ["OURS"]);
    let committed = Configuration::read(&theirs, None).unwrap().config;
    assert_eq!(committed.working_tree.inherit, [""; 0]);
    let recorded = Configuration::recorded("projects: [{ name: old }]", Some(&ours)).unwrap().config;
    assert!(recorded.project("old").is_some() && recorded.project("ours").is_none());
    // What does not count is validated all the same.
    let broken = folder(&[("rehearsal.yml", "projects: [{ nme: ours }]\n")]);
    assert!(Configuration::read(&theirs, Some(&FolderFiles { root: broken.path() })).is_err());
}

/// The codes and places of what is in the way.
fn obstacles(files: &[(&str, &str)], until: Option<&str>, performs: &[&str]) -> Vec<String> {
    let folder = folder(files);
    let (definition, configuration) = found(folder.path(), None).unwrap();
    let findings = preflight(&Preflight {
        definition: &definition,
        until,
        configuration: &configuration,
        files: &FolderFiles { root: folder.path() },
        performs: &|action| performs.contains(&action.provider.as_str()),
    });
    let lines = findings.unwrap().into_iter().map(|finding| {
        format!("{}: {} [{}]", finding.code, finding.message, finding.source.slice(finding.primary.span))
    });
    lines.collect()
}

#[test]
fn everything_in_the_way_is_told_before_anything_starts() {
    let all = ["CodeCommit", "CodeBuild"];
    let service = definition("service");
    let project = "projects: [{ name: compile }]";
    let change = |from: &str, to: &str| service.replace(from, to);
    let batch =
        change("\"ProjectName\":\"compile\"", "\"ProjectName\":\"compile\",\"BatchEnabled\":\"true\"");
    let queued = change("\"pipelineType\"", "\"executionMode\":\"QUEUED\",\"pipelineType\"");
    let condition =
        change("\"name\":\"Build\"", "\"name\":\"Build\",\"onFailure\":{\"result\":\"ROLLBACK\"}");
    let text = obstacles(&[("p.json", &service)], None, &all);
    insta::assert_debug_snapshot!(text, @r#"
    [
        "unknown-project: Build/Compile: no project `compile` [\"compile\"]",
    ]
    "#);
    let cases: &[Check<'_>] = &[
        (&service, project, None, &all, ""),
        (
            &service,
            project,
            None,
            &["CodeCommit"],
            "not-there-yet: Build/Compile: provider CodeBuild (Build)",
        ),
        (&service, project, Some("Source"), &["CodeCommit"], ""),
        (&batch, project, None, &all, "not-there-yet: Build/Compile: batch builds"),
        (&queued, project, None, &all, "not-there-yet: execution mode QUEUED"),
        (&condition, project, None, &all, "not-there-yet: `onFailure` of stage Build"),
        (&condition, project, Some("Source"), &all, ""),
        (
            &service,
            "projects: [{ name: compile, source: { buildspec: ci/b.yml } }]",
            None,
            &all,
            "buildspec-missing: Build/Compile: the working tree has no ci/b.yml",
        ),
        (
            &service,
            "projects: [{ name: compile, source: { buildspec: 'arn:aws:s3:::bucket/b.yml' } }]",
            None,
            &all,
            "not-there-yet: Build/Compile: a buildspec in S3",
        ),
        (
            &service,
            "projects: [{ name: compile, source: { buildspec: \"version: 0.2\\nphases: {}\\n\" } }]",
            None,
            &all,
            "",
        ),
    ];
    for (definition, config, until, performs, expected) in cases {
        let files = [("p.json", *definition), ("rehearsal.yml", *config), ("buildspec.yml", BUILDSPEC)];
        let text = obstacles(&files, *until, performs).join("\n");
        assert!(text.starts_with(expected) && text.is_empty() == expected.is_empty(), "{config}: {text}");
    }
    let broken =
        [("p.json", service.as_str()), ("rehearsal.yml", project), ("buildspec.yml", "version: 0.2\n")];
    assert!(obstacles(&broken, None, &all)[0].contains("phases"), "{:?}", obstacles(&broken, None, &all));
}

#[test]
fn buildspecs_straight_from_the_source_are_known_by_their_paths() {
    let projects = "projects: [{ name: compile, source: { buildspec: ci/b.yml } }]";
    let folder = folder(&[("p.json", &definition("service")), ("rehearsal.yml", projects)]);
    let (definition, configuration) = found(folder.path(), None).unwrap();
    assert_eq!(buildspecs(&definition, &configuration), ["ci/b.yml"]);
}
