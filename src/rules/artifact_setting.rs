//! `artifact-setting`: settings of artifacts that the project makes nothing of.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, Project, head};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "artifact-setting",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Artifacts that the project wants and the buildspec lacks, or settings that it passes over",
    doc: "A project that puts its artifacts into S3 needs an `artifacts` section: the build fails without it, which is an error. \
          Some of its keys count only with a setting of the project: `enable-symlinks` when it packs a ZIP, `s3-prefix` when its \
          namespace is the build's id (warnings), `name` when it has `overrideArtifactName` (advice, since a name does no harm).",
    example: Example::config(
        "projects:
  - name: service
    source:
      type: CODECOMMIT
      buildspec: |
        version: 0.2
        phases:
          build:
            commands:
              - make
    artifacts:
      type: S3
",
        "projects:
  - name: service
    source:
      type: CODECOMMIT
      buildspec: |
        version: 0.2
        phases:
          build:
            commands:
              - make
        artifacts:
          files:
            - app.zip
    artifacts:
      type: S3
",
    ),
    reference: "codebuild.md 0 (13), 1.9, 3.7",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html"),
    check: Check::Built(check),
};

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    let Some(kind) = project.artifacts else { return };
    let Some(artifacts) = file.root().entry("artifacts") else {
        // A file that is only a batch leaves artifacts to the buildspecs of its tasks.
        if kind == "S3"
            && file.is_whole()
            && file.root().get("phases").is_some()
            && file.root().get("batch").is_none()
        {
            let message = format!("{} wants artifacts, and this buildspec has none", project.called());
            let finding = RULE.at(file.source(), head(file.root()), message, "no `artifacts` in this file");
            findings.push(
                finding
                    .help("add `artifacts:` with `files:`, or set the project's artifacts to NO_ARTIFACTS")
                    .aws("CLIENT_ERROR: no definition for primary artifacts in buildspec"),
            );
        }
        return;
    };
    let value = artifacts.value;
    let mut say = |key: &str, severity: Severity, message: String, help: &str| {
        let Some(entry) = value.entry(key) else { return };
        let finding = RULE.at(file.source(), entry.key.span(), message, "no effect");
        findings.push(Finding { severity, ..finding.help(help) });
    };
    if !project.overrides_name && matches!(kind, "S3" | "CODEPIPELINE") {
        let message = format!("{} does not take its artifact's name from the buildspec", project.called());
        let help = if kind == "S3" {
            "set `overrideArtifactName: true` in the project's artifacts, or remove it"
        } else {
            "the pipeline names its artifacts: remove it"
        };
        say("name", Severity::Advice, message, help);
    }
    if kind == "S3" && project.namespace != Some("BUILD_ID") {
        let message = format!(
            "`s3-prefix` counts only with the namespace BUILD_ID, which {} has not",
            project.called()
        );
        say(
            "s3-prefix",
            Severity::Warning,
            message,
            "set `namespaceType: BUILD_ID` in the project's artifacts",
        );
    }
    let on = value.get("enable-symlinks").and_then(Node::text);
    let on = on.is_some_and(|text| matches!(text.to_ascii_lowercase().as_str(), "yes" | "true" | "on" | "y"));
    if on && kind == "S3" && project.packaging != Some("ZIP") {
        let message = format!("links are kept only in a ZIP, and {} packs none", project.called());
        say("enable-symlinks", Severity::Warning, message, "set `packaging: ZIP` in the project's artifacts");
    }
}
