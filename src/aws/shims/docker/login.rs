//! Credentials of registries. What was given is not kept: the private HOME gets an entry that says so, for tools that look
//! whether there is one. Nobody is asked whether a password is right; only registries of ECR take no other than the tokens
//! that the endpoint gave out in this execution.

use std::path::PathBuf;

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::aws::answers::ecr;
use crate::aws::desk::Desk;
use crate::aws::effect::Deed;
use crate::aws::shims::line::Line;
use crate::aws::shims::verdict::{Said, Scene, Verdict};
use crate::aws::shims::wire::Look;
use crate::aws::world::placeholder;

const HUB: &str = "https://index.docker.io/v1/";

/// `docker login`
pub(super) fn login(line: &Line<'_>, scene: &Scene<'_>) -> Verdict {
    let given = line.has(&["--password-stdin"]) || line.value(&["-p", "--password"]).is_some();
    if !given || line.value(&["-u", "--username"]).is_none() {
        let words = if line.has(&["--password-stdin"]) {
            "Must provide --username with --password-stdin\n"
        } else {
            "Error: Cannot perform an interactive login from a non TTY device\n"
        };
        return Said::failure(1, words);
    }
    if line.value(&["-p", "--password"]) == Some("") || line.value(&["-u", "--username"]) == Some("") {
        return Said::failure(1, "Error: Cannot perform an interactive login from a non TTY device\n");
    }
    let mut password = line.value(&["-p", "--password"]).unwrap_or_default();
    if line.has(&["--password-stdin"]) {
        let seen = &line.asked.seen;
        let Some(input) = &seen.input else {
            return Verdict::look(Look { input: true, ..Look::default() });
        };
        let Some(text) = seen.read.get(input) else {
            return Verdict::look(Look { read: vec![input.clone()], ..Look::default() });
        };
        password = text.as_deref().unwrap_or_default().trim_end_matches(['\r', '\n']);
        if password.trim().is_empty() {
            return Said::failure(1, "Error: Cannot perform an interactive login from a non TTY device\n");
        }
    }
    if let Some(why) = not_a_token(&registry(line), password, scene.desk) {
        let host = registry(line);
        return Said::failure(
            1,
            format!(
                "Error response from daemon: login attempt to https://{host}/v2/ failed with status: 400 Bad Request\n\
                 (rehearsal: {why})\n"
            ),
        );
    }
    let user = line.value(&["-u", "--username"]).unwrap_or_default();
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{user}:made-up-by-rehearsal"));
    let verdict = changed(line, "Login Succeeded\n", |auths, registry| {
        auths.insert(registry, serde_json::json!({ "auth": auth }));
    });
    match verdict {
        Verdict::Said(said) if said.status == 0 => {
            let registry = registry(line);
            let registry = if registry == HUB { "docker.io" } else { &registry };
            let deed = Some(Deed::new(format!("logged in to {registry}")));
            Verdict::Said(Said { simulated: true, deed, ..said })
        }
        other => other,
    }
}

/// Why ECR would not take this password for its registry, where that is known: it may have come from AWS, or stand for
/// something that did. A token is good for all registries of its region, those of other accounts too.
fn not_a_token(registry: &str, password: &str, desk: &Desk) -> Option<String> {
    let mut labels = registry.split('.').skip(1);
    let (Some("dkr"), Some("ecr"), Some(region)) = (labels.next(), labels.next(), labels.next()) else {
        return None;
    };
    let world = &desk.world;
    let is_of_others = desk.forward.is_some() || world.answers.contains_key("ecr:GetAuthorizationToken");
    let mut stand_ins = world.secrets.values().chain(world.parameters.values()).flatten();
    let is_stand_in = password.starts_with(&placeholder("")) || stand_ins.any(|text| text.contains(password));
    if is_of_others || is_stand_in {
        return None;
    }
    match world.made().get(ecr::TOKEN, password).map(|token| token["region"].as_str().unwrap_or_default()) {
        Some(own) if own == region => None,
        Some(own) => Some(format!(
            "the password is a token for registries in {own}; this one takes those of `aws ecr get-login-password --region {region}`"
        )),
        None => Some(format!(
            "the password is no token that ECR gave out in this execution; `aws ecr get-login-password --region {region}` prints one"
        )),
    }
}

/// `docker logout`
pub(super) fn logout(line: &Line<'_>) -> Verdict {
    let registry = registry(line);
    changed(line, &format!("Removing login credentials for {registry}\n"), |auths, registry| {
        auths.remove(&registry);
    })
}

fn registry(line: &Line<'_>) -> String {
    let name = line.word(0).unwrap_or(HUB);
    if name == HUB {
        return name.to_owned();
    }
    let name = name.trim_start_matches("https://").trim_start_matches("http://");
    name.split('/').next().unwrap_or(name).to_owned()
}

/// The client's settings file, as the build sees it.
fn settings(line: &Line<'_>) -> Option<PathBuf> {
    let env = &line.asked.env;
    let folder = env.get("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| env.get("HOME").map(|home| PathBuf::from(home).join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}

/// What ECR says to a push of somebody who has not logged in; nothing when they have, or something else may log them in.
pub(super) fn missing(line: &Line<'_>, image: &str) -> Option<Verdict> {
    let host = image.split('/').next().filter(|host| host.contains(".dkr.ecr."))?;
    let file = settings(line)?;
    let Some(text) = line.asked.seen.read.get(&file) else {
        return Some(Verdict::look(Look { read: vec![file], ..Look::default() }));
    };
    let config: Value = text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let helped = config.get("credHelpers").is_some() || config.get("credsStore").is_some();
    let known = config["auths"].as_object().is_some_and(|auths| auths.keys().any(|name| name.contains(host)));
    (!helped && !known).then(|| Said::failure(1, "no basic auth credentials\n"))
}

fn changed(line: &Line<'_>, out: &str, change: impl FnOnce(&mut Map<String, Value>, String)) -> Verdict {
    let Some(file) = settings(line) else { return Said::answer(out) };
    let Some(text) = line.asked.seen.read.get(&file) else {
        return Verdict::look(Look { read: vec![file], ..Look::default() });
    };
    let mut config: Map<String, Value> = match text.as_deref().map(serde_json::from_str) {
        None => Map::new(),
        Some(Ok(config)) => config,
        Some(Err(error)) => {
            return Said::failure(1, format!("Error loading config file: {}: {error}\n", file.display()));
        }
    };
    let auths = config.entry("auths").or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(auths) = auths {
        change(auths, registry(line));
    }
    let text = serde_json::to_string_pretty(&config).unwrap_or_default();
    Verdict::Said(Said { out: out.to_owned(), writes: vec![(file, text)], ..Said::default() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aws::world::{AnswerFile, World};
    use crate::clock::{ManualClock, Timestamp};

    #[test]
    fn a_password_that_may_have_come_from_aws_is_not_judged() {
        let folder = tempfile::tempdir().unwrap();
        let judged = |change: &dyn Fn(&mut World), registry: &str, password: &str| {
            let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
            let place = folder.path().to_path_buf();
            let mut world = World::new("111122223333", "us-east-1", place.clone(), place, clock);
            change(&mut world);
            let desk = Desk::open(Arc::new(world), None, &folder.path().join("effects")).unwrap();
            not_a_token(registry, password, &desk).is_some()
        };
        let ecr = "111122223333.dkr.ecr.us-east-1.amazonaws.com";
        let answered = |world: &mut World| {
            let file = Ok(AnswerFile::Output("{}".to_owned()));
            world.answers.insert("ecr:GetAuthorizationToken".to_owned(), file);
        };
        let stood_in = |world: &mut World| {
            world.secrets.insert("ecr".to_owned(), Ok("{\"token\": \"other\"}".to_owned()));
        };
        assert!(judged(&|_| {}, ecr, "other"));
        assert!(!judged(&answered, ecr, "other"));
        assert!(!judged(&stood_in, ecr, "other"));
        assert!(judged(&stood_in, ecr, "another"));
        assert!(!judged(&|_| {}, ecr, "placeholder-for-ecr"));
        for registry in ["https://index.docker.io/v1/", "registry.example.com", "public.ecr.aws"] {
            assert!(!judged(&|_| {}, registry, "other"), "{registry}");
        }
    }
}
