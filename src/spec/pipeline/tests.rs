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

/// The codes of the errors when the whole definition has another value somewhere.
fn with(place: &str, value: serde_json::Value) -> Vec<&'static str> {
    let mut document: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    let (parent, key) = place.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(&format!("/pipeline{parent}")).unwrap_or_else(|| panic!("{place}"));
    match parent {
        serde_json::Value::Array(items) => items[key.parse::<usize>().unwrap()] = value,
        serde_json::Value::Object(members) => {
            members.insert(key.to_owned(), value);
        }
        _ => panic!("{place}"),
    }
    let read = load("pipeline.json", document.to_string().as_bytes());
    errors(&read).into_iter().map(|finding| finding.code).collect()
}

/// What may stand at each place, and what not.
#[track_caller]
fn bounded(code: &str, places: &[(&str, serde_json::Value, serde_json::Value)]) {
    for (place, right, wrong) in places {
        assert!(!with(place, right.clone()).contains(&code), "{place}: {right}");
        assert!(with(place, wrong.clone()).contains(&code), "{place}: {wrong}");
    }
}

fn long(length: usize) -> serde_json::Value {
    "x".repeat(length).into()
}

#[test]
fn every_text_has_its_bounds() {
    let places = [
        // 1.2
        ("/name", long(100), long(101)),
        ("/name", "a.@-_Z9".into(), "a b".into()),
        ("/name", "a".into(), "".into()),
        ("/artifactStore/location", long(63), long(64)),
        ("/artifactStore/location", "a-b.c".into(), "a_b".into()),
        ("/artifactStore/location", long(3), long(2)),
        ("/artifactStore/encryptionKey/id", long(400), long(401)),
        ("/variables/0/defaultValue", long(1000), long(1001)),
        ("/variables/0/defaultValue", "x".into(), "".into()),
        ("/variables/0/description", long(200), long(201)),
        ("/variables/0/name", long(128), long(129)),
        ("/variables/0/name", "a@-_".into(), "a.b".into()),
        // 1.3
        ("/stages/1/name", long(100), long(101)),
        ("/stages/2/beforeEntry/conditions/0/rules/0/name", long(100), long(101)),
        ("/stages/2/beforeEntry/conditions/0/rules/0/configuration/Value", long(10_000), long(10_001)),
        // 1.4
        ("/stages/1/actions/0/name", long(100), long(101)),
        ("/stages/1/actions/0/actionTypeId/provider", long(35), long(36)),
        ("/stages/1/actions/0/actionTypeId/version", "123456789".into(), "1234567890".into()),
        ("/stages/1/actions/0/actionTypeId/version", "1".into(), "1.0".into()),
        ("/stages/1/actions/0/configuration/ProjectName", long(1000), long(1001)),
        ("/stages/1/actions/0/namespace", long(100), long(101)),
        ("/stages/1/actions/0/namespace", "a@-_".into(), "a.b".into()),
        ("/stages/0/actions/0/region", long(30), long(31)),
        ("/stages/0/actions/0/region", long(4), long(3)),
        ("/stages/1/actions/0/outputArtifacts/0/name", long(100), long(101)),
        ("/stages/1/actions/1/commands/0", long(1000), long(1001)),
        // 1.5
        ("/triggers/0/gitConfiguration/push/0/branches/includes/0", long(255), long(256)),
    ];
    bounded("pipeline-name", &places);
    let key = |length: usize| serde_json::json!({ "ProjectName": "p", "k".repeat(length): "v" });
    bounded("pipeline-name", &[("/stages/1/actions/0/configuration", key(50), key(51))]);
}

#[test]
fn every_number_has_its_range() {
    let places = [
        ("/version", 1.into(), 0.into()),
        ("/stages/1/actions/0/runOrder", 999.into(), 1000.into()),
        ("/stages/1/actions/0/runOrder", 1.into(), 0.into()),
        ("/stages/1/actions/0/runOrder", 1.into(), (-1).into()),
        ("/stages/2/actions/0/timeoutInMinutes", 5.into(), 4.into()),
        ("/stages/2/actions/0/timeoutInMinutes", 86_400.into(), 86_401.into()),
        ("/stages/2/beforeEntry/conditions/0/rules/0/timeoutInMinutes", 86_400.into(), 86_401.into()),
    ];
    bounded("invalid-value", &places);
}

#[test]
fn every_word_is_of_its_list() {
    let rule = |key: &str| format!("/stages/2/beforeEntry/conditions/0/rules/0/ruleTypeId/{key}");
    let (category, owner, version) = (rule("category"), rule("owner"), rule("version"));
    let places = [
        ("/executionMode", "PARALLEL".into(), "parallel".into()),
        ("/pipelineType", "V2".into(), "v2".into()),
        ("/artifactStore/type", "S3".into(), "GCS".into()),
        ("/artifactStore/encryptionKey/type", "KMS".into(), "AES".into()),
        ("/stages/1/actions/0/actionTypeId/category", "Test".into(), "Tests".into()),
        ("/stages/1/actions/0/actionTypeId/owner", "AWS".into(), "Amazon".into()),
        ("/stages/1/onFailure/retryConfiguration/retryMode", "ALL_ACTIONS".into(), "ALL".into()),
        ("/stages/2/onFailure/result", "ROLLBACK".into(), "STOP".into()),
        ("/triggers/0/providerType", "CodeStarSourceConnection".into(), "GitHub".into()),
        ("/triggers/0/gitConfiguration/pullRequest/0/events/0", "CLOSED".into(), "MERGED".into()),
        (&category, "Rule".into(), "Build".into()),
        (&owner, "AWS".into(), "Custom".into()),
        (&version, "1".into(), "2".into()),
    ];
    bounded("invalid-value", &places);
}

#[test]
fn lists_have_their_bounds() {
    let many = |count: usize| serde_json::Value::from(vec!["x"; count]);
    let places = [
        ("/stages/1/actions/1/commands", many(50), many(51)),
        ("/stages/1/actions/1/outputVariables", many(15), many(16)),
        ("/triggers/0/gitConfiguration/push/1/tags/includes", many(8), many(9)),
        ("/triggers/0/gitConfiguration/push/1/tags/excludes", many(8), many(9)),
    ];
    bounded("pipeline-limit", &places);
    let output = |count| serde_json::json!([{ "name": "Lint", "files": many(count) }]);
    bounded("pipeline-limit", &[("/stages/1/actions/1/outputArtifacts", output(10), output(11))]);
}

/// Section 2: each provider with the least it needs, and without one key of it.
#[test]
fn each_provider_has_its_keys() {
    for (category, owner, provider, configuration, needed) in [
        ("Build", "AWS", "ECRBuildAndPublish", r#"{"ECRRepositoryName":"r"}"#, "ECRRepositoryName"),
        ("Deploy", "AWS", "S3", r#"{"BucketName":"b","Extract":"true"}"#, "Extract"),
        (
            "Deploy",
            "AWS",
            "CloudFormationStackSet",
            r#"{"StackSetName":"s","TemplatePath":"SourceArtifact::t"}"#,
            "TemplatePath",
        ),
        ("Deploy", "AWS", "CloudFormationStackInstances", r#"{"StackSetName":"s","Regions":"r"}"#, "Regions"),
        (
            "Deploy",
            "AWS",
            "CodeDeploy",
            r#"{"ApplicationName":"a","DeploymentGroupName":"g"}"#,
            "ApplicationName",
        ),
        ("Deploy", "AWS", "ECS", r#"{"ClusterName":"c","ServiceName":"s"}"#, "ServiceName"),
        ("Deploy", "AWS", "EC2", r#"{"InstanceTagKey":"k","InstanceType":"EC2"}"#, "InstanceTagKey"),
        ("Deploy", "AWS", "EKS", r#"{"ClusterName":"c","ManifestFiles":"m"}"#, "ClusterName"),
        ("Deploy", "AWS", "Lambda", r#"{"FunctionName":"f"}"#, "FunctionName"),
        (
            "Deploy",
            "AWS",
            "ElasticBeanstalk",
            r#"{"ApplicationName":"a","EnvironmentName":"e"}"#,
            "EnvironmentName",
        ),
        (
            "Deploy",
            "AWS",
            "AppConfig",
            r#"{"Application":"a","Environment":"e","ConfigurationProfile":"c","InputArtifactConfigurationPath":"p"}"#,
            "Application",
        ),
        ("Deploy", "AWS", "ServiceCatalog", r#"{"ProductId":"p","ConfigurationFilePath":"c"}"#, "ProductId"),
        (
            "Deploy",
            "ThirdParty",
            "AlexaSkillsKit",
            r#"{"ClientId":"c","ClientSecret":"s","RefreshToken":"r","SkillId":"s"}"#,
            "SkillId",
        ),
        (
            "Test",
            "AWS",
            "DeviceFarm",
            r#"{"AppType":"iOS","ProjectId":"p","App":"a","DevicePoolArn":"arn:aws:devicefarm:us-west-2::devicepool:a/b","TestType":"Fuzz"}"#,
            "AppType",
        ),
        ("Invoke", "AWS", "Lambda", r#"{"FunctionName":"f"}"#, "FunctionName"),
        (
            "Invoke",
            "AWS",
            "StepFunctions",
            r#"{"StateMachineArn":"arn:aws:states:us-east-1:111122223333:stateMachine:m"}"#,
            "StateMachineArn",
        ),
    ] {
        let action = |configuration: &serde_json::Value| {
            serde_json::json!({
                "name": "Lint", "inputArtifacts": [{"name": "SourceArtifact"}], "configuration": configuration,
                "actionTypeId": {"category": category, "owner": owner, "provider": provider, "version": "1"}
            })
        };
        let mut keys: serde_json::Value = serde_json::from_str(configuration).unwrap();
        assert_eq!(with("/stages/1/actions/1", action(&keys)), [""; 0], "{provider}");
        keys.as_object_mut().unwrap().remove(needed).unwrap();
        assert_eq!(with("/stages/1/actions/1", action(&keys)), ["pipeline-configuration"], "{provider}");
        keys[needed] = "x".into();
        keys["Strange"] = "x".into();
        let has_others = provider == "DeviceFarm";
        let said = with("/stages/1/actions/1", action(&keys)).contains(&"pipeline-configuration");
        assert_eq!(said, !has_others || needed == "AppType", "{provider}");
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
    let of_v2 = read.findings.into_iter().filter(|finding| finding.message.contains("V2 pipeline"));
    let messages: Vec<_> = of_v2.map(|finding| (finding.severity.word(), finding.message)).collect();
    insta::assert_json_snapshot!(messages);
}

#[test]
fn a_template_and_other_files_are_told_apart() {
    let tree = |text: &str| {
        let source = std::sync::Arc::new(crate::syntax::SourceFile::new("x", text));
        crate::syntax::parse(&source).tree.unwrap()
    };
    let is_one = |text: &str| {
        let tree = tree(text);
        let root = tree.root();
        is_definition(envelope(root).map_or(root, |entry| entry.value))
    };
    assert!(is_one(SMALL));
    assert!(is_one(WHOLE));
    assert!(!is_one("version: 0.2\nphases: {}\n"));
    assert!(!is_one("Resources: {}\n"));
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
