//! Definitions that CodePipeline takes and refuses, by section of codepipeline.md.

use super::*;
use crate::diagnostic::human::{Style, render};
use crate::diagnostic::{Finding, Severity};
use crate::spec::Read;

/// The example of codepipeline.md 1.8, shortened where a rule of its own covers it.
const WHOLE: &str = include_str!("../../../fixtures/spec/pipeline/whole.json");
/// The smallest definition that works here, in YAML and without the envelope.
const SMALL: &str = include_str!("../../../fixtures/spec/pipeline/small.yml");

fn load_text(text: &str) -> Read<Pipeline> {
    load("pipeline.yml", text.as_bytes())
}

/// The small definition with one text replaced.
fn small(from: &str, to: &str) -> Read<Pipeline> {
    assert!(SMALL.contains(from), "{from}");
    load_text(&SMALL.replacen(from, to, 1))
}

fn errors(read: &Read<Pipeline>) -> Vec<Finding> {
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let errors: Vec<_> = read.findings.iter().filter(is_error).cloned().collect();
    assert_eq!(read.value.is_none(), !errors.is_empty());
    errors
}

#[test]
fn a_whole_definition_is_read_with_and_without_its_envelope() {
    let whole = load("pipeline.json", WHOLE.as_bytes());
    assert_eq!(errors(&whole), []);
    let pipeline = whole.value.unwrap();
    insta::assert_json_snapshot!(pipeline);
    let inner = serde_json::from_str::<serde_json::Value>(WHOLE).unwrap()["pipeline"].to_string();
    let bare = load("pipeline.json", inner.as_bytes()).value.unwrap();
    assert_eq!(serde_json::to_value(&bare).unwrap(), serde_json::to_value(&pipeline).unwrap());
}

#[test]
fn a_definition_survives_the_event_log() {
    let pipeline = load_text(SMALL).value.unwrap();
    let text = serde_json::to_string(&pipeline).unwrap();
    let again: Pipeline = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
}

#[test]
fn what_only_aws_needs_is_a_piece_of_advice() {
    let read = load_text(SMALL);
    assert_eq!(errors(&read), []);
    insta::assert_snapshot!(render(&read.findings, Style::plain(100)));
}

#[test]
fn refused_definitions_say_where_and_what() {
    for (name, from, to) in [
        // 1.2, 1.3, 1.4: fields
        ("unknown-field", "runOrder: 2", "runorder: 2"),
        ("a-number-for-a-string", "version: \"1\"", "version: 1"),
        ("a-name-with-a-space", "name: Build\n", "name: Build it\n"),
        ("run-order-zero", "runOrder: 2", "runOrder: 0"),
        ("unknown-mode", "executionMode: SUPERSEDED", "executionMode: SUPERSEEDED"),
        // 1.6: structure
        (
            "build-in-the-source-stage",
            "category: Source, owner: AWS, provider: CodeCommit",
            "category: Build, owner: AWS, provider: CodeBuild",
        ),
        ("same-stage-twice", "- name: Check\n", "- name: Build\n"),
        ("same-action-twice", "name: Second", "name: First"),
        ("output-twice", "- name: Built", "- name: Source"),
        ("input-from-nobody", "- name: Source # of First", "- name: Sourcee"),
        ("input-too-early", "runOrder: 2", "runOrder: 1"),
        ("no-commands", "[\"make check\"]", "[]"),
        ("unknown-provider", "provider: CodeBuild", "provider: Codebuild"),
        ("several-lines-in-a-command", "[\"make check\"]", "[\"a\\nb\"]"),
        // 2.4: configuration
        ("no-project", "ProjectName: first", "Projectname: first"),
        (
            "broken-environment",
            "'[{\"name\":\"A\",\"value\":\"#{Commit.CommitId}\"}]'",
            "'A=#{Commit.CommitId}'",
        ),
        // 5: variables
        ("namespace-twice", "namespace: FirstVariables", "namespace: Commit"),
        ("reserved-namespace", "namespace: FirstVariables", "namespace: variables"),
        ("namespace-is-an-artifact", "namespace: FirstVariables", "namespace: Source"),
        ("unknown-namespace", "#{Commit.CommitId}", "#{Comit.CommitId}"),
        ("own-namespace", "#{Commit.CommitId}", "#{FirstVariables.X}"),
        ("malformed-reference", "#{Commit.CommitId}", "#{CommitId}"),
        ("undeclared-variable", "#{Commit.CommitId}", "#{variables.TAG}"),
        ("variable-in-a-source", "BranchName: main", "BranchName: \"#{variables.BRANCH}\""),
    ] {
        let errors = errors(&small(from, to));
        assert!(!errors.is_empty(), "{name}");
        insta::assert_snapshot!(name, render(&errors, Style::plain(100)));
    }
}

#[test]
fn triggers_with_illegal_combinations_are_refused() {
    for (from, to) in [
        // 3.3
        (
            r#"{"tags": {"includes": ["v*"], "excludes": ["v0.*"]}}"#,
            r#"{"tags": {"includes": ["v*"]}, "branches": {"includes": ["x"]}}"#,
        ),
        (r#"{"tags": {"includes": ["v*"], "excludes": ["v0.*"]}}"#, r#"{"filePaths": {"includes": ["x"]}}"#),
        (r#"{"tags": {"includes": ["v*"], "excludes": ["v0.*"]}}"#, "{}"),
        (r#""branches": {"includes": ["develop"]}}]"#, r#""filePaths": {"includes": ["x"]}}]"#),
        (r#"["OPEN", "UPDATED"]"#, r#"["OPENED"]"#),
        (r#""sourceActionName": "Source""#, r#""sourceActionName": "Train""#),
        (r#""providerType": "CodeStarSourceConnection""#, r#""provider": "Connection""#),
    ] {
        assert!(WHOLE.contains(from), "{from}");
        let read = load("pipeline.json", WHOLE.replacen(from, to, 1).as_bytes());
        assert!(!errors(&read).is_empty(), "{to}");
    }
}

#[test]
fn action_types_of_the_account_have_any_name() {
    let custom = small(
        "category: Build, owner: AWS, provider: CodeBuild, version: \"1\"",
        "category: Build, owner: Custom, provider: OurJenkins, version: \"7\"",
    );
    assert_eq!(errors(&custom), []);
}

#[test]
fn members_of_v2_need_v2() {
    let read = load(
        "pipeline.json",
        WHOLE.replacen(r#""pipelineType": "V2""#, r#""pipelineType": "V1""#, 1).as_bytes(),
    );
    let messages: Vec<_> = errors(&read).into_iter().map(|finding| finding.message).collect();
    insta::assert_json_snapshot!(messages);
}

#[test]
fn a_template_and_other_files_are_told_apart() {
    let tree = |text: &str| {
        let source = std::sync::Arc::new(crate::syntax::SourceFile::new("x", text));
        crate::syntax::parse(&source).tree.unwrap()
    };
    assert!(is_definition(&tree(SMALL)));
    assert!(is_definition(&tree(WHOLE)));
    assert!(!is_definition(&tree("version: 0.2\nphases: {}\n")));
    assert!(!is_definition(&tree("Resources: {}\n")));
    let template = errors(&load_text("AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n"));
    assert_eq!(template[0].code, "not-supported-yet");
}

#[test]
fn a_pipeline_of_one_stage_is_refused_in_the_words_of_aws() {
    let cut = SMALL.find("  - name: Build\n").unwrap();
    let errors = errors(&load_text(&SMALL[..cut]));
    let said = errors[0].aws_message.as_deref().unwrap();
    assert!(
        said.contains("Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline"),
        "{said}"
    );
}
