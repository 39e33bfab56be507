//! Elastic Beanstalk, EKS, Step Functions and Batch: where applications and jobs run.
//!
//! Owns: what commands of this execution made there; everything is complete at once. Any EKS cluster is taken to be there,
//! at an address that exists nowhere: `aws eks update-kubeconfig` begins with asking for it.

use serde_json::{Value, json};

use super::input::{flag, inner, missing, short, text, texts};
use super::made::{
    HEX, LOWER, all, done, encoded, find, letters, merged, next, now, output, picked, put, unanswered,
};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What Elastic Beanstalk answers.
pub(super) const ELASTIC_BEANSTALK: &[Operation] = &[
    ("CreateApplicationVersion", create_version),
    ("CreateEnvironment", write_environment),
    ("DescribeApplicationVersions", describe_versions),
    ("DescribeEnvironments", describe_environments),
    ("UpdateEnvironment", write_environment),
];

/// What EKS answers.
pub(super) const EKS: &[Operation] = &[("DescribeCluster", describe_cluster)];

/// What Step Functions answers.
pub(super) const STATES: &[Operation] = &[
    ("CreateStateMachine", create_state_machine),
    ("DescribeExecution", describe_execution),
    ("StartExecution", start_execution),
    ("UpdateStateMachine", update_state_machine),
];

/// What Batch answers.
pub(super) const BATCH: &[Operation] =
    &[("DescribeJobs", describe_jobs), ("RegisterJobDefinition", register_job), ("SubmitJob", submit_job)];

const VERSION: &str = "elasticbeanstalk:version";
const ENVIRONMENT: &str = "elasticbeanstalk:environment";
const EXECUTION: &str = "states:execution";
const JOB: &str = "batch:job";

fn create_version(call: &Call, desk: &Desk) -> Outcome {
    let (application, label) = (text(call, "ApplicationName")?, text(call, "VersionLabel")?);
    let full = format!("{application}/{label}");
    if find(desk, VERSION, &full).is_some() {
        let message = format!("Application Version {label} already exists.");
        return Err(ApiError::new("InvalidParameterValue", message));
    }
    let version = merged(
        &picked(call, &["ApplicationName", "VersionLabel", "Description", "SourceBundle"]),
        json!({
            "ApplicationVersionArn": desk.world.arn("elasticbeanstalk", &call.region, &format!("applicationversion/{full}")),
            "DateCreated": now(desk),
            "DateUpdated": now(desk),
            "Status": if flag(call, "Process") { "PROCESSED" } else { "UNPROCESSED" },
        }),
    );
    put(desk, VERSION, &full, &version);
    done(
        json!({ "ApplicationVersion": version }),
        format!("created version {label} of application {application}"),
    )
}

fn describe_versions(call: &Call, desk: &Desk) -> Outcome {
    let application = call.text("ApplicationName");
    let labels = texts(call, "VersionLabels");
    let fits = |version: &Value| {
        (application.is_none() || inner(version, "ApplicationName") == application)
            && (labels.is_empty() || inner(version, "VersionLabel").is_some_and(|own| labels.contains(&own)))
    };
    let versions: Vec<Value> = all(desk, VERSION).into_iter().filter(fits).collect();
    if versions.is_empty() || versions.len() < labels.len() {
        return unanswered();
    }
    output(json!({ "ApplicationVersions": versions }))
}

/// `CreateEnvironment` and `UpdateEnvironment`: of one that nobody made too, for AWS may well have it.
fn write_environment(call: &Call, desk: &Desk) -> Outcome {
    let name = call.text("EnvironmentName").or_else(|| call.text("EnvironmentId"));
    let name = name.ok_or_else(|| missing("EnvironmentName"))?;
    let before = find(desk, ENVIRONMENT, name).unwrap_or_else(|| {
        json!({
            "EnvironmentId": format!("e-{}", letters(name, LOWER, 10)),
            "EnvironmentName": name,
            "DateCreated": now(desk),
            "CNAME": format!("{name}.{}.elasticbeanstalk.com", call.region),
        })
    });
    let given = picked(
        call,
        &[
            "ApplicationName",
            "VersionLabel",
            "SolutionStackName",
            "PlatformArn",
            "Description",
            "EnvironmentId",
        ],
    );
    let environment = merged(
        &merged(&before, given),
        json!({ "Status": "Ready", "Health": "Green", "HealthStatus": "Ok", "DateUpdated": now(desk) }),
    );
    put(desk, ENVIRONMENT, name, &environment);
    let verb = if call.operation.starts_with("Create") { "created" } else { "updated" };
    let version = call.text("VersionLabel").map(|label| format!(" to version {label}")).unwrap_or_default();
    done(environment, format!("{verb} environment {name}{version}"))
}

fn describe_environments(call: &Call, desk: &Desk) -> Outcome {
    let (names, ids) = (texts(call, "EnvironmentNames"), texts(call, "EnvironmentIds"));
    let application = call.text("ApplicationName");
    let fits = |it: &Value| {
        let is = |asked: &[&str], member: &str| {
            asked.is_empty() || inner(it, member).is_some_and(|own| asked.contains(&own))
        };
        is(&names, "EnvironmentName")
            && is(&ids, "EnvironmentId")
            && (application.is_none()
                || inner(it, "ApplicationName").is_none_or(|own| Some(own) == application))
    };
    let found: Vec<Value> = all(desk, ENVIRONMENT).into_iter().filter(fits).collect();
    if found.is_empty() || found.len() < names.len().max(ids.len()) {
        return unanswered();
    }
    output(json!({ "Environments": found }))
}

fn describe_cluster(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "name")?;
    let arn = desk.world.arn("eks", &call.region, &format!("cluster/{name}"));
    let certificate = "-----BEGIN CERTIFICATE-----\nrehearsal\n-----END CERTIFICATE-----\n";
    let host = format!("{}.{}.eks.invalid", letters(&arn, HEX, 32), call.region);
    output(json!({ "cluster": {
        "name": name,
        "arn": arn,
        "createdAt": now(desk),
        "version": "1.33",
        "endpoint": format!("https://{host}"),
        "certificateAuthority": { "data": encoded(certificate.as_bytes()) },
        "identity": { "oidc": { "issuer": format!("https://{host}/id") } },
        "status": "ACTIVE",
        "tags": {},
    } }))
}

fn create_state_machine(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "name")?;
    let arn = desk.world.arn("states", &call.region, &format!("stateMachine:{name}"));
    done(
        json!({ "stateMachineArn": arn, "creationDate": now(desk) }),
        format!("created state machine {name}"),
    )
}

fn update_state_machine(call: &Call, desk: &Desk) -> Outcome {
    let name = short(text(call, "stateMachineArn")?);
    done(json!({ "updateDate": now(desk), "revisionId": new_id() }), format!("changed state machine {name}"))
}

fn start_execution(call: &Call, desk: &Desk) -> Outcome {
    let machine = text(call, "stateMachineArn")?;
    let (name, execution) = (short(machine), call.text("name").map_or_else(new_id, str::to_owned));
    let arn = desk.world.arn("states", &call.region, &format!("execution:{name}:{execution}"));
    let made = json!({
        "executionArn": arn,
        "stateMachineArn": machine,
        "name": execution,
        "status": "SUCCEEDED",
        "startDate": now(desk),
        "stopDate": now(desk),
        "input": call.text("input").unwrap_or("{}"),
        "output": "null",
    });
    put(desk, EXECUTION, &arn, &made);
    done(json!({ "executionArn": arn, "startDate": now(desk) }), format!("started state machine {name}"))
}

fn describe_execution(call: &Call, desk: &Desk) -> Outcome {
    find(desk, EXECUTION, text(call, "executionArn")?).map_or_else(unanswered, output)
}

fn register_job(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "jobDefinitionName")?;
    let revision = next(desk, "batch:definitions", name);
    let arn = desk.world.arn("batch", &call.region, &format!("job-definition/{name}:{revision}"));
    let said = json!({ "jobDefinitionName": name, "jobDefinitionArn": arn, "revision": revision });
    done(said, format!("registered job definition {name}:{revision}"))
}

fn submit_job(call: &Call, desk: &Desk) -> Outcome {
    let (name, id) = (text(call, "jobName")?, new_id());
    let arn = desk.world.arn("batch", &call.region, &format!("job/{id}"));
    let started = desk.world.clock.now().as_millisecond();
    let job = merged(
        &picked(call, &["jobName", "jobQueue", "jobDefinition"]),
        json!({
            "jobId": id,
            "jobArn": arn,
            "status": "SUCCEEDED",
            "createdAt": started,
            "startedAt": started,
            "stoppedAt": started,
        }),
    );
    put(desk, JOB, &id, &job);
    done(json!({ "jobArn": arn, "jobName": name, "jobId": id }), format!("submitted job {name}"))
}

fn describe_jobs(call: &Call, desk: &Desk) -> Outcome {
    let asked = texts(call, "jobs");
    let found: Vec<Value> = asked.iter().filter_map(|id| find(desk, JOB, short(id))).collect();
    if found.len() < asked.len() { unanswered() } else { output(json!({ "jobs": found })) }
}
