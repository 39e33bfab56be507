//! CodeDeploy: deployments and revisions that commands of this execution made.
//!
//! Owns: those. A deployment that a command starts is taken to succeed at once; the ones of the pipeline itself are
//! rehearsed elsewhere.

use serde_json::{Value, json};

use super::input::{inner, text, texts};
use super::made::{UPPER, done, find, found, fresh, listed, merged, now, output, picked, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::Call;
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What CodeDeploy answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("BatchGetDeployments", batch_get_deployments),
    ("ContinueDeployment", |call, _| {
        done(json!({}), format!("continued deployment {}", text(call, "deploymentId")?))
    }),
    ("CreateApplication", create_application),
    ("CreateDeployment", create_deployment),
    ("CreateDeploymentGroup", create_deployment_group),
    ("GetApplication", |call, desk| found(desk, APPLICATION, text(call, "applicationName")?, "application")),
    ("GetApplicationRevision", get_application_revision),
    ("GetDeployment", |call, desk| found(desk, DEPLOYMENT, text(call, "deploymentId")?, "deploymentInfo")),
    ("GetDeploymentGroup", get_deployment_group),
    ("ListApplicationRevisions", |_, desk| listed(desk, REVISION, "revisions")),
    ("ListDeployments", list_deployments),
    ("PutLifecycleEventHookExecutionStatus", put_hook_status),
    ("RegisterApplicationRevision", register_revision),
    ("StopDeployment", stop_deployment),
];

const APPLICATION: &str = "codedeploy:application";
const DEPLOYMENT: &str = "codedeploy:deployment";
const GROUP: &str = "codedeploy:group";
const REVISION: &str = "codedeploy:revision";

fn create_deployment(call: &Call, desk: &Desk) -> Outcome {
    let application = text(call, "applicationName")?;
    let id = fresh("d-", UPPER, 9);
    let given = picked(
        call,
        &["applicationName", "deploymentGroupName", "deploymentConfigName", "revision", "description"],
    );
    let own = json!({
        "deploymentId": id,
        "status": "Succeeded",
        "creator": "user",
        "createTime": now(desk),
        "startTime": now(desk),
        "completeTime": now(desk),
        "deploymentOverview": { "Pending": 0, "InProgress": 0, "Succeeded": 1, "Failed": 0, "Skipped": 0, "Ready": 0 },
    });
    put(desk, DEPLOYMENT, &id, &merged(&given, own));
    let group = call.text("deploymentGroupName").map(|name| format!(" to group {name}")).unwrap_or_default();
    done(json!({ "deploymentId": id }), format!("deployed application {application}{group}"))
}

fn batch_get_deployments(call: &Call, desk: &Desk) -> Outcome {
    let asked = texts(call, "deploymentIds");
    let found: Vec<Value> = asked.iter().filter_map(|id| find(desk, DEPLOYMENT, id)).collect();
    if found.len() < asked.len() { unanswered() } else { output(json!({ "deploymentsInfo": found })) }
}

fn list_deployments(_: &Call, desk: &Desk) -> Outcome {
    let made = desk.world.made();
    let ids: Vec<&str> = made.all(DEPLOYMENT).map(|(id, _)| id).collect();
    if ids.is_empty() { unanswered() } else { output(json!({ "deployments": ids })) }
}

fn stop_deployment(call: &Call, _: &Desk) -> Outcome {
    let id = text(call, "deploymentId")?;
    done(json!({ "status": "Succeeded", "statusMessage": "" }), format!("stopped deployment {id}"))
}

fn revision_key(call: &Call) -> String {
    call.parameters.get("revision").map(Value::to_string).unwrap_or_default()
}

fn register_revision(call: &Call, desk: &Desk) -> Outcome {
    let application = text(call, "applicationName")?;
    let revision = call.parameters.get("revision").cloned().unwrap_or_default();
    put(desk, REVISION, &revision_key(call), &revision);
    done(json!({}), format!("registered a revision of application {application}"))
}

fn get_application_revision(call: &Call, desk: &Desk) -> Outcome {
    let Some(revision) = find(desk, REVISION, &revision_key(call)) else { return unanswered() };
    output(json!({
        "applicationName": text(call, "applicationName")?,
        "revision": revision,
        "revisionInfo": { "deploymentGroups": [], "registerTime": now(desk) },
    }))
}

fn create_application(call: &Call, desk: &Desk) -> Outcome {
    let (name, id) = (text(call, "applicationName")?, new_id());
    let made = json!({
        "applicationId": id,
        "applicationName": name,
        "createTime": now(desk),
        "linkedToGitHub": false,
        "computePlatform": call.text("computePlatform").unwrap_or("Server"),
    });
    put(desk, APPLICATION, name, &made);
    done(json!({ "applicationId": id }), format!("created application {name}"))
}

fn create_deployment_group(call: &Call, desk: &Desk) -> Outcome {
    let (application, name) = (text(call, "applicationName")?, text(call, "deploymentGroupName")?);
    let id = new_id();
    let group = merged(&call.parameters, json!({ "deploymentGroupId": id }));
    put(desk, GROUP, &format!("{application}/{name}"), &group);
    done(json!({ "deploymentGroupId": id }), format!("created deployment group {name} of {application}"))
}

fn get_deployment_group(call: &Call, desk: &Desk) -> Outcome {
    let name = format!("{}/{}", text(call, "applicationName")?, text(call, "deploymentGroupName")?);
    found(desk, GROUP, &name, "deploymentGroupInfo")
}

fn put_hook_status(call: &Call, _: &Desk) -> Outcome {
    let status = inner(&call.parameters, "status").unwrap_or_default();
    let id = call.text("lifecycleEventHookExecutionId");
    done(json!({ "lifecycleEventHookExecutionId": id }), format!("reported {status} of a deployment hook"))
}
