//! Gates: what is read, and that nothing which would weaken one passes.

use std::sync::Arc;

use super::*;
use crate::diagnostic::human::{Style, render};
use crate::spec::{config, pipeline};
use crate::syntax;

const WHOLE: &str = "gates:
  - before: Deploy
    unit:        { reports: [{ action: Test/Unit, group: unit }], max-failures: 0, line-coverage: 80 }
    integration: { reports: [{ action: Test/Integration, group: integration }] }
    model:
      evaluation: { action: Test/Model, path: out/evaluation.json }
      conditions:
        - { metric: binary_classification_metrics.accuracy.value, at-least: 0.90 }
        - { metric: binary_classification_metrics.auc.value, at-most: 1 }
  - { before: Release, pipeline: service, model: { evaluation: { action: A/B, path: e.json }, conditions: [{ metric: a, equals: 1e3 }] } }
";

#[test]
fn a_gate_is_read_with_its_numbers_as_written() {
    let read = config::load("rehearsal.yml", WHOLE.as_bytes());
    assert_eq!(render(&read.findings, Style::plain(100)), "");
    let gates = read.value.unwrap().committed.gates;
    insta::assert_json_snapshot!(gates);
    let text = serde_json::to_string(&gates).unwrap();
    let mut again: Vec<Gate> = serde_json::from_str(&text).unwrap();
    // Places are not kept in the record.
    assert_eq!(again.remove(0).model.unwrap().conditions, gates[0].model.as_ref().unwrap().conditions);
    assert!(gates[0].concerns("any") && gates[1].concerns("service") && !gates[1].concerns("other"));
    let names: Vec<_> = gates[0].actions().map(ToString::to_string).collect();
    assert_eq!(names, ["Test/Unit", "Test/Integration", "Test/Model"]);
}

#[test]
fn what_could_weaken_a_gate_is_an_error() {
    let model = |condition: &str| {
        format!(
            "  - before: D\n    model: {{ evaluation: {{ action: T/M, path: e.json }}, conditions: [{condition}] }}\n"
        )
    };
    let unit = |rest: &str| {
        format!("  - before: D\n    unit: {{ reports: [{{ action: T/U, group: u }}], {rest} }}\n")
    };
    let cases = [
        ("no list", "  before: D\n".to_owned()),
        ("an empty list", "  []\n".into()),
        ("a text", "  - Deploy\n".into()),
        ("no stage", "  - unit: { reports: [{ action: T/U, group: u }] }\n".into()),
        ("an empty stage", "  - before:\n    unit: { reports: [{ action: T/U, group: u }] }\n".into()),
        ("nothing asked", "  - before: Deploy\n".into()),
        ("nothing asked of unit tests", "  - before: Deploy\n    unit:\n".into()),
        ("a misspelt kind", "  - before: D\n    unti: { reports: [] }\n    unit: { reports: [{ action: T/U, group: u }] }\n".into()),
        ("no reports", "  - before: D\n    unit: { max-failures: 0 }\n".into()),
        ("empty reports", "  - before: D\n    unit: { reports: [] }\n".into()),
        ("a report without group", "  - before: D\n    unit: { reports: [{ action: T/U }] }\n".into()),
        ("an action without stage", "  - before: D\n    unit: { reports: [{ action: U, group: u }] }\n".into()),
        ("a report twice", "  - before: D\n    unit: { reports: [{ action: T/U, group: u }, { action: T/U, group: u }] }\n".into()),
        ("a misspelt limit", unit("max-failure: 3")),
        ("a negative limit", unit("max-failures: -1")),
        ("half a failure", unit("max-failures: 0.5")),
        ("a limit in words", unit("max-failures: none")),
        ("a share in percent", unit("line-coverage: 80%")),
        ("more than all lines", unit("line-coverage: 101")),
        ("no bound", model("{ metric: a }")),
        ("two bounds", model("{ metric: a, at-least: 1, at-most: 2 }")),
        ("a bound in quotes", model("{ metric: a, at-least: \"0.9\" }")),
        ("a bound that is none", model("{ metric: a, at-least: .nan }")),
        ("a bound with a comma", model("{ metric: a, at-least: '0,9' }")),
        ("an empty bound", model("{ metric: a, at-least: }")),
        ("no metric", model("{ at-least: 1 }")),
        ("an odd metric", model("{ metric: a..b, at-least: 1 }")),
        ("a champion", model("{ metric: a, not-worse-than: approved, tolerance: 0.01, without-champion: pass }")),
        ("a path out of the artifact", "  - before: D\n    model: { evaluation: { action: T/M, path: ../e.json }, conditions: [{ metric: a, at-least: 1 }] }\n".into()),
        ("no conditions", "  - before: D\n    model: { evaluation: { action: T/M, path: e.json }, conditions: [] }\n".into()),
        ("two gates", unit("max-failures: 0") + &unit("max-failures: 9")),
    ];
    let told = cases.map(|(name, text)| {
        let read = config::load("rehearsal.yml", format!("gates:\n{text}").as_bytes());
        assert!(read.value.is_none(), "{name}");
        format!("# {name}\n{}", render(&read.findings, Style::plain(100)))
    });
    insta::assert_snapshot!(told.join("\n"));
}

const PIPELINE: &str = "pipeline:
  name: service
  roleArn: arn:aws:iam::111122223333:role/r
  artifactStore: { type: S3, location: artifacts }
  stages:
    - name: Source
      actions:
        - { name: Checkout, actionTypeId: { category: Source, owner: AWS, provider: CodeCommit, version: '1' }, configuration: { RepositoryName: r, BranchName: main }, outputArtifacts: [{ name: Sources }] }
    - name: Test
      actions:
        - { name: Unit, actionTypeId: { category: Test, owner: AWS, provider: CodeBuild, version: '1' }, configuration: { ProjectName: unit }, inputArtifacts: [{ name: Sources }], outputArtifacts: [{ name: Tested }] }
        - { name: Quick, actionTypeId: { category: Compute, owner: AWS, provider: Commands, version: '1' }, inputArtifacts: [{ name: Sources }], commands: [make] }
    - name: Deploy
      actions:
        - { name: Go, actionTypeId: { category: Compute, owner: AWS, provider: Commands, version: '1' }, inputArtifacts: [{ name: Sources }], commands: [make] }
";

#[test]
fn a_gate_that_does_not_fit_its_pipeline_is_told() {
    let loaded = pipeline::load("pipeline.yml", PIPELINE.as_bytes());
    let pipeline = loaded.value.unwrap_or_else(|| panic!("{}", render(&loaded.findings, Style::plain(100))));
    let check = |text: &str| {
        let text = format!("gates:\n{text}");
        let read = config::load("rehearsal.yml", text.as_bytes());
        let gates = read.value.unwrap().committed.gates;
        let source: Arc<_> = syntax::decode("rehearsal.yml", text.as_bytes()).unwrap();
        render(
            &check_against(&gates, &pipeline, &["service".into(), "other".into()], &source),
            Style::plain(100),
        )
    };
    let unit = |before: &str, action: &str| {
        format!("  - before: {before}\n    unit: {{ reports: [{{ action: {action}, group: u }}] }}\n")
    };
    let model = |action: &str| {
        format!(
            "  - before: Deploy\n    model: {{ evaluation: {{ action: {action}, path: e.json }}, conditions: [{{ metric: a, at-least: 1 }}] }}\n"
        )
    };
    assert_eq!(check(&unit("Deploy", "Test/Unit")), "");
    assert_eq!(check(&model("Test/Unit")), "");
    let elsewhere = unit("Nowhere", "Test/Unit").replace("unit:", "pipeline: other\n    unit:");
    assert_eq!(check(&elsewhere), "");
    let told = [
        check(&unit("Deplyo", "Test/Unit")),
        check(&unit("Production", "Test/Unit")),
        check(&unit("Source", "Source/Checkout")),
        check(&unit("Deploy", "Tests/Unit")),
        check(&unit("Deploy", "Test/Unti")),
        check(&unit("Deploy", "Test/Integration")),
        check(&unit("Deploy", "Deploy/Go")),
        check(&unit("Test", "Test/Unit")),
        check(&unit("Deploy", "Test/Quick")),
        check(&unit("Deploy", "Source/Checkout")),
        check(&model("Test/Quick")),
        check(&model("Source/Checkout")),
        check(&unit("Deploy", "Test/Unit").replace("unit:", "pipeline: servce\n    unit:")),
    ];
    insta::assert_snapshot!(told.join("\n"));
}
