//! `unknown-script`: a script that is not where the command looks for it.

use super::record::{Check, Rule};
use super::subject::{Called, Presence, Surroundings};
use crate::diagnostic::{Finding, Severity};
use crate::spec;

pub(super) const RULE: Rule = Rule {
    code: "unknown-script",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "A script that the repository has under another name, or in another folder",
    doc: "A command runs a script by a path that the repository does not have, while it has one whose name is a letter away, or one of that name \
          elsewhere near the top. What commands fetch or make before is not known, so nothing is said of paths that are like no other.",
    example: None,
    reference: "codebuild.md 3.4",
    url: None,
    check: Check::Called(check),
};

fn check(called: &[Called], around: &Surroundings<'_>, findings: &mut Vec<Finding>) {
    for called in called {
        let first = called.path.split('/').next().unwrap_or_default();
        if called.may_be_made || MADE.contains(&first) || (around.look)(&called.path) != Presence::Nothing {
            continue;
        }
        let near = (around.near)();
        let Some(meant) = meant(&called.path, &near) else { continue };
        let message = format!("the repository has no `{}`", called.path);
        let finding = RULE.at(&called.source, called.span, message, "not found");
        findings.push(finding.help(format!("it has `{meant}`")));
    }
}

/// Folders that builds and package managers fill.
const MADE: [&str; 12] = [
    ".venv",
    "bin",
    "build",
    "dist",
    "lib",
    "node_modules",
    "out",
    "output",
    "target",
    "tmp",
    "vendor",
    "venv",
];

/// The one path that is meant: a slip away in one of its parts, or of the same name in another folder.
fn meant<'p>(path: &str, paths: &'p [String]) -> Option<&'p str> {
    let parts: Vec<&str> = path.split('/').collect();
    let is_one_slip = |other: &str| {
        let others: Vec<&str> = other.split('/').collect();
        let mut different = parts.iter().zip(&others).filter(|(part, other)| part != other);
        let (Some((part, other)), None) = (different.next(), different.next()) else { return false };
        // Two names that differ in a digit are two names.
        let is_counted = part.bytes().chain(other.bytes()).any(|byte| byte.is_ascii_digit());
        parts.len() == others.len()
            && part.len() >= 4
            && !is_counted
            && spec::is_slip(part.as_bytes(), other.as_bytes())
    };
    let one = |is_it: &dyn Fn(&str) -> bool| {
        let mut found = paths.iter().map(String::as_str).filter(|path| is_it(path));
        found.next().filter(|_| found.next().is_none())
    };
    let name = parts.last()?;
    // What a build makes of a source in another language has its name.
    let is_of_shell = matches!(name.rsplit_once('.'), None | Some((_, "bash" | "sh")));
    let is_moved = |other: &str| is_of_shell && name.len() >= 6 && other.rsplit('/').next() == Some(name);
    one(&is_one_slip).or_else(|| one(&is_moved))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_meant_by_a_slip_or_by_its_name() {
        let paths = [
            "scripts/deploy.sh",
            "scripts/build.sh",
            "gradlew",
            "app/run1.sh",
            "a/same.sh",
            "b/same.sh",
            "src/index.js",
        ];
        let paths = paths.map(str::to_owned);
        for (path, expected) in [
            ("scripts/deply.sh", Some("scripts/deploy.sh")),
            ("script/build.sh", Some("scripts/build.sh")),
            ("gradelw", Some("gradlew")),
            ("build.sh", Some("scripts/build.sh")),
            ("ci/deploy.sh", Some("scripts/deploy.sh")),
            ("app/run2.sh", None),
            ("same.sh", None),
            ("lib/index.js", None),
            ("install.sh", None),
        ] {
            assert_eq!(meant(path, &paths), expected, "{path}");
        }
    }
}
