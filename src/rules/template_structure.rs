//! `template-structure`: a template that CloudFormation cannot read as one.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "template-structure",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "Sections, resources or parameters that no CloudFormation template has",
    doc: "CloudFormation looks at the form of a template before it makes anything: it has resources (500 at most), each with a \
          type that exists; names of letters and digits; parameters with a type; and no section or attribute besides those that \
          there are. Of resource types those of CodeBuild, CodePipeline and CodeDeploy are known here.",
    example: Example::template(
        "AWSTemplateFormatVersion: 2010-09-09
Resources:
  Application:
    Type: AWS::CodeDeploy::Aplication
",
        "AWSTemplateFormatVersion: 2010-09-09
Resources:
  Application:
    Type: AWS::CodeDeploy::Application
",
    ),
    reference: "codepipeline.md 1.7",
    url: Some("https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html"),
    check: Check::Reading,
};
