//! AWS's own policies, as far as their content is certain.
//!
//! Owns: the few that projects use and that have not changed in what is written here. Any other policy may hold anything.

use super::glob::{Covers, Glob};
use super::template::Statement;

/// What a managed policy allows.
struct Managed {
    name: &'static str,
    actions: &'static [&'static [&'static str]],
    /// Whether that is all.
    complete: bool,
}

const READ_IMAGES: [&str; 10] = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:GetRepositoryPolicy",
    "ecr:DescribeRepositories",
    "ecr:ListImages",
    "ecr:DescribeImages",
    "ecr:BatchGetImage",
    "ecr:GetLifecyclePolicy",
    "ecr:GetLifecyclePolicyPreview",
];

/// What power users may besides.
const POWER_USERS: [&str; 6] = [
    "ecr:ListTagsForResource",
    "ecr:DescribeImageScanFindings",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
];

const MANAGED: [Managed; 10] = [
    Managed { name: "AdministratorAccess", actions: &[&["*"]], complete: true },
    Managed { name: "AmazonS3FullAccess", actions: &[&["s3:*", "s3-object-lambda:*"]], complete: true },
    Managed {
        name: "AmazonS3ReadOnlyAccess",
        actions: &[&[
            "s3:Get*",
            "s3:List*",
            "s3:Describe*",
            "s3-object-lambda:Get*",
            "s3-object-lambda:List*",
        ]],
        complete: true,
    },
    Managed {
        name: "AmazonEC2ContainerRegistryPowerUser",
        actions: &[&READ_IMAGES, &POWER_USERS],
        complete: true,
    },
    // Newer versions add reads of tags and of findings.
    Managed { name: "AmazonEC2ContainerRegistryReadOnly", actions: &[&READ_IMAGES], complete: false },
    Managed { name: "AmazonEC2ContainerRegistryFullAccess", actions: &[&["ecr:*"]], complete: false },
    Managed { name: "CloudWatchLogsFullAccess", actions: &[&["logs:*"]], complete: false },
    Managed { name: "AmazonECS_FullAccess", actions: &[&["ecs:*"]], complete: false },
    Managed { name: "AWSCloudFormationFullAccess", actions: &[&["cloudformation:*"]], complete: true },
    Managed { name: "AWSLambda_FullAccess", actions: &[&["lambda:*"]], complete: false },
];

/// What the policy of this ARN allows, and whether that is all; `None` when it is not one of these.
pub(super) fn managed(arn: &Glob) -> Option<(Vec<Statement>, bool)> {
    let found = MANAGED.iter().find(|managed| {
        // `AWS::Partition` is part of many of these ARNs.
        let text = format!("arn:aws:iam::aws:policy/{}", managed.name);
        arn.covers(&Glob::exactly(&text)) == Covers::Yes
    })?;
    let statement = Statement {
        allows: true,
        actions: found
            .actions
            .iter()
            .copied()
            .flatten()
            .map(|action| Glob::written(&action.to_ascii_lowercase()))
            .collect(),
        all_but_actions: false,
        resources: vec![Glob::written("*")],
        all_but_resources: false,
        is_conditional: false,
    };
    Some((vec![statement], found.complete))
}
