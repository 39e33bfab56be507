//! A second server on loopback stands for AWS: it checks each signature by itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::keys::Keys;
use super::profile::Origin;
use super::*;
use crate::aws::call::Protocol;
use crate::clock::ManualClock;

/// The time of all tests.
pub(crate) const NOW: &str = "2026-11-25T10:00:00Z";

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// A call of an operation, without more to it.
pub(crate) fn call(service: &str, operation: &str) -> Call {
    Call {
        service: service.to_owned(),
        operation: operation.to_owned(),
        read: true,
        parameters: Value::Null,
        region: "eu-west-1".to_owned(),
        access_key: "AKIAFAKE".to_owned(),
        protocol: Protocol::RestXml,
        method: "GET".to_owned(),
        target: "/".to_owned(),
        headers: Vec::new(),
        body: Body::Memory(Vec::new()),
    }
}

/// A profile with keys of its own.
pub(super) fn profile(endpoint: Option<&str>) -> Profile {
    let line = endpoint.map_or_else(String::new, |url| format!("endpoint_url = {url}\n"));
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    std::fs::write(
        &config,
        format!("[profile dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n{line}"),
    )
    .unwrap();
    let found = Profile::find("dev", &|name: &str| {
        (name == "AWS_CONFIG_FILE")
            .then(|| config.to_str().unwrap().to_owned())
            .or(Some("/nowhere".into()))
            .filter(|_| name.starts_with("AWS_") && name.ends_with("_FILE"))
    });
    found.unwrap()
}

/// A client that nothing is sent with.
pub(super) fn client() -> Client {
    Client::new(&|_: &str| None, Arc::new(ManualClock::new(NOW.parse().unwrap())), "/nowhere".into())
}

/// A request as it came, and what the signature says of it.
#[derive(Debug)]
struct Received {
    line: String,
    headers: BTreeMap<String, String>,
    length: usize,
    /// The access key and region, when the signature is right.
    signer: Result<(String, String), String>,
}

/// What a server does.
struct Aws {
    url: String,
    received: Receiver<Received>,
    thread: std::thread::JoinHandle<()>,
}

impl Aws {
    /// A server that gives these answers, one a connection, in order; each is `(status line and headers, body)`.
    fn answering(answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, received) = channel();
        let thread = std::thread::spawn(move || {
            for (head, body) in answers {
                let Ok((mut stream, _)) = listener.accept() else { return };
                let got = receive(&stream);
                let is_head = got.line.starts_with("HEAD");
                let _ = sender.send(got);
                let length = body.len();
                write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n")
                    .unwrap();
                if !is_head {
                    stream.write_all(&body).unwrap();
                }
            }
        });
        Self { url, received, thread }
    }

    /// Waits until the last answer is given and nobody listens any more; where that was.
    fn ended(self) -> String {
        self.thread.join().unwrap();
        self.url.trim_start_matches("http://").to_owned()
    }

    fn next(&self) -> Received {
        self.received.recv_timeout(std::time::Duration::from_secs(20)).unwrap()
    }
}

fn receive(stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        let before = headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        assert!(before.is_none(), "{name} came twice");
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let signer = verified(line.trim_end(), &headers, &body);
    Received { line: line.trim_end().to_owned(), headers, length, signer }
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn in_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Checks a signature as AWS's manual describes it, from what came over the wire alone.
fn verified(line: &str, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<(String, String), String> {
    let authorization = headers.get("authorization").ok_or("no authorization")?;
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=")).ok_or(format!("no {name}"))?;
        Ok::<_, String>(rest.split(',').next().unwrap_or_default().to_owned())
    };
    let (credential, names, signature) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let scope: Vec<_> = credential.split('/').collect();
    let [key, day, region, service, "aws4_request"] = scope.as_slice() else { return Err(credential) };
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // Our calls have neither dots nor doubled slashes in them. Percent signs of other services are encoded once more.
    let path = if *service == "s3" { path.to_owned() } else { path.replace('%', "%25").replace(':', "%3A") };
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") })
        .collect();
    pairs.sort();
    let mut canonical = vec![method.to_owned(), path, pairs.join("&")];
    for name in names.split(';') {
        canonical.push(format!("{name}:{}", headers.get(name).ok_or(format!("{name} was not sent"))?));
    }
    for name in
        headers.keys().filter(|name| name.starts_with("x-amz-") || *name == "host" || *name == "content-type")
    {
        if !names.split(';').any(|signed| signed == name) {
            return Err(format!("{name} is not signed"));
        }
    }
    let declared = headers.get("x-amz-content-sha256").ok_or("no digest")?;
    if *declared != in_hex(&Sha256::digest(body)) {
        return Err(format!("the body is not the one of {declared}"));
    }
    canonical.extend([String::new(), names, declared.clone()]);
    let date = headers.get("x-amz-date").ok_or("no date")?;
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{date}\n{day}/{region}/{service}/aws4_request\n{}",
        in_hex(&Sha256::digest(canonical.join("\n")))
    );
    let secret = if *key == "ASIAROLE" { "r0le/secret" } else { SECRET };
    let mut own = keyed(format!("AWS4{secret}").as_bytes(), day);
    for text in [region, service, "aws4_request"] {
        own = keyed(&own, text);
    }
    if in_hex(&keyed(&own, &to_sign)) != signature {
        return Err(format!("another signature fits:\n{}", canonical.join("\n")));
    }
    Ok(((*key).to_owned(), (*region).to_owned()))
}

fn forwarder(config: &str, permits: &[&str], folder: &std::path::Path) -> Forwarder {
    let file = folder.join("config");
    std::fs::write(&file, config).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Forwarder::new(Setup {
        profile: "dev",
        permits: permits.iter().map(|permit| Permit::read(permit).unwrap()).collect(),
        variables: &|name: &str| match name {
            "AWS_CONFIG_FILE" => Some(file.clone()),
            "HOME" => Some("/nowhere".to_owned()),
            // Loopback is not behind it; whoever asked it would fail.
            "HTTPS_PROXY" | "ALL_PROXY" => Some("http://127.0.0.1:1".to_owned()),
            _ => None,
        },
        runner: Arc::new(|_: &[String]| Err("no command runs here".to_owned())),
        clock: Arc::new(ManualClock::new(NOW.parse().unwrap())),
        folder: folder.join("kept"),
    })
    .unwrap()
}

fn with_keys(url: &str) -> String {
    format!(
        "[profile dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\naws_session_token = t0ken\nendpoint_url = {url}\n"
    )
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_call_is_signed_with_the_profiles_keys_and_the_answer_comes_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let aws = Aws::answering(vec![(
        "200 OK\r\nx-amz-request-id: r1\r\ncontent-type: text/plain",
        b"hello".to_vec(),
    )]);
    let forwarder = forwarder(&with_keys(&aws.url), &["s3:GetObject"], dir.path());
    let call = Call {
        target: "/bucket/a%20b/c+d%3De?versionId=7&x-id=GetObject&X-Amz-Signature=fake".into(),
        headers: headers(&[
            ("host", "127.0.0.1:9"),
            (
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIAFAKE/20261125/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00",
            ),
            ("x-amz-date", "20200101T000000Z"),
            ("x-amz-security-token", "of the build"),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            ("range", "bytes=0-4"),
        ]),
        ..call("s3", "GetObject")
    };
    assert!(
        forwarder.allows(&call) && !forwarder.allows(&Call { operation: "PutObject".into(), ..call.clone() })
    );
    let answer = forwarder.forward(&call).unwrap();
    let got = aws.next();
    assert_eq!(got.signer, Ok(("AKIDEXAMPLE".to_owned(), "eu-west-1".to_owned())));
    assert_eq!(got.line, "GET /bucket/a%20b/c%2Bd%3De?versionId=7&x-id=GetObject HTTP/1.1");
    assert_eq!(got.headers["x-amz-security-token"], "t0ken");
    assert_eq!(got.headers["range"], "bytes=0-4");
    assert!(!format!("{:?}", got.headers).contains("AKIAFAKE"), "{:?}", got.headers);
    let Answer::Raw { status: 200, headers, body } = answer else { panic!("{answer:?}") };
    assert_eq!(body, Payload::Memory(b"hello".to_vec()));
    assert_eq!(
        headers,
        [("x-amz-request-id".into(), "r1".into()), ("content-type".into(), "text/plain".into())]
            as [(String, String); 2]
    );
}

#[test]
fn bodies_are_streamed_from_and_to_files() {
    let dir = tempfile::tempdir().unwrap();
    let long = vec![b'x'; 3 << 20];
    let aws =
        Aws::answering(vec![("200 OK", Vec::new()), ("200 OK", long.clone()), ("200 OK", b"12345".to_vec())]);
    let forwarder = forwarder(&with_keys(&aws.url), &["s3:PutObject", "read"], dir.path());
    let path = dir.path().join("body");
    std::fs::write(&path, &long).unwrap();
    let put = Call {
        method: "PUT".into(),
        target: "/bucket/long".into(),
        headers: headers(&[
            ("content-encoding", "aws-chunked"),
            ("transfer-encoding", "chunked"),
            ("content-type", "text/plain"),
            ("expect", "100-continue"),
        ]),
        body: Body::File { path, length: 3 << 20 },
        ..call("s3", "PutObject")
    };
    forwarder.forward(&put).unwrap();
    let got = aws.next();
    assert_eq!((got.signer.is_ok(), got.length), (true, 3 << 20), "{:?}", got.signer);
    assert!(!got.headers.contains_key("content-encoding") && !got.headers.contains_key("expect"));

    let answer =
        forwarder.forward(&Call { target: "/bucket/long".into(), ..call("s3", "GetObject") }).unwrap();
    let Answer::Raw { body: Payload::File { path, offset: 0, length }, .. } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!((length, std::fs::read(path).unwrap() == long), (3 << 20, true));
    aws.next();

    let head = Call { method: "HEAD".into(), target: "/bucket/long".into(), ..call("s3", "HeadObject") };
    let Answer::Raw { headers, body, .. } = forwarder.forward(&head).unwrap() else { panic!() };
    assert_eq!(body, Payload::Memory(Vec::new()));
    assert!(headers.contains(&("content-length".into(), "5".into())), "{headers:?}");
}

#[test]
fn an_error_of_aws_is_an_answer_and_silence_is_told_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let aws =
        Aws::answering(vec![("403 Forbidden\r\nx-amzn-errortype: AccessDeniedException", b"{}".to_vec())]);
    let forwarder = forwarder(&with_keys(&aws.url), &["lambda:Invoke"], dir.path());
    let invoke = Call {
        method: "POST".into(),
        target: "/2015-03-31/functions/arn%3Aaws%3Alambda/invocations".into(),
        body: Body::Memory(b"{\"a\":1}".to_vec()),
        ..call("lambda", "Invoke")
    };
    let answer = forwarder.forward(&invoke).unwrap();
    assert!(matches!(answer, Answer::Raw { status: 403, .. }), "{answer:?}");
    assert!(aws.next().signer.is_ok());
    let host = aws.ended();
    assert_eq!(forwarder.forward(&invoke).unwrap_err(), format!("nobody listens at {host}"));
}

#[test]
fn a_role_is_assumed_once_with_the_source_profiles_keys() {
    let dir = tempfile::tempdir().unwrap();
    let assumed = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
                   <SecretAccessKey>r0le/secret</SecretAccessKey><SessionToken>role+token</SessionToken>\
                   <Expiration>2026-11-25T11:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
    let aws =
        Aws::answering(vec![("200 OK", assumed.into()), ("200 OK", Vec::new()), ("200 OK", Vec::new())]);
    let config = format!(
        "[profile dev]\nrole_arn = arn:aws:iam::111122223333:role/deploy\nexternal_id = a b\nregion = eu-central-1\nsource_profile = base\n\
         endpoint_url = {}\n[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\n",
        aws.url
    );
    let forwarder = forwarder(&config, &["read"], dir.path());
    for _ in 0..2 {
        forwarder
            .forward(&Call { target: "/bucket?list-type=2".into(), ..call("s3", "ListObjectsV2") })
            .unwrap();
    }
    let first = aws.next();
    assert_eq!(first.signer, Ok(("AKIDEXAMPLE".to_owned(), "eu-central-1".to_owned())));
    for _ in 0..2 {
        let got = aws.next();
        assert_eq!(got.signer, Ok(("ASIAROLE".to_owned(), "eu-west-1".to_owned())));
        assert_eq!(got.headers["x-amz-security-token"], "role+token");
    }
}

#[test]
fn a_role_that_is_not_to_be_had_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let denied =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>";
    let aws = Aws::answering(vec![("403 Forbidden", denied.into())]);
    let config = format!(
        "[profile dev]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = dev\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\nendpoint_url = {}\n",
        aws.url
    );
    let error = forwarder(&config, &["read"], dir.path()).forward(&call("s3", "ListBuckets")).unwrap_err();
    assert_eq!(
        error,
        "the profile dev cannot assume arn:aws:iam::1:role/r: STS answers 403 AccessDenied: not you"
    );
}

#[test]
fn values_are_fetched_once_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let aws = Aws::answering(vec![
        ("200 OK", br#"{"Parameter":{"Name":"/a","Value":"v4lue"}}"#.to_vec()),
        ("200 OK", br#"{"SecretString":"{\"user\":\"app\"}"}"#.to_vec()),
        ("400 Bad Request", br#"{"__type":"com.amazonaws#ParameterNotFound","message":""}"#.to_vec()),
        ("200 OK", br#"{"SecretBinary":"AAAA"}"#.to_vec()),
    ]);
    let forwarder = forwarder(&with_keys(&aws.url), &[], dir.path());
    for _ in 0..2 {
        assert_eq!(forwarder.fetch(Store::Parameters, "/a", "us-east-1").as_deref(), Ok("v4lue"));
    }
    let got = aws.next();
    assert_eq!(got.headers["x-amz-target"], "AmazonSSM.GetParameter");
    assert_eq!(got.signer.unwrap().1, "us-east-1");
    let arn = "arn:aws:secretsmanager:eu-west-3:111122223333:secret:db-AbCdEf";
    assert_eq!(forwarder.fetch(Store::Secrets, arn, "us-east-1").as_deref(), Ok("{\"user\":\"app\"}"));
    let got = aws.next();
    assert_eq!(got.headers["x-amz-target"], "secretsmanager.GetSecretValue");
    assert_eq!(got.signer.unwrap().1, "eu-west-3");
    let error = forwarder.fetch(Store::Parameters, "/b", "us-east-1").unwrap_err();
    assert_eq!(
        error,
        "ssm:GetParameter with the profile dev in us-east-1 was answered 400 ParameterNotFound: "
    );
    let error = forwarder.fetch(Store::Secrets, "blob", "us-east-1").unwrap_err();
    assert!(error.contains("binary"), "{error}");
}

#[test]
fn nothing_shows_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    let forwarder = forwarder(&with_keys("http://127.0.0.1:1"), &["read"], dir.path());
    let shown = format!("{forwarder:?} {:?} {:?}", forwarder.profile, Keys::new("AKIDEXAMPLE", SECRET, None));
    for secret in ["AKIDEXAMPLE", SECRET, "t0ken"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(matches!(forwarder.profile.origin, Origin::Static(_)));
}
