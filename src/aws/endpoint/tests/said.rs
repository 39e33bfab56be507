//! What is said to calls, and what their bodies become.

use super::*;
use crate::aws::call::{ApiError, Payload, Protocol};

/// A call of S3 with this first line, these headers and a body.
fn s3(line: &str, headers: &str, body: &str) -> String {
    let signed =
        "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-west-1/s3/aws4_request, Signature=0";
    format!("{line} HTTP/1.1\n{signed}\n{headers}\n\n{body}").replace("\n\n\n", "\n\n")
}

fn done() -> Arc<Witness> {
    Witness::new(Ok(Answer::Output(json!({}))))
}

#[test]
fn a_read_that_nobody_answers_names_both_ways_out_and_a_write_is_taken_for_done() {
    let ground = Ground::new(Given::default());
    let call = |operation: &str| {
        let signed =
            "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-west-1/ecr/aws4_request, Signature=0";
        ground.ask(&format!("POST / HTTP/1.1\nX-Amz-Target: ECR.{operation}\nContent-Type: application/x-amz-json-1.1\n{signed}\n\n{{}}"))
    };
    insta::assert_snapshot!(call("DescribePullThroughCacheRules"));
    // Operations that are newer than the catalog are told by their names.
    assert!(call("DescribeSomethingNew").contains("no answer to ecr:DescribeSomethingNew"));
    assert!(call("MakeSomethingNew").starts_with("HTTP/1.1 200 OK"));
    assert_eq!(
        ground.record(),
        "refused ecr:DescribePullThroughCacheRules eu-west-1 {}\nrefused ecr:DescribeSomethingNew eu-west-1 {}\n\
         simulated ecr:MakeSomethingNew eu-west-1 {}\n"
    );
    assert_eq!(
        ground.session.desk().tally().unwrap(),
        [
            "called ecr:DescribePullThroughCacheRules, which was refused",
            "called ecr:DescribeSomethingNew, which was refused",
            "called ecr:MakeSomethingNew",
        ]
    );
}

#[test]
fn a_region_that_there_is_not_is_refused_where_it_counts() {
    let ground = Ground::new(Given::default());
    let call = |region: &str| {
        let request = s3("GET /", "", "").replace("eu-west-1", region);
        ground.ask(&request)
    };
    let answer = call("us-esat-1");
    assert!(
        answer.starts_with("HTTP/1.1 400 ")
            && answer.contains("<Code>RehearsalUnknownRegion</Code>")
            && answer.contains("write us-east-1"),
        "{answer}"
    );
    assert!(call("us-east-1").starts_with("HTTP/1.1 200 "));
    assert_eq!(
        ground.record(),
        "refused s3:ListBuckets us-esat-1 {}\nanswered s3:ListBuckets us-east-1 {}\n"
    );
}

#[test]
fn what_no_rehearsal_made_is_not_there_and_there_is_a_hint_how_to_give_it() {
    let given = ("s3://given", "{}");
    let ground = Ground::new(Given { answers: vec![given], ..Given::default() });
    let signed = |service: &str| {
        format!(
            "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-west-1/{service}/aws4_request, Signature=0"
        )
    };
    let form = |action: &str| {
        format!(
            "POST / HTTP/1.1\n{}\nContent-Type: application/x-www-form-urlencoded\n\n\
             Action={action}&Version=2010-05-15&StackName=web&TemplateBody=%7B%22Resources%22%3A%7B%22T%22%3A%7B%22Type%22%3A%22AWS%3A%3ASNS%3A%3ATopic%22%7D%7D%7D",
            signed("cloudformation")
        )
    };
    let secret = format!(
        "POST / HTTP/1.1\nX-Amz-Target: secretsmanager.GetSecretValue\nContent-Type: application/x-amz-json-1.1\n{}\n\n\
         {{\"SecretId\": \"x\"}}",
        signed("secretsmanager")
    );
    let rows = [
        (form("DescribeStacks"), "Stack with id web does not exist"),
        (form("UpdateStack"), "Stack [web] does not exist"),
        (secret, "ResourceNotFoundException"),
        // Buckets say it in the answer, unless that has no text.
        (s3("GET /site/k", "", ""), "NoSuchKey"),
        (s3("HEAD /site/conf/prod.env", "", ""), "HTTP/1.1 404 "),
        (s3("HEAD /given/prod.env", "", ""), "HTTP/1.1 404 "),
    ];
    let desk = ground.session.desk();
    let mut hints = String::new();
    for (request, answer) in &rows {
        desk.at(Some("BUILD"), Some(answer));
        // Twice, as waiters do.
        for _ in 0..2 {
            let told = ground.ask(request);
            assert!(told.contains(answer), "{told}");
        }
        for hint in desk.hints(Some("BUILD"), Some(answer)) {
            hints = format!("{hints}{hint}\n\n");
        }
    }
    insta::assert_snapshot!(hints);
}

#[test]
fn hints_are_those_of_the_last_thing_that_the_command_asked_for() {
    let ground = Ground::new(Given::default());
    let desk = ground.session.desk();
    let hints = |command: &str| desk.hints(Some("BUILD"), Some(command)).len();
    let absent = s3("HEAD /site/k", "", "");
    desk.at(Some("BUILD"), Some("look || true"));
    ground.ask(&absent);
    desk.at(Some("BUILD"), Some("look || make"));
    ground.ask(&absent);
    assert_eq!(hints("look || make"), 1);
    ground.ask(&s3("PUT /site/other", "", ""));
    desk.at(Some("BUILD"), Some("test"));
    assert_eq!((hints("look || true"), hints("look || make"), hints("test")), (1, 0, 0));
    assert_eq!(desk.hints(Some("POST_BUILD"), Some("look || true")).len(), 0);
    // A command that runs again begins anew.
    desk.at(Some("BUILD"), Some("look || true"));
    assert_eq!(hints("look || true"), 0);
}

#[test]
fn services_that_nobody_knows_are_told_from_the_wire() {
    let ground = Ground::new(Given::default());
    let signed =
        "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-west-1/novelty/aws4_request, Signature=0";
    let rows = [
        ("GET /v1/things/1?size=2", "", "400"),
        (
            "POST /v1/things",
            "Content-Type: application/json\n\n{\"password\": \"s3cr3t\", \"Value\": \"s3cr3t\", \"a\": 1}",
            "200",
        ),
        ("PUT /v1/things", "Content-Type: application/xml\n\n<Thing><A>1</A></Thing>", "200"),
        ("POST /v1/upload", "Content-Type: application/json\n\nno json", "200"),
        (
            "POST /",
            "Content-Type: application/x-www-form-urlencoded\n\nAction=MakeThing&Version=2026-01-01&A.1=x",
            "200",
        ),
        ("DELETE /v1/things/1", "", "200"),
    ];
    for (line, rest, status) in rows {
        let answer = ground.ask(&format!("{line} HTTP/1.1\n{signed}\n{rest}"));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer}");
    }
    insta::assert_snapshot!(ground.record());
}

#[test]
fn answer_files_that_cannot_be_used_say_so() {
    let ground = Ground::new(Given { answers: vec![("s3:ListBuckets", "{")], ..Given::default() });
    let answer = ground.ask(&s3("GET /", "", ""));
    assert!(
        answer.starts_with("HTTP/1.1 400 ") && answer.contains("answer file for s3:ListBuckets is no JSON"),
        "{answer}"
    );
    assert!(ground.record().starts_with("refused s3:ListBuckets"));
}

#[test]
fn what_is_allowed_is_forwarded_and_its_answer_comes_as_it_was() {
    let raw = Answer::Raw {
        status: 201,
        headers: vec![
            ("x-amz-own".into(), "1".into()),
            ("bad\n".into(), "x".into()),
            ("content-length".into(), "99".into()),
        ],
        body: Payload::Memory(b"as it was".to_vec()),
    };
    let ground = Ground::new(Given { forward: Some(Witness::new(Ok(raw))), ..Given::default() });
    let answer = ground.ask(&s3("GET /site/k", "", ""));
    assert_eq!(
        answer,
        "HTTP/1.1 201 Created\nx-amz-own: 1\nconnection: close\ncontent-length: 9\n\nas it was"
    );
    assert_eq!(ground.record(), "forwarded s3:GetObject eu-west-1 {\"Bucket\":\"site\",\"Key\":\"k\"}\n");

    let failed = Ground::new(Given {
        forward: Some(Witness::of_reads(Err("the keys have expired".into()))),
        ..Given::default()
    });
    let answer = failed.ask(&s3("GET /site/k", "", ""));
    assert!(
        answer.contains("<Code>RehearsalNotForwarded</Code><Message>the keys have expired</Message>"),
        "{answer}"
    );
    assert!(failed.record().starts_with("refused s3:GetObject"));

    // What the build itself wrote it gets back.
    assert!(failed.ask(&s3("PUT /site/own", "", "")).starts_with("HTTP/1.1 200 "));
    assert!(failed.ask(&s3("GET /site/own", "", "")).starts_with("HTTP/1.1 200 "));
}

#[test]
fn pieces_of_files_are_sent_and_announced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("object");
    let text: String = (0..200_000).map(|number| number.to_string() + "\n").collect();
    std::fs::write(&path, &text).unwrap();
    let body = Payload::File { path, offset: 10, length: 1_000_000 };
    let raw = Answer::Raw { status: 206, headers: vec![], body };
    let ground = Ground::new(Given { forward: Some(Witness::new(Ok(raw))), ..Given::default() });
    let answer = ground.ask(&s3("GET /site/object", "", ""));
    let (head, body) = answer.split_once("\n\n").unwrap();
    assert!(head.contains("content-length: 1000000"), "{head}");
    assert_eq!(body.trim_end(), text[10..1_000_010].trim_end());
    let head = ground.ask(&s3("HEAD /site/object", "", ""));
    assert!(head.contains("content-length: 1000000") && head.trim_end().ends_with("1000000"), "{head}");
}

#[test]
fn long_bodies_go_to_files_that_are_gone_afterwards() {
    let witness = done();
    let ground = Ground::new(Given { forward: Some(witness.clone()), ..Given::default() });
    let text = "0123456789abcde\n".repeat(200_000);
    let answer = ground.ask(&s3("PUT /site/big", "", &text));
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let (call, body) = witness.last();
    assert!(body == text.as_bytes(), "the body is another one");
    let Body::File { path, .. } = &call.body else { panic!("it was kept in memory") };
    assert!(path.starts_with(ground.folder.path().join("aws")) && !path.exists());
    assert_eq!(call.text("Key"), Some("big"));
    // Of other services, bodies of up to 16 MiB are read for their parameters.
    for (size, expected) in [(2_000_000, "Data"), (17_000_000, "(body)")] {
        let body = format!("{{\"Data\": \"{}\"}}", "x".repeat(size));
        let signed = "Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261125/eu-west-1/kinesis/aws4_request, Signature=0";
        ground.ask(&format!("POST / HTTP/1.1\nX-Amz-Target: Kinesis_20131202.PutRecord\n{signed}\n\n{body}"));
        let (call, _) = witness.last();
        assert_eq!(call.parameters.as_object().unwrap().keys().collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn uploads_signed_piece_by_piece_lose_their_framing() {
    let witness = done();
    let ground = Ground::new(Given { forward: Some(witness.clone()), ..Given::default() });
    let framed = "6;chunk-signature=0\r\nhello \r\n5;chunk-signature=0\r\nworld\r\n0;chunk-signature=0\r\n\
                  x-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    let headers = "Content-Encoding: aws-chunked\nx-amz-decoded-content-length: LENGTH\n\
                   x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\nx-amz-trailer: x-amz-checksum-crc32";
    let answer = ground.ask(&s3("PUT /site/k", &headers.replace("LENGTH", "11"), framed));
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let (call, body) = witness.last();
    assert_eq!(body, b"hello world");
    assert_eq!(call.text("ChecksumCRC32"), Some("DUoRhQ=="));
    for (headers, body) in
        [(headers.replace("LENGTH", "12"), framed), (headers.replace("LENGTH", "11"), &framed[..30])]
    {
        let answer = ground.ask(&s3("PUT /site/k", &headers, body));
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.contains("<Code>IncompleteBody</Code>"),
            "{answer}"
        );
    }
}

#[test]
fn clients_that_wait_for_a_word_before_the_body_get_it() {
    let witness = done();
    let ground = Ground::new(Given { forward: Some(witness.clone()), ..Given::default() });
    let request = s3("PUT /site/k", "Expect: 100-continue\nContent-Length: 5", "");
    let mut stream = ground.connect();
    stream.write_all(&ground.written(&request)).unwrap();
    let mut word = [0; 25];
    stream.read_exact(&mut word).unwrap();
    assert_eq!(&word, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").unwrap();
    assert!(answer(stream).starts_with("HTTP/1.1 200 OK"));
    assert_eq!(witness.last().1, b"hello");
    // Without a body there is nothing to wait for, and strangers are not asked for theirs.
    let empty = ground.ask(&s3("PUT /site/k", "Expect: 100-continue", ""));
    assert!(empty.starts_with("HTTP/1.1 200 OK"), "{empty}");
    let stranger =
        ground.raw(b"PUT /site/k HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    assert!(stranger.starts_with("HTTP/1.1 403 "), "{stranger}");
}

#[test]
fn compressed_parameters_are_read() {
    /// `{"Namespace": "N"}`, compressed.
    const BODY: [u8; 38] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x56, 0xf2, 0x4b, 0xcc, 0x4d, 0x2d,
        0x2e, 0x48, 0x4c, 0x4e, 0x55, 0xb2, 0x52, 0x50, 0xf2, 0x53, 0xaa, 0x05, 0x00, 0x90, 0x50, 0xf4, 0xdf,
        0x12, 0x00, 0x00, 0x00,
    ];
    let witness = done();
    let ground = Ground::new(Given { forward: Some(witness.clone()), ..Given::default() });
    let mut request = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Amz-Target: GraniteServiceVersion20100801.PutMetricData\r\n\
         Content-Encoding: gzip\r\nAuthorization: AWS4-HMAC-SHA256 Credential={}/1/eu-west-1/monitoring/aws4_request, \
         S=0\r\nContent-Length: {}\r\n\r\n",
        ground.key(),
        BODY.len()
    )
    .into_bytes();
    request.extend_from_slice(&BODY);
    let answer = ground.raw(&request);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(witness.last().0.parameters, json!({"Namespace": "N"}));
}

#[test]
fn errors_of_services_are_written_in_every_protocol() {
    let error = ApiError::new("QueueDoesNotExist", "there is <none> & never was").with_status(404);
    let manners = [
        ("json", Protocol::Json { one_one: false }, "sqs", true, false),
        ("query", Protocol::Query, "sts", false, false),
        ("ec2", Protocol::Ec2, "ec2", false, false),
        ("rest-json", Protocol::RestJson, "lambda", false, false),
        ("rest-xml", Protocol::RestXml, "cloudfront", false, false),
        ("s3", Protocol::RestXml, "s3", false, false),
        ("s3 head", Protocol::RestXml, "s3", false, true),
    ];
    let mut text = String::new();
    for (name, protocol, service, compatible, head) in manners {
        let manner =
            wire::Manner { protocol, service: service.into(), operation: "Get".into(), compatible, head };
        let reply = wire::error(&manner, "ID", &error);
        let Payload::Memory(body) = reply.body else { panic!() };
        let headers = reply.headers.into_iter().map(|(name, value)| name + ": " + &value + "\n");
        let (status, body) = (reply.status.to_string(), String::from_utf8(body).unwrap());
        text.extend(["### ", name, "\n", &status, "\n", &headers.collect::<String>(), &body, "\n"]);
    }
    insta::assert_snapshot!(text);
}
