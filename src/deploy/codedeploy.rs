//! The provider `CodeDeploy`: in-place deployments of the Server platform as actions of a pipeline (codepipeline.md 2.7).
//!
//! Owns: reading the action's configuration, whether a deployment is performed or only planned, and what runs on after
//! the action: its guard is kept until the process lets go of the execution. Leaves to `rollout`: the deployment.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::hooks::{Fault, Identity, Scripts};
use super::layout::{Layout, replace};
use super::log::Log;
use super::rollout::{Previous, Rollout, Unsuccessful};
use super::{Host, ids, plan, revision};
use crate::action::{Cancel, Error, Failure, InputArtifact, Job, Outcome, Provider, Sink, Status};
use crate::process::Leftover;
use crate::spec::config::{DeploymentGroup, LocalGroup};
use crate::spec::quotas;

/// Deploys to the groups that rehearsal.yml describes.
pub struct CodeDeploy {
    host: Host,
    groups: Vec<DeploymentGroup>,
    local: Vec<LocalGroup>,
    hooks_allowed: bool,
    /// What runs, by the action execution that deployed it.
    running: Mutex<HashMap<String, Running>>,
}

/// A deployment of which something may run.
struct Running {
    scripts: Scripts,
    /// Held so that others know.
    _claim: File,
}

/// A job, and what it names.
struct Order<'a> {
    job: &'a Job,
    target: Target<'a>,
    bundle: &'a InputArtifact,
}

/// Where a job deploys to.
struct Target<'a> {
    group: &'a DeploymentGroup,
    /// The deployment root; none for a group without `local`.
    root: Option<PathBuf>,
    id: String,
}

impl Target<'_> {
    /// `APPLICATION/GROUP`
    fn name(&self) -> String {
        format!("{}/{}", self.group.application_name, self.group.deployment_group_name)
    }
}

impl CodeDeploy {
    /// A provider for these groups, which the commit describes; `local`, from the user's working tree, says where their
    /// deployments land. Hooks run only when `hooks_allowed`.
    pub fn new(
        host: Host,
        groups: Vec<DeploymentGroup>,
        local: Vec<LocalGroup>,
        hooks_allowed: bool,
    ) -> Self {
        Self { host, groups, local, hooks_allowed, running: Mutex::default() }
    }

    /// The group that a job names, or how AWS refuses.
    fn target(&self, job: &Job) -> Result<Target<'_>, Failure> {
        let setting = |key: &str| {
            let text = job.configuration.get(key).map(String::as_str).filter(|text| !text.is_empty());
            text.ok_or_else(|| {
                let message = format!("the action's configuration has no {key}");
                Failure { code: "InvalidActionConfiguration".to_owned(), message, ..Failure::default() }
            })
        };
        let (application, name) = (setting("ApplicationName")?, setting("DeploymentGroupName")?);
        let mut of_application =
            self.groups.iter().filter(|group| group.application_name == application).peekable();
        let refused = |code: &str, what: String| {
            let message = format!("{what}; describe it in rehearsal.yml, under deploymentGroups");
            Failure { code: code.to_owned(), message, ..Failure::default() }
        };
        if of_application.peek().is_none() {
            let what = format!("there is no application {application}");
            return Err(refused("ApplicationDoesNotExistException", what));
        }
        let Some(group) = of_application.find(|group| group.deployment_group_name == name) else {
            let what = format!("application {application} has no deployment group {name}");
            return Err(refused("DeploymentGroupDoesNotExistException", what));
        };
        let id = ids::group(application, name);
        let local = self
            .local
            .iter()
            .find(|local| local.application_name == application && local.deployment_group_name == name);
        let root = local.map(|local| match &local.root {
            Some(root) => self.host.work_tree.as_ref().map_or_else(|| root.clone(), |tree| tree.join(root)),
            None => self.host.state.join("deployments").join(ids::folder(application, name, &id)),
        });
        Ok(Target { group, root, id })
    }

    /// What a job asks for.
    fn order<'a>(&'a self, job: &'a Job) -> Result<Order<'a>, Failure> {
        let target = self.target(job)?;
        match job.inputs.as_slice() {
            [bundle] => Ok(Order { job, target, bundle }),
            other => Err(Failure {
                code: "InvalidActionConfiguration".to_owned(),
                message: format!(
                    "a CodeDeploy action has one input artifact, and this one has {}",
                    other.len()
                ),
                ..Failure::default()
            }),
        }
    }

    /// Says what a deployment would do, when it is not performed; nothing when it is.
    fn planned(&self, order: &Order<'_>, sink: &mut dyn Sink) -> Result<Option<Outcome>, Error> {
        let Order { job, target, bundle } = order;
        if target.root.is_some() && self.hooks_allowed {
            return Ok(None);
        }
        let mut log = Log::new(sink, &*self.host.clock);
        let mut said = Vec::new();
        let planned = plan::of(&bundle.archive, &job.workspace, &mut |text| said.push(text.to_owned()));
        let plan = match planned {
            // Nothing of the user's own would run.
            Ok(plan) if target.root.is_some() && !plan.hooks => return Ok(None),
            Ok(plan) => plan,
            Err((_, Fault::Broken(error))) => return Err(error),
            Err((event, Fault::Failed(failure) | Fault::Ended(_, failure))) => {
                for text in &said {
                    log.remark(text);
                }
                log.agent(&format!("{}: {}", failure.code, failure.message));
                let phase = Some(event.name().to_owned());
                return Ok(Some(Outcome::failed(Failure { phase, ..failure })));
            }
        };
        for text in &said {
            log.remark(text);
        }
        let name = target.name();
        let why = if target.root.is_none() {
            format!("{name} has no `local` block in rehearsal.yml of the working tree")
        } else {
            "its hooks run on this machine only with --allow host-hooks".to_owned()
        };
        log.note(&format!("the deployment to {name} is only planned, and the plan is in the log: {why}"));
        for line in &plan.lines {
            log.agent(line);
        }
        Ok(Some(Outcome {
            summary: Some(format!("Deployment to {name} was only planned")),
            simulated: vec![format!("deployed to {name}, which was only planned: {why}")],
            ..Outcome::succeeded()
        }))
    }

    /// Who a deployment is for its scripts. A pipeline hands its revision over in S3.
    fn identity(&self, job: &Job, target: &Target<'_>, artifact: Option<&str>) -> Identity {
        let cut = |text: &str, length| text.chars().take(length).collect::<String>();
        let bundle = artifact.map(|artifact| {
            let bucket = format!("codepipeline-{}-{}", self.host.region, self.host.account);
            let key = format!("{}/{}/{}", cut(&job.pipeline, 20), cut(artifact, 10), cut(&job.execution, 7));
            (bucket, key)
        });
        Identity {
            application: target.group.application_name.clone(),
            group: target.group.deployment_group_name.clone(),
            group_id: target.id.clone(),
            deployment: ids::deployment(),
            run: job.action_execution.clone(),
            bundle,
        }
    }

    fn deploy(
        &self,
        order: &Order<'_>,
        layout: &Layout,
        sink: &mut dyn Sink,
        cancel: &Cancel,
    ) -> Result<Outcome, Error> {
        let Order { job, target, bundle } = order;
        let identity = self.identity(job, target, Some(&bundle.name));
        let id = identity.deployment.clone();
        let mut log = Log::new(sink, &*self.host.clock);
        log.keep_in(&layout.deployment(&id).join("logs"))?;
        log.remark(&format!("deployment {id} to {}, below {}", target.name(), layout.root().display()));
        replace(&layout.action(&id), job.action_execution.as_bytes())?;
        let previous = match layout.last_successful() {
            None => Previous::Nothing,
            Some(last) if layout.is_running(&last) && self.hooks_allowed => Previous::Running(last),
            Some(last) if layout.is_running(&last) => Previous::Untouchable(last),
            Some(last) => Previous::AtRest(last),
        };
        let mut scripts = Scripts::new(&self.host, identity, layout.clone());
        let rollout = Rollout {
            bundle: &bundle.archive,
            previous,
            scripts: &mut scripts,
            log: &mut log,
            cancel,
            spec: None,
        };
        let unsuccessful = rollout.run()?;
        let simulated = scripts.simulated()?;
        let Some(Unsuccessful { status, failure }) = unsuccessful else {
            if scripts.ran() {
                let running = Running { _claim: layout.claim_running(&id)?, scripts };
                self.kept().insert(job.action_execution.clone(), running);
            }
            return Ok(Outcome {
                summary: Some(format!("Deployment {id} Succeeded")),
                external_execution_id: Some(id),
                simulated,
                ..Outcome::succeeded()
            });
        };
        for line in left_over(&scripts.finish(&mut log)?) {
            log.note(&line);
        }
        let rollback = &target.group.auto_rollback_configuration;
        if rollback.enabled && status == Status::Failed {
            log.note("automatic rollback is not there yet: what this deployment changed stays as it is");
        }
        let state = if status == Status::Failed { "Failed: HEALTH_CONSTRAINTS" } else { "Stopped" };
        Ok(Outcome {
            summary: Some(format!("Deployment {id} {state}")),
            external_execution_id: Some(id),
            simulated,
            ..Outcome::with_status(status, Some(failure))
        })
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs one event of a revision that is installed, outside of any deployment.
fn one_event(event: &str, scripts: &mut Scripts, log: &mut Log<'_>, cancel: &Cancel) -> Result<bool, Fault> {
    let archive = scripts.layout().archive(&scripts.identity().deployment);
    let spec = revision::appspec(&archive, &mut |_| {})?;
    let list = spec.scripts(event);
    log.agent(&format!("LifecycleEvent - {event}"));
    scripts.run(event, list, &archive, log, cancel)?;
    Ok(!list.is_empty())
}

/// A line for each process that was still there.
fn left_over(left: &[Leftover]) -> Vec<String> {
    let line = |process: &Leftover| {
        let Leftover { pid, command, ended } = process;
        let what = if *ended { "ended" } else { "could not be ended" };
        format!("{what}: process {pid}, {command}")
    };
    left.iter().map(line).collect()
}

/// A fault as a clause.
fn words(fault: &Fault) -> String {
    match fault {
        Fault::Failed(failure) | Fault::Ended(_, failure) => failure.message.clone(),
        Fault::Broken(error) => error.to_string(),
    }
}

impl Provider for CodeDeploy {
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, Error> {
        let order = match self.order(job) {
            Ok(order) => order,
            Err(failure) => return Ok(Outcome::failed(failure)),
        };
        if let Some(outcome) = self.planned(&order, sink)? {
            return Ok(outcome);
        }
        let target = &order.target;
        let Some(root) = &target.root else {
            let source = std::io::Error::other("the group has no place on this machine");
            return Err(Error { attempted: "cannot deploy".to_owned(), source });
        };
        let layout = Layout::make(root, &target.id)?;
        let Some(_claim) = layout.claim_group()? else {
            // codedeploy.md 12: one deployment per group.
            return Ok(Outcome::failed(Failure {
                code: "DeploymentLimitExceededException".to_owned(),
                message: format!(
                    "another deployment to {} is under way, and a group takes {} at a time",
                    target.name(),
                    quotas::DEPLOYMENTS_PER_GROUP.value
                ),
                ..Failure::default()
            }));
        };
        self.deploy(&order, &layout, sink, cancel)
    }

    fn wind_down(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Vec<String>, Error> {
        let Some(mut running) = self.kept().remove(&job.action_execution) else { return Ok(Vec::new()) };
        let scripts = &mut running.scripts;
        let (layout, identity) = (scripts.layout().clone(), scripts.identity().clone());
        let (id, name) = (&identity.deployment, format!("{}/{}", identity.application, identity.group));
        let mut log = Log::new(sink, &*self.host.clock);
        log.keep_in(&layout.deployment(id).join("logs"))?;
        let mut lines = Vec::new();
        let claim = layout.claim_group()?;
        if claim.is_none() {
            lines
                .push(format!("{name}: ApplicationStop of {id} is left to the deployment that is under way"));
        } else if layout.last_successful().as_ref() == Some(id) {
            lines.push(match one_event("ApplicationStop", scripts, &mut log, cancel) {
                Ok(true) => format!("{name}: ApplicationStop of {id} has run"),
                Ok(false) => format!("{name}: {id} has no scripts for ApplicationStop"),
                Err(fault) => format!("{name}: ApplicationStop of {id} failed: {}", words(&fault)),
            });
        } else {
            lines.push(format!("{name}: {id} has been replaced by another deployment"));
        }
        let left = left_over(&scripts.finish(&mut log)?);
        lines.extend(left.into_iter().map(|line| format!("{name}: {line}")));
        for line in &lines {
            log.remark(line);
        }
        Ok(lines)
    }

    fn resume(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Vec<String>, Error> {
        let Ok(target @ Target { root: Some(_), .. }) = self.target(job) else { return Ok(Vec::new()) };
        let root = target.root.clone().unwrap_or_default();
        if self.kept().contains_key(&job.action_execution) || !root.is_dir() {
            return Ok(Vec::new());
        }
        let layout = Layout::make(&root, &target.id)?;
        let ours = |id: &String| {
            std::fs::read_to_string(layout.action(id)).is_ok_and(|text| text == job.action_execution)
        };
        let Some(id) = layout.deployments().into_iter().find(ours) else { return Ok(Vec::new()) };
        let name = target.name();
        let not_started = |why: &str| Ok(vec![format!("{name}: {id} is not started again: {why}")]);
        if !self.hooks_allowed {
            return not_started("its hooks run on this machine only with --allow host-hooks");
        }
        let Some(_claim) = layout.claim_group()? else {
            return not_started("another deployment to the group is under way");
        };
        if layout.last_successful().as_ref() != Some(&id) {
            return not_started("another deployment has replaced it");
        }
        if layout.is_running(&id) {
            return not_started("it runs in another process");
        }
        let artifact = job.inputs.first().map(|input| input.name.as_str());
        let identity = Identity { deployment: id.clone(), ..self.identity(job, &target, artifact) };
        let mut scripts = Scripts::new(&self.host, identity, layout.clone());
        let mut log = Log::new(sink, &*self.host.clock);
        log.keep_in(&layout.deployment(&id).join("logs"))?;
        let mut lines = Vec::new();
        match one_event("ApplicationStart", &mut scripts, &mut log, cancel) {
            Ok(false) => return not_started("it has no scripts for ApplicationStart"),
            Ok(true) => {
                lines.push(format!("{name}: ApplicationStart of {id} has run again"));
                let running = Running { _claim: layout.claim_running(&id)?, scripts };
                self.kept().insert(job.action_execution.clone(), running);
            }
            Err(Fault::Broken(error)) => return Err(error),
            Err(fault) => {
                lines.push(format!("{name}: ApplicationStart of {id} failed: {}", words(&fault)));
                let left = left_over(&scripts.finish(&mut log)?);
                lines.extend(left.into_iter().map(|line| format!("{name}: {line}")));
            }
        }
        for line in &lines {
            log.note(line);
        }
        Ok(lines)
    }
}
