//! Appspecs that the agent takes, takes in another way and refuses, by section of codedeploy.md.

use super::*;
use crate::diagnostic::human::{Style, render};
use crate::diagnostic::{Finding, any_error};
use crate::spec::Read;

const WHOLE: &str = include_str!("../../../fixtures/spec/appspec/whole.yml");

fn load_text(text: &str) -> Read<AppSpec> {
    let read = load("appspec.yml", text.as_bytes());
    assert_eq!(read.value.is_none(), any_error(&read.findings), "{text}");
    read
}

fn drawn(findings: &[Finding]) -> String {
    render(findings, Style::plain(100))
}

/// An appspec with these lines at its top level.
fn with(lines: &str) -> String {
    format!("version: 0.0\nos: linux\n{lines}\n")
}

#[test]
fn every_key_of_the_reference_is_read() {
    let read = load_text(WHOLE);
    assert_eq!(drawn(&read.findings), "");
    insta::assert_debug_snapshot!(read.value.unwrap());
}

#[test]
fn json_is_read_like_yaml() {
    let json = r#"{"version": 0.0, "os": "linux", "files": [{"source": "/", "destination": "/a"}],
        "hooks": {"AfterInstall": [{"location": "b.sh", "timeout": "60"}]}}"#;
    let read = load_text(json);
    assert_eq!(drawn(&read.findings), "");
    let spec = read.value.unwrap();
    assert_eq!(spec.files[0].destination, "/a");
    assert_eq!(spec.scripts("AfterInstall")[0].timeout, Duration::from_secs(60));
    assert_eq!(spec.scripts("BeforeInstall"), []);
}

#[test]
fn what_the_agent_takes_needs_no_word() {
    for text in [
        "version: 0\nos: windows\n".to_owned(),
        "version: 0.00\nos: linux\nfiles:\n".to_owned(),
        "\u{feff}version: 0.0\r\nos: linux\r\nhooks:\r\n  AfterInstall:\r\n  - location: a\r\n".to_owned(),
        // Two scripts without a timeout: each may take the whole hour of its event.
        with("hooks:\n  AfterInstall: [{location: a}, {location: b}]"),
        with("hooks:\n  BeforeBlockTraffic: [{location: a}]"),
        with("files:\n  - {source: 'a b', destination: /web}"),
        "version: 0.0\nos: windows\nfiles:\n  - {source: \\, destination: 'c:\\web'}\n".to_owned(),
        with("permissions: []"),
    ] {
        assert_eq!(drawn(&load_text(&text).findings), "", "{text}");
    }
}

#[test]
fn what_the_agent_takes_in_another_way_is_said() {
    for (name, text) in [
        ("an-octal-mode", with("permissions:\n  - {object: /a, mode: 0644}")),
        ("a-timeout-with-a-unit", with("hooks:\n  AfterInstall:\n    - {location: a, timeout: 180s}")),
        (
            "more-than-an-hour",
            with(
                "hooks:\n  AfterInstall:\n    - {location: a, timeout: 3000}\n    - {location: b, timeout: 601}",
            ),
        ),
        ("unknown-keys", with("file: []\nhooks:\n  AfterInstall:\n    - {location: a, runAs: root}")),
        ("overwrite-in-files", with("files:\n  - {source: a, destination: /b, overwrite: yes}")),
        ("a-relative-destination", with("files:\n  - {source: a, destination: opt/b}")),
    ] {
        let read = load_text(&text);
        assert!(read.value.is_some(), "{name}");
        insta::assert_snapshot!(name, drawn(&read.findings));
    }
}

/// The conditions of codedeploy.md 2.1 that can be seen in the file, by their numbers there.
#[test]
fn what_the_agent_refuses_is_an_error_at_its_place() {
    for (name, text) in [
        ("01-empty", "# nothing\n".to_owned()),
        ("02-version-as-text", "version: \"0.0\"\nos: linux\n".to_owned()),
        ("02-another-version", "version: 1.0\nos: linux\n".to_owned()),
        ("02-no-version", "os: linux\n".to_owned()),
        ("03-file-exists", with("file_exists_behavior: overwrite")),
        ("04-os", "version: 0.0\nos: Linux\n".to_owned()),
        ("04-no-os", "version: 0.0\n".to_owned()),
        ("05-no-source", with("files:\n  - destination: /b")),
        ("06-no-destination", with("files:\n  - source: a")),
        ("07-no-location", with("hooks:\n  AfterInstall:\n    - timeout: 5")),
        ("08-timeout", with("hooks:\n  AfterInstall:\n    - {location: a, timeout: soon}")),
        ("09-no-object", with("permissions:\n  - mode: 644")),
        ("10-permissions-on-windows", "version: 0.0\nos: windows\npermissions:\n  - object: /a\n".to_owned()),
        ("11-type", with("permissions:\n  - {object: /a, type: [link]}")),
        ("12-mode", with("permissions:\n  - {object: /a, mode: 10755}")),
        ("13-mode", with("permissions:\n  - {object: /a, mode: u+x}")),
        ("14-acl", with("permissions:\n  - {object: /a, acls: [web]}")),
        ("17-context", with("permissions:\n  - object: /a\n    context: {user: u}")),
        ("18-range", with("permissions:\n  - object: /a\n    context: {type: t, range: s2-s1}")),
        ("21-event", with("hooks:\n  AfterInstal:\n    - location: a")),
        ("21-reserved-event", with("hooks:\n  Install:\n    - location: a")),
        ("a-hook-that-is-no-list", with("hooks:\n  AfterInstall:\n    location: a")),
        ("a-list-at-the-top", "- version: 0.0\n".to_owned()),
        (
            "of-ecs",
            "version: 0.0\nResources:\n  - TargetService:\n      Type: AWS::ECS::Service\n".to_owned(),
        ),
        ("of-lambda", "version: 0.0\nresources:\n  - f:\n      type: AWS::Lambda::Function\n".to_owned()),
    ] {
        let read = load_text(&text);
        assert!(read.value.is_none(), "{name}");
        insta::assert_snapshot!(name, drawn(&read.findings));
    }
}

/// What is said of an appspec when it is checked. It has no value when it is not for servers.
fn checked(text: &str) -> Read<AppSpec> {
    let source = std::sync::Arc::new(crate::syntax::SourceFile::new("appspec.yml", text));
    load_parsed(&source, &crate::syntax::parse(&source))
}

#[test]
fn files_of_the_other_platforms_are_checked_and_not_deployed() {
    // codedeploy.md 4, 5
    let lambda = "version: 0.0\nresources:\n  - f:\n      type: AWS::Lambda::Function\n      properties: \
                  {name: f, alias: live, currentversion: 1, targetversion: '2'}\n";
    let ecs = "version: 0.0\nResources:\n  - s:\n      Type: AWS::ECS::Service\n      Properties: \
               {TaskDefinition: <TASK_DEFINITION>, LoadBalancerInfo: {ContainerName: c, ContainerPort: 80}}\n";
    for text in [lambda, ecs] {
        let read = checked(text);
        assert!(read.value.is_none() && read.findings.is_empty(), "{text}\n{}", drawn(&read.findings));
        let codes: Vec<_> = load_text(text).findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["not-there-yet"], "{text}");
    }
}

#[test]
fn the_platform_is_told_by_what_is_in_the_file() {
    // codedeploy.md 2: a file does not name its platform.
    for (text, expected) in [
        ("version: 0.0\nos: linux\n", Some(Platform::Server)),
        ("version: 0.0\n", Some(Platform::Server)),
        ("version: 0.0\nhooks: {AfterInstall: []}\n", Some(Platform::Server)),
        ("version: 0.0\nresources: [{a: {type: 'AWS::Lambda::Function'}}]\n", Some(Platform::Lambda)),
        ("version: 0.0\nos: linux\nResources: [{a: {Type: 'AWS::ECS::Service'}}]\n", Some(Platform::Ecs)),
        ("version: 0.0\nResources: {a: {Type: 'AWS::ECS::Service'}}\n", Some(Platform::Ecs)),
        ("version: 0.0\nResources: [{a: , Type: 'AWS::ECS::Service'}]\n", Some(Platform::Ecs)),
        ("version: 0.0\nResources: [{a: {Properties: {TaskDefinition: b}}}]\n", Some(Platform::Ecs)),
        ("version: 0.0\nResources: [{a: {Properties: {targetversion: 1}}}]\n", Some(Platform::Lambda)),
        ("version: 0.0\nResources: [{a: {}}]\n", None),
        ("version: 0.0\nHooks: [{BeforeAllowTraffic: f}]\n", None),
        ("version: 0.0\nResource: [{a: {}}]\n", None),
    ] {
        let source = std::sync::Arc::new(crate::syntax::SourceFile::new("appspec.yml", text));
        let tree = crate::syntax::parse(&source).tree.unwrap();
        assert_eq!(platform(&tree), expected, "{text}");
    }
}
