//! `git-without-history`: a git command in a build that gets no repository.

use super::record::{Check, Rule};
use super::subject::{Built, Commands, Scripts, Whole};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::Simple;
use crate::syntax::{Node, Tree};

/// Commands of git that need a repository.
const NEED: [&str; 17] = [
    "add",
    "blame",
    "branch",
    "checkout",
    "cherry-pick",
    "commit",
    "describe",
    "diff",
    "fetch",
    "log",
    "merge",
    "pull",
    "push",
    "rev-list",
    "rev-parse",
    "show",
    "tag",
];

pub(super) const RULE: Rule = Rule {
    code: "git-without-history",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A git command in a build that gets no repository",
    doc: "A source action gives an archive of the files (`CODE_ZIP`), without `.git`: `git log`, `git describe`, `git rev-parse` and \
          their like fail in the build. `OutputArtifactFormat: CODEBUILD_CLONE_REF` gives a clone instead; the commit is also in \
          `CODEBUILD_RESOLVED_SOURCE_VERSION`. Buildspecs that make a repository themselves are not spoken of, nor are commands \
          whose status something looks at.",
    example: None,
    reference: "codepipeline.md 2.2, 6",
    url: Some(
        "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html",
    ),
    check: Check::Pipelines(check),
};

fn check(_: &Whole<'_>, built: &[Built<'_>], findings: &mut Vec<Finding>) {
    let mut seen: Vec<*const Tree> = Vec::new();
    for build in built {
        let Some((file, source)) = build.file.as_deref().zip(build.source) else { continue };
        let format = |source: &super::subject::Action<'_>| {
            source.configuration("OutputArtifactFormat").and_then(Node::text).unwrap_or("CODE_ZIP")
                == "CODE_ZIP"
        };
        let same = |other: &&Built<'_>| other.file.as_deref().is_some_and(|other| std::ptr::eq(other, file));
        // Where another pipeline gives the same buildspec a clone, it is written for both.
        if seen.iter().any(|tree| std::ptr::eq(*tree, file))
            || !built.iter().filter(same).all(|other| other.source.as_ref().is_some_and(format))
        {
            continue;
        }
        seen.push(file);
        commands(file, build.action.name, source.name, findings);
    }
}

fn commands(file: &Tree, action: &str, source: &str, findings: &mut Vec<Finding>) {
    let scripts = Scripts::of(file);
    let commands = Commands::of(&scripts);
    for command in commands.all() {
        let (mut makes, mut found) = (false, None);
        for (simple, place) in command.simples() {
            let Some(verb) = verb(simple) else { continue };
            makes |= ["clone", "init", "worktree"].contains(&verb);
            if NEED.contains(&verb) && !place.judged && !place.guarded && !place.in_function {
                found.get_or_insert((verb, simple.head()));
            }
        }
        // Whoever makes a repository, or asks whether there is one, knows.
        if makes || command.has(".git") {
            return;
        }
        let Some((verb, span)) = found else { continue };
        let message = format!("`git {verb}` has no repository here");
        let label = format!("`{action}` gets the files of `{source}` without .git");
        let finding = RULE.at(file.source(), command.at(span), message, label);
        findings.push(finding.help(format!(
            "set OutputArtifactFormat: CODEBUILD_CLONE_REF for `{source}`, or use CODEBUILD_RESOLVED_SOURCE_VERSION"
        )));
    }
}

/// The command of git, when it works in the directory it is called in.
fn verb<'a>(simple: &'a Simple<'_>) -> Option<&'a str> {
    if simple.name() != Some("git") {
        return None;
    }
    let first = simple.arguments().first()?;
    (first.literal && !first.text.starts_with('-')).then_some(&*first.text)
}
