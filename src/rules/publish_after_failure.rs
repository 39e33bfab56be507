//! `publish-after-failure`: a failed build that is published all the same.

use super::record::{Check, Example, Rule};
use super::subject::{Buildspec, programs};
use crate::diagnostic::{Finding, Severity};
use crate::spec::buildspec::PhaseName;

pub(super) const RULE: Rule = Rule {
    code: "publish-after-failure",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A failed build that is published all the same",
    doc: "`post_build` runs also when `build` has failed. A `docker push`, an `aws s3 sync` to a bucket or a `sam deploy` there \
          publishes whatever a failed build has left, or what an earlier one had left. `CODEBUILD_BUILD_SUCCEEDING` is `1` as long as \
          nothing has failed; `on-failure: ABORT` on `build` ends the build instead.\n\n\
          Copies of reports, logs and test results are not spoken of.",
    example: Example::buildspec(
        r#"version: 0.2
phases:
  build:
    commands:
      - docker build -t "$IMAGE" .
      - docker run "$IMAGE" make test
  post_build:
    commands:
      - docker push "$IMAGE"
"#,
        r#"version: 0.2
phases:
  build:
    commands:
      - docker build -t "$IMAGE" .
      - docker run "$IMAGE" make test
  post_build:
    commands:
      - if [ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ]; then exit 1; fi
      - docker push "$IMAGE"
"#,
    ),
    reference: "codebuild.md 0 (10), 3.2",
    url: Some("https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let builds = file.commands().iter().any(|command| command.phase == PhaseName::Build);
    // Any value of `on-failure` says that somebody has thought of it.
    if !builds || file.at(&["phases", "build", "on-failure"]).is_some() {
        return;
    }
    let last = || file.commands().iter().filter(|command| command.phase == PhaseName::PostBuild);
    if last().any(|command| command.has("CODEBUILD_BUILD_SUCCEEDING")) {
        return;
    }
    let mut found = Vec::new();
    for command in last() {
        for (simple, place) in command.simples() {
            if !place.guarded && !place.in_function {
                found.extend(programs::publishes(simple).map(|what| (what, command.at(simple.head()))));
            }
        }
    }
    let mut found = found.into_iter();
    let Some((what, span)) = found.next() else { return };
    let message = format!("`{what}` also runs when the build has failed");
    let mut finding = RULE.at(file.source(), span, message, "`post_build` runs whatever came of `build`");
    let more = found.len();
    if let Some((_, span)) = found.next() {
        let label =
            if more == 1 { "this too".to_owned() } else { format!("this too, and {} more", more - 1) };
        finding = finding.label(span, label);
    }
    findings.push(finding.help(
        "begin `post_build` with: - if [ \"$CODEBUILD_BUILD_SUCCEEDING\" = 0 ]; then exit 1; fi, or write \
         `on-failure: ABORT` below `build`",
    ));
}
