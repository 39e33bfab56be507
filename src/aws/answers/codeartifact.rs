//! CodeArtifact: logins.
//!
//! Owns: tokens, and addresses in AWS's form. What a package manager then asks of that address is held back with every
//! other call to AWS.

use serde_json::json;

use super::input::text;
use super::made::{UPPER, done, fresh, moment, output};
use super::{Operation, Outcome};
use crate::aws::call::Call;
use crate::aws::desk::Desk;

/// What CodeArtifact answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("GetAuthorizationToken", get_authorization_token),
    ("GetRepositoryEndpoint", get_repository_endpoint),
    ("PublishPackageVersion", publish),
];

fn get_authorization_token(call: &Call, desk: &Desk) -> Outcome {
    text(call, "domain")?;
    let seconds = super::input::number(call, "durationSeconds").unwrap_or(12 * 3600);
    output(json!({
        "authorizationToken": fresh("rehearsal", UPPER, 200),
        "expiration": moment(desk, seconds),
    }))
}

fn get_repository_endpoint(call: &Call, desk: &Desk) -> Outcome {
    let (domain, repository) = (text(call, "domain")?, text(call, "repository")?);
    let format = text(call, "format")?;
    let owner = call.text("domainOwner").unwrap_or(&desk.world.account);
    let host = format!("{domain}-{owner}.d.codeartifact.{}.amazonaws.com", call.region);
    output(json!({ "repositoryEndpoint": format!("https://{host}/{format}/{repository}/") }))
}

fn publish(call: &Call, _: &Desk) -> Outcome {
    let (package, version) = (text(call, "package")?, text(call, "packageVersion")?);
    let said = json!({
        "format": call.text("format"),
        "namespace": call.text("namespace"),
        "package": package,
        "version": version,
        "versionRevision": fresh("", UPPER, 43),
        "status": if super::input::flag(call, "unfinished") { "Unfinished" } else { "Published" },
    });
    done(said, format!("published package {package} {version} to {}", text(call, "repository")?))
}
