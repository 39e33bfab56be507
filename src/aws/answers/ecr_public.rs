//! The public container registry.
//!
//! Owns: its login, which AWS gives in us-east-1 alone, and repositories made in this execution.

use serde_json::json;

use super::input::text;
use super::made::{UPPER, done, encoded, fresh, listed, moment, now, output, put};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What the public registry answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("CreateRepository", create_repository),
    ("DescribeRepositories", |_, desk| listed(desk, REPOSITORY, "repositories")),
    ("GetAuthorizationToken", get_authorization_token),
];

const REPOSITORY: &str = "ecr-public:repository";
const ALIAS: &str = "rehearsal";

fn in_its_region(call: &Call) -> Result<(), ApiError> {
    if call.region == "us-east-1" {
        return Ok(());
    }
    let message = format!(
        "ecr-public is not available in {}: it has an endpoint in us-east-1 alone; add `--region us-east-1`",
        call.region
    );
    Err(ApiError::new("UnsupportedCommandException", message))
}

fn get_authorization_token(call: &Call, desk: &Desk) -> Outcome {
    in_its_region(call)?;
    output(json!({ "authorizationData": {
        "authorizationToken": encoded(fresh("AWS:", UPPER, 200).as_bytes()),
        "expiresAt": moment(desk, 12 * 3600),
    } }))
}

fn create_repository(call: &Call, desk: &Desk) -> Outcome {
    in_its_region(call)?;
    let name = text(call, "repositoryName")?;
    let account = &desk.world.account;
    let repository = json!({
        "repositoryArn": format!("arn:aws:ecr-public::{account}:repository/{name}"),
        "registryId": account,
        "repositoryName": name,
        "repositoryUri": format!("public.ecr.aws/{ALIAS}/{name}"),
        "createdAt": now(desk),
    });
    put(desk, REPOSITORY, name, &repository);
    done(json!({ "repository": repository, "catalogData": {} }), format!("created public repository {name}"))
}
