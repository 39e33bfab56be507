//! The endpoint of one execution, started when its first action needs it.
//!
//! Owns: what all actions of an execution share (the world, what was allowed, the folder of records), and opening a session
//! for one of them. Leaves to `endpoint` the serving.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::call::Forward;
use super::desk::Desk;
use super::endpoint::{Endpoint, Place, Reach, Registries, Session, Upstreams, WayOut, public};
use super::shims;
use super::world::World;
use crate::action::Error;

/// How builds reach the world outside of AWS.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Whether they reach it at all, where that can be held back.
    pub open: bool,
    /// The package registries of the user's own clients.
    pub registries: Registries,
    /// The user's own proxies.
    pub upstreams: Upstreams,
}

impl Outside {
    /// What the proxy lets through to commands on the host, or in a network of their own.
    fn reach(&self, on_host: bool) -> Reach {
        let way_out = match (on_host, self.open) {
            (true, _) => WayOut::Host,
            (false, true) => WayOut::Public {
                registries: self.registries.places.iter().cloned().chain(public()).collect(),
            },
            (false, false) => WayOut::Closed,
        };
        Reach { way_out, private: !on_host, upstreams: self.upstreams.clone() }
    }
}

/// Who a session is for.
pub struct Visit<'a> {
    /// The action execution: its record is kept under this name.
    pub run: &'a str,
    /// The CodeBuild project, of a build.
    pub project: Option<&'a str>,
    /// Whether its commands are in the network of this machine.
    pub on_host: bool,
    /// What the shims of its tools are answered from.
    pub shims: shims::Tools,
}

/// What stands in for AWS in one execution.
pub struct Loopback {
    world: Arc<World>,
    forward: Option<Arc<dyn Forward>>,
    outside: Outside,
    /// The folder of the execution's records.
    records: PathBuf,
    endpoint: Mutex<Option<Endpoint>>,
}

impl Loopback {
    /// Nothing runs yet.
    pub fn new(
        world: Arc<World>,
        forward: Option<Arc<dyn Forward>>,
        outside: Outside,
        records: PathBuf,
    ) -> Self {
        Self { world, forward, outside, records, endpoint: Mutex::default() }
    }

    /// The record of an action execution.
    fn record(&self, run: &str) -> PathBuf {
        self.records.join(run).with_extension("effects")
    }

    /// The package registries of the user's own clients.
    pub fn registries(&self) -> &Registries {
        &self.outside.registries
    }

    /// Those of them that are on the loopback address of this machine, where builds in a network of their own may reach them.
    pub fn local_registries(&self) -> impl Iterator<Item = Place> {
        let open = self.outside.open.then_some(&self.outside.registries.places);
        let ports = open.into_iter().flatten().filter(|place| place.is_loopback());
        // `localhost` and `127.0.0.1` may both be named.
        ports.map(|place| (place.port, place.clone())).collect::<BTreeMap<_, _>>().into_values()
    }

    /// A folder for what an execution writes to AWS here.
    pub fn folder(&self) -> &Path {
        &self.world.folder
    }

    /// Opens a session on a listener of its own.
    pub fn open(&self, visit: Visit<'_>, listener: TcpListener) -> Result<Session, Error> {
        let Visit { run, project, on_host, shims } = visit;
        let desk = Desk::open(self.world.clone(), self.forward.clone(), &self.record(run))?.with_tools(shims);
        let desk = match project {
            Some(name) => desk.of_project(name),
            None => desk,
        };
        let mut endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = match &*endpoint {
            Some(running) => running.clone(),
            None => endpoint.insert(Endpoint::start()?).clone(),
        };
        endpoint.open(Arc::new(desk), listener, self.outside.reach(on_host), Arc::new(shims::respond))
    }
}
