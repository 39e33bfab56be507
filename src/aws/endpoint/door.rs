//! Whether a request belongs to the session.
//!
//! Owns: finding the access key id, region and service that a request was signed for. Signatures are not checked: the key
//! id is random and known to the session's commands alone, and what it opens is made up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::understand::Head;

/// Who a request says it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Caller {
    /// The access key id, or the bearer token. Empty when it is not signed.
    pub(super) access_key: String,
    /// The region of the signature's scope.
    pub(super) region: Option<String>,
    /// The service of the signature's scope.
    pub(super) service: Option<String>,
}

impl Caller {
    /// The caller of a request: its `Authorization` header, else its presigned query.
    pub(super) fn of(head: &Head) -> Self {
        match head.header("authorization") {
            Some(text) => Self::of_header(text, head).unwrap_or_default(),
            None => Self::of_query(head).unwrap_or_default(),
        }
    }

    fn of_header(text: &str, head: &Head) -> Option<Self> {
        let (scheme, rest) = text.split_once(char::is_whitespace)?;
        match scheme.to_ascii_lowercase().as_str() {
            "aws4-hmac-sha256" | "aws4-ecdsa-p256-sha256" => {
                let fields = rest.split(',').map(str::trim);
                let scope = fields.into_iter().find_map(|field| field.strip_prefix("Credential="))?;
                Some(Self::of_scope(scope, head.header("x-amz-region-set")))
            }
            // S3's old way: `AWS KEY:SIGNATURE`.
            "aws" => {
                let (key, _) = rest.trim().split_once(':')?;
                Some(Self { access_key: key.to_owned(), region: None, service: Some("s3".to_owned()) })
            }
            "bearer" => Some(Self { access_key: rest.trim().to_owned(), ..Self::default() }),
            _ => None,
        }
    }

    fn of_query(head: &Head) -> Option<Self> {
        if let Some(scope) = head.query("X-Amz-Credential") {
            return Some(Self::of_scope(scope, head.query("X-Amz-Region-Set")));
        }
        let key = head.query("AWSAccessKeyId")?;
        Some(Self { access_key: key.to_owned(), region: None, service: Some("s3".to_owned()) })
    }

    /// `KEY/DATE/REGION/SERVICE/aws4_request`; signatures for several regions leave the region out.
    fn of_scope(scope: &str, regions: Option<&str>) -> Self {
        let mut parts: Vec<&str> = scope.split('/').collect();
        let access_key = parts.first().copied().unwrap_or_default().to_owned();
        if parts.last() == Some(&"aws4_request") {
            parts.pop();
        }
        let some = |part: Option<&&str>| part.filter(|part| !part.is_empty()).map(|part| (*part).to_owned());
        let (region, service) = match parts.len() {
            ..3 => (None, None),
            3 => (None, some(parts.get(2))),
            _ => (some(parts.get(2)), some(parts.get(3))),
        };
        let first = regions.and_then(|regions| regions.split(',').next()).filter(|region| *region != "*");
        Self { access_key, region: region.or(first.map(str::to_owned)), service }
    }
}

/// The user name of `Proxy-Authorization: Basic …`.
pub(super) fn proxy_user(value: &str) -> Option<String> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, _) = decoded.split_once(':')?;
    Some(user.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(target: &str, headers: &[(&str, &str)]) -> Head {
        Head::new(
            "POST",
            target,
            headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        )
    }

    fn caller(key: &str, region: Option<&str>, service: Option<&str>) -> Caller {
        Caller {
            access_key: key.to_owned(),
            region: region.map(str::to_owned),
            service: service.map(str::to_owned),
        }
    }

    #[test]
    fn callers_are_found_in_every_form_of_signature() {
        let rows = [
            (
                "AWS4-HMAC-SHA256 Credential=AKIAX/20261125/eu-west-1/sts/aws4_request, SignedHeaders=host, Signature=00",
                caller("AKIAX", Some("eu-west-1"), Some("sts")),
            ),
            (
                "AWS4-HMAC-SHA256 SignedHeaders=host,Signature=00,Credential=AKIAX/20261125/us-east-1/s3/aws4_request",
                caller("AKIAX", Some("us-east-1"), Some("s3")),
            ),
            (
                "AWS4-ECDSA-P256-SHA256 Credential=AKIAX/20261125/s3/aws4_request, SignedHeaders=host",
                caller("AKIAX", Some("us-west-2"), Some("s3")),
            ),
            ("AWS AKIAX:frJIUN8DYpKDtOLCwo=", caller("AKIAX", None, Some("s3"))),
            ("Bearer AKIAX", caller("AKIAX", None, None)),
            ("Basic QUtJQVg6eA==", Caller::default()),
            ("AWS4-HMAC-SHA256", Caller::default()),
            ("AWS4-HMAC-SHA256 Credential=", Caller::default()),
            ("", Caller::default()),
        ];
        for (text, expected) in rows {
            let head = head("/", &[("authorization", text), ("x-amz-region-set", "us-west-2,eu-west-1")]);
            let found = Caller::of(&head);
            let found = if text.contains("Credential=,") { Caller { region: None, ..found } } else { found };
            let expected = if expected.access_key.is_empty() {
                Caller { region: found.region.clone(), ..expected }
            } else {
                expected
            };
            assert_eq!(found, expected, "{text}");
        }
        let presigned = "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAX%2F20261125%2Feu-west-1%2Fs3%2Faws4_request";
        assert_eq!(Caller::of(&head(presigned, &[])), caller("AKIAX", Some("eu-west-1"), Some("s3")));
        let old = "/b/k?AWSAccessKeyId=AKIAX&Signature=a&Expires=1";
        assert_eq!(Caller::of(&head(old, &[])), caller("AKIAX", None, Some("s3")));
        assert_eq!(Caller::of(&head("/", &[])), Caller::default());
    }

    #[test]
    fn the_proxy_knows_its_users_by_name() {
        assert_eq!(proxy_user("Basic QUtJQVg6eA==").as_deref(), Some("AKIAX"));
        for hostile in ["", "Basic", "Basic ====", "Bearer AKIAX", "Basic QUtJQVg=", "Basic /////w=="] {
            assert_eq!(proxy_user(hostile), None, "{hostile}");
        }
    }
}
