//! `rehearsal permissions`: what an execution called, the least policy for it, and what the role in the template lacks.

use serde_json::Value;

use crate::env::{Env, buildspec};

const TEMPLATE: &str = include_str!("../../fixtures/permissions/template.yml");
const RECORD: &str = include_str!("../../fixtures/permissions/web.effects");

/// A repository with a build that has the record of the fixtures.
fn recorded(template: &str) -> Env {
    let project = "projects: [{ name: web }]\n";
    let env = Env::with(&[
        ("buildspec.yml", &buildspec(&["true"])),
        ("rehearsal.yml", project),
        ("infrastructure/template.yml", template),
    ]);
    assert_eq!(env.stdout(["build", "--commit", "HEAD"], 0), "");
    let shown: Value = serde_json::from_str(&env.stdout(["show", "--json"], 0)).unwrap();
    let run = &shown["execution"]["stages"][0]["actions"][0]["runs"][0];
    let log = std::path::PathBuf::from(run["log"].as_str().unwrap());
    std::fs::write(log.with_extension("effects"), RECORD).unwrap();
    env
}

#[test]
fn what_the_role_lacks_is_a_finding() {
    let env = recorded(TEMPLATE);
    // The commit counts, not what the working tree says meanwhile.
    env.file("infrastructure/template.yml", "Resources: {}\n");
    let said = env.run(["permissions"]);
    assert!(said.starts_with("exit: 1\n"), "{said}");
    insta::assert_snapshot!(said);
    let document: Value = serde_json::from_str(&env.stdout(["permissions", "--json"], 1)).unwrap();
    let project = &document["projects"][0];
    assert_eq!((&document["version"], &project["project"]), (&1.into(), &"web".into()));
    assert_eq!(project["policy"]["Version"], "2012-10-17");
    assert_eq!(project["role"]["path"], "infrastructure/template.yml");
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["code"] == "role-lacks-action"), "{findings:?}");
}

#[test]
fn a_role_with_all_of_it_is_fine_and_so_is_none() {
    let admin = "Resources:
  Build:
    Type: AWS::CodeBuild::Project
    Properties: { Name: web, ServiceRole: !GetAtt Role.Arn }
  Role:
    Type: AWS::IAM::Role
    Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'] }
";
    for (template, expected) in
        [(admin, "0 lacking, 0 not judged"), ("Resources: {}\n", "no template of the commit")]
    {
        let said = recorded(template).stdout(["permissions"], 0);
        assert!(said.contains(expected), "{said}");
    }
}

/// One account and one region stand everywhere: those of rehearsal.yml, or, when it says others by now, those of the record.
#[test]
fn the_account_and_the_region_are_those_of_the_rehearsal() {
    let local = "local: { account: '123456789012', region: eu-west-1 }\n";
    let env = Env::with(&[
        ("buildspec.yml", &buildspec(&["true"])),
        ("rehearsal.yml", &format!("projects: [{{ name: web }}]\n{local}")),
        ("template.yml", TEMPLATE),
    ]);
    assert_eq!(env.stdout(["build", "--commit", "HEAD"], 0), "");
    let said = env.stdout(["permissions"], 0);
    assert!(said.contains("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/codebuild/web:*"), "{said}");
    assert!(!said.contains("000000000000") && !said.contains("us-east-1"), "{said}");
    let shown: Value = serde_json::from_str(&env.stdout(["show", "--json"], 0)).unwrap();
    let log = shown["execution"]["stages"][0]["actions"][0]["runs"][0]["log"].as_str().unwrap().to_owned();
    let home =
        r#"{"at": "2026-11-25T10:00:00Z", "home": {"account": "123456789012", "region": "eu-west-1"}, "#;
    let known = RECORD.lines().filter(|line| line.contains(r#""cloudfront""#) || line.contains(r#""ssm""#));
    let there = known.map(|line| {
        let line = line.replace("us-east-1", "eu-west-1");
        line.replace(r#"{"at": "2026-11-25T10:00:00Z", "#, home)
    });
    let record = there.collect::<Vec<_>>().join("\n") + "\n";
    std::fs::write(std::path::Path::new(&log).with_extension("effects"), record).unwrap();
    for configured in [local, "local: { account: '999988887777', region: eu-central-1 }\n", "x: ["] {
        env.file("rehearsal.yml", configured);
        let said = env.run(["permissions"]);
        assert!(said.contains("arn:aws:cloudfront::123456789012:distribution/E1ABC"), "{said}");
        assert!(said.contains("arn:aws:ssm:eu-west-1:123456789012:parameter/web/token"), "{said}");
        for other in ["000000000000", "us-east-1", "999988887777", "eu-central-1", "of rehearsals"] {
            assert!(!said.contains(other), "{other}: {said}");
        }
    }
}

#[test]
fn an_execution_that_is_not_known_is_wrong_usage_as_in_show() {
    let env = recorded("Resources: {}\n");
    for command in ["permissions", "show"] {
        let said = env.run([command, "ffffffff"]);
        assert!(said.starts_with("exit: 2\n"), "{said}");
    }
    assert!(Env::repository().run(["permissions"]).starts_with("exit: 2\n"));
}
