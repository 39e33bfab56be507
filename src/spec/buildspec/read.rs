//! The top level of a buildspec.
//!
//! Owns: `version`, required and unknown keys, and the small sections. Leaves to its siblings: `env`, `phases`,
//! `artifacts` and `reports`.

use std::sync::Arc;

use super::keys::{unknown_keys, unknown_or_needed};
use super::{Buildspec, Cache, CacheAction, Proxy, Version, artifacts, batch, env, phases};
use crate::spec::document::{self, Origin, kind_words};
use crate::spec::reading::{Reader, head, place};
use crate::spec::schema::buildspec::{CACHE, PROXY, TOP};
use crate::spec::spelling::{is_misspelt, nearest, rename};
use crate::spec::{Read, quotas};
use crate::syntax::{Entry, Kind, Node, Parsed, SourceFile, Tree};

/// Where the buildspec reference stands.
pub(super) const URL: &str = "https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html";

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
    let apart = root.get("batch").is_some_and(batch::is_apart);
    let version = version(reader, root, apart);
    let mut spec = Buildspec {
        version,
        run_as: None,
        env: env::read(reader, root, version),
        phases: phases::read(reader, root, apart),
        artifacts: None,
        reports: Vec::new(),
        cache: None,
        proxy: Proxy::default(),
        batch,
    };
    for entry in root.entries() {
        match reader.key("", entry) {
            Some("run-as") => spec.run_as = reader.filled("run-as", entry),
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
    let old: &[&str] = match version {
        Version::V0_1 => &["environment_variables"],
        Version::V0_2 => &[],
    };
    let needed: &[&str] = if apart || root.tree().is_partial() { &[] } else { &["version", "phases"] };
    unknown_or_needed(reader, "", root, &[TOP.names, old].concat(), needed);
    spec
}

/// `version` (codebuild.md 1.2, 1.3). A file whose `batch` leads to other buildspecs has stood for years without one.
fn version<'t>(reader: &mut Reader<'t>, root: Node<'t>, apart: bool) -> Version {
    let Some(entry) = root.entry("version") else {
        if !apart && !root.tree().is_partial() && !is_misspelt(root, TOP.names, "version") {
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
    reader.no_section("cache", entry, "nothing is cached");
    let whole = entry;
    let mapping = reader.mapping_around("cache", entry, "paths")?;
    let mut cache = Cache::default();
    for entry in mapping.entries() {
        match reader.key("cache", entry) {
            Some("paths") => {
                cache.paths = reader.some_texts("cache.paths", entry, "nothing is cached");
                artifacts::paths(reader, "cache.paths", entry);
            }
            Some("key") => cache.key = reader.filled("cache.key", entry),
            Some("fallback-keys") => {
                cache.fallback_keys =
                    reader.some_texts("cache.fallback-keys", entry, "there is no other key");
                if cache.fallback_keys.len() > quotas::CACHE_FALLBACK_KEYS.value as usize {
                    let message = format!("more than {} fallback keys", quotas::CACHE_FALLBACK_KEYS.value);
                    let span = head(entry.value.source(), place(entry));
                    reader.push(reader.warning("too-many", message, span, "here"));
                }
            }
            Some("action") => {
                cache.action = action(reader, entry);
            }
            _ => {}
        }
    }
    let is_there = ["paths", "files"].iter().any(|key| mapping.entry(key).is_some())
        || is_misspelt(mapping, CACHE.names, "paths");
    if !is_there && !mapping.tree().is_partial() {
        let message = "`cache` has no `paths`";
        let finding = reader.warning("missing-key", message, whole.key.span(), "nothing of yours is cached");
        // Two pages of AWS differ; logs show this (codebuild.md 8.2, 9).
        reader.push(
            finding
                .help("add `paths:` with what is to be kept")
                .aws("Skip cache due to: no paths specified to be cached"),
        );
    }
    unknown_keys(reader, "cache", mapping, CACHE.names);
    Some(cache)
}

fn action<'t>(reader: &mut Reader<'t>, entry: Entry<'t>) -> Option<CacheAction> {
    let text = reader.filled("cache.action", entry)?;
    match text.as_str() {
        "restore" => Some(CacheAction::Restore),
        "save" => Some(CacheAction::Save),
        _ => {
            let message = "`cache.action` is neither `restore` nor `save`";
            let mut finding = reader.warning("invalid-value", message, place(entry), "taken as both");
            finding = match nearest(&text, &["restore", "save"]) {
                Some(meant) => rename(finding, entry.value.span(), &["restore", "save"], meant, false),
                None => finding.help("write `restore` or `save`, or remove it to mean both"),
            };
            reader.push(finding);
            None
        }
    }
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
    unknown_keys(reader, "proxy", mapping, PROXY.names);
    proxy
}
