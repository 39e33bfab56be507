//! The action types that exist (codepipeline.md 2.1): who has which, and how many artifacts each takes.

use std::ops::RangeInclusive;

use super::{Category, Owner};
use crate::spec::spelling::nearest;

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

/// Which part of an action type is not what it should be, and what would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// `category`, `owner`, `provider` or `version`.
    pub(super) part: &'static str,
    /// What to write there; none when nothing is near.
    pub(super) meant: Option<&'static str>,
    /// The type that was probably meant.
    pub(super) near: Option<(Category, Owner, &'static str)>,
}

/// What is wrong with an action type, if anything is: one part of it where changing that part is enough.
pub(super) fn mistake(category: Category, owner: Owner, provider: &str, version: &str) -> Option<Mistake> {
    if owner == Owner::Custom {
        return None;
    }
    let near = |part, meant, found: &Row| {
        Some(Mistake { part, meant: Some(meant), near: Some((found.0, found.1, found.2)) })
    };
    if let Some(found) = TYPES.iter().find(|row| (row.0, row.1, row.2) == (category, owner, provider)) {
        return if version == "1" { None } else { near("version", "1", found) };
    }
    let like = |same: &dyn Fn(&Row) -> bool| {
        let names: Vec<_> = TYPES.iter().filter(|row| same(row)).map(|row| row.2).collect();
        let name = nearest(provider, &names)?;
        TYPES.iter().find(|row| same(row) && row.2 == name)
    };
    if let Some(found) = like(&|row| (row.0, row.1) == (category, owner)) {
        return near("provider", found.2, found);
    }
    if let Some(found) = TYPES.iter().find(|row| (row.0, row.2) == (category, provider)) {
        return near("owner", found.1.api_name(), found);
    }
    if TYPES.iter().any(|row| (row.1, row.2) == (owner, provider)) {
        let only = of_provider(None, Some(owner), provider);
        return Some(Mistake { part: "category", meant: only.map(|found| found.0.api_name()), near: only });
    }
    match like(&|row| row.0 == category).or_else(|| like(&|_| true)) {
        Some(found) => near("provider", found.2, found),
        None => Some(Mistake { part: "provider", meant: None, near: None }),
    }
}

/// The type that a provider has, for an action whose category or owner is none; nothing where there are several.
/// CodeBuild counts as one: it takes the same for builds and tests.
pub(super) fn of_provider(
    category: Option<Category>,
    owner: Option<Owner>,
    provider: &str,
) -> Option<(Category, Owner, &'static str)> {
    let fits = |row: &&Row| {
        row.2 == provider && category.is_none_or(|it| it == row.0) && owner.is_none_or(|it| it == row.1)
    };
    let mut all = TYPES.iter().filter(fits);
    let found = all.next()?;
    let is_alone = all.all(|row| (row.0, found.0) == (Category::Test, Category::Build));
    is_alone.then_some((found.0, found.1, found.2))
}

/// The categories in which a provider is found.
pub(super) fn categories(owner: Owner, provider: &str) -> Vec<&'static str> {
    TYPES.iter().filter(|row| (row.1, row.2) == (owner, provider)).map(|row| row.0.api_name()).collect()
}

/// Providers of a category and owner, for those who wrote another.
pub(in crate::spec) fn providers(category: Category, owner: Owner) -> Vec<&'static str> {
    TYPES.iter().filter(|row| (row.0, row.1) == (category, owner)).map(|row| row.2).collect()
}
