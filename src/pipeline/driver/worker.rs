//! One action execution, on a thread of its own.
//!
//! Owns: the action's workspace, its log, its artifacts on the way in and out, and telling the driver how it went.
//! Leaves to the provider: everything that happens in between.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::action::{
    self, Cancel, Failure, InputArtifact, Job, Outcome, OutputArtifact, Progress, Provider, Sink, Status,
    StopReason, Stream,
};
use crate::clock::Timestamp;
use crate::pipeline::engine::{ActionResult, ActionStatus, Artifact, Execution, Reason, Resolved};
use crate::spec::pipeline::Action;
use crate::store::{Digest, LogWriter, Store, Workspace};

use super::Message;

/// What a worker needs to perform an action execution.
pub(super) struct Task {
    /// The job, but for its inputs and its workspace.
    pub(super) job: Job,
    pub(super) inputs: Vec<Artifact>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) cancel: Cancel,
    pub(super) store: Store,
    /// Where workspaces are made.
    pub(super) work: PathBuf,
}

/// The job of an action execution; its inputs and its workspace are missing yet.
pub(super) fn job(
    execution: &Execution,
    stage: &str,
    action: &Action,
    run: &str,
    resolved: &Resolved,
) -> Job {
    let outputs = action.output_artifacts.iter();
    Job {
        pipeline: execution.definition.name.clone(),
        execution: execution.id.clone(),
        stage: stage.into(),
        action: action.name.clone(),
        action_execution: run.into(),
        provider: action.provider.clone(),
        configuration: resolved.configuration.clone(),
        commands: resolved.commands.clone(),
        environment_variables: resolved.environment_variables.clone(),
        output_variables: action.output_variables.clone(),
        inputs: Vec::new(),
        outputs: outputs.map(|o| OutputArtifact { name: o.name.clone(), files: o.files.clone() }).collect(),
        workspace: PathBuf::new(),
        revision: resolved.revision.clone(),
    }
}

/// Performs the task to its end and tells the driver. Never returns without doing so, even by panic.
pub(super) fn work(task: Task, sender: Sender<Message>) {
    // Outlives the report: nobody has to wait until a large folder is gone.
    let mut workspace = None;
    let mut report = Report { sender, action_execution: task.job.action_execution.clone(), result: None };
    report.result = Some(perform(task, &mut workspace, &report.sender));
}

struct Report {
    sender: Sender<Message>,
    action_execution: String,
    result: Option<Result<ActionResult, action::Error>>,
}

impl Drop for Report {
    fn drop(&mut self) {
        let result = self.result.take().unwrap_or_else(|| {
            Err(action::Error {
                attempted: "cannot perform the action".into(),
                source: io::Error::other("its thread panicked"),
            })
        });
        let action_execution = std::mem::take(&mut self.action_execution);
        // A driver that has gone needs no report.
        let _ = self.sender.send(Message::Ended { action_execution, result: Box::new(result) });
    }
}

fn perform(
    mut task: Task,
    workspace: &mut Option<Workspace>,
    sender: &Sender<Message>,
) -> Result<ActionResult, action::Error> {
    let job = &mut task.job;
    match inputs(&task.store, &task.inputs) {
        Ok(inputs) => job.inputs = inputs,
        Err(name) => {
            return Ok(failed(NOT_PERFORMED, format!("input artifact `{name}` is not kept any more")));
        }
    }
    let folder = workspace.insert(Workspace::create(&task.work, &job.action_execution)?);
    folder.path().clone_into(&mut job.workspace);
    let mut recorder = Recorder::new(&task.store, job, &task.cancel, sender.clone())?;
    let outcome = task.provider.perform(job, &mut recorder, &task.cancel)?;
    recorder.finish()?;
    let mut artifacts = Vec::new();
    for (name, archive) in &outcome.artifacts {
        let digest = task.store.keep_artifact(&job.execution, archive)?;
        artifacts.push(Artifact { name: name.clone(), digest: digest.into() });
    }
    Ok(result(outcome, artifacts, task.cancel.reason()))
}

/// Where the input artifacts are kept; the name of the first that is not kept any more otherwise.
pub(super) fn inputs(store: &Store, inputs: &[Artifact]) -> Result<Vec<InputArtifact>, String> {
    let kept = inputs.iter().map(|Artifact { name, digest }| {
        let archive = digest.parse::<Digest>().ok().and_then(|digest| store.artifact(&digest));
        archive.map(|archive| InputArtifact { name: name.clone(), archive }).ok_or_else(|| name.clone())
    });
    kept.collect()
}

/// The code of an action that could not be performed here, which says nothing of how it would have ended.
pub const NOT_PERFORMED: &str = "NotPerformed";

/// The code of an action in which Rehearsal itself could not go on.
pub const INTERNAL_ERROR: &str = "InternalError";

/// An action that failed without its provider.
pub(super) fn failed(code: &str, message: String) -> ActionResult {
    let failure = Failure { code: code.into(), message: message.clone(), ..Failure::default() };
    ActionResult { summary: Some(message), failure: Some(failure), ..ActionResult::new(ActionStatus::Failed) }
}

/// The provider's outcome in the API's words: what timed out or was stopped has failed, for that reason.
fn result(outcome: Outcome, artifacts: Vec<Artifact>, cancelled: Option<StopReason>) -> ActionResult {
    let (status, reason) = match outcome.status {
        Status::Succeeded => (ActionStatus::Succeeded, None),
        Status::Failed => (ActionStatus::Failed, None),
        Status::TimedOut => (ActionStatus::Failed, Some(Reason::Timeout)),
        Status::Stopped => {
            let reason = match cancelled {
                Some(StopReason::Signal(number)) => Reason::Signal { number },
                Some(StopReason::TimedOut) => Reason::Timeout,
                Some(StopReason::Stopped) | None => Reason::Stopped,
            };
            (ActionStatus::Failed, Some(reason))
        }
    };
    ActionResult {
        status,
        reason,
        summary: outcome.summary,
        external_execution_id: outcome.external_execution_id,
        last_updated_by: None,
        artifacts,
        variables: outcome.variables,
        revision: outcome.revision,
        reports: outcome.reports,
        simulated: outcome.simulated,
        simulated_files: outcome.simulated_files,
        failure: outcome.failure,
    }
}

/// Where an action's output and progress go.
pub(super) struct Recorder {
    log: LogWriter,
    /// The first thing that went wrong with the log. It ends the action: a rehearsal without its log is worth nothing.
    trouble: Option<crate::store::Error>,
    cancel: Cancel,
    action_execution: String,
    sender: Sender<Message>,
}

impl Recorder {
    /// Writes to the end of the job's log.
    pub(super) fn new(
        store: &Store,
        job: &Job,
        cancel: &Cancel,
        sender: Sender<Message>,
    ) -> Result<Self, action::Error> {
        Ok(Self {
            log: store.log_writer(&job.execution, &job.action_execution)?,
            trouble: None,
            cancel: cancel.clone(),
            action_execution: job.action_execution.clone(),
            sender,
        })
    }

    /// Whether everything was written.
    pub(super) fn finish(self) -> Result<(), action::Error> {
        self.trouble.map_or(Ok(()), |trouble| Err(trouble.into()))
    }
}

impl Sink for Recorder {
    fn output(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        if self.trouble.is_some() {
            return;
        }
        if let Err(trouble) = self.log.write(at, stream, bytes) {
            self.trouble = Some(trouble);
            self.cancel.request(StopReason::Stopped);
        }
    }

    fn progress(&mut self, progress: Progress) {
        let action_execution = self.action_execution.clone();
        let _ = self.sender.send(Message::Progress { action_execution, progress });
    }
}
