//! Stacks as the API describes them.

use serde_json::{Value, json};

use super::stacks::{Event, Resource, Stack};

/// `Parameters` of a stack.
pub(super) fn parameters(stack: &Stack) -> Vec<Value> {
    let pairs = stack.parameters.iter();
    pairs.map(|(key, value)| json!({ "ParameterKey": key, "ParameterValue": value })).collect()
}

/// A stack of `DescribeStacks`.
pub(super) fn stack(name: &str, stack: &Stack) -> Value {
    let outputs: Vec<Value> = stack
        .outputs
        .iter()
        .map(|output| {
            json!({
                "OutputKey": output.key,
                "OutputValue": output.value,
                "Description": output.description,
                "ExportName": output.export,
            })
        })
        .collect();
    json!({
        "StackId": stack.id,
        "StackName": name,
        "Description": stack.description,
        "Parameters": parameters(stack),
        "CreationTime": { "$timestamp": stack.created },
        "LastUpdatedTime": moment(stack.updated),
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "DisableRollback": false,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": outputs,
        "Tags": stack.tags,
        "EnableTerminationProtection": false,
        "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
    })
}

/// A stack of `ListStacks`.
pub(super) fn summary(name: &str, stack: &Stack) -> Value {
    json!({
        "StackId": stack.id,
        "StackName": name,
        "TemplateDescription": stack.description,
        "CreationTime": { "$timestamp": stack.created },
        "LastUpdatedTime": moment(stack.updated),
        "StackStatus": stack.status,
        "DriftInformation": { "StackDriftStatus": "NOT_CHECKED" },
    })
}

/// A resource of `ListStackResources`; `LastUpdatedTimestamp` is what `DescribeStackResource` calls it too.
pub(super) fn resource(resource: &Resource) -> Value {
    json!({
        "LogicalResourceId": resource.logical,
        "PhysicalResourceId": resource.physical,
        "ResourceType": resource.kind,
        "LastUpdatedTimestamp": { "$timestamp": resource.at },
        "ResourceStatus": resource.status,
        "DriftInformation": { "StackResourceDriftStatus": "NOT_CHECKED" },
    })
}

/// A resource of `DescribeStackResource` and `DescribeStackResources`, which name its stack.
pub(super) fn resource_of(name: &str, stack: &Stack, one: &Resource) -> Value {
    let mut value = resource(one);
    value["StackName"] = json!(name);
    value["StackId"] = json!(stack.id);
    value["Timestamp"] = json!({ "$timestamp": one.at });
    value
}

/// An event; `at` is its place in the row.
pub(super) fn event(name: &str, stack: &Stack, at: usize, event: &Event) -> Value {
    json!({
        "StackId": stack.id,
        "EventId": format!("{}-{}-{at}", event.logical, event.status),
        "StackName": name,
        "LogicalResourceId": event.logical,
        "PhysicalResourceId": event.physical,
        "ResourceType": event.kind,
        "Timestamp": { "$timestamp": event.at },
        "ResourceStatus": event.status,
    })
}

fn moment(at: Option<i64>) -> Value {
    at.map_or(Value::Null, |at| json!({ "$timestamp": at }))
}
