//! rehearsal.yml: what is read, and that nothing is ignored (design brief 5 and 6).

use super::*;
use crate::diagnostic::human::{Style, render};
use crate::spec::Read;

const WHOLE: &str = include_str!("../../../fixtures/spec/config/whole.yml");

fn load_text(text: &str) -> Read<Config> {
    let read = load("rehearsal.yml", text.as_bytes());
    assert_eq!(read.value.is_none(), crate::diagnostic::any_error(&read.findings), "{text}");
    read
}

#[test]
fn everything_that_works_is_read() {
    let read = load_text(WHOLE);
    assert_eq!(render(&read.findings, Style::plain(100)), "");
    insta::assert_debug_snapshot!(read.value.unwrap());
}

#[test]
fn an_empty_file_is_fine() {
    for text in ["", "# nothing yet\n", "---\n", "{}\n", "\u{feff}local: {}\n"] {
        assert_eq!(load_text(text).value, Some(Config::default()), "{text:?}");
    }
}

#[test]
fn a_local_block_without_anything_in_it_is_one() {
    for local in ["local: {}", "local:"] {
        let group = "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n";
        let config = load_text(&format!("{group}    {local}\n")).value.unwrap();
        assert_eq!(config.working_tree.local_groups[0].root, None, "{local}");
        assert!(load_text(group).value.unwrap().working_tree.local_groups.is_empty());
    }
}

#[test]
fn nothing_is_ignored() {
    for (name, text) in [
        ("unknown-key", "pipelnes: [a.yml]\n"),
        ("unknown-project-key", "projects:\n  - { name: ab, timeout: 5 }\n"),
        ("unknown-environment-key", "projects:\n  - name: ab\n    environment: { imagee: x }\n"),
        ("a-group-without-a-name", "deploymentGroups:\n  - applicationName: a\n"),
        (
            "an-unknown-group-key",
            "deploymentGroups:\n  - { applicationName: a, deploymentGroupName: b, root: c }\n",
        ),
        (
            "an-unknown-local-key",
            "deploymentGroups:\n  - { applicationName: a, deploymentGroupName: b, local: { dir: c } }\n",
        ),
        (
            "blue-green-is-not-there-yet",
            "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n    \
             deploymentStyle: { deploymentType: BLUE_GREEN }\n",
        ),
        (
            "a-load-balancer-is-not-there-yet",
            "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n    \
             loadBalancerInfo: { elbInfoList: [{ name: c }] }\n",
        ),
        (
            "a-group-name-with-a-slash",
            "deploymentGroups:\n  - { applicationName: a, deploymentGroupName: b/c }\n",
        ),
        (
            "two-groups-of-one-name",
            "deploymentGroups:\n  - { applicationName: a, deploymentGroupName: b }\n  \
             - { applicationName: a, deploymentGroupName: b }\n",
        ),
        (
            "a-configuration-of-ecs",
            "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n    \
             deploymentConfigName: CodeDeployDefault.ECSAllAtOnce\n",
        ),
        (
            "a-misspelt-configuration",
            "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n    \
             deploymentConfigName: CodeDeployDefault.AllAtOne\n",
        ),
        (
            "rollback-without-events",
            "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n    \
             autoRollbackConfiguration: { enabled: true }\n",
        ),
        (
            "the-machine-itself-as-a-root",
            "deploymentGroups:\n  - applicationName: a\n    deploymentGroupName: b\n    local: { root: / }\n",
        ),
        ("an-unknown-branching-model", "branching: git-flow\n"),
        ("a-branching-model-of-its-own", "branching: trunk\n"),
        ("branching-as-a-list", "branching: [gitflow]\n"),
        ("branching-with-a-broken-pattern", "branching:\n  'release/[': service\n"),
        ("branching-without-a-pipeline", "branching:\n  main:\n"),
        ("an-unknown-quota", "quotas: { codebuild.concurrent-bulds: 2 }\n"),
        ("a-quota-of-no-service", "quotas: { builds: 2 }\n"),
        ("a-fixed-quota", "quotas: { codepipeline.stages-maximum: 60 }\n"),
        ("a-quota-not-enforced", "quotas: { codedeploy.applications: 2 }\n"),
        ("no-builds-at-all", "quotas: { codebuild.concurrent-builds: 0 }\n"),
        ("builds-in-words", "quotas: { codebuild.concurrent-builds: all }\n"),
        ("builds-in-quotes", "quotas: { codebuild.concurrent-builds: '2' }\n"),
        ("containers-are-not-there-yet", "sandbox: container\n"),
        ("an-unknown-sandbox", "sandbox: vm\n"),
        ("a-cache-is-not-there-yet", "projects:\n  - name: ab\n    cache: { type: S3, location: b }\n"),
        ("merge-keys", "projects:\n  - &p { name: ab }\n  - { <<: *p, name: cd }\n"),
        ("an-answer-for-no-operation", "aws: { ec2: vpcs.json, 'ec2:describe-vpcs': vpcs.json }\n"),
        ("an-answer-without-a-file", "aws: { 'ec2:DescribeVpcs': { Vpcs: [] } }\n"),
        ("one-operation-answered-twice", "aws: { 's3:ListBuckets': a.json, 's3api:ListBuckets': b.json }\n"),
        ("a-key-in-place-of-a-bucket", "aws: { 's3://site/index.html': site }\n"),
        ("two-ways-at-once", "secrets:\n  a: { env: A, file: b }\n"),
        (
            "several-mistakes",
            "foo: 1\npipelines: ci.yml\nlocal: { inherit: PATH }\nprojects:\n  - { name: [a], concurrentBuildLimit: many }\n  \
             - { name: web, sourc: {}, timeoutInMinutes: 3 }\n",
        ),
        ("a-limit-beside-an-unknown-key", "foo: 1\nprojects: [{ name: web, timeoutInMinutes: 3 }]\n"),
        ("an-unknown-stand-in", "secrets:\n  a: { vault: b }\n"),
        ("a-number-as-a-stand-in", "parameters:\n  a: 3.10\n"),
        ("a-timeout-out-of-range", "projects:\n  - { name: ab, timeoutInMinutes: 4 }\n"),
        ("a-queue-out-of-range", "projects:\n  - { name: ab, queuedTimeoutInMinutes: 481 }\n"),
        ("no-builds-at-once", "projects:\n  - { name: ab, concurrentBuildLimit: 0 }\n"),
        ("a-project-without-a-name", "projects:\n  - { timeoutInMinutes: 15 }\n"),
        ("two-projects-of-one-name", "projects:\n  - name: ab\n  - name: ab\n"),
        ("a-wrong-type", "projects:\n  - name: ab\n    timeoutInMinutes: soon\n"),
        ("no-account", "local: { account: '1234' }\n"),
        ("no-region", "local: { region: Frankfurt }\n"),
        ("a-list", "- pipelines\n"),
        ("a-syntax-error", "pipelines: [a.yml\nlocal: {}\n"),
    ] {
        let read = load_text(text);
        assert!(read.value.is_none(), "{name}");
        insta::assert_snapshot!(name, render(&read.findings, Style::plain(100)));
    }
}
