//! Regions that there are not.
//!
//! Owns: telling a call that was signed for one, whose client would look for a host that nobody has. Leaves to `catalog`
//! which regions there are; the one of rehearsal.yml (`local: { region: … }`) is known whatever its name.

use crate::aws::call::Call;
use crate::aws::catalog::{self, Operation};
use crate::spec::nearest;

/// The code of the error. Clients do not ask again.
pub(super) const UNKNOWN: &str = "RehearsalUnknownRegion";

/// Why a call is refused for its region, and what to write; none when there is such a region. Services with one endpoint
/// for all regions are found from anywhere.
pub(super) fn trouble(call: &Call, operation: Option<&Operation>, own: &str) -> Option<String> {
    let region = call.region.as_str();
    let service = operation.map(|operation| operation.service);
    let has_one_endpoint =
        service.is_some_and(|service| service.is_global && !["s3", "sts"].contains(&service.name));
    // `aws-global` and its like stand for the first region of a partition.
    let is_partition = region.starts_with("aws") && region.ends_with("-global");
    if region == own || has_one_endpoint || is_partition || catalog::regions().any(|known| known == region) {
        return None;
    }
    let host = service.map_or(call.service.as_str(), |service| service.endpoint_prefix);
    let shown: String = region.chars().take(40).collect();
    let known: Vec<_> = catalog::regions().collect();
    let meant = nearest(region, &known).map(|meant| format!("write {meant}; or, ")).unwrap_or_default();
    Some(format!(
        "there is no region {shown} that rehearsal knows, where clients of AWS fail with Could not connect to the endpoint \
         URL: \"https://{host}.{shown}.amazonaws.com/\"; {meant}if AWS has it, name it in rehearsal.yml (local: {{ region: \
         {shown} }})"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::call::{Body, Protocol};

    fn told(service: &str, operation: &str, region: &str) -> Option<String> {
        let call = Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            read: true,
            parameters: serde_json::Value::Null,
            region: region.to_owned(),
            access_key: String::new(),
            protocol: Protocol::Query,
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers: Vec::new(),
            body: Body::Memory(Vec::new()),
        };
        let known = catalog::by_name(service).and_then(|service| catalog::operation(service, operation));
        trouble(&call, known, "eu-future-1")
    }

    #[test]
    fn regions_are_those_of_aws_and_the_users_own() {
        for (service, operation, region) in [
            ("sts", "GetCallerIdentity", "us-east-1"),
            ("sts", "GetCallerIdentity", "cn-north-1"),
            ("sts", "GetCallerIdentity", "us-gov-west-1"),
            ("sts", "GetCallerIdentity", "eusc-de-east-1"),
            ("sts", "GetCallerIdentity", "aws-global"),
            ("sts", "GetCallerIdentity", "eu-future-1"),
            ("iam", "ListUsers", "us-esat-1"),
            ("novelty", "GetThing", "eu-west-1"),
        ] {
            assert_eq!(told(service, operation, region), None, "{service} in {region}");
        }
        for (service, operation, region, part) in [
            (
                "sts",
                "GetCallerIdentity",
                "us-esat-1",
                "https://sts.us-esat-1.amazonaws.com/\"; write us-east-1; or,",
            ),
            ("s3", "ListBuckets", "eu-wset-1", "write eu-west-1"),
            ("cloudwatch", "ListMetrics", "eu-west-9", "https://monitoring.eu-west-9."),
            ("novelty", "GetThing", "mars", "local: { region: mars }"),
            ("sts", "GetCallerIdentity", "", "there is no region"),
        ] {
            let why = told(service, operation, region).unwrap_or_default();
            assert!(why.contains(part), "{service} in {region}: {why}");
        }
    }
}
