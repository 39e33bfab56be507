//! `no-source-buildspec`: a project without a source that looks for its buildspec in a file.

use super::record::{Check, Rule};
use super::subject::{Whole, head};
use crate::diagnostic::{Finding, Severity};
use crate::spec::buildspec::BuildspecFile;
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "no-source-buildspec",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A project without a source that looks for its buildspec in a file",
    doc: "A project of the type NO_SOURCE downloads nothing, so there is no file to read. Its buildspec is the text itself, \
          below `buildspec: |`, or an object in S3.",
    example: None,
    reference: "codebuild.md 1.1",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html"),
    check: Check::Across(check),
};

fn check(whole: &Whole<'_>, findings: &mut Vec<Finding>) {
    for (name, project) in whole.projects() {
        let Some(source) = project.get("source") else { continue };
        let Some(kind) = source.get("type").filter(|kind| kind.text() == Some("NO_SOURCE")) else { continue };
        let setting = source.get("buildspec");
        let finding = match BuildspecFile::from_setting(setting.and_then(Node::text)) {
            BuildspecFile::Inline(_) | BuildspecFile::Remote(_) => continue,
            BuildspecFile::Default => {
                let message = format!("`{name}` has no source, and no buildspec of its own");
                RULE.at(kind.source(), head(kind), message, "there is no buildspec.yml to read")
            }
            BuildspecFile::Path(path) => {
                let at = setting.unwrap_or(kind);
                let message = format!("`{name}` has no source, so there is no file {path}");
                RULE.at(at.source(), head(at), message, "nothing is downloaded")
                    .label(kind.span(), "no source")
            }
        };
        findings.push(finding.help("write the buildspec itself, below `buildspec: |`"));
    }
}
