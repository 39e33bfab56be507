//! Systems Manager: Parameter Store from the stand-ins, and commands that are taken for run.
//!
//! Owns: parameters as they were given in rehearsal.yml and changed in this execution. There is one version of each
//! stand-in; all values come decrypted, for nobody here knows which are encrypted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::{flag, inner, items, text, texts};
use super::made::{counted, done, find, moment, next, now, output, picked, put, unanswered};
use super::{Operation, Outcome, secretsmanager};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;
use crate::aws::world::{placeholder, placeholder_read};
use crate::clock::new_id;

/// What Systems Manager answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("DeleteParameter", delete_parameter),
    ("DeleteParameters", delete_parameters),
    ("DescribeParameters", describe_parameters),
    ("GetAutomationExecution", get_automation_execution),
    ("GetCommandInvocation", get_command_invocation),
    ("GetParameter", get_parameter),
    ("GetParameterHistory", get_parameter_history),
    ("GetParameters", get_parameters),
    ("GetParametersByPath", get_parameters_by_path),
    ("LabelParameterVersion", label_parameter_version),
    ("ListCommandInvocations", list_command_invocations),
    ("PutParameter", put_parameter),
    ("SendCommand", send_command),
    ("StartAutomationExecution", start_automation_execution),
];

/// Parameters that were put in this execution; null when they were deleted.
const KIND: &str = "ssm:parameter";
const COMMAND: &str = "ssm:command";

/// What stands before the name of a secret that is asked for as a parameter.
const SECRETS: &str = "/aws/reference/secretsmanager/";

/// The value of a parameter, for services that read them.
pub(super) fn value(desk: &Desk, name: &str) -> Option<String> {
    parameter(desk, &desk.world.region, name)
        .ok()
        .flatten()
        .and_then(|it| inner(&it, "Value").map(str::to_owned))
}

/// A parameter as `GetParameter` has it; none when there is none, an error when its stand-in cannot be had.
fn parameter(desk: &Desk, region: &str, name: &str) -> Result<Option<Value>, ApiError> {
    if let Some(made) = find(desk, KIND, name) {
        return Ok(Some(made).filter(|made| !made.is_null()));
    }
    let value = match desk.world.parameters.get(name) {
        Some(Ok(value)) => value.clone(),
        _ if is_dummy(desk, name) => placeholder(name),
        Some(Err(reason)) => return Err(no_stand_in(name, reason)),
        None => return Ok(None),
    };
    Ok(Some(json!({
        "Name": name,
        "Type": "String",
        "Value": value,
        "Version": 1,
        "LastModifiedDate": moment(desk, 0),
        "ARN": arn(desk, region, name),
        "DataType": "text",
    })))
}

/// Whether a placeholder stands in for a parameter.
fn is_dummy(desk: &Desk, name: &str) -> bool {
    desk.world.placeholders
        && !is_public(name)
        && !matches!(desk.world.parameters.get(name), Some(Ok(_)))
        && find(desk, KIND, name).is_none()
}

/// An answer to a read of these parameters, which counts as simulated where a placeholder is among them.
fn read(said: Value, desk: &Desk, parameters: &[Value]) -> Outcome {
    let is_stood_in = |name: &&str| match name.strip_prefix(SECRETS) {
        Some(secret) => secretsmanager::value(desk, secret).is_ok_and(|(_, is_dummy)| is_dummy),
        None => is_dummy(desk, name),
    };
    let names = parameters.iter().filter_map(|parameter| inner(parameter, "Name"));
    let dummies: Vec<_> = names.filter(is_stood_in).collect();
    match dummies.as_slice() {
        [] => output(said),
        [one] => done(said, placeholder_read(&format!("the parameter {one}"))),
        several => done(said, placeholder_read(&format!("the parameters {}", several.join(", ")))),
    }
}

fn no_stand_in(name: &str, reason: &str) -> ApiError {
    ApiError::new("ParameterNotFound", format!("no stand-in for the parameter {name}: {reason}"))
}

fn arn(desk: &Desk, region: &str, name: &str) -> String {
    let slash = if name.starts_with('/') { "" } else { "/" };
    desk.world.arn("ssm", region, &format!("parameter{slash}{name}"))
}

/// What a call asks for: the parameter's name and its version or label. An ARN stands for the name.
fn selected(asked: &str) -> (String, Option<&str>) {
    let (name, arn) = match asked.split_once(":parameter/").filter(|_| asked.starts_with("arn:")) {
        Some((_, name)) => (name, true),
        None => (asked, false),
    };
    let (name, selector) = match name.split_once(':') {
        Some((name, selector)) => (name, Some(selector)),
        None => (name, None),
    };
    // In an ARN the slash before a path is the one behind `parameter`.
    let name = if arn && name.contains('/') { format!("/{name}") } else { name.to_owned() };
    (name, selector)
}

/// Why a parameter is not there, in AWS's code: its own message is empty.
fn not_found(name: &str) -> ApiError {
    let message = format!("Parameter {name} not found; `parameters` of rehearsal.yml gives stand-ins");
    ApiError::new("ParameterNotFound", message)
}

/// The parameter that a call asks for. AWS's own public ones are unknown here, which is another thing than not there.
fn asked(call: &Call, desk: &Desk, asked: &str) -> Result<Option<Value>, ApiError> {
    let (name, selector) = selected(asked);
    if let Some(secret) = name.strip_prefix(SECRETS) {
        let (value, _) = secretsmanager::value(desk, secret)?;
        return Ok(Some(json!({
            "Name": name,
            "Type": "SecureString",
            "Value": value,
            "Version": 0,
            "LastModifiedDate": moment(desk, 0),
            "ARN": arn(desk, &call.region, &name),
            "DataType": "text",
        })));
    }
    let Some(mut found) = parameter(desk, &call.region, &name)? else { return Ok(None) };
    if let Some(selector) = selector {
        let version = found["Version"].to_string();
        if selector.bytes().all(|byte| byte.is_ascii_digit()) && selector != version {
            let message = format!(
                "Systems Manager could not find version {selector} of {name}. Verify the version and try again."
            );
            return Err(ApiError::new("ParameterVersionNotFound", message));
        }
        found["Selector"] = json!(format!(":{selector}"));
    }
    Ok(Some(found))
}

fn get_parameter(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    match asked(call, desk, name)? {
        Some(parameter) => read(json!({ "Parameter": parameter }), desk, &[parameter]),
        None if is_public(name) => unanswered(),
        None => Err(not_found(name)),
    }
}

fn is_public(name: &str) -> bool {
    name.starts_with("/aws/service/")
}

fn get_parameters(call: &Call, desk: &Desk) -> Outcome {
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for name in texts(call, "Names") {
        match asked(call, desk, name)? {
            Some(parameter) => parameters.push(parameter),
            None if is_public(name) => return unanswered(),
            None => invalid.push(name),
        }
    }
    read(json!({ "Parameters": parameters, "InvalidParameters": invalid }), desk, &parameters)
}

/// Names of all parameters: stand-ins and what was put.
fn names(desk: &Desk) -> Vec<String> {
    let mut names: BTreeMap<String, bool> =
        desk.world.parameters.keys().map(|name| (name.clone(), true)).collect();
    for (name, made) in desk.world.made().all(KIND) {
        names.insert(name.to_owned(), !made.is_null());
    }
    names.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

fn get_parameters_by_path(call: &Call, desk: &Desk) -> Outcome {
    let path = text(call, "Path")?;
    if is_public(path) {
        return unanswered();
    }
    let folder = format!("{}/", path.trim_end_matches('/'));
    let recursive = flag(call, "Recursive");
    let mut parameters = Vec::new();
    for name in names(desk) {
        let below = name.strip_prefix(&folder);
        if below.is_some_and(|rest| recursive || !rest.contains('/')) {
            parameters.extend(parameter(desk, &call.region, &name)?);
        }
    }
    if parameters.is_empty() && desk.world.placeholders {
        // What AWS has below it is not known, not even by name.
        parameters.extend(parameter(desk, &call.region, &format!("{folder}placeholder"))?);
    }
    read(json!({ "Parameters": parameters }), desk, &parameters)
}

/// Whether a name passes a filter of `DescribeParameters`, in its two forms.
fn passes(name: &str, filter: &Value) -> bool {
    let values: Vec<&str> = filter
        .get("Values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let key = inner(filter, "Key").unwrap_or_default();
    // The older form knows one way to compare.
    let option =
        inner(filter, "Option").unwrap_or(if filter.get("key").is_some() { "Contains" } else { "Equals" });
    match key {
        "Name" => values.iter().any(|value| match option {
            "BeginsWith" => name.starts_with(value),
            "Contains" => name.contains(value),
            _ => name == *value,
        }),
        "Path" => values.iter().any(|value| {
            name.strip_prefix(&format!("{}/", value.trim_end_matches('/')))
                .is_some_and(|rest| option == "Recursive" || !rest.contains('/'))
        }),
        "Type" => values.contains(&"String"),
        _ => true,
    }
}

fn describe_parameters(call: &Call, desk: &Desk) -> Outcome {
    let filters = [items(call, "ParameterFilters"), items(call, "Filters")].concat();
    let mut parameters = Vec::new();
    for name in names(desk).into_iter().filter(|name| filters.iter().all(|filter| passes(name, filter))) {
        let Ok(Some(mut found)) = parameter(desk, &call.region, &name) else { continue };
        if let Some(members) = found.as_object_mut() {
            members.remove("Value");
            members.insert("Tier".into(), "Standard".into());
            members.insert("Policies".into(), json!([]));
        }
        parameters.push(found);
    }
    output(json!({ "Parameters": parameters }))
}

fn get_parameter_history(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    let found = asked(call, desk, name)?.ok_or_else(|| not_found(name))?;
    read(json!({ "Parameters": [found] }), desk, &[found])
}

fn put_parameter(call: &Call, desk: &Desk) -> Outcome {
    let (name, value) = (text(call, "Name")?, text(call, "Value")?);
    let before = find(desk, KIND, name).filter(|it| !it.is_null());
    let stand_in = find(desk, KIND, name).is_none() && desk.world.parameters.contains_key(name);
    if (before.is_some() || stand_in) && !flag(call, "Overwrite") {
        let message = "The parameter already exists. To overwrite this value, set the overwrite option in the \
                       request to true.";
        return Err(ApiError::new("ParameterAlreadyExists", message));
    }
    let kind = call.text("Type").or_else(|| before.as_ref().and_then(|it| inner(it, "Type")));
    let kind = match (kind, stand_in || flag(call, "Overwrite")) {
        (Some(kind), _) => kind,
        // AWS may have it, and then knows its type.
        (None, true) => "String",
        (None, false) => {
            let message = "A parameter type is required when you create a parameter.";
            return Err(ApiError::new("ValidationException", message));
        }
    };
    if stand_in {
        // The stand-in was version 1.
        next(desk, "ssm:version", name);
    }
    let version = next(desk, "ssm:version", name);
    let parameter = json!({
        "Name": name,
        "Type": kind,
        "Value": value,
        "Version": version,
        "LastModifiedDate": now(desk),
        "ARN": arn(desk, &call.region, name),
        "DataType": call.text("DataType").unwrap_or("text"),
    });
    put(desk, KIND, name, &parameter);
    done(json!({ "Version": version, "Tier": "Standard" }), format!("set the parameter {name}"))
}

fn delete_parameter(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    put(desk, KIND, name, &Value::Null);
    done(json!({}), format!("deleted the parameter {name}"))
}

fn delete_parameters(call: &Call, desk: &Desk) -> Outcome {
    let names = texts(call, "Names");
    for name in &names {
        put(desk, KIND, name, &Value::Null);
    }
    let said = json!({ "DeletedParameters": names, "InvalidParameters": [] });
    done(said, format!("deleted the parameters {}", names.join(", ")))
}

fn label_parameter_version(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    let found = parameter(desk, &call.region, name)?;
    let version = found.map_or(json!(1), |found| found["Version"].clone());
    done(
        json!({ "InvalidLabels": [], "ParameterVersion": version }),
        format!("labelled the parameter {name}"),
    )
}

fn send_command(call: &Call, desk: &Desk) -> Outcome {
    let document = text(call, "DocumentName")?;
    let id = new_id();
    let mut command = picked(call, &["DocumentName", "Parameters", "InstanceIds", "Targets", "Comment"]);
    command["CommandId"] = json!(id);
    command["Status"] = json!("Pending");
    command["RequestedDateTime"] = now(desk);
    put(desk, COMMAND, &id, &command);
    counted(json!({ "Command": command }), format!("sent {document} to instances"), "command")
}

/// What became of a command on an instance: it is taken for run, and printed nothing.
fn get_command_invocation(call: &Call, desk: &Desk) -> Outcome {
    let (id, instance) = (text(call, "CommandId")?, text(call, "InstanceId")?);
    let Some(command) = find(desk, COMMAND, id) else { return unanswered() };
    output(json!({
        "CommandId": id,
        "InstanceId": instance,
        "DocumentName": command["DocumentName"],
        "ResponseCode": 0,
        "Status": "Success",
        "StatusDetails": "Success",
        "StandardOutputContent": "",
        "StandardErrorContent": "",
    }))
}

fn list_command_invocations(call: &Call, desk: &Desk) -> Outcome {
    let Some(command) = call.text("CommandId").and_then(|id| find(desk, COMMAND, id)) else {
        return unanswered();
    };
    let invocations: Vec<Value> = command["InstanceIds"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|instance| {
            json!({
                "CommandId": command["CommandId"],
                "InstanceId": instance,
                "DocumentName": command["DocumentName"],
                "Status": "Success",
                "StatusDetails": "Success",
                "CommandPlugins": [],
            })
        })
        .collect();
    output(json!({ "CommandInvocations": invocations }))
}

fn start_automation_execution(call: &Call, desk: &Desk) -> Outcome {
    let document = text(call, "DocumentName")?;
    let id = new_id();
    let execution = json!({
        "AutomationExecutionId": id,
        "DocumentName": document,
        "AutomationExecutionStatus": "Success",
        "ExecutionStartTime": now(desk),
        "ExecutionEndTime": now(desk),
    });
    put(desk, "ssm:automation", &id, &execution);
    done(json!({ "AutomationExecutionId": id }), format!("started automation {document}"))
}

fn get_automation_execution(call: &Call, desk: &Desk) -> Outcome {
    super::made::found(desk, "ssm:automation", text(call, "AutomationExecutionId")?, "AutomationExecution")
}
