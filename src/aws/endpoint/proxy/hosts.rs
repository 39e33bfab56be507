//! Which names and addresses are which.
//!
//! Owns: what is AWS, what is a private network, where machines keep the credentials of their role.
//!
//! **AWS** is every host that serves its APIs, consoles or the things people keep there: a build that goes there around
//! `AWS_ENDPOINT_URL` (a presigned URL, `curl` to a bucket, the URL of a function) would act on something real. Public
//! registries and buckets that AWS itself fills are among them, since nothing on the wire tells them from others. Not
//! among them: pages to read (`docs.aws.amazon.com`), CloudFront's hosts, behind which is anybody's site, and
//! `awscli.amazonaws.com`, from which builds install the CLI and which takes nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Domains of AWS: they themselves and everything below.
const AWS: [&str; 17] = [
    "amazonaws.com",
    "amazonaws.com.cn",
    "amazonaws.eu",
    "amazonaws-us-gov.com",
    "api.aws",
    "api.amazonwebservices.com.cn",
    "api.amazonwebservices.eu",
    "app.aws",
    "aws.dev",
    "awsapprunner.com",
    "awsapps.com",
    "awsapps.cn",
    "console.aws.amazon.com",
    "ecr.aws",
    "elasticbeanstalk.com",
    "on.aws",
    "signin.aws.amazon.com",
];

/// Hosts below those that only give.
const GIVING: [&str; 1] = ["awscli.amazonaws.com"];

/// Hosts of AWS's that tools send the statistics of their use to, and fetch news of themselves from.
const NEWS: [&str; 2] =
    ["cli.cdk.dev-tools.aws.dev", "aws-serverless-tools-telemetry.us-west-2.amazonaws.com"];

/// Where machines keep the credentials of their role: EC2, ECS, EKS.
const METADATA: [IpAddr; 5] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// Whether a host, in lower case and without a dot behind it, is AWS's.
pub(super) fn is_aws(host: &str) -> bool {
    !GIVING.contains(&host) && AWS.iter().any(|domain| is_below(host, domain))
}

/// Whether a tool only talks about itself there: to be refused that is nothing to tell anybody.
pub(super) fn is_news(host: &str) -> bool {
    NEWS.contains(&host)
}

/// Whether a name is a domain or below it.
pub(super) fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// Whether a host is an address and no name, in any spelling that systems take: `2130706433` and `0x7f.1` are addresses too.
pub(super) fn is_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    host.parse::<IpAddr>().is_ok()
        || is_number(last)
        || hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a machine keeps the credentials of its role there.
pub(super) fn is_metadata(address: IpAddr) -> bool {
    METADATA.contains(&address.to_canonical())
}

/// Whether an address is not one of the public internet's.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || (a == 100 && b & 0xc0 == 64) // Carrier-grade NAT.
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && b & 0xfe == 18) // Benchmarks.
        || a >= 240
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    // NAT64 is how the public IPv4 internet looks from networks without IPv4.
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [.., a, b, c, d] = address.octets();
        return is_private_v4(Ipv4Addr::new(a, b, c, d));
    }
    address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || segments[0] & 0xffc0 == 0xfec0 // Site-local.
        || segments[..5] == [0; 5] // IPv4 in disguise.
        || segments[0] == 0x64 // Other translations.
        || segments[0] == 0x2002 // 6to4.
        || (segments[0] == 0x2001 && segments[1] < 0x200) // Teredo and other tunnels.
        || (segments[0] == 0x2001 && segments[1] == 0xdb8) // Documentation.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_aws_are_told_from_pages_about_it() {
        let aws = [
            "amazonaws.com",
            "s3.amazonaws.com",
            "my-bucket.s3.eu-west-1.amazonaws.com",
            "111122223333.dkr.ecr.us-east-1.amazonaws.com",
            "s3.cn-north-1.amazonaws.com.cn",
            "ec2.us-east-1.api.aws",
            "abc.lambda-url.us-east-1.on.aws",
            "public.ecr.aws",
            "codecatalyst.global.api.aws",
            "prod.aws.dev",
            "my-company.awsapps.com",
            "eu-west-1.console.aws.amazon.com",
            "signin.aws.amazon.com",
        ];
        let others = [
            "docs.aws.amazon.com",
            "aws.amazon.com",
            "awscli.amazonaws.com",
            "notamazonaws.com",
            "amazonaws.com.example.org",
            "d111111abcdef8.cloudfront.net",
            "pypi.org",
            "",
        ];
        for host in aws {
            assert!(is_aws(host), "{host}");
        }
        for host in others {
            assert!(!is_aws(host), "{host}");
        }
    }

    #[test]
    fn addresses_are_told_from_names_in_every_spelling() {
        for address in
            ["8.8.8.8", "2606:4700::1111", "134744072", "0x08080808", "8.0x8", "8.8", "010.8.8.8", "0x"]
        {
            assert!(is_number(address), "{address}");
        }
        for name in ["pypi.org", "1.example", "0x1.org", "example.x1", "8.8.8.8a", "dead.beef"] {
            assert!(!is_number(name), "{name}");
        }
    }

    #[test]
    fn addresses_of_private_networks_are_told_in_every_disguise() {
        let private = "127.0.0.1 127.9.9.9 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 0.0.0.0 0.1.2.3 \
                       100.64.0.1 100.127.255.255 224.0.0.1 255.255.255.255 240.0.0.1 192.0.0.8 192.0.2.1 198.19.0.1 \
                       :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 fe80::1 febf::1 fc00::1 fd00:ec2::254 ff02::1 \
                       fec0::1 2002:7f00:1:: 2001::1 2001:db8::1 64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1";
        let public = "8.8.8.8 1.1.1.1 172.15.0.1 172.32.0.1 100.63.0.1 100.128.0.1 198.17.0.1 151.101.0.223 \
                      2606:4700:4700::1111 2a04:4e42::223 2001:4860:4860::8888 64:ff9b::808:808";
        for address in private.split_whitespace() {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in public.split_whitespace() {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "169.254.170.2", "fd00:ec2::254"] {
            assert!(is_metadata(address.parse().unwrap()), "{address}");
        }
        assert!(!is_metadata("169.254.1.1".parse().unwrap()));
    }
}
