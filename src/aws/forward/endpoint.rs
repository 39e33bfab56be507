//! Where a call goes: the profile's endpoint, or the host that AWS has for the service in the region.
//!
//! Owns: names of hosts, and the region that a global service is signed for. Source of the exceptions: "Service
//! endpoints and quotas" in the AWS General Reference.

use super::profile::Profile;
use crate::aws::catalog::Service;

/// Services with one host for all regions of the partition `aws`: the host, and the region to sign for.
const GLOBAL: [(&str, &str, &str); 14] = [
    ("budgets", "budgets.amazonaws.com", "us-east-1"),
    ("ce", "ce.us-east-1.amazonaws.com", "us-east-1"),
    ("cloudfront", "cloudfront.amazonaws.com", "us-east-1"),
    ("ecr-public", "api.ecr-public.us-east-1.amazonaws.com", "us-east-1"),
    ("globalaccelerator", "globalaccelerator.us-west-2.amazonaws.com", "us-west-2"),
    ("health", "health.us-east-1.amazonaws.com", "us-east-1"),
    ("iam", "iam.amazonaws.com", "us-east-1"),
    ("networkmanager", "networkmanager.us-west-2.amazonaws.com", "us-west-2"),
    ("organizations", "organizations.us-east-1.amazonaws.com", "us-east-1"),
    ("route53", "route53.amazonaws.com", "us-east-1"),
    ("route53domains", "route53domains.us-east-1.amazonaws.com", "us-east-1"),
    ("shield", "shield.us-east-1.amazonaws.com", "us-east-1"),
    ("support", "support.us-east-1.amazonaws.com", "us-east-1"),
    ("waf", "waf.amazonaws.com", "us-east-1"),
];

/// What stands before the host for single operations. The clients are told to leave it out when they call us.
const PREFIXES: [(&str, &str, &str); 6] = [
    ("logs", "StartLiveTail", "streaming-"),
    ("logs", "GetLogObject", "streaming-"),
    ("servicediscovery", "DiscoverInstances", "data-"),
    ("servicediscovery", "DiscoverInstancesRevision", "data-"),
    ("stepfunctions", "StartSyncExecution", "sync-"),
    ("stepfunctions", "TestState", "sync-"),
];

/// Where a call goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// Scheme, host and port, without a slash behind: `https://sqs.eu-west-1.amazonaws.com`.
    pub(super) base: String,
    /// The value of the header `host`.
    pub(super) host: String,
    /// What the path begins with, without a slash behind.
    pub(super) path: String,
    /// The region it is signed for.
    pub(super) region: String,
}

impl Endpoint {
    /// The endpoint for an operation of a service in a region.
    pub(super) fn of(
        profile: &Profile,
        service: &Service,
        operation: &str,
        region: &str,
    ) -> Result<Self, String> {
        if let Some(url) = profile.endpoint(service.service_id) {
            return Self::read(url, region).ok_or_else(|| {
                // Not shown: people have been known to put passwords there.
                format!("`endpoint_url` of the profile {} is not http(s)://HOST[:PORT][/PATH]", profile.name)
            });
        }
        let host_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if region.is_empty() || !region.chars().all(host_label) {
            return Err(format!("`{region}` is no region"));
        }
        let global = GLOBAL.iter().find(|(name, ..)| *name == service.name);
        let (host, region) = match global {
            // In other partitions these services have other hosts, each in its own way.
            Some(_) if !is_commercial(region) => {
                return Err(format!("{} is not reached from here in the region {region}", service.name));
            }
            Some((_, host, region)) => ((*host).to_owned(), *region),
            // These two have hosts in every region as well.
            None if service.is_global && !["s3", "sts"].contains(&service.name) => {
                return Err(format!(
                    "the host of {} is not known here; the profile's `endpoint_url` may name it",
                    service.name
                ));
            }
            None => {
                let own = PREFIXES.iter().find(|(name, own, _)| (*name, *own) == (service.name, operation));
                let prefix = own.map_or("", |(.., prefix)| prefix);
                let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
                (format!("{prefix}{}.{region}.{suffix}", service.endpoint_prefix), region)
            }
        };
        Ok(Self { base: format!("https://{host}"), host, path: String::new(), region: region.to_owned() })
    }

    /// An endpoint that somebody wrote down.
    fn read(url: &str, region: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        if !matches!(scheme, "http" | "https") || rest.contains(['@', '?', '#', ' ']) {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.is_empty() {
            return None;
        }
        // The port that goes without saying is not sent either.
        let standard = if scheme == "https" { ":443" } else { ":80" };
        Some(Self {
            base: format!("{scheme}://{authority}"),
            host: authority.strip_suffix(standard).unwrap_or(authority).to_owned(),
            path: path.trim_end_matches('/').to_owned(),
            region: region.to_owned(),
        })
    }
}

/// Whether a region is of the partition `aws`.
fn is_commercial(region: &str) -> bool {
    !["cn-", "us-gov-", "us-iso", "eu-isoe-", "eusc-"].iter().any(|other| region.starts_with(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::catalog;
    use crate::aws::forward::tests::profile;

    #[test]
    fn each_service_has_its_host() {
        for (service, operation, region, host, signed) in [
            ("s3", "PutObject", "eu-west-1", "s3.eu-west-1.amazonaws.com", "eu-west-1"),
            ("s3", "PutObject", "us-east-1", "s3.us-east-1.amazonaws.com", "us-east-1"),
            ("sts", "GetCallerIdentity", "eu-west-1", "sts.eu-west-1.amazonaws.com", "eu-west-1"),
            ("ecr", "DescribeImages", "eu-west-1", "api.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
            ("cloudwatch", "PutMetricData", "eu-west-1", "monitoring.eu-west-1.amazonaws.com", "eu-west-1"),
            ("iam", "GetRole", "eu-west-1", "iam.amazonaws.com", "us-east-1"),
            ("cloudfront", "CreateInvalidation", "eu-west-1", "cloudfront.amazonaws.com", "us-east-1"),
            ("route53", "ListHostedZones", "ap-south-1", "route53.amazonaws.com", "us-east-1"),
            ("sqs", "SendMessage", "cn-north-1", "sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (
                "stepfunctions",
                "StartSyncExecution",
                "eu-west-1",
                "sync-states.eu-west-1.amazonaws.com",
                "eu-west-1",
            ),
        ] {
            let service = catalog::by_name(service).unwrap();
            let endpoint = Endpoint::of(&profile(None), service, operation, region).unwrap();
            assert_eq!((endpoint.host.as_str(), endpoint.region.as_str()), (host, signed));
            assert_eq!(endpoint.base, format!("https://{host}"));
        }
        for (service, region) in
            [("iam", "cn-north-1"), ("sqs", ""), ("sqs", "x.evil.example/"), ("sqs", "EU")]
        {
            let service = catalog::by_name(service).unwrap();
            Endpoint::of(&profile(None), service, "X", region).unwrap_err();
        }
    }

    #[test]
    fn every_global_service_of_the_table_is_one_we_know() {
        for (name, ..) in GLOBAL {
            assert!(catalog::by_name(name).is_some(), "{name}");
        }
        for (name, operation, _) in PREFIXES {
            assert!(
                catalog::operation(catalog::by_name(name).unwrap(), operation).is_some(),
                "{name}:{operation}"
            );
        }
        // Global, and their hosts are not known here.
        let account = catalog::by_name("account").unwrap();
        assert!(Endpoint::of(&profile(None), account, "ListRegions", "us-east-1").is_err());
    }

    #[test]
    fn the_profiles_endpoint_wins() {
        let s3 = catalog::by_name("s3").unwrap();
        for (url, expected) in [
            ("http://127.0.0.1:4566", Some(("http://127.0.0.1:4566", "127.0.0.1:4566", ""))),
            ("http://localhost:80/", Some(("http://localhost:80", "localhost", ""))),
            ("https://proxy.example/aws/", Some(("https://proxy.example", "proxy.example", "/aws"))),
            ("ftp://x", None),
            ("127.0.0.1:4566", None),
            ("http://", None),
            ("http://user:word@host", None),
        ] {
            let found = Endpoint::of(&profile(Some(url)), s3, "GetObject", "eu-west-1").ok();
            let found = found.as_ref().map(|end| (end.base.as_str(), end.host.as_str(), end.path.as_str()));
            assert_eq!(found, expected, "{url}");
        }
    }
}
