//! `fixed-task-definition`: an appspec that deploys the same task definition each time.

use std::collections::HashSet;

use super::record::{Check, Rule};
use super::subject::{Built, Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec::task_definition;

pub(super) const RULE: Rule = Rule {
    code: "fixed-task-definition",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An appspec of CodeDeployToECS without the placeholder <TASK_DEFINITION>",
    doc: "CodeDeployToECS registers a task definition with the new image, and writes its ARN into the appspec in the place of \
          `<TASK_DEFINITION>`. An appspec that names a task definition itself is deployed as it stands: the service gets that \
          one again, and the new image is not in it.",
    example: None,
    reference: "codepipeline.md 2.7",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html"),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    for deployed in whole.deployed(built) {
        let is_ecs = deployed.action.type_id("provider") == Some("CodeDeployToECS");
        if !is_ecs || !seen.insert(deployed.path.clone()) {
            continue;
        }
        let Some(node) = task_definition(&deployed.tree) else { continue };
        if node.text().is_none_or(|text| !text.starts_with("arn:")) {
            continue;
        }
        let message =
            format!("`{}` deploys this task definition, not the one that it registers", deployed.action.name);
        let finding = RULE.at(node.source(), head(node), message, "the new image is not in it");
        findings.push(finding.help("write `TaskDefinition: <TASK_DEFINITION>`"));
    }
}
