//! `template`: a file that becomes YAML only when a template engine has rendered it.

use std::sync::Arc;

use super::record::{Check, Example, Rule};
use crate::diagnostic::{Finding, Severity};
use crate::syntax::{SourceFile, Span};

pub(super) const RULE: Rule = Rule {
    code: "template",
    severity: Severity::Error,
    since: "0.1.0",
    summary: "A template that was never rendered",
    doc: "A line of `{{#if …}}`, `{{ … }}` or `{% … %}` belongs to a template engine. CodeBuild has none: it reads the file \
          as it is, and stops at that line.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
{{#each commands}}
      - {{this}}
{{/each}}
",
        "version: 0.2
phases:
  build:
    commands:
      - make
",
    ),
    reference: "codebuild.md 8.2",
    url: None,
    check: Check::Broken(check),
};

fn check(source: &Arc<SourceFile>) -> Option<Finding> {
    (1..=source.line_count()).find_map(|number| {
        let line = source.line_span(number)?;
        let text = source.slice(line);
        let trimmed = text.trim();
        let engine = ["{{", "{%"].iter().any(|mark| trimmed.starts_with(mark))
            && ["}}", "%}"].iter().any(|mark| trimmed.ends_with(mark));
        let indent = u32::try_from(text.len() - text.trim_start().len()).unwrap_or_default();
        let span = Span::new(line.start + indent, line.end);
        engine.then(|| {
            RULE.at(source, span, "the file is a template, and was never rendered", "for a template engine")
                .help("check what the template engine makes of it, through `rehearsal check -`")
        })
    })
}
