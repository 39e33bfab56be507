//! `buildspec-file-name`: a file that CodeBuild does not find by itself.

use super::record::{Check, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "buildspec-file-name",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A buildspec.yaml, which CodeBuild does not find by itself",
    doc: "A project that names no buildspec reads `buildspec.yml`, in that spelling. `buildspec.yaml` and `Buildspec.yml` work when the \
          project names them.",
    example: None,
    reference: "codebuild.md 1.1",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-name-storage",
    ),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let name = file.source().name();
    let name = name.rsplit('/').next().unwrap_or_default();
    let is_near = ["buildspec.yml", "buildspec.yaml"].iter().any(|known| name.eq_ignore_ascii_case(known));
    if is_near && name != "buildspec.yml" {
        let span = file.source().line_span(1).unwrap_or(Span::empty(0));
        let message = format!("CodeBuild looks for buildspec.yml, not {name}");
        let finding = RULE.at(file.source(), span, message, "found only where a project names it");
        findings
            .push(finding.help("rename it to buildspec.yml, or name it in the project's `source.buildspec`"));
    }
}
