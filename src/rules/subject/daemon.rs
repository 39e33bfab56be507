//! Commands that need a Docker daemon.

use super::Buildspec;
use crate::syntax::Span;

/// Commands of docker that need the daemon.
const NEED: [&str; 16] = [
    "build", "buildx", "commit", "compose", "create", "exec", "image", "images", "load", "ps", "pull",
    "push", "run", "save", "start", "tag",
];

/// The words of the first command of a buildspec that needs a daemon, and where they are. None when it names another daemon, or
/// starts its own.
pub fn use_of_daemon(file: Buildspec<'_>) -> Option<(String, Span)> {
    // Who starts a daemon, or asks for one, knows.
    let is_known = |text: &str| text.contains("dockerd") || text.contains("DOCKER_HOST");
    if is_known(file.source().text()) {
        return None;
    }
    file.commands().iter().filter(|command| command.has("docker")).find_map(|command| {
        command.simples().find_map(|(simple, place)| {
            let (name, first) = (simple.name()?, simple.arguments().first()?);
            let needs = match name {
                "docker" => NEED.contains(&&*first.text),
                "docker-compose" => !first.text.starts_with('-'),
                _ => false,
            };
            (needs && !place.judged && !place.guarded && !place.in_function)
                .then(|| (format!("{name} {}", first.text), command.at(simple.head())))
        })
    })
}
