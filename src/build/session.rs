//! One build from its first phase to its last.
//!
//! Owns: entering and leaving phases, the commands of a phase with `finally` and retries, the time limit, cancellation.
//! Leaves to `phase`: which phase follows, to `download`, `upload` and `finish`: what happens in DOWNLOAD_SOURCE,
//! UPLOAD_ARTIFACTS and FINALIZING, and to `script`: how a command becomes a script.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::io::Errno;

use super::dated::Dated;
use super::layout::Layout;
use super::log::Log;
use super::machine;
use super::phase::{Course, Phase, Reaction};
use super::request::{BuildRequest, BuildResult, BuiltArtifact, Host};
use super::retry::Policy;
use super::runner::Runner;
use super::script::{Carry, Left, StateFolder, first_line, started_with};
use super::signal;
use super::simulated::SimulatedTimes;
use crate::action::{Cancel, Error, Failure, PhaseStatus, Report, SimulatedFiles, Sink, StopReason};
use crate::aws;
use crate::clock::Timestamp;
use crate::diagnostic::Finding;
use crate::process::shell::Shell;
use crate::process::{Command, Exit, How};
use crate::spec::buildspec::{Buildspec, Command as Written, Phase as WrittenPhase, PhaseName};

/// Why a phase did not succeed.
pub(super) enum Fault {
    /// It failed on its own account.
    Failed(Failure),
    /// The build's time is up, or somebody stopped it.
    Ended(PhaseStatus, Failure),
    /// Rehearsal could not go on.
    Broken(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl Fault {
    /// A failure of CodeBuild's own, outside any command.
    pub(super) fn failed(code: &str, message: impl Into<String>) -> Self {
        Self::Failed(Failure { code: code.to_owned(), message: message.into(), ..Failure::default() })
    }
}

/// A build in which DOWNLOAD_SOURCE succeeded.
pub(super) struct Ready {
    pub(super) buildspec: Buildspec,
    pub(super) policies: BTreeMap<PhaseName, Policy>,
    pub(super) shell: Shell,
    pub(super) folder: StateFolder,
    pub(super) carry: Carry,
    /// What the next command starts with.
    pub(super) left: Left,
    /// `CODEBUILD_SRC_DIR`, as commands know it.
    pub(super) source: PathBuf,
    /// Names that cannot be exported.
    pub(super) unexportable: BTreeSet<String>,
    /// When the commands began: what is older came with the sources.
    pub(super) began: Dated,
}

/// A build under way.
pub(super) struct Session<'a> {
    pub(super) host: &'a Host,
    pub(super) request: &'a BuildRequest,
    pub(super) log: Log<'a>,
    pub(super) layout: Layout,
    pub(super) cancel: &'a Cancel,
    pub(super) runner: Box<dyn Runner>,
    pub(super) started: Timestamp,
    pub(super) findings: Vec<Finding>,
    pub(super) artifacts: Vec<BuiltArtifact>,
    /// None until they are made.
    pub(super) reports: Option<Vec<Report>>,
    /// What has a dummy for its value, a line each.
    pub(super) placeholders: Vec<String>,
    /// Before the sources are there, or (those that are no archive) when they were.
    pub(super) sourced: Dated,
    /// What stands in for AWS.
    pub(super) aws: Option<aws::Session>,
    /// When commands ran of which something was simulated.
    pub(super) simulated: SimulatedTimes,
    /// Files of artifacts that were written then.
    pub(super) simulated_files: SimulatedFiles,
    /// The end of what the command that failed last had printed.
    printed: Vec<u8>,
    began: Instant,
    pub(super) course: Course,
}

/// Where a build runs.
pub(super) struct Ground {
    /// Its folders.
    pub(super) layout: Layout,
    /// What runs its commands.
    pub(super) runner: Box<dyn Runner>,
    /// What stands in for AWS.
    pub(super) aws: Option<aws::Session>,
}

/// Runs a build to its end.
pub(super) fn run(
    host: &Host,
    request: &BuildRequest,
    ground: Ground,
    sink: &mut dyn Sink,
    cancel: &Cancel,
) -> Result<BuildResult, Error> {
    let Ground { layout, runner, aws } = ground;
    let sourced = Dated::now(&layout.root)?;
    let mut session = Session {
        host,
        request,
        log: Log::new(sink, &*host.clock),
        layout,
        cancel,
        runner,
        started: host.clock.now(),
        findings: Vec::new(),
        artifacts: Vec::new(),
        reports: None,
        sourced,
        aws,
        simulated: SimulatedTimes::default(),
        simulated_files: SimulatedFiles::default(),
        placeholders: Vec::new(),
        printed: Vec::new(),
        began: Instant::now(),
        course: Course::new(),
    };
    let mut ready = None;
    let mut failure: Option<Failure> = None;
    while session.course.phase() < Phase::Finalizing {
        let phase = session.course.phase();
        // SUBMITTED, QUEUED and PROVISIONING are over when a build gets here.
        if phase < Phase::DownloadSource {
            session.course = session.course.ended(PhaseStatus::Succeeded, Reaction::Usual);
            continue;
        }
        session.log.entered(phase);
        let (result, reaction) = session.perform(phase, &mut ready);
        let (status, state, failed) = match result {
            Ok(()) => (PhaseStatus::Succeeded, "SUCCEEDED", None),
            Err(Fault::Failed(failure)) if reaction == Reaction::Abort => {
                (PhaseStatus::Failed, "FAILED_WITH_ABORT", Some(failure))
            }
            Err(Fault::Failed(failure)) => (PhaseStatus::Failed, "FAILED", Some(failure)),
            Err(Fault::Ended(PhaseStatus::TimedOut, failure)) => {
                (PhaseStatus::TimedOut, "TIMED_OUT", Some(failure))
            }
            Err(Fault::Ended(status, failure)) => (status, "STOPPED", Some(failure)),
            Err(Fault::Broken(error)) => return Err(error),
        };
        session.log.ended(phase, state, status, failed.as_ref());
        session.course = session.course.ended(status, reaction);
        // The first failure is the cause of later ones; a limit says why the build's status is what it is.
        let limit = matches!(status, PhaseStatus::TimedOut | PhaseStatus::Stopped);
        if let Some(failed) = failed
            && (limit || failure.is_none())
        {
            failure = Some(Failure { phase: Some(phase.api_name().to_owned()), ..failed });
        }
    }
    session.finalize(ready.as_ref(), failure)
}

impl Session<'_> {
    /// Performs one phase; also what a failure of it leads to.
    fn perform(&mut self, phase: Phase, ready: &mut Option<Ready>) -> (Result<(), Fault>, Reaction) {
        let name = match phase {
            Phase::Install => PhaseName::Install,
            Phase::PreBuild => PhaseName::PreBuild,
            Phase::Build => PhaseName::Build,
            Phase::PostBuild => PhaseName::PostBuild,
            Phase::DownloadSource => {
                let downloaded = self.within_limits().and_then(|()| self.download());
                return (downloaded.map(|downloaded| *ready = Some(downloaded)), Reaction::Usual);
            }
            Phase::UploadArtifacts => {
                let uploaded = self.within_limits().and_then(|()| match ready {
                    Some(ready) => {
                        let uploaded = self.upload(ready);
                        // Reports are made whatever becomes of artifacts.
                        if let Err(Fault::Ended(..) | Fault::Broken(_)) = uploaded {
                            return uploaded;
                        }
                        self.report(ready).and(uploaded)
                    }
                    None => Ok(()),
                });
                return (uploaded, Reaction::Usual);
            }
            Phase::Submitted | Phase::Queued | Phase::Provisioning | Phase::Finalizing | Phase::Completed => {
                return (Ok(()), Reaction::Usual);
            }
        };
        let Some(ready) = ready else { return (Ok(()), Reaction::Usual) };
        let reaction = ready.policies.get(&name).map_or(Reaction::Usual, Policy::reaction);
        (self.commands_of(name, ready), reaction)
    }

    /// The commands of one phase, again and again if `on-failure` says so.
    fn commands_of(&mut self, name: PhaseName, ready: &mut Ready) -> Result<(), Fault> {
        self.log.agent(&format!("Entering phase {}", name.api_name()));
        let Some(phase) = ready.buildspec.phases.get(name).cloned() else { return Ok(()) };
        let mut policy = ready.policies.get(&name).cloned();
        let start = ready.left.clone();
        loop {
            match self.attempt(ready, &phase) {
                Err(Fault::Failed(failure))
                    if policy
                        .as_mut()
                        .is_some_and(|policy| policy.again(&failure.message, &self.printed)) =>
                {
                    self.log.note(&format!("on-failure: {} is tried again", name.api_name()));
                    ready.left = start.clone();
                }
                ended => return ended,
            }
        }
    }

    /// `commands` up to the first that fails, then `finally` (codebuild.md 1.7).
    fn attempt(&mut self, ready: &mut Ready, phase: &WrittenPhase) -> Result<(), Fault> {
        let result = self.each(ready, &phase.commands, self.course.succeeding());
        if let Err(Fault::Ended(..) | Fault::Broken(_)) = result {
            return result;
        }
        let printed = std::mem::take(&mut self.printed);
        // Whether a failure within `finally` skips the rest of it is unknown; here it does, as in `commands`.
        let cleaned = self.each(ready, &phase.finally, self.course.succeeding() && result.is_ok());
        match (result, cleaned) {
            (Err(first), Ok(()) | Err(Fault::Failed(_))) => {
                self.printed = printed;
                Err(first)
            }
            (_, cleaned) => cleaned,
        }
    }

    fn each(&mut self, ready: &mut Ready, commands: &[Written], succeeding: bool) -> Result<(), Fault> {
        for command in commands {
            let succeeding = if succeeding { "1" } else { "0" };
            ready.left.variables.insert("CODEBUILD_BUILD_SUCCEEDING".into(), succeeding.into());
            if let Err(fault) = self.command(ready, &command.text) {
                self.printed = self.log.last_output().to_vec();
                return Err(fault);
            }
        }
        Ok(())
    }

    /// One command.
    fn command(&mut self, ready: &mut Ready, text: &str) -> Result<(), Fault> {
        self.within_limits().map_err(|fault| of_command(fault, text))?;
        self.log.agent(&format!("Running command {}", text.trim_end()));
        if !self.layout.view().is_folder(&ready.left.directory) {
            let gone = ready.left.directory.display();
            self.log.note(&format!(
                "the working directory {gone} is gone, so this command starts at the root of the source"
            ));
            ready.left.directory.clone_from(&ready.source);
        }
        written(ready, ready.folder.write(text, &ready.left.variables, ready.carry))?;
        self.log.forget_output();
        let command = self.shell_command(ready);
        let watched = self.watch(text)?;
        let log = &mut self.log;
        let exit =
            self.runner.run(&command, &mut |at, stream, bytes| log.output(at, stream, bytes), self.cancel)?;
        self.log.flush();
        self.see(watched)?;

        if ready.carry == Carry::State
            && let Some(left) =
                ready.folder.left(&ready.left.variables).map_err(Error::at("read", &ready.folder.script()))?
        {
            ready.left = left;
        }
        let (reason, status) = match ending(&exit) {
            Ended::Exited(status) => (format!("exit status {status}"), Some(status)),
            Ended::Otherwise(reason) => (reason, None),
            Ended::Limit(reason) => return Err(of_command(self.limit(reason), text)),
        };
        let last = match exit.how {
            How::Signaled(signal) => 128 + signal,
            How::Exited(_) | How::NotStarted(_) | How::TimedOut | How::Stopped(_) => status.unwrap_or(127),
        };
        ready.left.variables.insert("CODEBUILD_LAST_EXIT".into(), last.to_string().into());
        if status == Some(0) {
            return Ok(());
        }
        // With the output, which is what a failure quotes.
        let isolated = !self.layout.view().is_host();
        if let Some(why) = machine::refusal(self.log.last_output(), isolated) {
            self.log.note(why);
        }
        self.log.agent(&format!("Command did not exit successfully {} {reason}", text.trim_end()));
        Err(Fault::Failed(Failure {
            code: "COMMAND_EXECUTION_ERROR".to_owned(),
            message: format!("Error while executing command: {}. Reason: {reason}", first_line(text)),
            phase: None,
            command: Some(text.to_owned()),
            exit_status: status,
        }))
    }

    /// Runs the asking script that waits in the state folder; its answer, or `None` when it did not succeed.
    pub(super) fn ask(&mut self, ready: &Ready) -> Result<Option<String>, Fault> {
        let command = self.shell_command(ready);
        let log = &mut self.log;
        let exit =
            self.runner.run(&command, &mut |at, stream, bytes| log.output(at, stream, bytes), self.cancel)?;
        match ending(&exit) {
            Ended::Limit(reason) => Err(self.limit(reason)),
            Ended::Exited(0) => {
                Ok(Some(ready.folder.answer().map_err(Error::at("read", &ready.folder.script()))?))
            }
            Ended::Exited(_) | Ended::Otherwise(_) => Ok(None),
        }
    }

    /// The phase the build is in.
    pub(super) fn phase(&self) -> Phase {
        self.course.phase()
    }

    /// The shell that runs the script which waits in the state folder.
    fn shell_command(&self, ready: &Ready) -> Command {
        let directory = &ready.left.directory;
        let directory = if self.layout.view().is_folder(directory) { directory } else { &ready.source };
        Command {
            argv: ready.shell.argv(&ready.folder.script()),
            cwd: directory.clone(),
            env: started_with(&ready.left.variables, directory),
            time_limit: Some(self.remaining()),
            // One log, in the order things were written, as CodeBuild keeps it.
            merged: true,
        }
    }

    fn remaining(&self) -> Duration {
        self.request.time_limit.saturating_sub(self.began.elapsed())
    }

    /// Whether the build may go on.
    pub(super) fn within_limits(&self) -> Result<(), Fault> {
        match self.cancel.reason() {
            None if !self.remaining().is_zero() => Ok(()),
            reason => Err(self.limit(reason)),
        }
    }

    /// The fault of a build that somebody asked to end, or (without a reason) whose own time is up.
    fn limit(&self, reason: Option<StopReason>) -> Fault {
        let (status, code, message) = match reason {
            None => {
                let limit = words(self.request.time_limit);
                let message = format!("Build has timed out. It was allowed {limit}.");
                (PhaseStatus::TimedOut, "BUILD_TIMED_OUT", message)
            }
            Some(StopReason::TimedOut) => {
                (PhaseStatus::TimedOut, "BUILD_TIMED_OUT", "Build has timed out.".to_owned())
            }
            Some(StopReason::Stopped) => {
                (PhaseStatus::Stopped, "BUILD_STOPPED", "Build was stopped.".to_owned())
            }
            Some(StopReason::Signal(signal)) => {
                let message = format!("Build was stopped by the signal `{}`.", signal::name(signal));
                (PhaseStatus::Stopped, "BUILD_STOPPED", message)
            }
        };
        Fault::Ended(status, Failure { code: code.to_owned(), message, ..Failure::default() })
    }
}

/// What writing a script came to. That something else is where the scripts go, or nothing, is what commands did.
pub(super) fn written(ready: &Ready, result: io::Result<()>) -> Result<(), Fault> {
    let script = ready.folder.script();
    result.map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::ISDIR | Errno::NOTDIR | Errno::LOOP) => {
            let script = script.display();
            Fault::failed("CLIENT_ERROR", format!("a command left no place for the build's script {script}"))
        }
        _ => Fault::Broken(Error::at("write", &script)(error)),
    })
}

/// The fault of a limit that was met while, or before, `text` ran.
fn of_command(fault: Fault, text: &str) -> Fault {
    match fault {
        Fault::Ended(status, failure) => {
            Fault::Ended(status, Failure { command: Some(text.to_owned()), ..failure })
        }
        other @ (Fault::Failed(_) | Fault::Broken(_)) => other,
    }
}

/// How a script ended, in CodeBuild's words where it has them.
enum Ended {
    Exited(i32),
    Otherwise(String),
    /// See [`Session::limit`].
    Limit(Option<StopReason>),
}

fn ending(exit: &Exit) -> Ended {
    match &exit.how {
        How::Exited(status) => Ended::Exited(*status),
        How::Signaled(signal) => Ended::Otherwise(format!("signal: {}", signal::name(*signal))),
        How::NotStarted(why) => Ended::Otherwise(why.clone()),
        How::TimedOut => Ended::Limit(None),
        How::Stopped(reason) => Ended::Limit(Some(*reason)),
    }
}

/// A length of time for people.
fn words(span: Duration) -> String {
    let seconds = span.as_secs();
    match (seconds / 60, seconds % 60) {
        (0, _) => format!("{:.1} s", span.as_secs_f64()),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// Makes a folder and those above it.
pub(super) fn make(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(Error::at("create", folder))
}

/// `error` as what Rehearsal could not do.
pub(super) fn broken(attempted: &str, error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::Broken(Error::during(attempted)(io::Error::other(error)))
}
