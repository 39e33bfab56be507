//! The protocols.
//!
//! Owns: which file writes an answer, empty answers, errors. Each file holds one protocol's way to write parameters,
//! outputs and errors; none knows a service, except where AWS makes an exception for one.

pub(super) mod cbor;
pub(super) mod ec2;
pub(super) mod json;
pub(super) mod query;
pub(super) mod rest_xml;
pub(super) mod xml;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::reply::Reply;
use crate::aws::call::{ApiError, Call, Protocol};
use crate::clock::Timestamp;

/// How an answer has to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manner {
    pub(super) protocol: Protocol,
    /// The service, by its prefix in IAM actions, as far as it is known.
    pub(super) service: String,
    /// The operation's name, as far as it is known.
    pub(super) operation: String,
    /// Errors carry the codes of the query protocol too.
    pub(super) compatible: bool,
    /// Asked with HEAD: there is no body to say anything in.
    pub(super) head: bool,
}

impl Manner {
    /// How the answer to a call has to be written.
    pub(super) fn of(call: &Call, compatible: bool) -> Self {
        Self {
            protocol: call.protocol,
            service: call.service.clone(),
            operation: call.operation.clone(),
            compatible,
            head: call.method == "HEAD",
        }
    }
}

/// A successful answer with this output; an empty object is the answer to a write that nobody answers.
pub(super) fn output(manner: &Manner, id: &str, output: &Value) -> Reply {
    match manner.protocol {
        Protocol::Json { one_one } => {
            let content_type =
                if one_one { "application/x-amz-json-1.1" } else { "application/x-amz-json-1.0" };
            named(Reply::new(200, content_type, json::output(output)), id)
        }
        Protocol::RestJson => named(Reply::new(200, "application/json", json::output(output)), id),
        Protocol::Cbor => {
            let reply = Reply::new(200, "application/cbor", cbor::output(output));
            named(reply.with("smithy-protocol", "rpc-v2-cbor"), id)
        }
        Protocol::Query => {
            named(Reply::new(200, "text/xml", query::output(&manner.operation, id, output)), id)
        }
        Protocol::Ec2 => {
            named(Reply::new(200, "text/xml;charset=UTF-8", ec2::output(&manner.operation, id, output)), id)
        }
        Protocol::RestXml => rest_xml::output(manner, id, output),
    }
}

/// An error.
pub(super) fn error(manner: &Manner, id: &str, error: &ApiError) -> Reply {
    let ApiError { status, code, message } = error;
    match manner.protocol {
        Protocol::Json { .. } | Protocol::RestJson => {
            let content_type = match manner.protocol {
                Protocol::Json { one_one: true } => "application/x-amz-json-1.1",
                Protocol::Json { one_one: false } => "application/x-amz-json-1.0",
                Protocol::Query | Protocol::Ec2 | Protocol::RestJson | Protocol::RestXml | Protocol::Cbor => {
                    "application/json"
                }
            };
            let reply = Reply::new(*status, content_type, json::error(code, message));
            let reply = if manner.compatible { with_query_code(reply, error) } else { reply };
            named(reply.with("x-amzn-errortype", code.clone()), id)
        }
        Protocol::Cbor => {
            let reply = Reply::new(*status, "application/cbor", cbor::error(code, message));
            let reply = if manner.compatible { with_query_code(reply, error) } else { reply };
            named(reply.with("smithy-protocol", "rpc-v2-cbor"), id)
        }
        Protocol::Query => named(Reply::new(*status, "text/xml", query::error(id, error)), id),
        Protocol::Ec2 => named(Reply::new(*status, "text/xml;charset=UTF-8", ec2::error(id, error)), id),
        Protocol::RestXml => rest_xml::error(manner, id, error),
    }
}

/// What a blob is among parameters.
pub(super) fn blob(bytes: &[u8]) -> Value {
    Value::String(STANDARD.encode(bytes))
}

/// Something that JSON cannot say, as answers write it.
enum Special<'a> {
    /// Seconds since 1970.
    Timestamp(f64),
    /// In base64.
    Blob(&'a str),
}

fn special(value: &Value) -> Option<Special<'_>> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    if let Some(seconds) = members.get("$timestamp").and_then(Value::as_f64) {
        return Some(Special::Timestamp(seconds));
    }
    members.get("$blob").and_then(Value::as_str).map(Special::Blob)
}

/// A moment as XML has it: `2026-11-25T09:00:00Z`.
fn iso(seconds: f64) -> String {
    let whole = Timestamp::from_second(cut(seconds)).unwrap_or(Timestamp::UNIX_EPOCH);
    let millis = cut((seconds - seconds.floor()) * 1000.0);
    let text = whole.strftime("%Y-%m-%dT%H:%M:%S");
    if millis == 0 { format!("{text}Z") } else { format!("{text}.{millis:03}Z") }
}

/// The number without its fraction, towards minus infinity.
#[expect(clippy::cast_possible_truncation, reason = "it saturates, and no moment of AWS is that far away")]
fn cut(number: f64) -> i64 {
    number.floor() as i64
}

fn named(reply: Reply, id: &str) -> Reply {
    reply.with("x-amzn-requestid", id)
}

/// Clients that once spoke the query protocol go by its codes.
fn with_query_code(reply: Reply, error: &ApiError) -> Reply {
    // SQS is the one service whose old codes are no mere names (API reference, common errors).
    let code = match error.code.as_str() {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists" => "QueueAlreadyExists",
        "QueueDeletedRecently" => "AWS.SimpleQueueService.QueueDeletedRecently",
        "PurgeQueueInProgress" => "AWS.SimpleQueueService.PurgeQueueInProgress",
        "UnsupportedOperation" => "AWS.SimpleQueueService.UnsupportedOperation",
        other => other,
    };
    let fault = if error.status < 500 { "Sender" } else { "Receiver" };
    reply.with("x-amzn-query-error", format!("{code};{fault}"))
}
