//! `batch-missing`: a batch build of a buildspec that has no batch.

use super::record::{Check, Rule};
use super::subject::{Built, Whole, head, weighed};
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "batch-missing",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A batch build of a buildspec that has no batch",
    doc: "`BatchEnabled` starts a batch build, whose builds are listed below `batch` of the buildspec. Without that section there \
          is nothing to list them.",
    example: None,
    reference: "codepipeline.md 2.4; codebuild.md 1.11",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html"),
    check: Check::Pipelines(check),
};

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for build in built.iter().filter(|build| build.file.is_some() && build.is_batch()) {
        let flag = build.action.configuration("BatchEnabled");
        let Some(flag) = flag.filter(|flag| is_on(flag.text()) && build.at(&["batch"]).is_none()) else {
            continue;
        };
        let file = build.buildspec_name();
        let message = format!("`{}` starts a batch build, and {file} has no `batch`", build.action.name);
        let finding = RULE.at(flag.source(), head(flag), message, "no builds to start");
        let finding = weighed(finding, build.is_sure);
        findings.push(
            finding.help(format!("add `batch:` with its builds to {file}, or leave out `BatchEnabled`")),
        );
    }
}

fn is_on(flag: Option<&str>) -> bool {
    flag.is_some_and(|flag| flag.eq_ignore_ascii_case("true"))
}
