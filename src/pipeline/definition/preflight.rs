//! What can be known to be in the way before anything starts.
//!
//! Owns: providers, modes and features that are not there yet, projects, buildspecs, deployment groups and appspecs that
//! are missing. Stages behind
//! `--until` are not looked at. Leaves to the engine: whether a request fits the state of things.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::{BUILDSPEC, Configuration, Definition, Files, place};
use crate::build::BuildspecFile;
use crate::diagnostic::{self, Finding};
use crate::repo::{self, Found};
use crate::spec::config::Project;
use crate::spec::config::gate::check_against;
use crate::spec::pipeline::{Action, Category, ExecutionMode, Stage};
use crate::spec::{appspec, buildspec};
use crate::syntax::{SourceFile, Span};

/// What is checked, and against what.
pub struct Preflight<'a> {
    /// The pipeline.
    pub definition: &'a Definition,
    /// The last stage to run, when not the definition's last.
    pub until: Option<&'a str>,
    /// rehearsal.yml.
    pub configuration: &'a Configuration,
    /// The source that source actions will give.
    pub files: &'a dyn Files,
    /// Whether some provider performs an action.
    pub performs: &'a dyn Fn(&Action) -> bool,
}

/// Everything that is in the way. Empty: the execution may start.
pub fn preflight(check: &Preflight<'_>) -> Result<Vec<Finding>, repo::Error> {
    let mut findings = Vec::new();
    check.mode(&mut findings);
    check.gates(&mut findings);
    let mut buildspecs = BTreeSet::new();
    for stage in check.stages() {
        check.conditions(stage, &mut findings);
        for action in &stage.actions {
            check.action(stage, action, &mut findings, &mut buildspecs)?;
        }
    }
    for path in buildspecs {
        if let Some(bytes) = check.files.read(Path::new(&path))? {
            let read = buildspec::load(&path, &bytes);
            if diagnostic::any_error(&read.findings) {
                findings.extend(read.findings);
            }
        }
    }
    Ok(findings)
}

/// The paths of the buildspecs that a pipeline takes straight from its source, as far as that can be seen.
pub fn buildspecs(definition: &Definition, configuration: &Configuration) -> Vec<String> {
    let builds = definition.pipeline.actions().filter(|(_, action)| is_codebuild(action));
    let paths = builds.filter_map(|(_, action)| {
        let project = configuration.config.project(action.configuration.get("ProjectName")?)?;
        in_source(where_is(project, action)).filter(|_| is_primary_from_source(definition, action))
    });
    paths.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The names of the appspecs that a pipeline takes straight from its source; none when it deploys nothing from there.
pub fn appspecs(definition: &Definition) -> Vec<String> {
    let deploys = |action: &Action| is_codedeploy(action) && is_primary_from_source(definition, action);
    let any = definition.pipeline.actions().any(|(_, action)| deploys(action));
    APPSPECS.iter().filter(|_| any).map(|name| (*name).to_owned()).collect()
}

/// Where an action's buildspec is (codebuild.md 1.1, codepipeline.md 2.4).
fn where_is(project: &Project, action: &Action) -> BuildspecFile {
    let text = action.configuration.get("BuildspecOverride").filter(|text| !text.trim().is_empty());
    BuildspecFile::from_setting(text.or(project.source.buildspec.as_ref()).map(String::as_str))
}

/// The path of a buildspec that is in the primary source.
fn in_source(buildspec: BuildspecFile) -> Option<String> {
    match buildspec {
        BuildspecFile::Default => Some(BUILDSPEC.to_owned()),
        BuildspecFile::Path(path) => Some(path),
        BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => None,
    }
}

/// Where an appspec is, in the order in which it is looked for (codedeploy.md 2).
const APPSPECS: [&str; 2] = ["appspec.yml", "appspec.yaml"];

fn is_codedeploy(action: &Action) -> bool {
    action.category == Category::Deploy && action.provider == "CodeDeploy"
}

fn is_codebuild(action: &Action) -> bool {
    matches!(action.category, Category::Build | Category::Test) && action.provider == "CodeBuild"
}

/// Whether the primary input of an action is what a source action gave, unchanged.
fn is_primary_from_source(definition: &Definition, action: &Action) -> bool {
    let primary = action.configuration.get("PrimarySource").or(action.input_artifacts.first());
    definition.pipeline.actions().any(|(_, producer)| {
        producer.category == Category::Source
            && producer.output_artifacts.iter().any(|output| Some(&output.name) == primary)
    })
}

impl Preflight<'_> {
    fn source(&self) -> &Arc<SourceFile> {
        &self.definition.source
    }

    fn stages(&self) -> impl Iterator<Item = &Stage> {
        let stages = &self.definition.pipeline.stages;
        let last = self.until.and_then(|until| stages.iter().position(|stage| stage.name == until));
        stages.iter().take(last.map_or(stages.len(), |last| last + 1))
    }

    fn mode(&self, findings: &mut Vec<Finding>) {
        let name = match self.definition.pipeline.execution_mode {
            ExecutionMode::Superseded => return,
            ExecutionMode::Queued => "QUEUED",
            ExecutionMode::Parallel => "PARALLEL",
        };
        let span = place::of_pipeline(self.source(), "executionMode").unwrap_or_default();
        findings.push(
            self.error(
                "not-there-yet",
                format!("execution mode {name} is not there yet"),
                span,
                "asked for here",
            )
            .help("rehearse it as SUPERSEDED for now"),
        );
    }

    /// Gates that cannot be as they are written (design brief 6).
    fn gates(&self, findings: &mut Vec<Finding>) {
        let gates = &self.configuration.config.committed.gates;
        if let Some(source) = &self.configuration.source {
            findings.extend(check_against(gates, &self.definition.pipeline, &self.definition.all, source));
        }
    }

    fn conditions(&self, stage: &Stage, findings: &mut Vec<Finding>) {
        let conditions = [
            ("beforeEntry", &stage.before_entry),
            ("onSuccess", &stage.on_success),
            ("onFailure", &stage.on_failure),
        ];
        for (key, _) in conditions.iter().filter(|(_, value)| value.is_some()) {
            let span = place::of_stage(self.source(), &stage.name, key).unwrap_or(stage.span);
            let message = format!("`{key}` of stage {} is not there yet", stage.name);
            findings.push(self.error("not-there-yet", message, span, "would be passed over"));
        }
    }

    fn action(
        &self,
        stage: &Stage,
        action: &Action,
        findings: &mut Vec<Finding>,
        buildspecs: &mut BTreeSet<String>,
    ) -> Result<(), repo::Error> {
        let name = format!("{}/{}", stage.name, action.name);
        if !(self.performs)(action) {
            let span = self.at(stage, action, &["actionTypeId", "provider"]);
            let message = format!(
                "{name}: provider {} ({}) is not there yet",
                action.provider,
                action.category.api_name()
            );
            let mut finding = self.error("not-there-yet", message, span, "nothing here can perform it");
            if let Some(before) = self.stage_before(stage) {
                finding = finding.help(format!("`--until {before}` runs the pipeline as far as it goes"));
            }
            findings.push(finding);
            return Ok(());
        }
        if is_codebuild(action) {
            self.codebuild(&name, stage, action, findings, buildspecs)?;
        }
        if is_codedeploy(action) {
            self.codedeploy(&name, stage, action, findings)?;
        }
        Ok(())
    }

    /// The group must be described, and an appspec that comes straight from the source must be there and in order.
    fn codedeploy(
        &self,
        name: &str,
        stage: &Stage,
        action: &Action,
        findings: &mut Vec<Finding>,
    ) -> Result<(), repo::Error> {
        let configuration = |key: &str| action.configuration.get(key).map_or("", String::as_str);
        let (application, group) = (configuration("ApplicationName"), configuration("DeploymentGroupName"));
        let config = &self.configuration.config;
        // What has a variable in it is known when it runs.
        if !application.contains("#{")
            && !group.contains("#{")
            && config.deployment_group(application, group).is_none()
        {
            let known = config.committed.deployment_groups.iter();
            let application_exists = known.clone().any(|known| known.application_name == application);
            let (key, message, code) = if application_exists {
                let message =
                    format!("{name}: application `{application}` has no deployment group `{group}`");
                ("DeploymentGroupName", message, "DeploymentGroupDoesNotExistException")
            } else {
                let message = format!("{name}: no application `{application}`");
                ("ApplicationName", message, "ApplicationDoesNotExistException")
            };
            let span = self.at(stage, action, &["configuration", key]);
            let help = format!(
                "describe the group in rehearsal.yml (`aws deploy get-deployment-group` prints it), for example:\n\
                 deploymentGroups:\n  - applicationName: {application}\n    deploymentGroupName: {group}\n    \
                 deploymentConfigName: CodeDeployDefault.AllAtOnce\n    local: {{}}"
            );
            let finding = self.error("unknown-deployment-group", message, span, "not in rehearsal.yml");
            findings.push(finding.help(help).aws(code));
        }
        if !is_primary_from_source(self.definition, action) {
            return Ok(());
        }
        for path in APPSPECS {
            if let Some(bytes) = self.files.read(Path::new(path))? {
                let read = appspec::load(path, &bytes);
                if diagnostic::any_error(&read.findings) {
                    findings.extend(read.findings);
                }
                return Ok(());
            }
        }
        let span = self.at(stage, action, &["inputArtifacts"]);
        let message = format!("{name}: {} has no {}", self.files.place(), APPSPECS[0]);
        findings.push(self.error("appspec-missing", message, span, "CodeDeploy deploys the source itself"));
        Ok(())
    }

    fn codebuild(
        &self,
        name: &str,
        stage: &Stage,
        action: &Action,
        findings: &mut Vec<Finding>,
        buildspecs: &mut BTreeSet<String>,
    ) -> Result<(), repo::Error> {
        let configuration = |key: &str| action.configuration.get(key).map_or("", String::as_str);
        if configuration("BatchEnabled").eq_ignore_ascii_case("true") {
            let span = self.at(stage, action, &["configuration", "BatchEnabled"]);
            findings.push(self.error(
                "not-there-yet",
                format!("{name}: batch builds are not there yet"),
                span,
                "",
            ));
        }
        let project = configuration("ProjectName");
        let span = self.at(stage, action, &["configuration", "ProjectName"]);
        let Some(project) = self.configuration.config.project(project) else {
            let message = format!("{name}: no project `{project}`");
            let help = format!(
                "describe it in rehearsal.yml (`aws codebuild batch-get-projects` prints it), for example:\n\
                 projects:\n  - name: {project}\n    source: {{ type: CODEPIPELINE }}\n    environment:\n      \
                 type: LINUX_CONTAINER\n      computeType: BUILD_GENERAL1_SMALL\n      image: \
                 aws/codebuild/standard:7.0"
            );
            findings.push(self.error("unknown-project", message, span, "not in rehearsal.yml").help(help));
            return Ok(());
        };
        let buildspec = where_is(project, action);
        if let BuildspecFile::Remote(_) = buildspec {
            let message = format!("{name}: a buildspec in S3 is not there yet");
            findings.push(self.error("not-there-yet", message, span, "this project's buildspec is in S3"));
        }
        let Some(path) = in_source(buildspec).filter(|_| is_primary_from_source(self.definition, action))
        else {
            return Ok(());
        };
        let place = self.files.place();
        let message = match self.files.look(Path::new(&path))? {
            Found::File(_) => None,
            Found::Nothing => Some(format!("{name}: {place} has no {path}")),
            Found::Other(what) => Some(format!("{name}: {path} in {place} is {what}, not a file")),
        };
        if let Some(message) = message {
            let finding = self
                .error("buildspec-missing", message, span, format!("this project builds by {path}"))
                .aws(format!("YAML_FILE_ERROR: stat {path}: no such file or directory"));
            findings.push(finding);
        } else {
            buildspecs.insert(path);
        }
        Ok(())
    }

    fn stage_before(&self, stage: &Stage) -> Option<&str> {
        let stages = &self.definition.pipeline.stages;
        let index = stages.iter().position(|other| other.name == stage.name)?.checked_sub(1)?;
        Some(&stages.get(index)?.name)
    }

    fn at(&self, stage: &Stage, action: &Action, path: &[&str]) -> Span {
        place::of_action(self.source(), &stage.name, &action.name, path).unwrap_or(action.span)
    }

    fn error(&self, code: &'static str, message: String, span: Span, label: impl Into<String>) -> Finding {
        Finding::error(code, message, self.source(), span, label)
    }
}
