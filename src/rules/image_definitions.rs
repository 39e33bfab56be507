//! `image-definitions`: a command that writes the images of a deployment to ECS in a shape that nobody reads.

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::{self, Simple};
use crate::syntax::Span;

pub(super) const RULE: Rule = Rule {
    code: "image-definitions",
    severity: Severity::Warning,
    since: "0.1.0",
    summary: "An imagedefinitions.json or imageDetail.json that ECS cannot be deployed by",
    doc: "The ECS action reads a list, `[{\"name\":\"container\",\"imageUri\":\"…\"}]`, also for one container; CodeDeployToECS reads an \
          object, `{\"ImageURI\":\"…\"}`. The names count to the letter, and the quotes must reach the file: a shell takes those \
          away that are not in quotes themselves. Seen where `echo` or `printf` writes the file.",
    example: Example::buildspec(
        r#"version: 0.2
phases:
  post_build:
    commands:
      - printf '{"name":"web","imageUri":"%s"}' "$IMAGE" > imagedefinitions.json
artifacts:
  files:
    - imagedefinitions.json
"#,
        r#"version: 0.2
phases:
  post_build:
    commands:
      - printf '[{"name":"web","imageUri":"%s"}]' "$IMAGE" > imagedefinitions.json
artifacts:
  files:
    - imagedefinitions.json
"#,
    ),
    reference: "codepipeline.md 2.7",
    url: Some("https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html"),
    check: Check::Buildspec(check),
};

fn check(file: Buildspec<'_>, findings: &mut Vec<Finding>) {
    for command in file.commands() {
        // One character is looked for faster than a word.
        if !command.text.contains('>') || !FILES.iter().any(|file| command.text.contains(file.name)) {
            continue;
        }
        shell::each_simple(&command.script, &mut |simple, _| {
            let Some((span, message, help)) = wrong(simple) else { return };
            findings
                .push(RULE.at(file.source(), command.at(span), message, "written to the file").help(help));
        });
    }
}

/// A file of images, and its shape.
struct File {
    name: &'static str,
    begins: char,
    keys: &'static [&'static str],
    example: &'static str,
}

const FILES: [File; 2] = [
    File {
        name: "imagedefinitions.json",
        begins: '[',
        keys: &["name", "imageUri"],
        example: r#"write [{"name":"CONTAINER","imageUri":"…"}]"#,
    },
    File {
        name: "imageDetail.json", begins: '{', keys: &["ImageURI"], example: r#"write {"ImageURI":"…"}"#
    },
];

/// What is wrong with the text that a command writes into such a file: where, what, and what to do.
fn wrong(simple: &Simple<'_>) -> Option<(Span, String, &'static str)> {
    if !matches!(simple.name(), Some("echo" | "printf")) {
        return None;
    }
    let written = simple.redirections.iter().find(|to| matches!(to.operator, ">" | ">|"))?;
    let file = FILES.iter().find(|file| written.target.text.rsplit('/').next() == Some(file.name))?;
    let word = simple.arguments().iter().find(|word| !word.text.starts_with('-'))?;
    let text = word.text.trim_start();
    let begins = text.chars().next().filter(|begins| matches!(begins, '[' | '{'))?;
    if begins != file.begins {
        let is = if file.begins == '[' { "a list" } else { "an object" };
        return Some((word.span, format!("{} holds {is}, and this is none", file.name), file.example));
    }
    // Of a text that goes on elsewhere, or is put together from variables, no key is missed.
    let end = if begins == '[' { ']' } else { '}' };
    if !text.trim_end().trim_end_matches("\\n").ends_with(end) || !text.contains(':') {
        return None;
    }
    let quoted = |key: &str| text.contains(&format!("\"{key}\""));
    let absent = *file.keys.iter().find(|key| !quoted(key))?;
    if text.contains(absent) && !text.contains(['"', '\'']) {
        let message = "the shell takes these quotes away".to_owned();
        return Some((word.span, message, "put the whole text in single quotes"));
    }
    let message = format!("{} has no `{absent}` here; names count to the letter", file.name);
    Some((word.span, message, file.example))
}
