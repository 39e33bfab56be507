//! From a request to a [`Call`].
//!
//! Owns: which protocol it is written in, which service and operation it means, and where each parameter stands. Leaves
//! to `catalog` the facts about AWS's services, to `wire` the bytes of each protocol.
//!
//! The service is told by the scope of the signature, by `X-Amz-Target`, by the path of CBOR requests, and for query
//! protocols by `Version`. A call that the catalog does not know, because AWS has it since yesterday, is told from its
//! wire form as far as that goes.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::door::Caller;
use super::wire::{self, Manner};
use super::{body, gzip};
use crate::aws::call::{ApiError, Body, Call, Protocol};
use crate::aws::catalog::{self, Operation, Service};

/// The longest body that is read for its parameters, in bytes. Of longer ones the record has only the length.
const LONGEST_READ: u64 = 16 * 1024 * 1024;

/// Prefixes of IAM actions that are not the name in the signature's scope.
const PREFIXES: [(&str, &str); 4] = [
    ("monitoring", "cloudwatch"),
    ("tagging", "tag"),
    ("mturk-requester", "mechanicalturk"),
    ("s3express", "s3"),
];

/// First words of operations that read, for those that the catalog does not know.
const READS: [&str; 12] = [
    "BatchGet", "Check", "Describe", "Estimate", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search",
    "Validate",
];

/// A request without its body.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) method: String,
    /// Path and query as they came.
    pub(super) target: String,
    /// The parameters of the query, decoded.
    query: Vec<(String, String)>,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
}

/// A call, and what the catalog knows of its operation.
#[derive(Debug)]
pub(super) struct Meant {
    pub(super) call: Call,
    pub(super) operation: Option<&'static Operation>,
    /// What AWS says to a body that cannot be read.
    pub(super) damage: Option<ApiError>,
}

/// What a request asks for, before its parameters are read.
struct Aim {
    protocol: Protocol,
    service: String,
    operation: String,
    known: Option<&'static Operation>,
    /// Members in the path of a REST request.
    labels: Vec<(String, String)>,
    /// The parameters, where finding out the rest meant reading them.
    form: Option<Value>,
}

impl Head {
    pub(super) fn new(method: &str, target: &str, headers: Vec<(String, String)>) -> Self {
        let query = target.split_once('?').map_or("", |(_, query)| query);
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            query: wire::query::pairs(query),
            headers,
        }
    }

    /// The value of a header, by its name in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn content_type(&self) -> &str {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim()
    }

    /// Path, and query without its question mark, as they came.
    fn parts(&self) -> (&str, &str) {
        self.target.split_once('?').unwrap_or((&self.target, ""))
    }

    fn is_form(&self) -> bool {
        self.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded")
            || (self.method == "GET" && self.query("Action").is_some())
    }

    /// The protocol as far as a request shows it without its body, for errors that come before that is read.
    pub(super) fn manner(&self, caller: &Caller) -> Manner {
        let service = caller.service.clone().unwrap_or_default();
        let protocol = if cbor_path(self).is_some() {
            Protocol::Cbor
        } else if let Some((protocol, ..)) = json_target(self) {
            protocol
        } else if self.is_form() {
            if service == "ec2" { Protocol::Ec2 } else { Protocol::Query }
        } else {
            rest_protocol(&service, self)
        };
        Manner { protocol, service, operation: String::new(), compatible: false, head: self.method == "HEAD" }
    }
}

/// Understands a request.
pub(super) fn understand(head: Head, caller: Caller, body: Body, region: &str) -> Meant {
    let aim = aim(&head, &caller, &body);
    let (parameters, damage) = match parameters(&head, &aim, &body) {
        Ok(parameters) => (parameters, None),
        Err(why) => {
            let code = match aim.protocol {
                Protocol::Query | Protocol::Ec2 => "MalformedQueryString",
                Protocol::RestXml => "MalformedXML",
                Protocol::Json { .. } | Protocol::RestJson | Protocol::Cbor => "SerializationException",
            };
            (Value::Object(rest_members(&head, &aim)), Some(ApiError::new(code, why)))
        }
    };
    let Aim { protocol, service, operation, known, .. } = aim;
    let read = match known {
        Some(known) => known.is_read(),
        None if operation.is_empty() => matches!(head.method.as_str(), "GET" | "HEAD" | "OPTIONS"),
        None => READS.iter().any(|verb| operation.starts_with(verb)),
    };
    let region = caller.region.unwrap_or_else(|| region.to_owned());
    let Head { method, target, headers, .. } = head;
    let access_key = caller.access_key;
    let call = Call {
        service,
        operation,
        read,
        parameters,
        region,
        access_key,
        protocol,
        method,
        target,
        headers,
        body,
    };
    Meant { call, operation: known, damage }
}

fn aim(head: &Head, caller: &Caller, body: &Body) -> Aim {
    let scope = caller.service.as_deref().unwrap_or_default();
    if let Some((prefix, name)) = cbor_path(head) {
        let services = catalog::by_target_prefix(prefix);
        return named(Protocol::Cbor, services, name, scope, None);
    }
    if let Some((protocol, prefix, name)) = json_target(head) {
        return named(protocol, catalog::by_target_prefix(prefix), name, scope, None);
    }
    if head.is_form()
        && let Some(form) = form(head, body)
        && let Some(name) = form.get("Action").and_then(Value::as_str).map(str::to_owned)
    {
        let version = form.get("Version").and_then(Value::as_str).unwrap_or_default();
        let speaks = |service: &&Service| {
            service.speaks(catalog::Protocol::Query) || service.speaks(catalog::Protocol::Ec2)
        };
        let mut services: Vec<_> = if scope.is_empty() {
            catalog::services()
                .iter()
                .filter(|service| service.api_version == version)
                .filter(speaks)
                .collect()
        } else {
            catalog::by_signing_name(scope).filter(speaks).collect()
        };
        // Two generations of a service share a name, their versions differ.
        services.sort_by_key(|service| service.api_version != version);
        let is_ec2 =
            services.first().map_or(scope == "ec2", |service| service.speaks(catalog::Protocol::Ec2));
        let protocol = if is_ec2 { Protocol::Ec2 } else { Protocol::Query };
        return named(protocol, services.into_iter(), &name, scope, Some(form));
    }
    rest(head, scope)
}

/// `/service/PREFIX/operation/NAME`.
fn cbor_path(head: &Head) -> Option<(&str, &str)> {
    let (path, _) = head.parts();
    let (service, operation) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    let is_cbor =
        head.header("smithy-protocol") == Some("rpc-v2-cbor") || head.content_type() == "application/cbor";
    is_cbor.then_some((service, operation))
}

/// `X-Amz-Target: PREFIX.NAME`; prefixes hold dots themselves.
fn json_target(head: &Head) -> Option<(Protocol, &str, &str)> {
    let (prefix, name) = head.header("x-amz-target")?.rsplit_once('.')?;
    Some((Protocol::Json { one_one: head.content_type() == "application/x-amz-json-1.1" }, prefix, name))
}

/// An operation that the request calls by name.
fn named(
    protocol: Protocol,
    services: impl Iterator<Item = &'static Service>,
    name: &str,
    scope: &str,
    form: Option<Value>,
) -> Aim {
    let services: Vec<_> = services.collect();
    let known = services.iter().find_map(|service| catalog::operation(service, name));
    let service = known.map(|known| known.service).or_else(|| services.first().copied());
    Aim {
        protocol,
        service: service.map_or_else(|| prefix(scope), name_of),
        operation: name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(128).collect(),
        known,
        labels: Vec::new(),
        form,
    }
}

fn rest(head: &Head, scope: &str) -> Aim {
    let (path, query) = head.parts();
    // Clients of S3 that do not keep to the endpoint's form put the bucket into the host.
    let bucket = if scope == "s3" { bucket_of_host(head.header("host").unwrap_or_default()) } else { None };
    let path = bucket.map_or_else(|| path.to_owned(), |bucket| format!("/{bucket}{path}"));
    let services = catalog::by_signing_name(scope);
    let found = catalog::find_rest(services, &head.method, &path, query, |name| {
        head.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name))
    });
    let (known, labels) = match found {
        Some((known, labels)) => (Some(known), labels.into_iter().collect()),
        None => (None, Vec::new()),
    };
    let protocol = match known {
        Some(known) if known.service.speaks(catalog::Protocol::RestXml) => Protocol::RestXml,
        Some(_) => Protocol::RestJson,
        None => rest_protocol(scope, head),
    };
    Aim {
        protocol,
        service: known.map_or_else(|| prefix(scope), |known| name_of(known.service)),
        operation: known.map(|known| known.name.to_owned()).unwrap_or_default(),
        known,
        labels,
        form: None,
    }
}

fn rest_protocol(scope: &str, head: &Head) -> Protocol {
    let speaks_xml =
        catalog::by_signing_name(scope).any(|service| service.speaks(catalog::Protocol::RestXml));
    if speaks_xml || head.content_type().ends_with("/xml") { Protocol::RestXml } else { Protocol::RestJson }
}

/// The bucket in `BUCKET.s3.REGION.amazonaws.com` or `BUCKET.localhost`.
fn bucket_of_host(host: &str) -> Option<&str> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let ends = [name.find(".s3."), name.find(".s3-"), name.strip_suffix(".localhost").map(str::len)];
    let end = ends.into_iter().flatten().min()?;
    Some(&name[..end]).filter(|bucket| !bucket.is_empty())
}

/// What calls of a service name it. S3 Control signs as S3 does, and has operations of the same names.
pub(in crate::aws) fn name_of(service: &Service) -> String {
    prefix(if service.name == "s3control" { service.name } else { service.signing_name })
}

fn prefix(signed: &str) -> String {
    let found = PREFIXES.iter().find(|(name, _)| *name == signed);
    let name = found.map_or(signed, |(_, prefix)| prefix);
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}

fn form(head: &Head, body: &Body) -> Option<Value> {
    if head.method == "GET" {
        return wire::query::input(&head.query).ok();
    }
    let bytes = content(head, body)?;
    wire::query::input(&wire::query::pairs(std::str::from_utf8(&bytes).ok()?)).ok()
}

/// What is in a body, if it is short enough to be read. Parameters may be compressed.
fn content<'a>(head: &Head, body: &'a Body) -> Option<Cow<'a, [u8]>> {
    let bytes = body::read(body, LONGEST_READ)?;
    match head.header("content-encoding") {
        Some("gzip") => Some(gzip::inflate(&bytes, LONGEST_READ).map_or(bytes, Cow::Owned)),
        _ => Some(bytes),
    }
}

fn parameters(head: &Head, aim: &Aim, body: &Body) -> Result<Value, String> {
    let Some(bytes) = content(head, body) else {
        let mut members = rest_members(head, aim);
        if aim.service != "s3" {
            members
                .insert("(body)".to_owned(), Value::from(format!("{} bytes, not read", body::length(body))));
        }
        return Ok(Value::Object(members));
    };
    match aim.protocol {
        Protocol::Json { .. } => wire::json::input(&bytes),
        Protocol::Cbor => wire::cbor::input(&bytes),
        Protocol::Query | Protocol::Ec2 => {
            let mut form = aim.form.clone().unwrap_or_default();
            if let Value::Object(members) = &mut form {
                members.retain(|name, _| {
                    !matches!(name.as_str(), "Action" | "Version") && !name.starts_with("X-Amz-")
                });
            }
            Ok(form)
        }
        Protocol::RestJson | Protocol::RestXml => {
            let mut members = rest_members(head, aim);
            rest_body(aim, &bytes, &mut members)?;
            Ok(Value::Object(members))
        }
    }
}

/// The members of a REST call that stand in the path, the query and headers, by their API names.
fn rest_members(head: &Head, aim: &Aim) -> Map<String, Value> {
    let mut members = Map::new();
    let Some(known) = aim.known else {
        members.extend(head.query.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
        return members;
    };
    members.extend(aim.labels.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))));
    let fixed = known.route.map_or("", |route| route.query);
    let is_fixed = |name: &str| fixed.split('&').any(|pair| pair.split('=').next() == Some(name));
    for (name, value) in &head.query {
        let is_old = matches!(name.as_str(), "AWSAccessKeyId" | "Signature" | "Expires");
        let is_signature = name.starts_with("X-Amz-") || name == "x-id" || (is_old && aim.service == "s3");
        if is_signature || (is_fixed(name) && known.query_member(name).is_none()) {
            continue;
        }
        let member = known.query_member(name).unwrap_or(name);
        match members.get_mut(member) {
            Some(Value::Array(values)) => values.push(Value::from(value.clone())),
            Some(first) => *first = Value::Array(vec![first.take(), Value::from(value.clone())]),
            None => {
                members.insert(member.to_owned(), Value::from(value.clone()));
            }
        }
    }
    for (name, value) in &head.headers {
        match known.header_member(name) {
            Some((member, None)) => {
                members.insert(member.to_owned(), Value::from(value.clone()));
            }
            Some((member, Some(rest))) => {
                let map = members.entry(member).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(map) = map {
                    map.insert(rest, Value::from(value.clone()));
                }
            }
            None => {}
        }
    }
    members
}

/// Adds what the body of a REST call says.
fn rest_body(aim: &Aim, bytes: &[u8], members: &mut Map<String, Value>) -> Result<(), String> {
    let payload = aim.known.and_then(Operation::body);
    if bytes.is_empty() || (payload.is_none_or(|payload| !payload.is_raw) && bytes.trim_ascii().is_empty()) {
        return Ok(());
    }
    if let Some(payload) = payload.filter(|payload| payload.is_raw) {
        // Objects are in the call's body already.
        if aim.service != "s3" {
            members.insert(payload.member.to_owned(), wire::blob(bytes));
        }
        return Ok(());
    }
    let parsed =
        if aim.protocol == Protocol::RestXml { wire::xml::input(bytes) } else { wire::json::input(bytes) };
    match (parsed, payload) {
        (Ok(value), Some(payload)) => {
            members.insert(payload.member.to_owned(), value);
        }
        (Ok(Value::Object(value)), None) => members.extend(value),
        (Ok(_), None) => {}
        // Nobody knows what the body of an unknown operation ought to be.
        (Err(_), None) if aim.known.is_none() => {}
        (Err(why), _) => return Err(why),
    }
    Ok(())
}
