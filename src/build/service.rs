//! The variables that CodeBuild sets itself (codebuild.md 3.6).
//!
//! Owns: their names and values, and the identifiers of a build that they are made from. Leaves to `environment`: who
//! wins when a user defines one of them, and to `session`: those that change while the build runs.

use std::path::Path;

use crate::clock::Timestamp;

/// Who a build is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The build's own identifier, a UUID.
    pub id: String,
    /// The project's count of builds, from 1.
    pub number: u64,
    /// `codepipeline/NAME`, or the user's name.
    pub initiator: String,
    /// The region.
    pub region: String,
    /// The account, twelve digits.
    pub account: String,
}

impl Identity {
    /// The identifier in the API of this build of `project`: `PROJECT:UUID`.
    pub fn build_id(&self, project: &str) -> String {
        format!("{project}:{}", self.id)
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:codebuild:{}:{}:{resource}", self.region, self.account)
    }
}

/// What a build knows of one of its sources.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceFacts<'a> {
    /// Its identifier; `None` for the primary source.
    pub(super) identifier: Option<&'a str>,
    /// Where it is.
    pub(super) directory: &'a Path,
    /// `CODEBUILD_SOURCE_VERSION`
    pub(super) version: Option<&'a str>,
    /// `CODEBUILD_SOURCE_REPO_URL`
    pub(super) repository: Option<&'a str>,
}

/// The variables that stay the same for a whole build.
pub(super) fn variables(
    identity: &Identity,
    project: &str,
    image: &str,
    sources: &[SourceFacts<'_>],
    started: Timestamp,
) -> Vec<(String, String)> {
    let Identity { id, number, initiator, region, account } = identity;
    let build_id = identity.build_id(project);
    let mut variables = Vec::new();
    let mut set = |name: &str, value: String| variables.push((format!("CODEBUILD_{name}"), value));
    set("BUILD_ARN", identity.arn(&format!("build/{build_id}")));
    set("BUILD_IMAGE", image.to_owned());
    set("BUILD_NUMBER", number.to_string());
    set(
        "BUILD_URL",
        format!(
            "https://{region}.console.aws.amazon.com/codebuild/home?region={region}#/builds/{build_id}/view/new"
        ),
    );
    set("BUILD_ID", build_id);
    // A rehearsal shows what happens in the cloud, and says by AWS's own name that it is not there.
    set("CI", "true".to_owned());
    set("LOCAL_BUILD", "true".to_owned());
    set("CONTAINER_NAME", "default".to_owned());
    set("INITIATOR", initiator.clone());
    set("KMS_KEY_ID", format!("arn:aws:kms:{region}:{account}:alias/aws/s3"));
    set("LOG_PATH", id.clone());
    set("PROJECT_ARN", identity.arn(&format!("project/{project}")));
    set("START_TIME", started.as_millisecond().to_string());
    for source in sources {
        let suffix = source.identifier.map(|identifier| format!("_{identifier}")).unwrap_or_default();
        set(&format!("SRC_DIR{suffix}"), source.directory.to_string_lossy().into_owned());
        if let Some(version) = source.version {
            set(&format!("SOURCE_VERSION{suffix}"), version.to_owned());
        }
        if let Some(repository) = source.repository {
            set(&format!("SOURCE_REPO_URL{suffix}"), repository.to_owned());
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_have_the_forms_of_the_reference() {
        let identity = Identity {
            id: "11111111-2222-4333-8444-555555555555".into(),
            number: 7,
            initiator: "codepipeline/main".into(),
            region: "eu-central-1".into(),
            account: "111122223333".into(),
        };
        let facts = |identifier, directory, version| SourceFacts {
            identifier,
            directory: Path::new(directory),
            version,
            repository: None,
        };
        let sources = [facts(None, "/w/src", Some("abc")), facts(Some("Lib"), "/w/lib", None)];
        let started = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let set = variables(&identity, "web", "aws/codebuild/standard:7.0", &sources, started);
        let get = |name: &str| set.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        // codebuild.md 3.6, row by row.
        for (name, value) in [
            (
                "CODEBUILD_BUILD_ARN",
                "arn:aws:codebuild:eu-central-1:111122223333:build/web:11111111-2222-4333-8444-555555555555",
            ),
            ("CODEBUILD_BUILD_ID", "web:11111111-2222-4333-8444-555555555555"),
            ("CODEBUILD_BUILD_IMAGE", "aws/codebuild/standard:7.0"),
            ("CODEBUILD_BUILD_NUMBER", "7"),
            ("CODEBUILD_INITIATOR", "codepipeline/main"),
            ("CODEBUILD_KMS_KEY_ID", "arn:aws:kms:eu-central-1:111122223333:alias/aws/s3"),
            ("CODEBUILD_PROJECT_ARN", "arn:aws:codebuild:eu-central-1:111122223333:project/web"),
            ("CODEBUILD_SRC_DIR", "/w/src"),
            ("CODEBUILD_SRC_DIR_Lib", "/w/lib"),
            ("CODEBUILD_SOURCE_VERSION", "abc"),
            ("CODEBUILD_START_TIME", "1700000000123"),
        ] {
            assert_eq!(get(name), Some(value), "{name}");
        }
        for unset in ["CODEBUILD_SOURCE_VERSION_Lib", "CODEBUILD_SOURCE_REPO_URL", "CODEBUILD_WEBHOOK_EVENT"]
        {
            assert_eq!(get(unset), None, "{unset}");
        }
    }
}
