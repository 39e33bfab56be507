//! The provider `Commands`: shell commands as an action, without a project or a buildspec (codepipeline.md 2.14).
//!
//! Owns: what the action's fields become. It runs as a build does, which is also what AWS does behind it.

use std::time::Duration;

use super::codebuild::{outcome, refused};
use super::request::{BuildRequest, Content, Host, Instructions, Outputs, Source};
use super::service::Identity;
use crate::action::{Cancel, Error, InputArtifact, Job, Outcome, Provider, Sink};
use crate::clock;
use crate::spec::buildspec::{Artifacts, Buildspec, Command, Env, Phase, Phases, Proxy, Version};
use crate::spec::config::{Environment, Project, ProjectVariable, ProjectVariableKind};
use crate::spec::quotas;
use crate::syntax::Span;

/// The image that the reference names as the default.
const IMAGE: &str = "aws/codebuild/amazonlinux2-x86_64-standard:5.0";

/// Runs the commands of actions.
#[derive(Clone)]
pub struct Commands {
    /// The machine they run on.
    pub host: Host,
    /// A shorter time limit.
    pub time_limit: Option<Duration>,
    /// The region that commands see.
    pub region: String,
    /// The account that commands see.
    pub account: String,
}

impl Provider for Commands {
    fn perform(&self, job: &Job, sink: &mut dyn Sink, cancel: &Cancel) -> Result<Outcome, Error> {
        let request = match self.request(job) {
            Ok(request) => request,
            Err(message) => return Ok(refused(message)),
        };
        let build_id = request.identity.build_id(&request.project.name);
        let result = super::run(&self.host, &request, sink, cancel)?;
        Ok(outcome(result, build_id))
    }
}

impl Commands {
    /// How long an action may take (codepipeline.md 2.14).
    fn time_limit(&self) -> Duration {
        let limit = quotas::COMMANDS_TIMEOUT.duration().unwrap_or(Duration::MAX);
        self.time_limit.map_or(limit, |shorter| shorter.min(limit))
    }

    fn request(&self, job: &Job) -> Result<BuildRequest, String> {
        if let Some(windows) =
            job.configuration.get("EnvironmentType").filter(|kind| kind.starts_with("WINDOWS"))
        {
            return Err(format!("EnvironmentType {windows} is not supported: commands run in sh"));
        }
        if job.commands.is_empty() {
            return Err("the action has no commands".to_owned());
        }
        if let Some(command) = job.commands.iter().find(|command| command.trim().contains('\n')) {
            let first = super::script::first_line(command);
            return Err(format!(
                "a command has several lines, and must have one: `{first}` and what follows"
            ));
        }
        let Some((primary, secondary)) = job.inputs.split_first() else {
            return Err("the action has no input artifact".to_owned());
        };
        let source = |input: &InputArtifact| Source {
            content: Content::Archive(input.archive.clone()),
            version: None,
            repository: None,
        };
        let plain = |(name, value): &(String, String)| ProjectVariable {
            name: name.clone(),
            value: value.clone(),
            kind: ProjectVariableKind::Plaintext,
        };
        Ok(BuildRequest {
            run: job.action_execution.clone(),
            identity: Identity {
                id: clock::new_id(),
                number: 1,
                initiator: format!("codepipeline/{}", job.pipeline),
                region: self.region.clone(),
                account: self.account.clone(),
            },
            project: Project {
                name: job.pipeline.clone(),
                environment: Environment { image: Some(IMAGE.to_owned()), ..Environment::default() },
                ..Project::default()
            },
            instructions: Instructions::Given(Box::new(buildspec(job))),
            overrides: job.environment_variables.iter().map(plain).collect(),
            known: Vec::new(),
            revision: job.revision.clone(),
            primary: source(primary),
            secondary: secondary.iter().map(|input| (input.name.clone(), source(input))).collect(),
            stand_ins: super::StandIns::default(),
            outputs: match job.outputs.first() {
                None => Outputs::Nothing,
                Some(output) => Outputs::Primary(output.name.clone()),
            },
            time_limit: self.time_limit(),
            workspace: job.workspace.clone(),
        })
    }
}

/// The action as a build: its commands are the `build` phase.
fn buildspec(job: &Job) -> Buildspec {
    let commands = job
        .commands
        .iter()
        .map(|text| Command { text: text.trim().to_owned(), span: Span::default() })
        .filter(|command| !command.text.is_empty())
        .collect();
    Buildspec {
        version: Version::V0_2,
        run_as: None,
        env: Env { exported_variables: job.output_variables.clone(), ..Env::default() },
        phases: Phases { build: Some(Phase { commands, ..Phase::default() }), ..Phases::default() },
        artifacts: job
            .outputs
            .first()
            .map(|output| Artifacts { files: output.files.clone(), ..Artifacts::default() }),
        reports: Vec::new(),
        cache: None,
        proxy: Proxy::default(),
        batch: None,
    }
}
