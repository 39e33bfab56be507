//! Identity and Access Management: roles and policies that commands of this execution made.

use serde_json::{Value, json};

use super::input::{inner, short, text};
use super::made::{UPPER, done, find, found, fresh, merged, now, output, picked, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What IAM answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("AttachRolePolicy", attach),
    ("CreatePolicy", create_policy),
    ("CreateRole", create_role),
    ("CreateServiceLinkedRole", create_service_linked_role),
    ("DeleteRole", delete_role),
    ("GetPolicy", |call, desk| found(desk, POLICY, short(text(call, "PolicyArn")?), "Policy")),
    ("GetRole", |call, desk| found(desk, ROLE, text(call, "RoleName")?, "Role")),
    ("GetRolePolicy", get_role_policy),
    ("PutRolePolicy", put_role_policy),
    ("UpdateAssumeRolePolicy", update_trust),
];

const ROLE: &str = "iam:role";
const POLICY: &str = "iam:policy";
const INLINE: &str = "iam:role-policy";

/// An ARN of IAM, which has no region.
fn arn(desk: &Desk, resource: &str) -> String {
    format!("arn:aws:iam::{}:{resource}", desk.world.account)
}

fn document(call: &Call, member: &str) -> Result<(), ApiError> {
    let text = text(call, member)?;
    if serde_json::from_str::<Value>(text).is_ok_and(|document| document.is_object()) {
        return Ok(());
    }
    let error = ApiError::new("MalformedPolicyDocument", "This policy contains invalid Json");
    Err(error)
}

fn create_role(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "RoleName")?;
    document(call, "AssumeRolePolicyDocument")?;
    if find(desk, ROLE, name).is_some() {
        let message = format!("Role with name {name} already exists.");
        return Err(ApiError::new("EntityAlreadyExists", message).with_status(409));
    }
    let path = call.text("Path").unwrap_or("/");
    let role = merged(
        &picked(call, &["AssumeRolePolicyDocument", "Description", "MaxSessionDuration"]),
        json!({
            "Path": path,
            "RoleName": name,
            "RoleId": fresh("AROA", UPPER, 17),
            "Arn": arn(desk, &format!("role{path}{name}")),
            "CreateDate": now(desk),
        }),
    );
    put(desk, ROLE, name, &role);
    done(json!({ "Role": role }), format!("created role {name}"))
}

fn create_service_linked_role(call: &Call, desk: &Desk) -> Outcome {
    let service = text(call, "AWSServiceName")?;
    let name = format!("AWSServiceRoleFor-{}", service.split('.').next().unwrap_or(service));
    let path = format!("/aws-service-role/{service}/");
    let role = json!({
        "Path": path,
        "RoleName": name,
        "RoleId": fresh("AROA", UPPER, 17),
        "Arn": arn(desk, &format!("role{path}{name}")),
        "CreateDate": now(desk),
    });
    put(desk, ROLE, &name, &role);
    done(json!({ "Role": role }), format!("created the role of service {service}"))
}

fn delete_role(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "RoleName")?;
    desk.world.made().remove(ROLE, name);
    done(json!({}), format!("deleted role {name}"))
}

fn attach(call: &Call, _: &Desk) -> Outcome {
    let (role, policy) = (text(call, "RoleName")?, short(text(call, "PolicyArn")?));
    done(json!({}), format!("attached policy {policy} to role {role}"))
}

fn create_policy(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "PolicyName")?;
    document(call, "PolicyDocument")?;
    if find(desk, POLICY, name).is_some() {
        let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(ApiError::new("EntityAlreadyExists", message).with_status(409));
    }
    let path = call.text("Path").unwrap_or("/");
    let policy = json!({
        "PolicyName": name,
        "PolicyId": fresh("ANPA", UPPER, 17),
        "Arn": arn(desk, &format!("policy{path}{name}")),
        "Path": path,
        "DefaultVersionId": "v1",
        "AttachmentCount": 0,
        "IsAttachable": true,
        "CreateDate": now(desk),
        "UpdateDate": now(desk),
    });
    put(desk, POLICY, name, &policy);
    done(json!({ "Policy": policy }), format!("created policy {name}"))
}

fn put_role_policy(call: &Call, desk: &Desk) -> Outcome {
    let (role, name) = (text(call, "RoleName")?, text(call, "PolicyName")?);
    document(call, "PolicyDocument")?;
    put(
        desk,
        INLINE,
        &format!("{role}/{name}"),
        &picked(call, &["RoleName", "PolicyName", "PolicyDocument"]),
    );
    done(json!({}), format!("put policy {name} into role {role}"))
}

fn get_role_policy(call: &Call, desk: &Desk) -> Outcome {
    let name = format!("{}/{}", text(call, "RoleName")?, text(call, "PolicyName")?);
    find(desk, INLINE, &name).map_or_else(unanswered, output)
}

fn update_trust(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "RoleName")?;
    document(call, "PolicyDocument")?;
    if let Some(mut role) = find(desk, ROLE, name) {
        role["AssumeRolePolicyDocument"] = json!(inner(&call.parameters, "PolicyDocument"));
        put(desk, ROLE, name, &role);
    }
    done(json!({}), format!("changed who may take on role {name}"))
}
