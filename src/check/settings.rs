//! `check` of rehearsal.yml: what the user wants reported.
//!
//! Owns: applying it, and what is wrong with its codes and patterns. It is read from the user's own working tree only, so that
//! a fetched commit cannot silence anything.

use std::collections::HashMap;
use std::path::Path;

use super::{Shown, Silenced, Silencer};
use crate::diagnostic::Finding;
use crate::pipeline::definition::{CONFIGURATION, Files};
use crate::rules;
use crate::spec::config::{self, InFiles, Named};
use crate::spec::glob::Glob;
use crate::syntax::{self, Tree};

/// What is reported, and where.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    select: Vec<&'static str>,
    ignore: Vec<&'static str>,
    paths: Vec<(Vec<Glob>, Vec<&'static str>)>,
}

impl Settings {
    /// What rehearsal.yml among these files says; everything is reported when there is none.
    pub fn load(files: &dyn Files) -> Self {
        let Ok(Some(bytes)) = files.read(Path::new(CONFIGURATION)) else { return Self::default() };
        let Ok(source) = syntax::decode(CONFIGURATION, &bytes) else { return Self::default() };
        syntax::parse(&source).tree.as_ref().map(Self::of).unwrap_or_default()
    }

    fn of(tree: &Tree) -> Self {
        let checking = config::checking(tree);
        let codes = |names: Vec<Named>| -> Vec<_> {
            let known = names.iter().filter_map(|name| rules::find(&name.text));
            known.map(|rule| rule.code).filter(|code| !rules::is_unreadable(code)).collect()
        };
        let globs = |patterns: Vec<(Named, Glob)>| patterns.into_iter().map(|(_, glob)| glob).collect();
        let paths = checking.paths.into_iter();
        Self {
            select: codes(checking.select),
            ignore: codes(checking.ignore),
            paths: paths.map(|InFiles { patterns, ignore }| (globs(patterns), codes(ignore))).collect(),
        }
    }

    /// Whether a code was asked for by its name, which advice needs to be shown unasked.
    pub fn selects(&self, code: &str) -> bool {
        self.select.contains(&code)
    }

    fn is_empty(&self) -> bool {
        self.select.is_empty() && self.ignore.is_empty() && self.paths.is_empty()
    }

    fn silences(&self, code: &str, path: Option<&Path>) -> bool {
        let elsewhere = |(globs, codes): &(Vec<Glob>, Vec<&str>)| {
            let path = path.and_then(Path::to_str);
            codes.contains(&code) && path.is_some_and(|path| globs.iter().any(|glob| glob.matches(path)))
        };
        !rules::is_unreadable(code)
            && ((!self.select.is_empty() && !self.selects(code))
                || self.ignore.contains(&code)
                || self.paths.iter().any(elsewhere))
    }

    /// Takes out what the user does not want reported. What is wrong with the settings (`own`) they do not silence.
    pub(super) fn apply(
        &self,
        findings: Vec<Finding>,
        files: &[Shown],
        own: &[Finding],
        silenced: &mut Vec<Silenced>,
    ) -> Vec<Finding> {
        if self.is_empty() {
            return findings;
        }
        let paths: HashMap<&str, Option<&Path>> =
            files.iter().map(|file| (file.name.as_str(), file.path.as_deref())).collect();
        let mut kept = Vec::new();
        for finding in findings {
            let path = paths.get(finding.source.name()).copied().flatten();
            if self.silences(finding.code, path) && !own.contains(&finding) {
                silenced.push(Silenced { finding, by: Silencer::Settings });
            } else {
                kept.push(finding);
            }
        }
        kept
    }
}

/// What is wrong with the codes and patterns of a rehearsal.yml. A pattern can be said to match nothing only where the files
/// are all there are.
pub(super) fn findings(tree: &Tree, files: &[Shown], complete: bool) -> Vec<Finding> {
    let checking = config::checking(tree);
    let source = tree.source();
    let below = checking.paths.iter().flat_map(|paths| &paths.ignore);
    let mut findings = Vec::new();
    for name in checking.select.iter().chain(&checking.ignore).chain(below) {
        let code = name.text.as_str();
        let error =
            |message: String, label: &str| Finding::error("invalid-value", message, source, name.span, label);
        if rules::is_unreadable(code) {
            let message = format!("`{code}` is always reported");
            findings.push(
                error(message, "this cannot be chosen")
                    .help("a file that cannot be read is not checked; name other codes"),
            );
        } else if rules::find(code).is_none() {
            let finding = error(format!("no finding has the code `{code}`"), "unknown");
            findings.push(match rules::meant(code) {
                Some(meant) => finding.help(format!("write `{meant}`")),
                None => finding.help("docs/rules.md lists the codes"),
            });
        }
    }
    let paths: Vec<_> = files.iter().filter_map(|file| file.path.as_deref()?.to_str()).collect();
    for (name, glob) in checking.paths.iter().flat_map(|paths| &paths.patterns).filter(|_| complete) {
        if !paths.iter().any(|path| glob.matches(path)) {
            let message = format!("`{}` matches none of the files that are checked", name.text);
            let finding =
                Finding::warning("path-matches-nothing", message, source, name.span, "no such file");
            findings.push(
                finding.help("patterns match whole paths from the top: `legacy/**` is all below `legacy`"),
            );
        }
    }
    findings
}
