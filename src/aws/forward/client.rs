//! Signed requests over HTTP.
//!
//! Owns: which headers of a build's request go along, signing it, sending it with its body as a stream, limits of time,
//! the user's proxy, keeping a long response in a file, and what to say when nothing comes. Leaves to `sign` the
//! signature, to `endpoint` where it goes.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use ureq::http;

use super::endpoint::Endpoint;
use super::keys::Keys;
use super::profile::Lookup;
use super::sign::{self, Scope};
use crate::aws::call::{Body, Payload};
use crate::clock::{Clock, new_id};

/// How long making a connection may take.
const CONNECT: Duration = Duration::from_secs(15);

/// How long either side may say nothing.
const SILENCE: Duration = Duration::from_secs(120);

/// A response longer than this goes to a file, in bytes.
const IN_MEMORY: usize = 1 << 20;

/// Headers that belong to a connection or to the build's own signature, or that a body without its framing has lost.
/// The host and the body's length are ours.
const DROPPED: [&str; 20] = [
    "authorization",
    "connection",
    "content-length",
    "date",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-region-set",
    "x-amz-security-token",
    "x-amz-trailer",
];

/// A request before it is signed.
#[derive(Debug)]
pub(super) struct Outgoing<'a> {
    /// The HTTP method.
    pub(super) method: &'a str,
    /// The path with its percent signs, and behind a `?` the query.
    pub(super) target: &'a str,
    /// Headers, names in lower case, as a build wrote them.
    pub(super) headers: &'a [(String, String)],
    /// The body.
    pub(super) body: &'a Body,
    /// The service's name in the credential scope.
    pub(super) service: &'a str,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Response {
    /// The HTTP status.
    pub(super) status: u16,
    /// Headers that are not of the connection alone.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: Payload,
}

/// Sends requests.
pub(super) struct Client {
    secure: ureq::Agent,
    plain: ureq::Agent,
    clock: Arc<dyn Clock>,
    /// Where long responses are kept.
    folder: PathBuf,
}

impl Client {
    /// A client that goes through the proxies that the user's variables name.
    pub(super) fn new(variables: &Lookup<'_>, clock: Arc<dyn Clock>, folder: PathBuf) -> Self {
        let agent = |names: &[&str]| {
            let proxy = names.iter().find_map(|name| variables(name).filter(|value| !value.is_empty()));
            agent(proxy.as_deref(), variables("NO_PROXY").or_else(|| variables("no_proxy")).as_deref())
        };
        Self {
            secure: agent(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            // In capitals it could be a header of a request (httpoxy), so the AWS CLI does not take it from there.
            plain: agent(&["http_proxy", "ALL_PROXY", "all_proxy"]),
            clock,
            folder,
        }
    }

    /// Signs the request with `keys`, sends it to `endpoint`, and waits for the answer. An error says, for people, why
    /// there is none.
    pub(super) fn send(
        &self,
        keys: &Keys,
        endpoint: &Endpoint,
        request: &Outgoing<'_>,
    ) -> Result<Response, String> {
        let fail = |error: String| keys.hidden(&error);
        let (path, query) = request.target.split_once('?').unwrap_or((request.target, ""));
        let path = format!("{}{path}", endpoint.path);
        let path = if request.service == "s3" { sign::clean_path(&path) } else { path };
        let query = sign::canonical_query(query);
        let payload = payload(endpoint, request).map_err(fail)?;
        let at = self.clock.now();
        let mut signed = vec![
            ("host".to_owned(), endpoint.host.clone()),
            ("x-amz-content-sha256".to_owned(), payload.clone()),
            ("x-amz-date".to_owned(), sign::date(at)),
        ];
        if let Some(token) = keys.token() {
            signed.push(("x-amz-security-token".to_owned(), token.to_owned()));
        }
        let (more, unsigned) = passed_on(request.headers);
        signed.extend(more);
        let scope = Scope { region: &endpoint.region, service: request.service, at };
        let authorization = sign::authorization(
            keys,
            scope,
            &sign::Request {
                method: request.method,
                path: &path,
                query: &query,
                headers: &signed,
                payload: &payload,
            },
        );
        let mark = if query.is_empty() { "" } else { "?" };
        let mut builder = http::Request::builder()
            .method(request.method)
            .uri(format!("{}{path}{mark}{query}", endpoint.base))
            .header("authorization", authorization);
        for (name, value) in signed.iter().chain(&unsigned) {
            builder = builder.header(name, value);
        }
        let agent = if endpoint.base.starts_with("https") { &self.secure } else { &self.plain };
        let sent = transfer(agent, builder, request).map_err(|error| {
            fail(match error {
                Trouble::Request(text) => format!("the request cannot be sent on: {text}"),
                Trouble::Http(error) => words(&error, &endpoint.host),
            })
        })?;
        self.received(sent, request.method == "HEAD")
            .map_err(|error| fail(format!("the answer of {} broke off: {error}", endpoint.host)))
    }

    fn received(&self, response: http::Response<ureq::Body>, is_head: bool) -> std::io::Result<Response> {
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| {
                let own = ["connection", "keep-alive", "transfer-encoding", "proxy-connection"];
                // What a HEAD would have given has a length all the same.
                !own.contains(&name.as_str()) && (is_head || name.as_str() != "content-length")
            })
            .map(|(name, value)| {
                (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let mut reader = response.into_body().into_reader();
        let mut start = Vec::new();
        let most = u64::try_from(IN_MEMORY).unwrap_or(u64::MAX);
        reader.by_ref().take(most + 1).read_to_end(&mut start)?;
        let body =
            if start.len() <= IN_MEMORY { Payload::Memory(start) } else { self.kept(&start, &mut reader)? };
        Ok(Response { status, headers, body })
    }

    /// A response in a file of the folder.
    fn kept(&self, start: &[u8], rest: &mut dyn Read) -> std::io::Result<Payload> {
        std::fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(new_id());
        let mut file = File::create(&path)?;
        file.write_all(start)?;
        std::io::copy(rest, &mut file)?;
        let length = file.metadata()?.len();
        Ok(Payload::File { path, offset: 0, length })
    }
}

/// An agent that asks nothing of the environment, follows nothing and takes every status for an answer.
fn agent(proxy: Option<&str>, no_proxy: Option<&str>) -> ureq::Agent {
    let proxy = proxy.and_then(|proxy| {
        let uri: http::Uri =
            if proxy.contains("://") { proxy.parse() } else { format!("http://{proxy}").parse() }.ok()?;
        let protocol = match uri.scheme_str() {
            Some("https") => ureq::ProxyProtocol::Https,
            Some(_) | None => ureq::ProxyProtocol::Http,
        };
        let mut builder = ureq::Proxy::builder(protocol).host(uri.host()?);
        if let Some(port) = uri.port_u16() {
            builder = builder.port(port);
        }
        if let Some((user, _)) = uri.authority()?.as_str().rsplit_once('@') {
            let (name, word) = user.split_once(':').unwrap_or((user, ""));
            builder = builder.username(name).password(word);
        }
        // Whoever listens on this machine is not behind the proxy.
        for host in ["127.0.0.1", "localhost"].into_iter().chain(no_proxy.unwrap_or("").split(',')) {
            builder = builder.no_proxy(host.trim());
        }
        builder.build().ok()
    });
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .allow_non_standard_methods(true)
        .user_agent("")
        .accept("")
        .accept_encoding("")
        .proxy(proxy)
        .timeout_connect(Some(CONNECT))
        .timeout_per_read(Some(SILENCE))
        .timeout_per_write(Some(SILENCE))
        .build()
        .new_agent()
}

enum Trouble {
    Request(String),
    Http(ureq::Error),
}

fn transfer(
    agent: &ureq::Agent,
    builder: http::request::Builder,
    request: &Outgoing<'_>,
) -> Result<http::Response<ureq::Body>, Trouble> {
    let unusable = |error: http::Error| Trouble::Request(error.to_string());
    let empty = matches!(request.method, "GET" | "HEAD" | "DELETE" | "OPTIONS");
    match request.body {
        Body::Memory(bytes) if bytes.is_empty() && empty => {
            agent.run(builder.body(()).map_err(unusable)?).map_err(Trouble::Http)
        }
        Body::Memory(bytes) => {
            agent.run(builder.body(bytes.as_slice()).map_err(unusable)?).map_err(Trouble::Http)
        }
        Body::File { path, length } => {
            let mut file = open(path).map_err(Trouble::Request)?;
            let body = ureq::SendBody::from_reader(&mut file);
            let sent = builder.header("content-length", length.to_string()).body(body).map_err(unusable)?;
            agent.run(sent).map_err(Trouble::Http)
        }
    }
}

fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|error| format!("its body is gone: {error}"))
}

/// The digest of the body. S3 takes a long one unsigned where the connection itself is safe.
fn payload(endpoint: &Endpoint, request: &Outgoing<'_>) -> Result<String, String> {
    match request.body {
        Body::Memory(bytes) => Ok(sign::digest(bytes)),
        Body::File { .. } if request.service == "s3" && endpoint.base.starts_with("https") => {
            Ok(sign::UNSIGNED.to_owned())
        }
        Body::File { path, .. } => {
            let (mut file, mut digest) = (open(path)?, Sha256::new());
            let mut buffer = vec![0; 1 << 16];
            loop {
                match file.read(&mut buffer).map_err(|error| format!("its body cannot be read: {error}"))? {
                    0 => return Ok(sign::hex(&digest.finalize())),
                    read => digest.update(&buffer[..read]),
                }
            }
        }
    }
}

type Headers = Vec<(String, String)>;

/// The headers of a build's request that go along: those that are signed, and the others.
fn passed_on(headers: &[(String, String)]) -> (Headers, Headers) {
    let has_checksum = headers.iter().any(|(name, _)| name.starts_with("x-amz-checksum-"));
    let mut kept = Vec::new();
    for (name, value) in headers {
        if DROPPED.contains(&name.as_str()) {
            continue;
        }
        // The checksum stood behind the body, and went with its framing.
        if name == "x-amz-sdk-checksum-algorithm" && !has_checksum {
            continue;
        }
        if name == "content-encoding" {
            let codings = value.split(',').map(str::trim);
            let left: Vec<_> =
                codings.filter(|coding| *coding != "aws-chunked" && !coding.is_empty()).collect();
            if !left.is_empty() {
                kept.push((name.clone(), left.join(",")));
            }
            continue;
        }
        kept.push((name.clone(), value.clone()));
    }
    // Proxies may change the others on their way.
    kept.into_iter().partition(|(name, _)| {
        name.starts_with("x-amz-") || matches!(name.as_str(), "content-type" | "content-md5")
    })
}

/// What went wrong on the way, in words.
fn words(error: &ureq::Error, host: &str) -> String {
    match error {
        ureq::Error::HostNotFound => format!("there is no host {host}"),
        ureq::Error::ConnectionFailed => format!("{host} takes no connection"),
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            format!("{host} takes no connection within {} s", CONNECT.as_secs())
        }
        ureq::Error::Timeout(_) => format!("{host} says nothing for {} s", SILENCE.as_secs()),
        ureq::Error::Io(error) => match error.kind() {
            std::io::ErrorKind::ConnectionRefused => format!("nobody listens at {host}"),
            std::io::ErrorKind::TimedOut => format!("{host} does not answer in time"),
            _ => format!("the connection to {host} failed: {error}"),
        },
        ureq::Error::ConnectProxyFailed(why) => format!("the proxy lets nothing through to {host}: {why}"),
        other => format!("the request to {host} failed: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_builds_own_signature_and_framing_stay_behind() {
        let headers = |pairs: &[(&str, &str)]| -> Headers {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let given = headers(&[
            ("authorization", "AWS4-HMAC-SHA256 Credential=AKIAFAKE/…"),
            ("host", "127.0.0.1:1"),
            ("x-amz-date", "20260101T000000Z"),
            ("x-amz-security-token", "fake"),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "5"),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
            ("content-encoding", "gzip, aws-chunked"),
            ("transfer-encoding", "chunked"),
            ("expect", "100-continue"),
            ("proxy-connection", "keep-alive"),
            ("connection", "close"),
            ("content-length", "90"),
            ("x-amz-acl", "private"),
            ("content-type", "text/plain"),
            ("user-agent", "aws-cli"),
        ]);
        let (signed, unsigned) = passed_on(&given);
        assert_eq!(signed, headers(&[("x-amz-acl", "private"), ("content-type", "text/plain")]));
        assert_eq!(unsigned, headers(&[("content-encoding", "gzip"), ("user-agent", "aws-cli")]));
        let (signed, _) = passed_on(&headers(&[
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
            ("x-amz-checksum-crc32", "AAAAAA=="),
        ]));
        assert_eq!(signed.len(), 2);
    }
}
