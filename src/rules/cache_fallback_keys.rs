//! `cache-fallback-keys`: fallback keys that are never tried.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec;
use crate::syntax::Entry;

pub(super) const RULE: Rule = Rule {
    code: "cache-fallback-keys",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "Fallback keys of a cache without a key",
    doc: "`fallback-keys` are tried when nothing is stored under `key`. Without a `key` they are ignored.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make
cache:
  fallback-keys:
    - npm-
  paths:
    - node_modules/**/*
",
        "version: 0.2
phases:
  build:
    commands:
      - make
cache:
  key: npm-$(codebuild-hash-files package-lock.json)
  fallback-keys:
    - npm-
  paths:
    - node_modules/**/*
",
    ),
    reference: "codebuild.md 0 (19), 1.10",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache"),
    check: Check::Buildspec(check),
};

/// Whether a key is one letter beside another: that is said of it.
fn is_slip_of(entry: Entry<'_>, meant: &str) -> bool {
    entry
        .key
        .text()
        .is_some_and(|name| spec::nearest(name, &["key", "paths", "fallback-keys", "action"]) == Some(meant))
}

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(cache) = file.at(&["cache"]) else { return };
    // Of an empty one that is said.
    let key = cache.get("key").is_some() || cache.entries().any(|entry| is_slip_of(entry, "key"));
    if let Some(entry) = cache.entry("fallback-keys").filter(|_| !key && file.is_whole()) {
        let message = "`cache.fallback-keys` is ignored without `cache.key`";
        findings.push(RULE.at(file.source(), entry.key.span(), message, "never tried").help("add `key:`"));
    }
}
