//! What is said to a call.
//!
//! Owns: who is asked, in which order (what `--allow` lets through, answer files, the services), what is said when
//! nobody knows, and the line of the record. Leaves to `answers` what a service says, to `wire` how it is written.

use serde_json::Value;

use super::region;
use super::reply::Reply;
use super::understand::Meant;
use super::wire::{self, Manner};
use crate::aws::answers::{self, Said};
use crate::aws::call::{Answer, ApiError, Call, Forward, Payload, Protocol};
use crate::aws::catalog::Operation;
use crate::aws::desk::{Desk, MASK};
use crate::aws::effect::{Deed, Handling, Subject};
use crate::aws::world::AnswerFile;

/// The code of the error that a read gets which nobody answers. Clients do not ask again.
pub(super) const UNANSWERED: &str = "RehearsalUnanswered";

/// Answers a call and records it.
pub(super) fn say(meant: &Meant, desk: &Desk, id: &str) -> Reply {
    let Meant { call, operation, damage } = meant;
    let compatible = operation.is_some_and(|operation| operation.service.is_query_compatible);
    let manner = Manner::of(call, compatible);
    let verdict = match damage {
        Some(error) => Verdict::failed(error.clone()),
        None => match region::trouble(call, *operation, &desk.world.region) {
            Some(reason) => Verdict::refused(region::UNKNOWN, reason),
            None => decide(call, desk),
        },
    };
    let Verdict { answer, handling, deed } = verdict;
    let hint = match (&handling, &answer) {
        (Handling::Failed { .. }, Answer::Error(error)) => hint(call, error, desk),
        _ => None,
    };
    let subject = Subject::Call {
        service: call.service.clone(),
        operation: name(call),
        region: call.region.clone(),
        parameters: masked(call.parameters.clone(), *operation),
        role: desk.assumed(&call.access_key),
    };
    desk.record(subject, handling, deed);
    if let Some(hint) = hint {
        desk.hint(hint);
    }
    match answer {
        Answer::Output(value) => wire::output(&manner, id, &value),
        Answer::Raw { status, headers, body } => Reply { status, headers, body },
        Answer::Error(error) => wire::error(&manner, id, &error),
        Answer::Unanswered => wire::output(&manner, id, &Value::Object(serde_json::Map::new())),
    }
}

/// An answer, and what the record says of it.
struct Verdict {
    answer: Answer,
    handling: Handling,
    deed: Option<Deed>,
}

impl Verdict {
    fn failed(error: ApiError) -> Self {
        let handling = Handling::Failed { code: error.code.clone() };
        Self { answer: Answer::Error(error), handling, deed: None }
    }

    fn refused(code: &str, reason: String) -> Self {
        let answer = Answer::Error(ApiError::new(code, reason.clone()));
        Self { answer, handling: Handling::Refused { reason }, deed: None }
    }

    /// A read that nobody answers. The client is told the ways out, the record only that there is no answer.
    fn unanswered(call: &Call) -> Self {
        let answer = Answer::Error(ApiError::new(UNANSWERED, ways_out(call)));
        let reason = "nothing here answers it".to_owned();
        Self { answer, handling: Handling::Refused { reason }, deed: None }
    }

    /// What a service says.
    fn of(Said { answer, deed }: Said, call: &Call) -> Self {
        match answer {
            Answer::Unanswered if call.read => Self::unanswered(call),
            Answer::Unanswered => Self { answer, handling: Handling::Simulated, deed: None },
            Answer::Error(error) => Self::failed(error),
            // Not modified is no failure.
            Answer::Raw { status, ref body, .. } if status >= 400 => {
                let handling = Handling::Failed { code: code_in(status, body) };
                Self { answer, handling, deed: None }
            }
            Answer::Output(_) | Answer::Raw { .. } => {
                let handling = if deed.is_some() { Handling::Simulated } else { Handling::Answered };
                Self { answer, handling, deed }
            }
        }
    }

    fn forwarded(forward: &dyn Forward, call: &Call) -> Self {
        match forward.forward(call) {
            Ok(answer) => {
                let handling = Handling::Forwarded { profile: forward.profile().to_owned() };
                Self { answer, handling, deed: None }
            }
            Err(reason) => Self::refused("RehearsalNotForwarded", reason),
        }
    }
}

fn decide(call: &Call, desk: &Desk) -> Verdict {
    if let Some(forward) = desk.forward.as_deref().filter(|forward| forward.allows(call)) {
        // What the build itself wrote it gets back; what it did not comes from AWS.
        if call.service == "s3" && call.read {
            let own = Verdict::of(answers::answer(call, desk), call);
            if own.handling == Handling::Answered {
                return own;
            }
        }
        if let Some(reason) = ambiguous(call) {
            return Verdict::refused("RehearsalNotForwarded", reason);
        }
        return Verdict::forwarded(forward, call);
    }
    match desk.world.answers.get(&call.name()) {
        Some(Ok(AnswerFile::Output(text))) => from_file(call, text),
        Some(Err(reason)) => {
            let reason = format!("the answer file for {} cannot be used: {reason}", call.name());
            Verdict::refused("RehearsalAnswerFile", reason)
        }
        // A folder stands in for a bucket, not for an operation.
        Some(Ok(AnswerFile::Folder(_))) | None => Verdict::of(answers::answer(call, desk), call),
    }
}

/// Why a call is not let through although it was allowed: mostly that it could be read as another one by whoever gets it: then what was allowed may not be what is done.
fn ambiguous(call: &Call) -> Option<String> {
    let count = |name: &str| call.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).count();
    let targets = count("x-amz-target");
    let is_form = matches!(call.protocol, Protocol::Query | Protocol::Ec2);
    let has_query = call.target.split_once('?').is_some_and(|(_, query)| !query.is_empty());
    let what = if targets > usize::from(matches!(call.protocol, Protocol::Json { .. })) {
        "X-Amz-Target says another operation, or several"
    } else if is_form && call.method != "GET" && has_query {
        "its query and its body may say different operations"
    } else if ["x-http-method-override", "x-http-method", "x-method-override"]
        .iter()
        .any(|name| count(name) > 0)
    {
        "a header would change its method"
    } else if call.service == "s3control" {
        "the account stands before its host, and rehearsal writes no such host"
    } else {
        return None;
    };
    Some(format!("{} is not let through: {what}", call.name()))
}

/// What an answer file says.
fn from_file(call: &Call, text: &str) -> Verdict {
    match serde_json::from_str(text) {
        Ok(value) => {
            let deed = || Deed::new(format!("called {}", call.name())).with("answered by rehearsal.yml");
            let (handling, deed) =
                if call.read { (Handling::Answered, None) } else { (Handling::Simulated, Some(deed())) };
            Verdict { answer: Answer::Output(value), handling, deed }
        }
        Err(error) => {
            let reason = format!("the answer file for {} is no JSON: {error}", call.name());
            Verdict::refused("RehearsalAnswerFile", reason)
        }
    }
}

/// What is said to a read that nobody answers.
fn ways_out(call: &Call) -> String {
    let name = call.name();
    if call.operation.is_empty() {
        return format!(
            "rehearsal does not know which operation of {} `{}` is, and a read without an answer cannot be taken for done",
            call.service,
            name_on_the_wire(call)
        );
    }
    let ways = if call.service == "s3control" {
        upper(&answer_file(&name))
    } else {
        format!("Either {}, or {}", answer_file(&name), allow(&name))
    };
    format!(
        "rehearsal has no answer to {name}, and a read without an answer cannot be taken for done. {ways}"
    )
}

/// A sentence begins with a capital.
fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

fn answer_file(name: &str) -> String {
    format!(
        "write the output that AWS would give into a file and name it in rehearsal.yml (aws: {{ \"{name}\": answer.json }})"
    )
}

fn allow(name: &str) -> String {
    format!("let this call through for one run: --allow {name} --profile PROFILE")
}

/// What to do about an answer that something is not there, when AWS may well have it. Buckets and parameters say so in the
/// answer itself, unless it has no text (HEAD).
fn hint(call: &Call, error: &ApiError, desk: &Desk) -> Option<String> {
    let ApiError { code, message, .. } = error;
    let is_absent = code.ends_with("NotFound")
        || code.ends_with("NotFoundException")
        || code.contains("DoesNotExist")
        || message.contains("does not exist");
    if is_absent && call.service == "s3" && call.method == "HEAD" {
        return Some(object_hint(call.text("Bucket")?, call.text("Key")?, desk));
    }
    if !is_absent || matches!(call.service.as_str(), "s3" | "ssm") {
        return None;
    }
    let name = call.name();
    if call.service == "secretsmanager" {
        return Some(format!(
            "{name} found no stand-in for a secret: give one under `secrets` in rehearsal.yml, or run with --placeholder-secrets"
        ));
    }
    let or_allow = if call.read { format!(", or {}", allow(&name)) } else { String::new() };
    Some(format!(
        "{name} failed with {code} for what no rehearsal has made. If AWS has it, {}{or_allow}",
        answer_file(&name)
    ))
}

/// How an object can be given that nobody put.
fn object_hint(bucket: &str, key: &str, desk: &Desk) -> String {
    let place = format!("s3://{bucket}");
    let way = if desk.world.answers.contains_key(&place) {
        format!(
            "put it as {key} into the folder that stands in for the bucket (`\"{place}\"` under `aws:` in rehearsal.yml)"
        )
    } else {
        format!(
            "put it as {key} into a folder and have that stand in for the bucket (aws: {{ \"{place}\": FOLDER }} in rehearsal.yml)"
        )
    };
    format!(
        "{place}/{key} was asked for, which nothing in this execution wrote, and nothing real is read. If AWS has it, {way}, \
         or let it be read for one run: --allow s3:HeadObject --allow s3:GetObject --profile PROFILE"
    )
}

/// The operation's name; of one that nobody knows, how it was asked for.
fn name(call: &Call) -> String {
    if call.operation.is_empty() { name_on_the_wire(call) } else { call.operation.clone() }
}

fn name_on_the_wire(call: &Call) -> String {
    let path = call.target.split('?').next().unwrap_or_default();
    let path: String = path.chars().take(100).collect();
    format!("{} {path}", call.method)
}

/// The code in a hand-written error: S3's document, or the status.
fn code_in(status: u16, body: &Payload) -> String {
    let text = match body {
        Payload::Memory(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
        Payload::File { .. } => "",
    };
    let code =
        text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    code.map_or_else(|| status.to_string(), str::to_owned)
}

/// The parameters without what is secret in them: by the catalog, and where that is silent, by their names.
fn masked(mut parameters: Value, operation: Option<&Operation>) -> Value {
    let Some(operation) = operation else {
        mask_by_name(&mut parameters, true);
        return parameters;
    };
    mask_by_name(&mut parameters, false);
    for path in operation.sensitive() {
        mask(&mut parameters, path.split('.'));
    }
    parameters
}

fn mask<'a>(value: &mut Value, mut path: impl Iterator<Item = &'a str> + Clone) {
    if let Value::Array(items) = value {
        for item in items {
            mask(item, path.clone());
        }
        return;
    }
    match path.next() {
        None => *value = Value::from(MASK),
        Some(name) => {
            if let Some(inner) = value.get_mut(name) {
                mask(inner, path);
            }
        }
    }
}

/// Masks members whose names say that they are secret. `unknown` is for operations that the catalog does not have.
fn mask_by_name(value: &mut Value, unknown: bool) {
    match value {
        Value::Array(items) => {
            for item in items {
                mask_by_name(item, unknown);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret(name, unknown) {
                    *member = Value::from(MASK);
                } else {
                    mask_by_name(member, unknown);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn is_secret(name: &str, unknown: bool) -> bool {
    const NAMES: [&str; 10] = [
        "authtoken",
        "clientsecret",
        "passphrase",
        "password",
        "privatekey",
        "secretaccesskey",
        "secretbinary",
        "secretkey",
        "secretstring",
        "sessiontoken",
    ];
    let lower = name.to_ascii_lowercase();
    NAMES.iter().any(|secret| lower.ends_with(secret)) || (unknown && lower == "value")
}
