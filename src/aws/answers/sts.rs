//! Security Token Service: who asks, and roles taken on.
//!
//! Owns: identities in AWS's forms. Keys are made up; those that a role gives out are of this session too. Any role can
//! be taken on: who may is decided by policies that only AWS has.

use serde_json::{Value, json};

use super::input::{number, text};
use super::made::{UPPER, fresh, letters, moment, output, uuid};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What STS answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("AssumeRole", assume_role),
    ("AssumeRoleWithSAML", assume_role),
    ("AssumeRoleWithWebIdentity", assume_role),
    ("DecodeAuthorizationMessage", decode),
    ("GetAccessKeyInfo", |_, desk| output(json!({ "Account": desk.world.account }))),
    ("GetCallerIdentity", get_caller_identity),
    ("GetFederationToken", get_federation_token),
    ("GetSessionToken", get_session_token),
];

/// How long keys last unless the call says otherwise, in seconds.
const HOUR: i64 = 3600;

/// The ARN of whoever signed `call`.
fn caller(call: &Call, desk: &Desk) -> String {
    desk.assumed(&call.access_key).unwrap_or_else(|| {
        let session = format!("AWSCodeBuild-{}", uuid(desk.access_key()));
        let role = match desk.project() {
            Some(project) => format!("codebuild-{project}-service-role"),
            None => "codebuild-service-role".to_owned(),
        };
        format!("arn:aws:sts::{}:assumed-role/{role}/{session}", desk.world.account)
    })
}

fn account_of(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// `AROA…:session`: the id of a role and the session's name, which follow from the ARN.
fn role_id(arn: &str) -> String {
    let (role, session) = arn.rsplit_once('/').unwrap_or((arn, "session"));
    format!("AROA{}:{session}", letters(role, UPPER, 17))
}

fn get_caller_identity(call: &Call, desk: &Desk) -> Outcome {
    let arn = caller(call, desk);
    output(json!({ "UserId": role_id(&arn), "Account": account_of(&arn), "Arn": arn }))
}

fn credentials(desk: &Desk, arn: &str, seconds: i64) -> Value {
    json!({
        "AccessKeyId": desk.assume(arn),
        "SecretAccessKey": fresh("", UPPER, 40),
        "SessionToken": fresh("rehearsal", UPPER, 200),
        "Expiration": moment(desk, seconds),
    })
}

fn assume_role(call: &Call, desk: &Desk) -> Outcome {
    let arn = text(call, "RoleArn")?;
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let (account, role) = match parts[..] {
        ["arn", partition, "iam", "", account, role]
            if partition.starts_with("aws")
                && account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (account, role.strip_prefix("role/").filter(|role| !role.is_empty()))
        }
        _ => ("", None),
    };
    let Some(role) = role else {
        return Err(ApiError::new("ValidationError", format!("{arn} is invalid")));
    };
    let session = match call.operation.as_str() {
        "AssumeRole" => text(call, "RoleSessionName")?,
        "AssumeRoleWithSAML" => "saml",
        _ => call.text("RoleSessionName").unwrap_or("web-identity"),
    };
    let is_session = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(is_session) {
        return Err(ApiError::new(
            "ValidationError",
            format!(
                "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [\\w+=,.@-]*"
            ),
        ));
    }
    let seconds = number(call, "DurationSeconds").unwrap_or(HOUR);
    if !(900..=43_200).contains(&seconds) {
        let bound =
            if seconds < 900 { "greater than or equal to 900" } else { "less than or equal to 43200" };
        return Err(ApiError::new(
            "ValidationError",
            format!(
                "1 validation error detected: Value '{seconds}' at 'durationSeconds' failed to satisfy constraint: \
                 Member must have value {bound}"
            ),
        ));
    }
    // A role's path is not part of the session's ARN.
    let role = role.rsplit('/').next().unwrap_or(role);
    let arn = format!("arn:aws:sts::{account}:assumed-role/{role}/{session}");
    output(json!({
        "Credentials": credentials(desk, &arn, seconds),
        "AssumedRoleUser": { "AssumedRoleId": role_id(&arn), "Arn": arn },
    }))
}

fn get_session_token(call: &Call, desk: &Desk) -> Outcome {
    let seconds = number(call, "DurationSeconds").unwrap_or(12 * HOUR);
    output(json!({ "Credentials": credentials(desk, &caller(call, desk), seconds) }))
}

fn get_federation_token(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    let account = &desk.world.account;
    let arn = format!("arn:aws:sts::{account}:federated-user/{name}");
    let seconds = number(call, "DurationSeconds").unwrap_or(12 * HOUR);
    output(json!({
        "Credentials": credentials(desk, &arn, seconds),
        "FederatedUser": { "FederatedUserId": format!("{account}:{name}"), "Arn": arn },
    }))
}

fn decode(_: &Call, _: &Desk) -> Outcome {
    let message = "only AWS can decode its own messages, and none of them comes from a rehearsal";
    Err(ApiError::new("InvalidAuthorizationMessageException", message))
}
