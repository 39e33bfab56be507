//! The action types that exist (codepipeline.md 2.1): artifact counts, and configuration keys of those that run here.

use std::ops::RangeInclusive;

use super::{Category, Owner};

/// What is known of an action type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionType {
    /// The category.
    pub category: Category,
    /// The owner.
    pub owner: Owner,
    /// The provider.
    pub provider: &'static str,
    /// How many input artifacts it takes.
    pub inputs: RangeInclusive<usize>,
    /// How many output artifacts it gives.
    pub outputs: RangeInclusive<usize>,
    /// Whether only V2 pipelines have it.
    pub v2_only: bool,
}

/// Required and optional keys of `configuration`.
pub(super) struct Configuration {
    pub(super) required: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
}

type Row = (Category, Owner, &'static str, (usize, usize), (usize, usize), bool);

const TYPES: &[Row] = {
    use Category::{Approval, Build, Compute, Deploy, Invoke, Source, Test};
    use Owner::{Aws, ThirdParty};
    &[
        (Source, Aws, "CodeStarSourceConnection", (0, 0), (1, 1), false),
        (Source, Aws, "CodeCommit", (0, 0), (1, 1), false),
        (Source, Aws, "S3", (0, 0), (1, 1), false),
        (Source, Aws, "ECR", (0, 0), (1, 1), false),
        (Source, ThirdParty, "GitHub", (0, 0), (1, 1), false),
        (Build, Aws, "CodeBuild", (1, 5), (0, 5), false),
        (Build, Aws, "ECRBuildAndPublish", (1, 1), (0, 0), true),
        (Test, Aws, "CodeBuild", (1, 5), (0, 5), false),
        (Test, Aws, "DeviceFarm", (1, 1), (0, 0), false),
        (Approval, Aws, "Manual", (0, 0), (0, 0), false),
        (Deploy, Aws, "S3", (1, 1), (0, 0), false),
        (Deploy, Aws, "CloudFormation", (0, 10), (0, 1), false),
        (Deploy, Aws, "CloudFormationStackSet", (1, 3), (0, 0), false),
        (Deploy, Aws, "CloudFormationStackInstances", (0, 3), (0, 0), false),
        (Deploy, Aws, "CodeDeploy", (1, 1), (0, 0), false),
        (Deploy, Aws, "CodeDeployToECS", (1, 5), (0, 0), false),
        (Deploy, Aws, "ECS", (1, 1), (0, 0), false),
        (Deploy, Aws, "EC2", (1, 1), (0, 0), true),
        (Deploy, Aws, "EKS", (1, 1), (0, 0), true),
        (Deploy, Aws, "Lambda", (0, 1), (0, 0), true),
        (Deploy, Aws, "ElasticBeanstalk", (1, 1), (0, 0), false),
        (Deploy, Aws, "OpsWorks", (1, 1), (0, 0), false),
        (Deploy, Aws, "ServiceCatalog", (1, 1), (0, 0), false),
        (Deploy, Aws, "AppConfig", (1, 1), (0, 0), false),
        (Deploy, ThirdParty, "AlexaSkillsKit", (1, 2), (0, 0), false),
        (Invoke, Aws, "Lambda", (0, 5), (0, 5), false),
        (Invoke, Aws, "StepFunctions", (0, 1), (0, 1), false),
        (Invoke, Aws, "InspectorScan", (0, 1), (1, 1), false),
        (Invoke, Aws, "CodePipeline", (0, 0), (0, 0), true),
        (Invoke, ThirdParty, "Snyk", (1, 1), (1, 1), false),
        (Compute, Aws, "Commands", (1, 10), (0, 1), true),
    ]
};

/// The action type of this category, owner and provider. Custom types belong to an account: any name may exist.
pub fn action_type(category: Category, owner: Owner, provider: &str) -> Option<ActionType> {
    let known = TYPES.iter().find(|row| (row.0, row.1, row.2) == (category, owner, provider));
    let custom: Row = (category, Owner::Custom, "", (0, 5), (0, 5), false);
    let (category, owner, provider, inputs, outputs, v2_only) =
        *known.or_else(|| (owner == Owner::Custom).then_some(&custom))?;
    let range = |(least, most): (usize, usize)| least..=most;
    Some(ActionType { category, owner, provider, inputs: range(inputs), outputs: range(outputs), v2_only })
}

/// Providers of a category, for suggestions.
pub(super) fn providers(category: Category) -> Vec<&'static str> {
    TYPES.iter().filter(|row| row.0 == category).map(|row| row.2).collect()
}

/// The keys of `configuration`, for the providers that run here (codepipeline.md 2.2 to 2.4, 2.14).
pub(super) fn configuration(category: Category, owner: Owner, provider: &str) -> Option<Configuration> {
    let (required, optional): (&[&str], &[&str]) = match (category, owner, provider) {
        (Category::Source, Owner::Aws, "CodeStarSourceConnection") => {
            (&["ConnectionArn", "FullRepositoryId", "BranchName"], &["OutputArtifactFormat", "DetectChanges"])
        }
        (Category::Source, Owner::Aws, "CodeCommit") => {
            (&["RepositoryName", "BranchName"], &["PollForSourceChanges", "OutputArtifactFormat"])
        }
        (Category::Source, Owner::ThirdParty, "GitHub") => {
            (&["Owner", "Repo", "Branch", "OAuthToken"], &["PollForSourceChanges"])
        }
        (Category::Build | Category::Test, Owner::Aws, "CodeBuild") => (
            &["ProjectName"],
            &[
                "PrimarySource",
                "BatchEnabled",
                "CombineArtifacts",
                "EnvironmentVariables",
                "BuildspecOverride",
            ],
        ),
        (Category::Compute, Owner::Aws, "Commands") => {
            (&[], &["EnvironmentType", "ComputeType", "VpcId", "Subnets", "SecurityGroupIds"])
        }
        _ => return None,
    };
    Some(Configuration { required, optional })
}
