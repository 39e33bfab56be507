//! Lambda: functions that commands of this execution made or changed.
//!
//! Owns: their configuration, versions and aliases. A change of a function that nobody made is taken for done; from then
//! on it is known, by what the changes told. Nothing runs: an invocation returns `null`.

use serde_json::{Value, json};

use super::input::{flag, inner, is_true, number, text};
use super::made::{decoded, done, encoded, find, listed, merged, next, output, picked, put, unanswered};
use super::{Operation, Outcome, Said};
use crate::aws::call::{Answer, ApiError, Call, Payload};
use crate::aws::desk::Desk;
use crate::aws::effect::Deed;
use crate::clock::new_id;

/// What Lambda answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("AddPermission", add_permission),
    ("CreateAlias", write_alias),
    ("CreateFunction", create_function),
    ("DeleteFunction", delete_function),
    ("GetAlias", get_alias),
    ("GetFunction", get_function),
    ("GetFunctionConfiguration", get_function_configuration),
    ("GetLayerVersion", get_layer_version),
    ("Invoke", invoke),
    ("ListFunctions", |_, desk| listed(desk, FUNCTION, "Functions")),
    ("ListVersionsByFunction", list_versions),
    ("PublishLayerVersion", publish_layer_version),
    ("PublishVersion", publish_version),
    ("UpdateAlias", write_alias),
    ("UpdateFunctionCode", update_code),
    ("UpdateFunctionConfiguration", update_configuration),
];

const FUNCTION: &str = "lambda:function";
const VERSION: &str = "lambda:version";
const ALIAS: &str = "lambda:alias";
const LAYER: &str = "lambda:layer";

/// Name and qualifier of a function: a name, a part of an ARN or a whole one, each with an optional qualifier.
fn parts(call: &Call) -> Result<(&str, Option<&str>), ApiError> {
    let written = text(call, "FunctionName")?;
    let rest = written.rsplit_once("function:").map_or(written, |(_, rest)| rest);
    let (name, qualifier) = match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (rest, None),
    };
    Ok((name, call.text("Qualifier").or(qualifier)))
}

fn arn(call: &Call, desk: &Desk, name: &str) -> String {
    desk.world.arn("lambda", &call.region, &format!("function:{name}"))
}

/// What is known of a function, made anew when nothing is.
fn known(call: &Call, desk: &Desk, name: &str) -> Value {
    find(desk, FUNCTION, name).unwrap_or_else(|| {
        json!({
            "FunctionName": name,
            "FunctionArn": arn(call, desk, name),
            "Version": "$LATEST",
            "PackageType": "Zip",
        })
    })
}

/// Keeps a function after a change, which is complete at once.
fn keep(desk: &Desk, name: &str, function: &Value) -> Value {
    let kept = merged(
        function,
        json!({
            "LastModified": desk.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string(),
            "RevisionId": new_id(),
            "State": "Active",
            "LastUpdateStatus": "Successful",
        }),
    );
    put(desk, FUNCTION, name, &kept);
    kept
}

/// What a call says of the code: `Code` of a creation, the members themselves of a change.
fn code(function: &Value, code: &Value) -> Value {
    let zip = inner(code, "ZipFile").and_then(decoded);
    let sum = zip.as_deref().map(|bytes| encoded(&sha256(bytes)));
    let image = inner(code, "ImageUri");
    merged(
        function,
        json!({
            "CodeSha256": sum.unwrap_or_else(|| encoded(&sha256(code.to_string().as_bytes()))),
            "CodeSize": zip.map_or(0, |bytes| bytes.len()),
            "PackageType": image.map(|_| "Image"),
        }),
    )
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).to_vec()
}

const CONFIGURATION: [&str; 14] = [
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "KMSKeyArn",
    "MemorySize",
    "Role",
    "Runtime",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

fn create_function(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    if find(desk, FUNCTION, name).is_some() {
        let message = format!("Function already exist: {name}");
        return Err(ApiError::new("ResourceConflictException", message).with_status(409));
    }
    let defaults = json!({ "MemorySize": 128, "Timeout": 3, "Architectures": ["x86_64"] });
    let function = merged(&known(call, desk, name), defaults);
    let function = merged(&function, picked(call, &CONFIGURATION));
    let function = keep(desk, name, &code(&function, &call.parameters["Code"]));
    let said = published(call, desk, name, function);
    done(said, format!("created function {name}"))
}

fn update_code(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    let function = code(&known(call, desk, name), &call.parameters);
    if flag(call, "DryRun") {
        return output(function);
    }
    let function = keep(desk, name, &function);
    done(published(call, desk, name, function), format!("updated the code of function {name}"))
}

fn update_configuration(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    let function = merged(&known(call, desk, name), picked(call, &CONFIGURATION));
    done(keep(desk, name, &function), format!("updated the configuration of function {name}"))
}

/// The function, or the version that `Publish` makes of it.
fn published(call: &Call, desk: &Desk, name: &str, function: Value) -> Value {
    if call.parameters.get("Publish").is_some_and(is_true) {
        version(desk, name, &function)
    } else {
        function
    }
}

/// Versions begin at 1 here; on AWS they go on from what is there.
fn version(desk: &Desk, name: &str, function: &Value) -> Value {
    let number = next(desk, "lambda:versions", name);
    let arn = format!("{}:{number}", inner(function, "FunctionArn").unwrap_or_default());
    let version = merged(function, json!({ "Version": number.to_string(), "FunctionArn": arn }));
    put(desk, VERSION, &format!("{name}:{number}"), &version);
    version
}

fn publish_version(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    let function = keep(desk, name, &known(call, desk, name));
    let version = version(desk, name, &function);
    let words =
        format!("published version {} of function {name}", version["Version"].as_str().unwrap_or_default());
    done(version, words)
}

/// A function as a qualifier sees it.
fn qualified(desk: &Desk, name: &str, qualifier: Option<&str>) -> Option<Value> {
    match qualifier {
        None | Some("$LATEST") => find(desk, FUNCTION, name),
        Some(qualifier) => find(desk, VERSION, &format!("{name}:{qualifier}")).or_else(|| {
            let alias = find(desk, ALIAS, &format!("{name}:{qualifier}"))?;
            find(desk, VERSION, &format!("{name}:{}", inner(&alias, "FunctionVersion")?))
                .or_else(|| find(desk, FUNCTION, name))
        }),
    }
}

fn get_function(call: &Call, desk: &Desk) -> Outcome {
    let (name, qualifier) = parts(call)?;
    match qualified(desk, name, qualifier) {
        Some(function) => output(json!({ "Configuration": function, "Code": {}, "Tags": {} })),
        None => unanswered(),
    }
}

fn get_function_configuration(call: &Call, desk: &Desk) -> Outcome {
    let (name, qualifier) = parts(call)?;
    qualified(desk, name, qualifier).map_or_else(unanswered, output)
}

fn list_versions(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    let Some(latest) = find(desk, FUNCTION, name) else { return unanswered() };
    let made = desk.world.made();
    let prefix = format!("{name}:");
    let versions = made.all(VERSION).filter(|(full, _)| full.starts_with(&prefix)).map(|(_, it)| it.clone());
    let versions: Vec<Value> = std::iter::once(latest).chain(versions).collect();
    output(json!({ "Versions": versions }))
}

fn delete_function(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    desk.world.made().remove(FUNCTION, name);
    done(json!({}), format!("deleted function {name}"))
}

fn write_alias(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    let alias = text(call, "Name")?;
    let full = format!("{name}:{alias}");
    let before = find(desk, ALIAS, &full);
    if before.is_some() && call.operation == "CreateAlias" {
        let message = format!("Alias already exists: {}", arn(call, desk, &full));
        return Err(ApiError::new("ResourceConflictException", message).with_status(409));
    }
    let made = json!({
        "AliasArn": arn(call, desk, &full),
        "Name": alias,
        "Description": "",
        "RevisionId": new_id(),
    });
    let before = before.unwrap_or_else(|| json!({ "FunctionVersion": "$LATEST" }));
    let thing =
        merged(&merged(&before, made), picked(call, &["FunctionVersion", "Description", "RoutingConfig"]));
    put(desk, ALIAS, &full, &thing);
    let version = inner(&thing, "FunctionVersion").unwrap_or_default().to_owned();
    done(thing, format!("pointed alias {alias} of function {name} at version {version}"))
}

fn get_alias(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    find(desk, ALIAS, &format!("{name}:{}", text(call, "Name")?)).map_or_else(unanswered, output)
}

fn add_permission(call: &Call, desk: &Desk) -> Outcome {
    let (name, _) = parts(call)?;
    let statement = json!({
        "Sid": text(call, "StatementId")?,
        "Effect": "Allow",
        "Principal": { "Service": call.text("Principal") },
        "Action": call.text("Action"),
        "Resource": arn(call, desk, name),
    });
    done(json!({ "Statement": statement.to_string() }), format!("gave a permission on function {name}"))
}

/// The response is written by hand: its body is the payload, and its status says how the function was called.
fn invoke(call: &Call, _: &Desk) -> Outcome {
    let (name, qualifier) = parts(call)?;
    let (status, payload) = match call.text("InvocationType") {
        Some("Event") => (202, ""),
        Some("DryRun") => (204, ""),
        Some(_) | None => (200, "null"),
    };
    let version = qualifier.unwrap_or("$LATEST").to_owned();
    let answer = Answer::Raw {
        status,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-amz-executed-version".to_owned(), version),
        ],
        body: Payload::Memory(payload.as_bytes().to_vec()),
    };
    let deed = Deed::new(format!("invoked function {name}"));
    Ok(if status == 204 { Said::read(answer) } else { Said::wrote(answer, deed) })
}

fn publish_layer_version(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "LayerName")?;
    let number = next(desk, "lambda:layers", name);
    let arn = desk.world.arn("lambda", &call.region, &format!("layer:{name}"));
    let mut layer =
        picked(call, &["Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"]);
    layer["LayerArn"] = json!(arn);
    layer["LayerVersionArn"] = json!(format!("{arn}:{number}"));
    layer["Version"] = json!(number);
    layer["CreatedDate"] = json!(desk.world.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string());
    layer["Content"] = json!({ "CodeSha256": encoded(&sha256(new_id().as_bytes())), "CodeSize": 0 });
    put(desk, LAYER, &format!("{name}:{number}"), &layer);
    done(layer, format!("published version {number} of layer {name}"))
}

fn get_layer_version(call: &Call, desk: &Desk) -> Outcome {
    let version = number(call, "VersionNumber").unwrap_or_default();
    let name = text(call, "LayerName")?;
    find(desk, LAYER, &format!("{name}:{version}")).map_or_else(unanswered, output)
}
