//! Credentials of registries. What was given is not kept: the private HOME gets an entry that says so, for tools that look
//! whether there is one.

use std::path::PathBuf;

use base64::Engine as _;
use serde_json::{Map, Value};

use crate::aws::effect::Deed;
use crate::aws::shims::line::Line;
use crate::aws::shims::verdict::{Said, Verdict};
use crate::aws::shims::wire::Look;

const HUB: &str = "https://index.docker.io/v1/";

/// `docker login`
pub(super) fn login(line: &Line<'_>) -> Verdict {
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
    if line.has(&["--password-stdin"]) {
        let seen = &line.asked.seen;
        let Some(input) = &seen.input else {
            return Verdict::look(Look { input: true, ..Look::default() });
        };
        let Some(password) = seen.read.get(input) else {
            return Verdict::look(Look { read: vec![input.clone()], ..Look::default() });
        };
        if password.as_deref().is_none_or(|password| password.trim().is_empty()) {
            return Said::failure(1, "Error: Cannot perform an interactive login from a non TTY device\n");
        }
    }
    let user = line.value(&["-u", "--username"]).unwrap_or_default();
    let auth = base64::engine::general_purpose::STANDARD.encode(format!("{user}:made-up-by-rehearsal"));
    let verdict = changed(line, "Login Succeeded\n", |auths, registry| {
        auths.insert(registry, serde_json::json!({ "auth": auth }));
    });
    match verdict {
        // Nobody is asked whether the password is right.
        Verdict::Said(said) if said.status == 0 => {
            let registry = registry(line);
            let registry = if registry == HUB { "docker.io" } else { &registry };
            let deed = Some(Deed::new(format!("logged in to {registry}")));
            Verdict::Said(Said { simulated: true, deed, ..said })
        }
        other => other,
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
