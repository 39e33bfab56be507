//! CloudFormation: stacks as they were last rehearsed.
//!
//! Owns: the operations and those that read. Templates are read, judged by their structure and evaluated; nothing of
//! their resources is made, and every change is complete at once.
//!
//! | file | owns |
//! | --- | --- |
//! | `template` | from text to values |
//! | `structure` | what is wrong with a template, in AWS's words; capabilities |
//! | `evaluate` | functions and conditions |
//! | `physical` | made-up ids |
//! | `wanted` | the stack that a call asks for |
//! | `change` | creating, changing, deleting; change sets |
//! | `stacks` | the file of stacks |
//! | `traits` | what of a resource the rights to make it depend on |
//! | `members` | stacks as the API describes them |

mod change;
mod evaluate;
mod members;
mod physical;
mod stacks;
mod structure;
mod template;
#[cfg(test)]
mod tests;
mod traits;
mod wanted;

use serde_json::{Value, json};

use super::input::{inner, text, texts};
use super::made::{done, output};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;

/// What CloudFormation answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("CreateChangeSet", change::create_change_set),
    ("CreateStack", change::create),
    ("DeleteChangeSet", change::delete_change_set),
    ("DeleteStack", change::delete),
    ("DescribeChangeSet", change::describe_change_set),
    ("DescribeStackEvents", describe_events),
    ("DescribeStackResource", describe_resource),
    ("DescribeStackResources", describe_resources),
    ("DescribeStacks", describe_stacks),
    ("ExecuteChangeSet", change::execute_change_set),
    ("GetStackPolicy", |_, _| output(json!({}))),
    ("GetTemplate", get_template),
    ("GetTemplateSummary", summarize),
    ("ListChangeSets", change::list_change_sets),
    ("ListExports", list_exports),
    ("ListStackResources", list_resources),
    ("ListStacks", list_stacks),
    ("SetStackPolicy", |call, _| {
        done(json!({}), format!("set the policy of stack {}", text(call, "StackName")?))
    }),
    ("UpdateStack", change::update),
    ("UpdateTerminationProtection", protect),
    ("ValidateTemplate", validate),
];

/// CloudFormation's answer to nearly everything that is wrong.
fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// Whether a stack that was rehearsed has this resource, by its type and physical id.
pub(super) fn has_resource(desk: &Desk, region: &str, kind: &str, physical: &str) -> bool {
    stacks::read(desk, region).is_ok_and(|stacks| {
        let mut resources = stacks.stacks.values().flat_map(|stack| &stack.resources);
        resources.any(|resource| resource.kind == kind && resource.physical == physical)
    })
}

fn does_not_exist(name: &str) -> ApiError {
    validation(format!("Stack with id {name} does not exist"))
}

/// The name and stack that a call asks for.
fn asked(call: &Call, desk: &Desk) -> Result<(String, stacks::Stack), ApiError> {
    let name = text(call, "StackName")?;
    let stacks = stacks::read(desk, &call.region)?;
    let (own, stack) = stacks.find(name).ok_or_else(|| does_not_exist(name))?;
    Ok((own.to_owned(), stack.clone()))
}

fn describe_stacks(call: &Call, desk: &Desk) -> Outcome {
    let stacks = stacks::read(desk, &call.region)?;
    let described: Vec<Value> = match call.text("StackName") {
        Some(name) => {
            let (own, stack) = stacks.find(name).ok_or_else(|| does_not_exist(name))?;
            vec![members::stack(own, stack)]
        }
        None => stacks.stacks.iter().map(|(name, stack)| members::stack(name, stack)).collect(),
    };
    output(json!({ "Stacks": described }))
}

fn list_stacks(call: &Call, desk: &Desk) -> Outcome {
    let wanted = texts(call, "StackStatusFilter");
    let stacks = stacks::read(desk, &call.region)?;
    let fits = |stack: &stacks::Stack| wanted.is_empty() || wanted.contains(&stack.status.as_str());
    let summaries: Vec<Value> = stacks
        .stacks
        .iter()
        .filter(|(_, stack)| fits(stack))
        .map(|(name, stack)| members::summary(name, stack))
        .collect();
    output(json!({ "StackSummaries": summaries }))
}

fn list_exports(call: &Call, desk: &Desk) -> Outcome {
    let stacks = stacks::read(desk, &call.region)?;
    let exports: Vec<Value> = stacks
        .stacks
        .values()
        .flat_map(|stack| stack.outputs.iter().map(move |output| (stack, output)))
        .filter_map(|(stack, output)| {
            let name = output.export.as_ref()?;
            Some(json!({ "ExportingStackId": stack.id, "Name": name, "Value": output.value }))
        })
        .collect();
    output(json!({ "Exports": exports }))
}

fn list_resources(call: &Call, desk: &Desk) -> Outcome {
    let (_, stack) = asked(call, desk)?;
    let resources: Vec<Value> = stack.resources.iter().map(members::resource).collect();
    output(json!({ "StackResourceSummaries": resources }))
}

fn describe_resources(call: &Call, desk: &Desk) -> Outcome {
    let stacks = stacks::read(desk, &call.region)?;
    let (name, stack) = match (call.text("StackName"), call.text("PhysicalResourceId")) {
        (Some(name), _) => stacks.find(name).ok_or_else(|| does_not_exist(name))?,
        (None, Some(id)) => {
            let holds = |stack: &stacks::Stack| stack.resources.iter().any(|it| it.physical == id);
            let found = stacks.stacks.iter().find(|(_, stack)| holds(stack));
            let (name, stack) = found.ok_or_else(|| validation(format!("Stack for {id} does not exist")))?;
            (name.as_str(), stack)
        }
        (None, None) => {
            return Err(validation("Either StackName or PhysicalResourceId must be specified."));
        }
    };
    let logical = call.text("LogicalResourceId");
    let fits = |it: &&stacks::Resource| logical.is_none_or(|logical| it.logical == logical);
    let resources = stack.resources.iter().filter(fits);
    let described: Vec<Value> = resources.map(|it| members::resource_of(name, stack, it)).collect();
    output(json!({ "StackResources": described }))
}

fn describe_resource(call: &Call, desk: &Desk) -> Outcome {
    let (name, stack) = asked(call, desk)?;
    let logical = text(call, "LogicalResourceId")?;
    let found = stack.resources.iter().find(|it| it.logical == logical);
    let found =
        found.ok_or_else(|| validation(format!("Resource {logical} does not exist for stack {name}")))?;
    output(json!({ "StackResourceDetail": members::resource_of(&name, &stack, found) }))
}

fn describe_events(call: &Call, desk: &Desk) -> Outcome {
    let (name, stack) = asked(call, desk)?;
    let events = stack.events.iter().enumerate().rev();
    let events: Vec<Value> = events.map(|(at, event)| members::event(&name, &stack, at, event)).collect();
    output(json!({ "StackEvents": events }))
}

fn get_template(call: &Call, desk: &Desk) -> Outcome {
    let (_, stack) = asked(call, desk)?;
    output(json!({ "TemplateBody": stack.template, "StagesAvailable": ["Original", "Processed"] }))
}

fn protect(call: &Call, desk: &Desk) -> Outcome {
    let (name, stack) = asked(call, desk)?;
    done(json!({ "StackId": stack.id }), format!("set the termination protection of stack {name}"))
}

/// What `ValidateTemplate` and `GetTemplateSummary` share.
fn described(call: &Call, desk: &Desk) -> Result<(Value, Value), ApiError> {
    let template = if call.operation == "GetTemplateSummary" && call.text("StackName").is_some() {
        template::parse(&asked(call, desk)?.1.template)?
    } else {
        wanted::given(call, desk, None)?.value
    };
    let parameters: Vec<Value> = structure::section(&template, "Parameters")
        .map(|(name, parameter)| {
            json!({
                "ParameterKey": name,
                "ParameterType": inner(parameter, "Type"),
                "DefaultValue": parameter.get("Default").map(evaluate::text),
                "NoEcho": parameter.get("NoEcho").is_some_and(super::input::is_true),
                "Description": inner(parameter, "Description"),
            })
        })
        .collect();
    let transforms = structure::transforms(&template);
    let capability = structure::capability(&template);
    let capabilities: Vec<&str> = capability.iter().map(|(capability, _)| *capability).collect();
    let reason = capability
        .map(|(_, types)| format!("The following resource(s) require capabilities: [{}]", types.join(", ")));
    let described = json!({
        "Parameters": parameters,
        "Description": inner(&template, "Description"),
        "Capabilities": capabilities,
        "CapabilitiesReason": reason,
        "DeclaredTransforms": transforms,
    });
    Ok((template, described))
}

fn validate(call: &Call, desk: &Desk) -> Outcome {
    let (_, mut described) = described(call, desk)?;
    for parameter in described["Parameters"].as_array_mut().into_iter().flatten() {
        if let Some(members) = parameter.as_object_mut() {
            members.remove("ParameterType");
        }
    }
    output(described)
}

fn summarize(call: &Call, desk: &Desk) -> Outcome {
    let (template, mut described) = described(call, desk)?;
    let types: std::collections::BTreeSet<&str> =
        structure::section(&template, "Resources").filter_map(|(_, it)| inner(it, "Type")).collect();
    described["ResourceTypes"] = json!(types);
    described["Version"] = template.get("AWSTemplateFormatVersion").cloned().unwrap_or_default();
    output(described)
}
