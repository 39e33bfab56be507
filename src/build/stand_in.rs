//! Values of Parameter Store and Secrets Manager: which one a reference asks for, and the stand-in that answers.
//!
//! Owns: finding the stand-in. There is one for all versions of a secret. Leaves to the caller: reading stand-ins from
//! rehearsal.yml, to `environment`: where values go, and to `missing`: what to tell a user who has none.

use std::collections::BTreeMap;

use serde_json::Value;

use super::missing::{Missing, STAND_IN_MISSING, Section};
use crate::spec::buildspec::SecretReference;

/// A stand-in's value, or why there is none (an unset variable of the user, a file that cannot be read).
pub type StandIn = Result<String, String>;

/// The stand-ins that the user gave in rehearsal.yml, under the names AWS knows the originals by.
#[derive(Debug, Clone, Default)]
pub struct StandIns {
    /// `parameters`
    pub parameters: BTreeMap<String, StandIn>,
    /// `secrets`: the whole text of each, which is often a JSON object.
    pub secrets: BTreeMap<String, StandIn>,
    /// Whether marked dummies are filled in where there is no stand-in (`--placeholder-secrets`).
    pub placeholders: bool,
}

/// Why a value could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unavailable {
    /// There is no stand-in here; what AWS has is not known.
    Missing(Missing),
    /// AWS would not give it either: CodeBuild's status code where it has one, and a sentence.
    Refused {
        /// The code.
        code: &'static str,
        /// The sentence.
        message: String,
    },
}

impl StandIns {
    /// The value of the parameter `name`, wanted for `variable`.
    pub(super) fn parameter(&self, name: &str, variable: &str) -> Result<String, Unavailable> {
        match self.parameters.get(name) {
            Some(Ok(value)) => Ok(value.clone()),
            other => Err(Unavailable::Missing(Missing {
                section: Section::Parameters,
                name: name.to_owned(),
                json_key: None,
                variable: variable.to_owned(),
                reason: other.and_then(|given| given.as_ref().err().cloned()),
            })),
        }
    }

    /// The value that the reference-key `reference` names, wanted for `variable`.
    pub(super) fn secret(&self, reference: &str, variable: &str) -> Result<String, Unavailable> {
        let fail = |message| Unavailable::Refused { code: STAND_IN_MISSING, message };
        let SecretReference { id, json_key, version_stage, version_id } = SecretReference::parse(reference);
        if version_stage.is_some() && version_id.is_some() {
            let message = format!(
                "`{reference}` names both a version stage and a version id, and AWS takes one of them (for {variable})"
            );
            return Err(Unavailable::Refused { code: "Secrets Manager Error", message });
        }
        let text = match names(id).into_iter().find_map(|name| self.secrets.get(name)) {
            Some(Ok(text)) => text,
            other => {
                return Err(Unavailable::Missing(Missing {
                    section: Section::Secrets,
                    name: id.to_owned(),
                    json_key: json_key.map(str::to_owned),
                    variable: variable.to_owned(),
                    reason: other.and_then(|given| given.as_ref().err().cloned()),
                }));
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
            placeholders: false,
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
        ];
        for (reference, expected) in table {
            match (stand_ins().secret(&reference, "X"), expected) {
                (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{reference}"),
                (Err(Unavailable::Refused { code, message }), Err(part)) => {
                    assert!(message.contains(part), "{reference}: {message}");
                    let of_aws = part.contains("version stage");
                    assert_eq!(code, if of_aws { "Secrets Manager Error" } else { STAND_IN_MISSING });
                }
                (got, _) => panic!("{reference}: {got:?}"),
            }
        }
    }

    #[test]
    fn what_is_missing_is_known_by_its_exact_name() {
        assert_eq!(stand_ins().parameter("/CodeBuild/token", "TOKEN").unwrap(), "t0ken");
        let Err(Unavailable::Missing(missing)) = stand_ins().parameter("/unset", "TOKEN") else { panic!() };
        assert_eq!(missing.reason.as_deref(), Some("the variable TOKEN is not set"));
        let Err(Unavailable::Missing(missing)) = stand_ins().secret("other:key", "X") else { panic!() };
        let expected = ("other", Some("key"), "X", None);
        let Missing { name, json_key, variable, reason, .. } = &missing;
        assert_eq!((name.as_str(), json_key.as_deref(), variable.as_str(), reason.as_deref()), expected);
    }
}
