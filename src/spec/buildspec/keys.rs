//! Keys that stand where CodeBuild does not look for them.
//!
//! Owns: what is said of an unknown key, and where a known one belongs that stands in a wrong place. Leaves to the readers:
//! which keys a section has.

use super::PhaseName;
use super::read::URL;
use crate::diagnostic::{Finding, Severity};
use crate::spec::reading::Reader;
use crate::spec::schema::buildspec::{ARTIFACTS, BATCH, CACHE, ENV, INSTALL, PHASE, PHASES, PROXY, TOP};
use crate::spec::spelling::{is_there, lacks, nearest, rename};
use crate::syntax::{Entry, Kind, Node};

/// CodeBuild ignores unknown keys, and says so in the log (codebuild.md 8.2).
pub(super) fn unknown_keys<'t>(reader: &mut Reader<'t>, section: &str, mapping: Node<'t>, known: &[&str]) {
    unknown_or_needed(reader, section, mapping, known, &[]);
}

/// The same at the top, where some keys are needed: a misspelt one of these stops the build.
pub(super) fn unknown_or_needed<'t>(
    reader: &mut Reader<'t>,
    section: &str,
    mapping: Node<'t>,
    known: &[&str],
    needed: &[&str],
) {
    let mut aliased = None;
    for entry in mapping.entries() {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        if known.contains(&name) {
            continue;
        }
        if section.is_empty() && belongs(section, name).is_none() {
            let aliased = aliased.get_or_insert_with(|| mapping.tree().aliased());
            let first = aliased.partition_point(|target| target.start < entry.value.span().start);
            let is_held = aliased.get(first).is_some_and(|target| target.end <= entry.value.span().end);
            // It is there for what refers to it, or for other programs.
            if is_held || name.starts_with("x-") {
                let message =
                    format!("CodeBuild does not know `{name}`, and says so in the log of each build");
                let finding = reader.advice("unknown-key", message, entry.key.span(), "ignored");
                reader.push(finding.url(URL));
                continue;
            }
        }
        let path = if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") };
        let message = format!("CodeBuild does not know `{path}`");
        let mut finding = reader.warning("unknown-key", message, entry.key.span(), "ignored").url(URL);
        // How CodeBuild words it for tasks of a batch was not seen.
        if !section.is_empty() && !section.starts_with("batch") {
            let section = section.rsplit('.').next().unwrap_or(section);
            finding = finding.aws(format!(
                "Found possible syntax errors in buildspec: \nIn the section {section}\n    \
                 The following keys cannot be identified:\n        {name}"
            ));
        }
        reader.push(meant_by(finding, section, mapping, entry, (known, needed)));
    }
}

/// What an unknown key is meant to be, or where it belongs.
fn meant_by(
    mut finding: Finding,
    section: &str,
    mapping: Node<'_>,
    entry: Entry<'_>,
    (known, needed): (&[&str], &[&str]),
) -> Finding {
    let (name, span) = (entry.key.text().unwrap_or_default(), entry.key.span());
    let is_missing = |key: &str| lacks(mapping, key);
    if let Some(place) = belongs(section, name) {
        return finding.help(place);
    }
    if is_env(section, entry) && is_missing("env") {
        return rename(finding, span, TOP.names, "env", false);
    }
    if section.is_empty() && holds_phases(entry) && is_missing("phases") {
        finding.severity = Severity::Error;
        finding.primary.text = String::from("ignored, and `phases` is missed");
        return rename(finding, span, TOP.names, "phases", false);
    }
    if section == "cache" && name == "files" && is_missing("paths") {
        return rename(finding, span, known, "paths", false);
    }
    let is_empty = |key: &str| mapping.get(key).is_some_and(Node::is_null);
    if section == "env" && entry.value.kind() == Kind::Scalar && is_empty("variables") {
        return finding.help(format!("indent `{name}` deeper than `variables`"));
    }
    let is_of_task = section.starts_with("batch.build-") && name == "name" && is_missing("identifier");
    let meant = if is_of_task { Some("identifier") } else { nearest(name, known) };
    let Some(meant) = meant else { return finding };
    if is_of_task || section.is_empty() && needed.contains(&meant) && is_missing(meant) {
        finding.severity = Severity::Error;
        finding.primary.text = format!("ignored, and `{meant}` is missed");
    }
    rename(finding, span, known, meant, is_there(mapping, meant))
}

/// Whether a key of the top is called as `env` is called elsewhere, and holds what `env` has.
fn is_env(section: &str, entry: Entry<'_>) -> bool {
    const NAMES: [&str; 3] = ["environment", "environments", "envs"];
    let is_called =
        entry.key.text().is_some_and(|name| nearest(name, &NAMES).is_some() || NAMES.contains(&name));
    let holds =
        entry.value.entries().any(|entry| entry.key.text().is_some_and(|key| ENV.names.contains(&key)));
    section.is_empty() && is_called && holds
}

/// Whether a key of the top is called as other services call their phases, and holds what `phases` has.
pub(super) fn holds_phases(entry: Entry<'_>) -> bool {
    let is_called = |name: &str| ["jobs", "stages", "steps", "build-phases", "pipeline"].contains(&name);
    let mut names = entry.value.entries().map(|entry| entry.key.text().unwrap_or_default()).peekable();
    entry.key.text().is_some_and(is_called)
        && names.peek().is_some()
        && names.all(|name| PhaseName::from_key(name).is_some())
}

/// Where a key belongs that stands in a wrong section, as a sentence of help.
pub(in crate::spec) fn belongs(section: &str, name: &str) -> Option<String> {
    let top = section.is_empty();
    // How deep a fix would have to move lines is not worth guessing: the help says where, the user moves.
    match name {
        "type" if section == "artifacts" => {
            return Some("it belonged to version 0.1: remove it".to_owned());
        }
        "environment_variables" if top => {
            return Some(
                "it belonged to version 0.1: write `env:` with `variables:` below it; here nothing is set"
                    .to_owned(),
            );
        }
        "plaintext" if section == "env" => {
            return Some("it belonged to version 0.1: write `variables`".to_owned());
        }
        _ => {}
    }
    if let Some(help) = in_batch(section, name) {
        return Some(help);
    }
    if name == "secondary-artifacts" && section.starts_with("artifacts.") {
        return Some(
            "secondary artifacts stand side by side below `artifacts.secondary-artifacts`".to_owned(),
        );
    }
    let (home, lost) = home(name)?;
    if home == section || in_kind(section, home) {
        return None;
    }
    let place = match home {
        "" => return Some(format!("`{name}` stands at the top level: move it to the first column")),
        "a phase" | "a report group" => home.to_owned(),
        _ => format!("`{home}:`"),
    };
    // Below `phases` nothing is lost: CodeBuild refuses it.
    let lost = if section == "phases" { String::new() } else { format!("; here {lost}") };
    Some(format!("`{name}` stands below {place}{lost}"))
}

/// The same for the parts of a batch.
fn in_batch(section: &str, name: &str) -> Option<String> {
    let rest = section.strip_prefix("batch.")?;
    let below = |place: &str| Some(format!("`{name}` stands below `{place}:`"));
    match (rest, name) {
        ("build-matrix.static.env", "compute-type" | "variables") => below("dynamic: env"),
        ("build-matrix.dynamic.env", "type" | "privileged-mode") => below("static: env"),
        ("build-matrix.static", "buildspec") => below("dynamic"),
        ("build-matrix.dynamic", "ignore-failure") => below("static"),
        ("build-matrix", "ignore-failure") => below("static"),
        ("build-matrix", "buildspec") => below("dynamic"),
        ("build-matrix" | "build-matrix.static" | "build-matrix.dynamic", "debug-session") => {
            Some("a matrix has no debug sessions: remove it".to_owned())
        }
        ("build-matrix.static.env" | "build-matrix.dynamic.env", "fleet") => {
            Some("a matrix has no fleets: remove it, or list the tasks in `build-list:`".to_owned())
        }
        ("build-fanout", "env") => {
            Some("all builds of a fan-out have the environment of the project: remove it".to_owned())
        }
        (task, "image" | "compute-type" | "type" | "privileged-mode" | "fleet" | "variables")
            if task.ends_with(']') =>
        {
            below("env")
        }
        _ => None,
    }
}

/// Whether a section of this name may have such an entry: what stands beside an empty one may be meant to stand below it.
pub fn may_hold(section: &str, entry: Entry<'_>) -> bool {
    let Some(key) = entry.key.text() else { return false };
    let has_files = || entry.value.entry("files").is_some();
    let is_text = || entry.value.kind() == Kind::Scalar;
    match section {
        "env" => ENV.names.contains(&key),
        "phases" => PHASES.names.contains(&key),
        "install" => INSTALL.names.contains(&key),
        "pre_build" | "build" | "post_build" => PHASE.names.contains(&key),
        "artifacts" => ARTIFACTS.names.contains(&key),
        "cache" => CACHE.names.contains(&key),
        "proxy" => PROXY.names.contains(&key),
        "batch" => BATCH.names.contains(&key),
        "reports" | "secondary-artifacts" => has_files(),
        "variables" | "parameter-store" | "secrets-manager" => is_text() && !ENV.names.contains(&key),
        "runtime-versions" => is_text() && !INSTALL.names.contains(&key),
        _ => false,
    }
}

/// Whether a section is one of the kind that `home` names.
fn in_kind(section: &str, home: &str) -> bool {
    match home {
        "a phase" => section.strip_prefix("phases.").is_some_and(|rest| !rest.contains('.')),
        "install" => section == "phases.install",
        "artifacts" => {
            section.starts_with("artifacts.secondary-artifacts.") || section.starts_with("reports.")
        }
        "a report group" => section.starts_with("reports."),
        "secondary-artifacts" => section == "artifacts.secondary-artifacts",
        // Tasks of a batch have an `env` with variables, and a matrix has both.
        "env" | "" => section.starts_with("batch."),
        _ => false,
    }
}

/// The section a key belongs to, and what becomes of it elsewhere.
fn home(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        _ if TOP.names.contains(&name) => ("", ""),
        _ if PhaseName::from_key(name).is_some() => ("phases", "its commands never run"),
        "commands" | "finally" => ("a phase", "they never run"),
        "on-failure" => ("a phase", "it has no effect"),
        "runtime-versions" => ("install", "no runtime is selected"),
        "variables" | "parameter-store" | "secrets-manager" => ("env", "nothing is set"),
        "exported-variables" => ("env", "nothing is exported"),
        "shell" | "git-credential-helper" => ("env", "it has no effect"),
        "files" | "base-directory" | "discard-paths" | "secondary-artifacts" | "exclude-paths" => {
            ("artifacts", "nothing is collected")
        }
        "file-format" => ("a report group", "it has no effect"),
        "paths" | "fallback-keys" => ("cache", "nothing is cached"),
        "build-list" | "build-graph" | "build-matrix" | "build-fanout" | "fast-fail" => {
            ("batch", "no batch build sees it")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_a_wrong_place_is_sent_home() {
        // codebuild.md 1.2, 1.7, 8.2
        for (section, name, expected) in [
            ("", "build", Some("`build` stands below `phases:`; here its commands never run")),
            (
                "phases.install",
                "pre_build",
                Some("`pre_build` stands below `phases:`; here its commands never run"),
            ),
            ("", "commands", Some("`commands` stands below a phase; here they never run")),
            (
                "",
                "runtime-versions",
                Some("`runtime-versions` stands below `install:`; here no runtime is selected"),
            ),
            (
                "phases.build",
                "runtime-versions",
                Some("`runtime-versions` stands below `install:`; here no runtime is selected"),
            ),
            (
                "phases.build",
                "artifacts",
                Some("`artifacts` stands at the top level: move it to the first column"),
            ),
            ("artifacts", "cache", Some("`cache` stands at the top level: move it to the first column")),
            ("env", "phases", Some("`phases` stands at the top level: move it to the first column")),
            ("", "variables", Some("`variables` stands below `env:`; here nothing is set")),
            (
                "",
                "secondary-artifacts",
                Some("`secondary-artifacts` stands below `artifacts:`; here nothing is collected"),
            ),
            ("cache", "files", Some("`files` stands below `artifacts:`; here nothing is collected")),
            ("", "paths", Some("`paths` stands below `cache:`; here nothing is cached")),
            ("", "build-list", Some("`build-list` stands below `batch:`; here no batch build sees it")),
            ("artifacts", "type", Some("it belonged to version 0.1: remove it")),
            ("phases.build", "shell", Some("`shell` stands below `env:`; here it has no effect")),
            ("phases", "commands", Some("`commands` stands below a phase")),
            ("", "on-failure", Some("`on-failure` stands below a phase; here it has no effect")),
            ("batch.build-list[0]", "variables", Some("`variables` stands below `env:`")),
            ("batch.build-matrix.dynamic.env", "type", Some("`type` stands below `static: env:`")),
            ("batch.build-list[0].env", "variables", None),
            ("", "label", None),
            ("", "name", None),
        ] {
            assert_eq!(belongs(section, name).as_deref(), expected, "{section} {name}");
        }
    }
}
