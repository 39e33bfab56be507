//! The loopback endpoint: how soon it listens, how many calls a second it answers and records, how fast an upload goes
//! to disk and how much memory that takes.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up has nothing to measure")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use divan::counter::{BytesCount, ItemsCount};
use rehearsal::aws::{AnswerFile, Desk, Endpoint, Reach, Session, World};
use rehearsal::clock::SystemClock;
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// A session, with the folder that it keeps things in.
fn session(endpoint: &Endpoint) -> (TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("aws");
    let mut world = World::new("111122223333", "us-east-1", inside.clone(), inside, Arc::new(SystemClock));
    let identity =
        r#"{"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/a", "UserId": "AIDA"}"#;
    world.answers.insert("sts:GetCallerIdentity".into(), Ok(AnswerFile::Output(identity.into())));
    let desk = Desk::open(Arc::new(world), None, &folder.path().join("effects")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tools = Arc::new(|_: &[u8], _: &Desk, _: &mut dyn Write| Ok(()));
    let session = endpoint.open(Arc::new(desk), listener, Reach::default(), tools).unwrap();
    (folder, session)
}

/// A request, signed for the service.
fn request(session: &Session, line: &str, service: &str, headers: &str, length: usize) -> String {
    format!(
        "{line} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{headers}Authorization: AWS4-HMAC-SHA256 Credential={}/20261125/us-east-1/\
         {service}/aws4_request, SignedHeaders=host, Signature=00\r\nContent-Length: {length}\r\n\r\n",
        session.port(),
        session.desk().access_key()
    )
}

/// Reads one answer to its end; its status line.
fn read_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the connection was closed");
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
            return head.lines().next().unwrap_or_default().to_owned();
        }
    }
}

#[divan::bench]
fn from_start_to_listening(bencher: divan::Bencher<'_, '_>) {
    bencher.with_inputs(|| ()).bench_local_values(|()| {
        let endpoint = Endpoint::start().unwrap();
        let started = session(&endpoint);
        (endpoint, started)
    });
}

const CONNECTIONS: usize = 8;
const CALLS: usize = 500;

/// `GetCallerIdentity` on eight connections that stay open, each call in the record; the client shares the processors.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn calls(bencher: divan::Bencher<'_, '_>) {
    let endpoint = Endpoint::start().unwrap();
    let (folder, session) = session(&endpoint);
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let text = request(&session, "POST /", "sts", form, body.len()) + body;
    let (port, text) = (session.port(), &text);
    let mut rounds = 0;
    bencher.counter(ItemsCount::new(CONNECTIONS * CALLS)).bench_local(|| {
        rounds += 1;
        std::thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(move || {
                    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
                    stream.set_nodelay(true).unwrap();
                    for _ in 0..CALLS {
                        stream.write_all(text.as_bytes()).unwrap();
                        assert_eq!(read_answer(&mut stream), "HTTP/1.1 200 OK");
                    }
                });
            }
        });
    });
    let record = std::fs::read_to_string(folder.path().join("effects")).unwrap();
    assert_eq!(record.lines().count(), rounds * CONNECTIONS * CALLS);
}

/// An upload of 1 GB, and the most memory that this process, the client among it, ever had.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn upload_of_1_gb(bencher: divan::Bencher<'_, '_>) {
    const BYTES: usize = 1_000_000_000;
    let endpoint = Endpoint::start().unwrap();
    let (_folder, session) = session(&endpoint);
    let head = request(&session, "PUT /site/big", "s3", "", BYTES);
    let piece = vec![7; 1_000_000];
    bencher.counter(BytesCount::new(BYTES)).bench_local(|| {
        let mut stream = TcpStream::connect(("127.0.0.1", session.port())).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        for _ in 0..BYTES / piece.len() {
            stream.write_all(&piece).unwrap();
        }
        assert_eq!(read_answer(&mut stream), "HTTP/1.1 200 OK");
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < 100_000, "{peak} kB of memory at most");
}
