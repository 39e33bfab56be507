//! SageMaker: models, endpoints, packages and jobs that commands of this execution made.
//!
//! Owns: one table of what can be made, with the names of its operations. Everything is complete at once: an endpoint is in
//! service, a job has completed.

use serde_json::{Value, json};

use super::input::{inner, short, text};
use super::made::{LOWER, all, done, find, fresh, letters, merged, next, now, output, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What SageMaker answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("CreateEndpoint", create),
    ("CreateEndpointConfig", create),
    ("CreateModel", create),
    ("CreateModelPackage", create_package),
    ("CreateModelPackageGroup", create),
    ("CreatePipeline", create),
    ("CreateProcessingJob", create),
    ("CreateTrainingJob", create),
    ("CreateTransformJob", create),
    ("DeleteEndpoint", delete),
    ("DeleteEndpointConfig", delete),
    ("DeleteModel", delete),
    ("DescribeEndpoint", describe),
    ("DescribeEndpointConfig", describe),
    ("DescribeModel", describe),
    ("DescribeModelPackage", describe_package),
    ("DescribeModelPackageGroup", describe),
    ("DescribePipeline", describe),
    ("DescribePipelineExecution", describe_pipeline_execution),
    ("DescribeProcessingJob", describe),
    ("DescribeTrainingJob", describe),
    ("DescribeTransformJob", describe),
    ("ListModelPackages", list_packages),
    ("StartPipelineExecution", start_pipeline),
    ("UpdateEndpoint", update_endpoint),
    ("UpdateModelPackage", update_package),
    ("UpdatePipeline", create),
];

/// Something that is made by name.
struct Kind {
    /// As in `CreateEndpoint`, and in its members `EndpointName` and `EndpointArn`.
    name: &'static str,
    /// As in ARNs.
    resource: &'static str,
    /// The member that says its state, and the state.
    state: Option<(&'static str, &'static str)>,
    /// As it reads.
    words: &'static str,
}

const KINDS: [Kind; 8] = [
    Kind {
        name: "Endpoint",
        resource: "endpoint",
        state: Some(("EndpointStatus", "InService")),
        words: "endpoint",
    },
    Kind {
        name: "EndpointConfig",
        resource: "endpoint-config",
        state: None,
        words: "endpoint configuration",
    },
    Kind { name: "Model", resource: "model", state: None, words: "model" },
    Kind {
        name: "ModelPackageGroup",
        resource: "model-package-group",
        state: Some(("ModelPackageGroupStatus", "Completed")),
        words: "model package group",
    },
    Kind {
        name: "Pipeline",
        resource: "pipeline",
        state: Some(("PipelineStatus", "Active")),
        words: "SageMaker pipeline",
    },
    Kind {
        name: "ProcessingJob",
        resource: "processing-job",
        state: Some(("ProcessingJobStatus", "Completed")),
        words: "processing job",
    },
    Kind {
        name: "TrainingJob",
        resource: "training-job",
        state: Some(("TrainingJobStatus", "Completed")),
        words: "training job",
    },
    Kind {
        name: "TransformJob",
        resource: "transform-job",
        state: Some(("TransformJobStatus", "Completed")),
        words: "transform job",
    },
];

const PACKAGE: &str = "sagemaker:ModelPackage";
const EXECUTION: &str = "sagemaker:PipelineExecution";

/// The kind that an operation is about, behind its verb.
fn kind(call: &Call) -> Result<&'static Kind, ApiError> {
    let noun = ["Create", "Describe", "Delete", "Update"]
        .into_iter()
        .find_map(|verb| call.operation.strip_prefix(verb))
        .unwrap_or_default();
    let found = KINDS.iter().find(|kind| kind.name == noun);
    found.ok_or_else(|| ApiError::new("ValidationException", format!("unknown operation {}", call.operation)))
}

fn name<'c>(call: &'c Call, kind: &Kind) -> Result<&'c str, ApiError> {
    Ok(short(text(call, &format!("{}Name", kind.name))?))
}

fn create(call: &Call, desk: &Desk) -> Outcome {
    let kind = kind(call)?;
    let name = name(call, kind)?;
    let place = format!("sagemaker:{}", kind.name);
    let updates = call.operation.starts_with("Update");
    let before = find(desk, &place, name);
    if before.is_some() && !updates {
        let message = format!("Cannot create already existing {} \"{name}\".", kind.words);
        return Err(ApiError::new("ValidationException", message));
    }
    // Names in ARNs are in lower case.
    let resource = format!("{}/{}", kind.resource, name.to_ascii_lowercase());
    let arn = desk.world.arn("sagemaker", &call.region, &resource);
    let member = format!("{}Arn", kind.name);
    let mut made = merged(&before.unwrap_or_default(), call.parameters.clone());
    made[&member] = json!(arn);
    made["CreationTime"] = now(desk);
    made["LastModifiedTime"] = now(desk);
    if let Some((status, value)) = kind.state {
        made[status] = json!(value);
    }
    if kind.name == "TrainingJob" {
        made["SecondaryStatus"] = json!("Completed");
        let output =
            made["OutputDataConfig"]["S3OutputPath"].as_str().unwrap_or_default().trim_end_matches('/');
        made["ModelArtifacts"] =
            json!({ "S3ModelArtifacts": format!("{output}/{name}/output/model.tar.gz") });
    }
    put(desk, &place, name, &made);
    let verb = if updates { "changed" } else { "created" };
    done(json!({ member: arn }), format!("{verb} {} {name}", kind.words))
}

fn describe(call: &Call, desk: &Desk) -> Outcome {
    let kind = kind(call)?;
    match find(desk, &format!("sagemaker:{}", kind.name), name(call, kind)?) {
        Some(made) => output(made),
        None => unanswered(),
    }
}

fn delete(call: &Call, desk: &Desk) -> Outcome {
    let kind = kind(call)?;
    let name = name(call, kind)?;
    desk.world.made().remove(&format!("sagemaker:{}", kind.name), name);
    done(json!({}), format!("deleted {} {name}", kind.words))
}

/// Of an endpoint that nobody made too: AWS may well have it, and it is known from then on.
fn update_endpoint(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "EndpointName")?;
    let resource = format!("endpoint/{}", name.to_ascii_lowercase());
    let arn = desk.world.arn("sagemaker", &call.region, &resource);
    let before = find(desk, "sagemaker:Endpoint", name)
        .unwrap_or_else(|| json!({ "EndpointName": name, "CreationTime": now(desk) }));
    let own = json!({
        "EndpointArn": arn,
        "EndpointConfigName": call.text("EndpointConfigName"),
        "EndpointStatus": "InService",
        "LastModifiedTime": now(desk),
    });
    put(desk, "sagemaker:Endpoint", name, &merged(&before, own));
    done(json!({ "EndpointArn": arn }), format!("updated endpoint {name}"))
}

fn create_package(call: &Call, desk: &Desk) -> Outcome {
    let group = call.text("ModelPackageGroupName").map(short);
    let (resource, version) = match (group, call.text("ModelPackageName")) {
        (Some(group), _) => {
            let version = next(desk, "sagemaker:packages", group);
            (format!("{}/{version}", group.to_ascii_lowercase()), Some(version))
        }
        (None, Some(name)) => (name.to_ascii_lowercase(), None),
        (None, None) => {
            let message = "ModelPackageGroupName or ModelPackageName must be given.";
            return Err(ApiError::new("ValidationException", message));
        }
    };
    let arn = desk.world.arn("sagemaker", &call.region, &format!("model-package/{resource}"));
    let mut package = call.parameters.clone();
    package["ModelPackageArn"] = json!(arn);
    package["ModelPackageVersion"] = json!(version);
    package["ModelPackageStatus"] = json!("Completed");
    package["CreationTime"] = now(desk);
    if version.is_some() && inner(&package, "ModelApprovalStatus").is_none() {
        package["ModelApprovalStatus"] = json!("PendingManualApproval");
    }
    put(desk, PACKAGE, &arn, &package);
    done(json!({ "ModelPackageArn": arn }), format!("registered model package {resource}"))
}

fn describe_package(call: &Call, desk: &Desk) -> Outcome {
    match find(desk, PACKAGE, text(call, "ModelPackageName")?) {
        Some(package) => output(package),
        None => unanswered(),
    }
}

fn list_packages(call: &Call, desk: &Desk) -> Outcome {
    let group = call.text("ModelPackageGroupName").map(short);
    let status = call.text("ModelApprovalStatus");
    let fits = |package: &Value| {
        let own = inner(package, "ModelPackageGroupName").map(short);
        (group.is_none() || own == group)
            && (status.is_none() || inner(package, "ModelApprovalStatus") == status)
    };
    let mut packages: Vec<Value> = all(desk, PACKAGE).into_iter().filter(fits).collect();
    // The newest first, as those ask who want the last.
    packages.sort_by_key(|package| std::cmp::Reverse(package["ModelPackageVersion"].as_i64()));
    if packages.is_empty() { unanswered() } else { output(json!({ "ModelPackageSummaryList": packages })) }
}

fn update_package(call: &Call, desk: &Desk) -> Outcome {
    let arn = text(call, "ModelPackageArn")?;
    let before = find(desk, PACKAGE, arn).unwrap_or_default();
    put(desk, PACKAGE, arn, &merged(&before, call.parameters.clone()));
    let name = arn.split_once("model-package/").map_or(arn, |(_, name)| name);
    let words = match call.text("ModelApprovalStatus") {
        Some(status) => format!("set model package {name} to {status}"),
        None => format!("changed model package {name}"),
    };
    done(json!({ "ModelPackageArn": arn }), words)
}

fn start_pipeline(call: &Call, desk: &Desk) -> Outcome {
    let name = short(text(call, "PipelineName")?);
    let id = fresh("", LOWER, 12);
    let resource = format!("pipeline/{}/execution/{id}", name.to_ascii_lowercase());
    let arn = desk.world.arn("sagemaker", &call.region, &resource);
    let execution = json!({
        "PipelineArn": desk.world.arn("sagemaker", &call.region, &format!("pipeline/{}", name.to_ascii_lowercase())),
        "PipelineExecutionArn": arn,
        "PipelineExecutionDisplayName": format!("execution-{}", letters(&arn, LOWER, 8)),
        "PipelineExecutionStatus": "Succeeded",
        "CreationTime": now(desk),
        "LastModifiedTime": now(desk),
    });
    put(desk, EXECUTION, &arn, &execution);
    done(json!({ "PipelineExecutionArn": arn }), format!("started SageMaker pipeline {name}"))
}

fn describe_pipeline_execution(call: &Call, desk: &Desk) -> Outcome {
    match find(desk, EXECUTION, text(call, "PipelineExecutionArn")?) {
        Some(execution) => output(execution),
        None => unanswered(),
    }
}
