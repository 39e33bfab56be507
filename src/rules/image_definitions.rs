//! `image-definitions`: a command that writes the images of a deployment to ECS in a shape that nobody reads.

use std::cell::OnceCell;

use super::record::{Check, Example, Rule};
use super::subject::Buildspec;
use crate::diagnostic::{Finding, Severity};
use crate::spec::shell::Simple;
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
    // The rest may be added to the file by others.
    let is_added = OnceCell::new();
    let is_added = || *is_added.get_or_init(|| file.commands().iter().any(|other| other.text.contains(">>")));
    for command in file.commands() {
        if !command.letters.has(b'>') || !FILES.iter().any(|file| command.has(file.name)) {
            continue;
        }
        for (simple, _) in command.simples() {
            let told = wrong(simple).or_else(|| unreadable(simple).filter(|_| !is_added()));
            let Some((span, message, help)) = told else { continue };
            findings
                .push(RULE.at(file.source(), command.at(span), message, "written to the file").help(help));
        }
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

/// What keeps the text that a command writes into such a file from being JSON with the values in it.
fn unreadable(simple: &Simple<'_>) -> Option<(Span, String, &'static str)> {
    let is_printf = match simple.name() {
        Some("printf") => true,
        Some("echo") => false,
        _ => return None,
    };
    let written = simple.redirections.iter().find(|to| matches!(to.operator, ">" | ">|"))?;
    let file = FILES.iter().find(|file| written.target.text.rsplit('/').next() == Some(file.name))?;
    let mut words = simple.arguments().iter().skip_while(|word| word.text.starts_with('-'));
    let word = words
        .next()
        .filter(|word| word.text.trim_start().starts_with(file.begins) && word.text.contains(':'))?;
    // What printf makes of these is not told here.
    if word.text.contains("\\x") || word.text.contains("$s") {
        return None;
    }
    let values: Vec<_> = words.collect();
    if let Some(name) = word.literal.then(|| literal_variable(&word.text)).flatten() {
        let message = format!("single quotes keep `{name}` as it is: {} gets no value", file.name);
        return Some((word.span, message, "write %s for it, and the variable behind the text of printf"));
    }
    if is_printf {
        let places = word.text.replace("%%", "").matches("%s").count();
        if places > values.len() {
            let message = format!("{places} `%s`, and {} to put there", values.len());
            return Some((word.span, message, "give printf one value for each `%s`"));
        }
    } else if !values.is_empty() {
        return None;
    }
    // A value may bring its own quotes, or be more than a text.
    let is_open = values
        .iter()
        .any(|value| value.text.contains(['"', '{', '[']) || value.text.starts_with('$') && !value.quoted);
    let fillings: &[&str] = if is_open { &["x", "\"x\"", "\"x\": \"x\"", "{}", ""] } else { &["x"] };
    let text = filled(&word.text)?;
    let mut errors = fillings.iter().map(|filling| {
        let text = text.replace(FILLING, filling);
        serde_json::from_str::<serde_json::Value>(text.trim()).err()
    });
    let first = errors.next()??;
    if !errors.all(|error| error.is_some()) {
        return None;
    }
    let error = first.to_string();
    let why = error.split(" at line ").next().unwrap_or_default();
    let message = format!("{} is no JSON with the values in it: {why}", file.name);
    Some((word.span, message, file.example))
}

/// The first variable in a text of which nothing is expanded: `$IMAGE`, `${IMAGE}`.
fn literal_variable(text: &str) -> Option<&str> {
    let at = text.find('$')?;
    let rest = &text[at + 1..];
    let length = match rest.strip_prefix('{') {
        Some(inner) => inner.find('}')? + 2,
        None => rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len()),
    };
    (length > 0 && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '{' || c == '_'))
        .then(|| &text[at..=at + length])
}

/// Stands for a value of a variable, or of `%s`.
const FILLING: char = '\u{1}';

/// The text with such a sign for each value that a shell or printf puts in; none where that is not simple.
fn filled(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = &rest[c.len_utf8()..];
        rest = match c {
            '`' => return None,
            '$' if behind.starts_with('(') => return None,
            '$' if behind.starts_with('{') => {
                out.push(FILLING);
                &behind[behind.find('}')? + 1..]
            }
            '$' => {
                out.push(FILLING);
                behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
            }
            '%' if behind.starts_with('s') => {
                out.push(FILLING);
                &behind[1..]
            }
            '%' => return None,
            '\\' if behind.starts_with('"') => behind,
            '\\' if behind.starts_with('n') => &behind[1..],
            c => {
                out.push(c);
                behind
            }
        };
    }
    Some(out)
}
