//! `write-outside-source`: a file that the build leaves where nothing collects it.

use super::record::{Check, Example, Rule};
use super::subject::{self, Buildspec, Folder, Words};
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{Step, Word};
use crate::syntax::Node;

pub(super) const RULE: Rule = Rule {
    code: "write-outside-source",
    severity: Severity::Advice,
    since: "0.1.0",
    summary: "A file that the build leaves where nothing collects it",
    doc: "Artifacts, reports and caches are looked for in the source's folder unless they are given with an absolute path, and \
          the container is thrown away behind the build. A file that a command writes to the root of the file system or into a \
          folder of the system is either part of the image's set-up, which belongs to the image, or will be missed. So is one that \
          `../` leads out of the source, or that is written after a `cd ..` which did. Tools, settings and file systems that a project mounts are not spoken of: `/bin`, \
          `/etc`, `/go`, `/home`, `/opt`, `/run`, `/tmp`, `/usr`, `/var`, `/data`, `/efs`, `/mnt`, and what is hidden in `/root` (`/root/.docker`). \
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
const USUAL: [&str; 19] = [
    "/bin/",
    "/codebuild/local-cache/",
    "/codebuild/output/src",
    "/codebuild/output/tmp/",
    "/data/",
    "/dev/",
    "/efs/",
    "/etc/",
    "/go/",
    "/home/",
    "/mnt/",
    "/opt/",
    "/proc/",
    "/root/.",
    "/run/",
    "/sys/",
    "/tmp/",
    "/usr/",
    "/var/",
];

/// What a command has that writes to such a place, or goes to another folder.
const MARKS: Words<10> =
    Words::of([" /", ">/", "../", " ..", ". ", "cd ", "pushd ", "popd", "eval ", "source "]);

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    // What the file names with its path is collected.
    let mut collected_from = Vec::new();
    for section in ["artifacts", "cache", "reports"] {
        file.at(&[section]).into_iter().for_each(|node| absolute(node, &mut collected_from));
    }
    let named = |path: &str| collected_from.iter().any(|folder| path.starts_with(folder));
    collected(file, findings);
    let own_shells = file.at(&["version"]).and_then(Node::text) == Some("0.1");
    let mut folder = Folder::Below(0);
    for command in file.commands() {
        if own_shells {
            folder = Folder::Below(0);
        }
        if folder != Folder::Above && !command.has_any(&MARKS) {
            continue;
        }
        let mut in_subshell = None;
        for &(step, place) in &command.steps {
            // A subshell leaves its folder behind.
            let here = if place.in_subshell { in_subshell.get_or_insert(folder) } else { &mut folder };
            let written = match step {
                Step::Simple(simple) => subject::writes(simple),
                Step::Redirection(to) if to.operator.starts_with('>') && to.operator != ">&" => {
                    vec![&to.target]
                }
                _ => continue,
            };
            for word in written {
                let is_outside = is_outside(word)
                    || (word.literal && here.leaves(&word.text))
                    || below_source(&word.text).is_some_and(|path| Folder::Below(0).leaves(path));
                if is_outside && !named(&word.text) {
                    let message = format!("`{}` is outside of the source", word.text);
                    let label = "thrown away with the container";
                    let finding = RULE.at(file.source(), command.at(word.span), message, label);
                    findings.push(finding.help(if *here == Folder::Above {
                        "the `cd ..` before it led out of the source: write cd \"$CODEBUILD_SRC_DIR\""
                    } else {
                        "write it below the source's folder, or into /tmp"
                    }));
                }
            }
            if let Step::Simple(simple) = step {
                *here = here.after(simple, place);
                if !place.in_subshell {
                    in_subshell = None;
                }
            }
        }
    }
}

/// The absolute paths below a node, as far as they are no pattern; and those out of the source.
fn absolute<'t>(node: Node<'t>, found: &mut Vec<&'t str>) {
    if let Some(text) = node.text().filter(|text| text.starts_with('/') || text.starts_with("../")) {
        let plain = text.split(['*', '?', '[']).next().unwrap_or(text).trim_end_matches('/');
        found.extend(Some(plain).filter(|plain| plain.len() > 1));
    }
    node.items().for_each(|item| absolute(item, found));
    node.entries().for_each(|entry| absolute(entry.value, found));
}

/// Files of the artifacts that do not lie below the source.
fn collected(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    let secondary =
        file.entries(&["artifacts", "secondary-artifacts"]).filter_map(|entry| entry.value.get("files"));
    let all = file.at(&["artifacts", "files"]).into_iter().chain(secondary);
    for node in all.flat_map(Node::items) {
        let Some(path) = node.text().filter(|path| path.starts_with('/') || path.starts_with("../")) else {
            continue;
        };
        let message = format!("`{path}` is no path below the source");
        let label = "documented as relative to the source or to `base-directory`";
        let finding = RULE.at(file.source(), node.span(), message, label);
        findings.push(finding.help("copy it below the source's folder in a command"));
    }
}

/// The rest of a path that begins at the source's folder.
fn below_source(path: &str) -> Option<&str> {
    let mut folders = ["$CODEBUILD_SRC_DIR/", "${CODEBUILD_SRC_DIR}/"].into_iter();
    folders.find_map(|folder| path.strip_prefix(folder)).filter(|rest| !rest.contains('$'))
}

fn is_outside(word: &Word<'_>) -> bool {
    let text = word.text.strip_prefix('/').filter(|rest| rest.starts_with('/')).unwrap_or(&word.text);
    let usual = USUAL.iter().any(|usual| text.starts_with(usual) || Some(text) == usual.strip_suffix('/'));
    word.literal && text.starts_with('/') && !usual
}
