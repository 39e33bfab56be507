//! What `check` says of the examples of rules: their pages are written from it.

use std::path::{Path, PathBuf};

use super::{Content, Input, Place, Settings, check};
use crate::diagnostic::Finding;
use crate::diagnostic::human::{Style, render};
use crate::pipeline::definition::Files;
use crate::repo::{Error, Found};
use crate::rules::{Rule, page};
use crate::spec::FileKind;

/// The page of a rule, in Markdown.
pub fn page(rule: &Rule) -> String {
    let Some(example) = rule.example else { return page::entry(rule, None) };
    let name = match example.kind {
        FileKind::Buildspec => "buildspec.yml",
        FileKind::Pipeline => "pipeline.yml",
        FileKind::AppSpec => "appspec.yml",
        FileKind::Config => "rehearsal.yml",
        FileKind::Template => "template.yml",
    };
    let input = Input {
        name: name.to_owned(),
        path: None,
        kind: example.kind,
        content: Content::Bytes(example.bad.as_bytes().to_owned()),
    };
    let here = |path: &Path| path.display().to_string();
    let place = Place {
        files: &Nothing,
        complete: false,
        name: &here,
        settings: &Settings::default(),
        shellcheck: None,
        remotes: &[],
    };
    let findings = check(vec![input], &place).findings;
    let is_safe = |finding: &Finding| finding.fix.as_ref().is_some_and(|fix| fix.is_safe);
    let is_fixed = findings.iter().any(|finding| finding.code == rule.code && is_safe(finding));
    let drawn = render(&findings, Style::plain(WIDTH));
    // Nothing is said of a file that would have to stand beside others.
    let text = (!findings.is_empty()).then_some(drawn.as_str());
    page::entry(rule, text.map(|text| page::Said { text, is_fixed }))
}

/// Columns of the drawings.
const WIDTH: usize = 100;

/// A place without any file.
struct Nothing;

impl Files for Nothing {
    fn place(&self) -> String {
        "nowhere".to_owned()
    }

    fn shallow(&self) -> Result<Vec<PathBuf>, Error> {
        Ok(Vec::new())
    }

    fn look(&self, _: &Path) -> Result<Found, Error> {
        Ok(Found::Nothing)
    }
}
