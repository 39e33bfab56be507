//! The end of a dry run: what would have happened, `--strict`, and evidence that nothing simulated has made.

use crate::env::{Env, render};

/// Two reports: one of a command that also acts on something real, one of a command of its own.
const BUILDSPEC: &str = r#"version: 0.2
phases:
  build:
    commands:
      - eb deploy && printf '<testsuite><testcase name="a"/></testsuite>' > pushed.xml
      - printf '<testsuite><testcase name="b"/></testsuite>' > alone.xml
reports:
  pushed: { files: [pushed.xml], file-format: JUNITXML }
  alone: { files: [alone.xml], file-format: JUNITXML }
artifacts: { files: [alone.xml] }
"#;

const PIPELINE: &str = "name: shop
roleArn: arn:aws:iam::111122223333:role/pipeline
artifactStore: { type: S3, location: artifacts }
stages:
  - name: Source
    actions:
      - name: Git
        actionTypeId: { category: Source, owner: AWS, provider: CodeCommit, version: '1' }
        configuration: { RepositoryName: shop, BranchName: main }
        outputArtifacts: [{ name: Sources }]
  - name: Test
    actions:
      - name: Unit
        actionTypeId: { category: Test, owner: AWS, provider: CodeBuild, version: '1' }
        configuration: { ProjectName: shop }
        inputArtifacts: [{ name: Sources }]
        outputArtifacts: [{ name: Tested }]
  - name: Release
    actions:
      - name: Publish
        actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: '1' }
        configuration: { ProjectName: release }
        inputArtifacts: [{ name: Tested }]
";

fn config(group: &str) -> String {
    format!(
        "projects:
  - {{ name: shop, source: {{ type: CODEPIPELINE }} }}
  - name: release
    source: {{ type: CODEPIPELINE, buildspec: \"version: 0.2\\nphases: {{ build: {{ commands: [eb deploy] }} }}\" }}
gates:
  - before: Release
    unit: {{ reports: [{{ action: Test/Unit, group: {group} }}], max-failures: 0 }}
"
    )
}

#[test]
fn a_report_of_a_simulated_command_is_no_evidence_and_its_neighbour_is() {
    let env = Env::with(&[
        ("buildspec.yml", BUILDSPEC),
        ("pipeline.yml", PIPELINE),
        ("rehearsal.yml", &config("pushed")),
    ]);
    let held = env.run(["run"]);
    assert!(held.starts_with("exit: 1\n"), "{held}");
    let why = "pushed: pushed.xml was written by a command of which something was simulated";
    assert!(held.contains(why) && held.contains("inconclusive"), "{held}");

    env.file("rehearsal.yml", &config("alone"));
    env.commit("the other report");
    let passed = env.run(["run"]);
    insta::assert_snapshot!(passed, @"
    exit: 0
    --- stdout
    Succeeded shop [SHORT] in [TIME], 2 simulated
    would have: run `eb deploy`
                run `eb deploy`
    --- stderr
    shop [SHORT]: [SHORT] (main)
      Source/Git started
      Source/Git succeeded in [TIME]
      Test/Unit started
      Test/Unit: report pushed: INCOMPLETE, 1 test cases, 1 succeeded, pushed.xml was written by a command of which something was simulated
      Test/Unit succeeded in [TIME], 1 simulated
      gate before Release passed
        unit tests   wanted no failures   saw 0 failures in 1 test   passed
      Release/Publish started
      Release/Publish succeeded in [TIME], 1 simulated
    ");
    let strict = env.output(["run", "--strict"]);
    assert_eq!(strict.status.code(), Some(1), "{}", render(&strict));
}

/// Asks the endpoint for an object, as `aws s3 cp` begins, or a host of AWS itself.
const ASK: &str = r#"import http.client, os, sys, urllib.parse, urllib.request
if sys.argv[1] == "out":
    urllib.request.urlopen("https://sts.amazonaws.com/")
endpoint = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"])
scope = os.environ["AWS_ACCESS_KEY_ID"] + "/20261125/us-east-1/s3/aws4_request"
connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port)
connection.request("HEAD", sys.argv[1], headers={"Authorization": "AWS4-HMAC-SHA256 Credential=" + scope + ", Signature=0"})
sys.exit(connection.getresponse().status != 200)
"#;

#[test]
fn a_red_build_ends_with_what_to_do_about_what_its_failed_command_asked_for() {
    let hint = "s3://shop-config/prod.env was asked for, which nothing in this execution wrote";
    let refused = "a connection was refused: sts.amazonaws.com belongs to AWS";
    for (commands, wanted) in [
        (&["python3 ask.py /shop-config/prod.env"][..], Some(hint)),
        (&["python3 ask.py out"], Some(refused)),
        // What others coped with is not why it failed.
        (&["python3 ask.py /shop-config/prod.env || true", "python3 ask.py out || true", "false"], None),
    ] {
        let buildspec = format!(
            "version: 0.2\nphases:\n  build:\n    commands:\n      - {}\n",
            commands.join("\n      - ")
        );
        let env = Env::with(&[("buildspec.yml", &buildspec), ("ask.py", ASK)]);
        env.commit("asks");
        let output = env.output(["build"]);
        let text = render(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        for note in [hint, refused] {
            assert_eq!(text.contains(&format!("note: {note}")), wanted == Some(note), "{note}: {text}");
        }
        let is_told = text
            .contains("would have: connected to sts.amazonaws.com:443 (refused: sts.amazonaws.com belongs");
        assert_eq!(is_told, commands.iter().any(|command| command.contains("out")), "{text}");
    }
}
