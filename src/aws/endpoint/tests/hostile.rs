//! Requests that no client sends.

use super::*;

const SIGNED: &str =
    "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-west-1/SERVICE/aws4_request, Signature=0";

fn impatient() -> Given {
    let patience = Patience { head: Duration::from_millis(100), body: Duration::from_millis(100) };
    Given { patience: Some(patience), ..Given::default() }
}

#[test]
fn whatever_comes_the_server_answers_or_closes_and_goes_on() {
    let ground = Ground::new(Given::default());
    let json =
        format!("POST / HTTP/1.1\nX-Amz-Target: ECR.PutRegistryPolicy\n{}", SIGNED.replace("SERVICE", "ecr"));
    let form = format!(
        "POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n{}",
        SIGNED.replace("SERVICE", "iam")
    );
    let xml = format!("POST /2020-05-31/public-key HTTP/1.1\n{}", SIGNED.replace("SERVICE", "cloudfront"));
    let cbor = format!(
        "POST /service/GraniteServiceVersion20100801/operation/PutDashboard HTTP/1.1\nsmithy-protocol: rpc-v2-cbor\n{}",
        SIGNED.replace("SERVICE", "monitoring")
    );
    let put =
        format!("PUT /site/k HTTP/1.1\nContent-Encoding: aws-chunked\n{}", SIGNED.replace("SERVICE", "s3"));
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let dots = format!("Action=TagPolicy&{}=x", "a.".repeat(50_000));
    let rows: Vec<(&str, &str, String)> = vec![
        (&json, "400 SerializationException", "{\"a\":".into()),
        (&json, "400 SerializationException", deep("[", "]")),
        (&json, "400 SerializationException", "\u{0}".into()),
        (&json, "200", "[1]".into()),
        (&json, "200", String::new()),
        (&form, "200", dots),
        (&form, "200", "Action=TagPolicy&%zz=%&=&&a=%ff&RoleName".into()),
        (&form, "200", "Action=TagPolicy&Tags.member.99999999999.Key=x&Tags.member.0=y".into()),
        (&form, "200", "nothing".into()),
        (&xml, "400 MalformedXML", "<a>".into()),
        (&xml, "400 MalformedXML", "<a></b>".into()),
        (&xml, "400 MalformedXML", "not xml".into()),
        (&xml, "400 MalformedXML", deep("<a>", "</a>")),
        (
            &xml,
            "400 MalformedXML",
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>".into(),
        ),
        (&xml, "200", "<a/>".into()),
        (&cbor, "400", "\u{7f}".into()),
        (&cbor, "400", "[".repeat(100_000)),
        (&put, "400 IncompleteBody", "zz\r\n".into()),
        (&put, "400 IncompleteBody", String::new()),
    ];
    for (head, expected, body) in rows {
        let answer = ground.ask(&format!("{head}\n\n{body}"));
        let (status, code) = expected.split_once(' ').unwrap_or((expected, ""));
        let shown: String = answer.chars().take(400).collect();
        let sent: String = body.chars().take(60).collect();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}\n{sent}\n{shown}");
        assert!(answer.contains(code), "{head}\n{sent}\n{shown}");
    }
    let strings: u64 = 0x7fff_ffff_ffff_ffff;
    for bytes in
        [[&[0x5b_u8][..], &strings.to_be_bytes()].concat(), [&[0x9b_u8][..], &strings.to_be_bytes()].concat()]
    {
        assert!(wire::cbor::input(&bytes).is_err(), "a length that is not there");
    }
}

#[test]
fn what_is_no_http_ends_the_connection_alone() {
    let ground = Ground::new(Given::default());
    let long = [b"GET / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 300_000], b"\r\n\r\n".to_vec()].concat();
    let many = [b"GET / HTTP/1.1\r\n".to_vec(), b"a: b\r\n".repeat(5_000), b"\r\n".to_vec()].concat();
    let rows: [&[u8]; 12] = [
        b"",
        b"\r\n\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET http://\r\n\r\n",
        b"CONNECT / HTTP/1.1\r\n\r\n",
        &long,
        &many,
    ];
    for bytes in rows {
        let answer = ground.raw(bytes);
        let status = answer.split(' ').nth(1).unwrap_or("none").to_owned();
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert!(["none", "400", "403", "407", "431", "505"].contains(&status.as_str()), "{shown}: {answer}");
    }
    assert_eq!(ground.effects(), []);
    let alive = ground.ask(&format!("GET / HTTP/1.1\n{}", SIGNED.replace("SERVICE", "s3")));
    assert!(alive.contains("ListAllMyBucketsResult"), "{alive}");
}

#[test]
fn strangers_are_refused_in_their_protocol_and_not_recorded() {
    let ground = Ground::new(Given::default());
    let mut story = String::new();
    for (name, head) in [
        (
            "json",
            "POST / HTTP/1.1\nX-Amz-Target: ECR.PutRegistryPolicy\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/1/r/ecr/aws4_request, S=0",
        ),
        (
            "query",
            "POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\nAuthorization: AWS4-HMAC-SHA256 Credential=A/1/r/sts/aws4_request, S=0\n\nAction=GetCallerIdentity",
        ),
        ("unsigned", "GET /site/k HTTP/1.1"),
        ("presigned", "GET /site/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE/1/r/s3/aws4_request HTTP/1.1"),
    ] {
        let answer = ground.ask(head);
        assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains(ground.key()), "{answer}");
        story.extend(["### ", name, "\n", &answer, "\n\n"]);
    }
    insta::assert_snapshot!(story);
    assert_eq!(ground.record(), "");
}

#[test]
fn where_only_the_build_is_whoever_asks_is_of_the_session() {
    let ground =
        Ground::new(Given { reach: Reach { private: true, ..Reach::default() }, ..Given::default() });
    let body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=a&WebIdentityToken=s3cr3t";
    ground.ask(&format!("POST / HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\n{body}"));
    let record = ground.record();
    assert!(
        record.contains("sts:AssumeRoleWithWebIdentity us-east-1") && !record.contains("s3cr3t"),
        "{record}"
    );
}

#[test]
fn silent_clients_are_not_waited_for() {
    let ground = Ground::new(impatient());
    let signed = SIGNED.replace("SERVICE", "s3").replace("KEY", ground.key());
    let rows = [
        (String::new(), ""),
        ("GE".to_owned(), ""),
        ("GET http:".to_owned(), ""),
        ("GET http://example.com/ HTTP/1.1\r\nA:".to_owned(), "HTTP/1.1 400 "),
        ("POST / HTTP/1.1\r\nHost:".to_owned(), ""),
        (format!("PUT /site/k HTTP/1.1\r\nContent-Length: 5\r\n{signed}\r\n\r\nhe"), "HTTP/1.1 400 "),
        (format!("POST /-/shim HTTP/1.1\r\nContent-Length: 5\r\n{signed}\r\n\r\nhe"), "HTTP/1.1 400 "),
    ];
    for (text, expected) in rows {
        let mut stream = ground.connect();
        stream.write_all(text.as_bytes()).unwrap();
        // It closes by itself, or this would take ten seconds and fail.
        let answer = answer(stream);
        assert!(
            answer.starts_with(expected) && (!expected.is_empty() || !answer.contains(" 200 ")),
            "{text}: {answer}"
        );
    }
}
