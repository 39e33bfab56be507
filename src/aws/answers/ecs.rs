//! Elastic Container Service: what commands of this execution registered and changed.
//!
//! Owns: task definitions, services, clusters and tasks. Every deployment is complete at once. A change of a service that
//! nobody made is taken for done, and the service is known from then on, with one task unless the change says otherwise.

use serde_json::{Value, json};

use super::input::{inner, list, number, short, text, texts};
use super::made::{HEX, all, done, find, fresh, merged, next, now, output, picked, put, unanswered};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What ECS answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("CreateCluster", create_cluster),
    ("CreateService", create_service),
    ("DeleteService", delete_service),
    ("DeregisterTaskDefinition", deregister_task_definition),
    ("DescribeClusters", describe_clusters),
    ("DescribeServices", describe_services),
    ("DescribeTaskDefinition", describe_task_definition),
    ("DescribeTasks", describe_tasks),
    ("ListServices", list_services),
    ("ListTaskDefinitions", list_task_definitions),
    ("ListTasks", list_tasks),
    ("RegisterTaskDefinition", register_task_definition),
    ("RunTask", run_task),
    ("StopTask", stop_task),
    ("UpdateService", update_service),
];

const CLUSTER: &str = "ecs:cluster";
const SERVICE: &str = "ecs:service";
const DEFINITION: &str = "ecs:task-definition";
const TASK: &str = "ecs:task";

fn arn(call: &Call, desk: &Desk, resource: &str) -> String {
    desk.world.arn("ecs", &call.region, resource)
}

fn cluster(call: &Call) -> &str {
    short(call.text("cluster").unwrap_or("default"))
}

fn register_task_definition(call: &Call, desk: &Desk) -> Outcome {
    let family = text(call, "family")?;
    if list(&call.parameters, "containerDefinitions").is_empty() {
        let message = "Container list cannot be empty.";
        return Err(ApiError::new("ClientException", message));
    }
    let revision = next(desk, "ecs:revisions", family);
    let name = format!("{family}:{revision}");
    let own = json!({
        "taskDefinitionArn": arn(call, desk, &format!("task-definition/{name}")),
        "revision": revision,
        "status": "ACTIVE",
        "registeredAt": now(desk),
        "compatibilities": ["EC2", "FARGATE"],
        "volumes": call.parameters.get("volumes").cloned().unwrap_or_else(|| json!([])),
        "placementConstraints": call.parameters.get("placementConstraints").cloned().unwrap_or_else(|| json!([])),
    });
    let mut definition = merged(&call.parameters, own);
    let tags = definition.as_object_mut().and_then(|members| members.remove("tags"));
    put(desk, DEFINITION, &name, &definition);
    let said = json!({ "taskDefinition": definition, "tags": tags.unwrap_or_else(|| json!([])) });
    done(said, format!("registered task definition {name}"))
}

/// The task definition that is meant by `family`, `family:revision` or an ARN, if it was registered here.
fn definition(desk: &Desk, written: &str) -> Option<Value> {
    let name = written.rsplit_once('/').map_or(written, |(_, name)| name);
    find(desk, DEFINITION, name).or_else(|| {
        let revision = find(desk, "ecs:revisions", name)?;
        find(desk, DEFINITION, &format!("{name}:{revision}"))
    })
}

fn describe_task_definition(call: &Call, desk: &Desk) -> Outcome {
    match definition(desk, text(call, "taskDefinition")?) {
        Some(found) => output(json!({ "taskDefinition": found, "tags": [] })),
        None => unanswered(),
    }
}

fn deregister_task_definition(call: &Call, desk: &Desk) -> Outcome {
    let written = text(call, "taskDefinition")?;
    let name = written.rsplit_once('/').map_or(written, |(_, name)| name);
    let before = definition(desk, written).unwrap_or_else(
        || json!({ "taskDefinitionArn": arn(call, desk, &format!("task-definition/{name}")) }),
    );
    let gone = merged(&before, json!({ "status": "INACTIVE" }));
    put(desk, DEFINITION, name, &gone);
    done(json!({ "taskDefinition": gone }), format!("deregistered task definition {name}"))
}

fn list_task_definitions(call: &Call, desk: &Desk) -> Outcome {
    let family = call.text("familyPrefix");
    let fits = |it: &Value| family.is_none_or(|family| inner(it, "family") == Some(family));
    let arns: Vec<Value> = all(desk, DEFINITION)
        .into_iter()
        .filter(fits)
        .map(|definition| definition["taskDefinitionArn"].clone())
        .collect();
    if arns.is_empty() { unanswered() } else { output(json!({ "taskDefinitionArns": arns })) }
}

/// A service after a change: one deployment, complete, with all its tasks running.
fn deployed(call: &Call, desk: &Desk, name: &str, before: Option<Value>) -> Value {
    let cluster = cluster(call);
    let known = before.unwrap_or_else(|| {
        json!({
            "serviceArn": arn(call, desk, &format!("service/{cluster}/{name}")),
            "serviceName": name,
            "clusterArn": arn(call, desk, &format!("cluster/{cluster}")),
            "createdAt": now(desk),
            "launchType": "FARGATE",
            "schedulingStrategy": "REPLICA",
            "loadBalancers": [],
            "serviceRegistries": [],
        })
    });
    let mut service = merged(
        &known,
        picked(
            call,
            &[
                "capacityProviderStrategy",
                "deploymentConfiguration",
                "deploymentController",
                "enableExecuteCommand",
                "healthCheckGracePeriodSeconds",
                "launchType",
                "loadBalancers",
                "networkConfiguration",
                "platformVersion",
                "schedulingStrategy",
                "serviceRegistries",
            ],
        ),
    );
    let count = number(call, "desiredCount")
        .or_else(|| service.get("desiredCount").and_then(Value::as_i64))
        .unwrap_or(1);
    let definition = match call.text("taskDefinition") {
        Some(written) => definition(desk, written).map_or_else(
            || {
                let name = written.rsplit_once('/').map_or(written, |(_, name)| name);
                json!(arn(call, desk, &format!("task-definition/{name}")))
            },
            |found| found["taskDefinitionArn"].clone(),
        ),
        None => service.get("taskDefinition").cloned().unwrap_or_default(),
    };
    let deployment = json!({
        "id": fresh("ecs-svc/", b"0123456789", 19),
        "status": "PRIMARY",
        "taskDefinition": definition,
        "desiredCount": count,
        "pendingCount": 0,
        "runningCount": count,
        "failedTasks": 0,
        "createdAt": now(desk),
        "updatedAt": now(desk),
        "rolloutState": "COMPLETED",
        "rolloutStateReason": "ECS deployment completed.",
    });
    let state = json!({
        "status": "ACTIVE",
        "desiredCount": count,
        "runningCount": count,
        "pendingCount": 0,
        "taskDefinition": definition,
        "deployments": [deployment],
        "events": [],
    });
    service = merged(&service, state);
    put(desk, SERVICE, &format!("{cluster}/{name}"), &service);
    service
}

fn create_service(call: &Call, desk: &Desk) -> Outcome {
    let (cluster, name) = (cluster(call), text(call, "serviceName")?);
    let before = find(desk, SERVICE, &format!("{cluster}/{name}"));
    if before.is_some_and(|service| service["status"] == "ACTIVE") {
        let message = "Creation of service was not idempotent.";
        return Err(ApiError::new("InvalidParameterException", message));
    }
    let service = deployed(call, desk, name, None);
    done(json!({ "service": service }), format!("created service {name} of cluster {cluster}"))
}

fn update_service(call: &Call, desk: &Desk) -> Outcome {
    let (cluster, name) = (cluster(call), short(text(call, "service")?));
    let before = find(desk, SERVICE, &format!("{cluster}/{name}"));
    if before.as_ref().is_some_and(|service| service["status"] != "ACTIVE") {
        return Err(ApiError::new("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    let service = deployed(call, desk, name, before);
    done(json!({ "service": service }), format!("updated service {name} of cluster {cluster}"))
}

fn delete_service(call: &Call, desk: &Desk) -> Outcome {
    let (cluster, name) = (cluster(call), short(text(call, "service")?));
    let before = find(desk, SERVICE, &format!("{cluster}/{name}"));
    let service = deployed(call, desk, name, before);
    let gone = merged(
        &service,
        json!({ "status": "INACTIVE", "desiredCount": 0, "runningCount": 0, "deployments": [] }),
    );
    put(desk, SERVICE, &format!("{cluster}/{name}"), &gone);
    done(json!({ "service": gone }), format!("deleted service {name} of cluster {cluster}"))
}

fn describe_services(call: &Call, desk: &Desk) -> Outcome {
    let cluster = cluster(call);
    let asked = texts(call, "services");
    let found: Vec<Value> =
        asked.iter().filter_map(|name| find(desk, SERVICE, &format!("{cluster}/{}", short(name)))).collect();
    if found.len() < asked.len() {
        unanswered()
    } else {
        output(json!({ "services": found, "failures": [] }))
    }
}

fn list_services(call: &Call, desk: &Desk) -> Outcome {
    let prefix = format!("{}/", cluster(call));
    let made = desk.world.made();
    let services = made.all(SERVICE).filter(|(name, _)| name.starts_with(&prefix));
    let arns: Vec<Value> = services.map(|(_, service)| service["serviceArn"].clone()).collect();
    drop(made);
    if arns.is_empty() { unanswered() } else { output(json!({ "serviceArns": arns })) }
}

fn create_cluster(call: &Call, desk: &Desk) -> Outcome {
    let name = call.text("clusterName").unwrap_or("default");
    let made = json!({
        "clusterArn": arn(call, desk, &format!("cluster/{name}")),
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "activeServicesCount": 0,
    });
    put(desk, CLUSTER, name, &made);
    done(json!({ "cluster": made }), format!("created cluster {name}"))
}

fn describe_clusters(call: &Call, desk: &Desk) -> Outcome {
    let mut asked = texts(call, "clusters");
    if asked.is_empty() {
        asked.push("default");
    }
    let found: Vec<Value> = asked.iter().filter_map(|name| find(desk, CLUSTER, short(name))).collect();
    if found.len() < asked.len() {
        unanswered()
    } else {
        output(json!({ "clusters": found, "failures": [] }))
    }
}

fn run_task(call: &Call, desk: &Desk) -> Outcome {
    let cluster = cluster(call);
    let written = text(call, "taskDefinition")?;
    let found = definition(desk, written);
    let name = written.rsplit_once('/').map_or(written, |(_, name)| name);
    let definition_arn = found.as_ref().map_or_else(
        || json!(arn(call, desk, &format!("task-definition/{name}"))),
        |found| found["taskDefinitionArn"].clone(),
    );
    let count = number(call, "count").unwrap_or(1).clamp(1, 10);
    let tasks: Vec<Value> = (0..count)
        .map(|_| {
            let id = fresh("", HEX, 32);
            let containers =
                found.as_ref().map(|found| list(found, "containerDefinitions")).unwrap_or_default();
            let containers: Vec<Value> = containers
                .iter()
                .map(|container| json!({ "name": container["name"], "lastStatus": "PENDING" }))
                .collect();
            let task = json!({
                "taskArn": arn(call, desk, &format!("task/{cluster}/{id}")),
                "clusterArn": arn(call, desk, &format!("cluster/{cluster}")),
                "taskDefinitionArn": definition_arn,
                "lastStatus": "PROVISIONING",
                "desiredStatus": "RUNNING",
                "createdAt": now(desk),
                "startedBy": call.text("startedBy"),
                "launchType": call.text("launchType").unwrap_or("FARGATE"),
                "containers": containers,
            });
            put(desk, TASK, &id, &task);
            task
        })
        .collect();
    done(json!({ "tasks": tasks, "failures": [] }), format!("run a task of {name} in cluster {cluster}"))
}

/// A task is seen running once, for those who wait for that, and has ended well from then on.
fn seen(task: &Value) -> Value {
    let running = task["lastStatus"] == "PROVISIONING";
    let state = if running { "RUNNING" } else { "STOPPED" };
    let containers: Vec<Value> = list(task, "containers")
        .iter()
        .map(|container| {
            let exit = (!running).then_some(0);
            merged(container, json!({ "lastStatus": state, "exitCode": exit }))
        })
        .collect();
    let mut seen =
        merged(task, json!({ "lastStatus": state, "desiredStatus": state, "containers": containers }));
    if !running {
        seen["stopCode"] = json!("EssentialContainerExited");
        seen["stoppedReason"] = json!("Essential container in task exited");
    }
    seen
}

fn describe_tasks(call: &Call, desk: &Desk) -> Outcome {
    let asked = texts(call, "tasks");
    let mut found = Vec::new();
    for name in &asked {
        let Some(task) = find(desk, TASK, short(name)) else { return unanswered() };
        let task = seen(&task);
        put(desk, TASK, short(name), &task);
        found.push(task);
    }
    output(json!({ "tasks": found, "failures": [] }))
}

fn list_tasks(call: &Call, desk: &Desk) -> Outcome {
    let arn = arn(call, desk, &format!("cluster/{}", cluster(call)));
    let tasks = all(desk, TASK).into_iter().filter(|task| task["clusterArn"] == arn.as_str());
    let arns: Vec<Value> = tasks.map(|task| task["taskArn"].clone()).collect();
    if arns.is_empty() { unanswered() } else { output(json!({ "taskArns": arns })) }
}

fn stop_task(call: &Call, desk: &Desk) -> Outcome {
    let id = short(text(call, "task")?);
    let known = find(desk, TASK, id)
        .unwrap_or_else(|| json!({ "taskArn": arn(call, desk, &format!("task/{}/{id}", cluster(call))) }));
    let task = merged(&known, json!({ "lastStatus": "STOPPED", "desiredStatus": "STOPPED" }));
    put(desk, TASK, id, &task);
    done(json!({ "task": task }), format!("stopped task {id}"))
}
