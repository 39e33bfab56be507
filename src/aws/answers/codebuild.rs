//! CodeBuild: builds that commands of this execution started.
//!
//! Owns: those. A build that a command starts elsewhere is taken to succeed at once; it is not rehearsed.

use serde_json::{Value, json};

use super::input::{text, texts};
use super::made::{done, find, now, output, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::Call;
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What CodeBuild answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("BatchGetBuildBatches", |call, desk| {
        batch_get(call, desk, BATCH, "buildBatches", "buildBatchesNotFound")
    }),
    ("BatchGetBuilds", |call, desk| batch_get(call, desk, BUILD, "builds", "buildsNotFound")),
    ("ListBuildsForProject", list_builds),
    ("RetryBuild", retry),
    ("StartBuild", |call, desk| start(call, desk, BUILD)),
    ("StartBuildBatch", |call, desk| start(call, desk, BATCH)),
    ("StopBuild", stop),
];

const BUILD: &str = "codebuild:build";
const BATCH: &str = "codebuild:build-batch";

fn made(call: &Call, desk: &Desk, kind: &str, project: &str) -> Value {
    let id = format!("{project}:{}", new_id());
    let resource = if kind == BUILD { "build" } else { "build-batch" };
    let status = if kind == BUILD { "buildStatus" } else { "buildBatchStatus" };
    let build = json!({
        "id": id,
        "arn": desk.world.arn("codebuild", &call.region, &format!("{resource}/{id}")),
        "projectName": project,
        "currentPhase": "COMPLETED",
        status: "SUCCEEDED",
        "startTime": now(desk),
        "endTime": now(desk),
        "sourceVersion": call.text("sourceVersion"),
        "initiator": "rehearsal",
        "phases": [],
    });
    put(desk, kind, &id, &build);
    let mut begun = build;
    begun[status] = json!("IN_PROGRESS");
    begun["currentPhase"] = json!("QUEUED");
    if let Some(members) = begun.as_object_mut() {
        members.remove("endTime");
    }
    begun
}

fn start(call: &Call, desk: &Desk, kind: &str) -> Outcome {
    let project = text(call, "projectName")?;
    let member = if kind == BUILD { "build" } else { "buildBatch" };
    done(json!({ member: made(call, desk, kind, project) }), format!("started a build of project {project}"))
}

fn retry(call: &Call, desk: &Desk) -> Outcome {
    let id = text(call, "id")?;
    let project = id.split(':').next().unwrap_or(id);
    done(
        json!({ "build": made(call, desk, BUILD, project) }),
        format!("retried a build of project {project}"),
    )
}

fn stop(call: &Call, desk: &Desk) -> Outcome {
    let id = text(call, "id")?;
    let mut build = find(desk, BUILD, id).unwrap_or_else(|| json!({ "id": id }));
    build["buildStatus"] = json!("STOPPED");
    put(desk, BUILD, id, &build);
    done(json!({ "build": build }), format!("stopped build {id}"))
}

fn batch_get(call: &Call, desk: &Desk, kind: &str, member: &str, missing: &str) -> Outcome {
    let asked = texts(call, "ids");
    let found: Vec<Value> = asked.iter().filter_map(|id| find(desk, kind, id)).collect();
    if found.len() < asked.len() { unanswered() } else { output(json!({ member: found, missing: [] })) }
}

fn list_builds(call: &Call, desk: &Desk) -> Outcome {
    let prefix = format!("{}:", text(call, "projectName")?);
    let made = desk.world.made();
    let ids: Vec<&str> = made.all(BUILD).map(|(id, _)| id).filter(|id| id.starts_with(&prefix)).collect();
    if ids.is_empty() { unanswered() } else { output(json!({ "ids": ids })) }
}
