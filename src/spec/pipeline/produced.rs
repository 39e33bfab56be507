//! Variables that an action gives to later ones, where its provider's are documented (codepipeline.md 2.2 to 2.14).
//!
//! Owns: the names. Leaves to `rules`: what a build exports, which its buildspec says.

use super::{Action, Category};
use crate::syntax::UNKNOWN;

/// Whether an action is of a provider for which no variables are documented (codepipeline.md 5).
pub(super) fn has_none(action: &Action) -> bool {
    let providers: &[&str] = match action.category {
        Category::Approval => &["Manual"],
        Category::Deploy => {
            &["AppConfig", "CodeDeploy", "CodeDeployToECS", "EC2", "ECS", "ElasticBeanstalk", "S3"]
        }
        Category::Invoke => &["CodePipeline"],
        _ => &[],
    };
    providers.contains(&action.provider.as_str())
}

/// The keys of the variables of an action; none where they are not known from the definition.
pub(super) fn variables(action: &Action) -> Option<Vec<&str>> {
    let known: &[&str] = match (action.category, action.provider.as_str()) {
        (Category::Source, "CodeStarSourceConnection") => &[
            "AuthorDate",
            "AuthorDisplayName",
            "AuthorEmail",
            "AuthorId",
            "BranchName",
            "CommitId",
            "CommitMessage",
            "ConnectionArn",
            "DestinationBranchName",
            "FullRepositoryName",
            "ProviderType",
            "PullRequestId",
            "PullRequestTitle",
            "SourceBranchName",
            "TagName",
        ],
        (Category::Source, "CodeCommit") => {
            &["AuthorDate", "BranchName", "CommitId", "CommitMessage", "CommitterDate", "RepositoryName"]
        }
        (Category::Source, "S3") => &["BucketName", "ETag", "ObjectKey", "VersionId"],
        (Category::Source, "ECR") => &["ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"],
        (Category::Source, "GitHub") => &[
            "AuthorDate",
            "BranchName",
            "CommitId",
            "CommitMessage",
            "CommitUrl",
            "CommitterDate",
            "RepositoryName",
        ],
        (Category::Build, "ECRBuildAndPublish") => &["ECRImageDigestId", "ECRRepositoryName"],
        (Category::Deploy, "CloudFormationStackSet" | "CloudFormationStackInstances") => {
            &["OperationId", "StackSetId"]
        }
        (Category::Deploy, "EKS") => &["EKSClusterName"],
        (Category::Deploy, "Lambda") => &["FunctionVersion"],
        (Category::Invoke, "StepFunctions") => &["ExecutionArn", "StateMachineArn"],
        (Category::Invoke, "InspectorScan") => &["HighestScannedSeverity"],
        (Category::Compute, "Commands") => {
            let names: Vec<_> = action.output_variables.iter().map(String::as_str).collect();
            let are_known = !names.is_empty() && !names.iter().any(|name| name.contains(UNKNOWN));
            return are_known.then_some(names);
        }
        _ => return None,
    };
    Some(known.to_vec())
}
