//! Docker, without its socket: what builds say to it, and what becomes of that.
//!
//! | file | owns |
//! | --- | --- |
//! | `words`, `options` | docker's commands and options: the one list of what there is |
//! | `reading` | command lines, read as docker reads them |
//! | `simulate`, `dockerfile` | builds without an engine |
//! | `without` | everything else without an engine |
//! | `engine` | the user's engine: finding it, asking it, clearing up in it |
//! | `order`, `given`, `values`, `csv`, `place` | what may be handed to it, written anew from what was read |
//! | `needs`, `obey` | what has to be so in it, and handing it over |
//! | `login` | credentials, which go into the private HOME and are made up |
//! | `state` | what this session made |
//!
//! Nothing is pushed, with an engine or without.

mod csv;
mod dockerfile;
mod engine;
mod given;
mod login;
mod means;
mod needs;
mod obey;
mod options;
mod order;
mod place;
mod reading;
mod simulate;
mod state;
#[cfg(test)]
mod tests;
mod values;
mod without;
mod words;

use std::sync::{MutexGuard, PoisonError};

pub use engine::Engine;
pub(super) use engine::tidy;
pub(super) use obey::obey;
pub(super) use order::Order;
pub(super) use state::State;
pub(super) use words::COMPOSE_VALUED;

use means::{Means, Opt};
use words::{Called, Form, Usage};

use super::Tools;
use super::line::Line;
use super::verdict::{Said, Scene, Verdict};
use super::wire::Asked;
use crate::aws::effect::Deed;

/// One command of docker.
struct Command<'a> {
    /// What it is called, whatever words it goes by.
    name: &'static str,
    /// Its options under their long names, and its arguments.
    line: Line<'a>,
    /// Its options in order, as they were read.
    options: Vec<(&'static Opt, &'a str)>,
}

fn locked(tools: &Tools) -> MutexGuard<'_, State> {
    tools.state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `docker …`
pub(super) fn docker(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let global = match reading::read(&line.asked.args, options::GLOBAL, true) {
        Ok(global) => global,
        Err(told) => {
            let usage =
                "Usage:  docker [OPTIONS] COMMAND [ARG...]\n\nRun 'docker --help' for more information\n";
            return Said::failure(125, format!("{told}\n\n{usage}"));
        }
    };
    let named = global.named();
    let value = |wanted: &str| named.iter().rfind(|(name, _)| *name == wanted).and_then(|(_, value)| *value);
    if global.help {
        return Said::answer("\nUsage:  docker [OPTIONS] COMMAND\n");
    }
    if named.iter().any(|(name, _)| *name == "--version") {
        return Said::answer(format!("Docker version {}, build 0000000\n", without::VERSION));
    }
    let elsewhere = named.iter().find(|(name, value)| match *name {
        "--context" => *value != Some("default"),
        name => options::GLOBAL
            .iter()
            .any(|option| option.name == name && matches!(option.means, Means::Beyond | Means::BeyondSwitch)),
    });
    if let Some((name, _)) = elsewhere {
        return Verdict::Said(Said {
            err: format!("rehearsal: recorded, not run: docker {name}: that is an engine of others\n"),
            simulated: true,
            ..Said::default()
        });
    }
    // The words after the command are the last of all arguments.
    let inner = |count: usize| {
        let after = global.words.len() - count;
        let mut inner =
            Asked { args: line.asked.args[line.asked.args.len() - after..].to_vec(), ..line.asked.clone() };
        let folder = value("--config").map(|folder| ("DOCKER_CONFIG".to_owned(), folder.to_owned()));
        inner.env.extend(folder);
        inner
    };
    match words::called(&global.words) {
        Called::Form(form, count) => of_form(form, &global.words[..count].join(" "), &inner(count), scene),
        Called::Compose => compose(&Line::read(&inner(1), COMPOSE_VALUED), scene),
        Called::Settings => Said::answer(""),
        Called::Outside => Verdict::Recorded { deed: None },
        Called::Group => Said::answer(format!(
            "Usage:  docker {} COMMAND\n",
            global.words.first().copied().unwrap_or_default()
        )),
        Called::Unknown(words) => {
            let group = words.split_once(' ').map(|(group, _)| format!(" {group}")).unwrap_or_default();
            let told = format!(
                "docker: unknown command: docker {words}\n\nRun 'docker{group} --help' for more information\n"
            );
            Said::failure(1, told)
        }
        Called::Nothing => Said::answer("\nUsage:  docker [OPTIONS] COMMAND\n"),
    }
}

fn of_form(form: &'static Form, typed: &str, asked: &Asked, scene: &Scene<'_>) -> Verdict {
    let reading = match form.read(typed, &asked.args) {
        Ok(reading) => reading,
        Err(Usage(told, status)) => return Said::failure(status, told),
    };
    if reading.help {
        return Said::answer(format!("{}\n", form.usage(typed)));
    }
    let line = Line { asked, options: reading.named(), words: reading.words, first: asked.args.len() };
    let command = Command { name: form.name, line, options: reading.options };
    if let Some(verdict) = for_both(&command, scene) {
        return verdict;
    }
    match &scene.tools.engine {
        Some(engine) if engine.answers() => order::command(&command, scene, engine),
        Some(_) | None => without::command(&command, scene),
    }
}

/// What is the same with an engine and without.
fn for_both(command: &Command<'_>, scene: &Scene<'_>) -> Option<Verdict> {
    let line = &command.line;
    Some(match command.name {
        "login" => login::login(line, scene),
        "logout" => login::logout(line),
        // A builder of buildx is a container of its own in the engine; builds here need none.
        "buildx create" => Said::answer(format!("{}\n", line.value(&["--name"]).unwrap_or("rehearsal"))),
        "buildx use" => Said::answer(""),
        "buildx imagetools create" => {
            let targets: Vec<_> = line.values(&["-t", "--tag"]).collect();
            let digest = state::made_up(&line.words.join(" "));
            for target in &targets {
                pushed(target, &digest, true, scene);
            }
            let target = targets.first().copied().unwrap_or("without a name");
            Verdict::Recorded { deed: Some(Deed::new(format!("pushed image {target}")).with(format!("{digest}, made up"))) }
        }
        "prune" => Verdict::Refused {
            reason: "it would remove what others made in the engine of this machine; what this build made is removed at its end".into(),
            status: 0,
        },
        _ => return None,
    })
}

/// Whether a build pushes what it builds.
fn is_pushed(line: &Line<'_>) -> bool {
    line.has(&["--push"])
        || line
            .values(&["-o", "--output"])
            .any(|output| output.contains("type=registry") || output.contains("push=true"))
}

/// Makes an image known to the rest of the execution as one that is in its repository.
fn pushed(name: &str, digest: &str, made_up: bool, scene: &Scene<'_>) {
    let (repository, tag) = state::split(name);
    let path = repository
        .split_once('/')
        .filter(|(host, _)| host.contains('.'))
        .map_or(repository, |(_, path)| path);
    let thing = serde_json::json!({
        "repository": path, "tag": tag, "digest": digest, "madeUp": made_up,
    });
    scene.desk.world.made().put("ecr:image", &format!("{path}:{tag}"), thing);
}

/// `docker compose …` and `docker-compose …`: with files that name whatever they like, only what asks nothing of an engine
/// is answered.
pub(super) fn compose(line: &Line<'_>, _: &Scene<'_>) -> Verdict {
    if line.has(&["--version", "-v"]) && line.words.is_empty() {
        return Said::answer("Docker Compose version v2.32.4\n");
    }
    let named: Vec<&str> = line.values(&["-f", "--file"]).filter(|file| *file != "-").collect();
    let usual = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    let looked: &[&str] = if named.is_empty() { &usual } else { &named };
    let seen = &line.asked.seen.exist;
    match line.word(0) {
        None | Some("version" | "help") => return Said::answer("Docker Compose version v2.32.4\n"),
        Some("down" | "stop" | "rm" | "kill" | "ps" | "logs" | "ls") => return Said::answer(""),
        Some(_) => {}
    }
    if looked.iter().any(|file| !seen.contains_key(*file)) {
        let exist = looked.iter().map(|file| (*file).to_owned()).collect();
        return Verdict::look(super::wire::Look { exist, ..super::wire::Look::default() });
    }
    let is_there = |file: &&str| seen.get(*file) == Some(&true);
    if named.is_empty() && !looked.iter().any(is_there) {
        return Said::failure(14, "no configuration file provided: not found\n");
    }
    if let Some(file) = named.iter().find(|file| !is_there(file)) {
        return Said::failure(14, format!("open {file}: no such file or directory\n"));
    }
    match line.word(0) {
        Some("run" | "exec" | "cp") => Verdict::Refused {
            reason: "the containers of a compose file are not started in a rehearsal".into(),
            status: 1,
        },
        Some(_) | None => Verdict::Recorded { deed: None },
    }
}
