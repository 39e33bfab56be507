//! The top level of a buildspec.
//!
//! Owns: `version`, required and unknown keys, and the small sections. Leaves to its siblings: `env`, `phases`,
//! `artifacts` and `reports`.

use std::sync::Arc;

use super::{Buildspec, Cache, CacheAction, Proxy, Version, artifacts, batch, env, phases};
use crate::spec::document::{self, Origin, kind_words};
use crate::spec::reading::{Reader, head, nearest, place, rename};
use crate::spec::{Read, quotas};
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Tree};

/// Where the buildspec reference stands.
const URL: &str = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html";

/// Reads a buildspec file.
pub fn load(name: &str, bytes: &[u8]) -> Read<Buildspec> {
    document::load(name, bytes, Origin::CodeBuild, read)
}

/// Reads a file that is already parsed.
pub fn load_parsed(source: &Arc<SourceFile>, parsed: &Parsed) -> Read<Buildspec> {
    document::load_parsed(source, parsed, Origin::CodeBuild, read)
}

/// Reads a buildspec that is already text, such as the one inside a project.
pub fn load_source(source: &Arc<SourceFile>) -> Read<Buildspec> {
    document::load_source(source, Origin::CodeBuild, read)
}

/// Reads a buildspec from its tree.
pub fn read(tree: &Tree) -> Read<Buildspec> {
    let mut reader = Reader::new(tree, "CodeBuild");
    let root = tree.root();
    if root.kind() != Kind::Mapping {
        let message = if root.is_null() {
            "the buildspec is empty".to_owned()
        } else {
            format!("the buildspec is {}; CodeBuild expects a mapping", kind_words(root.kind()))
        };
        let span = head(tree.source(), root.span());
        reader.push(reader.error("wrong-kind", message, span, "here").help("begin with `version: 0.2`"));
        return reader.finish(None);
    }
    let spec = sections(&mut reader, root);
    reader.finish(Some(spec))
}

fn sections<'t>(reader: &mut Reader<'t>, root: Node<'t>) -> Buildspec {
    let batch = root.entry("batch").map(|entry| entry.span());
    let version = version(reader, root, batch.is_some());
    let mut spec = Buildspec {
        version,
        run_as: None,
        env: env::read(reader, root, version),
        phases: phases::read(reader, root, batch.is_some()),
        artifacts: None,
        reports: Vec::new(),
        cache: None,
        proxy: Proxy::default(),
        batch,
    };
    for entry in root.entries() {
        match reader.key("", entry) {
            Some("run-as") => spec.run_as = reader.text("run-as", entry),
            Some("artifacts") => spec.artifacts = artifacts::read(reader, entry, version),
            Some("reports") => spec.reports = artifacts::reports(reader, entry),
            Some("cache") => spec.cache = cache(reader, entry),
            Some("proxy") => spec.proxy = proxy(reader, entry),
            _ => {}
        }
    }
    if let Some(entry) = root.entry("batch") {
        batch::keys(reader, entry.value);
    }
    let variables = match version {
        Version::V0_1 => "environment_variables",
        Version::V0_2 => "env",
    };
    let known =
        ["version", "run-as", "env", variables, "proxy", "batch", "phases", "reports", "artifacts", "cache"];
    unknown_keys(reader, "", root, &known);
    spec
}

/// `version` (codebuild.md 1.2, 1.3). A file with only a `batch` has stood for years without one.
fn version<'t>(reader: &mut Reader<'t>, root: Node<'t>, batch: bool) -> Version {
    let Some(entry) = root.entry("version") else {
        if !batch && !root.tree().is_partial() {
            let span = head(root.source(), root.span());
            let finding =
                reader.error("missing-key", "the buildspec has no `version`", span, "no `version` here");
            reader.push(
                finding
                    .help("add a first line `version: 0.2`")
                    .aws("YAML_FILE_ERROR: wrong number of container tags, expected 1")
                    .url(URL),
            );
        }
        return Version::default();
    };
    // A number: 0.20 is 0.2.
    match entry.value.text().map(|text| text.trim().parse::<f64>()) {
        Some(Ok(number)) if (number - 0.1).abs() < 1e-9 => Version::V0_1,
        Some(Ok(number)) if (number - 0.2).abs() < 1e-9 => Version::V0_2,
        _ => {
            let message = "`version` is neither 0.1 nor 0.2";
            let finding =
                reader.error("invalid-value", message, head(root.source(), place(entry)), "unknown version");
            reader.push(finding.help("write `version: 0.2`").url(URL));
            Version::default()
        }
    }
}

fn cache<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<Cache> {
    let mapping = reader.mapping_around("cache", entry, "paths")?;
    let mut cache = Cache::default();
    for entry in mapping.entries() {
        match reader.key("cache", entry) {
            Some("paths") => cache.paths = reader.texts("cache.paths", entry),
            Some("key") => cache.key = reader.text("cache.key", entry),
            Some("fallback-keys") => {
                cache.fallback_keys = reader.texts("cache.fallback-keys", entry);
                if cache.fallback_keys.len() > quotas::CACHE_FALLBACK_KEYS.value as usize {
                    let message = format!("more than {} fallback keys", quotas::CACHE_FALLBACK_KEYS.value);
                    let span = head(entry.value.source(), place(entry));
                    reader.push(reader.warning("too-many", message, span, "here"));
                }
            }
            Some("action") => {
                let text = reader.text("cache.action", entry).unwrap_or_default();
                cache.action = match text.as_str() {
                    "restore" => Some(CacheAction::Restore),
                    "save" => Some(CacheAction::Save),
                    _ => {
                        let message = "`cache.action` is neither `restore` nor `save`";
                        reader.push(reader.warning("invalid-value", message, place(entry), "taken as both"));
                        None
                    }
                };
            }
            _ => {}
        }
    }
    unknown_keys(reader, "cache", mapping, &["paths", "key", "fallback-keys", "action"]);
    Some(cache)
}

fn proxy<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Proxy {
    let mut proxy = Proxy::default();
    let Some(mapping) = reader.mapping("proxy", entry) else { return proxy };
    for entry in mapping.entries() {
        match reader.key("proxy", entry) {
            Some("upload-artifacts") => proxy.upload_artifacts = reader.flag("proxy.upload-artifacts", entry),
            Some("logs") => proxy.logs = reader.flag("proxy.logs", entry),
            _ => {}
        }
    }
    unknown_keys(reader, "proxy", mapping, &["upload-artifacts", "logs"]);
    proxy
}

/// CodeBuild ignores unknown keys, and says so in the log (codebuild.md 8.2).
pub(super) fn unknown_keys<'t>(reader: &mut Reader<'t>, section: &str, mapping: Node<'t>, known: &[&str]) {
    for entry in mapping.entries() {
        let Some(name) = entry.key.scalar().map(|key| key.text) else { continue };
        if known.contains(&name) {
            continue;
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
        if let Some(place) = misplaced(section, name) {
            finding = finding.help(place);
        } else if let Some(meant) = nearest(name, known) {
            finding = rename(finding, entry.key.span(), known, meant, mapping.get(meant).is_some());
        }
        reader.push(finding);
    }
}

/// Where a key belongs that stands in a wrong section.
fn misplaced(section: &str, name: &str) -> Option<&'static str> {
    let in_phase = section.strip_prefix("phases.").is_some_and(|rest| !rest.contains('.'));
    Some(match name {
        _ if section.is_empty() && super::PhaseName::from_key(name).is_some() => {
            "a phase stands below `phases:`; here its commands never run"
        }
        "commands" | "finally" if section.is_empty() => "commands stand below a phase; here they never run",
        "runtime-versions" if section.is_empty() || in_phase => {
            "`runtime-versions` stands below `install:`; here no runtime is selected"
        }
        "variables" | "parameter-store" | "secrets-manager" | "exported-variables" if section.is_empty() => {
            "it stands below `env:`; here nothing is set"
        }
        "files" | "base-directory" | "discard-paths" | "secondary-artifacts" if section.is_empty() => {
            "it stands below `artifacts:`; here nothing is collected"
        }
        "artifacts" | "reports" | "cache" | "env" if in_phase => {
            "it stands at the top level: move it to the first column"
        }
        "type" if section == "artifacts" => "it belonged to version 0.1: remove it",
        "environment_variables" if section.is_empty() => {
            "it belonged to version 0.1: write `env:` with `variables:` below it; here nothing is set"
        }
        _ => return None,
    })
}
