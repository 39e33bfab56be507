//! The provider `CodeBuild`: builds as Build and Test actions of a pipeline (codepipeline.md 2.4, 6).
//!
//! Owns: reading the action's configuration, and what inputs and outputs become. Leaves to `session`: the build.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::queue::{Queue, TurnedAway};
use super::request::{
    BuildRequest, BuildResult, BuildspecFile, Content, Host, Instructions, Outputs, Source,
};
use super::service::Identity;
use super::stand_in::StandIns;
use crate::action::{
    Cancel, Error, Failure, InputArtifact, Job, Outcome, PhaseStatus, Provider, Sink, Status,
};
use crate::clock;
use crate::spec::config::{Project, ProjectVariable};
use crate::spec::quotas;

/// AWS's name for output variables that are more than an action may have (codepipeline.md 5).
pub(super) const VARIABLES_TOO_LARGE: &str = "OutputVariablesSizeExceededException";

/// Counts the builds of a project: the next number, for `CODEBUILD_BUILD_NUMBER`.
pub type Numbers = Arc<dyn Fn(&str) -> Result<u64, Error> + Send + Sync>;

/// Runs builds of projects.
#[derive(Clone)]
pub struct CodeBuild {
    /// The machine they run on.
    pub host: Host,
    /// The projects, which the commit defines.
    pub projects: Vec<Project>,
    /// Stand-ins for parameters and secrets, which the user's working tree defines.
    pub stand_ins: StandIns,
    /// The count of builds.
    pub numbers: Numbers,
    /// How many builds run at once.
    pub queue: Queue,
    /// A shorter time limit than the projects'.
    pub time_limit: Option<Duration>,
    /// The region that builds see.
    pub region: String,
    /// The account that builds see.
    pub account: String,
}

impl Provider for CodeBuild {
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, Error> {
        let request = match self.request(job)? {
            Ok(request) => request,
            Err(message) => return Ok(refused(message)),
        };
        let build_id = request.identity.build_id(&request.project.name);
        let who = in_queue(job);
        let admitted = self.queue.enter(&request.project, &who, &*self.host.clock, sink, cancel)?;
        let _admitted = match admitted {
            Ok(admitted) => admitted,
            Err(away) => return Ok(turned_away(away, build_id)),
        };
        let result = super::run(&self.host, &request, sink, cancel)?;
        Ok(outcome(result, build_id))
    }
}

impl CodeBuild {
    /// The build that `job` asks for, or why there cannot be one.
    fn request(&self, job: &Job) -> Result<Result<BuildRequest, String>, Error> {
        let setting =
            |key: &str| job.configuration.get(key).map(String::as_str).filter(|text| !text.is_empty());
        let Some(name) = setting("ProjectName") else {
            return Ok(Err("the action's configuration has no ProjectName".to_owned()));
        };
        let Some(project) = self.projects.iter().find(|project| project.name == name) else {
            return Ok(Err(format!(
                "there is no CodeBuild project {name}; describe it in rehearsal.yml, under projects"
            )));
        };
        if setting("BatchEnabled").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return Ok(Err("BatchEnabled: batch builds are not supported yet".to_owned()));
        }
        let overrides = match setting("EnvironmentVariables").map(variables).transpose() {
            Ok(overrides) => overrides.unwrap_or_default(),
            Err(message) => return Ok(Err(message)),
        };
        let (primary, secondary) = match inputs(job, setting("PrimarySource")) {
            Ok(inputs) => inputs,
            Err(message) => return Ok(Err(message)),
        };
        let buildspec = setting("BuildspecOverride").or(project.source.buildspec.as_deref());
        let source = |input: &InputArtifact| Source {
            content: Content::Archive(input.archive.clone()),
            version: Some(self.location(job, input)),
            repository: None,
        };
        let request = BuildRequest {
            identity: Identity {
                id: clock::new_id(),
                number: (self.numbers)(name)?,
                initiator: format!("codepipeline/{}", job.pipeline),
                region: self.region.clone(),
                account: self.account.clone(),
            },
            instructions: Instructions::File(BuildspecFile::from_setting(buildspec)),
            overrides,
            known: Vec::new(),
            revision: job.revision.clone(),
            primary: source(primary),
            secondary: secondary.into_iter().map(|input| (input.name.clone(), source(input))).collect(),
            stand_ins: self.stand_ins.clone(),
            outputs: outputs(job),
            time_limit: self.time_limit(project),
            workspace: job.workspace.clone(),
            project: project.clone(),
        };
        Ok(Ok(request))
    }

    /// How long a build of `project` may take (codebuild.md 3.10).
    fn time_limit(&self, project: &Project) -> Duration {
        let minutes = project.timeout_in_minutes.unwrap_or(quotas::BUILD_TIMEOUT_DEFAULT.value);
        let of_project = Duration::from_secs(u64::from(minutes) * 60);
        self.time_limit.map_or(of_project, |shorter| shorter.min(of_project))
    }

    /// The ARN under which an input would be in S3, which is what builds see as their source version (codepipeline.md 6).
    fn location(&self, job: &Job, input: &InputArtifact) -> String {
        let cut = |text: &str, length| text.chars().take(length).collect::<String>();
        format!(
            "arn:aws:s3:::codepipeline-{}-{}/{}/{}/{}",
            self.region,
            self.account,
            cut(&job.pipeline, 20),
            cut(&input.name, 10),
            cut(&job.execution, 7)
        )
    }
}

/// Reads the JSON of `EnvironmentVariables`.
fn variables(text: &str) -> Result<Vec<ProjectVariable>, String> {
    serde_json::from_str(text).map_err(|error| {
        // The text comes with its variables resolved, so the definition itself can be in order (codepipeline.md 5).
        let hint = if error.is_syntax() || error.is_eof() {
            "; a variable such as CommitMessage breaks it when its value has a quote, a backslash or a line break"
        } else {
            ""
        };
        format!("EnvironmentVariables is not the JSON of a list of {{name, value, type}}: {error}{hint}")
    })
}

/// The primary input and the others (codepipeline.md 2.4).
fn inputs<'a>(
    job: &'a Job,
    primary: Option<&str>,
) -> Result<(&'a InputArtifact, Vec<&'a InputArtifact>), String> {
    let chosen = match (primary, job.inputs.as_slice()) {
        (_, []) => return Err("the action has no input artifact".to_owned()),
        (None, [only]) => only,
        (None, _) => {
            return Err("PrimarySource is required when there are several input artifacts".to_owned());
        }
        (Some(name), all) => all
            .iter()
            .find(|input| input.name == name)
            .ok_or_else(|| format!("PrimarySource: {name} is no input artifact of the action"))?,
    };
    Ok((chosen, job.inputs.iter().filter(|input| input.name != chosen.name).collect()))
}

/// One output is the buildspec's own artifact; several are its secondary artifacts (codepipeline.md 6).
fn outputs(job: &Job) -> Outputs {
    match job.outputs.as_slice() {
        [] => Outputs::Nothing,
        [only] => Outputs::Primary(only.name.clone()),
        several => Outputs::Secondary(several.iter().map(|output| output.name.clone()).collect()),
    }
}

/// An action whose configuration cannot be used.
pub(super) fn refused(message: String) -> Outcome {
    Outcome::failed(Failure { code: "InvalidActionConfiguration".to_owned(), message, ..Failure::default() })
}

/// Who a build is to the others in the queue.
fn in_queue(job: &Job) -> String {
    let short = job.execution.get(..8).unwrap_or(&job.execution);
    format!("{} {short} {}/{}", job.pipeline, job.stage, job.action)
}

/// What a pipeline gets to know of a build that never began.
fn turned_away(away: TurnedAway, build_id: String) -> Outcome {
    let TurnedAway { status, failure } = away;
    let began_nothing = BuildResult {
        status,
        failure: Some(failure),
        findings: Vec::new(),
        artifacts: Vec::new(),
        reports: Vec::new(),
        exported: BTreeMap::new(),
        placeholders: Vec::new(),
    };
    outcome(began_nothing, build_id)
}

/// What a pipeline gets to know of a build.
pub(super) fn outcome(result: BuildResult, build_id: String) -> Outcome {
    let (status, state) = match result.status {
        PhaseStatus::Succeeded => (Status::Succeeded, "SUCCEEDED"),
        PhaseStatus::Failed => (Status::Failed, "FAILED"),
        PhaseStatus::TimedOut => (Status::TimedOut, "TIMED_OUT"),
        PhaseStatus::Stopped => (Status::Stopped, "STOPPED"),
    };
    let size = result.exported.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    if size > quotas::OUTPUT_VARIABLES.value as usize {
        let message =
            format!("the output variables have {size} bytes; {} are allowed", quotas::OUTPUT_VARIABLES.value);
        let failure = Failure { code: VARIABLES_TOO_LARGE.to_owned(), message, ..Failure::default() };
        return Outcome {
            external_execution_id: Some(build_id),
            reports: result.reports,
            simulated: result.placeholders,
            ..Outcome::failed(result.failure.unwrap_or(failure))
        };
    }
    Outcome {
        // AWS's text for a build that did not succeed (codepipeline.md 2.4).
        summary: (status != Status::Succeeded).then(|| format!("Build terminated with state: {state}")),
        external_execution_id: Some(build_id),
        artifacts: result.artifacts.into_iter().map(|made| (made.name, made.archive)).collect(),
        variables: result.exported.into_iter().collect::<BTreeMap<_, _>>(),
        reports: result.reports,
        simulated: result.placeholders,
        ..Outcome::with_status(status, result.failure)
    }
}
