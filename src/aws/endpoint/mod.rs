//! The server on loopback that AWS clients of a build are pointed at.
//!
//! Owns: its threads, its sessions (one listener each), what commands are told of it. Leaves to each file one step:
//!
//! | file | owns |
//! | --- | --- |
//! | `listen` | connections, and what each request on them is: a call, a tool that reports, something for the proxy |
//! | `door` | whether a request belongs to the session |
//! | `body` | receiving bodies, long ones in files; `chunked` and `gzip` undo their framing |
//! | `understand` | request to [`Call`](super::Call): which service, which operation, which parameters |
//! | `say` | what is said to a call, and what is recorded of it |
//! | `wire` | one file per protocol: parameters from bytes, answers to bytes |
//! | `proxy` | the way out: which hosts are let through |
//! | `registries` | the package registries that the user's own clients are configured for |
//!
//! Everything here is asynchronous on one thread; what is said to a call is worked out on threads that may block.

mod body;
mod chunked;
mod door;
mod gzip;
mod listen;
mod proxy;
mod region;
mod registries;
mod reply;
mod say;
mod tokens;
mod understand;
mod wire;

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio::sync::{oneshot, watch};

pub use proxy::{Place, Reach, Upstream, Upstreams, WayOut};
pub(in crate::aws) use registries::public;
pub use registries::{Registries, registries};
pub(in crate::aws) use understand::name_of as call_prefix;

use self::proxy::{Gate, relay};
use super::desk::Desk;
use crate::action::Error;
use crate::clock;

/// Answers what the stand-ins of tools ask for: the body of their request, and where the answer goes, piece by piece.
pub type Tools = Arc<dyn Fn(&[u8], &Desk, &mut dyn Write) -> io::Result<()> + Send + Sync>;

/// How long [`Session::close`] waits for calls that are still being answered.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// The threads that serve the sessions of one execution. Clones are the same server; with the last of them and the last
/// session it ends.
#[derive(Clone)]
pub struct Endpoint(Arc<Server>);

struct Server {
    handle: Handle,
    /// Dropped, it ends the thread.
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// How long clients are waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the head of a request.
    head: Duration,
    /// For the next piece of a body.
    body: Duration,
}

impl Patience {
    /// As AWS's own servers: S3 gives up on a silent upload after some twenty seconds. Pipes into `aws s3 cp -` may take
    /// longer to begin, so it is more here.
    const USUAL: Self = Self { head: Duration::from_secs(20), body: Duration::from_secs(60) };
}

/// One session: a listener, and the desk whose record its calls go to. Dropping it ends the listener and its
/// connections.
pub struct Session {
    desk: Arc<Desk>,
    served: Arc<listen::Served>,
    port: u16,
    secret: String,
    stop: watch::Sender<()>,
    /// Hangs up when the last connection and the last call are done.
    done: Mutex<mpsc::Receiver<Infallible>>,
    endpoint: Endpoint,
}

impl Endpoint {
    /// Starts the server. It listens nowhere yet.
    pub fn start() -> Result<Self, Error> {
        let attempt = || {
            let runtime =
                runtime::Builder::new_current_thread().enable_all().max_blocking_threads(64).build()?;
            let handle = runtime.handle().clone();
            let (stop, stopped) = oneshot::channel();
            let thread = thread::Builder::new().name("aws-endpoint".into()).spawn(move || {
                // An error says that the sender is gone, which is what is waited for.
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })?;
            Ok(Self(Arc::new(Server { handle, stop: Some(stop), thread: Some(thread) })))
        };
        attempt().map_err(Error::during("start the loopback endpoint"))
    }

    /// Serves a session on `listener`, which may belong to another network namespace. Connections are taken from now on.
    pub fn open(
        &self,
        desk: Arc<Desk>,
        listener: std::net::TcpListener,
        reach: Reach,
        tools: Tools,
    ) -> Result<Session, Error> {
        self.open_with(desk, listener, reach, tools, Patience::USUAL)
    }

    fn open_with(
        &self,
        desk: Arc<Desk>,
        listener: std::net::TcpListener,
        reach: Reach,
        tools: Tools,
        patience: Patience,
    ) -> Result<Session, Error> {
        let attempt = || {
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();
            let _inside = self.0.handle.enter();
            Ok((tokio::net::TcpListener::from_std(listener)?, port))
        };
        let (listener, port) = attempt().map_err(Error::during("listen on the loopback endpoint"))?;
        let (stop, stopped) = watch::channel(());
        let (busy, done) = mpsc::channel();
        let gate = Gate::new(reach);
        let served = Arc::new(listen::Served { desk: Arc::clone(&desk), gate, tools, patience, stopped });
        self.0.handle.spawn(listen::accept(listener, Arc::clone(&served), busy));
        // Nobody checks a signature made with it.
        let secret = clock::new_id().replace('-', "") + "rehearsal";
        Ok(Session { desk, served, port, secret, stop, done: Mutex::new(done), endpoint: self.clone() })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // An error is a panic of that thread, which was reported when it happened.
            let _ = thread.join();
        }
    }
}

impl Session {
    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The desk whose record its calls go to.
    pub fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }

    /// Leads connections on `listener`, which is in the build's network, to a place outside that the way out lets through.
    pub fn lead(&self, listener: std::net::TcpListener, place: Place) -> Result<(), Error> {
        let attempt = || {
            listener.set_nonblocking(true)?;
            let _inside = self.endpoint.0.handle.enter();
            tokio::net::TcpListener::from_std(listener)
        };
        let listener = attempt().map_err(Error::during("listen for a package registry"))?;
        self.endpoint.0.handle.spawn(proxy::lead(listener, place, Arc::clone(&self.served)));
        Ok(())
    }

    /// What commands find in their environment, in place of what is there.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        let url = format!("http://127.0.0.1:{}", self.port);
        let control = format!("http://{}:{}", relay::OWN_HOST, self.port);
        let proxy = format!("http://{}:x@127.0.0.1:{}", self.desk.access_key(), self.port);
        let direct = "127.0.0.1,localhost";
        [
            ("AWS_ACCESS_KEY_ID", self.desk.access_key()),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
            ("AWS_ENDPOINT_URL", &url),
            // Where a build finds the keys of its role when it has given up those of its environment.
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{url}{}", listen::CREDENTIALS_PATH)),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN", self.desk.access_key()),
            // `api.` before 127.0.0.1 would be no host at all.
            ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true"),
            // S3 Control puts the account there all the same: through the proxy any host leads here.
            ("AWS_ENDPOINT_URL_S3_CONTROL", &control),
            // Nothing here gets better by asking again, but a refused connection may.
            ("AWS_RETRY_MODE", "standard"),
            ("AWS_MAX_ATTEMPTS", "2"),
            ("HTTPS_PROXY", &proxy),
            ("https_proxy", &proxy),
            ("HTTP_PROXY", &proxy),
            ("http_proxy", &proxy),
            ("NO_PROXY", direct),
            ("no_proxy", direct),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .into()
    }

    /// Ends the listener and its connections, and waits (five seconds at most) until what was being answered is in the
    /// record.
    pub fn close(self) {
        let Self { stop, done, .. } = self;
        drop(stop);
        // It hangs up in the end; what takes longer than this is left to itself.
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let _ = done.recv_timeout(LAST_WORDS);
    }
}

#[cfg(test)]
mod tests;
