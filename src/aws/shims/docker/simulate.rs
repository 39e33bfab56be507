//! Builds of images without an engine: what can be said is said, as docker's builder words it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::dockerfile::{self, Problem};
use super::state::{Image, is_reference, made_up};
use super::values::is_remote;
use super::{Command, locked};
use crate::aws::effect::Deed;
use crate::aws::shims::verdict::{Said, Scene, Verdict};
use crate::aws::shims::wire::Look;

/// `docker build` that no engine performs, and why: its files are looked at, and the image is from then on one that is known.
pub(super) fn build(command: &Command<'_>, scene: &Scene<'_>, why: &str) -> Verdict {
    let failed = |words: String| Said::failure(1, format!("ERROR: {words}\n"));
    let context = command.line.word(0).unwrap_or_default();
    let tags: Vec<&str> = command.line.values(&["-t", "--tag"]).collect();
    if let Some(tag) = tags.iter().find(|tag| !is_reference(tag)) {
        return failed(format!("failed to build: invalid tag \"{tag}\": invalid reference format"));
    }
    let named = command.line.value(&["-f", "--file"]);
    let remote = is_remote(context) || context == "-" || named == Some("-");
    let text = if remote {
        None
    } else {
        match files(command, context, named) {
            Ok(text) => Some(text),
            Err(verdict) => return *verdict,
        }
    };
    let name = if tags.is_empty() { "an image without a name".to_owned() } else { tags.join(" and ") };
    let digest = made_up(&format!("{}\n{}", tags.join(" "), text.unwrap_or_default()));
    let mut writes: Vec<(PathBuf, String)> = Vec::new();
    if let Some(file) = command.line.value(&["--iidfile"]) {
        writes.push((file.into(), digest.clone()));
    }
    if let Some(file) = command.line.value(&["--metadata-file"]) {
        let metadata = serde_json::json!({"containerimage.digest": digest, "image.name": tags.join(",")});
        writes.push((file.into(), metadata.to_string()));
    }
    {
        let mut state = locked(scene.tools);
        for tag in &tags {
            state.add(tag, Image { digest: digest.clone(), built: true, real: false });
        }
        if tags.is_empty() {
            state.add(
                &format!("{}@{digest}", "<none>"),
                Image { digest: digest.clone(), built: true, real: false },
            );
        }
    }
    let pushed = super::is_pushed(&command.line);
    if pushed {
        for tag in &tags {
            super::pushed(tag, &digest, true, scene);
        }
    }
    let deed = if pushed && !tags.is_empty() {
        Deed::new(format!("built and pushed image {name}")).with(format!("{digest}, made up"))
    } else {
        Deed::new(format!("built image {name}"))
    };
    let quiet = command.line.has(&["-q", "--quiet"]);
    let looked = if remote { "" } else { "; its Dockerfile and what that copies are there" };
    Verdict::Said(Said {
        out: if quiet { format!("{digest}\n") } else { String::new() },
        err: format!("rehearsal: recorded, not run: docker build of {name}: {why}{looked}\n"),
        writes,
        simulated: true,
        deed: Some(deed),
        ..Said::default()
    })
}

/// The Dockerfile's text, when it and what it copies are there.
fn files(command: &Command<'_>, context: &str, named: Option<&str>) -> Result<String, Box<Verdict>> {
    let seen = &command.line.asked.seen;
    let failed = |words: String| Box::new(Said::failure(1, format!("ERROR: {words}\n")));
    let folder = context.trim_end_matches('/');
    let folder = if folder.is_empty() { "/" } else { folder };
    let in_context = |path: &str| Path::new(folder).join(path).to_string_lossy().into_owned();
    let file = named.map_or_else(|| in_context("Dockerfile"), str::to_owned);
    let Some(there) = seen.exist.get(context) else {
        let look = Look { exist: vec![context.to_owned()], read: vec![file.into()], ..Look::default() };
        return Err(Box::new(Verdict::look(look)));
    };
    if !there {
        return Err(failed(format!("unable to prepare context: path \"{context}\" not found")));
    }
    let Some(Some(text)) = seen.read.get(Path::new(&file)) else {
        let short =
            Path::new(&file).file_name().map_or_else(|| file.clone().into(), |name| name.to_string_lossy());
        return Err(failed(format!(
            "failed to solve: failed to read dockerfile: open {short}: no such file or directory"
        )));
    };
    let arguments: BTreeMap<String, String> = command
        .line
        .values(&["--build-arg"])
        .map(|argument| argument.split_once('=').map_or((argument, ""), |(name, value)| (name, value)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let plan = dockerfile::read(text, &arguments, command.line.value(&["--target"]))
        .map_err(|Problem(words)| failed(format!("failed to solve: {words}")))?;
    let paths: Vec<(String, String)> =
        plan.sources.into_iter().map(|(_, path)| (in_context(path.trim_start_matches('/')), path)).collect();
    let unknown: Vec<String> = paths
        .iter()
        .filter(|(path, _)| !seen.exist.contains_key(path))
        .map(|(path, _)| path.clone())
        .collect();
    if !unknown.is_empty() {
        return Err(Box::new(Verdict::look(Look { exist: unknown, ..Look::default() })));
    }
    if let Some((_, path)) = paths.iter().find(|(path, _)| seen.exist.get(path) == Some(&false)) {
        let path = path.trim_start_matches("./").trim_start_matches('/');
        return Err(failed(format!(
            "failed to solve: failed to compute cache key: failed to calculate checksum of ref: \"/{path}\": not found"
        )));
    }
    Ok(text.clone())
}
