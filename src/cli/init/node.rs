//! A Node project: its lock file and its scripts.

use serde_json::Value;

use super::project::{Buildspecs, Recipe, Top};
use crate::cli::ending::Failure;

/// What `npm init` writes where there is no test yet.
const PLACEHOLDER: &str = "no test specified";

pub(super) fn recipe(top: &Top<'_>) -> Result<Recipe, Failure> {
    let text = top.text("package.json")?.unwrap_or_default();
    let package: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Failure::unusable(format!("package.json is no JSON: {error}")))?;
    let script =
        |name: &str| package.get("scripts")?.get(name)?.as_str().filter(|script| !script.trim().is_empty());
    let mut flags = Vec::new();
    let mut notes = Vec::new();
    if script("build").is_some() {
        flags.push("build");
    }
    if script("test").is_some_and(|script| !script.contains(PLACEHOLDER)) {
        flags.push("test");
    } else {
        notes.push(
            "package.json has no `test` script: there is no Test stage; write one and run init --force"
                .to_owned(),
        );
    }
    if top.has("package-lock.json")? || top.has("npm-shrinkwrap.json")? {
        flags.push("lock");
    } else {
        for (file, tool) in [("yarn.lock", "yarn"), ("pnpm-lock.yaml", "pnpm"), ("bun.lock", "bun")] {
            if top.has(file)? {
                notes.push(format!(
                    "{file} is not used: the buildspecs say npm; write what {tool} wants instead"
                ));
            }
        }
    }
    Ok(Recipe {
        buildspecs: Buildspecs {
            build: include_str!("templates/build-node.yml.in"),
            test: include_str!("templates/test-node.yml.in"),
        },
        flags,
        values: Vec::new(),
        notes,
    })
}
