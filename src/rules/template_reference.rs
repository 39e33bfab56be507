//! `template-reference`: a name in a template that leads nowhere.

use super::record::{Check, Example, Rule};
use crate::diagnostic::Severity;

pub(super) const RULE: Rule = Rule {
    code: "template-reference",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A name in a CloudFormation template that leads nowhere",
    doc: "`Ref`, `Fn::GetAtt`, `Fn::Sub`, `DependsOn`, `Fn::If` and `Fn::FindInMap` name parameters, resources, conditions and \
          mappings of the same template; CloudFormation refuses a template in which one of them is not there. In the text of \
          an `Fn::Sub` every `${NAME}` is such a name, also in a buildspec: what the shell is to read is written `${!NAME}`, or \
          `$NAME`. An action that refers to a resource of another type than it works with is found as well. \
          Conditions compare parameters, and name each other without a circle; a resource that is there under a condition is \
          asked for under the same one, or CloudFormation refuses the template whenever the condition does not hold (a \
          warning). A template with a `Transform` is not judged: macros make resources of their own.",
    example: Example::template(
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Artifacts:
        Type: NO_ARTIFACTS
      Environment:
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
        Type: LINUX_CONTAINER
      ServiceRole: arn:aws:iam::111122223333:role/build
      Source:
        Type: NO_SOURCE
        BuildSpec: !Sub |
          version: 0.2
          phases:
            build:
              commands:
                - echo ${CODEBUILD_BUILD_ID} in ${AWS::Region}
",
        "Resources:
  Project:
    Type: AWS::CodeBuild::Project
    Properties:
      Artifacts:
        Type: NO_ARTIFACTS
      Environment:
        ComputeType: BUILD_GENERAL1_SMALL
        Image: aws/codebuild/standard:7.0
        Type: LINUX_CONTAINER
      ServiceRole: arn:aws:iam::111122223333:role/build
      Source:
        Type: NO_SOURCE
        BuildSpec: !Sub |
          version: 0.2
          phases:
            build:
              commands:
                - echo ${!CODEBUILD_BUILD_ID} in ${AWS::Region}
",
    ),
    reference: "codepipeline.md 1.7",
    url: Some(
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html",
    ),
    check: Check::Reading,
};
