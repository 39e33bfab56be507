//! Signature Version 4: what a request needs so that AWS takes it for one of the profile's.
//!
//! Owns: the canonical form of a request, the key derived for a day, region and service, and S3's exceptions (its paths
//! are encoded once and kept as they are). Leaves to `client`: which headers are sent, and the body.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::keys::Keys;
use crate::clock::Timestamp;

/// The name of the algorithm, as it stands in headers.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What stands for the digest of a body that is not hashed beforehand; S3 takes it.
pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// For whom and when a request is signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The region.
    pub(super) region: &'a str,
    /// The service's name in the credential scope.
    pub(super) service: &'a str,
    /// The time of the request.
    pub(super) at: Timestamp,
}

/// A request as far as it is signed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    /// The HTTP method.
    pub(super) method: &'a str,
    /// The path, percent-encoded as it is sent.
    pub(super) path: &'a str,
    /// The query, in the form of [`canonical_query`].
    pub(super) query: &'a str,
    /// The headers that are signed, names in lower case; `host` and `x-amz-date` among them.
    pub(super) headers: &'a [(String, String)],
    /// The digest of the body in lower-case hex, or [`UNSIGNED`].
    pub(super) payload: &'a str,
}

/// The value of `x-amz-date` at a time.
pub(super) fn date(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// The value of `authorization`.
pub(super) fn authorization(keys: &Keys, scope: Scope<'_>, request: &Request<'_>) -> String {
    let (canonical, signed) = canonical(scope.service, request);
    let day = scope.at.strftime("%Y%m%d").to_string();
    let credential = format!("{day}/{}/{}/aws4_request", scope.region, scope.service);
    let to_sign =
        format!("{ALGORITHM}\n{}\n{credential}\n{}", date(scope.at), hex(&Sha256::digest(canonical)));
    let secret = format!("AWS4{}", keys.secret());
    let key = [day.as_str(), scope.region, scope.service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    format!(
        "{ALGORITHM} Credential={}/{credential}, SignedHeaders={signed}, Signature={signature}",
        keys.access_key()
    )
}

/// The canonical form of a request, and the list of headers that it covers.
fn canonical(service: &str, request: &Request<'_>) -> (String, String) {
    let mut headers: Vec<(&str, String)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), collapsed(value))).collect();
    headers.sort();
    let mut merged: Vec<(&str, String)> = Vec::new();
    for (name, value) in headers {
        match merged.last_mut() {
            Some((last, values)) if *last == name => {
                values.push(',');
                values.push_str(&value);
            }
            Some(_) | None => merged.push((name, value)),
        }
    }
    let signed = merged.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let mut text =
        format!("{}\n{}\n{}\n", request.method, canonical_path(service, request.path), request.query);
    for (name, value) in merged {
        text.push_str(name);
        text.push(':');
        text.push_str(&value);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&signed);
    text.push('\n');
    text.push_str(request.payload);
    (text, signed)
}

/// A header's value without outer blanks, inner ones as one.
fn collapsed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// S3 signs the path as it is sent. The others resolve its dots and encode once more what is encoded already.
fn canonical_path(service: &str, path: &str) -> String {
    if service == "s3" {
        return path.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    let mut text = String::from("/");
    text.push_str(&kept.iter().map(|segment| encoded(segment.as_bytes())).collect::<Vec<_>>().join("/"));
    if text.len() > 1 && (path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..")) {
        text.push('/');
    }
    text
}

/// A path in the encoding that S3 expects, whatever way its bytes were written.
pub(super) fn clean_path(path: &str) -> String {
    path.split('/').map(|segment| encoded(&decoded(segment))).collect::<Vec<_>>().join("/")
}

/// A query in canonical form: pairs encoded and sorted, without those of another signature.
pub(super) fn canonical_query(query: &str) -> String {
    const SIGNATURE: [&str; 7] = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
    ];
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(|(name, _)| !SIGNATURE.contains(name))
        .map(|(name, value)| (encoded(&decoded(name)), encoded(&decoded(value))))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Percent-encoded as AWS has it: letters, digits and `-._~` stay.
pub(super) fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// The bytes behind percent signs; a sign that begins no code stands for itself.
fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = bytes.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let value = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        found.push(value.unwrap_or(*byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    found
}

/// The keyed digest of `data`.
fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The digest of a body in memory.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2015-08-30T12:36:00Z";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn signature(authorization: &str) -> &str {
        authorization.rsplit_once("Signature=").unwrap().1
    }

    #[test]
    fn requests_of_awss_own_test_suite_get_its_signatures() {
        // aws-sig-v4-test-suite: name, method, path as sent, query, headers beside host and x-amz-date, body, signature
        type Row<'a> = (&'a str, &'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);
        const FORM: &[(&str, &str)] = &[("content-type", "application/x-www-form-urlencoded")];
        let table: &[Row<'_>] = &[
            (
                "get-vanilla",
                "GET",
                "/",
                "",
                &[],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-vanilla-query-order-key-case",
                "GET",
                "/",
                "Param2=value2&Param1=value1",
                &[],
                "",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
            (
                "get-vanilla-utf8-query",
                "GET",
                "/",
                "ሴ=bar",
                &[],
                "",
                "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
            ),
            (
                "get-utf8",
                "GET",
                "/ሴ",
                "",
                &[],
                "",
                "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            ),
            (
                "get-space",
                "GET",
                "/example space/",
                "",
                &[],
                "",
                "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
            ),
            (
                "get-slash",
                "GET",
                "//",
                "",
                &[],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-slashes",
                "GET",
                "//example//",
                "",
                &[],
                "",
                "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            ),
            (
                "get-relative",
                "GET",
                "/example/..",
                "",
                &[],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "get-slash-pointless-dot",
                "GET",
                "/./example",
                "",
                &[],
                "",
                "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
            ),
            (
                "get-header-value-trim",
                "GET",
                "/",
                "",
                &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
                "",
                "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ),
            (
                "post-vanilla",
                "POST",
                "/",
                "",
                &[],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "post-vanilla-query",
                "POST",
                "/",
                "Param1=value1",
                &[],
                "",
                "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
            ),
            (
                "post-x-www-form-urlencoded",
                "POST",
                "/",
                "",
                FORM,
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ];
        let keys = Keys::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None);
        let at = AT.parse().unwrap();
        for (name, method, path, query, more, body, expected) in table {
            let mut headers = vec![
                ("host".to_owned(), "example.amazonaws.com".to_owned()),
                ("x-amz-date".to_owned(), date(at)),
            ];
            headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            let query = canonical_query(query);
            let payload = digest(body.as_bytes());
            let request = Request { method, path, query: &query, headers: &headers, payload: &payload };
            let scope = Scope { region: "us-east-1", service: "service", at };
            assert_eq!(signature(&authorization(&keys, scope, &request)), *expected, "{name}");
        }
    }

    #[test]
    fn the_examples_of_s3s_manual_get_its_signatures() {
        // "Signature Calculations for the Authorization Header", examples of the S3 API reference
        type Row<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)], &'a str, &'a str);
        let welcome = digest(b"Welcome to Amazon S3.");
        let table: &[Row<'_>] = &[
            (
                "GET",
                "/test.txt",
                "",
                &[("range", "bytes=0-9")],
                EMPTY,
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                "PUT",
                "/test$file.text",
                "",
                &[("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                &welcome,
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
            (
                "GET",
                "/",
                "lifecycle",
                &[],
                EMPTY,
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            (
                "GET",
                "/",
                "max-keys=2&prefix=J",
                &[],
                EMPTY,
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ];
        let keys = Keys::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
        let at = "2013-05-24T00:00:00Z".parse().unwrap();
        for (method, path, query, more, payload, expected) in table {
            let mut headers = vec![
                ("host".to_owned(), "examplebucket.s3.amazonaws.com".to_owned()),
                ("x-amz-content-sha256".to_owned(), (*payload).to_owned()),
                ("x-amz-date".to_owned(), date(at)),
            ];
            headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            let (path, query) = (clean_path(path), canonical_query(query));
            let request = Request { method, path: &path, query: &query, headers: &headers, payload };
            let scope = Scope { region: "us-east-1", service: "s3", at };
            assert_eq!(
                signature(&authorization(&keys, scope, &request)),
                *expected,
                "{method} {path} {query}"
            );
        }
    }

    #[test]
    fn paths_and_queries_are_written_one_way() {
        for (written, expected) in [
            ("/b/a%20b/%C3%A9", "/b/a%20b/%C3%A9"),
            ("/b/a b/é", "/b/a%20b/%C3%A9"),
            ("/b//c/../d%2Fe", "/b//c/../d%2Fe"),
            ("/b/100%", "/b/100%25"),
            ("/b/a+b", "/b/a%2Bb"),
        ] {
            assert_eq!(clean_path(written), expected, "{written}");
        }
        for (written, expected) in [
            ("uploads", "uploads="),
            ("b=2&a=1&a=0", "a=0&a=1&b=2"),
            ("prefix=x/y&list-type=2", "list-type=2&prefix=x%2Fy"),
            ("X-Amz-Signature=ab&X-Amz-Credential=AKIA%2Fx&partNumber=1", "partNumber=1"),
            ("", ""),
        ] {
            assert_eq!(canonical_query(written), expected, "{written}");
        }
    }
}
