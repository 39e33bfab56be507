//! The endpoint of one execution, started when its first action needs it.
//!
//! Owns: what all actions of an execution share (the world, what was allowed, the folder of records), and opening a session
//! for one of them. Leaves to `endpoint` the serving.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::call::Forward;
use super::desk::Desk;
use super::endpoint::{Endpoint, Session, Tools};
use super::shims;
use super::world::World;
use crate::action::Error;

/// What stands in for AWS in one execution.
pub struct Loopback {
    world: Arc<World>,
    forward: Option<Arc<dyn Forward>>,
    tools: Tools,
    /// The folder of the execution's records.
    records: PathBuf,
    endpoint: Mutex<Option<Endpoint>>,
}

impl Loopback {
    /// Nothing runs yet.
    pub fn new(world: Arc<World>, forward: Option<Arc<dyn Forward>>, tools: Tools, records: PathBuf) -> Self {
        Self { world, forward, tools, records, endpoint: Mutex::default() }
    }

    /// The record of an action execution.
    fn record(&self, run: &str) -> PathBuf {
        self.records.join(run).with_extension("effects")
    }

    /// A folder for what an execution writes to AWS here.
    pub fn folder(&self) -> &Path {
        &self.world.folder
    }

    /// Opens a session for the action execution `run` on a listener of its own. `shims` is what the shims of its tools
    /// are answered from.
    pub fn open(&self, run: &str, listener: TcpListener, shims: shims::Tools) -> Result<Session, Error> {
        let desk = Desk::open(self.world.clone(), self.forward.clone(), &self.record(run))?.with_tools(shims);
        let mut endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = match &*endpoint {
            Some(running) => running.clone(),
            None => endpoint.insert(Endpoint::start()?).clone(),
        };
        endpoint.open(Arc::new(desk), listener, self.tools.clone())
    }
}
