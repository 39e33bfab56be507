//! Secrets Manager, from the stand-ins.
//!
//! Owns: secrets as they were given in rehearsal.yml and changed in this execution, by name and by ARN. There is one
//! stand-in for all versions of a secret.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::input::{flag, inner, items, number, text, texts};
use super::made::{LOWER, UPPER, done, find, fresh, letters, now, output, picked, put, uuid};
use super::{Operation, Outcome};
use crate::aws::call::{ApiError, Call};
use crate::aws::desk::Desk;
use crate::aws::world::{placeholder, placeholder_read};
use crate::clock::new_id;

/// What Secrets Manager answers.
pub(super) const OPERATIONS: &[Operation] = &[
    ("BatchGetSecretValue", batch_get_secret_value),
    ("CreateSecret", create_secret),
    ("DeleteSecret", delete_secret),
    ("DescribeSecret", describe_secret),
    ("GetRandomPassword", get_random_password),
    ("GetSecretValue", get_secret_value),
    ("ListSecretVersionIds", list_secret_version_ids),
    ("ListSecrets", list_secrets),
    ("PutSecretValue", write_secret),
    ("UpdateSecret", write_secret),
];

/// Secrets that were written in this execution; null when they were deleted.
const KIND: &str = "secretsmanager:secret";

/// What is known of a secret.
struct Secret {
    name: String,
    arn: String,
    version: String,
    /// `SecretString` or `SecretBinary`, and its value.
    content: (&'static str, Value),
    /// A placeholder stands in for it.
    is_dummy: bool,
}

fn not_found() -> ApiError {
    ApiError::new("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

/// The names that `id` may mean: itself, and for an ARN the name with and without its six last characters.
fn names(id: &str) -> Vec<&str> {
    let mut names = vec![id];
    if id.starts_with("arn:")
        && let Some((_, name)) = id.split_once(":secret:")
    {
        names.push(name);
        let short = name.rsplit_once('-').filter(|(_, suffix)| suffix.len() == 6);
        names.extend(short.map(|(short, _)| short));
    }
    names
}

fn arn(desk: &Desk, region: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let suffix = letters(name, UPPER, 6);
    desk.world.arn("secretsmanager", region, &format!("secret:{name}-{suffix}"))
}

fn secret(desk: &Desk, region: &str, id: &str) -> Result<Secret, ApiError> {
    // A stand-in may be given under an ARN and asked for by name.
    let by_arn = desk.world.secrets.keys().filter(|key| names(key).contains(&id)).map(String::as_str);
    let candidates: Vec<&str> = names(id).into_iter().chain(by_arn).collect();
    for name in candidates {
        if let Some(made) = find(desk, KIND, name) {
            let text = made.get("SecretString").map(|text| ("SecretString", text.clone()));
            let binary = made.get("SecretBinary").map(|bytes| ("SecretBinary", json!({ "$blob": bytes })));
            let content = text.or(binary).ok_or_else(not_found)?;
            let version = inner(&made, "VersionId").unwrap_or_default().to_owned();
            let arn = arn(desk, region, name);
            return Ok(Secret { name: name.to_owned(), arn, version, content, is_dummy: false });
        }
        match desk.world.secrets.get(name) {
            Some(Ok(text)) => {
                let plain = names(name).pop().unwrap_or(name);
                return Ok(Secret {
                    name: plain.to_owned(),
                    arn: arn(desk, region, name),
                    version: uuid(name),
                    content: ("SecretString", json!(text)),
                    is_dummy: false,
                });
            }
            Some(Err(reason)) if !desk.world.placeholders => {
                let message = format!("no stand-in for the secret {name}: {reason}");
                return Err(ApiError::new("ResourceNotFoundException", message));
            }
            Some(Err(_)) | None => {}
        }
    }
    if !desk.world.placeholders {
        return Err(not_found());
    }
    let plain = names(id).pop().unwrap_or(id);
    Ok(Secret {
        name: plain.to_owned(),
        arn: arn(desk, region, id),
        version: uuid(plain),
        content: ("SecretString", json!(placeholder(id))),
        is_dummy: true,
    })
}

/// The text of a secret, for Parameter Store, and whether it is a placeholder.
pub(super) fn value(desk: &Desk, id: &str) -> Result<(String, bool), ApiError> {
    let secret = secret(desk, &desk.world.region, id)?;
    Ok((secret.content.1.as_str().unwrap_or_default().to_owned(), secret.is_dummy))
}

/// An answer to a read of one secret.
fn read(said: Value, secret: &Secret) -> Outcome {
    if !secret.is_dummy {
        return output(said);
    }
    done(said, placeholder_read(&format!("the secret {}", secret.name)))
}

fn described(desk: &Desk, secret: &Secret) -> Value {
    let (member, content) = &secret.content;
    json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": secret.version,
        *member: content,
        "VersionStages": ["AWSCURRENT"],
        "CreatedDate": now(desk),
    })
}

fn get_secret_value(call: &Call, desk: &Desk) -> Outcome {
    let secret = secret(desk, &call.region, text(call, "SecretId")?)?;
    let mut said = described(desk, &secret);
    // One stand-in answers for all versions, under the one that was asked for.
    if let Some(stage) = call.text("VersionStage") {
        said["VersionStages"] = json!([stage]);
    }
    if let Some(version) = call.text("VersionId") {
        said["VersionId"] = json!(version);
    }
    read(said, &secret)
}

fn all_names(desk: &Desk) -> Vec<String> {
    let mut there: BTreeMap<String, bool> =
        desk.world.secrets.keys().map(|name| (name.clone(), true)).collect();
    for (name, made) in desk.world.made().all(KIND) {
        there.insert(name.to_owned(), !made.is_null());
    }
    there.into_iter().filter(|(_, there)| *there).map(|(name, _)| name).collect()
}

/// Whether a secret passes the filters of a list: those of its name are looked at, a value stands for what begins so.
fn passes(call: &Call, name: &str) -> bool {
    items(call, "Filters").iter().filter(|filter| matches!(inner(filter, "Key"), Some("name" | "all"))).all(
        |filter| {
            let values = filter.get("Values").and_then(Value::as_array).into_iter().flatten();
            values.filter_map(Value::as_str).any(|value| match value.strip_prefix('!') {
                Some(not) => !name.starts_with(not),
                None => name.starts_with(value),
            })
        },
    )
}

fn batch_get_secret_value(call: &Call, desk: &Desk) -> Outcome {
    let mut wanted: Vec<String> = texts(call, "SecretIdList").into_iter().map(str::to_owned).collect();
    if wanted.is_empty() {
        wanted = all_names(desk).into_iter().filter(|name| passes(call, name)).collect();
    }
    let (mut values, mut errors, mut dummies) = (Vec::new(), Vec::new(), Vec::new());
    for id in wanted {
        match secret(desk, &call.region, &id) {
            Ok(secret) => {
                values.push(described(desk, &secret));
                dummies.extend(secret.is_dummy.then_some(secret.name));
            }
            Err(error) => {
                errors.push(json!({ "SecretId": id, "ErrorCode": error.code, "Message": error.message }));
            }
        }
    }
    let said = json!({ "SecretValues": values, "Errors": errors });
    if dummies.is_empty() {
        return output(said);
    }
    done(said, placeholder_read(&format!("the secrets {}", dummies.join(", "))))
}

fn entry(desk: &Desk, secret: &Secret) -> Value {
    json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": now(desk),
        "LastChangedDate": now(desk),
        "Tags": [],
    })
}

fn list_secrets(call: &Call, desk: &Desk) -> Outcome {
    let names = all_names(desk).into_iter().filter(|name| passes(call, name));
    let found = names.filter_map(|name| secret(desk, &call.region, &name).ok());
    let list: Vec<Value> = found
        .map(|secret| {
            let mut entry = entry(desk, &secret);
            entry["SecretVersionsToStages"] = json!({ &secret.version: ["AWSCURRENT"] });
            entry
        })
        .collect();
    output(json!({ "SecretList": list }))
}

fn describe_secret(call: &Call, desk: &Desk) -> Outcome {
    let secret = secret(desk, &call.region, text(call, "SecretId")?)?;
    let mut said = entry(desk, &secret);
    said["VersionIdsToStages"] = json!({ &secret.version: ["AWSCURRENT"] });
    read(said, &secret)
}

fn list_secret_version_ids(call: &Call, desk: &Desk) -> Outcome {
    let secret = secret(desk, &call.region, text(call, "SecretId")?)?;
    let versions =
        json!([{ "VersionId": secret.version, "VersionStages": ["AWSCURRENT"], "CreatedDate": now(desk) }]);
    let said = json!({ "ARN": secret.arn, "Name": secret.name, "Versions": versions });
    read(said, &secret)
}

/// Keeps what a call writes; the version it makes.
fn keep(call: &Call, desk: &Desk, name: &str) -> String {
    let version = call.text("ClientRequestToken").map_or_else(new_id, str::to_owned);
    let mut made = picked(call, &["SecretString", "SecretBinary"]);
    made["VersionId"] = json!(version);
    put(desk, KIND, name, &made);
    version
}

fn create_secret(call: &Call, desk: &Desk) -> Outcome {
    let name = text(call, "Name")?;
    let made = find(desk, KIND, name);
    let stand_in = made.is_none() && desk.world.secrets.contains_key(name);
    if stand_in || made.is_some_and(|made| !made.is_null()) {
        let message = format!("The operation failed because the secret {name} already exists.");
        return Err(ApiError::new("ResourceExistsException", message));
    }
    let version = keep(call, desk, name);
    let said = json!({ "ARN": arn(desk, &call.region, name), "Name": name, "VersionId": version });
    done(said, format!("created the secret {name}"))
}

/// `PutSecretValue` and `UpdateSecret`: of a secret that has no stand-in too, for AWS may well have it.
fn write_secret(call: &Call, desk: &Desk) -> Outcome {
    let id = text(call, "SecretId")?;
    let name = match secret(desk, &call.region, id) {
        Ok(secret) => secret.name,
        Err(_) => names(id).pop().unwrap_or(id).to_owned(),
    };
    let mut said = json!({ "ARN": arn(desk, &call.region, &name), "Name": name });
    let brings = call.text("SecretString").is_some() || call.text("SecretBinary").is_some();
    if brings {
        said["VersionId"] = json!(keep(call, desk, &name));
    }
    if call.operation == "PutSecretValue" {
        said["VersionStages"] = json!(["AWSCURRENT"]);
    }
    done(said, format!("changed the secret {name}"))
}

fn delete_secret(call: &Call, desk: &Desk) -> Outcome {
    let id = text(call, "SecretId")?;
    let name = names(id).pop().unwrap_or(id);
    put(desk, KIND, name, &Value::Null);
    let said = json!({ "ARN": arn(desk, &call.region, name), "Name": name, "DeletionDate": now(desk) });
    done(said, format!("deleted the secret {name}"))
}

fn get_random_password(call: &Call, _: &Desk) -> Outcome {
    const PUNCTUATION: &[u8] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    let length = number(call, "PasswordLength").unwrap_or(32).clamp(1, 4096);
    let without = call.text("ExcludeCharacters").unwrap_or_default();
    let mut alphabet: Vec<u8> = Vec::new();
    let groups: [(&str, &[u8]); 4] = [
        ("ExcludeLowercase", &LOWER[..26]),
        ("ExcludeUppercase", &UPPER[..26]),
        ("ExcludeNumbers", &UPPER[26..]),
        ("ExcludePunctuation", PUNCTUATION),
    ];
    for (excludes, group) in groups {
        if !flag(call, excludes) {
            alphabet.extend(group.iter().filter(|byte| !without.contains(char::from(**byte))));
        }
    }
    if alphabet.is_empty() {
        return Err(ApiError::new("InvalidParameterException", "No characters are left for a password."));
    }
    let length = usize::try_from(length).unwrap_or(32);
    output(json!({ "RandomPassword": fresh("", &alphabet, length) }))
}
