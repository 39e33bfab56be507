//! `write-outside-source`: a file that the build leaves where nothing collects it.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Word};

pub(super) const RULE: Rule = Rule {
    code: "write-outside-source",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A file that the build leaves where nothing collects it",
    doc: "Artifacts, reports and caches are looked for in the source's folder unless they are given with an absolute path, and \
          the container is thrown away behind the build. A file that a command writes to the root of the file system or into a \
          folder of the system is either part of the image's set-up, which belongs to the image, or will be missed. Files \
          in `/tmp`, `/root`, `/home`, `/usr/local`, `/opt`, `/codebuild` and `/etc` of the package manager are not spoken of. \
          Paths of `artifacts.files` are documented as relative: what becomes of `../x` and `/x` is not said anywhere.",
    example: Example::buildspec(
        "version: 0.2
phases:
  build:
    commands:
      - make report > /report.txt
",
        "version: 0.2
phases:
  build:
    commands:
      - make report > report.txt
",
    ),
    reference: "codebuild.md 1.9, 3.4",
    url: None,
    check: Check::Buildspec(check),
};

/// Where builds may well write.
const USUAL: [&str; 15] = [
    "/codebuild/",
    "/dev/",
    "/etc/apt/",
    "/etc/docker/",
    "/etc/pip.conf",
    "/etc/ssl/",
    "/etc/yum.repos.d/",
    "/home/",
    "/opt/",
    "/proc/",
    "/root/",
    "/tmp/",
    "/usr/local/",
    "/usr/share/keyrings/",
    "/var/",
];

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    // What the file names with its path is collected.
    let named = |path: &str| {
        ["artifacts", "cache", "reports"].iter().any(|section| {
            file.at(&[section]).is_some_and(|node| file.source().slice(node.span()).contains(path))
        })
    };
    collected(file, findings);
    // Where `../` leads to is known as long as nothing goes elsewhere.
    let stays =
        !file.commands().iter().any(|command| ["cd ", "pushd"].iter().any(|go| command.text.contains(go)));
    let is_outside =
        |word: &Word<'_>| is_outside(word) || stays && word.literal && word.text.starts_with("../");
    for command in file
        .commands()
        .iter()
        .filter(|command| [" /", ">/", "../"].iter().any(|path| command.text.contains(path)))
    {
        shell::each_simple(&command.script, &mut |simple, _| {
            let written =
                simple.redirections.iter().filter(|redirection| redirection.operator.starts_with('>'));
            let copied = match simple.name() {
                Some("cp" | "mv" | "install") if simple.arguments().len() > 1 => simple.arguments().last(),
                _ => None,
            };
            let given = if simple.name() == Some("tee") { simple.arguments() } else { &[] };
            for word in written.map(|redirection| &redirection.target).chain(copied).chain(given) {
                if is_outside(word) && !named(&word.text) {
                    let message = format!("`{}` is outside of the source", word.text);
                    let finding = RULE.at(
                        file.source(),
                        command.at(word.span),
                        message,
                        "thrown away with the container",
                    );
                    findings.push(finding.help("write it below the source's folder, or into /tmp"));
                }
            }
        });
    }
}

/// Files of the artifacts that do not lie below the source.
fn collected(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let Some(files) = file.at(&["artifacts", "files"]) else { return };
    for node in files.items() {
        let Some(path) = node.text().filter(|path| path.starts_with('/') || path.starts_with("../")) else {
            continue;
        };
        let message = format!("`{path}` is no path below the source");
        let label = "documented as relative to the source or to `base-directory`";
        let finding = RULE.at(file.source(), node.span(), message, label);
        findings.push(finding.help("copy it below the source's folder in a command"));
    }
}

fn is_outside(word: &Word<'_>) -> bool {
    let text = &*word.text;
    let usual = USUAL.iter().any(|usual| text.starts_with(usual) || Some(text) == usual.strip_suffix('/'));
    word.literal && text.starts_with('/') && !usual
}
