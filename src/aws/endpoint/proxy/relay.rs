//! Plain HTTP through the proxy.
//!
//! Owns: telling such connections from others by their first bytes, and the one request that each of them carries: its
//! head is written anew, its body is passed on, and what comes behind that goes nowhere. It could ask the user's proxy for
//! a place that nobody judged. Leaves to `framing` where a body ends.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{sleep, timeout};

use super::framing::{Framing, Malformed, Passage};
use super::hosts;
use super::reach::{Place, Upstream};
use super::{Told, Trouble};
use crate::aws::endpoint::listen::{Served, until};

/// The longest head, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// The host that requests name which clients send to the endpoint by way of the proxy, or one below it. No resolver knows
/// it: `.internal` is nobody's.
pub(in crate::aws::endpoint) const OWN_HOST: &str = "endpoint.rehearsal.internal";

/// How many bytes of a request are looked at: more than method and host take.
const LOOKED_AT: usize = 512;

/// More letters than a method has.
const LONGEST_METHOD: usize = 30;

/// How long until the first bytes are looked at again, when too few have come.
const GLANCE: Duration = Duration::from_millis(5);

/// What is read at a time, in bytes.
const PIECE: usize = 16 * 1024;

/// Headers that are for this proxy, or about this connection alone.
const OURS: [&str; 11] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Whether the first request of a connection is for another server (`GET http://…`). Nothing is taken from it.
pub(in crate::aws::endpoint) async fn is_for_another(stream: &TcpStream) -> bool {
    let mut bytes = [0; LOOKED_AT];
    loop {
        let Ok(length @ 1..) = stream.peek(&mut bytes).await else { return false };
        match begins_so(&bytes[..length]) {
            Some(answer) => return answer,
            None => sleep(GLANCE).await,
        }
    }
}

/// Whether a request line begins with a method and `http://` and a host that is another's; nothing when that does not show
/// yet.
fn begins_so(bytes: &[u8]) -> Option<bool> {
    const SCHEME: &[u8] = b"http://";
    let is_all = bytes.len() >= LOOKED_AT;
    let method = bytes.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let Some(after) = bytes.get(method) else { return (method > LONGEST_METHOD).then_some(false) };
    if method == 0 || *after != b' ' {
        return Some(false);
    }
    let target = &bytes[method + 1..];
    let length = target.len().min(SCHEME.len());
    if !target[..length].eq_ignore_ascii_case(&SCHEME[..length]) {
        return Some(false);
    }
    let rest = target.get(SCHEME.len()..)?;
    let Some(end) = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b' ' | b'\r' | b'\n'))
    else {
        return is_all.then_some(true);
    };
    let place =
        std::str::from_utf8(&rest[..end]).ok().and_then(|authority| Place::parse(authority, Some(80)));
    Some(!place.is_some_and(|place| hosts::is_below(&place.host, OWN_HOST)))
}

/// Serves such a connection.
pub(in crate::aws::endpoint) async fn relay(mut stream: TcpStream, served: &Arc<Served>) {
    let answer = match attempt(&mut stream, served).await {
        Ok(()) => return,
        Err(told) => told.raw(),
    };
    // Whoever is gone misses nothing.
    if stream.write_all(&answer).await.is_ok() {
        let _ = stream.shutdown().await;
        // What is still on its way would make the system drop the answer.
        let _ = timeout(
            Duration::from_secs(1),
            tokio::io::copy(&mut stream.take(1 << 20), &mut tokio::io::sink()),
        )
        .await;
    }
}

async fn attempt(stream: &mut TcpStream, served: &Arc<Served>) -> Result<(), Told> {
    let reading = timeout(served.patience.head, read_head(stream));
    let Ok(Some((head, rest))) = reading.await else { return Err(Told::bad()) };
    let request = Plain::parse(&head).ok_or_else(Told::bad)?;
    let gate = &served.gate;
    if !gate.admits(&served.desk, request.header("proxy-authorization")) {
        return Err(Told::unknown());
    }
    let Ok(_permit) = Arc::clone(&gate.tunnels).try_acquire_owned() else { return Err(Told::busy()) };
    let mut outside =
        gate.connect(&served.desk, &request.place, false).await.map_err(|trouble| Told::of(&trouble))?;
    let upstream = gate.reach.upstreams.of(&request.place, false);
    let failed = |error: std::io::Error| Told::of(&Trouble::Failed(format!("{}: {error}", request.place)));
    outside.write_all(request.rewritten(upstream).as_bytes()).await.map_err(failed)?;
    exchange(stream, &mut outside, &rest, request.framing).await.map_err(|Malformed| Told::bad())
}

/// Passes one body on and the answer back, until the server ends it. An error when the body is malformed and nothing was
/// answered yet.
async fn exchange(
    inside: &mut TcpStream,
    outside: &mut TcpStream,
    first: &[u8],
    framing: Framing,
) -> Result<(), Malformed> {
    let (mut from_client, mut to_client) = inside.split();
    let (mut from_server, mut to_server) = outside.split();
    let (is_malformed, is_answered) = (AtomicBool::new(false), AtomicBool::new(false));
    let ask = async {
        if pass_body(&mut from_client, &mut to_server, first, framing).await == Err(Malformed) {
            is_malformed.store(true, Relaxed);
        } else {
            // Who is told that nothing more comes answers what it has, and ends it.
            let _ = to_server.shutdown().await;
            pending::<()>().await;
        }
    };
    let answer = async {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from_server.read(&mut piece).await {
            is_answered.store(true, Relaxed);
            if to_client.write_all(&piece[..length]).await.is_err() {
                return;
            }
        }
        let _ = to_client.shutdown().await;
    };
    until(ask, answer).await;
    if is_malformed.load(Relaxed) && !is_answered.load(Relaxed) { Err(Malformed) } else { Ok(()) }
}

/// Passes one body on, and comes back when the client ends its side or goes on with something else. What breaks off on the
/// way shows in the answer.
async fn pass_body(
    client: &mut ReadHalf<'_>,
    server: &mut WriteHalf<'_>,
    first: &[u8],
    framing: Framing,
) -> Result<(), Malformed> {
    let mut passage = Passage::new(framing);
    let mut piece = first.to_vec();
    let mut out = Vec::new();
    loop {
        let over = passage.feed(&piece, &mut out)?;
        // Old clients send an empty line behind a body.
        let goes_on = over.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
        if server.write_all(&out).await.is_err() || goes_on {
            return Ok(());
        }
        out.clear();
        piece.resize(PIECE, 0);
        let Ok(length @ 1..) = client.read(&mut piece).await else { return Ok(()) };
        piece.truncate(length);
    }
}

/// The head of a request, and what came with it of the body.
async fn read_head(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            bytes.truncate(end);
            return Some((String::from_utf8(bytes).ok()?, rest));
        }
        if bytes.len() > LONGEST_HEAD || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// A request for another server.
struct Plain<'a> {
    method: &'a str,
    version: &'a str,
    place: Place,
    /// As it stands in the URL.
    authority: &'a str,
    path: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    framing: Framing,
}

impl<'a> Plain<'a> {
    fn parse(head: &'a str) -> Option<Self> {
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        let is_newest = version == "HTTP/1.1";
        let is_version = is_newest || version == "HTTP/1.0";
        if words.next().is_some() || !is_version || method == "CONNECT" || url.contains(char::is_control) {
            return None;
        }
        let rest = url.get("http://".len()..)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest[..end].rsplit_once('@').map_or(&rest[..end], |(_, place)| place);
        let place = Place::parse(authority, Some(80))?;
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':')?;
            // A name that others would read as another one (`Content-Length :`) is none (RFC 9112, 5.1).
            let is_name = !name.is_empty() && name.bytes().all(is_of_names);
            let is_value = !value.contains(|c: char| c.is_ascii_control() && c != '\t');
            (is_name && is_value).then(|| (name, value.trim_matches([' ', '\t'])))
        });
        let headers = headers.collect::<Option<Vec<_>>>()?;
        let framing = Framing::of(is_newest, &headers)?;
        Some(Self { method, version, place, authority, path: &rest[end..], headers, framing })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The head for the server itself, or for the user's proxy. The connection ends with the answer, so that nothing
    /// else can be asked on it.
    fn rewritten(&self, upstream: Option<&Upstream>) -> String {
        let Self { method, version, authority, path, .. } = self;
        let slash = if path.starts_with('/') { "" } else { "/" };
        let (target, authorization) = match upstream {
            Some(Upstream::Http { authorization, .. }) => {
                (format!("http://{authority}{slash}{path}"), authorization.as_deref())
            }
            Some(Upstream::Unspoken(_)) | None => (format!("{slash}{path}"), None),
        };
        let mut head = format!("{method} {target} {version}\r\nHost: {authority}\r\nConnection: close\r\n");
        if self.framing == Framing::Chunked {
            head.push_str("Transfer-Encoding: chunked\r\n");
        }
        if let Some(authorization) = authorization {
            head.extend(["Proxy-Authorization: ", authorization, "\r\n"]);
        }
        for (name, value) in &self.headers {
            if !OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
                head.extend([*name, ": ", *value, "\r\n"]);
            }
        }
        head.push_str("\r\n");
        head
    }
}

/// Whether a byte may stand in the name of a header (RFC 9110, 5.6.2).
fn is_of_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_other_servers_show_in_their_first_bytes() {
        let rows = [
            ("GET http://example.com/ HTTP/1.1", Some(true)),
            ("PROPFIND HTTP://a/", Some(true)),
            ("GET http://a?b", Some(true)),
            ("GET http://endpoint.rehearsal.internal.a/", Some(true)),
            ("GET http://endpoint.rehearsal.internal@a/", Some(true)),
            ("GET http://111122223333.endpoint.rehearsal.internal:4566/v1 HTTP/1.1", Some(false)),
            ("GET http://Endpoint.Rehearsal.internal:4566/", Some(false)),
            ("GET / HTTP/1.1", Some(false)),
            ("GET https://a/", Some(false)),
            ("CONNECT a:443 HTTP/1.1", Some(false)),
            ("GET", None),
            ("GET ht", None),
            ("GET http://exam", None),
            ("get http://a/", Some(false)),
            ("\u{16}\u{3}\u{1}", Some(false)),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Some(false)),
        ];
        for (text, expected) in rows {
            assert_eq!(begins_so(text.as_bytes()), expected, "{text}");
        }
        let long = format!("GET http://{}", "a".repeat(LOOKED_AT));
        assert_eq!(begins_so(&long.as_bytes()[..LOOKED_AT]), Some(true));
    }

    #[test]
    fn heads_are_written_anew_without_what_is_for_the_proxy() {
        let head = "GET http://user@Example.com:8080?q=1 HTTP/1.1\r\nHost: other\r\nProxy-Authorization: Basic eA==\r\n\
                    Connection: keep-alive\r\nAccept: */*";
        let plain = Plain::parse(head).unwrap();
        assert_eq!(plain.place, Place { host: "example.com".into(), port: 8080 });
        insta::assert_snapshot!(plain.rewritten(None), @"
        GET /?q=1 HTTP/1.1
        Host: Example.com:8080
        Connection: close
        Accept: */*
        ");
        let upstream = Upstream::Http {
            place: Place { host: "proxy".into(), port: 3128 },
            authorization: Some("Basic dTpw".into()),
        };
        insta::assert_snapshot!(plain.rewritten(Some(&upstream)), @"
        GET http://Example.com:8080/?q=1 HTTP/1.1
        Host: Example.com:8080
        Connection: close
        Proxy-Authorization: Basic dTpw
        Accept: */*
        ");
    }

    #[test]
    fn what_is_no_request_is_none() {
        for head in [
            "",
            "GET",
            "GET http://a/",
            "GET http:/// HTTP/1.1",
            "GET http://a:99999/ HTTP/1.1",
            "GET http://a:0/ HTTP/1.1",
            "GET http://a/ HTTP/1.1\r\nno colon",
            "GET http://a/ HTTP/1.1\r\n folded: x",
            "GET http://a/ HTTP/1.1\r\nA: b\nc: d",
            "GET http://a/ HTTP/2",
            "GET http://a/ b HTTP/1.1",
            "GET http://a/ HTTP/1.2",
            "CONNECT http://a/ HTTP/1.1",
            "GET http://a/ HTTP/1.1\r\nA: b\rX: y",
            "GET http://a/ HTTP/1.1\r\nTransfer-Encoding : chunked",
            "GET http://a/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n gzip",
            "GET http://a/ HTTP/1.1\r\nTransfer-Encoding: \u{b}chunked",
            "GET http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked",
            "GET http://a/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
            // Others would end the host's name where these stand, or read another one.
            "GET http://s3.amazonaws.com\\.a/ HTTP/1.1",
            "GET http://s3%2Eamazonaws.com/ HTTP/1.1",
            "GET http://s3.amazonaws.com../ HTTP/1.1",
            "GET http://a;b/ HTTP/1.1",
            "GET http://a:+80/ HTTP/1.1",
            "GET http://[a]/ HTTP/1.1",
        ] {
            assert!(Plain::parse(head).is_none(), "{head}");
        }
    }
}
