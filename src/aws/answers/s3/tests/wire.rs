//! S3 through the server: what its framing, its spooled bodies and its HEAD make of the answers.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;

use super::Bench;
use crate::aws::endpoint::{Endpoint, Reach, Session};

/// Sends a request, and gives the head and the body of the response.
fn ask(session: &Session, request: &str, headers: &[(&str, &str)], body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, session.port())).unwrap();
    let key = session.desk().access_key();
    let mut head = format!(
        "{request} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-length: {}\r\nauthorization: \
         AWS4-HMAC-SHA256 Credential={key}/20261125/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00\r\n",
        session.port(),
        body.len()
    );
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut response = Vec::new();
    stream.read_to_end(&mut response).unwrap();
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let body = response.split_off(end + 4);
    (String::from_utf8(response).unwrap(), body)
}

#[test]
fn clients_reach_it_through_the_server() {
    let bench = Bench::new();
    let folder = bench.folder("site");
    let Bench { dir: _dir, desk, .. } = bench;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = Endpoint::start().unwrap();
    let session =
        endpoint.open(Arc::new(desk), listener, Reach::default(), Arc::new(|_, _, _| Ok(()))).unwrap();

    let long = vec![b'x'; 3 << 20];
    let (head, _) = ask(&session, "PUT /site/a%20b/%C3%BC", &[("content-type", "x/y")], &long);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.contains("etag: \"c1887f0c970afa48194adf7f5c504696\""), "{head}");
    assert!(folder.join("files/a b/ü").is_file());
    let (head, body) = ask(&session, "HEAD /site/a%20b/%C3%BC", &[], b"");
    assert!(head.contains("content-length: 3145728") && head.contains("content-type: x/y"), "{head}");
    assert!(body.is_empty());
    let (head, body) = ask(&session, "GET /site/a%20b/%C3%BC", &[], b"");
    assert!(head.starts_with("HTTP/1.1 200") && body == long, "{head}");
    let (head, body) = ask(&session, "GET /site/a%20b/%C3%BC", &[("range", "bytes=0-1")], b"");
    assert!(head.starts_with("HTTP/1.1 206") && body == b"xx", "{head}");

    // A checksum comes behind the body, whose chunks are no part of it.
    let chunked = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let framed = |sum: &str| format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n");
    let (head, body) = ask(&session, "PUT /site/sum", &chunked, framed("AAAAAA==").as_bytes());
    assert!(head.starts_with("HTTP/1.1 400"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("<Code>BadDigest</Code>"));
    let (head, _) = ask(&session, "PUT /site/sum", &chunked, framed("y/Q5Jg==").as_bytes());
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let (head, body) = ask(&session, "GET /site/sum", &[("x-amz-checksum-mode", "ENABLED")], b"");
    assert!(head.contains("x-amz-checksum-crc32: y/Q5Jg==") && !head.contains("content-encoding"), "{head}");
    assert_eq!(body, b"123456789");

    let (_, body) = ask(&session, "GET /site?list-type=2&delimiter=%2F", &[], b"");
    let text = String::from_utf8(body).unwrap();
    assert!(text.contains("<Key>sum</Key>") && text.contains("<Prefix>a b/</Prefix>"), "{text}");
    let (head, _) = ask(&session, "DELETE /site/sum", &[], b"");
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    let (head, body) = ask(&session, "GET /site/sum", &[], b"");
    assert!(
        head.starts_with("HTTP/1.1 404") && String::from_utf8_lossy(&body).contains("<Code>NoSuchKey</Code>")
    );
    assert_eq!(
        session.desk().tally().unwrap(),
        ["written s3://site/a b/ (ü)", "written s3://site (sum)", "deleted from s3://site (sum)"]
    );
}
