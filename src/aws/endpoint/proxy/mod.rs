//! The way out of a build: a proxy that lets through what is not AWS.
//!
//! Owns: asking who wants to go where, the answer in words, the record of it, tunnels (CONNECT). Leaves to `hosts` which
//! names and addresses are which, to `own` which are this machine's, to `lead` places that are reached without asking the proxy, to `dial` connecting, to `relay` plain HTTP, to `framing` where its bodies end.
//!
//! A connection goes to the very address that was checked, so a name that means another address the second time it is
//! asked for gains nothing.

mod dial;
mod framing;
mod hosts;
mod lead;
mod own;
mod reach;
pub(super) mod relay;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::{Bytes, Incoming};
use hyper::ext::ReasonPhrase;
use hyper::header::{CONTENT_TYPE, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

pub(super) use lead::lead;
pub use reach::{Place, Reach, Upstream, Upstreams, WayOut};

use super::door;
use super::listen::{self, Served};
use super::reply::Outgoing;
use crate::aws::desk::Desk;
use crate::aws::effect::{Handling, Subject};

/// Tunnels at a time.
const TUNNELS: usize = 256;

/// How clients are asked for a name.
const CHALLENGE: &str = "Basic realm=\"rehearsal\"";

/// What a session keeps of its way out.
pub(super) struct Gate {
    pub(super) reach: Reach,
    /// Where connections were let through to, each recorded once.
    known: Mutex<BTreeSet<Place>>,
    tunnels: Arc<Semaphore>,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It is not to be: one line, and what to do about it.
    Refused { reason: String, help: String },
    /// It did not come about, as may happen to any connection.
    Failed(String),
}

/// A refusal or failure as a response: status, reason phrase and text.
struct Told {
    status: u16,
    phrase: String,
    text: String,
}

impl Gate {
    pub(super) fn new(reach: Reach) -> Self {
        Self { reach, known: Mutex::default(), tunnels: Arc::new(Semaphore::new(TUNNELS)) }
    }

    /// Whether a request to the proxy is of the session.
    fn admits(&self, desk: &Desk, authorization: Option<&str>) -> bool {
        self.reach.private || authorization.and_then(door::proxy_user).is_some_and(|user| desk.knows(&user))
    }

    /// Connects to a place if that is let through, and records either.
    async fn connect(&self, desk: &Desk, place: &Place, tunnel: bool) -> Result<TcpStream, Trouble> {
        let connected = dial::dial(&self.reach, place, tunnel).await;
        let Place { host, port } = place.clone();
        let subject = Subject::Connection { host, port };
        match &connected {
            Ok(_) => {
                let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.insert(place.clone()) {
                    desk.record(subject, Handling::Real, None);
                }
            }
            Err(Trouble::Refused { .. }) if hosts::is_news(&place.host) => {}
            Err(Trouble::Refused { reason, help }) => {
                desk.record(subject, Handling::Refused { reason: reason.clone() }, None);
                // Of a refused tunnel most clients show the status and nothing else.
                desk.hint(format!("a connection was refused: {reason}. {help}"));
            }
            // Nobody kept it from happening.
            Err(Trouble::Failed(_)) => {}
        }
        connected
    }
}

impl Told {
    /// What whoever shows no name is told: clients that have one show it then.
    fn unknown() -> Self {
        let text = "This proxy serves the build it was started for.";
        Self { status: 407, phrase: "Proxy Authentication Required".to_owned(), text: text.to_owned() }
    }

    fn bad() -> Self {
        let text = "The proxy takes CONNECT host:port, and requests for http://host/ that say the length of their body in one way.\n";
        Self { status: 400, phrase: "Bad Request".to_owned(), text: text.to_owned() }
    }

    fn busy() -> Self {
        let text = format!("This build has {TUNNELS} connections open; no more are let through.");
        Self { status: 503, phrase: "Too many connections".to_owned(), text }
    }

    /// Many clients show the phrase and not the text.
    fn of(trouble: &Trouble) -> Self {
        match trouble {
            Trouble::Refused { reason, help } => Self {
                status: 403,
                phrase: format!("Refused by rehearsal: {reason}"),
                text: format!("rehearsal refused this connection: {reason}.\n{help}\n"),
            },
            Trouble::Failed(why) => {
                Self { status: 502, phrase: format!("Bad Gateway: {why}"), text: format!("{why}\n") }
            }
        }
    }

    fn response(self) -> Response<Outgoing> {
        let mut response = Response::new(Outgoing::Whole(self.text.into()));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        if let Ok(phrase) = ReasonPhrase::try_from(printable(&self.phrase).into_bytes()) {
            response.extensions_mut().insert(phrase);
        }
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if self.status == 407 {
            headers.insert(PROXY_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
        }
        response
    }

    /// The same written by hand, for connections that hyper does not serve.
    fn raw(&self) -> Vec<u8> {
        let Self { status, phrase, text } = self;
        let challenge =
            if *status == 407 { format!("Proxy-Authenticate: {CHALLENGE}\r\n") } else { String::new() };
        format!(
            "HTTP/1.1 {status} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{challenge}\
             Connection: close\r\n\r\n{text}",
            printable(phrase),
            text.len()
        )
        .into_bytes()
    }
}

/// Answers a CONNECT.
pub(super) async fn connect(request: Request<Incoming>, served: &Arc<Served>) -> Response<Outgoing> {
    let gate = &served.gate;
    let authorization = request.headers().get(PROXY_AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !gate.admits(&served.desk, authorization) {
        return Told::unknown().response();
    }
    let place = request.uri().authority().and_then(|authority| Place::parse(authority.as_str(), None));
    let Some(place) = place else { return Told::bad().response() };
    let Ok(permit) = Arc::clone(&gate.tunnels).try_acquire_owned() else { return Told::busy().response() };
    let mut outside = match gate.connect(&served.desk, &place, true).await {
        Ok(outside) => outside,
        Err(trouble) => return Told::of(&trouble).response(),
    };
    let mut stopped = served.stopped.clone();
    tokio::spawn(async move {
        let tunnel = async {
            // Whoever breaks off ends the tunnel.
            if let Ok(inside) = hyper::upgrade::on(request).await {
                let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(inside), &mut outside).await;
            }
        };
        listen::until(async { drop(stopped.changed().await) }, tunnel).await;
        drop(permit);
    });
    Response::new(Outgoing::Whole(Bytes::new()))
}

/// A text for the first line of a response.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).take(400).collect()
}
