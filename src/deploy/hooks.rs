//! Running the scripts of a lifecycle event (codedeploy.md 3.3).
//!
//! Owns: the guard and its scripts' environment, working folder, time limits, and the agent's words for what goes wrong.
//! Leaves to `rollout`: which scripts of which revision, to `aws::shims`: tools that would act on something real, which
//! `--allow host-hooks` does not let through: it is about scripts on this machine.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Host;
use super::layout::{Layout, followed, in_bundle, inside};
use super::log::Log;
use crate::action::{Cancel, Error, Failure, Status, StopReason};
use crate::aws::{self, Loopback, Visit, shims};
use crate::process::environment::{self, Basis, find_program};
use crate::process::sandbox::View;
use crate::process::{Command, Guard, How, Leftover};
use crate::spec::appspec::Script;
use crate::spec::quotas;

/// The variable that tells hooks where the folder is that stands for `/`.
pub const ROOT_VARIABLE: &str = "REHEARSAL_DEPLOYMENT_ROOT";

/// Why an event did not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// It failed on its own account.
    Failed(Failure),
    /// Somebody ended it.
    Ended(Status, Failure),
    /// Rehearsal could not go on.
    Broken(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl Fault {
    /// A failure outside of any script: the agent's code 5.
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        let code = "UnknownError".to_owned();
        Self::Failed(Failure { code, message: message.into(), ..Failure::default() })
    }

    /// A failure of a script, in one of the agent's codes.
    pub(super) fn of(code: &str, message: String, location: &str) -> Self {
        let (code, command) = (code.to_owned(), Some(location.to_owned()));
        Self::Failed(Failure { code, message, command, ..Failure::default() })
    }

    /// Somebody ended the deployment.
    pub(super) fn stopped(reason: StopReason) -> Self {
        let (status, code, message) = match reason {
            StopReason::TimedOut => (Status::TimedOut, "TIMEOUT", "The deployment has timed out."),
            StopReason::Stopped | StopReason::Signal(_) => {
                (Status::Stopped, "MANUAL_STOP", "The deployment was stopped.")
            }
        };
        let (code, message) = (code.to_owned(), message.to_owned());
        Self::Ended(status, Failure { code, message, ..Failure::default() })
    }
}

/// What tells a deployment from others, as its scripts see it.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) application: String,
    pub(super) group: String,
    pub(super) group_id: String,
    pub(super) deployment: String,
    /// The action execution it is for: its record is kept under this name.
    pub(super) run: String,
    /// `BUNDLE_BUCKET` and `BUNDLE_KEY`, where the revision would be in S3.
    pub(super) bundle: Option<(String, String)>,
}

/// One script, and what it is to run for.
#[derive(Clone, Copy)]
struct Turn<'a> {
    event: &'a str,
    script: &'a Script,
    /// The revision that it belongs to.
    archive: &'a Path,
    /// How long it may take: its own timeout, or what is left of the event's hour.
    limit: Duration,
}

/// Runs scripts, all below one guard, which is started when the first one runs.
pub(super) struct Scripts {
    host: Host,
    guard: Option<Guard>,
    identity: Identity,
    layout: Layout,
    /// What stands in for AWS. It serves as long as scripts, or what they started, may ask.
    aws: Option<aws::Session>,
    variables: Option<BTreeMap<OsString, OsString>>,
}

impl Scripts {
    pub(super) fn new(host: &Host, identity: Identity, layout: Layout) -> Self {
        Self { host: host.clone(), guard: None, identity, layout, aws: None, variables: None }
    }

    /// Who the scripts run for.
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Where they run.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether any script has run, so that something of it may be left.
    pub(super) fn ran(&self) -> bool {
        self.guard.is_some()
    }

    /// Runs the scripts of an event of the revision in `archive`, one after the other, until one fails.
    pub(super) fn run(
        &mut self,
        event: &str,
        scripts: &[Script],
        archive: &Path,
        log: &mut Log<'_>,
        cancel: &Cancel,
    ) -> Result<(), Fault> {
        let limit = Duration::from_secs(u64::from(quotas::LIFECYCLE_EVENT.value));
        let began = Instant::now();
        for script in scripts {
            let limit = script.timeout.min(limit.saturating_sub(began.elapsed()));
            log.agent(&format!("Script - {}", script.location));
            let ended = self.script(&Turn { event, script, archive, limit }, log, cancel);
            log.flush();
            ended?;
        }
        Ok(())
    }

    fn script(&mut self, turn: &Turn<'_>, log: &mut Log<'_>, cancel: &Cancel) -> Result<(), Fault> {
        let Turn { event, script, archive, limit } = *turn;
        let location = &script.location;
        let failed = |code: &str, message: String, exit_status: Option<i32>| {
            let (code, command) = (code.to_owned(), Some(location.clone()));
            Fault::Failed(Failure { code, message, command, exit_status, ..Failure::default() })
        };
        let program =
            program(archive, location).map_err(|(code, message)| Fault::of(code, message, location))?;
        if let Some(user) = &script.runas {
            log.remark(&format!("runas {user}: hooks run as the user who runs rehearsal"));
        }
        let command = Command {
            argv: vec![program.into_os_string()],
            // What `/` is to an instance of Amazon Linux, where the agent is a service of systemd.
            cwd: self.layout.root().to_owned(),
            env: self.environment(event, log)?,
            time_limit: Some(limit),
            merged: false,
        };
        if let Some(session) = &self.aws {
            session.desk().at(Some(event), Some(location));
        }
        let guard = match &mut self.guard {
            Some(guard) => guard,
            None => self.guard.insert(Guard::start(&self.host.guard)?),
        };
        let exit = guard.run(&command, &mut |at, stream, bytes| log.output(at, stream, bytes), cancel)?;
        let at = format!("Script at specified location: {location}");
        let user = script.runas.as_ref().map(|user| format!(" run as user {user}")).unwrap_or_default();
        match exit.how {
            How::Exited(0) if exit.left_open => Err(failed(
                "UnknownError",
                format!(
                    "{at} failed to close STDOUT or STDERR: start what goes on in the background with \
                         `> /dev/null 2> /dev/null < /dev/null &`"
                ),
                Some(0),
            )),
            How::Exited(0) => Ok(()),
            How::Exited(status) => Err(failed(
                "ScriptFailed",
                format!("{at}{user} failed with exit code {status}"),
                Some(status),
            )),
            How::Signaled(number) => {
                Err(failed("ScriptFailed", format!("{at}{user} was ended by signal {number}"), None))
            }
            How::NotStarted(why) => Err(failed("ScriptFailed", format!("{at}{user} failed: {why}"), None)),
            How::TimedOut => Err(failed(
                "ScriptTimedOut",
                format!("{at} failed to complete in {} seconds", limit.as_secs()),
                None,
            )),
            How::Stopped(reason) => match Fault::stopped(reason) {
                Fault::Ended(status, failure) => {
                    Err(Fault::Ended(status, Failure { command: Some(location.clone()), ..failure }))
                }
                other => Err(other),
            },
        }
    }

    /// The environment of a script: built from nothing, then CodeDeploy's own variables.
    fn environment(&mut self, event: &str, log: &mut Log<'_>) -> Result<BTreeMap<OsString, OsString>, Error> {
        if self.variables.is_none() {
            self.variables = Some(self.base(log)?);
        }
        let mut variables = self.variables.clone().unwrap_or_default();
        variables.insert("LIFECYCLE_EVENT".into(), event.into());
        Ok(variables)
    }

    /// What would have happened, had the scripts not been answered here.
    pub(super) fn simulated(&self) -> Result<Vec<String>, Error> {
        self.aws.as_ref().map_or(Ok(Vec::new()), |session| session.desk().tally())
    }

    fn base(&mut self, log: &mut Log<'_>) -> Result<BTreeMap<OsString, OsString>, Error> {
        let host = &self.host;
        // Services live on after the action, and so does their home.
        let folder = self.layout.deployment(&self.identity.deployment);
        let root = self.layout.root();
        let shims = folder.join("shims");
        let basis = Basis {
            host: &host.environment,
            view: &View::host(),
            home: &folder.join("home"),
            temp: &folder.join("tmp"),
            // The root lies below the repository's own folder, or wherever the user wants it.
            ceiling: root.parent().unwrap_or(root),
            shims: host.loopback.as_ref().map(|_| shims.as_path()),
            caches: None,
            region: &host.region,
            inherit: &host.inherit,
        };
        environment::prepare(&basis).map_err(Error::at("prepare", basis.home))?;
        let environment::Environment { mut variables, refused } =
            environment::base(&basis, &|path| path.is_dir());
        for name in refused {
            log.remark(&format!("local.inherit: {name} is not passed on to hooks"));
        }
        if let Some(loopback) = &host.loopback {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
                .map_err(Error::during("listen on the loopback interface"))?;
            let visit = Visit {
                run: &self.identity.run,
                project: None,
                on_host: true,
                shims: tools(host, &self.identity, root, loopback),
            };
            let session = loopback.open(visit, listener)?;
            variables.extend(session.environment());
            write_shims(&shims, &host.guard.program, &session).map_err(Error::at("write", &shims))?;
            self.aws = Some(session);
        }
        let Identity { application, group, group_id, deployment, bundle, run: _ } = &self.identity;
        let mut set = |name: &str, value: OsString| variables.insert(name.into(), value);
        set("APPLICATION_NAME", application.into());
        set("DEPLOYMENT_ID", deployment.into());
        set("DEPLOYMENT_GROUP_NAME", group.into());
        set("DEPLOYMENT_GROUP_ID", group_id.into());
        if let Some((bucket, key)) = bundle {
            set("BUNDLE_BUCKET", bucket.into());
            set("BUNDLE_KEY", key.into());
        }
        set(ROOT_VARIABLE, root.into());
        Ok(variables)
    }

    /// Ends everything that the scripts left running, and lists it.
    pub(super) fn finish(&mut self, log: &mut Log<'_>) -> Result<Vec<Leftover>, Error> {
        let Some(guard) = self.guard.take() else { return Ok(Vec::new()) };
        // What it made in an engine runs as long as its services do, and no longer.
        for left in self.tidy() {
            log.note(&left);
        }
        let left = guard.finish(&mut |at, stream, bytes| log.output(at, stream, bytes));
        log.flush();
        left
    }
}

impl Scripts {
    /// Removes what the scripts made in the user's container engine; what could not be removed.
    fn tidy(&self) -> Vec<String> {
        self.aws.as_ref().map(|session| shims::tidy(session.desk().tools())).unwrap_or_default()
    }
}

impl Drop for Scripts {
    fn drop(&mut self) {
        // Whoever gave up on the deployment leaves its processes to the guard, and its containers to nobody.
        if self.guard.is_some() {
            self.tidy();
        }
    }
}

/// What the shims of hooks are answered from: the user's engine, as for builds on the host.
fn tools(host: &Host, identity: &Identity, root: &Path, loopback: &Loopback) -> shims::Tools {
    let path = host.environment.get(OsStr::new("PATH")).map(OsString::as_os_str).unwrap_or_default();
    let settings = loopback.folder().join("docker");
    let engine = find_program("docker", path)
        .and_then(|program| shims::Engine::find(program, &host.environment, &settings));
    shims::Tools::new(engine, vec![(root.to_owned(), root.to_owned())], &identity.run)
}

/// Writes the shims of tools into `folder`.
fn write_shims(folder: &Path, program: &Path, session: &aws::Session) -> io::Result<()> {
    let place = shims::Place {
        folder,
        seen_as: folder,
        program: &program.canonicalize()?,
        port: session.port(),
        token: session.desk().access_key(),
    };
    shims::write(&place, &shims::names())
}

/// Where a script is, ready to be run.
pub(super) fn program(archive: &Path, location: &str) -> Result<PathBuf, (&'static str, String)> {
    let missing = |path: &Path| {
        ("ScriptMissing", format!("Script does not exist at specified location: {}", path.display()))
    };
    let out =
        || ("UnknownError", format!("Script at specified location: {location} leads out of the revision"));
    let inner = in_bundle(location).ok_or_else(out)?;
    let path = inside(archive, &inner).map_err(|_| out())?;
    if path.symlink_metadata().is_err() {
        return Err(missing(&path));
    }
    let path = followed(archive, path).map_err(|_| out())?;
    let data = fs::metadata(&path).map_err(|_| missing(&path))?;
    if !data.is_file() {
        return Err(missing(&path));
    }
    let mode = data.permissions().mode();
    if mode & 0o111 == 0 && fs::set_permissions(&path, fs::Permissions::from_mode(mode | 0o111)).is_err() {
        let message = format!("Unable to set script at specified location: {location} as executable");
        return Err(("ScriptNotExecutable", message));
    }
    Ok(path)
}
