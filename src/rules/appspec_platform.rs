//! `appspec-platform`: an appspec of one platform for a deployment on another.

use super::record::{Check, Rule};
use super::subject::{Built, Whole, head, weighed};
use crate::diagnostic::{Finding, Severity};
use crate::spec::appspec::{Platform, platform};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "appspec-platform",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "An appspec of another platform than the deployment",
    doc: "An appspec does not name its platform: one with `os` is for servers, one with `Resources` for Lambda or ECS, by the \
          type of the resource. The deployment has the platform of its application. CodeDeployToECS deploys to ECS; the groups \
          in rehearsal.yml are of servers; a template says it with `ComputePlatform`. It is a warning where it is only likely that the \
          pipeline means this file: the source of a template may be another repository.",
    example: None,
    reference: "codedeploy.md 1, 2; codepipeline.md 2.7",
    url: Some("https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html"),
    check: Check::Pipelines(check),
};

fn check(whole: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    for deployed in whole.deployed(built) {
        let action = &deployed.action;
        let (wanted, why) = if action.type_id("provider") == Some("CodeDeployToECS") {
            (Platform::Ecs, "CodeDeployToECS deploys to ECS".to_owned())
        } else {
            let Some(application) = action.configuration("ApplicationName").and_then(Node::text) else {
                continue;
            };
            let Some(wanted) = whole.platform_of(application) else { continue };
            (wanted, format!("the application `{application}` is of the {} platform", wanted.name()))
        };
        let Some(is) = platform(&deployed.tree).filter(|is| *is != wanted) else { continue };
        let message = format!("{} is an appspec of the {} platform; {why}", deployed.path, is.name());
        let at = deployed.at;
        let finding = RULE.at(at.source(), head(at), message, format!("not of {}", wanted.name()));
        let help = match wanted {
            Platform::Server => "an appspec for servers has `os:`, and no `Resources:`".to_owned(),
            Platform::Lambda => "one for Lambda has a resource of the type AWS::Lambda::Function".to_owned(),
            Platform::Ecs => "one for ECS has a resource of the type AWS::ECS::Service".to_owned(),
        };
        findings.push(weighed(finding.help(help), deployed.is_sure));
    }
}
