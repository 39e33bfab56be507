//! Which operation a key of `aws` means.
//!
//! Owns: the service by the name that calls have here, and the nearest one when there is none. Leaves to `catalog` which
//! there are.

use crate::aws::catalog::{self, Operation, Service};
use crate::aws::endpoint::call_prefix;
use crate::spec::nearest;

/// Why a key means no operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Misnamed {
    /// A service that is misspelt, or called as it is only elsewhere.
    Service {
        /// What calls name it.
        meant: String,
    },
    /// A service that resembles none. AWS may have it since yesterday.
    Unheard,
    /// The service has no such operation.
    Operation {
        /// The nearest one.
        meant: Option<&'static str>,
    },
}

/// The operation of this name, in the service that calls name so.
pub(super) fn find(service: &str, operation: &str) -> Result<&'static Operation, Misnamed> {
    let services: Vec<_> = catalog::services().iter().filter(|known| call_prefix(known) == service).collect();
    if services.is_empty() {
        return Err(other_service(service));
    }
    let found = services.iter().find_map(|known| catalog::operation(known, operation));
    found.ok_or_else(|| {
        let names = services.iter().copied().flat_map(Service::operations).map(|known| known.name);
        Misnamed::Operation { meant: nearest_of(operation, names) }
    })
}

fn other_service(service: &str) -> Misnamed {
    let known = catalog::services();
    let called_otherwise =
        known.iter().find(|known| known.name == service || catalog::iam_prefix(known) == service);
    let found = called_otherwise.or_else(|| {
        let near = nearest_of(service, known.iter().flat_map(|known| [known.signing_name, known.name]))?;
        known.iter().find(|known| known.signing_name == near || known.name == near)
    });
    found.map_or(Misnamed::Unheard, |known| Misnamed::Service { meant: call_prefix(known) })
}

/// The nearest of many names: of each hundred, then of those.
fn nearest_of(name: &str, names: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let names: Vec<_> = names.collect();
    let near: Vec<_> = names.chunks(100).filter_map(|some| nearest(name, some)).collect();
    nearest(name, &near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_operations_or_tell_what_was_meant() {
        let service = |meant: &str| Some(Misnamed::Service { meant: meant.to_owned() });
        let operation = |meant| Some(Misnamed::Operation { meant });
        for (key, expected) in [
            ("ec2:DescribeVpcs", None),
            ("cloudwatch:ListMetrics", None),
            ("elasticloadbalancing:DescribeTargetGroups", None),
            ("rds:DescribeDBClusters", None),
            ("iotdata:Publish", None),
            ("s3control:ListAccessPoints", None),
            ("s3:ListAccessPoints", operation(None)),
            ("iot-data:Publish", service("iotdata")),
            ("c2:DescribeVpcs", service("ec2")),
            ("cloudfromation:DescribeStacks", service("cloudformation")),
            ("ec2:DescribeVpc", operation(Some("DescribeVpcs"))),
            ("ec2:DescribeVPCs", operation(Some("DescribeVpcs"))),
            ("ecr:DescribeRepositorys", operation(Some("DescribeRepositories"))),
            ("ec2:Frobnicate", operation(None)),
            ("quantumledgerdatabase:Get", Some(Misnamed::Unheard)),
        ] {
            let (service, operation) = key.split_once(':').unwrap();
            assert_eq!(find(service, operation).err(), expected, "{key}");
        }
    }
}
