//! CodePipeline: executions that commands of this execution started, and answers to its jobs and approvals.
//!
//! Owns: those. Another pipeline that a command starts is taken to succeed; it is not rehearsed.

use serde_json::json;

use super::input::{inner, text};
use super::made::{all, done, find, now, output, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::Call;
use crate::aws::desk::Desk;
use crate::clock::new_id;

/// What CodePipeline answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("CreatePipeline", write_pipeline),
    ("DisableStageTransition", transition),
    ("EnableStageTransition", transition),
    ("GetPipelineExecution", get_execution),
    ("GetPipelineState", get_state),
    ("ListPipelineExecutions", list_executions),
    ("PutApprovalResult", put_approval_result),
    ("PutJobFailureResult", put_job_result),
    ("PutJobSuccessResult", put_job_result),
    ("PutThirdPartyJobFailureResult", put_job_result),
    ("PutThirdPartyJobSuccessResult", put_job_result),
    ("RetryStageExecution", retry_stage),
    ("StartPipelineExecution", start),
    ("StopPipelineExecution", stop),
    ("UpdatePipeline", write_pipeline),
];

const EXECUTION: &str = "codepipeline:execution";

fn start(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "name")?;
    let id = new_id();
    let execution = json!({
        "pipelineName": name,
        "pipelineVersion": 1,
        "pipelineExecutionId": id,
        "status": "Succeeded",
        "statusSummary": "",
        "artifactRevisions": [],
        "startTime": now(desk),
        "lastUpdateTime": now(desk),
    });
    put(desk, EXECUTION, &id, &execution);
    done(json!({ "pipelineExecutionId": id }), format!("started pipeline {name}"))
}

fn get_execution(call: &Call, desk: &Desk) -> Outcome {
    let Some(mut execution) = find(desk, EXECUTION, text(call, "pipelineExecutionId")?) else {
        return unanswered();
    };
    for only_in_lists in ["startTime", "lastUpdateTime"] {
        execution.as_object_mut().and_then(|members| members.remove(only_in_lists));
    }
    output(json!({ "pipelineExecution": execution }))
}

/// The executions of a pipeline that were started here.
fn started(desk: &Desk, name: &str) -> Vec<serde_json::Value> {
    all(desk, EXECUTION).into_iter().filter(|it| inner(it, "pipelineName") == Some(name)).collect()
}

fn list_executions(call: &Call, desk: &Desk) -> Outcome {
    let mut executions = started(desk, text(call, "pipelineName")?);
    for execution in &mut executions {
        for only_alone in ["pipelineName", "pipelineVersion", "artifactRevisions"] {
            execution.as_object_mut().and_then(|members| members.remove(only_alone));
        }
        execution["sourceRevisions"] = json!([]);
    }
    if executions.is_empty() {
        unanswered()
    } else {
        output(json!({ "pipelineExecutionSummaries": executions }))
    }
}

/// The stages of a pipeline elsewhere are not known, so none are told.
fn get_state(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "name")?;
    if started(desk, name).is_empty() {
        return unanswered();
    }
    output(json!({ "pipelineName": name, "pipelineVersion": 1, "stageStates": [], "updated": now(desk) }))
}

fn stop(call: &Call, _: &Desk) -> Outcome {
    let (name, id) = (text(call, "pipelineName")?, text(call, "pipelineExecutionId")?);
    done(json!({ "pipelineExecutionId": id }), format!("stopped an execution of pipeline {name}"))
}

fn retry_stage(call: &Call, _: &Desk) -> Outcome {
    let (name, stage) = (text(call, "pipelineName")?, text(call, "stageName")?);
    let id = text(call, "pipelineExecutionId")?;
    done(json!({ "pipelineExecutionId": id }), format!("retried stage {stage} of pipeline {name}"))
}

fn transition(call: &Call, _: &Desk) -> Outcome {
    let verb = if call.operation.starts_with("Enable") { "enabled" } else { "disabled" };
    let (name, stage) = (text(call, "pipelineName")?, text(call, "stageName")?);
    done(json!({}), format!("{verb} a transition of stage {stage} of pipeline {name}"))
}

fn put_job_result(call: &Call, _: &Desk) -> Outcome {
    let id = text(call, "jobId")?;
    let result = if call.operation.contains("Success") { "success" } else { "failure" };
    done(json!({}), format!("reported {result} of job {id}"))
}

fn put_approval_result(call: &Call, desk: &Desk) -> Outcome {
    let (name, action) = (text(call, "pipelineName")?, text(call, "actionName")?);
    let status = call.parameters.get("result").and_then(|result| inner(result, "status"));
    let verb = if status == Some("Rejected") { "rejected" } else { "approved" };
    done(json!({ "approvedAt": now(desk) }), format!("{verb} action {action} of pipeline {name}"))
}

fn write_pipeline(call: &Call, _: &Desk) -> Outcome {
    let mut pipeline = call.parameters.get("pipeline").cloned().unwrap_or_else(|| json!({}));
    let name = inner(&pipeline, "name").unwrap_or_default().to_owned();
    if pipeline.get("version").is_none() {
        pipeline["version"] = json!(1);
    }
    let verb = if call.operation.starts_with("Create") { "created" } else { "changed" };
    done(json!({ "pipeline": pipeline }), format!("{verb} pipeline {name}"))
}
