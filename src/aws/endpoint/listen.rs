//! Connections, and what the requests on them are.
//!
//! Owns: taking connections and ending them, sending each request where it belongs, refusing those that are not of the
//! session. Leaves to `understand` and `say` what becomes of a call, to `proxy` what goes out.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::body::{self, Failure, Received};
use super::door::Caller;
use super::proxy::{self, Gate, relay};
use super::reply::{self, Outgoing, Reply};
use super::say;
use super::understand::{self, Head};
use super::{Patience, Tools, wire};
use crate::aws::call::{ApiError, Payload, Protocol};
use crate::aws::desk::Desk;
use crate::clock::{self, Timestamp};

/// The path that the stand-ins of tools report to.
const TOOLS_PATH: &str = "/-/shim";

/// The path at which clients find the keys of the build's role, as in the containers of CodeBuild.
pub(super) const CREDENTIALS_PATH: &str = "/-/credentials";

/// How long they are good for, in the words of clients: they ask again then.
const LIFE: Duration = Duration::from_secs(3600);

/// The longest report of a tool, in bytes.
const LONGEST_REPORT: usize = 16 * 1024 * 1024;

/// The longest head of a request, in bytes: more than AWS takes.
const LONGEST_HEAD: usize = 128 * 1024;

/// Connections at a time; more wait.
const CONNECTIONS: usize = 256;

/// How long nothing is taken after a connection could not be (no descriptors left).
pub(super) const BREATH: Duration = Duration::from_millis(50);

/// What the connections of a session share.
pub(super) struct Served {
    pub(super) desk: Arc<Desk>,
    pub(super) gate: Gate,
    pub(super) tools: Tools,
    pub(super) patience: Patience,
    /// Says, when its other end is gone, that the session is over.
    pub(super) stopped: watch::Receiver<()>,
}

/// Says that a session is still busy: it hangs up when all are gone.
pub(super) type Busy = mpsc::Sender<Infallible>;

/// Takes connections until the session is over.
pub(super) async fn accept(listener: TcpListener, served: Arc<Served>, busy: Busy) {
    let mut stopped = served.stopped.clone();
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    let take = async {
        loop {
            // The semaphore is never closed.
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (served, busy) = (Arc::clone(&served), busy.clone());
                    connections.spawn(async move {
                        connection(stream, served, busy).await;
                        drop(permit);
                    });
                }
                Err(_) => tokio::time::sleep(BREATH).await,
            }
            while connections.try_join_next().is_some() {}
        }
    };
    until(async { drop(stopped.changed().await) }, take).await;
    connections.shutdown().await;
}

/// Does `work` until it is done or `end` comes.
pub(super) async fn until(end: impl Future<Output = ()>, work: impl Future<Output = ()>) {
    let (mut end, mut work) = (pin!(end), pin!(work));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => end.as_mut().poll(context),
    })
    .await;
}

async fn connection(stream: TcpStream, served: Arc<Served>, busy: Busy) {
    // Small answers are not to wait for more.
    let _ = stream.set_nodelay(true);
    let patience = served.patience;
    let is_for_another = tokio::time::timeout(patience.head, relay::is_for_another(&stream));
    match is_for_another.await {
        Ok(true) => return relay::relay(stream, &served).await,
        Ok(false) => {}
        Err(_) => return,
    }
    let service = service_fn(move |request| {
        let (served, busy) = (Arc::clone(&served), busy.clone());
        async move { respond(request, served, busy).await }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(LONGEST_HEAD)
        // Who has said all may close that side and still wait for the answer.
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    // What a client breaks off is not worth a word.
    let _ = served.with_upgrades().await;
}

async fn respond(request: Request<Incoming>, served: Arc<Served>, busy: Busy) -> reply::Served {
    if request.method() == Method::CONNECT {
        return Ok(proxy::connect(request, &served).await);
    }
    let (parts, incoming) = request.into_parts();
    let head = head(&parts);
    let head_only = parts.method == Method::HEAD;
    let caller = Caller::of(&head);
    let is_ours = served.gate.reach.private || served.desk.knows(&caller.access_key);
    let reply = if parts.uri.path() == TOOLS_PATH && parts.method == Method::POST {
        if is_ours {
            return Ok(tools(incoming, &served).await);
        }
        stranger(&head, &caller)
    } else if parts.uri.path() == CREDENTIALS_PATH && parts.method == Method::GET {
        let token = head.header("authorization").unwrap_or_default();
        if token == served.desk.access_key() { credentials(&served.desk) } else { stranger(&head, &caller) }
    } else if is_ours {
        call(head, caller, incoming, served, busy).await
    } else {
        stranger(&head, &caller)
    };
    let closes = reply.status == 403 || reply.status == 400;
    let mut response = reply.send(head_only);
    if closes {
        // The rest of a body that was not read is not waited for.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// The keys of the build's role, as clients of containers read them.
fn credentials(desk: &Desk) -> Reply {
    let expires = desk.world.clock.now().checked_add(LIFE).unwrap_or(Timestamp::MAX);
    let body = serde_json::json!({
        "AccessKeyId": desk.access_key(),
        "SecretAccessKey": "made-up-by-rehearsal",
        "Token": "made-up-by-rehearsal",
        "Expiration": expires.to_string(),
    });
    Reply {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Payload::Memory(body.to_string().into_bytes()),
    }
}

fn head(parts: &Parts) -> Head {
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Head::new(parts.method.as_str(), target, headers.collect())
}

/// What whoever is not of the session is told, which says nothing about it.
fn stranger(head: &Head, caller: &Caller) -> Reply {
    let message =
        "This endpoint answers requests that are signed with the keys of the build it was started for.";
    let manner = head.manner(caller);
    let code = match manner.protocol {
        Protocol::RestXml if manner.service == "s3" => "InvalidAccessKeyId",
        Protocol::Ec2 => "AuthFailure",
        Protocol::Query | Protocol::RestXml => "InvalidClientTokenId",
        Protocol::Json { .. } | Protocol::RestJson | Protocol::Cbor => "UnrecognizedClientException",
    };
    wire::error(&manner, &clock::new_id(), &ApiError::new(code, message).with_status(403))
}

async fn call(mut head: Head, caller: Caller, incoming: Incoming, served: Arc<Served>, busy: Busy) -> Reply {
    let id = clock::new_id();
    let folder = served.desk.world.folder.join("incoming");
    let received = match body::receive(&head, incoming, &folder, served.patience.body).await {
        Ok(received) => received,
        Err(Failure::Told(error)) => return wire::error(&head.manner(&caller), &id, &error),
        Err(Failure::Gone) => return Reply::new(400, "text/plain", "the request broke off"),
    };
    let Received { body, file, trailers } = received;
    head.headers.extend(trailers);
    let manner = head.manner(&caller);
    let failed = id.clone();
    let answered = tokio::task::spawn_blocking(move || {
        let _busy = busy;
        // Removed when all is said.
        let _file = file;
        let desk = &served.desk;
        let meant = understand::understand(head, caller, body, &desk.world.region);
        say::say(&meant, desk, &id)
    });
    answered.await.unwrap_or_else(|_| {
        let error = ApiError::new("RehearsalBroken", "rehearsal broke while it answered; please report it");
        wire::error(&manner, &failed, &error)
    })
}

/// A tool's stand-in reports, and is told what to do.
async fn tools(incoming: Incoming, served: &Arc<Served>) -> hyper::Response<Outgoing> {
    let limited = Limited::new(incoming, LONGEST_REPORT).collect();
    match tokio::time::timeout(served.patience.body, limited).await {
        Ok(Ok(report)) => {
            let served = Arc::clone(served);
            let report = report.to_bytes();
            hyper::Response::new(Outgoing::written(move |output| {
                (served.tools)(&report, &served.desk, output)
            }))
        }
        Ok(Err(_)) | Err(_) => {
            Reply::new(400, "text/plain", "the report broke off or is too long").send(false)
        }
    }
}
