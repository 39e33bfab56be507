//! Values of Parameter Store and Secrets Manager: which one a reference asks for, and the stand-in that answers.
//!
//! Owns: finding the stand-in, and what to tell a user whose stand-in is missing. There is one stand-in for all versions
//! of a secret. Leaves to the caller: reading stand-ins from rehearsal.yml, and to `environment`: where values go.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::spec::buildspec::SecretReference;

/// The code of a build that wants a value for which this machine has no stand-in. Not one of AWS's: there the value may
/// well be.
pub const MISSING_STAND_IN: &str = "MISSING_STAND_IN";

/// A stand-in's value, or why there is none (an unset variable of the user, a file that cannot be read).
pub type StandIn = Result<String, String>;

/// The stand-ins that the user gave in rehearsal.yml, under the names AWS knows the originals by.
#[derive(Debug, Clone, Default)]
pub struct StandIns {
    /// `parameters`
    pub parameters: BTreeMap<String, StandIn>,
    /// `secrets`: the whole text of each, which is often a JSON object.
    pub secrets: BTreeMap<String, StandIn>,
}

/// Why a value could not be had: CodeBuild's status code where it has one, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unavailable {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl StandIns {
    /// The value of the parameter `name`, wanted for `variable`.
    pub(super) fn parameter(&self, name: &str, variable: &str) -> Result<String, Unavailable> {
        let fail = |message| Unavailable { code: MISSING_STAND_IN, message };
        match self.parameters.get(name) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(reason)) => Err(fail(format!("no stand-in for the parameter {name}: {reason}"))),
            // "Parameter does not exist" is AWS's text (codebuild.md 8.1).
            None => Err(fail(format!(
                "Parameter does not exist: {name} (for {variable}); {}",
                advice("parameters", name, variable)
            ))),
        }
    }

    /// The value that the reference-key `reference` names, wanted for `variable`.
    pub(super) fn secret(&self, reference: &str, variable: &str) -> Result<String, Unavailable> {
        let fail = |message| Unavailable { code: MISSING_STAND_IN, message };
        let SecretReference { id, json_key, version_stage, version_id } = SecretReference::parse(reference);
        if version_stage.is_some() && version_id.is_some() {
            let message = format!(
                "`{reference}` names both a version stage and a version id, and AWS takes one of them (for {variable})"
            );
            return Err(Unavailable { code: "Secrets Manager Error", message });
        }
        let found = names(id).into_iter().find_map(|name| self.secrets.get(name));
        let text = match found {
            Some(Ok(text)) => text,
            Some(Err(reason)) => return Err(fail(format!("no stand-in for the secret {id}: {reason}"))),
            None => {
                let advice = advice("secrets", id, variable);
                return Err(fail(format!(
                    "ResourceNotFoundException: no secret {id} (for {variable}); {advice}"
                )));
            }
        };
        let Some(key) = json_key else { return Ok(text.clone()) };
        let Ok(Value::Object(fields)) = serde_json::from_str(text) else {
            return Err(fail(format!(
                "the stand-in for the secret {id} is not a JSON object, so it has no key {key} (for {variable})"
            )));
        };
        match fields.get(key) {
            Some(Value::String(value)) => Ok(value.clone()),
            Some(value) => Ok(value.to_string()),
            None => {
                Err(fail(format!("the stand-in for the secret {id} has no JSON key {key} (for {variable})")))
            }
        }
    }
}

/// The line to write into rehearsal.yml.
fn advice(section: &str, name: &str, variable: &str) -> String {
    let name = Value::String(name.to_owned());
    format!("give it a stand-in in rehearsal.yml: `{section}: {{ {name}: {{ env: {variable} }} }}`")
}

/// The names under which a stand-in for `id` may be given: as it is, and for an ARN the secret's name with and without
/// the six characters that AWS appends.
fn names(id: &str) -> Vec<&str> {
    let mut names = vec![id];
    if id.starts_with("arn:")
        && let Some((_, name)) = id.rsplit_once(':')
    {
        names.push(name);
        if let Some((short, suffix)) = name.rsplit_once('-')
            && suffix.len() == 6
        {
            names.push(short);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand_ins() -> StandIns {
        let db = r#"{"user":"app","password":"p\"w","port":5432,"nested":{"a":1}}"#;
        StandIns {
            parameters: BTreeMap::from([
                ("/CodeBuild/token".to_owned(), Ok("t0ken".to_owned())),
                ("/unset".to_owned(), Err("the variable TOKEN is not set".to_owned())),
            ]),
            secrets: BTreeMap::from([
                ("service/db".to_owned(), Ok(db.to_owned())),
                ("plain".to_owned(), Ok("text".to_owned())),
            ]),
        }
    }

    #[test]
    fn references_follow_the_grammar() {
        // codebuild.md 1.5
        let arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:service/db-AbCdEf";
        let table = [
            ("plain".to_owned(), Ok("text")),
            ("plain:".to_owned(), Ok("text")),
            ("plain::AWSPREVIOUS".to_owned(), Ok("text")),
            ("service/db:password".to_owned(), Ok("p\"w")),
            ("service/db:port".to_owned(), Ok("5432")),
            ("service/db:nested".to_owned(), Ok("{\"a\":1}")),
            ("service/db:user::9d4cb84b".to_owned(), Ok("app")),
            (format!("{arn}:user"), Ok("app")),
            (format!("{arn}:user:AWSCURRENT:"), Ok("app")),
            ("service/db:user:AWSCURRENT:9d4cb84b".to_owned(), Err("both a version stage and a version id")),
            ("service/db:host".to_owned(), Err("no JSON key host")),
            ("plain:key".to_owned(), Err("not a JSON object")),
            ("other:key".to_owned(), Err("`secrets: { \"other\": { env: X } }`")),
        ];
        for (reference, expected) in table {
            match (stand_ins().secret(&reference, "X"), expected) {
                (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{reference}"),
                (Err(error), Err(part)) => {
                    assert!(error.message.contains(part), "{reference}: {}", error.message);
                    let of_aws = part.contains("version stage");
                    assert_eq!(error.code, if of_aws { "Secrets Manager Error" } else { MISSING_STAND_IN });
                }
                (got, _) => panic!("{reference}: {got:?}"),
            }
        }
    }

    #[test]
    fn a_missing_parameter_says_what_to_write() {
        assert_eq!(stand_ins().parameter("/CodeBuild/token", "TOKEN").unwrap(), "t0ken");
        let missing = stand_ins().parameter("/CodeBuild/other", "TOKEN").unwrap_err().message;
        assert_eq!(
            missing,
            "Parameter does not exist: /CodeBuild/other (for TOKEN); give it a stand-in in rehearsal.yml: \
             `parameters: { \"/CodeBuild/other\": { env: TOKEN } }`"
        );
        let unset = stand_ins().parameter("/unset", "TOKEN").unwrap_err().message;
        assert_eq!(unset, "no stand-in for the parameter /unset: the variable TOKEN is not set");
    }
}
