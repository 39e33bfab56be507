//! What is known of values, and what is said of templates as a whole; single mistakes are in `fixtures/rules`.

use std::cell::Cell;
use std::fmt::Write as _;

use super::evaluate::{Assumption, Evaluation, Value};
use super::*;
use crate::syntax::parse;

const SHARED: &str = "Parameters: {Env: {Type: String, Default: dev}}
Mappings: {Names: {dev: {name: a, list: [x, y], call: !Ref Env}}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
  App: {Type: AWS::CodeDeploy::Application, Properties: {ApplicationName: app}}
  Project: {Type: AWS::CodeBuild::Project, Properties: {Name: !Sub '${App}-build'}}
  Role: {Type: AWS::IAM::Role}
Value: ";

fn with<T>(text: &str, then: impl FnOnce(&Template<'_>) -> T) -> T {
    let source = Arc::new(SourceFile::new("template.yml", text));
    let tree = parse(&source).tree.unwrap();
    then(&Template::of(&tree))
}

/// What comes of a value, in a word.
fn value(text: &str, holds: Option<bool>) -> String {
    with(&format!("{SHARED}{text}\n"), |template| {
        let assumed = holds.map(|holds| Assumption { condition: "IsProd", holds });
        let steps = Cell::new(0);
        let evaluation = Evaluation::new(template, assumed, &steps);
        match evaluation.value(template.tree.root().get("Value").unwrap()) {
            Value::Absent => "absent".to_owned(),
            Value::Text(text) => text.text().to_owned(),
            Value::Written(node) => node.text().map_or_else(|| format!("{:?}", node.kind()), str::to_owned),
            Value::Unknown(_) => "?".to_owned(),
        }
    })
}

#[test]
fn what_the_file_decides_is_known_and_nothing_else() {
    for (text, expected) in [
        ("plain", "plain"),
        ("[a]", "Sequence"),
        ("!Ref AWS::NoValue", "absent"),
        // Whoever makes the stack may give another value than the default.
        ("!Ref Env", "?"),
        ("!Ref AWS::Region", "?"),
        ("!Ref Role", "?"),
        ("!Ref App", "app"),
        ("{Ref: Project}", "app-build"),
        ("!GetAtt App.Arn", "?"),
        ("!Sub 'a'", "a"),
        ("!Sub 'a${!b}'", "a${b}"),
        ("!Sub 'a${Env}'", "?"),
        ("!Sub ['${a}-${App}', {a: b}]", "b-app"),
        ("!Join ['-', [a, !Ref App, !Sub c]]", "a-app-c"),
        ("!Join ['-', [a, !Ref Env]]", "?"),
        ("!Join ['-', !Ref Env]", "?"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', [!Ref App]]", "app"),
        ("!Select [0, !Split [',', a]]", "?"),
        ("!Select [0, [!If [IsProd, a, !Ref AWS::NoValue], b]]", "?"),
        ("!FindInMap [Names, dev, name]", "a"),
        ("!FindInMap [Names, dev, list]", "Sequence"),
        ("!FindInMap [Names, dev, call]", "?"),
        ("!FindInMap [Names, !Ref Env, name]", "?"),
        ("!If [IsProd, a, b]", "?"),
        ("!ImportValue a", "?"),
        ("!Base64 a", "?"),
        ("!Something a", "?"),
        ("!lower a", "a"),
        ("'{{resolve:ssm:/build/image}}'", "?"),
        ("'${self:service}'", "?"),
    ] {
        assert_eq!(value(text, None), expected, "{text}");
    }
    for (text, first, second) in [
        ("!If [IsProd, a, b]", "a", "b"),
        ("!If [IsProd, !If [IsProd, a, b], !Ref AWS::NoValue]", "a", "absent"),
        ("!If [Other, a, b]", "?", "?"),
        ("!Sub ['${a}', {a: !If [IsProd, c, d]}]", "c", "d"),
    ] {
        assert_eq!(value(text, Some(true)), first, "{text}");
        assert_eq!(value(text, Some(false)), second, "{text}");
    }
}

fn codes(text: &str) -> Vec<&'static str> {
    let source = Arc::new(SourceFile::new("template.yml", text));
    read(&parse(&source).tree.unwrap()).findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn each_way_a_condition_may_turn_out_is_looked_at_alone() {
    let project = |environment: &str| {
        format!(
            "Conditions: {{A: !Equals [a, b], B: !Not [!Condition A]}}\nResources:\n  P:\n    Type: AWS::CodeBuild::Project\n    \
             Properties:\n      ServiceRole: r\n      Artifacts: {{Type: NO_ARTIFACTS}}\n      \
             Source: {{Type: GITHUB, Location: l}}\n      Environment: {environment}\n"
        )
    };
    // The second branch of the one is the first of the other: not both at once.
    let split = "{Type: !If [A, ARM_CONTAINER, LINUX_CONTAINER], ComputeType: BUILD_GENERAL1_SMALL, \
                 Image: !If [A, 'aws/codebuild/amazonlinux-aarch64-standard:3.0', 'aws/codebuild/standard:7.0']}";
    assert_eq!(codes(&project(split)), [""; 0]);
    let other = split.replace("Image: !If [A", "Image: !If [B");
    assert_eq!(codes(&project(&other)), [""; 0]);
    let wrong = split.replace("[A, ARM_CONTAINER, LINUX_CONTAINER]", "[A, LINUX_CONTAINER, ARM_CONTAINER]");
    assert_eq!(codes(&project(&wrong)), ["project-settings", "project-settings"]);
    let branch = split.replace("LINUX_CONTAINER]", "LINUX]");
    assert_eq!(codes(&project(&branch)), ["invalid-value"]);
}

/// Names of names of names double with each; the walk ends all the same, with one pass of a second's work at most.
#[test]
fn values_that_grow_without_end_are_not_known() {
    let mut text = "Resources:\n".to_owned();
    for index in 0..300 {
        let _ = writeln!(
            text,
            "  P{index}: {{Type: AWS::CodeBuild::Project, Properties: {{Name: !Sub '${{P{next}}}${{P{next}}}'}}}}",
            next = index + 1
        );
    }
    text.push_str("  P300: {Type: AWS::CodeBuild::Project, Properties: {Name: !Sub '${P0}${P0}'}}\n");
    let told = codes(&text);
    assert!(told.iter().all(|code| ["missing-key", "template-reference"].contains(code)));
    // The whole of it is one circle.
    assert_eq!(told.iter().filter(|code| **code == "template-reference").count(), 1);
    let circle = "Mappings: {M: {a: {b: !FindInMap [M, a, b]}}}\nResources: {R: {Type: AWS::CodeBuild::Project, \
                  Properties: !FindInMap [M, a, b]}}";
    assert_eq!(codes(circle), [""; 0]);
}
