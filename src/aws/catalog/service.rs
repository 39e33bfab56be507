//! One service of the table: how it is named, and which protocols it speaks.
//!
//! Owns: reading the section heads of the table, and a section when it is needed.

use std::fmt;
use std::sync::OnceLock;

use super::operation::{self, Operation};

/// One of AWS's wire protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// JSON 1.0 or 1.1: every request is a POST to `/`, and `X-Amz-Target` says what is meant.
    Json,
    /// Forms in, XML out.
    Query,
    /// EC2's dialect of the query protocol.
    Ec2,
    /// Methods and paths, with JSON bodies.
    RestJson,
    /// Methods and paths, with XML bodies.
    RestXml,
    /// Smithy's RPC v2 with CBOR bodies.
    Cbor,
}

impl Protocol {
    /// The protocol that botocore's models call so.
    fn from_model(name: &str) -> Option<Self> {
        Some(match name {
            "json" => Self::Json,
            "query" => Self::Query,
            "ec2" => Self::Ec2,
            "rest-json" => Self::RestJson,
            "rest-xml" => Self::RestXml,
            "smithy-rpc-v2-cbor" => Self::Cbor,
            _ => return None,
        })
    }

    /// Whether the operation shows in method and path.
    pub fn is_rest(self) -> bool {
        match self {
            Self::RestJson | Self::RestXml => true,
            Self::Json | Self::Query | Self::Ec2 | Self::Cbor => false,
        }
    }
}

/// A service of AWS.
pub struct Service {
    /// What the AWS CLI and boto3 call it: `s3`, `cloudwatch`, `stepfunctions`.
    pub name: &'static str,
    /// The first label of its host names: `s3`, `monitoring`, `states`.
    pub endpoint_prefix: &'static str,
    /// The usual name in the credential scope of its requests.
    pub signing_name: &'static str,
    /// The protocols it speaks, the one botocore uses first.
    pub protocols: Vec<Protocol>,
    /// Which JSON it speaks: `1.0` or `1.1`.
    pub json_version: Option<&'static str>,
    /// What stands before the operation in `X-Amz-Target`, and the service's name in the path of a CBOR request.
    pub target_prefix: Option<&'static str>,
    /// The version of its API, which the query protocol sends as `Version`: `2011-06-15`.
    pub api_version: &'static str,
    /// The identifier that its model has: `S3`, `CloudWatch`, `SFN`.
    pub service_id: &'static str,
    /// One endpoint serves all regions of a partition.
    pub is_global: bool,
    /// Errors carry, beside the protocol's own, the codes that the query protocol had (`x-amzn-query-error`).
    pub is_query_compatible: bool,
    other_signing_names: Vec<&'static str>,
    section: &'static str,
    operations: OnceLock<Vec<Operation>>,
}

impl Service {
    /// Every name that the credential scope of its requests may hold, the usual one first.
    pub fn signing_names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.signing_name).chain(self.other_signing_names.iter().copied())
    }

    /// Its operations, sorted by name. The first call reads them from the table.
    pub fn operations(&'static self) -> &'static [Operation] {
        self.operations.get_or_init(|| operation::all(self, self.section))
    }

    /// Whether it speaks this protocol.
    pub fn speaks(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Two values are the same service when their names are equal: there is one of each.
impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Service {}

/// The services of a table, in its order.
pub(super) fn all(table: &'static str) -> Vec<Service> {
    table.split("\n= ").skip(1).filter_map(read).collect()
}

/// A service from its section, which begins behind the mark.
fn read(section: &'static str) -> Option<Service> {
    let (head, operations) = section.split_once('\n').unwrap_or((section, ""));
    let (head, service_id) = head.split_once(" id=")?;
    let mut words = head.split(' ');
    let name = words.next()?;
    let mut service = Service {
        name,
        endpoint_prefix: name,
        signing_name: name,
        protocols: Vec::new(),
        json_version: None,
        target_prefix: None,
        api_version: "",
        service_id,
        is_global: false,
        is_query_compatible: false,
        other_signing_names: Vec::new(),
        section: operations,
        operations: OnceLock::new(),
    };
    for (key, value) in words.filter_map(|word| word.split_once('=')) {
        match key {
            "host" => service.endpoint_prefix = value,
            "sign" => {
                let mut names = value.split(',');
                service.signing_name = names.next().unwrap_or(name);
                service.other_signing_names = names.collect();
            }
            "api" => service.api_version = value,
            "speaks" => service.protocols = value.split(',').filter_map(Protocol::from_model).collect(),
            "json" => service.json_version = Some(value),
            "target" => service.target_prefix = Some(value),
            "flags" => {
                service.is_global = value.split(',').any(|flag| flag == "global");
                service.is_query_compatible = value.split(',').any(|flag| flag == "query-compatible");
            }
            _ => {}
        }
    }
    Some(service)
}
