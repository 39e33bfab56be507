//! Requests as clients send them, on loopback, through a client of a few lines.
//!
//! `requests.txt` holds requests of boto3 1.44.8, of the AWS CLI 1.46.3 and of the SDK for JavaScript 3.1175.0 as they were on
//! the wire, without headers that say nothing; KEY stands for the access key id.

mod hostile;
mod out;
mod said;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::aws::call::{Answer, Body, Call, Forward};
use crate::aws::effect::{self, Effect, Subject};
use crate::aws::world::{AnswerFile, World};
use crate::clock::{ManualClock, Timestamp};

/// A session with its folder.
struct Ground {
    folder: TempDir,
    session: Session,
}

/// What a session is made with.
#[derive(Default)]
struct Given {
    answers: Vec<(&'static str, &'static str)>,
    forward: Option<Arc<dyn Forward>>,
    reach: Reach,
    patience: Option<Patience>,
}

impl Ground {
    fn new(given: Given) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
        let inside = folder.path().join("aws");
        let mut world = World::new("111122223333", "us-east-1", inside.clone(), inside, clock);
        for (name, text) in given.answers {
            world.answers.insert(name.to_owned(), Ok(AnswerFile::Output(text.to_owned())));
        }
        let desk = Desk::open(Arc::new(world), given.forward, &folder.path().join("effects")).unwrap();
        let tools: Tools = Arc::new(|report, _, output| {
            for word in report.split(|byte| *byte == b' ') {
                output.write_all(word)?;
                output.write_all(b"\n")?;
            }
            Ok(())
        });
        let endpoint = Endpoint::start().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let patience = given.patience.unwrap_or(Patience::USUAL);
        let session = endpoint.open_with(Arc::new(desk), listener, given.reach, tools, patience).unwrap();
        Self { folder, session }
    }

    fn key(&self) -> &str {
        self.session.desk().access_key()
    }

    /// A new connection, which a test does not wait for longer than ten seconds.
    fn connect(&self) -> TcpStream {
        connect(self.session.port())
    }

    /// Sends bytes on a connection of their own and takes what comes until it closes.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // The server may have answered and closed before all was sent.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        answer(stream)
    }

    /// Sends a request as `requests.txt` has it, with its length and the key; the answer without what differs each time.
    fn ask(&self, request: &str) -> String {
        self.raw(&self.written(request))
    }

    fn written(&self, request: &str) -> Vec<u8> {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let mut text = head.trim().replace("KEY", self.key()).replace('\n', "\r\n");
        if !head.contains("Content-Length") {
            text.extend(["\r\nContent-Length: ", &body.len().to_string()]);
        }
        text.push_str("\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
        text.push_str(body);
        text.into_bytes()
    }

    fn effects(&self) -> Vec<Effect> {
        effect::read(&self.folder.path().join("effects")).unwrap()
    }

    /// The record in lines: what, what became of it, with what.
    fn record(&self) -> String {
        let lines = self.effects().into_iter().map(|effect| {
            let handling = serde_json::to_value(&effect.handling).unwrap();
            let outcome = handling["outcome"].as_str().unwrap().to_owned();
            match effect.subject {
                Subject::Call { service, operation, region, parameters, .. } => {
                    format!("{outcome} {service}:{operation} {region} {parameters}\n")
                }
                Subject::Tool { argv } => format!("{outcome} {argv:?}\n"),
                Subject::Connection { host, port } => {
                    format!("{outcome} {host}:{port} {}\n", handling["reason"].as_str().unwrap_or_default())
                }
            }
        });
        lines.collect()
    }
}

fn connect(port: u16) -> TcpStream {
    connect_to("127.0.0.1", port)
}

fn connect_to(address: &str, port: u16) -> TcpStream {
    let stream = TcpStream::connect((address, port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// What comes until the other side closes, without dates and identifiers.
fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "no answer in ten seconds");
    }
    let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
    let id = regex::Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").unwrap();
    let text = id.replace_all(&text, "ID").into_owned();
    let lines = text.lines().filter(|line| !line.starts_with("date: "));
    lines.collect::<Vec<_>>().join("\n")
}

/// Allows everything, and keeps what it was asked for.
struct Witness {
    seen: Mutex<Vec<(Call, Vec<u8>)>>,
    answer: Result<Answer, String>,
    profile: String,
    /// Whether it takes only reads.
    reads: bool,
}

impl Witness {
    fn new(answer: Result<Answer, String>) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), answer, profile: "me".to_owned(), reads: false })
    }

    fn of_reads(answer: Result<Answer, String>) -> Arc<Self> {
        Arc::new(Self { seen: Mutex::default(), answer, profile: "me".to_owned(), reads: true })
    }

    fn last(&self) -> (Call, Vec<u8>) {
        self.seen.lock().unwrap().last().unwrap().clone()
    }
}

impl Forward for Witness {
    fn allows(&self, call: &Call) -> bool {
        call.read || !self.reads
    }

    fn forward(&self, call: &Call) -> Result<Answer, String> {
        let body = match &call.body {
            Body::Memory(bytes) => bytes.clone(),
            Body::File { path, length } => {
                let bytes = std::fs::read(path).unwrap();
                assert_eq!(bytes.len() as u64, *length);
                bytes
            }
        };
        self.seen.lock().unwrap().push((call.clone(), body));
        self.answer.clone()
    }

    fn profile(&self) -> &str {
        &self.profile
    }
}

#[test]
fn recorded_requests_are_understood_and_answered_in_their_protocol() {
    let ground = Ground::new(Given {
        answers: vec![
            (
                "sts:GetCallerIdentity",
                r#"{"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/a&b"}"#,
            ),
            ("ecr:DescribeRepositories", r#"{"repositories": [{"createdAt": {"$timestamp": 1.5}}]}"#),
            (
                "cloudfront:CreateInvalidation",
                r#"{"Location": "https://x/1", "Invalidation": {"Id": "I1", "CreateTime": {"$timestamp": 0}}}"#,
            ),
            ("ec2:DescribeVpcs", r#"{"Vpcs": [{"VpcId": "vpc-1", "IsDefault": true, "Tags": []}]}"#),
            (
                "elasticloadbalancing:DescribeLoadBalancers",
                r#"{"LoadBalancers": [{"Type": "network"}], "Policies": ["a"]}"#,
            ),
        ],
        ..Given::default()
    });
    let requests = include_str!("requests.txt");
    let mut story = String::new();
    for request in requests.split("\n%%\n") {
        let line = request.lines().next().unwrap();
        let target = request.lines().find(|line| line.starts_with("X-Amz-Target")).unwrap_or_default();
        story.extend(["### ", line, " ", target, "\n", &ground.ask(request), "\n\n"]);
    }
    insta::assert_snapshot!(story);
    let record = ground.record();
    assert!(!record.contains("s3cr3t"), "{record}");
    insta::assert_snapshot!(record);
}

#[test]
fn cbor_goes_in_and_out() {
    let ground = Ground::new(Given {
        answers: vec![(
            "cloudwatch:ListMetrics",
            r#"{"Metrics": [{"At": {"$timestamp": 1.5}, "Blob": {"$blob": "aGk="}, "N": [1, -1, 1.5, true, null]}]}"#,
        )],
        ..Given::default()
    });
    let mut body = Vec::new();
    let text = |text: &str| ciborium::Value::Text(text.to_owned());
    let input = ciborium::Value::Map(vec![
        (text("Namespace"), text("N")),
        (text("Blob"), ciborium::Value::Bytes(b"hi".to_vec())),
        (text("At"), ciborium::Value::Tag(1, Box::new(ciborium::Value::Float(2.5)))),
    ]);
    ciborium::into_writer(&input, &mut body).unwrap();
    let ask = |operation: &str| {
        let mut request = format!(
            "POST /service/GraniteServiceVersion20100801/operation/{operation} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             smithy-protocol: rpc-v2-cbor\r\nAuthorization: AWS4-HMAC-SHA256 Credential={}/20261125/eu-west-1/monitoring/\
             aws4_request, SignedHeaders=host, Signature=0\r\nContent-Length: {}\r\n\r\n",
            ground.key(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        let mut stream = ground.connect();
        stream.write_all(&request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        assert!(head.contains("smithy-protocol: rpc-v2-cbor"), "{head}");
        (head, ciborium::from_reader::<ciborium::Value, _>(&answer[end + 4..]).unwrap())
    };
    let (head, value) = ask("ListMetrics");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    insta::assert_debug_snapshot!(value);
    let (head, value) = ask("DescribeAlarms");
    assert!(
        head.starts_with("HTTP/1.1 400 ") && head.contains("x-amzn-query-error: RehearsalUnanswered;Sender"),
        "{head}"
    );
    assert!(format!("{value:?}").contains("--allow cloudwatch:DescribeAlarms"), "{value:?}");
    let (head, value) = ask("PutDashboard");
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert_eq!(value, ciborium::Value::Map(Vec::new()));
    insta::assert_snapshot!(ground.record());
}

#[test]
fn commands_are_told_where_the_session_is() {
    let ground = Ground::new(Given::default());
    let told: std::collections::BTreeMap<_, _> = ground.session.environment().into_iter().collect();
    let told = |name: &str| told[std::ffi::OsStr::new(name)].to_str().unwrap().to_owned();
    let port = ground.session.port();
    assert_eq!(told("AWS_ENDPOINT_URL"), format!("http://127.0.0.1:{port}"));
    assert_eq!(told("AWS_ACCESS_KEY_ID"), ground.key());
    assert_eq!(told("https_proxy"), format!("http://{}:x@127.0.0.1:{port}", ground.key()));
    assert_eq!(told("NO_PROXY"), "127.0.0.1,localhost");
    assert_eq!(told("AWS_DISABLE_HOST_PREFIX_INJECTION"), "true");
    assert_ne!(told("AWS_SECRET_ACCESS_KEY"), "");
}

#[test]
fn tools_report_and_read_the_answer_as_it_comes() {
    let ground = Ground::new(Given::default());
    let report = "POST /-/shim HTTP/1.1\nAuthorization: Bearer KEY\n\ndocker push web";
    let answer = ground.ask(report);
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\n") && answer.contains("transfer-encoding: chunked"),
        "{answer}"
    );
    assert!(answer.contains("docker") && answer.contains("push") && answer.ends_with("0\n"), "{answer}");
    let stranger = ground.ask(&report.replace("KEY", "AKIAIOSFODNN7EXAMPLE"));
    assert!(stranger.starts_with("HTTP/1.1 403 ") && !stranger.contains(ground.key()), "{stranger}");
}

#[test]
fn a_session_ends_with_its_connections_and_others_go_on() {
    let first = Ground::new(Given::default());
    let endpoint = Endpoint::start().unwrap();
    // An address of its own: on the usual one another test may get the port that becomes free.
    let own = "127.0.0.2";
    let connect = |port| connect_to(own, port);
    let open = || {
        let listener = TcpListener::bind((own, 0)).unwrap();
        let tools: Tools = Arc::new(|_, _, _| Ok(()));
        endpoint.open(Arc::clone(first.session.desk()), listener, Reach::default(), tools).unwrap()
    };
    let (one, other) = (open(), open());
    let port = one.port();
    let idle = connect(port);
    let mut asking = connect(port);
    asking.write_all(b"POST / HTTP/1.1\r\nHost: a\r\n").unwrap();
    let busy = connect(other.port());
    one.close();
    assert_eq!(answer(idle), "");
    assert_eq!(answer(asking), "");
    // Its listener goes with the task that held it.
    let ceiling = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect((own, port)).is_ok() {
        assert!(Instant::now() < ceiling, "it still listens");
        thread::yield_now();
    }
    let mut busy = busy;
    busy.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    assert!(answer(busy).starts_with("HTTP/1.1 403 "));
    drop(endpoint);
    assert!(TcpStream::connect((own, other.port())).is_ok(), "a session keeps its endpoint");
}
