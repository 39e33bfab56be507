//! What `--allow` lets through: calls that are performed for real, signed with the keys of a profile of the user.
//!
//! | file | owns |
//! | --- | --- |
//! | `permit` | what was allowed, and which calls it covers |
//! | `files`, `profile` | the user's AWS configuration, and what a profile in it means |
//! | `keys`, `credentials` | keys that nothing prints, and getting them |
//! | `endpoint` | which host a call goes to |
//! | `sign`, `client` | Signature Version 4, and sending |
//!
//! Owns: putting these together for a call of a build, and reading stand-ins that are to be fetched. Leaves to the
//! endpoint: what is not allowed, and the record. All of it happens in the process that the user started: no build, no
//! guard and no file ever holds a key. Nothing of it is taken from rehearsal.yml or the environment: what is allowed, and
//! with which profile, is typed for one run.
//!
//! An endpoint is looked for in the profile's `services` section, then its `endpoint_url`, then `AWS_ENDPOINT_URL` of
//! the user's shell, and is AWS's own otherwise. (The AWS CLI asks the shell first. Here the profile is what was typed.)

mod client;
mod credentials;
mod endpoint;
mod files;
mod keys;
mod permit;
mod profile;
mod sign;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::call::{Answer, Body, Call, Forward, Payload};
use super::catalog::{self, Service};
use crate::clock::Clock;
use client::{Client, Outgoing, Response};
use credentials::Credentials;
use endpoint::Endpoint;
use profile::Profile;

pub use credentials::Runner;
pub use permit::Permit;
pub use profile::Lookup;

/// What a forwarder is made from.
pub struct Setup<'a> {
    /// The profile's name, as typed.
    pub profile: &'a str,
    /// What calls of builds may be let through.
    pub permits: Vec<Permit>,
    /// The variables of the user's own environment.
    pub variables: &'a Lookup<'a>,
    /// Runs a `credential_process`.
    pub runner: Runner,
    /// The time, which signatures hold.
    pub clock: Arc<dyn Clock>,
    /// Where long responses are kept. It need not be there yet, and whoever made up the name removes it.
    pub folder: PathBuf,
}

/// Performs calls with a profile of the user.
pub struct Forwarder {
    profile: Profile,
    permits: Vec<Permit>,
    credentials: Credentials,
    client: Client,
    fetched: Mutex<BTreeMap<(Store, String), Result<String, String>>>,
}

/// Where values of stand-ins are fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Store {
    /// Parameter Store.
    Parameters,
    /// Secrets Manager.
    Secrets,
}

impl fmt::Debug for Forwarder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarder").field("profile", &self.profile.name).finish_non_exhaustive()
    }
}

impl Forwarder {
    /// Finds the profile. Fails when there is none of that name, or it gets its keys in a way that is not understood;
    /// nothing is asked of anybody yet.
    pub fn new(setup: Setup<'_>) -> Result<Self, String> {
        Ok(Self {
            profile: Profile::find(setup.profile, setup.variables)?,
            permits: setup.permits,
            credentials: Credentials::new(setup.runner, setup.clock.clone()),
            client: Client::new(setup.variables, setup.clock, setup.folder),
            fetched: Mutex::default(),
        })
    }

    /// The value of a parameter, decrypted, or the text of a secret; each is asked for once. `region` is that of builds:
    /// an ARN's own goes before the profile's, and that before it.
    pub fn fetch(&self, store: Store, name: &str, region: &str) -> Result<String, String> {
        let key = (store, name.to_owned());
        let held = || self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = held().get(&key) {
            return known.clone();
        }
        let value = self.read_value(store, name, region);
        held().insert(key, value.clone());
        value
    }

    fn read_value(&self, store: Store, name: &str, region: &str) -> Result<String, String> {
        let (service, operation, input) = match store {
            Store::Parameters => ("ssm", "GetParameter", json!({"Name": name, "WithDecryption": true})),
            Store::Secrets => ("secretsmanager", "GetSecretValue", json!({"SecretId": name})),
        };
        let service = catalog::by_name(service).ok_or("the service is not known")?;
        let own = name.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2));
        let region = own.or(self.profile.region.as_deref()).unwrap_or(region);
        let headers = [
            ("content-type".to_owned(), "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target".to_owned(), format!("{}.{operation}", service.target_prefix.unwrap_or_default())),
        ];
        let request = Outgoing {
            method: "POST",
            target: "/",
            headers: &headers,
            body: &Body::Memory(input.to_string().into_bytes()),
            service: service.signing_name,
        };
        let response = self.send(service, operation, region, &request)?;
        let output: Value = match &response.body {
            Payload::Memory(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
            Payload::File { .. } => Value::Null,
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if response.status != 200 {
            let code = text(&output["__type"]).unwrap_or_default();
            let code = code.rsplit(['#', ':']).next().unwrap_or_default();
            let message = text(&output["message"]).or_else(|| text(&output["Message"])).unwrap_or_default();
            return Err(format!(
                "{}:{operation} with the profile {} in {region} was answered {} {code}: {message}",
                service.name, self.profile.name, response.status
            ));
        }
        match store {
            Store::Parameters => {
                text(&output["Parameter"]["Value"]).ok_or_else(|| "it has no value".to_owned())
            }
            Store::Secrets => text(&output["SecretString"])
                .ok_or_else(|| "it is binary, and environment variables are texts".to_owned()),
        }
    }

    fn send(
        &self,
        service: &Service,
        operation: &str,
        region: &str,
        request: &Outgoing<'_>,
    ) -> Result<Response, String> {
        let endpoint = Endpoint::of(&self.profile, service, operation, region)?;
        let keys = self.credentials.keys(&self.profile, &self.client, region)?;
        self.client.send(&keys, &endpoint, request)
    }
}

impl Forward for Forwarder {
    fn allows(&self, call: &Call) -> bool {
        self.permits.iter().any(|permit| permit.covers(call))
    }

    fn forward(&self, call: &Call) -> Result<Answer, String> {
        let operation = permit::operation(call)
            .ok_or_else(|| format!("{} is no operation that is known here", call.name()))?;
        let signed = signed_for(call);
        let request = Outgoing {
            method: &call.method,
            target: &call.target,
            headers: &call.headers,
            body: &call.body,
            // One operation may be reached under several names; the client knows which one it means.
            service: signed
                .filter(|name| operation.service.signing_names().any(|own| own == *name))
                .unwrap_or(operation.service.signing_name),
        };
        let Response { status, headers, body } =
            self.send(operation.service, operation.name, &call.region, &request)?;
        Ok(Answer::Raw { status, headers, body })
    }

    fn profile(&self) -> &str {
        &self.profile.name
    }
}

/// The service that the build's own signature names.
fn signed_for(call: &Call) -> Option<&str> {
    let (_, credential) = call.header("authorization")?.split_once("Credential=")?;
    credential.split([',', ' ']).next()?.split('/').nth(3)
}
