//! Mistakes in buildspecs that stand inside another file: what is said of them alone is said there too, at the same characters.

use super::plant::plant;
use super::{bases, buildspec, findings};
use rehearsal::diagnostic::{Finding, Severity};
use rehearsal::spec::FileKind;
use serde_json::json;

/// A file around a buildspec: its kind, what stands before, and how far the buildspec is indented.
const AROUND: [(FileKind, &str, &str, usize); 3] = [
    (
        FileKind::Pipeline,
        "pipeline.yml",
        "pipeline:
  name: service
  roleArn: arn:aws:iam::111122223333:role/pipeline
  artifactStore: { type: S3, location: artifacts }
  stages:
    - name: Source
      actions:
        - name: Checkout
          actionTypeId: { category: Source, owner: AWS, provider: CodeCommit, version: \"1\" }
          configuration: { RepositoryName: service, BranchName: main }
          outputArtifacts: [{ name: Sources }]
    - name: Build
      actions:
        - name: Compile
          actionTypeId: { category: Build, owner: AWS, provider: CodeBuild, version: \"1\" }
          inputArtifacts: [{ name: Sources }]
          configuration:
            ProjectName: elsewhere
            BuildspecOverride: |
",
        14,
    ),
    (
        FileKind::Template,
        "template.yml",
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      ServiceRole: arn:aws:iam::111122223333:role/build
      Artifacts: { Type: NO_ARTIFACTS }
      Environment: { Type: !Ref Kind, ComputeType: BUILD_GENERAL1_SMALL, Image: !Ref Image, PrivilegedMode: true }
      Source:
        Type: GITHUB
        Location: https://github.com/acme/service
        BuildSpec: |
",
        10,
    ),
    (
        FileKind::Config,
        "rehearsal.yml",
        "projects:
  - name: service
    environment: { privilegedMode: true }
    source:
      type: CODEPIPELINE
      buildspec: |
",
        8,
    ),
];

/// A template in JSON around a buildspec.
fn in_json(buildspec: &str) -> String {
    let project = json!({
        "ServiceRole": "arn:aws:iam::111122223333:role/build",
        "Artifacts": { "Type": "NO_ARTIFACTS" },
        "Environment": {
            "Type": { "Ref": "Kind" },
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "Image": { "Ref": "Image" },
            "PrivilegedMode": true,
        },
        "Source": { "Type": "GITHUB", "Location": "https://github.com/acme/service", "BuildSpec": buildspec },
    });
    let parameters = json!({ "Kind": { "Type": "String" }, "Image": { "Type": "String" } });
    let resources = json!({ "Project": { "Type": "AWS::CodeBuild::Project", "Properties": project } });
    json!({ "Parameters": parameters, "Resources": resources }).to_string()
}

/// What is said of what, without the place.
type Said<'f> = (&'static str, Severity, String, Vec<&'f str>);

/// The findings about the text, in an order of their own; `lines` come before it, each of its own is indented.
fn said(found: &[Finding], lines: u32) -> Vec<(u32, Said<'_>)> {
    let of = |finding: &'_ Finding| finding.source.position(finding.primary.span.start).line;
    let mut all: Vec<_> = found
        .iter()
        // The value of a pipeline's configuration has a limit of its own, which the whole text is over.
        .filter(|finding| of(finding) > lines && finding.code != "pipeline-name")
        .map(|finding| {
            let shown = finding.source.slice(finding.primary.span).lines().map(str::trim).collect();
            (of(finding) - lines, (finding.code, finding.severity, finding.message.clone(), shown))
        })
        .collect();
    all.sort();
    all
}

#[test]
fn a_mistake_in_a_buildspec_is_found_wherever_the_buildspec_stands() {
    let (mut mistakes, mut wrong) = (0, Vec::new());
    let all = bases();
    let buildspecs = all
        .iter()
        .filter(|(kind, base)| *kind == FileKind::Buildspec && base.name.starts_with("fixtures/mutations/"));
    for (_, base) in buildspecs {
        for row in buildspec::KINDS {
            for planted in plant(&base.tree, row.path, &row.op, row.up) {
                let Ok(text) = str::from_utf8(&planted.bytes) else { continue };
                let alone = findings(FileKind::Buildspec, &base.name, &planted.bytes);
                let expected = said(&alone, 0);
                // In a template that is no mistake.
                let is_filled = text.contains("{{resolve:");
                for (kind, name, before, indent) in AROUND {
                    if is_filled && kind == FileKind::Template {
                        continue;
                    }
                    mistakes += 1;
                    let inside = text.lines().map(|line| match line {
                        "" => "\n".to_owned(),
                        line => format!("{}{line}\n", " ".repeat(indent)),
                    });
                    let whole = format!("{before}{}", inside.collect::<String>());
                    let lines = u32::try_from(before.lines().count()).unwrap();
                    let found = findings(kind, name, whole.as_bytes());
                    let found = said(&found, lines);
                    if found != expected {
                        wrong.push(format!(
                            "{} in {name}:\n  alone {expected:?}\n  there {found:?}",
                            row.what
                        ));
                    }
                }
                if is_filled {
                    continue;
                }
                mistakes += 1;
                let found = findings(FileKind::Template, "template.json", in_json(text).as_bytes());
                let what = |(_, (code, severity, message, shown)): (u32, Said<'_>)| {
                    // Characters that JSON escapes stand otherwise there.
                    let escaped = |first: &&str| first.replace('\\', "\\\\").replace('"', "\\\"");
                    let shown = shown.first().map(escaped).unwrap_or_default();
                    (code, severity, message, shown)
                };
                let sorted = |said: Vec<_>| {
                    let mut all: Vec<_> = said.into_iter().map(what).collect();
                    all.sort();
                    all
                };
                let first_line = |finding: &Finding| {
                    let shown = finding.source.slice(finding.primary.span);
                    let shown = shown.split("\\n").next().unwrap_or_default().trim().to_owned();
                    (finding.code, finding.severity, finding.message.clone(), shown)
                };
                let mut found: Vec<_> = found.iter().map(first_line).collect();
                found.sort();
                let expected = sorted(expected);
                if found != expected {
                    wrong.push(format!("{} in JSON:\n  alone {expected:?}\n  there {found:?}", row.what));
                }
            }
        }
    }
    println!("{mistakes} mistakes");
    assert!(mistakes > 500, "{mistakes}");
    assert!(wrong.is_empty(), "{} of {mistakes}:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
