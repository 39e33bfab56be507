//! Mistakes in CloudFormation templates (codepipeline.md 1.7; codebuild.md 4; codedeploy.md 10).

use super::plant::Op;
use super::{Kind, kind};

pub(super) const KINDS: &[Kind] = &[
    kind("a misspelt section", "Outputs", Op::KeyTypo, "template-structure"),
    kind("an unknown section", "Mappings", Op::Key("Maps"), "template-structure")
        .also(&["template-reference"]),
    kind(
        "another version of the format",
        "AWSTemplateFormatVersion",
        Op::Value("2010-09-10"),
        "template-structure",
    ),
    kind("a parameter without a type", "Parameters/Stage/Type", Op::Remove, "template-structure"),
    kind("an unknown type of a parameter", "Parameters/Stage/Type", Op::Value("Text"), "template-structure"),
    kind("a default that is not allowed", "Parameters/Stage/Default", Op::Value("dev"), "template-structure"),
    kind(
        "a misspelt property of a parameter",
        "Parameters/Stage/AllowedValues",
        Op::KeyTypo,
        "template-structure",
    ),
    kind(
        "a logical id with a dash",
        "Resources/Application",
        Op::Key("My-Application"),
        "template-structure",
    )
    .also(&["template-reference"]),
    kind("a resource that is a text", "Resources/Application", Op::Value("here"), "template-structure")
        .up(1)
        .also(&["template-reference"]),
    kind("a resource without a type", "Resources/Artifacts/Type", Op::Remove, "template-structure"),
    kind(
        "an unknown type of ours",
        "Resources/Build/Type",
        Op::Value("AWS::CodeBuild::Projects"),
        "template-structure",
    ),
    kind(
        "a type in other letters",
        "Resources/Pipeline/Type",
        Op::Value("AWS::Codepipeline::Pipeline"),
        "template-structure",
    ),
    kind(
        "a misspelt attribute of a resource",
        "Resources/Build/DependsOn",
        Op::KeyTypo,
        "template-structure",
    ),
    kind(
        "a reference that leads nowhere",
        "Resources/Build/Properties/ServiceRole",
        Op::Value("!Ref Roles"),
        "template-reference",
    ),
    kind(
        "an attribute of what is not there",
        "Resources/Group/Properties/ServiceRoleArn",
        Op::Value("!GetAtt Rol.Arn"),
        "template-reference",
    ),
    kind(
        "an attribute that the role has not",
        "Resources/Group/Properties/ServiceRoleArn",
        Op::Value("!GetAtt Role.ARN"),
        "template-reference",
    ),
    kind(
        "the name of a role for its ARN",
        "Resources/*/Properties/RoleArn",
        Op::Value("!Ref Role"),
        "template-reference",
    ),
    kind(
        "the ARN of a bucket for its name",
        "Resources/Pipeline/Properties/ArtifactStore/Location",
        Op::Value("!GetAtt Artifacts.Arn"),
        "template-reference",
    ),
    kind(
        "the ARN of a project for its name",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ProjectName",
        Op::Value("!GetAtt Build.Arn"),
        "template-reference",
    ),
    kind(
        "an application for a project",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ProjectName",
        Op::Value("!Ref Application"),
        "template-reference",
    ),
    kind(
        "a name in a text that leads nowhere",
        "Resources/Build/Properties/Cache/Location",
        Op::Value("!Sub \"${Artefacts}/cache\""),
        "template-reference",
    ),
    kind(
        "a pseudo parameter without a function",
        "Resources/Artifacts/Properties/BucketName",
        Op::Value("\"artifacts-${AWS::AccountId}\""),
        "template-reference",
    ),
    kind(
        "a mapping that is not there",
        "Resources/Build/Properties/Environment/ComputeType",
        Op::Value("!FindInMap [Size, !Ref Stage, Compute]"),
        "template-reference",
    ),
    kind(
        "a key that the mapping has not",
        "Resources/Build/Properties/Environment/ComputeType",
        Op::Value("!FindInMap [Sizes, prod, Compute]"),
        "template-reference",
    ),
    kind(
        "a second key that the mapping has not",
        "Resources/Build/Properties/Environment/ComputeType",
        Op::Value("!FindInMap [Sizes, !Ref Stage, Memory]"),
        "template-reference",
    ),
    kind("a condition that is a value", "Conditions/IsProduction", Op::Value("true"), "template-reference"),
    kind(
        "a condition that is a parameter",
        "Conditions/IsProduction",
        Op::Value("!Ref Stage"),
        "template-reference",
    ),
    kind(
        "a condition of an unknown parameter",
        "Conditions/IsProduction",
        Op::Value("!Equals [!Ref Stages, production]"),
        "template-reference",
    ),
    kind(
        "a condition of a resource",
        "Conditions/IsProduction",
        Op::Value("!Equals [!Ref Build, production]"),
        "template-reference",
    ),
    kind(
        "a condition that asks for an attribute",
        "Conditions/IsProduction",
        Op::Value("!Equals [!GetAtt Role.Arn, production]"),
        "template-reference",
    ),
    kind(
        "a condition of itself",
        "Conditions/IsProduction",
        Op::Value("!Not [!Condition IsProduction]"),
        "template-reference",
    ),
    kind(
        "a condition of an unknown mapping",
        "Conditions/IsProduction",
        Op::Value("!Equals [!FindInMap [Size, test, Compute], production]"),
        "template-reference",
    ),
    kind(
        "the opposite of a text",
        "Conditions/IsProduction",
        Op::Value("!Not [production]"),
        "template-reference",
    ),
    kind(
        "an unknown pseudo parameter",
        "Conditions/IsProduction",
        Op::Value("!Equals [!Ref AWS::Regions, production]"),
        "template-reference",
    ),
    kind(
        "a default that is a function",
        "Parameters/Stage/Default",
        Op::Value("!Sub \"x-${AWS::Region}\""),
        "template-structure",
    ),
    kind(
        "an output of what is there under a condition",
        "Outputs/Bucket/Value",
        Op::Value("!Ref Sometimes"),
        "template-reference",
    ),
    kind(
        "a parameter in a text without a function",
        "Resources/Artifacts/Properties/BucketName",
        Op::Value("\"${Stage}-artifacts\""),
        "template-reference",
    ),
    kind(
        "a role that is no ARN",
        "Resources/*/Properties/ServiceRoleArn",
        Op::Value("Role.Arn"),
        "invalid-value",
    ),
    kind(
        "a text for a mapping",
        "Resources/Group/Properties/DeploymentStyle",
        Op::Value("!GetAtt Role.Arn"),
        "wrong-kind",
    )
    .also(&["template-reference"]),
    kind(
        "a condition that is not there",
        "Outputs/Name/Condition",
        Op::Value("IsProd"),
        "template-reference",
    ),
    kind(
        "a choice by what is no condition",
        "Resources/Build/Properties/TimeoutInMinutes",
        Op::Value("!If [IsProd, 30, 60]"),
        "template-reference",
    ),
    kind(
        "a choice with two arguments",
        "Resources/Build/Properties/TimeoutInMinutes",
        Op::Value("!If [IsProduction, 30]"),
        "template-reference",
    ),
    kind(
        "a function that does not exist",
        "Resources/Build/Properties/Name",
        Op::Value("!Joins [\"-\", [a, b]]"),
        "template-reference",
    ),
    kind(
        "a list that is not in a list",
        "Resources/Build/Properties/Name",
        Op::Value("!Join [\"-\", a, b]"),
        "template-reference",
    ),
    kind(
        "an attribute without its name",
        "Resources/Group/Properties/ServiceRoleArn",
        Op::Value("!GetAtt Role"),
        "template-reference",
    ),
    kind(
        "a dependency that is not there",
        "Resources/Build/DependsOn",
        Op::Value("Bucket"),
        "template-reference",
    ),
    kind(
        "a resource that waits for itself",
        "Resources/Build/DependsOn",
        Op::Value("Build"),
        "template-reference",
    ),
    kind(
        "resources that wait for each other",
        "Resources/Artifacts/Properties/BucketName",
        Op::Value("!Ref Build"),
        "template-reference",
    )
    .on(),
    kind(
        "a misspelt property of a pipeline",
        "Resources/Pipeline/Properties/ExecutionMode",
        Op::KeyTypo,
        "unknown-key",
    ),
    kind(
        "a misspelt property of an action",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/RunOrder",
        Op::KeyTypo,
        "unknown-key",
    ),
    kind(
        "a misspelt property of a project",
        "Resources/Build/Properties/TimeoutInMinutes",
        Op::KeyTypo,
        "unknown-key",
    ),
    kind(
        "a misspelt property of an environment",
        "Resources/Build/Properties/Environment/EnvironmentVariables",
        Op::KeyTypo,
        "unknown-key",
    ),
    kind(
        "a misspelt property of a group",
        "Resources/Group/Properties/DeploymentConfigName",
        Op::KeyTypo,
        "unknown-key",
    ),
    kind(
        "a name of the API",
        "Resources/Pipeline/Properties/PipelineType",
        Op::Key("pipelineType"),
        "unknown-key",
    ),
    kind("a pipeline without a role", "Resources/Pipeline/Properties/RoleArn", Op::Remove, "missing-key"),
    kind(
        "a pipeline without a store",
        "Resources/Pipeline/Properties/ArtifactStore",
        Op::Remove,
        "missing-key",
    ),
    kind("a project without a role", "Resources/Build/Properties/ServiceRole", Op::Remove, "missing-key"),
    kind("a project without a source", "Resources/Build/Properties/Source", Op::Remove, "missing-key"),
    kind(
        "an environment without an image",
        "Resources/Build/Properties/Environment/Image",
        Op::Remove,
        "missing-key",
    ),
    kind("a group without a role", "Resources/Group/Properties/ServiceRoleArn", Op::Remove, "missing-key"),
    kind(
        "an action without a name",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Name",
        Op::Remove,
        "missing-key",
    )
    .also(&["pipeline-trigger"]),
    kind(
        "a mapping for the stages",
        "Resources/Pipeline/Properties/Stages",
        Op::Value("{Source: {}}"),
        "wrong-kind",
    ),
    kind(
        "a text for the environment",
        "Resources/Build/Properties/Environment",
        Op::Value("linux"),
        "wrong-kind",
    ),
    kind(
        "a word for a number",
        "Resources/Build/Properties/TimeoutInMinutes",
        Op::Value("half"),
        "wrong-kind",
    ),
    kind(
        "a time limit that is too long",
        "Resources/Build/Properties/TimeoutInMinutes",
        Op::Value("2161"),
        "invalid-value",
    ),
    kind(
        "an unknown type of an environment",
        "Resources/Build/Properties/Environment/Type",
        Op::Value("LINUX"),
        "invalid-value",
    ),
    kind(
        "an unknown type of a cache",
        "Resources/Build/Properties/Cache/Type",
        Op::Value("EFS"),
        "invalid-value",
    ),
    kind("a cache without its place", "Resources/Build/Properties/Cache/Location", Op::Remove, "missing-key")
        .up(1),
    kind(
        "a source of another kind than the artifacts",
        "Resources/Build/Properties/Artifacts/Type",
        Op::Value("NO_ARTIFACTS"),
        "project-settings",
    ),
    kind("a tag of AWS's", "Resources/Build/Properties/Tags/*/Key", Op::Value("aws:team"), "invalid-value"),
    kind(
        "a reserved variable",
        "Resources/Build/Properties/Environment/EnvironmentVariables/*/Name",
        Op::Value("CODEBUILD_STAGE"),
        "reserved-variable",
    ),
    kind(
        "another execution mode",
        "Resources/Pipeline/Properties/ExecutionMode",
        Op::Value("SERIAL"),
        "invalid-value",
    ),
    kind(
        "V1 with what only V2 has",
        "Resources/Pipeline/Properties[Triggers]/PipelineType",
        Op::Value("V1"),
        "pipeline-structure",
    )
    .up(1),
    kind(
        "an unknown provider",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/ActionTypeId/Provider",
        Op::Value("CodeBild"),
        "pipeline-action-type",
    ),
    kind(
        "the owner of another provider",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/ActionTypeId/Owner",
        Op::Value("ThirdParty"),
        "pipeline-action-type",
    ),
    kind(
        "an artifact nobody gives",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/InputArtifacts/*/Name",
        Op::Value("Nothing"),
        "pipeline-artifacts",
    )
    .also(&["pipeline-configuration"])
    .not_in("HasTest"),
    kind(
        "a trigger of no source",
        "Resources/Pipeline/Properties/Triggers/*/GitConfiguration/SourceActionName",
        Op::Value("Chekout"),
        "pipeline-trigger",
    ),
    kind(
        "no project",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ProjectName",
        Op::Remove,
        "pipeline-configuration",
    )
    .up(1),
    kind(
        "a misspelt key of a configuration",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ActionMode",
        Op::KeyTypo,
        "pipeline-configuration",
    ),
    kind(
        "an unknown word in a configuration",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ActionMode",
        Op::Value("UPDATE"),
        "pipeline-configuration",
    ),
    kind(
        "a stack's name with an underscore",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/StackName",
        Op::Value("my_service"),
        "pipeline-configuration",
    ),
    kind(
        "variables that are no JSON",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/EnvironmentVariables",
        Op::Value("!Sub '[{\"name\":\"A\",\"value\":\"${AWS::StackName}\"},]'"),
        "pipeline-configuration",
    ),
    kind(
        "a variable without its value",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/EnvironmentVariables",
        Op::Value("!Sub '[{\"name\":\"${AWS::StackName}\"}]'"),
        "pipeline-configuration",
    ),
    kind(
        "a variable of an unknown type",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/EnvironmentVariables",
        Op::Value("!Sub '[{\"name\":\"${AWS::StackName}\",\"value\":\"b\",\"type\":\"TEXT\"}]'"),
        "pipeline-configuration",
    ),
    kind(
        "a namespace nobody has, in a text of Fn::Sub",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/EnvironmentVariables",
        Op::Value("!Sub '[{\"name\":\"${AWS::StackName}\",\"value\":\"#{Sources.CommitId}\"}]'"),
        "pipeline-variables",
    ),
    kind(
        "a variable that the source does not give",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/EnvironmentVariables",
        Op::Value(
            "!Join ['', ['[{\"name\":\"A\",\"value\":\"', !Ref AWS::StackName, '#{Source.Commit}\"}]']]",
        ),
        "pipeline-variables",
    ),
    kind(
        "a reference that is never closed",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/EnvironmentVariables",
        Op::Value("!Sub '[{\"name\":\"${AWS::StackName}\",\"value\":\"#{Source.CommitId\"}]'"),
        "pipeline-variables",
    ),
    kind(
        "parameters that are no JSON",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ParameterOverrides",
        Op::Value("!Sub '{\"Stage\" \"${AWS::StackName}\"}'"),
        "pipeline-configuration",
    ),
    kind(
        "a parameter of an artifact that is no input",
        "Resources/Pipeline/Properties/Stages/*/Actions/*/Configuration/ParameterOverrides",
        Op::Value("!Sub '{\"A\":\"${AWS::StackName}\",\"B\":{\"Fn::GetArtifactAtt\":[\"Other\",\"URL\"]}}'"),
        "pipeline-configuration",
    ),
    kind(
        "a deployment in place of tasks",
        "Resources/Group/Properties/DeploymentStyle/DeploymentType",
        Op::Value("IN_PLACE"),
        "deployment-settings",
    ),
    kind(
        "the configuration of another platform",
        "Resources/Group/Properties/DeploymentConfigName",
        Op::Value("CodeDeployDefault.LambdaAllAtOnce"),
        "deployment-settings",
    ),
    kind(
        "a configuration that is not there",
        "Resources/Group/Properties/DeploymentConfigName",
        Op::Value("CodeDeployDefault.ECSAllAtOnes"),
        "invalid-value",
    ),
    kind(
        "a group of tasks without its services",
        "Resources/Group/Properties/ECSServices",
        Op::Remove,
        "deployment-settings",
    )
    .up(1),
    kind(
        "a group of tasks without its balancer",
        "Resources/Group/Properties/LoadBalancerInfo",
        Op::Remove,
        "deployment-settings",
    )
    .up(1),
    kind(
        "a group of tasks without its style",
        "Resources/Group/Properties/DeploymentStyle",
        Op::Remove,
        "deployment-settings",
    )
    .up(1),
    kind(
        "a wait that is too long",
        "Resources/Group/Properties/BlueGreenDeploymentConfiguration/TerminateBlueInstancesOnDeploymentSuccess/TerminationWaitTimeInMinutes",
        Op::Value("2881"),
        "invalid-value",
    ),
    kind(
        "an unknown event of a rollback",
        "Resources/Group/Properties/AutoRollbackConfiguration/Events/*",
        Op::Value("DEPLOYMENT_STOP"),
        "invalid-value",
    ),
    kind(
        "a rollback on alarms that are not there",
        "Resources/Group/Properties/AutoRollbackConfiguration/Events/*",
        Op::Value("DEPLOYMENT_STOP_ON_ALARM"),
        "deployment-settings",
    )
    .not_in("AlarmConfiguration"),
    kind(
        "an unknown platform",
        "Resources/Application/Properties/ComputePlatform",
        Op::Value("EKS"),
        "invalid-value",
    ),
];
