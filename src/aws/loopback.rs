//! The endpoint of one execution, started when its first action needs it.
//!
//! Owns: what all actions of an execution share (the world, what was allowed, the folder of records), and opening a session
//! for one of them. Leaves to `endpoint` the serving.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::call::Forward;
use super::desk::Desk;
use super::endpoint::{Endpoint, Reach, Session, Tools};
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

    /// Opens a session for the action execution `run` on a listener of its own; a build is one of a CodeBuild project.
    pub fn open(&self, run: &str, project: Option<&str>, listener: TcpListener) -> Result<Session, Error> {
        let desk = Desk::open(self.world.clone(), self.forward.clone(), &self.record(run))?;
        let desk = match project {
            Some(name) => desk.of_project(name),
            None => desk,
        };
        let mut endpoint = self.endpoint.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = match &*endpoint {
            Some(running) => running.clone(),
            None => endpoint.insert(Endpoint::start()?).clone(),
        };
        endpoint.open(Arc::new(desk), listener, Reach::default(), self.tools.clone())
    }
}
