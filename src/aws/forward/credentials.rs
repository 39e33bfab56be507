//! Getting a profile's keys: as they stand, from a command, or by assuming a role.
//!
//! Owns: what a `credential_process` prints, the call of STS that assumes a role, and keeping what was got until it
//! expires. Keys are in no message.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::client::{Client, Outgoing};
use super::endpoint::Endpoint;
use super::keys::Keys;
use super::profile::{Origin, Profile, Role};
use crate::aws::call::{Body, Payload};
use crate::aws::catalog;
use crate::clock::{Clock, Timestamp};

/// Runs a command of the user's own, with the user's own environment, outside of any build. Gives what it prints; an
/// error says why there is nothing, without what was printed.
pub type Runner = Arc<dyn Fn(&[String]) -> Result<String, String> + Send + Sync>;

/// Gets keys and keeps them.
pub(super) struct Credentials {
    runner: Runner,
    clock: Arc<dyn Clock>,
    kept: Mutex<Option<Keys>>,
}

impl Credentials {
    pub(super) fn new(runner: Runner, clock: Arc<dyn Clock>) -> Self {
        Self { runner, clock, kept: Mutex::default() }
    }

    /// The keys of `profile`, which is the same at each call. `region` is where STS is asked when the profile has none.
    pub(super) fn keys(&self, profile: &Profile, client: &Client, region: &str) -> Result<Keys, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = kept.as_ref().filter(|keys| keys.last(self.clock.now())) {
            return Ok(keys.clone());
        }
        let keys = self.get(profile, client, region)?;
        *kept = Some(keys.clone());
        Ok(keys)
    }

    fn get(&self, profile: &Profile, client: &Client, region: &str) -> Result<Keys, String> {
        match &profile.origin {
            Origin::Static(keys) => Ok(keys.clone()),
            Origin::Process(command) => self
                .printed(command)
                .map_err(|error| format!("credential_process of the profile {}: {error}", profile.name)),
            Origin::Role(role) => self
                .assumed(profile, role, client, region)
                .map_err(|error| format!("the profile {} cannot assume {}: {error}", profile.name, role.arn)),
        }
    }

    /// What a command prints, in the form that the AWS CLI wants.
    fn printed(&self, command: &str) -> Result<Keys, String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Printed {
            version: u32,
            access_key_id: String,
            secret_access_key: String,
            session_token: Option<String>,
            expiration: Option<String>,
        }
        let argv = split(command).ok_or("a quotation mark is not closed")?;
        if argv.is_empty() {
            return Err("there is no command".to_owned());
        }
        let text = (self.runner)(&argv)?;
        // The text of a JSON error may quote what was printed.
        let printed: Printed = serde_json::from_str(&text)
            .map_err(|_| "it printed no JSON with Version, AccessKeyId and SecretAccessKey".to_owned())?;
        if printed.version != 1 {
            return Err(format!("it printed version {}, and 1 is understood", printed.version));
        }
        let expires = match printed.expiration.map(|text| text.parse::<Timestamp>()) {
            Some(Err(_)) => return Err("its Expiration is no time".to_owned()),
            Some(Ok(expires)) => Some(expires),
            None => None,
        };
        let keys =
            Keys::new(&printed.access_key_id, &printed.secret_access_key, printed.session_token.as_deref())
                .until(expires);
        if keys.last(self.clock.now()) {
            Ok(keys)
        } else {
            Err("it printed keys that have expired".to_owned())
        }
    }

    /// The keys of a role, from STS.
    fn assumed(&self, profile: &Profile, role: &Role, client: &Client, region: &str) -> Result<Keys, String> {
        let source = self.get(&role.source, client, region)?;
        let sts = catalog::by_name("sts").ok_or("STS is not known")?;
        let region = profile.region.as_deref().or(role.source.region.as_deref()).unwrap_or(region);
        let endpoint = Endpoint::of(profile, sts, "AssumeRole", region)?;
        let session = role.session.as_deref().unwrap_or("rehearsal");
        let mut form = vec![
            ("Action", "AssumeRole"),
            ("Version", "2011-06-15"),
            ("RoleArn", &role.arn),
            ("RoleSessionName", session),
        ];
        form.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
        form.extend(role.seconds.as_deref().map(|seconds| ("DurationSeconds", seconds)));
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", super::sign::encoded(value.as_bytes())))
            .collect();
        let headers =
            [("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        let request = Outgoing {
            method: "POST",
            target: "/",
            headers: &headers,
            body: &Body::Memory(form.join("&").into_bytes()),
            service: sts.signing_name,
        };
        let response = client.send(&source, &endpoint, &request)?;
        let text = match response.body {
            Payload::Memory(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Payload::File { .. } => String::new(),
        };
        let get = |name: &str| element(&text, name);
        if response.status != 200 {
            let code = get("Code").unwrap_or_default();
            let message = get("Message").unwrap_or_default();
            return Err(source.hidden(&format!("STS answers {} {code}: {message}", response.status)));
        }
        match (get("AccessKeyId"), get("SecretAccessKey"), get("SessionToken")) {
            (Some(id), Some(secret), Some(token)) => {
                let expires = get("Expiration").and_then(|text| text.parse().ok());
                Ok(Keys::new(id, secret, Some(token)).until(expires))
            }
            _ => Err("the answer of STS has no keys in it".to_owned()),
        }
    }
}

/// The text of the first element of a name. Enough for values that hold neither elements nor entities.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(value, _)| value.trim())
}

/// The words of a command, as the AWS CLI takes it apart: by blanks, with quotation marks, without a shell.
fn split(command: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        end if end == letter => break,
                        '\\' if letter == '"' => match letters.next()? {
                            plain @ ('"' | '\\') => word.push(plain),
                            other => word.extend(['\\', other]),
                        },
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::forward::tests::{NOW, client, profile};
    use crate::clock::ManualClock;

    #[test]
    fn commands_are_taken_apart_without_a_shell() {
        let table: [(&str, Option<&[&str]>); 6] = [
            ("aws-vault exec dev --json", Some(&["aws-vault", "exec", "dev", "--json"])),
            (
                "  '/opt/my tool' \"a \\\"b\\\" \\n\" c\\ d ''",
                Some(&["/opt/my tool", "a \"b\" \\n", "c d", ""]),
            ),
            ("echo $HOME; id", Some(&["echo", "$HOME;", "id"])),
            ("", Some(&[])),
            ("a 'b", None),
            ("a \\", None),
        ];
        for (command, expected) in table {
            let expected =
                expected.map(|words| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
            assert_eq!(split(command), expected, "{command}");
        }
    }

    #[test]
    fn what_a_command_prints_is_checked_and_never_told() {
        let printed = |expiration: &str| {
            format!(
                r#"{{"Version":1,"AccessKeyId":"ASIAX","SecretAccessKey":"s3cret","SessionToken":"t0ken","Expiration":"{expiration}"}}"#
            )
        };
        let table = [
            (Ok(printed("2030-01-01T00:00:00+00:00")), Ok("ASIAX")),
            (Ok(printed("2020-01-01T00:00:00Z")), Err("expired")),
            (Ok(printed("tomorrow")), Err("Expiration is no time")),
            (
                Ok(r#"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"s3cret"}"#.to_owned()),
                Err("version 2"),
            ),
            (Ok("s3cret".to_owned()), Err("no JSON with Version")),
            (Err("exit status 1".to_owned()), Err("exit status 1")),
        ];
        for (output, expected) in table {
            let runner: Runner = {
                let output = output.clone();
                Arc::new(move |argv: &[String]| {
                    assert_eq!(argv, ["get-keys", "dev"]);
                    output.clone()
                })
            };
            let clock = Arc::new(ManualClock::new(NOW.parse().unwrap()));
            let credentials = Credentials::new(runner, clock);
            let mut profile = profile(None);
            profile.origin = Origin::Process("get-keys dev".into());
            match (credentials.keys(&profile, &client(), "us-east-1"), expected) {
                (Ok(keys), Ok(expected)) => assert_eq!(keys.access_key(), expected),
                (Err(error), Err(part)) => {
                    assert!(error.contains(part) && !error.contains("s3cret"), "{error}");
                }
                (got, expected) => panic!("{got:?} instead of {expected:?}"),
            }
        }
    }
}
