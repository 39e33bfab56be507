//! The stack that a call asks for.
//!
//! Owns: where the template comes from, what its parameters come to, and the stack that follows. Leaves to `change`:
//! whether it may be, and to `stacks` keeping it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::evaluate::{Budget, Scope, text};
use super::stacks::{Output, Resource, Stack, execution};
use super::structure::{self, section};
use super::traits::Names;
use super::{physical, template, validation};
use crate::aws::answers::input::{flag, inner, is_true, items, texts};
use crate::aws::answers::made::digest;
use crate::aws::call::{Answer, ApiError, Body, Call, Payload};
use crate::aws::desk::Desk;

/// What stands for the value of a parameter with `NoEcho`.
pub(super) const NO_ECHO: &str = "****";

/// A call's template: its text and what it holds.
pub(super) struct Given {
    pub(super) text: String,
    pub(super) value: Value,
}

/// The template that a call brings, or the one of `before`.
pub(super) fn given(call: &Call, desk: &Desk, before: Option<&Stack>) -> Result<Given, ApiError> {
    let (text, value) = match (call.text("TemplateBody"), call.text("TemplateURL"), before) {
        (Some(text), _, _) => (text.to_owned(), template::parse_body(text)?),
        (None, Some(url), _) => {
            let text = fetched(call, desk, url)?;
            let value = template::parse(&text)?;
            (text, value)
        }
        (None, None, Some(stack)) if flag(call, "UsePreviousTemplate") => {
            (stack.template.clone(), template::parse(&stack.template)?)
        }
        (None, None, _) => {
            return Err(validation("Either Template URL or Template Body must be specified."));
        }
    };
    structure::check(&value)?;
    Ok(Given { text, value })
}

/// A template in a bucket of this execution.
fn fetched(call: &Call, desk: &Desk, url: &str) -> Result<String, ApiError> {
    let refuse = |why: &str| validation(format!("S3 error: {why}"));
    let (bucket, key) = place(url)?;
    let get = Call {
        service: "s3".to_owned(),
        operation: "GetObject".to_owned(),
        read: true,
        parameters: json!({ "Bucket": bucket, "Key": key }),
        method: "GET".to_owned(),
        target: format!("/{bucket}/{key}"),
        headers: Vec::new(),
        body: Body::Memory(Vec::new()),
        ..call.clone()
    };
    let bytes = match crate::aws::answers::answer(&get, desk).answer {
        Answer::Raw { status: 200, body: Payload::Memory(bytes), .. } => bytes,
        Answer::Raw { status: 200, body: Payload::File { path, .. }, .. } => {
            std::fs::read(&path).map_err(|error| refuse(&error.to_string()))?
        }
        Answer::Error(error) => return Err(refuse(&error.message)),
        Answer::Raw { .. } | Answer::Output(_) | Answer::Unanswered => {
            return Err(refuse(&format!(
                "the template {url} is not known here: no command of this execution wrote it, and `aws` of \
                 rehearsal.yml names no folder for s3://{bucket}"
            )));
        }
    };
    String::from_utf8(bytes).map_err(|_| validation("Template format error: unsupported structure."))
}

/// Bucket and key of a URL, in the forms with the bucket as host and as path. It begins with `https://` (API reference,
/// CreateStack) and is S3's; clients that upload the template first name the endpoint they uploaded it to, which is here.
fn place(url: &str) -> Result<(String, String), ApiError> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let rest = rest.split('?').next().unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_here = matches!(host.split(':').next(), Some("127.0.0.1" | "localhost"));
    if scheme != "https" && !(scheme == "http" && is_here) {
        return Err(validation("TemplateURL must be a supported URL."));
    }
    let service = host.strip_suffix(".cn").unwrap_or(host).strip_suffix(".amazonaws.com");
    if service.is_none() && !is_here {
        return Err(validation("TemplateURL must be an Amazon S3 URL."));
    }
    let bucket = service.and_then(|service| service.split_once(".s3")).map(|(bucket, _)| bucket);
    let place = bucket.map(|bucket| (bucket, path)).or_else(|| path.split_once('/'));
    match place {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok((bucket.to_owned(), key.to_owned()))
        }
        Some(_) | None => Err(validation("S3 error: Both S3 bucket and key must be specified")),
    }
}

/// What the template's parameters come to.
pub(super) fn parameters(
    call: &Call,
    desk: &Desk,
    template: &Value,
    before: Option<&Stack>,
) -> Result<BTreeMap<String, String>, ApiError> {
    let mut sent = BTreeMap::new();
    for parameter in items(call, "Parameters") {
        let Some(key) = inner(parameter, "ParameterKey") else { continue };
        let value = if parameter.get("UsePreviousValue").is_some_and(is_true) {
            let previous = before.and_then(|stack| stack.parameters.get(key)).cloned();
            previous.ok_or_else(|| {
                validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter \
                     key not in the previous template"
                ))
            })?
        } else {
            inner(parameter, "ParameterValue").unwrap_or_default().to_owned()
        };
        sent.insert(key, value);
    }
    let declared: BTreeSet<&str> = section(template, "Parameters").map(|(name, _)| name.as_str()).collect();
    let unknown: Vec<_> = sent.keys().filter(|name| !declared.contains(**name)).copied().collect();
    // Macros may add parameters.
    if !unknown.is_empty() && structure::transforms(template).is_empty() {
        let message = format!("Parameters: [{}] do not exist in the template", unknown.join(", "));
        return Err(validation(message));
    }
    let mut missing = Vec::new();
    let mut values = BTreeMap::new();
    for (name, parameter) in section(template, "Parameters") {
        let default = parameter.get("Default").map(text);
        let Some(value) = sent.remove(name.as_str()).or(default) else {
            missing.push(name.as_str());
            continue;
        };
        constraints(name, &value, parameter)?;
        values.insert(name.clone(), looked_up(desk, &value, parameter)?);
    }
    if missing.is_empty() {
        Ok(values)
    } else {
        Err(validation(format!("Parameters: [{}] must have values", missing.join(", "))))
    }
}

/// Whether a value is one that the template allows.
fn constraints(name: &str, value: &str, parameter: &Value) -> Result<(), ApiError> {
    let figure = |key: &str| parameter.get(key).map(text).and_then(|text| text.parse::<f64>().ok());
    let kind = inner(parameter, "Type").unwrap_or_default();
    let allowed = parameter.get("AllowedValues").and_then(Value::as_array);
    let parts: Vec<&str> =
        if kind.contains("List") { value.split(',').map(str::trim).collect() } else { vec![value] };
    let broken = if allowed.is_some_and(|all| parts.iter().any(|part| all.iter().all(|it| text(it) != *part)))
    {
        Some(format!("Parameter '{name}' must be one of AllowedValues"))
    } else if kind == "Number" && value.parse::<f64>().is_err() {
        Some(format!("Parameter '{name}' must be a number"))
    } else if let (Some(least), Ok(number)) = (figure("MinValue"), value.parse::<f64>())
        && number < least
    {
        Some(format!("Parameter '{name}' must be a number not less than {least}"))
    } else if let (Some(most), Ok(number)) = (figure("MaxValue"), value.parse::<f64>())
        && number > most
    {
        Some(format!("Parameter '{name}' must be a number not greater than {most}"))
    } else if let Some(least) = figure("MinLength")
        && f64::from(count(value)) < least
    {
        Some(format!("Parameter '{name}' must contain at least {least} characters"))
    } else if let Some(most) = figure("MaxLength")
        && f64::from(count(value)) > most
    {
        Some(format!("Parameter '{name}' must contain at most {most} characters"))
    } else if let Some(pattern) = inner(parameter, "AllowedPattern")
        // A pattern of Java's that is none here is not judged.
        && let Ok(regex) = regex::Regex::new(&format!("^(?:{pattern})$"))
        && !parts.iter().all(|part| regex.is_match(part))
    {
        Some(format!("Parameter '{name}' must match pattern {pattern}"))
    } else {
        None
    };
    match (broken, inner(parameter, "ConstraintDescription")) {
        (None, _) => Ok(()),
        (Some(_), Some(told)) => {
            Err(validation(format!("Parameter {name} failed to satisfy constraint: {told}")))
        }
        (Some(message), None) => Err(validation(message)),
    }
}

/// Characters, as far as a limit could say.
fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The value behind `AWS::SSM::Parameter::Value<…>`: that of the parameter it names.
fn looked_up(desk: &Desk, value: &str, parameter: &Value) -> Result<String, ApiError> {
    let stored = inner(parameter, "Type").is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter::Value<"));
    if !stored {
        return Ok(value.to_owned());
    }
    match crate::aws::answers::ssm::value(desk, value) {
        Some(found) => Ok(found),
        // Public parameters of AWS's own are there, with values that nobody here knows.
        None if value.starts_with("/aws/service/") => Ok(format!("{}{value}", super::evaluate::MADE_UP)),
        None => Err(validation(format!(
            "Unable to fetch parameters [{value}] from parameter store for this account."
        ))),
    }
}

/// The stack `name` as the call wants it, made of `given`. Its change sets and events are those of `before`.
pub(super) fn stack(
    call: &Call,
    desk: &Desk,
    (name, id): (&str, &str),
    given: Given,
    (before, exports): (Option<&Stack>, &BTreeMap<String, String>),
) -> Result<Stack, ApiError> {
    let parameters = parameters(call, desk, &given.value, before)?;
    let scope = Scope {
        template: &given.value,
        parameters: &parameters,
        exports,
        account: &desk.world.account,
        region: &call.region,
        stack: name,
        stack_id: id,
        budget: Budget::default(),
    };
    let now = desk.world.clock.now().as_second();
    let there =
        |place: &'static str| section(&given.value, place).filter(|(_, member)| scope.is_there(member));
    let names = Names::new(&scope);
    let resources = there("Resources")
        .map(|(logical, resource)| {
            let value = scope.value(resource);
            let kind = inner(resource, "Type").unwrap_or_default();
            Resource {
                logical: logical.clone(),
                physical: physical::id(&scope, logical),
                kind: kind.to_owned(),
                status: String::new(),
                at: now,
                digest: digest(value.to_string().as_bytes()),
                traits: names.traits(kind, &value),
            }
        })
        .collect();
    let outputs = there("Outputs")
        .map(|(key, output)| Output {
            key: key.clone(),
            value: output.get("Value").map(|value| text(&scope.value(value))).unwrap_or_default(),
            description: inner(output, "Description").map(str::to_owned),
            export: output
                .get("Export")
                .and_then(|export| export.get("Name"))
                .map(|name| text(&scope.value(name))),
        })
        .collect();
    let secret = |name: &str| {
        let parameter = given.value.get("Parameters").and_then(|all| all.get(name));
        parameter.and_then(|parameter| parameter.get("NoEcho")).is_some_and(is_true)
    };
    let kept = |(name, value): (&String, &String)| {
        (name.clone(), if secret(name) { NO_ECHO.to_owned() } else { value.clone() })
    };
    Ok(Stack {
        id: id.to_owned(),
        execution: execution(desk),
        // The role of a stack stays until another is named.
        role: call.text("RoleARN").map(str::to_owned).or_else(|| before?.role.clone()),
        is_transformed: !structure::transforms(&given.value).is_empty(),
        description: inner(&given.value, "Description").map(str::to_owned),
        created: before.map_or(now, |stack| stack.created),
        parameters: parameters.iter().map(kept).collect(),
        capabilities: texts(call, "Capabilities").into_iter().map(str::to_owned).collect(),
        tags: items(call, "Tags").to_vec(),
        resources,
        outputs,
        template: given.text,
        events: before.map(|stack| stack.events.clone()).unwrap_or_default(),
        change_sets: before.map(|stack| stack.change_sets.clone()).unwrap_or_default(),
        status: String::new(),
        updated: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_in_buckets_have_urls_of_two_forms() {
        for url in [
            "https://code.s3.amazonaws.com/web/t.yml",
            "https://code.s3.eu-west-1.amazonaws.com/web/t.yml",
            "https://code.s3-eu-west-1.amazonaws.com/web/t.yml",
            "https://s3.eu-west-1.amazonaws.com/code/web/t.yml",
            "https://s3.amazonaws.com/code/web/t.yml?versionId=1",
            "https://code.s3.cn-north-1.amazonaws.com.cn/web/t.yml",
            "http://127.0.0.1:4000/code/web/t.yml",
        ] {
            assert_eq!(place(url), Ok(("code".to_owned(), "web/t.yml".to_owned())), "{url}");
        }
        for (url, message) in [
            ("file:///builds/web/t.yml", "TemplateURL must be a supported URL."),
            ("file://t.yml", "TemplateURL must be a supported URL."),
            ("t.yml", "TemplateURL must be a supported URL."),
            ("s3://code/web/t.yml", "TemplateURL must be a supported URL."),
            ("http://code.s3.amazonaws.com/t.yml", "TemplateURL must be a supported URL."),
            ("", "TemplateURL must be a supported URL."),
            ("https://example.com/code/t.yml", "TemplateURL must be an Amazon S3 URL."),
            ("https://notamazonaws.com/code/t.yml", "TemplateURL must be an Amazon S3 URL."),
            ("https://s3.amazonaws.com/code", "S3 error: Both S3 bucket and key must be specified"),
            ("https://code.s3.amazonaws.com/", "S3 error: Both S3 bucket and key must be specified"),
        ] {
            assert_eq!(place(url).unwrap_err().message, message, "{url}");
        }
    }

    #[test]
    fn values_have_to_fit() {
        for (parameter, value, message) in [
            (json!({"Type": "String", "AllowedValues": ["a", "b"]}), "a", ""),
            (
                json!({"Type": "String", "AllowedValues": ["a", "b"]}),
                "c",
                "Parameter 'P' must be one of AllowedValues",
            ),
            (json!({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}), "a, b", ""),
            (json!({"Type": "Number"}), "x", "Parameter 'P' must be a number"),
            (
                json!({"Type": "Number", "MinValue": "2"}),
                "1",
                "Parameter 'P' must be a number not less than 2",
            ),
            (
                json!({"Type": "Number", "MaxValue": "2"}),
                "3",
                "Parameter 'P' must be a number not greater than 2",
            ),
            (
                json!({"Type": "String", "MinLength": "2"}),
                "x",
                "Parameter 'P' must contain at least 2 characters",
            ),
            (
                json!({"Type": "String", "MaxLength": "2"}),
                "xyz",
                "Parameter 'P' must contain at most 2 characters",
            ),
            (
                json!({"Type": "String", "AllowedPattern": "[a-z]+"}),
                "x1",
                "Parameter 'P' must match pattern [a-z]+",
            ),
            (json!({"Type": "String", "AllowedPattern": "(?<!x)"}), "x1", ""),
            (
                json!({"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "letters only"}),
                "1",
                "Parameter P failed to satisfy constraint: letters only",
            ),
        ] {
            let said =
                constraints("P", value, &parameter).err().map_or_else(String::new, |error| error.message);
            assert_eq!(said, message, "{parameter} {value}");
        }
    }
}
