//! AWS's services and their operations as they appear on the wire.
//!
//! Owns: which service and operation a request means, what its parts are called, whether it is a [read](Access), which
//! [IAM actions](iam_actions) it takes, and which regions there are. The facts stand in `operations.txt`, which `tools/aws-catalog.py` writes from the
//! service models of botocore; its head explains the notation. The table is compiled in. Only its section heads are read
//! at the first question; the operations of a service are, when one of them is asked for.
//!
//! Leaves to others: reading and answering the protocols themselves, and all judgement on what a call is worth.
//!
//! | a request in | names its service by | its operation by | ask |
//! | --- | --- | --- | --- |
//! | JSON | `X-Amz-Target: PREFIX.Operation` | the same header | [`by_target`] |
//! | CBOR | `/service/PREFIX/operation/Operation` | the path | [`by_target_prefix`], [`operation`] |
//! | query | credential scope and `Version` | `Action` | [`by_signing_name`], [`operation`] |
//! | REST | credential scope | method, path, query string, headers | [`by_signing_name`], [`find_rest`] |

mod access;
mod iam;
mod operation;
mod rest;
mod service;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

pub use access::Access;
pub use iam::{iam_actions, iam_prefix};
pub use operation::{Body, Operation, Route};
pub use rest::find_rest;
pub use service::{Protocol, Service};

/// The table; its head explains the notation.
const TABLE: &str = include_str!("operations.txt");

/// All services, sorted by name.
pub fn services() -> &'static [Service] {
    static SERVICES: OnceLock<Vec<Service>> = OnceLock::new();
    SERVICES.get_or_init(|| service::all(TABLE))
}

/// The regions of all partitions, as botocore had them when the table was written.
pub fn regions() -> impl Iterator<Item = &'static str> {
    let partitions = TABLE.lines().skip_while(|line| line.starts_with('#'));
    let partitions = partitions.map_while(|line| line.strip_prefix("@ "));
    partitions.flat_map(|line| line.split(' ').skip(1))
}

/// The service that the AWS CLI and boto3 know by this name: `s3`, `stepfunctions`, `elbv2`.
pub fn by_name(name: &str) -> Option<&'static Service> {
    let all = services();
    all.binary_search_by(|service| service.name.cmp(name)).ok().map(|at| &all[at])
}

/// The services whose requests carry this name in their credential scope. Several share one: `rds` stands for RDS,
/// DocumentDB and Neptune, `elasticloadbalancing` for both generations (there `Version` tells them apart).
pub fn by_signing_name(name: &str) -> impl Iterator<Item = &'static Service> {
    services().iter().filter(move |service| service.signing_names().any(|signing| signing == name))
}

/// The services with this prefix in `X-Amz-Target`, which is also their name in the path of a CBOR request. Only
/// Timestream's two share one.
pub fn by_target_prefix(prefix: &str) -> impl Iterator<Item = &'static Service> {
    services().iter().filter(move |service| service.target_prefix == Some(prefix))
}

/// The operation that a header `X-Amz-Target` names.
pub fn by_target(header: &str) -> Option<&'static Operation> {
    // Prefixes hold dots themselves; an operation's name never does.
    let (prefix, name) = header.rsplit_once('.')?;
    by_target_prefix(prefix).find_map(|service| operation(service, name))
}

/// The operation of a service with this name, spelled as in the API.
pub fn operation(service: &'static Service, name: &str) -> Option<&'static Operation> {
    let all = service.operations();
    all.binary_search_by(|operation| operation.name.cmp(name)).ok().map(|at| &all[at])
}
