//! `docker-without-privileges`: a build that uses Docker in a project that is not privileged.

use super::record::{Check, Rule};
use super::subject::{Buildspec, Project};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell;

/// Commands of docker that need the daemon.
const NEED: [&str; 16] = [
    "build", "buildx", "commit", "compose", "create", "exec", "image", "images", "load", "ps", "pull",
    "push", "run", "save", "start", "tag",
];

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
    let is_batch = file.root().get("batch").is_some();
    if project.privileged != Some(false) || is_batch || file.source().text().contains("DOCKER_HOST") {
        return;
    }
    findings.extend(first(file, project));
}

/// The first use of the daemon.
fn first(file: Buildspec<'_>, project: &Project<'_>) -> Option<Finding> {
    // Who starts a daemon, or asks for one, knows.
    if file.commands().iter().any(|command| command.text.contains("dockerd")) {
        return None;
    }
    for command in file.commands() {
        if !command.text.contains("docker") {
            continue;
        }
        let mut found = None;
        shell::each_simple(&command.script, &mut |simple, place| {
            let (Some(name), Some(first)) = (simple.name(), simple.arguments().first()) else { return };
            let needs = match name {
                "docker" => NEED.contains(&&*first.text),
                "docker-compose" => !first.text.starts_with('-'),
                _ => false,
            };
            if needs && !place.judged && !place.guarded && !place.in_function {
                found.get_or_insert((format!("{name} {}", first.text), simple.head()));
            }
        });
        let Some((words, span)) = found else { continue };
        let name = project.name.unwrap_or_default();
        let message = format!("`{words}` needs a Docker daemon, and `{name}` is not privileged");
        let finding = RULE.at(file.source(), command.at(span), message, "no daemon to connect to");
        return Some(finding.help(format!("set privilegedMode: true in the environment of `{name}`")).aws(
            "Cannot connect to the Docker daemon at unix:/var/run/docker.sock. Is the docker daemon running?",
        ));
    }
    None
}
