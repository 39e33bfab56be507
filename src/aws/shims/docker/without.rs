//! Docker without an engine: what can be answered is, and what would need a container fails by name.

use super::state::{Image, full, is_reference, made_up, split};
use super::{Command, locked, pushed, simulate};
use crate::aws::effect::Deed;
use crate::aws::shims::line::Line;
use crate::aws::shims::verdict::{Said, Scene, Verdict};

pub(super) const VERSION: &str = "28.2.2";

/// A command for which there is no engine.
pub(super) fn command(command: &Command<'_>, scene: &Scene<'_>) -> Verdict {
    let line = &command.line;
    match command.name {
        "build" => simulate::build(command, scene, why(scene)),
        "version" => Said::answer(match line.value(&["-f", "--format"]) {
            Some(_) => format!("{VERSION}\n"),
            None => format!(
                "Client:\n Version:           {VERSION}\n\nServer:\n Engine:\n  Version:          {VERSION}\n"
            ),
        }),
        "info" => {
            Said::answer(format!("Client:\n Version:    {VERSION}\n\nServer:\n Server Version: {VERSION}\n"))
        }
        "ps" => listed(line, "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n"),
        "df" => listed(line, "TYPE      TOTAL     ACTIVE    SIZE      RECLAIMABLE\n"),
        "network ls" => listed(line, "NETWORK ID   NAME      DRIVER    SCOPE\n"),
        "volume ls" => listed(line, "DRIVER    VOLUME NAME\n"),
        "images" => images(line, scene),
        "tag" => tag(line, scene),
        "push" => push(line, scene),
        "pull" => pull(line, scene),
        "rmi" => remove(line, scene),
        "inspect" | "image inspect" => inspect(line, scene),
        "run" | "create" => no_container(line.word(0).unwrap_or_default(), scene),
        "save" | "export" | "history" | "import" | "load" | "commit" | "search" | "events"
        | "manifest inspect" => {
            Verdict::Refused { reason: format!("nothing here could tell: {}", why(scene)), status: 1 }
        }
        "network create" | "volume create" => {
            let name = line.word(0).unwrap_or("rehearsal");
            locked(scene.tools).network(name, true);
            let id = made_up(name);
            let out = if command.name == "network create" { id.trim_start_matches("sha256:") } else { name };
            Said::answer(format!("{out}\n"))
        }
        "network rm" | "volume rm" => {
            let mut state = locked(scene.tools);
            let kind = command.name.split(' ').next().unwrap_or_default();
            match line.words.iter().find(|name| !state.has_network(name)) {
                Some(name) if !line.has(&["-f", "--force"]) => {
                    Said::failure(1, format!("Error response from daemon: {kind} {name} not found\n"))
                }
                Some(_) | None => {
                    for name in &line.words {
                        state.network(name, false);
                    }
                    Said::answer(lines(line.words.iter().map(|name| (*name).to_owned())))
                }
            }
        }
        "network inspect" | "volume inspect" | "network connect" | "network disconnect" => {
            Said::answer("[]\n")
        }
        "manifest create" => {
            if let Some(name) = line.word(0) {
                let digest = made_up(&line.words.join(" "));
                locked(scene.tools).add(name, Image { digest, built: true, real: false });
            }
            Said::answer(format!("Created manifest list {}\n", line.word(0).unwrap_or_default()))
        }
        "manifest annotate" => Said::answer(""),
        "manifest push" => push(line, scene),
        // The rest is about containers, and there can be none.
        "rm" if line.has(&["-f", "--force"]) => Said::answer(""),
        _ => Said::failure(
            1,
            lines(
                line.words
                    .iter()
                    .map(|name| format!("Error response from daemon: No such container: {name}")),
            ),
        ),
    }
}

/// Why nothing is handed to an engine.
fn why<'a>(scene: &Scene<'a>) -> &'a str {
    match &scene.tools.engine {
        None => scene.tools.absence(),
        Some(engine) if engine.answers() => "it was recorded only",
        Some(_) => "the container engine of this machine does not answer",
    }
}

/// What to do about it, besides doing without.
fn remedy(scene: &Scene<'_>) -> &'static str {
    match &scene.tools.engine {
        None if scene.tools.kept => "Run this with --sandbox host, or ",
        None => "Start docker and run this again, or ",
        Some(engine) if engine.answers() => "Change what kept it from being built, or ",
        Some(_) => "Start it and run this again, or ",
    }
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn listed(line: &Line<'_>, header: &str) -> Verdict {
    Said::answer(if line.has(&["-q", "--quiet", "--format"]) { "" } else { header })
}

fn images(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let state = locked(scene.tools);
    let wanted = line.word(0);
    let all = state
        .images()
        .filter(|(name, _)| wanted.is_none_or(|wanted| *name == full(wanted) || split(name).0 == wanted));
    let row = |(name, image): (&str, &Image)| {
        let (repository, tag) = split(name);
        let id = image.digest.trim_start_matches("sha256:").get(..12).unwrap_or_default();
        if line.has(&["-q", "--quiet"]) {
            format!("{id}\n")
        } else {
            format!("{repository:<40} {tag:<20} {id}\n")
        }
    };
    let rows: String = all.map(row).collect();
    let header = if line.has(&["-q", "--quiet"]) {
        String::new()
    } else {
        format!("{:<40} {:<20} IMAGE ID\n", "REPOSITORY", "TAG")
    };
    Said::answer(header + &rows)
}

fn invalid(name: &str) -> Verdict {
    Said::failure(
        1,
        format!(
            "Error parsing reference: \"{name}\" is not a valid repository/tag: invalid reference format\n"
        ),
    )
}

fn tag(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let [source, target] = line.words[..] else {
        return Said::failure(1, "docker: 'docker tag' requires 2 arguments\n");
    };
    if let Some(name) = [source, target].into_iter().find(|name| !is_reference(name)) {
        return invalid(name);
    }
    let mut state = locked(scene.tools);
    match state.image(source).cloned() {
        Some(image) => {
            state.add(target, image);
            Said::answer("")
        }
        None => Said::failure(1, format!("Error response from daemon: No such image: {}\n", full(source))),
    }
}

fn push(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let Some(name) = line.word(0) else {
        return Said::failure(1, "docker: 'docker push' requires 1 argument\n");
    };
    if !is_reference(name) {
        return Said::failure(1, "invalid reference format\n");
    }
    let all: Vec<(String, Image)> = {
        let state = locked(scene.tools);
        let names =
            if line.has(&["-a", "--all-tags"]) { state.tags(split(name).0) } else { vec![full(name)] };
        names.into_iter().filter_map(|name| Some((name.clone(), state.image(&name)?.clone()))).collect()
    };
    let (repository, tag) = split(name);
    let Some((first, image)) = all.first() else {
        return Said::failure(
            1,
            format!(
                "The push refers to repository [{repository}]\nAn image does not exist locally with the tag: {repository}\nrehearsal: this build has no image {}\n",
                full(name)
            ),
        );
    };
    if let Some(refused) = super::login::missing(line, name) {
        return refused;
    }
    for (name, image) in &all {
        pushed(name, &image.digest, true, scene);
    }
    let digest = &image.digest;
    Verdict::Said(Said {
        out: if line.has(&["-q", "--quiet"]) {
            format!("{name}\n")
        } else {
            format!("{tag}: digest: {digest} size: 0\n")
        },
        err: format!("rehearsal: recorded, not run: docker push {name} (the digest is made up)\n"),
        simulated: true,
        deed: Some(Deed::new(format!("pushed image {first}")).with(format!("{digest}, made up"))),
        ..Said::default()
    })
}

fn pull(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let Some(name) = line.word(0) else {
        return Said::failure(1, "docker: 'docker pull' requires 1 argument\n");
    };
    if !is_reference(name) {
        return Said::failure(1, "invalid reference format\n");
    }
    let mut state = locked(scene.tools);
    if state.image(name).is_none() {
        state.add(name, Image { digest: made_up(name), built: false, real: false });
    }
    Verdict::Said(Said {
        err: format!("rehearsal: recorded, not run: docker pull {name}: {}\n", why(scene)),
        simulated: true,
        deed: Some(Deed::new(format!("pulled image {name}"))),
        ..Said::default()
    })
}

fn remove(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let mut state = locked(scene.tools);
    let missing: Vec<&str> = line.words.iter().copied().filter(|name| !state.forget(name)).collect();
    if missing.is_empty() || line.has(&["-f", "--force"]) {
        return Said::answer(lines(line.words.iter().map(|name| format!("Untagged: {}", full(name)))));
    }
    let words =
        missing.iter().map(|name| format!("Error response from daemon: No such image: {}\n", full(name)));
    Said::failure(1, words.collect::<String>())
}

fn inspect(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let state = locked(scene.tools);
    let mut found = Vec::new();
    for name in &line.words {
        let Some(image) = state.image(name) else {
            let out = if line.value(&["-f", "--format"]).is_some() { "" } else { "[]\n" };
            return Verdict::Said(Said {
                out: out.into(),
                err: format!("Error: No such object: {name}\n"),
                status: 1,
                ..Said::default()
            });
        };
        let (repository, _) = split(name);
        found.push((image.digest.clone(), full(name), format!("{repository}@{}", image.digest)));
    }
    match line.value(&["-f", "--format"]) {
        None => {
            let all: Vec<_> = found
                .iter()
                .map(|(id, tag, digest)| serde_json::json!({"Id": id, "RepoTags": [tag], "RepoDigests": [digest]}))
                .collect();
            Said::answer(format!("{}\n", serde_json::to_string_pretty(&all).unwrap_or_default()))
        }
        Some(format) if format.contains("RepoDigests") => {
            Said::answer(lines(found.into_iter().map(|(_, _, digest)| digest)))
        }
        Some(format) if format.contains(".Id") || format.contains(".ID") => {
            Said::answer(lines(found.into_iter().map(|(id, _, _)| id)))
        }
        Some(format) => Verdict::Refused {
            reason: format!("nothing here could tell {format}: {}", why(scene)),
            status: 1,
        },
    }
}

/// No container is run: an image that this build does not have is named as docker names it.
fn no_container(image: &str, scene: &Scene<'_>) -> Verdict {
    if !is_reference(image) {
        return Said::failure(125, "docker: invalid reference format\n");
    }
    let built = match locked(scene.tools).image(image) {
        None => {
            return Said::failure(
                125,
                format!(
                    "Unable to find image '{}' locally\nrehearsal: it cannot be pulled: {}\n",
                    full(image),
                    why(scene)
                ),
            );
        }
        Some(image) if image.built => ", so it was not built and cannot be run",
        Some(_) => ", so it cannot be run",
    };
    Verdict::Refused {
        reason: format!(
            "the image {}: {}{built}. {}leave the command out of the rehearsal",
            full(image),
            why(scene),
            remedy(scene)
        ),
        status: 125,
    }
}
