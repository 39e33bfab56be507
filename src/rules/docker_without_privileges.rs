//! `docker-without-privileges`: a build that uses Docker in a project that is not privileged.

use super::record::{Check, Rule};
use super::subject::{Built, Commands, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell;
use crate::syntax::{Node, Tree};

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
          daemon by `DOCKER_HOST`, and projects that are not described in rehearsal.yml, are not spoken of.",
    example: None,
    reference: "codebuild.md 2.3, 5",
    url: Some(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html#troubleshooting-cannot-connect-to-docker-daemon",
    ),
    check: Check::Pipelines(check),
};

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let mut seen: Vec<*const Tree> = Vec::new();
    for build in built {
        let Some((file, project)) = build.file.as_deref().zip(build.project) else { continue };
        if seen.iter().any(|tree| std::ptr::eq(*tree, file)) || build.is_batch() {
            continue;
        }
        let environment = project.get("environment");
        let flag = environment.and_then(|environment| environment.get("privilegedMode")).and_then(Node::text);
        let is_linux = environment
            .and_then(|environment| environment.get("type"))
            .and_then(Node::text)
            .is_none_or(|kind| matches!(kind, "LINUX_CONTAINER" | "ARM_CONTAINER" | "LINUX_GPU_CONTAINER"));
        let is_privileged = flag.is_some_and(|flag| !flag.eq_ignore_ascii_case("false"));
        if is_privileged || !is_linux || file.source().text().contains("DOCKER_HOST") {
            continue;
        }
        seen.push(file);
        if let Some(finding) = first(file, project) {
            findings.push(finding);
        }
    }
}

/// The first use of the daemon.
fn first(file: &Tree, project: Node<'_>) -> Option<Finding> {
    let commands = Commands::of(file);
    // Who starts a daemon, or asks for one, knows.
    if commands.all().iter().any(|command| command.text.contains("dockerd")) {
        return None;
    }
    for command in commands.all() {
        let mut found = None;
        shell::each_simple(&command.script, &mut |simple, place| {
            let (Some(name), Some(first)) = (simple.name(), simple.arguments().first()) else { return };
            let needs = match name {
                "docker" => NEED.contains(&&*first.text),
                "docker-compose" => !first.text.starts_with('-'),
                _ => false,
            };
            if needs && !place.judged && !place.guarded && !place.in_function {
                found.get_or_insert((format!("{name} {}", first.text), simple.span));
            }
        });
        let Some((words, span)) = found else { continue };
        let name = project.get("name").and_then(Node::text).unwrap_or_default();
        let message = format!("`{words}` needs a Docker daemon, and `{name}` is not privileged");
        let finding = RULE.at(file.source(), command.at(span), message, "no daemon to connect to");
        return Some(finding.help(format!("set privilegedMode: true in the environment of `{name}`")).aws(
            "Cannot connect to the Docker daemon at unix:/var/run/docker.sock. Is the docker daemon running?",
        ));
    }
    None
}
