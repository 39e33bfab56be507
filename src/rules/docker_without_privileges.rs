//! `docker-without-privileges`: a build that uses Docker in a project that is not privileged.

use super::record::{Check, Rule};
use super::subject::{Buildspec, Project, use_of_daemon};
use crate::diagnostic::{Finding, Severity};

pub(super) const RULE: Rule = Rule {
    code: "docker-without-privileges",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A build that uses Docker in a project that is not privileged",
    doc: "The Docker daemon of a build container starts only where the project has `privilegedMode: true`. Without it, `docker build`, \
          `docker run` and their like say `Cannot connect to the Docker daemon`. Logins need no daemon. A build that names another \
          daemon by `DOCKER_HOST`, and projects that neither rehearsal.yml nor a template describes, are not spoken of.",
    example: None,
    reference: "codebuild.md 2.3, 5",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html#troubleshooting-cannot-connect-to-docker-daemon",
    ),
    check: Check::Built(check),
};

fn check(file: Buildspec<'_>, project: &Project<'_>, findings: &mut Vec<Finding>) {
    // The builds of a batch have settings of their own.
    if project.privileged != Some(false) || file.root().get("batch").is_some() {
        return;
    }
    let Some((words, span)) = use_of_daemon(file) else { return };
    let name = project.name.unwrap_or_default();
    let message = format!("`{words}` needs a Docker daemon, and `{name}` is not privileged");
    let finding = RULE.at(file.source(), span, message, "no daemon to connect to");
    findings.push(finding.help(format!("set privilegedMode: true in the environment of `{name}`")).aws(
        "Cannot connect to the Docker daemon at unix:/var/run/docker.sock. Is the docker daemon running?",
    ));
}
