//! `deployment-settings`: settings of CodeDeploy that do not go together.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "deployment-settings",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Settings of a deployment group or configuration that do not go together",
    doc: "A configuration of the Server platform has minimum healthy hosts, one of Lambda or ECS has traffic routing; a group \
          takes tag filters or a tag set; alarms that are enabled are named; traffic is controlled by a load balancer that is \
          named; a predefined configuration is of the application's platform. CodeDeploy refuses what does not go together. \
          Settings without effect are a warning.",
    example: Example::template(
        "Resources:
  Canary:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      ComputePlatform: Lambda
      MinimumHealthyHosts:
        Type: HOST_COUNT
        Value: 1
",
        "Resources:
  Canary:
    Type: AWS::CodeDeploy::DeploymentConfig
    Properties:
      ComputePlatform: Lambda
      TrafficRoutingConfig:
        Type: TimeBasedCanary
        TimeBasedCanary:
          CanaryInterval: 5
          CanaryPercentage: 10
",
    ),
    reference: "codedeploy.md 7, 10",
    url: Some("https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentGroup.html"),
    check: Check::Reading,
};
